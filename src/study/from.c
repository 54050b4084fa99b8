/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios with the numbers that a fit has found. The file is somebody else's: every array is looked at before it is
 * believed. */
#include "study/from.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mscsim/fit.h>

#include "base/text.h"
#include "scenario/scenario.h"

static const char OBSERVATION[] = "observation.";

/* ---- reading ---- */

typedef struct {
    msc_arena *arena;
    const char *file;
    const msc_dataset *set;
} reader;

static _Noreturn void no_fit(const reader *r, const char *why)
{
    msc_throw(r->arena, MSC_E_DATA, NULL, "'%s' is no results file of a fit: %s", r->file, why);
}

/* An array of this kind whose last axis is `axis`, of so many axes. */
static const msc_array *need(const reader *r, const char *name, msc_array_kind kind, int n_axis, const char *axis)
{
    const msc_array *array = msc_dataset_array(r->set, name);
    if (!array || array->kind != kind || array->n_axis != n_axis || strcmp(r->set->axis[array->axis[n_axis - 1]].name, axis) != 0) {
        no_fit(r, msc_arena_printf(r->arena, "it has no '%s', or not as it should be", name));
    }
    return array;
}

/* "parameters.a, parameters.b" */
static const char **split(msc_arena *arena, const char *text, size_t *n)
{
    const char **path = MSC_NEW(arena, const char *, strlen(text) / 2 + 2);
    *n = 0;
    for (const char *end; (end = strstr(text, ", ")) != NULL; text = end + 2) {
        path[(*n)++] = msc_arena_strndup(arena, text, (size_t)(end - text));
    }
    path[(*n)++] = msc_arena_strdup(arena, text);
    return path;
}

static size_t *take_estimates(const reader *r, msc_from *from)
{
    const msc_axis *axis = msc_dataset_axis(r->set, "estimate");
    if (!axis || !axis->label) {
        no_fit(r, "it has no estimates");
    }
    const msc_array *path = need(r, "estimate_path", MSC_ARRAY_TEXT, 1, "estimate");
    const msc_array *unit = need(r, "estimate_unit", MSC_ARRAY_TEXT, 1, "estimate");
    const msc_array *study = need(r, "estimate_study", MSC_ARRAY_TEXT, 1, "estimate");
    const msc_array *value = need(r, "value", MSC_ARRAY_REAL, 1, "estimate");
    from->estimate = MSC_NEW(r->arena, msc_from_estimate, axis->n + 1);
    size_t *column = MSC_NEW(r->arena, size_t, axis->n + 1);
    for (size_t i = 0; i < axis->n; i++) {
        if (strncmp(path->text[i], OBSERVATION, strlen(OBSERVATION)) == 0) {
            continue;
        }
        if (!isfinite(value->real[i])) {
            no_fit(r, msc_arena_printf(r->arena, "its '%s' is no number", axis->label[i]));
        }
        msc_from_estimate *e = &from->estimate[from->n];
        *e = (msc_from_estimate){.name = msc_arena_strdup(r->arena, axis->label[i]),
                                 .unit = msc_arena_strdup(r->arena, unit->text[i]),
                                 .study = msc_arena_strdup(r->arena, study->text[i]),
                                 .value = value->real[i]};
        e->path = split(r->arena, path->text[i], &e->n_path);
        column[from->n++] = i;
    }
    return column;
}

static void take_draws(const reader *r, msc_from *from, const size_t *column)
{
    const size_t width = msc_dataset_axis(r->set, "estimate")->n;
    if (!msc_dataset_array(r->set, "posterior")) {
        msc_throw(r->arena, MSC_E_DATA, NULL, "'%s' has no posterior to draw from: fit it with fit.sample", r->file);
    }
    const msc_array *array = need(r, "posterior", MSC_ARRAY_REAL, 4, "estimate");
    from->n_draw = msc_array_size(r->set, array) / width;
    from->draw = MSC_NEW(r->arena, double, from->n_draw * from->n + 1);
    for (size_t i = 0; i < from->n_draw; i++) {
        for (size_t k = 0; k < from->n; k++) {
            from->draw[i * from->n + k] = array->real[i * width + column[k]];
            if (!isfinite(from->draw[i * from->n + k])) {
                no_fit(r, msc_arena_printf(r->arena, "a draw of '%s' is no number", from->estimate[k].name));
            }
        }
    }
}

