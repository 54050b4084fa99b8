/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Optima at the ends of what is allowed: least squares and densities in boxes, against every set of held coordinates tried
 * in turn. */
#include "fit/optimise.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

#include "support/suite.h"

enum { N = 4, M = 7, PROBLEMS = 300 };

/* Residuals a x - b, and what they are asked for. */
typedef struct {
    size_t n;
    double a[M][N], b[M], low[N], high[N];
    size_t outside; /* points beyond the ends */
} problem;

/* Between -1 and 1, the same everywhere. */
static double next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 4503599627370496.0 - 1;
}

static problem problem_of(uint64_t number)
{
    uint64_t state = number * 977 + 5;
    problem p = {.n = 1 + number % N};
    for (int i = 0; i < 20; i++) {
        (void)next(&state);
    }
    for (size_t k = 0; k < p.n; k++) {
        const double a = 2 * next(&state), width = 0.2 + fabs(next(&state));
        p.low[k] = number % 7 == 3 && k == 0 ? (double)-INFINITY : a, p.high[k] = number % 5 == 3 ? (double)INFINITY : a + width;
    }
    for (size_t i = 0; i < M; i++) {
        p.b[i] = 3 * next(&state);
        for (size_t k = 0; k < p.n; k++) {
            p.a[i][k] = next(&state) * (k % 2 ? 30 : 1); /* of very different weight */
        }
    }
    return p;
}

static void watch(problem *p, const double *x)
{
    for (size_t k = 0; k < p->n; k++) {
        p->outside += !(x[k] >= p->low[k] && x[k] <= p->high[k]);
    }
}

static double squares_of(const problem *p, const double *x, double *residual)
{
    double sum = 0;
    for (size_t i = 0; i < M; i++) {
        residual[i] = -p->b[i];
        for (size_t k = 0; k < p->n; k++) {
            residual[i] += p->a[i][k] * x[k];
        }
        sum += residual[i] * residual[i];
    }
    return sum;
}

static bool squares(void *context, const double *x, double *residual, double *jacobian)
{
    problem *p = context;
    watch(p, x);
    (void)squares_of(p, x, residual);
    for (size_t i = 0; i < M; i++) {
        memcpy(jacobian + i * p->n, p->a[i], p->n * sizeof *jacobian);
    }
    return true;
}

static bool density(void *context, const double *x, double *log, double *slope)
{
    problem *p = context;
    double residual[M];
    watch(p, x);
    *log = -squares_of(p, x, residual) / 2;
    for (size_t k = 0; k < p->n; k++) {
        slope[k] = 0;
        for (size_t i = 0; i < M; i++) {
            slope[k] -= residual[i] * p->a[i][k];
        }
    }
    return true;
}

/* Not the right one: half, and a bit. */
static void metric(void *context, const double *x, double *h)
{
    const problem *p = context;
    (void)x;
    for (size_t k = 0; k < p->n; k++) {
        for (size_t j = 0; j < p->n; j++) {
            h[k * p->n + j] = k == j ? 0.3 : 0;
            for (size_t i = 0; i < M; i++) {
                h[k * p->n + j] += 0.5 * p->a[i][k] * p->a[i][j];
            }
        }
    }
}

/* Every coordinate free, or held at its low or its high end: the best of those that come out inside. */
static double least(const problem *p, double *best)
{
    double lowest = INFINITY;
    size_t all = 1;
    for (size_t k = 0; k < p->n; k++) {
        all *= 3;
    }
    for (size_t set = 0; set < all; set++) {
        double x[N] = {0}, residual[M], a[M * N];
        size_t is_free[N], n = 0, code = set;
        bool fine = true;
        for (size_t k = 0; k < p->n; k++, code /= 3) {
            x[k] = code % 3 == 1 ? p->low[k] : code % 3 == 2 ? p->high[k] : 0;
            fine = fine && isfinite(x[k]);
            is_free[n] = k, n += code % 3 == 0;
        }
        if (!fine) {
            continue;
        }
        (void)squares_of(p, x, residual);
        if (n > 0) {
            gsl_matrix_view m = gsl_matrix_view_array(a, M, n);
            gsl_vector_view b = gsl_vector_view_array(residual, M), solution, rest;
            double tau[N], found[N], left[M];
            for (size_t i = 0; i < M; i++) {
                for (size_t k = 0; k < n; k++) {
                    gsl_matrix_set(&m.matrix, i, k, -p->a[i][is_free[k]]);
                }
            }
            gsl_vector_view t = gsl_vector_view_array(tau, n);
            solution = gsl_vector_view_array(found, n), rest = gsl_vector_view_array(left, M);
            ck_assert_int_eq(gsl_linalg_QR_decomp(&m.matrix, &t.vector), 0);
            ck_assert_int_eq(gsl_linalg_QR_lssolve(&m.matrix, &t.vector, &b.vector, &solution.vector, &rest.vector), 0);
            for (size_t k = 0; k < n; k++) {
                x[is_free[k]] = found[k];
                fine = fine && found[k] >= p->low[is_free[k]] && found[k] <= p->high[is_free[k]];
            }
        }
        const double sum = squares_of(p, x, residual);
        if (fine && sum < lowest) {
            lowest = sum;
            memcpy(best, x, sizeof x);
        }
    }
    return lowest;
}

