/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: where min, max, abs, if or a table depends on time and parameters alone, the place at which
 * it changes is a stop, to the last bits of time, and there is no other; so the solution has no error
 * from the kink (closed form, 10 rtol). A value at a stop is the one after it, its other side is there
 * if asked for. A condition on the state makes no stop and is met to the tolerance. */
#include <float.h>
#include <math.h>

#include "scenario/scenario.h"
#include "support/lab.h"
#include "support/suite.h"

static const double RTOL = 1e-9, FACTOR = 10.0, LOSS = 0.2, END = 12.0;

enum { PIECES = 5 };

/* feed: what is fed, in cells/h; pieces: from .. to .. it is linear from low to high. */
typedef struct {
    const char *feed;
    int n;
    struct {
        double to, low, high;
    } piece[PIECES];
} kinked;

static const kinked kinks[] = {
    {"100 cell/h/h * max(time - 3.7 h, 0)", 2, {{3.7, 0, 0}, {12, 0, 830}}},
    {"100 cell/h/h * max(0, time - onset)", 2, {{2.9, 0, 0}, {12, 0, 910}}},
    {"100 cell/h/h * abs(time - 5.3 h)", 2, {{5.3, 530, 0}, {12, 0, 670}}},
    {"100 cell/h/h * min(time, 4.1 h)", 2, {{4.1, 0, 410}, {12, 410, 410}}},
    {"100 cell/h/h * max(min(time, 6 h) - 2 h, 0)", 3, {{2, 0, 0}, {6, 0, 400}, {12, 400, 400}}},
    {"if(time > 2.5 h and time < 6.25 h, 500 cell/h, 100 cell/h)", 3, {{2.5, 100, 100}, {6.25, 500, 500}, {12, 100, 100}}},
    {"if(not (time < 1.1 h) or time > 1e3 h, 500 cell/h, 100 cell/h)", 2, {{1.1, 100, 100}, {12, 500, 500}}},
    {"if(strength * time >= 7.7 h, 300 cell/h, 0)", 2, {{3.85, 0, 0}, {12, 300, 300}}},
    {"fed", 4, {{1, 40, 40}, {4, 40, 300}, {9.5, 300, 25}, {12, 25, 25}}},
};
enum { KINKS = sizeof kinks / sizeof *kinks };

static lab *feed(const char *text, const char *output)
{
    return lab_text(
        lab_format("parameters: { onset = { unit = \"h\"; value = 2.9; }; strength = { unit = \"1\"; value = 2.0; }; };\n"
                   "amounts: { a = { unit = \"cell\"; }; };\n"
                   "variables: { fed = { unit = \"cell/h\"; table = { of = \"time\"; unit = \"h\"; at = [1.0, 4.0, 9.5]; is = [40.0, 300.0, 25.0]; }; };\n"
                   "             flow = { unit = \"cell/h\"; value = \"%s\"; }; };\n"
                   "processes: { feed = { to = \"a\"; rate = \"flow\"; }; lose = { from = \"a\"; hazard = \"0.2 1/h\"; }; };\n"
                   "routes: { in = { to = \"a\"; }; };\n"
                   "outputs: { a = { }; flow = { }; };\n",
                   text),
        lab_format("%s solver = { rtol = %g; };\n", output, RTOL), NULL);
}

/* What a piece (from .. to, linear from low to high) leaves after `h` hours in it. */
static double after(double a, double low, double slope, double h)
{
    const double gone = -expm1(-LOSS * h);
    return a * exp(-LOSS * h) + low * gone / LOSS + slope * (h / LOSS - gone / (LOSS * LOSS));
}

static double want(const kinked *k, double t)
{
    double a = 0.0, from = 0.0;
    for (int i = 0; i < k->n; i++) {
        const double slope = (k->piece[i].high - k->piece[i].low) / (k->piece[i].to - from);
        a = after(a, k->piece[i].low, slope, fmin(t, k->piece[i].to) - from);
        from = k->piece[i].to;
        if (t <= from) {
            break;
        }
    }
    return a;
}

START_TEST(a_kink_in_time_is_a_stop)
{
    const kinked *k = &kinks[_i];
    lab *l = feed(k->feed, "output = { until = \"12 h\"; every = \"0.3 h\"; };");
    const msc_engine_job *job = &lab_result(l)->prepared.job;
    ck_assert_uint_eq(job->n_stop, (size_t)k->n + 1);
    for (int i = 0; i < k->n; i++) {
        lab_near(job->stop[i + 1], k->piece[i].to, 4.0 * DBL_EPSILON, k->piece[i].to, k->feed);
    }
    double scale = 0.0;
    for (double t = 0.0; t <= END; t += 0.3) {
        scale = fmax(scale, want(k, t));
    }
    for (int i = 0; i <= 40; i++) {
        lab_near(lab_at(l, "a", 0.3 * i), want(k, 0.3 * i), FACTOR * RTOL, scale, k->feed);
    }
    lab_free(l);
}
END_TEST

START_TEST(a_value_at_a_stop_is_the_one_after)
{
    lab *l = feed("if(time >= 3 h, 500 cell/h, 100 cell/h)",
                  "regimen = ( { route = \"in\"; at = \"6 h\"; dose = \"1e4 cell\"; } );\n"
                  "output = { until = \"12 h\"; times = [\"3 h\"]; both_sides = true; };");
    ck_assert_double_eq(lab_at(l, "flow", 3.0), 500.0);
    const double *time;
    const size_t n = lab_times(l, &time);
    size_t at = n;
    for (size_t i = 0; i + 1 < n; i++) {
        at = time[i] == 6.0 && time[i + 1] == 6.0 ? i : at;
    }
    ck_assert_uint_lt(at, n);
    size_t width;
    const double before = *lab_row(l, "a", at, &width), behind = *lab_row(l, "a", at + 1, &width);
    lab_near(behind - before, 1e4, FACTOR * RTOL, 1e4, "the dose");
    lab_free(l);
}
END_TEST

/* a' = 300, above 500 cells 150, both less the loss: crosses once. The error estimate of the step that
 * crosses is of low order: it is met to five times what smooth steps are. */
START_TEST(a_kink_in_the_state_is_no_stop)
{
    lab *l = feed("if(a < 500 cell, 300 cell/h, 150 cell/h)", "output = { until = \"12 h\"; every = \"0.3 h\"; };");
    ck_assert_uint_eq(lab_result(l)->prepared.job.n_stop, 2);
    const double crossing = -log1p(-500.0 * LOSS / 300.0) / LOSS;
    for (int i = 0; i <= 40; i++) {
        const double t = 0.3 * i;
        const double a = t < crossing ? after(0.0, 300.0, 0.0, t) : after(500.0, 150.0, 0.0, t - crossing);
        lab_near(lab_at(l, "a", t), a, 5.0 * FACTOR * RTOL, 750.0, "amount");
    }
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("switches");
    TCase *tc = tcase_create("kinks");
    tcase_add_loop_test(tc, a_kink_in_time_is_a_stop, 0, KINKS);
    tcase_add_test(tc, a_value_at_a_stop_is_the_one_after);
    tcase_add_test(tc, a_kink_in_the_state_is_no_stop);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
