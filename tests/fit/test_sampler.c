/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sampler against densities whose moments are known. Seeds are fixed: a test fails always or never. */
#include "fit/sampler.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "support/suite.h"

enum { E = 4, MOST = 8 };

typedef struct {
    size_t n;
    double (*log)(const double *x, size_t n);
    long stop_after; /* calls; < 0: never */
} problem;

static bool density(void *context, size_t count, const double *x, double *log)
{
    problem *p = context;
    if (p->stop_after == 0) {
        return false;
    }
    p->stop_after--;
    for (size_t i = 0; i < count; i++) {
        log[i] = p->log(x + i * p->n, p->n);
    }
    return true;
}

typedef struct {
    msc_arena *arena;
    msc_sampler sampler;
    problem problem;
    size_t width;
} sampling;

static sampling begin(msc_sample_method method, size_t n, size_t walkers, double (*log)(const double *, size_t), double from,
                      double to)
{
    sampling s = {.arena = msc_arena_new(NULL), .problem = {n, log, -1}, .width = E * walkers};
    const msc_sampler_options options = {method, n, E, walkers, 11};
    double *start = MSC_NEW(s.arena, double, s.width * n);
    for (size_t i = 0; i < s.width * n; i++) {
        start[i] = from + (to - from) * msc_random_uniform(5, MSC_USE_START, i, 0, 0);
    }
    ck_assert(MSC_CATCH(s.arena) == 0);
    ck_assert(msc_sampler_begin(s.arena, &options, start, density, &s.problem, &s.sampler));
    return s;
}

/* Burn a quarter as long as is kept; kept[d][steps][width]. */
static double *run(sampling *s, size_t steps)
{
    const size_t n = s->problem.n;
    double *kept = MSC_NEW(s->arena, double, n * steps * s->width);
    for (size_t i = 0; i < steps / 4; i++) {
        ck_assert(msc_sampler_step(&s->sampler, density, &s->problem));
    }
    for (size_t i = 0; i < steps; i++) {
        ck_assert(msc_sampler_step(&s->sampler, density, &s->problem));
        for (size_t k = 0; k < s->width; k++) {
            for (size_t d = 0; d < n; d++) {
                kept[(d * steps + i) * s->width + k] = s->sampler.x[k * n + d];
            }
        }
    }
    return kept;
}

/* A mean is within 4.5 of its standard errors (one in 1.5e5), an sd within 4.5 of its own, sd / sqrt(2 ess); and the
 * draws are worth something, else that would be no test. */
static void check_moments(sampling *s, const double *kept, size_t steps, size_t d, double mean, double sd)
{
    const msc_sample_summary q =
        msc_sample_summarise(s->arena, kept + d * steps * s->width, steps, E, s->width / E);
    ck_assert_msg(q.ess > 500, "parameter %zu: ess %g", d, q.ess);
    ck_assert_msg(fabs(q.mean - mean) < 4.5 * q.mcse, "parameter %zu: mean %g +- %g, not %g", d, q.mean, q.mcse, mean);
    ck_assert_msg(fabs(q.sd - sd) < 4.5 * sd / sqrt(2 * q.ess), "parameter %zu: sd %g, not %g (ess %g)", d, q.sd, sd, q.ess);
    ck_assert_msg(q.r_hat < 1.02, "parameter %zu: r_hat %g", d, q.r_hat);
}

/* A normal mean with a normal prior, N(0, 2^2), and five data of sd 1: precision 1/4 + 5, mean = sum / precision. */
static double conjugate(const double *x, size_t n)
{
    static const double data[] = {1.2, 0.4, 2.1, 1.7, 0.9};
    double log = -x[0] * x[0] / 8;
    for (size_t i = 0; i < 5; i++) {
        log -= (data[i] - x[0]) * (data[i] - x[0]) / 2;
    }
    return log + 0 * (double)n;
}

/* Covariance A A' with A lower triangular: spreads from 1 to 1e4 and correlations near 1. */
static double skew(const double *x, size_t n)
{
    double log = 0, z[MOST];
    for (size_t i = 0; i < n; i++) { /* x_i = 10^i z_i + sum_{j < i} 10^i z_j, solved for z */
        z[i] = x[i] / pow(10, (double)i);
        for (size_t j = 0; j < i; j++) {
            z[i] -= z[j];
        }
        log -= z[i] * z[i] / 2;
    }
    return log;
}

