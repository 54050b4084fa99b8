/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 7: routes and doses. One test a sentence:
 *
 *   a route with `to` only                                         rule_7_a_route_to_one_amount
 *   into as in processes; shares add up to 1                       rule_7_shares_of_a_route
 *   shares use parameters only                                     rule_7_shares_of_parameters_only
 *   to may be a transit                                            rule_7_a_dose_into_a_flow
 *   takes: parameters a dose sets for itself, alone                rule_7_a_dose_takes_its_own
 *   ... by the merge rule: elements, others, remainder             rule_7_takes_merge_by_element
 *   ... and its total holds in the dose                            rule_7_a_doses_own_total
 *   a dose is an amount, or an amount per `per`                    rule_7_doses_per_weight
 *   units that cannot fit                                          rule_7_a_dose_of_another_unit
 *   an infusion is constant over its duration                      rule_7_an_infusion_is_constant
 *   a bolus takes shares of the instant before                     rule_7_a_bolus_takes_shares_of_the_instant_before
 *   starts and ends are stops                                      rule_7_doses_are_stops
 *   a bolus at the start of an infusion                            rule_7_bolus_and_infusion_at_once        */
#include <float.h>

#include "language/rule.h"

#define BASE "sets: { z = [\"x\", \"y\", \"w\"]; };\n" \
             "parameters: { v = { unit = \"1\"; value = 0.8; }; bw = { unit = \"kg\"; value = 70; };\n" \
             "  s = { unit = \"1\"; over = [\"z\"]; values = { x = 0.5; y = 0.2; w = \"remainder\"; }; }; q = { " \
             "unit = \"1\"; over = [\"z\"]; values = { x = 0.5; y = 0.25; w = 0.25; }; total = 1; }; };\n" \
             "amounts: { a = { unit = \"cell\"; over = [\"z\"]; }; c = { unit = \"cell\"; }; };\n" \
             "routes: { r = { to = \"c\"; }; iv = { per = \"bw\"; takes = [\"v\", \"s\"]; into = ( { " \
             "to = \"a[z]\"; share = \"v * s[z]\"; }, { fate = \"dead\"; share = \"remainder\"; } ); };\n" \
             "  iq = { takes = [\"q\"]; into = ( { to = \"a[z]\"; share = \"q[z]\"; } ); }; };\n" \
             "outputs: { a = { }; c = { }; };\n"

static void gives(const char *dose, double x, double y, double w, double dead)
{
    lab *l = rule_run(BASE, dose);
    rule_is(l, "a[x]", 24.0, x);
    rule_is(l, "a[y]", 24.0, y);
    rule_is(l, "a[w]", 24.0, w);
    if (dead > 0.0) {
        rule_is(l, "ledger_cell[dead]", 24.0, dead);
    }
    ck_assert_double_le(lab_gap(l, "cell"), RULE_LEDGER);
    lab_free(l);
}

START_TEST(rule_7_a_route_to_one_amount)
{
    lab *l = rule_run(BASE, "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "c", 24.0, 10.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_7_shares_of_a_route)
{
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; }", 4.0, 1.6, 2.4, 2.0);
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; duration = \"5 h\"; }", 4.0, 1.6, 2.4, 2.0);
    rule_refused("amounts: { c = { unit = \"cell\"; }; };\nparameters: { p = { unit = \"1\"; value = 0.4; }; };\n"
                 "routes: { r = { into = ( { to = \"c\"; share = \"p\"; }, { fate = \"f\"; share = 0.5; } ); }; "
                 "};\noutputs: { c = { }; };\n",
                 "regimen = ( { route = \"r\"; day = 0; dose = \"10 cell\"; } );\n" RULE_OUTPUT,
                        "scenario.cfg:2: regimen[0]: the shares of route 'r' add up to 0.9, not to 1");
}
END_TEST

START_TEST(rule_7_shares_of_parameters_only)
{
    rule_refused_model("amounts: { c = { unit = \"cell\"; }; };\n"
                       "routes: { r = { into = ( { to = \"c\"; share = \"c / 1 cell\"; }, { fate = \"f\"; "
                       "share = \"remainder\"; } ); }; };\n",
                        "model.cfg:2: routes.r.into[0].share: 'c' is an amount: a route may depend on parameters only");
}
END_TEST

