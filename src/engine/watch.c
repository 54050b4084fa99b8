/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Maxima of watched rows inside the steps: the interpolant is sampled at quarters of each step in
 * all lanes at once; where a sample promises a new maximum beside it, that is sought by Brent's
 * method (golden section and parabolas) in that lane alone. */
#include "engine/plan.h"

#include <math.h>
#include <string.h>

static const double QUARTER[5] = {0.0, 0.25, 0.5, 0.75, 1.0};
static const double RESOLUTION = 1e-6; /* of a step */
static const double PROBE = 1e-3;      /* is there a maximum just beside an end of the step? */

typedef msc_watch_place place;

/* All of u at theta of the lane's step, into w->u. */
static void stand(const place *at, double theta)
{
    const msc_workspace *w = at->w;
    const msc_program *p = at->plan->program;
    const msc_lane *lane = &w->lane[at->lane];
    const double left = 1.0 - theta;
    for (uint32_t i = 0; i < p->n_state; i++) {
        const size_t j = (size_t)i * at->plan->lanes + at->lane;
        const double d = w->dense[0][j] + theta * (w->dense[1][j] + theta * w->dense[2][j]);
        w->u[i] = left * w->u0[j] + theta * (w->y1[j] + left * d);
    }
    for (uint32_t i = 0; i < p->n_given; i++) {
        w->u[p->first_given + i] = w->u0[((size_t)p->first_given + i) * at->plan->lanes + at->lane];
    }
    w->u[p->first_given] = lane->t + theta * lane->step;
    msc_program_nodes(p, lane->job.reg, w->u, 0, p->n_node + p->n_guard_node + p->n_output_node);
}

double msc_watch_value(const place *at, double theta)
{
    const msc_program *p = at->plan->program;
    stand(at, theta);
    return at->sign * msc_row_value(p, &p->out, at->row, at->w->lane[at->lane].job.reg, at->w->u);
}

/* Three points, best first. */
typedef struct {
    double x, fx, w, fw, v, fv;
} triple;

static void update(triple *t, double u, double fu, double *a, double *b)
{
    if (fu >= t->fx) {
        *(u >= t->x ? a : b) = t->x;
        *t = (triple){u, fu, t->x, t->fx, t->w, t->fw};
        return;
    }
    *(u < t->x ? a : b) = u;
    if (fu >= t->fw || t->w == t->x) {
        *t = (triple){t->x, t->fx, u, fu, t->w, t->fw};
    } else if (fu >= t->fv || t->v == t->x || t->v == t->w) {
        t->v = u;
        t->fv = fu;
    }
}

/* R. P. Brent: Algorithms for Minimization without Derivatives (1973), chapter 5. */
double msc_watch_refine(const place *at, double a, double x, double fx, double b, double *best)
{
    const double golden = 0.3819660112501051;
    triple t = {x, fx, x, fx, x, fx};
    double move = 0.0, last = 0.0;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (a + b);
        if (fabs(t.x - middle) <= 2.0 * RESOLUTION - 0.5 * (b - a)) {
            break;
        }
        const double r = (t.x - t.w) * (t.fv - t.fx), q0 = (t.x - t.v) * (t.fw - t.fx);
        double p = (t.x - t.v) * q0 - (t.x - t.w) * r, q = 2.0 * (q0 - r);
        p = q > 0.0 ? -p : p;
        q = fabs(q);
        if (fabs(last) > RESOLUTION && fabs(p) < fabs(0.5 * q * last) && p > q * (a - t.x) && p < q * (b - t.x)) {
            last = move;
            move = p / q;
        } else {
            last = t.x < middle ? b - t.x : a - t.x;
            move = golden * last;
        }
        const double u = t.x + (fabs(move) >= RESOLUTION ? move : copysign(RESOLUTION, move));
        update(&t, u, msc_watch_value(at, u), &a, &b);
    }
    *best = t.fx;
    return t.x;
}

/* One row over one step. */
static void watch_row(const place *at, const double *f, double *max, double *max_time)
{
    const msc_lane *lane = &at->w->lane[at->lane];
    int top = 0;
    for (int q = 1; q < 5; q++) {
        top = f[q] > f[top] ? q : top;
    }
    double theta = QUARTER[top], best = f[top];
    const double below = top == 0 ? f[1] : top == 4 ? f[3] : fmin(f[top - 1], f[top + 1]);
    if (best > below && best + (best - below) >= *max) {
        if (top > 0 && top < 4) {
            theta = msc_watch_refine(at, QUARTER[top - 1], theta, best, QUARTER[top + 1], &best);
        } else {
            const double x = top == 0 ? PROBE : 1.0 - PROBE, fx = msc_watch_value(at, x);
            if (fx > best) {
                theta = msc_watch_refine(at, top == 0 ? 0.0 : 0.75, x, fx, top == 0 ? 0.25 : 1.0, &best);
            }
        }
    }
    if (best > *max) {
        *max = best;
        *max_time = theta == 1.0 ? lane->t1 : lane->t + theta * lane->step;
    }
}

