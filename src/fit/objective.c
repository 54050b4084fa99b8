/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log posterior of a fit. The derivatives of predictions come with the run where the engine can give them; where
 * what is estimated moves an event they are central differences of runs, which then go on the lanes beside it. */
#include "fit/objective.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/information.h"

struct msc_fit_eval {
    const msc_fit *fit;
    const volatile int *stop;
    msc_worker **worker;    /* [n_study] */
    double *prediction;     /* [n_row] */
    double *slope;          /* [n_row][n_estimate] */
    double *log;            /* [n_row] */
    double *side;           /* [2 n_estimate][n_row] predictions beside, by differences */
    double *x;              /* [n_estimate] values */
    double *t;              /* [n_estimate] coordinates in passing */
    double *room;           /* of msc_fit_information */
    const double *here;     /* coordinates under evaluation */
    /* of the study under way */
    size_t study, next, n_ask, *ask; /* ask[i]: 0: the point; else 1 + 2 k, 2 + 2 k: beside it along k */
    bool fine;
    msc_error error;
    int reason;             /* of the last point without a value */
    char trouble[1024];
    msc_fit_tally tally;
};

msc_status msc_fit_eval_new(const msc_fit *fit, const volatile int *stop, msc_fit_eval **out, msc_error *err)
{
    const size_t n = fit->n_estimate, m = fit->n_row;
    msc_fit_eval *v = calloc(1, sizeof *v);
    *out = NULL;
    if (!v) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    v->fit = fit, v->stop = stop;
    v->worker = calloc(fit->n_study + 1, sizeof *v->worker);
    v->prediction = calloc(m + 1, sizeof(double)), v->slope = calloc(m * n + 1, sizeof(double));
    v->log = calloc(m + 1, sizeof(double)), v->side = calloc(2 * n * m + 1, sizeof(double));
    v->x = calloc(n + 1, sizeof(double)), v->t = calloc(n + 1, sizeof(double));
    v->room = calloc(MSC_FIT_INFORMATION_ROOM * n + 1, sizeof(double));
    v->ask = calloc(2 * n + 2, sizeof *v->ask);
    msc_status status = v->worker && v->prediction && v->slope && v->log && v->side && v->x && v->t && v->room && v->ask
                            ? MSC_OK
                            : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    for (size_t s = 0; s < fit->n_study && status == MSC_OK; s++) {
        status = msc_worker_new(fit->study[s].batch, &v->worker[s], err);
    }
    if (status != MSC_OK) {
        msc_fit_eval_free(v);
        return status;
    }
    *out = v;
    return MSC_OK;
}

void msc_fit_eval_free(msc_fit_eval *v)
{
    if (!v) {
        return;
    }
    for (size_t s = 0; v->worker && s < v->fit->n_study; s++) {
        msc_worker_free(v->worker[s]);
    }
    free(v->worker);
    free(v->prediction);
    free(v->slope);
    free(v->log);
    free(v->side);
    free(v->x);
    free(v->t);
    free(v->room);
    free(v->ask);
    free(v);
}

/* ---- runs ---- */

/* Steps of differences, in coordinates: the error of a run is about rtol, that of the difference the step squared. */
static double step_of(const msc_fit_study *study)
{
    return fmax(cbrt(study->rtol), 1e-4);
}

static bool next_vector(void *context, double *value, size_t *id)
{
    msc_fit_eval *v = context;
    const msc_fit *f = v->fit;
    const msc_fit_study *study = &f->study[v->study];
    if (v->next >= v->n_ask) {
        return false;
    }
    const size_t what = v->ask[v->next++], along = (what - 1) / 2;
    for (size_t i = 0; i < study->n_vary; i++) {
        const size_t k = study->estimate[i];
        const double moved = what > 0 && k == along ? (what % 2 ? step_of(study) : -step_of(study)) : 0;
        value[i] = msc_fit_value_of(&f->estimate[k], v->here[k] + moved);
    }
    *id = what;
    return true;
}

double msc_fit_seen(const msc_fit_row *row, size_t time, const double *value, size_t n_column)
{
    double sum = 0;
    for (size_t c = 0; c < row->n_column; c++) {
        sum += row->weight[c] * value[time * n_column + row->column[c]];
    }
    return sum;
}

static double seen(const msc_fit_row *row, const double *value, size_t n_column)
{
    return msc_fit_seen(row, row->time, value, n_column);
}

