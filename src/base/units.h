/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Units by UDUNITS-2, plus `cell` and a model's own base units.
 *
 * Inside, every number is held in one coherent system: SI base units, `cell`, the model's own, and
 * for time the model's time_unit (hours as a rule). A formula then needs no conversion factor, and
 * a dimension is a vector of small integer exponents over the base units. */
#ifndef MSC_BASE_UNITS_H
#define MSC_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include <mscsim/error.h>

enum { MSC_DIMS = 16 }; /* base units at most: 7 of SI, radian, cell, and a model's own */

typedef struct {
    signed char e[MSC_DIMS];
} msc_dim; /* {0}: a pure number */

typedef struct msc_units msc_units;

/* A system that knows UDUNITS' database and `cell`; time counted in seconds until told otherwise. */
MSC_CHECK msc_status msc_units_new(msc_units **units, msc_error *err);
void msc_units_free(msc_units *units);

/* A new base unit, such as `mark`. E_CONFIG if the name is a unit already or not a name. */
MSC_CHECK msc_status msc_units_add(msc_units *units, const char *name, msc_error *err);

/* The unit in which times are counted inside ("h"). Call before any parse whose factor is kept. */
MSC_CHECK msc_status msc_units_set_time(msc_units *units, const char *unit, msc_error *err);

/* value in `text` * factor = value inside. Refused (E_CONFIG, message without a place): unknown
 * units, offsets (celsius), logarithms, timestamps. "1" and "" are pure numbers. Cached. */
MSC_CHECK msc_status msc_units_parse(msc_units *units, const char *text, double *factor,
                                     msc_dim *dim, msc_error *err);

bool msc_dim_equal(msc_dim a, msc_dim b);
bool msc_dim_is_pure(msc_dim a);
msc_dim msc_dim_product(msc_dim a, msc_dim b);
msc_dim msc_dim_quotient(msc_dim a, msc_dim b);
/* a^(p/q); false if an exponent does not come out an integer (or out of range). */
bool msc_dim_power(msc_dim a, int p, int q, msc_dim *result);
msc_dim msc_dim_time(const msc_units *units);

/* A unit text of that dimension for messages, in the inner units: "cell/h", "1/h", "1". */
void msc_dim_text(const msc_units *units, msc_dim dim, char *buffer, size_t n);

#endif
