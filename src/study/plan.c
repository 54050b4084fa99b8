/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * output.summary as it is written, or what is shown if nothing is: which peaks, tables, times, ledgers. */
#include <math.h>
#include <string.h>

#include "study/study.h"

/* ---- defaults: all there is of the right shape ---- */

static msc_pick *all_of_rank(msc_arena *arena, const msc_program *p, int least, int most, size_t *n)
{
    msc_pick *pick = MSC_NEW(arena, msc_pick, p->n_quantity + 1);
    *n = 0;
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        if (p->quantity[i].pool < 0 && p->quantity[i].n_dim >= least && p->quantity[i].n_dim <= most) {
            pick[(*n)++] = (msc_pick){.quantity = i, .all = true, .text = p->quantity[i].name};
        }
    }
    return pick;
}

static double day_of(const msc_scenario *s)
{
    double factor = 24;
    msc_dim dim;
    (void)!msc_units_parse(s->model->units, "day", &factor, &dim, NULL);
    return factor;
}

/* When a dose is in: the end of an infusion; of a bolus the next stored time, since at its own nothing
 * has gone anywhere yet. */
static double time_given(const msc_scenario *s, const msc_dose *dose, long k)
{
    const double end = msc_dose_end(dose, k);
    for (size_t i = 0; i < s->n_time && dose->duration == 0; i++) {
        if (s->time[i].t > end) {
            return s->time[i].t;
        }
    }
    return end;
}

/* When the first dose is in, and the last that is in by the end of the run. */
static void ends_of_doses(const msc_scenario *s, double *first, double *last)
{
    *first = *last = NAN;
    for (size_t d = 0; d < s->n_dose; d++) {
        for (long k = 0; k < s->dose[d].repeat && msc_dose_begin(&s->dose[d], k) <= s->until; k++) {
            const double end = time_given(s, &s->dose[d], k);
            *first = isnan(*first) || end < *first ? end : *first;
            *last = end <= s->until && (isnan(*last) || end > *last) ? end : *last;
        }
    }
}

/* When the first dose is in, a day and a week later; the same of the last; the end. */
static void default_times(msc_arena *arena, const msc_scenario *s, msc_summary *page)
{
    const double day = day_of(s);
    double first, last;
    ends_of_doses(s, &first, &last);
    first = isnan(first) ? s->start : first;
    const bool several = last > first;
    const double at[] = {first,
                         first + day,
                         several ? NAN : first + 7 * day,
                         several ? last : NAN,
                         several ? last + 7 * day : NAN,
                         s->until};
    page->at = MSC_NEW(arena, double, sizeof at / sizeof *at);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const bool early = several && i == 1 && !(at[i] < last);
        if (at[i] >= s->start && at[i] <= s->until && !early &&
            (page->n_at == 0 || at[i] > page->at[page->n_at - 1])) {
            page->at[page->n_at++] = at[i];
        }
    }
}

static void default_ledgers(msc_arena *arena, const msc_scenario *s, msc_summary *page)
{
    page->ledger = MSC_NEW(arena, int, s->model->n_pool + 1);
    for (int pool = 0; pool < (int)s->model->n_pool && s->ledger != MSC_LEDGER_OFF; pool++) {
        bool given = false;
        for (size_t d = 0; d < s->n_dose; d++) {
            given =
                given || (s->model->route[s->dose[d].route].pool == pool && s->dose[d].dose > 0);
        }
        for (uint32_t e = 0; e < s->program->n_entry; e++) {
            given = given || s->program->given_pool[s->program->entry[e].slot] == pool;
        }
        if (given) {
            page->ledger[page->n_ledger++] = pool;
        }
    }
}

/* ---- as written ---- */

static void need_list(msc_arena *arena, const msc_conf *node, const char *example)
{
    if (node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, node, "a list is wanted; e.g. %s", example);
    }
}

