/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions: quantiles against closed forms, quantile, distribution function, density, its slope
 * and the moments against each other, samples against the law, and every complaint. */
#include "study/distribution.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>

#include "base/random.h"
#include "support/reading.h"
#include "support/suite.h"

static msc_arena *arena;

static void set_up(void)
{
    arena = msc_arena_new(NULL);
}

static void tear_down(void)
{
    msc_arena_free(arena);
}

static msc_distribution read_as(const char *text, double value)
{
    static const char *const also[] = {"vary", NULL};
    const msc_distribution_reader reader = {.arena = arena,
                                            .number = msc_quantity_bare,
                                            .context = arena,
                                            .unit = "1/h",
                                            .value = value,
                                            .also = also};
    return msc_distribution_read(&reader, msc_conf_read_text(arena, "x.cfg", text, strlen(text)));
}

static msc_distribution read(const char *text)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s: %s", text, arena->error.where, arena->error.message);
    }
    return read_as(text, NAN);
}

/* got = want to a share of want. */
static void near(const char *what, double at, double got, double want, double share)
{
    ck_assert_msg(fabs(got - want) <= share * fabs(want),
                  "%s at %.17g: %.17g, not %.17g (off by %.2g)", what, at, got, want,
                  got / want - 1);
}

/* What all properties are tried on. */
static const char *const laws[] = {
    "distribution = \"normal\"; mean = 3.0; sd = 2.0;",
    "distribution = \"normal\"; mean = 3.0; sd = 2.0; above = 0.0;",
    "distribution = \"normal\"; mean = 0.0; sd = 1.0; above = 8.0;",
    "distribution = \"normal\"; mean = 0.0; sd = 1.0; below = -20.0;",
    "distribution = \"normal\"; mean = 0.0; sd = 1.0; above = 0.5; below = 0.7;",
    "distribution = \"lognormal\"; median = 0.2; cv = 0.3;",
    "distribution = \"lognormal\"; mean = 50.0; gsd = 3.0;",
    "distribution = \"lognormal\"; median = 1.0; sd_log = 1.0; above = 0.5; below = 20.0;",
    "distribution = \"uniform\"; from = -2.0; to = 5.0;",
    "distribution = \"uniform\"; from = -2.0; to = 5.0; above = 1.0;",
    "distribution = \"loguniform\"; from = 0.01; to = 10.0;",
    "distribution = \"loguniform\"; from = 0.01; to = 10.0; below = 1.0;",
    "distribution = \"logitnormal\"; low = 0.0; high = 1.0; median = 0.3; sd_logit = 0.7;",
    "distribution = \"logitnormal\"; low = -1.0; high = 4.0; median = 3.5; sd_logit = 3.0; above = 0.0;",
    "distribution = \"triangular\"; low = 1.0; mode = 2.0; high = 5.0;",
    "distribution = \"triangular\"; low = 1.0; mode = 1.0; high = 5.0;",
    "distribution = \"triangular\"; low = 1.0; mode = 5.0; high = 5.0; below = 4.0;",
    "distribution = \"beta\"; a = 2.0; b = 5.0;",
    "distribution = \"beta\"; a = 0.3; b = 1.5; high = 20.0;",
    "distribution = \"beta\"; a = 1.5; b = 1.2; low = 10.0; high = 30.0;",
    "distribution = \"beta\"; a = 1.0; b = 1.0;",
    "distribution = \"beta\"; a = 3000.0; b = 500.0;",
    "distribution = \"beta\"; a = 2.0; b = 5.0; above = 0.1; below = 0.9;",
    "distribution = \"gamma\"; shape = 2.5; scale = 4.0;",
    "distribution = \"gamma\"; shape = 0.3; scale = 1.0;",
    "distribution = \"gamma\"; mean = 12.0; cv = 0.05;",
    "distribution = \"gamma\"; mean = 1.0; cv = 1.0; above = 3.0;",
};
enum { N_LAWS = sizeof laws / sizeof *laws };

/* ---- quantiles ---- */

/* Both tails: u from 1e-300 to 1 - 1e-16. */
static const double shares[] = {1e-300, 1e-100, 1e-30,    1e-15,     1e-8,        1e-4,
                                0.01,   0.1,    0.3,      0.5,       0.7,         0.9,
                                0.99,   0.9999, 1 - 1e-8, 1 - 1e-12, 1 - 0x1p-50, 1 - 0x1p-53};
enum { N_SHARES = sizeof shares / sizeof *shares };

