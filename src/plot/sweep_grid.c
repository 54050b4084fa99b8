/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep over levels: over two axes a map, over one lines. Of what is not on an axis of the figure one may
 * be told apart, by lines or panels of its own; over all others stand the median and a band. */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "store/map.h"
#include "plot/plot.h"

enum { FINEST = 120, LINES = 7, MAPS = 4, NONE = -1 };

typedef struct {
    msc_plot_sweep *p;
    int x, y, group; /* axes, or NONE */
    size_t n_rest;
    int rest[MSC_PLOT_AXES]; /* over these, medians */
} layout;

/* What a variable is at each place: [group][y][x]. */
typedef struct {
    size_t n_x, n_y, n_group;
    double *low, *middle, *high;
    bool spread; /* are there places with several scenarios? */
} table;

/* ---- levels ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Equal steps of the logarithm over a decade or more, but for rounding: 1, 2, 5, 10 are such, and 1, 3, 10. */
static bool is_logarithmic(const double *level, size_t n)
{
    double least = INFINITY, most = 0;
    if (n < 3 || !(level[0] > 0) || level[n - 1] < 9.99 * level[0]) {
        return false;
    }
    for (size_t i = 1; i < n; i++) {
        const double step = log(level[i] / level[i - 1]);
        least = fmin(least, step), most = fmax(most, step);
    }
    return most <= 1.4 * least;
}

static void name_axis(msc_plot_sweep *p, msc_plot_axis *a, const msc_array *array, double factor)
{
    char power[MSC_NUMBER];
    const bool pure = !array->unit || strcmp(array->unit, "1") == 0;
    const char *about = array->about && *array->about ? msc_plot_bare(p->arena, array->about) : a->name;
    msc_power_text(power, (int)lround(log10(factor)));
    if (pure && factor == 1) {
        a->label = about;
    } else if (pure) {
        a->label = msc_arena_printf(p->arena, "%s (%.*s)", about, (int)strlen(power) - 1, power);
    } else {
        a->label = msc_arena_printf(p->arena, "%s (%s%s)", about, power, array->unit);
    }
}

static void number_levels(msc_plot_sweep *p, msc_plot_axis *a, const msc_array *array)
{
    double *level = MSC_NEW(p->arena, double, p->n + 1);
    uint32_t *place = MSC_NEW(p->arena, uint32_t, p->n + 1);
    memcpy(level, array->real, p->n * sizeof *level);
    qsort(level, p->n, sizeof *level, ascending);
    for (size_t i = 0; i < p->n; i++) {
        if (a->n == 0 || level[i] != level[a->n - 1]) {
            level[a->n++] = level[i];
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        const double *found = bsearch(&array->real[i], level, a->n, sizeof *level, ascending);
        place[i] = found ? (uint32_t)(found - level) : 0;
    }
    a->log = is_logarithmic(level, a->n);
    const double factor = a->log ? 1 : msc_scale_unit(fmax(fabs(level[0]), fabs(level[a->n - 1])));
    const char **text = MSC_NEW(p->arena, const char *, a->n + 1);
    const bool pure = !array->unit || strcmp(array->unit, "1") == 0;
    for (size_t i = 0; i < a->n; i++) {
        char number[MSC_NUMBER];
        msc_round_text(number, level[i]);
        text[i] = msc_arena_printf(p->arena, "%s%s%s", number, pure ? "" : " ", pure ? "" : array->unit);
        level[i] /= factor;
    }
    a->level = level, a->place = place, a->text = text;
    name_axis(p, a, array, factor);
}

static void choice_levels(msc_plot_sweep *p, msc_plot_axis *a, const msc_array *array)
{
    double *level = MSC_NEW(p->arena, double, array->n_meaning + 1);
    uint32_t *place = MSC_NEW(p->arena, uint32_t, p->n + 1);
    for (size_t i = 0; i < array->n_meaning; i++) {
        level[i] = (double)i;
    }
    for (size_t i = 0; i < p->n; i++) {
        place[i] = array->flag[i];
    }
    a->n = array->n_meaning, a->level = level, a->place = place;
    a->choice = array->flag_meaning, a->text = array->flag_meaning;
    name_axis(p, a, array, 1);
}

void msc_plot_axis_levels(msc_plot_sweep *p, size_t k)
{
    const msc_array *array = msc_dataset_array(p->data, p->axis_name[k]);
    msc_plot_axis *a = &p->axis[k];
    a->name = p->axis_name[k];
    bool fine = msc_plot_over(p, array, 0, "scenario") && array->n_axis == 1;
    for (size_t i = 0; fine && i < p->n; i++) {
        fine = array->kind == MSC_ARRAY_REAL ? isfinite(array->real[i]) : array->kind == MSC_ARRAY_FLAG && array->flag[i] < array->n_meaning;
    }
    if (!fine) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file does not hold its axis '%s'", a->name);
    }
    if (array->kind == MSC_ARRAY_REAL) {
        number_levels(p, a, array);
    } else {
        choice_levels(p, a, array);
    }
    bool *used = MSC_NEW(p->arena, bool, a->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        a->n_used += p->ok[i] && !used[a->place[i]];
        used[a->place[i]] = used[a->place[i]] || p->ok[i];
    }
}

