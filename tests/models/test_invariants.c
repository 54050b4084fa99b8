/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves, of the shipped models: every pool's ledger closes at every stored time; nothing becomes
 * negative beyond solver noise; what must not matter does not (two half doses for one, an anti-C5 for
 * no complement, the day on which all happens); what must be linear is (dose); without arrest cells
 * die in blood alone; matched cells call no effectors; decay is applied once; a bolus is the limit of
 * short infusions, to first order; a heavier body is a larger one; GSL's methods agree; errors fall
 * with the tolerance. */
#include <math.h>
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

static const double RTOL = 1e-8, FACTOR = 50.0, LEDGER = 1e-10;

static const char *const organs[] = {"lung", "liver", "spleen", "marrow", "kidney", "site", "rest"};
enum { ORGANS = 7 };

#define NOTHING NULL
#define SET(...) ((const char *const[]){__VA_ARGS__, "solver.rtol=1e-8", NULL})

/* ---- books and signs ---- */

static const char *const files[] = {
    "configs/oi_two_dose.cfg",          "configs/in111_cirrhosis.cfg",          "configs/mouse_lee.cfg",
    "configs/reference/oi_two_dose.cfg", "configs/reference/in111_cirrhosis.cfg", "configs/reference/mouse_lee.cfg",
    "configs/reference/mouse_eggenhofer.cfg",
};
enum { FILES = sizeof files / sizeof *files };

START_TEST(the_books_close)
{
    static const char *const tolerance[] = {"solver.rtol=1e-6", "solver.rtol=1e-3"};
    for (size_t k = 0; k < 2; k++) { /* whatever the tolerance: the method keeps linear sums */
        lab *l = lab_file(files[_i], (const char *const[]){"output.ledger=fate", tolerance[k], NULL});
        static const char *const pools[] = {"cell", "mark", "apoptotic"};
        for (size_t p = 0; p < 3; p++) {
            if (lab_has(l, lab_format("present_%s", pools[p]))) {
                const double gap = lab_gap(l, pools[p]);
                ck_assert_msg(gap <= LEDGER, "%s: pool %s is off by %g", files[_i], pools[p], gap);
            }
        }
        ck_assert(lab_has(l, "present_cell"));
        lab_free(l);
    }
}
END_TEST

START_TEST(nothing_is_negative)
{
    static const char *const amounts[] = {"live",    "live_total", "live_blood", "intact",   "occlusion",
                                          "complement", "effectors",  "lysed",   "label_in", "excreted"};
    lab *l = lab_file(files[_i], NULL);
    const double *time;
    const size_t n_time = lab_times(l, &time);
    for (size_t q = 0; q < sizeof amounts / sizeof *amounts; q++) {
        size_t n = 0;
        double scale = 0.0, least = 0.0;
        for (size_t i = 0; lab_has(l, amounts[q]) && i < n_time; i++) {
            const double *row = lab_row(l, amounts[q], i, &n);
            for (size_t e = 0; e < n; e++) {
                ck_assert(isfinite(row[e]));
                scale = fmax(scale, row[e]);
                least = fmin(least, row[e]);
            }
        }
        ck_assert_msg(least >= -1e-6 * scale, "%s: %s falls to %g of %g", files[_i], amounts[q], least, scale);
    }
    lab_free(l);
}
END_TEST

/* ---- pairs of runs ---- */

static const char *const species[] = {"models/msc_human.cfg", "models/msc_human_cirrhosis.cfg", "models/msc_mouse.cfg"};
static const double dose_of[] = {3e8, 3e8, 1e6};
enum { SPECIES = 3 };

static const char quantities[] = "quantities = [\"live\", \"live_blood\", \"live_total\", \"intact\", \"label_in\", \"lysed\","
                                 " \"complement\", \"effectors\", \"occlusion\", \"activity\", \"activity_raw\"];";

static lab *give(const char *model, const char *regimen, const char *times, const char *const *settings)
{
    static const char *const fine[] = {"solver.rtol=1e-8", NULL};
    return lab_on(model, lab_format("regimen = ( %s );\noutput = { %s %s };\n", regimen, times, quantities),
                  settings != NULL ? settings : fine);
}

static const char TEN_DAYS[] = "until = \"10 day\"; every = \"12 h\";";

static const char *into_vein(double cells, const char *more)
{
    return lab_format("{ route = \"intravenous\"; day = 0.0; dose = \"%.17g cell\"; %s }", cells, more);
}

/* a's counts are `factor` times b's, which are seen `later`, to `tolerance` of b's own and of the dose. */
static void alike(const lab *a, const lab *b, double factor, double later, double tolerance, double dose)
{
    static const char *const counts[] = {"live", "intact", "label_in"};
    const double *time;
    const size_t n = lab_times(a, &time);
    for (size_t i = 0; i < n; i++) {
        for (size_t q = 0; q < 3; q++) {
            for (size_t o = 0; o < ORGANS; o++) {
                const char *what = lab_format("%s[%s]", counts[q], organs[o]);
                const double y = factor * lab_at(b, what, time[i] + later);
                lab_near(lab_at(a, what, time[i]), y, tolerance, fabs(y) + 1e-5 * dose, what);
            }
        }
        const double blood = factor * lab_at(b, "live_blood", time[i] + later);
        lab_near(lab_at(a, "live_blood", time[i]), blood, tolerance, fabs(blood) + 1e-5 * dose, "live_blood");
    }
}