static double as_exponential(double u)
{
    return -2 * log1p(-u);
}
static double as_chi_square(double u) /* with one degree of freedom: the square of a normal */
{
    double z = u < 0.5 ? u * sqrt(M_PI / 2) : gsl_cdf_ugaussian_Qinv(0.5 * (1 - u));
    for (int i = 0; i < 9 && u < 0.5; i++) { /* Newton: erf is accurate where 0.5 + 0.5 u is not */
        z -= (erf(z / M_SQRT2) - u) * sqrt(M_PI / 2) * exp(z * z / 2);
    }
    return z * z;
}
static double as_power(double u)
{
    return pow(u, 1 / 3.0);
}
static double as_mirrored_power(double u)
{
    return -expm1(log1p(-u) / 3);
}
static double as_arcsine(double u)
{
    return u < 0.5 ? pow(sin(M_PI * u / 2), 2) : 1 - pow(sin(M_PI * (1 - u) / 2), 2);
}
static double as_power_below_zero(
    double u) /* the upper end is 0: the distance to it keeps its digits */
{
    return expm1(log(u) / 3);
}
static double as_arcsine_below_zero(double u)
{
    return -pow(sin(M_PI * (1 - u) / 2), 2);
}
static double as_triangle_below_zero(double u)
{
    return 4 * expm1(log(u) / 2);
}
static double as_small_gamma(double u) /* P = x^a / Gamma(a + 1) for small x */
{
    return u <= 1e-15 ? exp((log(u) + lgamma(1.3)) / 0.3) : NAN;
}
static double as_uniform(double u)
{
    return -2 + 7 * u;
}
static double as_loguniform(double u)
{
    return 0.01 * exp(u * log(1000));
}
static double as_right_triangle(double u)
{
    return 5 - 4 * sqrt(1 - u);
}
static double as_left_triangle(double u)
{
    return 1 + 4 * sqrt(u);
}
static double as_lognormal(double u)
{
    const double z = u < 0.5 ? gsl_cdf_ugaussian_Pinv(u) : gsl_cdf_ugaussian_Qinv(1 - u);
    return 0.2 * exp(z * sqrt(log(1.09)));
}
static double as_logitnormal(double u)
{
    const double z = u < 0.5 ? gsl_cdf_ugaussian_Pinv(u) : gsl_cdf_ugaussian_Qinv(1 - u);
    return 1 / (1 + 7 / 3.0 * exp(-0.7 * z));
}

static const struct {
    const char *text;
    double (*closed)(double);
} closed_forms[] = {
    {"distribution = \"gamma\"; shape = 1.0; scale = 2.0;", as_exponential},
    {"distribution = \"gamma\"; shape = 0.5; scale = 2.0;", as_chi_square},
    {"distribution = \"gamma\"; shape = 0.3; scale = 1.0;", as_small_gamma},
    {"distribution = \"beta\"; a = 3.0; b = 1.0;", as_power},
    {"distribution = \"beta\"; a = 1.0; b = 3.0;", as_mirrored_power},
    {"distribution = \"beta\"; a = 0.5; b = 0.5;", as_arcsine},
    {"distribution = \"beta\"; a = 3.0; b = 1.0; low = -1.0; high = 0.0;", as_power_below_zero},
    {"distribution = \"beta\"; a = 0.5; b = 0.5; low = -1.0; high = 0.0;", as_arcsine_below_zero},
    {"distribution = \"triangular\"; low = -4.0; mode = 0.0; high = 0.0;", as_triangle_below_zero},
    {"distribution = \"uniform\"; from = -2.0; to = 5.0;", as_uniform},
    {"distribution = \"loguniform\"; from = 0.01; to = 10.0;", as_loguniform},
    {"distribution = \"triangular\"; low = 1.0; mode = 1.0; high = 5.0;", as_right_triangle},
    {"distribution = \"triangular\"; low = 1.0; mode = 5.0; high = 5.0;", as_left_triangle},
    {"distribution = \"lognormal\"; median = 0.2; cv = 0.3;", as_lognormal},
    {"distribution = \"logitnormal\"; low = 0.0; high = 1.0; median = 0.3; sd_logit = 0.7;",
     as_logitnormal},
};

/* The law's distance to its end comes from its logarithm, which has a relative error of a few
 * roundings. (A value that underflows is the least inside.) */
START_TEST(test_quantiles_of_closed_forms)
{
    const msc_distribution d = read(closed_forms[_i].text);
    for (size_t j = 0; j < N_SHARES; j++) {
        const double want = closed_forms[_i].closed(shares[j]);
        if (want > d.low && want < d.high && fabs(want) > 1e-290) {
            near(closed_forms[_i].text, shares[j], msc_distribution_quantile(&d, shares[j]), want,
                 8 * DBL_EPSILON * fmax(8, fabs(log(fabs(want)))));
        }
    }
}
END_TEST

/* The normal quantiles everyone knows (Abramowitz and Stegun, 26.2.23's check values to 15 digits). */
START_TEST(test_normal_quantiles)
{
    const msc_distribution d = read(laws[0]);
    near("normal", 0.975, msc_distribution_quantile(&d, 0.975), 3 + 2 * 1.959963984540054, 1e-15);
    near("normal", 0.005, msc_distribution_quantile(&d, 0.005), 3 - 2 * 2.5758293035489004, 1e-14);
    near("normal", 1e-9, msc_distribution_quantile(&d, 1e-9), 3 - 2 * 5.997807015007687, 1e-15);
}
END_TEST

