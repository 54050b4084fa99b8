/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: variations of a scenario are its derivatives (closed forms, tight central differences), by
 * parameters, initial values and what is given; the scenario's own bits do not depend on them, nor
 * theirs on each other, on the number of lanes or on what else runs; and how they end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

static const double STEP = 1e-6; /* relative */

/* ---- a scene's variations ---- */

static void *array(size_t n, size_t size)
{
    void *memory = calloc(n + 1, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static double *copy(const double *from, size_t n)
{
    double *to = array(n, sizeof *to);
    memcpy(to, from, n * sizeof *to);
    return to;
}

/* n variations, as yet none of which differs. */
static void vary(scene *s, const msc_program *p, size_t n)
{
    s->job.n_variation = n;
    s->job.variation = array(n, sizeof *s->job.variation);
    for (size_t i = 0; i < n; i++) {
        s->job.variation[i] = (msc_engine_variation){
            .reg = copy(s->reg, p->n_register),
            .given = copy(s->given, (s->job.n_stop - 1) * p->n_given),
            .bolus = copy(s->bolus, s->job.n_stop * p->n_given),
            .difference = array(s->job.n_time * p->out.n, sizeof(double)),
        };
    }
}

static double *varied(const double *array)
{
    return (double *)(uintptr_t)array; /* they are the test's own */
}

static void free_varied(scene *s)
{
    for (size_t i = 0; i < s->job.n_variation; i++) {
        free(varied(s->job.variation[i].reg));
        free(varied(s->job.variation[i].given));
        free(varied(s->job.variation[i].bolus));
        free(s->job.variation[i].difference);
    }
    free(s->job.variation);
    scene_free(s);
}

static void stretch(scene *s, size_t variation, uint32_t reg)
{
    varied(s->job.variation[variation].reg)[reg] *= 1.0 + STEP;
}

/* ---- a chain with all its derivatives ---- */

enum { CHAIN_A, CHAIN_FEED, CHAIN_B, CHAIN_START, CHAIN_REGISTERS };

/* a' = -k a + given, b' = k a - l b; a begins at START, and doses of it */
static handmade *chain(uint32_t *reg, double k, double l, double initial)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .given = 2, .out = 2});
    reg[CHAIN_A] = handmade_linear(h, HANDMADE_RATE, 0, -k, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    reg[CHAIN_FEED] = handmade_linear(h, HANDMADE_RATE, 1, k, 0);
    reg[CHAIN_B] = handmade_linear(h, HANDMADE_RATE, 1, -l, 1);
    handmade_initial(h, 0, initial);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, 1);
    return h;
}

typedef struct {
    double a, b;
} pair;

/* What one unit of a, there t ago, has left; and its derivatives by k and by l. */
static pair unit(double k, double l, double t)
{
    return t < 0.0 ? (pair){0.0, 0.0}
                   : (pair){exp(-k * t), k / (l - k) * (exp(-k * t) - exp(-l * t))};
}

static pair unit_by_k(double k, double l, double t)
{
    const double e = exp(-k * t), f = exp(-l * t);
    return t < 0.0 ? (pair){0.0, 0.0}
                   : (pair){-t * e, l / ((l - k) * (l - k)) * (e - f) - k / (l - k) * t * e};
}

static pair unit_by_l(double k, double l, double t)
{
    const double e = exp(-k * t), f = exp(-l * t);
    return t < 0.0 ? (pair){0.0, 0.0}
                   : (pair){0.0, -k / ((l - k) * (l - k)) * (e - f) + k / (l - k) * t * f};
}

/* The step's own error is half of it times the second derivative: for what is scaled by 1/k, with
 * (kt)^2 e^-kt <= 0.55, no more than a millionth. The rest is the engine's, as in test_solutions. */
static void near(double got, double want, const scene *s, double rtol, double scale)
{
    ck_assert_double_eq_tol(got, want, (STEP + (double)(s->report.steps + 1) * rtol) * scale);
}

