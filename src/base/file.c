/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading text files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t msc_file_size(msc_arena *arena, const char *path, const char *name, const msc_file_kind *kind)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        msc_throw(arena, MSC_E_NOINPUT, name, "cannot be opened: %s", strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        msc_throw(arena, kind->not_regular, name, "a directory, not %s", kind->instead_of_folder);
    }
    if (!S_ISREG(info.st_mode)) {
        msc_throw(arena, kind->not_regular, name, "not a regular file");
    }
    if (info.st_size > kind->most) {
        msc_throw(arena, kind->too_large, name, "the file has %lld bytes; %s at most %d MiB", (long long)info.st_size, kind->what,
                  kind->most >> 20);
    }
    return (size_t)info.st_size;
}

/* Open without hanging on a FIFO, or -1 with the reason. */
static int open_regular(const char *path, const char **why)
{
    struct stat info;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        *why = strerror(errno);
        return -1;
    }
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(file);
        *why = "not a regular file";
        return -1;
    }
    return file;
}

/* Up to n bytes; -1 with errno. */
static ssize_t read_bytes(int file, char *bytes, size_t n)
{
    size_t got = 0;
    while (got < n) {
        const ssize_t more = read(file, bytes + got, n - got);
        if (more < 0 && errno == EINTR) {
            continue;
        }
        if (more < 0) {
            return -1;
        }
        if (more == 0) {
            break;
        }
        got += (size_t)more;
    }
    return (ssize_t)got;
}

size_t msc_file_read(msc_arena *arena, const char *path, const char *name, char *to, size_t n)
{
    const char *why = NULL;
    const int file = open_regular(path, &why);
    if (file < 0) {
        msc_throw(arena, MSC_E_NOINPUT, name, "cannot be opened: %s", why);
    }
    const ssize_t got = read_bytes(file, to, n);
    const int reason = errno;
    close(file);
    if (got < 0) {
        msc_throw(arena, MSC_E_IO, name, "cannot be read: %s", strerror(reason));
    }
    return (size_t)got;
}

void msc_file_read_all(msc_arena *arena, const char *path, const char *name, char *to, size_t size)
{
    if (msc_file_read(arena, path, name, to, size + 1) != size) {
        msc_throw(arena, MSC_E_NOINPUT, name, "changed while it was read");
    }
}
