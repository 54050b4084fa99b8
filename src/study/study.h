/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to this floor: what a scenario's `output` names, and how it is shown. */
#ifndef MSC_STUDY_STUDY_H
#define MSC_STUDY_STUDY_H

#include "scenario/scenario.h"
#include "store/dataset.h"

/* pick.c: a quantity of the results, or one element of it: "live", "live[site]". */
typedef struct {
    uint32_t quantity;
    bool all;
    uint32_t element; /* unless all */
    const char *text; /* as written */
    const msc_conf *origin;
} msc_pick;
/* node: the string. Throws naming the nearest. */
msc_pick msc_pick_read(msc_arena *arena, const msc_scenario *s, const msc_conf *node);
/* An output of the model that a later output.quantities does not ask for. */
bool msc_pick_overtaken(msc_arena *arena, const msc_scenario *s, const msc_conf *node);
/* The strings of a list or an array as picks, without those that are overtaken. */
msc_pick *msc_pick_list(msc_arena *arena, const msc_scenario *s, const msc_conf *node, size_t *n);

/* ranges.c: what output.ranges shows, without numbers yet. Throws. */
msc_spread *msc_spread_plan(msc_arena *arena, const msc_scenario *s, size_t *n);
/* The endpoints that are shown as ranges, without numbers: [endpoints]. */
msc_endpoint_spread *msc_spread_endpoints(msc_arena *arena, const msc_scenario *s);
const msc_spread *msc_spread_of(const msc_result *r, uint32_t quantity); /* or NULL */
/* Is this element shown as a range? */
bool msc_spread_shows(const msc_result *r, uint32_t quantity, uint32_t element);
/* Read the scenario once more with a range's k-th value. The caller frees. Throws. */
msc_scenario *msc_range_scenario(msc_arena *arena, const msc_scenario *s, const msc_range *range,
                                 size_t k);

/* The value that a model has itself, in the parameter's unit, of "parameters.arrest.lung"; NaN if it is not one number. */
double msc_range_own(msc_arena *arena, const msc_model *model, const char *path);
/* The scenario's own values of what its ranges vary: "parameters.arrest.lung = 0.207; …". */
const char *msc_ranges_own(msc_arena *arena, const msc_scenario *s);

/* record.c: all that the file holds. r NULL: names only, to see whether they clash. Throws. */
/* A file's name as seen from the folder of the first, so that neither the user's folder nor the place
 * where the program was started is recorded. */
const char *msc_record_name(msc_arena *arena, const char *first, const char *name);
/* The names of n files, the first of which is the config. Where a model that was found elsewhere has a part that is called as one
 * of the user's, and is another, the models are put into folders of their own, by the folder they were found in: "@models/x.cfg",
 * "@models.2/y.cfg"; a rerun tells them apart by it. */
#define MSC_RECORD_LIBRARY "@models"
const char **msc_record_names(msc_arena *arena, size_t n, const struct msc_source *source);
msc_dataset msc_record(msc_arena *arena, const msc_scenario *s, const msc_result *r);

/* check.c: throws if a config names a file outside of the folder from which mscsim is started. */
void msc_check_file(msc_arena *arena, const msc_conf *node, const char *path);

/* page of output.summary. Throws. */
typedef struct {
    size_t n_peak, n_table, n_at, n_ledger;
    bool own_peaks; /* the scenario names them */
    msc_pick *peak, *table;
    double *at;  /* the model's time unit; none: default_at */
    int *ledger; /* pools */
} msc_summary;
msc_summary msc_summary_read(msc_arena *arena, const msc_scenario *s);

#endif
