/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers, spans and dates as people read them. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "support/suite.h"

static const struct {
    double value;
    int digits;
    const char *trimmed, *full;
} numbers[] = {
    {0, 3, "0", "0"},
    {1, 3, "1", "1.00"},
    {0.9, 3, "0.9", "0.900"},
    {-12.345, 3, "-12.3", "-12.3"},
    {9.999, 3, "10", "10.0"},
    {999.6, 3, "1,000", "1,000"},
    {12345, 3, "12,300", "12,300"},
    {-123456, 3, "-123,000", "-123,000"},
    {999999, 3, "1e6", "1.00e6"},
    {1.6e8, 3, "1.6e8", "1.60e8"},
    {0.00123456, 3, "0.00123", "0.00123"},
    {0.000123456, 2, "1.2e-4", "1.2e-4"},
    {4085.1, 2, "4,100", "4,100"},
    {1e300, 3, "1e300", "1.00e300"},
    {5e-324, 3, "4.94e-324", "4.94e-324"},
    {INFINITY, 3, "infinite", "infinite"},
    {NAN, 3, "-", "-"},
};

START_TEST(test_numbers)
{
    char text[MSC_PAGE_NUMBER];
    ck_assert_str_eq(msc_page_number(text, numbers[_i].value, numbers[_i].digits),
                     numbers[_i].trimmed);
    ck_assert_str_eq(msc_page_value(text, numbers[_i].value, numbers[_i].digits), numbers[_i].full);
}
END_TEST

START_TEST(test_ranges_and_percents)
{
    char text[MSC_PAGE_NUMBER];
    ck_assert_str_eq(msc_page_range(text, 468.3, 4085.1, 2), "470 - 4,100");
    ck_assert_str_eq(msc_page_range(text, 101, 104, 2), "100");
    ck_assert_str_eq(msc_page_range(text, -1.2345e300, 1.2345e-300, 2), "-1.2e300 - 1.2e-300");
    ck_assert_str_eq(msc_page_percent(text, 0.29195), "29.2 %");
    ck_assert_str_eq(msc_page_percent(text, 1), "100.0 %");
    ck_assert_str_eq(msc_page_percent(text, 0), "0.0 %");
    ck_assert_str_eq(msc_page_percent(text, 1e-7), "<0.1 %");
    ck_assert_str_eq(msc_page_percent(text, NAN), "-");
}
END_TEST

START_TEST(test_times)
{
    static const char *const inner[] = {"h", "day", "s"};
    char text[MSC_PAGE_NUMBER];
    msc_units *units = NULL;
    double hour = 1;
    msc_dim dim;
    ck_assert_int_eq(msc_units_new(&units, NULL), MSC_OK);
    ck_assert_int_eq(msc_units_set_time(units, inner[_i], NULL), MSC_OK);
    ck_assert_int_eq(msc_units_parse(units, "h", &hour, &dim, NULL), MSC_OK);
    ck_assert_str_eq(msc_page_span(text, units, 0.5 * hour, 3), "30 min");
    ck_assert_str_eq(msc_page_span(text, units, 33.25 * hour, 2), "33 h");
    ck_assert_str_eq(msc_page_span(text, units, 72 * hour, 3), "3 days");
    ck_assert_str_eq(msc_page_span(text, units, 10 * 365.2422 * 24 * hour, 2), "10 years");
    ck_assert_str_eq(msc_page_span(text, units, 0, 3), "0 s");
    ck_assert_str_eq(msc_page_day(text, units, 0), "day 0");
    ck_assert_str_eq(msc_page_day(text, units, 240.5 * hour), "day 10.02");
    ck_assert_str_eq(msc_page_day(text, units, -24 * hour), "day -1");
    ck_assert_str_eq(msc_page_day(text, units, 0.5 * hour), "day 0.021");
    ck_assert_str_eq(msc_page_moment(text, units, 0.5 * hour), "30 min");
    ck_assert_str_eq(msc_page_moment(text, units, 2.39 * hour), "2.4 h");
    ck_assert_str_eq(msc_page_moment(text, units, 2.41 * hour), "day 0.1");
    ck_assert_str_eq(msc_page_moment(text, units, -0.5 * hour), "day -0.021");
    ck_assert_str_eq(msc_page_moment(text, units, 0), "day 0");
    msc_units_free(units);
}
END_TEST

START_TEST(test_wrapping)
{
    char page[400] = "";
    FILE *stream = fmemopen(page, sizeof page, "w");
    ck_assert_ptr_nonnull(stream);
    msc_page_text(stream, 70, 4, "  some words\n that have to go on the next line  ");
    msc_page_cell(stream, -5, "\xC3\xBC");
    msc_page_cell(stream, 5, "b");
    ck_assert_int_eq(msc_page_end(stream, NULL), MSC_OK);
    fclose(stream);
    ck_assert_str_eq(page, "some\n    words that have to go on the next line\n    \xC3\xBC"
                           "b    ");
}
END_TEST

START_TEST(test_lost_page)
{
    msc_error err = {0};
    FILE *stream = fopen("/dev/full", "w");
    if (stream) {
        msc_page_text(stream, 0, 0, "lost");
        ck_assert_int_eq(msc_page_end(stream, &err), MSC_E_IO);
        ck_assert_ptr_nonnull(strstr(err.message, "No space left"));
        fclose(stream);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page");
    TCase *tcase = tcase_create("page");
    tcase_add_loop_test(tcase, test_numbers, 0, (int)(sizeof numbers / sizeof *numbers));
    tcase_add_test(tcase, test_ranges_and_percents);
    tcase_add_loop_test(tcase, test_times, 0, 3);
    tcase_add_test(tcase, test_wrapping);
    tcase_add_test(tcase, test_lost_page);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
