/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of fits: which one, and what the file has for it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/plot.h"

bool msc_plot_is_fit(const msc_dataset *head)
{
    return msc_dataset_axis(head, "estimate") && msc_dataset_axis(head, "datum") && msc_dataset_text(head, "fit_data");
}

/* ---- what is in the file ---- */

static bool is_over(const msc_dataset *d, const msc_array *a, const char *const *axes)
{
    int n = 0;
    for (; axes[n]; n++) {
        if (n >= a->n_axis || strcmp(d->axis[a->axis[n]].name, axes[n]) != 0) {
            return false;
        }
    }
    return n == a->n_axis;
}

const double *msc_plot_fit_real(const msc_plot_fit *p, const char *name, const char *const *axes)
{
    const msc_array *a = msc_dataset_array(p->d, name);
    if (!a) {
        return NULL;
    }
    if (a->kind != MSC_ARRAY_REAL || !is_over(p->d, a, axes)) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "'%s' in the file is not what a fit has of that name", name);
    }
    return a->real;
}

const char *const *msc_plot_fit_text(const msc_plot_fit *p, const char *name, const char *axis)
{
    const msc_array *a = msc_dataset_array(p->d, name);
    if (!a || a->kind != MSC_ARRAY_TEXT || !is_over(p->d, a, (const char *const[]){axis, NULL})) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file has no '%s': it is not what this version writes of a fit; fit again", name);
    }
    return a->text;
}

double msc_plot_fit_number(const msc_plot_fit *p, const char *attribute)
{
    for (size_t i = 0; i < p->d->n_attribute; i++) {
        if (strcmp(p->d->attribute[i].name, attribute) == 0 && !p->d->attribute[i].text) {
            return p->d->attribute[i].number;
        }
    }
    return NAN;
}

/* ---- which figure ---- */

static msc_chart chart_of(msc_plot_fit *p)
{
    static const char *const kinds[] = {"observed", "residuals", "profiles", "pairs"};
    static msc_chart (*const make[])(msc_plot_fit *) = {msc_plot_fit_observed, msc_plot_fit_residuals, msc_plot_fit_profiles,
                                                        msc_plot_fit_pairs};
    const char *kind = p->options && p->options->kind ? p->options->kind : kinds[0];
    for (size_t k = 0; k < 4; k++) {
        if (strcmp(kind, kinds[k]) == 0) {
            return make[k](p);
        }
    }
    msc_throw(p->arena, MSC_E_USAGE, NULL, "--kind '%s': there is %s%s", kind, "observed, residuals, profiles and pairs",
              msc_text_suggest(p->arena, kind, kinds, 4));
}

static void take_estimates(msc_plot_fit *p)
{
    const msc_axis *axis = msc_dataset_axis(p->d, "estimate");
    if (!axis || !axis->label) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file has no names of estimates");
    }
    p->n_estimate = axis->n, p->estimate = axis->label;
}

static msc_status draw(msc_plot_fit *p, msc_figure_kind kind, char **script, msc_error *err)
{
    if (MSC_CATCH(p->arena)) {
        const msc_error *thrown = &p->arena->error;
        return msc_fail(err, thrown->status, thrown->where[0] ? thrown->where : NULL, "%s", thrown->message);
    }
    if (p->options && (p->options->n_against > 0 || p->options->bound)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--%s is for sweeps; this file is of a fit", p->options->bound ? "bound" : "against");
    }
    take_estimates(p);
    msc_chart chart = chart_of(p);
    const char *title = p->options && p->options->title ? p->options->title : msc_dataset_text(p->d, "title");
    chart.title = title && *title ? title : NULL, chart.note = p->note;
    return msc_chart_script(&chart, kind, script, err);
}

msc_status msc_plot_fit_script(const char *path, msc_units *units, const msc_figure_options *options, msc_figure_kind kind, char **script,
                               msc_error *err)
{
    msc_dataset *d = NULL;
    msc_arena *arena = msc_arena_new(err);
    msc_status status = arena ? msc_store_read(path, &d, err) : MSC_E_NOMEM;
    if (status == MSC_OK) {
        msc_plot_fit p = {.arena = arena, .d = d, .units = units, .options = options};
        status = draw(&p, kind, script, err);
    }
    msc_dataset_free(d);
    msc_arena_free(arena);
    return status;
}
