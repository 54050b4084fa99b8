/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim export: a results file as a table. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status export(const cli_options *options, msc_error *err)
{
    return msc_file_export(options->operand[0], options->quantity, options->n_quantity, stdout,
                           err);
}

const cli_command cli_export = {
    .name = "export",
    .operands = "FILE.h5",
    .brief = "a results file as comma-separated values",
    .text = "One row for each output time, one column for each element of each quantity, its\n"
            "unit in the heading. With -q the columns are those asked for, in that order:\n\n"
            "  mscsim export r.h5 -q live -q occlusion > r.csv\n",
    .takes = 1u << CLI_CSV | 1u << CLI_QUANTITY | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = export,
};
