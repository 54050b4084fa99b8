/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves of figures: which of them a dose interrupts, none that look the same; names and numbers that do not touch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

#include "store/canvas.h"
#include "store/figure_curve.h"

enum { N = 9, DOSE = 4 };
static const bool dosed[N] = {[DOSE] = true};

/* Does a curve with these values, two hours apart, join over the dose at the fifth? */
static bool joins(const double *y)
{
    double time[N];
    for (size_t i = 0; i < N; i++) {
        time[i] = 2 * (double)i;
    }
    const msc_figure f = {.n_time = N, .time = time, .jump = dosed};
    return msc_figure_joins(&f, y, 1, DOSE);
}

static void fill(double y[N], double (*of)(double))
{
    for (size_t i = 0; i < N; i++) {
        y[i] = of(2 * (double)i);
    }
}

static double line(double t)
{
    return 3 - 0.2 * t;
}

static double peak(double t)
{
    return t * exp(-t / 8); /* highest at the dose itself */
}

static double rise(double t)
{
    return 1 / (1 + exp((8 - t) / 2));
}

static double decay(double t)
{
    return exp(-t / 2);
}

START_TEST(what_no_dose_moves_is_not_interrupted)
{
    double (*const smooth[])(double) = {line, peak, rise, decay};
    double y[N];
    for (size_t k = 0; k < sizeof smooth / sizeof *smooth; k++) {
        fill(y, smooth[k]);
        ck_assert_msg(joins(y), "curve %zu", k);
    }
    memcpy(y, (double[N]){5, 5, 5, 5, 5, 6, 7, 8, 9}, sizeof y); /* fed by what the dose moves */
    ck_assert(joins(y));
    memcpy(y, (double[N]){9, 8, 7, 6, 5, 9, 8, 7, 6}, sizeof y);
    ck_assert(joins(y));
}
END_TEST

/* What a dose adds or takes, by a tenth of the curve's height or more, on any slope. */
START_TEST(what_a_dose_moves_jumps)
{
    double (*const smooth[])(double) = {line, peak, rise, decay};
    const double by[] = {1, 3, -1};
    double y[N];
    for (size_t k = 0; k < sizeof smooth / sizeof *smooth; k++) {
        for (size_t j = 0; j < 3; j++) {
            fill(y, smooth[k]);
            const double height = fmax(y[0], fmax(y[DOSE], y[N - 1]));
            for (size_t i = DOSE; i < N; i++) {
                y[i] += by[j] * height;
            }
            ck_assert_msg(!joins(y), "curve %zu by %g", k, by[j]);
        }
    }
    memcpy(y, (double[N]){10, 5, 2.5, 1.25, 10.6, 5.3, 2.7, 1.3, 0.7}, sizeof y); /* teeth of a saw */
    ck_assert(!joins(y));
    memcpy(y, (double[N]){0, 0, 0, 0, 2, 7, 11, 14, 16}, sizeof y); /* and up from there */
    ck_assert(!joins(y));
    memcpy(y, (double[N]){0, 0, 0, (double)NAN, 2, 7, 11, 14, 16}, sizeof y);
    ck_assert(!joins(y));
}
END_TEST

static bool same(const msc_curve *a, const msc_curve *b)
{
    return strcmp(msc_canvas_colour(a->colour), msc_canvas_colour(b->colour)) == 0 &&
           ((!a->y && !b->y) || strcmp(msc_figure_dash(a->dash), msc_figure_dash(b->dash)) == 0);
}

START_TEST(no_two_curves_look_the_same)
{
    static const double y[1] = {0};
    for (unsigned rows = 1; rows <= 9; rows++) { /* elements of two indices, as many as there are places in a panel */
        msc_curve c[MSC_FIGURE_CURVES];
        for (unsigned i = 0; i < MSC_FIGURE_CURVES; i++) {
            c[i] = (msc_curve){.y = y, .colour = i / rows, .dash = i % rows};
        }
        msc_figure_tell_apart(c, MSC_FIGURE_CURVES);
        for (size_t i = 0; i < MSC_FIGURE_CURVES; i++) {
            for (size_t k = 0; k < i; k++) {
                ck_assert_msg(!same(&c[i], &c[k]), "%zu and %zu of %u rows", i, k, rows);
            }
        }
    }
    /* seven nuclides in two organs: one organ has one dash, one nuclide one colour */
    msc_curve c[MSC_FIGURE_CURVES];
    for (unsigned i = 0; i < 14; i++) {
        c[i] = (msc_curve){.y = y, .colour = 1 + i / 7, .dash = i % 7};
    }
    msc_figure_tell_apart(c, 14);
    for (unsigned i = 0; i < 14; i++) {
        ck_assert_uint_eq(c[i].colour, i % 7);
        ck_assert_uint_eq(c[i].dash, i / 7);
    }
    /* those that differ stay as they are; bands differ by colour */
    msc_curve few[3] = {{.y = y, .colour = 5, .dash = 3}, {.y = y, .colour = 5}, {.low = y, .high = y, .colour = 5}};
    msc_figure_tell_apart(few, 3);
    ck_assert(few[0].colour == 5 && few[0].dash == 3 && few[1].colour == 5 && few[2].colour == 5);
    few[0].y = few[1].y = NULL;
    msc_figure_tell_apart(few, 3);
    ck_assert(!same(&few[0], &few[1]) && !same(&few[1], &few[2]) && !same(&few[0], &few[2]));
}
END_TEST

