/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one merge rule (language §9). Groups merge key by key; strings, numbers, arrays, lists are
 * replaced; what is special is special to a section or a key and stands in a table below. */
#include "model/merge.h"

#include <string.h>

#include "base/text.h"
#include "model/elements.h"

/* ---- names ---- */

const char *const *msc_merge_names(msc_arena *arena, const msc_conf *group)
{
    const char **names = MSC_NEW(arena, const char *, group->n + 1);
    for (size_t i = 0; i < group->n; i++) {
        names[i] = group->child[i]->name;
    }
    return names;
}

static const char *suggest_key(msc_arena *arena, const char *name, const msc_conf *group)
{
    return msc_text_suggest(arena, name, msc_merge_names(arena, group), group->n);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (!strcmp(*names, name)) {
            return true;
        }
    }
    return false;
}

const msc_conf *const *msc_merge_strings(msc_arena *arena, const msc_conf *node, size_t *n)
{
    bool many = node->kind == MSC_CONF_ARRAY || node->kind == MSC_CONF_LIST;
    *n = many ? node->n : 1;
    const msc_conf **strings = MSC_NEW(arena, const msc_conf *, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        strings[i] = many ? node->child[i] : node;
        if (strings[i]->kind != MSC_CONF_STRING) {
            msc_conf_fail(arena, strings[i], "expected a string or an array of strings, found %s",
                          msc_conf_kind_text(strings[i]->kind));
        }
    }
    return strings;
}

/* ---- keys that exclude each other ---- */

static const char *const exclusive[][5] = {
    {"value", "values", "table"},
    {"to", "into"},
    {"rate", "hazard", "share", "dwell"},
    {"are", "except"},
};
static const char *const exclusive_output[] = {"every", "times", NULL};
static const char *const exclusive_dose[] = {"day", "at", NULL};

/* If the later group gives one of the kinds, those that it does not give leave the earlier. */
static void drop_kinds(msc_conf *earlier, const msc_conf *later, const char *const *kinds)
{
    bool given = false;
    for (const char *const *k = kinds; *k; k++) {
        given = given || msc_conf_find(later, *k);
    }
    for (const char *const *k = kinds; given && *k; k++) {
        if (!msc_conf_find(later, *k)) {
            msc_conf_remove(earlier, *k);
        }
    }
}

/* The same for a single later key; what stands beside it in the later group is not earlier. */
static void drop_others(msc_conf *earlier, const msc_conf *node, const char *const *kinds)
{
    for (const char *const *k = kinds; is_one_of(node->name, kinds) && *k; k++) {
        const bool beside = node->parent && node->parent != earlier && msc_conf_find(node->parent, *k);
        if (strcmp(*k, node->name) != 0 && !beside) {
            msc_conf_remove(earlier, *k);
        }
    }
}

/* ---- groups without a meaning of their own ---- */

static void merge_groups(msc_arena *arena, msc_conf *earlier, const msc_conf *later)
{
    for (size_t i = 0; i < later->n; i++) {
        msc_merge_key(arena, earlier, later->child[i]);
    }
}

static bool is_dose(const msc_conf *group)
{
    const msc_conf *list = group->parent;
    return list && list->name && !strcmp(list->name, "regimen") && list->kind == MSC_CONF_LIST;
}

static const msc_conf *root_of(const msc_conf *node)
{
    while (node->parent) {
        node = node->parent;
    }
    return node;
}

static bool is_output(const msc_conf *group)
{
    return group->name && !strcmp(group->name, "output") && group->parent && !group->parent->parent;
}

void msc_merge_key(msc_arena *arena, msc_conf *group, msc_conf *node)
{
    msc_conf *old = msc_conf_find(group, node->name);
    if (old && old->kind == MSC_CONF_GROUP && node->kind == MSC_CONF_GROUP) {
        if (is_dose(group)) { /* elements of a parameter that the route takes */
            msc_elements_merge(arena, root_of(group), old, node);
        } else {
            merge_groups(arena, old, node);
        }
        return;
    }
    if (is_dose(group)) {
        drop_others(group, node, exclusive_dose);
    } else if (is_output(group)) {
        drop_others(group, node, exclusive_output);
    }
    msc_conf_put(arena, group, node);
}

/* ---- also ---- */

