/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 5: amounts and processes. One test a sentence:
 *
 *   initial: a formula of parameters, default 0                    rule_5_initial
 *   hazard: of every stage                                         rule_5_a_hazard
 *   rate: as written, sources and sinks                            rule_5_a_rate
 *   rate: error if from carries cargo                              rule_5_no_rate_with_cargo
 *   dwell: gamma-distributed stay                                  rule_5_a_dwell
 *   share: of what enters a transit at this moment                 rule_5_a_share
 *   exactly one of rate hazard share dwell                         rule_5_one_size
 *   to absent: leaves; from absent: enters                         rule_5_leaves_and_enters
 *   inflow enters stage 1                                          rule_5_inflow_enters_stage_1
 *   into splits one process                                        rule_5_into_splits
 *   shares of into lie in 0..1 and add up to 1 (before, at steps)  rule_5_shares_of_into
 *   shares out of a transit add up to 1                            rule_5_shares_out_of_a_transit
 *   transits may lead to transits, not in a circle                 rule_5_transits_in_a_circle
 *   initial on a transit is parted as a bolus                      rule_5_initial_of_a_transit
 *   yield                                                          rule_5_yield
 *   without it from and to have one dimension                      rule_5_without_yield_one_dimension
 *   fate: default the name; several may share one                  rule_5_fate                              */
#include "language/rule.h"

START_TEST(rule_5_initial)
{
    lab *l = rule_run("sets: { z = [\"x\", \"y\"]; };\n"
                      "parameters: { p = { unit = \"cell\"; over = [\"z\"]; values = { x = 3; y = 4; }; }; };\n"
                      "amounts: { a = { unit = \"cell\"; over = [\"z\"]; initial = \"2 * p[z]\"; }; b = { "
                      "unit = \"cell\"; }; c = { unit = \"mg\"; initial = 5; }; };\n"
                      "outputs: { a = { }; b = { }; c = { }; };\n", "");
    rule_is(l, "a[x]", 24.0, 6.0);
    rule_is(l, "a[y]", 0.0, 8.0);
    rule_is(l, "b", 24.0, 0.0);
    rule_is(l, "c", 24.0, 5.0);
    lab_free(l);
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; initial = \"a\"; }; };\n",
        "model.cfg:1: amounts.b.initial: 'a' is an amount: an initial value may depend on parameters only");
}
END_TEST

START_TEST(rule_5_a_hazard)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 3; initial = \"8 cell\"; }; };\n"
                      "processes: { die = { from = \"a\"; hazard = \"0.1 1/h\"; }; on = { from = \"a\"; "
                      "dwell = \"3 h\"; }; };\noutputs: { a = { }; };\n", "");
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "a", t, 8.0 * exp(-1.1 * t) * (1.0 + t + 0.5 * t * t));
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_5_a_rate)
{
    lab *l = rule_run("amounts: { a = { unit = \"mg\"; initial = \"10 mg\"; }; b = { unit = \"mg\"; }; };\n"
                      "processes: { make = { to = \"b\"; rate = \"0.25 g/day\"; }; use = { from = \"a\"; "
                      "to = \"b\"; rate = \"0.4 mg/h\"; }; };\noutputs: { a = { }; b = { }; };\n", "");
    rule_is(l, "a", 24.0, 0.4);
    rule_is(l, "b", 24.0, 259.6);
    lab_free(l);
}
END_TEST

START_TEST(rule_5_no_rate_with_cargo)
{
    rule_refused_model("units: { mark = \"x\"; };\namounts: { a = { unit = \"cell\"; }; };\n"
                       "cargo: { tag = { unit = \"mark\"; rides = [\"a\"]; falls = { others = \"nowhere\"; }; }; };\n"
                       "processes: { use = { from = \"a\"; rate = \"1 cell/h\"; }; };\n",
                        "model.cfg:4: processes.use: 'a' carries cargo, which a rate cannot take along: give hazard");
}
END_TEST

