/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 12: the rulings. One test a sentence:
 *
 *    1 maxima do not depend on output.every                         ruling_1_no_peak_depends_on_every
 *    2 a value at a stop is the one after it                        ruling_2_a_value_at_a_stop_is_after_it
 *      bolus doses at one time apply together; infusions add        ruling_2_doses_at_one_time
 *    3 a unit follows a number unless ...                           ruling_3_what_is_a_unit
 *    4 conditions in time are located and made stops                ruling_4_switches_are_located
 *      ... beside table nodes                                       ruling_4_conditions_on_a_table
 *      within a segment it keeps its value at the midpoint          ruling_4_a_switch_at_the_start
 *    5 parameters.arrest.lung is the path of an element             ruling_5_the_path_of_an_element
 *      entry keys are refused as names of elements                  ruling_5_keys_are_no_elements
 *      { range = ... } merges the attribute                         ruling_5_a_range_is_merged
 *    6 the remainder absorbs; without one it is an error            ruling_6_varying_under_a_total
 *    7 the second dimension is called o                             ruling_7_names_of_dimensions
 *      one namespace in the results                                 ruling_7_clashes_in_the_results
 *    8 initial fills stage 1                                        ruling_8_initial_fills_stage_1
 *      two dwell: error; a hazard beside a dwell                    ruling_8_dwell_and_hazard
 *    9 negative hazards and rates, empty amounts                    ruling_9_negative_flow, _of_what_is_not_asked_for
 *   10 flux sums one pool only; dosed, given                        ruling_10_flux_dosed_given
 *   11 before start: error; after until: warning                    ruling_11_doses_outside_the_run
 *      regimen[k], regimen[*]                                       ruling_11_settings_of_doses
 *      a dose without unit                                          ruling_11_a_dose_without_unit
 *   12 one dimension a pool; powers integer; 1e6                    ruling_12_dimensions_and_integers
 *   13 a bolus into a transit whose shares depend on the state      ruling_13_bolus_into_transit_warns
 *   14 --set                                                        ruling_14_settings                       */
#include "language/rule.h"

START_TEST(ruling_1_no_peak_depends_on_every)
{
    static const char *const every[] = {"1 min", "1 h", "24 h"};
    for (size_t i = 0; i < 3; i++) {
        lab *l = rule_scenario("amounts: { a = { unit = \"mg\"; initial = 10; }; b = { unit = \"mg\"; }; };\n"
                "processes: { on = { from = \"a\"; to = \"b\"; hazard = \"0.5 1/h\"; }; off = { from = \"b\"; "
                "hazard = \"0.2 1/h\"; }; };\n"
                               "outputs: { b = { }; auc = { unit = \"mg h\"; value = \"integral(b)\"; }; };\n",
                                   lab_format("output = { until = \"24 h\"; every = \"%s\"; };\n", every[i]));
        const double at = log(2.5) / 0.3;
        double peak = 0.0, when = 0.0;
        ck_assert_int_eq(msc_result_peak(lab_result(l), "b", 0, &peak, &when, NULL), MSC_OK);
        lab_near(peak, 10.0 * 0.5 / 0.3 * (exp(-0.2 * at) - exp(-0.5 * at)), 1e-7, 10.0, "the peak");
        lab_near(when, at, 1e-4, at, "its time");
        rule_is(l, "auc", 24.0, 50.0 / 0.3 * (-expm1(-4.8) / 0.2 * 0.1 - -expm1(-12.0) / 0.5 * 0.1));
        lab_free(l);
    }
}
END_TEST

#define DECAY "amounts: { a = { unit = \"cell\"; }; };\n" \
              "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\nroutes: { r = { to = \"a\"; }; };\n" \
              "outputs: { a = { }; die = { }; };\n"

