/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Are these numbers sound? Checks, totals, shares and signs that depend on parameters alone; and that
 * whatever moves the amounts is finite. */
#include <math.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "scenario/prepare.h"

static void mark_rows(const msc_rows *rows, uint32_t n, bool *used)
{
    for (uint32_t i = 0; i < rows->one_at[n]; i++) {
        used[rows->one[i]] = true;
    }
    for (uint32_t i = 0; i < rows->linear_at[n]; i++) {
        used[rows->linear[i].coef] = true;
    }
    for (uint32_t i = 0; i < rows->bilinear_at[n]; i++) {
        used[rows->bilinear[i].coef] = true;
    }
}

/* A state in whose rate a coefficient stands, or "". */
static const char *user_of(const msc_program *p, uint32_t coef)
{
    for (uint32_t r = 0; r < p->n_state; r++) {
        for (uint32_t i = p->rate.one_at[r]; i < p->rate.one_at[r + 1]; i++) {
            if (p->rate.one[i] == coef) {
                return p->state_name[r];
            }
        }
        for (uint32_t i = p->rate.linear_at[r]; i < p->rate.linear_at[r + 1]; i++) {
            if (p->rate.linear[i].coef == coef) {
                return p->state_name[r];
            }
        }
        for (uint32_t i = p->rate.bilinear_at[r]; i < p->rate.bilinear_at[r + 1]; i++) {
            if (p->rate.bilinear[i].coef == coef) {
                return p->state_name[r];
            }
        }
    }
    return "";
}

/* What moves the amounts has to be finite. An output need not be: a share of what is dosed in a run
 * without doses is not a number, and stays missing. */
void msc_sound_setup(msc_scenario *s)
{
    const msc_program *p = s->program;
    bool *used = MSC_NEW(s->arena, bool, p->n_coef + 1);
    mark_rows(&p->rate, p->rate.n, used);
    mark_rows(&p->node, p->n_node + p->n_guard_node, used);
    mark_rows(&p->guard_row, p->n_guard, used);
    for (uint32_t i = 0; i < p->n_special; i++) {
        for (int k = 0; p->special[i].node < p->n_node && k < msc_op_arity(p->special[i].op); k++) {
            if (p->special[i].arg[k] < 0) {
                used[~p->special[i].arg[k]] = true;
            }
        }
    }
    s->setup.check = MSC_NEW(s->arena, uint32_t, p->n_coef + 1);
    for (uint32_t k = 0; k < p->n_coef; k++) {
        if (used[k]) {
            s->setup.check[s->setup.n_check++] = k;
        }
    }
}

/* ---- culprits ---- */

/* "flow[lung]", of a parameter's instance. */
static const char *label(const msc_scenario *s, msc_arena *arena, uint32_t parameter, uint32_t instance)
{
    const msc_parameter *p = &s->model->parameter[parameter];
    return msc_shape_label(arena, s->model, p->name, &p->shape, instance);
}

static const msc_conf *origin_of(const msc_parameter *p, uint32_t instance)
{
    return p->value[instance].origin ? p->value[instance].origin : p->origin;
}

/* "; 'x[lung]' is inf", the first parameter with these inputs that is not finite, or "". */
static const char *culprit(const msc_scenario *s, msc_arena *arena, const double *input)
{
    const msc_model *m = s->model;
    msc_evaluation *e = msc_evaluation_new(arena, m, NULL);
    for (uint32_t i = 0; i < s->program->n_input; i++) {
        const msc_input *in = &s->program->input[i];
        if (in->kind == MSC_INPUT_PARAMETER) {
            msc_evaluation_set(e, (int)in->index, in->instance, input[i]);
        }
    }
    for (uint32_t k = 0; k < m->n_parameter; k++) {
        for (uint32_t i = 0; i < m->parameter[k].shape.n; i++) {
            const double x = msc_evaluate_parameter(e, (int)k, i);
            if (!isfinite(x)) {
                return msc_arena_printf(arena, "; '%s' is %g", label(s, arena, k, i), x);
            }
        }
    }
    return "";
}

static const double SHARE_SLACK = 1e-8; /* of a remainder among shares */

/* The largest amount that enters the same pool with the same dose. */
static double largest_beside(const msc_program *p, const double *reg, uint32_t e)
{
    double largest = 0;
    for (uint32_t i = 0; reg[p->entry[e].amount] < 0 && i < p->n_entry; i++) {
        if (p->entry[i].dose == p->entry[e].dose && p->given_pool[p->entry[i].slot] == p->given_pool[p->entry[e].slot]) {
            largest = fmax(largest, fabs(reg[p->entry[i].amount]));
        }
    }
    return largest;
}

