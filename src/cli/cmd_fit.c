/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim fit: the values that make data most probable, and what the data can tell. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

typedef struct {
    bool terminal, quiet;
    double begin, shown;
} meter;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* At most five times a second on a terminal, else every ten seconds. */
static void progress(void *context, const char *what, size_t done, size_t n, double best)
{
    meter *m = context;
    const double t = now();
    if (m->quiet || t - m->shown < (m->terminal ? 0.2 : 10.0)) {
        return;
    }
    m->shown = t;
    fprintf(stderr, "%smscsim: %zu of %zu %s, best log posterior %.4g%s", m->terminal ? "\r" : "", done, n, what, best,
            m->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

static msc_status interrupted(const msc_fit *fit, const msc_fitted *fitted, const char *file, msc_error *err)
{
    const size_t done = msc_fitted_done(fitted), n = msc_fit_starts(fit);
    const char *more = file ? "; --resume goes on" : "";
    size_t steps = 0;
    const size_t step = msc_fitted_steps(fitted, &steps);
    if (step > 0) {
        return msc_fail(err, MSC_E_STOPPED, NULL, "interrupted after %zu of %zu steps of the posterior%s", step, steps, more);
    }
    return done < n ? msc_fail(err, MSC_E_STOPPED, NULL, "interrupted: this is the best of %zu of %zu starts%s", done, n, more)
                    : msc_fail(err, MSC_E_STOPPED, NULL, "interrupted: %s missing%s", steps > 0 ? "steps of the posterior are" : "profiles are", more);
}

/* Of what was interrupted no file is written: the journal has it. */
static msc_status tell(const cli_options *options, const msc_fit *fit, msc_fitted *fitted, const char *file, msc_error *err)
{
    msc_status status = MSC_OK;
    if (!options->given[CLI_QUIET]) {
        status = cli_finish_output(msc_fitted_summarise(fitted, stdout, err), err);
    }
    if (status == MSC_OK && !msc_fitted_complete(fitted)) {
        return interrupted(fit, fitted, file, err);
    }
    if (status == MSC_OK && file) {
        cli_hold_signals();
        status = msc_fitted_write(fitted, file, options->given[CLI_FORCE], err);
        cli_release_signals();
    }
    if (status == MSC_OK && file && !options->given[CLI_QUIET]) {
        cli_say("results are in %s", file);
    }
    if (status == MSC_OK && !msc_fitted_converged(fitted)) {
        status = msc_fail(err, MSC_E_NUMERIC, NULL, "the best start is no optimum: more starts, or fewer parameters, may help");
    }
    if (status == MSC_OK && !msc_fitted_agreed(fitted)) {
        status = msc_fail(err, MSC_E_NUMERIC, NULL, "the posterior has not converged: more steps (fit.sample.steps)");
    }
    return status;
}

/* With a journal to go on with, a file of this name may be what that run had just written: whether it is, or stands in the
 * way, is seen when the new one is there. */
static bool may_stay(const cli_options *options, const char *file)
{
    char part[4096];
    const int n = snprintf(part, sizeof part, "%s.part", file);
    return options->given[CLI_RESUME] && n > 0 && (size_t)n < sizeof part && access(part, F_OK) == 0;
}

static msc_status run_all(const cli_options *options, const msc_fit *fit, unsigned threads, msc_error *err)
{
    const char *file = options->output ? options->output : msc_fit_file(fit);
    meter m = {.terminal = isatty(2) && !options->given[CLI_QUIET], .quiet = options->given[CLI_QUIET], .begin = now()};
    m.shown = m.begin;
    const msc_fit_options how = {.threads = threads,
                                 .stop = cli_ask_to_stop(),
                                 .progress = progress,
                                 .context = &m,
                                 .file = file,
                                 .resume = options->given[CLI_RESUME],
                                 .force = options->given[CLI_FORCE]};
    msc_fitted *fitted = NULL;
    msc_status status = MSC_OK;
    if (options->given[CLI_RESUME] && !file) {
        return msc_fail(err, MSC_E_USAGE, NULL, "what is to be resumed? give -o FILE, or fit.file in %s", options->operand[0]);
    }
    status = file ? msc_result_probe(file, options->given[CLI_FORCE] || may_stay(options, file), err) : MSC_OK;
    if (status == MSC_OK) {
        status = msc_fit_run(fit, &how, &fitted, err);
    }
    if (m.terminal && m.shown > m.begin) {
        fputs("\r\033[K", stderr);
    }
    if (status == MSC_OK && options->given[CLI_VERBOSE]) {
        cli_say("%zu starts in %.2f s", msc_fitted_done(fitted), now() - m.begin);
    }
    if (status == MSC_OK) {
        status = tell(options, fit, fitted, file, err);
    }
    msc_fitted_free(fitted);
    return status;
}

static msc_status fit(const cli_options *options, msc_error *err)
{
    unsigned threads = 0;
    uint64_t given = 0;
    msc_status status = cli_jobs_and_seed(options, &threads, &given, err);
    msc_fit *fit = NULL;
    if (status == MSC_OK) {
        status = msc_fit_read(options->operand[0], options->set, options->n_set, options->seed ? &given : NULL, &fit, err);
    }
    if (status != MSC_OK) {
        return cli_tell_faults(options, status, err);
    }
    const char *where = NULL, *message;
    for (size_t i = 0; (message = msc_fit_warning(fit, i, &where)) != NULL; i++) {
        cli_warn(where, message);
    }
    if (options->given[CLI_DRY_RUN]) {
        const char *file = options->output ? options->output : msc_fit_file(fit);
        status = file ? msc_result_probe(file, true, err) : MSC_OK;
        status = status == MSC_OK ? msc_fit_preview(fit, file, stdout, err) : status;
    } else {
        status = run_all(options, fit, threads, err);
    }
    msc_fit_free(fit);
    if (status == MSC_E_STOPPED) {
        cli_complain(err);
        cli_end_by_signal();
    }
    return status;
}

const cli_command cli_fit = {
    .name = "fit",
    .operands = "CONFIG",
    .brief = "unknown numbers of scenarios from data, and what these can tell",
    .text = "Runs what the section `fit` of the config describes: from many starts, on all\n"
            "cores, to the values that make the data most probable. Prints estimates with\n"
            "intervals, observed beside predicted, and of each parameter whether the data\n"
            "tell it; with fit.sample also draws from the posterior. What is done is kept in\n"
            "FILE.part: interrupt at will, it tells the best so far, and --resume goes on to\n"
            "the same file, byte for byte.\n\n"
            "  mscsim fit configs/indium_fit.cfg\n"
            "  mscsim fit configs/indium_fit.cfg -o fit.h5 -j 4 --set fit.starts=200\n",
    .takes = 1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_SET | 1u << CLI_JOBS | 1u << CLI_SEED | 1u << CLI_RESUME |
             1u << CLI_DRY_RUN | 1u << CLI_QUIET | 1u << CLI_VERBOSE | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = fit,
};
