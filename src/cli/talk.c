/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages, signals and the standard streams. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* ---- messages ---- */

void cli_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("mscsim: ", stderr);
    vfprintf(stderr, format, args);
    putc('\n', stderr);
    va_end(args);
}

void cli_complain(const msc_error *err)
{
    char text[2048];
    msc_error_text(err, text, sizeof text);
    cli_say("%s", text);
}

msc_status cli_tell_faults(const cli_options *options, msc_status status, msc_error *err)
{
    enum { MOST = 20 };
    msc_error *fault = status == MSC_E_CONFIG ? calloc(MOST, sizeof *fault) : NULL;
    const size_t n = fault ? msc_scenario_faults(options->operand[0], options->set, options->n_set, fault, MOST) : 0;
    if (n > 1 && strcmp(fault[0].where, err->where) == 0 && strcmp(fault[0].message, err->message) == 0) {
        for (size_t i = 0; i + 1 < n; i++) {
            cli_complain(&fault[i]);
        }
        *err = fault[n - 1];
    }
    free(fault);
    return status;
}

void cli_warn(const char *where, const char *message)
{
    msc_error shown;
    char text[2048];
    (void)msc_fail(&shown, MSC_OK, where, "%s", message);
    msc_error_text(&shown, text, sizeof text);
    cli_say("warning: %s", text);
}

void cli_warn_of_scenario(const msc_scenario *scenario)
{
    const char *where = NULL, *message;
    for (size_t i = 0; (message = msc_scenario_warning(scenario, i, &where)) != NULL; i++) {
        cli_warn(where, message);
    }
}

/* ---- standard streams ---- */

msc_status cli_finish_output(msc_status status, msc_error *err)
{
    errno = 0;
    const bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (status != MSC_OK || !lost) {
        return status;
    }
    return msc_fail(err, MSC_E_IO, NULL, "cannot write to the standard output%s%s",
                    errno ? ": " : "", errno ? strerror(errno) : "");
}

/* A closed standard stream would lend its number to the next file opened. What is put in its place
 * cannot be written to, so that output asked for and lost is still noticed. */
static void keep_numbers(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            (void)!open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
        }
    }
}

/* ---- signals ---- */

/* Say so, and end as the signal would have: the shell sees 130 or 143. Nothing is half-written,
 * because files appear complete under their names or not at all. */
static void on_signal(int number)
{
    static const char text[] = "mscsim: interrupted; no results file was written\n";
    (void)!write(2, text, sizeof text - 1);
    signal(number, SIG_DFL);
    raise(number);
}

static void both_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static void catch_signal(int number)
{
    struct sigaction before, action = {.sa_handler = on_signal};
    both_signals(&action.sa_mask);
    if (sigaction(number, NULL, &before) == 0 &&
        before.sa_handler != SIG_IGN) { /* nohup, background jobs */
        sigaction(number, &action, NULL);
    }
}

static volatile int asked;

static void on_asking(int number)
{
    if (asked) { /* a second time: at once */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    asked = number;
}

const volatile int *cli_ask_to_stop(void)
{
    const int numbers[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        struct sigaction before, action = {.sa_handler = on_asking};
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
    return &asked;
}

void cli_end_by_signal(void)
{
    if (asked) {
        signal(asked, SIG_DFL);
        raise(asked);
    }
}

void cli_begin(void)
{
    keep_numbers();
    signal(SIGXFSZ, SIG_IGN); /* a file grown too large is then an error that can be told */
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
}

void cli_hold_signals(void)
{
    sigset_t set;
    both_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void cli_release_signals(void)
{
    sigset_t set;
    both_signals(&set);
    signal(SIGINT, SIG_DFL); /* something was written: no more to be said */
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- numbers of options ---- */

static msc_status whole_number(const char *option, const char *text, unsigned long long most, unsigned long long *value,
                               msc_error *err)
{
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || *value > most) {
        return msc_fail(err, MSC_E_USAGE, NULL, "--%s takes a whole number up to %llu, not '%s'", option, most, text);
    }
    return MSC_OK;
}

msc_status cli_jobs_and_seed(const cli_options *options, unsigned *jobs, uint64_t *seed, msc_error *err)
{
    unsigned long long number = 0;
    msc_status status = MSC_OK;
    if (options->jobs) {
        status = whole_number("jobs", options->jobs, 1024, &number, err);
        *jobs = (unsigned)number;
        if (status == MSC_OK && number == 0) {
            status = msc_fail(err, MSC_E_USAGE, NULL, "--jobs takes 1 or more");
        }
    }
    if (status == MSC_OK && options->seed) {
        status = whole_number("seed", options->seed, ~0ull, &number, err);
        *seed = number;
    }
    return status;
}
