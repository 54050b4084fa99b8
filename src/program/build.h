/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The compiler's working state, shared by its passes:
 *
 *     arcs      which process moves what from where to where          (arcs.c)
 *     expand    formulas of instances to graph nodes                  (expand.c)
 *     flows     arcs and doses to the states' rates, the ledger       (flows.c, dosing.c, ledger.c)
 *     slice     what is asked for and can be other than 0             (slice.c)
 *     lower     graph to rows, nodes, prologue, clock                 (lower.c, emit.c)
 *     jacobian  derivatives, elimination order                        (jacobian.c, order.c)       */
#ifndef MSC_PROGRAM_BUILD_H
#define MSC_PROGRAM_BUILD_H

#include "program/graph.h"

/* An integrated quantity: a stage of an amount, or an integral of the ledger's or an output's. */
typedef struct {
    const char *name;
    int amount;        /* or -1: an integral */
    int pool;          /* that gives its scale, or -1 */
    double scale;      /* times the pool's, or its own */
    uint32_t initial;  /* graph, of parameters */
    uint32_t rate;     /* graph */
    const msc_conf *origin; /* an amount, or the formula that is integrated; NULL: the ledger's */
    bool wanted, reached;
    uint32_t index;    /* in the program, once sliced */
} msc_build_state;

/* One way for something to go: a branch of a process instance, for the carrier or for a cargo. */
typedef struct {
    uint32_t process, instance, branch;
    int env[MSC_SLOTS];
    int cargo;               /* -1: the process' own flow; else it moves this cargo of it */
    int from;                /* amount, or -1 */
    uint32_t from_instance;
    int to;                  /* amount, or -1 */
    uint32_t to_instance;
    int fate;
    uint32_t flow;           /* graph, what leaves; MSC_NONE until asked for */
    bool busy;               /* being expanded: a flow that depends on itself */
} msc_arc;

/* A given at which doses enter: a state, a transit, or out by a fate. */
typedef struct {
    int to;
    uint32_t to_instance;
    int fate, pool; /* fate of what goes nowhere; pool of what enters */
    int cargo;
    uint32_t given;
} msc_gate;

typedef struct {
    msc_arena *arena;
    const msc_model *model;
    const msc_request *request;
    msc_program *p;
    msc_graph g;

    size_t n_input, cap_input;
    msc_input *input;
    size_t n_test, cap_test;
    msc_test *test;

    size_t n_state, cap_state;
    msc_build_state *state;
    uint32_t *first_state; /* [amount] of instance 0, stage 0; MSC_NONE for transits */

    uint32_t ***parameter; /* [dose + 1][parameter][instance], memo */
    uint32_t **variable;   /* [variable][instance], memo */
    uint32_t **inflow;     /* [amount][instance] of transits, memo */

    size_t n_arc, cap_arc;
    msc_arc *arc;
    struct {
        uint32_t *arc;
        size_t n, cap;
    } *into, *out_of; /* [place]: arcs by their end and their start; place = first_place[amount] + instance */
    uint32_t *first_place;
    uint32_t n_place;

    size_t n_given; /* time is the first */
    size_t n_gate, cap_gate;
    msc_gate *gate;
    size_t n_entry, cap_entry;
    struct msc_build_entry {
        uint32_t dose, gate, amount; /* amount: graph */
    } *entry;

    size_t n_guard, cap_guard;
    struct msc_build_guard {
        msc_guard guard;
        uint32_t value; /* graph */
        uint32_t state;
    } *guard;

    size_t n_quantity, cap_quantity;
    msc_quantity *quantity;
    size_t n_out, cap_out;
    uint32_t *out; /* graph, by row of all quantities */
} msc_build;

/* arcs.c */
void msc_build_arcs(msc_build *b);

/* expand.c: dose -1 outside doses; env as the formula's slots demand. Throws. */
uint32_t msc_build_expr(msc_build *b, const msc_expr *e, const int *env, int dose);
uint32_t msc_build_parameter(msc_build *b, uint32_t parameter, uint32_t instance, int dose);
uint32_t msc_build_amount(msc_build *b, int amount, uint32_t instance); /* all stages */
uint32_t msc_build_integral(msc_build *b, const char *name, uint32_t rate, int pool, double scale, const msc_conf *origin);
void msc_build_totals(msc_build *b);
void msc_build_need(msc_build *b, uint32_t value, msc_test_kind kind, uint32_t value2, bool stop, const msc_conf *origin,
                    const char *what);

/* flows.c */
uint32_t msc_build_flow(msc_build *b, msc_arc *arc);              /* what leaves by an arc */
uint32_t msc_build_arriving(msc_build *b, msc_arc *arc);          /* what arrives: times yield */
uint32_t msc_build_process(msc_build *b, uint32_t process, uint32_t instance); /* its current rate */
uint32_t msc_build_flux(msc_build *b, int fate);
uint32_t msc_build_inflow(msc_build *b, int amount, uint32_t instance);
void msc_build_parted(msc_build *b); /* of every gate: does what enters it go on in parts that depend on the state? */
void msc_build_rates(msc_build *b);
void msc_build_guards(msc_build *b);

/* dosing.c */
void msc_build_doses(msc_build *b);
void msc_build_starts(msc_build *b);
uint32_t msc_build_dosed(msc_build *b, int pool, int cargo);
uint32_t msc_build_given(msc_build *b, int pool, int cargo);

/* ledger.c */
void msc_build_ledger(msc_build *b);
void msc_build_outputs(msc_build *b);
void msc_build_extras(msc_build *b);
msc_quantity *msc_build_quantity(msc_build *b, const char *name, const char *unit, double factor, const char *about);

/* slice.c */
void msc_build_slice(msc_build *b);

/* surge.c */
void msc_build_surges(msc_build *b);

/* lower.c, smooth.c */
void msc_build_lower(msc_build *b);
struct msc_emit;
void msc_build_smooth(msc_build *b, struct msc_emit *emit);

/* jacobian.c, order.c */
void msc_build_jacobian(msc_arena *arena, msc_program *p);
void msc_build_order(msc_arena *arena, msc_program *p);

/* explain.c */
void msc_build_keep_flows(msc_build *b);

#endif
