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

size_t msc_regimen_latest(const msc_scenario *s, double time, size_t *number, double *began)
{
    size_t earlier = 0, n = 0;
    for (size_t d = 0; d < s->n_dose; d++) {
        for (long k = 0; k < s->dose[d].repeat; k++) {
            const double at = msc_dose_begin(&s->dose[d], k);
            if (at > time) {
                break;
            }
            if (n == 0 || at > *began) {
                earlier += n;
                *began = at, n = 1;
            } else if (at == *began) {
                n++;
            } else {
                earlier++;
            }
        }
    }
    *number = earlier + 1;
    return n;
}

/* The number of an entry's k-th dose: by time, of one time in the order of the regimen. */
static size_t number_of(const msc_scenario *s, size_t entry, long k)
{
    const double at = msc_dose_begin(&s->dose[entry], k);
    size_t n = 1;
    for (size_t d = 0; d < s->n_dose; d++) {
        for (long i = 0; i < s->dose[d].repeat && (d != entry || i < k); i++) {
            const double other = msc_dose_begin(&s->dose[d], i);
            n += other < at || (other == at && d < entry);
        }
    }
    return n;
}

/* "  1. ", "2-4. ", "1, 3, 5. " */
static const char *numbers(msc_arena *arena, const msc_scenario *s, size_t entry)
{
    enum { LISTED = 4 };
    const long repeat = s->dose[entry].repeat;
    const size_t first = number_of(s, entry, 0), last = number_of(s, entry, repeat - 1);
    if (repeat == 1) {
        return msc_arena_printf(arena, "%3zu. ", first);
    }
    if (last - first == (size_t)repeat - 1) {
        return msc_arena_printf(arena, "%zu-%zu. ", first, last);
    }
    const char *text = msc_arena_printf(arena, "%zu", first);
    for (long k = 1; k + 1 < repeat && repeat <= LISTED; k++) {
        text = msc_arena_printf(arena, "%s, %zu", text, number_of(s, entry, k));
    }
    return msc_arena_printf(arena, "%s%s%zu. ", text, repeat <= LISTED ? ", " : ", ..., ", last);
}

/* How much of what an entry gives, in all its doses, is given by the end of the run. */
static double share_given(const msc_scenario *s, const msc_dose *dose)
{
    double sum = 0;
    for (long k = 0; k < dose->repeat; k++) {
        const double at = msc_dose_begin(dose, k), left = s->until - at;
        sum += left < 0 ? 0 : dose->duration > 0 ? fmin(left / dose->duration, 1) : 1;
    }
    return sum / (double)dose->repeat;
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
    const double share = share_given(s, dose);
    if (share > 0 && share < 1) {
        text = msc_arena_printf(arena, "%s%s; the run ends before: %s%s%s are given in all", text,
                                dose->repeat > 1 ? " each" : "",
                                msc_page_number(number, share * (double)dose->repeat * amount, 3),
                                strcmp(unit, "1") ? " " : "", strcmp(unit, "1") ? unit : "");
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

static void print_entry(msc_arena *arena, const msc_scenario *s, size_t entry, FILE *stream)
{
    const msc_dose *dose = &s->dose[entry];
    const msc_route *route = &s->model->route[dose->route];
    const struct msc_pool *pool = route->pool >= 0 ? &s->model->pool[route->pool] : NULL;
    const double amount = msc_evaluate_dose(msc_evaluation_new(arena, s->model, dose), dose) /
                          (pool ? pool->factor : 1);
    const char *unit = pool ? pool->unit : "1", *set = taken(arena, s, dose), *number = numbers(arena, s, entry);
    fputs(number, stream);
    msc_page_text(stream, msc_page_width(number), AT, headline(arena, s, dose, amount, unit));
    if (*set) {
        fprintf(stream, "%*s", AT, "");
        msc_page_text(stream, AT, AT, set);
    }
    print_parts(arena, s, dose, amount, unit, stream);
}

void msc_regimen_print(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    size_t *order = MSC_NEW(arena, size_t, s->n_dose + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        size_t place = d;
        for (; place > 0 && s->dose[order[place - 1]].at > s->dose[d].at; place--) {
            order[place] = order[place - 1];
        }
        order[place] = d;
    }
    for (size_t d = 0; d < s->n_dose; d++) {
        print_entry(arena, s, order[d], stream);
    }
}

const char *msc_when_text(char *buffer, msc_units *units, double time)
{
    char text[MSC_PAGE_NUMBER];
    double day = 24;
    msc_dim dim;
    (void)!msc_units_parse(units, "day", &day, &dim, NULL);
    if (time > 0 && time < day) {
        snprintf(buffer, MSC_WHEN, "%s after time 0", msc_page_span(text, units, time, 3));
    } else {
        snprintf(buffer, MSC_WHEN, "on %s", msc_page_day(text, units, time));
    }
    return buffer;
}
