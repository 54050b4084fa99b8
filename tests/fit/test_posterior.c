/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Posteriors of fits against closed forms and quadrature; interrupted, gone on with, on any number of threads; scenarios
 * and sweeps from their files. Seeds are fixed: a test fails always or never. */
#include <mscsim/fit.h>
#include <mscsim/sweep.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/dataset.h"
#include "fit/posterior.h"
#include "sweep/sweep.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_posterior_XXXXXX";
enum { TIMES = 12 };
static const double TAKEN = 0.7, CLEARED = 0.15, DOSE = 100; /* 1/h, 1/h, mg */
static const double NOISE[TIMES] = {0.31, -1.20, 0.85, 0.12, -0.44, 1.51, -0.77, 0.05, -1.02, 0.93, 0.38, -0.61};

static const char MODEL[] =
    "parameters: { taken = { unit = \"1/h\"; value = 1.0; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  cleared = { unit = \"1/h\"; value = 0.2; about = \"b\"; source = \"assumed: a test\"; };\n"
    "  level = { unit = \"1\"; value = 0.5; about = \"c\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; plasma = { unit = \"mg\"; about = \"b\"; }; };\n"
    "processes: { take = { from = \"gut\"; to = \"plasma\"; hazard = \"taken\"; };\n"
    "  clear = { from = \"plasma\"; hazard = \"cleared\"; fate = \"cleared_fate\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; };\n"
    "checks: { low = { that = \"level < 9.0\"; }; };\n"
    "outputs: { gut = { }; plasma = { }; shown = { unit = \"1\"; value = \"level\"; }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; }; solver = { rtol = 1e-7; };\n"
#define LEVEL HEAD "fit = { data = \"level.csv\"; starts = 2; estimate: { level = { vary = \"parameters.level\"; %s }; };\n" \
                   "sample = { %s }; };"
#define NORMAL "prior = { distribution = \"normal\"; mean = 0.0; sd = 2.0; };"
#define RATES HEAD "fit = { data = \"plasma.csv\"; starts = 3; estimate: {\n" \
                   "taken = { vary = \"parameters.taken\"; range = [0.3, 2.0]; scale = \"log\"; };\n" \
                   "cleared = { vary = \"parameters.cleared\"; %s }; }; sample = { %s }; };"

/* ---- files ---- */

