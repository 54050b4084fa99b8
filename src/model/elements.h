/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values by element, merged: points 1 and 2 of the merge rule (language §9). */
#ifndef MSC_MODEL_ELEMENTS_H
#define MSC_MODEL_ELEMENTS_H

#include "conf/conf.h"

/* Later values (a group keyed by element, subset or `others`) onto earlier ones. `tree` has the
 * sets. */
void msc_elements_merge(msc_arena *arena, const msc_conf *tree, msc_conf *earlier,
                        const msc_conf *later);

/* One child of such a group. */
void msc_elements_put(msc_arena *arena, const msc_conf *tree, msc_conf *earlier, msc_conf *later);

/* The arrays of a table leave for elements that are given values. `is` is a group; it may end
 * empty. */
void msc_elements_leave(msc_arena *arena, msc_conf *is, const msc_conf *elements);

/* { others = node; } in the place of a child which is no group. */
msc_conf *msc_elements_wrap(msc_arena *arena, msc_conf *parent, msc_conf *child);

#endif