START_TEST(rule_5_a_dwell)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 4; initial = \"8 cell\"; }; b = { "
                      "unit = \"cell\"; }; };\n"
                      "processes: { on = { from = \"a\"; to = \"b\"; dwell = \"8 h\"; }; };\n"
                      "outputs: { b = { }; };\n", "");
    for (int t = 0; t <= 24; t++) {
        const double x = 0.5 * t;
        rule_is(l, "b", t, 8.0 * (1.0 - exp(-x) * (1.0 + x + x * x / 2.0 + x * x * x / 6.0)));
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_5_a_share)
{
    lab *l = rule_run("parameters: { p = { unit = \"1\"; value = 0.3; }; };\n"
                      "amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; t = { unit = \"cell\"; "
                      "transit = true; }; b = { unit = \"cell\"; }; };\n"
                      "processes: { go = { from = \"a\"; to = \"t\"; hazard = \"0.1 1/h\"; }; catch = { "
                      "from = \"t\"; to = \"b\"; share = \"p * if(time < 5 h, 1, 0)\"; }; pass = { from = \"t\"; "
                      "share = \"remainder\"; }; };\n"
                      "outputs: { b = { }; catch = { }; pass = { }; };\n", "");
    rule_is(l, "catch", 2.0, 0.3 * 0.8 * exp(-0.2));
    rule_is(l, "pass", 6.0, 0.8 * exp(-0.6));
    rule_is(l, "b", 24.0, -0.3 * 8.0 * expm1(-0.5));
    lab_free(l);
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; };\n"
                       "processes: { go = { from = \"a\"; to = \"b\"; share = 1; }; };\n",
                        "model.cfg:2: processes.go: 'a' is not in transit: share has no meaning, give hazard or rate");
}
END_TEST

START_TEST(rule_5_one_size)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\nprocesses: { go = { from = \"a\"; }; };\n",
        "model.cfg:2: processes.go: give exactly one of rate, hazard, share, dwell: here is none");
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\n"
                       "processes: { go = { from = \"a\"; rate = \"1 cell/h\"; hazard = \"1 1/h\"; }; };\n",
                        "model.cfg:2: processes.go: give exactly one of rate, hazard, share, "
                        "dwell: here are rate and hazard");
}
END_TEST

START_TEST(rule_5_leaves_and_enters)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; };\n"
                      "processes: { out = { from = \"a\"; hazard = \"0.1 1/h\"; }; come = { to = \"a\"; "
                      "rate = \"2 cell/h\"; }; };\noutputs: { a = { }; };\n", "");
    rule_is(l, "a", 10.0, 20.0 - 12.0 * exp(-1.0));
    rule_is(l, "entered_cell[come]", 10.0, 20.0);
    rule_is(l, "ledger_cell[out]", 10.0, 8.0 + 12.0 * exp(-1.0));
    lab_free(l);
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; };\nprocesses: { go = { rate = \"1 cell/h\"; }; };\n",
        "model.cfg:2: processes.go: needs from or to");
}
END_TEST

START_TEST(rule_5_inflow_enters_stage_1)
{
    /* from a source of 1 cell/h; the second of two stages leaves at once what the first sends */
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; stages = 2; }; b = { unit = \"cell\"; }; };\n"
                      "processes: { come = { to = \"a\"; rate = \"1 cell/h\"; }; on = { from = \"a\"; to = \"b\"; "
                      "dwell = \"4 h\"; }; };\noutputs: { a = { }; on = { }; };\n", "");
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "on", t, 1.0 - exp(-0.5 * t) * (1.0 + 0.5 * t));
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_5_into_splits)
{
    lab *l = rule_run("parameters: { p = { unit = \"1\"; value = 0.2; }; };\n"
                      "amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"cell\"; }; c = { "
                      "unit = \"cell\"; }; };\n"
                      "processes: { go = { from = \"a\"; hazard = \"0.1 1/h\"; into = ( { to = \"b\"; "
                      "share = \"p\"; }, { to = \"c\"; share = 0.5; }, { share = \"remainder\"; fate = \"lost\"; "
                      "} ); }; };\noutputs: { b = { }; c = { }; };\n", "");
    const double gone = -8.0 * expm1(-1.0);
    rule_is(l, "b", 10.0, 0.2 * gone);
    rule_is(l, "c", 10.0, 0.5 * gone);
    rule_is(l, "ledger_cell[lost]", 10.0, 0.3 * gone);
    lab_free(l);
}
END_TEST

