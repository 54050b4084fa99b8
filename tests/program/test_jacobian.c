/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves, for every shipped model at random states: the Jacobian's entries, nodes eliminated (Schur),
 * are the derivatives of the rates by states and by time, held against differences, and what a bolus
 * does is the derivative by the rate of a dose; the linear solve
 * with nodes as unknowns gives the same as the one with nodes substituted, to 1e-12; the matrix is a
 * permutation, block lower triangular, holds every entry, and can be factorised in its pattern
 * without pivoting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/dense.h"
#include "support/shipped.h"
#include "support/suite.h"

enum { PLACES = 3 };

/* ---- the Jacobian as dense matrices ---- */

typedef struct {
    const msc_program *p;
    uint32_t n, m, all; /* states, nodes, both */
    double *entry;
    double *full;       /* [all][all + 1]: the last column is time's */
    double *by_state;   /* [n][n + 1]: d rate / d state and, last, d rate / d time, nodes eliminated */
    double *nodes;      /* [m][n + 1]: d node / d state, time */
} dense;

static void derive(dense *d, const lab *l, const double *u)
{
    const msc_program *p = d->p = lab_scenario(l)->program;
    const uint32_t n = d->n = p->n_state, m = d->m = p->n_node, all = d->all = n + m;
    d->entry = dense_new(p->jacobian.n);
    d->full = dense_new((size_t)all * (all + 1));
    d->by_state = dense_new((size_t)n * (n + 1));
    d->nodes = dense_new((size_t)m * (n + 1));
    msc_program_jacobian(p, shipped_registers(l), u, d->entry);
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        d->full[(size_t)p->jacobian.row[e] * (all + 1) + p->jacobian.col[e]] += d->entry[e];
    }
    /* nodes: strictly lower triangular among themselves, so in order */
    for (uint32_t i = 0; i < m; i++) {
        const double *row = d->full + (size_t)(n + i) * (all + 1);
        double *to = d->nodes + (size_t)i * (n + 1);
        memcpy(to, row, n * sizeof *to);
        to[n] = row[all];
        for (uint32_t k = 0; k < m; k++) {
            ck_assert_msg(k < i || row[n + k] == 0.0, "a node depends on one after it");
            for (uint32_t j = 0; row[n + k] != 0.0 && j <= n; j++) {
                to[j] += row[n + k] * d->nodes[(size_t)k * (n + 1) + j];
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const double *row = d->full + (size_t)i * (all + 1);
        double *to = d->by_state + (size_t)i * (n + 1);
        memcpy(to, row, n * sizeof *to);
        to[n] = row[all];
        for (uint32_t k = 0; k < m; k++) {
            for (uint32_t j = 0; row[n + k] != 0.0 && j <= n; j++) {
                to[j] += row[n + k] * d->nodes[(size_t)k * (n + 1) + j];
            }
        }
    }
}

static void forget(dense *d)
{
    free(d->entry);
    free(d->full);
    free(d->by_state);
    free(d->nodes);
}

/* ---- against differences ---- */

static void rates(const lab *l, double *u, double *rate)
{
    const msc_program *p = lab_scenario(l)->program;
    msc_program_nodes(p, shipped_registers(l), u, 0, p->n_node);
    msc_program_rows(p, &p->rate, shipped_registers(l), u, rate);
}

/* The sum of the magnitudes of a rate's terms: what its rounding errors are measured by. */
static double magnitude(const lab *l, const double *u, uint32_t r)
{
    const msc_program *p = lab_scenario(l)->program;
    const msc_rows *rows = &p->rate;
    const double *reg = shipped_registers(l);
    double sum = 0.0;
    for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
        sum += fabs(reg[p->coef[rows->one[i]]]);
    }
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        sum += fabs(reg[p->coef[rows->linear[i].coef]] * u[rows->linear[i].u]);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *t = &rows->bilinear[i];
        sum += fabs(reg[p->coef[t->coef]] * u[t->u] * u[t->v]);
    }
    return sum;
}

