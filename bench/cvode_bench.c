/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine against CVODE, accuracy-matched: cvode_bench scenario.cfg [draws [repetitions]].
 *
 * CVODE has the same rows as compiled C (generate.c) with their analytic Jacobian, KLU or dense, is
 * restarted at each stop, and keeps its memory from one scenario to the next. Both have an absolute
 * tolerance of 1e-6 rtol of each state's scale. Errors: errS6 of a scenario is the largest
 * |error| / (|y| + 1e-6 scale) over states and output times, against CVODE at rtol 1e-11; its median
 * over scenarios, and the time a scenario takes, are interpolated (log-log) to errS6 = 1e-4. */
#include <cvode/cvode.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "standard.h"

void bench_rate(const double *c, const double *g, const double *y, double *f);
void bench_jacobian(const double *c, const double *g, const double *y, double *value);
extern const int bench_n, bench_entries;
extern const long bench_column[], bench_row[];

typedef struct {
    const standard *s;
    double *c, *g, *value;
    bool dense;
    void *cvode;
    SUNContext context;
    N_Vector y, atol;
    SUNMatrix matrix;
    SUNLinearSolver solver;
    long steps;
} cvode;

static void check(int flag, const char *what)
{
    if (flag < 0) {
        standard_die("CVODE", what);
    }
}

static int rate(sunrealtype t, N_Vector y, N_Vector f, void *user)
{
    cvode *v = user;
    v->g[0] = t;
    bench_rate(v->c, v->g, N_VGetArrayPointer(y), N_VGetArrayPointer(f));
    return 0;
}

static int jacobian(sunrealtype t, N_Vector y, N_Vector f, SUNMatrix m, void *user, N_Vector a,
                    N_Vector b, N_Vector c)
{
    cvode *v = user;
    (void)f, (void)a, (void)b, (void)c;
    v->g[0] = t;
    if (!v->dense) {
        memcpy(SUNSparseMatrix_IndexPointers(m), bench_column,
               (size_t)(bench_n + 1) * sizeof(long));
        memcpy(SUNSparseMatrix_IndexValues(m), bench_row, (size_t)bench_entries * sizeof(long));
        bench_jacobian(v->c, v->g, N_VGetArrayPointer(y), SUNSparseMatrix_Data(m));
        return 0;
    }
    bench_jacobian(v->c, v->g, N_VGetArrayPointer(y), v->value);
    for (int col = 0; col < bench_n; col++) {
        for (long e = bench_column[col]; e < bench_column[col + 1]; e++) {
            SM_ELEMENT_D(m, bench_row[e], col) = v->value[e];
        }
    }
    return 0;
}

static cvode cvode_new(const standard *s, bool dense)
{
    const msc_program *p = s->scenario->program;
    cvode v = {.s = s, .dense = dense};
    v.c = malloc(p->n_coef * sizeof *v.c);
    v.g = malloc(p->n_given * sizeof *v.g);
    v.value = malloc((size_t)bench_entries * sizeof *v.value);
#if SUNDIALS_VERSION_MAJOR >= 7
    check(SUNContext_Create(SUN_COMM_NULL, &v.context), "context");
#else
    check(SUNContext_Create(NULL, &v.context), "context");
#endif
    v.y = N_VNew_Serial(bench_n, v.context);
    v.atol = N_VNew_Serial(bench_n, v.context);
    if (dense) {
        v.matrix = SUNDenseMatrix(bench_n, bench_n, v.context);
        v.solver = SUNLinSol_Dense(v.y, v.matrix, v.context);
    } else {
        v.matrix = SUNSparseMatrix(bench_n, bench_n, bench_entries, CSC_MAT, v.context);
        v.solver = SUNLinSol_KLU(v.y, v.matrix, v.context);
    }
    return v;
}

