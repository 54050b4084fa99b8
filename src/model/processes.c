/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes: what they move, how much of it, and where to. */
#include "model/formula.h"

#include <string.h>

static const struct {
    const char *key;
    msc_size_kind kind;
} sizes[] = {{"rate", MSC_SIZE_RATE},
             {"hazard", MSC_SIZE_HAZARD},
             {"share", MSC_SIZE_SHARE},
             {"dwell", MSC_SIZE_DWELL}};
enum { SIZES = sizeof sizes / sizeof *sizes };

static msc_scope process_scope(const msc_process *process)
{
    msc_scope scope = {.may = MSC_MAY_RATES, .user = "a process", .n = process->shape.n_over};
    memcpy(scope.bind, process->shape.over, (size_t)scope.n * sizeof *scope.bind);
    return scope;
}

/* ---- first round ---- */

static const msc_conf *size_node(msc_reader *r, const msc_conf *entry, msc_size_kind *kind)
{
    const msc_conf *found = NULL;
    for (size_t i = 0; i < SIZES; i++) {
        const msc_conf *node = msc_conf_find(entry, sizes[i].key);
        if (node && found) {
            msc_conf_fail(r->arena, entry,
                          "give exactly one of rate, hazard, share, dwell: here are %s and %s",
                          found->name, node->name);
        }
        if (node) {
            found = node;
            *kind = sizes[i].kind;
        }
    }
    if (!found) {
        msc_conf_fail(r->arena, entry,
                      "give exactly one of rate, hazard, share, dwell: here is none");
    }
    return found;
}

/* `over` may repeat the names that from and to bind, never differ. */
static void check_over(msc_reader *r, const msc_conf *entry, const msc_scope *bound)
{
    const msc_conf *over = msc_conf_find(entry, "over");
    if (!over) {
        return;
    }
    msc_scope scope = {.user = "a process"};
    msc_reader_over(r, entry, &scope);
    bool same = scope.n == bound->n;
    for (int i = 0; same && i < scope.n; i++) {
        same = scope.bind[i].set == bound->bind[i].set &&
               !strcmp(scope.bind[i].name, bound->bind[i].name);
    }
    const char *text = "";
    for (int i = 0; i < bound->n; i++) {
        text = msc_arena_printf(r->arena, "%s%s\"%s\"", text, i ? ", " : "", bound->bind[i].name);
    }
    if (!same) {
        msc_conf_fail(r->arena, over, "from and to bind [%s]; over may repeat that or be left out",
                      text);
    }
}

/* What the process moves: the amount or cargo of `from`, or of `to` for a source. */
static void read_moved(msc_reader *r, msc_process *p)
{
    const msc_model *model = r->model;
    int amount = p->from.amount;
    for (size_t i = 0; amount < 0 && p->cargo < 0 && i < p->n_branch; i++) {
        amount = p->branch[i].to.amount;
    }
    if (p->cargo < 0 && amount < 0) {
        msc_conf_fail(r->arena, p->origin, "needs from or to");
    }
    const msc_cargo *cargo = p->cargo >= 0 ? &model->cargo[p->cargo] : NULL;
    p->pool = cargo ? cargo->pool : model->amount[amount].pool;
    p->unit = msc_arena_printf(r->arena, "%s/%s", cargo ? cargo->unit : model->amount[amount].unit,
                               model->time_unit);
    p->factor =
        cargo ? cargo->factor : model->amount[amount].factor; /* the time_unit is that inside */
    p->dim = msc_reader_per_time(r, cargo ? cargo->dim : model->amount[amount].dim);
}

