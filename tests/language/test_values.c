/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 3: values. One test a sentence:
 *
 *   a number is in `unit`                                          rule_3_a_number_is_in_unit
 *   a formula brings its units, its dimension is that of unit      rule_3_a_formula_brings_its_units
 *   values by element, subset, others; nested once per index       rule_3_values_nested_once_per_index
 *   a leaf that comes early holds for all later indices            rule_3_an_early_leaf_holds
 *   element beats subset beats others                              rule_3_element_beats_subset_beats_others
 *   two subsets that both hold it: error                           rule_3_two_subsets_hold_it
 *   nothing holds: every missing element is named                  rule_3_every_missing_element_is_named
 *   table: linear between, constant outside; unit is that of at    rule_3_a_table_is_linear_and_constant_outside
 *   is: in the parameter's unit, or arrays by element              rule_3_a_table_by_element_falls_back
 *   tables in variables; nodes are stops if of is time             rule_3_nodes_of_a_table_in_time_are_stops
 *   a table of a state                                             rule_3_a_table_of_the_state
 *   total                                                          rule_3_elements_add_up_to_total
 *   remainder                                                      rule_3_remainder_is_what_is_left
 *   remainder < 0: error                                           rule_3_a_negative_remainder
 *   default total for remainder: 1                                 rule_3_total_is_1_by_default
 *   parameters depend on parameters, element by element            rule_3_parameters_depend_on_parameters
 *   a cycle is printed as a chain                                  rule_3_a_cycle_is_a_chain
 *   without a value: legal, but not to run                         rule_3_without_a_value                    */
#include "language/rule.h"

START_TEST(rule_3_a_number_is_in_unit)
{
    rule_value("parameters: { p = { unit = \"mL/min\"; value = 5; }; q = { unit = \"kg\"; value = 2.5; }; };\n", "p",
        "L/h", 0.3);
    rule_value("parameters: { q = { unit = \"%\"; value = 50; }; };\n", "q", "1", 0.5);
}
END_TEST

START_TEST(rule_3_a_formula_brings_its_units)
{
    rule_value("parameters: { p = { unit = \"1/day\"; value = \"log(2) / 36 h\"; }; };\n", "p * 36 h", "1", log(2.0));
    rule_refused_model("parameters: { p = { unit = \"1/day\"; value = \"3 mL\"; }; };\n",
            "model.cfg:1: parameters.p.value: its unit is 'm3', where '1/day' is due");
}
END_TEST

#define SETS "sets: { organ = [\"lung\", \"liver\", \"gut\"]; clone = [\"neg\", \"pos\"]; low = { of = \"organ\"; " \
             "are = [\"liver\", \"gut\"]; };\n" \
             "        end = { of = \"organ\"; are = [\"lung\", \"gut\"]; }; };\n"

START_TEST(rule_3_values_nested_once_per_index)
{
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\", \"clone\"];\n"
                    "  values = { lung = { neg = 1; pos = 2; }; low = { pos = 3; others = 4; }; }; }; };\n",
               "p[lung,neg] + 10 * p[lung,pos] + 100 * p[gut,pos] + 1000 * p[liver,neg]", "1", 4321.0);
}
END_TEST

START_TEST(rule_3_an_early_leaf_holds)
{
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\", \"clone\"]; values = { lung = 5; "
                    "others = { pos = 6; neg = 7; }; }; }; };\n",
               "p[lung,neg] + 10 * p[lung,pos] + 100 * p[gut,pos] + 1000 * p[gut,neg]", "1", 7655.0);
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\", \"clone\"]; value = 5; }; };\n",
        "sum(organ, clone: p[organ,clone])",
               "1", 30.0);
}
END_TEST

START_TEST(rule_3_element_beats_subset_beats_others)
{
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { others = 1; low = 2; "
                    "gut = 3; }; }; };\n",
               "p[lung] + 10 * p[liver] + 100 * p[gut]", "1", 321.0);
}
END_TEST

