/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: a program that hands the library NULL for what is needed, or a scale that is none, is told so and goes
 * on; what may be left out may be NULL; a worker that was refused, stopped, or has failed runs again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <mscsim/batch.h>
#include <mscsim/file.h>
#include <mscsim/fit.h>
#include <mscsim/sweep.h>
#include <mscsim/validate.h>

#include "support/lab.h"
#include "support/suite.h"

static const char model[] = "parameters: { k = { unit = \"1/h\"; value = 0.1; }; };\n"
                            "amounts: { c = { unit = \"cell\"; initial = \"100 cell\"; }; };\n"
                            "processes: { lose = { from = \"c\"; hazard = \"k\"; fate = \"lysis\"; }; };\n"
                            "outputs: { c = { }; };\n";
static const char scenario[] = "output = { until = \"4 h\"; every = \"1 h\"; endpoints: { last = { value = \"c\"; at = \"4 h\"; }; }; };\n";

static char *file;

static void put(void)
{
    file = lab_put(model, scenario);
}

static void put_away(void)
{
    lab_put_away(file);
}

static void says(msc_status status, const msc_error *err, msc_status want, const char *message)
{
    ck_assert_int_eq(status, want);
    ck_assert_int_eq(err->status, want);
    ck_assert_msg(strcmp(err->message, message) == 0, "'%s', not '%s'", err->message, message);
}

/* ---- files and settings ---- */

static const char no_text[] = "a file or a text is wanted here, and not NULL";

START_TEST(no_file)
{
    msc_error err = {0};
    msc_scenario *s;
    msc_batch *b;
    msc_sweep *w;
    msc_fit *f;
    msc_recipe *r;
    msc_validation *v;
    bool wanted;
    says(msc_scenario_read(NULL, NULL, 0, &s, &err), &err, MSC_E_USAGE, no_text);
    says(msc_batch_read(NULL, &(msc_batch_options){.trajectories = true}, &b, &err), &err, MSC_E_USAGE, no_text);
    says(msc_sweep_read(NULL, NULL, 0, NULL, &w, &err), &err, MSC_E_USAGE, no_text);
    says(msc_sweep_wanted(NULL, NULL, 0, &wanted, &err), &err, MSC_E_USAGE, no_text);
    says(msc_fit_read(NULL, NULL, 0, NULL, &f, &err), &err, MSC_E_USAGE, no_text);
    says(msc_fit_wanted(NULL, NULL, 0, &wanted, &err), &err, MSC_E_USAGE, no_text);
    says(msc_scenario_read_fit(file, NULL, 0, NULL, NULL, &s, &err), &err, MSC_E_USAGE, no_text);
    says(msc_recipe_read(NULL, &r, &err), &err, MSC_E_USAGE, no_text);
    says(msc_validation_read(NULL, &v, &err), &err, MSC_E_USAGE, no_text);
    says(msc_result_probe(NULL, true, &err), &err, MSC_E_CANTCREAT, "the name of the output file is empty");
    says(msc_file_probe(NULL, true, &err), &err, MSC_E_CANTCREAT, "the name of the output file is empty");
    says(msc_file_plot("x.h5", NULL, NULL, &err), &err, MSC_E_USAGE, "'': the name of a figure ends in .svg, .pdf or .png");
}
END_TEST

START_TEST(no_setting)
{
    static const char *const setting[] = {"output.until=3 h", NULL};
    msc_error err = {0};
    msc_scenario *s;
    msc_sweep *w;
    msc_fit *f;
    says(msc_scenario_read(file, setting, 2, &s, &err), &err, MSC_E_USAGE, no_text);
    says(msc_scenario_read(file, NULL, 1, &s, &err), &err, MSC_E_USAGE, no_text);
    says(msc_sweep_read(file, NULL, 1, NULL, &w, &err), &err, MSC_E_USAGE, no_text);
    says(msc_fit_read(file, setting, 2, NULL, &f, &err), &err, MSC_E_USAGE, no_text);
    says(msc_model_describe(file, setting, 2, stdout, &err), &err, MSC_E_USAGE, "a setting is wanted here, and not NULL");
}
END_TEST