START_TEST(ruling_2_a_value_at_a_stop_is_after_it)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; }; };\n"
                      "processes: { go = { to = \"a\"; rate = \"if(time < 5 h, 1 cell/h, 3 cell/h)\"; }; };\n"
                      "routes: { r = { to = \"a\"; }; };\noutputs: { a = { }; go = { }; };\n",
                      "{ route = \"r\"; at = \"2 h\"; dose = \"10 cell\"; }");
    rule_is(l, "a", 2.0, 12.0);
    rule_is(l, "go", 5.0, 3.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_2_doses_at_one_time)
{
    /* 0.3 h three times over, by three ways of counting; overlapping infusions */
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; }; };\nroutes: { r = { to = \"a\"; }; };\n"
                      "outputs: { a = { }; };\n",
                      "{ route = \"r\"; at = \"0.1 h\"; dose = \"1 cell\"; repeat = 3; interval = \"0.1 h\"; }, { "
                      "route = \"r\"; at = \"0.3 h\"; dose = \"10 cell\"; }, { route = \"r\"; at = \"18 min\"; "
                      "dose = \"100 cell\"; },"
                      "{ route = \"r\"; at = \"2 h\"; dose = \"4 cell\"; duration = \"4 h\"; }, { route = \"r\"; "
                      "at = \"4 h\"; dose = \"4 cell\"; duration = \"2 h\"; }");
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 1; i < n; i++) {
        ck_assert_msg(time[i] - time[i - 1] > 1e-9, "%.17g and %.17g", time[i - 1], time[i]);
    }
    rule_is(l, "a", 0.3, 113.0);
    rule_is(l, "a", 5.0, 118.0);
    rule_is(l, "a", 24.0, 121.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_3_what_is_a_unit)
{
    rule_value("", "2 min", "s", 120.0);
    rule_value("", "2 * min(3, 4)", "1", 6.0);
    rule_value("", "if(2 > 1 and 3 > 2, 4, 5)", "1", 4.0);
    rule_value("", "(2 m2)^0.5 + (4 m^2)^0.5 * 0", "m", sqrt(2.0));
    rule_value("", "5 h-1 * 2 h", "1", 10.0);
    rule_value("", "if(2 h<3 h, 1, 0)", "1", 1.0);
    rule_value("sets: { z = [\"x\", \"y\"]; };\n", "sum(z: 2)", "1", 4.0);
}
END_TEST

START_TEST(ruling_4_switches_are_located)
{
    lab *l = rule_run("parameters: { w = { unit = \"1/h\"; value = 1; }; };\n"
                      "outputs: { x = { unit = \"h\"; value = \"integral(if(exp(time / 10 h) > 2.5, 1, 0))\"; }; "
                      "n = { unit = \"h\"; value = \"integral((time * w) * (time * w - 7) > 0)\"; }; };\n", "");
    lab_near(lab_end(l, "x"), 24.0 - 10.0 * log(2.5), 1e-13, 24.0, "a condition that is no comparison with time");
    lab_near(lab_end(l, "n"), 17.0, 1e-13, 24.0, "a product");
    lab_free(l);
}
END_TEST

START_TEST(ruling_4_conditions_on_a_table)
{
    /* a spike of 7 s in a day, between two of the points looked at; only the nodes of the table tell */
    lab *l = rule_run("parameters: { p = { unit = \"1\"; value = 1; }; };\n"
                      "variables: { v = { unit = \"1\"; table = { of = \"time\"; unit = \"h\"; at = [10.001, "
                      "10.002, 10.003]; is = [0, 1, 0]; }; }; };\n"
                      "outputs: { i = { unit = \"h\"; value = \"integral(v)\"; }; c = { unit = \"h\"; "
                      "value = \"integral(if(v > 0.5, 1, 0))\"; }; };\n", "");
    lab_near(lab_end(l, "i"), 0.001, 1e-9, 1.0, "the spike");
    lab_near(lab_end(l, "c"), 0.001, 1e-9, 1.0, "the upper half of the spike");
    lab_free(l);
}
END_TEST

