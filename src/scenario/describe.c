/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model read aloud: what there is, what moves, what is known of its numbers. */
#include "scenario/describe.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "model/library.h"
#include "scenario/caution.h"
#include "scenario/page.h"
#include "scenario/regimen.h"

/* ---- texts of the files ---- */

const char *msc_portrait_text(const msc_portrait *p, const msc_conf *node)
{
    const char *text = "";
    switch (node->kind) {
    case MSC_CONF_STRING: return node->string;
    case MSC_CONF_INTEGER: return msc_arena_printf(p->arena, "%lld", node->integer);
    case MSC_CONF_REAL: return msc_arena_printf(p->arena, "%.15g", node->real);
    case MSC_CONF_BOOLEAN: return node->boolean ? "true" : "false";
    case MSC_CONF_GROUP:
    case MSC_CONF_LIST:
    case MSC_CONF_ARRAY: break;
    }
    for (size_t i = 0; i < node->n; i++) {
        const char *name = node->child[i]->name;
        text = msc_arena_printf(p->arena, "%s%s%s%s%s", text, i > 0 ? ", " : "", name ? name : "",
                                name ? " = " : "", msc_portrait_text(p, node->child[i]));
    }
    return text;
}

const char *msc_portrait_name(const msc_portrait *p, const char *name, const msc_shape *shape)
{
    const char *text = name;
    for (int i = 0; i < shape->n_over; i++) {
        text = msc_arena_printf(p->arena, "%s%s%s", text, i == 0 ? "[" : ",", shape->over[i].name);
    }
    return shape->n_over > 0 ? msc_arena_printf(p->arena, "%s]", text) : text;
}

const char *msc_portrait_place(const msc_portrait *p, const msc_conf *node)
{
    return node->line > 0 ? msc_arena_printf(p->arena, "%s:%d", node->file, node->line)
                          : node->file;
}

/* ---- parts ---- */

static void heading(const msc_portrait *p, const char *name, size_t n)
{
    fprintf(p->out, "\n%s (%zu)\n", name, n);
}

static void print_about(const msc_portrait *p, int indent, const char *about)
{
    if (about) {
        fprintf(p->out, "%*s", indent, "");
        msc_page_text(p->out, indent, indent, about);
    }
}

static void print_files(const msc_portrait *p)
{
    heading(p, "Files, in the order of reading", p->model->n_source);
    for (size_t i = 0; i < p->model->n_source; i++) {
        fprintf(p->out, "  %s\n", p->model->source[i].name);
    }
}

static void print_sets(const msc_portrait *p)
{
    const msc_model *m = p->model;
    if (m->n_set > 0) {
        heading(p, "Sets", m->n_set);
    }
    for (size_t i = 0; i < m->n_set; i++) {
        const msc_set *set = &m->set[i];
        const char *text = set->root == (int)i
                               ? ""
                               : msc_arena_printf(p->arena, "of %s: ", m->set[set->root].name);
        for (size_t e = 0; e < set->n; e++) {
            text = msc_arena_printf(p->arena, "%s%s%s", text, e > 0 ? ", " : "", set->label[e]);
        }
        fprintf(p->out, "  %-16s", set->name);
        msc_page_text(p->out, 18, 18, text);
    }
}

static void print_amount(const msc_portrait *p, const msc_amount *a)
{
    const msc_model *m = p->model;
    const msc_conf *initial = a->origin ? msc_conf_find(a->origin, "initial") : NULL;
    const char *text = strcmp(a->unit, "1") ? a->unit : "pure number";
    if (a->transit) {
        text = msc_arena_printf(p->arena, "%s, in transit: nothing stays", text);
    } else if (a->pool >= 0 && strcmp(m->pool[a->pool].name, a->unit)) {
        text = msc_arena_printf(p->arena, "%s, pool %s", text, m->pool[a->pool].name);
    }
    if (a->stages > 1) {
        text = msc_arena_printf(p->arena, "%s, %d stages", text, a->stages);
    }
    if (initial) {
        text = msc_arena_printf(p->arena, "%s, at first %s", text, msc_portrait_text(p, initial));
    }
    fprintf(p->out, "  ");
    msc_page_cell(p->out, 34, msc_portrait_name(p, a->name, &a->shape));
    fprintf(p->out, " ");
    msc_page_text(p->out, 37, 37, text);
    print_about(p, 4, a->about);
}

