/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors measured. */
#include "support/accuracy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 48 }; /* scenarios side by side: many, for a plan is made for each tolerance, and lanes stand idle at the end */
static const double SMALL = 1e-6;
static const double LEAST = 1e-6; /* a share that is never more than this is noise of the amounts it is of */

static const msc_quantity *quantity_of(const msc_program *p, uint32_t row)
{
    for (uint32_t q = 0; q < p->n_quantity; q++) {
        if (row >= p->quantity[q].first && row < p->quantity[q].first + p->quantity[q].n) {
            return &p->quantity[q];
        }
    }
    return NULL;
}

const char *accuracy_row(const vary *v, uint32_t row, char *text, size_t n)
{
    const msc_quantity *q = quantity_of(&v->program, row);
    if (row >= v->first_state) {
        snprintf(text, n, "state %s", v->program.state_name[row - v->first_state]);
    } else if (q == NULL) {
        snprintf(text, n, "extra %u", row);
    } else if (q->n_dim == 1) {
        snprintf(text, n, "%s[%s]", q->name, q->label[0][row - q->first]);
    } else {
        snprintf(text, n, "%s (%u)", q->name, row - q->first);
    }
    return text;
}

/* The pool whose amounts an output has the dimension of, or -1. */
static int pool_of(const vary *v, const msc_quantity *q)
{
    const msc_model *m = v->scenario->model;
    const int output = q != NULL ? msc_model_find_output(m, q->name) : -1;
    if (q != NULL && q->pool >= 0) {
        return q->pool;
    }
    for (size_t k = 0; output >= 0 && k < m->n_pool; k++) {
        if (!msc_dim_is_pure(m->pool[k].dim) && msc_dim_equal(m->pool[k].dim, m->output[output].dim)) {
            return (int)k;
        }
    }
    return -1;
}

static bool is_pure(const vary *v, const msc_quantity *q)
{
    const int output = q != NULL ? msc_model_find_output(v->scenario->model, q->name) : -1;
    return output >= 0 && msc_dim_is_pure(v->scenario->model->output[output].dim);
}

static double pool_scale(const vary *v, const vary_one *one, int pool)
{
    double scale = 0.0;
    for (uint32_t i = 0; i < v->program.n_state; i++) {
        if (v->program.state_pool[i] == pool && v->program.state_scale[i] > 0.0) {
            scale = fmax(scale, one->prepared.scale[i] / v->program.state_scale[i]);
        }
    }
    return scale;
}

/* What stands for the dose, of each row. */
static double *scales(const vary *v, const vary_one *one)
{
    const msc_program *p = &v->program;
    double *scale = calloc(p->out.n + 1, sizeof *scale);
    for (uint32_t r = 0; scale != NULL && r < v->first_state; r++) {
        const msc_quantity *q = quantity_of(p, r);
        const int pool = pool_of(v, q);
        const uint32_t first = q != NULL ? q->first : r, n = q != NULL ? q->n : 1;
        scale[r] = pool >= 0 ? pool_scale(v, one, pool) : is_pure(v, q) ? LEAST : 0.0;
        for (size_t i = 0; pool < 0 && i < v->scenario->n_time; i++) {
            for (uint32_t e = 0; e < n; e++) {
                scale[r] = fmax(scale[r], fabs(one->out[i * p->out.n + first + e]));
            }
        }
    }
    for (uint32_t i = 0; scale != NULL && i < p->n_state; i++) {
        scale[v->first_state + i] = one->prepared.scale[i];
    }
    return scale;
}

static void compare(const vary *v, const vary_one *one, const double *reference, const double *scale, accuracy *a)
{
    const size_t n_row = v->program.out.n;
    for (size_t i = 0; i < v->scenario->n_time; i++) {
        for (size_t r = 0; r < n_row; r++) {
            const double x = one->out[i * n_row + r], y = reference[i * n_row + r];
            const double error = fabs(x - y) / (fabs(y) + SMALL * scale[r]);
            if (x == y || (isnan(x) && isnan(y))) { /* a share of nothing is missing in both */
                continue;
            }
            if (!(error <= a->error)) {
                a->error = isnan(error) ? INFINITY : error;
                a->row = (uint32_t)r;
                a->t = v->scenario->time[i].t;
                a->value = x, a->reference = y;
            }
        }
    }
}

static void remember(const vary_one *one, uint64_t draw, accuracy *a)
{
    *a = (accuracy){.draw = draw, .end = one->report.end, .row = MSC_NONE};
    a->attempts = one->report.steps + one->report.rejected;
    snprintf(a->words, sizeof a->words, "%s", one->words);
}

static void measure_some(const vary *v, double sd, uint64_t first, size_t n, size_t of, double reference, size_t n_rtol,
                         const double *rtol, accuracy *found)
{
    const size_t bytes = v->scenario->n_time * v->program.out.n * sizeof(double);
    vary_one *ones[CHUNK] = {0};
    double *truth[CHUNK] = {0}, *scale[CHUNK] = {0};
    for (size_t i = 0; i < n; i++) {
        ones[i] = vary_draw(v, first + i, sd);
    }
    vary_run(v, ones, n, reference, 3000000, 60.0);
    for (size_t i = 0; i < n; i++) {
        if (ones[i]->refused.status == MSC_OK && ones[i]->report.end == MSC_END_FINE) {
            truth[i] = malloc(bytes + 1);
            memcpy(truth[i], ones[i]->out, bytes);
            scale[i] = scales(v, ones[i]);
        }
    }
    for (size_t k = 0; k < n_rtol; k++) {
        vary_run(v, ones, n, rtol[k], 0, 60.0);
        for (size_t i = 0; i < n; i++) {
            accuracy *a = &found[k * of + i];
            remember(ones[i], first + i, a);
            a->ended = truth[i] != NULL && ones[i]->report.end == MSC_END_FINE;
            if (a->ended) {
                compare(v, ones[i], truth[i], scale[i], a);
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        vary_one_free(ones[i]);
        free(truth[i]);
        free(scale[i]);
    }
}

void accuracy_measure(const vary *v, double sd, size_t n, double reference, size_t n_rtol, const double *rtol,
                      accuracy *found)
{
    for (size_t i = 0; i < n; i += CHUNK) {
        measure_some(v, sd, i + 1, n - i < CHUNK ? n - i : CHUNK, n, reference, n_rtol, rtol, found + i);
    }
}

static int by_error(const void *a, const void *b)
{
    const accuracy *x = a, *y = b;
    if (x->ended != y->ended) {
        return x->ended ? -1 : 1;
    }
    return x->error < y->error ? -1 : x->error > y->error;
}

accuracy_summary accuracy_summarise(accuracy *found, size_t n)
{
    accuracy_summary s = {0};
    qsort(found, n, sizeof *found, by_error);
    for (size_t i = 0; i < n; i++) {
        s.n += found[i].ended;
        s.refused += strncmp(found[i].words, "refused", 7) == 0;
        s.attempts += found[i].ended ? (double)found[i].attempts : 0.0;
    }
    s.failed = n - s.n - s.refused;
    if (s.n > 0) {
        s.attempts /= (double)s.n;
        s.median = found[(s.n - 1) / 2].error;
        s.p99 = found[(s.n - 1) * 99 / 100].error;
        s.worst = found[s.n - 1].error;
    }
    return s;
}