/* Beyond 8 sd: the law of x given x > 8, whose tail is Q(x) / Q(8). */
START_TEST(test_quantiles_of_a_far_truncation)
{
    const msc_distribution d = read(laws[2]);
    for (size_t j = 0; j < N_SHARES; j++) {
        const double x = msc_distribution_quantile(&d, shares[j]);
        ck_assert_double_gt(x, 8);
        if (shares[j] >= 1e-4) {
            near("share above", shares[j], gsl_cdf_ugaussian_Q(x) / gsl_cdf_ugaussian_Q(8),
                 1 - shares[j], 1e-12);
        }
    }
}
END_TEST

START_TEST(test_quantiles_rise_within_the_ends)
{
    const msc_distribution d = read(laws[_i]);
    double last = d.low;
    for (size_t j = 0; j < N_SHARES; j++) {
        const double x = msc_distribution_quantile(&d, shares[j]);
        ck_assert_msg(x > d.low && x < d.high && x >= last, "%s: %g at %g", laws[_i], x, shares[j]);
        last = x;
    }
    ck_assert_double_nan(msc_distribution_quantile(&d, 0));
    ck_assert_double_nan(msc_distribution_quantile(&d, 1));
    ck_assert_double_nan(msc_distribution_quantile(&d, NAN));
}
END_TEST

/* x is known to a few units in its last place, also of its distance to the nearer end; what that makes
 * of u follows from the density. GSL's beta and gamma functions have 1e-12 of their own. */
START_TEST(test_cdf_of_quantile_is_the_share)
{
    const msc_distribution d = read(laws[_i]);
    for (int i = 1; i < 1000; i++) {
        const double u = i / 1000.0, x = msc_distribution_quantile(&d, u);
        const double size = fabs(x) + (isfinite(d.start) ? fabs(d.start) : 0) +
                            (isfinite(d.end) ? fabs(d.end) : 0) + d.second * (d.kind == MSC_NORMAL);
        const double slack =
            16 * DBL_EPSILON * size * exp(msc_distribution_log_density(&d, x)) + 1e-12;
        const double back = msc_distribution_cdf(&d, x);
        ck_assert_msg(fabs(back - u) <= slack, "%s: %.17g comes back as %.17g", laws[_i], u, back);
    }
    ck_assert_double_eq(msc_distribution_cdf(&d, d.low), 0);
    ck_assert_double_eq(msc_distribution_cdf(&d, d.high), 1);
    ck_assert_double_nan(msc_distribution_cdf(&d, NAN));
}
END_TEST

/* ---- densities ---- */

static double density(double x, void *context)
{
    return exp(msc_distribution_log_density(context, x));
}

/* Between quantiles that the distribution function names, the density's integral is their difference;
 * and so is 1 in all. */
START_TEST(test_density_integrates_to_the_shares)
{
    msc_distribution d = read(laws[_i]);
    gsl_integration_workspace *work = gsl_integration_workspace_alloc(200);
    gsl_function f = {density, &d};
    double from = 1e-9, sum = 0;
    for (int i = -41; i <= 42; i++) {
        const double to = i == 42 ? 1 - 1e-9 : 1 / (1 + exp(-i / 2.0));
        double integral = 0, error = 0;
        gsl_integration_qag(&f, msc_distribution_quantile(&d, from),
                            msc_distribution_quantile(&d, to), 0, 1e-10, 200, GSL_INTEG_GAUSS61,
                            work, &integral, &error);
        /* near an end of finite size, x has lost digits of its distance to it */
        ck_assert_msg(fabs(integral - (to - from)) <= 2e-6 * (to - from) + 1e-11,
                      "%s: %.12g between %g and %g", laws[_i], integral, from, to);
        sum += integral;
        from = to;
    }
    ck_assert_double_eq_tol(sum + 2e-9, 1, 1e-8);
    gsl_integration_workspace_free(work);
    ck_assert_double_eq(msc_distribution_log_density(&d, d.low), -INFINITY);
    ck_assert_double_eq(msc_distribution_log_density(&d, d.high), -INFINITY);
    ck_assert_double_nan(msc_distribution_log_density(&d, NAN));
}
END_TEST

/* Central differences with step h: an error of h^2 from the third derivative and eps/h from rounding,
 * both below 1e-6 of the scale at h = 1e-4 of the distance between quartiles. */
START_TEST(test_slope_of_the_log_density)
{
    const msc_distribution d = read(laws[_i]);
    for (int i = 1; i < 40; i++) {
        const double x = msc_distribution_quantile(&d, i / 40.0);
        const double away = fmin(x - d.start, d.end - x);
        const double scale = fmin(msc_distribution_quantile(&d, (i + 0.5) / 40) -
                                      msc_distribution_quantile(&d, (i - 0.5) / 40),
                                  away);
        const double h = 1e-4 * scale;
        if ((d.kind == MSC_TRIANGULAR && fabs(x - d.first) < 2 * h) ||
            !(x + h < d.high && x - h > d.low)) {
            continue;
        }
        const double difference =
            (msc_distribution_log_density(&d, x + h) - msc_distribution_log_density(&d, x - h)) /
            (2 * h);
        const double slope = msc_distribution_log_slope(&d, x);
        ck_assert_msg(fabs(slope - difference) * scale <= 1e-6 * (1 + fabs(slope) * scale),
                      "%s at %g: %g, differences %g", laws[_i], x, slope, difference);
    }
    ck_assert_double_eq(msc_distribution_log_slope(&d, d.low), 0);
    ck_assert_double_nan(msc_distribution_log_slope(&d, NAN));
}
END_TEST