static const char *path_of(const char *name)
{
    static char path[4][256];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static bool there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

static bool same_bytes(const char *a, const char *b)
{
    char command[600];
    snprintf(command, sizeof command, "cmp -s %s %s", path_of(a), path_of(b));
    return system(command) == 0;
}

static double plasma(double taken, double cleared, double t)
{
    return DOSE * taken / (taken - cleared) * (exp(-cleared * t) - exp(-taken * t));
}

static double time_of(int i)
{
    return 0.5 + 2.0 * i;
}

static double observed(int i)
{
    return plasma(TAKEN, CLEARED, time_of(i)) * (1 + 0.05 * NOISE[i]);
}

static void set_up(void)
{
    char text[4096] = "time (h),quantity,value,sd,unit\n";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put_file("model.cfg", MODEL);
    put_file("level.csv", "time (h),quantity,value,sd,unit\n1,shown,1.2,1,1\n2,shown,0.4,1,1\n3,shown,2.1,1,1\n4,shown,1.7,1,1\n5,shown,0.9,1,1\n");
    for (int i = 0; i < TIMES; i++) {
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%.17g,plasma,%.17g,%.17g,mg\n", time_of(i), observed(i), 0.05 * plasma(TAKEN, CLEARED, time_of(i)));
    }
    put_file("plasma.csv", text);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* ---- fits ---- */

static msc_fit *read_fit(const char *form, const char *first, const char *sample)
{
    char text[2048];
    msc_fit *fit = NULL;
    msc_error err = {0};
    snprintf(text, sizeof text, form, first, sample);
    put_file("fit.cfg", text);
    ck_assert_msg(msc_fit_read(path_of("fit.cfg"), NULL, 0, NULL, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return fit;
}

static msc_fitted *run_fit(const msc_fit *fit, const msc_fit_options *options)
{
    msc_fitted *w = NULL;
    msc_error err = {0};
    ck_assert_msg(msc_fit_run(fit, options, &w, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return w;
}

/* A mean within 4.5 of its standard errors (one in 1.5e5), an sd within 4.5 of its own, sd / sqrt(2 ess) for what is
 * about normal; and draws that are worth something, else that would be no test. */
static void check_moments(const msc_fitted *w, size_t k, double mean, double sd)
{
    msc_drawn d;
    ck_assert(msc_fitted_drawn(w, k, &d));
    ck_assert_msg(d.ess > 400, "ess %g", d.ess);
    ck_assert_msg(d.r_hat < 1.01, "r_hat %g", d.r_hat);
    ck_assert_msg(fabs(d.mean - mean) < 4.5 * sd / sqrt(d.ess), "%zu: mean %g, not %g (ess %g)", k, d.mean, mean, d.ess);
    ck_assert_msg(fabs(d.sd - sd) < 4.5 * sd / sqrt(2 * d.ess), "%zu: sd %g, not %g (ess %g)", k, d.sd, sd, d.ess);
}

/* Five data of sd 1, prior N(0, 2^2): precision 1/4 + 5, mean = sum / precision. Ends of the interval: a quantile q has the
 * standard error sqrt(p (1 - p) / ess) / density(q), 2.67 sd / sqrt(ess) at 2.5 %. What is predicted is the level itself, a
 * new datum has the variance 1 more; bands are of 1000 draws. */
static void check_conjugate(const char *sample)
{
    const double mean = 6.3 / 5.25, sd = sqrt(1 / 5.25);
    msc_fit *fit = read_fit(LEVEL, NORMAL, sample);
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    msc_drawn d;
    check_moments(w, 0, mean, sd);
    ck_assert(msc_fitted_drawn(w, 0, &d) && !msc_fitted_drawn(w, 1, &d));
    const double rough = 4.5 * 2.67 * sd / sqrt(d.ess);
    ck_assert_double_eq_tol(d.low, mean - 1.959964 * sd, rough);
    ck_assert_double_eq_tol(d.high, mean + 1.959964 * sd, rough);
    ck_assert_double_eq_tol(d.median, mean, 4.5 * 1.2533 * sd / sqrt(d.ess));
    ck_assert(msc_fitted_agreed(w));
    const msc_posterior *p = w->posterior;
    ck_assert_uint_eq(p->n_band, 1000);
    const double wide = sqrt(sd * sd + 1);
    for (size_t i = 0; i < 5; i++) { /* the independent ones of 1000: not fewer than these of all */
        ck_assert_double_eq_tol(p->row[0][i], mean - 1.959964 * sd, 4.5 * 2.67 * sd / sqrt(fmin(d.ess, 1000)));
        ck_assert_double_eq_tol(p->row[1][i], mean, 4.5 * 1.2533 * sd / sqrt(fmin(d.ess, 1000)));
        ck_assert_double_eq_tol(p->row[2][i], mean + 1.959964 * sd, 4.5 * 2.67 * sd / sqrt(fmin(d.ess, 1000)));
        ck_assert_double_eq_tol(p->row[3][i], mean - 1.959964 * wide, 4.5 * 2.67 * wide / sqrt(1000.0));
        ck_assert_double_eq_tol(p->row[4][i], mean + 1.959964 * wide, 4.5 * 2.67 * wide / sqrt(1000.0));
    }
    for (size_t i = 0; i < fit->n_grid; i++) { /* it does not change in time */
        ck_assert_double_eq_tol(p->curve[0].median[i], p->row[1][0], 1e-12);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}

START_TEST(test_conjugate)
{
    check_conjugate("steps = 2000;");
    check_conjugate("steps = 3000; method = \"demcz\"; ensembles = 5; walkers = 9; warmup = 500; thin = 3;");
}
END_TEST

/* Ensembles that all begin alike, and are large, soon agree: that says nothing. */
START_TEST(test_too_short)
{
    msc_fit *fit = read_fit(LEVEL, NORMAL, "steps = 60; walkers = 1000;");
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    msc_drawn d;
    ck_assert(msc_fitted_drawn(w, 0, &d));
    ck_assert_msg(d.r_hat < 1.01 && d.ess > 400, "R-hat %g, %g draws: it is seen by these", d.r_hat, d.ess);
    ck_assert_msg(d.tau > 1, "tau %g", d.tau);
    ck_assert(!msc_fitted_agreed(w));
    const char *doubt = msc_posterior_doubt(w->arena, w);
    ck_assert_msg(doubt && strstr(doubt, "not converged: a walker forgets where it was in") && strstr(doubt, "(level), but the warm-up is 30"),
                  "%s", doubt);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* Above 2 the model's check stops it: such points have no value, and the posterior is the normal cut there. The range goes
 * further; without a prior all of it is equally probable beforehand. */
START_TEST(test_refused_points)
{
    char text[2048];
    snprintf(text, sizeof text, "%s", MODEL);
    *strstr(text, "9.0") = '2';
    put_file("model.cfg", text);
    msc_fit *fit = read_fit(LEVEL, "range = [-3.0, 6.0];", "steps = 4000;");
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    const double mean = 1.26, sd = sqrt(0.2), b = (2 - mean) / sd;
    const double share = 0.5 * erfc(-b / sqrt(2)), hazard = exp(-b * b / 2) / sqrt(2 * M_PI) / share;
    check_moments(w, 0, mean - sd * hazard, sd * sqrt(1 - b * hazard - hazard * hazard));
    ck_assert_uint_gt(w->posterior->refused, 1000);
    ck_assert_uint_lt(w->posterior->refused, w->posterior->proposed);
    for (size_t i = 0; i < w->posterior->n_draw * 64; i++) {
        ck_assert(w->posterior->draw[i] < 2);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* The posterior is that of values, on whatever scale it is walked: by quadrature, where the two are far apart. */
static const struct {
    const char *estimate;
    double low, high;
    bool lognormal;
} scales[] = {
    {"prior = { distribution = \"lognormal\"; median = 1.0; sd_log = 0.8; };", 1e-6, 8, true},
    {"range = [0.2, 2.5];", 0.2, 2.5, false},
    {"range = [0.2, 2.5]; scale = \"log\";", 0.2, 2.5, false},
};

START_TEST(test_scales)
{
    enum { N = 100000 };
    double sum = 0, first = 0, second = 0;
    for (int i = 0; i < N; i++) {
        const double x = scales[_i].low + (scales[_i].high - scales[_i].low) * (i + 0.5) / N;
        const double prior = scales[_i].lognormal ? exp(-log(x) * log(x) / (2 * 0.64)) / x : 1, p = prior * exp(-2.5 * (x - 1.26) * (x - 1.26));
        sum += p, first += p * x, second += p * x * x;
    }
    msc_fit *fit = read_fit(LEVEL, scales[_i].estimate, "steps = 2000;");
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    check_moments(w, 0, first / sum, sqrt(second / sum - first / sum * first / sum));
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* The posterior of both rates by quadrature, flat in taken; in cleared as its prior, or flat. */
static void check_rates(const char *cleared, bool lognormal)
{
    enum { N = 600 };
    const double low[2] = {0.45, 0.11}, high[2] = {1.05, 0.19};
    double sum = 0, first[2] = {0}, second[2] = {0};
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            const double a = low[0] + (high[0] - low[0]) * (i + 0.5) / N, b = low[1] + (high[1] - low[1]) * (j + 0.5) / N;
            double log_density = 0;
            for (int k = 0; k < TIMES; k++) {
                const double off = (observed(k) - plasma(a, b, time_of(k))) / (0.05 * plasma(TAKEN, CLEARED, time_of(k)));
                log_density -= off * off / 2;
            }
            log_density -= lognormal ? log(b) + log(b / 0.16) * log(b / 0.16) / (2 * 0.02 * 0.02) : 0;
            const double p = exp(log_density);
            sum += p;
            first[0] += p * a, second[0] += p * a * a, first[1] += p * b, second[1] += p * b * b;
        }
    }
    msc_fit *fit = read_fit(RATES, cleared, "steps = 3000; walkers = 10; ensembles = 6;");
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    for (size_t k = 0; k < 2; k++) {
        check_moments(w, k, first[k] / sum, sqrt(second[k] / sum - first[k] / sum * first[k] / sum));
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}

START_TEST(test_compartment)
{
    check_rates("range = [0.01, 0.28];", false);
    check_rates("prior = { distribution = \"lognormal\"; median = 0.16; sd_log = 0.02; };", true);
}
END_TEST

/* ---- the same bytes ---- */

#define SHORT "steps = 40; thin = 2;"

static void write_file(msc_fitted *w, const char *name, bool force)
{
    msc_error err = {0};
    ck_assert_msg(msc_fitted_write(w, path_of(name), force, &err) == MSC_OK, "%s", err.message);
}

START_TEST(test_threads)
{
    static const unsigned threads[] = {1, 2, 8};
    static const char *const name[] = {"1.h5", "2.h5", "8.h5"};
    const char *sample[] = {SHORT, SHORT " method = \"demcz\";"};
    for (int method = 0; method < 2; method++) {
        msc_fit *fit = read_fit(RATES, "range = [0.01, 0.28];", sample[method]);
        for (int i = 0; i < 3; i++) {
            msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = threads[i]});
            write_file(w, name[i], true);
            msc_fitted_free(w);
            ck_assert(same_bytes(name[0], name[i]));
        }
        msc_fit_free(fit);
    }
}
END_TEST

typedef struct {
    size_t at;
    volatile int stop;
    size_t last;
} stopping;

static void stop_at(void *context, const char *what, size_t done, size_t n, double best)
{
    stopping *s = context;
    ck_assert(done <= n && isfinite(best));
    if (strcmp(what, "steps of the posterior") == 0) {
        s->last = done;
        s->stop = done == s->at;
    }
}

static msc_fitted *run_to(const msc_fit *fit, const char *name, size_t at, bool force, bool resume, size_t *last)
{
    stopping s = {.at = at};
    char file[256];
    snprintf(file, sizeof file, "%s", path_of(name));
    const msc_fit_options options = {.threads = 2, .stop = &s.stop, .progress = stop_at, .context = &s, .file = file, .force = force,
                                     .resume = resume};
    msc_fitted *w = run_fit(fit, &options);
    *last = s.last;
    return w;
}

static void check_refused_run(const msc_fit *fit, const char *name, bool force, bool resume, msc_status status, const char *words)
{
    char file[256];
    msc_fitted *w = NULL;
    msc_error err = {0};
    snprintf(file, sizeof file, "%s", path_of(name));
    const msc_fit_options options = {.threads = 1, .file = file, .force = force, .resume = resume};
    ck_assert_int_eq(msc_fit_run(fit, &options, &w, &err), status);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_ptr_null(w);
}

/* Stopped twice and gone on with: the bytes of a run that nothing disturbed; and the journal is gone. */
START_TEST(test_resumed)
{
    const char *sample[] = {SHORT, SHORT " method = \"demcz\";"};
    const char *sample_now = sample[_i];
    size_t last = 0, wanted = 0;
    msc_fit *fit = read_fit(RATES, "range = [0.01, 0.28];", sample_now);
    msc_fitted *w = run_to(fit, "whole.h5", 0, true, false, &last);
    ck_assert_uint_eq(last, 40);
    write_file(w, "whole.h5", true);
    msc_fitted_free(w);
    ck_assert(!there("whole.h5.draws.part"));

    w = run_to(fit, "a.h5", 13, false, false, &last);
    ck_assert_uint_eq(msc_fitted_steps(w, &wanted), 13);
    ck_assert_uint_eq(wanted, 40);
    ck_assert_uint_eq(w->posterior->left_out, 6); /* half of what there is */
    check_refused_run(fit, "a.h5", false, true, MSC_E_BUSY, "in use");
    ck_assert(!msc_fitted_complete(w));
    write_file(w, "part.h5", false); /* what there is: another file, and the journals stay */
    msc_fitted_free(w);
    ck_assert(there("a.h5.draws.part") && there("a.h5.part"));

    check_refused_run(fit, "a.h5", false, false, MSC_E_CANTCREAT, "a.h5");
    const uint64_t seed = 2;
    msc_fit *other = NULL;
    msc_error err = {0};
    ck_assert(msc_fit_read(path_of("fit.cfg"), NULL, 0, &seed, &other, &err) == MSC_OK);
    check_refused_run(other, "a.h5", false, true, MSC_E_DATA, "the seed");
    msc_fit_free(other);

    w = run_to(fit, "a.h5", 29, false, true, &last);
    ck_assert_uint_eq(msc_fitted_steps(w, NULL), 29);
    msc_fitted_free(w);
    w = run_to(fit, "a.h5", 0, false, true, &last);
    write_file(w, "a.h5", true);
    msc_fitted_free(w);
    ck_assert(same_bytes("a.h5", "whole.h5") && !there("a.h5.draws.part") && !there("a.h5.part"));

    put_file("plasma.csv", "time (h),quantity,value,sd,unit\n1,plasma,30,2,mg\n2,plasma,40,2,mg\n");
    msc_fit_free(fit);
    fit = read_fit(RATES, "range = [0.01, 0.28];", sample_now);
    w = run_to(fit, "b.h5", 5, false, false, &last);
    msc_fitted_free(w);
    put_file("plasma.csv", "time (h),quantity,value,sd,unit\n1,plasma,31,2,mg\n2,plasma,40,2,mg\n");
    msc_fit_free(fit);
    fit = read_fit(RATES, "range = [0.01, 0.28];", sample_now);
    check_refused_run(fit, "b.h5", false, true, MSC_E_DATA, "plasma.csv");
    msc_fit_free(fit);
}
END_TEST

/* Too few steps to tell anything are no posterior, in words. */
START_TEST(test_barely_begun)
{
    char text[8192] = "";
    size_t last = 0;
    msc_drawn d;
    msc_error err = {0};
    msc_fit *fit = read_fit(RATES, "range = [0.01, 0.28];", SHORT);
    msc_fitted *w = run_to(fit, "a.h5", 3, false, false, &last);
    ck_assert(!msc_fitted_drawn(w, 0, &d) && msc_fitted_agreed(w));
    FILE *page = fmemopen(text, sizeof text, "w");
    ck_assert(msc_fitted_summarise(w, page, &err) == MSC_OK);
    ck_assert_int_eq(fclose(page), 0);
    ck_assert_msg(strstr(text, "Interrupted after 3 of 40 steps: too few to tell anything."), "%s", text);
    write_file(w, "a.h5", false);
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* ---- scenarios and sweeps ---- */

static void make_posterior(const char *form, const char *first, const char *name)
{
    msc_fit *fit = read_fit(form, first, SHORT);
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 2});
    write_file(w, name, true);
    msc_fitted_free(w);
    msc_fit_free(fit);
}

static double parameter_of(const msc_scenario *s, const char *name)
{
    const int k = msc_model_find_parameter(s->model, name);
    ck_assert_int_ge(k, 0);
    return s->model->parameter[k].value[0].number; /* inner units: 1/h */
}

static void check_run_refused(const char *fit, const char *study, msc_status status, const char *where, const char *words)
{
    msc_scenario *s = NULL;
    msc_error err = {0};
    char config[256], file[256];
    snprintf(config, sizeof config, "%s", path_of("run.cfg"));
    snprintf(file, sizeof file, "%s", path_of(fit));
    const msc_status got = msc_scenario_read_fit(config, NULL, 0, file, study, &s, &err);
    ck_assert_msg(got == status, "%d: %s: %s", got, err.where, err.message);
    ck_assert_msg(strstr(err.where, where) != NULL, "%s: %s", err.where, err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
}

/* Another scenario, of a model that counts the rate by the day, with the values of the fit to the last bit of the unit. */
START_TEST(test_run_from)
{
    make_posterior(RATES, "range = [0.01, 0.28];", "f.h5");
    msc_dataset *set = NULL;
    msc_scenario *s = NULL;
    msc_error err = {0};
    ck_assert(msc_store_read(path_of("f.h5"), &set, &err) == MSC_OK);
    const double *value = msc_dataset_array(set, "value")->real;
    put_file("run.cfg", HEAD);
    ck_assert_msg(msc_scenario_read_fit(path_of("run.cfg"), NULL, 0, path_of("f.h5"), NULL, &s, &err) == MSC_OK, "%s", err.message);
    ck_assert_double_eq(parameter_of(s, "taken"), value[0]);
    ck_assert_double_eq(parameter_of(s, "cleared"), value[1]);
    msc_scenario_free(s);

    const char *settings[] = {"parameters.taken=0.4"}; /* the user has the last word */
    ck_assert(msc_scenario_read_fit(path_of("run.cfg"), settings, 1, path_of("f.h5"), NULL, &s, &err) == MSC_OK);
    ck_assert_double_eq(parameter_of(s, "taken"), 0.4);
    ck_assert_double_eq(parameter_of(s, "cleared"), value[1]);
    msc_scenario_free(s);
    settings[0] = "parameters.takne=0.4";
    ck_assert_int_eq(msc_scenario_read_fit(path_of("run.cfg"), settings, 1, path_of("f.h5"), NULL, &s, &err), MSC_E_CONFIG);
    ck_assert_msg(strncmp(err.where, "--set #1", 8) == 0, "%s", err.where);

    char text[2048], *at;
    snprintf(text, sizeof text, "%s", MODEL);
    at = strstr(text, "\"1/h\"");
    memcpy(at, "\"1/d\"", 5);
    put_file("model.cfg", text);
    ck_assert_msg(msc_scenario_read_fit(path_of("run.cfg"), NULL, 0, path_of("f.h5"), NULL, &s, &err) == MSC_OK, "%s", err.message);
    ck_assert_double_eq_tol(parameter_of(s, "taken") / value[0], 1, 1e-15);
    msc_scenario_free(s);
    memcpy(at, "\"1/m\"", 5);
    put_file("model.cfg", text);
    check_run_refused("f.h5", NULL, MSC_E_CONFIG, "", "1/m");
    at = strstr(text, "taken = ");
    memcpy(at, "eaten", 5);
    memcpy(strstr(text, "\"1/m\""), "\"1/h\"", 5);
    memcpy(strstr(text, "\"taken\""), "\"eaten\"", 7);
    put_file("model.cfg", text);
    check_run_refused("f.h5", NULL, MSC_E_CONFIG, "f.h5", "'taken' (parameters.taken), which the fit estimated, is not to be had here: ");
    check_run_refused("none.h5", NULL, MSC_E_NOINPUT, "", "none.h5");
    check_run_refused("plasma.csv", NULL, MSC_E_DATA, "", "plasma.csv");
    check_run_refused("f.h5", "mice", MSC_E_USAGE, "", "has no study 'mice'");
    msc_dataset_free(set);
}
END_TEST

/* Two studies, of which each has its own rate. */
START_TEST(test_run_from_studies)
{
    put_file("first.cfg", HEAD);
    put_file("second.cfg", "# the other\n" HEAD);
    put_file("both.csv", "study,time (h),quantity,value,sd,unit\none,1,plasma,40,4,mg\none,3,plasma,60,4,mg\n"
                         "two,1,plasma,30,4,mg\ntwo,3,plasma,50,4,mg\n");
    make_posterior(HEAD "fit = { data = \"both.csv\"; starts = 2; studies: { one = { scenario = \"first.cfg\"; }; two = { scenario = "
                        "\"second.cfg\"; }; }; estimate: { a = { vary = \"parameters.taken\"; study = \"one\"; range = [0.3, 2.0]; };\n"
                        "b = { vary = \"parameters.taken\"; study = \"two\"; range = [0.2, 2.0]; };\n"
                        "c = { vary = \"parameters.cleared\"; range = [0.01, 0.19]; }; %s }; sample = { %s }; };",
                   "", "f.h5");
    msc_dataset *set = NULL;
    msc_error err = {0};
    ck_assert(msc_store_read(path_of("f.h5"), &set, &err) == MSC_OK);
    const double *value = msc_dataset_array(set, "value")->real;
    ck_assert(fabs(value[0] - value[1]) > 0.01);
    static const struct {
        const char *config, *study;
        int which;
    } tried[] = {{"first.cfg", NULL, 0}, {"second.cfg", NULL, 1}, {"second.cfg", "one", 0}, {"run.cfg", "two", 1}};
    put_file("run.cfg", "# neither\n" HEAD);
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        msc_scenario *s = NULL;
        ck_assert_msg(msc_scenario_read_fit(path_of(tried[i].config), NULL, 0, path_of("f.h5"), tried[i].study, &s, &err) == MSC_OK, "%s",
                      err.message);
        ck_assert_double_eq(parameter_of(s, "taken"), value[tried[i].which]);
        ck_assert_double_eq(parameter_of(s, "cleared"), value[2]);
        msc_scenario_free(s);
    }
    check_run_refused("f.h5", NULL, MSC_E_USAGE, "", "has estimates of single studies (a of 'one', b of 'two'): say which study this is");
    check_run_refused("f.h5", "on", MSC_E_USAGE, "", "has no study 'on'; there is 'one' and 'two'");
    msc_dataset_free(set);
}
END_TEST

static msc_status read_sweep(const char *section, msc_sweep **sweep, msc_error *err)
{
    char text[2048];
    snprintf(text, sizeof text, HEAD "sweep = { endpoints: { most = { max = \"plasma\"; }; };\n%s };\n", section);
    put_file("sweep.cfg", text);
    return msc_sweep_read(path_of("sweep.cfg"), NULL, 0, NULL, sweep, err);
}

/* Whole draws, as many of each tenth of the file in a Latin hypercube; whatever other axes there are. */
START_TEST(test_sweep_from)
{
    enum { N = 200 };
    msc_sweep *s = NULL;
    msc_error err = {0};
    make_posterior(RATES, "range = [0.01, 0.28];", "f.h5");
    ck_assert_msg(read_sweep("design = \"lhs\"; n = 200; from = \"f.h5\"; axes: { d = { vary = \"regimen[0].dose\"; values = [50.0, 100.0]; }; };", &s,
                             &err) == MSC_OK, "%s: %s", err.where, err.message);
    const msc_from *from = s->from;
    ck_assert_uint_eq(from->n, 2);
    ck_assert_uint_eq(from->n_draw, 10 * 4 * 16);
    size_t count[10] = {0}, dose[2] = {0};
    for (uint64_t i = 0; i < N; i++) {
        msc_design_point row[3];
        msc_design_row(s->design, i, row);
        const double taken = msc_sweep_value(s, 1, row), cleared = msc_sweep_value(s, 2, row);
        size_t found = from->n_draw;
        for (size_t d = 0; d < from->n_draw; d++) {
            found = from->draw[2 * d] == taken && from->draw[2 * d + 1] == cleared ? d : found;
        }
        ck_assert_uint_lt(found, from->n_draw);
        count[found * 10 / from->n_draw]++, dose[row[0].level]++;
    }
    for (int i = 0; i < 10; i++) { /* walkers that stood still have the same draw more than once: the last is found */
        ck_assert_msg(count[i] >= N / 20 && count[i] <= N * 3 / 20, "%d: %zu", i, count[i]);
    }
    ck_assert_uint_eq(dose[0], N / 2);
    msc_sweep_free(s);
}
END_TEST

static const struct {
    const char *section;
    msc_status status;
    const char *where, *message;
} bad_sweep[] = {
    {"design = \"grid\"; from = \"f.h5\";", MSC_E_CONFIG, "sweep.from",
     "a grid needs values, or from, to and n; to draw from a distribution write design = \"lhs\", \"sobol\" or \"random\""},
    {"design = \"random\"; n = 3; from = \"g.h5\";", MSC_E_NOINPUT, "sweep.from", "cannot open 'g.h5': No such file or directory"},
    {"design = \"random\"; n = 3; from = 3;", MSC_E_CONFIG, "sweep.from", NULL},
    {"design = \"random\"; n = 3; from = { file = \"f.h5\"; study = \"mice\"; };", MSC_E_CONFIG, "sweep.from", NULL},
    {"design = \"random\"; n = 3; from = { fiel = \"f.h5\"; };", MSC_E_CONFIG, "sweep.from", NULL},
    {"design = \"random\"; n = 3; from = \"f.h5\"; axes: { taken = { vary = \"parameters.level\"; values = [1.0]; }; };", MSC_E_CONFIG,
     "sweep.axes.taken", NULL},
    {"design = \"random\"; n = 3; from = \"f.h5\"; axes: { x = { vary = \"parameters.taken\"; values = [1.0]; }; };", MSC_E_CONFIG,
     "sweep.from", NULL},
    {"design = \"random\"; n = 3; from = \"f.h5\"; correlation = { axes = [\"taken\", \"cleared\"]; matrix = ( [1.0, 0.4], [0.4, 1.0] ); };",
     MSC_E_CONFIG, "sweep.correlation.axes[0]", "'taken' is drawn from a posterior, with the correlations that this has"},
    {"design = \"random\"; n = 3;", MSC_E_CONFIG, "sweep", NULL},
};

START_TEST(test_sweep_refused)
{
    msc_sweep *s = NULL;
    msc_error err = {0};
    make_posterior(RATES, "range = [0.01, 0.28];", "f.h5");
    for (size_t i = 0; i < sizeof bad_sweep / sizeof *bad_sweep; i++) {
        const msc_status got = read_sweep(bad_sweep[i].section, &s, &err);
        ck_assert_msg(got == bad_sweep[i].status, "%zu: %d: %s: %s", i, got, err.where, err.message);
        ck_assert_msg(strstr(err.where, bad_sweep[i].where) != NULL && strstr(err.where, "sweep.cfg:"), "%zu: %s: %s", i, err.where, err.message);
        ck_assert_msg(!bad_sweep[i].message || strcmp(err.message, bad_sweep[i].message) == 0, "%zu: %s", i, err.message);
    }
    char text[4096];
    snprintf(text, sizeof text, HEAD "fit = { data = \"plasma.csv\"; starts = 1; estimate: { taken = { vary = \"parameters.taken\"; "
                                     "range = [0.3, 2.0]; }; }; };");
    put_file("fit.cfg", text);
    msc_fit *fit = NULL;
    ck_assert(msc_fit_read(path_of("fit.cfg"), NULL, 0, NULL, &fit, &err) == MSC_OK);
    msc_fitted *w = run_fit(fit, &(msc_fit_options){.threads = 1});
    size_t wanted = 1;
    ck_assert(msc_fitted_steps(w, &wanted) == 0 && wanted == 0);
    write_file(w, "f.h5", true);
    msc_fitted_free(w);
    msc_fit_free(fit);
    ck_assert_int_eq(read_sweep("design = \"random\"; n = 3; from = \"f.h5\";", &s, &err), MSC_E_DATA);
    ck_assert_msg(strstr(err.message, "has no posterior to draw from: fit it with fit.sample"), "%s", err.message);
}
END_TEST

static void stop_sweep(void *context, uint64_t done, uint64_t failed, uint64_t begun, uint64_t n)
{
    ((stopping *)context)->stop = done >= 20 && done < n && failed + begun == 0;
}

/* Another posterior under the same name is another sweep. */
START_TEST(test_sweep_of_another)
{
    char check[2][33];
    msc_error err = {0};
    for (int i = 0; i < 2; i++) {
        msc_sweep *s = NULL;
        make_posterior(RATES, i == 0 ? "range = [0.01, 0.28];" : "range = [0.02, 0.28];", "f.h5");
        ck_assert_msg(read_sweep("design = \"random\"; n = 400; from = \"f.h5\";", &s, &err) == MSC_OK, "%s: %s", err.where, err.message);
        snprintf(check[i], sizeof check[i], "%s", msc_sweep_from_check(s->arena, s));
        if (i == 1) {
            msc_swept *swept = NULL;
            char file[256];
            snprintf(file, sizeof file, "%s", path_of("other.h5"));
            const msc_sweep_options options = {.file = file};
            ck_assert(msc_sweep_run(s, &options, &swept, &err) == MSC_OK);
            msc_swept_free(swept);
            msc_dataset *set = NULL;
            ck_assert(msc_store_read(file, &set, &err) == MSC_OK);
            ck_assert_str_eq(msc_dataset_text(set, "sweep_from"), "f.h5");
            ck_assert_str_eq(msc_dataset_text(set, "sweep_from_check"), check[1]);
            ck_assert_str_eq(msc_dataset_text(set, "sweep_axes"), "taken cleared");
            msc_dataset_free(set);
        }
        if (i == 0) { /* begun with the first, and not gone on with the second */
            char file[256];
            stopping begun = {0};
            snprintf(file, sizeof file, "%s", path_of("s.h5"));
            const msc_sweep_options options = {.file = file, .threads = 1, .stop = &begun.stop, .progress = stop_sweep, .context = &begun};
            msc_swept *swept = NULL;
            ck_assert_int_eq(msc_sweep_run(s, &options, &swept, &err), MSC_E_STOPPED);
        } else {
            char file[256];
            snprintf(file, sizeof file, "%s", path_of("s.h5"));
            const msc_sweep_options options = {.file = file, .resume = true};
            msc_swept *swept = NULL;
            ck_assert_int_eq(msc_sweep_run(s, &options, &swept, &err), MSC_E_DATA);
            ck_assert_msg(strstr(err.message, "the posterior that is drawn from"), "%s", err.message);
        }
        msc_sweep_free(s);
    }
    ck_assert_str_ne(check[0], check[1]);
}
END_TEST

/* ---- what is refused of the section ---- */

static const struct {
    const char *sample, *where, *message;
} bad_sample[] = {
    {"ensembles = 3;", "fit.sample.ensembles", "3 ensembles cannot tell whether they agree: 4 or more"},
    {"ensembles = 1;", "fit.sample.ensembles", "1 ensemble cannot tell whether they agree: 4 or more"},
    {"ensembles = 1000000;", "fit.sample.ensembles", "must be an integer from 1 to 64, not 1000000"},
    {"walkers = 9; method = \"stretch\";", "fit.sample.walkers", "the stretch move goes by halves of an ensemble: an even number of walkers, not 9"},
    {"walkers = 2; method = \"stretch\";", "fit.sample.walkers", "an ensemble for 1 estimate has 4 walkers at least, not 2"},
    {"walkers = 2; method = \"demcz\";", "fit.sample.walkers", "an ensemble for 1 estimate has 3 walkers at least, not 2"},
    {"walkers = 1e9;", "fit.sample.walkers", NULL},
    {"steps = 4;", "fit.sample.steps", NULL},
    {"steps = 1.5;", "fit.sample.steps", NULL},
    {"steps = 9000000; walkers = 9998;", "fit.sample.steps", "9000000 steps of 39992 walkers would take 5.76e+03 GB; at most 1.07 GB: fewer steps"},
    {"steps = 100; warmup = 100;", "fit.sample.warmup", "100 of 100 steps are left out as warm-up: 4 at least must be left"},
    {"warmup = -1;", "fit.sample.warmup", NULL},
    {"steps = 100; thin = 51;", "fit.sample.thin", "every 51-th of 50 steps: none is left"},
    {"method = \"strech\";", "fit.sample.method", "'strech' is no method of sampling; it is \"stretch\" or \"demcz\"; did you mean 'stretch'?"},
    {"setps = 10;", "fit.sample.setps", NULL},
};

START_TEST(test_section_refused)
{
    char text[2048], where[64];
    msc_fit *fit = NULL;
    msc_error err = {0};
    snprintf(text, sizeof text, LEVEL, NORMAL, bad_sample[_i].sample);
    put_file("fit.cfg", text);
    ck_assert_int_eq(msc_fit_read(path_of("fit.cfg"), NULL, 0, NULL, &fit, &err), MSC_E_CONFIG);
    snprintf(where, sizeof where, "fit.cfg:4: %s", bad_sample[_i].where);
    ck_assert_msg(strstr(err.where, where) != NULL, "%s: %s", err.where, err.message);
    if (bad_sample[_i].message) {
        ck_assert_str_eq(err.message, bad_sample[_i].message);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("posterior");
    TCase *tests = tcase_create("posterior");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_conjugate);
    tcase_add_test(tests, test_too_short);
    tcase_add_test(tests, test_refused_points);
    tcase_add_loop_test(tests, test_scales, 0, (int)(sizeof scales / sizeof *scales));
    tcase_add_test(tests, test_compartment);
    tcase_add_test(tests, test_threads);
    tcase_add_loop_test(tests, test_resumed, 0, 2);
    tcase_add_test(tests, test_barely_begun);
    tcase_add_test(tests, test_run_from);
    tcase_add_test(tests, test_run_from_studies);
    tcase_add_test(tests, test_sweep_from);
    tcase_add_test(tests, test_sweep_refused);
    tcase_add_test(tests, test_sweep_of_another);
    tcase_add_loop_test(tests, test_section_refused, 0, (int)(sizeof bad_sample / sizeof *bad_sample));
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
