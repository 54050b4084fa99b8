/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's least squares and NLopt behind one door.
 *
 * GSL's least squares know of no ends. A step that leads beyond one is taken to end at it, and what is at an end beyond which
 * there is more is held there (a projected step; the trust region sees to it that it is worth something). SLSQP has them as
 * linear inequalities. */
#include "fit/optimise.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlin.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <nlopt.h>
#include <string.h>

enum { ROUGH = 4 };              /* how often a density's metric is made anew on the way */
static const double MUCH = 3;  /* of a log: while steps bring that */
static const double LEAP = 8;    /* of a coordinate that has ends: no step of least squares goes further */
static const double TOUCH = 1e-9; /* this near to an end is at it */
static const double NEAR = 1e-4;  /* of a coordinate and 1: SLSQP meant the end */
static const double LITTLE = 1e-6; /* of a log */
static const double REFUSED = 1e100; /* a norm no real one reaches: it decides only that a step is refused */

typedef struct {
    const msc_objective *objective;
    size_t most, evaluations, refused;
    double *x, *residual, *jacobian; /* of the last point evaluated */
    double *here, *slope, *direction; /* [n] in passing */
    double *from;                    /* squares: [n] where the step under way began */
    bool any, fine, over;            /* is there one, was there a value, is the budget used up */
    double best_log, *best_x, *best_slope; /* density: [n] */
    double last_log, *origin;        /* of x; [n] where steps are counted from */
    gsl_matrix *root;                /* L of the metric L L': coordinates are origin + L'^-1 z; NULL: origin + z */
    nlopt_opt nlopt;
} search;

const char *msc_optimum_text(msc_optimum_end end)
{
    switch (end) {
    case MSC_OPTIMUM_FOUND: return "found";
    case MSC_OPTIMUM_FLAT: return "no progress";
    case MSC_OPTIMUM_EXHAUSTED: return "not converged";
    case MSC_OPTIMUM_NOWHERE: return "cannot start";
    case MSC_OPTIMUM_STOPPED: return "stopped";
    }
    return "?";
}

static bool asked_to_stop(const search *s)
{
    return s->objective->stop && *s->objective->stop;
}

static bool may_go_on(search *s)
{
    s->over = s->over || s->evaluations >= s->most;
    return !s->over && !asked_to_stop(s);
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            return false;
        }
    }
    return true;
}

/* ---- ends ---- */

static double low_of(const search *s, size_t i)
{
    return s->objective->low ? s->objective->low[i] : -INFINITY;
}

static double high_of(const search *s, size_t i)
{
    return s->objective->high ? s->objective->high[i] : INFINITY;
}

static void put_inside(const search *s, double *x)
{
    for (size_t i = 0; i < s->objective->n; i++) {
        x[i] = x[i] < low_of(s, i) ? low_of(s, i) : x[i] > high_of(s, i) ? high_of(s, i) : x[i];
    }
}

static bool is_inside(const search *s, const double *x)
{
    for (size_t i = 0; i < s->objective->n; i++) {
        if (x[i] < low_of(s, i) || x[i] > high_of(s, i)) {
            return false;
        }
    }
    return true;
}

/* At an end, where more is to be had beyond it only. */
static bool is_held(const search *s, size_t i, double x, double slope)
{
    return (x <= low_of(s, i) + TOUCH && slope <= 0) || (x >= high_of(s, i) - TOUCH && slope >= 0);
}

/* ---- squares ---- */

/* Where a step to x leads: into the ends, and not too far. */
static void land(const search *s, const gsl_vector *x, double *here)
{
    for (size_t i = 0; i < s->objective->n; i++) {
        const double t = gsl_vector_get(x, i);
        const bool ends = isfinite(high_of(s, i) - low_of(s, i)) && isfinite(t);
        here[i] = ends ? fmin(fmax(t, s->from[i] - LEAP), s->from[i] + LEAP) : t;
    }
    put_inside(s, here);
}

