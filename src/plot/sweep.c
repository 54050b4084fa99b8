/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of sweeps: what of the file is wanted, and which kind of figure shows it. Only what is drawn is
 * read, since a sweep may be larger than the memory. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "plot/plot.h"

enum { DEFAULT_PANELS = 4, FEW = 12 }; /* values of an axis that are worth counting */

bool msc_plot_is_sweep(const msc_dataset *head)
{
    return msc_dataset_axis(head, "scenario") && msc_dataset_text(head, "sweep_design");
}

/* ---- small things ---- */

void msc_plot_note(msc_plot_sweep *p, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    p->note = p->note ? msc_arena_printf(p->arena, "%s; %s", p->note, text) : msc_arena_strdup(p->arena, text);
}

void msc_plot_left_out(const msc_plot_sweep *p, const char *name)
{
    const msc_figure_options *o = p->options;
    if (o && o->left_out && o->left_out_size > 0) {
        const size_t n = strlen(o->left_out);
        snprintf(o->left_out + n, o->left_out_size - n, "%s%s", n > 0 ? ", " : "", name);
    }
}

void msc_plot_check(msc_plot_sweep *p, msc_status status, const msc_error *err)
{
    if (status != MSC_OK) {
        msc_throw(p->arena, status, err->where[0] ? err->where : NULL, "%s", err->message);
    }
}

void msc_plot_read(msc_plot_sweep *p, const msc_store_selection *selection)
{
    msc_error err = {0};
    msc_dataset_free(p->data);
    p->data = NULL;
    msc_plot_check(p, msc_store_read_some(p->path, selection, &p->data, &err), &err);
}

const char *msc_plot_title(const msc_plot_sweep *p)
{
    const char *title = p->options && p->options->title ? p->options->title : msc_dataset_text(p->head, "title");
    return title && *title ? title : NULL;
}

/* Names between blanks, of an attribute. */
static const char **names_of(msc_plot_sweep *p, const char *attribute, size_t *n)
{
    const char *text = msc_dataset_text(p->head, attribute), **list = NULL;
    size_t room = 0;
    *n = 0;
    for (text = text ? text : ""; *text; text += strspn(text, " ")) {
        const size_t bytes = strcspn(text, " ");
        *MSC_PUSH(p->arena, list, *n, room) = msc_arena_strndup(p->arena, text, bytes);
        text += bytes;
    }
    return list;
}

static bool among(const char *name, const char *const *list, size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        found = found || strcmp(name, list[i]) == 0;
    }
    return found;
}

size_t msc_plot_against(msc_plot_sweep *p, const char *name)
{
    for (size_t k = 0; k < p->n_axis; k++) {
        if (strcmp(p->axis_name[k], name) == 0) {
            return k;
        }
    }
    msc_throw(p->arena, MSC_E_USAGE, NULL, "the sweep has no axis '%s'%s", name,
              msc_text_suggest_or_list(p->arena, name, p->axis_name, p->n_axis));
}

bool msc_plot_over(const msc_plot_sweep *p, const msc_array *a, int k, const char *name)
{
    return a && a->n_axis > k && strcmp(p->data->axis[a->axis[k]].name, name) == 0;
}

/* ---- endpoints ---- */

static void add_variable(msc_plot_sweep *p, msc_plot_variable *v, const msc_array *a, size_t element, size_t elements)
{
    const char *name = a->name;
    if (a->n_axis > 1) {
        name = msc_arena_printf(p->arena, "%s[%s]", name, msc_plot_element(p->arena, p->data, a, 1, element, ", "));
    }
    *v = (msc_plot_variable){.name = name,
                             .unit = a->unit ? a->unit : "1",
                             .about = a->about && strcmp(a->about, a->name) != 0 ? a->about : NULL,
                             .value = a->real + element,
                             .stride = elements};
}

