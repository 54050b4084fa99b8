/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Do intervals hold the truth as often as they say? A drug that is taken up and cleared, its numbers known, data drawn
 * from them a hundred times at a fixed seed; and the example that was made so, configs/synthetic_fit.cfg. `make soak` has
 * more of both. And the other example, configs/mice_fit.cfg. */
#include <mscsim/fit.h>

#include <stdlib.h>
#include <string.h>

#include "fit/objective.h"
#include "support/coverage.h"
#include "support/drug.h"
#include "support/suite.h"

static void check(const msc_fit *fit, const coverage *c)
{
    size_t least, most;
    coverage_bounds(c->n, &least, &most);
    ck_assert_uint_eq(c->no_optimum, 0);
    for (size_t k = 0; k < fit->n_estimate; k++) {
ck_assert_uint_eq(c->open[k], 0);
        ck_assert_msg(c->held[k] >= least && c->held[k] <= most, "%s: %zu of %zu intervals hold the truth, not %zu to %zu", fit->estimate[k].name,
                      c->held[k], c->n, least, most);
    }
}

/* Known to R: qbinom(c(5e-4, 1 - 5e-4), 100, 0.95) is 87 and 100. */
START_TEST(test_bounds)
{
    size_t least, most;
    coverage_bounds(100, &least, &most);
    ck_assert_uint_eq(least, 87);
    ck_assert_uint_eq(most, 100);
    coverage_bounds(1000, &least, &most);
    ck_assert_uint_eq(least, 926);
    ck_assert_uint_eq(most, 971);
}
END_TEST

START_TEST(test_drug)
{
    double truth[COVERAGE_ESTIMATES];
    msc_fit *fit = drug_fit((drug_case)_i, truth);
    const coverage c = coverage_measure(fit, truth, 100, 20 + (uint64_t)_i);
    check(fit, &c);
    msc_fit_free(fit);
}
END_TEST

/* configs/synthetic_fit.cfg: every interval holds what the data were made with. */
START_TEST(test_example)
{
    static const double truth[] = {0.207, 0.08, 0.575, 0.165, 0.045, 0.1, 0.2};
    char path[1024];
    const char *top = getenv("TOP"), *set[] = {"fit.starts=2", "fit.profiles=false"};
    msc_fit *fit = NULL;
    msc_fitted *w = NULL;
    msc_error err = {0};
    snprintf(path, sizeof path, "%s/configs/synthetic_fit.cfg", top ? top : ".");
    ck_assert_msg(msc_fit_read(path, set, 2, NULL, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert_uint_eq(fit->n_estimate, sizeof truth / sizeof *truth);
    const msc_fit_options options = {.threads = 2};
    ck_assert_msg(msc_fit_run(fit, &options, &w, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert(msc_fitted_converged(w));
    for (size_t k = 0; k < fit->n_estimate; k++) {
        double low, high;
        const double x = msc_fitted_value(w, k, NULL, &low, &high);
        ck_assert_msg(low < truth[k] && truth[k] < high, "%s: %g (%g to %g), made with %g", fit->estimate[k].name, x, low, high, truth[k]);
        ck_assert_msg(w->result[k].narrowed < 0.5, "%s: %g of what was known before is left", fit->estimate[k].name, w->result[k].narrowed);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

/* configs/mice_fit.cfg: what its comments and docs/fitting.md say of it. */
START_TEST(test_mice)
{
    char path[1024];
    const char *top = getenv("TOP"), *set[] = {"fit.starts=2", "fit.profiles=false"};
    msc_fit *fit = NULL;
    msc_fitted *w = NULL;
    msc_error err = {0};
    snprintf(path, sizeof path, "%s/configs/mice_fit.cfg", top ? top : ".");
    ck_assert_msg(msc_fit_read(path, set, 2, NULL, &fit, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert(fit->n_study == 2 && fit->n_row == 10 && fit->study[0].slopes && fit->study[1].slopes);
    const msc_fit_options options = {.threads = 2};
    ck_assert_msg(msc_fit_run(fit, &options, &w, &err) == MSC_OK, "%s: %s", err.where, err.message);
    ck_assert(msc_fitted_converged(w));
    ck_assert_msg(w->result[0].narrowed > 0.9 && w->result[3].narrowed > 0.9, "arrest %g and recovery %g", w->result[0].narrowed,
                  w->result[3].narrowed);
    ck_assert_msg(w->result[1].narrowed < 0.5 && w->result[2].narrowed < 0.5, "death %g and release %g", w->result[1].narrowed,
                  w->result[2].narrowed);
    for (size_t i = 0; i < fit->n_row; i++) {
        const msc_datum *d = &fit->row[i].datum;
        const msc_error_model e = msc_fit_error_of(fit, &fit->row[i], w->t);
        const double off = msc_likelihood_place(d, &e, w->prediction[i], d->value);
        ck_assert_msg(d->kind == MSC_DATUM_LEFT ? off > -0.5 : d->kind == MSC_DATUM_RIGHT ? off < 0.5 : off > -2 && off < 2, "line %zu: %g sd",
                      fit->row[i].from->line, off);
    }
    msc_fitted_free(w);
    msc_fit_free(fit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("coverage");
    TCase *tests = tcase_create("coverage");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_bounds);
    tcase_add_loop_test(tests, test_drug, 0, DRUG_CASES);
    tcase_add_test(tests, test_example);
    tcase_add_test(tests, test_mice);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
