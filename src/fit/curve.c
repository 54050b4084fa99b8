/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is observed, over time, by the best fit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/objective.h"

enum { EVEN = 120, EARLY = 40, STOPS_MOST = 4000 }; /* times */

/* ---- times ---- */

typedef struct {
    double t;
    bool before;
} grid_time;

/* Ascending, the instant before a stop before the stop. */
static int by_time(const void *a, const void *b)
{
    const grid_time *x = a, *y = b;
    return x->t != y->t ? (x->t < y->t ? -1 : 1) : (int)y->before - (int)x->before;
}

static void take_grid(msc_fit *f, grid_time *list, size_t n)
{
    qsort(list, n, sizeof *list, by_time);
    f->grid = MSC_NEW(f->arena, double, n + 1), f->before = MSC_NEW(f->arena, bool, n + 1);
    f->n_grid = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || by_time(&list[i - 1], &list[i]) != 0) {
            f->before[f->n_grid] = list[i].before;
            f->grid[f->n_grid++] = list[i].t;
        }
    }
}

static double last_row(const msc_fit *f)
{
    double last = -INFINITY;
    for (size_t i = 0; i < f->n_row; i++) {
        last = fmax(last, msc_moment(f->row[i].from->time));
    }
    return last;
}

/* From the first run's start to the last datum: evenly, closer at the beginning, and where data are. */
void msc_fit_grid_make(msc_fit *f)
{
    double first = INFINITY;
    const double last = last_row(f);
    size_t n = 0;
    grid_time *list = MSC_NEW(f->arena, grid_time, f->n_row + EVEN + EARLY + 2);
    for (size_t s = 0; s < f->n_study; s++) {
        first = fmin(first, msc_batch_scenario(f->study[s].batch)->start);
    }
    for (size_t i = 0; i < f->n_row; i++) {
        list[n++].t = msc_moment(f->row[i].from->time);
    }
    for (int i = 0; i <= EVEN; i++) {
        list[n++].t = msc_moment(first + (last - first) * i / EVEN);
    }
    for (int i = 0; i < EARLY; i++) {
        list[n++].t = msc_moment(first + (last - first) * pow(10, -4.0 * (EARLY - i) / EARLY));
    }
    take_grid(f, list, n);
}

/* Of two sides, is this the first? The run's start has none before it that is worth showing. */
static bool is_before(const msc_batch *batch, const double *time, size_t n, size_t i)
{
    return i + 1 < n && time[i + 1] == time[i] && time[i] > msc_batch_scenario(batch)->start;
}

void msc_fit_grid_add_stops(msc_fit *f)
{
    const double last = last_row(f), *time = NULL;
    size_t n = f->n_grid, most = f->n_grid;
    for (size_t s = 0; s < f->n_study; s++) {
        most += msc_batch_times(f->study[s].banded, NULL);
    }
    grid_time *list = MSC_NEW(f->arena, grid_time, most + 1);
    for (size_t i = 0; i < f->n_grid; i++) {
        list[i].t = f->grid[i];
    }
    for (size_t s = 0; s < f->n_study; s++) {
        const msc_batch *batch = f->study[s].banded;
        const size_t n_time = msc_batch_times(batch, &time);
        for (size_t i = 0; i < n_time && time[i] <= last; i++) {
            list[n++] = (grid_time){time[i], is_before(batch, time, n_time, i)};
        }
    }
    if (n < f->n_grid * (f->n_study + 1) + STOPS_MOST) { /* else a figure would show none of them apart */
        take_grid(f, list, n);
    }
}

size_t msc_fit_time_place(const msc_batch *batch, double at)
{
    const double *time = NULL;
    size_t low = 0, high = msc_batch_times(batch, &time);
    while (low < high) { /* the first above it */
        const size_t mid = (low + high) / 2;
        *(time[mid] > at ? &high : &low) = time[mid] > at ? mid : mid + 1;
    }
    return low > 0 && time[low - 1] == at ? low - 1 : MSC_FIT_NONE;
}

size_t msc_fit_grid_place(const msc_fit *f, size_t study, size_t i)
{
    const msc_batch *batch = f->study[study].banded;
    const double *time = NULL;
    const size_t n = msc_batch_times(batch, &time), at = msc_fit_time_place(batch, f->grid[i]);
    const bool other = f->before[i] && at != MSC_FIT_NONE && at > 0 && is_before(batch, time, n, at - 1);
    return other ? at - 1 : at;
}

/* ---- curves ---- */

/* Of each study each thing that is seen of it, in the order of the data. */
static void list_curves(msc_fitted *w)
{
    const msc_fit *f = w->fit;
    w->curve = MSC_NEW(w->arena, msc_fit_seen_curve, f->n_row + 1);
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        bool known = false;
        for (size_t k = 0; k < w->n_curve; k++) {
            const msc_fit_row *other = &f->row[w->curve[k].row];
            known = known || (other->study == row->study && other->observe == row->observe && strcmp(other->label, row->label) == 0);
        }
        if (known) {
            continue;
        }
        msc_fit_seen_curve *c = &w->curve[w->n_curve++];
        *c = (msc_fit_seen_curve){.row = i, .unit = f->observe[row->observe].unit,
                                  .name = row->label};
        if (*f->study[row->study].name) {
            c->name = msc_arena_printf(w->arena, "%s: %s", f->study[row->study].name, row->label);
        }
        c->value = MSC_NEW(w->arena, double, f->n_grid);
        for (size_t k = 0; k < f->n_grid; k++) {
            c->value[k] = NAN;
        }
    }
}

typedef struct {
    msc_fitted *w;
    size_t study;
    bool given;
} running;

static bool next_vector(void *context, double *value, size_t *id)
{
    running *r = context;
    const msc_fit *f = r->w->fit;
    const msc_fit_study *study = &f->study[r->study];
    for (size_t i = 0; i < study->n_vary; i++) {
        value[i] = msc_fit_value_of(&f->estimate[study->estimate[i]], r->w->t[study->estimate[i]]);
    }
    *id = 0;
    const bool any = !r->given;
    r->given = true;
    return any;
}

/* A study's times are some of the grid's, and perhaps others. */
static void take_outcome(void *context, size_t id, const msc_outcome *outcome)
{
    running *r = context;
    const msc_fit *f = r->w->fit;
    const msc_batch *batch = f->study[r->study].banded;
    const size_t n_column = msc_batch_columns(batch);
    (void)id;
    for (size_t k = 0; k < r->w->n_curve && outcome->status == MSC_OK; k++) {
        msc_fit_seen_curve *c = &r->w->curve[k];
        const msc_fit_row *row = &f->row[c->row];
        const msc_fit_observe *o = &f->observe[row->observe];
        for (size_t i = 0; i < f->n_grid && row->study == r->study; i++) {
            const size_t at = msc_fit_grid_place(f, r->study, i);
            if (at != MSC_FIT_NONE) {
                c->value[i] = msc_fit_seen(row, at, outcome->value, n_column) * msc_fit_factor_of(f, o, r->w->t) / o->per_unit;
            }
        }
    }
}

void msc_fit_curves(msc_fitted *w)
{
    list_curves(w);
    for (size_t s = 0; s < w->fit->n_study; s++) {
        running r = {.w = w, .study = s};
        msc_worker *worker = NULL;
        msc_error err = {0};
        msc_status status = msc_worker_new(w->fit->study[s].banded, &worker, &err);
        if (status == MSC_OK) {
            status = msc_worker_run(worker, next_vector, take_outcome, &r, NULL, &err);
        }
        msc_worker_free(worker);
        if (status != MSC_OK) {
            msc_throw(w->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
        }
    }
}
