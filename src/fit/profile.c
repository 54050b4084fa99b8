/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The profile of one estimate: how far it can be moved, the others doing what they can, before the log posterior has
 * fallen by 1.92; and whether it is the data or its own prior that end it there.
 *
 * With the estimate held, its own prior is a constant for the others. So the profile less the logarithm of that prior is
 * what the data (and the others' priors) say of it, at no further cost. */
#include <math.h>
#include <string.h>

#include "fit/fit.h"
#include "fit/identify.h"

static const double DROP = 1.920729;   /* half of the 95 % of a chi-squared of one degree */
static const double FAR = 1e-6;        /* of a prior */
static const double REACH = 8;         /* spreads, where its quantile is no place */
static const double BETTER = 1e-3;     /* of a log: a top that deserves the name */

/* From where to where it is moved. */
static void ends_of(const msc_fit_estimate *e, double t, double *from, double *to)
{
    if (e->scale == MSC_FIT_LOGIT || e->scale == MSC_FIT_LOGLOGIT) {
        msc_fit_reach(e, from, to);
        *from = fmin(*from, t), *to = fmax(*to, t);
        return;
    }
    const double before = msc_fit_before(e), reach = REACH * (isfinite(before) && before > 0 ? before : 1);
    const double low = msc_fit_coordinate_of(e, msc_distribution_quantile(&e->prior, FAR));
    const double high = msc_fit_coordinate_of(e, msc_distribution_quantile(&e->prior, 1 - FAR));
    *from = isfinite(low) ? fmin(low, t - reach / 2) : t - reach;
    *to = isfinite(high) ? fmax(high, t + reach / 2) : t + reach;
}

/* Where the posterior has fallen by the drop: is at least half of that the data's doing? */
static bool by_data(const msc_fit_estimate *e, double t, double end)
{
    if (!e->known) {
        return true;
    }
    double slope = 0;
    const double fall = msc_fit_prior_at(&e->prior, msc_fit_value_of(e, t), &slope) -
                        msc_fit_prior_at(&e->prior, msc_fit_value_of(e, end), &slope);
    return isfinite(fall) && fall < DROP / 2;
}

msc_fit_profile msc_fit_profile_at(msc_arena *arena, const msc_fit *f, const msc_objective *objective, const double *t, double log,
                                   double offset, size_t k)
{
    const msc_fit_estimate *e = &f->estimate[k];
    double from = 0, to = 0;
    ends_of(e, t[k], &from, &to);
    const msc_profile p = msc_profile_of(arena, objective, t, log - offset, k, from, to, DROP);
    msc_fit_profile out = {.done = true, .open_low = p.open_low, .open_high = p.open_high, .low = p.low, .high = p.high, .n = p.n,
                           .t = p.x, .log = p.value, .evaluations = p.evaluations, .refused = p.refused};
    for (size_t i = 0; i < p.n; i++) {
        out.log[i] += offset;
    }
    out.data_low = !p.open_low && by_data(e, t[k], p.low), out.data_high = !p.open_high && by_data(e, t[k], p.high);
    out.better = p.better && p.log + offset > log + BETTER;
    out.better_log = p.log + offset, out.better_at = p.point;
    return out;
}
