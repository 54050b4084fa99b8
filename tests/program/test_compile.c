/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves, for every shipped model: what slicing drops does not matter (a program that keeps all gives
 * the same numbers to 1e-9), and that it does drop something where less is asked for; one text
 * compiled twice gives the same program, part by part. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/shipped.h"
#include "support/suite.h"

static const char regimen[] = "regimen = ( { route = \"intravenous\"; day = 0.0; dose = \"1e6 cell\"; duration = \"30 min\"; } );\n"
                              "output = { until = \"2 day\"; every = \"4 h\"; ledger = \"off\";\n"
                              "  quantities = [\"live\", \"occlusion\", \"lysed\", \"effectors\"]; };\n"
                              "solver = { rtol = 1e-11; };\n";

START_TEST(what_is_sliced_off_does_not_matter)
{
    lab *l = lab_on(shipped_name(_i), regimen, NULL);
    msc_scenario whole = *lab_scenario(l);
    const msc_request request = shipped_request(l, true);
    msc_error err = {0};
    msc_result *r = NULL;
    ck_assert_msg(msc_program_compile(whole.model, &request, &whole.program, &err) == MSC_OK, "%s", err.message);
    ck_assert_msg(msc_plan_new(whole.program, &whole.solver, &whole.plan, &err) == MSC_OK, "%s", err.message);
    ck_assert_msg(msc_scenario_run(&whole, &r, &err) == MSC_OK, "%s", err.message);
    printf("%s: %u of %u states are enough\n", shipped_name(_i), lab_scenario(l)->program->n_state, whole.program->n_state);
    ck_assert_uint_lt(lab_scenario(l)->program->n_state, whole.program->n_state);
    ck_assert_uint_eq(whole.program->n_sliced, 0);
    for (int q = 0; q < 4; q++) {
        const char *name = ((const char *const[]){"live", "occlusion", "lysed", "effectors"})[q];
        size_t n = 0;
        const double *a = msc_result_values(lab_result(l), name, &n, NULL), *b = msc_result_values(r, name, &n, NULL);
        double scale = 0.0;
        for (size_t i = 0; i < n * msc_result_times(r, NULL); i++) {
            scale = fmax(scale, fabs(b[i]));
        }
        for (size_t i = 0; i < n * msc_result_times(r, NULL); i++) {
            /* 100 rtol, beside the pool's tolerance */
            lab_near(a[i], b[i], 1e-9, fabs(b[i]) + 1e-6 * scale + 1e-300, name);
        }
    }
    msc_result_free(r);
    msc_plan_free(whole.plan);
    msc_program_free(whole.program);
    lab_free(l);
}
END_TEST

/* ---- one text, one program ---- */

#define SAME(a, b, n) ck_assert_msg((n) == 0 || memcmp((a), (b), (n) * sizeof *(a)) == 0, "%s differs", #a)

static void same_rows(const msc_rows *a, const msc_rows *b)
{
    ck_assert_uint_eq(a->n, b->n);
    SAME(a->one_at, b->one_at, a->n + 1);
    SAME(a->linear_at, b->linear_at, a->n + 1);
    SAME(a->bilinear_at, b->bilinear_at, a->n + 1);
    SAME(a->one, b->one, a->one_at[a->n]);
    SAME(a->linear, b->linear, a->linear_at[a->n]);
    SAME(a->bilinear, b->bilinear, a->bilinear_at[a->n]);
}

static void same_instructions(const msc_instruction *a, const msc_instruction *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        ck_assert_int_eq(a[i].op, b[i].op);
        ck_assert(memcmp(&a[i].number, &b[i].number, sizeof a[i].number) == 0);
        for (int k = 0; k < msc_op_arity(a[i].op) || (k == 0 && a[i].op == MSC_OP_INPUT); k++) {
            ck_assert_uint_eq(a[i].arg[k], b[i].arg[k]);
        }
        ck_assert(a[i].op != MSC_OP_TABLE || (a[i].table == b[i].table && a[i].row == b[i].row));
    }
}

static void same_names(const char *const *a, const char *const *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        ck_assert((a[i] == NULL) == (b[i] == NULL));
        ck_assert(a[i] == NULL || strcmp(a[i], b[i]) == 0);
    }
}

