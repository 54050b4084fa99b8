/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From coordinates of the estimates to the log posterior, residuals, and their derivatives: one thread's share. */
#ifndef MSC_STUDY_OBJECTIVE_H
#define MSC_STUDY_OBJECTIVE_H

#include "fit/fit.h"

typedef struct msc_fit_eval msc_fit_eval;

/* stop: as of msc_worker_run; or NULL. The caller frees. */
MSC_CHECK msc_status msc_fit_eval_new(const msc_fit *fit, const volatile int *stop, msc_fit_eval **eval, msc_error *err);
void msc_fit_eval_free(msc_fit_eval *eval);

/* The functions of msc_objective; context: the eval. False: there is nothing at these coordinates, since a scenario
 * cannot be run with them, or the data are impossible. The log posterior is the log-likelihood, every row times its
 * weight, and the logarithm of the priors' densities, each on its own scale (prior.c). */
bool msc_fit_density(void *context, const double *t, double *log, double *slope);
bool msc_fit_squares(void *context, const double *t, double *residual, double *jacobian);

/* Values only, of what was run elsewhere (crowd.h): whether priors have anything there, and the logarithm of their
 * densities by the values themselves; and with that the log posterior of rows that were seen as seen[n_row] (msc_fit_seen). */
bool msc_fit_prior_log(const msc_fit *fit, const double *t, double *log);
bool msc_fit_density_of(msc_fit_eval *eval, const double *t, const double *seen, double *log);
/* That which is made large, and the bounds it is sought in: both [n_estimate], of msc_fit_reach. */
msc_objective msc_fit_objective(msc_fit_eval *eval, const double *low, const double *high);
/* Points without a value since it was last emptied by its user. */
msc_fit_tally *msc_fit_eval_tally(msc_fit_eval *eval);
/* A word for a reason: of msc_batch_ends, "prior", "data". */
const char *msc_fit_reason(int reason);
/* The metric of msc_objective: what data and priors tell there (information.h). */
void msc_fit_metric(void *context, const double *t, double *h);
/* A row as it is seen without the factor of detection; value[times][n_column]. */
double msc_fit_seen(const msc_fit_row *row, size_t time, const double *value, size_t n_column);

/* What the last of them predicted: [n_row] in inner units, [n_row][n_estimate] by coordinates; log-likelihoods [n_row],
 * unweighted (density only). */
const double *msc_fit_eval_prediction(const msc_fit_eval *eval);
const double *msc_fit_eval_slope(const msc_fit_eval *eval);
const double *msc_fit_eval_log(const msc_fit_eval *eval);
/* The error model of a row at coordinates t. */
msc_error_model msc_fit_error_of(const msc_fit *fit, const msc_fit_row *row, const double *t);
/* The standard deviation of a row's error, if that is what is predicted. */
double msc_fit_row_sd(const msc_fit *fit, const msc_fit_row *row, const double *t, double prediction);
double msc_fit_factor_of(const msc_fit *fit, const msc_fit_observe *observe, const double *t); /* of detection */
/* What stopped an evaluation that is nobody's value: out of memory; MSC_OK: nothing. And in words what last made a
 * scenario fail. */
const msc_error *msc_fit_eval_error(const msc_fit_eval *eval);
const char *msc_fit_eval_trouble(const msc_fit_eval *eval);

#endif
