/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 4: formulas. One test a sentence:
 *
 *   the grammar: precedence, associativity                          rule_4_precedence
 *   -x^2 = -(x^2); ^ is right-associative                           rule_4_minus_and_power
 *   a unit belongs to the number before it                          rule_4_a_unit_belongs_to_a_number
 *   5 h/tau is an error                                             rule_4_a_unit_has_no_names
 *   + - < min max if need equal dimensions                          rule_4_equal_dimensions
 *   a bare number is pure; 0 fits any                               rule_4_zero_fits_any
 *   exponents are pure, constant if the base has a dimension        rule_4_exponents
 *   exp log log10 take pure numbers                                 rule_4_pure_functions
 *   units: UDUNITS, cell, the file's own                            rule_4_units_of_the_file
 *   offsets and logarithms are refused                              rule_4_celsius_is_refused
 *   time: since day 0                                               rule_4_time_since_day_0
 *   if, min, max of two or more, sum over several sets              rule_4_if_min_max_sum
 *   comparisons and logic are 1 or 0                                rule_4_comparisons_as_numbers
 *   a process' name is its current rate                             rule_4_a_process_is_its_rate
 *   ... in the unit of to, of a source                              rule_4_a_source_is_in_the_unit_of_to
 *   ... summed over branches and stages                             rule_4_a_process_sums_branches_and_stages
 *   flux(fate): all processes of a fate, all indices                rule_4_flux_of_a_fate
 *   an amount with stages is the sum of its stages                  rule_4_an_amount_sums_its_stages
 *   a transit may not be named                                      rule_4_a_transit_is_not_named
 *   integral in outputs only                                        rule_4_integral_in_outputs_only
 *   dosed in outputs only, all that the regimen gives               rule_4_dosed_counts_every_dose
 *   variables may use processes and processes variables             rule_4_variables_use_processes
 *   no value depends on itself                                      rule_4_no_value_depends_on_itself
 *   kinks in time are made stops                                    rule_4_kinks_in_time_are_stops
 *   kinks in the state are left to the error control                rule_4_kinks_in_the_state               */
#include "language/rule.h"

START_TEST(rule_4_precedence)
{
    rule_value("", "2 + 3 * 4 - 6 / 3 / 2", "1", 13.0);
    rule_value("", "(2 + 3) * 4", "1", 20.0);
    rule_value("", "not 1 > 2 and 2 > 1 or 0", "1", 1.0);
    rule_value("", "not (1 > 2 or 2 > 1)", "1", 0.0);
    rule_value("", "1 + 1 == 2", "1", 1.0);
    rule_value("", "not not 5", "1", 1.0);
    rule_value("", "10 - 4 - 3", "1", 3.0);
}
END_TEST

START_TEST(rule_4_minus_and_power)
{
    rule_value("parameters: { x = { unit = \"1\"; value = 3; }; };\n", "-x^2", "1", -9.0);
    rule_value("", "2^3^2", "1", 512.0);
    rule_value("", "2^-1", "1", 0.5);
    rule_value("", "2 * -3", "1", -6.0);
    rule_value("", "--3", "1", 3.0);
}
END_TEST

START_TEST(rule_4_a_unit_belongs_to_a_number)
{
    rule_value("parameters: { x = { unit = \"h\"; value = 2; }; };\n", "187 mL/min * x", "L", 22.44);
    rule_value("", "500 g", "kg", 0.5);
    rule_value("", "0.65 1/h", "1/day", 15.6);
    rule_value("", "2 h^-1", "1/h", 2.0);
    rule_value("parameters: { h = { unit = \"1\"; value = 7; }; };\n", "2 h / 1 h + h", "1",
        9.0); /* no unit clashes with a name */
}
END_TEST

START_TEST(rule_4_a_unit_has_no_names)
{
    rule_refused_model("parameters: { tau = { unit = \"h\"; value = 2; }; };\n"
                       "outputs: { x = { unit = \"1\"; value = \"5 h/tau\"; }; };\n", "model.cfg:2: "
                        "outputs.x.value: unit 'h/tau' is not known ('tau' is not known); write 5 h / tau");
}
END_TEST