static void read_times(msc_arena *arena, const msc_scenario *s, const msc_conf *node,
                       msc_summary *page)
{
    need_list(arena, node, "[\"1 day\", \"60 day\"]");
    page->at = MSC_NEW(arena, double, node->n + 1);
    for (size_t i = 0; i < node->n; i++) {
        const double t = msc_scenario_time(s, arena, node->child[i], s->model->time_unit);
        const bool inside = t >= s->start && t <= s->until;
        if (!inside && !msc_scenario_overtaken(s, node->child[i], "until") && !msc_scenario_overtaken(s, node->child[i], "start")) {
            msc_conf_fail(arena, node->child[i], "this time is outside of the run");
        }
        if (inside) {
            page->at[page->n_at++] = t;
        }
    }
}

static void read_ledgers(msc_arena *arena, const msc_scenario *s, const msc_conf *node,
                         msc_summary *page)
{
    const msc_model *m = s->model;
    const char **known = MSC_NEW(arena, const char *, m->n_pool + 1);
    need_list(arena, node, "[\"cell\"]");
    for (size_t p = 0; p < m->n_pool; p++) {
        known[p] = m->pool[p].name;
    }
    page->ledger = MSC_NEW(arena, int, node->n + 1);
    for (size_t i = 0; i < node->n; i++) {
        const char *name = msc_conf_string(arena, node->child[i]);
        size_t p = 0;
        while (p < m->n_pool && strcmp(name, known[p]) != 0) {
            p++;
        }
        if (p == m->n_pool) {
            msc_conf_fail(arena, node->child[i], "the model has no pool '%s'%s", name,
                          msc_text_suggest(arena, name, known, m->n_pool));
        }
        if (s->ledger == MSC_LEDGER_OFF) {
            msc_conf_fail(arena, node->child[i],
                          "there is no ledger to show: output.ledger is \"off\"");
        }
        page->ledger[page->n_ledger++] = (int)p;
    }
}

/* A peak is a number. */
static void check_numbers(msc_arena *arena, const msc_scenario *s, const msc_pick *pick, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const msc_quantity *q = &s->program->quantity[pick[i].quantity];
        if (pick[i].all && q->n_dim > 0) {
            msc_conf_fail(arena, pick[i].origin,
                          "'%s' has %d ind%s; name an element, e.g. \"%s[%s%s]\"", q->name,
                          q->n_dim, q->n_dim == 1 ? "ex" : "ices", q->name, q->label[0][0],
                          q->n_dim > 1 ? ",..." : "");
        }
    }
}

msc_summary msc_summary_read(msc_arena *arena, const msc_scenario *s)
{
    static const char *const keys[] = {"peaks", "table", "at", "ledger", "note", NULL};
    msc_summary page = {0};
    const msc_conf *peaks = NULL, *table = NULL, *at = NULL, *ledger = NULL;
    if (s->summary) {
        msc_conf_need_kind(arena, s->summary, MSC_CONF_GROUP);
        msc_conf_known(arena, s->summary, keys);
        peaks = msc_conf_find(s->summary, "peaks"), table = msc_conf_find(s->summary, "table");
        at = msc_conf_find(s->summary, "at"), ledger = msc_conf_find(s->summary, "ledger");
    }
    page.own_peaks = peaks != NULL;
    if (peaks) {
        page.peak = msc_pick_list(arena, s, peaks, &page.n_peak);
        check_numbers(arena, s, page.peak, page.n_peak);
    } else {
        page.peak = all_of_rank(arena, s->program, 0, 0, &page.n_peak);
    }
    if (table) {
        page.table = msc_pick_list(arena, s, table, &page.n_table);
    } else {
        page.table = all_of_rank(arena, s->program, 1, MSC_SLOTS, &page.n_table);
    }
    if (at) {
        read_times(arena, s, at, &page);
    } else {
        default_times(arena, s, &page);
    }
    if (ledger) {
        read_ledgers(arena, s, ledger, &page);
    } else {
        default_ledgers(arena, s, &page);
    }
    return page;
}
