/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The posterior of a fit, sampled (sampler.h): walkers begin around the best starts, every ensemble somewhere else; the
 * density is that of coordinates, and so what is kept follows the posterior of the values.
 *
 * Steps go to a journal, FILE.draws.part, as they are done; a run that goes on with it has the same bits. */
#ifndef MSC_STUDY_POSTERIOR_H
#define MSC_STUDY_POSTERIOR_H

#include "store/journal.h"
#include "fit/crowd.h"
#include "fit/objective.h"

/* What of a study is seen over time: "patients: activity[lung]". */
typedef struct {
    const char *name, *unit;
    size_t row;                  /* the first that is seen so */
    double *low, *median, *high; /* [n_grid] in the unit; NaN where the study has no run */
} msc_fit_curve;

struct msc_posterior {
    size_t steps, done, left_out; /* wanted; done; of these not used, as warm-up */
    uint64_t proposed, accepted, refused; /* refused: there was nothing at the point that was proposed */
    size_t n_draw;
    double *draw, *log;  /* [n_draw][ensembles][walkers][n_estimate] values; log posterior by values */
    msc_drawn *estimate; /* [n_estimate] */
    size_t n_band;       /* draws that bands are made of, evenly taken */
    double *row[5];      /* [n_row] inner units: low, median, high of what is predicted; low, high of a new observation */
    size_t n_curve;
    msc_fit_curve *curve;
    /* at work */
    const msc_fit_options *options;
    msc_journal *journal;
    msc_crowd *crowd;
    msc_fit_eval *eval;
    double *series, *series_log; /* [steps][walkers of all ensembles][n_estimate] coordinates, and their densities */
};
typedef struct msc_posterior msc_posterior;

/* sample.c: if it is asked for. First what was kept of an earlier run, then, the best start being known, the steps.
 * Throw in w->arena; what is open is closed by msc_posterior_close. */
void msc_posterior_open(msc_fitted *w, const msc_fit_options *options);
void msc_posterior_sample(msc_fitted *w);
/* journal.c: FILE.draws.part, step by step: x[all][n], log[all], and how many points had nothing. False: it has no
 * such step. Throw. */
void msc_posterior_keep_open(msc_fitted *w);
bool msc_posterior_keep_has(const msc_fitted *w, size_t step, double *x, double *log, uint64_t *refused);
void msc_posterior_keep_put(const msc_fitted *w, size_t step, const double *x, const double *log, uint64_t refused);
/* whole: all is in the results file, and it goes. Else it stays, if there is anything in it. E_IO. */
MSC_CHECK msc_status msc_posterior_keep_end(msc_posterior *posterior, bool whole, msc_error *err);
/* band.c: of n draws, t[n][n_estimate], run on the crowd of the batches `banded`. Throws. */
void msc_posterior_bands(msc_fitted *w, const double *t, size_t n);
/* posterior.c: a part of the page. */
void msc_posterior_page(msc_arena *arena, const msc_fitted *w, FILE *stream);
/* Why it cannot be trusted, in words: "not converged: R-hat ..."; NULL: nothing speaks against it. */
const char *msc_posterior_doubt(msc_arena *arena, const msc_fitted *w);
void msc_posterior_close(msc_posterior *posterior); /* NULL is fine */

#endif
