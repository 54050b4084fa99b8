/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fits of a small model, for data that are drawn. */
#include "support/drug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char MODEL[] =
    "parameters: { taken = { unit = \"1/h\"; value = 1.0; about = \"a\"; source = \"assumed: a test\"; };\n"
    "  cleared = { unit = \"1/h\"; value = 0.2; about = \"b\"; source = \"assumed: a test\"; }; };\n"
    "amounts: { gut = { unit = \"mg\"; about = \"a\"; }; plasma = { unit = \"mg\"; about = \"b\"; }; };\n"
    "processes: { take = { from = \"gut\"; to = \"plasma\"; hazard = \"taken\"; };\n"
    "  clear = { from = \"plasma\"; hazard = \"cleared\"; fate = \"cleared_fate\"; }; };\n"
    "routes: { mouth = { to = \"gut\"; }; };\n"
    "outputs: { plasma = { }; };\n";

#define HEAD "model = \"model.cfg\"; regimen = ( { route = \"mouth\"; day = 0.0; dose = \"100 mg\"; } );\n" \
             "output = { until = \"2 day\"; every = \"1 h\"; }; solver = { rtol = 1e-7; };\n"            \
             "fit = { data = \"data.csv\"; starts = 1;\n"
#define RATES "taken = { vary = \"parameters.taken\"; range = [0.3, 10.0]; scale = \"log\"; };\n" \
              "cleared = { vary = \"parameters.cleared\"; range = [0.02, 0.29]; scale = \"log\"; };\n"
static const char *const FIT[DRUG_CASES] = {
    HEAD "estimate: { " RATES " seen = { vary = \"observation.plasma.factor\"; range = [0.1, 10.0]; scale = \"log\"; }; };\n"
         "observe: { plasma = { quantity = \"plasma\"; }; }; };",
    HEAD "estimate: { " RATES " error = { vary = \"observation.plasma.proportional\"; range = [0.01, 2.0]; scale = \"log\"; };\n"
         "  subject = { vary = \"observation.plasma.subject\"; range = [0.01, 2.0]; scale = \"log\"; }; };\n"
         "observe: { plasma = { quantity = \"plasma\"; error = { kind = \"lognormal\"; proportional = 0.2; subject = 0.2; }; }; }; };"};
static const double TRUTH[DRUG_CASES][4] = {{0.7, 0.15, 1.0, 0}, {0.7, 0.15, 0.12, 0.25}};

static void put_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
        abort();
    }
}

/* Sixteen times with an sd each; or thirty subjects with six. Values are to be drawn. */
static void put_data(const char *folder, drug_case which)
{
    static char text[16384];
    snprintf(text, sizeof text, which == DRUG_KNOWN_ERROR ? "time (h),quantity,value,sd,unit\n" : "time (h),group,quantity,value,unit\n");
    const int subjects = which == DRUG_KNOWN_ERROR ? 1 : 30, times = which == DRUG_KNOWN_ERROR ? 16 : 6;
    for (int s = 0; s < subjects; s++) {
        for (int i = 0; i < times; i++) {
            const size_t n = strlen(text);
            if (which == DRUG_KNOWN_ERROR) {
                snprintf(text + n, sizeof text - n, "%g,plasma,%d,2,mg\n", 0.5 + 1.5 * i, 10 + i);
            } else {
                snprintf(text + n, sizeof text - n, "%g,s%d,plasma,%d,mg\n", 0.5 + 4 * i, s, 10 + i);
            }
        }
    }
    put_file(folder, "data.csv", text);
}

msc_fit *drug_fit(drug_case which, double *truth)
{
    char folder[] = "/tmp/mscsim_drug_XXXXXX", path[64], command[64];
    msc_fit *fit = NULL;
    msc_error err = {0};
    if (!mkdtemp(folder)) {
        abort();
    }
    put_file(folder, "model.cfg", MODEL);
    put_file(folder, "fit.cfg", FIT[which]);
    put_data(folder, which);
    snprintf(path, sizeof path, "%s/fit.cfg", folder);
    if (msc_fit_read(path, NULL, 0, NULL, &fit, &err) != MSC_OK) {
        fprintf(stderr, "%s: %s\n", err.where, err.message);
        abort();
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0) {
        abort();
    }
    memcpy(truth, TRUTH[which], sizeof TRUTH[which]);
    return fit;
}
