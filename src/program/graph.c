/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The graph of expanded formulas: hash-consed, folded. See graph.h. */
#include "program/graph.h"

#include <math.h>
#include <string.h>

#include "program/op.h"

void msc_graph_init(msc_graph *g, msc_arena *arena, const msc_table *table)
{
    memset(g, 0, sizeof *g);
    g->arena = arena;
    g->table = table;
    g->n_bucket = 1024;
    g->bucket = MSC_NEW(arena, uint32_t, g->n_bucket);
    memset(g->bucket, 0xff, g->n_bucket * sizeof *g->bucket);
}

static size_t hash(const msc_graph_node *x)
{
    uint64_t bits, h = 1469598103934665603u;
    memcpy(&bits, &x->number, sizeof bits);
    const uint64_t part[] = {(uint64_t)x->op, (uint64_t)x->leaf, x->arg[0], x->arg[1], x->arg[2], x->ref, x->row, bits};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        h = (h ^ part[i]) * 1099511628211u;
        h ^= h >> 29;
    }
    return (size_t)h;
}

static bool same(const msc_graph_node *a, const msc_graph_node *b)
{
    return a->op == b->op && a->leaf == b->leaf && a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] &&
           a->arg[2] == b->arg[2] && a->ref == b->ref && a->row == b->row &&
           memcmp(&a->number, &b->number, sizeof a->number) == 0;
}

static void rehash(msc_graph *g)
{
    g->n_bucket *= 2;
    g->bucket = MSC_NEW(g->arena, uint32_t, g->n_bucket);
    memset(g->bucket, 0xff, g->n_bucket * sizeof *g->bucket);
    for (uint32_t i = 0; i < g->n; i++) {
        size_t k = hash(&g->node[i]) & (g->n_bucket - 1);
        while (g->bucket[k] != MSC_NONE) {
            k = (k + 1) & (g->n_bucket - 1);
        }
        g->bucket[k] = i;
    }
}

static uint32_t intern(msc_graph *g, const msc_graph_node *x)
{
    if (2 * (g->n + 1) > g->n_bucket) {
        rehash(g);
    }
    size_t k = hash(x) & (g->n_bucket - 1);
    while (g->bucket[k] != MSC_NONE) {
        if (same(&g->node[g->bucket[k]], x)) {
            return g->bucket[k];
        }
        k = (k + 1) & (g->n_bucket - 1);
    }
    g->bucket[k] = (uint32_t)g->n;
    *MSC_PUSH(g->arena, g->node, g->n, g->cap) = *x;
    return (uint32_t)g->n - 1;
}

static msc_graph_node blank(msc_op op)
{
    return (msc_graph_node){.op = op, .arg = {MSC_NONE, MSC_NONE, MSC_NONE}};
}

uint32_t msc_graph_number(msc_graph *g, double number)
{
    msc_graph_node x = blank(MSC_OP_NUMBER);
    x.number = number == 0 ? 0 : number; /* one zero */
    return intern(g, &x);
}

uint32_t msc_graph_input(msc_graph *g, uint32_t input)
{
    msc_graph_node x = blank(MSC_OP_INPUT);
    x.ref = input;
    x.cls = MSC_CLASS_PARAMETER;
    return intern(g, &x);
}

uint32_t msc_graph_state(msc_graph *g, uint32_t state)
{
    msc_graph_node x = blank(MSC_OP_NUMBER);
    x.leaf = MSC_LEAF_STATE;
    x.ref = state;
    x.cls = MSC_CLASS_STATE;
    return intern(g, &x);
}

uint32_t msc_graph_given(msc_graph *g, uint32_t given)
{
    msc_graph_node x = blank(MSC_OP_NUMBER);
    x.leaf = MSC_LEAF_GIVEN;
    x.ref = given;
    x.cls = MSC_CLASS_STATE;
    return intern(g, &x);
}

uint32_t msc_graph_time(msc_graph *g)
{
    msc_graph_node x = blank(MSC_OP_TIME);
    x.cls = MSC_CLASS_CLOCK;
    return intern(g, &x);
}

bool msc_graph_is_number(const msc_graph *g, uint32_t id, double number)
{
    const msc_graph_node *x = &g->node[id];
    return x->cls == MSC_CLASS_NUMBER && x->number == number;
}

/* A constant that is infinite or not a number: 0 times that is not 0. */
static bool is_no_number(const msc_graph *g, uint32_t id)
{
    return g->node[id].cls == MSC_CLASS_NUMBER && !isfinite(g->node[id].number);
}