START_TEST(ruling_4_a_switch_at_the_start)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; }; };\n"
                      "processes: { one = { to = \"a\"; rate = \"1 cell/h * (time > 0)\"; }; two = { to = \"a\"; "
                      "rate = \"1 cell/h * (time != 24 h) + 1 cell/h * (time == 5 h)\"; }; };\n"
                      "outputs: { a = { }; one = { }; };\n", "");
    rule_is(l, "a", 24.0, 48.0);
    rule_is(l, "one", 0.0, 1.0);
    lab_free(l);
}
END_TEST

#define PATHS "sets: { z = [\"x\", \"y\", \"w\"]; low = { of = \"z\"; are = [\"x\"]; }; };\n" \
              "parameters: { p = { unit = \"1\"; over = [\"z\"]; values = { low = 1; others = 3; }; };\n" \
              "  r = { unit = \"1\"; over = [\"z\"]; values = { x = 0.25; y = 0.25; w = \"remainder\"; }; }; s = { " \
              "unit = \"1\"; over = [\"z\"]; values = { x = 0.5; others = 0.25; }; total = 1; }; };\n" \
              "outputs: { p = { }; r = { }; s = { }; };\n"

static lab *set(const char *setting)
{
    return lab_text(PATHS, RULE_OUTPUT, (const char *const[]){setting, NULL});
}

START_TEST(ruling_5_the_path_of_an_element)
{
    lab *l = set("parameters.p.x=7");
    rule_is(l, "p[x]", 0.0, 7.0);
    rule_is(l, "p[y]", 0.0, 3.0);
    lab_free(l);
    l = set("parameters.p.w=7");
    rule_is(l, "p[w]", 0.0, 7.0);
    rule_is(l, "p[y]", 0.0, 3.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_5_keys_are_no_elements)
{
    rule_refused_model("sets: { z = [\"range\"]; };\n",
            "model.cfg:1: sets.z: 'range' is a word of the language and cannot be an element");
    rule_refused_model("sets: { z = [\"value\"]; };\n",
            "model.cfg:1: sets.z: 'value' is a word of the language and cannot be an element");
}
END_TEST

START_TEST(ruling_5_a_range_is_merged)
{
    lab *l = rule_scenario("parameters: { p = { unit = \"1\"; value = 5; }; };\noutputs: { p = { }; };\n",
        "parameters: { p = { range = [1.0, 9.0]; }; };\n" RULE_OUTPUT);
    rule_is(l, "p", 0.0, 5.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_6_varying_under_a_total)
{
    lab *l = set("parameters.r.x=0.5");
    rule_is(l, "r[w]", 0.0, 0.25);
    lab_free(l);
    rule_refused(PATHS, "parameters: { s = { x = 0.75; }; };\n" RULE_OUTPUT,
            "model.cfg:3: parameters.s: the values add up to 1.2500, not to 1");
    rule_refused(PATHS, "parameters: { r = { x = 0.95; }; };\n" RULE_OUTPUT,
            "model.cfg:3: parameters.r: the other values add up to 1.2000 already, more than 1");
}
END_TEST

static msc_error checked(const char *model)
{
    msc_error err = {0};
    lab *l = rule_scenario(model, RULE_OUTPUT);
    ck_assert_int_ne(msc_scenario_check(lab_scenario(l), &err), MSC_OK);
    lab_free(l);
    return err;
}

START_TEST(ruling_7_names_of_dimensions)
{
    lab *l = rule_run("sets: { z = [\"x\", \"y\"]; };\n"
                      "outputs: { m = { unit = \"1\"; over = [\"z\", \"o in z\"]; value = \"if(1 > 0, 2, 3)\"; }; "
                      "};\n", "");
    ck_assert_int_eq(msc_scenario_check(lab_scenario(l), NULL), MSC_OK);
    lab_free(l);
}
END_TEST

START_TEST(ruling_7_clashes_in_the_results)
{
    msc_error err;
    rule_refused_model("outputs: { time = { unit = \"h\"; value = \"time\"; }; };\n",
            "model.cfg:1: outputs.time: 'time' has its own meaning in a results file: name the output otherwise");
    rule_refused_model("sets: { z = [\"x\"]; };\nparameters: { p = { unit = \"1\"; value = 1; }; };\n"
                       "outputs: { z = { unit = \"1\"; value = \"p\"; }; };\n",
                        "model.cfg:3: outputs.z: 'z' is a set, and both would have that name in a results file");
    err = checked("amounts: { a = { unit = \"cell\"; initial = \"1 cell\"; }; };\n"
                  "outputs: { present_cell = { unit = \"cell\"; value = \"a\"; }; };\n");
    ck_assert_str_eq(rule_text(&err), "model.cfg:2: outputs.present_cell: two things in the results file would be called "
            "'present_cell'; rename an output, an endpoint or an index");
    /* also what only a run that warns would write */
    rule_refused_model("outputs: { warning = { unit = \"h\"; value = \"time\"; }; };\n",
            "model.cfg:1: outputs.warning: 'warning' has its own meaning in a results file: name the output otherwise");
    err = checked("amounts: { a = { unit = \"cell\"; pool = \"mg_L\"; initial = \"1 cell\"; }; b = { "
                  "unit = \"mg/L\"; initial = 1; }; };\noutputs: { a = { }; };\n");
    ck_assert_str_eq(rule_text(&err),
            "scenario.cfg: two things in the results file would be called 'given_mg_L'; rename an output, an endpoint or an index");
    err = checked("amounts: { a = { unit = \"cell\"; initial = \"1 cell\"; }; };\n"
                  "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\n"
                  "outputs: { fate_cell = { unit = \"cell\"; value = \"a\"; }; };\n");
    ck_assert_str_eq(rule_text(&err),
            "model.cfg:3: outputs.fate_cell: two things in the results file would be called 'fate_cell'; rename an output, an endpoint or an index");
}
END_TEST

START_TEST(ruling_8_initial_fills_stage_1)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 2; initial = \"8 cell\"; }; };\n"
                      "processes: { on = { from = \"a\"; dwell = \"10 h\"; }; };\n"
                      "outputs: { on = { }; a = { }; };\n", "");
    rule_is(l, "on", 0.0, 0.0);
    rule_is(l, "on", 5.0, 8.0 * 0.2 * exp(-1.0));
    lab_free(l);
}
END_TEST

