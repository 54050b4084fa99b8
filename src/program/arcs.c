/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which process moves what from where to where: every process over all its indices and branches,
 * and every cargo that rides along. Structure only, no formula is looked at. */
#include <string.h>

#include "program/build.h"

static uint32_t place_of(const msc_build *b, int amount, uint32_t instance)
{
    return b->first_place[amount] + instance;
}

/* The instance a place means in an environment; -1: none (off the end of a set). */
static long instance_at(const msc_build *b, const msc_place *place, const int *env)
{
    return place->amount < 0 ? 0
                             : msc_shape_at(b->model, &b->model->amount[place->amount].shape, place->index, env);
}

static void put(msc_build *b, const msc_arc *arc)
{
    const uint32_t number = (uint32_t)b->n_arc;
    *MSC_PUSH(b->arena, b->arc, b->n_arc, b->cap_arc) = *arc;
    if (arc->to >= 0) {
        const uint32_t k = place_of(b, arc->to, arc->to_instance);
        *MSC_PUSH(b->arena, b->into[k].arc, b->into[k].n, b->into[k].cap) = number;
    }
    if (arc->from >= 0) {
        const uint32_t k = place_of(b, arc->from, arc->from_instance);
        *MSC_PUSH(b->arena, b->out_of[k].arc, b->out_of[k].n, b->out_of[k].cap) = number;
    }
}

/* What a cargo does when its carrier takes this arc: goes on riding, or falls. */
static void put_riders(msc_build *b, const msc_arc *own, const msc_branch *branch)
{
    const msc_model *m = b->model;
    for (int c = 0; own->from >= 0 && c < (int)m->n_cargo; c++) {
        msc_arc arc = *own;
        arc.cargo = c;
        arc.from = msc_model_rider(m, c, own->from);
        if (arc.from < 0) {
            continue;
        }
        arc.to = own->to < 0 ? -1 : msc_model_rider(m, c, own->to);
        for (size_t i = 0; arc.to < 0 && i < branch->n_fall; i++) {
            if (branch->fall[i].cargo == c && branch->fall[i].to.amount >= 0) {
                arc.to = branch->fall[i].to.amount;
                const long at = instance_at(b, &branch->fall[i].to, arc.env);
                if (at < 0) {
                    msc_conf_fail(b->arena, branch->origin, "the cargo '%s' has no place to fall to here",
                                  m->cargo[c].name);
                }
                arc.to_instance = (uint32_t)at;
            }
        }
        put(b, &arc);
    }
}

/* All combinations of the names that a branch's `to` binds by itself. */
static void put_branch(msc_build *b, msc_arc *arc, const msc_branch *branch, int bind)
{
    const msc_model *m = b->model;
    if (bind < branch->n_bind) {
        const msc_set *set = &m->set[branch->bind[bind].set];
        for (size_t i = 0; i < set->n; i++) {
            arc->env[branch->bind[bind].slot] = set->element[i];
            put_branch(b, arc, branch, bind + 1);
        }
        return;
    }
    const long to = instance_at(b, &branch->to, arc->env);
    if (to < 0) {
        return; /* a neighbour off the end: no such instance */
    }
    arc->to = branch->to.amount;
    arc->to_instance = (uint32_t)to;
    put(b, arc);
    put_riders(b, arc, branch);
}

static void put_instance(msc_build *b, uint32_t process, uint32_t instance, int from, uint32_t from_instance,
                         const int *env)
{
    const msc_process *p = &b->model->process[process];
    for (uint32_t k = 0; k < p->n_branch; k++) {
        msc_arc arc = {.process = process, .instance = instance, .branch = k, .cargo = -1, .from = from,
                       .from_instance = from_instance, .fate = p->branch[k].fate, .flow = MSC_NONE};
        memcpy(arc.env, env, sizeof arc.env);
        put_branch(b, &arc, &p->branch[k], 0);
    }
}

/* A process on a whole cargo: wherever it rides and stays. */
static void put_cargo_process(msc_build *b, uint32_t process, uint32_t instance, const int *env)
{
    const msc_model *m = b->model;
    const msc_cargo *cargo = &m->cargo[m->process[process].cargo];
    for (size_t r = 0; r < cargo->n_rider; r++) {
        const msc_amount *rider = &m->amount[cargo->rider[r]];
        for (uint32_t i = 0; !rider->transit && i < rider->shape.n; i++) {
            put_instance(b, process, instance, cargo->rider[r], i, env);
        }
    }
}

void msc_build_arcs(msc_build *b)
{
    const msc_model *m = b->model;
    b->first_place = MSC_NEW(b->arena, uint32_t, m->n_amount);
    for (size_t a = 0; a < m->n_amount; a++) {
        b->first_place[a] = b->n_place;
        b->n_place += (uint32_t)m->amount[a].shape.n;
    }
    b->into = msc_arena_alloc(b->arena, b->n_place, sizeof *b->into);
    b->out_of = msc_arena_alloc(b->arena, b->n_place, sizeof *b->out_of);
    for (uint32_t p = 0; p < m->n_process; p++) {
        const msc_process *process = &m->process[p];
        for (uint32_t i = 0; i < process->shape.n; i++) {
            int env[MSC_SLOTS] = {0};
            msc_shape_env(m, &process->shape, i, env);
            if (!msc_process_exists(m, process, env)) {
                continue;
            }
            const long from = instance_at(b, &process->from, env);
            if (process->cargo >= 0) {
                put_cargo_process(b, p, i, env);
            } else if (from >= 0) {
                put_instance(b, p, i, process->from.amount, (uint32_t)from, env);
            }
        }
    }
}
