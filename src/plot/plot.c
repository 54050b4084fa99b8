/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which quantities of a results file are drawn, and how: lines, or bands where the scenario shows a
 * range. What is drawn if nothing is asked for is what the scenario's own summary puts first, as the
 * texts in the file have it; no quantity has a meaning here. */
#include <mscsim/file.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "store/canvas.h"
#include "store/figure_curve.h"
#include "store/gnuplot.h"
#include "plot/plot.h"
#include "study/study.h"

enum { DEFAULT_PANELS = 4, BANDS_MOST = 3 };

typedef struct {
    msc_arena *arena;
    const msc_dataset *d;
    int time;               /* axis */
    const msc_conf *output; /* of the recorded scenario, or NULL */
    const msc_conf *ranges; /* output.ranges, or NULL */
    size_t n_panel;
    msc_panel panel[MSC_FIGURE_PANELS];
    const msc_array *of[MSC_FIGURE_PANELS]; /* what a panel shows */
    bool whole[MSC_FIGURE_PANELS];          /* all its elements, or those that were named */
    const char *note;
    const char *crowded; /* quantities of which the ranges are left out */
} plot;

/* ---- arrays over time ---- */

static const msc_array *over_time(const plot *p, const char *name)
{
    const msc_array *a = msc_dataset_array(p->d, name);
    return a && a->kind == MSC_ARRAY_REAL && a->n_axis > 0 && a->axis[0] == p->time ? a : NULL;
}

/* A quantity of the model has its peak beside it, a ledger has not. */
static bool is_quantity(const plot *p, const msc_array *a)
{
    return over_time(p, a->name) &&
           msc_dataset_array(p->d, msc_arena_printf(p->arena, "%s_peak", a->name));
}

static const msc_array *spread_of(const plot *p, const char *name, const char *end)
{
    return over_time(p, msc_arena_printf(p->arena, "%s_%s", name, end));
}

static const char *element_name(const plot *p, const msc_array *a, size_t element,
                                const char *between)
{
    return msc_plot_element(p->arena, p->d, a, 1, element, between);
}

static size_t elements(const plot *p, const msc_array *a)
{
    return msc_array_size(p->d, a) / p->d->axis[p->time].n;
}

static const char *split(const plot *p, const char *text, const char **element)
{
    return msc_plot_split(p->arena, text, element);
}

/* ---- what the scenario says of itself ---- */

static const msc_conf *find_group(const msc_conf *group, const char *key)
{
    const msc_conf *node = group ? msc_conf_find(group, key) : NULL;
    return node && node->kind == MSC_CONF_GROUP ? node : NULL;
}

/* The recorded texts, the scenario first: the first that has a group under `output`. */
static const msc_conf *recorded(const plot *p, const char *key)
{
    const msc_array *text = msc_dataset_array(p->d, "source_text");
    for (size_t i = 0; text && text->kind == MSC_ARRAY_TEXT && i < msc_array_size(p->d, text);
         i++) {
        const msc_conf *tree =
            msc_conf_read_text(p->arena, "recorded text", text->text[i], strlen(text->text[i]));
        const msc_conf *group = find_group(find_group(tree, "output"), key);
        if (group) {
            return group;
        }
    }
    return NULL;
}

static bool is_list(const msc_conf *node)
{
    return node && (node->kind == MSC_CONF_LIST || node->kind == MSC_CONF_ARRAY);
}

/* Is an element shown as a range? Where no scenario says which are, all are that have one. */
static bool shown_as_range(const plot *p, const char *name, const char *element)
{
    for (size_t i = 0; p->ranges && i < p->ranges->n; i++) {
        const msc_conf *range = p->ranges->child[i];
        const msc_conf *show = range->kind == MSC_CONF_GROUP ? msc_conf_find(range, "show") : NULL;
        for (size_t k = 0; is_list(show) && k < show->n; k++) {
            const char *of = NULL;
            const bool named = show->child[k]->kind == MSC_CONF_STRING &&
                               strcmp(split(p, show->child[k]->string, &of), name) == 0;
            if (named && (!of || strcmp(of, element) == 0)) {
                return true;
            }
        }
    }
    return p->ranges == NULL;
}

/* ---- panels ---- */

static double highest(const plot *p, const msc_array *a, size_t element)
{
    const size_t n = p->d->axis[p->time].n, stride = elements(p, a);
    double most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double y = a->real[i * stride + element];
        most = y > most ? y : most;
    }
    return most;
}

