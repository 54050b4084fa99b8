/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim describe: what a model or a scenario says, in words and tables. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status describe(const cli_options *options, msc_error *err)
{
    return msc_model_describe(options->operand[0], options->set, options->n_set, stdout, err);
}

const cli_command cli_describe = {
    .name = "describe",
    .operands = "CONFIG|MODEL",
    .brief = "a model read aloud, with sources and time scales",
    .text = "Also of a model that lacks values because it is there to be extended.\n",
    .takes = 1u << CLI_SET | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = describe,
};
