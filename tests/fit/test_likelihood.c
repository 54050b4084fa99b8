/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Likelihoods against closed forms, sums that must be one, and differences for the derivatives. */
#include "fit/likelihood.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdint.h>

#include "support/suite.h"

#define VALUE(v, ...) (&(msc_datum){.kind = MSC_DATUM_VALUE, .value = (v), __VA_ARGS__})

static double log_of(const msc_datum *d, msc_family family, double additive, double proportional, double f)
{
    const msc_error_model e = {family, additive, proportional, 0};
    return msc_likelihood_of(d, &e, f).log;
}

/* Rounding: a logarithm of size L is good to a few eps (1 + |L|), and what goes into it as z^2. */
static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-11 * (1 + fabs(want)), "%.17g, not %.17g", got, want);
}

START_TEST(test_values)
{
    near(log_of(VALUE(3, .sd = 0.5), MSC_FAMILY_NORMAL, 0, 0, 2), log(gsl_ran_gaussian_pdf(1, 0.5)));
    const double s = sqrt(0.25 + 0.09 + 0.04 * 4);
    near(log_of(VALUE(3, .sd = 0.5), MSC_FAMILY_NORMAL, 0.3, 0.2, 2), log(gsl_ran_gaussian_pdf(1, s)));
    near(log_of(VALUE(3, .n = 0), MSC_FAMILY_LOGNORMAL, 9, 0.4, 2), log(gsl_ran_lognormal_pdf(3, log(2), 0.4)));
    near(log_of(VALUE(3, .sd = 0.6), MSC_FAMILY_LOGNORMAL, 0, 0, 2), log(gsl_ran_lognormal_pdf(3, log(2), 0.2)));
    const double between = gsl_cdf_gaussian_P(1.05, s) - gsl_cdf_gaussian_P(0.95, s);
    const msc_datum d = {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 2.95, .high = 3.05, .sd = 0.5};
    near(log_of(&d, MSC_FAMILY_NORMAL, 0.3, 0.2, 2), log(between));
    ck_assert(log_of(VALUE(3, .n = 0), MSC_FAMILY_NORMAL, 0, 0, 2) == -INFINITY);
    ck_assert(log_of(VALUE(3, .n = 0), MSC_FAMILY_LOGNORMAL, 0, 1, 0) == -INFINITY);
    ck_assert(log_of(VALUE(0, .n = 0), MSC_FAMILY_LOGNORMAL, 0, 1, 1) == -INFINITY);
    ck_assert(log_of(VALUE(1, .n = 0), MSC_FAMILY_NORMAL, 1, 0, NAN) == -INFINITY);
}
END_TEST

START_TEST(test_censored)
{
    const msc_datum left = {.kind = MSC_DATUM_LEFT, .value = 0.5}, right = {.kind = MSC_DATUM_RIGHT, .value = 0.5};
    near(log_of(&left, MSC_FAMILY_NORMAL, 0.7, 0, 2), log(gsl_cdf_gaussian_P(-1.5, 0.7)));
    near(log_of(&right, MSC_FAMILY_NORMAL, 0.7, 0, 0.2), log(gsl_cdf_gaussian_Q(0.3, 0.7)));
    near(log_of(&left, MSC_FAMILY_LOGNORMAL, 0, 0.7, 2), log(gsl_cdf_lognormal_P(0.5, log(2), 0.7)));
    near(log_of(&right, MSC_FAMILY_LOGNORMAL, 0, 0.7, 2), log(gsl_cdf_lognormal_Q(0.5, log(2), 0.7)));
    const msc_datum between = {.kind = MSC_DATUM_INTERVAL, .value = 1, .low = 0.5, .high = 1.5}, below = {.kind = MSC_DATUM_INTERVAL, .low = 0, .high = 0.5};
    near(log_of(&between, MSC_FAMILY_NORMAL, 0.7, 0, 2), log(gsl_cdf_gaussian_P(-0.5, 0.7) - gsl_cdf_gaussian_P(-1.5, 0.7)));
    near(log_of(&between, MSC_FAMILY_LOGNORMAL, 0, 0.7, 2), log(gsl_cdf_lognormal_P(1.5, log(2), 0.7) - gsl_cdf_lognormal_P(0.5, log(2), 0.7)));
    near(log_of(&below, MSC_FAMILY_LOGNORMAL, 0, 0.7, 2), log(gsl_cdf_lognormal_P(0.5, log(2), 0.7))); /* nothing is below 0 */
    const msc_datum negative = {.kind = MSC_DATUM_INTERVAL, .low = -2, .high = -1};
    ck_assert(log_of(&negative, MSC_FAMILY_LOGNORMAL, 0, 0.7, 2) == -INFINITY);
    /* far off there is still a slope: log Phi(-z) = -z^2 / 2 - log(z sqrt(2 pi)) - 1 / z^2 + ... */
    const double z = 1e4;
    const double far = log_of(&left, MSC_FAMILY_NORMAL, 1, 0, 0.5 + z);
    ck_assert_double_eq_tol(far, -z * z / 2 - log(z * sqrt(2 * M_PI)) - 1 / (z * z), 1e-6);
}
END_TEST

