/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: one, two and three compartments (a blood compartment with elimination, exchanging with
 * none, one or two tissues) follow their sums of exponentials after a bolus, an infusion, repeated
 * doses and overlapping infusions, whose effects add; the ledger closes; a dose per body weight is
 * multiplied by it. */
#include <gsl/gsl_poly.h>
#include <math.h>

#include "support/lab.h"
#include "support/suite.h"

/* Errors of single steps are held below rtol of the value; they add up over a run. */
static const double RTOL = 1e-9, FACTOR = 20.0, LEDGER = 1e-10;

static const double K_OUT = 0.4, K12 = 0.9, K21 = 0.35, K13 = 0.5, K31 = 0.06;

/* What a unit put into blood at once leaves there after a time: sum of weight exp(-rate t). */
typedef struct {
    int n;
    double weight[3], rate[3];
} response;

static response respond(int n)
{
    response r = {n, {1.0, 0.0, 0.0}, {K_OUT, 0.0, 0.0}};
    if (n == 2) {
        const double sum = K_OUT + K12 + K21, root = sqrt(sum * sum - 4.0 * K_OUT * K21);
        r.rate[0] = (sum + root) / 2.0;
        r.rate[1] = K_OUT * K21 / r.rate[0];
        r.weight[0] = (r.rate[0] - K21) / (r.rate[0] - r.rate[1]);
        r.weight[1] = (K21 - r.rate[1]) / (r.rate[0] - r.rate[1]);
    } else if (n == 3) {
        const double a = -(K_OUT + K12 + K13 + K21 + K31);
        const double b = K_OUT * (K21 + K31) + K12 * K31 + K13 * K21 + K21 * K31, c = -K_OUT * K21 * K31;
        ck_assert_int_eq(gsl_poly_solve_cubic(a, b, c, &r.rate[0], &r.rate[1], &r.rate[2]), 3);
        for (int i = 0; i < 3; i++) {
            const double l = r.rate[i], m = r.rate[(i + 1) % 3], k = r.rate[(i + 2) % 3];
            r.weight[i] = (K21 - l) * (K31 - l) / ((m - l) * (k - l));
        }
    }
    return r;
}

/* A dose at `at`, over `duration` (0: a bolus), seen at t. */
static double seen(const response *r, double dose, double at, double duration, double t)
{
    double sum = 0.0;
    const double since = t - at;
    for (int i = 0; since >= 0.0 && i < r->n; i++) {
        const double l = r->rate[i];
        if (duration == 0.0) {
            sum += r->weight[i] * exp(-l * since);
        } else {
            const double run = fmin(since, duration);
            sum += r->weight[i] / l * -expm1(-l * run) * exp(-l * (since - run)) / duration;
        }
    }
    return dose * sum;
}

static lab *compartments(int n, const char *regimen)
{
    const char *exchange2 = "to2 = { from = \"c1\"; to = \"c2\"; hazard = \"0.9 1/h\"; };"
                            "back2 = { from = \"c2\"; to = \"c1\"; hazard = \"0.35 1/h\"; };";
    const char *exchange3 = "to3 = { from = \"c1\"; to = \"c3\"; hazard = \"0.5 1/h\"; };"
                            "back3 = { from = \"c3\"; to = \"c1\"; hazard = \"0.06 1/h\"; };";
    const char *model = lab_format(
        "parameters: { weight = { unit = \"kg\"; value = 32.0; }; };\n"
        "amounts: { c1 = { unit = \"cell\"; }; %s %s };\n"
        "processes: { lose = { from = \"c1\"; hazard = \"0.4 1/h\"; }; %s %s };\n"
        "routes: { vein = { to = \"c1\"; per = \"weight\"; }; };\n"
        "outputs: { c1 = { }; };\n",
        n > 1 ? "c2 = { unit = \"cell\"; };" : "", n > 2 ? "c3 = { unit = \"cell\"; };" : "",
        n > 1 ? exchange2 : "", n > 2 ? exchange3 : "");
    return lab_text(model,
                    lab_format("regimen = ( %s );\n"
                               "output = { until = \"24 h\"; every = \"0.5 h\"; };\n"
                               "solver = { rtol = %g; };\n",
                               regimen, RTOL),
                    NULL);
}

