/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Outputs and checks, and the names they bring into a results file. */
#include "model/formula.h"

#include <string.h>

static const msc_scope output_scope = {.may = MSC_MAY_ALL, .user = "an output"};
static const msc_scope check_scope = {.may = MSC_MAY_RATES, .user = "a check"};
static const msc_scope dose_check_scope = {.may = MSC_MAY_TIME, .user = "a check of doses"};

/* ---- outputs ---- */

/* The parameter, amount, variable or process that `{ }` gives out. */
typedef struct {
    msc_expr_kind kind;
    int ref;
    const msc_shape *shape;
    const char *about;
    msc_unit unit;
} thing;

static thing find_thing(msc_reader *r, const msc_conf *entry)
{
    const msc_model *model = r->model;
    int i;
    msc_name_kind kind = msc_names_find(model, entry->name, &i);
    switch (kind) {
    case MSC_NAME_PARAMETER: {
        const msc_parameter *p = &model->parameter[i];
        return (thing){MSC_X_PARAMETER, i, &p->shape, p->about, {p->unit, p->factor, p->dim}};
    }
    case MSC_NAME_VARIABLE: {
        const msc_variable *v = &model->variable[i];
        return (thing){MSC_X_VARIABLE, i, &v->shape, v->about, {v->unit, v->factor, v->dim}};
    }
    case MSC_NAME_PROCESS: {
        const msc_process *p = &model->process[i];
        return (thing){MSC_X_PROCESS, i, &p->shape, p->about, {p->unit, p->factor, p->dim}};
    }
    case MSC_NAME_AMOUNT: {
        const msc_amount *a = &model->amount[i];
        if (a->transit) {
            msc_conf_fail(r->arena, entry, "'%s' is in transit: it holds nothing to give out",
                          a->name);
        }
        return (thing){MSC_X_AMOUNT, i, &a->shape, a->about, {a->unit, a->factor, a->dim}};
    }
    case MSC_NAME_SET:
    case MSC_NAME_CARGO:
        msc_conf_fail(r->arena, entry, "'%s' is %s: give unit and value", entry->name,
                      msc_names_kind_text(kind));
    case MSC_NAME_NONE: break;
    }
    msc_conf_fail(
        r->arena, entry,
        "no parameter, amount, variable or process is named '%s': give unit and value%s",
        entry->name,
        msc_names_suggest(r, entry->name,
                          MSC_NAME_BIT(MSC_NAME_PARAMETER) | MSC_NAME_BIT(MSC_NAME_AMOUNT) |
                              MSC_NAME_BIT(MSC_NAME_VARIABLE) | MSC_NAME_BIT(MSC_NAME_PROCESS)));
}

/* An output under the name of a thing: the same shape, each instance a reference to its own. */
static void read_thing(msc_reader *r, msc_output *o)
{
    thing t = find_thing(r, o->origin);
    const msc_conf *unit = msc_conf_find(o->origin, "unit"),
                   *over = msc_conf_find(o->origin, "over");
    if (over) {
        msc_conf_fail(r->arena, over, "without a value the output has the indices of '%s'",
                      o->name);
    }
    o->shape = *t.shape;
    o->about = o->about ? o->about : t.about;
    if (unit) {
        msc_unit own = msc_reader_entry_unit(r, o->origin);
        if (!msc_dim_equal(own.dim, t.unit.dim)) {
            msc_conf_fail(r->arena, unit, "'%s' is in '%s', which '%s' cannot count", o->name,
                          t.unit.text, own.text);
        }
        t.unit = own;
    }
    o->unit = t.unit.text;
    o->factor = t.unit.factor;
    o->dim = t.unit.dim;
    msc_expr *expr = msc_expr_new(r, t.kind, o->origin, 0);
    expr->ref = t.ref;
    expr->dim = o->dim;
    expr->n_index = o->shape.n_over;
    expr->index = MSC_NEW(r->arena, msc_index, (size_t)expr->n_index + 1);
    for (int i = 0; i < expr->n_index; i++) {
        expr->index[i] =
            (msc_index){.slot = o->shape.over[i].slot, .element = -1, .in = o->shape.over[i].set};
    }
    o->value = MSC_NEW(r->arena, msc_value, o->shape.n + 1);
    for (size_t i = 0; i < o->shape.n; i++) {
        o->value[i] = (msc_value){.kind = MSC_VALUE_FORMULA, .expr = expr, .origin = o->origin};
    }
}

