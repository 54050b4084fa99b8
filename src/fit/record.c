/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit as it is recorded. */
#include <math.h>
#include <string.h>

#include "fit/keep.h"
#include "fit/record.h"
#include "fit/objective.h"
#include "fit/posterior.h"
#include "study/study.h"

typedef struct {
    msc_arena *arena;
    const msc_fitted *w;
    msc_axis *axis;
    msc_array *array;
    msc_attribute *attribute;
    size_t n_axis, cap_axis, n_array, cap_array, n_attribute, cap_attribute;
    int estimate, other, row, start;
} record;

static int put_axis(record *k, msc_axis axis)
{
    *MSC_PUSH(k->arena, k->axis, k->n_axis, k->cap_axis) = axis;
    return (int)k->n_axis - 1;
}

static double *put_real(record *k, const char *name, const char *unit, const char *about, int first, int second)
{
    double *real = MSC_NEW(k->arena, double, k->axis[first].n * (second < 0 ? 1 : k->axis[second].n));
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = name, .kind = MSC_ARRAY_REAL, .unit = unit, .about = about, .n_axis = second < 0 ? 1 : 2,
                    .axis = {first, second < 0 ? 0 : second}, .real = real};
    return real;
}

static const char **put_text(record *k, const char *name, const char *about, int axis)
{
    const char **text = MSC_NEW(k->arena, const char *, k->axis[axis].n);
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = name, .kind = MSC_ARRAY_TEXT, .about = about, .n_axis = 1, .axis = {axis}, .text = text};
    return text;
}

static void put_attribute(record *k, const char *name, const char *text, double number)
{
    *MSC_PUSH(k->arena, k->attribute, k->n_attribute, k->cap_attribute) =
        (msc_attribute){.name = name, .text = text, .number = number};
}

static void put_axes(record *k)
{
    const msc_fit *f = k->w->fit;
    const char **name = MSC_NEW(k->arena, const char *, f->n_estimate);
    double *place = MSC_NEW(k->arena, double, f->n_row + k->w->n_start);
    for (size_t i = 0; i < f->n_estimate; i++) {
        name[i] = f->estimate[i].name;
    }
    for (size_t i = 0; i < f->n_row + k->w->n_start; i++) {
        place[i] = i < f->n_row ? (double)(i + 1) : (double)(i - f->n_row);
    }
    k->estimate = put_axis(k, (msc_axis){.name = "estimate", .n = f->n_estimate, .label = name, .about = "what is estimated"});
    k->other = put_axis(k, (msc_axis){.name = "estimate_2", .n = f->n_estimate, .label = name, .about = "what is estimated"});
    k->row = put_axis(k, (msc_axis){.name = "datum", .n = f->n_row, .value = place, .unit = "1", .about = "rows of the data"});
    k->start = put_axis(k, (msc_axis){.name = "start", .n = k->w->n_start, .value = place + f->n_row, .unit = "1", .about = "starts"});
}

static void put_estimates(record *k)
{
    const msc_fitted *w = k->w;
    const size_t n = w->fit->n_estimate;
    const char **unit = put_text(k, "estimate_unit", "unit of the estimate", k->estimate);
    const char **path = put_text(k, "estimate_path", "what it stands for", k->estimate);
    const char **of = put_text(k, "estimate_study", "the only study it is of; empty: of all", k->estimate);
    const char **prior = put_text(k, "estimate_prior", "what was known of it beforehand", k->estimate);
    double *value = put_real(k, "value", NULL, "the estimate, in its unit", k->estimate, -1);
    double *se = put_real(k, "standard_error", NULL, "its standard error, in its unit; missing where it means nothing", k->estimate, -1);
    double *low = put_real(k, "interval_low", NULL, "lower end of an interval of about 95 %, in its unit", k->estimate, -1);
    double *high = put_real(k, "interval_high", NULL, "upper end of it", k->estimate, -1);
    double *correlation = put_real(k, "correlation", NULL, "of the estimates, on the scales they were searched on", k->estimate, k->other);
    for (size_t i = 0; i < n; i++) {
        const msc_fit_estimate *e = &w->fit->estimate[i];
        unit[i] = e->unit, path[i] = "", of[i] = e->study == MSC_FIT_NONE ? "" : w->fit->study[e->study].name;
        for (size_t p = 0; p < e->n_path; p++) {
            path[i] = msc_arena_printf(k->arena, "%s%s%s", path[i], p > 0 ? ", " : "", e->path[p]);
        }
        prior[i] = e->known ? msc_distribution_text(k->arena, &e->prior) : msc_arena_printf(k->arena, "%g to %g", e->low, e->high);
        value[i] = w->result[i].value, se[i] = w->result[i].se, low[i] = w->result[i].low, high[i] = w->result[i].high;
        for (size_t j = 0; j < n; j++) {
            correlation[i * n + j] = w->covariance[i * n + j] / sqrt(w->covariance[i * n + i] * w->covariance[j * n + j]);
        }
    }
}

