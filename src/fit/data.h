/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data of a fit: a tidy CSV, one observation a row; docs/fitting.md describes it.
 *
 * Columns are lower-case; the upper-case names of NONMEM's data sets are accepted as well (ID, TIME, DV, AMT,
 * RATE, EVID, MDV, CMT, CENS, LIMIT), with their meaning. All numbers come out in the units the model
 * counts in (base/units.h). What a row may claim is checked here; what the model has of it, by those who
 * know the model. */
#ifndef MSC_STUDY_FIT_DATA_H
#define MSC_STUDY_FIT_DATA_H

#include "base/arena.h"
#include "base/units.h"
#include "fit/likelihood.h"

/* Something that was observed: "activity[lung]". */
typedef struct {
    const char *text; /* canonical: without blanks */
    const char *name;
    size_t n_index;
    const char **index;
    const char *unit; /* of its first row, as written; NULL: none was given, its numbers are as written */
    msc_dim dim;
    size_t line; /* of that row */
} msc_observed;

/* Whose rows belong together: a subject, or the patients of a range. */
typedef struct {
    size_t study;
    const char *name;
} msc_data_group;

typedef enum { MSC_DECAY_UNSAID, MSC_DECAY_CORRECTED, MSC_DECAY_RAW } msc_decay;

#define MSC_NO_GROUP ((size_t)-1)

typedef struct {
    size_t line;
    size_t study, quantity;
    size_t group; /* or MSC_NO_GROUP: the row stands for itself */
    double time;
    msc_datum datum;
    double half;   /* half the unit of the last digit of a value or limit, as written; of ranges, see datum.half */
    double n;      /* subjects; 0: not said */
    double factor; /* what is here = factor * what is in the file */
    const char *unit;       /* as written, or NULL; and that of its time */
    const char *time_unit;
    const char *written[2]; /* value or limit; of a range or an interval the other end too; else NULL */
    double weight; /* of the row's log-likelihood; 1 */
    msc_decay decay;
    double calibration_time; /* of CORRECTED: the time corrected to; 0 if not said */
} msc_observation;

typedef struct {
    size_t line;
    size_t study, group;
    double time, amount;
    double duration;         /* amount / rate; 0: at once */
    double rounding;         /* of it, a share, by the digits of the rate */
    const char *amount_unit; /* as written */
    msc_dim dim;             /* of amount */
    const char *compartment; /* as written, a number or a name; "" */
} msc_dose_record;

typedef struct {
    const char *name; /* of the file */
    const char *text; /* all of it */
    size_t n_study, n_group, n_observed, n, n_dose;
    const char **study; /* [n_study]; "" if the file has no such column */
    msc_data_group *group;
    msc_observed *observed;
    msc_observation *observation; /* in the order of the file */
    msc_dose_record *dose;
} msc_fit_data;

/* Units where the file itself says none; NULL: then that is an error (of values: they are as written). */
typedef struct {
    const char *time, *value, *amount;
} msc_fit_data_units;

/* name: for messages. Throws E_NOINPUT if the file cannot be opened; else E_DATA at file:line:column. */
msc_fit_data *msc_fit_data_read(msc_arena *arena, const char *path, const char *name, msc_units *units,
                                const msc_fit_data_units *otherwise);

#endif