static void print_amounts(const msc_portrait *p)
{
    const msc_model *m = p->model;
    size_t n = 0;
    for (size_t i = 0; i < m->n_amount; i++) {
        n += m->amount[i].cargo < 0;
    }
    heading(p, "Amounts", n);
    for (size_t i = 0; i < m->n_amount; i++) {
        if (m->amount[i].cargo < 0) {
            print_amount(p, &m->amount[i]);
        }
    }
}

static void print_cargo(const msc_portrait *p)
{
    const msc_model *m = p->model;
    if (m->n_cargo > 0) {
        heading(p, "Cargo", m->n_cargo);
    }
    for (size_t c = 0; c < m->n_cargo; c++) {
        const msc_cargo *cargo = &m->cargo[c];
        const char *text = msc_arena_printf(p->arena, "%s, %s, rides on", cargo->name, cargo->unit);
        const msc_conf *load = msc_conf_find(cargo->origin, "load"),
                       *falls = msc_conf_find(cargo->origin, "falls");
        for (size_t i = 0; i < cargo->n_rider; i++) {
            text = msc_arena_printf(p->arena, "%s%s %s", text, i > 0 ? "," : "",
                                    m->amount[m->amount[cargo->rider[i]].carrier].name);
        }
        text = load ? msc_arena_printf(p->arena, "%s; a dose brings %s", text,
                                       msc_portrait_text(p, load))
                    : text;
        fprintf(p->out, "  ");
        msc_page_text(p->out, 2, 4, text);
        print_about(p, 4, cargo->about);
        for (size_t i = 0; falls && i < falls->n; i++) {
            fprintf(p->out, "    falls by %s: %s\n", falls->child[i]->name,
                    msc_portrait_text(p, falls->child[i]));
        }
    }
}

/* Each leaf of a group of values on a line of its own: "[site,cxcr4_pos] = ..." */
static void print_leaves(const msc_portrait *p, const msc_conf *values, const char *path)
{
    for (size_t i = 0; i < values->n; i++) {
        const msc_conf *leaf = values->child[i];
        const char *name = msc_arena_printf(p->arena, "%s%s%s", path, *path ? "," : "",
                                            leaf->name ? leaf->name : "");
        if (leaf->kind == MSC_CONF_GROUP) {
            print_leaves(p, leaf, name);
        } else {
            fprintf(p->out, "    [%s] = ", name);
            msc_page_text(p->out, 9 + msc_page_width(name), 8, msc_portrait_text(p, leaf));
        }
    }
}

static void print_values(const msc_portrait *p, const msc_conf *entry)
{
    const msc_conf *value = msc_conf_find(entry, "value"), *values = msc_conf_find(entry, "values");
    const msc_conf *table = msc_conf_find(entry, "table");
    if (value) {
        fprintf(p->out, "    = ");
        msc_page_text(p->out, 6, 6, msc_portrait_text(p, value));
    }
    if (table) {
        fprintf(p->out, "    from a table: ");
        msc_page_text(p->out, 18, 6, msc_portrait_text(p, table));
    }
    if (values && values->kind == MSC_CONF_GROUP) {
        print_leaves(p, values, "");
    }
}

static void print_variables(const msc_portrait *p)
{
    const msc_model *m = p->model;
    if (m->n_variable > 0) {
        heading(p, "Variables", m->n_variable);
    }
    for (size_t i = 0; i < m->n_variable; i++) {
        const msc_variable *v = &m->variable[i];
        fprintf(p->out, "  ");
        msc_page_cell(p->out, 34, msc_portrait_name(p, v->name, &v->shape));
        fprintf(p->out, " %s\n", strcmp(v->unit, "1") ? v->unit : "pure number");
        print_about(p, 4, v->about);
        print_values(p, v->origin);
    }
}

