/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 6: cargo. One test a sentence:
 *
 *   transits carry every cargo, not listed in rides                 rule_6_transits_carry_every_cargo
 *   moved by hazard, dwell and share as its carrier, stage by stage rule_6_moves_as_its_carrier
 *   yield does not multiply cargo; sources bring none               rule_6_yield_and_sources
 *   falls: branch fate, process name, process fate, others          rule_6_falls_are_looked_up_in_order
 *   indices of falls are those of the process                       rule_6_indices_of_a_fall
 *   "nowhere" is booked in the cargo's ledger under that fate       rule_6_nowhere_is_booked
 *   nothing found: error                                            rule_6_nothing_found
 *   falls may name processes that do not exist                      rule_6_falls_of_other_models
 *   ... of which one near to a name that exists is asked about      rule_6_a_misspelt_fall
 *   from = "label" acts wherever it rides                           rule_6_acts_wherever_it_rides
 *   from = "label.arrested[...]" in one place                       rule_6_acts_in_one_place
 *   load, overridden by a dose                                      rule_6_load_and_a_doses_own
 *   one more cargo with load 0: attribution                         rule_6_attribution_of_doses              */
#include "language/rule.h"

#define TAG "units: { mark = \"x\"; };\n" \
            "cargo: { tag = { unit = \"mark\"; load = \"2 mark/cell\"; rides = [%s]; falls = { %s }; }; };\n"

START_TEST(rule_6_transits_carry_every_cargo)
{
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; }; t = { unit = \"cell\"; transit = true; "
            "}; b = { unit = \"cell\"; }; };\n"
                                 "processes: { go = { from = \"a\"; to = \"t\"; hazard = \"0.1 1/h\"; }; one = { "
                        "from = \"t\"; to = \"b\"; share = 0.25; }; two = { from = \"t\"; share = 0.75; }; };\n"
                                 "routes: { r = { to = \"a\"; }; };\n"
                        "outputs: { x = { unit = \"mark\"; value = \"tag.b\"; }; };\n", "\"a\", \"b\"", "two = "
                        "\"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "x", 10.0, -5.0 * expm1(-1.0));
    rule_is(l, "ledger_mark[two]", 10.0, -15.0 * expm1(-1.0));
    lab_free(l);
    rule_refused_model(lab_format(TAG "amounts: { t = { unit = \"cell\"; transit = true; }; };\n"
            "processes: { two = { from = \"t\"; share = 1; }; };\n", "\"t\"", "two = \"nowhere\";"), "model.cfg:2: "
                    "cargo.tag.rides: 't' is in transit: it carries every cargo that enters it and is not listed");
}
END_TEST

START_TEST(rule_6_moves_as_its_carrier)
{
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; stages = 3; }; b = { unit = \"cell\"; }; };\n"
                                 "processes: { on = { from = \"a\"; to = \"b\"; dwell = \"6 h\"; }; die = { "
                        "from = \"a\"; hazard = \"0.05 1/h * (1 + a / 10 cell)\"; }; };\n"
                                 "routes: { r = { to = \"a\"; }; };\n"
                        "outputs: { a = { }; b = { }; on_a = { unit = \"mark\"; value = \"tag.a\"; }; on_b = { "
                        "unit = \"mark\"; value = \"tag.b\"; }; };\n",
                                 "\"a\", \"b\"", "die = \"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    for (int t = 0; t <= 24; t++) { /* well mixed: 2 marks a cell for ever, though the hazard crowds */
        rule_is(l, "on_a", t, 2.0 * lab_at(l, "a", t));
        rule_is(l, "on_b", t, 2.0 * lab_at(l, "b", t));
    }
    ck_assert_double_gt(lab_end(l, "b"), 1.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_6_yield_and_sources)
{
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; };\n"
                                 "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; yield = 3; "
                        "}; come = { to = \"a\"; rate = \"5 cell/h\"; }; };\n"
                                 "routes: { r = { to = \"a\"; }; };\n"
                        "outputs: { b = { }; on_b = { unit = \"mark\"; value = \"tag.b\"; }; };\n", "\"a\", \"b\"",
                        "others = \"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "on_b", 10.0, -20.0 * expm1(-1.0));
    rule_is(l, "b", 10.0, 3.0 * (60.0 - 50.0 + 40.0 * exp(-1.0)));
    rule_is(l, "present_mark", 24.0, 20.0);
    lab_free(l);
}
END_TEST

