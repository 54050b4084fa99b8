/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line by a table: GNU conventions, options before or behind operands, "--" ends them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct {
    const char *name;
    char letter;
    const char *argument; /* NULL: takes none */
    const char *about;
} option_row;

static const option_row rows[CLI_OPTIONS] = {
    [CLI_OUTPUT] = {"output", 'o', "FILE", "write to FILE (run: not to output.file of the config)"},
    [CLI_FORCE] = {"force", 'f', NULL, "replace FILE if it exists"},
    [CLI_SET] = {"set", 0, "KEY=VALUE", "change a value of the config or model; may be repeated"},
    [CLI_CSV] = {"csv", 0, NULL, "as comma-separated values (there is no other form yet)"},
    [CLI_QUANTITY] = {"quantity", 'q', "NAME", "this one, or 'live[lung]' of it; may be repeated"},
    [CLI_ENDPOINTS] = {"endpoints", 0, NULL, "the endpoints, a row each"},
    [CLI_LOG] = {"log", 0, NULL, "logarithmic axes for the quantities"},
    [CLI_AGAINST] = {"against", 0, "AXIS", "of a sweep: over this axis; twice: a map over both"},
    [CLI_BOUND] = {"bound", 0, "TEXT", "of a map: 'peak<=2 percent' fades what is beyond it"},
    [CLI_KIND] = {"kind", 0, "KIND", "of a fit: observed, residuals, profiles or pairs"},
    [CLI_TITLE] = {"title", 0, "TEXT", "a title, in place of the scenario's own"},
    [CLI_JOBS] = {"jobs", 'j', "N", "so many threads; all there are if not given"},
    [CLI_SEED] = {"seed", 0, "N", "in the place of the config's seed"},
    [CLI_FROM] = {"from", 0, "FIT.h5", "with what this fit estimated, in place of its own numbers"},
    [CLI_STUDY] = {"study", 0, "NAME", "of a fit of several: as for this study"},
    [CLI_RESUME] = {"resume", 0, NULL, "go on where an earlier run of the same was interrupted"},
    [CLI_DRY_RUN] = {"dry-run", 0, NULL, "tell what would be done, and how large it is; nothing is written"},
    [CLI_PROGRAM] = {"program", 0, NULL, "the size of what a run goes through, and what is left out"},
    [CLI_QUIET] = {"quiet", 'q', NULL, "errors and warnings only"},
    [CLI_VERBOSE] = {"verbose", 'v', NULL,
                     "tell on stderr what the solver did, and how long it took"},
    [CLI_HELP] = {"help", 'h', NULL, "this text"},
    [CLI_VERSION] = {"version", 'V', NULL, "the version"},
};

static bool takes(const cli_command *command, int option)
{
    return (command->takes >> option) & 1u;
}

