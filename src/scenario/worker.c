/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread's share of a batch: as many vectors of values under way as the engine has lanes, each
 * with memory of its own that the next one in its place uses again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/batch.h"
#include "scenario/regimen.h"

typedef struct {
    msc_arena *arena;      /* of the vector in it */
    msc_vector vector;
    double *out;           /* [n_time][out.n] */
    double *step, *difference; /* [n_knob], [n_knob][n_time][out.n]: of derivatives */
    size_t id;             /* the caller's */
    bool busy;
} slot;

struct msc_worker {
    const msc_batch *batch;
    msc_workspace *workspace;
    unsigned n_slot;
    slot *slot;
    double *vector;     /* [n_knob] */
    double *value;      /* [n_time][n_column] */
    double *endpoint;   /* [n_endpoint] */
    unsigned char *mark; /* [n_endpoint] */
    double *sensitivity; /* [n_knob][n_time][n_column], or NULL */
    char *warning;      /* [WARNING] */
    msc_batch_next *next; /* of the run under way */
    msc_batch_done *done;
    void *context;
    msc_error error;    /* not of a vector: out of memory */
};

enum { WARNING = 1024 };

static const char *const ends[] = {"ok",        "refused",  "steps", "rejected", "collapsed", "nonfinite",
                                   "negative",  "share",    "check", "time",     "method",    NULL};

const char *const *msc_batch_ends(void)
{
    return ends;
}

const char *const *msc_batch_marks(void)
{
    return msc_mark_names();
}

static const char *end_word(msc_engine_end end)
{
    switch (end) {
    case MSC_END_FINE: return ends[0];
    case MSC_END_STEPS: return ends[2];
    case MSC_END_REJECTED: return ends[3];
    case MSC_END_COLLAPSED: return ends[4];
    case MSC_END_NONFINITE: return ends[5];
    case MSC_END_NEGATIVE: return ends[6];
    case MSC_END_SHARE: return ends[7];
    case MSC_END_CHECK: return ends[8];
    case MSC_END_TIME: return ends[9];
    case MSC_END_STOPPED: break; /* is not reported */
    case MSC_END_METHOD: break;
    }
    return ends[10];
}

/* ---- one vector ---- */

static bool any_appears(const double *own, const double *varied, size_t n)
{
    bool any = false;
    for (size_t i = 0; varied && i < n && !any; i++) {
        any = varied[i] != 0 && (!own || own[i] == 0);
    }
    return any;
}

/* Is there something in the variation, from the start or given, of which the scenario itself has nothing at all? The
 * scenario's steps are chosen for what it has, and may pass over all that becomes of this. */
static bool appears(const msc_program *p, const msc_prepared *own, const msc_prepared *varied)
{
    const msc_engine_job *a = &own->job, *b = &varied->job;
    bool any = any_appears(a->bolus, b->bolus, a->n_stop * p->n_given);
    for (size_t i = 0; i + 1 < a->n_stop && !any; i++) { /* slot 0 is the time */
        any = any_appears(a->given + i * p->n_given + 1, b->given + i * p->n_given + 1, p->n_given - 1);
    }
    for (uint32_t i = 0; i < p->n_state && !any; i++) {
        any = p->initial[i] != MSC_NONE && any_appears(&own->reg[p->initial[i]], &varied->reg[p->initial[i]], 1);
    }
    return any;
}

/* What the scenario would be with one value a little further on its scale, on the scenario's own stops. */
static void vary(msc_worker *w, slot *at, size_t k, const double *vector, msc_dose *dose, msc_engine_variation *variation)
{
    const msc_batch *b = w->batch;
    const msc_scenario *s = b->scenario;
    const msc_program *p = s->program;
    double stepped = 0;
    at->step[k] = msc_sensitivity_step(&b->scale[k], vector[k], &stepped);
    if (isnan(at->step[k])) {
        msc_throw(at->arena, MSC_E_CONFIG, b->knob[k].where, "%s: %.6g has no place on the scale by which derivatives are wanted",
                  b->knob[k].path, vector[k]);
    }
    double *input = MSC_NEW(at->arena, double, p->n_input + 1);
    memcpy(input, at->vector.prepared.input, p->n_input * sizeof *input);
    msc_knob_turn(at->arena, s, &b->knob[k], stepped, dose, input);
    const msc_known known = {.own = &at->vector.prepared, .stops = true, .n_step = b->known.n_step, .step = b->known.step};
    const msc_numbers numbers = {.dose = dose, .input = input, .known = &known};
    msc_prepared *prepared = MSC_NEW(at->arena, msc_prepared, 1);
    msc_numbers_prepare(s, at->arena, &numbers, prepared);
    if (appears(p, &at->vector.prepared, prepared)) {
        msc_knob_fail(at->arena, &b->knob[k],
                      "at %.6g it brings nothing, and no steps are taken for nothing that a derivative could follow; ask at a small value",
                      vector[k]);
    }
    *variation = (msc_engine_variation){.reg = prepared->reg,
                                        .given = prepared->job.given,
                                        .bolus = prepared->job.bolus,
                                        .difference = at->difference + k * b->n_time * p->out.n};
}

