/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Levels of an axis: numbers as one would write them, exact ends, units, complaints. */
#include "sweep/levels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "support/reading.h"
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

static msc_levels read_as(const char *text)
{
    return msc_levels_read(arena, msc_conf_read_text(arena, "x.cfg", text, strlen(text)),
                           msc_quantity_bare, arena);
}

static msc_levels read(const char *text)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s: %s", text, arena->error.where, arena->error.message);
    }
    return read_as(text);
}

/* To the last bit. */
static const struct {
    const char *text;
    size_t n;
    double value[10];
} exact[] = {
    {"from = 1e6; to = 1e7; n = 10;", 10, {1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 8e6, 9e6, 1e7}},
    {"from = 0.0; to = 1.0; n = 6;", 6, {0, 0.2, 0.4, 0.6, 0.8, 1}},
    {"from = 3; to = -3; n = 3;", 3, {3, 0, -3}},
    {"from = 0.1; to = 0.3; n = 2;", 2, {0.1, 0.3}},
    {"from = -1e308; to = 1e308; n = 3;", 3, {-1e308, 0, 1e308}},
    {"from = 0; to = 1e308; n = 5;", 5, {0, 2.5e307, 5e307, 7.5e307, 1e308}},
    {"from = 1; to = 1000; n = 4; spacing = \"log\";", 4, {1, 10, 100, 1000}},
    {"from = 0.01; to = 1; n = 3; spacing = \"log\";", 3, {0.01, 0.1, 1}},
    {"from = 1e6; to = 1e4; n = 3; spacing = \"log\";", 3, {1e6, 1e5, 1e4}},
    {"from = 1e-300; to = 1e300; n = 3; spacing = \"log\";", 3, {1e-300, 1, 1e300}},
    {"values = [5.0, 1.0, 5.0];", 3, {5, 1, 5}},
    {"values = (1, 2.5);", 2, {1, 2.5}},
};

START_TEST(test_levels_as_one_would_write_them)
{
    const msc_levels levels = read(exact[_i].text);
    ck_assert_uint_eq(levels.n, exact[_i].n);
    for (size_t i = 0; i < levels.n; i++) {
        ck_assert_double_eq(msc_levels_at(&levels, i), exact[_i].value[i]);
    }
    ck_assert_double_eq(levels.from, exact[_i].value[0]);
    ck_assert_double_eq(levels.to, exact[_i].value[levels.n - 1]);
}
END_TEST

/* Steps are equal, of the numbers or of their logarithms, to the rounding of what is subtracted. */
START_TEST(test_equal_steps)
{
    const msc_levels linear = read("from = 0.3; to = 7.7; n = 100000000;"),
                     logarithmic = read("from = 0.3; to = 7.7; n = 1000; spacing = \"log\";");
    for (uint64_t i = 1; i < linear.n; i += 9999991) {
        ck_assert_double_eq_tol(msc_levels_at(&linear, i) - msc_levels_at(&linear, i - 1),
                                7.4 / 99999999, 8 * DBL_EPSILON);
    }
    for (uint64_t i = 1; i < logarithmic.n; i++) {
        ck_assert_double_eq_tol(
            log(msc_levels_at(&logarithmic, i) / msc_levels_at(&logarithmic, i - 1)),
            log(7.7 / 0.3) / 999, 16 * DBL_EPSILON);
    }
}
END_TEST

static const struct {
    const char *text, *where, *message;
} refused[] = {
    {"values = [];\n", "x.cfg:1: values", "there is no value in it"},
    {"values = 3;\n", "x.cfg:1: values", "a list of values is wanted; e.g. [1.0, 2.0, 5.0]"},
    {"values = (1,\n \"x\");\n", "x.cfg:2: values[1]", "must be a number, not the string \"x\""},
    {"values = [1];\nn = 3;\n", "x.cfg:2: n", "values are given, too; write one or the other"},
    {"values = [1];\nspacing = \"log\";\n", "x.cfg:2: spacing",
     "values are given, too; write one or the other"},
    {"from = 1; n = 3;\n", "x.cfg", "'to' is missing"},
    {"to = 1; n = 3;\n", "x.cfg", "'from' is missing"},
    {"from = 1; to = 2;\n", "x.cfg", "'n' is missing"},
    {"from = 1; to = 2;\nn = 1;\n", "x.cfg:2: n", "must be an integer from 2 to 100000000, not 1"},
    {"from = 1; to = 2;\nn = 1e12;\n", "x.cfg:2: n",
     "must be an integer from 2 to 100000000, not 1e+12"},
    {"from = 1; to = 2;\nn = 2.5;\n", "x.cfg:2: n",
     "must be an integer from 2 to 100000000, not 2.5"},
    {"from = 1;\nto = 1; n = 2;\n", "x.cfg:2: to",
     "'from' and 'to' are both 1; for one level write values = [1]"},
    {"from = 0;\nto = 1; n = 2;\n spacing = \"log\";\n", "x.cfg:1: from",
     "logarithmic spacing needs ends above 0: here is 0"},
    {"from = 1;\nto = -1; n = 2;\n spacing = \"log\";\n", "x.cfg:2: to",
     "logarithmic spacing needs ends above 0: here is -1"},
    {"from = 1; to = 2; n = 2;\nspacing = \"even\";\n", "x.cfg:2: spacing",
     "'even' is no spacing; write \"linear\" or \"log\""},
};

