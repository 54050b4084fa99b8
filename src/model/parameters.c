/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parameters and variables: indices, unit, a value for each instance; totals and ranges. */
#include "model/formula.h"

#include <math.h>
#include <string.h>

static const msc_scope parameters_scope = {.user = "a parameter"};

/* ---- parameters ---- */

void msc_parameters_declare(msc_reader *r)
{
    static const char *const keys[] = {"unit",  "value",        "values", "table",  "over", "total",
                                       "range", "distribution", "about",  "source", NULL};
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "parameters", &model->n_parameter);
    model->parameter = MSC_NEW(r->arena, msc_parameter, model->n_parameter + 1);
    for (size_t i = 0; i < model->n_parameter; i++) {
        const msc_conf *entry = section->child[i];
        msc_parameter *p = &model->parameter[i];
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

void msc_parameters_read(msc_reader *r)
{
    for (size_t i = 0; i < r->model->n_parameter; i++) {
        msc_parameter *p = &r->model->parameter[i];
        msc_unit unit = {p->unit, p->factor, p->dim};
        msc_scope scope = shape_scope(&p->shape, &parameters_scope);
        p->value = msc_values_read(r, &(msc_values){p->origin, &p->shape, &scope, &unit, true});
        read_range(r, p, &unit);
        read_total(r, p, &unit);
    }
}

/* ---- variables ---- */

static const msc_scope variables_scope = {.may = MSC_MAY_RATES, .user = "a variable"};

void msc_variables_declare(msc_reader *r)
{
    static const char *const keys[] = {"unit", "value", "values", "table",
                                       "over", "about", "source", NULL};
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "variables", &model->n_variable);
    model->variable = MSC_NEW(r->arena, msc_variable, model->n_variable + 1);
    for (size_t i = 0; i < model->n_variable; i++) {
        const msc_conf *entry = section->child[i];
        msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
        msc_conf_known(r->arena, entry, keys);
        msc_scope scope = variables_scope;
        msc_unit unit = msc_reader_entry_unit(r, entry);
        model->variable[i] = (msc_variable){.name = entry->name,
                                            .unit = unit.text,
                                            .factor = unit.factor,
                                            .dim = unit.dim,
                                            .origin = entry,
                                            .shape = msc_reader_over(r, entry, &scope),
                                            .about = msc_reader_text(r, entry, "about")};
    }
}

void msc_variables_read(msc_reader *r)
{
    for (size_t i = 0; i < r->model->n_variable; i++) {
        msc_variable *v = &r->model->variable[i];
        msc_unit unit = {v->unit, v->factor, v->dim};
        msc_scope scope = shape_scope(&v->shape, &variables_scope);
        v->value = msc_values_read(r, &(msc_values){v->origin, &v->shape, &scope, &unit, false});
    }
}
