/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim run: one scenario to a file, and a summary a person can read. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void tell(const msc_result *result, double seconds)
{
    const msc_counts c = msc_result_counts(result);
    cli_say("%s (%s): %llu steps, %llu rejected, %llu evaluations, %llu factorisations; %.3f s",
            c.method, c.kernel, c.steps, c.rejected, c.evaluations, c.factorisations, seconds);
}

static msc_status save(const msc_result *result, const cli_options *options, const char *file, msc_error *err)
{
    cli_hold_signals();
    const msc_status status = msc_result_write(result, file, options->given[CLI_FORCE], err);
    cli_release_signals();
    return status;
}

static msc_status simulate(const cli_options *options, const msc_scenario *scenario,
                           const char *file, msc_result **result, msc_error *err)
{
    const double begin = now();
    msc_status status = msc_scenario_run(scenario, result, err);
    if (status == MSC_OK && options->given[CLI_VERBOSE]) {
        tell(*result, now() - begin);
    }
    if (status == MSC_E_NUMERIC && *result) { /* days that are done are kept */
        const msc_status saved = save(*result, options, file, NULL);
        cli_say(saved == MSC_OK ? "what there is up to then is in %s" : "nothing could be written to %s", file);
        return status;
    }
    if (status == MSC_OK) {
        status = msc_result_add_ranges(*result, err);
    }
    if (status != MSC_OK) {
        return status;
    }
    return save(*result, options, file, err);
}

static msc_status show(const cli_options *options, const msc_result *result, const char *file,
                       msc_error *err)
{
    const char *warning;
    for (size_t i = 0; (warning = msc_result_warning(result, i)) != NULL; i++) {
        cli_warn(msc_result_warning_where(result, i), warning);
    }
    if (options->given[CLI_QUIET]) {
        return MSC_OK;
    }
    const msc_status status = cli_finish_output(msc_result_summarise(result, stdout, err), err);
    if (status == MSC_OK) {
        cli_say("results are in %s", file);
    }
    return status;
}

/* Results are HDF5, whatever the name: a table or a figure of them is another command's. */
static msc_status check_name(const char *file, msc_error *err)
{
    static const char *const other[][2] = {{".csv", "export"}, {".tsv", "export"}, {".txt", "export"}, {".svg", "plot"},
                                           {".pdf", "plot"},   {".png", "plot"}};
    const char *dot = strrchr(file, '.');
    for (size_t i = 0; dot && i < sizeof other / sizeof *other; i++) {
        if (strcmp(dot, other[i][0]) == 0) {
            const int n = (int)(dot - file);
            return msc_fail(err, MSC_E_USAGE, NULL,
                            "'%s': results are HDF5; write %.*s.h5, and then: mscsim %s %.*s.h5 -o %s", file, n, file,
                            other[i][1], n, file, file);
        }
    }
    return MSC_OK;
}

static msc_status run(const cli_options *options, msc_error *err)
{
    const char *config = options->operand[0];
    msc_scenario *scenario = NULL;
    msc_result *result = NULL;
    const char *file = NULL;
    msc_status status = options->output ? check_name(options->output, err) : MSC_OK;
    if (status == MSC_OK && options->study && !options->from) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "--study is of a fit: give it by --from");
    }
    if (status == MSC_OK) {
        status = options->from ? msc_scenario_read_fit(config, options->set, options->n_set, options->from, options->study, &scenario, err)
                               : msc_scenario_read(config, options->set, options->n_set, &scenario, err);
    }
    if (status == MSC_OK) {
        cli_warn_of_scenario(scenario);
        status = msc_scenario_check(scenario, err);
    }
    if (status == MSC_OK) {
        file = options->output ? options->output : msc_scenario_file(scenario);
        status = file ? msc_result_probe(file, options->given[CLI_FORCE], err)
                      : msc_fail(err, MSC_E_USAGE, NULL,
                                 "where to? give -o FILE, or output.file in %s", config);
    }
    if (status == MSC_OK) {
        status = simulate(options, scenario, file, &result, err);
    }
    if (status == MSC_OK) {
        status = show(options, result, file, err);
    }
    const bool refused = !scenario;
    msc_result_free(result);
    msc_scenario_free(scenario);
    return refused && !options->from ? cli_tell_faults(options, status, err) : status;
}

const cli_command cli_run = {
    .name = "run",
    .operands = "CONFIG",
    .brief = "one scenario: results to a file, and a summary",
    .text = "The results file is HDF5 that is also netCDF-4: h5dump, ncdump, h5py, xarray, R\n"
            "and MATLAB read it. It is written whole or not at all, and replaces nothing\n"
            "without -f.\n\n"
            "  mscsim run configs/oi_two_dose.cfg -o r.h5\n"
            "  mscsim run configs/oi_two_dose.cfg -o r.h5 --set parameters.arrest.lung=0.95 \\\n"
            "             --set 'regimen[0].dose=2e6 cell/kg'\n"
            "  mscsim run configs/oi_two_dose.cfg -o r.h5 --from indium_fit.h5\n",
    .takes = 1u << CLI_OUTPUT | 1u << CLI_FORCE | 1u << CLI_SET | 1u << CLI_FROM | 1u << CLI_STUDY |
             1u << CLI_QUIET | 1u << CLI_VERBOSE | 1u << CLI_HELP | 1u << CLI_VERSION,
    .n_operand = 1,
    .run = run,
};
