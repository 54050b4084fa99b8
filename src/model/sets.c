/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets: lists of elements, numbers, and subsets, which may be written before what they are of. */
#include "model/reader.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    msc_reader *r;
    const msc_conf *section;
    enum { UNREAD, BEGUN, DONE } * state;
} sets_reading;

static void read_set(sets_reading *s, size_t i);

static void check_element(sets_reading *s, const msc_conf *node, const msc_set *set, size_t n,
                          const char *name)
{
    msc_arena *arena = s->r->arena;
    if (!msc_text_is_name(name)) {
        msc_conf_fail(arena, node,
                      "'%s' is not a name: a letter, then letters, digits and _; not true or false",
                      name);
    }
    if (msc_names_reserved(name) || msc_names_is_key(name)) {
        msc_conf_fail(arena, node, "'%s' is a word of the language and cannot be an element", name);
    }
    if (msc_conf_find(s->section, name)) {
        msc_conf_fail(arena, node, "the element '%s' has the name of a set", name);
    }
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(set->label[i], name)) {
            msc_conf_fail(arena, node, "'%s' is there twice", name);
        }
    }
}

static void make_room(msc_reader *r, msc_set *set, size_t n)
{
    set->element = MSC_NEW(r->arena, int, n + 1);
    set->label = MSC_NEW(r->arena, const char *, n + 1);
}

/* organ = ["lung", "liver"]; */
static void read_names(sets_reading *s, msc_set *set)
{
    size_t n;
    const char **names = msc_reader_strings(s->r, set->origin, &n);
    if (!n) {
        msc_conf_fail(s->r->arena, set->origin, "a set needs an element");
    }
    make_room(s->r, set, n);
    for (size_t i = 0; i < n; i++) {
        check_element(s, set->origin, set, i, names[i]);
        set->label[i] = names[i];
        set->element[i] = (int)i;
    }
    set->n = n;
}

/* stage = "1..6"; */
static void read_range(sets_reading *s, msc_set *set)
{
    enum { MOST = 100000 };
    msc_arena *arena = s->r->arena;
    const char *text = msc_conf_string(arena, set->origin);
    char *end = NULL;
    long low = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : -1;
    bool fine = low >= 0 && !strncmp(end, "..", 2) && end[2] >= '0' && end[2] <= '9';
    long high = fine ? strtol(end + 2, &end, 10) : -1;
    if (!fine || *end || high < low || high > INT_MAX || high - low >= MOST) {
        msc_conf_fail(arena, set->origin, "'%s' is not a range of numbers such as \"1..6\"", text);
    }
    set->numeric = true;
    set->n = (size_t)(high - low + 1);
    make_room(s->r, set, set->n);
    for (size_t i = 0; i < set->n; i++) {
        set->element[i] = (int)i;
        set->label[i] = msc_arena_printf(arena, "%ld", low + (long)i);
    }
}

/* The names in `are` or `except`; elements of a numbered set may be numbers. */
static const char **members(sets_reading *s, const msc_conf *node, size_t *n)
{
    msc_arena *arena = s->r->arena;
    if (node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        return msc_reader_strings(s->r, node, n);
    }
    const char **names = MSC_NEW(arena, const char *, node->n + 1);
    for (size_t i = 0; i < node->n; i++) {
        const msc_conf *child = node->child[i];
        names[i] = child->kind == MSC_CONF_INTEGER ? msc_arena_printf(arena, "%lld", child->integer)
                                                   : msc_conf_string(arena, child);
    }
    *n = node->n;
    return names;
}

/* Mark the elements of the root that a name in `are` or `except` stands for. */
static void mark_member(sets_reading *s, const msc_conf *node, const msc_set *set, const char *name,
                        bool *held)
{
    const msc_model *model = s->r->model;
    const msc_set *root = &model->set[set->root];
    int element = msc_set_find(root, name);
    if (element >= 0) {
        held[element] = true;
        return;
    }
    int other = msc_names_find_set(model, name);
    if (other >= 0) {
        read_set(s, (size_t)other);
    }
    if (other < 0 || model->set[other].root != set->root) {
        const char **known = NULL;
        size_t n = 0, cap = 0;
        for (size_t i = 0; i < root->n; i++) {
            *MSC_PUSH(s->r->arena, known, n, cap) = root->label[i];
        }
        for (size_t i = 0; i < model->n_set; i++) {
            *MSC_PUSH(s->r->arena, known, n, cap) = model->set[i].name;
        }
        msc_conf_fail(s->r->arena, node, "'%s' is neither an element of '%s' nor a subset of it%s",
                      name, root->name,
                      other < 0 ? msc_text_suggest(s->r->arena, name, known, n) : "");
    }
    for (size_t i = 0; i < model->set[other].n; i++) {
        held[model->set[other].element[i]] = true;
    }
}