static void put_rows(record *k)
{
    static const char *const kind[] = {"value", "left", "right", "range", "interval"};
    const msc_fitted *w = k->w;
    const msc_fit *f = w->fit;
    uint8_t *flag = MSC_NEW(k->arena, uint8_t, f->n_row);
    const char **study = put_text(k, "datum_study", "study", k->row), **quantity = put_text(k, "datum_quantity", "what was seen", k->row);
    const char **unit = put_text(k, "datum_unit", "unit of observed and predicted", k->row);
    double *time = put_real(k, "datum_time", f->opened->model->time_unit, "when, since day 0", k->row, -1);
    double *low = put_real(k, "observed_low", NULL, "the value, or the lower end, in the row's unit", k->row, -1);
    double *high = put_real(k, "observed_high", NULL, "the value, or the upper end", k->row, -1);
    double *predicted = put_real(k, "predicted", NULL, "by the best fit", k->row, -1);
    double *sd = put_real(k, "error_sd", NULL, "standard deviation of the error there", k->row, -1);
    double *log = put_real(k, "log_likelihood", NULL, "of the row, without its weight; of a plain value by the unit of the file", k->row, -1);
    double *slope = put_real(k, "sensitivity", NULL, "of what is predicted, by the estimates on the scales they were searched on", k->row,
                             k->estimate);
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = "datum_kind", .kind = MSC_ARRAY_FLAG, .about = "a value, one below or above a limit, a range of n, one between two limits", .n_axis = 1,
                    .axis = {k->row}, .flag = flag, .n_meaning = 5, .flag_meaning = kind};
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        const double per = f->observe[row->observe].per_unit;
        const bool two = msc_datum_has_ends(&row->datum);
        study[i] = f->study[row->study].name, quantity[i] = row->label, unit[i] = f->observe[row->observe].unit;
        time[i] = row->from->time, flag[i] = (uint8_t)row->datum.kind;
        low[i] = (two ? row->datum.low : row->datum.value) / per, high[i] = (two ? row->datum.high : row->datum.value) / per;
        predicted[i] = w->prediction[i] / per, sd[i] = w->row_sd[i] / per, log[i] = w->row_log[i];
        for (size_t j = 0; j < f->n_estimate; j++) {
            slope[i * f->n_estimate + j] = w->slope[i * f->n_estimate + j] / per;
        }
    }
}

static uint8_t *put_flag(record *k, const char *name, const char *about, const char *const meaning[2])
{
    uint8_t *flag = MSC_NEW(k->arena, uint8_t, k->w->fit->n_estimate);
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = name, .kind = MSC_ARRAY_FLAG, .about = about, .n_axis = 1, .axis = {k->estimate}, .flag = flag,
                    .n_meaning = 2, .flag_meaning = meaning};
    return flag;
}

