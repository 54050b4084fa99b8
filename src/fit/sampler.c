/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ensembles of walkers: their moves, and what a run of them tells. */
#include "fit/sampler.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

static const double STRETCH = 2;     /* how far a stretch goes: 1/2 .. 2 */
static const double JITTER = 1e-4;   /* demcz: of a parameter's spread in the archive */
static const double SNOOKER = 0.1;   /* demcz: share of snooker moves */
static const double JUMP = 0.1;      /* demcz: share of moves with gamma 1, from mode to mode */
static const double WINDOW = 5;      /* autocorrelation times that their sum goes on for */
enum { THIN = 10 };                  /* demcz: steps between entries in the archive */

static size_t walkers_of(const msc_sampler *s)
{
    return s->options.ensembles * s->options.walkers;
}

/* ---- beginning ---- */

static void check(msc_arena *arena, const msc_sampler_options *o)
{
    const bool stretch = o->method == MSC_SAMPLE_STRETCH;
    const size_t least = stretch ? 2 * o->n + 2 : 3;
    if (o->n < 1 || o->ensembles < 1) {
        msc_throw(arena, MSC_E_USAGE, NULL, "a sampler needs a parameter and an ensemble");
    }
    if (o->walkers < least || (stretch && o->walkers % 2)) {
        msc_throw(arena, MSC_E_USAGE, NULL, "an ensemble for %zu parameters has at least %zu walkers%s, not %zu", o->n, least,
                  stretch ? ", an even number" : "", o->walkers);
    }
}

static void remember(msc_sampler *s)
{
    const size_t n = s->options.n, K = s->options.walkers, E = s->options.ensembles;
    if (s->n_past + K > s->cap_past) {
        const size_t cap = 2 * (s->cap_past + K) + 64;
        double *past = MSC_NEW(s->arena, double, E * cap * n);
        for (size_t e = 0; e < E && s->n_past > 0; e++) {
            memcpy(past + e * cap * n, s->past + e * s->cap_past * n, s->n_past * n * sizeof *past);
        }
        s->past = past, s->cap_past = cap;
    }
    for (size_t e = 0; e < E; e++) {
        memcpy(s->past + (e * s->cap_past + s->n_past) * n, s->x + e * K * n, K * n * sizeof *s->past);
    }
    s->n_past += K;
}

bool msc_sampler_begin(msc_arena *arena, const msc_sampler_options *options, const double *start, msc_sample_density *density,
                       void *context, msc_sampler *s)
{
    check(arena, options);
    *s = (msc_sampler){.options = *options, .arena = arena};
    const size_t all = walkers_of(s), n = options->n;
    s->x = MSC_NEW(arena, double, all * n), s->log = MSC_NEW(arena, double, all);
    s->trial = MSC_NEW(arena, double, all * n), s->trial_log = MSC_NEW(arena, double, all);
    s->factor = MSC_NEW(arena, double, all), s->moved = MSC_NEW(arena, size_t, all);
    s->noise = MSC_NEW(arena, double, options->ensembles * n);
    s->back = MSC_NEW(arena, double, all * n), s->back_log = MSC_NEW(arena, double, all);
    memcpy(s->x, start, all * n * sizeof *start);
    if (!density(context, all, s->x, s->log)) {
        return false;
    }
    for (size_t k = 0; k < all; k++) {
        if (!isfinite(s->log[k])) {
            msc_throw(arena, MSC_E_USAGE, NULL, "walker %zu starts where there is no density", k);
        }
    }
    if (options->method == MSC_SAMPLE_DEMCZ) {
        remember(s);
    }
    return true;
}

/* ---- moves: trial points, and factors on the ratio of densities ---- */

