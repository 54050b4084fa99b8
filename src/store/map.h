/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Maps: a quantity over two axes in steps of colour, with the lines between them, and the bound that
 * another one sets; and histograms. As gnuplot scripts, laid out as other figures are. */
#ifndef MSC_STORE_MAP_H
#define MSC_STORE_MAP_H

#include "store/figure.h"

enum { MSC_MAP_DOTS = 900 }; /* up to so many places each has a dot */

/* Another quantity on the same grid: its lines are drawn over the map, and where it is beyond the limit
 * the map is faded. */
typedef struct {
    const char *name;
    double limit;
    bool limited;  /* else lines only */
    bool at_most;  /* the limit is an upper one */
} msc_map_bound;

typedef struct {
    const char *name, *unit, *about; /* as in msc_panel */
    const double *z;                 /* [n_y][n_x]; NaN: none */
    const double *bound;             /* [n_y][n_x] of the bound, or NULL */
    double low, high;                /* of the colours: the same in panels to be compared; above 0 if `log` */
} msc_map_panel;

typedef struct {
    const char *title, *note; /* as in msc_figure */
    const char *x_label, *y_label;
    size_t n_x, n_y; /* at least two */
    const double *x, *y;
    bool log_x, log_y, log;
    const msc_map_bound *bound; /* or NULL */
    size_t n_panel;
    const msc_map_panel *panel;
} msc_map;

/* The caller frees. E_NOMEM. */
MSC_CHECK msc_status msc_map_script(const msc_map *map, msc_figure_kind kind, char **script, msc_error *err);

typedef struct {
    const char *name, *unit, *about;
    size_t n;
    const double *value;      /* [n] finite, ascending; above 0 if `log` */
    double low, middle, high; /* marked: quantiles */
} msc_histogram_panel;

typedef struct {
    const char *title, *note;
    const char *count_label; /* of the upright axis */
    bool log;
    size_t n_panel;
    const msc_histogram_panel *panel;
} msc_histogram;

/* The caller frees. E_NOMEM. */
MSC_CHECK msc_status msc_histogram_script(const msc_histogram *histogram, msc_figure_kind kind, char **script, msc_error *err);

#endif
