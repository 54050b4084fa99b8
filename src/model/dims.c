/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dimensions of formulas: what must agree, what must be pure, powers; and the reading of a
 * setting that holds a formula of a certain dimension. */
#include "model/formula.h"

#include <math.h>
#include <string.h>

/* The literal 0 takes the dimension that the others have. */
void msc_formula_same(msc_formula *f, const char *what, msc_typed *arg, int n)
{
    const msc_expr *first = NULL;
    for (int i = 0; i < n && !first; i++) {
        first = arg[i].any ? NULL : arg[i].expr;
    }
    for (int i = 0; i < n && first; i++) {
        if (arg[i].any) {
            arg[i].expr->dim = first->dim;
        } else if (!msc_dim_equal(arg[i].expr->dim, first->dim)) {
            msc_conf_fail(f->r->arena, f->node, "%s must have one unit: here are '%s' and '%s'",
                          what, msc_reader_dim_text(f->r, first->dim),
                          msc_reader_dim_text(f->r, arg[i].expr->dim));
        }
    }
}

void msc_formula_pure(msc_formula *f, const char *what, msc_typed *arg)
{
    if (!msc_dim_is_pure(arg->expr->dim)) {
        msc_conf_fail(f->r->arena, f->node, "'%s' takes a pure number: here is '%s'", what,
                      msc_reader_dim_text(f->r, arg->expr->dim));
    }
}

void msc_formula_function(msc_formula *f, msc_expr *expr, msc_typed *arg, const char *name)
{
    const char *what = msc_arena_printf(f->r->arena, "the arguments of '%s'", name);
    switch (expr->kind) {
    case MSC_X_IF:
        msc_formula_pure(f, name, &arg[0]);
        msc_formula_same(f, "the two values of 'if'", arg + 1, 2);
        expr->dim = arg[1].expr->dim;
        break;
    case MSC_X_MIN:
    case MSC_X_MAX:
        msc_formula_same(f, what, arg, expr->n_arg);
        expr->dim = arg[0].expr->dim;
        break;
    case MSC_X_ABS: expr->dim = arg[0].expr->dim; break;
    case MSC_X_SQRT:
        if (!msc_dim_power(arg[0].expr->dim, 1, 2, &expr->dim)) {
            msc_conf_fail(f->r->arena, f->node, "the root of '%s' is no unit",
                          msc_reader_dim_text(f->r, arg[0].expr->dim));
        }
        break;
    default: msc_formula_pure(f, name, &arg[0]); break; /* exp log log10 */
    }
}

/* The value of an exponent made of numbers alone. */
static bool constant(const msc_expr *expr, double *value)
{
    double a = 0, b = 0;
    if (expr->kind == MSC_X_NUMBER) {
        *value = expr->number;
        return true;
    }
    if (expr->n_arg < 1 || expr->n_arg > 2 || !constant(expr->arg[0], &a) ||
        (expr->n_arg == 2 && !constant(expr->arg[1], &b))) {
        return false;
    }
    switch (expr->kind) {
    case MSC_X_NEGATE: *value = -a; return true;
    case MSC_X_ADD: *value = a + b; return true;
    case MSC_X_SUBTRACT: *value = a - b; return true;
    case MSC_X_MULTIPLY: *value = a * b; return true;
    case MSC_X_DIVIDE: *value = a / b; return true;
    default: return false;
    }
}

/* p/q of a number, q as small as may be; units have small powers only. */
static bool ratio(double x, int *p, int *q)
{
    for (*q = 1; *q <= 16; ++*q) {
        double n = x * *q;
        if (fabs(n) <= 100 && fabs(n - nearbyint(n)) < 1e-9) {
            *p = (int)nearbyint(n);
            return true;
        }
    }
    return false;
}

msc_typed msc_formula_power(msc_formula *f, msc_typed base, msc_typed exponent)
{
    msc_expr *expr = msc_expr_new(f->r, MSC_X_POWER, f->node, 2);
    double number;
    int p, q;
    msc_formula_pure(f, "^", &exponent);
    expr->arg[0] = base.expr;
    expr->arg[1] = exponent.expr;
    if (msc_dim_is_pure(base.expr->dim)) {
        return (msc_typed){expr, false};
    }
    const char *text = msc_reader_dim_text(f->r, base.expr->dim);
    if (!constant(exponent.expr, &number)) {
        msc_conf_fail(f->r->arena, f->node,
                      "the exponent of something with the unit '%s' must be a number", text);
    }
    if (!ratio(number, &p, &q) || !msc_dim_power(base.expr->dim, p, q, &expr->dim)) {
        msc_conf_fail(f->r->arena, f->node, "'%s' to the power %g is no unit", text, number);
    }
    exponent.expr->kind = MSC_X_NUMBER;
    exponent.expr->number = number;
    exponent.expr->n_arg = 0;
    return (msc_typed){expr, false};
}

/* ---- settings ---- */