static msc_datum range(double low, double high, double half, double n)
{
    return (msc_datum){.kind = MSC_DATUM_RANGE, .low = low, .high = high, .half = {half, half}, .n = n};
}

START_TEST(test_range_of_two)
{
    const double m = 3, s = 1.2;
    const msc_datum exact = range(2, 5, 0, 2), rounded = range(2, 5, 0.05, 2);
    near(log_of(&exact, MSC_FAMILY_NORMAL, s, 0, m), log(2 * gsl_ran_gaussian_pdf(-1, s) * gsl_ran_gaussian_pdf(2, s)));
    const double a = gsl_cdf_gaussian_P(-0.95, s) - gsl_cdf_gaussian_P(-1.05, s);
    const double b = gsl_cdf_gaussian_P(2.05, s) - gsl_cdf_gaussian_P(1.95, s);
    near(log_of(&rounded, MSC_FAMILY_NORMAL, s, 0, m), log(2 * a * b));
}
END_TEST

/* p(a, b) = n (n-1) f(a) f(b) (F(b) - F(a))^(n-2), as it stands */
START_TEST(test_range_density)
{
    const double s = 0.6, f = 3;
    for (int n = 2; n <= 9; n++) {
        const msc_datum d = range(2, 5, 0, n);
        const double inside = gsl_cdf_lognormal_P(5, log(f), s) - gsl_cdf_lognormal_P(2, log(f), s);
        const double want = n * (n - 1) * gsl_ran_lognormal_pdf(2, log(f), s) * gsl_ran_lognormal_pdf(5, log(f), s) *
                            pow(inside, n - 2);
        near(log_of(&d, MSC_FAMILY_LOGNORMAL, 0, s, f), log(want));
    }
}
END_TEST

static double all_between(double a, double b, double m, double s, double n)
{
    return a < b ? pow(gsl_cdf_gaussian_P(b - m, s) - gsl_cdf_gaussian_P(a - m, s), n) : 0;
}

/* Against P(low in A, high in B) = G(a0, b1) - G(a1, b1) - G(a0, b0) + G(a1, b0), whatever s is beside the digits. Their
 * rounding, a few 1e-16 n, is what may differ, beside the quadrature's 1e-9. */
START_TEST(test_range_intervals)
{
    for (int n = 2; n <= 12; n += 5) {
        for (double s = 0.02; s < 100; s *= 3) {
            for (double m = -1; m < 9; m += 0.7) {
                const double half = 0.5, a[2] = {1.5, 2.5}, b[2] = {4.5, 5.5};
                const double g = all_between(a[0], b[1], m, s, n);
                const double want = g - all_between(a[1], b[1], m, s, n) - all_between(a[0], b[0], m, s, n) +
                                    all_between(a[1], b[0], m, s, n);
                const msc_datum d = range(2, 5, half, n);
                const double got = exp(log_of(&d, MSC_FAMILY_NORMAL, s, 0, m));
                ck_assert_msg(fabs(got - want) <= 1e-9 * want + 1e-15 * n, "n %d s %g m %g: %.17g, not %.17g", n, s,
                              m, got, want);
            }
        }
    }
}
END_TEST

