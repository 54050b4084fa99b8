/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plans and workspaces: made once, so that a run allocates nothing. */
#include "engine/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static msc_status choose_method(msc_plan *plan, const msc_engine_options *options, msc_error *err)
{
    if (options->method != NULL && strcmp(options->method, "rosenbrock") != 0) {
        plan->stepper = msc_gsl_stepper(options->method);
        msc_gsl_silence();
        plan->lanes = 1;
        if (plan->stepper == NULL) {
            return msc_fail(err, MSC_E_CONFIG, NULL, "there is no method '%s'", options->method);
        }
        return MSC_OK;
    }
    plan->kernel = msc_kernel_find(options->kernel);
    if (plan->kernel == NULL) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "this machine has no kernel '%s'",
                        options->kernel);
    }
    plan->lanes = plan->kernel->lanes;
    plan->for_code = strcmp(plan->kernel->name, "emit") == 0;
    return MSC_OK;
}

/* Code instead of tables. Where the system allows none, tables must do unless code was asked for. */
static msc_status emit(msc_plan *plan, const char *kernel, msc_error *err)
{
    if (!plan->for_code || msc_plan_emit(plan)) {
        return MSC_OK;
    }
    if (kernel != NULL && strcmp(kernel, "emit") == 0) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "this machine lets no code be made at run time");
    }
    msc_plan_unpack(plan);
    plan->kernel = msc_kernel_find("avx2");
    plan->lanes = plan->kernel->lanes;
    plan->for_code = false;
    return msc_plan_pack(plan, err);
}

msc_status msc_plan_new(const msc_program *program, const msc_engine_options *options,
                        msc_plan **plan, msc_error *err)
{
    *plan = NULL;
    if (!(options->rtol >= 1e-14 && options->rtol <= 0.1)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "rtol is %g, not between 1e-14 and 0.1",
                        options->rtol);
    }
    if (!(options->max_step >= 0.0)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the longest step is %g", options->max_step);
    }
    if (!(options->wall_limit >= 0.0)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the limit of time is %g s", options->wall_limit);
    }
    msc_plan *new = calloc(1, sizeof *new);
    if (new == NULL) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a plan");
    }
    new->program = program;
    new->rtol = options->rtol;
    new->max_steps = options->max_steps > 0 ? options->max_steps : 100000;
    new->wall_limit = options->wall_limit;
    new->longest = options->max_step > 0.0 ? options->max_step : INFINITY;
    new->stop = options->stop;
    new->n_unknown = program->n_state + program->n_node;
    msc_status status = choose_method(new, options, err);
    if (status == MSC_OK) {
        status = msc_plan_pack(new, err);
    }
    if (status == MSC_OK) {
        status = emit(new, options->kernel, err);
    }
    if (status != MSC_OK) {
        msc_plan_free(new);
        return status;
    }
    *plan = new;
    return MSC_OK;
}

void msc_plan_free(msc_plan *plan)
{
    if (plan != NULL) {
        msc_plan_unemit(plan);
        msc_plan_unpack(plan);
        free(plan);
    }
}

unsigned msc_plan_lanes(const msc_plan *plan)
{
    return plan->lanes;
}

const char *msc_plan_kernel(const msc_plan *plan)
{
    return plan->kernel == NULL ? "scalar" : plan->kernel->name;
}

/* ---- workspace ---- */

/* Hands out n values, W doubles each, from a block; with no block it only counts. */
typedef struct {
    double *block;
    size_t used, lanes;
} carver;

static double *carve(carver *c, size_t n)
{
    const size_t per_line = MSC_ALIGN / sizeof(double),
                 size = (n * c->lanes + per_line - 1) / per_line * per_line;
    double *at = c->block != NULL ? c->block + c->used : NULL;
    c->used += size;
    return at;
}

