/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: a bad number, wherever it stands in a shipped scenario, is refused with a place and a
 * sentence, or ends the run with a diagnosis, or does no harm; and nothing hangs. Every parameter of
 * every file has one of ten bad numbers here, and all ten in `make soak`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/hostile.h"
#include "support/lab.h"
#include "support/suite.h"

/* Step 11 and ten numbers: each number comes as often, and of ten parameters nine have one. */
START_TEST(parameters)
{
    hostile_tally t = {0};
    vary *v = vary_open((size_t)_i);
    hostile_parameters(v, (size_t)_i % HOSTILE_NUMBERS, 11, &t);
    printf("%s: %zu cases: %zu refused, %zu fine (%zu with a value missing), %zu ended\n", v->name, t.cases, t.refused, t.fine,
           t.missing, t.ended);
    ck_assert_uint_ge(t.cases, 5);
    ck_assert_uint_eq(t.bad, 0);
    ck_assert_uint_gt(t.refused, 0);
    ck_assert_uint_gt(t.fine, 0);
    vary_free(v);
}
END_TEST

/* ---- the rest of a scenario, as a user would set it ---- */

typedef enum { REFUSED, ENDS, FINE } fate;

static const struct {
    fate fate;
    const char *set, *more;
    const char *says; /* of a refusal or an end: part of the message */
} cases[] = {
    {REFUSED, "regimen[0].dose=\"nan cell/kg\"", NULL, "expected a number"},
    {REFUSED, "regimen[0].dose=\"1e400 cell/kg\"", NULL, "too large for a number"},
    {REFUSED, "regimen[0].dose=\"-1 cell/kg\"", NULL, "not negative"},
    {FINE, "regimen[*].dose=\"0 cell/kg\"", NULL, NULL},
    {FINE, "regimen[*].dose=\"1e-300 cell/kg\"", NULL, NULL},
    {FINE, "regimen[0].dose=\"1e-320 cell/kg\"", NULL, NULL},
    {ENDS, "regimen[0].dose=\"1e100 cell/kg\"", NULL, ""},
    {ENDS, "regimen[0].dose=\"1e300 cell/kg\"", NULL, ""},
    {FINE, "regimen[0].duration=\"1e-300 h\"", NULL, NULL},
    {FINE, "regimen[0].duration=\"1e-12 h\"", NULL, NULL},
    {FINE, "regimen[0].duration=\"1e300 day\"", NULL, NULL},
    {REFUSED, "regimen[0].duration=\"1e308 day\"", NULL, "not a finite time"},
    {FINE, "regimen[0].day=1e300", NULL, NULL},
    {REFUSED, "regimen[0].day=-1e300", NULL, "output times"},
    {REFUSED, "regimen[0].viability=1e300", NULL, "outside of 0 to 1"},
    {FINE, "regimen[0].viability=1e-300", NULL, NULL},
    {REFUSED, "regimen[0].repeat=100000", "regimen[0].interval=\"1e-9 h\"", "too many infusions run at one time"},
    {REFUSED, "output.until=\"1e300 day\"", NULL, "output times"},
    {REFUSED, "output.until=\"nan day\"", NULL, "expected a number"},
    {REFUSED, "output.until=\"-1 day\"", NULL, "ends before it starts"},
    {REFUSED, "output.every=\"1e-9 s\"", NULL, "more than 1000000 output times"},
    {REFUSED, "output.every=\"1e-300 s\"", NULL, "more than 1000000 output times"},
    {REFUSED, "output.every=\"nan h\"", NULL, "expected a number"},
    {FINE, "output.every=\"1e300 day\"", NULL, NULL},
    {REFUSED, "solver.rtol=0.0", NULL, "outside of 1e-14 to 0.1"},
    {REFUSED, "solver.rtol=1.0", NULL, "outside of 1e-14 to 0.1"},
    {REFUSED, "solver.rtol=1e-15", NULL, "outside of 1e-14 to 0.1"},
    {REFUSED, "solver.rtol=nan", NULL, "must be a number"},
    {REFUSED, "solver.atol=0.0", NULL, "outside of 1e-30 to 1"},
    {REFUSED, "solver.max_steps=0", NULL, "must be an integer"},
    {ENDS, "solver.max_steps=1", NULL, "the steps allowed were used up"},
    {FINE, "solver.atol=1e-30", "solver.max_steps=5000", NULL}, /* no noise of rounding is followed */
    {ENDS, "solver.wall_limit=1e-300", NULL, "the time allowed was used up"},
    {REFUSED, "parameters.injury=\"1/0\"", NULL, "'injury' is "},
    {REFUSED, "parameters.injury=\"0/0\"", NULL, "'injury' is "},
    {REFUSED, "parameters.injury=\"exp(1000)\"", NULL, "'injury' is "},
    {REFUSED, "parameters.age=\"-1 year\"", NULL, "the tables of the body"},
    {REFUSED, "parameters.body_weight=\"0 kg\"", NULL, "this check fails"},
};
enum { CASES = sizeof cases / sizeof *cases };

