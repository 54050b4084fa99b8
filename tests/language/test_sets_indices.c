/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language, section 2: sets and indices. One test a sentence:
 *
 *   a set is ordered, and its order is that of results            rule_2_a_set_is_ordered
 *   "1..6" has numbers, keys n1 .. n6                             rule_2_numbers_as_elements
 *   a subset keeps the order of its parent                        rule_2_a_subset_is_in_the_order_of_its_parent
 *   are and except take elements and names of subsets             rule_2_are_and_except_take_subsets
 *   a new element joins every except subset                       rule_2_a_new_element_joins_except_subsets
 *   what an index position takes                                  rule_2_what_an_index_takes
 *   a name bound to S where T is declared                         rule_2_a_set_where_a_subset_is_declared
 *   names are bound by over and sum                               rule_2_names_bound_by_over_and_sum
 *   in a process by from, then to: the order of its name          rule_2_a_process_binds_from_then_to
 *   over of a process may repeat them, never differ               rule_2_over_of_a_process_repeats
 *   a branch binds what is not yet bound                          rule_2_a_branch_binds_its_own
 *   two indices over one set                                      rule_2_two_indices_over_one_set
 *   to bind a bound name again is an error                        rule_2_bound_twice
 *   a process whose neighbour is off the end does not exist       rule_2_neighbour_off_the_end_does_not_exist
 *   anywhere else that is an error                                rule_2_off_the_end_elsewhere_is_an_error
 *   an index outside its set                                      rule_2_an_index_outside_its_set            */
#include "language/rule.h"

#define SETS "sets: { organ = [\"lung\", \"liver\", \"gut\", \"spleen\"]; box = \"1..4\";\n" \
             "portal = { of = \"organ\"; are = [\"spleen\", \"gut\"]; }; rest = { of = \"organ\"; " \
             "except = [\"portal\"]; }; };\n"

START_TEST(rule_2_a_set_is_ordered)
{
    lab *l = rule_run("sets: { z = [\"b\", \"c\", \"a\"]; };\n"
                      "parameters: { p = { unit = \"1\"; over = [\"z\"]; values = { a = 1; b = 2; c = 3; }; }; };\n"
                      "outputs: { p = { }; };\n", "");
    size_t n = 0;
    const double *row = lab_row(l, "p", 0, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert(row[0] == 2.0 && row[1] == 3.0 && row[2] == 1.0);
    ck_assert_str_eq(msc_result_element(lab_result(l), "p", 0), "b");
    lab_free(l);
}
END_TEST

START_TEST(rule_2_numbers_as_elements)
{
    rule_value("sets: { box = \"1..4\"; };\n"
               "parameters: { p = { unit = \"1\"; over = [\"box\"]; values = { n1 = 5; n4 = 7; others = 0; }; }; };\n",
               "p[1] + 10 * p[4] + 100 * p[2] + 1000 * p[last]", "1", 7075.0);
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"box\"]; values = { n5 = 1; others = 0; }; "
            "}; };\n",
                       "model.cfg:3: parameters.p.values.n5: 'n5' is neither an element of 'box' nor a subset of it");
}
END_TEST

START_TEST(rule_2_a_subset_is_in_the_order_of_its_parent)
{
    lab *l = rule_run(SETS "parameters: { p = { unit = \"1\"; over = [\"portal\"]; values = { gut = 1; spleen = 2; "
            "}; }; };\n"
                           "outputs: { p = { }; };\n", "");
    ck_assert_str_eq(msc_result_element(lab_result(l), "p", 0), "gut");
    ck_assert_str_eq(msc_result_element(lab_result(l), "p", 1), "spleen");
    lab_free(l);
}
END_TEST

