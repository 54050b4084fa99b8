/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario made ready for many vectors of values: read, compiled, and what is the same for all of
 * them found out once. */
#include "scenario/batch.h"

#include <math.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "scenario/read.h"
#include "scenario/regimen.h"

/* ---- reading ---- */

static _Noreturn void pass_on(msc_arena *arena, const msc_error *err)
{
    msc_throw(arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
}

/* The scenario with n settings, of which the caller gave the first. */
static void open_scenario(msc_batch *b, const char *path, const msc_batch_options *options, const char *const *setting,
                          size_t n)
{
    msc_error err = {0};
    msc_scenario_free(b->scenario);
    b->scenario = NULL;
    if (msc_scenario_open(path, setting, n, options->n_setting, &b->scenario, &err) != MSC_OK) {
        pass_on(b->arena, &err);
    }
}

static void find_knobs(msc_batch *b, const msc_batch_options *options, msc_knob_wants *wants)
{
    for (size_t k = 0; k < b->n_knob; k++) {
        msc_knob_find(b->arena, b->scenario, &options->vary[k], &b->knob[k], wants);
    }
}

/* What is varied has to be a number of its own: where it is a formula, or one setting speaks for several,
 * the scenario is read again with the value it has as a further setting. */
static void open_knobs(msc_batch *b, const char *path, const msc_batch_options *options)
{
    msc_knob_wants wants = {0}, more = {0};
    open_scenario(b, path, options, options->setting, options->n_setting);
    find_knobs(b, options, &wants);
    msc_knobs_part(b->arena, b->knob, b->n_knob);
    if (wants.n == 0) {
        return;
    }
    const char **setting = MSC_NEW(b->arena, const char *, options->n_setting + wants.n);
    for (size_t i = 0; i < options->n_setting; i++) {
        setting[i] = options->setting[i];
    }
    memcpy(&setting[options->n_setting], wants.text, wants.n * sizeof *wants.text);
    open_scenario(b, path, options, setting, options->n_setting + wants.n);
    for (size_t k = 0; k < b->n_knob; k++) {
        const double own = b->knob[k].value;
        msc_knob_find(b->arena, b->scenario, &options->vary[k], &b->knob[k], &more);
        if (more.n > 0) {
            msc_knob_fail(b->arena, &b->knob[k], "its value cannot be replaced by a number (%s)", more.text[0]);
        }
        b->knob[k].value = own;
    }
}

static void mark_doses(msc_batch *b)
{
    for (size_t k = 0; k < b->n_knob; k++) {
        const msc_knob *knob = &b->knob[k];
        for (size_t i = 0; i < knob->n_dose; i++) {
            msc_dose *dose = &b->scenario->dose[knob->dose[i]];
            dose->varied.at = dose->varied.at || knob->kind == MSC_KNOB_AT;
            dose->varied.duration = dose->varied.duration || knob->kind == MSC_KNOB_DURATION;
            dose->varied.interval = dose->varied.interval || knob->kind == MSC_KNOB_INTERVAL;
        }
    }
}

/* Derivatives by what moves an event would need a term for the jump there. */
static void need_smooth(const msc_batch *b, const msc_batch_options *options)
{
    for (size_t k = 0; k < b->n_knob && options->sensitivities; k++) {
        const msc_knob *knob = &b->knob[k];
        if (knob->kind == MSC_KNOB_AT || knob->kind == MSC_KNOB_DURATION || knob->kind == MSC_KNOB_INTERVAL) {
            msc_knob_fail(b->arena, knob, "this moves an event: there are no derivatives by it");
        }
    }
}

/* The same of parameters, and of the model, once the program is there. */
static void need_derivatives(const msc_batch *b)
{
    const msc_scenario *s = b->scenario;
    const char *jump = msc_program_jumps(s->program);
    if (s->solver.method && strcmp(s->solver.method, msc_engine_methods()[0]) != 0) {
        msc_throw(b->arena, MSC_E_CONFIG, s->path, "derivatives are to be had with the method '%s' only, not with '%s'",
                  msc_engine_methods()[0], s->solver.method);
    }
    if (jump) {
        msc_throw(b->arena, MSC_E_CONFIG, s->path, "%s jumps as the state goes: there are no derivatives across it", jump);
    }
    for (size_t k = 0; k < b->n_knob; k++) {
        for (uint32_t i = 0; i < b->knob[k].n_input; i++) {
            const char *moved = msc_program_moves_stop(s->program, b->knob[k].input[i], b->arena);
            if (moved) {
                msc_knob_fail(b->arena, &b->knob[k], "this moves an event (%s): there are no derivatives by it", moved);
            }
        }
    }
}

static void set_scales(msc_batch *b, const msc_batch_options *options)
{
    b->scale = MSC_NEW(b->arena, msc_sensitivity_axis, b->n_knob + 1);
    for (size_t k = 0; k < b->n_knob; k++) {
        const msc_vary *v = &options->vary[k];
        const double own = fabs(b->knob[k].value); /* NaN: entries differ */
        b->scale[k] = (msc_sensitivity_axis){.scale = (int)v->scale, .low = v->low, .high = v->high, .size = own > 0 ? own : 0};
        if (b->scale[k].scale < MSC_SCALE_LINEAR || b->scale[k].scale > MSC_SCALE_LOGIT) {
            msc_knob_fail(b->arena, &b->knob[k], "%d is no scale for derivatives", b->scale[k].scale);
        }
        if (v->scale == MSC_SCALE_LOGIT && !(v->low < v->high && isfinite(v->high - v->low))) {
            msc_knob_fail(b->arena, &b->knob[k], "a logit needs an interval, and not %g to %g", v->low, v->high);
        }
    }
}

/* ---- what stays as it is ---- */

static bool count_varies(const msc_scenario *s, const msc_input *in)
{
    return in->kind == MSC_INPUT_DOSE_COUNT && (s->dose[in->dose].varied.at || s->dose[in->dose].varied.interval);
}

/* Registers that depend on what is varied, in order; gives which. */
static bool *find_steps(msc_batch *b)
{
    const msc_program *p = b->scenario->program;
    bool *input = MSC_NEW(b->arena, bool, p->n_input + 1), *reg = MSC_NEW(b->arena, bool, p->n_register + 1);
    uint32_t *step = MSC_NEW(b->arena, uint32_t, p->n_register + 1);
    for (size_t k = 0; k < b->n_knob; k++) {
        for (uint32_t i = 0; i < b->knob[k].n_input; i++) {
            input[b->knob[k].input[i]] = true;
        }
    }
    for (uint32_t i = 0; i < p->n_input; i++) {
        input[i] = input[i] || count_varies(b->scenario, &p->input[i]);
    }
    for (uint32_t i = 0; i < p->n_register; i++) {
        const msc_instruction *op = &p->prologue[i];
        reg[i] = op->op == MSC_OP_INPUT && input[op->arg[0]];
        for (int k = 0; k < msc_op_arity(op->op); k++) {
            reg[i] = reg[i] || reg[op->arg[k]];
        }
        if (reg[i]) {
            step[b->known.n_step++] = i;
        }
    }
    b->known.step = step;
    return reg;
}

static bool doses_stand(const msc_batch *b)
{
    const msc_scenario *s = b->scenario;
    for (size_t d = 0; d < s->n_dose; d++) {
        if (s->dose[d].varied.at || s->dose[d].varied.duration || s->dose[d].varied.interval) {
            return false;
        }
    }
    return true;
}

/* Neither conditions on time nor what has peaks depends on these registers. */
static bool clock_stands(const msc_batch *b, const bool *reg)
{
    const msc_program *p = b->scenario->program;
    for (uint32_t i = 0; i < p->n_clock_all; i++) {
        for (int k = 0; k < msc_op_arity(p->clock[i].op); k++) {
            const uint32_t arg = p->clock[i].arg[k];
            if ((int32_t)arg >= 0 && reg[arg]) {
                return false;
            }
        }
    }
    return true;
}

static void add_stops(msc_batch *b)
{
    msc_scenario *s = b->scenario;
    if (MSC_CATCH(s->arena)) {
        pass_on(b->arena, &s->arena->error);
    }
    msc_output_add_stops(s, &b->own.job);
}

/* What the scenario's own numbers are warned of. What is varied has no number here. */
static void note_own_ranges(msc_batch *b)
{
    msc_scenario *s = b->scenario;
    if (MSC_CATCH(s->arena)) {
        pass_on(b->arena, &s->arena->error);
    }
    msc_evaluation *e = msc_evaluation_new(s->arena, s->model, NULL);
    for (size_t k = 0; k < b->n_knob; k++) {
        if (b->knob[k].kind == MSC_KNOB_PARAMETER) {
            msc_evaluation_set(e, (int)b->knob[k].index, b->knob[k].instance, NAN);
        }
    }
    msc_scenario_note_ranges(s, s->arena, e, &s->notes);
}

/* Does what a dose is checked for depend on what is varied? A parameter may stand in any check. */
static bool doses_vary(const msc_batch *b)
{
    bool vary = false;
    for (size_t k = 0; k < b->n_knob; k++) {
        vary = vary || b->knob[k].kind == MSC_KNOB_PARAMETER || b->knob[k].n_dose > 0;
    }
    return vary;
}

/* Each vector's doses are checked for themselves. */
static void check_own_doses(msc_batch *b)
{
    msc_scenario *s = b->scenario;
    const size_t n_note = s->notes.n;
    if (MSC_CATCH(s->arena)) {
        if (s->arena->error.status != MSC_E_CONFIG || !doses_vary(b)) {
            pass_on(b->arena, &s->arena->error);
        }
        s->notes.n = n_note;
        return;
    }
    msc_regimen_check(s, s->arena, &(msc_numbers){.dose = s->dose}, &s->notes);
}

static void find_known(msc_batch *b)
{
    msc_scenario *s = b->scenario;
    for (size_t k = 0; k < b->n_knob; k++) {
        msc_knob_connect(b->arena, s->program, &b->knob[k]);
    }
    const bool *varied = find_steps(b);
    note_own_ranges(b);
    check_own_doses(b);
    msc_numbers_prepare(s, b->arena, &(msc_numbers){.dose = s->dose, .varied = varied}, &b->own);
    b->known.own = &b->own;
    b->known.pulses = clock_stands(b, varied);
    b->known.stops = b->known.pulses && doses_stand(b);
    if (b->scenario->both_sides && b->trajectories && b->known.stops) {
        add_stops(b);
    }
}

/* ---- what comes out ---- */

/* "live[lung,cxcr4_neg]" */
static const char *column_label(msc_arena *arena, const msc_quantity *q, uint32_t element)
{
    const char *text = "";
    for (int i = q->n_dim - 1; i >= 0; i--) {
        text = msc_arena_printf(arena, "%s%s%s", q->label[i][element % q->dim_n[i]], *text ? "," : "", text);
        element /= q->dim_n[i];
    }
    return q->n_dim > 0 ? msc_arena_printf(arena, "%s[%s]", q->name, text) : q->name;
}

static void list_columns(msc_batch *b)
{
    const msc_scenario *s = b->scenario;
    const msc_program *p = s->program;
    b->n_time = s->n_time;
    b->time = MSC_NEW(b->arena, double, s->n_time + 1);
    for (size_t i = 0; i < s->n_time; i++) {
        b->time[i] = s->time[i].t;
    }
    b->column = MSC_NEW(b->arena, msc_batch_column_of, p->out.n + 1);
    for (uint32_t k = 0; k < p->n_quantity; k++) {
        const msc_quantity *q = &p->quantity[k];
        for (uint32_t e = 0; e < q->n; e++) {
            b->column[b->n_column++] = (msc_batch_column_of){
                .label = column_label(b->arena, q, e), .unit = q->unit, .row = q->first + e, .factor = q->factor};
        }
    }
}

static void list_endpoints(msc_batch *b)
{
    const msc_endpoints *list = &b->scenario->endpoints;
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n += list->endpoint[i].shape.n;
    }
    b->endpoint = MSC_NEW(b->arena, msc_batch_endpoint_of, n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const msc_endpoint *e = &list->endpoint[i];
        for (size_t k = 0; k < e->shape.n; k++) {
            b->endpoint[b->n_endpoint++] =
                (msc_batch_endpoint_of){.label = msc_endpoint_label(b->arena, b->scenario->model, e, k),
                                        .unit = e->unit,
                                        .which = i,
                                        .element = k};
        }
    }
}