/* Elements wanted, the largest of them if there are too many; in their own order. */
static size_t choose_elements(plot *p, const msc_array *a, const char *wanted, size_t *list,
                              size_t *left_out)
{
    size_t n = 0, most = MSC_FIGURE_CURVES;
    const size_t all = elements(p, a);
    for (size_t e = 0; e < all; e++) {
        if (!wanted || strcmp(element_name(p, a, e, ","), wanted) == 0) {
            list[n++] = e;
        }
    }
    *left_out = n > most ? n - most : 0;
    while (n > most) {
        size_t least = 0;
        for (size_t i = 1; i < n; i++) {
            least = highest(p, a, list[i]) < highest(p, a, list[least]) ? i : least;
        }
        memmove(list + least, list + least + 1, (--n - least) * sizeof *list);
    }
    return n;
}

/* Which runs bands span, and what the lines beside them hold for: as record.c puts it. */
static const char *band_note(const plot *p, const char *about)
{
    static const char with[] = " of the runs with ", alone[] = "; the run itself: ";
    const char *how = about ? strstr(about, with) : NULL;
    if (!how) {
        return NULL;
    }
    how += strlen(with);
    const char *own = strstr(how, alone);
    const char *text = msc_arena_printf(p->arena, "bands: the runs with %.*s%s%s", own ? (int)(own - how) : (int)strlen(how),
                                        how, own ? "; lines: " : "", own ? own + strlen(alone) : "");
    return msc_plot_bare(p->arena, text);
}

/* An element has the colour of its place in the first index, and the dashes of its place in the others, so
 * that one thing looks the same wherever it is drawn; the other way round if that tells more apart. */
static void choose_style(const plot *p, const msc_array *a, size_t element, msc_curve *c)
{
    enum { COLOURS = MSC_CANVAS_COLOURS, DASHES = MSC_FIGURE_DASHES };
    const size_t first = a->n_axis > 1 ? p->d->axis[a->axis[1]].n : 1, rest = elements(p, a) / first;
    const size_t x = element / rest, y = element % rest;
    if (a->n_axis < 3) {
        c->colour = (unsigned)(element % COLOURS), c->dash = (unsigned)(element / COLOURS);
    } else if (rest > DASHES && first <= DASHES) {
        c->colour = (unsigned)y, c->dash = (unsigned)x;
    } else {
        c->colour = (unsigned)x, c->dash = (unsigned)y;
    }
}

static msc_curve curve_of(plot *p, const char *name, const msc_array *a, const msc_array *low,
                          const msc_array *high, size_t element)
{
    const bool band = low && high && elements(p, low) == elements(p, a) &&
                      elements(p, high) == elements(p, a) &&
                      shown_as_range(p, name, element_name(p, a, element, ","));
    msc_curve c = {.label = a->n_axis > 1 ? element_name(p, a, element, ", ") : NULL,
                   .stride = elements(p, a)};
    choose_style(p, a, element, &c);
    if (!band) {
        c.y = a->real + element;
        return c;
    }
    c.low = low->real + element, c.high = high->real + element;
    p->note = p->note ? p->note : band_note(p, low->about);
    return c;
}

static const char *about_of(const plot *p, const msc_array *a, const char *name)
{
    const char *about = a->about;
    if (strcmp(a->name, name) != 0) { /* of the lower end of a range */
        const char *end = about ? strstr(about, ": the lowest of the runs") : NULL;
        about = end ? msc_arena_strndup(p->arena, about, (size_t)(end - about)) : NULL;
    }
    return about && strcmp(about, name) != 0 ? about : NULL;
}

static bool same_element(const plot *p, const msc_array *a, size_t e, const char *wanted)
{
    return strcmp(element_name(p, a, e, ","), wanted) == 0;
}

/* The panel that already shows single elements of a quantity; n_panel: none. */
static size_t panel_of(const plot *p, const msc_array *a)
{
    size_t k = 0;
    while (k < p->n_panel && (p->of[k] != a || p->whole[k])) {
        k++;
    }
    return k;
}