/* A profile's points from the lowest value on; NaN behind the last, and everywhere of one that was not wanted. */
static void put_profiles(record *k)
{
    static const char *const ends[] = {"closed", "open"}, *const whose[] = {"prior", "data"};
    const msc_fitted *w = k->w;
    const size_t n = w->fit->n_estimate;
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        most = w->profile[i].done && w->profile[i].n > most ? w->profile[i].n : most;
    }
    if (most == 0) {
        return;
    }
    const int point = put_axis(k, (msc_axis){.name = "profile_point", .n = most, .counted = true, .unit = "1", .about = "points of a profile"});
    double *value = put_real(k, "profile_value", NULL, "where the estimate was held, in its unit", k->estimate, point);
    double *log = put_real(k, "profile_log", NULL, "log posterior there, the other estimates at their best", k->estimate, point);
    double *low = put_real(k, "profile_low", NULL, "lower end of an interval of about 95 % by the profile, in its unit; where it is open, "
                           "of what was looked at", k->estimate, -1);
    double *high = put_real(k, "profile_high", NULL, "upper end of it", k->estimate, -1);
    uint8_t *open_low = put_flag(k, "profile_open_low", "has the log posterior not fallen by 1.92 below", ends);
    uint8_t *open_high = put_flag(k, "profile_open_high", "or above", ends);
    uint8_t *data_low = put_flag(k, "profile_low_by", "what ends it below, for more than half", whose);
    uint8_t *data_high = put_flag(k, "profile_high_by", "and above", whose);
    for (size_t i = 0; i < n; i++) {
        const msc_fit_profile *p = &w->profile[i];
        const msc_fit_estimate *e = &w->fit->estimate[i];
        for (size_t j = 0; j < most; j++) {
            const bool any = p->done && j < p->n;
            value[i * most + j] = any ? msc_fit_value_of(e, p->t[j]) : (double)NAN, log[i * most + j] = any ? p->log[j] : (double)NAN;
        }
        low[i] = p->done ? msc_fit_shown_of(e, p->low) : (double)NAN, high[i] = p->done ? msc_fit_shown_of(e, p->high) : (double)NAN;
        open_low[i] = !p->done || p->open_low, open_high[i] = !p->done || p->open_high;
        data_low[i] = p->done && p->data_low, data_high[i] = p->done && p->data_high;
    }
}

static void put_directions(record *k)
{
    const msc_fitted *w = k->w;
    const size_t n = w->fit->n_estimate;
    const msc_fit_directions *of[] = {&w->before, &w->after};
    const char *name[] = {"before", "after"}, *when[] = {"where the first start begins", "at the best"};
    const int axis = put_axis(k, (msc_axis){.name = "direction", .n = n, .counted = true, .unit = "1",
                                            .about = "directions of the estimates in which what is predicted changes, most first"});
    for (int i = 0; i < 2; i++) {
        const msc_fit_directions *d = of[i];
        double *singular = put_real(k, msc_arena_printf(k->arena, "singular_%s", name[i]), "1",
                                    msc_arena_printf(k->arena, "by how many standard deviations the data change if all estimates move along "
                                                     "it as far as they might be off beforehand, %s", when[i]), axis, -1);
        double *direction = put_real(k, msc_arena_printf(k->arena, "direction_%s", name[i]), "1", "part of each estimate in it", axis,
                                     k->estimate);
        for (size_t j = 0; j < n; j++) {
            singular[j] = d->singular && j < d->used ? d->singular[j] : (double)NAN;
        }
        for (size_t j = 0; j < n * n; j++) {
            direction[j] = d->direction && j / n < d->used ? d->direction[j] : (double)NAN;
        }
        put_attribute(k, msc_arena_printf(k->arena, "fit_rank_%s", name[i]), NULL, (double)d->rank);
        put_attribute(k, msc_arena_printf(k->arena, "fit_told_%s", name[i]), NULL, (double)d->told);
        put_attribute(k, msc_arena_printf(k->arena, "fit_condition_%s", name[i]), NULL, d->used > 0 ? d->condition : (double)NAN);
    }
}

static void put_next_of(record *k, const msc_fit_next *next, const char *name, const char *of)
{
    const msc_fit *f = k->w->fit;
    const char **study = put_text(k, msc_arena_printf(k->arena, "%s_study", name),
                                  msc_arena_printf(k->arena, "study of the one measurement more that would tell most of it%s", of), k->estimate);
    const char **what = put_text(k, msc_arena_printf(k->arena, "%s_quantity", name), "what would be measured", k->estimate);
    double *time = put_real(k, msc_arena_printf(k->arena, "%s_time", name), f->opened->model->time_unit, "when", k->estimate, -1);
    double *left = put_real(k, msc_arena_printf(k->arena, "%s_variance", name), "1", "part of the estimate's variance that it would leave",
                            k->estimate, -1);
    for (size_t i = 0; i < f->n_estimate; i++) {
        const msc_fit_next *x = next ? &next[i] : &(msc_fit_next){0};
        study[i] = x->any ? f->study[x->study].name : "", what[i] = x->any ? x->label : "";
        time[i] = x->any ? x->time : (double)NAN, left[i] = x->any ? x->left : (double)NAN;
    }
}