/* (f(x + h) - f(x - h)) / 2h */
static void central(const lab *l, double *u, uint32_t at, double h, double *to)
{
    const uint32_t n = lab_scenario(l)->program->n_state;
    double *below = dense_new(n);
    const double keep = u[at];
    u[at] = keep + h;
    rates(l, u, to);
    u[at] = keep - h;
    rates(l, u, below);
    u[at] = keep;
    for (uint32_t i = 0; i < n; i++) {
        to[i] = (to[i] - below[i]) / (2.0 * h);
    }
    free(below);
}

/* A step of 1e-3 of the value, extrapolated once: truncation is (1e-3)^4, rounding eps / 1e-3 of the
 * rate's terms; a thousandfold of both is allowed, as exponents and sums multiply them. */
static void compare_column(const lab *l, const dense *d, double *u, uint32_t at, uint32_t column, double size)
{
    const double step = 1e-3, tolerance = 1e3 * step * step * step * step;
    double *wide = dense_new(d->n), *narrow = dense_new(d->n);
    central(l, u, at, step * size, wide);
    central(l, u, at, step * size / 2.0, narrow);
    for (uint32_t i = 0; i < d->n; i++) {
        const double want = (4.0 * narrow[i] - wide[i]) / 3.0, got = d->by_state[(size_t)i * (d->n + 1) + column];
        const double scale = fabs(got) + fabs(want) + magnitude(l, u, i) / size;
        ck_assert_msg(fabs(got - want) <= tolerance * scale, "d %s / d %s is %.12g, by differences %.12g (scale %g)",
                      d->p->state_name[i], column < d->n ? d->p->state_name[column] : "time", got, want, scale);
    }
    free(wide);
    free(narrow);
}

START_TEST(derivatives_are_those_of_differences)
{
    lab *l = shipped_model(_i);
    for (uint64_t k = 0; k < PLACES; k++) {
        double *u = shipped_place(l, 17 * k + 1);
        dense d;
        derive(&d, l, u);
        for (uint32_t j = 0; j < d.n; j++) {
            compare_column(l, &d, u, j, j, u[j]);
        }
        compare_column(l, &d, u, d.p->first_given, d.n, 24.0);
        forget(&d);
        free(u);
    }
    lab_free(l);
}
END_TEST

/* What a bolus does to the states is the derivative of their rates by the rate at which it would be
 * given, at the state before it. Rates are linear in that, so any step will do. */
START_TEST(a_bolus_is_a_derivative)
{
    lab *l = shipped_model(_i);
    const msc_program *p = lab_scenario(l)->program;
    for (uint32_t k = 0; k < p->n_entry; k++) {
        const uint32_t slot = p->entry[k].slot;
        double *u = shipped_place(l, k + 1), *amount = dense_new(p->n_given), *scratch = dense_new(p->n_u);
        double *state = dense_new(p->n_state), *want = dense_new(p->n_state);
        amount[slot] = 1e6;
        msc_program_enter(p, shipped_registers(l), u, amount, scratch, state);
        central(l, u, p->first_given + slot, 1e6, want);
        for (uint32_t i = 0; i < p->n_state; i++) {
            lab_near(state[i], 1e6 * want[i], 1e-10, 1e6 + magnitude(l, u, i), p->state_name[i]);
        }
        free(u);
        free(amount);
        free(scratch);
        free(state);
        free(want);
    }
    lab_free(l);
}
END_TEST

/* ---- lifted against substituted ---- */

