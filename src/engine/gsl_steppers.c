/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's steppers as other methods to compare with: one scenario at a time, plainly.
 *
 * gsl_odeiv2 is trusted with one step at a time and no more. Steps and evaluations are counted
 * here, for its drivers can go on for ever; a right-hand side that is not finite is reported to it
 * as a failure (then it tries a smaller step) and the result looked at again, for explicit
 * steppers call NaN a success; tolerances go through a control of our own, one for each state.
 * There is no dense output: steps end at the output times and at the edges of windows, maxima are
 * sought at their ends, and levels on straight lines between them. */
#include "engine/plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

typedef struct {
    double rtol;
    const double *atol;
    uint32_t bad; /* a state whose error was not finite during the step, or MSC_NONE */
} tolerances;

struct msc_gsl_work {
    const msc_plan *plan;
    msc_lane *lane;
    gsl_odeiv2_system system;
    gsl_odeiv2_driver *driver;
    double *y, *u;
    double *entry;     /* [jacobian.n] */
    double *tangent;   /* [n_node][n_state + 1] of the nodes, by states and time */
    uint32_t *row_at;  /* [n_unknown + 1] Jacobian's entries by row ... */
    uint32_t *of_row;  /* [jacobian.n] */
    uint64_t most;     /* evaluations allowed */
    msc_engine_end why; /* the right-hand side refuses to go on; else FINE */
    const msc_workspace *w;
    uint32_t bad;       /* a state whose rate was not finite during the step, or MSC_NONE */
};

/* ---- right-hand side and Jacobian ---- */

static bool may_go_on(struct msc_gsl_work *g)
{
    const msc_plan *plan = g->plan;
    const uint64_t n = ++g->lane->report.evaluations;
    if (msc_workspace_stops(g->w)) {
        g->why = MSC_END_STOPPED;
    } else if (n > g->most) {
        g->why = MSC_END_STEPS;
    } else if (plan->wall_limit > 0.0 && n % 64 == 0 && msc_wall() - g->lane->began > plan->wall_limit) {
        g->why = MSC_END_TIME;
    }
    return g->why == MSC_END_FINE;
}

static void evaluate_nodes(struct msc_gsl_work *g, double t, const double *y)
{
    const msc_program *p = g->plan->program;
    memcpy(g->u, y, p->n_state * sizeof *y);
    g->u[p->first_given] = t;
    msc_program_nodes(p, g->lane->job.reg, g->u, 0, p->n_node);
}

static int right_hand_side(double t, const double *y, double *f, void *context)
{
    struct msc_gsl_work *g = context;
    const msc_program *p = g->plan->program;
    if (!may_go_on(g)) {
        return GSL_EBADFUNC;
    }
    evaluate_nodes(g, t, y);
    msc_program_rows(p, &p->rate, g->lane->job.reg, g->u, f);
    for (uint32_t i = 0; i < p->n_state; i++) {
        if (!isfinite(f[i])) {
            g->bad = i;
            return GSL_FAILURE;
        }
    }
    return GSL_SUCCESS;
}

/* Add a row's entries, those by nodes through the nodes' tangents. */
static void add_row(const struct msc_gsl_work *g, uint32_t row, double *by_state, double *by_time)
{
    const msc_program *p = g->plan->program;
    const uint32_t n = p->n_state;
    for (uint32_t i = g->row_at[row]; i < g->row_at[row + 1]; i++) {
        const uint32_t col = p->jacobian.col[g->of_row[i]];
        const double value = g->entry[g->of_row[i]];
        if (col < n) {
            by_state[col] += value;
        } else if (col >= g->plan->n_unknown) {
            *by_time += value;
        } else {
            const double *z = g->tangent + (size_t)(col - n) * (n + 1);
            for (uint32_t j = 0; j < n; j++) {
                by_state[j] += value * z[j];
            }
            *by_time += value * z[n];
        }
    }
}

/* d f / d y with the nodes eliminated: they depend on earlier ones only. */
static int dense_jacobian(double t, const double *y, double *dfdy, double *dfdt, void *context)
{
    struct msc_gsl_work *g = context;
    const msc_program *p = g->plan->program;
    const size_t n = p->n_state;
    if (!may_go_on(g)) {
        return GSL_EBADFUNC;
    }
    g->lane->report.factorisations++;
    evaluate_nodes(g, t, y);
    msc_program_jacobian(p, g->lane->job.reg, g->u, g->entry);
    memset(g->tangent, 0, p->n_node * (n + 1) * sizeof *g->tangent);
    for (uint32_t k = 0; k < p->n_node; k++) {
        double *z = g->tangent + k * (n + 1);
        add_row(g, p->n_state + k, z, z + n);
    }
    memset(dfdy, 0, n * n * sizeof *dfdy);
    memset(dfdt, 0, n * sizeof *dfdt);
    for (uint32_t i = 0; i < p->n_state; i++) {
        add_row(g, i, dfdy + i * n, dfdt + i);
    }
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(dfdy[i])) {
            return GSL_FAILURE;
        }
    }
    return GSL_SUCCESS;
}