/* ---- moments ---- */

static void moments_are(const char *text, double mean, double sd)
{
    const msc_distribution d = read(text);
    near(text, 1, msc_distribution_mean(&d), mean, 1e-12);
    near(text, 2, msc_distribution_sd(&d), sd, 1e-11);
}

START_TEST(test_moments_of_closed_forms)
{
    moments_are("distribution = \"normal\"; mean = 3.0; sd = 2.0;", 3, 2);
    moments_are("distribution = \"lognormal\"; mean = 50.0; cv = 0.4;", 50, 20);
    moments_are("distribution = \"lognormal\"; median = 2.0; sd_log = 1.0;", 2 * exp(0.5),
                2 * exp(0.5) * sqrt(exp(1) - 1));
    moments_are("distribution = \"uniform\"; from = -2.0; to = 5.0;", 1.5, 7 / sqrt(12));
    moments_are("distribution = \"loguniform\"; from = 1.0; to = 100.0;", 99 / log(100),
                sqrt(9999 / (2 * log(100)) - pow(99 / log(100), 2)));
    moments_are("distribution = \"triangular\"; low = 1.0; mode = 2.0; high = 5.0;", 8 / 3.0,
                sqrt(13 / 18.0));
    moments_are("distribution = \"beta\"; a = 2.0; b = 5.0; low = 10.0; high = 24.0;", 14,
                14 * sqrt(10 / (49 * 8.0)));
    moments_are("distribution = \"gamma\"; shape = 4.0; scale = 3.0;", 12, 6);
    moments_are("distribution = \"gamma\"; mean = 7.0; cv = 0.2;", 7, 1.4);
    moments_are(
        "distribution = \"logitnormal\"; low = 2.0; high = 4.0; median = 3.0; sd_logit = 1e-3;", 3,
        /* x = 3 + tanh(s z / 2) = 3 + s z / 2 - (s z)^3 / 24 ... */
        sqrt(1e-6 / 4 - 1e-12 / 8));
    moments_are("distribution = \"normal\"; mean = 0.0; sd = 1.0; above = 0.0;", sqrt(2 / M_PI),
                sqrt(1 - 2 / M_PI));
    moments_are("distribution = \"gamma\"; mean = 1.0; cv = 1.0; above = 3.0;", 4, 1);
    moments_are("distribution = \"uniform\"; from = 0.0; to = 10.0; below = 1.0;", 0.5,
                1 / sqrt(12));
}
END_TEST

/* A truncation that takes nothing away sends the same law through the quadrature. */
START_TEST(test_moments_by_quadrature)
{
    static const char *const pairs[][2] = {
        {"distribution = \"normal\"; mean = 3.0; sd = 2.0;", "above = -1e6;"},
        {"distribution = \"lognormal\"; median = 2.0; sd_log = 2.0;", "above = 1e-200;"},
        {"distribution = \"gamma\"; shape = 0.3; scale = 2.0;", "below = 1e5;"},
        {"distribution = \"triangular\"; low = 1.0; mode = 2.0; high = 5.0;",
         "above = 1.00000000001;"},
        {"distribution = \"beta\"; a = 2.0; b = 0.5;", "above = 1e-9;"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const msc_distribution whole = read(pairs[i][0]),
                               cut =
                                   read(msc_arena_printf(arena, "%s %s", pairs[i][0], pairs[i][1]));
        ck_assert(cut.truncated && !whole.truncated);
        near(pairs[i][0], 1, msc_distribution_mean(&cut), msc_distribution_mean(&whole), 1e-10);
        near(pairs[i][0], 2, msc_distribution_sd(&cut), msc_distribution_sd(&whole), 1e-10);
    }
}
END_TEST

START_TEST(test_moments_too_large_for_a_double)
{
    const msc_distribution d = read("distribution = \"lognormal\"; median = 1.0; sd_log = 40.0;");
    ck_assert_double_infinite(msc_distribution_mean(&d));
    ck_assert_double_infinite(msc_distribution_sd(&d));
}
END_TEST

/* ---- samples ---- */

enum { SAMPLE = 100 };

static void multiply(const double *a, const double *b, double *c, int m)
{
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
            c[i * m + j] = 0;
            for (int k = 0; k < m; k++) {
                c[i * m + j] += a[i * m + k] * b[k * m + j];
            }
        }
    }
}

