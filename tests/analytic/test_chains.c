/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: chains of three and four members follow Bateman's solution, rates well apart and nearly
 * equal; a `dwell` out of n stages makes the stay gamma-distributed, for the amount, its outflow and
 * a cargo on it; closed networks of five to eight members with random rates follow the exponential
 * of their matrix. The ledger closes. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "support/dense.h"
#include "support/lab.h"
#include "support/suite.h"

static const double RTOL = 1e-9, FACTOR = 20.0, LEDGER = 1e-10, DOSE = 1e6;

enum { MOST = 8 };

/* A network: rate[i][j] from member j to member i; rate[j][j] is what leaves j for nowhere. Returns
 * a model's text with members m0, m1, ... and a route into m0. */
static const char *network_text(int n, double rate[MOST][MOST])
{
    static char amounts[LAB_TEXT], processes[LAB_TEXT], outputs[LAB_TEXT];
    amounts[0] = processes[0] = outputs[0] = '\0';
    for (int j = 0; j < n; j++) {
        lab_append(amounts, " m%d = { unit = \"cell\"; };", j);
        lab_append(outputs, " m%d = { };", j);
        for (int i = 0; i < n; i++) {
            if (rate[i][j] > 0.0) {
                lab_append(processes, " p%d_%d = { from = \"m%d\"; hazard = \"%.17g 1/h\";", i, j, j, rate[i][j]);
                lab_append(processes, i == j ? " };\n" : " to = \"m%d\"; };\n", i);
            }
        }
    }
    return lab_format("amounts: { %s };\nprocesses: { %s };\nroutes: { in = { to = \"m0\"; }; };\noutputs: { %s };\n",
                      amounts, processes, outputs);
}

/* exp(t M) e_0: for a chain Bateman's solution, in a form that equal rates do not hurt (Opitz). */
static void network_state(int n, double rate[MOST][MOST], double t, double *state)
{
    double m[MOST * MOST] = {0}, e[MOST * MOST];
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) {
            m[j * n + j] -= rate[i][j] * t;
            m[i * n + j] += i == j ? 0.0 : rate[i][j] * t;
        }
    }
    dense_exp((size_t)n, m, e);
    for (int i = 0; i < n; i++) {
        state[i] = e[i * n];
    }
}