/* f and its Jacobian at x, made together and kept: GSL asks for the one, then for the other. */
static bool at(search *s, const gsl_vector *x)
{
    const size_t n = s->objective->n, m = s->objective->n_residual;
    double *here = s->here;
    land(s, x, here);
    if (s->any && memcmp(here, s->x, n * sizeof *here) == 0) {
        return s->fine;
    }
    memcpy(s->x, here, n * sizeof *here);
    s->any = true, s->fine = false;
    if (!all_finite(here, n) || !may_go_on(s)) {
        return false;
    }
    s->evaluations++;
    s->fine = s->objective->squares(s->objective->context, here, s->residual, s->jacobian) && all_finite(s->residual, m) &&
              all_finite(s->jacobian, m * n);
    s->refused += !s->fine;
    return s->fine;
}

static int residuals(const gsl_vector *x, void *context, gsl_vector *f)
{
    search *s = context;
    if (!at(s, x)) {
        gsl_vector_set_zero(f);
        gsl_vector_set(f, 0, REFUSED);
        return asked_to_stop(s) || s->over ? GSL_EBADFUNC : GSL_SUCCESS;
    }
    for (size_t i = 0; i < f->size; i++) {
        gsl_vector_set(f, i, s->residual[i]);
    }
    return GSL_SUCCESS;
}

/* What is held at an end does not move: it has no column. It is let go as soon as its slope leads inwards. */
static int jacobian(const gsl_vector *x, void *context, gsl_matrix *J)
{
    search *s = context;
    if (!at(s, x)) {
        return GSL_EBADFUNC;
    }
    for (size_t k = 0; k < J->size2; k++) {
        double slope = 0;
        for (size_t i = 0; i < J->size1; i++) {
            slope -= s->residual[i] * s->jacobian[i * J->size2 + k];
        }
        const bool held = is_held(s, k, s->x[k], slope);
        for (size_t i = 0; i < J->size1; i++) {
            gsl_matrix_set(J, i, k, held ? 0 : s->jacobian[i * J->size2 + k]);
        }
    }
    return GSL_SUCCESS;
}

/* The step is done: go on from where it led, which is not beyond any end. */
static void settle(search *s, gsl_vector *x)
{
    land(s, x, s->here);
    memcpy(s->from, s->here, x->size * sizeof *s->from);
    for (size_t i = 0; i < x->size; i++) {
        gsl_vector_set(x, i, s->here[i]);
    }
}

/* What becomes of the residuals along the model's surface: |projection on the columns of J| / |residuals|, 0 at an optimum
 * (the relative offset of Bates & Watts 1981, Technometrics 23:179). A slope along each coordinate alone can be small
 * in a valley aslant to them that still leads down; this cannot. Directions that the columns have to rounding only do
 * not count. */
typedef struct {
    gsl_matrix *q;
    gsl_vector *tau, *norm, *residual;
    gsl_permutation *order;
} projector;

static void projector_free(projector *p)
{
    gsl_matrix_free(p->q);
    gsl_vector_free(p->tau), gsl_vector_free(p->norm), gsl_vector_free(p->residual);
    gsl_permutation_free(p->order);
}

static bool projector_new(projector *p, size_t m, size_t n)
{
    *p = (projector){gsl_matrix_alloc(m, n), gsl_vector_alloc(n), gsl_vector_alloc(n), gsl_vector_alloc(m),
                     gsl_permutation_alloc(n)};
    return p->q && p->tau && p->norm && p->residual && p->order;
}

