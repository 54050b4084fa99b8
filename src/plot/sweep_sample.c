/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep of samples: histograms of endpoints, points over one axis, and bands over time. */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "store/map.h"
#include "plot/plot.h"

enum { POINTS_MOST = 4000, BLOCK = 256 << 20 };

/* ---- histograms ---- */

static msc_histogram_panel one_histogram(msc_plot_sweep *p, const msc_plot_variable *v, bool log)
{
    double *value = MSC_NEW(p->arena, double, p->n + 1);
    size_t n = 0, below = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double x = v->value[i * v->stride];
        if (p->ok[i] && isfinite(x)) {
            below += log && x <= 0;
            if (!log || x > 0) {
                value[n++] = x;
            }
        }
    }
    if (n == 0) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--log: '%s' has no value above 0", v->name);
    }
    if (below > 0) {
        msc_plot_note(p, "%zu values of %s that are not above 0 are left out", below, v->name);
    }
    gsl_sort(value, 1, n);
    return (msc_histogram_panel){.name = v->name, .unit = v->unit, .about = v->about, .n = n, .value = value,
                                 .low = gsl_stats_quantile_from_sorted_data(value, 1, n, 0.05),
                                 .middle = gsl_stats_quantile_from_sorted_data(value, 1, n, 0.5),
                                 .high = gsl_stats_quantile_from_sorted_data(value, 1, n, 0.95)};
}

static void draw_histograms(msc_plot_sweep *p)
{
    msc_histogram h = {.title = msc_plot_title(p), .count_label = "scenarios", .log = p->options && p->options->log, .n_panel = p->n_variable};
    msc_histogram_panel *panel = MSC_NEW(p->arena, msc_histogram_panel, p->n_variable);
    msc_error err = {0};
    msc_plot_note_missing(p);
    msc_plot_note(p, "%zu scenarios (%s); lines: median, 5 %% and 95 %%", p->n_ok, p->design);
    for (size_t i = 0; i < p->n_variable; i++) {
        panel[i] = one_histogram(p, &p->variable[i], h.log);
    }
    h.panel = panel, h.note = msc_plot_caution(p->arena, p->head, p->note);
    msc_plot_check(p, msc_histogram_script(&h, p->kind, p->script, &err), &err);
}

/* ---- points ---- */

/* Those that are drawn, by ascending level. */
static size_t sorted_places(msc_plot_sweep *p, const msc_plot_axis *a, size_t *list)
{
    size_t n = 0, *of = MSC_NEW(p->arena, size_t, a->n + 2);
    for (size_t i = 0; i < p->n; i++) {
        of[a->place[i] + 1] += p->ok[i];
    }
    for (size_t k = 1; k <= a->n; k++) {
        of[k] += of[k - 1];
    }
    for (size_t i = 0; i < p->n; i++) {
        if (p->ok[i]) {
            list[of[a->place[i]]++] = i;
        }
    }
    const size_t most = p->n_ok < POINTS_MOST ? p->n_ok : POINTS_MOST;
    for (size_t k = 0; k < most; k++) {
        list[n++] = list[(size_t)((double)k / (double)most * (double)p->n_ok)];
    }
    if (most < p->n_ok) {
        msc_plot_note(p, "%zu of %zu scenarios are drawn", most, p->n_ok);
    } else {
        msc_plot_note(p, "%zu scenarios (%s)", p->n_ok, p->design);
    }
    return n;
}

static void draw_points(msc_plot_sweep *p)
{
    const size_t k = msc_plot_against(p, p->options->against[0]);
    msc_figure f = {.title = msc_plot_title(p), .log = p->options->log, .plain = true, .n_panel = p->n_variable};
    msc_panel *panel = MSC_NEW(p->arena, msc_panel, p->n_variable);
    size_t *list = MSC_NEW(p->arena, size_t, p->n + 1);
    double *x = MSC_NEW(p->arena, double, p->n + 1);
    msc_error err = {0};
    msc_plot_note_missing(p);
    msc_plot_axis_levels(p, k);
    const msc_plot_axis *a = &p->axis[k];
    const size_t n = sorted_places(p, a, list);
    bool *jump = MSC_NEW(p->arena, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        x[i] = a->level[a->place[list[i]]], jump[i] = true;
    }
    f.n_time = n, f.time = x, f.jump = jump, f.time_label = a->label;
    if (a->choice) {
        f.tick = a->level, f.n_tick = a->n, f.tick_text = a->text;
    }
    for (size_t i = 0; i < p->n_variable; i++) {
        const msc_plot_variable *v = &p->variable[i];
        double *y = MSC_NEW(p->arena, double, n);
        msc_curve *curve = MSC_NEW(p->arena, msc_curve, 1);
        for (size_t j = 0; j < n; j++) {
            y[j] = v->value[list[j] * v->stride];
        }
        *curve = (msc_curve){.y = y, .stride = 1};
        panel[i] = (msc_panel){.name = v->name, .unit = v->unit, .about = v->about, .n_curve = 1, .curve = curve};
    }
    f.panel = panel, f.note = msc_plot_caution(p->arena, p->head, p->note);
    msc_plot_check(p, msc_figure_script(&f, p->kind, p->script, &err), &err);
}

void msc_plot_samples(msc_plot_sweep *p)
{
    const msc_figure_options *o = p->options;
    if (o && (o->bound || o->n_against > 1)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "a map needs a grid; this sweep was sampled (%s): draw --against one axis", p->design);
    }
    if (o && o->n_against == 1) {
        draw_points(p);
    } else {
        draw_histograms(p);
    }
}

/* ---- over time ---- */