START_TEST(rule_7_a_dose_into_a_flow)
{
    lab *l = rule_run("amounts: { t = { unit = \"cell\"; transit = true; }; c = { unit = \"cell\"; }; };\n"
                      "processes: { one = { from = \"t\"; to = \"c\"; share = 0.3; }; two = { from = \"t\"; "
                      "share = \"remainder\"; }; };\n"
                      "routes: { r = { to = \"t\"; }; };\noutputs: { c = { }; two = { }; };\n",
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }, { route = \"r\"; at = \"2 h\"; "
                      "dose = \"20 cell\"; duration = \"5 h\"; }");
    rule_is(l, "c", 1.0, 3.0);
    rule_is(l, "c", 4.0, 3.0 + 0.3 * 8.0);
    rule_is(l, "two", 4.0, 0.7 * 4.0);
    rule_is(l, "ledger_cell[two]", 24.0, 21.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_7_a_dose_takes_its_own)
{
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; v = 0.5; }, { route = \"iv\"; day = 0; "
          "dose = \"10 cell\"; }", 6.5, 2.6, 3.9, 7.0);
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; v = \"50 %\"; }", 2.5, 1.0, 1.5, 5.0);
    rule_refused(BASE, "regimen = ( { route = \"r\"; day = 0; dose = \"10 cell\"; v = 0.5; } );\n" RULE_OUTPUT,
        "scenario.cfg:2: regimen[0].v: neither a key of a dose nor a parameter that route 'r' takes");
    rule_refused(BASE, "regimen = ( { route = \"iv\"; day = 0; dose = \"10 cell\"; v = 1.5; } );\n" RULE_OUTPUT,
        "scenario.cfg:2: regimen[0]: a share of route 'iv' is -0.5, outside of 0 to 1; this dose sets v = 1.5");
}
END_TEST

START_TEST(rule_7_takes_merge_by_element)
{
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; v = 1; s = { x = 1.0; others = 0; }; }", 10.0, 0.0, 0.0, 0.0);
    gives("{ route = \"iv\"; day = 0; dose = \"10 cell\"; v = 1; s = { x = 0.1; }; }", 1.0, 2.0, 7.0, 0.0);
    gives("{ route = \"iq\"; day = 0; dose = \"10 cell\"; q = { x = \"remainder\"; y = 0.35; }; }", 4.0, 3.5, 2.5, 0.0);
    rule_refused(BASE,
        "regimen = ( { route = \"iv\"; day = 0; dose = \"10 cell\"; s = { x = \"v\"; }; } );\n" RULE_OUTPUT,
            "scenario.cfg:2: regimen[0].s: a dose sets 's' by numbers");
    rule_refused(BASE,
        "regimen = ( { route = \"iv\"; day = 0; dose = \"10 cell\"; s = { u = 1; }; } );\n" RULE_OUTPUT,
            "scenario.cfg:2: regimen[0].s.u: 'u' is neither an element of 'z' nor a subset of it");
}
END_TEST

START_TEST(rule_7_a_doses_own_total)
{
    gives("{ route = \"iq\"; day = 0; dose = \"10 cell\"; q = { x = 0.25; y = 0.5; }; }", 2.5, 5.0, 2.5, 0.0);
    rule_refused(BASE,
        "regimen = ( { route = \"iq\"; day = 0; dose = \"10 cell\"; q = { x = 0.75; }; } );\n" RULE_OUTPUT,
            "scenario.cfg:2: regimen[0]: the values of 'q' add up to 1.25, not to 1");
    rule_refused(BASE,
        "regimen = ( { route = \"iv\"; day = 0; dose = \"10 cell\"; s = { x = 0.9; }; } );\n" RULE_OUTPUT,
            "model.cfg:3: parameters.s.values.w: the remainder s[w] is negative: the other elements add up to more than "
            "the total (-0.1)");
}
END_TEST

START_TEST(rule_7_doses_per_weight)
{
    gives("{ route = \"iv\"; day = 0; dose = \"2 cell/kg\"; v = 1; s = { x = 1; others = 0; }; }", 140.0, 0.0, 0.0,
        0.0);
    gives("{ route = \"iv\"; day = 0; dose = \"140 cell\"; v = 1; s = { x = 1; others = 0; }; }", 140.0, 0.0, 0.0, 0.0);
}
END_TEST

START_TEST(rule_7_a_dose_of_another_unit)
{
    rule_refused(BASE, "regimen = ( { route = \"iv\"; day = 0; dose = \"2 mL\"; } );\n" RULE_OUTPUT,
        "scenario.cfg:2: regimen[0].dose: '2 mL' is neither in cell nor in cell/kg; e.g. \"5e6 cell/kg\"");
    rule_refused(BASE, "regimen = ( { route = \"r\"; day = 0; dose = \"2 cell/kg\"; } );\n" RULE_OUTPUT,
        "scenario.cfg:2: regimen[0].dose: '2 cell/kg' is not in cell; e.g. \"5e6 cell\"");
}
END_TEST

START_TEST(rule_7_nothing_less_than_nothing)
{
    static const char per[] = "units: { mark = \"m\"; };\namounts: { a = { unit = \"cell\"; }; };\n"
                              "parameters: { w = { unit = \"kg\"; value = 30; }; L = { unit = \"mark/cell\"; value = 2; }; };\n"
                              "cargo: { tag = { unit = \"mark\"; load = \"L\"; rides = [\"a\"]; falls = { others = \"nowhere\"; }; }; };\n"
                              "processes: { go = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\n"
                              "routes: { r = { to = \"a\"; per = \"w\"; }; };\noutputs: { a = { }; };\n";
    static const char *const wrong[][2] = {{"parameters: { w = -5; };", "-50 cell"}, {"parameters: { L = -2; };", "-600 mark"}};
    for (size_t i = 0; i < 2; i++) {
        rule_refused(per, lab_format("regimen = ( { route = \"r\"; day = 0; dose = \"10 cell/kg\"; } );\n%s" RULE_OUTPUT, wrong[i][0]),
                     lab_format("scenario.cfg:2: regimen[0]: with these parameters less than nothing enters here: %s; look at what the "
                                "dose is per, and at loads", wrong[i][1]));
    }
}
END_TEST

