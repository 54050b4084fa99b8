/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file that appears under its name only when it is complete. */
#include "store/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/dataset.h"
#include "store/sysfile.h"

static msc_status exists_fail(const char *path, msc_error *err)
{
    return msc_fail(err, MSC_E_CANTCREAT, NULL, "%s exists; -f replaces it, -o names another",
                    path);
}

/* The temporary name is longer than the name. */
static msc_status probe_length(const char *path, msc_error *err)
{
    struct stat st;
    size_t size = strlen(path) + 32;
    char *name = malloc(size);
    if (!name) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    snprintf(name, size, "%s.tmp.0123456789", path);
    bool wrong = lstat(name, &st) < 0 && errno == ENAMETOOLONG;
    free(name);
    return wrong ? msc_sysfile_fail(err, MSC_E_CANTCREAT, "create", path, ENAMETOOLONG) : MSC_OK;
}

static msc_status probe_folder(const char *path, msc_error *err)
{
    char *folder = msc_sysfile_folder(path);
    if (!folder) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    struct stat st;
    msc_status status = MSC_OK;
    if (stat(folder, &st) < 0) {
        status = errno == ENOENT
                     ? msc_fail(err, MSC_E_CANTCREAT, NULL,
                                "cannot create '%s': there is no folder '%s'", path, folder)
                     : msc_sysfile_fail(err, MSC_E_CANTCREAT, "create", path, errno);
    } else if (!S_ISDIR(st.st_mode)) {
        status = msc_fail(err, MSC_E_CANTCREAT, NULL, "cannot create '%s': '%s' is not a folder",
                          path, folder);
    } else if (access(folder, W_OK | X_OK) < 0) {
        status = msc_sysfile_fail(err, MSC_E_CANTCREAT, "write into the folder", folder, errno);
    }
    free(folder);
    return status != MSC_OK ? status : probe_length(path, err);
}

msc_status msc_store_probe(const char *path, bool force, msc_error *err)
{
    struct stat st;
    const size_t n = path ? strlen(path) : 0;
    if (n == 0) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL, "the name of the output file is empty");
    }
    if (lstat(path, &st) < 0) {
        if (errno != ENOENT) {
            return msc_sysfile_fail(err, MSC_E_CANTCREAT, "create", path, errno);
        }
        if (path[n - 1] == '/') {
            return msc_fail(err, MSC_E_CANTCREAT, NULL,
                            "cannot create '%s': that is the name of a folder", path);
        }
        return probe_folder(path, err);
    }
    const char *what = S_ISDIR(st.st_mode)   ? "is a folder"
                       : S_ISLNK(st.st_mode) ? "is a symbolic link"
                                             : "is not a regular file";
    if (!S_ISREG(st.st_mode)) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL,
                        "'%s' %s; results are written to regular files only", path, what);
    }
    if (!force) {
        return exists_fail(path, err);
    }
    return probe_folder(path, err);
}

/* The temporary file that writing begins with is made and taken away. */
msc_status msc_store_probe_file(const char *path, msc_error *err)
{
    size_t size = strlen(path) + 32;
    char *name = malloc(size);
    if (!name) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    snprintf(name, size, "%s.tmp.%ld", path, (long)getpid());
    int fd;
    do {
        fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EINTR);
    const int failed = fd < 0 && errno != EEXIST ? errno : 0; /* of one who had our number: he could */
    if (fd >= 0) {
        close(fd);
        unlink(name);
    }
    free(name);
    return failed ? msc_sysfile_fail_create(err, path, path, failed) : MSC_OK;
}

/* Is there something that no results are lost with: HDF5 files begin so. */
static bool begins_otherwise(const char *path)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char begin[sizeof signature];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, begin, sizeof begin);
    if (fd >= 0) {
        close(fd);
    }
    return n > 0 && (n < (ssize_t)sizeof begin || memcmp(begin, signature, sizeof begin) != 0);
}

msc_status msc_store_probe_results(const char *path, bool force, msc_error *err)
{
    const msc_status status = msc_store_probe(path, force, err);
    if (status == MSC_OK && force && begins_otherwise(path)) {
        return msc_fail(err, MSC_E_CANTCREAT, NULL, "'%s' exists and is no results file: it is not replaced; -o names another", path);
    }
    return status;
}

