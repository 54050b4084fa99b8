/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No value depends on itself, element by element.
 *
 * Nodes are the instances of parameters, variables, processes (their current rates) and transits
 * (what flows through at this moment). Amounts are none: they are the state. A rate depends on its
 * formula, out of a transit also on what flows through and, as a remainder, on the other shares;
 * what flows through a transit depends on the processes into it and the shares of their branches.
 * The search is depth first with a stack of its own, since chains may be long. */
#include "model/reader.h"

#include <string.h>

typedef struct {
    size_t *node;
    size_t n, cap;
} node_list;

typedef enum { PARAMETER, VARIABLE, PROCESS, TRANSIT } node_kind;
typedef struct {
    node_kind kind;
    size_t entry; /* that it is an instance of */
} graph_node;

typedef struct {
    msc_reader *r;
    const msc_network *network;
    graph_node *node;
    size_t *parameter, *variable, *process, *transit; /* first node of each entry */
    size_t n, cap, first_rate, first_transit;
    size_t *into, *next_into; /* hops into a transit node: first + 1, next + 1, 0 ends */
    size_t *out, *next_out;   /* first hops of the process instances out of it */
    size_t *hop_of;           /* first hop + 1 of a process node, 0: does not exist */
    bool flow_only;           /* follow transits only */
} graph;

/* ---- what a formula depends on ---- */

static void push(graph *g, node_list *list, size_t node)
{
    *MSC_PUSH(g->r->arena, list->node, list->n, list->cap) = node;
}

static void push_instance(graph *g, node_list *list, size_t first, const msc_shape *shape,
                          const msc_expr *expr, const int *env)
{
    long instance = msc_shape_at(g->r->model, shape, expr->index, env);
    if (instance >= 0) {
        push(g, list, first + (size_t)instance);
    }
}

static void push_flux(graph *g, node_list *list, int fate)
{
    const msc_model *model = g->r->model;
    for (size_t i = 0; i < model->n_process; i++) {
        const msc_process *p = &model->process[i];
        bool has = false;
        for (size_t k = 0; k < p->n_branch; k++) {
            has = has || p->branch[k].fate == fate;
        }
        for (size_t k = 0; has && k < p->shape.n; k++) {
            push(g, list, g->process[i] + k);
        }
    }
}

static void push_expr(graph *g, node_list *list, const msc_expr *expr, int *env);

static void push_sum(graph *g, node_list *list, const msc_expr *expr, int *env)
{
    msc_shape shape = {.n_over = expr->n_bind, .over = expr->bind};
    shape.n = msc_shape_count(g->r->model, shape.n_over, shape.over);
    for (size_t i = 0; i < shape.n; i++) {
        msc_shape_env(g->r->model, &shape, i, env);
        push_expr(g, list, expr->arg[0], env);
    }
}

static void push_expr(graph *g, node_list *list, const msc_expr *expr, int *env)
{
    const msc_model *model = g->r->model;
    if (!expr) {
        return;
    }
    switch (expr->kind) {
    case MSC_X_PARAMETER:
        push_instance(g, list, g->parameter[expr->ref], &model->parameter[expr->ref].shape, expr,
                      env);
        break;
    case MSC_X_VARIABLE:
        push_instance(g, list, g->variable[expr->ref], &model->variable[expr->ref].shape, expr,
                      env);
        break;
    case MSC_X_PROCESS:
        push_instance(g, list, g->process[expr->ref], &model->process[expr->ref].shape, expr, env);
        break;
    case MSC_X_FLUX: push_flux(g, list, expr->ref); break;
    case MSC_X_SUM: push_sum(g, list, expr, env); break;
    default:
        for (int i = 0; i < expr->n_arg; i++) {
            push_expr(g, list, expr->arg[i], env);
        }
    }
}

/* ---- what a node depends on ---- */

static void push_value(graph *g, node_list *list, const msc_shape *shape, const msc_value *value,
                       size_t instance)
{
    int env[MSC_SLOTS] = {0};
    msc_shape_env(g->r->model, shape, instance, env);
    push_expr(g, list, value[instance].expr, env);
}

static void push_parameter(graph *g, node_list *list, size_t i, size_t instance)
{
    const msc_parameter *p = &g->r->model->parameter[i];
    int env[MSC_SLOTS] = {0};
    push_value(g, list, &p->shape, p->value, instance);
    if (p->value[instance].kind == MSC_VALUE_REMAINDER) {
        push_expr(g, list, p->total, env);
        for (size_t k = 0; k < p->shape.n; k++) {
            if (k != instance) {
                push(g, list, g->parameter[i] + k);
            }
        }
    }
}

