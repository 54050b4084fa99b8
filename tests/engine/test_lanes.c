/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lanes: a scenario's bits depend on nothing beside it, kernels agree, a run allocates nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

/* ---- count allocations (not where a sanitiser does so itself) ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTING 0
#endif
#endif
#if !defined(COUNTING)
#if defined(__GLIBC__)
#define COUNTING 1
#else
#define COUNTING 0
#endif
#endif

#if COUNTING
static unsigned long allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

/* Absorption, saturable loss (a division), a second compartment, doses: scenario i has its own
 * rates, doses, stops and output times. */
static handmade *model(void)
{
    handmade *h = handmade_new(
        (handmade_size){.state = 3, .node = 4, .given = 2, .guard_node = 1, .output_node = 1, .out = 3, .guard = 1});
    const uint32_t half = handmade_node(h, 0), loss = handmade_node(h, 1), lag = handmade_node(h, 2),
                   fade = handmade_node(h, 3), margin = handmade_node(h, 4), total = handmade_node(h, 5);
    handmade_one(h, HANDMADE_NODE, 0, 2.0);
    handmade_linear(h, HANDMADE_NODE, 0, 1.0, 1);
    handmade_special(h, 1, MSC_OP_DIVIDE, 1, (int32_t)half, 0);
    handmade_linear(h, HANDMADE_NODE, 2, -0.05, handmade_given(h, 0));
    handmade_special(h, 3, MSC_OP_EXP, (int32_t)lag, 0, 0);
    handmade_linear(h, HANDMADE_NODE, 4, 1.0, loss);
    handmade_linear(h, HANDMADE_NODE, 5, 1.0, 0);
    handmade_linear(h, HANDMADE_NODE, 5, 1.0, 1);
    handmade_linear(h, HANDMADE_RATE, 0, -1.5, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_linear(h, HANDMADE_RATE, 1, 1.5, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -40.0, loss);
    handmade_bilinear(h, HANDMADE_RATE, 1, -0.6, 1, fade);
    handmade_linear(h, HANDMADE_RATE, 1, 200.0, 2);
    handmade_bilinear(h, HANDMADE_RATE, 2, 0.6, 1, fade);
    handmade_linear(h, HANDMADE_RATE, 2, -200.0, 2);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, total);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, loss);
    handmade_linear(h, HANDMADE_OUT, 2, 1.0, 2);
    handmade_linear(h, HANDMADE_GUARD, 0, 1.0, margin);
    handmade_guard(h, 0, MSC_GUARD_FLOW, true, 1);
    return h;
}

static scene *scenario(const msc_program *p, const handmade *h, unsigned i)
{
    const uint32_t row = 0;
    scene *s = scene_new(p, handmade_registers(h), 0.5 * i, 0.5 * i + 6.0 + i, 3 + i % 4, 20 + 7 * i, 1e-7);
    for (uint32_t r = 0; r < p->n_register; r++) {
        s->reg[r] *= 1.0 + 0.03 * ((i * 7 + r) % 11);
    }
    s->floor[0] = 1e-6;
    s->bolus[1] = 5.0 + i;
    s->bolus[2 + 1] = 1.0;
    for (size_t k = 0; k + 1 < s->job.n_stop; k++) {
        s->given[2 * k + 1] = 0.1 * i * (double)(k % 2);
    }
    scene_watch(s, 1, &row);
    return s;
}

static void same_bits(const scene *a, const scene *b, const msc_program *p)
{
    ck_assert_int_eq(a->report.end, MSC_END_FINE);
    ck_assert_int_eq(b->report.end, MSC_END_FINE);
    ck_assert_uint_eq(a->report.steps, b->report.steps);
    ck_assert_uint_eq(a->report.rejected, b->report.rejected);
    ck_assert_mem_eq(a->out, b->out, a->job.n_time * p->out.n * sizeof *a->out);
    ck_assert_mem_eq(a->state, b->state, p->n_state * sizeof *a->state);
    ck_assert_mem_eq(a->watch_max, b->watch_max, sizeof *a->watch_max);
    ck_assert_mem_eq(a->watch_time, b->watch_time, sizeof *a->watch_time);
}

enum { MANY = 29 };

static void make_all(const msc_program *p, const handmade *h, scene **s)
{
    for (unsigned i = 0; i < MANY; i++) {
        s[i] = scenario(p, h, i % 13);
    }
}

static void free_all(scene **s)
{
    for (unsigned i = 0; i < MANY; i++) {
        scene_free(s[i]);
    }
}

/* Alone, in every lane, among others in two orders, beside one that goes bad: always the same. */
START_TEST(neighbours_do_not_matter)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        const msc_engine_options options = {.rtol = 1e-6, .kernel = *kernel};
        scene *alone[MANY], *forth[MANY], *back[MANY], *reversed[MANY];
        make_all(p, h, alone);
        make_all(p, h, forth);
        make_all(p, h, back);
        for (unsigned i = 0; i < MANY; i++) {
            ck_assert_int_eq(batch_run(p, &options, &alone[i], 1), MSC_OK);
            reversed[i] = back[MANY - 1 - i];
        }
        reversed[5]->given[1] = NAN; /* any one */
        ck_assert_int_eq(batch_run(p, &options, forth, MANY), MSC_OK);
        ck_assert_int_eq(batch_run(p, &options, reversed, MANY), MSC_OK);
        for (unsigned i = 0; i < MANY; i++) {
            same_bits(alone[i], forth[i], p);
            if (back[i] == reversed[5]) {
                ck_assert_int_eq(back[i]->report.end, MSC_END_NONFINITE);
            } else {
                same_bits(alone[i], back[i], p);
            }
        }
        free_all(alone);
        free_all(forth);
        free_all(back);
    }
    handmade_free(h);
}
END_TEST

