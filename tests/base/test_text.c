/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Suggestions, numbers, names, notes. */
#include "base/text.h"

#include <locale.h>
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

static const char *const known[] = {"arrested", "resident", "n_scenarios", "seed",
                                    "lung",     "liver",    "mL",          "until",
                                    "every",    "venous",   "arterial",    "portal"};
enum { N_KNOWN = sizeof known / sizeof *known };

START_TEST(test_nearest)
{
    static const char *const cases[][2] = {{"arested", "arrested"},
                                           {"n_scenarois", "n_scenarios"},
                                           {"Lung", "lung"},
                                           {"lugn", "lung"},
                                           {"ML", "mL"},
                                           {"LIVER", "liver"},
                                           {"untill", "until"},
                                           {"seeds", "seed"},
                                           {"n-scenarios", "n_scenarios"},
                                           {"residnet", "resident"},
                                           {"spleen", NULL},
                                           {"kidney", NULL},
                                           {"x", NULL},
                                           {"", NULL},
                                           {"rest", NULL},
                                           {"lung", "lung"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const nearest = msc_text_nearest(cases[i][0], known, N_KNOWN);
        ck_assert_msg((nearest == NULL) == (cases[i][1] == NULL), "%s: %s", cases[i][0],
                      nearest ? nearest : "(none)");
        if (nearest) {
            ck_assert_str_eq(nearest, cases[i][1]);
        }
    }
    ck_assert_ptr_null(msc_text_nearest("lung", known, 0));
}
END_TEST

START_TEST(test_nearest_takes_the_nearest_then_the_first)
{
    static const char *const close[] = {"lunge", "lungs", "lung"};
    ck_assert_str_eq(msc_text_nearest("lungx", close, 3), "lunge");
    ck_assert_str_eq(msc_text_nearest("LUNG", close, 3), "lung");
}
END_TEST

START_TEST(test_nearest_of_long_names)
{
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const char *const candidate[] = {name};
    ck_assert_ptr_null(msc_text_nearest(name, candidate, 1));
    ck_assert_ptr_null(msc_text_nearest("a", candidate, 1));
    name[64] = '\0';
    ck_assert_ptr_eq(msc_text_nearest(name, candidate, 1), name);
}
END_TEST

START_TEST(test_suggest)
{
    ck_assert_str_eq(msc_text_suggest(arena, "arested", known, N_KNOWN),
                     "; did you mean 'arrested'?");
    ck_assert_str_eq(msc_text_suggest(arena, "kidney", known, N_KNOWN), "");
}
END_TEST

static void check_reals(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1", 1},  {"+1.5", 1.5},  {"-2e3", -2000}, {".5", 0.5},
                {"5.", 5}, {"1E-3", 1e-3}, {"0", 0}};
    static const char *const bad[] = {"",      " 1",  "1 ",  "1,5", "nan", "inf",   "0x10",
                                      "1e",    "e5",  ".",   "-",   "+.",  "1.2.3", "1_0",
                                      "1e999", "--1", "1e+", "1f",  "1\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = -1.0;
        ck_assert_msg(msc_text_real(good[i].text, &value), "%s", good[i].text);
        ck_assert_double_eq(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = -1.0;
        ck_assert_msg(!msc_text_real(bad[i], &value), "%s", bad[i]);
        ck_assert_double_eq(value, -1.0);
    }
}

START_TEST(test_real)
{
    check_reals();
}
END_TEST

START_TEST(test_real_in_a_locale_with_commas)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8",
                                        "fr_FR.utf8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (setlocale(LC_ALL, names[i])) {
            check_reals();
            ck_assert_str_eq(localeconv()->decimal_point, ",");
            return;
        }
    }
}
END_TEST

START_TEST(test_names)
{
    static const char *const good[] = {"a", "Z9", "arrest_now", "trueish", "n1"};
    static const char *const bad[] = {"",    "_a",   "1a",    "a-b", "a*",
                                      "a.b", "true", "FALSE", "a b", "\xC3\xA4"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(msc_text_is_name(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!msc_text_is_name(bad[i]), "%s", bad[i]);
    }
}
END_TEST

START_TEST(test_notes)
{
    msc_notes notes = {0};
    for (int i = 0; i < 20; i++) {
        msc_notes_add(&notes, arena, i ? "a.cfg:1" : NULL, "note %d", i);
    }
    ck_assert_uint_eq(notes.n, 20);
    ck_assert_str_eq(notes.note[0].where, "");
    ck_assert_str_eq(notes.note[19].where, "a.cfg:1");
    ck_assert_str_eq(notes.note[19].message, "note 19");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("text");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_nearest);
    tcase_add_test(tests, test_nearest_takes_the_nearest_then_the_first);
    tcase_add_test(tests, test_nearest_of_long_names);
    tcase_add_test(tests, test_suggest);
    tcase_add_test(tests, test_real);
    tcase_add_test(tests, test_real_in_a_locale_with_commas);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_notes);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
