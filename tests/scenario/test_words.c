/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: a run that cannot be finished says what happened, when, to which amount, and which process moved it fastest, with
 * its rate; and blames no process that moved nothing. */
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

static const char output[] = "output = { until = \"4 h\"; every = \"1 h\"; };\n";

static void says(const msc_error *err, const char *part)
{
    ck_assert_msg(strstr(err->message, part) != NULL, "'%s' is not in '%s'", part, err->message);
}

/* y' = y^2 from 1: 1 / (1 - t). */
START_TEST(without_bound)
{
    const msc_error err =
        lab_refused("amounts: { y = { unit = \"cell\"; initial = \"1 cell\"; }; };\n"
                    "processes: { leave = { from = \"y\"; hazard = \"0.1 1/h\"; fate = \"gone\"; };\n"
                    "  grow = { to = \"y\"; rate = \"1 1/(cell.h) * y * y + 0.1 1/h * y\"; }; };\noutputs: { y = { }; };\n",
                    output);
    ck_assert_int_eq(err.status, MSC_E_NUMERIC);
    says(&err, "the step size fell below what time can resolve at t = 1");
    says(&err, "; largest error in y, moved fastest by process 'grow', ");
    says(&err, " per h");
}
END_TEST

/* At the start all is 0: nothing has moved y yet. */
START_TEST(nobody_to_blame)
{
    const msc_error err =
        lab_refused("amounts: { y = { unit = \"cell\"; }; };\n"
                    "processes: { leave = { from = \"y\"; hazard = \"exp(y / 1e-300 cell) * 1 1/h\"; fate = \"gone\"; }; };\n"
                    "routes: { drip = { to = \"y\"; }; };\noutputs: { y = { }; };\n",
                    "regimen = ( { route = \"drip\"; at = \"0 h\"; dose = \"1 cell\"; duration = \"1 h\"; } );\n"
                    "output = { until = \"4 h\"; every = \"1 h\"; };\n");
    ck_assert_int_eq(err.status, MSC_E_NUMERIC);
    says(&err, "at t = 0 h (step ");
    says(&err, "; largest error in y");
    ck_assert_msg(strstr(err.message, "moved fastest") == NULL, "%s", err.message);
}
END_TEST

START_TEST(steps_used_up)
{
    const msc_error err = lab_refused("amounts: { y = { unit = \"cell\"; initial = \"1 cell\"; }; };\n"
                                      "processes: { leave = { from = \"y\"; hazard = \"1 1/h\"; fate = \"gone\"; }; };\noutputs: { y = { }; };\n",
                                      "output = { until = \"4 h\"; every = \"1 h\"; };\nsolver = { max_steps = 3; };\n");
    ck_assert_int_eq(err.status, MSC_E_NUMERIC);
    says(&err, "the steps allowed were used up at t = ");
    says(&err, "; largest error in y, moved fastest by process 'leave', ");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/words");
    TCase *c = tcase_create("words");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, without_bound);
    tcase_add_test(c, nobody_to_blame);
    tcase_add_test(c, steps_used_up);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
