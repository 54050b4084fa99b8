/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: equal expressions are one node, whatever the order of a sum's or a product's operands, also
 * after the table has grown; numbers fold to what the operation gives; 0 and 1 vanish where they may;
 * the class of a node is the highest of its operands'; and whatever is simplified, the value is that
 * of the expression as written. */
#include <math.h>
#include <stdlib.h>

#include "program/graph.h"
#include "program/op.h"
#include "support/lab.h"
#include "support/suite.h"

static msc_graph g;
static msc_arena *arena;
static double at[] = {0.0, 1.0, 3.0}, is[] = {2.0, 4.0, -2.0}, *rows[] = {is};
static const msc_table table = {.n = 3, .at = at, .n_row = 1, .is = rows};

static void open_graph(void)
{
    arena = msc_arena_new(NULL);
    ck_assert_ptr_nonnull(arena);
    msc_graph_init(&g, arena, &table);
}

static void close_graph(void)
{
    msc_arena_free(arena);
}

static uint32_t op2(msc_op op, uint32_t a, uint32_t b)
{
    return msc_graph_op(&g, op, a, b, MSC_NONE);
}

static uint32_t op1(msc_op op, uint32_t a)
{
    return msc_graph_op(&g, op, a, MSC_NONE, MSC_NONE);
}

START_TEST(equals_are_one)
{
    const uint32_t a = msc_graph_input(&g, 0), b = msc_graph_state(&g, 0), c = msc_graph_given(&g, 0);
    ck_assert_uint_eq(a, msc_graph_input(&g, 0));
    ck_assert_uint_ne(b, c); /* a state and a given of one number */
    ck_assert_uint_ne(msc_graph_input(&g, 1), a);
    ck_assert_uint_eq(msc_graph_add(&g, a, b), msc_graph_add(&g, b, a));
    ck_assert_uint_eq(msc_graph_multiply(&g, c, b), msc_graph_multiply(&g, b, c));
    ck_assert_uint_ne(msc_graph_subtract(&g, a, b), msc_graph_subtract(&g, b, a));
    ck_assert_uint_ne(op2(MSC_OP_DIVIDE, a, b), op2(MSC_OP_DIVIDE, b, a));
    ck_assert_uint_ne(op2(MSC_OP_MIN, a, b), op2(MSC_OP_MAX, a, b));
    ck_assert_uint_eq(msc_graph_time(&g), msc_graph_time(&g));
    ck_assert_uint_eq(msc_graph_number(&g, 0.0), msc_graph_number(&g, -0.0));
    ck_assert_uint_ne(msc_graph_number(&g, 1.0), msc_graph_number(&g, nextafter(1.0, 2.0)));
    ck_assert_uint_eq(msc_graph_table(&g, b, 0, 0), msc_graph_table(&g, b, 0, 0));
}
END_TEST

START_TEST(growing_forgets_nothing)
{
    enum { MANY = 20000 };
    uint32_t *id = calloc(MANY, sizeof *id);
    ck_assert_ptr_nonnull(id);
    const uint32_t x = msc_graph_state(&g, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        id[i] = msc_graph_multiply(&g, msc_graph_number(&g, 2.0 + i), x);
    }
    const size_t n = g.n;
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert_uint_eq(id[i], msc_graph_multiply(&g, x, msc_graph_number(&g, 2.0 + i)));
    }
    ck_assert_uint_eq(g.n, n);
    free(id);
}
END_TEST

START_TEST(zero_and_one_vanish)
{
    const uint32_t x = msc_graph_state(&g, 3), y = msc_graph_input(&g, 1);
    const uint32_t zero = msc_graph_number(&g, 0.0), one = msc_graph_number(&g, 1.0), none = MSC_NONE;
    ck_assert_uint_eq(msc_graph_add(&g, zero, x), x);
    ck_assert_uint_eq(msc_graph_add(&g, x, zero), x);
    ck_assert_uint_eq(msc_graph_subtract(&g, x, zero), x);
    ck_assert_uint_eq(msc_graph_subtract(&g, zero, x), op1(MSC_OP_NEGATE, x));
    ck_assert_uint_eq(op1(MSC_OP_NEGATE, op1(MSC_OP_NEGATE, x)), x);
    ck_assert_uint_eq(msc_graph_multiply(&g, one, x), x);
    ck_assert_uint_eq(msc_graph_multiply(&g, x, one), x);
    ck_assert_uint_eq(msc_graph_multiply(&g, zero, x), zero);
    ck_assert_uint_eq(msc_graph_multiply(&g, x, zero), zero);
    ck_assert_uint_eq(op2(MSC_OP_DIVIDE, x, one), x);
    ck_assert_uint_eq(op2(MSC_OP_POWER, x, one), x);
    ck_assert_uint_eq(op2(MSC_OP_POWER, x, msc_graph_number(&g, 2.0)), msc_graph_multiply(&g, x, x));
    ck_assert_uint_eq(op2(MSC_OP_MIN, x, x), x);
    ck_assert_uint_eq(msc_graph_op(&g, MSC_OP_IF, one, x, y), x);
    ck_assert_uint_eq(msc_graph_op(&g, MSC_OP_IF, zero, x, y), y);
    ck_assert_uint_eq(msc_graph_op(&g, MSC_OP_IF, y, x, x), x);
    ck_assert_uint_ne(msc_graph_op(&g, MSC_OP_IF, y, x, none == y ? x : zero), x);
}
END_TEST

