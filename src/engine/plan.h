/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside the engine: a program packed for W lanes, and the memory it works in.
 *
 * Every value is W doubles, one a lane, side by side. The tables name values by their byte offset
 * in an array of such (index * 8 W), so that a kernel adds and loads. All tables are read from
 * front to back. */
#ifndef MSC_ENGINE_PLAN_H
#define MSC_ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/kernel.h"
#include "engine/rodas5p.h"

enum { MSC_LANES_MAX = 8, MSC_ALIGN = 64, MSC_PLACES = 2 };

/* Sums of products, of values in two arrays: `a` has the coefficients and the matrix, `u` the unknowns.
 *
 *     value[target] = scale (value[from] + u... - u... + a u... + a u u'...)
 *
 * in this order. All that a step does is such rows: nodes, rates, the Jacobian, elimination, solves,
 * outputs and guards. What is always 1 or -1 is no factor, but adds or subtracts. */
typedef struct {
    uint32_t target;
    uint32_t from;  /* where the sum begins; there is a 0 for that */
    uint32_t scale; /* in a; MSC_NONE: 1; MSC_INVERT: the value is -1 / sum */
    uint32_t n_plus, n_minus, n_linear, n_bilinear;
} msc_pack_row;
#define MSC_INVERT (UINT32_MAX - 1)

/* Rows side by side that are alike have a shape, small numbers without gaps: from 1 to 4 additions and
 * no more; or products, so many linear ones, up to two bilinear, scaled or not. */
#define MSC_SHAPE_SUM(plus) ((uint32_t)(plus) - 1)
#define MSC_SHAPE(which_linear, bilinear, scale) (4 + ((which_linear) * 3 + (uint32_t)(bilinear)) * 2 + (scale))
#define MSC_SHAPE_LINEAR {0, 1, 2, 3, 4, 6, 8}
typedef struct {
    uint32_t shape; /* MSC_NONE: any */
    uint32_t n;     /* rows */
} msc_pack_group;

/* Machine code for rows (emit.c). */
typedef void msc_code(const double *a, double *u, const double *from, double *value);

typedef struct {
    msc_code *code; /* or NULL */
    uint32_t n, n_group;
    msc_pack_group *group;
    msc_pack_row *row;
    uint32_t *part; /* of all rows: u..., u..., (a, u)..., (a, u, u')... */
} msc_pack;

typedef struct {
    msc_op op;
    uint32_t before; /* how many groups of rows come first */
    uint32_t target, arg[3];
    bool coef[3];     /* the argument is in a, not in u */
    bool emitted;     /* part of a piece of code */
    uint32_t partial; /* offset of its three partial derivatives, or MSC_NONE */
    uint32_t table, row;
} msc_pack_special;

/* Nodes in order: rows, and between them specials. */
typedef struct {
    msc_pack rows;
    uint32_t n_special;
    msc_pack_special *special;
    msc_code **piece; /* [n_special + 1] of the rows before each special and after the last; NULLs */
} msc_pack_nodes;

/* The Jacobian J and the matrix J - diag(1/(h gamma) | 1), which is minus that of program.h. Its first
 * n_entry values are those of the matrix, the others the time column. Parts that are coefficients are
 * summed once a scenario (in `constant`); once a step, rows and partials are added to that. */
typedef struct {
    uint32_t n; /* values */
    uint32_t n_constant;
    struct msc_pack_constant {
        uint32_t value, coef; /* numbers, not offsets */
    } *constant;
    msc_pack rows; /* into a */
    uint32_t n_partial;
    struct msc_pack_partial {
        uint32_t target, partial;
    } *partial;
} msc_pack_jacobian;

/* L and U by rows; U has the unit diagonal, and the diagonal is kept as -1/itself:
 *     for each row i: for each j: m_ij += sum over k < i, j of m_ik m_kj; then, right of the diagonal,
 *     m_ij *= -1/m_ii */
typedef struct {
    msc_pack rows; /* of a alone: u is a too */
    uint32_t n_state, n_node;
    struct msc_pack_diagonal {
        uint32_t target, from;
    } *state;       /* get -1/(h gamma) */
    uint32_t *node; /* numbers: these constants get -1 */
} msc_pack_lu;

/* Unknowns that go through all stages together, see chunk.c. The rows of `nodes` are those of nodes,
 * and after the last special the solve's, each unknown's rate with its first. */
typedef struct {
    uint32_t n_state, *state; /* in u */
    uint32_t n_zero, *zero;   /* nodes with a right-hand side, in k */
    uint32_t n_time;
    struct msc_pack_time {
        uint32_t row, entry; /* in k, in a */
    } *time;
    msc_pack_nodes nodes;
} msc_pack_chunk;

struct msc_plan {
    const msc_program *program;
    const msc_kernel *kernel; /* NULL: a GSL stepper */
    const void *stepper;      /* gsl_odeiv2_step_type, or NULL */
    double rtol;
    uint64_t max_steps;
    double wall_limit;
    double longest; /* step; or infinite */
    const volatile int *stop;
    double fixed; /* > 0: every step is this long and accepted (tests measure orders so) */

