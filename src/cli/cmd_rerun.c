/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim rerun: a results file made again from what it says of itself, and held against it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

/* "a/r.h5" to "a/r.rerun.h5"; the caller frees. */
static char *default_name(const char *file)
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(slash ? slash : file, '.');
    const size_t n = strlen(file),
                 stem = dot && dot > (slash ? slash + 1 : file) ? (size_t)(dot - file) : n;
    char *name = malloc(n + sizeof ".rerun.h5");
    if (name) {
        memcpy(name, file, stem);
        strcpy(name + stem, ".rerun");
        strcat(name, stem < n ? file + stem : ".h5");
    }
    return name;
}

static void say(const cli_options *options, const char *text, const char *file, const char *name)
{
    if (!options->given[CLI_QUIET]) {
        printf("%s: %s as %s\n", name, text, file);
    }
}

/* What the comparison says, in a sentence. */
static msc_status judge(const cli_options *options, const msc_comparison *c, const char *file,
                        const char *name, msc_error *err)
{
    if (c->same_bytes) {
        say(options, "the same bytes", file, name);
        return MSC_OK;
    }
    if (c->same) {
        say(options, "the same numbers and texts, if not the same bytes (another HDF5 wrote them),",
            file, name);
        return MSC_OK;
    }
    if (c->what[0]) {
        return msc_fail(err, MSC_E_NUMERIC, NULL, "%s is not as %s: %s", name, file, c->what);
    }
    if (!c->within) {
        return msc_fail(err, MSC_E_NUMERIC, NULL,
                        "%s differs from %s by up to %.2g, in %s; %.2g is allowed", name, file,
                        c->largest, c->at, c->allowed);
    }
    if (c->same_program) {
        return msc_fail(
            err, MSC_E_NUMERIC, NULL,
            "%s differs from %s by up to %.2g%s%s, though both are of %s: of another build or library, or "
            "%s was changed",
            name, file, c->largest, c->at[0] ? ", in " : "", c->at, c->program[0], file);
    }
    if (!options->given[CLI_QUIET]) {
        printf("%s: within tolerance of %s: they differ by up to %.2g%s%s; %.2g is allowed\n", name,
               file, c->largest, c->at[0] ? ", in " : "", c->at, c->allowed);
        printf("(%s is of %s, this is %s: the same bytes are promised for equal programs only)\n",
               file, c->program[0], c->program[1]);
    }
    return MSC_OK;
}

/* What is to be compared with must not be replaced. */
static msc_status keep_apart(const char *file, const char *name, msc_error *err)
{
    struct stat a, b;
    if (stat(file, &a) == 0 && stat(name, &b) == 0 && a.st_dev == b.st_dev &&
        a.st_ino == b.st_ino) {
        return msc_fail(err, MSC_E_USAGE, NULL,
                        "'%s' is the file that is to be made again; give another -o", name);
    }
    return MSC_OK;
}

static msc_status repeat_scenario(const cli_options *options, const msc_recipe *recipe, const char *name, msc_error *err)
{
    msc_result *result = NULL;
    msc_status status = msc_recipe_run(recipe, &result, err);
    if (status == MSC_E_NUMERIC && result) { /* as the first time, perhaps */
        cli_complain(err);
        status = MSC_OK;
    }
    if (status == MSC_OK) {
        cli_hold_signals();
        status = msc_result_write(result, name, options->given[CLI_FORCE], err);
        cli_release_signals();
    }
    msc_result_free(result);
    return status;
}

/* One that is interrupted goes on the next time. */
static msc_status repeat_sweep(const cli_options *options, const msc_recipe *recipe, const char *name, msc_error *err)
{
    msc_swept *swept = NULL;
    const bool force = options->given[CLI_FORCE];
    const msc_sweep_options how = {.file = name, .force = force, .resume = !force, .stop = cli_ask_to_stop()};
    const msc_status status = msc_sweep_run(msc_recipe_sweep(recipe), &how, &swept, err);
    msc_swept_free(swept);
    return status;
}

static msc_status repeat(const cli_options *options, const char *file, const char *name,
                         msc_error *err)
{
    msc_recipe *recipe = NULL;
    msc_comparison comparison;
    msc_status status = keep_apart(file, name, err);
    if (status == MSC_OK) {
        status = msc_result_probe(name, options->given[CLI_FORCE], err);
    }
    if (status == MSC_OK) {
        status = msc_recipe_read(file, &recipe, err);
    }
    if (status == MSC_OK) {
        status = msc_recipe_sweep(recipe) ? repeat_sweep(options, recipe, name, err)
                                          : repeat_scenario(options, recipe, name, err);
    }
    msc_recipe_free(recipe);
    if (status == MSC_OK) {
        status = msc_file_compare(file, name, &comparison, err);
    }
    return status == MSC_OK ? judge(options, &comparison, file, name, err) : status;
}

static msc_status rerun(const cli_options *options, msc_error *err)
{
    const char *file = options->operand[0];
    char *name = options->output ? NULL : default_name(file);
    if (!options->output && !name) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    const msc_status status = repeat(options, file, name ? name : options->output, err);
    free(name);
    if (status == MSC_E_STOPPED) {
        cli_complain(err);
        cli_end_by_signal();
    }
    return status;
}

const cli_command cli_rerun = {
    .name = "rerun",
    .operands = "FILE.h5",
    .brief = "a results file made again from what it records",
    .text = "Runs the texts and settings that are recorded in FILE.h5, writes FILE.rerun.h5 or\n"
            "what -o names, and compares. The same version and kernel give the same bytes.\n"
            "Others give the same numbers within the solver's tolerance; the largest\n"
            "difference is told: as a share of the number, or of a thousandth of the largest\n"
            "in its variable if that is more. Ends with 1 if they differ by more. A sweep is\n"
            "run again as a whole.\n",
    .takes =
        1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_QUIET | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = rerun,
};
