/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim plot: a figure of a results file. */
#include <string.h>

#include "cli/cli.h"

static msc_status plot(const cli_options *options, msc_error *err)
{
    char left_out[400] = "", remark[400] = "";
    const msc_figure_options figure = {.left_out = left_out,
                                       .left_out_size = sizeof left_out,
                                       .n_quantity = options->n_quantity,
                                       .quantity = options->quantity,
                                       .n_against = options->n_against,
                                       .against = options->against,
                                       .bound = options->bound,
                                       .remark = remark,
                                       .remark_size = sizeof remark,
                                       .kind = options->kind,
                                       .title = options->title,
                                       .log = options->given[CLI_LOG],
                                       .force = options->given[CLI_FORCE]};
    if (!options->output) {
        return msc_fail(err, MSC_E_USAGE, NULL, "where to? give -o FIGURE.svg, .pdf or .png");
    }
    cli_hold_signals();
    const msc_status status = msc_file_plot(options->operand[0], options->output, &figure, err);
    cli_release_signals();
    if (status == MSC_OK) {
        cli_say("the figure is in %s", options->output);
        if (remark[0]) {
            cli_say("%s", remark);
        }
        if (left_out[0]) {
            cli_say("not drawn: %s%s (draw what you want with -q)", left_out,
                    strlen(left_out) + 1 == sizeof left_out ? "..." : "");
        }
    }
    return status;
}

const cli_command cli_plot = {
    .name = "plot",
    .operands = "FILE.h5",
    .brief = "a figure of a results file, by gnuplot",
    .text = "Draws quantities over time, one panel each: a line for each element, a band where\n"
            "the scenario shows a range, doses as dashed lines. The name given by -o ends in\n"
            ".svg, .pdf or .png. Without -q it draws what the scenario's summary names first.\n"
            "Several elements of one quantity ('live[lung]', 'live[liver]') share a panel.\n"
            "A logarithmic axis goes down to the lowest value, but not below a millionth of\n"
            "the highest nor below one cell.\n"
            "Of a sweep it draws endpoints: a grid over two axes as a map, over one as lines,\n"
            "over more as medians with a band from 5 to 95 %; samples as histograms; a kept\n"
            "trajectory named by -q with a band over all scenarios.\n"
            "Of a fit it draws, by --kind, what was observed beside the best fit over time,\n"
            "with a band if there is a posterior; residuals; profiles of the estimates with\n"
            "the line 1.92 below the best; pairs of estimates in the posterior. -q takes what\n"
            "is observed, or estimates.\n"
            "Ends with 74 if gnuplot is not installed.\n\n"
            "  mscsim plot r.h5 -o r.svg\n"
            "  mscsim plot r.h5 -o r.pdf -q live -q 'intact[lung]' --log --title 'Two doses'\n"
            "  mscsim plot s.h5 -o s.svg -q site_auc --bound 'peak_occlusion<=1 percent'\n"
            "  mscsim plot s.h5 -o s.svg --against dose\n"
            "  mscsim plot fit.h5 -o fit.svg --kind profiles -q arrest_lung\n",
    .takes = 1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_QUANTITY | 1u << CLI_LOG |
             1u << CLI_AGAINST | 1u << CLI_BOUND | 1u << CLI_KIND |
             1u << CLI_TITLE | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = plot,
};