static bool has(const msc_conf *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->child[i]->kind == MSC_CONF_STRING && !strcmp(list->child[i]->string, name)) {
            return true;
        }
    }
    return false;
}

static bool is_also(const msc_conf *node)
{
    return node->kind == MSC_CONF_GROUP && msc_conf_find(node, "also");
}

/* { also = […]; } onto an array of names; what is there already stays where it is. */
static void append(msc_arena *arena, msc_conf *list, const msc_conf *later)
{
    static const char *const keys[] = {"also", NULL};
    const msc_conf *also = msc_conf_find(later, "also");
    size_t n;
    msc_conf_known(arena, later, keys);
    const msc_conf *const *names = msc_merge_strings(arena, also, &n);
    if (!list || (list->kind != MSC_CONF_ARRAY && list->kind != MSC_CONF_LIST)) {
        msc_conf_fail(arena, also, "there is no array of names that this could be appended to%s",
                      !list                           ? ""
                      : list->kind == MSC_CONF_STRING ? ": it is one string"
                                                      : "");
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (!strcmp(names[k]->string, names[i]->string)) {
                msc_conf_fail(arena, names[i], "'%s' is there twice", names[i]->string);
            }
        }
        if (!has(list, names[i]->string)) {
            msc_conf *node = msc_conf_clone(arena, names[i]);
            node->name = NULL;
            msc_conf_put(arena, list, node);
        }
    }
}

/* ---- entries ---- */

static void merge_table(msc_arena *arena, const msc_conf *tree, msc_conf *earlier,
                        const msc_conf *later)
{
    for (size_t i = 0; i < later->n; i++) {
        msc_conf *node = later->child[i];
        if (!strcmp(node->name, "is") && msc_conf_find(earlier, "is")) {
            msc_elements_put(arena, tree, earlier, node);
        } else {
            msc_merge_key(arena, earlier, node);
        }
    }
}

/* The keys of an entry in any section of a model. */
static void merge_entry(msc_arena *arena, const msc_conf *tree, msc_conf *entry,
                        const msc_conf *later)
{
    static const char *const lists[] = {"rides", "are", "except", "shown", NULL};
    for (size_t i = 0; i < sizeof exclusive / sizeof *exclusive; i++) {
        drop_kinds(entry, later, exclusive[i]);
    }
    for (size_t i = 0; i < later->n; i++) {
        msc_conf *node = later->child[i];
        msc_conf *old = msc_conf_find(entry, node->name);
        bool groups = old && old->kind == MSC_CONF_GROUP && node->kind == MSC_CONF_GROUP;
        if (is_also(node) && is_one_of(node->name, lists)) {
            append(arena, old, node);
        } else if (groups && !strcmp(node->name, "values")) {
            msc_elements_merge(arena, tree, old, node);
        } else if (groups && !strcmp(node->name, "table")) {
            merge_table(arena, tree, old, node);
        } else {
            msc_merge_key(arena, entry, node);
        }
    }
}

static void merge_entries(msc_arena *arena, const msc_conf *tree, msc_conf *section,
                          const msc_conf *later)
{
    for (size_t i = 0; i < later->n; i++) {
        msc_conf *node = later->child[i];
        msc_conf *entry = msc_conf_find(section, node->name);
        if (node->kind != MSC_CONF_GROUP) {
            msc_conf_put(arena, section, node);
            continue;
        }
        if (!entry || entry->kind != MSC_CONF_GROUP) {
            entry = msc_conf_new(arena, MSC_CONF_GROUP, node->name, node);
            msc_conf_put(arena, section, entry);
        }
        merge_entry(arena, tree, entry, node);
    }
}

/* ---- sets ---- */

static void extend_set(msc_arena *arena, const msc_conf *section, const msc_conf *later)
{
    msc_conf *set = msc_conf_find(section, later->name);
    if (!set) {
        msc_conf_fail(arena, later, "no set is named '%s' that could be extended%s", later->name,
                      suggest_key(arena, later->name, section));
    }
    if (set->kind != MSC_CONF_GROUP) {
        append(arena, set, later);
        return;
    }
    msc_conf *are = msc_conf_find(set, "are");
    if (!are) {
        msc_conf_fail(arena, msc_conf_find(later, "also"),
                      "the set '%s' is defined by what it leaves out: give a new `except`",
                      later->name);
    }
    append(arena, are, later);
}

