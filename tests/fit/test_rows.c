/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of data as a fit takes them: what a page says of each kind, whose they are, what is refused and where. What is
 * predicted is a parameter as it is, so that everything has a closed form. */
#include <mscsim/fit.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/information.h"
#include "fit/objective.h"
#include "fit/posterior.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_rows_XXXXXX";

static const char MODEL[] =
    "parameters: { idle = { unit = \"1\"; value = 2.0; range = [1.0, 3.0]; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  shift = { unit = \"1\"; value = 0.5; about = \"b\"; source = \"assumed: a test\"; };\n"
    "  rate = { unit = \"1/h\"; value = 0.3; about = \"d\"; source = \"assumed: a test\"; };\n"
    "  mass = { unit = \"kg\"; value = 20.0; about = \"c\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; };\n"
    "processes: { clear = { from = \"gut\"; hazard = \"rate\"; fate = \"cleared\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; vein = { to = \"gut\"; per = \"mass\"; }; };\n"
    "outputs: { gut = { }; shown = { unit = \"1\"; value = \"idle\"; }; moved = { unit = \"1\"; value = \"shift\"; }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; }; solver = { rtol = 1e-9; };\n"
#define IDLE "idle = { vary = \"parameters.idle\"; range = [0.1, 30.0]; scale = \"log\"; };"

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

static msc_status read_fit(const char *head, const char *data, const char *section, msc_fit **fit, msc_error *err)
{
    char path[128], text[4096];
    put_file("d.csv", data);
    snprintf(text, sizeof text, "%sfit = { data = \"d.csv\"; starts = 2; %s };", head, section);
    put_file("fit.cfg", text);
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    return msc_fit_read(path, NULL, 0, NULL, fit, err);
}