START_TEST(rule_2_are_and_except_take_subsets)
{
    lab *l = rule_run("sets: { organ = [\"lung\", \"liver\", \"gut\", \"spleen\"]; portal = { of = \"organ\"; "
                      "are = [\"spleen\", \"gut\"]; };\n"
                      "        more = { of = \"organ\"; are = [\"portal\", \"lung\"]; }; less = { of = \"organ\"; "
                      "except = [\"portal\", \"lung\"]; }; };\n"
                      "outputs: { m = { unit = \"1\"; over = [\"more\"]; value = 1; }; s = { unit = \"1\"; "
                      "over = [\"less\"]; value = 1; }; };\n", "");
    static const char *const more[] = {"lung", "gut", "spleen"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(msc_result_element(lab_result(l), "m", i), more[i]);
    }
    ck_assert_str_eq(msc_result_element(lab_result(l), "s", 0), "liver");
    ck_assert_ptr_null(msc_result_element(lab_result(l), "s", 1));
    lab_free(l);
}
END_TEST

START_TEST(rule_2_a_new_element_joins_except_subsets)
{
    lab *l = rule_scenario(SETS "outputs: { n = { unit = \"1\"; value = \"sum(rest: 1)\"; }; k = { unit = \"1\"; "
            "value = \"sum(portal: 1)\"; }; };\n",
                           "sets: { organ = { also = [\"heart\"]; }; };\n" RULE_OUTPUT);
    rule_is(l, "n", 1.0, 3.0);
    rule_is(l, "k", 1.0, 2.0);
    lab_free(l);
}
END_TEST

START_TEST(rule_2_what_an_index_takes)
{
    static const char p[] = SETS
        "parameters: { p = { unit = \"1\"; over = [\"organ\"]; values = { lung = 1; liver = 2; gut = 3; "
        "spleen = 4; }; };\n"
        "              q = { unit = \"1\"; over = [\"portal\"]; values = { gut = 30; spleen = 40; }; }; };\n";
    rule_value(p, "p[gut]", "1", 3.0);
    rule_value(p, "p[first] + 10 * p[last]", "1", 41.0);
    rule_value(p, "p[first+1] + 10 * p[last-1] + 100 * p[lung+2]", "1", 332.0);
    rule_value(p, "q[first] + q[gut+1] + q[last]", "1", 110.0); /* the neighbour in the set declared there */
    rule_value(p, "sum(portal: p[portal])", "1", 7.0);
    rule_value(p, "sum(portal: p[portal-1])", "1", 5.0);
    rule_value(SETS "parameters: { p = { unit = \"1\"; over = [\"box\"]; values = { n1 = 1; n2 = 2; n3 = 3; "
                    "n4 = 4; }; }; };\n",
               "p[2] + 10 * p[first+2] + 100 * p[first]", "1", 132.0);
}
END_TEST

START_TEST(rule_2_a_set_where_a_subset_is_declared)
{
    static const char q[] = SETS "parameters: { q = { unit = \"1\"; over = [\"portal\"]; values = { gut = 30; "
            "spleen = 40; }; }; };\n";
    lab *l = rule_run(lab_format("%svariables: { v = { unit = \"1\"; over = [\"organ\"]; values = { "
            "portal = \"q[organ]\"; others = 1; }; }; };\n"
                                 "outputs: { v = { }; };\n", q), "");
    rule_is(l, "v[spleen]", 1.0, 40.0);
    rule_is(l, "v[lung]", 1.0, 1.0);
    lab_free(l);
    rule_refused_model(lab_format("%soutputs: { v = { unit = \"1\"; over = [\"organ\"]; value = \"q[organ]\"; }; "
            "};\n", q),
                       "model.cfg:4: outputs.v.value: 'q' is over 'portal', which has no 'lung'");
}
END_TEST

START_TEST(rule_2_names_bound_by_over_and_sum)
{
    rule_value(SETS, "sum(organ, box: 1)", "1", 16.0);
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"organ\"]; value = 1; }; };\n"
            "outputs: { x = { unit = \"1\"; value = \"p[organ]\"; }; };\n",
                       "model.cfg:4: outputs.x.value: 'organ' is not bound here: name it in over, in a sum, "
                       "or in from and to");
}
END_TEST

