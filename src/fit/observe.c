/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is observed: entries of fit.observe, and of every row of the data the columns that predict it. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "fit/fit.h"

/* ---- entries ---- */

/* An error size: above 0. */
static double size_of(msc_fit *f, const msc_conf *node, const char *key, bool needed, bool allowed, const char *kind)
{
    const msc_conf *value = msc_conf_find(node, key);
    if (value && !allowed) {
        msc_conf_fail(f->arena, value, "an error of kind \"%s\" has no '%s'", kind, key);
    }
    if (!value && needed) {
        msc_conf_need(f->arena, node, key);
    }
    const double x = value ? msc_conf_real(f->arena, value) : 0;
    if (value && !(x > 0)) {
        msc_conf_fail(f->arena, value, "the size of an error is above 0, not %g", x);
    }
    return x;
}

static void read_error(msc_fit *f, msc_fit_observe *o, const msc_conf *node)
{
    static const char *const kinds[] = {"data", "additive", "proportional", "both", "lognormal"};
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    msc_conf_known(f->arena, node, (const char *const[]){"kind", "additive", "proportional", "subject", NULL});
    const msc_conf *kind = msc_conf_need(f->arena, node, "kind");
    const char *name = msc_conf_string(f->arena, kind);
    size_t k = 0;
    while (k < 5 && strcmp(kinds[k], name) != 0) {
        k++;
    }
    if (k == 5) {
        msc_conf_fail(f->arena, kind, "'%s' is no kind of error: \"data\" (as the rows say), \"additive\", \"proportional\", \"both\", "
                      "\"lognormal\"%s", name, msc_text_suggest(f->arena, name, kinds, 5));
    }
    o->error.family = k == 4 ? MSC_FAMILY_LOGNORMAL : MSC_FAMILY_NORMAL;
    o->error.additive = size_of(f, node, "additive", k == 1 || k == 3, k == 1 || k == 3, name);
    o->error.proportional = size_of(f, node, "proportional", k == 2 || k == 3, k >= 2, name);
    o->shares = k == 2 || k == 3;
    const msc_conf *subject = msc_conf_find(node, "subject");
    if (subject && o->shares) {
        msc_conf_fail(f->arena, subject, "what a subject has more or less is a share here: that is an error of kind \"lognormal\"");
    }
    o->error.subject = size_of(f, node, "subject", false, true, name);
}

static void read_regions(msc_fit *f, msc_fit_observe *o, const msc_conf *node)
{
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    if (node->n == 0) {
        msc_conf_fail(f->arena, node, "no element is seen; e.g. regions = { lung = 1.0; rest = 0.05; };");
    }
    if (strchr(o->quantity, '[')) {
        msc_conf_fail(f->arena, node, "regions name the elements: give the quantity without an index");
    }
    o->region = MSC_NEW(f->arena, const char *, node->n), o->weight = MSC_NEW(f->arena, double, node->n);
    for (size_t i = 0; i < node->n; i++) {
        o->region[o->n_region] = node->child[i]->name;
        o->weight[o->n_region] = msc_conf_real(f->arena, node->child[i]);
        if (!isfinite(o->weight[o->n_region++])) {
            msc_conf_fail(f->arena, node->child[i], "a weight is a finite number");
        }
    }
}

static double time_of(msc_fit *f, const msc_conf *node)
{
    return msc_scenario_time(f->opened, f->arena, node, f->opened->model->time_unit);
}

