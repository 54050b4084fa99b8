/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of a posterior that are done, kept beside the results file: FILE.draws.part (store/journal.h). Step 0 is where
 * walkers begin. */
#include <stdlib.h>
#include <string.h>

#include "fit/keep.h"
#include "fit/posterior.h"

static const double SYNC_EVERY = 5; /* seconds of work that a power failure may cost */

static _Noreturn void pass_on(msc_arena *arena, const msc_error *err)
{
    msc_throw(arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
}

static size_t numbers_of(const msc_fit *f)
{
    return 1 + f->sample.how.ensembles * f->sample.how.walkers * (f->n_estimate + 1);
}

void msc_posterior_keep_open(msc_fitted *w)
{
    msc_posterior *p = w->posterior;
    const msc_fit_options *options = p->options;
    const char *path = msc_arena_printf(w->arena, "%s.draws.part", options->file);
    msc_error err = {0};
    msc_journal_job job = {.n = w->fit->sample.steps + 1, .largest = numbers_of(w->fit) * sizeof(double)};
    job.input = msc_fit_keep_inputs(w->arena, w->fit, &job.n_input);
    const msc_journal_options how = {.mode = options->resume  ? MSC_JOURNAL_RESUME
                                             : options->force ? MSC_JOURNAL_DISCARD
                                                              : MSC_JOURNAL_NEW,
                                     .sync_every = SYNC_EVERY,
                                     .records = "steps of a fit's posterior"};
    if (msc_journal_open(path, &job, &how, &p->journal, &err) != MSC_OK) {
        pass_on(w->arena, &err);
    }
}

bool msc_posterior_keep_has(const msc_fitted *w, size_t step, double *x, double *log, uint64_t *refused)
{
    const msc_fit *f = w->fit;
    const size_t all = f->sample.how.ensembles * f->sample.how.walkers, n = f->n_estimate;
    const void *record = NULL;
    size_t size = 0;
    msc_error err = {0};
    if (!w->posterior->journal || !msc_journal_has(w->posterior->journal, step)) {
        return false;
    }
    if (msc_journal_read(w->posterior->journal, step, &record, &size, &err) != MSC_OK) {
        pass_on(w->arena, &err);
    }
    if (size != numbers_of(f) * sizeof(double)) {
        return false;
    }
    const double *number = record;
    *refused = (uint64_t)number[0];
    memcpy(x, number + 1, all * n * sizeof *x);
    memcpy(log, number + 1 + all * n, all * sizeof *log);
    return true;
}

/* A step beyond a damaged one may be there already: it would be the same. */
void msc_posterior_keep_put(const msc_fitted *w, size_t step, const double *x, const double *log, uint64_t refused)
{
    const msc_fit *f = w->fit;
    const size_t all = f->sample.how.ensembles * f->sample.how.walkers, n = f->n_estimate;
    msc_error err = {0};
    if (!w->posterior->journal || msc_journal_has(w->posterior->journal, step)) {
        return;
    }
    double *number = malloc(numbers_of(f) * sizeof *number);
    if (!number) {
        msc_throw(w->arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    number[0] = (double)refused;
    memcpy(number + 1, x, all * n * sizeof *x);
    memcpy(number + 1 + all * n, log, all * sizeof *log);
    const msc_status status = msc_journal_append(w->posterior->journal, step, number, numbers_of(f) * sizeof *number, &err);
    free(number);
    if (status != MSC_OK) {
        pass_on(w->arena, &err);
    }
}

/* All is in the results file: it may go. Or it is kept; but not one in which nothing is. */
msc_status msc_posterior_keep_end(msc_posterior *p, bool whole, msc_error *err)
{
    msc_journal_state state;
    if (!p || !p->journal) {
        return MSC_OK;
    }
    msc_status status = msc_journal_finish(p->journal, err);
    msc_journal_look(p->journal, &state);
    if (whole || state.records == 0) {
        status = msc_journal_remove(p->journal, status == MSC_OK ? err : NULL);
    }
    msc_journal_close(p->journal);
    p->journal = NULL;
    return status;
}
