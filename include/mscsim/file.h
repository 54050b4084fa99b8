/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be done with a results file: run it again, compare two, draw a figure.
 *
 *     msc_recipe *recipe = NULL;  msc_result *again = NULL;
 *     if (msc_recipe_read("r.h5", &recipe, &err) == MSC_OK && msc_recipe_run(recipe, &again, &err) == MSC_OK &&
 *         msc_result_write(again, "s.h5", false, &err) == MSC_OK && msc_file_compare("r.h5", "s.h5", &c, &err) == MSC_OK)
 *     msc_result_free(again);  msc_recipe_free(recipe); */
#ifndef MSCSIM_FILE_H
#define MSCSIM_FILE_H

#include <mscsim/scenario.h>
#include <mscsim/sweep.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a results file was made: the texts and settings that are recorded in it. */
typedef struct msc_recipe msc_recipe;

/* Read the file and compile what it records. The texts are put for the while into a private folder
 * under $TMPDIR (or /tmp), which goes with msc_recipe_free, or with the process. E_NOINPUT, E_DATA if
 * it is no results file, does not hold all it names, names an absolute path, or holds texts that this
 * version does not take; E_IO. The caller frees. */
MSC_API MSC_CHECK msc_status msc_recipe_read(const char *path, msc_recipe **recipe, msc_error *err);
/* What it is of, owned by the recipe: a scenario or a sweep; the other is NULL. (A sweep is run by msc_sweep_run.) */
MSC_API const msc_scenario *msc_recipe_scenario(const msc_recipe *recipe);
MSC_API const msc_sweep *msc_recipe_sweep(const msc_recipe *recipe);
/* Run the scenario, with its ranges. E_NUMERIC if it cannot be finished: `result` is then as of msc_scenario_run.
 * The caller frees the result before the recipe. */
MSC_API MSC_CHECK msc_status msc_recipe_run(const msc_recipe *recipe, msc_result **result,
                                            msc_error *err);
MSC_API void msc_recipe_free(msc_recipe *recipe);

/* Two results files. */
typedef struct {
    bool same_bytes;
    bool same_program; /* version of mscsim, and kernel */
    bool same;         /* every name, text and number, to the last bit */
    bool within;       /* names and texts, and numbers within `allowed` */
    double
        largest; /* difference of two numbers: as a share of the larger, or of a thousandth of the
                        * largest in its variable if that is more; times of peaks are left out, since
                        * where a curve is flat they say little */
    double allowed;      /* 100 times the larger solver_rtol */
    char at[256];        /* where that is: "live[24 h, lung]"; "" if there is no difference */
    char what[256];      /* a difference that is none of numbers, or "" */
    char program[2][64]; /* "mscsim 0.1.0, avx2" of each */
} msc_comparison;

/* E_NOINPUT, E_DATA, E_IO. */
MSC_API MSC_CHECK msc_status msc_file_compare(const char *first, const char *second,
                                              msc_comparison *comparison, msc_error *err);

/* Can anything be written to `path`, a table or a figure? As msc_result_probe, but force may replace any file. */
MSC_API MSC_CHECK msc_status msc_file_probe(const char *path, bool force, msc_error *err);

typedef struct {
    size_t n_quantity;
    const char *const
        *quantity;     /* "live", "live[lung]"; none: what the scenario's summary shows first, or the first
                        * endpoints of a sweep */
    const char *title; /* NULL: the file's own */
    bool log;          /* logarithmic axes */
    bool force;        /* replace an existing figure */
    char *left_out;    /* gets the names of what is in the file and was not drawn, though nothing was asked for,
                        * in left_out_size bytes; or NULL */
    size_t left_out_size;
    /* of sweeps: */
    size_t n_against;
    const char *const *against; /* axes over which it is drawn: one for lines or points, two for a map */
    const char *bound;          /* of maps: "peak<=0.02", "peak>=3 percent", "peak": its lines, and what is beyond it is
                                 * faded; a number without a unit is in the endpoint's own */
    char *remark;               /* gets a sentence if a bound excludes everything or nothing, else ""; or NULL */
    size_t remark_size;
    /* of fits: */
    const char *kind; /* "observed" (NULL), "residuals", "profiles", "pairs" */
} msc_figure_options;

/* Draw a results file by gnuplot. Of a run: quantities over time, one panel each. Of a sweep: its endpoints over its
 * axes, as a map over two, as lines over one, as histograms if it was sampled; quantities over time as the median of
 * all scenarios with a band from 5 to 95 %. Of a fit: observed and predicted over time, residuals, profiles of the
 * estimates, or pairs of them in the posterior. The kind of the figure is that of its name:
 * .svg, .pdf or .png. Equal files, options and gnuplots give equal figures. E_USAGE for an unknown
 * quantity or kind; E_NOINPUT, E_DATA; E_CANTCREAT; E_IO if gnuplot is missing or fails. */
MSC_API MSC_CHECK msc_status msc_file_plot(const char *path, const char *figure,
                                           const msc_figure_options *options, msc_error *err);

#ifdef __cplusplus
}
#endif
#endif