static void declare(msc_reader *r, msc_process *p, const msc_conf *entry)
{
    static const char *const keys[] = {"from",  "to",   "into", "rate",  "hazard", "share", "dwell",
                                       "yield", "fate", "over", "about", "source", NULL};
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    const msc_conf *from = msc_conf_find(entry, "from");
    const char *fate = msc_reader_text(r, entry, "fate");
    msc_scope scope = {.may = MSC_MAY_RATES, .user = "a process"};
    *p = (msc_process){.name = entry->name,
                       .from = {.amount = -1},
                       .cargo = -1,
                       .origin = entry,
                       .about = msc_reader_text(r, entry, "about")};
    p->fate = msc_reader_fate(r, fate ? fate : entry->name);
    if (from) {
        p->from = msc_place_read(r, &scope, from, true, &p->cargo);
    }
    p->branch = msc_branches_declare(r, &(msc_branches){entry, &scope, p->fate}, &p->n_branch);
    check_over(r, entry, &scope);
    p->shape = msc_reader_shape(r, scope.bind, scope.n, entry);
    read_moved(r, p);
    size_node(r, entry, &p->size);
}

/* A process that has a fault is not there for those behind it; nothing is read of them. */
static void declare_next(msc_reader *r, size_t i)
{
    msc_process p = {0};
    declare(r, &p, r->model->process[i].origin);
    r->model->process[r->model->n_process++] = p;
}

void msc_processes_declare(msc_reader *r)
{
    msc_model *model = r->model;
    size_t n;
    const msc_conf *section = msc_reader_section(r, "processes", &n);
    model->process = MSC_NEW(r->arena, msc_process, n + 1);
    for (size_t i = 0; i < n; i++) {
        model->process[i].origin = section->child[i];
    }
    msc_reader_each(r, n, declare_next);
}

/* ---- second round ---- */

static bool carries_cargo(const msc_model *model, int amount)
{
    for (size_t c = 0; c < model->n_cargo; c++) {
        if (msc_model_rider(model, (int)c, amount) >= 0) {
            return true;
        }
    }
    return false;
}

static void check_cargo_size(msc_reader *r, const msc_process *p, const char *key)
{
    const char *name =
        r->model->cargo[p->cargo >= 0 ? p->cargo : r->model->amount[p->from.amount].cargo].name;
    bool staged = p->from.amount >= 0 && r->model->amount[p->from.amount].stages > 1;
    if (p->size == MSC_SIZE_SHARE) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' is not in transit: share has no meaning, give hazard", name);
    }
    if (p->cargo >= 0 && p->size != MSC_SIZE_HAZARD) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' is acted on wherever it rides: give hazard, not %s", name, key);
    }
    if (staged && p->size == MSC_SIZE_DWELL) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' has the stages of its carrier: give hazard, not dwell", name);
    }
}

/* Which sizes go with which kind of from. */
static void check_size(msc_reader *r, const msc_process *p, const char *key)
{
    const msc_amount *from = p->from.amount >= 0 ? &r->model->amount[p->from.amount] : NULL;
    if (p->cargo >= 0 || (from && from->cargo >= 0)) {
        check_cargo_size(r, p, key);
    } else if (!from && p->size != MSC_SIZE_RATE) {
        msc_conf_fail(r->arena, p->origin, "without from there is only rate: %s of what?", key);
    } else if (from && from->transit && p->size != MSC_SIZE_SHARE) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' is in transit: nothing stays in it, give share, not %s", from->name,
                      key);
    } else if (from && !from->transit && p->size == MSC_SIZE_SHARE) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' is not in transit: share has no meaning, give hazard or rate",
                      from->name);
    } else if (from && p->size == MSC_SIZE_RATE && carries_cargo(r->model, p->from.amount)) {
        msc_conf_fail(r->arena, p->origin,
                      "'%s' carries cargo, which a rate cannot take along: give hazard",
                      from->name);
    }
}

