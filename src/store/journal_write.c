/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal of a sweep: writing.
 *
 * Records are written at a place, not appended to wherever the file ends, so that a write that failed
 * in the middle leaves nothing in the way. Syncing is a thread's business: a disk that takes seconds
 * must not stop the computing, and writing into the page cache goes on meanwhile. */
#include "store/journal_write.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "store/sysfile.h"

enum { BUFFER = 1 << 16 };

/* ---- under the lock ------------------------------------------------------------------------- */

/* The first failure stays, and is what everybody is told. */
static void fail_for_good(msc_journal *j, int code)
{
    if (!j->failed) {
        (void)msc_sysfile_fail(&j->failure, MSC_E_IO, "write", j->file[0].path, code);
        j->failed = true;
    }
}

static msc_status tell(const msc_journal *j, msc_error *err)
{
    return j->failed ? msc_fail(err, j->failure.status, NULL, "%s", j->failure.message) : MSC_OK;
}

/* Write two pieces at the end; all of them, or nothing that counts. */
static void write_out(msc_journal *j, const void *one, size_t n_one, const void *two, size_t n_two)
{
    const unsigned char *piece[2] = {one, two};
    size_t left[2] = {n_one, n_two};
    uint64_t at = j->file[0].end;
    while (left[0] + left[1] > 0) {
        struct iovec part[2];
        int n = 0;
        for (int i = 0; i < 2; i++) {
            if (left[i] > 0) {
                memcpy(&part[n].iov_base, &piece[i], sizeof piece[i]); /* which is not const */
                part[n++].iov_len = left[i];
            }
        }
        ssize_t done = pwritev(j->file[0].fd, part, n, (off_t)at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            fail_for_good(j, done < 0 ? errno : EIO);
            /* give back what the half record took; if not, the next to open cuts it off */
            int given_back = ftruncate(j->file[0].fd, (off_t)j->file[0].end);
            (void)given_back;
            return;
        }
        at += (uint64_t)done;
        for (int i = 0; i < 2; i++) {
            size_t taken = (size_t)done < left[i] ? (size_t)done : left[i];
            piece[i] += taken;
            left[i] -= taken;
            done -= (ssize_t)taken;
        }
    }
    j->file[0].end = at;
}

static void flush(msc_journal *j)
{
    if (!j->failed && j->used > 0) {
        write_out(j, j->buffer, j->used, NULL, 0);
        j->used = 0;
    }
}

/* Flush, and sync without the lock. */
static void sync_out(msc_journal *j)
{
    flush(j);
    if (j->failed || j->synced == j->file[0].end) {
        return;
    }
    int failed;
    const uint64_t end = j->file[0].end;
    pthread_mutex_unlock(&j->lock);
    do {
        failed = fdatasync(j->file[0].fd) < 0 ? errno : 0;
    } while (failed == EINTR);
    pthread_mutex_lock(&j->lock);
    if (failed) {
        fail_for_good(j, failed);
    } else if (j->synced < end) {
        j->synced = end;
    }
}

/* ---- the thread ----------------------------------------------------------------------------- */

static void *keep_synced(void *data)
{
    msc_journal *j = data;
    const time_t whole = (time_t)j->options.sync_every;
    const long rest = (long)((j->options.sync_every - (double)whole) * 1e9);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&j->lock);
    while (!j->ending) {
        next.tv_sec += whole + (next.tv_nsec + rest) / 1000000000;
        next.tv_nsec = (next.tv_nsec + rest) % 1000000000;
        while (!j->ending && pthread_cond_timedwait(&j->wake, &j->lock, &next) != ETIMEDOUT) {}
        if (!j->ending) {
            sync_out(j);
        }
        clock_gettime(CLOCK_MONOTONIC, &next);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static bool start_thread(msc_journal *j)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    j->threaded = pthread_create(&j->thread, NULL, keep_synced, j) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return j->threaded;
}

static void stop_thread(msc_journal *j)
{
    if (j->threaded) {
        pthread_mutex_lock(&j->lock);
        j->ending = true;
        pthread_cond_signal(&j->wake);
        pthread_mutex_unlock(&j->lock);
        pthread_join(j->thread, NULL);
        j->threaded = false;
    }
}

/* ---- for journal.c -------------------------------------------------------------------------- */

