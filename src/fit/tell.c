/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the data of a fit can tell: directions of its sensitivities, and the one measurement more that would tell most. */
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "fit/identify.h"
#include "fit/information.h"
#include "fit/objective.h"

/* ---- directions ---- */

msc_fit_directions msc_fit_directions_of(msc_arena *arena, const msc_fit *f, const double *t, const double *prediction, const double *slope)
{
    const size_t n = f->n_estimate, m = f->n_row;
    msc_fit_directions d = {.condition = NAN, .singular = MSC_NEW(arena, double, n), .direction = MSC_NEW(arena, double, n * n)};
    size_t *which = MSC_NEW(arena, size_t, n + 1);
    double *s = MSC_NEW(arena, double, m * n), *white = MSC_NEW(arena, double, m * n);
    msc_fit_whiten(&(msc_fit_place_seen){f, t, prediction, slope}, MSC_NEW(arena, double, MSC_FIT_INFORMATION_ROOM * n), white);
    for (size_t k = 0; k < n; k++) {
        bool any = false;
        d.singular[k] = NAN;
        for (size_t i = 0; i < m; i++) {
            any = any || slope[i * n + k] != 0;
        }
        which[d.used] = k, d.used += any;
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < d.used; j++) {
            s[i * d.used + j] = white[i * n + which[j]] * msc_fit_before(&f->estimate[which[j]]);
            if (!isfinite(s[i * d.used + j])) {
                d.used = 0;
                return d;
            }
        }
    }
    if (d.used == 0) {
        return d;
    }
    const msc_identifiability id = msc_identify(arena, s, m, d.used);
    d.rank = id.rank, d.told = id.told, d.condition = id.condition;
    for (size_t i = 0; i < d.used; i++) {
        d.singular[i] = id.singular[i];
        for (size_t j = 0; j < d.used; j++) {
            d.direction[i * n + which[j]] = id.direction[i * d.used + j];
        }
    }
    return d;
}

/* ---- what to measure next ---- */

enum { GRID = 24 };                    /* times that are looked at: so many evenly, and early ones */
static const double STEP = 0.01;       /* in coordinates, of differences */
static const double FLOOR = 0.01;      /* of the largest that was seen: nothing is measured better than that */

typedef struct {
    msc_fitted *w;
    msc_arena *arena;
    const msc_fit_study *study;
    size_t study_number;
    msc_batch *batch;
    size_t n_time, n_column;
    const double *time;
    size_t next;
    double *value;          /* [1 + 2 n_estimate][n_time][n_column] */
    bool *fine;             /* [1 + 2 n_estimate] */
    const double *covariance; /* [n_estimate][n_estimate] of the coordinates */
    double *room;             /* [MSC_FIT_INFORMATION_ROOM * n_estimate] */
} candidates;

static bool read_batch(candidates *c, const msc_vary *vary, size_t n_vary, const double *time, size_t n_time)
{
    const char **setting = MSC_NEW(c->arena, const char *, c->study->n_setting + 1);
    memcpy(setting, c->study->setting, c->study->n_setting * sizeof *setting);
    setting[c->study->n_setting] = c->study->quantities;
    const msc_batch_options options = {.n_setting = c->study->n_setting + 1, .setting = setting, .n_vary = n_vary, .vary = vary,
                                       .trajectories = true, .n_time = n_time, .time = time};
    msc_batch_free(c->batch);
    c->batch = NULL;
    return msc_batch_read(c->study->path, &options, &c->batch, NULL) == MSC_OK;
}

/* Of the run's own grid: evenly, and beginning early, where things go fast. */
static const double *coarse_grid(candidates *c, size_t *n)
{
    const double *all = NULL;
    const size_t n_all = msc_batch_times(c->batch, &all);
    double *time = MSC_NEW(c->arena, double, 2 * GRID + 64);
    *n = 0;
    for (size_t i = 1; i <= GRID && n_all > 1; i++) {
        time[(*n)++] = all[i * (n_all - 1) / GRID];
    }
    for (size_t i = 1; i < n_all; i *= 2) {
        time[(*n)++] = all[i];
    }
    gsl_sort(time, 1, *n);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (kept == 0 || time[i] > time[kept - 1]) {
            time[kept++] = time[i];
        }
    }
    *n = kept;
    return time;
}

