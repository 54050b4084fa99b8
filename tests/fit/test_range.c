/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ends of ranges, and priors, in whole fits of what is known in closed form: a quantity of the model that is a parameter. */
#include <mscsim/fit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/fit.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_range_XXXXXX";
static const double DROP = 1.920729, Z = 1.959964;

static const char MODEL[] =
    "parameters: { level = { unit = \"1\"; value = 2.0; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  idle = { unit = \"1\"; value = 0.7; about = \"b\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { plasma = { unit = \"mg\"; about = \"b\"; }; };\n"
    "processes: { clear = { from = \"plasma\"; hazard = \"0.1 1/h\"; fate = \"cleared\"; }; };\n"
    "routes: { vein = { to = \"plasma\"; }; };\n"
    "outputs: { plasma = { }; shown = { unit = \"1\"; value = \"level\"; }; other = { unit = \"1\"; value = \"idle\"; }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"vein\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"1 day\"; every = \"1 h\"; };\n"

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

static msc_fitted *run_fit(const char *estimate, const char *more, msc_fit **fit)
{
    char path[128], text[4096];
    msc_error err = {0};
    msc_fitted *fitted = NULL;
    snprintf(text, sizeof text, HEAD "fit = { data = \"data.csv\"; starts = 4; estimate: { %s }; %s };", estimate, more);
    put_file("fit.cfg", text);
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    ck_assert_msg(msc_fit_read(path, NULL, 0, NULL, fit, &err) == MSC_OK, "%s: %s\n%s", err.where, err.message, text);
    ck_assert_msg(msc_fit_run(*fit, &(msc_fit_options){.threads = 1}, &fitted, &err) == MSC_OK, "%s: %s\n%s", err.where, err.message, text);
    return fitted;
}

static void end_fit(msc_fitted *w, msc_fit *fit)
{
    msc_fitted_free(w);
    msc_fit_free(fit);
}

static char *page_of(const msc_fitted *w)
{
    char *text = NULL;
    size_t n = 0;
    msc_error err = {0};
    FILE *page = open_memstream(&text, &n);
    ck_assert(msc_fitted_summarise(w, page, &err) == MSC_OK);
    ck_assert_int_eq(fclose(page), 0);
    size_t kept = 0;
    for (const char *c = text; *c; c++) { /* on one line, with single blanks */
        const char x = *c == '\n' ? ' ' : *c;
        if (x != ' ' || kept == 0 || text[kept - 1] != ' ') {
            text[kept++] = x;
        }
    }
    text[kept] = '\0';
    return text;
}

static size_t without_value(const msc_fitted *w)
{
    size_t n = 0;
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        n += w->tally.count[i];
    }
    return n;
}

/* ---- ranges ---- */

static const char *const methods[] = {"", "method = \"nlopt\";"};
#define THREE "time (h),quantity,value (1),sd\n1,shown,0.50,0.02\n2,shown,0.52,0.02\n3,shown,0.47,0.02\n"

/* What was measured lies in the lowest thousandth, or millionth, of the range, or just in its highest: the estimate is the mean, its
 * interval 1.96 of its standard error. A crossing is good to a hundredth of the root. */
START_TEST(test_wide)
{
    static const char *const ranges[] = {"[0.0, 1.0]", "[0.0, 1000.0]", "[0.0, 1e7]", "[0.001, 1e6]", "[-5000.0, 0.6]", "[0.4, 1e4]"};
    put_file("data.csv", THREE);
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        char text[256];
        double se, low, high;
        msc_fit *fit = NULL;
        snprintf(text, sizeof text, "x = { vary = \"parameters.level\"; range = %s; start = 0.55; };", ranges[i]);
        msc_fitted *w = run_fit(text, methods[_i], &fit);
        const double mean = 1.49 / 3, error = 0.02 / sqrt(3), x = msc_fitted_value(w, 0, &se, &low, &high);
        ck_assert_msg(msc_fitted_converged(w), "%s", ranges[i]);
        ck_assert_double_eq_tol(x, mean, 1e-3 * error);
        ck_assert_double_eq_tol(se, error, 1e-2 * error);
        ck_assert_double_eq_tol(low, mean - Z * error, 1e-2 * error);
        ck_assert_double_eq_tol(high, mean + Z * error, 1e-2 * error);
        ck_assert_int_eq(w->result[0].at_end, 0);
        ck_assert(w->profile[0].data_low && w->profile[0].data_high);
        ck_assert_uint_eq(without_value(w), 0);
        end_fit(w, fit);
    }
}
END_TEST