/* What an operation is when one operand is 0 or 1, or MSC_NONE: nothing simpler. */
static uint32_t simplify(msc_graph *g, msc_op op, uint32_t a, uint32_t b, uint32_t c)
{
    const bool a0 = msc_graph_is_number(g, a, 0), a1 = msc_graph_is_number(g, a, 1);
    const bool b0 = b != MSC_NONE && msc_graph_is_number(g, b, 0), b1 = b != MSC_NONE && msc_graph_is_number(g, b, 1);
    switch (op) {
    case MSC_OP_ADD: return a0 ? b : b0 ? a : MSC_NONE;
    case MSC_OP_SUBTRACT: return b0 ? a : a0 ? msc_graph_op(g, MSC_OP_NEGATE, b, MSC_NONE, MSC_NONE) : MSC_NONE;
    case MSC_OP_MULTIPLY:
        if ((a0 && is_no_number(g, b)) || (b0 && is_no_number(g, a))) {
            return MSC_NONE;
        }
        return a0 || b1 ? a : b0 || a1 ? b : MSC_NONE;
    case MSC_OP_DIVIDE: return b1 ? a : MSC_NONE;
    case MSC_OP_NEGATE: return g->node[a].op == MSC_OP_NEGATE ? g->node[a].arg[0] : MSC_NONE;
    case MSC_OP_POWER:
        if (b1) {
            return a;
        }
        if (msc_graph_is_number(g, b, 2)) {
            return msc_graph_multiply(g, a, a);
        }
        if (msc_graph_is_number(g, b, 3)) {
            return msc_graph_multiply(g, a, msc_graph_multiply(g, a, a));
        }
        return MSC_NONE;
    case MSC_OP_IF: return g->node[a].cls != MSC_CLASS_NUMBER ? (b == c ? b : MSC_NONE) : g->node[a].number != 0 ? b : c;
    case MSC_OP_MIN:
    case MSC_OP_MAX: return a == b ? a : MSC_NONE;
    default: return MSC_NONE;
    }
}

static uint32_t make(msc_graph *g, msc_op op, uint32_t a, uint32_t b, uint32_t c, uint32_t table, uint32_t row)
{
    msc_graph_node x = blank(op);
    x.arg[0] = a, x.arg[1] = b, x.arg[2] = c;
    x.ref = table, x.row = row;
    double value[3] = {0, 0, 0};
    for (int i = 0; i < msc_op_arity(op); i++) {
        const msc_graph_node *arg = &g->node[x.arg[i]];
        value[i] = arg->number;
        if (arg->cls > x.cls) {
            x.cls = arg->cls;
        }
    }
    if (x.cls == MSC_CLASS_NUMBER) {
        return msc_graph_number(g, msc_op_apply(g->table, op, value, table, row));
    }
    return intern(g, &x);
}

uint32_t msc_graph_op(msc_graph *g, msc_op op, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t simple = simplify(g, op, a, b, c);
    if (simple != MSC_NONE) {
        return simple;
    }
    if ((op == MSC_OP_ADD || op == MSC_OP_MULTIPLY) && b < a) { /* one form of a + b and b + a */
        return make(g, op, b, a, c, 0, 0);
    }
    return make(g, op, a, b, c, 0, 0);
}

uint32_t msc_graph_table(msc_graph *g, uint32_t a, uint32_t table, uint32_t row)
{
    return make(g, MSC_OP_TABLE, a, MSC_NONE, MSC_NONE, table, row);
}

uint32_t msc_graph_add(msc_graph *g, uint32_t a, uint32_t b)
{
    return msc_graph_op(g, MSC_OP_ADD, a, b, MSC_NONE);
}

uint32_t msc_graph_subtract(msc_graph *g, uint32_t a, uint32_t b)
{
    return msc_graph_op(g, MSC_OP_SUBTRACT, a, b, MSC_NONE);
}

uint32_t msc_graph_multiply(msc_graph *g, uint32_t a, uint32_t b)
{
    return msc_graph_op(g, MSC_OP_MULTIPLY, a, b, MSC_NONE);
}

void msc_graph_evaluate(const msc_graph *g, const double *input, const double *state, const double *given,
                        double time, double *value)
{
    for (size_t i = 0; i < g->n; i++) { /* operands stand before what uses them */
        const msc_graph_node *x = &g->node[i];
        if (x->leaf == MSC_LEAF_STATE) {
            value[i] = state[x->ref];
        } else if (x->leaf == MSC_LEAF_GIVEN) {
            value[i] = given[x->ref];
        } else if (x->op == MSC_OP_INPUT) {
            value[i] = input[x->ref];
        } else if (x->op == MSC_OP_TIME) {
            value[i] = time;
        } else if (x->op == MSC_OP_NUMBER) {
            value[i] = x->number;
        } else {
            double v[3] = {0, 0, 0};
            for (int k = 0; k < msc_op_arity(x->op); k++) {
                v[k] = value[x->arg[k]];
            }
            value[i] = msc_op_apply(g->table, x->op, v, x->ref, x->row);
        }
    }
}