static size_t transit_node(const graph *g, const msc_hop *hop, bool from)
{
    const msc_model *model = g->r->model;
    const msc_process *p = &model->process[hop->process];
    int amount = from ? p->from.amount : p->branch[hop->branch].to.amount;
    if (amount < 0 || !model->amount[amount].transit) {
        return g->n;
    }
    return g->transit[amount] + (size_t)(from ? hop->from : hop->to);
}

static void push_process(graph *g, node_list *list, size_t node)
{
    const msc_model *model = g->r->model;
    if (!g->hop_of[node]) {
        return;
    }
    msc_hop hop = g->network->hop[g->hop_of[node] - 1];
    const msc_process *p = &model->process[hop.process];
    push_expr(g, list, p->expr, hop.env);
    size_t from = transit_node(g, &hop, true);
    if (from == g->n) {
        return;
    }
    push(g, list, from);
    for (size_t i = g->out[from]; p->remainder && i; i = g->next_out[i - 1]) {
        msc_hop other = g->network->hop[i - 1];
        push_expr(g, list, model->process[other.process].expr, other.env);
    }
}

/* Upstream of a transit: the transit before it, or the processes into it and their shares. */
static void push_transit(graph *g, node_list *list, size_t node)
{
    const msc_model *model = g->r->model;
    for (size_t i = g->into[node]; i; i = g->next_into[i - 1]) {
        msc_hop hop = g->network->hop[i - 1];
        const msc_process *p = &model->process[hop.process];
        size_t before = transit_node(g, &hop, true);
        if (g->flow_only) {
            if (before < g->n) {
                push(g, list, before);
            }
            continue;
        }
        push(g, list, g->process[hop.process] + hop.instance);
        push_expr(g, list, p->yield, hop.env);
        push_expr(g, list, p->branch[hop.branch].share, hop.env);
        const msc_hop *others = g->network->hop + hop.first, *end = g->network->hop + g->network->n;
        if (!p->branch[hop.branch].remainder) {
            continue;
        }
        for (const msc_hop *k = others; k < end && k->first == hop.first; k++) {
            msc_hop other = *k;
            push_expr(g, list, p->branch[other.branch].share, other.env);
        }
    }
}

/* ---- nodes and entries ---- */

typedef struct {
    const char *name;
    const msc_shape *shape;
    const msc_conf *origin;
    size_t index, instance;
} node_entry;

static node_entry entry_of(const graph *g, size_t node)
{
    const msc_model *model = g->r->model;
    size_t i = g->node[node].entry;
    switch (g->node[node].kind) {
    case PARAMETER: {
        const msc_parameter *p = &model->parameter[i];
        return (node_entry){p->name, &p->shape, p->origin, i, node - g->parameter[i]};
    }
    case VARIABLE: {
        const msc_variable *v = &model->variable[i];
        return (node_entry){v->name, &v->shape, v->origin, i, node - g->variable[i]};
    }
    case PROCESS: {
        const msc_process *p = &model->process[i];
        return (node_entry){p->name, &p->shape, p->origin, i, node - g->process[i]};
    }
    case TRANSIT: break;
    }
    const msc_amount *a = &model->amount[i];
    return (node_entry){a->name, &a->shape, a->origin, i, node - g->transit[i]};
}

static void push_node(graph *g, node_list *list, size_t node)
{
    node_entry e = entry_of(g, node);
    switch (g->node[node].kind) {
    case PARAMETER: push_parameter(g, list, e.index, e.instance); break;
    case VARIABLE: {
        const msc_variable *v = &g->r->model->variable[e.index];
        push_value(g, list, &v->shape, v->value, e.instance);
        break;
    }
    case PROCESS: push_process(g, list, node); break;
    case TRANSIT: push_transit(g, list, node); break;
    }
}

/* ---- the search ---- */

typedef struct {
    size_t node, first, end; /* its dependencies in the list: [first, end) */
} frame;

