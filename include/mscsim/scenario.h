/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A scenario: a model, its parameters, a regimen, the outputs wanted; and its result.
 *
 *     msc_scenario *s = NULL;  msc_result *r = NULL;  msc_error err;
 *     if (msc_scenario_read("oi_two_dose.cfg", NULL, 0, &s, &err) == MSC_OK &&
 *         msc_scenario_run(s, &r, &err) == MSC_OK) { ... }
 *     msc_result_free(r);  msc_scenario_free(s);
 *
 * A scenario is const once read and may be run by several threads at once. */
#ifndef MSCSIM_SCENARIO_H
#define MSCSIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <mscsim/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msc_scenario msc_scenario;
typedef struct msc_result msc_result;

/* Read a scenario file and compile its model. settings: n "KEY=VALUE" as of --set, applied in order.
 * E_NOINPUT, E_CONFIG. The caller frees. */
MSC_API MSC_CHECK msc_status msc_scenario_read(const char *path, const char *const *settings, size_t n_settings,
                                               msc_scenario **scenario, msc_error *err);
MSC_API void msc_scenario_free(msc_scenario *scenario);

/* After msc_scenario_read has failed with E_CONFIG: up to `most` faults of the files, in the order found, the first of which is that
 * failure; the others are as far as reading can go on behind it without stumbling over its consequences. Gives how many. */
MSC_API size_t msc_scenario_faults(const char *path, const char *const *settings, size_t n_settings, msc_error *fault, size_t most);

/* Warnings found while reading: i from 0, NULL past the last. `where` may be NULL. */
MSC_API const char *msc_scenario_warning(const msc_scenario *scenario, size_t i, const char **where);
/* What the model's files say of it wherever results are read (`caution`): i from 0, NULL past the last. */
MSC_API const char *msc_scenario_caution(const msc_scenario *scenario, size_t i);
/* output.file as the config has it, or NULL. */
MSC_API const char *msc_scenario_file(const msc_scenario *scenario);
MSC_API const char *msc_scenario_title(const msc_scenario *scenario);

/* What reading does not look at: names in output.ranges and output.summary, names that would clash in
 * the results file, a result's own path, and that every run of a range can be read. E_CONFIG. */
MSC_API MSC_CHECK msc_status msc_scenario_check(const msc_scenario *scenario, msc_error *err);

/* What would be run, in one paragraph each: the regimen, the model's size, outputs and bytes. */
MSC_API MSC_CHECK msc_status msc_scenario_preview(const msc_scenario *scenario, FILE *stream, msc_error *err);
/* Amounts, processes, parameters with units and sources, remainders, kinks, time constants. */
MSC_API MSC_CHECK msc_status msc_scenario_describe(const msc_scenario *scenario, FILE *stream, msc_error *err);
/* The same of a model file, which need not be complete. */
MSC_API MSC_CHECK msc_status msc_model_describe(const char *path, const char *const *settings, size_t n_settings,
                                                FILE *stream, msc_error *err);
/* The size of the program that a run goes through: states, nodes, coefficients, matrix, multiply-adds;
 * what was sliced away, and why. */
MSC_API MSC_CHECK msc_status msc_scenario_describe_program(const msc_scenario *scenario, FILE *stream,
                                                           msc_error *err);

/* Integrate. E_NUMERIC with a diagnosis if the scenario cannot be finished: then `result` holds what there
 * is up to that time, missing (NaN) after it; after any other failure it is NULL. The caller frees. */
MSC_API MSC_CHECK msc_status msc_scenario_run(const msc_scenario *scenario, msc_result **result, msc_error *err);
MSC_API void msc_result_free(msc_result *result);

/* Repeat the run for the values of output.ranges. What they `show` is then presented as a range, in
 * summary and file, and no longer as a number. Does nothing if the scenario has no ranges. */
MSC_API MSC_CHECK msc_status msc_result_add_ranges(msc_result *result, msc_error *err);

/* Output times in the model's time unit. */
MSC_API size_t msc_result_times(const msc_result *result, const double **times);
MSC_API const char *msc_result_time_unit(const msc_result *result);
/* One quantity by name ("live"): values[time][element] in its unit; NULL if there is none. */
MSC_API const double *msc_result_values(const msc_result *result, const char *quantity, size_t *n_elements,
                                        const char **unit);
