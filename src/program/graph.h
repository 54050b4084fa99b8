/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All expanded formulas of a model as one graph, in which equal expressions are one node.
 *
 * Each node knows what it can depend on: nothing, parameters, time, or states. That class decides
 * where it is computed: at compile time, in the prologue, by the clock, or in the rows. */
#ifndef MSC_PROGRAM_GRAPH_H
#define MSC_PROGRAM_GRAPH_H

#include "program/program.h"

typedef enum {
    MSC_CLASS_NUMBER,
    MSC_CLASS_PARAMETER,
    MSC_CLASS_CLOCK, /* time and parameters only */
    MSC_CLASS_STATE
} msc_class;

typedef enum { MSC_LEAF_NONE, MSC_LEAF_STATE, MSC_LEAF_GIVEN } msc_leaf;

typedef struct {
    msc_op op;     /* leaves that are states or givens: MSC_OP_NUMBER with a leaf kind */
    msc_leaf leaf;
    uint32_t arg[3]; /* operands; unused: MSC_NONE */
    uint32_t ref;    /* input, state or given number; table of MSC_OP_TABLE */
    uint32_t row;
    double number;
    msc_class cls;
    bool named;       /* a variable's or transit's value: worth a node of its own */
    bool alone;       /* has to be a node of its own */
    bool flow;        /* what flows */
    const char *name; /* for messages, or NULL */
} msc_graph_node;

typedef struct msc_graph {
    msc_arena *arena;
    msc_graph_node *node;
    size_t n, cap;
    uint32_t *bucket; /* hash table of node numbers, MSC_NONE: free */
    size_t n_bucket;
    const msc_table *table; /* of the model, for folding */
} msc_graph;

void msc_graph_init(msc_graph *g, msc_arena *arena, const msc_table *table);

uint32_t msc_graph_number(msc_graph *g, double number);
uint32_t msc_graph_input(msc_graph *g, uint32_t input);
uint32_t msc_graph_state(msc_graph *g, uint32_t state);
uint32_t msc_graph_given(msc_graph *g, uint32_t given);
uint32_t msc_graph_time(msc_graph *g);
/* An operation, folded and simplified: 0 + x, 1 * x, 0 * x, numbers. Unused arguments: MSC_NONE. */
uint32_t msc_graph_op(msc_graph *g, msc_op op, uint32_t a, uint32_t b, uint32_t c);
uint32_t msc_graph_table(msc_graph *g, uint32_t a, uint32_t table, uint32_t row);

uint32_t msc_graph_add(msc_graph *g, uint32_t a, uint32_t b);
uint32_t msc_graph_subtract(msc_graph *g, uint32_t a, uint32_t b);
uint32_t msc_graph_multiply(msc_graph *g, uint32_t a, uint32_t b);

bool msc_graph_is_number(const msc_graph *g, uint32_t id, double number);

/* Values of nodes [0, n) given leaves; value[n] is scratch and result. NaN for what no leaf gives. */
void msc_graph_evaluate(const msc_graph *g, const double *input, const double *state, const double *given,
                        double time, double *value);

#endif
