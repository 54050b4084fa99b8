/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every way to end: the right diagnosis, soon, and no harm to others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

static const char *const METHODS[] = {"rosenbrock", "msbdf", "rk8pd", "bsimp"};

/* Run one by a method; checked by the caller. */
static scene *run_one(const msc_program *p, const handmade *h, double end, const msc_engine_options *options)
{
    scene *s = scene_new(p, handmade_registers(h), 0.0, end, 2, 3, 1e-9);
    ck_assert_int_eq(batch_run(p, options, &s, 1), MSC_OK);
    ck_assert(s->done);
    return s;
}

/* y' = y^2, y(0) = 1 is infinite at t = 1. */
START_TEST(blow_up)
{
    handmade *h = handmade_new((handmade_size){.state = 1, .given = 1, .out = 1});
    handmade_bilinear(h, HANDMADE_RATE, 0, 1.0, 0, 0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_initial(h, 0, 1.0);
    const msc_program *p = handmade_finish(h);
    scene *s = run_one(p, h, 3.0, &(msc_engine_options){.rtol = 1e-6, .method = METHODS[_i]});
    ck_assert_msg(s->report.end == MSC_END_COLLAPSED || s->report.end == MSC_END_NONFINITE ||
                      s->report.end == MSC_END_REJECTED,
                  "%s: %s", METHODS[_i], msc_engine_end_text(s->report.end));
    ck_assert_double_eq_tol(s->report.t, 1.0, 1e-3);
    ck_assert_uint_lt(s->report.steps + s->report.rejected, 5000);
    ck_assert(s->u[0] > 1e3);
    ck_assert(s->out[0] == 1.0 && isnan(s->out[2]) && isnan(s->state[0]));
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* y' = sqrt(1 - t): not a number beyond 1, whatever the step. */
START_TEST(not_a_number)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 2, .given = 1, .out = 1});
    handmade_one(h, HANDMADE_NODE, 0, 1.0);
    handmade_linear(h, HANDMADE_NODE, 0, -1.0, handmade_given(h, 0));
    handmade_special(h, 1, MSC_OP_SQRT, (int32_t)handmade_node(h, 0), 0, 0);
    handmade_linear(h, HANDMADE_RATE, 0, -1.0, 0);
    handmade_linear(h, HANDMADE_RATE, 1, 1.0, handmade_node(h, 1));
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 1);
    const msc_program *p = handmade_finish(h);
    scene *s = run_one(p, h, 2.0, &(msc_engine_options){.rtol = 1e-6, .method = METHODS[_i]});
    /* bsimp creeps up to 1, for it looks at the derivative in time, which grows without bound */
    const bool creeps = strcmp(METHODS[_i], "bsimp") == 0 && s->report.end == MSC_END_COLLAPSED;
    ck_assert_msg(creeps || s->report.end == MSC_END_NONFINITE, "%s: %s", METHODS[_i],
                  msc_engine_end_text(s->report.end));
    ck_assert(creeps || s->report.state == 1);
    ck_assert_double_eq_tol(s->report.t, 1.0, 1e-3);
    ck_assert_uint_eq(s->report.n_u, p->n_u);
    ck_assert_uint_lt(s->report.steps + s->report.rejected, 5000);
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* Bad numbers handed in: as start, rate, bolus. */
START_TEST(bad_numbers)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e308};
    for (size_t method = 0; method < sizeof METHODS / sizeof *METHODS; method++) {
        for (int where = 0; where < 3; where++) {
            handmade *h = handmade_new((handmade_size){.state = 2, .given = 2, .out = 1});
            const uint32_t k = handmade_linear(h, HANDMADE_RATE, 0, -1.0, 0);
            handmade_bilinear(h, HANDMADE_RATE, 1, 1.0, 0, 0);
            handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
            handmade_linear(h, HANDMADE_OUT, 0, 1.0, 1);
            handmade_initial(h, 0, 1.0);
            const msc_program *p = handmade_finish(h);
            scene *s = scene_new(p, handmade_registers(h), 0.0, 2.0, 3, 3, 1e-9);
            *(where == 0 ? &s->reg[k] : where == 1 ? &s->given[2 + 1] : &s->bolus[2 + 1]) = bad[_i];
            ck_assert_int_eq(
                batch_run(p, &(msc_engine_options){.rtol = 1e-6, .method = METHODS[method], .max_steps = 3000}, &s, 1),
                MSC_OK);
            /* bsimp takes y' = 1e308 y for something that decays: no budget can tell */
            const bool fooled = method == 3 && where == 0 && bad[_i] == 1e308;
            ck_assert_msg(fooled || s->report.end != MSC_END_FINE, "%s, %g at %d", METHODS[method], bad[_i], where);
            ck_assert(s->report.t <= 1.0 || bad[_i] == 1e308);
            scene_free(s);
            handmade_free(h);
        }
    }
}
END_TEST