START_TEST(rule_3_two_subsets_hold_it)
{
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { low = 2; end = 3; }; "
            "}; };\n", "model.cfg:3: parameters.p.values.end: 'gut' is in 'low' and in 'end': give it a value of "
                       "its own");
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { low = 2; end = 3; gut = 4; "
                    "}; }; };\n",
               "p[lung] + 10 * p[liver] + 100 * p[gut]", "1", 423.0);
}
END_TEST

/* What a later file adds to a set lacks values in many parameters: all are named where it joined. */
START_TEST(rule_3_a_new_element_lacks_values)
{
    static const char model[] = "sets: { organ = [\"lung\", \"gut\"]; low = { of = \"organ\"; except = [\"lung\"]; }; };\n"
            "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = 2; gut = 1; }; };\n"
            "  q = { unit = \"1\"; over = [\"low\", \"o in organ\"]; values = { gut = 1; }; };\n"
            "  r = { unit = \"1\"; over = [\"organ\"]; values = { others = 2; }; };\n"
            "  s = { unit = \"1\"; over = [\"organ\"]; table = { of = \"3\"; unit = \"1\"; at = [1.0]; "
            "is = { lung = [1.0]; gut = [1.0]; }; }; }; };\n"
            "outputs: { t = { unit = \"h\"; value = \"time\"; }; };\n";
    rule_refused(model, "sets: { organ = { also = [\"skin\"]; }; };\n" RULE_OUTPUT,
                 "scenario.cfg:2: sets.organ[2]: no value for 'skin' in p, q, s: add to parameters, e.g.  p = { skin = ...; };");
    rule_refused(model, "sets: { organ = { also = [\"skin\"]; }; };\nparameters: { p = { skin = 1; }; s = { skin = 1; }; };\n"
                 RULE_OUTPUT,
                 "scenario.cfg:2: sets.organ[2]: no value for 'skin' in q: add to parameters, e.g.  q = { skin = ...; };");
    rule_refused_model("sets: { organ = [\"lung\", \"gut\"]; };\n"
                       "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = 2; }; };\n"
                       "  q = { unit = \"1\"; over = [\"organ\"]; values = { gut = 2; }; };\n"
                       "  r = { unit = \"1\"; over = [\"organ\"]; values = { gut = 2; }; }; };\n",
                       "model.cfg:2: parameters.p.values: no value for gut; values are missing also in q, r");
}
END_TEST

START_TEST(rule_3_every_missing_element_is_named)
{
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { liver = 2; }; }; };\n",
        "model.cfg:3: parameters.p.values: no value for lung, gut");
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\", \"clone\"]; values = { "
            "liver = 2; gut = { pos = 1; }; }; }; };\n",
                    "model.cfg:3: parameters.p.values: no value for lung,neg; lung,pos; gut,neg");
}
END_TEST

#define TABLE "parameters: { w = { unit = \"kg\"; value = %s; };\n" \
              "  p = { unit = \"mL/min\"; table = { of = \"w\"; unit = \"g\"; at = [1000.0, 3000.0, 4000.0]; " \
              "is = [10, 30, 20]; }; }; };\n"

START_TEST(rule_3_a_table_is_linear_and_constant_outside)
{
    static const struct {
        const char *w;
        double p;
    } at[] = {{"0.5", 10}, {"1", 10}, {"1.5", 15}, {"3", 30}, {"3.5", 25}, {"4", 20}, {"70", 20}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        rule_value(lab_format(TABLE, at[i].w), "p", "mL/min", at[i].p);
    }
    rule_refused_model("parameters: { p = { unit = \"1\"; table = { of = \"2 kg\"; unit = \"h\"; at = [1, 2]; "
                       "is = [1, 2]; }; }; };\n",
                        "model.cfg:1: parameters.p.table.of: its unit is 'kg', where 'h' is due");
}
END_TEST