/* The mean m lies outside: the best is the end, and the interval goes from there to where n ((x - m)^2 - (end - m)^2) / (2 s^2) is the
 * drop. Nothing is refused on the way, and that is an optimum. */
START_TEST(test_at_end)
{
    static const struct {
        const char *range;
        int side;
        double end;
        const char *says;
    } cases[] = {{"[0.51, 4.0]", -1, 0.51, "x: lies at the lower end of its range, 0.510: any value from 0.510 to 0.523 fits. Widen it"},
                 {"[0.51, 4e5]", -1, 0.51, "x: lies at the lower end of its range, 0.510: any value from 0.510 to 0.523 fits. Widen it"},
                 {"[0.0, 0.48]", 1, 0.48, "x: lies at the upper end of its range, 0.480: any value from 0.469 to 0.480 fits. Widen it"},
                 {"[-3.0, 0.48]", 1, 0.48, "x: lies at the upper end of its range, 0.480: any value from 0.469 to 0.480 fits. Widen it"}};
    put_file("data.csv", THREE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        double se, low, high;
        msc_fit *fit = NULL;
        snprintf(text, sizeof text, "x = { vary = \"parameters.level\"; range = %s; };", cases[i].range);
        msc_fitted *w = run_fit(text, methods[_i], &fit);
        const double m = 1.49 / 3, end = cases[i].end, x = msc_fitted_value(w, 0, &se, &low, &high);
        const double far = sqrt((end - m) * (end - m) + 2 * DROP * 0.0004 / 3);
        ck_assert_double_eq_tol(x, end, 1e-6 * 4);
        ck_assert_msg(msc_fitted_converged(w), "%s", cases[i].range);
        for (size_t s = 0; s < w->n_start; s++) {
            ck_assert_int_eq(w->start[s].optimum.end, MSC_OPTIMUM_FOUND);
        }
        ck_assert(isnan(se) && isnan(cases[i].side < 0 ? low : high));
        ck_assert_double_eq_tol(cases[i].side < 0 ? high : low, m - cases[i].side * far, 1e-4);
        ck_assert_int_eq(w->result[0].at_end, cases[i].side);
        ck_assert_uint_eq(without_value(w), 0);
        char *page = page_of(w);
        ck_assert_msg(strstr(page, cases[i].says), "%s", page);
        free(page);
        end_fit(w, fit);
        w = run_fit(text, "profiles = false;", &fit);
        page = page_of(w);
        ck_assert_msg(strstr(page, ": the best is there or beyond. Widen it"), "%s", page);
        free(page);
        end_fit(w, fit);
    }
}
END_TEST

/* The best is 0, where the range begins: an optimum without any slope. And of the same data in a prior's range. */
START_TEST(test_at_zero)
{
    put_file("data.csv", "time (h),quantity,value (1),sd\n1,shown,0.1,0.05\n2,shown,-0.1,0.05\n");
    double high;
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("x = { vary = \"parameters.level\"; range = [0.0, 4.0]; };", methods[_i], &fit);
    ck_assert(fabs(msc_fitted_value(w, 0, NULL, NULL, &high)) < 1e-4);
    ck_assert(msc_fitted_converged(w));
    ck_assert_int_eq(w->result[0].at_end, -1);
    ck_assert_double_eq_tol(high, Z * 0.05 / sqrt(2), 1e-3);
    end_fit(w, fit);
    w = run_fit("x = { vary = \"parameters.level\"; prior = { distribution = \"uniform\"; from = 0.0; to = 4.0; }; };", methods[_i], &fit);
    char *page = page_of(w);
    ck_assert_msg(strstr(page, "x: lies at the lower end of its prior, 0: any value from 0 to 0.069"), "%s", page);
    free(page);
    end_fit(w, fit);
}
END_TEST

