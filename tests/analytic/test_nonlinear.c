/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: laws in which rates depend on amounts. Michaelis-Menten elimination follows Lambert's W;
 * logistic growth its sigmoid; an epidemic (S, I, R) keeps its first integral and ends at the final
 * size; a transit whose share falls as its place fills follows its closed form, cargo included. The
 * ledger closes. */
#include <gsl/gsl_sf_lambert.h>
#include <math.h>

#include "support/lab.h"
#include "support/suite.h"

static const double RTOL = 1e-9, FACTOR = 20.0, LEDGER = 1e-10;

static lab *run(const char *model, const char *regimen, const char *output)
{
    return lab_text(model,
                    lab_format("%s\noutput = { %s };\nsolver = { rtol = %g; };\n", regimen, output, RTOL), NULL);
}

/* ---- Michaelis and Menten ---- */

static const double doses[] = {1e3, 1e5, 3e6}; /* far below, at, far above saturation */

START_TEST(michaelis_menten)
{
    const double most = 5e4, half = 1e5, dose = doses[_i];
    lab *l = run("parameters: { most = { unit = \"cell/h\"; value = 5e4; }; half = { unit = \"cell\"; value = 1e5; }; };\n"
                 "amounts: { a = { unit = \"cell\"; }; };\n"
                 "processes: { lose = { from = \"a\"; rate = \"most * a / (half + a)\"; }; };\n"
                 "routes: { in = { to = \"a\"; }; };\n"
                 "outputs: { a = { }; lose = { }; };\n",
                 lab_format("regimen = ( { route = \"in\"; day = 0.0; dose = \"%g cell\"; } );", dose),
                 "until = \"40 h\"; every = \"1 h\";");
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 0; i < n; i++) {
        /* a / half exp(a / half) = x exp(x - most t / half) at a = dose x half; W of large arguments by its logarithm */
        const double log_argument = log(dose / half) + (dose - most * time[i]) / half;
        double w = log_argument < 100.0 ? gsl_sf_lambert_W0(exp(log_argument)) : log_argument - log(log_argument);
        for (int k = 0; log_argument >= 100.0 && k < 20; k++) {
            w -= (w + log(w) - log_argument) / (1.0 + 1.0 / w);
        }
        const double a = half * w;
        lab_near(lab_at(l, "a", time[i]), a, FACTOR * RTOL, a + 1e-3 * dose, "amount");
        lab_near(lab_at(l, "lose", time[i]), most * a / (half + a), FACTOR * RTOL, most, "loss");
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}
END_TEST

/* ---- logistic growth ---- */

START_TEST(logistic_growth)
{
    const double r = 0.21, cap = 1e6, start = 2e3;
    lab *l = run("parameters: { r = { unit = \"1/h\"; value = 0.21; }; cap = { unit = \"cell\"; value = 1e6; }; };\n"
                 "amounts: { a = { unit = \"cell\"; initial = \"2e3 cell\"; }; };\n"
                 "processes: { divide = { to = \"a\"; rate = \"r * a\"; };\n"
                 "             die = { from = \"a\"; hazard = \"r * a / cap\"; }; };\n"
                 "outputs: { a = { }; };\n",
                 "", "until = \"80 h\"; every = \"2 h\";");
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 0; i < n; i++) {
        const double want = cap / (1.0 + (cap / start - 1.0) * exp(-r * time[i]));
        /* early errors grow with the solution: they are relative to it */
        lab_near(lab_at(l, "a", time[i]), want, FACTOR * RTOL, want, "amount");
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}
END_TEST

/* ---- an epidemic ---- */

static double final_size(double r0, double susceptible, double all)
{
    double low = 1e-12 * all, high = susceptible * (1.0 - 1e-9); /* of those never infected: the root below */
    high = fmin(high, all / r0);
    for (int k = 0; k < 200; k++) {
        const double mid = low + (high - low) / 2.0;
        *(log(mid / susceptible) + r0 * (all - mid) / all < 0.0 ? &low : &high) = mid;
    }
    return low;
}

