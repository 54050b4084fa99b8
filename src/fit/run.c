/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit, run: many starts, each by itself, on all cores; then the profiles of the best of them; then what that tells.
 *
 * Where a start begins is a function of the seed and its number; nothing it does depends on which thread took it. Where a
 * profile comes upon something better, the fit goes on from there, with profiles anew. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "study/design.h"
#include "fit/keep.h"
#include "fit/objective.h"
#include "fit/posterior.h"

enum { THREADS_MOST = 1024, EVALUATIONS = 500, LOOKED_AT = 3 };

static const double GAIN = 1e-9;         /* of a log density: steps that bring less end a start */
static const double NOTHING_LEFT = 1e-5; /* of a log density: what nobody can tell */

typedef struct running running;
/* One start or profile, by the eval and in the arena of the thread. */
typedef msc_status piece_of_work(running *r, msc_arena *arena, msc_fit_eval *eval, size_t i, msc_error *err);

struct running {
    const msc_fit *fit;
    const msc_fit_options *options;
    msc_fitted *fitted;
    pthread_mutex_t lock;
    piece_of_work *work; /* what is being done, n pieces of it */
    const char *what;
    size_t next, n, done;
    bool *had;           /* [n] done, or not wanted */
    size_t round;        /* of profiles */
    volatile int halt; /* something failed that is nobody's start */
    msc_error error;
    char trouble[1024];
    size_t trouble_of; /* of which start: the first */
    double best;
};

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
            x = msc_fit_draw_of(e, u);
        }
        t[k] = msc_fit_coordinate_of(e, x);
        if (!isfinite(t[k])) {
            t[k] = msc_fit_coordinate_of(e, e->start);
        }
    }
}

/* ---- pieces of work, on all threads ---- */

static bool stopped(const running *r)
{
    return r->options->stop && *r->options->stop;
}

static bool take_piece(running *r, size_t *i)
{
    pthread_mutex_lock(&r->lock);
    while (r->next < r->n && r->had[r->next]) {
        r->next++;
    }
    const bool any = r->next < r->n && !r->halt && !stopped(r);
    *i = any ? r->next++ : 0;
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

/* Points without a value of a piece of work; pieces are numbered as they are in the journal, so that it is always the same ones'
 * words that are told. */
static void count_refused(msc_fitted *w, size_t piece, const msc_fit_tally *tally)
{
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        if (tally->count[i] > 0 && (w->tally.count[i] == 0 || piece < w->tally_of[i])) {
            w->tally_of[i] = piece;
            memcpy(w->tally.text[i], tally->text[i], MSC_FIT_WORDS);
        }
        w->tally.count[i] += tally->count[i];
    }
}

static void tell_progress(running *r)
{
    r->done++;
    if (r->options->progress) {
        r->options->progress(r->options->context, r->what, r->done, r->n, r->best + r->fitted->offset);
    }
}

/* In the arena, which is used again. */
static msc_status do_piece(running *r, msc_arena *arena, msc_fit_eval *eval, size_t i, msc_error *err)
{
    msc_arena_reset(arena);
    if (MSC_CATCH(arena)) {
        *err = arena->error;
        return err->status;
    }
    memset(msc_fit_eval_tally(eval), 0, sizeof(msc_fit_tally));
    const msc_status status = r->work(r, arena, eval, i, err);
    if (status == MSC_OK && msc_fit_eval_error(eval)->status != MSC_OK) {
        *err = *msc_fit_eval_error(eval);
        return err->status;
    }
    return status;
}

static void *work(void *context)
{
    running *r = context;
    msc_error err = {0};
    msc_fit_eval *eval = NULL;
    msc_arena *arena = msc_arena_new(&err);
    msc_status status = arena ? msc_fit_eval_new(r->fit, r->options->stop, &eval, &err) : MSC_E_NOMEM;
    for (size_t i; status == MSC_OK && take_piece(r, &i);) {
        status = do_piece(r, arena, eval, i, &err);
    }
    if (status != MSC_OK) {
        give_up(r, &err);
    }
    msc_fit_eval_free(eval);
    msc_arena_free(arena);
    return NULL;
}

