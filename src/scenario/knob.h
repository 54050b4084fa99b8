/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A number of a scenario that is varied: which one a path means, and what of the program takes it. */
#ifndef MSC_SCENARIO_KNOB_H
#define MSC_SCENARIO_KNOB_H

#include <mscsim/batch.h>

#include "scenario/scenario.h"

typedef enum {
    MSC_KNOB_PARAMETER,
    MSC_KNOB_DOSE,
    MSC_KNOB_AT,
    MSC_KNOB_DURATION,
    MSC_KNOB_INTERVAL,
    MSC_KNOB_TAKE, /* a parameter that a dose sets for itself */
    MSC_KNOB_LOAD
} msc_knob_kind;

typedef struct {
    msc_knob_kind kind;
    const char *path;         /* as asked for */
    const char *where;        /* who asks, for messages */
    uint32_t index, instance; /* of a parameter; of a load: cargo */
    size_t n_dose, *dose;     /* entries of the regimen it is the same number of */
    const char *unit;
    double factor;            /* value in unit * factor = value inside */
    double value;             /* the scenario's own, in unit; NaN if entries differ */
    uint32_t n_input, *input; /* of the program */
} msc_knob;

/* Settings that turn what is varied into a number of its own, where it is a formula or stands for several. */
typedef struct {
    const char **text;
    size_t n, cap;
} msc_knob_wants;

/* What a path means in a scenario that is open; in the arena. Throws E_CONFIG if it names no number, or
 * one that cannot have another value by itself. */
void msc_knob_find(msc_arena *arena, const msc_scenario *s, const msc_vary *vary, msc_knob *knob, msc_knob_wants *wants);
/* Throws if two are the same number. */
void msc_knobs_part(msc_arena *arena, const msc_knob *knob, size_t n);
/* Its place among the inputs, once the program is there. */
void msc_knob_connect(msc_arena *arena, const msc_program *program, msc_knob *knob);
/* Another value (in its unit) into numbers; throws E_CONFIG if it may not be. */
void msc_knob_turn(msc_arena *arena, const msc_scenario *s, const msc_knob *knob, double value, msc_dose *dose,
                   double *input);

_Noreturn void msc_knob_fail(msc_arena *arena, const msc_knob *knob, const char *format, ...) MSC_PRINTF(3, 4);

#endif