typedef struct {
    const char *name, *text; /* the array; as it is drawn */
    size_t element, elements;
    const char *unit, *about;
    double *part[3]; /* [time] 5 %, median, 95 % */
} course;

/* One place of time tells what an array has. */
static const msc_array *look(msc_plot_sweep *p, const char *name, size_t first, size_t n)
{
    msc_plot_read(p, &(msc_store_selection){.n_name = 1, .name = &name, .axis = "time", .first = first, .n = n});
    const msc_array *a = msc_dataset_array(p->data, name);
    if (!msc_plot_over(p, a, 0, "scenario") || !msc_plot_over(p, a, 1, "time") || a->kind != MSC_ARRAY_REAL) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file does not hold '%s' over time", name);
    }
    return a;
}

static size_t find_courses(msc_plot_sweep *p, const char *text, size_t n, course *list)
{
    const char *element, *name = msc_plot_split(p->arena, text, &element);
    const msc_array *a = look(p, name, 0, 1);
    const size_t elements = msc_array_size(p->data, a) / p->n, before = n;
    const char **known = MSC_NEW(p->arena, const char *, elements + 1);
    for (size_t e = 0; e < elements; e++) {
        known[e] = msc_plot_element(p->arena, p->data, a, 2, e, ",");
        if (element && strcmp(known[e], element) != 0) {
            continue;
        }
        if (n == MSC_FIGURE_PANELS) {
            msc_throw(p->arena, MSC_E_USAGE, NULL, "at most %d panels fit one figure: name elements, as in -q '%s[%s]'", MSC_FIGURE_PANELS,
                      name, known[0]);
        }
        const char *inner = msc_plot_element(p->arena, p->data, a, 2, e, ", ");
        list[n++] = (course){.name = name, .element = e, .elements = elements,
                             .text = *inner ? msc_arena_printf(p->arena, "%s[%s]", name, inner) : name,
                             .unit = msc_arena_strdup(p->arena, a->unit ? a->unit : "1"),
                             .about = a->about && strcmp(a->about, name) != 0 ? msc_arena_strdup(p->arena, a->about) : NULL};
    }
    if (n == before) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "'%s' has no element '%s'%s", name, element,
                  msc_text_suggest(p->arena, element, known, elements));
    }
    return n;
}

static void take_block(const msc_plot_sweep *p, const msc_array *a, course *c, size_t first, size_t n, double *room)
{
    static const double share[3] = {0.05, 0.5, 0.95};
    for (size_t t = 0; t < n; t++) {
        size_t many = 0;
        for (size_t i = 0; i < p->n; i++) {
            const double x = a->real[(i * n + t) * c->elements + c->element];
            if (p->ok[i] && isfinite(x)) {
                room[many++] = x;
            }
        }
        gsl_sort(room, 1, many);
        for (int k = 0; k < 3; k++) {
            c->part[k][first + t] = many > 0 ? gsl_stats_quantile_from_sorted_data(room, 1, many, share[k]) : (double)NAN;
        }
    }
}

/* Blocks of times: all scenarios of all times may be more than the memory. */
static void take_courses(msc_plot_sweep *p, course *list, size_t n, size_t n_time)
{
    double *room = MSC_NEW(p->arena, double, p->n + 1);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++) {
            list[i].part[k] = MSC_NEW(p->arena, double, n_time + 1);
        }
    }
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && strcmp(list[next].name, list[i].name) == 0; next++) {}
        const size_t each = p->n * list[i].elements * sizeof(double), most = BLOCK / each + 1;
        for (size_t first = 0; first < n_time; first += most) {
            const size_t many = n_time - first < most ? n_time - first : most;
            const msc_array *a = look(p, list[i].name, first, many);
            for (size_t k = i; k < next; k++) {
                take_block(p, a, &list[k], first, many, room);
            }
        }
    }
}

void msc_plot_course(msc_plot_sweep *p, size_t n_name, const char *const *name)
{
    course list[MSC_FIGURE_PANELS];
    msc_panel *panel = MSC_NEW(p->arena, msc_panel, MSC_FIGURE_PANELS);
    msc_figure f = {.title = msc_plot_title(p), .log = p->options && p->options->log};
    msc_error err = {0};
    int axis = -1;
    size_t n = 0;
    for (size_t i = 0; i < p->head->n_axis; i++) {
        axis = strcmp(p->head->axis[i].name, "time") == 0 && p->head->axis[i].value ? (int)i : axis;
    }
    if (axis < 0) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file has no times");
    }
    for (size_t i = 0; i < n_name; i++) {
        n = find_courses(p, name[i], n, list);
    }
    take_courses(p, list, n, p->head->axis[axis].n);
    msc_plot_times(p->arena, p->units, p->head, axis, &f);
    for (size_t i = 0; i < n; i++) {
        msc_curve *curve = MSC_NEW(p->arena, msc_curve, 2);
        curve[0] = (msc_curve){.label = "5\xE2\x80\x93" "95 %", .low = list[i].part[0], .high = list[i].part[2], .stride = 1};
        curve[1] = (msc_curve){.label = "median", .y = list[i].part[1], .stride = 1};
        panel[i] = (msc_panel){.name = list[i].text, .unit = list[i].unit, .about = list[i].about, .n_curve = 2, .curve = curve};
    }
    msc_plot_note(p, "median and band at each time, over %zu scenarios (%s)", p->n_ok, p->design);
    f.panel = panel, f.n_panel = n, f.note = msc_plot_caution(p->arena, p->head, p->note);
    msc_plot_check(p, msc_figure_script(&f, p->kind, p->script, &err), &err);
}
