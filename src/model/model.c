/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a model: the order of its sections, and what the floors above ask of it later. */
#include "model/model.h"

#include <stdint.h>
#include <string.h>

#include "model/formula.h"
#include "model/layers.h"

/* ---- reading ---- */

static void pass_on(msc_reader *r, const msc_conf *node, msc_status status, const msc_error *err)
{
    if (status != MSC_OK) {
        msc_throw(r->arena, status, node ? msc_conf_where(r->arena, node) : NULL, "%s",
                  err->message);
    }
}

static void read_units(msc_reader *r)
{
    msc_model *model = r->model;
    msc_error err = {0};
    size_t n;
    const msc_conf *section = msc_reader_section(r, "units", &n);
    const msc_conf *time = msc_conf_find(model->tree, "time_unit");
    pass_on(r, NULL, msc_units_new(&model->units, &err), &err);
    model->time_unit = time ? msc_conf_string(r->arena, time) : "h";
    pass_on(r, time, msc_units_set_time(model->units, model->time_unit, &err), &err);
    for (size_t i = 0; i < n; i++) {
        const msc_conf *entry = section->child[i];
        msc_conf_string(r->arena, entry);
        pass_on(r, entry, msc_units_add(model->units, entry->name, &err), &err);
    }
}

static void check_sections(msc_reader *r)
{
    static const char *const known[] = {
        "title",   "time_unit", "units",     "sets",   "parameters", "amounts",
        "cargo",   "variables", "processes", "routes", "outputs",    "checks",
        "regimen", "output",    "solver",    "sweep",  "fit",        "caution", NULL};
    msc_model *model = r->model;
    const msc_conf *caution = msc_conf_find(model->tree, "caution");
    msc_conf_known(r->arena, model->tree, known);
    model->title = msc_reader_text(r, model->tree, "title");
    if (caution) {
        model->caution = msc_reader_strings(r, caution, &model->n_caution);
    }
}

static void read_sections(msc_reader *r)
{
    check_sections(r);
    read_units(r);
    msc_names_check_all(r);
    msc_sets_read(r);
    msc_parameters_declare(r);
    msc_amounts_declare(r);
    msc_arena_stop(r->arena); /* the faults of what follows could hang on these */
    msc_cargo_declare(r);
    msc_variables_declare(r);
    msc_processes_declare(r);
    msc_routes_declare(r);
    msc_arena_stop(r->arena);
    msc_parameters_read(r);
    msc_cargo_read(r);
    msc_network_carry(r);
    msc_amounts_read(r);
    msc_variables_read(r);
    msc_processes_read(r);
    msc_routes_read(r);
    if (msc_reader_faulty(r)) { /* what is proved of all together is not, but these stand by themselves */
        msc_outputs_read(r);
        msc_checks_read(r);
    }
    msc_arena_stop(r->arena);
    msc_falls_note(r);
    msc_network network = msc_network_read(r);
    msc_cycles_check(r, &network);
    msc_outputs_read(r);
    msc_checks_read(r);
    msc_arena_stop(r->arena);
}

/* Names of two files may be the same, one of them a model found elsewhere; a node has its file's own. */
size_t msc_model_layer(const msc_model *model, const msc_conf *node)
{
    for (size_t i = 0; i < model->n_source; i++) {
        if (model->source[i].name == node->file) {
            return model->source[i].layer;
        }
    }
    return SIZE_MAX;
}

static void read_layers(msc_model *model, const char *path, const char *const *settings,
                        size_t n_settings)
{
    msc_layer_sources sources = {0};
    model->tree = msc_layers_read(model->arena, path, settings, n_settings, &sources);
    model->n_source = sources.n;
    model->source = MSC_NEW(model->arena, struct msc_source, sources.n + 1);
    for (size_t i = 0; i < sources.n; i++) {
        model->source[i] = (struct msc_source){
            .name = sources.source[i].name, .text = sources.source[i].text, .layer = sources.source[i].layer,
            .library = sources.source[i].library};
    }
}

/* What the reading leaves behind when something is thrown. */
static msc_status give_up(msc_arena *arena, msc_model *reading, msc_error *err)
{
    msc_status status = arena->error.status;
    if (err) {
        *err = arena->error;
    }
    if (reading) {
        msc_units_free(reading->units);
    }
    msc_arena_free(arena);
    return status;
}

static msc_status read_model(const char *path, const char *const *settings, size_t n_settings,
                             bool open, msc_faults *faults, msc_model **model, msc_error *err)
{
    *model = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_model *volatile reading = NULL;
    if (MSC_CATCH(arena)) {
        return give_up(arena, reading, err);
    }
    reading = MSC_NEW(arena, msc_model, 1);
    reading->arena = arena;
    reading->open = open;
    arena->faults = faults;
    read_layers(reading, path, settings, n_settings);
    msc_arena_stop(arena);
    read_sections(&(msc_reader){.arena = arena, .model = reading});
    arena->faults = NULL;
    *model = reading;
    return MSC_OK;
}