static void merge_sets(msc_arena *arena, const msc_conf *tree, msc_conf *section,
                       const msc_conf *later)
{
    for (size_t i = 0; i < later->n; i++) {
        msc_conf *node = later->child[i];
        msc_conf *set = msc_conf_find(section, node->name);
        if (is_also(node)) {
            extend_set(arena, section, node);
        } else if (set && set->kind == MSC_CONF_GROUP && node->kind == MSC_CONF_GROUP) {
            merge_entry(arena, tree, set, node);
        } else {
            msc_conf_put(arena, section, node);
        }
    }
}

/* ---- parameters ---- */

static const char *const parameter_keys[] = {"unit",  "value",  "values", "table",
                                             "over",  "total",  "range",  "distribution",
                                             "about", "source", NULL};
enum { PARAMETER_KEYS = sizeof parameter_keys / sizeof *parameter_keys - 1 };

/* Values for some elements of a parameter, whatever form its value has had. */
static void merge_elements(msc_arena *arena, const msc_conf *tree, msc_conf *parameter,
                           const msc_conf *elements)
{
    if (!msc_conf_find(parameter, "over")) {
        const char *name = elements->child[0]->name;
        msc_conf_fail(
            arena, elements->child[0], "'%s' is no key of a parameter, and '%s' has no elements%s",
            name, parameter->name, msc_text_suggest(arena, name, parameter_keys, PARAMETER_KEYS));
    }
    msc_conf *table = msc_conf_find(parameter, "table");
    msc_conf *is = table && table->kind == MSC_CONF_GROUP ? msc_conf_find(table, "is") : NULL;
    if (is) {
        is = is->kind == MSC_CONF_GROUP ? is : msc_elements_wrap(arena, table, is);
        msc_elements_leave(arena, is, elements);
        if (is->n == 0) {
            msc_conf_remove(parameter, "table");
        }
    }
    msc_conf *values = msc_conf_find(parameter, "values");
    if (!values) {
        msc_conf *value = msc_conf_find(parameter, "value");
        values = msc_conf_new(arena, MSC_CONF_GROUP, "values", elements);
        if (value) {
            msc_conf_remove(parameter, "value");
            value->name = "others";
            msc_conf_put(arena, values, value);
        }
        msc_conf_put(arena, parameter, values);
    }
    msc_conf_need_kind(arena, values, MSC_CONF_GROUP);
    msc_elements_merge(arena, tree, values, elements);
}

/* Where the values under a node leave one element to be the remainder, or NULL. */
static const msc_conf *remainder_in(const msc_conf *node)
{
    if (node && node->kind == MSC_CONF_STRING) {
        return strcmp(node->string, "remainder") == 0 ? node : NULL;
    }
    const msc_conf *found = NULL;
    for (size_t i = 0; node && node->kind == MSC_CONF_GROUP && i < node->n && !found; i++) {
        found = remainder_in(node->child[i]);
    }
    return found;
}

/* Another unit would give bare numbers of earlier files another meaning. */
static void refuse_rescaling(msc_arena *arena, const msc_conf *parameter, const msc_conf *given)
{
    static const char *const bare[] = {"value", "values", "table", "total", "range", "distribution"};
    const msc_conf *unit = msc_conf_find(given, "unit"), *old = msc_conf_find(parameter, "unit");
    if (!unit || !old || unit->kind != MSC_CONF_STRING || old->kind != MSC_CONF_STRING || strcmp(unit->string, old->string) == 0) {
        return;
    }
    const bool anew = msc_conf_find(given, "value") || msc_conf_find(given, "values") || msc_conf_find(given, "table");
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
        if (msc_conf_find(parameter, bare[i]) && !msc_conf_find(given, bare[i]) && !(anew && i < 3)) {
            msc_conf_fail(arena, unit, "its %s is counted in '%s' by an earlier file: with another unit, give %s anew", bare[i],
                          old->string, bare[i]);
        }
    }
}

