/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 8: pools and the ledger. One test a sentence:
 *
 *   an amount's pool is `pool`, else its unit                      rule_8_a_pool_is_named_or_the_unit
 *   amounts in "1" belong to none unless they say so               rule_8_pure_numbers_belong_to_none
 *   cargo and amounts in mark form one pool                        rule_8_cargo_and_amounts_share_a_pool
 *   the balance closes at every stored time                        rule_8_the_balance_closes
 *   output.ledger off, fate, index; fate is the default            rule_8_three_kinds_of_ledger
 *   index: by each index of the process                            rule_8_the_ledger_by_index
 *     of what leaves and what enters, also by the second of two     rule_8_by_each_of_two_indices
 *   a process inside a pool is in ledger_moves                     rule_8_moves_inside_a_pool
 *   yield inside a pool books the difference under its fate        rule_8_yield_inside_a_pool
 *   a pool whose unit has odd characters                           rule_8_a_pool_called_mg_per_L            */
#include "language/rule.h"

#define CHAIN "sets: { o = [\"p\", \"q\"]; n = \"1..2\"; };\nunits: { mark = \"x\"; };\n" \
              "amounts: { a = { unit = \"cell\"; over = [\"o\"]; }; b = { unit = \"cell\"; over = [\"o\", \"n\"]; " \
              "}; d = { unit = \"cell\"; pool = \"dead\"; over = [\"o\"]; initial = \"1 cell\"; }; f = { " \
              "unit = \"mark\"; }; };\n" \
              "cargo: { tag = { unit = \"mark\"; load = \"2 mark/cell\"; rides = [\"a\", \"b\"]; falls = { " \
              "others = \"f\"; }; }; };\n" \
              "processes: { go = { from = \"a[o]\"; to = \"b[o,first]\"; hazard = \"0.1 1/h\"; }; up = { " \
              "from = \"b[o,n]\"; to = \"b[o,n+1]\"; hazard = \"0.3 1/h\"; yield = 2; };\n" \
              "  die = { from = \"a[o]\"; to = \"d[o]\"; hazard = \"0.2 1/h\"; fate = \"death\"; }; burst = { " \
              "from = \"b[o,last]\"; to = \"d[o]\"; hazard = \"0.4 1/h\"; fate = \"death\"; };\n" \
              "  rot = { from = \"d[o]\"; hazard = \"0.05 1/h\"; }; come = { to = \"a[p]\"; rate = \"1 cell/h\"; " \
              "}; clear = { from = \"f\"; hazard = \"0.1 1/h\"; }; };\n" \
              "routes: { r = { into = ( { to = \"a[p]\"; share = 0.25; }, { to = \"a[q]\"; share = 0.5; }, { " \
              "share = 0.25; fate = \"lost\"; } ); }; };\noutputs: { a = { }; b = { }; d = { }; };\n"
#define DOSES "regimen = ( { route = \"r\"; day = 0; dose = \"40 cell\"; }, { route = \"r\"; at = \"3 h\"; " \
              "dose = \"8 cell\"; duration = \"4 h\"; } );\n"

START_TEST(rule_8_a_pool_is_named_or_the_unit)
{
    lab *l = rule_scenario(CHAIN, DOSES RULE_OUTPUT);
    rule_is(l, "present_dead", 0.0, 2.0);
    rule_is(l, "present_cell", 0.0, 30.0);
    ck_assert(lab_has(l, "present_mark"));
    lab_free(l);
}
END_TEST