START_TEST(rule_3_a_table_by_element_falls_back)
{
    rule_value(SETS "parameters: { w = { unit = \"1\"; value = 1.5; }; p = { unit = \"L\"; over = [\"organ\"]; "
                    "values = { others = 7; };\n"
                    "  table = { of = \"w\"; unit = \"1\"; at = [1, 2]; is = { gut = [3, 4]; }; }; }; };\n",
               "p[gut] + 10 * p[lung]", "L", 73.5);
}
END_TEST

START_TEST(rule_3_nodes_of_a_table_in_time_are_stops)
{
    /* one long step would jump over the peak: the integral is right because nodes are stops */
    lab *l = rule_run("variables: { v = { unit = \"1/h\"; table = { of = \"time\"; unit = \"min\"; at = [600.0, "
                      "601.0, 602.0]; is = [0, 60, 0]; }; }; };\n"
                      "outputs: { v = { }; i = { unit = \"1\"; value = \"integral(v)\"; }; };\n", "");
    rule_is(l, "i", 10.0, 0.0);
    rule_is(l, "i", 11.0, 1.0);
    rule_is(l, "i", 24.0, 1.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_3_a_table_of_the_state)
{
    /* x' = -k(x) x, with k x = 1 above 1 (a table), and x below: linear, then exponential */
    lab *l = rule_run("amounts: { x = { unit = \"1\"; initial = 5; }; };\n"
                      "variables: { v = { unit = \"1/h\"; table = { of = \"x\"; unit = \"1\"; at = [0, 1]; "
                      "is = [0, 1]; }; }; };\n"
                      "processes: { go = { from = \"x\"; rate = \"v\"; }; };\noutputs: { x = { }; };\n", "");
    rule_is(l, "x", 3.0, 2.0);
    lab_near(lab_at(l, "x", 6.0), exp(-2.0), 1e-6, 1.0, "past the kink, which is not located");
    lab_free(l);
}
END_TEST

START_TEST(rule_3_elements_add_up_to_total)
{
    rule_value(SETS "parameters: { w = { unit = \"L\"; value = 6; }; p = { unit = \"L\"; over = [\"organ\"]; "
                    "values = { lung = 1; others = 2.5; }; total = \"w\"; }; };\n",
               "sum(organ: p[organ])", "L", 6.0);
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = 0.53; "
            "others = 0.25; }; total = 1; }; };\n", "model.cfg:3: parameters.p: the values add up to 1.0300, not to 1");
    rule_refused_model(SETS "parameters: { w = { unit = \"L\"; value = 6; }; p = { unit = \"L\"; "
            "over = [\"organ\"]; values = { lung = 1; others = 2.4; }; total = \"w\"; }; };\n",
                    "model.cfg:3: parameters.p: the values add up to 5.8, not to 6");
}
END_TEST

START_TEST(rule_3_remainder_is_what_is_left)
{
    rule_value(SETS "parameters: { w = { unit = \"L\"; value = 6; }; p = { unit = \"L\"; over = [\"organ\"]; "
                    "values = { lung = 1; gut = \"remainder\"; others = \"w / 4\"; }; total = \"w\"; }; };\n",
               "p[gut]", "L", 3.5);
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = 0.5; "
            "others = \"remainder\"; }; }; };\n", "model.cfg:3: parameters.p.values.others: one element may be the "
                    "remainder: here are 'liver' and 'gut'");
}
END_TEST

START_TEST(rule_3_a_negative_remainder)
{
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { "
            "lung = \"remainder\"; others = 0.75; }; }; };\n",
                    "model.cfg:3: parameters.p: the other values add up to 1.5000 already, more than 1");
    rule_refused_model(SETS "parameters: { w = { unit = \"1\"; value = 0.75; }; p = { unit = \"1\"; "
            "over = [\"organ\"]; values = { lung = \"remainder\"; others = \"w\"; }; }; };\n", "model.cfg:3: "
                    "parameters.p.values.lung: the remainder p[lung] is negative: the other elements add up to more than "
                    "the total (-0.5)");
}
END_TEST