static void read_output(msc_reader *r, msc_output *o)
{
    static const char *const keys[] = {"unit", "value", "values", "table",
                                       "over", "about", "source", NULL};
    static const char *const others[] = {"until", "start", "every", "times", "quantities", "file"};
    const msc_conf *entry = o->origin;
    for (size_t i = 0; entry->kind != MSC_CONF_GROUP && i < sizeof others / sizeof *others; i++) {
        if (!strcmp(o->name, others[i])) {
            msc_conf_fail(r->arena, entry, "'%s' belongs to the section `output`; `outputs` says what there is to put out",
                          o->name);
        }
    }
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    o->about = msc_reader_text(r, entry, "about");
    if (!msc_conf_find(entry, "value") && !msc_conf_find(entry, "values") &&
        !msc_conf_find(entry, "table")) {
        read_thing(r, o);
        return;
    }
    msc_scope scope = output_scope;
    msc_unit unit = msc_reader_entry_unit(r, entry);
    o->unit = unit.text;
    o->factor = unit.factor;
    o->dim = unit.dim;
    o->shape = msc_reader_over(r, entry, &scope);
    o->value = msc_values_read(r, &(msc_values){entry, &o->shape, &scope, &unit, false});
}

/* ---- one namespace in the results file ---- */

/* Also of what is in some files only: a run that warns has to find the name free. */
bool msc_model_reserves(const char *name)
{
    static const char *const taken[] = {
        "time",        "scenario",    "status",     "message",       "fate",        "ledger",
        "side",        "dose",        "dose_time",  "dose_duration", "dose_amount", "dose_unit",
        "dose_route",  "source",      "source_name", "source_text",  "setting",     "warning"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (!strcmp(name, taken[i])) {
            return true;
        }
    }
    return false;
}

static void check_output_name(msc_reader *r, const msc_output *o)
{
    const msc_model *model = r->model;
    if (msc_model_reserves(o->name)) {
        msc_conf_fail(r->arena, o->origin,
                      "'%s' has its own meaning in a results file: name the output otherwise",
                      o->name);
    }
    if (msc_names_find_set(model, o->name) >= 0) {
        msc_conf_fail(r->arena, o->origin,
                      "'%s' is a set, and both would have that name in a results file", o->name);
    }
}

/* An axis named by "o in organ": no output may have its name, nor another set's elements. */
static void check_axes(msc_reader *r, const msc_output *o)
{
    const msc_model *model = r->model;
    for (int i = 0; i < o->shape.n_over; i++) {
        const msc_bind *axis = &o->shape.over[i];
        for (size_t k = 0; k < model->n_output; k++) {
            const msc_output *other = &model->output[k];
            if (!strcmp(axis->name, other->name)) {
                msc_conf_fail(r->arena, o->origin,
                              "its index '%s' and the output '%s' would have one name in a results "
                              "file",
                              axis->name, other->name);
            }
            for (int j = 0; j < other->shape.n_over; j++) {
                if (!strcmp(axis->name, other->shape.over[j].name) &&
                    axis->set != other->shape.over[j].set) {
                    msc_conf_fail(r->arena, o->origin,
                                  "its index '%s' runs over '%s', that of the output '%s' over "
                                  "'%s'",
                                  axis->name, model->set[axis->set].name, other->name,
                                  model->set[other->shape.over[j].set].name);
                }
            }
        }
    }
}

/* An output that has a fault is not there for what is behind it; nothing is read of outputs then. */
static void read_next_output(msc_reader *r, size_t i)
{
    const msc_conf *entry = r->model->output[i].origin;
    msc_output o = {.name = entry->name, .origin = entry};
    check_output_name(r, &o);
    read_output(r, &o);
    r->model->output[r->model->n_output++] = o;
}

static void check_output(msc_reader *r, size_t i)
{
    check_axes(r, &r->model->output[i]);
}

void msc_outputs_read(msc_reader *r)
{
    msc_model *model = r->model;
    size_t n;
    const msc_conf *section = msc_reader_section(r, "outputs", &n);
    model->output = MSC_NEW(r->arena, msc_output, n + 1);
    for (size_t i = 0; i < n; i++) {
        model->output[i].origin = section->child[i];
    }
    msc_reader_each(r, n, read_next_output);
    msc_reader_each(r, model->n_output, check_output);
}

