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

/* page_tell.c: of every estimate a sentence; what trades off; what to measure next. */
void msc_fit_page_tell(const msc_fit_page *p);

#endif