/* Those of n that are not had yet. */
static void run_pieces(running *r, piece_of_work *how, const char *what, size_t n, bool *had)
{
    const long all = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned wanted = r->options->threads > 0 ? r->options->threads : all > 0 ? (unsigned)all : 1;
    const unsigned most = wanted < THREADS_MOST ? wanted : THREADS_MOST;
    r->work = how, r->what = what, r->n = n, r->had = had, r->next = r->done = 0;
    for (size_t i = 0; i < n; i++) {
        r->done += had[i];
    }
    const size_t left = n - r->done;
    pthread_t *handle = calloc(most, sizeof *handle);
    unsigned made = 0;
    while (handle && made + 1 < most && made + 1 < left && pthread_create(&handle[made], NULL, work, r) == 0) {
        made++;
    }
    if (left > 0) {
        work(r);
    }
    for (unsigned i = 0; i < made; i++) {
        pthread_join(handle[i], NULL);
    }
    free(handle);
}

/* ---- starts ---- */

static void bounds_of(const msc_fit *f, msc_arena *arena, double **low, double **high)
{
    *low = MSC_NEW(arena, double, f->n_estimate), *high = MSC_NEW(arena, double, f->n_estimate);
    for (size_t k = 0; k < f->n_estimate; k++) {
        msc_fit_reach(&f->estimate[k], &(*low)[k], &(*high)[k]);
    }
}

/* What follows from what a start's record holds. */
static void complete_start(running *r, size_t start, const msc_fit_tally *tally)
{
    const msc_fit *f = r->fit;
    msc_fit_start *at = &r->fitted->start[start];
    at->done = true;
    for (size_t k = 0; k < f->n_estimate; k++) {
        at->end[k] = msc_fit_value_of(&f->estimate[k], at->coordinate[k]);
    }
    if (at->optimum.end != MSC_OPTIMUM_NOWHERE) {
        r->best = fmax(r->best, at->optimum.log);
    }
    count_refused(r->fitted, start, tally);
    r->fitted->n_done++;
}

/* Why not even its first point had a value. */
static void note_trouble(running *r, size_t start, const msc_fit_tally *tally)
{
    for (int i = 0; i < MSC_FIT_REASONS && start < r->trouble_of; i++) {
        if (tally->count[i] > 0 && r->fitted->start[start].optimum.end == MSC_OPTIMUM_NOWHERE) {
            r->trouble_of = start;
            snprintf(r->trouble, sizeof r->trouble, "%s", tally->text[i]);
        }
    }
}

static msc_status run_start(running *r, msc_arena *arena, msc_fit_eval *eval, size_t start, msc_error *err)
{
    const msc_fit *f = r->fit;
    msc_fit_start *at = &r->fitted->start[start];
    double *low = NULL, *high = NULL;
    bounds_of(f, arena, &low, &high);
    const msc_objective objective = msc_fit_objective(eval, low, high);
    double *t = MSC_NEW(arena, double, f->n_estimate);
    begin_at(f, start, t);
    const msc_optimise_options options = {.most = EVALUATIONS, .gain = GAIN};
    msc_optimum optimum = msc_optimise(arena, &objective, &options, t);
    if (optimum.end == MSC_OPTIMUM_STOPPED || msc_fit_eval_error(eval)->status != MSC_OK) {
        return MSC_OK;
    }
    if (f->squares && optimum.end == MSC_OPTIMUM_FLAT && optimum.log > -NOTHING_LEFT) {
        optimum.end = MSC_OPTIMUM_FOUND; /* residuals that are the noise of runs have no direction */
    }
    const msc_fit_tally *tally = msc_fit_eval_tally(eval);
    at->optimum = optimum;
    memcpy(at->coordinate, t, f->n_estimate * sizeof *t);
    if (r->fitted->keep && msc_fit_keep_put_start(r->fitted->keep, start, at, tally, err) != MSC_OK) {
        return err->status;
    }
    pthread_mutex_lock(&r->lock);
    complete_start(r, start, tally);
    note_trouble(r, start, tally);
    tell_progress(r);
    pthread_mutex_unlock(&r->lock);
    return MSC_OK;
}