START_TEST(rule_3_total_is_1_by_default)
{
    rule_value(SETS "parameters: { p = { unit = \"%\"; over = [\"organ\"]; values = { lung = 20; gut = 50; "
                    "liver = \"remainder\"; }; }; };\n", "p[liver]", "%", 30.0);
    rule_refused_model(SETS "parameters: { p = { unit = \"L\"; over = [\"organ\"]; values = { lung = 20; gut = 50; "
            "liver = \"remainder\"; }; }; };\n",
                    "model.cfg:3: parameters.p: the remainder of what? give total, in 'L'");
}
END_TEST

START_TEST(rule_3_parameters_depend_on_parameters)
{
    /* element by element: no circle, though p names p */
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = \"2 * p[liver]\"; "
                    "liver = \"3 * p[gut]\"; gut = 5; }; }; };\n",
               "p[lung]", "1", 30.0);
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\n"
                       "parameters: { p = { unit = \"cell\"; value = \"a\"; }; };\n",
                        "model.cfg:2: parameters.p.value: 'a' is an amount: a parameter may depend on parameters only");
    rule_refused_model("parameters: { p = { unit = \"h\"; value = \"time\"; }; };\n",
            "model.cfg:1: parameters.p.value: 'time' cannot be used here: a parameter may depend on parameters only");
}
END_TEST

START_TEST(rule_3_a_cycle_is_a_chain)
{
    rule_refused_model("parameters: { p = { unit = \"1\"; value = \"q\"; }; q = { unit = \"1\"; value = \"r + 1\"; "
                       "}; r = { unit = \"1\"; value = \"2 * p\"; }; };\n",
                        "model.cfg:1: parameters.p: depends on itself: p -> q -> r -> p");
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = \"p[gut]\"; "
            "gut = \"p[lung]\"; liver = 1; }; }; };\n",
                    "model.cfg:3: parameters.p: depends on itself: p[lung] -> p[gut] -> p[lung]");
}
END_TEST

START_TEST(rule_3_without_a_value)
{
    static const char model[] = "parameters: { p = { unit = \"mL\"; }; };\noutputs: { p = { }; };\n";
    lab *l = rule_scenario(model, "parameters: { p = 5; };\n" RULE_OUTPUT);
    rule_is(l, "p", 0.0, 5.0);
    lab_free(l);
    rule_refused_model(model,
            "model.cfg:1: parameters.p: 'p' has no value: give one in the scenario, e.g. parameters: { p = …; }");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("values");
    TCase *tc = tcase_create("section 3");
    tcase_add_test(tc, rule_3_a_number_is_in_unit);
    tcase_add_test(tc, rule_3_a_formula_brings_its_units);
    tcase_add_test(tc, rule_3_values_nested_once_per_index);
    tcase_add_test(tc, rule_3_an_early_leaf_holds);
    tcase_add_test(tc, rule_3_element_beats_subset_beats_others);
    tcase_add_test(tc, rule_3_two_subsets_hold_it);
    tcase_add_test(tc, rule_3_every_missing_element_is_named);
    tcase_add_test(tc, rule_3_a_new_element_lacks_values);
    tcase_add_test(tc, rule_3_a_table_is_linear_and_constant_outside);
    tcase_add_test(tc, rule_3_a_table_by_element_falls_back);
    tcase_add_test(tc, rule_3_nodes_of_a_table_in_time_are_stops);
    tcase_add_test(tc, rule_3_a_table_of_the_state);
    tcase_add_test(tc, rule_3_elements_add_up_to_total);
    tcase_add_test(tc, rule_3_remainder_is_what_is_left);
    tcase_add_test(tc, rule_3_a_negative_remainder);
    tcase_add_test(tc, rule_3_total_is_1_by_default);
    tcase_add_test(tc, rule_3_parameters_depend_on_parameters);
    tcase_add_test(tc, rule_3_a_cycle_is_a_chain);
    tcase_add_test(tc, rule_3_without_a_value);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