/* The scenarios by number, where no axis tells them apart. */
static int scenario_axis(msc_plot_sweep *p)
{
    msc_plot_axis *a = &p->axis[p->n_axis];
    double *level = MSC_NEW(p->arena, double, p->n + 1);
    uint32_t *place = MSC_NEW(p->arena, uint32_t, p->n + 1);
    const char **text = MSC_NEW(p->arena, const char *, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        level[i] = (double)i, place[i] = (uint32_t)i;
        text[i] = msc_arena_printf(p->arena, "%zu", i);
    }
    *a = (msc_plot_axis){.name = "scenario", .label = "scenario of the list", .n = p->n, .level = level, .text = text, .place = place};
    return (int)p->n_axis;
}

/* ---- which axis goes where ---- */

static bool is_number(const layout *l, int k)
{
    return l->p->axis[k].choice == NULL;
}

static void find_group(layout *l)
{
    const msc_plot_axis *axis = l->p->axis;
    const size_t most = l->y == NONE ? LINES : MSC_FIGURE_PANELS / l->p->n_variable;
    int found = NONE;
    for (size_t i = 0; i < l->n_rest && found == NONE; i++) {
        found = !is_number(l, l->rest[i]) && axis[l->rest[i]].n <= most ? (int)i : NONE;
    }
    if (found == NONE && l->n_rest == 1 && axis[l->rest[0]].n <= (l->y == NONE ? LINES : MAPS) && axis[l->rest[0]].n <= most) {
        found = 0;
    }
    if (found != NONE) {
        l->group = l->rest[found];
        memmove(l->rest + found, l->rest + found + 1, (--l->n_rest - (size_t)found) * sizeof *l->rest);
    }
}

static void lay_out_list(layout *l)
{
    msc_plot_sweep *p = l->p;
    for (size_t k = 0; k < p->n_axis && l->x == NONE; k++) {
        l->x = is_number(l, (int)k) && p->axis[k].n == p->n ? (int)k : NONE;
    }
    l->x = l->x == NONE ? scenario_axis(p) : l->x;
}

static void lay_out_grid(layout *l)
{
    int number[2] = {NONE, NONE}, choice = NONE;
    size_t n = 0;
    for (size_t k = 0; k < l->p->n_axis; k++) {
        if (l->p->axis[k].n_used > 1 && is_number(l, (int)k)) {
            if (n < 2) {
                number[n] = (int)k;
            }
            n++;
        } else if (l->p->axis[k].n_used > 1) {
            choice = choice == NONE ? (int)k : choice;
        }
    }
    l->x = n > 0 ? number[0] : choice;
    l->y = n == 2 ? number[1] : NONE;
    if (l->x == NONE) { /* nothing varies */
        l->x = 0;
    }
}

static void refuse_as_map(layout *l, int k)
{
    const msc_plot_axis *a = &l->p->axis[k];
    if (!is_number(l, k) || a->n_used < 2) {
        msc_throw(l->p->arena, MSC_E_USAGE, NULL, "a map needs two axes of numbers that vary: '%s' %s", a->name,
                  is_number(l, k) ? "has one value that did not fail" : "chooses");
    }
}

