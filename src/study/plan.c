/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * output.summary as it is written, or what is shown if nothing is: which peaks, tables, times, ledgers. */
#include <math.h>
#include <string.h>

#include "study/study.h"

/* ---- defaults: all there is of the right shape ---- */

static msc_pick *all_of_rank(msc_arena *arena, const msc_program *p, int rank, size_t *n)
{
    msc_pick *pick = MSC_NEW(arena, msc_pick, p->n_quantity + 1);
    *n = 0;
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        if (p->quantity[i].pool < 0 && p->quantity[i].n_dim == rank) {
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

/* The end of the first dose, a day and a week later, the end. */
static void default_times(msc_arena *arena, const msc_scenario *s, msc_summary *page)
{
    double first = s->start;
    for (size_t d = 0; d < s->n_dose; d++) {
        const double end = s->dose[d].at + s->dose[d].duration;
        first = d == 0 || end < first ? end : first;
    }
    const double at[] = {first, first + day_of(s), first + 7 * day_of(s), s->until};
    page->at = MSC_NEW(arena, double, 4);
    for (size_t i = 0; i < 4; i++) {
        if (at[i] >= s->start && at[i] <= s->until &&
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
        if (t < s->start || t > s->until) {
            msc_conf_fail(arena, node->child[i], "this time is outside of the run");
        }
        page->at[page->n_at++] = t;
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

/* A table has a row for each element of one index, a peak is a number. */
static void check_rank(msc_arena *arena, const msc_scenario *s, const msc_conf *list,
                       const msc_pick *pick, size_t n, int most)
{
    for (size_t i = 0; i < n; i++) {
        const msc_quantity *q = &s->program->quantity[pick[i].quantity];
        if (pick[i].all && q->n_dim > most) {
            msc_conf_fail(arena, list->child[i],
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
    if (peaks) {
        page.peak = msc_pick_list(arena, s, peaks, &page.n_peak);
        check_rank(arena, s, peaks, page.peak, page.n_peak, 0);
    } else {
        page.peak = all_of_rank(arena, s->program, 0, &page.n_peak);
    }
    if (table) {
        page.table = msc_pick_list(arena, s, table, &page.n_table);
        check_rank(arena, s, table, page.table, page.n_table, 1);
    } else {
        page.table = all_of_rank(arena, s->program, 1, &page.n_table);
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
