/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of a posterior that are done, kept beside the results file: FILE.draws.part (store/journal.h). Step 0 is where
 * walkers begin. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/dataset.h"
#include "study/posterior.h"

static const double SYNC_EVERY = 5; /* seconds of work that a power failure may cost */

static _Noreturn void pass_on(msc_arena *arena, const msc_error *err)
{
    msc_throw(arena, err->status, err->where[0] ? err->where : NULL, "%s", err->message);
}

static size_t numbers_of(const msc_fit *f)
{
    return 1 + f->sample.how.ensembles * f->sample.how.walkers * (f->n_estimate + 1);
}

/* ---- what it depends on ---- */

typedef struct {
    msc_arena *arena;
    msc_journal_input *input;
    size_t n, cap;
} inputs;

/* Two texts of one name are told apart by a number. */
static void put(inputs *k, const char *name, const char *text)
{
    const char *called = name;
    for (size_t i = 0, other = 1; i < k->n; i++) {
        if (strcmp(k->input[i].name, called) == 0) {
            called = msc_arena_printf(k->arena, "%s (%zu)", name, ++other), i = 0;
        }
    }
    *MSC_PUSH(k->arena, k->input, k->n, k->cap) = (msc_journal_input){called, text, strlen(text)};
}

static void put_sources(inputs *k, const msc_model *m)
{
    for (size_t i = 0; i < m->n_source; i++) {
        bool known = false;
        for (size_t j = 0; j < k->n; j++) {
            known = known || (k->input[j].n == strlen(m->source[i].text) && memcmp(k->input[j].bytes, m->source[i].text, k->input[j].n) == 0);
        }
        if (!known) {
            put(k, m->source[i].name, m->source[i].text);
        }
    }
}

/* The numbers of all rows, as text: so that a comment in the data is nobody's business. */
static const char *data_text(msc_arena *arena, const msc_fit *f)
{
    char *text = msc_arena_strdup(arena, "");
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        const msc_datum *d = &row->datum;
        const char *line = msc_arena_printf(arena, "%s %s %.17g %d %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %zu\n", f->study[row->study].name,
                                            row->label, row->from->time, (int)d->kind, d->value, d->low, d->high, d->half[0], d->half[1],
                                            d->n, d->sd, row->importance, row->from->group);
        const size_t length = strlen(line);
        if (n + length + 1 > cap) {
            cap = 2 * (n + length) + 256;
            char *more = MSC_NEW(arena, char, cap);
            memcpy(more, text, n + 1);
            text = more;
        }
        memcpy(text + n, line, length + 1);
        n += length;
    }
    return text;
}

static msc_journal_job job_of(msc_arena *arena, const msc_fit *f, inputs *k)
{
    const char *settings = "";
    for (size_t i = 0; i < f->n_setting; i++) {
        settings = msc_arena_printf(arena, "%s%s\n", settings, f->setting[i]);
    }
    put_sources(k, f->opened->model);
    for (size_t s = 0; s < f->n_study; s++) {
        put_sources(k, msc_batch_scenario(f->study[s].batch)->model);
    }
    put(k, f->data_path, data_text(arena, f));
    put(k, "the settings", settings);
    put(k, "the seed", msc_arena_printf(arena, "%llu", (unsigned long long)f->seed));
    put(k, "the version of mscsim", msc_version());
    put(k, "the processor's features", msc_plan_kernel(msc_batch_scenario(f->study[0].batch)->plan));
    return (msc_journal_job){
        .n_input = k->n, .input = k->input, .n = f->sample.steps + 1, .largest = numbers_of(f) * sizeof(double)};
}

/* ---- the file ---- */

/* What is there may be what the run had written that is gone on with; else it stands in the way. */
void msc_posterior_keep_probe(msc_arena *arena, const msc_fit_options *options)
{
    const char *path = msc_arena_printf(arena, "%s.draws.part", options->file);
    msc_error err = {0};
    if (msc_store_probe(options->file, options->force || (options->resume && access(path, F_OK) == 0), &err) != MSC_OK) {
        pass_on(arena, &err);
    }
}

void msc_posterior_keep_open(msc_fitted *w)
{
    msc_posterior *p = w->posterior;
    const msc_fit_options *options = p->options;
    const char *path = msc_arena_printf(w->arena, "%s.draws.part", options->file);
    msc_error err = {0};
    inputs k = {.arena = w->arena};
    const msc_journal_job job = job_of(w->arena, w->fit, &k);
    const msc_journal_options how = {.mode = options->resume  ? MSC_JOURNAL_RESUME
                                             : options->force ? MSC_JOURNAL_DISCARD
                                                              : MSC_JOURNAL_NEW,
                                     .sync_every = SYNC_EVERY};
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
