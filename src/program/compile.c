/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The compiler: from a model, what is requested and the shape of a regimen to a program. */
#include <string.h>

#include "program/build.h"

/* Every stage of every amount that holds something. */
static void number_states(msc_build *b)
{
    const msc_model *m = b->model;
    b->first_state = MSC_NEW(b->arena, uint32_t, m->n_amount + 1);
    for (size_t a = 0; a < m->n_amount; a++) {
        const msc_amount *amount = &m->amount[a];
        b->first_state[a] = amount->transit ? MSC_NONE : (uint32_t)b->n_state;
        for (size_t i = 0; !amount->transit && i < amount->shape.n; i++) {
            const char *name = msc_shape_label(b->arena, m, amount->name, &amount->shape, i);
            for (int s = 0; s < amount->stages; s++) {
                *MSC_PUSH(b->arena, b->state, b->n_state, b->cap_state) = (msc_build_state){
                    .name = amount->stages > 1 ? msc_arena_printf(b->arena, "%s.%d", name, s + 1) : name,
                    .amount = (int)a, .origin = amount->origin, .pool = amount->pool, .scale = amount->pool >= 0 ? 1 : amount->factor};
            }
        }
    }
}

static void start_states(msc_build *b)
{
    const msc_model *m = b->model;
    const uint32_t zero = msc_graph_number(&b->g, 0);
    for (size_t s = 0; s < b->n_state; s++) {
        b->state[s].initial = b->state[s].rate = zero;
    }
    for (size_t a = 0; a < m->n_amount; a++) {
        for (size_t i = 0; m->amount[a].initial && !m->amount[a].transit && i < m->amount[a].shape.n; i++) {
            int env[MSC_SLOTS] = {0};
            msc_shape_env(m, &m->amount[a].shape, i, env);
            b->state[b->first_state[a] + i * (size_t)m->amount[a].stages].initial =
                msc_build_expr(b, m->amount[a].initial, env, -1);
            if (m->amount[a].pool >= 0) {
                msc_build_need(b, b->state[b->first_state[a] + i * (size_t)m->amount[a].stages].initial, MSC_TEST_SIGN,
                               MSC_NONE, true, m->amount[a].origin, "the initial amount is negative");
            }
        }
    }
}

static void put_checks(msc_build *b)
{
    const msc_model *m = b->model;
    for (size_t k = 0; k < m->n_check; k++) {
        const msc_check *c = &m->check[k];
        for (size_t i = 0; !c->doses && i < c->shape.n; i++) { /* those of doses: scenario/caution.c */
            int env[MSC_SLOTS] = {0};
            msc_shape_env(m, &c->shape, i, env);
            const uint32_t value = msc_build_expr(b, c->that, env, -1);
            const char *name =
                msc_arena_printf(b->arena, "check '%s'", msc_shape_label(b->arena, m, c->name, &c->shape, i));
            if (b->g.node[value].cls <= MSC_CLASS_PARAMETER) {
                msc_build_need(b, value, MSC_TEST_CHECK, MSC_NONE, true, c->origin, c->about ? c->about : name);
            } else {
                *MSC_PUSH(b->arena, b->guard, b->n_guard, b->cap_guard) = (struct msc_build_guard){
                    .guard = {.kind = MSC_GUARD_CHECK, .stop = c->stop, .name = name, .about = c->about,
                              .where = msc_conf_where(b->arena, c->origin)},
                    .value = value, .state = MSC_NONE};
            }
        }
    }
}

static void build(msc_build *b)
{
    const msc_model *m = b->model;
    msc_graph_init(&b->g, b->arena, m->table);
    b->p->table = m->table;
    b->p->n_table = (uint32_t)m->n_table;
    b->n_given = 1; /* time */
    b->parameter = MSC_NEW(b->arena, uint32_t **, b->request->n_dose + 1);
    for (size_t d = 0; d <= b->request->n_dose; d++) {
        b->parameter[d] = MSC_NEW(b->arena, uint32_t *, m->n_parameter + 1);
    }
    b->variable = MSC_NEW(b->arena, uint32_t *, m->n_variable + 1);
    b->inflow = MSC_NEW(b->arena, uint32_t *, m->n_amount + 1);
    number_states(b);
    msc_build_arcs(b);
    start_states(b);
    msc_build_totals(b);
    msc_build_doses(b);
    msc_build_starts(b);
    msc_build_rates(b);
    msc_build_parted(b);
    msc_build_guards(b);
    put_checks(b);
    msc_build_outputs(b);
    msc_build_ledger(b);
    msc_build_extras(b);
    msc_build_slice(b);
    msc_build_surges(b);
    msc_build_lower(b);
    msc_build_jacobian(b->arena, b->p);
    msc_build_order(b->arena, b->p);
    msc_build_keep_flows(b);
}

msc_status msc_program_compile(const msc_model *model, const msc_request *request, msc_program **program, msc_error *err)
{
    *program = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_build *b = MSC_NEW(arena, msc_build, 1);
    b->arena = arena;
    b->model = model;
    b->request = request;
    b->p = MSC_NEW(arena, msc_program, 1);
    b->p->arena = arena;
    b->p->model = model;
    build(b);
    *program = b->p;
    return MSC_OK;
}

void msc_program_free(msc_program *program)
{
    if (program) {
        msc_arena_free(program->arena);
    }
}
