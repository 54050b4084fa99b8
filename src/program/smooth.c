/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What depends smoothly on time alone, and comes and goes: a step could pass over a pulse and see nothing of
 * it. Here such functions are found in what is integrated, watched and put out, and given to the clock; where
 * their peaks are is sought before a run (scenario/pulses.c).
 *
 * Between two stops a condition on time stays what it is and a table is linear, so what is linear in time,
 * or a monotone function of such, has no peak there and is passed over. So are a factor and a summand of
 * parameters. */
#include <string.h>

#include "program/emit.h"

/* How a value goes with time, between two stops. */
typedef enum { UNKNOWN, STILL, LINEAR, MONOTONE, ANYHOW } course;

typedef struct {
    msc_build *b;
    msc_emit *emit;
    uint32_t n;          /* nodes of the graph when all began */
    unsigned char *seen; /* [n] */
    unsigned char *memo; /* [n] of course */
    uint32_t *stack;
    size_t n_stack, cap_stack;
} search;

static course course_of(search *s, uint32_t id);

static course worse(course a, course b)
{
    return a > b ? a : b;
}

static course work_out(search *s, const msc_graph_node *x)
{
    const int n = msc_op_arity(x->op);
    course arg[3] = {STILL, STILL, STILL};
    for (int k = 0; k < n; k++) {
        arg[k] = course_of(s, x->arg[k]);
    }
    switch (x->op) {
    case MSC_OP_TIME: return LINEAR;
    case MSC_OP_ADD:
    case MSC_OP_SUBTRACT:
        return arg[0] == STILL ? arg[1] : arg[1] == STILL ? arg[0] : worse(arg[0], arg[1]) == LINEAR ? LINEAR : ANYHOW;
    case MSC_OP_MULTIPLY: return arg[0] == STILL ? arg[1] : arg[1] == STILL ? arg[0] : ANYHOW;
    case MSC_OP_DIVIDE: return arg[1] == STILL ? arg[0] : ANYHOW;
    case MSC_OP_NEGATE:
    case MSC_OP_ABS: return arg[0];
    case MSC_OP_EXP:
    case MSC_OP_LOG:
    case MSC_OP_LOG10:
    case MSC_OP_SQRT: return arg[0] == STILL ? STILL : worse(arg[0], MONOTONE);
    case MSC_OP_MIN:
    case MSC_OP_MAX: return worse(arg[0], arg[1]);
    case MSC_OP_IF: return worse(arg[1], arg[2]);
    case MSC_OP_TABLE: return arg[0];
    case MSC_OP_POWER: return worse(arg[0], arg[1]) == STILL ? STILL : ANYHOW;
    default: return STILL; /* conditions */
    }
}

static course course_of(search *s, uint32_t id)
{
    const msc_graph_node x = s->b->g.node[id];
    if (x.cls <= MSC_CLASS_PARAMETER) {
        return STILL;
    }
    if (id < s->n && s->memo[id] != UNKNOWN) {
        return (course)s->memo[id];
    }
    const course is = work_out(s, &x);
    if (id < s->n) {
        s->memo[id] = (unsigned char)is;
    }
    return is;
}

/* A function of time without what only shifts and stretches it. */
static uint32_t bare(const search *s, uint32_t id)
{
    const msc_graph_node *node = s->b->g.node;
    for (;;) {
        const msc_graph_node *x = &node[id];
        const bool fixed[2] = {msc_op_arity(x->op) > 0 && node[x->arg[0]].cls <= MSC_CLASS_PARAMETER,
                               msc_op_arity(x->op) > 1 && node[x->arg[1]].cls <= MSC_CLASS_PARAMETER};
        switch (x->op) {
        case MSC_OP_NEGATE: id = x->arg[0]; break;
        case MSC_OP_ADD:
        case MSC_OP_SUBTRACT:
        case MSC_OP_MULTIPLY:
        case MSC_OP_DIVIDE:
            if (!fixed[1] && (!fixed[0] || x->op == MSC_OP_DIVIDE)) {
                return id;
            }
            id = x->arg[fixed[1] ? 0 : 1];
            break;
        default: return id;
        }
    }
}

static void consider(search *s, uint32_t id)
{
    id = bare(s, id);
    if (course_of(s, id) == ANYHOW && (id >= s->n || s->seen[id] < 2)) {
        msc_emit_smooth(s->emit, id);
        if (id < s->n) {
            s->seen[id] = 2;
        }
    }
}

static void push(search *s, uint32_t id)
{
    if (id < s->n && s->seen[id] == 0 && s->b->g.node[id].cls >= MSC_CLASS_CLOCK) {
        s->seen[id] = 1;
        *MSC_PUSH(s->b->arena, s->stack, s->n_stack, s->cap_stack) = id;
    }
}

/* The factors of a product that depend on time alone, multiplied: on and off may stand apart. */
static uint32_t factors(search *s, uint32_t id, int *n)
{
    const msc_graph_node x = s->b->g.node[id];
    if (x.cls == MSC_CLASS_CLOCK) {
        *n += course_of(s, id) != STILL;
        return id;
    }
    if (x.cls != MSC_CLASS_STATE || x.op != MSC_OP_MULTIPLY) {
        return msc_graph_number(&s->b->g, 1);
    }
    const uint32_t left = factors(s, x.arg[0], n);
    return msc_graph_multiply(&s->b->g, left, factors(s, x.arg[1], n));
}

static void look(search *s, uint32_t id)
{
    const msc_graph_node x = s->b->g.node[id];
    int n = 0;
    if (x.cls == MSC_CLASS_CLOCK) {
        consider(s, id);
        return;
    }
    const uint32_t product = x.op == MSC_OP_MULTIPLY ? factors(s, id, &n) : id;
    if (n > 1) {
        consider(s, product);
    }
    for (int k = 0; k < msc_op_arity(x.op); k++) {
        push(s, x.arg[k]);
    }
}

void msc_build_smooth(msc_build *b, msc_emit *emit)
{
    search s = {.b = b, .emit = emit, .n = (uint32_t)b->g.n};
    s.seen = MSC_NEW(b->arena, unsigned char, s.n + 1);
    s.memo = MSC_NEW(b->arena, unsigned char, s.n + 1);
    for (size_t i = 0; i < b->n_state; i++) {
        if (b->state[i].index != MSC_NONE) {
            push(&s, b->state[i].rate);
        }
    }
    for (size_t i = 0; i < b->n_guard; i++) {
        push(&s, b->guard[i].value);
    }
    for (size_t i = 0; i < b->n_out; i++) {
        push(&s, b->out[i]);
    }
    while (s.n_stack > 0) {
        look(&s, s.stack[--s.n_stack]);
    }
}
