/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the journal has of a scenario of a sweep. */
#include <stdio.h>
#include <string.h>

#include "sweep/sweep.h"

enum { TEXT = 600 };

static size_t numbers_of(const msc_sweep *s)
{
    return msc_batch_endpoints(s->first) + msc_batch_times(s->first, NULL) * msc_batch_columns(s->first);
}

/* Records are whole words, so that the numbers of the next one lie as numbers must. */
static size_t padded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

size_t msc_sweep_usual(const msc_sweep *s)
{
    return padded(8 + numbers_of(s) * sizeof(double) + msc_batch_endpoints(s->first));
}

size_t msc_sweep_largest(const msc_sweep *s)
{
    const size_t fine = msc_sweep_usual(s);
    return fine > 8 + TEXT ? fine : 8 + TEXT;
}

static uint8_t end_number(const char *word)
{
    uint8_t i = 0;
    while (strcmp(msc_batch_ends()[i], word) != 0) {
        i++;
    }
    return i;
}

/* Eight bytes: end, warned; then numbers and the endpoints' marks, or what is to be said of a failure. */
size_t msc_sweep_pack(const msc_sweep *s, const msc_outcome *outcome, unsigned char *record)
{
    memset(record, 0, 8);
    record[0] = end_number(outcome->end);
    record[1] = outcome->warning && *outcome->warning;
    if (outcome->status != MSC_OK) {
        const int n = snprintf((char *)record + 8, TEXT, "%s%s%s", outcome->where, *outcome->where ? ": " : "", outcome->message);
        const size_t used = 8 + (size_t)(n < TEXT ? n : TEXT - 1) + 1, all = padded(used);
        memset(record + used, 0, all - used);
        return all;
    }
    const size_t n_end = msc_batch_endpoints(s->first);
    const size_t n_value = msc_batch_times(s->first, NULL) * msc_batch_columns(s->first);
    if (n_end > 0) {
        memcpy(record + 8, outcome->endpoint, n_end * sizeof(double));
    }
    if (n_value > 0) {
        memcpy(record + 8 + n_end * sizeof(double), outcome->value, n_value * sizeof(double));
    }
    const size_t n = 8 + (n_end + n_value) * sizeof(double);
    memset(record + n, 0, padded(n + n_end) - n);
    if (n_end > 0) {
        memcpy(record + n, outcome->mark, n_end);
    }
    return padded(n + n_end);
}

msc_sweep_entry msc_sweep_unpack(const msc_sweep *s, const void *record, size_t n)
{
    const unsigned char *byte = record;
    msc_sweep_entry entry = {.end = byte[0], .warned = byte[1] != 0, .text = ""};
    if (entry.end != 0) {
        entry.text = n > 8 ? (const char *)byte + 8 : "";
    } else if (n == msc_sweep_usual(s)) {
        entry.number = (const double *)(const void *)(byte + 8);
        entry.mark = byte + 8 + numbers_of(s) * sizeof(double);
    }
    return entry;
}
