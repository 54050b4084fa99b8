/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the rows of a file to observations and doses. */
#include "fit/data.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fit/cells.h"
#include "scenario/scenario.h"

enum { MOST_INDICES = 8 };
static const double WEIGHT_MOST = 1e9;

/* ---- names to numbers ---- */

/* Names in the order they come, found by hashing. */
typedef struct {
    const char **name;
    size_t n, cap;
    size_t *slot, n_slot; /* number + 1; a power of 2 */
} names;

static uint64_t hash(const char *text) /* FNV-1a */
{
    uint64_t h = 0xCBF29CE484222325u;
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * 0x100000001B3u;
    }
    return h;
}

static size_t *find_slot(const names *list, const char *name)
{
    size_t i = hash(name) & (list->n_slot - 1);
    while (list->slot[i] && strcmp(list->name[list->slot[i] - 1], name) != 0) {
        i = (i + 1) & (list->n_slot - 1);
    }
    return &list->slot[i];
}

static size_t number_of(msc_arena *arena, names *list, const char *name, bool *fresh)
{
    if (2 * list->n >= list->n_slot) {
        list->n_slot = list->n_slot ? 4 * list->n_slot : 64;
        list->slot = MSC_NEW(arena, size_t, list->n_slot);
        for (size_t i = 0; i < list->n; i++) {
            *find_slot(list, list->name[i]) = i + 1;
        }
    }
    size_t *slot = find_slot(list, name);
    *fresh = *slot == 0;
    if (*fresh) {
        *MSC_PUSH(arena, list->name, list->n, list->cap) = msc_arena_strdup(arena, name);
        *slot = list->n;
    }
    return *slot - 1;
}

/* ---- a reading ---- */

typedef struct {
    msc_fit_table table;
    msc_fit_data *data;
    names study, group, observed;
    size_t cap_group, cap_observed, cap_observation, cap_dose;
} reading;

/* What every row says. */
typedef struct {
    size_t study, group;
    double time, per_time; /* inside; the factor of its unit */
    const char *time_unit;
} row_head;

static double unit_factor(const msc_fit_table *t, const msc_csv_field *place, const char *unit, msc_dim *dim)
{
    double factor = 1;
    msc_error err = {0};
    if (msc_units_parse(t->units, unit, &factor, dim, &err) != MSC_OK) {
        if (err.status == MSC_E_NOMEM) {
            msc_throw(t->arena, MSC_E_NOMEM, NULL, "out of memory");
        }
        msc_fit_fail(t, place, "%s", err.message);
    }
    return factor;
}

static double time_factor(const msc_fit_table *t, const msc_csv_field *place, const char *unit)
{
    msc_dim dim;
    const double factor = unit_factor(t, place, unit, &dim);
    if (!msc_dim_equal(dim, msc_dim_time(t->units))) {
        msc_fit_fail(t, place, "'%s' is no unit of time", unit);
    }
    return factor;
}

static double scaled(const msc_fit_table *t, const msc_csv_field *cell, double value, double factor)
{
    if (!isfinite(value * factor)) {
        msc_fit_fail(t, cell, "'%s' is too large a number in its unit", cell->text);
    }
    return value * factor;
}

static void read_time(const msc_fit_table *t, row_head *head)
{
    const msc_csv_field *cell = msc_fit_cell(t, FIT_TIME), *unit = msc_fit_cell(t, FIT_TIME_UNIT);
    if (!cell) {
        msc_fit_fail(t, msc_fit_place(t, FIT_TIME), "the time is missing");
    }
    const char *text = t->time_unit ? t->time_unit : unit ? unit->text : t->otherwise ? t->otherwise->time : NULL;
    if (!text) {
        msc_fit_fail(t, cell, "the unit of the time is missing: 'time (h)' in the header, or a column 'time_unit'");
    }
    head->per_time = time_factor(t, unit ? unit : cell, text);
    head->time_unit = msc_arena_strdup(t->arena, text);
    head->time = scaled(t, cell, msc_fit_real(t, cell, NULL), head->per_time);
}