static void compare_network(int n, double rate[MOST][MOST], double until)
{
    lab *l = lab_text(network_text(n, rate),
                      lab_format("regimen = ( { route = \"in\"; day = 0.0; dose = \"%g cell\"; } );\n"
                                 "output = { until = \"%g h\"; every = \"%g h\"; };\nsolver = { rtol = %g; };\n",
                                 DOSE, until, until / 16.0, RTOL),
                      NULL);
    const double *time;
    const size_t n_time = lab_times(l, &time);
    for (size_t k = 0; k < n_time; k++) {
        double want[MOST];
        network_state(n, rate, time[k], want);
        for (int i = 0; i < n; i++) {
            const char *name = lab_format("m%d", i);
            lab_near(lab_at(l, name, time[k]), DOSE * want[i], FACTOR * RTOL, DOSE * (want[i] + 1e-3), name);
        }
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}

/* ---- Bateman ---- */

static const struct {
    int n;
    double rate[4];
} chains[] = {
    {3, {1.3, 0.4, 0.11}},
    {3, {0.05, 2.0, 0.7}},
    {4, {0.3, 0.31, 0.8, 0.05}},
    {4, {0.5, 0.5 + 1e-9, 0.5 - 1e-9, 0.5 + 2e-9}},
    {3, {0.7, 0.7, 0.7}},
    {4, {1000.0, 0.2, 1e-3, 40.0}},
};

START_TEST(a_chain)
{
    double rate[MOST][MOST] = {{0}};
    const int n = chains[_i].n;
    for (int j = 0; j < n; j++) {
        rate[j + 1 < n ? j + 1 : j][j] = chains[_i].rate[j];
    }
    compare_network(n, rate, 12.0);
}
END_TEST

/* The text-book form, for rates well apart: so that the matrix's exponential is not believed blindly. */
START_TEST(the_exponential_is_batemans)
{
    double rate[MOST][MOST] = {{0}}, got[MOST];
    const double *k = chains[0].rate, t = 3.0;
    rate[1][0] = k[0], rate[2][1] = k[1], rate[2][2] = k[2];
    network_state(3, rate, t, got);
    const double want = k[0] * k[1] *
                        (exp(-k[0] * t) / ((k[1] - k[0]) * (k[2] - k[0])) + exp(-k[1] * t) / ((k[0] - k[1]) * (k[2] - k[1])) +
                         exp(-k[2] * t) / ((k[0] - k[2]) * (k[1] - k[2])));
    lab_near(got[2], want, 1e-13, want, "the third member");
}
END_TEST

/* ---- closed networks ---- */

START_TEST(a_closed_network)
{
    double rate[MOST][MOST] = {{0}};
    const int n = 5 + _i % 4;
    uint64_t seed = (uint64_t)_i + 1;
    for (int j = 0; j < n; j++) {
        rate[(j + 1) % n][j] = pow(10.0, 2.0 * lab_random(&seed) - 1.5); /* a ring: nothing is cut off */
        for (int i = 0; i < n; i++) {
            if (i != j && lab_random(&seed) < 0.3) {
                rate[i][j] = pow(10.0, 3.0 * lab_random(&seed) - 2.0);
            }
        }
    }
    compare_network(n, rate, 20.0);
}
END_TEST

/* ---- stays ---- */

static const int stages[] = {1, 2, 5, 12, 40};

START_TEST(a_gamma_distributed_stay)
{
    const int n = stages[_i];
    const double stay = 6.0, elution = 0.08;
    const char *model = lab_format(
        "units: { mark = \"label\"; };\n"
        "amounts: { a = { unit = \"cell\"; stages = %d; }; };\n"
        "cargo: { label = { unit = \"mark\"; load = \"2 mark/cell\"; rides = [\"a\"]; falls = { others = \"nowhere\"; }; }; };\n"
        "processes: { leave = { from = \"a\"; dwell = \"6 h\"; };\n"
        "             elute = { from = \"label\"; hazard = \"0.08 1/h\"; }; };\n"
        "routes: { in = { to = \"a\"; }; };\n"
        "outputs: { a = { }; leave = { }; on = { unit = \"mark\"; value = \"label.a\"; }; };\n",
        n);
    lab *l = lab_text(model,
                      lab_format("regimen = ( { route = \"in\"; day = 0.0; dose = \"%g cell\"; } );\n"
                                 "output = { until = \"20 h\"; every = \"0.5 h\"; };\nsolver = { rtol = %g; };\n",
                                 DOSE, RTOL),
                      NULL);
    const double *time;
    const size_t n_time = lab_times(l, &time);
    for (size_t i = 0; i < n_time; i++) {
        const double t = time[i], survive = gsl_sf_gamma_inc_Q(n, n * t / stay);
        const double leave = gsl_ran_gamma_pdf(t, n, stay / n);
        const double tolerance = FACTOR * RTOL * n; /* n steps of the chain hand on their errors */
        lab_near(lab_at(l, "a", t), DOSE * survive, tolerance, DOSE, "what stays");
        lab_near(lab_at(l, "on", t), 2.0 * DOSE * survive * exp(-elution * t), tolerance, 2.0 * DOSE, "the cargo that stays");
        lab_near(lab_at(l, "leave", t), DOSE * (t > 0.0 ? leave : n == 1 ? 1.0 / stay : 0.0), tolerance, DOSE * n / stay,
                 "what leaves");
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    ck_assert_double_le(lab_gap(l, "mark"), LEDGER);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chains");
    TCase *tc = tcase_create("linear");
    tcase_add_loop_test(tc, a_chain, 0, (int)(sizeof chains / sizeof *chains));
    tcase_add_test(tc, the_exponential_is_batemans);
    tcase_add_loop_test(tc, a_closed_network, 0, 12);
    tcase_add_loop_test(tc, a_gamma_distributed_stay, 0, (int)(sizeof stages / sizeof *stages));
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
