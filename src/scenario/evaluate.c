/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formulas of parameters, evaluated by the model alone. */
#include "scenario/evaluate.h"

#include <math.h>
#include <string.h>

#include "program/op.h"

struct msc_evaluation {
    msc_arena *arena;
    const msc_model *model;
    double **value; /* [parameter][instance] */
    bool **known;
    const msc_dose *dose; /* or NULL */
    double time;
    bool initial; /* amounts are what they are at first */
};

msc_evaluation *msc_evaluation_new(msc_arena *arena, const msc_model *model, const msc_dose *dose)
{
    msc_evaluation *e = MSC_NEW(arena, msc_evaluation, 1);
    e->arena = arena;
    e->model = model;
    e->time = NAN;
    e->dose = dose;
    e->value = MSC_NEW(arena, double *, model->n_parameter + 1);
    e->known = MSC_NEW(arena, bool *, model->n_parameter + 1);
    for (size_t k = 0; k < model->n_parameter; k++) {
        e->value[k] = MSC_NEW(arena, double, model->parameter[k].shape.n + 1);
        e->known[k] = MSC_NEW(arena, bool, model->parameter[k].shape.n + 1);
    }
    for (size_t k = 0; dose && k < dose->n_take; k++) {
        if (dose->take[k].rest) {
            continue; /* follows from the others */
        }
        msc_evaluation_set(e, (int)dose->take[k].parameter, dose->take[k].instance, dose->take[k].value);
    }
    return e;
}

void msc_evaluation_set(msc_evaluation *e, int parameter, size_t instance, double value)
{
    e->value[parameter][instance] = value;
    e->known[parameter][instance] = true;
}

void msc_evaluation_at(msc_evaluation *e, double time)
{
    e->time = time;
}

void msc_evaluation_start(msc_evaluation *e, double time)
{
    e->time = time;
    e->initial = true;
}

static double remainder_of(msc_evaluation *e, const msc_parameter *p, int parameter,
                           size_t instance)
{
    int env[MSC_SLOTS] = {0};
    double rest = p->total ? msc_evaluate(e, p->total, env) : 1;
    for (size_t i = 0; i < p->shape.n; i++) {
        if (i != instance) {
            rest -= msc_evaluate_parameter(e, parameter, i);
        }
    }
    return rest;
}

/* Does the dose say that this one gets what is left? */
static bool rests(const msc_evaluation *e, int parameter, size_t instance)
{
    for (size_t k = 0; e->dose && k < e->dose->n_take; k++) {
        const struct msc_dose_take *take = &e->dose->take[k];
        if (take->rest && take->parameter == (uint32_t)parameter && take->instance == instance) {
            return true;
        }
    }
    return false;
}

double msc_evaluate_parameter(msc_evaluation *e, int parameter, size_t instance)
{
    const msc_parameter *p = &e->model->parameter[parameter];
    if (e->known[parameter][instance]) {
        return e->value[parameter][instance];
    }
    int env[MSC_SLOTS] = {0};
    const msc_value *v = &p->value[instance];
    double x = NAN;
    msc_shape_env(e->model, &p->shape, instance, env);
    switch (rests(e, parameter, instance) ? MSC_VALUE_REMAINDER : v->kind) {
    case MSC_VALUE_NONE: break;
    case MSC_VALUE_NUMBER: x = v->number; break;
    case MSC_VALUE_FORMULA: x = msc_evaluate(e, v->expr, env); break;
    case MSC_VALUE_REMAINDER: x = remainder_of(e, p, parameter, instance); break;
    }
    e->known[parameter][instance] = true;
    return e->value[parameter][instance] = x;
}

/* ---- formulas ---- */

static double parameter_at(msc_evaluation *e, const msc_expr *x, const int *env)
{
    const long instance = msc_shape_at(e->model, &e->model->parameter[x->ref].shape, x->index, env);
    return instance < 0 ? (double)NAN : msc_evaluate_parameter(e, x->ref, (size_t)instance);
}

static double variable_at(msc_evaluation *e, const msc_expr *x, const int *env)
{
    const msc_variable *v = &e->model->variable[x->ref];
    const long instance = msc_shape_at(e->model, &v->shape, x->index, env);
    int own[MSC_SLOTS] = {0};
    if (instance < 0 || v->value[instance].kind != MSC_VALUE_FORMULA) {
        return instance >= 0 && v->value[instance].kind == MSC_VALUE_NUMBER ? v->value[instance].number : (double)NAN;
    }
    msc_shape_env(e->model, &v->shape, (size_t)instance, own);
    return msc_evaluate(e, v->value[instance].expr, own);
}