/* Of maps that were not asked for there are two at most, with all their panels four. */
static void drop_maps(layout *l)
{
    msc_plot_sweep *p = l->p;
    const msc_figure_options *o = p->options;
    const bool asked = o && o->n_quantity > 0;
    size_t n_group = 1, most = 2;
    for (size_t i = 0; i < l->n_rest; i++) {
        n_group = is_number(l, l->rest[i]) && l->n_rest > 1 ? n_group : p->axis[l->rest[i]].n;
    }
    most = n_group > 2 ? 1 : most;
    if (!asked && p->n_variable > most) {
        for (size_t i = most; i < p->n_variable; i++) {
            msc_plot_left_out(p, p->variable[i].name);
        }
        p->n_variable = most;
    }
}

static layout lay_out(msc_plot_sweep *p)
{
    const msc_figure_options *o = p->options;
    layout l = {.p = p, .x = NONE, .y = NONE, .group = NONE};
    const bool list = strcmp(p->design, "list") == 0;
    for (size_t k = 0; k < p->n_axis; k++) {
        msc_plot_axis_levels(p, k);
    }
    if (o && o->n_against > 0) {
        l.x = (int)msc_plot_against(p, o->against[0]);
        l.y = o->n_against > 1 ? (int)msc_plot_against(p, o->against[1]) : NONE;
    } else if (list) {
        lay_out_list(&l);
    } else {
        lay_out_grid(&l);
    }
    if (l.y != NONE && (l.y == l.x || list)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, list ? "a list of scenarios is drawn --against one axis" : "a map needs two different axes");
    }
    if (l.y != NONE) {
        refuse_as_map(&l, l.x);
        refuse_as_map(&l, l.y);
    } else if (o && o->bound) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--bound is for maps: name two axes by --against");
    }
    for (size_t k = 0; k < p->n_axis && !list; k++) {
        if ((int)k != l.x && (int)k != l.y && p->axis[k].n_used > 1) {
            l.rest[l.n_rest++] = (int)k;
        }
    }
    if (l.y != NONE) {
        drop_maps(&l);
    }
    find_group(&l);
    return l;
}

/* ---- numbers ---- */

static size_t place_of(const layout *l, const table *t, size_t scenario)
{
    const msc_plot_axis *axis = l->p->axis;
    const size_t x = axis[l->x].place[scenario], y = l->y == NONE ? 0 : axis[l->y].place[scenario];
    return ((l->group == NONE ? 0 : axis[l->group].place[scenario]) * t->n_y + y) * t->n_x + x;
}

static table tabulate(const layout *l, const msc_plot_variable *v)
{
    msc_plot_sweep *p = l->p;
    table t = {.n_x = p->axis[l->x].n, .n_y = l->y == NONE ? 1 : p->axis[l->y].n, .n_group = l->group == NONE ? 1 : p->axis[l->group].n};
    const size_t n = t.n_x * t.n_y * t.n_group;
    size_t *end = MSC_NEW(p->arena, size_t, n + 2);
    double *sorted = MSC_NEW(p->arena, double, p->n + 1);
    t.low = MSC_NEW(p->arena, double, n), t.middle = MSC_NEW(p->arena, double, n), t.high = MSC_NEW(p->arena, double, n);
    for (size_t i = 0; i < p->n; i++) {
        end[place_of(l, &t, i) + 2] += p->ok[i] && isfinite(v->value[i * v->stride]);
    }
    for (size_t k = 2; k < n + 2; k++) {
        end[k] += end[k - 1];
    }
    for (size_t i = 0; i < p->n; i++) {
        if (p->ok[i] && isfinite(v->value[i * v->stride])) {
            sorted[end[place_of(l, &t, i) + 1]++] = v->value[i * v->stride];
        }
    }
    for (size_t k = 0; k < n; k++) {
        const size_t from = end[k], many = end[k + 1] - from;
        gsl_sort(sorted + from, 1, many);
        t.spread = t.spread || many > 1;
        t.low[k] = many > 0 ? gsl_stats_quantile_from_sorted_data(sorted + from, 1, many, 0.05) : (double)NAN;
        t.middle[k] = many > 0 ? gsl_stats_quantile_from_sorted_data(sorted + from, 1, many, 0.5) : (double)NAN;
        t.high[k] = many > 0 ? gsl_stats_quantile_from_sorted_data(sorted + from, 1, many, 0.95) : (double)NAN;
    }
    return t;
}

