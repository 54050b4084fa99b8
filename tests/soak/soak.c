/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The long form of the tests of accuracy, of bad numbers and of intervals of fits: as many scenarios as are asked for, and
 * tables. `make soak` runs it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/accuracy.h"
#include "support/coverage.h"
#include "support/drug.h"
#include "support/hostile.h"

static const double RTOL[] = {1e-4, 1e-5, 1e-6, 1e-7, 1e-8};
enum { RTOLS = sizeof RTOL / sizeof *RTOL };

static bool wanted(const char *name, const char *part)
{
    return part == NULL || strstr(name, part) != NULL;
}

/* Every line of a table; `most`: what the median and the 99th percentile may be, in rtol. */
static bool report(const vary *v, bool smooth, const accuracy *found, size_t n, double rtol, const double most[2],
                   const accuracy_summary *s)
{
    char row[256] = "";
    const accuracy *worst = s->n > 0 ? &found[s->n - 1] : NULL;
    const bool good = s->n > 0 && s->median <= most[0] * rtol && s->p99 <= most[1] * rtol;
    printf("%-38s %.0e %6zu %4zu %4zu %8.0f %8.2g %8.2g %8.2g  %s", v->name, rtol, s->n, s->refused, s->failed, s->attempts,
           s->median / rtol, s->p99 / rtol, s->worst / rtol, !smooth ? "kinks" : good ? "good" : "NOT MET");
    if (worst != NULL && worst->row != MSC_NONE) {
        printf("; worst: draw %llu, %s at %.6g: %.9g, not %.9g", (unsigned long long)worst->draw,
               accuracy_row(v, worst->row, row, sizeof row), worst->t, worst->value, worst->reference);
    }
    printf("\n");
    for (size_t i = s->n; i < n; i++) {
        if (strncmp(found[i].words, "refused", 7) != 0) {
            printf("    draw %llu: %s\n", (unsigned long long)found[i].draw, found[i].words);
        }
    }
    return good || !smooth;
}

static bool accurate(size_t n, const char *part)
{
    bool good = true;
    accuracy *found = calloc(n * RTOLS, sizeof *found);
    printf("errS6 / rtol of log-normal scenarios (sd 0.3) against rtol 1e-11\n%-38s %-5s %6s %4s %4s %8s %8s %8s %8s\n",
           "scenario", "rtol", "ended", "ref.", "fail", "attempts", "median", "p99", "worst");
    for (size_t i = 0; i < vary_count(); i++) {
        if (!wanted(vary_name(i), part)) {
            continue;
        }
        vary *v = vary_open(i);
        const char *kink = vary_kink(v);
        accuracy_measure(v, 0.3, n, 1e-11, RTOLS, RTOL, found);
        for (size_t k = 0; k < RTOLS; k++) {
            const accuracy_summary s = accuracy_summarise(found + k * n, n);
            good = report(v, kink == NULL, found + k * n, n, RTOL[k], (const double[]){5.0, 50.0}, &s) && s.failed == 0 && good;
        }
        if (kink != NULL) {
            printf("%-38s is not smooth (%s): not asked for\n", v->name, kink);
        }
        fflush(stdout);
        vary_free(v);
    }
    free(found);
    return good;
}

static bool wide(size_t n, const char *part)
{
    static const double rtol[] = {1e-4, 1e-6};
    bool good = true;
    accuracy *found = calloc(n * 2, sizeof *found);
    for (size_t i = 0; i < vary_count(); i++) {
        if (!wanted(vary_name(i), part)) {
            continue;
        }
        vary *v = vary_open(i);
        accuracy_measure(v, 2.5, n, 1e-9, 2, rtol, found);
        for (size_t k = 0; k < 2; k++) {
            const accuracy_summary s = accuracy_summarise(found + k * n, n);
            good = report(v, true, found + k * n, n, rtol[k], (const double[]){5.0, 2000.0}, &s) && good;
        }
        fflush(stdout);
        vary_free(v);
    }
    free(found);
    return good;
}

static bool hostile(size_t n, const char *part)
{
    bool good = true;
    printf("bad numbers in every parameter\n%-46s %7s %7s %7s %7s %7s %7s %5s %9s\n", "scenario", "cases", "refused", "fine",
           "missing", "ended", "time", "BAD", "slowest s");
    for (size_t i = 0; i < vary_count(); i++) {
        if (!wanted(vary_name(i), part)) {
            continue;
        }
        hostile_tally t = {0};
        vary *v = vary_open(i);
        hostile_parameters(v, 0, n >= 1000 ? 1 : 1000 / n, &t);
        printf("%-46s %7zu %7zu %7zu %7zu %7zu %7zu %5zu %9.3f\n", v->name, t.cases, t.refused, t.fine, t.missing, t.ended, t.out_of_time,
               t.bad, t.slowest);
        fflush(stdout);
        good = good && t.bad == 0;
        vary_free(v);
    }
    return good;
}

static bool covered(const char *name, msc_fit *fit, const double *truth, size_t n)
{
    size_t least, most;
    bool good = true;
    const coverage c = coverage_measure(fit, truth, n, 1);
    coverage_bounds(n, &least, &most);
    for (size_t k = 0; k < fit->n_estimate; k++) {
        const bool inside = c.held[k] >= least && c.held[k] <= most;
        printf("%-20s %-16s %6zu %6zu %6zu   %zu to %zu  %s\n", name, fit->estimate[k].name, n, c.held[k], c.open[k], least, most,
               inside ? "good" : "NOT MET");
        good = good && inside;
    }
    printf("%-20s %zu of %zu fits ended at no optimum\n", name, c.no_optimum, n);
    fflush(stdout);
    return good;
}

/* Of intervals of 95 % how many hold the truth, within what chance allows (99.9 %): n fits of a small model, and a tenth as
 * many of the shipped one. */
static bool honest(size_t n)
{
    static const char *const name[DRUG_CASES] = {"errors known", "subjects differ"};
    double truth[COVERAGE_ESTIMATES] = {0.207, 0.08, 0.575, 0.165, 0.045, 0.1, 0.2};
    static const char *const set[] = {"fit.starts=1"};
    char path[1024];
    bool good = true;
    msc_fit *fit = NULL;
    msc_error err = {0};
    snprintf(path, sizeof path, "%s/configs/synthetic_fit.cfg", getenv("TOP") ? getenv("TOP") : ".");
    printf("intervals of about 95 %% that hold what the data were drawn with\n%-20s %-16s %6s %6s %6s   %s\n", "fit", "estimate", "fits", "hold",
           "open", "99.9 %");
    if (msc_fit_read(path, set, 1, NULL, &fit, &err) != MSC_OK) {
        printf("%s: %s\n", err.where, err.message);
        return false;
    }
    good = covered("synthetic_fit.cfg", fit, truth, n / 10 + 1);
    msc_fit_free(fit);
    for (int i = 0; i < DRUG_CASES; i++) {
        fit = drug_fit((drug_case)i, truth);
        good = covered(name[i], fit, truth, n) && good;
        msc_fit_free(fit);
    }
    return good;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "accuracy", *part = argc > 3 ? argv[3] : NULL;
    const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    bool good = true;
    if (strcmp(what, "accuracy") == 0) {
        good = accurate(n, part);
    } else if (strcmp(what, "wide") == 0) {
        good = wide(n, part);
    } else if (strcmp(what, "hostile") == 0) {
        good = hostile(n, part);
    } else if (strcmp(what, "coverage") == 0 && part == NULL) {
        good = honest(n);
    }
    return good ? 0 : 1;
}
