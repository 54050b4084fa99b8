/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of one number: quantiles, densities, moments.
 *
 * Probabilities go in pairs (p below, q above), so that neither tail is a difference from 1. */
#include "study/distribution.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>

typedef struct {
    double p, q;
} pair;

static double logit_of(const msc_distribution *d, double x)
{
    return log((x - d->start) / (d->end - x));
}

/* ---- gamma and beta: quantiles ---- */

/* (GSL's own inverses are no use here: measured with 2.7.1, gsl_cdf_gamma_Pinv gives NaN at shape 0.1 and
 * Qinv an x off by 7e-4 in the tail of shape 1e5; gsl_cdf_beta_Pinv gives NaN at shape 0.01 and does not
 * come back from shapes of 1e6. The distribution functions themselves are good.)
 * Solved in t = log x, or logit x, where the logarithm of the smaller tail is
 * concave and nearly straight far out, so that Newton's steps from the middle find the root. */
static pair curve_cdf(const msc_distribution *d, double t)
{
    if (d->kind == MSC_GAMMA) {
        const double x = exp(t);
        return (pair){gsl_cdf_gamma_P(x, d->first, 1), gsl_cdf_gamma_Q(x, d->first, 1)};
    }
    if (t > 0) { /* 1 - x keeps its digits */
        const double y = 1 / (1 + exp(t));
        return (pair){gsl_cdf_beta_Q(y, d->second, d->first),
                      gsl_cdf_beta_P(y, d->second, d->first)};
    }
    const double x = 1 / (1 + exp(-t));
    return (pair){gsl_cdf_beta_P(x, d->first, d->second), gsl_cdf_beta_Q(x, d->first, d->second)};
}

/* log of dP/dt */
static double curve_slope(const msc_distribution *d, double t)
{
    if (d->kind == MSC_GAMMA) {
        return d->first * t - exp(t) - gsl_sf_lngamma(d->first);
    }
    const double log_x = t > 0 ? -log1p(exp(-t)) : t - log1p(exp(t));
    return d->first * log_x + d->second * (log_x - t) - gsl_sf_lnbeta(d->first, d->second);
}

static double curve_solve(const msc_distribution *d, pair want)
{
    enum { STEPS = 200 };
    const bool lower = want.p <= want.q;
    double low = -745, high = 745; /* e^t is a double in between */
    double t = d->kind == MSC_GAMMA ? log(d->first) : log(d->first / d->second);
    for (int step = 0; step < STEPS; step++) {
        const pair c = curve_cdf(d, t);
        const double have = lower ? c.p : c.q;
        const double miss = lower ? log(have / want.p) : log(want.q / have); /* rises with t */
        if (!(fabs(miss) > 0)) {
            break;
        }
        *(miss > 0 ? &high : &low) = t;
        double next = t - miss * exp(log(have) - curve_slope(d, t));
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        const double moved = fabs(next - t);
        t = next;
        if (moved <= 4 * DBL_EPSILON * GSL_MAX_DBL(fabs(t), 1)) {
            break;
        }
    }
    return t;
}

static double curve_quantile(const msc_distribution *d, pair want)
{
    const double t = curve_solve(d, want);
    if (d->kind == MSC_GAMMA) {
        return exp(t) * d->second;
    }
    const double width = d->end - d->start;
    return t > 0 ? d->end - width / (1 + exp(t)) : d->start + width / (1 + exp(-t));
}

/* ---- laws without truncation ---- */

static double normal_quantile(pair want)
{
    return want.p <= want.q ? gsl_cdf_ugaussian_Pinv(want.p) : gsl_cdf_ugaussian_Qinv(want.q);
}

/* On either side of the mode the far tail is a square, and the near one (which is small only if the
 * mode is at that end) solved from the mode, with nothing subtracted from 1. */
static double triangular_quantile(const msc_distribution *d, pair want)
{
    const double left = d->first - d->start, right = d->end - d->first, width = d->end - d->start;
    double past;
    if (want.p * width < left) {
        if (want.p <= want.q) {
            return d->start + sqrt(want.p * width * left);
        }
        past = want.q * width - right;
        return d->first - past / (1 + sqrt(GSL_MAX_DBL(1 - past / left, 0)));
    }
    if (want.q <= want.p) {
        return d->end - sqrt(want.q * width * right);
    }
    past = want.p * width - left;
    return d->first + past / (1 + sqrt(GSL_MAX_DBL(1 - past / right, 0)));
}

static double law_quantile(const msc_distribution *d, pair want)
{
    const bool lower = want.p <= want.q;
    const double width = d->end - d->start;
    double e;
    switch (d->kind) {
    case MSC_NORMAL: return d->first + d->second * normal_quantile(want);
    case MSC_LOGNORMAL: return d->first * exp(d->second * normal_quantile(want));
    case MSC_UNIFORM: return lower ? d->start + want.p * width : d->end - want.q * width;
    case MSC_LOGUNIFORM:
        return lower ? d->start * pow(d->end / d->start, want.p)
                     : d->end * pow(d->start / d->end, want.q);
    case MSC_LOGITNORMAL:
        e = d->second * normal_quantile(want) + logit_of(d, d->first);
        return e > 0 ? d->end - width / (1 + exp(e)) : d->start + width / (1 + exp(-e));
    case MSC_TRIANGULAR: return triangular_quantile(d, want);
    case MSC_BETA:
    case MSC_GAMMA: return curve_quantile(d, want);
    }
    return NAN;
}

