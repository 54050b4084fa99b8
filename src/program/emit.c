/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a program's flat tables. See emit.h. */
#include "program/emit.h"

#include <string.h>

void msc_emit_init(msc_emit *e, msc_build *b)
{
    memset(e, 0, sizeof *e);
    e->b = b;
}

/* ---- prologue and clock ---- */

static void grow(msc_emit *e, uint32_t id)
{
    if (id < e->cap_memo) {
        return;
    }
    const size_t cap = 2 * (e->cap_memo + id + 1);
    uint32_t **memo[] = {&e->register_of, &e->coef_of, &e->clock_of};
    for (size_t i = 0; i < sizeof memo / sizeof *memo; i++) {
        uint32_t *more = MSC_NEW(e->b->arena, uint32_t, cap);
        memset(more, 0xff, cap * sizeof *more);
        if (e->cap_memo > 0) {
            memcpy(more, *memo[i], e->cap_memo * sizeof *more);
        }
        *memo[i] = more;
    }
    e->cap_memo = cap;
}

static msc_instruction instruction(const msc_graph_node *x)
{
    return (msc_instruction){.op = x->op, .number = x->number, .arg = {MSC_NONE, MSC_NONE, MSC_NONE},
                             .table = x->op == MSC_OP_TABLE ? x->ref : 0, .row = x->row};
}

uint32_t msc_emit_register(msc_emit *e, uint32_t id)
{
    grow(e, id);
    if (e->register_of[id] == MSC_NONE) {
        const msc_graph_node x = e->b->g.node[id];
        msc_instruction op = instruction(&x);
        if (x.op == MSC_OP_INPUT) {
            op.arg[0] = x.ref;
        }
        for (int i = 0; i < msc_op_arity(x.op); i++) {
            op.arg[i] = msc_emit_register(e, x.arg[i]);
        }
        *MSC_PUSH(e->b->arena, e->prologue, e->n_register, e->cap_register) = op;
        e->register_of[id] = (uint32_t)e->n_register - 1;
    }
    return e->register_of[id];
}

uint32_t msc_emit_coef(msc_emit *e, uint32_t id)
{
    const uint32_t reg = msc_emit_register(e, id);
    if (e->coef_of[id] == MSC_NONE) {
        *MSC_PUSH(e->b->arena, e->coef, e->n_coef, e->cap_coef) = reg;
        e->coef_of[id] = (uint32_t)e->n_coef - 1;
    }
    return e->coef_of[id];
}

/* The clock's value of an expression of time. */
static uint32_t clock_value(msc_emit *e, uint32_t id)
{
    grow(e, id);
    if (e->clock_of[id] == MSC_NONE) {
        const msc_graph_node x = e->b->g.node[id];
        msc_instruction op = instruction(&x);
        for (int i = 0; i < msc_op_arity(x.op); i++) {
            op.arg[i] = e->b->g.node[x.arg[i]].cls == MSC_CLASS_CLOCK ? ~clock_value(e, x.arg[i])
                                                                      : msc_emit_register(e, x.arg[i]);
        }
        *MSC_PUSH(e->b->arena, e->clock, e->n_clock, e->cap_clock) = op;
        e->clock_of[id] = (uint32_t)e->n_clock - 1;
        if (x.op == MSC_OP_TABLE) {
            msc_emit_time_table(e, x.ref, x.arg[0]);
        }
    }
    return e->clock_of[id];
}

uint32_t msc_emit_switch(msc_emit *e, uint32_t condition, bool jumps)
{
    for (size_t i = 0; i < e->n_switch; i++) {
        if (e->switch_id[i] == condition) {
            e->switches[i].jumps = e->switches[i].jumps || jumps;
            return MSC_U_GIVEN | e->switches[i].slot;
        }
    }
    const uint32_t clock = clock_value(e, condition);
    const uint32_t slot = (uint32_t)e->b->n_given++;
    size_t n = e->n_switch;
    *MSC_PUSH(e->b->arena, e->switch_id, n, e->cap_switch_id) = condition;
    const char *name = e->b->g.node[condition].name;
    *MSC_PUSH(e->b->arena, e->switches, e->n_switch, e->cap_switch) =
        (struct msc_switch){.slot = slot, .clock = clock, .jumps = jumps, .name = name ? name : "a condition on time"};
    return MSC_U_GIVEN | slot;
}

void msc_emit_time_table(msc_emit *e, uint32_t table, uint32_t arg)
{
    const uint32_t clock = clock_value(e, arg);
    for (size_t i = 0; i < e->n_time_table; i++) {
        if (e->time_table[i].table == table && e->time_table[i].clock == clock) {
            return;
        }
    }
    *MSC_PUSH(e->b->arena, e->time_table, e->n_time_table, e->cap_time_table) =
        (struct msc_time_table){.table = table, .clock = clock};
}

