/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The drive: keeps all lanes busy, each with its own scenario, clock and step size.
 *
 *     prepare (all lanes) -> propose (each) -> attempt (all) -> control (each)
 *     -> guards, outputs, maxima of the steps accepted -> advance -> stops (each)
 *
 * A lane that ends takes the next scenario at once; when there are none, it repeats some other
 * lane's numbers, to no effect. Decisions are made lane by lane from that lane's numbers only; but a
 * variation of a scenario decides nothing and takes its steps (follow.c). */
#include "engine/plan.h"

#include <math.h>
#include <string.h>

static const unsigned REJECTIONS_MAX = 25; /* in a row */

typedef struct {
    const msc_plan *plan;
    msc_workspace *w;
    msc_engine_next *next;
    msc_engine_done *done;
    void *context;
    msc_error *err;
    msc_status status;
    unsigned active;
    bool more; /* scenarios */
    bool stopping;
} drive;

/* ---- columns: one lane's values ---- */

static void column_read(const drive *d, const double *from, unsigned l, uint32_t n, double *to)
{
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[(size_t)i * d->plan->lanes + l];
    }
}

static void column_write(const drive *d, const double *from, unsigned l, uint32_t n, double *to)
{
    for (uint32_t i = 0; i < n; i++) {
        to[(size_t)i * d->plan->lanes + l] = from[i];
    }
}

static void column_copy(const drive *d, double *values, uint32_t n, unsigned from, unsigned to)
{
    for (uint32_t i = 0; i < n; i++) {
        values[(size_t)i * d->plan->lanes + to] = values[(size_t)i * d->plan->lanes + from];
    }
}

/* What an idle lane does: the same as some other one. */
static void mirror(const drive *d, unsigned l)
{
    const msc_program *p = d->plan->program;
    for (unsigned from = 0; from < d->plan->lanes; from++) {
        if (d->w->lane[from].active) {
            column_copy(d, d->w->u0, p->n_u, from, l);
            column_copy(d, d->w->coef, p->n_coef, from, l);
            column_copy(d, d->w->constant, d->plan->jacobian.n, from, l);
            column_copy(d, d->w->atol, p->n_state, from, l);
            return;
        }
    }
}

/* ---- beginning and end of a scenario ---- */

/* What of the matrix does not change while the scenario runs. */
static void load_constants(drive *d, unsigned l)
{
    const msc_plan *plan = d->plan;
    const unsigned lanes = plan->lanes;
    double *to = d->w->constant + l;
    for (uint32_t i = 0; i < plan->jacobian.n; i++) {
        to[(size_t)i * lanes] = 0.0;
    }
    for (uint32_t i = 0; i < plan->jacobian.n_constant; i++) {
        const struct msc_pack_constant *c = &plan->jacobian.constant[i];
        to[(size_t)c->value * lanes] += d->w->coef[(size_t)c->coef * lanes + l];
    }
    for (uint32_t i = 0; i < plan->lu.n_node; i++) {
        to[(size_t)plan->lu.node[i] * lanes] -= 1.0;
    }
}

static void load(drive *d, unsigned l)
{
    const msc_program *p = d->plan->program;
    msc_workspace *w = d->w;
    msc_lane *lane = &w->lane[l];
    const msc_engine_job *job = &lane->job;
    msc_job_begin(p, lane);
    for (uint32_t i = 0; i < p->n_coef; i++) {
        w->coef[(size_t)i * d->plan->lanes + l] = job->reg[p->coef[i]];
    }
    load_constants(d, l);
    column_write(d, job->atol, l, p->n_state, w->atol);
    memset(w->u, 0, p->n_u * sizeof *w->u);
    for (uint32_t i = 0; i < p->n_state; i++) {
        w->u[i] = p->initial[i] == MSC_NONE ? 0.0 : job->reg[p->initial[i]];
    }
    memcpy(w->u + p->first_given, job->given, p->n_given * sizeof *w->u);
    w->u[p->first_given] = lane->t;
    msc_program_nodes(p, job->reg, w->u, 0, p->n_node + p->n_guard_node + p->n_output_node);
    msc_job_record(p, lane, lane->t, true, w->u);
    msc_job_watch(p, lane, lane->t, w->u);
    msc_seek_before(p, lane, w->u);
    msc_job_pass_stop(p, lane, 0, w->u, w->scratch);
    msc_job_record(p, lane, lane->t, false, w->u);
    msc_watch_restart(d->plan, w, l, w->u);
    lane->next_stop = 1;
    column_write(d, w->u, l, p->n_u, w->u0);
    w->h[l] = 1.0;
    lane->doomed = lane->variation == NULL && !msc_job_test(p, lane, lane->t, w->u, w->scratch, w->value);
}

