/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a fit says of itself: its page, and the numbers of its file that people compare with other tools. */
#include <mscsim/fit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/posterior.h"
#include "store/dataset.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_page_XXXXXX";

/* What is seen of a scenario is a parameter. */
static const char MODEL[] =
    "parameters: { level = { unit = \"1\"; value = 2.0; about = \"c\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; };\n"
    "processes: { clear = { from = \"gut\"; hazard = \"0.1 1/h\"; fate = \"cleared\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; };\n"
    "outputs: { gut = { }; shown = { unit = \"1\"; value = \"level\"; }; mass = { unit = \"mg\"; value = \"level * (1 mg)\"; };\n"
    "  step = { unit = \"1\"; value = \"if(time < 20 h, 1, 2)\"; }; };\n";
#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; };\n"

static void put_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put_file("model.cfg", MODEL);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static msc_fitted *run_fit(const char *section, const char *data, msc_fit **fit)
{
    char path[128], text[4096];
    msc_error err = {0};
    msc_fitted *fitted = NULL;
    snprintf(text, sizeof text, "%sfit = { data = \"data.csv\"; starts = 2; profiles = false; %s };", HEAD, section);
    put_file("fit.cfg", text);
    put_file("data.csv", data);
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    ck_assert_msg(msc_fit_read(path, NULL, 0, NULL, fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert_msg(msc_fit_run(*fit, &(msc_fit_options){.threads = 1}, &fitted, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return fitted;
}

/* The caller frees. */
static char *page_of(const msc_fitted *fitted)
{
    char *page = NULL;
    size_t n = 0;
    msc_error err = {0};
    FILE *stream = open_memstream(&page, &n);
    ck_assert_ptr_nonnull(stream);
    ck_assert(msc_fitted_summarise(fitted, stream, &err) == MSC_OK);
    ck_assert_int_eq(fclose(stream), 0);
    return page;
}

static void has(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) != NULL, "no '%s' in\n%s", text, page);
}

#define LEVEL(about) "estimate: { level = { vary = \"parameters.level\"; " about " }; };"

/* ---- how far off ---- */

/* Two values a factor of 100 apart with an sd of 0.5 of the logarithm: the best is their geometric mean, 20, and each is
 * log(10) / 0.5 = 4.605 standard deviations off. In proportion to the prediction the lower would seem 1.8 off, the higher 18. */
START_TEST(test_lognormal)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("observe: { shown = { quantity = \"shown\"; error = { kind = \"lognormal\"; proportional = 0.5; }; }; };\n"
                            LEVEL("range = [0.1, 1000.0]; scale = \"log\";"),
                            "time (h),quantity,value,unit,censored,limit\n1,shown,2,1,,\n2,shown,200,1,,\n", &fit);
    ck_assert_double_eq_tol(w->result[0].value, 20, 1e-3);
    char *page = page_of(w);
    has(page, "-4.61 sd\n");
    has(page, "+4.61 sd\n");
    free(page);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- rows as they were written ---- */

/* Digits, units of numbers and of times are those of the file; subjects are named; of many rows every study's first are shown; no
 * line is wider than a terminal. */
START_TEST(test_as_written)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("observe: { mass = { quantity = \"mass\"; error = { kind = \"additive\"; additive = 0.1; }; }; };\n"
                            LEVEL("range = [0.1, 9.0];"),
                            "time,time_unit,subject,quantity,value,low,high,n,unit,censored,limit\n0.25,h,a,mass,1500,,,,ug,,\n"
                            "30,min,a,mass,,0.9,2.0,4,mg,,\n1,day,b,mass,1.50,,,,mg,,\n2,h,b,mass,,,,,mg,left,.9\n"
                            "3,h,b,mass,1.23456789012,,,,mg,,\n", &fit);
    char *page = page_of(w);
    has(page, "  mass, a         0.25 h        1500");
    has(page, " ug ");
    has(page, "  mass, a         30 min        0.9 - 2.0 of 4 ");
    has(page, "  mass, b         day 1         1.50 ");
    has(page, "  mass, b         2 h           < .9 ");
    has(page, "  mass, b         3 h           1.235 ");
    for (const char *line = page, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        ck_assert_msg(end - line < 80, "%.*s", (int)(end - line), line);
    }
    free(page);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- interrupted ---- */

static void stop_soon(void *context, const char *what, size_t done, size_t n, double best)
{
    (void)what, (void)done, (void)n, (void)best;
    *(volatile int *)context = 1;
}

/* What is missing is said first of all, and of steps that were never made nothing is told. */
START_TEST(test_interrupted)
{
    char path[128];
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(LEVEL("range = [0.1, 9.0];") " sample = { steps = 100; };",
                            "time (h),quantity,value,sd,unit\n1,shown,1.5,0.5,1\n2,shown,2.5,0.5,1\n", &fit);
    msc_error err = {0};
    volatile int stop = 0;
    char *page = page_of(w);
    has(page, "\nPosterior ");
    ck_assert(strstr(page, "INTERRUPTED") == NULL);
    free(page);
    msc_fitted_free(w);
    const msc_fit_options options = {.threads = 1, .stop = &stop, .progress = stop_soon, .context = (void *)(uintptr_t)&stop};
    ck_assert(msc_fit_run(fit, &options, &w, &err) == MSC_OK);
    page = page_of(w);
    snprintf(path, sizeof path, "%s", "1 study; least squares\nINTERRUPTED after 1 of 2 starts: all below is by the best of these,");
    has(page, path);
    ck_assert_msg(strstr(page, "Posterior") == NULL, "%s", page);
    free(page);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- densities ---- */

/* Values are densities by the unit they are written in, whatever the model counts in: normal ones of milligrams, one of
 * them written in micrograms. A limit and a range have probabilities. */
START_TEST(test_units)
{
    static const char *const data[] = {"time (h),quantity,value,sd,unit\n1,mass,1.5,0.5,mg\n2,mass,2.5,0.5,mg\n",
                                       "time (h),quantity,value,sd,unit\n1,mass,1500,500,ug\n2,mass,2.5,0.5,mg\n"};
    for (int i = 0; i < 2; i++) {
        msc_fit *fit = NULL;
        msc_fitted *w = run_fit(LEVEL("range = [0.1, 9.0];"), data[i], &fit);
        const double one = -0.5 * log(2 * M_PI) - log(0.5) - 0.5; /* each is one sd off */
        ck_assert(fit->squares);
        ck_assert_double_eq_tol(w->row_log[0], one - (i == 1 ? log(1000) : 0), 1e-6);
        ck_assert_double_eq_tol(w->row_log[1], one, 1e-6);
        ck_assert_double_eq_tol(w->log, w->row_log[0] + w->row_log[1], 1e-9);
        ck_assert_double_eq_tol(w->start[w->best].optimum.log + w->offset, w->log, 1e-9); /* as the page and the file tell it */
        msc_fitted_free(w);
        msc_fit_free(fit);
    }
    ck_assert_int_eq(msc_likelihood_densities(&(msc_datum){.kind = MSC_DATUM_LEFT, .value = 1}), 0);
    ck_assert_int_eq(msc_likelihood_densities(&(msc_datum){.kind = MSC_DATUM_VALUE, .value = 1, .half = {0.5, 0}}), 0);
    ck_assert_int_eq(msc_likelihood_densities(&(msc_datum){.kind = MSC_DATUM_RANGE, .low = 1, .high = 2, .half = {0.5, 0.5}}), 0);
    ck_assert_int_eq(msc_likelihood_densities(&(msc_datum){.kind = MSC_DATUM_RANGE, .low = 1, .high = 2}), 2);
}
END_TEST

/* ---- over time ---- */

/* Three doses 12 h apart, data at 7 h and 31 h; a switch at 20 h. */
static double gut(double t, bool before)
{
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const double since = t - 12 * i;
        sum += since > 0 || (since == 0 && !before) ? 100 * exp(-0.1 * since) : 0;
    }
    return sum;
}

/* Curves and bands have both sides of doses and of switches, of every study; a study without a stop there has one value. */
START_TEST(test_stops)
{
    const char *section = "starts = 1; profiles = false; data = \"data.csv\"; studies: { a = { }; b = { settings = [\"regimen[0].repeat=1\"]; }; };\n"
                          "observe: { gut = { quantity = \"gut\"; error = { kind = \"additive\"; additive = 1.0; }; }; };\n"
                          "estimate: { level = { vary = \"parameters.level\"; range = [0.1, 9.0]; }; };\n"
                          "sample = { steps = 8; warmup = 0; };";
    char path[128], text[4096];
    msc_error err = {0};
    msc_fit *fit = NULL;
    msc_fitted *w = NULL;
    snprintf(text, sizeof text, "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; repeat = 3; "
             "interval = \"12 h\"; } );\noutput = { until = \"2 day\"; every = \"1 h\"; }; solver = { rtol = 1e-9; }; fit = { %s };", section);
    put_file("fit.cfg", text);
    put_file("data.csv", "study,time (h),quantity,value,sd,unit\na,7,gut,50,5,mg\na,31,gut,200,5,mg\nb,5,gut,60,5,mg\nb,12,gut,30,5,mg\n"
             "a,3,step,1.5,0.5,1\nb,3,shown,2.1,0.5,1\n");
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    ck_assert_msg(msc_fit_read(path, NULL, 0, NULL, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert_msg(msc_fit_run(fit, &(msc_fit_options){.threads = 1}, &w, &err) == MSC_OK, "%s: %s", err.where, err.message);
    size_t sides = 0, doses = 0;
    for (size_t i = 0; i < fit->n_grid; i++) {
        const double t = fit->grid[i];
        ck_assert(i == 0 || t > fit->grid[i - 1] || (t == fit->grid[i - 1] && fit->before[i - 1] && !fit->before[i]));
        ck_assert(!fit->before[i] || (i + 1 < fit->n_grid && fit->grid[i + 1] == t));
        sides += fit->before[i], doses += t == 0 || t == 12 || t == 24;
        for (size_t c = 0; c < w->n_curve; c++) {
            const msc_fit_seen_curve *curve = &w->curve[c];
            const bool a = strncmp(curve->name, "a: ", 3) == 0;
            const double want = strstr(curve->name, "gut") ? (a ? gut(t, fit->before[i]) : 100 * exp(-0.1 * t))
                                : strstr(curve->name, "step") ? (t < 20 || (t == 20 && fit->before[i]) ? 1 : 2) : w->result[0].value;
            ck_assert_msg(fabs(curve->value[i] - want) < 1e-5 * want, "%s at %g: %g, not %g", curve->name, t, curve->value[i], want);
            if (!strstr(curve->name, "shown")) { /* the others do not depend on the estimate: bands have no width */
                ck_assert_double_eq_tol(w->posterior->curve[c].low[i], want, 1e-5 * want);
                ck_assert_double_eq_tol(w->posterior->curve[c].high[i], want, 1e-5 * want);
            }
        }
    }
    ck_assert_uint_eq(sides, 3); /* 12, 20, 24 h; before the start there is nothing */
    ck_assert_uint_eq(doses, 5);
    for (size_t r = 0; r < fit->n_row; r++) { /* a row at a dose is of the time after it, whatever the config says of sides */
        ck_assert(fit->row[r].from->time != 12 || fabs(w->prediction[r] / fit->observe[0].per_unit - 100 * exp(-1.2)) < 1e-3);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- what is made of the file ---- */

/* What the fit has as a pure number does not become a mass; in percent it is the same. */
START_TEST(test_pure_number)
{
    msc_fit *fit = NULL;
    msc_error err = {0};
    msc_scenario *s = NULL;
    char file[128], run[128], text[2048];
    msc_fitted *w = run_fit(LEVEL("range = [0.1, 9.0];"), "time (h),quantity,value,sd,unit\n1,shown,1.5,0.5,1\n2,shown,2.5,0.5,1\n", &fit);
    snprintf(file, sizeof file, "%s/f.h5", folder), snprintf(run, sizeof run, "%s/run.cfg", folder);
    ck_assert(msc_fitted_write(w, file, false, &err) == MSC_OK);
    const double value = w->result[0].value;
    msc_fitted_free(w);
    msc_fit_free(fit);
    put_file("run.cfg", HEAD);
    ck_assert_msg(msc_scenario_read_fit(run, NULL, 0, file, NULL, &s, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert_double_eq(s->model->parameter[msc_model_find_parameter(s->model, "level")].value[0].number, value);
    msc_scenario_free(s);
    snprintf(text, sizeof text, "%s", MODEL);
    memcpy(strstr(text, "unit = \"1\"; value = 2.0;"), "unit = \"g\"", 10);
    strcpy(strstr(text, "shown ="), "};\n"); /* what is made of it would not fit either */
    put_file("model.cfg", text);
    ck_assert_int_eq(msc_scenario_read_fit(run, NULL, 0, file, NULL, &s, &err), MSC_E_CONFIG);
    ck_assert_msg(strstr(err.message, "'level' (parameters.level), which the fit estimated, is not to be had here: ") != NULL, "%s", err.message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page of a fit");
    TCase *tc = tcase_create("page");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, test_lognormal);
    tcase_add_test(tc, test_as_written);
    tcase_add_test(tc, test_interrupted);
    tcase_add_test(tc, test_units);
    tcase_add_test(tc, test_stops);
    tcase_add_test(tc, test_pure_number);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