/* y = x_j + z (x_k - x_j), z in [1/a, a] with density ~ 1 / sqrt(z); the factor is z^(n - 1). */
static void stretch(msc_sampler *s, size_t k, size_t half, size_t i)
{
    const size_t n = s->options.n, K = s->options.walkers, e = k / K;
    msc_stream stream = msc_stream_at(s->options.seed, MSC_USE_WALK, s->step + 1, (uint32_t)k);
    const double u = msc_stream_uniform(&stream);
    const size_t pick = (size_t)(msc_stream_uniform(&stream) * (double)(K / 2));
    const double *x = s->x + k * n, *other = s->x + (e * K + (1 - half) * (K / 2) + pick) * n;
    const double root = (STRETCH - 1) * u + 1, z = root * root / STRETCH;
    for (size_t d = 0; d < n; d++) {
        s->trial[i * n + d] = other[d] + z * (x[d] - other[d]);
    }
    s->factor[i] = (double)(n - 1) * log(z);
    s->moved[i] = k;
}

static const double *past_point(const msc_sampler *s, size_t e, msc_stream *stream)
{
    return s->past + (e * s->cap_past + (size_t)(msc_stream_uniform(stream) * (double)s->n_past)) * s->options.n;
}

static double spread(const msc_sampler *s, size_t e, size_t d)
{
    double sum = 0, square = 0;
    const size_t recent = s->n_past < 1000 ? s->n_past : 1000;
    for (size_t i = s->n_past - recent; i < s->n_past; i++) {
        const double x = s->past[(e * s->cap_past + i) * s->options.n + d];
        sum += x, square += x * x;
    }
    const double mean = sum / (double)recent;
    return sqrt(fmax(0, square / (double)recent - mean * mean));
}

/* y = x + gamma (a - b) + e with a, b from the archive. */
static void evolve(msc_sampler *s, size_t k, const double *noise, msc_stream *stream, double *trial)
{
    const size_t n = s->options.n, e = k / s->options.walkers;
    const double gamma = msc_stream_uniform(stream) < JUMP ? 1 : 2.38 / sqrt(2 * (double)n);
    const double *a = past_point(s, e, stream), *b = past_point(s, e, stream);
    gsl_rng rng = msc_stream_gsl(stream);
    for (size_t d = 0; d < n; d++) {
        trial[d] = s->x[k * n + d] + gamma * (a[d] - b[d]) + gsl_ran_gaussian(&rng, JITTER * noise[d]);
    }
}

static double distance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t d = 0; d < n; d++) {
        sum += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return sqrt(sum);
}

/* Along the line through a point z of the archive, by the difference of two others projected on it; the factor is
 * (|y - z| / |x - z|)^(n - 1). */
static double snooker(msc_sampler *s, size_t k, msc_stream *stream, double *trial)
{
    const size_t n = s->options.n, e = k / s->options.walkers;
    const double *x = s->x + k * n, *z = past_point(s, e, stream), *a = past_point(s, e, stream), *b = past_point(s, e, stream);
    const double gamma = 1.2 + msc_stream_uniform(stream), length = distance(x, z, n);
    double along = 0;
    for (size_t d = 0; d < n; d++) {
        along += (a[d] - b[d]) * (x[d] - z[d]);
    }
    for (size_t d = 0; d < n; d++) {
        trial[d] = x[d] + (length > 0 ? gamma * along / (length * length) * (x[d] - z[d]) : 0);
    }
    return length > 0 && along != 0 ? (double)(n - 1) * log(distance(trial, z, n) / length) : -INFINITY;
}

static void differ(msc_sampler *s, size_t k)
{
    const size_t n = s->options.n;
    msc_stream stream = msc_stream_at(s->options.seed, MSC_USE_WALK, s->step + 1, (uint32_t)k);
    double *trial = s->trial + k * n;
    s->moved[k] = k, s->factor[k] = 0;
    if (msc_stream_uniform(&stream) < SNOOKER) {
        s->factor[k] = snooker(s, k, &stream, trial);
    } else {
        evolve(s, k, s->noise + k / s->options.walkers * n, &stream, trial);
    }
}

/* ---- steps ---- */

