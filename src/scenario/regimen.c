/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A regimen read aloud. */
#include "scenario/regimen.h"

#include <math.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "scenario/page.h"

enum { AT = 5, PARTS = 4 }; /* columns */

size_t msc_regimen_latest(const msc_scenario *s, double time, double *began)
{
    size_t number = 0, found = 0;
    for (size_t d = 0; d < s->n_dose; d++) {
        for (long k = 0; k < s->dose[d].repeat; k++) {
            const double at = msc_dose_begin(&s->dose[d], k);
            number++;
            if (at <= time && (found == 0 || at >= *began)) {
                found = number;
                *began = at;
            }
        }
    }
    return found;
}

/* "day 1, intravenous over 30 min: 5e6 cell/kg, 1.6e8 cell in all" */
static const char *headline(msc_arena *arena, const msc_scenario *s, const msc_dose *dose,
                            double amount, const char *unit)
{
    const msc_model *m = s->model;
    char day[MSC_PAGE_NUMBER], span[MSC_PAGE_NUMBER], number[MSC_PAGE_NUMBER];
    const char *text = msc_arena_printf(arena, "%s, %s", msc_page_day(day, m->units, dose->at),
                                        m->route[dose->route].name);
    if (dose->repeat > 1) {
        text = msc_arena_printf(arena, "%s, %ld times, every %s", text, dose->repeat,
                                msc_page_span(span, m->units, dose->interval, 3));
    }
    text = dose->duration > 0 ? msc_arena_printf(arena, "%s, over %s", text,
                                                 msc_page_span(span, m->units, dose->duration, 3))
                              : msc_arena_printf(arena, "%s, at once", text);
    const char *all = msc_page_number(number, amount, 3);
    if (dose->per) {
        const msc_conf *written = msc_conf_find(dose->origin, "dose");
        text = msc_arena_printf(arena, "%s: %s, which is %s %s", text,
                                written && written->kind == MSC_CONF_STRING ? written->string : "",
                                all, unit);
    } else {
        text = msc_arena_printf(arena, "%s: %s%s%s", text, all, strcmp(unit, "1") ? " " : "",
                                strcmp(unit, "1") ? unit : "");
    }
    return dose->at > s->until ? msc_arena_printf(arena, "%s (after the end of the run)", text)
                               : text;
}

/* "viability 0.9; product_share thawed 1": all that the route lets a dose set, as it holds for this
 * one; elements that are 0 are left out. */
static const char *taken(msc_arena *arena, const msc_scenario *s, const msc_dose *dose)
{
    const msc_route *route = &s->model->route[dose->route];
    msc_evaluation *e = msc_evaluation_new(arena, s->model, dose);
    const char *text = "";
    for (size_t k = 0; k < route->n_takes; k++) {
        const msc_parameter *p = &s->model->parameter[route->takes[k]];
        const char *comma = "";
        text = msc_arena_printf(arena, "%s%s%s", text, *text ? "; " : "", p->name);
        for (size_t i = 0; i < p->shape.n; i++) {
            char number[MSC_PAGE_NUMBER];
            const double x = msc_evaluate_parameter(e, route->takes[k], i) / p->factor;
            if (x == 0 && p->shape.n > 1) {
                continue;
            }
            if (p->shape.n > 1) {
                const char *label = msc_shape_label(arena, s->model, "", &p->shape, i);
                text = msc_arena_printf(arena, "%s%s %.*s", text, comma, (int)strlen(label) - 2, label + 1);
                comma = ",";
            }
            text = msc_arena_printf(arena, "%s %s%s%s", text, msc_page_number(number, x, 3),
                                    strcmp(p->unit, "1") ? " " : "", strcmp(p->unit, "1") ? p->unit : "");
        }
    }
    for (size_t i = 0; i < dose->n_load; i++) {
        const msc_cargo *c = &s->model->cargo[dose->load[i].cargo];
        char number[MSC_PAGE_NUMBER];
        text = msc_arena_printf(arena, "%s%s%s %s", text, *text ? "; " : "", c->name,
                                msc_page_number(number, dose->load[i].value / c->factor, 3));
    }
    return text;
}

