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
/* own: another scenario whose pulses are the same, or NULL */
void msc_stops_lay(const msc_scenario *s, msc_arena *arena, const msc_prepared *own, msc_prepared *out);

/* bounds.c: between what values the clock's [n_clock] are from a time to another. */
typedef struct {
    double low, high;
} msc_span;
void msc_clock_bounds(const msc_program *p, const double *reg, double from, double to, msc_span *value);

/* pulses.c: narrow peaks and dips of what depends smoothly on time, between the times at which conditions change
 * (the first is the start, the last the end of the run); put to those found. */
typedef struct {
    double *t;
    size_t n, cap;
} msc_times;
void msc_pulses_find(const msc_scenario *s, msc_arena *arena, const double *reg, const msc_times *change, msc_times *found);

/* sound.c: what the scenario's numbers must be before anything is run, but for registers in `varied` (or NULL). Throws E_CONFIG. */
void msc_sound_setup(msc_scenario *s);
void msc_sound_test(const msc_scenario *s, msc_arena *arena, const double *input, const double *reg, const bool *varied);

#endif
