/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of an estimate before the data, where the best values are looked for: the density of a prior on the prior's
 * own scale, how far it goes, and what share of that is left.
 *
 * The mode of a density hangs on what it is a density of. Of a lognormal prior it is that of the logarithm: so an estimate
 * of which the data say nothing stays at the prior's median, and so do the usual programs for pharmacokinetics penalise the
 * normal variable behind it. A posterior that is sampled (sample.c) needs no such choice: it has densities by values. */
#include <math.h>

#include "fit/fit.h"

static const double DROP = 1.920729; /* as of profiles */
static const double FAR = 1e-12;     /* of a prior */

/* The logarithm of dx / dy, y being what the prior is a density of; and its derivative by x. */
static double log_measure(const msc_distribution *d, double x, double *slope)
{
    const double a = x - d->start, b = d->end - x;
    switch (d->kind) {
    case MSC_LOGNORMAL:
    case MSC_LOGUNIFORM: *slope = 1 / x; return log(x);
    case MSC_LOGITNORMAL: *slope = 1 / a - 1 / b; return log(a / (d->end - d->start) * b);
    case MSC_NORMAL:
    case MSC_UNIFORM:
    case MSC_TRIANGULAR:
    case MSC_BETA:
    case MSC_GAMMA: break;
    }
    *slope = 0;
    return 0;
}

double msc_fit_prior_at(const msc_distribution *d, double x, double *slope)
{
    double by_measure = 0;
    const double log_density = msc_distribution_log_density(d, x);
    *slope = 0;
    if (!isfinite(log_density)) {
        return -INFINITY;
    }
    const double sum = log_density + log_measure(d, x, &by_measure);
    *slope = msc_distribution_log_slope(d, x) + by_measure;
    return sum;
}

/* Where that is largest, if there is one top; NaN if it is flat or rises to an end. */
static double top_of(const msc_distribution *d)
{
    switch (d->kind) {
    case MSC_NORMAL:
    case MSC_LOGNORMAL:
    case MSC_LOGITNORMAL:
    case MSC_TRIANGULAR: return d->first;
    case MSC_BETA:
        return d->first > 1 && d->second > 1 ? d->start + (d->end - d->start) * (d->first - 1) / (d->first + d->second - 2) : (double)NAN;
    case MSC_GAMMA: return d->first > 1 ? (d->first - 1) * d->second : (double)NAN;
    case MSC_UNIFORM:
    case MSC_LOGUNIFORM: break;
    }
    return NAN;
}

/* From the top towards an end: where it has fallen by DROP, or the end. */
static double fallen_at(const msc_distribution *d, double top, double end)
{
    double slope = 0;
    const double aim = msc_fit_prior_at(d, top, &slope) - DROP;
    if (msc_fit_prior_at(d, end, &slope) > aim) {
        return end;
    }
    double a = top, b = end;
    for (int i = 0; i < 200 && a != b; i++) {
        const double middle = 0.5 * (a + b);
        *(msc_fit_prior_at(d, middle, &slope) > aim ? &a : &b) = middle;
    }
    return a;
}

void msc_fit_prior_interval(const msc_fit_estimate *e, double *low, double *high)
{
    *low = e->low, *high = e->high;
    if (!e->known || e->prior.kind == MSC_UNIFORM || e->prior.kind == MSC_LOGUNIFORM) {
        return;
    }
    /* just within the ends, where there is a density */
    const double from = nextafter(fmax(e->low, msc_distribution_quantile(&e->prior, FAR)), INFINITY);
    const double to = nextafter(fmin(e->high, msc_distribution_quantile(&e->prior, 1 - FAR)), -INFINITY);
    const double top = fmin(fmax(top_of(&e->prior), from), to);
    if (isnan(top_of(&e->prior))) {
        *low = fmax(e->low, msc_distribution_quantile(&e->prior, 0.025)), *high = fmin(e->high, msc_distribution_quantile(&e->prior, 0.975));
        return;
    }
    *low = fallen_at(&e->prior, top, from), *high = fallen_at(&e->prior, top, to);
}

/* On the scale of the prior, or without one of the search. */
static double measured(const msc_fit_estimate *e, double x)
{
    const bool by_log = e->known ? e->prior.kind == MSC_LOGNORMAL || e->prior.kind == MSC_LOGUNIFORM : e->scale == MSC_FIT_LOGLOGIT;
    if (e->known && e->prior.kind == MSC_LOGITNORMAL) {
        return log((x - e->prior.start) / (e->prior.end - x));
    }
    return by_log ? log(x) : x;
}

/* Below which a share u of the prior lies within the range; without a prior every value is equally probable, as it is to the sampler. */
static double quantile_within(const msc_fit_estimate *e, double u)
{
    if (!e->known) {
        return e->low + u * (e->high - e->low);
    }
    const double below = msc_distribution_cdf(&e->prior, e->low), above = msc_distribution_cdf(&e->prior, e->high);
    return msc_distribution_quantile(&e->prior, below + u * (above - below));
}

double msc_fit_share_left(const msc_fit_estimate *e, double low, double high, bool of_posterior)
{
    double from = 0, to = 0;
    msc_fit_prior_interval(e, &from, &to);
    if (of_posterior) { /* compare like with like: 95 % of either */
        from = quantile_within(e, 0.025), to = quantile_within(e, 0.975);
    }
    return (measured(e, high) - measured(e, low)) / (measured(e, to) - measured(e, from));
}