START_TEST(ruling_8_dwell_and_hazard)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; stages = 2; }; };\n"
                       "processes: { one = { from = \"a\"; dwell = \"10 h\"; }; two = { from = \"a\"; "
                       "dwell = \"5 h\"; }; };\n", "model.cfg:2: processes.two: a has a dwell already, by 'one'");
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 2; initial = \"8 cell\"; }; };\n"
                      "processes: { on = { from = \"a\"; dwell = \"10 h\"; }; die = { from = \"a\"; "
                      "hazard = \"0.1 1/h\"; }; };\noutputs: { on = { }; };\n", "");
    ck_assert_str_eq(rule_warning(l, 0),
            "model.cfg:2: processes.die: its hazard shortens the stay in 'a' that 'on' gives");
    rule_is(l, "on", 5.0, 8.0 * 0.2 * exp(-1.5));
    lab_free(l);
}
END_TEST

static void ends(const char *process, const char *where, double low, double high)
{
    const msc_error err = lab_refused(lab_format("amounts: { a = { unit = \"cell\"; initial = \"2 cell\"; }; b = { "
            "unit = \"cell\"; initial = \"1 cell\"; }; };\nprocesses: { %s };\noutputs: { a = { }; b = { }; };\n",
                process), RULE_OUTPUT);
    ck_assert_int_eq(err.status, MSC_E_NUMERIC);
    const char *text = rule_text(&err), *at = strstr(text, " at t = ");
    ck_assert_msg(strncmp(text, where, strlen(where)) == 0, "%s", text);
    ck_assert_ptr_nonnull(at);
    const double t = strtod(at + 8, NULL);
    ck_assert_msg(t >= low && t <= high, "%s", text);
}