/* P(D_n < d), exactly (Marsaglia, Tsang and Wang, J. Stat. Software 8(18), 2003), for small n. */
static double kolmogorov(int n, double d)
{
    const int k = (int)(n * d) + 1, m = 2 * k - 1;
    const double h = k - n * d;
    double *a = calloc((size_t)(m * m), sizeof *a), *q = calloc((size_t)(m * m), sizeof *q),
           *c = calloc((size_t)(m * m), sizeof *c);
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
            a[i * m + j] = i - j + 1 >= 0;
            q[i * m + j] = i == j;
        }
    }
    for (int i = 0; i < m; i++) {
        a[i * m] -= pow(h, i + 1);
        a[(m - 1) * m + i] -= pow(h, m - i);
    }
    a[(m - 1) * m] += 2 * h - 1 > 0 ? pow(2 * h - 1, m) : 0;
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++) {
            for (int g = 1; g <= i - j + 1; g++) {
                a[i * m + j] /= g;
            }
        }
    }
    double p = 1;
    for (int i = 1; i <= n; i++) { /* n! / n^n goes along, so that nothing overflows */
        multiply(q, a, c, m);
        memcpy(q, c, (size_t)(m * m) * sizeof *q);
        for (int j = 0; j < m * m; j++) {
            q[j] *= (double)i / n;
        }
    }
    p = q[(k - 1) * m + k - 1];
    free(a);
    free(q);
    free(c);
    return p;
}

START_TEST(test_kolmogorovs_law_of_the_paper)
{
    ck_assert_double_eq_tol(kolmogorov(10, 0.274), 0.628479615, 5e-10); /* its section 4 */
    ck_assert_double_eq_tol(kolmogorov(1, 0.75), 0.5, 1e-15);           /* D_1 is max(u, 1 - u) */
}
END_TEST

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One sample a law at fixed seeds: the largest distance between its steps and the law has a p above
 * 1e-3 and, so that a sample too regular is seen, below 1 - 1e-3. */
START_TEST(test_samples_have_their_law)
{
    const msc_distribution d = read(laws[_i]);
    double x[SAMPLE], most = 0;
    for (uint32_t i = 0; i < SAMPLE; i++) {
        x[i] =
            msc_distribution_quantile(&d, msc_random_uniform(1, MSC_USE_POINT, i, (uint32_t)_i, 0));
    }
    qsort(x, SAMPLE, sizeof *x, compare);
    for (int i = 0; i < SAMPLE; i++) {
        const double u = msc_distribution_cdf(&d, x[i]);
        most = fmax(most, fmax((i + 1.0) / SAMPLE - u, u - (double)i / SAMPLE));
    }
    const double p = 1 - kolmogorov(SAMPLE, most);
    ck_assert_msg(p > 1e-3 && p < 1 - 1e-3, "%s: D = %g, p = %g", laws[_i], most, p);
}
END_TEST

/* ---- what is written ---- */

static const struct {
    const char *text, *words;
} told[] = {
    {"distribution = \"normal\"; mean = 3.0; sd = 2.0; above = 0.0;",
     "normal with mean 3 and sd 2 1/h, above 0"},
    {"distribution = \"lognormal\"; median = 0.2; sd_log = 0.3; above = 0.1; below = 0.9;",
     "lognormal with median 0.2 1/h and sd 0.3 of the logarithm, above 0.1, below 0.9"},
    {"distribution = \"lognormal\"; median = 0.2; cv = 0.3;",
     "lognormal with median 0.2 1/h and sd 0.294 of the logarithm"},
    {"distribution = \"lognormal\"; mean = 0.2; gsd = 2.0;",
     "lognormal with median 0.15729 1/h and sd 0.693 of the logarithm"},
    {"distribution = \"uniform\"; from = 1.0; to = 2;", "uniform from 1 to 2 1/h"},
    {"distribution = \"loguniform\"; from = 1.0; to = 2;", "loguniform from 1 to 2 1/h"},
    {"distribution = \"logitnormal\"; low = 0; high = 1; median = 0.5; sd_logit = 2;",
     "logit-normal from 0 to 1 1/h with median 0.5 and sd 2 of the logit"},
    {"distribution = \"triangular\"; low = 0; mode = 1; high = 3;",
     "triangular from 0 to 3 1/h with mode 1"},
    {"distribution = \"beta\"; a = 2; b = 5;", "beta from 0 to 1 1/h with a = 2 and b = 5"},
    {"distribution = \"gamma\"; mean = 3; cv = 0.5;", "gamma with shape 4 and scale 0.75 1/h"},
    {"vary = \"x\"; distribution = { kind = \"uniform\"; from = 1; to = 2; source = \"read: y\"; };",
     "uniform from 1 to 2 1/h"},
    {"distribution = \"lognormal\"; cv = 0.3;",
     "lognormal with median 0.25 1/h and sd 0.294 of the logarithm"},
    {"distribution = \"normal\"; sd = 1;", "normal with mean 0.25 and sd 1 1/h"},
    {"distribution = \"gamma\"; cv = 1;", "gamma with shape 1 and scale 0.25 1/h"},
    {"distribution = \"logitnormal\"; low = 0; high = 1; sd_logit = 1;",
     "logit-normal from 0 to 1 1/h with median 0.25 and sd 1 of the logit"},
    {"distribution = \"triangular\"; low = 0; high = 1;",
     "triangular from 0 to 1 1/h with mode 0.25"},
};