/* The point, then each estimate up and down. */
static bool next_vector(void *context, double *value, size_t *id)
{
    candidates *c = context;
    const msc_fit *f = c->w->fit;
    if (c->next > 2 * f->n_estimate) {
        return false;
    }
    const size_t what = c->next++, along = (what - 1) / 2;
    for (size_t i = 0; i < c->study->n_vary; i++) {
        const size_t k = c->study->estimate[i];
        value[i] = msc_fit_value_of(&f->estimate[k], c->w->t[k] + (what > 0 && k == along ? (what % 2 ? STEP : -STEP) : 0));
    }
    *id = what;
    return true;
}

static void take_outcome(void *context, size_t what, const msc_outcome *outcome)
{
    candidates *c = context;
    const size_t n = c->n_time * c->n_column;
    c->fine[what] = outcome->status == MSC_OK;
    if (c->fine[what]) {
        memcpy(c->value + what * n, outcome->value, n * sizeof *c->value);
    }
}

static bool run_candidates(candidates *c)
{
    const size_t n = c->w->fit->n_estimate;
    size_t n_time = 0;
    if (!read_batch(c, NULL, 0, NULL, 0)) {
        return false; /* it has no grid */
    }
    const double *time = coarse_grid(c, &n_time);
    if (n_time == 0 || !read_batch(c, c->study->vary, c->study->n_vary, time, n_time)) {
        return false;
    }
    c->n_time = msc_batch_times(c->batch, &c->time), c->n_column = msc_batch_columns(c->batch);
    c->value = MSC_NEW(c->arena, double, (2 * n + 1) * c->n_time * c->n_column);
    c->fine = MSC_NEW(c->arena, bool, 2 * n + 1);
    msc_worker *worker = NULL;
    msc_error err = {0};
    const bool fine = msc_worker_new(c->batch, &worker, &err) == MSC_OK &&
                      msc_worker_run(worker, next_vector, take_outcome, c, NULL, &err) == MSC_OK && c->fine[0];
    msc_worker_free(worker);
    return fine;
}

/* Is it an element of what the entry sees of the model? */
static bool is_of(const msc_fit_observe *o, const char *column)
{
    const size_t n = strcspn(o->quantity, "[");
    return strncmp(o->quantity, column, n) == 0 && (column[n] == '\0' || column[n] == '[');
}

/* The own error of a row, beside that of its subject, on the scale of the error; of a normal one a share of the prediction. */
static double own_share(const candidates *c, size_t row)
{
    const msc_fit *f = c->w->fit;
    const msc_error_model e = msc_fit_error_of(f, &f->row[row], c->w->t);
    const double x = c->w->prediction[row], sd = sqrt(msc_likelihood_variance(&f->row[row].datum, &e, x));
    return e.family == MSC_FAMILY_NORMAL ? sd / fabs(x) : sd;
}

static double median_share(const candidates *c, size_t observe)
{
    const msc_fit *f = c->w->fit;
    double *share = MSC_NEW(c->arena, double, f->n_row + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->n_row; i++) {
        const double x = f->row[i].observe == observe ? own_share(c, i) : 0;
        if (x > 0 && isfinite(x)) {
            share[n++] = x;
        }
    }
    gsl_sort(share, 1, n);
    return n > 0 ? share[n / 2] : (double)INFINITY;
}

/* The error of one measurement more by this entry, beside that of its subject, on the scale of the error: as its own, where it has
 * one; else as its rows' usually were. */
static double error_of(const candidates *c, size_t observe, double prediction)
{
    const msc_fit *f = c->w->fit;
    const msc_fit_row row = {.observe = observe, .datum = {.kind = MSC_DATUM_VALUE, .value = 1}};
    const msc_error_model e = msc_fit_error_of(f, &row, c->w->t);
    const double scale = e.family == MSC_FAMILY_NORMAL ? 1 : fabs(prediction);
    double largest = 0, sd = sqrt(msc_likelihood_variance(&row.datum, &e, prediction));
    for (size_t i = 0; i < f->n_row; i++) {
        if (is_of(&f->observe[observe], f->row[i].column_name[0])) {
            largest = fmax(largest, fabs(c->w->prediction[i]));
        }
    }
    sd = sd > 0 ? sd : median_share(c, observe) * fabs(prediction) / scale;
    return hypot(sd, FLOOR * largest / scale);
}

