/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where things come from and go to: places, the branches of `to` and `into`, and where the cargo
 * falls when its carrier ends. Common to processes and routes. */
#include "model/formula.h"

#include <string.h>

/* ---- places ---- */

/* The rider "label.arrested" that a place names. */
static int rider_place(msc_reader *r, const msc_conf *node, const msc_syntax *s)
{
    const msc_model *model = r->model;
    int cargo, carrier;
    if (msc_names_find(model, s->name, &cargo) != MSC_NAME_CARGO) {
        msc_conf_fail(r->arena, node, "no cargo is named '%s'%s", s->name,
                      msc_names_suggest(r, s->name, MSC_NAME_BIT(MSC_NAME_CARGO)));
    }
    if (msc_names_find(model, s->member, &carrier) != MSC_NAME_AMOUNT) {
        msc_conf_fail(r->arena, node, "no amount is named '%s'%s", s->member,
                      msc_names_suggest(r, s->member, MSC_NAME_BIT(MSC_NAME_AMOUNT)));
    }
    if (model->amount[carrier].transit) {
        msc_conf_fail(r->arena, node,
                      "'%s' is in transit: its cargo moves with it and by no process of its own",
                      s->member);
    }
    int rider = msc_model_rider(model, cargo, carrier);
    if (rider < 0) {
        msc_conf_fail(r->arena, node, "'%s' does not ride on '%s': it is not in cargo.%s.rides",
                      s->name, s->member, s->name);
    }
    return rider;
}

msc_place msc_place_read(msc_reader *r, msc_scope *scope, const msc_conf *node, bool bind,
                         int *cargo)
{
    const msc_syntax *s = msc_syntax_place(r->arena, node, msc_conf_string(r->arena, node));
    msc_place place = {.amount = -1};
    if (s->member) {
        place.amount = rider_place(r, node, s);
    } else {
        int found;
        msc_name_kind kind = msc_names_find(r->model, s->name, &found);
        if (kind == MSC_NAME_CARGO && cargo && !s->n_index) {
            *cargo = found;
            return place;
        }
        if (kind == MSC_NAME_CARGO) {
            msc_conf_fail(r->arena, node, "'%s' is a cargo: name one place of it, such as %s",
                          s->name, r->model->amount[r->model->cargo[found].rider[0]].name);
        }
        if (kind != MSC_NAME_AMOUNT && kind != MSC_NAME_NONE) {
            msc_conf_fail(r->arena, node, "'%s' is %s, not an amount", s->name,
                          msc_names_kind_text(kind));
        }
        if (kind == MSC_NAME_NONE) {
            unsigned kinds =
                MSC_NAME_BIT(MSC_NAME_AMOUNT) | (cargo ? MSC_NAME_BIT(MSC_NAME_CARGO) : 0);
            msc_conf_fail(r->arena, node, "no amount is named '%s'%s", s->name,
                          msc_names_suggest(r, s->name, kinds));
        }
        place.amount = found;
    }
    msc_formula_indices(r, scope, node, s, &r->model->amount[place.amount].shape, bind,
                        place.index);
    return place;
}

/* ---- branches ---- */

static void read_branch(msc_reader *r, const msc_branches *b, const msc_conf *entry,
                        msc_branch *branch)
{
    static const char *const keys[] = {"to", "share", "fate", "about", "source", NULL};
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    const msc_conf *to = msc_conf_find(entry, "to");
    const char *fate = msc_reader_text(r, entry, "fate");
    msc_scope scope = *b->scope;
    *branch = (msc_branch){.to = {.amount = -1}, .fate = b->fate, .origin = entry};
    if (to) {
        branch->to = msc_place_read(r, &scope, to, true, NULL);
    }
    branch->own_fate = fate != NULL;
    if (fate) {
        branch->fate = msc_reader_fate(r, fate);
    }
    branch->n_bind = scope.n - b->scope->n;
    branch->bind = MSC_NEW(r->arena, msc_bind, (size_t)branch->n_bind + 1);
    memcpy(branch->bind, scope.bind + b->scope->n, (size_t)branch->n_bind * sizeof *branch->bind);
}