/* "exposure[lung]" or all of "exposure", at most so many variables; gives how many there would be. */
static size_t find_variables(msc_plot_sweep *p, const char *text, size_t most, msc_plot_variable *v)
{
    const char *element, *name = msc_plot_split(p->arena, text, &element);
    const msc_array *a = msc_dataset_array(p->data, name);
    if (!msc_plot_over(p, a, 0, "scenario") || a->kind != MSC_ARRAY_REAL) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file does not hold its endpoint '%s'", name);
    }
    const size_t elements = p->n > 0 ? msc_array_size(p->data, a) / p->n : 1;
    const char **known = MSC_NEW(p->arena, const char *, elements + 1);
    size_t n = 0;
    for (size_t e = 0; e < elements; e++) {
        known[e] = msc_plot_element(p->arena, p->data, a, 1, e, ",");
        if (!element || strcmp(known[e], element) == 0) {
            if (n < most) {
                add_variable(p, &v[n], a, e, elements);
            }
            n++;
        }
    }
    if (n == 0) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "'%s' has no element '%s'%s", name, element,
                  msc_text_suggest(p->arena, element, known, elements));
    }
    return n;
}

static size_t count_values(const msc_plot_sweep *p, const msc_plot_variable *v)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        n += p->ok[i] && isfinite(v->value[i * v->stride]);
    }
    return n;
}

static void refuse_empty(msc_plot_sweep *p, const msc_plot_variable *v)
{
    if (count_values(p, v) == 0) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "'%s' has a value in no scenario: there is nothing to draw", v->name);
    }
}

void msc_plot_note_missing(msc_plot_sweep *p)
{
    for (size_t i = 0; i < p->n_variable; i++) {
        const size_t n = count_values(p, &p->variable[i]);
        if (n < p->n_ok) {
            msc_plot_note(p, "%zu without a value of %s", p->n_ok - n, p->variable[i].name);
        }
    }
}

/* What nobody asked for is left out if it is empty, as long as something is left. */
static void drop_empty(msc_plot_sweep *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_variable; i++) {
        if (count_values(p, &p->variable[i]) > 0) {
            p->variable[n++] = p->variable[i];
        } else {
            msc_plot_left_out(p, p->variable[i].name);
        }
    }
    if (n == 0) {
        refuse_empty(p, &p->variable[0]);
    }
    p->n_variable = n;
}

static void choose_variables(msc_plot_sweep *p, const char *const *endpoint, size_t n_endpoint, const char *bound_name)
{
    const msc_figure_options *o = p->options;
    const bool asked = o && o->n_quantity > 0;
    const size_t most = asked ? MSC_FIGURE_PANELS : DEFAULT_PANELS, n = asked ? o->n_quantity : n_endpoint;
    for (size_t i = 0; i < n; i++) {
        const char *text = asked ? o->quantity[i] : endpoint[i];
        if (!asked && bound_name && strcmp(text, bound_name) == 0 && n > 1) {
            continue;
        }
        const size_t found = find_variables(p, text, most - p->n_variable, p->variable + p->n_variable);
        if (asked && p->n_variable + found > most) {
            msc_throw(p->arena, MSC_E_USAGE, NULL, "at most %d panels fit one figure", MSC_FIGURE_PANELS);
        }
        if (p->n_variable + found > most) {
            msc_plot_left_out(p, text);
        }
        p->n_variable += p->n_variable + found > most ? most - p->n_variable : found;
    }
    for (size_t i = 0; asked && i < p->n_variable; i++) {
        refuse_empty(p, &p->variable[i]);
    }
    if (!asked) {
        drop_empty(p);
    }
}

/* ---- scenarios ---- */

static void find_scenarios(msc_plot_sweep *p)
{
    const msc_array *status = msc_dataset_array(p->data, "status");
    const bool known = msc_plot_over(p, status, 0, "scenario") && status->n_axis == 1 && status->kind == MSC_ARRAY_FLAG;
    bool *ok = MSC_NEW(p->arena, bool, p->n + 1);
    p->ok = ok;
    for (size_t i = 0; i < p->n; i++) {
        ok[i] = !known || status->flag[i] == 0;
        p->n_ok += ok[i];
    }
    if (p->n_ok == 0) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "all %zu scenarios failed: there is nothing to draw; failure_text in the file says why", p->n);
    }
    if (p->n_ok < p->n) {
        msc_plot_note(p, "%zu of %zu scenarios failed and are left out", p->n - p->n_ok, p->n);
    }
}

/* ---- what is asked for ---- */

