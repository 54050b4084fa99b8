/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parts of a fit's record that are made elsewhere. */
#ifndef MSC_STUDY_FIT_RECORD_H
#define MSC_STUDY_FIT_RECORD_H

#include "store/dataset.h"
#include "fit/fit.h"

/* posterior.c: added to a record whose axes `estimate` and `datum` are there. Throws. */
void msc_posterior_record(msc_arena *arena, const msc_fitted *w, msc_dataset *dataset);

#endif
