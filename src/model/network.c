/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What only shows when all instances of all processes are gone through: which cargo gets into which
 * transit, indices that lead nowhere, and what leaves each single amount. */
#include "model/formula.h"

#include <string.h>

/* ---- cargo in transit ---- */

static bool enters(msc_reader *r, int cargo, const msc_branch *branch)
{
    int to = branch->to.amount;
    if (to < 0 || !r->model->amount[to].transit || msc_model_rider(r->model, cargo, to) >= 0) {
        return false;
    }
    msc_cargo_add_rider(r, cargo, to);
    return true;
}

void msc_network_carry(msc_reader *r)
{
    const msc_model *model = r->model;
    for (int c = 0; c < (int)model->n_cargo; c++) {
        for (size_t i = 0; i < model->n_route; i++) {
            const msc_route *route = &model->route[i];
            for (size_t k = 0; msc_route_brings(model, route, c) && k < route->n_branch; k++) {
                enters(r, c, &route->branch[k]);
            }
        }
        for (bool more = true; more;) {
            more = false;
            for (size_t i = 0; i < model->n_process; i++) {
                const msc_process *p = &model->process[i];
                bool carried =
                    p->from.amount >= 0 && msc_model_rider(model, c, p->from.amount) >= 0;
                for (size_t k = 0; carried && k < p->n_branch; k++) {
                    more = enters(r, c, &p->branch[k]) || more;
                }
            }
        }
    }
}

/* ---- hops ---- */

/* Each index of a place leads to an element, or (`ends`) off the end of its set. */
void msc_place_check(msc_reader *r, const msc_place *place, const msc_conf *origin, const int *env,
                     bool ends)
{
    const msc_model *model = r->model;
    if (place->amount < 0) {
        return;
    }
    const msc_amount *a = &model->amount[place->amount];
    for (int i = 0; i < a->shape.n_over; i++) {
        const msc_set *in = &model->set[place->index[i].in];
        int element;
        msc_at at = msc_index_at(model, &place->index[i], env, &element);
        const char *label = model->set[in->root].label[element];
        if (at == MSC_AT_OUTSIDE) {
            msc_conf_fail(r->arena, origin, "'%s' is over '%s', which has no '%s'", a->name,
                          in->name, label);
        }
        if (at == MSC_AT_OFF_END && !ends) {
            msc_conf_fail(r->arena, origin, "'%s': nothing is %+d places from '%s' in '%s'",
                          a->name, place->index[i].shift, label, in->name);
        }
    }
}

static long place_instance(const msc_model *model, const msc_place *place, const int *env)
{
    return place->amount < 0
               ? -1
               : msc_shape_at(model, &model->amount[place->amount].shape, place->index, env);
}

static void add_branch(msc_reader *r, msc_network *network, const msc_hop *like, int number)
{
    const msc_model *model = r->model;
    const msc_process *p = &model->process[like->process];
    const msc_branch *branch = &p->branch[number];
    msc_shape own = msc_reader_shape(r, branch->bind, branch->n_bind, branch->origin);
    if (branch->remainder && own.n != 1) {
        msc_conf_fail(r->arena, branch->origin,
                      "%zu places cannot each be the remainder: one branch may be", own.n);
    }
    for (size_t i = 0; i < own.n; i++) {
        msc_hop hop = *like;
        hop.branch = number;
        msc_shape_env(model, &own, i, hop.env);
        msc_place_check(r, &branch->to, branch->origin, hop.env, true);
        hop.to = place_instance(model, &branch->to, hop.env);
        if (branch->to.amount >= 0 && hop.to < 0) {
            continue;
        }
        msc_formula_check(r, branch->share, hop.env);
        for (size_t k = 0; k < branch->n_fall; k++) {
            msc_place_check(r, &branch->fall[k].to, branch->origin, hop.env, false);
        }
        *MSC_PUSH(r->arena, network->hop, network->n, network->cap) = hop;
    }
}

