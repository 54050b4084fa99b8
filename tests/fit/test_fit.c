/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits of a model with a closed solution (a drug that is taken up and cleared), and what is refused. */
#include <mscsim/fit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/objective.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_fit_XXXXXX";
enum { TIMES = 12 };
static const double TAKEN = 0.7, CLEARED = 0.15, DOSE = 100; /* 1/h, 1/h, mg */

static const char MODEL[] =
    "parameters: { taken = { unit = \"1/h\"; value = 1.0; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  cleared = { unit = \"1/h\"; value = 0.3; range = [0.01, 5.0]; about = \"b\"; source = \"assumed: a test\"; };\n"
    "  idle = { unit = \"1\"; value = 2.0; range = [1.0, 3.0]; about = \"c\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; plasma = { unit = \"mg\"; about = \"b\"; }; };\n"
    "processes: { take = { from = \"gut\"; to = \"plasma\"; hazard = \"taken\"; };\n"
    "  clear = { from = \"plasma\"; hazard = \"cleared\"; fate = \"cleared_fate\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; };\n"
    "outputs: { gut = { }; plasma = { }; shown = { unit = \"1\"; value = \"idle\"; }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; }; solver = { rtol = 1e-9; };\n"
#define RATES "taken = { vary = \"parameters.taken\"; range = [0.3, 20.0]; scale = \"log\"; };\n" \
              "cleared = { vary = \"parameters.cleared\"; range = [0.01, 0.28]; scale = \"log\"; start = 0.2; };\n"

static double plasma(double taken, double cleared, double t)
{
    return DOSE * taken / (taken - cleared) * (exp(-cleared * t) - exp(-taken * t));
}

static double time_of(int i)
{
    return 0.5 + 2.0 * i;
}

static void put_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* Exact, or with a normal error of 5 % of the value that is part of the text of the test. */
static void put_data(bool noisy)
{
    static const double z[TIMES] = {0.31, -1.20, 0.85, 0.12, -0.44, 1.51, -0.77, 0.05, -1.02, 0.93, 0.38, -0.61};
    char text[4096] = "time (h),quantity,value,sd,unit\n";
    for (int i = 0; i < TIMES; i++) {
        const double f = plasma(TAKEN, CLEARED, time_of(i));
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%.17g,plasma,%.17g,%.17g,mg\n", time_of(i), f * (1 + (noisy ? 0.05 * z[i] : 0)), 0.05 * f);
    }
    put_file("data.csv", text);
}

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put_file("model.cfg", MODEL);
    put_data(false);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static msc_status read_fit(const char *text, msc_fit **fit, msc_error *err)
{
    char path[128];
    put_file("fit.cfg", text);
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    return msc_fit_read(path, NULL, 0, NULL, fit, err);
}

