/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scenarios of a sweep, run on all cores into the journal, and the file made of it.
 *
 * Processes take blocks of scenarios, their threads scenarios one after the other, each for the lanes of its worker;
 * nothing a scenario gives depends on who took it. Blocks of one variant come after those of another, so that one
 * compiled model is in memory. Of several processes (MPI) each has a journal; every step that can fail ends with an
 * agreement of all (`together`), so that none waits for one that is gone. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/journal.h"
#include "sweep/sweep.h"
#include "sweep/mpi.h"

enum { THREADS_MOST = 1024, BLOCK_MOST = 1024 };
static const double SYNC_EVERY = 5; /* seconds of work that a power failure may cost */

/* ---- running ---- */

typedef struct {
    const msc_sweep *sweep;
    const msc_sweep_options *options;
    msc_swept *swept;
    msc_arena *arena;
    msc_ranks *ranks;
    msc_journal *journal;
    uint64_t n, done, begun; /* done: of this process and of earlier runs */
    uint8_t *had;            /* a bit for each scenario that an earlier run has done */
    uint64_t *failed;
    size_t n_failed, cap_failed;
    /* where we are; from here on under the lock, while threads run */
    uint64_t block, at, end; /* scenarios of a block; of the one under way, the next and the end */
    size_t of_block, variant; /* the variant of this block; the one that is compiled */
    bool found;              /* scenario at - 1 is to be run */
    uint64_t told, told_failed, others, others_failed;
    msc_batch *batch;
    volatile int halt; /* something failed, or asked to stop */
    msc_error error;
    pthread_mutex_t lock;
    msc_design_point *row;
} running;

typedef struct {
    running *run;
    unsigned char *record;
} thread;

static bool stopped(const running *r)
{
    return r->options->stop && *r->options->stop;
}

static void halt(running *r)
{
    if (!r->halt) {
        r->halt = 1;
        msc_ranks_halt(r->ranks);
    }
}

static void give_up(running *r, const msc_error *err)
{
    pthread_mutex_lock(&r->lock);
    if (r->error.status == MSC_OK) {
        r->error = *err;
    }
    halt(r);
    pthread_mutex_unlock(&r->lock);
}

static bool had(const running *r, uint64_t i)
{
    return r->had[i / 8] >> i % 8 & 1;
}

/* Blocks are numbered variant by variant; each has all scenarios of its span, and we take those of its variant. */
static bool next_block(running *r)
{
    const uint64_t spans = (r->n + r->block - 1) / r->block;
    if (r->ranks->n > 1) {
        msc_ranks_tell(r->ranks, r->done - r->begun - r->told, r->n_failed - r->told_failed);
        r->told = r->done - r->begun, r->told_failed = r->n_failed;
        if (r->ranks->me == 0) {
            msc_ranks_look(r->ranks, &r->others, &r->others_failed);
        }
    }
    const uint64_t k = msc_ranks_next(r->ranks);
    if (k >= spans * r->sweep->n_variant) {
        return false;
    }
    r->of_block = (size_t)(k / spans);
    r->at = k % spans * r->block;
    r->end = r->at + r->block < r->n ? r->at + r->block : r->n;
    return true;
}

/* Look for the next scenario to be run, and stay there. */
static bool find_next(running *r)
{
    while (!r->found && (r->at < r->end || next_block(r))) {
        const uint64_t i = r->at++;
        if (had(r, i)) {
            continue;
        }
        msc_design_row(r->sweep->design, i, r->row);
        r->found = r->sweep->n_variant == 1 || msc_sweep_variant(r->sweep, r->row) == r->of_block;
    }
    return r->found;
}

/* The next scenario of the variant that is compiled: its values. */
static bool take_next(void *context, double *value, size_t *id)
{
    running *r = ((thread *)context)->run;
    const msc_sweep *s = r->sweep;
    pthread_mutex_lock(&r->lock);
    if (stopped(r)) {
        halt(r);
    }
    msc_ranks_poll(r->ranks);
    const bool taken = !r->halt && find_next(r) && r->of_block == r->variant;
    if (taken) {
        *id = r->at - 1;
        r->found = false;
        msc_design_row(s->design, r->at - 1, r->row);
    }
    if (taken) {
        msc_sweep_vector(s, r->row, value);
    }
    pthread_mutex_unlock(&r->lock);
    return taken;
}

static void note_failed(running *r, uint64_t i)
{
    if (r->n_failed == r->cap_failed) {
        const size_t cap = r->cap_failed ? 2 * r->cap_failed : 256;
        uint64_t *more = realloc(r->failed, cap * sizeof *more);
        if (!more) {
            (void)msc_fail(&r->error, MSC_E_NOMEM, NULL, "out of memory");
            halt(r);
            return;
        }
        r->failed = more, r->cap_failed = cap;
    }
    r->failed[r->n_failed++] = i;
}

