/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Solutions known: closed forms of doses, a closed linear network, classical stiff problems. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

/* Where the flow contracts, the global error is at most the sum of the local ones, each of which
 * the control keeps below rtol |y| + atol (it judges the lower-order result, hence the 1). */
static double allowed(const scene *s, double rtol, double atol, double largest)
{
    return (double)(s->report.steps + 1) * (rtol * largest + atol);
}

/* y' = -k y + given 1 */
static handmade *one_compartment(double k)
{
    handmade *h = handmade_new((handmade_size){.state = 1, .given = 2, .out = 1});
    handmade_linear(h, HANDMADE_RATE, 0, -k, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    return h;
}

START_TEST(doses_of_one_compartment)
{
    const double k = 0.7, rtol = 1e-8, atol = 1e-10;
    handmade *h = one_compartment(k);
    const msc_program *p = handmade_finish(h);
    /* a bolus at 0.1, an infusion of 3 an hour over 0.3 .. 1.3, a bolus at 2.7 = the end */
    const double stop[] = {0.0, 0.1, 0.3, 1.3, 2.7};
    scene *s = scene_new(p, handmade_registers(h), 0.0, 2.7, 5, 10, atol);
    memcpy(s->stop, stop, sizeof stop);
    s->bolus[1 * 2 + 1] = 10.0;
    s->given[2 * 2 + 1] = 3.0;
    s->bolus[4 * 2 + 1] = 5.0;
    const msc_engine_time time[10] = {{0.0, true},  {0.0, false}, {0.1, true},   {0.1, false}, {0.25, false},
                                      {0.3, false}, {1.0, false}, {1.3, false}, {2.7, true},  {2.7, false}};
    memcpy(s->time, time, sizeof time);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    ck_assert(s->report.t == 2.7);
    const double infused = 3.0 / k * (1.0 - exp(-k * 1.0)),
                 last = 10.0 * exp(-k * 2.6) + infused * exp(-k * 1.4);
    const double exact[10] = {0.0, 0.0, 0.0, 10.0, 10.0 * exp(-k * 0.15), 10.0 * exp(-k * 0.2),
                              10.0 * exp(-k * 0.9) + 3.0 / k * (1.0 - exp(-k * 0.7)),
                              10.0 * exp(-k * 1.2) + infused, last, last + 5.0};
    for (int i = 0; i < 10; i++) {
        ck_assert_double_eq_tol(s->out[i], exact[i], allowed(s, rtol, atol, 10.0));
    }
    ck_assert(s->out[1] == 0.0 && s->out[2] == 0.0 && s->out[3] == 10.0);
    ck_assert(s->out[9] == s->out[8] + 5.0 && s->state[0] == s->out[9]);
    scene_free(s);
    handmade_free(h);
}
END_TEST

START_TEST(bolus_into_two_compartments)
{
    const double k10 = 0.3, k12 = 1.7, k21 = 0.4, dose = 100.0, rtol = 1e-9, atol = 1e-9;
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 1, .given = 2, .out = 2});
    const uint32_t out = handmade_node(h, 0);
    handmade_linear(h, HANDMADE_NODE, 0, k12, 0);
    handmade_linear(h, HANDMADE_RATE, 0, -k10, 0);
    handmade_linear(h, HANDMADE_RATE, 0, -1.0, out);
    handmade_linear(h, HANDMADE_RATE, 0, k21, 1);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_linear(h, HANDMADE_RATE, 1, 1.0, out);
    handmade_linear(h, HANDMADE_RATE, 1, -k21, 1);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, 1);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 24.0, 2, 97, atol);
    s->bolus[1] = dose;
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    const double sum = k10 + k12 + k21, root = sqrt(sum * sum - 4.0 * k10 * k21), a = 0.5 * (sum + root),
                 b = 0.5 * (sum - root);
    for (int i = 0; i < 97; i++) {
        const double t = s->time[i].t,
                     c = dose / (a - b) * ((a - k21) * exp(-a * t) + (k21 - b) * exp(-b * t)),
                     d = dose * k12 / (a - b) * (exp(-b * t) - exp(-a * t));
        ck_assert_double_eq_tol(s->out[2 * i], c, allowed(s, rtol, atol, dose));
        ck_assert_double_eq_tol(s->out[2 * i + 1], d, allowed(s, rtol, atol, dose));
    }
    scene_free(s);
    handmade_free(h);
}
END_TEST

enum { NETWORK = 12 };

/* exp(A) by scaling and squaring of Taylor's series. */
static void expm(long double a[NETWORK][NETWORK], long double e[NETWORK][NETWORK])
{
    enum { SQUARINGS = 24, TERMS = 16 };
    static long double term[NETWORK][NETWORK], next[NETWORK][NETWORK];
    for (int i = 0; i < NETWORK; i++) {
        for (int j = 0; j < NETWORK; j++) {
            a[i][j] = ldexpl(a[i][j], -SQUARINGS);
            e[i][j] = term[i][j] = i == j;
        }
    }
    for (int n = 1; n <= TERMS + SQUARINGS; n++) {
        const bool square = n > TERMS;
        for (int i = 0; i < NETWORK; i++) {
            for (int j = 0; j < NETWORK; j++) {
                next[i][j] = 0;
                for (int k = 0; k < NETWORK; k++) {
                    next[i][j] += square ? e[i][k] * e[k][j] : term[i][k] * a[k][j] / n;
                }
            }
        }
        for (int i = 0; i < NETWORK; i++) {
            for (int j = 0; j < NETWORK; j++) {
                term[i][j] = next[i][j];
                e[i][j] = square ? next[i][j] : e[i][j] + next[i][j];
            }
        }
    }
}