/* ---- error control: |error| <= atol_i + rtol |y_i|, as gsl_odeiv2_control_standard does it ---- */

static void *control_new(void)
{
    return calloc(1, sizeof(tolerances));
}

static int control_init(void *state, double eps_abs, double eps_rel, double a_y, double a_dydt)
{
    (void)state;
    (void)eps_abs;
    (void)eps_rel;
    (void)a_y;
    (void)a_dydt;
    return GSL_SUCCESS;
}

static double level(const tolerances *tol, size_t i, double y)
{
    return fmax(tol->atol[i] + tol->rtol * fabs(y), DBL_MIN);
}

static int control_adjust(void *state, size_t n, unsigned order, const double *y, const double *error,
                          const double *f, double *h)
{
    tolerances *tol = state;
    double worst = DBL_MIN;
    (void)f;
    for (size_t i = 0; i < n; i++) {
        const double r = fabs(error[i]) / level(tol, i, y[i]);
        const bool finite = isfinite(r) && isfinite(y[i]);
        worst = finite ? fmax(worst, r) : INFINITY;
        tol->bad = finite ? tol->bad : (uint32_t)i;
    }
    if (worst > 1.1) {
        *h *= fmax(0.2, 0.9 / pow(worst, 1.0 / order));
        return GSL_ODEIV_HADJ_DEC;
    }
    if (worst < 0.5) {
        *h *= fmin(5.0, fmax(1.0, 0.9 / pow(worst, 1.0 / (order + 1.0))));
        return GSL_ODEIV_HADJ_INC;
    }
    return GSL_ODEIV_HADJ_NIL;
}

static int control_level(void *state, const double y, const double f, const double h, const size_t i, double *error)
{
    (void)f;
    (void)h;
    *error = level(state, i, y);
    return GSL_SUCCESS;
}

static int control_driver(void *state, const gsl_odeiv2_driver *driver)
{
    (void)state;
    (void)driver;
    return GSL_SUCCESS;
}

static const gsl_odeiv2_control_type control_type = {
    "mscsim", control_new, control_init, control_adjust, control_level, control_driver, free};

/* ---- making ---- */

const void *msc_gsl_stepper(const char *name)
{
    const gsl_odeiv2_step_type *const types[] = {
        gsl_odeiv2_step_msbdf,  gsl_odeiv2_step_msadams, gsl_odeiv2_step_bsimp, gsl_odeiv2_step_rk4imp,
        gsl_odeiv2_step_rk2imp, gsl_odeiv2_step_rk1imp,  gsl_odeiv2_step_rk8pd, gsl_odeiv2_step_rkck,
        gsl_odeiv2_step_rkf45,  gsl_odeiv2_step_rk4,     gsl_odeiv2_step_rk2};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i]->name, name) == 0) {
            return types[i];
        }
    }
    return NULL;
}

void msc_gsl_silence(void)
{
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    if (old != NULL) {
        gsl_set_error_handler(old); /* somebody's, or none already */
    }
}

static bool sort_entries(struct msc_gsl_work *g)
{
    const msc_jacobian *j = &g->plan->program->jacobian;
    const uint32_t n = g->plan->n_unknown;
    g->row_at = calloc((size_t)n + 2, sizeof *g->row_at);
    g->of_row = calloc((size_t)j->n + 1, sizeof *g->of_row);
    if (g->row_at == NULL || g->of_row == NULL) {
        return false;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        g->row_at[j->row[e] + 2]++;
    }
    for (uint32_t i = 2; i < n + 2; i++) {
        g->row_at[i] += g->row_at[i - 1];
    }
    for (uint32_t e = 0; e < j->n; e++) {
        g->of_row[g->row_at[j->row[e] + 1]++] = e;
    }
    return true;
}

static bool make_driver(struct msc_gsl_work *g)
{
    const gsl_odeiv2_step_type *type = g->plan->stepper;
    g->driver = gsl_odeiv2_driver_alloc_y_new(&g->system, type, 1e-6, 1.0, g->plan->rtol);
    gsl_odeiv2_control *control = gsl_odeiv2_control_alloc(&control_type);
    if (g->driver == NULL || control == NULL) {
        free(control != NULL ? control->state : NULL);
        free(control);
        return false;
    }
    ((tolerances *)control->state)->rtol = g->plan->rtol;
    gsl_odeiv2_control_free(g->driver->c);
    g->driver->c = control; /* steppers find it there */
    return true;
}