START_TEST(chain_by_rates_doses_and_initial_value)
{
    const double k = 0.9, l = 0.25, initial = 3.0, dose = 10.0, rate = 2.0,
                 rtol = _i == 0 ? 1e-9 : 1e-6;
    uint32_t reg[CHAIN_REGISTERS];
    handmade *h = chain(reg, k, l, initial);
    const msc_program *p = handmade_finish(h);
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        scene *s = scene_new(p, handmade_registers(h), 0.0, 8.0, 3, 33, 1e-4 * rtol);
        s->bolus[1 * 2 + 1] = dose; /* at 4 */
        s->given[1 * 2 + 1] = rate; /* from then on */
        vary(s, p, 5);
        stretch(s, 0, reg[CHAIN_A]);
        stretch(s, 0, reg[CHAIN_FEED]);
        stretch(s, 1, reg[CHAIN_B]);
        varied(s->job.variation[2].bolus)[1 * 2 + 1] *= 1.0 + STEP;
        varied(s->job.variation[3].given)[1 * 2 + 1] *= 1.0 + STEP;
        stretch(s, 4, p->initial[0]);
        ck_assert_int_eq(
            batch_run(p, &(msc_engine_options){.rtol = rtol, .kernel = *kernel}, &s, 1), MSC_OK);
        ck_assert_int_eq(s->report.end, MSC_END_FINE);
        for (size_t i = 0; i < s->job.n_time; i++) {
            const double t = s->job.time[i].t, late = t - 4.0;
            const pair k0 = unit_by_k(k, l, t), k1 = unit_by_k(k, l, late), l0 = unit_by_l(k, l, t),
                       l1 = unit_by_l(k, l, late), from0 = unit(k, l, t), from1 = unit(k, l, late);
            double got[5][2];
            for (int v = 0; v < 5; v++) {
                const double by[5] = {k, l, dose, rate, initial};
                ck_assert_int_eq(s->job.variation[v].end, MSC_END_FINE);
                ck_assert(s->job.variation[v].t == 8.0);
                got[v][0] = s->job.variation[v].difference[2 * i] / (STEP * by[v]);
                got[v][1] = s->job.variation[v].difference[2 * i + 1] / (STEP * by[v]);
            }
            if (late < 0.0) { /* later the infusion has a part in these */
                near(got[0][0], initial * k0.a + dose * k1.a, s, rtol, initial / k);
                near(got[0][1], initial * k0.b + dose * k1.b, s, rtol, initial / l);
                near(got[1][1], initial * l0.b + dose * l1.b, s, rtol, initial / l);
            }
            ck_assert(got[1][0] == 0.0); /* l moves nothing of a: to the last bit */
            near(got[2][0], from1.a, s, rtol, 1.0);
            near(got[2][1], from1.b, s, rtol, 1.0 / l);
            near(got[3][0], late > 0.0 ? (1.0 - exp(-k * late)) / k : 0.0, s, rtol, 1.0 / k);
            near(got[4][0], from0.a, s, rtol, 1.0);
            near(got[4][1], from0.b, s, rtol, 1.0 / l);
        }
        free_varied(s);
    }
    handmade_free(h);
}
END_TEST

/* ---- where rates depend on amounts ---- */

