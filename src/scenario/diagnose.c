/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a run ended, in words. */
#include <stdio.h>

#include "scenario/scenario.h"

/* Of a negative flow, the language's own word (ruling 9). */
static const char *end_text(msc_engine_end end)
{
    return end == MSC_END_NEGATIVE ? "negative flow" : msc_engine_end_text(end);
}

void msc_scenario_diagnose(const msc_scenario *s, const double *input, const msc_engine_report *report, msc_error *err)
{
    const msc_program *p = s->program;
    char fastest[256] = "";
    const char *where = s->path;
    if (report->state != MSC_NONE && report->u) {
        msc_program_explain(p, input, report->u, report->state, fastest, sizeof fastest);
    }
    if (report->guard != MSC_NONE) {
        where = p->guard[report->guard].where;
        const msc_guard *g = &p->guard[report->guard];
        const bool says = g->kind == MSC_GUARD_CHECK && g->about;
        char step[64] = ""; /* guards are looked at where steps end: it happened within the last one */
        if (report->h > 0) {
            snprintf(step, sizeof step, ", the end of a step of %.3g %s", report->h, s->model->time_unit);
        }
        msc_fail(err, MSC_E_NUMERIC, where, "%s: %s at t = %.8g %s%s%s%s", end_text(report->end), g->name, report->t,
                 s->model->time_unit, step, says ? ": " : "", says ? g->about : "");
        return;
    }
    msc_fail(err, MSC_E_NUMERIC, where, "%s at t = %.8g %s (step %.3g %s)%s%s%s%s", msc_engine_end_text(report->end),
             report->t, s->model->time_unit, report->h, s->model->time_unit,
             report->state != MSC_NONE ? "; largest error in " : "",
             report->state != MSC_NONE ? p->state_name[report->state] : "", fastest[0] ? ", moved fastest by " : "", fastest);
}
