/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: integrals of formulas of a flow hold their part of a bolus that goes through it, whatever chooses or
 * divides; what grows more slowly than the flow has none; what has no value is refused at its line, and has
 * one if the dose takes time. */
#include <math.h>
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

/* Of 100 cells at 1 h and 1000 at 200 h a quarter is caught. */
static const char *model(const char *unit, const char *formula)
{
    return lab_format("parameters: { flag = { unit = \"1\"; value = 1; }; two = { unit = \"1\"; value = 2; }; };\n"
                      "amounts: { c = { unit = \"cell\"; initial = \"40 cell\"; }; caught = { unit = \"cell\"; };\n"
                      "  bed = { unit = \"cell\"; transit = true; }; copy = { unit = \"cell\"; }; };\n"
                      "variables: { one = { unit = \"cell/h\"; value = \"1 cell/h\"; }; twice = { unit = \"cell/h\"; value = \"2 * catch\"; };\n"
                      "  late = { unit = \"1\"; value = \"if(time > 150 h, 3, 1)\"; }; };\n"
                      "processes: { catch = { from = \"bed\"; to = \"caught\"; share = 0.25; };\n"
                      "  pass = { from = \"bed\"; share = \"remainder\"; };\n"
                      "  follow = { to = \"copy\"; rate = \"if(time < 150 h, catch, 0 cell/h)\"; }; };\n"
                      "routes: { in = { to = \"bed\"; }; };\n"
                      "outputs: { sum_of = { unit = \"%s\"; value = \"integral(%s)\"; }; caught = { }; copy = { }; c = { }; };\n",
                      unit, formula);
}

#define DOSES(duration)                                                                       \
    "regimen = ( { route = \"in\"; at = \"1 h\"; dose = \"100 cell\"; " duration " },\n"      \
    "            { route = \"in\"; at = \"200 h\"; dose = \"1000 cell\"; " duration " } );\n" \
    "output = { until = \"300 h\"; every = \"100 h\"; };\n"

static const struct {
    const char *unit, *formula;
    double bolus, infusion; /* over 2 h each */
} counted[] = {{"cell", "catch", 275, 275},
               {"cell", "if(time < 100 h, catch, 0)", 25, 25},
               {"cell", "if(time < 100 h, 0, catch)", 250, 250},
               {"cell", "if(time < 100 h or time > 400 h, twice, pass)", 50 + 750, 50 + 750},
               {"cell", "if(flag > 0, catch, 0)", 275, 275},
               {"cell", "if(flag > two, pass, catch)", 275, 275},
               {"cell", "if(c > 10 cell, catch, 0)", 275, 275},
               {"cell", "if(c < 10 cell, catch, pass)", 825, 825},
               {"cell", "if(time < 100 h, if(flag > 0, 2 * catch, 0), 0)", 50, 50},
               {"cell", "catch * late", 775, 775},
               {"cell", "catch / late", 25 + 250 / 3.0, 25 + 250 / 3.0},
               {"1", "catch / c", 275 / 40.0, 275 / 40.0},
               {"cell", "max(catch, pass)", 825, 825},
               {"cell", "min(catch, pass)", 275, 275},
               {"cell", "max(catch, 0)", 275, 275},
               {"cell", "min(catch, one)", 0, 4},
               {"cell", "abs(catch - pass)", 550, 550},
               {"h", "catch / (catch + one)", 0, 2 * (12.5 / 13.5 + 125 / 126.0)},
               {"h", "sqrt(catch / one)", 0, 2 * (3.5355339059327378 + 11.180339887498949)},
               {"h", "1 - exp(-catch / one)", 0, 4 - 2 * 3.7266531720786709e-06},
               {"h", "if(catch > one, 1, 0)", 0, 4}};
enum { COUNTED = sizeof counted / sizeof *counted };

