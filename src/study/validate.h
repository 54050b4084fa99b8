/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to validate*.c: the rows as read, before they are run. */
#ifndef MSC_STUDY_VALIDATE_H
#define MSC_STUDY_VALIDATE_H

#include <mscsim/validate.h>

#include "scenario/scenario.h"

typedef enum {
    MSC_VALIDATE_VALUE,
    MSC_VALIDATE_PEAK,
    MSC_VALIDATE_HALF_TIME,
    MSC_VALIDATE_FIRST_BELOW,
    MSC_VALIDATE_RATIO
} msc_validate_kind;

/* A quantity of a scenario: the row's own, or what it is held against. */
typedef struct {
    const msc_conf *config, *quantity; /* strings */
    const msc_conf *at;                /* a time, or NULL */
    size_t n_set;
    const char **set;
} msc_validate_side;

typedef struct {
    const msc_conf *node;
    msc_validate_kind kind;
    bool peak; /* of both sides, in place of their value at a time */
    bool two;  /* side[1] is there */
    msc_validate_side side[2];
    const msc_conf *unit;         /* a string */
    const msc_conf *from, *until; /* times, or NULL */
    double level;
    bool expect_inside;
} msc_validate_row;

struct msc_validation {
    msc_arena *arena;
    const char *path;
    const char *folder; /* of the file, with its slash; "" */
    size_t n;
    msc_validate_row *row;
    msc_validation_row *shown;
};

/* validate_run.c: all of it, into `shown`. Throws. */
typedef struct msc_validate_runs msc_validate_runs;
msc_validate_runs *msc_validate_runs_new(msc_validation *v);
void msc_validate_runs_do(msc_validate_runs *runs);
void msc_validate_runs_clear(msc_validate_runs *runs); /* what the arena does not own */

#endif
