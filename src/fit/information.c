/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What rows tell of the estimates. The values of a subject are normal about their means m with the covariance
 * V = diag(s^2) + v 11', v the square of the subject's effect; with w = 1 / s^2, W their sum and c = v / (1 + v W) its inverse is
 * P = diag(w) - c w w' (Sherman and Morrison). Fisher's information is m_j' P m_k + tr(P V_j P V_k) / 2, m_j and V_j the
 * derivatives by an estimate; a value by itself is a subject seen once. */
#include "fit/information.h"

#include <math.h>
#include <string.h>

#include "fit/objective.h"

/* ---- one row ---- */

/* On the scale of the error. */
typedef struct {
    msc_error_model error;
    double s2;    /* without the subject's effect */
    double by_m;  /* of the location by the prediction */
    double by_s2; /* of s2 by the prediction */
    const double *slope;
} row_seen;

static row_seen look(const msc_fit_place_seen *at, size_t r)
{
    const msc_fit_row *row = &at->fit->row[r];
    const double x = at->prediction[r];
    row_seen s = {.error = msc_fit_error_of(at->fit, row, at->t), .slope = at->slope + r * at->fit->n_estimate};
    const bool normal = s.error.family == MSC_FAMILY_NORMAL;
    s.s2 = msc_likelihood_variance(&row->datum, &s.error, x);
    s.by_m = normal ? 1 : 1 / x;
    s.by_s2 = normal ? 2 * s.error.proportional * s.error.proportional * x : 0;
    return s;
}

static bool is_fine(const row_seen *s)
{
    const double s2 = s->s2 + s->error.subject * s->error.subject;
    return s2 > 0 && isfinite(s2) && isfinite(s->by_m);
}

/* The derivatives of s2 by the coordinates. */
static void spread_slope(const msc_fit_place_seen *at, size_t r, const row_seen *s, double *to)
{
    const msc_fit *f = at->fit;
    const msc_fit_observe *o = &f->observe[f->row[r].observe];
    const size_t a = o->by_additive, p = o->by_proportional;
    const double x = s->error.family == MSC_FAMILY_NORMAL ? at->prediction[r] : 1;
    for (size_t k = 0; k < f->n_estimate; k++) {
        to[k] = s->by_s2 * s->slope[k];
    }
    if (a != MSC_FIT_NONE) {
        to[a] += 2 * s->error.additive * o->per_unit * msc_fit_slope_of(&f->estimate[a], at->t[a]);
    }
    if (p != MSC_FIT_NONE) {
        to[p] += 2 * s->error.proportional * x * x * msc_fit_slope_of(&f->estimate[p], at->t[p]);
    }
}

/* The derivative of a subject's variance by the one estimate that it depends on. */
static double subject_slope(const msc_fit_place_seen *at, size_t r, const row_seen *s)
{
    const msc_fit *f = at->fit;
    const msc_fit_observe *o = &f->observe[f->row[r].observe];
    const size_t k = o->by_subject;
    const double unit = s->error.family == MSC_FAMILY_NORMAL ? o->per_unit : 1;
    return k == MSC_FIT_NONE ? 0 : 2 * s->error.subject * unit * msc_fit_slope_of(&f->estimate[k], at->t[k]);
}

static void add_product(double *h, size_t n, double weight, const double *x, const double *y)
{
    for (size_t k = 0; k < n && weight != 0; k++) {
        for (size_t j = 0; j < n && x[k] != 0; j++) {
            h[k * n + j] += weight * x[k] * y[j];
        }
    }
}

/* ---- information ---- */

static double weight_of(const msc_fit_place_seen *at, const size_t *row, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const row_seen s = look(at, row[i]);
        if (!is_fine(&s) || !(s.s2 > 0)) {
            return INFINITY;
        }
        sum += 1 / s.s2;
    }
    return sum;
}

/* Values of one subject, s2 > 0. */
static void add_values(const msc_fit_place_seen *at, const size_t *row, size_t n_row, double *room, double *h)
{
    const size_t n = at->fit->n_estimate, by = at->fit->observe[at->fit->row[row[0]].observe].by_subject;
    const double weight = at->fit->row[row[0]].importance, all = weight_of(at, row, n_row);
    double *mean = room, *spread = room + n, *pull = room + 2 * n, *wide = room + 3 * n;
    const row_seen first = look(at, row[0]);
    const double v = first.error.subject * first.error.subject, b = 1 + v * all, c = v / b;
    if (!isfinite(all)) {
        return;
    }
    memset(pull, 0, 2 * n * sizeof *pull);
    for (size_t i = 0; i < n_row; i++) {
        const row_seen s = look(at, row[i]);
        const double w = 1 / s.s2;
        spread_slope(at, row[i], &s, spread);
        for (size_t k = 0; k < n; k++) {
            mean[k] = s.by_m * s.slope[k];
            pull[k] += w * mean[k], wide[k] += w * w * spread[k];
        }
        add_product(h, n, weight * w, mean, mean);
        add_product(h, n, weight * w * w * (1 - 2 * c * w) / 2, spread, spread);
    }
    add_product(h, n, -weight * c, pull, pull);
    add_product(h, n, weight * c * c / 2, wide, wide);
    if (by != MSC_FIT_NONE) {
        const double g = subject_slope(at, row[0], &first);
        for (size_t k = 0; k < n; k++) {
            h[k * n + by] += weight * g * wide[k] / (2 * b * b), h[by * n + k] += weight * g * wide[k] / (2 * b * b);
        }
        h[by * n + by] += weight * g * g * all * all / (2 * b * b);
    }
}

