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

/* Read a config with a section `fit`, its data, and compile the scenario of every study. seed: in the place of
 * fit.seed, or NULL. E_NOINPUT, E_CONFIG, E_DATA (also data that cannot tell what is asked). The caller frees. */
MSC_API MSC_CHECK msc_status msc_fit_read(const char *path, const char *const *settings, size_t n_settings,
                                          const uint64_t *seed, msc_fit **fit, msc_error *err);
MSC_API void msc_fit_free(msc_fit *fit);
/* Warnings found while reading, of all studies, as of msc_scenario_warning. */
MSC_API const char *msc_fit_warning(const msc_fit *fit, size_t i, const char **where);
/* fit.file as the config has it, or NULL. */
MSC_API const char *msc_fit_file(const msc_fit *fit);
MSC_API size_t msc_fit_starts(const msc_fit *fit);
MSC_API size_t msc_fit_estimates(const msc_fit *fit);
/* The k-th: name and unit; NULL past the last. unit may be NULL. */
MSC_API const char *msc_fit_estimate_name(const msc_fit *fit, size_t k, const char **unit);

/* A start is done, on one thread at a time. best: the largest log posterior so far, -infinity if none. */
typedef void msc_fit_progress(void *context, size_t done, size_t n, double best);

/* A step of the sampler is done (fit.sample). taken: the share of moves so far. */
typedef void msc_fit_stepped(void *context, size_t done, size_t n, double taken);

typedef struct {
    unsigned threads;          /* 0: all there are */
    const volatile int *stop;  /* set non-zero (by a signal handler, say): what is done is kept; or NULL */
    msc_fit_progress *progress; /* or NULL */
    msc_fit_stepped *stepped;  /* or NULL */
    void *context;
    const char *file;          /* where results are to go: what is done is kept beside it, FILE.draws.part; or NULL */
    bool force;                /* that may be replaced */
    bool resume;               /* go on with it, if there is one */
} msc_fit_options;

/* All starts, and what their best tells; then the posterior, if the config asks for it. The result does not depend on the
 * number of threads, nor on whether it was interrupted and gone on with. E_STOPPED: asked to stop before any start was
 * done; E_DATA: the data say nothing of a parameter that has no prior, or what is kept beside the file is of another
 * fit; E_NUMERIC: no start can be evaluated; E_BUSY, E_CANTCREAT, E_IO: of what is kept. The caller frees. */
MSC_API MSC_CHECK msc_status msc_fit_run(const msc_fit *fit, const msc_fit_options *options, msc_fitted **fitted,
                                         msc_error *err);
MSC_API void msc_fitted_free(msc_fitted *fitted);
MSC_API bool msc_fitted_converged(const msc_fitted *fitted); /* is the best start an optimum */
MSC_API size_t msc_fitted_done(const msc_fitted *fitted);    /* starts: fewer than all if it was stopped */
/* The k-th estimate in its unit, its standard error (NaN where that means nothing), an interval of about 95 %. */
MSC_API double msc_fitted_value(const msc_fitted *fitted, size_t k, double *se, double *low, double *high);
/* The posterior: steps that were done, of `wanted` (0: none is asked for). */
MSC_API size_t msc_fitted_steps(const msc_fitted *fitted, size_t *wanted);
/* What is drawn of an estimate, in its unit; r_hat near 1: ensembles agree; ess: so many independent draws. */
typedef struct {
    double mean, sd;
    double low, median, high; /* 2.5, 50, 97.5 % */
    double r_hat, ess;
} msc_drawn;
/* Of the k-th; false: nothing was drawn. */
MSC_API bool msc_fitted_drawn(const msc_fitted *fitted, size_t k, msc_drawn *drawn);
/* Do the ensembles agree: no R-hat above 1.01? True if nothing was asked for. */
MSC_API bool msc_fitted_agreed(const msc_fitted *fitted);
/* Estimates, data and predictions, starts, posterior: a page. */
MSC_API MSC_CHECK msc_status msc_fitted_summarise(const msc_fitted *fitted, FILE *stream, msc_error *err);
/* All of it to an HDF5 file. If nothing is missing, what was kept beside it goes. E_CANTCREAT, E_IO. */
MSC_API MSC_CHECK msc_status msc_fitted_write(const msc_fitted *fitted, const char *file, bool force, msc_error *err);

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
