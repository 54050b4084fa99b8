/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts and profiles as records of a journal: numbers in the machine's order, then the words of points without a value. */
#include "fit/keep.h"

#include <stdlib.h>
#include <string.h>

#include "store/journal.h"

static const double SYNC_EVERY = 5; /* seconds of work that a power failure may cost */

struct msc_fit_keep {
    const msc_fit *fit;
    msc_journal *journal;
    char *file;
    size_t largest;
};

/* ---- records ---- */

typedef struct {
    unsigned char *at, *end;
    bool fine;
} cursor;

static void put(cursor *c, const void *from, size_t n)
{
    c->fine = c->fine && (size_t)(c->end - c->at) >= n;
    if (c->fine && n > 0) {
        memcpy(c->at, from, n);
        c->at += n;
    }
}

static void put_number(cursor *c, double x)
{
    put(c, &x, sizeof x);
}

static void take(cursor *c, void *to, size_t n)
{
    c->fine = c->fine && (size_t)(c->end - c->at) >= n;
    if (c->fine && n > 0) {
        memcpy(to, c->at, n);
        c->at += n;
    }
}

static double take_number(cursor *c)
{
    double x = 0;
    take(c, &x, sizeof x);
    return x;
}

static void put_tally(cursor *c, const msc_fit_tally *t)
{
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        put_number(c, (double)t->count[i]);
        if (t->count[i] > 0) {
            put(c, t->text[i], MSC_FIT_WORDS);
        }
    }
}

static void take_tally(cursor *c, msc_fit_tally *t)
{
    memset(t, 0, sizeof *t);
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        t->count[i] = (size_t)take_number(c);
        if (t->count[i] > 0) {
            take(c, t->text[i], MSC_FIT_WORDS);
            t->text[i][MSC_FIT_WORDS - 1] = '\0';
        }
    }
}

static size_t largest_of(const msc_fit *f)
{
    return sizeof(double) * (16 + 2 * f->n_estimate + 2 * MSC_FIT_POINTS) + MSC_FIT_REASONS * (sizeof(double) + MSC_FIT_WORDS);
}

static msc_status append(msc_fit_keep *keep, uint64_t index, const unsigned char *record, const cursor *c, msc_error *err)
{
    if (!c->fine) {
        return msc_fail(err, MSC_E_BUG, NULL, "a record of a fit is larger than thought");
    }
    const msc_status status = msc_journal_append(keep->journal, index, record, (size_t)(c->at - record), err);
    return status != MSC_OK ? status : msc_journal_flush(keep->journal, err);
}

msc_status msc_fit_keep_put_start(msc_fit_keep *keep, size_t start, const msc_fit_start *s, const msc_fit_tally *tally, msc_error *err)
{
    unsigned char *record = malloc(keep->largest);
    if (!record) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    cursor c = {record, record + keep->largest, true};
    const double number[] = {(double)s->optimum.end, s->optimum.log, s->optimum.slope, (double)s->optimum.evaluations,
                             (double)s->optimum.refused};
    put(&c, number, sizeof number);
    put(&c, s->coordinate, keep->fit->n_estimate * sizeof(double));
    put_tally(&c, tally);
    const msc_status status = append(keep, start, record, &c, err);
    free(record);
    return status;
}

static uint64_t index_of_profile(const msc_fit_keep *keep, size_t round, size_t k)
{
    return keep->fit->n_start + round * keep->fit->n_estimate + k;
}

msc_status msc_fit_keep_put_profile(msc_fit_keep *keep, size_t round, size_t k, const msc_fit_profile *p, const msc_fit_tally *tally,
                                    msc_error *err)
{
    unsigned char *record = malloc(keep->largest);
    if (!record) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    cursor c = {record, record + keep->largest, true};
    const double number[] = {p->open_low,   p->open_high,  p->data_low,           p->data_high,       p->better,
                             p->low,        p->high,       p->better_log,         (double)p->evaluations, (double)p->refused,
                             (double)p->n};
    put(&c, number, sizeof number);
    put(&c, p->better_at, keep->fit->n_estimate * sizeof(double));
    put(&c, p->t, p->n * sizeof(double)), put(&c, p->log, p->n * sizeof(double));
    put_tally(&c, tally);
    const msc_status status = append(keep, index_of_profile(keep, round, k), record, &c, err);
    free(record);
    return status;
}

/* ---- reading ---- */

