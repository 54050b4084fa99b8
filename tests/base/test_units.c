/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Units: exact factors, dimensions, refusals. */
#include "base/units.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

static msc_units *units;

static void set_up(void)
{
    msc_error err;
    ck_assert_msg(msc_units_new(&units, &err) == MSC_OK, "%s", err.message);
    ck_assert_int_eq(msc_units_set_time(units, "h", &err), MSC_OK);
}

static void tear_down(void)
{
    msc_units_free(units);
}

/* The factor of a text, and its dimension as text. */
static double parse(const char *text, char dimension[64])
{
    double factor = -1.0;
    msc_dim dim;
    msc_error err;
    ck_assert_msg(msc_units_parse(units, text, &factor, &dim, &err) == MSC_OK, "%s", err.message);
    msc_dim_text(units, dim, dimension, 64);
    return factor;
}

typedef struct {
    const char *text;
    double factor;
    const char *dimension;
} expected;

static void check_all(const expected *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char dimension[64];
        const double factor = parse(cases[i].text, dimension);
        ck_assert_msg(!(factor < cases[i].factor || factor > cases[i].factor),
                      "%s: %.17g, not %.17g", cases[i].text, factor, cases[i].factor);
        ck_assert_str_eq(dimension, cases[i].dimension);
    }
}

/* Bit for bit: every factor is the double nearest to the truth. */
START_TEST(test_factors_are_exact)
{
    static const expected cases[] = {
        {"h", 1.0, "h"},
        {"hour", 1.0, "h"},
        {"min", 1.0 / 60.0, "h"},
        {"s", 1.0 / 3600.0, "h"},
        {"day", 24.0, "h"},
        {"d", 24.0, "h"},
        {"week", 168.0, "h"},
        {"year", 31556925.9747 / 3600.0, "h"},
        {"1/h", 1.0, "1/h"},
        {"h^-1", 1.0, "1/h"},
        {"h-1", 1.0, "1/h"},
        {"1/min", 60.0, "1/h"},
        {"1/day", 1.0 / 24.0, "1/h"},
        {"1/s", 3600.0, "1/h"},
        {"1/year", 3600.0 / 31556925.9747, "1/h"},
        {"h2", 1.0, "h2"},
        {"1/h2", 1.0, "1/h2"},
        {"mL", 1e-6, "m3"},
        {"L", 1e-3, "m3"},
        {"uL", 1e-9, "m3"},
        {"fL", 1e-18, "m3"},
        {"mL/min", 6e-5, "m3/h"},
        {"L/min", 0.06, "m3/h"},
        {"mL/min/kg", 6e-5, "m3/kg/h"},
        {"mL/h", 1e-6, "m3/h"},
        {"L/day", 1.0 / 24000.0, "m3/h"},
        {"mL/day", 1.0 / 24e6, "m3/h"},
        {"cell", 1.0, "cell"},
        {"cell/kg", 1.0, "cell/kg"},
        {"cell/h", 1.0, "cell/h"},
        {"cell/mL", 1e6, "cell/m3"},
        {"cell/uL", 1e9, "cell/m3"},
        {"1e6 cell", 1e6, "cell"},
        {"Mcell", 1e6, "cell"},
        {"g", 1e-3, "kg"},
        {"mg", 1e-6, "kg"},
        {"ug", 1e-9, "kg"},
        {"ng/mL", 1e-6, "kg/m3"},
        {"m2", 1.0, "m2"},
        {"m^2", 1.0, "m2"},
        {"cm2", 1e-4, "m2"},
        {"um", 1e-6, "m"},
        {"um^3", 1e-18, "m3"},
        {"percent", 0.01, "1"},
        {"%", 0.01, "1"},
        {"1", 1.0, "1"},
        {"", 1.0, "1"},
        {"  ", 1.0, "1"},
        {" h ", 1.0, "h"},
        {"umol/L", 1e-3, "mol/m3"},
        {"\xC2\xB5mol/L", 1e-3, "mol/m3"},
        {"nmol", 1e-9, "mol"},
        {"Bq", 3600.0, "1/h"},
        {"K", 1.0, "K"},
        {"kg.m2", 1.0, "kg.m2"},
        {"kg m2/h2", 1.0, "kg.m2/h2"},
        {"Pa", 12960000.0, "kg/m/h2"},
        {"1.5 m", 1.5, "m"},
        {".5 m", 0.5, "m"},
        {"kg/(m.h)", 1.0, "kg/m/h"},
    };
    check_all(cases, sizeof cases / sizeof *cases);
    check_all(cases, sizeof cases / sizeof *cases); /* now from the cache */
}
END_TEST