/* One process of fate "death" with a branch of fate "burst": where the tag falls, by what `falls` says. */
static void falls_to(const char *falls, const char *place)
{
    static const char *const all[] = {"w", "x", "y", "z"};
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; }; w = { unit = \"mark\"; }; x = { "
            "unit = \"mark\"; }; y = { unit = \"mark\"; }; z = { unit = \"mark\"; }; };\n"
                                 "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; fate = \"death\"; "
                        "into = ( { share = 1; fate = \"burst\"; } ); }; };\n"
                                 "routes: { r = { to = \"a\"; }; };\n"
                        "outputs: { w = { }; x = { }; y = { }; z = { }; };\n", "\"a\"", falls),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    for (size_t i = 0; i < 4; i++) {
        rule_is(l, all[i], 10.0, strcmp(all[i], place) == 0 ? -20.0 * expm1(-1.0) : 0.0);
    }
    lab_free(l);
}

START_TEST(rule_6_falls_are_looked_up_in_order)
{
    falls_to("others = \"z\"; death = \"y\"; die = \"x\"; burst = \"w\";", "w");
    falls_to("others = \"z\"; death = \"y\"; die = \"x\";", "x");
    falls_to("others = \"z\"; death = \"y\";", "y");
    falls_to("others = \"z\";", "z");
}
END_TEST

