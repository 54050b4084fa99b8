/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section `sweep`: axes, design, variants; all that can be wrong is found here. */
#include <stdlib.h>
#include <string.h>

#include "model/layers.h"
#include "sweep/sweep.h"

/* ---- axes: what they vary ---- */

static const char **strings(msc_arena *arena, const msc_conf *node, size_t *n)
{
    const bool one = node->kind == MSC_CONF_STRING;
    if (!one && node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, node, "a text, or a list of texts, is wanted");
    }
    *n = one ? 1 : node->n;
    const char **text = MSC_NEW(arena, const char *, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        text[i] = msc_conf_string(arena, one ? node : node->child[i]);
    }
    return text;
}

/* choices = { fresh = ["parameters.product=..."]; thawed = [ ]; } */
static void read_choices(msc_sweep *s, msc_sweep_axis *axis, const msc_conf *node)
{
    msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
    if (node->n == 0) {
        msc_conf_fail(s->arena, node, "no choices; e.g. choices = { fresh = [\"parameters.viability=0.95\"]; thawed = [ ]; }");
    }
    axis->choice = MSC_NEW(s->arena, msc_choice, node->n);
    for (size_t i = 0; i < node->n; i++) {
        msc_choice *c = &axis->choice[axis->n_choice++];
        *c = (msc_choice){.label = node->child[i]->name, .origin = node->child[i]};
        c->setting = strings(s->arena, node->child[i], &c->n);
        for (size_t k = 0; k < c->n; k++) {
            if (!strchr(c->setting[k], '=')) {
                msc_conf_fail(s->arena, node->child[i], "'%s' is no setting; e.g. \"parameters.viability=0.95\"", c->setting[k]);
            }
            if (strncmp(c->setting[k], "sweep", 5) == 0 && strchr(".=", c->setting[k][5])) {
                msc_conf_fail(s->arena, node->child[i], "'%s' would change the sweep itself, not the scenario it varies",
                              c->setting[k]);
            }
        }
    }
}

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* "../models/msc_mouse.cfg" is told apart by "msc_mouse", as long as no other choice has the same name. */
static void shorten_labels(msc_sweep *s, msc_sweep_axis *axis)
{
    const char **name = MSC_NEW(s->arena, const char *, axis->n_choice);
    for (size_t i = 0; i < axis->n_choice; i++) {
        const char *slash = strrchr(axis->choice[i].label, '/');
        char *text = msc_arena_strdup(s->arena, slash ? slash + 1 : axis->choice[i].label);
        if (ends_in(text, ".cfg")) {
            text[strlen(text) - 4] = '\0';
        }
        name[i] = text;
        for (size_t k = 0; k < i; k++) {
            if (!*text || strcmp(name[k], text) == 0) {
                return;
            }
        }
    }
    for (size_t i = 0; i < axis->n_choice; i++) {
        axis->choice[i].label = name[i];
    }
}

/* vary = "model"; values = ["a.cfg", "b.cfg"]: texts, and so choices. */
static void read_texts(msc_sweep *s, msc_sweep_axis *axis, const msc_conf *vary, const msc_conf *values)
{
    const char *key = msc_conf_string(s->arena, vary);
    const bool model = strcmp(key, "model") == 0;
    axis->choice = MSC_NEW(s->arena, msc_choice, values->n);
    for (size_t i = 0; i < values->n; i++) {
        const char *text = msc_conf_string(s->arena, values->child[i]);
        msc_choice *c = &axis->choice[axis->n_choice++];
        *c = (msc_choice){.label = text, .origin = values->child[i], .n = 1};
        c->setting = MSC_NEW(s->arena, const char *, 1);
        c->setting[0] = model ? msc_arena_printf(s->arena, MSC_SETTING_MODEL "%s", text)
                              : msc_arena_printf(s->arena, "%s=\"%s\"", key, text);
    }
    if (model) {
        shorten_labels(s, axis);
    }
}

/* Is what it varies a text: a model, a route? */
static bool varies_text(const msc_conf *vary)
{
    return vary->kind == MSC_CONF_STRING && (strcmp(vary->string, "model") == 0 || ends_in(vary->string, ".route"));
}

