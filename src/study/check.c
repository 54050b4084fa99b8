/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be wrong in a scenario beyond what reading it finds, and is found without a run. */
#include <string.h>

#include "study/study.h"

/* output.file is where a config may put something: beside or below where the program was started. */
void msc_check_file(msc_arena *arena, const msc_conf *node, const char *path)
{
    bool leaves = path[0] == '/' || path[0] == '\0';
    for (const char *at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        leaves = leaves || (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'));
    }
    if (leaves) {
        msc_conf_fail(
            arena, node,
            "'%s' is outside of the folder from which mscsim is started: such a file is named by the user alone "
            "(-o)",
            path);
    }
}

static void check_ranges(msc_arena *arena, const msc_scenario *s)
{
    for (size_t i = 0; i < s->n_range; i++) {
        for (size_t k = 0; k < s->range[i].n_value; k++) {
            msc_scenario_free(msc_range_scenario(arena, s, &s->range[i], k));
        }
    }
}

msc_status msc_scenario_check(const msc_scenario *scenario, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    if (scenario->file) {
        msc_check_file(arena, msc_conf_find(msc_conf_find(scenario->model->tree, "output"), "file"), scenario->file);
    }
    (void)msc_summary_read(arena, scenario);
    (void)msc_record(arena, scenario, NULL);
    check_ranges(arena, scenario);
    msc_arena_free(arena);
    return MSC_OK;
}
