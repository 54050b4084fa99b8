/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The benchmark's scenarios: those of a scenario file with every rate constant (parameters in 1/h)
 * drawn from a log-normal distribution of sd 0.3, the same draws on every machine. */
#ifndef MSC_BENCH_STANDARD_H
#define MSC_BENCH_STANDARD_H

#include "engine/plan.h"
#include "scenario/scenario.h"

typedef struct {
    msc_scenario *scenario;
    msc_prepared base;
    size_t n;
    double **reg; /* [n] registers of each draw */
} standard;

/* Read and draw; says why and exits if it cannot. */
standard standard_new(const char *path, size_t n);
/* A job of draw i, to write n_time rows to `out`, with tolerances 1e-6 rtol of each state's scale,
 * which are put in atol[n_state]. */
msc_engine_job standard_job(const standard *s, size_t i, double rtol, double *atol, double *out);
/* The same program with all its states as outputs, for measuring errors. */
msc_program *standard_with_states(const msc_program *program);

/* Time this process has used, in seconds. */
double standard_cpu(void);

typedef struct {
    double us;       /* a scenario */
    double attempts; /* a scenario */
} standard_run;
/* The program, or standard_with_states of it, made ready; the caller frees. */
msc_plan *standard_plan(const msc_program *program, const char *kernel, double rtol);
/* All draws through the engine once; states of draw i to states[i] if that is not NULL (then the plan is of
 * standard_with_states). */
standard_run standard_engine(const standard *s, const msc_plan *plan, double rtol, double **states);

void standard_die(const char *what, const char *why) __attribute__((noreturn));

#endif
