/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far estimates may be off: the curvature of the log posterior at its top, by differences of its slope, and
 * intervals from it, made in coordinates, so that they stay within the range.
 *
 * A direction in which the top is flat is open; so is every estimate that has part in it. */
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>
#include <math.h>
#include <string.h>

#include "fit/fit.h"

static const double STEP = 1e-2;      /* in coordinates: beyond the noise of runs */
static const double ALIKE = 1e-6;     /* of a log: nothing is lost */
static const double AT_END = 1e-3;    /* of a range: it is asked whether the estimate lies at its end */
static const double PART = 0.1;       /* of a flat direction that makes an estimate open */
static const double FLAT = 1e-3;      /* curvature: a spread of more than thirty in coordinates */
static const double Z = 1.959964;

typedef bool density_of(void *context, const double *t, double *log, double *slope);

/* Minus the second derivatives, symmetric; false if there is nothing beside the top. */
static bool curvature(msc_arena *arena, const msc_fitted *w, density_of *density, void *context, gsl_matrix *h)
{
    const size_t n = w->fit->n_estimate;
    double *t = MSC_NEW(arena, double, n), *up = MSC_NEW(arena, double, n), *down = MSC_NEW(arena, double, n), log = 0;
    for (size_t k = 0; k < n; k++) {
        memcpy(t, w->t, n * sizeof *t);
        t[k] = w->t[k] + STEP;
        bool fine = density(context, t, &log, up);
        t[k] = w->t[k] - STEP;
        fine = fine && density(context, t, &log, down);
        if (!fine) {
            return false;
        }
        for (size_t j = 0; j < n; j++) {
            gsl_matrix_set(h, k, j, -(up[j] - down[j]) / (2 * STEP));
        }
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < k; j++) {
            const double mean = 0.5 * (gsl_matrix_get(h, k, j) + gsl_matrix_get(h, j, k));
            gsl_matrix_set(h, k, j, mean), gsl_matrix_set(h, j, k, mean);
        }
    }
    return true;
}

/* Is all as good at the end of the range that it is near to? Near alone says nothing: of a wide range a thousandth may be many
 * times the estimate. */
static int at_end(msc_fitted *w, density_of *density, void *context, size_t k)
{
    const msc_fit_estimate *e = &w->fit->estimate[k];
    double end[2], there = 0, *slope = MSC_NEW(w->arena, double, w->fit->n_estimate);
    const double t = w->t[k], near = log1p(-AT_END) - log(AT_END);
    msc_fit_reach(e, &end[0], &end[1]);
    if (!isfinite(end[0]) || fabs(t) < near) {
        return 0;
    }
    const int side = t < 0 ? 0 : 1;
    w->t[k] = end[side];
    const bool fine = density(context, w->t, &there, slope);
    w->t[k] = t;
    return fine && there > w->log - ALIKE ? 2 * side - 1 : 0;
}

/* The inverse without what is flat; which estimates have part in that. */
static bool invert(msc_fitted *w, gsl_matrix *h)
{
    const size_t n = w->fit->n_estimate;
    gsl_vector *value = gsl_vector_alloc(n);
    gsl_matrix *vector = gsl_matrix_alloc(n, n);
    gsl_eigen_symmv_workspace *space = gsl_eigen_symmv_alloc(n);
    const bool fine = value && vector && space && gsl_eigen_symmv(h, value, vector, space) == 0;
    for (size_t i = 0; fine && i < n; i++) {
        const double lambda = gsl_vector_get(value, i);
        const bool flat = !(lambda > FLAT);
        for (size_t k = 0; k < n; k++) {
            const double part = gsl_matrix_get(vector, k, i);
            w->result[k].open = w->result[k].open || (flat && fabs(part) > PART);
            for (size_t j = 0; j < n && !flat; j++) {
                w->covariance[k * n + j] += part * gsl_matrix_get(vector, j, i) / lambda;
            }
        }
    }
    gsl_vector_free(value);
    gsl_matrix_free(vector);
    gsl_eigen_symmv_free(space);
    return fine;
}

double msc_fit_before(const msc_fit_estimate *e)
{
    const double u[2] = {0.158655, 0.841345};
    double t[2];
    for (int i = 0; i < 2; i++) {
        const double x = e->known ? msc_distribution_quantile(&e->prior, u[i])
                         : e->scale == MSC_FIT_LOGLOGIT ? e->low * pow(e->high / e->low, u[i]) : e->low + (e->high - e->low) * u[i];
        t[i] = msc_fit_coordinate_of(e, fmin(fmax(x, e->low), e->high));
    }
    return 0.5 * (t[1] - t[0]);
}

static void finish(msc_fitted *w, size_t k, bool any)
{
    const msc_fit_estimate *e = &w->fit->estimate[k];
    const size_t n = w->fit->n_estimate;
    msc_fit_result *x = &w->result[k];
    const double variance = w->covariance[k * n + k];
    x->value = msc_fit_value_of(e, w->t[k]);
    x->open = x->open || !any || x->at_end != 0 || !(variance > 0);
    x->se = x->low = x->high = x->narrowed = NAN;
    if (x->open) {
        return;
    }
    const double spread = sqrt(variance);
    x->se = spread * msc_fit_slope_of(e, w->t[k]);
    x->low = msc_fit_value_of(e, w->t[k] - Z * spread), x->high = msc_fit_value_of(e, w->t[k] + Z * spread);
    x->narrowed = msc_fit_share_left(e, x->low, x->high, false);
}

void msc_fit_spread(msc_fitted *w, density_of *density, void *context)
{
    const size_t n = w->fit->n_estimate;
    w->result = MSC_NEW(w->arena, msc_fit_result, n);
    w->covariance = MSC_NEW(w->arena, double, n * n);
    for (size_t k = 0; k < n; k++) {
        w->result[k].at_end = at_end(w, density, context, k);
    }
    gsl_matrix *h = gsl_matrix_alloc(n, n);
    if (!h) {
        msc_throw(w->arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    /* throws past this line would lose it: the arena's memory is asked for before */
    msc_arena *arena = msc_arena_new(NULL);
    bool any = false;
    if (arena && !MSC_CATCH(arena)) {
        any = curvature(arena, w, density, context, h) && invert(w, h);
    }
    msc_arena_free(arena);
    gsl_matrix_free(h);
    for (size_t k = 0; k < n; k++) {
        finish(w, k, any);
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < n; j++) {
            w->covariance[k * n + j] = w->result[k].open || w->result[j].open ? (double)NAN : w->covariance[k * n + j];
        }
    }
}