/* Put into the lane's job what is to be done next: a variation that waits, or else a scenario. */
static bool take(drive *d, msc_lane *lane)
{
    if (d->stopping || d->status != MSC_OK) {
        return false;
    }
    if (d->w->waiting != NULL) {
        msc_family_join(d->w, lane);
        return true;
    }
    if (d->more) {
        memset(&lane->job, 0, sizeof lane->job);
        d->more = d->next(d->context, &lane->job, &lane->id);
    }
    if (d->more) {
        d->status = msc_job_check(d->plan, &lane->job, lane->id, d->err);
        d->more = d->status == MSC_OK;
    }
    if (d->more && lane->job.n_variation > 0) {
        msc_family_begin(d->w, lane);
    }
    return d->more;
}

static void refill(drive *d, unsigned l)
{
    msc_lane *lane = &d->w->lane[l];
    lane->active = lane->stepping = lane->accepted = lane->failed = false;
    lane->family = NULL;
    lane->variation = NULL;
    if (take(d, lane)) {
        load(d, l);
        d->active++;
    } else {
        mirror(d, l);
    }
}

/* A family of which all have ended well, but maybe for variations. */
static void finish_family(drive *d, msc_family *family)
{
    if (family->led && family->ended == family->job.n_variation) {
        family->used = false;
        d->done(d->context, family->id, &family->job, &family->report);
    }
}

static void finish_variation(drive *d, unsigned l, msc_engine_end end)
{
    msc_lane *lane = &d->w->lane[l];
    msc_family_settle(d->plan->program, lane, end);
    d->active--;
    finish_family(d, lane->family);
    refill(d, l);
}

/* The variations end with their scenario; their lanes are empty then. */
static void dismiss(drive *d, msc_family *family, msc_engine_end end, double t)
{
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        msc_lane *lane = &d->w->lane[l];
        if (lane->active && lane->family == family && lane->variation != NULL) {
            lane->active = lane->stepping = lane->accepted = false;
            d->active--;
        }
    }
    msc_family_fail(d->plan->program, d->w, family, end, t);
}

static void refill_dismissed(drive *d, const msc_family *family)
{
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        if (!d->w->lane[l].active && d->w->lane[l].variation != NULL && d->w->lane[l].family == family) {
            refill(d, l);
        }
    }
}

/* Hand in the report; on failure with what u was (`from`: u0 or uv). */
static void finish(drive *d, unsigned l, msc_engine_end end, const double *from)
{
    if (d->w->lane[l].variation != NULL) {
        finish_variation(d, l, end);
        return;
    }
    const msc_program *p = d->plan->program;
    msc_workspace *w = d->w;
    msc_lane *lane = &w->lane[l];
    msc_engine_report *report = &lane->report;
    report->end = end;
    report->n_u = p->n_u;
    if (end == MSC_END_FINE || report->state >= p->n_state) {
        report->state = MSC_NONE;
    }
    column_read(d, from, l, p->n_u, w->u);
    if (end != MSC_END_FINE) {
        msc_program_nodes(p, lane->job.reg, w->u, 0, p->n_node + p->n_guard_node + p->n_output_node);
        report->u = w->u;
        msc_seek_abandon(lane);
    }
    for (uint32_t i = 0; lane->job.state != NULL && i < p->n_state; i++) {
        lane->job.state[i] = end == MSC_END_FINE ? w->u[i] : NAN;
    }
    msc_job_end(p, lane);
    msc_family *family = lane->family;
    d->active--;
    if (family != NULL && end == MSC_END_FINE) {
        family->led = true;
        family->report = *report;
        finish_family(d, family);
        refill(d, l);
        return;
    }
    if (family != NULL) {
        dismiss(d, family, end, lane->t);
    }
    d->done(d->context, lane->id, &lane->job, report);
    refill(d, l);
    if (family != NULL) {
        refill_dismissed(d, family);
    }
}

static void fail(drive *d, unsigned l, msc_engine_end end)
{
    msc_lane *lane = &d->w->lane[l];
    const uint32_t state = lane->report.state, amount = msc_pace_worst(d->plan, d->w, l);
    const bool integral = state < d->plan->program->n_state && state >= d->plan->program->n_state - d->plan->program->n_integral;
    lane->report.state = integral && amount != MSC_NONE ? amount : state;
    lane->report.t = lane->t;
    lane->report.h = lane->h;
    finish(d, l, end, d->w->u0);
}

