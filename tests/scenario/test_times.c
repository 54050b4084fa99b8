/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: a time is one time however it is written, as a multiple, a sum or at once; what enters at the edge of
 * a window is booked in the window that begins there, once; a level passed before the window is known as
 * such; a check that warns says when it began to fail; constants that are not numbers are refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "support/batch.h"
#include "support/lab.h"
#include "support/suite.h"

static const char model[] =
    "parameters: { k = { unit = \"1/h\"; value = 0.1; }; };\n"
    "amounts: { c = { unit = \"cell\"; }; kept = { unit = \"cell\"; };\n"
    "  bed = { unit = \"cell\"; transit = true; }; };\n"
    "processes: { lose = { from = \"c\"; hazard = \"k\"; fate = \"lysis\"; };\n"
    "  catch = { from = \"bed\"; to = \"c\"; share = 0.25; };\n"
    "  pass = { from = \"bed\"; to = \"kept\"; share = \"remainder\"; }; };\n"
    "routes: { all = { to = \"kept\"; }; flow = { to = \"bed\"; }; vein = { to = \"c\"; };\n"
    "  half = { into = ( { to = \"c\"; share = 0.5; }, { fate = \"dead_in_product\"; share = \"remainder\"; } ); }; };\n"
    "outputs: { c = { }; kept = { }; };\n";

static lab *run(const char *head, const char *doses, const char *output)
{
    return lab_text(lab_format("%s%s", head, model), lab_format("regimen = ( %s );\noutput = { %s };\n", doses, output), NULL);
}

static double endpoint(const lab *l, const char *name)
{
    double x = 0;
    ck_assert_int_eq(msc_result_endpoint(lab_result(l), name, 0, &x, NULL, NULL, NULL), MSC_OK);
    return x;
}

static const char *word(const lab *l, const char *name)
{
    double x;
    const char *said = NULL;
    ck_assert_int_eq(msc_result_endpoint(lab_result(l), name, 0, &x, NULL, &said, NULL), MSC_OK);
    return said;
}

/* ---- one time ---- */

/* Repeats and the time that is written alone: the value there is the one after the dose. */
static const struct {
    const char *unit, *interval;
    int repeat, at; /* the at-th dose is given at `then` */
    const char *then;
} repeats[] = {{"h", "10 min", 13, 3, "30 min"},  {"h", "20 min", 7, 4, "80 min"},     {"h", "20 min", 7, 2, "40 min"},
               {"day", "8 h", 4, 3, "1 day"},     {"day", "20 min", 73, 72, "24 h"},   {"day", "0.1 day", 8, 3, "7.2 h"},
               {"week", "1 day", 8, 3, "72 h"},   {"week", "0.1 day", 8, 3, "0.3 day"}, {"week", "7 h", 25, 24, "1 week"},
               {"min", "0.1 h", 8, 7, "0.7 h"},   {"s", "1 min", 61, 60, "1 h"},       {"h", "1 s", 361, 360, "6 min"},
               {"day", "1 h", 100, 97, "5820 min"}, {"h", "0.7 min", 100, 90, "63 min"}};

START_TEST(repeats_land_on_the_written_time)
{
    const char *every = repeats[_i].interval, *then = repeats[_i].then;
    lab *l = run(lab_format("time_unit = \"%s\";\n", repeats[_i].unit),
                 lab_format("{ route = \"all\"; at = \"0 h\"; dose = \"1 cell\"; repeat = %d; interval = \"%s\"; }", repeats[_i].repeat, every),
                 lab_format("until = \"200 h\"; every = \"%s\"; endpoints = { then = { value = \"kept\"; at = \"%s\"; };"
                            " by_dose = { value = \"kept\"; at = \"regimen[0] + %s\"; }; };", every, then, then));
    ck_assert(endpoint(l, "then") == repeats[_i].at + 1);
    ck_assert(endpoint(l, "by_dose") == repeats[_i].at + 1);
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 1; i < n; i++) {
        ck_assert_msg(time[i] - time[i - 1] > 1e-9 * time[i], "%.17g beside %.17g", time[i - 1], time[i]);
    }
    lab_free(l);
}
END_TEST

