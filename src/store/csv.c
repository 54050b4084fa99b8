/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results as comma-separated values. */
#include "store/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What was asked for: an array, or one column of it. */
typedef struct {
    const msc_array *array;
    int lead;        /* axes that go along rows: 1, or 2 if each time of each scenario is a row */
    size_t first, n; /* columns */
} pick;

/* A field under construction: quoted as a whole when it is known whether it needs to be. */
typedef struct {
    char *text;
    size_t n, cap;
    bool full; /* memory ran out */
} field;

static void field_add(field *f, const char *text)
{
    size_t n = strlen(text);
    if (n >= f->cap - f->n) {
        size_t cap = 2 * (f->n + n) + 64;
        char *more = cap < n ? NULL : realloc(f->text, cap);
        if (!more) {
            f->full = true;
            return;
        }
        f->text = more;
        f->cap = cap;
    }
    memcpy(f->text + f->n, text, n + 1);
    f->n += n;
}

/* Empties the field into the stream, in quotes if it holds what ends a field or a line. */
static void field_write(field *f, FILE *stream)
{
    const char *text = f->n ? f->text : "";
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, stream);
    } else {
        putc('"', stream);
        for (; *text; text++) {
            if (*text == '"') {
                putc('"', stream);
            }
            putc(*text, stream);
        }
        putc('"', stream);
    }
    f->n = 0;
}

/* `digits` digits at most; a locale's decimal sign becomes '.'. */
static void real_text(double value, int digits, char *buffer, size_t size)
{
    snprintf(buffer, size, "%.*g", digits, value);
    if (!isfinite(value)) {
        return;
    }
    char *sign = buffer + strspn(buffer, "+-0123456789eE");
    size_t n = strcspn(sign, "+-0123456789eE");
    if (n > 0) {
        sign[0] = '.';
        memmove(sign + 1, sign + n, strlen(sign + n) + 1);
    }
}

static void field_add_real(field *f, double value)
{
    char buffer[64];
    if (!isnan(value)) {
        real_text(value, 17, buffer, sizeof buffer);
        field_add(f, buffer);
    }
}

static void field_add_unit(field *f, const char *unit)
{
    if (unit && unit[0] && strcmp(unit, "1") != 0) {
        field_add(f, " (");
        field_add(f, unit);
        field_add(f, ")");
    }
}

/* A place on an axis as it stands in a column's name, its unit aside: as short as tells it from its neighbours. */
static void field_add_place(field *f, const msc_axis *axis, size_t i)
{
    if (axis->label) {
        field_add(f, axis->label[i] ? axis->label[i] : "");
        return;
    }
    char buffer[64];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, sizeof buffer, "%.*g", digits, axis->value[i]);
        if (strtod(buffer, NULL) == axis->value[i]) {
            real_text(axis->value[i], digits, buffer, sizeof buffer);
            break;
        }
    }
    field_add(f, buffer);
}

/* The unit of its places, or NULL. */
static const char *place_unit(const msc_axis *axis)
{
    return !axis->label && axis->unit && strcmp(axis->unit, "1") != 0 && *axis->unit ? axis->unit : NULL;
}

/* "live[lung]", "live[24.5 h,lung]": the axes from the lead-th on. */
static void field_add_element(field *f, const msc_dataset *dataset, const msc_array *array, int lead, size_t element)
{
    size_t rest = 1;
    for (int k = lead; k < array->n_axis; k++) {
        rest *= dataset->axis[array->axis[k]].n;
    }
    field_add(f, array->name);
    for (int k = lead; k < array->n_axis; k++) {
        const msc_axis *axis = &dataset->axis[array->axis[k]];
        rest /= axis->n;
        field_add(f, k == lead ? "[" : ",");
        field_add_place(f, axis, element / rest);
        element %= rest;
        if (place_unit(axis)) {
            field_add(f, " ");
            field_add(f, axis->unit);
        }
    }
    field_add(f, array->n_axis > lead ? "]" : "");
}

/* Does it go along the times of each scenario? */
static bool is_course(const msc_dataset *dataset, const msc_array *array)
{
    return array->n_axis > 1 && strcmp(dataset->axis[array->axis[1]].name, "time") == 0;
}