static row_head read_head(reading *r)
{
    const msc_fit_table *t = &r->table;
    const msc_csv_field *study = msc_fit_cell(t, FIT_STUDY), *group = msc_fit_cell(t, FIT_GROUP);
    row_head head = {.group = MSC_NO_GROUP};
    bool fresh;
    if (t->at[FIT_STUDY] && !study) {
        msc_fit_fail(t, msc_fit_place(t, FIT_STUDY), "the study is missing");
    }
    if (study && !msc_text_is_name(study->text)) {
        msc_fit_fail(t, study, "'%s' is no name of a study: letters, digits and '_', a letter first", study->text);
    }
    head.study = number_of(t->arena, &r->study, study ? study->text : "", &fresh);
    if (group) { /* the same name in two studies is two groups */
        const char *key = msc_arena_printf(t->arena, "%zu %s", head.study, group->text);
        head.group = number_of(t->arena, &r->group, key, &fresh);
        if (fresh) {
            *MSC_PUSH(t->arena, r->data->group, r->data->n_group, r->cap_group) =
                (msc_data_group){head.study, msc_arena_strdup(t->arena, group->text)};
        }
    }
    read_time(t, &head);
    return head;
}

/* ---- quantities ---- */

/* A name, or the number of an element, from the text's beginning up to one of the ends; blanks around it do not count. */
static const char *part(const msc_fit_table *t, const msc_csv_field *cell, const char **text, const char *ends)
{
    const char *from = *text + strspn(*text, " \t");
    const size_t reach = strcspn(from, ends);
    size_t n = reach;
    while (n > 0 && (from[n - 1] == ' ' || from[n - 1] == '\t')) {
        n--;
    }
    const char *name = msc_arena_strndup(t->arena, from, n);
    if (!msc_text_is_name(name) && !(n > 0 && strspn(name, "0123456789") == n && *ends != '[')) {
        msc_fit_fail(t, cell, "'%s' is no quantity such as activity[lung]", cell->text);
    }
    *text = from + reach;
    return name;
}

static void read_indices(const msc_fit_table *t, const msc_csv_field *cell, const char *text, const char *ends, msc_observed *to)
{
    const char *index[MOST_INDICES];
    do {
        if (to->n_index == MOST_INDICES) {
            msc_fit_fail(t, cell, "'%s' has more than %d indices", cell->text, MOST_INDICES);
        }
        index[to->n_index++] = part(t, cell, &text, ends);
    } while (*text++ == ',');
    text--;
    if (*ends == ']' && (*text != ']' || text[1] != '\0')) {
        msc_fit_fail(t, cell, "'%s' is no quantity such as activity[lung]", cell->text);
    }
    to->index = MSC_NEW(t->arena, const char *, to->n_index);
    memcpy(to->index, index, to->n_index * sizeof *index);
}

/* The quantity's name: of its column; or NONMEM's compartment, "cmt2" if that is a number; or "dv". */
static const char *name_text(const msc_fit_table *t, const msc_csv_field **cell)
{
    *cell = msc_fit_cell(t, FIT_QUANTITY);
    if (*cell) {
        return (*cell)->text;
    }
    if (t->at[FIT_QUANTITY]) {
        msc_fit_fail(t, msc_fit_place(t, FIT_QUANTITY), "the quantity is missing");
    }
    *cell = msc_fit_cell(t, FIT_COMPARTMENT);
    if (*cell) {
        const char *text = (*cell)->text;
        return strspn(text, "0123456789") == strlen(text) ? msc_arena_printf(t->arena, "cmt%s", text) : text;
    }
    *cell = msc_fit_place(t, FIT_VALUE);
    return "dv";
}

static msc_observed read_observed(const msc_fit_table *t)
{
    const msc_csv_field *cell, *element = msc_fit_cell(t, FIT_ELEMENT);
    const char *text = name_text(t, &cell);
    msc_observed o = {.name = part(t, cell, &text, "["), .line = cell->line};
    if (*text == '[') {
        if (element) {
            msc_fit_fail(t, element, "'%s' has its index in brackets already", cell->text);
        }
        read_indices(t, cell, text + 1, "],", &o);
    } else if (element) {
        read_indices(t, element, element->text, ",", &o);
    }
    o.text = o.name;
    for (size_t i = 0; i < o.n_index; i++) {
        o.text = msc_arena_printf(t->arena, "%s%s%s%s", o.text, i == 0 ? "[" : ",", o.index[i], i + 1 == o.n_index ? "]" : "");
    }
    return o;
}