/* What the entry sees at time i of the vector `what`: of a column, or its regions if column is n_column. */
static double seen(const candidates *c, const msc_fit_observe *o, size_t what, size_t i, size_t column)
{
    const double *value = c->value + (what * c->n_time + i) * c->n_column;
    if (column < c->n_column) {
        return value[column] * o->per_unit;
    }
    double sum = 0;
    for (size_t r = 0; r < o->n_region; r++) {
        const char *name = msc_arena_printf(c->arena, "%s[%s]", o->quantity, o->region[r]);
        for (size_t j = 0; j < c->n_column; j++) {
            sum += strcmp(msc_batch_column(c->batch, j, NULL), name) == 0 ? o->weight[r] * value[j] * o->per_unit : 0;
        }
    }
    return sum;
}

static void take_best(const candidates *c, msc_fit_next *list, const double *slope, const msc_fit_next *what)
{
    const size_t n = c->w->fit->n_estimate;
    for (size_t k = 0; k < n; k++) {
        const double left = msc_measurement_gain(c->covariance, slope, n, k);
        if (isfinite(left) && (!list[k].any || left < list[k].left - 1e-9)) {
            list[k] = *what;
            list[k].any = true, list[k].left = left, list[k].label = msc_arena_strdup(c->w->arena, what->label);
        }
    }
}

/* Sensitivities on the scale of the error; false if there is none. */
static bool slopes_of(const candidates *c, size_t observe, size_t i, size_t column, double *slope, double *prediction)
{
    const msc_fit *f = c->w->fit;
    const msc_fit_observe *o = &f->observe[observe];
    const size_t by = o->by_factor;
    const double factor = msc_fit_factor_of(f, o, c->w->t), bare = seen(c, o, 0, i, column);
    const double scale = o->error.family == MSC_FAMILY_NORMAL ? 1 : factor * bare;
    *prediction = factor * bare;
    for (size_t k = 0; k < f->n_estimate; k++) {
        const bool both = c->fine[1 + 2 * k] && c->fine[2 + 2 * k];
        slope[k] = both ? factor * (seen(c, o, 1 + 2 * k, i, column) - seen(c, o, 2 + 2 * k, i, column)) / (2 * STEP) : 0;
        slope[k] += k == by ? bare * msc_fit_slope_of(&f->estimate[k], c->w->t[k]) : 0;
        slope[k] /= scale;
        if (!isfinite(slope[k])) {
            return false;
        }
    }
    return true;
}

static bool is_measured(const candidates *c, const msc_fit_row *row, size_t observe, const char *column)
{
    return row->observe == observe && row->study == c->study_number && row->n_mate > 0 && row->from->group != MSC_NO_GROUP &&
           (!column || strcmp(row->column_name[0], column) == 0);
}

/* Subjects that have been measured, each once. */
static void weigh_again(const candidates *c, size_t observe, const char *column, double own, const double *slope, const msc_fit_next *what)
{
    const msc_fit *f = c->w->fit;
    const size_t n = f->n_estimate;
    const msc_fit_place_seen at = {f, c->w->t, c->w->prediction, c->w->slope};
    msc_fit_known_subject known = {.pull = c->room};
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_row *row = &f->row[r];
        if (is_measured(c, row, observe, column) && row->mate[0] == r && msc_fit_subject_known(&at, row->mate, row->n_mate, &known)) {
            msc_fit_next of = *what;
            of.subject = f->data->group[row->from->group].name;
            memcpy(c->room + n, slope, n * sizeof *slope);
            msc_fit_whiten_next(&known, known.variance, own, n, c->room + n);
            take_best(c, c->w->again, c->room + n, &of);
        }
    }
}

