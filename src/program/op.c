/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The operations. At a tie of min, max, abs the first branch is taken, and its derivative. */
#include "program/op.h"

#include <math.h>

msc_op msc_op_of(msc_expr_kind kind)
{
    static const msc_op op[] = {
        [MSC_X_NEGATE] = MSC_OP_NEGATE,     [MSC_X_ADD] = MSC_OP_ADD,
        [MSC_X_SUBTRACT] = MSC_OP_SUBTRACT, [MSC_X_MULTIPLY] = MSC_OP_MULTIPLY,
        [MSC_X_DIVIDE] = MSC_OP_DIVIDE,     [MSC_X_POWER] = MSC_OP_POWER,
        [MSC_X_LESS] = MSC_OP_LESS,         [MSC_X_LESS_EQUAL] = MSC_OP_LESS_EQUAL,
        [MSC_X_GREATER] = MSC_OP_GREATER,   [MSC_X_GREATER_EQUAL] = MSC_OP_GREATER_EQUAL,
        [MSC_X_EQUAL] = MSC_OP_EQUAL,       [MSC_X_NOT_EQUAL] = MSC_OP_NOT_EQUAL,
        [MSC_X_AND] = MSC_OP_AND,           [MSC_X_OR] = MSC_OP_OR,
        [MSC_X_NOT] = MSC_OP_NOT,           [MSC_X_IF] = MSC_OP_IF,
        [MSC_X_MIN] = MSC_OP_MIN,           [MSC_X_MAX] = MSC_OP_MAX,
        [MSC_X_ABS] = MSC_OP_ABS,           [MSC_X_EXP] = MSC_OP_EXP,
        [MSC_X_LOG] = MSC_OP_LOG,           [MSC_X_LOG10] = MSC_OP_LOG10,
        [MSC_X_SQRT] = MSC_OP_SQRT,         [MSC_X_TABLE] = MSC_OP_TABLE,
    };
    return (size_t)kind < sizeof op / sizeof *op ? op[kind] : MSC_OP_NUMBER;
}

int msc_op_arity(msc_op op)
{
    switch (op) {
    case MSC_OP_NUMBER:
    case MSC_OP_INPUT:
    case MSC_OP_TIME: return 0;
    case MSC_OP_NEGATE:
    case MSC_OP_EXP:
    case MSC_OP_LOG:
    case MSC_OP_LOG10:
    case MSC_OP_SQRT:
    case MSC_OP_ABS:
    case MSC_OP_NOT:
    case MSC_OP_TABLE: return 1;
    case MSC_OP_ADD:
    case MSC_OP_SUBTRACT:
    case MSC_OP_MULTIPLY:
    case MSC_OP_DIVIDE:
    case MSC_OP_POWER:
    case MSC_OP_MIN:
    case MSC_OP_MAX:
    case MSC_OP_LESS:
    case MSC_OP_LESS_EQUAL:
    case MSC_OP_GREATER:
    case MSC_OP_GREATER_EQUAL:
    case MSC_OP_EQUAL:
    case MSC_OP_NOT_EQUAL:
    case MSC_OP_AND:
    case MSC_OP_OR: return 2;
    case MSC_OP_IF: return 3;
    }
    return 0;
}

/* The piece of a table that x lies on: -1 before the first node, n - 1 after the last. */
static long piece(const msc_table *t, double x)
{
    if (!(x >= t->at[0])) {
        return -1;
    }
    if (x >= t->at[t->n - 1]) {
        return (long)t->n - 1;
    }
    size_t low = 0, high = t->n - 1;
    while (high - low > 1) {
        const size_t mid = (low + high) / 2;
        *(x >= t->at[mid] ? &low : &high) = mid;
    }
    return (long)low;
}

static double table_value(const msc_table *t, double x, uint32_t row)
{
    const double *is = t->is[row];
    if (isnan(x)) {
        return x;
    }
    const long i = piece(t, x);
    if (i < 0) {
        return is[0];
    }
    if (i == (long)t->n - 1) {
        return is[t->n - 1];
    }
    return is[i] + (is[i + 1] - is[i]) * ((x - t->at[i]) / (t->at[i + 1] - t->at[i]));
}