void msc_emit_smooth(msc_emit *e, uint32_t id)
{
    const size_t n_table = e->n_time_table;
    e->n_switching = e->n_smooth == 0 ? e->n_clock : e->n_switching;
    const uint32_t clock = clock_value(e, id);
    e->n_switching = e->n_time_table > n_table ? e->n_clock : e->n_switching;
    *MSC_PUSH(e->b->arena, e->smooth, e->n_smooth, e->cap_smooth) = clock;
}

/* ---- rows ---- */

uint32_t msc_emit_node(msc_emit *e, const char *name, bool flow)
{
    size_t n = e->n_node;
    *MSC_PUSH(e->b->arena, e->node_flow, n, e->cap_flow) = flow;
    n = e->n_node;
    *MSC_PUSH(e->b->arena, e->node_name, n, e->cap_name) = name;
    return MSC_U_NODE | e->n_node++;
}

void msc_emit_row(msc_emit *e, msc_emit_rows *rows)
{
    *MSC_PUSH(e->b->arena, rows->at, rows->n, rows->cap) =
        (struct msc_emit_at){rows->n_one, rows->n_linear, rows->n_bilinear};
}

void msc_emit_term(msc_emit *e, msc_emit_rows *rows, uint32_t coef, int degree, const uint32_t *u)
{
    const uint32_t c = msc_emit_coef(e, coef);
    if (degree == 0) {
        *MSC_PUSH(e->b->arena, rows->one, rows->n_one, rows->cap_one) = c;
    } else if (degree == 1) {
        *MSC_PUSH(e->b->arena, rows->linear, rows->n_linear, rows->cap_linear) = (msc_linear){c, u[0]};
    } else {
        *MSC_PUSH(e->b->arena, rows->bilinear, rows->n_bilinear, rows->cap_bilinear) = (msc_bilinear){c, u[0], u[1]};
    }
}

void msc_emit_special(msc_emit *e, msc_op op, const msc_emit_operand *arg, uint32_t table, uint32_t row)
{
    struct msc_emit_one_special s = {.op = op, .node = e->n_node - 1, .table = table, .row = row};
    memcpy(s.arg, arg, sizeof s.arg);
    *MSC_PUSH(e->b->arena, e->special, e->n_special, e->cap_special) = s;
}

/* ---- places at last ---- */

static uint32_t place(const msc_program *p, uint32_t u)
{
    const uint32_t number = u & MSC_U_NUMBER;
    if (u & MSC_U_GIVEN) {
        return p->first_given + number;
    }
    if (u & MSC_U_NODE) {
        return number < p->n_node ? p->n_state + number : p->first_extra + number - p->n_node;
    }
    return number;
}

static void finish_rows(const msc_emit *e, const msc_emit_rows *from, msc_rows *to)
{
    msc_arena *arena = e->b->p->arena;
    to->n = (uint32_t)from->n;
    to->one_at = MSC_NEW(arena, uint32_t, from->n + 1);
    to->linear_at = MSC_NEW(arena, uint32_t, from->n + 1);
    to->bilinear_at = MSC_NEW(arena, uint32_t, from->n + 1);
    for (size_t r = 0; r <= from->n; r++) {
        const bool end = r == from->n;
        to->one_at[r] = (uint32_t)(end ? from->n_one : from->at[r].one);
        to->linear_at[r] = (uint32_t)(end ? from->n_linear : from->at[r].linear);
        to->bilinear_at[r] = (uint32_t)(end ? from->n_bilinear : from->at[r].bilinear);
    }
    to->one = from->one;
    to->linear = from->linear;
    to->bilinear = from->bilinear;
    for (size_t i = 0; i < from->n_linear; i++) {
        to->linear[i].u = place(e->b->p, to->linear[i].u);
    }
    for (size_t i = 0; i < from->n_bilinear; i++) {
        to->bilinear[i].u = place(e->b->p, to->bilinear[i].u);
        to->bilinear[i].v = place(e->b->p, to->bilinear[i].v);
    }
}

static void finish_specials(const msc_emit *e)
{
    msc_program *p = e->b->p;
    p->n_special = (uint32_t)e->n_special;
    p->special = MSC_NEW(p->arena, msc_special, e->n_special + 1);
    p->special_of = MSC_NEW(p->arena, uint32_t, e->n_node + 1);
    memset(p->special_of, 0xff, (e->n_node + 1) * sizeof *p->special_of);
    for (uint32_t i = 0; i < e->n_special; i++) {
        const struct msc_emit_one_special *s = &e->special[i];
        p->special[i] = (msc_special){.op = s->op, .node = s->node, .table = s->table, .row = s->row};
        for (int k = 0; k < 3; k++) {
            const bool used = k < msc_op_arity(s->op);
            p->special[i].arg[k] = !used              ? -1
                                   : s->arg[k].is_coef ? ~(int32_t)s->arg[k].index
                                                       : (int32_t)place(p, s->arg[k].index);
        }
        p->special_of[s->node] = i;
    }
}

