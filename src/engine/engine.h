/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Program and scenarios in, numbers out.
 *
 * The engine advances W scenarios ("lanes") at a time through the same operations, each with its
 * own clock and step size; a lane that finishes takes the next scenario. No arithmetic mixes lanes.
 * Nothing is shared but the const plan: one workspace a thread.
 *
 * GSL's steppers run one scenario at a time behind the same interface: without dense output, steps
 * end at the output times and the edges of windows, and maxima are those of the steps' ends. GSL's
 * error handler aborts: a plan for such a method switches it off unless the program has set one of
 * its own, so plans are made before threads are. */
#ifndef MSC_ENGINE_ENGINE_H
#define MSC_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/program.h"

typedef struct {
    double t;
    bool before; /* at a stop: the value just before it; otherwise the one after */
} msc_engine_time;

/* A question about one row of out over a window of the run, whose edges need be no stops. The window
 * begins after what enters at its beginning and ends before what enters at its end, but for the end
 * of the run. With GSL's steppers its edges are steps' ends, and between steps' ends rows are taken
 * as straight lines. */
typedef enum {
    MSC_SEEK_VALUE,  /* value: at `until`; at a stop, the one after it */
    MSC_SEEK_BEFORE, /* value: at `until`, before what enters there; at the start, before that has begun */
    MSC_SEEK_MAX,    /* value, time */
    MSC_SEEK_MIN,
    MSC_SEEK_ABOVE,  /* first, last: when it is above the level; above: for how long; already */
    MSC_SEEK_HALF    /* value, time: as MAX; last: when it had first fallen to half of that, or NaN */
} msc_seek_kind;
typedef struct {
    msc_seek_kind kind;
    uint32_t row;
    double from, until, level; /* from <= until, within the run */
    double value, time, first, last, above; /* the answer; NaN or infinite: none */
    bool already; /* it was above the level before the window began, and before what enters there */
    double seen; /* the engine's own */
    bool off;    /* the asker's own: the run does not hold the window that was meant */
} msc_engine_seek;

typedef enum {
    MSC_END_FINE,
    MSC_END_STEPS,     /* max_steps used up */
    MSC_END_REJECTED,  /* too many rejections in a row */
    MSC_END_COLLAPSED, /* step below what time can resolve */
    MSC_END_NONFINITE, /* a value became infinite or not a number and smaller steps do not help */
    MSC_END_NEGATIVE,  /* a FLOW guard */
    MSC_END_SHARE,     /* a SHARE guard */
    MSC_END_CHECK,     /* a CHECK guard that stops */
    MSC_END_TIME,      /* wall_limit */
    MSC_END_STOPPED,   /* asked to stop */
    MSC_END_METHOD     /* a GSL stepper gave up */
} msc_engine_end;
const char *msc_engine_end_text(msc_engine_end end);

/* A scenario again, with slightly other values: parameters, initial values, amounts given; at the same
 * stops and output times. It follows the scenario's own steps (internal numerical differentiation): the
 * scenario alone decides on their sizes and has the bits it has without variations. So the difference
 * is that of two solutions with the same errors, and is smooth in the values: over their step it is the
 * derivative of the computed solution, to a part of about the relative step.
 * What moves an event is no variation, see msc_program_moves_stop. Guards are not judged again. */
typedef struct {
    const double *reg;   /* as of the job: [n_register], */
    const double *given; /* [n_stop - 1][n_given], */
    const double *bolus; /* [n_stop][n_given] or NULL */
    double *difference;  /* [n_time][program->out.n] filled in: its `out` less the job's; NaN what it did not
                            reach, and all of it if the scenario fails */
    msc_engine_end end;  /* filled in: FINE; NONFINITE if its values became so although the scenario's did */
    double t;            /* not, and when; or as the scenario's, if that fails */
} msc_engine_variation;

