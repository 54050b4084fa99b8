/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves of a figure: where a dose interrupts one, and what tells several apart. */
#ifndef MSC_STORE_FIGURE_CURVE_H
#define MSC_STORE_FIGURE_CURVE_H

#include "store/figure.h"

enum { MSC_FIGURE_DASHES = 4 };

/* gnuplot's words for it: solid, dashed, ... */
const char *msc_figure_dash(unsigned which);

/* Does a line of values, `stride` apart, reach time i without a jump? The value at a dose is the one after it, and what
 * was just before it is not known: told by the steps before and after. Only for times at which f->jump is true; where
 * one of both values is missing, no. */
bool msc_figure_joins(const msc_figure *f, const double *y, size_t stride, size_t i);

/* Give curves of one panel colours and dashes of their own, if two of them would look the same: first such that what
 * had the same colour (or dash) keeps one in common, else one after another. Up to 28 lines, or 7 bands. */
void msc_figure_tell_apart(msc_curve *curve, size_t n);

#endif
