/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shipped models, found by looking. */
#include "support/shipped.h"

#include <check.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/dense.h"

enum { MOST = 64, LONG = 256 };

static char names[MOST][LONG];
static int n_name = -1;

static bool complete(const char *path)
{
    msc_scenario *s = NULL;
    const char *settings[] = {"output={until=\"1 h\";every=\"1 h\";}",
                              "regimen=({route=\"intravenous\";day=0.0;dose=\"1e6 cell\";})"};
    const msc_status status = msc_scenario_read(path, settings, 2, &s, NULL);
    msc_scenario_free(s);
    return status == MSC_OK;
}

static void look(void)
{
    const char *top = getenv("TOP");
    static const char *const where[] = {"models/*.cfg", "models/*/*.cfg"};
    n_name = 0;
    for (size_t k = 0; k < 2; k++) {
        glob_t found;
        char pattern[4 * LONG]; /* no test is running yet: nothing here may assert */
        snprintf(pattern, sizeof pattern, "%s/%s", top != NULL ? top : ".", where[k]);
        if (glob(pattern, 0, NULL, &found) != 0) {
            continue;
        }
        for (size_t i = 0; i < found.gl_pathc && n_name < MOST; i++) {
            if (complete(found.gl_pathv[i])) {
                snprintf(names[n_name++], LONG, "%s", strstr(found.gl_pathv[i], "models/"));
            }
        }
        globfree(&found);
    }
}

int shipped_count(void)
{
    if (n_name < 0) {
        look();
    }
    return n_name;
}

const char *shipped_name(int i)
{
    return names[i];
}

/* Two doses in different ways, one of thawed cells; an injury; foreign cells: nothing is sliced off
 * because it is not used. */
lab *shipped_model(int i)
{
    static const char *const settings[] = {"parameters.mismatch=0.5", "parameters.injury=1.0", "parameters.shunt=0.1",
                                           "parameters.inhibitor_initial=0.3", "parameters.proliferation=0.01", NULL};
    if (i >= shipped_count()) {
        return NULL;
    }
    return lab_on(names[i],
                  "regimen = ( { route = \"intravenous\"; day = 1.0; dose = \"1e6 cell\"; duration = \"30 min\"; viability = 0.9; },\n"
                  "  { route = \"umbilical\"; day = 2.0; dose = \"5e5 cell\"; duration = \"30 min\"; product_share = { thawed = 1.0; others = 0.0; }; },\n"
                  "  { route = \"local\"; day = 2.0; dose = \"5e5 cell\"; } );\n"
                  "output = { until = \"3 day\"; every = \"6 h\"; };\n",
                  settings);
}

const double *shipped_registers(const lab *l)
{
    return lab_result(l)->prepared.reg;
}

const double *shipped_scales(const lab *l)
{
    return lab_result(l)->prepared.scale;
}

double *shipped_place(const lab *l, uint64_t seed)
{
    const msc_program *p = lab_scenario(l)->program;
    double *u = dense_new(p->n_u), *given = u + p->first_given;
    for (uint32_t i = 0; i < p->n_state; i++) {
        u[i] = shipped_scales(l)[i] * pow(10.0, -3.0 * lab_random(&seed));
    }
    given[0] = 72.0 * lab_random(&seed);
    for (uint32_t i = 1; i < p->n_given; i++) {
        given[i] = 1e6 * lab_random(&seed);
    }
    for (uint32_t i = 0; i < p->n_switch; i++) {
        given[p->switches[i].slot] = lab_random(&seed) < 0.5 ? 0.0 : 1.0;
    }
    msc_program_nodes(p, shipped_registers(l), u, 0, p->n_node);
    return u;
}

msc_request shipped_request(const lab *l, bool keep_all)
{
    const msc_scenario *s = lab_scenario(l);
    msc_dose_shape *shape = MSC_NEW(s->arena, msc_dose_shape, s->n_dose + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        shape[d] = (msc_dose_shape){.route = dose->route, .per = dose->per, .n_take = dose->n_take, .n_load = dose->n_load};
        shape[d].take = MSC_NEW(s->arena, struct msc_take, dose->n_take + 1);
        for (size_t i = 0; i < dose->n_take; i++) {
            shape[d].take[i] = (struct msc_take){
                .parameter = dose->take[i].parameter, .instance = dose->take[i].instance, .rest = dose->take[i].rest};
        }
        shape[d].load = MSC_NEW(s->arena, uint32_t, dose->n_load + 1);
        for (size_t i = 0; i < dose->n_load; i++) {
            shape[d].load[i] = dose->load[i].cargo;
        }
    }
    return (msc_request){.n_output = s->n_output, .output = s->output, .n_dose = s->n_dose, .dose = shape,
                         .ledger = s->ledger, .keep_all = keep_all};
}
