/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim COMMAND ...: finds the command in a table and lets it work. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#ifndef MSC_CONFIGS_DIR
#define MSC_CONFIGS_DIR "/usr/local/share/mscsim/configs"
#endif

static const cli_command *const commands[] = {&cli_run,      &cli_check, &cli_describe, &cli_export,
                                              &cli_validate, &cli_rerun, &cli_plot,  &cli_sweep, &cli_fit};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_version(void)
{
    printf("mscsim %s\n"
           "Copyright the mscsim contributors. Free software under the GNU General Public\n"
           "License, version 3 or later; there is no warranty.\n",
           msc_version());
}

static void print_help(void)
{
    printf("mscsim: where infused cells go, and how long they live\n\nusage:\n");
    for (int i = 0; i < COMMANDS; i++) {
        printf("  mscsim %-8s %-12s %s\n", commands[i]->name, commands[i]->operands,
               commands[i]->brief);
    }
    printf("\n'mscsim COMMAND --help' says more of a command; 'mscsim --version' tells the\n"
           "version. A first try, with a scenario that comes along:\n"
           "  mscsim run configs/oi_two_dose.cfg\n"
           "which, where mscsim is installed, is\n"
           "  " MSC_CONFIGS_DIR "/oi_two_dose.cfg\n\n"
           "exit codes: 0 fine; 1 finished, but a scenario failed; 64 usage; 65 bad data\n"
           "file; 66 input cannot be opened; 70 our bug; 71 out of memory; 73 output cannot\n"
           "be created; 74 input or output failed; 75 output in use; 78 bad config or\n"
           "model; 130, 143 ended by a signal\n");
}

static void print_command_help(const cli_command *command)
{
    printf("mscsim %s %s [OPTION]...\n%s\n\n%s\noptions:\n", command->name, command->operands,
           command->brief, command->text);
    cli_options_list(command);
}

static bool ends_in(const char *word, const char *ending)
{
    const size_t n = strlen(word), m = strlen(ending);
    return n > m && strcmp(word + n - m, ending) == 0;
}

/* What stands in a command's place is a file. */
static const char *command_for(const char *word)
{
    return ends_in(word, ".cfg") ? "run" : ends_in(word, ".h5") ? "plot" : NULL;
}

static const cli_command *find(const char *name, msc_error *err)
{
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) {
        names[i] = commands[i]->name;
        if (strcmp(name, names[i]) == 0) {
            return commands[i];
        }
    }
    const char *meant = command_for(name);
    if (meant) {
        (void)msc_fail(err, MSC_E_USAGE, NULL, "the command comes first: mscsim %s %s; see 'mscsim --help'", meant, name);
        return NULL;
    }
    const char *nearest = msc_nearest(name, names, COMMANDS);
    (void)msc_fail(err, MSC_E_USAGE, NULL, "no command is called '%s'%s%s%s; see 'mscsim --help'",
                   name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?" : "");
    return NULL;
}

static msc_status run_command(const cli_command *command, int argc, char **argv, msc_error *err)
{
    cli_options options;
    msc_status status = cli_options_read(command, argc, argv, &options, err);
    if (status == MSC_OK) {
        if (options.given[CLI_HELP]) {
            print_command_help(command);
        } else if (options.given[CLI_VERSION]) {
            print_version();
        } else {
            status = command->run(&options, err);
        }
    }
    cli_options_clear(&options);
    return status;
}

static bool is_command(const char *word)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(word, commands[i]->name) == 0) {
            return true;
        }
    }
    return false;
}

/* "--verison", or an option before its command. */
static msc_status no_command(const char *word, int argc, char **argv, msc_error *err)
{
    static const char *const known[] = {"--help", "--version"};
    for (int i = 2; i < argc; i++) {
        if (is_command(argv[i])) {
            return msc_fail(err, MSC_E_USAGE, NULL, "the command comes before its options; see 'mscsim --help'");
        }
    }
    const char *nearest = msc_nearest(word, known, 2);
    return msc_fail(err, MSC_E_USAGE, NULL, "no option is called '%s'%s%s%s; see 'mscsim --help'", word,
                    nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static msc_status dispatch(int argc, char **argv, msc_error *err)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word) {
        return msc_fail(err, MSC_E_USAGE, NULL, "what shall be done? see 'mscsim --help'");
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help();
        return MSC_OK;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        print_version();
        return MSC_OK;
    }
    if (strcmp(word, "help") == 0 && argc > 2) {
        const cli_command *asked = find(argv[2], err);
        if (asked) {
            print_command_help(asked);
        }
        return asked ? MSC_OK : MSC_E_USAGE;
    }
    if (strcmp(word, "help") == 0) {
        print_help();
        return MSC_OK;
    }
    if (word[0] == '-') {
        return no_command(word, argc, argv, err);
    }
    const cli_command *command = find(word, err);
    return command ? run_command(command, argc - 1, argv + 1, err) : MSC_E_USAGE;
}

int main(int argc, char **argv)
{
    msc_error err = {0};
    cli_begin();
    const msc_status status = cli_finish_output(dispatch(argc, argv, &err), &err);
    if (status != MSC_OK) {
        cli_complain(&err);
    }
    return msc_status_exit_code(status);
}
