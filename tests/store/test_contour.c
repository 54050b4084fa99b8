/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Areas above levels and lines of levels, of a plane, where both are known; round numbers on scales. */
#include <math.h>

#include "support/suite.h"

#include "store/canvas.h"
#include "store/contour.h"

enum { N_X = 5, N_Y = 4 };
static const double x[N_X] = {0, 0.5, 1.25, 3, 4}, y[N_Y] = {-1, 0, 0.25, 2};
static double z[N_X * N_Y];

static double plane(double a, double b)
{
    return 2 * a - 3 * b + 1;
}

static msc_surface surface(void)
{
    for (int j = 0; j < N_Y; j++) {
        for (int i = 0; i < N_X; i++) {
            z[j * N_X + i] = plane(x[i], y[j]);
        }
    }
    return (msc_surface){N_X, N_Y, x, y, z};
}

static void add_area(void *context, size_t n, const double (*c)[2])
{
    double area = 0;
    ck_assert(n >= 3 && n <= 5);
    for (size_t i = 0; i < n; i++) {
        area += (c[i][0] * c[(i + 1) % n][1] - c[(i + 1) % n][0] * c[i][1]) / 2;
    }
    *(double *)context += fabs(area);
}

typedef struct {
    double level, length;
} line;

static void add_length(void *context, size_t n, const double (*c)[2])
{
    line *l = context;
    ck_assert_uint_eq(n, 2);
    for (int k = 0; k < 2; k++) {
        ck_assert_double_eq_tol(plane(c[k][0], c[k][1]), l->level, 1e-12);
    }
    l->length += hypot(c[1][0] - c[0][0], c[1][1] - c[0][1]);
}

/* Of the level at which the line runs from the lower left to (4, 5/3): a triangle above and one below. */
START_TEST(a_plane_is_cut_where_it_is)
{
    const msc_surface s = surface();
    const double level = plane(0, -1), right = -1 + 4 * 2 / 3.0;
    double above = 0, below = 0, all = 0, none = 0;
    line l = {level, 0};
    msc_contour_above(&s, level, add_area, &above);
    msc_contour_below(&s, level, add_area, &below);
    msc_contour_above(&s, -INFINITY, add_area, &all);
    msc_contour_above(&s, 100, add_area, &none);
    msc_contour_line(&s, level, add_length, &l);
    ck_assert_double_eq_tol(above, 4 * (right + 1) / 2, 1e-12);
    ck_assert_double_eq_tol(above + below, 12, 1e-12);
    ck_assert_double_eq_tol(all, 12, 1e-12);
    ck_assert_double_eq(none, 0);
    ck_assert_double_eq_tol(l.length, hypot(4, right + 1), 1e-12);
}
END_TEST

START_TEST(cells_without_a_corner_are_left_out)
{
    const msc_surface s = surface();
    double all = 0;
    line l = {1, 0};
    z[1 * N_X + 1] = NAN; /* four cells of 1.25 by 1.25 */
    msc_contour_above(&s, -INFINITY, add_area, &all);
    msc_contour_line(&s, 1, add_length, &l); /* from (0, 0) to (3, 2), which leaves them at y = 0.25 */
    ck_assert_double_eq_tol(all, 12 - 1.25 * 1.25, 1e-12);
    ck_assert_double_eq_tol(l.length, hypot(3 - 0.375, 2 - 0.25), 1e-12);
}
END_TEST

static void expect(const double *got, size_t n, const double *want, size_t n_want)
{
    ck_assert_uint_eq(n, n_want);
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol(got[i], want[i], 1e-9 * fabs(want[i]) + 1e-12 * (want[i] == 0));
    }
}
#define EXPECT(got, n, ...) expect(got, n, (const double[]){__VA_ARGS__}, sizeof(double[]){__VA_ARGS__} / sizeof(double))

START_TEST(scales_have_round_numbers)
{
    double t[MSC_TICKS];
    EXPECT(t, msc_scale_ticks(-0.3, 2.1, false, 5, t), 0, 0.5, 1, 1.5, 2);
    EXPECT(t, msc_scale_levels(-0.3, 2.1, false, 5, t), -0.5, 0, 0.5, 1, 1.5, 2, 2.5);
    EXPECT(t, msc_scale_ticks(0.9, 1100, true, 4, t), 1, 10, 100, 1000);
    EXPECT(t, msc_scale_levels(3, 120, true, 6, t), 2, 5, 10, 20, 50, 100, 200);
    EXPECT(t, msc_scale_levels(0.01, 0.2, true, 4, t), 0.01, 0.02, 0.05, 0.1, 0.2);
    EXPECT(t, msc_scale_levels(1e-14, 1e10, true, 8, t), 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9, 1e12);
    EXPECT(t, msc_scale_ticks(7, 7, true, 6, t), 7);
    EXPECT(t, msc_scale_levels(7, 7, false, 6, t), 6, 7, 8);
    EXPECT(t, msc_scale_levels(0, 0, false, 6, t), -1, 0, 1);
}
END_TEST

/* Whatever the ends: ascending, around them, never too many. */
START_TEST(levels_hold_what_is_between)
{
    for (int i = -9; i < 9; i++) {
        for (int k = 1; k < 200; k++) {
            double t[MSC_TICKS];
            const double low = 1.37 * pow(10, i), high = low * (1 + pow(1.13, k) / 100);
            for (int log = 0; log < 2; log++) {
                const size_t n = msc_scale_levels(low, high, log, 9, t);
                ck_assert_msg(n >= 2 && n <= 24, "%g to %g: %zu levels", low, high, n);
                ck_assert_double_le(t[0], low * (1 + 1e-8));
                ck_assert_double_ge(t[n - 1], high * (1 - 1e-8));
                for (size_t j = 1; j < n; j++) {
                    ck_assert_double_gt(t[j], t[j - 1]);
                }
            }
        }
    }
}
END_TEST

START_TEST(numbers_are_short)
{
    char text[MSC_NUMBER];
    ck_assert_str_eq(msc_round_text(text, 0), "0");
    ck_assert_str_eq(msc_round_text(text, 0.001), "0.001");
    ck_assert_str_eq(msc_round_text(text, -350), "-350");
    ck_assert_str_eq(msc_round_text(text, 1e6), "10⁶");
    ck_assert_str_eq(msc_round_text(text, 2.5e-12), "2.5·10⁻¹²");
    ck_assert_double_eq(msc_scale_unit(4e7), 1e6);
    ck_assert_double_eq(msc_scale_unit(4e3), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("contour");
    TCase *tests = tcase_create("contour");
    tcase_add_test(tests, a_plane_is_cut_where_it_is);
    tcase_add_test(tests, cells_without_a_corner_are_left_out);
    tcase_add_test(tests, scales_have_round_numbers);
    tcase_add_test(tests, levels_hold_what_is_between);
    tcase_add_test(tests, numbers_are_short);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
