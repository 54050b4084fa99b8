/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all of the benchmark's programs do alike: errors against a reference, and a line for run.sh.
 *
 *     problem|engine|draws|rtol|us|steps|errS6 median|worst
 *
 * errS6 of a draw is the largest |error| / (|y| + 1e-6 scale) over states and output times. */
#ifndef MSC_BENCH_MEASURE_H
#define MSC_BENCH_MEASURE_H

#include "standard.h"

/* States at the output times of each draw, by name: a file written by one program, read by all. */
typedef struct {
    size_t n_draw, n_time, n_state;
    char (*name)[64];
    double *value; /* [n_draw][n_time][n_state] */
} reference;

void reference_write(const char *path, const standard *s, double **states);
reference reference_read(const char *path);

/* One engine at one tolerance: out[draw][n_time][n_state] of the program's states. */
void measure_print(const char *problem, const char *engine, const standard *s,
                   const reference *want, double rtol, double us, double steps, double *const *out);

/* Room for the states of all draws. */
double **measure_room(const standard *s);

/* A foreign engine: one draw to `out`, how many steps. */
typedef long measure_run(void *engine, size_t draw, double rtol, double *out);
/* Time it on all draws at each tolerance, and print. */
void measure_foreign(const char *problem, const char *name, const standard *s,
                     const reference *want, void *engine, measure_run *run, size_t n,
                     const double *rtol);

/* The generated right-hand side (generate.c), and its Jacobian, compressed by columns. */
void bench_rate(const double *c, const double *g, const double *y, double *f);
void bench_jacobian(const double *c, const double *g, const double *y, double *value);
extern const int bench_n, bench_entries;
extern const long bench_column[], bench_row[];

/* What its arguments c, g and y are at the start of a draw; the givens of a segment. */
void measure_begin(const standard *s, size_t draw, double *c, double *y);
void measure_segment(const standard *s, size_t segment, double *g);

#endif