static void finish_states(msc_emit *e)
{
    msc_build *b = e->b;
    msc_program *p = b->p;
    p->initial = MSC_NEW(p->arena, uint32_t, p->n_state + 1);
    p->state_pool = MSC_NEW(p->arena, int, p->n_state + 1);
    p->state_scale = MSC_NEW(p->arena, double, p->n_state + 1);
    p->state_name = MSC_NEW(p->arena, const char *, p->n_state + 1);
    for (size_t s = 0; s < b->n_state; s++) {
        const msc_build_state *state = &b->state[s];
        const uint32_t i = state->index;
        if (i != MSC_NONE) {
            p->initial[i] = msc_graph_is_number(&b->g, state->initial, 0) ? MSC_NONE : msc_emit_register(e, state->initial);
            p->state_pool[i] = state->pool;
            p->state_scale[i] = state->scale;
            p->state_name[i] = state->name;
        }
    }
}

static void finish_lists(msc_emit *e)
{
    msc_build *b = e->b;
    msc_program *p = b->p;
    for (size_t i = 0; i < b->n_test; i++) {
        b->test[i].reg = msc_emit_register(e, b->test[i].reg);
        b->test[i].reg2 = b->test[i].reg2 == MSC_NONE ? MSC_NONE : msc_emit_register(e, b->test[i].reg2);
    }
    p->n_test = (uint32_t)b->n_test, p->test = b->test;
    p->n_entry = (uint32_t)b->n_entry;
    p->entry = MSC_NEW(p->arena, msc_entry, b->n_entry + 1);
    for (size_t i = 0; i < b->n_entry; i++) {
        p->entry[i] = (msc_entry){.dose = b->entry[i].dose, .slot = b->gate[b->entry[i].gate].given,
                                  .amount = msc_emit_register(e, b->entry[i].amount)};
    }
    p->given_pool = MSC_NEW(p->arena, int, p->n_given + 1);
    for (uint32_t i = 0; i <= p->n_given; i++) {
        p->given_pool[i] = -1;
    }
    for (size_t i = 0; i < b->n_gate; i++) {
        const int to = b->gate[i].to;
        p->given_pool[b->gate[i].given] = to >= 0 ? b->model->amount[to].pool : b->gate[i].pool;
    }
    p->n_guard = (uint32_t)b->n_guard;
    p->guard = MSC_NEW(p->arena, msc_guard, b->n_guard + 1);
    for (size_t i = 0; i < b->n_guard; i++) {
        p->guard[i] = b->guard[i].guard;
        p->guard[i].state = b->guard[i].state == MSC_NONE ? MSC_NONE : b->state[b->guard[i].state].index;
    }
    p->n_quantity = (uint32_t)b->n_quantity, p->quantity = b->quantity;
    p->n_input = (uint32_t)b->n_input, p->input = b->input;
}

static void finish_smooth(const msc_emit *e)
{
    msc_program *p = e->b->p;
    p->n_clock = (uint32_t)(e->n_smooth > 0 ? e->n_switching : e->n_clock);
    p->n_clock_all = (uint32_t)e->n_clock;
    p->n_smooth = (uint32_t)e->n_smooth;
    p->smooth = MSC_NEW(p->arena, struct msc_smooth, e->n_smooth + 1);
    bool *need = MSC_NEW(p->arena, bool, e->n_clock + 1);
    for (size_t s = 0; s < e->n_smooth; s++) {
        struct msc_smooth *f = &p->smooth[s];
        memset(need, 0, e->n_clock * sizeof *need);
        f->clock = e->smooth[s];
        need[f->clock] = true;
        for (uint32_t i = f->clock + 1; i-- > 0;) {
            for (int k = 0; need[i] && k < msc_op_arity(e->clock[i].op); k++) {
                if ((int32_t)e->clock[i].arg[k] < 0) {
                    need[~e->clock[i].arg[k]] = true;
                }
            }
        }
        f->step = MSC_NEW(p->arena, uint32_t, f->clock + 1);
        for (uint32_t i = 0; i <= f->clock; i++) {
            if (need[i]) {
                f->step[f->n_step++] = i;
            }
        }
    }
}

void msc_emit_finish(msc_emit *e)
{
    msc_program *p = e->b->p;
    p->n_given = (uint32_t)e->b->n_given;
    p->first_given = p->n_state + p->n_node;
    p->first_extra = p->first_given + p->n_given;
    p->n_u = p->first_extra + p->n_guard_node + p->n_output_node;
    finish_rows(e, &e->rate_row, &p->rate);
    finish_rows(e, &e->node_row, &p->node);
    finish_rows(e, &e->guard_row, &p->guard_row);
    finish_rows(e, &e->out_row, &p->out);
    finish_specials(e);
    finish_states(e);
    finish_lists(e);
    p->node_name = e->node_name;
    p->node_flow = e->node_flow;
    p->n_register = (uint32_t)e->n_register, p->prologue = e->prologue;
    p->n_coef = (uint32_t)e->n_coef, p->coef = e->coef;
    p->clock = e->clock;
    finish_smooth(e);
    p->n_switch = (uint32_t)e->n_switch, p->switches = e->switches;
    p->n_time_table = (uint32_t)e->n_time_table, p->time_table = e->time_table;
}