static void read_size(msc_reader *r, msc_process *p, const msc_scope *scope, const msc_conf *node)
{
    msc_dim pure = {{0}}, time = msc_dim_time(r->model->units);
    if (p->size == MSC_SIZE_SHARE && node->kind == MSC_CONF_STRING &&
        !strcmp(node->string, "remainder")) {
        p->remainder = true;
        return;
    }
    switch (p->size) {
    case MSC_SIZE_RATE: p->expr = msc_formula_read(r, scope, node, NULL, p->dim, p->unit); break;
    case MSC_SIZE_HAZARD:
        p->expr = msc_formula_read(r, scope, node, NULL, msc_dim_quotient(pure, time), NULL);
        break;
    case MSC_SIZE_SHARE: p->expr = msc_formula_read(r, scope, node, NULL, pure, NULL); break;
    case MSC_SIZE_DWELL: p->expr = msc_formula_read(r, scope, node, NULL, time, NULL); break;
    }
}

/* What arrives has the unit of `to`: that of what left, or its product with the yield. */
static void read_yield(msc_reader *r, msc_process *p, const msc_scope *scope)
{
    const msc_model *model = r->model;
    const msc_conf *yield = msc_conf_find(p->origin, "yield");
    bool source = p->from.amount < 0 && p->cargo < 0;
    msc_dim left = msc_dim_product(p->dim, msc_dim_time(model->units)), due = {{0}};
    const char *unit = source          ? NULL
                       : p->cargo >= 0 ? model->cargo[p->cargo].unit
                                       : model->amount[p->from.amount].unit;
    int known = -1;
    for (size_t i = 0; i < p->n_branch; i++) {
        int to = p->branch[i].to.amount;
        if (to < 0) {
            continue;
        }
        msc_dim ratio = msc_dim_quotient(model->amount[to].dim, left);
        if (!yield && !msc_dim_is_pure(ratio)) {
            msc_conf_fail(r->arena, p->branch[i].origin,
                          "'%s' is counted in '%s', what comes in '%s'%s", model->amount[to].name,
                          model->amount[to].unit, unit ? unit : msc_reader_dim_text(r, left),
                          source ? "" : ": give yield");
        }
        if (known >= 0 && !msc_dim_equal(ratio, due)) {
            msc_conf_fail(r->arena, p->branch[i].origin,
                          "'%s' is counted in '%s', but '%s' in '%s': one yield cannot "
                          "serve both",
                          model->amount[to].name, model->amount[to].unit, model->amount[known].name,
                          model->amount[known].unit);
        }
        known = to;
        due = ratio;
    }
    if (yield && source) {
        msc_conf_fail(r->arena, yield, "a source has no yield: what enters is the rate");
    }
    if (yield && known < 0) {
        msc_conf_fail(r->arena, yield, "nothing arrives: the process has no to");
    }
    if (yield) {
        p->yield = msc_formula_read(r, scope, yield, NULL, due, NULL);
    }
}

static void read_falls(msc_reader *r, msc_process *p, const msc_scope *scope)
{
    const msc_model *model = r->model;
    bool *carries = MSC_NEW(r->arena, bool, model->n_cargo + 1);
    for (size_t c = 0; p->from.amount >= 0 && c < model->n_cargo; c++) {
        carries[c] = msc_model_rider(model, (int)c, p->from.amount) >= 0;
    }
    msc_falling what = {.entry = p->origin,
                        .name = p->name,
                        .fate = model->fate[p->fate],
                        .kind = "process",
                        .carries = carries};
    for (size_t i = 0; i < p->n_branch; i++) {
        msc_branch_fall(r, &what, scope, &p->branch[i]);
    }
}

static void read_process(msc_reader *r, size_t i)
{
    msc_process *p = &r->model->process[i];
    msc_scope scope = process_scope(p);
    const msc_conf *node = size_node(r, p->origin, &p->size);
    check_size(r, p, node->name);
    read_size(r, p, &scope, node);
    msc_branches_read(r, &scope, p->branch, p->n_branch);
    read_yield(r, p, &scope);
    read_falls(r, p, &scope);
}

void msc_processes_read(msc_reader *r)
{
    msc_reader_each(r, r->model->n_process, read_process);
}
