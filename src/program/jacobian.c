/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Derivatives of rates and nodes by states, nodes and time. In rows they can be read off: c u gives
 * c, c u v gives c v and c u; a special's partials are the engine's to compute (op.c). Doses and
 * switches are constant between stops and have no column. */
#include <string.h>

#include "program/build.h"

typedef struct {
    msc_arena *arena;
    msc_program *p;
    uint32_t n; /* unknowns */
    struct {
        uint32_t *col, *entry;
        size_t n, cap_col, cap_entry;
    } *row;
    size_t n_entry, cap_row, cap_col;
    size_t n_constant, cap_constant, n_linear, cap_linear;
} pattern;

/* The column of a u, or MSC_NONE if it is no unknown and not time. */
static uint32_t column(const pattern *s, uint32_t u)
{
    return u < s->n ? u : u == s->p->first_given ? s->n : MSC_NONE;
}

static uint32_t entry(pattern *s, uint32_t row, uint32_t col)
{
    msc_jacobian *j = &s->p->jacobian;
    for (size_t i = 0; i < s->row[row].n; i++) {
        if (s->row[row].col[i] == col) {
            return s->row[row].entry[i];
        }
    }
    size_t n = s->row[row].n;
    *MSC_PUSH(s->arena, s->row[row].col, n, s->row[row].cap_col) = col;
    *MSC_PUSH(s->arena, s->row[row].entry, s->row[row].n, s->row[row].cap_entry) = (uint32_t)s->n_entry;
    n = s->n_entry;
    *MSC_PUSH(s->arena, j->row, n, s->cap_row) = row;
    *MSC_PUSH(s->arena, j->col, s->n_entry, s->cap_col) = col;
    return (uint32_t)s->n_entry - 1;
}

static void part(pattern *s, uint32_t row, uint32_t by, uint32_t coef, uint32_t u)
{
    msc_jacobian *j = &s->p->jacobian;
    const uint32_t col = column(s, by);
    if (col == MSC_NONE) {
        return;
    }
    const uint32_t e = entry(s, row, col);
    if (u == MSC_NONE) {
        *MSC_PUSH(s->arena, j->constant, s->n_constant, s->cap_constant) = (struct msc_jacobian_constant){e, coef};
    } else {
        *MSC_PUSH(s->arena, j->linear, s->n_linear, s->cap_linear) = (struct msc_jacobian_linear){e, coef, u};
    }
}

static void differentiate(pattern *s, const msc_rows *rows, uint32_t r, uint32_t row)
{
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        part(s, row, rows->linear[i].u, rows->linear[i].coef, MSC_NONE);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *t = &rows->bilinear[i];
        part(s, row, t->u, t->coef, t->v);
        part(s, row, t->v, t->coef, t->u);
    }
}

static void differentiate_specials(pattern *s)
{
    msc_program *p = s->p;
    p->jacobian.special = msc_arena_alloc(s->arena, p->n_special + 1, sizeof *p->jacobian.special);
    for (uint32_t i = 0; i < p->n_special; i++) {
        const msc_special *f = &p->special[i];
        for (int k = 0; k < 3; k++) {
            p->jacobian.special[i][k] = MSC_NONE;
            const bool condition = f->op >= MSC_OP_LESS && f->op <= MSC_OP_NOT;
            if (f->node >= p->n_node || k >= msc_op_arity(f->op) || f->arg[k] < 0 || condition ||
                (f->op == MSC_OP_IF && k == 0)) {
                continue;
            }
            const uint32_t col = column(s, (uint32_t)f->arg[k]);
            if (col != MSC_NONE) {
                p->jacobian.special[i][k] = entry(s, p->n_state + f->node, col);
            }
        }
    }
}

void msc_build_jacobian(msc_arena *arena, msc_program *p)
{
    pattern s = {.arena = arena, .p = p, .n = p->n_state + p->n_node};
    s.row = msc_arena_alloc(arena, s.n + 1, sizeof *s.row);
    for (uint32_t r = 0; r < p->n_state; r++) {
        differentiate(&s, &p->rate, r, r);
    }
    for (uint32_t r = 0; r < p->n_node; r++) {
        differentiate(&s, &p->node, r, p->n_state + r);
    }
    differentiate_specials(&s);
    p->jacobian.n = (uint32_t)s.n_entry;
    p->jacobian.n_constant = (uint32_t)s.n_constant;
    p->jacobian.n_linear = (uint32_t)s.n_linear;
}