static void read_axis(msc_sweep *s, msc_sweep_axis *axis, const msc_conf *node)
{
    static const char *const other[] = {"vary", "choices", "values", "distribution", "from", NULL};
    msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
    const msc_conf *vary = msc_conf_find(node, "vary"), *choices = msc_conf_find(node, "choices");
    const msc_conf *about = msc_conf_find(node, "about");
    *axis = (msc_sweep_axis){.name = node->name, .origin = node, .about = about ? msc_conf_string(s->arena, about) : NULL};
    if (!vary == !choices) {
        msc_conf_fail(s->arena, node,
                      "an axis has either what it varies (vary = \"parameters.arrest.lung\";) or choices between settings");
    }
    if (choices) {
        msc_conf_known(s->arena, node, (const char *const[]){"choices", "about", NULL});
        read_choices(s, axis, choices);
        return;
    }
    const msc_conf *values = msc_conf_find(node, "values");
    if (varies_text(vary)) {
        msc_conf_known(s->arena, node, (const char *const[]){"vary", "values", "about", NULL});
        if (!values || (values->kind != MSC_CONF_ARRAY && values->kind != MSC_CONF_LIST) || values->n == 0) {
            msc_conf_fail(s->arena, node, "'%s' is a text: give values, a list of texts", vary->string);
        }
        read_texts(s, axis, vary, values);
        return;
    }
    bool any = false;
    for (size_t i = 2; other[i]; i++) {
        any = any || msc_conf_find(node, other[i]);
    }
    if (!any) {
        msc_conf_fail(s->arena, node, "an axis has values, or from, to and n, or a distribution");
    }
    axis->path = strings(s->arena, vary, &axis->n_path);
    if (axis->n_path == 0) {
        msc_conf_fail(s->arena, vary, "it varies nothing");
    }
}

static void read_axes(msc_sweep *s)
{
    const size_t drawn = msc_sweep_from_read(s);
    const msc_conf *axes = drawn > 0 ? msc_conf_find(s->section, "axes") : msc_conf_need(s->arena, s->section, "axes");
    if (axes) {
        msc_conf_need_kind(s->arena, axes, MSC_CONF_GROUP);
    }
    if (axes && axes->n == 0) {
        msc_conf_fail(s->arena, axes, "no axes: there is nothing to vary");
    }
    s->axis = MSC_NEW(s->arena, msc_sweep_axis, (axes ? axes->n : 0) + drawn);
    for (size_t i = 0; axes && i < axes->n; i++) {
        read_axis(s, &s->axis[s->n_axis++], axes->child[i]);
    }
    msc_sweep_from_axes(s);
    s->n_variant = 1;
    size_t n = 0;
    for (size_t i = 0; i < s->n_axis; i++) {
        msc_sweep_axis *axis = &s->axis[i];
        axis->knob = n, n += axis->n_path;
        if (axis->n_choice > 0 && (s->n_variant *= axis->n_choice) > MSC_SWEEP_VARIANTS) {
            msc_conf_fail(s->arena, axis->origin, "this makes more than %d variants of the model, each to be compiled by itself",
                          MSC_SWEEP_VARIANTS);
        }
    }
    s->vary = MSC_NEW(s->arena, msc_vary, n + 1);
    for (size_t i = 0; i < s->n_axis; i++) {
        for (size_t k = 0; k < s->axis[i].n_path; k++) {
            s->vary[s->n_vary++] =
                (msc_vary){.path = s->axis[i].path[k],
                           .where = msc_conf_where(s->arena, s->axis[i].drawn ? s->from_origin
                                                                              : msc_conf_find(s->axis[i].origin, "vary"))};
        }
    }
}

/* ---- variants ---- */

/* The settings of a variant: the user's, then those of its choices; chosen[i]: of axis i, or NULL. */
static const char **settings_of(msc_arena *arena, const msc_sweep *s, size_t variant, const msc_choice **chosen, size_t *n)
{
    size_t most = s->n_setting, left = variant;
    for (size_t i = s->n_axis; i-- > 0;) {
        const msc_sweep_axis *axis = &s->axis[i];
        chosen[i] = axis->n_choice > 0 ? &axis->choice[left % axis->n_choice] : NULL;
        left /= axis->n_choice > 0 ? axis->n_choice : 1;
        most += chosen[i] ? chosen[i]->n : 0;
    }
    const char **setting = MSC_NEW(arena, const char *, most + 2);
    for (*n = 0; *n < s->n_setting; ++*n) {
        setting[*n] = s->setting[*n];
    }
    for (size_t i = 0; i < s->n_axis; i++) {
        for (size_t k = 0; chosen[i] && k < chosen[i]->n; k++) {
            setting[(*n)++] = chosen[i]->setting[k];
        }
    }
    if (s->library) {
        setting[(*n)++] = s->library;
    }
    return setting;
}

