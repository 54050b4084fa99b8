/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A journal from inside, and its side that writes. */
#ifndef MSC_STORE_JOURNAL_WRITE_H
#define MSC_STORE_JOURNAL_WRITE_H

#include <pthread.h>

#include "store/journal_file.h"

struct msc_journal {
    msc_journal_head *head;
    msc_journal_options options;
    msc_journal_file *file; /* [0] is written to */
    size_t n_file;
    uint64_t
        *place; /* of each index: file << 48 | offset, 0 if there is none (heads have length) */
    uint64_t records, dropped;
    size_t usual; /* bytes of the record that was read last */
    bool locked;

    /* under `lock` */
    unsigned char *buffer; /* to be written at file[0].end */
    size_t used;
    uint64_t synced; /* of file[0].end */
    bool failed;     /* for good, with `failure` */
    msc_error failure;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ready;    /* lock and wake exist */
    bool threaded; /* so does the thread that syncs, until it is told of `ending` */
    bool ending;
    pthread_t thread;
};

/* Buffer and lock; false for want of memory. */
MSC_CHECK bool msc_journal_write_init(msc_journal *journal);
/* The head or the cut-off tail, and the thread. E_IO. */
MSC_CHECK msc_status msc_journal_write_begin(msc_journal *journal, bool fresh, msc_error *err);
/* Stop the thread, free all of it; what is in the buffer is lost. */
void msc_journal_write_clear(msc_journal *journal);

#endif
