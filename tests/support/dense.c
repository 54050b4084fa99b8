/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gauss and the exponential of a matrix. */
#include "support/dense.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double *dense_new(size_t n)
{
    double *memory = calloc(n + 1, sizeof *memory);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static void swap_rows(size_t n, long double *a, size_t i, size_t k)
{
    for (size_t j = 0; i != k && j < n; j++) {
        const long double keep = a[i * n + j];
        a[i * n + j] = a[k * n + j];
        a[k * n + j] = keep;
    }
}

static void eliminate(size_t n, long double *a, long double *x)
{
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++) {
            best = fabsl(a[i * n + k]) > fabsl(a[best * n + k]) ? i : best;
        }
        ck_assert_msg(a[best * n + k] != 0.0L, "a matrix is singular");
        swap_rows(n, a, k, best);
        swap_rows(1, x, k, best);
        for (size_t i = k + 1; i < n; i++) {
            const long double factor = a[i * n + k] / a[k * n + k];
            for (size_t j = k; factor != 0.0L && j < n; j++) {
                a[i * n + j] -= factor * a[k * n + j];
            }
            x[i] -= factor * x[k];
        }
    }
}

void dense_solve(size_t n, const double *a, double *x)
{
    long double *wide = calloc(n * n + n + 1, sizeof *wide), *y = wide != NULL ? wide + n * n : NULL;
    ck_assert_ptr_nonnull(wide);
    for (size_t i = 0; i < n * n; i++) {
        wide[i] = a[i];
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i];
    }
    eliminate(n, wide, y);
    for (size_t k = n; k-- > 0;) {
        for (size_t i = k + 1; i < n; i++) {
            y[k] -= wide[k * n + i] * y[i];
        }
        y[k] /= wide[k * n + k];
        x[k] = (double)y[k];
    }
    free(wide);
}

static void multiply(size_t n, const long double *a, const long double *b, long double *to)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            long double sum = 0;
            for (size_t k = 0; k < n; k++) {
                sum += a[i * n + k] * b[k * n + j];
            }
            to[i * n + j] = sum;
        }
    }
}

void dense_exp(size_t n, const double *a, double *to)
{
    enum { TERMS = 24 };
    const size_t size = n * n;
    long double *x = calloc(4 * size + 1, sizeof *x);
    ck_assert_ptr_nonnull(x);
    long double *term = x + size, *sum = x + 2 * size, *next = x + 3 * size;
    double norm = 0.0;
    for (size_t i = 0; i < size; i++) {
        norm += fabs(a[i]);
    }
    const int halvings = norm > 0.25 ? (int)ceil(log2(norm / 0.25)) : 0;
    for (size_t i = 0; i < size; i++) {
        x[i] = ldexpl(a[i], -halvings);
        term[i] = sum[i] = i % (n + 1) == 0;
    }
    for (int k = 1; k <= TERMS; k++) {
        multiply(n, term, x, next);
        for (size_t i = 0; i < size; i++) {
            term[i] = next[i] / k;
            sum[i] += term[i];
        }
    }
    for (int k = 0; k < halvings; k++) {
        multiply(n, sum, sum, next);
        memcpy(sum, next, size * sizeof *sum);
    }
    for (size_t i = 0; i < size; i++) {
        to[i] = (double)sum[i];
    }
    free(x);
}