START_TEST(logistic_growth)
{
    const double r = 0.8, cap = 50.0, start = 2.0, rtol = 1e-9;
    handmade *h = handmade_new((handmade_size){.state = 1, .given = 1, .out = 1});
    const uint32_t grow = handmade_linear(h, HANDMADE_RATE, 0, r, 0),
                   crowd = handmade_bilinear(h, HANDMADE_RATE, 0, -r / cap, 0, 0);
    handmade_initial(h, 0, start);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 12.0, 2, 49, 1e-4 * rtol);
    vary(s, p, 3);
    stretch(s, 0, grow);
    stretch(s, 0, crowd);
    varied(s->job.variation[1].reg)[crowd] = -r / (cap * (1.0 + STEP));
    stretch(s, 2, p->initial[0]);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    for (size_t i = 0; i < s->job.n_time; i++) {
        const double t = s->job.time[i].t, e = exp(-r * t), q = 1.0 + (cap / start - 1.0) * e;
        const double *got[3] = {s->job.variation[0].difference, s->job.variation[1].difference,
                                s->job.variation[2].difference};
        near(got[0][i] / (STEP * r), cap * (cap / start - 1.0) * t * e / (q * q), s, rtol,
             4.0 * cap / r);
        near(got[1][i] / (STEP * cap), 1.0 / q - cap / start * e / (q * q), s, rtol, 4.0);
        near(got[2][i] / (STEP * start), cap * cap / (start * start) * e / (q * q), s, rtol,
             4.0 * cap / start);
    }
    free_varied(s);
    handmade_free(h);
}
END_TEST

/* Absorption, loss that saturates, a stiff exchange; doses. Registers: 0 absorbed, 1 loss, 2 half. */
typedef struct {
    uint32_t absorb[2], loss, half, back[2];
} saturable_registers;

static handmade *saturable(saturable_registers *at)
{
    handmade *h = handmade_new(
        (handmade_size){.state = 3, .node = 2, .given = 2, .guard_node = 1, .out = 3, .guard = 1});
    const uint32_t half = handmade_node(h, 0), loss = handmade_node(h, 1),
                   margin = handmade_node(h, 2);
    at->half = handmade_one(h, HANDMADE_NODE, 0, 2.0);
    handmade_linear(h, HANDMADE_NODE, 0, 1.0, 1);
    handmade_special(h, 1, MSC_OP_DIVIDE, 1, (int32_t)half, 0);
    handmade_linear(h, HANDMADE_NODE, 2, 1.0, loss);
    handmade_linear(h, HANDMADE_NODE, 2, 1.0, 0);
    at->absorb[0] = handmade_linear(h, HANDMADE_RATE, 0, -1.5, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    at->absorb[1] = handmade_linear(h, HANDMADE_RATE, 1, 1.5, 0);
    at->loss = handmade_linear(h, HANDMADE_RATE, 1, -4.0, loss);
    at->back[0] = handmade_linear(h, HANDMADE_RATE, 1, 200.0, 2);
    handmade_linear(h, HANDMADE_RATE, 1, -60.0, 1);
    handmade_linear(h, HANDMADE_RATE, 2, 60.0, 1);
    at->back[1] = handmade_linear(h, HANDMADE_RATE, 2, -200.0, 2);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, loss);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, 1);
    handmade_linear(h, HANDMADE_OUT, 2, 1.0, 2);
    handmade_linear(h, HANDMADE_GUARD, 0, 1.0, margin);
    handmade_guard(h, 0, MSC_GUARD_FLOW, true, 1);
    return h;
}

static scene *dosed(const msc_program *p, const handmade *h, double rtol)
{
    scene *s = scene_new(p, handmade_registers(h), 0.0, 12.0, 4, 61, 1e-6 * rtol);
    s->floor[0] = 1e-6;
    s->bolus[1] = 9.0;
    s->given[1 * 2 + 1] = 1.0;
    return s;
}

/* The i-th of: absorption, loss, half, exchange, dose. */
enum { SATURABLE = 5 };
static void move(const saturable_registers *at, double *reg, double *bolus, int i, double by)
{
    switch (i) {
    case 0: reg[at->absorb[0]] *= 1.0 + by, reg[at->absorb[1]] *= 1.0 + by; break;
    case 1: reg[at->loss] *= 1.0 + by; break;
    case 2: reg[at->half] *= 1.0 + by; break;
    case 3: reg[at->back[0]] *= 1.0 + by, reg[at->back[1]] *= 1.0 + by; break;
    default: bolus[1] *= 1.0 + by; break;
    }
}

