/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim sweep: many scenarios to one file, on all cores, resumable. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

/* ---- progress ---- */

typedef struct {
    bool terminal, quiet;
    double begin, shown;
    uint64_t tenth;
} meter;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void span_text(char *text, size_t n, double seconds)
{
    if (seconds < 100) {
        snprintf(text, n, "%.0f s", seconds);
    } else if (seconds < 6000) {
        snprintf(text, n, "%.0f min", seconds / 60);
    } else {
        snprintf(text, n, "%.1f h", seconds / 3600);
    }
}

/* At most five times a second on a terminal, else a line for each tenth of the work. */
static void progress(void *context, uint64_t done, uint64_t failed, uint64_t begun, uint64_t n)
{
    meter *m = context;
    const double t = now(), rate = t > m->begin ? (double)(done - begun) / (t - m->begin) : 0;
    char left[32], troubled[48] = "";
    if (m->quiet || (m->terminal && t - m->shown < 0.2 && done < n)) {
        return;
    }
    if (!m->terminal && (done * 10 / n == m->tenth || t - m->shown < 1)) {
        return;
    }
    m->shown = t, m->tenth = done * 10 / n;
    span_text(left, sizeof left, rate > 0 ? (double)(n - done) / rate : 0);
    if (failed > 0) {
        snprintf(troubled, sizeof troubled, ", %llu failed", (unsigned long long)failed);
    }
    fprintf(stderr, "%smscsim: %llu of %llu scenarios (%.0f %%), %.0f a second, %s left%s%s", m->terminal ? "\r" : "",
            (unsigned long long)done, (unsigned long long)n, 100.0 * (double)done / (double)n, rate, left, troubled,
            m->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

static void clear_line(const meter *m)
{
    if (m->terminal && m->shown > m->begin) {
        fputs("\r\033[K", stderr);
    }
}

/* ---- the command ---- */

static msc_status run_all(const cli_options *options, const msc_sweep *sweep, const char *file, unsigned threads, int rank,
                          msc_error *err)
{
    const bool quiet = options->given[CLI_QUIET] || rank > 0;
    meter m = {.terminal = isatty(2) && !quiet, .quiet = quiet, .begin = now()};
    m.shown = m.begin;
    const msc_sweep_options how = {.file = file,
                                   .force = options->given[CLI_FORCE],
                                   .resume = options->given[CLI_RESUME],
                                   .together = true,
                                   .threads = threads,
                                   .stop = cli_ask_to_stop(),
                                   .progress = progress,
                                   .context = &m};
    msc_swept *swept = NULL;
    msc_status status = msc_sweep_run(sweep, &how, &swept, err);
    clear_line(&m);
    if (status == MSC_OK && options->given[CLI_VERBOSE] && rank == 0) {
        cli_say("%llu scenarios in %.2f s", (unsigned long long)msc_sweep_count(sweep), now() - m.begin);
    }
    if (status == MSC_OK && !quiet) {
        status = cli_finish_output(msc_swept_summarise(swept, stdout, err), err);
    }
    if (status == MSC_OK && !quiet) {
        cli_say("results are in %s", file);
    }
    if (status == MSC_OK && msc_swept_failed(swept) > 0) {
        status = msc_fail(err, MSC_E_NUMERIC, NULL, "%llu of %llu scenarios failed", (unsigned long long)msc_swept_failed(swept),
                          (unsigned long long)msc_sweep_count(sweep));
    }
    msc_swept_free(swept);
    return status;
}

static msc_status read_sweep(const cli_options *options, unsigned *threads, msc_sweep **sweep, msc_error *err)
{
    uint64_t given = 0;
    msc_status status = cli_jobs_and_seed(options, threads, &given, err);
    if (status == MSC_OK) {
        status = msc_sweep_read(options->operand[0], options->set, options->n_set, options->seed ? &given : NULL, sweep, err);
    }
    return status;
}

/* What every process does; several (MPI) agree on how the reading went, and those that are not the first say nothing. */
static msc_status sweep_as(const cli_options *options, int rank, msc_error *err)
{
    unsigned threads = 0;
    msc_sweep *sweep = NULL;
    msc_status status = msc_ranks_agree(read_sweep(options, &threads, &sweep, err), err);
    if (status != MSC_OK) {
        msc_sweep_free(sweep);
        return rank == 0 ? cli_tell_faults(options, status, err) : status;
    }
    const char *where = NULL, *message, *file = options->output ? options->output : msc_sweep_file(sweep);
    for (size_t i = 0; (message = msc_sweep_warning(sweep, i, &where)) != NULL; i++) {
        cli_warn(where, message);
    }
    if (options->given[CLI_DRY_RUN]) {
        if (rank == 0) {
            status = file ? msc_result_probe(file, true, err) : MSC_OK;
            status = status == MSC_OK ? msc_sweep_preview(sweep, file, threads, stdout, err) : status;
        }
    } else if (!file) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "where to? give -o FILE, or sweep.file in %s", options->operand[0]);
    } else {
        status = run_all(options, sweep, file, threads, rank, err);
    }
    msc_sweep_free(sweep);
    return status;
}

static msc_status sweep(const cli_options *options, msc_error *err)
{
    int rank = 0, n = 1;
    msc_status status = msc_ranks_begin(&rank, &n, err);
    if (rank > 0 && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))) {
        return MSC_E_IO;
    }
    if (status == MSC_OK) {
        status = sweep_as(options, rank, err);
    }
    const bool asked = status == MSC_E_STOPPED && rank == 0 && *cli_ask_to_stop() != 0; /* not another process alone */
    if (asked) {
        cli_complain(err);
    }
    msc_ranks_end();
    if (asked) {
        cli_end_by_signal();
    }
    return rank == 0 ? status : MSC_OK; /* mpirun kills all when one fails: the first has yet to say what of */
}

const cli_command cli_sweep = {
    .name = "sweep",
    .operands = "CONFIG",
    .brief = "many scenarios to one file: doses, days, virtual patients",
    .text = "Runs what the section `sweep` of the config describes, on all cores. What is done\n"
            "is in FILE.part from then on: interrupt at will, and go on with --resume. The\n"
            "results file is the same to the last byte however it was come by. Scenarios that\n"
            "fail are rows with a status; then the exit code is 1.\n\n"
            "  mscsim sweep configs/oi_dose_day_sweep.cfg --dry-run\n"
            "  mscsim sweep configs/oi_dose_day_sweep.cfg -o s.h5 -j 4\n",
    .takes = 1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_SET | 1u << CLI_JOBS | 1u << CLI_SEED | 1u << CLI_RESUME |
             1u << CLI_DRY_RUN | 1u << CLI_QUIET | 1u << CLI_VERBOSE | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = sweep,
};