START_TEST(test_in_words)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s: %s", told[_i].text, arena->error.where, arena->error.message);
    }
    const msc_distribution d = read_as(told[_i].text, 0.25);
    ck_assert_str_eq(msc_distribution_text(arena, &d), told[_i].words);
}
END_TEST

static const struct {
    const char *text, *where, *message;
} refused[] = {
    {"distribution = \"log-normal\";\n", "x.cfg:1: distribution",
     "'log-normal' is no distribution; did you mean 'lognormal'?"},
    {"distribution = \"cauchy\";\n", "x.cfg:1: distribution",
     "'cauchy' is no distribution (known are normal, lognormal, uniform, loguniform, logitnormal, triangular, "
     "beta, gamma)"},
    {"distribution = \"own\";\n", "x.cfg:1: distribution",
     "only a parameter has a distribution of its own"},
    {"distribution = 3;\n", "x.cfg:1: distribution", "must be a string, not 3"},
    {"distribution = { mean = 3; };\n", "x.cfg:1: distribution", "'kind' is missing"},
    {"distribution = { kind = \"normal\"; mean = 3; sd = 1;\n vary = \"x\"; };\n",
     "x.cfg:2: distribution.vary",
     "unknown key (known are kind, mean, sd, above, below, about, source)"},
    {"distribution = { kind = \"normal\"; mean = 3; sd = 1; };\nsd = 1;\n", "x.cfg:2: sd",
     "unknown key (known are distribution, vary)"},
    {"distribution = \"normal\"; mean = 1;\n median = 2; sd = 1;\n", "x.cfg:2: median",
     "unknown key; did you mean 'mean'?"},
    {"distribution = \"normal\";\n mean = 1;\n", "x.cfg", "'sd' is missing"},
    {"distribution = \"normal\"; sd = 1;\n", "x.cfg", "'mean' is missing"},
    {"distribution = \"normal\"; mean = 1;\nsd = -1.0;\n", "x.cfg:2: sd",
     "must be above 0, not -1"},
    {"distribution = \"normal\"; mean = 1;\nsd = 0;\n", "x.cfg:2: sd", "must be above 0, not 0"},
    {"distribution = \"normal\"; mean = \"x\"; sd = 1;\n", "x.cfg:1: mean",
     "must be a number, not the string \"x\""},
    {"distribution = \"lognormal\";\nmedian = 0; cv = 1;\n", "x.cfg:2: median",
     "the median of a lognormal must be above 0, not 0"},
    {"distribution = \"lognormal\";\nmean = -2; cv = 1;\n", "x.cfg:2: mean",
     "the mean of a lognormal must be above 0, not -2"},
    {"distribution = \"lognormal\";\nmean = 2;\nmedian = 2; cv = 1;\n", "x.cfg:2: mean",
     "'median' is given, too; write either 'median' or 'mean'"},
    {"distribution = \"lognormal\"; median = 2;\n", "x.cfg", "'cv', 'sd_log' or 'gsd' is missing"},
    {"distribution = \"lognormal\"; median = 2; cv = 1;\ngsd = 2;\n", "x.cfg:2: gsd",
     "'cv' is given, too; write either 'cv', 'sd_log' or 'gsd'"},
    {"distribution = \"lognormal\"; median = 2;\ngsd = 1.0;\n", "x.cfg:2: gsd",
     "must be above 1, not 1"},
    {"distribution = \"lognormal\"; median = 2;\ncv = 0.0;\n", "x.cfg:2: cv",
     "must be above 0, not 0"},
    {"distribution = \"lognormal\"; median = 2; sd_log = 1e4;\n", "x.cfg",
     "its numbers would be too large or too small (lognormal with median 2 1/h and sd 1e+04 of the logarithm)"},
    {"distribution = \"uniform\"; from = 2;\nto = 1;\n", "x.cfg:2: to",
     "'to' must be above 'from': here are 1 and 2"},
    {"distribution = \"uniform\"; from = 2;\nto = 2;\n", "x.cfg:2: to",
     "'to' must be above 'from': here are 2 and 2"},
    {"distribution = \"uniform\"; from = 2;\n", "x.cfg", "'to' is missing"},
    {"distribution = \"uniform\"; from = -1e308; to = 1e308;\n", "x.cfg",
     "its numbers would be too large or too small (uniform from -1e+308 to 1e+308 1/h)"},
    {"distribution = \"loguniform\";\nfrom = 0; to = 1;\n", "x.cfg:2: from",
     "the ends of a loguniform must be above 0: here is 0"},
    {"distribution = \"loguniform\"; from = 1e-200; to = 1e200;\n", "x.cfg",
     "its numbers would be too large or too small (loguniform from 1e-200 to 1e+200 1/h)"},
    {"distribution = \"logitnormal\"; low = 0; high = 1;\nmedian = 1; sd_logit = 1;\n",
     "x.cfg:2: median", "the median must lie between 'low' and 'high': 1 is not between 0 and 1"},
    {"distribution = \"logitnormal\"; low = 0; high = 1; median = 0.5;\nsd_logit = -1;\n",
     "x.cfg:2: sd_logit", "must be above 0, not -1"},
    {"distribution = \"logitnormal\"; low = 1;\nhigh = 0; median = 0.5; sd_logit = 1;\n",
     "x.cfg:2: high", "'high' must be above 'low': here are 0 and 1"},
    {"distribution = \"triangular\"; low = 0; high = 1;\nmode = 2;\n", "x.cfg:2: mode",
     "the mode must lie between 'low' and 'high': 2 is not between 0 and 1"},
    {"distribution = \"triangular\"; low = 0; mode = 0; high = 0;\n", "x.cfg:1: high",
     "'high' must be above 'low': here are 0 and 0"},
    {"distribution = \"beta\";\na = 0; b = 1;\n", "x.cfg:2: a",
     "must be from 0.01 to 10000, not 0"},
    {"distribution = \"beta\"; a = 1;\nb = 1e5;\n", "x.cfg:2: b",
     "must be from 0.01 to 10000, not 100000"},
    {"distribution = \"beta\"; a = 1; b = 1;\nlow = 1;\n", "x.cfg",
     "'high' must be above 'low': here are 1 and 1"},
    {"distribution = \"gamma\";\nshape = -2; scale = 1;\n", "x.cfg:2: shape",
     "must be from 0.01 to 100000, not -2"},
    {"distribution = \"gamma\"; shape = 2;\nscale = 0;\n", "x.cfg:2: scale",
     "must be above 0, not 0"},
    {"distribution = \"gamma\"; shape = 2;\n", "x.cfg", "'scale' or 'mean' is missing"},
    {"distribution = \"gamma\"; scale = 2;\n", "x.cfg", "'shape' or 'cv' is missing"},
    {"distribution = \"gamma\"; scale = 2;\ncv = 11;\n", "x.cfg:2: cv",
     "must be from 0.00316 to 10 for a gamma, not 11"},
    {"distribution = \"normal\"; mean = 0; sd = 1; above = 2;\nbelow = 1;\n", "x.cfg:2: below",
     "'below' must be above 'above': here are 1 and 2"},
    {"distribution = \"normal\"; mean = 0; sd = 1;\nabove = 40;\n", "x.cfg:2: above",
     "nothing to speak of is left of the distribution (normal with mean 0 and sd 1 1/h, above 40)"},
    {"distribution = \"normal\"; mean = 0; sd = 1; above = 1;\nbelow = 1.0000001;\n",
     "x.cfg:1: above",
     "nothing to speak of is left of the distribution (normal with mean 0 and sd 1 1/h, above 1, below 1)"},
    {"distribution = \"lognormal\"; median = 1; cv = 1;\nbelow = -1;\n", "x.cfg:2: below",
     "nothing to speak of is left of the distribution (lognormal with median 1 1/h and sd 0.833 of the "
     "logarithm, below -1)"},
    {"distribution = \"uniform\"; from = 0; to = 1;\nabove = 1;\n", "x.cfg:2: above",
     "nothing to speak of is left of the distribution (uniform from 0 to 1 1/h, above 1)"},
};

