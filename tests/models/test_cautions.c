/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves, of the shipped models and scenarios, what keeps a reader from mistaking a number:
 *   activity is of what has been injected so far, whatever is given later and whenever the run ends;
 *   raw activity of a dose on another day decays from its own calibration, and a warning says what to
 *   set if it does not; of several labelled doses the recipe of label.cfg gives the sum of each dose's
 *   own label, decayed from its own time; these warnings come where raw activity is shown, not else;
 *   the umbilical vein of a body without its shunt is warned of;
 *   in the scenarios whose lung may be as the patients' or as the animals', whatever the lung changes by
 *   a fifth is shown as a range;
 *   every complete model says something of itself, and a scenario's own title takes nothing of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/lab.h"
#include "support/shipped.h"
#include "support/suite.h"

static const double RTOL = 1e-8, FACTOR = 50.0;

static const char *const organs[] = {"lung", "liver", "spleen", "marrow", "kidney", "site", "rest"};
enum { ORGANS = 7, DOSES = 3 };

/* A weekly dose from day 0, 7 or 14 on; the last argument of each: its label. */
static const char *weekly(const char *label0, const char *label1, const char *label2)
{
    return lab_format("{ route = \"intravenous\"; day = 0.0; dose = \"1e8 cell\"; duration = \"30 min\"; %s }, "
                      "{ route = \"intravenous\"; day = 7.0; dose = \"1e8 cell\"; duration = \"30 min\"; %s }, "
                      "{ route = \"intravenous\"; day = 14.0; dose = \"1e8 cell\"; duration = \"30 min\"; %s }",
                      label0, label1, label2);
}

static lab *look(const char *regimen, const char *quantity, const char *until, const char *setting)
{
    return lab_on("models/msc_human.cfg",
                  lab_format("regimen = ( %s );\noutput = { until = \"%s\"; every = \"1 day\"; "
                             "quantities = [\"label_in\", \"label_excreted\", %s]; };\n",
                             regimen, until, quantity),
                  (const char *const[]){"solver.rtol=1e-8", setting, NULL});
}

static int warnings_of(const lab *l, const char *word)
{
    int n = 0;
    for (size_t i = 0;; i++) {
        const char *text = msc_scenario_warning(lab_scenario(l), i, NULL);
        if (text == NULL) {
            return n;
        }
        n += strstr(text, word) != NULL;
    }
}

/* ---- label ---- */

START_TEST(activity_is_of_what_is_given_so_far)
{
    lab *long_run = look(weekly("", "", ""), "\"activity\", \"excreted\"", "28 day", NULL);
    lab *short_run = look(weekly("", "", ""), "\"activity\", \"excreted\"", "6 day", NULL);
    static const double given[] = {1e8, 1e8, 2e8, 3e8}, at[] = {24.0, 144.0, 192.0, 672.0};
    for (size_t i = 0; i < 4; i++) {
        for (size_t o = 0; o < ORGANS; o++) {
            const double want = 100.0 * lab_at(long_run, lab_format("label_in[%s]", organs[o]), at[i]) / given[i];
            lab_near(lab_at(long_run, lab_format("activity[%s]", organs[o]), at[i]), want, 1e-12, want, organs[o]);
        }
        const double out = 100.0 * lab_at(long_run, "label_excreted", at[i]) / given[i];
        lab_near(lab_at(long_run, "excreted", at[i]), out, 1e-12, out, "excreted");
    }
    for (size_t i = 0; i < 2; i++) { /* the end of the run does not matter */
        const double want = lab_at(long_run, "activity[lung]", at[i]);
        lab_near(lab_at(short_run, "activity[lung]", at[i]), want, FACTOR * RTOL, want, "the end of the run");
    }
    lab_near(lab_at(long_run, "activity[lung]", 0.0), 0.0, 1e-12, 1.0, "before anything is given");
    ck_assert_int_eq(warnings_of(long_run, "calibration_time"), 0); /* nothing raw is shown */
    lab_free(long_run);
    lab_free(short_run);
}
END_TEST

START_TEST(a_dose_on_another_day)
{
    static const char dose[] = "{ route = \"intravenous\"; day = 14.0; dose = \"1e8 cell\"; duration = \"30 min\"; }";
    lab *forgot = look(dose, "\"activity\", \"activity_raw\"", "28 day", NULL);
    lab *set = look(dose, "\"activity\", \"activity_raw\"", "28 day", "parameters.calibration_time=14.0");
    ck_assert_int_eq(warnings_of(forgot, "the dose of day 14: raw activity counts the decay of all label from"), 1);
    ck_assert_int_eq(warnings_of(set, "calibration_time"), 0);
    for (double day = 15.0; day <= 28.0; day += 1.0) {
        const double want = lab_at(set, "activity[lung]", 24.0 * day) * exp2(-(day - 14.0) / 2.8047);
        lab_near(lab_at(set, "activity_raw[lung]", 24.0 * day), want, 1e-12, want, "raw in the lung");
    }
    lab_free(forgot);
    lab_free(set);
}
END_TEST

