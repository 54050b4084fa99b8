/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models that have nothing to do with ours, written in the language alone and compared with the same
 * equations written by hand and integrated by GSL (Runge-Kutta of order 8, at 1e-13):
 *
 *     two drugs and one enzyme    saturation, inhibition, a lag by stages, doses per spoon
 *     an epidemic with births     a unit of its own, days, a bilinear hazard, a branch
 *     lymphocytes                 stages in three organs, a transit with a drain
 *
 * Tolerance: the solver keeps each step to rtol; some hundred steps may add up to FACTOR of it, and an integral or
 * a level inherits the error of its states. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

#include "language/rule.h"

typedef struct {
    double t;
    size_t state;
    double amount;
} jump;

typedef struct {
    int (*rate)(double t, const double *y, double *dy, void *unused);
    size_t n;
    double until, every;
    size_t n_jump;
    const jump *jump;
} problem;

/* What a run is compared with at each output time. */
typedef void compare(const lab *l, double t, const double *y);

/* Integrate by hand from 0, comparing before and after nothing but at times put out. */
static void follow(const problem *p, double *y, const lab *l, compare *with)
{
    gsl_odeiv2_system system = {.function = p->rate, .dimension = p->n};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-4, 1e-13, 1e-13);
    ck_assert_ptr_nonnull(driver);
    double t = 0.0;
    size_t next = 0;
    for (long k = 0; (double)k * p->every <= p->until; k++) {
        const double to = (double)k * p->every;
        for (; next < p->n_jump && p->jump[next].t <= to; next++) {
            ck_assert(p->jump[next].t <= t || gsl_odeiv2_driver_apply(driver, &t, p->jump[next].t, y) == GSL_SUCCESS);
            y[p->jump[next].state] += p->jump[next].amount;
            ck_assert_int_eq(gsl_odeiv2_driver_reset(driver), GSL_SUCCESS);
        }
        ck_assert(to <= t || gsl_odeiv2_driver_apply(driver, &t, to, y) == GSL_SUCCESS);
        with(l, to, y);
    }
    gsl_odeiv2_driver_free(driver);
}

static void near(const lab *l, const char *what, double t, double want, double scale)
{
    lab_near(lab_at(l, what, t), want, RULE_FACTOR * RULE_RTOL, fmax(fabs(want), scale), lab_format("%s at %g", what,
        t));
}

/* ---- two drugs ---- */

enum { LAG_A, LAG_B = 3, GUT_A = 6, GUT_B, BLOOD_A, BLOOD_B, TISSUE, AREA_A, AREA_B, DRUG_STATES };

static int drugs(double t, const double *y, double *dy, void *unused)
{
    const double pace = 3.0 / 0.75, a = y[BLOOD_A] / 30.0, b = y[BLOOD_B] / 50.0;
    const double lost = 14.0 * a / (1.5 * (1.0 + b / 0.4) + a);
    (void)t;
    (void)unused;
    for (int s = 0; s < 3; s++) {
        dy[LAG_A + s] = (s > 0 ? pace * y[LAG_A + s - 1] : 0.0) - pace * y[LAG_A + s];
        dy[LAG_B + s] = (s > 0 ? pace * y[LAG_B + s - 1] : 0.0) - pace * y[LAG_B + s];
    }
    dy[GUT_A] = pace * y[LAG_A + 2] - 1.2 * y[GUT_A];
    dy[GUT_B] = pace * y[LAG_B + 2] - 0.7 * y[GUT_B];
    dy[BLOOD_A] = 1.2 * y[GUT_A] - 0.3 * y[BLOOD_A] + 0.15 * y[TISSUE] - lost;
    dy[BLOOD_B] = 0.7 * y[GUT_B] - 7.2 / 50.0 * y[BLOOD_B];
    dy[TISSUE] = 0.3 * y[BLOOD_A] - 0.15 * y[TISSUE];
    dy[AREA_A] = a;
    dy[AREA_B] = b;
    return GSL_SUCCESS;
}

static void compare_drugs(const lab *l, double t, const double *y)
{
    const double a = y[BLOOD_A] / 30.0, b = y[BLOOD_B] / 50.0;
    near(l, "level[victim]", t, a, 1.0);
    near(l, "level[perpetrator]", t, b, 1.0);
    near(l, "tissue", t, y[TISSUE], 100.0);
    near(l, "convert", t, 14.0 * a / (1.5 * (1.0 + b / 0.4) + a), 10.0);
    near(l, "exposure[victim]", t, y[AREA_A], 10.0);
    near(l, "exposure[perpetrator]", t, y[AREA_B], 10.0);
}

