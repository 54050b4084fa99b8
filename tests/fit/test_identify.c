/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sensitivity matrices whose answers are known; profiles of densities whose profiles are known. */
#include "fit/identify.h"

#include <gsl/gsl_errno.h>
#include <math.h>

#include "support/suite.h"

static msc_arena *arena;

static void setup(void)
{
    gsl_set_error_handler_off();
    arena = msc_arena_new(NULL);
}

static void teardown(void)
{
    msc_arena_free(arena);
}

/* Columns (3, 0, 0), (0, 0.1, 0), (0, 0, 0): one direction told, one that is not, one without any response. */
START_TEST(test_apart)
{
    const double s[] = {3, 0, 0, 0, 0.1, 0, 0, 0, 0};
    const msc_identifiability id = msc_identify(arena, s, 3, 3);
    ck_assert_uint_eq(id.rank, 2);
    ck_assert_uint_eq(id.told, 1);
    ck_assert(isinf(id.condition));
    ck_assert_double_eq_tol(id.singular[0], 3, 1e-14);
    ck_assert_double_eq_tol(id.singular[1], 0.1, 1e-15);
    ck_assert_double_eq_tol(id.response[0], 3, 1e-14);
    ck_assert(id.response[2] == 0);
    for (int k = 0; k < 3; k++) {
        ck_assert_double_eq_tol(id.tied[k], 0, 1e-7);
    }
}
END_TEST

/* Two parameters that act alike but for 1e-3: told together, not apart; fewer data than parameters. */
START_TEST(test_traded)
{
    const double s[] = {10, 10, 0, 0, 0.01, 5};
    const msc_identifiability id = msc_identify(arena, s, 2, 3);
    size_t which[3];
    ck_assert_uint_eq(id.rank, 2);
    ck_assert_uint_eq(id.told, 2);
    ck_assert_uint_eq(msc_identify_partners(&id, 2, which), 2); /* along (1, -1) nothing changes */
    ck_assert_uint_lt(which[0], 2);
    ck_assert_uint_lt(which[1], 2);
    const double *part = id.direction + 2 * 3;
    ck_assert_double_eq_tol(part[0], -part[1], 1e-3);
    ck_assert_double_eq_tol(id.tied[0], 1, 1e-6);
    /* the third column is (0, 5), the others span the plane: it is tied as well */
    ck_assert_double_eq_tol(id.tied[2], 1, 1e-6);
    const double t[] = {1, 1, 1, -1, 0, 0}; /* at right angles */
    const msc_identifiability apart = msc_identify(arena, t, 3, 2);
    ck_assert_double_eq_tol(apart.tied[0], 0, 1e-7);
    ck_assert_double_eq_tol(apart.condition, 1, 1e-12);
}
END_TEST

/* cos of the angle between two columns is how far they are tied. */
START_TEST(test_angle)
{
    const double angle = 0.3, s[] = {1, 4 * cos(angle), 0, 4 * sin(angle)};
    const msc_identifiability id = msc_identify(arena, s, 2, 2);
    ck_assert_double_eq_tol(id.tied[0], cos(angle), 1e-12);
    ck_assert_double_eq_tol(id.tied[1], cos(angle), 1e-12);
}
END_TEST

/* -q / 2 with q = x' A x; the profile of x_k is - x_k^2 / (2 (A^-1)_kk). */
static const double A[3][3] = {{4, 1, 0.5}, {1, 2, -0.3}, {0.5, -0.3, 1}};
static const double inverse_00 = (2 * 1 - 0.3 * 0.3) / (4 * (2 - 0.09) - 1 * (1 + 0.15) + 0.5 * (-0.3 - 1));

static bool normal(void *context, const double *x, double *log, double *slope)
{
    (void)context;
    *log = 0;
    for (int i = 0; i < 3; i++) {
        slope[i] = 0;
        for (int j = 0; j < 3; j++) {
            slope[i] -= A[i][j] * x[j];
        }
        *log += 0.5 * slope[i] * x[i];
    }
    return true;
}