/* ---- all of it ---- */

/* Arrays that are said to have elements. */
static void need_arrays(msc_arena *arena, const msc_batch_options *options)
{
    const bool setting = options->n_setting == 0 || options->setting, vary = options->n_vary == 0 || options->vary;
    if (!setting || !vary || (options->n_time > 0 && !options->time)) {
        msc_throw(arena, MSC_E_USAGE, NULL, "an array is wanted here, and not NULL: msc_batch_options.%s",
                  !setting ? "setting" : !vary ? "vary" : "time");
    }
}

static void build(msc_batch *b, const char *path, const msc_batch_options *options)
{
    const bool trajectories = options->trajectories || options->sensitivities;
    const msc_reading how = {.many = true,
                             .cut = !trajectories,
                             .section = options->section,
                             .n_time = options->n_time,
                             .time = options->time};
    msc_error err = {0};
    need_arrays(b->arena, options);
    b->trajectories = trajectories;
    b->n_knob = options->n_vary;
    b->knob = MSC_NEW(b->arena, msc_knob, options->n_vary + 1);
    open_knobs(b, path, options);
    mark_doses(b);
    need_smooth(b, options);
    set_scales(b, options);
    if (msc_scenario_complete(b->scenario, &how, &err) != MSC_OK) {
        pass_on(b->arena, &err);
    }
    if (!trajectories && b->scenario->endpoints.n == 0) {
        msc_throw(b->arena, MSC_E_CONFIG, path, "nothing is asked for: there are no endpoints, and no trajectories are kept");
    }
    find_known(b);
    b->sensitivities = options->sensitivities;
    if (b->sensitivities) {
        need_derivatives(b);
    }
    if (trajectories) {
        list_columns(b);
    }
    list_endpoints(b);
}

