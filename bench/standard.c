/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The benchmark's scenarios. See standard.h. */
#include "standard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void standard_die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

double standard_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- draws ---- */

/* Uniform in 0..1 (SplitMix64). */
static double uniform(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    const double r = sqrt(-2.0 * log(uniform(state)));
    return r * cos(6.283185307179586 * uniform(state));
}

static double *draw(const standard *s, size_t i)
{
    const msc_program *p = s->scenario->program;
    double *input = malloc(p->n_input * sizeof *input), *reg = malloc(p->n_register * sizeof *reg);
    if (input == NULL || reg == NULL) {
        standard_die("draw", "out of memory");
    }
    uint64_t seed = 1000 + i;
    memcpy(input, s->base.input, p->n_input * sizeof *input);
    for (uint32_t k = 0; i > 0 && k < p->n_input; k++) { /* the first is the file's own */
        const msc_input *in = &p->input[k];
        if (in->kind == MSC_INPUT_PARAMETER &&
            strcmp(s->scenario->model->parameter[in->index].unit, "1/h") == 0) {
            input[k] *= exp(0.3 * normal(&seed));
        }
    }
    msc_program_prologue(p, input, reg);
    free(input);
    return reg;
}

standard standard_new(const char *path, size_t n)
{
    standard s = {.n = n};
    msc_error err = {0};
    if (msc_scenario_read(path, NULL, 0, &s.scenario, &err) != MSC_OK) {
        standard_die(err.where, err.message);
    }
    msc_arena *arena = msc_arena_new(&err);
    if (arena == NULL || MSC_CATCH(arena)) {
        standard_die(path, "cannot be prepared");
    }
    msc_scenario_prepare(s.scenario, arena, &s.base);
    s.reg = malloc(n * sizeof *s.reg);
    for (size_t i = 0; i < n; i++) {
        s.reg[i] = draw(&s, i);
    }
    return s;
}

msc_engine_job standard_job(const standard *s, size_t i, double rtol, double *atol, double *out)
{
    msc_engine_job job = s->base.job;
    for (uint32_t k = 0; k < s->scenario->program->n_state; k++) {
        atol[k] = 1e-6 * rtol * s->base.scale[k];
    }
    job.reg = s->reg[i];
    job.atol = atol;
    job.out = out;
    job.n_watch = job.n_seek = 0;
    job.warned_at = NULL;
    job.state = NULL;
    return job;
}

/* ---- states as outputs ---- */

static uint32_t coefficient_one(const msc_program *p)
{
    for (uint32_t k = 0; k < p->n_coef; k++) {
        const msc_instruction *op = &p->prologue[p->coef[k]];
        if (op->op == MSC_OP_NUMBER && op->number == 1.0) {
            return k;
        }
    }
    standard_die("the program", "has no coefficient 1");
}

msc_program *standard_with_states(const msc_program *program)
{
    const uint32_t n = program->n_state;
    msc_program *p = malloc(sizeof *p);
    *p = *program;
    p->out = (msc_rows){.n = n};
    p->out.one_at = calloc(n + 1, sizeof(uint32_t));
    p->out.bilinear_at = calloc(n + 1, sizeof(uint32_t));
    p->out.linear_at = calloc(n + 1, sizeof(uint32_t));
    p->out.linear = calloc(n, sizeof *p->out.linear);
    for (uint32_t i = 0; i < n; i++) {
        p->out.linear[i] = (msc_linear){coefficient_one(p), i};
        p->out.linear_at[i + 1] = i + 1;
    }
    return p;
}

/* ---- the engine ---- */

typedef struct {
    const standard *s;
    double rtol, *atol, *out, **states;
    size_t begun;
    uint64_t attempts;
} batch;

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    batch *b = context;
    if (b->begun == b->s->n) {
        return false;
    }
    *id = b->begun++;
    double *out = b->states != NULL ? b->states[*id]
                                    : b->out + *id % MSC_LANES_MAX * b->s->base.job.n_time *
                                                   b->s->scenario->program->out.n;
    *job = standard_job(b->s, *id, b->rtol, b->atol, out);
    return true;
}

static void done(void *context, size_t id, const msc_engine_job *job,
                 const msc_engine_report *report)
{
    batch *b = context;
    (void)job;
    if (report->end != MSC_END_FINE) {
        fprintf(stderr, "bench: draw %zu: %s\n", id, msc_engine_end_text(report->end));
    }
    b->attempts += report->steps + report->rejected;
}

msc_plan *standard_plan(const msc_program *program, const char *kernel, double rtol)
{
    const msc_engine_options options = {.rtol = rtol, .kernel = kernel};
    msc_error err = {0};
    msc_plan *plan;
    if (msc_plan_new(program, &options, &plan, &err) != MSC_OK) {
        standard_die("plan", err.message);
    }
    return plan;
}

standard_run standard_engine(const standard *s, const msc_plan *plan, double rtol, double **states)
{
    const msc_program *program = s->scenario->program;
    msc_error err = {0};
    msc_workspace *work;
    if (msc_workspace_new(plan, &work, &err) != MSC_OK) {
        standard_die("workspace", err.message);
    }
    batch b = {.s = s, .rtol = rtol, .states = states};
    b.atol = malloc(program->n_state * sizeof *b.atol);
    /* results are thrown away: scenarios under way may share rows */
    b.out =
        malloc(MSC_LANES_MAX * s->base.job.n_time * s->scenario->program->out.n * sizeof *b.out);
    const double start = standard_cpu();
    if (msc_engine_run(plan, work, next, done, &b, &err) != MSC_OK) {
        standard_die("run", err.message);
    }
    const double used = standard_cpu() - start;
    free(b.atol);
    free(b.out);
    msc_workspace_free(work);
    return (standard_run){.us = 1e6 * used / (double)s->n,
                          .attempts = (double)b.attempts / (double)s->n};
}
