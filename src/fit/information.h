/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What rows tell: of the estimates, by the sensitivities of what is predicted. Plain values count by their covariance, those
 * of one subject together; of others it is the curvature of their log-likelihood that counts (msc_likelihood_information). */
#ifndef MSC_FIT_INFORMATION_H
#define MSC_FIT_INFORMATION_H

#include "fit/fit.h"

/* What is predicted at coordinates t. */
typedef struct {
    const msc_fit *fit;
    const double *t;          /* [n_estimate] */
    const double *prediction; /* [n_row] inner units */
    const double *slope;      /* [n_row][n_estimate] by coordinates */
} msc_fit_place_seen;

enum { MSC_FIT_INFORMATION_ROOM = 4 }; /* times n_estimate */

/* What data and priors tell in the neighbourhood of t, roughly minus the second derivatives of the log posterior: Fisher's
 * information of normal values with that mean and covariance, sizes of errors included; of other rows their curvature; and by
 * how much was known before. room[MSC_FIT_INFORMATION_ROOM * n_estimate]; h[n_estimate][n_estimate]. */
void msc_fit_information(const msc_fit_place_seen *at, double *room, double *h);

/* The sensitivities such that every row is worth an independent value of error 1: the sum of their squares is what the rows
 * tell by what is predicted. A row that depends on others of its subject has what those before it do not tell already.
 * room as above; white[n_row][n_estimate]. */
void msc_fit_whiten(const msc_fit_place_seen *at, double *room, double *white);

/* What is known of a subject's effect by its values: sums of weights 1 / s^2, and of sensitivities times weights; the
 * variance of the effect. On the scale of the error: of logarithms, if it is lognormal. */
typedef struct {
    double variance, weight;
    double *pull; /* [n_estimate] */
} msc_fit_known_subject;
/* Of rows[n] of one subject; pull is the caller's. False: one is no value, or there is nothing. */
bool msc_fit_subject_known(const msc_fit_place_seen *at, const size_t *row, size_t n, msc_fit_known_subject *known);

/* The sensitivities of one value more on the scale of the error, `own` the standard deviation of its own error there: over
 * that of what it tells, of a new subject (NULL) or of one that is known. In place. */
void msc_fit_whiten_next(const msc_fit_known_subject *known, double variance, double own, size_t n, double *slope);

#endif
