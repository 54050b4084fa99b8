/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names: the one namespace of a model, what may not be a name, suggestions for misspelt ones, and
 * the names that are bound to run over a set. */
#include "model/reader.h"

#include <stdlib.h>
#include <string.h>

static bool listed(const char *name, const char *const *list)
{
    for (; *list; list++) {
        if (!strcmp(name, *list)) {
            return true;
        }
    }
    return false;
}

bool msc_names_reserved(const char *name)
{
    static const char *const words[] = {
        "time",   "in",    "and",   "or",        "not",    "sum",     "if",       "min",
        "max",    "abs",   "exp",   "log",       "log10",  "sqrt",    "integral", "dosed",
        "flux",   "first", "last",  "remainder", "others", "nowhere", "of",       "are",
        "except", "also",  "value", "values",    "table",  NULL};
    return listed(name, words);
}

bool msc_names_is_key(const char *name)
{
    static const char *const keys[] = {
        "of",      "are",  "except", "also",  "unit",   "value",  "values",
        "table",   "over", "total",  "range", "about",  "source", "distribution",
        "initial", "pool", "stages", "rides", "load",   "falls",  "from",
        "transit", "to",   "into",   "rate",  "hazard", "share",  "dwell",
        "yield",   "fate", "per",    "takes", "that",   "else",   NULL};
    return listed(name, keys);
}

/* ---- the namespace ---- */

typedef struct {
    const msc_conf *node;
    size_t order;
    msc_name_kind kind;
} entry_name;