msc_status msc_gsl_work_new(const msc_plan *plan, struct msc_gsl_work **work, msc_error *err)
{
    const msc_program *p = plan->program;
    if (p->n_state == 0) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the model has no amounts to integrate");
    }
    struct msc_gsl_work *g = calloc(1, sizeof *g);
    *work = g;
    if (g == NULL) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a workspace");
    }
    g->plan = plan;
    g->system = (gsl_odeiv2_system){right_hand_side, dense_jacobian, p->n_state, g};
    g->y = calloc(p->n_state, sizeof *g->y);
    g->u = calloc(p->n_u, sizeof *g->u);
    g->entry = calloc((size_t)p->jacobian.n + 1, sizeof *g->entry);
    g->tangent = calloc((size_t)p->n_node * ((size_t)p->n_state + 1) + 1, sizeof *g->tangent);
    if (g->y == NULL || g->u == NULL || g->entry == NULL || g->tangent == NULL || !sort_entries(g) ||
        !make_driver(g)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a workspace");
    }
    return MSC_OK;
}

void msc_gsl_work_free(struct msc_gsl_work *g)
{
    if (g != NULL) {
        if (g->driver != NULL) {
            gsl_odeiv2_driver_free(g->driver);
        }
        free(g->of_row);
        free(g->row_at);
        free(g->tangent);
        free(g->entry);
        free(g->u);
        free(g->y);
        free(g);
    }
}

/* ---- running ---- */

static void all_nodes(struct msc_gsl_work *g)
{
    const msc_program *p = g->plan->program;
    memcpy(g->u, g->y, p->n_state * sizeof *g->y);
    g->u[p->first_given] = g->lane->t;
    msc_program_nodes(p, g->lane->job.reg, g->u, 0, p->n_node + p->n_guard_node + p->n_output_node);
}

/* What was not finite during the step: a rate, or an error. */
static uint32_t not_finite(const struct msc_gsl_work *g)
{
    return g->bad != MSC_NONE ? g->bad : ((const tolerances *)g->driver->c->state)->bad;
}

static msc_engine_end why_failed(const struct msc_gsl_work *g, int code)
{
    if (code == GSL_EBADFUNC && g->why != MSC_END_FINE) {
        return g->why;
    }
    g->lane->report.state = not_finite(g);
    if (not_finite(g) != MSC_NONE) {
        return MSC_END_NONFINITE;
    }
    return g->lane->h < msc_job_shortest(g->lane) ? MSC_END_COLLAPSED : MSC_END_METHOD;
}

/* One step towards a target. */
static msc_engine_end step(struct msc_gsl_work *g, msc_workspace *w, double target)
{
    const msc_program *p = g->plan->program;
    const gsl_odeiv2_driver *d = g->driver;
    msc_lane *lane = g->lane;
    msc_engine_report *report = &lane->report;
    if (report->steps + report->rejected >= g->plan->max_steps) {
        return MSC_END_STEPS;
    }
    const unsigned long failed = d->e->failed_steps;
    const double t0 = lane->t;
    lane->h = fmin(lane->h, fmax(g->plan->longest, msc_job_shortest(lane)));
    g->bad = ((tolerances *)d->c->state)->bad = MSC_NONE;
    const int code = gsl_odeiv2_evolve_apply(d->e, d->c, d->s, &g->system, &lane->t, target, &lane->h, g->y);
    report->rejected += d->e->failed_steps - failed;
    if (code != GSL_SUCCESS) {
        return why_failed(g, code);
    }
    report->steps++;
    all_nodes(g);
    for (uint32_t i = 0; i < p->n_state; i++) {
        if (!isfinite(g->y[i])) {
            report->state = i;
            return MSC_END_NONFINITE;
        }
    }
    if (!msc_job_test(p, lane, lane->t, g->u, w->scratch, w->value)) {
        return report->end;
    }
    msc_job_watch(p, lane, lane->t, g->u);
    msc_seek_line(p, lane, t0, g->u);
    if (lane->t < target && !(lane->t - t0 >= msc_job_shortest(lane))) {
        report->state = not_finite(g);
        return report->state != MSC_NONE ? MSC_END_NONFINITE : MSC_END_COLLAPSED;
    }
    return MSC_END_FINE;
}

/* A first step: the state that moves most goes a hundredth of the largest. */
static double first_step(struct msc_gsl_work *g, double remaining)
{
    const msc_program *p = g->plan->program;
    const double rtol = g->plan->rtol;
    double size = 1.0 / rtol, speed = 0.0, *f = g->driver->e->dydt_out;
    evaluate_nodes(g, g->lane->t, g->y);
    msc_program_rows(p, &p->rate, g->lane->job.reg, g->u, f);
    for (uint32_t i = 0; i < p->n_state; i++) {
        const double scale = fmax(g->lane->job.atol[i], rtol * fabs(g->y[i]));
        if (scale > 0.0) {
            size = fmax(size, fabs(g->y[i]) / scale);
            speed = fmax(speed, fabs(f[i]) / scale);
        }
    }
    const double h = 0.01 * size / speed;
    return isfinite(h) && h > 0.0 ? fmin(h, remaining) : 1e-6 * remaining;
}

