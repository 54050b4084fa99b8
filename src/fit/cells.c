/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The header of a file of data, and single cells of its rows. */
#include "fit/cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

void msc_fit_fail(const msc_fit_table *table, const msc_csv_field *cell, const char *format, ...)
{
    char message[sizeof table->arena->error.message];
    va_list args;
    va_start(args, format);
    if (vsnprintf(message, sizeof message, format, args) < 0) {
        message[0] = '\0';
    }
    va_end(args);
    msc_csv_fail(table->csv, cell->line, cell->column, "%s", message);
}

/* ---- the header ---- */

static const struct {
    const char *name;
    msc_fit_column column;
    bool unit; /* may have one: "time (h)" */
} titles[] = {
    {"study", FIT_STUDY, false},
    {"group", FIT_GROUP, false},
    {"subject", FIT_GROUP, false},
    {"id", FIT_GROUP, false},
    {"time", FIT_TIME, true},
    {"day", FIT_TIME, false},
    {"time_unit", FIT_TIME_UNIT, false},
    {"quantity", FIT_QUANTITY, false},
    {"element", FIT_ELEMENT, false},
    {"region", FIT_ELEMENT, false},
    {"value", FIT_VALUE, true},
    {"dv", FIT_VALUE, true},
    {"unit", FIT_UNIT, false},
    {"sd", FIT_SD, true},
    {"se", FIT_SE, true},
    {"n", FIT_N, false},
    {"low", FIT_LOW, true},
    {"high", FIT_HIGH, true},
    {"censored", FIT_CENSORED, false},
    {"limit", FIT_LIMIT, true},
    {"decay_corrected", FIT_DECAY, false},
    {"calibration_time", FIT_CALIBRATION, true},
    {"weight", FIT_WEIGHT, false},
    {"amt", FIT_AMOUNT, true},
    {"rate", FIT_RATE, false},
    {"evid", FIT_EVID, false},
    {"mdv", FIT_MDV, false},
    {"cmt", FIT_COMPARTMENT, false},
    {"cens", FIT_CENS, false},
    {"addl", FIT_REFUSED, false},
    {"ii", FIT_REFUSED, false},
    {"ss", FIT_REFUSED, false},
    {"dur", FIT_REFUSED, false},
    {"comment", FIT_COMMENT, false},
    {"note", FIT_COMMENT, false},
    {"source", FIT_COMMENT, false},
};
enum { N_TITLES = sizeof titles / sizeof *titles };

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Either all lower-case or all upper-case. */
static bool is_title(const char *text, const char *name)
{
    bool shout = true;
    for (size_t i = 0; shout && (text[i] || name[i]); i++) {
        shout = text[i] == upper(name[i]);
    }
    return shout || strcmp(text, name) == 0;
}

static size_t find_title(const msc_fit_table *t, const msc_csv_field *field, const char *name)
{
    const char *candidates[N_TITLES];
    for (size_t i = 0; i < N_TITLES; i++) {
        if (is_title(name, titles[i].name)) {
            return i;
        }
        candidates[i] = titles[i].name;
    }
    if (name[0] == '\0') {
        msc_fit_fail(t, field, "a column without a name");
    }
    msc_fit_fail(t, field, "'%s' is no column of such a file%s", name, msc_text_suggest(t->arena, name, candidates, N_TITLES));
}

/* "time (h)": the name, and the unit or NULL. */
static const char *part_title(msc_fit_table *t, const char *text, const char **unit)
{
    const char *open = strchr(text, '(');
    const size_t length = strlen(text);
    if (!open || text[length - 1] != ')') {
        *unit = NULL;
        return text;
    }
    size_t name = (size_t)(open - text);
    while (name > 0 && (text[name - 1] == ' ' || text[name - 1] == '\t')) {
        name--;
    }
    *unit = msc_arena_strndup(t->arena, open + 1, length - (size_t)(open + 1 - text) - 1);
    return msc_arena_strndup(t->arena, text, name);
}