START_TEST(no_name)
{
    static const char *const name[] = {"c", NULL};
    msc_error err = {0};
    says(msc_file_export("x.h5", NULL, 1, stdout, &err), &err, MSC_E_USAGE, "a name is wanted here, and not NULL");
    says(msc_file_export("x.h5", name, 2, stdout, &err), &err, MSC_E_USAGE, "a name is wanted here, and not NULL");
    says(msc_file_plot("x.h5", "x.svg", &(msc_figure_options){.n_quantity = 1}, &err), &err, MSC_E_USAGE,
         "a name is wanted here, and not NULL: msc_figure_options.quantity");
    says(msc_file_plot("x.h5", "x.svg", &(msc_figure_options){.n_against = 2, .against = name}, &err), &err, MSC_E_USAGE,
         "a name is wanted here, and not NULL: msc_figure_options.against");
    says(msc_model_describe(NULL, NULL, 0, stdout, &err), &err, MSC_E_USAGE, no_text);
}
END_TEST

/* ---- batches ---- */

static const msc_vary fine = {.path = "parameters.k"}, nameless = {.path = NULL};

static const struct {
    msc_batch_options options;
    msc_status status;
    const char *message;
} wrong[] = {
    {{.n_vary = 1}, MSC_E_USAGE, "an array is wanted here, and not NULL: msc_batch_options.vary"},
    {{.n_setting = 1}, MSC_E_USAGE, "an array is wanted here, and not NULL: msc_batch_options.setting"},
    {{.n_time = 1, .trajectories = true}, MSC_E_USAGE, "an array is wanted here, and not NULL: msc_batch_options.time"},
    {{.n_vary = 1, .vary = &nameless}, MSC_E_USAGE, "a file or a text is wanted here, and not NULL"},
    {{.n_time = 1, .time = (const double[]){4.0000001}, .trajectories = true},
     MSC_E_USAGE,
     "a time that is asked for, 4.0000001 h, is outside of the run"},
    {{.n_time = 1, .time = (const double[]){NAN}, .trajectories = true},
     MSC_E_USAGE,
     "a time that is asked for, nan h, is outside of the run"},
    {{.n_vary = 1, .vary = &(const msc_vary){.path = "parameters.k", .scale = (msc_scale)7}},
     MSC_E_CONFIG,
     "7 is no scale for derivatives"},
    {{.n_vary = 1, .vary = &(const msc_vary){.path = "parameters.k", .scale = MSC_SCALE_LOGIT, .high = INFINITY}},
     MSC_E_CONFIG,
     "a logit needs an interval, and not 0 to inf"},
    {{.n_vary = 1, .vary = &(const msc_vary){.path = "parameters.k", .scale = MSC_SCALE_LOGIT, .low = NAN, .high = 1}},
     MSC_E_CONFIG,
     "a logit needs an interval, and not nan to 1"},
};

START_TEST(options_that_are_none)
{
    msc_error err = {0};
    msc_batch *b;
    says(msc_batch_read(file, &wrong[_i].options, &b, &err), &err, wrong[_i].status, wrong[_i].message);
    ck_assert_ptr_null(b);
    ck_assert_int_eq(msc_batch_read(file, &wrong[_i].options, &b, NULL), wrong[_i].status);
}
END_TEST

START_TEST(no_options)
{
    msc_error err = {0};
    msc_batch *b;
    says(msc_batch_read(file, NULL, &b, &err), &err, MSC_E_USAGE, "options are wanted here, and not NULL");
    ck_assert_ptr_null(b);
    msc_sweep *sweep = NULL; /* all that is looked at are the options */
    msc_swept *swept = NULL;
    msc_fit *fit = NULL;
    msc_fitted *fitted = NULL;
    says(msc_sweep_run(sweep, NULL, &swept, &err), &err, MSC_E_USAGE, "options are wanted here, and not NULL");
    says(msc_fit_run(fit, NULL, &fitted, &err), &err, MSC_E_USAGE, "options are wanted here, and not NULL");
}
END_TEST

/* ---- workers ---- */

typedef struct {
    size_t n, given, done;
    volatile int *stop; /* set by the first that is done */
    double last[8];     /* its endpoint, by id */
} task;

/* k = 0.1, 0.2, ...; but the third is no number. */
static bool next(void *context, double *value, size_t *id)
{
    task *t = context;
    *id = t->given;
    *value = t->given == 2 ? (double)NAN : 0.1 * (double)(t->given + 1);
    return t->given++ < t->n;
}

