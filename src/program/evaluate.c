/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program evaluated for one scenario, plainly: what the engine's kernels must agree with, and
 * what serves where speed does not matter (stops, doses, messages). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "program/build.h"
#include "program/op.h"

static double coef_of(const msc_program *p, const double *reg, uint32_t coef)
{
    return reg[p->coef[coef]];
}

static uint32_t place_of(const msc_program *p, uint32_t node)
{
    return node < p->n_node ? p->n_state + node : p->first_extra + node - p->n_node;
}

static double instruct(const msc_program *p, const msc_instruction *op, const double *input, const double *reg)
{
    if (op->op == MSC_OP_NUMBER) {
        return op->number;
    }
    if (op->op == MSC_OP_INPUT) {
        return input[op->arg[0]];
    }
    double x[3] = {0, 0, 0};
    for (int k = 0; k < msc_op_arity(op->op); k++) {
        x[k] = reg[op->arg[k]];
    }
    return msc_op_apply(p->table, op->op, x, op->table, op->row);
}

void msc_program_prologue(const msc_program *p, const double *input, double *reg)
{
    for (uint32_t i = 0; i < p->n_register; i++) {
        reg[i] = instruct(p, &p->prologue[i], input, reg);
    }
}

void msc_program_prologue_some(const msc_program *p, const double *input, double *reg, size_t n, const uint32_t *which)
{
    for (size_t i = 0; i < n; i++) {
        reg[which[i]] = instruct(p, &p->prologue[which[i]], input, reg);
    }
}

void msc_program_clock(const msc_program *p, const double *reg, double time, double *value)
{
    for (uint32_t i = 0; i < p->n_clock; i++) {
        const msc_instruction *op = &p->clock[i];
        double x[3] = {time, 0, 0};
        for (int k = 0; k < msc_op_arity(op->op); k++) {
            x[k] = (int32_t)op->arg[k] < 0 ? value[~op->arg[k]] : reg[op->arg[k]];
        }
        value[i] = msc_op_apply(p->table, op->op, x, op->table, op->row);
    }
}

static bool is_left_out(const msc_test *t, const bool *but)
{
    return but && (but[t->reg] || (t->kind == MSC_TEST_TOTAL && but[t->reg2]));
}

uint32_t msc_program_test(const msc_program *p, const double *reg, bool warnings, const bool *but, uint32_t from)
{
    for (uint32_t i = from; i < p->n_test; i++) { /* a model's own checks say best what is wrong */
        if (p->test[i].kind == MSC_TEST_CHECK && reg[p->test[i].reg] == 0 && (p->test[i].stop || warnings) &&
            !is_left_out(&p->test[i], but)) {
            return i;
        }
    }
    for (uint32_t i = from; i < p->n_test; i++) {
        const msc_test *t = &p->test[i];
        const double x = reg[t->reg];
        bool good = isfinite(x);
        switch (t->kind) {
        case MSC_TEST_SIGN: good = good && x >= -1e-12; break;
        case MSC_TEST_ABOVE: good = good && x > 0; break;
        case MSC_TEST_SHARE: good = good && x >= -1e-9 && x <= 1 + 1e-9; break;
        case MSC_TEST_CHECK: good = true; break; /* seen to above */
        case MSC_TEST_TOTAL: good = good && fabs(x - reg[t->reg2]) <= 1e-9 * fmax(1e-300, fabs(reg[t->reg2])); break;
        }
        if (!good && (t->stop || warnings) && !is_left_out(t, but)) {
            return i;
        }
    }
    return MSC_NONE;
}

static double row_value(const msc_program *p, const msc_rows *rows, uint32_t r, const double *reg, const double *u)
{
    double sum = 0;
    for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
        sum += coef_of(p, reg, rows->one[i]);
    }
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        sum += coef_of(p, reg, rows->linear[i].coef) * u[rows->linear[i].u];
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *t = &rows->bilinear[i];
        sum += coef_of(p, reg, t->coef) * (u[t->u] * u[t->v]);
    }
    return sum;
}

void msc_program_rows(const msc_program *p, const msc_rows *rows, const double *reg, const double *u, double *value)
{
    for (uint32_t r = 0; r < rows->n; r++) {
        value[r] = row_value(p, rows, r, reg, u);
    }
}

