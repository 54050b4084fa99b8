/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What befalls one scenario whatever the method: its start, stops, outputs, guards. Scalar. */
#include "engine/plan.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include <time.h>

static const double SHARE_SLACK = 1e-9;

double msc_wall(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? (double)now.tv_sec + 1e-9 * (double)now.tv_nsec : 0.0;
}

static msc_status check_variations(const msc_plan *plan, const msc_engine_job *job, size_t id, msc_error *err)
{
    if (job->n_variation > 0 && plan->stepper != NULL) { /* its steps are its own */
        return msc_fail(err, MSC_E_CONFIG, NULL, "derivatives are to be had with the method 'rosenbrock' only");
    }
    for (size_t i = 0; i < job->n_variation; i++) {
        const msc_engine_variation *v = &job->variation[i];
        if (v->reg == NULL || v->given == NULL || v->difference == NULL) {
            return msc_fail(err, MSC_E_BUG, NULL, "engine: variation %zu of scenario %zu lacks an array", i, id);
        }
    }
    return MSC_OK;
}

msc_status msc_job_check(const msc_plan *plan, const msc_engine_job *job, size_t id, msc_error *err)
{
    const msc_program *program = plan->program;
    bool ascending = job->n_stop >= 2 && isfinite(job->stop[0]) && isfinite(job->stop[job->n_stop - 1]);
    for (size_t i = 1; ascending && i < job->n_stop; i++) {
        ascending = job->stop[i - 1] < job->stop[i];
    }
    if (!ascending) {
        return msc_fail(err, MSC_E_BUG, NULL, "engine: the stops of scenario %zu do not ascend", id);
    }
    for (size_t i = 0; i < job->n_time; i++) {
        const msc_engine_time *now = &job->time[i], *last = i > 0 ? now - 1 : NULL;
        const bool after_last =
            last == NULL || now->t > last->t || (now->t == last->t && (last->before || !now->before));
        if (!(now->t >= job->stop[0] && now->t <= job->stop[job->n_stop - 1]) || !after_last) {
            return msc_fail(err, MSC_E_BUG, NULL, "engine: output time %zu of scenario %zu is out of order", i,
                            id);
        }
    }
    for (uint32_t i = 0; i < program->n_state; i++) {
        if (!(job->atol[i] >= 0.0)) {
            return msc_fail(err, MSC_E_BUG, NULL, "engine: a tolerance of scenario %zu is not a number >= 0", id);
        }
    }
    for (size_t i = 0; i < job->n_watch; i++) {
        if (job->watch[i] >= program->out.n) {
            return msc_fail(err, MSC_E_BUG, NULL, "engine: scenario %zu watches no row", id);
        }
    }
    for (size_t i = 0; i < job->n_seek; i++) {
        const msc_engine_seek *s = &job->seek[i];
        const bool within = s->from >= job->stop[0] && s->until <= job->stop[job->n_stop - 1];
        if (s->row >= program->out.n || !within || !(s->from <= s->until) || isnan(s->level)) {
            return msc_fail(err, MSC_E_BUG, NULL, "engine: question %zu of scenario %zu makes no sense", i, id);
        }
    }
    return check_variations(plan, job, id, err);
}

void msc_job_begin(const msc_program *program, msc_lane *lane)
{
    const msc_engine_job *job = &lane->job;
    lane->active = true;
    lane->fresh = lane->starting = true;
    lane->stepping = lane->accepted = lane->landing = false;
    lane->after_rejection = lane->nonfinite = false;
    lane->rejections = 0;
    lane->next_stop = 0;
    lane->next_time = 0;
    lane->t = lane->t1 = job->stop[0];
    lane->h = lane->step = 0.0;
    lane->began = msc_wall();
    lane->report =
        (msc_engine_report){.state = MSC_NONE, .guard = MSC_NONE, .warned = MSC_NONE, .t = job->stop[0]};
    for (uint32_t g = 0; g < program->n_guard; g++) {
        lane->seen[g] = 0.0;
        if (job->warned_at != NULL) {
            job->warned_at[g] = NAN;
        }
    }
    for (size_t i = 0; i < job->n_watch; i++) {
        job->watch_max[i] = -INFINITY;
        job->watch_time[i] = NAN;
    }
    msc_seek_begin(lane);
}

void msc_job_end(const msc_program *program, const msc_lane *lane)
{
    const msc_engine_job *job = &lane->job;
    for (size_t i = lane->next_time * program->out.n; i < job->n_time * program->out.n; i++) {
        job->out[i] = NAN;
    }
}

double msc_row_value(const msc_program *p, const msc_rows *rows, uint32_t row, const double *reg, const double *u)
{
    double sum = 0.0;
    for (uint32_t i = rows->one_at[row]; i < rows->one_at[row + 1]; i++) {
        sum += reg[p->coef[rows->one[i]]];
    }
    for (uint32_t i = rows->linear_at[row]; i < rows->linear_at[row + 1]; i++) {
        sum += reg[p->coef[rows->linear[i].coef]] * u[rows->linear[i].u];
    }
    for (uint32_t i = rows->bilinear_at[row]; i < rows->bilinear_at[row + 1]; i++) {
        const msc_bilinear *b = &rows->bilinear[i];
        sum += reg[p->coef[b->coef]] * (u[b->u] * u[b->v]);
    }
    return sum;
}

