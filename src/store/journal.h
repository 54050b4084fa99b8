/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal of a sweep, NAME.part: finished scenarios, in the order in which they finished.
 *
 * Append-only, every record with its checksum, so that a process killed at any instant, a full disk
 * or a power failure cost at most the last records, and never give a wrong one. When all is done the
 * results file is built from it, in the order of the scenarios, and the journal goes.
 *
 *     msc_journal *journal = NULL;
 *     status = msc_journal_open("sweep.h5.part", &job, &options, &journal, &err);   // and locked
 *     for each index that is not msc_journal_has(journal, index)                    // any order, any thread
 *         status = msc_journal_append(journal, index, payload, n, &err);
 *     status = msc_journal_gather(journal, &err);                                   // of other processes
 *     status = msc_store_write(...), whose stream calls msc_journal_read(journal, index, ...)
 *     status = msc_journal_remove(journal, &err);
 *     msc_journal_close(journal);
 *
 * Several processes (MPI) have a journal each: the first NAME.part, the others NAME.part.1, .2, ...
 * Only the first opens with `family`, before the others open theirs; it then has what all of them hold.
 * The others end with msc_journal_finish; then the first gathers.
 *
 * Memory: 8 bytes for each possible index in each process (the place of its record), in pages that
 * are not touched before they are used; a write buffer of 64 KiB; and per file a window of 128 KiB or
 * the largest record. A file is written in the order and byte order of the machine: it is read by the
 * same program that wrote it, not kept. The format is in journal_file.h. */
#ifndef MSC_STORE_JOURNAL_H
#define MSC_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mscsim/error.h>

typedef struct msc_journal msc_journal;

enum { MSC_JOURNAL_OVERHEAD = 32 }; /* bytes of a record in the file, beside its payload */

/* Something that the records depend on: the text of a file read, the settings, the seed, the version
 * of the program. A journal made with other bytes under this name is refused by this name. */
typedef struct {
    const char
        *name; /* as the user knows it: "configs/sweep.cfg", "the seed"; names are distinct */
    const void *bytes;
    size_t n;
} msc_journal_input;

typedef struct {
    size_t n_input;
    const msc_journal_input *input; /* order matters */
    uint64_t n;                     /* indices of records are 0 ... n - 1; at most 2^40 */
    uint64_t largest;               /* bytes of a payload at most; at most 2^30 */
} msc_journal_job;

typedef enum {
    MSC_JOURNAL_NEW,    /* there must be none; one without a record is none. E_CANTCREAT */
    MSC_JOURNAL_RESUME, /* go on with what there is, if there is any. Of another job: E_DATA */
    MSC_JOURNAL_DISCARD /* of whatever job, it is begun anew */
} msc_journal_mode;

typedef struct {
    msc_journal_mode mode;
    bool
        family; /* PATH.1, PATH.2, ... belong to it: read, refused, discarded and removed with it */
    /* Seconds between two syncs to the disk, by a thread of its own, in which signals are blocked:
     * that much work may be lost to a power failure (to a kill: what is in the buffer). 0: sync at
     * every flush, in the thread that flushes; negative: only where msc_journal_sync says so. */
    double sync_every;
    /* What its records are, for messages: "starts and profiles of a fit", of which there may be fewer than the job
     * has indices; NULL: the scenarios of a sweep. Lives as long as the journal. */
    const char *records;
} msc_journal_options;

/* Open the journal of a job and lock it until msc_journal_close. A bad tail is cut off, a damaged
 * record amid good ones passed over. On file systems that have no locks there is none (see
 * msc_journal_state). The caller closes.
 *   E_BUSY       another process has it: its output is in use
 *   E_CANTCREAT  not possible here; no regular file; or see the modes
 *   E_DATA       of another job, of a newer version, damaged in its head, no journal at all (that one
 *                is never discarded either), or two records of one index that differ
 *   E_IO, E_NOMEM; E_BUG for a job out of its limits */
MSC_CHECK msc_status msc_journal_open(const char *path, const msc_journal_job *job,
                                      const msc_journal_options *options, msc_journal **journal,
                                      msc_error *err);

/* Release the lock, free all. Does not sync: call msc_journal_finish first. NULL is fine. */
void msc_journal_close(msc_journal *journal);

typedef struct {
    uint64_t records; /* distinct indices there are */
    uint64_t bytes;   /* of all files */
    uint64_t dropped; /* bytes of bad tails and damaged records that were found when opening */
    size_t n_file;
    bool locked; /* false where the file system has no locks */
} msc_journal_state;
void msc_journal_look(const msc_journal *journal, msc_journal_state *state);

/* Is there a record of this index? Not while another thread appends. */
bool msc_journal_has(const msc_journal *journal, uint64_t index);

/* Append the record of an index that has none yet. From any thread; the checksum is made outside of
 * the lock. It is in the file when the buffer is full, at the latest at the next sync. After a failure
 * the journal takes no more and says so again; what had been written stays valid, and resumable. The
 * program should ignore SIGXFSZ. E_IO; E_BUG for an index or size out of the job's limits, or twice. */
MSC_CHECK msc_status msc_journal_append(msc_journal *journal, uint64_t index, const void *payload,
                                        size_t n, msc_error *err);

/* Hand the buffer to the kernel: a kill no longer loses it. E_IO. */
MSC_CHECK msc_status msc_journal_flush(msc_journal *journal, msc_error *err);
/* The same to the disk: nor does a power failure. E_IO. */
MSC_CHECK msc_status msc_journal_sync(msc_journal *journal, msc_error *err);
/* End appending: stop the thread that syncs, sync. Reading goes on. E_IO. */
MSC_CHECK msc_status msc_journal_finish(msc_journal *journal, msc_error *err);

/* Take up what PATH.1, PATH.2, ... hold by now (of a journal opened with `family`); what is known of
 * them is not read again. They are not locked. E_DATA, E_IO, E_NOMEM as of msc_journal_open. */
MSC_CHECK msc_status msc_journal_gather(msc_journal *journal, msc_error *err);

/* The record of an index, its checksum verified: n bytes that stay until the next reading. From one
 * thread at a time, not while others append. Fast if the order of reading is about that of writing.
 * E_IO (also if it is no longer what it was); E_BUG if there is none. */
MSC_CHECK msc_status msc_journal_read(msc_journal *journal, uint64_t index, const void **payload,
                                      size_t *n, msc_error *err);

/* The checksum of bytes, 128 bits as 32 hexadecimal digits: what a record may say of something it does not hold. */
void msc_journal_check_text(const void *bytes, size_t n, char text[33]);

/* Remove the files, the one with the lock last; close all the same. E_IO. */
MSC_CHECK msc_status msc_journal_remove(msc_journal *journal, msc_error *err);

#endif