START_TEST(nodes_as_unknowns_change_nothing)
{
    static const double gamma_h[] = {1e-5, 1e-2, 10.0};
    lab *l = shipped_model(_i);
    double *u = shipped_place(l, 99);
    const double *scale = shipped_scales(l);
    dense d;
    derive(&d, l, u);
    for (size_t k = 0; k < 3; k++) {
        uint64_t seed = k + 5;
        double *lifted = dense_new((size_t)d.all * d.all), *x = dense_new(d.all);
        double *short_form = dense_new((size_t)d.n * d.n), *y = dense_new(d.n);
        for (uint32_t i = 0; i < d.all; i++) {
            for (uint32_t j = 0; j < d.all; j++) {
                lifted[(size_t)i * d.all + j] = -d.full[(size_t)i * (d.all + 1) + j];
            }
            lifted[(size_t)i * d.all + i] += i < d.n ? 1.0 / gamma_h[k] : 1.0;
            x[i] = i < d.n ? scale[i] * lab_random(&seed) : 0.0;
        }
        for (uint32_t i = 0; i < d.n; i++) {
            for (uint32_t j = 0; j < d.n; j++) {
                short_form[(size_t)i * d.n + j] = -d.by_state[(size_t)i * (d.n + 1) + j];
            }
            short_form[(size_t)i * d.n + i] += 1.0 / gamma_h[k];
            y[i] = x[i];
        }
        dense_solve(d.all, lifted, x);
        dense_solve(d.n, short_form, y);
        for (uint32_t i = 0; i < d.n; i++) {
            lab_near(x[i], y[i], 1e-12, fabs(y[i]) + scale[i] * gamma_h[k], d.p->state_name[i]);
        }
        free(lifted);
        free(x);
        free(short_form);
        free(y);
    }
    forget(&d);
    free(u);
    lab_free(l);
}
END_TEST

/* ---- the matrix ---- */

static uint32_t *places(const msc_matrix *m)
{
    uint32_t *place = calloc(m->n + 1, sizeof *place);
    ck_assert_ptr_nonnull(place);
    memset(place, 0xff, m->n * sizeof *place);
    for (uint32_t i = 0; i < m->n; i++) {
        ck_assert_uint_lt(m->order[i], m->n);
        ck_assert_msg(place[m->order[i]] == MSC_NONE, "an unknown has two places");
        place[m->order[i]] = i;
    }
    return place;
}

START_TEST(the_pattern_holds_all)
{
    lab *l = shipped_model(_i);
    const msc_program *p = lab_scenario(l)->program;
    const msc_matrix *m = &p->matrix;
    uint32_t *place = places(m);
    ck_assert_uint_eq(m->n, p->n_state + p->n_node);
    ck_assert_uint_eq(m->row_at[m->n], m->n_entry);
    ck_assert_uint_eq(m->block_at[0], 0);
    ck_assert_uint_eq(m->block_at[m->n_block], m->n);
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            ck_assert_uint_eq(m->col[m->diagonal[i]], i);
            for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1]; e++) {
                ck_assert_msg(m->col[e] < m->block_at[b + 1], "block %u depends on one after it", b);
                ck_assert(e == m->row_at[i] || m->col[e] > m->col[e - 1]);
            }
        }
    }
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        const uint32_t at = m->of_jacobian[e];
        if (p->jacobian.col[e] == m->n) {
            ck_assert_uint_eq(at, MSC_NONE);
            continue;
        }
        ck_assert_uint_lt(at, m->n_entry);
        const uint32_t i = place[p->jacobian.row[e]];
        ck_assert(at >= m->row_at[i] && at < m->row_at[i + 1]);
        ck_assert_uint_eq(m->col[at], place[p->jacobian.col[e]]);
    }
    free(place);
    lab_free(l);
}
END_TEST

/* L U in the pattern, block by block, diagonal pivots; then x := a^-1 x. An entry that the pattern
 * has no room for fails the test. */
static void sparse_solve(const msc_matrix *m, double *a, double *x)
{
    double *row = dense_new(m->n);
    bool *room = calloc(m->n + 1, sizeof *room);
    ck_assert_ptr_nonnull(room);
    for (uint32_t b = 0; b < m->n_block; b++) {
        const uint32_t first = m->block_at[b], end = m->block_at[b + 1];
        for (uint32_t i = first; i < end; i++) {
            for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1]; e++) {
                row[m->col[e]] = a[e];
                room[m->col[e]] = true;
            }
            for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1] && m->col[e] < i; e++) {
                const uint32_t k = m->col[e];
                const double factor = k < first ? row[k] : row[k] / a[m->diagonal[k]];
                x[i] -= factor * x[k];
                for (uint32_t f = m->diagonal[k] + 1; k >= first && f < m->row_at[k + 1]; f++) {
                    ck_assert_msg(room[m->col[f]] || factor == 0.0, "fill-in without room");
                    row[m->col[f]] -= factor * a[f];
                }
            }
            for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1]; e++) {
                a[e] = row[m->col[e]];
                room[m->col[e]] = false;
            }
        }
        for (uint32_t i = end; i-- > first;) {
            for (uint32_t e = m->diagonal[i] + 1; e < m->row_at[i + 1]; e++) {
                x[i] -= a[e] * x[m->col[e]];
            }
            x[i] /= a[m->diagonal[i]];
        }
    }
    free(row);
    free(room);
}

