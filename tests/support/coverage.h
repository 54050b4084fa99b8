/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often the intervals of a fit hold the truth: data simulated with known numbers, fitted, many times. */
#ifndef MSC_SUPPORT_COVERAGE_H
#define MSC_SUPPORT_COVERAGE_H

#include <stdint.h>

#include "fit/fit.h"

enum { COVERAGE_ESTIMATES = 16 };

typedef struct {
    size_t n;                         /* replicates */
    size_t held[COVERAGE_ESTIMATES];  /* of each estimate: intervals that hold the truth */
    size_t open[COVERAGE_ESTIMATES];  /* of the others: those that were open, and so hold everything; counted as held too */
    size_t no_optimum;                /* fits whose best start is none */
} coverage;

/* The data of `fit` are drawn anew n times, from what is predicted with the estimates at truth[n_estimate] and the errors and
 * subjects' effects they then have; all rows are values. Each draw is fitted from where `fit` starts. Fails the test, or ends
 * the program, if something cannot be run. */
coverage coverage_measure(msc_fit *fit, const double *truth, size_t n, uint64_t seed);

/* Counts of n such that fewer, or more, than these come by chance at most 5 times in ten thousand each, if intervals of
 * 95 % are what they say: exact, binomial. */
void coverage_bounds(size_t n, size_t *least, size_t *most);

#endif
