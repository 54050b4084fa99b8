/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * value, values and table: from what is written for elements, subsets and others to one value for
 * each instance (language §3). A setting that speaks for many instances is read once. */
#include "model/formula.h"

#include <string.h>

/* ---- which setting speaks for an instance ---- */

_Noreturn static void fail_key(msc_reader *r, const msc_conf *key, const msc_set *set)
{
    const msc_model *model = r->model;
    const char **known = NULL;
    size_t n = 0, cap = 0;
    int other = msc_names_find_set(model, key->name);
    if (msc_set_find(&model->set[set->root], key->name) >= 0) {
        msc_conf_fail(r->arena, key, "'%s' is not in '%s'", key->name, set->name);
    }
    if (other >= 0) {
        msc_conf_fail(r->arena, key, "'%s' is not a subset of '%s'", key->name,
                      model->set[set->root].name);
    }
    for (size_t i = 0; i < set->n; i++) {
        *MSC_PUSH(r->arena, known, n, cap) =
            set->numeric ? msc_arena_printf(r->arena, "n%s", set->label[i]) : set->label[i];
    }
    for (size_t i = 0; i < model->n_set; i++) {
        if (model->set[i].root == set->root) {
            *MSC_PUSH(r->arena, known, n, cap) = model->set[i].name;
        }
    }
    *MSC_PUSH(r->arena, known, n, cap) = "others";
    msc_conf_fail(r->arena, key, "'%s' is neither an element of '%s' nor a subset of it%s",
                  key->name, set->name, msc_text_suggest(r->arena, key->name, known, n));
}

/* The set that a key names, if it is one over the same root. */
static int subset_key(const msc_model *model, const msc_conf *key, const msc_set *set)
{
    int other = msc_names_find_set(model, key->name);
    return other >= 0 && model->set[other].root == set->root ? other : -1;
}

void msc_values_check_keys(msc_reader *r, const msc_conf *node, const msc_shape *shape, int level)
{
    if (node->kind != MSC_CONF_GROUP) {
        return;
    }
    if (level == shape->n_over && !level) {
        msc_conf_fail(r->arena, node, "there are no elements here: the entry has no over");
    }
    if (level == shape->n_over) {
        msc_conf_fail(r->arena, node, "one level more than the entry has indices");
    }
    const msc_set *set = &r->model->set[shape->over[level].set];
    for (size_t i = 0; i < node->n; i++) {
        const msc_conf *key = node->child[i];
        if (strcmp(key->name, "others") != 0 && msc_set_find(set, key->name) < 0 &&
            subset_key(r->model, key, set) < 0) {
            fail_key(r, key, set);
        }
        msc_values_check_keys(r, key, shape, level + 1);
    }
}

static bool is_element(const msc_set *set, long position, const char *key)
{
    return !strcmp(set->label[position], set->numeric && key[0] == 'n' ? key + 1 : key);
}

static const msc_conf *resolve(msc_reader *r, const msc_conf *node, const msc_shape *shape,
                               const int *env, int level)
{
    if (node->kind != MSC_CONF_GROUP) {
        return node;
    }
    const msc_set *set = &r->model->set[shape->over[level].set];
    int element = env[shape->over[level].slot];
    long position = msc_set_position(set, element);
    const msc_conf *own = NULL, *subset = NULL, *others = NULL, *twice = NULL;
    for (size_t i = 0; i < node->n; i++) {
        const msc_conf *key = node->child[i];
        int other;
        if (!strcmp(key->name, "others")) {
            others = key;
        } else if (is_element(set, position, key->name)) {
            own = key;
        } else if ((other = subset_key(r->model, key, set)) >= 0 &&
                   msc_set_position(&r->model->set[other], element) >= 0) {
            twice = subset ? key : NULL;
            subset = subset ? subset : key;
        }
    }
    if (!own && twice) {
        msc_conf_fail(r->arena, twice, "'%s' is in '%s' and in '%s': give it a value of its own",
                      r->model->set[set->root].label[element], subset->name, twice->name);
    }
    const msc_conf *found = own ? own : subset ? subset : others;
    return found ? resolve(r, found, shape, env, level + 1) : NULL;
}

const msc_conf *msc_values_resolve(msc_reader *r, const msc_conf *node, const msc_shape *shape,
                                   const int *env)
{
    return resolve(r, node, shape, env, 0);
}

/* ---- one setting ---- */

msc_value msc_values_leaf(msc_reader *r, const msc_values *v, const msc_conf *leaf)
{
    msc_value value = {.origin = leaf};
    if (leaf->kind == MSC_CONF_STRING && !strcmp(leaf->string, "remainder")) {
        if (!v->parameter || v->shape->n_over != 1) {
            msc_conf_fail(r->arena, leaf,
                          "remainder belongs among the values of a parameter with one index");
        }
        value.kind = MSC_VALUE_REMAINDER;
        return value;
    }
    if (leaf->kind != MSC_CONF_STRING && !msc_conf_is_number(leaf)) {
        msc_conf_fail(r->arena, leaf, "here is %s, where a number or a formula in quotes is due",
                      msc_conf_kind_text(leaf->kind));
    }
    const msc_expr *expr =
        msc_formula_read(r, v->scope, leaf, v->unit, v->unit->dim, v->unit->text);
    value.kind = expr->kind == MSC_X_NUMBER ? MSC_VALUE_NUMBER : MSC_VALUE_FORMULA;
    value.number = expr->number;
    value.expr = expr->kind == MSC_X_NUMBER ? NULL : expr;
    return value;
}

