/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: every operation's value at known points; its partial derivatives are those of differences
 * at random points of its domain; at ties of min, max and abs, and at a table's nodes, the value and
 * derivative are those the language promises; comparisons and logic have none. */
#include <math.h>
#include <string.h>

#include "program/op.h"
#include "support/lab.h"
#include "support/suite.h"

static double at[] = {-1.0, 0.5, 2.0, 5.0}, first[] = {3.0, 1.0, 1.0, -4.0}, second[] = {0.0, 2.0, 8.0, 8.5};
static double *rows[] = {first, second};
static const msc_table table = {.n = 4, .at = at, .n_row = 2, .is = rows};
static const msc_program program = {.table = &table, .n_table = 1};

/* Where each operation may be looked at: low and high of its arguments. */
static const struct {
    msc_op op;
    double low[3], high[3];
} domains[] = {
    {MSC_OP_ADD, {-3, -3, 0}, {3, 3, 0}},        {MSC_OP_SUBTRACT, {-3, -3, 0}, {3, 3, 0}},
    {MSC_OP_MULTIPLY, {-3, -3, 0}, {3, 3, 0}},   {MSC_OP_NEGATE, {-3, 0, 0}, {3, 0, 0}},
    {MSC_OP_DIVIDE, {-3, 0.3, 0}, {3, 3, 0}},    {MSC_OP_POWER, {0.1, -2, 0}, {4, 3, 0}},
    {MSC_OP_EXP, {-4, 0, 0}, {4, 0, 0}},         {MSC_OP_LOG, {0.1, 0, 0}, {9, 0, 0}},
    {MSC_OP_LOG10, {0.1, 0, 0}, {9, 0, 0}},      {MSC_OP_SQRT, {0.1, 0, 0}, {9, 0, 0}},
    {MSC_OP_ABS, {-3, 0, 0}, {3, 0, 0}},         {MSC_OP_MIN, {-3, -3, 0}, {3, 3, 0}},
    {MSC_OP_MAX, {-3, -3, 0}, {3, 3, 0}},        {MSC_OP_IF, {1, -3, -3}, {2, 3, 3}},
    {MSC_OP_IF, {0, -3, -3}, {0, 3, 3}},         {MSC_OP_LESS, {-3, -3, 0}, {3, 3, 0}},
    {MSC_OP_LESS_EQUAL, {-3, -3, 0}, {3, 3, 0}}, {MSC_OP_GREATER, {-3, -3, 0}, {3, 3, 0}},
    {MSC_OP_GREATER_EQUAL, {-3, -3, 0}, {3, 3, 0}}, {MSC_OP_EQUAL, {-3, -3, 0}, {3, 3, 0}},
    {MSC_OP_NOT_EQUAL, {-3, -3, 0}, {3, 3, 0}},  {MSC_OP_AND, {0.1, 0.1, 0}, {1, 1, 0}},
    {MSC_OP_OR, {0.1, 0.1, 0}, {1, 1, 0}},       {MSC_OP_NOT, {0.1, 0, 0}, {1, 0, 0}},
    {MSC_OP_TABLE, {-2, 0, 0}, {6, 0, 0}},
};

static double value(msc_op op, const double *x, uint32_t row)
{
    return msc_op_value(&program, op, x, 0, row);
}

/* Central differences extrapolated once: truncation h^4, rounding eps / h. */
static double slope(msc_op op, const double *x, int k, double h, uint32_t row)
{
    double d[2];
    for (int half = 0; half < 2; half++, h /= 2.0) {
        double up[3], down[3];
        memcpy(up, x, sizeof up);
        memcpy(down, x, sizeof down);
        up[k] += h;
        down[k] -= h;
        d[half] = (value(op, up, row) - value(op, down, row)) / (2.0 * h);
    }
    return (4.0 * d[1] - d[0]) / 3.0;
}

START_TEST(partials_are_those_of_differences)
{
    const double h = 1e-3, tolerance = 1e3 * h * h * h * h;
    const msc_op op = domains[_i].op;
    uint64_t seed = (uint64_t)_i;
    for (int n = 0; n < 200; n++) {
        double x[3], partial[3], near = 1.0;
        for (int k = 0; k < 3; k++) {
            x[k] = domains[_i].low[k] + (domains[_i].high[k] - domains[_i].low[k]) * lab_random(&seed);
        }
        for (size_t k = 0; op == MSC_OP_TABLE && k < table.n; k++) {
            near = fmin(near, fabs(x[0] - at[k]));
        }
        near = op == MSC_OP_ABS ? fabs(x[0]) : near;
        near = msc_op_arity(op) == 2 ? fmin(near, fabs(x[0] - x[1])) : near;
        if (near < 2.0 * h) { /* a kink between the points */
            continue;
        }
        const uint32_t row = (uint32_t)n % 2;
        const double v = value(op, x, row);
        msc_op_partial(&program, op, x, v, 0, row, partial);
        for (int k = 0; k < 3; k++) {
            const bool chooses = k >= msc_op_arity(op) || (op == MSC_OP_IF && k == 0);
            const double want = chooses ? 0.0 : slope(op, x, k, h * (op == MSC_OP_POWER ? 0.1 : 1.0), row);
            lab_near(partial[k], want, tolerance, 1.0 + fabs(want) + fabs(v), "a partial");
        }
    }
}
END_TEST

START_TEST(all_operations_are_looked_at)
{
    for (int op = MSC_OP_ADD; op <= MSC_OP_TABLE; op++) {
        bool found = op == MSC_OP_TIME;
        for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
            found = found || domains[i].op == (msc_op)op;
        }
        ck_assert_msg(found, "operation %d is not tested", op);
    }
}
END_TEST