/* One more element beside those that were named before. */
static void join_panel(plot *p, size_t k, const char *name, const char *element)
{
    msc_panel *panel = &p->panel[k];
    const msc_array *a = p->of[k], *low = spread_of(p, name, "low"), *high = spread_of(p, name, "high");
    msc_curve *curve = MSC_NEW(p->arena, msc_curve, panel->n_curve + 2);
    for (size_t i = 0; i < panel->n_curve; i++) {
        curve[i] = panel->curve[i];
    }
    for (size_t e = 0; e < elements(p, a); e++) {
        if (same_element(p, a, e, element)) {
            curve[panel->n_curve] = curve_of(p, name, a, low, high, e);
        }
    }
    for (size_t i = 0; i < panel->n_curve; i++) {
        if (strcmp(curve[i].label, curve[panel->n_curve].label) == 0) {
            return; /* named twice */
        }
    }
    if (panel->n_curve == MSC_FIGURE_CURVES) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "at most %d elements of '%s' fit one panel", MSC_FIGURE_CURVES, name);
    }
    panel->curve = curve;
    panel->n_curve++;
}

/* Many bands in one panel cover each other: then it shows the run itself, by lines. */
static size_t count_bands(const plot *p, const char *name, const msc_array *a, const size_t *list, size_t n)
{
    size_t bands = 0;
    for (size_t i = 0; i < n; i++) {
        bands += shown_as_range(p, name, element_name(p, a, list[i], ","));
    }
    return bands;
}

static void add_panel(plot *p, const char *text)
{
    const char *element, *name = split(p, text, &element);
    const msc_array *low = spread_of(p, name, "low"), *high = spread_of(p, name, "high"),
                    *a = over_time(p, name);
    a = a ? a : low;
    if (a && element && panel_of(p, a) < p->n_panel) {
        join_panel(p, panel_of(p, a), name, element);
        return;
    }
    if (!a || p->n_panel == MSC_FIGURE_PANELS) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "at most %d quantities fit one figure",
                  MSC_FIGURE_PANELS);
    }
    p->of[p->n_panel] = a, p->whole[p->n_panel] = element == NULL;
    msc_panel *panel = &p->panel[p->n_panel++];
    size_t *list = MSC_NEW(p->arena, size_t, elements(p, a) + 1);
    msc_curve *curve = MSC_NEW(p->arena, msc_curve, elements(p, a) + 1);
    *panel = (msc_panel){.name = name,
                         .unit = a->unit ? a->unit : "1",
                         .about = about_of(p, a, name)};
    panel->n_curve = choose_elements(p, a, element, list, &panel->n_left_out);
    const size_t n_band = low && high && a != low ? count_bands(p, name, a, list, panel->n_curve) : 0;
    if (n_band > BANDS_MOST) {
        p->note = p->note ? p->note : band_note(p, low->about);
        p->crowded = p->crowded ? msc_arena_printf(p->arena, "%s, %s", p->crowded, name) : name;
        low = high = NULL;
    }
    for (size_t i = 0; i < panel->n_curve; i++) {
        curve[i] = curve_of(p, name, a, low, high, list[i]);
    }
    panel->curve = curve;
}

/* One element that was named is told in the heading and needs no legend. */
static void name_single_elements(plot *p)
{
    for (size_t k = 0; k < p->n_panel; k++) {
        msc_panel *panel = &p->panel[k];
        if (!p->whole[k] && panel->n_curve == 1 && panel->curve[0].label) {
            msc_curve *curve = MSC_NEW(p->arena, msc_curve, 1);
            *curve = panel->curve[0];
            panel->name = msc_arena_printf(p->arena, "%s[%s]", panel->name, curve->label);
            curve->label = NULL;
            panel->curve = curve;
        }
    }
}

static void tell_apart(plot *p)
{
    for (size_t k = 0; k < p->n_panel; k++) {
        msc_curve *curve = MSC_NEW(p->arena, msc_curve, p->panel[k].n_curve + 1);
        for (size_t i = 0; i < p->panel[k].n_curve; i++) {
            curve[i] = p->panel[k].curve[i];
        }
        msc_figure_tell_apart(curve, p->panel[k].n_curve);
        p->panel[k].curve = curve;
    }
}

/* A quantity that was asked for, or the nearest there is. */
static void check_name(plot *p, const char *text)
{
    const char *element, *name = split(p, text, &element);
    const msc_array *a = over_time(p, name);
    a = a ? a : spread_of(p, name, "low");
    if (!a) {
        const char **known = MSC_NEW(p->arena, const char *, p->d->n_array + 1);
        size_t n = 0;
        for (size_t i = 0; i < p->d->n_array; i++) {
            if (over_time(p, p->d->array[i].name)) {
                known[n++] = p->d->array[i].name;
            }
        }
        msc_throw(p->arena, MSC_E_USAGE, NULL, "the file has no '%s' over time%s", name,
                  msc_text_suggest(p->arena, name, known, n));
    }
    bool there = !element;
    const char **known = MSC_NEW(p->arena, const char *, elements(p, a) + 1);
    for (size_t e = 0; e < elements(p, a); e++) {
        known[e] = element_name(p, a, e, ",");
        there = there || strcmp(known[e], element) == 0;
    }
    if (!there) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "'%s' has no element '%s'%s", name, element,
                  msc_text_suggest(p->arena, element, known, elements(p, a)));
    }
}

