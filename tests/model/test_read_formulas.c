/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formulas: names, indices, dimensions, and values that depend on themselves. */
#include <check.h>
#include <stdio.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"kk\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: no parameter, amount, variable or process is named 'kk'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k + frac\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the two sides of '+' must have one unit: here are '1/h' and "
     "'1'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"frac + k\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the two sides of '+' must have one unit: here are '1' and "
     "'1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k < 1\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the two sides of '<' must have one unit: here are '1/h' and "
     "'1'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"min(k, vol)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the arguments of 'min' must have one unit: here are '1/h' "
     "and 'm3'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"if(k, k, k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'if' takes a pure number: here is '1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"if(frac < 1, k, frac)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the two values of 'if' must have one unit: here are '1/h' "
     "and '1'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"exp(k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'exp' takes a pure number: here is '1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"log(vol)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'log' takes a pure number: here is 'm3'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"not k\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'not' takes a pure number: here is '1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k and 1\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'and' takes a pure number: here is '1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k^k\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: '^' takes a pure number: here is '1/h'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k^frac\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the exponent of something with the unit '1/h' must be a "
     "number"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k^0.5\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: '1/h' to the power 0.5 is no unit"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"sqrt(k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the root of '1/h' is no unit"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k[organ]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'k' has no indices"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'arrest' has 1 index, arrest[organ], not 0"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[lung,liver]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'arrest' has 1 index, arrest[organ], not 2"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[organ]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'organ' is not bound here: name it in over, in a sum, or in "
     "from and to"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[lng]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'lng' is neither an element of 'organ' nor a name bound to "
     "it; did you mean 'lung'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[clone]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'clone' stands where an element of 'organ' is due"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[2]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 2 stands where an element of 'organ' is due, whose elements "
     "have names"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"kst[4]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 4 is not in 'stage'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"flow[lung]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'lung' is not in 'systemic'"},
    {"variables: { x = { unit = \"1\";\n"
     "value = \"arrest[last+1]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'arrest': nothing is +1 places from 'spleen' in 'organ'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"arrest[pos]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'pos' is neither an element of 'organ' nor a name bound to "
     "it"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"sum(organ: sum(organ: arrest[organ]))\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'organ' is bound already; write \"o in organ\" for another "
     "index over the same set"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"sum(orgn: k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: no set is named 'orgn'; did you mean 'organ'?"},
    {"variables: { x = { unit = \"mL/min\";\n"
     "value = \"sum(organ: flow[organ])\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'flow' is over 'systemic', which has no 'lung'"},
    {"variables: { x = { unit = \"mL/min\";\n"
     "over = [\"organ\"];\n"
     "value = \"flow[organ]\";\n"
     "};\n"
     "};",
     "m.cfg:4: variables.x.value: 'flow' is over 'systemic', which has no 'lung'"},
    {"variables: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "value = \"arrest[organ+1]\";\n"
     "};\n"
     "};",
     "m.cfg:4: variables.x.value: 'arrest': nothing is +1 places from 'spleen' in 'organ'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "over = [\"organ\"];\n"
     "value = \"kst[stage]\";\n"
     "};\n"
     "};",
     "m.cfg:4: variables.x.value: 'stage' is not bound here: name it in over, in a sum, or in "
     "from and to"},
    {"variables: { x = { unit = \"1/h\";\n"
     "over = [\"clone\"];\n"
     "value = \"k * arrest[clone]\";\n"
     "};\n"
     "};",
     "m.cfg:4: variables.x.value: 'clone' stands where an element of 'organ' is due"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"5 h/tau\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: unit 'h/tau' is not known ('tau' is not known); write 5 h / "
     "tau"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"2 kgg\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: unit 'kgg' is not known; did you mean 'kg'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"2 celsius\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: unit 'celsius' has an offset, so that it cannot be "
     "multiplied; use K for temperatures"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k +\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: column 4: expected a value, found the end"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"fun(k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: column 1: there is no function 'fun'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"time[organ]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'time' has no indices"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"organ\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'organ' is a set: it can stand in brackets or be summed "
     "over only"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"label\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'label' is a cargo: name one place of it, such as "
     "label.blood"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"label.blood\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'label.blood' has 1 index, label.blood[clone], not 0"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"lable.blood[pos]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: no cargo is named 'lable'; did you mean 'label'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"label.blod[pos]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: no amount is named 'blod'; did you mean 'blood'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"label.drug\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'label' does not ride on 'drug': it is not in "
     "cargo.label.rides"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"label.bed[lung,pos]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'label.bed' is in transit: it holds nothing and cannot be "
     "used in a formula; name the processes that fill or empty it"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"bed[lung,pos]\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'bed' is in transit: it holds nothing and cannot be used in "
     "a formula; name the processes that fill or empty it"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"flux(deth)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: no process has the fate 'deth'; did you mean 'death'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"flux(k + 1)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'flux' takes one name, such as flux(lysis)"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"flux(mixed)\";\n"
     "};\n"
     "};\n"
     "processes: { m1 = { from = \"drug\";\n"
     "hazard = \"k\";\n"
     "fate = \"mixed\";\n"
     "};\n"
     "m2 = { from = \"free\";\n"
     "hazard = \"k\";\n"
     "fate = \"mixed\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: the processes of fate 'mixed' move things of more than one "
     "pool: 'm1' and 'm2'"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"integral(k)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'integral' may be used in outputs only, and not inside "
     "integral"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"dosed(cell)\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: 'dosed' may be used in outputs only, and not inside integral"},
    {"outputs: { x = { unit = \"1\";\n"
     "value = \"dosed(cel)\";\n"
     "};\n"
     "};",
     "m.cfg:3: outputs.x.value: no cargo or pool is named 'cel'; did you mean 'cell'?"},
    {"outputs: { x = { unit = \"1\";\n"
     "value = \"integral(integral(k))\";\n"
     "};\n"
     "};",
     "m.cfg:3: outputs.x.value: 'integral' may be used in outputs only, and not inside "
     "integral"},
    {"outputs: { x = { unit = \"1\";\n"
     "value = \"dosed(k + 1)\";\n"
     "};\n"
     "};",
     "m.cfg:3: outputs.x.value: 'dosed' takes one name, such as dosed(cell)"},
    {"outputs: { x = { unit = \"mg\";\n"
     "value = \"given(label)\";\n"
     "};\n"
     "};",
     "m.cfg:3: outputs.x.value: its unit is 'mark', where 'mg' is due"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"0.3\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: its unit is '1', where '1/h' is due; write \"0.3 1/h\" or the "
     "bare number 0.3"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"k * 2 h\";\n"
     "};\n"
     "};",
     "m.cfg:3: variables.x.value: its unit is '1', where '1/h' is due"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"time\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: 'time' cannot be used here: a parameter may depend on "
     "parameters only"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"crowd[lung]\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: 'crowd' is a variable: a parameter may depend on "
     "parameters only"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: 'drug' is an amount: a parameter may depend on parameters "
     "only"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"decay\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: 'decay' is a process: a parameter may depend on parameters "
     "only"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"flux(death)\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: 'flux(death)' cannot be used here: a parameter may depend "
     "on parameters only"},
    {"parameters: { x = { unit = \"1\";\n"
     "value = \"wieght\";\n"
     "};\n"
     "};",
     "m.cfg:3: parameters.x.value: no parameter is named 'wieght'; did you mean 'weight'?"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"x\";\n"
     "};\n"
     "};",
     "m.cfg:2: variables.x: depends on itself: x -> x"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"y\";\n"
     "};\n"
     "y = { unit = \"1/h\";\n"
     "value = \"p / 1 mg\";\n"
     "};\n"
     "};\n"
     "processes: { p = { from = \"drug\";\n"
     "hazard = \"x\";\n"
     "};\n"
     "};",
     "m.cfg:2: variables.x: depends on itself: x -> y -> p -> x"},
    {"variables: { x = { unit = \"1\";\n"
     "over = [\"organ\"];\n"
     "values = { lung = \"catch[liver,pos] / 1 cell * 1 h\";\n"
     "others = 0.1;\n"
     "};\n"
     "};\n"
     "};\n"
     "processes: { catch = { share = \"x[lung]\";\n"
     "};\n"
     "};",
     "m.cfg:2: variables.x: depends on itself: x[lung] -> catch[liver,pos] -> x[lung]"},
    {"variables: { x = { unit = \"1/h\";\n"
     "value = \"flux(f) / 1 mg\";\n"
     "};\n"
     "};\n"
     "processes: { p = { from = \"drug\";\n"
     "hazard = \"x\";\n"
     "fate = \"f\";\n"
     "};\n"
     "};",
     "m.cfg:2: variables.x: depends on itself: x -> p -> x"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

/* An output's formula, its unit, and what it is read as. */
static const struct {
    const char *formula, *unit, *read;
} fine[] = {
    {"k", "1/h", "k"},
    {"-k^2 * 1 h", "1/h", "(-((k ^ 2)) * 1)"},
    {"k + 0", "1/h", "(k + 0)"},
    {"0 - k", "1/h", "(0 - k)"},
    {"max(0, k, -0)", "1/h", "max(0, k, -0)"},
    {"if(k > 0, 0, k)", "1/h", "if((k > 0), 0, k)"},
    {"0", "kg", "0"},
    {"min(0, 0)", "kg", "min(0, 0)"},
    {"sum(organ: 0)", "kg", "sum($0 in organ: 0)"},
    {"60 mL/min * 2 h", "L", "(0.0036 * 2)"},
    {"vol^(2/3)", "m2", "(vol ^ 0.666666667)"},
    {"(vol^2)^0.5", "L", "((vol ^ 2) ^ 0.5)"},
    {"k^-1", "h", "(k ^ -1)"},
    {"sqrt(vol * vol)", "L", "sqrt((vol * vol))"},
    {"abs(k)", "1/h", "abs(k)"},
    {"exp(-k * time)", "1", "exp((-(k) * time))"},
    {"frac^frac", "1", "(frac ^ frac)"},
    {"log(frac) + log10(frac)", "1", "(log(frac) + log10(frac))"},
    {"not (k > 0 and frac) or frac != 1", "1", "(not(((k > 0) and frac)) or (frac != 1))"},
    {"arrest[lung] + arrest[first] + arrest[last-1]", "1",
     "((arrest[lung] + arrest[lung]) + arrest[spleen-1])"},
    {"kst[2] + kst[last]", "1/h", "(kst[2] + kst[3])"},
    {"sum(organ, o in organ: arrest[organ] * arrest[o])", "1",
     "sum($0 in organ, $1 in organ: (arrest[$0] * arrest[$1]))"},
    {"sum(organ: arrest[organ]) + sum(clone: sum(organ: arrest[organ]))", "1",
     "(sum($0 in organ: arrest[$0]) + sum($0 in clone: sum($1 in organ: arrest[$1])))"},
    {"sum(systemic: flow[systemic] * arrest[systemic])", "mL/min",
     "sum($0 in systemic: (flow[$0] * arrest[$0]))"},
    {"sum(portal: flow[portal])", "mL/min", "sum($0 in portal: flow[$0])"},
    {"drug", "mg", "drug"},
    {"label.blood[pos]", "mark", "label.blood[pos]"},
    {"crowd[lung]", "cell", "crowd[lung]"},
    {"flow_in[pos,lung]", "cell/h", "flow_in[pos,lung]"},
    {"flux(death)", "cell/h", "flux(death)"},
    {"integral(flux(death))", "cell", "integral(flux(death))"},
    {"dosed(cell) - given(dying)", "cell", "(dosed(cell) - given(dying))"},
    {"dosed(label)", "mark", "dosed(mark:label)"},
    {"sum(organ: integral(crowd[organ]))", "cell h", "sum($0 in organ: integral(crowd[$0]))"},
};

START_TEST(accepted)
{
    char text[512];
    snprintf(text, sizeof text, "outputs: { x = { unit = \"%s\"; value = \"%s\"; }; };",
             fine[_i].unit, fine[_i].formula);
    msc_model *model = msc_reading_model(text);
    const msc_value *value = &model->output[0].value[0];
    if (value->kind == MSC_VALUE_NUMBER) {
        snprintf(text, sizeof text, "%.9g", value->number);
        ck_assert_str_eq(text, fine[_i].read);
    } else {
        ck_assert_str_eq(msc_reading_text(model, value->expr), fine[_i].read);
        ck_assert(msc_dim_equal(value->expr->dim, model->output[0].dim));
    }
    msc_model_free(model);
}
END_TEST

START_TEST(no_circle)
{
    /* element by element, and past the state: nothing here depends on itself */
    msc_model *model =
        msc_reading_model("parameters: { x = { unit = \"1\"; over = [\"organ\"];\n"
                          "values = { lung = 1.0; others = \"x[organ-1] / 2\"; }; }; };\n"
                          "variables: { a = { unit = \"1/h\"; "
                          "value = \"k * drug / 1 mg\"; };\n"
                          "b = { unit = \"mg/h\"; value = \"lose\"; };\n"
                          "c = { unit = \"cell/h\"; over = [\"organ\"];\n"
                          "values = { lung = 0.0; others = \"catch[organ-1,pos]\"; "
                          "}; }; };\n"
                          "processes: { lose = { from = \"drug\"; hazard = \"a\"; }; };");
    msc_model_free(model);
}
END_TEST

START_TEST(endpoints)
{
    msc_model *model = msc_reading_model("");
    ck_assert_int_eq(MSC_CATCH(model->arena), 0);
    const msc_conf *node = msc_conf_find(model->tree, "parameters");
    const msc_expr *expr =
        msc_model_formula(model, model->arena, node, "integral(crowd[lung]) / dosed(cell)");
    ck_assert_str_eq(msc_reading_text(model, expr), "(integral(crowd[lung]) / dosed(cell))");
    ck_assert(msc_dim_equal(expr->dim, msc_dim_time(model->units)));
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read formulas");
    TCase *tcase = tcase_create("read formulas");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(tcase, accepted, 0, sizeof fine / sizeof *fine);
    tcase_add_test(tcase, no_circle);
    tcase_add_test(tcase, endpoints);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