START_TEST(ruling_9_negative_flow)
{
    ends("use = { from = \"a\"; rate = \"0.5 cell/h\"; };",
            "model.cfg:2: processes.use: negative flow: process 'use', out of an empty amount at t = ", 4.0, 24.0);
    ends("die = { from = \"a\"; hazard = \"0.1 1/h * (1 - time / 5 h)\"; };",
            "model.cfg:2: processes.die: negative flow: process 'die' at t = ", 5.0, 24.0);
    ends("make = { to = \"b\"; rate = \"1 cell/h * (1 - b / 5 cell) - 0.1 cell/h * time / 1 h\"; };",
        "model.cfg:2: processes.make: negative flow: process 'make' at t = ", 1.0, 24.0);
    rule_refused_model("amounts: { a = { unit = \"cell\"; initial = \"2 cell\"; }; };\n"
                       "parameters: { k = { unit = \"1/h\"; value = -1; }; };\n"
                       "processes: { die = { from = \"a\"; hazard = \"k\"; }; };\noutputs: { a = { }; };\n",
                        "model.cfg:3: processes.die: process 'die': its size is negative (-1)");
}
END_TEST

/* A rate out of an empty amount fills b out of nothing: that is seen though nobody asks for a. */
START_TEST(ruling_9_of_what_is_not_asked_for)
{
    const msc_error err = lab_refused(
        "amounts: { a = { unit = \"cell\"; initial = \"2 cell\"; }; b = { unit = \"cell\"; }; };\n"
        "processes: { use = { from = \"a\"; to = \"b\"; rate = \"0.5 cell/h\"; }; };\noutputs: { b = { }; };\n",
        "output = { until = \"24 h\"; every = \"1 h\"; ledger = \"off\"; };\n");
    const char *text = rule_text(&err), *at = strstr(text, " at t = "), *step = strstr(text, ", the end of a step of ");
    ck_assert_msg(strncmp(text, "model.cfg:2: processes.use: negative flow: process 'use', out of an empty amount", 80) == 0,
                  "%s", text);
    ck_assert(at != NULL && step != NULL);
    const double t = strtod(at + 8, NULL), h = strtod(step + 23, NULL); /* it is empty at 4 h, within the step */
    ck_assert_msg(t > 4.0 && t - h <= 4.0 + 1e-6, "%s", text);
}
END_TEST

START_TEST(ruling_10_flux_dosed_given)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"mg\"; }; };\n"
                       "processes: { one = { from = \"a\"; hazard = \"1 1/h\"; fate = \"f\"; }; two = { "
                       "from = \"b\"; hazard = \"1 1/h\"; fate = \"f\"; }; };\n"
                       "outputs: { x = { unit = \"cell/h\"; value = \"flux(f)\"; }; };\n", "model.cfg:3: "
                        "outputs.x.value: the processes of fate 'f' move things of more than one pool: 'one' and "
                        "'two'");
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; }; };\n"
                      "routes: { r = { into = ( { to = \"a\"; share = 0.75; }, { fate = \"dead\"; "
                      "share = \"remainder\"; } ); }; };\n"
                      "outputs: { d = { unit = \"cell\"; value = \"dosed(cell)\"; }; g = { unit = \"cell\"; "
                      "value = \"given(cell)\"; }; };\n",
                      "{ route = \"r\"; at = \"2 h\"; dose = \"8 cell\"; duration = \"4 h\"; repeat = 2; "
                      "interval = \"6 h\"; }");
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "d", t, 16.0);
        rule_is(l, "g", t, 2.0 * (fmin(fmax(t - 2.0, 0.0), 4.0) + fmin(fmax(t - 8.0, 0.0), 4.0)));
    }
    lab_free(l);
}
END_TEST