static void take_slopes(msc_fit_eval *v, const msc_outcome *outcome, const msc_fit_study *study)
{
    const msc_fit *f = v->fit;
    const size_t n_column = msc_batch_columns(study->batch), n = msc_batch_times(study->batch, NULL) * n_column;
    for (size_t i = 0; i < study->n_vary; i++) {
        const size_t k = study->estimate[i];
        const double by = msc_fit_scale_slope(&f->estimate[k], v->here[k]);
        for (size_t r = 0; r < study->n_row; r++) {
            v->slope[study->row[r] * f->n_estimate + k] += by * seen(&f->row[study->row[r]], outcome->sensitivity + i * n, n_column);
        }
    }
}

static int end_number(const char *word)
{
    int i = 0;
    while (msc_batch_ends()[i] && strcmp(msc_batch_ends()[i], word) != 0) {
        i++;
    }
    return i < MSC_FIT_BY_PRIOR ? i : 0;
}

static void take_outcome(void *context, size_t what, const msc_outcome *outcome)
{
    msc_fit_eval *v = context;
    const msc_fit *f = v->fit;
    const msc_fit_study *study = &f->study[v->study];
    const size_t n_column = msc_batch_columns(study->batch);
    if (outcome->status != MSC_OK) {
        v->fine = false, v->reason = end_number(outcome->end);
        snprintf(v->trouble, sizeof v->trouble, "%s", outcome->message);
        return;
    }
    double *to = what == 0 ? v->prediction : v->side + (what - 1) * f->n_row;
    for (size_t r = 0; r < study->n_row; r++) {
        to[study->row[r]] = seen(&f->row[study->row[r]], outcome->value, n_column);
    }
    if (what == 0 && study->slopes) {
        take_slopes(v, outcome, study);
    }
}

static bool is_varied(const msc_fit_study *study, size_t k)
{
    for (size_t i = 0; i < study->n_vary; i++) {
        if (study->estimate[i] == k) {
            return true;
        }
    }
    return false;
}

static void take_differences(msc_fit_eval *v, const msc_fit_study *study)
{
    const msc_fit *f = v->fit;
    for (size_t k = 0; k < f->n_estimate; k++) {
        for (size_t r = 0; r < study->n_row && is_varied(study, k); r++) {
            const double *up = v->side + 2 * k * f->n_row, *down = up + f->n_row;
            v->slope[study->row[r] * f->n_estimate + k] = (up[study->row[r]] - down[study->row[r]]) / (2 * step_of(study));
        }
    }
}

static bool run_study(msc_fit_eval *v, size_t s)
{
    const msc_fit *f = v->fit;
    const msc_fit_study *study = &f->study[s];
    v->study = s, v->next = 0, v->n_ask = 0;
    v->ask[v->n_ask++] = 0;
    for (size_t k = 0; k < f->n_estimate && !study->slopes; k++) {
        if (is_varied(study, k)) {
            v->ask[v->n_ask++] = 1 + 2 * k, v->ask[v->n_ask++] = 2 + 2 * k;
        }
    }
    if (msc_worker_run(v->worker[s], next_vector, take_outcome, v, v->stop, &v->error) != MSC_OK) {
        return false;
    }
    if (v->stop && *v->stop) {
        return false;
    }
    if (v->fine && !study->slopes) {
        take_differences(v, study);
    }
    return v->fine;
}

/* ---- predictions ---- */

static double number_of(const msc_fit *f, size_t k, double otherwise, const double *t)
{
    return k == MSC_FIT_NONE ? otherwise : msc_fit_value_of(&f->estimate[k], t[k]);
}

/* With the factor of detection. */
static bool detect(msc_fit_eval *v, const double *t)
{
    const msc_fit *f = v->fit;
    const size_t n = f->n_estimate;
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_observe *o = &f->observe[f->row[r].observe];
        const double factor = number_of(f, o->by_factor, o->factor, t);
        for (size_t k = 0; k < n; k++) {
            v->slope[r * n + k] *= factor;
        }
        if (o->by_factor != MSC_FIT_NONE) {
            v->slope[r * n + o->by_factor] += v->prediction[r] * msc_fit_slope_of(&f->estimate[o->by_factor], t[o->by_factor]);
        }
        v->prediction[r] *= factor;
        if (!isfinite(v->prediction[r])) {
            v->reason = MSC_FIT_BY_DATA;
            snprintf(v->trouble, sizeof v->trouble, "what is predicted for '%s' of line %zu is no number", f->row[r].label,
                     f->row[r].from->line);
            return false;
        }
    }
    return true;
}