/* A string is a formula, a number is itself. */
static msc_typed read_any(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                          const char **text)
{
    msc_formula f = {r, *scope, node};
    if (!msc_conf_is_number(node)) {
        *text = msc_conf_string(r->arena, node);
        return msc_formula_build(&f, msc_syntax_formula(r->arena, node, *text));
    }
    msc_typed typed = {msc_expr_new(r, MSC_X_NUMBER, node, 0), false};
    typed.expr->number = msc_conf_real(r->arena, node);
    typed.any = typed.expr->number == 0;
    *text = msc_arena_printf(r->arena, "%g", typed.expr->number);
    return typed;
}

const msc_expr *msc_formula_any(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                                msc_dim zero)
{
    const char *text;
    msc_typed typed = read_any(r, scope, node, &text);
    if (typed.any) {
        typed.expr->dim = zero;
    }
    return typed.expr;
}

const msc_expr *msc_formula_read(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                                 const msc_unit *unit, msc_dim dim, const char *due)
{
    if (msc_conf_is_number(node) && unit) {
        return msc_formula_number(r, node, msc_conf_real(r->arena, node) * unit->factor, unit->dim);
    }
    const char *text, *hint = "";
    msc_typed typed = read_any(r, scope, node, &text);
    if (typed.any) {
        typed.expr->dim = dim;
    }
    if (msc_dim_equal(typed.expr->dim, dim)) {
        return typed.expr;
    }
    due = due ? due : msc_reader_dim_text(r, dim);
    if (typed.expr->kind == MSC_X_NUMBER && msc_dim_is_pure(typed.expr->dim)) {
        hint = msc_arena_printf(r->arena, "; write \"%s %s\"%s", text, due,
                                unit ? msc_arena_printf(r->arena, " or the bare number %s", text)
                                     : "");
    }
    msc_conf_fail(r->arena, node, "its unit is '%s', where '%s' is due%s",
                  msc_reader_dim_text(r, typed.expr->dim), due, hint);
}

/* ---- that every index leads to an element ---- */

typedef struct {
    msc_reader *r;
    int env[MSC_SLOTS];
    int range[MSC_SLOTS]; /* the set that a slot runs over inside a sum, else -1 */
} index_check;

static const char *referent(const msc_model *model, const msc_expr *expr)
{
    switch (expr->kind) {
    case MSC_X_PARAMETER: return model->parameter[expr->ref].name;
    case MSC_X_AMOUNT: return model->amount[expr->ref].name;
    case MSC_X_VARIABLE: return model->variable[expr->ref].name;
    case MSC_X_PROCESS: return model->process[expr->ref].name;
    default: return "";
    }
}

static void check_index(index_check *c, const msc_expr *expr, const msc_index *index)
{
    const msc_model *model = c->r->model;
    const msc_set *in = &model->set[index->in];
    int element = 0;
    msc_at at = msc_index_at(model, index, c->env, &element);
    const char *label = model->set[in->root].label[element];
    if (at == MSC_AT_OUTSIDE) {
        msc_conf_fail(c->r->arena, expr->origin, "'%s' is over '%s', which has no '%s'",
                      referent(model, expr), in->name, label);
    }
    if (at == MSC_AT_OFF_END) {
        msc_conf_fail(c->r->arena, expr->origin, "'%s': nothing is %+d places from '%s' in '%s'",
                      referent(model, expr), index->shift, label, in->name);
    }
}

static void check_expr(index_check *c, const msc_expr *expr)
{
    for (int i = 0; i < expr->n_index; i++) {
        const msc_index *index = &expr->index[i];
        int range = index->slot >= 0 ? c->range[index->slot] : -1;
        if (range < 0) {
            check_index(c, expr, index);
            continue;
        }
        const msc_set *set = &c->r->model->set[range];
        for (size_t k = 0; k < set->n; k++) {
            c->env[index->slot] = set->element[k];
            check_index(c, expr, index);
        }
    }
    for (int i = 0; i < expr->n_bind; i++) {
        c->range[expr->bind[i].slot] = expr->bind[i].set;
    }
    for (int i = 0; i < expr->n_arg; i++) {
        check_expr(c, expr->arg[i]);
    }
    for (int i = 0; i < expr->n_bind; i++) {
        c->range[expr->bind[i].slot] = -1;
    }
}

void msc_formula_check(msc_reader *r, const msc_expr *expr, const int *env)
{
    index_check c = {.r = r};
    if (expr) {
        memcpy(c.env, env, sizeof c.env);
        memset(c.range, -1, sizeof c.range);
        check_expr(&c, expr);
    }
}

void msc_formula_check_all(msc_reader *r, const msc_expr *expr, const msc_shape *shape)
{
    int env[MSC_SLOTS] = {0};
    for (size_t i = 0; expr && i < shape->n; i++) {
        msc_shape_env(r->model, shape, i, env);
        msc_formula_check(r, expr, env);
    }
}
