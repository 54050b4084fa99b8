/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file of a journal: its format, its head, and reading it.
 *
 *     head     as below, then n_input entries {check[16], length of the name, name}, padded to 8 bytes
 *     record   as below, then its payload; the next one follows at once
 *
 * All in the machine's own order. Checks are XXH3 (64 bits; 128 for inputs and job): it finds accidents,
 * at the speed of memory; nobody's malice is meant to be found. A record's own check is seeded with the
 * job's, so that blocks of another journal that a crash left in the file are no records of this one. */
#ifndef MSC_STORE_JOURNAL_FILE_H
#define MSC_STORE_JOURNAL_FILE_H

#include "store/journal.h"

enum { MSC_JOURNAL_VERSION = 1, MSC_JOURNAL_ORDER = 0x01020304 };

typedef struct {
    char magic[8]; /* "MSCPART\n" */
    uint32_t version, order;
    uint64_t size;       /* of all of the head */
    uint64_t n, largest; /* of the job */
    uint64_t n_input;
    unsigned char job[16]; /* check of all that stands from `n` on, this and `check` as zeros */
    uint64_t check;        /* of all of the head, this as zero */
} msc_journal_head;

typedef struct {
    uint64_t index, size, payload_check;
    uint64_t check; /* of the words above */
} msc_journal_record;
_Static_assert(sizeof(msc_journal_record) == MSC_JOURNAL_OVERHEAD, "as journal.h says");

/* A file and the part of it that was read last. */
typedef struct {
    char *path;
    int fd;
    uint64_t end; /* of its good records */
    unsigned char *window;
    uint64_t at;       /* of the window in the file */
    size_t have, room; /* bytes in it */
} msc_journal_file;

/* The head of a job; the caller frees. NULL for want of memory. */
msc_journal_head *msc_journal_head_new(const msc_journal_job *job);

/* What a file's beginning says. */
typedef enum {
    MSC_JOURNAL_OURS,    /* of this job */
    MSC_JOURNAL_NONE,    /* empty, or a head that was not finished: nothing is lost with it */
    MSC_JOURNAL_OTHER,   /* of another job, another version, or damaged */
    MSC_JOURNAL_FOREIGN, /* no journal */
    MSC_JOURNAL_UNREAD   /* cannot be read */
} msc_journal_kind;

/* Compare with the head of our job; `err` has the reason for all but the first two. `empty`: there is
 * nothing behind the head. */
msc_journal_kind msc_journal_file_know(msc_journal_file *file, const msc_journal_head *head,
                                       bool *empty, msc_error *err);

/* Bytes [at, at + n) of the file, to be had until the next call; less at its end (`have`). Reads some
 * `ahead`. E_IO, E_NOMEM. */
MSC_CHECK msc_status msc_journal_file_view(msc_journal_file *file, uint64_t at, size_t n,
                                           size_t ahead, const unsigned char **bytes, size_t *have,
                                           msc_error *err);
void msc_journal_file_clear(msc_journal_file *file);

/* Checks. */
uint64_t msc_journal_payload_check(const void *payload, size_t n);
uint64_t msc_journal_record_check(const msc_journal_head *head, const msc_journal_record *record);

#endif
