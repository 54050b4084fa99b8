/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Between the process that reads a results file and the one that wants it: sending. */
#include "store/pipe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

uint64_t msc_pipe_sum(uint64_t sum, const void *data, size_t n)
{
    const unsigned char *byte = data;
    while (n > 0) {
        uint64_t word = 0;
        size_t part = n < sizeof word ? n : sizeof word;
        memcpy(&word, byte, part);
        sum = (sum ^ word) * UINT64_C(1099511628211);
        byte += part;
        n -= part;
    }
    return sum;
}

size_t msc_pipe_size(msc_array_kind kind)
{
    switch (kind) {
    case MSC_ARRAY_REAL: return sizeof(double);
    case MSC_ARRAY_FLAG: return sizeof(uint8_t);
    case MSC_ARRAY_COUNT: return sizeof(int64_t);
    case MSC_ARRAY_TEXT: break;
    }
    return sizeof(char *);
}

void msc_pipe_flush(msc_pipe_end *end)
{
    for (size_t done = 0; done < end->used;) {
        ssize_t n = write(end->fd, end->buffer + done, end->used - done);
        if (n < 0 && errno != EINTR) {
            _exit(1); /* nobody listens */
        }
        done += n > 0 ? (size_t)n : 0;
    }
    end->used = 0;
}

static void put_bytes(msc_pipe_end *end, const void *data, size_t n)
{
    const unsigned char *byte = data;
    end->sum = msc_pipe_sum(end->sum, data, n);
    while (n > 0) {
        size_t part = MSC_PIPE_BUFFER - end->used < n ? MSC_PIPE_BUFFER - end->used : n;
        memcpy(end->buffer + end->used, byte, part);
        end->used += part;
        byte += part;
        n -= part;
        if (end->used == MSC_PIPE_BUFFER) {
            msc_pipe_flush(end);
        }
    }
}

void msc_pipe_put(msc_pipe_end *end, char tag, const void *data, size_t n)
{
    uint64_t header[2] = {(unsigned char)tag, n};
    put_bytes(end, header, sizeof header);
    if (n > 0) {
        put_bytes(end, data, n);
    }
}

void msc_pipe_put_text(msc_pipe_end *end, const char *text)
{
    msc_pipe_put(end, 'T', text, text ? strlen(text) + 1 : 0);
}
