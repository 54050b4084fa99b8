/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program: commands, their options, and how they speak. Results go to stdout, talk to stderr. */
#ifndef MSC_CLI_CLI_H
#define MSC_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include <mscsim.h>

/* Every option there is; a command names those it takes. */
typedef enum {
    CLI_OUTPUT,
    CLI_FORCE,
    CLI_SET,
    CLI_CSV,
    CLI_QUANTITY,
    CLI_ENDPOINTS,
    CLI_LOG,
    CLI_AGAINST,
    CLI_BOUND,
    CLI_KIND,
    CLI_TITLE,
    CLI_JOBS,
    CLI_SEED,
    CLI_FROM,
    CLI_STUDY,
    CLI_RESUME,
    CLI_DRY_RUN,
    CLI_PROGRAM,
    CLI_QUIET,
    CLI_VERBOSE,
    CLI_HELP,
    CLI_VERSION,
    CLI_OPTIONS
} cli_option;

/* A command line, read. The texts are argv's. */
typedef struct {
    bool given[CLI_OPTIONS];
    const char *output, *title, *jobs, *seed, *from, *study;
    size_t n_set;
    const char **set;
    size_t n_quantity;
    const char **quantity;
    size_t n_against;
    const char **against;
    const char *bound, *kind;
    size_t n_operand;
    const char **operand;
} cli_options;

/* One row of the table of commands. */
typedef struct cli_command {
    const char *name;
    const char *operands; /* "CONFIG" */
    const char *brief;    /* one line in the list of commands */
    const char *text;     /* what --help says beyond the options; lines of at most 79 characters */
    unsigned takes;       /* bits 1 << cli_option */
    size_t n_operand;     /* as many operands, no more and no less */
    msc_status (*run)(const cli_options *options, msc_error *err);
} cli_command;

extern const cli_command cli_run, cli_check, cli_describe, cli_export, cli_validate, cli_rerun,
    cli_plot, cli_sweep, cli_fit;

/* options.c: argv[0] is skipped. The caller clears, also after a failure. E_USAGE, E_NOMEM. */
MSC_CHECK msc_status cli_options_read(const cli_command *command, int argc, char **argv,
                                      cli_options *options, msc_error *err);
void cli_options_clear(cli_options *options);
/* The options a command takes, for its --help. */
void cli_options_list(const cli_command *command);

/* talk.c */
void cli_say(const char *format, ...) MSC_PRINTF(1, 2);  /* "mscsim: ..." on stderr */
void cli_complain(const msc_error *err);                 /* an error */
/* Of a config that was refused: all faults but the last, which is put into err for the end to tell. Gives the status back. */
msc_status cli_tell_faults(const cli_options *options, msc_status status, msc_error *err);
void cli_warn(const char *where, const char *message);   /* where may be NULL */
/* What -j and --seed give; what is not given stays as it is. E_USAGE. */
msc_status cli_jobs_and_seed(const cli_options *options, unsigned *jobs, uint64_t *seed, msc_error *err);
void cli_warn_of_scenario(const msc_scenario *scenario); /* all its warnings */
MSC_CHECK msc_status cli_finish_output(msc_status status,
                                       msc_error *err); /* flush stdout: E_IO if lost */
/* Once, first of all: closed standard streams, signals. */
void cli_begin(void);
/* From here on a first signal sets this number and no more; a second one ends the program at once. */
const volatile int *cli_ask_to_stop(void);
/* End as the signal would have: does not return if there was one. */
void cli_end_by_signal(void);
/* Between these a signal waits: for the moments in which a file is put in its place. */
void cli_hold_signals(void);
void cli_release_signals(void);

#endif
