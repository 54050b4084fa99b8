/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Charts: panels in rows and columns, each with axes of its own, of marks laid one over the other: bands, lines, points
 * with errors, bars, arrows. As a gnuplot script, laid out as other figures are. */
#ifndef MSC_STORE_CHART_H
#define MSC_STORE_CHART_H

#include "store/figure.h"

typedef enum {
    MSC_MARK_BAND,   /* between low and high over x */
    MSC_MARK_LINE,   /* through y over x; breaks where y is NaN */
    MSC_MARK_THIN,   /* the same, to be seen through others */
    MSC_MARK_POINTS, /* y at x; from low to high an error bar, if these are given and finite */
    MSC_MARK_DOTS,   /* y at x, many */
    MSC_MARK_BARS,   /* upright from low to high at x */
    MSC_MARK_DOWN,   /* an arrow down from y at x: it was below */
    MSC_MARK_UP,
    MSC_MARK_BOXES,  /* from low to high on x, from 0 to y */
    MSC_MARK_LEVELS, /* dashed lines across the panel at y */
    MSC_MARK_PLACES, /* lines up the panel at x */
    MSC_MARK_TEXT    /* text[0] in the middle */
} msc_chart_mark_kind;

typedef struct {
    msc_chart_mark_kind kind;
    unsigned colour; /* of msc_canvas_colour */
    size_t n;
    const double *x, *y, *low, *high; /* [n], as the kind has them */
    const char *text;
} msc_chart_mark;

typedef struct {
    const char *name;             /* above it, wrapped; NULL: nothing */
    const char *x_label, *y_label; /* the unit of y is "1": none; a power of ten may be put before it */
    bool log_x, log_y;
    bool plain_y;                 /* y is no quantity: no power of ten, and 0 has no meaning to begin at */
    bool frame_y;                 /* no numbers on y: its height says nothing */
    bool bare;                    /* no frame at all */
    double x_low, x_high, y_low, y_high; /* both of an axis 0: as the marks have it */
    size_t n_mark;
    const msc_chart_mark *mark;
} msc_chart_panel;

typedef struct {
    const char *title, *note; /* as in msc_figure */
    size_t n_column;          /* panels go from left to right, row by row; those of n_mark 0 are left empty */
    bool tight;               /* numbers and labels at the left and below all only: columns have one x, rows one y */
    size_t n_panel;
    const msc_chart_panel *panel;
} msc_chart;

/* The caller frees. E_NOMEM. */
MSC_CHECK msc_status msc_chart_script(const msc_chart *chart, msc_figure_kind kind, char **script, msc_error *err);

#endif
