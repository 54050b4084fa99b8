/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: the shipped models in their capped variants, compiled from their texts, give what an
 * independent implementation of the same equations gives (tests/data/reference_values.csv: Python,
 * LSODA at 1e-10), to fifty times the solver's tolerance: counts, exposure, label and its excretion in
 * every organ, occlusion, complement, lysis, effectors; four scenarios, 21 times. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

/* The scenarios say rtol = 1e-8; below a few cells any solver's noise decides. */
static const double RELATIVE = 50.0 * 1e-8, FEW = 10.0;

typedef struct {
    const char *scenario;
    double dose; /* of one dose, dead cells included */
    int values;  /* in the table: none may be lost on the way */
} reference;

static const reference references[] = {
    {"in111_cirrhosis", 300e6, 7 * 34},
    {"mouse_lee", 2e6, 5 * 34},
    {"mouse_eggenhofer", 5e5, 3 * 34},
    {"oi_two_dose", 5e6 * 32.0, 6 * 34},
};

/* What of ours a row of the table is to be held against, and the scale of what does not matter. */
static double ours(const lab *l, const reference *r, const char *quantity, const char *organ, double t, double *floor)
{
    const bool label = strcmp(quantity, "label_percent") == 0, excreted = strcmp(quantity, "excreted_percent") == 0;
    const char *name = label ? "label_in" : excreted ? "label_excreted" : quantity;
    const char *what = organ[0] != '\0' ? lab_format("%s[%s]", name, organ) : name;
    const double factor = label || excreted ? 100.0 / r->dose : 1.0;
    const bool pure = strcmp(name, "complement") == 0 || strcmp(name, "effectors") == 0 || strcmp(name, "occlusion") == 0;
    *floor = pure ? FEW / r->dose : FEW * factor;
    return factor * lab_at(l, what, t);
}

static int compare(const lab *l, const reference *r, FILE *table, double *worst)
{
    char line[256], scenario[64], quantity[64], organ[64];
    int n = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        double t, want, floor;
        const size_t name = strlen(r->scenario);
        if (strncmp(line, r->scenario, name) != 0 || line[name] != ',') {
            continue;
        }
        organ[0] = '\0';
        if (sscanf(line, "%63[^,],%lf,%63[^,],%63[a-z],%lf", scenario, &t, quantity, organ, &want) != 5) {
            ck_assert_int_eq(sscanf(line, "%63[^,],%lf,%63[^,],,%lf", scenario, &t, quantity, &want), 4);
        }
        const double got = ours(l, r, quantity, organ, t, &floor);
        const double off = fabs(got - want) / fmax(fabs(want), floor);
        ck_assert_msg(off <= RELATIVE, "%s: %s[%s] at %g h: %.10g, not %.10g: off by %.2e", scenario, quantity, organ, t,
                      got, want, off);
        *worst = fmax(*worst, off);
        n++;
    }
    return n;
}

START_TEST(the_reference)
{
    const reference *r = &references[_i];
    lab *l = lab_file(lab_format("configs/reference/%s.cfg", r->scenario), NULL);
    const char *top = getenv("TOP");
    FILE *table = fopen(lab_format("%s/tests/data/reference_values.csv", top != NULL ? top : "."), "r");
    ck_assert_ptr_nonnull(table);
    double worst = 0.0;
    const int n = compare(l, r, table, &worst);
    fclose(table);
    printf("%s: %d values, the worst off by %.1e\n", r->scenario, n, worst);
    ck_assert_int_eq(n, r->values);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference");
    TCase *tc = tcase_create("scenarios");
    tcase_add_loop_test(tc, the_reference, 0, (int)(sizeof references / sizeof *references));
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