static double exponential(const double *x, size_t n)
{
    double log = 0;
    for (size_t i = 0; i < n; i++) {
        log -= x[i] > 0 ? x[i] : INFINITY;
    }
    return log;
}

static void check_method(msc_sample_method method, size_t steps)
{
    sampling s = begin(method, 1, 20, conjugate, -3, 3);
    double *kept = run(&s, steps);
    check_moments(&s, kept, steps, 0, 6.3 / 5.25, sqrt(1 / 5.25));
    msc_arena_free(s.arena);
    s = begin(method, 5, 30, skew, -1, 1);
    kept = run(&s, 4 * steps);
    for (size_t d = 0; d < 5; d++) {
        check_moments(&s, kept, 4 * steps, d, 0, pow(10, (double)d) * sqrt((double)d + 1));
    }
    msc_arena_free(s.arena);
    s = begin(method, 3, 30, exponential, 0.1, 2);
    kept = run(&s, 2 * steps);
    const msc_sample_summary q = msc_sample_summarise(s.arena, kept, 2 * steps, E, 30);
    ck_assert_msg(fabs(q.mean - 1) < 4.5 * q.mcse && q.ess > 500, "exponential: %g +- %g", q.mean, q.mcse);
    msc_arena_free(s.arena);
}

START_TEST(test_stretch)
{
    check_method(MSC_SAMPLE_STRETCH, 2000);
}
END_TEST

START_TEST(test_demcz)
{
    check_method(MSC_SAMPLE_DEMCZ, 2000);
}
END_TEST

/* Two modes that no move connects: the ensembles must be seen to disagree. */
static double two_modes(const double *x, size_t n)
{
    return -0.5 * fmin((x[0] - 100) * (x[0] - 100), (x[0] + 100) * (x[0] + 100)) + 0 * (double)n;
}

START_TEST(test_disagreement)
{
    sampling s = begin(MSC_SAMPLE_STRETCH, 1, 8, two_modes, 0, 1);
    double *start = MSC_NEW(s.arena, double, s.width);
    for (size_t k = 0; k < s.width; k++) {
        start[k] = (k / 8 == 0 ? 100 : -100) + 0.1 * (double)(k % 8);
    }
    const msc_sampler_options options = s.sampler.options;
    ck_assert(msc_sampler_begin(s.arena, &options, start, density, &s.problem, &s.sampler));
    const double *kept = run(&s, 400);
    const msc_sample_summary q = msc_sample_summarise(s.arena, kept, 400, E, 8);
    ck_assert_msg(q.r_hat > 10, "r_hat %g", q.r_hat);
    ck_assert_msg(q.ess < 16, "ess %g", q.ess);
    msc_arena_free(s.arena);
}
END_TEST

/* The error the sampler tells of its mean is the error it makes: over 60 seeds, (mean - truth) / mcse has variance 1,
 * within the exact bounds of chi-squared with 60 degrees at 99.9 % widened by what mcse itself is uncertain (a tenth). */
START_TEST(test_its_error_is_its_error)
{
    double sum = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        sampling s = begin(MSC_SAMPLE_STRETCH, 1, 10, conjugate, -1, 3);
        s.sampler.options.seed = seed;
        const double *kept = run(&s, 1000);
        const msc_sample_summary q = msc_sample_summarise(s.arena, kept, 1000, E, 10);
        const double z = (q.mean - 6.3 / 5.25) / q.mcse;
        sum += z * z / 60;
        msc_arena_free(s.arena);
    }
    ck_assert_msg(sum > 0.49 * 0.9 && sum < 1.77 * 1.1, "mean square %g", sum);
}
END_TEST

/* Of x' = r x + noise it is (1 + r) / (1 - r); the standard error of an estimate with a window of M steps is sqrt((4 M + 2) / N)
 * of it (Sokal 1997), M being five of it. What does not move at all has forgotten nothing: every lag counts. */
