/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section output: until when, at which times, which quantities (language §10). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/read.h"
#include "scenario/regimen.h"

enum { TIMES_MOST = 1000000 };

static void read_quantities(msc_scenario *s, const msc_conf *list)
{
    const msc_model *m = s->model;
    s->output = MSC_NEW(s->arena, int, m->n_output + (list ? list->n : 0) + 1);
    for (size_t i = 0; !list && i < m->n_output; i++) {
        if (m->output[i].shape.n > 0) { /* over a set that is empty here, there is nothing of it */
            s->output[s->n_output++] = (int)i;
        }
    }
    if (list && list->kind != MSC_CONF_ARRAY && list->kind != MSC_CONF_LIST) {
        msc_conf_fail(s->arena, list, "a list of names of outputs is wanted; e.g. [\"live\"]");
    }
    const char **known = MSC_NEW(s->arena, const char *, m->n_output + 1);
    for (size_t i = 0; i < m->n_output; i++) {
        known[i] = m->output[i].name;
    }
    for (size_t i = 0; list && i < list->n; i++) {
        const char *name = msc_conf_string(s->arena, list->child[i]);
        const int k = msc_model_find_output(m, name);
        const char *whole = msc_arena_strndup(s->arena, name, strcspn(name, "["));
        if (k < 0 && msc_model_find_output(m, whole) >= 0) {
            msc_conf_fail(s->arena, list->child[i], "outputs are stored whole: take '%s'", whole);
        }
        if (k < 0) {
            msc_conf_fail(s->arena, list->child[i], "the model has no output '%s'%s", name,
                          msc_text_suggest(s->arena, name, known, m->n_output));
        }
        if (m->output[k].shape.n == 0) {
            msc_conf_fail(s->arena, list->child[i], "'%s' is over a set that is empty: there is nothing to store", name);
        }
        for (size_t j = 0; j < s->n_output; j++) {
            if (s->output[j] == k) {
                msc_conf_fail(s->arena, list->child[i], "'%s' is asked for twice", name);
            }
        }
        s->output[s->n_output++] = k;
    }
}

static int by_time(const void *a, const void *b)
{
    const msc_engine_time *x = a, *y = b;
    if (x->t != y->t) {
        return x->t < y->t ? -1 : 1;
    }
    return (int)y->before - (int)x->before;
}

static void put_time(msc_scenario *s, size_t *cap, double t, bool before)
{
    if (s->n_time >= TIMES_MOST) {
        msc_conf_fail(s->arena, msc_conf_find(s->model->tree, "output"), "more than %d output times", TIMES_MOST);
    }
    *MSC_PUSH(s->arena, s->time, s->n_time, *cap) = (msc_engine_time){t, before};
}

/* Starts and ends of doses: always among the output times, but where another run has them elsewhere. */
static void put_dose_times(msc_scenario *s, size_t *cap)
{
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        for (long k = 0; k < dose->repeat; k++) {
            const double edge[2] = {msc_dose_begin(dose, k), msc_dose_end(dose, k)};
            const bool moves = dose->varied.at || (k > 0 && dose->varied.interval);
            const bool fixed[2] = {!moves, !moves && !dose->varied.duration};
            for (int e = 0; e < (dose->duration > 0 ? 2 : 1); e++) {
                if (fixed[e] && edge[e] >= s->start && edge[e] <= s->until) {
                    put_time(s, cap, edge[e], false);
                    if (s->both_sides) {
                        put_time(s, cap, edge[e], true);
                    }
                }
            }
        }
    }
}

static void put_grid(msc_scenario *s, const msc_conf *output, long double start, size_t *cap)
{
    const msc_conf *every = msc_conf_find(output, "every"), *times = msc_conf_find(output, "times");
    if (!every == !times && !(s->cut && !every)) {
        msc_conf_fail(s->arena, output, "give either every (e.g. every = \"6 h\";) or times (e.g. times = [\"1 h\", \"1 day\"];)");
    }
    if (times && times->kind != MSC_CONF_ARRAY && times->kind != MSC_CONF_LIST) {
        msc_conf_fail(s->arena, times, "a list of times is wanted; e.g. [\"1 h\", \"1 day\"]");
    }
    for (size_t i = 0; times && i < times->n; i++) {
        const double t = msc_scenario_time(s, s->arena, times->child[i], s->model->time_unit);
        if (t < s->start || t > s->until) {
            msc_conf_fail(s->arena, times->child[i], "this time is outside of the run");
        }
        put_time(s, cap, t, false);
    }
    if (every) {
        const long double step = msc_scenario_exact(s, s->arena, every, s->model->time_unit);
        if (!(step > 0)) {
            msc_conf_fail(s->arena, every, "the time between two outputs is positive");
        }
        if ((s->until - s->start) / step > TIMES_MOST) {
            msc_conf_fail(s->arena, every, "this makes more than %d output times", TIMES_MOST);
        }
        for (long k = 0; msc_moment(start + (long double)k * step) < s->until; k++) {
            put_time(s, cap, msc_moment(start + (long double)k * step), false);
        }
        put_time(s, cap, s->until, false);
    }
}

