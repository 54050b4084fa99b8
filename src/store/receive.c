/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a results file, the parent's side.
 *
 * HDF5 crashes or spins on about one damaged file in seventy. So a child process reads, with limits
 * on memory and time, and whatever becomes of it, the parent has either a complete dataset with the
 * right sum, or a sentence. It trusts the child no more than the file. */
#include "store/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pipe.h"

/* A sanitiser's shadow takes more addresses than any limit allows. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITISED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITISED 1
#endif
#endif
#ifndef SANITISED
#define SANITISED 0
#endif

enum {
    PATIENCE = 60,                       /* s without a byte */
    PROCESSOR_TIME = SANITISED ? 15 : 5, /* s for a small file, */
    SPEED = 1 << 20,        /* and one more for so many bytes, which may be a thousand times more */
    HEADROOM = 1 << 24,     /* bytes in memory beside the contents */
    SPARE_MEMORY = 1 << 30, /* for HDF5 */
    DEAF = 3                /* descriptors 0, 1 and 2 are not the child's */
};

/* ---- what is read --------------------------------------------------------------------------- */

/* A dataset and the memory of all that is in it. */
typedef struct {
    msc_dataset dataset; /* first: the caller's pointer is to this */
    void **block;
    size_t n, cap;
} owner;

void msc_dataset_free(msc_dataset *dataset)
{
    owner *o = (owner *)dataset;
    if (!o) {
        return;
    }
    for (size_t i = 0; i < o->n; i++) {
        free(o->block[i]);
    }
    free(o->block);
    free(o);
}

typedef struct {
    owner *owner;
    const char *path;
    const msc_store_selection *selection;
    msc_error *err;
    pid_t pid;
    int fd;
    uint64_t sum, budget; /* bytes that the file can make */
    size_t used, have;
    bool broken; /* the child fell silent or talks nonsense */
    unsigned char buffer[MSC_PIPE_BUFFER];
} parent;

/* Told in words when the child's fate is known. */
static msc_status broken(parent *p)
{
    p->broken = true;
    return MSC_E_DATA;
}

static msc_status exhausted(const parent *p)
{
    return msc_fail(p->err, MSC_E_NOMEM, NULL, "out of memory while reading '%s'", p->path);
}

