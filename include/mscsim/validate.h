/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the literature says, beside what the models say. The rows come from a file whose first lines
 * define them (configs/literature.cfg); each runs a scenario and makes one number of it.
 *
 *     msc_validation *v = NULL;  msc_error err;
 *     if (msc_validation_read("literature.cfg", &v, &err) == MSC_OK &&
 *         msc_validation_run(v, &err) == MSC_OK) { ... msc_validation_print(v, false, stdout, &err) ... }
 *     msc_validation_free(v); */
#ifndef MSCSIM_VALIDATE_H
#define MSCSIM_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <mscsim/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msc_validation msc_validation;

/* One comparison. The texts are the file's own words. */
typedef struct {
    const char *name, *about, *source;
    const char *target, *window; /* where the number and where its window come from: "read", ... */
    const char *used;            /* "fitted", "seen" or "no" */
    const char *unit;            /* of value, low and high */
    double low, high;            /* both ends inside; -INFINITY, INFINITY: open */
    double value;                /* the model's; INFINITY: a time not reached; NaN: none */
    bool inside;
    bool expected;       /* as the file says: inside, or a miss that is known of */
    const char *failure; /* why a run of it could not be finished, or NULL */
} msc_validation_row;

/* Read the rows. Runs nothing and opens no scenario yet. E_NOINPUT, E_CONFIG. The caller frees. */
MSC_API MSC_CHECK msc_status msc_validation_read(const char *path, msc_validation **validation,
                                                 msc_error *err);
MSC_API void msc_validation_free(msc_validation *validation);

/* Run what the rows need, equal runs once. Of a scenario only its model, parameters, regimen and end
 * are used: its outputs, ranges, summary and file are left aside. A run that cannot be finished is a
 * row's failure; what cannot be read is an error, with the place in the rows' file. */
MSC_API MSC_CHECK msc_status msc_validation_run(msc_validation *validation, msc_error *err);

/* The rows in the order of the file; values are NaN before msc_validation_run. */
MSC_API size_t msc_validation_rows(const msc_validation *validation,
                                   const msc_validation_row **rows);
/* How many are not as expected. */
MSC_API size_t msc_validation_surprises(const msc_validation *validation);

/* The table, and a line that sums it up; brief: only rows that are not as expected. */
MSC_API MSC_CHECK msc_status msc_validation_print(const msc_validation *validation, bool brief,
                                                  FILE *stream, msc_error *err);

#ifdef __cplusplus
}
#endif
#endif