START_TEST(test_radian_is_pure)
{
    char dimension[64];
    ck_assert_double_eq(parse("rad", dimension), 1.0);
    ck_assert_str_eq(dimension, "1");
    ck_assert_double_eq_tol(parse("degree", dimension), 0.017453292519943295, 1e-17);
    ck_assert_double_eq(parse("rad/h", dimension), 1.0);
    ck_assert_str_eq(dimension, "1/h");
    ck_assert_double_eq(parse("sr", dimension), 1.0);
}
END_TEST

START_TEST(test_other_time_units)
{
    static const expected in_days[] = {{"day", 1.0, "day"},
                                       {"h", 1.0 / 24.0, "day"},
                                       {"1/h", 24.0, "1/day"},
                                       {"mL/min", 1.44e-3, "m3/day"}};
    static const expected in_seconds[] = {{"min", 60.0, "s"}, {"1/h", 1.0 / 3600.0, "1/s"}};
    msc_error err;
    char dimension[64];
    parse("h", dimension); /* must not stay in the cache */
    ck_assert_int_eq(msc_units_set_time(units, "day", &err), MSC_OK);
    check_all(in_days, 4);
    ck_assert_int_eq(msc_units_set_time(units, "s", &err), MSC_OK);
    check_all(in_seconds, 2);
    static const char *const bad[] = {"kg", "1/h", "10 min", "cell", "", "hrs ago", "celsius"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(msc_units_set_time(units, bad[i], &err), MSC_E_CONFIG);
    }
    check_all(in_seconds, 2); /* a refusal changes nothing */
}
END_TEST

START_TEST(test_own_units)
{
    static const expected cases[] = {{"mark", 1.0, "mark"},
                                     {"mark/cell", 1.0, "mark/cell"},
                                     {"kmark", 1e3, "mark"},
                                     {"mark/cell/min", 60.0, "mark/cell/h"}};
    static const char *const bad[] = {
        "mark", "h",     "kg",    "cell",
        "min",  "per",   "since", "u2",
        "2u",   "mar-k", "true",  "days",
        "",     "_x",    "kcell", "a_name_of_more_than_thirty_two_letters"};
    msc_error err;
    ck_assert_int_eq(msc_units_add(units, "mark", &err), MSC_OK);
    check_all(cases, 4);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err.message[0] = '\0';
        ck_assert_msg(msc_units_add(units, bad[i], &err) == MSC_E_CONFIG, "%s", bad[i]);
        ck_assert_msg(err.message[0], "%s", bad[i]);
    }
    check_all(cases, 4);
    int more = 0;
    char name[] = "xxq";
    while (msc_units_add(units, name, &err) == MSC_OK) {
        more++;
        name[2]++;
    }
    ck_assert_int_eq(more, 7); /* 7 of SI, cell, mark */
    ck_assert_ptr_nonnull(strstr(err.message, "one too many"));
}
END_TEST

static void check_refusal(const char *text, const char *part)
{
    double factor = 7.0;
    msc_dim dim;
    msc_error err = {.status = MSC_OK};
    const msc_status status = msc_units_parse(units, text, &factor, &dim, &err);
    ck_assert_msg(status == MSC_E_CONFIG, "'%s' gives %g", text, factor);
    ck_assert_int_eq(err.status, MSC_E_CONFIG);
    ck_assert_str_eq(err.where, "");
    ck_assert_msg(strstr(err.message, part) != NULL, "'%s': %s", text, err.message);
}

