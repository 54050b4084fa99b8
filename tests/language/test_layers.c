/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, sections 1 and 9: sections, names, and one merge rule. One test a sentence:
 *
 *   anything but these sections is an error                        rule_1_other_sections_are_errors
 *   the order of sections and entries has no effect                rule_1_order_has_no_effect
 *   time_unit                                                      rule_1_time_unit
 *   names: reserved, true and false, one namespace                 rule_1_names
 *   extends: read in order, each merged onto what is there         rule_9_later_layers_win
 *   a bare value; a group of elements                              rule_9_bare_values_and_elements
 *   a bare value replaces value, values and table                  rule_9_a_bare_value_replaces_a_table
 *   an others in the later file resets the earlier ones            rule_9_others_resets
 *   the total of a remainder outlives the remainder                rule_9_a_total_stays
 *   bare numbers keep the unit they were written in                rule_9_another_unit_needs_another_value
 *   elements outrank a later file's subset, with a warning         rule_9_a_subset_that_is_outranked
 *   the later of value/values, to/into, hazard/rate replaces       rule_9_the_later_kind_replaces
 *   a group under an unknown name is new if it has unit            rule_9_new_parameters_have_a_unit
 *   also appends to sets, are and rides                            rule_9_also_appends
 *   caution adds up, each text once                                rule_9_cautions_add_up
 *   without deletes; what refers to it is an error                 rule_9_without_deletes
 *   a file may not extend itself                                   rule_9_a_file_may_not_extend_itself       */
#include "language/rule.h"

START_TEST(rule_1_other_sections_are_errors)
{
    rule_refused_model("amount: { };\n",
            "model.cfg:1: amount: no section of a model is named 'amount'; did you mean 'amounts'?");
    rule_refused_model("amounts: { a = { unit = \"cell\"; colour = \"red\"; }; };\n", "model.cfg:1: "
            "amounts.a.colour: unknown key (known are unit, over, initial, pool, transit, stages, about, source)");
}
END_TEST

START_TEST(rule_1_order_has_no_effect)
{
    static const char *const order[] = {"outputs: { a = { }; };\n"
            "processes: { go = { from = \"a\"; hazard = \"k\"; }; };\n"
            "amounts: { a = { unit = \"cell\"; initial = \"n\"; }; };\n"
            "parameters: { k = { unit = \"1/h\"; value = \"c\"; }; n = { unit = \"cell\"; value = 5; }; c = { "
            "unit = \"1/h\"; value = 0.1; }; };\n",
                                        "parameters: { c = { unit = \"1/h\"; value = 0.1; }; n = { "
                        "unit = \"cell\"; value = 5; }; k = { unit = \"1/h\"; value = \"c\"; }; };\n"
                        "amounts: { a = { unit = \"cell\"; initial = \"n\"; }; };\n"
                        "processes: { go = { from = \"a\"; hazard = \"k\"; }; };\noutputs: { a = { }; };\n"};
    for (size_t i = 0; i < 2; i++) {
        lab *l = rule_run(order[i], "");
        rule_is(l, "a", 10.0, 5.0 * exp(-1.0));
        lab_free(l);
    }
}
END_TEST

START_TEST(rule_1_time_unit)
{
    static const struct {
        const char *unit;
        double day;
    } at[] = {{"h", 24.0}, {"day", 1.0}, {"s", 86400.0}, {"min", 1440.0}, {"week", 1.0 / 7.0}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        lab *l = rule_scenario(lab_format("time_unit = \"%s\";\namounts: { a = { unit = \"cell\"; }; };\n"
                "processes: { die = { from = \"a\"; hazard = \"0.05 1/h\"; }; };\nroutes: { r = { to = \"a\"; }; };\n"
                                          "outputs: { a = { }; die = { }; t = { unit = \"h\"; value = \"time\"; }; "
                        "};\n", at[i].unit),
                               "regimen = ( { route = \"r\"; day = 1.0; dose = \"10 cell\"; repeat = 2; "
                        "interval = \"12 h\"; } );\noutput = { until = \"3 day\"; every = \"12 h\"; };\n");
        const double d = at[i].day;
        const char *unit = NULL;
        ck_assert_str_eq(msc_result_time_unit(lab_result(l)), at[i].unit);
        msc_result_values(lab_result(l), "die", NULL, &unit);
        ck_assert_str_eq(unit, lab_format("cell/%s", at[i].unit));
        rule_is(l, "a", d, 10.0);
        rule_is(l, "a", 1.5 * d, 10.0 + 10.0 * exp(-0.6));
        rule_is(l, "a", 3.0 * d, 10.0 * (exp(-2.4) + exp(-1.8)));
        rule_is(l, "die", d, 0.05 * 24.0 / d * 10.0);
        rule_is(l, "t", 3.0 * d, 72.0);
        lab_free(l);
    }
    rule_refused_model("time_unit = \"kg\";\noutputs: { };\n",
            "model.cfg:1: time_unit: 'kg' cannot count time; use h, day, min, s or the like");
}
END_TEST