    uint32_t lanes, n_unknown;
    bool for_code; /* tables are to become code, and ordered for that */
    msc_pack rate, out, guard;
    msc_pack_nodes core;
    msc_pack_nodes for_guards, for_outputs; /* the nodes that these need, core or their own */
    uint32_t n_partial; /* values */
    msc_pack_jacobian jacobian;
    msc_pack_lu lu;
    uint32_t n_chunk;
    msc_pack_chunk *chunk;
    uint32_t n_beside; /* values that their rows need for a while */
    struct msc_block *memory; /* all tables */
    void *code;               /* of emit.c, or NULL */
    size_t code_size;
};

/* A scenario and its variations, see follow.c. */
typedef struct {
    double step;
    bool landing;
} msc_family_step;
typedef struct {
    bool used;
    bool led; /* the scenario itself has come to its end; what is kept of it: */
    size_t id;
    msc_engine_job job;
    msc_engine_report report;
    size_t begun, ended;  /* variations */
    size_t n_step, room;
    msc_family_step *step; /* those the scenario has taken */
} msc_family;

/* A scenario under way, or a variation of one. */
typedef struct {
    bool active;
    bool fresh;    /* at a stop: the step size is to be found */
    bool starting; /* no step from there is accepted yet */
    bool stepping; /* takes part in this attempt */
    bool accepted, landing;
    bool failed;   /* a guard, at the end of the accepted step */
    bool warned;   /* a check that only warns, there for the first time */
    bool after_rejection, nonfinite; /* of the last attempt */
    bool doomed;   /* a guard fails at the start */
    unsigned rejections;             /* in a row */
    size_t id, next_stop, next_time;
    double t, h;     /* where it is, the step size proposed */
    double t1, step; /* the attempt */
    double began;    /* by the clock on the wall */
    double rtol;
    double *seen;    /* [n_guard] the largest each guard's value has been */
    msc_family *family;              /* or NULL */
    msc_engine_variation *variation; /* NULL: the scenario itself */
    size_t followed;                 /* steps of the family begun */
    msc_engine_job job;
    msc_engine_report report;
} msc_lane;

struct msc_gsl_work;

struct msc_workspace {
    const msc_plan *plan;
    msc_lane lane[MSC_LANES_MAX];
    msc_family family[MSC_LANES_MAX];
    msc_family *waiting; /* has variations that are not begun; no other has, and no lane is idle meanwhile */
    struct msc_gsl_work *gsl;
    const volatile int *stop;
    double *u;       /* one scenario's values [n_u], for scalar work */
    double *scratch; /* [n_u + n_state] */
    double *value;   /* [rows of out or guard] */
    double *seen;    /* the lanes' */

    /* [..][lane] */
    double *block; /* holds all below */
    double *coef;     /* the array a: coefficients, behind them -1, 1, -0 and the next two */
    double *constant; /* [jacobian.n] what of the matrix does not change */
    double *matrix;   /* [jacobian.n] what of it does, factorised; of what does not, nothing */
    double *atol;
    double *u0, *uv; /* [n_u + MSC_PLACES]: where the lanes are, an output or trial; last, a 1 and a 0 */
    double *us[RODAS_STAGES]; /* the same in each stage, behind it its k, then pieces; the first is u0 */
    double *k[RODAS_STAGES];  /* [n_unknown], of which the states' part is k */
    double *f0;           /* [n_state] rates at u0 */
    double *y1;
    double *dense[3];
    double *partial;
    double *values; /* [rows of out or guard] */
    double *sample[5]; /* [out rows] at quarters of a step, of watched rows */
    double *h, *error, *bad, *worst, *theta;
    int64_t *mask; /* all bits: the lane moves on */
};

/* Has anybody asked to stop? */
bool msc_workspace_stops(const msc_workspace *w);

/* watch.c: the maxima within the steps accepted (w->dense holds the interpolant) */
typedef struct {
    const msc_plan *plan;
    msc_workspace *w;
    unsigned lane;
    uint32_t row;
    double sign; /* -1: minima are sought as maxima */
} msc_watch_place;
/* sign times the row's value at theta of the lane's step, in scalar arithmetic */
double msc_watch_value(const msc_watch_place *at, double theta);
/* The maximum of that in a .. b, from x between: where, and how much. */
double msc_watch_refine(const msc_watch_place *at, double a, double x, double fx, double b, double *best);
void msc_watch_steps(const msc_plan *plan, msc_workspace *w);
/* When in the step accepted the checks began to fail that fail at its end for the first time. */
void msc_watch_warnings(const msc_plan *plan, msc_workspace *w, unsigned lane);
/* Where a segment begins: the rows' values there, from u with its nodes. */
void msc_watch_restart(const msc_plan *plan, msc_workspace *w, unsigned lane, const double *u);

