/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arcs to rates of change.
 *
 * What leaves an amount by a process is, by the kind of its size,
 *     hazard  H y_s for every stage s       dwell  n/D y_s on to the next stage, the last one leaves
 *     rate    R                             share  S times what enters the transit
 * and a cargo on it follows the same law. A branch takes its share of that; a transit passes on
 * what enters it at once, so that its inflow is a sum shared by all flows out of it. */
#include <string.h>

#include "program/build.h"

static const msc_process *process_of(const msc_build *b, const msc_arc *arc)
{
    return &b->model->process[arc->process];
}

static bool siblings(const msc_arc *a, const msc_arc *c)
{
    return a->process == c->process && a->instance == c->instance && a->cargo == c->cargo && a->from == c->from &&
           a->from_instance == c->from_instance;
}

/* The part of a process' flow that a branch takes (of it, one combination of its own names). */
static uint32_t branch_share(msc_build *b, const msc_arc *arc)
{
    const msc_branch *branch = &process_of(b, arc)->branch[arc->branch];
    if (branch->share) {
        return msc_build_expr(b, branch->share, arc->env, -1);
    }
    uint32_t share = msc_graph_number(&b->g, 1);
    for (size_t i = 0; branch->remainder && i < b->n_arc; i++) {
        const msc_arc *other = &b->arc[i];
        if (siblings(arc, other) && other->branch != arc->branch) {
            share = msc_graph_subtract(&b->g, share, branch_share(b, other));
        }
    }
    return share;
}

/* The amount whose flows a cargo copies. */
static int carrier_of(const msc_build *b, int amount)
{
    const int carrier = b->model->amount[amount].carrier;
    return carrier >= 0 ? carrier : amount;
}

/* The part of a transit's inflow that a process takes. */
static uint32_t process_share(msc_build *b, const msc_arc *arc)
{
    const msc_process *p = process_of(b, arc);
    if (!p->remainder) {
        return msc_build_expr(b, p->expr, arc->env, -1);
    }
    const uint32_t place = b->first_place[carrier_of(b, arc->from)] + arc->from_instance;
    uint32_t share = msc_graph_number(&b->g, 1);
    for (size_t i = 0; i < b->out_of[place].n; i++) {
        const msc_arc *other = &b->arc[b->out_of[place].arc[i]];
        bool seen = other->process == arc->process && other->instance == arc->instance;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = siblings(other, &b->arc[b->out_of[place].arc[k]]);
        }
        if (!seen) {
            share = msc_graph_subtract(&b->g, share, process_share(b, other));
        }
    }
    return share;
}

/* A value is part of a flow: a bolus goes on through it. */
static uint32_t flowing(msc_build *b, uint32_t id)
{
    b->g.node[id].flow = msc_op_arity(b->g.node[id].op) > 0;
    return id;
}

static bool has_flow(const msc_build *b, uint32_t id)
{
    const msc_graph_node *x = &b->g.node[id];
    bool has = x->flow || x->leaf == MSC_LEAF_GIVEN;
    for (int k = 0; k < msc_op_arity(x->op) && !has && x->cls == MSC_CLASS_STATE; k++) {
        has = has_flow(b, x->arg[k]);
    }
    return has;
}

/* A share that depends on a flow keeps a node of its own: there a bolus that is split by it ends. */
static uint32_t standing(msc_build *b, uint32_t share)
{
    if (b->g.node[share].cls == MSC_CLASS_STATE && has_flow(b, share)) {
        b->g.node[share].alone = true;
        b->g.node[share].flow = false;
    }
    return share;
}