START_TEST(test_refusals)
{
    check_refusal("celsius", "offset");
    check_refusal("degC", "offset");
    check_refusal("K @ 3", "offset");
    check_refusal("lg(re 1 mW)", "logarithmic");
    check_refusal("s since 2000-01-01", "is a date");
    check_refusal("m^2.5", "exponent");
    check_refusal("m2.5", "exponent");
    check_refusal("m^.5", "exponent");
    check_refusal("m^100", "exponent");
    check_refusal("0", "");
    check_refusal("-1", "positive");
    check_refusal("h - 1", "");
    check_refusal("1e999", "");
    check_refusal("1e-400", "");
    check_refusal("2000-01-01", "");
    check_refusal("m^99999999999", "");
    check_refusal("(m^100)^100", "");
    check_refusal("m.5", "exponent");
    check_refusal("1e3.5", "'.'");
    check_refusal("1.2.3 m", "'.'");
    check_refusal("m)", "bracket");
    check_refusal("(m", "bracket");
    check_refusal(")m(", "bracket");
    check_refusal("m//h", "cannot be read");
    check_refusal("nan", "");
    check_refusal("inf", "");
    check_refusal("h\n", "character");
    check_refusal("\xC2", "character");
    check_refusal("\xFF\xFE", "character");
    check_refusal("\x1b[31m", "character");
    check_refusal("mL/mni", "did you mean 'min'");
    check_refusal("cel", "did you mean 'cell'");
    check_refusal("cell/frobs", "('frobs' is not known)");
    check_refusal("IU", "is not known");
    char longer[2000];
    memset(longer, 'm', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    check_refusal(longer, "too long");
}
END_TEST

START_TEST(test_many_texts)
{
    char text[40], dimension[64];
    for (int i = 1; i <= 3000; i++) {
        snprintf(text, sizeof text, "%d m%d", (i * 7919) % 3001, 1 + i % 3);
        ck_assert_double_eq(parse(text, dimension), (i * 7919) % 3001);
    }
    for (int i = 1; i <= 3000; i++) {
        snprintf(text, sizeof text, "%d m%d", (i * 7919) % 3001, 1 + i % 3);
        ck_assert_double_eq(parse(text, dimension), (i * 7919) % 3001);
    }
}
END_TEST

START_TEST(test_dimensions)
{
    msc_error err;
    double factor = 0.0;
    msc_dim volume, flow, rate, power;
    const msc_dim pure = {{0}};
    ck_assert_int_eq(msc_units_parse(units, "mL", &factor, &volume, &err), MSC_OK);
    ck_assert_int_eq(msc_units_parse(units, "mL/min", &factor, &flow, &err), MSC_OK);
    ck_assert_int_eq(msc_units_parse(units, "1/h", &factor, &rate, &err), MSC_OK);
    ck_assert(msc_dim_equal(msc_dim_quotient(flow, volume), rate));
    ck_assert(msc_dim_equal(msc_dim_product(volume, rate), flow));
    ck_assert(msc_dim_is_pure(msc_dim_product(rate, msc_dim_time(units))));
    ck_assert(!msc_dim_is_pure(rate));
    ck_assert(msc_dim_power(volume, 2, 3, &power));
    ck_assert_int_eq(power.e[0], 2);
    ck_assert(!msc_dim_power(volume, 1, 2, &power));
    ck_assert(msc_dim_is_pure(power));
    ck_assert(!msc_dim_power(volume, 1, 0, &power));
    ck_assert(!msc_dim_power(volume, 100, 1, &power));
    ck_assert(!msc_dim_power(volume, 2147483647, 1, &power));
    ck_assert(msc_dim_power(volume, -1, -3, &power));
    ck_assert_int_eq(power.e[0], 1);
    ck_assert(msc_dim_power(pure, 1, 7, &power));
    ck_assert(msc_dim_power(volume, 0, 1, &power));
    ck_assert(msc_dim_is_pure(power));
    msc_dim large = volume;
    for (int i = 0; i < 100; i++) {
        large = msc_dim_product(large, volume); /* stays at the end of the range */
    }
    ck_assert_int_eq(large.e[0], 127);
}
END_TEST

START_TEST(test_dimension_text)
{
    char text[64], tiny[6];
    static const char *const cases[][2] = {{"cell/h", "cell/h"}, {"L/min", "m3/h"},
                                           {"1", "1"},           {"1/h", "1/h"},
                                           {"J", "kg.m2/h2"},    {"V", "kg.m2/A/h3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(cases[i][0], text);
        ck_assert_str_eq(text, cases[i][1]);
        char again[64]; /* and it can be read */
        parse(text, again);
        ck_assert_str_eq(text, again);
    }
    msc_error err;
    double factor = 0.0;
    msc_dim dim;
    ck_assert_int_eq(msc_units_parse(units, "V", &factor, &dim, &err), MSC_OK);
    msc_dim_text(units, dim, tiny, sizeof tiny);
    ck_assert_str_eq(tiny, "kg.m2");
    msc_dim_text(units, dim, tiny, 1);
    ck_assert_str_eq(tiny, "");
    msc_dim_text(units, dim, NULL, 0);
}
END_TEST

START_TEST(test_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE"};
    for (size_t i = 0; i < 3; i++) {
        if (setlocale(LC_ALL, names[i])) {
            static const expected cases[] = {
                {"0.5 h", 0.5, "h"}, {"mL/min", 6e-5, "m3/h"}, {"foot", 0.3048, "m"}};
            msc_units_free(units);
            set_up();
            check_all(cases, 3);
            return;
        }
    }
}
END_TEST

START_TEST(test_missing_database)
{
    msc_units *none = NULL;
    msc_error err;
    setenv("UDUNITS2_XML_PATH", "/nowhere/udunits2.xml", 1);
    ck_assert_int_eq(msc_units_new(&none, &err), MSC_E_NOINPUT);
    ck_assert_ptr_null(none);
    msc_units_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("units");
    TCase *tests = tcase_create("units");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_factors_are_exact);
    tcase_add_test(tests, test_radian_is_pure);
    tcase_add_test(tests, test_other_time_units);
    tcase_add_test(tests, test_own_units);
    tcase_add_test(tests, test_refusals);
    tcase_add_test(tests, test_many_texts);
    tcase_add_test(tests, test_dimensions);
    tcase_add_test(tests, test_dimension_text);
    tcase_add_test(tests, test_locale);
    tcase_add_test(tests, test_missing_database);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