/* Every pair of reported numbers there can be, the censored ones with them: some one must be reported. */
START_TEST(test_range_is_a_distribution)
{
    for (int n = 2; n <= 7; n++) {
        const double half = 0.25, m = 1.3, s = 1.1; /* numbers are reported as 0, 0.5, 1 ...; below 0.25 as 0 */
        double sum = 0;
        for (int j = 0; j < 40; j++) {
            for (int i = 0; i <= j; i++) {
                const msc_datum d = range(i * 0.5, j * 0.5, half, n);
                sum += exp(log_of(&d, MSC_FAMILY_NORMAL, s, 0, m));
            }
        }
        ck_assert_msg(fabs(sum - 1) < 1e-9, "n %d: %.15g", n, sum);
    }
}
END_TEST

/* The low end was not seen: n f(b) (F(b)^(n-1) - (F(b) - F(a))^(n-1)). */
START_TEST(test_range_censored)
{
    const double s = 0.9, m = 1.5;
    for (int n = 2; n <= 6; n++) {
        msc_datum d = range(0, 2.8, 0.05, n);
        d.half[1] = 0;
        const double fb = gsl_cdf_gaussian_P(1.3, s), fa = gsl_cdf_gaussian_P(0.05 - m, s);
        const double want = n * gsl_ran_gaussian_pdf(1.3, s) * (pow(fb, n - 1) - pow(fb - fa, n - 1));
        const double got = log_of(&d, MSC_FAMILY_NORMAL, s, 0, m);
        ck_assert_msg(fabs(got - log(want)) < 1e-10, "n %d: %.17g, not %.17g", n, got, log(want));
    }
}
END_TEST

/* An end below 0 was seen: of a normal error it does not matter where 0 is. What rounds to 0 from either side was not. */
START_TEST(test_range_below_zero)
{
    for (int n = 2; n <= 6; n++) {
        for (double half = 0; half < 0.6; half += 0.25) {
            const msc_datum d = range(-3, 1, half, n), moved = range(7, 11, half, n), lowest = range(-3, -2, half, n);
            const msc_datum up = range(7, 8, half, n);
            near(log_of(&d, MSC_FAMILY_NORMAL, 1.2, 0, -0.7), log_of(&moved, MSC_FAMILY_NORMAL, 1.2, 0, 9.3));
            near(log_of(&lowest, MSC_FAMILY_NORMAL, 1.2, 0, -0.7), log_of(&up, MSC_FAMILY_NORMAL, 1.2, 0, 9.3));
        }
        const msc_datum zero = range(0, 2, 0.05, n), minus = {.kind = MSC_DATUM_RANGE, .low = -0.01, .high = 2, .half = {0.06, 0.05}, .n = n};
        ck_assert(log_of(&minus, MSC_FAMILY_NORMAL, 1, 0, 1) == log_of(&zero, MSC_FAMILY_NORMAL, 1, 0, 1));
    }
    ck_assert(msc_likelihood_unseen(0, 0) && msc_likelihood_unseen(-0.05, 0.05) && !msc_likelihood_unseen(-0.06, 0.05));
}
END_TEST

/* "0.0 to 0.0": none of n was seen. */
START_TEST(test_range_none_seen)
{
    const msc_datum d = range(0, 0, 0.05, 4);
    near(log_of(&d, MSC_FAMILY_NORMAL, 0.3, 0, 0.2), 4 * log(gsl_cdf_gaussian_P(-0.15, 0.3)));
    near(log_of(&d, MSC_FAMILY_LOGNORMAL, 0, 0.3, 0.2), 4 * log(gsl_cdf_lognormal_P(0.05, log(0.2), 0.3)));
    ck_assert(log_of(&(msc_datum){.kind = MSC_DATUM_RANGE, .low = -1, .high = 0, .half = {0.05, 0.05}, .n = 4}, MSC_FAMILY_LOGNORMAL, 0, 0.3,
                     0.2) == -INFINITY);
}
END_TEST