static const char *rest_names(const layout *l)
{
    const char *text = "";
    for (size_t i = 0; i < l->n_rest; i++) {
        const char *between = i == 0 ? "" : i + 1 < l->n_rest ? ", " : " and ";
        text = msc_arena_printf(l->p->arena, "%s%s%s", text, between, l->p->axis[l->rest[i]].name);
    }
    return *text ? text : "the list";
}

/* "second_day 5 day" */
static const char *group_text(const layout *l, size_t g)
{
    const msc_plot_axis *a = &l->p->axis[l->group];
    return a->choice ? a->text[g] : msc_arena_printf(l->p->arena, "%s %s", a->name, a->text[g]);
}

/* Of a list, other axes go along with the one that is drawn. */
static void note_companions(const layout *l)
{
    const char *text = "";
    for (size_t k = 0; k < l->p->n_axis && strcmp(l->p->design, "list") == 0; k++) {
        if ((int)k != l->x && l->p->axis[k].n > 1) {
            text = msc_arena_printf(l->p->arena, "%s%s%s", text, *text ? ", " : "", l->p->axis[k].name);
        }
    }
    if (*text) {
        msc_plot_note(l->p, "with it varies %s", text);
    }
}

static void finish_note(msc_plot_sweep *p)
{
    p->note = msc_plot_caution(p->arena, p->head, p->note);
}

/* ---- maps ---- */

/* Of very fine axes every second, third, ... level. */
static size_t thin(msc_plot_sweep *p, const msc_plot_axis *a, size_t **list, double **level)
{
    const size_t every = (a->n - 1) / FINEST + 1;
    size_t n = 0;
    *list = MSC_NEW(p->arena, size_t, a->n / every + 2);
    *level = MSC_NEW(p->arena, double, a->n / every + 2);
    for (size_t i = 0; i < a->n; i += every) {
        (*level)[n] = a->level[i], (*list)[n] = i;
        n++;
    }
    if (every > 1) {
        msc_plot_note(p, "of %zu levels of %s one in %zu is drawn", a->n, a->name, every);
    }
    return n;
}

/* Lowest and highest, above a millionth of it if the scale is logarithmic. */
static void extent(msc_plot_sweep *p, const msc_plot_variable *v, const table *t, bool log, double *low, double *high)
{
    const size_t n = t->n_x * t->n_y * t->n_group;
    *low = INFINITY, *high = -(double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        *high = isfinite(t->middle[i]) ? fmax(*high, t->middle[i]) : *high;
    }
    for (size_t i = 0; i < n; i++) {
        const bool counts = isfinite(t->middle[i]) && (!log || t->middle[i] >= 1e-6 * *high);
        *low = counts ? fmin(*low, t->middle[i]) : *low;
    }
    if (log && !(*high > 0)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--log: '%s' has no value above 0", v->name);
    }
}

static const double *picked(msc_plot_sweep *p, const table *t, size_t group, const msc_map *m, const size_t *x, const size_t *y)
{
    double *z = MSC_NEW(p->arena, double, m->n_x * m->n_y);
    for (size_t j = 0; j < m->n_y; j++) {
        for (size_t i = 0; i < m->n_x; i++) {
            z[j * m->n_x + i] = t->middle[(group * t->n_y + y[j]) * t->n_x + x[i]];
        }
    }
    return z;
}

