/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, sections 10 and 11: the scenario, and what is said of a bad one. One test a sentence:
 *
 *   day is a number of 24 h, at a time; negative is fine            rule_10_day_and_at
 *   repeat is the total number, interval the time between           rule_10_repeat_and_interval
 *   until, start, every in units; times                             rule_10_times_of_output
 *   start: day 0 or the first dose; initial values hold there       rule_10_start
 *   quantities                                                      rule_10_quantities
 *   both_sides: values just before a stop as well                   rule_10_both_sides
 *   dose starts and ends are always among the output times          rule_10_doses_are_among_the_times
 *   model sections as overrides                                     rule_10_overrides
 *   contradictory regimens                                          rule_11_contradictory_regimens
 *   misspelt names                                                  rule_11_nearest_names
 *   errors of models: cycles, units, indices                        rule_11_errors_of_models                */
#include "language/rule.h"

#define DECAY "amounts: { a = { unit = \"cell\"; initial = \"1 cell\"; }; };\n" \
              "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\nroutes: { r = { to = \"a\"; }; };\n" \
              "outputs: { a = { }; die = { }; };\n"

START_TEST(rule_10_day_and_at)
{
    lab *l = rule_scenario(DECAY, "regimen = ( { route = \"r\"; day = 0.25; dose = \"10 cell\"; }, { "
            "route = \"r\"; at = \"360 min\"; dose = \"10 cell\"; }, { route = \"r\"; day = -1; dose = \"7 cell\"; "
            "} );\n"
                                  "output = { until = \"1 day\"; every = \"6 h\"; };\n");
    rule_is(l, "a", -24.0, 8.0);
    rule_is(l, "a", 6.0, 20.0 + 8.0 * exp(-3.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_10_repeat_and_interval)
{
    lab *l = rule_run(DECAY, "{ route = \"r\"; day = 0; dose = \"10 cell\"; repeat = 3; interval = \"0.1 day\"; "
            "duration = \"1 h\"; }");
    rule_is(l, "given_cell", 1.0, 10.0);
    rule_is(l, "given_cell", 2.4, 10.0);
    rule_is(l, "given_cell", 3.4, 20.0);
    rule_is(l, "given_cell", 4.8, 20.0);
    rule_is(l, "given_cell", 24.0, 30.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_10_times_of_output)
{
    lab *l = rule_scenario(DECAY, "output = { start = \"-60 min\"; until = \"0.5 day\"; times = [\"30 min\", "
            "\"0.125 day\", \"12 h\"]; };\n");
    const double *time;
    ck_assert_uint_eq(lab_times(l, &time), 3);
    ck_assert(time[0] == 0.5 && time[1] == 3.0 && time[2] == 12.0);
    rule_is(l, "a", 12.0, exp(-1.3));
    lab_free(l);
    l = rule_scenario(DECAY, "output = { until = \"0.5 day\"; every = \"300 min\"; };\n");
    ck_assert_uint_eq(lab_times(l, &time), 4);
    ck_assert(time[1] == 5.0 && time[2] == 10.0 && time[3] == 12.0);
    lab_free(l);
    l = rule_scenario(DECAY, "output = { until = \"1 h\"; every = \"0.1 h\"; };\n");
    lab_times(l, &time);
    ck_assert(time[3] == 0.3 && time[7] == 0.7); /* to the bit */
    lab_free(l);
    rule_refused(DECAY, "output = { until = \"1 day\"; every = \"1 h\"; times = [\"1 h\"]; };\n", "scenario.cfg:2: "
            "output: give either every (e.g. every = \"6 h\";) or times (e.g. times = [\"1 h\", \"1 day\"];)");
    rule_refused(DECAY, "output = { until = \"1 kg\"; every = \"1 h\"; };\n",
            "scenario.cfg:2: output.until: this is not a time; write e.g. \"6 h\" or \"10 day\"");
    rule_refused(DECAY, "output = { until = \"1 day\"; times = [\"2 day\"]; };\n",
            "scenario.cfg:2: output.times[0]: this time is outside of the run");
    rule_refused(DECAY, "output = { until = \"-1 day\"; every = \"1 h\"; };\n",
            "scenario.cfg:2: output.until: the run ends before it starts");
}
END_TEST

START_TEST(rule_10_start)
{
    lab *l = rule_scenario(DECAY, "output = { start = \"-10 h\"; until = \"10 h\"; every = \"5 h\"; };\n");
    rule_is(l, "a", -10.0, 1.0);
    rule_is(l, "a", 10.0, exp(-2.0));
    lab_free(l);
    l = rule_scenario(DECAY, "regimen = ( { route = \"r\"; at = \"5 h\"; dose = \"10 cell\"; } );\n"
            "output = { until = \"10 h\"; every = \"5 h\"; };\n");
    rule_is(l, "a", 0.0, 1.0); /* day 0 is earlier than the first dose */
    lab_free(l);
}
END_TEST

START_TEST(rule_10_quantities)
{
    lab *l = rule_scenario(DECAY, "output = { until = \"10 h\"; every = \"5 h\"; quantities = [\"die\"]; };\n");
    ck_assert(lab_has(l, "die") && !lab_has(l, "a"));
    lab_free(l);
    rule_refused(DECAY, "output = { until = \"10 h\"; every = \"5 h\"; quantities = [\"dy\"]; };\n",
        "scenario.cfg:2: output.quantities[0]: the model has no output 'dy'");
}
END_TEST

START_TEST(rule_10_both_sides)
{
    lab *l = rule_scenario(DECAY, "regimen = ( { route = \"r\"; at = \"5 h\"; dose = \"10 cell\"; } );\n"
            "output = { until = \"10 h\"; every = \"5 h\"; both_sides = true; };\n");
    const double *time, *a;
    size_t n = 0;
    ck_assert_uint_eq(lab_times(l, &time), 4);
    ck_assert(time[1] == 5.0 && time[2] == 5.0);
    a = lab_row(l, "a", 0, &n);
    lab_near(a[1], exp(-0.5), RULE_FACTOR * RULE_RTOL, 1.0, "before");
    lab_near(a[2], 10.0 + exp(-0.5), RULE_FACTOR * RULE_RTOL, 10.0, "after");
    lab_free(l);
}
END_TEST

START_TEST(rule_10_doses_are_among_the_times)
{
    lab *l = rule_scenario(DECAY, "regimen = ( { route = \"r\"; at = \"5.123 h\"; dose = \"10 cell\"; "
            "duration = \"17 min\"; } );\noutput = { until = \"10 h\"; every = \"5 h\"; };\n");
    rule_is(l, "given_cell", 5.123, 0.0);
    rule_is(l, "given_cell", 5.123 + 17.0 / 60.0, 10.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_10_overrides)
{
    lab *l = rule_scenario(DECAY, "processes: { die = { hazard = \"0.2 1/h\"; }; };\n"
            "amounts: { a = { initial = \"3 cell\"; }; };\n" RULE_OUTPUT);
    rule_is(l, "a", 10.0, 3.0 * exp(-2.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_11_contradictory_regimens)
{
    static const char *const dose[][2] = {
        {"route = \"r\"; day = 0; at = \"1 h\"; dose = \"1 cell\";", "scenario.cfg:2: regimen[0]: a dose has "
                "either a day (e.g. day = 1.0;) or a time (e.g. at = \"24 h\";)"},
        {"route = \"r\"; dose = \"1 cell\";", "scenario.cfg:2: regimen[0]: a dose has either a day (e.g. day = "
                "1.0;) or a time (e.g. at = \"24 h\";)"},
        {"route = \"r\"; day = 0;", "scenario.cfg:2: regimen[0]: 'dose' is missing"},
        {"day = 0; dose = \"1 cell\";", "scenario.cfg:2: regimen[0]: 'route' is missing"},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; repeat = 3;",
                "scenario.cfg:2: regimen[0].repeat: repeated doses need an interval; e.g. interval = \"7 day\""},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; interval = \"3 h\";",
                "scenario.cfg:2: regimen[0].interval: an interval needs a total number of doses; e.g. repeat = 3"},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; repeat = 3; interval = \"0 h\";",
                "scenario.cfg:2: regimen[0].interval: the interval between doses is positive"},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; repeat = 0; interval = \"1 h\";",
                "scenario.cfg:2: regimen[0].repeat: must be an integer from 1 to 100000, not 0"},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; duration = \"-1 h\";",
                "scenario.cfg:2: regimen[0].duration: a duration is not negative"},
        {"route = \"r\"; day = 0; dose = \"-1 cell\";",
                "scenario.cfg:2: regimen[0].dose: a dose is a finite number, not negative"},
        {"route = \"r\"; day = \"1 h\"; dose = \"1 cell\";", "scenario.cfg:2: regimen[0].day: a day is a number, "
                "e.g. day = 10.0; a time with a unit is given by 'at', e.g. at = \"10 day\""},
        {"route = \"r\"; at = \"1 kg\"; dose = \"1 cell\";",
                "scenario.cfg:2: regimen[0].at: this is not a time; write e.g. \"6 h\" or \"10 day\""},
        {"route = \"q\"; day = 0; dose = \"1 cell\";", "scenario.cfg:2: regimen[0].route: no route is named 'q'; there is 'r'; others come with files that the model or scenario may extend"},
        {"route = \"r\"; day = 0; dose = \"1 cell\"; dos = 1;", "scenario.cfg:2: regimen[0].dos: neither a key of "
                "a dose nor a parameter that route 'r' takes; did you mean 'dose'?"},
    };
    for (size_t i = 0; i < sizeof dose / sizeof *dose; i++) {
        rule_refused(DECAY, lab_format("regimen = ( { %s } );\n" RULE_OUTPUT, dose[i][0]), dose[i][1]);
    }
}
END_TEST

START_TEST(rule_11_nearest_names)
{
    rule_refused_model("amounts: { arrested = { unit = \"cell\"; }; };\n"
                       "processes: { go = { from = \"arested\"; hazard = \"1 1/h\"; }; };\n",
                        "model.cfg:2: processes.go.from: no amount is named 'arested'; did you mean 'arrested'?");
    rule_refused_model("parameters: { flow = { unit = \"1/h\"; value = 1; }; };\n"
                       "outputs: { x = { unit = \"1/h\"; value = \"flw\"; }; };\n", "model.cfg:2: outputs.x.value: "
                        "no parameter, amount, variable or process is named 'flw'; did you mean 'flow'?");
    rule_refused(DECAY, "output = { until = \"1 day\"; evry = \"1 h\"; };\n",
            "scenario.cfg:2: output.evry: unknown key; did you mean 'every'?");
    rule_refused(DECAY, RULE_OUTPUT "solver = { method = \"msbdff\"; };\n",
            "scenario.cfg:3: solver.method: no method is named 'msbdff'; did you mean 'msbdf'?");
}
END_TEST

START_TEST(rule_11_errors_of_models)
{
    rule_refused_model("variables: { u = { unit = \"h\"; value = \"v + time\"; }; v = { unit = \"h\"; "
                       "value = \"w\"; }; w = { unit = \"h\"; value = \"2 * u\"; }; };\n",
                        "model.cfg:1: variables.u: depends on itself: u -> v -> w -> u");
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\n"
                       "processes: { go = { from = \"a\"; hazard = \"1 h\"; }; };\n",
                        "model.cfg:2: processes.go.hazard: its unit is 'h', where '1/h' is due");
    rule_refused_model("sets: { z = [\"x\"]; };\namounts: { a = { unit = \"cell\"; over = [\"z\"]; }; };\n"
                       "processes: { go = { from = \"a[q]\"; hazard = \"1 1/h\"; }; };\n",
                        "model.cfg:3: processes.go.from: 'q' is neither an element of 'z' nor a name bound to it");
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; };\n"
                       "processes: { go = { from = \"a\"; to = \"b\"; share = 0.5; }; };\n",
                        "model.cfg:2: processes.go: 'a' is not in transit: share has no meaning, give hazard or rate");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenario");
    TCase *tc = tcase_create("sections 10 and 11");
    tcase_add_test(tc, rule_10_day_and_at);
    tcase_add_test(tc, rule_10_repeat_and_interval);
    tcase_add_test(tc, rule_10_times_of_output);
    tcase_add_test(tc, rule_10_start);
    tcase_add_test(tc, rule_10_quantities);
    tcase_add_test(tc, rule_10_both_sides);
    tcase_add_test(tc, rule_10_doses_are_among_the_times);
    tcase_add_test(tc, rule_10_overrides);
    tcase_add_test(tc, rule_11_contradictory_regimens);
    tcase_add_test(tc, rule_11_nearest_names);
    tcase_add_test(tc, rule_11_errors_of_models);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
