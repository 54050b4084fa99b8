/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parameters and variables: indices, unit, a value for each instance; totals and ranges. */
#include "model/formula.h"

#include <math.h>
#include <string.h>

static const msc_scope parameters_scope = {.user = "a parameter"};

/* ---- parameters ---- */

static void declare_parameter(msc_reader *r, size_t i)
{
    static const char *const keys[] = {"unit",  "value",        "values", "table",  "over", "total",
                                       "range", "distribution", "about",  "source", NULL};
    msc_parameter *p = &r->model->parameter[i];
    const msc_conf *entry = p->origin;
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    msc_scope scope = parameters_scope;
    msc_unit unit = msc_reader_entry_unit(r, entry);
    *p = (msc_parameter){.name = entry->name,
                         .unit = unit.text,
                         .factor = unit.factor,
                         .dim = unit.dim,
                         .origin = entry,
                         .shape = msc_reader_over(r, entry, &scope),
                         .about = msc_reader_text(r, entry, "about"),
                         .source = msc_reader_text(r, entry, "source"),
                         .distribution = msc_conf_find(entry, "distribution")};
}

void msc_parameters_declare(msc_reader *r)
{
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "parameters", &model->n_parameter);
    model->parameter = MSC_NEW(r->arena, msc_parameter, model->n_parameter + 1);
    for (size_t i = 0; i < model->n_parameter; i++) {
        model->parameter[i] = (msc_parameter){.name = section->child[i]->name, .origin = section->child[i]};
    }
    msc_reader_each(r, model->n_parameter, declare_parameter);
}

static msc_scope shape_scope(const msc_shape *shape, const msc_scope *like)
{
    msc_scope scope = *like;
    scope.n = shape->n_over;
    memcpy(scope.bind, shape->over, (size_t)shape->n_over * sizeof *shape->over);
    return scope;
}

/* range = [low, high], bare numbers in the parameter's unit or texts with their own. */
static void read_range(msc_reader *r, msc_parameter *p, const msc_unit *unit)
{
    const msc_conf *range = msc_conf_find(p->origin, "range");
    if (!range) {
        return;
    }
    if ((range->kind != MSC_CONF_ARRAY && range->kind != MSC_CONF_LIST) || range->n != 2) {
        msc_conf_fail(r->arena, range, "a range is [low, high]");
    }
    double end[2];
    for (int i = 0; i < 2; i++) {
        msc_dim dim;
        end[i] = msc_model_quantity(r->model, r->arena, range->child[i], unit->text, &dim);
        if (!msc_dim_equal(dim, unit->dim)) {
            msc_conf_fail(r->arena, range, "its unit is '%s', where '%s' is due",
                          msc_reader_dim_text(r, dim), unit->text);
        }
    }
    if (!(end[0] <= end[1])) {
        msc_conf_fail(r->arena, range, "low is above high");
    }
    p->ranged = true;
    p->low = end[0];
    p->high = end[1];
}

/* What can be seen without running: numbers that do not add up. */
static void check_total(msc_reader *r, const msc_parameter *p)
{
    double sum = 0, total = p->total->number;
    bool remainder = false;
    for (size_t i = 0; i < p->shape.n; i++) {
        if (p->value[i].kind == MSC_VALUE_FORMULA || p->value[i].kind == MSC_VALUE_NONE) {
            return;
        }
        remainder = remainder || p->value[i].kind == MSC_VALUE_REMAINDER;
        sum += p->value[i].kind == MSC_VALUE_NUMBER ? p->value[i].number : 0;
    }
    if (p->total->kind != MSC_X_NUMBER) {
        return;
    }
    double slack = 1e-9 * fabs(total);
    if (remainder ? sum > total + slack : fabs(sum - total) > slack) {
        msc_conf_fail(r->arena, p->origin,
                      remainder ? "the other values add up to %.4f already, more than %g"
                                : "the values add up to %.4f, not to %g",
                      sum / p->factor, total / p->factor);
    }
}

static void read_total(msc_reader *r, msc_parameter *p, const msc_unit *unit)
{
    const msc_conf *total = msc_conf_find(p->origin, "total");
    bool remainder = false;
    for (size_t i = 0; i < p->shape.n; i++) {
        remainder = remainder || p->value[i].kind == MSC_VALUE_REMAINDER;
    }
    if (total && p->shape.n_over != 1) {
        msc_conf_fail(r->arena, total, "a total belongs to a parameter with one index");
    }
    if (total) {
        p->total = msc_formula_read(r, &parameters_scope, total, unit, unit->dim, unit->text);
    } else if (remainder) {
        if (!msc_dim_is_pure(unit->dim)) {
            msc_conf_fail(r->arena, p->origin, "the remainder of what? give total, in '%s'",
                          unit->text);
        }
        p->total = msc_formula_number(r, p->origin, 1, unit->dim);
    }
    if (p->total) {
        check_total(r, p);
    }
}

/* ---- elements without a value ---- */

/* Where a parameter says what its elements are worth; NULL: nowhere, which is legal by itself. */
static const msc_conf *values_of(const msc_parameter *p)
{
    const msc_conf *values = msc_conf_find(p->origin, "values"), *table = msc_conf_find(p->origin, "table");
    return values ? values : table ? msc_conf_find(table, "is") : NULL;
}

/* Its file's place in the order of merging; what a --set says comes last. */
static size_t layer_of(const msc_model *model, const msc_conf *node)
{
    for (size_t i = 0; i < model->n_source; i++) {
        if (model->source[i].name == node->file) {
            return model->source[i].layer;
        }
    }
    return model->n_source;
}