static void read_entry(msc_fit *f, msc_fit_observe *o, const msc_conf *node)
{
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    msc_conf_known(f->arena, node, (const char *const[]){"quantity", "regions", "factor", "error", "decay_corrected",
                                                          "calibration_time", NULL});
    *o = (msc_fit_observe){.name = node->name, .origin = node, .factor = 1, .by_factor = MSC_FIT_NONE, .by_additive = MSC_FIT_NONE,
                           .by_proportional = MSC_FIT_NONE, .by_subject = MSC_FIT_NONE};
    const char *text = msc_conf_string(f->arena, msc_conf_need(f->arena, node, "quantity"));
    char *bare = msc_arena_strdup(f->arena, text); /* without blanks */
    size_t n = 0;
    for (size_t i = 0; text[i]; i++) {
        if (text[i] != ' ') {
            bare[n++] = text[i];
        }
    }
    bare[n] = '\0';
    o->quantity = bare;
    const msc_conf *factor = msc_conf_find(node, "factor"), *error = msc_conf_find(node, "error");
    const msc_conf *regions = msc_conf_find(node, "regions"), *decay = msc_conf_find(node, "decay_corrected");
    const msc_conf *calibration = msc_conf_find(node, "calibration_time");
    if (factor) {
        o->factor = msc_conf_real(f->arena, factor);
        if (!(o->factor > 0)) {
            msc_conf_fail(f->arena, factor, "a factor is above 0, not %g", o->factor);
        }
    }
    if (regions) {
        read_regions(f, o, regions);
    }
    if (error) {
        read_error(f, o, error);
    }
    o->says_decay = decay != NULL, o->corrected = decay && msc_conf_boolean(f->arena, decay);
    if (calibration && !o->corrected) {
        msc_conf_fail(f->arena, calibration, "a calibration time goes with decay_corrected = true");
    }
    o->calibration_time = calibration ? time_of(f, calibration) : 0;
}

void msc_fit_observe_read(msc_fit *f)
{
    const msc_conf *node = msc_conf_find(f->section, "observe");
    f->observe = MSC_NEW(f->arena, msc_fit_observe, (node ? node->n : 0) + f->data->n_observed + 1);
    if (node) {
        msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    }
    for (size_t i = 0; node && i < node->n; i++) {
        read_entry(f, &f->observe[f->n_observe++], node->child[i]);
    }
}

/* ---- rows ---- */

static _Noreturn void fail_row(msc_fit *f, size_t line, const char *format, ...) MSC_PRINTF(3, 4);
static _Noreturn void fail_row(msc_fit *f, size_t line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    msc_fit_vfail_at(f, line, MSC_AT_VALUE, format, args);
}

/* The entry of something in the data: of that name, or of that very quantity; else the model's output as it is. */
static size_t observe_of(msc_fit *f, size_t observed)
{
    const msc_observed *d = &f->data->observed[observed];
    size_t found = MSC_FIT_NONE;
    for (size_t i = 0; i < f->n_observe; i++) {
        const msc_fit_observe *o = &f->observe[i];
        if (strcmp(o->name, d->name) == 0 || strcmp(o->quantity, d->text) == 0) {
            if (found != MSC_FIT_NONE) {
                msc_conf_fail(f->arena, o->origin, "'%s' of the data is observed by '%s' as well: which is it?", d->text,
                              f->observe[found].name);
            }
            found = i;
        }
    }
    if (found != MSC_FIT_NONE) {
        const msc_fit_observe *o = &f->observe[found];
        if (d->n_index > 0 && strcmp(o->quantity, d->text) != 0 && (o->n_region > 0 || strchr(o->quantity, '['))) {
            msc_fit_fail_at(f, d->line, MSC_AT_QUANTITY, "'%s' has an index, but '%s' in fit.observe already says which elements are seen", d->text, o->name);
        }
        return found;
    }
    f->observe[f->n_observe] = (msc_fit_observe){.name = d->text, .quantity = d->text, .factor = 1, .by_factor = MSC_FIT_NONE,
                                                 .by_additive = MSC_FIT_NONE, .by_proportional = MSC_FIT_NONE,
                                                 .by_subject = MSC_FIT_NONE};
    return f->n_observe++;
}