/* Elements of an array at one place of its leading axes. */
static size_t columns(const msc_dataset *dataset, const msc_array *array, int lead)
{
    size_t n = msc_array_size(dataset, array);
    for (int k = 0; k < lead; k++) {
        n /= dataset->axis[array->axis[k]].n;
    }
    return n;
}

/* "live[lung] (cell)" */
static void write_heading(FILE *stream, const msc_dataset *dataset, const pick *p, size_t column, field *f)
{
    field_add_element(f, dataset, p->array, p->lead, column);
    field_add_unit(f, p->array->unit);
    putc(',', stream);
    field_write(f, stream);
}

static void write_element(FILE *stream, const msc_array *array, size_t i, field *f)
{
    char buffer[32];
    switch (array->kind) {
    case MSC_ARRAY_REAL: field_add_real(f, array->real[i]); break;
    case MSC_ARRAY_FLAG:
        snprintf(buffer, sizeof buffer, "%d", array->flag[i]);
        field_add(f,
                  array->flag[i] < array->n_meaning ? array->flag_meaning[array->flag[i]] : buffer);
        break;
    case MSC_ARRAY_COUNT:
        snprintf(buffer, sizeof buffer, "%" PRId64, array->count[i]);
        field_add(f, buffer);
        break;
    case MSC_ARRAY_TEXT: field_add(f, array->text[i] ? array->text[i] : ""); break;
    }
    putc(',', stream);
    field_write(f, stream);
}

static msc_status stream_check(FILE *stream, const field *f, msc_error *err)
{
    if (f->full) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    if (ferror(stream)) {
        char reason[128] = "";
        if (errno == 0 || strerror_r(errno, reason, sizeof reason) != 0) {
            snprintf(reason, sizeof reason, "the stream failed");
        }
        return msc_fail(err, MSC_E_IO, NULL, "cannot write the table: %s", reason);
    }
    return MSC_OK;
}

static void write_axis_heading(FILE *stream, const msc_axis *axis, field *f)
{
    field_add(f, axis->name);
    field_add_unit(f, axis->label ? NULL : axis->unit);
    field_write(f, stream);
}

static void write_axis_place(FILE *stream, const msc_axis *axis, size_t i, field *f)
{
    if (axis->label) {
        field_add(f, axis->label[i] ? axis->label[i] : "");
    } else {
        field_add_real(f, axis->value[i]);
    }
    field_write(f, stream);
}

/* One row; of the inner axis, if there is one, at place k. */
static void write_row(FILE *stream, const msc_dataset *dataset, const pick *picks, size_t n, size_t row, size_t n_inner, size_t k,
                      field *f)
{
    for (size_t j = 0; j < n; j++) {
        const pick *p = &picks[j];
        const size_t width = columns(dataset, p->array, p->lead), at = p->lead == 2 ? row * n_inner + k : row;
        for (size_t i = 0; i < p->n; i++) {
            write_element(stream, p->array, at * width + p->first + i, f);
        }
    }
    putc('\n', stream);
}

/* Along one axis, or along the times of each of its places if one of the picks goes along them. */
static msc_status write_table(FILE *stream, const msc_dataset *dataset, const msc_axis *axis,
                              const pick *picks, size_t n, field *f, msc_error *err)
{
    const msc_axis *inner = NULL;
    errno = 0;
    write_axis_heading(stream, axis, f);
    for (size_t k = 0; k < n; k++) {
        inner = picks[k].lead == 2 ? &dataset->axis[picks[k].array->axis[1]] : inner;
    }
    if (inner) {
        putc(',', stream);
        write_axis_heading(stream, inner, f);
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < picks[k].n; i++) {
            write_heading(stream, dataset, &picks[k], picks[k].first + i, f);
        }
    }
    putc('\n', stream);

    msc_status status = stream_check(stream, f, err);
    const size_t n_inner = inner ? inner->n : 1;
    for (size_t row = 0; row < axis->n * n_inner && status == MSC_OK; row++) {
        write_axis_place(stream, axis, row / n_inner, f);
        if (inner) {
            putc(',', stream);
            write_axis_place(stream, inner, row % n_inner, f);
        }
        write_row(stream, dataset, picks, n, row / n_inner, n_inner, row % n_inner, f);
        status = stream_check(stream, f, err);
    }
    if (status == MSC_OK) {
        fflush(stream); /* its failure is the stream's */
        status = stream_check(stream, f, err);
    }
    return status;
}

