/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A regimen read aloud: for the page of a result, and for what would be run. */
#ifndef MSC_SCENARIO_REGIMEN_H
#define MSC_SCENARIO_REGIMEN_H

#include <stdio.h>

#include "scenario/scenario.h"

/* Each dose: when, by which route, how long, how much, and where the route takes its parts. */
void msc_regimen_print(msc_arena *arena, const msc_scenario *s, FILE *stream);

/* The model's checks of doses: what fails becomes a warning of the scenario, or is thrown. */
void msc_regimen_check(msc_scenario *s);

/* The latest dose that began at or before a time: its number from 1 and when; 0 if there is none. */
size_t msc_regimen_latest(const msc_scenario *s, double time, double *began);

#endif