/* ---- what is drawn if nothing is asked for ---- */

static bool is_drawn(const plot *p, const char *name)
{
    for (size_t i = 0; i < p->n_panel; i++) {
        if (strcmp(p->panel[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The first `most` quantities with indices, or without, of a list in the summary, else of the file. */
static void add_defaults(plot *p, const msc_conf *list, bool indexed, size_t most)
{
    const size_t end = p->n_panel + most;
    for (size_t i = 0; is_list(list) && i < list->n && p->n_panel < end; i++) {
        const char *element,
            *text = list->child[i]->kind == MSC_CONF_STRING ? list->child[i]->string : "";
        const char *name = split(p, text, &element);
        const msc_array *a = over_time(p, name);
        a = a ? a : spread_of(p, name, "low");
        if (a && !element && (a->n_axis > 1) == indexed && !is_drawn(p, name)) {
            add_panel(p, name);
        }
    }
    for (size_t i = 0; !is_list(list) && i < p->d->n_array && p->n_panel < end; i++) {
        const msc_array *a = &p->d->array[i];
        if (is_quantity(p, a) && (a->n_axis > 1) == indexed && !is_drawn(p, a->name)) {
            add_panel(p, a->name);
        }
    }
}

/* What is in the file and not drawn: "live_blood, effectors". */
static const char *left_out(const plot *p)
{
    const char *text = "";
    for (size_t i = 0; i < p->d->n_array; i++) {
        const msc_array *a = &p->d->array[i];
        if (is_quantity(p, a) && !is_drawn(p, a->name)) {
            text = msc_arena_printf(p->arena, "%s%s%s", text, *text ? ", " : "", a->name);
        }
    }
    return text;
}

static void choose(plot *p, const msc_figure_options *options)
{
    for (size_t i = 0; options && i < options->n_quantity; i++) {
        check_name(p, options->quantity[i]);
        add_panel(p, options->quantity[i]);
    }
    name_single_elements(p);
    const bool asked = p->n_panel > 0;
    const msc_conf *summary = asked ? NULL : recorded(p, "summary");
    if (summary) {
        add_defaults(p, msc_conf_find(summary, "table"), true, 1);
        add_defaults(p, msc_conf_find(summary, "peaks"), false, DEFAULT_PANELS - p->n_panel);
    }
    if (!asked && p->n_panel == 0) {
        add_defaults(p, NULL, true, 1);
        add_defaults(p, NULL, false, DEFAULT_PANELS - p->n_panel);
        add_defaults(p, NULL, true, DEFAULT_PANELS - p->n_panel);
    }
    if (p->n_panel == 0) {
        msc_throw(p->arena, MSC_E_USAGE, NULL,
                  "the file has no quantity over time that could be drawn");
    }
    tell_apart(p);
    if (options && options->left_out && options->left_out_size > 0) {
        snprintf(options->left_out, options->left_out_size, "%s", asked ? "" : left_out(p));
    }
}

/* ---- all of it ---- */

static void prepare(msc_arena *arena, const msc_dataset *d, msc_units *units,
                    const msc_figure_options *options, plot *p, msc_figure *f)
{
    *p = (plot){.arena = arena, .d = d, .time = -1};
    for (size_t i = 0; i < d->n_axis; i++) {
        p->time = strcmp(d->axis[i].name, "time") == 0 && d->axis[i].value ? (int)i : p->time;
    }
    if (p->time < 0) {
        msc_throw(arena, MSC_E_DATA, NULL, "the file has no times");
    }
    p->ranges = recorded(p, "ranges");
    choose(p, options);
    msc_plot_times(arena, units, d, p->time, f);
    f->title = options && options->title ? options->title : msc_dataset_text(d, "title");
    f->title = f->title && *f->title ? f->title : NULL;
    if (p->crowded) {
        p->note = msc_arena_printf(arena, "%s%s%s without bands, name elements for them", p->note ? p->note : "", p->note ? ". " : "",
                                   p->crowded);
    }
    f->note = msc_plot_caution(arena, d, p->note);
    f->log = options && options->log;
    f->n_panel = p->n_panel, f->panel = p->panel;
}

static msc_status make_script(const msc_dataset *d, msc_units *units,
                              const msc_figure_options *options, msc_figure_kind kind,
                              char **script, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        const bool data =
            thrown.status == MSC_E_CONFIG; /* texts of the file, no config of the user's */
        return msc_fail(err, data ? MSC_E_DATA : thrown.status,
                        thrown.where[0] ? thrown.where : NULL, "%s", thrown.message);
    }
    plot *p = MSC_NEW(arena, plot, 1);
    msc_figure *f = MSC_NEW(arena, msc_figure, 1);
    prepare(arena, d, units, options, p, f);
    const msc_status status = msc_figure_script(f, kind, script, err);
    msc_arena_free(arena);
    return status;
}

static msc_status kind_of(const char *figure, msc_figure_kind *kind, msc_error *err)
{
    static const char *const end[] = {".svg", ".pdf", ".png"};
    const size_t n = figure ? strlen(figure) : 0;
    for (int i = 0; i < 3; i++) {
        if (n > 4 && strcmp(figure + n - 4, end[i]) == 0) {
            *kind = (msc_figure_kind)i;
            return MSC_OK;
        }
    }
    return msc_fail(err, MSC_E_USAGE, NULL, "'%s': the name of a figure ends in .svg, .pdf or .png",
                    figure ? figure : "");
}

/* Of a sweep only what is drawn is read. */
static msc_status script_of(const char *path, msc_units *units, const msc_figure_options *options, msc_figure_kind kind,
                            char **script, msc_error *err)
{
    static const char *const none[] = {""};
    msc_dataset *head = NULL, *dataset = NULL;
    msc_status status = msc_store_read_some(path, &(msc_store_selection){.n_name = 1, .name = none}, &head, err);
    if (status == MSC_OK && msc_plot_is_sweep(head) && options && options->kind) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "--kind is for fits; %s is of a sweep", path);
    } else if (status == MSC_OK && msc_plot_is_sweep(head)) {
        status = msc_plot_sweep_script(path, head, units, options, kind, script, err);
    } else if (status == MSC_OK && msc_plot_is_fit(head)) {
        status = msc_plot_fit_script(path, units, options, kind, script, err);
    } else if (status == MSC_OK && options && options->kind) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "--kind is for fits; %s is of one run", path);
    } else if (status == MSC_OK && options && (options->n_against > 0 || options->bound)) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "--%s is for sweeps; %s is of one run", options->bound ? "bound" : "against", path);
    } else if (status == MSC_OK) {
        status = msc_store_read(path, &dataset, err);
        if (status == MSC_OK) {
            status = make_script(dataset, units, options, kind, script, err);
        }
    }
    msc_dataset_free(head);
    msc_dataset_free(dataset);
    return status;
}