#define LINEAR "parameters.segments_blocked=0.0", "parameters.complement_capacity=1e300", "parameters.mismatch=0.0"

START_TEST(dose_linearity)
{
    const char *half_hour = "duration = \"30 min\";";
    lab *one = give(species[_i], into_vein(dose_of[_i], half_hour), TEN_DAYS, SET(LINEAR));
    lab *ten = give(species[_i], into_vein(10.0 * dose_of[_i], half_hour), TEN_DAYS, SET(LINEAR));
    alike(ten, one, 10.0, 0.0, FACTOR * RTOL, 10.0 * dose_of[_i]);
    lab_free(one);
    lab_free(ten);
}
END_TEST

/* With saturation on it must not be linear, or the test above would prove nothing. */
START_TEST(saturation_matters)
{
    lab *one = give(species[_i], into_vein(dose_of[_i], ""), TEN_DAYS, NULL);
    lab *two = give(species[_i], into_vein(2.0 * dose_of[_i], ""), TEN_DAYS, NULL);
    ck_assert_double_gt(fabs(lab_at(two, "live[lung]", 24.0) / lab_at(one, "live[lung]", 24.0) - 2.0), 1e-3);
    lab_free(one);
    lab_free(two);
}
END_TEST

START_TEST(two_halves_are_a_whole)
{
    const char *ways[] = {"", "duration = \"30 min\";"};
    for (size_t k = 0; k < 2; k++) {
        lab *one = give(species[_i], into_vein(dose_of[_i], ways[k]), TEN_DAYS, NULL);
        const char *half = into_vein(0.5 * dose_of[_i], ways[k]);
        lab *two = give(species[_i], lab_format("%s, %s", half, half), TEN_DAYS, NULL);
        alike(two, one, 1.0, 0.0, FACTOR * RTOL, dose_of[_i]);
        lab_free(one);
        lab_free(two);
    }
}
END_TEST

START_TEST(without_arrest_cells_die_in_blood)
{
    const double death = _i == 2 ? 0.5 : 0.05;
    lab *l = give(species[_i], into_vein(dose_of[_i], ""), "until = \"24 h\"; every = \"1 h\";",
                  SET("parameters.arrest={others=0.0;}", "parameters.lysis_rate=0.0"));
    for (int t = 0; t <= 24; t++) {
        const double want = dose_of[_i] * exp(-death * t);
        lab_near(lab_at(l, "live_blood", t), want, FACTOR * RTOL, want, "live_blood");
        lab_near(lab_at(l, "live_total", t), want, FACTOR * RTOL, want, "live_total");
    }
    for (size_t o = 0; o < ORGANS; o++) {
        ck_assert_double_le(lab_largest(l, lab_format("live[%s]", organs[o])), RTOL * dose_of[_i]);
    }
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    lab_free(l);
}
END_TEST

/* Inhibitor of C5 in excess: as without complement, but for 1 / (1 + 1e12) of it. */
START_TEST(anti_c5_in_excess)
{
    lab *inhibited = give(species[_i], into_vein(dose_of[_i], ""), TEN_DAYS, SET("parameters.inhibitor_initial=1e12"));
    lab *without = give(species[_i], into_vein(dose_of[_i], ""), TEN_DAYS, SET("parameters.lysis_rate=0.0"));
    lab *with = give(species[_i], into_vein(dose_of[_i], ""), TEN_DAYS, NULL);
    alike(inhibited, without, 1.0, 0.0, FACTOR * RTOL, dose_of[_i]);
    ck_assert_double_le(lab_largest(inhibited, "lysed"), FACTOR * RTOL * dose_of[_i]);
    ck_assert_double_gt(lab_end(with, "lysed"), 0.01 * dose_of[_i]);
    lab_free(inhibited);
    lab_free(without);
    lab_free(with);
}
END_TEST

START_TEST(matched_cells_call_no_effectors)
{
    lab *matched = give(species[_i], into_vein(dose_of[_i], ""), "until = \"40 day\"; every = \"1 day\";", NULL);
    lab *foreign = give(species[_i], into_vein(dose_of[_i], ""), "until = \"40 day\"; every = \"1 day\";",
                        SET("parameters.mismatch=1.0"));
    ck_assert_double_eq(lab_largest(matched, "effectors"), 0.0);
    ck_assert_double_gt(lab_largest(foreign, "effectors"), 1e-3);
    lab_free(matched);
    lab_free(foreign);
}
END_TEST