/* CVODE's own memory, once the user data have their final place. */
static void cvode_open(cvode *v)
{
    N_VConst(0.0, v->y);
    N_VConst(1.0, v->atol);
    v->cvode = CVodeCreate(CV_BDF, v->context);
    check(CVodeInit(v->cvode, rate, 0.0, v->y), "CVodeInit");
    check(CVodeSetUserData(v->cvode, v), "user data");
    check(CVodeSVtolerances(v->cvode, 1e-4, v->atol), "tolerances");
    check(CVodeSetLinearSolver(v->cvode, v->solver, v->matrix), "linear solver");
    check(CVodeSetJacFn(v->cvode, jacobian), "Jacobian");
    check(CVodeSetMaxNumSteps(v->cvode, 1000000), "steps");
    check(CVodeSetMaxHnilWarns(v->cvode, -1),
          "warnings"); /* the reference begins with tiny steps */
}

/* One draw; its states at the output times. */
static void cvode_run(cvode *v, size_t draw, double rtol, double atol, double *out)
{
    const msc_program *p = v->s->scenario->program;
    const msc_engine_job *job = &v->s->base.job;
    const double *reg = v->s->reg[draw];
    double *y = N_VGetArrayPointer(v->y), *tolerance = N_VGetArrayPointer(v->atol);
    for (uint32_t k = 0; k < p->n_coef; k++) {
        v->c[k] = reg[p->coef[k]];
    }
    for (uint32_t i = 0; i < p->n_state; i++) {
        y[i] = p->initial[i] == MSC_NONE ? 0.0 : reg[p->initial[i]];
        tolerance[i] = atol * v->s->base.scale[i];
    }
    size_t now = 0;
    for (size_t segment = 0; segment + 1 < job->n_stop; segment++) {
        const double from = job->stop[segment], to = job->stop[segment + 1];
        for (; now < job->n_time && job->time[now].t <= from; now++) {
            memcpy(&out[now * p->n_state], y, p->n_state * sizeof *y);
        }
        memcpy(v->g, &job->given[segment * p->n_given], p->n_given * sizeof *v->g);
        check(CVodeReInit(v->cvode, from, v->y), "restart");
        check(CVodeSVtolerances(v->cvode, rtol, v->atol), "tolerances");
        check(CVodeSetStopTime(v->cvode, to), "stop time");
        double t = from;
        for (; now < job->n_time && job->time[now].t < to; now++) {
            check(CVode(v->cvode, job->time[now].t, v->y, &t, CV_NORMAL), "step");
            memcpy(&out[now * p->n_state], y, p->n_state * sizeof *y);
        }
        check(t < to ? CVode(v->cvode, to, v->y, &t, CV_NORMAL) : 0, "step");
        long steps = 0;
        CVodeGetNumSteps(v->cvode, &steps);
        v->steps += steps;
    }
    for (; now < job->n_time; now++) {
        memcpy(&out[now * p->n_state], y, p->n_state * sizeof *y);
    }
}

/* ---- errors ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double error_of(const standard *s, const double *out, const double *want)
{
    const uint32_t n = s->scenario->program->n_state;
    double worst = 0.0;
    for (size_t i = 0; i < s->base.job.n_time * n; i++) {
        const double e = fabs(out[i] - want[i]) / (fabs(want[i]) + 1e-6 * s->base.scale[i % n]);
        worst = !(e <= worst) ? e : worst;
    }
    return worst;
}

typedef struct {
    double us, steps, median, worst;
} point;

static void errors(const standard *s, double **out, double **want, point *at)
{
    double *e = malloc(s->n * sizeof *e);
    for (size_t i = 0; i < s->n; i++) {
        e[i] = error_of(s, out[i], want[i]);
    }
    qsort(e, s->n, sizeof *e, ascending);
    at->median = e[s->n / 2];
    at->worst = e[s->n - 1];
    free(e);
}

/* The time at which the median error is 1e-4, from the two points about it. */
static double matched(const point *at, size_t n)
{
    size_t i = 1;
    while (i + 1 < n && at[i].median > 1e-4) {
        i++;
    }
    const double x = log(1e-4 / at[i - 1].median) / log(at[i].median / at[i - 1].median);
    return at[i - 1].us * pow(at[i].us / at[i - 1].us, x);
}

/* ---- the table ---- */