START_TEST(rule_6_indices_of_a_fall)
{
    lab *l = rule_run(lab_format(TAG "sets: { o = [\"p\", \"q\"]; };\n"
            "amounts: { a = { unit = \"cell\"; over = [\"o\"]; }; d = { unit = \"mark\"; over = [\"o\"]; }; };\n"
                                 "processes: { die = { from = \"a[o]\"; hazard = \"0.1 1/h\"; }; };\n"
                        "routes: { r = { to = \"a[q]\"; }; };\noutputs: { d = { }; };\n", "\"a\"", "die = \"d[o]\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "d[q]", 10.0, -20.0 * expm1(-1.0));
    rule_is(l, "d[p]", 10.0, 0.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_6_nowhere_is_booked)
{
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; }; };\n"
            "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; fate = \"death\"; }; };\n"
            "routes: { r = { to = \"a\"; }; };\noutputs: { a = { }; };\n", "\"a\"", "others = \"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "ledger_mark[death]", 10.0, -20.0 * expm1(-1.0));
    ck_assert_double_le(lab_gap(l, "mark"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

#define BARE "amounts: { a = { unit = \"cell\"; }; };\n" \
             "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\nroutes: { r = { to = \"a\"; }; };\n" \
             "outputs: { a = { }; };\n"

START_TEST(rule_6_nothing_found)
{
    rule_refused_model(lab_format(TAG BARE, "\"a\"", "other = \"nowhere\";"),
            "model.cfg:2: cargo.tag: nowhere to go when its carrier ends in 'die': name it in cargo.tag.falls");
}
END_TEST

START_TEST(rule_6_falls_of_other_models)
{
    lab *l = rule_run(lab_format(TAG BARE, "\"a\"", "die = \"nowhere\"; not_there = \"nowhere\";"), "");
    ck_assert_str_eq(rule_warning(l, 0), "");
    lab_free(l);
}
END_TEST

#define ENGULF "amounts: { a = { unit = \"cell\"; }; };\n" \
               "processes: { engulf = { from = \"a\"; hazard = \"0.1 1/h\"; fate = \"phagocytosis\"; }; };\n" \
               "outputs: { a = { }; };\n"

START_TEST(rule_6_a_misspelt_fall)
{
    rule_refused_model(lab_format(TAG ENGULF, "\"a\"", "phagocytois = \"nowhere\";"),
                       "model.cfg:2: cargo.tag: nowhere to go when its carrier ends in 'phagocytosis': name it in "
                       "cargo.tag.falls; is 'phagocytois' there meant?");
    lab *l = rule_run(lab_format(TAG ENGULF, "\"a\"", "phagocytois = \"nowhere\"; others = \"nowhere\";"), "");
    ck_assert_str_eq(rule_warning(l, 0), "model.cfg:2: cargo.tag.falls.phagocytois: no process and no fate is named "
                                         "'phagocytois'; did you mean 'phagocytosis'?");
    ck_assert_str_eq(rule_warning(l, 1), "");
    lab_free(l);
}
END_TEST

START_TEST(rule_6_acts_wherever_it_rides)
{
    lab *l = rule_run(lab_format(TAG "amounts: { a = { unit = \"cell\"; stages = 2; }; b = { unit = \"cell\"; }; "
            "f = { unit = \"mark\"; }; };\n"
                                 "processes: { go = { from = \"a\"; to = \"b\"; dwell = \"4 h\"; }; elute = { "
                        "from = \"tag\"; to = \"f\"; hazard = \"0.03 1/h\"; }; };\n"
                                 "routes: { r = { to = \"a\"; }; };\n"
                        "outputs: { f = { }; elute = { }; a = { }; b = { }; };\n", "\"a\", \"b\"", "others = "
                        "\"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "f", t, -20.0 * expm1(-0.03 * t));
        rule_is(l, "elute", t, 0.6 * exp(-0.03 * t));
        rule_is(l, "present_cell", t, 10.0); /* only the cargo moves */
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_6_acts_in_one_place)
{
    lab *l = rule_run(lab_format(TAG "sets: { o = [\"p\", \"q\"]; };\n"
            "amounts: { a = { unit = \"cell\"; over = [\"o\"]; }; f = { unit = \"mark\"; over = [\"o\"]; }; };\n"
                                 "processes: { peel = { from = \"tag.a[o]\"; to = \"f[o]\"; hazard = \"0.1 1/h\"; "
                        "}; more = { from = \"tag.a[q]\"; to = \"f[p]\"; hazard = \"0.2 1/h\"; }; };\n"
                                 "routes: { r = { into = ( { to = \"a[p]\"; share = 0.5; }, { to = \"a[q]\"; "
                        "share = 0.5; } ); }; };\noutputs: { f = { }; peel = { }; };\n", "\"a\"", "others = "
                        "\"nowhere\";"),
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; }");
    rule_is(l, "peel[p]", 0.0, 1.0);
    rule_is(l, "f[q]", 10.0, -10.0 / 3.0 * expm1(-3.0));
    rule_is(l, "f[p]", 10.0, -10.0 * expm1(-1.0) - 20.0 / 3.0 * expm1(-3.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_6_load_and_a_doses_own)
{
    lab *l = rule_run(lab_format(TAG BARE, "\"a\"", "die = \"nowhere\";"), "{ route = \"r\"; day = 0; "
            "dose = \"10 cell\"; }, { route = \"r\"; at = \"2 h\"; dose = \"10 cell\"; tag = \"0.5 mark/cell\"; },"
                      "{ route = \"r\"; at = \"4 h\"; dose = \"10 cell\"; tag = 0; }");
    rule_is(l, "given_mark", 0.0, 20.0);
    rule_is(l, "given_mark", 2.0, 25.0);
    rule_is(l, "given_mark", 4.0, 25.0);
    lab_free(l);
    rule_refused(lab_format(TAG BARE, "\"a\"", "die = \"nowhere\";"), "regimen = ( { route = \"r\"; day = 0; "
            "dose = \"10 cell\"; tag = \"1 cell\"; } );\n" RULE_OUTPUT,
                    "scenario.cfg:2: regimen[0].tag: the load of 'tag' is in mark/cell; e.g. \"0.5 mark/cell\"");
}
END_TEST

START_TEST(rule_6_attribution_of_doses)
{
    lab *l = rule_run("units: { mark = \"x\"; };\namounts: { a = { unit = \"cell\"; }; };\n"
                      "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\n"
                      "routes: { r = { to = \"a\"; }; };\n"
                      "cargo: { one = { unit = \"mark\"; load = \"0 mark/cell\"; rides = [\"a\"]; falls = { "
                      "others = \"nowhere\"; }; }; two = { unit = \"mark\"; rides = [\"a\"]; falls = { "
                      "others = \"nowhere\"; }; }; };\n"
                      "outputs: { a1 = { unit = \"mark\"; value = \"one.a\"; }; a2 = { unit = \"mark\"; "
                      "value = \"two.a\"; }; d2 = { unit = \"mark\"; value = \"dosed(two)\"; }; };\n",
                      "{ route = \"r\"; day = 0; dose = \"10 cell\"; one = \"1 mark/cell\"; }, { route = \"r\"; "
                      "at = \"5 h\"; dose = \"20 cell\"; two = \"1 mark/cell\"; }");
    rule_is(l, "a1", 10.0, 10.0 * exp(-1.0));
    rule_is(l, "a2", 10.0, 20.0 * exp(-0.5));
    rule_is(l, "d2", 0.0, 20.0);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cargo");
    TCase *tc = tcase_create("section 6");
    tcase_add_test(tc, rule_6_transits_carry_every_cargo);
    tcase_add_test(tc, rule_6_moves_as_its_carrier);
    tcase_add_test(tc, rule_6_yield_and_sources);
    tcase_add_test(tc, rule_6_falls_are_looked_up_in_order);
    tcase_add_test(tc, rule_6_indices_of_a_fall);
    tcase_add_test(tc, rule_6_nowhere_is_booked);
    tcase_add_test(tc, rule_6_nothing_found);
    tcase_add_test(tc, rule_6_falls_of_other_models);
    tcase_add_test(tc, rule_6_a_misspelt_fall);
    tcase_add_test(tc, rule_6_acts_wherever_it_rides);
    tcase_add_test(tc, rule_6_acts_in_one_place);
    tcase_add_test(tc, rule_6_load_and_a_doses_own);
    tcase_add_test(tc, rule_6_attribution_of_doses);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
