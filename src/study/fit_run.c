/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit, run: many starts, each by itself, on all cores; then what the best of them tells.
 *
 * Where a start begins is a function of the seed and its number; nothing it does depends on which thread took it. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "study/design.h"
#include "study/objective.h"

enum { THREADS_MOST = 1024, EVALUATIONS = 500, LOOKED_AT = 3 };

static const double NOTHING_LEFT = 1e-5; /* of a log density: what nobody can tell */

typedef struct {
    const msc_fit *fit;
    const msc_fit_options *options;
    msc_fitted *fitted;
    pthread_mutex_t lock;
    size_t next;
    volatile int halt; /* something failed that is nobody's start */
    msc_error error;
    char trouble[1024];
    size_t trouble_of; /* of which start: the first */
    double best;
} running;

/* ---- where starts begin ---- */

/* Start 0 is as the config says; the others a Latin hypercube over priors and ranges. */
static void begin_at(const msc_fit *f, size_t start, double *t)
{
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        double x = e->start;
        if (start > 0) {
            const uint64_t n = f->n_start - 1, axis = k;
            const uint64_t stratum = msc_design_permuted(f->seed, (uint32_t)axis, n, start - 1);
            const double u = msc_design_in_stratum((double)stratum < (double)n ? stratum : 0, n,
                                                   msc_random_bits(f->seed, MSC_USE_START, start, (uint32_t)axis));
            const bool log_scale = e->scale == MSC_FIT_LOGLOGIT;
            x = e->known    ? msc_distribution_quantile(&e->prior, u)
                : log_scale ? e->low * pow(e->high / e->low, u)
                            : e->low + (e->high - e->low) * u;
            if (!(x > e->low && x < e->high)) { /* a prior that reaches beyond the range */
                x = log_scale ? e->low * pow(e->high / e->low, u) : e->low + (e->high - e->low) * u;
            }
        }
        t[k] = msc_fit_coordinate_of(e, x);
        if (!isfinite(t[k])) {
            t[k] = msc_fit_coordinate_of(e, e->start);
        }
    }
}

/* ---- starts ---- */

static bool stopped(const running *r)
{
    return r->options->stop && *r->options->stop;
}

static bool take_start(running *r, size_t *start)
{
    pthread_mutex_lock(&r->lock);
    const bool any = r->next < r->fit->n_start && !r->halt && !stopped(r);
    *start = any ? r->next++ : 0;
    pthread_mutex_unlock(&r->lock);
    return any;
}

static void give_up(running *r, const msc_error *err)
{
    pthread_mutex_lock(&r->lock);
    if (r->error.status == MSC_OK) {
        r->error = *err;
    }
    r->halt = 1;
    pthread_mutex_unlock(&r->lock);
}

static void note_start(running *r, size_t start, const msc_fit_eval *eval, const msc_optimum *optimum, const double *t)
{
    msc_fit_start *at = &r->fitted->start[start];
    pthread_mutex_lock(&r->lock);
    at->done = true, at->optimum = *optimum;
    if (r->fit->squares && optimum->end == MSC_OPTIMUM_FLAT && optimum->log > -NOTHING_LEFT) {
        at->optimum.end = MSC_OPTIMUM_FOUND; /* residuals that are the noise of runs have no direction */
    }
    for (size_t k = 0; k < r->fit->n_estimate; k++) {
        at->end[k] = msc_fit_value_of(&r->fit->estimate[k], t[k]);
        at->coordinate[k] = t[k];
    }
    if (optimum->end != MSC_OPTIMUM_NOWHERE) {
        r->best = fmax(r->best, optimum->log);
    } else if (start < r->trouble_of) {
        r->trouble_of = start;
        snprintf(r->trouble, sizeof r->trouble, "%s", msc_fit_eval_trouble(eval));
    }
    r->fitted->n_done++;
    if (r->options->progress) {
        r->options->progress(r->options->context, r->fitted->n_done, r->fit->n_start, r->best);
    }
    pthread_mutex_unlock(&r->lock);
}