static msc_fitted *run_fit(const char *text, unsigned threads, msc_fit **fit)
{
    msc_error err = {0};
    msc_fitted *fitted = NULL;
    ck_assert_msg(read_fit(text, fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    const msc_fit_options options = {.threads = threads};
    ck_assert_msg(msc_fit_run(*fit, &options, &fitted, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return fitted;
}

/* The best fit over time, in the unit of the output, is the closed form's; and at the data what is predicted of them. */
static void check_curve(const msc_fitted *w)
{
    const msc_fit *f = w->fit;
    size_t rows = 0;
    ck_assert_uint_eq(w->n_curve, 1);
    ck_assert_str_eq(w->curve[0].name, "plasma");
    ck_assert_str_eq(w->curve[0].unit, "mg");
    ck_assert(f->n_grid > 100 && f->grid[0] == 0 && f->grid[f->n_grid - 1] == time_of(TIMES - 1));
    for (size_t i = 0; i < f->n_grid; i++) {
        ck_assert(i == 0 || f->grid[i] > f->grid[i - 1]); /* the only dose is at the start */
        ck_assert_double_eq_tol(w->curve[0].value[i], plasma(w->result[0].value, w->result[1].value, f->grid[i]), 1e-6 * DOSE);
        for (size_t r = 0; r < f->n_row; r++) {
            if (f->grid[i] == f->row[r].from->time) {
                ck_assert_double_eq_tol(w->curve[0].value[i], w->prediction[r] / f->observe[0].per_unit, 1e-7 * DOSE);
                rows++;
            }
        }
    }
    ck_assert_uint_eq(rows, f->n_row);
}

/* Without error in the data the curvature is J'J exactly, and J has a closed form. */
START_TEST(test_exact)
{
    const char *method[] = {"lm", "nlopt"};
    for (int m = 0; m < 2; m++) {
        char text[2048];
        snprintf(text, sizeof text, HEAD "fit = { data = \"data.csv\"; starts = 5; method = \"%s\"; estimate: { " RATES " }; };", method[m]);
        msc_fit *fit = NULL;
        msc_fitted *w = run_fit(text, 2, &fit);
        double a = 0, b = 0, c = 0, se[2];
        for (int i = 0; i < TIMES; i++) {
            const double h = 1e-6, t = time_of(i), sd = 0.05 * plasma(TAKEN, CLEARED, t);
            const double x = (plasma(TAKEN + h, CLEARED, t) - plasma(TAKEN - h, CLEARED, t)) / (2 * h * sd);
            const double y = (plasma(TAKEN, CLEARED + h, t) - plasma(TAKEN, CLEARED - h, t)) / (2 * h * sd);
            a += x * x, b += x * y, c += y * y;
        }
        ck_assert(fit->squares == (m == 0));
        ck_assert(fit->study[0].slopes);
        ck_assert(msc_fitted_converged(w));
        ck_assert_double_eq_tol(msc_fitted_value(w, 0, &se[0], NULL, NULL), TAKEN, 1e-5);
        ck_assert_double_eq_tol(msc_fitted_value(w, 1, &se[1], NULL, NULL), CLEARED, 1e-6);
        const double det = a * c - b * b; /* differences of slopes 0.01 off: relative 1e-3 */
        ck_assert_double_eq_tol(se[0] / sqrt(c / det), 1, 3e-3);
        ck_assert_double_eq_tol(se[1] / sqrt(a / det), 1, 3e-3);
        ck_assert_double_eq_tol(w->covariance[1] / sqrt(w->covariance[0] * w->covariance[3]), -b / sqrt(a * c), 3e-3);
        check_curve(w);
        msc_fitted_free(w);
        msc_fit_free(fit);
    }
}
END_TEST

START_TEST(test_noisy)
{
    put_data(true);
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 5; estimate: { " RATES " }; };", 1, &fit);
    double low, high;
    const double taken = msc_fitted_value(w, 0, NULL, &low, &high);
    ck_assert(low < TAKEN && TAKEN < high && low < taken && taken < high && high - low < 0.2);
    (void)msc_fitted_value(w, 1, NULL, &low, &high);
    ck_assert(low < CLEARED && CLEARED < high && high - low < 0.02);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* Every kind of estimate at once: rates, a factor, both parts of an error, with and without priors, on all scales. */
#define ALL HEAD                                                                                                       \
    "fit = { data = \"data.csv\"; starts = 6; seed = 7; observe: { plasma = { quantity = \"plasma\";\n"                   \
    "  error = { kind = \"both\"; additive = 0.5; proportional = 0.1; }; }; };\n"                                       \
    "estimate: { taken = { vary = \"parameters.taken\"; range = [0.3, 20.0]; start = 0.9; };\n"                           \
    "  cleared = { vary = \"parameters.cleared\"; range = [0.01, 0.28]; scale = \"log\"; start = 0.2; };\n"             \
    "  seen = { vary = \"observation.plasma.factor\"; prior = { distribution = \"normal\"; mean = 1.0; sd = 0.1; }; };\n"  \
    "  off = { vary = \"observation.plasma.additive\"; prior = { distribution = \"lognormal\"; median = 0.5; cv = 0.5; }; };\n" \
    "  share = { vary = \"observation.plasma.proportional\"; range = [0.01, 1.0]; }; }; };"

/* With a subject's effect, in the place of the share; the rows of the test are of two subjects. */
#define SUBJECTS HEAD                                                                                                   \
    "fit = { data = \"data.csv\"; starts = 6; seed = 7; observe: { plasma = { quantity = \"plasma\";\n"                   \
    "  error = { kind = \"additive\"; additive = 0.5; subject = 2.0; }; }; };\n"                                        \
    "estimate: { taken = { vary = \"parameters.taken\"; range = [0.3, 20.0]; start = 0.9; };\n"                           \
    "  cleared = { vary = \"parameters.cleared\"; range = [0.01, 0.28]; scale = \"log\"; start = 0.2; };\n"             \
    "  seen = { vary = \"observation.plasma.factor\"; prior = { distribution = \"normal\"; mean = 1.0; sd = 0.1; }; };\n"  \
    "  off = { vary = \"observation.plasma.additive\"; prior = { distribution = \"lognormal\"; median = 0.5; cv = 0.5; }; };\n" \
    "  subject = { vary = \"observation.plasma.subject\"; range = [0.1, 9.0]; }; }; };"

static void put_subjects(void)
{
    char text[4096] = "time (h),quantity,group,value,unit\n";
    for (int i = 0; i < TIMES; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%.17g,plasma,%s,%.17g,g\n", time_of(i), i % 3 ? "a" : "b",
                 1e-3 * (plasma(TAKEN, CLEARED, time_of(i)) + (i % 3 ? 1.5 : -0.7) + 0.3 * sin(i)));
    }
    put_file("data.csv", text);
}

/* Two covariances in milligrams, by hand: with the matrix of two blocks, each D + w^2 11' (as test_likelihood does it for one). */
static void check_subjects(const msc_fit *fit, const msc_fit_eval *eval)
{
    double want = 0;
    for (int block = 0; block < 2; block++) {
        double n = 0, sum = 0, squares = 0;
        const double s2 = 0.5 * 0.5, w2 = 2.0 * 2.0;
        for (size_t i = 0; i < fit->n_row; i++) {
            if ((i % 3 == 0) == (block == 0)) {
                const double off = (fit->row[i].datum.value - msc_fit_eval_prediction(eval)[i]) / fit->observe[0].per_unit;
                n++, sum += off, squares += off * off;
            }
        }
        want -= 0.5 * (n * log(2 * M_PI * s2) + log1p(n * w2 / s2) + squares / s2 - w2 * sum * sum / (s2 * (s2 + n * w2)));
    }
    double got = 0;
    for (size_t i = 0; i < fit->n_row; i++) {
        got += msc_fit_eval_log(eval)[i] - log(1000); /* the file has grams: a density by the milligram */
    }
    ck_assert_double_eq_tol(got, want, 1e-8 * fabs(want));
}

START_TEST(test_gradient)
{
    msc_fit *fit = NULL;
    msc_error err = {0};
    if (_i == 0) {
        put_data(true);
    } else {
        put_subjects();
    }
    ck_assert_msg(read_fit(_i == 0 ? ALL : SUBJECTS, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    msc_fit_eval *eval = NULL;
    ck_assert(msc_fit_eval_new(fit, NULL, &eval, &err) == MSC_OK);
    ck_assert(!fit->squares);
    double t[5], slope[5], other[5], log = 0, up = 0, down = 0;
    for (size_t k = 0; k < 5; k++) {
        t[k] = msc_fit_coordinate_of(&fit->estimate[k], fit->estimate[k].start);
        ck_assert_double_eq_tol(msc_fit_value_of(&fit->estimate[k], t[k]) / fit->estimate[k].start, 1, 1e-13);
    }
    ck_assert(msc_fit_density(eval, t, &log, slope));
    if (_i == 1) {
        check_subjects(fit, eval);
    }
    for (size_t k = 0; k < 5; k++) {
        const double at = t[k], h = 1e-4;
        t[k] = at + h;
        ck_assert(msc_fit_density(eval, t, &up, other));
        t[k] = at - h;
        ck_assert(msc_fit_density(eval, t, &down, other));
        t[k] = at;
        const double difference = (up - down) / (2 * h);
        ck_assert_msg(fabs(slope[k] - difference) < 1e-4 * (1 + fabs(difference)), "%s: %g, not %g", fit->estimate[k].name, slope[k],
                      difference);
    }
    msc_fit_eval_free(eval);
    msc_fit_free(fit);
}
END_TEST

START_TEST(test_threads)
{
    put_data(true);
    msc_fit *fit[2];
    msc_fitted *w[2];
    for (unsigned i = 0; i < 2; i++) {
        w[i] = run_fit(ALL, i == 0 ? 1 : 3, &fit[i]);
    }
    ck_assert_uint_eq(w[0]->best, w[1]->best);
    for (size_t s = 0; s < 6; s++) {
        ck_assert_mem_eq(w[0]->start[s].begin, w[1]->start[s].begin, 5 * sizeof(double));
        ck_assert_mem_eq(w[0]->start[s].end, w[1]->start[s].end, 5 * sizeof(double));
        ck_assert_uint_eq(w[0]->start[s].optimum.evaluations, w[1]->start[s].optimum.evaluations);
        ck_assert(s == 0 || memcmp(w[0]->start[s].begin, w[0]->start[0].begin, 5 * sizeof(double)) != 0);
    }
    ck_assert_mem_eq(w[0]->covariance, w[1]->covariance, 25 * sizeof(double));
    for (unsigned i = 0; i < 2; i++) {
        msc_fitted_free(w[i]);
        msc_fit_free(fit[i]);
    }
}
END_TEST

/* One number for all, subjects of equal size: analysis of variance has the largest likelihood in closed form
 * (Searle, Casella & McCulloch 1992, Variance Components, 3.7). */
START_TEST(test_subject)
{
    static const double y[4][3] = {{1.52, 1.61, 1.44}, {2.02, 1.91, 2.11}, {1.71, 1.80, 1.66}, {2.33, 2.18, 2.24}};
    enum { G = 4, N = 3 };
    char text[2048] = "time (h),group,quantity,value,unit\n";
    double mean = 0, own[G] = {0}, within = 0, between = 0;
    for (int g = 0; g < G; g++) {
        for (int i = 0; i < N; i++) {
            const size_t n = strlen(text);
            snprintf(text + n, sizeof text - n, "%d,s%d,shown,%.2f,1\n", i + 1, g, y[g][i]);
            own[g] += y[g][i] / N;
        }
        mean += own[g] / G;
    }
    for (int g = 0; g < G; g++) {
        between += N * (own[g] - mean) * (own[g] - mean);
        for (int i = 0; i < N; i++) {
            within += (y[g][i] - own[g]) * (y[g][i] - own[g]);
        }
    }
    const double s2 = within / (G * (N - 1)), w2 = (between / G - s2) / N;
    put_file("data.csv", text);
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 4;\n"
                            "observe: { shown = { quantity = \"shown\"; error = { kind = \"additive\"; additive = 0.2; subject = 0.2; }; }; };\n"
                            "estimate: { m = { vary = \"parameters.idle\"; range = [1.0, 3.0]; };\n"
                            "  own = { vary = \"observation.shown.additive\"; range = [0.01, 1.0]; scale = \"log\"; };\n"
                            "  subject = { vary = \"observation.shown.subject\"; range = [0.01, 2.0]; scale = \"log\"; }; }; };",
                            2, &fit);
    double se = 0, sum = 0;
    ck_assert(!fit->squares);
    ck_assert(msc_fitted_converged(w));
    ck_assert_double_eq_tol(msc_fitted_value(w, 0, &se, NULL, NULL), mean, 1e-4);
    ck_assert_double_eq_tol(se / sqrt((s2 + N * w2) / (G * N)), 1, 3e-3);
    ck_assert_double_eq_tol(msc_fitted_value(w, 1, NULL, NULL, NULL) / sqrt(s2), 1, 2e-3);
    ck_assert_double_eq_tol(msc_fitted_value(w, 2, NULL, NULL, NULL) / sqrt(w2), 1, 2e-3);
    for (size_t i = 0; i < fit->n_row; i++) {
        sum += w->row_log[i];
        ck_assert(fit->row[i].n_mate == N && fit->row[i].importance == 1);
        ck_assert_double_eq_tol(w->row_sd[i] / sqrt(s2 + w2), 1, 2e-3);
    }
    /* all of it, at its largest: G blocks with the determinant s2^(N-1) (s2 + N w2) */
    const double largest = -0.5 * G * (N * log(2 * M_PI) + (N - 1) * log(s2) + log(s2 + N * w2) + N);
    ck_assert_double_eq_tol(sum, largest, 1e-4);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* An infusion's duration moves an event: by differences of runs. */
START_TEST(test_differences)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; duration = \"2 h\"; } );\n"
                            "output = { until = \"2 day\"; every = \"1 h\"; }; parameters: { taken = { value = 0.7; }; cleared = { value = 0.15; }; };\n"
                            "fit = { data = \"data.csv\"; starts = 2; estimate: { span = { vary = \"regimen[0].duration\"; "
                            "range = (\"0.6 min\", \"3 h\"); scale = \"log\"; }; }; };",
                            1, &fit);
    ck_assert(!fit->study[0].slopes);
    ck_assert(w->result[0].value < 0.2 * (strcmp(fit->estimate[0].unit, "min") == 0 ? 60 : 1)); /* it was a bolus */
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

START_TEST(test_differences_are_told)
{
    msc_fit *fit = NULL;
    msc_error err = {0};
    const char *where = NULL;
    ck_assert(read_fit("model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; duration = \"2 h\"; } );\n"
                       "output = { until = \"2 day\"; every = \"1 h\"; };\n"
                       "fit = { data = \"data.csv\"; estimate: { span = { vary = \"regimen[0].duration\"; range = (\"0.6 min\", \"3 h\"); }; }; };",
                       &fit, &err) == MSC_OK);
    const char *text = msc_fit_warning(fit, 0, &where);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "this moves an event: there are no derivatives by it; differences of runs are taken, two "
                           "more runs for each estimate");
    ck_assert_ptr_nonnull(strstr(where, "fit.cfg:3"));
    ck_assert_ptr_null(msc_fit_warning(fit, 1, &where));
    msc_fit_free(fit);
}
END_TEST

/* ---- profiles ---- */

/* What is seen is a factor times a known curve with additive errors: the posterior is normal, its profile a parabola, and one
 * more value at the top of the curve is worth its square over the errors'. */
START_TEST(test_profile_of_normal)
{
    put_data(true);
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n"
                            "output = { until = \"2 day\"; every = \"0.1 h\"; }; solver = { rtol = 1e-9; };\n"
                            "parameters: { taken = { value = 0.7; }; cleared = { value = 0.15; }; };\n"
                            "fit = { data = \"data.csv\"; starts = 2; method = \"nlopt\"; observe: { plasma = { quantity = \"plasma\";\n"
                            "  error = { kind = \"additive\"; additive = 3.0; }; }; };\n"
                            "estimate: { seen = { vary = \"observation.plasma.factor\"; prior = { distribution = \"normal\"; mean = 1.0; "
                            "sd = 10.0; }; }; }; };", 1, &fit);
    double told = 0.01, se, low, high, most = 0;
    for (int i = 0; i < TIMES; i++) {
        const double f = plasma(TAKEN, CLEARED, time_of(i)), sd2 = 9 + pow(0.05 * f, 2);
        told += f * f / sd2;
    }
    for (double t = 0; t < 48; t += 1e-3) {
        most = fmax(most, plasma(TAKEN, CLEARED, t));
    }
    const double value = msc_fitted_value(w, 0, &se, &low, &high);
    ck_assert_double_eq_tol(se * sqrt(told), 1, 1e-4);
    ck_assert_double_eq_tol((high - value) / (1.959964 / sqrt(told)), 1, 2e-3); /* its crossing: to a hundredth of the root */
    ck_assert_double_eq_tol((value - low) / (1.959964 / sqrt(told)), 1, 2e-3);
    const msc_fit_profile *p = &w->profile[0];
    ck_assert(p->done && !p->open_low && !p->open_high && p->data_low && p->data_high && !p->better);
    for (size_t i = 0; i < p->n; i++) {
        const double off = msc_fit_value_of(&fit->estimate[0], p->t[i]) - value;
        ck_assert_double_eq_tol(p->log[i], w->log - off * off * told / 2, 1e-6);
        ck_assert(i == 0 || p->t[i] > p->t[i - 1]);
    }
    const double more = most * most / (9 + pow(0.01 * most, 2)); /* about: it is the error of what is seen, which is nearly the curve */
    ck_assert(w->next[0].any);
    ck_assert_str_eq(w->next[0].label, "plasma");
    ck_assert_double_eq_tol(w->next[0].left, told / (told + more), 5e-3);
    ck_assert_double_eq_tol(w->next[0].time, log(TAKEN / CLEARED) / (TAKEN - CLEARED), 2.1); /* of a coarse grid */
    ck_assert_uint_eq(w->after.used, 1);
    ck_assert_double_eq_tol(w->after.singular[0], 10 * sqrt(told - 0.01), 1e-2 * sqrt(told));
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* No datum depends on it: its posterior is its prior, of a lognormal one that of the logarithm, which is normal. */
START_TEST(test_profile_of_prior)
{
    put_data(true);
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 3; method = \"nlopt\"; estimate: { " RATES
                            " x = { vary = \"parameters.idle\"; prior = { distribution = \"lognormal\"; median = 2.0; sd_log = 0.2; }; };"
                            " y = { vary = \"observation.shown.factor\"; prior = { distribution = \"uniform\"; from = 0.1; to = 5.0; }; }; };\n"
                            "observe: { plasma = { quantity = \"plasma\"; }; shown = { quantity = \"shown\"; }; }; };", 2, &fit);
    const msc_fit_profile *x = &w->profile[2], *y = &w->profile[3];
    double low, high;
    ck_assert(!x->open_low && !x->open_high && !x->data_low && !x->data_high);
    (void)msc_fitted_value(w, 2, NULL, &low, &high);
    ck_assert_double_eq_tol(log(low), log(2.0) - 1.959964 * 0.2, 1e-3);
    ck_assert_double_eq_tol(log(high), log(2.0) + 1.959964 * 0.2, 1e-3);
    ck_assert(y->open_low && y->open_high);
    (void)msc_fitted_value(w, 3, NULL, &low, &high);
    ck_assert(isnan(low) && isnan(high));
    char *text = NULL;
    size_t n = 0;
    msc_error err = {0};
    FILE *page = open_memstream(&text, &n);
    ck_assert(msc_fitted_summarise(w, page, &err) == MSC_OK);
    ck_assert_int_eq(fclose(page), 0);
    ck_assert_ptr_nonnull(strstr(text, "x: not determined by these data: any value from 1.35 to 2.96 fits, and both\n"
                                       "    ends are its prior's (100 % of its prior's spread is left)."));
    ck_assert_ptr_nonnull(strstr(text, "y: not determined by these data: any value from 0.100 to 5.00 fits, all that\n    its prior leaves."));
    ck_assert_ptr_nonnull(strstr(text, "No standard errors and no correlations: y."));
    free(text);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* From the wrong side of a ridge: taken and cleared change places, if the factor makes up for it. The only start ends there; a
 * profile comes upon the other side, and the fit goes on from there. */
START_TEST(test_profile_finds_better)
{
    char data[256] = "time (h),quantity,value,sd,unit\n";
    for (int i = 0; i < 3; i++) {
        const double f = plasma(TAKEN, CLEARED, 1 + 4.0 * i);
        const size_t n = strlen(data);
        snprintf(data + n, sizeof data - n, "%d,plasma,%.6g,%.6g,mg\n", 1 + 4 * i, f, 0.1 * f);
    }
    put_file("data.csv", data);
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 1; method = \"nlopt\"; estimate: {\n"
                            "taken = { vary = \"parameters.taken\"; range = [0.03, 3.0]; scale = \"log\"; start = 0.15; };\n"
                            "cleared = { vary = \"parameters.cleared\"; range = [0.03, 3.0]; scale = \"log\"; start = 0.7; };\n"
                            "seen = { vary = \"observation.plasma.factor\"; start = 4.67; prior = { distribution = \"normal\"; mean = 1.0; sd = 3.0; "
                            "}; }; }; observe: { plasma = { quantity = \"plasma\"; }; }; };", 2, &fit);
    ck_assert(w->n_better > 0);
    ck_assert(w->log > w->start[0].optimum.log + 1e-3);
    ck_assert(msc_fitted_converged(w));
    for (size_t k = 0; k < 3; k++) {
        ck_assert(w->profile[k].done && !w->profile[k].better);
    }
    ck_assert_double_eq_tol(w->result[0].value, TAKEN, 0.35);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

START_TEST(test_profiles_chosen)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 2; profiles = [\"cleared\"]; estimate: { " RATES " }; };", 1, &fit);
    ck_assert(!w->profile[0].done && w->profile[1].done);
    msc_fitted_free(w);
    msc_fit_free(fit);
    w = run_fit(HEAD "fit = { data = \"data.csv\"; starts = 2; profiles = false; estimate: { " RATES " }; };", 1, &fit);
    ck_assert(!w->profile[0].done && !w->profile[1].done && msc_fitted_complete(w));
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- kept and resumed ---- */

typedef struct {
    const char *what; /* of these */
    size_t most;      /* so many, then stop */
    volatile int stop;
} patience;

static void lose_patience(void *context, const char *what, size_t done, size_t n, double best)
{
    patience *p = context;
    (void)n, (void)best;
    p->stop = p->stop || (strcmp(what, p->what) == 0 && done >= p->most);
}

static char *bytes_of(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    char *bytes = malloc(1 << 22);
    ck_assert_ptr_nonnull(bytes);
    *n = fread(bytes, 1, 1 << 22, file);
    ck_assert_int_eq(fclose(file), 0);
    return bytes;
}

/* Stopped in its starts, resumed and stopped in its profiles, resumed by more threads: the bytes of one that never was. */
START_TEST(test_resumed)
{
    static const patience stops[] = {{"starts", 2, 0}, {"profiles", 2, 0}, {"none", 1, 0}};
    const unsigned threads[] = {1, 2, 8};
    char file[2][64];
    msc_fit *fit = NULL;
    msc_error err = {0};
    put_data(true);
    ck_assert(read_fit(ALL, &fit, &err) == MSC_OK);
    for (int turn = 0; turn < 2; turn++) {
        snprintf(file[turn], sizeof file[turn], "%s/%d.h5", folder, turn);
        for (int i = turn == 0 ? 2 : 0; i < 3; i++) {
            patience p = stops[i];
            const msc_fit_options options = {.threads = threads[turn == 0 ? 0 : i], .stop = &p.stop, .progress = lose_patience, .context = &p,
                                             .file = file[turn], .resume = i > 0};
            msc_fitted *w = NULL;
            ck_assert_msg(msc_fit_run(fit, &options, &w, &err) == MSC_OK, "%s", err.message);
            ck_assert(msc_fitted_complete(w) == (i == 2));
            ck_assert(i != 0 || msc_fitted_done(w) < 6);
            ck_assert(i == 0 || msc_fitted_done(w) == 6);
            if (i == 2) {
                ck_assert_msg(msc_fitted_write(w, file[turn], false, &err) == MSC_OK, "%s", err.message);
            }
            msc_fitted_free(w);
        }
    }
    size_t n[2];
    char *bytes[2] = {bytes_of(file[0], &n[0]), bytes_of(file[1], &n[1])}, part[80];
    ck_assert_uint_eq(n[0], n[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], n[0]);
    snprintf(part, sizeof part, "%s.part", file[1]);
    ck_assert_int_ne(access(part, F_OK), 0);
    free(bytes[0]);
    free(bytes[1]);
    msc_fit_free(fit);
}
END_TEST

typedef struct {
    const char *data, *fit; /* NULL: as it is */
    msc_status status;
    const char *where, *message;
} bad;

#define SUBJECT "observe: { plasma = { quantity = \"plasma\"; error = { kind = \"additive\"; additive = 1.0; subject = 2.0; }; }; };"
#define LOGNORMAL "observe: { plasma = { quantity = \"plasma\"; error = { kind = \"lognormal\"; proportional = 0.2; }; }; };"
#define ONE "time (h),quantity,value,sd,unit\n1,plasma,30,2,mg\n"
static const bad refused[] = {
    {NULL, "estimate: { x = { vary = \"parameters.idle\"; }; " RATES " };", MSC_E_DATA, "fit.cfg:3: fit.estimate.x",
     "no datum depends on it: the data cannot tell it; leave it out, or give it a prior"},
    {ONE, "estimate: { " RATES " };", MSC_E_DATA, "data.csv:2:10",
     "1 number cannot determine 2 parameters that have no prior; estimate fewer, or give priors"},
    {"time (h),quantity,value,sd,unit\n1,plasma,30,2,mg\n2,plasma,30,2,mg\n3,plasma,30,1,mg\n", "estimate: { " RATES " };", MSC_E_DATA,
     "data.csv:2:10", "all 3 values are the same number: there is nothing to fit"},
    {NULL, "estimate: { x = { vary = \"parameters.taken\"; range = [0.3, 2.0]; start = 2.5; }; };", MSC_E_CONFIG,
     "fit.cfg:3: fit.estimate.x.start", "the start, 2.5, is not between 0.3 and 2"},
    {"time (h),quantity,value,sd,unit\n1,plasma,nan,2,mg\n", "estimate: { " RATES " };", MSC_E_DATA, "data.csv:2:10", NULL},
    {NULL, "estimate: { x = { vary = \"parameters.taken\"; }; };", MSC_E_CONFIG, "fit.cfg:3: fit.estimate.x",
     "where may it lie? give a range (range = [0.01, 0.99];) or a prior"},
    {NULL, "estimate: { x = { vary = \"parameters.taken\"; rnage = [0.3, 2.0]; }; };", MSC_E_CONFIG, NULL, NULL},
    {NULL, "estimate: { x = { vary = \"parameters.tkaen\"; range = [0.3, 2.0]; }; };", MSC_E_CONFIG, NULL, NULL},
    {NULL, "estimate: { x = { vary = \"observation.plasm.factor\"; range = [0.3, 2.0]; }; }; observe: { plasma = { quantity = \"plasma\"; }; };",
     MSC_E_CONFIG, "fit.cfg:3: fit.estimate.x.vary", "there is no 'plasm' in fit.observe; did you mean 'plasma'?"},
    {"time (h),quantity,value,sd,unit\n1,plasma,30,2,mg\n99,plasma,20,2,mg\n", "estimate: { " RATES " };", MSC_E_DATA, "data.csv:3:1",
     "the run goes from 0 to 48 h: there is nothing at 99 h; see output.until"},
    {"time (h),quantity,value,unit\n1,plasma,30,mg\n2,plasma,20,mg\n", "estimate: { " RATES " };", MSC_E_DATA, "data.csv:2:10",
     "how sure is this number? Give it an sd or se, or 'plasma' an error in fit.observe"},
    {"time (h),quantity,value,sd,unit\n1,plasma,30,2,h\n2,plasma,20,2,h\n", "estimate: { " RATES " };", MSC_E_DATA, "data.csv:2:15",
     "'plasma' is given in 'h', but the model has it in 'mg'"},
    {"time (h),quantity,value,sd,unit,decay_corrected\n1,plasma,30,2,mg,yes\n2,plasma,20,2,mg,yes\n",
     "estimate: { " RATES " }; observe: { plasma = { quantity = \"plasma\"; decay_corrected = false; }; };", MSC_E_DATA, "data.csv:2:18",
     "'plasma' is corrected for decay, but 'plasma' of the model is raw: compare like with like"},
    {"time (h),quantity,value,sd,unit,decay_corrected\n1,plasma,30,2,mg,yes\n2,plasma,20,2,mg,yes\n", "estimate: { " RATES " };",
     MSC_E_DATA, "data.csv:2:18",
     "'plasma' is corrected for decay; say in fit.observe whether 'plasma' of the model is: decay_corrected = true; or false;"},
    {"time (h),quantity,value,sd,unit\n1,plasmo,30,2,mg\n2,plasma,20,2,mg\n", "estimate: { " RATES " };", MSC_E_DATA, "data.csv:2:3",
     "'plasmo' is neither in fit.observe nor an output of the model; did you mean 'plasma'?"},
    {NULL, "method = \"lm\"; estimate: { " RATES " }; observe: { plasma = { quantity = \"plasma\"; error = { kind = \"proportional\"; "
           "proportional = 0.1; }; }; };",
     MSC_E_CONFIG, "fit.cfg:3: fit.method", "this is no problem of least squares: the size of an error depends on the prediction"},
    {NULL, "estimate: { " RATES " }; starts = 0;", MSC_E_CONFIG, NULL, NULL},
    {NULL, "estimate: { " RATES " }; profiles = [\"claered\"];", MSC_E_CONFIG, "fit.cfg:5: fit.profiles[0]",
     "'claered' is not estimated; did you mean 'cleared'?"},
    {NULL, "estimate: { " RATES " }; profiles = 3;", MSC_E_CONFIG, "fit.cfg:5: fit.profiles", "must be true or false, not 3"},
    {NULL, "estimate: { " RATES " }; observe: { plasma = { quantity = \"plasma\"; error = { kind = \"proportional\"; proportional = 0.1; "
           "subject = 0.2; }; }; };",
     MSC_E_CONFIG, "fit.cfg:5: fit.observe.plasma.error.subject",
     "what a subject has more or less is a share here: that is an error of kind \"lognormal\""},
    {NULL, "estimate: { " RATES " x = { vary = \"observation.plasma.subject\"; range = [0.1, 2.0]; }; }; observe: { plasma = { quantity = "
           "\"plasma\"; error = { kind = \"both\"; additive = 1.0; proportional = 0.1; }; }; };",
     MSC_E_CONFIG, "fit.cfg:5: fit.estimate.x.vary",
     "what a subject has more or less is a share here: that is an error of kind \"lognormal\""},
    {"time (h),quantity,censored,limit,unit\n1,plasma,right,30,mg\n2,plasma,left,0,mg\n", "estimate: { " RATES " }; " LOGNORMAL, MSC_E_DATA,
     "data.csv:3:15", "with a lognormal error nothing is below a limit that is not above 0; take another limit, or another error"},
    {"time (h),quantity,low,high,n,unit\n1,plasma,30,40,4,mg\n2,plasma,-1.0,30,4,mg\n", "estimate: { " RATES " }; " LOGNORMAL, MSC_E_DATA,
     "data.csv:3:10", "with a lognormal error nothing is below 0, where this range begins; take another error"},
    {"time (h),group,quantity,low,high,n,unit\n1,a,plasma,30,40,4,mg\n2,a,plasma,20,30,4,mg\n", "estimate: { " RATES " }; " SUBJECT,
     MSC_E_DATA, "data.csv:2:12",
     "a range of several subjects cannot share the effect of a subject with other rows; give it no group, or 'plasma' no subject's effect "
     "(then fit.group_weight says how much its rows count)"},
    {"time (h),group,quantity,value,censored,limit,unit\n1,a,plasma,30,none,,mg\n2,a,plasma,,left,20,mg\n", "estimate: { " RATES " }; " SUBJECT,
     MSC_E_DATA, "data.csv:3:18",
     "a value beyond a limit cannot share the effect of a subject with other rows; give it no group, or 'plasma' no subject's effect "
     "(then fit.group_weight says how much its rows count)"},
    {"time (h),group,quantity,value,se,n,unit\n1,a,plasma,30,2,5,mg\n2,a,plasma,20,2,5,mg\n", "estimate: { " RATES " }; " SUBJECT,
     MSC_E_DATA, "data.csv:2:17",
     "a mean of 5 subjects: its sd or se holds already how they differ, and 'plasma' has a subject's effect beside it; write an entry of "
     "observe for means, without"},
    {"time (h),group,quantity,value,weight,unit\n1,a,plasma,30,1,mg\n2,a,plasma,20,2,mg\n", "estimate: { " RATES " }; " SUBJECT, MSC_E_DATA,
     "data.csv:3:15", "rows of one subject count together: they have one weight, not 1 and 2"},
};

START_TEST(test_refused)
{
    const bad *b = &refused[_i];
    char text[2048];
    msc_fit *fit = NULL;
    msc_fitted *w = NULL;
    msc_error err = {0};
    if (b->data) {
        put_file("data.csv", b->data);
    }
    snprintf(text, sizeof text, HEAD "fit = { data = \"data.csv\"; %s };", b->fit);
    msc_status status = read_fit(text, &fit, &err);
    if (status == MSC_OK) {
        const msc_fit_options options = {.threads = 1};
        status = msc_fit_run(fit, &options, &w, &err);
    }
    ck_assert_msg(status == b->status, "%d: %s: %s", status, err.where, err.message);
    const char *where = strncmp(err.where, folder, strlen(folder)) == 0 ? err.where + strlen(folder) + 1 : err.where;
    ck_assert_msg(!b->where || strcmp(where, b->where) == 0, "%s: %s", where, err.message);
    ck_assert_msg(b->where || strstr(where, "fit.cfg:"), "%s: %s", where, err.message);
    if (b->message) {
        ck_assert_str_eq(err.message, b->message);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit");
    TCase *tests = tcase_create("fit");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_exact);
    tcase_add_test(tests, test_noisy);
    tcase_add_loop_test(tests, test_gradient, 0, 2);
    tcase_add_test(tests, test_threads);
    tcase_add_test(tests, test_differences);
    tcase_add_test(tests, test_differences_are_told);
    tcase_add_test(tests, test_profile_of_normal);
    tcase_add_test(tests, test_profile_of_prior);
    tcase_add_test(tests, test_profile_finds_better);
    tcase_add_test(tests, test_profiles_chosen);
    tcase_add_test(tests, test_resumed);
    tcase_add_test(tests, test_subject);
    tcase_add_loop_test(tests, test_refused, 0, (int)(sizeof refused / sizeof *refused));
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
