/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions of one number: what a sweep samples, what a fit takes for known beforehand.
 *
 * How they are written is told to users in docs/sampling.md. In a group (an axis of a sweep, a prior
 * of a fit) the kind is named and its arguments stand beside it:
 *
 *     arrest = { vary = "parameters.arrest.lung"; distribution = "lognormal"; median = 0.2; cv = 0.3; };
 *
 * or both stand in a group of their own, as at a parameter of a model:
 *
 *     lysis_rate = { unit = "1/h"; value = 0.65; distribution = { kind = "lognormal"; cv = 0.3; }; };
 *
 * A kind, its arguments ([ ] may be left out: then it is the value that the thing has by itself):
 *
 *     normal       [mean], sd
 *     lognormal    [median] or mean; cv or sd_log or gsd    cv: sd / mean; gsd: exp(sd_log)
 *     uniform      from, to
 *     loguniform   from, to                                 uniform in the logarithm
 *     logitnormal  low, high, [median], sd_logit            log((x - low) / (high - x)) is normal
 *     triangular   low, mode, high
 *     beta         a, b; low, high (0 and 1 if left out)
 *     gamma        shape, scale; or [mean], cv
 *
 * and for each, optionally, above and below: only what lies between is left, made a distribution
 * again. Lengths and places have the axis' unit, cv, sd_log, gsd, sd_logit, a, b, shape none. */
#ifndef MSC_STUDY_DISTRIBUTION_H
#define MSC_STUDY_DISTRIBUTION_H

#include "study/quantity.h"

typedef enum {
    MSC_NORMAL,
    MSC_LOGNORMAL,
    MSC_UNIFORM,
    MSC_LOGUNIFORM,
    MSC_LOGITNORMAL,
    MSC_TRIANGULAR,
    MSC_BETA,
    MSC_GAMMA
} msc_distribution_kind;

/* Const once read; plain data, copied by assignment. All in the axis' unit. */
typedef struct {
    msc_distribution_kind kind;
    /* normal: mean, sd. lognormal: median, sd of the log. logitnormal: median, sd of the logit.
     * triangular: mode, -. beta: a, b. gamma: shape, scale. */
    double first, second;
    double low, high;  /* the open interval outside of which nothing lies, truncation included */
    double start, end; /* the same before truncation */
    bool truncated;
    double p_low, q_low, p_high, q_high; /* of the untruncated law: P(X < low), P(X > low), ... */
    double mass;                         /* P(low < X < high) of the untruncated law; 1 */
    const char *unit;
    const msc_conf *origin; /* for later complaints; may be NULL */
} msc_distribution;

/* What a reading needs to know of the thing that is distributed. */
typedef struct {
    msc_arena *arena;
    msc_quantity_number *number;
    void *context;           /* of number */
    const char *unit;        /* for descriptions */
    double value;            /* what it is by itself, in the unit; NaN: unknown */
    const char *const *also; /* other keys the group may have, up to NULL; or NULL */
} msc_distribution_reader;

/* distribution = "own"? Then whoever knows the parameter asks msc_distribution_own. */
bool msc_distribution_is_own(const msc_conf *group);

/* Read the distribution of a group which has the key `distribution`. All that cannot be is thrown,
 * with file, line and path of the culprit: an unknown kind or key, arguments missing or given twice,
 * sd <= 0, ends in the wrong order, a median of a lognormal <= 0, shapes outside 0.01 … 1e4 (gamma's
 * shape: 1e5), a truncation that leaves nothing or not even the millionth part of the tail it cuts,
 * numbers that would overflow a double. */
msc_distribution msc_distribution_read(const msc_distribution_reader *reader,
                                       const msc_conf *group);

/* A parameter's own: from its `distribution` (a group; or "uniform", "loguniform" over its `range`),
 * else from its `range`: loguniform if both ends are above 0 and the upper is at least 10 times the
 * lower, else uniform. node: who asks, where the parameter has neither. value: the element's, or NaN. */
msc_distribution msc_distribution_own(msc_arena *arena, msc_model *model, int parameter,
                                      double value, const msc_conf *node);

/* The number below which a share u of it lies, 0 < u < 1 (others: NaN). Strictly between low and
 * high. Accurate to 1e-13 of its distance to the nearer end of the law (1e-12 where u is below 1e-100),
 * in both tails, as far as u tells them: u = 1e-300 is no trouble, 1 - u is known to 1e-16. Beta with
 * shapes above 1000: as if u were off by 1e-8 of the tail. From 0.1 µs (normal) to 5 µs (beta). */
double msc_distribution_quantile(const msc_distribution *d, double u);
/* P(X <= x). */
double msc_distribution_cdf(const msc_distribution *d, double x);

/* The logarithm of the density per unit of x, normalised, truncation included; -INFINITY at and
 * outside the ends. */
double msc_distribution_log_density(const msc_distribution *d, double x);
/* Its derivative by x; 0 at and outside the ends. */
double msc_distribution_log_slope(const msc_distribution *d, double x);

/* Both exist for all kinds; they may be too large for a double (INFINITY). Closed forms where there
 * are simple ones, else double-exponential quadrature of the quantile, to about 1e-12. */
double msc_distribution_mean(const msc_distribution *d);
double msc_distribution_sd(const msc_distribution *d);

/* "lognormal with median 0.2 1/h and sd 0.294 of the logarithm, below 0.9" in the arena. */
const char *msc_distribution_text(msc_arena *arena, const msc_distribution *d);
const char *msc_distribution_name(msc_distribution_kind kind); /* "lognormal" */

/* distribution.c, for distribution_read.c: `low`, `high` are within (start, end): fill in the rest.
 * What is left of it, in parts of the larger of the numbers it is the difference of. */
double msc_distribution_truncate(msc_distribution *d);

#endif
