/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the clock's values can be over a span of time: intervals that hold them all, rounding included.
 * Where a condition cannot change, nobody needs to look. */
#include <float.h>
#include <math.h>

#include "program/op.h"
#include "scenario/prepare.h"

static const msc_span ANY = {-INFINITY, INFINITY}, MAYBE = {0, 1}, NO = {0, 0}, YES = {1, 1};

/* A little more on either side than a function's last digits may be wrong by. */
static msc_span about(double low, double high)
{
    if (isnan(low) || isnan(high)) {
        return ANY;
    }
    const double pad = 4 * DBL_EPSILON * fmax(fabs(low), fabs(high)) + DBL_MIN;
    return (msc_span){low - pad, high + pad};
}

/* The hull of what comes of the corners: enough where a function goes one way in each argument. */
static msc_span corners(const msc_program *p, msc_op op, const msc_span *x)
{
    double low = INFINITY, high = -INFINITY;
    for (int k = 0; k < (msc_op_arity(op) > 1 ? 4 : 2); k++) {
        const double at[3] = {k % 2 ? x[0].high : x[0].low, k / 2 ? x[1].high : x[1].low, 0};
        const double value = msc_op_apply(p->table, op, at, 0, 0);
        if (isnan(value)) {
            return ANY;
        }
        low = fmin(low, value), high = fmax(high, value);
    }
    return about(low, high);
}

static msc_span table_bounds(const msc_program *p, const msc_instruction *op, msc_span x)
{
    const msc_table *table = &p->table[op->table];
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < table->n + 2; i++) {
        const double at[3] = {i == 0 ? x.low : i == 1 ? x.high : table->at[i - 2], 0, 0};
        if (i < 2 || (at[0] > x.low && at[0] < x.high)) {
            const double value = msc_op_apply(p->table, MSC_OP_TABLE, at, op->table, op->row);
            low = fmin(low, value), high = fmax(high, value);
        }
    }
    return about(low, high);
}

/* ---- yes, no, maybe ---- */

static msc_span when(bool yes, bool no)
{
    return yes ? YES : no ? NO : MAYBE;
}

static bool is_true(msc_span x)
{
    return x.low > 0 || x.high < 0;
}

static bool is_false(msc_span x)
{
    return x.low == 0 && x.high == 0;
}

static msc_span less(msc_span a, msc_span b, bool or_equal)
{
    return or_equal ? when(a.high <= b.low, a.low > b.high) : when(a.high < b.low, a.low >= b.high);
}

static msc_span not(msc_span x)
{
    return when(is_false(x), is_true(x));
}

static msc_span choose(const msc_span *x)
{
    if (is_true(x[0]) || is_false(x[0])) {
        return is_true(x[0]) ? x[1] : x[2];
    }
    return (msc_span){fmin(x[1].low, x[2].low), fmax(x[1].high, x[2].high)};
}

static msc_span logic(msc_op op, const msc_span *x)
{
    const msc_span a = x[0], b = x[1];
    const bool apart = a.high < b.low || a.low > b.high;
    const bool one = a.low == a.high && b.low == b.high && a.low == b.low;
    switch (op) {
    case MSC_OP_LESS: return less(a, b, false);
    case MSC_OP_LESS_EQUAL: return less(a, b, true);
    case MSC_OP_GREATER: return less(b, a, false);
    case MSC_OP_GREATER_EQUAL: return less(b, a, true);
    case MSC_OP_EQUAL: return when(one, apart);
    case MSC_OP_NOT_EQUAL: return when(apart, one);
    case MSC_OP_AND: return when(is_true(a) && is_true(b), is_false(a) || is_false(b));
    case MSC_OP_OR: return when(is_true(a) || is_true(b), is_false(a) && is_false(b));
    case MSC_OP_NOT: return not(a);
    default: return choose(x);
    }
}

/* ---- one operation, all of them ---- */

static msc_span bounds(const msc_program *p, const msc_instruction *op, const msc_span *x)
{
    switch (op->op) {
    case MSC_OP_ADD: return about(x[0].low + x[1].low, x[0].high + x[1].high);
    case MSC_OP_SUBTRACT: return about(x[0].low - x[1].high, x[0].high - x[1].low);
    case MSC_OP_NEGATE: return (msc_span){-x[0].high, -x[0].low};
    case MSC_OP_MULTIPLY:
    case MSC_OP_EXP: return corners(p, op->op, x);
    case MSC_OP_DIVIDE: return is_true(x[1]) ? corners(p, op->op, x) : ANY;
    case MSC_OP_POWER: return x[0].low > 0 ? corners(p, op->op, x) : ANY;
    case MSC_OP_LOG:
    case MSC_OP_LOG10: return x[0].low > 0 ? corners(p, op->op, x) : ANY;
    case MSC_OP_SQRT: return x[0].low >= 0 ? corners(p, op->op, x) : ANY;
    case MSC_OP_ABS:
        return x[0].low >= 0 || x[0].high <= 0 ? corners(p, op->op, x) : (msc_span){0, fmax(-x[0].low, x[0].high)};
    case MSC_OP_MIN: return (msc_span){fmin(x[0].low, x[1].low), fmin(x[0].high, x[1].high)};
    case MSC_OP_MAX: return (msc_span){fmax(x[0].low, x[1].low), fmax(x[0].high, x[1].high)};
    case MSC_OP_TABLE: return table_bounds(p, op, x[0]);
    case MSC_OP_NUMBER:
    case MSC_OP_INPUT:
    case MSC_OP_TIME: return x[0];
    default: return logic(op->op, x);
    }
}

void msc_clock_bounds(const msc_program *p, const double *reg, double from, double to, msc_span *value)
{
    for (uint32_t i = 0; i < p->n_clock; i++) {
        const msc_instruction *op = &p->clock[i];
        msc_span x[3] = {{from, to}, {0, 0}, {0, 0}};
        bool fine = true;
        for (int k = 0; k < msc_op_arity(op->op); k++) {
            const uint32_t arg = op->arg[k];
            x[k] = (int32_t)arg < 0 ? value[~arg] : (msc_span){reg[arg], reg[arg]};
            fine = fine && !isnan(x[k].low);
        }
        value[i] = fine ? bounds(p, op, x) : ANY;
    }
}
