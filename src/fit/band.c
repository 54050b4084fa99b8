/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bands: what the draws of a posterior predict, at the rows of the data and over time, and what a new observation would be
 * at a row. Quantiles 2.5, 50, 97.5 %. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "fit/posterior.h"

static const double QUANTILE[3] = {0.025, 0.5, 0.975};

typedef struct {
    const msc_fit *fit;
    msc_posterior *p;
    size_t n;            /* draws */
    const double *t;
    size_t *row_time;    /* [n_row] in the study's times */
    size_t **grid_time;  /* [n_study][n_grid], or MSC_FIT_NONE */
    double *row;         /* [n_row][n] */
    double *curve;       /* [n_curve][n_grid][n] */
    bool *wanted;
} bands;

static void find_times(msc_arena *arena, bands *b)
{
    const msc_fit *f = b->fit;
    b->row_time = MSC_NEW(arena, size_t, f->n_row), b->grid_time = MSC_NEW(arena, size_t *, f->n_study);
    for (size_t s = 0; s < f->n_study; s++) {
        const msc_fit_study *study = &f->study[s];
        b->grid_time[s] = MSC_NEW(arena, size_t, f->n_grid);
        for (size_t i = 0; i < f->n_grid; i++) {
            b->grid_time[s][i] = msc_fit_grid_place(f, s, i);
        }
        for (size_t r = 0; r < study->n_row; r++) {
            b->row_time[study->row[r]] = msc_fit_time_place(study->banded, msc_moment(f->row[study->row[r]].from->time));
        }
    }
}

/* Those that the best fit has. */
static void list_curves(msc_arena *arena, const msc_fitted *w)
{
    msc_posterior *p = w->posterior;
    p->curve = MSC_NEW(arena, msc_fit_curve, w->n_curve + 1);
    for (p->n_curve = 0; p->n_curve < w->n_curve; p->n_curve++) {
        const msc_fit_seen_curve *c = &w->curve[p->n_curve];
        p->curve[p->n_curve] = (msc_fit_curve){.name = c->name, .unit = c->unit, .row = c->row};
    }
}

/* ---- predictions ---- */

static double factor_of(const bands *b, const msc_fit_row *row, size_t draw)
{
    return msc_fit_factor_of(b->fit, &b->fit->observe[row->observe], b->t + draw * b->fit->n_estimate);
}

static void take(void *context, size_t s, size_t draw, const msc_outcome *outcome)
{
    const bands *b = context;
    const msc_fit *f = b->fit;
    const msc_fit_study *study = &f->study[s];
    const size_t n_column = msc_batch_columns(study->banded);
    for (size_t r = 0; r < study->n_row; r++) {
        const msc_fit_row *row = &f->row[study->row[r]];
        b->row[study->row[r] * b->n + draw] =
            factor_of(b, row, draw) * msc_fit_seen(row, b->row_time[study->row[r]], outcome->value, n_column);
    }
    for (size_t c = 0; c < b->p->n_curve; c++) {
        const msc_fit_row *row = &f->row[b->p->curve[c].row];
        const double factor = row->study == s ? factor_of(b, row, draw) / f->observe[row->observe].per_unit : 0;
        for (size_t i = 0; i < f->n_grid && row->study == s; i++) {
            const size_t at = b->grid_time[s][i];
            b->curve[(c * f->n_grid + i) * b->n + draw] =
                at == MSC_FIT_NONE ? (double)NAN : factor * msc_fit_seen(row, at, outcome->value, n_column);
        }
    }
}

/* A new subject, or a new measurement of what the row is of. */
static double replicate(const bands *b, size_t r, size_t draw, double predicted)
{
    const msc_fit *f = b->fit;
    const msc_fit_row *row = &f->row[r];
    const msc_error_model e = msc_fit_error_of(f, row, b->t + draw * f->n_estimate);
    const double z = gsl_cdf_ugaussian_Pinv(msc_random_uniform(f->seed, MSC_USE_DATA, draw, (uint32_t)r, 0));
    const double off = z * sqrt(msc_likelihood_variance(&row->datum, &e, predicted) + e.subject * e.subject);
    return e.family == MSC_FAMILY_LOGNORMAL ? predicted * exp(off) : predicted + off;
}

/* ---- quantiles ---- */

/* Of the draws that could be run; x is put in order. */
static void quantiles(const bands *b, double *x, double *low, double *median, double *high)
{
    size_t n = 0;
    for (size_t j = 0; j < b->n; j++) {
        if (b->wanted[j] && !isnan(x[j])) {
            x[n++] = x[j];
        }
    }
    gsl_sort(x, 1, n);
    double *const to[3] = {low, median, high};
    for (int q = 0; q < 3; q++) {
        *to[q] = n > 0 ? gsl_stats_quantile_from_sorted_data(x, 1, n, QUANTILE[q]) : (double)NAN;
    }
}

static void finish(msc_arena *arena, bands *b)
{
    const msc_fit *f = b->fit;
    msc_posterior *p = b->p;
    double *again = MSC_NEW(arena, double, b->n + 1), middle = 0;
    for (int i = 0; i < 5; i++) {
        p->row[i] = MSC_NEW(arena, double, f->n_row + 1);
    }
    for (size_t r = 0; r < f->n_row; r++) {
        for (size_t j = 0; j < b->n; j++) {
            again[j] = replicate(b, r, j, b->row[r * b->n + j]);
        }
        quantiles(b, again, &p->row[3][r], &middle, &p->row[4][r]);
        quantiles(b, b->row + r * b->n, &p->row[0][r], &p->row[1][r], &p->row[2][r]);
    }
    for (size_t c = 0; c < p->n_curve; c++) {
        msc_fit_curve *curve = &p->curve[c];
        curve->low = MSC_NEW(arena, double, f->n_grid), curve->median = MSC_NEW(arena, double, f->n_grid);
        curve->high = MSC_NEW(arena, double, f->n_grid);
        for (size_t i = 0; i < f->n_grid; i++) {
            quantiles(b, b->curve + (c * f->n_grid + i) * b->n, &curve->low[i], &curve->median[i], &curve->high[i]);
        }
    }
}

void msc_posterior_bands(msc_fitted *w, const double *t, size_t n)
{
    const msc_fit *f = w->fit;
    bands b = {.fit = f, .p = w->posterior, .n = n, .t = t};
    find_times(w->arena, &b);
    list_curves(w->arena, w);
    b.row = MSC_NEW(w->arena, double, f->n_row * n + 1), b.curve = MSC_NEW(w->arena, double, b.p->n_curve * f->n_grid * n + 1);
    b.wanted = MSC_NEW(w->arena, bool, n + 1);
    for (size_t j = 0; j < n; j++) {
        b.wanted[j] = true;
    }
    if (!msc_crowd_run(b.p->crowd, n, t, b.wanted, take, &b)) {
        const msc_error *err = msc_crowd_error(b.p->crowd);
        msc_throw(w->arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
    }
    finish(w->arena, &b);
}
