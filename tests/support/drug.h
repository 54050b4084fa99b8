/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits of a small model, for data that are drawn (coverage.h): a drug that is taken up and cleared. */
#ifndef MSC_SUPPORT_DRUG_H
#define MSC_SUPPORT_DRUG_H

#include "fit/fit.h"

typedef enum {
    DRUG_KNOWN_ERROR, /* errors as the rows say: least squares */
    DRUG_SUBJECTS,    /* lognormal errors of unknown size, subjects that differ */
    DRUG_CASES
} drug_case;

/* The fit, its data yet to be drawn, and the numbers they are drawn with. */
msc_fit *drug_fit(drug_case which, double *truth);

#endif
