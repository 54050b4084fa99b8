/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small dataset with one of everything, and a folder to put files in. */
#ifndef MSC_TEST_STORE_SAMPLE_H
#define MSC_TEST_STORE_SAMPLE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/dataset.h"

static const double sample_time[] = {0.0, 0.1, 1.0 / 3.0, 1440.0};
static const char *const sample_organ[] = {"lung", "liver", "Milz, gro\xC3\x9F"};
static const double sample_depth[] = {0.5, 1e-7};
static const double sample_live[] = {0, 1, 2, 3.25, 4, 5, 6, NAN, 8, 1e300, 1e-300, -0.1};
static const double sample_total[] = {12345.678};
static const double sample_field[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                      13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};
static const uint8_t sample_state[] = {0, 1, 2, 1};
static const char *const sample_meaning[] = {"fine", "stopped", "failed"};
static const int64_t sample_steps[] = {0, -1, INT64_MAX, INT64_MIN};
static const char *const sample_message[] = {"", "said \"no\"", "two\nlines",
                                             "\xE2\x88\x9E, infinite"};
static const char *const sample_remark[] = {"alone"};

static const msc_axis sample_axes[] = {
    {.name = "time", .n = 4, .value = sample_time, .unit = "h", .about = "time since the start"},
    {.name = "organ", .n = 3, .label = sample_organ, .about = "organ"},
    {.name = "depth", .n = 2, .value = sample_depth, .unit = "1", .about = "depth"},
};

static const msc_array sample_arrays[] = {
    {.name = "live",
     .kind = MSC_ARRAY_REAL,
     .unit = "cell",
     .about = "living cells",
     .n_axis = 2,
     .axis = {0, 1},
     .real = sample_live},
    {.name = "total",
     .kind = MSC_ARRAY_REAL,
     .unit = "cell",
     .about = "cells in all",
     .real = sample_total},
    {.name = "field",
     .kind = MSC_ARRAY_REAL,
     .unit = "1",
     .about = "a number",
     .n_axis = 3,
     .axis = {0, 1, 2},
     .real = sample_field},
    {.name = "state",
     .kind = MSC_ARRAY_FLAG,
     .unit = "1",
     .about = "how it ended",
     .n_axis = 1,
     .flag = sample_state,
     .n_meaning = 3,
     .flag_meaning = sample_meaning},
    {.name = "steps",
     .kind = MSC_ARRAY_COUNT,
     .unit = "1",
     .about = "steps",
     .n_axis = 1,
     .count = sample_steps},
    {.name = "message",
     .kind = MSC_ARRAY_TEXT,
     .unit = "1",
     .about = "what was said",
     .n_axis = 1,
     .text = sample_message},
    {.name = "a_remark",
     .kind = MSC_ARRAY_TEXT,
     .unit = "1",
     .about = "of no axis",
     .text = sample_remark},
};

static const msc_attribute sample_attributes[] = {
    {.name = "title", .text = "a sample, gro\xC3\x9F"},
    {.name = "empty", .text = ""},
    {.name = "seed", .number = 9007199254740993.0},
};

static const msc_dataset sample = {3, 7, 3, sample_axes, sample_arrays, sample_attributes};

/* The same with a largest number that 32 bits hold; `arrays` is room for its arrays. */
static inline msc_dataset sample_for_32_bits(msc_array arrays[7])
{
    static const double live[] = {0, 1, 2, 3.25, 4, 5, 6, NAN, 8, 3.4e38, 1e-300, -0.1};
    msc_dataset d = sample;
    for (size_t i = 0; i < 7; i++) {
        arrays[i] = sample_arrays[i];
    }
    arrays[0].real = live;
    d.array = arrays;
    return d;
}

/* A path in the test's own folder, in one of a few buffers. */
static inline const char *sample_path(const char *name)
{
    static char buffer[4][512];
    static int k;
    const char *folder = getenv("TMPDIR");
    k = (k + 1) % 4;
    snprintf(buffer[k], sizeof buffer[k], "%s/%s", folder ? folder : "/tmp", name);
    return buffer[k];
}

/* A file's bytes; the caller frees. */
static inline char *sample_bytes(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    *n = 0;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        bytes = size < 0 ? NULL : malloc((size_t)size + 1);
        *n = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    }
    if (file) {
        fclose(file);
    }
    return bytes;
}

#endif