static int by_name(const void *a, const void *b)
{
    const entry_name *x = a, *y = b;
    int order = strcmp(x->node->name, y->node->name);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static const struct {
    const char *section, *text;
    msc_name_kind kind;
} spaces[] = {{"sets", "a set", MSC_NAME_SET},
              {"parameters", "a parameter", MSC_NAME_PARAMETER},
              {"amounts", "an amount", MSC_NAME_AMOUNT},
              {"cargo", "a cargo", MSC_NAME_CARGO},
              {"variables", "a variable", MSC_NAME_VARIABLE},
              {"processes", "a process", MSC_NAME_PROCESS}};
enum { SPACES = sizeof spaces / sizeof *spaces };

const char *msc_names_kind_text(msc_name_kind kind)
{
    for (size_t i = 0; i < SPACES; i++) {
        if (spaces[i].kind == kind) {
            return spaces[i].text;
        }
    }
    return "nothing";
}

static void check_entry(msc_reader *r, const msc_conf *node, bool reserved)
{
    if (!msc_text_is_name(node->name)) {
        msc_conf_fail(r->arena, node,
                      "'%s' is not a name: a letter, then letters, digits and _; not "
                      "true or false",
                      node->name);
    }
    if (reserved && msc_names_reserved(node->name)) {
        msc_conf_fail(r->arena, node, "'%s' is a word of the language and cannot be a name",
                      node->name);
    }
}

void msc_names_check_all(msc_reader *r)
{
    static const char *const apart[] = {"outputs", "routes", "checks"};
    entry_name *list = NULL;
    size_t n = 0, cap = 0;
    for (size_t s = 0; s < SPACES; s++) {
        size_t entries;
        msc_conf *section = msc_reader_section(r, spaces[s].section, &entries);
        for (size_t i = 0; i < entries; i++) {
            check_entry(r, section->child[i], true);
            entry_name name = {section->child[i], n, spaces[s].kind};
            *MSC_PUSH(r->arena, list, n, cap) = name;
        }
    }
    for (size_t s = 0; s < sizeof apart / sizeof *apart; s++) {
        size_t entries;
        msc_conf *section = msc_reader_section(r, apart[s], &entries);
        for (size_t i = 0; i < entries; i++) {
            check_entry(r, section->child[i], false);
        }
    }
    if (n) {
        qsort(list, n, sizeof *list, by_name);
    }
    for (size_t i = 1; i < n; i++) {
        if (!strcmp(list[i - 1].node->name, list[i].node->name)) {
            const msc_conf *other = list[i - 1].node;
            msc_conf_fail(r->arena, list[i].node, "'%s' is the name of %s already (%s:%d)",
                          list[i].node->name, msc_names_kind_text(list[i - 1].kind), other->file,
                          other->line);
        }
    }
}

/* Name of the i-th thing of a kind; NULL past the last. */
static const char *name_at(const msc_model *model, msc_name_kind kind, size_t i)
{
    switch (kind) {
    case MSC_NAME_SET: return i < model->n_set ? model->set[i].name : NULL;
    case MSC_NAME_PARAMETER: return i < model->n_parameter ? model->parameter[i].name : NULL;
    case MSC_NAME_AMOUNT:
        return i < model->n_amount && model->amount[i].cargo < 0 ? model->amount[i].name : NULL;
    case MSC_NAME_CARGO: return i < model->n_cargo ? model->cargo[i].name : NULL;
    case MSC_NAME_VARIABLE: return i < model->n_variable ? model->variable[i].name : NULL;
    case MSC_NAME_PROCESS: return i < model->n_process ? model->process[i].name : NULL;
    case MSC_NAME_NONE: break;
    }
    return NULL;
}

msc_name_kind msc_names_find(const msc_model *model, const char *name, int *index)
{
    for (size_t s = 0; s < SPACES; s++) {
        const char *other;
        for (size_t i = 0; (other = name_at(model, spaces[s].kind, i)) != NULL; i++) {
            if (!strcmp(other, name)) {
                *index = (int)i;
                return spaces[s].kind;
            }
        }
    }
    *index = -1;
    return MSC_NAME_NONE;
}

int msc_names_find_set(const msc_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_set; i++) {
        if (!strcmp(model->set[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

const char *msc_names_suggest(msc_reader *r, const char *name, unsigned kinds)
{
    const char **candidates = NULL;
    size_t n = 0, cap = 0;
    for (size_t s = 0; s < SPACES; s++) {
        const char *other;
        if (!(kinds & MSC_NAME_BIT(spaces[s].kind))) {
            continue;
        }
        for (size_t i = 0; (other = name_at(r->model, spaces[s].kind, i)) != NULL; i++) {
            *MSC_PUSH(r->arena, candidates, n, cap) = other;
        }
    }
    return msc_text_suggest(r->arena, name, candidates, n);
}

/* ---- names bound to run over a set ---- */

void msc_reader_bind(msc_reader *r, msc_scope *scope, const msc_conf *node,
                     const msc_syntax_bind *bind)
{
    const msc_model *model = r->model;
    int set = msc_names_find_set(model, bind->set);
    if (set < 0) {
        msc_conf_fail(r->arena, node, "no set is named '%s'%s", bind->set,
                      msc_names_suggest(r, bind->set, MSC_NAME_BIT(MSC_NAME_SET)));
    }
    const msc_set *root = &model->set[model->set[set].root];
    if (strcmp(bind->name, bind->set) != 0) {
        if (!msc_text_is_name(bind->name) || msc_names_reserved(bind->name)) {
            msc_conf_fail(r->arena, node, "'%s' cannot be a name", bind->name);
        }
        if (msc_names_find_set(model, bind->name) >= 0 || msc_set_find(root, bind->name) >= 0) {
            msc_conf_fail(r->arena, node, "'%s' is %s already: bind another name", bind->name,
                          msc_names_find_set(model, bind->name) >= 0
                              ? "a set"
                              : msc_arena_printf(r->arena, "an element of '%s'", root->name));
        }
    }
    for (int i = 0; i < scope->n; i++) {
        if (!strcmp(scope->bind[i].name, bind->name)) {
            msc_conf_fail(r->arena, node,
                          "'%s' is bound already; write \"o in %s\" for another index "
                          "over the same set",
                          bind->name, bind->set);
        }
    }
    if (scope->n == MSC_SLOTS) {
        msc_conf_fail(r->arena, node, "more than %d names bound at one place", MSC_SLOTS);
    }
    scope->bind[scope->n] = (msc_bind){set, scope->n, msc_arena_strdup(r->arena, bind->name)};
    scope->n++;
}

enum { INSTANCES = 10000000 }; /* of one entry: more is a slip, and would only fill the memory */

msc_shape msc_reader_shape(msc_reader *r, const msc_bind *bind, int n, const msc_conf *node)
{
    msc_shape shape = {.n_over = n, .over = MSC_NEW(r->arena, msc_bind, (size_t)n + 1), .n = 1};
    for (int i = 0; i < n; i++) {
        size_t size = r->model->set[bind[i].set].n;
        shape.over[i] = bind[i];
        if (size && shape.n > INSTANCES / size) {
            msc_conf_fail(r->arena, node, "more than %d combinations of its indices", INSTANCES);
        }
        shape.n *= size;
    }
    return shape;
}

msc_shape msc_reader_over(msc_reader *r, const msc_conf *entry, msc_scope *scope)
{
    const msc_conf *over = msc_conf_find(entry, "over");
    if (over) {
        size_t n;
        const char **text = msc_reader_strings(r, over, &n);
        for (size_t i = 0; i < n; i++) {
            msc_syntax_bind bind = msc_syntax_over(r->arena, over, text[i]);
            msc_reader_bind(r, scope, over, &bind);
        }
    }
    return msc_reader_shape(r, scope->bind, scope->n, entry);
}
