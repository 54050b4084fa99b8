/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The status table and the error record. */
#include <mscsim/error.h>

#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

START_TEST(test_statuses)
{
    ck_assert_int_eq(msc_status_exit_code(MSC_OK), 0);
    ck_assert_int_eq(msc_status_exit_code(MSC_E_USAGE), 64);
    ck_assert_int_eq(msc_status_exit_code(MSC_E_CONFIG), 78);
    ck_assert_int_eq(msc_status_exit_code((msc_status)999), 70);
    ck_assert_str_eq(msc_status_text(MSC_E_NOMEM), "out of memory");
    ck_assert_str_eq(msc_status_text((msc_status)999), "unknown status");
}
END_TEST

START_TEST(test_fail)
{
    msc_error err;
    ck_assert_int_eq(msc_fail(NULL, MSC_E_IO, NULL, "nobody listens"), MSC_E_IO);
    ck_assert_int_eq(msc_fail(&err, MSC_E_CONFIG, "a.cfg:1", "%d is not %s", 3, "four"),
                     MSC_E_CONFIG);
    ck_assert_int_eq(err.status, MSC_E_CONFIG);
    ck_assert_str_eq(err.where, "a.cfg:1");
    ck_assert_str_eq(err.message, "3 is not four");
    /* an error may be built from itself */
    msc_fail(&err, err.status, err.where, "scenario 7: %s", err.message);
    ck_assert_str_eq(err.where, "a.cfg:1");
    ck_assert_str_eq(err.message, "scenario 7: 3 is not four");
    msc_fail(&err, MSC_E_IO, NULL, "x");
    ck_assert_str_eq(err.where, "");
}
END_TEST

START_TEST(test_long_texts_are_cut_visibly)
{
    char longer[5000];
    msc_error err;
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    msc_fail(&err, MSC_E_IO, longer, "%s", longer);
    ck_assert_uint_eq(strlen(err.where), sizeof err.where - 1);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
    ck_assert_str_eq(err.where + sizeof err.where - 5, "a...");
    ck_assert_str_eq(err.message + sizeof err.message - 5, "a...");
    /* the longest that fits is left alone */
    longer[sizeof err.message - 1] = '\0';
    msc_fail(&err, MSC_E_IO, NULL, "%s", longer);
    ck_assert_str_eq(err.message, longer);
}
END_TEST

START_TEST(test_text)
{
    char text[200];
    msc_error err;
    msc_fail(&err, MSC_E_IO, "a.cfg:1", "b");
    msc_error_text(&err, text, sizeof text);
    ck_assert_str_eq(text, "a.cfg:1: b");
    msc_fail(&err, MSC_E_IO, NULL, "b");
    msc_error_text(&err, text, sizeof text);
    ck_assert_str_eq(text, "b");
    msc_fail(&err, MSC_E_IO, NULL, "%s", "");
    msc_error_text(&err, text, sizeof text);
    ck_assert_str_eq(text, "input or output failed");
    msc_error_text(NULL, text, sizeof text);
    ck_assert_str_eq(text, "");
    msc_error_text(&err, NULL, 0);
}
END_TEST

START_TEST(test_text_escapes)
{
    char text[200];
    msc_error err;
    msc_fail(&err, MSC_E_IO, "a\x1b[31m", "tab\t lf\n cr\r del\x7f bell\a %s",
             "µ \xC2\x9B \xFF \xE2\x82");
    msc_error_text(&err, text, sizeof text);
    ck_assert_str_eq(
        text, "a\\x1b[31m: tab\\t lf\\n cr\\r del\\x7f bell\\x07 µ \\xc2\\x9b \\xff \\xe2\\x82");
}
END_TEST

START_TEST(test_text_fits)
{
    msc_error err;
    msc_fail(&err, MSC_E_IO, "w", "µµ\x1b\x1b");
    for (unsigned long n = 1; n < 20; n++) {
        char *text = malloc(n); /* so that ASan sees a byte too many */
        msc_error_text(&err, text, n);
        ck_assert_uint_lt(strlen(text), n);
        free(text);
    }
    char text[6];
    msc_error_text(&err, text, sizeof text);
    ck_assert_str_eq(text, "w: µ"); /* no half characters */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");
    tcase_add_test(tests, test_statuses);
    tcase_add_test(tests, test_fail);
    tcase_add_test(tests, test_long_texts_are_cut_visibly);
    tcase_add_test(tests, test_text);
    tcase_add_test(tests, test_text_escapes);
    tcase_add_test(tests, test_text_fits);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