static void weigh(candidates *c, size_t observe, size_t i, size_t column, const char *label)
{
    const msc_fit *f = c->w->fit;
    double *slope = MSC_NEW(c->arena, double, f->n_estimate), prediction = 0;
    if (!slopes_of(c, observe, i, column, slope, &prediction)) {
        return;
    }
    const msc_fit_row row = {.observe = observe, .datum = {.kind = MSC_DATUM_VALUE, .value = 1}};
    const double subject = msc_fit_error_of(f, &row, c->w->t).subject, own = error_of(c, observe, prediction);
    const msc_fit_next what = {.study = c->study_number, .label = label, .time = c->time[i],
                               .of_subjects = msc_fit_has_subject(&f->observe[observe])};
    if (what.of_subjects) {
        weigh_again(c, observe, column < c->n_column ? msc_batch_column(c->batch, column, NULL) : NULL, own, slope, &what);
    }
    msc_fit_whiten_next(NULL, subject * subject, own, f->n_estimate, slope);
    for (size_t k = 0; k < f->n_estimate; k++) {
        if (!isfinite(slope[k])) {
            return;
        }
    }
    take_best(c, c->w->next, slope, &what);
}

/* Who would see this column: an entry of that very element, else one of its quantity. */
static size_t who_sees(const candidates *c, const char *column)
{
    const msc_fit *f = c->w->fit;
    size_t found = MSC_FIT_NONE;
    for (size_t o = 0; o < f->n_observe; o++) {
        if (f->observe[o].unit && f->observe[o].n_region == 0 && is_of(&f->observe[o], column)) {
            found = found == MSC_FIT_NONE || strcmp(f->observe[o].quantity, column) == 0 ? o : found;
        }
    }
    return found;
}

static void weigh_all(candidates *c)
{
    const msc_fit *f = c->w->fit;
    for (size_t i = 0; i < c->n_time; i++) {
        for (size_t j = 0; j < c->n_column; j++) {
            const char *name = msc_batch_column(c->batch, j, NULL);
            const size_t o = who_sees(c, name);
            if (o != MSC_FIT_NONE) {
                weigh(c, o, i, j, name);
            }
        }
        for (size_t o = 0; o < f->n_observe; o++) {
            if (f->observe[o].unit && f->observe[o].n_region > 0) {
                weigh(c, o, i, c->n_column, f->observe[o].name);
            }
        }
    }
}

/* The inverse of what data and priors tell; false if it has none. */
static bool covariance_at(const msc_fitted *w, double *room, double *covariance)
{
    const size_t n = w->fit->n_estimate;
    msc_fit_information(&(msc_fit_place_seen){w->fit, w->t, w->prediction, w->slope}, room, covariance);
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(covariance[i])) {
            return false;
        }
    }
    gsl_matrix_view m = gsl_matrix_view_array(covariance, n, n);
    return gsl_linalg_cholesky_decomp1(&m.matrix) == 0 && gsl_linalg_cholesky_invert(&m.matrix) == 0;
}

static void find_next(candidates *c)
{
    const size_t n = c->w->fit->n_estimate;
    double *covariance = MSC_NEW(c->arena, double, n * n);
    c->covariance = covariance, c->room = MSC_NEW(c->arena, double, MSC_FIT_INFORMATION_ROOM * n);
    if (covariance_at(c->w, c->room, covariance) && run_candidates(c)) {
        weigh_all(c);
    }
}

/* If memory ends, nothing is lost but advice. */
static void try_next(candidates *c)
{
    if (!MSC_CATCH(c->arena)) {
        find_next(c);
    }
}

void msc_fit_tell(msc_fitted *w)
{
    w->after = msc_fit_directions_of(w->arena, w->fit, w->t, w->prediction, w->slope);
    w->next = MSC_NEW(w->arena, msc_fit_next, w->fit->n_estimate), w->again = MSC_NEW(w->arena, msc_fit_next, w->fit->n_estimate);
    for (size_t s = 0; s < w->fit->n_study; s++) {
        candidates *c = MSC_NEW(w->arena, candidates, 1);
        *c = (candidates){.w = w, .study = &w->fit->study[s], .study_number = s};
        c->arena = msc_arena_new(NULL);
        if (c->arena) {
            try_next(c);
        }
        msc_batch_free(c->batch);
        msc_arena_free(c->arena);
    }
}
