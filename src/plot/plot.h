/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to plot*.c: what figures of runs and of sweeps have in common, and figures of sweeps. */
#ifndef MSC_STUDY_PLOT_H
#define MSC_STUDY_PLOT_H

#include <mscsim/file.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "store/chart.h"
#include "store/dataset.h"
#include "store/figure.h"
#include "store/map.h"

/* ---- time.c: all of these throw ---- */

/* "lung, cxcr4_neg": the labels on the axes from the first-th on. */
const char *msc_plot_element(msc_arena *arena, const msc_dataset *d, const msc_array *a, int first, size_t element,
                             const char *between);
/* "live[lung, cxcr4_neg]" into name and element, blanks aside; element NULL: all. */
const char *msc_plot_split(msc_arena *arena, const char *text, const char **element);
/* A text without every "parameters.". */
const char *msc_plot_bare(msc_arena *arena, const char *text);
/* A note, which may be NULL, and what the model says first of itself. */
const char *msc_plot_caution(msc_arena *arena, const msc_dataset *d, const char *note);
/* The unit in which a span is best read, "days", and how many of it the file's own is. Does not throw. */
const char *msc_plot_time_unit(msc_units *units, const char *own, double span, double *factor);
/* Times, their unit and ticks, and doses, of a dataset's axis. */
void msc_plot_times(msc_arena *arena, msc_units *units, const msc_dataset *d, int axis, msc_figure *f);

/* ---- plot_sweep*.c ---- */

enum { MSC_PLOT_AXES = 256 };

typedef struct {
    const char *name, *label;   /* "day of the second dose (day)", with the power of ten by which it is divided */
    const char *const *choice;  /* names of places, or NULL: numbers */
    size_t n;
    const double *level;        /* [n] ascending, divided by that power; of choices 0, 1, ... */
    const char *const *text;    /* [n] what the places are called */
    const uint32_t *place;      /* [scenario] */
    size_t n_used;              /* places with a scenario that did not fail */
    bool log;                   /* equal steps of the logarithm */
} msc_plot_axis;

typedef struct {
    const char *name, *unit, *about; /* as in msc_panel */
    const double *value;             /* those of scenario i at i * stride */
    size_t stride;
} msc_plot_variable;

typedef struct {
    const char *path;
    const msc_dataset *head; /* attributes and axes of the file */
    msc_dataset *data;       /* what is read of it now */
    msc_units *units;
    const msc_figure_options *options;
    msc_figure_kind kind;
    char **script;
    msc_arena *arena;
    const char *design;
    size_t n, n_ok;           /* scenarios */
    const bool *ok;           /* [n] */
    size_t n_axis;
    const char **axis_name;   /* [n_axis] */
    msc_plot_axis *axis;      /* [n_axis] of grids and lists */
    size_t n_variable;
    msc_plot_variable variable[MSC_FIGURE_PANELS];
    msc_plot_variable bound;
    const char *note;         /* for below */
} msc_plot_sweep;

bool msc_plot_is_sweep(const msc_dataset *head);
/* A figure of a sweep's file as a script, which the caller frees. */
MSC_CHECK msc_status msc_plot_sweep_script(const char *path, const msc_dataset *head, msc_units *units,
                                           const msc_figure_options *options, msc_figure_kind kind, char **script,
                                           msc_error *err);

/* Private to them; all throw. */
void msc_plot_note(msc_plot_sweep *p, const char *format, ...) MSC_PRINTF(2, 3); /* one more thing for below */
/* What there is and is not drawn though nothing was asked for: in the order of the calls. */
void msc_plot_left_out(const msc_plot_sweep *p, const char *name);
void msc_plot_check(msc_plot_sweep *p, msc_status status, const msc_error *err);
/* How many scenarios have no value of what is drawn. */
void msc_plot_note_missing(msc_plot_sweep *p);
void msc_plot_read(msc_plot_sweep *p, const msc_store_selection *selection); /* into data; what was there goes */
const char *msc_plot_title(const msc_plot_sweep *p);
/* Is the array's k-th axis the one of this name? NULL is no array. */
bool msc_plot_over(const msc_plot_sweep *p, const msc_array *a, int k, const char *name);
/* The place of an axis in the list, by --against. */
size_t msc_plot_against(msc_plot_sweep *p, const char *name);
void msc_plot_axis_levels(msc_plot_sweep *p, size_t k); /* fills axis[k] */
void msc_plot_grid(msc_plot_sweep *p);                  /* sweep_grid.c: maps and lines */
/* sweep_bound.c: --bound "peak<=2 percent"; then what it leaves, of n values at the places of the map. */
void msc_plot_read_bound(msc_plot_sweep *p, msc_map_bound *bound);
void msc_plot_note_bound(msc_plot_sweep *p, const msc_map_bound *bound, const double *value, size_t n);
void msc_plot_samples(msc_plot_sweep *p);               /* sweep_sample.c: histograms and scatters */
/* Median and band over the scenarios at each time. */
void msc_plot_course(msc_plot_sweep *p, size_t n_name, const char *const *name);

/* ---- plot_fit*.c ---- */

enum { MSC_PLOT_FIT_PANELS = 12 };

typedef struct {
    msc_arena *arena;
    const msc_dataset *d;
    msc_units *units;
    const msc_figure_options *options;
    size_t n_estimate;
    const char *const *estimate; /* [n_estimate] names */
    const char *note;
} msc_plot_fit;

bool msc_plot_is_fit(const msc_dataset *head);
/* A figure of a fit's file as a script, which the caller frees. */
MSC_CHECK msc_status msc_plot_fit_script(const char *path, msc_units *units, const msc_figure_options *options, msc_figure_kind kind,
                                         char **script, msc_error *err);

/* Private to them; all throw. A real array over these axes (NULL ends them); NULL if there is none. */
const double *msc_plot_fit_real(const msc_plot_fit *p, const char *name, const char *const *axes);
const char *const *msc_plot_fit_text(const msc_plot_fit *p, const char *name, const char *axis);
double msc_plot_fit_number(const msc_plot_fit *p, const char *attribute); /* NaN if there is none */
msc_chart msc_plot_fit_observed(msc_plot_fit *p);  /* fit_data.c */
msc_chart msc_plot_fit_residuals(msc_plot_fit *p);
msc_chart msc_plot_fit_profiles(msc_plot_fit *p);  /* fit_estimate.c */
msc_chart msc_plot_fit_pairs(msc_plot_fit *p);

#endif
