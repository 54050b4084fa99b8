/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim export: a results file as a table. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static msc_status export_to(const cli_options *options, FILE *stream, msc_error *err)
{
    if (options->given[CLI_ENDPOINTS] && options->n_quantity > 0) {
        return msc_fail(err, MSC_E_USAGE, NULL, "either --endpoints or quantities (-q)");
    }
    if (options->given[CLI_ENDPOINTS]) {
        return msc_file_export_endpoints(options->operand[0], stream, err);
    }
    return msc_file_export(options->operand[0], options->quantity, options->n_quantity, stream, err);
}

static msc_status export(const cli_options *options, msc_error *err)
{
    const char *path = options->output;
    if (!path || strcmp(path, "-") == 0) {
        return export_to(options, stdout, err);
    }
    msc_status status = msc_file_probe(path, options->given[CLI_FORCE], err);
    if (status != MSC_OK) {
        return status;
    }
    char name[4096]; /* beside it, so that a file that is replaced stays whole until the new one is complete */
    if (snprintf(name, sizeof name, "%s.tmp.%ld", path, (long)getpid()) >= (int)sizeof name) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL, "'%s' cannot be created: the name is too long", path);
    }
    FILE *stream = fopen(name, "wx");
    if (!stream) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL, "'%s' cannot be created: %s", path, strerror(errno));
    }
    status = export_to(options, stream, err);
    if ((fclose(stream) != 0 || (status == MSC_OK && rename(name, path) != 0)) && status == MSC_OK) {
        status = msc_fail(err, MSC_E_IO, NULL, "cannot write '%s': %s", path, strerror(errno));
    }
    if (status != MSC_OK) {
        (void)unlink(name);
    }
    return status;
}

const cli_command cli_export = {
    .name = "export",
    .operands = "FILE.h5",
    .brief = "a results file as comma-separated values",
    .text = "One row for each output time, one column for each element of each quantity, its\n"
            "unit in the heading. With -q the columns are those asked for, in that order.\n"
            "Of a sweep one row for each scenario. If -q names a kept trajectory, a row for each\n"
            "time of each scenario; axes and endpoints named beside it stand in all of them.\n"
            "'live[24.5 h,lung]' is the value at that time, a row for each scenario.\n"
            "Of a fit one row for each estimate.\n"
            "Single numbers are a row each: name, value, unit, mark, text, and between these the\n"
            "lowest and highest of what is shown as a range, with their marks.\n\n"
            "  mscsim export r.h5 -q 'live[lung]' -q occlusion -o r.csv\n"
            "  mscsim export r.h5 --endpoints\n"
            "  mscsim export s.h5 -q dose -q 'live[site]' -o s.csv\n",
    .takes = 1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_CSV | 1u << CLI_QUANTITY | 1u << CLI_ENDPOINTS | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = export,
};