static void take_studies(const reader *r, msc_from *from)
{
    const msc_axis *axis = msc_dataset_axis(r->set, "study");
    if (!axis || !axis->label) {
        no_fit(r, "it has no studies");
    }
    const msc_array *scenario = need(r, "study_scenario", MSC_ARRAY_TEXT, 1, "study");
    const msc_array *name = need(r, "source_name", MSC_ARRAY_TEXT, 1, "source"), *text = need(r, "source_text", MSC_ARRAY_TEXT, 1, "source");
    from->n_study = axis->n;
    from->study = MSC_NEW(r->arena, const char *, axis->n), from->text = MSC_NEW(r->arena, const char *, axis->n);
    for (size_t s = 0; s < axis->n; s++) {
        from->study[s] = msc_arena_strdup(r->arena, axis->label[s]);
        for (size_t i = 0; i < msc_array_size(r->set, name) && !from->text[s]; i++) {
            from->text[s] = strcmp(name->text[i], scenario->text[s]) == 0 ? msc_arena_strdup(r->arena, text->text[i]) : NULL;
        }
    }
}

msc_from *msc_from_read(msc_arena *arena, const char *file, bool draws)
{
    static const char *const names[] = {"estimate_path", "estimate_unit", "estimate_study", "value",
                                        "study_scenario", "source_name",  "source_text",    "posterior"};
    const msc_store_selection wanted = {.n_name = sizeof names / sizeof *names - !draws, .name = names};
    msc_from *from = MSC_NEW(arena, msc_from, 1);
    from->file = msc_arena_strdup(arena, file);
    msc_dataset *set = NULL;
    msc_error err = {0};
    if (msc_store_read_some(file, &wanted, &set, &err) != MSC_OK) {
        msc_throw(arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    /* the dataset goes, whatever is thrown: throws are caught in a frame of their own */
    msc_arena inner = {.block = arena->block};
    const reader r = {&inner, from->file, set};
    if (!MSC_CATCH(&inner)) {
        size_t *column = take_estimates(&r, from);
        take_studies(&r, from);
        if (draws) {
            take_draws(&r, from, column);
        }
    }
    arena->block = inner.block;
    msc_dataset_free(set);
    if (inner.error.status != MSC_OK) {
        msc_throw(arena, inner.error.status, inner.error.where[0] ? inner.error.where : NULL, "%s", inner.error.message);
    }
    return from;
}

msc_from *msc_from_recorded(msc_arena *arena, const char *file, const msc_dataset *set)
{
    const char *name = msc_dataset_text(set, "sweep_from");
    const msc_axis *axis = msc_dataset_axis(set, "from_estimate");
    const reader r = {arena, file, set};
    if (!name) {
        return NULL;
    }
    if (!axis || !axis->label) {
        msc_throw(arena, MSC_E_DATA, NULL, "'%s' is damaged: it does not hold what it was drawn from", file);
    }
    const msc_array *path = need(&r, "from_path", MSC_ARRAY_TEXT, 1, "from_estimate");
    const msc_array *unit = need(&r, "from_unit", MSC_ARRAY_TEXT, 1, "from_estimate");
    const msc_array *draw = need(&r, "from_posterior", MSC_ARRAY_REAL, 2, "from_estimate");
    msc_from *from = MSC_NEW(arena, msc_from, 1);
    from->file = name, from->n = axis->n, from->n_draw = msc_array_size(set, draw) / axis->n;
    from->estimate = MSC_NEW(arena, msc_from_estimate, axis->n + 1);
    for (size_t i = 0; i < axis->n; i++) {
        msc_from_estimate *e = &from->estimate[i];
        *e = (msc_from_estimate){.name = axis->label[i], .unit = unit->text[i], .study = ""};
        e->path = split(arena, path->text[i], &e->n_path);
    }
    from->draw = MSC_NEW(arena, double, from->n * from->n_draw + 1);
    memcpy(from->draw, draw->real, from->n * from->n_draw * sizeof *from->draw);
    return from;
}

/* ---- whose ---- */

static const char *restricted(msc_arena *arena, const msc_from *from)
{
    const char *text = "";
    for (size_t i = 0; i < from->n; i++) {
        const msc_from_estimate *e = &from->estimate[i];
        text = *e->study ? msc_arena_printf(arena, "%s%s%s of '%s'", text, *text ? ", " : "", e->name, e->study) : text;
    }
    return text;
}

/* Columns move to the left, then rows together. */
static void keep(msc_from *from, const char *study)
{
    const size_t width = from->n;
    size_t n = 0;
    for (size_t i = 0; i < width; i++) {
        if (!*from->estimate[i].study || strcmp(from->estimate[i].study, study) == 0) {
            for (size_t d = 0; d < from->n_draw; d++) {
                from->draw[d * width + n] = from->draw[d * width + i];
            }
            from->estimate[n++] = from->estimate[i];
        }
    }
    for (size_t d = 0; d < from->n_draw; d++) {
        memmove(from->draw + d * n, from->draw + d * width, n * sizeof *from->draw);
    }
    from->n = n;
}

void msc_from_choose(msc_arena *arena, msc_from *from, const char *study, const char *text, const char *where)
{
    const msc_status status = where ? MSC_E_CONFIG : MSC_E_USAGE;
    const char *found = study, *only = restricted(arena, from);
    size_t known = 0;
    for (size_t s = 0; s < from->n_study; s++) {
        known += study && strcmp(from->study[s], study) == 0;
        if (!study && from->text[s] && text && strcmp(from->text[s], text) == 0) {
            found = known++ == 0 ? from->study[s] : NULL;
        }
    }
    if (study && known == 0) {
        msc_throw(arena, status, where, "the fit '%s' has no study '%s'%s", from->file, study,
                  msc_text_suggest_or_list(arena, study, from->study, from->n_study));
    }
    if (!found && *only) {
        msc_throw(arena, status, where, "'%s' has estimates of single studies (%s): say which study this is%s", from->file, only,
                  where ? "" : " (--study)");
    }
    keep(from, found ? found : "");
}

/* ---- a scenario ---- */

static char *number_text(msc_arena *arena, double x)
{
    char *text = msc_arena_printf(arena, "%.17g", x);
    for (char *sign = text; (sign = strchr(sign, ',')) != NULL;) {
        *sign = '.'; /* a locale's */
    }
    return text;
}

/* "parameters.a=\"0.3 1/h\"": with its unit, since another model may count it in another, or have it as a pure number, where the
 * fit had none ("1.8 1"). */
static const char *setting_of(msc_arena *arena, const msc_from_estimate *e, size_t path)
{
    const char *number = number_text(arena, e->value);
    return msc_arena_printf(arena, "%s=\"%s %s\"", e->path[path], number, e->unit);
}

typedef struct {
    msc_arena *arena;
    const msc_from *from;
    size_t n, n_from; /* settings: all, those of the fit, which come first */
    const char **setting;
} filling;

static void make_settings(filling *k, const char *const *settings, size_t n_settings)
{
    size_t most = n_settings;
    for (size_t i = 0; i < k->from->n; i++) {
        most += k->from->estimate[i].n_path;
    }
    k->setting = MSC_NEW(k->arena, const char *, most + 1);
    for (size_t i = 0; i < k->from->n; i++) {
        for (size_t p = 0; p < k->from->estimate[i].n_path; p++) {
            k->setting[k->n++] = setting_of(k->arena, &k->from->estimate[i], p);
        }
    }
    k->n_from = k->n;
    for (size_t i = 0; i < n_settings; i++) {
        k->setting[k->n++] = settings ? settings[i] : NULL;
    }
}

/* "--set #3: ..." is the fit's third, or one of the user's. */
static _Noreturn void pass_on(const filling *k, const msc_error *err)
{
    size_t number = strncmp(err->where, "--set #", 7) == 0 ? (size_t)strtoul(err->where + 7, NULL, 10) : 0;
    const char *rest = strchr(err->where, ':');
    if (number > k->n_from) {
        msc_throw(k->arena, err->status, msc_arena_printf(k->arena, "--set #%zu%s", number - k->n_from, rest ? rest : ""), "%s", err->message);
    }
    if (number == 0) {
        msc_throw(k->arena, err->status, err->where[0] ? err->where : NULL, "%s (with the estimates of '%s')", err->message, k->from->file);
    }
    for (size_t i = 0; i < k->from->n; i++) {
        const msc_from_estimate *e = &k->from->estimate[i];
        if (number <= e->n_path) {
            msc_throw(k->arena, MSC_E_CONFIG, k->from->file, "'%s' (%s), which the fit estimated, is not to be had here: %s", e->name,
                      e->path[number - 1], err->message);
        }
        number -= e->n_path;
    }
    msc_throw(k->arena, err->status, NULL, "%s", err->message);
}

static const char *text_of(msc_arena *arena, const char *path)
{
    msc_scenario *opened = NULL;
    msc_error err = {0};
    if (msc_scenario_open(path, NULL, 0, 0, &opened, &err) != MSC_OK) {
        msc_throw(arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    const char *text = msc_arena_strdup(arena, opened->model->source[0].text);
    msc_scenario_free(opened);
    return text;
}

msc_status msc_scenario_read_fit(const char *path, const char *const *settings, size_t n_settings, const char *fit, const char *study,
                                 msc_scenario **scenario, msc_error *err)
{
    *scenario = NULL;
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
    msc_from *from = msc_from_read(arena, fit, false);
    msc_from_choose(arena, from, study, study ? NULL : text_of(arena, path), NULL);
    filling k = {.arena = arena, .from = from};
    make_settings(&k, settings, n_settings);
    msc_error inner = {0};
    if (msc_scenario_read(path, k.setting, k.n, scenario, &inner) != MSC_OK) {
        pass_on(&k, &inner);
    }
    msc_arena_free(arena);
    return MSC_OK;
}