static void lay_out(msc_workspace *w, carver *c)
{
    const msc_plan *plan = w->plan;
    const msc_program *p = plan->program;
    const uint32_t n_value = p->out.n > p->n_guard ? p->out.n : p->n_guard;
    w->coef = carve(c, (size_t)p->n_coef + 2 * (size_t)plan->jacobian.n + MSC_NUMBERS);
    w->atol = carve(c, p->n_state);
    for (int s = 0; s < RODAS_STAGES; s++) {
        w->us[s] = carve(c, (size_t)p->n_u + MSC_PLACES + plan->n_unknown + plan->n_beside);
    }
    w->uv = carve(c, (size_t)p->n_u + MSC_PLACES);
    w->f0 = carve(c, p->n_state);
    w->y1 = carve(c, p->n_state);
    for (int d = 0; d < 3; d++) {
        w->dense[d] = carve(c, p->n_state);
    }
    w->partial = carve(c, plan->n_partial);
    w->values = carve(c, n_value);
    for (int q = 0; q < 5; q++) {
        w->sample[q] = carve(c, p->out.n);
    }
    w->h = carve(c, 1);
    w->error = carve(c, 1);
    w->bad = carve(c, 1);
    w->worst = carve(c, 1);
    w->theta = carve(c, 1);
    w->mask = (int64_t *)carve(c, 1);
}

/* What is part of what was laid out, and the numbers that stand for themselves. */
static void place_parts(msc_workspace *w)
{
    const msc_plan *plan = w->plan;
    const msc_program *p = plan->program;
    const size_t n = plan->lanes, last = (size_t)p->n_u * n;
    w->constant = w->coef + (p->n_coef + MSC_NUMBERS) * n;
    w->matrix = w->constant + plan->jacobian.n * n;
    double *numbers = w->coef + p->n_coef * n;
    w->u0 = w->us[0];
    for (int s = 0; s < RODAS_STAGES; s++) {
        w->k[s] = w->us[s] + last + MSC_PLACES * n;
    }
    for (size_t l = 0; l < n; l++) {
        numbers[MSC_MINUS_ONE * n + l] = -1.0;
        numbers[MSC_ONE * n + l] = 1.0;
        numbers[MSC_MINUS_ZERO * n + l] = -0.0;
        w->uv[last + l] = 1.0;
        for (int s = 0; s < RODAS_STAGES; s++) {
            w->us[s][last + l] = 1.0;
        }
    }
}

msc_status msc_workspace_new(const msc_plan *plan, msc_workspace **workspace, msc_error *err)
{
    const msc_program *p = plan->program;
    *workspace = NULL;
    msc_workspace *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a workspace");
    }
    w->plan = plan;
    w->u = calloc(p->n_u + (size_t)1, sizeof *w->u);
    w->scratch = calloc((size_t)p->n_u + p->n_state + 1, sizeof *w->scratch);
    w->value = calloc((size_t)p->out.n + p->n_guard + 1, sizeof *w->value);
    w->seen = calloc(MSC_LANES_MAX * ((size_t)p->n_guard + 1), sizeof *w->seen);
    for (uint32_t l = 0; l < MSC_LANES_MAX; l++) {
        w->lane[l].rtol = plan->rtol;
        w->lane[l].seen = w->seen != NULL ? w->seen + l * ((size_t)p->n_guard + 1) : NULL;
    }
    msc_status status = MSC_OK;
    if (w->u == NULL || w->scratch == NULL || w->value == NULL || w->seen == NULL) {
        status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a workspace");
    } else if (plan->stepper != NULL) {
        status = msc_gsl_work_new(plan, &w->gsl, err);
    } else {
        carver c = {.lanes = plan->lanes};
        lay_out(w, &c);
        c.block = w->block = aligned_alloc(MSC_ALIGN, c.used * sizeof *c.block);
        if (w->block != NULL) {
            memset(w->block, 0, c.used * sizeof *c.block);
            c.used = 0;
            lay_out(w, &c);
            place_parts(w);
        } else {
            status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a workspace");
        }
    }
    if (status != MSC_OK) {
        msc_workspace_free(w);
        return status;
    }
    *workspace = w;
    return MSC_OK;
}

void msc_workspace_stop(msc_workspace *w, const volatile int *stop)
{
    w->stop = stop;
}

bool msc_workspace_stops(const msc_workspace *w)
{
    return (w->plan->stop != NULL && *w->plan->stop != 0) || (w->stop != NULL && *w->stop != 0);
}

void msc_workspace_free(msc_workspace *w)
{
    if (w != NULL) {
        msc_gsl_work_free(w->gsl);
        msc_family_free(w);
        free(w->block);
        free(w->value);
        free(w->seen);
        free(w->scratch);
        free(w->u);
        free(w);
    }
}
