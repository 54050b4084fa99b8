/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section `fit`: data, studies, what is observed, what is estimated; all that can be wrong beforehand is found here. */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "fit/fit.h"

static _Noreturn void pass_on(msc_arena *arena, const msc_error *err)
{
    msc_throw(arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
}

/* A path of the config, as seen from the config's folder. */
static const char *beside(const msc_fit *f, const char *path)
{
    return path[0] == '/' ? path : msc_arena_printf(f->arena, "%s%s", f->folder, path);
}

/* ---- studies ---- */

static void read_study(msc_fit *f, msc_fit_study *study, const msc_conf *node)
{
    static const char *const keys[] = {"scenario", "settings", NULL};
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    msc_conf_known(f->arena, node, keys);
    study->origin = node;
    const msc_conf *scenario = msc_conf_find(node, "scenario"), *settings = msc_conf_find(node, "settings");
    if (settings && settings->kind != MSC_CONF_ARRAY && settings->kind != MSC_CONF_LIST) {
        msc_conf_fail(f->arena, settings, "a list of settings is wanted; e.g. [\"parameters.body_weight=20.0\"]");
    }
    const size_t own = scenario ? 0 : f->n_setting; /* --set is of the config */
    study->setting = MSC_NEW(f->arena, const char *, own + (settings ? settings->n : 0) + 1);
    study->n_setting = 0;
    for (size_t i = 0; i < own; i++) {
        study->setting[study->n_setting++] = f->setting[i];
    }
    for (size_t i = 0; settings && i < settings->n; i++) {
        const char *text = msc_conf_string(f->arena, settings->child[i]);
        if (!strchr(text, '=')) {
            msc_conf_fail(f->arena, settings->child[i], "'%s' is no setting; e.g. \"parameters.body_weight=20.0\"", text);
        }
        study->setting[study->n_setting++] = text;
    }
    study->path = scenario ? beside(f, msc_conf_string(f->arena, scenario)) : f->path;
}

/* One for each study of the data, in their order. */
static void read_studies(msc_fit *f)
{
    const msc_conf *node = msc_conf_find(f->section, "studies");
    if (node) {
        msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    }
    f->study = MSC_NEW(f->arena, msc_fit_study, f->data->n_study + 1);
    for (size_t i = 0; i < f->data->n_study; i++) {
        msc_fit_study *study = &f->study[f->n_study++];
        *study = (msc_fit_study){.name = f->data->study[i], .path = f->path, .n_setting = f->n_setting, .setting = f->setting};
        const msc_conf *entry = node ? msc_conf_find(node, study->name) : NULL;
        if (entry) {
            read_study(f, study, entry);
        } else if (f->data->n_study > 1) {
            msc_conf_fail(f->arena, node ? node : f->section,
                          "of the study '%s' of the data nothing is said; add studies: { %s = { scenario = \"...\"; }; };", study->name,
                          study->name);
        }
    }
    for (size_t i = 0; node && i < node->n; i++) {
        bool known = false;
        for (size_t s = 0; s < f->n_study; s++) {
            known = known || strcmp(f->study[s].name, node->child[i]->name) == 0;
        }
        if (!known) {
            msc_conf_fail(f->arena, node->child[i], "the data have no study '%s'%s", node->child[i]->name,
                          msc_text_suggest(f->arena, node->child[i]->name, f->data->study, f->data->n_study));
        }
    }
}

/* ---- scenarios ---- */

/* output.quantities of a study: those that its rows are compared with; but only names the model has. */
static const char *quantities_setting(msc_fit *f, const msc_fit_study *study)
{
    const char *list = "", **seen = MSC_NEW(f->arena, const char *, f->n_row + 1);
    size_t n = 0;
    for (size_t i = 0; i < study->n_row; i++) {
        const char *text = f->row[study->row[i]].column_name[0];
        const char *name = msc_arena_strndup(f->arena, text, strcspn(text, "["));
        bool known = false;
        for (size_t k = 0; k < n; k++) {
            known = known || strcmp(seen[k], name) == 0;
        }
        if (!known) {
            seen[n++] = name;
            list = msc_arena_printf(f->arena, "%s%s\"%s\"", list, *list ? ", " : "", name);
        }
    }
    return msc_arena_printf(f->arena, "output.quantities=[%s]", list);
}

/* Every row's output is one of the model's; or its line is told. */
static void check_outputs(msc_fit *f, const msc_fit_study *study, const msc_model *m)
{
    const char **known = MSC_NEW(f->arena, const char *, m->n_output + 1);
    for (size_t i = 0; i < m->n_output; i++) {
        known[i] = m->output[i].name;
    }
    for (size_t i = 0; i < study->n_row; i++) {
        const msc_fit_row *row = &f->row[study->row[i]];
        const msc_fit_observe *o = &f->observe[row->observe];
        const char *name = msc_arena_strndup(f->arena, row->column_name[0], strcspn(row->column_name[0], "["));
        if (msc_model_find_output(m, name) >= 0) {
            continue;
        }
        const char *hint = msc_text_suggest(f->arena, name, known, m->n_output);
        if (o->origin) {
            msc_conf_fail(f->arena, o->origin, "the model has no output '%s'%s", name, hint);
        }
        const bool compartment = strcmp(name, "dv") == 0 || strncmp(name, "cmt", 3) == 0; /* NONMEM's, of no name in the file */
        msc_fit_fail_at(f, row->from->line, MSC_AT_QUANTITY, "'%s' is neither in fit.observe nor an output of the model%s", name,
                        *hint || !compartment ? hint : msc_arena_printf(f->arena, "; say what of the model it is: observe: { %s = { quantity = "
                                                                        "\"...\"; }; };", name));
    }
}

/* What of it is estimated. Scales of derivatives are known the second time only. */
static void list_varied(msc_fit *f, msc_fit_study *study, size_t s, bool scaled)
{
    size_t n = 0;
    for (size_t k = 0; k < f->n_estimate; k++) {
        n += f->estimate[k].n_path;
    }
    study->vary = MSC_NEW(f->arena, msc_vary, n + 1), study->estimate = MSC_NEW(f->arena, size_t, n + 1);
    study->n_vary = 0;
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        for (size_t p = 0; p < e->n_path && e->of_model && (e->study == MSC_FIT_NONE || e->study == s); p++) {
            study->estimate[study->n_vary] = k;
            study->vary[study->n_vary++] = (msc_vary){.path = e->path[p],
                                                      .where = msc_conf_where(f->arena, msc_conf_find(e->origin, "vary")),
                                                      .scale = scaled ? msc_fit_vary_scale(e) : MSC_SCALE_LINEAR,
                                                      .low = e->low,
                                                      .high = e->high};
        }
    }
}

