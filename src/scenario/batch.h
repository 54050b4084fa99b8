/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A batch: a scenario, what of it is varied, and all that is the same for every vector of values. */
#ifndef MSC_SCENARIO_BATCH_H
#define MSC_SCENARIO_BATCH_H

#include "scenario/knob.h"
#include "scenario/sensitivity.h"

typedef struct {
    const char *label, *unit;
    uint32_t row;  /* of the program's outputs */
    double factor; /* row / factor = value in unit */
} msc_batch_column_of;

typedef struct {
    const char *label, *unit;
    size_t which, element;
} msc_batch_endpoint_of;

struct msc_batch {
    msc_arena *arena;
    msc_scenario *scenario;
    bool trajectories, sensitivities;
    size_t n_knob;
    msc_knob *knob;
    msc_sensitivity_axis *scale; /* [n_knob] of derivatives */
    msc_prepared own; /* the scenario with its own numbers */
    msc_known known;
    size_t n_time;
    double *time;
    size_t n_column;
    msc_batch_column_of *column;
    size_t n_endpoint;
    msc_batch_endpoint_of *endpoint;
};

/* vector.c: one vector of values, made ready. */
typedef struct {
    msc_dose *dose;
    msc_prepared prepared;
    msc_notes notes; /* what a run of it would be warned of before it begins */
} msc_vector;
/* All in the arena. Throws; E_CONFIG: these values are refused. */
void msc_vector_prepare(const msc_batch *batch, msc_arena *arena, const double *value, msc_vector *vector);
/* The same without a run in mind: are these values refused (E_CONFIG), of what would be warned, also where a parameter leaves its
 * range that only hangs on them? The arena, an own one, is reset; message and notes are in it, or in err. */
MSC_CHECK msc_status msc_batch_try(const msc_batch *batch, msc_arena *arena, const double *value, msc_notes *notes, msc_error *err);

#endif