START_TEST(test_scales)
{
    static const struct {
        const char *is;
        msc_fit_scale scale;
    } cases[] = {{"range = [0.1, 9.9];", MSC_FIT_LOGIT},
                 {"range = [0.1, 10.1];", MSC_FIT_LOGLOGIT},
                 {"range = [0.0, 1e4];", MSC_FIT_LOGIT},
                 {"range = [-1.0, 1e4];", MSC_FIT_LOGIT},
                 {"range = [0.1, 1e4]; scale = \"logit\";", MSC_FIT_LOGIT},
                 {"range = [0.1, 3.0]; prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; };", MSC_FIT_LOGLOGIT},
                 {"prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; above = 0.1; below = 2.0; };", MSC_FIT_LOGLOGIT},
                 {"prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; below = 2.0; };", MSC_FIT_LOGIT},
                 {"prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; };", MSC_FIT_LOG},
                 {"prior = { distribution = \"loguniform\"; from = 0.1; to = 1.0; };", MSC_FIT_LOGLOGIT},
                 {"prior = { distribution = \"gamma\"; shape = 4.0; scale = 0.2; above = 0.1; below = 3.0; };", MSC_FIT_LOGLOGIT},
                 {"prior = { distribution = \"uniform\"; from = 0.1; to = 1.0; };", MSC_FIT_LOGIT},
                 {"prior = { distribution = \"normal\"; mean = 0.5; sd = 1.0; };", MSC_FIT_LINEAR}};
    put_file("data.csv", THREE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        msc_fit *fit = NULL;
        snprintf(text, sizeof text, "x = { vary = \"parameters.level\"; %s };", cases[i].is);
        msc_fitted *w = run_fit(text, "profiles = false;", &fit);
        ck_assert_msg(fit->estimate[0].scale == cases[i].scale, "%s", cases[i].is);
        end_fit(w, fit);
    }
}
END_TEST

/* ---- priors ---- */

/* Nothing is seen of it: it stays where its prior is most probable on the prior's own scale, and all of the prior's spread is left,
 * whatever cuts it and whatever scale it is searched on. A crossing is good to a hundredth of the root. */
START_TEST(test_untold)
{
    static const struct {
        const char *is;
        double best; /* NaN: flat */
    } cases[] = {{"prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.5; };", 0.5},
                 {"range = [0.001, 100.0]; prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.5; };", 0.5},
                 {"range = [0.3, 100.0]; prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; };", 0.5},
                 {"range = [0.3, 100.0]; scale = \"logit\"; prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; };", 0.5},
                 {"prior = { distribution = \"lognormal\"; median = 0.5; sd_log = 1.0; below = 1000.0; };", 0.5},
                 {"range = [0.05, 0.98]; prior = { distribution = \"logitnormal\"; low = 0.0; high = 1.0; median = 0.75; sd_logit = 1.8; };", 0.75},
                 {"prior = { distribution = \"normal\"; mean = 0.5; sd = 1.0; };", 0.5},
                 {"range = [0.0, 9.0]; prior = { distribution = \"normal\"; mean = 0.5; sd = 1.0; };", 0.5},
                 {"prior = { distribution = \"gamma\"; shape = 4.0; scale = 0.2; };", 0.6},
                 {"prior = { distribution = \"beta\"; a = 2.0; b = 4.0; };", 0.25},
                 {"prior = { distribution = \"triangular\"; low = 0.0; mode = 0.4; high = 2.0; };", 0.4},
                 {"prior = { distribution = \"uniform\"; from = 0.1; to = 2.0; };", NAN},
                 {"prior = { distribution = \"loguniform\"; from = 0.1; to = 200.0; };", NAN}};
    put_file("data.csv", THREE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        msc_fit *fit = NULL;
        snprintf(text, sizeof text, "x = { vary = \"parameters.level\"; range = [0.0, 1.0]; }; y = { vary = \"parameters.idle\"; %s };", cases[i].is);
        msc_fitted *w = run_fit(text, methods[_i], &fit);
        const msc_fit_estimate *e = &fit->estimate[1];
        const msc_fit_profile *p = &w->profile[1];
        const double low = msc_fit_shown_of(e, p->low), high = msc_fit_shown_of(e, p->high), left = msc_fit_share_left(e, low, high, false);
        ck_assert_msg(isnan(cases[i].best) || fabs(w->result[1].value - cases[i].best) < 2e-3, "%s: %g", cases[i].is, w->result[1].value);
        ck_assert_msg(left > 0.985 && left < 1.005, "%s: %g", cases[i].is, left);
        ck_assert_msg(!p->data_low && !p->data_high, "%s", cases[i].is);
        end_fit(w, fit);
    }
}
END_TEST

/* A lognormal prior and lognormal errors: the posterior of the logarithm is normal, with precisions and what they weigh added up. And
 * of 95 % of the prior what 95 % of that are. */