/* Of subjects that have been measured only where they have an effect. */
static void put_next(record *k)
{
    const msc_fitted *w = k->w;
    bool any = false;
    put_next_of(k, w->next, "next", "");
    for (size_t i = 0; i < w->fit->n_observe; i++) {
        any = any || msc_fit_has_subject(&w->fit->observe[i]);
    }
    if (!any) {
        return;
    }
    put_next_of(k, w->again, "again", ", of a subject who has been measured");
    const char **subject = put_text(k, "again_subject", "who", k->estimate);
    for (size_t i = 0; i < w->fit->n_estimate; i++) {
        subject[i] = w->again && w->again[i].any ? w->again[i].subject : "";
    }
}

/* Points without a value, by reason. */
static void put_refused(record *k)
{
    const msc_fit_tally *t = &k->w->tally;
    const char **name = MSC_NEW(k->arena, const char *, MSC_FIT_REASONS), **words = MSC_NEW(k->arena, const char *, MSC_FIT_REASONS);
    int64_t *count = MSC_NEW(k->arena, int64_t, MSC_FIT_REASONS);
    size_t n = 0;
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        if (t->count[i] > 0) {
            name[n] = msc_fit_reason(i), words[n] = t->text[i], count[n++] = (int64_t)t->count[i];
        }
    }
    if (n == 0) {
        return;
    }
    const int axis = put_axis(k, (msc_axis){.name = "reason", .n = n, .label = name, .about = "why points have no value"});
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "reason_count", .kind = MSC_ARRAY_COUNT, .about = "how many points", .n_axis = 1, .axis = {axis}, .count = count};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "reason_words", .kind = MSC_ARRAY_TEXT, .about = "what was said of the first", .n_axis = 1, .axis = {axis}, .text = words};
}

/* What else a figure wants: whose a row is, how sure it says it is, and how far off, in standard deviations. */
static void put_residuals(record *k)
{
    const msc_fitted *w = k->w;
    const msc_fit *f = w->fit;
    const char **group = put_text(k, "datum_group", "subject or group of the row", k->row);
    double *own = put_real(k, "observed_sd", NULL, "standard deviation or error the row itself reports, as the fit takes it; missing if none",
                           k->row, -1);
    double *low = put_real(k, "residual_low", "1", "observed_low less predicted, in standard deviations of the error, on its scale; missing if "
                           "it was not seen", k->row, -1);
    double *high = put_real(k, "residual_high", "1", "observed_high less predicted, in standard deviations of the error, on its scale; missing "
                            "if it was not seen", k->row, -1);
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        const msc_datum *d = &row->datum;
        const msc_error_model e = msc_fit_error_of(f, row, w->t);
        const bool range = d->kind == MSC_DATUM_RANGE, two = msc_datum_has_ends(d);
        const double a = msc_likelihood_place(d, &e, w->prediction[i], two ? d->low : d->value);
        const double b = msc_likelihood_place(d, &e, w->prediction[i], two ? d->high : d->value);
        group[i] = row->from->group != MSC_NO_GROUP ? f->data->group[row->from->group].name : "";
        own[i] = d->sd > 0 ? d->sd / f->observe[row->observe].per_unit : (double)NAN;
        low[i] = d->kind == MSC_DATUM_LEFT || !isfinite(a) || (range && msc_likelihood_unseen(d->low, d->half[0])) ? (double)NAN : a;
        high[i] = d->kind == MSC_DATUM_RIGHT || !isfinite(b) ? (double)NAN : b;
    }
}

/* How many days one unit of the model's time is. */
static double days_of(const msc_fit *f)
{
    double own = 1, day = 1;
    msc_dim dim;
    msc_units *units = f->opened->model->units;
    const bool known = msc_units_parse(units, f->opened->model->time_unit, &own, &dim, NULL) == MSC_OK &&
                       msc_units_parse(units, "day", &day, &dim, NULL) == MSC_OK;
    return known ? own / day : 1;
}

