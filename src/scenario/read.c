/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario, from its file to a program and a plan. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/layers.h"
#include "scenario/evaluate.h"
#include "scenario/page.h"
#include "scenario/read.h"
#include "scenario/regimen.h"

bool msc_scenario_overtaken(const msc_scenario *s, const msc_conf *node, const char *key)
{
    const msc_conf *output = msc_conf_find(s->model->tree, "output"), *by = output ? msc_conf_find(output, key) : NULL;
    return by && msc_model_layer(s->model, node) < msc_model_layer(s->model, by);
}

/* ---- solver ---- */

static double bounded(msc_scenario *s, const msc_conf *node, double low, double high)
{
    const double x = msc_conf_real(s->arena, node);
    if (!(x >= low && x <= high)) {
        msc_conf_fail(s->arena, node, "%g is outside of %g to %g", x, low, high);
    }
    return x;
}

static void read_solver(msc_scenario *s)
{
    static const char *const keys[] = {"method", "rtol", "atol", "kernel", "max_steps", "wall_limit", "max_step", NULL};
    const msc_conf *solver = msc_conf_find(s->model->tree, "solver"), *node;
    s->solver.rtol = 1e-6;
    if (solver) {
        msc_conf_need_kind(s->arena, solver, MSC_CONF_GROUP);
        msc_conf_known(s->arena, solver, keys);
        s->solver.rtol = (node = msc_conf_find(solver, "rtol")) ? bounded(s, node, 1e-14, 0.1) : 1e-6;
        s->solver.method = (node = msc_conf_find(solver, "method")) ? msc_conf_string(s->arena, node) : NULL;
        s->solver.kernel = (node = msc_conf_find(solver, "kernel")) ? msc_conf_string(s->arena, node) : NULL;
        s->solver.max_steps = (node = msc_conf_find(solver, "max_steps")) ? (uint64_t)msc_conf_integer(s->arena, node, 1, 1000000000LL) : 0;
        s->solver.wall_limit = (node = msc_conf_find(solver, "wall_limit")) ? bounded(s, node, 0, 1e9) : 0;
        node = msc_conf_find(solver, "max_step");
        s->solver.max_step = node ? msc_scenario_time(s, s->arena, node, s->model->time_unit) : 0;
        if (node && !(s->solver.max_step > 0)) {
            msc_conf_fail(s->arena, node, "the longest step is positive");
        }
        node = msc_conf_find(solver, "method");
        const char *const *known = msc_engine_methods();
        size_t n = 0, hit = 0;
        for (; known[n]; n++) {
            hit += node && strcmp(known[n], s->solver.method) == 0;
        }
        if (node && hit == 0) {
            msc_conf_fail(s->arena, node, "no method is named '%s'%s", s->solver.method,
                          msc_text_suggest(s->arena, s->solver.method, known, n));
        }
    }
    node = solver ? msc_conf_find(solver, "atol") : NULL;
    s->atol = node ? bounded(s, node, 1e-30, 1) : 1e-6 * s->solver.rtol;
}

static void read_solver_of(void *scenario, size_t i)
{
    (void)i;
    read_solver(scenario);
}

/* ---- program, and what to say of it ---- */