START_TEST(closed_network)
{
    const double rtol = 1e-7, atol = 1e-9, end = 5.0;
    handmade *h = handmade_new((handmade_size){.state = NETWORK, .given = 1, .out = NETWORK});
    static long double a[NETWORK][NETWORK], e[NETWORK][NETWORK];
    uint64_t seed = 7;
    for (uint32_t i = 0; i < NETWORK; i++) {
        for (uint32_t j = 0; j < NETWORK; j++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            if (i == j || (seed >> 33) % 3 != 0) {
                continue;
            }
            const double k = pow(10.0, (double)((seed >> 40) % 6000) / 1000.0 - 3.0); /* 1e-3 .. 1e3 */
            handmade_linear(h, HANDMADE_RATE, j, -k, j);
            handmade_linear(h, HANDMADE_RATE, i, k, j);
            a[i][j] += (long double)k * end;
            a[j][j] -= (long double)k * end;
        }
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    handmade_initial(h, 0, 1.0);
    const msc_program *p = handmade_finish(h);
    expm(a, e);
    scene *s = scene_new(p, handmade_registers(h), 0.0, end, 2, 1, atol);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    double total = 0.0;
    for (int i = 0; i < NETWORK; i++) {
        ck_assert_double_eq_tol(s->out[i], (double)e[i][0], allowed(s, rtol, atol, 1.0));
        total += s->out[i];
    }
    ck_assert_double_eq_tol(total, 1.0, 1e-12);
    scene_free(s);
    handmade_free(h);
}
END_TEST

static handmade *robertson(void)
{
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
    for (uint32_t i = 0; i < 3; i++) {
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    return h;
}

/* Reference: E. Hairer, G. Wanner, test set for "Solving Ordinary Differential Equations II". */
START_TEST(robertson_to_the_end)
{
    const double exact[3] = {0.2083340149701255e-07, 0.8333360770334713e-13, 0.9999999791665050};
    const double rtol = 1e-8;
    handmade *h = robertson();
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 1e11, 2, 1, 1e-16);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    ck_assert_uint_lt(s->report.steps, 1500);
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq_tol(s->out[i], exact[i], allowed(s, rtol, 0.0, fabs(exact[i])));
    }
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* Van der Pol's oscillator with eps = 1e-6; reference as above. */
START_TEST(van_der_pol)
{
    const double exact[2] = {0.1706167732170456e1, -0.8928097010248125}, rtol = 1e-8;
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 1, .given = 1, .out = 2});
    const uint32_t square = handmade_node(h, 0);
    handmade_bilinear(h, HANDMADE_NODE, 0, 1.0, 0, 0);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, 1);
    handmade_linear(h, HANDMADE_RATE, 1, 1e6, 1);
    handmade_bilinear(h, HANDMADE_RATE, 1, -1e6, square, 1);
    handmade_linear(h, HANDMADE_RATE, 1, -1e6, 0);
    handmade_initial(h, 0, 2.0);
    handmade_initial(h, 1, -0.66);
    for (uint32_t i = 0; i < 2; i++) {
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 2.0, 2, 1, rtol);
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    for (int i = 0; i < 2; i++) {
        ck_assert_double_eq_tol(s->out[i], exact[i], allowed(s, rtol, rtol, fabs(exact[i])));
    }
    scene_free(s);
    handmade_free(h);
}
END_TEST

/* Seven tolerances: the error stays in proportion, and what is conserved is conserved in all. */
START_TEST(tolerance_is_obeyed)
{
    handmade *h = robertson();
    const msc_program *p = handmade_finish(h);
    for (double rtol = 1e-3; rtol > 1e-10; rtol *= 0.1) {
        scene *s = scene_new(p, handmade_registers(h), 0.0, 40.0, 2, 1, 1e-6 * rtol);
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
        ck_assert_double_eq_tol(s->out[0], 0.7158270687194, allowed(s, rtol, 0.0, 1.0));
        ck_assert_double_eq_tol(s->out[0] + s->out[1] + s->out[2], 1.0, 1e-12);
        scene_free(s);
    }
    handmade_free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine/solutions");
    TCase *tc = tcase_create("solutions");
    tcase_add_test(tc, doses_of_one_compartment);
    tcase_add_test(tc, bolus_into_two_compartments);
    tcase_add_test(tc, closed_network);
    tcase_add_test(tc, robertson_to_the_end);
    tcase_add_test(tc, van_der_pol);
    tcase_add_test(tc, tolerance_is_obeyed);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