msc_status msc_batch_read(const char *path, const msc_batch_options *options, msc_batch **batch, msc_error *err)
{
    *batch = NULL;
    if (!options) {
        return msc_fail(err, MSC_E_USAGE, NULL, "options are wanted here, and not NULL");
    }
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_batch *volatile building = NULL;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_scenario_free(building ? building->scenario : NULL);
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    building = MSC_NEW(arena, msc_batch, 1);
    building->arena = arena;
    build(building, path, options);
    *batch = building;
    return MSC_OK;
}

void msc_batch_free(msc_batch *batch)
{
    if (batch) {
        msc_scenario_free(batch->scenario);
        msc_arena_free(batch->arena);
    }
}

/* ---- looking at it ---- */

const msc_scenario *msc_batch_scenario(const msc_batch *batch)
{
    return batch->scenario;
}

const char *msc_batch_unit(const msc_batch *batch, size_t k)
{
    return k < batch->n_knob ? batch->knob[k].unit : NULL;
}

double msc_batch_value(const msc_batch *batch, size_t k)
{
    return k < batch->n_knob ? batch->knob[k].value : (double)NAN;
}

size_t msc_batch_times(const msc_batch *batch, const double **times)
{
    if (times) {
        *times = batch->time;
    }
    return batch->n_time;
}

const char *msc_batch_time_unit(const msc_batch *batch)
{
    return batch->scenario->model->time_unit;
}

size_t msc_batch_columns(const msc_batch *batch)
{
    return batch->n_column;
}

const char *msc_batch_column(const msc_batch *batch, size_t column, const char **unit)
{
    if (column >= batch->n_column) {
        return NULL;
    }
    if (unit) {
        *unit = batch->column[column].unit;
    }
    return batch->column[column].label;
}

size_t msc_batch_endpoints(const msc_batch *batch)
{
    return batch->n_endpoint;
}

const char *msc_batch_endpoint(const msc_batch *batch, size_t endpoint, const char **unit)
{
    if (endpoint >= batch->n_endpoint) {
        return NULL;
    }
    if (unit) {
        *unit = batch->endpoint[endpoint].unit;
    }
    return batch->endpoint[endpoint].label;
}
