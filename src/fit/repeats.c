/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows that are of the same thing, whatever names they have for it: what an entry of observe sees of the model. Nothing
 * counts twice, and a subject has one effect on a thing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

static double share_of(const msc_fit *f, const msc_fit_row *row, const char *column)
{
    const msc_fit_observe *o = &f->observe[row->observe];
    double sum = 0;
    for (size_t c = 0; c < row->n_column; c++) {
        sum += strcmp(row->column_name[c], column) == 0 ? (o->n_region > 0 ? o->weight[c] : 1) * o->factor : 0;
    }
    return sum;
}

static bool is_part(const msc_fit *f, const msc_fit_row *a, const msc_fit_row *b)
{
    for (size_t c = 0; c < a->n_column; c++) {
        const double x = share_of(f, a, a->column_name[c]), y = share_of(f, b, a->column_name[c]);
        if (fabs(x - y) > 1e-12 * fabs(x)) {
            return false;
        }
    }
    return true;
}

/* The same elements in the same shares, seen with the same factor. */
static bool same_thing(const msc_fit *f, const msc_fit_row *a, const msc_fit_row *b)
{
    return f->observe[a->observe].by_factor == f->observe[b->observe].by_factor && is_part(f, a, b) && is_part(f, b, a);
}

/* Of each name in the data the first row that is of the same thing. */
static void number_things(msc_fit *f)
{
    const size_t n = f->data->n_observed;
    size_t *first = MSC_NEW(f->arena, size_t, n + 1), *thing = MSC_NEW(f->arena, size_t, n + 1);
    for (size_t k = 0; k < n; k++) {
        first[k] = MSC_FIT_NONE;
    }
    for (size_t i = 0; i < f->n_row; i++) {
        const size_t k = f->row[i].from->quantity;
        if (first[k] == MSC_FIT_NONE) {
            first[k] = i, thing[k] = k;
            for (size_t other = 0; other < n && thing[k] == k; other++) {
                thing[k] = other != k && first[other] != MSC_FIT_NONE && same_thing(f, &f->row[i], &f->row[first[other]]) ? thing[other] : k;
            }
        }
        f->row[i].thing = thing[k];
    }
}

static int compare(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_thing(const void *a, const void *b)
{
    const msc_fit_row *x = *(const msc_fit_row *const *)a, *y = *(const msc_fit_row *const *)b;
    const double s = msc_moment(x->from->time), t = msc_moment(y->from->time);
    const int study = compare(x->study, y->study), group = compare(x->from->group, y->from->group), thing = compare(x->thing, y->thing);
    const int time = (s > t) - (s < t);
    return study ? study : group ? group : thing ? thing : time ? time : compare(x->from->line, y->from->line);
}

void msc_fit_things_find(msc_fit *f)
{
    const msc_fit_row **list = MSC_NEW(f->arena, const msc_fit_row *, f->n_row + 1);
    number_things(f);
    for (size_t i = 0; i < f->n_row; i++) {
        list[i] = &f->row[i];
    }
    qsort(list, f->n_row, sizeof *list, by_thing);
    for (size_t i = 1; i < f->n_row; i++) {
        const msc_fit_row *a = list[i - 1], *b = list[i];
        if (a->study != b->study || a->from->group != b->from->group || a->thing != b->thing) {
            continue;
        }
        if (msc_moment(a->from->time) == msc_moment(b->from->time)) {
            msc_fit_fail_at(f, b->from->line, MSC_AT_QUANTITY, "'%s' is what '%s' is in line %zu, at the same time and of the same group; what is "
                            "measured again has a group (or subject) of its own", b->label, a->label, a->from->line);
        }
        if (b->from->group != MSC_NO_GROUP && a->observe != b->observe &&
            (msc_fit_has_subject(&f->observe[a->observe]) || msc_fit_has_subject(&f->observe[b->observe]))) {
            msc_fit_fail_at(f, b->from->line, MSC_AT_QUANTITY, "'%s' is what '%s' is in line %zu: a subject has one effect on it, so its rows are of "
                            "one entry of fit.observe", b->label, a->label, a->from->line);
        }
    }
}