/* The values of a step's matrix (random = false), or random ones with a heavy diagonal. */
static void compare_solves(const lab *l, bool random, double gamma_h)
{
    const msc_program *p = lab_scenario(l)->program;
    const msc_matrix *m = &p->matrix;
    double *u = shipped_place(l, 7), *entry = dense_new(p->jacobian.n), *a = dense_new(m->n_entry), *x = dense_new(m->n);
    double *full = dense_new((size_t)m->n * m->n), *y = dense_new(m->n);
    uint64_t seed = 3;
    msc_program_jacobian(p, shipped_registers(l), u, entry);
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        if (m->of_jacobian[e] != MSC_NONE) {
            a[m->of_jacobian[e]] -= random ? 2.0 * lab_random(&seed) - 1.0 : entry[e];
        }
    }
    for (uint32_t i = 0; i < m->n; i++) {
        const uint32_t unknown = m->order[i];
        a[m->diagonal[i]] += random ? m->row_at[i + 1] - m->row_at[i] : unknown < p->n_state ? 1.0 / gamma_h : 1.0;
        x[i] = y[i] = (unknown < p->n_state ? shipped_scales(l)[unknown] : 0.0) * lab_random(&seed);
        x[i] = y[i] = random ? lab_random(&seed) : x[i];
        for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1]; e++) {
            full[(size_t)i * m->n + m->col[e]] = a[e];
        }
    }
    sparse_solve(m, a, x);
    dense_solve(m->n, full, y);
    for (uint32_t i = 0; i < m->n; i++) {
        const uint32_t unknown = m->order[i];
        if (random || unknown < p->n_state) { /* what becomes of a node is not used */
            const double floor = random ? 1.0 : shipped_scales(l)[unknown] * gamma_h;
            lab_near(x[i], y[i], random ? 1e-12 : 1e-10, fabs(y[i]) + floor, "an unknown");
        }
    }
    free(u);
    free(entry);
    free(a);
    free(x);
    free(full);
    free(y);
}

START_TEST(elimination_stays_in_the_pattern)
{
    lab *l = shipped_model(_i);
    compare_solves(l, true, 0.0);
    compare_solves(l, false, 1e-4);
    compare_solves(l, false, 1.0);
    lab_free(l);
}
END_TEST

START_TEST(all_shipped_models_are_here)
{
    ck_assert_int_ge(shipped_count(), 6); /* three species, and the variants of regression */
    for (int i = 0; i < shipped_count(); i++) {
        lab *l = shipped_model(i);
        const msc_program *p = lab_scenario(l)->program;
        printf("%s: %u states, %u nodes, %u entries, %u with fill-in, %u blocks\n", shipped_name(i), p->n_state, p->n_node,
               p->jacobian.n, p->matrix.n_entry, p->matrix.n_block);
        lab_free(l);
    }
}
END_TEST

int main(void)
{
    const int n = shipped_count();
    Suite *suite = suite_create("jacobian");
    TCase *tc = tcase_create("shipped models");
    tcase_set_timeout(tc, 30.0);
    tcase_add_test(tc, all_shipped_models_are_here);
    tcase_add_loop_test(tc, derivatives_are_those_of_differences, 0, n);
    tcase_add_loop_test(tc, a_bolus_is_a_derivative, 0, n);
    tcase_add_loop_test(tc, nodes_as_unknowns_change_nothing, 0, n);
    tcase_add_loop_test(tc, the_pattern_holds_all, 0, n);
    tcase_add_loop_test(tc, elimination_stays_in_the_pattern, 0, n);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
