/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the same subject: where the entry of observe has a subject's effect, they are probable together. */
#include <math.h>
#include <string.h>

#include "fit/fit.h"

bool msc_fit_has_subject(const msc_fit_observe *o)
{
    return o->error.subject > 0 || o->by_subject != MSC_FIT_NONE;
}

/* On each thing that is observed, "activity[lung]", a subject has an effect of its own; by another name it is no other. */
static bool same_subject(const msc_fit_row *a, const msc_fit_row *b)
{
    return a->study == b->study && a->thing == b->thing && a->from->group == b->from->group;
}

/* A value of one subject, and nothing else, has part in its effect. */
static void check_value(msc_fit *f, const msc_fit_row *row, size_t n_mate)
{
    const msc_fit_observe *o = &f->observe[row->observe];
    const char *weight = "give it no group, or '%s' no subject's effect (then fit.group_weight says how much its rows count)";
    const msc_datum *d = &row->from->datum;
    if (d->kind == MSC_DATUM_VALUE && row->from->n > 1) {
        msc_fit_fail_at(f, row->from->line, MSC_AT_N, "a mean of %g subjects: its sd or se holds already how they differ, and '%s' has a subject's effect "
                 "beside it; write an entry of observe for means, without", row->from->n, o->name);
    }
    if (d->kind != MSC_DATUM_VALUE && n_mate > 1) {
        const char *what = d->kind == MSC_DATUM_RANGE      ? "a range of several subjects"
                           : d->kind == MSC_DATUM_INTERVAL ? "a value between two limits"
                                                           : "a value beyond a limit";
        msc_fit_fail_at(f, row->from->line, MSC_AT_VALUE, "%s cannot share the effect of a subject with other rows; %s", what,
                 msc_arena_printf(f->arena, weight, o->name));
    }
}

static void list_mates(msc_fit *f, size_t first, size_t *room)
{
    msc_fit_row *own = &f->row[first];
    size_t n = 0;
    for (size_t i = first; i < f->n_row; i++) {
        if (i == first || (own->from->group != MSC_NO_GROUP && same_subject(own, &f->row[i]))) {
            room[n++] = i;
        }
    }
    size_t *mate = MSC_NEW(f->arena, size_t, n);
    memcpy(mate, room, n * sizeof *mate);
    for (size_t i = 0; i < n; i++) {
        msc_fit_row *row = &f->row[mate[i]];
        check_value(f, row, n);
        row->n_mate = n, row->mate = mate, row->importance = row->from->weight;
        if (row->importance != own->importance) {
            msc_fit_fail_at(f, row->from->line, MSC_AT_WEIGHT, "rows of one subject count together: they have one weight, not %g and %g", own->importance,
                     row->importance);
        }
    }
}

/* A weight of groups would count for nothing where rows of a group share an effect. */
static void check_group_weight(msc_fit *f)
{
    for (size_t i = 0; i < f->n_row && f->group_weight != 1; i++) {
        const msc_fit_row *row = &f->row[i];
        const msc_fit_observe *o = &f->observe[row->observe];
        if (row->from->group != MSC_NO_GROUP && msc_fit_has_subject(o)) {
            msc_conf_fail(f->arena, msc_conf_find(f->section, "group_weight"), "'%s' has a subject's effect, which says already how rows of a group "
                          "hang together, and does not count by a weight of groups; leave it out, and give rows of other entries a weight in the "
                          "data", o->name);
        }
    }
}

void msc_fit_subjects_find(msc_fit *f)
{
    check_group_weight(f);
    size_t *room = MSC_NEW(f->arena, size_t, f->n_row + 1);
    for (size_t i = 0; i < f->n_row; i++) {
        if (f->row[i].n_mate == 0 && msc_fit_has_subject(&f->observe[f->row[i].observe])) {
            list_mates(f, i, room);
        }
    }
}

msc_likelihood msc_fit_row_likelihood(const msc_fit *f, size_t r, const msc_error_model *error, const double *prediction)
{
    const msc_fit_row *row = &f->row[r];
    if (row->n_mate < 2) {
        return msc_likelihood_of(&row->datum, error, prediction[r]);
    }
    msc_subject before = {0}, all = {0};
    for (size_t i = 0; i < row->n_mate; i++) {
        const size_t k = row->mate[i];
        if (k == r) {
            before = all;
        }
        if (!msc_subject_add(&all, &f->row[k].datum, error, prediction[k])) {
            return (msc_likelihood){.log = -INFINITY};
        }
    }
    return msc_likelihood_in_subject(&row->datum, error, prediction[r], &before, &all);
}