/* Zeroed memory for n things, at least one, owned by the dataset. */
static msc_status hold(parent *p, uint64_t n, size_t size, void **memory)
{
    owner *o = p->owner;
    *memory = NULL;
    n = n ? n : 1;
    if (n > p->budget / size) {
        return broken(p);
    }
    p->budget -= n * size;
    if (o->n == o->cap) {
        void **more = realloc(o->block, (2 * o->cap + 64) * sizeof *more);
        if (!more) {
            return exhausted(p);
        }
        o->block = more;
        o->cap = 2 * o->cap + 64;
    }
    *memory = calloc((size_t)n, size);
    if (!*memory) {
        return exhausted(p);
    }
    o->block[o->n++] = *memory;
    return MSC_OK;
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* Some bytes, 0 if there will be none. */
static size_t listen_to(const parent *p, void *to, size_t n)
{
    for (;;) {
        struct pollfd ready = {.fd = p->fd, .events = POLLIN};
        int r = poll(&ready, 1, PATIENCE * 1000);
        if (r < 0 && errno == EINTR) {
            continue;
        }
        ssize_t got = r > 0 ? read(p->fd, to, n) : 0;
        if (got < 0 && errno == EINTR) {
            continue;
        }
        return got > 0 ? (size_t)got : 0;
    }
}

static msc_status receive(parent *p, void *to, size_t n)
{
    unsigned char *byte = to;
    for (size_t left = n, part; left > 0; byte += part, left -= part) {
        if (p->used == p->have && left >= sizeof p->buffer) {
            part = listen_to(p, byte, left);
        } else {
            if (p->used == p->have) {
                p->used = 0;
                p->have = listen_to(p, p->buffer, sizeof p->buffer);
            }
            part = p->have - p->used < left ? p->have - p->used : left;
            memcpy(byte, p->buffer + p->used, part);
            p->used += part;
        }
        if (part == 0) {
            return broken(p);
        }
    }
    p->sum = msc_pipe_sum(p->sum, to, n);
    return MSC_OK;
}

/* The child's own account of what is wrong. */
static msc_status receive_error(parent *p)
{
    uint64_t code, header[2];
    char message[sizeof((msc_error *)0)->message] = "";
    if (receive(p, &code, sizeof code) != MSC_OK || receive(p, header, sizeof header) != MSC_OK ||
        header[0] != 'T' || header[1] == 0 || header[1] > sizeof message ||
        receive(p, message, (size_t)header[1]) != MSC_OK || message[header[1] - 1] ||
        (code != MSC_E_DATA && code != MSC_E_NOMEM && code != MSC_E_USAGE)) {
        return broken(p);
    }
    return msc_fail(p->err, (msc_status)code, NULL, "%s", message);
}

/* The header of the next item, which should have this tag. */
static msc_status next(parent *p, char tag, uint64_t *n)
{
    uint64_t header[2];
    msc_status status = receive(p, header, sizeof header);
    if (status != MSC_OK) {
        return status;
    }
    if (header[0] == 'E' && header[1] == sizeof(uint64_t)) {
        return receive_error(p);
    }
    *n = header[1];
    return header[0] == (unsigned char)tag ? MSC_OK : broken(p);
}

static msc_status get(parent *p, char tag, void *to, size_t size)
{
    uint64_t n = 0;
    msc_status status = next(p, tag, &n);
    if (status != MSC_OK) {
        return status;
    }
    return n == size ? receive(p, to, size) : broken(p);
}

static msc_status get_text(parent *p, const char **text)
{
    uint64_t n = 0;
    void *memory;
    *text = NULL;
    msc_status status = next(p, 'T', &n);
    if (status != MSC_OK || n == 0) {
        return status;
    }
    status = hold(p, n, 1, &memory);
    if (status == MSC_OK) {
        status = receive(p, memory, (size_t)n);
    }
    if (status != MSC_OK) {
        return status;
    }
    const char *end = memchr(memory, '\0', (size_t)n);
    if (end != (char *)memory + n - 1) {
        return broken(p);
    }
    *text = memory;
    return MSC_OK;
}

/* A name that has to be there. */
static msc_status get_name(parent *p, const char **text)
{
    msc_status status = get_text(p, text);
    return status == MSC_OK && !*text ? broken(p) : status;
}

static msc_status get_texts(parent *p, uint64_t n, const char *const **texts)
{
    void *memory;
    *texts = NULL;
    msc_status status = hold(p, n, sizeof(char *), &memory);
    const char **text = memory;
    for (uint64_t i = 0; i < n && status == MSC_OK; i++) {
        status = get_name(p, &text[i]);
    }
    *texts = text;
    return status;
}

static msc_status get_data(parent *p, uint64_t n, size_t size, void **data)
{
    msc_status status = hold(p, n, size, data);
    char *to = *data;
    for (uint64_t left = n * size, part = 0; left > 0 && status == MSC_OK; left -= part) {
        status = next(p, 'D', &part);
        if (status == MSC_OK && (part == 0 || part > left)) {
            status = broken(p);
        }
        if (status != MSC_OK) {
            break;
        }
        status = receive(p, to, (size_t)part);
        to += part;
    }
    return status;
}

static msc_status get_attribute(parent *p, msc_attribute *attribute)
{
    msc_status status = get_name(p, &attribute->name);
    if (status == MSC_OK) {
        status = get_text(p, &attribute->text);
    }
    return status != MSC_OK ? status : get(p, 'N', &attribute->number, sizeof(double));
}

static msc_status get_axis(parent *p, msc_axis *axis)
{
    uint64_t head[2] = {0};
    msc_status status = get_name(p, &axis->name);
    if (status == MSC_OK) {
        status = get(p, 'G', head, sizeof head);
    }
    if (status == MSC_OK) {
        status = get_text(p, &axis->unit);
    }
    if (status == MSC_OK) {
        status = get_text(p, &axis->about);
    }
    if (status != MSC_OK) {
        return status;
    }
    axis->n = (size_t)head[0];
    if (head[1]) {
        axis->unit = NULL;
        return get_texts(p, head[0], &axis->label);
    }
    void *data;
    status = get_data(p, head[0], sizeof(double), &data);
    axis->value = data;
    return status;
}

static msc_status get_elements(parent *p, msc_array *array)
{
    uint64_t n = 1;
    const size_t size = msc_pipe_size(array->kind);
    for (int k = 0; k < array->n_axis; k++) {
        uint64_t more = p->owner->dataset.axis[array->axis[k]].n;
        if (more == 0 || n > p->budget / more) {
            return broken(p);
        }
        n *= more;
    }
    if (array->kind == MSC_ARRAY_TEXT) {
        return get_texts(p, n, &array->text);
    }
    void *data;
    msc_status status = get_data(p, n, size, &data);
    if (status != MSC_OK) {
        return status;
    }
    switch (array->kind) {
    case MSC_ARRAY_REAL: array->real = data; break;
    case MSC_ARRAY_FLAG: array->flag = data; break;
    case MSC_ARRAY_COUNT: array->count = data; break;
    case MSC_ARRAY_TEXT: break;
    }
    return MSC_OK;
}

static msc_status get_array(parent *p, msc_array *array)
{
    uint64_t head[3] = {0}, number[MSC_AXES] = {0};
    msc_status status = get_name(p, &array->name);
    if (status == MSC_OK) {
        status = get(p, 'G', head, sizeof head);
    }
    if (status == MSC_OK) {
        status = get(p, 'G', number, sizeof number);
    }
    if (status == MSC_OK) {
        status = get_text(p, &array->unit);
    }
    if (status == MSC_OK) {
        status = get_text(p, &array->about);
    }
    if (status != MSC_OK) {
        return status;
    }
    if (head[0] > MSC_ARRAY_TEXT || head[1] > MSC_AXES) {
        return broken(p);
    }
    array->kind = (msc_array_kind)head[0];
    array->n_axis = (int)head[1];
    for (int k = 0; k < array->n_axis; k++) {
        if (number[k] >= p->owner->dataset.n_axis || number[k] > INT_MAX) {
            return broken(p);
        }
        array->axis[k] = (int)number[k];
    }
    array->n_meaning = (size_t)head[2];
    status = get_texts(p, head[2], &array->flag_meaning);
    return status != MSC_OK ? status : get_elements(p, array);
}

static msc_status get_dataset(parent *p)
{
    uint64_t head[3] = {0}, expected, sum;
    void *attribute = NULL, *axis = NULL, *array = NULL;
    msc_dataset *d = &p->owner->dataset;
    msc_status status = get(p, 'G', head, sizeof head);
    if (status == MSC_OK) {
        status = hold(p, head[0], sizeof(msc_attribute), &attribute);
    }
    if (status == MSC_OK) {
        status = hold(p, head[1], sizeof(msc_axis), &axis);
    }
    if (status == MSC_OK) {
        status = hold(p, head[2], sizeof(msc_array), &array);
    }
    if (status != MSC_OK) {
        return status;
    }
    *d = (msc_dataset){(size_t)head[1], (size_t)head[2], (size_t)head[0], axis, array, attribute};
    for (size_t i = 0; i < d->n_attribute && status == MSC_OK; i++) {
        status = get_attribute(p, (msc_attribute *)attribute + i);
    }
    for (size_t i = 0; i < d->n_axis && status == MSC_OK; i++) {
        status = get_axis(p, (msc_axis *)axis + i);
    }
    for (size_t i = 0; i < d->n_array && status == MSC_OK; i++) {
        status = get_array(p, (msc_array *)array + i);
    }
    if (status != MSC_OK) {
        return status;
    }
    expected = p->sum;
    status = get(p, 'S', &sum, sizeof sum);
    return status == MSC_OK && sum != expected ? broken(p) : status;
}

/* ---- the two processes ---------------------------------------------------------------------- */

/* An upper limit on a resource. */
static void limit(int resource, rlim_t n)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0) {
        now.rlim_max = now.rlim_max < n + 1 ? now.rlim_max : n + 1;
        now.rlim_cur = now.rlim_max < n ? now.rlim_max : n;
        (void)setrlimit(resource, &now);
    }
}