/* What leaves an amount by a process, over all its branches. */
static uint32_t whole_flow(msc_build *b, const msc_arc *arc)
{
    const msc_process *p = process_of(b, arc);
    msc_graph *g = &b->g;
    switch (p->size) {
    case MSC_SIZE_SHARE: return flowing(b, msc_graph_multiply(g, standing(b, process_share(b, arc)),
                                             msc_build_inflow(b, arc->from, arc->from_instance)));
    case MSC_SIZE_RATE: return msc_build_expr(b, p->expr, arc->env, -1);
    case MSC_SIZE_HAZARD:
        return msc_graph_multiply(g, msc_build_expr(b, p->expr, arc->env, -1),
                                  msc_build_amount(b, arc->from, arc->from_instance));
    case MSC_SIZE_DWELL: {
        const uint32_t n = (uint32_t)b->model->amount[arc->from].stages;
        const uint32_t last = b->first_state[arc->from] + (arc->from_instance + 1) * n - 1;
        const uint32_t pace = msc_graph_op(g, MSC_OP_DIVIDE, msc_graph_number(g, n),
                                           msc_build_expr(b, p->expr, arc->env, -1), MSC_NONE);
        return msc_graph_multiply(g, pace, msc_graph_state(g, last));
    }
    }
    return MSC_NONE;
}

uint32_t msc_build_flow(msc_build *b, msc_arc *arc)
{
    if (arc->flow == MSC_NONE) {
        if (arc->busy) {
            msc_conf_fail(b->arena, process_of(b, arc)->origin, "the flow of '%s' depends on itself",
                          process_of(b, arc)->name);
        }
        arc->busy = true;
        const uint32_t whole = whole_flow(b, arc);
        arc->flow = flowing(b, msc_graph_multiply(&b->g, standing(b, branch_share(b, arc)), whole));
        arc->busy = false;
    }
    return arc->flow;
}

uint32_t msc_build_arriving(msc_build *b, msc_arc *arc)
{
    const uint32_t flow = msc_build_flow(b, arc);
    const msc_expr *yield = arc->cargo < 0 ? process_of(b, arc)->yield : NULL;
    return yield ? flowing(b, msc_graph_multiply(&b->g, standing(b, msc_build_expr(b, yield, arc->env, -1)), flow)) : flow;
}

uint32_t msc_build_process(msc_build *b, uint32_t process, uint32_t instance)
{
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = 0; i < b->n_arc; i++) {
        const msc_arc *arc = &b->arc[i];
        bool first = arc->process == process && arc->instance == instance && arc->cargo < 0;
        for (size_t k = i; first && k-- > 0 && b->arc[k].process == process && b->arc[k].instance == instance;) {
            first = !siblings(arc, &b->arc[k]);
        }
        if (first) {
            sum = msc_graph_add(&b->g, sum, whole_flow(b, arc));
        }
    }
    return sum;
}

uint32_t msc_build_flux(msc_build *b, int fate)
{
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = 0; i < b->n_arc; i++) {
        if (b->arc[i].fate == fate && b->arc[i].cargo < 0) {
            sum = msc_graph_add(&b->g, sum, msc_build_flow(b, &b->arc[i]));
        }
    }
    return sum;
}

uint32_t msc_build_inflow(msc_build *b, int amount, uint32_t instance)
{
    const msc_amount *a = &b->model->amount[amount];
    if (!b->inflow[amount]) {
        b->inflow[amount] = MSC_NEW(b->arena, uint32_t, a->shape.n);
        memset(b->inflow[amount], 0xff, a->shape.n * sizeof **b->inflow);
    }
    if (b->inflow[amount][instance] == MSC_NONE) {
        const uint32_t place = b->first_place[amount] + instance;
        uint32_t sum = msc_graph_number(&b->g, 0);
        for (size_t i = 0; i < b->into[place].n; i++) {
            sum = msc_graph_add(&b->g, sum, msc_build_arriving(b, &b->arc[b->into[place].arc[i]]));
        }
        for (size_t i = 0; i < b->n_gate; i++) {
            if (b->gate[i].to == amount && b->gate[i].to_instance == instance) {
                sum = msc_graph_add(&b->g, sum, msc_graph_given(&b->g, b->gate[i].given));
            }
        }
        flowing(b, sum);
        b->g.node[sum].named = true;
        b->g.node[sum].name =
            msc_arena_printf(b->arena, "into %s", msc_shape_label(b->arena, b->model, a->name, &a->shape, instance));
        b->inflow[amount][instance] = sum;
    }
    return b->inflow[amount][instance];
}

