/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim check: what can be wrong is found without running; faults that do not hang on each other are told together. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status check_sweep(const cli_options *options, msc_error *err)
{
    msc_sweep *sweep = NULL;
    const char *where = NULL, *message;
    msc_status status = msc_sweep_read(options->operand[0], options->set, options->n_set, NULL, &sweep, err);
    for (size_t i = 0; status == MSC_OK && (message = msc_sweep_warning(sweep, i, &where)) != NULL; i++) {
        cli_warn(where, message);
    }
    if (status == MSC_OK && !options->given[CLI_QUIET]) {
        status = msc_sweep_preview(sweep, msc_sweep_file(sweep), 0, stdout, err);
    }
    msc_sweep_free(sweep);
    return status;
}

static msc_status check_fit(const cli_options *options, msc_error *err)
{
    msc_fit *fit = NULL;
    const char *where = NULL, *message;
    msc_status status = msc_fit_read(options->operand[0], options->set, options->n_set, NULL, &fit, err);
    for (size_t i = 0; status == MSC_OK && (message = msc_fit_warning(fit, i, &where)) != NULL; i++) {
        cli_warn(where, message);
    }
    if (status == MSC_OK && !options->given[CLI_QUIET]) {
        status = msc_fit_preview(fit, msc_fit_file(fit), stdout, err);
    }
    msc_fit_free(fit);
    return status;
}

static msc_status check(const cli_options *options, msc_error *err)
{
    msc_scenario *scenario = NULL;
    bool sweep = false, fit = false;
    msc_status status = msc_sweep_wanted(options->operand[0], options->set, options->n_set, &sweep, err);
    if (sweep) {
        return check_sweep(options, err);
    }
    if (status == MSC_OK) {
        status = msc_fit_wanted(options->operand[0], options->set, options->n_set, &fit, err);
    }
    if (fit) {
        return check_fit(options, err);
    }
    if (status == MSC_OK) {
        status = msc_scenario_read(options->operand[0], options->set, options->n_set, &scenario, err);
    }
    if (status == MSC_OK) {
        cli_warn_of_scenario(scenario);
        status = msc_scenario_check(scenario, err);
    }
    if (status == MSC_OK && !options->given[CLI_QUIET]) {
        status = msc_scenario_preview(scenario, stdout, err);
    }
    msc_scenario_free(scenario);
    return cli_tell_faults(options, status, err);
}

const cli_command cli_check = {
    .name = "check",
    .operands = "CONFIG",
    .brief = "what is wrong, or what would be run; runs nothing",
    .text = "Reads the scenario and its model, checks names, units, values and doses, compiles\n"
            "it, and tells the size of what 'run' would do. Writes no file. Of a sweep:\n"
            "the same as `sweep --dry-run`, which tries some scenarios to see how long they take;\n"
            "of a fit, data and all, the same as `fit --dry-run`.\n",
    .takes = 1u << CLI_SET | 1u << CLI_QUIET | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = check,
};