/* ---- step size ---- */

/* Decide on the lane's next step; false if it has ended. */
static bool propose(drive *d, unsigned l)
{
    msc_lane *lane = &d->w->lane[l];
    if (lane->variation != NULL) {
        const bool moves = msc_family_follow(lane);
        d->w->h[l] = moves ? lane->step : d->w->h[l];
        return moves;
    }
    const double stop = lane->job.stop[lane->next_stop], remaining = stop - lane->t, least = msc_job_shortest(lane);
    if (lane->doomed) { /* a guard fails at the start */
        lane->report.h = 0.0;
        finish(d, l, lane->report.end, d->w->u0);
        return false;
    }
    if (lane->fresh && d->plan->fixed > 0.0) {
        lane->h = d->plan->fixed;
    } else if (lane->fresh) {
        lane->h = msc_pace_first(d->plan, d->w, l, remaining, &lane->report.state);
        if (isnan(lane->h)) {
            fail(d, l, MSC_END_NONFINITE);
            return false;
        }
        lane->h = fmax(lane->h, least);
    }
    if (lane->report.steps + lane->report.rejected >= d->plan->max_steps) {
        fail(d, l, MSC_END_STEPS);
        return false;
    }
    if (!(lane->h >= least) && !(lane->h >= remaining) && remaining > least) {
        fail(d, l, lane->nonfinite ? MSC_END_NONFINITE : MSC_END_COLLAPSED);
        return false;
    }
    lane->h = fmin(lane->h, fmax(d->plan->longest, least));
    lane->landing = (1.1 * lane->h >= remaining && remaining <= d->plan->longest) || remaining <= least;
    const bool halve = !lane->landing && 2.0 * lane->h > remaining && d->plan->fixed == 0.0;
    lane->step = lane->landing ? remaining : halve ? 0.5 * remaining : lane->h;
    lane->t1 = lane->landing ? stop : lane->t + lane->step;
    lane->fresh = false;
    d->w->h[l] = lane->step;
    return true;
}

static uint32_t first_bad(const drive *d, unsigned l)
{
    for (uint32_t i = 0; i < d->plan->program->n_state; i++) {
        const size_t j = (size_t)i * d->plan->lanes + l;
        if (!isfinite(d->w->y1[j]) || !isfinite(d->w->k[RODAS_STAGES - 1][j])) {
            return i;
        }
    }
    return MSC_NONE;
}

/* Accept or reject the attempt, and choose the next step size. */
static void control(drive *d, unsigned l)
{
    msc_lane *lane = &d->w->lane[l];
    msc_engine_report *report = &lane->report;
    const double error = d->w->error[l];
    lane->nonfinite = !(d->w->bad[l] == 0.0) || isnan(error);
    lane->accepted = !lane->nonfinite && (error <= 1.0 || d->plan->fixed > 0.0);
    report->evaluations += RODAS_STAGES;
    report->factorisations++;
    const double factor = msc_pace_factor(lane, error);
    if (lane->accepted) {
        report->steps++;
        lane->after_rejection = lane->starting = false;
        lane->rejections = 0;
    } else {
        report->rejected++;
        lane->after_rejection = true;
        lane->rejections++;
    }
    report->state = lane->nonfinite ? first_bad(d, l) : (uint32_t)d->w->worst[l];
    lane->h = d->plan->fixed > 0.0 ? d->plan->fixed : lane->step * factor;
}

/* A variation goes where its scenario has gone, or ends. */
static void control_variation(drive *d, unsigned l)
{
    msc_lane *lane = &d->w->lane[l];
    lane->accepted = d->w->bad[l] == 0.0;
    if (!lane->accepted) {
        finish(d, l, MSC_END_NONFINITE, d->w->u0);
    }
}

static bool over_time(const drive *d, const msc_lane *lane)
{
    const uint64_t attempts = lane->report.steps + lane->report.rejected;
    return d->plan->wall_limit > 0.0 && attempts % 64 == 0 && msc_wall() - lane->began > d->plan->wall_limit;
}

/* ---- after the attempt ---- */

