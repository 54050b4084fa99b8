/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to describe*.c: the parts of a model's page. All print to p->out and may throw. */
#ifndef MSC_SCENARIO_DESCRIBE_H
#define MSC_SCENARIO_DESCRIBE_H

#include <stdio.h>

#include "scenario/evaluate.h"

typedef struct {
    msc_arena *arena;
    const msc_model *model;
    msc_evaluation *values;
    FILE *out;
} msc_portrait;

/* describe.c: "a, b and c" texts of settings: a string as it is, a number, a list. */
const char *msc_portrait_text(const msc_portrait *p, const msc_conf *node);
/* "arrested[organ,clone]" */
const char *msc_portrait_name(const msc_portrait *p, const char *name, const msc_shape *shape);
/* "configs/x.cfg:12" */
const char *msc_portrait_place(const msc_portrait *p, const msc_conf *node);

/* describe_parameters.c */
void msc_portrait_parameters(const msc_portrait *p);
/* describe_processes.c: processes, routes */
void msc_portrait_processes(const msc_portrait *p);
void msc_portrait_routes(const msc_portrait *p);
/* describe_times.c: time constants, kinks */
void msc_portrait_times(const msc_portrait *p);
void msc_portrait_kinks(const msc_portrait *p);

#endif