/* Of a value whose only error is its subject's effect, and of anything that is no value: by location and scale. */
static void add_other(const msc_fit_place_seen *at, size_t r, double *room, double *h)
{
    const msc_fit *f = at->fit;
    const msc_fit_row *row = &f->row[r];
    const size_t n = f->n_estimate, by = f->observe[row->observe].by_subject;
    const row_seen s = look(at, r);
    const double s2 = s.s2 + s.error.subject * s.error.subject, weight = row->importance / s2;
    double *mean = room, *spread = room + n;
    if (!is_fine(&s)) {
        return;
    }
    const msc_information told = msc_likelihood_information(&row->datum, &s.error, at->prediction[r]);
    spread_slope(at, r, &s, spread);
    spread[by == MSC_FIT_NONE ? 0 : by] += by == MSC_FIT_NONE ? 0 : subject_slope(at, r, &s);
    for (size_t k = 0; k < n; k++) {
        mean[k] = s.by_m * s.slope[k], spread[k] /= 2 * sqrt(s2);
    }
    add_product(h, n, weight * told.m, mean, mean);
    add_product(h, n, weight * told.ms, mean, spread);
    add_product(h, n, weight * told.ms, spread, mean);
    add_product(h, n, weight * told.s, spread, spread);
}

void msc_fit_information(const msc_fit_place_seen *at, double *room, double *h)
{
    const msc_fit *f = at->fit;
    const size_t n = f->n_estimate;
    memset(h, 0, n * n * sizeof *h);
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_row *row = &f->row[r];
        if (row->n_mate < 2) {
            add_other(at, r, room, h);
        } else if (row->mate[0] == r) {
            add_values(at, row->mate, row->n_mate, room, h);
        }
    }
    for (size_t k = 0; k < n; k++) {
        const double before = msc_fit_before(&f->estimate[k]);
        h[k * n + k] += before > 0 && isfinite(before) ? 1 / (before * before) : 1;
    }
}

/* ---- sensitivities, each for itself ---- */

void msc_fit_whiten_next(const msc_fit_known_subject *known, double variance, double own, size_t n, double *slope)
{
    const double before = known ? known->variance / (1 + known->variance * known->weight) : variance;
    const double sd = sqrt(own * own + before);
    for (size_t k = 0; k < n; k++) {
        slope[k] = (slope[k] - (known ? before * known->pull[k] : 0)) / sd;
    }
}

/* Given those before it a value of a subject is normal with what they do not say of its effect. */
static void whiten_values(const msc_fit_place_seen *at, const size_t *row, size_t n_row, double *room, double *white)
{
    const size_t n = at->fit->n_estimate;
    const double root = sqrt(at->fit->row[row[0]].importance);
    msc_fit_known_subject known = {.pull = room};
    memset(known.pull, 0, n * sizeof *known.pull);
    for (size_t i = 0; i < n_row; i++) {
        const row_seen s = look(at, row[i]);
        double *to = white + row[i] * n;
        known.variance = s.error.subject * s.error.subject;
        for (size_t k = 0; k < n; k++) {
            to[k] = s.by_m * s.slope[k];
        }
        msc_fit_whiten_next(&known, known.variance, sqrt(s.s2), n, to);
        known.weight += 1 / s.s2;
        for (size_t k = 0; k < n; k++) {
            known.pull[k] += s.by_m * s.slope[k] / s.s2, to[k] *= root;
        }
    }
}

void msc_fit_whiten(const msc_fit_place_seen *at, double *room, double *white)
{
    const msc_fit *f = at->fit;
    const size_t n = f->n_estimate;
    for (size_t r = 0; r < f->n_row; r++) {
        const msc_fit_row *row = &f->row[r];
        if (row->n_mate > 1) {
            if (row->mate[0] == r) {
                whiten_values(at, row->mate, row->n_mate, room, white);
            }
            continue;
        }
        const row_seen s = look(at, r);
        const double told = msc_likelihood_information(&row->datum, &s.error, at->prediction[r]).m;
        const double by = sqrt(row->importance * told / (s.s2 + s.error.subject * s.error.subject)) * s.by_m;
        for (size_t k = 0; k < n; k++) {
            white[r * n + k] = by * s.slope[k];
        }
    }
}

/* ---- a subject that has been measured ---- */

bool msc_fit_subject_known(const msc_fit_place_seen *at, const size_t *row, size_t n_row, msc_fit_known_subject *known)
{
    const size_t n = at->fit->n_estimate;
    known->weight = weight_of(at, row, n_row);
    memset(known->pull, 0, n * sizeof *known->pull);
    for (size_t i = 0; i < n_row; i++) {
        const row_seen s = look(at, row[i]);
        known->variance = s.error.subject * s.error.subject;
        for (size_t k = 0; k < n; k++) {
            known->pull[k] += s.by_m * s.slope[k] / s.s2;
        }
        if (at->fit->row[row[i]].datum.kind != MSC_DATUM_VALUE) {
            return false;
        }
    }
    return n_row > 0 && isfinite(known->weight);
}
