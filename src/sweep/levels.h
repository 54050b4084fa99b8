/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The levels of an axis: numbers one by one, or equal steps between two ends.
 *
 *     values = [5.0, 10.0, 15.0];              ("5 day", "2 week") in a list, with units
 *     from = "1e6 cell/kg"; to = "1e7 cell/kg"; n = 10;
 *     from = 0.01; to = 1.0; n = 7; spacing = "log"; */
#ifndef MSC_STUDY_LEVELS_H
#define MSC_STUDY_LEVELS_H

#include <stdint.h>

#include "study/quantity.h"

typedef struct {
    uint64_t n;          /* 1 … MSC_DESIGN_MOST */
    const double *value; /* [n], or NULL: between the ends */
    double from, to;     /* the first and the last level, both exactly; to may be the lower one */
    bool log;
} msc_levels;

/* Does the group give levels: has it one of values, from, to, n, spacing? (A distribution has from
 * and to of its own: ask for `distribution` first.) */
bool msc_levels_given(const msc_conf *group);

/* Read them; keys that are not of levels are the caller's business. Throws at the culprit: values and
 * from together, no or one end, an empty list, ends that are equal, n below 2, a logarithm of 0. */
msc_levels msc_levels_read(msc_arena *arena, const msc_conf *group, msc_quantity_number *number,
                           void *context);

/* The i-th, i < n, in the axis' unit. With spacing = "log" decades between powers of ten are met
 * exactly. Nothing is added up on the way, so a level does not depend on how one comes to it. */
double msc_levels_at(const msc_levels *levels, uint64_t i);

#endif
