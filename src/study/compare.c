/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two results files: the same bytes, the same numbers, or numbers within the solver's tolerance. */
#include <mscsim/file.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "store/dataset.h"

enum { FACTOR = 100 }; /* times rtol: two runs, each within 50 times (docs/theory.md) */
static const double FLOOR =
    1e-3; /* of the largest in a variable: what is less is held against that */

typedef struct {
    const msc_dataset *a, *b;
    msc_comparison *c;
} pair;

/* ---- bytes ---- */

static msc_status same_bytes(const char *first, const char *second, bool *same, msc_error *err)
{
    char x[4096], y[4096];
    size_t n, m;
    FILE *a = fopen(first, "rbe"), *b = fopen(second, "rbe");
    *same = a && b;
    while (*same) {
        n = fread(x, 1, sizeof x, a), m = fread(y, 1, sizeof y, b);
        *same = n == m && memcmp(x, y, n) == 0;
        if (n < sizeof x || m < sizeof y) {
            break;
        }
    }
    const bool failed = !a || !b || ferror(a) || ferror(b);
    if (a) {
        fclose(a);
    }
    if (b) {
        fclose(b);
    }
    return failed ? msc_fail(err, MSC_E_IO, NULL, "cannot read '%s' or '%s'", first, second)
                  : MSC_OK;
}

/* ---- what is no number ---- */

