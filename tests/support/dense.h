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
/* x := a^-1 x by Gauss with partial pivoting in long double, so that no scaling is needed. */
void dense_solve(size_t n, const double *a, double *x);
/* to := exp(a), by scaling, Taylor series in long double and squaring. */
void dense_exp(size_t n, const double *a, double *to);

#endif