/* On logarithmic scales. At usual tolerances derivatives are as good as what they are of. */
START_TEST(michaelis_menten_against_central_differences)
{
    const double rtol = _i == 0 ? 1e-4 : _i == 1 ? 1e-6 : 1e-9, wide = 1e-4, fine = 1e-12;
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    scene *s = dosed(p, h, rtol);
    vary(s, p, SATURABLE);
    double worst = 0.0;
    for (int v = 0; v < SATURABLE; v++) {
        move(&at, varied(s->job.variation[v].reg), varied(s->job.variation[v].bolus), v, STEP);
    }
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    for (int v = 0; v < SATURABLE; v++) {
        scene *side[2] = {dosed(p, h, fine), dosed(p, h, fine)};
        move(&at, side[0]->reg, side[0]->bolus, v, wide);
        move(&at, side[1]->reg, side[1]->bolus, v, -wide);
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = fine}, side, 2), MSC_OK);
        for (size_t i = 0; i < s->job.n_time * p->out.n; i++) {
            const double want = (side[0]->out[i] - side[1]->out[i]) / (2.0 * wide);
            const double got = s->job.variation[v].difference[i] / STEP;
            worst = fmax(worst, fabs(got - want));
            near(got, want, s, rtol, 9.0);
        }
        scene_free(side[0]);
        scene_free(side[1]);
    }
    printf("rtol %g: %g of the dose after %llu steps\n", rtol, worst / 9.0,
           (unsigned long long)s->report.steps);
    free_varied(s);
    handmade_free(h);
}
END_TEST

/* ---- bits ---- */

enum { MANY = 17, BOTH = 23 };

/* Scenario i with its variations (`n` of them, from number `from` on): some have none, one goes bad. */
static scene *of_many(const msc_program *p, const handmade *h, const saturable_registers *at,
                      unsigned i, size_t from, size_t n)
{
    scene *s = dosed(p, h, 1e-6);
    const uint32_t row = 1;
    scene_watch(s, 1, &row);
    for (uint32_t r = 0; r < p->n_register; r++) {
        s->reg[r] *= 1.0 + 0.02 * ((i * 7 + r) % 11);
    }
    s->given[1] = i == 5 ? NAN : 0.1 * i;       /* fails later than it begins */
    s->reg[at->loss] *= i == 9 ? -1.0 : 1.0;    /* grows */
    s->bolus[1] = i == 11 ? -1.0 : s->bolus[1]; /* a guard fails at the start */
    s->bolus[2 * 2 + 1] = i == 12 ? -9.0 : 0.0; /* and at a stop */
    vary(s, p, n);
    for (size_t v = 0; v < n; v++) {
        const size_t which = from + v;
        move(at, varied(s->job.variation[v].reg), varied(s->job.variation[v].bolus),
             (int)(which % SATURABLE),
             which == 5
                 ? 4.0
                 : STEP * (double)(1 + which)); /* 5: its own control would reject the steps */
        if (which == 3 && i == 2) {
            varied(s->job.variation[v].given)[2 * 2 + 1] = INFINITY;
        }
    }
    return s;
}

static size_t variations(unsigned i)
{
    return i % 4 == 1 ? 0 : i % 4 == 2 ? BOTH : 1 + i % 6;
}

static void same_run(const scene *a, const scene *b, const msc_program *p)
{
    ck_assert_int_eq(a->report.end, b->report.end);
    ck_assert_uint_eq(a->report.steps, b->report.steps);
    ck_assert_uint_eq(a->report.rejected, b->report.rejected);
    ck_assert_mem_eq(a->out, b->out, a->job.n_time * p->out.n * sizeof *a->out);
    ck_assert_mem_eq(a->state, b->state, p->n_state * sizeof *a->state);
    ck_assert_mem_eq(a->watch_max, b->watch_max, sizeof *a->watch_max);
}