static bool all_finite(const msc_result *r)
{
    static const char *const names[] = {"live", "live_blood", "live_total", "occlusion", "live_auc", "rejected", "complement"};
    const size_t n_time = msc_result_times(r, NULL);
    bool good = true;
    for (size_t q = 0; q < sizeof names / sizeof *names; q++) {
        size_t n = 0;
        const double *value = msc_result_values(r, names[q], &n, NULL);
        for (size_t i = 0; value != NULL && i < n_time * n; i++) {
            good = good && isfinite(value[i]);
        }
    }
    return good;
}

START_TEST(settings)
{
    const char *set[] = {cases[_i].set, cases[_i].more};
    char path[512];
    msc_scenario *s = NULL;
    msc_result *r = NULL;
    msc_error err = {0};
    snprintf(path, sizeof path, "%s/configs/oi_two_dose.cfg", getenv("TOP") != NULL ? getenv("TOP") : ".");
    const msc_status read = msc_scenario_read(path, set, cases[_i].more != NULL ? 2 : 1, &s, &err);
    if (cases[_i].fate == REFUSED) {
        ck_assert_msg(read == MSC_E_CONFIG, "%s: %d", cases[_i].set, (int)read);
        ck_assert_uint_gt(strlen(err.where), 0);
        ck_assert_msg(strstr(err.message, cases[_i].says) != NULL, "%s: %s: %s", cases[_i].set, err.where, err.message);
        return;
    }
    ck_assert_msg(read == MSC_OK, "%s: %s: %s", cases[_i].set, err.where, err.message);
    const msc_status status = msc_scenario_run(s, &r, &err);
    if (cases[_i].fate == ENDS) {
        ck_assert_msg(status == MSC_E_NUMERIC && strstr(err.message, cases[_i].says) != NULL, "%s: %s", cases[_i].set, err.message);
        ck_assert_ptr_nonnull(strstr(err.message, " at t = "));
    } else {
        ck_assert_msg(status == MSC_OK, "%s: %s", cases[_i].set, err.message);
        ck_assert_msg(all_finite(r), "%s", cases[_i].set);
    }
    msc_result_free(r);
    msc_scenario_free(s);
}
END_TEST

/* An output that is a share of nothing is missing, and it is said where and from when. */
START_TEST(what_is_missing_is_told)
{
    lab *l = lab_file("configs/oi_two_dose.cfg", (const char *const[]){"parameters.host_density=\"0 cell/g\"", NULL});
    const char *told = msc_result_warning(lab_result(l), 0);
    ck_assert_ptr_nonnull(told);
    ck_assert_str_eq(told, "donor_fraction[lung] is not a number at t = 0 h, the first of its kind");
    ck_assert(isnan(lab_at(l, "donor_fraction[lung]", 0.0)) && isfinite(lab_end(l, "live_total")));
    lab_free(l);
    l = lab_file("configs/oi_two_dose.cfg", NULL);
    for (size_t i = 0; msc_result_warning(lab_result(l), i) != NULL; i++) {
        ck_assert_ptr_null(strstr(msc_result_warning(lab_result(l), i), "not a number"));
    }
    lab_free(l);
}
END_TEST

/* A hundred thousand doses a minute apart are laid out in seconds, whatever switches with time. */
START_TEST(many_doses)
{
    const char *set[] = {"regimen[0].repeat=100000", "regimen[0].interval=\"1 min\"", "solver.max_steps=100"};
    char path[512];
    msc_scenario *s = NULL;
    snprintf(path, sizeof path, "%s/configs/oi_two_dose.cfg", getenv("TOP") != NULL ? getenv("TOP") : ".");
    ck_assert_int_eq(msc_scenario_read(path, set, 3, &s, NULL), MSC_OK);
    msc_scenario_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile");
    TCase *tc = tcase_create("hostile");
    tcase_set_timeout(tc, 120.0); /* a hang is what is looked for */
    tcase_add_loop_test(tc, parameters, 0, (int)vary_count());
    tcase_add_loop_test(tc, settings, 0, CASES);
    tcase_add_test(tc, what_is_missing_is_told);
    tcase_add_test(tc, many_doses);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
