/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim validate: the literature beside the models. */
#include <stdio.h>

#include "cli/cli.h"

static msc_status judge(const msc_validation *validation, const char *file, msc_error *err)
{
    const size_t n = msc_validation_surprises(validation);
    if (n == 0) {
        return MSC_OK;
    }
    return msc_fail(err, MSC_E_NUMERIC, file, "%zu of %zu rows %s not as expected", n,
                    msc_validation_rows(validation, NULL), n == 1 ? "is" : "are");
}

static msc_status validate(const cli_options *options, msc_error *err)
{
    const char *file = options->operand[0];
    msc_validation *validation = NULL;
    msc_status status = msc_validation_read(file, &validation, err);
    if (status == MSC_OK) {
        status = msc_validation_run(validation, err);
    }
    if (status == MSC_OK) {
        status = msc_validation_print(validation, options->given[CLI_QUIET], stdout, err);
    }
    if (status == MSC_OK) {
        status = judge(validation, file, err);
    }
    msc_validation_free(validation);
    return status;
}

const cli_command cli_validate = {
    .name = "validate",
    .operands = "FILE",
    .brief = "the literature beside what the models say",
    .text = "Runs the scenarios that the rows of FILE name, and shows the model's number, the\n"
            "published window, whether the one lies in the other, whether the row was used in\n"
            "choosing numbers of the model, and where target and window come from. Rows that\n"
            "do not fit are shown too. Ends with 1 if a row is not as its 'expected' says.\n"
            "With -q only such rows are shown.\n\n"
            "  mscsim validate configs/literature.cfg\n",
    .takes = 1u << CLI_QUIET | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = validate,
};