/* Has any failed? */
static bool check_guards(drive *d)
{
    const msc_plan *plan = d->plan;
    msc_workspace *w = d->w;
    double *time = w->uv + (size_t)plan->program->first_given * plan->lanes;
    plan->kernel->trial(plan, w);
    for (unsigned l = 0; l < plan->lanes; l++) {
        if (w->lane[l].accepted) {
            time[l] = w->lane[l].t1;
        }
    }
    plan->kernel->guard(plan, w);
    bool any = false;
    for (unsigned l = 0; l < plan->lanes; l++) {
        msc_lane *lane = &w->lane[l];
        if (lane->accepted && lane->variation == NULL &&
            !msc_job_guards(plan->program, lane, lane->t1, w->values + l, plan->lanes)) {
            lane->report.h = lane->step;
            lane->failed = any = true; /* but the step is accepted: what is asked of it is recorded first */
        }
    }
    return any;
}

static void finish_failed(drive *d)
{
    msc_workspace *w = d->w;
    double *time = w->uv + (size_t)d->plan->program->first_given * d->plan->lanes;
    d->plan->kernel->trial(d->plan, w); /* once more: outputs were made where it stood */
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        if (w->lane[l].failed) {
            time[l] = w->lane[l].t1;
            finish(d, l, w->lane[l].report.end, w->uv);
        }
    }
}

/* The next output time within the step. */
static bool wants_output(const msc_lane *lane)
{
    if (!lane->accepted || lane->next_time >= lane->job.n_time) {
        return false;
    }
    const msc_engine_time *time = &lane->job.time[lane->next_time];
    return time->t < lane->t1 || (time->t == lane->t1 && (!lane->landing || time->before));
}

/* One output of each lane that has one; false if none has. */
static bool record_one(drive *d)
{
    const msc_plan *plan = d->plan;
    const uint32_t n_out = plan->program->out.n;
    msc_workspace *w = d->w;
    double *time = w->uv + (size_t)plan->program->first_given * plan->lanes;
    bool any = false, wants[MSC_LANES_MAX];
    for (unsigned l = 0; l < plan->lanes; l++) {
        const msc_lane *lane = &w->lane[l];
        wants[l] = wants_output(lane);
        any = any || wants[l];
        const double t = wants[l] ? lane->job.time[lane->next_time].t : 0.0;
        w->theta[l] = wants[l] && t < lane->t1 ? fmin(1.0, (t - lane->t) / lane->step) : 1.0;
    }
    if (!any) {
        return false;
    }
    plan->kernel->interpolate(plan, w);
    for (unsigned l = 0; l < plan->lanes; l++) {
        if (wants[l]) {
            time[l] = w->lane[l].job.time[w->lane[l].next_time].t;
        }
    }
    plan->kernel->observe(plan, w);
    for (unsigned l = 0; l < plan->lanes; l++) {
        msc_lane *lane = &w->lane[l];
        if (wants[l]) {
            column_read(d, w->values, l, n_out, lane->job.out + lane->next_time * n_out);
            lane->next_time++;
        }
    }
    return true;
}

static void observe_steps(drive *d)
{
    bool watch = false, record = false, warned = false;
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        const msc_lane *lane = &d->w->lane[l];
        warned = warned || (lane->accepted && lane->warned);
        watch = watch || (lane->accepted && (lane->job.n_watch > 0 || lane->job.n_seek > 0));
        record = record || wants_output(lane);
    }
    if (watch || record || warned) {
        d->plan->kernel->interpolant(d->plan, d->w);
    }
    for (unsigned l = 0; warned && l < d->plan->lanes; l++) {
        if (d->w->lane[l].accepted && d->w->lane[l].warned) {
            msc_watch_warnings(d->plan, d->w, l);
        }
    }
    while (record) {
        record = record_one(d);
    }
    if (watch) {
        msc_watch_steps(d->plan, d->w);
    }
}

/* A lane has reached a stop. */
static void arrive(drive *d, unsigned l)
{
    const msc_program *p = d->plan->program;
    msc_workspace *w = d->w;
    msc_lane *lane = &w->lane[l];
    column_read(d, w->u0, l, p->n_u, w->u);
    msc_job_pass_stop(p, lane, lane->next_stop, w->u, w->scratch);
    msc_job_record(p, lane, lane->t, false, w->u);
    msc_watch_restart(d->plan, w, l, w->u);
    column_write(d, w->u, l, p->n_u, w->u0);
    lane->fresh = lane->starting = true;
    lane->after_rejection = false;
    lane->report.t = lane->t;
    lane->report.h = lane->step;
    if (lane->variation == NULL && !msc_job_test(p, lane, lane->t, w->u, w->scratch, w->value)) {
        lane->report.h = 0.0; /* it held until here: what enters did it */
        finish(d, l, lane->report.end, w->u0);
    } else if (++lane->next_stop == lane->job.n_stop) {
        finish(d, l, MSC_END_FINE, w->u0);
    }
}