/* Its job, in the slot's arena. E_CONFIG: these values are refused; other failures are not theirs. */
static msc_status prepare(msc_worker *w, slot *at, const double *vector)
{
    const msc_batch *b = w->batch;
    msc_arena_reset(at->arena);
    if (MSC_CATCH(at->arena)) {
        return at->arena->error.status;
    }
    msc_vector_prepare(b, at->arena, vector, &at->vector);
    msc_engine_job *job = &at->vector.prepared.job;
    job->n_time = b->n_time;
    job->out = at->out;
    if (b->sensitivities) {
        job->n_variation = b->n_knob;
        job->variation = MSC_NEW(at->arena, msc_engine_variation, b->n_knob + 1);
        for (size_t k = 0; k < b->n_knob; k++) {
            vary(w, at, k, vector, at->vector.dose, &job->variation[k]);
        }
    }
    return MSC_OK;
}

static void set_missing(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = NAN;
    }
}

static void hand_over(msc_worker *w, const slot *at, msc_outcome *outcome)
{
    outcome->value = w->value;
    outcome->endpoint = w->endpoint;
    outcome->mark = w->mark;
    outcome->sensitivity = w->sensitivity;
    w->done(w->context, at->id, outcome);
}

static void refuse(msc_worker *w, const slot *at)
{
    const msc_batch *b = w->batch;
    set_missing(w->value, b->n_time * b->n_column);
    set_missing(w->endpoint, b->n_endpoint);
    memset(w->mark, MSC_MARK_UNKNOWN, b->n_endpoint);
    if (w->sensitivity) {
        set_missing(w->sensitivity, b->n_knob * b->n_time * b->n_column);
    }
    hand_over(w, at,
              &(msc_outcome){.status = MSC_E_CONFIG,
                             .end = ends[1],
                             .message = at->arena->error.message,
                             .where = at->arena->error.where,
                             .warning = ""});
}

/* The engine's results in the units of columns and endpoints. */
static void convert(msc_worker *w, const slot *at, bool finished)
{
    const msc_batch *b = w->batch;
    const uint32_t n_out = b->scenario->program->out.n;
    for (size_t i = 0; i < b->n_time; i++) {
        for (size_t k = 0; k < b->n_column; k++) {
            w->value[i * b->n_column + k] = at->out[i * n_out + b->column[k].row] / b->column[k].factor;
        }
    }
    for (size_t k = 0; k < b->n_endpoint; k++) {
        const msc_batch_endpoint_of *e = &b->endpoint[k];
        msc_mark mark = MSC_MARK_UNKNOWN;
        w->endpoint[k] = finished ? msc_endpoint_value(&b->scenario->endpoints, at->vector.prepared.job.seek, e->which, e->element, &mark)
                                  : (double)NAN;
        w->mark[k] = (unsigned char)mark;
    }
}

/* Differences over steps, in the columns' units. */
static void convert_sensitivities(msc_worker *w, const slot *at)
{
    const msc_batch *b = w->batch;
    const uint32_t n_out = b->scenario->program->out.n;
    for (size_t k = 0; k < b->n_knob && w->sensitivity; k++) {
        const double *from = at->difference + k * b->n_time * n_out;
        double *to = w->sensitivity + k * b->n_time * b->n_column;
        for (size_t i = 0; i < b->n_time; i++) {
            for (size_t c = 0; c < b->n_column; c++) {
                to[i * b->n_column + c] = from[i * n_out + b->column[c].row] / (at->step[k] * b->column[c].factor);
            }
        }
    }
}

/* The first warning: of doses, of values outside of their ranges, or of a check in the course. */
static const char *warn(msc_worker *w, const slot *at, const msc_engine_report *report)
{
    const msc_scenario *s = w->batch->scenario;
    if (at->vector.notes.n > 0) {
        return at->vector.notes.note[0].message;
    }
    if (report->warned == MSC_NONE) {
        return "";
    }
    const msc_guard *g = &s->program->guard[report->warned];
    char text[MSC_WHEN];
    snprintf(w->warning, WARNING, "%s fails %s%s%s", g->name, msc_when_text(text, s->model->units, report->warned_t),
             g->about ? ": " : "", g->about ? g->about : "");
    return w->warning;
}

/* ---- the engine's questions ---- */

static slot *free_slot(msc_worker *w)
{
    for (unsigned i = 0; i < w->n_slot; i++) {
        if (!w->slot[i].busy) {
            return &w->slot[i];
        }
    }
    return NULL;
}

