/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal of a sweep: opening it, its index, and reading it. Writing is in journal_write.c. */
#include "store/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_write.h"
#include "store/sysfile.h"

enum {
    SCAN_AHEAD = 1 << 20, /* bytes read at a time from beginning to end */
    READ_AHEAD = 1 << 17, /* and here and there */
    FILES = 1 << 16,
    OFFSET_BITS = 48 /* a place is a file's number and an offset in it */
};

static const uint64_t n_limit = UINT64_C(1) << 40, payload_limit = UINT64_C(1) << 30;

/* ---- files ---------------------------------------------------------------------------------- */

/* Open a regular file, for writing also; -1 with `absent` if there is none and none is to be made. */
static msc_status open_file(const char *path, bool create, int *fd, msc_error *err)
{
    struct stat st;
    const int flags =
        O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (create ? O_CREAT : 0);
    do {
        *fd = open(path, flags, 0666);
    } while (*fd < 0 && errno == EINTR);
    if (*fd < 0 && errno == ENOENT && !create) {
        return MSC_OK;
    }
    if (*fd < 0 && errno == ELOOP) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL,
                        "'%s' is a symbolic link; journals are regular files only", path);
    }
    if (*fd < 0) {
        return msc_sysfile_fail_create(err, path, path, errno);
    }
    if (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(*fd);
        *fd = -1;
        return msc_fail(err, MSC_E_CANTCREAT, NULL, "'%s' is not a regular file", path);
    }
    return MSC_OK;
}

