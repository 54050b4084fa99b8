/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models from texts, run and looked at. */
#include "support/lab.h"

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lab {
    msc_scenario *scenario;
    msc_result *result;
};

enum { PATH = 1024, TEXTS = 8 };

const char *lab_format(const char *format, ...)
{
    static char text[TEXTS][LAB_TEXT];
    static int turn;
    char *to = text[turn++ % TEXTS];
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(to, LAB_TEXT, format, list);
    va_end(list);
    ck_assert_msg(n >= 0 && n < LAB_TEXT, "a text is too long for the laboratory");
    return to;
}

void lab_append(char *text, const char *format, ...)
{
    const size_t at = strlen(text);
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(text + at, LAB_TEXT - at, format, list);
    va_end(list);
    ck_assert_msg(n >= 0 && (size_t)n < LAB_TEXT - at, "a text is too long for the laboratory");
}

double lab_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* ---- files ---- */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void folder(char *path)
{
    const char *base = getenv("TMPDIR");
    snprintf(path, PATH, "%s/lab.XXXXXX", base != NULL ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static void in_tree(char *path, const char *name)
{
    char here[PATH / 2];
    const char *top = getenv("TOP");
    if (top == NULL) {
        ck_assert_ptr_nonnull(getcwd(here, sizeof here));
        top = here;
    }
    snprintf(path, PATH, "%s/%s", top, name);
}

static size_t count(const char *const *settings)
{
    size_t n = 0;
    while (settings != NULL && settings[n] != NULL) {
        n++;
    }
    return n;
}

static const char here_name[] = "scenario.cfg";

char *lab_put(const char *model, const char *scenario)
{
    char *path = malloc(PATH + 32), there[PATH + 32];
    ck_assert_ptr_nonnull(path);
    folder(path);
    snprintf(there, sizeof there, "%.*s/model.cfg", PATH, path);
    put(there, model);
    strcat(strcat(path, "/"), here_name);
    put(path, lab_format("model = \"model.cfg\";\n%s", scenario));
    return path;
}

char *lab_tree(const char *name)
{
    char *path = malloc(PATH);
    ck_assert_ptr_nonnull(path);
    in_tree(path, name);
    return path;
}

void lab_put_away(char *path)
{
    char *end = strrchr(path, '/');
    if (strcmp(end + 1, here_name) == 0 && strstr(path, "/lab.") != NULL) {
        unlink(path);
        strcpy(end + 1, "model.cfg");
        unlink(path);
        *end = '\0';
        rmdir(path);
    }
    free(path);
}

/* ---- running ---- */

static msc_status run(lab *l, const char *path, const char *const *settings, msc_error *err)
{
    memset(err, 0, sizeof *err);
    const msc_status status = msc_scenario_read(path, settings, count(settings), &l->scenario, err);
    return status != MSC_OK ? status : msc_scenario_run(l->scenario, &l->result, err);
}

static lab *open_lab(void)
{
    lab *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    return l;
}

lab *lab_file(const char *name, const char *const *settings)
{
    char path[PATH];
    msc_error err;
    lab *l = open_lab();
    in_tree(path, name);
    const msc_status status = run(l, path, settings, &err);
    ck_assert_msg(status == MSC_OK, "%s: %s: %s", name, err.where, err.message);
    return l;
}

/* model: a path as a scenario names it, or NULL: the text is put beside the scenario. */
static msc_status run_texts(lab *l, const char *model, const char *text, const char *scenario,
                            const char *const *settings, msc_error *err)
{
    char dir[PATH], here[PATH + 32];
    folder(dir);
    if (text != NULL) {
        snprintf(here, sizeof here, "%s/model.cfg", dir);
        put(here, text);
    }
    snprintf(here, sizeof here, "%s/scenario.cfg", dir);
    put(here, lab_format("model = \"%s\";\n%s", model, scenario));
    const msc_status status = run(l, here, settings, err);
    unlink(here);
    snprintf(here, sizeof here, "%s/model.cfg", dir);
    unlink(here);
    rmdir(dir);
    return status;
}

lab *lab_text(const char *model, const char *scenario, const char *const *settings)
{
    msc_error err;
    lab *l = open_lab();
    const msc_status status = run_texts(l, "model.cfg", model, scenario, settings, &err);
    ck_assert_msg(status == MSC_OK, "%s: %s", err.where, err.message);
    return l;
}

lab *lab_on(const char *model, const char *scenario, const char *const *settings)
{
    char path[PATH];
    msc_error err;
    lab *l = open_lab();
    in_tree(path, model);
    const msc_status status = run_texts(l, path, NULL, scenario, settings, &err);
    ck_assert_msg(status == MSC_OK, "%s: %s: %s", model, err.where, err.message);
    return l;
}

msc_error lab_refused(const char *model, const char *scenario)
{
    msc_error err;
    lab *l = open_lab();
    const msc_status status = run_texts(l, "model.cfg", model, scenario, NULL, &err);
    lab_free(l);
    ck_assert_msg(status != MSC_OK, "this ought to be refused:\n%s\n%s", model, scenario);
    return err;
}

void lab_free(lab *l)
{
    if (l != NULL) {
        msc_result_free(l->result);
        msc_scenario_free(l->scenario);
        free(l);
    }
}

/* ---- looking ---- */

const msc_scenario *lab_scenario(const lab *l)
{
    return l->scenario;
}

const msc_result *lab_result(const lab *l)
{
    return l->result;
}

size_t lab_times(const lab *l, const double **time)
{
    return msc_result_times(l->result, time);
}

bool lab_has(const lab *l, const char *quantity)
{
    return msc_result_values(l->result, quantity, NULL, NULL) != NULL;
}

const double *lab_row(const lab *l, const char *quantity, size_t i, size_t *n)
{
    const double *value = msc_result_values(l->result, quantity, n, NULL);
    ck_assert_msg(value != NULL, "there is no quantity '%s'", quantity);
    return value + i * *n;
}

/* "live[lung]" into a quantity and the number of its element. */
static void parse(const lab *l, const char *what, char *quantity, size_t *element)
{
    const char *bracket = strchr(what, '[');
    const size_t n_name = bracket != NULL ? (size_t)(bracket - what) : strlen(what);
    ck_assert_uint_lt(n_name, 64);
    memcpy(quantity, what, n_name);
    quantity[n_name] = '\0';
    *element = 0;
    size_t n = 0;
    ck_assert_msg(msc_result_values(l->result, quantity, &n, NULL) != NULL, "there is no quantity '%s'", what);
    if (bracket == NULL) {
        ck_assert_msg(n == 1, "'%s' has %zu elements", what, n);
        return;
    }
    const size_t n_label = strcspn(bracket + 1, "]");
    for (size_t e = 0; e < n; e++) {
        const char *label = msc_result_element(l->result, quantity, e);
        if (label != NULL && strlen(label) == n_label && memcmp(label, bracket + 1, n_label) == 0) {
            *element = e;
            return;
        }
    }
    char *end = NULL;
    *element = strtoul(bracket + 1, &end, 10);
    ck_assert_msg(end != bracket + 1 && *end == ']' && *element < n, "'%s' is not in the results", what);
}

double lab_at(const lab *l, const char *what, double t)
{
    char quantity[64];
    size_t element, n;
    const double *time;
    parse(l, what, quantity, &element);
    const double *value = msc_result_values(l->result, quantity, &n, NULL);
    const size_t n_time = lab_times(l, &time);
    for (size_t i = n_time; i-- > 0;) { /* of both sides of a stop, the later */
        if (fabs(time[i] - t) <= 1e-12 * fmax(1.0, fabs(t))) {
            return value[i * n + element];
        }
    }
    ck_abort_msg("time %g of '%s' was not put out", t, what);
}

double lab_end(const lab *l, const char *what)
{
    const double *time;
    const size_t n = lab_times(l, &time);
    return lab_at(l, what, time[n - 1]);
}

double lab_largest(const lab *l, const char *what)
{
    char quantity[64];
    size_t element, n;
    const double *time;
    double most = 0.0;
    parse(l, what, quantity, &element);
    const double *value = msc_result_values(l->result, quantity, &n, NULL);
    for (size_t i = 0; i < lab_times(l, &time); i++) {
        most = fmax(most, fabs(value[i * n + element]));
    }
    return most;
}

/* ---- books ---- */

static double total(const lab *l, const char *book, const char *pool, size_t i)
{
    const char *name = lab_format("%s_%s", book, pool);
    if (!lab_has(l, name)) {
        return 0.0;
    }
    size_t n = 0;
    double sum = 0.0;
    const double *row = lab_row(l, name, i, &n);
    for (size_t e = 0; e < n; e++) {
        sum += row[e];
    }
    return sum;
}

double lab_gap(const lab *l, const char *pool)
{
    const double *time;
    const size_t n = lab_times(l, &time);
    double gap = 0.0;
    ck_assert_msg(lab_has(l, lab_format("present_%s", pool)), "there is no ledger of '%s'", pool);
    for (size_t i = 0; i < n; i++) {
        const double in = total(l, "initial", pool, i) + total(l, "given", pool, i) + total(l, "entered", pool, i);
        const double out = total(l, "present", pool, i) + total(l, "ledger", pool, i);
        gap = fmax(gap, fabs(in - out));
        ck_assert(isfinite(in - out));
    }
    const double all =
        total(l, "initial", pool, n - 1) + total(l, "given", pool, n - 1) + total(l, "entered", pool, n - 1);
    ck_assert_msg(all > 0.0, "nothing was ever in pool '%s'", pool);
    return gap / all;
}

void lab_near(double got, double want, double tolerance, double scale, const char *what)
{
    ck_assert_msg(tolerance > 0.0 && tolerance < 1.0, "%s: a tolerance of %g proves nothing", what, tolerance);
    const double off = fabs(got - want);
    ck_assert_msg(off <= tolerance * fabs(scale), "%s: %.15g, not %.15g: off by %.3g of %.3g, where %.3g is allowed",
                  what, got, want, off / fabs(scale), fabs(scale), tolerance);
}