static void put_curves(record *k)
{
    static const char *const sides[] = {"before", "after"};
    const msc_fitted *w = k->w;
    const msc_fit *f = w->fit;
    const char **name = MSC_NEW(k->arena, const char *, w->n_curve);
    double *time = MSC_NEW(k->arena, double, f->n_grid), day = days_of(f);
    for (size_t i = 0; i < w->n_curve; i++) {
        name[i] = w->curve[i].name;
    }
    for (size_t i = 0; i < f->n_grid; i++) {
        time[i] = f->grid[i] * day;
    }
    const int curve = put_axis(k, (msc_axis){.name = "curve", .n = w->n_curve, .label = name, .about = "study and what is observed of it"});
    const int grid = put_axis(k, (msc_axis){.name = "band_time", .n = f->n_grid, .value = time, .unit = "day", .about = "time since day 0"});
    uint8_t *side = MSC_NEW(k->arena, uint8_t, f->n_grid + 1);
    for (size_t i = 0; i < f->n_grid; i++) {
        side[i] = !f->before[i];
    }
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = "band_side", .kind = MSC_ARRAY_FLAG, .about = "where a dose starts or ends, or the model switches: the value "
                    "before it, or the one after", .n_axis = 1, .axis = {grid}, .flag = side, .n_meaning = 2, .flag_meaning = sides};
    const char **unit = put_text(k, "curve_unit", "unit of the curve", curve);
    double *best = put_real(k, "best", NULL, "by the best fit, in the curve's unit", curve, grid);
    for (size_t i = 0; i < w->n_curve; i++) {
        unit[i] = w->curve[i].unit;
        memcpy(best + i * f->n_grid, w->curve[i].value, f->n_grid * sizeof *best);
    }
}

static void put_starts(record *k)
{
    static const char *const ends[] = {"found", "no_progress", "not_converged", "cannot_start", "stopped", "not_done"};
    const msc_fitted *w = k->w;
    const size_t n = w->fit->n_estimate;
    uint8_t *flag = MSC_NEW(k->arena, uint8_t, w->n_start);
    int64_t *evaluations = MSC_NEW(k->arena, int64_t, w->n_start), *refused = MSC_NEW(k->arena, int64_t, w->n_start);
    double *log = put_real(k, "start_log", NULL, "log posterior where the start ended", k->start, -1);
    double *begin = put_real(k, "start_begin", NULL, "where it began", k->start, k->estimate);
    double *end = put_real(k, "start_end", NULL, "where it ended", k->start, k->estimate);
    for (size_t i = 0; i < w->n_start; i++) {
        const msc_fit_start *s = &w->start[i];
        flag[i] = s->done ? (uint8_t)s->optimum.end : 5;
        evaluations[i] = (int64_t)s->optimum.evaluations, refused[i] = (int64_t)s->optimum.refused;
        log[i] = s->done && s->optimum.end != MSC_OPTIMUM_NOWHERE ? s->optimum.log + w->offset : (double)NAN;
        for (size_t j = 0; j < n; j++) {
            begin[i * n + j] = s->begin[j], end[i * n + j] = s->done ? s->end[j] : (double)NAN;
        }
    }
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = "start_status", .kind = MSC_ARRAY_FLAG, .about = "how the start ended", .n_axis = 1, .axis = {k->start},
                    .flag = flag, .n_meaning = 6, .flag_meaning = ends};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "start_evaluations", .kind = MSC_ARRAY_COUNT, .about = "points evaluated", .n_axis = 1, .axis = {k->start}, .count = evaluations};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "start_refused", .kind = MSC_ARRAY_COUNT, .about = "of these, points without a value", .n_axis = 1, .axis = {k->start}, .count = refused};
}

/* Whose scenario is which text: of config or base; a study without a scenario of its own has the fit's. */
static void put_studies(record *k)
{
    const msc_fit *f = k->w->fit;
    const char **name = MSC_NEW(k->arena, const char *, f->n_study);
    for (size_t s = 0; s < f->n_study; s++) {
        name[s] = f->study[s].name;
    }
    const int axis = put_axis(k, (msc_axis){.name = "study", .n = f->n_study, .label = name, .about = "studies of the data"});
    const char **scenario = put_text(k, "study_scenario", "its config, from the folder of the first", axis);
    for (size_t s = 0; s < f->n_study; s++) {
        const msc_model *m = msc_batch_scenario(f->study[s].batch)->model;
        scenario[s] = msc_record_name(k->arena, f->opened->model->source[0].name, m->source[0].name);
    }
}

static void add_text(msc_fit_texts *t, const char *name, const char *text)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->name[i], name) == 0 && strcmp(t->text[i], text) == 0) {
            return;
        }
    }
    t->name[t->n] = name, t->text[t->n++] = text;
}