static void take_outcome(void *context, size_t id, const msc_outcome *outcome)
{
    thread *t = context;
    running *r = t->run;
    msc_error err = {0};
    const size_t n = msc_sweep_pack(r->sweep, outcome, t->record);
    if (msc_journal_append(r->journal, id, t->record, n, &err) != MSC_OK) {
        give_up(r, &err);
        return;
    }
    pthread_mutex_lock(&r->lock);
    r->done++;
    if (outcome->status != MSC_OK) {
        note_failed(r, id);
    }
    if (r->options->progress && r->ranks->me == 0) {
        r->options->progress(r->options->context, r->done + r->others, r->n_failed + r->others_failed, r->begun, r->n);
    }
    pthread_mutex_unlock(&r->lock);
}

static unsigned threads_of(unsigned wanted, int processes)
{
    const long all = sysconf(_SC_NPROCESSORS_ONLN) / processes;
    const unsigned n = wanted > 0 ? wanted : all > 0 ? (unsigned)all : 1;
    return n < THREADS_MOST ? n : THREADS_MOST;
}

static void work(running *r)
{
    msc_error err = {0};
    msc_worker *worker = NULL;
    thread own = {r, malloc(msc_sweep_largest(r->sweep))};
    if (!own.record) {
        (void)msc_fail(&err, MSC_E_NOMEM, NULL, "out of memory");
    } else if (msc_worker_new(r->batch, &worker, &err) == MSC_OK) {
        const volatile int *stop = r->options->stop ? r->options->stop : &r->halt;
        (void)!msc_worker_run(worker, take_next, take_outcome, &own, stop, &err);
    }
    msc_worker_free(worker);
    free(own.record);
    if (err.status != MSC_OK) {
        give_up(r, &err);
    }
}

/* All of one variant. Threads are the operating system's: a library that leaves OpenMP's behind would hang children that
 * a caller forks later. */
static void *work_in_thread(void *context)
{
    work(context);
    return NULL;
}

static void run_variant(running *r)
{
    const unsigned n = threads_of(r->options->threads, r->ranks->here);
    pthread_t *handle = calloc(n, sizeof *handle);
    unsigned made = 0;
    while (handle && made + 1 < n && pthread_create(&handle[made], NULL, work_in_thread, r) == 0) {
        made++;
    }
    work(r); /* with as many as there are, if not all could be made */
    for (unsigned i = 0; i < made; i++) {
        pthread_join(handle[i], NULL);
    }
    free(handle);
}

static void run_all(running *r)
{
    while (!r->halt && !stopped(r) && find_next(r)) {
        r->variant = r->of_block;
        r->batch = r->variant == 0 ? r->sweep->first : msc_sweep_batch(r->arena, r->sweep, r->variant);
        run_variant(r);
        if (r->variant > 0) {
            msc_batch_free(r->batch);
        }
    }
    if (stopped(r)) {
        halt(r);
    }
}

/* ---- journal and file ---- */

static const char *joined(msc_arena *arena, const char *const *text, size_t n)
{
    const char *all = "";
    for (size_t i = 0; i < n; i++) {
        all = msc_arena_printf(arena, "%s%s\n", all, text[i]);
    }
    return all;
}

static void put_input(msc_journal_input *list, size_t *n, const char *name, const char *text)
{
    list[(*n)++] = (msc_journal_input){name, text, strlen(text)};
}

/* That of this process: FILE.part, FILE.part.1, ... The first one's is the head of the family, and decides. */
static void open_journal(running *r)
{
    msc_arena *arena = r->arena;
    const int me = r->ranks->me;
    const msc_sweep *s = r->sweep;
    const char *path = me == 0 ? msc_arena_printf(arena, "%s.part", r->options->file)
                               : msc_arena_printf(arena, "%s.part.%d", r->options->file, me);
    msc_journal_input *input = MSC_NEW(arena, msc_journal_input, s->n_source + 5);
    msc_journal_job job = {.input = input, .n = r->n, .largest = msc_sweep_largest(s)};
    for (size_t i = 0; i < s->n_source; i++) {
        const char *name = s->source[i].name;
        for (size_t k = 0; k < i; k++) { /* two texts of one name, of different variants */
            name = strcmp(s->source[k].name, s->source[i].name) == 0 ? msc_arena_printf(arena, "%s (%zu)", s->source[i].name, i) : name;
        }
        put_input(input, &job.n_input, name, s->source[i].text);
    }
    put_input(input, &job.n_input, "the settings", joined(arena, s->setting, s->n_setting));
    put_input(input, &job.n_input, "the seed", msc_arena_printf(arena, "%llu", (unsigned long long)msc_design_seed(s->design)));
    if (s->from) {
        put_input(input, &job.n_input, "the posterior that is drawn from", msc_sweep_from_check(arena, s));
    }
    put_input(input, &job.n_input, "the version of mscsim", msc_version());
    put_input(input, &job.n_input, "the processor's features", msc_plan_kernel(msc_batch_scenario(s->first)->plan));
    const msc_journal_options options = {.mode = r->options->resume || me > 0 ? MSC_JOURNAL_RESUME
                                                 : r->options->force          ? MSC_JOURNAL_DISCARD
                                                                              : MSC_JOURNAL_NEW,
                                         .family = me == 0,
                                         .sync_every = SYNC_EVERY};
    (void)!msc_journal_open(path, &job, &options, &r->journal, &r->error);
}