START_TEST(test_conjugate)
{
    put_file("data.csv", "time (h),quantity,value (1)\n1,shown,0.30\n2,shown,0.42\n3,shown,0.25\n");
    double se, low, high;
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("x = { vary = \"parameters.level\"; prior = { distribution = \"lognormal\"; median = 2.0; sd_log = 0.5; }; };",
                            "observe: { shown = { quantity = \"shown\"; error = { kind = \"lognormal\"; proportional = 0.4; }; }; };", &fit);
    const double prior = 1 / 0.25, each = 1 / 0.16, sum = prior + 3 * each;
    const double mean = (prior * log(2) + each * (log(0.30) + log(0.42) + log(0.25))) / sum, sd = 1 / sqrt(sum);
    const double x = msc_fitted_value(w, 0, &se, &low, &high);
    ck_assert_double_eq_tol(log(x), mean, 1e-3 * sd);
    ck_assert_double_eq_tol(se, x * sd, 1e-3 * x * sd);
    ck_assert_double_eq_tol(log(low), mean - Z * sd, 1e-2 * sd);
    ck_assert_double_eq_tol(log(high), mean + Z * sd, 1e-2 * sd);
    ck_assert_double_eq_tol(w->result[0].narrowed, sd / 0.5, 1e-3);
    ck_assert_double_eq_tol(msc_fit_share_left(&fit->estimate[0], exp(mean - Z * sd), exp(mean + Z * sd), true), sd / 0.5, 1e-6);
    end_fit(w, fit);
}
END_TEST

/* With a posterior that can be trusted sentences are of its interval, and say so. At an end of 0 with errors of 0.05 / sqrt(2) it is a
 * half-normal: from its 1.25th to its 98.75th quantile of the whole one's upper half, 0.031 and 2.24 of them. Draws tell that to some
 * percent. */
START_TEST(test_posterior_speaks)
{
    put_file("data.csv", "time (h),quantity,value (1),sd\n1,shown,0.1,0.05\n2,shown,-0.1,0.05\n");
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("x = { vary = \"parameters.level\"; range = [0.0, 4.0]; };", "sample = { steps = 4000; };", &fit);
    char *page = page_of(w), *says = strstr(page, "x: lies at the lower end of its range, 0: any value from ");
    ck_assert_msg(says && strstr(page, "What the data tell (The intervals here are the posterior's, 95 % of its draws;"), "%s", page);
    ck_assert_msg(strstr(page, "the posterior's are to be preferred."), "%s", page);
    double low = NAN, high = NAN;
    ck_assert_int_eq(sscanf(strstr(says, "from ") + 5, "%lf to %lf", &low, &high), 2);
    ck_assert_double_eq_tol(low / (0.0313 * 0.05 / sqrt(2)), 1, 0.3);
    ck_assert_double_eq_tol(high / (2.2414 * 0.05 / sqrt(2)), 1, 0.05);
    free(page);
    end_fit(w, fit);
}
END_TEST

/* Densities on their own scales are whole ones: they integrate to one over that scale, and their slopes are those of differences. */
START_TEST(test_own_scales)
{
    const msc_distribution cases[] = {
        {.kind = MSC_LOGNORMAL, .first = 0.5, .second = 0.8, .low = 0, .high = INFINITY, .start = 0, .end = INFINITY, .mass = 1, .q_low = 1, .p_high = 1},
        {.kind = MSC_LOGITNORMAL, .first = 3, .second = 1.2, .low = 1, .high = 5, .start = 1, .end = 5, .mass = 1, .q_low = 1, .p_high = 1},
        {.kind = MSC_LOGUNIFORM, .low = 0.1, .high = 20, .start = 0.1, .end = 20, .mass = 1, .q_low = 1, .p_high = 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const msc_distribution *d = &cases[i];
        double sum = 0, slope, none;
        for (double y = -12; y < 12; y += 1e-3) {
            const double x = d->kind == MSC_LOGITNORMAL ? d->start + (d->end - d->start) / (1 + exp(-y)) : exp(y), h = 1e-6 * (x - d->start);
            const double log = msc_fit_prior_at(d, x, &slope);
            sum += isfinite(log) ? exp(log) * 1e-3 : 0;
            if (isfinite(log) && fabs(y) < 2) {
                const double up = msc_fit_prior_at(d, x + h, &none), down = msc_fit_prior_at(d, x - h, &none);
                ck_assert_double_eq_tol(slope, (up - down) / (2 * h), 1e-5 * (1 + fabs(slope)));
            }
        }
        ck_assert_double_eq_tol(sum, 1, 1e-3);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range");
    TCase *tests = tcase_create("range");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_wide, 0, 2);
    tcase_add_loop_test(tests, test_at_end, 0, 2);
    tcase_add_loop_test(tests, test_at_zero, 0, 2);
    tcase_add_test(tests, test_scales);
    tcase_add_loop_test(tests, test_untold, 0, 2);
    tcase_add_test(tests, test_conjugate);
    tcase_add_test(tests, test_posterior_speaks);
    tcase_add_test(tests, test_own_scales);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
