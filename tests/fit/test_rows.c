/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of data as a fit takes them: what a page says of each kind, whose they are, what is refused and where. What is
 * predicted is a parameter as it is, so that everything has a closed form. */
#include <mscsim/fit.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/fit.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_rows_XXXXXX";

static const char MODEL[] =
    "parameters: { idle = { unit = \"1\"; value = 2.0; range = [1.0, 3.0]; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  shift = { unit = \"1\"; value = 0.5; about = \"b\"; source = \"assumed: a test\"; };\n"
    "  mass = { unit = \"kg\"; value = 20.0; about = \"c\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; };\n"
    "processes: { clear = { from = \"gut\"; hazard = \"1/(1 h)\"; fate = \"cleared\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; vein = { to = \"gut\"; per = \"mass\"; }; };\n"
    "outputs: { gut = { }; shown = { unit = \"1\"; value = \"idle\"; }; moved = { unit = \"1\"; value = \"shift\"; }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; };\n"
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

/* Does the page have this? */
static void check_page(const msc_fitted *w, const char *words)
{
    char *text = NULL;
    size_t n = 0;
    msc_error err = {0};
    FILE *page = open_memstream(&text, &n);
    ck_assert(msc_fitted_summarise(w, page, &err) == MSC_OK);
    ck_assert_int_eq(fclose(page), 0);
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
    snprintf(line, sizeof line, "1.00 to 3.00                %.2f 1        %+.2f sd", low, (3 - low) / 0.4);
    check_page(w, line);
    end_fit(w, fit);
    w = run_fit("ID,TIME (h),CMT,DV (1),SD,CENS,LIMIT\np1,1,shown,1.0,0.4,-1,3.0\np2,2,shown,2.5,0.4,0,.\n",
                "estimate: { " IDLE " }; observe: { shown = { quantity = \"shown\"; }; };", &fit);
    snprintf(line, sizeof line, "1.00 to 3.00                %.2f 1        holds", w->result[0].value);
    check_page(w, line);
    end_fit(w, fit);
}
END_TEST

#define SUBJECT "observe: { shown = { quantity = \"shown\"; error = { kind = \"data\"; subject = 0.3; }; }; };"

START_TEST(test_interval_of_subject)
{
    check_refused(HEAD, "ID,TIME (h),CMT,DV (1),SD,CENS,LIMIT\np1,1,shown,3.0,0.1,1,1.0\np1,2,shown,2.8,0.1,0,.\np2,1,shown,2.2,0.1,0,.\n",
                  "estimate: { " IDLE " }; " SUBJECT, MSC_E_DATA, "d.csv:2",
                  "a value between two limits cannot share the effect of a subject with other rows; give it no group, or 'shown' no subject's "
                  "effect (then fit.group_weight says how much its rows count)");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_interval);
    tcase_add_test(tests, test_interval_of_subject);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