/* Values, their errors and limits have one unit between them. */
static void keep_unit(msc_fit_table *t, const msc_csv_field *field, msc_fit_column column, const char *unit)
{
    const char **place = column == FIT_TIME          ? &t->time_unit
                         : column == FIT_AMOUNT      ? &t->amount_unit
                         : column == FIT_CALIBRATION ? &t->calibration_unit
                                                     : &t->value_unit;
    if (*place && strcmp(*place, unit) != 0) {
        msc_fit_fail(t, field, "the unit '%s', where another column has '%s'", unit, *place);
    }
    *place = unit;
}

static void add_column(msc_fit_table *t, const msc_csv_field *field)
{
    const char *unit = NULL, *name = part_title(t, field->text, &unit);
    const size_t k = find_title(t, field, name), i = t->n++;
    const msc_fit_column column = titles[k].column;
    if (unit && !titles[k].unit) {
        msc_fit_fail(t, field, "a column '%s' has no unit", name);
    }
    if (strcmp(titles[k].name, "day") == 0) {
        unit = "day";
    }
    if (t->at[column] && column != FIT_COMMENT && column != FIT_REFUSED) {
        msc_fit_fail(t, field, "'%s' is a second column for what '%s' says", name, t->title[t->at[column] - 1]);
    }
    t->at[column] = i + 1;
    t->column[i] = column;
    t->title[i] = name;
    if (unit) {
        keep_unit(t, field, column, unit);
    }
}

static void check_pair(const msc_fit_table *t, msc_fit_column one, msc_fit_column other, const char *why)
{
    if (t->at[one] && t->at[other]) {
        msc_fit_fail(t, &t->csv->field[t->at[other] - 1], "%s", why);
    }
}

/* What a file must have, and what it cannot have both. */
static void check_columns(const msc_fit_table *t)
{
    const msc_csv_field *first = &t->csv->field[0];
    if (!t->at[FIT_TIME]) {
        msc_fit_fail(t, first, "a column for the time is missing, such as 'time (h)'");
    }
    if (!t->at[FIT_VALUE] && !t->at[FIT_LIMIT] && !(t->at[FIT_LOW] && t->at[FIT_HIGH])) {
        msc_fit_fail(t, first, "a column 'value' is missing (or 'low' and 'high', or 'limit')");
    }
    const bool dv = t->at[FIT_VALUE] && is_title(t->title[t->at[FIT_VALUE] - 1], "dv");
    if (!t->at[FIT_QUANTITY] && !t->at[FIT_COMPARTMENT] && !dv) {
        msc_fit_fail(t, first, "a column 'quantity' is missing");
    }
    check_pair(t, FIT_CENSORED, FIT_CENS, "'censored' and 'cens' say the same in two ways; one of them is enough");
    if (t->time_unit) {
        check_pair(t, FIT_TIME, FIT_TIME_UNIT, "the unit of times stands in the header already");
    }
    if (t->value_unit && t->at[FIT_UNIT]) {
        msc_fit_fail(t, &t->csv->field[t->at[FIT_UNIT] - 1], "the unit of values stands in the header already");
    }
}

void msc_fit_table_begin(msc_fit_table *t)
{
    if (!msc_csv_next(t->csv)) {
        msc_csv_fail(t->csv, t->csv->line, t->csv->column,
                     "there is no header; it names the columns, such as time (h),quantity,value,unit");
    }
    const msc_csv_field *first = &t->csv->field[0];
    const char *other = strpbrk(first->text, ";\t");
    if (t->csv->n == 1 && other) {
        msc_fit_fail(t, first, "columns are parted by commas, not by %s", *other == ';' ? "semicolons" : "tabs");
    }
    t->header_line = first->line;
    for (size_t i = 0; i < t->csv->n; i++) {
        add_column(t, &t->csv->field[i]);
    }
    check_columns(t);
}

/* ---- rows and cells ---- */