msc_branch *msc_branches_declare(msc_reader *r, const msc_branches *b, size_t *n)
{
    const msc_conf *to = msc_conf_find(b->entry, "to"), *into = msc_conf_find(b->entry, "into");
    if (to && into) {
        msc_conf_fail(r->arena, b->entry, "give to or into, not both");
    }
    if (!into) {
        msc_branch *branch = MSC_NEW(r->arena, msc_branch, 1);
        *branch = (msc_branch){.to = {.amount = -1}, .fate = b->fate, .origin = to ? to : b->entry};
        if (to) {
            branch->to = msc_place_read(r, b->scope, to, true, NULL);
        }
        *n = 1;
        return branch;
    }
    if (into->kind != MSC_CONF_LIST || !into->n) {
        msc_conf_fail(r->arena, into, "a list is due: ( { to = \"...\"; share = \"...\"; }, ... )");
    }
    msc_branch *branch = MSC_NEW(r->arena, msc_branch, into->n);
    for (size_t i = 0; i < into->n; i++) {
        read_branch(r, b, into->child[i], &branch[i]);
    }
    *n = into->n;
    return branch;
}

msc_scope msc_branch_scope(const msc_scope *scope, const msc_branch *branch)
{
    msc_scope inside = *scope;
    for (int i = 0; i < branch->n_bind; i++) {
        inside.bind[inside.n++] = branch->bind[i];
    }
    return inside;
}

void msc_branches_read(msc_reader *r, const msc_scope *scope, msc_branch *branch, size_t n)
{
    const msc_branch *remainder = NULL;
    double sum = 0;
    bool numbers = true;
    for (size_t i = 0; i < n; i++) {
        msc_branch *b = &branch[i];
        const msc_conf *list = b->origin->parent; /* else a process without to, whose share is its size */
        const bool listed = b->origin->kind == MSC_CONF_GROUP && list && list->kind == MSC_CONF_LIST;
        const msc_conf *share = listed ? msc_conf_find(b->origin, "share") : NULL;
        if (!share && n == 1) {
            return;
        }
        if (!share) {
            msc_conf_fail(r->arena, b->origin, "needs share, a formula or \"remainder\"");
        }
        if (share->kind == MSC_CONF_STRING && !strcmp(share->string, "remainder")) {
            if (remainder) {
                msc_conf_fail(r->arena, share, "one branch may be the remainder");
            }
            remainder = b;
            b->remainder = true;
            continue;
        }
        msc_scope inside = msc_branch_scope(scope, b);
        b->share = msc_formula_read(r, &inside, share, NULL, (msc_dim){{0}}, NULL);
        numbers = numbers && b->share->kind == MSC_X_NUMBER && !b->n_bind;
        sum += b->share->number;
        if (b->share->kind == MSC_X_NUMBER && !(b->share->number >= 0 && b->share->number <= 1)) {
            msc_conf_fail(r->arena, share, "a share lies in 0..1, not %g", b->share->number);
        }
    }
    if (numbers && (remainder ? sum > 1 + 1e-9 : sum < 1 - 1e-9 || sum > 1 + 1e-9)) {
        msc_conf_fail(r->arena, branch->origin->parent, "the shares add up to %.4f, not to 1", sum);
    }
}

/* ---- what falls ---- */

/* Does a key of `falls` name a process, a fate, or the others? */
static bool is_ending(const msc_model *model, const char *key)
{
    bool is = !strcmp(key, "others");
    for (size_t i = 0; i < model->n_fate && !is; i++) {
        is = !strcmp(model->fate[i], key);
    }
    for (size_t i = 0; i < model->n_process && !is; i++) {
        is = !strcmp(model->process[i].name, key);
    }
    return is;
}