/* Does what flows into a place in transit depend on the state in how it is parted? */
static bool parted(msc_build *b, uint32_t place)
{
    const msc_amount *amount = b->model->amount;
    for (size_t i = 0; i < b->out_of[place].n; i++) {
        const msc_arc *arc = &b->arc[b->out_of[place].arc[i]];
        const msc_expr *yield = process_of(b, arc)->yield;
        const uint32_t part = msc_graph_multiply(&b->g, process_share(b, arc), branch_share(b, arc));
        if (b->g.node[part].cls == MSC_CLASS_STATE ||
            (yield && b->g.node[msc_build_expr(b, yield, arc->env, -1)].cls == MSC_CLASS_STATE) ||
            (arc->to >= 0 && amount[arc->to].transit && parted(b, b->first_place[arc->to] + arc->to_instance))) {
            return true;
        }
    }
    return false;
}

void msc_build_parted(msc_build *b)
{
    b->p->given_parted = MSC_NEW(b->arena, bool, b->n_given + 1);
    for (size_t i = 0; i < b->n_gate; i++) {
        const msc_gate *gate = &b->gate[i];
        if (gate->to >= 0 && b->model->amount[gate->to].transit) {
            b->p->given_parted[gate->given] = parted(b, b->first_place[gate->to] + gate->to_instance);
        }
    }
}

/* ---- rates of change ---- */

static void change(msc_build *b, uint32_t state, uint32_t flow, bool adds)
{
    uint32_t *rate = &b->state[state].rate;
    *rate = adds ? msc_graph_add(&b->g, *rate, flow) : msc_graph_subtract(&b->g, *rate, flow);
}

static void leave(msc_build *b, const msc_arc *arc)
{
    const msc_process *p = process_of(b, arc);
    const uint32_t n = (uint32_t)b->model->amount[arc->from].stages;
    const uint32_t first = b->first_state[arc->from] + arc->from_instance * n;
    const uint32_t size = msc_build_expr(b, p->expr, arc->env, -1);
    if (p->size == MSC_SIZE_RATE) {
        if (n > 1) {
            msc_conf_fail(b->arena, p->origin, "'%s' has %u stages, and a rate does not say from which it takes; give a hazard",
                          b->model->amount[arc->from].name, n);
        }
        change(b, first, size, false);
        return;
    }
    const uint32_t pace = p->size == MSC_SIZE_HAZARD
                              ? size
                              : msc_graph_op(&b->g, MSC_OP_DIVIDE, msc_graph_number(&b->g, n), size, MSC_NONE);
    for (uint32_t s = 0; s < n; s++) {
        const uint32_t flow = msc_graph_multiply(&b->g, pace, msc_graph_state(&b->g, first + s));
        change(b, first + s, flow, false);
        if (p->size == MSC_SIZE_DWELL && s + 1 < n) {
            change(b, first + s + 1, flow, true);
        }
    }
}

/* Only the first of a process instance's branches takes the flow out. */
static bool first_branch(const msc_build *b, size_t i)
{
    const msc_arc *arc = &b->arc[i];
    const uint32_t place = b->first_place[arc->from] + arc->from_instance;
    for (size_t k = 0; k < b->out_of[place].n && b->out_of[place].arc[k] < i; k++) {
        if (siblings(arc, &b->arc[b->out_of[place].arc[k]])) {
            return false;
        }
    }
    return true;
}