static void done(void *context, size_t id, const msc_outcome *o)
{
    task *t = context;
    ck_assert_uint_lt(id, t->n);
    ck_assert_int_eq(o->status, id == 2 ? MSC_E_CONFIG : MSC_OK);
    t->last[id] = o->endpoint[0];
    t->done++;
    if (t->stop) {
        *t->stop = 1;
    }
}

static void all_done(const task *t)
{
    ck_assert_uint_eq(t->done, 8);
    for (size_t i = 0; i < 8; i++) {
        if (i == 2) {
            ck_assert(isnan(t->last[i]));
        } else {
            lab_near(t->last[i], 100 * exp(-0.4 * (double)(i + 1)), 1e-4, 1, "what is left");
        }
    }
}

START_TEST(a_worker_runs_again)
{
    msc_error err = {0};
    msc_batch *b;
    msc_worker *w;
    volatile int stop = 0;
    ck_assert_int_eq(msc_batch_read(file, &(msc_batch_options){.n_vary = 1, .vary = &fine}, &b, &err), MSC_OK);
    ck_assert_int_eq(msc_worker_new(b, &w, &err), MSC_OK);
    task t = {.n = 8};
    says(msc_worker_run(w, NULL, done, &t, NULL, &err), &err, MSC_E_USAGE, "a function is wanted here, and not NULL: next");
    says(msc_worker_run(w, next, NULL, &t, NULL, &err), &err, MSC_E_USAGE, "a function is wanted here, and not NULL: done");
    ck_assert_uint_eq(t.given, 0);
    ck_assert_int_eq(msc_worker_run(w, next, done, &t, NULL, &err), MSC_OK);
    all_done(&t);
    t = (task){.n = 8, .stop = &stop};
    ck_assert_int_eq(msc_worker_run(w, next, done, &t, &stop, &err), MSC_OK);
    ck_assert_uint_lt(t.done, 8);
    t = (task){.n = 8};
    ck_assert_int_eq(msc_worker_run(w, next, done, &t, NULL, &err), MSC_OK);
    all_done(&t);
    msc_worker_free(w);
    msc_batch_free(b);
}
END_TEST

/* ---- results ---- */

START_TEST(results_without_names)
{
    msc_error err = {0};
    double x = 0;
    lab *l = lab_text(model, scenario, NULL);
    const msc_result *r = lab_result(l);
    ck_assert_ptr_null(msc_result_values(r, NULL, NULL, NULL));
    ck_assert_ptr_null(msc_result_element(r, NULL, 0));
    says(msc_result_peak(r, NULL, 0, &x, &x, &err), &err, MSC_E_USAGE, "the result has no quantity '' with element 0");
    says(msc_result_endpoint(r, NULL, 0, &x, NULL, NULL, &err), &err, MSC_E_USAGE, "the result has no endpoint '' with element 0");
    ck_assert_int_eq(msc_result_peak(r, "c", 0, NULL, NULL, &err), MSC_OK);
    ck_assert_int_eq(msc_result_peak(r, "c", 0, &x, NULL, &err), MSC_OK);
    ck_assert_double_eq(x, 100);
    says(msc_result_write(r, NULL, true, &err), &err, MSC_E_CANTCREAT, "the name of the output file is empty");
    lab_free(l);
}
END_TEST

START_TEST(nothing_to_give_back)
{
    msc_worker_free(NULL);
    msc_batch_free(NULL);
    msc_scenario_free(NULL);
    msc_result_free(NULL);
    msc_sweep_free(NULL);
    msc_swept_free(NULL);
    msc_fit_free(NULL);
    msc_fitted_free(NULL);
    msc_recipe_free(NULL);
    msc_validation_free(NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("study/misuse");
    TCase *c = tcase_create("misuse");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, put, put_away);
    tcase_add_test(c, no_file);
    tcase_add_test(c, no_setting);
    tcase_add_test(c, no_name);
    tcase_add_loop_test(c, options_that_are_none, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(c, no_options);
    tcase_add_test(c, a_worker_runs_again);
    tcase_add_test(c, results_without_names);
    tcase_add_test(c, nothing_to_give_back);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