static double inside_of(const problem *p, size_t k, double share)
{
    const bool low = isfinite(p->low[k]), high = isfinite(p->high[k]);
    return low && high ? p->low[k] + share * (p->high[k] - p->low[k]) : low ? p->low[k] + share : high ? p->high[k] - share : share;
}

static msc_optimum optimise(problem *p, int how, double *x)
{
    msc_objective o = {.n = p->n, .low = p->low, .high = p->high, .context = p};
    if (how == 0) {
        o.n_residual = M, o.squares = squares;
    } else {
        o.density = density, o.metric = how == 2 ? metric : NULL;
    }
    msc_arena *arena = msc_arena_new(NULL);
    msc_optimum r = {.end = MSC_OPTIMUM_NOWHERE};
    if (MSC_CATCH(arena) == 0) {
        r = msc_optimise(arena, &o, NULL, x);
    }
    ck_assert_int_eq(arena->error.status, MSC_OK);
    msc_arena_free(arena);
    return r;
}

/* From the middle, and from a corner: found, at the least there is, nothing asked beyond the ends. A sum of squares 2e-5 above
 * the least is within what a density may still rise by; the curvature of the problems (above 1e-3) makes that 0.2 in x at
 * worst, so it is the sum that is looked at. */
START_TEST(test_box)
{
    size_t at_ends = 0, given_up = 0;
    for (uint64_t i = 0; i < PROBLEMS; i++) {
        problem p = problem_of(i);
        double best[N], residual[M];
        const double want = least(&p, best);
        for (size_t k = 0; k < p.n; k++) {
            at_ends += best[k] <= p.low[k] || best[k] >= p.high[k];
        }
        for (int from = 0; from < 3; from++) {
            double x[N];
            for (size_t k = 0; k < p.n; k++) {
                x[k] = inside_of(&p, k, from / 2.0);
            }
            const msc_optimum r = optimise(&p, _i, x);
            const double got = squares_of(&p, x, residual);
            given_up += r.end == MSC_OPTIMUM_FLAT;
            ck_assert_msg(r.end == MSC_OPTIMUM_FOUND || (_i == 1 && r.end == MSC_OPTIMUM_FLAT), "problem %d from %d: %s, %g above", (int)i, from,
                          msc_optimum_text(r.end), got - want);
            ck_assert_msg(fabs(got - want) < (_i == 0 ? 1e-9 : 4e-5) * (1 + want), "problem %d from %d: %.12g, not %.12g", (int)i, from, got, want);
            ck_assert_double_eq_tol(r.log, -got / 2, 1e-9 * (1 + got));
            ck_assert_uint_eq(r.refused, 0);
            ck_assert_uint_eq(p.outside, 0);
        }
    }
    ck_assert_uint_lt(given_up, 9); /* coordinates of such different weight, and no metric: now and then, near the least, and it says so */
    ck_assert_uint_gt(at_ends, PROBLEMS / 3); /* or else this shows little */
}
END_TEST

/* Rosenbrock's valley, cut off at x <= 0.5: the least is at (0.5, 0.25), on the way along the valley. Starts on either side. */
static bool valley(void *context, const double *x, double *residual, double *jacobian)
{
    problem *p = context;
    watch(p, x);
    residual[0] = 10 * (x[1] - x[0] * x[0]), residual[1] = 1 - x[0];
    jacobian[0] = -20 * x[0], jacobian[1] = 10, jacobian[2] = -1, jacobian[3] = 0;
    return true;
}

static bool valley_density(void *context, const double *x, double *log, double *slope)
{
    double r[2], j[4];
    (void)valley(context, x, r, j);
    *log = -(r[0] * r[0] + r[1] * r[1]) / 2;
    slope[0] = -r[0] * j[0] - r[1] * j[2], slope[1] = -r[0] * j[1] - r[1] * j[3];
    return true;
}

START_TEST(test_valley)
{
    static const double starts[][2] = {{-1.2, 1}, {0.5, -2}, {0.4, 3}, {-3, -3}, {0.5, 0.25}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        problem p = {.n = 2, .low = {-4, -4}, .high = {0.5, 4}};
        const msc_objective o = {.n = 2, .n_residual = 2, .squares = _i == 0 ? valley : NULL, .density = _i == 0 ? NULL : valley_density,
                                 .low = p.low, .high = p.high, .context = &p};
        double x[2] = {starts[i][0], starts[i][1]};
        msc_arena *arena = msc_arena_new(NULL);
        const msc_optimum r = msc_optimise(arena, &o, NULL, x);
        msc_arena_free(arena);
        ck_assert_msg(r.end == MSC_OPTIMUM_FOUND, "start %zu: %s at %g %g", i, msc_optimum_text(r.end), x[0], x[1]);
        ck_assert_double_eq_tol(x[0], 0.5, 1e-9);
        ck_assert_double_eq_tol(x[1], 0.25, 1e-4);
        ck_assert_double_eq_tol(r.slope, 0, 0.02);
        ck_assert_uint_eq(p.outside, 0);
    }
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("ends");
    TCase *tests = tcase_create("ends");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_box, 0, 3);
    tcase_add_loop_test(tests, test_valley, 0, 2);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