/* Its number, and the factor of the row's unit. */
static size_t observed_number(reading *r, double *factor, const char **written)
{
    const msc_fit_table *t = &r->table;
    const msc_csv_field *unit = msc_fit_cell(t, FIT_UNIT), *place = unit ? unit : msc_fit_place(t, FIT_VALUE);
    msc_observed o = read_observed(t);
    bool fresh;
    if (t->at[FIT_UNIT] && !unit) {
        msc_fit_fail(t, msc_fit_place(t, FIT_UNIT), "the unit is missing; of a pure number it is 1");
    }
    o.unit = t->value_unit ? t->value_unit : unit ? unit->text : t->otherwise ? t->otherwise->value : NULL;
    *factor = o.unit ? unit_factor(t, place, o.unit, &o.dim) : 1;
    *written = o.unit ? msc_arena_strdup(t->arena, o.unit) : NULL;
    const size_t k = number_of(t->arena, &r->observed, o.text, &fresh);
    if (fresh) {
        *MSC_PUSH(t->arena, r->data->observed, r->data->n_observed, r->cap_observed) = o;
        return k;
    }
    const msc_observed *before = &r->data->observed[k];
    if (!msc_dim_equal(before->dim, o.dim)) { /* either every row has a unit or none */
        msc_fit_fail(t, place, "the unit '%s' where '%s' has '%s' in line %zu", o.unit, o.text, before->unit, before->line);
    }
    return k;
}

/* ---- what was seen ---- */

static double positive(const msc_fit_table *t, msc_fit_column column)
{
    const msc_csv_field *cell = msc_fit_cell(t, column);
    const double value = msc_fit_real(t, cell, NULL);
    if (!(value > 0)) {
        msc_fit_fail(t, cell, "'%s' is above 0, not %s; it is left empty if there is none", msc_fit_title(t, column), cell->text);
    }
    return value;
}

/* The error of the row's number: a standard error as it is, a standard deviation of n subjects over sqrt(n). */
static double read_error(const msc_fit_table *t, double n, double factor)
{
    const msc_csv_field *sd = msc_fit_cell(t, FIT_SD), *se = msc_fit_cell(t, FIT_SE);
    if (sd && se) {
        msc_fit_fail(t, se, "'sd' and 'se' of one number; one of them is enough");
    }
    const double error = se ? positive(t, FIT_SE) : sd ? positive(t, FIT_SD) / (n > 0 ? sqrt(n) : 1) : 0;
    return error > 0 ? scaled(t, se ? se : sd, error, factor) : 0;
}

/* An error that squares to nothing, or is under the rounding of the number itself, is a slip of the pen. */
static void check_error(const msc_fit_table *t, const msc_datum *datum)
{
    const msc_csv_field *cell = msc_fit_cell(t, FIT_SE) ? msc_fit_cell(t, FIT_SE) : msc_fit_cell(t, FIT_SD);
    if (datum->sd > 0 && (datum->sd < 1e-15 * fabs(datum->value) || datum->sd < 1e-140)) {
        msc_fit_fail(t, cell, "an error of %s is less than the rounding of the number itself: nothing is known so well", cell->text);
    }
}

static double read_weight(const msc_fit_table *t)
{
    const double weight = msc_fit_cell(t, FIT_WEIGHT) ? positive(t, FIT_WEIGHT) : 1;
    if (weight > WEIGHT_MOST) {
        msc_fit_fail(t, msc_fit_cell(t, FIT_WEIGHT), "a weight is at most 1e9, not %s", msc_fit_cell(t, FIT_WEIGHT)->text);
    }
    return weight;
}

static void read_range(const msc_fit_table *t, double n, double factor, msc_datum *datum)
{
    const msc_csv_field *low = msc_fit_cell(t, FIT_LOW), *high = msc_fit_cell(t, FIT_HIGH), *value = msc_fit_cell(t, FIT_VALUE);
    const msc_csv_field *error = msc_fit_cell(t, FIT_SD) ? msc_fit_cell(t, FIT_SD) : msc_fit_cell(t, FIT_SE);
    if (!low || !high) {
        msc_fit_fail(t, low ? msc_fit_place(t, FIT_HIGH) : msc_fit_place(t, FIT_LOW), "a range has a low and a high end");
    }
    if (value || error) {
        msc_fit_fail(t, value ? value : error, "a range has no %s beside it", value ? "value" : "sd or se");
    }
    datum->kind = MSC_DATUM_RANGE;
    datum->low = scaled(t, low, msc_fit_real(t, low, &datum->half[0]), factor);
    datum->high = scaled(t, high, msc_fit_real(t, high, &datum->half[1]), factor);
    datum->half[0] *= factor, datum->half[1] *= factor;
    if (datum->low > datum->high) {
        msc_fit_fail(t, low, "the low end %s is above the high end %s", low->text, high->text);
    }
    if (n < 2) {
        msc_fit_fail(t, msc_fit_place(t, FIT_N), "a range needs 'n', the subjects it is of, at least 2");
    }
    datum->n = n;
}