static void same_sizes(const msc_program *a, const msc_program *b)
{
    ck_assert_uint_eq(a->n_u, b->n_u);
    ck_assert_uint_eq(a->n_state, b->n_state);
    ck_assert_uint_eq(a->n_node, b->n_node);
    ck_assert_uint_eq(a->n_given, b->n_given);
    ck_assert_uint_eq(a->n_guard_node, b->n_guard_node);
    ck_assert_uint_eq(a->n_output_node, b->n_output_node);
    ck_assert_uint_eq(a->n_input, b->n_input);
    ck_assert_uint_eq(a->n_register, b->n_register);
    ck_assert_uint_eq(a->n_coef, b->n_coef);
    ck_assert_uint_eq(a->n_test, b->n_test);
    ck_assert_uint_eq(a->n_clock, b->n_clock);
    ck_assert_uint_eq(a->n_switch, b->n_switch);
    ck_assert_uint_eq(a->n_entry, b->n_entry);
    ck_assert_uint_eq(a->n_guard, b->n_guard);
    ck_assert_uint_eq(a->n_quantity, b->n_quantity);
    ck_assert_uint_eq(a->n_special, b->n_special);
    ck_assert_uint_eq(a->n_sliced, b->n_sliced);
    ck_assert_uint_eq(a->jacobian.n, b->jacobian.n);
    ck_assert_uint_eq(a->jacobian.n_constant, b->jacobian.n_constant);
    ck_assert_uint_eq(a->jacobian.n_linear, b->jacobian.n_linear);
    ck_assert_uint_eq(a->matrix.n_block, b->matrix.n_block);
    ck_assert_uint_eq(a->matrix.n_entry, b->matrix.n_entry);
}

START_TEST(one_text_one_program)
{
    lab *one = shipped_model(_i), *two = shipped_model(_i);
    const msc_program *a = lab_scenario(one)->program, *b = lab_scenario(two)->program;
    same_sizes(a, b);
    same_instructions(a->prologue, b->prologue, a->n_register);
    same_instructions(a->clock, b->clock, a->n_clock);
    SAME(a->coef, b->coef, a->n_coef);
    SAME(a->initial, b->initial, a->n_state);
    same_rows(&a->rate, &b->rate);
    same_rows(&a->node, &b->node);
    same_rows(&a->out, &b->out);
    same_rows(&a->guard_row, &b->guard_row);
    SAME(a->special_of, b->special_of, a->n_node + a->n_guard_node + a->n_output_node);
    SAME(a->entry, b->entry, a->n_entry);
    SAME(a->jacobian.row, b->jacobian.row, a->jacobian.n);
    SAME(a->jacobian.col, b->jacobian.col, a->jacobian.n);
    SAME(a->jacobian.constant, b->jacobian.constant, a->jacobian.n_constant);
    SAME(a->jacobian.linear, b->jacobian.linear, a->jacobian.n_linear);
    SAME(a->matrix.order, b->matrix.order, a->matrix.n);
    SAME(a->matrix.block_at, b->matrix.block_at, a->matrix.n_block + 1);
    SAME(a->matrix.col, b->matrix.col, a->matrix.n_entry);
    SAME(a->matrix.of_jacobian, b->matrix.of_jacobian, a->jacobian.n);
    same_names(a->state_name, b->state_name, a->n_state);
    same_names(a->node_name, b->node_name, a->n_node);
    for (uint32_t i = 0; i < a->n_special; i++) {
        ck_assert(a->special[i].op == b->special[i].op && a->special[i].node == b->special[i].node);
        SAME(a->special[i].arg, b->special[i].arg, (size_t)msc_op_arity(a->special[i].op));
    }
    /* and so the same bits come out */
    const size_t n = msc_result_times(lab_result(one), NULL) * a->out.n;
    SAME(lab_result(one)->value, lab_result(two)->value, n);
    lab_free(one);
    lab_free(two);
}
END_TEST

int main(void)
{
    const int n = shipped_count();
    Suite *suite = suite_create("compile");
    TCase *tc = tcase_create("shipped models");
    tcase_set_timeout(tc, 30.0);
    tcase_add_loop_test(tc, what_is_sliced_off_does_not_matter, 0, n);
    tcase_add_loop_test(tc, one_text_one_program, 0, n);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
