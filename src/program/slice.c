/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked for, and what can be other than zero.
 *
 * Backward: a state is wanted if a requested quantity, a check, or a wanted state's rate depends on
 * it; and if something leaves it by a rate of its own, for that goes on, out of nothing, when it is
 * empty, and only who looks at it can tell. Forward: a state is reached if something starts in it, is given to it or flows into it.
 * What is not reached is 0 for ever and is replaced by it; what is not wanted is dropped. Both look
 * at structure only, never at a parameter's value, so that equal models give equal programs. */
#include <string.h>

#include "program/build.h"

/* ---- forward ---- */

/* Can this be other than 0, if only reached states are? */
static bool alive(const msc_build *b, const msc_graph_node *x, const bool *live)
{
    if (x->leaf == MSC_LEAF_STATE) {
        return b->state[x->ref].reached;
    }
    if (x->leaf == MSC_LEAF_GIVEN || msc_op_arity(x->op) == 0) {
        return x->leaf == MSC_LEAF_GIVEN || x->op != MSC_OP_NUMBER || x->number != 0;
    }
    switch (x->op) {
    case MSC_OP_ADD:
    case MSC_OP_SUBTRACT: return live[x->arg[0]] || live[x->arg[1]];
    case MSC_OP_MULTIPLY: return live[x->arg[0]] && live[x->arg[1]];
    case MSC_OP_NEGATE:
    case MSC_OP_SQRT:
    case MSC_OP_ABS:
    case MSC_OP_DIVIDE: return live[x->arg[0]];
    case MSC_OP_IF: return live[x->arg[1]] || live[x->arg[2]];
    default: return true;
    }
}

static void reach(msc_build *b)
{
    for (size_t s = 0; s < b->n_state; s++) {
        b->state[s].reached = b->request->keep_all || !msc_graph_is_number(&b->g, b->state[s].initial, 0);
    }
    bool *live = MSC_NEW(b->arena, bool, b->g.n);
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < b->g.n; i++) {
            live[i] = alive(b, &b->g.node[i], live);
        }
        for (size_t s = 0; s < b->n_state; s++) {
            if (!b->state[s].reached && live[b->state[s].rate]) {
                b->state[s].reached = again = true;
            }
        }
    }
}

/* The same graph with the states that nothing reaches replaced by 0. */
static uint32_t *without_unreached(msc_build *b)
{
    const size_t n = b->g.n;
    uint32_t *is = MSC_NEW(b->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        const msc_graph_node x = b->g.node[i];
        is[i] = i;
        if (x.leaf == MSC_LEAF_STATE && !b->state[x.ref].reached) {
            is[i] = msc_graph_number(&b->g, 0);
        } else if (x.op == MSC_OP_TABLE) {
            is[i] = msc_graph_table(&b->g, is[x.arg[0]], x.ref, x.row);
        } else if (msc_op_arity(x.op) > 0) {
            uint32_t arg[3] = {MSC_NONE, MSC_NONE, MSC_NONE};
            for (int k = 0; k < msc_op_arity(x.op); k++) {
                arg[k] = is[x.arg[k]];
            }
            is[i] = msc_graph_op(&b->g, x.op, arg[0], arg[1], arg[2]);
        }
        msc_graph_node *y = &b->g.node[is[i]];
        y->flow = y->flow || (x.flow && msc_op_arity(y->op) > 0);
        y->alone = y->alone || (x.alone && y->cls == MSC_CLASS_STATE);
        if (x.named && !y->named && msc_op_arity(y->op) > 0) {
            y->named = true;
            y->name = x.name;
        }
    }
    return is;
}

static void replace(msc_build *b, const uint32_t *is)
{
    for (size_t s = 0; s < b->n_state; s++) {
        b->state[s].rate = is[b->state[s].rate];
    }
    for (size_t i = 0; i < b->n_out; i++) {
        b->out[i] = is[b->out[i]];
    }
    for (size_t i = 0; i < b->n_guard; i++) {
        b->guard[i].value = is[b->guard[i].value];
    }
}