static msc_status unknown(const cli_command *command, const char *word, msc_error *err)
{
    const char *candidates[CLI_OPTIONS];
    char name[64];
    size_t n = 0;
    for (int i = 0; i < CLI_OPTIONS; i++) {
        if (takes(command, i)) {
            candidates[n++] = rows[i].name;
        }
    }
    if (strncmp(word, "--", 2) != 0) {
        return msc_fail(err, MSC_E_USAGE, NULL, "no option is called '%s'; see 'mscsim %s --help'",
                        word, command->name);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *nearest = msc_nearest(name, candidates, n);
    return msc_fail(err, MSC_E_USAGE, NULL,
                    "no option is called '--%s'%s%s%s; see 'mscsim %s --help'", name,
                    nearest ? "; did you mean '--" : "", nearest ? nearest : "",
                    nearest ? "'?" : "", command->name);
}

/* getopt_long returned something that is no option. */
static msc_status refuse(const cli_command *command, int what, char **argv, msc_error *err)
{
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    for (int i = 0; i < CLI_OPTIONS; i++) {
        const bool this_one = takes(command, i) && (optopt == CLI_OPTIONS + i ||
                                                    (rows[i].letter && optopt == rows[i].letter));
        if (this_one && what == ':') {
            return msc_fail(err, MSC_E_USAGE, NULL, "option '--%s' needs a value: --%s %s",
                            rows[i].name, rows[i].name, rows[i].argument);
        }
        if (this_one) {
            return msc_fail(err, MSC_E_USAGE, NULL, "option '--%s' takes no value", rows[i].name);
        }
    }
    return unknown(command, optopt ? letter : word, err);
}

static void note(cli_options *options, int option, const char *argument)
{
    options->given[option] = true;
    switch ((cli_option)option) {
    case CLI_OUTPUT: options->output = argument; break;
    case CLI_TITLE: options->title = argument; break;
    case CLI_SET: options->set[options->n_set++] = argument; break;
    case CLI_QUANTITY: options->quantity[options->n_quantity++] = argument; break;
    case CLI_AGAINST: options->against[options->n_against++] = argument; break;
    case CLI_BOUND: options->bound = argument; break;
    case CLI_KIND: options->kind = argument; break;
    case CLI_JOBS: options->jobs = argument; break;
    case CLI_SEED: options->seed = argument; break;
    case CLI_FROM: options->from = argument; break;
    case CLI_STUDY: options->study = argument; break;
    case CLI_RESUME:
    case CLI_DRY_RUN:
    case CLI_FORCE:
    case CLI_CSV:
    case CLI_ENDPOINTS:
    case CLI_LOG:
    case CLI_PROGRAM:
    case CLI_QUIET:
    case CLI_VERBOSE:
    case CLI_HELP:
    case CLI_VERSION:
    case CLI_OPTIONS: break;
    }
}

static int option_of(const cli_command *command, int value)
{
    for (int i = 0; i < CLI_OPTIONS; i++) {
        if (takes(command, i) && (value == CLI_OPTIONS + i || value == rows[i].letter)) {
            return i;
        }
    }
    return -1;
}

static void make_tables(const cli_command *command, char *letters, struct option *longs)
{
    *letters++ = ':';
    for (int i = 0; i < CLI_OPTIONS; i++) {
        if (!takes(command, i)) {
            continue;
        }
        *longs++ = (struct option){rows[i].name, rows[i].argument ? required_argument : no_argument,
                                   NULL, CLI_OPTIONS + i};
        if (rows[i].letter) {
            *letters++ = rows[i].letter;
            if (rows[i].argument) {
                *letters++ = ':';
            }
        }
    }
    *letters = '\0';
    *longs = (struct option){0};
}

msc_status cli_options_read(const cli_command *command, int argc, char **argv, cli_options *options,
                            msc_error *err)
{
    char letters[2 * CLI_OPTIONS + 2];
    struct option longs[CLI_OPTIONS + 1];
    const size_t room = (size_t)argc + 1;
    *options = (cli_options){.set = calloc(room, sizeof *options->set),
                             .quantity = calloc(room, sizeof *options->quantity),
                             .against = calloc(room, sizeof *options->against),
                             .operand = calloc(room, sizeof *options->operand)};
    if (!options->set || !options->quantity || !options->against || !options->operand) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    make_tables(command, letters, longs);
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const int option = option_of(command, c);
        if (option < 0) {
            return refuse(command, c, argv, err);
        }
        note(options, option, optarg);
    }
    for (int i = optind; i < argc; i++) {
        options->operand[options->n_operand++] = argv[i];
    }
    const bool ask = options->given[CLI_HELP] || options->given[CLI_VERSION];
    if (!ask && options->n_operand < command->n_operand) {
        return msc_fail(err, MSC_E_USAGE, NULL, "which file? usage: mscsim %s %s", command->name,
                        command->operands);
    }
    if (!ask && options->n_operand > command->n_operand) {
        return msc_fail(err, MSC_E_USAGE, NULL, "'%s' is one file too many; usage: mscsim %s %s",
                        options->operand[command->n_operand], command->name, command->operands);
    }
    return MSC_OK;
}

void cli_options_clear(cli_options *options)
{
    free(options->set);
    free(options->quantity);
    free(options->against);
    free(options->operand);
    *options = (cli_options){0};
}

void cli_options_list(const cli_command *command)
{
    for (int i = 0; i < CLI_OPTIONS; i++) {
        if (takes(command, i)) {
            const char letter[5] = {'-', rows[i].letter, ',', ' ', '\0'};
            char name[40];
            snprintf(name, sizeof name, "%s--%s%s%s", rows[i].letter ? letter : "    ",
                     rows[i].name, rows[i].argument ? " " : "",
                     rows[i].argument ? rows[i].argument : "");
            printf("  %-21s %s\n", name, rows[i].about);
        }
    }
}