/* At the times of its rows; and, if grid, of bands, as far as there is a run. */
static double *times_of(msc_fit *f, const msc_fit_study *study, bool grid, size_t *n)
{
    const msc_scenario *s = grid ? msc_batch_scenario(study->batch) : NULL;
    double *time = MSC_NEW(f->arena, double, study->n_row + (grid ? f->n_grid : 0) + 1);
    for (*n = 0; *n < study->n_row; ++*n) {
        time[*n] = f->row[study->row[*n]].from->time;
    }
    for (size_t i = 0; grid && i < f->n_grid; i++) {
        if (f->grid[i] >= s->start && f->grid[i] <= s->until) {
            time[(*n)++] = f->grid[i];
        }
    }
    gsl_sort(time, 1, *n);
    return time;
}

static msc_status compile(msc_fit *f, msc_fit_study *study, bool slopes, bool grid, msc_batch **batch, msc_error *err)
{
    size_t n_time = 0;
    const double *time = times_of(f, study, grid, &n_time);
    const char **setting = MSC_NEW(f->arena, const char *, study->n_setting + 2);
    memcpy(setting, study->setting, study->n_setting * sizeof *setting);
    setting[study->n_setting] = study->quantities = quantities_setting(f, study);
    setting[study->n_setting + 1] = "output.both_sides=true";
    const msc_batch_options options = {.n_setting = study->n_setting + 1 + grid,
                                       .setting = setting,
                                       .n_vary = study->n_vary,
                                       .vary = study->vary,
                                       .trajectories = true,
                                       .sensitivities = slopes && study->n_vary > 0,
                                       .n_time = n_time,
                                       .time = time};
    msc_batch *made = NULL;
    const msc_status status = msc_batch_read(study->path, &options, &made, err);
    msc_batch_free(*batch);
    *batch = made;
    return status;
}

/* A number in as many digits as tell it from another. */
static const char *apart(msc_fit *f, double x, double other)
{
    const char *text = "", *beside = "";
    for (int digits = 6; digits <= 17 && strcmp(text, beside) == 0; digits++) {
        text = msc_arena_printf(f->arena, "%.*g", digits, x), beside = msc_arena_printf(f->arena, "%.*g", digits, other);
    }
    return text;
}

