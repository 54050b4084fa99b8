/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a quantity on a grid is above a level, and the lines on which it has it. Each cell of the grid
 * is four triangles about its middle, which has the mean of its corners; in each of them it is linear.
 * gnuplot's own contours are lines only, and do not say where labels may stand. */
#ifndef MSC_STORE_CONTOUR_H
#define MSC_STORE_CONTOUR_H

#include <stddef.h>

/* z[n_y][n_x] at x[n_x], y[n_y], both ascending, at least two of each; a cell with a corner that is not
 * finite is left out. */
typedef struct {
    size_t n_x, n_y;
    const double *x, *y, *z;
} msc_surface;

/* A convex polygon of at most 5 corners, or a line between two. */
typedef void msc_contour_take(void *context, size_t n, const double (*corner)[2]);

/* All that is at or above the level, -INFINITY: all there is. Cells that lie wholly above it come as
 * one rectangle for as many of a row as stand side by side. */
void msc_contour_above(const msc_surface *s, double level, msc_contour_take *take, void *context);
/* All that is at or below it. */
void msc_contour_below(const msc_surface *s, double level, msc_contour_take *take, void *context);
/* Pieces of the line. */
void msc_contour_line(const msc_surface *s, double level, msc_contour_take *take, void *context);

#endif