/* d log p by the prediction and by the error's parameters, against central differences: their own error is h^2 f''' / 6
 * (1e-8 here, relative to slopes that grow with z) and rounding eps |log p| / h. */
static void check_slopes(const msc_datum *d, msc_error_model e, double f)
{
    const msc_likelihood at = msc_likelihood_of(d, &e, f);
    ck_assert(isfinite(at.log));
    double *const moved[4] = {&f, &e.additive, &e.proportional, &e.subject};
    const double slope[4] = {at.by_prediction, at.by_additive, at.by_proportional, at.by_subject};
    for (int k = 0; k < 4; k++) {
        const double x = *moved[k], h = 1e-5 * (x > 0 ? x : 1);
        if (k > 0 && x == 0) {
            continue;
        }
        *moved[k] = x + h;
        const double up = msc_likelihood_of(d, &e, f).log;
        *moved[k] = x - h;
        const double down = msc_likelihood_of(d, &e, f).log;
        *moved[k] = x;
        const double difference = (up - down) / (2 * h);
        const double allowed = 1e-7 * (fabs(slope[k]) + 1 / x) + 4e-16 * (1 + fabs(at.log)) / h;
        ck_assert_msg(fabs(difference - slope[k]) <= allowed, "kind %d family %d f %g, slope %d: %.12g, differences %.12g",
                      (int)d->kind, (int)e.family, f, k, slope[k], difference);
    }
}

START_TEST(test_slopes)
{
    const msc_datum data[] = {{.kind = MSC_DATUM_VALUE, .value = 3, .sd = 0.2},
                              {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 2.5, .high = 3.5},
                              {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 3 - 5e-7, .high = 3 + 5e-7},
                              {.kind = MSC_DATUM_LEFT, .value = 1},
                              {.kind = MSC_DATUM_RIGHT, .value = 4},
                              range(2, 5, 0, 4),
                              range(2, 5, 0.05, 4),
                              range(2, 5, 0.5, 4),
                              range(2, 2, 0.5, 3),
                              range(0, 2.8, 0.05, 4),
                              range(0, 0, 0.5, 4)};
    const msc_error_model errors[] = {{MSC_FAMILY_NORMAL, 0.4, 0, 0}, {MSC_FAMILY_NORMAL, 0.3, 0.25, 0}, {MSC_FAMILY_LOGNORMAL, 0, 0.3, 0},
                                      {MSC_FAMILY_NORMAL, 0.4, 0, 0.5}, {MSC_FAMILY_LOGNORMAL, 0, 0.3, 0.2}};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        for (size_t k = 0; k < sizeof errors / sizeof *errors; k++) {
            for (double f = 0.5; f < 12; f *= 1.6) {
                check_slopes(&data[i], errors[k], f);
            }
        }
    }
}
END_TEST

/* ---- what a datum tells ---- */

/* Minus the second derivative of the log-likelihood by the location, times s^2, by differences of its slope. */
static double bend(const msc_datum *d, msc_error_model e, double f)
{
    const double h = 1e-3 * e.additive;
    return (msc_likelihood_of(d, &e, f - h).by_prediction - msc_likelihood_of(d, &e, f + h).by_prediction) / (2 * h) * e.additive * e.additive;
}