/* Is there a run at the times of all rows? */
static void check_times(msc_fit *f, const msc_fit_study *study, const msc_scenario *s)
{
    const msc_conf *output = msc_conf_find(s->model->tree, "output"), *until = output ? msc_conf_find(output, "until") : NULL;
    const msc_conf *start = output ? msc_conf_find(output, "start") : NULL;
    if (!until) {
        return; /* told when it is compiled */
    }
    const double last = msc_scenario_time(s, f->arena, until, s->model->time_unit);
    double first = start ? msc_scenario_time(s, f->arena, start, s->model->time_unit) : 0;
    for (size_t d = 0; d < s->n_dose && !start; d++) {
        first = fmin(first, s->dose[d].at);
    }
    for (size_t i = 0; i < study->n_row; i++) {
        const msc_observation *row = f->row[study->row[i]].from;
        if (!(msc_moment(row->time) >= first && msc_moment(row->time) <= last)) {
            msc_fit_fail_at(f, row->line, MSC_AT_TIME, "the run goes from %g to %g %s: there is nothing at %s %s; see output.until", first, last,
                            s->model->time_unit, apart(f, row->time, row->time < first ? first : last), s->model->time_unit);
        }
    }
}

static void list_rows(msc_fit *f)
{
    for (size_t s = 0; s < f->n_study; s++) {
        f->study[s].row = MSC_NEW(f->arena, size_t, f->n_row + 1);
    }
    for (size_t i = 0; i < f->n_row; i++) {
        msc_fit_study *study = &f->study[f->row[i].study];
        study->row[study->n_row++] = i;
    }
}

/* Once to learn units, once more for derivatives. */
static void compile_all(msc_fit *f)
{
    for (size_t s = 0; s < f->n_study; s++) {
        msc_fit_study *study = &f->study[s];
        msc_error err = {0};
        msc_scenario *opened = NULL;
        if (msc_scenario_open(study->path, study->setting, study->n_setting, study->n_setting, &opened, &err) != MSC_OK) {
            pass_on(f->arena, &err);
        }
        study->opened = opened; /* freed with the fit */
        check_outputs(f, study, opened->model);
        msc_fit_rows_check(f, study);
        check_times(f, study, opened);
        msc_fit_doses_check(f, study, s);
        list_varied(f, study, s, false);
        if (compile(f, study, false, false, &study->batch, &err) != MSC_OK) {
            pass_on(f->arena, &err);
        }
        study->rtol = msc_batch_scenario(study->batch)->solver.rtol;
    }
    msc_fit_rows_connect(f);
    msc_fit_estimates_finish(f);
    for (size_t s = 0; s < f->n_study; s++) {
        msc_fit_study *study = &f->study[s];
        msc_error err = {0};
        list_varied(f, study, s, true);
        if (study->n_vary == 0) {
            continue;
        }
        study->slopes = compile(f, study, true, false, &study->batch, &err) == MSC_OK;
        if (study->slopes) {
            continue;
        }
        /* What can be run is refused: that an event is moved, a jump crossed, or the method has none. Anything else is an error. */
        if (err.status != MSC_E_CONFIG || !strstr(err.message, "derivatives")) {
            pass_on(f->arena, &err);
        }
        study->no_slopes = msc_arena_printf(f->arena, "%s; differences of runs are taken, two more runs for each estimate", err.message);
        study->no_slopes_where = msc_arena_strdup(f->arena, err.where);
        if (compile(f, study, false, false, &study->batch, &err) != MSC_OK) {
            pass_on(f->arena, &err);
        }
    }
}

/* For curves over time, and for the posterior: without derivatives. */
static void compile_banded(msc_fit *f)
{
    msc_error err = {0};
    msc_fit_grid_make(f);
    for (int round = 0; round < (f->n_study > 1 ? 2 : 1); round++) { /* then each also at the others' stops */
        for (size_t s = 0; s < f->n_study; s++) {
            if (compile(f, &f->study[s], false, true, &f->study[s].banded, &err) != MSC_OK) {
                pass_on(f->arena, &err);
            }
        }
        if (round == 0) {
            msc_fit_grid_add_stops(f);
        }
    }
    for (size_t s = 0; s < f->n_study && f->sample.origin; s++) {
        if (compile(f, &f->study[s], false, false, &f->study[s].plain, &err) != MSC_OK) {
            pass_on(f->arena, &err);
        }
    }
}

/* ---- is it a problem of least squares ---- */

