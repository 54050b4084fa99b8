/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sampling from a density that is known up to a factor: independent ensembles of walkers.
 *
 *     stretch  the affine-invariant stretch move (Goodman & Weare 2010, Comm. App. Math. Comp. Sci. 5:65),
 *              in halves: the walkers of one half move along lines to walkers of the other, which stand
 *              still (Foreman-Mackey et al. 2013, PASP 125:306)
 *     demcz    differential evolution with an archive of the past and snooker moves (ter Braak & Vrugt
 *              2008, Stat. Comput. 18:435), for many parameters
 *
 * All that moves together is evaluated together: the walkers are the engine's lanes. Ensembles never
 * exchange anything, so they tell whether they have come to agree. Every random number is a function
 * of (seed, step, walker): a sampler put back to a step goes on with the same bits. */
#ifndef MSC_STUDY_SAMPLE_H
#define MSC_STUDY_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum { MSC_SAMPLE_STRETCH, MSC_SAMPLE_DEMCZ } msc_sample_method;

typedef struct {
    msc_sample_method method;
    size_t n;        /* parameters, 1 .. */
    size_t ensembles; /* >= 1; fewer than 4 tell little */
    size_t walkers;  /* of an ensemble: stretch: even, at least 2 n + 2; demcz: at least 3 */
    uint64_t seed;
} msc_sampler_options;

/* Logarithms of the density at `count` points x[count][n]; -INFINITY: impossible, NaN counts as that.
 * False: asked to stop; then the step is as if it had not begun. */
typedef bool msc_sample_density(void *context, size_t count, const double *x, double *log);

typedef struct {
    msc_sampler_options options;
    uint64_t step;     /* done so far */
    double *x, *log;   /* [ensembles][walkers][n], [ensembles][walkers] */
    uint64_t proposed, accepted;
    size_t n_past, cap_past; /* demcz: points of each ensemble's archive */
    double *past;      /* [ensembles][cap_past][n] */
    double *trial, *trial_log, *factor; /* of a step */
    size_t *moved;     /* walkers in trial */
    double *noise;     /* [ensembles][n] demcz: spread of the archive */
    double *back, *back_log; /* where the step began */
    msc_arena *arena;
} msc_sampler;

/* A sampler at the points start[ensembles][walkers][n], whose densities are evaluated. Throws E_USAGE for
 * options that cannot be, and if a start has no density. False: asked to stop. */
bool msc_sampler_begin(msc_arena *arena, const msc_sampler_options *options, const double *start,
                       msc_sample_density *density, void *context, msc_sampler *sampler);
/* One step: every walker is moved, or stays, once. */
bool msc_sampler_step(msc_sampler *sampler, msc_sample_density *density, void *context);
/* A step that was done before: the points and densities it ended with, in order from step 1 on. */
void msc_sampler_replay(msc_sampler *sampler, const double *x, const double *log);

/* What a run of one parameter tells, x[steps][ensembles * walkers] after what was left out. */
typedef struct {
    double mean, sd;
    double r_hat; /* split: halves of ensembles against their own spread (Gelman et al., BDA3, 11.4); 1.01 is good */
    double ess;   /* how many independent draws the mean is worth, by the ensembles' means in time (Geyer 1992) */
    double mcse;  /* of the mean: sd / sqrt(ess) */
    double tau;   /* steps until a walker has forgotten where it was: its integrated autocorrelation time (Sokal 1997), over all
                   * walkers, about the mean of all; of a run shorter than its memory about the run's length or more */
} msc_sample_summary;
msc_sample_summary msc_sample_summarise(msc_arena *arena, const double *x, size_t steps, size_t ensembles, size_t walkers);

#endif