START_TEST(test_refused)
{
    if (MSC_CATCH(arena)) {
        ck_assert_str_eq(arena->error.message, refused[_i].message);
        ck_assert_str_eq(arena->error.where, refused[_i].where);
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        return;
    }
    read_as(refused[_i].text, NAN);
    ck_abort_msg("taken: %s", refused[_i].text);
}
END_TEST

/* ---- in a model ---- */

static const char *const model_text =
    "parameters: {\n"
    "  a = { unit = \"1/h\"; value = 0.25; distribution = { kind = \"lognormal\"; cv = \"30 %\"; }; };\n"
    "  b = { unit = \"day\"; value = 3.0; range = [1.0, 9.9]; };\n"
    "  c = { unit = \"day\"; value = 3.0; range = [1.0, 10.0]; };\n"
    "  d = { unit = \"1\"; value = 0.0; range = [0.0, 10.0]; };\n"
    "  e = { unit = \"day\"; value = 3.0; range = [\"24 h\", \"48 h\"]; distribution = \"loguniform\"; };\n"
    "  f = { unit = \"1/h\"; value = 3.0; distribution = { kind = \"normal\"; mean = \"48 1/day\"; sd = \"1 1/h\";\n"
    "        above = 0; }; };\n"
    "  g = { unit = \"1\"; value = 3.0; };\n"
    "  h = { unit = \"1\"; value = 3.0; range = [3.0, 3.0]; };\n"
    "  i = { unit = \"1\"; value = 3.0; range = [3.0, 4.0]; distribution = \"normal\"; };\n"
    "  j = { unit = \"1\"; value = 3.0; distribution = \"uniform\"; };\n"
    "  l = { unit = \"1/h\"; value = 3.0; distribution = { kind = \"normal\"; sd = \"1 h\"; }; };\n"
    "  m = { unit = \"1/h\"; value = 3.0; distribution = { kind = \"normal\"; sd = \"1\"; }; };\n"
    "  n = { unit = \"1\"; value = 3.0; range = [0.0, 4.0]; distribution = \"loguniform\"; };\n"
    "  o = { unit = \"1/h\"; value = 3.0; distribution = { kind = \"lognormal\"; cv = \"1 h\"; }; };\n"
    "  q = { unit = \"1/h\"; value = 3.0; distribution = { kind = \"normal\"; sd = \"1 foo\"; }; };\n"
    "};\n";