START_TEST(rule_8_pure_numbers_belong_to_none)
{
    lab *l = rule_run("amounts: { a = { unit = \"1\"; initial = 3; }; b = { unit = \"1\"; pool = \"things\"; "
                      "initial = 4; }; };\n"
                      "processes: { go = { from = \"b\"; to = \"a\"; hazard = \"0.1 1/h\"; }; };\n"
                      "outputs: { a = { }; b = { }; };\n", "");
    ck_assert(!lab_has(l, "present_1") && lab_has(l, "present_things"));
    rule_is(l, "ledger_things[go]", 10.0, -4.0 * expm1(-1.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_8_cargo_and_amounts_share_a_pool)
{
    lab *l = rule_scenario(CHAIN, DOSES RULE_OUTPUT);
    const double t = 24.0;
    rule_is(l, "present_mark", t, 96.0 - lab_at(l, "ledger_mark[clear]", t)); /* on a and b, and in f */
    rule_is(l, "given_mark", t, 96.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_8_the_balance_closes)
{
    lab *l = rule_scenario(CHAIN, DOSES RULE_OUTPUT);
    ck_assert_double_le(lab_gap(l, "cell"), RULE_LEDGER);
    ck_assert_double_le(lab_gap(l, "dead"), RULE_LEDGER);
    ck_assert_double_le(lab_gap(l, "mark"), RULE_LEDGER);
    rule_is(l, "given_cell", 24.0, 48.0);
    rule_is(l, "ledger_cell[lost]", 24.0, 12.0);
    rule_is(l, "entered_cell[come]", 24.0, 24.0);
    rule_is(l, "initial_dead", 24.0, 2.0);
    rule_is(l, "entered_dead[death]", 24.0, lab_at(l, "ledger_cell[death]", 24.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_8_three_kinds_of_ledger)
{
    static const char *const kind[] = {"ledger = \"off\";", "ledger = \"fate\";", "ledger = \"index\";", ""};
    for (size_t i = 0; i < 4; i++) {
        lab *l = rule_scenario(CHAIN, lab_format(DOSES "output = { until = \"24 h\"; every = \"1 h\"; %s };\n",
            kind[i]));
        ck_assert_int_eq(lab_has(l, "ledger_cell"), i != 0);
        ck_assert_int_eq(lab_has(l, "ledger_moves_cell"), i == 2);
        ck_assert_int_eq(lab_has(l, "ledger_cell_o"), i == 2);
        lab_free(l);
    }
    rule_refused(CHAIN, "output = { until = \"24 h\"; every = \"1 h\"; ledger = \"all\"; };\n",
            "scenario.cfg:2: output.ledger: 'all' is no kind of ledger; it is \"off\", \"fate\" or \"index\"");
}
END_TEST

/* Does a ledger by index add up to the ledger by fate? (row-major: fate, element) */
static void adds_up(const lab *l, const char *pool, const char *set, const char *fate, size_t row)
{
    size_t n = 0;
    const double *time;
    const size_t n_time = lab_times(l, &time);
    for (size_t i = 0; i < n_time; i++) {
        const double *by = lab_row(l, lab_format("ledger_%s_%s", pool, set), i, &n);
        rule_is(l, lab_format("ledger_%s[%s]", pool, fate), time[i], by[2 * row] + by[2 * row + 1]);
    }
}

START_TEST(rule_8_the_ledger_by_index)
{
    lab *l = rule_scenario(CHAIN, DOSES "output = { until = \"24 h\"; every = \"1 h\"; ledger = \"index\"; };\n");
    adds_up(l, "dead", "o", "rot", 0);
    adds_up(l, "cell", "o", "up", 0);    /* fates are in the order of their processes */
    adds_up(l, "cell", "o", "death", 1);
    adds_up(l, "cell", "n", "up", 0);
    lab_free(l);
}
END_TEST

#define PAIRS "sets: { o = [\"p\", \"q\"]; src = { of = \"o\"; are = [\"p\"]; }; };\n" \
              "amounts: { a = { unit = \"cell\"; over = [\"o\"]; initial = \"8 cell\"; }; " \
              "d = { unit = \"cell\"; pool = \"dead\"; over = [\"o\"]; }; };\n" \
              "parameters: { k = { unit = \"1/h\"; over = [\"o\"]; values = { p = 0.1; q = 0.3; }; }; };\n" \
              "processes: { die = { from = \"a[src]\"; to = \"d[o]\"; hazard = \"k[o]\"; }; };\n" \
              "outputs: { a = { }; d = { }; };\n"

START_TEST(rule_8_by_each_of_two_indices)
{
    static const struct {
        const char *quantity;
        double p, q; /* shares of what died */
    } expected[] = {{"ledger_cell_o", 1, 0}, {"ledger_cell_o_2", 0.25, 0.75},
                    {"entered_dead_o", 1, 0}, {"entered_dead_o_2", 0.25, 0.75}};
    lab *l = rule_scenario(PAIRS, "output = { until = \"24 h\"; every = \"6 h\"; ledger = \"index\"; };\n");
    const double *time;
    const size_t n_time = lab_times(l, &time);
    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        for (size_t i = 0; i < n_time; i++) {
            size_t n = 0;
            const double *row = lab_row(l, expected[k].quantity, i, &n), died = -8.0 * expm1(-0.4 * time[i]);
            ck_assert_uint_eq(n, 2);
            ck_assert_double_le(fabs(row[0] - expected[k].p * died), RULE_FACTOR * RULE_RTOL * 8.0);
            ck_assert_double_le(fabs(row[1] - expected[k].q * died), RULE_FACTOR * RULE_RTOL * 8.0);
        }
    }
    ck_assert(!lab_has(l, "entered_cell_o") && !lab_has(l, "ledger_dead_o") && !lab_has(l, "ledger_cell_o_3"));
    lab_free(l);
}
END_TEST

START_TEST(rule_8_moves_inside_a_pool)
{
    lab *l = rule_scenario("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"cell\"; }; "
            "};\nprocesses: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; }; };\noutputs: { a = { }; };\n",
                           "output = { until = \"24 h\"; every = \"1 h\"; ledger = \"index\"; };\n");
    rule_is(l, "ledger_moves_cell[go]", 10.0, -8.0 * expm1(-1.0));
    ck_assert(!lab_has(l, "ledger_cell") && !lab_has(l, "entered_cell"));
    rule_is(l, "present_cell", 10.0, 8.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_8_yield_inside_a_pool)
{
    lab *l = rule_run("amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"cell\"; }; };\n"
                      "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.1 1/h\"; yield = 0.25; }; };\n"
                      "outputs: { b = { }; };\n", "");
    rule_is(l, "b", 10.0, -2.0 * expm1(-1.0));
    rule_is(l, "ledger_cell[go]", 10.0, -6.0 * expm1(-1.0));
    ck_assert_double_le(lab_gap(l, "cell"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

START_TEST(rule_8_a_pool_called_mg_per_L)
{
    lab *l = rule_run("amounts: { a = { unit = \"mg/L\"; initial = 8; }; };\n"
                      "processes: { go = { from = \"a\"; hazard = \"0.1 1/h\"; }; };\noutputs: { a = { }; };\n", "");
    rule_is(l, "ledger_mg_L[go]", 10.0, -8.0 * expm1(-1.0));
    ck_assert_double_le(lab_gap(l, "mg_L"), RULE_LEDGER);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pools and ledger");
    TCase *tc = tcase_create("section 8");
    tcase_add_test(tc, rule_8_a_pool_is_named_or_the_unit);
    tcase_add_test(tc, rule_8_pure_numbers_belong_to_none);
    tcase_add_test(tc, rule_8_cargo_and_amounts_share_a_pool);
    tcase_add_test(tc, rule_8_the_balance_closes);
    tcase_add_test(tc, rule_8_three_kinds_of_ledger);
    tcase_add_test(tc, rule_8_the_ledger_by_index);
    tcase_add_test(tc, rule_8_by_each_of_two_indices);
    tcase_add_test(tc, rule_8_moves_inside_a_pool);
    tcase_add_test(tc, rule_8_yield_inside_a_pool);
    tcase_add_test(tc, rule_8_a_pool_called_mg_per_L);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