/* y' = -sign(y): the solution ends where it meets 0, solvers chatter there. Budgets hold. */
START_TEST(sliding)
{
    handmade *h = handmade_new((handmade_size){.state = 1, .node = 1, .given = 1, .out = 1});
    handmade_special(h, 0, MSC_OP_GREATER, 0, (int32_t)~handmade_coef(h, 0.0), 0);
    handmade_linear(h, HANDMADE_RATE, 0, -2.0, handmade_node(h, 0));
    handmade_one(h, HANDMADE_RATE, 0, 1.0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_initial(h, 0, 0.5);
    const msc_program *p = handmade_finish(h);
    scene *s =
        run_one(p, h, 100.0, &(msc_engine_options){.rtol = 1e-6, .method = METHODS[_i], .max_steps = 2000});
    ck_assert_uint_le(s->report.steps + s->report.rejected, 2100);
    scene_free(s);
    handmade_free(h);
}
END_TEST

static handmade *decay(msc_guard_kind kind, bool stop)
{
    handmade *h = handmade_new((handmade_size){.state = 1, .given = 1, .guard_node = 1, .out = 1, .guard = 1});
    const uint32_t node = handmade_node(h, 0);
    handmade_linear(h, HANDMADE_RATE, 0, -1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_initial(h, 0, 1.0);
    if (kind == MSC_GUARD_CHECK) { /* y > 1/2 */
        handmade_special(h, 0, MSC_OP_GREATER, 0, (int32_t)~handmade_coef(h, 0.5), 0);
    } else { /* y - 1/2 or 3/2 - y */
        handmade_linear(h, HANDMADE_NODE, 0, kind == MSC_GUARD_FLOW ? 1.0 : -1.0, 0);
        handmade_one(h, HANDMADE_NODE, 0, kind == MSC_GUARD_FLOW ? -0.5 : 1.5);
    }
    handmade_linear(h, HANDMADE_GUARD, 0, 1.0, node);
    handmade_guard(h, 0, kind, stop, kind == MSC_GUARD_FLOW ? 0 : MSC_NONE);
    return h;
}

START_TEST(guards)
{
    static const msc_engine_end ends[] = {
        [MSC_GUARD_FLOW] = MSC_END_NEGATIVE, [MSC_GUARD_SHARE] = MSC_END_SHARE, [MSC_GUARD_CHECK] = MSC_END_CHECK};
    for (size_t method = 0; method < 2; method++) {
        handmade *h = decay((msc_guard_kind)_i, true);
        const msc_program *p = handmade_finish(h);
        scene *s = run_one(p, h, 5.0, &(msc_engine_options){.rtol = 1e-8, .method = METHODS[method]});
        ck_assert_int_eq(s->report.end, ends[_i]);
        ck_assert_uint_eq(s->report.guard, 0);
        ck_assert_uint_eq(s->report.state, _i == MSC_GUARD_FLOW ? 0 : MSC_NONE);
        ck_assert(s->report.t > log(2.0) && s->report.t < 5.0);
        ck_assert(s->u[0] < 0.5); /* what it was when it failed */
        scene_free(s);
        handmade_free(h);
    }
}
END_TEST

/* The step that a guard ends is accepted: what lies in it is there, and windows within it have their answers. */
START_TEST(guards_leave_what_was_reached)
{
    for (size_t method = 0; method < 2; method++) {
        handmade *h = decay((msc_guard_kind)_i, true);
        const msc_program *p = handmade_finish(h);
        scene *s = scene_new(p, handmade_registers(h), 0.0, 5.0, 2, 501, 1e-9);
        msc_engine_seek seek[] = {{.kind = MSC_SEEK_VALUE, .until = 0.6}, {.kind = MSC_SEEK_ABOVE, .until = 0.6, .level = 0.8},
                                  {.kind = MSC_SEEK_VALUE, .until = 4.0}, {.kind = MSC_SEEK_ABOVE, .until = 4.0, .level = 0.8},
                                  {.kind = MSC_SEEK_MAX, .until = 4.0}};
        s->job.n_seek = 5, s->job.seek = seek;
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-8, .method = METHODS[method]}, &s, 1), MSC_OK);
        ck_assert(s->report.t > log(2.0) && s->report.t < 5.0);
        for (size_t i = 0; i < s->job.n_time; i++) {
            const double t = s->job.time[i].t;
            if (t < s->report.t) {
                ck_assert_double_eq_tol(s->out[i], exp(-t), 1e-6);
            } else if (t > s->report.t) {
                ck_assert_double_nan(s->out[i]);
            }
        }
        ck_assert_double_eq_tol(seek[0].value, exp(-0.6), 1e-6);
        ck_assert_double_eq_tol(seek[1].above, -log(0.8), method == 0 ? 1e-6 : 1e-2); /* GSL: lines between steps */
        for (int k = 2; k < 5; k++) {
            ck_assert(isnan(seek[k].value) && isnan(seek[k].above) && isnan(seek[k].last) && isnan(seek[k].time));
        }
        scene_free(s);
        handmade_free(h);
    }
}
END_TEST

