/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 8: outputs and checks. One test a sentence:
 *
 *   { } gives out the thing of that name                            rule_8_an_empty_output
 *   label.arrested needs a formula                                  rule_8_a_rider_needs_a_formula
 *   else value and unit, as in variables                            rule_8_an_output_of_a_formula
 *   a check on parameters only: before the run, false = error       rule_8_a_check_of_parameters
 *   otherwise at every accepted step                                rule_8_a_check_stops_a_run
 *   both sides of every stop: the side before                       rule_8_a_check_before_a_stop
 *   ... and the side after                                          rule_8_a_check_after_a_stop
 *   the first failure is reported; warn is the default              rule_8_a_check_warns_once
 *   a check with indices names its element                          rule_8_a_check_with_indices
 *   a check of doses: for each, with what it sets, as it begins     rule_8_a_check_of_doses
 *   ... of those by a route                                         rule_8_a_check_of_doses_by_a_route
 *   ... of those that bring a cargo                                 rule_8_a_check_of_doses_that_bring
 *   ... where an output is shown                                    rule_8_a_check_of_doses_for_an_output
 *   ... its wrong uses                                              rule_8_a_check_of_doses_refused           */
#include "language/rule.h"

START_TEST(rule_8_an_empty_output)
{
    lab *l = rule_run("sets: { z = [\"x\", \"y\"]; };\n"
                      "parameters: { p = { unit = \"mL\"; over = [\"z\"]; values = { x = 1; y = 2; }; }; };\n"
                      "amounts: { a = { unit = \"mg\"; over = [\"z\"]; initial = \"3 g\"; }; };\n"
                      "variables: { v = { unit = \"g\"; value = \"sum(z: a[z])\"; }; };\n"
                      "processes: { go = { from = \"a[z]\"; hazard = \"0.1 1/h\"; }; };\n"
                      "outputs: { p = { }; a = { }; v = { }; go = { }; };\n", "");
    static const char *const unit[][2] = {{"p", "mL"}, {"a", "mg"}, {"v", "g"}, {"go", "mg/h"}};
    for (size_t i = 0; i < 4; i++) {
        const char *is = NULL;
        msc_result_values(lab_result(l), unit[i][0], NULL, &is);
        ck_assert_str_eq(is, unit[i][1]);
    }
    rule_is(l, "p[y]", 3.0, 2.0);
    rule_is(l, "a[x]", 10.0, 3000.0 * exp(-1.0));
    rule_is(l, "v", 10.0, 6.0 * exp(-1.0));
    rule_is(l, "go[y]", 10.0, 300.0 * exp(-1.0));
    lab_free(l);
    rule_refused_model("outputs: { nothing = { }; };\n", "model.cfg:1: outputs.nothing: no parameter, amount, "
            "variable or process is named 'nothing': give unit and value");
}
END_TEST

START_TEST(rule_8_a_rider_needs_a_formula)
{
    rule_refused_model("units: { mark = \"x\"; };\namounts: { a = { unit = \"cell\"; }; };\n"
                       "cargo: { tag = { unit = \"mark\"; rides = [\"a\"]; }; };\noutputs: { tag = { }; };\n",
                        "model.cfg:4: outputs.tag: 'tag' is a cargo: give unit and value");
}
END_TEST

START_TEST(rule_8_an_output_of_a_formula)
{
    lab *l = rule_run("sets: { z = [\"x\", \"y\"]; };\n"
                      "amounts: { a = { unit = \"mg\"; over = [\"z\"]; initial = 4; }; };\n"
                      "outputs: { w = { unit = \"g\"; over = [\"z\"]; values = { x = 5; others = \"3 * a[z]\"; }; "
                      "}; };\n", "");
    rule_is(l, "w[x]", 1.0, 5.0);
    rule_is(l, "w[y]", 1.0, 0.012);
    lab_free(l);
    rule_refused_model("outputs: { w = { unit = \"g\"; value = \"3 mL\"; }; };\n",
            "model.cfg:1: outputs.w.value: its unit is 'm3', where 'g' is due");
}
END_TEST

START_TEST(rule_8_a_check_of_parameters)
{
    static const char model[] = "parameters: { p = { unit = \"1\"; value = 0.4; }; };\n"
            "checks: { safe = { that = \"p < 0.35\"; about = \"the lung is occluded\"; }; };\noutputs: { p = { }; };\n";
    rule_refused_model(model, "model.cfg:2: checks.safe: this check fails: the lung is occluded");
    lab_free(rule_scenario(model, "parameters: { p = 0.3; };\n" RULE_OUTPUT));
}
END_TEST

