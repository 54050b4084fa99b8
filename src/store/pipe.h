/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between the process that reads a results file and the one that wants it (receive.c).
 *
 * The pipe carries items: a header of two words, tag and length, and as many bytes. A text has its
 * NUL with it, and length 0 if it is NULL. All before it enters the sum S, which comes last; an
 * error, E and its message, may stand before any item and ends the sending.
 *     G {attributes, axes, arrays}
 *     each attribute  T name, T text, N number
 *     each axis       T name, G {n, labelled}, T unit, T about, n of T or items D
 *     each array      T name, G {kind, rank, meanings}, G {axis ...}, T unit, T about,
 *                     meanings of T, and its elements as T or items D */
#ifndef MSC_STORE_PIPE_H
#define MSC_STORE_PIPE_H

#include "store/dataset.h"

enum {
    MSC_PIPE_BUFFER = 1 << 16,
    MSC_PIPE_RATIO = 1100 /* bytes in memory for one in the file: deflate packs 1032 at most */
};

/* Fowler, Noll and Vo's hash (FNV-1a), eight bytes at a time. */
uint64_t msc_pipe_sum(uint64_t sum, const void *data, size_t n);

/* Bytes of an element in memory. */
size_t msc_pipe_size(msc_array_kind kind);

/* The end that is written to. If nobody listens any more, the process ends. */
typedef struct {
    int fd;
    uint64_t sum;
    size_t used;
    unsigned char buffer[MSC_PIPE_BUFFER];
} msc_pipe_end;
void msc_pipe_put(msc_pipe_end *end, char tag, const void *data, size_t n);
void msc_pipe_put_text(msc_pipe_end *end, const char *text);
void msc_pipe_flush(msc_pipe_end *end);

/* What the child does: read what is wanted of a file of so many bytes, send it, and end the process. */
_Noreturn void msc_pipe_send(int fd, const char *path, uint64_t size,
                             const msc_store_selection *selection);

#endif
