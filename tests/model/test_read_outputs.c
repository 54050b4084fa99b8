/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outputs, checks, and the sections without entries. */
#include <check.h>
#include <math.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"outputs: { x = { };\n"
     "};",
     "m.cfg:2: outputs.x: no parameter, amount, variable or process is named 'x': give unit "
     "and value"},
    {"outputs: { crwd = { };\n"
     "};",
     "m.cfg:2: outputs.crwd: no parameter, amount, variable or process is named 'crwd': give "
     "unit and value; did you mean 'crowd'?"},
    {"outputs: { label = { };\n"
     "};",
     "m.cfg:2: outputs.label: 'label' is a cargo: give unit and value"},
    {"outputs: { organ = { unit = \"1\";\n"
     "value = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.organ: 'organ' is a set, and both would have that name in a results "
     "file"},
    {"outputs: { time = { unit = \"h\";\n"
     "value = \"time\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.time: 'time' has its own meaning in a results file: name the output "
     "otherwise"},
    {"outputs: { bed = { };\n"
     "};",
     "m.cfg:2: outputs.bed: 'bed' is in transit: it holds nothing to give out"},
    {"outputs: { crowd = { over = [\"organ\"];\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.crowd.over: without a value the output has the indices of 'crowd'"},
    {"outputs: { crowd = { unit = \"kg\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.crowd.unit: 'crowd' is in 'cell', which 'kg' cannot count"},
    {"outputs: { x = { value = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.x: 'unit' is missing"},
    {"outputs: { x = { unit = \"1\";\n"
     "value = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: outputs.x.value: its unit is '1/h', where '1' is due"},
    {"outputs: { x = { unit = \"1\";\n"
     "value = \"frac\";\n"
     "form = 1;\n"
     "};\n"
     "};",
     "m.cfg:4: outputs.x.form: unknown key (known are unit, value, values, table, over, "
     "about, source)"},
    {"outputs: { x = { unit = \"1\";\n"
     "over = [\"o in organ\"];\n"
     "value = \"frac\";\n"
     "};\n"
     " o = { unit = \"1\";\n"
     "value = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.x: its index 'o' and the output 'o' would have one name in a results "
     "file"},
    {"outputs: { x = { unit = \"1\";\n"
     "over = [\"o in organ\"];\n"
     "value = \"frac\";\n"
     "};\n"
     "y = { unit = \"1\";\n"
     "over = [\"o in clone\"];\n"
     "value = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: outputs.x: its index 'o' runs over 'organ', that of the output 'y' over 'clone'"},
    {"outputs: { x = 1;\n"
     "};",
     "m.cfg:2: outputs.x: must be a group { }, not 1"},
    {"outputs: { x-y = { unit = \"1\";\n"
     "value = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: 'x-y' is no name: it takes a letter, then letters, digits and _"},
    {"checks: { x = { else = \"stop\";\n"
     "};\n"
     "};",
     "m.cfg:2: checks.x: 'that' is missing"},
    {"checks: { x = { that = \"k\";\n"
     " };\n"
     "};",
     "m.cfg:2: checks.x.that: its unit is '1/h', where '1' is due"},
    {"checks: { x = { that = \"frac < 1\";\n"
     "else = \"halt\";\n"
     "};\n"
     "};",
     "m.cfg:3: checks.x.else: 'halt' is neither \"stop\" nor \"warn\""},
    {"checks: { x = { that = \"integral(k) < 1\";\n"
     "};\n"
     "};",
     "m.cfg:2: checks.x.that: 'integral' may be used in outputs only, and not inside integral"},
    {"checks: { x = { that = \"frac < 1\";\n"
     "other = 1;\n"
     "};\n"
     "};",
     "m.cfg:3: checks.x.other: unknown key (known are that, else, over, doses, shown, about, source)"},
    {"checks: { x = { over = [\"organ\"];\n"
     "that = \"flow[organ] > 0\";\n"
     "};\n"
     "};",
     "m.cfg:3: checks.x.that: 'flow' is over 'systemic', which has no 'lung'"},
    {"checks: { x = 1;\n"
     "};",
     "m.cfg:2: checks.x: must be a group { }, not 1"},
    {"ouputs: { };",
     "m.cfg:2: ouputs: no section of a scenario or model is named 'ouputs'; did you mean "
     "'outputs'?"},
    {"time_unit = \"kg\";",
     "m.cfg:2: time_unit: 'kg' cannot count time; use h, day, min, s or the like"},
    {"units: { cell = \"again\";\n"
     "};",
     "m.cfg:2: units.cell: 'cell' is a unit already"},
    {"units: { other = 1;\n"
     "};",
     "m.cfg:2: units.other: must be a string, not 1"},
    {"title = 3;",
     "m.cfg:2: title: must be a string, not 3"},
    {"parameters = 3;",
     "m.cfg:2: parameters: must be a group { }, not 3"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

START_TEST(things)
{
    msc_model *model = msc_reading_model("outputs: { crowd = { }; drug = { unit = \"g\"; "
                                         "about = \"own\"; }; arrest = { }; flow_in = { };\n"
                                         "x = { unit = \"percent\"; "
                                         "over = [\"organ\", \"o in organ\"]; "
                                         "value = \"arrest[organ] * arrest[o]\"; }; };\n"
                                         "variables: { crowd = { about = \"cells caught\"; }; };");
    const msc_output *crowd = &model->output[msc_model_find_output(model, "crowd")];
    const msc_output *drug = &model->output[msc_model_find_output(model, "drug")];
    const msc_output *flow = &model->output[msc_model_find_output(model, "flow_in")];
    const msc_output *x = &model->output[msc_model_find_output(model, "x")];
    ck_assert_int_eq(msc_model_find_output(model, "blood"), -1);
    ck_assert_str_eq(crowd->about, "cells caught");
    ck_assert_str_eq(crowd->unit, "cell");
    ck_assert_uint_eq(crowd->shape.n, 3);
    ck_assert_str_eq(msc_reading_text(model, crowd->value[2].expr), "crowd[$0]");
    ck_assert_str_eq(drug->unit, "g");
    ck_assert_str_eq(drug->about, "own");
    ck_assert_double_eq_tol(drug->factor, 1e-3, 1e-15);
    ck_assert_str_eq(flow->unit, "cell/h");
    ck_assert_str_eq(msc_reading_text(model, flow->value[0].expr), "flow_in[$0,$1]");
    ck_assert_double_eq_tol(x->factor, 0.01, 1e-15);
    ck_assert_str_eq(x->shape.over[1].name, "o");
    ck_assert_uint_eq(x->shape.n, 9);
    msc_model_free(model);
}
END_TEST

START_TEST(checks)
{
    msc_model *model = msc_reading_model("checks: { a = { that = \"arrest[organ] < 1\"; "
                                         "over = \"organ\"; else = \"stop\"; about = \"text\"; };\n"
                                         "b = { that = \"time < 3 day\"; else = \"warn\"; }; "
                                         "c = { that = 1; }; };");
    ck_assert_uint_eq(model->n_check, 3);
    ck_assert(model->check[0].stop && !model->check[1].stop && !model->check[2].stop);
    ck_assert_uint_eq(model->check[0].shape.n, 3);
    ck_assert_str_eq(msc_reading_text(model, model->check[0].that), "(arrest[$0] < 1)");
    ck_assert_str_eq(msc_reading_text(model, model->check[1].that), "(time < 72)");
    msc_model_free(model);
}
END_TEST

START_TEST(time_units)
{
    msc_model *model = msc_reading_model("time_unit = \"day\"; title = \"slow\"; "
                                         "outputs: { x = { unit = \"1/h\"; "
                                         "value = \"k + 1 / 24 h\"; }; decay = { }; };");
    ck_assert_str_eq(model->time_unit, "day");
    ck_assert_str_eq(model->title, "slow");
    ck_assert_double_eq_tol(model->parameter[0].value[0].number, 2.4, 1e-12);
    ck_assert_str_eq(msc_reading_text(model, model->output[0].value[0].expr), "(k + (1 / 1))");
    ck_assert_str_eq(model->output[1].unit, "mark/day");
    ck_assert_double_eq(model->output[1].factor, 1);
    msc_model_free(model);
}
END_TEST

START_TEST(sources)
{
    msc_model *model = msc_reading_model("");
    ck_assert_uint_eq(model->n_source, 2);
    ck_assert_ptr_nonnull(model->source[0].text);
    ck_assert_ptr_nonnull(model->tree);
    msc_model_free(model);
    msc_model_free(NULL);
    msc_error err;
    ck_assert_int_eq(msc_model_read("/nowhere/at/all.cfg", NULL, 0, &model, &err), MSC_E_NOINPUT);
    ck_assert_int_eq(msc_model_read("/nowhere/at/all.cfg", NULL, 0, &model, NULL), MSC_E_NOINPUT);
    ck_assert_ptr_null(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read outputs");
    TCase *tcase = tcase_create("read outputs");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, things);
    tcase_add_test(tcase, checks);
    tcase_add_test(tcase, time_units);
    tcase_add_test(tcase, sources);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