#define GROWING "amounts: { a = { unit = \"cell\"; initial = \"1 cell\"; }; };\n" \
                "processes: { grow = { to = \"a\"; rate = \"1 cell/h\"; }; };\noutputs: { a = { }; };\n"

START_TEST(rule_8_a_check_stops_a_run)
{
    const msc_error err = lab_refused(GROWING "checks: { few = { that = \"a < 12.5 cell\"; else = \"stop\"; "
            "about = \"too many\"; }; };\n", RULE_OUTPUT);
    ck_assert_int_eq(err.status, MSC_E_NUMERIC);
    ck_assert_ptr_nonnull(strstr(rule_text(&err), "model.cfg:4: checks.few: a check failed: check 'few' at t = "));
    ck_assert_ptr_nonnull(strstr(err.message, ": too many"));
    lab_free(rule_run(GROWING "checks: { few = { that = \"a < 25.5 cell\"; else = \"stop\"; }; };\n", ""));
}
END_TEST

START_TEST(rule_8_a_check_before_a_stop)
{
    /* fails in the last blink of an infusion alone: the step that lands on its end must see it */
    const msc_error err = lab_refused(
        "amounts: { a = { unit = \"cell\"; }; };\n"
        "processes: { die = { from = \"a\"; hazard = \"if(time < 4 h, 0, 20 1/h)\"; }; };\n"
        "routes: { r = { to = \"a\"; }; };\noutputs: { a = { }; };\n"
        "checks: { few = { that = \"a < 9.9999999 cell\"; else = \"stop\"; }; };\n",
        "regimen = ( { route = \"r\"; at = \"3 h\"; dose = \"10 cell\"; duration = \"1 h\"; } );\n" RULE_OUTPUT);
    const char *want = "model.cfg:5: checks.few: a check failed: check 'few' at t = 4 h, the end of a step of 0.";
    ck_assert_msg(strncmp(rule_text(&err), want, strlen(want)) == 0, "%s", rule_text(&err));
}
END_TEST

START_TEST(rule_8_a_check_after_a_stop)
{
    /* ten cells at once, gone within a second: only the side after the dose shows them all */
    static const char model[] = "amounts: { a = { unit = \"cell\"; }; };\n"
                                "processes: { die = { from = \"a\"; hazard = \"1e6 1/h\"; }; };\n"
                                "routes: { r = { to = \"a\"; }; };\noutputs: { a = { }; };\n"
                                "checks: { few = { that = \"a < 9.99999999999 cell\"; else = \"stop\"; }; };\n";
    static const char *const day[] = {"0.0", "0.25", "1.0"}, *const hour[] = {"0", "6", "24"};
    for (size_t i = 0; i < 3; i++) { /* at the start, on the way, at the end */
        const char *dose = lab_format("regimen = ( { route = \"r\"; day = %s; dose = \"10 cell\"; } );\n" RULE_OUTPUT,
                                      day[i]);
        rule_refused(model, dose,
                     lab_format("model.cfg:5: checks.few: a check failed: check 'few' at t = %s h", hour[i]));
    }
}
END_TEST

START_TEST(rule_8_a_check_warns_once)
{
    lab *l = rule_run(GROWING "checks: { few = { that = \"a < 12.5 cell\"; about = \"too many\"; }; };\n", "");
    const char *text = msc_result_warning(lab_result(l), 0);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strstr(text, "check 'few' fails ") && strstr(text, " h after time 0: too many"), "%s", text);
    ck_assert_double_ge(strtod(strstr(text, "fails ") + 6, NULL), 11.5);
    ck_assert_ptr_null(msc_result_warning(lab_result(l), 1));
    rule_is(l, "a", 24.0, 25.0);
    lab_free(l);
    rule_refused_model(GROWING "checks: { few = { that = \"a < 12.5 cell\"; else = \"cry\"; }; };\n",
        "model.cfg:4: checks.few.else: 'cry' is neither \"stop\" nor \"warn\"");
}
END_TEST