static msc_engine_end segment(struct msc_gsl_work *g, msc_workspace *w, double stop)
{
    const msc_program *p = g->plan->program;
    msc_lane *lane = g->lane;
    const msc_engine_job *job = &lane->job;
    gsl_odeiv2_driver_reset(g->driver);
    lane->h = first_step(g, stop - lane->t);
    while (lane->t < stop) {
        const bool output = lane->next_time < job->n_time && job->time[lane->next_time].t < stop;
        const double wanted = output ? job->time[lane->next_time].t : stop;
        const double target = fmin(wanted, msc_seek_edge(job, lane->t));
        while (lane->t < target) {
            const msc_engine_end end = step(g, w, target);
            if (end != MSC_END_FINE) {
                return end;
            }
        }
        if (output && target == wanted) {
            msc_job_record(p, lane, target, true, g->u);
            msc_job_record(p, lane, target, false, g->u);
        }
    }
    return MSC_END_FINE;
}

static void start(struct msc_gsl_work *g, double *y)
{
    const msc_program *p = g->plan->program;
    const msc_engine_job *job = &g->lane->job;
    msc_job_begin(p, g->lane);
    ((tolerances *)g->driver->c->state)->atol = job->atol;
    g->most = g->plan->max_steps > UINT64_MAX / 200 ? UINT64_MAX : 100 * g->plan->max_steps + 1000;
    g->why = MSC_END_FINE;
    g->bad = MSC_NONE;
    for (uint32_t i = 0; i < p->n_state; i++) {
        y[i] = p->initial[i] == MSC_NONE ? 0.0 : job->reg[p->initial[i]];
    }
    memcpy(g->u + p->first_given, job->given, p->n_given * sizeof *g->u);
    all_nodes(g);
}

static msc_engine_end run(struct msc_gsl_work *g, msc_workspace *w)
{
    const msc_program *p = g->plan->program;
    msc_lane *lane = g->lane;
    start(g, g->y);
    msc_seek_before(p, lane, g->u);
    for (size_t s = 0;; s++) {
        msc_job_record(p, lane, lane->t, true, g->u);
        msc_job_watch(p, lane, lane->t, g->u);
        msc_job_pass_stop(p, lane, s, g->u, w->scratch);
        memcpy(g->y, g->u, p->n_state * sizeof *g->y);
        msc_job_record(p, lane, lane->t, false, g->u);
        msc_job_watch(p, lane, lane->t, g->u);
        msc_seek_after(p, lane, lane->t, g->u);
        if (!msc_job_test(p, lane, lane->t, g->u, w->scratch, w->value)) {
            return lane->report.end;
        }
        if (s + 1 == lane->job.n_stop) {
            return MSC_END_FINE;
        }
        const msc_engine_end end = segment(g, w, lane->job.stop[s + 1]);
        if (end != MSC_END_FINE) {
            return end;
        }
    }
}

static void report(struct msc_gsl_work *g, msc_engine_end end)
{
    const msc_program *p = g->plan->program;
    msc_lane *lane = g->lane;
    lane->report.end = end;
    lane->report.t = lane->t;
    lane->report.h = lane->h;
    lane->report.n_u = p->n_u;
    lane->report.state = end == MSC_END_FINE ? MSC_NONE : lane->report.state;
    if (end != MSC_END_FINE) {
        all_nodes(g);
        lane->report.u = g->u;
        msc_seek_abandon(lane);
    }
    for (uint32_t i = 0; lane->job.state != NULL && i < p->n_state; i++) {
        lane->job.state[i] = end == MSC_END_FINE ? g->y[i] : NAN;
    }
    msc_job_end(p, lane);
}

msc_status msc_gsl_run(const msc_plan *plan, msc_workspace *w, msc_engine_next *next, msc_engine_done *done,
                       void *context, msc_error *err)
{
    struct msc_gsl_work *g = w->gsl;
    g->lane = &w->lane[0];
    g->w = w;
    while (!msc_workspace_stops(w)) {
        memset(&g->lane->job, 0, sizeof g->lane->job);
        if (!next(context, &g->lane->job, &g->lane->id)) {
            break;
        }
        const msc_status status = msc_job_check(plan, &g->lane->job, g->lane->id, err);
        if (status != MSC_OK) {
            return status;
        }
        report(g, run(g, w));
        done(context, g->lane->id, &g->lane->job, &g->lane->report);
    }
    return MSC_OK;
}
