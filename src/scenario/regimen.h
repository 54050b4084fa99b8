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

/* The latest doses that began at or before a time: how many began together (0: none did), the number
 * of the first of them, and when. Doses are numbered from 1 by time; of one time, by the regimen. */
size_t msc_regimen_latest(const msc_scenario *s, double time, size_t *number, double *began);

#endif
