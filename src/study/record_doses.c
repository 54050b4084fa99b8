/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doses of a result as they are recorded: each one given, in the order of time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "study/record.h"

typedef msc_record_build record;

typedef struct {
    const msc_dose *dose;
    double at;
    size_t entry; /* of the regimen */
    msc_evaluation *evaluation;
} giving;

typedef struct {
    size_t n;
    giving *one; /* each time a dose is given, in the order of time */
} givings;

/* Of one time in the order of the regimen. */
static int by_time(const void *a, const void *b)
{
    const giving *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at ? 1 : x->entry < y->entry ? -1 : x->entry > y->entry;
}

static givings list_doses(record *k)
{
    const msc_scenario *s = k->s;
    givings g = {0};
    size_t n = 0;
    for (size_t d = 0; d < s->n_dose; d++) {
        n += (size_t)s->dose[d].repeat;
    }
    g.one = MSC_NEW(k->arena, giving, n + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        msc_evaluation *e = msc_evaluation_new(k->arena, s->model, &s->dose[d]);
        for (long i = 0; i < s->dose[d].repeat; i++) {
            const double at = msc_dose_begin(&s->dose[d], i);
            if (at <= s->until) {
                g.one[g.n++] = (giving){&s->dose[d], at, d, e};
            }
        }
    }
    qsort(g.one, g.n, sizeof *g.one, by_time);
    return g;
}

/* A unit in which a route's doses are recorded: that of the pool they enter, if it fits. */
static const char *dose_unit(const msc_model *m, const msc_route *route, double *factor)
{
    for (size_t b = 0; b < route->n_branch; b++) {
        if (route->branch[b].to.amount >= 0) {
            const msc_amount *a = &m->amount[route->branch[b].to.amount];
            *factor = a->factor;
            return a->unit;
        }
    }
    *factor = 1;
    return "1";
}

static void put_taken(record *k, const givings *g, int parameter, int dose_axis)
{
    const msc_model *m = k->s->model;
    const msc_parameter *p = &m->parameter[parameter];
    int axis[MSC_AXES] = {dose_axis};
    if (p->shape.n_over + 1 > MSC_AXES) {
        return;
    }
    for (int d = 0; d < p->shape.n_over; d++) {
        const msc_set *set = &m->set[p->shape.over[d].set];
        axis[d + 1] = msc_record_labels(k, p->shape.over[d].name, set->n, set->label, set->numeric);
    }
    double *value = MSC_NEW(k->arena, double, g->n * p->shape.n + 1);
    for (size_t i = 0; i < g->n; i++) {
        const msc_route *route = &m->route[g->one[i].dose->route];
        bool takes = false;
        for (size_t t = 0; t < route->n_takes; t++) {
            takes = takes || route->takes[t] == parameter;
        }
        for (size_t e = 0; e < p->shape.n; e++) {
            value[i * p->shape.n + e] =
                takes ? msc_evaluate_parameter(g->one[i].evaluation, parameter, e) / p->factor
                      : (double)NAN;
        }
    }
    msc_record_real(k, msc_arena_printf(k->arena, "dose_%s", p->name), p->unit, p->about,
             p->shape.n_over + 1, axis, value);
}

static void put_loads(record *k, const givings *g, int axis)
{
    const msc_model *m = k->s->model;
    for (uint32_t c = 0; c < m->n_cargo; c++) {
        double *load = MSC_NEW(k->arena, double, g->n + 1);
        bool any = false;
        char unit[64];
        double factor = 1;
        for (size_t i = 0; i < g->n; i++) {
            load[i] = NAN;
            for (size_t l = 0; l < g->one[i].dose->n_load; l++) {
                if (g->one[i].dose->load[l].cargo == c) {
                    const char *per = dose_unit(m, &m->route[g->one[i].dose->route], &factor);
                    snprintf(unit, sizeof unit, "%s/%s", m->cargo[c].unit, per);
                    load[i] = g->one[i].dose->load[l].value / m->cargo[c].factor * factor;
                    any = true;
                }
            }
        }
        if (any) {
            msc_record_real(k, msc_arena_printf(k->arena, "dose_load_%s", m->cargo[c].name),
                     msc_arena_strdup(k->arena, unit),
                     msc_arena_printf(k->arena, "%s that a dose brings, where it says so",
                                      m->cargo[c].name),
                     1, &axis, load);
        }
    }
}

void msc_record_doses(record *k)
{
    const msc_model *m = k->s->model;
    const givings g = list_doses(k);
    if (g.n == 0) {
        return;
    }
    const int axis = msc_record_count(k, "dose", g.n, "doses in the order of time");
    const char **route = MSC_NEW(k->arena, const char *, g.n + 1),
               **unit = MSC_NEW(k->arena, const char *, g.n + 1);
    double *at = MSC_NEW(k->arena, double, g.n + 1), *duration = MSC_NEW(k->arena, double, g.n + 1),
           *amount = MSC_NEW(k->arena, double, g.n + 1);
    bool *taken = MSC_NEW(k->arena, bool, m->n_parameter + 1);
    for (size_t i = 0; i < g.n; i++) {
        const msc_route *by = &m->route[g.one[i].dose->route];
        double factor = 1;
        route[i] = by->name;
        unit[i] = dose_unit(m, by, &factor);
        at[i] = g.one[i].at;
        duration[i] = g.one[i].dose->duration;
        amount[i] = msc_evaluate_dose(g.one[i].evaluation, g.one[i].dose) / factor;
        for (size_t t = 0; t < by->n_takes; t++) {
            taken[by->takes[t]] = true;
        }
    }
    msc_record_text(k, "dose_route", "way in", axis, route);
    msc_record_real(k, "dose_time", m->time_unit, "start, since day 0", 1, &axis, at);
    msc_record_real(k, "dose_duration", m->time_unit, "0: all at once", 1, &axis, duration);
    bool alike = true;
    for (size_t i = 1; i < g.n; i++) {
        alike = alike && strcmp(unit[i], unit[0]) == 0;
    }
    msc_record_real(k, "dose_amount", alike ? unit[0] : NULL,
             alike ? "all that is given" : "all that is given, see dose_unit", 1, &axis, amount);
    msc_record_text(k, "dose_unit", "unit of dose_amount", axis, unit);
    for (size_t p = 0; p < m->n_parameter; p++) {
        if (taken[p]) {
            put_taken(k, &g, (int)p, axis);
        }
    }
    put_loads(k, &g, axis);
}
