/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One scenario through the engine, and its result. */
#include <math.h>
#include <string.h>

#include "scenario/regimen.h"
#include "scenario/scenario.h"

/* ---- the engine's one job ---- */

typedef struct {
    msc_result *result;
    msc_arena *arena;
    bool given;
} single;

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    single *one = context;
    if (one->given) {
        return false;
    }
    one->given = true;
    *job = one->result->prepared.job;
    *id = 0;
    return true;
}

static void done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report)
{
    single *one = context;
    msc_result *r = one->result;
    (void)id;
    (void)job;
    r->report = *report;
    r->report.u = NULL;
    if (report->end != MSC_END_FINE) {
        msc_scenario_diagnose(r->scenario, r->prepared.input, report, &r->failure);
    }
}

static void warn(msc_result *r)
{
    char text[MSC_WHEN];
    const msc_program *p = r->scenario->program;
    for (uint32_t k = 0; k < p->n_guard; k++) {
        const msc_guard *g = &p->guard[k];
        if (isnan(r->warned_at[k])) {
            continue;
        }
        msc_notes_add(&r->notes, r->arena, g->where, "%s fails %s%s%s", g->name, msc_when_text(text, r->scenario->model->units, r->warned_at[k]),
                      g->about ? ": " : "", g->about ? g->about : "");
    }
}

/* The first element of a quantity that has no finite value; false if all have one. */
static bool find_missing(const msc_result *r, const msc_quantity *q, uint32_t *element, size_t *at)
{
    const uint32_t n_row = r->scenario->program->out.n;
    for (size_t i = 0; i < r->scenario->n_time; i++) {
        for (uint32_t e = 0; e < q->n; e++) {
            if (!isfinite(r->value[i * n_row + q->first + e])) {
                *element = e, *at = i;
                return true;
            }
        }
    }
    return false;
}

/* A run that ends well may have outputs that do not: a share of nothing. They are missing in the
 * results, and it is said. */
static void warn_of_missing(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    for (uint32_t k = 0; r->report.end == MSC_END_FINE && k < s->program->n_quantity; k++) {
        const msc_quantity *q = &s->program->quantity[k];
        const int output = msc_model_find_output(s->model, q->name);
        uint32_t element = 0;
        size_t at = 0;
        if (!find_missing(r, q, &element, &at)) {
            continue;
        }
        const char *name = output >= 0 ? msc_shape_label(r->arena, s->model, q->name, &s->model->output[output].shape, element)
                                       : q->name;
        const char *where = output >= 0 ? msc_conf_where(r->arena, s->model->output[output].origin) : s->path;
        msc_notes_add(&r->notes, r->arena, where, "%s is %s at t = %.6g %s%s", name,
                      isnan(r->value[at * s->program->out.n + q->first + element]) ? "not a number" : "infinite", s->time[at].t,
                      s->model->time_unit, q->n > 1 ? ", the first of its kind" : "");
    }
}

/* Each quantity's values in its own unit. */
static void convert(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    const msc_program *p = s->program;
    r->quantity = MSC_NEW(r->arena, double *, p->n_quantity + 1);
    for (uint32_t k = 0; k < p->n_quantity; k++) {
        const msc_quantity *q = &p->quantity[k];
        r->quantity[k] = MSC_NEW(r->arena, double, s->n_time * q->n + 1);
        for (size_t i = 0; i < s->n_time; i++) {
            for (uint32_t e = 0; e < q->n; e++) {
                r->quantity[k][i * q->n + e] = r->value[i * p->out.n + q->first + e] / q->factor;
            }
        }
    }
}

/* What was never a number has no highest one. */
static void tidy_peaks(msc_result *r)
{
    for (uint32_t i = 0; i < r->scenario->program->out.n; i++) {
        r->peak[i] = isnan(r->peak_time[i]) ? (double)NAN : r->peak[i];
    }
}

