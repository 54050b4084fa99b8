/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formulas, for one combination of indices at a time, to nodes of the graph. Everything is
 * remembered, so that a shared value is expanded once. */
#include <string.h>

#include "program/build.h"

static uint32_t input(msc_build *b, msc_input_kind kind, uint32_t index, uint32_t instance, uint32_t dose,
                      double number)
{
    *MSC_PUSH(b->arena, b->input, b->n_input, b->cap_input) =
        (msc_input){.kind = kind, .index = index, .instance = instance, .dose = dose, .number = number};
    return msc_graph_input(&b->g, (uint32_t)b->n_input - 1);
}

/* What a dose sets this instance of a parameter to, if it does so for itself. */
static const struct msc_take *taken(const msc_build *b, uint32_t parameter, uint32_t instance, int dose)
{
    const msc_dose_shape *shape = dose < 0 ? NULL : &b->request->dose[dose];
    for (size_t i = 0; shape && i < shape->n_take; i++) {
        if (shape->take[i].parameter == parameter && shape->take[i].instance == instance) {
            return &shape->take[i];
        }
    }
    return NULL;
}

void msc_build_need(msc_build *b, uint32_t value, msc_test_kind kind, uint32_t value2, bool stop, const msc_conf *origin,
                    const char *what)
{
    *MSC_PUSH(b->arena, b->test, b->n_test, b->cap_test) =
        (msc_test){.reg = value, .reg2 = value2, .kind = kind, .stop = stop, .factor = 1,
                   .where = msc_conf_where(b->arena, origin), .what = what};
}

static uint32_t total_of(msc_build *b, const msc_parameter *par, int dose)
{
    int env[MSC_SLOTS] = {0};
    return par->total ? msc_build_expr(b, par->total, env, dose) : msc_graph_number(&b->g, 1);
}

static uint32_t remainder_of(msc_build *b, uint32_t parameter, uint32_t instance, int dose, const msc_conf *origin)
{
    const msc_parameter *par = &b->model->parameter[parameter];
    uint32_t rest = total_of(b, par, dose);
    for (uint32_t i = 0; i < par->shape.n; i++) {
        if (i != instance) {
            rest = msc_graph_subtract(&b->g, rest, msc_build_parameter(b, parameter, i, dose));
        }
    }
    const bool pure = strcmp(par->unit, "1") == 0;
    msc_build_need(b, rest, MSC_TEST_SIGN, MSC_NONE, true, origin,
                   msc_arena_printf(b->arena,
                                    "the remainder %s is negative%s%s: the other elements add up to more than the total",
                                    msc_shape_label(b->arena, b->model, par->name, &par->shape, instance),
                                    pure ? "" : ", in ", pure ? "" : par->unit));
    b->test[b->n_test - 1].factor = par->factor;
    return rest;
}

uint32_t msc_build_parameter(msc_build *b, uint32_t parameter, uint32_t instance, int dose)
{
    const msc_parameter *par = &b->model->parameter[parameter];
    uint32_t **memo = b->parameter[dose + 1];
    if (!memo[parameter]) {
        memo[parameter] = MSC_NEW(b->arena, uint32_t, par->shape.n);
        memset(memo[parameter], 0xff, par->shape.n * sizeof **memo);
    }
    if (memo[parameter][instance] != MSC_NONE) {
        return memo[parameter][instance];
    }
    const msc_value *value = &par->value[instance];
    int env[MSC_SLOTS] = {0};
    msc_shape_env(b->model, &par->shape, instance, env);
    uint32_t id = MSC_NONE;
    const struct msc_take *take = taken(b, parameter, instance, dose);
    if (take && take->rest) {
        id = remainder_of(b, parameter, instance, dose, b->request->dose[dose].origin);
    } else if (take) {
        id = input(b, MSC_INPUT_DOSE_PARAMETER, parameter, instance, (uint32_t)dose, 0);
    } else if (value->kind == MSC_VALUE_NUMBER) {
        id = dose >= 0 ? msc_build_parameter(b, parameter, instance, -1)
                       : input(b, MSC_INPUT_PARAMETER, parameter, instance, 0, value->number);
    } else if (value->kind == MSC_VALUE_FORMULA) {
        id = msc_build_expr(b, value->expr, env, dose);
    } else if (value->kind == MSC_VALUE_REMAINDER) {
        id = remainder_of(b, parameter, instance, dose, value->origin);
    } else {
        msc_conf_fail(b->arena, par->origin, "'%s' has no value: give one in the scenario, e.g. parameters: { %s = …; }",
                      msc_shape_label(b->arena, b->model, par->name, &par->shape, instance), par->name);
    }
    return memo[parameter][instance] = id;
}