/* The name of an element ("lung"), or NULL. */
MSC_API const char *msc_result_element(const msc_result *result, const char *quantity, size_t element);
/* The largest value of an element over the whole run (not only at output times), and when. value, time may be NULL.
 * E_USAGE. */
MSC_API MSC_CHECK msc_status msc_result_peak(const msc_result *result, const char *quantity, size_t element,
                                             double *value, double *time, msc_error *err);
/* Lowest and highest value of an element at an output time over the runs of output.ranges; false if
 * nothing of this quantity is shown as a range. */
MSC_API bool msc_result_range(const msc_result *result, const char *quantity, size_t element, size_t time, double *low,
                              double *high);
/* The endpoints of output.endpoints: the i-th one's name, NULL past the last. */
MSC_API const char *msc_result_endpoint_name(const msc_result *result, size_t i);
/* One by name; element: 0 unless it has `over`. NaN: it did not come about, and `word` says "never" or "not
 * yet", … ("and more": still above the threshold when the window ends, so at least this; "or less": a ratio over such
 * a one, or above the threshold before the window began; NULL: nothing to say). unit, word
 * may be NULL. E_USAGE. */
MSC_API MSC_CHECK msc_status msc_result_endpoint(const msc_result *result, const char *name, size_t element,
                                                 double *value, const char **unit, const char **word, msc_error *err);
/* Its lowest and highest value over the runs of output.ranges; false if it is not shown as a range. */
MSC_API bool msc_result_endpoint_range(const msc_result *result, const char *name, size_t element, double *low,
                                       double *high);
/* What the solver did: steps accepted and rejected, evaluations of the rates, factorisations. */
typedef struct {
    const char *method, *kernel;
    unsigned long long steps, rejected, evaluations, factorisations;
} msc_counts;
MSC_API msc_counts msc_result_counts(const msc_result *result);
/* A warning of the run (a check that failed), or NULL. */
MSC_API const char *msc_result_warning(const msc_result *result, size_t i);
/* Where that is written ("msc.cfg:43: checks.safe"); NULL past the last. */
MSC_API const char *msc_result_warning_where(const msc_result *result, size_t i);

/* Can results be written to `path`? Asked before any work: a file is made beside it, and taken away. force: an existing
 * results file may be replaced. E_CANTCREAT, E_IO (disk full). */
MSC_API MSC_CHECK msc_status msc_result_probe(const char *path, bool force, msc_error *err);
/* Write the results file (docs/file_format.md). E_CANTCREAT, E_IO; an existing file stays whole. */
MSC_API MSC_CHECK msc_status msc_result_write(const msc_result *result, const char *path, bool force, msc_error *err);
/* A page a researcher can read: doses, peaks, amounts at a few times, where everything went. */
MSC_API MSC_CHECK msc_status msc_result_summarise(const msc_result *result, FILE *stream, msc_error *err);

/* A results file as comma-separated values; names: quantities wanted, or elements of them ("live[lung]"); none: all
 * over time. Numbers (endpoints, peaks) are a row each, as below. Of a sweep a row is a scenario; if a name is a
 * trajectory that was kept, a time of a scenario, but with "live[24.5 h,lung]" one column for a time. Of a fit, an estimate. E_DATA, E_USAGE,
 * E_IO. */
MSC_API MSC_CHECK msc_status msc_file_export(const char *path, const char *const *names, size_t n_names, FILE *stream,
                                             msc_error *err);

/* Its endpoints: name, value, unit, mark (a bound, or why it is missing; "" where neither can be), low, low_mark, high,
 * high_mark (of its range, "" without one), text. */
MSC_API MSC_CHECK msc_status msc_file_export_endpoints(const char *path, FILE *stream, msc_error *err);

MSC_API const char *msc_version(void);
/* The candidate a misspelt word was probably meant to be, or NULL. */
MSC_API const char *msc_nearest(const char *word, const char *const *candidates, size_t n);

#ifdef __cplusplus
}
#endif
#endif
