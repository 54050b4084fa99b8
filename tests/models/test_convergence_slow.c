/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: on the shipped scenarios the error that a user gets is the tolerance he asks for, within a
 * factor of 50, from 1e-4 to 1e-8, measured against a run at 1e-11, and it falls with the tolerance;
 * methods that share no code with ours (GSL's multistep BDF with tables of its own, and an explicit
 * Runge-Kutta of order 8 over a short span) give the same numbers. */
#include <math.h>

#include "support/lab.h"
#include "support/suite.h"

static const double FACTOR = 50.0;

static const char *const files[] = {"configs/oi_two_dose.cfg", "configs/in111_cirrhosis.cfg", "configs/mouse_lee.cfg",
                                    "configs/reference/oi_two_dose.cfg", "configs/reference/in111_cirrhosis.cfg",
                                    "configs/reference/mouse_lee.cfg", "configs/reference/mouse_eggenhofer.cfg"};
enum { FILES = sizeof files / sizeof *files };

static lab *solve(const char *file, const char *method, double rtol, const char *more)
{
    const char *tolerance = lab_format("solver.rtol=%g", rtol), *how = lab_format("solver.method=%s", method);
    return lab_file(file, (const char *const[]){tolerance, how, more, NULL});
}

/* The largest difference of any output at any time, relative to the value, or to `small` of the
 * largest value that its quantity takes anywhere. */
static double apart(const lab *a, const lab *b, const char **where)
{
    static const double small = 1e-6;
    static const char *const names[] = {"live",      "live_blood", "live_total", "intact",   "label_in", "live_auc",
                                        "occlusion", "complement", "effectors",  "lysed",    "rejected", "donor_fraction"};
    const double *time;
    double most = 0.0;
    const size_t n_time = lab_times(a, &time);
    for (size_t q = 0; q < sizeof names / sizeof *names; q++) {
        size_t n = 0;
        double scale = 0.0;
        for (size_t i = 0; lab_has(b, names[q]) && i < n_time; i++) {
            const double *row = lab_row(b, names[q], i, &n);
            for (size_t e = 0; e < n; e++) {
                scale = fmax(scale, fabs(row[e]));
            }
        }
        for (size_t i = 0; scale > 0.0 && i < n_time; i++) {
            const double *x = lab_row(a, names[q], i, &n), *y = lab_row(b, names[q], i, &n);
            for (size_t e = 0; e < n; e++) {
                const double off = fabs(x[e] - y[e]) / (fabs(y[e]) + small * scale);
                if (off > most) {
                    most = off;
                    *where = lab_format("%s[%zu] at %g", names[q], e, time[i]);
                }
            }
        }
    }
    return most;
}

START_TEST(errors_are_what_was_asked_for)
{
    const char *where = "";
    lab *best = solve(files[_i], "rosenbrock", 1e-11, NULL);
    double last = 1.0;
    for (int k = 4; k <= 8; k++) {
        const double rtol = pow(10.0, -k);
        lab *l = solve(files[_i], "rosenbrock", rtol, NULL);
        const double off = apart(l, best, &where);
        printf("%s: rtol %g: error %.1e = %.2g rtol (%s), %.1f times less\n", files[_i], rtol, off, off / rtol, where, last / off);
        ck_assert_double_le(off, FACTOR * rtol);
        ck_assert_double_lt(off, last);
        last = off;
        lab_free(l);
    }
    lab_free(best);
}
END_TEST

START_TEST(multistep_agrees)
{
    const char *where = "";
    const double rtol = 1e-7;
    lab *ours = solve(files[_i], "rosenbrock", rtol, NULL), *theirs = solve(files[_i], "msbdf", rtol, NULL);
    const double off = apart(theirs, ours, &where);
    printf("%s: msbdf: %.1e = %.2g rtol (%s)\n", files[_i], off, off / rtol, where);
    /* two errors, and a method of low order takes many more steps, whose errors add up */
    ck_assert_double_le(off, 10.0 * FACTOR * rtol);
    lab_free(ours);
    lab_free(theirs);
}
END_TEST

/* Blood turns over in half a minute or less, so an explicit method takes steps of seconds: 3 h of man,
 * 20 min of the mouse. */
static const struct {
    const char *model, *dose, *until, *every;
} spans[] = {{"models/msc_human.cfg", "3e8", "3 h", "15 min"}, {"models/msc_mouse.cfg", "1e6", "20 min", "2 min"}};

START_TEST(an_explicit_method_agrees)
{
    const char *where = "";
    const double rtol = 1e-8;
    lab *l[2];
    for (int k = 0; k < 2; k++) {
        l[k] = lab_on(spans[_i].model,
                      lab_format("regimen = ( { route = \"intravenous\"; day = 0.0; dose = \"%s cell\"; duration = \"5 min\"; } );\n"
                                 "output = { until = \"%s\"; every = \"%s\"; };\n"
                                 "solver = { rtol = %g; method = \"%s\"; };\n",
                                 spans[_i].dose, spans[_i].until, spans[_i].every, rtol, k == 0 ? "rosenbrock" : "rk8pd"),
                      NULL);
    }
    const double off = apart(l[1], l[0], &where);
    printf("%s: rk8pd: %.1e = %.2g rtol (%s)\n", spans[_i].model, off, off / rtol, where);
    ck_assert_double_le(off, 2.0 * FACTOR * rtol);
    lab_free(l[0]);
    lab_free(l[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("convergence");
    TCase *tc = tcase_create("shipped scenarios");
    tcase_set_timeout(tc, 60.0);
    tcase_add_loop_test(tc, errors_are_what_was_asked_for, 0, FILES);
    tcase_add_loop_test(tc, multistep_agrees, 0, FILES);
    tcase_add_loop_test(tc, an_explicit_method_agrees, 0, 2);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