static const char *not_squares(const msc_fit *f)
{
    for (size_t i = 0; i < f->n_observe; i++) {
        const msc_fit_observe *o = &f->observe[i];
        if (o->by_additive != MSC_FIT_NONE || o->by_proportional != MSC_FIT_NONE) {
            return "the size of an error is estimated";
        }
        if (msc_fit_has_subject(o)) {
            return "rows of one subject are not independent";
        }
        if (o->error.family == MSC_FAMILY_NORMAL && o->error.proportional > 0) {
            return "the size of an error depends on the prediction";
        }
    }
    for (size_t i = 0; i < f->n_row; i++) {
        if (f->row[i].datum.kind != MSC_DATUM_VALUE) {
            return "not all data are plain values";
        }
    }
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        if (e->known && e->prior.kind != MSC_NORMAL && e->prior.kind != MSC_UNIFORM) {
            return "not all priors are normal or uniform";
        }
    }
    return NULL;
}

static size_t count_residuals(const msc_fit *f)
{
    size_t n = f->n_row;
    for (size_t k = 0; k < f->n_estimate; k++) {
        n += f->estimate[k].known && f->estimate[k].prior.kind == MSC_NORMAL;
    }
    return n;
}

static void choose_method(msc_fit *f)
{
    static const char *const names[] = {"auto", "lm", "nlopt"};
    const msc_conf *node = msc_conf_find(f->section, "method");
    const char *name = node ? msc_conf_string(f->arena, node) : "auto", *why = not_squares(f);
    size_t k = 0;
    while (k < 3 && strcmp(names[k], name) != 0) {
        k++;
    }
    if (k == 3) {
        msc_conf_fail(f->arena, node, "'%s' is no method; it is \"auto\", \"lm\" or \"nlopt\"%s", name,
                      msc_text_suggest(f->arena, name, names, 3));
    }
    f->method = (msc_fit_method)k;
    f->n_residual = count_residuals(f);
    why = !why && f->n_residual < f->n_estimate ? "there are fewer data than parameters" : why;
    if (f->method == MSC_FIT_LM && why) {
        msc_conf_fail(f->arena, node, "this is no problem of least squares: %s", why);
    }
    f->squares = f->method != MSC_FIT_NLOPT && !why;
}

/* ---- can the data tell it ---- */

static void check_amount(msc_fit *f)
{
    size_t numbers = 0, unknown = 0;
    bool same = f->n_row > 1;
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_datum *d = &f->row[i].datum;
        numbers += d->kind == MSC_DATUM_RANGE ? 2 : 1;
        same = same && d->kind == MSC_DATUM_VALUE && d->value == f->row[0].datum.value && f->row[i].thing == f->row[0].thing;
    }
    for (size_t k = 0; k < f->n_estimate; k++) {
        unknown += !f->estimate[k].known;
    }
    if (same) {
        msc_fit_fail_at(f, f->row[0].from->line, MSC_AT_VALUE, "all %zu values are the same number: there is nothing to fit", f->n_row);
    }
    if (numbers < unknown) {
        msc_fit_fail_at(f, f->row[f->n_row - 1].from->line, MSC_AT_VALUE,
                        "%zu number%s cannot determine %zu parameters that have no prior; estimate fewer, or give priors", numbers,
                        numbers == 1 ? "" : "s", unknown);
    }
}

/* ---- all of it ---- */

static double positive(msc_fit *f, const msc_conf *node)
{
    const double x = msc_conf_real(f->arena, node);
    if (!(x > 0 && x <= 1)) {
        msc_conf_fail(f->arena, node, "a weight of rows that are not independent is above 0, and at most 1; not %g", x);
    }
    return x;
}

/* profiles = true; false; or a list of estimates. */
static void read_profiles(msc_fit *f, const msc_conf *node)
{
    const char **known = MSC_NEW(f->arena, const char *, f->n_estimate + 1);
    f->profile = MSC_NEW(f->arena, bool, f->n_estimate + 1);
    const bool list = node && (node->kind == MSC_CONF_ARRAY || node->kind == MSC_CONF_LIST);
    for (size_t k = 0; k < f->n_estimate; k++) {
        known[k] = f->estimate[k].name;
        f->profile[k] = !list && (!node || msc_conf_boolean(f->arena, node));
    }
    for (size_t i = 0; list && i < node->n; i++) {
        const char *name = msc_conf_string(f->arena, node->child[i]);
        size_t k = 0;
        while (k < f->n_estimate && strcmp(known[k], name) != 0) {
            k++;
        }
        if (k == f->n_estimate) {
            msc_conf_fail(f->arena, node->child[i], "'%s' is not estimated%s", name, msc_text_suggest(f->arena, name, known, f->n_estimate));
        }
        f->profile[k] = true;
    }
}