START_TEST(numbers_below_an_axis_do_not_touch)
{
    for (double low = 1e-7; low < 1e8; low *= 10) {
        for (double span = 1.3; span < 1e9; span *= 2.1) {
            for (int log = 0; log < 2; log++) {
                double tick[MSC_TICKS], high = low * span, end = -INFINITY;
                const size_t n = msc_scale_ticks_within(low, high, log, 6, 330, tick);
                ck_assert_uint_ge(n, 2);
                for (size_t i = 0; i < n; i++) {
                    char text[MSC_NUMBER];
                    const double share = log ? log10(tick[i] / low) / log10(high / low) : (tick[i] - low) / (high - low);
                    const double half = 0.5 * MSC_LETTER * (double)msc_letters(msc_round_text(text, tick[i]));
                    ck_assert_msg(share * 330 - half > end, "%s of %g to %g", text, low, high);
                    end = share * 330 + half;
                }
            }
        }
    }
}
END_TEST

/* The script of a figure of one curve over N times. */
static char *script_of(const msc_curve *curve, size_t n_dose, const double *dose)
{
    static const double time[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, tick[2] = {0, 8};
    const msc_panel panel = {.name = "live", .unit = "cell", .n_curve = 1, .curve = curve};
    const msc_figure f = {.time_label = "time", .n_time = N, .time = time, .jump = dosed, .tick = tick, .n_tick = 2,
                          .n_dose = n_dose, .dose = dose, .n_panel = 1, .panel = &panel};
    char *script = NULL;
    ck_assert_int_eq(msc_figure_script(&f, MSC_FIGURE_SVG, &script, NULL), MSC_OK);
    return script;
}

/* A tooth of a saw: known values, and from the last of them a thin edge. */
START_TEST(an_edge_stands_at_the_dose)
{
    static const double y[N] = {80, 40, 20, 10, 85, 42, 21, 10, 5}, smooth[N] = {80, 70, 60, 50, 40, 30, 20, 10, 0};
    const msc_curve line_ = {.y = y, .stride = 1}, band = {.low = smooth, .high = y, .stride = 1}, joined = {.y = smooth, .stride = 1};
    char *script = script_of(&line_, 0, NULL);
    ck_assert_ptr_nonnull(strstr(script, "3 10\n\n4 85\n"));
    ck_assert_ptr_nonnull(strstr(script, "$j0_0 << END\n3 10\n4 10\n4 85\n\nEND\n"));
    ck_assert_ptr_nonnull(strstr(script, "$j0_0 using 1:2 with lines lw 0.7"));
    free(script);
    script = script_of(&joined, 0, NULL);
    ck_assert_ptr_nonnull(strstr(script, "3 50\n4 40\n"));
    ck_assert_ptr_null(strstr(script, "$j0_0"));
    free(script);
    script = script_of(&band, 0, NULL); /* only one of its edges jumps */
    ck_assert_ptr_nonnull(strstr(script, "3 50 10\n4 40 10\n4 40 85\n"));
    ck_assert_ptr_null(strstr(script, "$j0_0"));
    free(script);
}
END_TEST

START_TEST(names_of_doses_do_not_touch)
{
    static const double y[N] = {0};
    static const struct {
        size_t n;
        double dose[5];
        const char *with[3], *without;
    } row[] = {{2, {0, 8}, {"'dose 1'", "'dose 2'", ""}, "doses"},
               {2, {2, 2.5}, {"'doses 1, 2'", "", ""}, "'dose 1'"},
               {2, {4, 4.8}, {"'doses 1, 2'", "", ""}, "'dose 1'"},
               {2, {4, 5}, {"'dose 1'", "'dose 2'", ""}, "doses"},
               {3, {2, 2.2, 2.5}, {"'doses 1\xE2\x80\x93" "3'", "", ""}, "'dose 1'"},
               {5, {0, 0.5, 4, 7, 7.5}, {"'doses 1, 2'", "'dose 3'", "'doses 4, 5'"}, "'dose 1'"}};
    const msc_curve curve = {.y = y, .stride = 1};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *script = script_of(&curve, row[i].n, row[i].dose);
        for (int k = 0; k < 3; k++) {
            ck_assert_msg(strstr(script, row[i].with[k]) != NULL, "row %zu: no %s", i, row[i].with[k]);
        }
        ck_assert_msg(strstr(script, row[i].without) == NULL, "row %zu: %s", i, row[i].without);
        free(script);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("figure");
    TCase *tc = tcase_create("figure");
    tcase_add_test(tc, what_no_dose_moves_is_not_interrupted);
    tcase_add_test(tc, what_a_dose_moves_jumps);
    tcase_add_test(tc, no_two_curves_look_the_same);
    tcase_add_test(tc, numbers_below_an_axis_do_not_touch);
    tcase_add_test(tc, an_edge_stands_at_the_dose);
    tcase_add_test(tc, names_of_doses_do_not_touch);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
