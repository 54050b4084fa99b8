/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running a list of scenarios through the engine, for tests. */
#ifndef MSC_SUPPORT_BATCH_H
#define MSC_SUPPORT_BATCH_H

#include "engine/plan.h"

/* Room for a scenario's arrays, so that a test need not make each by hand. */
typedef struct {
    msc_engine_job job;
    msc_engine_report report;
    bool done;
    double *u; /* the report's, kept */
    double *atol, *floor, *stop, *given, *bolus, *out, *state, *watch_max, *watch_time, *reg;
    uint32_t *watch;
    msc_engine_time *time;
} scene;

/* A scenario from `start` to `end` with n_stop stops evenly between (at least those two), zero
 * givens and bolus, atol everywhere, n_time output times evenly from start to end (not before). */
scene *scene_new(const msc_program *p, const double *reg, double start, double end, size_t n_stop, size_t n_time,
                 double atol);
void scene_free(scene *s);
void scene_watch(scene *s, size_t n, const uint32_t *rows);

/* Run them; scenes in the order given. Returns the engine's status. */
msc_status batch_run_plan(const msc_plan *plan, scene *const *scenes, size_t n);
msc_status batch_run(const msc_program *p, const msc_engine_options *options, scene *const *scenes, size_t n);
/* The kernels this machine has, NULL-terminated. */
const char *const *batch_kernels(void);

#endif