START_TEST(an_epidemic)
{
    const double beta = 0.5, gamma = 0.2, all = 1e6, infected = 100.0;
    lab *l = run("parameters: { beta = { unit = \"1/h\"; value = 0.5; }; all = { unit = \"cell\"; value = 1e6; }; };\n"
                 "amounts: { s = { unit = \"cell\"; initial = \"999900 cell\"; }; i = { unit = \"cell\"; initial = \"100 cell\"; };\n"
                 "           r = { unit = \"cell\"; }; };\n"
                 "processes: { infect = { from = \"s\"; to = \"i\"; hazard = \"beta * i / all\"; };\n"
                 "             recover = { from = \"i\"; to = \"r\"; hazard = \"0.2 1/h\"; }; };\n"
                 "outputs: { s = { }; i = { }; r = { }; };\n",
                 "", "until = \"500 h\"; every = \"10 h\";");
    const double *time;
    const size_t n = lab_times(l, &time);
    const double first = all - gamma / beta * all * log(all - infected);
    for (size_t k = 0; k < n; k++) {
        const double s = lab_at(l, "s", time[k]), i = lab_at(l, "i", time[k]), r = lab_at(l, "r", time[k]);
        lab_near(s + i + r, all, 1e-12, all, "all");
        /* rtol is of s: an error of s is one of log s, weighed by gamma / beta all */
        lab_near(s + i - gamma / beta * all * log(s), first, FACTOR * RTOL, all, "the first integral");
    }
    const double end = final_size(beta / gamma, all - infected, all);
    /* what is left of the epidemic at the end, and errors of its onset, which it multiplies */
    lab_near(lab_end(l, "s"), end, FACTOR * RTOL, all, "those spared");
    ck_assert_double_lt(lab_end(l, "i"), FACTOR * RTOL * all);
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}
END_TEST

/* ---- a place that fills up ---- */

static const double fills[] = {1e4, 3e5, 2e6}; /* of room for 1e6 */

START_TEST(a_place_that_fills)
{
    const double k = 0.7, room = 1e6, dose = fills[_i];
    lab *l = run("units: { mark = \"label\"; };\n"
                 "parameters: { room = { unit = \"cell\"; value = 1e6; }; };\n"
                 "amounts: { a = { unit = \"cell\"; }; bed = { unit = \"cell\"; transit = true; }; held = { unit = \"cell\"; };\n"
                 "           out = { unit = \"cell\"; }; };\n"
                 "cargo: { label = { unit = \"mark\"; load = \"3 mark/cell\"; rides = [\"a\", \"held\", \"out\"]; }; };\n"
                 "processes: { flow = { from = \"a\"; to = \"bed\"; hazard = \"0.7 1/h\"; };\n"
                 "             catch = { from = \"bed\"; to = \"held\"; share = \"1 - held / room\"; };\n"
                 "             pass = { from = \"bed\"; to = \"out\"; share = \"remainder\"; }; };\n"
                 "routes: { in = { to = \"a\"; }; };\n"
                 "outputs: { held = { }; out = { }; catch = { }; on = { unit = \"mark\"; value = \"label.held\"; }; };\n",
                 lab_format("regimen = ( { route = \"in\"; day = 0.0; dose = \"%g cell\"; } );", dose),
                 "until = \"10 h\"; every = \"0.5 h\";");
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 0; i < n; i++) {
        const double t = time[i], gone = dose * -expm1(-k * t), held = room * -expm1(-gone / room);
        lab_near(lab_at(l, "held", t), held, FACTOR * RTOL, dose, "caught");
        lab_near(lab_at(l, "out", t), gone - held, FACTOR * RTOL, dose, "passed");
        lab_near(lab_at(l, "on", t), 3.0 * held, FACTOR * RTOL, 3.0 * dose, "label caught");
        lab_near(lab_at(l, "catch", t), k * (dose - gone) * (1.0 - held / room), FACTOR * RTOL, k * dose, "rate of catching");
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    ck_assert_double_le(lab_gap(l, "mark"), LEDGER);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nonlinear");
    TCase *tc = tcase_create("laws");
    tcase_add_loop_test(tc, michaelis_menten, 0, (int)(sizeof doses / sizeof *doses));
    tcase_add_test(tc, logistic_growth);
    tcase_add_test(tc, an_epidemic);
    tcase_add_loop_test(tc, a_place_that_fills, 0, (int)(sizeof fills / sizeof *fills));
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
