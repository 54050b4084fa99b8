/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep in small, for check_faults.py: whatever is not in the journal yet is "computed" in scrambled
 * order and appended; then the file is built and the journal removed.
 *     driver FILE SCENARIOS new|resume|discard [force]
 * Exits as the program does; failures in one line on stderr. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/dataset.h"
#include "store/journal.h"

enum { TIMES = 40, PLACES = 30, NUMBERS = TIMES * PLACES };

typedef struct {
    double live[NUMBERS], peak;
    char message[32];
} outcome;

static void compute(size_t i, outcome *o)
{
    memset(o, 0, sizeof *o);
    for (size_t k = 0; k < NUMBERS; k++) {
        o->live[k] = (double)((i * 7919 + k * 31) % 10007) / 7;
    }
    o->peak = 1e6 / (double)(i + 1);
    if (i % 7 == 3) {
        snprintf(o->message, sizeof o->message, "scenario %zu fell down", i);
    }
}

static msc_status fill(void *context, size_t first, size_t n, void *const *buffer, msc_error *err)
{
    static outcome o[1000]; /* of which the texts stay until the next call */
    for (size_t i = 0; i < n; i++) {
        const void *payload;
        size_t size;
        msc_status status = msc_journal_read(context, first + i, &payload, &size, err);
        if (status != MSC_OK) {
            return status;
        }
        memcpy(&o[i], payload, sizeof o[i]);
        memcpy((double *)buffer[0] + i * NUMBERS, o[i].live, sizeof o[i].live);
        ((double *)buffer[1])[i] = o[i].peak;
        ((uint8_t *)buffer[2])[i] = o[i].message[0] != '\0';
        ((const char **)buffer[3])[i] = o[i].message;
    }
    return MSC_OK;
}

static msc_status build(const char *path, msc_journal *journal, size_t n, bool force,
                        msc_error *err)
{
    static double time[TIMES];
    static const char *label[PLACES];
    static char text[PLACES][8];
    static const char *const meaning[] = {"fine", "failed"};
    for (int k = 0; k < TIMES; k++) {
        time[k] = 6.0 * k;
    }
    for (int k = 0; k < PLACES; k++) {
        snprintf(text[k], sizeof text[k], "p%d", k);
        label[k] = text[k];
    }
    const msc_stream stream = {fill, journal};
    const msc_axis axis[] = {{.name = "scenario", .n = n, .counted = true, .about = "scenario"},
                             {.name = "time", .n = TIMES, .value = time, .unit = "h"},
                             {.name = "place", .n = PLACES, .label = label}};
    const msc_array array[] = {
        {.name = "live", .unit = "cell", .n_axis = 3, .axis = {0, 1, 2}, .stream = &stream},
        {.name = "live_peak", .unit = "cell", .n_axis = 1, .stream = &stream},
        {.name = "status",
         .kind = MSC_ARRAY_FLAG,
         .n_axis = 1,
         .stream = &stream,
         .n_meaning = 2,
         .flag_meaning = meaning},
        {.name = "message", .kind = MSC_ARRAY_TEXT, .n_axis = 1, .stream = &stream}};
    const msc_attribute title = {.name = "title", .text = "a sweep in small"};
    const msc_dataset d = {3, 4, 1, axis, array, &title};
    const msc_store_options options = {.journalled = true, .force = force};
    return msc_store_write(path, &d, &options, err);
}

static msc_status run(const char *path, size_t n, msc_journal_mode mode, bool force, msc_error *err)
{
    char part[512];
    snprintf(part, sizeof part, "%s.part", path);
    const msc_journal_input input = {"the text", "a sweep in small", 16};
    const msc_journal_job job = {1, &input, n, sizeof(outcome)};
    const msc_journal_options options = {.mode = mode, .family = true, .sync_every = 0};
    msc_journal *journal = NULL;
    msc_status status = MSC_OK;
    if (mode != MSC_JOURNAL_RESUME) {
        status = msc_store_probe(path, force, err);
    }
    if (status == MSC_OK) {
        status = msc_journal_open(part, &job, &options, &journal, err);
    }
    for (size_t k = 0; k < n && status == MSC_OK; k++) {
        const size_t i = k * 7 % n; /* n is no multiple of 7 */
        static outcome o;
        if (!msc_journal_has(journal, i)) {
            compute(i, &o);
            status = msc_journal_append(journal, i, &o, sizeof o, err);
        }
    }
    if (status == MSC_OK) {
        status = msc_journal_finish(journal, err);
    }
    if (status == MSC_OK) {
        status = build(path, journal, n, force, err);
    }
    if (status == MSC_OK) {
        status = msc_journal_remove(journal, err);
    }
    msc_journal_close(journal);
    return status;
}

int main(int argc, char **argv)
{
    msc_error err = {0};
    const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (argc < 4 || n == 0 || n > 1000 || n % 7 == 0) {
        fputs("usage: driver FILE SCENARIOS new|resume|discard [force]\n", stderr);
        return 64;
    }
    (void)signal(SIGXFSZ, SIG_IGN);
    const msc_journal_mode mode = strcmp(argv[3], "resume") == 0    ? MSC_JOURNAL_RESUME
                                  : strcmp(argv[3], "discard") == 0 ? MSC_JOURNAL_DISCARD
                                                                    : MSC_JOURNAL_NEW;
    msc_status status = run(argv[1], n, mode, argc > 4, &err);
    if (status != MSC_OK) {
        fprintf(stderr, "driver: %s\n", err.message);
    }
    return msc_status_exit_code(status);
}
