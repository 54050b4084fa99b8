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

/* The model's checks of doses, with the scenario's own numbers or others: what fails becomes a note, in the
 * arena, or is thrown. */
void msc_regimen_check(const msc_scenario *s, msc_arena *arena, const msc_numbers *numbers, msc_notes *notes);

/* A dose with these times that the run does not see, or not to its end, becomes a note in the arena. */
void msc_regimen_late(const msc_scenario *s, msc_arena *arena, const msc_dose *dose, msc_notes *notes);

/* The latest doses that began at or before a time: how many began together (0: none did), the number
 * of the first of them, and when. Doses are numbered from 1 by time; of one time, by the regimen. */
size_t msc_regimen_latest(const msc_scenario *s, double time, size_t *number, double *began);

/* When something happened, as pages have it: "on day 1.02", of the first day "30 min after time 0". Gives buffer,
 * which has MSC_WHEN bytes. */
enum { MSC_WHEN = 80 };
const char *msc_when_text(char *buffer, msc_units *units, double time);

#endif