static void build_total(msc_build *b, uint32_t parameter, int dose)
{
    const msc_parameter *par = &b->model->parameter[parameter];
    bool remainder = false;
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (uint32_t i = 0; i < par->shape.n; i++) {
        sum = msc_graph_add(&b->g, sum, msc_build_parameter(b, parameter, i, dose));
        const struct msc_take *take = taken(b, parameter, i, dose);
        remainder = remainder || (take ? take->rest : par->value[i].kind == MSC_VALUE_REMAINDER);
    }
    if (par->total && !remainder) {
        const msc_conf *origin = dose < 0 ? NULL : b->request->dose[dose].origin;
        msc_build_need(b, sum, MSC_TEST_TOTAL, total_of(b, par, dose), true, origin ? origin : par->origin,
                       dose < 0 ? "the values add up to"
                                : msc_arena_printf(b->arena, "the values of '%s' add up to", par->name));
        b->test[b->n_test - 1].factor = par->factor;
    }
}

/* Elements of parameters with a total add up to it, in each dose too; every parameter has a value. */
void msc_build_totals(msc_build *b)
{
    for (uint32_t k = 0; k < b->model->n_parameter; k++) {
        build_total(b, k, -1);
    }
    for (uint32_t d = 0; d < b->request->n_dose; d++) {
        const msc_dose_shape *dose = &b->request->dose[d];
        for (size_t i = 0; i < dose->n_take; i++) {
            if (i == 0 || dose->take[i].parameter != dose->take[i - 1].parameter) {
                build_total(b, dose->take[i].parameter, (int)d);
            }
        }
    }
}

uint32_t msc_build_amount(msc_build *b, int amount, uint32_t instance)
{
    const msc_amount *a = &b->model->amount[amount];
    const uint32_t first = b->first_state[amount] + instance * (uint32_t)a->stages;
    uint32_t sum = msc_graph_state(&b->g, first);
    for (uint32_t s = 1; s < (uint32_t)a->stages; s++) {
        sum = msc_graph_add(&b->g, sum, msc_graph_state(&b->g, first + s));
    }
    return sum;
}

/* The state that integrates a rate from the start; one for equal rates. */
uint32_t msc_build_integral(msc_build *b, const char *name, uint32_t rate, int pool, double scale, const msc_conf *origin)
{
    for (size_t s = 0; s < b->n_state; s++) {
        if (b->state[s].amount < 0 && b->state[s].rate == rate) {
            return msc_graph_state(&b->g, (uint32_t)s);
        }
    }
    *MSC_PUSH(b->arena, b->state, b->n_state, b->cap_state) =
        (msc_build_state){.name = name, .amount = -1, .origin = origin, .pool = pool, .scale = scale,
                          .initial = msc_graph_number(&b->g, 0), .rate = rate};
    return msc_graph_state(&b->g, (uint32_t)b->n_state - 1);
}

/* The scale of an integral by its dimension: a pool's amount, or amount times time, or its own. */
static uint32_t integral(msc_build *b, const msc_expr *e, const int *env, int dose)
{
    const msc_model *m = b->model;
    const uint32_t rate = msc_build_expr(b, e->arg[0], env, dose);
    int pool = -1;
    double scale = 1;
    for (int k = 0; k < (int)m->n_pool && pool < 0; k++) {
        if (msc_dim_equal(e->dim, m->pool[k].dim)) {
            pool = k;
        } else if (msc_dim_equal(e->arg[0]->dim, m->pool[k].dim)) {
            pool = k, scale = 10; /* some hours of it */
        }
    }
    return msc_build_integral(b, msc_arena_printf(b->arena, "integral in %s", msc_conf_path(b->arena, e->origin)),
                              rate, pool, scale, e->origin);
}