bool msc_fit_table_next(msc_fit_table *t)
{
    if (!msc_csv_next(t->csv)) {
        return false;
    }
    const size_t n = t->csv->n;
    if (n != t->n) {
        msc_fit_fail(t, &t->csv->field[n > t->n ? t->n : n - 1], "%zu %s, where the header has %zu", n,
                     n == 1 ? "field" : "fields", t->n);
    }
    return true;
}

static bool is_missing(const char *text)
{
    return text[0] == '\0' || strcmp(text, ".") == 0 || strcmp(text, "NA") == 0;
}

const msc_csv_field *msc_fit_cell(const msc_fit_table *t, msc_fit_column column)
{
    const msc_csv_field *field = t->at[column] ? &t->csv->field[t->at[column] - 1] : NULL;
    return field && !is_missing(field->text) ? field : NULL;
}

const msc_csv_field *msc_fit_place(const msc_fit_table *t, msc_fit_column column)
{
    return &t->csv->field[t->at[column] ? t->at[column] - 1 : 0];
}

const char *msc_fit_title(const msc_fit_table *t, msc_fit_column column)
{
    return t->at[column] ? t->title[t->at[column] - 1] : "";
}

/* What to say of a text that is no number. */
static const char *number_hint(const char *text)
{
    if (text[0] == '<' || text[0] == '>') {
        return text[0] == '<' ? "; below a limit: censored = left, limit = ..."
                              : "; above a limit: censored = right, limit = ...";
    }
    if (strcasecmp(text, "nan") == 0 || strcasecmp(text, "n/a") == 0 || strcmp(text, "-") == 0) {
        return "; what is missing is left empty";
    }
    return strchr(text, ',') ? "; the decimal sign is a point" : strchr(text, '%') ? "; its unit has a place of its own" : "";
}

double msc_fit_real(const msc_fit_table *t, const msc_csv_field *cell, double *half)
{
    const char *text = cell->text, *exponent = strpbrk(text, "eE"), *point = strchr(text, '.');
    double value = 0;
    const size_t mantissa = exponent ? (size_t)(exponent - text) : strlen(text);
    if (!msc_text_real(text, &value)) {
        const bool huge = strspn(text, "+-.0123456789eE") == strlen(text) && isinf(strtod(text, NULL));
        msc_fit_fail(t, cell, "'%s' is %s%s", text, huge ? "too large a number" : "not a number", huge ? "" : number_hint(text));
    }
    const bool zero = strcspn(text, "123456789") >= mantissa;
    if (value == 0 && !zero) {
        msc_fit_fail(t, cell, "'%s' is too small a number", text);
    }
    if (half) {
        const long decimals = point ? (long)(text + mantissa - point) - 1 : 0;
        const long power = exponent ? strtol(exponent + 1, NULL, 10) : 0;
        *half = 0.5 * pow(10, (double)power - (double)decimals);
        if (!isfinite(*half)) {
            msc_fit_fail(t, cell, "'%s' is too large a number", text);
        }
    }
    return value;
}

long msc_fit_whole(const msc_fit_table *t, msc_fit_column column, long least, long most)
{
    const msc_csv_field *cell = msc_fit_cell(t, column);
    const double value = msc_fit_real(t, cell, NULL);
    if (value != floor(value) || value < (double)least || value > (double)most) {
        msc_fit_fail(t, cell, "'%s' is a whole number from %ld to %ld, not %s", msc_fit_title(t, column), least, most,
                     cell->text);
    }
    return (long)value;
}

size_t msc_fit_choice(const msc_fit_table *t, const msc_csv_field *cell, const char *const *words)
{
    size_t n = 0;
    const char *list = "";
    for (; words[n]; n++) {
        if (strcmp(cell->text, words[n]) == 0) {
            return n;
        }
        list = msc_arena_printf(t->arena, "%s%s%s", list, n == 0 ? "" : words[n + 1] ? ", " : " or ", words[n]);
    }
    msc_fit_fail(t, cell, "'%s' is none of %s%s", cell->text, list, msc_text_suggest(t->arena, cell->text, words, n));
}