/* A share that oversteps 1 by less than the tolerance is the solver's doing, by more the model's. */
START_TEST(share_overstepped)
{
    for (size_t method = 0; method < 2; method++) {
        handmade *h = decay(MSC_GUARD_SHARE, true); /* 3/2 - exp(-t) */
        const msc_program *p = handmade_finish(h);
        const msc_engine_options options = {.rtol = 1e-3, .method = METHODS[method]};
        scene *within = run_one(p, h, log(2.0) + 6e-4, &options), *beyond = run_one(p, h, log(2.0) + 2e-2, &options);
        ck_assert_int_eq(within->report.end, MSC_END_FINE); /* 1 + 3e-4 */
        ck_assert_int_eq(beyond->report.end, MSC_END_SHARE); /* 1 + 1e-2 */
        ck_assert_double_eq_tol(beyond->report.t, log(2.0) + 2e-2, 2e-2);
        scene_free(within);
        scene_free(beyond);
        handmade_free(h);
    }
}
END_TEST

START_TEST(guard_that_warns)
{
    for (size_t method = 0; method < 2; method++) {
        handmade *h = decay(MSC_GUARD_CHECK, false);
        const msc_program *p = handmade_finish(h);
        scene *s = run_one(p, h, 5.0, &(msc_engine_options){.rtol = 1e-8, .method = METHODS[method]});
        ck_assert_int_eq(s->report.end, MSC_END_FINE);
        ck_assert_uint_eq(s->report.warned, 0);
        ck_assert_uint_eq(s->report.guard, MSC_NONE);
        ck_assert(s->report.warned_t > log(2.0) && s->report.warned_t < 5.0);
        scene_free(s);
        handmade_free(h);
    }
}
END_TEST

