/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LSODES, as it is packaged with deSolve (Debian: r-cran-desolve), called directly: no R is running. It has
 * the program's rows as compiled C, their analytic Jacobian column by column, and its sparse pattern.
 *
 *     lsodes_bench PROBLEM NAME scenario.cfg REFERENCE DRAWS deSolve.so RTOL...
 *
 * A. C. Hindmarsh: ODEPACK, a systematized collection of ODE solvers. In: Scientific Computing, 1983. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

typedef void rate_function(int *n, double *t, double *y, double *f, double *, int *);
typedef void column_function(int *n, double *t, double *y, int *j, int *, int *, double *column,
                             double *, int *);
typedef void dlsodes(rate_function *f, int *n, double *y, double *t, double *out, int *itol,
                     double *rtol, double *atol, int *itask, int *istate, int *iopt, double *rwork,
                     int *lrw, int *iwork, int *liw, int *rwork_too, column_function *jac, int *mf,
                     double *, int *);

typedef struct {
    const standard *s;
    dlsodes *solve;
    double *y, *atol, *work;
    int *iwork, n_work, n_iwork;
} lsodes;

static double *c, *g, *value; /* its callbacks are given nothing of the caller's */

static void rate(int *n, double *t, double *y, double *f, double *r, int *i)
{
    (void)n, (void)r, (void)i;
    g[0] = *t;
    bench_rate(c, g, y, f);
}

/* Columns are asked for from the first to the last. */
static void column(int *n, double *t, double *y, int *j, int *ia, int *ja, double *to, double *r,
                   int *i)
{
    (void)n, (void)ia, (void)ja, (void)r, (void)i;
    if (*j == 1) {
        g[0] = *t;
        bench_jacobian(c, g, y, value);
    }
    for (long e = bench_column[*j - 1]; e < bench_column[*j]; e++) {
        to[bench_row[e]] = value[e];
    }
}

static void go(lsodes *v, double *t, double to, double stop, double rtol, int *state)
{
    int n = bench_n, itol = 2, itask = 4, iopt = 1, mf = 21;
    v->work[0] = stop;
    if (*t < to) {
        v->solve(rate, &n, v->y, t, &to, &itol, &rtol, v->atol, &itask, state, &iopt, v->work,
                 &v->n_work, v->iwork, &v->n_iwork, (int *)(void *)v->work, column, &mf, NULL,
                 NULL);
        if (*state < 0) {
            standard_die("LSODES", "failed");
        }
    }
}

/* The pattern, and that many steps are fine. */
static void begin(lsodes *v)
{
    memset(v->work, 0, (size_t)v->n_work * sizeof *v->work);
    memset(v->iwork, 0, (size_t)v->n_iwork * sizeof *v->iwork);
    v->iwork[5] = 1000000;
    for (int i = 0; i <= bench_n; i++) {
        v->iwork[30 + i] = (int)bench_column[i] + 1;
    }
    for (int e = 0; e < bench_entries; e++) {
        v->iwork[31 + bench_n + e] = (int)bench_row[e] + 1;
    }
}

static long run(void *engine, size_t draw, double rtol, double *out)
{
    lsodes *v = engine;
    const size_t n = (size_t)bench_n;
    const msc_engine_job *job = &v->s->base.job;
    measure_begin(v->s, draw, c, v->y);
    for (size_t i = 0; i < n; i++) {
        v->atol[i] = 1e-6 * rtol * v->s->base.scale[i];
    }
    size_t now = 0;
    long steps = 0;
    for (size_t segment = 0; segment + 1 < job->n_stop; segment++) {
        double t = job->stop[segment];
        const double to = job->stop[segment + 1];
        int state = 1;
        for (; now < job->n_time && job->time[now].t <= t; now++) {
            memcpy(&out[now * n], v->y, n * sizeof *out);
        }
        measure_segment(v->s, segment, g);
        begin(v);
        for (; now < job->n_time && job->time[now].t < to; now++) {
            go(v, &t, job->time[now].t, to, rtol, &state);
            memcpy(&out[now * n], v->y, n * sizeof *out);
        }
        go(v, &t, to, to, rtol, &state);
        steps += v->iwork[10];
    }
    for (; now < job->n_time; now++) {
        memcpy(&out[now * n], v->y, n * sizeof *out);
    }
    return steps;
}

int main(int argc, char **argv)
{
    if (argc < 8) {
        return 2;
    }
    const standard s = standard_new(argv[3], (size_t)atoi(argv[5]));
    const msc_program *p = s.scenario->program;
    void *library = dlopen(argv[6], RTLD_NOW),
         *symbol = library != NULL ? dlsym(library, "dlsodes_") : NULL;
    if (symbol == NULL) {
        standard_die(argv[6], "has no LSODES");
    }
    lsodes v = {.s = &s,
                .n_work = 20 + 50 * bench_n + 60 * bench_entries,
                .n_iwork = 31 + bench_n + bench_entries};
    memcpy(&v.solve, &symbol, sizeof symbol);
    v.y = malloc(p->n_state * sizeof(double));
    v.atol = malloc(p->n_state * sizeof(double));
    v.work = malloc((size_t)v.n_work * sizeof(double));
    v.iwork = malloc((size_t)v.n_iwork * sizeof(int));
    c = malloc(p->n_coef * sizeof(double));
    g = malloc(p->n_given * sizeof(double));
    value = malloc((size_t)bench_entries * sizeof(double));
    const reference want = reference_read(argv[4]);
    double rtol[16];
    const size_t n = (size_t)argc - 7 < 16 ? (size_t)argc - 7 : 16;
    for (size_t i = 0; i < n; i++) {
        rtol[i] = atof(argv[7 + i]);
    }
    measure_foreign(argv[1], argv[2], &s, &want, &v, run, n, rtol);
    return 0;
}