/* By the location it is the curvature itself, whatever the datum and however far off. */
START_TEST(test_information_of_location)
{
    const msc_datum data[] = {{.kind = MSC_DATUM_VALUE, .value = 3},
                              {.kind = MSC_DATUM_LEFT, .value = 3},
                              {.kind = MSC_DATUM_RIGHT, .value = 3},
                              {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 2.7, .high = 3.3},
                              {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 1, .high = 5},
                              {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 3 - 1e-7, .high = 3 + 1e-7},
                              range(2, 3, 0, 2),
                              range(2, 5, 0, 2),
                              range(2, 3, 0, 4),
                              range(2, 2.01, 0, 7),
                              range(-3, 8, 0, 30),
                              range(3, 3, 0.4, 5),
                              range(0, 3, 0.5, 4),
                              range(-3, 1, 0, 4), /* below 0, and seen */
                              range(0, 0, 0.3, 4),
                              range(0, 2.5, 1, 2)};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        for (double f = -20; f < 26; f += 0.7) {
            const msc_error_model e = {.family = MSC_FAMILY_NORMAL, .additive = 0.8};
            const msc_information told = msc_likelihood_information(&data[i], &e, f);
            /* of slopes that may be n z and are good to 1e-9, and of a difference of third derivatives */
            const double allowed = 2e-6 * fmax(data[i].n, 1) + 1e-5 * told.m;
            ck_assert_msg(fabs(told.m - bend(&data[i], e, f)) < allowed, "datum %zu at %g: %.9g, not %.9g", i, f, told.m, bend(&data[i], e, f));
            ck_assert(told.m >= 0 && told.s >= 0 && told.ms * told.ms <= told.m * told.s * (1 + 1e-12));
        }
    }
    /* both ends below 0 were seen, and tell of the spread what two values do at least */
    const msc_datum seen = range(-3, 1, 0, 4), unseen = range(0, 4, 0.5, 4);
    const msc_error_model wide = {.family = MSC_FAMILY_NORMAL, .additive = 0.8};
    ck_assert(msc_likelihood_information(&seen, &wide, -1).s >= 4 && msc_likelihood_information(&unseen, &wide, 2).s < 4);
    /* by the prediction's logarithm, if it is lognormal */
    const msc_error_model e = {.family = MSC_FAMILY_LOGNORMAL, .proportional = 0.8}, same = {.family = MSC_FAMILY_NORMAL, .additive = 0.8};
    const msc_datum d = {.kind = MSC_DATUM_INTERVAL, .value = 3, .low = 1, .high = 5}, log_d = {.kind = MSC_DATUM_INTERVAL, .low = 0, .high = log(5)};
    ck_assert_double_eq_tol(msc_likelihood_information(&d, &e, 2).m, msc_likelihood_information(&log_d, &same, log(2)).m, 1e-14);
    /* beyond all rounding */
    const msc_datum left = {.kind = MSC_DATUM_LEFT, .value = 3}, two = range(2, 4, 0, 2);
    ck_assert_double_eq_tol(msc_likelihood_information(&left, &same, 1e9).m, 1, 1e-12);
    ck_assert(msc_likelihood_information(&left, &same, -1e9).m == 0);
    ck_assert(msc_likelihood_information(&two, &same, 1e9).m == 2 && msc_likelihood_information(&two, &same, 1e9).s == 4);
}
END_TEST

/* A limit is a function g of z = (limit - m) / s: by m and s, and by s, it is -g'' z and -g'' z^2, no more than a value's. */
START_TEST(test_information_of_scale)
{
    for (double z = -6; z < 6; z += 0.37) {
        const msc_error_model e = {.family = MSC_FAMILY_NORMAL, .additive = 0.5};
        const msc_datum left = {.kind = MSC_DATUM_LEFT, .value = 1 + 0.5 * z}, right = {.kind = MSC_DATUM_RIGHT, .value = 1 - 0.5 * z};
        const msc_information a = msc_likelihood_information(&left, &e, 1), b = msc_likelihood_information(&right, &e, 1);
        const double s = fmin(a.m * z * z, 2);
        ck_assert_double_eq_tol(a.s, s, 1e-12 * (1 + s));
        ck_assert_double_eq_tol(fabs(a.ms), fmin(fabs(a.m * z), sqrt(a.m * s)), 1e-11);
        ck_assert(a.ms * z >= 0);
        ck_assert_double_eq_tol(b.m, a.m, 1e-12);
        ck_assert_double_eq_tol(b.ms, -a.ms, 1e-11);
    }
}
END_TEST

static double next_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