START_TEST(rule_4_equal_dimensions)
{
    static const struct {
        const char *formula, *complaint;
    } bad[] = {
        {"1 h + 1 kg", "the two sides of '+' must have one unit: here are 'h' and 'kg'"},
        {"1 h - 1", "the two sides of '-' must have one unit: here are 'h' and '1'"},
        {"1 h < 1 kg", "the two sides of '<' must have one unit: here are 'h' and 'kg'"},
        {"min(1 h, 1 kg)", "the arguments of 'min' must have one unit: here are 'h' and 'kg'"},
        {"max(1 h, 2 min, 3 L)", "the arguments of 'max' must have one unit: here are 'h' and 'm3'"},
        {"if(1, 1 h, 1 kg)", "the two values of 'if' must have one unit: here are 'h' and 'kg'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rule_refused_model(lab_format("outputs: { x = { unit = \"h\"; value = \"%s\"; }; };\n", bad[i].formula),
                           lab_format("model.cfg:1: outputs.x.value: %s", bad[i].complaint));
    }
    rule_value("", "1 h + 30 min", "min", 90.0);
}
END_TEST

START_TEST(rule_4_zero_fits_any)
{
    rule_value("", "max(0, -3 kg)", "kg", 0.0);
    rule_value("", "if(1 kg > 0, 2 h, 0)", "h", 2.0);
    rule_refused_model("outputs: { x = { unit = \"kg\"; value = \"1 kg + 1\"; }; };\n",
            "model.cfg:1: outputs.x.value: the two sides of '+' must have one unit: here are 'kg' and '1'");
}
END_TEST

START_TEST(rule_4_exponents)
{
    rule_value("parameters: { v = { unit = \"L\"; value = 8; }; };\n", "v^(1/3)", "dm", 2.0);
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"2^(1 h)\"; }; };\n",
            "model.cfg:1: outputs.x.value: '^' takes a pure number: here is 'h'");
    rule_refused_model("parameters: { p = { unit = \"1\"; value = 2; }; };\n"
                       "outputs: { x = { unit = \"h2\"; value = \"(1 h)^p\"; }; };\n",
                        "model.cfg:2: outputs.x.value: the exponent of something with the unit 'h' must be a number");
}
END_TEST

START_TEST(rule_4_pure_functions)
{
    rule_value("", "exp(1) + log(2) + log10(1000) + sqrt(16) + abs(-2)", "1", exp(1.0) + log(2.0) + 9.0);
    rule_value("", "sqrt(9 m2) + abs(-2 m)", "m", 5.0);
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"exp(1 h)\"; }; };\n",
            "model.cfg:1: outputs.x.value: 'exp' takes a pure number: here is 'h'");
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"log(1 h)\"; }; };\n",
            "model.cfg:1: outputs.x.value: 'log' takes a pure number: here is 'h'");
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"log10(1 h)\"; }; };\n",
            "model.cfg:1: outputs.x.value: 'log10' takes a pure number: here is 'h'");
}
END_TEST

START_TEST(rule_4_units_of_the_file)
{
    rule_value("units: { virion = \"a virus\"; };\nparameters: { p = { unit = \"virion/cell\"; value = 4; }; };\n",
        "p * 3 cell", "virion", 12.0);
    rule_refused_model("outputs: { x = { unit = \"virion\"; value = \"1\"; }; };\n",
            "model.cfg:1: outputs.x.unit: unit 'virion' is not known");
}
END_TEST

START_TEST(rule_4_celsius_is_refused)
{
    rule_refused_model("outputs: { x = { unit = \"celsius\"; value = \"1\"; }; };\n", "model.cfg:1: "
            "outputs.x.unit: unit 'celsius' has an offset, so that it cannot be multiplied; use K for temperatures");
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"3 celsius / 1 K\"; }; };\n", "model.cfg:1: "
            "outputs.x.value: unit 'celsius' has an offset, so that it cannot be multiplied; use K for temperatures");
    rule_refused_model("outputs: { x = { unit = \"dBm\"; value = \"1\"; }; };\n",
            "model.cfg:1: outputs.x.unit: unit 'dBm' is logarithmic");
}
END_TEST

#define CELLS "amounts: { a = { unit = \"cell\"; stages = 2; initial = \"8 cell\"; }; b = { unit = \"cell\"; }; };\n"