static void print_part(FILE *stream, double share, double amount, const char *unit,
                       const char *what)
{
    char percent[MSC_PAGE_NUMBER], number[MSC_PAGE_NUMBER];
    fprintf(stream, "%*s", PARTS, "");
    msc_page_cell(stream, -8, msc_page_percent(percent, share));
    msc_page_cell(stream, -9, msc_page_value(number, share * amount, 3));
    fprintf(stream, " %s  ", strcmp(unit, "1") ? unit : "");
    const int at = PARTS + 8 + 9 + 3 + (strcmp(unit, "1") ? msc_page_width(unit) : 0);
    msc_page_text(stream, at, at, what);
}

/* "depot[joint]": the elements that the route itself names; a number would say nothing. */
static const char *place_text(msc_arena *arena, const msc_model *m, const msc_place *place)
{
    const msc_amount *a = &m->amount[place->amount];
    const char *text = a->name, *open = "[";
    for (int i = 0; i < a->shape.n_over; i++) {
        const msc_index *index = &place->index[i];
        if (index->slot < 0 && index->shift == 0 && !m->set[index->in].numeric) {
            text = msc_arena_printf(arena, "%s%s%s", text, open, m->set[m->set[index->in].root].label[index->element]);
            open = ",";
        }
    }
    return *open == ',' ? msc_arena_printf(arena, "%s]", text) : text;
}

static bool same_place(const msc_model *m, const msc_place *a, const msc_place *b)
{
    bool same = a->amount == b->amount;
    for (int i = 0; same && i < m->amount[a->amount].shape.n_over; i++) {
        const bool fixed = a->index[i].slot < 0;
        same = fixed == (b->index[i].slot < 0) && (!fixed || a->index[i].element == b->index[i].element);
    }
    return same;
}

/* Branches that lead to the same place, or end in the same fate, are one part. */
static void print_parts(msc_arena *arena, const msc_scenario *s, const msc_dose *dose,
                        double amount, const char *unit, FILE *stream)
{
    const msc_model *m = s->model;
    const msc_route *route = &m->route[dose->route];
    double *share = MSC_NEW(arena, double, route->n_branch + 1);
    bool *told = MSC_NEW(arena, bool, route->n_branch + 1);
    msc_evaluate_route(msc_evaluation_new(arena, m, dose), route, share);
    for (size_t b = 0; b < route->n_branch; b++) {
        const int to = route->branch[b].to.amount;
        double sum = 0;
        for (size_t c = b; c < route->n_branch && !told[b]; c++) {
            const bool same = to >= 0 ? same_place(m, &route->branch[b].to, &route->branch[c].to)
                                      : route->branch[c].to.amount < 0 && route->branch[c].fate == route->branch[b].fate;
            if (same) {
                sum += share[c];
                told[c] = c > b;
            }
        }
        if (told[b] || sum == 0) {
            continue;
        }
        const char *what = to < 0
                               ? m->fate[route->branch[b].fate]
                               : msc_arena_printf(arena, "to %s%s%s", place_text(arena, m, &route->branch[b].to),
                                                  m->amount[to].about ? ": " : "",
                                                  m->amount[to].about ? m->amount[to].about : "");
        print_part(stream, sum, amount, unit, what);
    }
}

void msc_regimen_print(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    size_t number = 1;
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        const msc_route *route = &s->model->route[dose->route];
        const struct msc_pool *pool = route->pool >= 0 ? &s->model->pool[route->pool] : NULL;
        const double amount = msc_evaluate_dose(msc_evaluation_new(arena, s->model, dose), dose) /
                              (pool ? pool->factor : 1);
        const char *unit = pool ? pool->unit : "1", *set = taken(arena, s, dose);
        fprintf(stream, "%3zu. ", number);
        msc_page_text(stream, AT, AT, headline(arena, s, dose, amount, unit));
        if (*set) {
            fprintf(stream, "%*s", AT, "");
            msc_page_text(stream, AT, AT, set);
        }
        print_parts(arena, s, dose, amount, unit, stream);
        number += (size_t)dose->repeat;
    }
}