START_TEST(test_refused)
{
    if (MSC_CATCH(arena)) {
        ck_assert_str_eq(arena->error.message, refused[_i].message);
        ck_assert_str_eq(arena->error.where, refused[_i].where);
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        return;
    }
    read_as(refused[_i].text);
    ck_abort_msg("taken: %s", refused[_i].text);
}
END_TEST

START_TEST(test_whether_levels_are_given)
{
    static const char *const yes[] = {"values = [1];", "from = 1;", "to = 1;", "n = 1;",
                                      "spacing = 1;"};
    for (size_t i = 0; i < 5; i++) {
        ck_assert(msc_levels_given(msc_conf_read_text(arena, "x.cfg", yes[i], strlen(yes[i]))));
    }
    ck_assert(!msc_levels_given(msc_conf_read_text(arena, "x.cfg", "vary = 1;", 9)));
}
END_TEST

/* ---- units ---- */

static const struct {
    const char *unit, *node;
    bool pure;
    double want; /* or NaN */
    const char *message;
} quantities[] = {
    {"day", "\"36 h\"", false, 1.5, NULL},
    {"day", "\"0.3 day\"", false, 0.3, NULL}, /* the same bits */
    {"day", "0.3", false, 0.3, NULL},
    {"cell/kg", "\"5e6 cell/kg\"", false, 5e6, NULL},
    {"cell/kg", "5000000", false, 5e6, NULL},
    {"cell/kg", "\"5e3 cell/g\"", false, 5e6, NULL},
    {"1", "\"30 %\"", false, 0.3, NULL},
    {"1", "\"0.3\"", false, 0.3, NULL},
    {"day", "\"30 %\"", true, 0.3, NULL},
    {"day", "2", true, 2, NULL},
    {"day", "\"2 day\"", true, NAN, "its unit is 'day', where '1' is due"},
    {"day", "\"2 kg\"", false, NAN, "its unit is 'kg', where 'day' is due"},
    {"day", "\"2\"", false, NAN,
     "its unit is '1', where 'day' is due; write \"2 day\" or the bare number 2"},
    {"day", "\"2 foo\"", false, NAN, "unit 'foo' is not known"},
    {"day", "true", false, NAN, "must be a string, not true"},
    {"us", "\"1e300 year\"", false, NAN, "is too large a number in 'us'"},
};

START_TEST(test_quantities)
{
    msc_model *model = msc_reading_model("");
    const char *text = msc_arena_printf(arena, "x = %s;\n", quantities[_i].node);
    if (MSC_CATCH(arena)) {
        ck_assert_ptr_nonnull(quantities[_i].message);
        ck_assert_str_eq(arena->error.message, quantities[_i].message);
        ck_assert_str_eq(arena->error.where, "x.cfg:1: x");
        msc_model_free(model);
        return;
    }
    const msc_conf *root = msc_conf_read_text(arena, "x.cfg", text, strlen(text));
    msc_quantity_unit unit = msc_quantity_unit_of(arena, model, root, quantities[_i].unit);
    const double x = msc_quantity_read(&unit, root->child[0], quantities[_i].pure);
    ck_assert_double_eq(x, quantities[_i].want);
    msc_model_free(model);
}
END_TEST

START_TEST(test_unknown_unit_of_an_axis)
{
    msc_model *model = msc_reading_model("");
    if (MSC_CATCH(arena)) {
        ck_assert_str_eq(arena->error.message, "unit 'foo' is not known");
        ck_assert_str_eq(arena->error.where, "x.cfg:1: x");
        msc_model_free(model);
        return;
    }
    msc_quantity_unit_of(arena, model, msc_conf_read_text(arena, "x.cfg", "x = 1;", 6)->child[0],
                         "foo");
    ck_abort_msg("taken");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("levels");
    TCase *tcase = tcase_create("levels");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test_levels_as_one_would_write_them, 0,
                        sizeof exact / sizeof *exact);
    tcase_add_test(tcase, test_equal_steps);
    tcase_add_loop_test(tcase, test_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, test_whether_levels_are_given);
    tcase_add_loop_test(tcase, test_quantities, 0, sizeof quantities / sizeof *quantities);
    tcase_add_test(tcase, test_unknown_unit_of_an_axis);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
