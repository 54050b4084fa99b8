/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * table = { of; unit; at; is; }: break points and values, one array for all instances or arrays by
 * element. */
#include "model/formula.h"

#include <string.h>

static bool is_row(const msc_conf *node)
{
    return node->kind == MSC_CONF_ARRAY || node->kind == MSC_CONF_LIST;
}

/* The arrays are looked up as values are, so that each must stand where a value would. */
static void check_rows(msc_reader *r, const msc_conf *node)
{
    if (node->kind == MSC_CONF_GROUP) {
        for (size_t i = 0; i < node->n; i++) {
            check_rows(r, node->child[i]);
        }
    } else if (!is_row(node)) {
        msc_conf_fail(r->arena, node, "here is %s, where an array of numbers is due",
                      msc_conf_kind_text(node->kind));
    }
}

static double *read_numbers(msc_reader *r, const msc_conf *node, double factor)
{
    double *number = MSC_NEW(r->arena, double, node->n + 1);
    for (size_t i = 0; i < node->n; i++) {
        number[i] = msc_conf_real(r->arena, node->child[i]) * factor;
    }
    return number;
}

static void read_at(msc_reader *r, msc_table *table, const msc_conf *at, double factor)
{
    if (!is_row(at) || !at->n) {
        msc_conf_fail(r->arena, at, "an array of numbers is due");
    }
    table->n = at->n;
    table->at = read_numbers(r, at, factor);
    for (size_t i = 1; i < table->n; i++) {
        if (!(table->at[i - 1] < table->at[i])) {
            msc_conf_fail(r->arena, at, "the numbers must ascend: %g comes after %g",
                          msc_conf_real(r->arena, at->child[i]),
                          msc_conf_real(r->arena, at->child[i - 1]));
        }
    }
}

msc_table_reading msc_table_read(msc_reader *r, const msc_values *v)
{
    static const char *const keys[] = {"of", "unit", "at", "is", NULL};
    msc_model *model = r->model;
    msc_table_reading t = {.table = -1};
    const msc_conf *entry = msc_conf_find(v->entry, "table");
    if (!entry) {
        return t;
    }
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    const msc_conf *of = msc_conf_need(r->arena, entry, "of"),
                   *unit_node = msc_conf_find(entry, "unit");
    const msc_conf *at = msc_conf_need(r->arena, entry, "at");
    msc_unit unit = msc_reader_unit(r, unit_node ? unit_node : entry,
                                    unit_node ? msc_conf_string(r->arena, unit_node) : "1");
    t.is = msc_conf_need(r->arena, entry, "is");
    t.of = msc_formula_read(r, v->scope, of, &unit, unit.dim, unit.text);
    check_rows(r, t.is);
    msc_values_check_keys(r, t.is, v->shape, 0);
    t.table = (int)model->n_table;
    msc_table *table = MSC_PUSH(r->arena, model->table, model->n_table, r->table_cap);
    *table = (msc_table){0};
    read_at(r, table, at, unit.factor);
    return t;
}

msc_value msc_table_value(msc_reader *r, const msc_values *v, msc_table_reading *t, const int *env)
{
    msc_value value = {.kind = MSC_VALUE_NONE};
    const msc_conf *leaf = t->is ? msc_values_resolve(r, t->is, v->shape, env) : NULL;
    if (!leaf) {
        return value;
    }
    msc_table *table = &r->model->table[t->table];
    size_t row = 0;
    while (row < table->n_row && t->leaf[row] != leaf) {
        row++;
    }
    if (row == table->n_row) {
        if (leaf->n != table->n) {
            msc_conf_fail(r->arena, leaf, "%zu numbers, but 'at' has %zu", leaf->n, table->n);
        }
        size_t n = table->n_row, cap = t->cap;
        *MSC_PUSH(r->arena, t->leaf, n, t->cap) = leaf;
        *MSC_PUSH(r->arena, table->is, table->n_row, cap) = read_numbers(r, leaf, v->unit->factor);
    }
    msc_expr *expr = msc_expr_new(r, MSC_X_TABLE, leaf, 1);
    expr->dim = v->unit->dim;
    expr->ref = t->table;
    expr->ref2 = (int)row;
    expr->arg = MSC_NEW(r->arena, msc_expr *, 1);
    memcpy(expr->arg, &t->of, sizeof t->of);
    value.kind = MSC_VALUE_FORMULA;
    value.expr = expr;
    value.origin = leaf;
    return value;
}