START_TEST(two_drugs_and_one_enzyme)
{
    static const jump doses[] = {{0.0, LAG_A, 100.0}, {6.5, LAG_B, 75.0}, {8.0, LAG_A, 100.0}, {16.0, LAG_A, 100.0},
        {16.0, LAG_B, 30.0}};
    double y[DRUG_STATES] = {0.0};
    lab *l = lab_on("tests/language/models/two_drugs.cfg",
                    "regimen = ( { route = \"oral\"; day = 0; dose = \"0.1 g\"; repeat = 3; interval = \"8 h\"; },\n"
                    "            { route = \"spoons\"; at = \"6.5 h\"; dose = \"3 dollop\"; }, { "
                    "route = \"other\"; at = \"16 h\"; dose = \"30 mg\"; } );\n"
                    "output = { until = \"36 h\"; every = \"0.5 h\"; };\nsolver = { rtol = 1e-9; };\n", NULL);
    follow(&(problem){drugs, DRUG_STATES, 36.0, 0.5, 5, doses}, y, l, compare_drugs);
    ck_assert_double_le(lab_gap(l, "mg"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

/* ---- an epidemic ---- */

static int epidemic(double t, const double *y, double *dy, void *unused)
{
    const double life = 70.0 * 365.242198781,
        infect = 0.45 * y[0] * y[1] / (y[0] + y[1] + y[2]); /* the tropical year */
    (void)t;
    (void)unused;
    dy[0] = 40.0 - infect - y[0] / life;
    dy[1] = infect - y[1] / 6.0 - y[1] / life;
    dy[2] = 0.99 * y[1] / 6.0 - y[2] / life;
    dy[3] = infect;
    dy[4] = 0.01 * y[1] / 6.0;
    return GSL_SUCCESS;
}

static void compare_epidemic(const lab *l, double t, const double *y)
{
    static const char *const name[] = {"susceptible", "infected", "immune", "ever", "ledger_person[disease]"};
    for (size_t i = 0; i < 5; i++) {
        near(l, name[i], t, y[i], 1e6);
    }
    near(l, "entered_person[birth]", t, 40.0 * t, 1e6);
}

START_TEST(an_epidemic_with_births)
{
    double y[5] = {1e6, 20.0, 0.0, 0.0, 0.0};
    lab *l = lab_on("tests/language/models/epidemic.cfg", "output = { until = \"200 day\"; every = \"5 day\"; };\n"
            "solver = { rtol = 1e-9; };\n", NULL);
    follow(&(problem){epidemic, 5, 200.0, 5.0, 0, NULL}, y, l, compare_epidemic);
    ck_assert_double_gt(y[3], 5e5); /* most had it */
    ck_assert_double_le(lab_gap(l, "person"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

/* ---- lymphocytes ---- */

enum { BLOOD, SPLEEN, NODES = 3, DRAINED = 15, LYMPH_STATES };
static const double homing[3] = {0.3, 0.5, 0.3}, stay[3] = {11.0, 16.0, 11.0};

static int lymphocytes(double t, const double *y, double *dy, void *unused)
{
    double back = 0.0, out = 2.0;
    (void)t;
    (void)unused;
    for (int k = 0; k < 3; k++) {
        const double pace = 4.0 / stay[k], death = 0.02 / 24.0, *from = &y[NODES + 4 * k];
        for (int s = 0; s < 4; s++) {
            dy[NODES + 4 * k + s] = (s > 0 ? pace * from[s - 1] : homing[k] * y[BLOOD]) - (pace + death) * from[s];
        }
        back += pace * from[3];
        out += homing[k];
    }
    dy[SPLEEN] = 2.0 * y[BLOOD] - 0.4 * y[SPLEEN];
    dy[SPLEEN + 1] = 0.4 * y[SPLEEN] - 0.4 * y[SPLEEN + 1];
    dy[BLOOD] = 0.4 * y[SPLEEN + 1] + 0.9 * back - out * y[BLOOD];
    dy[DRAINED] = 0.1 * back;
    return GSL_SUCCESS;
}

static void compare_lymphocytes(const lab *l, double t, const double *y)
{
    static const char *const node[] = {"nodes[neck]", "nodes[mesentery]", "nodes[groin]"};
    near(l, "blood", t, y[BLOOD], 1e8);
    near(l, "spleen", t, y[SPLEEN] + y[SPLEEN + 1], 1e8);
    for (int k = 0; k < 3; k++) {
        const double *in = &y[NODES + 4 * k];
        near(l, node[k], t, in[0] + in[1] + in[2] + in[3], 1e8);
    }
    near(l, "ledger_cell[drained]", t, y[DRAINED], 1e8);
}

START_TEST(recirculating_lymphocytes)
{
    static const jump dose[] = {{0.0, BLOOD, 1e8}, {24.0, BLOOD, 3e7}};
    double y[LYMPH_STATES] = {0.0};
    lab *l = lab_on("tests/language/models/lymphocytes.cfg",
                    "regimen = ( { route = \"intravenous\"; day = 0; dose = \"1e8 cell\"; }, { "
                    "route = \"intravenous\"; day = 1; dose = \"3e7 cell\"; } );\n"
                    "output = { until = \"5 day\"; every = \"2 h\"; };\nsolver = { rtol = 1e-9; };\n", NULL);
    follow(&(problem){lymphocytes, LYMPH_STATES, 120.0, 2.0, 2, dose}, y, l, compare_lymphocytes);
    ck_assert_double_le(lab_gap(l, "cell"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("foreign models");
    TCase *tc = tcase_create("against the same equations by hand");
    tcase_add_test(tc, two_drugs_and_one_enzyme);
    tcase_add_test(tc, an_epidemic_with_births);
    tcase_add_test(tc, recirculating_lymphocytes);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