static void compile(msc_scenario *s)
{
    msc_request request = {.n_output = s->cut ? 0 : s->n_output, .output = s->output, .n_dose = s->n_dose, .ledger = s->ledger};
    msc_dose_shape *shape = MSC_NEW(s->arena, msc_dose_shape, s->n_dose + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        shape[d] = (msc_dose_shape){.route = dose->route, .per = dose->per, .n_take = dose->n_take, .n_load = dose->n_load, .origin = dose->origin};
        shape[d].take = MSC_NEW(s->arena, struct msc_take, dose->n_take + 1);
        for (size_t i = 0; i < dose->n_take; i++) {
            shape[d].take[i] = (struct msc_take){dose->take[i].parameter, dose->take[i].instance, dose->take[i].rest};
        }
        shape[d].load = MSC_NEW(s->arena, uint32_t, dose->n_load + 1);
        for (size_t i = 0; i < dose->n_load; i++) {
            shape[d].load[i] = dose->load[i].cargo;
        }
    }
    request.dose = shape;
    const bool ledger = s->ledger != MSC_LEDGER_OFF;
    request.n_extra = msc_endpoints_extras(s->arena, &s->endpoints, ledger, &request.extra);
    msc_error err = {0};
    if (msc_program_compile(s->model, &request, &s->program, &err) != MSC_OK ||
        msc_plan_new(s->program, &s->solver, &s->plan, &err) != MSC_OK) {
        msc_throw(s->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    msc_endpoints_ask(s->arena, s->program, ledger, &s->endpoints);
    msc_scenario_setup(s);
}

/* Ruling 13: what enters a transit at once is parted as the state stands the instant before. */
static void warn_of_parting(msc_scenario *s)
{
    const msc_program *p = s->program;
    bool *said = MSC_NEW(s->arena, bool, s->n_dose + 1); /* the last: of what is there at the start */
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const bool start = p->entry[e].dose == MSC_NONE;
        const size_t d = start ? s->n_dose : p->entry[e].dose;
        if (!p->given_parted[p->entry[e].slot] || said[d] || (!start && s->dose[d].duration > 0)) {
            continue;
        }
        said[d] = true;
        msc_notes_add(&s->notes, s->arena, start ? s->path : msc_conf_where(s->arena, s->dose[d].origin),
                      start ? "what is in transit at the start is parted by shares that depend on the state: they are "
                              "taken as they stand before it"
                            : "a bolus into a flow that is parted by shares that depend on the state: they are taken as "
                              "they stand the instant before, and the duration of an infusion matters; give one");
    }
}

/* Values the model says nothing of, because its author thought them out of the question. */
void msc_scenario_note_outside(const msc_scenario *s, msc_arena *arena, int parameter, size_t instance, double value,
                               msc_notes *notes)
{
    const msc_parameter *p = &s->model->parameter[parameter];
    if (!p->ranged || isnan(value) || (value >= p->low * (1 - 1e-12) && value <= p->high * (1 + 1e-12))) {
        return;
    }
    const msc_conf *origin = p->value[instance].origin ? p->value[instance].origin : p->origin;
    const bool pure = strcmp(p->unit, "1") == 0;
    msc_notes_add(notes, arena, msc_conf_where(arena, origin), "%s is %.6g%s%s, outside of the range %.6g to %.6g that the model gives",
                  msc_shape_label(arena, s->model, p->name, &p->shape, instance), value / p->factor, pure ? "" : " ",
                  pure ? "" : p->unit, p->low / p->factor, p->high / p->factor);
}

void msc_scenario_note_ranges(const msc_scenario *s, msc_arena *arena, msc_evaluation *e, msc_notes *notes)
{
    const msc_model *m = s->model;
    for (size_t k = 0; k < m->n_parameter; k++) {
        for (size_t i = 0; m->parameter[k].ranged && i < m->parameter[k].shape.n; i++) {
            msc_scenario_note_outside(s, arena, (int)k, i, msc_evaluate_parameter(e, (int)k, i), notes);
        }
    }
}

/* ---- all of it ---- */

/* One file, with nothing of a model in it. */
static bool names_no_model(const msc_model *m)
{
    static const char *const sections[] = {"sets", "parameters", "amounts", "variables", "processes", "routes", "outputs"};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (msc_conf_find(m->tree, sections[i])) {
            return false;
        }
    }
    return m->n_source == 1;
}

static msc_status open_scenario(const char *path, const char *const *settings, size_t n_settings, size_t n_own, msc_faults *faults,
                                msc_scenario **scenario, msc_error *err)
{
    *scenario = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_scenario *volatile opened = NULL;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        if (opened) {
            msc_scenario_free(opened);
        } else {
            msc_arena_free(arena);
        }
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_scenario *s = opened = MSC_NEW(arena, msc_scenario, 1);
    s->arena = arena;
    arena->faults = faults;
    s->path = msc_arena_strdup(arena, path);
    s->setting = MSC_NEW(arena, const char *, n_settings + 1);
    for (size_t i = 0; i < n_settings; i++) {
        s->setting[i] = msc_arena_strdup(arena, settings ? settings[i] : NULL);
    }
    s->n_setting = n_own;
    if (n_own > 0 && strncmp(s->setting[n_own - 1], MSC_SETTING_LIBRARY, strlen(MSC_SETTING_LIBRARY)) == 0) {
        s->library = s->setting[--s->n_setting];
    }
    msc_error inner = {0};
    if (msc_model_read_all(s->path, s->setting, n_settings, faults, &s->model, &inner) != MSC_OK) {
        msc_throw(arena, inner.status, inner.where[0] ? inner.where : NULL, "%s", inner.message);
    }
    s->notes = s->model->notes;
    if (names_no_model(s->model)) {
        msc_throw(s->arena, MSC_E_CONFIG, s->path, "no model is named; a scenario begins with model = \"../models/NAME.cfg\";");
    }
    msc_regimen_read(s);
    *scenario = s;
    return MSC_OK;
}

