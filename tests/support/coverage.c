/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How often the intervals of a fit hold the truth. */
#include "support/coverage.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/objective.h"

static void need(bool fine, const msc_error *err)
{
    if (!fine) {
        fprintf(stderr, "coverage: %s: %s\n", err->where, err->message);
        abort();
    }
}

/* What is predicted with the truth, and its errors' sizes. */
static void predict(const msc_fit *fit, const double *truth, double *t, double *prediction)
{
    msc_error err = {0};
    msc_fit_eval *eval = NULL;
    double log = 0, slope[COVERAGE_ESTIMATES];
    need(msc_fit_eval_new(fit, NULL, &eval, &err) == MSC_OK, &err);
    for (size_t k = 0; k < fit->n_estimate; k++) {
        t[k] = msc_fit_coordinate_of(&fit->estimate[k], truth[k]);
    }
    snprintf(err.message, sizeof err.message, "the truth cannot be run");
    need(msc_fit_density(eval, t, &log, slope), &err);
    memcpy(prediction, msc_fit_eval_prediction(eval), fit->n_row * sizeof *prediction);
    msc_fit_eval_free(eval);
}

static void draw(msc_fit *fit, const double *t, const double *prediction, double *effect, gsl_rng *rng)
{
    for (size_t i = 0; i < fit->n_row; i++) {
        msc_fit_row *row = &fit->row[i];
        msc_error_model e = msc_fit_error_of(fit, row, t);
        const size_t first = row->n_mate > 0 ? row->mate[0] : i;
        if (first == i) {
            effect[i] = e.subject * gsl_ran_ugaussian(rng);
        }
        e.subject = 0;
        const double f = prediction[i], s = msc_likelihood_sd(&row->datum, &e, f), z = gsl_ran_ugaussian(rng);
        row->datum.value = e.family == MSC_FAMILY_NORMAL ? f + effect[first] + s * z : f * exp(effect[first] + s / f * z);
    }
}

static void count(const msc_fitted *w, const double *truth, coverage *c)
{
    c->no_optimum += !msc_fitted_converged(w);
    for (size_t k = 0; k < w->fit->n_estimate; k++) {
        double low, high;
        (void)msc_fitted_value(w, k, NULL, &low, &high);
        c->open[k] += !(isfinite(low) && isfinite(high));
        c->held[k] += !(truth[k] < low || truth[k] > high);
    }
}

coverage coverage_measure(msc_fit *fit, const double *truth, size_t n, uint64_t seed)
{
    coverage c = {.n = n};
    double t[COVERAGE_ESTIMATES], *prediction = calloc(fit->n_row, sizeof *prediction), *effect = calloc(fit->n_row, sizeof *effect);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, (unsigned long)seed);
    memset(fit->profile, 0, fit->n_estimate * sizeof *fit->profile); /* intervals by the curvature are counted */
    predict(fit, truth, t, prediction);
    for (size_t i = 0; i < n; i++) {
        msc_fitted *w = NULL;
        msc_error err = {0};
        const msc_fit_options options = {.threads = 1};
        draw(fit, t, prediction, effect, rng);
        need(msc_fit_run(fit, &options, &w, &err) == MSC_OK, &err);
        count(w, truth, &c);
        msc_fitted_free(w);
    }
    gsl_rng_free(rng);
    free(prediction);
    free(effect);
    return c;
}

void coverage_bounds(size_t n, size_t *least, size_t *most)
{
    *least = 0, *most = n;
    while (gsl_cdf_binomial_P((unsigned)*least, 0.95, (unsigned)n) <= 5e-4) {
        ++*least;
    }
    while (*most > 0 && gsl_cdf_binomial_Q((unsigned)*most - 1, 0.95, (unsigned)n) <= 5e-4) {
        --*most;
    }
}