/* On average that is Fisher's information of the lowest and highest of n, which the mean square of the slope is as well. */
START_TEST(test_information_of_ranges)
{
    const msc_error_model e = {.family = MSC_FAMILY_NORMAL, .additive = 0.5};
    enum { DRAWS = 20000 };
    for (int n = 2; n < 20; n += 3) {
        uint64_t state = 7 + (uint64_t)n;
        double mean = 0, squares = 0, fourth = 0;
        for (int i = 0; i < DRAWS; i++) {
            msc_datum d = range(INFINITY, -INFINITY, 0, n);
            for (int k = 0; k < n; k++) {
                const double x = 2 + 0.5 * gsl_cdf_ugaussian_Pinv(next_uniform(&state));
                d.low = fmin(d.low, x), d.high = fmax(d.high, x);
            }
            const double slope = 0.5 * msc_likelihood_of(&d, &e, 2).by_prediction;
            mean += msc_likelihood_information(&d, &e, 2).m / DRAWS;
            squares += slope * slope / DRAWS, fourth += pow(slope, 4) / DRAWS;
        }
        ck_assert_double_eq_tol(mean, squares, 4 * sqrt((fourth - squares * squares) / DRAWS));
        ck_assert(n > 2 ? mean > 2 && mean < n : fabs(mean - 2) < 1e-12);
    }
}
END_TEST

START_TEST(test_residuals)
{
    double r = 0, by = 0;
    const msc_error_model normal = {MSC_FAMILY_NORMAL, 0.3, 0.4, 0}, lognormal = {MSC_FAMILY_LOGNORMAL, 0, 0.4, 0};
    ck_assert(msc_likelihood_residual(VALUE(3, .n = 0), &normal, 1, &r, &by));
    ck_assert_double_eq_tol(r, 4, 1e-15);
    ck_assert_double_eq_tol(by, -2, 1e-15);
    ck_assert(msc_likelihood_residual(VALUE(3, .n = 0), &lognormal, 1.5, &r, &by));
    ck_assert_double_eq_tol(r, log(2) / 0.4, 1e-15);
    ck_assert_double_eq_tol(by, -1 / 0.6, 1e-15);
    const msc_datum d = range(1, 2, 0, 3);
    ck_assert(!msc_likelihood_residual(&d, &normal, 1, &r, &by));
    ck_assert(!msc_likelihood_residual(VALUE(3, .n = 0), &lognormal, 0, &r, &by));
}
END_TEST

/* A low end that was not seen, and a spread so small that F(a) is no number any more: its logarithm is, and has a slope. */
START_TEST(test_unseen_end_far_out)
{
    const msc_datum d = {.kind = MSC_DATUM_RANGE, .low = 0, .high = 2.8, .half = {0.05, 0}, .n = 4};
    const msc_error_model e = {.family = MSC_FAMILY_LOGNORMAL, .proportional = 0.02};
    const double f = 0.47, za = (log(0.05) - log(f)) / 0.02, zb = (log(2.8) - log(f)) / 0.02, half_log = 0.91893853320467274178;
    const double tail = -za * za / 2 - half_log - log(-za) + log1p(-1 / (za * za) + 3 / pow(za, 4)); /* log F(a), F(b) being 1 */
    const double expected = log(4.0) + log(3.0) - zb * zb / 2 - half_log - log(0.02) - log(2.8) + tail;
    const msc_likelihood l = msc_likelihood_of(&d, &e, f);
    ck_assert_double_eq_tol(l.log / expected, 1, 1e-10);
    const double h = 1e-5 * f, up = msc_likelihood_of(&d, &e, f + h).log, down = msc_likelihood_of(&d, &e, f - h).log;
    ck_assert_double_eq_tol(l.by_prediction / ((up - down) / (2 * h)), 1, 1e-6);
}
END_TEST

/* ---- values of one subject ---- */

enum { MATES = 5 };

static double joint(const msc_datum *d, const msc_error_model *e, const double *f, msc_likelihood *each)
{
    msc_subject before = {0}, all = {0};
    double sum = 0;
    for (int i = 0; i < MATES; i++) {
        ck_assert(msc_subject_add(&all, &d[i], e, f[i]));
    }
    for (int i = 0; i < MATES; i++) {
        const msc_likelihood l = msc_likelihood_in_subject(&d[i], e, f[i], &before, &all);
        sum += l.log;
        if (each) {
            each[i] = l;
        }
        ck_assert(msc_subject_add(&before, &d[i], e, f[i]));
    }
    return sum;
}