msc_status msc_model_read_all(const char *path, const char *const *settings, size_t n_settings, msc_faults *faults,
                              msc_model **model, msc_error *err)
{
    return read_model(path, settings, n_settings, false, faults, model, err);
}

msc_status msc_model_read(const char *path, const char *const *settings, size_t n_settings,
                          msc_model **model, msc_error *err)
{
    return read_model(path, settings, n_settings, false, NULL, model, err);
}

msc_status msc_model_read_open(const char *path, const char *const *settings, size_t n_settings,
                               msc_model **model, msc_error *err)
{
    return read_model(path, settings, n_settings, true, NULL, model, err);
}

void msc_model_free(msc_model *model)
{
    if (model) {
        msc_units_free(model->units);
        msc_arena_free(model->arena);
    }
}

/* ---- for the floors above ---- */

const msc_expr *msc_model_formula(msc_model *model, msc_arena *arena, const msc_conf *node,
                                  const char *text)
{
    msc_reader r = {.arena = arena, .model = model};
    msc_formula f = {&r, {.may = MSC_MAY_ALL, .user = "an output"}, node};
    const int env[MSC_SLOTS] = {0};
    const msc_expr *expr = msc_formula_build(&f, msc_syntax_formula(arena, node, text)).expr;
    msc_formula_check(&r, expr, env);
    return expr;
}

const msc_expr *msc_model_entry_formula(msc_model *model, msc_arena *arena, const msc_conf *entry,
                                        const msc_conf *node, msc_shape *shape)
{
    msc_reader r = {.arena = arena, .model = model};
    msc_scope scope = {.may = MSC_MAY_ALL | MSC_MAY_OUTPUT, .user = "an output"};
    *shape = msc_reader_over(&r, entry, &scope);
    const msc_expr *expr = msc_formula_any(&r, &scope, node, (msc_dim){{0}});
    msc_formula_check_all(&r, expr, shape);
    return expr;
}

double msc_model_number(msc_model *model, msc_arena *arena, const msc_conf *node, const char *unit, msc_dim *dim,
                        double *factor)
{
    msc_reader r = {.arena = arena, .model = model};
    const char *text = NULL;
    double number;
    if (msc_conf_is_number(node)) {
        number = msc_conf_real(arena, node);
        text = unit;
    } else {
        number = msc_syntax_quantity(arena, node, msc_conf_string(arena, node), &text);
    }
    msc_unit parsed = msc_reader_unit(&r, node, text ? text : "1");
    *dim = parsed.dim;
    *factor = parsed.factor;
    return number;
}

double msc_model_quantity(msc_model *model, msc_arena *arena, const msc_conf *node,
                          const char *unit, msc_dim *dim)
{
    double factor;
    const double number = msc_model_number(model, arena, node, unit, dim, &factor);
    return number * factor;
}

void msc_model_override(msc_model *model, msc_arena *arena, int parameter, const msc_conf *node,
                        msc_value *value)
{
    msc_reader r = {.arena = arena, .model = model};
    const msc_parameter *p = &model->parameter[parameter];
    msc_unit unit = {p->unit, p->factor, p->dim};
    msc_scope scope = {.user = "a parameter", .n = p->shape.n_over};
    memcpy(scope.bind, p->shape.over, (size_t)scope.n * sizeof *scope.bind);
    msc_values v = {p->origin, &p->shape, &scope, &unit, true};
    int env[MSC_SLOTS] = {0};
    msc_values_check_keys(&r, node, &p->shape, 0);
    for (size_t i = 0; i < p->shape.n; i++) {
        msc_shape_env(model, &p->shape, i, env);
        const msc_conf *leaf = msc_values_resolve(&r, node, &p->shape, env);
        if (leaf) {
            value[i] = msc_values_leaf(&r, &v, leaf);
            msc_formula_check(&r, value[i].expr, env);
        }
    }
}

int msc_model_rider(const msc_model *model, int cargo, int carrier)
{
    const msc_cargo *c = &model->cargo[cargo];
    for (size_t i = 0; i < c->n_rider; i++) {
        if (model->amount[c->rider[i]].carrier == carrier) {
            return c->rider[i];
        }
    }
    return -1;
}

int msc_model_find_parameter(const msc_model *model, const char *name)
{
    int index;
    return msc_names_find(model, name, &index) == MSC_NAME_PARAMETER ? index : -1;
}

int msc_model_find_route(const msc_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_route; i++) {
        if (!strcmp(model->route[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

int msc_model_find_output(const msc_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_output; i++) {
        if (!strcmp(model->output[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}