static void differ(pair *p, const char *how, const char *name)
{
    p->c->same = p->c->within = false;
    if (p->c->what[0] == '\0') {
        snprintf(p->c->what, sizeof p->c->what, how, name);
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(const char *const *a, const char *const *b, size_t n)
{
    bool same = !a == !b;
    for (size_t i = 0; same && a && i < n; i++) {
        same = strcmp(a[i], b[i]) == 0;
    }
    return same;
}

static bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Those of the program and the solver's work may differ between two that are within tolerance. */
static void compare_attributes(pair *p)
{
    for (size_t i = 0; i < p->a->n_attribute; i++) {
        const msc_attribute *x = &p->a->attribute[i], *y = NULL;
        for (size_t k = 0; k < p->b->n_attribute; k++) {
            y = strcmp(x->name, p->b->attribute[k].name) == 0 ? &p->b->attribute[k] : y;
        }
        const bool same =
            y && same_text(x->text, y->text) && (x->text || same_number(x->number, y->number));
        p->c->same = p->c->same && same;
        if (!same && strncmp(x->name, "solver_", 7) != 0 &&
            strcmp(x->name, "mscsim_version") != 0) {
            differ(p, "the attribute '%.100s' differs", x->name);
        }
    }
    p->c->same = p->c->same && p->a->n_attribute == p->b->n_attribute;
}

/* ---- numbers ---- */

/* "live[24 h, lung]" */
static void name_element(const pair *p, const msc_array *array, size_t element, char *text,
                         size_t n)
{
    size_t stride = 1, used = (size_t)snprintf(text, n, "%.60s", array->name);
    for (int k = 0; k < array->n_axis; k++) {
        stride *= p->a->axis[array->axis[k]].n;
    }
    for (int k = 0; k < array->n_axis && used + 80 < n; k++) {
        const msc_axis *axis = &p->a->axis[array->axis[k]];
        stride /= axis->n;
        const size_t at = element / stride % axis->n;
        const char *before = k == 0 ? "[" : ", ", *after = k + 1 == array->n_axis ? "]" : "";
        if (axis->label) {
            used += (size_t)snprintf(text + used, n - used, "%s%.40s%s", before, axis->label[at],
                                     after);
        } else {
            const bool unit = axis->unit && strcmp(axis->unit, "1") != 0;
            used +=
                (size_t)snprintf(text + used, n - used, "%s%.8g%s%.20s%s", before, axis->value[at],
                                 unit ? " " : "", unit ? axis->unit : "", after);
        }
    }
}

static double difference(double x, double y, double largest)
{
    if (same_number(x, y) || x == y) {
        return 0;
    }
    const double d = fabs(x - y) / fmax(fmax(fabs(x), fabs(y)), FLOOR * largest);
    return isnan(d) ? INFINITY : d;
}

static void compare_reals(pair *p, const msc_array *a, const double *x, const double *y, size_t n)
{
    double largest = 0;
    const char *end = strstr(a->name, "_peak_time");
    const bool left_out = end && end[strlen("_peak_time")] == '\0';
    for (size_t i = 0; i < n; i++) {
        p->c->same = p->c->same && same_number(x[i], y[i]);
        largest = isfinite(x[i]) ? fmax(largest, fabs(x[i])) : largest;
    }
    for (size_t i = 0; i < n && !left_out; i++) {
        const double d = difference(x[i], y[i], largest);
        if (d > p->c->largest) {
            p->c->largest = d;
            name_element(p, a, i, p->c->at, sizeof p->c->at);
        }
    }
}

static void compare_axes(pair *p)
{
    for (size_t i = 0; i < p->a->n_axis; i++) {
        const msc_axis *x = &p->a->axis[i], *y = msc_dataset_axis(p->b, x->name);
        if (!y || x->n != y->n || !same_texts(x->label, y->label, x->n) ||
            !same_text(x->unit, y->unit)) {
            differ(p, y ? "the index '%.100s' differs" : "'%.100s' is not there", x->name);
        } else if (x->value) {
            const msc_array as_array = {.name = x->name, .n_axis = 1, .axis = {(int)i}};
            compare_reals(p, &as_array, x->value, y->value, x->n);
        }
        p->c->same = p->c->same && y && same_text(x->about, y->about);
    }
}

static bool same_shape(const pair *p, const msc_array *x, const msc_array *y)
{
    bool same = x->kind == y->kind && x->n_axis == y->n_axis && same_text(x->unit, y->unit) &&
                x->n_meaning == y->n_meaning &&
                same_texts(x->flag_meaning, y->flag_meaning, x->n_meaning);
    for (int k = 0; same && k < x->n_axis; k++) {
        const msc_axis *a = &p->a->axis[x->axis[k]], *b = &p->b->axis[y->axis[k]];
        same = strcmp(a->name, b->name) == 0 && a->n == b->n;
    }
    return same;
}

static void compare_array(pair *p, const msc_array *x)
{
    const msc_array *y = msc_dataset_array(p->b, x->name);
    if (!y || !same_shape(p, x, y)) {
        differ(p, y ? "'%.100s' has another shape or unit" : "'%.100s' is not there", x->name);
        return;
    }
    const size_t n = msc_array_size(p->a, x);
    bool same = true;
    switch (x->kind) {
    case MSC_ARRAY_REAL: compare_reals(p, x, x->real, y->real, n); break;
    case MSC_ARRAY_FLAG: same = memcmp(x->flag, y->flag, n * sizeof *x->flag) == 0; break;
    case MSC_ARRAY_COUNT: same = memcmp(x->count, y->count, n * sizeof *x->count) == 0; break;
    case MSC_ARRAY_TEXT: same = same_texts(x->text, y->text, n); break;
    }
    if (!same) {
        differ(p, "'%.100s' differs", x->name);
    }
    p->c->same = p->c->same && same_text(x->about, y->about);
}

/* ---- all of it ---- */

static double number_of(const msc_dataset *d, const char *name)
{
    for (size_t i = 0; i < d->n_attribute; i++) {
        if (strcmp(d->attribute[i].name, name) == 0 && !d->attribute[i].text) {
            return d->attribute[i].number;
        }
    }
    return 0;
}

static void name_program(const msc_dataset *d, char *text, size_t n)
{
    const char *version = msc_dataset_text(d, "mscsim_version"),
               *kernel = msc_dataset_text(d, "solver_kernel");
    snprintf(text, n, "mscsim %.24s, %.24s", version ? version : "?", kernel ? kernel : "?");
}

static void compare(pair *p)
{
    msc_comparison *c = p->c;
    const double a = number_of(p->a, "solver_rtol"), b = number_of(p->b, "solver_rtol");
    c->allowed = FACTOR * fmax(isfinite(a) ? a : 0, isfinite(b) ? b : 0);
    c->same = c->within = true;
    name_program(p->a, c->program[0], sizeof c->program[0]);
    name_program(p->b, c->program[1], sizeof c->program[1]);
    c->same_program = strcmp(c->program[0], c->program[1]) == 0;
    compare_attributes(p);
    compare_axes(p);
    for (size_t i = 0; i < p->a->n_array; i++) {
        compare_array(p, &p->a->array[i]);
    }
    for (size_t i = 0; i < p->b->n_array; i++) {
        if (!msc_dataset_array(p->a, p->b->array[i].name)) {
            differ(p, "'%.100s' is there in one alone", p->b->array[i].name);
        }
    }
    if (p->a->n_axis != p->b->n_axis) {
        differ(p, "%s", "one has more indices than the other");
    }
    c->within = c->within && c->largest <= c->allowed;
}

msc_status msc_file_compare(const char *first, const char *second, msc_comparison *comparison,
                            msc_error *err)
{
    msc_dataset *a = NULL, *b = NULL;
    *comparison = (msc_comparison){0};
    msc_status status = same_bytes(first, second, &comparison->same_bytes, err);
    if (status == MSC_OK) {
        status = msc_store_read(first, &a, err);
    }
    if (status == MSC_OK) {
        status = msc_store_read(second, &b, err);
    }
    if (status == MSC_OK) {
        compare(&(pair){a, b, comparison});
    }
    msc_dataset_free(a);
    msc_dataset_free(b);
    return status;
}

msc_status msc_file_probe(const char *path, bool force, msc_error *err)
{
    return msc_store_probe(path, force, err);
}