static void give_value(msc_arena *arena, const msc_conf *tree, msc_conf *parameter, msc_conf *given)
{
    if (msc_conf_is_number(given) || given->kind == MSC_CONF_STRING) {
        for (const char *const *k = exclusive[0]; *k; k++) {
            msc_conf_remove(parameter, *k);
        }
        given->name = "value";
        msc_conf_put(arena, parameter, given);
        return;
    }
    if (given->kind != MSC_CONF_GROUP) {
        msc_conf_fail(arena, given, "expected a number, a formula or a group, found %s",
                      msc_conf_kind_text(given->kind));
    }
    msc_conf *attributes = msc_conf_new(arena, MSC_CONF_GROUP, given->name, given);
    msc_conf *elements = msc_conf_new(arena, MSC_CONF_GROUP, given->name, given);
    attributes->parent = elements->parent = given->parent;
    for (size_t i = 0; i < given->n; i++) {
        bool attribute = is_one_of(given->child[i]->name, parameter_keys);
        msc_conf_put(arena, attribute ? attributes : elements, given->child[i]);
    }
    refuse_rescaling(arena, parameter, attributes);
    merge_entry(arena, tree, parameter, attributes);
    if (elements->n > 0) {
        merge_elements(arena, tree, parameter, elements);
    }
}

void msc_merge_parameter(msc_arena *arena, const msc_conf *tree, msc_conf *parameter,
                         msc_conf *given)
{
    const msc_conf *before = remainder_in(msc_conf_find(parameter, "values"));
    give_value(arena, tree, parameter, given);
    /* the total of a remainder is 1 unless something else is said, and does not end with the remainder */
    if (before && !remainder_in(msc_conf_find(parameter, "values")) && !msc_conf_find(parameter, "total")) {
        msc_conf *total = msc_conf_new(arena, MSC_CONF_STRING, "total", before);
        total->string = "1";
        msc_conf_put(arena, parameter, total);
    }
}

struct parameters {
    msc_arena *arena;
    const msc_conf *tree, *later;
    msc_conf *section;
};

static void merge_next_parameter(void *context, size_t i)
{
    const struct parameters *p = context;
    msc_conf *node = p->later->child[i];
    msc_conf *old = msc_conf_find(p->section, node->name);
    if (old) {
        msc_merge_parameter(p->arena, p->tree, old, node);
    } else if (node->kind == MSC_CONF_GROUP && msc_conf_find(node, "unit")) {
        msc_conf_put(p->arena, p->section, node);
    } else {
        const char *hint = suggest_key(p->arena, node->name, p->section);
        msc_conf_fail(p->arena, node, "no parameter is named '%s'%s", node->name,
                      *hint ? hint : "; a new one is a group with `unit`");
    }
}

/* Of one file they do not hang on each other. */
static void merge_parameters(msc_arena *arena, const msc_conf *tree, msc_conf *section,
                             const msc_conf *later)
{
    struct parameters p = {arena, tree, later, section};
    msc_arena_each(arena, later->n, merge_next_parameter, &p);
    msc_arena_stop(arena);
}

/* ---- sections ---- */

typedef void merge_function(msc_arena *arena, const msc_conf *tree, msc_conf *section,
                            const msc_conf *later);

static void merge_plain(msc_arena *arena, const msc_conf *tree, msc_conf *section,
                        const msc_conf *later)
{
    (void)tree;
    merge_groups(arena, section, later);
}

