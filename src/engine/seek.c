/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions about a row over a window: its extremes, when it is above a level, when it has fallen to
 * half of its maximum. Each step is followed through its quarters and the extremes between them that
 * may matter; where a level is crossed is located on the dense output to a billionth of the step. */
#include "engine/plan.h"

#include <math.h>

enum { QUARTERS = 5, NODES = 4 * QUARTERS };
static const double CROSSING = 1e-9; /* of a step */
static const double PROBE = 1e-3;    /* is there an extreme just beside an end of the step? */

/* A row over a step, or over what of it lies in the window. */
typedef struct {
    msc_watch_place *at; /* NULL: linear between the nodes */
    double t, step;
    double begin, end; /* the times of the first and the last node */
    int n;
    double x[NODES], f[NODES]; /* ascending, in parts of the step */
} course;

static double time_of(const course *c, double x)
{
    return x <= c->x[0] ? c->begin : x >= c->x[c->n - 1] ? c->end : c->t + x * c->step;
}

/* Where the level is between node i and the next, which lie on either side: the Illinois method, with
 * a bisection now and then. */
static double crossing(const course *c, int i, double level)
{
    double a = c->x[i], b = c->x[i + 1], fa = c->f[i] - level, fb = c->f[i + 1] - level;
    const bool above = fa > 0.0;
    int kept = 0; /* the end that stayed: -1 a, 1 b */
    for (int k = 0; c->at != NULL && b - a > CROSSING && k < 100; k++) {
        const double nudge = fmin(0.4 * CROSSING, 0.4 * (b - a));
        double x = a + (b - a) * fa / (fa - fb);
        x = k % 4 == 3 || !isfinite(x) ? a + 0.5 * (b - a) : fmin(fmax(x, a + nudge), b - nudge);
        const double f = msc_watch_value(c->at, x) - level;
        if ((f > 0.0) == above) {
            fb *= kept == 1 ? 0.5 : 1.0;
            a = x, fa = f, kept = 1;
        } else {
            fa *= kept == -1 ? 0.5 : 1.0;
            b = x, fb = f, kept = -1;
        }
    }
    const double x = a + (b - a) * fa / (fa - fb);
    return time_of(c, x >= a && x <= b ? x : b);
}

static void insert(course *c, double x, double f)
{
    int i = c->n;
    for (int k = 0; k < c->n; k++) {
        if (c->x[k] == x) {
            return;
        }
    }
    for (; i > 0 && c->x[i - 1] > x; i--) {
        c->x[i] = c->x[i - 1], c->f[i] = c->f[i - 1];
    }
    c->x[i] = x, c->f[i] = f;
    c->n++;
}

/* The maxima (sign 1) or minima (-1) beside quarters, as far as they may go beyond a bound. */
static void add_extremes(course *c, const double *x, const double *f, double sign, double bound)
{
    for (int q = 0; q < QUARTERS; q++) {
        const double here = sign * f[q], left = sign * f[q > 0 ? q - 1 : 1];
        const double right = sign * f[q < QUARTERS - 1 ? q + 1 : QUARTERS - 2],
                     low = fmin(left, right);
        if (!(here >= left && here >= right && here > low && here + (here - low) >= bound)) {
            continue;
        }
        double top = x[q], value = here;
        const double a = x[q > 0 ? q - 1 : 0], b = x[q < QUARTERS - 1 ? q + 1 : q];
        c->at->sign = sign;
        if (q == 0 || q == QUARTERS - 1) {
            top = q == 0 ? a + PROBE * (b - a) : b - PROBE * (b - a);
            value = msc_watch_value(c->at, top);
        }
        if (value >= here) {
            top = msc_watch_refine(c->at, a, top, value, b, &value);
            insert(c, top, sign * value);
        }
        c->at->sign = 1.0;
    }
}

/* ---- what a course tells ---- */

