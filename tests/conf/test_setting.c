/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --set KEY=VALUE. */
#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

static msc_arena *arena;

static void set_up(void)
{
    arena = msc_arena_new(NULL);
}

static void tear_down(void)
{
    msc_arena_free(arena);
}

static msc_conf_setting read_setting(const char *text)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s: %s", text, arena->error.where, arena->error.message);
    }
    return msc_conf_read_setting(arena, 2, text);
}

/* The steps as "name" or "[k]", joined by blanks. */
static void check_key(const char *text, const char *steps)
{
    const msc_conf_setting setting = read_setting(text);
    char got[500] = "";
    for (size_t i = 0, n = 0; i < setting.n; i++) {
        const msc_conf_step *step = &setting.step[i];
        n +=
            (size_t)(step->name
                         ? snprintf(got + n, sizeof got - n, "%s%s", i ? " " : "", step->name)
                         : snprintf(got + n, sizeof got - n, "%s[%ld]", i ? " " : "", step->index));
    }
    ck_assert_str_eq(got, steps);
    ck_assert_str_eq(setting.text, text);
}

START_TEST(test_keys)
{
    check_key("a=1", "a");
    check_key("regimen[0].dose=1", "regimen [0] dose");
    check_key("regimen[*].dose=1", "regimen [-1] dose");
    check_key("parameters.arrest.lung=0.3", "parameters arrest lung");
    check_key("a[12][3]=1", "a [12] [3]");
    check_key("a = b = c", "a");
    check_key("a.b[999999999]=1", "a b [999999999]");
}
END_TEST

static const msc_conf *value_of(const char *value)
{
    char text[300];
    snprintf(text, sizeof text, "x.key=%s", value);
    const msc_conf *node = read_setting(text).value;
    ck_assert_str_eq(node->file, "--set #2");
    ck_assert_int_eq(node->line, 0);
    ck_assert_str_eq(node->name, "key");
    ck_assert_ptr_null(node->parent);
    return node;
}

START_TEST(test_numbers)
{
    static const struct {
        const char *text;
        long long value;
    } integers[] = {{"12", 12},
                    {" 12 ", 12},
                    {"12;", 12},
                    {"-3", -3},
                    {"0x10", 16},
                    {"5000000000", 5000000000},
                    {"5000000000L", 5000000000},
                    {"+9223372036854775807", 9223372036854775807}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        const msc_conf *node = value_of(integers[i].text);
        ck_assert_msg(node->kind == MSC_CONF_INTEGER, "%s", integers[i].text);
        ck_assert_int_eq(node->integer, integers[i].value);
    }
    ck_assert_int_eq(value_of("0.3")->kind, MSC_CONF_REAL);
    ck_assert_double_eq(value_of("0.3")->real, 0.3);
    ck_assert_double_eq(value_of("1e-8")->real, 1e-8);
    ck_assert(value_of("true")->boolean);
}
END_TEST

START_TEST(test_strings)
{
    static const char *const plain[] = {"5e6 cell/kg",
                                        "0.3 1/h",
                                        "lung",
                                        "60 day",
                                        "1; b = 2",
                                        "1 b = 2",
                                        "1e999",
                                        "(1+2)*x",
                                        "a=b",
                                        "@include \"/etc/passwd\"",
                                        "\"open",
                                        "99999999999999999999",
                                        ".",
                                        "1,5",
                                        "nan",
                                        "/* open",
                                        "../models/x.cfg",
                                        " two words ",
                                        "}",
                                        "1;;",
                                        "\x1b[2J"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        const msc_conf *node = value_of(plain[i]);
        ck_assert_msg(node->kind == MSC_CONF_STRING, "%s", plain[i]);
        ck_assert_str_eq(node->string, plain[i]);
    }
    ck_assert_str_eq(value_of("\"text\"")->string, "text");
    ck_assert_str_eq(value_of("\"12\"")->string, "12");
    ck_assert_str_eq(value_of("\"\"")->string, "");
    ck_assert_str_eq(value_of("\"a\" \"b\"")->string, "ab");
}
END_TEST