static bool predict(msc_fit_eval *v, const double *t)
{
    const msc_fit *f = v->fit;
    v->here = t, v->fine = true, v->error.status = MSC_OK;
    memset(v->slope, 0, f->n_row * f->n_estimate * sizeof *v->slope);
    for (size_t s = 0; s < f->n_study; s++) {
        if (!run_study(v, s)) {
            return false;
        }
    }
    return detect(v, t);
}

/* A shift is in the unit of what is observed; of logarithms it has none. */
static double subject_unit(const msc_fit_observe *o)
{
    return o->error.family == MSC_FAMILY_NORMAL ? o->per_unit : 1;
}

double msc_fit_factor_of(const msc_fit *f, const msc_fit_observe *o, const double *t)
{
    return number_of(f, o->by_factor, o->factor, t);
}

msc_error_model msc_fit_error_of(const msc_fit *f, const msc_fit_row *row, const double *t)
{
    const msc_fit_observe *o = &f->observe[row->observe];
    return (msc_error_model){.family = o->error.family,
                             .additive = number_of(f, o->by_additive, o->error.additive, t) * o->per_unit,
                             .proportional = number_of(f, o->by_proportional, o->error.proportional, t),
                             .subject = number_of(f, o->by_subject, o->error.subject, t) * subject_unit(o)};
}

double msc_fit_row_sd(const msc_fit *f, const msc_fit_row *row, const double *t, double prediction)
{
    const msc_error_model e = msc_fit_error_of(f, row, t);
    return msc_likelihood_sd(&row->datum, &e, prediction);
}

/* ---- log posterior ---- */

static bool add_rows(msc_fit_eval *v, const double *t, double *log, double *slope)
{
    const msc_fit *f = v->fit;
    const size_t n = f->n_estimate;
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_row *row = &f->row[r];
        const msc_fit_observe *o = &f->observe[row->observe];
        const msc_error_model error = msc_fit_error_of(f, row, t);
        const msc_likelihood l = msc_fit_row_likelihood(f, r, &error, v->prediction);
        if (!isfinite(l.log)) {
            v->reason = MSC_FIT_BY_DATA;
            snprintf(v->trouble, sizeof v->trouble, "'%s' of line %zu cannot be what it is if %g is predicted", row->label,
                     row->from->line, v->prediction[r] / o->per_unit);
            return false;
        }
        v->log[r] = l.log + row->log_unit;
        *log += row->importance * v->log[r];
        for (size_t k = 0; k < n; k++) {
            slope[k] += row->importance * l.by_prediction * v->slope[r * n + k];
        }
        if (o->by_additive != MSC_FIT_NONE) {
            const size_t k = o->by_additive;
            slope[k] += row->importance * l.by_additive * o->per_unit * msc_fit_slope_of(&f->estimate[k], t[k]);
        }
        if (o->by_proportional != MSC_FIT_NONE) {
            const size_t k = o->by_proportional;
            slope[k] += row->importance * l.by_proportional * msc_fit_slope_of(&f->estimate[k], t[k]);
        }
        if (o->by_subject != MSC_FIT_NONE) {
            const size_t k = o->by_subject;
            slope[k] += row->importance * l.by_subject * subject_unit(o) * msc_fit_slope_of(&f->estimate[k], t[k]);
        }
    }
    return true;
}

/* A point without a value, by its reason; not one that was under way when all was asked to end. */
static bool counted(msc_fit_eval *v, bool fine)
{
    if (!fine && !(v->stop && *v->stop) && v->error.status == MSC_OK) {
        if (v->tally.count[v->reason]++ == 0) {
            snprintf(v->tally.text[v->reason], sizeof v->tally.text[0], "%.*s", MSC_FIT_WORDS - 1, v->trouble);
        }
    }
    return fine;
}

static bool density_at(msc_fit_eval *v, const double *t, double *log, double *slope)
{
    const msc_fit *f = v->fit;
    *log = 0;
    memset(slope, 0, f->n_estimate * sizeof *slope);
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        const double x = msc_fit_value_of(e, t[k]);
        if (e->known) {
            *log += msc_fit_prior_at(&e->prior, x, &slope[k]);
            slope[k] *= msc_fit_slope_of(e, t[k]);
        }
        if (!isfinite(*log) || !isfinite(x)) {
            v->reason = MSC_FIT_BY_PRIOR;
            snprintf(v->trouble, sizeof v->trouble, "'%s' is %g, where its prior has nothing", e->name, x);
            return false;
        }
    }
    return predict(v, t) && add_rows(v, t, log, slope);
}