START_TEST(test_profile_of_a_normal)
{
    const msc_objective o = {.n = 3, .density = normal};
    const double best[3] = {0, 0, 0}, drop = 1.9207;
    const msc_profile p = msc_profile_of(arena, &o, best, 0, 0, -50, 50, drop);
    const double end = sqrt(2 * drop * inverse_00);
    ck_assert(!p.open_low && !p.open_high && !p.better);
    ck_assert_double_eq_tol(p.high, end, 2e-3 * end);
    ck_assert_double_eq_tol(p.low, -end, 2e-3 * end);
    for (size_t i = 1; i < p.n; i++) {
        ck_assert(p.x[i] > p.x[i - 1]);
    }
    const msc_profile near = msc_profile_of(arena, &o, best, 0, 0, -0.1 * end, 50, drop);
    ck_assert(near.open_low && !near.open_high);
    ck_assert_double_eq_tol(near.low, -0.1 * end, 1e-12);
}
END_TEST

/* -exp(-x): falls to the left, and to the right comes nowhere lower: open; nothing beyond 3. */
static bool one_sided(void *context, const double *x, double *log, double *slope)
{
    (void)context;
    *log = -exp(-x[0]), slope[0] = exp(-x[0]);
    return x[0] < 3;
}

START_TEST(test_profile_that_is_open)
{
    const msc_objective o = {.n = 1, .density = one_sided};
    const double best[1] = {2.9};
    const msc_profile p = msc_profile_of(arena, &o, best, -exp(-2.9), 0, -10, 10, 1.9207);
    ck_assert(p.open_high && !p.open_low);
    ck_assert_double_eq_tol(p.low, -log(1.9207 + exp(-2.9)), 1e-3);
    ck_assert(p.refused > 0 && p.high < 3);
}
END_TEST

/* Two humps, the higher one elsewhere: the optimum given was none. */
static bool two_humps(void *context, const double *x, double *log, double *slope)
{
    (void)context;
    const double a = exp(-0.5 * x[0] * x[0]), b = 2 * exp(-0.5 * (x[0] - 3) * (x[0] - 3));
    *log = log1p(a + b - 1), slope[0] = (-x[0] * a - (x[0] - 3) * b) / (a + b);
    return true;
}

START_TEST(test_profile_finds_better)
{
    const msc_objective o = {.n = 1, .density = two_humps};
    const double best[1] = {0};
    double log = 0, slope = 0;
    two_humps(NULL, best, &log, &slope);
    const msc_profile p = msc_profile_of(arena, &o, best, log, 0, -5, 8, 1.9207);
    ck_assert(p.better);
    ck_assert_double_eq_tol(p.point[0], 3, 0.5);
}
END_TEST

/* Two independent parameters of variance 1 and 4; a datum s = (a, 0) leaves 1 / (1 + a^2) of the first. */
START_TEST(test_gain)
{
    const double c[] = {1, 0, 0, 4}, row[] = {3, 0}, both[] = {1, 1};
    ck_assert_double_eq_tol(msc_measurement_gain(c, row, 2, 0), 1 / 10.0, 1e-15);
    ck_assert_double_eq_tol(msc_measurement_gain(c, row, 2, 1), 1, 1e-15);
    ck_assert_double_eq_tol(msc_measurement_gain(c, both, 2, 1), 1 - 16 / (6.0 * 4), 1e-15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identify");
    TCase *tests = tcase_create("identify");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_apart);
    tcase_add_test(tests, test_traded);
    tcase_add_test(tests, test_angle);
    tcase_add_test(tests, test_profile_of_a_normal);
    tcase_add_test(tests, test_profile_that_is_open);
    tcase_add_test(tests, test_profile_finds_better);
    tcase_add_test(tests, test_gain);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