static void run_starts(running *r)
{
    msc_fitted *w = r->fitted;
    bool *had = MSC_NEW(w->arena, bool, w->n_start);
    msc_fit_tally *tally = MSC_NEW(w->arena, msc_fit_tally, 1);
    double *t = MSC_NEW(w->arena, double, r->fit->n_estimate);
    for (size_t i = 0; i < w->n_start; i++) {
        begin_at(r->fit, i, t);
        for (size_t k = 0; k < r->fit->n_estimate; k++) {
            w->start[i].begin[k] = msc_fit_value_of(&r->fit->estimate[k], t[k]);
        }
        had[i] = w->keep && msc_fit_keep_start(w->keep, w->arena, i, &w->start[i], tally);
        if (had[i]) {
            complete_start(r, i, tally);
            note_trouble(r, i, tally);
        }
    }
    run_pieces(r, run_start, "starts", w->n_start, had);
}

/* ---- before: does anything depend on it ---- */

/* What the log posterior, as it is there, is more than what is made large: a constant where that is a sum of squares. */
static double offset_at(running *r, msc_fit_eval *eval, const double *t, double log)
{
    const size_t m = r->fit->n_residual, n = r->fit->n_estimate;
    if (!r->fit->squares) {
        return 0;
    }
    double *residual = MSC_NEW(r->fitted->arena, double, m), *jacobian = MSC_NEW(r->fitted->arena, double, m * n);
    if (!msc_fit_squares(eval, t, residual, jacobian)) {
        msc_throw(r->fitted->arena, MSC_E_NUMERIC, r->fit->path, "the best start cannot be evaluated: %s", msc_fit_eval_trouble(eval));
    }
    for (size_t i = 0; i < m; i++) {
        log += residual[i] * residual[i] / 2;
    }
    return log;
}