#define INTO(share) "parameters: { p = { unit = \"1\"; value = 0.4; }; };\n" \
                    "amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"cell\"; }; };\n" \
                    "processes: { go = { from = \"a\"; hazard = \"0.1 1/h\"; into = ( { to = \"b\"; share = \"" share \
                        "\"; }, { share = 0.6; } ); }; };\noutputs: { b = { }; };\n"

START_TEST(rule_5_shares_of_into)
{
    lab *l = rule_run(INTO("p"), "");
    rule_is(l, "b", 10.0, -3.2 * expm1(-1.0));
    lab_free(l);
    l = rule_run(INTO("p * (a + b) / (b + a)"), "");
    rule_is(l, "b", 10.0, -3.2 * expm1(-1.0));
    lab_free(l);
    rule_refused_model(INTO("0.5"), "model.cfg:3: processes.go.into: the shares add up to 1.1000, not to 1");
    rule_refused_model(INTO("p / 2"), "model.cfg:3: processes.go: the shares of process 'go' add up to 0.8, not to 1");
    rule_refused_model(INTO("-p"), "model.cfg:3: processes.go: the shares of process 'go' add up to 0.2, not to 1");
    ck_assert_ptr_nonnull(strstr(lab_refused(INTO("p - b / 8 cell"), RULE_OUTPUT).message,
                                 "a share left 0 .. 1: the shares of process 'go' do not add up to 1 at t = "));
    ck_assert_ptr_nonnull(strstr(lab_refused(INTO("p + b / 8 cell"), RULE_OUTPUT).message,
                                 "a share left 0 .. 1: the shares of process 'go' do not add up to 1 at t = "));
}
END_TEST

#define OUT(share, rest) "parameters: { p = { unit = \"1\"; value = 0.4; }; };\n" \
        "amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; t = { unit = \"cell\"; transit = true; }; " \
        "b = { unit = \"cell\"; }; };\n" \
                   "processes: { go = { from = \"a\"; to = \"t\"; hazard = \"0.1 1/h\"; }; one = { from = \"t\"; " \
                   "to = \"b\"; share = \"" share "\"; }; two = { from = \"t\"; share = \"" rest "\"; }; };\n" \
                        "outputs: { b = { }; };\n"

START_TEST(rule_5_shares_out_of_a_transit)
{
    lab *l = rule_run(OUT("p", "1 - p"), "");
    rule_is(l, "b", 10.0, -3.2 * expm1(-1.0));
    lab_free(l);
    rule_refused_model(OUT("p", "p"), "model.cfg:2: amounts.t: the shares out of t add up to 0.8, not to 1");
    rule_refused_model(OUT("3 * p", "remainder"), "model.cfg:3: processes.one: the share is 1.2, outside of 0 to 1");
    ck_assert_ptr_nonnull(strstr(lab_refused(OUT("p - b / 8 cell", "0.6"), RULE_OUTPUT).message,
                                 "a share left 0 .. 1: the shares out of t do not add up to 1 at t = "));
    ck_assert_ptr_nonnull(strstr(lab_refused(OUT("p + b / 4 cell", "remainder"), RULE_OUTPUT).message, "a share "
            "left 0 .. 1: process '"));
}
END_TEST

START_TEST(rule_5_transits_in_a_circle)
{
    rule_refused_model("amounts: { t = { unit = \"cell\"; transit = true; }; u = { unit = \"cell\"; "
                       "transit = true; }; };\n"
                       "processes: { one = { from = \"t\"; to = \"u\"; share = 1; }; two = { from = \"u\"; "
                       "to = \"t\"; share = 1; }; };\n",
                        "model.cfg:1: amounts.t: transits lead in a circle: t -> u -> t");
}
END_TEST