/* In the order of merging: sets first, since values are keyed by them. */
static const struct section {
    const char *name;
    merge_function *merge; /* NULL: replaced */
    bool scenario;         /* of scenario files only */
    bool entries;          /* that `without` deletes */
} sections[] = {
    {"title", NULL, false, false},
    {"caution", NULL, false, false}, /* see merge_caution */
    {"time_unit", NULL, false, false},
    {"units", merge_plain, false, false},
    {"sets", merge_sets, false, true},
    {"parameters", merge_parameters, false, true},
    {"amounts", merge_entries, false, true},
    {"cargo", merge_entries, false, true},
    {"variables", merge_entries, false, true},
    {"processes", merge_entries, false, true},
    {"routes", merge_entries, false, true},
    {"outputs", merge_entries, false, true},
    {"checks", merge_entries, false, true},
    {"regimen", NULL, true, false},
    {"output", merge_plain, true, false},
    {"solver", merge_plain, true, false},
    {"sweep", merge_plain, true, false},
    {"fit", merge_plain, true, false},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static bool is_single(const msc_conf *node)
{
    return node->kind != MSC_CONF_GROUP && node->kind != MSC_CONF_LIST && node->kind != MSC_CONF_ARRAY;
}

void msc_merge_check(msc_arena *arena, const msc_conf *layer, bool scenario)
{
    static const char *const leading[] = {"extends", "without", "model", "base"};
    const char *known[SECTIONS + 4];
    size_t n = 0;
    for (size_t i = 0; i < (scenario ? 4 : 2); i++) {
        known[n++] = leading[i];
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        if (scenario || !sections[i].scenario) {
            known[n++] = sections[i].name;
        }
    }
    for (size_t i = 0; i < layer->n; i++) {
        const msc_conf *node = layer->child[i];
        size_t k = 0;
        while (k < n && strcmp(known[k], node->name) != 0) {
            k++;
        }
        if (k == n) {
            const char *hint = msc_text_suggest(arena, node->name, known, n);
            if (strcmp(node->name, "rows") == 0) {
                hint = "; a file of published rows is for 'mscsim validate'";
            } else if (*hint == '\0' && node->line > 0 && scenario && is_single(node)) {
                hint = msc_arena_printf(arena, "; a parameter goes into parameters = { %s = ...; }", node->name);
            } else if (*hint == '\0' && node->line == 0) { /* of a --set: a parameter may be meant */
                hint = msc_arena_printf(arena, "; a parameter is parameters.%s, a dose's key regimen[0].%s",
                                        node->name, node->name);
            }
            msc_conf_fail(arena, node, "no section of a %s is named '%s'%s",
                          scenario ? "scenario or model" : "model", node->name, hint);
        }
    }
}

/* All names that `without` may give, for a suggestion. */
static const char *suggest_entry(msc_arena *arena, const msc_conf *tree, const char *name)
{
    const char **names = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < SECTIONS; i++) {
        const msc_conf *section = msc_conf_find(tree, sections[i].name);
        for (size_t k = 0; sections[i].entries && section && k < section->n; k++) {
            *MSC_PUSH(arena, names, n, cap) = section->child[k]->name;
        }
    }
    return msc_text_suggest(arena, name, names, n);
}

static void merge_without(msc_arena *arena, msc_conf *tree, const msc_conf *without)
{
    size_t n;
    const msc_conf *const *names = msc_merge_strings(arena, without, &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = names[i]->string;
        bool found = false;
        for (size_t k = 0; k < SECTIONS; k++) {
            msc_conf *section = msc_conf_find(tree, sections[k].name);
            if (sections[k].entries && section && msc_conf_find(section, name)) {
                msc_conf_remove(section, name);
                found = true;
            }
        }
        if (!found) {
            msc_conf_fail(arena, names[i], "nothing that was extended is named '%s'%s", name,
                          suggest_entry(arena, tree, name));
        }
    }
}

/* What is to be said of a model stays said whoever extends it: texts add up, each once. */
static void merge_caution(msc_arena *arena, msc_conf *tree, const msc_conf *later)
{
    msc_conf *list = msc_conf_find(tree, later->name);
    size_t n;
    const msc_conf *const *texts = msc_merge_strings(arena, later, &n);
    if (!list) {
        list = msc_conf_new(arena, MSC_CONF_LIST, later->name, later);
        msc_conf_put(arena, tree, list);
    }
    for (size_t i = 0; i < n; i++) {
        if (!has(list, texts[i]->string)) {
            msc_conf *text = msc_conf_clone(arena, texts[i]);
            text->name = NULL;
            msc_conf_put(arena, list, text);
        }
    }
}

void msc_merge_layer(msc_arena *arena, msc_conf *tree, msc_conf *layer)
{
    const msc_conf *without = msc_conf_find(layer, "without");
    if (without) {
        merge_without(arena, tree, without);
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        msc_conf *later = msc_conf_find(layer, sections[i].name);
        if (!later) {
            continue;
        }
        if (!strcmp(later->name, "caution")) {
            merge_caution(arena, tree, later);
            continue;
        }
        if (!sections[i].merge) {
            msc_conf_put(arena, tree, later);
            continue;
        }
        msc_conf_need_kind(arena, later, MSC_CONF_GROUP);
        msc_conf *section = msc_conf_find(tree, sections[i].name);
        if (!section) {
            section = msc_conf_new(arena, MSC_CONF_GROUP, later->name, later);
            msc_conf_put(arena, tree, section);
        }
        sections[i].merge(arena, tree, section, later);
    }
}