START_TEST(rule_2_a_process_binds_from_then_to)
{
    lab *l = rule_run(SETS "amounts: { a = { unit = \"cell\"; over = [\"box\"]; initial = \"8 cell\"; }; b = { "
            "unit = \"cell\"; over = [\"portal\", \"box\"]; }; };\n"
                           "processes: { go = { from = \"a[box]\"; to = \"b[portal,box]\"; hazard = \"0.1 1/h\"; "
                        "}; };\n"
                           "outputs: { go = { }; one = { unit = \"cell/h\"; value = \"go[3,gut]\"; }; all = { "
                        "unit = \"cell/h\"; value = \"sum(box, portal: go[box,portal])\"; }; };\n", "");
    rule_is(l, "one", 0.0, 0.8); /* each of the two takes 0.1 1/h of a[3] */
    rule_is(l, "all", 0.0, 6.4);
    rule_is(l, "all", 5.0, 6.4 * exp(-1.0));
    lab_free(l);
}
END_TEST

#define PROCESS "amounts: { a = { unit = \"cell\"; over = [\"box\"]; initial = \"8 cell\"; }; };\n"

START_TEST(rule_2_over_of_a_process_repeats)
{
    lab *l = rule_run(SETS PROCESS "processes: { go = { over = [\"box\"]; from = \"a[box]\"; hazard = \"0.1 1/h\"; "
            "}; };\noutputs: { go = { }; };\n", "");
    rule_is(l, "go[4]", 0.0, 0.8);
    lab_free(l);
    rule_refused_model(SETS PROCESS "processes: { go = { over = [\"organ\"]; from = \"a[box]\"; "
            "hazard = \"0.1 1/h\"; }; };\n",
                       "model.cfg:4: processes.go.over: from and to bind [\"box\"]; "
                       "over may repeat that or be left out");
}
END_TEST

START_TEST(rule_2_a_branch_binds_its_own)
{
    lab *l = rule_run(SETS "amounts: { a = { unit = \"cell\"; initial = \"8 cell\"; }; b = { unit = \"cell\"; "
            "over = [\"portal\"]; }; };\n"
                           "processes: { go = { from = \"a\"; hazard = \"0.1 1/h\"; into = ( { to = \"b[portal]\"; "
                        "share = 0.25; }, { share = 0.5; } ); }; };\n"
                           "outputs: { go = { }; b = { }; };\n", "");
    rule_is(l, "go", 0.0, 0.8);
    rule_is(l, "b[gut]", 10.0, 8.0 * 0.25 * -expm1(-1.0));
    rule_is(l, "ledger_cell[go]", 10.0, 8.0 * 0.5 * -expm1(-1.0));
    lab_free(l);
}
END_TEST

START_TEST(rule_2_two_indices_over_one_set)
{
    static const char p[] = SETS "parameters: { p = { unit = \"1\"; over = [\"box\"]; values = { n1 = 1; n2 = 2; "
            "n3 = 3; n4 = 4; }; };\n"
                                 "  m = { unit = \"1\"; over = [\"box\", \"o in box\"]; "
                        "value = \"p[box] - 10 * p[o]\"; }; };\n";
    rule_value(p, "m[2,3]", "1", -28.0);
    rule_value(p, "sum(box, o in box: p[box] * p[o])", "1", 100.0);
    rule_value(p, "sum(box: sum(o in box: m[o,box]))", "1", -360.0);
    rule_value(p, "sum(box: p[box] * sum(o in box: if(p[o] > p[box], 1, 0)))", "1", 10.0); /* 1*3 + 2*2 + 3*1 */
}
END_TEST

START_TEST(rule_2_bound_twice)
{
    rule_refused_model(SETS "outputs: { x = { unit = \"1\"; over = [\"box\"]; value = \"sum(box: 1)\"; }; };\n",
                       "model.cfg:3: outputs.x.value: 'box' is bound already; "
                       "write \"o in box\" for another index over the same set");
    rule_refused_model(SETS "outputs: { x = { unit = \"1\"; over = [\"box\", \"box\"]; value = 1; }; };\n",
                       "model.cfg:3: outputs.x.over: 'box' is bound already; "
                       "write \"o in box\" for another index over the same set");
}
END_TEST