static bool next_job(void *context, msc_engine_job *job, size_t *id)
{
    msc_worker *w = context;
    slot *at = free_slot(w);
    while (at && w->next(w->context, w->vector, &at->id)) {
        const msc_status status = prepare(w, at, w->vector);
        if (status == MSC_OK) {
            at->busy = true;
            *job = at->vector.prepared.job;
            *id = (size_t)(at - w->slot);
            return true;
        }
        if (status != MSC_E_CONFIG) {
            w->error = at->arena->error;
            return false;
        }
        refuse(w, at);
    }
    return false;
}

static void job_done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report)
{
    msc_worker *w = context;
    slot *at = &w->slot[id];
    const bool finished = report->end == MSC_END_FINE;
    msc_error err = {0};
    (void)job;
    at->busy = false;
    if (report->end == MSC_END_STOPPED) {
        return;
    }
    if (!finished) {
        msc_scenario_diagnose(w->batch->scenario, at->vector.prepared.input, report, &err);
    }
    convert(w, at, finished);
    convert_sensitivities(w, at);
    hand_over(w, at,
              &(msc_outcome){.status = err.status,
                             .end = end_word(report->end),
                             .message = err.message,
                             .where = err.where,
                             .warning = warn(w, at, report),
                             .steps = report->steps,
                             .rejected = report->rejected});
}

/* ---- workers ---- */

static msc_status make_room(msc_worker *w, msc_error *err)
{
    const msc_batch *b = w->batch;
    const size_t n_out = b->n_time * b->scenario->program->out.n;
    w->n_slot = msc_plan_lanes(b->scenario->plan);
    w->slot = calloc(w->n_slot, sizeof *w->slot);
    w->vector = calloc(b->n_knob + 1, sizeof *w->vector);
    w->value = calloc(b->n_time * b->n_column + 1, sizeof *w->value);
    w->endpoint = calloc(b->n_endpoint + 1, sizeof *w->endpoint);
    w->mark = calloc(b->n_endpoint + 1, 1);
    w->warning = calloc(WARNING, 1);
    bool room = w->slot && w->vector && w->value && w->endpoint && w->mark && w->warning;
    const size_t n_knob = b->sensitivities ? b->n_knob : 0;
    if (b->sensitivities) {
        w->sensitivity = calloc(n_knob * b->n_time * b->n_column + 1, sizeof *w->sensitivity);
        room = room && w->sensitivity;
    }
    for (unsigned i = 0; room && i < w->n_slot; i++) {
        w->slot[i].arena = msc_arena_new(err);
        w->slot[i].out = calloc(n_out + 1, sizeof *w->slot[i].out);
        w->slot[i].step = calloc(n_knob + 1, sizeof *w->slot[i].step);
        w->slot[i].difference = calloc(n_knob * n_out + 1, sizeof *w->slot[i].difference);
        room = w->slot[i].arena && w->slot[i].out && w->slot[i].step && w->slot[i].difference;
    }
    return room ? MSC_OK : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a worker");
}

msc_status msc_worker_new(const msc_batch *batch, msc_worker **worker, msc_error *err)
{
    *worker = NULL;
    msc_worker *w = calloc(1, sizeof *w);
    if (!w) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a worker");
    }
    w->batch = batch;
    msc_status status = make_room(w, err);
    if (status == MSC_OK) {
        status = msc_workspace_new(batch->scenario->plan, &w->workspace, err);
    }
    if (status != MSC_OK) {
        msc_worker_free(w);
        return status;
    }
    *worker = w;
    return MSC_OK;
}

void msc_worker_free(msc_worker *worker)
{
    if (!worker) {
        return;
    }
    msc_workspace_free(worker->workspace);
    for (unsigned i = 0; worker->slot && i < worker->n_slot; i++) {
        msc_arena_free(worker->slot[i].arena);
        free(worker->slot[i].out);
        free(worker->slot[i].step);
        free(worker->slot[i].difference);
    }
    free(worker->slot);
    free(worker->vector);
    free(worker->value);
    free(worker->endpoint);
    free(worker->mark);
    free(worker->sensitivity);
    free(worker->warning);
    free(worker);
}

msc_status msc_worker_run(msc_worker *worker, msc_batch_next *next, msc_batch_done *done, void *context,
                          const volatile int *stop, msc_error *err)
{
    if (!next || !done) {
        return msc_fail(err, MSC_E_USAGE, NULL, "a function is wanted here, and not NULL: %s", next ? "done" : "next");
    }
    worker->next = next, worker->done = done, worker->context = context;
    worker->error = (msc_error){0};
    for (unsigned i = 0; i < worker->n_slot; i++) {
        worker->slot[i].busy = false;
    }
    msc_workspace_stop(worker->workspace, stop);
    msc_status status = msc_engine_run(worker->batch->scenario->plan, worker->workspace, next_job, job_done, worker, err);
    if (status == MSC_OK && worker->error.status != MSC_OK) {
        status = msc_fail(err, worker->error.status, NULL, "%s", worker->error.message);
    }
    return status;
}