/* What can be told, as far as sensitivities go, at the first start that has a value. */
static void look_before(running *r, msc_fit_eval *eval, const double *t)
{
    r->fitted->before = msc_fit_directions_of(r->fitted->arena, r->fit, t, msc_fit_eval_prediction(eval), msc_fit_eval_slope(eval));
}

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
        if (!any) {
            look_before(r, eval, t);
            r->fitted->offset = offset_at(r, eval, t, log);
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

/* All that is known of the top at w->t. */
static void look_at_best(running *r, msc_fit_eval *eval)
{
    const msc_fit *f = r->fit;
    msc_fitted *w = r->fitted;
    const size_t n = f->n_estimate, m = f->n_row;
    double *slope = MSC_NEW(w->arena, double, n);
    if (!msc_fit_density(eval, w->t, &w->log, slope)) {
        msc_throw(w->arena, MSC_E_NUMERIC, f->path, "the best start cannot be evaluated: %s", msc_fit_eval_trouble(eval));
    }
    w->prediction = MSC_NEW(w->arena, double, m), w->slope = MSC_NEW(w->arena, double, m * n);
    w->row_log = MSC_NEW(w->arena, double, m), w->row_sd = MSC_NEW(w->arena, double, m);
    memcpy(w->prediction, msc_fit_eval_prediction(eval), m * sizeof *w->prediction);
    memcpy(w->slope, msc_fit_eval_slope(eval), m * n * sizeof *w->slope);
    memcpy(w->row_log, msc_fit_eval_log(eval), m * sizeof *w->row_log);
    for (size_t i = 0; i < m; i++) {
        w->row_sd[i] = msc_fit_row_sd(f, &f->row[i], w->t, w->prediction[i]);
    }
    w->offset = offset_at(r, eval, w->t, w->log);
    msc_fit_spread(w, msc_fit_density, eval);
}

/* ---- profiles of it ---- */

static size_t piece_of_profile(const running *r, size_t k)
{
    return r->fit->n_start + r->round * r->fit->n_estimate + k;
}

/* Into room that is there: the fitted's arena is not for threads. */
static void hold_profile(msc_fit_profile *to, const msc_fit_profile *from, size_t n_estimate)
{
    msc_fit_profile held = *from;
    held.n = from->n < MSC_FIT_POINTS ? from->n : MSC_FIT_POINTS;
    held.t = to->t, held.log = to->log, held.better_at = to->better_at;
    memcpy(held.t, from->t, held.n * sizeof(double));
    memcpy(held.log, from->log, held.n * sizeof(double));
    memcpy(held.better_at, from->better_at, n_estimate * sizeof(double));
    *to = held;
}

static msc_status run_profile(running *r, msc_arena *arena, msc_fit_eval *eval, size_t k, msc_error *err)
{
    msc_fitted *w = r->fitted;
    double *low = NULL, *high = NULL;
    bounds_of(r->fit, arena, &low, &high);
    const msc_objective objective = msc_fit_objective(eval, low, high);
    const msc_fit_profile profile = msc_fit_profile_at(arena, r->fit, &objective, w->t, w->log, r->fitted->offset, k);
    if (stopped(r) || msc_fit_eval_error(eval)->status != MSC_OK) {
        return MSC_OK;
    }
    const msc_fit_tally *tally = msc_fit_eval_tally(eval);
    if (w->keep && msc_fit_keep_put_profile(w->keep, r->round, k, &profile, tally, err) != MSC_OK) {
        return err->status;
    }
    pthread_mutex_lock(&r->lock);
    hold_profile(&w->profile[k], &profile, r->fit->n_estimate);
    count_refused(w, piece_of_profile(r, k), tally);
    tell_progress(r);
    pthread_mutex_unlock(&r->lock);
    return MSC_OK;
}

static void run_profiles(running *r)
{
    msc_fitted *w = r->fitted;
    const size_t n = r->fit->n_estimate;
    bool *had = MSC_NEW(w->arena, bool, n), any = false;
    msc_fit_tally *tally = MSC_NEW(w->arena, msc_fit_tally, 1);
    for (size_t k = 0; k < n; k++) {
        msc_fit_profile kept = {0};
        w->profile[k].done = false;
        if (w->keep && r->fit->profile[k] && msc_fit_keep_profile(w->keep, w->arena, r->round, k, &kept, tally)) {
            hold_profile(&w->profile[k], &kept, n);
            count_refused(w, piece_of_profile(r, k), tally);
        }
        had[k] = w->profile[k].done || !r->fit->profile[k];
        any = any || !had[k];
    }
    if (any && !stopped(r)) {
        run_pieces(r, run_profile, "profiles", n, had);
    }
    for (size_t k = 0; k < n; k++) {
        w->stopped = w->stopped || (r->fit->profile[k] && !w->profile[k].done);
    }
}

/* From the best that a profile came upon to the top there; false: there is none, or no gain. */
static bool climb(running *r, msc_fit_eval *eval)
{
    msc_fitted *w = r->fitted;
    const msc_fit *f = r->fit;
    size_t found = MSC_FIT_NONE;
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_profile *p = &w->profile[k];
        if (p->done && p->better && (found == MSC_FIT_NONE || p->better_log > w->profile[found].better_log)) {
            found = k;
        }
    }
    if (found == MSC_FIT_NONE) {
        return false;
    }
    double *low = NULL, *high = NULL, *t = MSC_NEW(w->arena, double, f->n_estimate);
    bounds_of(f, w->arena, &low, &high);
    memcpy(t, w->profile[found].better_at, f->n_estimate * sizeof *t);
    const msc_objective objective = msc_fit_objective(eval, low, high);
    const msc_optimise_options options = {.most = EVALUATIONS, .gain = GAIN};
    const msc_optimum top = msc_optimise(w->arena, &objective, &options, t);
    if (top.end == MSC_OPTIMUM_NOWHERE || !(top.log + r->fitted->offset > w->log)) {
        return false;
    }
    memcpy(w->t, t, f->n_estimate * sizeof *t);
    w->end = top.end, w->n_better++, w->better_of = found;
    return true;
}

