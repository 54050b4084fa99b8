/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What doses bring, by routes and their branches, and the amounts at the start: gates, through which the engine lets in at a
 * dose what the graph says of it. */
#include "program/build.h"

static uint32_t gate_for(msc_build *b, int to, uint32_t to_instance, int fate, int pool, int cargo)
{
    for (uint32_t i = 0; i < b->n_gate; i++) {
        const msc_gate *g = &b->gate[i];
        if (g->to == to && g->to_instance == to_instance && g->pool == pool && g->cargo == cargo &&
            (to >= 0 || g->fate == fate)) {
            return i;
        }
    }
    *MSC_PUSH(b->arena, b->gate, b->n_gate, b->cap_gate) = (msc_gate){
        .to = to, .to_instance = to_instance, .fate = fate, .pool = pool, .cargo = cargo, .given = (uint32_t)b->n_given++};
    return (uint32_t)b->n_gate - 1;
}

static void enter(msc_build *b, uint32_t dose, const msc_place *to, const int *env, int fate, int pool, int cargo,
                  uint32_t amount)
{
    long at = 0;
    if (to->amount >= 0) {
        at = msc_shape_at(b->model, &b->model->amount[to->amount].shape, to->index, env);
        pool = b->model->amount[to->amount].pool;
    }
    if (at < 0 || msc_graph_is_number(&b->g, amount, 0)) {
        return;
    }
    const uint32_t gate = gate_for(b, to->amount, (uint32_t)at, fate, pool, cargo);
    *MSC_PUSH(b->arena, b->entry, b->n_entry, b->cap_entry) =
        (struct msc_build_entry){.dose = dose, .gate = gate, .amount = amount};
}

/* The cargo a unit of a dose brings, or MSC_NONE. */
static uint32_t load_of(msc_build *b, uint32_t dose, uint32_t cargo)
{
    const msc_dose_shape *shape = &b->request->dose[dose];
    for (size_t i = 0; i < shape->n_load; i++) {
        for (uint32_t k = 0; shape->load[i] == cargo && k < b->n_input; k++) {
            if (b->input[k].kind == MSC_INPUT_DOSE_LOAD && b->input[k].index == cargo && b->input[k].dose == dose) {
                return msc_graph_input(&b->g, k);
            }
        }
        if (shape->load[i] == cargo) {
            *MSC_PUSH(b->arena, b->input, b->n_input, b->cap_input) =
                (msc_input){.kind = MSC_INPUT_DOSE_LOAD, .index = cargo, .dose = dose};
            return msc_graph_input(&b->g, (uint32_t)b->n_input - 1);
        }
    }
    const int env[MSC_SLOTS] = {0};
    const msc_expr *load = b->model->cargo[cargo].load;
    return load ? msc_build_expr(b, load, env, (int)dose) : MSC_NONE;
}

/* What a dose says of itself: its amount, or how many of it there are. */
static uint32_t dose_input(msc_build *b, uint32_t dose, msc_input_kind kind)
{
    uint32_t k = 0;
    while (k < b->n_input && !(b->input[k].kind == kind && b->input[k].dose == dose)) {
        k++;
    }
    if (k == b->n_input) {
        *MSC_PUSH(b->arena, b->input, b->n_input, b->cap_input) = (msc_input){.kind = kind, .dose = dose};
    }
    return msc_graph_input(&b->g, k);
}

static uint32_t dose_amount(msc_build *b, uint32_t dose)
{
    const uint32_t amount = dose_input(b, dose, MSC_INPUT_DOSE_AMOUNT);
    const int env[MSC_SLOTS] = {0};
    const msc_expr *per = b->model->route[b->request->dose[dose].route].per;
    return b->request->dose[dose].per && per ? msc_graph_multiply(&b->g, amount, msc_build_expr(b, per, env, (int)dose))
                                             : amount;
}

/* Where a cargo given with a branch goes: rides on `to`, or falls; false: the branch knows none. */
static bool cargo_place(const msc_build *b, const msc_branch *branch, int cargo, msc_place *place)
{
    const int rider = branch->to.amount < 0 ? -1 : msc_model_rider(b->model, cargo, branch->to.amount);
    if (rider >= 0) {
        *place = branch->to;
        place->amount = rider;
        return true;
    }
    for (size_t f = 0; f < branch->n_fall; f++) {
        if (branch->fall[f].cargo == cargo) {
            *place = branch->fall[f].to;
            return true;
        }
    }
    return false;
}

static void enter_branch(msc_build *b, uint32_t dose, const msc_branch *branch, const int *env, uint32_t amount)
{
    enter(b, dose, &branch->to, env, branch->fate, b->model->route[b->request->dose[dose].route].pool, -1, amount);
    for (uint32_t c = 0; c < b->model->n_cargo; c++) {
        msc_place place;
        const uint32_t load = cargo_place(b, branch, (int)c, &place) ? load_of(b, dose, c) : MSC_NONE;
        if (load != MSC_NONE) {
            enter(b, dose, &place, env, branch->fate, b->model->cargo[c].pool, (int)c,
                  msc_graph_multiply(&b->g, amount, load));
        }
    }
}

