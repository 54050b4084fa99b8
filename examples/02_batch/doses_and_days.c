/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Doses crossed with the day of the second infusion, on two threads: doses_and_days FILE.cfg COLUMN */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <mscsim.h>

enum { DOSES = 5, DAYS = 4, ALL = DOSES * DAYS };
static const double dose[DOSES] = {1e6, 2e6, 3e6, 5e6, 10e6}, day[DAYS] = {2, 5, 10, 20};

typedef struct {
    const msc_batch *batch;
    size_t column, begin, end; /* this thread's share: begin .. end - 1 */
    double *mean;              /* [ALL] of all threads; each scenario has its own place */
    msc_error err;
} share;

static bool next(void *context, double *value, size_t *id)
{
    share *s = context;
    *id = s->begin;
    if (s->begin == s->end) {
        return false;
    }
    s->begin++;
    value[0] = dose[*id / DAYS], value[1] = day[*id % DAYS];
    return true;
}

/* The trajectory is there during this call: what is wanted of it is kept. */
static void done(void *context, size_t id, const msc_outcome *outcome)
{
    share *s = context;
    const size_t n = msc_batch_times(s->batch, NULL), width = msc_batch_columns(s->batch);
    if (outcome->status != MSC_OK) {
        fprintf(stderr, "%g, day %g: %s\n", dose[id / DAYS], day[id % DAYS], outcome->message);
    }
    for (size_t i = 0; i < n; i++) {
        s->mean[id] += outcome->value[i * width + s->column] / (double)n;
    }
}

static void *work(void *context)
{
    share *s = context;
    msc_worker *worker = NULL;
    if (msc_worker_new(s->batch, &worker, &s->err) == MSC_OK) {
        (void)!msc_worker_run(worker, next, done, s, NULL, &s->err);
    }
    msc_worker_free(worker);
    return NULL;
}

static void print(const double *mean, const char *label, const char *unit, const char *dose_unit)
{
    printf("%s in %s, mean of the run\n%-10s", label, unit, dose_unit);
    for (int k = 0; k < DAYS; k++) {
        printf("     day %-2g%s", day[k], k + 1 < DAYS ? "" : "\n");
    }
    for (int i = 0; i < ALL; i++) {
        if (i % DAYS == 0) {
            printf("%-10g", dose[i / DAYS]);
        }
        printf(" %10.4g%s", mean[i], i % DAYS < DAYS - 1 ? "" : "\n");
    }
}

int main(int argc, char **argv)
{
    const msc_vary vary[] = {{.path = "regimen[*].dose"}, {.path = "regimen[1].day"}};
    const msc_batch_options options = {.n_vary = 2, .vary = vary, .trajectories = true};
    const char *file = argc > 1 ? argv[1] : "", *column = argc > 2 ? argv[2] : "", *label = NULL, *unit = "";
    double mean[ALL] = {0};
    size_t k = 0;
    msc_batch *batch = NULL;
    msc_error err = {0};

    if (msc_batch_read(file, &options, &batch, &err) == MSC_OK) {
        while ((label = msc_batch_column(batch, k, &unit)) != NULL && strcmp(label, column) != 0) {
            k++;
        }
        if (label) {
            share half[2] = {{batch, k, 0, ALL / 2, mean, {0}}, {batch, k, ALL / 2, ALL, mean, {0}}};
            pthread_t other;
            const bool two = pthread_create(&other, NULL, work, &half[1]) == 0;
            work(&half[0]);
            (void)(two ? pthread_join(other, NULL) : work(&half[1]) != NULL);
            err = half[half[0].err.status == MSC_OK].err;
            print(mean, label, unit, msc_batch_unit(batch, 0));
        } else {
            (void)msc_fail(&err, MSC_E_USAGE, NULL, "there is no column '%s'", column);
        }
    }
    if (err.status != MSC_OK) {
        char text[2048];
        msc_error_text(&err, text, sizeof text);
        fprintf(stderr, "doses_and_days: %s\n", text);
    }
    msc_batch_free(batch);
    return msc_status_exit_code(err.status);
}
