/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: the smooth forms of the shipped models (arrest by the chance of meeting a free site, priming
 * or recall) stay near to the capped forms of the reference, as near as the formulas say:
 *
 *     arrest of cells that home     1 - (1 - E)^(1 + g)  for  min(0.98, E (1 + g))
 *     effectors called for          p + r - p r          for  min(1, p + r)
 *
 * Counts of cells given while the signal is high (day 10) differ by 1.3 % at most at the site up to
 * day 20. That is NOT so of cells given a day after the injury, when the signal is
 * weak: there the cap makes CXCR4+ cells lodge up to 12 % more often, and 6.7 % more are found. */
#include <math.h>
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

/* FEW cells: below that noise decides, as in test_reference.c. SECOND: the arrest of other cells and
 * of later passages follows in second order. PASSED_ON: CXCR4+ cells that the marrow (0.03 of the flow)
 * lets pass, 0.104 of them, come again: of all that is caught in a round, 0.6 at least. */
static const double SITE = 0.013, FEW = 10.0, SECOND = 1.05, CXCR4 = 0.035, PASSED_ON = 0.03 * 0.104 / 0.6;

typedef struct {
    const char *name, *species, *capped, *parameters;
    double dose;
    double signal;       /* of the injury when the first cells come, 24 h after it */
    double site, marrow; /* arrest there */
    const char *regimen;
    double until; /* days */
} pair;

#define INFUSED(day) "{ route = \"intravenous\"; day = " day "; dose = \"5e6 cell/kg\"; duration = \"30 min\"; viability = 0.9;" \
                     "  product_share = { thawed = 1.0; others = 0.0; }; }"
#define CHILD "age = \"10 year\"; body_weight = \"32 kg\"; injury_time = 0.0; complement_sensitivity = { others = 2.9; };"

static const pair pairs[] = {
    {"in111_cirrhosis", "human_cirrhosis", "cirrhosis", "injury_time = -1.0;", 300e6, 24.0 / 168.0, 0.5, 0.5,
     "{ route = \"intravenous\"; day = 0.0; dose = \"300e6 cell\"; duration = \"30 min\"; }", 10.0},
    {"mouse_lee", "mouse", "mouse", "injury_time = -1.0;", 2e6, 24.0 / 168.0, 0.6, 0.6,
     "{ route = \"intravenous\"; day = 0.0; dose = \"2e6 cell\"; duration = \"1 min\"; }", 4.0},
    {"mouse_eggenhofer", "mouse", "mouse", "injury_time = -1.0; lysis_rate = 0.65;", 5e5, 24.0 / 168.0, 0.6, 0.6,
     "{ route = \"intravenous\"; day = 0.0; dose = \"5e5 cell\"; duration = \"1 min\"; }", 3.0},
    {"oi_two_dose, matched", "human", "human", CHILD, 160e6, 24.0 / 168.0, 0.5, 0.5, INFUSED("1.0") ", " INFUSED("10.0"), 20.0},
    {"oi, day 10 alone", "human", "human", CHILD, 160e6, 240.0 / 168.0, 0.5, 0.5, INFUSED("10.0"), 20.0},
};

static lab *form(const char *model, const char *parameters, const char *regimen, double until)
{
    return lab_on(model,
                  lab_format("parameters: { injury = 1.0; %s };\nregimen = ( %s );\n"
                             "output = { until = \"%g day\"; every = \"6 h\"; quantities = [\"live\", \"live_blood\", \"intact\","
                             " \"live_auc\", \"label_in\", \"occlusion\", \"lysed\", \"effectors\"]; };\n"
                             "solver = { rtol = 1e-8; };\n",
                             parameters, regimen, until),
                  NULL);
}

/* The largest relative difference of a quantity's element over all times. */
static double apart(const lab *a, const lab *b, const char *what, double few)
{
    const double *time;
    double most = 0.0;
    const size_t n = lab_times(a, &time);
    for (size_t i = 0; i < n; i++) {
        const double x = lab_at(a, what, time[i]), y = lab_at(b, what, time[i]);
        most = fmax(most, fabs(x - y) / fmax(fabs(y), few));
    }
    return most;
}

