/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The posterior of a fit: where walkers begin, their steps, and what the draws say of every estimate. */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "fit/posterior.h"

enum { BANDS_MOST = 1000, ROUNDS = 60, LEAST = 4 };
static const uint64_t CENTRES = (uint64_t)1 << 40, WALKERS = (uint64_t)1 << 41; /* of MSC_USE_START, beyond any start */
static const double ALIKE = 10;    /* of the log posterior below the best: starts that walkers begin around */
static const double ASIDE = 10;    /* coordinates of a logit: a start that is nearer than this to the end of the search begins there */
static const double AGREED = 1.01; /* R-hat */
static const double FORGOTTEN = 5; /* autocorrelation times of warm-up: what is left of the start is less than one part in a hundred */
static const double LONG = 10;     /* of what is kept: many walkers agree on the time itself, and it is no guess */
static const double ENOUGH = 100;  /* independent draws of each ensemble: below, ends of intervals are rough */

static size_t all_of(const msc_fit *f)
{
    return f->sample.how.ensembles * f->sample.how.walkers;
}

/* ---- the density ---- */

typedef struct {
    msc_fitted *w;
    double *seen; /* [all][n_row] */
    bool *wanted;
    uint64_t refused;
} density_of;

static double log_slope(const msc_fit *f, const double *t)
{
    double sum = 0;
    for (size_t k = 0; k < f->n_estimate; k++) {
        sum += log(fabs(msc_fit_slope_of(&f->estimate[k], t[k])));
    }
    return sum;
}

static void take_rows(void *context, size_t s, size_t point, const msc_outcome *outcome)
{
    const density_of *d = context;
    const msc_fit *f = d->w->fit;
    const msc_fit_study *study = &f->study[s];
    const size_t n_column = msc_batch_columns(study->plain);
    for (size_t r = 0; r < study->n_row; r++) {
        const msc_fit_row *row = &f->row[study->row[r]];
        d->seen[point * f->n_row + study->row[r]] = msc_fit_seen(row, row->time, outcome->value, n_column);
    }
}

/* By coordinates: the log posterior of the values, and how these change with them. */
static bool density(void *context, size_t count, const double *t, double *log)
{
    density_of *d = context;
    const msc_posterior *p = d->w->posterior;
    const msc_fit *f = d->w->fit;
    uint64_t asked = 0, fine = 0;
    for (size_t i = 0; i < count; i++) {
        d->wanted[i] = msc_fit_prior_log(f, t + i * f->n_estimate, &log[i]) && isfinite(log_slope(f, t + i * f->n_estimate));
        asked += d->wanted[i];
        log[i] = -INFINITY;
    }
    if (!msc_crowd_run(p->crowd, count, t, d->wanted, take_rows, d)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const double *at = t + i * f->n_estimate;
        double value = 0;
        if (d->wanted[i] && msc_fit_density_of(p->eval, at, d->seen + i * f->n_row, &value)) {
            log[i] = value + log_slope(f, at), fine++;
        }
    }
    d->refused += asked - fine;
    return true;
}

