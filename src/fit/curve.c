/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is observed, over time, by the best fit. */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "fit/objective.h"

enum { EVEN = 120, EARLY = 40 }; /* times */

/* From the first run's start to the last datum: evenly, closer at the beginning, and where data are. */
void msc_fit_grid_make(msc_fit *f)
{
    double first = INFINITY, last = -INFINITY;
    for (size_t s = 0; s < f->n_study; s++) {
        first = fmin(first, msc_batch_scenario(f->study[s].batch)->start);
    }
    f->grid = MSC_NEW(f->arena, double, f->n_row + EVEN + EARLY + 2);
    for (size_t i = 0; i < f->n_row; i++) {
        f->grid[f->n_grid++] = msc_moment(f->row[i].from->time);
        last = fmax(last, f->row[i].from->time);
    }
    for (int i = 0; i <= EVEN; i++) {
        f->grid[f->n_grid++] = msc_moment(first + (last - first) * i / EVEN);
    }
    for (int i = 0; i < EARLY; i++) {
        f->grid[f->n_grid++] = msc_moment(first + (last - first) * pow(10, -4.0 * (EARLY - i) / EARLY));
    }
    gsl_sort(f->grid, 1, f->n_grid);
    size_t n = 0;
    for (size_t i = 0; i < f->n_grid; i++) {
        if (n == 0 || f->grid[i] > f->grid[n - 1]) {
            f->grid[n++] = f->grid[i];
        }
    }
    f->n_grid = n;
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
    const double *time = NULL;
    const size_t n_time = msc_batch_times(batch, &time), n_column = msc_batch_columns(batch);
    (void)id;
    for (size_t k = 0; k < r->w->n_curve && outcome->status == MSC_OK; k++) {
        msc_fit_seen_curve *c = &r->w->curve[k];
        const msc_fit_row *row = &f->row[c->row];
        const msc_fit_observe *o = &f->observe[row->observe];
        for (size_t i = 0, at = 0; i < f->n_grid && row->study == r->study; i++) {
            while (at < n_time && time[at] < f->grid[i]) {
                at++;
            }
            if (at < n_time && time[at] == f->grid[i]) {
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