static void same_variation(const scene *a, size_t v, const scene *b, size_t u, const msc_program *p)
{
    const msc_engine_variation *x = &a->job.variation[v], *y = &b->job.variation[u];
    ck_assert_int_eq(x->end, y->end);
    ck_assert(x->t == y->t);
    ck_assert_mem_eq(x->difference, y->difference, a->job.n_time * p->out.n * sizeof *a->out);
}

START_TEST(bits_depend_on_nothing_else)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        const msc_engine_options options = {.rtol = 1e-6, .kernel = *kernel};
        scene *plain[MANY], *forth[MANY], *back[MANY], *reversed[MANY], *last[MANY - 11];
        for (unsigned i = 0; i < MANY; i++) {
            if (i >= 11) { /* begins with one that fails at once and leaves its lanes to others */
                last[i - 11] = of_many(p, h, &at, i, 0, i == 11 ? BOTH : 0);
            }
            plain[i] = of_many(p, h, &at, i, 0, 0);
            forth[i] = of_many(p, h, &at, i, 0, variations(i));
            back[i] = of_many(p, h, &at, i, 0, variations(i));
            reversed[MANY - 1 - i] = back[i];
            ck_assert_int_eq(batch_run(p, &options, &plain[i], 1), MSC_OK);
        }
        ck_assert_int_eq(batch_run(p, &options, forth, MANY), MSC_OK);
        ck_assert_int_eq(batch_run(p, &options, reversed, MANY), MSC_OK);
        ck_assert_int_eq(batch_run(p, &options, last, MANY - 11), MSC_OK);
        unsigned failed = 0;
        for (unsigned i = 0; i < MANY; i++) {
            ck_assert(plain[i]->done && forth[i]->done && back[i]->done);
            failed += plain[i]->report.end != MSC_END_FINE;
            same_run(plain[i], forth[i], p);
            same_run(plain[i], back[i], p);
            if (i >= 11) {
                same_run(plain[i], last[i - 11], p);
                free_varied(last[i - 11]);
            }
            for (size_t v = 0; v < variations(i); v++) {
                scene *alone = of_many(p, h, &at, i, v, 1);
                ck_assert_int_eq(batch_run(p, &options, &alone, 1), MSC_OK);
                same_run(plain[i], alone, p);
                same_variation(forth[i], v, back[i], v, p);
                same_variation(forth[i], v, alone, 0, p);
                ck_assert_int_eq(forth[i]->job.variation[v].end == MSC_END_FINE,
                                 plain[i]->report.end == MSC_END_FINE && !(i == 2 && v == 3));
                free_varied(alone);
            }
        }
        ck_assert_uint_ge(failed, 3);
        for (unsigned i = 0; i < MANY; i++) {
            free_varied(plain[i]);
            free_varied(forth[i]);
            free_varied(back[i]);
        }
    }
    handmade_free(h);
}
END_TEST

/* No difference, not in the last bit, where nothing differs. */
START_TEST(nothing_varied)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    scene *s = dosed(p, h, 1e-6);
    vary(s, p, 3);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6}, &s, 1), MSC_OK);
    for (size_t i = 0; i < 3 * s->job.n_time * p->out.n; i++) {
        ck_assert(s->job.variation[i % 3].difference[i / 3] == 0.0);
    }
    free_varied(s);
    handmade_free(h);
}
END_TEST

/* ---- ends ---- */