START_TEST(ruling_11_doses_outside_the_run)
{
    rule_refused(DECAY, "regimen = ( { route = \"r\"; day = -1.0; dose = \"1 cell\"; } );\n"
                        "output = { start = \"0 h\"; until = \"24 h\"; every = \"1 h\"; };\n",
                        "scenario.cfg:2: regimen[0]: this dose is given before the start of the run");
    lab *l = rule_run(DECAY, "{ route = \"r\"; at = \"20 h\"; dose = \"1 cell\"; repeat = 2; interval = \"5 h\"; }");
    ck_assert_str_eq(rule_warning(l, 0),
            "scenario.cfg:2: regimen[0]: the last of these 2 doses is given after the end of the run (day 1) and has no effect");
    rule_is(l, "given_cell", 24.0, 1.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_11_settings_of_doses)
{
    static const char doses[] = "regimen = ( { route = \"r\"; day = 0; dose = \"1 cell\"; repeat = 2; "
            "interval = \"1 h\"; }, { route = \"r\"; day = 0; dose = \"10 cell\"; } );\n" RULE_OUTPUT;
    lab *l = lab_text(DECAY, doses, (const char *const[]){"regimen[0].dose=3 cell", NULL});
    rule_is(l, "given_cell", 24.0, 16.0);
    lab_free(l);
    l = lab_text(DECAY, doses, (const char *const[]){"regimen[*].dose=5 cell", "regimen[1].repeat=1", NULL});
    rule_is(l, "given_cell", 24.0, 15.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_11_a_dose_without_unit)
{
    rule_refused(DECAY, "regimen = ( { route = \"r\"; day = 0; dose = 5; } );\n" RULE_OUTPUT,
            "scenario.cfg:2: regimen[0].dose: a dose needs a unit; e.g. \"5e6 cell\"");
    static const char per[] = "parameters: { w = { unit = \"kg\"; value = 70.0; }; };\namounts: { b = { unit = \"mg\"; }; };\n"
                              "routes: { iv = { to = \"b\"; per = \"w\"; }; };\noutputs: { b = { }; };\n";
    static const char *const bare[] = {"5.0", "\"5\"", "\"5e0\""}; /* mg per kg is a pure number, but 5 is not 5 mg/kg */
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
        rule_refused(per, lab_format("regimen = ( { route = \"iv\"; day = 0; dose = %s; } );\n" RULE_OUTPUT, bare[i]),
                     "scenario.cfg:2: regimen[0].dose: a dose needs a unit; e.g. \"5e6 mg\"");
    }
    lab *weighed = rule_run(per, "{ route = \"iv\"; day = 0; dose = \"5 mg/kg\"; }");
    rule_is(weighed, "b", 1.0, 350.0);
    lab_free(weighed);
    lab *l = rule_run("amounts: { a = { unit = \"1\"; }; };\nroutes: { r = { to = \"a\"; }; };\n"
                      "outputs: { a = { }; };\n", "{ route = \"r\"; day = 0; dose = 5; }");
    rule_is(l, "a", 1.0, 5.0);
    lab_free(l);
}
END_TEST

START_TEST(ruling_12_dimensions_and_integers)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; pool = \"x\"; }; b = { unit = \"mg\"; pool = \"x\"; }; "
                       "};\n", "model.cfg:1: amounts.b.pool: the pool 'x' is counted in 'cell' already, this in 'mg'");
    rule_refused_model("outputs: { x = { unit = \"1\"; value = \"(2 h)^0.5\"; }; };\n",
            "model.cfg:1: outputs.x.value: 'h' to the power 0.5 is no unit");
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 2e0; initial = \"8 cell\"; }; };\n"
                      "processes: { on = { from = \"a\"; dwell = \"10 h\"; }; };\noutputs: { on = { }; };\n", "");
    rule_is(l, "on", 5.0, 8.0 * 0.2 * exp(-1.0));
    lab_free(l);
    l = rule_scenario(DECAY, "regimen = ( { route = \"r\"; day = 0; dose = \"5 cell\"; repeat = 2e0; "
            "interval = \"1 h\"; } );\n" RULE_OUTPUT);
    rule_is(l, "given_cell", 24.0, 10.0);
    lab_free(l);
    lab_free(lab_text(DECAY, RULE_OUTPUT, (const char *const[]){"solver.max_steps=1e6", NULL}));
}
END_TEST