bool msc_fit_prior_log(const msc_fit *f, const double *t, double *log)
{
    *log = 0;
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        const double x = msc_fit_value_of(e, t[k]);
        *log += e->known ? msc_distribution_log_density(&e->prior, x) : 0;
        if (!isfinite(*log) || !isfinite(x)) {
            return false;
        }
    }
    return true;
}

bool msc_fit_density_of(msc_fit_eval *v, const double *t, const double *seen_rows, double *log)
{
    const msc_fit *f = v->fit;
    double *slope = v->side; /* nobody's now; there are no slopes to go into it */
    memset(v->slope, 0, f->n_row * f->n_estimate * sizeof *v->slope);
    memcpy(v->prediction, seen_rows, f->n_row * sizeof *v->prediction);
    return msc_fit_prior_log(f, t, log) && detect(v, t) && add_rows(v, t, log, slope);
}

bool msc_fit_density(void *context, const double *t, double *log, double *slope)
{
    return counted(context, density_at(context, t, log, slope));
}

void msc_fit_metric(void *context, const double *t, double *h)
{
    const msc_fit_eval *v = context;
    msc_fit_information(&(msc_fit_place_seen){v->fit, t, v->prediction, v->slope}, v->room, h);
}

/* ---- residuals: every row, then every prior that is normal ---- */

static bool squares_at(msc_fit_eval *v, const double *t, double *residual, double *jacobian)
{
    const msc_fit *f = v->fit;
    const size_t n = f->n_estimate;
    if (!predict(v, t)) {
        return false;
    }
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_row *row = &f->row[r];
        const msc_error_model error = msc_fit_error_of(f, row, t);
        const double root = sqrt(row->importance);
        double by = 0;
        if (!msc_likelihood_residual(&row->datum, &error, v->prediction[r], &residual[r], &by)) {
            v->reason = MSC_FIT_BY_DATA;
            snprintf(v->trouble, sizeof v->trouble, "'%s' of line %zu has no residual if %g is predicted", row->label, row->from->line,
                     v->prediction[r] / f->observe[row->observe].per_unit);
            return false;
        }
        residual[r] *= root;
        for (size_t k = 0; k < n; k++) {
            jacobian[r * n + k] = root * by * v->slope[r * n + k];
        }
    }
    size_t r = f->n_row;
    for (size_t k = 0; k < n; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        if (!e->known || e->prior.kind != MSC_NORMAL) {
            continue;
        }
        memset(jacobian + r * n, 0, n * sizeof *jacobian);
        residual[r] = (msc_fit_value_of(e, t[k]) - e->prior.first) / e->prior.second;
        jacobian[r++ * n + k] = msc_fit_slope_of(e, t[k]) / e->prior.second;
    }
    return true;
}

bool msc_fit_squares(void *context, const double *t, double *residual, double *jacobian)
{
    return counted(context, squares_at(context, t, residual, jacobian));
}

msc_objective msc_fit_objective(msc_fit_eval *eval, const double *low, const double *high)
{
    const msc_fit *f = eval->fit;
    return (msc_objective){.n = f->n_estimate,
                           .n_residual = f->squares ? f->n_residual : 0,
                           .squares = f->squares ? msc_fit_squares : NULL,
                           .density = f->squares ? NULL : msc_fit_density,
                           .metric = f->squares ? NULL : msc_fit_metric,
                           .low = low,
                           .high = high,
                           .context = eval,
                           .stop = eval->stop};
}

/* ---- points without a value ---- */

const char *msc_fit_reason(int reason)
{
    return reason == MSC_FIT_BY_PRIOR ? "prior" : reason == MSC_FIT_BY_DATA ? "data" : msc_batch_ends()[reason];
}

msc_fit_tally *msc_fit_eval_tally(msc_fit_eval *eval)
{
    return &eval->tally;
}

/* ---- looking at it ---- */

const double *msc_fit_eval_prediction(const msc_fit_eval *v)
{
    return v->prediction;
}

const double *msc_fit_eval_slope(const msc_fit_eval *v)
{
    return v->slope;
}

const double *msc_fit_eval_log(const msc_fit_eval *v)
{
    return v->log;
}

const msc_error *msc_fit_eval_error(const msc_fit_eval *v)
{
    return &v->error;
}

const char *msc_fit_eval_trouble(const msc_fit_eval *v)
{
    return v->trouble;
}
