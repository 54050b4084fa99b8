/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Maxima of watched rows, and GSL's steppers against Rodas5P. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

/* Absorption and loss: y1 = k D / (k - e) (exp(-e t) - exp(-k t)) has one maximum. */
static handmade *absorption(double k, double e)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .given = 2, .output_node = 1, .out = 2});
    handmade_linear(h, HANDMADE_RATE, 0, -k, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_linear(h, HANDMADE_RATE, 1, k, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -e, 1);
    handmade_linear(h, HANDMADE_NODE, 0, 2.0, 1);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, 0.5, handmade_node(h, 0));
    return h;
}

START_TEST(peak_inside_steps)
{
    const double k = 1.3, e = 0.2 + 0.05 * _i, dose = 10.0, rtol = 1e-7;
    const uint32_t rows[] = {1, 0};
    handmade *h = absorption(k, e);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 30.0, 2, 0, 1e-9);
    s->bolus[1] = dose;
    scene_watch(s, 2, rows);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    const double at = log(k / e) / (k - e), max = k * dose / (k - e) * (exp(-e * at) - exp(-k * at));
    const double error = (double)s->report.steps * rtol * dose;
    ck_assert_double_eq_tol(s->watch_max[0], max, error);
    /* near its maximum a function is flat: an error in value is the square of one in time */
    ck_assert_double_eq_tol(s->watch_time[0], at, 2.0 * sqrt(2.0 * error / (e * k * max)));
    ck_assert(s->watch_max[1] == dose && s->watch_time[1] == 0.0);
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* The largest value is there just before, or just after, a stop only. */
START_TEST(peak_at_a_stop)
{
    const uint32_t rows[] = {0, 1};
    handmade *h = absorption(0.9, 0.1);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 3.0, 4, 0, 1e-9);
    s->given[1] = 4.0; /* up to 1 */
    s->bolus[2 * 2 + 1] = 100.0;
    scene_watch(s, 2, rows);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-8}, &s, 1), MSC_OK);
    const double just = 4.0 / 0.9 * (1.0 - exp(-0.9)) * exp(-0.9) + 100.0;
    ck_assert(s->watch_time[0] == 2.0);
    ck_assert_double_eq_tol(s->watch_max[0], just, 1e-8 * just * (double)s->report.steps);
    ck_assert(s->watch_time[1] > 2.0 && s->watch_time[1] <= 3.0);
    s->bolus[2 * 2 + 1] = -2.0;
    s->job.reg = s->reg;
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-8}, &s, 1), MSC_OK);
    ck_assert(s->watch_time[0] == 1.0); /* the infusion's end */
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* A harmonic oscillator: the maximum of many, at the first of equal ones within the error. */
START_TEST(peak_of_an_oscillation)
{
    const uint32_t rows[] = {0, 1};
    const double rtol = 1e-9;
    handmade *h = handmade_new((handmade_size){.state = 2, .given = 1, .out = 2});
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, 1);
    handmade_linear(h, HANDMADE_RATE, 1, -1.0, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -0.01, 1);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, -1.0, 0);
    handmade_initial(h, 1, 1.0);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 50.0, 2, 0, 1e-12);
    scene_watch(s, 2, rows);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    const double c = 0.005, w = sqrt(1.0 - c * c), pi = 3.14159265358979323846;
    const double error = (double)s->report.steps * rtol;
    for (int i = 0; i < 2; i++) {
        const double at = (atan2(w, c) + i * pi) / w, max = fabs(exp(-c * at) * sin(w * at) / w);
        ck_assert_double_eq_tol(s->watch_max[i], max, error);
        ck_assert_double_eq_tol(s->watch_time[i], at, 2.0 * sqrt(2.0 * error));
    }
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* ---- GSL ---- */

/* Saturable loss through nodes, time, a dose and an infusion: everything a Jacobian needs. */
static handmade *saturable(void)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 4, .given = 2, .output_node = 1, .out = 2});
    const uint32_t half = handmade_node(h, 0), loss = handmade_node(h, 1), slow = handmade_node(h, 2),
                   fade = handmade_node(h, 3), sum = handmade_node(h, 4);
    handmade_one(h, HANDMADE_NODE, 0, 3.0);
    handmade_linear(h, HANDMADE_NODE, 0, 1.0, 0);
    handmade_special(h, 1, MSC_OP_DIVIDE, 0, (int32_t)half, 0);
    handmade_linear(h, HANDMADE_NODE, 2, -0.2, handmade_given(h, 0));
    handmade_special(h, 3, MSC_OP_EXP, (int32_t)slow, 0, 0);
    handmade_linear(h, HANDMADE_NODE, 4, 1.0, 0);
    handmade_linear(h, HANDMADE_NODE, 4, 1.0, 1);
    handmade_linear(h, HANDMADE_RATE, 0, -2.0, loss);
    handmade_bilinear(h, HANDMADE_RATE, 0, -0.5, 0, fade);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_bilinear(h, HANDMADE_RATE, 1, 0.5, 0, fade);
    handmade_linear(h, HANDMADE_RATE, 1, -0.3, 1);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, sum);
    return h;
}