enum { RTOLS = 4 };

/* One repetition each: the fastest counts. */
static void time_cvode(cvode *v, double rtol, double **out, point *at)
{
    v->steps = 0;
    const double start = standard_cpu();
    for (size_t i = 0; i < v->s->n; i++) {
        cvode_run(v, i, rtol, 1e-6 * rtol, out[i]);
    }
    at->us = fmin(at->us, 1e6 * (standard_cpu() - start) / (double)v->s->n);
    at->steps = (double)v->steps / (double)v->s->n;
}

static void time_engine(const standard *s, double rtol, point *at)
{
    const standard_run run = standard_engine(s, s->scenario->program, rtol, NULL);
    at->us = fmin(at->us, run.us);
    at->steps = run.attempts;
}

static void print_points(const char *what, const double *rtol, const point *at)
{
    for (int i = 0; i < RTOLS; i++) {
        printf("%-28s %7.0e %9.0f %8.0f %10.1e %10.1e\n", what, rtol[i], at[i].us, at[i].steps,
               at[i].median, at[i].worst);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: cvode_bench scenario.cfg [draws [repetitions]]\n");
        return 2;
    }
    const size_t draws = argc > 2 ? (size_t)atoi(argv[2]) : 64;
    const int repetitions = argc > 3 ? atoi(argv[3]) : 5;
    const standard s = standard_new(argv[1], draws);
    const size_t size = s.base.job.n_time * s.scenario->program->n_state * sizeof(double);
    double **want = malloc(draws * sizeof *want), **out = malloc(draws * sizeof *out);
    for (size_t i = 0; i < draws; i++) {
        want[i] = malloc(size);
        out[i] = malloc(size);
    }
    static cvode klu, dense;
    klu = cvode_new(&s, false);
    dense = cvode_new(&s, true);
    cvode_open(&klu);
    cvode_open(&dense);
    for (size_t i = 0; i < draws; i++) {
        cvode_run(&klu, i, 1e-11, 1e-17, want[i]);
    }
    static const double rtol[2][RTOLS] = {{1e-3, 3e-4, 1e-4, 1e-5}, {1e-4, 1e-5, 1e-6, 1e-7}};
    point engine[RTOLS], sparse[RTOLS], full[RTOLS];
    for (int i = 0; i < RTOLS; i++) {
        engine[i].us = sparse[i].us = full[i].us = INFINITY;
    }
    for (int r = 0; r < repetitions; r++) { /* interleaved, so that all have the same weather */
        for (int i = 0; i < RTOLS; i++) {
            time_engine(&s, rtol[0][i], &engine[i]);
            time_cvode(&klu, rtol[1][i], out, &sparse[i]);
        }
    }
    msc_program *states = standard_with_states(s.scenario->program);
    for (int i = 0; i < RTOLS; i++) {
        standard_engine(&s, states, rtol[0][i], out);
        errors(&s, out, want, &engine[i]);
        time_cvode(&klu, rtol[1][i], out, &sparse[i]);
        errors(&s, out, want, &sparse[i]);
        time_cvode(&dense, rtol[1][i], out, &full[i]);
        errors(&s, out, want, &full[i]);
    }
    printf("%zu log-normal scenarios, %u states, %zu output times; CVODE %s\n\n", draws,
           s.scenario->program->n_state, s.base.job.n_time, SUNDIALS_VERSION);
    printf("%-28s %7s %9s %8s %10s %10s\n", "", "rtol", "us", "steps", "errS6", "worst");
    print_points("mscsim", rtol[0], engine);
    print_points("CVODE, KLU", rtol[1], sparse);
    print_points("CVODE, dense", rtol[1], full);
    const double ours = matched(engine, RTOLS), with_klu = matched(sparse, RTOLS),
                 with_dense = matched(full, RTOLS);
    printf(
        "\nat errS6 = 1e-4: mscsim %.0f us; CVODE with KLU %.0f us, x%.1f; dense %.0f us, x%.1f\n",
        ours, with_klu, with_klu / ours, with_dense, with_dense / ours);
    return 0;
}