/* The normal density of all at once, by the covariance itself and its Cholesky factor. */
static double multivariate(const msc_datum *d, const msc_error_model *e, const double *f)
{
    const bool normal = e->family == MSC_FAMILY_NORMAL;
    gsl_matrix *v = gsl_matrix_alloc(MATES, MATES);
    gsl_vector *y = gsl_vector_alloc(MATES), *m = gsl_vector_alloc(MATES), *work = gsl_vector_alloc(MATES);
    double log_density = 0, by_unit = 0;
    for (size_t i = 0; i < MATES; i++) {
        const double s = normal ? sqrt(d[i].sd * d[i].sd + e->additive * e->additive + pow(e->proportional * f[i], 2))
                                : hypot(d[i].sd / d[i].value, e->proportional);
        for (size_t j = 0; j < MATES; j++) {
            gsl_matrix_set(v, i, j, e->subject * e->subject + (i == j ? s * s : 0));
        }
        gsl_vector_set(y, i, normal ? d[i].value : log(d[i].value)), gsl_vector_set(m, i, normal ? f[i] : log(f[i]));
        by_unit += normal ? 0 : log(d[i].value);
    }
    ck_assert_int_eq(gsl_linalg_cholesky_decomp1(v), 0);
    ck_assert_int_eq(gsl_ran_multivariate_gaussian_log_pdf(y, m, v, &log_density, work), 0);
    gsl_matrix_free(v);
    gsl_vector_free(y), gsl_vector_free(m), gsl_vector_free(work);
    return log_density - by_unit;
}

static const msc_datum mates[MATES] = {{.kind = MSC_DATUM_VALUE, .value = 3.1, .sd = 0.2}, {.kind = MSC_DATUM_VALUE, .value = 2.2},
                                       {.kind = MSC_DATUM_VALUE, .value = 4.0, .sd = 0.7}, {.kind = MSC_DATUM_VALUE, .value = 1.1},
                                       {.kind = MSC_DATUM_VALUE, .value = 2.9, .sd = 0.1}};
static const msc_error_model mate_errors[] = {{MSC_FAMILY_NORMAL, 0.4, 0, 0.6},  {MSC_FAMILY_NORMAL, 0.3, 0.2, 5.0},
                                              {MSC_FAMILY_NORMAL, 0.3, 0, 1e-3}, {MSC_FAMILY_LOGNORMAL, 0, 0.3, 0.4},
                                              {MSC_FAMILY_LOGNORMAL, 0, 0.1, 3.0}};

START_TEST(test_subject)
{
    const double f[MATES] = {2.5, 2.0, 2.9, 1.6, 2.0};
    const msc_error_model e = mate_errors[_i];
    const double got = joint(mates, &e, f, NULL), want = multivariate(mates, &e, f);
    ck_assert_msg(fabs(got - want) < 1e-10 * (1 + fabs(want)), "%.17g, not %.17g", got, want);
    /* one alone: as any datum with both variances; without the effect: as if they were independent */
    msc_subject none = {0}, own = {0};
    ck_assert(msc_subject_add(&own, &mates[0], &e, f[0]));
    const msc_likelihood alone = msc_likelihood_in_subject(&mates[0], &e, f[0], &none, &own), plain = msc_likelihood_of(&mates[0], &e, f[0]);
    near(alone.log, plain.log);
    ck_assert_double_eq_tol(alone.by_prediction, plain.by_prediction, 1e-9 * (1 + fabs(plain.by_prediction)));
    ck_assert_double_eq_tol(alone.by_subject, plain.by_subject, 1e-9 * (1 + fabs(plain.by_subject)));
    ck_assert_double_eq_tol(alone.by_proportional, plain.by_proportional, 1e-9 * (1 + fabs(plain.by_proportional)));
    msc_error_model apart = e;
    double sum = 0;
    apart.subject = 0;
    for (int i = 0; i < MATES; i++) {
        sum += msc_likelihood_of(&mates[i], &apart, f[i]).log;
    }
    near(joint(mates, &apart, f, NULL), sum);
}
END_TEST