/* Rounding differs between kernels (FMA or not), and errors it makes grow with the steps. */
START_TEST(kernels_agree)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    scene *first[MANY], *other[MANY];
    make_all(p, h, first);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6, .kernel = "baseline"}, first, MANY), MSC_OK);
    for (const char *const *kernel = batch_kernels() + 1; batch_kernels()[0] != NULL && *kernel != NULL; kernel++) {
        make_all(p, h, other);
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6, .kernel = *kernel}, other, MANY), MSC_OK);
        for (unsigned i = 0; i < MANY; i++) {
            ck_assert_uint_eq(first[i]->report.steps, other[i]->report.steps);
            for (size_t j = 0; j < first[i]->job.n_time * p->out.n; j++) {
                ck_assert_double_eq_tol(first[i]->out[j], other[i]->out[j], 1e-12 * fmax(1.0, fabs(first[i]->out[j])));
            }
        }
        free_all(other);
    }
    free_all(first);
    handmade_free(h);
}
END_TEST

/* Machine code does what the tables say, operation by operation. */
START_TEST(code_has_the_bits_of_tables)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    scene *tables[MANY], *code[MANY];
    make_all(p, h, tables);
    make_all(p, h, code);
    const msc_status can = batch_run(p, &(msc_engine_options){.rtol = 1e-6, .kernel = "emit"}, code, MANY);
    if (can == MSC_OK) {
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6, .kernel = "avx2"}, tables, MANY), MSC_OK);
        for (unsigned i = 0; i < MANY; i++) {
            same_bits(tables[i], code[i], p);
        }
    }
    free_all(tables);
    free_all(code);
    handmade_free(h);
}
END_TEST

START_TEST(tolerances_converge)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    scene *rough = scenario(p, h, 3), *fine = scenario(p, h, 3);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-5}, &rough, 1), MSC_OK);
    for (uint32_t i = 0; i < p->n_state; i++) {
        fine->atol[i] = 1e-12;
    }
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-10}, &fine, 1), MSC_OK);
    for (size_t j = 0; j < rough->job.n_time * p->out.n; j++) {
        const double allowed = (double)rough->report.steps * (1e-5 * fabs(fine->out[j]) + 1e-5);
        ck_assert_double_eq_tol(rough->out[j], fine->out[j], allowed);
    }
    ck_assert_double_eq_tol(rough->watch_max[0], fine->watch_max[0], 1e-5 * (double)rough->report.steps);
    scene_free(rough);
    scene_free(fine);
    handmade_free(h);
}
END_TEST

#if COUNTING
typedef struct {
    scene **s;
    unsigned n, fine;
} counted;

static bool count_next(void *context, msc_engine_job *job, size_t *id)
{
    counted *c = context;
    if (c->n == MANY) {
        return false;
    }
    *job = c->s[c->n]->job;
    *id = c->n++;
    return true;
}

static void count_done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report)
{
    counted *c = context; /* no assertions here: Check allocates for each */
    (void)id;
    (void)job;
    c->fine += report->end == MSC_END_FINE;
}

START_TEST(a_run_allocates_nothing)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    counted c = {.n = 0};
    scene *s[MANY];
    msc_plan *plan = NULL;
    msc_workspace *w = NULL;
    make_all(p, h, s);
    c.s = s;
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6}, &plan, NULL), MSC_OK);
    ck_assert_int_eq(msc_workspace_new(plan, &w, NULL), MSC_OK);
    const unsigned long before = allocations;
    const msc_status status = msc_engine_run(plan, w, count_next, count_done, &c, NULL);
    const unsigned long after = allocations;
    ck_assert_int_eq(status, MSC_OK);
    ck_assert_uint_gt(before, 0);
    ck_assert_uint_eq(c.fine, MANY);
    ck_assert_uint_eq(after, before);
    msc_workspace_free(w);
    msc_plan_free(plan);
    free_all(s);
    handmade_free(h);
}
END_TEST
#endif

START_TEST(no_scenarios)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6}, NULL, 0), MSC_OK);
    handmade_free(h);
}
END_TEST

START_TEST(kernel_names)
{
    handmade *h = model();
    const msc_program *p = handmade_finish(h);
    msc_plan *plan = NULL;
    msc_error err;
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6, .kernel = "auto"}, &plan, NULL), MSC_OK);
    ck_assert(msc_plan_lanes(plan) >= 2);
    msc_plan_free(plan);
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6, .kernel = "abacus"}, &plan, &err),
                     MSC_E_CONFIG);
    ck_assert_ptr_null(plan);
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6, .method = "leapfrog"}, &plan, &err),
                     MSC_E_CONFIG);
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 0.2}, &plan, &err), MSC_E_CONFIG);
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = NAN}, &plan, &err), MSC_E_CONFIG);
    handmade_free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine/lanes");
    TCase *tc = tcase_create("lanes");
    tcase_add_test(tc, neighbours_do_not_matter);
    tcase_add_test(tc, kernels_agree);
    tcase_add_test(tc, code_has_the_bits_of_tables);
    tcase_add_test(tc, tolerances_converge);
#if COUNTING
    tcase_add_test(tc, a_run_allocates_nothing);
#endif
    tcase_add_test(tc, no_scenarios);
    tcase_add_test(tc, kernel_names);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