/* A leftover of a process that had our number, or our place, and was killed is in nobody's use. */
msc_status msc_outfile_open(msc_outfile *file, const char *path, bool alone, msc_error *err)
{
    *file = (msc_outfile){path, NULL, -1};
    size_t size = strlen(path) + 32;
    char *name = malloc(size);
    if (!name) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    if (alone) {
        snprintf(name, size, "%s.tmp", path);
    } else {
        snprintf(name, size, "%s.tmp.%ld", path, (long)getpid());
    }
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    do {
        file->fd = open(name, flags, 0666);
    } while (file->fd < 0 && errno == EINTR);
    if (file->fd < 0 && errno == EEXIST && unlink(name) == 0) {
        file->fd = open(name, flags, 0666);
    }
    if (file->fd < 0) {
        int code = errno;
        msc_status status = msc_sysfile_fail_create(err, path, name, code);
        free(name);
        return status;
    }
    file->name = name;
    return MSC_OK;
}

/* All bytes on the disk, and the name still that of these bytes. */
static msc_status sync_file(msc_outfile *file, msc_error *err)
{
    struct stat ours, named;
    while (fsync(file->fd) < 0) {
        if (errno != EINTR) {
            return msc_sysfile_fail(err, MSC_E_IO, "write", file->path, errno);
        }
    }
    if (fstat(file->fd, &ours) < 0 || lstat(file->name, &named) < 0) {
        return msc_sysfile_fail(err, MSC_E_IO, "write", file->path, errno);
    }
    if (ours.st_ino != named.st_ino || ours.st_dev != named.st_dev) {
        return msc_fail(err, MSC_E_IO, NULL, "cannot write '%s': '%s' was taken away", file->path,
                        file->name);
    }
    int failed = close(file->fd) < 0 && errno != EINTR ? errno : 0;
    file->fd = -1;
    return failed ? msc_sysfile_fail(err, MSC_E_IO, "write", file->path, failed) : MSC_OK;
}

/* Have two files the same bytes? */
static bool same_bytes(const char *a, const char *b)
{
    enum { PIECE = 1 << 16 };
    struct stat st;
    if (lstat(b, &st) < 0 || !S_ISREG(st.st_mode)) {
        return false;
    }
    char *piece = malloc(2 * PIECE);
    FILE *one = fopen(a, "rbe"), *two = fopen(b, "rbe");
    bool same = piece && one && two;
    for (size_t n = 1; same && n > 0;) {
        n = fread(piece, 1, PIECE, one);
        same = fread(piece + PIECE, 1, PIECE, two) == n && memcmp(piece, piece + PIECE, n) == 0;
    }
    same = same && !ferror(one) && !ferror(two);
    if (one) {
        fclose(one);
    }
    if (two) {
        fclose(two);
    }
    free(piece);
    return same;
}

msc_status msc_outfile_commit(msc_outfile *file, bool force, msc_error *err)
{
    msc_status status = sync_file(file, err);
    if (status != MSC_OK) {
        return status;
    }
    int failed = 0;
    struct stat st;
    if (!force && link(file->name, file->path) == 0) {
        failed = unlink(file->name) < 0 ? errno : 0;
    } else if (!force && lstat(file->path, &st) == 0) {
        if (!same_bytes(file->name, file->path)) {
            return exists_fail(file->path, err);
        }
        failed = unlink(file->name) < 0 ? errno : 0;
    } else {
        failed = rename(file->name, file->path) < 0 ? errno : 0; /* or there are no links here */
    }
    if (failed) {
        return msc_sysfile_fail(err, MSC_E_IO, "write", file->path, failed);
    }
    free(file->name);
    file->name = NULL;
    return msc_sysfile_sync_folder(file->path, err);
}

void msc_outfile_clear(msc_outfile *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    if (file->name) {
        unlink(file->name);
    }
    free(file->name);
    *file = (msc_outfile){NULL, NULL, -1};
}
