/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the page of a fit: what its parts share. */
#ifndef MSC_STUDY_FIT_PAGE_H
#define MSC_STUDY_FIT_PAGE_H

#include "fit/fit.h"

typedef struct {
    msc_arena *arena;
    const msc_fitted *w;
    FILE *out;
    bool by_posterior; /* there is one that can be trusted: it is what sentences are about */
} msc_fit_page;

const char *msc_fit_page_number(const msc_fit_page *p, double x, int digits); /* "-" of what is none */
const char *msc_fit_page_unit(const msc_fit_page *p, const char *unit);       /* " 1/h"; "" of a pure number */

/* Its title, and how large it is. */
void msc_fit_page_title(const msc_fit_page *p, const msc_fit *fit);
/* What was seen, in the digits and the unit it was written in; when, in the unit it was written in: "day 3", "0.5 h". */
const char *msc_fit_page_datum(msc_arena *arena, const msc_fit_row *row);
const char *msc_fit_page_when(msc_arena *arena, const msc_fit *fit, size_t row);
const char *msc_fit_page_time(msc_arena *arena, const msc_fit *fit, const char *unit, double time); /* NULL: that suits it */
/* "lee lung_cells, mouse 3" */
const char *msc_fit_page_label(msc_arena *arena, const msc_fit *fit, size_t row);
/* Which rows a page has room for: of every study the first. [n_row] */
size_t msc_fit_page_rows(msc_arena *arena, const msc_fit *fit, bool **shown);

/* page_tell.c: of every estimate a sentence; what trades off; what to measure next. */
void msc_fit_page_tell(const msc_fit_page *p);

#endif