START_TEST(values)
{
    static const struct {
        msc_op op;
        double x[3], want;
    } cases[] = {
        {MSC_OP_ADD, {2, 3, 0}, 5},          {MSC_OP_SUBTRACT, {2, 3, 0}, -1},     {MSC_OP_MULTIPLY, {2, 3, 0}, 6},
        {MSC_OP_NEGATE, {2, 0, 0}, -2},      {MSC_OP_DIVIDE, {3, 2, 0}, 1.5},      {MSC_OP_POWER, {2, 10, 0}, 1024},
        {MSC_OP_EXP, {0, 0, 0}, 1},          {MSC_OP_LOG, {1, 0, 0}, 0},           {MSC_OP_LOG10, {1000, 0, 0}, 3},
        {MSC_OP_SQRT, {9, 0, 0}, 3},         {MSC_OP_ABS, {-2, 0, 0}, 2},          {MSC_OP_MIN, {2, 3, 0}, 2},
        {MSC_OP_MAX, {2, 3, 0}, 3},          {MSC_OP_IF, {1, 5, 7}, 5},            {MSC_OP_IF, {0, 5, 7}, 7},
        {MSC_OP_LESS, {2, 2, 0}, 0},         {MSC_OP_LESS_EQUAL, {2, 2, 0}, 1},    {MSC_OP_GREATER, {2, 2, 0}, 0},
        {MSC_OP_GREATER_EQUAL, {2, 2, 0}, 1}, {MSC_OP_EQUAL, {2, 2, 0}, 1},        {MSC_OP_NOT_EQUAL, {2, 2, 0}, 0},
        {MSC_OP_LESS, {1, 2, 0}, 1},         {MSC_OP_GREATER, {1, 2, 0}, 0},       {MSC_OP_AND, {1, 0, 0}, 0},
        {MSC_OP_AND, {1, 2, 0}, 1},          {MSC_OP_OR, {0, 2, 0}, 1},            {MSC_OP_OR, {0, 0, 0}, 0},
        {MSC_OP_NOT, {0, 0, 0}, 1},          {MSC_OP_NOT, {3, 0, 0}, 0},           {MSC_OP_TABLE, {-7, 0, 0}, 3},
        {MSC_OP_TABLE, {-1, 0, 0}, 3},       {MSC_OP_TABLE, {-0.25, 0, 0}, 2},     {MSC_OP_TABLE, {0.5, 0, 0}, 1},
        {MSC_OP_TABLE, {3.5, 0, 0}, -1.5},   {MSC_OP_TABLE, {5, 0, 0}, -4},        {MSC_OP_TABLE, {1e9, 0, 0}, -4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(value(cases[i].op, cases[i].x, 0) == cases[i].want, "case %zu gives %g, not %g", i,
                      value(cases[i].op, cases[i].x, 0), cases[i].want);
    }
    ck_assert(isnan(value(MSC_OP_TABLE, (double[]){NAN, 0, 0}, 0)));
    ck_assert(isnan(value(MSC_OP_MIN, (double[]){NAN, 1, 0}, 0)));
    ck_assert(isnan(value(MSC_OP_MAX, (double[]){NAN, 1, 0}, 0)));
}
END_TEST

/* One argument not a number must not be lost: a run that has gone wrong must be seen to. */
START_TEST(nan_is_not_swallowed)
{
    ck_assert(isnan(value(MSC_OP_MIN, (double[]){1, NAN, 0}, 0)));
    ck_assert(isnan(value(MSC_OP_MAX, (double[]){1, NAN, 0}, 0)));
    ck_assert(isnan(value(MSC_OP_ABS, (double[]){NAN, 0, 0}, 0)));
}
END_TEST

START_TEST(ties_take_the_first)
{
    double partial[3];
    const double tie[3] = {2.0, 2.0, 0.0}, zero[3] = {0.0, 0.0, 0.0}, node[3] = {0.5, 0.0, 0.0};
    msc_op_partial(&program, MSC_OP_MIN, tie, 2.0, 0, 0, partial);
    ck_assert(partial[0] == 1.0 && partial[1] == 0.0);
    msc_op_partial(&program, MSC_OP_MAX, tie, 2.0, 0, 0, partial);
    ck_assert(partial[0] == 1.0 && partial[1] == 0.0);
    msc_op_partial(&program, MSC_OP_ABS, zero, 0.0, 0, 0, partial);
    ck_assert(partial[0] == 1.0);
    msc_op_partial(&program, MSC_OP_TABLE, node, 1.0, 0, 0, partial);
    ck_assert_double_eq(partial[0], 0.0); /* the piece that begins there */
    msc_op_partial(&program, MSC_OP_POWER, (double[]){0.0, 1.0, 0.0}, 0.0, 0, 0, partial);
    ck_assert_double_eq(partial[0], 1.0);
    msc_op_partial(&program, MSC_OP_POWER, (double[]){0.0, 2.5, 0.0}, 0.0, 0, 0, partial);
    ck_assert(partial[0] == 0.0 && partial[1] == 0.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("op");
    TCase *tc = tcase_create("operations");
    tcase_add_loop_test(tc, partials_are_those_of_differences, 0, (int)(sizeof domains / sizeof *domains));
    tcase_add_test(tc, all_operations_are_looked_at);
    tcase_add_test(tc, values);
    tcase_add_test(tc, nan_is_not_swallowed);
    tcase_add_test(tc, ties_take_the_first);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
