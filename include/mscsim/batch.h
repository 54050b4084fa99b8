/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One scenario, many values: a scenario is read and compiled once, and then run for as many vectors of
 * values as one likes, several at a time on the lanes of each thread.
 *
 *     const msc_vary vary[] = {{.path = "parameters.arrest.lung"}, {.path = "regimen[1].day"}};
 *     const msc_batch_options options = {.n_vary = 2, .vary = vary, .trajectories = true};
 *     msc_batch *batch = NULL;  msc_worker *worker = NULL;  msc_error err;
 *     if (msc_batch_read("oi_two_dose.cfg", &options, &batch, &err) == MSC_OK &&
 *         msc_worker_new(batch, &worker, &err) == MSC_OK)
 *         status = msc_worker_run(worker, next, done, context, NULL, &err);
 *     msc_worker_free(worker);  msc_batch_free(batch);
 *
 * A batch is const and shared; a worker belongs to one thread at a time. What a vector of values gives
 * has the same bits whatever else is run beside it, before it, and on how many threads: those of
 * msc_scenario_run of the scenario read with these values as settings, if that asks for the same quantities. */
#ifndef MSCSIM_BATCH_H
#define MSCSIM_BATCH_H

#include <stdint.h>

#include <mscsim/scenario.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msc_batch msc_batch;
typedef struct msc_worker msc_worker;

/* On what scale a derivative is taken: by the value, by its logarithm, by log((x - low) / (high - x)). */
typedef enum { MSC_SCALE_LINEAR, MSC_SCALE_LOG, MSC_SCALE_LOGIT } msc_scale;

/* A number of the scenario that is varied, by the path --set takes: "parameters.arrest.lung" (or a
 * parameter without indices), "regimen[1].dose", "regimen[*].dose" (of every entry), also .day, .at,
 * .duration, .interval, the parameters a route takes, the load of a cargo. */
typedef struct {
    const char *path;
    const char *where;  /* file:line of who asks, for messages; may be NULL */
    msc_scale scale;    /* of derivatives */
    double low, high;   /* in the value's unit. LOGIT: the open interval; LINEAR: if low < high, the closed one */
} msc_vary;

typedef struct {
    size_t n_setting;
    const char *const *setting; /* as of --set */
    size_t n_vary;
    const msc_vary *vary;
    const char *section; /* "sweep": its endpoints are those asked for, if it has any; NULL: output.endpoints */
    bool trajectories;   /* quantities at output times are wanted, the ledger among them if output.ledger is given;
                          * else only endpoints: output needs neither `every` nor `times`, and the program is
                          * cut down to what the endpoints need, of the ledger too */
    bool sensitivities;  /* derivatives of the trajectories by what is varied; implies trajectories. They follow the
                          * scenario's own steps: values with which nothing at all is given, or there at the start, are
                          * refused where a derivative by them would bring something */
    size_t n_time;       /* if not 0: output times in the model's unit, in the place of output.every and output.times, */
    const double *time;  /* within the run, and no endpoints */
} msc_batch_options;

/* Read a scenario and compile it for what is varied. A parameter that is a formula becomes a number, first
 * with the value it has. Output times: the grid, and starts and ends of doses unless something varied moves
 * them; with output.both_sides also both sides of switches, unless something varied moves any stop. The
 * run's start is that of the scenario's own values, also where its first dose implies it: a dose that a
 * vector puts before it is refused; one after the end has no effect. E_NOINPUT; E_CONFIG: also a path that
 * names no number or one that cannot be varied by itself (an element under a `total` without remainder,
 * what shapes the model: repeat, route), two paths of the same number, no endpoints where there are to be no
 * trajectories, derivatives by what moves an event (a day, a duration, a parameter in a condition on time). E_USAGE:
 * NULL where something is needed, output times outside of the run.
 * The caller frees. */
MSC_API MSC_CHECK msc_status msc_batch_read(const char *path, const msc_batch_options *options, msc_batch **batch,
                                            msc_error *err);
