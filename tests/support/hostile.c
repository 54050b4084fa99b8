/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bad numbers, one at a time. */
#include "support/hostile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/accuracy.h"

enum { CHUNK = 32, LONG = 192 };
static const double WALL = 1.0; /* seconds a scenario */

double hostile_number(size_t i, double own)
{
    const double number[HOSTILE_NUMBERS] = {NAN,    INFINITY, -INFINITY, 0.0,           own != 0.0 ? -own : -1.0,
                                            1e300,  -1e300,   1e-300,    5e-324, own != 0.0 ? 1e6 * own : 1e6};
    return number[i % HOSTILE_NUMBERS];
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The first of rows from .. n - 1 that is not finite at some time; MSC_NONE. */
static uint32_t first_missing(const vary *v, const vary_one *one, uint32_t from, double *t, double *x)
{
    const uint32_t n = v->program.out.n;
    for (size_t i = 0; i < v->scenario->n_time; i++) {
        for (uint32_t r = from; r < n; r++) {
            if (!isfinite(one->out[i * n + r])) {
                *t = v->scenario->time[i].t;
                *x = one->out[i * n + r];
                return r;
            }
        }
    }
    return MSC_NONE;
}

static void complain(const vary *v, const char *what, const char *why, hostile_tally *tally)
{
    tally->bad++;
    printf("%s: %s: %s\n", v->name, what, why);
}

static void judge(const vary *v, const vary_one *one, const char *what, hostile_tally *tally)
{
    char text[LONG], row[LONG];
    double t = 0.0, x = 0.0;
    tally->cases++;
    if (one->refused.status != MSC_OK) {
        tally->refused++;
        if (one->refused.where[0] == '\0' || one->refused.message[0] == '\0' || one->refused.status != MSC_E_CONFIG) {
            complain(v, what, "refused without a place or a sentence", tally);
        }
        return;
    }
    if (one->report.end == MSC_END_FINE) {
        const uint32_t missing = first_missing(v, one, v->first_state, &t, &x);
        tally->fine++;
        tally->missing += first_missing(v, one, 0, &t, &x) != MSC_NONE;
        if (missing != MSC_NONE) {
            snprintf(text, sizeof text, "fine, but %s is %g at %g", accuracy_row(v, missing, row, sizeof row), x, t);
            complain(v, what, text, tally);
        }
        return;
    }
    tally->ended++;
    tally->out_of_time += one->report.end == MSC_END_TIME;
    if (!(one->report.t >= v->scenario->start && one->report.t <= v->scenario->until)) {
        complain(v, what, "ended at a time outside of the run", tally);
    }
}

void hostile_judge(const vary *v, vary_one *const *ones, size_t n, const char *const *what, hostile_tally *tally)
{
    vary_run(v, ones, n, 0.0, 0, WALL);
    for (size_t i = 0; i < n; i++) {
        judge(v, ones[i], what[i], tally);
    }
}

void hostile_parameters(const vary *v, size_t first, size_t step, hostile_tally *tally)
{
    vary_one *ones[CHUNK];
    char text[CHUNK][LONG], name[LONG];
    const char *what[CHUNK];
    size_t n = 0;
    const size_t all = (size_t)v->program.n_input * HOSTILE_NUMBERS;
    for (size_t k = first; k < all; k += step) {
        const uint32_t input = (uint32_t)(k / HOSTILE_NUMBERS);
        const double own = v->program.input[input].number, number = hostile_number(k, own), began = now();
        if (v->program.input[input].kind != MSC_INPUT_PARAMETER) {
            continue;
        }
        ones[n] = vary_change(v, input, number);
        tally->slowest = fmax(tally->slowest, now() - began);
        snprintf(text[n], LONG, "%.150s = %g", vary_input(v, input, name, sizeof name), number);
        what[n] = text[n];
        if (++n == CHUNK || k + step >= all) {
            hostile_judge(v, ones, n, what, tally);
            for (; n > 0; n--) {
                vary_one_free(ones[n - 1]);
            }
        }
    }
    if (n > 0) {
        hostile_judge(v, ones, n, what, tally);
        for (; n > 0; n--) {
            vary_one_free(ones[n - 1]);
        }
    }
}
