/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a fit costs: 50 starts of eight parameters of the In-111 study, and their profiles; and what draws from their
 * posterior cost.
 *     fit_bench indium8_fit.cfg */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <mscsim/fit.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int complain(const msc_error *err)
{
    fprintf(stderr, "%s: %s\n", err->where, err->message);
    return 1;
}

static int measure(const char *config, const char *profiles, const char *what, unsigned threads)
{
    msc_error err = {0};
    msc_fit *fit = NULL;
    double wall = 1e300, processor = 0;
    if (msc_fit_read(config, &profiles, 1, NULL, &fit, &err) != MSC_OK) {
        return complain(&err);
    }
    for (int round = 0; round < 3; round++) {
        msc_fitted *fitted = NULL;
        const msc_fit_options options = {.threads = threads};
        const double began = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);
        if (msc_fit_run(fit, &options, &fitted, &err) != MSC_OK) {
            return complain(&err);
        }
        const double took = seconds(CLOCK_MONOTONIC) - began;
        if (took < wall) {
            wall = took, processor = seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
        }
        msc_fitted_free(fitted);
    }
    printf("  %-28s %u thread%s  %6.2f s  (%.2f s of processor)\n", what, threads, threads == 1 ? " " : "s", wall, processor);
    msc_fit_free(fit);
    return 0;
}

/* ---- the posterior ---- */

enum { WALKERS = 96, STEPS = 400 };

typedef struct {
    size_t first;
    double wall, processor; /* at the first step told of */
    double rate, each;      /* draws a second; seconds of processor a draw */
} pace;

/* From the first step on: what comes before is starts, and finding where walkers begin. */
static void note_step(void *context, const char *what, size_t done, size_t n, double best)
{
    pace *p = context;
    const double wall = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    (void)best;
    if (strncmp(what, "steps", 5) != 0) {
        return;
    }
    if (p->first == 0) {
        p->first = done, p->wall = wall, p->processor = processor;
    } else if (done == n) {
        const double draws = (double)((n - p->first) * WALKERS);
        p->rate = draws / (wall - p->wall), p->each = (processor - p->processor) / draws;
    }
}

static int measure_draws(const char *config, unsigned threads)
{
    char sample[96];
    const char *const settings[] = {"fit.profiles=false", "fit.starts=4", sample};
    msc_error err = {0};
    msc_fit *fit = NULL;
    double rate = 0, each = 0;
    snprintf(sample, sizeof sample, "fit.sample={ensembles=4; walkers=%d; steps=%d;}", WALKERS / 4, STEPS);
    if (msc_fit_read(config, settings, 3, NULL, &fit, &err) != MSC_OK) {
        return complain(&err);
    }
    for (int round = 0; round < 3; round++) {
        msc_fitted *fitted = NULL;
        pace p = {0};
        const msc_fit_options options = {.threads = threads, .progress = note_step, .context = &p};
        if (msc_fit_run(fit, &options, &fitted, &err) != MSC_OK) {
            return complain(&err);
        }
        if (p.rate > rate) {
            rate = p.rate, each = p.each;
        }
        msc_fitted_free(fitted);
    }
    printf("  %-28s %u thread%s  %6.0f a second  (%.0f us of processor each)\n", "draws from the posterior", threads, threads == 1 ? " " : "s",
           rate, 1e6 * each);
    msc_fit_free(fit);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("fit_bench indium8_fit.cfg\n", stderr);
        return 2;
    }
    puts("fit of eight parameters of the In-111 study, 50 starts, rtol 1e-5; the fastest of three");
    int failed = 0;
    for (unsigned threads = 1; threads <= 2; threads++) {
        failed |= measure(argv[1], "fit.profiles=false", "50 starts", threads);
        failed |= measure(argv[1], "fit.profiles=true", "50 starts and 8 profiles", threads);
        failed |= measure_draws(argv[1], threads);
    }
    return failed;
}