static msc_status read_row(void *context, uint64_t scenario, msc_sweep_entry *entry, msc_error *err)
{
    running *r = context;
    const void *record = NULL;
    size_t n = 0;
    const msc_status status = msc_journal_read(r->journal, scenario, &record, &n, err);
    if (status == MSC_OK) {
        *entry = msc_sweep_unpack(r->sweep, record, n);
    }
    return status;
}

/* What an earlier run had done: how many, which of them had failed. */
static void take_stock(running *r)
{
    msc_journal_state state;
    msc_journal_look(r->journal, &state);
    r->done = state.records;
    r->n_failed = 0;
    for (uint64_t i = 0, left = state.records; left > 0 && i < r->n && r->error.status == MSC_OK; i++) {
        if (!msc_journal_has(r->journal, i)) {
            continue;
        }
        left--;
        r->had[i / 8] |= (uint8_t)(1u << i % 8);
        msc_sweep_entry entry;
        if (read_row(r, i, &entry, &r->error) == MSC_OK && entry.end != 0) {
            note_failed(r, i);
        }
    }
}

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static msc_status write_file(running *r)
{
    const msc_sweep *s = r->sweep;
    msc_swept *swept = r->swept;
    if (r->n_failed > 0) {
        qsort(r->failed, r->n_failed, sizeof *r->failed, ascending);
    }
    const msc_sweep_rows rows = {read_row, r, r->n_failed, r->failed};
    if (msc_sweep_digest_of(swept->arena, s, &rows, &swept->digest, &r->error) != MSC_OK) {
        return r->error.status;
    }
    const msc_scenario *scenario = msc_batch_scenario(s->first);
    const msc_dataset dataset = msc_sweep_record(r->arena, s, &rows);
    for (size_t i = 0; i < dataset.n_array; i++) {
        if (dataset.array[i].wide) {
            swept->wide = msc_arena_printf(swept->arena, "%s%s%s", swept->wide ? swept->wide : "", swept->wide ? ", " : "",
                                           dataset.array[i].name);
        }
    }
    const msc_store_options options = {.force = r->options->force,
                                       .compression = scenario->compression,
                                       .float32 = scenario->float32,
                                       .journalled = true};
    return msc_store_write(r->options->file, &dataset, &options, &r->error);
}

/* With a journal to go on with, a file of this name may be what that run had just written: whether it is, or stands in the
 * way, is seen when the new one is there. */
static bool may_stay(const running *r)
{
    return r->options->force ||
           (r->options->resume && access(msc_arena_printf(r->arena, "%s.part", r->options->file), F_OK) == 0);
}

/* ---- step by step ---- */

static void make_room(running *r)
{
    const uint64_t takers = (uint64_t)r->ranks->n * threads_of(r->options->threads, r->ranks->here);
    r->block = r->n / (takers * 32);
    r->block = r->block < 1 ? 1 : r->block > BLOCK_MOST ? BLOCK_MOST : r->block;
    r->swept->file = msc_arena_strdup(r->swept->arena, r->options->file);
    r->row = MSC_NEW(r->arena, msc_design_point, r->sweep->n_axis);
    r->had = MSC_NEW(r->arena, uint8_t, r->n / 8 + 1);
}

static void open_first(running *r)
{
    if (r->ranks->me == 0) {
        if (msc_store_probe_results(r->options->file, may_stay(r), &r->error) == MSC_OK) {
            msc_sweep_need_room(r->arena, r->sweep, r->options->file);
            open_journal(r);
        }
    }
}

static void open_others(running *r)
{
    if (r->ranks->me > 0) {
        open_journal(r);
    }
}