/* caval = { of = "organ"; except = ["lung", "portal"]; }; */
static void read_subset(sets_reading *s, msc_set *set)
{
    static const char *const keys[] = {"of", "are", "except", "about", "source", NULL};
    msc_reader *r = s->r;
    const msc_conf *entry = set->origin;
    if (msc_conf_find(entry, "also") && !msc_conf_find(entry, "of")) {
        msc_conf_fail(r->arena, entry, "there is no set '%s' to extend with also", set->name);
    }
    msc_conf_known(r->arena, entry, keys);
    const msc_conf *of = msc_conf_need(r->arena, entry, "of");
    const msc_conf *are = msc_conf_find(entry, "are"), *except = msc_conf_find(entry, "except");
    if (!are == !except) {
        msc_conf_fail(r->arena, entry, "a subset needs either are or except");
    }
    const char *parent_name = msc_conf_string(r->arena, of);
    int parent = msc_names_find_set(r->model, parent_name);
    if (parent < 0) {
        msc_conf_fail(r->arena, of, "no set is named '%s'%s", parent_name,
                      msc_names_suggest(r, parent_name, MSC_NAME_BIT(MSC_NAME_SET)));
    }
    read_set(s, (size_t)parent);
    const msc_set *whole = &r->model->set[parent];
    const msc_set *root = &r->model->set[whole->root];
    set->root = whole->root;
    set->numeric = whole->numeric;
    bool *held = MSC_NEW(r->arena, bool, root->n + 1);
    size_t n;
    const char **names = members(s, are ? are : except, &n);
    for (size_t i = 0; i < n; i++) {
        mark_member(s, are ? are : except, set, names[i], held);
    }
    make_room(r, set, whole->n);
    for (size_t i = 0; i < root->n; i++) {
        bool of_parent = msc_set_position(whole, (int)i) >= 0;
        if (are && held[i] && !of_parent) {
            msc_conf_fail(r->arena, are, "'%s' is not in '%s'", root->label[i], whole->name);
        }
        if (of_parent && held[i] == (are != NULL)) {
            set->label[set->n] = root->label[i];
            set->element[set->n++] = (int)i;
        }
    }
}

static void read_set(sets_reading *s, size_t i)
{
    msc_set *set = &s->r->model->set[i];
    if (s->state[i] == DONE) {
        return;
    }
    if (s->state[i] == BEGUN) {
        msc_conf_fail(s->r->arena, set->origin, "the subset '%s' is defined by itself", set->name);
    }
    s->state[i] = BEGUN;
    switch (set->origin->kind) {
    case MSC_CONF_GROUP: read_subset(s, set); break;
    case MSC_CONF_STRING: read_range(s, set); break;
    case MSC_CONF_ARRAY:
    case MSC_CONF_LIST: read_names(s, set); break;
    case MSC_CONF_INTEGER:
    case MSC_CONF_REAL:
    case MSC_CONF_BOOLEAN:
        msc_conf_fail(s->r->arena, set->origin,
                      "here is %s; a set is [\"lung\", \"liver\"], \"1..6\" or "
                      "{ of = \"organ\"; except = [\"lung\"]; }",
                      msc_conf_kind_text(set->origin->kind));
    }
    s->state[i] = DONE;
}

void msc_sets_read(msc_reader *r)
{
    msc_model *model = r->model;
    sets_reading s = {.r = r};
    s.section = msc_reader_section(r, "sets", &model->n_set);
    model->set = MSC_NEW(r->arena, msc_set, model->n_set + 1);
    s.state = msc_arena_alloc(r->arena, model->n_set + 1, sizeof *s.state);
    for (size_t i = 0; i < model->n_set; i++) {
        model->set[i] = (msc_set){
            .name = s.section->child[i]->name, .root = (int)i, .origin = s.section->child[i]};
    }
    for (size_t i = 0; i < model->n_set; i++) {
        read_set(&s, i);
    }
}