static double table_slope(const msc_table *t, double x, uint32_t row)
{
    const long i = piece(t, x);
    return i < 0 || i == (long)t->n - 1 ? 0 : (t->is[row][i + 1] - t->is[row][i]) / (t->at[i + 1] - t->at[i]);
}

double msc_op_apply(const msc_table *table, msc_op op, const double *x, uint32_t which, uint32_t row)
{
    switch (op) {
    case MSC_OP_NUMBER:
    case MSC_OP_INPUT:
    case MSC_OP_TIME: return x[0];
    case MSC_OP_ADD: return x[0] + x[1];
    case MSC_OP_SUBTRACT: return x[0] - x[1];
    case MSC_OP_MULTIPLY: return x[0] * x[1];
    case MSC_OP_NEGATE: return -x[0];
    case MSC_OP_DIVIDE: return x[0] / x[1];
    case MSC_OP_POWER: return pow(x[0], x[1]);
    case MSC_OP_EXP: return exp(x[0]);
    case MSC_OP_LOG: return log(x[0]);
    case MSC_OP_LOG10: return log10(x[0]);
    case MSC_OP_SQRT: return sqrt(x[0]);
    case MSC_OP_ABS: return x[0] >= 0 ? x[0] : -x[0];
    case MSC_OP_MIN: return x[0] <= x[1] || isnan(x[0]) ? x[0] : x[1];
    case MSC_OP_MAX: return x[0] >= x[1] || isnan(x[0]) ? x[0] : x[1];
    case MSC_OP_IF: return x[0] != 0 ? x[1] : x[2];
    case MSC_OP_LESS: return x[0] < x[1];
    case MSC_OP_LESS_EQUAL: return x[0] <= x[1];
    case MSC_OP_GREATER: return x[0] > x[1];
    case MSC_OP_GREATER_EQUAL: return x[0] >= x[1];
    case MSC_OP_EQUAL: return x[0] == x[1];
    case MSC_OP_NOT_EQUAL: return x[0] != x[1];
    case MSC_OP_AND: return x[0] != 0 && x[1] != 0;
    case MSC_OP_OR: return x[0] != 0 || x[1] != 0;
    case MSC_OP_NOT: return x[0] == 0;
    case MSC_OP_TABLE: return table_value(&table[which], x[0], row);
    }
    return NAN;
}

double msc_op_value(const msc_program *p, msc_op op, const double *x, uint32_t table, uint32_t row)
{
    return msc_op_apply(p->table, op, x, table, row);
}

void msc_op_partial(const msc_program *p, msc_op op, const double *x, double value, uint32_t table, uint32_t row,
                    double *partial)
{
    partial[0] = partial[1] = partial[2] = 0;
    switch (op) {
    case MSC_OP_ADD: partial[0] = partial[1] = 1; break;
    case MSC_OP_SUBTRACT: partial[0] = 1, partial[1] = -1; break;
    case MSC_OP_MULTIPLY: partial[0] = x[1], partial[1] = x[0]; break;
    case MSC_OP_NEGATE: partial[0] = -1; break;
    case MSC_OP_DIVIDE: partial[0] = 1 / x[1], partial[1] = -value / x[1]; break;
    case MSC_OP_POWER:
        partial[0] = x[1] == 0 || (x[0] == 0 && x[1] < 1) ? 0 : x[1] * pow(x[0], x[1] - 1);
        partial[1] = x[0] > 0 ? value * log(x[0]) : 0; /* 0^y, y > 0: flat */
        break;
    case MSC_OP_EXP: partial[0] = value; break;
    case MSC_OP_LOG: partial[0] = 1 / x[0]; break;
    case MSC_OP_LOG10: partial[0] = 1 / (x[0] * log(10.0)); break;
    case MSC_OP_SQRT: partial[0] = value > 0 ? 0.5 / value : 0; break; /* at 0: no slope to be had */
    case MSC_OP_ABS: partial[0] = x[0] >= 0 ? 1 : -1; break;
    case MSC_OP_MIN: partial[x[0] <= x[1] ? 0 : 1] = 1; break;
    case MSC_OP_MAX: partial[x[0] >= x[1] ? 0 : 1] = 1; break;
    case MSC_OP_IF: partial[x[0] != 0 ? 1 : 2] = 1; break;
    case MSC_OP_TABLE: partial[0] = table_slope(&p->table[table], x[0], row); break;
    default: break; /* numbers, comparisons, logic */
    }
}
