/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file of a journal: its head, and reading it. */
#include "store/journal_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "store/sysfile.h"

enum { HEAD_LIMIT = 1 << 20, CHECK = 16 };

static const char magic[8] = "MSCPART\n";

uint64_t msc_journal_payload_check(const void *payload, size_t n)
{
    return XXH3_64bits(payload, n);
}

uint64_t msc_journal_record_check(const msc_journal_head *head, const msc_journal_record *record)
{
    uint64_t seed;
    memcpy(&seed, head->job, sizeof seed);
    return XXH3_64bits_withSeed(record, offsetof(msc_journal_record, check), seed | 1);
}

static void check_bytes(const void *bytes, size_t n, unsigned char *check)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(n ? bytes : "", n));
    memcpy(check, canonical.digest, CHECK);
}

void msc_journal_check_text(const void *bytes, size_t n, char text[33])
{
    unsigned char check[CHECK];
    check_bytes(bytes, n, check);
    for (int i = 0; i < CHECK; i++) {
        snprintf(text + 2 * (size_t)i, 3, "%02x", check[i]);
    }
}

/* ---- the head ------------------------------------------------------------------------------- */

static uint64_t head_check(const msc_journal_head *head)
{
    const size_t at = offsetof(msc_journal_head, check);
    const unsigned char *byte = (const unsigned char *)head;
    return XXH3_64bits(byte, at) ^
           XXH3_64bits_withSeed(byte + sizeof *head, head->size - sizeof *head, at);
}

msc_journal_head *msc_journal_head_new(const msc_journal_job *job)
{
    size_t size = sizeof(msc_journal_head);
    for (size_t i = 0; i < job->n_input; i++) {
        size += CHECK + sizeof(uint64_t) + strlen(job->input[i].name);
    }
    size = (size + 7) / 8 * 8;
    msc_journal_head *head = calloc(1, size);
    if (!head) {
        return NULL;
    }
    unsigned char *to = (unsigned char *)(head + 1);
    for (size_t i = 0; i < job->n_input; i++) {
        const msc_journal_input *input = &job->input[i];
        uint64_t length = strlen(input->name);
        check_bytes(input->bytes, input->n, to);
        memcpy(to + CHECK, &length, sizeof length);
        memcpy(to + CHECK + sizeof length, input->name, (size_t)length);
        to += CHECK + sizeof length + length;
    }
    head->n = job->n;
    head->largest = job->largest;
    head->n_input = job->n_input;
    const size_t from = offsetof(msc_journal_head, n);
    check_bytes((unsigned char *)head + from, size - from, head->job);
    memcpy(head->magic, magic, sizeof magic);
    head->version = MSC_JOURNAL_VERSION;
    head->order = MSC_JOURNAL_ORDER;
    head->size = size;
    head->check = head_check(head);
    return head;
}

/* The next input of a head whose check is right; false at the end. */
static bool next_input(const msc_journal_head *head, size_t *at, const unsigned char **check,
                       const char **name, size_t *length)
{
    const unsigned char *byte = (const unsigned char *)head;
    uint64_t n;
    if (head->size - *at < CHECK + sizeof n) {
        return false;
    }
    memcpy(&n, byte + *at + CHECK, sizeof n);
    if (n == 0 || n > head->size - *at - CHECK - sizeof n) {
        return false;
    }
    *check = byte + *at;
    *name = (const char *)byte + *at + CHECK + sizeof n;
    *length = (size_t)n;
    *at += CHECK + sizeof n + (size_t)n;
    return true;
}

/* The check of an input of this name, or NULL. */
static const unsigned char *find_input(const msc_journal_head *head, const char *name,
                                       size_t length)
{
    const unsigned char *check;
    const char *one;
    size_t n;
    for (size_t at = sizeof *head; next_input(head, &at, &check, &one, &n);) {
        if (n == length && memcmp(one, name, n) == 0) {
            return check;
        }
    }
    return NULL;
}

