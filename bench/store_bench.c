/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What it costs to keep the trajectories of a sweep: journal, and the results file made from it, at the
 * size of the standard model's default output (243 times, 57 values).
 *     store_bench FOLDER [SCENARIOS] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/dataset.h"
#include "store/journal.h"

enum { TIMES = 243, VARIABLES = 15, PLACES = 57, BYTES = TIMES * PLACES * 8 };

/* places of each variable: 57 in all */
static const size_t width[VARIABLES] = {8, 8, 8, 8, 8, 5, 4, 1, 1, 1, 1, 1, 1, 1, 1};

typedef struct {
    double wall, cpu;
} instant;

static instant now(void)
{
    struct timespec t;
    struct rusage r;
    clock_gettime(CLOCK_MONOTONIC, &t);
    getrusage(RUSAGE_SELF, &r);
    return (instant){(double)t.tv_sec + 1e-9 * (double)t.tv_nsec,
                     (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
                         1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec)};
}

static void report(const char *what, instant from, size_t n)
{
    instant to = now();
    double bytes = (double)n * BYTES;
    printf("%-34s %6.0f MB/s, %6.1f us a scenario, processor %6.1f us\n", what,
           bytes / (to.wall - from.wall) / 1e6, (to.wall - from.wall) / (double)n * 1e6,
           (to.cpu - from.cpu) / (double)n * 1e6);
}

static void stop_if(msc_status status, const msc_error *err)
{
    if (status != MSC_OK) {
        fprintf(stderr, "store_bench: %s\n", err->message);
        exit(msc_status_exit_code(status));
    }
}

static msc_status fill(void *context, size_t first, size_t n, void *const *buffer, msc_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const void *payload;
        size_t size;
        msc_status status = msc_journal_read(context, first + i, &payload, &size, err);
        if (status != MSC_OK) {
            return status;
        }
        const double *value = payload;
        for (size_t v = 0; v < VARIABLES; v++) {
            const size_t part = TIMES * width[v];
            memcpy((double *)buffer[v] + i * part, value, part * sizeof *value);
            value += part;
        }
    }
    return MSC_OK;
}

static void build(const char *path, msc_journal *journal, size_t n, bool float32)
{
    static char name[VARIABLES][8], set[VARIABLES][8];
    static msc_axis axis[VARIABLES + 2];
    static msc_array array[VARIABLES];
    static double place[TIMES];
    const msc_stream stream = {fill, journal};
    for (int i = 0; i < TIMES; i++) {
        place[i] = i;
    }
    axis[0] = (msc_axis){.name = "scenario", .n = n, .counted = true};
    axis[1] = (msc_axis){.name = "time", .n = TIMES, .value = place, .unit = "h"};
    for (int v = 0; v < VARIABLES; v++) {
        snprintf(name[v], sizeof name[v], "y%d", v);
        snprintf(set[v], sizeof set[v], "x%d", v);
        axis[v + 2] = (msc_axis){.name = set[v], .n = width[v], .value = place};
        array[v] =
            (msc_array){.name = name[v], .n_axis = 3, .axis = {0, 1, v + 2}, .stream = &stream};
    }
    const msc_dataset d = {VARIABLES + 2, VARIABLES, 0, axis, array, NULL};
    const msc_store_options options = {.journalled = true, .float32 = float32};
    msc_error err;
    stop_if(msc_store_write(path, &d, &options, &err), &err);
}

int main(int argc, char **argv)
{
    const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 4000;
    char path[512], part[520];
    msc_error err;
    if (argc < 2 || n == 0) {
        fprintf(stderr, "usage: store_bench FOLDER [SCENARIOS]\n");
        return 64;
    }
    snprintf(path, sizeof path, "%s/store_bench.h5", argv[1]);
    snprintf(part, sizeof part, "%s.part", path);
    double *payload = malloc(16 * BYTES);
    if (!payload) {
        return 71;
    }
    for (size_t i = 0; i < 16 * BYTES / sizeof *payload; i++) {
        payload[i] = (double)i * 1.1;
    }
    const msc_journal_input input = {"the benchmark", "", 0};
    const msc_journal_job job = {1, &input, n, BYTES};
    const msc_journal_options options = {.mode = MSC_JOURNAL_DISCARD, .sync_every = 2.0};
    msc_journal_options resume = options;
    resume.mode = MSC_JOURNAL_RESUME;
    msc_journal *journal = NULL;
    unlink(path);
    stop_if(msc_journal_open(part, &job, &options, &journal, &err), &err);
    instant begin = now();
    for (size_t i = 0; i < n; i++) { /* about in order, as lanes finish */
        size_t index = (i ^ 5) < n && (i | 7) < n ? i ^ 5 : i;
        stop_if(msc_journal_append(journal, index, payload + i % 16 * (BYTES / 8), BYTES, &err),
                &err);
    }
    report("journal: append", begin, n);
    begin = now();
    stop_if(msc_journal_finish(journal, &err), &err);
    report("journal: last sync", begin, n);
    msc_journal_close(journal);
    begin = now();
    stop_if(msc_journal_open(part, &job, &resume, &journal, &err), &err);
    report("journal: opened again, all checked", begin, n);
    for (int packed = 0; packed < 2; packed++) {
        begin = now();
        build(path, journal, n, packed);
        report(packed ? "file in 32 bits: built, synced" : "file: built, synced", begin, n);
        unlink(path);
    }
    begin = now();
    stop_if(msc_journal_remove(journal, &err), &err);
    msc_journal_close(journal);
    report("journal: removed", begin, n);
    free(payload);
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("memory at most %ld MB\n", r.ru_maxrss / 1024);
    return 0;
}