static double relative_offset(projector *p, const gsl_multifit_nlinear_workspace *w)
{
    const size_t n = w->J->size2;
    int sign = 0;
    gsl_matrix_memcpy(p->q, w->J);
    gsl_vector_memcpy(p->residual, w->f);
    const double norm = gsl_blas_dnrm2(w->f);
    for (size_t k = 0; k < n; k++) {
        gsl_vector_view column = gsl_matrix_column(p->q, k);
        const double length = gsl_blas_dnrm2(&column.vector);
        gsl_vector_scale(&column.vector, length > 0 ? 1 / length : 0);
    }
    gsl_linalg_QRPT_decomp(p->q, p->tau, p->order, &sign, p->norm);
    gsl_linalg_QR_QTvec(p->q, p->tau, p->residual);
    double sum = 0;
    for (size_t k = 0; k < n && fabs(gsl_matrix_get(p->q, k, k)) > 1e-10; k++) {
        sum += pow(gsl_vector_get(p->residual, k), 2);
    }
    return norm > 0 ? sqrt(sum) / norm : 0;
}

/* Is there nothing left in the residuals but rounding? They are the difference of numbers as large as the parameters'
 * share in them; or as the residuals were at the start. */
static bool fits_exactly(const gsl_multifit_nlinear_workspace *w, double first)
{
    double size = first;
    for (size_t k = 0; k < w->J->size2; k++) {
        gsl_vector_const_view column = gsl_matrix_const_column(w->J, k);
        size = fmax(size, fabs(gsl_vector_get(w->x, k)) * gsl_blas_dnrm2(&column.vector));
    }
    return gsl_blas_dnrm2(w->f) <= 1e-13 * size;
}

static msc_optimum_end iterate(search *s, gsl_multifit_nlinear_workspace *w, projector *p, double tolerance)
{
    const double first = gsl_blas_dnrm2(w->f);
    for (;;) {
        const double offset = relative_offset(p, w), before = gsl_blas_dnrm2(w->f);
        if (offset < 1e-8 || fits_exactly(w, first)) {
            return MSC_OPTIMUM_FOUND;
        }
        const int status = gsl_multifit_nlinear_iterate(w);
        settle(s, w->x);
        if (asked_to_stop(s)) {
            return MSC_OPTIMUM_STOPPED;
        }
        if (s->over) {
            return MSC_OPTIMUM_EXHAUSTED;
        }
        const bool still = before - gsl_blas_dnrm2(w->f) <= 1e-14 * before;
        const bool small = gsl_multifit_test_delta(w->dx, w->x, tolerance * tolerance, tolerance) == GSL_SUCCESS;
        /* Fifteen steps refused in a row, or small ones that change nothing: an optimum if the rest is rounding. */
        if (status != GSL_SUCCESS || (small && still)) {
            return relative_offset(p, w) < 1e-4 ? MSC_OPTIMUM_FOUND : MSC_OPTIMUM_FLAT;
        }
        if (small && relative_offset(p, w) < 1e-5) {
            return MSC_OPTIMUM_FOUND;
        }
    }
}

static msc_optimum by_squares(msc_arena *arena, search *s, double tolerance, double *x)
{
    const msc_objective *o = s->objective;
    if (o->n_residual < o->n) {
        msc_throw(arena, MSC_E_USAGE, NULL, "%zu residuals cannot tell %zu parameters", o->n_residual, o->n);
    }
    s->x = MSC_NEW(arena, double, o->n);
    s->residual = MSC_NEW(arena, double, o->n_residual), s->jacobian = MSC_NEW(arena, double, o->n_residual * o->n);
    s->from = MSC_NEW(arena, double, o->n);
    put_inside(s, x);
    memcpy(s->from, x, o->n * sizeof *x);
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    parameters.trs = gsl_multifit_nlinear_trs_lm;
    parameters.solver = gsl_multifit_nlinear_solver_qr;
    gsl_multifit_nlinear_fdf fdf = {.f = residuals, .df = jacobian, .n = o->n_residual, .p = o->n, .params = s};
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, o->n_residual, o->n);
    projector p;
    if (!projector_new(&p, o->n_residual, o->n) || !w) {
        projector_free(&p);
        gsl_multifit_nlinear_free(w);
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    gsl_vector_const_view start = gsl_vector_const_view_array(x, o->n);
    msc_optimum out = {.end = MSC_OPTIMUM_NOWHERE, .log = -INFINITY};
    if (at(s, &start.vector) && gsl_multifit_nlinear_init(&start.vector, &fdf, w) == GSL_SUCCESS) {
        out.end = iterate(s, w, &p, tolerance);
        const double norm = gsl_blas_dnrm2(w->f);
        out.log = -norm * norm / 2;
        for (size_t i = 0; i < o->n; i++) {
            x[i] = gsl_vector_get(w->x, i);
            out.slope = fmax(out.slope, fabs(gsl_vector_get(w->g, i)));
        }
    } else if (asked_to_stop(s)) {
        out.end = MSC_OPTIMUM_STOPPED;
    }
    gsl_multifit_nlinear_free(w);
    projector_free(&p);
    return out;
}