START_TEST(rule_5_initial_of_a_transit)
{
    lab *l = rule_run("amounts: { t = { unit = \"cell\"; transit = true; initial = \"10 cell\"; }; u = { "
                      "unit = \"cell\"; transit = true; }; b = { unit = \"cell\"; }; c = { unit = \"cell\"; "
                      "initial = \"1 cell\"; }; };\n"
                      "processes: { one = { from = \"t\"; to = \"u\"; share = 0.7; }; two = { from = \"t\"; "
                      "share = 0.3; }; three = { from = \"u\"; to = \"b\"; share = 0.5; }; four = { from = \"u\"; "
                      "to = \"c\"; share = 0.5; }; };\noutputs: { b = { }; c = { }; };\n", "");
    rule_is(l, "b", 0.0, 3.5);
    rule_is(l, "c", 0.0, 4.5);
    rule_is(l, "initial_cell", 5.0, 11.0);
    rule_is(l, "given_cell", 5.0, 0.0);
    rule_is(l, "ledger_cell[two]", 5.0, 3.0);
    ck_assert_double_le(lab_gap(l, "cell"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

START_TEST(rule_5_yield)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"mg\"; }; };\n"
                      "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; yield = \"0.5 g/cell\"; "
                      "}; };\noutputs: { b = { }; };\n", "");
    rule_is(l, "b", 10.0, -4000.0 * expm1(-1.0));
    lab_free(l);
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"mg\"; }; };\n"
                       "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; yield = \"0.5 g\"; }; "
                       "};\n", "model.cfg:2: processes.go.yield: its unit is 'kg', where 'kg/cell' is due");
}
END_TEST

START_TEST(rule_5_without_yield_one_dimension)
{
    rule_refused_model("amounts: { a = { unit = \"cell\"; }; b = { unit = \"mg\"; }; };\n"
                       "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; }; };\n",
                           "model.cfg:2: processes.go.to: 'b' is counted in 'mg', what comes in 'cell': give yield");
    lab *l = rule_run("amounts: { a = { unit = \"kg\"; initial = 8; }; b = { unit = \"mg\"; }; };\n"
                      "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; }; };\n"
                      "outputs: { b = { }; };\n", "");
    rule_is(l, "b", 10.0, -8e6 * expm1(-1.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_5_fate)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; };\n"
                      "processes: { one = { from = \"a\"; hazard = \"0.1 1/h\"; }; two = { from = \"a\"; "
                      "hazard = \"0.2 1/h\"; fate = \"death\"; };\n"
                      " three = { from = \"a\"; hazard = \"0.2 1/h\"; fate = \"death\"; }; };\n"
                      "outputs: { a = { }; };\n", "");
    rule_is(l, "ledger_cell[one]", 10.0, -1.6 * expm1(-5.0));
    rule_is(l, "ledger_cell[death]", 10.0, -6.4 * expm1(-5.0));
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("amounts and processes");
    TCase *tc = tcase_create("section 5");
    tcase_add_test(tc, rule_5_initial);
    tcase_add_test(tc, rule_5_a_hazard);
    tcase_add_test(tc, rule_5_a_rate);
    tcase_add_test(tc, rule_5_no_rate_with_cargo);
    tcase_add_test(tc, rule_5_a_dwell);
    tcase_add_test(tc, rule_5_a_share);
    tcase_add_test(tc, rule_5_one_size);
    tcase_add_test(tc, rule_5_leaves_and_enters);
    tcase_add_test(tc, rule_5_inflow_enters_stage_1);
    tcase_add_test(tc, rule_5_into_splits);
    tcase_add_test(tc, rule_5_shares_of_into);
    tcase_add_test(tc, rule_5_shares_out_of_a_transit);
    tcase_add_test(tc, rule_5_transits_in_a_circle);
    tcase_add_test(tc, rule_5_initial_of_a_transit);
    tcase_add_test(tc, rule_5_yield);
    tcase_add_test(tc, rule_5_without_yield_one_dimension);
    tcase_add_test(tc, rule_5_fate);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