MSC_API void msc_batch_free(msc_batch *batch);
/* The scenario as read, with the values it has itself; owned by the batch. */
MSC_API const msc_scenario *msc_batch_scenario(const msc_batch *batch);
/* The unit the k-th varied value is given in: the parameter's own, that of the dose as written ("cell/kg"),
 * "day" of .day, that of the text of other times; and the value the scenario has itself (NaN of [*] where
 * entries differ). NULL and NaN past the last. */
MSC_API const char *msc_batch_unit(const msc_batch *batch, size_t k);
MSC_API double msc_batch_value(const msc_batch *batch, size_t k);

/* Output times (in the model's unit of time, "h") and columns: column j is element `element` of quantity
 * `quantity`, labelled "live[lung]". 0 columns without trajectories. */
MSC_API size_t msc_batch_times(const msc_batch *batch, const double **times);
MSC_API const char *msc_batch_time_unit(const msc_batch *batch);
MSC_API size_t msc_batch_columns(const msc_batch *batch);
MSC_API const char *msc_batch_column(const msc_batch *batch, size_t column, const char **unit);
/* Endpoints, element by element, in the order of the config: "lung_auc", "site_auc[cxcr4_pos]". */
MSC_API size_t msc_batch_endpoints(const msc_batch *batch);
MSC_API const char *msc_batch_endpoint(const msc_batch *batch, size_t endpoint, const char **unit);

/* What came of one vector of values; valid during the callback. */
typedef struct {
    msc_status status;   /* MSC_OK; E_NUMERIC: not finished; E_CONFIG: these values are refused */
    const char *end;     /* one word for it, from msc_batch_ends: "ok", "refused", "steps", ... */
    const char *message; /* in words, with time, step, the amount in trouble and the fastest process on it; "" if ok */
    const char *where;   /* file:line the message is about, or "" */
    const double *value; /* [n_time][n_column] in the columns' units, NaN where not reached */
    const double *endpoint; /* [n_endpoint] in their units, NaN where none or not finished */
    const unsigned char *mark; /* [n_endpoint] what that is, or why there is none: msc_batch_marks()[mark] */
    const double *sensitivity; /* [n_vary][n_time][n_column] on each vary's scale, or NULL */
    uint64_t steps, rejected;
    const char *warning; /* the first, in words: of a dose that the run does not see to its end, of what is varied outside of its
                          * range, of a check that failed and only warns; or "" */
} msc_outcome;
/* All words `end` may be, NULL-terminated; the i-th is status i of a results file. */
MSC_API const char *const *msc_batch_ends(void);
/* All words a mark may be, NULL-terminated: "exact", "at_least" (still above as its window ends), "at_most", "never",
 * "not_yet", "not_falling", "not_known" (also of what was not finished). */
MSC_API const char *const *msc_batch_marks(void);

/* Fill in the next vector, value[n_vary] in msc_batch_unit's; false: no more. Called on the worker's thread. */
typedef bool msc_batch_next(void *context, double *value, size_t *id);
/* One is done; not in the order they were given out, and some (refused) before the next is asked for. */
typedef void msc_batch_done(void *context, size_t id, const msc_outcome *outcome);

MSC_API MSC_CHECK msc_status msc_worker_new(const msc_batch *batch, msc_worker **worker, msc_error *err);
MSC_API void msc_worker_free(msc_worker *worker);
/* Run all that `next` gives. Values that are refused or cannot be integrated are outcomes, not errors.
 * stop: set non-zero (by a signal handler, say) to end early, which is no error: what is under way is then not
 * reported; may be NULL. E_NOMEM; E_USAGE: next or done is NULL. A worker can be run again, also after an error. */
MSC_API MSC_CHECK msc_status msc_worker_run(msc_worker *worker, msc_batch_next *next, msc_batch_done *done,
                                            void *context, const volatile int *stop, msc_error *err);

#ifdef __cplusplus
}
#endif
#endif