static pair normal_cdf(double z)
{
    return (pair){gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z)};
}

static pair triangular_cdf(const msc_distribution *d, double x)
{
    const double left = d->first - d->start, right = d->end - d->first, width = d->end - d->start;
    const double a = x - d->start, b = d->end - x, past = fabs(x - d->first);
    if (x < d->first) {
        return (pair){a / width * (a / left), (right + past * (2 - past / left)) / width};
    }
    return (pair){right > 0 ? (left + past * (2 - past / right)) / width : 1,
                  right > 0 ? b / width * (b / right) : 0};
}

static pair law_cdf(const msc_distribution *d, double x)
{
    if (!(x > d->start) || !(x < d->end)) {
        return x <= d->start ? (pair){0, 1} : x >= d->end ? (pair){1, 0} : (pair){NAN, NAN};
    }
    const double width = d->end - d->start;
    switch (d->kind) {
    case MSC_NORMAL: return normal_cdf((x - d->first) / d->second);
    case MSC_LOGNORMAL: return normal_cdf(log(x / d->first) / d->second);
    case MSC_UNIFORM: return (pair){(x - d->start) / width, (d->end - x) / width};
    case MSC_LOGUNIFORM:
        return (pair){log(x / d->start) / log(d->end / d->start),
                      log(d->end / x) / log(d->end / d->start)};
    case MSC_LOGITNORMAL: return normal_cdf((logit_of(d, x) - logit_of(d, d->first)) / d->second);
    case MSC_TRIANGULAR: return triangular_cdf(d, x);
    case MSC_BETA: return curve_cdf(d, logit_of(d, x));
    case MSC_GAMMA: return curve_cdf(d, log(x / d->second));
    }
    return (pair){NAN, NAN};
}

/* ---- truncation ---- */

double msc_distribution_truncate(msc_distribution *d)
{
    const pair low = law_cdf(d, d->low), high = law_cdf(d, d->high);
    d->truncated = d->low > d->start || d->high < d->end;
    d->p_low = low.p;
    d->q_low = low.q;
    d->p_high = high.p;
    d->q_high = high.q;
    double of = 1;
    if (high.p <= 0.5) {
        d->mass = high.p - low.p;
        of = high.p;
    } else if (low.q <= 0.5) {
        d->mass = low.q - high.q;
        of = low.q;
    } else {
        d->mass = 1 - low.p - high.q;
    }
    return of > DBL_MIN ? d->mass / of : 0;
}

static double inside(const msc_distribution *d, double x)
{
    if (x <= d->low) {
        return nextafter(d->low, d->high);
    }
    return x >= d->high ? nextafter(d->high, d->low) : x;
}

/* p and q sum to 1, but either may be so small that it is nothing beside it. */
static double quantile(const msc_distribution *d, pair want)
{
    if (d->truncated) {
        want = (pair){d->p_low + want.p * d->mass, d->q_high + want.q * d->mass};
    }
    return inside(d, law_quantile(d, want));
}

double msc_distribution_quantile(const msc_distribution *d, double u)
{
    return u > 0 && u < 1 ? quantile(d, (pair){u, 1 - u}) : NAN;
}

double msc_distribution_cdf(const msc_distribution *d, double x)
{
    if (!(x > d->low) || !(x < d->high)) {
        return x <= d->low ? 0 : x >= d->high ? 1 : NAN;
    }
    const pair at = law_cdf(d, x);
    const double p = at.p <= 0.5 ? (at.p - d->p_low) / d->mass : 1 - (at.q - d->q_high) / d->mass;
    return GSL_MIN_DBL(GSL_MAX_DBL(p, 0), 1);
}

/* ---- densities ---- */

static double log_normal(double z)
{
    return -0.5 * z * z - 0.5 * log(2 * M_PI);
}

double msc_distribution_log_density(const msc_distribution *d, double x)
{
    const double width = d->end - d->start, a = x - d->start, b = d->end - x;
    const double share = log(d->mass);
    if (!(x > d->low && x < d->high)) {
        return isnan(x) ? NAN : -INFINITY;
    }
    switch (d->kind) {
    case MSC_NORMAL: return log_normal((x - d->first) / d->second) - log(d->second) - share;
    case MSC_LOGNORMAL:
        return log_normal(log(x / d->first) / d->second) - log(d->second) - log(x) - share;
    case MSC_UNIFORM: return -log(width) - share;
    case MSC_LOGUNIFORM: return -log(x) - log(log(d->end / d->start)) - share;
    case MSC_LOGITNORMAL:
        return log_normal((log(a / b) - logit_of(d, d->first)) / d->second) - log(d->second) +
               log(width / a / b) - share;
    case MSC_TRIANGULAR:
        return log(x < d->first ? 2 * (a / width) / (d->first - d->start)
                                : 2 * (b / width) / (d->end - d->first)) -
               share;
    case MSC_BETA:
        return (d->first - 1) * log(a / width) + (d->second - 1) * log(b / width) -
               gsl_sf_lnbeta(d->first, d->second) - log(width) - share;
    case MSC_GAMMA:
        return (d->first - 1) * log(x / d->second) - x / d->second - gsl_sf_lngamma(d->first) -
               log(d->second) - share;
    }
    return NAN;
}

