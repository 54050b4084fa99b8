/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CVODE with the program's rows as compiled C (generate.c) and their analytic Jacobian.
 *
 *     cvode_bench PROBLEM NAME scenario.cfg REFERENCE DRAWS klu|dense RTOL...
 *     cvode_bench PROBLEM NAME scenario.cfg REFERENCE DRAWS reference
 *
 * It is restarted at each stop and keeps its memory from one scenario to the next; the absolute tolerance
 * is 1e-6 rtol of each state's scale. The second form writes the reference, at rtol 1e-11. */
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "measure.h"

typedef struct {
    const standard *s;
    double *c, *g, *value;
    bool dense;
    double floor; /* absolute tolerance: times rtol and scale */
    void *cvode;
    SUNContext context;
    N_Vector y, atol;
    SUNMatrix matrix;
    SUNLinearSolver solver;
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

static void cvode_open(cvode *v)
{
    const msc_program *p = v->s->scenario->program;
    v->c = malloc(p->n_coef * sizeof *v->c);
    v->g = malloc(p->n_given * sizeof *v->g);
    v->value = malloc((size_t)bench_entries * sizeof *v->value);
#if SUNDIALS_VERSION_MAJOR >= 7
    check(SUNContext_Create(SUN_COMM_NULL, &v->context), "context");
#else
    check(SUNContext_Create(NULL, &v->context), "context");
#endif
    v->y = N_VNew_Serial(bench_n, v->context);
    v->atol = N_VNew_Serial(bench_n, v->context);
    if (v->dense) {
        v->matrix = SUNDenseMatrix(bench_n, bench_n, v->context);
        v->solver = SUNLinSol_Dense(v->y, v->matrix, v->context);
    } else {
        v->matrix = SUNSparseMatrix(bench_n, bench_n, bench_entries, CSC_MAT, v->context);
        v->solver = SUNLinSol_KLU(v->y, v->matrix, v->context);
    }
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
static long run(void *engine, size_t draw, double rtol, double *out)
{
    cvode *v = engine;
    const size_t n = v->s->scenario->program->n_state;
    const msc_engine_job *job = &v->s->base.job;
    double *y = N_VGetArrayPointer(v->y), *tolerance = N_VGetArrayPointer(v->atol);
    measure_begin(v->s, draw, v->c, y);
    for (uint32_t i = 0; i < n; i++) {
        tolerance[i] = v->floor * rtol * v->s->base.scale[i];
    }
    size_t now = 0;
    long all = 0;
    for (size_t segment = 0; segment + 1 < job->n_stop; segment++) {
        const double from = job->stop[segment], to = job->stop[segment + 1];
        for (; now < job->n_time && job->time[now].t <= from; now++) {
            memcpy(&out[now * n], y, n * sizeof *y);
        }
        measure_segment(v->s, segment, v->g);
        check(CVodeReInit(v->cvode, from, v->y), "restart");
        check(CVodeSVtolerances(v->cvode, rtol, v->atol), "tolerances");
        check(CVodeSetStopTime(v->cvode, to), "stop time");
        double t = from;
        for (; now < job->n_time && job->time[now].t < to; now++) {
            check(CVode(v->cvode, job->time[now].t, v->y, &t, CV_NORMAL), "step");
            memcpy(&out[now * n], y, n * sizeof *y);
        }
        check(t < to ? CVode(v->cvode, to, v->y, &t, CV_NORMAL) : 0, "step");
        long steps = 0;
        CVodeGetNumSteps(v->cvode, &steps);
        all += steps;
    }
    for (; now < job->n_time; now++) {
        memcpy(&out[now * n], y, n * sizeof *y);
    }
    return all;
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        fprintf(stderr, "CVODE %s\n", SUNDIALS_VERSION);
        return 2;
    }
    const standard s = standard_new(argv[3], (size_t)atoi(argv[5]));
    static cvode v;
    v = (cvode){.s = &s, .dense = strcmp(argv[6], "dense") == 0, .floor = 1e-6};
    cvode_open(&v);
    if (strcmp(argv[6], "reference") == 0) {
        double **out = measure_room(&s);
        for (size_t i = 0; i < s.n; i++) {
            run(&v, i, 1e-11, out[i]);
        }
        reference_write(argv[4], &s, out);
        return 0;
    }
    const reference want = reference_read(argv[4]);
    double rtol[16];
    const size_t n = (size_t)argc - 7 < 16 ? (size_t)argc - 7 : 16;
    for (size_t i = 0; i < n; i++) {
        rtol[i] = atof(argv[7 + i]);
    }
    measure_foreign(argv[1], argv[2], &s, &want, &v, run, n, rtol);
    return 0;
}