static int class_of(uint32_t id)
{
    return (int)g.node[id].cls;
}

START_TEST(classes_rise)
{
    const uint32_t number = msc_graph_number(&g, 2.5), input = msc_graph_input(&g, 0), time = msc_graph_time(&g);
    const uint32_t state = msc_graph_state(&g, 0);
    ck_assert_int_eq(class_of(number), MSC_CLASS_NUMBER);
    ck_assert_int_eq(class_of(op1(MSC_OP_EXP, number)), MSC_CLASS_NUMBER);
    ck_assert_int_eq(class_of(msc_graph_add(&g, number, input)), MSC_CLASS_PARAMETER);
    ck_assert_int_eq(class_of(msc_graph_multiply(&g, input, time)), MSC_CLASS_CLOCK);
    ck_assert_int_eq(class_of(msc_graph_op(&g, MSC_OP_IF, time, state, input)), MSC_CLASS_STATE);
    ck_assert_int_eq(class_of(msc_graph_table(&g, time, 0, 0)), MSC_CLASS_CLOCK);
}
END_TEST

START_TEST(numbers_fold)
{
    for (int op = MSC_OP_ADD; op <= MSC_OP_TABLE; op++) {
        if (op == MSC_OP_TIME) {
            continue;
        }
        const double x[3] = {1.75, 0.5, 3.25};
        uint32_t id[3] = {MSC_NONE, MSC_NONE, MSC_NONE};
        for (int k = 0; k < msc_op_arity((msc_op)op); k++) {
            id[k] = msc_graph_number(&g, x[k]);
        }
        const uint32_t got =
            op == MSC_OP_TABLE ? msc_graph_table(&g, id[0], 0, 0) : msc_graph_op(&g, (msc_op)op, id[0], id[1], id[2]);
        ck_assert_int_eq(g.node[got].cls, MSC_CLASS_NUMBER);
        ck_assert_double_eq(g.node[got].number, msc_op_apply(&table, (msc_op)op, x, 0, 0));
    }
}
END_TEST

/* Random expressions, built twice: simplified in the graph, and as plain numbers. */
START_TEST(simplified_is_the_same)
{
    enum { SIZE = 400, LEAVES = 9 };
    static const msc_op ops[] = {MSC_OP_ADD, MSC_OP_SUBTRACT, MSC_OP_MULTIPLY, MSC_OP_NEGATE, MSC_OP_MIN, MSC_OP_MAX,
                                 MSC_OP_IF,  MSC_OP_LESS,     MSC_OP_ABS,      MSC_OP_TABLE,  MSC_OP_NOT};
    const double input[] = {0.3, -1.2}, state[] = {0.9, 2.1}, given[] = {5.0};
    uint64_t seed = (uint64_t)_i;
    uint32_t id[SIZE] = {msc_graph_number(&g, 0.0), msc_graph_number(&g, 1.0), msc_graph_number(&g, 2.0),
                         msc_graph_input(&g, 0),    msc_graph_input(&g, 1),    msc_graph_state(&g, 0),
                         msc_graph_state(&g, 1),    msc_graph_given(&g, 0),    msc_graph_time(&g)};
    double plain[SIZE] = {0.0, 1.0, 2.0, 0.3, -1.2, 0.9, 2.1, 5.0, 7.0};
    for (int i = LEAVES; i < SIZE; i++) {
        const msc_op op = ops[(size_t)(lab_random(&seed) * (sizeof ops / sizeof *ops))];
        double x[3] = {0.0, 0.0, 0.0};
        uint32_t arg[3] = {MSC_NONE, MSC_NONE, MSC_NONE};
        for (int k = 0; k < msc_op_arity(op); k++) {
            const int pick = (int)(lab_random(&seed) * (i < 60 ? i : 60));
            x[k] = plain[pick];
            arg[k] = id[pick];
        }
        plain[i] = msc_op_apply(&table, op, x, 0, 0);
        id[i] = op == MSC_OP_TABLE ? msc_graph_table(&g, arg[0], 0, 0) : msc_graph_op(&g, op, arg[0], arg[1], arg[2]);
    }
    double *value = calloc(g.n, sizeof *value);
    ck_assert_ptr_nonnull(value);
    msc_graph_evaluate(&g, input, state, given, 7.0, value);
    for (int i = 0; i < SIZE; i++) {
        ck_assert_double_eq(value[id[i]], plain[i]);
    }
    free(value);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *tc = tcase_create("graph");
    tcase_add_checked_fixture(tc, open_graph, close_graph);
    tcase_add_test(tc, equals_are_one);
    tcase_add_test(tc, growing_forgets_nothing);
    tcase_add_test(tc, zero_and_one_vanish);
    tcase_add_test(tc, classes_rise);
    tcase_add_test(tc, numbers_fold);
    tcase_add_loop_test(tc, simplified_is_the_same, 0, 20);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