/* A variation that leaves the numbers ends alone, with what it has put out till then. */
START_TEST(a_variation_that_goes_bad)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    scene *s = dosed(p, h, 1e-6);
    vary(s, p, 2);
    varied(s->job.variation[0].given)[1 * 2 + 1] = NAN; /* from 4 to 8 */
    stretch(s, 1, at.loss);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    ck_assert_int_eq(s->job.variation[0].end, MSC_END_NONFINITE);
    ck_assert_int_eq(s->job.variation[1].end, MSC_END_FINE);
    ck_assert(s->job.variation[0].t == 4.0);
    for (size_t i = 0; i < s->job.n_time; i++) {
        const double *row = s->job.variation[0].difference + i * p->out.n;
        ck_assert(s->job.time[i].t <= 4.0 ? row[1] == 0.0 : isnan(row[1]));
        ck_assert(isfinite(s->job.variation[1].difference[i * p->out.n + 1]));
    }
    free_varied(s);
    handmade_free(h);
}
END_TEST

/* What is on the edge of its range can be differentiated: guards are the scenario's. */
START_TEST(guards_are_not_judged_again)
{
    handmade *h = handmade_new(
        (handmade_size){.state = 1, .given = 1, .guard_node = 1, .out = 1, .guard = 1});
    const uint32_t share = handmade_one(h, HANDMADE_NODE, 0, 1.0);
    handmade_linear(h, HANDMADE_RATE, 0, -0.5, 0);
    handmade_initial(h, 0, 1.0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_GUARD, 0, 1.0, handmade_node(h, 0));
    handmade_guard(h, 0, MSC_GUARD_SHARE, true, 0);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 1.0, 2, 2, 1e-9),
          *beyond = scene_new(p, handmade_registers(h), 0.0, 1.0, 2, 2, 1e-9);
    vary(s, p, 1);
    varied(s->job.variation[0].reg)[share] = beyond->reg[share] = 1.001;
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6}, &s, 1), MSC_OK);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6}, &beyond, 1), MSC_OK);
    ck_assert_int_eq(beyond->report.end, MSC_END_SHARE);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    ck_assert_int_eq(s->job.variation[0].end, MSC_END_FINE);
    ck_assert(s->job.variation[0].difference[1] == 0.0);
    scene_free(beyond);
    free_varied(s);
    handmade_free(h);
}
END_TEST

static void all_missing(const scene *s, const msc_program *p, msc_engine_end end)
{
    ck_assert_int_eq(s->report.end, end);
    for (size_t v = 0; v < s->job.n_variation; v++) {
        ck_assert_int_eq(s->job.variation[v].end, end);
        for (size_t i = 0; i < s->job.n_time * p->out.n; i++) {
            ck_assert(isnan(s->job.variation[v].difference[i]));
        }
    }
}

START_TEST(they_fail_with_their_scenario)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        scene *s = dosed(p, h, 1e-9);
        vary(s, p, 9);
        ck_assert_int_eq(
            batch_run(p, &(msc_engine_options){.rtol = 1e-9, .max_steps = 40, .kernel = *kernel},
                      &s, 1),
            MSC_OK);
        all_missing(s, p, MSC_END_STEPS);
        ck_assert(s->job.variation[0].t == s->report.t && s->report.t > 0.0);
        free_varied(s);
    }
    handmade_free(h);
}
END_TEST

typedef struct {
    scene **s;
    size_t n, given, done, stop_at;
    volatile int stop;
} stopped;

static bool next_stopped(void *context, msc_engine_job *job, size_t *id)
{
    stopped *c = context;
    if (c->given == c->n) {
        return false;
    }
    *job = c->s[c->given]->job;
    *id = c->given++;
    return true;
}

static void done_stopped(void *context, size_t id, const msc_engine_job *job,
                         const msc_engine_report *report)
{
    stopped *c = context;
    (void)job;
    c->s[id]->report = *report;
    c->stop = ++c->done == c->stop_at;
}

/* Asked to stop when the first, which has no variations, is done: the others end at once, those too
 * of which only variations are under way. */