static void print_outputs(const msc_portrait *p)
{
    const msc_model *m = p->model;
    heading(p, "Outputs", m->n_output);
    for (size_t i = 0; i < m->n_output; i++) {
        const msc_output *o = &m->output[i];
        fprintf(p->out, "  ");
        msc_page_cell(p->out, 34, msc_portrait_name(p, o->name, &o->shape));
        fprintf(p->out, " %s\n", strcmp(o->unit, "1") ? o->unit : "pure number");
        print_about(p, 4, o->about);
        print_values(p, o->origin);
    }
}

/* "safe: x < 1; else a warning", "of doses by umbilical that bring label, where activity_raw is shown" */
static const char *check_text(const msc_portrait *p, const msc_check *c)
{
    const msc_model *m = p->model;
    const msc_conf *that = msc_conf_find(c->origin, "that");
    const char *text = msc_arena_printf(p->arena, "%s: %s", msc_portrait_name(p, c->name, &c->shape),
                                        that ? msc_portrait_text(p, that) : "");
    const char *otherwise = c->stop ? "the run is stopped" : "a warning";
    if (c->doses) {
        text = msc_arena_printf(p->arena, "%s, for every dose", text);
        for (size_t i = 0; i < c->n_route; i++) {
            text = msc_arena_printf(p->arena, "%s%s %s", text, i > 0 ? "," : " by", m->route[c->route[i]].name);
        }
        text = c->cargo < 0 ? text : msc_arena_printf(p->arena, "%s that brings %s", text, m->cargo[c->cargo].name);
        for (size_t i = 0; i < c->n_shown; i++) {
            text = msc_arena_printf(p->arena, "%s%s %s", text, i > 0 ? "," : ", if this is put out:",
                                    m->output[c->shown[i]].name);
        }
    }
    if (c->doses ? c->stop : msc_expr_is_constant(c->that)) {
        otherwise = "it is not run";
    }
    return msc_arena_printf(p->arena, "%s; else %s", text, otherwise);
}

static void print_checks(const msc_portrait *p)
{
    const msc_model *m = p->model;
    if (m->n_check > 0) {
        heading(p, "Checks", m->n_check);
    }
    for (size_t i = 0; i < m->n_check; i++) {
        const msc_check *c = &m->check[i];
        fprintf(p->out, "  ");
        msc_page_text(p->out, 2, 4, check_text(p, c));
        print_about(p, 4, c->about);
    }
}

static void print_notes(const msc_portrait *p, const msc_notes *notes)
{
    if (notes->n > 0) {
        heading(p, "Notes", notes->n);
    }
    for (size_t i = 0; i < notes->n; i++) {
        const msc_note *note = &notes->note[i];
        fprintf(p->out, "  ");
        msc_page_text(p->out, 2, 4,
                      msc_arena_printf(p->arena, "%s%s%s", note->where ? note->where : "",
                                       note->where ? ": " : "", note->message));
    }
}

/* What a file that extends this one has to give. */
static void print_open(const msc_portrait *p)
{
    const msc_model *m = p->model;
    const char *text = "";
    size_t n = 0;
    for (size_t i = 0; i < m->n_parameter; i++) {
        const msc_parameter *par = &m->parameter[i];
        const char *missing = msc_values_missing(p->arena, m, &par->shape, par->value);
        if (missing) {
            bool some = false;
            for (size_t k = 0; k < par->shape.n; k++) {
                some = some || par->value[k].kind != MSC_VALUE_NONE;
            }
            text = msc_arena_printf(p->arena, "%s%s%s", text, n > 0 ? ", " : "",
                                    some ? msc_arena_printf(p->arena, "%s[%s]", par->name, missing)
                                         : msc_portrait_name(p, par->name, &par->shape));
            n++;
        }
    }
    if (n > 0) {
        heading(p, "Not complete: parameters to be given by a file that extends this one", n);
        fprintf(p->out, "  ");
        msc_page_text(p->out, 2, 4, text);
    }
}

/* ---- the whole ---- */