/* seek.c: the job's questions; after a step accepted (w->sample holds its quarters), at a stop after what
 * enters, or along a straight line from t0 to the lane's t */
void msc_seek_begin(msc_lane *lane);
/* At the start, in u before what enters there. */
void msc_seek_before(const msc_program *program, msc_lane *lane, const double *u);
void msc_seek_step(const msc_plan *plan, msc_workspace *w, unsigned lane);
void msc_seek_after(const msc_program *program, msc_lane *lane, double t, const double *u);
void msc_seek_line(const msc_program *program, msc_lane *lane, double t0, const double *u);
/* The scenario has ended early, at report.t: no answers about windows that go on after it. */
void msc_seek_abandon(msc_lane *lane);
/* The next edge of a window after t, or infinity. */
double msc_seek_edge(const msc_engine_job *job, double t);

/* pace.c. The first step of a segment: in it the state that moves most (in its tolerance) goes a fraction
 * rtol^(1/5) / 20 of the largest, or of where relative tolerance takes over; all that remains, if nothing
 * can move. NaN and the state if something is not finite. */
double msc_pace_first(const msc_plan *plan, const msc_workspace *w, unsigned lane, double remaining, uint32_t *state);
/* The amount whose error was the largest in the lane's last attempt: integrals err with the amounts they are of, and tell less.
 * MSC_NONE if there is none. */
uint32_t msc_pace_worst(const msc_plan *plan, const msc_workspace *w, unsigned lane);
/* By how much the lane's next step is longer, after one of this error (1: what is allowed). */
double msc_pace_factor(const msc_lane *lane, double error);

/* follow.c. Begin a family: its leader is in the lane. Take the next variation of the one that waits. */
void msc_family_begin(msc_workspace *w, msc_lane *lane);
void msc_family_join(msc_workspace *w, msc_lane *lane);
/* The leader's step is accepted. */
MSC_CHECK msc_status msc_family_note(const msc_lane *lane, msc_error *err);
/* The lane's next step; false: the leader has not got so far. */
bool msc_family_follow(msc_lane *lane);
/* A variation has ended; or all of them have, with their scenario. */
void msc_family_settle(const msc_program *program, msc_lane *lane, msc_engine_end end);
void msc_family_fail(const msc_program *program, msc_workspace *w, msc_family *family, msc_engine_end end, double t);
void msc_family_free(msc_workspace *w);

/* gsl_steppers.c */
const void *msc_gsl_stepper(const char *name);
/* GSL's own error handler aborts: if that is the one in place, there shall be none. */
void msc_gsl_silence(void);
msc_status msc_gsl_work_new(const msc_plan *plan, struct msc_gsl_work **work, msc_error *err);
void msc_gsl_work_free(struct msc_gsl_work *work);
msc_status msc_gsl_run(const msc_plan *plan, msc_workspace *w, msc_engine_next *next, msc_engine_done *done,
                       void *context, msc_error *err);

/* pack.h: the tables; MSC_E_NOMEM, or MSC_E_BUG if the program breaks its contract */
msc_status msc_plan_pack(msc_plan *plan, msc_error *err);
void msc_plan_unpack(msc_plan *plan);

/* emit.c: machine code for the tables, if the kernel is AVX2's; false: there can be none here */
bool msc_plan_emit(msc_plan *plan);
void msc_plan_unemit(msc_plan *plan);

/* scenario.c: one scenario, whatever the method */
double msc_wall(void);
msc_status msc_job_check(const msc_plan *plan, const msc_engine_job *job, size_t id, msc_error *err);
void msc_job_begin(const msc_program *program, msc_lane *lane);
/* Rows of outputs that were not reached. */
void msc_job_end(const msc_program *program, const msc_lane *lane);
/* Record at the lane's time t in u, all nodes of which are evaluated: outputs wanted now. */
void msc_job_record(const msc_program *program, msc_lane *lane, double t, bool before, const double *u);
/* A stop: what enters, the next segment's givens; all nodes of u evaluated if an output or a watch
 * wants them. */
void msc_job_pass_stop(const msc_program *program, msc_lane *lane, size_t stop, double *u, double *scratch);
/* The shortest step worth trying: time must resolve it. */
double msc_job_shortest(const msc_lane *lane);
/* Keep the maxima of what is watched. */
void msc_job_watch(const msc_program *program, msc_lane *lane, double t, const double *u);
/* Judge the guards by the values of their rows (`stride` apart). False: the scenario has ended. */
bool msc_job_guards(const msc_program *program, msc_lane *lane, double t, const double *value, size_t stride);
/* The same from u, scalar: at starts and stops. scratch[n_u], value[n_guard]. */
bool msc_job_test(const msc_program *program, msc_lane *lane, double t, const double *u, double *scratch,
                  double *value);
/* Where a guard looks, an amount this many of its tolerances below 0 counts as 0: that is noise. */
#define GUARD_NOISE 100.0
double msc_row_value(const msc_program *program, const msc_rows *rows, uint32_t row, const double *reg,
                     const double *u);

#endif