static const struct {
    const char *parameter;
    double value;
    const char *where, *text; /* where NULL: the words, else the message */
} own[] = {
    {"a", 0.25, NULL, "lognormal with median 0.25 1/h and sd 0.294 of the logarithm"},
    {"b", 3, NULL, "uniform from 1 to 9.9 day"},
    {"c", 3, NULL, "loguniform from 1 to 10 day"},
    {"d", 0, NULL, "uniform from 0 to 10"},
    {"e", 3, NULL, "loguniform from 1 to 2 day"},
    {"f", 3, NULL, "normal with mean 2 and sd 1 1/h, above 0"},
    {"a", -1, "m.cfg:3: parameters.a.distribution",
     "the median of a lognormal must be above 0, not -1"},
    {"g", 3, "", "'g' has neither distribution nor range: write how it is distributed"},
    {"h", 3, "m.cfg:11: parameters.h.range", "both ends are 3: nothing can be drawn from it"},
    {"i", 3, "m.cfg:12: parameters.i.distribution",
     "a normal needs arguments: { kind = \"normal\"; mean = ...; }"},
    {"j", 3, "m.cfg:13: parameters.j", "'range' is missing"},
    {"l", 3, "m.cfg:14: parameters.l.distribution.sd", "its unit is 'h', where '1/h' is due"},
    {"m", 3, "m.cfg:15: parameters.m.distribution.sd",
     "its unit is '1', where '1/h' is due; write \"1 1/h\" or the bare number 1"},
    {"n", 3, "m.cfg:16: parameters.n.range.from",
     "the ends of a loguniform must be above 0: here is 0"},
    {"o", 3, "m.cfg:17: parameters.o.distribution.cv", "its unit is 'h', where '1' is due"},
    {"q", 3, "m.cfg:18: parameters.q.distribution.sd", "unit 'foo' is not known"},
};

START_TEST(test_a_parameters_own)
{
    msc_model *model = msc_reading_model(model_text);
    if (MSC_CATCH(arena)) {
        ck_assert_str_eq(arena->error.message, own[_i].text);
        ck_assert_ptr_nonnull(own[_i].where);
        ck_assert_str_eq(arena->error.where, own[_i].where);
        msc_model_free(model);
        return;
    }
    const msc_conf *node = msc_conf_read_text(arena, "x.cfg", "", 0);
    node = msc_conf_new(arena, MSC_CONF_GROUP, NULL, NULL);
    const msc_distribution d = msc_distribution_own(
        arena, model, msc_model_find_parameter(model, own[_i].parameter), own[_i].value, node);
    ck_assert_ptr_null(own[_i].where);
    ck_assert_str_eq(msc_distribution_text(arena, &d), own[_i].text);
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("distribution");
    TCase *tcase = tcase_create("distribution");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_quantiles_of_closed_forms, 0,
                        sizeof closed_forms / sizeof *closed_forms);
    tcase_add_test(tcase, test_normal_quantiles);
    tcase_add_test(tcase, test_quantiles_of_a_far_truncation);
    tcase_add_loop_test(tcase, test_quantiles_rise_within_the_ends, 0, N_LAWS);
    tcase_add_loop_test(tcase, test_cdf_of_quantile_is_the_share, 0, N_LAWS);
    tcase_add_loop_test(tcase, test_density_integrates_to_the_shares, 0, N_LAWS);
    tcase_add_loop_test(tcase, test_slope_of_the_log_density, 0, N_LAWS);
    tcase_add_test(tcase, test_moments_of_closed_forms);
    tcase_add_test(tcase, test_moments_by_quadrature);
    tcase_add_test(tcase, test_moments_too_large_for_a_double);
    tcase_add_test(tcase, test_kolmogorovs_law_of_the_paper);
    tcase_add_loop_test(tcase, test_samples_have_their_law, 0, N_LAWS);
    tcase_add_loop_test(tcase, test_in_words, 0, sizeof told / sizeof *told);
    tcase_add_loop_test(tcase, test_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(tcase, test_a_parameters_own, 0, sizeof own / sizeof *own);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