/* Bytes of address space in use; 0 where nobody knows. */
static uint64_t addresses(void)
{
    char text[64] = "";
    long page = sysconf(_SC_PAGESIZE);
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        close(fd);
    }
    return n > 0 && page > 0 ? (uint64_t)strtoull(text, NULL, 10) * (uint64_t)page : 0;
}

/* The child: quiet, mortal, with little of anything. Signals are blocked when it begins: a handler
 * of the caller's must not run in it. */
static _Noreturn void be_child(int fd, const parent *p, uint64_t size)
{
    static const int of_users[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGXCPU};
    static const int of_faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof of_users / sizeof of_users[0]; i++) {
        (void)signal(of_users[i], SIG_DFL);
    }
    for (size_t i = 0; i < sizeof of_faults / sizeof of_faults[0] && !SANITISED; i++) {
        (void)signal(of_faults[i], SIG_DFL);
    }
    int above = fcntl(fd, F_DUPFD_CLOEXEC, DEAF);
    int nowhere = open("/dev/null", O_RDWR);
    for (int k = 0; k < DEAF && nowhere >= 0; k++) {
        (void)dup2(nowhere, k);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, PROCESSOR_TIME + size / SPEED);
    uint64_t taken = SANITISED ? 0 : addresses();
    if (taken > 0) {
        limit(RLIMIT_AS, taken + SPARE_MEMORY + size);
    }
    msc_pipe_send(above, p->path, size, p->selection);
}