msc_status msc_scenario_open(const char *path, const char *const *settings, size_t n_settings, size_t n_own,
                             msc_scenario **scenario, msc_error *err)
{
    return open_scenario(path, settings, n_settings, n_own, NULL, scenario, err);
}

msc_status msc_scenario_complete(msc_scenario *s, const msc_reading *how, msc_error *err)
{
    if (MSC_CATCH(s->arena)) {
        if (err) {
            *err = s->arena->error;
        }
        return s->arena->error.status;
    }
    msc_page_prepare(s->model->units);
    msc_output_read(s, how);
    read_solver(s);
    compile(s);
    warn_of_parting(s);
    if (!how->many) {
        msc_prepared once;
        msc_scenario_note_ranges(s, s->arena, msc_evaluation_new(s->arena, s->model, NULL), &s->notes);
        msc_regimen_check(s, s->arena, &(msc_numbers){.dose = s->dose}, &s->notes);
        msc_scenario_prepare(s, s->arena, &once); /* what parameters alone decide is told now */
        msc_scenario_note_signs(s, msc_evaluation_new(s->arena, s->model, NULL));
        if (s->both_sides) {
            msc_output_add_stops(s, &once.job);
        }
    }
    return MSC_OK;
}

msc_status msc_scenario_read(const char *path, const char *const *settings, size_t n_settings, msc_scenario **scenario,
                             msc_error *err)
{
    msc_scenario *s = NULL;
    *scenario = NULL;
    msc_status status = msc_scenario_open(path, settings, n_settings, n_settings, &s, err);
    if (status == MSC_OK) {
        status = msc_scenario_complete(s, &(msc_reading){0}, err);
    }
    if (status != MSC_OK) {
        msc_scenario_free(s);
        return status;
    }
    *scenario = s;
    return MSC_OK;
}

static void read_keys_of(void *scenario, size_t i)
{
    (void)i;
    (void)msc_output_section(scenario);
}

/* What of a scenario that is open can be read without looking at the doses; then the output, if all is well so far. */
static msc_status read_rest(msc_scenario *s, msc_error *err)
{
    if (MSC_CATCH(s->arena)) {
        *err = s->arena->error;
        return err->status;
    }
    msc_arena_each(s->arena, 1, read_solver_of, s);
    msc_arena_each(s->arena, 1, read_keys_of, s);
    msc_arena_stop(s->arena);
    msc_output_read(s, &(msc_reading){0});
    msc_arena_stop(s->arena);
    return MSC_OK;
}

size_t msc_scenario_faults(const char *path, const char *const *settings, size_t n_settings, msc_error *fault, size_t most)
{
    msc_faults faults = {.most = most, .error = fault};
    msc_scenario *s = NULL;
    msc_error err = {0};
    msc_status status = most > 0 ? open_scenario(path, settings, n_settings, n_settings, &faults, &s, &err) : MSC_OK;
    if (status == MSC_OK && s) {
        status = read_rest(s, &err);
    }
    if (status != MSC_OK) {
        msc_faults_add(&faults, &err);
    }
    msc_scenario_free(s);
    return faults.n;
}

void msc_scenario_free(msc_scenario *scenario)
{
    if (scenario) {
        msc_plan_free(scenario->plan);
        msc_program_free(scenario->program);
        msc_model_free(scenario->model);
        msc_arena_free(scenario->arena);
    }
}

const char *msc_scenario_warning(const msc_scenario *scenario, size_t i, const char **where)
{
    if (i >= scenario->notes.n) {
        return NULL;
    }
    if (where) {
        *where = scenario->notes.note[i].where;
    }
    return scenario->notes.note[i].message;
}

const char *msc_scenario_file(const msc_scenario *scenario)
{
    return scenario->file;
}

const char *msc_scenario_title(const msc_scenario *scenario)
{
    return scenario->model->title;
}