START_TEST(rule_1_names)
{
    rule_refused_model("amounts: { TRUE = { unit = \"cell\"; }; };\n", "model.cfg:1: 'TRUE' cannot be a name");
    rule_refused_model("amounts: { sum = { unit = \"cell\"; }; };\n",
            "model.cfg:1: amounts.sum: 'sum' is a word of the language and cannot be a name");
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\n"
                       "parameters: { a = { unit = \"1\"; value = 1; }; };\n",
                        "model.cfg:1: amounts.a: 'a' is the name of a parameter already (model.cfg:2)");
    rule_refused_model("sets: { z = [\"a\", \"z\"]; };\n",
            "model.cfg:1: sets.z: the element 'z' has the name of a set");
    lab_free(rule_run("sets: { z = [\"a\"]; };\namounts: { a = { unit = \"cell\"; over = [\"z\"]; }; };\n"
                      "routes: { a = { to = \"a[a]\"; }; };\nchecks: { a = { that = \"a[a] >= 0\"; }; };\n"
                      "outputs: { a = { }; };\n", ""));
}
END_TEST

#define BASE "sets: { z = [\"x\", \"y\", \"w\"]; low = { of = \"z\"; are = [\"x\"]; }; };\n" \
             "units: { mark = \"m\"; };\n" \
             "parameters: { k = { unit = \"1/h\"; value = 0.1; }; s = { unit = \"1\"; over = [\"z\"]; values = { " \
             "x = 1; y = 2; others = 3; }; };\n" \
             "  t = { unit = \"mL\"; table = { of = \"k\"; unit = \"1/h\"; at = [0, 1]; is = [0, 1]; }; }; };\n" \
             "amounts: { a = { unit = \"cell\"; initial = \"10 cell\"; }; b = { unit = \"cell\"; }; c = { " \
             "unit = \"cell\"; }; };\n" \
             "cargo: { tag = { unit = \"mark\"; rides = [\"a\"]; falls = { others = \"nowhere\"; }; }; };\n" \
             "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"k\"; }; };\n" \
             "outputs: { k = { }; s = { }; t = { }; a = { }; b = { }; c = { }; n = { unit = \"1\"; " \
             "value = \"sum(low: 1)\"; }; };\n"

static lab *layered(const char *more)
{
    return rule_scenario(BASE, lab_format("%s" RULE_OUTPUT, more));
}