START_TEST(rule_7_an_infusion_is_constant)
{
    lab *l = rule_run("amounts: { c = { unit = \"cell\"; }; };\n"
                      "processes: { die = { from = \"c\"; hazard = \"0.1 1/h\"; }; };\n"
                      "routes: { r = { to = \"c\"; }; };\noutputs: { c = { }; };\n",
                      "{ route = \"r\"; at = \"1 h\"; dose = \"10 cell\"; duration = \"4 h\"; }");
    rule_is(l, "given_cell", 2.0, 2.5);
    rule_is(l, "c", 5.0, -25.0 * expm1(-0.4));
    rule_is(l, "c", 10.0, -25.0 * expm1(-0.4) * exp(-0.5));
    lab_free(l);
}
END_TEST

START_TEST(rule_7_a_bolus_takes_shares_of_the_instant_before)
{
    /* caught as 1 - c/10: the second dose finds 5 there, whatever it brings itself */
    lab *l = rule_run("amounts: { t = { unit = \"cell\"; transit = true; }; c = { unit = \"cell\"; }; };\n"
                      "processes: { one = { from = \"t\"; to = \"c\"; share = \"max(0, 1 - c / 10 cell)\"; }; "
                      "two = { from = \"t\"; share = \"remainder\"; }; };\n"
                      "routes: { r = { to = \"t\"; }; };\noutputs: { c = { }; };\n",
                      "{ route = \"r\"; day = 0; dose = \"5 cell\"; }, { route = \"r\"; at = \"2 h\"; "
                      "dose = \"8 cell\"; }, { route = \"r\"; at = \"2 h\"; dose = \"2 cell\"; }");
    rule_is(l, "c", 1.0, 5.0);
    rule_is(l, "c", 2.0, 10.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_7_doses_are_stops)
{
    /* a pulse of a second in a day */
    lab *l = rule_run("amounts: { c = { unit = \"cell\"; }; };\n"
                      "processes: { die = { from = \"c\"; hazard = \"0.01 1/h\"; }; };\n"
                      "routes: { r = { to = \"c\"; }; };\noutputs: { c = { }; };\n",
                      "{ route = \"r\"; at = \"7.3 h\"; dose = \"10 cell\"; duration = \"1 s\"; }");
    /* steps within it are known as well as times at 7.3 h are: one rounding each, of a few */
    lab_near(lab_at(l, "given_cell", 24.0), 10.0, 4.0 * DBL_EPSILON * 7.3 * 3600.0, 10.0, "all of it");
    rule_is(l, "c", 7.3, 0.0); /* always among the output times */
    rule_is(l, "c", 24.0, 10.0 * exp(-0.01 * (24.0 - 7.3 - 0.5 / 3600.0)));
    lab_free(l);
}
END_TEST

START_TEST(rule_7_bolus_and_infusion_at_once)
{
    lab *l = rule_run("amounts: { c = { unit = \"cell\"; }; };\nroutes: { r = { to = \"c\"; }; };\n"
                      "outputs: { c = { }; };\n",
                      "{ route = \"r\"; at = \"2 h\"; dose = \"10 cell\"; duration = \"4 h\"; }, { route = \"r\"; "
                      "at = \"2 h\"; dose = \"3 cell\"; }, { route = \"r\"; at = \"120 min\"; dose = \"4 cell\"; }");
    rule_is(l, "c", 2.0, 7.0);
    rule_is(l, "c", 4.0, 12.0);
    rule_is(l, "c", 24.0, 17.0);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("routes and doses");
    TCase *tc = tcase_create("section 7");
    tcase_add_test(tc, rule_7_a_route_to_one_amount);
    tcase_add_test(tc, rule_7_shares_of_a_route);
    tcase_add_test(tc, rule_7_shares_of_parameters_only);
    tcase_add_test(tc, rule_7_a_dose_into_a_flow);
    tcase_add_test(tc, rule_7_a_dose_takes_its_own);
    tcase_add_test(tc, rule_7_takes_merge_by_element);
    tcase_add_test(tc, rule_7_a_doses_own_total);
    tcase_add_test(tc, rule_7_doses_per_weight);
    tcase_add_test(tc, rule_7_a_dose_of_another_unit);
    tcase_add_test(tc, rule_7_nothing_less_than_nothing);
    tcase_add_test(tc, rule_7_an_infusion_is_constant);
    tcase_add_test(tc, rule_7_a_bolus_takes_shares_of_the_instant_before);
    tcase_add_test(tc, rule_7_doses_are_stops);
    tcase_add_test(tc, rule_7_bolus_and_infusion_at_once);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