/* Sum of the shares of a route's branch over the names it binds; entered on the way if `amount`. */
static uint32_t route_branch(msc_build *b, uint32_t dose, const msc_branch *branch, int bind, int *env, uint32_t amount,
                             uint32_t rest)
{
    const msc_model *m = b->model;
    if (bind < branch->n_bind) {
        const msc_set *set = &m->set[branch->bind[bind].set];
        uint32_t sum = msc_graph_number(&b->g, 0);
        for (size_t i = 0; i < set->n; i++) {
            env[branch->bind[bind].slot] = set->element[i];
            sum = msc_graph_add(&b->g, sum, route_branch(b, dose, branch, bind + 1, env, amount, rest));
        }
        return sum;
    }
    const uint32_t share = branch->remainder ? rest
                           : branch->share   ? msc_build_expr(b, branch->share, env, (int)dose)
                                             : msc_graph_number(&b->g, 1);
    if (amount != MSC_NONE) {
        const msc_conf *origin = b->request->dose[dose].origin;
        const char *route = m->route[b->request->dose[dose].route].name;
        msc_build_need(b, share, MSC_TEST_SHARE, MSC_NONE, true, origin ? origin : branch->origin,
                       msc_arena_printf(b->arena, "a share of route '%s'", route));
        enter_branch(b, dose, branch, env, msc_graph_multiply(&b->g, amount, share));
    }
    return share;
}

void msc_build_doses(msc_build *b)
{
    for (uint32_t d = 0; d < b->request->n_dose; d++) {
        const msc_route *route = &b->model->route[b->request->dose[d].route];
        int env[MSC_SLOTS] = {0};
        uint32_t sum = msc_graph_number(&b->g, 0);
        bool remainder = false;
        for (size_t k = 0; k < route->n_branch; k++) {
            remainder = remainder || route->branch[k].remainder;
            if (!route->branch[k].remainder) {
                sum = msc_graph_add(&b->g, sum, route_branch(b, d, &route->branch[k], 0, env, MSC_NONE, MSC_NONE));
            }
        }
        if (!remainder) {
            const msc_conf *origin = b->request->dose[d].origin;
            msc_build_need(b, sum, MSC_TEST_TOTAL, msc_graph_number(&b->g, 1), true, origin ? origin : route->origin,
                           msc_arena_printf(b->arena, "the shares of route '%s' add up to", route->name));
        }
        const uint32_t rest = msc_graph_subtract(&b->g, msc_graph_number(&b->g, 1), sum);
        const uint32_t amount = dose_amount(b, d);
        for (size_t k = 0; k < route->n_branch; k++) {
            route_branch(b, d, &route->branch[k], 0, env, amount, rest);
        }
    }
}

/* What is in transit at the start goes where a bolus would. */
void msc_build_starts(msc_build *b)
{
    const msc_model *m = b->model;
    for (int a = 0; a < (int)m->n_amount; a++) {
        const msc_amount *amount = &m->amount[a];
        for (uint32_t i = 0; amount->transit && amount->initial && i < amount->shape.n; i++) {
            int env[MSC_SLOTS] = {0};
            msc_shape_env(m, &amount->shape, i, env);
            const uint32_t there = msc_build_expr(b, amount->initial, env, -1);
            if (!msc_graph_is_number(&b->g, there, 0)) {
                const uint32_t gate = gate_for(b, a, i, -1, -1, -1);
                *MSC_PUSH(b->arena, b->entry, b->n_entry, b->cap_entry) =
                    (struct msc_build_entry){.dose = MSC_NONE, .gate = gate, .amount = there};
            }
        }
    }
}

/* Does the dose bring this cargo at all? */
static bool brings(const msc_build *b, uint32_t dose, int cargo)
{
    for (size_t i = 0; i < b->n_entry; i++) {
        if (b->entry[i].dose == dose && b->gate[b->entry[i].gate].cargo == cargo) {
            return true;
        }
    }
    return false;
}

uint32_t msc_build_dosed(msc_build *b, int pool, int cargo)
{
    msc_graph *g = &b->g;
    uint32_t sum = msc_graph_number(g, 0);
    for (uint32_t d = 0; d < b->request->n_dose; d++) {
        uint32_t once = msc_graph_number(g, 0);
        if (cargo < 0 && b->model->route[b->request->dose[d].route].pool == pool) {
            once = dose_amount(b, d);
        }
        for (int c = 0; c < (int)b->model->n_cargo; c++) {
            if ((c == cargo || (cargo < 0 && b->model->cargo[c].pool == pool)) && brings(b, d, c)) {
                once = msc_graph_add(g, once, msc_graph_multiply(g, dose_amount(b, d), load_of(b, d, (uint32_t)c)));
            }
        }
        if (!msc_graph_is_number(g, once, 0)) {
            sum = msc_graph_add(g, sum, msc_graph_multiply(g, dose_input(b, d, MSC_INPUT_DOSE_COUNT), once));
        }
    }
    return sum;
}

uint32_t msc_build_given(msc_build *b, int pool, int cargo)
{
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = 0; i < b->n_gate; i++) {
        if (cargo >= 0 ? b->gate[i].cargo == cargo : b->gate[i].pool == pool) {
            sum = msc_graph_add(&b->g, sum, msc_graph_given(&b->g, b->gate[i].given));
        }
    }
    const int scale = pool >= 0 ? pool : b->model->cargo[cargo].pool;
    return msc_build_integral(b, msc_arena_printf(b->arena, "given %s", b->model->pool[scale].name), sum, scale, 1, NULL);
}
