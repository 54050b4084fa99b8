/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a disk, or a murderer, can do to a program: preloaded (LD_PRELOAD), it counts the calls that
 * change regular files and folders, and at the k-th does what it is told. In the environment:
 *     FAULT_AT     k, from 1; none: only counts
 *     FAULT_KIND   kill        SIGKILL before the call is made
 *                  ENOSPC EDQUOT   from the k-th call on, what needs room fails: writes and syncs
 *                  EIO         from the k-th call on everything fails
 *                  once        the k-th call fails as with EIO, and no other
 *                  short       the k-th call, if a write of more than a byte, writes half of it
 *                  EINTR       the k-th call is interrupted once, before it has done anything
 *     FAULT_COUNT  a file that gets, when the program ends by itself, the number of calls, of those
 *                  that were made to fail, and the name of the last of these, or -
 * It is in C alone and prints nothing, so that it may be preloaded to anything. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum { GO_ON, FAIL, HALF } verdict;
typedef enum { WRITE, SYNC, OTHER } kind_of_call;

static atomic_long calls, failures;
static _Atomic(const char *) failed_last = "-";

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Pipes and terminals are not what is meant. */
static int counts(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static verdict decide(kind_of_call kind)
{
    const long at = number("FAULT_AT"), now = ++calls;
    const char *what = getenv("FAULT_KIND");
    if (at == 0 || now < at || !what) {
        return GO_ON;
    }
    if (strcmp(what, "kill") == 0) {
        kill(getpid(), SIGKILL);
        for (;;) {
            pause();
        }
    }
    if (strcmp(what, "short") == 0) {
        return now == at && kind == WRITE ? HALF : GO_ON;
    }
    if (strcmp(what, "EINTR") == 0) {
        errno = EINTR;
        return now == at && kind != OTHER ? FAIL : GO_ON;
    }
    if (strcmp(what, "EIO") == 0 || strcmp(what, "once") == 0) {
        errno = EIO;
        return now == at || what[0] == 'E' ? FAIL : GO_ON;
    }
    errno = strcmp(what, "EDQUOT") == 0 ? EDQUOT : ENOSPC;
    return kind == OTHER ? GO_ON : FAIL;
}

static verdict judge(kind_of_call kind, const char *name)
{
    verdict v = decide(kind);
    if (v == FAIL) {
        failures++;
        failed_last = name;
    }
    return v;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("FAULT_COUNT");
    const long n = calls, failed = failures;
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        setenv("FAULT_AT", "0", 1);
        fprintf(file, "%ld %ld %s\n", n, failed, failed_last);
        fclose(file);
    }
}

static size_t half(size_t n)
{
    return n > 1 ? n / 2 : n;
}

/* The next of that name; ISO C has no word for it. */
#define REAL(name)                             \
    static __typeof__(&(name)) real;           \
    if (!real) {                               \
        void *found = dlsym(RTLD_NEXT, #name); \
        memcpy(&real, &found, sizeof found);   \
    }

#pragma GCC visibility push(default)

ssize_t write(int fd, const void *data, size_t n)
{
    REAL(write)
    verdict v = counts(fd) ? judge(WRITE, __func__) : GO_ON;
    return v == FAIL ? -1 : real(fd, data, v == HALF ? half(n) : n);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    REAL(pwrite)
    verdict v = counts(fd) ? judge(WRITE, __func__) : GO_ON;
    return v == FAIL ? -1 : real(fd, data, v == HALF ? half(n) : n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    REAL(pwrite64)
    verdict v = counts(fd) ? judge(WRITE, __func__) : GO_ON;
    return v == FAIL ? -1 : real(fd, data, v == HALF ? half(n) : n, at);
}

/* Half of the first piece, or of all of it. */
static ssize_t half_of(int fd, const struct iovec *part, off_t at)
{
    REAL(pwrite)
    return real(fd, part[0].iov_base, half(part[0].iov_len), at);
}

ssize_t pwritev(int fd, const struct iovec *part, int n, off_t at)
{
    REAL(pwritev)
    verdict v = counts(fd) ? judge(WRITE, __func__) : GO_ON;
    return v == FAIL ? -1 : v == HALF ? half_of(fd, part, at) : real(fd, part, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *part, int n, off64_t at)
{
    REAL(pwritev64)
    verdict v = counts(fd) ? judge(WRITE, __func__) : GO_ON;
    return v == FAIL ? -1 : v == HALF ? half_of(fd, part, at) : real(fd, part, n, at);
}

int ftruncate(int fd, off_t n)
{
    REAL(ftruncate)
    return judge(OTHER, __func__) == FAIL ? -1 : real(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
    REAL(ftruncate64)
    return judge(OTHER, __func__) == FAIL ? -1 : real(fd, n);
}

int fsync(int fd)
{
    REAL(fsync)
    return judge(SYNC, __func__) == FAIL ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync)
    return judge(SYNC, __func__) == FAIL ? -1 : real(fd);
}

int rename(const char *from, const char *to)
{
    REAL(rename)
    return judge(OTHER, __func__) == FAIL ? -1 : real(from, to);
}

int link(const char *from, const char *to)
{
    REAL(link)
    return judge(OTHER, __func__) == FAIL ? -1 : real(from, to);
}

int unlink(const char *path)
{
    REAL(unlink)
    return judge(OTHER, __func__) == FAIL ? -1 : real(path);
}
