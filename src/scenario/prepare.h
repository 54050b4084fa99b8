/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a scenario's numbers to a job for the engine: the parts of msc_scenario_prepare. */
#ifndef MSC_SCENARIO_PREPARE_H
#define MSC_SCENARIO_PREPARE_H

#include "scenario/scenario.h"

/* stops.c: event[setup.n_event], dose by dose (own: those of doses that are not varied are known, or NULL);
 * then, registers known, the stops, the doses' places among them and what switches are between them. */
void msc_stops_events(const msc_scenario *s, const msc_dose *dose, const msc_event *own, msc_event *event);
void msc_stops_lay(const msc_scenario *s, msc_arena *arena, msc_prepared *out);

/* bounds.c: between what values the clock's [n_clock] are from a time to another. */
typedef struct {
    double low, high;
} msc_span;
void msc_clock_bounds(const msc_program *p, const double *reg, double from, double to, msc_span *value);

/* sound.c: what the scenario's numbers must be before anything is run. Throws E_CONFIG. */
void msc_sound_setup(msc_scenario *s);
void msc_sound_test(const msc_scenario *s, msc_arena *arena, const double *input, const double *reg);

#endif