static void test_coefficients(const msc_scenario *s, msc_arena *arena, const double *input, const double *reg,
                              const bool *varied)
{
    const msc_program *p = s->program;
    for (uint32_t k = 0; k < s->setup.n_check; k++) {
        const uint32_t coef = s->setup.check[k];
        if (!isfinite(reg[p->coef[coef]]) && !(varied && varied[p->coef[coef]])) {
            const char *user = user_of(p, coef);
            msc_throw(arena, MSC_E_CONFIG, s->path,
                      "with these parameters a coefficient of the model is not finite%s%s%s: look for a division by 0 or "
                      "an exponent too large",
                      *user ? ", used in the rate of " : "", user, culprit(s, arena, input));
        }
    }
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const double amount = reg[p->entry[e].amount];
        const bool start = p->entry[e].dose == MSC_NONE;
        const char *where = start ? s->path : NULL;
        if (varied && varied[p->entry[e].amount]) {
            continue;
        }
        if (!isfinite(amount)) {
            where = where ? where : msc_conf_where(arena, s->dose[p->entry[e].dose].origin);
            msc_throw(arena, MSC_E_CONFIG, where, "with these parameters what enters here is not a finite amount%s", culprit(s, arena, input));
        }
        if (amount < -SHARE_SLACK * largest_beside(p, reg, e)) {
            const int pool = p->given_pool[p->entry[e].slot];
            const struct msc_pool *own = pool >= 0 ? &s->model->pool[pool] : NULL;
            where = where ? where : msc_conf_where(arena, s->dose[p->entry[e].dose].origin);
            msc_throw(arena, MSC_E_CONFIG, where, "with these parameters less than nothing enters here: %.6g%s%s; look at what the "
                      "dose is per, and at loads", amount / (own ? own->factor : 1), own ? " " : "", own ? own->unit : "");
        }
    }
}

static void test_inputs(const msc_scenario *s, msc_arena *arena, const double *input)
{
    for (uint32_t i = 0; i < s->program->n_input; i++) {
        const msc_input *in = &s->program->input[i];
        if (isfinite(input[i])) {
            continue;
        }
        switch (in->kind) {
        case MSC_INPUT_PARAMETER:
            msc_conf_fail(arena, origin_of(&s->model->parameter[in->index], in->instance), "'%s' is %g, not a finite number",
                          label(s, arena, in->index, in->instance), input[i]);
        case MSC_INPUT_DOSE_PARAMETER:
            msc_conf_fail(arena, s->dose[in->dose].origin, "'%s' of this dose is %g, not a finite number",
                          label(s, arena, in->index, in->instance), input[i]);
        case MSC_INPUT_DOSE_LOAD:
            msc_conf_fail(arena, s->dose[in->dose].origin, "the load of '%s' is %g, not a finite number",
                          s->model->cargo[in->index].name, input[i]);
        case MSC_INPUT_DOSE_AMOUNT:
        case MSC_INPUT_DOSE_COUNT:
            msc_conf_fail(arena, s->dose[in->dose].origin, "a dose is a finite number, not negative");
        }
    }
}

/* "; this dose sets viability = 90": what a dose at that place sets outside of 0 to 1. */
static const char *too_large(const msc_scenario *s, msc_arena *arena, const char *where)
{
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        for (size_t i = 0; i < dose->n_take && strcmp(msc_conf_where(arena, dose->origin), where) == 0; i++) {
            const msc_parameter *p = &s->model->parameter[dose->take[i].parameter];
            if (msc_dim_is_pure(p->dim) && (dose->take[i].value < 0 || dose->take[i].value > 1)) {
                return msc_arena_printf(arena, "; this dose sets %s = %.6g",
                                        msc_shape_label(arena, s->model, p->name, &p->shape, dose->take[i].instance),
                                        dose->take[i].value / p->factor);
            }
        }
    }
    return "";
}

void msc_sound_test(const msc_scenario *s, msc_arena *arena, const double *input, const double *reg, const bool *varied)
{
    const msc_program *p = s->program;
    test_inputs(s, arena, input);
    const uint32_t bad = msc_program_test(p, reg, false, varied, 0);
    if (bad != MSC_NONE) {
        const msc_test *t = &p->test[bad];
        const double x = reg[t->reg] / t->factor;
        switch (t->kind) {
        case MSC_TEST_TOTAL:
            msc_throw(arena, MSC_E_CONFIG, t->where, "%s %.6g, not to %.6g", t->what, x, reg[t->reg2] / t->factor);
        case MSC_TEST_SHARE:
            msc_throw(arena, MSC_E_CONFIG, t->where, "%s is %.6g, outside of 0 to 1%s", t->what, x,
                      too_large(s, arena, t->where));
        case MSC_TEST_SIGN:
        case MSC_TEST_ABOVE:
            if (isfinite(x)) {
                msc_throw(arena, MSC_E_CONFIG, t->where, "%s (%.6g)", t->what, x);
            }
            msc_throw(arena, MSC_E_CONFIG, t->where, "not a finite number (%.6g)%s", x, culprit(s, arena, input));
        case MSC_TEST_CHECK: msc_throw(arena, MSC_E_CONFIG, t->where, "this check fails: %s", t->what);
        }
    }
    test_coefficients(s, arena, input, reg, varied);
}