static void read_section(msc_fit *f, const uint64_t *seed)
{
    static const char *const keys[] = {"data", "studies", "estimate", "observe", "method", "starts",
                                       "seed", "group_weight", "file", "profiles", "sample", NULL};
    f->section = msc_conf_find(f->opened->model->tree, "fit");
    if (!f->section) {
        msc_throw(f->arena, MSC_E_CONFIG, f->path,
                  "no section fit; e.g. fit = { data = \"data.csv\"; estimate: { arrest_lung = { vary = \"parameters.arrest.lung\"; "
                  "range = [0.01, 0.99]; }; }; };");
    }
    msc_conf_need_kind(f->arena, f->section, MSC_CONF_GROUP);
    msc_conf_known(f->arena, f->section, keys);
    const msc_conf *starts = msc_conf_find(f->section, "starts"), *own_seed = msc_conf_find(f->section, "seed");
    const msc_conf *group = msc_conf_find(f->section, "group_weight"), *file = msc_conf_find(f->section, "file");
    f->n_start = starts ? (size_t)msc_conf_integer(f->arena, starts, 1, MSC_FIT_STARTS) : 50;
    f->seed = seed ? *seed : own_seed ? (uint64_t)msc_conf_integer(f->arena, own_seed, 0, 9007199254740992) : 1;
    f->group_weight = group ? positive(f, group) : 1;
    f->file = file ? msc_conf_string(f->arena, file) : NULL;
    f->data_path = msc_conf_string(f->arena, msc_conf_need(f->arena, f->section, "data"));
    f->data = msc_fit_data_read(f->arena, beside(f, f->data_path), f->data_path, f->opened->model->units, NULL);
    read_studies(f);
    msc_fit_observe_read(f);
    msc_fit_estimates_read(f);
    read_profiles(f, msc_conf_find(f->section, "profiles"));
    msc_fit_rows_read(f);
    list_rows(f);
    msc_fit_sample_read(f);
    compile_all(f);
    choose_method(f);
    check_amount(f);
    compile_banded(f);
}

msc_status msc_fit_read(const char *path, const char *const *settings, size_t n_settings, const uint64_t *seed, msc_fit **fit,
                        msc_error *err)
{
    *fit = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_fit *volatile f = NULL;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        if (f) {
            msc_fit_free(f);
        } else {
            msc_arena_free(arena);
        }
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_fit *made = MSC_NEW(arena, msc_fit, 1);
    made->arena = arena;
    f = made;
    made->path = msc_arena_strdup(arena, path);
    const char *slash = strrchr(path, '/');
    made->folder = slash ? msc_arena_strndup(arena, path, (size_t)(slash - path) + 1) : "";
    made->setting = MSC_NEW(arena, const char *, n_settings + 1);
    for (size_t i = 0; i < n_settings; i++) {
        made->setting[made->n_setting++] = msc_arena_strdup(arena, settings ? settings[i] : NULL);
    }
    msc_error inner = {0};
    if (msc_scenario_open(made->path, made->setting, n_settings, n_settings, &made->opened, &inner) != MSC_OK) {
        pass_on(arena, &inner);
    }
    read_section(made, seed);
    *fit = made;
    return MSC_OK;
}

void msc_fit_free(msc_fit *fit)
{
    if (fit) {
        for (size_t s = 0; s < fit->n_study; s++) {
            msc_batch_free(fit->study[s].batch);
            msc_batch_free(fit->study[s].plain);
            msc_batch_free(fit->study[s].banded);
            msc_scenario_free(fit->study[s].opened);
        }
        msc_scenario_free(fit->opened);
        msc_arena_free(fit->arena);
    }
}

const char *msc_fit_warning(const msc_fit *fit, size_t i, const char **where)
{
    for (size_t s = 0; s < fit->n_study; s++) {
        const msc_scenario *scenario = msc_batch_scenario(fit->study[s].batch);
        if (i < scenario->notes.n) {
            return msc_scenario_warning(scenario, i, where);
        }
        i -= scenario->notes.n;
        if (fit->study[s].no_slopes && i-- == 0) {
            *(where ? where : &(const char *){NULL}) = fit->study[s].no_slopes_where;
            return fit->study[s].no_slopes;
        }
    }
    return NULL;
}

const char *msc_fit_file(const msc_fit *fit)
{
    return fit->file;
}

size_t msc_fit_starts(const msc_fit *fit)
{
    return fit->n_start;
}

size_t msc_fit_estimates(const msc_fit *fit)
{
    return fit->n_estimate;
}

const char *msc_fit_estimate_name(const msc_fit *fit, size_t k, const char **unit)
{
    if (k >= fit->n_estimate) {
        return NULL;
    }
    if (unit) {
        *unit = fit->estimate[k].unit;
    }
    return fit->estimate[k].name;
}
