/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What data can tell of parameters: before a fit by the sensitivities of what was measured, after it by
 * profiles of the likelihood; and what to measure next.
 *
 * A sensitivity matrix has a row for each datum and a column for each parameter: the derivative of the
 * prediction by the parameter, over the datum's standard deviation, times how far the parameter might
 * be off before the data were seen (the width of its prior). So a singular value below 1 is a direction
 * in which the data say less than was known (Brun, Reichert, Kuensch 2001, Water Resour. Res. 37:1015). */
#ifndef MSC_STUDY_IDENTIFY_H
#define MSC_STUDY_IDENTIFY_H

#include "fit/optimise.h"

typedef struct {
    size_t n;
    double *singular;  /* [n] largest first */
    double *direction; /* [n][n]: direction[i] belongs to singular[i], of length 1; its largest part is positive */
    size_t rank;       /* singular values above 1e-8 of the largest */
    size_t told;       /* those above 1: directions of which the data tell more than was known */
    double condition;  /* of those that count for the rank: largest over smallest; infinite if the rank is not full */
    double *response;  /* [n] length of each column: how much the data change over the parameter's width */
    double *tied;      /* [n] 0..1: how much of a column the others can make up for; 1: not to be told apart */
} msc_identifiability;

/* s[m][n], all finite. Throws E_NOMEM. */
msc_identifiability msc_identify(msc_arena *arena, const double *s, size_t m, size_t n);
/* The parameters that trade off along direction i: those whose part is at least 0.2, and least half of the largest.
 * Gives how many; which[n] in the order of their parts. */
size_t msc_identify_partners(const msc_identifiability *id, size_t i, size_t *which);

/* Where the log of the density, the other parameters at their best, has fallen by `drop` (1.92: 95 %, by the
 * chi-squared of one degree) below the optimum. */
typedef struct {
    double low, high;         /* coordinates; the ends of the search where it is open */
    bool open_low, open_high; /* not fallen so far as the search went */
    bool better;              /* a higher density was found on the way: the optimum was none */
    double at, log;           /* then: where it was, with `point` */
    double *point;            /* [n] the best point met */
    size_t n;                 /* of the profile: */
    double *x, *value;        /* the coordinate and the log of the density there, ascending */
    size_t evaluations, refused; /* points, and those without a density */
} msc_profile;

/* objective: a density (or squares) over n coordinates; best[n] its optimum with the density log. Coordinate k is
 * moved within from .. to. Throws E_NOMEM. */
msc_profile msc_profile_of(msc_arena *arena, const msc_objective *objective, const double *best, double log, size_t k,
                           double from, double to, double drop);

/* One more datum with sensitivities row[n] (as above): by what factor it would shrink the variance of parameter k, whose
 * covariance with the others is covariance[n][n] (in the widths' measure): 1 - (C s)_k^2 / ((1 + s' C s) C_kk). */
double msc_measurement_gain(const double *covariance, const double *row, size_t n, size_t k);

#endif