START_TEST(rule_2_neighbour_off_the_end_does_not_exist)
{
    /* a chain: 4 boxes, 3 arrows; what is in the last one stays */
    lab *l = rule_run(SETS "parameters: { k = { unit = \"1/h\"; over = [\"box\"]; values = { n1 = 9; n2 = 0.1; "
            "n3 = 0.2; n4 = 0.4; }; }; };\n"
                           "amounts: { a = { unit = \"cell\"; over = [\"box\"]; initial = \"8 cell\"; }; };\n"
                           "processes: { up = { from = \"a[box]\"; to = \"a[box+1]\"; hazard = \"k[box+1]\"; };\n"
                           "             down = { from = \"a[box]\"; to = \"a[box-1]\"; hazard = \"0 1/h\"; }; };\n"
                           "outputs: { a = { }; up = { unit = \"cell/h\"; value = \"sum(box: up[box])\"; }; };\n", "");
    rule_is(l, "up", 0.0, 8.0 * (0.1 + 0.2 + 0.4));
    rule_is(l, "a[1]", 10.0, 8.0 * exp(-1.0));
    rule_is(l, "a[2]", 10.0, 8.0 * (exp(-2.0) + exp(-1.0) - exp(-2.0)));
    for (int t = 0; t <= 24; t++) {
        rule_is(l, "present_cell", t, 32.0);
    }
    lab_free(l);
}
END_TEST

START_TEST(rule_2_off_the_end_elsewhere_is_an_error)
{
    rule_refused_model(SETS "parameters: { p = { unit = \"1\"; over = [\"box\"]; value = 1; }; };\n"
            "outputs: { x = { unit = \"1\"; over = [\"box\"]; value = \"p[box+1]\"; }; };\n",
                       "model.cfg:4: outputs.x.value: 'p': nothing is +1 places from '4' in 'box'");
    rule_refused_model(SETS PROCESS "parameters: { k = { unit = \"1/h\"; over = [\"box\"]; value = 1; }; };\n"
            "processes: { go = { from = \"a[box]\"; hazard = \"k[box+1]\"; }; };\n",
                       "model.cfg:5: processes.go.hazard: 'k': nothing is +1 places from '4' in 'box'");
}
END_TEST

START_TEST(rule_2_an_index_outside_its_set)
{
    rule_refused_model(SETS PROCESS "outputs: { x = { unit = \"cell\"; value = \"a[5]\"; }; };\n",
                       "model.cfg:4: outputs.x.value: 5 is not in 'box'");
    rule_refused_model(SETS PROCESS "outputs: { x = { unit = \"cell\"; value = \"a[lung]\"; }; };\n",
                       "model.cfg:4: outputs.x.value: 'lung' is neither an element of 'box' nor a name bound to it");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sets and indices");
    TCase *tc = tcase_create("section 2");
    tcase_add_test(tc, rule_2_a_set_is_ordered);
    tcase_add_test(tc, rule_2_numbers_as_elements);
    tcase_add_test(tc, rule_2_a_subset_is_in_the_order_of_its_parent);
    tcase_add_test(tc, rule_2_are_and_except_take_subsets);
    tcase_add_test(tc, rule_2_a_new_element_joins_except_subsets);
    tcase_add_test(tc, rule_2_what_an_index_takes);
    tcase_add_test(tc, rule_2_a_set_where_a_subset_is_declared);
    tcase_add_test(tc, rule_2_names_bound_by_over_and_sum);
    tcase_add_test(tc, rule_2_a_process_binds_from_then_to);
    tcase_add_test(tc, rule_2_over_of_a_process_repeats);
    tcase_add_test(tc, rule_2_a_branch_binds_its_own);
    tcase_add_test(tc, rule_2_two_indices_over_one_set);
    tcase_add_test(tc, rule_2_bound_twice);
    tcase_add_test(tc, rule_2_neighbour_off_the_end_does_not_exist);
    tcase_add_test(tc, rule_2_off_the_end_elsewhere_is_an_error);
    tcase_add_test(tc, rule_2_an_index_outside_its_set);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