static bool leads(const msc_dataset *dataset, const msc_axis *axis, const msc_array *array)
{
    return array->n_axis > 0 && &dataset->axis[array->axis[0]] == axis;
}

/* "no 'x' here; did you mean 'y'?" among axes or arrays */
static msc_status unknown_fail(const msc_dataset *dataset, bool axis, const char *name,
                               msc_error *err)
{
    size_t n = axis ? dataset->n_axis : dataset->n_array;
    const char **candidate = calloc(n + 1, sizeof *candidate);
    for (size_t i = 0; candidate && i < n; i++) {
        candidate[i] = axis ? dataset->axis[i].name : dataset->array[i].name;
    }
    const char *nearest = candidate ? msc_text_nearest(name, candidate, n) : NULL;
    msc_status status =
        msc_fail(err, MSC_E_USAGE, NULL, "there is no %s '%s' in these results%s%s%s",
                 axis ? "axis" : "quantity", name, nearest ? "; did you mean '" : "",
                 nearest ? nearest : "", nearest ? "'?" : "");
    free(candidate);
    return status;
}

/* Does "lung, cxcr4_neg]" name this column of an array? Blanks aside; a number may have its unit behind it. */
static bool names_column(const msc_dataset *dataset, const msc_array *array, int lead, size_t column, const char *text)
{
    size_t rest = columns(dataset, array, lead);
    for (int k = lead; k < array->n_axis; k++) {
        const msc_axis *axis = &dataset->axis[array->axis[k]];
        field label = {0};
        rest /= axis->n;
        field_add_place(&label, axis, column / rest);
        column %= rest;
        text += strspn(text, " ");
        const size_t n = label.n;
        const bool same = !label.full && n > 0 && strncmp(text, label.text, n) == 0;
        free(label.text);
        text += same ? n + strspn(text + n, " ") : 0;
        const size_t unit = place_unit(axis) ? strlen(axis->unit) : 0;
        if (same && unit > 0 && strncmp(text, axis->unit, unit) == 0) {
            text += unit + strspn(text + unit, " ");
        }
        if (!same || *text != (k + 1 < array->n_axis ? ',' : ']')) {
            return false;
        }
        text++;
    }
    return *text == '\0';
}

static pick whole(const msc_dataset *dataset, const msc_array *array)
{
    const int lead = is_course(dataset, array) ? 2 : 1;
    return (pick){array, lead, 0, columns(dataset, array, lead)};
}

/* One column, where the first `lead` axes are rows. */
static bool find_column(const msc_dataset *dataset, const msc_array *array, int lead, const char *text, pick *chosen)
{
    const size_t n = columns(dataset, array, lead);
    for (size_t i = 0; i < n; i++) {
        if (names_column(dataset, array, lead, i, text)) {
            *chosen = (pick){array, lead, i, 1};
            return true;
        }
    }
    return false;
}

/* "live", or "live[lung]"; of what goes along the times of each scenario also "live[24.5 h,lung]". */
static msc_status choose_one(const msc_dataset *dataset, const msc_axis *axis, const char *name, pick *chosen,
                             msc_error *err)
{
    const size_t n = strcspn(name, "[");
    char *stem = strndup(name, n);
    if (!stem) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    const msc_array *array = msc_dataset_array(dataset, stem);
    if (!array) {
        const msc_status status = unknown_fail(dataset, false, stem, err);
        free(stem);
        return status;
    }
    free(stem);
    if (!leads(dataset, axis, array)) {
        return msc_fail(err, MSC_E_USAGE, NULL, "'%s' does not go along '%s'%s", array->name, axis->name,
                        array->n_axis == 0 ? ", it is one number: export it without the others" : "");
    }
    *chosen = whole(dataset, array);
    if (name[n] == '\0' || (chosen->lead == 2 && find_column(dataset, array, 2, name + n + 1, chosen)) ||
        find_column(dataset, array, 1, name + n + 1, chosen)) {
        return MSC_OK;
    }
    return msc_fail(err, MSC_E_USAGE, NULL, "'%s' has no element '%s'", array->name, name + n);
}

