/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which scenarios a sweep has: for each a coordinate on every axis, as a pure function of the seed,
 * the scenario's number and the axis. Nothing is stored a scenario, nothing depends on order, threads
 * or ranks; a coordinate costs from 20 ns (random) to a microsecond (lhs).
 *
 *     grid      every combination of the axes' levels; the last axis runs fastest
 *     list      the i-th scenario takes the i-th level of every axis
 *     random    independent, uniform
 *     lhs       Latin hypercube: on each axis by itself, one scenario in each of n equal strata, at a
 *               random place in it; strata are dealt out by a permutation keyed by seed and axis
 *     sobol     points 0, 1, 2, ... of Sobol's sequence (GSL's direction numbers; point 0 is the
 *               origin, which GSL leaves out and which balance needs), shifted on each axis by a
 *               random amount, modulo 1 (Cranley and Patterson 1976)
 *
 * Grid and list need levels on all axes. In the others an axis may have levels, too: then each of
 * them gets an equal part of (0, 1).
 *
 * Correlation is a Gaussian copula: the coordinates of the axes concerned are made normal scores, mixed
 * by the Cholesky factor of the matrix, and made uniform again. So the matrix holds, exactly, for
 * the logarithms of lognormal axes, for normal axes themselves and for logits of logit-normal ones;
 * for other distributions it is that of their normal scores. Every axis keeps its own distribution;
 * with lhs only the first of the correlated axes keeps one scenario in each stratum. */
#ifndef MSC_STUDY_DESIGN_H
#define MSC_STUDY_DESIGN_H

#include <stdint.h>

#include "conf/conf.h"

enum {
    MSC_DESIGN_MOST = 100000000, /* scenarios */
    MSC_DESIGN_AXES = 256,
    MSC_SOBOL_AXES = 40, /* GSL's */
    MSC_SOBOL_BITS = 30
};

typedef enum {
    MSC_DESIGN_GRID,
    MSC_DESIGN_LIST,
    MSC_DESIGN_LHS,
    MSC_DESIGN_SOBOL,
    MSC_DESIGN_RANDOM
} msc_design_kind;

typedef struct {
    const char *name;
    const msc_conf *origin; /* for complaints */
    uint64_t n_level;       /* 0: continuous, it has a distribution */
} msc_design_axis;

typedef struct msc_design msc_design; /* const once made; shared by threads */

/* From the keys design, n, seed and correlation of a `sweep` section; its other keys are the caller's
 * business. axis[n_axis] is borrowed. seed: that of --seed, or NULL: the section's, or 1.
 *
 *     design = "lhs"; n = 1000; seed = 1;
 *     correlation = { axes = ["clearance", "volume"]; matrix = ( [1.0, 0.4], [0.4, 1.0] ); };
 *
 * Throws E_CONFIG at the culprit: no axis; an unknown design; n with grid or list, without n elsewhere;
 * more than MSC_DESIGN_MOST scenarios, also where their number would overflow; an axis without levels
 * in a grid, lists of unequal lengths; too many axes; a matrix that is no correlation matrix or is not
 * positive definite, or of axes that have levels. */
const msc_design *msc_design_read(msc_arena *arena, const msc_conf *section,
                                  const msc_design_axis *axis, size_t n_axis, const uint64_t *seed);

msc_design_kind msc_design_kind_of(const msc_design *design);
uint64_t msc_design_count(const msc_design *design); /* scenarios: 1 … MSC_DESIGN_MOST */
uint64_t msc_design_seed(const msc_design *design);

/* Axes that are correlated, [n], and their matrix, [n][n]; 0: none are. */
size_t msc_design_correlation(const msc_design *design, const size_t **axis, const double **matrix);

typedef struct {
    uint64_t level; /* of an axis with levels: which; else 0 */
    double u;       /* of one without: in the open interval (0, 1); else NaN */
} msc_design_point;

/* The i-th scenario, i < count: row[n_axis]. */
void msc_design_row(const msc_design *design, uint64_t i, msc_design_point *row);

/* ---- design_points.c: the parts, for design.c and the tests ---- */

/* Sobol's direction numbers, as fractions of 2^30: direction[axis][bit]. n_axis <= MSC_SOBOL_AXES.
 * The first eight are taken from GSL's generator, the others follow by the recurrence of its primitive
 * polynomials. false: GSL has no memory. */
bool msc_sobol_directions(uint32_t (*direction)[MSC_SOBOL_BITS], size_t n_axis);
/* Point i (0 is the origin, i is what gsl_qrng_get gives at its i-th call) on one axis, times 2^30. */
uint32_t msc_sobol_point(const uint32_t direction[MSC_SOBOL_BITS], uint64_t i);
/* Where i < n <= 2^32 comes in the permutation of 0 … n - 1 that belongs to seed and axis. */
uint64_t msc_design_permuted(uint64_t seed, uint32_t axis, uint64_t n, uint64_t i);
/* The coordinate of a stratum of n, at the random place `bits` in it: within (stratum, stratum + 1) / n
 * also after rounding. */
double msc_design_in_stratum(uint64_t stratum, uint64_t n, uint64_t bits);

#endif