static uint32_t sum_over(msc_build *b, const msc_expr *e, int bind, int *env, int dose)
{
    if (bind == e->n_bind) {
        return msc_build_expr(b, e->arg[0], env, dose);
    }
    const msc_set *set = &b->model->set[e->bind[bind].set];
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t i = 0; i < set->n; i++) {
        env[e->bind[bind].slot] = set->element[i];
        sum = msc_graph_add(&b->g, sum, sum_over(b, e, bind + 1, env, dose));
    }
    return sum;
}

static uint32_t variable(msc_build *b, uint32_t which, uint32_t instance)
{
    const msc_variable *v = &b->model->variable[which];
    if (!b->variable[which]) {
        b->variable[which] = MSC_NEW(b->arena, uint32_t, v->shape.n);
        memset(b->variable[which], 0xff, v->shape.n * sizeof **b->variable);
    }
    uint32_t *memo = &b->variable[which][instance];
    if (*memo == MSC_NONE) {
        int env[MSC_SLOTS] = {0};
        msc_shape_env(b->model, &v->shape, instance, env);
        const msc_value *value = &v->value[instance];
        const uint32_t id = value->kind == MSC_VALUE_NUMBER ? msc_graph_number(&b->g, value->number)
                                                            : msc_build_expr(b, value->expr, env, -1);
        b->g.node[id].named = true;
        b->g.node[id].name = msc_shape_label(b->arena, b->model, v->name, &v->shape, instance);
        b->variable[which][instance] = id;
        return id;
    }
    return *memo;
}

static uint32_t instance_of(msc_build *b, const msc_expr *e, const msc_shape *shape, const int *env)
{
    const long at = msc_shape_at(b->model, shape, e->index, env);
    if (at < 0) {
        msc_conf_fail(b->arena, e->origin, "an index leaves its set here");
    }
    return (uint32_t)at;
}

static uint32_t fold(msc_build *b, const msc_expr *e, const int *env, int dose)
{
    const int arity = msc_op_arity(msc_op_of(e->kind));
    uint32_t arg[3] = {MSC_NONE, MSC_NONE, MSC_NONE};
    for (int i = 0; i < arity; i++) {
        arg[i] = msc_build_expr(b, e->arg[i], env, dose);
    }
    uint32_t id = msc_graph_op(&b->g, msc_op_of(e->kind), arg[0], arg[1], arg[2]);
    for (int i = arity; i < e->n_arg; i++) { /* min and max of many */
        id = msc_graph_op(&b->g, msc_op_of(e->kind), id, msc_build_expr(b, e->arg[i], env, dose), MSC_NONE);
    }
    return id;
}

uint32_t msc_build_expr(msc_build *b, const msc_expr *e, const int *env, int dose)
{
    const msc_model *m = b->model;
    int own[MSC_SLOTS];
    switch (e->kind) {
    case MSC_X_NUMBER: return msc_graph_number(&b->g, e->number);
    case MSC_X_TIME: return msc_graph_time(&b->g);
    case MSC_X_PARAMETER:
        return msc_build_parameter(b, (uint32_t)e->ref, instance_of(b, e, &m->parameter[e->ref].shape, env), dose);
    case MSC_X_AMOUNT: return msc_build_amount(b, e->ref, instance_of(b, e, &m->amount[e->ref].shape, env));
    case MSC_X_VARIABLE: return variable(b, (uint32_t)e->ref, instance_of(b, e, &m->variable[e->ref].shape, env));
    case MSC_X_PROCESS:
        return msc_build_process(b, (uint32_t)e->ref, instance_of(b, e, &m->process[e->ref].shape, env));
    case MSC_X_FLUX: return msc_build_flux(b, e->ref);
    case MSC_X_INTEGRAL: return integral(b, e, env, dose);
    case MSC_X_DOSED: return msc_build_dosed(b, e->ref, e->ref2);
    case MSC_X_GIVEN: return msc_build_given(b, e->ref, e->ref2);
    case MSC_X_SUM: memcpy(own, env, sizeof own); return sum_over(b, e, 0, own, dose);
    case MSC_X_TABLE:
        return msc_graph_table(&b->g, msc_build_expr(b, e->arg[0], env, dose), (uint32_t)e->ref, (uint32_t)e->ref2);
    default: return fold(b, e, env, dose);
    }
}