static void run(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    const msc_program *p = s->program;
    msc_scenario_prepare(s, r->arena, &r->prepared);
    msc_engine_job *job = &r->prepared.job;
    r->value = MSC_NEW(r->arena, double, s->n_time * p->out.n + 1);
    r->peak = MSC_NEW(r->arena, double, p->out.n + 1);
    r->peak_time = MSC_NEW(r->arena, double, p->out.n + 1);
    r->time = MSC_NEW(r->arena, double, s->n_time + 1);
    r->warned_at = MSC_NEW(r->arena, double, p->n_guard + 1);
    job->warned_at = r->warned_at;
    uint32_t *watch = MSC_NEW(r->arena, uint32_t, p->out.n + 1);
    for (uint32_t i = 0; i < p->out.n; i++) {
        watch[i] = i;
    }
    for (size_t i = 0; i < s->n_time; i++) {
        r->time[i] = s->time[i].t;
    }
    job->out = r->value;
    job->n_watch = p->out.n, job->watch = watch;
    job->watch_max = r->peak, job->watch_time = r->peak_time;
    msc_workspace *workspace = NULL;
    msc_error err = {0};
    single one = {.result = r, .arena = r->arena};
    if (msc_workspace_new(s->plan, &workspace, &err) == MSC_OK) {
        (void)!msc_engine_run(s->plan, workspace, next, done, &one, &err);
    }
    msc_workspace_free(workspace);
    if (err.status != MSC_OK) {
        msc_throw(r->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    convert(r);
    tidy_peaks(r);
    warn(r);
    warn_of_missing(r);
}

msc_status msc_scenario_run(const msc_scenario *scenario, msc_result **result, msc_error *err)
{
    *result = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_result *r = MSC_NEW(arena, msc_result, 1);
    r->arena = arena;
    r->scenario = scenario;
    run(r);
    *result = r;
    if (r->failure.status != MSC_OK && err) {
        *err = r->failure;
    }
    return r->failure.status;
}

void msc_result_free(msc_result *result)
{
    if (result) {
        msc_arena_free(result->arena);
    }
}

/* ---- looking at it ---- */

size_t msc_result_times(const msc_result *result, const double **times)
{
    if (times) {
        *times = result->time;
    }
    return result->scenario->n_time;
}

const char *msc_result_time_unit(const msc_result *result)
{
    return result->scenario->model->time_unit;
}

static const msc_quantity *find(const msc_result *r, const char *name, uint32_t *which)
{
    const msc_program *p = r->scenario->program;
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        if (name && strcmp(p->quantity[i].name, name) == 0) {
            *which = i;
            return &p->quantity[i];
        }
    }
    return NULL;
}

const double *msc_result_values(const msc_result *result, const char *quantity, size_t *n_elements, const char **unit)
{
    uint32_t which = 0;
    const msc_quantity *q = find(result, quantity, &which);
    if (!q) {
        return NULL;
    }
    if (n_elements) {
        *n_elements = q->n;
    }
    if (unit) {
        *unit = q->unit;
    }
    return result->quantity[which];
}

const char *msc_result_element(const msc_result *result, const char *quantity, size_t element)
{
    uint32_t which = 0;
    const msc_quantity *q = find(result, quantity, &which);
    return q && q->n_dim == 1 && element < q->n ? q->label[0][element] : NULL;
}

msc_status msc_result_peak(const msc_result *result, const char *quantity, size_t element, double *value, double *time,
                           msc_error *err)
{
    uint32_t which = 0;
    const msc_quantity *q = find(result, quantity, &which);
    if (!q || element >= q->n) {
        return msc_fail(err, MSC_E_USAGE, NULL, "the result has no quantity '%s' with element %zu", quantity ? quantity : "", element);
    }
    if (value) {
        *value = result->peak[q->first + element] / q->factor;
    }
    if (time) {
        *time = result->peak_time[q->first + element];
    }
    return MSC_OK;
}

const char *msc_result_warning(const msc_result *result, size_t i)
{
    return i < result->notes.n ? result->notes.note[i].message : NULL;
}

const char *msc_result_warning_where(const msc_result *result, size_t i)
{
    return i < result->notes.n ? result->notes.note[i].where : NULL;
}