/* By differences of the joint density: their error is h^2 by the third derivative, and rounding. */
START_TEST(test_subject_slopes)
{
    double f[MATES] = {2.5, 2.0, 2.9, 1.6, 2.0};
    msc_error_model e = mate_errors[_i];
    msc_likelihood each[MATES];
    const double log = joint(mates, &e, f, each);
    double by[3] = {0}, *const size[3] = {&e.additive, &e.proportional, &e.subject};
    for (int i = 0; i < MATES; i++) {
        by[0] += each[i].by_additive, by[1] += each[i].by_proportional, by[2] += each[i].by_subject;
    }
    for (int k = 0; k < MATES + 3; k++) {
        double *const at = k < MATES ? &f[k] : size[k - MATES];
        const double x = *at, h = 1e-5 * x, slope = k < MATES ? each[k].by_prediction : by[k - MATES];
        if (x == 0) {
            continue;
        }
        *at = x + h;
        const double up = joint(mates, &e, f, NULL);
        *at = x - h;
        const double down = joint(mates, &e, f, NULL);
        *at = x;
        const double difference = (up - down) / (2 * h), allowed = 1e-7 * (fabs(slope) + 1 / x) + 4e-16 * (1 + fabs(log)) * MATES / h;
        ck_assert_msg(fabs(difference - slope) <= allowed, "slope %d: %.12g, differences %.12g", k, slope, difference);
    }
}
END_TEST

START_TEST(test_subject_impossible)
{
    msc_subject sums = {0};
    const msc_error_model normal = {MSC_FAMILY_NORMAL, 0, 0, 1}, lognormal = {MSC_FAMILY_LOGNORMAL, 0, 0.3, 1};
    ck_assert(!msc_subject_add(&sums, &mates[1], &normal, 2)); /* no error of its own */
    ck_assert(!msc_subject_add(&sums, &mates[1], &lognormal, 0));
    ck_assert(!msc_subject_add(&sums, &mates[1], &lognormal, NAN));
    ck_assert(sums.weight == 0 && sums.pull == 0);
}
END_TEST

START_TEST(test_places)
{
    const msc_error_model normal = {MSC_FAMILY_NORMAL, 0.3, 0, 0.4}, lognormal = {MSC_FAMILY_LOGNORMAL, 0, 0.3, 0.4};
    ck_assert_double_eq_tol(msc_likelihood_sd(VALUE(3, .n = 0), &normal, 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(msc_likelihood_sd(VALUE(3, .n = 0), &lognormal, 2), 1, 1e-15);
    ck_assert_double_eq_tol(msc_likelihood_place(VALUE(3, .n = 0), &normal, 2, 3), 2, 1e-15);
    ck_assert_double_eq_tol(msc_likelihood_place(VALUE(3, .n = 0), &lognormal, 2, 4), 2 * log(2), 1e-15);
    ck_assert(msc_likelihood_place(VALUE(3, .n = 0), &lognormal, 2, 0) == -INFINITY);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("likelihood");
    TCase *tests = tcase_create("likelihood");
    tcase_add_test(tests, test_values);
    tcase_add_test(tests, test_censored);
    tcase_add_test(tests, test_range_of_two);
    tcase_add_test(tests, test_range_density);
    tcase_add_test(tests, test_range_intervals);
    tcase_add_test(tests, test_range_is_a_distribution);
    tcase_add_test(tests, test_range_censored);
    tcase_add_test(tests, test_range_below_zero);
    tcase_add_test(tests, test_range_none_seen);
    tcase_add_test(tests, test_slopes);
    tcase_add_test(tests, test_information_of_location);
    tcase_add_test(tests, test_information_of_scale);
    tcase_add_test(tests, test_information_of_ranges);
    tcase_add_test(tests, test_residuals);
    tcase_add_test(tests, test_unseen_end_far_out);
    tcase_add_loop_test(tests, test_subject, 0, (int)(sizeof mate_errors / sizeof *mate_errors));
    tcase_add_loop_test(tests, test_subject_slopes, 0, (int)(sizeof mate_errors / sizeof *mate_errors));
    tcase_add_test(tests, test_subject_impossible);
    tcase_add_test(tests, test_places);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