void msc_build_rates(msc_build *b)
{
    const msc_model *m = b->model;
    for (size_t i = 0; i < b->n_arc; i++) {
        msc_arc *arc = &b->arc[i];
        if (arc->from >= 0 && !m->amount[arc->from].transit && first_branch(b, i)) {
            leave(b, arc);
        }
        if (arc->to >= 0 && !m->amount[arc->to].transit) {
            change(b, b->first_state[arc->to] + arc->to_instance * (uint32_t)m->amount[arc->to].stages,
                   msc_build_arriving(b, arc), true);
        }
    }
    for (size_t i = 0; i < b->n_gate; i++) {
        const msc_gate *gate = &b->gate[i];
        if (gate->to >= 0 && !m->amount[gate->to].transit) {
            change(b, b->first_state[gate->to] + gate->to_instance * (uint32_t)m->amount[gate->to].stages,
                   msc_graph_given(&b->g, gate->given), true);
        }
    }
}

/* ---- what a step must satisfy ---- */

static void guard(msc_build *b, msc_guard_kind kind, msc_guard_measure measure, uint32_t value, uint32_t state,
                  const char *name, const msc_conf *origin)
{
    for (size_t i = 0; i < b->n_guard; i++) {
        if (b->guard[i].value == value && b->guard[i].guard.kind == kind) {
            return;
        }
    }
    *MSC_PUSH(b->arena, b->guard, b->n_guard, b->cap_guard) = (struct msc_build_guard){
        .guard = {.kind = kind, .measure = measure, .name = name, .where = msc_conf_where(b->arena, origin)},
        .value = value, .state = state};
}

/* Before the run if it depends on parameters alone, at every accepted step otherwise. */
static void watch(msc_build *b, msc_guard_kind kind, msc_guard_measure measure, uint32_t value, uint32_t state,
                  const char *name, const msc_conf *origin)
{
    if (b->g.node[value].cls > MSC_CLASS_PARAMETER) {
        guard(b, kind, measure, value, state, name, origin);
    } else if (b->g.node[value].cls == MSC_CLASS_PARAMETER || b->g.node[value].number < 0 ||
               (kind == MSC_GUARD_SHARE && b->g.node[value].number > 1)) {
        msc_build_need(b, value, kind == MSC_GUARD_SHARE ? MSC_TEST_SHARE : MSC_TEST_SIGN, MSC_NONE, true, origin,
                       kind == MSC_GUARD_SHARE ? "the share" : msc_arena_printf(b->arena, "%s: its size is negative", name));
    }
}

static void guard_size(msc_build *b, const msc_arc *arc, const char *name)
{
    const msc_process *p = process_of(b, arc);
    const msc_amount *amount = b->model->amount;
    const bool stays = arc->from >= 0 && !amount[arc->from].transit;
    uint32_t state = MSC_NONE; /* that a negative size would spoil */
    if (stays) {
        state = b->first_state[arc->from] + arc->from_instance * (uint32_t)amount[arc->from].stages;
    } else if (arc->to >= 0 && !amount[arc->to].transit) {
        state = b->first_state[arc->to] + arc->to_instance * (uint32_t)amount[arc->to].stages;
    }
    if (p->size == MSC_SIZE_SHARE) {
        watch(b, MSC_GUARD_SHARE, MSC_MEASURE_HAZARD, process_share(b, arc), MSC_NONE, name, p->origin);
        return;
    }
    const uint32_t size = msc_build_expr(b, p->expr, arc->env, -1);
    if (p->size == MSC_SIZE_DWELL && b->g.node[size].cls <= MSC_CLASS_PARAMETER) {
        msc_build_need(b, size, MSC_TEST_ABOVE, MSC_NONE, true, p->origin,
                       msc_arena_printf(b->arena, "%s: its dwell is not above 0", name));
        return;
    }
    watch(b, MSC_GUARD_FLOW, p->size == MSC_SIZE_RATE ? MSC_MEASURE_RATE : MSC_MEASURE_HAZARD,
          size, state, name, p->origin);
    if (p->size == MSC_SIZE_RATE && stays) {
        guard(b, MSC_GUARD_FLOW, MSC_MEASURE_STATE, msc_graph_state(&b->g, state), state,
              msc_arena_printf(b->arena, "%s, out of an empty amount", name), p->origin);
    }
}