static void add_process(msc_reader *r, msc_network *network, int number)
{
    const msc_model *model = r->model;
    const msc_process *p = &model->process[number];
    for (size_t i = 0; i < p->shape.n; i++) {
        msc_hop hop = {.process = number, .instance = i, .first = network->n};
        msc_shape_env(model, &p->shape, i, hop.env);
        msc_place_check(r, &p->from, p->origin, hop.env, true);
        if (!msc_process_exists(model, p, hop.env)) {
            continue;
        }
        hop.from = place_instance(model, &p->from, hop.env);
        msc_formula_check(r, p->expr, hop.env);
        msc_formula_check(r, p->yield, hop.env);
        for (size_t k = 0; k < p->n_branch; k++) {
            add_branch(r, network, &hop, (int)k);
        }
    }
}

/* ---- what leaves an amount ---- */

typedef struct {
    const msc_process *dwell, *remainder;
    bool leaves;
} exits;

static void check_exit(msc_reader *r, const msc_process *p, exits *e, const char *label)
{
    if (p->size == MSC_SIZE_DWELL && e->dwell == p) {
        msc_conf_fail(r->arena, p->origin,
                      "%s would have one dwell for each place it goes to: give into", label);
    }
    if (p->size == MSC_SIZE_DWELL && e->dwell) {
        msc_conf_fail(r->arena, p->origin, "%s has a dwell already, by '%s'", label,
                      e->dwell->name);
    }
    if (p->remainder && e->remainder == p) {
        msc_conf_fail(r->arena, p->origin,
                      "%s would have one remainder for each place it goes to: give into", label);
    }
    if (p->remainder && e->remainder) {
        msc_conf_fail(r->arena, p->origin, "%s has a remainder already, by '%s'", label,
                      e->remainder->name);
    }
    e->dwell = p->size == MSC_SIZE_DWELL ? p : e->dwell;
    e->remainder = p->remainder ? p : e->remainder;
    e->leaves = true;
}

static void note_hazards(msc_reader *r, const msc_process *dwell)
{
    msc_model *model = r->model;
    for (size_t i = 0; i < model->n_process; i++) {
        const msc_process *p = &model->process[i];
        if (p->size == MSC_SIZE_HAZARD && p->from.amount == dwell->from.amount &&
            p->from.amount >= 0) {
            msc_notes_add(&model->notes, r->arena, msc_conf_where(r->arena, p->origin),
                          "its hazard shortens the stay in '%s' that '%s' gives",
                          model->amount[p->from.amount].name, dwell->name);
        }
    }
}

static void check_exits(msc_reader *r, const msc_network *network, int number)
{
    const msc_model *model = r->model;
    const msc_amount *a = &model->amount[number];
    exits *exit = MSC_NEW(r->arena, exits, a->shape.n + 1);
    const msc_process *dwell = NULL;
    for (size_t i = 0; i < network->n; i++) {
        const msc_hop *hop = &network->hop[i];
        const msc_process *p = &model->process[hop->process];
        if (hop->first == i && p->from.amount == number) {
            check_exit(r, p, &exit[hop->from],
                       msc_shape_label(r->arena, model, a->name, &a->shape, (size_t)hop->from));
            dwell = p->size == MSC_SIZE_DWELL ? p : dwell;
        }
    }
    for (size_t i = 0; a->transit && a->cargo < 0 && i < a->shape.n; i++) {
        if (!exit[i].leaves) {
            msc_conf_fail(r->arena, a->origin, "nothing leaves %s, and nothing may stay in it",
                          msc_shape_label(r->arena, model, a->name, &a->shape, i));
        }
    }
    if (dwell) {
        note_hazards(r, dwell);
    }
}

msc_network msc_network_read(msc_reader *r)
{
    msc_network network = {0};
    for (size_t i = 0; i < r->model->n_process; i++) {
        add_process(r, &network, (int)i);
    }
    for (size_t i = 0; i < r->model->n_amount; i++) {
        check_exits(r, &network, (int)i);
    }
    return network;
}