/* Endpoints or quantities over time, not both; true: over time. */
static bool over_time(msc_plot_sweep *p, const char *const *endpoint, size_t n_endpoint, const char *const *quantity,
                      size_t n_quantity)
{
    const msc_figure_options *o = p->options;
    bool time = n_endpoint == 0, end = false;
    const char **all = MSC_NEW(p->arena, const char *, n_endpoint + n_quantity + 1);
    memcpy(all, endpoint, n_endpoint * sizeof *all);
    memcpy(all + n_endpoint, quantity, n_quantity * sizeof *all);
    if (n_endpoint + n_quantity == 0) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "the sweep has no endpoints that could be drawn, and has kept no trajectories");
    }
    for (size_t i = 0; o && i < o->n_quantity; i++) {
        const char *element, *name = msc_plot_split(p->arena, o->quantity[i], &element);
        if (!among(name, all, n_endpoint + n_quantity)) {
            msc_throw(p->arena, MSC_E_USAGE, NULL, "the sweep has no endpoint%s '%s'%s", n_quantity > 0 ? " or quantity" : "",
                      name, msc_text_suggest_or_list(p->arena, name, all, n_endpoint + n_quantity));
        }
        end = end || among(name, endpoint, n_endpoint);
        time = time || among(name, quantity, n_quantity);
    }
    if (time && end) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "endpoints and quantities over time need figures of their own");
    }
    if (time && o && (o->n_against > 0 || o->bound)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--%s is for endpoints", o->bound ? "bound" : "against");
    }
    return time;
}

static const char *bound_name(msc_plot_sweep *p, const char *const *endpoint, size_t n)
{
    const char *text = p->options ? p->options->bound : NULL, *element;
    if (!text) {
        return NULL;
    }
    const char *name = msc_plot_split(p->arena, msc_arena_strndup(p->arena, text, strcspn(text, "<>= ")), &element);
    if (!among(name, endpoint, n)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--bound: the sweep has no endpoint '%s'%s", name,
                  msc_text_suggest_or_list(p->arena, name, endpoint, n));
    }
    return name;
}

static void read_endpoints(msc_plot_sweep *p, const char *const *endpoint, size_t n_endpoint, const char *bound)
{
    const msc_figure_options *o = p->options;
    const bool asked = o && o->n_quantity > 0;
    const size_t n = asked ? o->n_quantity : n_endpoint;
    const char **name = MSC_NEW(p->arena, const char *, n + p->n_axis + 2);
    size_t used = 0;
    name[used++] = "status";
    for (size_t k = 0; k < p->n_axis; k++) {
        name[used++] = p->axis_name[k];
    }
    for (size_t i = 0; i < n && (asked || i <= DEFAULT_PANELS); i++) {
        const char *element;
        name[used++] = msc_plot_split(p->arena, asked ? o->quantity[i] : endpoint[i], &element);
    }
    if (bound) {
        name[used++] = bound;
    }
    msc_plot_read(p, &(msc_store_selection){.n_name = used, .name = name});
    find_scenarios(p);
    choose_variables(p, endpoint, n < DEFAULT_PANELS + 1 ? n : DEFAULT_PANELS + 1, bound);
    for (size_t i = DEFAULT_PANELS + 1; !asked && i < n; i++) {
        if (!bound || strcmp(endpoint[i], bound) != 0) {
            msc_plot_left_out(p, endpoint[i]); /* and not even read */
        }
    }
    if (bound) {
        size_t length = strcspn(o->bound, "<>=");
        while (length > 0 && o->bound[length - 1] == ' ') {
            length--;
        }
        const size_t found = find_variables(p, msc_arena_strndup(p->arena, o->bound, length), 1, &p->bound);
        if (found > 1) {
            msc_throw(p->arena, MSC_E_USAGE, NULL, "--bound: '%s' has %zu elements: name one, as in '%s'", bound, found, p->bound.name);
        }
        refuse_empty(p, &p->bound);
    }
}

/* How many different values an axis has; more than `most` are not counted. Places of choices are flags. */
static size_t many_of(const msc_array *a, size_t n, size_t most)
{
    double *value = calloc(most + 1, sizeof *value);
    size_t many = 0;
    for (size_t i = 0; i < n && value && many <= most; i++) {
        const double x = a->kind == MSC_ARRAY_FLAG ? (double)a->flag[i] : a->real[i];
        size_t k = 0;
        while (k < many && value[k] != x) {
            k++;
        }
        if (k == many) {
            value[many++] = x;
        }
    }
    free(value);
    return many;
}

