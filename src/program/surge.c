/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a bolus does to formulas of flows. For an instant what flows through a transit is without bound; its
 * integral is the bolus. So a formula's integral over that instant is
 *
 *     its own part of the bolus    of what is proportional to a flow
 *     0                            of what stays bounded, or grows more slowly than the flow
 *     nothing that has a value     of a power above 1, a product of flows, a flow times what it changes itself
 *
 * The first is worked out when the bolus enters (msc_program_enter); a bolus into the last is refused. */
#include "program/build.h"

typedef enum { NONE, BOUNDED, SLOWER, PROPORTIONAL, WITHOUT } surge;

static surge most(surge a, surge b)
{
    return a > b ? a : b;
}

/* A product of what may surge, or a quotient by what is no flow itself. */
static surge times(surge a, surge b)
{
    const surge more = most(a, b), less = a < b ? a : b;
    return less == NONE ? more : more == PROPORTIONAL || less == SLOWER ? WITHOUT : more;
}

static surge over(surge a, surge b)
{
    if (b == PROPORTIONAL) {
        return a == WITHOUT ? WITHOUT : most(a == PROPORTIONAL ? BOUNDED : a, BOUNDED);
    }
    return times(a, b);
}

static surge power(const msc_graph *g, const msc_graph_node *x, surge base, surge exponent)
{
    const msc_graph_node *n = &g->node[x->arg[1]];
    if (base == NONE && exponent <= BOUNDED) {
        return exponent;
    }
    if (exponent != NONE || n->cls != MSC_CLASS_NUMBER || n->number > 1) {
        return base == BOUNDED && exponent == NONE ? BOUNDED : WITHOUT;
    }
    return n->number <= 0 ? BOUNDED : base == PROPORTIONAL ? SLOWER : base;
}

/* Does it fall where its operand grows: -x, -x / k? */
static bool falls(const msc_graph *g, uint32_t id)
{
    const msc_graph_node *x = &g->node[id];
    switch (x->op) {
    case MSC_OP_NEGATE: return true;
    case MSC_OP_DIVIDE: return falls(g, x->arg[0]);
    case MSC_OP_MULTIPLY: return falls(g, x->arg[0]) != falls(g, x->arg[1]);
    case MSC_OP_NUMBER: return x->leaf == MSC_LEAF_NONE && x->number < 0;
    default: return false;
    }
}

static surge surge_of(const msc_graph *g, const msc_graph_node *x, const surge *is)
{
    const int n = msc_op_arity(x->op);
    const surge a = n > 0 ? is[x->arg[0]] : NONE, b = n > 1 ? is[x->arg[1]] : NONE, c = n > 2 ? is[x->arg[2]] : NONE;
    if (x->leaf == MSC_LEAF_GIVEN) {
        return PROPORTIONAL;
    }
    if (x->cls != MSC_CLASS_STATE || n == 0 || (x->alone && !x->flow)) {
        return NONE; /* a share stands as it did the instant before */
    }
    switch (x->op) {
    case MSC_OP_ADD:
    case MSC_OP_SUBTRACT:
    case MSC_OP_NEGATE:
    case MSC_OP_ABS:
    case MSC_OP_MIN:
    case MSC_OP_MAX: return most(a, b);
    case MSC_OP_MULTIPLY: return times(a, b);
    case MSC_OP_DIVIDE: return over(a, b);
    case MSC_OP_POWER: return power(g, x, a, b);
    case MSC_OP_EXP: return a <= BOUNDED ? a : falls(g, x->arg[0]) ? BOUNDED : WITHOUT;
    case MSC_OP_LOG:
    case MSC_OP_LOG10:
    case MSC_OP_SQRT: return a == PROPORTIONAL ? SLOWER : a;
    case MSC_OP_IF: return a == NONE ? most(b, c) : times(most(b, c), BOUNDED);
    default: return most(a, b) == NONE ? NONE : BOUNDED; /* conditions, tables */
    }
}

/* All givens that a formula depends on. */
static void refuse(msc_build *b, const msc_build_state *state)
{
    bool *seen = MSC_NEW(b->arena, bool, b->g.n + 1);
    for (uint32_t i = state->rate + 1, top = state->rate; i-- > 0;) {
        seen[i] = seen[i] || i == top;
        const msc_graph_node *x = &b->g.node[i];
        for (int k = 0; seen[i] && k < msc_op_arity(x->op); k++) {
            seen[x->arg[k]] = true;
        }
        if (seen[i] && x->leaf == MSC_LEAF_GIVEN && !b->p->given_refused[x->ref]) {
            b->p->given_refused[x->ref] = msc_conf_where(b->arena, state->origin);
        }
    }
}

void msc_build_surges(msc_build *b)
{
    surge *is = MSC_NEW(b->arena, surge, b->g.n + 1);
    b->p->given_refused = MSC_NEW(b->arena, const char *, b->n_given + 1);
    for (uint32_t i = 0; i < b->g.n; i++) { /* operands stand before what uses them */
        is[i] = surge_of(&b->g, &b->g.node[i], is);
    }
    for (size_t s = 0; s < b->n_state; s++) {
        if (b->state[s].index != MSC_NONE && b->state[s].origin && is[b->state[s].rate] == WITHOUT) {
            refuse(b, &b->state[s]);
        }
    }
}
