/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim check: what can be wrong is found without running; the first fault is told. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status check(const cli_options *options, msc_error *err)
{
    msc_scenario *scenario = NULL;
    msc_status status =
        msc_scenario_read(options->operand[0], options->set, options->n_set, &scenario, err);
    if (status == MSC_OK) {
        cli_warn_of_scenario(scenario);
        status = msc_scenario_check(scenario, err);
    }
    if (status == MSC_OK && !options->given[CLI_QUIET]) {
        status = msc_scenario_preview(scenario, stdout, err);
    }
    msc_scenario_free(scenario);
    return status;
}

const cli_command cli_check = {
    .name = "check",
    .operands = "CONFIG",
    .brief = "what is wrong, or what would be run; runs nothing",
    .text = "Reads the scenario and its model, checks names, units, values and doses, compiles\n"
            "it, and tells the size of what 'run' would do. Writes no file.\n",
    .takes = 1u << CLI_SET | 1u << CLI_QUIET | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = check,
};
