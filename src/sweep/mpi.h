/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The processes that run one sweep: who takes which block of scenarios, how many are done, whether something failed.
 * One process, or a library without MPI, is the same with a counter of its own. */
#ifndef MSC_STUDY_SWEEP_MPI_H
#define MSC_STUDY_SWEEP_MPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mscsim/ranks.h>

typedef struct {
    int me, n;       /* this process, of so many */
    int here;        /* of them on this machine */
    int64_t own[3];  /* of a process alone: blocks taken; and of the others, none, done and failed */
    void *shared;    /* those of all, in the memory of rank 0 */
} msc_ranks;

/* Collective: all processes call them, in the same order. together false: this one is alone. */
MSC_CHECK msc_status msc_ranks_open(bool together, msc_ranks **ranks, msc_error *err);
void msc_ranks_close(msc_ranks *ranks); /* NULL is fine */
/* err is that of the first process that has one (a status other than OK), on all of them. */
void msc_ranks_settle(const msc_ranks *ranks, msc_error *err);
void msc_ranks_share(const msc_ranks *ranks, void *bytes, size_t n); /* as rank 0 has them */

/* From one thread at a time. */
uint64_t msc_ranks_next(msc_ranks *ranks); /* a block that nobody else gets: 0, 1, ... */
void msc_ranks_halt(msc_ranks *ranks);     /* from now on blocks have numbers past any end */
/* What rank 1 and others have done since they last told; and rank 0, of all of them. Lets the others' calls through. */
void msc_ranks_tell(msc_ranks *ranks, uint64_t done, uint64_t failed);
void msc_ranks_look(msc_ranks *ranks, uint64_t *done, uint64_t *failed);
void msc_ranks_poll(const msc_ranks *ranks); /* lets the others' calls through, and nothing else */

#endif