START_TEST(test_composites)
{
    const msc_conf *node = value_of("[1.0, 2.0]");
    ck_assert_int_eq(node->kind, MSC_CONF_ARRAY);
    ck_assert_uint_eq(node->n, 2);
    ck_assert_str_eq(msc_conf_where(arena, node->child[1]), "--set #2: key[1]");
    node = value_of("{ a = 1; b = { c = \"x\"; }; }");
    ck_assert_int_eq(node->kind, MSC_CONF_GROUP);
    ck_assert_str_eq(msc_conf_where(arena, node->child[1]->child[0]), "--set #2: key.b.c");
    node = value_of("( { route = \"iv\"; dose = 5e6 }, 2 )");
    ck_assert_int_eq(node->kind, MSC_CONF_LIST);
    ck_assert_uint_eq(node->n, 2);
    ck_assert_int_eq(value_of("()")->kind, MSC_CONF_LIST);
    ck_assert_ptr_null(read_setting("a[0]=1").value->name);
}
END_TEST

static void check_refused(const char *text, msc_status status, const char *part)
{
    if (MSC_CATCH(arena) == 0) {
        msc_conf_read_setting(arena, 3, text);
        ck_abort_msg("accepted: %.100s", text);
    }
    ck_assert_int_eq(arena->error.status, status);
    ck_assert_str_eq(arena->error.where, "--set #3");
    ck_assert_msg(strstr(arena->error.message, part) != NULL, "%.100s: %s", text,
                  arena->error.message);
}

static void check_refusal(const char *text, const char *part)
{
    check_refused(text, MSC_E_USAGE, part);
}

/* What begins as an array or a group is meant as one, and is no text. */
START_TEST(test_faulty_values)
{
    check_refused("a=[1, 2.5]", MSC_E_CONFIG, "write 1.0 for 1");
    check_refused("a=[0.1, 100]", MSC_E_CONFIG, "write 1.0 for 1");
    check_refused("a=[1, 2", MSC_E_CONFIG, "");
    check_refused("a={ b = 1", MSC_E_CONFIG, "");
    check_refused("a={ b = 1; b = 2; }", MSC_E_CONFIG, "b");
}
END_TEST

START_TEST(test_refusals)
{
    static const char *const bad[][2] = {{"", "no '='"},
                                         {"a", "no '='"},
                                         {"=1", "nothing before"},
                                         {" =1", "nothing before"},
                                         {"a=", "no value"},
                                         {"a= \t", "no value"},
                                         {"a..b=1", "missing"},
                                         {".a=1", "missing"},
                                         {"a.=1", "missing"},
                                         {"a[=1", "index"},
                                         {"a[]=1", "index"},
                                         {"a[-1]=1", "index"},
                                         {"a[1=1", "index"},
                                         {"a[x]=1", "index"},
                                         {"a[**]=1", "index"},
                                         {"a[1]b=1", "expected"},
                                         {"a]=1", "expected"},
                                         {"[0]=1", "missing"},
                                         {"a-b=1", "is no name"},
                                         {"true=1", "is no name"},
                                         {"_a=1", "is no name"},
                                         {"a b=1", "is no name"},
                                         {"a.\x1b=1", "is no name"},
                                         {"a[1234567890]=1", "index"},
                                         {"a[*].=1", "missing"},
                                         {"a.[0]=1", "missing"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_refusal(bad[i][0], bad[i][1]);
    }
}
END_TEST

START_TEST(test_long_ones)
{
    enum { LONG = 200000 };
    char *text = malloc(LONG + 1);
    memset(text, 'a', LONG);
    text[LONG] = '\0';
    for (size_t equals = 1; equals < LONG; equals += LONG / 2) {
        text[equals] = '=';
        check_refusal(text, equals < 10 ? "longer than 64 KiB" : "a key of 100001 characters");
        text[equals] = 'a';
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("setting");
    TCase *tests = tcase_create("setting");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_keys);
    tcase_add_test(tests, test_numbers);
    tcase_add_test(tests, test_strings);
    tcase_add_test(tests, test_composites);
    tcase_add_test(tests, test_faulty_values);
    tcase_add_test(tests, test_refusals);
    tcase_add_test(tests, test_long_ones);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