START_TEST(rule_8_a_check_with_indices)
{
    const msc_error err = lab_refused("sets: { z = [\"x\", \"y\"]; };\n"
            "amounts: { a = { unit = \"cell\"; over = [\"z\"]; }; };\n"
            "processes: { grow = { to = \"a[y]\"; rate = \"1 cell/h\"; }; };\noutputs: { a = { }; };\n"
                                      "checks: { few = { over = [\"z\"]; that = \"a[z] < 12.5 cell\"; "
                        "else = \"stop\"; }; };\n", RULE_OUTPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "check 'few[y]' at t = "));
}
END_TEST

/* Two routes, one of which lets a dose set the share that lives; a tag rides on what is given. */
#define GIVEN "units: { mark = \"x\"; };\n" \
              "parameters: { good = { unit = \"1\"; value = 1; }; };\n" \
              "amounts: { a = { unit = \"cell\"; }; };\n" \
              "cargo: { tag = { unit = \"mark\"; load = \"1 mark/cell\"; rides = [\"a\"]; falls = { others = \"nowhere\"; }; }; };\n" \
              "routes: { vein = { to = \"a\"; };\n" \
              "  skin = { takes = [\"good\"]; into = ( { to = \"a\"; share = \"good\"; }, { fate = \"dead\"; share = \"remainder\"; } ); }; };\n" \
              "outputs: { a = { }; b = { unit = \"cell\"; value = \"2 * a\"; }; };\n"

static lab *checked(const char *check, const char *doses)
{
    return rule_run(lab_format(GIVEN "checks: { safe = { %s }; };\n", check), doses);
}

START_TEST(rule_8_a_check_of_doses)
{
    static const char doses[] = "{ route = \"skin\"; day = 0.25; dose = \"1 cell\"; good = 0.5; }, "
                                "{ route = \"skin\"; day = 0.0; dose = \"1 cell\"; good = 0.7; }, "
                                "{ route = \"vein\"; day = 0.0; dose = \"1 cell\"; repeat = 3; interval = \"5 h\"; }, "
                                "{ route = \"skin\"; day = 0.0; dose = \"0 cell\"; good = 0.0; }";
    lab *l = checked("that = \"good >= 0.6\"; doses = { }; about = \"few live\";", doses);
    ck_assert_str_eq(rule_warning(l, 0), "scenario.cfg:2: regimen[0]: the dose of day 0.25: few live");
    ck_assert_str_eq(rule_warning(l, 1), "");
    rule_is(l, "a", 24.0, 0.5 + 0.7 + 3.0); /* it is run all the same */
    lab_free(l);
    l = checked("that = \"time < 4 h\"; doses = { };", doses);
    ck_assert_str_eq(rule_warning(l, 0), "scenario.cfg:2: regimen[0]: the dose of day 0.25: check 'safe' fails");
    ck_assert_str_eq(rule_warning(l, 1),
                     "scenario.cfg:2: regimen[2]: 2 doses, the first on day 0.21: check 'safe' fails");
    ck_assert_str_eq(rule_warning(l, 2), "");
    lab_free(l);
    l = checked("that = \"time < 4 h\"; doses = { };", "{ route = \"vein\"; day = 2.0; dose = \"1 cell\"; }");
    ck_assert_ptr_null(strstr(rule_warning(l, 0), "safe")); /* after the end: never given */
    lab_free(l);
    rule_refused(GIVEN "checks: { safe = { that = \"good >= 0.6\"; else = \"stop\"; doses = { }; about = \"few live\"; }; };\n",
                 lab_format("regimen = ( %s );\n" RULE_OUTPUT, doses),
                 "scenario.cfg:2: regimen[0]: the dose of day 0.25: few live");
}
END_TEST

START_TEST(rule_8_a_check_of_doses_by_a_route)
{
    static const char doses[] = "{ route = \"vein\"; day = 0.0; dose = \"1 cell\"; }, "
                                "{ route = \"skin\"; day = 0.0; dose = \"1 cell\"; }";
    static const char *const route[] = {"\"skin\"", "[\"vein\"]", "[\"skin\", \"vein\"]"};
    static const char *const warned[][2] = {{"1", ""}, {"0", ""}, {"0", "1"}};
    for (size_t i = 0; i < 3; i++) {
        lab *l = checked(lab_format("that = \"good > 1\"; doses = { route = %s; }; about = \"x\";", route[i]), doses);
        for (size_t k = 0; k < 2; k++) {
            const char *want = lab_format("scenario.cfg:2: regimen[%s]: the dose of day 0: x", warned[i][k]);
            ck_assert_str_eq(rule_warning(l, k), warned[i][k][0] != '\0' ? want : "");
        }
        lab_free(l);
    }
}
END_TEST