double msc_distribution_log_slope(const msc_distribution *d, double x)
{
    const double a = x - d->start, b = d->end - x;
    if (!(x > d->low && x < d->high)) {
        return isnan(x) ? NAN : 0;
    }
    switch (d->kind) {
    case MSC_NORMAL: return -(x - d->first) / d->second / d->second;
    case MSC_LOGNORMAL: return -(log(x / d->first) / d->second / d->second + 1) / x;
    case MSC_UNIFORM: return 0;
    case MSC_LOGUNIFORM: return -1 / x;
    case MSC_LOGITNORMAL:
        return -(log(a / b) - logit_of(d, d->first)) / d->second / d->second * (1 / a + 1 / b) -
               1 / a + 1 / b;
    case MSC_TRIANGULAR: return x < d->first ? 1 / a : -1 / b;
    case MSC_BETA: return (d->first - 1) / a - (d->second - 1) / b;
    case MSC_GAMMA: return (d->first - 1) / x - 1 / d->second;
    }
    return NAN;
}

/* ---- moments ---- */

/* The integral of Q(u), or of (Q(u) - centre)^2, over the shares u between two: at v of the way from
 * one to the other, v = 1 / (1 + exp(-pi sinh t)), by the trapezoidal rule in t (Takahasi and Mori
 * 1974). Both tails are reached to 1e-300; within the ends the quantile must be smooth. */
static double stretch(const msc_distribution *d, pair from, pair to, double centre, bool square)
{
    const double step = 1.0 / 32, width = to.p <= 0.5 ? to.p - from.p : from.q - to.q;
    double sum = 0;
    for (int i = -194; i <= 194; i++) {
        const double e = exp(M_PI * sinh(i * step)), v = e / (1 + e), w = 1 / (1 + e);
        const pair at = {from.p * w + to.p * v, from.q * w + to.q * v};
        const double x = quantile(d, at) - centre;
        sum += (square ? x * x : x) * v * w * cosh(i * step);
    }
    return sum * M_PI * step * width;
}

static double expectation(const msc_distribution *d, double centre, bool square)
{
    const pair none = {0, 1}, all = {1, 0};
    if (d->kind == MSC_TRIANGULAR && d->first > d->low &&
        d->first < d->high) { /* not smooth there */
        const double p = msc_distribution_cdf(d, d->first);
        const pair mode = {p, 1 - p};
        return stretch(d, none, mode, centre, square) + stretch(d, mode, all, centre, square);
    }
    return stretch(d, none, all, centre, square);
}

static bool simple(const msc_distribution *d)
{
    return !d->truncated && d->kind != MSC_LOGUNIFORM && d->kind != MSC_LOGITNORMAL;
}

double msc_distribution_mean(const msc_distribution *d)
{
    if (!simple(d)) {
        const double centre = quantile(d, (pair){0.5, 0.5});
        return centre + expectation(d, centre, false);
    }
    switch (d->kind) {
    case MSC_NORMAL: return d->first;
    case MSC_LOGNORMAL: return d->first * exp(0.5 * d->second * d->second);
    case MSC_TRIANGULAR: return (d->start + d->first + d->end) / 3;
    case MSC_BETA: return d->start + (d->end - d->start) * (d->first / (d->first + d->second));
    case MSC_GAMMA: return d->first * d->second;
    case MSC_UNIFORM:
    case MSC_LOGUNIFORM:
    case MSC_LOGITNORMAL: break;
    }
    return 0.5 * d->start + 0.5 * d->end;
}

double msc_distribution_sd(const msc_distribution *d)
{
    const double width = d->end - d->start, a = d->first, b = d->second;
    if (!simple(d)) {
        return sqrt(expectation(d, msc_distribution_mean(d), true));
    }
    switch (d->kind) {
    case MSC_NORMAL: return b;
    case MSC_LOGNORMAL: return msc_distribution_mean(d) * sqrt(expm1(b * b));
    case MSC_TRIANGULAR: {
        const double left = (a - d->start) / width;
        return width * sqrt((1 - left + left * left) / 18);
    }
    case MSC_BETA: return width / (a + b) * sqrt(a * b / (a + b + 1));
    case MSC_GAMMA: return sqrt(a) * b;
    case MSC_UNIFORM:
    case MSC_LOGUNIFORM:
    case MSC_LOGITNORMAL: break;
    }
    return width / sqrt(12);
}