static void draw_map(const layout *l)
{
    msc_plot_sweep *p = l->p;
    msc_plot_note_missing(p);
    const msc_plot_axis *ax = &p->axis[l->x], *ay = &p->axis[l->y];
    size_t *x, *y;
    double *x_level, *y_level;
    msc_map m = {.title = msc_plot_title(p), .x_label = ax->label, .y_label = ay->label, .log_x = ax->log, .log_y = ay->log,
                 .log = p->options && p->options->log};
    msc_map_bound bound = {0};
    table over = {0};
    m.n_x = thin(p, ax, &x, &x_level), m.n_y = thin(p, ay, &y, &y_level);
    m.x = x_level, m.y = y_level;
    if (p->options && p->options->bound) {
        msc_plot_read_bound(p, &bound);
        over = tabulate(l, &p->bound);
        m.bound = &bound;
        msc_plot_note_bound(p, &bound, over.middle, over.n_x * over.n_y * over.n_group);
    }
    const size_t n_group = l->group == NONE ? 1 : p->axis[l->group].n;
    msc_map_panel *panel = MSC_NEW(p->arena, msc_map_panel, p->n_variable * n_group);
    bool spread = false;
    for (size_t i = 0; i < p->n_variable; i++) {
        const msc_plot_variable *v = &p->variable[i];
        const table t = tabulate(l, v);
        double low, high;
        extent(p, v, &t, m.log, &low, &high);
        spread = spread || t.spread;
        for (size_t g = 0; g < n_group; g++) {
            const char *name = l->group == NONE ? v->name : msc_arena_printf(p->arena, "%s; %s", v->name, group_text(l, g));
            panel[m.n_panel++] = (msc_map_panel){.name = name, .unit = v->unit, .about = v->about, .low = low, .high = high,
                                                 .z = picked(p, &t, g, &m, x, y),
                                                 .bound = m.bound ? picked(p, &over, g, &m, x, y) : NULL};
        }
    }
    if (spread) {
        msc_plot_note(p, "medians over %s at each point", rest_names(l));
    }
    if (!spread && m.n_x * m.n_y <= MSC_MAP_DOTS) {
        msc_plot_note(p, "dots: scenarios");
    }
    finish_note(p);
    m.panel = panel, m.note = p->note;
    msc_error err = {0};
    msc_plot_check(p, msc_map_script(&m, p->kind, p->script, &err), &err);
}

/* ---- lines ---- */

static void put_axis(const layout *l, msc_figure *f)
{
    msc_plot_sweep *p = l->p;
    const msc_plot_axis *a = &p->axis[l->x];
    bool *jump = MSC_NEW(p->arena, bool, a->n + 1);
    f->n_time = a->n, f->time = a->level, f->jump = jump, f->time_label = a->label;
    f->plain = true, f->log_x = a->log;
    if (a->choice) { /* no line leads from one to another */
        for (size_t i = 0; i < a->n; i++) {
            jump[i] = true;
        }
        f->tick = a->level, f->n_tick = a->n, f->tick_text = a->text;
    }
}

static void put_panel(const layout *l, const msc_plot_variable *v, msc_panel *panel, bool *spread)
{
    msc_plot_sweep *p = l->p;
    const table t = tabulate(l, v);
    msc_curve *curve = MSC_NEW(p->arena, msc_curve, 2 * t.n_group + 1);
    *panel = (msc_panel){.name = v->name, .unit = v->unit, .about = v->about, .curve = curve};
    for (size_t g = 0; g < t.n_group; g++) {
        const size_t at = g * t.n_x;
        if (t.spread) {
            curve[panel->n_curve++] = (msc_curve){.low = t.low + at, .high = t.high + at, .stride = 1, .colour = (unsigned)g,
                                                  .label = l->group == NONE ? "5\xE2\x80\x93" "95 %" : NULL};
        }
        curve[panel->n_curve++] = (msc_curve){.y = t.middle + at, .stride = 1, .colour = (unsigned)g,
                                              .label = l->group != NONE ? group_text(l, g) : t.spread ? "median" : NULL};
    }
    *spread = *spread || t.spread;
}

static void draw_lines(const layout *l)
{
    msc_plot_sweep *p = l->p;
    msc_figure f = {.title = msc_plot_title(p), .log = p->options && p->options->log, .n_panel = p->n_variable};
    msc_panel *panel = MSC_NEW(p->arena, msc_panel, p->n_variable);
    bool spread = false;
    msc_plot_note_missing(p);
    put_axis(l, &f);
    for (size_t i = 0; i < p->n_variable; i++) {
        put_panel(l, &p->variable[i], &panel[i], &spread);
    }
    note_companions(l);
    if (spread) {
        msc_plot_note(p, "lines: medians over %s; bands: 5\xE2\x80\x93" "95 %%", rest_names(l));
    }
    finish_note(p);
    f.panel = panel, f.note = p->note;
    msc_error err = {0};
    msc_plot_check(p, msc_figure_script(&f, p->kind, p->script, &err), &err);
}

void msc_plot_grid(msc_plot_sweep *p)
{
    layout *l = MSC_NEW(p->arena, layout, 1);
    *l = lay_out(p);
    if (l->y != NONE) {
        draw_map(l);
    } else {
        draw_lines(l);
    }
}