/* Lock it; not `locked` on a file system that has no locks. */
static msc_status lock_file(int fd, const char *path, bool *locked, msc_error *err)
{
    int failed;
    do {
        failed = flock(fd, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
    } while (failed == EINTR);
    *locked = failed == 0;
    if (failed == EWOULDBLOCK) {
        return msc_fail(err, MSC_E_BUSY, NULL, "'%s' is in use by another run", path);
    }
    return MSC_OK;
}

/* Does the path still lead to this file? */
static bool is_named(int fd, const char *path)
{
    struct stat ours, named;
    return fstat(fd, &ours) == 0 && lstat(path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

/* Open or create, and lock. Whoever had it may have removed it between the two: then once more. */
static msc_status open_locked(const char *path, int *fd, bool *locked, msc_error *err)
{
    for (int again = 0; again < 100; again++) {
        msc_status status = open_file(path, true, fd, err);
        if (status == MSC_OK) {
            status = lock_file(*fd, path, locked, err);
        }
        if (status == MSC_OK && is_named(*fd, path)) {
            return MSC_OK;
        }
        if (*fd >= 0) {
            close(*fd);
            *fd = -1;
        }
        if (status != MSC_OK) {
            return status;
        }
    }
    return msc_fail(err, MSC_E_BUSY, NULL, "'%s' is in use by another run", path);
}

static msc_status add_file(msc_journal *j, const char *path, int fd, msc_error *err)
{
    msc_journal_file *more = realloc(j->file, (j->n_file + 1) * sizeof *more);
    char *copy = strdup(path);
    if (more) {
        j->file = more;
    }
    if (!more || !copy || j->n_file >= FILES) {
        free(copy);
        close(fd);
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory while reading '%s'", path);
    }
    j->file[j->n_file++] = (msc_journal_file){.path = copy, .fd = fd};
    return MSC_OK;
}

/* ---- the index ------------------------------------------------------------------------------ */

/* One index twice, as after a resumption with another number of processes: the same must be said. */
static msc_status compare_records(const msc_journal *j, size_t k, const msc_journal_record *record,
                                  msc_error *err)
{
    const uint64_t place = j->place[record->index];
    const msc_journal_file *file = &j->file[place >> OFFSET_BITS];
    msc_journal_record first = {0};
    const off_t at = (off_t)(place & ((UINT64_C(1) << OFFSET_BITS) - 1));
    if (pread(file->fd, &first, sizeof first, at) != (ssize_t)sizeof first) {
        return msc_fail(err, MSC_E_IO, NULL, "cannot read '%s'", file->path);
    }
    if (first.size != record->size || first.payload_check != record->payload_check) {
        return msc_fail(err, MSC_E_DATA, NULL,
                        "'%s' and '%s' have different results of scenario %llu; -f discards them",
                        file->path, j->file[k].path, (unsigned long long)record->index);
    }
    return MSC_OK;
}

/* Read a file from where its known records end. */
static msc_status scan(msc_journal *j, size_t k, msc_error *err)
{
    msc_journal_file *file = &j->file[k];
    uint64_t at = file->end;
    struct stat st;
    file->have = 0; /* what was read there may have been written since */
    for (;;) {
        msc_journal_record record;
        const unsigned char *bytes;
        size_t have;
        msc_status status =
            msc_journal_file_view(file, at, sizeof record, SCAN_AHEAD, &bytes, &have, err);
        if (status == MSC_OK && have == sizeof record) {
            memcpy(&record, bytes, sizeof record);
            if (record.check != msc_journal_record_check(j->head, &record) ||
                record.size > j->head->largest || record.index >= j->head->n) {
                break;
            }
            status = msc_journal_file_view(file, at, sizeof record + (size_t)record.size,
                                           SCAN_AHEAD, &bytes, &have, err);
        }
        if (status != MSC_OK) {
            return status;
        }
        if (have < sizeof record || have < sizeof record + record.size) {
            break;
        }
        if (msc_journal_payload_check(bytes + sizeof record, (size_t)record.size) !=
            record.payload_check) {
            at += have;
            continue;
        }
        if (j->place[record.index]) {
            status = compare_records(j, k, &record, err);
        } else {
            j->place[record.index] = (uint64_t)k << OFFSET_BITS | at;
            j->records++;
        }
        if (status != MSC_OK) {
            return status;
        }
        j->dropped += at - file->end;
        at += have;
        file->end = at;
    }
    if (fstat(file->fd, &st) < 0) {
        return msc_sysfile_fail(err, MSC_E_IO, "read", file->path, errno);
    }
    j->dropped += (uint64_t)st.st_size > file->end ? (uint64_t)st.st_size - file->end : 0;
    return MSC_OK;
}

/* ---- opening -------------------------------------------------------------------------------- */

static msc_status refuse_unfinished(msc_journal *j, size_t k, msc_journal_kind kind, msc_error *err)
{
    if (kind == MSC_JOURNAL_FOREIGN) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL,
                        "'%s' is in the way: it is not a journal of mscsim", j->file[k].path);
    }
    if (kind == MSC_JOURNAL_OURS) {
        j->file[k].end = j->head->size;
        msc_status status = scan(j, k, err);
        if (status == MSC_OK && j->options.records) {
            return msc_fail(err, MSC_E_CANTCREAT, NULL,
                            "'%s' has %llu %s that was not finished; "
                            "--resume goes on with it, -f starts anew",
                            j->file[k].path, (unsigned long long)j->records, j->options.records);
        }
        return status != MSC_OK
                   ? status
                   : msc_fail(err, MSC_E_CANTCREAT, NULL,
                              "'%s' has %llu of %llu scenarios of a sweep that was not finished; "
                              "--resume goes on with it, -f starts anew",
                              j->file[k].path, (unsigned long long)j->records,
                              (unsigned long long)j->head->n);
    }
    return msc_fail(err, MSC_E_CANTCREAT, NULL,
                    "'%s' is of another sweep or fit that was not finished; -f discards it",
                    j->file[k].path);
}

/* Take a file into the journal, or say that it is to be begun anew. */
static msc_status take_file(msc_journal *j, size_t k, bool *fresh, msc_error *err)
{
    msc_error why = {0};
    bool empty;
    msc_journal_file *file = &j->file[k];
    const msc_journal_mode mode = j->options.mode;
    msc_journal_kind kind = msc_journal_file_know(file, j->head, &empty, &why);
    *fresh = kind == MSC_JOURNAL_NONE;
    if (kind == MSC_JOURNAL_UNREAD) {
        return msc_fail(err, why.status, NULL, "%s", why.message);
    }
    if (*fresh || (mode == MSC_JOURNAL_DISCARD && kind != MSC_JOURNAL_FOREIGN) ||
        (mode == MSC_JOURNAL_NEW && empty)) {
        *fresh = true;
        return MSC_OK;
    }
    if (mode != MSC_JOURNAL_RESUME) {
        return refuse_unfinished(j, k, kind, err);
    }
    if (kind != MSC_JOURNAL_OURS) {
        return msc_fail(err, why.status, NULL, "%s", why.message);
    }
    file->end = j->head->size;
    return scan(j, k, err);
}

static int by_number(const void *a, const void *b)
{
    const long *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Numbers K of the files PATH.K, in order; the caller frees. */
static msc_status find_family(const char *path, long **number, size_t *n, msc_error *err)
{
    char *folder = msc_sysfile_folder(path);
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const size_t length = strlen(base);
    DIR *dir = folder ? opendir(folder) : NULL;
    *number = NULL;
    *n = 0;
    msc_status status = MSC_OK;
    if (!dir) {
        status = msc_sysfile_fail(err, MSC_E_IO, "read the folder", folder ? folder : path, errno);
        free(folder);
        return status;
    }
    for (const struct dirent *e; status == MSC_OK && (e = readdir(dir)) != NULL;) {
        const char *digits = e->d_name + length + 1;
        if (strncmp(e->d_name, base, length) != 0 || e->d_name[length] != '.' || digits[0] < '1' ||
            digits[0] > '9' || strlen(digits) > 5 || digits[strspn(digits, "0123456789")]) {
            continue;
        }
        long *more = realloc(*number, (*n + 1) * sizeof *more);
        if (!more) {
            status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
            break;
        }
        *number = more;
        more[(*n)++] = strtol(digits, NULL, 10);
    }
    closedir(dir);
    free(folder);
    if (*n > 0) {
        qsort(*number, *n, sizeof **number, by_number);
    }
    return status;
}

static size_t find_file(const msc_journal *j, const char *path)
{
    size_t k = 0;
    while (k < j->n_file && strcmp(j->file[k].path, path) != 0) {
        k++;
    }
    return k;
}

/* One of the family; it is removed if there is nothing in it to keep. */
static msc_status take_relative(msc_journal *j, const char *path, msc_error *err)
{
    bool fresh = false;
    size_t k = find_file(j, path);
    if (k < j->n_file) {
        return scan(j, k, err);
    }
    int fd;
    msc_status status = open_file(path, false, &fd, err);
    if (status != MSC_OK || fd < 0) {
        return status;
    }
    status = add_file(j, path, fd, err);
    if (status == MSC_OK) {
        status = take_file(j, k, &fresh, err);
    }
    if (status != MSC_OK || !fresh) {
        return status;
    }
    msc_journal_file_clear(&j->file[k]);
    j->n_file--;
    if (unlink(path) < 0 && errno != ENOENT) {
        return msc_sysfile_fail(err, MSC_E_IO, "remove", path, errno);
    }
    return MSC_OK;
}

static msc_status take_family(msc_journal *j, msc_error *err)
{
    long *number;
    size_t n, size = strlen(j->file[0].path) + 16;
    msc_status status = find_family(j->file[0].path, &number, &n, err);
    char *path = malloc(size);
    if (!path && status == MSC_OK) {
        status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    for (size_t i = 0; i < n && status == MSC_OK; i++) {
        snprintf(path, size, "%s.%ld", j->file[0].path, number[i]);
        status = take_relative(j, path, err);
    }
    free(path);
    free(number);
    return status;
}

static msc_status check_job(const msc_journal_job *job, msc_error *err)
{
    size_t length = 0;
    for (size_t i = 0; i < job->n_input; i++) {
        length += strlen(job->input[i].name) + 64;
    }
    if (job->n == 0 || job->n > n_limit || job->largest > payload_limit || length > 1 << 19) {
        return msc_fail(err, MSC_E_BUG, NULL, "a sweep out of the limits of its journal");
    }
    return MSC_OK;
}

static msc_status open_journal(msc_journal *j, const char *path, msc_error *err)
{
    bool fresh = false;
    int fd;
    msc_status status = open_locked(path, &fd, &j->locked, err);
    if (status == MSC_OK) {
        status = add_file(j, path, fd, err);
    }
    if (status == MSC_OK) {
        status = take_file(j, 0, &fresh, err);
    }
    if (status == MSC_OK && j->options.family) {
        status = take_family(j, err);
    }
    if (status == MSC_OK) {
        status = msc_journal_write_begin(j, fresh, err);
    }
    return status;
}

msc_status msc_journal_open(const char *path, const msc_journal_job *job,
                            const msc_journal_options *options, msc_journal **journal,
                            msc_error *err)
{
    *journal = NULL;
    msc_status status = check_job(job, err);
    if (status != MSC_OK) {
        return status;
    }
    msc_journal *j = calloc(1, sizeof *j);
    if (!j) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    j->options = *options;
    j->head = msc_journal_head_new(job);
    j->place = calloc((size_t)job->n, sizeof *j->place);
    status = j->head && j->place && msc_journal_write_init(j)
                 ? open_journal(j, path, err)
                 : msc_fail(err, MSC_E_NOMEM, NULL,
                            "out of memory: the journal of %llu scenarios needs %llu MB",
                            (unsigned long long)job->n, (unsigned long long)(job->n >> 17) + 1);
    if (status != MSC_OK) {
        msc_journal_close(j);
        return status;
    }
    *journal = j;
    return MSC_OK;
}

void msc_journal_close(msc_journal *j)
{
    if (!j) {
        return;
    }
    msc_journal_write_clear(j);
    for (size_t k = j->n_file; k-- > 0;) {
        msc_journal_file_clear(&j->file[k]);
    }
    free(j->file);
    free(j->place);
    free(j->head);
    free(j);
}

void msc_journal_look(const msc_journal *j, msc_journal_state *state)
{
    *state = (msc_journal_state){
        .records = j->records, .dropped = j->dropped, .n_file = j->n_file, .locked = j->locked};
    for (size_t k = 0; k < j->n_file; k++) {
        state->bytes += j->file[k].end;
    }
    state->bytes += j->used;
}

bool msc_journal_has(const msc_journal *j, uint64_t index)
{
    return index < j->head->n && j->place[index] != 0;
}

/* ---- reading and removing ------------------------------------------------------------------- */

msc_status msc_journal_gather(msc_journal *j, msc_error *err)
{
    msc_status status = msc_journal_flush(j, err);
    if (status != MSC_OK || !j->options.family) {
        return status;
    }
    /* whatever mode it was opened in: what is there now has been made since */
    j->options.mode = MSC_JOURNAL_RESUME;
    const uint64_t dropped = j->dropped;
    status = take_family(j, err);
    j->dropped = dropped;
    return status;
}

static msc_status read_fail(const msc_journal_file *file, uint64_t index, msc_error *err)
{
    return msc_fail(err, MSC_E_IO, NULL,
                    "cannot read '%s': scenario %llu is no longer what was written", file->path,
                    (unsigned long long)index);
}

msc_status msc_journal_read(msc_journal *j, uint64_t index, const void **payload, size_t *n,
                            msc_error *err)
{
    *payload = NULL;
    *n = 0;
    if (!msc_journal_has(j, index)) {
        return msc_fail(err, MSC_E_BUG, NULL, "the journal has no scenario %llu",
                        (unsigned long long)index);
    }
    msc_journal_file *file = &j->file[j->place[index] >> OFFSET_BITS];
    const uint64_t at = j->place[index] & ((UINT64_C(1) << OFFSET_BITS) - 1);
    const unsigned char *bytes;
    msc_journal_record record;
    size_t have, ahead = j->usual < READ_AHEAD / 4 ? READ_AHEAD : j->usual;
    msc_status status = j->used > 0 ? msc_journal_flush(j, err) : MSC_OK;
    if (status == MSC_OK) {
        status = msc_journal_file_view(file, at, sizeof record, ahead, &bytes, &have, err);
    }
    if (status != MSC_OK) {
        return status;
    }
    if (have < sizeof record) {
        return read_fail(file, index, err);
    }
    memcpy(&record, bytes, sizeof record);
    if (record.check != msc_journal_record_check(j->head, &record) || record.index != index ||
        record.size > j->head->largest) {
        return read_fail(file, index, err);
    }
    const size_t size = sizeof record + (size_t)record.size;
    status = msc_journal_file_view(file, at, size, ahead, &bytes, &have, err);
    if (status != MSC_OK) {
        return status;
    }
    if (have < size || msc_journal_payload_check(bytes + sizeof record, size - sizeof record) !=
                           record.payload_check) {
        return read_fail(file, index, err);
    }
    j->usual = size;
    *payload = bytes + sizeof record;
    *n = size - sizeof record;
    return MSC_OK;
}

msc_status msc_journal_remove(msc_journal *j, msc_error *err)
{
    msc_status status = MSC_OK;
    for (size_t k = j->n_file; k-- > 0 && status == MSC_OK;) {
        const msc_journal_file *file = &j->file[k];
        if (is_named(file->fd, file->path) && unlink(file->path) < 0) {
            status = msc_sysfile_fail(err, MSC_E_IO, "remove", file->path, errno);
        }
    }
    return status != MSC_OK ? status : msc_sysfile_sync_folder(j->file[0].path, err);
}
