/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several processes at one sweep. Three counters in the memory of rank 0, changed from afar by MPI-3's one-sided calls:
 * nobody serves them, rank 0 computes like everybody else. */
#include "sweep/mpi.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#ifdef MSC_MPI
#include <mpi.h>
#endif

enum { TAKEN, DONE, FAILED, COUNTERS };
static const int64_t HALTED = INT64_C(1) << 60; /* no sweep has so many blocks */

#ifdef MSC_MPI

typedef struct {
    MPI_Win window;
    int64_t *count; /* rank 0's */
} counters;

static bool joined(void)
{
    int begun = 0, ended = 0;
    MPI_Initialized(&begun);
    MPI_Finalized(&ended);
    return begun && !ended;
}

/* Without a launcher MPI would begin all the same, but slowly, and not everywhere. */
static bool launched(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMI_RANK") || getenv("PMIX_RANK");
}

msc_status msc_ranks_begin(int *rank, int *n, msc_error *err)
{
    *rank = 0, *n = 1;
    if (!joined()) {
        int given = 0;
        if (!launched()) {
            return MSC_OK;
        }
        MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given);
        if (given < MPI_THREAD_SERIALIZED) {
            return msc_fail(err, MSC_E_USAGE, NULL, "this MPI does not allow calls from more than one thread");
        }
    }
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, n);
    return MSC_OK;
}

void msc_ranks_end(void)
{
    if (joined()) {
        MPI_Finalize();
    }
}

static void agree(msc_error *err)
{
    int n = 0, me = 0, first = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &n);
    const int mine = err->status != MSC_OK ? me : n;
    MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (first < n) {
        MPI_Bcast(err, (int)sizeof *err, MPI_BYTE, first, MPI_COMM_WORLD);
    }
}

msc_status msc_ranks_open(bool together, msc_ranks **ranks, msc_error *err)
{
    msc_ranks *r = calloc(1, sizeof *r);
    counters *c = calloc(1, sizeof *c);
    *ranks = r;
    if (together && joined()) {
        msc_error had = {0};
        if (!r || !c) {
            (void)msc_fail(&had, MSC_E_NOMEM, NULL, "out of memory");
        }
        agree(&had);
        if (had.status != MSC_OK) {
            free(r);
            free(c);
            *ranks = NULL;
            return msc_fail(err, had.status, NULL, "%s", had.message);
        }
        MPI_Comm here;
        MPI_Comm_rank(MPI_COMM_WORLD, &r->me);
        MPI_Comm_size(MPI_COMM_WORLD, &r->n);
        MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
        MPI_Comm_size(here, &r->here);
        MPI_Comm_free(&here);
        MPI_Win_allocate(r->me == 0 ? COUNTERS * (MPI_Aint)sizeof *c->count : 0, sizeof *c->count, MPI_INFO_NULL,
                         MPI_COMM_WORLD, &c->count, &c->window);
        MPI_Win_lock_all(0, c->window);
        if (r->me == 0) {
            memset(c->count, 0, COUNTERS * sizeof *c->count);
            MPI_Win_sync(c->window);
        }
        MPI_Barrier(MPI_COMM_WORLD);
        r->shared = c;
        return MSC_OK;
    }
    free(c);
    if (!r) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    r->n = r->here = 1;
    return MSC_OK;
}

void msc_ranks_close(msc_ranks *r)
{
    if (r && r->shared) {
        counters *c = r->shared;
        MPI_Win_unlock_all(c->window);
        MPI_Win_free(&c->window);
        free(c);
    }
    free(r);
}

void msc_ranks_settle(const msc_ranks *r, msc_error *err)
{
    if (r->shared) {
        agree(err);
    }
}

msc_status msc_ranks_agree(msc_status status, msc_error *err)
{
    msc_error all = {0};
    if (!joined()) {
        return status;
    }
    if (status != MSC_OK && err) {
        all = *err;
    }
    all.status = status;
    agree(&all);
    if (err && all.status != MSC_OK) {
        *err = all;
    }
    return all.status;
}

void msc_ranks_share(const msc_ranks *r, void *bytes, size_t n)
{
    for (size_t at = 0; r->shared && at < n;) {
        const size_t part = n - at < INT_MAX ? n - at : INT_MAX;
        MPI_Bcast((char *)bytes + at, (int)part, MPI_BYTE, 0, MPI_COMM_WORLD);
        at += part;
    }
}

static int64_t add(msc_ranks *r, int which, int64_t more)
{
    int64_t before = r->own[which];
    if (r->shared) {
        counters *c = r->shared;
        MPI_Fetch_and_op(&more, &before, MPI_INT64_T, 0, which, MPI_SUM, c->window);
        MPI_Win_flush(0, c->window);
    } else {
        r->own[which] += more;
    }
    return before;
}

void msc_ranks_poll(const msc_ranks *r)
{
    int there = 0;
    if (r->shared && r->me == 0) {
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    }
}

#else

static int started(const char *name)
{
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

msc_status msc_ranks_begin(int *rank, int *n, msc_error *err)
{
    *n = started("OMPI_COMM_WORLD_SIZE") > 0 ? started("OMPI_COMM_WORLD_SIZE") : started("PMI_SIZE");
    *rank = started("OMPI_COMM_WORLD_SIZE") > 0 ? started("OMPI_COMM_WORLD_RANK") : started("PMI_RANK");
    if (*n > 1) {
        return msc_fail(err, MSC_E_USAGE, NULL,
                        "this is one of %d processes, but mscsim was built without MPI: each would do the same; make MPI=1", *n);
    }
    *rank = 0, *n = 1;
    return MSC_OK;
}

void msc_ranks_end(void)
{
}

msc_status msc_ranks_agree(msc_status status, msc_error *err)
{
    (void)err;
    return status;
}

msc_status msc_ranks_open(bool together, msc_ranks **ranks, msc_error *err)
{
    (void)together;
    *ranks = calloc(1, sizeof **ranks);
    if (!*ranks) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    (*ranks)->n = (*ranks)->here = 1;
    return MSC_OK;
}

void msc_ranks_close(msc_ranks *r)
{
    free(r);
}

void msc_ranks_settle(const msc_ranks *r, msc_error *err)
{
    (void)r;
    (void)err;
}

void msc_ranks_share(const msc_ranks *r, void *bytes, size_t n)
{
    (void)r;
    (void)bytes;
    (void)n;
}

static int64_t add(msc_ranks *r, int which, int64_t more)
{
    const int64_t before = r->own[which];
    r->own[which] += more;
    return before;
}

void msc_ranks_poll(const msc_ranks *r)
{
    (void)r;
}

#endif

uint64_t msc_ranks_next(msc_ranks *r)
{
    return (uint64_t)add(r, TAKEN, 1);
}

void msc_ranks_halt(msc_ranks *r)
{
    (void)add(r, TAKEN, HALTED);
}

void msc_ranks_tell(msc_ranks *r, uint64_t done, uint64_t failed)
{
    if (r->me > 0 && done > 0) {
        (void)add(r, DONE, (int64_t)done);
        (void)add(r, FAILED, (int64_t)failed);
    }
}

void msc_ranks_look(msc_ranks *r, uint64_t *done, uint64_t *failed)
{
    *done = (uint64_t)add(r, DONE, 0);
    *failed = (uint64_t)add(r, FAILED, 0);
}
