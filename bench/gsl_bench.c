/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSL's msbdf with the program's rows as compiled C and their analytic Jacobian, which it wants dense.
 *
 *     gsl_bench PROBLEM NAME scenario.cfg REFERENCE DRAWS RTOL... */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

typedef struct {
    const standard *s;
    double *c, *g, *y, *value, *scale;
} msbdf;

static int rate(double t, const double *y, double *f, void *user)
{
    msbdf *v = user;
    v->g[0] = t;
    bench_rate(v->c, v->g, y, f);
    return GSL_SUCCESS;
}

/* Time is no part of what msbdf uses df/dt for. */
static int jacobian(double t, const double *y, double *dfdy, double *dfdt, void *user)
{
    msbdf *v = user;
    v->g[0] = t;
    bench_jacobian(v->c, v->g, y, v->value);
    memset(dfdy, 0, (size_t)bench_n * (size_t)bench_n * sizeof *dfdy);
    memset(dfdt, 0, (size_t)bench_n * sizeof *dfdt);
    for (int col = 0; col < bench_n; col++) {
        for (long e = bench_column[col]; e < bench_column[col + 1]; e++) {
            dfdy[bench_row[e] * bench_n + col] = v->value[e];
        }
    }
    return GSL_SUCCESS;
}

static void go(gsl_odeiv2_driver *d, double *t, double to, double *y)
{
    if (*t < to && gsl_odeiv2_driver_apply(d, t, to, y) != GSL_SUCCESS) {
        standard_die("msbdf", "failed");
    }
}

static long run(void *engine, size_t draw, double rtol, double *out)
{
    msbdf *v = engine;
    const size_t n = (size_t)bench_n;
    const msc_engine_job *job = &v->s->base.job;
    gsl_odeiv2_system system = {rate, jacobian, n, v};
    measure_begin(v->s, draw, v->c, v->y);
    for (size_t i = 0; i < n; i++) {
        v->scale[i] = v->s->base.scale[i];
    }
    size_t now = 0;
    long steps = 0;
    for (size_t segment = 0; segment + 1 < job->n_stop; segment++) {
        double t = job->stop[segment];
        const double to = job->stop[segment + 1];
        for (; now < job->n_time && job->time[now].t <= t; now++) {
            memcpy(&out[now * n], v->y, n * sizeof *out);
        }
        measure_segment(v->s, segment, v->g);
        gsl_odeiv2_driver *d = gsl_odeiv2_driver_alloc_scaled_new(
            &system, gsl_odeiv2_step_msbdf, 1e-3, 1e-6 * rtol, rtol, 1.0, 0.0, v->scale);
        for (; now < job->n_time && job->time[now].t < to; now++) {
            go(d, &t, job->time[now].t, v->y);
            memcpy(&out[now * n], v->y, n * sizeof *out);
        }
        go(d, &t, to, v->y);
        steps += (long)d->e->count;
        gsl_odeiv2_driver_free(d);
    }
    for (; now < job->n_time; now++) {
        memcpy(&out[now * n], v->y, n * sizeof *out);
    }
    return steps;
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        return 2;
    }
    const standard s = standard_new(argv[3], (size_t)atoi(argv[5]));
    const msc_program *p = s.scenario->program;
    msbdf v = {&s,
               malloc(p->n_coef * sizeof(double)),
               malloc(p->n_given * sizeof(double)),
               malloc(p->n_state * sizeof(double)),
               malloc((size_t)bench_entries * sizeof(double)),
               malloc(p->n_state * sizeof(double))};
    const reference want = reference_read(argv[4]);
    double rtol[16];
    const size_t n = (size_t)argc - 6 < 16 ? (size_t)argc - 6 : 16;
    for (size_t i = 0; i < n; i++) {
        rtol[i] = atof(argv[6 + i]);
    }
    measure_foreign(argv[1], argv[2], &s, &want, &v, run, n, rtol);
    return 0;
}
