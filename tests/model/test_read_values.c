/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * value, values, table, total, range; what a dose says of a parameter; quantities. */
#include <check.h>
#include <math.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"parameters: { x = { value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: no parameter is named 'x'; a new one is a group with `unit`"},
    {"parameters: { x = { unit = \"kg\";\n"
     "valeu = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.valeu: unknown key; did you mean 'value'?"},
    {"parameters: { x = { unit = \"kgg\";\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x.unit: unit 'kgg' is not known; did you mean 'kg'?"},
    {"parameters: { x = { unit = \"celsius\";\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x.unit: unit 'celsius' has an offset, so that it cannot be "
     "multiplied; use K for temperatures"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = \"0.3\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: its unit is '1', where 'kg' is due; write \"0.3 kg\" or the "
     "bare number 0.3"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = \"2 h\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: its unit is 'h', where 'kg' is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = true;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: here is true or false, where a number or a formula in "
     "quotes is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "values = { lung = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.values: there are no elements here: the entry has no over"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organs\"];\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.over: no set is named 'organs'; did you mean 'organ'?"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\", \"organ\"];\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.over: 'organ' is bound already; write \"o in organ\" for another "
     "index over the same set"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"lung in organ\"];\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.over: 'lung' is an element of 'organ' already: bind another name"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"clone in organ\"];\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.over: 'clone' is a set already: bind another name"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = 3;\n"
     "value = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.over: here is an integer, where an array of names is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values: no value for liver, spleen"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\", \"clone\"];\n"
     "values = { lung = { pos = 1.0;\n"
     "};\n"
     "liver = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values: no value for lung,neg; spleen,neg; spleen,pos"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lng = 1.0;\n"
     "others = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.lng: 'lng' is neither an element of 'organ' nor a subset "
     "of it; did you mean 'lung'?"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"systemic\"];\n"
     "values = { lung = 1.0;\n"
     "others = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.lung: 'lung' is not in 'systemic'"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { clone = 1.0;\n"
     "others = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.clone: 'clone' is not a subset of 'organ'"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { systemic = 1.0;\n"
     "portal = 2.0;\n"
     "lung = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.x.values.portal: 'spleen' is in 'systemic' and in 'portal': give it "
     "a value of its own"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = { pos = 1.0;\n"
     "};\n"
     "others = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.lung: one level more than the entry has indices"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"stage\"];\n"
     "values = { n1 = 1.0;\n"
     "n2 = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values: no value for 3"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"stage\"];\n"
     "values = { n4 = 1.0;\n"
     "others = 2.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.n4: 'n4' is neither an element of 'stage' nor a subset of "
     "it"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = [1.0];\n"
     "others = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.values.lung: here is an array [ ], where a number or a formula in "
     "quotes is due"},
    {"parameters: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"remainder\";\n"
     "liver = \"remainder\";\n"
     "spleen = 0.1;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.x.values.liver: one element may be the remainder: here are 'lung' "
     "and 'liver'"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"remainder\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: remainder belongs among the values of a parameter with one "
     "index"},
    {"variables: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"remainder\";\n"
     "others = 0.1;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: variables.x.values.lung: remainder belongs among the values of a parameter "
     "with one index"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"remainder\";\n"
     "others = 0.1;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: the remainder of what? give total, in 'kg'"},
    {"parameters: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"remainder\";\n"
     "others = 0.7;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: the other values add up to 1.4000 already, more than 1"},
    {"parameters: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "value = 0.3433333;\n"
     "total = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: the values add up to 1.0300, not to 1"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = 1.0;\n"
     "total = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.total: a total belongs to a parameter with one index"},
    {"parameters: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "value = 0.3;\n"
     "total = \"weight\";\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.x.total: its unit is 'kg', where '1' is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = 1.0;\n"
     "range = [2.0, 1.0];\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.range: low is above high"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = 1.0;\n"
     "range = [2.0];\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.range: a range is [low, high]"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = 1.0;\n"
     "range = (\"1 kg\", \"2 h\");\n"
     "};\n"
     "};",
     "m.cfg:4: parameters.x.range: its unit is 'h', where 'kg' is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { unit = \"h\";\n"
     "at = [1.0];\n"
     "is = [1.0];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.table: 'of' is missing"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"h\";\n"
     "at = [1.0];\n"
     "is = [1.0];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.table.of: its unit is 'kg', where 'h' is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [2.0, 1.0];\n"
     "is = [1.0, 2.0];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.x.table.at: the numbers must ascend: 1 comes after 2"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [1.0, 2.0];\n"
     "is = [1.0];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:6: parameters.x.table.is: 1 numbers, but 'at' has 2"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [1.0];\n"
     "is = 1.0;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:6: parameters.x.table.is: here is a number, where an array of numbers is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [1.0];\n"
     "is = { lung = [1.0];\n"
     "liver = [2.0];\n"
     "};\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:7: parameters.x.table.is: no value for spleen"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [ ];\n"
     "is = [ ];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.x.table.at: an array of numbers is due"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"weight\";\n"
     "unit = \"kg\";\n"
     "at = [1.0];\n"
     "is = [1.0];\n"
     "as = 1;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:7: parameters.x.table.as: unknown key (known are of, unit, at, is)"},
    {"parameters: { x = { unit = \"kg\";\n"
     "table = { of = \"time\";\n"
     "unit = \"h\";\n"
     "at = [1.0];\n"
     "is = [1.0];\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.table.of: 'time' cannot be used here: a parameter may depend on "
     "parameters only"},
    {"parameters: { x = { unit = \"kg\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"x[liver]\";\n"
     "liver = \"x[spleen]\";\n"
     "spleen = \"x[lung]\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: depends on itself: x[lung] -> x[liver] -> x[spleen] -> x[lung]"},
    {"parameters: { x = { unit = \"kg\";\n"
     "value = \"y\";\n"
     "};\n"
     "y = { unit = \"kg\";\n"
     "value = \"z\";\n"
     "};\n"
     "z = { unit = \"kg\";\n"
     "value = \"y + 1 kg\";\n"
     "};\n"
     "};",
     "m.cfg:5: parameters.y: depends on itself: y -> z -> y"},
    {"parameters: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"remainder\";\n"
     "others = \"x[lung] / 10\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:2: parameters.x: depends on itself: x[lung] -> x[spleen] -> x[lung]"},
    {"variables: { x = { unit = \"1\";\n"
     "};\n"
     "};",
     "m.cfg:2: variables.x: needs value or values"},
    {"parameters: { crowd = { unit = \"1\";\n"
     "};\n"
     "};",
     "base.cfg:26: variables.crowd: 'crowd' is the name of a parameter already (m.cfg:2)"},
    {"parameters: { x = 3;\n"
     "};",
     "m.cfg:2: parameters.x: no parameter is named 'x'; a new one is a group with `unit`"},
    {"variables: { x = 3;\n"
     "};",
     "m.cfg:2: variables.x: must be a group { }, not 3"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

static const msc_parameter *parameter(const msc_model *model, const char *name)
{
    int i = msc_model_find_parameter(model, name);
    ck_assert_int_ge(i, 0);
    return &model->parameter[i];
}

static void is_number(const msc_parameter *p, size_t instance, double number)
{
    ck_assert_int_eq(p->value[instance].kind, MSC_VALUE_NUMBER);
    ck_assert_ptr_null(p->value[instance].expr);
    ck_assert_double_eq_tol(p->value[instance].number, number, 1e-12 * fabs(number) + 1e-300);
}

static void is_formula(const msc_model *model, const msc_value *value, const char *text)
{
    ck_assert_int_eq(value->kind, MSC_VALUE_FORMULA);
    ck_assert_str_eq(msc_reading_text(model, value->expr), text);
}

START_TEST(numbers)
{
    msc_model *model =
        msc_reading_model("parameters: { a = { unit = \"mL/min\"; value = 2; "
                          "about = \"text\"; source = \"read\"; };\n"
                          "b = { unit = \"mL/min\"; value = \"-3 L/h\"; "
                          "range = (1, 2.0); };\n"
                          "c = { unit = \"day\"; value = 0; range = (\"1 h\", 1.0); };\n"
                          "d = { unit = \"percent\"; value = 5.0; }; "
                          "e = { unit = \"kg\"; value = \"0\"; };\n"
                          "f = { unit = \"h\"; }; g = { unit = \"1\"; "
                          "value = \"2^3\"; }; };");
    is_number(parameter(model, "a"), 0, 2 * 60e-6);
    is_number(parameter(model, "b"), 0, -3e-3);
    is_number(parameter(model, "c"), 0, 0);
    is_number(parameter(model, "d"), 0, 0.05);
    is_number(parameter(model, "e"), 0, 0);
    is_formula(model, parameter(model, "g")->value, "(2 ^ 3)");
    ck_assert_int_eq(parameter(model, "f")->value[0].kind, MSC_VALUE_NONE);
    ck_assert_str_eq(parameter(model, "a")->about, "text");
    ck_assert_str_eq(parameter(model, "a")->source, "read");
    ck_assert(!parameter(model, "a")->ranged && parameter(model, "b")->ranged);
    ck_assert_double_eq_tol(parameter(model, "b")->high, 120e-6, 1e-15);
    ck_assert_double_eq_tol(parameter(model, "c")->low, 1, 1e-12);
    ck_assert_double_eq_tol(parameter(model, "c")->high, 24, 1e-12);
    msc_model_free(model);
}
END_TEST

START_TEST(elements_beat_subsets_beat_others)
{
    msc_model *model =
        msc_reading_model("parameters: { a = { unit = \"1\"; over = [\"organ\"];\n"
                          "values = { others = 1.0; systemic = 2.0; "
                          "spleen = \"frac\"; }; };\n"
                          "b = { unit = \"1\"; over = [\"organ\", \"clone\"];\n"
                          "values = { lung = { pos = 1.0; others = 2.0; }; "
                          "others = 3.0; }; };\n"
                          "c = { unit = \"1\"; over = [\"stage\"]; value = 5.0; "
                          "values = { n2 = 6; }; };\n"
                          "d = { unit = \"1\"; over = [\"systemic\"]; "
                          "values = { organ = 1.0; portal = 2.0; spleen = 3.0; }; }; "
                          "};");
    const msc_parameter *a = parameter(model, "a"), *b = parameter(model, "b"),
                        *c = parameter(model, "c");
    is_number(a, 0, 1);
    is_number(a, 1, 2);
    is_formula(model, &a->value[2], "frac");
    const double due[] = {2, 1, 3, 3, 3, 3};
    for (size_t i = 0; i < 6; i++) {
        is_number(b, i, due[i]);
    }
    is_number(c, 0, 5);
    is_number(c, 1, 6);
    is_number(c, 2, 5);
    is_number(parameter(model, "d"), 0, 1);
    is_number(parameter(model, "d"), 1, 3);
    msc_model_free(model);
}
END_TEST

START_TEST(formulas_only_where_they_stand)
{
    msc_model *model =
        msc_reading_model("variables: { x = { unit = \"mL/min\"; over = [\"organ\"];\n"
                          "values = { lung = 1.0; others = \"flow[organ]\"; }; };\n"
                          "y = { unit = \"1/h\"; over = [\"stage\"];\n"
                          "values = { n3 = \"kst[first]\"; "
                          "others = \"kst[stage+1]\"; }; }; };");
    const msc_variable *x = &model->variable[1], *y = &model->variable[2];
    ck_assert_int_eq(x->value[0].kind, MSC_VALUE_NUMBER);
    is_formula(model, &x->value[1], "flow[$0]");
    ck_assert_ptr_eq(x->value[1].expr, x->value[2].expr);
    is_formula(model, &y->value[0], "kst[$0+1]");
    is_formula(model, &y->value[2], "kst[1]");
    msc_model_free(model);
}
END_TEST

START_TEST(totals)
{
    msc_model *model =
        msc_reading_model("parameters: { a = { unit = \"1\"; over = [\"organ\"];\n"
                          "values = { lung = \"remainder\"; others = 0.25; }; };\n"
                          "b = { unit = \"g\"; over = [\"organ\"]; total = \"weight\";\n"
                          "values = { spleen = \"remainder\"; others = 1.0; }; };\n"
                          "c = { unit = \"percent\"; over = [\"clone\"]; "
                          "total = 100; value = 50; };\n"
                          "d = { unit = \"1\"; over = [\"clone\"]; total = 1; "
                          "value = \"frac\"; }; };");
    ck_assert_int_eq(parameter(model, "a")->value[0].kind, MSC_VALUE_REMAINDER);
    ck_assert_str_eq(msc_reading_text(model, parameter(model, "a")->total), "1");
    ck_assert_str_eq(msc_reading_text(model, parameter(model, "b")->total), "weight");
    ck_assert_int_eq(parameter(model, "b")->value[2].kind, MSC_VALUE_REMAINDER);
    ck_assert_str_eq(msc_reading_text(model, parameter(model, "c")->total), "1");
    ck_assert_ptr_null(parameter(model, "k")->total);
    msc_model_free(model);
}
END_TEST

START_TEST(tables)
{
    msc_model *model =
        msc_reading_model("parameters: { a = { unit = \"g\"; over = [\"organ\"];\n"
                          "table = { of = \"weight\"; unit = \"g\"; at = [1, 2]; "
                          "is = { lung = [3.0, 4.0]; portal = (5, 6.0); }; };\n"
                          "values = { others = 7.0; }; };\n"
                          "b = { unit = \"1\"; table = { of = \"frac\"; at = [0.0]; "
                          "is = [2.0]; }; }; };\n"
                          "variables: { v = { unit = \"1\"; over = [\"organ\"];\n"
                          "table = { of = \"time\"; unit = \"day\"; at = [0.0, 1.0]; "
                          "is = [0.0, 1.0]; }; }; };");
    const msc_parameter *a = parameter(model, "a");
    is_formula(model, &a->value[0], "table0.0(weight)");
    is_number(a, 1, 0.007);
    is_formula(model, &a->value[2], "table0.1(weight)");
    is_formula(model, parameter(model, "b")->value, "table1.0(frac)");
    is_formula(model, &model->variable[1].value[0], "table2.0(time)");
    is_formula(model, &model->variable[1].value[2], "table2.0(time)");
    ck_assert_uint_eq(model->n_table, 3);
    ck_assert_uint_eq(model->table[0].n_row, 2);
    ck_assert_double_eq_tol(model->table[0].at[1], 0.002, 1e-15);
    ck_assert_double_eq_tol(model->table[0].is[1][0], 0.005, 1e-15);
    ck_assert_double_eq_tol(model->table[2].at[1], 24, 1e-12);
    ck_assert_uint_eq(model->table[2].n_row, 1);
    msc_model_free(model);
}
END_TEST

START_TEST(overrides)
{
    msc_model *model =
        msc_reading_model("parameters: { given = { unit = \"1\"; over = [\"organ\"]; "
                          "value = 0.5; }; };");
    int i = msc_model_find_parameter(model, "given");
    const msc_parameter *p = &model->parameter[i];
    msc_value value[3];
    const char text[] = "some = { lung = 0.7; portal = \"frac\"; }; "
                        "all = \"2 percent\"; wrong = { lng = 1.0; };";
    ck_assert_int_eq(MSC_CATCH(model->arena), 0);
    const msc_conf *tree = msc_conf_read_text(model->arena, "dose", text, sizeof text - 1);
    memcpy(value, p->value, sizeof value);
    msc_model_override(model, model->arena, i, msc_conf_find(tree, "some"), value);
    ck_assert_double_eq(value[0].number, 0.7);
    ck_assert_double_eq(value[1].number, 0.5);
    is_formula(model, &value[2], "frac");
    msc_model_override(model, model->arena, i, msc_conf_find(tree, "all"), value);
    for (int k = 0; k < 3; k++) {
        ck_assert_double_eq(value[k].number, 0.02);
    }
    if (!MSC_CATCH(model->arena)) {
        msc_model_override(model, model->arena, i, msc_conf_find(tree, "wrong"), value);
        ck_abort_msg("'lng' was accepted");
    }
    ck_assert_str_eq(model->arena->error.where, "dose:1: wrong.lng");
    ck_assert_str_eq(model->arena->error.message,
                     "'lng' is neither an element of 'organ' nor a subset of it; "
                     "did you mean 'lung'?");
    msc_model_free(model);
}
END_TEST

START_TEST(quantities)
{
    static const char text[] = "a = 3; b = \"5e6 cell/kg\"; c = \"2 day\"; d = \"7\";";
    msc_model *model = msc_reading_model("");
    msc_dim dim;
    char unit[64];
    ck_assert_int_eq(MSC_CATCH(model->arena), 0);
    const msc_conf *tree = msc_conf_read_text(model->arena, "q", text, sizeof text - 1);
    ck_assert_double_eq(
        msc_model_quantity(model, model->arena, msc_conf_find(tree, "a"), "day", &dim), 72);
    ck_assert_double_eq(
        msc_model_quantity(model, model->arena, msc_conf_find(tree, "c"), NULL, &dim), 48);
    ck_assert(msc_dim_equal(dim, msc_dim_time(model->units)));
    ck_assert_double_eq(
        msc_model_quantity(model, model->arena, msc_conf_find(tree, "d"), "day", &dim), 7);
    ck_assert(msc_dim_is_pure(dim));
    ck_assert_double_eq(
        msc_model_quantity(model, model->arena, msc_conf_find(tree, "b"), "1", &dim), 5e6);
    msc_dim_text(model->units, dim, unit, sizeof unit);
    ck_assert_str_eq(unit, "cell/kg");
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read values");
    TCase *tcase = tcase_create("read values");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, numbers);
    tcase_add_test(tcase, elements_beat_subsets_beat_others);
    tcase_add_test(tcase, formulas_only_where_they_stand);
    tcase_add_test(tcase, totals);
    tcase_add_test(tcase, tables);
    tcase_add_test(tcase, overrides);
    tcase_add_test(tcase, quantities);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