/* Decide on `count` trials. The uniform number is drawn from a stream of its own, axis beyond the walkers. */
static void decide(msc_sampler *s, size_t count)
{
    const size_t n = s->options.n, all = walkers_of(s);
    for (size_t i = 0; i < count; i++) {
        const size_t k = s->moved[i];
        const double u = msc_random_uniform(s->options.seed, MSC_USE_WALK, s->step + 1, (uint32_t)(all + k), 0);
        const double ratio = s->factor[i] + s->trial_log[i] - s->log[k];
        s->proposed++;
        if (isfinite(s->trial_log[i]) && log(u) < ratio) {
            s->accepted++;
            memcpy(s->x + k * n, s->trial + i * n, n * sizeof *s->x);
            s->log[k] = s->trial_log[i];
        }
    }
}

static bool step_stretch(msc_sampler *s, msc_sample_density *density, void *context)
{
    const size_t K = s->options.walkers;
    for (size_t half = 0; half < 2; half++) {
        size_t count = 0;
        for (size_t k = 0; k < walkers_of(s); k++) {
            if (k % K / (K / 2) == half) {
                stretch(s, k, half, count++);
            }
        }
        if (!density(context, count, s->trial, s->trial_log)) {
            return false;
        }
        decide(s, count);
    }
    return true;
}

static bool step_demcz(msc_sampler *s, msc_sample_density *density, void *context)
{
    const size_t n = s->options.n, all = walkers_of(s);
    for (size_t e = 0; e < s->options.ensembles; e++) {
        for (size_t d = 0; d < n; d++) {
            s->noise[e * n + d] = spread(s, e, d);
        }
    }
    for (size_t k = 0; k < all; k++) {
        differ(s, k);
    }
    if (!density(context, all, s->trial, s->trial_log)) {
        return false;
    }
    decide(s, all);
    return true;
}

static void end_step(msc_sampler *s)
{
    s->step++;
    if (s->options.method == MSC_SAMPLE_DEMCZ && s->step % THIN == 0) {
        remember(s);
    }
}

bool msc_sampler_step(msc_sampler *s, msc_sample_density *density, void *context)
{
    const size_t all = walkers_of(s), n = s->options.n;
    const uint64_t proposed = s->proposed, accepted = s->accepted;
    memcpy(s->back, s->x, all * n * sizeof *s->x);
    memcpy(s->back_log, s->log, all * sizeof *s->log);
    const bool stretched = s->options.method == MSC_SAMPLE_STRETCH;
    if (!(stretched ? step_stretch : step_demcz)(s, density, context)) {
        memcpy(s->x, s->back, all * n * sizeof *s->x);
        memcpy(s->log, s->back_log, all * sizeof *s->log);
        s->proposed = proposed, s->accepted = accepted;
        return false;
    }
    end_step(s);
    return true;
}

void msc_sampler_replay(msc_sampler *s, const double *x, const double *log)
{
    const size_t all = walkers_of(s), n = s->options.n;
    for (size_t k = 0; k < all; k++) {
        s->proposed++;
        s->accepted += memcmp(s->x + k * n, x + k * n, n * sizeof *x) != 0;
    }
    memcpy(s->x, x, all * n * sizeof *x);
    memcpy(s->log, log, all * sizeof *log);
    end_step(s);
}

/* ---- what a run tells ---- */

static void moments(const double *x, size_t n, size_t stride, size_t width, double *mean, double *variance)
{
    double sum = 0, square = 0;
    const size_t count = n * width;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < width; k++) {
            sum += x[i * stride + k];
        }
    }
    *mean = sum / (double)count;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < width; k++) {
            square += (x[i * stride + k] - *mean) * (x[i * stride + k] - *mean);
        }
    }
    *variance = count > 1 ? square / (double)(count - 1) : 0;
}

/* Variance of the mean of the ensembles' means m[steps][ensembles], by the autocovariance that they have in time
 * about the mean of all: Geyer's initial positive sequence. With the variance between ensembles in it, ensembles that
 * disagree are not taken for many draws. */