#define FLOW(share) "amounts: { t = { unit = \"cell\"; transit = true; }; c = { unit = \"cell\"; }; };\n" \
                    "processes: { one = { from = \"t\"; to = \"c\"; share = \"" share "\"; }; two = { " \
                        "from = \"t\"; share = \"remainder\"; }; };\nroutes: { r = { to = \"t\"; }; };\n" \
                        "outputs: { c = { }; };\n"

START_TEST(ruling_13_bolus_into_transit_warns)
{
    lab *l = rule_run(FLOW("1 / (1 + c / 10 cell)"), "{ route = \"r\"; day = 0; dose = \"5 cell\"; }, { "
            "route = \"r\"; at = \"1 h\"; dose = \"5 cell\"; duration = \"1 h\"; }");
    ck_assert_str_eq(rule_warning(l, 0), "scenario.cfg:2: regimen[0]: a bolus into a flow that is parted by shares "
            "that depend on the state: they are taken as "
                             "they stand the instant before, and the duration of an infusion matters; give one");
    ck_assert_str_eq(rule_warning(l, 1), ""); /* not of the infusion */
    lab_free(l);
    l = rule_run(FLOW("if(time < 2 h, 0.5, 0.25)"), "{ route = \"r\"; day = 0; dose = \"5 cell\"; }");
    ck_assert_str_eq(rule_warning(l, 0), ""); /* of time alone */
    lab_free(l);
    l = rule_scenario(FLOW("1 / (1 + c / 10 cell)"), "amounts: { t = { initial = \"3 cell\"; }; };\n" RULE_OUTPUT);
    ck_assert_str_eq(rule_warning(l, 0), "scenario.cfg: what is in transit at the start is parted by shares that "
            "depend on the state: they are taken as they stand before it");
    lab_free(l);
}
END_TEST

START_TEST(ruling_14_settings)
{
    lab *l = lab_text(DECAY, "regimen = ( { route = \"r\"; day = 0; dose = \"1 cell\"; } );\n" RULE_OUTPUT,
        (const char *const[]){"processes.die.hazard=0.2 1/h", "output.until=\"10 h\"", "regimen[0].duration=2 h",
            NULL});
    rule_is(l, "given_cell", 1.0, 0.5);
    rule_is(l, "a", 10.0, 0.5 / 0.2 * (exp(-1.6) - exp(-2.0)));
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rulings");
    TCase *tc = tcase_create("section 12");
    tcase_add_test(tc, ruling_1_no_peak_depends_on_every);
    tcase_add_test(tc, ruling_2_a_value_at_a_stop_is_after_it);
    tcase_add_test(tc, ruling_2_doses_at_one_time);
    tcase_add_test(tc, ruling_3_what_is_a_unit);
    tcase_add_test(tc, ruling_4_switches_are_located);
    tcase_add_test(tc, ruling_4_conditions_on_a_table);
    tcase_add_test(tc, ruling_4_a_switch_at_the_start);
    tcase_add_test(tc, ruling_5_the_path_of_an_element);
    tcase_add_test(tc, ruling_5_keys_are_no_elements);
    tcase_add_test(tc, ruling_5_a_range_is_merged);
    tcase_add_test(tc, ruling_6_varying_under_a_total);
    tcase_add_test(tc, ruling_7_names_of_dimensions);
    tcase_add_test(tc, ruling_7_clashes_in_the_results);
    tcase_add_test(tc, ruling_8_initial_fills_stage_1);
    tcase_add_test(tc, ruling_8_dwell_and_hazard);
    tcase_add_test(tc, ruling_9_negative_flow);
    tcase_add_test(tc, ruling_9_of_what_is_not_asked_for);
    tcase_add_test(tc, ruling_10_flux_dosed_given);
    tcase_add_test(tc, ruling_11_doses_outside_the_run);
    tcase_add_test(tc, ruling_11_settings_of_doses);
    tcase_add_test(tc, ruling_11_a_dose_without_unit);
    tcase_add_test(tc, ruling_12_dimensions_and_integers);
    tcase_add_test(tc, ruling_13_bolus_into_transit_warns);
    tcase_add_test(tc, ruling_14_settings);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