static void arguments(const msc_program *p, const msc_special *f, const double *reg, const double *u, double *x)
{
    for (int k = 0; k < msc_op_arity(f->op); k++) {
        x[k] = f->arg[k] < 0 ? coef_of(p, reg, (uint32_t)~f->arg[k]) : u[f->arg[k]];
    }
}

void msc_program_nodes(const msc_program *p, const double *reg, double *u, uint32_t first, uint32_t last)
{
    for (uint32_t n = first; n < last; n++) {
        double x[3] = {0, 0, 0};
        if (p->special_of[n] == MSC_NONE) {
            u[place_of(p, n)] = row_value(p, &p->node, n, reg, u);
        } else {
            const msc_special *f = &p->special[p->special_of[n]];
            arguments(p, f, reg, u, x);
            u[place_of(p, n)] = msc_op_apply(p->table, f->op, x, f->table, f->row);
        }
    }
}

void msc_program_jacobian(const msc_program *p, const double *reg, const double *u, double *entry)
{
    const msc_jacobian *j = &p->jacobian;
    memset(entry, 0, j->n * sizeof *entry);
    for (uint32_t i = 0; i < j->n_constant; i++) {
        entry[j->constant[i].entry] += coef_of(p, reg, j->constant[i].coef);
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        entry[j->linear[i].entry] += coef_of(p, reg, j->linear[i].coef) * u[j->linear[i].u];
    }
    for (uint32_t i = 0; i < p->n_special; i++) {
        const msc_special *f = &p->special[i];
        double x[3] = {0, 0, 0}, partial[3];
        arguments(p, f, reg, u, x);
        msc_op_partial(p, f->op, x, u[place_of(p, f->node)], f->table, f->row, partial);
        for (int k = 0; k < 3; k++) {
            if (j->special[i][k] != MSC_NONE) {
                entry[j->special[i][k]] += partial[k];
            }
        }
    }
}

static double row_tangent(const msc_program *p, const msc_rows *rows, uint32_t r, const double *reg, const double *u,
                          const double *du)
{
    double sum = 0;
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        sum += coef_of(p, reg, rows->linear[i].coef) * du[rows->linear[i].u];
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *t = &rows->bilinear[i];
        sum += coef_of(p, reg, t->coef) * (u[t->u] * du[t->v] + du[t->u] * u[t->v]);
    }
    return sum;
}

/* What of a bolus goes through a function (surge.c); all else stands as it did the instant before. */
static double special_surge(const msc_program *p, const msc_special *f, const double *reg, const double *u, const double *du)
{
    double x[3] = {0, 0, 0}, d[3] = {0, 0, 0};
    arguments(p, f, reg, u, x);
    for (int k = 0; k < msc_op_arity(f->op); k++) {
        d[k] = f->arg[k] < 0 ? 0 : du[f->arg[k]];
    }
    switch (f->op) {
    case MSC_OP_DIVIDE: return d[0] == 0 || d[1] != 0 ? 0 : d[0] / x[1];
    case MSC_OP_ABS: return fabs(d[0]);
    case MSC_OP_MIN: return fmin(d[0], d[1]);
    case MSC_OP_MAX: return fmax(d[0], d[1]);
    case MSC_OP_IF: return x[0] != 0 ? d[1] : d[2];
    default: return 0;
    }
}

void msc_program_enter(const msc_program *p, const double *reg, const double *u, const double *amount, double *du,
                       double *state)
{
    memset(du, 0, p->n_u * sizeof *du);
    memcpy(&du[p->first_given + 1], &amount[1], (p->n_given - 1) * sizeof *du);
    for (uint32_t n = 0; n < p->n_node; n++) {
        if (p->special_of[n] != MSC_NONE) {
            du[p->n_state + n] = special_surge(p, &p->special[p->special_of[n]], reg, u, du);
        } else if (p->node_flow[n]) {
            du[p->n_state + n] = row_tangent(p, &p->node, n, reg, u, du);
        }
    }
    for (uint32_t s = 0; s < p->n_state; s++) {
        state[s] += row_tangent(p, &p->rate, s, reg, u, du);
    }
}
