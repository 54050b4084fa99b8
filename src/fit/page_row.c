/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the pages of a fit have in common: its title; rows of the data as they were written. */
#include <string.h>

#include "base/text.h"
#include "fit/page.h"
#include "scenario/page.h"

enum { ROWS_MOST = 60, TEXT_MOST = 9 }; /* letters of a number; longer ones were not written by hand */

void msc_fit_page_title(const msc_fit_page *p, const msc_fit *f)
{
    if (f->opened->model->title) {
        msc_page_text(p->out, 0, 0, f->opened->model->title);
    }
    msc_page_text(p->out, 0, 0,
                  msc_arena_printf(p->arena, "%zu estimate%s, %zu row%s of %s, %zu stud%s; %s", f->n_estimate, f->n_estimate == 1 ? "" : "s",
                                   f->n_row, f->n_row == 1 ? "" : "s", f->data_path, f->n_study, f->n_study == 1 ? "y" : "ies",
                                   f->squares ? "least squares" : "largest posterior density"));
}

static const char *number(msc_arena *arena, const char *written, double x)
{
    char text[MSC_PAGE_NUMBER];
    return written && strlen(written) <= TEXT_MOST ? written : msc_arena_strdup(arena, msc_page_value(text, x, 4));
}

const char *msc_fit_page_datum(msc_arena *arena, const msc_fit_row *row)
{
    const msc_datum *d = &row->datum;
    const char *const *text = row->from->written;
    const double value = d->value / row->per_unit;
    switch (d->kind) {
    case MSC_DATUM_VALUE: return number(arena, text[0], value);
    case MSC_DATUM_LEFT: return msc_arena_printf(arena, "< %s", number(arena, text[0], value));
    case MSC_DATUM_RIGHT: return msc_arena_printf(arena, "> %s", number(arena, text[0], value));
    case MSC_DATUM_RANGE:
        return msc_arena_printf(arena, "%s - %s of %g", number(arena, text[0], d->low / row->per_unit),
                                number(arena, text[1], d->high / row->per_unit), d->n);
    case MSC_DATUM_INTERVAL: { /* its value may be either end */
        double first = 0, second = 0;
        const bool turned = text[0] && text[1] && msc_text_real(text[0], &first) && msc_text_real(text[1], &second) && first > second;
        return msc_arena_printf(arena, "%s to %s", number(arena, text[turned], d->low / row->per_unit),
                                number(arena, text[!turned], d->high / row->per_unit));
    }
    }
    return "";
}

const char *msc_fit_page_time(msc_arena *arena, const msc_fit *f, const char *unit, double time)
{
    char text[MSC_PAGE_NUMBER];
    double factor = 1, day = 1;
    msc_dim dim;
    if (!unit || msc_units_parse(f->opened->model->units, unit, &factor, &dim, NULL) != MSC_OK ||
        msc_units_parse(f->opened->model->units, "day", &day, &dim, NULL) != MSC_OK || factor == day) {
        return msc_arena_strdup(arena, msc_page_moment(text, f->opened->model->units, time));
    }
    msc_page_number(text, time / factor, 4);
    return msc_arena_printf(arena, "%s %s", text, unit);
}

const char *msc_fit_page_when(msc_arena *arena, const msc_fit *f, size_t row)
{
    return msc_fit_page_time(arena, f, f->row[row].from->time_unit, f->row[row].from->time);
}

const char *msc_fit_page_label(msc_arena *arena, const msc_fit *f, size_t i)
{
    const msc_fit_row *row = &f->row[i];
    const bool several = f->n_study > 1, grouped = row->from->group != MSC_NO_GROUP && f->data->n_group > f->n_study;
    return msc_arena_printf(arena, "%s%s%s%s%s", several ? f->study[row->study].name : "", several ? " " : "", row->label,
                            grouped ? ", " : "", grouped ? f->data->group[row->from->group].name : "");
}

size_t msc_fit_page_rows(msc_arena *arena, const msc_fit *f, bool **shown)
{
    const size_t each = f->n_row <= ROWS_MOST ? f->n_row : (ROWS_MOST + f->n_study - 1) / f->n_study;
    size_t *of = MSC_NEW(arena, size_t, f->n_study + 1), n = 0;
    *shown = MSC_NEW(arena, bool, f->n_row + 1);
    for (size_t i = 0; i < f->n_row; i++) {
        (*shown)[i] = of[f->row[i].study]++ < each;
        n += (*shown)[i];
    }
    return n;
}