/* Ascending, each once. */
static void tidy_times(msc_scenario *s)
{
    size_t n = 0;
    if (s->n_time > 0) {
        qsort(s->time, s->n_time, sizeof *s->time, by_time);
    }
    for (size_t i = 0; i < s->n_time; i++) {
        if (n == 0 || by_time(&s->time[n - 1], &s->time[i]) != 0) {
            s->time[n++] = s->time[i];
        }
    }
    s->n_time = n;
}

/* Both sides of switches and of the nodes of tables, which only now are known. */
void msc_output_add_stops(msc_scenario *s, const msc_engine_job *job)
{
    size_t cap = s->n_time;
    for (size_t i = 1; i + 1 < job->n_stop; i++) {
        put_time(s, &cap, job->stop[i], true);
        put_time(s, &cap, job->stop[i], false);
    }
    tidy_times(s);
}

/* Times that whoever reads it wants: nothing is said of the config's own. */
static void put_given(msc_scenario *s, const msc_reading *how, size_t *cap)
{
    for (size_t i = 0; i < how->n_time; i++) {
        const double t = msc_moment(how->time[i]);
        if (!(t >= s->start && t <= s->until)) {
            msc_throw(s->arena, MSC_E_USAGE, s->path, "a time that is asked for, %.15g %s, is outside of the run", t, s->model->time_unit);
        }
        put_time(s, cap, t, false);
    }
}

static void read_times(msc_scenario *s, const msc_conf *output, const msc_reading *how)
{
    const msc_conf *until = msc_conf_need(s->arena, output, "until"), *start = msc_conf_find(output, "start");
    s->until = msc_scenario_time(s, s->arena, until, s->model->time_unit);
    long double exact = start ? msc_scenario_exact(s, s->arena, start, s->model->time_unit) : 0;
    s->start = msc_moment(exact);
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        if (!start && dose->at < s->start) {
            s->start = dose->at, exact = dose->exact.at;
        }
        if (dose->at < s->start) {
            msc_conf_fail(s->arena, dose->origin, "this dose is given before the start of the run");
        }
        if (!dose->varied.at && !dose->varied.duration && !dose->varied.interval) { /* else its own times are not run */
            msc_regimen_late(s, s->arena, dose, &s->notes);
        }
    }
    if (!(s->until > s->start)) {
        msc_conf_fail(s->arena, until, s->until == s->start ? "the run ends as it starts" : "the run ends before it starts");
    }
    size_t cap = 0;
    if (how->n_time > 0) {
        put_given(s, how, &cap);
    } else {
        put_grid(s, output, exact, &cap);
    }
    put_dose_times(s, &cap);
    tidy_times(s);
}

static void read_range(msc_scenario *s, msc_range *range, const msc_conf *node)
{
    msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
    msc_conf_known(s->arena, node, (const char *const[]){"vary", "values", "show", "about", NULL});
    range->origin = node;
    range->vary = msc_conf_string(s->arena, msc_conf_need(s->arena, node, "vary"));
    const msc_conf *values = msc_conf_need(s->arena, node, "values"), *show = msc_conf_need(s->arena, node, "show");
    double *value = MSC_NEW(s->arena, double, values->n + 1);
    for (size_t i = 0; i < values->n; i++) {
        value[i] = msc_conf_real(s->arena, values->child[i]);
    }
    range->n_value = values->n, range->value = value;
    range->show = MSC_NEW(s->arena, const char *, show->n + 1);
    for (size_t i = 0; i < show->n; i++) {
        range->show[i] = msc_conf_string(s->arena, show->child[i]);
    }
    range->n_show = show->n;
    if (strncmp(range->vary, "parameters.", 11) != 0 || values->n < 2) {
        msc_conf_fail(s->arena, node, "a range varies a parameter (e.g. vary = \"parameters.arrest.lung\") over two values or more");
    }
}