static msc_status choose(const msc_dataset *dataset, const msc_axis *axis, const char *const *names,
                         size_t n_names, pick *chosen, size_t *n, msc_error *err)
{
    *n = 0;
    for (size_t i = 0; i < dataset->n_array && n_names == 0; i++) {
        if (leads(dataset, axis, &dataset->array[i])) {
            chosen[(*n)++] = whole(dataset, &dataset->array[i]);
        }
    }
    for (size_t i = 0; i < n_names; i++) {
        const msc_status status = choose_one(dataset, axis, names[i], &chosen[(*n)++], err);
        if (status != MSC_OK) {
            return status;
        }
    }
    if (*n == 0) {
        return msc_fail(err, MSC_E_USAGE, NULL, "nothing in these results goes along '%s'",
                        axis->name);
    }
    return MSC_OK;
}

msc_status msc_csv_write(FILE *stream, const msc_dataset *dataset, const char *axis,
                         const char *const *names, size_t n_names, msc_error *err)
{
    const msc_axis *leading = msc_dataset_axis(dataset, axis);
    if (!leading) {
        return unknown_fail(dataset, true, axis, err);
    }
    pick *chosen = calloc(n_names + dataset->n_array + 1, sizeof *chosen);
    if (!chosen) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    size_t n = 0;
    field f = {0};
    msc_status status = choose(dataset, leading, names, n_names, chosen, &n, err);
    if (status == MSC_OK) {
        status = write_table(stream, dataset, leading, chosen, n, &f, err);
    }
    free(f.text);
    free(chosen);
    return status;
}

/* ---- numbers, a row each ---- */

/* What stands beside it: "NAME_mark", "NAME_low", if the file has that over the same axes. */
static const msc_array *beside(const msc_dataset *dataset, const msc_array *array, const char *end, msc_array_kind kind)
{
    char name[512];
    snprintf(name, sizeof name, "%s%s", array->name, end);
    const msc_array *found = msc_dataset_array(dataset, name);
    bool same = found && found->kind == kind && found->n_axis == array->n_axis;
    for (int k = 0; same && k < array->n_axis; k++) {
        same = found->axis[k] == array->axis[k];
    }
    return same ? found : NULL;
}

static void write_beside(FILE *stream, const msc_array *array, size_t i, field *f)
{
    if (array) {
        write_element(stream, array, i, f);
    } else {
        putc(',', stream);
    }
}

static void write_numbers(FILE *stream, const msc_dataset *dataset, const msc_array *array, field *f)
{
    const msc_array *const column[] = {beside(dataset, array, "_mark", MSC_ARRAY_FLAG), beside(dataset, array, "_low", MSC_ARRAY_REAL),
                                       beside(dataset, array, "_low_mark", MSC_ARRAY_FLAG),
                                       beside(dataset, array, "_high", MSC_ARRAY_REAL),
                                       beside(dataset, array, "_high_mark", MSC_ARRAY_FLAG)};
    for (size_t i = 0; i < msc_array_size(dataset, array); i++) {
        field_add_element(f, dataset, array, 0, i);
        field_write(f, stream);
        write_element(stream, array, i, f);
        putc(',', stream);
        field_add(f, array->unit ? array->unit : "1");
        field_write(f, stream);
        for (size_t k = 0; k < sizeof column / sizeof *column; k++) {
            write_beside(stream, column[k], i, f);
        }
        putc(',', stream);
        field_add(f, array->about ? array->about : "");
        field_write(f, stream);
        putc('\n', stream);
    }
}

msc_status msc_csv_numbers(FILE *stream, const msc_dataset *dataset, const char *const *names,
                           size_t n_names, msc_error *err)
{
    field f = {0};
    errno = 0;
    for (size_t i = 0; i < n_names; i++) {
        const msc_array *array = msc_dataset_array(dataset, names[i]);
        if (!array) {
            return unknown_fail(dataset, false, names[i], err);
        }
        if (array->n_axis > 0 && dataset->axis[array->axis[0]].name &&
            strcmp(dataset->axis[array->axis[0]].name, "time") == 0) {
            return msc_fail(err, MSC_E_USAGE, NULL, "'%s' goes along 'time' and '%s' is one number: export them apart",
                            names[i], names[0]);
        }
    }
    fputs("name,value,unit,mark,low,low_mark,high,high_mark,about\n", stream);
    for (size_t i = 0; i < n_names; i++) {
        write_numbers(stream, dataset, msc_dataset_array(dataset, names[i]), &f);
    }
    fflush(stream);
    const msc_status status = stream_check(stream, &f, err);
    free(f.text);
    return status;
}