/* In what the two differ, for the user. */
static void explain_other(const char *path, const msc_journal_head *theirs,
                          const msc_journal_head *ours, msc_error *err)
{
    const unsigned char *check, *other;
    const char *name;
    size_t n;
    for (size_t at = sizeof *ours; next_input(ours, &at, &check, &name, &n);) {
        other = find_input(theirs, name, n);
        if (!other || memcmp(other, check, CHECK) != 0) {
            (void)msc_fail(err, MSC_E_DATA, NULL, "'%s' is of another job: %.*s %s; -f discards it",
                           path, (int)(n < 400 ? n : 400), name,
                           other ? "changed" : "is new");
            return;
        }
    }
    for (size_t at = sizeof *theirs; next_input(theirs, &at, &check, &name, &n);) {
        if (!find_input(ours, name, n)) {
            (void)msc_fail(err, MSC_E_DATA, NULL,
                           "'%s' is of another job, which had also %.*s; -f discards it", path,
                           (int)(n < 400 ? n : 400), name);
            return;
        }
    }
    if (theirs->n != ours->n) {
        (void)msc_fail(
            err, MSC_E_DATA, NULL,
            "'%s' is of another job, with %llu scenarios instead of %llu; -f discards it", path,
            (unsigned long long)theirs->n, (unsigned long long)ours->n);
        return;
    }
    (void)msc_fail(err, MSC_E_DATA, NULL,
                   "'%s' is of another job, with other quantities or another order of its inputs; "
                   "-f discards it",
                   path);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Read at a place until there is no more; the number of bytes, or -1. */
static ssize_t read_at(int fd, unsigned char *to, size_t n, uint64_t at)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (size_t)got;
    }
    return (ssize_t)done;
}

msc_status msc_journal_file_view(msc_journal_file *file, uint64_t at, size_t n, size_t ahead,
                                 const unsigned char **bytes, size_t *have, msc_error *err)
{
    size_t kept = 0, size = n < ahead ? ahead : n;
    if (at >= file->at && at - file->at <= file->have) {
        kept = file->have - (size_t)(at - file->at);
    }
    if (kept < n) {
        if (file->room < size) {
            unsigned char *more = realloc(file->window, size);
            if (!more) {
                return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory while reading '%s'",
                                file->path);
            }
            file->window = more;
            file->room = size;
        }
        if (kept > 0) {
            memmove(file->window, file->window + (at - file->at), kept);
        }
        file->at = at;
        file->have = kept;
        ssize_t got = read_at(file->fd, file->window + kept, size - kept, at + kept);
        if (got < 0) {
            return msc_sysfile_fail(err, MSC_E_IO, "read", file->path, errno);
        }
        file->have = kept + (size_t)got;
    }
    *bytes = file->window + (at - file->at);
    size_t there = file->have - (size_t)(at - file->at);
    *have = there < n ? there : n;
    return MSC_OK;
}

void msc_journal_file_clear(msc_journal_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->path);
    free(file->window);
    *file = (msc_journal_file){.fd = -1};
}

static msc_journal_kind refuse(const msc_journal_file *file, msc_journal_kind kind,
                               const char *sentence, msc_error *err)
{
    (void)msc_fail(err, MSC_E_DATA, NULL, "'%s' %s", file->path, sentence);
    return kind;
}

msc_journal_kind msc_journal_file_know(msc_journal_file *file, const msc_journal_head *head,
                                       bool *empty, msc_error *err)
{
    const unsigned char *bytes;
    size_t have;
    struct stat st;
    *empty = true;
    file->have = 0;
    if (fstat(file->fd, &st) < 0) {
        (void)msc_sysfile_fail(err, MSC_E_IO, "read", file->path, errno);
        return MSC_JOURNAL_UNREAD;
    }
    if (msc_journal_file_view(file, 0, HEAD_LIMIT, 0, &bytes, &have, err) != MSC_OK) {
        return MSC_JOURNAL_UNREAD;
    }
    const size_t marked = have < sizeof magic ? have : sizeof magic;
    if (memcmp(bytes, magic, marked) != 0) {
        *empty = false;
        return refuse(file, MSC_JOURNAL_FOREIGN, "is not a journal of mscsim", err);
    }
    /* a head whose process died before it was written: nothing can be behind it */
    if (have < sizeof *head || (have < head->size && memcmp(bytes, head, have) == 0)) {
        return MSC_JOURNAL_NONE;
    }
    const msc_journal_head *theirs = (const msc_journal_head *)(const void *)bytes;
    *empty = false;
    if (theirs->order != MSC_JOURNAL_ORDER || theirs->version != MSC_JOURNAL_VERSION) {
        return refuse(file, MSC_JOURNAL_OTHER,
                      "is a journal of another version of mscsim, or of another kind of machine; "
                      "-f discards it",
                      err);
    }
    if (theirs->size < sizeof *theirs || theirs->size > have ||
        head_check(theirs) != theirs->check) {
        return refuse(file, MSC_JOURNAL_OTHER,
                      "is a journal with a damaged head, so that nothing in it can be trusted; "
                      "-f discards it",
                      err);
    }
    *empty = (uint64_t)st.st_size == theirs->size;
    if (theirs->size == head->size && memcmp(bytes, head, (size_t)head->size) == 0) {
        return MSC_JOURNAL_OURS;
    }
    explain_other(file->path, theirs, head, err);
    return MSC_JOURNAL_OTHER;
}
