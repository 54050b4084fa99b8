/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a sweep costs beside its engine, and whether its memory grows.
 *     sweep_bench FOLDER VIRTUAL_PATIENTS.cfg TINY.cfg
 * Runs in turn, on one thread: the engine alone on a sweep's scenarios (batch.h, nothing is kept), and the sweep as the
 * command does it, to a file in FOLDER; the least of five. Then the peak of memory of a sweep of a tiny model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sweep/sweep.h"

typedef struct {
    double wall, cpu;
} instant;

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static instant now(void)
{
    return (instant){seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

/* The least so far. */
static void keep(instant *least, instant begin)
{
    const instant end = now();
    least->wall = end.wall - begin.wall < least->wall ? end.wall - begin.wall : least->wall;
    least->cpu = end.cpu - begin.cpu < least->cpu ? end.cpu - begin.cpu : least->cpu;
}

static void need(msc_status status, const msc_error *err)
{
    if (status != MSC_OK) {
        fprintf(stderr, "sweep_bench: %s: %s\n", err->where, err->message);
        exit(1);
    }
}

typedef struct {
    const msc_sweep *s;
    uint64_t next;
    msc_design_point row[64];
} feed;

static bool next(void *context, double *value, size_t *id)
{
    feed *f = context;
    if (f->next >= msc_sweep_count(f->s)) {
        return false;
    }
    msc_design_row(f->s->design, f->next, f->row);
    for (size_t k = 0; k < f->s->n_axis; k++) {
        for (size_t p = 0; p < f->s->axis[k].n_path; p++) {
            value[f->s->axis[k].knob + p] = msc_sweep_value(f->s, k, f->row);
        }
    }
    *id = f->next++;
    return true;
}

static void done(void *context, size_t id, const msc_outcome *outcome)
{
    (void)context, (void)id, (void)outcome;
}

static void engine(const msc_sweep *s, instant *least)
{
    msc_worker *worker = NULL;
    msc_error err = {0};
    feed f = {.s = s};
    need(msc_worker_new(s->first, &worker, &err), &err);
    const instant begin = now();
    need(msc_worker_run(worker, next, done, &f, NULL, &err), &err);
    keep(least, begin);
    msc_worker_free(worker);
}

static void whole(const msc_sweep *s, const char *file, instant *least)
{
    const msc_sweep_options options = {.file = file, .force = true, .threads = 1};
    msc_swept *swept = NULL;
    msc_error err = {0};
    const instant begin = now();
    need(msc_sweep_run(s, &options, &swept, &err), &err);
    keep(least, begin);
    msc_swept_free(swept);
    (void)unlink(file);
}

static void compare(const char *what, const char *config, const char *const *setting, size_t n, const char *file)
{
    msc_sweep *s = NULL;
    msc_error err = {0};
    need(msc_sweep_read(config, setting, n, NULL, &s, &err), &err);
    instant e = {1e30, 1e30}, w = e;
    for (int turn = 0; turn < 5; turn++) {
        engine(s, &e);
        whole(s, file, &w);
    }
    printf("%-44s %llu scenarios: engine %.3f s, in all %.3f s: engine %.1f %%, all else %.1f %% of it; of processor time %.1f %%, "
           "%.1f %%\n",
           what, (unsigned long long)msc_sweep_count(s), e.wall, w.wall, 100 * e.wall / w.wall, 100 * (w.wall - e.wall) / e.wall,
           100 * e.cpu / w.cpu, 100 * (w.cpu - e.cpu) / e.cpu);
    msc_sweep_free(s);
}

static double peak(const char *config, const char *n, const char *file)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        msc_sweep *s = NULL;
        msc_error err = {0};
        const char *setting[] = {n};
        need(msc_sweep_read(config, setting, 1, NULL, &s, &err), &err);
        instant least = {1e30, 1e30};
        whole(s, file, &least);
        _exit(0);
    }
    int status = 1;
    struct rusage use;
    if (wait4(child, &status, 0, &use) != child || status != 0) {
        fprintf(stderr, "sweep_bench: the sweep for its memory failed\n");
        exit(1);
    }
    return (double)use.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: sweep_bench FOLDER VIRTUAL_PATIENTS.cfg TINY.cfg\n", stderr);
        return 64;
    }
    char file[4096];
    snprintf(file, sizeof file, "%s/sweep_bench.h5", argv[1]);
    /* first, while this process is small: a child's peak is not less than what it began with */
    const double small = peak(argv[3], "sweep.n=10000", file), large = peak(argv[3], "sweep.n=100000", file);
    static const char *const ends[] = {"sweep.n=800", "sweep.keep_trajectories=false"};
    static const char *const kept[] = {"sweep.n=800", "output.every=6 h",
                                       "output.quantities=[\"live\", \"live_total\", \"live_blood\", \"live_site\", "
                                       "\"resident_site\", \"live_auc\", \"intact\", \"donor_fraction\", \"occlusion\", "
                                       "\"injury_signal\", \"complement\", \"effectors\", \"lysed\", \"rejected\"]"};
    compare("virtual patients, 6 endpoints", argv[2], ends, 2, file);
    compare("  and 14 quantities every 6 h for 60 days", argv[2], kept, 3, file);
    printf("peak of memory, a tiny model: 10,000 scenarios %.1f MiB, 100,000 scenarios %.1f MiB: %+.1f %%\n", small, large,
           100 * (large / small - 1));
    return 0;
}
