/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How probable a datum is, given what the model predicts.
 *
 * All of it is a family with a location m and a scale s:
 *     normal      m = f         s^2 = sd^2 + additive^2 + (proportional f)^2
 *     lognormal   m = log f     s^2 = (sd / value)^2 + proportional^2       of the logarithm
 * where f is the prediction and sd what the datum itself reports (a standard deviation if the datum
 * is one subject, the standard error of a mean; of an interval `value` is its middle). Published data are seldom
 * plain values:
 *     value       its density
 *     left        "below 0.5 %": F;  right: 1 - F
 *     interval    "between 0.1 and 0.5 %": F(high) - F(low)
 *     range       the lowest and highest of n subjects, (David & Nagaraja, Order Statistics, 2.2)
 *                 p(a, b) = n (n - 1) f(a) f(b) (F(b) - F(a))^(n - 2), integrated over the intervals that
 *                 the reported digits leave. A low end at 0, or within its half-width of 0 on either side,
 *                 was not seen: it is left-censored at its upper end; and if the high end was not seen either,
 *                 all n lie below the upper end of that: F^n. s is the spread between subjects.
 * A subject's effect, if there is one, is normal about 0 on the scale of m, with the standard deviation `subject`: a value
 * by itself has s^2 + subject^2, and the values of one subject have the covariance diag(s^2) + subject^2 11'.
 * Everything is computed on the logarithm, so that a prediction far off still has a slope. */
#ifndef MSC_STUDY_LIKELIHOOD_H
#define MSC_STUDY_LIKELIHOOD_H

#include <stdbool.h>

typedef enum { MSC_FAMILY_NORMAL, MSC_FAMILY_LOGNORMAL } msc_family;

typedef enum { MSC_DATUM_VALUE, MSC_DATUM_LEFT, MSC_DATUM_RIGHT, MSC_DATUM_RANGE, MSC_DATUM_INTERVAL } msc_datum_kind;

typedef struct {
    msc_datum_kind kind;
    double value;     /* of VALUE; the limit of LEFT and RIGHT; the middle of INTERVAL */
    double low, high; /* RANGE, INTERVAL */
    double half[2];   /* RANGE: half the unit of the last digit reported, of low and of high; 0: exact */
    double n;         /* RANGE: subjects, >= 2 */
    double sd;        /* see above; 0: none */
} msc_datum;

/* Has it two ends, low and high, in the place of a value? */
bool msc_datum_has_ends(const msc_datum *datum);

typedef struct {
    msc_family family;
    double additive;     /* in the unit of the data; normal only */
    double proportional; /* a share of f; lognormal: the standard deviation of the logarithm */
    double subject;      /* between subjects, on the scale of m; 0: they do not differ */
} msc_error_model;

/* A logarithm of a probability (of a density, where digits are not given), and its derivatives. */
typedef struct {
    double log; /* -infinity: impossible (a lognormal prediction not above 0); the derivatives are then 0 */
    double by_prediction, by_additive, by_proportional, by_subject;
} msc_likelihood;

/* Was an end of a range, given to `half`, not seen: is it 0 as far as its digits go? */
bool msc_likelihood_unseen(double end, double half);

/* The scale must come out positive, else the result is impossible. */
msc_likelihood msc_likelihood_of(const msc_datum *datum, const msc_error_model *error, double prediction);

/* s^2 without a subject's effect. */
double msc_likelihood_variance(const msc_datum *datum, const msc_error_model *error, double prediction);

/* What a datum tells of m and s, in parts of 1 / s^2 with s^2 the subject's effect among it: minus the second derivatives of its
 * log-likelihood by m; by m and s, and by s, without what comes of the bend of (value - m) / s, so that the three are a matrix
 * without negative eigenvalues. Of a value what they are on average, 1, 0 and 2; nothing else tells more of s. A range tells
 * of m between 2 (wide) and n (narrow), a row beyond a limit between 0 (far beyond what is predicted) and 1. */
typedef struct {
    double m, ms, s;
} msc_information;
msc_information msc_likelihood_information(const msc_datum *datum, const msc_error_model *error, double prediction);

/* Values of one subject: sums over some of them of 1 / s^2 and of (value - m) / s^2, s without the subject's
 * effect. {0} to begin with. */
typedef struct {
    double weight, pull;
} msc_subject;
/* False: it is impossible, as above. */
bool msc_subject_add(msc_subject *sums, const msc_datum *datum, const msc_error_model *error, double prediction);
/* One of them: the logarithm of its density given those `before` it, so that the sum of all is the logarithm of the joint
 * density; the derivatives are shares of those of that sum. `all`: of all values of the subject, this one among them. The
 * derivative by `subject` is wholly that of the first, which has none before it. */
msc_likelihood msc_likelihood_in_subject(const msc_datum *datum, const msc_error_model *error, double prediction,
                                         const msc_subject *before, const msc_subject *all);

/* Of how many numbers its likelihood is a density; of the others it is a probability, which has no unit. */
int msc_likelihood_densities(const msc_datum *datum);
/* The standard deviation of a value there, in its unit; to first order if lognormal. */
double msc_likelihood_sd(const msc_datum *datum, const msc_error_model *error, double prediction);
/* Where a number of that unit stands beside the prediction, in standard deviations of the error; infinite where a
 * lognormal one cannot be. */
double msc_likelihood_place(const msc_datum *datum, const msc_error_model *error, double prediction, double x);

/* (value - prediction) / s of a VALUE, and what its log-likelihood is beside -r^2 / 2; `by` gets dr/df with
 * s held, which is right when s does not depend on f. False if the datum has no residual. */
bool msc_likelihood_residual(const msc_datum *datum, const msc_error_model *error, double prediction, double *residual,
                             double *by);

#endif
