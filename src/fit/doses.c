/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of doses in a file of data: what is given is said by the regimen of the study's scenario, and rows must say the same.
 * A subject's rows, with those that name nobody, are every dose it was given before its last observation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"
#include "scenario/evaluate.h"

static const double SAME = 1e-6;         /* of amounts and durations: numbers as they are written */
static const double ROUNDED_MOST = 0.01; /* of a duration, by the digits of its rate */

/* One of the doses of the regimen. */
typedef struct {
    const msc_dose *dose;
    double at, amount, per; /* in all, and per what the route is per (NaN: it is given as an amount) */
    bool taken;             /* by a row */
} giving;

typedef struct {
    msc_fit *f;
    const msc_fit_study *study;
    const msc_model *model;
    size_t n;
    giving *one; /* by time */
    size_t *first, *next; /* [n_group + 1] its first row of a dose, [n_dose] the next one; MSC_FIT_NONE */
    bool *seen;           /* [n_group + 1] is anything observed of it in this study? */
    double *last;         /* [n_group + 1] when, last */
    size_t *line;         /* [n_group + 1] of its first observation */
} check;

static int by_time(const void *a, const void *b)
{
    const giving *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static void list_givings(check *c)
{
    const msc_scenario *s = c->study->opened;
    for (size_t d = 0; d < s->n_dose; d++) {
        c->n += (size_t)s->dose[d].repeat;
    }
    c->one = MSC_NEW(c->f->arena, giving, c->n + 1);
    c->n = 0;
    for (size_t d = 0; d < s->n_dose; d++) {
        const double all = msc_evaluate_dose(msc_evaluation_new(c->f->arena, s->model, &s->dose[d]), &s->dose[d]);
        for (long i = 0; i < s->dose[d].repeat; i++) {
            c->one[c->n++] = (giving){&s->dose[d], msc_dose_begin(&s->dose[d], i), all, s->dose[d].per ? s->dose[d].dose : (double)NAN, false};
        }
    }
    qsort(c->one, c->n, sizeof *c->one, by_time);
}

/* ---- words ---- */

static bool is_whole(const check *c, const giving *g, const msc_dose_record *row)
{
    return msc_dim_equal(row->dim, c->model->route[g->dose->route].dim);
}

/* The whole amount, or what is given per what the regimen is per. */
static bool is_comparable(const check *c, const giving *g, const msc_dose_record *row)
{
    const msc_route *route = &c->model->route[g->dose->route];
    return is_whole(c, g, row) || (g->dose->per && route->per && msc_dim_equal(row->dim, msc_dim_quotient(route->dim, route->per->dim)));
}

/* The unit that the model has for what a route brings. */
static const char *own_unit(const check *c, const giving *g, double *factor)
{
    const msc_route *route = &c->model->route[g->dose->route];
    for (size_t b = 0; b < route->n_branch; b++) {
        if (route->branch[b].to.amount >= 0) {
            *factor = c->model->amount[route->branch[b].to.amount].factor;
            return c->model->amount[route->branch[b].to.amount].unit;
        }
    }
    *factor = 1;
    return "1";
}

/* In the unit of the row, if it can be. */
static const char *amount_text(const check *c, const giving *g, const msc_dose_record *row)
{
    double factor = 1;
    msc_dim dim;
    const bool fine = is_comparable(c, g, row) && msc_units_parse(c->model->units, row->amount_unit, &factor, &dim, NULL) == MSC_OK;
    const char *unit = fine ? row->amount_unit : own_unit(c, g, &factor);
    return msc_arena_printf(c->f->arena, "%.9g %s", (fine && !is_whole(c, g, row) ? g->per : g->amount) / factor, unit);
}

static const char *duration_text(const check *c, double duration)
{
    return duration > 0 ? msc_arena_printf(c->f->arena, "over %.9g %s", duration, c->model->time_unit) : "at once";
}

/* "100 mg at 0 h at once, ..." */
static const char *regimen_text(const check *c, const msc_dose_record *row)
{
    enum { SHOWN = 6 };
    const char *text = c->n == 0 ? "nothing" : "";
    for (size_t i = 0; i < c->n && i < SHOWN; i++) {
        text = msc_arena_printf(c->f->arena, "%s%s%s at %.9g %s (%s)", text, i == 0 ? "" : ", ", amount_text(c, &c->one[i], row), c->one[i].at,
                                c->model->time_unit, duration_text(c, c->one[i].dose->duration));
    }
    return c->n > SHOWN ? msc_arena_printf(c->f->arena, "%s, and %zu more", text, c->n - SHOWN) : text;
}

/* ---- one row ---- */

static bool same_amount(const check *c, const giving *g, const msc_dose_record *row)
{
    return is_comparable(c, g, row) && fabs(row->amount - (is_whole(c, g, row) ? g->amount : g->per)) <= SAME * row->amount;
}

static bool same_duration(const giving *g, const msc_dose_record *row)
{
    return fabs(row->duration - g->dose->duration) <= fmax(SAME, fmin(row->rounding, ROUNDED_MOST)) * fmax(row->duration, g->dose->duration);
}

/* A compartment that is the name of a route is that way in; any other name or number is not the model's. */
static bool same_route(const check *c, const giving *g, const msc_dose_record *row)
{
    for (size_t i = 0; i < c->model->n_route; i++) {
        if (strcmp(c->model->route[i].name, row->compartment) == 0) {
            return (size_t)g->dose->route == i;
        }
    }
    return true;
}

static void take_row(check *c, const msc_dose_record *row)
{
    const msc_fit *f = c->f;
    const giving *near = NULL;
    const double at = msc_moment(row->time);
    bool other = false;
    for (size_t i = 0; i < c->n; i++) {
        giving *g = &c->one[i];
        other = other || (g->at == at && g->taken);
        if (g->at != at || g->taken) {
            continue;
        }
        near = near ? near : g;
        if (same_amount(c, g, row) && same_duration(g, row) && same_route(c, g, row)) {
            g->taken = true;
            return;
        }
    }
    if (!near) {
        msc_fit_fail_at(f, row->line, MSC_AT_TIME, "the regimen of the scenario gives no %sdose at %.9g %s: it has %s", other ? "other " : "",
                        row->time, c->model->time_unit, regimen_text(c, row));
    }
    if (!is_comparable(c, near, row)) {
        msc_fit_fail_at(f, row->line, MSC_AT_AMOUNT, "the regimen of the scenario gives %s at %.9g %s, which is no amount in '%s'",
                        amount_text(c, near, row), at, c->model->time_unit, row->amount_unit);
    }
    if (!same_amount(c, near, row)) {
        msc_fit_fail_at(f, row->line, MSC_AT_AMOUNT, "the regimen of the scenario gives %s at %.9g %s; who was given another dose is of another study",
                        amount_text(c, near, row), at, c->model->time_unit);
    }
    if (!same_duration(near, row)) {
        msc_fit_fail_at(f, row->line, MSC_AT_RATE, "the regimen of the scenario gives the dose at %.9g %s %s, not %s", at, c->model->time_unit,
                        duration_text(c, near->dose->duration), duration_text(c, row->duration));
    }
    msc_fit_fail_at(f, row->line, MSC_AT_COMPARTMENT, "the regimen of the scenario gives the dose at %.9g %s by '%s', not by '%s'", at,
                    c->model->time_unit, c->model->route[near->dose->route].name, row->compartment);
}

/* ---- one subject ---- */

static void check_group(check *c, size_t group)
{
    const msc_fit *f = c->f;
    const size_t nobody = f->data->n_group;
    const msc_dose_record *any = NULL;
    for (size_t i = 0; i < c->n; i++) {
        c->one[i].taken = false;
    }
    for (int turn = 0; turn < (group == nobody ? 1 : 2); turn++) {
        for (size_t d = c->first[turn == 0 ? group : nobody]; d != MSC_FIT_NONE; d = c->next[d]) {
            any = &f->data->dose[d];
            take_row(c, any);
        }
    }
    const char *who = group == nobody ? "who is not named" : msc_arena_printf(f->arena, "'%s'", f->data->group[group].name);
    if (!any) {
        msc_fit_fail_at(f, c->line[group], MSC_AT_GROUP, "there is no row of a dose for %s, as there is for others: then nothing was given, and the "
                        "regimen of the scenario gives something", who);
    }
    for (size_t i = 0; i < c->n; i++) {
        const giving *g = &c->one[i];
        if (!g->taken && c->seen[group] && g->at < c->last[group]) {
            msc_fit_fail_at(f, any->line, MSC_AT_TIME, "the regimen of the scenario gives also %s at %.9g %s, of which there is no row for %s",
                            amount_text(c, g, any), g->at, c->model->time_unit, who);
        }
    }
}

static void list_rows(check *c, size_t study)
{
    const msc_fit_data *data = c->f->data;
    for (size_t d = data->n_dose; d-- > 0;) {
        const size_t g = data->dose[d].group == MSC_NO_GROUP ? data->n_group : data->dose[d].group;
        if (data->dose[d].study == study) {
            c->next[d] = c->first[g], c->first[g] = d;
        }
    }
    for (size_t i = data->n; i-- > 0;) {
        const msc_observation *o = &data->observation[i];
        const size_t g = o->group == MSC_NO_GROUP ? data->n_group : o->group;
        if (o->study == study) {
            c->last[g] = c->seen[g] ? fmax(c->last[g], o->time) : o->time;
            c->seen[g] = true, c->line[g] = o->line;
        }
    }
}

void msc_fit_doses_check(msc_fit *f, const msc_fit_study *study, size_t number)
{
    const size_t n = f->data->n_group + 1;
    bool any = false;
    for (size_t d = 0; d < f->data->n_dose; d++) {
        any = any || f->data->dose[d].study == number;
    }
    if (!any) {
        return;
    }
    check c = {.f = f, .study = study, .model = study->opened->model};
    c.first = MSC_NEW(f->arena, size_t, n), c.next = MSC_NEW(f->arena, size_t, f->data->n_dose + 1), c.line = MSC_NEW(f->arena, size_t, n);
    c.seen = MSC_NEW(f->arena, bool, n), c.last = MSC_NEW(f->arena, double, n);
    for (size_t g = 0; g < n; g++) {
        c.first[g] = MSC_FIT_NONE;
    }
    list_givings(&c);
    list_rows(&c, number);
    for (size_t g = 0; g < n; g++) {
        if (c.seen[g] || c.first[g] != MSC_FIT_NONE) {
            check_group(&c, g);
        }
    }
}