bool msc_journal_write_init(msc_journal *j)
{
    pthread_condattr_t how;
    j->buffer = malloc(BUFFER);
    if (!j->buffer || pthread_mutex_init(&j->lock, NULL) != 0) {
        return false;
    }
    bool good = pthread_condattr_init(&how) == 0;
    if (good) {
        good = pthread_condattr_setclock(&how, CLOCK_MONOTONIC) == 0 &&
               pthread_cond_init(&j->wake, &how) == 0;
        pthread_condattr_destroy(&how);
    }
    if (!good) {
        pthread_mutex_destroy(&j->lock);
    }
    j->ready = good;
    return good;
}

msc_status msc_journal_write_begin(msc_journal *j, bool fresh, msc_error *err)
{
    msc_journal_file *file = &j->file[0];
    const uint64_t good = fresh ? 0 : file->end;
    pthread_mutex_lock(&j->lock);
    file->end = good;
    j->synced = good;
    file->have = 0;
    if (ftruncate(file->fd, (off_t)good) < 0) {
        fail_for_good(j, errno);
    } else if (fresh) {
        write_out(j, j->head, (size_t)j->head->size, NULL, 0);
        sync_out(j);
    }
    msc_status status = tell(j, err);
    pthread_mutex_unlock(&j->lock);
    if (status == MSC_OK && fresh) {
        status = msc_sysfile_sync_folder(file->path, err);
    }
    if (status == MSC_OK && j->options.sync_every > 0 && !start_thread(j)) {
        status = msc_fail(err, MSC_E_NOMEM, NULL, "no thread to be had for '%s'", file->path);
    }
    return status;
}

void msc_journal_write_clear(msc_journal *j)
{
    stop_thread(j);
    if (j->ready) {
        pthread_cond_destroy(&j->wake);
        pthread_mutex_destroy(&j->lock);
        j->ready = false;
    }
    free(j->buffer);
    j->buffer = NULL;
}

/* ---- for everybody -------------------------------------------------------------------------- */

static msc_status check_new(const msc_journal *j, uint64_t index, size_t n, msc_error *err)
{
    const bool in_range = index < j->head->n && n <= j->head->largest;
    if (!in_range || j->place[index]) {
        return msc_fail(err, MSC_E_BUG, NULL,
                        in_range ? "scenario %llu is in the journal already"
                                 : "scenario %llu does not fit into the journal",
                        (unsigned long long)index);
    }
    return MSC_OK;
}

msc_status msc_journal_append(msc_journal *j, uint64_t index, const void *payload, size_t n,
                              msc_error *err)
{
    msc_journal_record record = {.index = index, .size = n};
    record.payload_check = msc_journal_payload_check(payload, n);
    record.check = msc_journal_record_check(j->head, &record);
    pthread_mutex_lock(&j->lock);
    msc_status status = tell(j, err);
    if (status == MSC_OK) {
        status = check_new(j, index, n, err);
    }
    if (status == MSC_OK && sizeof record + n > BUFFER - j->used) {
        flush(j);
        status = tell(j, err);
    }
    if (status == MSC_OK) {
        const uint64_t at = j->file[0].end + j->used;
        if (sizeof record + n > BUFFER) {
            write_out(j, &record, sizeof record, payload, n);
        } else {
            memcpy(j->buffer + j->used, &record, sizeof record);
            memcpy(j->buffer + j->used + sizeof record, payload, n);
            j->used += sizeof record + n;
        }
        if (j->options.sync_every == 0 && j->synced < j->file[0].end) {
            sync_out(j);
        }
        status = tell(j, err);
        if (status == MSC_OK) {
            j->place[index] = at;
            j->records++;
        }
    }
    pthread_mutex_unlock(&j->lock);
    return status;
}

msc_status msc_journal_flush(msc_journal *j, msc_error *err)
{
    pthread_mutex_lock(&j->lock);
    if (j->options.sync_every == 0) {
        sync_out(j);
    } else {
        flush(j);
    }
    msc_status status = tell(j, err);
    pthread_mutex_unlock(&j->lock);
    return status;
}

msc_status msc_journal_sync(msc_journal *j, msc_error *err)
{
    pthread_mutex_lock(&j->lock);
    sync_out(j);
    msc_status status = tell(j, err);
    pthread_mutex_unlock(&j->lock);
    return status;
}

msc_status msc_journal_finish(msc_journal *j, msc_error *err)
{
    stop_thread(j);
    return msc_journal_sync(j, err);
}