/* Journals of other processes that would not fit (another processor, say) are found now rather than when all is done. */
static void see_what_there_is(running *r)
{
    if (r->ranks->me == 0 && (r->ranks->n == 1 || msc_journal_gather(r->journal, &r->error) == MSC_OK)) {
        take_stock(r);
        r->begun = r->done;
    }
}

static void run_and_finish(running *r)
{
    run_all(r);
    msc_error closing = {0};
    if (msc_journal_finish(r->journal, &closing) != MSC_OK && r->error.status == MSC_OK) {
        r->error = closing;
    }
    if (r->ranks->me > 0) {
        msc_journal_close(r->journal);
        r->journal = NULL;
    }
}

static void build_file(running *r)
{
    if (r->ranks->me > 0) {
        return;
    }
    if (r->ranks->n > 1) {
        if (msc_journal_gather(r->journal, &r->error) != MSC_OK) {
            return;
        }
        take_stock(r);
    }
    if (r->error.status == MSC_OK && r->done < r->n) {
        (void)msc_fail(&r->error, MSC_E_STOPPED, NULL, "interrupted after %llu of %llu scenarios; --resume goes on",
                       (unsigned long long)r->done, (unsigned long long)r->n);
    }
    if (r->error.status == MSC_OK && write_file(r) == MSC_OK) {
        (void)!msc_journal_remove(r->journal, &r->error);
    }
}

/* A step of all processes: those that throw in it have their error, and after it all have the same. */
static void together(running *r, void (*step)(running *))
{
    if (r->error.status != MSC_OK) {
        return;
    }
    if (MSC_CATCH(r->arena)) {
        give_up(r, &r->arena->error);
    } else if (MSC_CATCH(r->swept->arena)) {
        give_up(r, &r->swept->arena->error);
    } else {
        step(r);
    }
    msc_ranks_settle(r->ranks, &r->error);
}

static msc_swept *swept_new(void)
{
    msc_error err = {0};
    msc_arena *arena = msc_arena_new(&err);
    if (!arena) {
        return NULL;
    }
    if (MSC_CATCH(arena)) {
        msc_arena_free(arena);
        return NULL;
    }
    msc_swept *swept = MSC_NEW(arena, msc_swept, 1);
    swept->arena = arena;
    return swept;
}

static void run(running *r)
{
    together(r, make_room);
    together(r, open_first);
    together(r, open_others);
    together(r, see_what_there_is);
    if (r->error.status == MSC_OK) {
        msc_ranks_share(r->ranks, r->had, r->n / 8 + 1);
    }
    together(r, run_and_finish);
    together(r, build_file);
    if (r->error.status == MSC_OK) {
        msc_ranks_share(r->ranks, &r->swept->digest.n_failed, sizeof r->swept->digest.n_failed);
    }
}

msc_status msc_sweep_run(const msc_sweep *sweep, const msc_sweep_options *options, msc_swept **out, msc_error *err)
{
    *out = NULL;
    if (!options) {
        return msc_fail(err, MSC_E_USAGE, NULL, "options are wanted here, and not NULL");
    }
    running *r = calloc(1, sizeof *r);
    msc_ranks *ranks = NULL;
    msc_error ended = {0};
    if (msc_ranks_open(options->together, &ranks, &ended) == MSC_OK) {
        if (r) {
            r->arena = msc_arena_new(&ended), r->swept = swept_new();
        }
        if (!r || !r->arena || !r->swept) {
            (void)msc_fail(&ended, MSC_E_NOMEM, NULL, "out of memory");
        }
        msc_ranks_settle(ranks, &ended);
    }
    if (ended.status == MSC_OK) {
        r->sweep = r->swept->sweep = sweep, r->options = options, r->ranks = ranks, r->n = msc_design_count(sweep->design);
        pthread_mutex_init(&r->lock, NULL);
        run(r);
        pthread_mutex_destroy(&r->lock);
        ended = r->error;
        if (r->journal && ended.status != MSC_OK) { /* what was done is kept, whatever it was */
            (void)!msc_journal_finish(r->journal, NULL);
        }
        msc_journal_close(r->journal);
        free(r->failed);
    }
    msc_ranks_close(ranks);
    if (ended.status == MSC_OK) {
        *out = r->swept;
    } else if (r) {
        msc_swept_free(r->swept);
    }
    if (r) {
        msc_arena_free(r->arena);
    }
    free(r);
    if (ended.status != MSC_OK && err) {
        *err = ended;
    }
    return ended.status;
}

void msc_swept_free(msc_swept *swept)
{
    if (swept) {
        msc_arena_free(swept->arena);
    }
}

uint64_t msc_swept_failed(const msc_swept *swept)
{
    return swept->digest.n_failed;
}