static const msc_conf *find_fall(const msc_conf *falls, const char *key)
{
    return falls && key ? msc_conf_find(falls, key) : NULL;
}

/* "; is 'phagocytois' there meant?": a key that names nothing else and is near to a fate. */
static const char *near_key(msc_reader *r, const msc_conf *falls, const char *fate)
{
    for (size_t i = 0; falls && i < falls->n; i++) {
        const char *key = falls->child[i]->name;
        if (!is_ending(r->model, key) && msc_text_nearest(key, &fate, 1)) {
            return msc_arena_printf(r->arena, "; is '%s' there meant?", key);
        }
    }
    return "";
}

void msc_falls_note(msc_reader *r)
{
    msc_model *model = r->model;
    const char **names = MSC_NEW(r->arena, const char *, model->n_fate + model->n_process + 1);
    size_t n = 0;
    for (size_t i = 0; i < model->n_fate; i++) {
        names[n++] = model->fate[i];
    }
    for (size_t i = 0; i < model->n_process; i++) {
        names[n++] = model->process[i].name;
    }
    for (size_t c = 0; c < model->n_cargo; c++) {
        const msc_conf *falls = msc_conf_find(model->cargo[c].origin, "falls");
        for (size_t i = 0; falls && i < falls->n; i++) {
            const char *key = falls->child[i]->name;
            const char *meant = is_ending(model, key) ? "" : msc_text_suggest(r->arena, key, names, n);
            if (*meant) {
                msc_notes_add(&model->notes, r->arena, msc_conf_where(r->arena, falls->child[i]),
                              "no process and no fate is named '%s'%s", key, meant);
            }
        }
    }
}

static void read_fall(msc_reader *r, const msc_falling *what, const msc_scope *scope,
                      const msc_branch *branch, msc_fall *fall)
{
    const msc_model *model = r->model;
    const msc_cargo *cargo = &model->cargo[fall->cargo];
    const msc_conf *falls = msc_conf_find(cargo->origin, "falls");
    const char *fate = model->fate[branch->fate];
    const msc_conf *to = branch->own_fate ? find_fall(falls, fate) : NULL;
    to = to ? to : find_fall(falls, what->name);
    to = to ? to : find_fall(falls, what->fate);
    to = to ? to : find_fall(falls, "others");
    if (!to) {
        const char *meant = near_key(r, falls, what->fate ? what->fate : fate);
        msc_conf_fail(r->arena, cargo->origin,
                      "nowhere to go when its carrier ends in '%s': name it in "
                      "cargo.%s.falls%s",
                      fate, cargo->name, meant);
    }
    fall->to.amount = -1;
    if (!strcmp(msc_conf_string(r->arena, to), "nowhere")) {
        return;
    }
    msc_scope inside = msc_branch_scope(scope, branch);
    inside.where = msc_arena_printf(r->arena, "in %s '%s'", what->kind, what->name);
    fall->to = msc_place_read(r, &inside, to, false, NULL);
    const msc_amount *a = &model->amount[fall->to.amount];
    if (!msc_dim_equal(a->dim, cargo->dim)) {
        msc_conf_fail(r->arena, to, "'%s' is counted in '%s', the cargo in '%s' (%s '%s')", a->name,
                      a->unit, cargo->unit, what->kind, what->name);
    }
}

void msc_branch_fall(msc_reader *r, const msc_falling *what, const msc_scope *scope,
                     msc_branch *branch)
{
    const msc_model *model = r->model;
    branch->fall = MSC_NEW(r->arena, msc_fall, model->n_cargo + 1);
    for (size_t c = 0; c < model->n_cargo; c++) {
        bool stays =
            branch->to.amount >= 0 && msc_model_rider(model, (int)c, branch->to.amount) >= 0;
        if (what->carries[c] && !stays) {
            msc_fall *fall = &branch->fall[branch->n_fall++];
            fall->cargo = (int)c;
            read_fall(r, what, scope, branch, fall);
        }
    }
}
