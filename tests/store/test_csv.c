/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results as comma-separated values: the very bytes. */
#include <locale.h>
#include <string.h>

#include "support/suite.h"

#include "sample.h"
#include "store/csv.h"

static msc_error err;

/* The table as a text; the test frees it. */
static char *table(const char *axis, const char *const *names, size_t n, msc_status want)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    msc_status got = msc_csv_write(stream, &sample, axis, names, n, &err);
    ck_assert_msg(got == want, "status %d: %s", (int)got, err.message);
    fclose(stream);
    return text;
}

static void expect_table(const char *axis, const char *const *names, size_t n, const char *want)
{
    char *got = table(axis, names, n, MSC_OK);
    ck_assert_str_eq(got, want);
    free(got);
}

START_TEST(one_column_for_each_element)
{
    const char *names[] = {"live"};
    expect_table(
        "time", names, 1,
        "time (h),live[lung] (cell),live[liver] (cell),\"live[Milz, gro\xC3\x9F] (cell)\"\n"
        "0,0,1,2\n"
        "0.10000000000000001,3.25,4,5\n"
        "0.33333333333333331,6,,8\n"
        "1440,1.0000000000000001e+300,1e-300,-0.10000000000000001\n");
}
END_TEST

START_TEST(several_axes_become_columns)
{
    const char *names[] = {"field", "steps"};
    expect_table("time", names, 2,
                 "time (h),\"field[lung,0.5]\",\"field[lung,1e-07]\",\"field[liver,0.5]\","
                 "\"field[liver,1e-07]\",\"field[Milz, gro\xC3\x9F,0.5]\","
                 "\"field[Milz, gro\xC3\x9F,1e-07]\",steps\n"
                 "0,1,2,3,4,5,6,0\n"
                 "0.10000000000000001,7,8,9,10,11,12,-1\n"
                 "0.33333333333333331,13,14,15,16,17,18,9223372036854775807\n"
                 "1440,19,20,21,22,23,24,-9223372036854775808\n");
}
END_TEST

START_TEST(flags_and_texts)
{
    const char *names[] = {"message", "state"};
    expect_table("time", names, 2,
                 "time (h),message,state\n"
                 "0,,fine\n"
                 "0.10000000000000001,\"said \"\"no\"\"\",stopped\n"
                 "0.33333333333333331,\"two\nlines\",failed\n"
                 "1440,\"\xE2\x88\x9E, infinite\",stopped\n");
}
END_TEST

START_TEST(all_that_go_along)
{
    char *text = table("time", NULL, 0, MSC_OK);
    ck_assert_ptr_eq(strstr(text, "time (h),live[lung] (cell),"), text);
    ck_assert_ptr_nonnull(strstr(text, ",state,steps,message\n"));
    ck_assert_ptr_null(strstr(text, "total"));
    free(text);
}
END_TEST

START_TEST(unknown_names)
{
    const char *misspelt[] = {"live", "mesage"}, *scalar[] = {"total"}, *axis[] = {"time"};
    free(table("time", misspelt, 2, MSC_E_USAGE));
    ck_assert_str_eq(err.message,
                     "there is no quantity 'mesage' in these results; did you mean 'message'?");
    free(table("tine", NULL, 0, MSC_E_USAGE));
    ck_assert_str_eq(err.message, "there is no axis 'tine' in these results; did you mean 'time'?");
    free(table("scenario", NULL, 0, MSC_E_USAGE));
    ck_assert_str_eq(err.message, "there is no axis 'scenario' in these results");
    free(table("time", scalar, 1, MSC_E_USAGE));
    ck_assert_str_eq(err.message, "'total' does not go along 'time', it is one number: export it without the others");
    free(table("time", axis, 1, MSC_E_USAGE));
    free(table("organ", NULL, 0, MSC_E_USAGE));
    ck_assert_str_eq(err.message, "nothing in these results goes along 'organ'");
}
END_TEST

START_TEST(labels_may_lead)
{
    const double x[] = {1, 2, INFINITY};
    const msc_array array = {.name = "x", .n_axis = 1, .axis = {1}, .real = x, .unit = "h"};
    msc_dataset d = sample;
    d.array = &array;
    d.n_array = 1;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_int_eq(msc_csv_write(stream, &d, "organ", NULL, 0, &err), MSC_OK);
    fclose(stream);
    ck_assert_str_eq(text, "organ,x (h)\nlung,1\nliver,2\n\"Milz, gro\xC3\x9F\",inf\n");
    free(text);
}
END_TEST