/* ---- any density ---- */

/* The log and its slope at x, counted; NaN if there is none. The best is kept; and the last, for SLSQP asks first for the one,
 * then for the other. */
static double log_at(search *s, const double *x)
{
    const size_t n = s->objective->n;
    double log = NAN;
    if (s->any && memcmp(x, s->x, n * sizeof *x) == 0) {
        return s->last_log;
    }
    if (!all_finite(x, n)) { /* nobody is asked */
        return NAN;
    }
    s->evaluations++;
    memcpy(s->x, x, n * sizeof *x);
    s->any = true, s->last_log = NAN;
    if (!s->objective->density(s->objective->context, x, &log, s->slope) || !isfinite(log) || !all_finite(s->slope, n)) {
        s->refused++;
        return NAN;
    }
    s->last_log = log;
    if (log > s->best_log) {
        s->best_log = log;
        memcpy(s->best_x, x, n * sizeof *x);
        memcpy(s->best_slope, s->slope, n * sizeof *x);
    }
    return log;
}

/* Steps are counted from x, by the metric there if there is one. */
static void set_metric(search *s, const double *x)
{
    const size_t n = s->objective->n;
    gsl_matrix *root = s->root;
    memcpy(s->origin, x, n * sizeof *x);
    s->root = NULL;
    if (!root || isnan(log_at(s, x))) {
        return;
    }
    s->objective->metric(s->objective->context, x, root->data);
    if (all_finite(root->data, n * n) && gsl_linalg_cholesky_decomp1(root) == GSL_SUCCESS) {
        s->root = root;
    }
}

static void from_steps(const search *s, const double *z, double *x)
{
    const size_t n = s->objective->n;
    memcpy(x, z, n * sizeof *x);
    gsl_vector_view at = gsl_vector_view_array(x, n);
    if (s->root) {
        gsl_blas_dtrsv(CblasLower, CblasTrans, CblasNonUnit, s->root, &at.vector);
    }
    for (size_t i = 0; i < n; i++) {
        x[i] += s->origin[i];
    }
}

/* Of every coordinate that has them: how far it is beyond its low end, and its high end. Linear in the steps, so that SLSQP
 * keeps to them all the way. */
static void beyond(unsigned m, double *result, unsigned n, const double *z, double *gradient, void *context)
{
    search *s = context;
    const double *ends[2] = {s->objective->low, s->objective->high};
    unsigned c = 0;
    from_steps(s, z, s->direction);
    for (size_t i = 0; i < n; i++) {
        for (int side = 0; side < 2; side++) {
            if (!ends[side] || !isfinite(ends[side][i]) || c == m) {
                continue;
            }
            const double sign = side == 0 ? -1 : 1;
            result[c] = sign * (s->direction[i] - ends[side][i]);
            if (gradient) {
                gsl_vector_view row = gsl_vector_view_array(gradient + c * n, n);
                gsl_vector_set_zero(&row.vector);
                gsl_vector_set(&row.vector, i, sign);
                if (s->root) {
                    gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, s->root, &row.vector);
                }
            }
            c++;
        }
    }
}