START_TEST(rule_9_later_layers_win)
{
    lab *l = layered("parameters: { k = { value = 0.2; }; };\n");
    rule_is(l, "a", 10.0, 10.0 * exp(-2.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_9_bare_values_and_elements)
{
    lab *l = layered("parameters: { k = \"0.005 1/min\"; s = { y = 7; }; };\n");
    rule_is(l, "k", 0.0, 0.3);
    rule_is(l, "s[y]", 0.0, 7.0);
    rule_is(l, "s[x]", 0.0, 1.0);
    rule_is(l, "s[w]", 0.0, 3.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_9_a_bare_value_replaces_a_table)
{
    lab *l = layered("parameters: { t = 5; s = 4; };\n");
    rule_is(l, "t", 0.0, 5.0);
    rule_is(l, "s[x]", 0.0, 4.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_9_others_resets)
{
    lab *l = layered("parameters: { s = { values = { w = 6; others = 5; }; }; };\n");
    rule_is(l, "s[x]", 0.0, 5.0);
    rule_is(l, "s[y]", 0.0, 5.0);
    rule_is(l, "s[w]", 0.0, 6.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_9_a_total_stays)
{
    static const char shares[] = "sets: { z = [\"x\", \"y\"]; };\nparameters: { s = { unit = \"percent\"; over = [\"z\"]; "
                                 "values = { x = 30; y = \"remainder\"; }; }; };\noutputs: { s = { }; };\n";
    rule_refused(shares, "parameters: { s = { y = 80; }; };\n" RULE_OUTPUT,
            "model.cfg:2: parameters.s: the values add up to 110.0000, not to 100");
    rule_refused(shares, "parameters: { s = 30; };\n" RULE_OUTPUT,
            "model.cfg:2: parameters.s: the values add up to 60.0000, not to 100");
    lab *l = rule_scenario(shares, "parameters: { s = { y = 80; x = \"remainder\"; }; };\n" RULE_OUTPUT);
    rule_is(l, "s[x]", 0.0, 20.0);
    lab_free(l);
    l = rule_scenario(shares, "parameters: { s = { y = 80; total = 110; }; };\n" RULE_OUTPUT);
    rule_is(l, "s[y]", 0.0, 80.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_9_another_unit_needs_another_value)
{
    rule_refused(BASE, "parameters: { k = { unit = \"1/min\"; }; };\n" RULE_OUTPUT,
            "scenario.cfg:2: parameters.k.unit: its value is counted in '1/h' by an earlier file: with another unit, give value anew");
    lab *l = layered("parameters: { k = { unit = \"1/min\"; value = 0.01; }; t = { unit = \"L\"; value = 2; }; };\n");
    rule_is(l, "a", 1.0, 10.0 * exp(-0.6));
    lab_free(l);
    rule_refused("parameters: { k = { unit = \"1/h\"; value = 0.1; range = [0.05, 0.3]; }; };\noutputs: { k = { }; };\n",
                 "parameters: { k = { unit = \"1/min\"; value = 0.01; }; };\n" RULE_OUTPUT,
                 "scenario.cfg:2: parameters.k.unit: its range is counted in '1/h' by an earlier file: with another unit, give range anew");
}
END_TEST

START_TEST(rule_9_a_subset_that_is_outranked)
{
    static const char words[] = "says nothing of x, which has a value of its own: name it, or use `others`";
    const char *where = NULL;
    lab *l = layered("parameters: { s = { low = 7; }; };\n");
    rule_is(l, "s[x]", 0.0, 1.0);
    ck_assert_pstr_eq(msc_scenario_warning(lab_scenario(l), 0, &where), words);
    ck_assert_ptr_nonnull(strstr(where, "scenario.cfg:2: parameters.s.values.low"));
    lab_free(l);
    l = layered("parameters: { s = { low = 7; x = 8; }; };\n"); /* in one file it is meant */
    ck_assert_ptr_null(msc_scenario_warning(lab_scenario(l), 0, NULL));
    lab_free(l);
    l = layered("parameters: { s = { low = 7; others = 8; }; };\n");
    rule_is(l, "s[x]", 0.0, 7.0);
    ck_assert_ptr_null(msc_scenario_warning(lab_scenario(l), 0, NULL));
    lab_free(l);
}
END_TEST

START_TEST(rule_9_the_later_kind_replaces)
{
    lab *l = layered("processes: { go = { rate = \"0.25 cell/h\"; into = ( { to = \"b\"; share = 0.5; }, { "
                     "to = \"c\"; share = 0.5; } ); }; };\nwithout = [\"tag\"];\n"
                     "parameters: { k = { table = { of = \"s[x]\"; unit = \"1\"; at = [0, 2]; is = [0, 2]; }; }; };\n");
    rule_is(l, "a", 10.0, 7.5);
    rule_is(l, "b", 10.0, 1.25);
    rule_is(l, "c", 10.0, 1.25);
    rule_is(l, "k", 0.0, 1.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_9_new_parameters_have_a_unit)
{
    lab *l = layered("parameters: { new = { unit = \"1\"; value = 5; }; };\noutputs: { new = { }; };\n");
    rule_is(l, "new", 0.0, 5.0);
    lab_free(l);
    rule_refused(BASE, "parameters: { kk = 3; };\n" RULE_OUTPUT,
            "scenario.cfg:2: parameters.kk: no parameter is named 'kk'; a new one is a group with `unit`");
    rule_refused(BASE, "parameters: { ss = { x = 3; }; };\n" RULE_OUTPUT,
            "scenario.cfg:2: parameters.ss: no parameter is named 'ss'; a new one is a group with `unit`");
}
END_TEST

START_TEST(rule_9_also_appends)
{
    lab *l = layered("sets: { z = { also = [\"v\"]; }; low = { also = [\"v\"]; }; };\n"
                     "cargo: { tag = { rides = { also = [\"b\"]; }; }; };\n"
                     "outputs: { r = { unit = \"mark\"; value = \"tag.b\"; }; };\n");
    rule_is(l, "s[v]", 0.0, 3.0);
    rule_is(l, "n", 0.0, 2.0);
    ck_assert(lab_has(l, "r"));
    lab_free(l);
}
END_TEST

START_TEST(rule_9_cautions_add_up)
{
    static const char model[] = "caution = [\"one\", \"two\"];\noutputs: { t = { unit = \"h\"; value = \"time\"; }; };\n";
    static const char *const want[] = {"one", "two", "three", NULL};
    lab *l = rule_scenario(model, "caution = (\"two\", \"three\");\n" RULE_OUTPUT);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_pstr_eq(msc_scenario_caution(lab_scenario(l), i), want[i]);
    }
    lab_free(l);
    l = rule_scenario("outputs: { t = { unit = \"h\"; value = \"time\"; }; };\n", RULE_OUTPUT);
    ck_assert_ptr_null(msc_scenario_caution(lab_scenario(l), 0));
    lab_free(l);
    rule_refused_model("caution = 3;\n", "model.cfg:1: caution: expected a string or an array of strings, found an integer");
}
END_TEST

START_TEST(rule_9_without_deletes)
{
    lab *l = layered("without = [\"go\"];\n");
    rule_is(l, "a", 10.0, 10.0);
    lab_free(l);
    rule_refused(BASE, "without = [\"k\"];\n" RULE_OUTPUT,
            "model.cfg:4: parameters.t.table.of: no parameter is named 'k'");
    rule_refused(BASE, "without = [\"kk\"];\n" RULE_OUTPUT,
            "scenario.cfg:2: without[0]: nothing that was extended is named 'kk'");
}
END_TEST

START_TEST(rule_9_a_file_may_not_extend_itself)
{
    rule_refused_model("extends = \"model.cfg\";\n", "model.cfg:1: extends: model.cfg extends itself");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sections and layers");
    TCase *tc = tcase_create("sections 1 and 9");
    tcase_add_test(tc, rule_1_other_sections_are_errors);
    tcase_add_test(tc, rule_1_order_has_no_effect);
    tcase_add_test(tc, rule_1_time_unit);
    tcase_add_test(tc, rule_1_names);
    tcase_add_test(tc, rule_9_later_layers_win);
    tcase_add_test(tc, rule_9_bare_values_and_elements);
    tcase_add_test(tc, rule_9_a_bare_value_replaces_a_table);
    tcase_add_test(tc, rule_9_others_resets);
    tcase_add_test(tc, rule_9_a_total_stays);
    tcase_add_test(tc, rule_9_another_unit_needs_another_value);
    tcase_add_test(tc, rule_9_a_subset_that_is_outranked);
    tcase_add_test(tc, rule_9_the_later_kind_replaces);
    tcase_add_test(tc, rule_9_new_parameters_have_a_unit);
    tcase_add_test(tc, rule_9_also_appends);
    tcase_add_test(tc, rule_9_cautions_add_up);
    tcase_add_test(tc, rule_9_without_deletes);
    tcase_add_test(tc, rule_9_a_file_may_not_extend_itself);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
