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

enum { MSC_LANES_MAX = 8, MSC_ALIGN = 64 };

/* Sums of products, see msc_rows: value[target] = u... + coef u... + coef u v... . Coefficients that
 * are the number 1 are left out; a part without unknown takes the one that is always 1. */
typedef struct {
    uint32_t target, n_unit, n_linear, n_bilinear;
} msc_pack_row;
typedef struct {
    uint32_t coef, u;
} msc_pack_linear;
typedef struct {
    uint32_t coef, u, v;
} msc_pack_bilinear;
/* Machine code for a table (emit.c): coefficients or matrix, unknowns, where values go. */
typedef void msc_code(const double *coef, double *u, double *value);

/* How a row's sum and what is at its target make the value there. */
typedef enum { MSC_PACK_SET, MSC_PACK_ADD, MSC_PACK_SUBTRACT } msc_pack_mode;

typedef struct {
    msc_pack_mode mode;
    msc_code *code; /* or NULL */
    uint32_t n;
    msc_pack_row *row;
    uint32_t *unit;
    msc_pack_linear *linear;
    msc_pack_bilinear *bilinear;
} msc_pack;

typedef struct {
    msc_op op;
    uint32_t before; /* how many rows of its pack come first */
    uint32_t target, arg[3];
    bool coef[3];     /* the argument is a coefficient, not a u */
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

/* The Jacobian. Its first n_entry values are those of the matrix, the others the time column. Parts
 * that are coefficients are summed once a scenario (`constant`); to those, rows and partials are
 * added once a step. */
typedef struct {
    uint32_t n; /* values */
    uint32_t n_constant;
    struct msc_pack_constant {
        uint32_t value, coef; /* numbers, not offsets */
    } *constant;
    msc_pack rows;
    uint32_t n_partial;
    struct msc_pack_partial {
        uint32_t target, partial;
    } *partial;
    uint32_t n_time;
    struct msc_pack_time {
        uint32_t row, entry;
    } *time;
} msc_pack_jacobian;

/* L U by rows with unit L; the diagonal is kept inverted.
 *     for each row i: for each factor j: l_ij *= 1/u_jj, a_ik -= l_ij u_jk; then 1/u_ii */
typedef struct {
    msc_code *code; /* or NULL */
    uint32_t n_row;
    struct msc_lu_row {
        uint32_t diagonal, n_factor;
    } *row;
    struct msc_lu_factor {
        uint32_t entry, pivot, n_update;
    } *factor;
    struct msc_lu_update {
        uint32_t target, source;
    } *update;
    uint32_t n_state_diagonal, n_node_diagonal; /* get 1/(h gamma), offsets; get 1, numbers */
    uint32_t *state_diagonal, *node_diagonal;
} msc_pack_lu;

/* Solving: x -= entry x'..., then x *= 1/diagonal if there is one. */
typedef struct {
    msc_code *code; /* or NULL */
    uint32_t n_line;
    struct msc_solve_line {
        uint32_t x, diagonal, n_term;
    } *line;
    struct msc_solve_term {
        uint32_t entry, x;
    } *term;
} msc_pack_solve;

struct msc_plan {
    const msc_program *program;
    const msc_kernel *kernel; /* NULL: a GSL stepper */
    const void *stepper;      /* gsl_odeiv2_step_type, or NULL */
    double rtol;
    uint64_t max_steps;
    double wall_limit;
    const volatile int *stop;
    double fixed; /* > 0: every step is this long and accepted (tests measure orders so) */

    uint32_t lanes, n_unknown;
    msc_pack rate, out, guard;
    msc_pack_nodes core;
    msc_pack_nodes for_guards, for_outputs; /* the nodes that these need, core or their own */
    uint32_t n_partial; /* values */
    msc_pack_jacobian jacobian;
    msc_pack_lu lu;
    msc_pack_solve solve;
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
    bool stepping; /* takes part in this attempt */
    bool accepted, landing;
    bool failed;   /* a guard, at the end of the accepted step */
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
    double *coef, *atol;
    double *u0, *us, *uv; /* [n_u + 1]: where the lanes are, a stage, an output or trial; last, a 1 */
    double *f0;           /* [n_state] rates at u0 */
    double *k[RODAS_STAGES]; /* [n_unknown], of which the states' part is k */
    double *y1;
    double *dense[3];
    double *constant; /* [jacobian.n] what of minus the Jacobian, and of 1 - G_z, does not change */
    double *matrix;   /* [jacobian.n] the same at u0, factorised; the time column last */
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
/* Where a segment begins: the rows' values there, from u with its nodes. */
void msc_watch_restart(const msc_plan *plan, msc_workspace *w, unsigned lane, const double *u);

/* seek.c: the job's questions; after a step accepted (w->sample holds its quarters), at a stop after what
 * enters, or along a straight line from t0 to the lane's t */
void msc_seek_begin(msc_lane *lane);
void msc_seek_step(const msc_plan *plan, msc_workspace *w, unsigned lane);
void msc_seek_after(const msc_program *program, msc_lane *lane, double t, const double *u);
void msc_seek_line(const msc_program *program, msc_lane *lane, double t0, const double *u);
/* The scenario has ended early, at report.t: no answers about windows that go on after it. */
void msc_seek_abandon(msc_lane *lane);
/* The next edge of a window after t, or infinity. */
double msc_seek_edge(const msc_engine_job *job, double t);

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

/* pack.c: the tables; MSC_E_NOMEM, or MSC_E_BUG if the program breaks its contract */
msc_status msc_plan_pack(msc_plan *plan, msc_error *err);
void msc_plan_unpack(msc_plan *plan);

/* emit.c: machine code for the tables, if the kernel is AVX2's; false: there can be none here */
bool msc_plan_emit(msc_plan *plan);
void msc_plan_unemit(msc_plan *plan);

/* scenario.c: one scenario, whatever the method */
double msc_wall(void);
msc_status msc_job_check(const msc_plan *plan, const msc_engine_job *job, size_t id, msc_error *err);
void msc_job_begin(const msc_program *program, msc_lane *lane);
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
