/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many points of a fit at once: the scenarios of all studies, for each point, on the lanes of several threads. */
#ifndef MSC_STUDY_CROWD_H
#define MSC_STUDY_CROWD_H

#include "fit/fit.h"

typedef struct msc_crowd msc_crowd;

/* batch[n_study]: of the fit's studies, varied as these are. threads 0: all there are. stop: as of
 * msc_worker_run, or NULL. The caller frees. */
MSC_CHECK msc_status msc_crowd_new(const msc_fit *fit, const msc_batch *const *batch, unsigned threads, const volatile int *stop,
                                   msc_crowd **crowd, msc_error *err);
void msc_crowd_free(msc_crowd *crowd);

/* What came of a point in a study. From several threads at once, never twice for the same point and study. */
typedef void msc_crowd_take(void *context, size_t study, size_t point, const msc_outcome *outcome);

/* Run the points t[count][n_estimate] for which wanted[count] is true; afterwards it is true of those of which the
 * scenarios of all studies ended well, which `take` was called for. False: stopped, or msc_crowd_error says why not. */
bool msc_crowd_run(msc_crowd *crowd, size_t count, const double *t, bool *wanted, msc_crowd_take *take, void *context);
const msc_error *msc_crowd_error(const msc_crowd *crowd);
/* What is said of the first point, by its number, that did not end well in the last run; "". */
const char *msc_crowd_trouble(const msc_crowd *crowd);

#endif