START_TEST(test_memory)
{
    enum { STEPS = 3000, WALKERS = 100 };
    const double r = 0.8, tau = (1 + r) / (1 - r);
    msc_arena *arena = msc_arena_new(NULL);
    double *x = MSC_NEW(arena, double, STEPS * WALKERS);
    for (uint32_t w = 0; w < WALKERS; w++) {
        for (uint64_t i = 0; i < STEPS; i++) {
            const double z = gsl_cdf_ugaussian_Pinv(msc_random_uniform(11, MSC_USE_WALK, i, w, 0));
            x[i * WALKERS + w] = 7 + (i == 0 ? z : r * (x[(i - 1) * WALKERS + w] - 7) + sqrt(1 - r * r) * z);
        }
    }
    const double error = sqrt((20 * tau + 2) / (STEPS * WALKERS));
    ck_assert_double_eq_tol(msc_sample_summarise(arena, x, STEPS, 4, WALKERS / 4).tau / tau, 1, 4.5 * error + 2 * exp(-5)); /* beyond the window */
    for (size_t i = 0; i < 45 * WALKERS; i++) {
        x[i] = (double)(i % WALKERS);
    }
    ck_assert_double_eq_tol(msc_sample_summarise(arena, x, 45, 4, WALKERS / 4).tau, 1 + 2 * 44, 1e-9);
    for (size_t i = 0; i < 45; i++) {
        x[i] = 3;
    }
    ck_assert_double_eq(msc_sample_summarise(arena, x, 45, 1, 1).tau, 1); /* there is nothing to forget */
    msc_arena_free(arena);
}
END_TEST

/* Stopped in the middle of a step, and put back to an earlier one: the same bits. */
START_TEST(test_resumed)
{
    for (int method = 0; method < 2; method++) {
        sampling a = begin((msc_sample_method)method, 3, 12, exponential, 0.1, 2);
        sampling b = begin((msc_sample_method)method, 3, 12, exponential, 0.1, 2);
        for (int i = 0; i < 50; i++) {
            ck_assert(msc_sampler_step(&a.sampler, density, &a.problem));
            if (i < 20) {
                msc_sampler_replay(&b.sampler, a.sampler.x, a.sampler.log);
                continue;
            }
            for (long calls = 0; calls < (method == 0 ? 2 : 1); calls++) {
                b.problem.stop_after = calls;
                ck_assert(!msc_sampler_step(&b.sampler, density, &b.problem));
            }
            b.problem.stop_after = -1;
            ck_assert(msc_sampler_step(&b.sampler, density, &b.problem));
            ck_assert_mem_eq(a.sampler.x, b.sampler.x, a.width * 3 * sizeof(double));
        }
        ck_assert_uint_eq(a.sampler.accepted, b.sampler.accepted);
        msc_arena_free(a.arena);
        msc_arena_free(b.arena);
    }
}
END_TEST

static void check_refused(msc_sampler_options options, double x, const char *words)
{
    msc_arena *arena = msc_arena_new(NULL);
    problem p = {options.n, exponential, -1};
    if (MSC_CATCH(arena) == 0) {
        msc_sampler s;
        double start[1000];
        for (size_t i = 0; i < 1000; i++) {
            start[i] = x;
        }
        (void)!msc_sampler_begin(arena, &options, start, density, &p, &s);
        ck_abort_msg("accepted: %s", words);
    }
    ck_assert_str_eq(arena->error.message, words);
    msc_arena_free(arena);
}

START_TEST(test_refusals)
{
    check_refused((msc_sampler_options){MSC_SAMPLE_STRETCH, 0, 4, 8, 1}, 1, "a sampler needs a parameter and an ensemble");
    check_refused((msc_sampler_options){MSC_SAMPLE_STRETCH, 3, 4, 7, 1}, 1,
                  "an ensemble for 3 parameters has at least 8 walkers, an even number, not 7");
    check_refused((msc_sampler_options){MSC_SAMPLE_STRETCH, 3, 4, 9, 1}, 1,
                  "an ensemble for 3 parameters has at least 8 walkers, an even number, not 9");
    check_refused((msc_sampler_options){MSC_SAMPLE_DEMCZ, 3, 4, 2, 1}, 1,
                  "an ensemble for 3 parameters has at least 3 walkers, not 2");
    check_refused((msc_sampler_options){MSC_SAMPLE_DEMCZ, 3, 4, 5, 1}, -1, "walker 0 starts where there is no density");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sample");
    TCase *tests = tcase_create("sample");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_stretch);
    tcase_add_test(tests, test_demcz);
    tcase_add_test(tests, test_disagreement);
    tcase_add_test(tests, test_memory);
    tcase_add_test(tests, test_its_error_is_its_error);
    tcase_add_test(tests, test_resumed);
    tcase_add_test(tests, test_refusals);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