static double amount_at(msc_evaluation *e, const msc_expr *x, const int *env)
{
    const msc_amount *a = &e->model->amount[x->ref];
    const long instance = msc_shape_at(e->model, &a->shape, x->index, env);
    int own[MSC_SLOTS] = {0};
    if (!e->initial || instance < 0 || a->transit) {
        return NAN;
    }
    msc_shape_env(e->model, &a->shape, (size_t)instance, own);
    return a->initial ? msc_evaluate(e, a->initial, own) : 0;
}

static double sum_over(msc_evaluation *e, const msc_expr *x, const int *env)
{
    int inner[MSC_SLOTS];
    double sum = 0;
    msc_shape shape = {
        .n_over = x->n_bind, .over = x->bind, .n = msc_shape_count(e->model, x->n_bind, x->bind)};
    memcpy(inner, env, sizeof inner);
    for (size_t i = 0; i < shape.n; i++) {
        msc_shape_env(e->model, &shape, i, inner);
        sum += msc_evaluate(e, x->arg[0], inner);
    }
    return sum;
}

static double apply(msc_evaluation *e, const msc_expr *x, const int *env)
{
    double arg[3] = {0};
    const msc_op op = msc_op_of(x->kind);
    const uint32_t table = x->kind == MSC_X_TABLE ? (uint32_t)x->ref : 0;
    const uint32_t row = x->kind == MSC_X_TABLE ? (uint32_t)x->ref2 : 0;
    if (op == MSC_OP_NUMBER) {
        return NAN; /* time, amounts, processes ... */
    }
    for (int i = 0; i < 3 && i < x->n_arg; i++) {
        arg[i] = msc_evaluate(e, x->arg[i], env);
    }
    double value = msc_op_apply(e->model->table, op, arg, table, row);
    for (int i = 2; i < x->n_arg && (op == MSC_OP_MIN || op == MSC_OP_MAX); i++) {
        const double pair[3] = {value, msc_evaluate(e, x->arg[i], env), 0};
        value = msc_op_apply(e->model->table, op, pair, table, row);
    }
    return value;
}

double msc_evaluate(msc_evaluation *e, const msc_expr *x, const int *env)
{
    if (x->kind == MSC_X_NUMBER) {
        return x->number;
    }
    if (x->kind == MSC_X_PARAMETER) {
        return parameter_at(e, x, env);
    }
    if (x->kind == MSC_X_AMOUNT) {
        return amount_at(e, x, env);
    }
    if (x->kind == MSC_X_VARIABLE) {
        return variable_at(e, x, env);
    }
    if (x->kind == MSC_X_TIME) {
        return e->time;
    }
    return x->kind == MSC_X_SUM ? sum_over(e, x, env) : apply(e, x, env);
}

bool msc_expr_is_constant(const msc_expr *x)
{
    bool constant = x->kind == MSC_X_NUMBER || x->kind == MSC_X_PARAMETER || x->kind == MSC_X_SUM ||
                    msc_op_of(x->kind) != MSC_OP_NUMBER;
    for (int i = 0; i < x->n_arg && constant; i++) {
        constant = msc_expr_is_constant(x->arg[i]);
    }
    return constant;
}

/* ---- doses ---- */

double msc_evaluate_dose(msc_evaluation *e, const msc_dose *dose)
{
    const msc_route *route = &e->model->route[dose->route];
    const int env[MSC_SLOTS] = {0};
    return dose->dose * (dose->per && route->per ? msc_evaluate(e, route->per, env) : 1);
}

static double branch_share(msc_evaluation *e, const msc_branch *branch)
{
    double sum = 0;
    const msc_shape shape = {.n_over = branch->n_bind,
                             .over = branch->bind,
                             .n = msc_shape_count(e->model, branch->n_bind, branch->bind)};
    for (size_t i = 0; i < shape.n; i++) {
        int env[MSC_SLOTS] = {0};
        msc_shape_env(e->model, &shape, i, env);
        sum += branch->share ? msc_evaluate(e, branch->share, env) : 1;
    }
    return sum;
}

void msc_evaluate_route(msc_evaluation *e, const msc_route *route, double *share)
{
    double rest = 1;
    for (size_t b = 0; b < route->n_branch; b++) {
        share[b] = route->branch[b].remainder ? 0 : branch_share(e, &route->branch[b]);
        rest -= share[b];
    }
    for (size_t b = 0; b < route->n_branch; b++) {
        share[b] = route->branch[b].remainder ? (fabs(rest) < 1e-12 ? 0 : rest) : share[b];
    }
}