static bool read_record(msc_fit_keep *keep, msc_arena *arena, uint64_t index, cursor *c)
{
    const void *record = NULL;
    size_t n = 0;
    msc_error err = {0};
    if (!msc_journal_has(keep->journal, index)) {
        return false;
    }
    if (msc_journal_read(keep->journal, index, &record, &n, &err) != MSC_OK) {
        msc_throw(arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    unsigned char *copy = MSC_NEW(arena, unsigned char, n + 1);
    memcpy(copy, record, n);
    *c = (cursor){copy, copy + n, true};
    return true;
}

static void need_fine(const msc_fit_keep *keep, msc_arena *arena, const cursor *c)
{
    if (!c->fine || c->at != c->end) {
        msc_throw(arena, MSC_E_DATA, keep->file, "what its journal has of the fit cannot be read; begin anew with --force");
    }
}

bool msc_fit_keep_start(msc_fit_keep *keep, msc_arena *arena, size_t start, msc_fit_start *s, msc_fit_tally *tally)
{
    cursor c;
    if (!read_record(keep, arena, start, &c)) {
        return false;
    }
    s->done = true;
    s->optimum.end = (msc_optimum_end)take_number(&c);
    s->optimum.log = take_number(&c), s->optimum.slope = take_number(&c);
    s->optimum.evaluations = (size_t)take_number(&c), s->optimum.refused = (size_t)take_number(&c);
    take(&c, s->coordinate, keep->fit->n_estimate * sizeof(double));
    take_tally(&c, tally);
    need_fine(keep, arena, &c);
    return true;
}

bool msc_fit_keep_profile(msc_fit_keep *keep, msc_arena *arena, size_t round, size_t k, msc_fit_profile *p, msc_fit_tally *tally)
{
    cursor c;
    if (!read_record(keep, arena, index_of_profile(keep, round, k), &c)) {
        return false;
    }
    *p = (msc_fit_profile){.done = true};
    p->open_low = take_number(&c) != 0, p->open_high = take_number(&c) != 0;
    p->data_low = take_number(&c) != 0, p->data_high = take_number(&c) != 0;
    p->better = take_number(&c) != 0;
    p->low = take_number(&c), p->high = take_number(&c), p->better_log = take_number(&c);
    p->evaluations = (size_t)take_number(&c), p->refused = (size_t)take_number(&c);
    p->n = (size_t)take_number(&c);
    c.fine = c.fine && p->n <= MSC_FIT_POINTS;
    p->n = c.fine ? p->n : 0;
    p->better_at = MSC_NEW(arena, double, keep->fit->n_estimate);
    p->t = MSC_NEW(arena, double, p->n), p->log = MSC_NEW(arena, double, p->n);
    take(&c, p->better_at, keep->fit->n_estimate * sizeof(double));
    take(&c, p->t, p->n * sizeof(double)), take(&c, p->log, p->n * sizeof(double));
    take_tally(&c, tally);
    need_fine(keep, arena, &c);
    return true;
}

/* ---- opening, closing ---- */

static void put_input(msc_journal_input *list, size_t *n, const char *name, const char *text)
{
    list[(*n)++] = (msc_journal_input){name, text, strlen(text)};
}

msc_journal_input *msc_fit_keep_inputs(msc_arena *arena, const msc_fit *f, size_t *n)
{
    const msc_fit_texts texts = msc_fit_texts_of(arena, f);
    msc_journal_input *input = MSC_NEW(arena, msc_journal_input, texts.n + 4);
    *n = 0;
    for (size_t i = 0; i < texts.n; i++) {
        const char *name = texts.name[i];
        for (size_t k = 0; k < i; k++) { /* two texts of one name, of different studies */
            name = strcmp(texts.name[k], texts.name[i]) == 0 ? msc_arena_printf(arena, "%s (%zu)", texts.name[i], i) : name;
        }
        put_input(input, n, name, texts.text[i]);
    }
    const char *settings = "";
    for (size_t i = 0; i < f->n_setting; i++) {
        settings = msc_arena_printf(arena, "%s%s\n", settings, f->setting[i]);
    }
    put_input(input, n, "the settings", settings);
    put_input(input, n, "the seed", msc_arena_printf(arena, "%llu", (unsigned long long)f->seed));
    put_input(input, n, "the version of mscsim", msc_version());
    put_input(input, n, "the processor's features", msc_plan_kernel(msc_batch_scenario(f->study[0].batch)->plan));
    return input;
}

static msc_status open_journal(msc_fit_keep *keep, msc_arena *arena, const msc_fit_options *options, msc_error *err)
{
    const msc_fit *f = keep->fit;
    msc_journal_job job = {.n = f->n_start + MSC_FIT_ROUNDS * f->n_estimate, .largest = keep->largest};
    job.input = msc_fit_keep_inputs(arena, f, &job.n_input);
    const msc_journal_options how = {.mode = options->resume  ? MSC_JOURNAL_RESUME
                                             : options->force ? MSC_JOURNAL_DISCARD
                                                              : MSC_JOURNAL_NEW,
                                     .sync_every = SYNC_EVERY,
                                     .records = "starts and profiles of a fit"};
    return msc_journal_open(msc_arena_printf(arena, "%s.part", options->file), &job, &how, &keep->journal, err);
}

msc_status msc_fit_keep_open(const msc_fit *fit, const msc_fit_options *options, msc_fit_keep **out, msc_error *err)
{
    *out = NULL;
    msc_fit_keep *keep = calloc(1, sizeof *keep);
    msc_arena *arena = msc_arena_new(err);
    if (!keep || !arena) {
        free(keep);
        msc_arena_free(arena);
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    keep->fit = fit, keep->largest = largest_of(fit), keep->file = strdup(options->file);
    volatile msc_status status = MSC_OK;
    if (MSC_CATCH(arena)) {
        status = arena->error.status;
        *(err ? err : &(msc_error){0}) = arena->error;
    } else {
        status = keep->file ? open_journal(keep, arena, options, err) : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    msc_arena_free(arena);
    if (status != MSC_OK) {
        msc_fit_keep_close(keep);
        return status;
    }
    *out = keep;
    return MSC_OK;
}

const char *msc_fit_keep_file(const msc_fit_keep *keep)
{
    return keep->file;
}

static void let_go(msc_fit_keep *keep)
{
    msc_journal_close(keep->journal);
    free(keep->file);
    free(keep);
}

msc_status msc_fit_keep_remove(msc_fit_keep *keep, msc_error *err)
{
    const msc_status status = msc_journal_remove(keep->journal, err);
    let_go(keep);
    return status;
}

void msc_fit_keep_close(msc_fit_keep *keep)
{
    if (!keep) {
        return;
    }
    if (keep->journal) {
        msc_journal_state state;
        msc_journal_look(keep->journal, &state);
        if (state.records == 0) {
            (void)!msc_journal_remove(keep->journal, NULL);
        } else {
            (void)!msc_journal_finish(keep->journal, NULL);
        }
    }
    let_go(keep);
}
