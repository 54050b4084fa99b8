/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's least squares and NLopt behind one door. */
#include "study/optimise.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlin.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <nlopt.h>
#include <string.h>

static const double REFUSED = 1e100; /* a norm no real one reaches: it decides only that a step is refused */

typedef struct {
    const msc_objective *objective;
    size_t most, evaluations, refused;
    double *x, *residual, *jacobian; /* of the last point evaluated */
    double *here, *slope;            /* [n] in passing */
    bool any, fine, over;            /* is there one, was there a value, is the budget used up */
    double best_log, *best_x, best_slope;
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

static void note_best(search *s, const double *x, double log, double slope)
{
    if (!s->best_x || !(log > s->best_log)) {
        return;
    }
    s->best_log = log, s->best_slope = slope;
    memcpy(s->best_x, x, s->objective->n * sizeof *x);
}

/* ---- squares ---- */

/* f and its Jacobian at x, made together and kept: GSL asks for the one, then for the other. */
static bool at(search *s, const gsl_vector *x)
{
    const size_t n = s->objective->n, m = s->objective->n_residual;
    double *here = s->here;
    for (size_t i = 0; i < n; i++) {
        here[i] = gsl_vector_get(x, i);
    }
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

static int jacobian(const gsl_vector *x, void *context, gsl_matrix *J)
{
    search *s = context;
    if (!at(s, x)) {
        return GSL_EBADFUNC;
    }
    for (size_t i = 0; i < J->size1; i++) {
        for (size_t k = 0; k < J->size2; k++) {
            gsl_matrix_set(J, i, k, s->jacobian[i * J->size2 + k]);
        }
    }
    return GSL_SUCCESS;
}

/* The largest cosine between the residuals and a column of the Jacobian: 0 at an optimum, whatever the scales
 * (Moré, Garbow, Hillstrom 1980, MINPACK, gtol). */
static double largest_cosine(const gsl_multifit_nlinear_workspace *w)
{
    double most = 0;
    const double norm = gsl_blas_dnrm2(w->f);
    for (size_t k = 0; norm > 0 && k < w->J->size2; k++) {
        gsl_vector_const_view column = gsl_matrix_const_column(w->J, k);
        const double length = gsl_blas_dnrm2(&column.vector);
        most = length > 0 ? fmax(most, fabs(gsl_vector_get(w->g, k)) / (length * norm)) : most;
    }
    return most;
}

static msc_optimum_end iterate(search *s, gsl_multifit_nlinear_workspace *w, double tolerance)
{
    for (;;) {
        const double before = gsl_blas_dnrm2(w->f);
        const int status = gsl_multifit_nlinear_iterate(w);
        if (asked_to_stop(s)) {
            return MSC_OPTIMUM_STOPPED;
        }
        if (s->over) {
            return MSC_OPTIMUM_EXHAUSTED;
        }
        const double cosine = largest_cosine(w), after = gsl_blas_dnrm2(w->f);
        if (cosine < 1e-8 || after == 0) {
            return MSC_OPTIMUM_FOUND;
        }
        if (status != GSL_SUCCESS) { /* fifteen steps refused in a row: at an optimum if rounding is all there is left */
            return cosine < 1e-4 ? MSC_OPTIMUM_FOUND : MSC_OPTIMUM_FLAT;
        }
        const bool still = before - after <= 1e-14 * before;
        if (gsl_multifit_test_delta(w->dx, w->x, tolerance * tolerance, tolerance) == GSL_SUCCESS && (still || cosine < 1e-5)) {
            return cosine < 1e-4 ? MSC_OPTIMUM_FOUND : MSC_OPTIMUM_FLAT;
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
    gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
    parameters.trs = gsl_multifit_nlinear_trs_lm;
    parameters.solver = gsl_multifit_nlinear_solver_qr;
    gsl_multifit_nlinear_fdf fdf = {.f = residuals, .df = jacobian, .n = o->n_residual, .p = o->n, .params = s};
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, o->n_residual, o->n);
    if (!w) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    gsl_vector_const_view start = gsl_vector_const_view_array(x, o->n);
    msc_optimum out = {.end = MSC_OPTIMUM_NOWHERE, .log = -INFINITY};
    if (at(s, &start.vector) && gsl_multifit_nlinear_init(&start.vector, &fdf, w) == GSL_SUCCESS) {
        out.end = iterate(s, w, tolerance);
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
    return out;
}

/* ---- any density ---- */

static double negative_log(unsigned n, const double *x, double *gradient, void *context)
{
    search *s = context;
    double log = NAN, *slope = s->slope;
    if (!may_go_on(s)) {
        nlopt_force_stop(s->nlopt);
        return HUGE_VAL;
    }
    s->evaluations++;
    const bool fine = all_finite(x, n) && s->objective->density(s->objective->context, x, &log, slope) && isfinite(log) &&
                      all_finite(slope, n);
    s->refused += !fine;
    double steepest = 0;
    for (unsigned i = 0; i < n; i++) {
        steepest = fine ? fmax(steepest, fabs(slope[i])) : 0;
        if (gradient) {
            gradient[i] = fine ? -slope[i] : 0;
        }
    }
    if (fine) {
        note_best(s, x, log, steepest);
    }
    return fine ? -log : HUGE_VAL; /* SLSQP halves a step that ends at infinity */
}

static msc_optimum_end end_of(const search *s, nlopt_result result)
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
    return s->best_slope <= 1e-4 * (1 + fabs(s->best_log)) ? MSC_OPTIMUM_FOUND : MSC_OPTIMUM_FLAT;
}

static msc_optimum by_density(msc_arena *arena, search *s, double tolerance, double *x)
{
    const size_t n = s->objective->n;
    msc_optimum out = {.end = MSC_OPTIMUM_NOWHERE};
    s->best_x = MSC_NEW(arena, double, n);
    double *at_x = MSC_NEW(arena, double, n), first = 0;
    memcpy(at_x, x, n * sizeof *x);
    for (int again = 0; again < 3; again++) { /* begun anew where it ended: SLSQP's memory of curvature may mislead it */
        s->nlopt = nlopt_create(NLOPT_LD_SLSQP, (unsigned)n);
        if (!s->nlopt) {
            msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
        }
        nlopt_set_min_objective(s->nlopt, negative_log, s);
        nlopt_set_xtol_rel(s->nlopt, tolerance);
        nlopt_set_ftol_abs(s->nlopt, 1e-12);
        const double before = s->best_log;
        const nlopt_result result = nlopt_optimize(s->nlopt, at_x, &first);
        nlopt_destroy(s->nlopt);
        out.end = end_of(s, result);
        if (out.end != MSC_OPTIMUM_FLAT || s->best_log - before < 1e-9) {
            break;
        }
        memcpy(at_x, s->best_x, n * sizeof *x);
    }
    out.log = s->best_log, out.slope = s->best_slope;
    if (s->best_log > -INFINITY) {
        memcpy(x, s->best_x, n * sizeof *x);
    }
    return out;
}

msc_optimum msc_optimise(msc_arena *arena, const msc_objective *objective, const msc_optimise_options *options, double *x)
{
    search s = {.objective = objective, .most = options && options->most ? options->most : 500, .best_log = -INFINITY};
    s.here = MSC_NEW(arena, double, objective->n), s.slope = MSC_NEW(arena, double, objective->n);
    const double tolerance = options && options->tolerance > 0 ? options->tolerance : 1e-8;
    msc_optimum out = (objective->squares ? by_squares : by_density)(arena, &s, tolerance, x);
    out.evaluations = s.evaluations, out.refused = s.refused;
    return out;
}