START_TEST(several_labelled_doses)
{
    static const char *const regimens[DOSES][DOSES] = {
        {"", "label = 0;", "label = 0;"}, {"label = 0;", "", "label = 0;"}, {"label = 0;", "label = 0;", ""}};
    lab *all = look(weekly("", "", ""), "\"activity_raw\"", "28 day", NULL), *one[DOSES];
    ck_assert_int_eq(warnings_of(all, "the dose of day 7: raw"), 1);
    ck_assert_int_eq(warnings_of(all, "the dose of day 14: raw"), 1);
    ck_assert_int_eq(warnings_of(all, "the dose of day 0: raw"), 0);
    for (int k = 0; k < DOSES; k++) {
        one[k] = look(weekly(regimens[k][0], regimens[k][1], regimens[k][2]), "\"activity_raw\"", "28 day",
                      lab_format("parameters.calibration_time=%d.0", 7 * k));
        ck_assert_int_eq(warnings_of(one[k], "raw"), 0);
    }
    for (size_t o = 0; o < ORGANS; o++) { /* the labels of the runs are those of all doses, taken apart */
        const char *label = lab_format("label_in[%s]", organs[o]), *raw = lab_format("activity_raw[%s]", organs[o]);
        double sum = 0.0, measured = 0.0, want = 0.0;
        for (int k = 0; k < DOSES; k++) {
            sum += lab_at(one[k], label, 672.0);
            measured += lab_at(one[k], raw, 672.0);
            want += 100.0 * lab_at(one[k], label, 672.0) / 1e8 * exp2(-(28.0 - 7.0 * k) / 2.8047);
        }
        lab_near(sum, lab_at(all, label, 672.0), FACTOR * RTOL, sum, label);
        lab_near(measured, want, 1e-12, want, raw);
    }
    for (int k = 0; k < DOSES; k++) {
        lab_free(one[k]);
    }
    lab_free(all);
}
END_TEST