/* A band over time goes over all scenarios: doses that differ are in one, which has to be said. */
static void note_mixed(msc_plot_sweep *p)
{
    const char **name = MSC_NEW(p->arena, const char *, p->n_axis + 1), *mixed = "";
    name[0] = "status";
    memcpy(name + 1, p->axis_name, p->n_axis * sizeof *name);
    msc_plot_read(p, &(msc_store_selection){.n_name = p->n_axis + 1, .name = name});
    find_scenarios(p);
    for (size_t k = 0; k < p->n_axis; k++) {
        const msc_array *a = msc_dataset_array(p->data, p->axis_name[k]);
        const bool numbers = a && a->n_axis == 1 && msc_array_size(p->data, a) == p->n && (a->kind == MSC_ARRAY_REAL || a->kind == MSC_ARRAY_FLAG);
        const size_t many = numbers ? many_of(a, p->n, FEW) : 0;
        if (many > 1 && many <= FEW && many < p->n) {
            mixed = msc_arena_printf(p->arena, "%s%s%zu values of %s", mixed, *mixed ? ", " : "", many, p->axis_name[k]);
        }
    }
    if (*mixed) {
        msc_plot_note(p, "all in one band: %s", mixed);
    }
}

static void prepare(msc_plot_sweep *p)
{
    const msc_figure_options *o = p->options;
    size_t n_endpoint, n_quantity;
    if (o && o->left_out && o->left_out_size > 0) {
        o->left_out[0] = '\0';
    }
    if (o && o->remark && o->remark_size > 0) {
        o->remark[0] = '\0';
    }
    p->design = msc_dataset_text(p->head, "sweep_design");
    p->n = msc_dataset_axis(p->head, "scenario")->n;
    p->axis_name = names_of(p, "sweep_axes", &p->n_axis);
    if (p->n_axis == 0 || p->n_axis > MSC_PLOT_AXES) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file does not say what its axes are");
    }
    p->axis = MSC_NEW(p->arena, msc_plot_axis, p->n_axis + 1);
    const char **endpoint = names_of(p, "endpoints", &n_endpoint), **quantity = names_of(p, "quantities", &n_quantity);
    if (o && o->n_against > 2) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--against at most twice: for the axis below and the one beside");
    }
    const bool time = over_time(p, endpoint, n_endpoint, quantity, n_quantity);
    const char *bound = bound_name(p, endpoint, n_endpoint);
    if (time) {
        const bool asked = o && o->n_quantity > 0;
        note_mixed(p);
        msc_plot_course(p, asked ? o->n_quantity : 1, asked ? o->quantity : quantity);
        return;
    }
    read_endpoints(p, endpoint, n_endpoint, bound);
    if (strcmp(p->design, "grid") == 0 || strcmp(p->design, "list") == 0) {
        msc_plot_grid(p);
    } else {
        msc_plot_samples(p);
    }
}

/* What was changed is known after a throw since it is none of this function's own. */
static msc_status guarded(msc_plot_sweep *p, msc_error *err)
{
    if (MSC_CATCH(p->arena)) {
        const msc_error *thrown = &p->arena->error;
        return msc_fail(err, thrown->status, thrown->where[0] ? thrown->where : NULL, "%s", thrown->message);
    }
    prepare(p);
    return MSC_OK;
}

msc_status msc_plot_sweep_script(const char *path, const msc_dataset *head, msc_units *units, const msc_figure_options *options,
                                 msc_figure_kind kind, char **script, msc_error *err)
{
    msc_plot_sweep *p = calloc(1, sizeof *p);
    msc_arena *arena = p ? msc_arena_new(err) : NULL;
    if (!arena) {
        free(p);
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    *p = (msc_plot_sweep){.path = path, .head = head, .units = units, .options = options, .kind = kind, .script = script, .arena = arena};
    const msc_status status = guarded(p, err);
    msc_dataset_free(p->data);
    msc_arena_free(arena);
    free(p);
    return status;
}
