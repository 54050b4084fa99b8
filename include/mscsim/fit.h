/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit: unknown numbers of scenarios and of what is observed of them, a file of data, and the values that
 * make the data most probable, given what is known beforehand (docs/fitting.md).
 *
 *     msc_fit *fit = NULL;  msc_fitted *fitted = NULL;  msc_error err;
 *     const msc_fit_options options = {.threads = 2};
 *     if (msc_fit_read("fit.cfg", NULL, 0, NULL, &fit, &err) == MSC_OK &&
 *         msc_fit_run(fit, &options, &fitted, &err) == MSC_OK)
 *         status = msc_fitted_summarise(fitted, stdout, &err);
 *     msc_fitted_free(fitted);  msc_fit_free(fit); */
#ifndef MSCSIM_FIT_H
#define MSCSIM_FIT_H

#include <stdint.h>

#include <mscsim/scenario.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msc_fit msc_fit;
typedef struct msc_fitted msc_fitted;

/* Has a config a section `fit`? E_NOINPUT, E_CONFIG. */
MSC_API MSC_CHECK msc_status msc_fit_wanted(const char *path, const char *const *settings, size_t n_settings, bool *wanted,
                                            msc_error *err);
/* Read a config with a section `fit`, its data, and compile the scenario of every study. seed: in the place of
 * fit.seed, or NULL. E_NOINPUT, E_CONFIG, E_DATA (also data that cannot tell what is asked). The caller frees. */
MSC_API MSC_CHECK msc_status msc_fit_read(const char *path, const char *const *settings, size_t n_settings,
                                          const uint64_t *seed, msc_fit **fit, msc_error *err);
MSC_API void msc_fit_free(msc_fit *fit);
/* Warnings found while reading, of all studies, as of msc_scenario_warning. */
MSC_API const char *msc_fit_warning(const msc_fit *fit, size_t i, const char **where);
/* What would be done, in words: studies, rows, estimates, starts, and about how large journal and file (its name, or NULL) would be.
 * Runs nothing. */
MSC_API MSC_CHECK msc_status msc_fit_preview(const msc_fit *fit, const char *file, FILE *stream, msc_error *err);
/* fit.file as the config has it, or NULL. */
MSC_API const char *msc_fit_file(const msc_fit *fit);
MSC_API size_t msc_fit_starts(const msc_fit *fit);
MSC_API size_t msc_fit_estimates(const msc_fit *fit);
/* The k-th: name and unit; NULL past the last. unit may be NULL. */
MSC_API const char *msc_fit_estimate_name(const msc_fit *fit, size_t k, const char **unit);

/* Another of n "starts", "profiles" or "steps of the posterior" is done, on one thread at a time. best: the largest log posterior so
 * far, -infinity if none. */
typedef void msc_fit_progress(void *context, const char *what, size_t done, size_t n, double best);

typedef struct {
    unsigned threads;          /* 0: all there are */
    const volatile int *stop;  /* set non-zero (by a signal handler, say): starts, profiles and steps that are done are kept; or NULL */
    msc_fit_progress *progress; /* or NULL */
    void *context;
    /* Results will be written to this file: until then what is done is in the journals FILE.part and, of steps of the posterior,
     * FILE.draws.part, locked; they go with msc_fitted_write to the same file, and stay if it does not come to that. NULL: nothing is
     * kept. */
    const char *file;
    bool resume; /* go on from the journals, if there are any; of another fit: E_DATA */
    bool force;  /* else a journal that is there is discarded; without this: E_CANTCREAT */
} msc_fit_options;

/* All starts, profiles from their best, and what these tell; then the posterior, if the config asks for it. The result does not
 * depend on the number of threads, nor on how often it was interrupted and resumed. E_STOPPED: asked to stop before any start was
 * done; E_DATA: the data say nothing of a parameter that has no prior; E_NUMERIC: no start can be evaluated; of the journals E_BUSY,
 * E_CANTCREAT, E_DATA, E_IO. The caller frees. */
MSC_API MSC_CHECK msc_status msc_fit_run(const msc_fit *fit, const msc_fit_options *options, msc_fitted **fitted,
                                         msc_error *err);
MSC_API void msc_fitted_free(msc_fitted *fitted);
MSC_API bool msc_fitted_converged(const msc_fitted *fitted); /* is the best found an optimum */
MSC_API bool msc_fitted_complete(const msc_fitted *fitted);  /* false: it was stopped before all was done */
MSC_API size_t msc_fitted_done(const msc_fitted *fitted);    /* starts: fewer than all if it was stopped */
/* The k-th estimate in its unit, its standard error (NaN where that means nothing), an interval of about 95 %: by its profile,
 * an end that is open being NaN; without one by the curvature. */
MSC_API double msc_fitted_value(const msc_fitted *fitted, size_t k, double *se, double *low, double *high);
/* The posterior: steps that were done, of `wanted` (0: none is asked for). */
MSC_API size_t msc_fitted_steps(const msc_fitted *fitted, size_t *wanted);
/* What is drawn of an estimate, in its unit; r_hat near 1: ensembles agree; ess: so many independent draws; tau: steps in which a
 * walker forgets where it was (integrated autocorrelation time). */
typedef struct {
    double mean, sd;
    double low, median, high; /* 2.5, 50, 97.5 % */
    double r_hat, ess, tau;
} msc_drawn;
/* Of the k-th; false: nothing was drawn. */
MSC_API bool msc_fitted_drawn(const msc_fitted *fitted, size_t k, msc_drawn *drawn);
/* Do the ensembles agree, no R-hat being above 1.01, and is the run long enough to tell: a warm-up of at least 5 tau, and 10 of steps
 * that are kept? True if nothing was asked for. */
MSC_API bool msc_fitted_agreed(const msc_fitted *fitted);
/* Estimates, data and predictions, starts, posterior: a page. */
MSC_API MSC_CHECK msc_status msc_fitted_summarise(const msc_fitted *fitted, FILE *stream, msc_error *err);
/* All of it to an HDF5 file; then the journal goes, if it is that of this file. E_CANTCREAT, E_IO. */
MSC_API MSC_CHECK msc_status msc_fitted_write(msc_fitted *fitted, const char *file, bool force, msc_error *err);

/* The scenario of a config as msc_scenario_read, with what the fit of a results file estimated of it in place of its own
 * numbers (settings come after them). study: for which study of the fit, where estimates are of one; NULL: that whose
 * scenario has the very text of this config. E_NOINPUT, E_DATA: no fit; E_CONFIG: an estimate that the config has not. */
MSC_API MSC_CHECK msc_status msc_scenario_read_fit(const char *path, const char *const *settings, size_t n_settings,
                                                   const char *fit, const char *study, msc_scenario **scenario,
                                                   msc_error *err);

#ifdef __cplusplus
}
#endif
#endif