/* The top, its profiles; and again, as long as these come upon a better one. */
static void look_around(running *r, msc_fit_eval *eval)
{
    msc_fitted *w = r->fitted;
    w->t = MSC_NEW(w->arena, double, r->fit->n_estimate);
    memcpy(w->t, w->start[w->best].coordinate, r->fit->n_estimate * sizeof *w->t);
    w->end = w->start[w->best].optimum.end;
    for (r->round = 0;; r->round++) {
        look_at_best(r, eval);
        run_profiles(r);
        if (w->stopped || r->error.status != MSC_OK || r->round + 1 == MSC_FIT_ROUNDS || !climb(r, eval)) {
            return;
        }
    }
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
    w->profile = MSC_NEW(w->arena, msc_fit_profile, n);
    for (size_t k = 0; k < n; k++) {
        w->profile[k].better_at = MSC_NEW(w->arena, double, n);
        w->profile[k].t = MSC_NEW(w->arena, double, MSC_FIT_POINTS), w->profile[k].log = MSC_NEW(w->arena, double, MSC_FIT_POINTS);
    }
}

static void run(running *r, msc_fit_eval *eval)
{
    msc_fitted *w = r->fitted;
    make_room(r);
    refuse_blind(r, eval);
    memset(msc_fit_eval_tally(eval), 0, sizeof(msc_fit_tally)); /* starts count their own */
    if (r->options->file && msc_fit_keep_open(r->fit, r->options, &w->keep, &r->error) != MSC_OK) {
        return;
    }
    msc_posterior_open(w, r->options);
    run_starts(r);
    if (r->error.status != MSC_OK) {
        return;
    }
    w->stopped = w->n_done < w->n_start;
    choose_best(r);
    look_around(r, eval);
    if (r->error.status == MSC_OK) {
        msc_fit_tell(w);
        msc_fit_curves(w);
        msc_posterior_sample(w);
    }
}

msc_status msc_fit_run(const msc_fit *fit, const msc_fit_options *options, msc_fitted **fitted, msc_error *err)
{
    *fitted = NULL;
    if (!options) {
        return msc_fail(err, MSC_E_USAGE, NULL, "options are wanted here, and not NULL");
    }
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
        r->error = r->error.status != MSC_OK ? r->error : arena->error;
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
        if (result) {
            msc_posterior_close(result->posterior);
            msc_fit_keep_close(result->keep);
        }
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
        msc_posterior_close(fitted->posterior);
        msc_fit_keep_close(fitted->keep);
        msc_arena_free(fitted->arena);
    }
}

bool msc_fitted_converged(const msc_fitted *w)
{
    return w->end == MSC_OPTIMUM_FOUND;
}

bool msc_fitted_complete(const msc_fitted *w)
{
    return !w->stopped;
}

size_t msc_fitted_done(const msc_fitted *w)
{
    return w->n_done;
}

double msc_fitted_value(const msc_fitted *w, size_t k, double *se, double *low, double *high)
{
    const msc_fit_result *x = &w->result[k];
    const msc_fit_profile *p = &w->profile[k];
    const msc_fit_estimate *e = &w->fit->estimate[k];
    *(se ? se : &(double){0}) = x->se;
    *(low ? low : &(double){0}) = !p->done ? x->low : p->open_low ? (double)NAN : msc_fit_value_of(e, p->low);
    *(high ? high : &(double){0}) = !p->done ? x->high : p->open_high ? (double)NAN : msc_fit_value_of(e, p->high);
    return x->value;
}