/* A dose written alone, the third of a series and an output time are one time. */
START_TEST(multiples_meet_what_is_written_alone)
{
    lab *l = run("", "{ route = \"all\"; at = \"1 h\"; dose = \"1 cell\"; }, { route = \"all\"; at = \"20 min\"; dose = \"1 cell\"; repeat = 3; "
                     "interval = \"20 min\"; }",
                 "until = \"2 h\"; every = \"20 min\";");
    const double *time;
    ck_assert_uint_eq(lab_times(l, &time), 7);
    ck_assert(time[3] == 1);
    ck_assert(lab_at(l, "kept", 1) == 4);
    lab_free(l);
}
END_TEST

/* The same of a sweep's numbers. */
START_TEST(varied_times_land_there_too)
{
    ck_assert(msc_moment(3 * msc_time_exact(10, 1 / 60.0)) == 0.5);
    ck_assert(msc_moment(3 * msc_time_exact(8, 1 / 24.0)) == 1);
    ck_assert(msc_moment(msc_time_exact(1.0 / 3, 24)) == 8);
    for (int n = 1; n < 3000; n++) {
        const double day = n / 10.0;
        ck_assert(msc_moment(msc_time_exact(day, 1 / 7.0)) == msc_moment(n * msc_time_exact(0.1, 1 / 7.0)));
        ck_assert(msc_moment(msc_time_exact(n, 1 / 60.0)) == msc_moment(n * msc_time_exact(1, 1 / 60.0)));
    }
}
END_TEST

/* ---- windows ---- */

#define TWO_DOSES                                                              \
    "{ route = \"half\"; day = 1.0; dose = \"100 cell\"; }, "                  \
    "{ route = \"half\"; day = 10.0; dose = \"1000 cell\"; }"

/* Half of 100 at day 1, half of 1000 at day 10, which is where a window ends and the next begins. */
START_TEST(a_bolus_is_booked_where_a_window_begins)
{
    lab *l = run("", TWO_DOSES,
                 "until = \"12 day\"; every = \"1 day\"; endpoints = {"
                 "dead_0 = { total = \"dead_in_product\"; of = \"cell\"; until = \"1 day\"; };"
                 "dead_1 = { total = \"dead_in_product\"; of = \"cell\"; from = \"1 day\"; until = \"10 day\"; };"
                 "dead_2 = { total = \"dead_in_product\"; of = \"cell\"; from = \"10 day\"; };"
                 "all = { total = \"dead_in_product\"; of = \"cell\"; };"
                 "share = { total = \"dead_in_product\"; of = \"cell\"; from = \"regimen[0]\"; until = \"regimen[1]\"; share = true; }; };");
    ck_assert(endpoint(l, "dead_0") == 0);
    ck_assert(endpoint(l, "dead_1") == 50);
    ck_assert(endpoint(l, "dead_2") == 500);
    ck_assert(endpoint(l, "all") == 550);
    lab_near(endpoint(l, "share"), 50.0 / 1100, 1e-14, 1, "share");
    lab_free(l);
}
END_TEST

/* The same of areas under a flow, at the start and at the end of the run too; by every method. */
START_TEST(areas_of_flows_and_their_means)
{
    static const char *const method[] = {"rosenbrock", "msbdf"};
    for (int i = 0; i < 2; i++) {
        const char *const settings[] = {lab_format("solver.method=%s", method[i]), NULL};
        lab *l = lab_text(model,
                          "regimen = ( { route = \"flow\"; at = \"0 h\"; dose = \"40 cell\"; repeat = 3; interval = \"6 h\"; } );\n"
                          "output = { until = \"12 h\"; every = \"1 h\"; endpoints = { one = { auc = \"catch\"; until = \"6 h\"; };"
                          "  two = { auc = \"catch\"; from = \"6 h\"; }; all = { auc = \"catch\"; }; mean = { mean = \"catch\"; until = \"6 h\"; };"
                          "  between = { auc = \"catch\"; from = \"1 h\"; until = \"6 h\"; }; }; };\n",
                          settings);
        lab_near(endpoint(l, "one"), 10, 1e-12, 10, "one");
        lab_near(endpoint(l, "two"), 20, 1e-12, 20, "two");
        lab_near(endpoint(l, "all"), 30, 1e-12, 30, "all");
        lab_near(endpoint(l, "mean"), 10 / 6.0, 1e-12, 2, "mean");
        lab_near(endpoint(l, "between"), 0, 1e-12, 10, "between");
        lab_free(l);
    }
}
END_TEST

/* ---- levels ---- */