/* censored: left or right, beyond the limit. */
static void read_censored(const msc_fit_table *t, bool left, double factor, msc_observation *o)
{
    const msc_csv_field *limit = msc_fit_cell(t, FIT_LIMIT), *value = msc_fit_cell(t, FIT_VALUE);
    if (value) {
        msc_fit_fail(t, value, "a censored row has a limit and no value");
    }
    if (!limit) {
        msc_fit_fail(t, msc_fit_place(t, t->at[FIT_LIMIT] ? FIT_LIMIT : FIT_CENSORED), "a censored row needs its limit");
    }
    o->datum.kind = left ? MSC_DATUM_LEFT : MSC_DATUM_RIGHT;
    o->datum.value = scaled(t, limit, msc_fit_real(t, limit, &o->half), factor);
}

/* CENS of Monolix: 1, below DV; -1, above DV; and if LIMIT is there, on this side of it: an interval. */
static void read_cens(const msc_fit_table *t, double factor, msc_observation *o)
{
    const msc_csv_field *cell = msc_fit_cell(t, FIT_VALUE), *limit = msc_fit_cell(t, FIT_LIMIT);
    const bool left = msc_fit_whole(t, FIT_CENS, -1, 1) == 1;
    if (!cell) {
        msc_fit_fail(t, msc_fit_place(t, FIT_VALUE), "a censored row has its limit as '%s'", msc_fit_title(t, FIT_VALUE));
    }
    const double value = scaled(t, cell, msc_fit_real(t, cell, &o->half), factor);
    o->datum.kind = left ? MSC_DATUM_LEFT : MSC_DATUM_RIGHT;
    o->datum.value = value;
    if (!limit) {
        return;
    }
    const double other = scaled(t, limit, msc_fit_real(t, limit, NULL), factor);
    if (left ? other >= value : other <= value) {
        msc_fit_fail(t, limit, "the limit %s is not %s %s, the value", limit->text, left ? "below" : "above", cell->text);
    }
    o->datum.kind = MSC_DATUM_INTERVAL;
    o->datum.value = 0.5 * (value + other);
    o->datum.low = fmin(value, other), o->datum.high = fmax(value, other);
}

static void read_datum(const msc_fit_table *t, double factor, msc_observation *o)
{
    static const char *const sides[] = {"none", "left", "right", NULL};
    const msc_csv_field *censored = msc_fit_cell(t, FIT_CENSORED), *value = msc_fit_cell(t, FIT_VALUE);
    const size_t side = censored ? msc_fit_choice(t, censored, sides) : 0;
    const bool range = msc_fit_cell(t, FIT_LOW) || msc_fit_cell(t, FIT_HIGH);
    o->n = msc_fit_cell(t, FIT_N) ? (double)msc_fit_whole(t, FIT_N, 1, 1000000000) : 0;
    if (range && side > 0) {
        msc_fit_fail(t, censored, "a range is not censored; a low end of 0 or below its rounding is taken as not seen");
    }
    if (range) {
        read_range(t, o->n, factor, &o->datum);
        return;
    }
    o->datum.sd = read_error(t, o->n, factor);
    if (side > 0) {
        read_censored(t, side == 1, factor, o);
    } else if (msc_fit_cell(t, FIT_CENS) && msc_fit_whole(t, FIT_CENS, -1, 1) != 0) {
        read_cens(t, factor, o);
    } else if (value) {
        o->datum.value = scaled(t, value, msc_fit_real(t, value, &o->half), factor);
    } else {
        msc_fit_fail(t, msc_fit_place(t, FIT_VALUE), "the row has no value, no range and no limit%s",
                     t->at[FIT_MDV] ? "; such a row has MDV 1" : "");
    }
    o->half *= factor;
    check_error(t, &o->datum);
}

static void read_decay(const msc_fit_table *t, row_head head, msc_observation *o)
{
    static const char *const words[] = {"yes", "no", NULL};
    const msc_csv_field *cell = msc_fit_cell(t, FIT_DECAY), *at = msc_fit_cell(t, FIT_CALIBRATION);
    o->decay = !cell ? MSC_DECAY_UNSAID : msc_fit_choice(t, cell, words) == 0 ? MSC_DECAY_CORRECTED : MSC_DECAY_RAW;
    if (at && o->decay != MSC_DECAY_CORRECTED) {
        msc_fit_fail(t, at, "a calibration time goes with decay_corrected = yes");
    }
    if (at) {
        const double factor = t->calibration_unit ? time_factor(t, at, t->calibration_unit) : head.per_time;
        o->calibration_time = scaled(t, at, msc_fit_real(t, at, NULL), factor);
    }
}