_Noreturn static void fail_chain(graph *g, const frame *stack, size_t depth, size_t node)
{
    msc_arena *arena = g->r->arena;
    const char *text = "";
    size_t start = depth;
    while (stack[start - 1].node != node) {
        start--;
    }
    node_entry e = entry_of(g, node);
    for (size_t i = start - 1; i <= depth; i++) {
        node_entry step = entry_of(g, i < depth ? stack[i].node : node);
        const char *label =
            msc_shape_label(arena, g->r->model, step.name, step.shape, step.instance);
        const char *arrow = i == start - 1 ? "" : " -> ";
        text = g->flow_only ? msc_arena_printf(arena, "%s%s%s", label, arrow, text)
                            : msc_arena_printf(arena, "%s%s%s", text, arrow, label);
    }
    if (g->flow_only) {
        msc_conf_fail(arena, e.origin, "transits lead in a circle: %s", text);
    }
    msc_conf_fail(arena, e.origin, "depends on itself: %s", text);
}

static void search(graph *g, size_t from, size_t to)
{
    enum { NEW, OPEN, DONE };
    msc_arena *arena = g->r->arena;
    char *state = MSC_NEW(arena, char, g->n + 1);
    frame *stack = NULL;
    size_t depth = 0, cap = 0;
    node_list list = {0};
    for (size_t start = from; start < to; start++) {
        size_t next = start;
        bool enter = state[start] == NEW;
        while (enter || depth) {
            if (enter) {
                size_t first = list.n;
                state[next] = OPEN;
                push_node(g, &list, next);
                *MSC_PUSH(arena, stack, depth, cap) = (frame){next, first, list.n};
                enter = false;
            }
            frame *top = &stack[depth - 1];
            if (top->end == top->first) {
                state[top->node] = DONE;
                list.n = top->first;
                depth--;
                continue;
            }
            next = list.node[--top->end];
            if (state[next] == OPEN) {
                fail_chain(g, stack, depth, next);
            }
            enter = state[next] == NEW;
            list.n = enter ? top->end : list.n;
        }
    }
}

/* ---- setting up ---- */

static void add_nodes(graph *g, size_t *first, size_t entry, size_t n, node_kind kind)
{
    first[entry] = g->n;
    for (size_t i = 0; i < n; i++) {
        *MSC_PUSH(g->r->arena, g->node, g->n, g->cap) = (graph_node){kind, entry};
    }
}

static void number_nodes(graph *g)
{
    const msc_model *model = g->r->model;
    msc_arena *arena = g->r->arena;
    g->parameter = MSC_NEW(arena, size_t, model->n_parameter + 1);
    g->variable = MSC_NEW(arena, size_t, model->n_variable + 1);
    g->process = MSC_NEW(arena, size_t, model->n_process + 1);
    g->transit = MSC_NEW(arena, size_t, model->n_amount + 1);
    for (size_t i = 0; i < model->n_parameter; i++) {
        add_nodes(g, g->parameter, i, model->parameter[i].shape.n, PARAMETER);
    }
    g->first_rate = g->n;
    for (size_t i = 0; i < model->n_variable; i++) {
        add_nodes(g, g->variable, i, model->variable[i].shape.n, VARIABLE);
    }
    for (size_t i = 0; i < model->n_process; i++) {
        add_nodes(g, g->process, i, model->process[i].shape.n, PROCESS);
    }
    g->first_transit = g->n;
    for (size_t i = 0; i < model->n_amount; i++) {
        add_nodes(g, g->transit, i, model->amount[i].transit ? model->amount[i].shape.n : 0,
                  TRANSIT);
    }
}

static void link_hops(graph *g)
{
    msc_arena *arena = g->r->arena;
    size_t hops = g->network->n;
    g->into = MSC_NEW(arena, size_t, g->n + 1);
    g->out = MSC_NEW(arena, size_t, g->n + 1);
    g->hop_of = MSC_NEW(arena, size_t, g->n + 1);
    g->next_into = MSC_NEW(arena, size_t, hops + 1);
    g->next_out = MSC_NEW(arena, size_t, hops + 1);
    for (size_t i = hops; i-- > 0;) {
        const msc_hop *hop = &g->network->hop[i];
        size_t to = transit_node(g, hop, false), from = transit_node(g, hop, true);
        if (to < g->n) {
            g->next_into[i] = g->into[to];
            g->into[to] = i + 1;
        }
        if (hop->first == i) {
            g->hop_of[g->process[hop->process] + hop->instance] = i + 1;
            if (from < g->n) {
                g->next_out[i] = g->out[from];
                g->out[from] = i + 1;
            }
        }
    }
}

void msc_cycles_check(msc_reader *r, const msc_network *network)
{
    graph g = {.r = r, .network = network};
    number_nodes(&g);
    link_hops(&g);
    search(&g, 0, g.first_rate);
    g.flow_only = true;
    search(&g, g.first_transit, g.n);
    g.flow_only = false;
    search(&g, g.first_rate, g.n);
}