START_TEST(rule_4_time_since_day_0)
{
    lab *l = rule_scenario("routes: { r = { to = \"a\"; }; };\namounts: { a = { unit = \"cell\"; }; };\n"
            "outputs: { x = { unit = \"h\"; value = \"time\"; }; };\n",
                           "regimen = ( { route = \"r\"; day = -1.0; dose = \"1 cell\"; } );\n"
                        "output = { until = \"24 h\"; every = \"6 h\"; };\n");
    rule_is(l, "x", -24.0, -24.0);
    rule_is(l, "x", 24.0, 24.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_4_if_min_max_sum)
{
    rule_value("sets: { a = [\"x\", \"y\"]; b = \"1..3\"; };\n", "if(2 > 1, 10, 20) + min(3, 2, 5, 4) + max(1, 7, "
            "3) + sum(a, b: 1)", "1", 25.0);
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"min(1)\"; }; };\n",
            "model.cfg:1: outputs.x.value: column 1: 'min' takes 2 arguments or more, not 1");
}
END_TEST

START_TEST(rule_4_comparisons_as_numbers)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; }; };\n"
                      "processes: { go = { to = \"a\"; rate = \"2 cell/h * (time >= 3.3 h and not time > 7.9 h) + "
                      "1 cell/h * (time != 0)\"; }; };\n"
                      "outputs: { a = { }; high = { unit = \"1\"; value = \"(a > 12 cell) + 10 * (a <= 12 cell)\"; "
                      "}; };\n", "");
    rule_is(l, "a", 24.0, 2.0 * 4.6 + 24.0);
    rule_is(l, "high", 1.0, 10.0);
    rule_is(l, "high", 24.0, 1.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_4_a_process_is_its_rate)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"mg\"; }; };\n"
                      "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; yield = \"3 mg/cell\"; "
                      "}; };\noutputs: { go = { }; };\n", "");
    const char *unit = NULL;
    ck_assert_ptr_nonnull(msc_result_values(lab_result(l), "go", NULL, &unit));
    ck_assert_str_eq(unit, "cell/h");
    rule_is(l, "go", 5.0, 0.8 * exp(-0.5));
    lab_free(l);
}
END_TEST

START_TEST(rule_4_a_source_is_in_the_unit_of_to)
{
    lab *l = rule_run("amounts: { b = { unit = \"mg\"; }; };\n"
                      "processes: { go = { to = \"b\"; rate = \"48 g/day\"; }; };\n"
                      "outputs: { go = { }; b = { }; };\n", "");
    rule_is(l, "go", 5.0, 2000.0);
    rule_is(l, "b", 5.0, 10000.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_4_a_process_sums_branches_and_stages)
{
    lab *l = rule_run(CELLS "processes: { on = { from = \"a\"; dwell = \"10 h\"; }; die = { from = \"a\"; "
            "hazard = \"0.1 1/h\"; into = ( { to = \"b\"; share = 0.25; }, { share = \"remainder\"; } ); }; };\n"
                            "outputs: { on = { }; die = { }; a = { }; };\n", "");
    const double k = 0.2, h = 0.1;
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "a", t, 8.0 * exp(-(k + h) * t) * (1.0 + k * t));
        rule_is(l, "die", t, 8.0 * h * exp(-(k + h) * t) * (1.0 + k * t));
        rule_is(l, "on", t, 8.0 * k * k * t * exp(-(k + h) * t));
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_4_flux_of_a_fate)
{
    lab *l = rule_run("sets: { z = [\"x\", \"y\"]; };\n"
                      "amounts: { a = { unit = \"cell\"; over = [\"z\"]; initial = \"8 cell\"; }; b = { "
                      "unit = \"cell\"; initial = \"2 cell\"; }; };\n"
                      "processes: { one = { from = \"a[z]\"; hazard = \"0.1 1/h\"; fate = \"death\"; }; two = { "
                      "from = \"b\"; hazard = \"0.5 1/h\"; fate = \"death\"; };\n"
                      "             three = { from = \"b\"; hazard = \"0.25 1/h\"; into = ( { share = 0.5; "
                      "fate = \"death\"; }, { share = 0.5; } ); }; };\n"
                      "outputs: { f = { unit = \"cell/h\"; value = \"flux(death)\"; }; };\n", "");
    rule_is(l, "f", 0.0, 1.6 + 1.0 + 0.25);
    lab_free(l);
}
END_TEST