/* Numbers as they were written, for those who read of them. */
static void note_text(const msc_fit_table *t, msc_observation *o)
{
    const bool range = o->datum.kind == MSC_DATUM_RANGE;
    const msc_csv_field *value = msc_fit_cell(t, FIT_VALUE), *limit = msc_fit_cell(t, FIT_LIMIT);
    const msc_csv_field *first = range ? msc_fit_cell(t, FIT_LOW) : value ? value : limit;
    const msc_csv_field *second = range ? msc_fit_cell(t, FIT_HIGH) : value && msc_fit_cell(t, FIT_CENS) ? limit : NULL;
    o->written[0] = first ? msc_arena_strdup(t->arena, first->text) : NULL;
    o->written[1] = second ? msc_arena_strdup(t->arena, second->text) : NULL;
}

static void add_observation(reading *r, row_head head)
{
    const msc_fit_table *t = &r->table;
    msc_observation o = {.line = t->csv->field[0].line, .study = head.study, .group = head.group, .time = head.time};
    o.quantity = observed_number(r, &o.factor, &o.unit);
    o.time_unit = head.time_unit;
    read_datum(t, o.factor, &o);
    note_text(t, &o);
    read_decay(t, head, &o);
    o.weight = read_weight(t);
    *MSC_PUSH(t->arena, r->data->observation, r->data->n, r->cap_observation) = o;
}

/* ---- doses ---- */

static void add_dose(reading *r, row_head head)
{
    const msc_fit_table *t = &r->table;
    const msc_csv_field *amount = msc_fit_cell(t, FIT_AMOUNT), *rate = msc_fit_cell(t, FIT_RATE);
    const msc_csv_field *cmt = msc_fit_cell(t, FIT_COMPARTMENT);
    msc_dose_record d = {.line = t->csv->field[0].line, .study = head.study, .group = head.group, .time = head.time};
    if (!amount || !(msc_fit_real(t, amount, NULL) > 0)) {
        msc_fit_fail(t, msc_fit_place(t, t->at[FIT_AMOUNT] ? FIT_AMOUNT : FIT_EVID), "a dose needs an amount above 0");
    }
    d.amount_unit = t->amount_unit ? t->amount_unit : t->otherwise ? t->otherwise->amount : NULL;
    if (!d.amount_unit) {
        msc_fit_fail(t, amount, "the unit of the amount is missing: 'AMT (cell)' in the header");
    }
    const double value = msc_fit_real(t, amount, NULL);
    d.amount = scaled(t, amount, value, unit_factor(t, amount, d.amount_unit, &d.dim));
    if (rate) {
        double half = 0;
        const double per_time = msc_fit_real(t, rate, &half);
        if (per_time < 0) {
            msc_fit_fail(t, rate, "a rate of %s is not supported: 0 is a bolus, above 0 an infusion over AMT / RATE", rate->text);
        }
        d.duration = per_time > 0 ? scaled(t, rate, value / per_time, head.per_time) : 0;
        d.rounding = per_time > 0 ? half / per_time : 0;
    }
    d.compartment = cmt ? msc_arena_strdup(t->arena, cmt->text) : "";
    *MSC_PUSH(t->arena, r->data->dose, r->data->n_dose, r->cap_dose) = d;
}

/* By EVID, or else by whether an amount is given. */
static bool is_dose(const msc_fit_table *t)
{
    static const char *const other[] = {"another event", "a reset", "a reset with a dose"};
    const msc_csv_field *evid = msc_fit_cell(t, FIT_EVID), *amount = msc_fit_cell(t, FIT_AMOUNT);
    const bool given = amount && msc_fit_real(t, amount, NULL) != 0;
    if (!evid) {
        return given;
    }
    const long event = msc_fit_whole(t, FIT_EVID, 0, 4);
    if (event > 1) {
        msc_fit_fail(t, evid, "%s %ld, %s, is not supported: only 0, an observation, and 1, a dose",
                     msc_fit_title(t, FIT_EVID), event, other[event - 2]);
    }
    if (event == 0 && given) {
        msc_fit_fail(t, amount, "an amount in a row of %s 0; a dose has 1", msc_fit_title(t, FIT_EVID));
    }
    return event == 1;
}

