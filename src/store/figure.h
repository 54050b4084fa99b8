/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A figure: panels over one axis, of time mostly, as a gnuplot script. It is laid out for a column of a journal:
 * at 89 mm its letters are those of the text around it, a size smaller. */
#ifndef MSC_STORE_FIGURE_H
#define MSC_STORE_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include <mscsim/error.h>

enum { MSC_FIGURE_CURVES = 14, MSC_FIGURE_PANELS = 8 }; /* at most */

/* A line through y, or a band between low and high; values at the figure's times, `stride` apart. */
typedef struct {
    const char *label; /* NULL if it is alone */
    unsigned colour, dash; /* which: of the same thing the same in every panel */
    const double *y, *low, *high;
    size_t stride;
} msc_curve;

typedef struct {
    const char *name, *unit, *about; /* above it, wrapped; unit "1": none; about may be NULL */
    size_t n_curve;
    const msc_curve *curve;
    size_t n_left_out; /* elements beyond MSC_FIGURE_CURVES */
} msc_panel;

typedef struct {
    const char *title, *note; /* above and below all, wrapped; may be NULL */
    const char *time_label;   /* "time since day 0 (days)" */
    size_t n_time;
    const double *time; /* ascending, in the unit of the label */
    const bool *jump;   /* [n_time] what came just before this time is not known; if plain, no line leads to it */
    const double *tick; /* [n_tick] of the time axis, ascending */
    size_t n_tick;      /* 0: round numbers are chosen */
    size_t n_dose;
    const double *dose; /* times, ascending */
    size_t n_panel;
    const msc_panel *panel;
    bool log;
    /* Over something other than time, say the axis of a sweep: a point at each place, all values count. */
    bool plain;
    bool log_x;                   /* for such a one */
    const char *const *tick_text; /* [n_tick] for the numbers; NULL: themselves */
} msc_figure;

typedef enum { MSC_FIGURE_SVG, MSC_FIGURE_PDF, MSC_FIGURE_PNG } msc_figure_kind;

/* The caller frees. E_NOMEM. */
MSC_CHECK msc_status msc_figure_script(const msc_figure *figure, msc_figure_kind kind,
                                       char **script, msc_error *err);

#endif
