/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dense linear algebra, plain and slow: what sparse and closed forms are held against. Matrices are
 * row-major, n by n. */
#ifndef MSC_SUPPORT_DENSE_H
#define MSC_SUPPORT_DENSE_H

#include <stddef.h>

/* n doubles, zero; the test fails if there are none. */
double *dense_new(size_t n);
/* x := a^-1 x for m right sides, x[n][m], by Gauss with partial pivoting; a is destroyed. */
void dense_solve(size_t n, double *a, size_t m, double *x);
/* to := exp(a), by scaling, Taylor series in long double and squaring. */
void dense_exp(size_t n, const double *a, double *to);

#endif