/* The ledger is one quantity among others, and out of many runs wanted only where asked for. */
static void read_ledger(msc_scenario *s, const msc_conf *node, const msc_reading *how)
{
    static const char *const name[] = {"off", "fate", "index"};
    s->ledger = how->many ? MSC_LEDGER_OFF : MSC_LEDGER_FATE;
    if (!node) {
        return;
    }
    const char *kind = msc_conf_string(s->arena, node);
    int k = 0;
    while (k < 3 && strcmp(kind, name[k]) != 0) {
        k++;
    }
    if (k == 3) {
        msc_conf_fail(s->arena, node, "'%s' is no kind of ledger; it is \"off\", \"fate\" or \"index\"", kind);
    }
    s->ledger_off = k == MSC_LEDGER_OFF;
    s->ledger = how->cut ? MSC_LEDGER_OFF : (msc_ledger_kind)k;
}

/* What is wrong in endpoints that nobody takes is a warning: the section's may have come for that very reason, such as a
 * shorter run, where windows of others lie behind the end. */
static void look_at_others(msc_scenario *s, const msc_conf *endpoints, const char *section)
{
    msc_error err = {0};
    msc_arena *arena = msc_arena_new(&err);
    if (!arena) {
        msc_throw(s->arena, err.status, NULL, "%s", err.message);
    }
    if (MSC_CATCH(arena)) {
        err = arena->error;
        msc_arena_free(arena);
        if (err.status != MSC_E_CONFIG) {
            msc_throw(s->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
        }
        msc_notes_add(&s->notes, s->arena, err.where, "%s (not computed: %s.endpoints are taken)", err.message, section);
        return;
    }
    msc_scenario other = *s;
    other.arena = arena;
    other.notes = (msc_notes){0};
    other.ledger_off = false;
    msc_endpoints_read(&other, endpoints, &other.endpoints);
    msc_arena_free(arena);
}

/* The section's endpoints; output.endpoints, those of a single run, if it has none of its own. */
static void read_endpoints(msc_scenario *s, const msc_conf *output, const msc_reading *how)
{
    if (how->n_time > 0) {
        return;
    }
    const msc_conf *section = how->section ? msc_conf_find(s->model->tree, how->section) : NULL;
    if (section) {
        msc_conf_need_kind(s->arena, section, MSC_CONF_GROUP);
    }
    const msc_conf *own = section ? msc_conf_find(section, "endpoints") : NULL, *usual = msc_conf_find(output, "endpoints");
    msc_endpoints_read(s, own ? own : usual, &s->endpoints);
    if (own && usual) {
        look_at_others(s, usual, how->section);
    }
}

const msc_conf *msc_output_section(msc_scenario *s)
{
    static const char *const keys[] = {"until",      "start",       "every",   "times",  "quantities", "file", "ledger",
                                       "both_sides", "compression", "float32", "ranges", "summary",    "endpoints",  NULL};
    const msc_conf *output = msc_conf_find(s->model->tree, "output");
    if (!output) {
        msc_throw(s->arena, MSC_E_CONFIG, s->path, "a scenario has a section output; e.g. output = { until = \"60 day\"; every = \"6 h\"; };");
    }
    msc_conf_need_kind(s->arena, output, MSC_CONF_GROUP);
    msc_conf_known(s->arena, output, keys);
    return output;
}

void msc_output_read(msc_scenario *s, const msc_reading *how)
{
    const msc_conf *output = msc_output_section(s), *node;
    s->both_sides = (node = msc_conf_find(output, "both_sides")) != NULL && msc_conf_boolean(s->arena, node);
    s->float32 = (node = msc_conf_find(output, "float32")) != NULL && msc_conf_boolean(s->arena, node);
    s->compression = (node = msc_conf_find(output, "compression")) ? (int)msc_conf_integer(s->arena, node, 0, 9) : 0;
    s->file = (node = msc_conf_find(output, "file")) ? msc_conf_string(s->arena, node) : NULL;
    s->cut = how->cut;
    read_ledger(s, msc_conf_find(output, "ledger"), how);
    read_times(s, output, how);
    read_quantities(s, msc_conf_find(output, "quantities"));
    s->summary = msc_conf_find(output, "summary");
    read_endpoints(s, output, how);
    if ((node = msc_conf_find(output, "ranges")) != NULL) {
        msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
        s->range = MSC_NEW(s->arena, msc_range, node->n + 1);
        for (size_t i = 0; i < node->n; i++) {
            read_range(s, &s->range[s->n_range++], node->child[i]);
        }
    }
}