static void take_half(msc_engine_seek *s, const course *c)
{
    for (int i = 0; i < c->n; i++) {
        if (c->f[i] > s->value) {
            s->value = c->f[i];
            s->time = time_of(c, c->x[i]);
            s->last = NAN;
        } else if (isnan(s->last) && s->value > 0.0 && c->f[i] <= 0.5 * s->value) {
            s->last = i > 0 ? crossing(c, i - 1, 0.5 * s->value) : c->begin;
        }
    }
}

static void take_above(msc_engine_seek *s, const course *c)
{
    for (int i = 0; i < c->n; i++) {
        const bool now = c->f[i] > s->level, was = i > 0 ? c->f[i - 1] > s->level : now;
        if (!now && !was) {
            continue;
        }
        const double here = time_of(c, c->x[i]), before = i > 0 ? time_of(c, c->x[i - 1]) : here;
        const double from = was ? before : crossing(c, i - 1, s->level);
        const double to = now ? here : crossing(c, i - 1, s->level);
        s->first = isnan(s->first) ? from : s->first;
        s->last = to;
        s->above += to - from;
    }
}

static void take(msc_engine_seek *s, const course *c)
{
    switch (s->kind) {
    case MSC_SEEK_VALUE:
    case MSC_SEEK_BEFORE: break;
    case MSC_SEEK_HALF: take_half(s, c); break;
    case MSC_SEEK_ABOVE: take_above(s, c); break;
    case MSC_SEEK_MAX:
    case MSC_SEEK_MIN:
        for (int i = 0; i < c->n; i++) {
            if (s->kind == MSC_SEEK_MAX ? c->f[i] > s->value : c->f[i] < s->value) {
                s->value = c->f[i];
                s->time = time_of(c, c->x[i]);
            }
        }
        break;
    }
}

/* ---- steps and stops ---- */

static bool is_value(const msc_engine_seek *s)
{
    return s->kind == MSC_SEEK_VALUE || s->kind == MSC_SEEK_BEFORE;
}

void msc_seek_begin(msc_lane *lane)
{
    for (size_t i = 0; i < lane->job.n_seek; i++) {
        msc_engine_seek *s = &lane->job.seek[i];
        s->value = s->kind == MSC_SEEK_MIN ? INFINITY : is_value(s) ? NAN : -INFINITY;
        s->time = s->first = s->last = NAN;
        s->above = 0.0;
        s->already = false;
    }
}

void msc_seek_before(const msc_program *program, msc_lane *lane, const double *u)
{
    for (size_t i = 0; i < lane->job.n_seek; i++) {
        msc_engine_seek *s = &lane->job.seek[i];
        const double value = msc_row_value(program, &program->out, s->row, lane->job.reg, u);
        s->value = s->kind == MSC_SEEK_BEFORE && s->until == lane->t ? value : s->value;
        s->already = s->from == lane->t && value > s->level;
    }
}

/* The row at five points of that part of the step which lies in the window. */
static void follow(msc_engine_seek *s, const msc_lane *lane, msc_watch_place *at,
                   const double *sample)
{
    course c = {.at = at, .t = lane->t, .step = lane->step};
    const bool early = s->from > lane->t, late = s->until < lane->t1;
    const double a = early ? (s->from - lane->t) / lane->step : 0.0;
    const double b = late ? (s->until - lane->t) / lane->step : 1.0;
    double x[QUARTERS], f[QUARTERS];
    c.begin = early ? s->from : lane->t, c.end = late ? s->until : lane->t1;
    for (int q = 0; q < QUARTERS; q++) {
        x[q] = q == QUARTERS - 1 ? b : a + 0.25 * q * (b - a);
        f[q] = early || late ? msc_watch_value(at, x[q]) : sample[q];
        insert(&c, x[q], f[q]);
    }
    const bool max = s->kind == MSC_SEEK_MAX || s->kind == MSC_SEEK_HALF;
    if (max || s->kind == MSC_SEEK_ABOVE) {
        add_extremes(&c, x, f, 1.0, max ? s->value : s->level);
    }
    if (s->kind != MSC_SEEK_MAX) {
        const double floor = s->kind == MSC_SEEK_MIN    ? s->value
                             : s->kind == MSC_SEEK_HALF ? 0.5 * s->value
                                                        : s->level;
        add_extremes(&c, x, f, -1.0, -floor);
    }
    take(s, &c);
}

