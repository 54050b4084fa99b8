/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands in the way of derivatives: events whose time depends on what is varied. There a term
 * for the jump would be due, which variations on the scenario's own steps do not have. */
#include "program/program.h"

/* Which registers depend on the input. */
static bool *dependent(const msc_program *p, uint32_t input, msc_arena *arena)
{
    bool *is = MSC_NEW(arena, bool, p->n_register + 1);
    for (uint32_t i = 0; i < p->n_register; i++) {
        const msc_instruction *op = &p->prologue[i];
        is[i] = op->op == MSC_OP_INPUT && op->arg[0] == input;
        for (int k = 0; k < msc_op_arity(op->op); k++) {
            is[i] = is[i] || is[op->arg[k]];
        }
    }
    return is;
}

const char *msc_program_moves_stop(const msc_program *p, uint32_t input, msc_arena *arena)
{
    const bool *reg = dependent(p, input, arena);
    bool *clock = MSC_NEW(arena, bool, p->n_clock + 1);
    for (uint32_t i = 0; i < p->n_clock; i++) {
        const msc_instruction *op = &p->clock[i];
        for (int k = 0; k < msc_op_arity(op->op); k++) {
            const bool own = (int32_t)op->arg[k] < 0;
            clock[i] = clock[i] || (own ? clock[~op->arg[k]] : reg[op->arg[k]]);
        }
    }
    for (uint32_t i = 0; i < p->n_switch; i++) {
        if (p->switches[i].jumps && clock[p->switches[i].clock]) {
            return p->switches[i].name;
        }
    }
    return NULL;
}

static bool is_switch(const msc_program *p, int32_t arg)
{
    for (uint32_t i = 0; arg >= 0 && i < p->n_switch; i++) {
        if ((uint32_t)arg == p->first_given + p->switches[i].slot) {
            return true;
        }
    }
    return arg < 0; /* of parameters */
}

const char *msc_program_jumps(const msc_program *p)
{
    for (uint32_t i = 0; i < p->n_special; i++) {
        const msc_special *s = &p->special[i];
        const bool condition = s->op >= MSC_OP_IF && s->op <= MSC_OP_NOT;
        bool still = true;
        for (int k = 0; k < (s->op == MSC_OP_IF ? 1 : msc_op_arity(s->op)); k++) {
            still = still && is_switch(p, s->arg[k]);
        }
        if (condition && !still && s->node < p->n_node) {
            return p->node_name[s->node];
        }
    }
    return NULL;
}