START_TEST(decay_is_applied_once)
{
    const double half_life = 24.0 * (_i == 2 ? 27.7 : 2.8047);
    lab *l = give(species[_i], into_vein(dose_of[_i], ""), TEN_DAYS, SET("parameters.calibration_time=-1.0"));
    const double *time;
    const size_t n = lab_times(l, &time);
    for (size_t i = 0; i < n; i++) {
        for (size_t o = 0; o < ORGANS; o++) {
            const double corrected = lab_at(l, lab_format("activity[%s]", organs[o]), time[i]);
            const double raw = corrected * exp2(-(time[i] + 24.0) / half_life);
            lab_near(lab_at(l, lab_format("activity_raw[%s]", organs[o]), time[i]), raw, 1e-12, fabs(raw) + 1e-300, organs[o]);
        }
    }
    lab_free(l);
}
END_TEST

/* All three days later: injury, dose, looking. */
START_TEST(a_shift_of_time)
{
    lab *now = give(species[_i], into_vein(dose_of[_i], "duration = \"30 min\";"), TEN_DAYS,
                    SET("parameters.injury=1.0", "parameters.injury_time=-1.0"));
    lab *then = give(species[_i],
                     lab_format("{ route = \"intravenous\"; day = 3.0; dose = \"%.17g cell\"; duration = \"30 min\"; }", dose_of[_i]),
                     "start = \"3 day\"; until = \"13 day\"; every = \"12 h\";",
                     SET("parameters.injury=1.0", "parameters.injury_time=2.0"));
    alike(now, then, 1.0, 72.0, FACTOR * RTOL, dose_of[_i]);
    lab_free(now);
    lab_free(then);
}
END_TEST

/* ---- a bolus is the limit of infusions ---- */

/* No saturation: the share caught does not depend on what came before. The distance falls with the
 * duration, to first order. */
START_TEST(a_bolus_is_a_short_infusion)
{
    const char *times = "until = \"6 h\"; times = [\"1 h\", \"3 h\", \"6 h\"];";
    const double seconds[] = {64.0, 32.0, 16.0, 8.0};
    double off[4], last = 0.0;
    lab *bolus = give(species[_i], into_vein(dose_of[_i], ""), times, SET(LINEAR));
    for (size_t k = 0; k < 4; k++) {
        lab *l = give(species[_i], into_vein(dose_of[_i], lab_format("duration = \"%g s\";", seconds[k])), times, SET(LINEAR));
        off[k] = (lab_at(l, "live[lung]", 3.0) - lab_at(bolus, "live[lung]", 3.0)) / lab_at(bolus, "live[lung]", 3.0);
        lab_free(l);
    }
    for (size_t k = 1; k < 4; k++) {
        last = log2(fabs(off[k - 1] / off[k]));
        printf("%s: infusion of %g s: %.3e, order %.3f\n", species[_i], seconds[k], off[k], last);
        ck_assert_double_gt(fabs(off[k]), FACTOR * RTOL);
    }
    ck_assert_double_gt(last, 0.95);
    ck_assert_double_lt(last, 1.05);
    lab_free(bolus);
}
END_TEST

/* A dose per weight into a body twice the size: flows grow by 2^0.75 only, everything else by 2; so
 * if flows are made to grow in proportion, all counts double. */
START_TEST(a_heavier_body_is_a_larger_one)
{
    const char *weights[] = {"36.5", "73.0"};
    lab *l[2];
    for (size_t k = 0; k < 2; k++) {
        const char *set = lab_format("parameters.body_weight=%s", weights[k]);
        l[k] = give("models/msc_human.cfg", "{ route = \"intravenous\"; day = 0.0; dose = \"4e6 cell/kg\"; duration = \"30 min\"; }",
                    TEN_DAYS, SET(set, "parameters.output_exponent=1.0"));
    }
    alike(l[1], l[0], 2.0, 0.0, FACTOR * RTOL, 73.0 * 4e6);
    for (int t = 0; t <= 240; t += 12) {
        const double want = lab_at(l[0], "occlusion", t);
        lab_near(lab_at(l[1], "occlusion", t), want, FACTOR * RTOL, want + 1e-6, "occlusion");
    }
    lab_free(l[0]);
    lab_free(l[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariants");
    TCase *tc = tcase_create("scenarios");
    tcase_add_loop_test(tc, the_books_close, 0, FILES);
    tcase_add_loop_test(tc, nothing_is_negative, 0, FILES);
    tcase_add_loop_test(tc, dose_linearity, 0, SPECIES);
    tcase_add_loop_test(tc, saturation_matters, 0, SPECIES);
    tcase_add_loop_test(tc, two_halves_are_a_whole, 0, SPECIES);
    tcase_add_loop_test(tc, without_arrest_cells_die_in_blood, 0, SPECIES);
    tcase_add_loop_test(tc, anti_c5_in_excess, 0, SPECIES);
    tcase_add_loop_test(tc, matched_cells_call_no_effectors, 0, SPECIES);
    tcase_add_loop_test(tc, decay_is_applied_once, 0, SPECIES);
    tcase_add_loop_test(tc, a_shift_of_time, 0, SPECIES);
    tcase_add_loop_test(tc, a_bolus_is_a_short_infusion, 0, SPECIES);
    tcase_add_test(tc, a_heavier_body_is_a_larger_one);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