void msc_job_record(const msc_program *program, msc_lane *lane, double t, bool before, const double *u)
{
    const msc_engine_job *job = &lane->job;
    for (; lane->next_time < job->n_time; lane->next_time++) {
        const msc_engine_time *time = &job->time[lane->next_time];
        if (time->t > t || (time->t == t && time->before != before)) {
            break;
        }
        msc_program_rows(program, &program->out, job->reg, u, job->out + lane->next_time * program->out.n);
    }
}

void msc_job_watch(const msc_program *program, msc_lane *lane, double t, const double *u)
{
    const msc_engine_job *job = &lane->job;
    for (size_t i = 0; i < job->n_watch; i++) {
        const double value = msc_row_value(program, &program->out, job->watch[i], job->reg, u);
        if (value > job->watch_max[i]) {
            job->watch_max[i] = value;
            job->watch_time[i] = t;
        }
    }
}

static bool any_enters(const msc_program *p, const msc_engine_job *job, size_t stop)
{
    bool any = false;
    for (uint32_t i = 0; job->bolus != NULL && i < p->n_given; i++) {
        any = any || job->bolus[stop * p->n_given + i] != 0.0;
    }
    return any;
}

void msc_job_pass_stop(const msc_program *p, msc_lane *lane, size_t stop, double *u, double *scratch)
{
    const msc_engine_job *job = &lane->job;
    const uint32_t n_all = p->n_node + p->n_guard_node + p->n_output_node;
    double *given = u + p->first_given;
    given[0] = job->stop[stop];
    if (any_enters(p, job, stop)) {
        msc_program_nodes(p, job->reg, u, 0, n_all);
        double *reached = scratch + p->n_u;
        memcpy(reached, u, p->n_state * sizeof *u);
        msc_program_enter(p, job->reg, u, job->bolus + stop * p->n_given, scratch, reached);
        memcpy(u, reached, p->n_state * sizeof *u);
    }
    if (stop + 1 < job->n_stop) {
        memcpy(given, job->given + stop * p->n_given, p->n_given * sizeof *given);
    }
    given[0] = job->stop[stop];
    const bool seen = job->n_watch > 0 || job->n_seek > 0 ||
                      (lane->next_time < job->n_time && job->time[lane->next_time].t == job->stop[stop]);
    if (seen) {
        msc_program_nodes(p, job->reg, u, 0, n_all);
    }
}

double msc_job_shortest(const msc_lane *lane)
{
    const double span = lane->job.stop[lane->job.n_stop - 1] - lane->job.stop[0];
    return fmax(16.0 * DBL_EPSILON * fabs(lane->t), DBL_EPSILON * sqrt(DBL_EPSILON) * span);
}

bool msc_job_test(const msc_program *p, msc_lane *lane, double t, const double *u, double *scratch, double *value)
{
    if (p->n_guard == 0) {
        return true;
    }
    memcpy(scratch, u, p->n_u * sizeof *u);
    for (uint32_t i = 0; i < p->n_state; i++) {
        const bool noise = u[i] < 0.0 && u[i] > -GUARD_NOISE * lane->job.atol[i];
        scratch[i] = noise ? 0.0 : u[i];
    }
    msc_program_nodes(p, lane->job.reg, scratch, 0, p->n_node + p->n_guard_node);
    msc_program_rows(p, &p->guard_row, lane->job.reg, scratch, value);
    return msc_job_guards(p, lane, t, value, 1);
}

/* One guard: FINE if it holds. */
static msc_engine_end judge(const msc_guard *guard, double value, double floor)
{
    if (isnan(value)) {
        return MSC_END_NONFINITE;
    }
    switch (guard->kind) {
    case MSC_GUARD_FLOW: return value >= -floor ? MSC_END_FINE : MSC_END_NEGATIVE;
    case MSC_GUARD_SHARE: {
        const double slack = SHARE_SLACK + floor; /* a share that tends to 0 or 1 passes it by what the solver lets pass */
        return value >= -slack && value <= 1.0 + slack ? MSC_END_FINE : MSC_END_SHARE;
    }
    case MSC_GUARD_CHECK: return value != 0.0 ? MSC_END_FINE : MSC_END_CHECK;
    }
    return MSC_END_FINE;
}

static void remember_warning(msc_lane *lane, uint32_t g, double t)
{
    lane->warned = true;
    if (lane->report.warned == MSC_NONE) {
        lane->report.warned = g;
        lane->report.warned_t = t;
    }
    if (lane->job.warned_at != NULL && isnan(lane->job.warned_at[g])) {
        lane->job.warned_at[g] = t;
    }
}

bool msc_job_guards(const msc_program *p, msc_lane *lane, double t, const double *value, size_t stride)
{
    for (uint32_t g = 0; g < p->n_guard; g++) {
        const msc_guard *guard = &p->guard[g];
        const double x = value[g * stride];
        lane->seen[g] = fabs(x) > lane->seen[g] ? fabs(x) : lane->seen[g];
        const double floor = (lane->job.floor != NULL ? lane->job.floor[g] : 0.0) + lane->rtol * lane->seen[g];
        const msc_engine_end end = judge(guard, x, floor);
        if (end == MSC_END_FINE) {
            continue;
        }
        if (guard->kind == MSC_GUARD_CHECK && !guard->stop) {
            remember_warning(lane, g, t);
            continue;
        }
        lane->report.end = end;
        lane->report.guard = g;
        lane->report.state = guard->kind == MSC_GUARD_FLOW ? guard->state : MSC_NONE;
        lane->report.t = t;
        return false;
    }
    return true;
}