static double variance_of_mean(const double *m, size_t steps, size_t ensembles)
{
    double mean = 0, all = 0;
    moments(m, steps, ensembles, ensembles, &mean, &all);
    double sum = 0, pair = 0;
    for (size_t lag = 0; lag < steps; lag++) {
        double cov = 0;
        for (size_t i = 0; i + lag < steps; i++) {
            for (size_t e = 0; e < ensembles; e++) {
                cov += (m[i * ensembles + e] - mean) * (m[(i + lag) * ensembles + e] - mean);
            }
        }
        cov /= (double)(steps * ensembles);
        if (lag % 2 == 0) {
            pair = cov;
        } else if (pair + cov <= 0) {
            break;
        } else {
            sum += 2 * (pair + cov);
        }
        if (lag == 0) {
            sum -= cov;
        }
    }
    return fmax(sum, 0.1 * all) / (double)(steps * ensembles); /* not better than ten times independent draws */
}

/* Sums over walkers of products of what is `lag` steps apart, at lag 0 .. steps - 1; sum[2^k], of at least 2 steps. By their
 * spectra: zeros behind a series keep its end from its beginning. */
static void correlate(const double *x, size_t steps, size_t width, double mean, size_t room, double *series, double *sum)
{
    memset(sum, 0, room * sizeof *sum);
    for (size_t w = 0; w < width; w++) {
        memset(series, 0, room * sizeof *series);
        for (size_t i = 0; i < steps; i++) {
            series[i] = x[i * width + w] - mean;
        }
        gsl_fft_real_radix2_transform(series, 1, room);
        sum[0] += series[0] * series[0], sum[room / 2] += series[room / 2] * series[room / 2];
        for (size_t k = 1; k < room / 2; k++) { /* real parts go up, imaginary ones down */
            sum[k] += series[k] * series[k] + series[room - k] * series[room - k];
        }
    }
    gsl_fft_halfcomplex_radix2_inverse(sum, 1, room);
}

/* The sum goes as far as WINDOW times itself: beyond, there is but noise. */
static double memory(msc_arena *arena, const double *x, size_t steps, size_t width, double mean)
{
    size_t room = 2;
    while (room < 2 * steps) {
        room *= 2;
    }
    double *sum = MSC_NEW(arena, double, room), tau = 1;
    correlate(x, steps, width, mean, room, MSC_NEW(arena, double, room), sum);
    for (size_t lag = 1; lag < steps && sum[0] > 0 && (double)lag <= WINDOW * tau; lag++) {
        tau += 2 * sum[lag] / sum[0] * (double)steps / (double)(steps - lag); /* the further apart, the fewer there are */
    }
    return fmax(tau, 1);
}

msc_sample_summary msc_sample_summarise(msc_arena *arena, const double *x, size_t steps, size_t ensembles, size_t walkers)
{
    const size_t width = ensembles * walkers, half = steps / 2;
    msc_sample_summary out = {0};
    double variance = 0;
    moments(x, steps, width, width, &out.mean, &variance);
    out.sd = sqrt(variance);
    double within = 0, *part = MSC_NEW(arena, double, 2 * ensembles);
    for (size_t e = 0; e < 2 * ensembles; e++) {
        double v = 0;
        moments(x + e % 2 * (steps - half) * width + e / 2 * walkers, half, width, walkers, &part[e], &v);
        within += v / (double)(2 * ensembles);
    }
    double mean = 0, between = 0;
    moments(part, 2 * ensembles, 1, 1, &mean, &between);
    out.r_hat = within > 0 ? sqrt((within + between) / within) : between > 0 ? INFINITY : 1;
    double *m = MSC_NEW(arena, double, steps * ensembles + 1), v = 0;
    for (size_t i = 0; i < steps; i++) {
        for (size_t e = 0; e < ensembles; e++) {
            moments(x + i * width + e * walkers, 1, width, walkers, &m[i * ensembles + e], &v);
        }
    }
    out.tau = memory(arena, x, steps, width, out.mean);
    out.mcse = sqrt(variance_of_mean(m, steps, ensembles));
    out.ess = out.mcse > 0 ? fmin(variance / (out.mcse * out.mcse), (double)(steps * width)) : (double)(steps * width);
    return out;
}