START_TEST(regions_and_nuclides)
{
    static const char scenario[] = "model = [\"%s/models/msc_human.cfg\", \"%s/models/camera.cfg\", \"%s/models/nuclides.cfg\"];\n";
    const char *top = getenv("TOP");
    top = top != NULL ? top : ".";
    static const struct {
        const char *shown;
        int raw, nuclides;
    } what[] = {{"region_activity", 0, 0}, {"region_activity_raw", 1, 0}, {"activity_by_nuclide", 0, 1}};
    for (size_t i = 0; i < 3; i++) {
        char path[512];
        msc_scenario *s = NULL;
        msc_error err = {0};
        snprintf(path, sizeof path, "%s/region.cfg", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
        FILE *file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        fprintf(file, scenario, top, top, top);
        fprintf(file, "regimen = ( { route = \"intravenous\"; day = 1.0; dose = \"1e8 cell\"; } );\n"
                      "output = { until = \"2 day\"; every = \"1 day\"; quantities = [\"%s\"]; };\n", what[i].shown);
        fclose(file);
        ck_assert_int_eq(msc_scenario_read(path, NULL, 0, &s, &err), MSC_OK);
        int raw = 0, nuclides = 0;
        for (size_t k = 0; msc_scenario_warning(s, k, NULL) != NULL; k++) {
            raw += strstr(msc_scenario_warning(s, k, NULL), "raw activity counts") != NULL;
            nuclides += strstr(msc_scenario_warning(s, k, NULL), "activity_by_nuclide counts") != NULL;
        }
        ck_assert_int_eq(raw, what[i].raw);
        ck_assert_int_eq(nuclides, what[i].nuclides);
        msc_scenario_free(s);
        remove(path);
    }
}
END_TEST

/* ---- the umbilical vein ---- */

START_TEST(no_umbilical_vein_after_birth)
{
    static const char scenario[] = "regimen = ( { route = \"umbilical\"; day = 0.0; dose = \"1e6 cell\"; %s } );\n"
                                   "output = { until = \"1 h\"; every = \"1 h\"; quantities = [\"live\"]; };\n";
    static const char *const models[] = {"models/msc_human.cfg", "models/msc_fetus.cfg"};
    for (int fetus = 0; fetus < 2; fetus++) {
        for (int slow = 0; slow < 2; slow++) { /* a bolus is seen as an infusion is */
            lab *l = lab_on(models[fetus], lab_format(scenario, slow ? "duration = \"10 min\";" : ""), NULL);
            ck_assert_int_eq(warnings_of(l, "the dose of day 0: the umbilical vein of a body whose blood does not bypass"),
                             fetus ? 0 : 1);
            lab_free(l);
        }
    }
}
END_TEST

/* ---- what the lung changes ---- */

static const char *const open_lungs[] = {
    "oi_two_dose", "oi_anti_c5", "usual_dose", "high_dose", "oi_horwitz", "oi_every_four_months", "oi_scaffold",
    "marrow_ablation", "joint_injection", "femoral_head", "fetus_umbilical", "dog_infarct",
};
enum { OPEN_LUNGS = sizeof open_lungs / sizeof *open_lungs };

static double peak(const lab *l, const char *quantity, size_t element)
{
    double value = NAN, when;
    ck_assert_int_eq(msc_result_peak(lab_result(l), quantity, element, &value, &when, NULL), MSC_OK);
    return value;
}

START_TEST(what_the_lung_changes_is_a_range)
{
    static const char *const quantities[] = {"live", "live_total", "live_blood", "live_site", "resident_site", "live_auc",
                                             "live_percent", "intact", "donor_fraction", "occlusion", "activity",
                                             "activity_raw", "effectors", "rejected", "niche_donors", "niche_donor_share",
                                             "depot_live", "scaffold_live", "lysed", "memory"};
    const char *path = lab_format("configs/%s.cfg", open_lungs[_i]);
    lab *low = lab_file(path, (const char *const[]){"parameters.arrest.lung=0.207", NULL});
    lab *high = lab_file(path, (const char *const[]){"parameters.arrest.lung=0.95", NULL});
    msc_result *ranged = NULL;
    ck_assert_int_eq(msc_scenario_run(lab_scenario(low), &ranged, NULL), MSC_OK);
    ck_assert_int_eq(msc_result_add_ranges(ranged, NULL), MSC_OK);
    int seen = 0;
    for (size_t q = 0; q < sizeof quantities / sizeof *quantities; q++) {
        size_t n = 0;
        if (msc_result_values(ranged, quantities[q], &n, NULL) == NULL) {
            continue;
        }
        for (size_t e = 0; e < n; e++) {
            const double a = peak(low, quantities[q], e), b = peak(high, quantities[q], e);
            double from, to;
            if (fabs(a - b) > 0.2 * fmin(fabs(a), fabs(b)) + 1e-300) {
                ck_assert_msg(msc_result_range(ranged, quantities[q], e, 0, &from, &to),
                              "%s: %s[%zu] is at most %g or %g, and shown as a number", path, quantities[q], e, a, b);
                seen++;
            }
        }
    }
    ck_assert_int_gt(seen, 0);
    msc_result_free(ranged);
    lab_free(low);
    lab_free(high);
}
END_TEST

/* ---- what models say of themselves ---- */

START_TEST(every_model_has_a_caution)
{
    static const struct {
        const char *model, *says;
    } said[] = {{"msc_human", "nobody knows what the lung catches"}, {"msc_rat", "not calibrated"},
                {"msc_dog", "not calibrated"},                       {"msc_fetus", "not calibrated"},
                {"msc_mouse", "proves nothing"},                     {"msc_human_cirrhosis", "proves nothing"}};
    ck_assert_int_ge(shipped_count(), 9);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        lab *l = lab_on(lab_format("models/%s.cfg", said[i].model),
                        "title = \"mine\";\noutput = { until = \"1 h\"; every = \"1 h\"; quantities = [\"live\"]; };\n", NULL);
        char *page = NULL;
        size_t n = 0;
        FILE *stream = open_memstream(&page, &n);
        ck_assert_ptr_nonnull(stream);
        ck_assert_int_eq(msc_result_summarise(lab_result(l), stream, NULL), MSC_OK);
        fclose(stream);
        bool own = false;
        for (size_t k = 0; msc_scenario_caution(lab_scenario(l), k) != NULL; k++) {
            own = own || strstr(msc_scenario_caution(lab_scenario(l), k), said[i].says) != NULL;
        }
        ck_assert_msg(own, "%s does not say '%s'", said[i].model, said[i].says);
        ck_assert_str_eq(msc_scenario_caution(lab_scenario(l), 0),
                         "For research, no basis for treating anyone. The models are fitted to few published data, and no "
                         "data were kept apart to test them. Most rates of cells are assumed, and a label does not tell "
                         "whether cells live.");
        ck_assert_ptr_nonnull(strstr(page, "\nWhat the model says of itself\n  For research, no basis"));
        free(page);
        lab_free(l);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cautions");
    TCase *tc = tcase_create("models");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, activity_is_of_what_is_given_so_far);
    tcase_add_test(tc, a_dose_on_another_day);
    tcase_add_test(tc, several_labelled_doses);
    tcase_add_test(tc, regions_and_nuclides);
    tcase_add_test(tc, no_umbilical_vein_after_birth);
    tcase_add_loop_test(tc, what_the_lung_changes_is_a_range, 0, OPEN_LUNGS);
    tcase_add_test(tc, every_model_has_a_caution);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