START_TEST(they_stop_with_their_scenario)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        scene *s[3] = {dosed(p, h, 1e-6), dosed(p, h, 1e-6), dosed(p, h, 1e-6)};
        stopped c = {.s = s, .n = 3, .stop_at = 1};
        msc_plan *plan = NULL;
        msc_workspace *w = NULL;
        s[0]->stop[3] = 24.0; /* the longest; the others lead by then */
        s[1]->job.n_stop = s[2]->job.n_stop = 2;
        s[1]->job.n_time = s[2]->job.n_time = 4;
        vary(s[1], p, 40);
        vary(s[2], p, 2);
        const msc_engine_options options = {.rtol = 1e-6, .kernel = *kernel, .stop = &c.stop};
        ck_assert_int_eq(msc_plan_new(p, &options, &plan, NULL), MSC_OK);
        ck_assert_int_eq(msc_workspace_new(plan, &w, NULL), MSC_OK);
        ck_assert_int_eq(msc_engine_run(plan, w, next_stopped, done_stopped, &c, NULL), MSC_OK);
        ck_assert_uint_eq(c.done, c.given);
        ck_assert_int_eq(s[0]->report.end, MSC_END_FINE);
        all_missing(s[1], p, MSC_END_STOPPED);
        c.stop = 0, c.stop_at = 0; /* the workspace serves on */
        c.given = 1;
        ck_assert_int_eq(msc_engine_run(plan, w, next_stopped, done_stopped, &c, NULL), MSC_OK);
        ck_assert_int_eq(s[1]->report.end, MSC_END_FINE);
        ck_assert_int_eq(s[2]->report.end, MSC_END_FINE);
        ck_assert(s[1]->job.variation[39].difference[0] == 0.0);
        msc_workspace_free(w);
        msc_plan_free(plan);
        free_varied(s[1]);
        free_varied(s[2]);
        scene_free(s[0]);
    }
    handmade_free(h);
}
END_TEST

START_TEST(refused)
{
    saturable_registers at;
    handmade *h = saturable(&at);
    const msc_program *p = handmade_finish(h);
    scene *s = dosed(p, h, 1e-6);
    stopped c = {.s = &s, .n = 1};
    vary(s, p, 1);
    for (int i = 0; i < 2; i++) {
        const msc_engine_options options = {.rtol = 1e-6, .method = i == 0 ? "msbdf" : NULL};
        msc_plan *plan = NULL;
        msc_workspace *w = NULL;
        msc_error err = {0};
        double *reg = varied(s->job.variation[0].reg);
        s->job.variation[0].reg = i == 0 ? reg : NULL;
        c.given = 0;
        ck_assert_int_eq(msc_plan_new(p, &options, &plan, NULL), MSC_OK);
        ck_assert_int_eq(msc_workspace_new(plan, &w, NULL), MSC_OK);
        ck_assert_int_eq(msc_engine_run(plan, w, next_stopped, done_stopped, &c, &err),
                         i == 0 ? MSC_E_CONFIG : MSC_E_BUG);
        ck_assert_str_eq(err.message,
                         i == 0 ? "derivatives are to be had with the method 'rosenbrock' only"
                                : "engine: variation 0 of scenario 0 lacks an array");
        ck_assert_uint_eq(c.done, 0);
        s->job.variation[0].reg = reg;
        msc_workspace_free(w);
        msc_plan_free(plan);
    }
    free_varied(s);
    handmade_free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine/sensitivities");
    TCase *tc = tcase_create("sensitivities");
    tcase_add_loop_test(tc, chain_by_rates_doses_and_initial_value, 0, 2);
    tcase_add_test(tc, logistic_growth);
    tcase_add_loop_test(tc, michaelis_menten_against_central_differences, 0, 3);
    tcase_add_test(tc, bits_depend_on_nothing_else);
    tcase_add_test(tc, nothing_varied);
    tcase_add_test(tc, a_variation_that_goes_bad);
    tcase_add_test(tc, guards_are_not_judged_again);
    tcase_add_test(tc, they_fail_with_their_scenario);
    tcase_add_test(tc, they_stop_with_their_scenario);
    tcase_add_test(tc, refused);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