/* Shares that add up to 1: a sum that may neither exceed it nor fall short of it. */
static void watch_total(msc_build *b, uint32_t sum, const char *what, const msc_conf *origin)
{
    if (b->g.node[sum].cls <= MSC_CLASS_PARAMETER) {
        msc_build_need(b, sum, MSC_TEST_TOTAL, msc_graph_number(&b->g, 1), true, origin,
                       msc_arena_printf(b->arena, "%s add up to", what));
        return;
    }
    const char *name = msc_arena_printf(b->arena, "%s do not add up to 1", what);
    const uint32_t rest = msc_graph_subtract(&b->g, msc_graph_number(&b->g, 2), sum);
    guard(b, MSC_GUARD_SHARE, MSC_MEASURE_HAZARD, sum, MSC_NONE, name, origin);
    guard(b, MSC_GUARD_SHARE, MSC_MEASURE_HAZARD, rest, MSC_NONE, name, origin);
}

/* The shares of a process' branches; `first` is the first of them. */
static void guard_branches(msc_build *b, size_t first, const char *name)
{
    const msc_process *p = process_of(b, &b->arc[first]);
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = first; i < b->n_arc && b->arc[i].process == b->arc[first].process; i++) {
        const msc_branch *branch = &p->branch[b->arc[i].branch];
        if (!siblings(&b->arc[first], &b->arc[i])) {
            continue;
        }
        if (branch->remainder || !branch->share) {
            return;
        }
        sum = msc_graph_add(&b->g, sum, branch_share(b, &b->arc[i]));
    }
    watch_total(b, sum, msc_arena_printf(b->arena, "the shares of %s", name), p->origin);
}

static void guard_total(msc_build *b, int amount, uint32_t instance)
{
    const uint32_t place = b->first_place[amount] + instance;
    const msc_amount *a = &b->model->amount[amount];
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = 0; i < b->out_of[place].n; i++) {
        const msc_arc *arc = &b->arc[b->out_of[place].arc[i]];
        if (process_of(b, arc)->remainder) {
            return;
        }
        if (first_branch(b, b->out_of[place].arc[i])) {
            sum = msc_graph_add(&b->g, sum, process_share(b, arc));
        }
    }
    const char *name = msc_shape_label(b->arena, b->model, a->name, &a->shape, instance);
    watch_total(b, sum, msc_arena_printf(b->arena, "the shares out of %s", name), a->origin);
}

void msc_build_guards(msc_build *b)
{
    const msc_model *m = b->model;
    for (size_t i = 0; i < b->n_arc; i++) {
        const msc_arc *arc = &b->arc[i];
        const msc_process *p = process_of(b, arc);
        if (arc->cargo >= 0) {
            continue;
        }
        const char *name = msc_arena_printf(
            b->arena, "process '%s'", msc_shape_label(b->arena, m, p->name, &p->shape, arc->instance));
        if (arc->from < 0 ? arc->branch == 0 : first_branch(b, i)) {
            guard_size(b, arc, name);
            guard_branches(b, i, name);
        }
        if (p->yield) {
            watch(b, MSC_GUARD_FLOW, MSC_MEASURE_HAZARD, msc_build_expr(b, p->yield, arc->env, -1), MSC_NONE,
                  msc_arena_printf(b->arena, "%s, its yield", name), p->origin);
        }
        if (p->branch[arc->branch].share || p->branch[arc->branch].remainder) {
            watch(b, MSC_GUARD_SHARE, MSC_MEASURE_HAZARD, branch_share(b, arc), MSC_NONE, name,
                  p->branch[arc->branch].origin);
        }
    }
    for (int a = 0; a < (int)m->n_amount; a++) {
        for (uint32_t i = 0; m->amount[a].transit && m->amount[a].cargo < 0 && i < m->amount[a].shape.n; i++) {
            guard_total(b, a, i);
        }
    }
}
