/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of a config in the unit of what they stand for: "5e6 cell/kg" of a dose, "0.3 1/h" of a
 * rate, or bare, 5e6, in that unit. */
#ifndef MSC_STUDY_QUANTITY_H
#define MSC_STUDY_QUANTITY_H

#include "model/model.h"

/* How whoever reads an axis, a prior or a distribution turns a node into a number: in the unit of
 * what is described, or pure: true, a pure number (a cv, a shape). Throws at the node if it is none,
 * or of another unit. Tests have one that knows no units. */
typedef double msc_quantity_number(void *context, const msc_conf *node, bool pure);

/* The context of msc_quantity_read. */
typedef struct {
    msc_arena *arena;
    msc_model *model; /* its units; not changed otherwise */
    const char *unit; /* "cell/kg" */
    double factor;
    msc_dim dim;
} msc_quantity_unit;

/* node: to whom an unknown unit is reported. */
msc_quantity_unit msc_quantity_unit_of(msc_arena *arena, msc_model *model, const msc_conf *node,
                                       const char *unit);

/* msc_quantity_number on an msc_quantity_unit. A bare number, and one written with the very unit,
 * come out with the bits they were written with. A text without a unit is refused unless the unit is
 * "1". A pure number may be written "30 %". */
double msc_quantity_read(void *context, const msc_conf *node, bool pure);

/* A number that knows no units: context is the msc_arena. */
double msc_quantity_bare(void *context, const msc_conf *node, bool pure);

#endif