static void set_ends(msc_arena *arena, search *s)
{
    const double *ends[2] = {s->objective->low, s->objective->high};
    unsigned m = 0;
    for (size_t i = 0; i < s->objective->n; i++) {
        m += ends[0] && isfinite(ends[0][i]) ? 1 : 0;
        m += ends[1] && isfinite(ends[1][i]) ? 1 : 0;
    }
    double *tolerance = MSC_NEW(arena, double, m + 1);
    for (unsigned c = 0; c < m; c++) {
        tolerance[c] = TOUCH;
    }
    if (m > 0) {
        nlopt_add_inequality_mconstraint(s->nlopt, m, beyond, s, tolerance);
    }
}

static double negative_log(unsigned n, const double *z, double *gradient, void *context)
{
    search *s = context;
    if (!may_go_on(s)) {
        nlopt_force_stop(s->nlopt);
        return HUGE_VAL;
    }
    double *x = s->here;
    from_steps(s, z, x);
    put_inside(s, x); /* rounding */
    const double log = log_at(s, x);
    for (unsigned i = 0; gradient && i < n; i++) {
        gradient[i] = isnan(log) ? 0 : -s->slope[i];
    }
    if (gradient && s->root) {
        gsl_vector_view slope = gsl_vector_view_array(gradient, n);
        gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, s->root, &slope.vector);
    }
    return isnan(log) ? HUGE_VAL : -log; /* SLSQP shortens a step that ends at infinity */
}

/* Of a slope what leads beyond an end, or to one that is so near that nothing is to be had on the way, is taken out. */
static void leave_ends_out(const search *s, double *slope)
{
    for (size_t i = 0; i < s->objective->n; i++) {
        const double x = s->best_x[i], up = s->best_slope[i];
        const double way = up > 0 ? high_of(s, i) - x : x - low_of(s, i);
        slope[i] = is_held(s, i, x, up) || fabs(up) * way < LITTLE ? 0 : slope[i];
    }
}

/* SLSQP comes to an end only about: the rest of the way, if there is more at the end itself. */
static void touch_ends(search *s)
{
    double *there = s->here;
    memcpy(there, s->best_x, s->objective->n * sizeof *there);
    for (size_t i = 0; i < s->objective->n; i++) {
        const double x = there[i], up = s->best_slope[i], end = up > 0 ? high_of(s, i) : low_of(s, i);
        there[i] = up != 0 && fabs(end - x) < NEAR * (1 + fabs(x)) ? end : x;
    }
    (void)log_at(s, there);
}

/* By how much the log can rise from the best point along its slope, less what leads beyond an end: as a parabola or on a step
 * of 1, whichever is less.
 * The curvature is had from the slope a little further on, or a little back if there is nothing there. */
static double possible_gain(search *s)
{
    const size_t n = s->objective->n;
    double *there = s->here, *up = s->direction, size = 1, steep = 0;
    memcpy(up, s->best_slope, n * sizeof *up);
    leave_ends_out(s, up);
    for (size_t i = 0; i < n; i++) {
        steep = hypot(steep, up[i]);
        size = fmax(size, fabs(s->best_x[i]));
    }
    if (steep == 0) {
        return 0;
    }
    gsl_vector_view unit = gsl_vector_view_array(up, n);
    gsl_vector_scale(&unit.vector, 1 / steep);
    for (double step = 1e-5 * size; fabs(step) > 1e-8 * size; step *= -0.1) {
        for (size_t i = 0; i < n; i++) {
            there[i] = s->best_x[i] + step * up[i];
        }
        if (!is_inside(s, there) || isnan(log_at(s, there))) {
            continue;
        }
        double further = 0;
        for (size_t i = 0; i < n; i++) {
            further += s->slope[i] * up[i];
        }
        const double curvature = (steep - further) / step;
        return curvature > 0 ? fmin(steep, steep * steep / (2 * curvature)) : steep;
    }
    return steep;
}