/* ---- checks ---- */

typedef int find_name(const msc_model *model, const char *name);

/* The names under a key, each found by `find`; `names` and n_names: what may be meant. */
static int *read_names(msc_reader *r, const msc_conf *node, const char *kind, find_name *find,
                       const char *const *names, size_t n_names, size_t *n)
{
    const char **text = msc_reader_strings(r, node, n);
    int *found = MSC_NEW(r->arena, int, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        found[i] = find(r->model, text[i]);
        if (found[i] < 0) {
            msc_conf_fail(r->arena, node, "no %s is named '%s'%s", kind, text[i],
                          msc_text_suggest(r->arena, text[i], names, n_names));
        }
    }
    return found;
}

static void read_check_cargo(msc_reader *r, msc_check *check, const msc_conf *brings)
{
    const char *name = msc_conf_string(r->arena, brings);
    if (msc_names_find(r->model, name, &check->cargo) != MSC_NAME_CARGO) {
        msc_conf_fail(r->arena, brings, "no cargo is named '%s'%s", name,
                      msc_names_suggest(r, name, MSC_NAME_BIT(MSC_NAME_CARGO)));
    }
}

/* doses = { route; brings; }, and the outputs for whose sake the check is there. */
static void read_check_doses(msc_reader *r, msc_check *check)
{
    static const char *const keys[] = {"route", "brings", NULL};
    const msc_model *model = r->model;
    const msc_conf *doses = msc_conf_find(check->origin, "doses"), *node;
    const msc_conf *shown = msc_conf_find(check->origin, "shown");
    const char **names = MSC_NEW(r->arena, const char *, model->n_route + model->n_output + 1);
    if (shown && !doses) {
        msc_conf_fail(r->arena, shown, "belongs to a check of doses: doses = { };");
    }
    if (!doses) {
        return;
    }
    msc_conf_need_kind(r->arena, doses, MSC_CONF_GROUP);
    msc_conf_known(r->arena, doses, keys);
    check->doses = true;
    if ((node = msc_conf_find(doses, "route")) != NULL) {
        for (size_t i = 0; i < model->n_route; i++) {
            names[i] = model->route[i].name;
        }
        check->route = read_names(r, node, "route", msc_model_find_route, names, model->n_route, &check->n_route);
    }
    if ((node = msc_conf_find(doses, "brings")) != NULL) {
        read_check_cargo(r, check, node);
    }
    if (shown) {
        for (size_t i = 0; i < model->n_output; i++) {
            names[i] = model->output[i].name;
        }
        check->shown = read_names(r, shown, "output", msc_model_find_output, names, model->n_output, &check->n_shown);
    }
}

static void read_check(msc_reader *r, msc_check *check)
{
    static const char *const keys[] = {"that",  "else",  "over",   "doses",
                                       "shown", "about", "source", NULL};
    const msc_conf *entry = check->origin;
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    read_check_doses(r, check);
    const msc_conf *otherwise = msc_conf_find(entry, "else");
    msc_scope scope = check->doses ? dose_check_scope : check_scope;
    check->about = msc_reader_text(r, entry, "about");
    check->shape = msc_reader_over(r, entry, &scope);
    check->that = msc_formula_read(r, &scope, msc_conf_need(r->arena, entry, "that"), NULL,
                                   (msc_dim){{0}}, NULL);
    msc_formula_check_all(r, check->that, &check->shape);
    if (otherwise) {
        const char *text = msc_conf_string(r->arena, otherwise);
        check->stop = !strcmp(text, "stop");
        if (!check->stop && strcmp(text, "warn") != 0) {
            msc_conf_fail(r->arena, otherwise, "'%s' is neither \"stop\" nor \"warn\"", text);
        }
    }
}

static void read_next_check(msc_reader *r, size_t i)
{
    read_check(r, &r->model->check[i]);
}

void msc_checks_read(msc_reader *r)
{
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "checks", &model->n_check);
    model->check = MSC_NEW(r->arena, msc_check, model->n_check + 1);
    for (size_t i = 0; i < model->n_check; i++) {
        model->check[i] =
            (msc_check){.name = section->child[i]->name, .cargo = -1, .origin = section->child[i]};
    }
    msc_reader_each(r, model->n_check, read_next_check);
}