static msc_status check_names(const msc_figure_options *o, msc_error *err)
{
    const size_t n[] = {o ? o->n_quantity : 0, o ? o->n_against : 0};
    for (int k = 0; k < 2; k++) {
        const char *const *list = o && k == 0 ? o->quantity : o ? o->against : NULL;
        for (size_t i = 0; i < n[k]; i++) {
            if (!list || !list[i]) {
                return msc_fail(err, MSC_E_USAGE, NULL, "a name is wanted here, and not NULL: msc_figure_options.%s", k == 0 ? "quantity" : "against");
            }
        }
    }
    return MSC_OK;
}

msc_status msc_file_plot(const char *path, const char *figure, const msc_figure_options *options,
                         msc_error *err)
{
    msc_figure_kind kind = MSC_FIGURE_SVG;
    msc_units *units = NULL;
    char *script = NULL;
    const bool force = options && options->force;
    msc_status status = check_names(options, err);
    status = status == MSC_OK ? kind_of(figure, &kind, err) : status;
    if (status == MSC_OK) {
        status = msc_store_probe(figure, force, err);
    }
    if (status == MSC_OK) {
        status = msc_units_new(&units, err);
    }
    if (status == MSC_OK) {
        status = script_of(path, units, options, kind, &script, err);
    }
    if (status == MSC_OK) {
        status = msc_gnuplot_draw(script, figure, force, err);
    }
    free(script);
    msc_units_free(units);
    return status;
}