/* ---- all instances ---- */

typedef struct {
    const msc_conf **leaf;
    msc_value *value;
    size_t n, leaf_cap, value_cap, values;
} leaves;

static msc_value once(msc_reader *r, const msc_values *v, leaves *l, const msc_conf *leaf)
{
    for (size_t i = l->n; i-- > 0;) {
        if (l->leaf[i] == leaf) {
            return l->value[i];
        }
    }
    msc_value value = msc_values_leaf(r, v, leaf);
    *MSC_PUSH(r->arena, l->leaf, l->n, l->leaf_cap) = leaf;
    *MSC_PUSH(r->arena, l->value, l->values, l->value_cap) = value;
    return value;
}

/* "lung" or "lung,fresh": what an instance is called among `values`. */
static const char *instance_text(msc_arena *arena, const msc_model *model, const msc_shape *shape,
                                 size_t instance)
{
    const char *label = msc_shape_label(arena, model, "", shape, instance);
    size_t n = strlen(label);
    return n < 2 ? "it" : msc_arena_strndup(arena, label + 1, n - 2);
}

const char *msc_values_missing(msc_arena *arena, const msc_model *model, const msc_shape *shape,
                               const msc_value *value)
{
    const char *list = NULL;
    for (size_t i = 0; i < shape->n; i++) {
        if (value[i].kind == MSC_VALUE_NONE) {
            const char *text = instance_text(arena, model, shape, i);
            list = list ? msc_arena_printf(arena, "%s%s %s", list, shape->n_over > 1 ? ";" : ",", text)
                        : text;
        }
        if (list && strlen(list) > 400) {
            return msc_arena_printf(arena, "%s ...", list);
        }
    }
    return list;
}

static void fail_missing(msc_reader *r, const msc_values *v, const msc_conf *node,
                         const msc_value *value)
{
    const char *list = msc_values_missing(r->arena, r->model, v->shape, value);
    if (list) {
        msc_conf_fail(r->arena, node, "no value for %s", list);
    }
}

static void fail_remainders(msc_reader *r, const msc_values *v, const msc_value *value)
{
    size_t first = v->shape->n;
    for (size_t i = 0; i < v->shape->n; i++) {
        if (value[i].kind != MSC_VALUE_REMAINDER) {
            continue;
        }
        if (first < v->shape->n) {
            msc_conf_fail(r->arena, value[i].origin,
                          "one element may be the remainder: here are '%s' and '%s'",
                          instance_text(r->arena, r->model, v->shape, first),
                          instance_text(r->arena, r->model, v->shape, i));
        }
        first = i;
    }
}

/* Elements that have values of their own outrank a subset, also one that a later file gives: it then says nothing
 * of them, which is not what whoever wrote it last expects. */
static void note_outranked(msc_reader *r, const msc_values *v, const msc_conf *values)
{
    msc_model *model = r->model;
    const msc_set *set = &model->set[v->shape->over[0].set];
    for (size_t i = 0; i < values->n; i++) {
        const msc_conf *key = values->child[i];
        const int subset = msc_set_find(set, key->name) >= 0 ? -1 : subset_key(model, key, set);
        const char *list = "";
        for (size_t k = 0; subset >= 0 && k < values->n; k++) {
            const msc_conf *own = values->child[k];
            const int element = msc_set_find(set, own->name);
            if (element >= 0 && msc_set_position(&model->set[subset], element) >= 0 &&
                msc_model_layer(model, own) < msc_model_layer(model, key)) {
                list = msc_arena_printf(r->arena, "%s%s %s", list, *list ? "," : "", own->name);
            }
        }
        if (*list) {
            msc_notes_add(&model->notes, r->arena, msc_conf_where(r->arena, key),
                          "says nothing of%s, which %s own: name %s, or use `others`", list,
                          strchr(list, ',') ? "have values of their" : "has a value of its",
                          strchr(list, ',') ? "them" : "it");
        }
    }
}

msc_value *msc_values_read(msc_reader *r, const msc_values *v)
{
    const msc_conf *plain = msc_conf_find(v->entry, "value"),
                   *values = msc_conf_find(v->entry, "values");
    msc_table_reading table = msc_table_read(r, v);
    msc_value *value = MSC_NEW(r->arena, msc_value, v->shape->n + 1);
    leaves l = {0};
    int env[MSC_SLOTS] = {0};
    if (!plain && !values && !table.is) {
        if (!v->parameter) {
            msc_conf_fail(r->arena, v->entry, "needs value or values");
        }
        return value;
    }
    if (values) {
        msc_conf_need_kind(r->arena, values, MSC_CONF_GROUP);
        msc_values_check_keys(r, values, v->shape, 0);
        note_outranked(r, v, values);
    }
    for (size_t i = 0; i < v->shape->n; i++) {
        msc_shape_env(r->model, v->shape, i, env);
        const msc_conf *leaf = NULL;
        value[i] = msc_table_value(r, v, &table, env);
        if (value[i].kind == MSC_VALUE_NONE) {
            leaf = values ? msc_values_resolve(r, values, v->shape, env) : NULL;
            leaf = leaf ? leaf : plain;
        }
        if (leaf) {
            value[i] = once(r, v, &l, leaf);
        }
        msc_formula_check(r, value[i].expr, env);
    }
    if (!v->parameter) { /* parameters: all together, see msc_parameters_read */
        fail_missing(r, v, values ? values : table.is, value);
    }
    fail_remainders(r, v, value);
    return value;
}