/* Whose fault is it: that of the choice whose setting it is; of what is right with the first choices, that of the first
 * choice that is another one; of a model that is not there, that of who names it. Else nobody's: NULL. */
static const msc_choice *culprit(const msc_sweep *s, size_t variant, const msc_choice *const *chosen, const char *where)
{
    long number = strncmp(where, "--set #", 7) == 0 ? atol(where + 7) - (long)s->n_setting : 0;
    const char *tail = strrchr(where, ' ');
    for (size_t i = 0; i < s->n_axis; i++) {
        if (!chosen[i]) {
            continue;
        }
        const bool here = number > 0 && number <= (long)chosen[i]->n;
        const bool other = number <= 0 && variant > 0 && chosen[i] != s->axis[i].choice;
        const bool model = tail && strcmp(tail, " model") == 0 && chosen[i]->n > 0 &&
                           strncmp(chosen[i]->setting[0], MSC_SETTING_MODEL, strlen(MSC_SETTING_MODEL)) == 0;
        if (here || other || model) {
            return chosen[i];
        }
        number -= number > 0 ? (long)chosen[i]->n : 0;
    }
    return NULL;
}

msc_batch *msc_sweep_batch(msc_arena *arena, const msc_sweep *s, size_t variant)
{
    size_t n = 0;
    const msc_choice **chosen = MSC_NEW(arena, const msc_choice *, s->n_axis + 1);
    const char **setting = settings_of(arena, s, variant, chosen, &n);
    const msc_batch_options options = {.n_setting = n,
                                       .setting = setting,
                                       .n_vary = s->n_vary,
                                       .vary = s->vary,
                                       .section = "sweep",
                                       .trajectories = s->keep};
    msc_batch *batch = NULL;
    msc_error err = {0};
    if (msc_batch_read(s->path, &options, &batch, &err) != MSC_OK) {
        const msc_choice *c = culprit(s, variant, chosen, err.where);
        const bool settings = strncmp(err.where, "--set #", 7) == 0;
        if (c) {
            msc_throw(arena, err.status, msc_conf_where(arena, c->origin), "with this choice: %s%s%s", settings ? "" : err.where,
                      settings || !err.where[0] ? "" : ": ", err.message);
        }
        msc_throw(arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    return batch;
}

size_t msc_sweep_variant(const msc_sweep *s, const msc_design_point *row)
{
    size_t variant = 0;
    for (size_t i = 0; i < s->n_axis; i++) {
        variant = s->axis[i].n_choice > 0 ? variant * s->axis[i].n_choice + row[i].level : variant;
    }
    return variant;
}

double msc_sweep_value(const msc_sweep *s, size_t axis, const msc_design_point *row)
{
    const msc_sweep_axis *a = &s->axis[axis];
    return a->drawn ? msc_sweep_from_value(s, a, row) : a->sampled ? msc_distribution_quantile(&a->law, row[axis].u) : msc_levels_at(&a->levels, row[axis].level);
}

void msc_sweep_vector(const msc_sweep *s, const msc_design_point *row, double *value)
{
    for (size_t k = 0; k < s->n_axis; k++) {
        for (size_t p = 0; p < s->axis[k].n_path; p++) {
            value[s->axis[k].knob + p] = msc_sweep_value(s, k, row);
        }
    }
}

/* The endpoints and, if they are kept, the trajectories of all variants go into one table: what of them differs, or NULL. */
static const char *difference(const msc_sweep *s, const msc_batch *b)
{
    const msc_batch *a = s->first;
    const char *unit[2] = {NULL, NULL};
    const double *time[2];
    bool alike = msc_batch_endpoints(a) == msc_batch_endpoints(b);
    for (size_t i = 0; alike && i < msc_batch_endpoints(a); i++) {
        const char *name[2] = {msc_batch_endpoint(a, i, &unit[0]), msc_batch_endpoint(b, i, &unit[1])};
        alike = strcmp(name[0], name[1]) == 0 && strcmp(unit[0], unit[1]) == 0;
    }
    if (!alike) {
        return "endpoints";
    }
    alike = msc_batch_columns(a) == msc_batch_columns(b);
    for (size_t i = 0; alike && i < msc_batch_columns(a); i++) {
        const char *name[2] = {msc_batch_column(a, i, &unit[0]), msc_batch_column(b, i, &unit[1])};
        alike = strcmp(name[0], name[1]) == 0 && strcmp(unit[0], unit[1]) == 0;
    }
    if (!alike) {
        return "quantities";
    }
    const size_t n = msc_batch_times(a, &time[0]);
    alike = !s->keep || (msc_batch_times(b, &time[1]) == n && memcmp(time[0], time[1], n * sizeof *time[0]) == 0);
    return alike ? NULL : "output times";
}

static _Noreturn void refuse_variant(const msc_sweep *s, size_t variant, const char *what)
{
    const msc_choice *choice = NULL;
    for (size_t i = s->n_axis, left = variant; i-- > 0;) {
        if (s->axis[i].n_choice > 0) {
            choice = left % s->axis[i].n_choice > 0 ? &s->axis[i].choice[left % s->axis[i].n_choice] : choice;
            left /= s->axis[i].n_choice;
        }
    }
    msc_conf_fail(s->arena, choice->origin, "with '%s' the %s are others than with the first choices: they go into one table",
                  choice->label, what);
}

static void note_sources(msc_sweep *s, const msc_scenario *scenario)
{
    const msc_model *m = scenario->model;
    for (size_t i = 0; i < m->n_source; i++) {
        bool known = false;
        for (size_t k = 0; k < s->n_source && !known; k++) {
            known = strcmp(s->source[k].name, m->source[i].name) == 0 && strcmp(s->source[k].text, m->source[i].text) == 0 &&
                    s->source[k].library == m->source[i].library;
        }
        if (!known) {
            struct msc_source *noted = MSC_PUSH(s->arena, s->source, s->n_source, s->cap_source);
            *noted = m->source[i];
            noted->name = msc_arena_strdup(s->arena, noted->name), noted->text = msc_arena_strdup(s->arena, noted->text);
        }
    }
}

static void note_cautions(msc_sweep *s, const msc_batch *b)
{
    const msc_model *m = msc_batch_scenario(b)->model;
    for (size_t i = 0; i < m->n_caution; i++) {
        bool known = false;
        for (size_t k = 0; k < s->n_caution && !known; k++) {
            known = strcmp(s->caution[k], m->caution[i]) == 0;
        }
        if (!known) {
            *MSC_PUSH(s->arena, s->caution, s->n_caution, s->cap_caution) = msc_arena_strdup(s->arena, m->caution[i]);
        }
    }
}

static void read_first(msc_sweep *s)
{
    s->first = msc_sweep_batch(s->arena, s, 0);
    note_sources(s, s->opened); /* also of a model that no variant has: a rerun asks for it */
    note_sources(s, msc_batch_scenario(s->first));
    note_cautions(s, s->first);
    msc_sweep_ranges_note(s, s->first);
}

/* The others, and some scenarios of all. */
static void read_variants(msc_sweep *s)
{
    msc_sweep_trial *trial = msc_sweep_trial_new(s);
    msc_sweep_trial_variant(trial, 0, s->first);
    for (size_t v = 1; v < s->n_variant; v++) {
        msc_batch *batch = s->other = msc_sweep_batch(s->arena, s, v);
        const char *what = difference(s, batch);
        if (what) {
            refuse_variant(s, v, what);
        }
        note_sources(s, msc_batch_scenario(batch));
        note_cautions(s, batch);
        msc_sweep_ranges_note(s, batch);
        msc_sweep_trial_variant(trial, v, batch);
        msc_batch_free(batch);
        s->other = NULL;
    }
    msc_sweep_trial_tell(trial);
}

/* ---- axes: their values ---- */

static int parameter_of(const msc_sweep *s, const char *path)
{
    char name[128];
    if (strncmp(path, "parameters.", 11) != 0) {
        return -1;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(path + 11, ".[{"), path + 11);
    const msc_model *m = msc_batch_scenario(s->first)->model;
    for (size_t i = 0; i < m->n_parameter; i++) {
        if (strcmp(m->parameter[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Words where numbers are due: what is wanted are choices. */
static void refuse_words(const msc_sweep *s, const msc_sweep_axis *axis)
{
    const msc_conf *values = msc_conf_find(axis->origin, "values");
    for (size_t i = 0; values && i < values->n; i++) {
        const msc_conf *v = values->child[i];
        if (v->kind == MSC_CONF_STRING && !strpbrk(v->string, "0123456789")) {
            msc_conf_fail(s->arena, v,
                          "'%s' is no number, and '%s' is one; settings have names in choices = { %s = [\"parameters.viability=0.9\"]; "
                          "others = [ ]; }",
                          v->string, axis->path[0], v->string);
        }
    }
}

static void read_values(msc_sweep *s, msc_sweep_axis *axis)
{
    static const char *const also[] = {"vary", "about", NULL};
    static const char *const keys[] = {"vary", "about", "values", "from", "to", "n", "spacing", NULL};
    const msc_batch *b = s->first;
    axis->unit = msc_batch_unit(b, axis->knob);
    for (size_t k = 1; k < axis->n_path; k++) {
        if (strcmp(msc_batch_unit(b, axis->knob + k), axis->unit) != 0) {
            msc_conf_fail(s->arena, axis->origin, "'%s' is in %s, but '%s' in %s: they cannot take one value", axis->path[0],
                          axis->unit, axis->path[k], msc_batch_unit(b, axis->knob + k));
        }
    }
    msc_quantity_unit unit = msc_quantity_unit_of(s->arena, s->opened->model, axis->origin, axis->unit);
    const double own = msc_batch_value(b, axis->knob);
    if (!msc_conf_find(axis->origin, "distribution")) {
        msc_conf_known(s->arena, axis->origin, keys);
        refuse_words(s, axis);
        axis->levels = msc_levels_read(s->arena, axis->origin, msc_quantity_read, &unit);
        return;
    }
    axis->sampled = true;
    if (msc_distribution_is_own(axis->origin)) {
        msc_conf_known(s->arena, axis->origin, (const char *const[]){"vary", "about", "distribution", NULL});
        const int parameter = parameter_of(s, axis->path[0]);
        if (parameter < 0) {
            msc_conf_fail(s->arena, axis->origin, "only a parameter of the model has a distribution of its own");
        }
        axis->law = msc_distribution_own(s->arena, msc_batch_scenario(b)->model, parameter, own, axis->origin);
        return;
    }
    const msc_distribution_reader reader = {
        .arena = s->arena, .number = msc_quantity_read, .context = &unit, .unit = axis->unit, .value = own, .also = also};
    axis->law = msc_distribution_read(&reader, axis->origin);
}

/* ---- names ---- */

static void refuse_names(const msc_sweep *s)
{
    static const char *const taken[] = {"scenario", "time", "status", "warned", "failure", "failure_scenario", "failure_text",
                                        "source", "source_name", "source_text", "setting", "side", NULL};
    for (size_t i = 0; i < s->n_axis; i++) {
        const char *name = s->axis[i].name;
        for (size_t k = 0; taken[k]; k++) {
            if (strcmp(name, taken[k]) == 0) {
                msc_conf_fail(s->arena, s->axis[i].origin, "an axis cannot be called '%s': the results file has something of that name",
                              name);
            }
        }
    }
}

/* ---- all of it ---- */

static void read_section(msc_sweep *s, const uint64_t *seed)
{
    static const char *const keys[] = {"design", "axes", "n", "seed", "endpoints", "keep_trajectories", "correlation", "file", "from", NULL};
    s->section = msc_conf_find(s->opened->model->tree, "sweep");
    if (!s->section) {
        msc_throw(s->arena, MSC_E_CONFIG, s->path,
                  "no section sweep; e.g. sweep = { design = \"grid\"; axes: { dose = { vary = \"regimen[*].dose\"; values = "
                  "(\"1e6 cell/kg\", \"5e6 cell/kg\"); }; }; };");
    }
    msc_conf_need_kind(s->arena, s->section, MSC_CONF_GROUP);
    msc_conf_known(s->arena, s->section, keys);
    const msc_conf *keep = msc_conf_find(s->section, "keep_trajectories"), *file = msc_conf_find(s->section, "file");
    s->keep = keep && msc_conf_boolean(s->arena, keep);
    s->file = file ? msc_conf_string(s->arena, file) : NULL;
    const msc_conf *output = msc_conf_find(s->opened->model->tree, "output");
    const bool group = output && output->kind == MSC_CONF_GROUP;
    file = group ? msc_conf_find(output, "file") : NULL;
    if (!s->keep && !msc_conf_find(s->section, "endpoints") && !(group && msc_conf_find(output, "endpoints"))) {
        msc_conf_fail(s->arena, s->section,
                      "nothing is asked for: there are no endpoints, and no trajectories are kept; e.g. endpoints: { most = { max = "
                      "\"live[lung]\"; }; };");
    }
    s->file = !s->file && file ? msc_conf_string(s->arena, file) : s->file;
    if (s->file) {
        msc_check_file(s->arena, msc_conf_find(s->section, "file") ? msc_conf_find(s->section, "file") : file, s->file);
    }
    read_axes(s);
    msc_sweep_refuse_clashes(s);
    read_first(s);
    msc_design_axis *axis = MSC_NEW(s->arena, msc_design_axis, s->n_axis);
    for (size_t i = 0; i < s->n_axis; i++) {
        if (s->axis[i].drawn) {
            msc_sweep_from_units(s, &s->axis[i]);
        } else if (s->axis[i].n_choice == 0) {
            read_values(s, &s->axis[i]);
        }
        axis[i] = (msc_design_axis){.name = s->axis[i].name, .origin = s->axis[i].origin};
        axis[i].n_level = s->axis[i].n_choice > 0 ? s->axis[i].n_choice : s->axis[i].sampled || s->axis[i].drawn ? 0 : s->axis[i].levels.n;
    }
    s->design = msc_design_read(s->arena, s->section, axis, s->n_axis, seed);
    read_variants(s);
    refuse_names(s);
    const msc_sweep_rows none = {0};
    msc_error err = {0};
    const msc_dataset dataset = msc_sweep_record(s->arena, s, &none); /* names only: clashes are found now */
    if (msc_dataset_check(&dataset, &err) != MSC_OK) {
        msc_conf_fail(s->arena, s->section, "%s", err.message);
    }
}

msc_status msc_sweep_read(const char *path, const char *const *settings, size_t n_settings, const uint64_t *seed, msc_sweep **sweep,
                          msc_error *err)
{
    return msc_sweep_read_given(path, settings, n_settings, seed, NULL, sweep, err);
}

msc_status msc_sweep_read_given(const char *path, const char *const *settings, size_t n_settings, const uint64_t *seed, msc_from *from,
                                msc_sweep **sweep, msc_error *err)
{
    *sweep = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_sweep *volatile s = NULL;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        if (s) {
            msc_sweep_free(s);
        } else {
            msc_arena_free(arena);
        }
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    s = MSC_NEW(arena, msc_sweep, 1);
    s->arena = arena;
    s->from = from;
    s->path = msc_arena_strdup(arena, path);
    s->setting = MSC_NEW(arena, const char *, n_settings + 1);
    for (size_t i = 0; i < n_settings; i++) {
        s->setting[i] = msc_arena_strdup(arena, settings ? settings[i] : NULL);
    }
    const bool hidden = n_settings > 0 && strncmp(settings[n_settings - 1], MSC_SETTING_LIBRARY, strlen(MSC_SETTING_LIBRARY)) == 0;
    s->n_setting = n_settings - hidden;
    s->library = hidden ? s->setting[n_settings - 1] : NULL;
    msc_error inner = {0};
    msc_sweep *made = s;
    made->scratch = msc_arena_new(&inner);
    if (!made->scratch) {
        msc_throw(arena, inner.status, NULL, "%s", inner.message);
    }
    if (msc_scenario_open(made->path, made->setting, n_settings, n_settings, &made->opened, &inner) != MSC_OK) {
        msc_throw(arena, inner.status, inner.where[0] ? inner.where : NULL, "%s", inner.message);
    }
    read_section(made, seed);
    *sweep = made;
    return MSC_OK;
}

msc_status msc_sweep_wanted(const char *path, const char *const *settings, size_t n_settings, bool *wanted, msc_error *err)
{
    msc_scenario *opened = NULL;
    const msc_status status = msc_scenario_open(path, settings, n_settings, n_settings, &opened, err);
    *wanted = status == MSC_OK && msc_conf_find(opened->model->tree, "sweep");
    msc_scenario_free(opened);
    return status;
}

void msc_sweep_free(msc_sweep *sweep)
{
    if (sweep) {
        msc_batch_free(sweep->first);
        msc_batch_free(sweep->other);
        msc_arena_free(sweep->scratch);
        msc_scenario_free(sweep->opened);
        msc_arena_free(sweep->arena);
    }
}

const char *msc_sweep_warning(const msc_sweep *sweep, size_t i, const char **where)
{
    const char *message = msc_scenario_warning(msc_batch_scenario(sweep->first), i, where);
    const size_t own = msc_batch_scenario(sweep->first)->notes.n, k = i - own;
    if (message || k >= sweep->notes.n) {
        return message;
    }
    if (where) {
        *where = sweep->notes.note[k].where;
    }
    return sweep->notes.note[k].message;
}

const char *msc_sweep_file(const msc_sweep *sweep)
{
    return sweep->file;
}

uint64_t msc_sweep_count(const msc_sweep *sweep)
{
    return msc_design_count(sweep->design);
}
