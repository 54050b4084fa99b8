/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine:
 *
 *     engine_bench PROBLEM scenario.cfg REFERENCE DRAWS KERNEL RTOL...
 *         time and error, a line for each tolerance (measure.h)
 *     engine_bench PROBLEM scenario.cfg threads DRAWS KERNEL RTOL
 *         the time on the wall of one worker, of two, and how much of two processors they had
 *     engine_bench PROBLEM scenario.cfg compile
 *         the time from text to a plan
 *     engine_bench PROBLEM scenario.cfg loop DRAWS KERNEL RTOL
 *         for a profiler: the same again and again, the fastest told */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const char *problem, const standard *s, const reference *want,
                   const char *kernel, double rtol)
{
    char name[64];
    msc_program *states = standard_with_states(s->scenario->program);
    msc_plan *plan = standard_plan(s->scenario->program, kernel, rtol),
             *full = standard_plan(states, kernel, rtol);
    double **out = measure_room(s);
    const standard_run run = standard_engine(s, plan, rtol, NULL);
    (void)standard_engine(s, full, rtol, out);
    snprintf(name, sizeof name, "mscsim, %s, %u lanes", kernel, msc_plan_lanes(plan));
    measure_print(problem, name, s, want, rtol, run.us, run.attempts, out);
    for (size_t i = 0; i < s->n; i++) {
        free(out[i]);
    }
    free(out);
    msc_plan_free(plan);
    msc_plan_free(full);
    return 0;
}

/* ---- threads ---- */

typedef struct {
    const standard *s;
    const msc_plan *plan;
    double rtol;
} work;

static void *worker(void *data)
{
    const work *w = data;
    (void)standard_engine(w->s, w->plan, w->rtol, NULL);
    return NULL;
}

/* All draws by each of n workers: the time on the wall, and the processors' time. */
static double many(int n, work *w, double *used)
{
    pthread_t thread[2];
    const double start = wall(), cpu = standard_cpu();
    for (int i = 0; i < n; i++) {
        if (pthread_create(&thread[i], NULL, worker, w) != 0) {
            standard_die("threads", "there are none");
        }
    }
    for (int i = 0; i < n; i++) {
        pthread_join(thread[i], NULL);
    }
    *used = standard_cpu() - cpu;
    return wall() - start;
}

static void threads(const char *problem, const standard *s, const char *kernel, double rtol)
{
    enum { PAIRS = 15 };
    msc_plan *plan = standard_plan(s->scenario->program, kernel, rtol);
    work w = {s, plan, rtol};
    for (int i = 0; i < PAIRS; i++) {
        double used1, used2;
        const double t1 = many(1, &w, &used1), t2 = many(2, &w, &used2);
        printf("%s|threads|%s|%.3f|%.3f\n", problem, kernel, 2.0 * t1 / t2,
               fmin(used1 / t1, used2 / (2.0 * t2)));
    }
    msc_plan_free(plan);
}

/* ---- from text to a plan ---- */

static void compile(const char *problem, const char *path)
{
    enum { TIMES = 9 };
    for (int i = 0; i < TIMES; i++) {
        msc_scenario *scenario = NULL;
        msc_error err = {0};
        const double start = standard_cpu();
        if (msc_scenario_read(path, NULL, 0, &scenario, &err) != MSC_OK) {
            standard_die(err.where, err.message);
        }
        printf("%s|compile|%.1f\n", problem, 1e3 * (standard_cpu() - start));
        msc_scenario_free(scenario);
    }
}

static void loop(const standard *s, const char *kernel, double rtol)
{
    msc_plan *plan = standard_plan(s->scenario->program, kernel, rtol);
    double least = INFINITY;
    standard_run run = {0};
    for (int i = 0; i < 20; i++) {
        run = standard_engine(s, plan, rtol, NULL);
        least = fmin(least, run.us);
    }
    printf("%s: %.1f us a scenario, %.1f attempts\n", kernel, least, run.attempts);
    msc_plan_free(plan);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[3], "compile") == 0) {
        compile(argv[1], argv[2]);
        return 0;
    }
    if (argc < 7) {
        fprintf(stderr, "usage: see bench/engine_bench.c\n");
        return 2;
    }
    if (msc_kernel_find(argv[5]) == NULL) {
        return 0; /* not on this machine */
    }
    const standard s = standard_new(argv[2], (size_t)atoi(argv[4]));
    if (strcmp(argv[3], "threads") == 0) {
        threads(argv[1], &s, argv[5], atof(argv[6]));
        return 0;
    }
    if (strcmp(argv[3], "loop") == 0) {
        loop(&s, argv[5], atof(argv[6]));
        return 0;
    }
    const reference want = reference_read(argv[3]);
    for (int i = 6; i < argc; i++) {
        compare(argv[1], &s, &want, argv[5], atof(argv[i]));
    }
    return 0;
}