static void check_decay(msc_fit *f, const msc_observation *row, const msc_fit_observe *o, const char *text)
{
    if (row->decay == MSC_DECAY_UNSAID) {
        return;
    }
    const bool corrected = row->decay == MSC_DECAY_CORRECTED;
    if (!o->says_decay) {
        msc_fit_fail_at(f, row->line, MSC_AT_DECAY, "'%s' is %s for decay; say in fit.observe whether '%s' of the model is: decay_corrected = true; or false;",
                 text, corrected ? "corrected" : "not corrected", o->quantity);
    }
    if (o->corrected != corrected) {
        msc_fit_fail_at(f, row->line, MSC_AT_DECAY, "'%s' is %s for decay, but '%s' of the model is %s: compare like with like", text,
                 corrected ? "corrected" : "not corrected", o->quantity, o->corrected ? "corrected" : "raw");
    }
    if (corrected && row->calibration_time != o->calibration_time) {
        msc_fit_fail_at(f, row->line, MSC_AT_CALIBRATION, "'%s' is corrected for decay to the time %g, '%s' of the model to %g (calibration_time, in the unit of time)",
                 text, row->calibration_time, o->name, o->calibration_time);
    }
}

/* What no lognormal number can be; a low end, or both, that are 0 as far as their digits go were not seen. */
static void check_above_zero(msc_fit *f, const msc_observation *row, const msc_fit_observe *o)
{
    const msc_datum *d = &row->datum;
    if (o->error.family != MSC_FAMILY_LOGNORMAL) {
        return;
    }
    if (d->kind == MSC_DATUM_LEFT && !(d->value > 0)) {
        fail_row(f, row->line, "with a lognormal error nothing is below a limit that is not above 0; take another limit, or another error");
    }
    if (d->kind == MSC_DATUM_RANGE && d->low < 0 && !msc_likelihood_unseen(d->low, d->half[0])) {
        fail_row(f, row->line, "with a lognormal error nothing is below 0, where this range begins; take another error");
    }
    if (d->kind == MSC_DATUM_INTERVAL && !(d->high > 0)) {
        fail_row(f, row->line, "with a lognormal error nothing is below 0, where this interval lies; take another error");
    }
}

/* An error must come from somewhere. */
static void check_error(msc_fit *f, const msc_observation *row, const msc_fit_observe *o, const char *text)
{
    const bool of_own = o->error.additive > 0 || o->error.proportional > 0 || o->by_additive != MSC_FIT_NONE ||
                        o->by_proportional != MSC_FIT_NONE;
    if (!of_own && row->datum.kind == MSC_DATUM_RANGE) {
        fail_row(f, row->line, "how much do subjects differ? A range has no error of its own: give '%s' one in fit.observe", text);
    }
    if (!of_own && !(row->datum.sd > 0)) {
        fail_row(f, row->line, "how sure is this number? Give it an sd or se, or '%s' an error in fit.observe", text);
    }
    if (o->error.family == MSC_FAMILY_LOGNORMAL && row->datum.kind == MSC_DATUM_VALUE && !(row->datum.value > 0)) {
        fail_row(f, row->line, "with a lognormal error a value is above 0; write it as censored, or take another error");
    }
    check_above_zero(f, row, o);
}

/* "activity[lung]": what of the model, for a row of it. */
static const char *of_model(msc_fit *f, const msc_fit_observe *o, const msc_observed *d, const char *region)
{
    if (region) {
        return msc_arena_printf(f->arena, "%s[%s]", o->quantity, region);
    }
    if (strchr(o->quantity, '[') || d->n_index == 0) {
        return o->quantity;
    }
    return msc_arena_printf(f->arena, "%s%s", o->quantity, strchr(d->text, '['));
}

void msc_fit_rows_read(msc_fit *f)
{
    const msc_fit_data *data = f->data;
    size_t *observe = MSC_NEW(f->arena, size_t, data->n_observed + 1);
    for (size_t i = 0; i < data->n_observed; i++) {
        observe[i] = observe_of(f, i);
    }
    f->row = MSC_NEW(f->arena, msc_fit_row, data->n + 1);
    for (size_t i = 0; i < data->n; i++) {
        const msc_observation *from = &data->observation[i];
        const msc_observed *d = &data->observed[from->quantity];
        const msc_fit_observe *o = &f->observe[observe[from->quantity]];
        msc_fit_row *row = &f->row[f->n_row++];
        *row = (msc_fit_row){.from = from, .study = from->study, .observe = observe[from->quantity], .label = d->text};
        row->importance = from->weight * (from->group != MSC_NO_GROUP ? f->group_weight : 1);
        row->n_column = o->n_region > 0 ? o->n_region : 1;
        row->column_name = MSC_NEW(f->arena, const char *, row->n_column);
        row->column = MSC_NEW(f->arena, size_t, row->n_column), row->weight = MSC_NEW(f->arena, double, row->n_column);
        for (size_t c = 0; c < row->n_column; c++) {
            row->column_name[c] = of_model(f, o, d, o->n_region > 0 ? o->region[c] : NULL);
        }
    }
    msc_fit_things_find(f);
    msc_fit_subjects_find(f);
}

