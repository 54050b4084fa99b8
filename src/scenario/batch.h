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

#endif