static void print_all(msc_arena *arena, const msc_model *model, const msc_scenario *s,
                      const char *path, FILE *stream)
{
    const msc_portrait p = {.arena = arena,
                            .model = model,
                            .values = msc_evaluation_new(arena, model, NULL),
                            .out = stream};
    msc_page_text(stream, 0, 0, model->title ? model->title : path);
    fprintf(stream, "time is counted in %s\n", model->time_unit);
    msc_caution_print(stream, model);
    print_open(&p);
    if (s) {
        heading(&p, "Doses", s->n_dose);
        msc_regimen_print(arena, s, stream);
    }
    print_files(&p);
    print_sets(&p);
    print_amounts(&p);
    print_cargo(&p);
    msc_portrait_processes(&p);
    msc_portrait_routes(&p);
    print_variables(&p);
    msc_portrait_parameters(&p);
    msc_portrait_times(&p);
    msc_portrait_kinks(&p);
    print_checks(&p);
    print_outputs(&p);
    print_notes(&p, s ? &s->notes : &model->notes);
}

static msc_status describe(const msc_model *model, const msc_scenario *s, const char *path,
                           FILE *stream, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    print_all(arena, model, s, path, stream);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}

msc_status msc_scenario_describe(const msc_scenario *scenario, FILE *stream, msc_error *err)
{
    return describe(scenario->model, scenario, scenario->path, stream, err);
}

/* Does a file say of itself what it is? A module, to be named after a model, does not. */
static bool has_name(const msc_conf *tree)
{
    return msc_conf_find(tree, "title") || msc_conf_find(tree, "model") || msc_conf_find(tree, "base");
}

/* What cannot be read alone may be a module. */
static void hint_at_module(const char *path, msc_error *err)
{
    msc_arena *arena = err && err->status == MSC_E_CONFIG ? msc_arena_new(NULL) : NULL;
    if (!arena) {
        return;
    }
    if (!MSC_CATCH(arena) && !has_name(msc_conf_read_file(arena, path, path, NULL))) {
        const char *slash = strrchr(path, '/');
        const size_t n = strlen(err->message);
        snprintf(err->message + n, sizeof err->message - n,
                 "; if this is a module, describe a file that names it after a model:  model = [\"MODEL.cfg\", \"%s\"];",
                 slash ? slash + 1 : path);
    }
    msc_arena_free(arena);
}

static msc_status describe_file(const char *path, const char *const *settings, size_t n_settings, FILE *stream, msc_error *err)
{
    msc_model *model = NULL;
    msc_scenario *scenario = NULL;
    msc_status status = msc_model_read_open(path, settings, n_settings, &model, err);
    if (status != MSC_OK) {
        hint_at_module(path, err);
    }
    if (status == MSC_OK && msc_conf_find(model->tree, "output")) {
        status = msc_scenario_read(path, settings, n_settings, &scenario, err);
        if (status == MSC_OK) {
            status = msc_scenario_describe(scenario, stream, err);
        }
    } else if (status == MSC_OK) {
        status = describe(model, NULL, path, stream, err);
    }
    msc_scenario_free(scenario);
    msc_model_free(model);
    return status;
}

/* A file; or, where there is none, the model that goes by this name from anywhere. */
static const char *find_described(msc_arena *arena, const char *path)
{
    struct stat info;
    if (*path == '\0' || *path == '/' || stat(path, &info) == 0 || errno != ENOENT) {
        return path;
    }
    int folder;
    const char *whole = msc_library_whole_name(arena, path), *found = msc_library_find(arena, NULL, path, &folder);
    found = found || !whole ? found : msc_library_find(arena, NULL, whole, &folder);
    if (!found) {
        msc_throw(arena, MSC_E_NOINPUT, path, "there is no such file, %s", msc_library_missing(arena, path));
    }
    return found;
}

msc_status msc_model_describe(const char *path, const char *const *settings, size_t n_settings,
                              FILE *stream, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    const char *found = find_described(arena, msc_arena_strdup(arena, path)); /* which refuses NULL */
    const msc_status status = describe_file(found, settings, n_settings, stream, err);
    msc_arena_free(arena);
    return status;
}