START_TEST(guard_floor)
{
    handmade *h = decay(MSC_GUARD_FLOW, true);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 5.0, 2, 1, 1e-9);
    s->floor[0] = 0.5; /* y - 1/2 >= -1/2 */
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-8}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    scene_free(s);
    handmade_free(h);
}
END_TEST

START_TEST(budgets)
{
    handmade *h = decay(MSC_GUARD_CHECK, false);
    const msc_program *p = handmade_finish(h);
    volatile int stop = 1;
    scene *s = run_one(p, h, 5.0, &(msc_engine_options){.rtol = 1e-12, .method = METHODS[_i], .max_steps = 2});
    ck_assert_uint_le(s->report.steps + s->report.rejected, METHODS[_i][0] == 'r' ? 3 : 20);
    ck_assert(s->report.end == MSC_END_STEPS || METHODS[_i][0] == 'b'); /* bsimp needs no more */
    scene_free(s);
    s = run_one(p, h, 1e6, &(msc_engine_options){.rtol = 1e-14, .method = METHODS[_i], .wall_limit = 1e-9});
    ck_assert_msg(s->report.end == MSC_END_TIME || s->report.steps < 64, "%s", msc_engine_end_text(s->report.end));
    scene_free(s);
    s = scene_new(p, handmade_registers(h), 0.0, 5.0, 2, 1, 1e-9);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-8, .method = METHODS[_i], .stop = &stop}, &s, 1),
                     MSC_OK);
    ck_assert(!s->done || s->report.end == MSC_END_STOPPED);
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* What breaks the contract is refused, not run. */
START_TEST(bad_jobs)
{
    handmade *h = decay(MSC_GUARD_CHECK, false);
    const msc_program *p = handmade_finish(h);
    for (int fault = 0; fault < 7; fault++) {
        scene *s = scene_new(p, handmade_registers(h), 0.0, 5.0, 3, 3, 1e-9);
        switch (fault) {
        case 0: s->stop[1] = 6.0; break;
        case 1: s->stop[1] = NAN; break;
        case 2: s->stop[2] = INFINITY; break;
        case 3: s->time[1].t = 7.0; break;
        case 4: s->time[1].t = NAN; break;
        case 5: s->atol[0] = NAN; break;
        default: s->job.n_stop = 1; break;
        }
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-6, .method = METHODS[_i]}, &s, 1), MSC_E_BUG);
        scene_free(s);
    }
    handmade_free(h);
}
END_TEST

START_TEST(texts)
{
    for (int end = MSC_END_FINE; end <= MSC_END_METHOD; end++) {
        ck_assert_uint_gt(strlen(msc_engine_end_text((msc_engine_end)end)), 3);
    }
    ck_assert_str_eq(msc_engine_methods()[0], "rosenbrock");
    for (const char *const *name = msc_engine_methods() + 1; *name != NULL; name++) {
        ck_assert_ptr_nonnull(msc_gsl_stepper(*name));
    }
}
END_TEST

int main(void)
{
    enum { N = sizeof METHODS / sizeof *METHODS };
    Suite *suite = suite_create("engine/endings");
    TCase *tc = tcase_create("endings");
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, blow_up, 0, N);
    tcase_add_loop_test(tc, not_a_number, 0, N);
    tcase_add_loop_test(tc, bad_numbers, 0, 4);
    tcase_add_loop_test(tc, sliding, 0, N);
    tcase_add_loop_test(tc, guards, MSC_GUARD_FLOW, MSC_GUARD_CHECK + 1);
    tcase_add_loop_test(tc, guards_leave_what_was_reached, MSC_GUARD_FLOW, MSC_GUARD_CHECK + 1);
    tcase_add_test(tc, share_overstepped);
    tcase_add_test(tc, guard_that_warns);
    tcase_add_test(tc, guard_floor);
    tcase_add_loop_test(tc, budgets, 0, N);
    tcase_add_loop_test(tc, bad_jobs, 0, N);
    tcase_add_test(tc, texts);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