/* One start; in the arena, which is used again. */
static msc_status run_start(running *r, msc_arena *arena, msc_fit_eval *eval, size_t start, msc_error *err)
{
    const msc_fit *f = r->fit;
    msc_arena_reset(arena);
    if (MSC_CATCH(arena)) {
        *err = arena->error;
        return err->status;
    }
    const msc_objective objective = {.n = f->n_estimate,
                                     .n_residual = f->squares ? f->n_residual : 0,
                                     .squares = f->squares ? msc_fit_squares : NULL,
                                     .density = f->squares ? NULL : msc_fit_density,
                                     .context = eval,
                                     .stop = r->options->stop};
    double *t = MSC_NEW(arena, double, f->n_estimate);
    begin_at(f, start, t);
    for (size_t k = 0; k < f->n_estimate; k++) {
        r->fitted->start[start].begin[k] = msc_fit_value_of(&f->estimate[k], t[k]);
    }
    const msc_optimise_options options = {.most = EVALUATIONS};
    const msc_optimum optimum = msc_optimise(arena, &objective, &options, t);
    if (msc_fit_eval_error(eval)->status != MSC_OK) {
        *err = *msc_fit_eval_error(eval);
        return err->status;
    }
    if (optimum.end != MSC_OPTIMUM_STOPPED) {
        note_start(r, start, eval, &optimum, t);
    }
    return MSC_OK;
}

static void *work(void *context)
{
    running *r = context;
    msc_error err = {0};
    msc_fit_eval *eval = NULL;
    msc_arena *arena = msc_arena_new(&err);
    msc_status status = arena ? msc_fit_eval_new(r->fit, r->options->stop, &eval, &err) : MSC_E_NOMEM;
    for (size_t start; status == MSC_OK && take_start(r, &start);) {
        status = run_start(r, arena, eval, start, &err);
    }
    if (status != MSC_OK) {
        give_up(r, &err);
    }
    msc_fit_eval_free(eval);
    msc_arena_free(arena);
    return NULL;
}

static void run_starts(running *r)
{
    const long all = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned wanted = r->options->threads > 0 ? r->options->threads : all > 0 ? (unsigned)all : 1;
    const unsigned n = wanted < THREADS_MOST ? wanted : THREADS_MOST;
    pthread_t *handle = calloc(n, sizeof *handle);
    unsigned made = 0;
    while (handle && made + 1 < n && made + 1 < r->fit->n_start && pthread_create(&handle[made], NULL, work, r) == 0) {
        made++;
    }
    work(r);
    for (unsigned i = 0; i < made; i++) {
        pthread_join(handle[i], NULL);
    }
    free(handle);
}

/* ---- before: does anything depend on it ---- */

/* An estimate without a prior on which no prediction depends, at several points, cannot be estimated. */
static void refuse_blind(running *r, msc_fit_eval *eval)
{
    const msc_fit *f = r->fit;
    msc_arena *arena = r->fitted->arena;
    double *t = MSC_NEW(arena, double, f->n_estimate), *slope = MSC_NEW(arena, double, f->n_estimate), log = 0;
    bool *seen = MSC_NEW(arena, bool, f->n_estimate), any = false;
    for (size_t start = 0; start < f->n_start && start < LOOKED_AT; start++) {
        begin_at(f, start, t);
        if (!msc_fit_density(eval, t, &log, slope)) {
            continue;
        }
        any = true;
        for (size_t k = 0; k < f->n_estimate; k++) {
            const double *by = msc_fit_eval_slope(eval), *value = msc_fit_eval_prediction(eval);
            for (size_t i = 0; i < f->n_row; i++) {
                const msc_fit_observe *o = &f->observe[f->row[i].observe];
                seen[k] = seen[k] || fabs(by[i * f->n_estimate + k]) > 1e-9 * fabs(value[i]) || o->by_additive == k ||
                          o->by_proportional == k || o->by_subject == k;
            }
        }
    }
    for (size_t k = 0; k < f->n_estimate && any; k++) {
        if (!seen[k] && !f->estimate[k].known) {
            msc_throw(arena, MSC_E_DATA, msc_conf_where(arena, f->estimate[k].origin),
                      "no datum depends on it: the data cannot tell it; leave it out, or give it a prior");
        }
    }
}

/* ---- after: the best ---- */

static const double ALIKE = 1e-6; /* logs of densities that rounding may tell apart */

/* The first of those that ended highest. */
static void choose_best(running *r)
{
    msc_fitted *w = r->fitted;
    double most = -INFINITY;
    w->best = MSC_FIT_NONE;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < w->n_start && w->best == MSC_FIT_NONE; i++) {
            const double log = w->start[i].optimum.log;
            const bool fine = w->start[i].done && w->start[i].optimum.end != MSC_OPTIMUM_NOWHERE && isfinite(log);
            most = pass == 0 && fine ? fmax(most, log) : most;
            w->best = pass == 1 && fine && log >= most - ALIKE ? i : w->best;
        }
    }
    if (w->best == MSC_FIT_NONE && w->n_done == 0) {
        msc_throw(w->arena, MSC_E_STOPPED, NULL, "interrupted before any start was done");
    }
    if (w->best == MSC_FIT_NONE) {
        msc_throw(w->arena, MSC_E_NUMERIC, r->fit->path, "no start can be evaluated: %s",
                  *r->trouble ? r->trouble : "the data are impossible with what is predicted");
    }
}