START_TEST(a_bolus_counts_in_what_is_proportional_to_its_flow)
{
    const char *formula = counted[_i].formula;
    for (int slow = 0; slow < 2; slow++) {
        lab *l = lab_text(model(counted[_i].unit, formula), slow ? DOSES("duration = \"2 h\";") : DOSES(""), NULL);
        const double want = slow ? counted[_i].infusion : counted[_i].bolus;
        lab_near(lab_end(l, "sum_of"), want, 1e-5, fmax(want, 1e-3), formula);
        lab_near(lab_end(l, "caught"), 275, 1e-6, 275, "caught");
        lab_near(lab_end(l, "copy"), 25, 1e-6, 25, "a process' rate");
        lab_free(l);
    }
}
END_TEST

static const struct {
    const char *unit, *formula;
    double infusion;
} without[] = {{"cell^2/h", "catch^2", 2 * (12.5 * 12.5 + 125.0 * 125)},
               {"cell^2/h", "catch * pass", 6 * (12.5 * 12.5 + 125.0 * 125)},
               {"cell^2/h", "if(time < 100 h, catch, 0) * catch", 2 * 12.5 * 12.5},
               {"h", "(catch / one)^two", 2 * (12.5 * 12.5 + 125.0 * 125)},
               {"h", "exp(catch / (100 * one)) - 1", 2 * (0.13314845306682632 + 2.4903429574618414)},
               {"cell", "if(catch > one, catch, 0)", 275},
               {"cell", "catch * catch / (catch + one)", 2 * (12.5 * 12.5 / 13.5 + 125 * 125.0 / 126)}};

START_TEST(what_has_no_value_with_a_bolus_is_refused)
{
    const msc_error err = lab_refused(model(without[_i].unit, without[_i].formula), DOSES(""));
    ck_assert_msg(strstr(err.where, "model.cfg:10: outputs.sum_of") != NULL, "%s", err.where);
    ck_assert_msg(strstr(err.message, "give the dose a duration") != NULL, "%s", err.message);
    lab *l = lab_text(model(without[_i].unit, without[_i].formula), DOSES("duration = \"2 h\";"), NULL);
    lab_near(lab_end(l, "sum_of"), without[_i].infusion, 1e-5, without[_i].infusion, without[_i].formula);
    lab_free(l);
}
END_TEST

/* An area of an endpoint is one; so is a rate. */
START_TEST(endpoints_and_rates_too)
{
    const msc_error err = lab_refused(model("cell", "catch"),
                                      "regimen = ( { route = \"in\"; at = \"1 h\"; dose = \"100 cell\"; } );\n"
                                      "output = { until = \"3 h\"; every = \"1 h\"; endpoints = { square = { auc = \"catch^2\"; }; }; };\n");
    ck_assert_msg(strstr(err.where, "output.endpoints.square") != NULL, "%s", err.where);
    const msc_error other = lab_refused("amounts: { c = { unit = \"cell\"; }; bed = { unit = \"cell\"; transit = true; }; };\n"
                                        "processes: { pass = { from = \"bed\"; share = 1; };\n"
                                        "  quick = { to = \"c\"; rate = \"pass * pass / 1 cell * 1 h\"; }; };\n"
                                        "routes: { in = { to = \"bed\"; }; }; outputs: { c = { }; };\n",
                                        "regimen = ( { route = \"in\"; at = \"1 h\"; dose = \"100 cell\"; } );\n"
                                        "output = { until = \"3 h\"; every = \"1 h\"; };\n");
    ck_assert_msg(strstr(other.where, "amounts.c") != NULL, "%s", other.where);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("program/surge");
    TCase *c = tcase_create("surge");
    tcase_add_loop_test(c, a_bolus_counts_in_what_is_proportional_to_its_flow, 0, COUNTED);
    tcase_add_loop_test(c, what_has_no_value_with_a_bolus_is_refused, 0, (int)(sizeof without / sizeof *without));
    tcase_add_test(c, endpoints_and_rates_too);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