START_TEST(rule_8_a_check_of_doses_that_bring)
{
    lab *l = checked("that = \"good > 1\"; doses = { brings = \"tag\"; }; about = \"x\";",
                     "{ route = \"vein\"; day = 0.0; dose = \"1 cell\"; tag = 0; }, "
                     "{ route = \"vein\"; day = 0.0; dose = \"1 cell\"; tag = \"2 mark/cell\"; }, "
                     "{ route = \"vein\"; day = 0.0; dose = \"1 cell\"; }");
    ck_assert_str_eq(rule_warning(l, 0), "scenario.cfg:2: regimen[1]: the dose of day 0: x");
    ck_assert_str_eq(rule_warning(l, 1), "scenario.cfg:2: regimen[2]: the dose of day 0: x");
    ck_assert_str_eq(rule_warning(l, 2), "");
    lab_free(l);
}
END_TEST

START_TEST(rule_8_a_check_of_doses_for_an_output)
{
    static const char model[] = GIVEN "checks: { safe = { that = \"good > 1\"; doses = { }; shown = [\"b\"]; about = \"x\"; "
                                      "}; };\n";
    static const char scenario[] = "%sregimen = ( { route = \"vein\"; day = 0.0; dose = \"1 cell\"; } );\n"
                                   "output = { until = \"1 h\"; every = \"1 h\"; quantities = [\"%s\"]; };\n";
    static const struct {
        const char *more, *shown;
        bool warned;
    } with[] = {{"", "a", false}, {"", "b", true}, {"checks: { safe = { shown = { also = [\"a\"]; }; }; };\n", "a", true}};
    for (size_t i = 0; i < 3; i++) {
        lab *l = rule_scenario(model, lab_format(scenario, with[i].more, with[i].shown));
        ck_assert_int_eq(rule_warning(l, 0)[0] != '\0', with[i].warned);
        lab_free(l);
    }
}
END_TEST

START_TEST(rule_8_a_check_of_doses_refused)
{
    static const struct {
        const char *check, *message;
    } wrong[] = {
        {"that = \"a > 1 cell\"; doses = { };", "that: 'a' is an amount: a check of doses may depend on parameters and time only"},
        {"that = \"good > 0\"; doses = { rout = \"vein\"; };", "doses.rout: unknown key; did you mean 'route'?"},
        {"that = \"good > 0\"; doses = { route = \"vien\"; };", "doses.route: no route is named 'vien'; did you mean 'vein'?"},
        {"that = \"good > 0\"; doses = { brings = \"tga\"; };", "doses.brings: no cargo is named 'tga'; did you mean 'tag'?"},
        {"that = \"good > 0\"; doses = { }; shown = \"c\";", "shown: no output is named 'c'"},
        {"that = \"good > 0\"; shown = [\"a\"];", "shown: belongs to a check of doses: doses = { };"},
        {"that = \"good > 0\"; doses = \"vein\";", "doses: must be a group { }, not the string \"vein\""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        rule_refused_model(lab_format(GIVEN "checks: { safe = { %s }; };\n", wrong[i].check),
                           lab_format("model.cfg:8: checks.safe.%s", wrong[i].message));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outputs and checks");
    TCase *tc = tcase_create("section 8");
    tcase_add_test(tc, rule_8_an_empty_output);
    tcase_add_test(tc, rule_8_a_rider_needs_a_formula);
    tcase_add_test(tc, rule_8_an_output_of_a_formula);
    tcase_add_test(tc, rule_8_a_check_of_parameters);
    tcase_add_test(tc, rule_8_a_check_stops_a_run);
    tcase_add_test(tc, rule_8_a_check_before_a_stop);
    tcase_add_test(tc, rule_8_a_check_after_a_stop);
    tcase_add_test(tc, rule_8_a_check_warns_once);
    tcase_add_test(tc, rule_8_a_check_with_indices);
    tcase_add_test(tc, rule_8_a_check_of_doses);
    tcase_add_test(tc, rule_8_a_check_of_doses_by_a_route);
    tcase_add_test(tc, rule_8_a_check_of_doses_that_bring);
    tcase_add_test(tc, rule_8_a_check_of_doses_for_an_output);
    tcase_add_test(tc, rule_8_a_check_of_doses_refused);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