static msc_fitted *run_fit(const char *data, const char *section, msc_fit **fit)
{
    msc_error err = {0};
    msc_fitted *fitted = NULL;
    ck_assert_msg(read_fit(HEAD, data, section, fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    const msc_fit_options options = {.threads = 1};
    ck_assert_msg(msc_fit_run(*fit, &options, &fitted, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return fitted;
}

static void end_fit(msc_fitted *w, msc_fit *fit)
{
    msc_fitted_free(w);
    msc_fit_free(fit);
}

/* Blanks and line ends alike are one blank. */
static void unwrap(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        const bool blank = *from == ' ' || *from == '\n';
        if (!blank || (to > text && to[-1] != ' ')) {
            *to++ = blank ? ' ' : *from;
        }
    }
    *to = '\0';
}

/* Does the page have this, however its lines are broken? */
static void check_page(const msc_fitted *w, const char *words)
{
    char *text = NULL;
    size_t n = 0;
    msc_error err = {0};
    FILE *page = open_memstream(&text, &n);
    ck_assert(msc_fitted_summarise(w, page, &err) == MSC_OK);
    ck_assert_int_eq(fclose(page), 0);
    unwrap(text);
    ck_assert_msg(strstr(text, words), "no '%s' in:\n%s", words, text);
    free(text);
}

static void check_refused(const char *head, const char *data, const char *section, msc_status want, const char *where, const char *message)
{
    msc_fit *fit = NULL;
    msc_error err = {0};
    ck_assert_msg(read_fit(head, data, section, &fit, &err) != MSC_OK, "accepted, not: %s", message);
    const char *at = strncmp(err.where, folder, strlen(folder)) == 0 ? err.where + strlen(folder) + 1 : err.where;
    ck_assert_str_eq(err.message, message);
    ck_assert_str_eq(at, where);
    ck_assert_int_eq(err.status, want);
}

/* ---- between two limits ---- */

/* One row between 1 and 3 and one of 2.5, the error 0.4: the top is where their slopes cancel, by bisection. */
START_TEST(test_interval)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("ID,TIME (h),CMT,DV (1),SD,CENS,LIMIT\np1,1,shown,1.0,0.4,-1,3.0\np2,2,shown,3.5,0.4,0,.\n",
                            "estimate: { " IDLE " }; observe: { shown = { quantity = \"shown\"; }; };", &fit);
    double low = 1, high = 5;
    for (int i = 0; i < 60; i++) {
        const double m = (low + high) / 2, a = (1 - m) / 0.4, b = (3 - m) / 0.4;
        const double p = (erf(b * M_SQRT1_2) - erf(a * M_SQRT1_2)) / 2, phi = 0.39894228040143267794;
        const double slope = (3.5 - m) / (0.4 * 0.4) - phi * (exp(-b * b / 2) - exp(-a * a / 2)) / p / 0.4;
        *(slope > 0 ? &low : &high) = m;
    }
    ck_assert_double_eq_tol(w->result[0].value, low, 1e-5 * low);
    ck_assert_int_eq(fit->row[0].datum.kind, MSC_DATUM_INTERVAL);
    char line[128];
    ck_assert(low > 3); /* so the interval does not hold it */
    snprintf(line, sizeof line, "1.0 to 3.0 %.2f 1 %+.2f sd", low, (3 - low) / 0.4);
    check_page(w, line);
    end_fit(w, fit);
    w = run_fit("ID,TIME (h),CMT,DV (1),SD,CENS,LIMIT\np1,1,shown,1.0,0.4,-1,3.0\np2,2,shown,2.5,0.4,0,.\n",
                "estimate: { " IDLE " }; observe: { shown = { quantity = \"shown\"; }; };", &fit);
    snprintf(line, sizeof line, "1.0 to 3.0 %.2f 1 holds", w->result[0].value);
    check_page(w, line);
    end_fit(w, fit);
}
END_TEST

#define SUBJECT "observe: { shown = { quantity = \"shown\"; error = { kind = \"data\"; subject = 0.3; }; }; };"

START_TEST(test_interval_of_subject)
{
    check_refused(HEAD, "ID,TIME (h),CMT,DV (1),SD,CENS,LIMIT\np1,1,shown,3.0,0.1,1,1.0\np1,2,shown,2.8,0.1,0,.\np2,1,shown,2.2,0.1,0,.\n",
                  "estimate: { " IDLE " }; " SUBJECT, MSC_E_DATA, "d.csv:2:12",
                  "a value between two limits cannot share the effect of a subject with other rows; give it no group, or 'shown' no subject's "
                  "effect (then fit.group_weight says how much its rows count)");
}
END_TEST

/* ---- the same thing under two names ---- */

#define TWO "observe: { s = { quantity = \"shown\"; }; twice = { quantity = \"shown\"; factor = 2.0; }; }; estimate: { " IDLE " };"
#define ALIAS "observe: { s = { quantity = \"shown\"; error = { kind = \"data\"; subject = 0.3; }; }; }; estimate: { " IDLE " };"
#define PAIR "observe: { s = { quantity = \"shown\"; error = { kind = \"data\"; subject = 0.3; }; }; t = { quantity = \"shown\"; }; };" \
             " estimate: { " IDLE " };"

START_TEST(test_repeats)
{
    check_refused(HEAD, "time,time_unit,quantity,value,unit,sd\n0.1,day,shown,1.5,1,0.1\n2.4,h,shown,1.6,1,0.1\n", "estimate: { " IDLE " };",
                  MSC_E_DATA, "d.csv:3:1", "'shown' at the time and of the group of line 2; what is measured again has a group (or subject) of its own");
    check_refused(HEAD, "time (h),quantity,value (1),sd\n1,shown,1.5,0.1\n1.0000000000000002,shown,1.6,0.1\n", "estimate: { " IDLE " };",
                  MSC_E_DATA, "d.csv:3:1", "'shown' at the time and of the group of line 2; what is measured again has a group (or subject) of its own");
    check_refused(HEAD, "quantity,time (h),value (1),sd\ns,1,1.5,0.1\nmoved,1,3,0.1\nshown,1,1.6,0.1\n", ALIAS, MSC_E_DATA, "d.csv:4:1",
                  "'shown' is what 's' is in line 2, at the same time and of the same group; what is measured again has a group (or subject) of its own");
    check_refused(HEAD, "quantity,subject,time (h),value (1),sd\ns,a,1,1.5,0.1\nt,a,2,1.6,0.1\n", PAIR, MSC_E_DATA, "d.csv:3:1",
                  "'t' is what 's' is in line 2: a subject has one effect on it, so its rows are of one entry of fit.observe");
    /* another factor, another subject: another thing */
    msc_fit *fit = NULL;
    msc_error err = {0};
    ck_assert_msg(read_fit(HEAD, "quantity,time (h),value (1),sd\ns,1,1.5,0.1\ntwice,1,3,0.1\n", TWO, &fit, &err) == MSC_OK, "%s", err.message);
    ck_assert_uint_ne(fit->row[0].thing, fit->row[1].thing);
    msc_fit_free(fit);
    ck_assert_msg(read_fit(HEAD, "quantity,subject,time (h),value (1),sd\ns,a,1,1.5,0.1\nt,b,1,1.6,0.1\n", PAIR, &fit, &err) == MSC_OK, "%s",
                  err.message);
    msc_fit_free(fit);
    /* one entry, by its name and by its quantity: one effect */
    ck_assert_msg(read_fit(HEAD, "quantity,subject,time (h),value (1),sd\ns,a,1,1.5,0.1\nshown,a,2,1.6,0.1\ns,b,2,1.6,0.1\n", ALIAS, &fit, &err) ==
                  MSC_OK, "%s", err.message);
    ck_assert(fit->row[0].n_mate == 2 && fit->row[0].mate[1] == 1 && fit->row[2].n_mate == 1);
    msc_fit_free(fit);
}
END_TEST

/* ---- words, and where they point ---- */

#define ONE(error) "observe: { shown = { quantity = \"shown\"; " error " }; }; estimate: { " IDLE " };"

START_TEST(test_words)
{
    check_refused(HEAD, "time (h),group,quantity,value (1),sd\n1,a,shown,1.5,0.1\n2,a,shown,1.6,0.1\n",
                  ONE("error = { kind = \"data\"; subject = 0.3; };") " group_weight = 0.5;", MSC_E_CONFIG, "fit.cfg:3: fit.group_weight",
                  "'shown' has a subject's effect, which says already how rows of a group hang together, and does not count by a weight of groups; "
                  "leave it out, and give rows of other entries a weight in the data");
    check_refused(HEAD, "time (h),quantity,value (1),sd\n1,shown,1.5,0.1\n2,shown,1.6,0.1\n",
                  ONE("decay_corrected = false; calibration_time = \"2 h\";"), MSC_E_CONFIG, "fit.cfg:3: fit.observe.shown.calibration_time",
                  "a calibration time goes with decay_corrected = true");
    check_refused(HEAD, "time (h),quantity,low,high,n,unit\n1,shown,1,3,4,1\n", ONE(""), MSC_E_DATA, "d.csv:2:9",
                  "how much do subjects differ? A range has no error of its own: give 'shown' one in fit.observe");
    check_refused(HEAD, "quantity,value (1),time (h),sd\nshown,1.5,1,0.1\nshown,1.6,48.0000001,0.1\n", ONE(""), MSC_E_DATA, "d.csv:3:11",
                  "the run goes from 0 to 48 h: there is nothing at 48.0000001 h; see output.until");
    check_refused(HEAD, "time (h),quantity,value (1)\n1,shwon,1.5\n", "estimate: { " IDLE " };", MSC_E_DATA, "d.csv:2:3",
                  "'shwon' is neither in fit.observe nor an output of the model; did you mean 'shown'?");
    check_refused(HEAD, "# a comment\n\nID,TIME (h),\"DV (1)\",SD\n\n1, 1,1.5,0.2\n", "estimate: { " IDLE " };", MSC_E_DATA, "d.csv:5:6",
                  "'dv' is neither in fit.observe nor an output of the model; say what of the model it is: observe: { dv = { quantity = \"...\"; }; };");
    check_refused(HEAD, "ID,TIME (h),CMT,DV (1),CENS,LIMIT\n1,1,shown,-1,1,-2\n", ONE("error = { kind = \"lognormal\"; proportional = 0.2; };"),
                  MSC_E_DATA, "d.csv:2:11", "with a lognormal error nothing is below 0, where this interval lies; take another error");
    /* the same number of two things, each with what predicts it, is fine */
    msc_fit *fit = NULL;
    msc_error err = {0};
    ck_assert_msg(read_fit(HEAD, "time (h),quantity,value (1),sd\n1,shown,1.5,0.1\n1,moved,1.5,0.1\n",
                           "estimate: { " IDLE " shift = { vary = \"parameters.shift\"; range = [0.1, 9.0]; }; };", &fit, &err) == MSC_OK, "%s",
                  err.message);
    msc_fit_free(fit);
}
END_TEST

/* The page says which rows count as independent. */
START_TEST(test_alone)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("time (h),group,quantity,value (1),sd\n1,a,shown,1.5,0.1\n2,.,shown,1.6,0.1\n3,,shown,1.7,0.1\n", ONE(""), &fit);
    check_page(w, "2 rows name no group or subject: each counts as independent of all others.");
    check_page(w, "Rows of one group are of the same subjects; they are taken as independent");
    end_fit(w, fit);
    w = run_fit("time (h),quantity,value (1),sd\n1,shown,1.5,0.1\n", ONE(""), &fit);
    check_page(w, "1 row names no group or subject: it counts as independent of all others.");
    end_fit(w, fit);
}
END_TEST

static volatile int stop;

static void stop_soon(void *context, const char *what, size_t done, size_t n, double best)
{
    (void)context, (void)what, (void)done, (void)n, (void)best;
    stop = 1;
}

/* Asked for anew while its journal is there: that is called what it is. */
START_TEST(test_journal)
{
    msc_fit *fit = NULL;
    msc_fitted *w = NULL;
    msc_error err = {0};
    char file[128], want[512];
    ck_assert(read_fit(HEAD, "time (h),quantity,value (1),sd\n1,shown,1.5,0.1\n", ONE(""), &fit, &err) == MSC_OK);
    snprintf(file, sizeof file, "%s/f.h5", folder);
    const msc_fit_options options = {.threads = 1, .file = file, .stop = &stop, .progress = stop_soon};
    ck_assert(msc_fit_run(fit, &options, &w, &err) == MSC_OK);
    const size_t done = msc_fitted_done(w);
    msc_fitted_free(w);
    stop = 0;
    ck_assert(done == 1 && msc_fit_run(fit, &options, &w, &err) == MSC_E_CANTCREAT);
    snprintf(want, sizeof want, "'%s.part' has 1 starts and profiles of a fit that was not finished; --resume goes on with it, -f starts anew", file);
    ck_assert_str_eq(err.message, want);
    msc_fit_free(fit);
}
END_TEST

/* ---- rows of doses ---- */

#define TWICE "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; }, { route = \"vein\"; at = \"24 h\"; " \
              "dose = \"2.5 mg/kg\"; duration = \"3 h\"; } ); output = { until = \"2 day\"; every = \"1 h\"; };\n"
#define GUT "observe: { gut = { quantity = \"gut\"; error = { kind = \"lognormal\"; proportional = 0.1; }; }; }; " \
            "estimate: { r = { vary = \"parameters.rate\"; range = [0.01, 3.0]; }; };"
#define NONMEM "ID,TIME (h),AMT (mg),RATE,DV (mg),CMT,SD\n"

/* What the regimen has too, in the file's units; by subject, or for all. */
START_TEST(test_doses)
{
    static const char *const fine[] = {
        NONMEM "a,0,100,.,.,1,.\na,3,.,.,40,gut,.\na,24,50,16.67,.,vein,.\na,30,.,.,20,gut,.\nb,0,100,0,.,depot,.\nb,24,.,.,1,gut,.\n",
        NONMEM ".,0,100,.,.,1,.\n.,24,50,16.67,.,.,.\na,3,.,.,40,gut,.\nb,30,.,.,20,gut,.\n",
        NONMEM ".,0,100,.,.,1,.\na,24,50,16.667,.,.,.\na,30,.,.,40,gut,.\nb,5,.,.,20,gut,.\n",
        "TIME (day),AMT (g),RATE,DV (mg),CMT\n0,0.1,0,.,1\n1.0,0.05,0.4,.,1\n0.5,.,.,40,gut\n1.5,.,.,30,gut\n",
        "TIME (h),AMT (mg),DV (mg),CMT\n0,100,.,1\n3,.,40,gut\n4,.,30,gut\n",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        msc_fit *fit = NULL;
        msc_error err = {0};
        ck_assert_msg(read_fit(TWICE, fine[i], GUT, &fit, &err) == MSC_OK, "%zu: %s: %s", i, err.where, err.message);
        ck_assert_uint_eq(fit->n_row, 2 + (i == 0));
        msc_fit_free(fit);
    }
}
END_TEST

START_TEST(test_doses_refused)
{
    static const struct {
        const char *rows, *where, *message;
    } cases[] = {
        {"a,0,100,.,.,1,.\na,3,.,.,40,gut,.\na,25,50,16.67,.,1,.\n", "d.csv:4:3",
         "the regimen of the scenario gives no dose at 25 h: it has 100 mg at 0 h (at once), 50 mg at 24 h (over 3 h)"},
        {"a,0,100,.,.,1,.\na,0,100,.,.,1,.\na,3,.,.,40,gut,.\n", "d.csv:3:3",
         "the regimen of the scenario gives no other dose at 0 h: it has 100 mg at 0 h (at once), 50 mg at 24 h (over 3 h)"},
        {"a,0,100,.,.,1,.\na,3,.,.,40,gut,.\nb,0,60,.,.,1,.\nb,4,.,.,40,gut,.\n", "d.csv:4:5",
         "the regimen of the scenario gives 100 mg at 0 h; who was given another dose is of another study"},
        {"a,0,100,30,.,1,.\na,3,.,.,40,gut,.\n", "d.csv:2:9", "the regimen of the scenario gives the dose at 0 h at once, not over 3.33333333 h"},
        {"a,0,100,.,.,1,.\na,24,50,.,.,1,.\na,30,.,.,40,gut,.\n", "d.csv:3:9",
         "the regimen of the scenario gives the dose at 24 h over 3 h, not at once"},
        {"a,0,100,.,.,1,.\na,24,50,16,.,1,.\na,30,.,.,40,gut,.\n", "d.csv:3:9",
         "the regimen of the scenario gives the dose at 24 h over 3 h, not over 3.125 h"},
        {"a,0,100,.,.,vein,.\na,3,.,.,40,gut,.\n", "d.csv:2:13", "the regimen of the scenario gives the dose at 0 h by 'mouth', not by 'vein'"},
        {"a,0,100,.,.,1,.\na,30,.,.,40,gut,.\n", "d.csv:2:3",
         "the regimen of the scenario gives also 50 mg at 24 h, of which there is no row for 'a'"},
        {"a,0,100,.,.,1,.\na,3,.,.,40,gut,.\nb,4,.,.,40,gut,.\n", "d.csv:4:1",
         "there is no row of a dose for 'b', as there is for others: then nothing was given, and the regimen of the scenario gives something"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char data[512];
        snprintf(data, sizeof data, NONMEM "%s", cases[i].rows);
        check_refused(TWICE, data, GUT, MSC_E_DATA, cases[i].where, cases[i].message);
    }
    check_refused(TWICE, "ID,TIME (h),AMT (h),DV (mg),CMT\na,0,100,.,1\na,3,.,40,gut\n", GUT, MSC_E_DATA, "d.csv:2:5",
                  "the regimen of the scenario gives 100 mg at 0 h, which is no amount in 'h'");
    check_refused(TWICE, "ID,TIME (h),WT,DV (mg),CMT\na,0,70,.,1\n", GUT, MSC_E_DATA, "d.csv:1:13", "'WT' is no column of such a file");
}
END_TEST

/* ---- what rows tell ---- */

enum { E = 5, R = 6 };
typedef enum { ADDITIVE, LOGNORMAL, BOTH } error_kind;
static const size_t of_subject[R] = {0, 1, 0, 2, 0, 1}; /* 2: a row without one */
static const double START[E] = {0.15, 1.3, 4, 0.3, 6};  /* rate, factor, additive, proportional, subject */

/* The mean and the covariance of the rows, in milligrams or of logarithms. */
static void normal_of(const double *x, error_kind kind, double *mean, gsl_matrix *v)
{
    for (size_t i = 0; i < R; i++) {
        const double f = x[1] * 100 * exp(-x[0] * (double)(i + 1));
        mean[i] = kind == LOGNORMAL ? log(f) : f;
        for (size_t j = 0; j < R; j++) {
            const double own = (kind != LOGNORMAL ? x[2] * x[2] : 0) + (kind == BOTH ? x[3] * x[3] * f * f : kind == LOGNORMAL ? x[3] * x[3] : 0);
            const double subject = kind == LOGNORMAL ? 0.1 * x[4] : x[4];
            gsl_matrix_set(v, i, j, (i == j ? own : 0) + (kind != BOTH && of_subject[i] == of_subject[j] ? subject * subject : 0));
        }
    }
}

/* Fisher's, of a normal vector (m_j' P m_k + tr(P V_j P V_k) / 2), by differences and a dense inverse; and the first part alone. */
static void dense_information(error_kind kind, double *h, double *by_mean)
{
    gsl_matrix *v = gsl_matrix_alloc(R, R), *p = gsl_matrix_alloc(R, R), *up = gsl_matrix_alloc(R, R), *pv[E];
    double mean[E][R], other[R], at[E];
    normal_of(START, kind, other, p);
    gsl_linalg_cholesky_decomp1(p);
    gsl_linalg_cholesky_invert(p);
    for (size_t k = 0; k < E; k++) {
        const double step = 1e-5 * START[k];
        memcpy(at, START, sizeof at);
        at[k] = START[k] + step, normal_of(at, kind, mean[k], up);
        at[k] = START[k] - step, normal_of(at, kind, other, v);
        gsl_matrix_sub(up, v);
        gsl_matrix_scale(up, 1 / (2 * step));
        for (size_t i = 0; i < R; i++) {
            mean[k][i] = (mean[k][i] - other[i]) / (2 * step);
        }
        pv[k] = gsl_matrix_alloc(R, R);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, p, up, 0, pv[k]);
    }
    for (size_t k = 0; k < E * E; k++) {
        h[k] = by_mean[k] = 0;
        for (size_t i = 0; i < R * R; i++) {
            by_mean[k] += mean[k / E][i / R] * gsl_matrix_get(p, i / R, i % R) * mean[k % E][i % R];
            h[k] += gsl_matrix_get(pv[k / E], i / R, i % R) * gsl_matrix_get(pv[k % E], i % R, i / R) / 2;
        }
        h[k] += by_mean[k];
    }
    for (size_t k = 0; k < E; k++) {
        gsl_matrix_free(pv[k]);
    }
    gsl_matrix_free(v), gsl_matrix_free(p), gsl_matrix_free(up);
}

#define ANY(high) " prior = { distribution = \"uniform\"; from = 0.001; to = " #high "; }; };"

static msc_fit *read_subjects(error_kind kind)
{
    static const char *const own[] = {"kind = \"additive\"; additive = 4.0; subject = 6.0;", "kind = \"lognormal\"; proportional = 0.3; subject = 0.6;",
                                      "kind = \"both\"; additive = 4.0; proportional = 0.3;"};
    char section[2048], data[1024] = "time (h),subject,quantity,value,unit,weight\n", *at = section;
    for (size_t i = 0; i < R; i++) {
        const size_t n = strlen(data);
        snprintf(data + n, sizeof data - n, "%zu,%s,gut,%zu,mg,0.5\n", i + 1, (const char *const[]){"a", "b", "."}[of_subject[i]], 50 - 7 * i);
    }
    at += sprintf(at, "observe: { gut = { quantity = \"gut\"; error = { %s }; }; }; estimate: {"
                  "rate = { vary = \"parameters.rate\"; start = 0.15;" ANY(5.0)
                  "factor = { vary = \"observation.gut.factor\"; start = 1.3;" ANY(5.0), own[kind]);
    if (kind != LOGNORMAL) {
        at += sprintf(at, "x2 = { vary = \"observation.gut.additive\";" ANY(9.0));
    }
    if (kind != ADDITIVE) {
        at += sprintf(at, "x3 = { vary = \"observation.gut.proportional\";" ANY(9.0));
    }
    if (kind != BOTH) {
        at += sprintf(at, "x4 = { vary = \"observation.gut.subject\";" ANY(9.0));
    }
    sprintf(at, "};");
    msc_fit *fit = NULL;
    msc_error err = {0};
    ck_assert_msg(read_fit(HEAD, data, section, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    return fit;
}

/* Values of subjects count by their covariance, which the sizes of errors make; and half, since they weigh that. */
START_TEST(test_information)
{
    static const size_t which[3][4] = {{0, 1, 2, 4}, {0, 1, 3, 4}, {0, 1, 2, 3}};
    msc_fit *fit = read_subjects((error_kind)_i);
    msc_fit_eval *eval = NULL;
    msc_error err = {0};
    ck_assert(msc_fit_eval_new(fit, NULL, &eval, &err) == MSC_OK);
    double t[4], slope[4], log = 0, h[16], room[4 * MSC_FIT_INFORMATION_ROOM], want[E * E], by_mean[E * E], white[R * 4];
    for (size_t k = 0; k < 4; k++) {
        t[k] = msc_fit_coordinate_of(&fit->estimate[k], fit->estimate[k].start);
    }
    ck_assert(msc_fit_density(eval, t, &log, slope));
    const msc_fit_place_seen at = {fit, t, msc_fit_eval_prediction(eval), msc_fit_eval_slope(eval)};
    msc_fit_information(&at, room, h);
    msc_fit_whiten(&at, room, white);
    dense_information((error_kind)_i, want, by_mean);
    for (size_t k = 0; k < 4; k++) {
        for (size_t j = 0; j < 4; j++) {
            const msc_fit_estimate *a = &fit->estimate[k], *b = &fit->estimate[j];
            const size_t cell = which[_i][k] * E + which[_i][j];
            const double unit = _i == LOGNORMAL ? (k == 3 ? 10 : 1) * (j == 3 ? 10 : 1) : 1; /* its subject's effect is a tenth of x[4] */
            const double by = 0.5 * unit * msc_fit_slope_of(a, t[k]) * msc_fit_slope_of(b, t[j]), before = msc_fit_before(a);
            const double told = by * want[cell] + (k == j ? 1 / (before * before) : 0);
            double sum = 0;
            for (size_t i = 0; i < R; i++) {
                sum += white[i * 4 + k] * white[i * 4 + j];
            }
            ck_assert_msg(fabs(h[k * 4 + j] - told) < 1e-5 * fabs(told) + 1e-7, "%zu, %zu: %.9g, not %.9g", k, j, h[k * 4 + j], told);
            ck_assert_msg(fabs(sum - by * by_mean[cell]) < 1e-5 * fabs(sum) + 1e-7, "%zu, %zu: %.9g, not %.9g", k, j, sum, by * by_mean[cell]);
        }
    }
    msc_fit_eval_free(eval);
    msc_fit_free(fit);
}
END_TEST

/* ---- what to measure next: one number of which everything is known ---- */

#define NUMBER "estimate: { idle = { vary = \"parameters.idle\"; prior = { distribution = \"normal\"; mean = 2.0; sd = 1.0; }; scale = \"linear\"; }; };"
#define SHOWN(error) "observe: { shown = { quantity = \"shown\"; error = { " error " }; }; };"

static void check_next(const char *data, const char *section, double told, double next, double again)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit(data, section, &fit);
    const double least = 1e-2 * w->result[0].value; /* no measurement is better than that */
    ck_assert_uint_eq(w->after.rank, told > 1e-9);
    ck_assert_double_eq_tol(w->after.singular[0], sqrt(told), 2e-5 * sqrt(told) + 1e-9);
    ck_assert(w->next[0].any);
    ck_assert_double_eq_tol(w->next[0].left, (told + 1) / (told + 1 + 1 / (1 / next + least * least)), 2e-5);
    ck_assert(w->again[0].any == (again > 0));
    if (again > 0) {
        ck_assert_double_eq_tol(w->again[0].left, (told + 1) / (again + 1), 2e-5);
    }
    end_fit(w, fit);
}

/* Told and next: one over the variances of the data's mean and of one value more. */
START_TEST(test_next)
{
    const char *limits = "time (h),quantity,value,limit,censored,unit,sd\n1,shown,,%s,left,1,0.1\n2,shown,,60,left,1,0.1\n";
    char data[2048];
    snprintf(data, sizeof data, limits, "50"); /* far above: it says nothing */
    check_next(data, NUMBER, 0, 100, 0);
    check_next("time (h),quantity,low,high,n,unit\n1,shown,1.500,2.500,2,1\n", NUMBER SHOWN("kind = \"additive\"; additive = 0.5;"), 8, 4, 0);
    check_next("time (h),subject,quantity,value,unit\n1,a,shown,1.5,1\n1,b,shown,2.5,1\n", NUMBER SHOWN("kind = \"additive\"; additive = 0.5;"),
               8, 4, 0);
    /* one subject, twenty rows: they tell of the subject */
    size_t n = (size_t)snprintf(data, sizeof data, "time (h),subject,quantity,value,unit,sd\n");
    for (int i = 1; i <= 20; i++) {
        n += (size_t)snprintf(data + n, sizeof data - n, "%d,a,shown,2.%02d,1,0.05\n", i, i);
    }
    const double v = 0.3 * 0.3, s2 = 0.05 * 0.05, x = 2.105 / (1 + v + s2 / 20) + 2 * (v + s2 / 20) / (1 + v + s2 / 20), own = s2 + 1e-4 * x * x;
    check_next(data, NUMBER SHOWN("kind = \"data\"; subject = 0.3;"), 1 / (v + s2 / 20), 1 / (v + s2), 1 / (v + 1 / (20 / s2 + 1 / own)));
    /* two rows of a subject that hardly differs from others: their own error counts */
    const double least = 4e-4;
    check_next("time (h),subject,quantity,value,unit,sd\n1,a,shown,2.00,1,0.1\n2,a,shown,2.0000001,1,0.1\n",
               NUMBER SHOWN("kind = \"data\"; subject = 0.01;"), 1 / (1e-4 + 0.005), 1 / (1e-4 + 0.01),
               1 / (1e-4 + 1 / (2 / 0.01 + 1 / (0.01 + least))));
}
END_TEST

static void check_advice(const char *subjects, const char *words)
{
    char data[1024];
    msc_fit *fit = NULL;
    snprintf(data, sizeof data, "time (h),subject,quantity,value,unit,sd\n%s", subjects);
    msc_fitted *w = run_fit(data, NUMBER SHOWN("kind = \"data\"; subject = 0.3;"), &fit);
    check_page(w, words);
    end_fit(w, fit);
}

START_TEST(test_advice)
{
    /* 1 / (.09 + .0225) + 1, and 1 / .18 more; 1 / (.09 + .015) + 1 with one of `a` */
    check_advice("1,a,shown,2.1,1,0.3\n2,a,shown,1.9,1,0.3\n3,a,shown,2.0,1,0.3\n4,a,shown,2.2,1,0.3\n",
                 "One more of shown at 0 h, of a new subject, would leave 64 % of its variance; none of a subject who has been measured "
                 "would tell much.");
    /* 1 / .9 + 1, and 1 / .9 more; 1 / (.09 + .405) + 1 with one of `a` */
    check_advice("1,a,shown,2.1,1,0.9\n",
                 "of a new subject, would leave 66 % of its variance; one more of shown at 0 h, of a, who has been measured, would leave 70 %.");
}
END_TEST

/* ---- bands of a posterior ---- */

/* Twice a number with a normal prior, of three subjects: the posterior is normal, and so is a new observation, which has a new
 * subject's effect and an error of its own. */
START_TEST(test_bands)
{
    msc_fit *fit = NULL;
    msc_fitted *w = run_fit("time (h),subject,quantity,value (1)\n1,a,shown,3.0\n2,b,shown,5.0\n30,c,shown,4.5\n",
                            "observe: { shown = { quantity = \"shown\"; factor = 2.0; error = { kind = \"additive\"; additive = 0.1; subject = 0.5; }; }; };"
                            "estimate: { idle = { vary = \"parameters.idle\"; prior = { distribution = \"normal\"; mean = 1.0; sd = 1.0; }; "
                            "scale = \"linear\"; }; }; sample = { steps = 1500; };", &fit);
    const double each = 0.1 * 0.1 + 0.5 * 0.5, told = 1 + 3 * 4 / each, mean = 2 * (1 + 2 * 12.5 / each) / told;
    const double sd = 2 / sqrt(told), new_sd = sqrt(sd * sd + each), z = 1.959964;
    const msc_posterior *p = w->posterior;
    const double allowed = 5 * 2.67 / sqrt(fmin(p->estimate[0].ess, (double)p->n_band)); /* of the ends: z_0.975 +- 2.67 / sqrt(draws) */
    ck_assert_msg(allowed < 0.7, "%g draws, %zu in bands", p->estimate[0].ess, p->n_band); /* without the effect of a subject ends are 0.9 off */
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq_tol(p->row[1][i], mean, allowed * sd);
        ck_assert_double_eq_tol(p->row[0][i], mean - z * sd, allowed * sd);
        ck_assert_double_eq_tol(p->row[2][i], mean + z * sd, allowed * sd);
        ck_assert_double_eq_tol(p->row[3][i], mean - z * new_sd, allowed * new_sd);
        ck_assert_double_eq_tol(p->row[4][i], mean + z * new_sd, allowed * new_sd);
    }
    ck_assert_uint_eq(p->n_curve, 1);
    for (size_t i = 0; i < fit->n_grid; i++) {
        ck_assert_double_eq_tol(p->curve[0].low[i], p->row[0][0], 1e-9);
        ck_assert_double_eq_tol(p->curve[0].median[i], p->row[1][0], 1e-9);
        ck_assert_double_eq_tol(p->curve[0].high[i], p->row[2][0], 1e-9);
    }
    end_fit(w, fit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_interval);
    tcase_add_test(tests, test_interval_of_subject);
    tcase_add_test(tests, test_repeats);
    tcase_add_test(tests, test_words);
    tcase_add_test(tests, test_alone);
    tcase_add_test(tests, test_journal);
    tcase_add_test(tests, test_doses);
    tcase_add_test(tests, test_doses_refused);
    tcase_add_loop_test(tests, test_information, 0, 3);
    tcase_add_test(tests, test_next);
    tcase_add_test(tests, test_advice);
    tcase_add_test(tests, test_bands);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
