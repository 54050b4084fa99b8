/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings on a merged tree. */
#include "model/setting.h"

#include <string.h>

#include "base/text.h"
#include "model/merge.h"

typedef struct {
    msc_arena *arena;
    msc_conf_setting setting;
    const char *where; /* "--set #2: regimen[5].dose" */
} change;

/* "regimen[1].clone_share" of the first n steps. */
static const char *path_text(const change *c, size_t n)
{
    const char *text = "";
    for (size_t i = 0; i < n; i++) {
        const msc_conf_step *step = &c->setting.step[i];
        if (step->name) {
            text = msc_arena_printf(c->arena, "%s%s%s", text, i > 0 ? "." : "", step->name);
        } else if (step->index < 0) {
            text = msc_arena_printf(c->arena, "%s[*]", text);
        } else {
            text = msc_arena_printf(c->arena, "%s[%ld]", text, step->index);
        }
    }
    return text;
}

static void refuse_files(const change *c)
{
    static const char *const names[] = {"model", "base", "extends"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(c->setting.step[0].name, names[i])) {
            msc_throw(
                c->arena, MSC_E_CONFIG, c->where,
                "'%s' cannot be set: the files are read before the settings; write a scenario "
                "of two lines with `base` or `model`",
                names[i]);
        }
    }
}

/* A setting that changes a key of an entry means an entry that exists; outputs alone may be asked
 * for by any of their keys. Parameters are looked after by the merge rule. */
static void check_entry(const change *c, const msc_conf *tree)
{
    static const char *const sections[] = {"sets",      "amounts", "cargo", "variables",
                                           "processes", "routes",  "checks"};
    const msc_conf_setting *s = &c->setting;
    for (size_t i = 0; s->n > 2 && s->step[1].name && i < sizeof sections / sizeof *sections; i++) {
        if (strcmp(s->step[0].name, sections[i]) != 0) {
            continue;
        }
        const msc_conf *section = msc_conf_find(tree, sections[i]);
        const char *name = s->step[1].name;
        if (!section || !msc_conf_find(section, name)) {
            size_t n = section ? section->n : 0;
            const char *const *names = section ? msc_merge_names(c->arena, section) : NULL;
            msc_throw(c->arena, MSC_E_CONFIG, c->where, "there is no '%s' in %s%s", name,
                      sections[i], msc_text_suggest(c->arena, name, names, n));
        }
    }
}

/* ---- paths of names: a layer ---- */

static void apply_layer(const change *c, msc_conf *tree)
{
    const msc_conf_setting *s = &c->setting;
    msc_conf *layer = msc_conf_new(c->arena, MSC_CONF_GROUP, NULL, s->value);
    msc_conf *group = layer;
    for (size_t i = 0; i + 1 < s->n; i++) {
        msc_conf *inner = msc_conf_new(c->arena, MSC_CONF_GROUP, s->step[i].name, s->value);
        msc_conf_put(c->arena, group, inner);
        group = inner;
    }
    s->value->name = s->step[s->n - 1].name;
    msc_conf_put(c->arena, group, s->value);
    msc_merge_check(c->arena, layer, true);
    msc_merge_layer(c->arena, tree, layer);
}

/* ---- paths with an index: in place ---- */

static void assign(const change *c, msc_conf *node, size_t at);

static void assign_child(const change *c, msc_conf *list, size_t index, size_t at)
{
    const msc_conf_setting *s = &c->setting;
    msc_conf *old = list->child[index];
    if (at + 1 < s->n) {
        assign(c, old, at + 1);
        return;
    }
    msc_conf *value = msc_conf_clone(c->arena, s->value);
    if (old->kind == MSC_CONF_GROUP && value->kind == MSC_CONF_GROUP) {
        for (size_t i = 0; i < value->n; i++) {
            msc_merge_key(c->arena, old, value->child[i]);
        }
        return;
    }
    value->name = NULL;
    value->parent = list;
    list->child[index] = value;
}

static void assign_index(const change *c, msc_conf *list, size_t at)
{
    const msc_conf_setting *s = &c->setting;
    long index = s->step[at].index;
    if (list->kind != MSC_CONF_LIST && list->kind != MSC_CONF_ARRAY) {
        msc_throw(c->arena, MSC_E_CONFIG, c->where, "%s is %s, not a list", path_text(c, at),
                  msc_conf_kind_text(list->kind));
    }
    if (list->n == 0 || index >= (long)list->n) {
        const char *last = list->n > 1 ? msc_arena_printf(c->arena, " to [%zu]", list->n - 1) : "";
        msc_throw(c->arena, MSC_E_CONFIG, c->where, "%s has %zu entr%s%s%s", path_text(c, at),
                  list->n, list->n == 1 ? "y" : "ies", list->n > 0 ? ", [0]" : "", last);
    }
    size_t begin = index < 0 ? 0 : (size_t)index;
    size_t end = index < 0 ? list->n : begin + 1;
    for (size_t i = begin; i < end; i++) {
        assign_child(c, list, i, at);
    }
}

/* Go on from a node with the steps from `at`. */
static void assign(const change *c, msc_conf *node, size_t at)
{
    const msc_conf_setting *s = &c->setting;
    const char *name = s->step[at].name;
    if (!name) {
        assign_index(c, node, at);
        return;
    }
    if (node->kind != MSC_CONF_GROUP) {
        msc_throw(c->arena, MSC_E_CONFIG, c->where, "%s is %s, not a group", path_text(c, at),
                  msc_conf_kind_text(node->kind));
    }
    msc_conf *child = msc_conf_find(node, name);
    if (at + 1 == s->n) {
        msc_conf *value = msc_conf_clone(c->arena, s->value);
        value->name = name;
        msc_merge_key(c->arena, node, value);
        return;
    }
    if (!child && !s->step[at + 1].name) {
        msc_throw(c->arena, MSC_E_CONFIG, c->where, "there is no list %s%s", path_text(c, at + 1),
                  msc_text_suggest(c->arena, name, msc_merge_names(c->arena, node), node->n));
    }
    if (!child) {
        child = msc_conf_new(c->arena, MSC_CONF_GROUP, name, s->value);
        msc_conf_put(c->arena, node, child);
    }
    assign(c, child, at + 1);
}

void msc_setting_apply(msc_arena *arena, msc_conf *tree, int k, const char *text)
{
    change c = {.arena = arena, .setting = msc_conf_read_setting(arena, k, text)};
    const msc_conf_setting *s = &c.setting;
    bool indexed = false;
    c.where = msc_arena_printf(arena, "%s: %s", s->value->file, path_text(&c, s->n));
    if (!s->step[0].name) {
        msc_throw(arena, MSC_E_CONFIG, c.where,
                  "a setting begins with a section, as in regimen[0]");
    }
    refuse_files(&c);
    check_entry(&c, tree);
    for (size_t i = 0; i < s->n; i++) {
        indexed = indexed || !s->step[i].name;
    }
    if (indexed) {
        assign(&c, tree, 0);
    } else {
        apply_layer(&c, tree);
    }
}