typedef struct {
    double dose, at, duration;
    int repeat;
    double interval;
} course;

static void compare(int n, const char *regimen, const course *courses, int n_course)
{
    const response r = respond(n);
    lab *l = compartments(n, regimen);
    const double *time;
    const size_t n_time = lab_times(l, &time);
    double given = 0.0;
    for (size_t i = 0; i < n_time; i++) {
        double want = 0.0;
        given = 0.0;
        for (int c = 0; c < n_course; c++) {
            for (int k = 0; k < courses[c].repeat; k++) {
                want += seen(&r, courses[c].dose, courses[c].at + k * courses[c].interval, courses[c].duration, time[i]);
                given += courses[c].dose;
            }
        }
        lab_near(lab_at(l, "c1", time[i]), want, FACTOR * RTOL, fabs(want) + 1e-6 * given, regimen);
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}

START_TEST(a_bolus)
{
    const course c = {1e6, 0.0, 0.0, 1, 0.0};
    compare(_i, "{ route = \"vein\"; day = 0.0; dose = \"1e6 cell\"; }", &c, 1);
}
END_TEST

START_TEST(an_infusion)
{
    const course c = {1e6, 1.0, 3.5, 1, 0.0};
    compare(_i, "{ route = \"vein\"; at = \"1 h\"; dose = \"1e6 cell\"; duration = \"210 min\"; }", &c, 1);
}
END_TEST

START_TEST(a_dose_per_weight)
{
    const course c = {32.0 * 2e5, 0.0, 0.5, 1, 0.0};
    compare(_i, "{ route = \"vein\"; day = 0.0; dose = \"2e5 cell/kg\"; duration = \"30 min\"; }", &c, 1);
}
END_TEST

START_TEST(repeated_boluses)
{
    const course c = {3e5, 1.0, 0.0, 5, 4.0};
    compare(_i, "{ route = \"vein\"; at = \"1 h\"; dose = \"3e5 cell\"; repeat = 5; interval = \"4 h\"; }", &c, 1);
}
END_TEST

START_TEST(infusions_that_overlap)
{
    const course c[] = {{3e5, 1.0, 5.0, 4, 4.0}, {1e5, 2.25, 10.0, 1, 0.0}, {2e5, 5.0, 0.0, 2, 1.0}};
    compare(_i,
            "{ route = \"vein\"; at = \"1 h\"; dose = \"3e5 cell\"; duration = \"5 h\"; repeat = 4; interval = \"4 h\"; },"
            "{ route = \"vein\"; at = \"2.25 h\"; dose = \"1e5 cell\"; duration = \"10 h\"; },"
            "{ route = \"vein\"; at = \"5 h\"; dose = \"2e5 cell\"; repeat = 2; interval = \"1 h\"; }",
            c, 3);
}
END_TEST

/* Boluses at one time act as one, and a value at a dose's time is the one after it. */
START_TEST(doses_at_one_time)
{
    const course c[] = {{4e5, 6.0, 0.0, 1, 0.0}, {6e5, 6.0, 0.0, 1, 0.0}};
    compare(_i,
            "{ route = \"vein\"; at = \"6 h\"; dose = \"4e5 cell\"; },"
            "{ route = \"vein\"; day = 0.25; dose = \"6e5 cell\"; }",
            c, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compartments");
    TCase *tc = tcase_create("sums of exponentials");
    tcase_add_loop_test(tc, a_bolus, 1, 4);
    tcase_add_loop_test(tc, an_infusion, 1, 4);
    tcase_add_loop_test(tc, a_dose_per_weight, 1, 4);
    tcase_add_loop_test(tc, repeated_boluses, 1, 4);
    tcase_add_loop_test(tc, infusions_that_overlap, 1, 4);
    tcase_add_loop_test(tc, doses_at_one_time, 1, 4);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