/* Of trajectories of scenarios a row is a time of a scenario; what a scenario has once stands in all its rows. */
START_TEST(each_time_of_each_scenario_is_a_row)
{
    enum { SCENARIOS = 2, TIMES = 3, ORGANS = 2 };
    static const double scenario[SCENARIOS] = {0, 1}, time[TIMES] = {0, 24.5, 48}, dose[SCENARIOS] = {5, 7};
    static const char *const organ[ORGANS] = {"lung", "liver"};
    double live[SCENARIOS * TIMES * ORGANS], total[SCENARIOS * TIMES];
    for (int i = 0; i < SCENARIOS * TIMES * ORGANS; i++) {
        live[i] = i, total[i / ORGANS] = 100 + i / ORGANS;
    }
    const msc_axis axis[] = {{.name = "scenario", .n = SCENARIOS, .value = scenario, .unit = "1"},
                             {.name = "time", .n = TIMES, .value = time, .unit = "h"},
                             {.name = "organ", .n = ORGANS, .label = organ}};
    const msc_array array[] = {{.name = "live", .unit = "cell", .n_axis = 3, .axis = {0, 1, 2}, .real = live},
                               {.name = "total", .n_axis = 2, .axis = {0, 1}, .real = total},
                               {.name = "dose", .n_axis = 1, .axis = {0}, .real = dose}};
    const msc_dataset d = {.n_axis = 3, .axis = axis, .n_array = 3, .array = array};
    static const struct {
        size_t n;
        const char *name[3], *want;
    } row[] = {{3, {"live[liver]", "dose", "total"},
                "scenario,time (h),live[liver] (cell),dose,total\n0,0,1,5,100\n0,24.5,3,5,101\n0,48,5,5,102\n"
                "1,0,7,7,103\n1,24.5,9,7,104\n1,48,11,7,105\n"},
               {2, {"live[24.5 h, lung]", "live[48,liver]"},
                "scenario,\"live[24.5 h,lung] (cell)\",\"live[48 h,liver] (cell)\"\n0,2,5\n1,8,11\n"},
               {2, {"dose", "total[24.5h]"}, "scenario,dose,total[24.5 h]\n0,5,101\n1,7,104\n"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        ck_assert_int_eq(msc_csv_write(stream, &d, "scenario", row[i].name, row[i].n, &err), MSC_OK);
        fclose(stream);
        ck_assert_str_eq(text, row[i].want);
        free(text);
    }
    FILE *stream = fopen("/dev/null", "w");
    ck_assert_int_eq(msc_csv_write(stream, &d, "scenario", (const char *const[]){"live[24 h,lung]"}, 1, &err), MSC_E_USAGE);
    ck_assert_str_eq(err.message, "'live' has no element '[24 h,lung]'");
    fclose(stream);
}
END_TEST

START_TEST(full_disk)
{
    FILE *stream = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(msc_csv_write(stream, &sample, "time", NULL, 0, &err), MSC_E_IO);
    ck_assert_str_eq(err.message, "cannot write the table: No space left on device");
    fclose(stream);
}
END_TEST

/* Where a decimal comma is customary the table is the same. */
START_TEST(locales_change_nothing)
{
    static const char *const locale[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fa_IR.UTF-8"};
    char *plain = table("time", NULL, 0, MSC_OK);
    for (size_t i = 0; i < sizeof locale / sizeof locale[0]; i++) {
        if (setlocale(LC_ALL, locale[i])) {
            expect_table("time", NULL, 0, plain);
        }
    }
    free(plain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");
    tcase_add_test(tests, one_column_for_each_element);
    tcase_add_test(tests, several_axes_become_columns);
    tcase_add_test(tests, flags_and_texts);
    tcase_add_test(tests, all_that_go_along);
    tcase_add_test(tests, unknown_names);
    tcase_add_test(tests, labels_may_lead);
    tcase_add_test(tests, each_time_of_each_scenario_is_a_row);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, locales_change_nothing);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