/* Out of memory, and such. */
static void refuse_error(const msc_fitted *w)
{
    const msc_error *err = msc_crowd_error(w->posterior->crowd);
    if (err->status != MSC_OK) {
        msc_throw(w->arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
    }
}

/* ---- where walkers begin ---- */

/* Coordinates of one of the starts that ended about as high as the best; not at the very end of a range. */
static void good_start(const msc_fitted *w, double u, double *t)
{
    const msc_fit *f = w->fit;
    size_t *good = MSC_NEW(w->arena, size_t, w->n_start), n = 0;
    const double best = w->start[w->best].optimum.log;
    for (size_t i = 0; i < w->n_start; i++) {
        const msc_optimum *o = &w->start[i].optimum;
        if (w->start[i].done && o->end != MSC_OPTIMUM_NOWHERE && o->log > best - ALIKE) {
            good[n++] = i;
        }
    }
    const double *from = w->n_better > 0 ? w->t /* a profile found what no start had */
                         : w->start[n > 0 ? good[(size_t)(u * (double)n)] : w->best].coordinate;
    for (size_t k = 0; k < f->n_estimate; k++) {
        double low = 0, high = 0;
        msc_fit_reach(&f->estimate[k], &low, &high);
        t[k] = fmin(fmax(from[k], low + ASIDE), high - ASIDE);
    }
}

static void prior_point(const msc_fit *f, uint64_t number, double *t)
{
    for (size_t k = 0; k < f->n_estimate; k++) {
        t[k] = msc_fit_coordinate_of(&f->estimate[k],
                                     msc_fit_draw_of(&f->estimate[k], msc_random_uniform(f->seed, MSC_USE_START, number, (uint32_t)k, 0)));
    }
}

/* Points on the way from from[i] to to[i]: halfway, or as much nearer to `from` as it takes for the density to be no
 * less than `least`. What comes too near after all stays where there is any density. */
static bool place(density_of *d, size_t count, const double *from, const double *to, double least, double *x)
{
    const size_t n = d->w->fit->n_estimate;
    msc_arena *arena = d->w->arena;
    double *trial = MSC_NEW(arena, double, count * n), *log = MSC_NEW(arena, double, count), way = 0.5;
    size_t *which = MSC_NEW(arena, size_t, count), left = count;
    for (size_t i = 0; i < count; i++) {
        which[i] = i;
    }
    for (int round = 0; round < ROUNDS && left > 0; round++, way /= 2) {
        for (size_t i = 0; i < left * n; i++) {
            const size_t at = which[i / n] * n + i % n;
            trial[i] = from[at] + way * (to[at] - from[at]);
        }
        if (!density(d, left, trial, log)) {
            return false;
        }
        size_t still = 0;
        for (size_t i = 0; i < left; i++) {
            const bool good = isfinite(log[i]) && (log[i] >= least || round >= ROUNDS / 2);
            memcpy(x + which[i] * n, trial + i * n, (good ? n : 0) * sizeof *x);
            which[still] = which[i];
            still += !good;
        }
        left = still;
    }
    if (left > 0) {
        msc_throw(arena, MSC_E_NUMERIC, d->w->fit->path, "no walker can begin near the best start: %s",
                  *msc_crowd_trouble(d->w->posterior->crowd) ? msc_crowd_trouble(d->w->posterior->crowd) : msc_fit_eval_trouble(d->w->posterior->eval));
    }
    return true;
}

/* A centre for each ensemble, between a good start and a point of the prior; walkers between it and others. So
 * ensembles begin apart, further than they will be if they come to agree. False: asked to stop. */
static bool begin(density_of *d, double *x)
{
    const msc_fitted *w = d->w;
    const msc_fit *f = w->fit;
    const size_t n = f->n_estimate, E = f->sample.how.ensembles, K = f->sample.how.walkers;
    double *from = MSC_NEW(w->arena, double, all_of(f) * n), *to = MSC_NEW(w->arena, double, all_of(f) * n);
    double *centre = MSC_NEW(w->arena, double, E * n), *log = MSC_NEW(w->arena, double, E), most = -INFINITY;
    for (size_t e = 0; e < E; e++) {
        good_start(w, msc_random_uniform(f->seed, MSC_USE_START, CENTRES + e, (uint32_t)n, 0), from + e * n);
        prior_point(f, CENTRES + e, to + e * n);
    }
    if (!density(d, E, from, log)) {
        return false;
    }
    for (size_t e = 0; e < E; e++) {
        most = fmax(most, log[e]);
    }
    const double least = most - 10 - 5 * (double)n; /* ten times what the posterior itself would lie below */
    if (!place(d, E, from, to, least, centre)) {
        return false;
    }
    for (size_t k = 0; k < all_of(f); k++) {
        memcpy(from + k * n, centre + k / K * n, n * sizeof *from);
        prior_point(f, WALKERS + k, to + k * n);
    }
    return place(d, all_of(f), from, to, least - 5 * (double)n, x);
}

/* ---- steps ---- */

static void note_step(msc_fitted *w, const msc_sampler *s, uint64_t refused)
{
    msc_posterior *p = w->posterior;
    const size_t all = all_of(w->fit), n = w->fit->n_estimate;
    memcpy(p->series + p->done * all * n, s->x, all * n * sizeof *s->x);
    memcpy(p->series_log + p->done * all, s->log, all * sizeof *s->log);
    p->done++;
    p->refused += refused, p->proposed = s->proposed, p->accepted = s->accepted;
    if (p->options->progress) {
        p->options->progress(p->options->context, "steps of the posterior", p->done, p->steps, w->log);
    }
}

static void walk(density_of *d, double *x, double *log)
{
    msc_fitted *w = d->w;
    msc_posterior *p = w->posterior;
    const msc_fit *f = w->fit;
    msc_sampler sampler;
    uint64_t refused = 0;
    if (!msc_posterior_keep_has(w, 0, x, log, &refused)) {
        if (!begin(d, x)) {
            return;
        }
    }
    if (!msc_sampler_begin(w->arena, &f->sample.how, x, density, d, &sampler)) {
        return;
    }
    msc_posterior_keep_put(w, 0, sampler.x, sampler.log, 0);
    while (p->done < p->steps && msc_posterior_keep_has(w, p->done + 1, x, log, &refused)) {
        msc_sampler_replay(&sampler, x, log);
        note_step(w, &sampler, refused);
    }
    for (d->refused = 0; p->done < p->steps && msc_sampler_step(&sampler, density, d); d->refused = 0) {
        msc_posterior_keep_put(w, p->done + 1, sampler.x, sampler.log, d->refused);
        note_step(w, &sampler, d->refused);
    }
}

/* ---- what the draws say ---- */

/* The worse of what values and their coordinates say: the one is what is told, the other has no long tail. */
static msc_drawn summarise(msc_arena *arena, const msc_fitted *w, size_t k, double *x)
{
    const msc_fit *f = w->fit;
    const msc_posterior *p = w->posterior;
    const size_t all = all_of(f), rest = p->done - p->left_out, E = f->sample.how.ensembles;
    for (size_t i = 0; i < rest * all; i++) {
        x[i] = p->series[(p->left_out * all + i) * f->n_estimate + k];
    }
    const msc_sample_summary by = msc_sample_summarise(arena, x, rest, E, all / E);
    for (size_t i = 0; i < rest * all; i++) {
        x[i] = msc_fit_value_of(&f->estimate[k], x[i]);
    }
    const msc_sample_summary of = msc_sample_summarise(arena, x, rest, E, all / E);
    msc_drawn out = {.mean = of.mean, .sd = of.sd, .r_hat = fmax(by.r_hat, of.r_hat), .ess = fmin(by.ess, of.ess), .tau = fmax(by.tau, of.tau)};
    gsl_sort(x, 1, rest * all);
    out.low = gsl_stats_quantile_from_sorted_data(x, 1, rest * all, 0.025);
    out.median = gsl_stats_quantile_from_sorted_data(x, 1, rest * all, 0.5);
    out.high = gsl_stats_quantile_from_sorted_data(x, 1, rest * all, 0.975);
    return out;
}

/* Every thin-th step of the rest, by values. */
static void keep_draws(msc_fitted *w)
{
    const msc_fit *f = w->fit;
    msc_posterior *p = w->posterior;
    const size_t all = all_of(f), n = f->n_estimate, thin = f->sample.thin;
    p->n_draw = (p->done - p->left_out) / thin;
    p->draw = MSC_NEW(w->arena, double, p->n_draw * all * n + 1), p->log = MSC_NEW(w->arena, double, p->n_draw * all + 1);
    for (size_t i = 0; i < p->n_draw * all; i++) {
        const size_t from = (p->left_out + (i / all + 1) * thin - 1) * all + i % all;
        for (size_t k = 0; k < n; k++) {
            p->draw[i * n + k] = msc_fit_value_of(&f->estimate[k], p->series[from * n + k]);
        }
        p->log[i] = p->series_log[from] - log_slope(f, p->series + from * n);
    }
}

static void draw_bands(msc_fitted *w)
{
    const msc_fit *f = w->fit;
    msc_posterior *p = w->posterior;
    const size_t all = all_of(f), n = f->n_estimate, total = p->n_draw * all;
    const msc_batch **batch = MSC_NEW(w->arena, const msc_batch *, f->n_study);
    p->n_band = total < BANDS_MOST ? total : BANDS_MOST;
    double *t = MSC_NEW(w->arena, double, p->n_band * n + 1);
    for (size_t j = 0; j < p->n_band; j++) {
        const size_t i = j * total / p->n_band, from = (p->left_out + (i / all + 1) * f->sample.thin - 1) * all + i % all;
        memcpy(t + j * n, p->series + from * n, n * sizeof *t);
    }
    for (size_t s = 0; s < f->n_study; s++) {
        batch[s] = f->study[s].banded;
    }
    msc_crowd_free(p->crowd);
    p->crowd = NULL;
    msc_error err = {0};
    if (msc_crowd_new(f, batch, p->options->threads, NULL, &p->crowd, &err) != MSC_OK) { /* short: not interrupted */
        msc_throw(w->arena, err.status, NULL, "%s", err.message);
    }
    msc_posterior_bands(w, t, p->n_band);
}

static void tell(msc_fitted *w)
{
    const msc_fit *f = w->fit;
    msc_posterior *p = w->posterior;
    const size_t half = p->done / 2;
    p->left_out = p->done == p->steps || f->sample.warmup < half ? f->sample.warmup : half;
    if (p->done - p->left_out < LEAST || p->done - p->left_out < f->sample.thin) {
        return;
    }
    double *x = MSC_NEW(w->arena, double, (p->done - p->left_out) * all_of(f));
    p->estimate = MSC_NEW(w->arena, msc_drawn, f->n_estimate);
    for (size_t k = 0; k < f->n_estimate; k++) {
        p->estimate[k] = summarise(w->arena, w, k, x);
    }
    keep_draws(w);
    draw_bands(w);
}

/* ---- from the outside ---- */

void msc_posterior_open(msc_fitted *w, const msc_fit_options *options)
{
    if (!w->fit->sample.origin) {
        return;
    }
    w->posterior = MSC_NEW(w->arena, msc_posterior, 1);
    w->posterior->options = options, w->posterior->steps = w->fit->sample.steps;
    if (options->file) {
        msc_posterior_keep_open(w);
    }
}

void msc_posterior_sample(msc_fitted *w)
{
    const msc_fit *f = w->fit;
    msc_posterior *p = w->posterior;
    if (!p || w->stopped) {
        return;
    }
    const size_t all = all_of(f), n = f->n_estimate;
    const msc_batch **batch = MSC_NEW(w->arena, const msc_batch *, f->n_study);
    for (size_t s = 0; s < f->n_study; s++) {
        batch[s] = f->study[s].plain;
    }
    msc_error err = {0};
    if (msc_fit_eval_new(f, NULL, &p->eval, &err) != MSC_OK ||
        msc_crowd_new(f, batch, p->options->threads, p->options->stop, &p->crowd, &err) != MSC_OK) {
        msc_throw(w->arena, err.status, NULL, "%s", err.message);
    }
    p->series = MSC_NEW(w->arena, double, p->steps * all * n), p->series_log = MSC_NEW(w->arena, double, p->steps * all);
    density_of d = {.w = w, .seen = MSC_NEW(w->arena, double, all * f->n_row), .wanted = MSC_NEW(w->arena, bool, all)};
    walk(&d, MSC_NEW(w->arena, double, all * n), MSC_NEW(w->arena, double, all));
    refuse_error(w);
    w->stopped = p->done < p->steps;
    tell(w);
    msc_crowd_free(p->crowd);
    msc_fit_eval_free(p->eval);
    p->crowd = NULL, p->eval = NULL;
}

void msc_posterior_close(msc_posterior *p)
{
    if (!p) {
        return;
    }
    msc_crowd_free(p->crowd);
    msc_fit_eval_free(p->eval);
    p->crowd = NULL, p->eval = NULL;
    (void)!msc_posterior_keep_end(p, false, NULL);
}

/* ---- can it be trusted ---- */

/* Ensembles that all begin alike agree before they have forgotten where they began: the run has to be long beside that. */
static bool is_long(const msc_posterior *p, const msc_drawn *d)
{
    return (double)p->left_out >= FORGOTTEN * d->tau && (double)(p->done - p->left_out) >= LONG * d->tau;
}

static const char *short_text(msc_arena *arena, const msc_posterior *p, const char *name, double tau)
{
    const size_t kept = p->done - p->left_out;
    const bool little = (double)kept < 2 * tau; /* then it may as well be much more */
    return msc_arena_printf(arena, "not converged: a walker forgets where it was in %s%.0f steps (%s), but the warm-up is %zu, for which it "
                            "takes %.0f, and %zu are kept, for which it takes %.0f%s; more steps", little ? "more than " : "about ", tau, name,
                            p->left_out, ceil(FORGOTTEN * tau), kept, ceil(LONG * tau), little ? " or many more" : "");
}

const char *msc_posterior_doubt(msc_arena *arena, const msc_fitted *w)
{
    const msc_fit *f = w->fit;
    const msc_posterior *p = w->posterior;
    size_t apart = 0, few = 0, slow = 0;
    if (!p || !p->estimate) {
        return NULL;
    }
    for (size_t k = 1; k < f->n_estimate; k++) {
        apart = p->estimate[k].r_hat > p->estimate[apart].r_hat ? k : apart;
        few = p->estimate[k].ess < p->estimate[few].ess ? k : few;
        slow = p->estimate[k].tau > p->estimate[slow].tau ? k : slow;
    }
    const double enough = ENOUGH * (double)f->sample.how.ensembles;
    if (!(p->estimate[apart].r_hat <= AGREED)) {
        return msc_arena_printf(arena, "not converged: R-hat %.2f of %s (the ensembles agree at %g); more steps", p->estimate[apart].r_hat,
                                f->estimate[apart].name, AGREED);
    }
    if (!is_long(p, &p->estimate[slow])) {
        return short_text(arena, p, f->estimate[slow].name, p->estimate[slow].tau);
    }
    if (p->estimate[few].ess < enough) {
        return msc_arena_printf(arena, "few independent draws: %.0f of %s, for ends of intervals it takes about %.0f; more steps",
                                p->estimate[few].ess, f->estimate[few].name, enough);
    }
    return NULL;
}

size_t msc_fitted_steps(const msc_fitted *w, size_t *wanted)
{
    *(wanted ? wanted : &(size_t){0}) = w->fit->sample.origin ? w->fit->sample.steps : 0;
    return w->posterior ? w->posterior->done : 0;
}

bool msc_fitted_drawn(const msc_fitted *w, size_t k, msc_drawn *drawn)
{
    const bool any = w->posterior && w->posterior->estimate && k < w->fit->n_estimate;
    if (any) {
        *drawn = w->posterior->estimate[k];
    }
    return any;
}

bool msc_fitted_agreed(const msc_fitted *w)
{
    bool agreed = true;
    for (size_t k = 0; w->posterior && w->posterior->estimate && k < w->fit->n_estimate; k++) {
        agreed = agreed && w->posterior->estimate[k].r_hat <= AGREED && is_long(w->posterior, &w->posterior->estimate[k]);
    }
    return agreed;
}