static scene *treated(const msc_program *p, const handmade *h)
{
    scene *s = scene_new(p, handmade_registers(h), 0.0, 8.0, 5, 17, 1e-10);
    s->bolus[1] = 6.0;
    s->given[2 + 1] = 2.0;
    s->bolus[3 * 2 + 1] = 4.0;
    s->time[4].before = true; /* the stop at 2 */
    return s;
}

START_TEST(steppers_agree)
{
    const char *name = msc_engine_methods()[1 + _i];
    /* those of low order would take for ever at 1e-8 */
    const bool low = strcmp(name, "rk1imp") == 0 || strcmp(name, "rk2") == 0 || strcmp(name, "rk2imp") == 0;
    const double rtol = low ? 1e-5 : 1e-8;
    handmade *h = saturable();
    const msc_program *p = handmade_finish(h);
    scene *fine = treated(p, h), *s = treated(p, h);
    for (uint32_t i = 0; i < p->n_state; i++) {
        fine->atol[i] = 1e-13;
        s->atol[i] = 0.01 * rtol;
    }
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-12}, &fine, 1), MSC_OK);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol, .method = name}, &s, 1), MSC_OK);
    ck_assert_int_eq(fine->report.end, MSC_END_FINE);
    ck_assert_msg(s->report.end == MSC_END_FINE, "%s: %s", name, msc_engine_end_text(s->report.end));
    /* the flow contracts: errors add up at most, 10 is the largest value */
    const double allowed = (double)s->report.steps * 10.0 * rtol;
    for (size_t i = 0; i < 17 * 2; i++) {
        ck_assert_double_eq_tol(s->out[i], fine->out[i], allowed);
    }
    scene_free(s);
    scene_free(fine);
    handmade_free(h);
}
END_TEST

/* A stiff one, by GSL's stiff steppers, several scenarios in a row in one workspace. */
START_TEST(stiff_steppers)
{
    static const char *const names[] = {"msbdf", "bsimp", "rk4imp"};
    handmade *h = handmade_new((handmade_size){.state = 3, .node = 2, .given = 1, .out = 3});
    const uint32_t bc = handmade_node(h, 0), bb = handmade_node(h, 1);
    handmade_bilinear(h, HANDMADE_NODE, 0, 1e4, 1, 2);
    handmade_bilinear(h, HANDMADE_NODE, 1, 3e7, 1, 1);
    handmade_linear(h, HANDMADE_RATE, 0, -0.04, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, bc);
    handmade_linear(h, HANDMADE_RATE, 1, 0.04, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -1.0, bc);
    handmade_linear(h, HANDMADE_RATE, 1, -1.0, bb);
    handmade_linear(h, HANDMADE_RATE, 2, 1.0, bb);
    handmade_initial(h, 0, 1.0);
    const msc_program *p = handmade_finish(h);
    scene *s[2];
    for (int i = 0; i < 2; i++) {
        s[i] = scene_new(p, handmade_registers(h), 0.0, 40.0, 2, 1, 1e-12);
    }
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = 1e-7, .method = names[_i]}, s, 2), MSC_OK);
    ck_assert_int_eq(s[0]->report.end, MSC_END_FINE);
    ck_assert_double_eq_tol(s[0]->state[0], 0.7158270687194, 1e-7 * (double)s[0]->report.steps);
    ck_assert_mem_eq(s[0]->state, s[1]->state, 3 * sizeof(double));
    ck_assert_uint_eq(s[0]->report.steps, s[1]->report.steps);
    scene_free(s[0]);
    scene_free(s[1]);
    handmade_free(h);
}
END_TEST

int main(void)
{
    int n_methods = 0;
    while (msc_engine_methods()[1 + n_methods] != NULL) {
        n_methods++;
    }
    Suite *suite = suite_create("engine/watch and gsl");
    TCase *tc = tcase_create("watch");
    tcase_add_loop_test(tc, peak_inside_steps, 0, 20);
    tcase_add_test(tc, peak_at_a_stop);
    tcase_add_test(tc, peak_of_an_oscillation);
    suite_add_tcase(suite, tc);
    tc = tcase_create("gsl");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, steppers_agree, 0, n_methods);
    tcase_add_loop_test(tc, stiff_steppers, 0, 3);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