START_TEST(rule_4_an_amount_sums_its_stages)
{
    lab *l = rule_run(CELLS "processes: { on = { from = \"a\"; dwell = \"10 h\"; }; };\noutputs: { a = { }; };\n", "");
    rule_is(l, "a", 5.0, 8.0 * exp(-1.0) * 2.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_4_a_transit_is_not_named)
{
    rule_refused_model("amounts: { t = { unit = \"cell\"; transit = true; }; };\n"
                       "processes: { go = { from = \"t\"; share = 1; }; };\n"
                       "outputs: { x = { unit = \"cell\"; value = \"t\"; }; };\n", "model.cfg:3: outputs.x.value: "
                        "'t' is in transit: it holds nothing and cannot be used in a formula; "
                        "name the processes that fill or empty it");
}
END_TEST

START_TEST(rule_4_integral_in_outputs_only)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; };\n"
                      "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\n"
                      "outputs: { i = { unit = \"cell h\"; value = \"integral(a)\"; }; s = { unit = \"cell2 h\"; "
                      "value = \"integral(a * a)\"; }; t = { unit = \"h2\"; value = \"integral(time)\"; }; };\n", "");
    rule_is(l, "i", 7.0, -80.0 * expm1(-0.7));
    rule_is(l, "s", 7.0, -320.0 * expm1(-1.4));
    rule_is(l, "t", 7.0, 24.5);
    lab_free(l);
    rule_refused_model(CELLS "variables: { v = { unit = \"cell h\"; value = \"integral(a)\"; }; };\n",
        "model.cfg:2: variables.v.value: 'integral' may be used in outputs only, and not inside integral");
}
END_TEST

START_TEST(rule_4_dosed_counts_every_dose)
{
    lab *l = rule_run("units: { mark = \"x\"; };\namounts: { a = { unit = \"cell\"; }; };\n"
                      "cargo: { tag = { unit = \"mark\"; load = \"2 mark/cell\"; rides = [\"a\"]; falls = { "
                      "others = \"nowhere\"; }; }; };\n"
                      "routes: { r = { to = \"a\"; }; };\n"
                      "outputs: { d = { unit = \"cell\"; value = \"dosed(cell)\"; }; m = { unit = \"mark\"; "
                      "value = \"dosed(tag)\"; };\n"
                      "  g = { unit = \"mark\"; value = \"given(tag)\"; }; };\n",
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; repeat = 3; interval = \"6 h\"; }, { "
                      "route = \"r\"; at = \"2 h\"; dose = \"1 cell\"; tag = \"5 mark/cell\"; duration = \"2 h\"; }");
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "d", t, 31.0);
        rule_is(l, "m", t, 65.0);
    }
    rule_is(l, "g", 3.0, 22.5);
    rule_is(l, "g", 12.0, 65.0);
    lab_free(l);
    rule_refused_model(CELLS "variables: { v = { unit = \"cell\"; value = \"dosed(cell)\"; }; };\n",
            "model.cfg:2: variables.v.value: 'dosed' may be used in outputs only, and not inside integral");
}
END_TEST

START_TEST(rule_4_variables_use_processes)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"mg\"; }; };\n"
                      "variables: { v = { unit = \"mg/h\"; value = \"5 mg/cell * die\"; }; };\n"
                      "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; make = { to = \"b\"; "
                      "rate = \"v\"; }; };\noutputs: { b = { }; };\n", "");
    rule_is(l, "b", 10.0, -40.0 * expm1(-1.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_4_no_value_depends_on_itself)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; };\n"
                       "variables: { v = { unit = \"1/h\"; value = \"die / 1 cell\"; }; };\n"
                       "processes: { die = { from = \"a\"; hazard = \"v\"; }; };\n",
                        "model.cfg:2: variables.v: depends on itself: v -> die -> v");
    rule_refused_model("variables: { v = { unit = \"1\"; value = \"w\"; }; w = { unit = \"1\"; "
                       "value = \"v + time / 1 h\"; }; };\n",
                        "model.cfg:1: variables.v: depends on itself: v -> w -> v");
}
END_TEST