/* One scenario. All arrays are borrowed until it is done. Times in the model's time unit. */
typedef struct {
    const double *reg;      /* [program->n_register] of the prologue */
    const double *atol;     /* [n_state] */
    const double *floor;    /* [n_guard] how far below 0 a FLOW guard's row may be (a SHARE's: below 0 or above 1),
                               beside rtol times the most it has been; NULL: 0 */
    size_t n_stop;          /* >= 2 */
    const double *stop;     /* ascending; the first is the start, the last the end */
    const double *given;    /* [n_stop - 1][n_given] between stops (slot 0, time, is ignored) */
    const double *bolus;    /* [n_stop][n_given] what enters at each stop, or NULL: none at all */
    size_t n_time;
    const msc_engine_time *time; /* ascending, within start..end */
    double *out;            /* [n_time][program->out.n] filled in; NaN what is not reached */
    size_t n_watch;         /* rows of out whose maxima are sought, over accepted steps, both sides of */
    const uint32_t *watch;  /* stops and the dense output between */
    double *watch_max, *watch_time; /* [n_watch] */
    double *warned_at;      /* [n_guard] when each CHECK that only warns first failed, NaN: never; or NULL */
    size_t n_seek;
    msc_engine_seek *seek;
    double *state;          /* [n_state] at the end (NaN after a failure), or NULL */
    size_t n_variation;     /* any number; 0 with GSL's steppers. Counts, limits and questions are not theirs */
    msc_engine_variation *variation;
} msc_engine_job;

typedef struct {
    msc_engine_end end;
    double t, h;             /* where it ended, and the step; of a guard 0: at the start, or by what enters at a stop */
    uint32_t state;          /* the one with the largest error, or the first not finite; MSC_NONE */
    uint32_t guard;          /* the guard that failed, or MSC_NONE */
    uint32_t warned;         /* the first CHECK guard that failed and only warns, or MSC_NONE */
    double warned_t;
    uint64_t steps, rejected, evaluations, factorisations;
    uint32_t n_u;
    const double *u;         /* [n_u] at the failure, valid during the callback; NULL if fine */
} msc_engine_report;

typedef struct {
    const char *method;  /* NULL: "rosenbrock"; or a GSL stepper: msbdf msadams rk8pd rkf45 rkck rk4imp bsimp ... */
    const char *kernel;  /* NULL or "auto"; "baseline", "avx2", "avx512"; "emit": code for avx2 */
    double rtol;         /* 1e-14 .. 0.1 */
    uint64_t max_steps;  /* of a scenario; 0: 100000 */
    double wall_limit;   /* seconds a scenario; 0: none */
    double max_step;     /* no step is longer; 0: any may be */
    const volatile int *stop; /* set non-zero to end all; may be NULL */
} msc_engine_options;

typedef struct msc_plan msc_plan;           /* a program made ready for a kernel; const, shared */
typedef struct msc_workspace msc_workspace; /* one a thread */

MSC_CHECK msc_status msc_plan_new(const msc_program *program, const msc_engine_options *options, msc_plan **plan,
                                  msc_error *err);
void msc_plan_free(msc_plan *plan);
unsigned msc_plan_lanes(const msc_plan *plan);
const char *msc_plan_kernel(const msc_plan *plan); /* "avx2" */
MSC_CHECK msc_status msc_workspace_new(const msc_plan *plan, msc_workspace **workspace, msc_error *err);
void msc_workspace_free(msc_workspace *workspace);
/* Set non-zero to end what this workspace runs, as msc_engine_options.stop does for all; NULL: no more. */
void msc_workspace_stop(msc_workspace *workspace, const volatile int *stop);

/* Fill in the next scenario; false when there is none. */
typedef bool msc_engine_next(void *context, msc_engine_job *job, size_t *id);
/* A scenario has ended. */
typedef void msc_engine_done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report);

/* Run all that `next` gives. A scenario's failure is in its report; the status is for the engine's own:
 * MSC_E_BUG if a job breaks the contract above (times that do not ascend or are not finite, a tolerance
 * that is no number >= 0), MSC_E_CONFIG if a job has variations where there can be none; then, and when
 * asked to stop, those under way end as STOPPED and `next` is not called again. A run allocates nothing,
 * but for a list of the steps that variations follow, which the workspace keeps (MSC_E_NOMEM). */
MSC_CHECK msc_status msc_engine_run(const msc_plan *plan, msc_workspace *workspace, msc_engine_next *next,
                                    msc_engine_done *done, void *context, msc_error *err);

/* Names for `solver.method`, NULL-terminated, "rosenbrock" first. */
const char *const *msc_engine_methods(void);

#endif
