/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario run from a program of your own: run_scenario FILE.cfg QUANTITY ["KEY=VALUE" ...] */
#include <stdio.h>

#include <mscsim.h>

int main(int argc, char **argv)
{
    msc_scenario *scenario = NULL;
    msc_result *result = NULL;
    msc_error err = {0};
    double peak, when;
    const char *unit = "";
    size_t elements = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: run_scenario FILE.cfg QUANTITY [\"KEY=VALUE\" ...]\n");
        return msc_status_exit_code(MSC_E_USAGE);
    }
    const char *name = argv[2], *const *settings = (const char *const *)argv + 3;
    if (msc_scenario_read(argv[1], settings, (size_t)argc - 3, &scenario, &err) == MSC_OK &&
        msc_scenario_run(scenario, &result, &err) == MSC_OK) {
        if (!msc_result_values(result, name, &elements, &unit)) {
            (void)msc_fail(&err, MSC_E_USAGE, NULL, "no quantity is named '%s'", name);
        }
        for (size_t e = 0; e < elements; e++) {
            if (msc_result_peak(result, name, e, &peak, &when, &err) == MSC_OK) {
                const char *element = msc_result_element(result, name, e);
                printf("%-12s %10.4g %s at %.4g %s\n", element ? element : name, peak, unit, when,
                       msc_result_time_unit(result));
            }
        }
    }
    if (err.status != MSC_OK) {
        char text[2048];
        msc_error_text(&err, text, sizeof text);
        fprintf(stderr, "run_scenario: %s\n", text);
    }
    msc_result_free(result);
    msc_scenario_free(scenario);
    return msc_status_exit_code(err.status);
}