static msc_optimum_end end_of(search *s, nlopt_result result, bool judged)
{
    if (asked_to_stop(s)) {
        return MSC_OPTIMUM_STOPPED;
    }
    if (s->best_log == -INFINITY) {
        return MSC_OPTIMUM_NOWHERE;
    }
    if (s->over || result == NLOPT_MAXEVAL_REACHED) {
        return MSC_OPTIMUM_EXHAUSTED;
    }
    /* NLopt's own criteria say that steps are small; whether that is an optimum the slope says */
    return !judged || possible_gain(s) <= 1e-5 ? MSC_OPTIMUM_FOUND : MSC_OPTIMUM_FLAT;
}

static msc_optimum by_density(msc_arena *arena, search *s, double tolerance, double gain, bool judged, double *x)
{
    const size_t n = s->objective->n;
    msc_optimum out = {.end = MSC_OPTIMUM_NOWHERE};
    s->best_x = MSC_NEW(arena, double, n), s->best_slope = MSC_NEW(arena, double, n);
    s->direction = MSC_NEW(arena, double, n), s->x = MSC_NEW(arena, double, n), s->origin = MSC_NEW(arena, double, n);
    double *at_x = MSC_NEW(arena, double, n), *z = MSC_NEW(arena, double, n), first = 0;
    gsl_matrix_view root = gsl_matrix_view_array(MSC_NEW(arena, double, n * n), n, n);
    put_inside(s, x);
    memcpy(at_x, x, n * sizeof *x);
    /* With a metric, begun anew with that of a better place while there is much to gain. At the end begun anew where it ended,
     * up to three times: SLSQP's memory of curvature may mislead it. */
    int rough = s->objective->metric && judged ? ROUGH : 0;
    for (int again = 0; again < 3;) {
        s->nlopt = nlopt_create(NLOPT_LD_SLSQP, (unsigned)n);
        if (!s->nlopt) {
            msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
        }
        nlopt_set_min_objective(s->nlopt, negative_log, s);
        nlopt_set_xtol_rel(s->nlopt, tolerance);
        nlopt_set_ftol_abs(s->nlopt, rough > 0 ? MUCH : gain);
        s->root = s->objective->metric ? &root.matrix : NULL;
        set_metric(s, at_x);
        set_ends(arena, s);
        memset(z, 0, n * sizeof *z);
        const double before = s->best_log;
        const nlopt_result result = nlopt_optimize(s->nlopt, z, &first);
        nlopt_destroy(s->nlopt);
        if (s->best_log > -INFINITY && may_go_on(s)) {
            touch_ends(s);
        }
        memcpy(at_x, s->best_x, n * sizeof *x);
        if (rough > 0 && s->best_log > -INFINITY && !s->over && !asked_to_stop(s)) {
            rough = s->best_log - before > MUCH ? rough - 1 : 0;
            continue;
        }
        out.end = end_of(s, result, judged);
        if (out.end != MSC_OPTIMUM_FLAT || s->best_log - before < 1e-9) {
            break;
        }
        again++;
    }
    out.log = s->best_log;
    if (s->best_log > -INFINITY) {
        memcpy(x, s->best_x, n * sizeof *x);
        leave_ends_out(s, s->best_slope);
    }
    for (size_t i = 0; i < n; i++) {
        out.slope = fmax(out.slope, fabs(s->best_slope[i]));
    }
    return out;
}

msc_optimum msc_optimise(msc_arena *arena, const msc_objective *objective, const msc_optimise_options *options, double *x)
{
    if (objective->n == 0) {
        msc_throw(arena, MSC_E_USAGE, NULL, "there is no parameter to optimise");
    }
    search s = {.objective = objective, .most = options && options->most ? options->most : 500, .best_log = -INFINITY};
    s.here = MSC_NEW(arena, double, objective->n), s.slope = MSC_NEW(arena, double, objective->n);
    const double tolerance = options && options->tolerance > 0 ? options->tolerance : 1e-8;
    const double gain = options && options->gain > 0 ? options->gain : 1e-12;
    msc_optimum out = objective->squares ? by_squares(arena, &s, tolerance, x)
                                         : by_density(arena, &s, tolerance, gain, !options || !options->unjudged, x);
    out.evaluations = s.evaluations, out.refused = s.refused;
    return out;
}