START_TEST(rule_4_kinks_in_time_are_stops)
{
    /* each integral is exact only if the solver stops at the kinks, which are nowhere near the grid */
    lab *l = rule_run("parameters: { on = { unit = \"h\"; value = 3.217; }; };\n"
                      "outputs: { a = { unit = \"h\"; value = \"integral(if(time < on, 1, 3))\"; }; b = { "
                      "unit = \"h\"; value = \"integral(min(time / 1 h, 7.77))\"; };\n"
                      "  c = { unit = \"h\"; value = \"integral(max(time / 1 h, 7.77, 12.5))\"; }; d = { "
                      "unit = \"h\"; value = \"integral(abs(time / 1 h - 5.5))\"; };\n"
                      "  e = { unit = \"h\"; value = \"integral((time >= 10.01 h) * (time < 10.02 h))\"; }; };\n", "");
    lab_near(lab_end(l, "a"), 3.217 + 3.0 * (24.0 - 3.217), 1e-13, 100.0, "if");
    lab_near(lab_end(l, "b"), 0.5 * 7.77 * 7.77 + 7.77 * (24.0 - 7.77), 1e-13, 200.0, "min");
    lab_near(lab_end(l, "c"), 12.5 * 12.5 + 0.5 * (576.0 - 12.5 * 12.5), 1e-13, 400.0, "max");
    lab_near(lab_end(l, "d"), 0.5 * 5.5 * 5.5 + 0.5 * 18.5 * 18.5, 1e-13, 200.0, "abs");
    lab_near(lab_end(l, "e"), 0.01, 1e-11, 1.0, "a short pulse");
    lab_free(l);
}
END_TEST

START_TEST(rule_4_kinks_in_the_state)
{
    /* decays at 1/h above 1, at half that below; the kink at t = log 8 is not a stop */
    lab *l = rule_run("amounts: { x = { unit = \"1\"; initial = 8; }; };\n"
                      "processes: { go = { from = \"x\"; hazard = \"if(x > 1, 1 1/h, 0.5 1/h)\"; }; };\n"
                      "outputs: { x = { }; };\n", "");
    lab_near(lab_at(l, "x", 2.0), 8.0 * exp(-2.0), 20.0 * RULE_RTOL, 8.0, "before the kink");
    lab_near(lab_at(l, "x", 6.0), exp(-0.5 * (6.0 - log(8.0))), 1e-6, 1.0, "after it");
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("formulas");
    TCase *tc = tcase_create("section 4");
    tcase_add_test(tc, rule_4_precedence);
    tcase_add_test(tc, rule_4_minus_and_power);
    tcase_add_test(tc, rule_4_a_unit_belongs_to_a_number);
    tcase_add_test(tc, rule_4_a_unit_has_no_names);
    tcase_add_test(tc, rule_4_equal_dimensions);
    tcase_add_test(tc, rule_4_zero_fits_any);
    tcase_add_test(tc, rule_4_exponents);
    tcase_add_test(tc, rule_4_pure_functions);
    tcase_add_test(tc, rule_4_units_of_the_file);
    tcase_add_test(tc, rule_4_celsius_is_refused);
    tcase_add_test(tc, rule_4_time_since_day_0);
    tcase_add_test(tc, rule_4_if_min_max_sum);
    tcase_add_test(tc, rule_4_comparisons_as_numbers);
    tcase_add_test(tc, rule_4_a_process_is_its_rate);
    tcase_add_test(tc, rule_4_a_source_is_in_the_unit_of_to);
    tcase_add_test(tc, rule_4_a_process_sums_branches_and_stages);
    tcase_add_test(tc, rule_4_flux_of_a_fate);
    tcase_add_test(tc, rule_4_an_amount_sums_its_stages);
    tcase_add_test(tc, rule_4_a_transit_is_not_named);
    tcase_add_test(tc, rule_4_integral_in_outputs_only);
    tcase_add_test(tc, rule_4_dosed_counts_every_dose);
    tcase_add_test(tc, rule_4_variables_use_processes);
    tcase_add_test(tc, rule_4_no_value_depends_on_itself);
    tcase_add_test(tc, rule_4_kinks_in_time_are_stops);
    tcase_add_test(tc, rule_4_kinks_in_the_state);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
