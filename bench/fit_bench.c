/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a fit costs: 50 starts of eight parameters of the In-111 study, and their profiles.
 *     fit_bench indium8_fit.cfg */
#include <stdio.h>
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
    }
    return failed;
}
