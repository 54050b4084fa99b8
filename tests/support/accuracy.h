/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far scenarios are from their solution. */
#ifndef MSC_SUPPORT_ACCURACY_H
#define MSC_SUPPORT_ACCURACY_H

#include "support/vary.h"

/* errS6 of one scenario: the largest |error| / (|y| + 1e-6 of one dose) over all states and outputs
 * and all output times. What has not the dimension of a pool has, in place of the dose, 1 (states) or
 * the most that its quantity ever is (outputs; of pure numbers at least 1e-6). */
typedef struct {
    double error;
    uint32_t row; /* where it is worst */
    double t, value, reference;
    uint64_t draw;
    bool ended;        /* there is an error */
    msc_engine_end end;
    uint64_t attempts;
    char words[512];   /* what became of it */
} accuracy;

/* Draws 1 .. n at each of n_rtol tolerances: found[n_rtol][n], and what became of the reference at
 * `reference` in words if that has no end. */
void accuracy_measure(const vary *v, double sd, size_t n, double reference, size_t n_rtol, const double *rtol,
                      accuracy *found);

/* Of those that ended; found[] is left in ascending order, those that did not last. */
typedef struct {
    size_t n, refused, failed;
    double median, p99, worst;
    double attempts; /* mean */
} accuracy_summary;
accuracy_summary accuracy_summarise(accuracy *found, size_t n);
/* "live[lung]", "state arrested[lung]" */
const char *accuracy_row(const vary *v, uint32_t row, char *text, size_t n);

#endif