/* ---- backward ---- */

typedef struct {
    uint32_t *id;
    size_t n, cap;
    uint32_t *seen, turn; /* seen[id] == turn: in this search */
} stack;

static void push(msc_build *b, stack *s, uint32_t id)
{
    if (s->seen[id] != s->turn) {
        s->seen[id] = s->turn;
        *MSC_PUSH(b->arena, s->id, s->n, s->cap) = id;
    }
}

static void want(msc_build *b, stack *s)
{
    while (s->n > 0) {
        const msc_graph_node *x = &b->g.node[s->id[--s->n]];
        if (x->leaf == MSC_LEAF_STATE && !b->state[x->ref].wanted) {
            b->state[x->ref].wanted = true;
            push(b, s, b->state[x->ref].rate);
        }
        for (int k = 0; k < msc_op_arity(x->op); k++) {
            push(b, s, x->arg[k]);
        }
    }
}

/* A guard stands watch only where all it looks at is there anyway. */
static bool stands(msc_build *b, stack *s, uint32_t value)
{
    s->turn++;
    s->n = 0;
    push(b, s, value);
    while (s->n > 0) {
        const msc_graph_node *x = &b->g.node[s->id[--s->n]];
        if (x->leaf == MSC_LEAF_STATE && !b->state[x->ref].wanted) {
            return false;
        }
        for (int k = 0; k < msc_op_arity(x->op); k++) {
            push(b, s, x->arg[k]);
        }
    }
    return true;
}

static void keep_guards(msc_build *b)
{
    size_t n = 0;
    stack search = {.seen = MSC_NEW(b->arena, uint32_t, b->g.n + 1)};
    for (size_t i = 0; i < b->n_guard; i++) {
        const struct msc_build_guard *guard = &b->guard[i];
        const bool home = guard->state == MSC_NONE || (b->state[guard->state].wanted && b->state[guard->state].reached);
        const bool open = b->g.node[guard->value].cls > MSC_CLASS_PARAMETER;
        if (open && home && stands(b, &search, guard->value)) {
            b->guard[n++] = *guard;
        }
    }
    b->n_guard = n;
}

void msc_build_slice(msc_build *b)
{
    reach(b);
    replace(b, without_unreached(b));
    for (uint32_t k = 0; b->request->keep_all && k < b->n_state; k++) {
        (void)msc_graph_state(&b->g, k); /* so that `seen` has room for all */
    }
    stack s = {.seen = MSC_NEW(b->arena, uint32_t, b->g.n + 1), .turn = 1};
    for (size_t i = 0; i < b->n_out; i++) {
        push(b, &s, b->out[i]);
    }
    for (size_t i = 0; i < b->n_guard; i++) {
        if (b->guard[i].guard.kind == MSC_GUARD_CHECK || b->guard[i].guard.measure == MSC_MEASURE_STATE) {
            push(b, &s, b->guard[i].value);
        }
    }
    for (uint32_t k = 0; b->request->keep_all && k < b->n_state; k++) {
        push(b, &s, msc_graph_state(&b->g, k));
    }
    want(b, &s);
    keep_guards(b);
    msc_program *p = b->p;
    p->sliced = MSC_NEW(b->arena, const char *, b->n_state + 1);
    p->unreached = MSC_NEW(b->arena, bool, b->n_state + 1);
    for (size_t i = 0; i < b->n_state; i++) {
        const bool keep = b->state[i].wanted && b->state[i].reached;
        b->state[i].index = keep ? p->n_state++ : MSC_NONE;
        p->n_integral += keep && b->state[i].amount < 0;
        if (!keep) {
            p->unreached[p->n_sliced] = !b->state[i].reached;
            p->sliced[p->n_sliced++] = b->state[i].name;
        }
    }
}