msc_fit_texts msc_fit_texts_of(msc_arena *arena, const msc_fit *f)
{
    size_t most = f->opened->model->n_source + 1;
    for (size_t s = 0; s < f->n_study; s++) {
        most += msc_batch_scenario(f->study[s].batch)->model->n_source;
    }
    msc_fit_texts t = {.name = MSC_NEW(arena, const char *, most), .text = MSC_NEW(arena, const char *, most)};
    const char *first = f->opened->model->source[0].name;
    for (size_t s = 0; s <= f->n_study; s++) {
        const msc_model *m = s == 0 ? f->opened->model : msc_batch_scenario(f->study[s - 1].batch)->model;
        for (size_t i = 0; i < m->n_source; i++) {
            add_text(&t, msc_record_name(arena, first, m->source[i].name), m->source[i].text);
        }
    }
    add_text(&t, f->data_path, f->data->text);
    return t;
}

static void put_sources(record *k)
{
    const msc_fit *f = k->w->fit;
    const msc_fit_texts t = msc_fit_texts_of(k->arena, f);
    double *place = MSC_NEW(k->arena, double, t.n);
    for (size_t i = 0; i < t.n; i++) {
        place[i] = (double)(i + 1);
    }
    const int axis = put_axis(k, (msc_axis){.name = "source", .n = t.n, .value = place, .unit = "1", .about = "files read, in this order; the last is the data"});
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "source_name", .kind = MSC_ARRAY_TEXT, .about = "its name, from the folder of the first", .n_axis = 1, .axis = {axis}, .text = t.name};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "source_text", .kind = MSC_ARRAY_TEXT, .about = "all of its text", .n_axis = 1, .axis = {axis}, .text = t.text};
    if (f->n_setting > 0) {
        put_axis(k, (msc_axis){.name = "setting", .n = f->n_setting, .label = f->setting,
                               .about = "changes to what the files say (--set), in this order"});
    }
}

static void put_attributes(record *k)
{
    const msc_fitted *w = k->w;
    const msc_scenario *s = msc_batch_scenario(w->fit->study[0].batch);
    if (w->fit->opened->model->title) {
        put_attribute(k, "title", w->fit->opened->model->title, 0);
    }
    put_attribute(k, "mscsim_version", msc_version(), 0);
    put_attribute(k, "fit_data", w->fit->data_path, 0);
    put_attribute(k, "fit_method", w->fit->squares ? "least squares" : "log posterior", 0);
    put_attribute(k, "fit_seed", msc_arena_printf(k->arena, "%llu", (unsigned long long)w->fit->seed), 0);
    put_attribute(k, "fit_best_start", NULL, (double)w->best);
    put_attribute(k, "fit_starts_done", NULL, (double)w->n_done);
    put_attribute(k, "fit_better_by_profile", NULL, (double)w->n_better);
    put_attribute(k, "fit_log_posterior", NULL, w->log);
    put_attribute(k, "fit_group_weight", NULL, w->fit->group_weight);
    put_attribute(k, "solver_method", s->solver.method ? s->solver.method : msc_engine_methods()[0], 0);
    put_attribute(k, "solver_kernel", msc_plan_kernel(s->plan), 0);
    put_attribute(k, "solver_rtol", NULL, s->solver.rtol);
}

static msc_dataset make_record(msc_arena *arena, const msc_fitted *w)
{
    record k = {.arena = arena, .w = w};
    put_axes(&k);
    put_estimates(&k);
    put_rows(&k);
    put_residuals(&k);
    put_curves(&k);
    put_starts(&k);
    put_studies(&k);
    put_profiles(&k);
    put_directions(&k);
    put_next(&k);
    put_refused(&k);
    put_sources(&k);
    put_attributes(&k);
    return (msc_dataset){.n_axis = k.n_axis, .axis = k.axis, .n_array = k.n_array, .array = k.array,
                         .n_attribute = k.n_attribute, .attribute = k.attribute};
}

msc_status msc_fitted_write(msc_fitted *w, const char *file, bool force, msc_error *err)
{
    const bool kept = w->keep && strcmp(msc_fit_keep_file(w->keep), file) == 0;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_dataset dataset = make_record(arena, w);
    msc_posterior_record(arena, w, &dataset);
    const msc_store_options options = {.force = force, .journalled = kept};
    msc_status status = msc_store_write(file, &dataset, &options, err);
    if (status == MSC_OK && kept && w->posterior) {
        status = msc_posterior_keep_end(w->posterior, w->posterior->done == w->posterior->steps, err);
    }
    msc_arena_free(arena);
    if (status == MSC_OK && kept) {
        status = msc_fit_keep_remove(w->keep, err);
        w->keep = NULL;
    }
    return status;
}