void msc_seek_step(const msc_plan *plan, msc_workspace *w, unsigned l)
{
    const msc_lane *lane = &w->lane[l];
    for (size_t i = 0; i < lane->job.n_seek; i++) {
        msc_engine_seek *s = &lane->job.seek[i];
        msc_watch_place at = {plan, w, l, s->row, 1.0};
        double sample[QUARTERS];
        for (int q = 0; q < QUARTERS; q++) {
            sample[q] = w->sample[q][(size_t)s->row * plan->lanes + l];
        }
        if (s->kind == MSC_SEEK_ABOVE && lane->t < s->from && s->from <= lane->t1) {
            const double begin = s->from == lane->t1 ? sample[QUARTERS - 1]
                                                     : msc_watch_value(&at, (s->from - lane->t) / lane->step);
            s->already = begin > s->level;
        }
        if (!is_value(s) && lane->t < s->until && lane->t1 > s->from) {
            follow(s, lane, &at, sample);
        } else if (is_value(s) && lane->t < s->until && s->until <= lane->t1) {
            s->value = s->until == lane->t1
                           ? sample[QUARTERS - 1]
                           : msc_watch_value(&at, (s->until - lane->t) / lane->step);
        }
    }
}

void msc_seek_after(const msc_program *program, msc_lane *lane, double t, const double *u)
{
    const msc_engine_job *job = &lane->job;
    for (size_t i = 0; i < job->n_seek; i++) {
        msc_engine_seek *s = &job->seek[i];
        const course c = {.begin = t,
                          .end = t,
                          .n = 1,
                          .f = {msc_row_value(program, &program->out, s->row, job->reg, u)}};
        s->seen = c.f[0];
        if (is_value(s)) {
            s->value = s->kind == MSC_SEEK_VALUE && t == s->until ? s->seen : s->value;
        } else if (t >= s->from &&
                   (t < s->until || (t == s->until && t == job->stop[job->n_stop - 1]))) {
            take(s, &c);
        }
    }
}

void msc_seek_line(const msc_program *program, msc_lane *lane, double t0, const double *u)
{
    const msc_engine_job *job = &lane->job;
    for (size_t i = 0; i < job->n_seek; i++) {
        msc_engine_seek *s = &job->seek[i];
        const double now = msc_row_value(program, &program->out, s->row, job->reg, u);
        const course c = {.t = t0,
                          .step = lane->t - t0,
                          .begin = t0,
                          .end = lane->t,
                          .n = 2,
                          .x = {0.0, 1.0},
                          .f = {s->seen, now}};
        s->seen = now;
        s->already = lane->t == s->from ? now > s->level : s->already;
        if (is_value(s)) {
            s->value = lane->t == s->until ? now : s->value;
        } else if (t0 < s->until && lane->t > s->from) {
            take(s, &c);
        }
    }
}

void msc_seek_abandon(msc_lane *lane)
{
    for (size_t i = 0; i < lane->job.n_seek; i++) {
        msc_engine_seek *s = &lane->job.seek[i];
        if (s->until > lane->report.t) {
            s->value = s->time = s->first = s->last = s->above = NAN;
        }
    }
}

double msc_seek_edge(const msc_engine_job *job, double t)
{
    double edge = INFINITY;
    for (size_t i = 0; i < job->n_seek; i++) {
        const msc_engine_seek *s = &job->seek[i];
        edge = s->from > t ? fmin(edge, s->from) : edge;
        edge = s->until > t ? fmin(edge, s->until) : edge;
    }
    return edge;
}
