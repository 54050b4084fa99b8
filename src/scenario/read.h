/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a scenario, section by section. All throw in the scenario's arena. */
#ifndef MSC_SCENARIO_READ_H
#define MSC_SCENARIO_READ_H

#include "scenario/scenario.h"

/* read_regimen.c */
void msc_regimen_read(msc_scenario *s);

/* read_output.c: the section and its keys; all of it needs the regimen */
const msc_conf *msc_output_section(msc_scenario *s);
void msc_output_read(msc_scenario *s, const msc_reading *how);
/* Both sides of switches and of the nodes of tables, which are known once a job is prepared. */
void msc_output_add_stops(msc_scenario *s, const msc_engine_job *job);

#endif