/* By how much of the arrest of all cells that of CXCR4+ cells differs, or of their own (of = 1). */
static double change(double arrest, double gain, double of, bool capped)
{
    const double smooth = 1.0 - pow(1.0 - arrest, 1.0 + gain), plain = arrest * (1.0 + gain);
    const double reference = capped ? fmin(0.98, plain) : plain;
    return of * fabs(smooth - reference) / (of < 1.0 ? arrest : reference);
}

START_TEST(arrest_without_kinks)
{
    const pair *p = &pairs[_i];
    lab *smooth = form(lab_format("models/msc_%s.cfg", p->species), p->parameters, p->regimen, p->until);
    lab *capped =
        form(lab_format("models/variants/reference_capped_%s.cfg", p->capped), p->parameters, p->regimen, p->until);
    const double gain = 6.0 * p->signal * exp(1.0 - p->signal);
    const double site = PASSED_ON + change(p->site, gain, 1.0, true), marrow = SECOND * change(p->marrow, 0.5, CXCR4, false);
    static const char *const organs[] = {"lung", "liver", "spleen", "marrow", "kidney", "site", "rest"};
    static const char *const counts[] = {"live", "intact", "live_auc", "label_in"};
    double most = 0.0, elsewhere = 0.0;
    for (size_t q = 0; q < sizeof counts / sizeof *counts; q++) {
        for (size_t o = 0; o < sizeof organs / sizeof *organs; o++) {
            const double off = apart(smooth, capped, lab_format("%s[%s]", counts[q], organs[o]), FEW);
            *(o == 5 ? &most : &elsewhere) = fmax(o == 5 ? most : elsewhere, off);
        }
    }
    printf("%s: site %.2f %% of %.2f allowed, elsewhere %.2f of %.2f\n", p->name, 100.0 * most, 100.0 * site,
           100.0 * elsewhere, 100.0 * marrow);
    ck_assert_double_le(most, site);
    ck_assert_double_le(elsewhere, marrow);
    ck_assert(p->signal < 1.0 || most <= SITE);
    ck_assert_double_le(apart(smooth, capped, "live_blood", FEW), marrow);
    ck_assert_double_le(apart(smooth, capped, "lysed", FEW), marrow);
    ck_assert_double_le(apart(smooth, capped, "occlusion", FEW / p->dose), marrow);
    lab_free(smooth);
    lab_free(capped);
}
END_TEST

/* Priming or recall, for priming plus recall: fewer effectors (of p + r at most a half is p r), and as
 * many more cells as the difference does not kill. */
START_TEST(effectors_without_kinks)
{
    const char *parameters = CHILD " mismatch = 0.5;", *regimen = INFUSED("1.0") ", " INFUSED("10.0");
    lab *smooth = form("models/msc_human.cfg", parameters, regimen, 20.0);
    lab *capped = form("models/variants/reference_capped_human.cfg", parameters, regimen, 20.0);
    const double *time, kill = 0.03;
    double spared = 0.0;
    const size_t n = lab_times(smooth, &time);
    for (size_t i = 1; i < n; i++) {
        const double fewer = lab_at(capped, "effectors", time[i]) - lab_at(smooth, "effectors", time[i]);
        ck_assert_double_ge(fewer, -1e-6);
        spared += kill * fewer * (time[i] - time[i - 1]);
        const double more =
            lab_at(smooth, "live[lung]", time[i]) / fmax(FEW, lab_at(capped, "live[lung]", time[i]));
        ck_assert_double_le(more, exp(spared) * (1.0 + SECOND * change(0.5, 0.5, CXCR4, false)));
    }
    const double off = apart(smooth, capped, "effectors", 1e-3);
    printf("effectors to day 20: %.2f %%, and so %.2f %% more cells in the lung\n", 100.0 * off,
           100.0 * apart(smooth, capped, "live[lung]", FEW));
    ck_assert_double_le(off, 0.05);
    lab_free(smooth);
    lab_free(capped);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smooth");
    TCase *tc = tcase_create("scenarios");
    tcase_add_loop_test(tc, arrest_without_kinks, 0, (int)(sizeof pairs / sizeof *pairs));
    tcase_add_test(tc, effectors_without_kinks);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
