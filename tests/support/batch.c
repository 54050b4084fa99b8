/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list of scenarios through the engine. */
#include "support/batch.h"

#include <stdlib.h>
#include <string.h>

static void *array(size_t n, size_t size)
{
    void *memory = calloc(n + 1, size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

#define ARRAY(n, type) ((type *)array((n), sizeof(type)))

scene *scene_new(const msc_program *p, const double *reg, double start, double end, size_t n_stop, size_t n_time,
                 double atol)
{
    scene *s = ARRAY(1, scene);
    n_stop = n_stop < 2 ? 2 : n_stop;
    s->reg = ARRAY(p->n_register, double);
    memcpy(s->reg, reg, p->n_register * sizeof *reg);
    s->atol = ARRAY(p->n_state, double);
    s->floor = ARRAY(p->n_guard, double);
    s->stop = ARRAY(n_stop, double);
    s->given = ARRAY((n_stop - 1) * p->n_given, double);
    s->bolus = ARRAY(n_stop * p->n_given, double);
    s->time = ARRAY(n_time, msc_engine_time);
    s->out = ARRAY(n_time * p->out.n, double);
    s->state = ARRAY(p->n_state, double);
    s->u = ARRAY(p->n_u, double);
    for (uint32_t i = 0; i < p->n_state; i++) {
        s->atol[i] = atol;
    }
    for (size_t i = 0; i < n_stop; i++) {
        s->stop[i] = start + (end - start) * (double)i / (double)(n_stop - 1);
    }
    for (size_t i = 0; i < n_time; i++) {
        s->time[i].t = n_time > 1 ? start + (end - start) * (double)i / (double)(n_time - 1) : end;
    }
    s->job = (msc_engine_job){.reg = s->reg,
                              .atol = s->atol,
                              .floor = s->floor,
                              .n_stop = n_stop,
                              .stop = s->stop,
                              .given = s->given,
                              .bolus = s->bolus,
                              .n_time = n_time,
                              .time = s->time,
                              .out = s->out,
                              .state = s->state};
    return s;
}

void scene_watch(scene *s, size_t n, const uint32_t *rows)
{
    s->watch = ARRAY(n, uint32_t);
    s->watch_max = ARRAY(n, double);
    s->watch_time = ARRAY(n, double);
    memcpy(s->watch, rows, n * sizeof *rows);
    s->job.n_watch = n;
    s->job.watch = s->watch;
    s->job.watch_max = s->watch_max;
    s->job.watch_time = s->watch_time;
}

void scene_free(scene *s)
{
    if (s != NULL) {
        free(s->reg);
        free(s->atol);
        free(s->floor);
        free(s->stop);
        free(s->given);
        free(s->bolus);
        free(s->time);
        free(s->out);
        free(s->state);
        free(s->u);
        free(s->watch);
        free(s->watch_max);
        free(s->watch_time);
        free(s);
    }
}

typedef struct {
    scene *const *scenes;
    size_t n, given;
} batch;

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    batch *b = context;
    if (b->given == b->n) {
        return false;
    }
    *job = b->scenes[b->given]->job;
    *id = b->given++;
    return true;
}

static void done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report)
{
    const batch *b = context;
    scene *s = b->scenes[id];
    (void)job;
    s->report = *report;
    s->done = true;
    if (report->u != NULL) {
        memcpy(s->u, report->u, report->n_u * sizeof *s->u);
    }
}

msc_status batch_run_plan(const msc_plan *plan, scene *const *scenes, size_t n)
{
    msc_workspace *w = NULL;
    msc_status status = msc_workspace_new(plan, &w, NULL);
    if (status == MSC_OK) {
        batch b = {scenes, n, 0};
        status = msc_engine_run(plan, w, next, done, &b, NULL);
    }
    msc_workspace_free(w);
    return status;
}

msc_status batch_run(const msc_program *p, const msc_engine_options *options, scene *const *scenes, size_t n)
{
    msc_plan *plan = NULL;
    msc_status status = msc_plan_new(p, options, &plan, NULL);
    if (status == MSC_OK) {
        status = batch_run_plan(plan, scenes, n);
    }
    msc_plan_free(plan);
    return status;
}

const char *const *batch_kernels(void)
{
    static const char *const all[] = {"baseline", "avx2", "emit", "avx512", NULL};
    static const char *const two[] = {"baseline", "avx2", "emit", NULL};
    static const char *const one[] = {"baseline", NULL};
    return msc_kernel_find("avx512") != NULL ? all : msc_kernel_find("avx2") != NULL ? two : one;
}