/* ADDL, II, SS, DUR: nothing, or 0. */
static void check_refused(const msc_fit_table *t)
{
    for (size_t i = 0; t->at[FIT_REFUSED] && i < t->n; i++) {
        const msc_csv_field *cell = &t->csv->field[i];
        double value = 0;
        if (t->column[i] == FIT_REFUSED && cell->text[0] && strcmp(cell->text, ".") != 0 && strcmp(cell->text, "NA") != 0 &&
            !(msc_text_real(cell->text, &value) && value == 0)) {
            msc_fit_fail(t, cell, "'%s' is not supported: every dose is a row of its own, with a rate if it takes time",
                         t->title[i]);
        }
    }
}

static void read_row(reading *r)
{
    const msc_fit_table *t = &r->table;
    check_refused(t);
    const bool missing = msc_fit_cell(t, FIT_MDV) && msc_fit_whole(t, FIT_MDV, 0, 1) == 1;
    const bool dose = is_dose(t);
    if (missing && !dose) {
        return;
    }
    const row_head head = read_head(r);
    if (dose) {
        add_dose(r, head);
    } else {
        add_observation(r, head);
    }
}

/* ---- all of it ---- */

static int compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    const msc_observation *x = *(const msc_observation *const *)a, *y = *(const msc_observation *const *)b;
    const int study = compare(x->study, y->study), group = compare(x->group, y->group);
    const int quantity = compare(x->quantity, y->quantity), time = (msc_moment(x->time) > msc_moment(y->time)) - (msc_moment(x->time) < msc_moment(y->time));
    return study ? study : group ? group : quantity ? quantity : time ? time : compare(x->line, y->line);
}

/* The same thing, of the same subjects, at the same time: it would count twice. The first of the file is reported. */
static void check_repeats(const reading *r)
{
    const msc_fit_data *d = r->data;
    const msc_observation **list = MSC_NEW(r->table.arena, const msc_observation *, d->n), *again = NULL, *first = NULL;
    for (size_t i = 0; i < d->n; i++) {
        list[i] = &d->observation[i];
    }
    qsort(list, d->n, sizeof *list, by_place);
    for (size_t i = 1; i < d->n; i++) {
        const msc_observation *x = list[i - 1], *y = list[i];
        if (x->study == y->study && x->group == y->group && x->quantity == y->quantity && msc_moment(x->time) == msc_moment(y->time) &&
            (!again || y->line < again->line)) {
            first = x, again = y;
        }
    }
    if (again) {
        msc_csv_fail(r->table.csv, again->line, 1, "'%s' at the time and of the group of line %zu; what is measured again has a "
                     "group (or subject) of its own", d->observed[again->quantity].text, first->line);
    }
}

/* What is wrong with a unit of the header is said there. */
static void check_header_units(const msc_fit_table *t)
{
    msc_dim dim;
    if (t->time_unit) {
        (void)time_factor(t, msc_fit_place(t, FIT_TIME), t->time_unit);
    }
    if (t->calibration_unit) {
        (void)time_factor(t, msc_fit_place(t, FIT_CALIBRATION), t->calibration_unit);
    }
    if (t->amount_unit) {
        (void)unit_factor(t, msc_fit_place(t, FIT_AMOUNT), t->amount_unit, &dim);
    }
    if (t->value_unit) {
        const msc_fit_column column = t->at[FIT_VALUE] ? FIT_VALUE : t->at[FIT_LOW] ? FIT_LOW : FIT_LIMIT;
        (void)unit_factor(t, msc_fit_place(t, column), t->value_unit, &dim);
    }
}

msc_fit_data *msc_fit_data_read(msc_arena *arena, const char *path, const char *name, msc_units *units,
                                const msc_fit_data_units *otherwise)
{
    reading *r = MSC_NEW(arena, reading, 1);
    msc_fit_data *data = r->data = MSC_NEW(arena, msc_fit_data, 1);
    data->name = msc_arena_strdup(arena, name);
    r->table.arena = arena, r->table.units = units, r->table.otherwise = otherwise;
    r->table.csv = msc_csv_open(arena, path, data->name);
    data->text = r->table.csv->text;
    msc_fit_table_begin(&r->table);
    check_header_units(&r->table);
    while (msc_fit_table_next(&r->table)) {
        read_row(r);
    }
    if (data->n == 0) {
        msc_csv_fail(r->table.csv, r->table.csv->line, r->table.csv->column, "there is no observation in the file");
    }
    data->study = r->study.name;
    data->n_study = r->study.n;
    check_repeats(r);
    return data;
}