/* The element that joined its set in a file that came later than the parameter's values, by one of the
 * indices of an instance; NULL: all of them were there. */
static const msc_conf *joined(const msc_model *model, const msc_parameter *p, size_t instance)
{
    int env[MSC_SLOTS] = {0};
    msc_shape_env(model, &p->shape, instance, env);
    for (int i = 0; i < p->shape.n_over; i++) {
        const msc_set *root = &model->set[model->set[p->shape.over[i].set].root];
        const int element = env[p->shape.over[i].slot];
        const bool listed = root->origin->kind == MSC_CONF_ARRAY || root->origin->kind == MSC_CONF_LIST;
        const msc_conf *node = listed && (size_t)element < root->origin->n ? root->origin->child[element] : NULL;
        if (node && layer_of(model, node) > layer_of(model, values_of(p))) {
            return node;
        }
    }
    return NULL;
}

static const msc_conf *first_joined(const msc_model *model, const msc_parameter *p)
{
    const msc_conf *node = NULL;
    for (size_t i = 0; i < p->shape.n && !node; i++) {
        node = p->value[i].kind == MSC_VALUE_NONE ? joined(model, p, i) : NULL;
    }
    return node;
}

static bool is_missing(const msc_reader *r, const msc_parameter *p)
{
    return values_of(p) && msc_values_missing(r->arena, r->model, &p->shape, p->value);
}

/* A new element lacks something in many parameters: all are named, at the place where it joined. */
static void fail_joined(msc_reader *r, const msc_conf *element, const msc_parameter *example)
{
    const msc_model *model = r->model;
    const char *list = "";
    for (size_t i = 0; i < model->n_parameter; i++) {
        const msc_parameter *p = &model->parameter[i];
        if (is_missing(r, p) && first_joined(model, p) == element) {
            list = msc_arena_printf(r->arena, "%s%s%s", list, *list ? ", " : "", p->name);
        }
    }
    msc_conf_fail(r->arena, element, "no value for '%s' in %s: add to parameters, e.g.  %s = { %s = ...; };",
                  element->string, list, example->name, element->string);
}

/* What is written for some elements must be there for all, unless the model is only described. */
static void check_missing(msc_reader *r)
{
    const msc_model *model = r->model;
    const msc_parameter *first = NULL;
    const char *more = "";
    for (size_t i = 0; i < model->n_parameter; i++) {
        const msc_parameter *p = &model->parameter[i];
        if (!is_missing(r, p)) {
            continue;
        }
        const msc_conf *element = first_joined(model, p);
        if (element) {
            fail_joined(r, element, p);
        }
        more = first ? msc_arena_printf(r->arena, "%s%s %s", more, *more ? "," : "; values are missing also in", p->name)
                     : more;
        first = first ? first : p;
    }
    if (first) {
        msc_conf_fail(r->arena, values_of(first), "no value for %s%s",
                      msc_values_missing(r->arena, model, &first->shape, first->value), more);
    }
}

static void read_parameter(msc_reader *r, size_t i)
{
    msc_parameter *p = &r->model->parameter[i];
    msc_unit unit = {p->unit, p->factor, p->dim};
    msc_scope scope = shape_scope(&p->shape, &parameters_scope);
    p->value = msc_values_read(r, &(msc_values){p->origin, &p->shape, &scope, &unit, true});
    read_range(r, p, &unit);
    read_total(r, p, &unit);
}

void msc_parameters_read(msc_reader *r)
{
    msc_reader_each(r, r->model->n_parameter, read_parameter);
    if (!r->model->open && !msc_reader_faulty(r)) {
        check_missing(r);
    }
}

/* ---- variables ---- */

static const msc_scope variables_scope = {.may = MSC_MAY_RATES, .user = "a variable"};

static void declare_variable(msc_reader *r, size_t i)
{
    static const char *const keys[] = {"unit", "value", "values", "table",
                                       "over", "about", "source", NULL};
    msc_variable *v = &r->model->variable[i];
    const msc_conf *entry = v->origin;
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    msc_scope scope = variables_scope;
    msc_unit unit = msc_reader_entry_unit(r, entry);
    *v = (msc_variable){.name = entry->name,
                        .unit = unit.text,
                        .factor = unit.factor,
                        .dim = unit.dim,
                        .origin = entry,
                        .shape = msc_reader_over(r, entry, &scope),
                        .about = msc_reader_text(r, entry, "about")};
}

void msc_variables_declare(msc_reader *r)
{
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "variables", &model->n_variable);
    model->variable = MSC_NEW(r->arena, msc_variable, model->n_variable + 1);
    for (size_t i = 0; i < model->n_variable; i++) {
        model->variable[i] = (msc_variable){.name = section->child[i]->name, .origin = section->child[i]};
    }
    msc_reader_each(r, model->n_variable, declare_variable);
}

static void read_variable(msc_reader *r, size_t i)
{
    msc_variable *v = &r->model->variable[i];
    msc_unit unit = {v->unit, v->factor, v->dim};
    msc_scope scope = shape_scope(&v->shape, &variables_scope);
    v->value = msc_values_read(r, &(msc_values){v->origin, &v->shape, &scope, &unit, false});
}

void msc_variables_read(msc_reader *r)
{
    msc_reader_each(r, r->model->n_variable, read_variable);
}