static void watch_lane(const msc_plan *plan, msc_workspace *w, unsigned l)
{
    const msc_engine_job *job = &w->lane[l].job;
    for (size_t i = 0; i < job->n_watch; i++) {
        const place at = {plan, w, l, job->watch[i], 1.0};
        const size_t j = (size_t)at.row * plan->lanes + l;
        double f[5];
        for (int q = 0; q < 5; q++) {
            f[q] = w->sample[q][j];
        }
        watch_row(&at, f, &job->watch_max[i], &job->watch_time[i]);
    }
}

/* The next step begins where this one ends. */
static void move_on(const msc_plan *plan, msc_workspace *w, unsigned l)
{
    for (size_t j = l; j < (size_t)plan->program->out.n * plan->lanes; j += plan->lanes) {
        w->sample[0][j] = w->sample[4][j];
    }
}

void msc_watch_steps(const msc_plan *plan, msc_workspace *w)
{
    const msc_program *p = plan->program;
    double *time = w->uv + (size_t)p->first_given * plan->lanes;
    for (int q = 1; q < 5; q++) {
        for (unsigned l = 0; l < plan->lanes; l++) {
            w->theta[l] = QUARTER[q];
        }
        plan->kernel->interpolate(plan, w);
        for (unsigned l = 0; l < plan->lanes; l++) {
            const msc_lane *lane = &w->lane[l];
            if (lane->active) {
                time[l] = q == 4 ? lane->t1 : lane->t + QUARTER[q] * lane->step;
            }
        }
        plan->kernel->observe(plan, w);
        memcpy(w->sample[q], w->values, (size_t)p->out.n * plan->lanes * sizeof *w->values);
    }
    for (unsigned l = 0; l < plan->lanes; l++) {
        if (w->lane[l].active && w->lane[l].accepted) {
            watch_lane(plan, w, l);
            msc_seek_step(plan, w, l);
            move_on(plan, w, l);
        }
    }
}

/* The first time, as halving the step finds it: a condition has no value that could lead there sooner. */
static double first_failure(const place *at)
{
    enum { HALVINGS = 20 };
    const msc_program *p = at->plan->program;
    const msc_lane *lane = &at->w->lane[at->lane];
    double good = 0.0, bad = 1.0;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = 0.5 * (good + bad);
        stand(at, middle);
        *(msc_row_value(p, &p->guard_row, at->row, lane->job.reg, at->w->u) != 0.0 ? &good : &bad) = middle;
    }
    return bad == 1.0 ? lane->t1 : lane->t + bad * lane->step;
}

void msc_watch_warnings(const msc_plan *plan, msc_workspace *w, unsigned l)
{
    msc_lane *lane = &w->lane[l];
    double *at = lane->job.warned_at;
    for (uint32_t g = 0; g < plan->program->n_guard; g++) {
        const bool here = at != NULL && at[g] == lane->t1, first = lane->report.warned == g && lane->report.warned_t == lane->t1;
        if (here || first) {
            const double t = first_failure(&(place){plan, w, l, g, 1.0});
            lane->report.warned_t = first ? t : lane->report.warned_t;
            if (here) {
                at[g] = t;
            }
        }
    }
    lane->warned = false;
}

void msc_watch_restart(const msc_plan *plan, msc_workspace *w, unsigned l, const double *u)
{
    msc_lane *lane = &w->lane[l];
    const msc_engine_job *job = &lane->job;
    for (size_t i = 0; i < job->n_watch; i++) {
        w->sample[0][(size_t)job->watch[i] * plan->lanes + l] =
            msc_row_value(plan->program, &plan->program->out, job->watch[i], job->reg, u);
    }
    for (size_t i = 0; i < job->n_seek; i++) {
        w->sample[0][(size_t)job->seek[i].row * plan->lanes + l] =
            msc_row_value(plan->program, &plan->program->out, job->seek[i].row, job->reg, u);
    }
    msc_job_watch(plan->program, lane, lane->t, u);
    msc_seek_after(plan->program, lane, lane->t, u);
}