/* Move on the lanes that were accepted. */
static void advance(drive *d)
{
    msc_workspace *w = d->w;
    double *time = w->u0 + (size_t)d->plan->program->first_given * d->plan->lanes;
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        msc_lane *lane = &w->lane[l];
        w->mask[l] = lane->accepted ? -1 : 0;
        if (lane->accepted) {
            lane->t = time[l] = lane->t1;
        }
    }
    d->plan->kernel->advance(d->plan, w);
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        msc_lane *lane = &w->lane[l];
        if (lane->accepted && lane->family != NULL && lane->variation == NULL && d->status == MSC_OK) {
            d->status = msc_family_note(lane, d->err);
        }
        if (lane->accepted && lane->landing) {
            arrive(d, l);
        } else if (lane->active && lane->rejections >= REJECTIONS_MAX) {
            fail(d, l, lane->nonfinite ? MSC_END_NONFINITE : MSC_END_REJECTED);
        } else if (lane->active && lane->stepping && lane->variation == NULL && over_time(d, lane)) {
            fail(d, l, MSC_END_TIME);
        }
    }
}

static void stop_all(drive *d)
{
    d->more = false;
    d->stopping = true;
    for (unsigned l = 0; l < d->plan->lanes; l++) {
        if (d->w->lane[l].active && d->w->lane[l].variation == NULL) {
            fail(d, l, MSC_END_STOPPED);
        }
    }
    for (unsigned l = 0; l < d->plan->lanes; l++) { /* variations whose scenario had ended */
        msc_family *family = d->w->lane[l].family;
        if (d->w->lane[l].active) {
            dismiss(d, family, MSC_END_STOPPED, family->report.t);
            family->report.end = MSC_END_STOPPED;
            d->done(d->context, family->id, &family->job, &family->report);
        }
    }
}

/* One attempt of every lane. */
static void round_of_steps(drive *d)
{
    const msc_plan *plan = d->plan;
    msc_workspace *w = d->w;
    unsigned stepping = 0, accepted = 0;
    bool fresh = false;
    plan->kernel->prepare(plan, w);
    for (unsigned l = 0; l < plan->lanes; l++) {
        w->lane[l].stepping = w->lane[l].active; /* what is refilled from here on waits for the next round */
        w->lane[l].accepted = w->lane[l].warned = false;
        fresh = fresh || (w->lane[l].active && w->lane[l].fresh);
    }
    if (fresh) {
        plan->kernel->rates(plan, w);
    }
    for (unsigned l = 0; l < plan->lanes; l++) {
        w->lane[l].stepping = w->lane[l].stepping && propose(d, l);
        stepping += w->lane[l].stepping;
    }
    if (stepping == 0) {
        return;
    }
    plan->kernel->attempt(plan, w);
    for (unsigned l = 0; l < plan->lanes; l++) {
        if (w->lane[l].stepping) {
            (w->lane[l].variation != NULL ? control_variation : control)(d, l);
            accepted += w->lane[l].accepted;
        }
    }
    const bool failed = accepted > 0 && plan->program->n_guard > 0 && check_guards(d);
    if (accepted > 0) {
        observe_steps(d);
    }
    if (failed) {
        finish_failed(d);
    }
    advance(d);
}

msc_status msc_engine_run(const msc_plan *plan, msc_workspace *w, msc_engine_next *next, msc_engine_done *done,
                          void *context, msc_error *err)
{
    if (plan->stepper != NULL) {
        return msc_gsl_run(plan, w, next, done, context, err);
    }
    drive d = {.plan = plan, .w = w, .next = next, .done = done, .context = context, .err = err, .more = true};
    w->waiting = NULL;
    for (unsigned l = 0; l < plan->lanes; l++) {
        w->lane[l].active = false;
        w->family[l].used = false;
    }
    for (unsigned l = 0; l < plan->lanes; l++) {
        w->h[l] = 1.0;
        refill(&d, l);
    }
    while (d.active > 0) {
        if (msc_workspace_stops(w) || d.status != MSC_OK) {
            stop_all(&d);
        } else {
            round_of_steps(&d);
        }
    }
    return d.status;
}