static void look_at_best(running *r, msc_fit_eval *eval)
{
    const msc_fit *f = r->fit;
    msc_fitted *w = r->fitted;
    const size_t n = f->n_estimate, m = f->n_row;
    double *slope = MSC_NEW(w->arena, double, n);
    w->t = MSC_NEW(w->arena, double, n);
    memcpy(w->t, w->start[w->best].coordinate, n * sizeof *w->t);
    if (!msc_fit_density(eval, w->t, &w->log, slope)) {
        msc_throw(w->arena, MSC_E_NUMERIC, f->path, "the best start cannot be evaluated: %s", msc_fit_eval_trouble(eval));
    }
    w->prediction = MSC_NEW(w->arena, double, m), w->slope = MSC_NEW(w->arena, double, m * n);
    w->row_log = MSC_NEW(w->arena, double, m), w->row_sd = MSC_NEW(w->arena, double, m);
    memcpy(w->prediction, msc_fit_eval_prediction(eval), m * sizeof *w->prediction);
    memcpy(w->slope, msc_fit_eval_slope(eval), m * n * sizeof *w->slope);
    memcpy(w->row_log, msc_fit_eval_log(eval), m * sizeof *w->row_log);
    for (size_t i = 0; i < m; i++) {
        const msc_error_model e = msc_fit_error_of(f, &f->row[i], w->t);
        w->row_sd[i] = msc_likelihood_sd(&f->row[i].datum, &e, w->prediction[i]);
    }
    msc_fit_spread(w, msc_fit_density, eval);
}

static void make_room(running *r)
{
    msc_fitted *w = r->fitted;
    const size_t n = r->fit->n_estimate;
    w->fit = r->fit, w->n_start = r->fit->n_start;
    w->start = MSC_NEW(w->arena, msc_fit_start, w->n_start);
    for (size_t i = 0; i < w->n_start; i++) {
        w->start[i].begin = MSC_NEW(w->arena, double, n), w->start[i].end = MSC_NEW(w->arena, double, n);
        w->start[i].coordinate = MSC_NEW(w->arena, double, n);
    }
}

static void run(running *r, msc_fit_eval *eval)
{
    make_room(r);
    refuse_blind(r, eval);
    run_starts(r);
    if (r->error.status != MSC_OK) {
        return;
    }
    choose_best(r);
    look_at_best(r, eval);
    msc_fit_curves(r->fitted);
}

msc_status msc_fit_run(const msc_fit *fit, const msc_fit_options *options, msc_fitted **fitted, msc_error *err)
{
    *fitted = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    running *r = calloc(1, sizeof *r);
    msc_fit_eval *volatile eval = NULL;
    msc_fit_eval *made = NULL;
    if (!r || msc_fit_eval_new(fit, NULL, &made, err) != MSC_OK) {
        free(r);
        msc_arena_free(arena);
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    eval = made;
    r->fit = fit, r->options = options, r->best = -INFINITY, r->trouble_of = MSC_FIT_NONE;
    pthread_mutex_init(&r->lock, NULL);
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    if (MSC_CATCH(arena)) {
        r->error = arena->error;
    } else {
        r->fitted = MSC_NEW(arena, msc_fitted, 1);
        r->fitted->arena = arena;
        run(r, made);
    }
    gsl_set_error_handler(before);
    msc_fit_eval_free(eval);
    pthread_mutex_destroy(&r->lock);
    const msc_error ended = r->error;
    msc_fitted *result = r->fitted;
    free(r);
    if (ended.status != MSC_OK) {
        msc_arena_free(arena);
        if (err) {
            *err = ended;
        }
        return ended.status;
    }
    *fitted = result;
    return MSC_OK;
}

void msc_fitted_free(msc_fitted *fitted)
{
    if (fitted) {
        msc_arena_free(fitted->arena);
    }
}

bool msc_fitted_converged(const msc_fitted *w)
{
    return w->start[w->best].optimum.end == MSC_OPTIMUM_FOUND;
}

size_t msc_fitted_done(const msc_fitted *w)
{
    return w->n_done;
}

double msc_fitted_value(const msc_fitted *w, size_t k, double *se, double *low, double *high)
{
    const msc_fit_result *x = &w->result[k];
    *(se ? se : &(double){0}) = x->se;
    *(low ? low : &(double){0}) = x->low;
    *(high ? high : &(double){0}) = x->high;
    return x->value;
}
