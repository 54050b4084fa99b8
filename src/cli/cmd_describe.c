/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim describe: what a model or a scenario says, in words and tables. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status describe(const cli_options *options, msc_error *err)
{
    if (!options->given[CLI_PROGRAM]) {
        return msc_model_describe(options->operand[0], options->set, options->n_set, stdout, err);
    }
    msc_scenario *scenario = NULL;
    msc_status status =
        msc_scenario_read(options->operand[0], options->set, options->n_set, &scenario, err);
    if (status == MSC_OK) {
        cli_warn_of_scenario(scenario);
        status = msc_scenario_describe_program(scenario, stdout, err);
    }
    msc_scenario_free(scenario);
    return status;
}

const cli_command cli_describe = {
    .name = "describe",
    .operands = "CONFIG|MODEL",
    .brief = "a model read aloud, with sources and time scales",
    .text = "Also of a model that lacks values because it is there to be extended; with\n"
            "--program, of a scenario that could be run. A model of $MSCSIM_MODELS or an\n"
            "installed one goes by its name:  mscsim describe msc_human\n",
    .takes = 1u << CLI_SET | 1u << CLI_PROGRAM | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = describe,
};