START_TEST(above_before_the_window_began)
{
    lab *l = run("", "{ route = \"vein\"; at = \"0 h\"; dose = \"1e6 cell\"; repeat = 2; interval = \"12 h\"; }",
                 "until = \"24 h\"; every = \"1 h\"; endpoints = {"
                 "within = { first_above = \"c\"; threshold = \"1e5 cell\"; from = \"1.7 h\"; };"
                 "at_dose = { first_above = \"c\"; threshold = \"1e5 cell\"; from = \"12 h\"; };"
                 "exact = { first_above = \"c\"; threshold = \"5e5 cell\"; from = \"12 h\"; };"
                 "start = { first_above = \"c\"; threshold = \"1e5 cell\"; };"
                 "none = { first_above = \"c\"; threshold = \"1e5 cell\"; from = \"23.9 h\"; until = \"24 h\"; };"
                 "late = { first_above = \"c\"; threshold = \"9e9 cell\"; from = \"1 h\"; };"
                 "up = { ratio = [\"all\", \"within\"]; }; down = { ratio = [\"within\", \"all\"]; };"
                 "neither = { ratio = [\"within\", \"at_dose\"]; }; all = { auc = \"c\"; }; };");
    ck_assert(endpoint(l, "within") == 1.7);
    ck_assert_pstr_eq(word(l, "within"), "or less");
    ck_assert(endpoint(l, "at_dose") == 12); /* 3.0e5 were left */
    ck_assert_pstr_eq(word(l, "at_dose"), "or less");
    ck_assert(endpoint(l, "exact") == 12); /* of 3.0e5 the dose makes 1.3e6 */
    ck_assert_ptr_null(word(l, "exact"));
    ck_assert(endpoint(l, "start") == 0);
    ck_assert_ptr_null(word(l, "start"));
    ck_assert_pstr_eq(word(l, "late"), "never");
    ck_assert_pstr_eq(word(l, "up"), "and more");
    ck_assert_pstr_eq(word(l, "down"), "or less");
    ck_assert_pstr_eq(word(l, "neither"), "not known");
    lab_free(l);
}
END_TEST

/* ---- checks and constants ---- */

/* It falls to half at ln 2 / k, within a step. */
START_TEST(a_check_says_when_it_began_to_fail)
{
    for (const char *const *kernel = batch_kernels(); *kernel; kernel++) {
        const char *const settings[] = {"checks.low={that=\"c > 5e5 cell\";}", lab_format("solver.kernel=%s", *kernel), NULL};
        lab *l = lab_text(model, "regimen = ( { route = \"vein\"; at = \"0 h\"; dose = \"1e6 cell\"; } );\n"
                                 "output = { until = \"24 h\"; every = \"24 h\"; };\n", settings);
        const msc_program *p = lab_scenario(l)->program;
        uint32_t g = 0;
        while (p->guard[g].kind != MSC_GUARD_CHECK) {
            g++;
        }
        lab_near(lab_result(l)->warned_at[g], 10 * log(2), 1e-5, 7, "warned at");
        ck_assert(lab_result(l)->report.warned_t == lab_result(l)->warned_at[g]);
        ck_assert_pstr_eq(msc_result_warning(lab_result(l), 0), "check 'low' fails 6.93 h after time 0");
        ck_assert_pstr_eq(msc_result_warning_where(lab_result(l), 0), "--set #1: checks.low");
        ck_assert_ptr_null(msc_result_warning_where(lab_result(l), 1));
        lab_free(l);
    }
}
END_TEST

START_TEST(nothing_times_no_number)
{
    const msc_error err = lab_refused("amounts: { c = { unit = \"cell\"; initial = \"0 cell * log(-1)\"; }; };\noutputs: { c = { }; };\n",
                                      "output = { until = \"1 h\"; every = \"1 h\"; };\n");
    ck_assert_msg(strstr(err.message, "not a finite number") != NULL, "%s", err.message);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/times");
    TCase *c = tcase_create("times");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, repeats_land_on_the_written_time, 0, (int)(sizeof repeats / sizeof *repeats));
    tcase_add_test(c, multiples_meet_what_is_written_alone);
    tcase_add_test(c, varied_times_land_there_too);
    tcase_add_test(c, a_bolus_is_booked_where_a_window_begins);
    tcase_add_test(c, areas_of_flows_and_their_means);
    tcase_add_test(c, above_before_the_window_began);
    tcase_add_test(c, a_check_says_when_it_began_to_fail);
    tcase_add_test(c, nothing_times_no_number);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
