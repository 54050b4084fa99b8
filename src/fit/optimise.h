/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a start to the nearest optimum, within ends where there are any.
 *
 * Sums of squares go by GSL's Levenberg-Marquardt in a trust region (gsl_multifit_nlinear), any other
 * density by NLopt's SLSQP (Kraft 1994, ACM TOMS 20:262). Both take derivatives. A point that cannot be
 * evaluated is a step refused, and counted: it never has a value.
 *
 * An end is called found only where the point itself says so, whatever the steps were like: of squares, the residuals
 * are at right angles to the model's surface (their relative offset is below 1e-8, or 1e-4 where steps have come to
 * nothing), or gone but for rounding; of a density, its logarithm can rise by no more than 1e-5 along its slope. At an end
 * beyond which there is more, that coordinate has no part in it: an optimum among what is allowed is one. */
#ifndef MSC_STUDY_OPTIMISE_H
#define MSC_STUDY_OPTIMISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* What is optimised. Exactly one of the two functions is set. Both give derivatives as well, and false
 * if there is nothing at x. */
typedef struct {
    size_t n;          /* coordinates */
    size_t n_residual; /* >= n for squares */
    bool (*squares)(void *context, const double *x, double *residual, double *jacobian /* [n_residual][n] */);
    bool (*density)(void *context, const double *x, double *log, double *slope /* [n] */); /* to be made large */
    /* Of a density: about minus its second derivatives at the point last evaluated, positive definite. It is what steps are
     * measured by, and saves most of them; a rough one will do. NULL: steps are measured by the coordinates. */
    void (*metric)(void *context, const double *x, double *h /* [n][n] */);
    const double *low, *high; /* [n] nothing is asked beyond these; infinite: there is no end; or NULL */
    void *context;
    const volatile int *stop; /* set non-zero: end as soon as may be; or NULL */
} msc_objective;

typedef enum {
    MSC_OPTIMUM_FOUND,     /* the criteria are met */
    MSC_OPTIMUM_FLAT,      /* no further progress, but the slope is not small */
    MSC_OPTIMUM_EXHAUSTED, /* evaluations used up */
    MSC_OPTIMUM_NOWHERE,   /* nothing at the start */
    MSC_OPTIMUM_STOPPED
} msc_optimum_end;
const char *msc_optimum_text(msc_optimum_end end); /* "found", ... */

typedef struct {
    msc_optimum_end end;
    double log;    /* squares: - sum of squares / 2 */
    double slope;  /* the largest derivative of it there, but for those that lead beyond an end */
    size_t evaluations, refused;
} msc_optimum;

typedef struct {
    size_t most;      /* evaluations, to judge the end takes up to three more; 0: 500 */
    double tolerance; /* relative, of a step: 0: 1e-8 */
    double gain;      /* of the log of a density: steps that bring less are the last; 0: 1e-12 */
    bool unjudged;    /* of a density: begun near its top; whether that was reached is not asked, FOUND means that steps ended */
} msc_optimise_options;

/* x[n]: the start, then the best point found. GSL's error handler must be off. Throws E_NOMEM, and E_USAGE
 * if there are fewer residuals than coordinates, or none of these. */
msc_optimum msc_optimise(msc_arena *arena, const msc_objective *objective, const msc_optimise_options *options, double *x);

#endif