void msc_fit_rows_check(msc_fit *f, const msc_fit_study *study)
{
    for (size_t i = 0; i < study->n_row; i++) {
        const msc_fit_row *row = &f->row[study->row[i]];
        check_decay(f, row->from, &f->observe[row->observe], row->label);
        check_error(f, row->from, &f->observe[row->observe], row->label);
    }
}

/* ---- columns ---- */

static size_t find_column(msc_fit *f, const msc_fit_row *row, const msc_batch *b, const char *name)
{
    const size_t n = msc_batch_columns(b);
    const char **known = MSC_NEW(f->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        known[i] = msc_batch_column(b, i, NULL);
        if (strcmp(known[i], name) == 0) {
            return i;
        }
    }
    const msc_fit_observe *o = &f->observe[row->observe];
    const char *hint = msc_text_suggest(f->arena, name, known, n);
    if (o->origin && (o->n_region > 0 || strchr(o->quantity, '['))) {
        msc_conf_fail(f->arena, o->origin, "the model has no '%s'%s", name, hint);
    }
    msc_fit_fail_at(f, row->from->line, MSC_AT_QUANTITY, "the model has no '%s'%s", name, hint);
}

/* The data's numbers and the column's in one unit. */
static void take_units(msc_fit *f, msc_fit_row *row, const char *unit)
{
    const msc_observed *d = &f->data->observed[row->from->quantity];
    msc_fit_observe *o = &f->observe[row->observe];
    double factor = 1;
    msc_dim dim;
    msc_error err = {0};
    if (msc_units_parse(f->opened->model->units, unit, &factor, &dim, &err) != MSC_OK) {
        msc_throw(f->arena, err.status, f->path, "%s", err.message);
    }
    if (d->unit && !msc_dim_equal(dim, d->dim)) {
        msc_fit_fail_at(f, d->line, MSC_AT_UNIT, "'%s' is given in '%s', but the model has it in '%s'", d->text, d->unit, unit);
    }
    if (!o->unit) {
        o->unit = msc_arena_strdup(f->arena, unit), o->per_unit = factor;
    } else if (strcmp(o->unit, unit) != 0) {
        msc_fit_fail_at(f, row->from->line, MSC_AT_UNIT, "'%s' is in '%s' in this study and in '%s' in another: write an entry of observe for each", o->name,
                 unit, o->unit);
    }
    const double scale = d->unit ? 1 : factor;
    row->datum = row->from->datum;
    row->datum.value *= scale, row->datum.low *= scale, row->datum.high *= scale, row->datum.sd *= scale;
    row->datum.half[0] *= scale, row->datum.half[1] *= scale;
    row->unit = d->unit ? row->from->unit : o->unit, row->per_unit = d->unit ? row->from->factor : factor;
    row->log_unit = msc_likelihood_densities(&row->datum) * log(row->per_unit);
}

void msc_fit_rows_connect(msc_fit *f)
{
    for (size_t i = 0; i < f->n_row; i++) {
        msc_fit_row *row = &f->row[i];
        const msc_fit_observe *o = &f->observe[row->observe];
        const msc_batch *b = f->study[row->study].batch;
        row->time = msc_fit_time_place(b, msc_moment(row->from->time)); /* it is one that the batch was asked for */
        for (size_t c = 0; c < row->n_column; c++) {
            const char *unit = NULL;
            row->column[c] = find_column(f, row, b, row->column_name[c]);
            (void)msc_batch_column(b, row->column[c], &unit);
            if (c == 0) {
                take_units(f, row, unit);
            }
            row->weight[c] = (o->n_region > 0 ? o->weight[c] : 1) * o->per_unit;
        }
    }
}
