/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep that draws from the posterior of a fit: from = "fit.h5".
 *
 * Every estimate is an axis of its own, after those of the section; but a scenario has all of them from one draw, which the
 * coordinate of the first of these axes chooses. */
#include <string.h>
#include <unistd.h>

#include "store/journal.h"
#include "sweep/sweep.h"

static const char *place_of(msc_sweep *s, const char *path)
{
    const char *slash = strrchr(s->path, '/');
    const char *beside = slash && path[0] != '/' ? msc_arena_printf(s->arena, "%.*s/%s", (int)(slash - s->path), s->path, path) : path;
    return access(beside, F_OK) == 0 ? beside : path; /* a fit writes into the folder where it is started */
}

static void read_file(msc_sweep *s, const char *path, const char *study)
{
    msc_arena inner = {.block = s->arena->block};
    msc_from *volatile from = NULL;
    if (!MSC_CATCH(&inner)) {
        from = msc_from_read(&inner, path, true);
    }
    s->arena->block = inner.block;
    if (inner.error.status != MSC_OK) {
        msc_throw(s->arena, inner.error.status, msc_conf_where(s->arena, s->from_origin), "%s", inner.error.message);
    }
    s->from = from;
    msc_from_choose(s->arena, s->from, study, study ? NULL : s->opened->model->source[0].text, msc_conf_where(s->arena, s->from_origin));
}

/* A correlation with what is drawn would be of nothing: it has its own. */
static void refuse_correlation(const msc_sweep *s)
{
    const msc_conf *node = msc_conf_find(s->section, "correlation"), *axes = node ? msc_conf_find(node, "axes") : NULL;
    for (size_t i = 0; axes && i < axes->n; i++) {
        for (size_t k = 0; k < s->from->n && axes->child[i]->kind == MSC_CONF_STRING; k++) {
            if (strcmp(axes->child[i]->string, s->from->estimate[k].name) == 0) {
                msc_conf_fail(s->arena, axes->child[i], "'%s' is drawn from a posterior, with the correlations that this has",
                              s->from->estimate[k].name);
            }
        }
    }
}

size_t msc_sweep_from_read(msc_sweep *s)
{
    const msc_conf *node = msc_conf_find(s->section, "from");
    if (!node) {
        s->from = NULL;
        return 0;
    }
    const bool group = node->kind == MSC_CONF_GROUP;
    if (group) {
        msc_conf_known(s->arena, node, (const char *const[]){"file", "study", NULL});
    }
    const msc_conf *file = group ? msc_conf_need(s->arena, node, "file") : node, *study = group ? msc_conf_find(node, "study") : NULL;
    s->from_origin = node, s->from_name = msc_conf_string(s->arena, file);
    if (!s->from) {
        read_file(s, place_of(s, s->from_name), study ? msc_conf_string(s->arena, study) : NULL);
    }
    if (s->from->n == 0 || s->from->n_draw == 0) {
        msc_throw(s->arena, MSC_E_DATA, msc_conf_where(s->arena, node), "'%s' has nothing to draw of a scenario", s->from->file);
    }
    refuse_correlation(s);
    s->from_factor = MSC_NEW(s->arena, double, s->from->n);
    return s->from->n;
}

void msc_sweep_from_axes(msc_sweep *s)
{
    s->first_drawn = s->n_axis;
    for (size_t k = 0; s->from && k < s->from->n; k++) {
        const msc_from_estimate *e = &s->from->estimate[k];
        for (size_t i = 0; i < s->first_drawn; i++) {
            if (strcmp(s->axis[i].name, e->name) == 0) {
                msc_conf_fail(s->arena, s->axis[i].origin, "the fit '%s' has an estimate of this name: '%s' is drawn from its posterior",
                              s->from->file, e->name);
            }
        }
        s->axis[s->n_axis++] = (msc_sweep_axis){.name = e->name, .origin = s->from_origin, .n_path = e->n_path, .path = e->path, .drawn = true,
                                                .column = k};
    }
}

void msc_sweep_from_units(msc_sweep *s, msc_sweep_axis *axis)
{
    const msc_from_estimate *e = &s->from->estimate[axis->column];
    axis->unit = msc_batch_unit(s->first, axis->knob);
    for (size_t k = 1; k < axis->n_path; k++) {
        if (strcmp(msc_batch_unit(s->first, axis->knob + k), axis->unit) != 0) {
            msc_conf_fail(s->arena, axis->origin, "'%s' is in %s, but '%s' in %s: they cannot take one value", axis->path[0], axis->unit,
                          axis->path[k], msc_batch_unit(s->first, axis->knob + k));
        }
    }
    const msc_quantity_unit here = msc_quantity_unit_of(s->arena, s->opened->model, axis->origin, axis->unit);
    const msc_quantity_unit there = msc_quantity_unit_of(s->arena, s->opened->model, axis->origin, e->unit);
    if (!msc_dim_equal(here.dim, there.dim)) {
        msc_conf_fail(s->arena, axis->origin, "the fit has '%s' in %s, this scenario '%s' in %s", e->name, e->unit, axis->path[0], axis->unit);
    }
    s->from_factor[axis->column] = strcmp(axis->unit, e->unit) == 0 ? 1 : there.factor / here.factor;
}

double msc_sweep_from_value(const msc_sweep *s, const msc_sweep_axis *axis, const msc_design_point *row)
{
    const size_t n = s->from->n_draw, at = (size_t)(row[s->first_drawn].u * (double)n), draw = at < n ? at : n - 1;
    return s->from_factor[axis->column] * s->from->draw[draw * s->from->n + axis->column];
}

const char *msc_sweep_from_check(msc_arena *arena, const msc_sweep *s)
{
    char check[33];
    msc_journal_check_text(s->from->draw, s->from->n_draw * s->from->n * sizeof(double), check);
    const char *text = check;
    for (size_t k = 0; k < s->from->n; k++) {
        text = msc_arena_printf(arena, "%s\n%s %s", text, s->from->estimate[k].name, s->from->estimate[k].unit);
        for (size_t p = 0; p < s->from->estimate[k].n_path; p++) {
            text = msc_arena_printf(arena, "%s %s", text, s->from->estimate[k].path[p]);
        }
    }
    msc_journal_check_text(text, strlen(text), check);
    return msc_arena_strdup(arena, check);
}