/* After the last byte, or instead of it. */
static msc_status part_with(parent *p, msc_status status)
{
    int fate = 0;
    pid_t gone;
    close(p->fd);
    if (status != MSC_OK) {
        (void)kill(p->pid, SIGKILL);
    }
    do {
        gone = waitpid(p->pid, &fate, 0);
    } while (gone < 0 && errno == EINTR);
    if (!p->broken) {
        return status;
    }
    int by = gone == p->pid && WIFSIGNALED(fate) ? WTERMSIG(fate) : 0;
    if (by == SIGINT || by == SIGTERM || by == SIGHUP) {
        return msc_fail(p->err, MSC_E_STOPPED, NULL, "reading '%s' was ended by a signal", p->path);
    }
    return msc_fail(p->err, MSC_E_DATA, NULL, "'%s' is damaged", p->path);
}

static msc_status read_by_child(parent *p, uint64_t size)
{
    int end[2];
    if (pipe(end) < 0) {
        return msc_fail(p->err, MSC_E_IO, NULL, "cannot read '%s': no pipe to be had", p->path);
    }
    (void)fcntl(end[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(end[1], F_SETFD, FD_CLOEXEC);
    p->fd = end[0];
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    p->pid = fork();
    if (p->pid == 0) {
        close(end[0]);
        be_child(end[1], p, size);
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(end[1]);
    if (p->pid < 0) {
        close(end[0]);
        return msc_fail(p->err, MSC_E_IO, NULL, "cannot read '%s': no process to be had", p->path);
    }
    return part_with(p, get_dataset(p));
}

/* Is it a regular file that starts as HDF5 does? */
static msc_status check_file(const char *path, uint64_t *size, msc_error *err)
{
    static const unsigned char magic[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
    unsigned char start[sizeof magic] = {0};
    char reason[256] = "";
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0) {
        if (strerror_r(errno, reason, sizeof reason) != 0) {
            snprintf(reason, sizeof reason, "the system refuses");
        }
        if (fd >= 0) {
            close(fd);
        }
        return msc_fail(err, MSC_E_NOINPUT, NULL, "cannot open '%s': %s", path, reason);
    }
    bool regular = S_ISREG(st.st_mode);
    ssize_t n = regular ? read(fd, start, sizeof start) : 0;
    close(fd);
    if (!regular) {
        return msc_fail(err, MSC_E_NOINPUT, NULL, "cannot open '%s': it is not a regular file",
                        path);
    }
    if (n != (ssize_t)sizeof magic || memcmp(start, magic, sizeof magic) != 0) {
        return msc_fail(err, MSC_E_DATA, NULL,
                        "'%s' is not a results file of mscsim (HDF5), or its beginning is damaged",
                        path);
    }
    *size = (uint64_t)st.st_size;
    return MSC_OK;
}

/* Three quarters of the memory there is. */
static uint64_t memory_limit(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages / 4 * 3 * (uint64_t)page : UINT64_MAX;
}

msc_status msc_store_read(const char *path, msc_dataset **dataset, msc_error *err)
{
    return msc_store_read_some(path, &(msc_store_selection){0}, dataset, err);
}

msc_status msc_store_read_some(const char *path, const msc_store_selection *selection,
                               msc_dataset **dataset, msc_error *err)
{
    msc_store_selection wanted = *selection;
    uint64_t size = 0;
    msc_error inner = {0};
    *dataset = NULL;
    msc_status status = check_file(path, &size, err);
    if (status != MSC_OK) {
        return status;
    }
    parent *p = calloc(1, sizeof *p);
    owner *o = calloc(1, sizeof *o);
    if (!p || !o) {
        status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory while reading '%s'", path);
        goto out;
    }
    p->owner = o;
    p->path = path;
    p->selection = &wanted;
    wanted.limit = wanted.limit ? wanted.limit : memory_limit();
    p->err = err;
    p->budget =
        (size > (UINT64_MAX - HEADROOM) / MSC_PIPE_RATIO ? UINT64_MAX / 2 : size * MSC_PIPE_RATIO) +
        HEADROOM;
    status = read_by_child(p, size);
    if (status == MSC_OK && msc_dataset_check(&o->dataset, &inner) != MSC_OK) {
        status = msc_fail(err, MSC_E_DATA, NULL, "'%s' is damaged: %s", path, inner.message);
    }
    if (status == MSC_OK) {
        *dataset = &o->dataset;
        o = NULL;
    }
out:
    msc_dataset_free(o ? &o->dataset : NULL);
    free(p);
    return status;
}
