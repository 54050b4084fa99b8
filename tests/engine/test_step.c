/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The step itself: against a dense Rosenbrock step written from the formulas, on random programs with
 * random blocks; lifted against substituted; orders measured. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

/* ---- a generator of its own: tests must not change with the C library ---- */

static double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
    return (uint32_t)(uniform(seed) * n);
}

/* ---- Rodas5P from its formulas: dense, nodes eliminated ---- */

typedef struct {
    const msc_program *p;
    const double *reg;
    double *u, *entry;
} dense;

static void rates(dense *d, double t, const double *y, double *f)
{
    memcpy(d->u, y, d->p->n_state * sizeof *y);
    d->u[d->p->first_given] = t;
    msc_program_nodes(d->p, d->reg, d->u, 0, d->p->n_node);
    msc_program_rows(d->p, &d->p->rate, d->reg, d->u, f);
}

/* J and f_t of the states alone: the nodes' rows 1 - G_z eliminated by plain substitution. */
static void jacobian(dense *d, double *jac, double *ft)
{
    const msc_program *p = d->p;
    const uint32_t n = p->n_state, all = n + p->n_node, wide = all + 1;
    double *full = calloc((size_t)all * wide, sizeof *full);
    msc_program_jacobian(p, d->reg, d->u, d->entry);
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        full[p->jacobian.row[e] * wide + p->jacobian.col[e]] += d->entry[e];
    }
    for (uint32_t k = n; k < all; k++) { /* columns of node k replaced by its row, which has none of later nodes */
        for (uint32_t i = 0; i < all; i++) {
            const double by = full[i * wide + k];
            if (i >= n && i <= k) {
                continue;
            }
            for (uint32_t j = 0; j < wide; j++) {
                full[i * wide + j] += j < n || j == all ? by * full[k * wide + j] : 0.0;
            }
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        memcpy(jac + (size_t)i * n, full + (size_t)i * wide, n * sizeof *jac);
        ft[i] = full[i * wide + all];
    }
    free(full);
}

/* Gauss with row pivoting. */
static void solve(size_t n, const double *matrix, double *x)
{
    double *a = malloc(n * n * sizeof *a);
    memcpy(a, matrix, n * n * sizeof *a);
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k; i < n; i++) {
            best = fabs(a[i * n + k]) > fabs(a[best * n + k]) ? i : best;
        }
        for (size_t j = 0; j < n; j++) {
            const double swap = a[k * n + j];
            a[k * n + j] = a[best * n + j];
            a[best * n + j] = swap;
        }
        const double swap = x[k];
        x[k] = x[best];
        x[best] = swap;
        for (size_t i = k + 1; i < n; i++) {
            const double l = a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++) {
                a[i * n + j] -= l * a[k * n + j];
            }
            x[i] -= l * x[k];
        }
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t j = i + 1; j < n; j++) {
            x[i] -= a[i * n + j] * x[j];
        }
        x[i] /= a[i * n + i];
    }
    free(a);
}

/* One step; also the interpolant at 0.3. */
static void dense_step(dense *d, double t, double h, const double *y0, double *y1, double *within)
{
    const size_t n = d->p->n_state;
    double *jac = malloc(n * n * sizeof *jac), *ft = malloc(n * sizeof *ft), *f = malloc(n * sizeof *f);
    double *k = calloc(8 * n, sizeof *k), *y = malloc(n * sizeof *y);
    rates(d, t, y0, f);
    jacobian(d, jac, ft);
    for (size_t i = 0; i < n * n; i++) {
        jac[i] = (i % (n + 1) == 0 ? 1.0 / (h * RODAS_GAMMA) : 0.0) - jac[i];
    }
    for (size_t s = 0; s < 8; s++) {
        memcpy(y, y0, n * sizeof *y);
        for (size_t j = 0; j < s; j++) {
            for (size_t i = 0; i < n; i++) {
                y[i] += RODAS_A[s][j] * k[j * n + i];
            }
        }
        rates(d, t + RODAS_TIME[s] * h, y, f);
        for (size_t i = 0; i < n; i++) {
            k[s * n + i] = f[i] + h * RODAS_D[s] * ft[i];
            for (size_t j = 0; j < s; j++) {
                k[s * n + i] += RODAS_C[s][j] / h * k[j * n + i];
            }
        }
        solve(n, jac, k + s * n);
    }
    const double theta = 0.3;
    for (size_t i = 0; i < n; i++) {
        double c[3] = {0, 0, 0};
        y1[i] = y[i] + k[7 * n + i];
        for (size_t j = 0; j < 8; j++) {
            for (int q = 0; q < 3; q++) {
                c[q] += RODAS_H[q][j] * k[j * n + i];
            }
        }
        within[i] = (1 - theta) * y0[i] +
                    theta * (y1[i] + (1 - theta) * (c[0] + theta * (c[1] + theta * c[2])));
    }
    free(jac);
    free(ft);
    free(f);
    free(k);
    free(y);
}

/* A random program: some states depend on some others, through nodes or not; time takes part. */
static handmade *random_program(uint64_t *seed, uint32_t n_state, uint32_t n_node, double density)
{
    handmade *h =
        handmade_new((handmade_size){.state = n_state, .node = n_node, .given = 3, .out = n_state});
    const uint32_t time = handmade_given(h, 0), given = handmade_given(h, 2);
    for (uint32_t k = 0; k < n_node; k++) {
        const uint32_t known = n_state + k, a = below(seed, known), b = below(seed, known);
        switch (below(seed, 5)) {
        case 0:
            handmade_special(h, k, MSC_OP_DIVIDE, (int32_t)a, (int32_t)~handmade_coef(h, 1 + uniform(seed)), 0);
            break;
        case 1:
            if (k > 0) {
                handmade_linear(h, HANDMADE_NODE, k, 0.01, handmade_node(h, k - 1));
                break;
            }
            handmade_special(h, k, MSC_OP_MAX, (int32_t)time, (int32_t)a, 0);
            break;
        case 2:
            handmade_bilinear(h, HANDMADE_NODE, k, uniform(seed) - 0.5, a, b);
            handmade_linear(h, HANDMADE_NODE, k, uniform(seed) - 0.5, time);
            break;
        case 3: handmade_special(h, k, MSC_OP_MIN, (int32_t)a, (int32_t)b, 0); break;
        default:
            handmade_linear(h, HANDMADE_NODE, k, uniform(seed) - 0.5, a);
            handmade_linear(h, HANDMADE_NODE, k, uniform(seed), b);
            handmade_one(h, HANDMADE_NODE, k, uniform(seed));
        }
    }
    for (uint32_t i = 0; i < n_state; i++) {
        handmade_linear(h, HANDMADE_RATE, i, -uniform(seed), i);
        for (uint32_t j = 0; j < n_state + n_node; j++) {
            if (uniform(seed) < density) {
                handmade_linear(h, HANDMADE_RATE, i, uniform(seed) - 0.5, j);
            }
            if (uniform(seed) < 0.3 * density) {
                handmade_bilinear(h, HANDMADE_RATE, i, 0.3 * (uniform(seed) - 0.5), j, below(seed, time + 1));
            }
        }
        handmade_linear(h, HANDMADE_RATE, i, uniform(seed), given);
        handmade_initial(h, i, uniform(seed));
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    return h;
}

static void compare_step(const msc_program *p, const double *reg, const char *kernel, double h)
{
    scene *s = scene_new(p, reg, 0.25, 0.25 + h, 2, 2, 1e-6);
    s->given[2] = 0.7;
    s->time[0].t = 0.25 + 0.3 * h;
    s->time[1].before = true;
    msc_plan *plan = NULL;
    ck_assert_int_eq(
        msc_plan_new(p, &(msc_engine_options){.rtol = 1e-3, .kernel = kernel}, &plan, NULL), MSC_OK);
    plan->fixed = h;
    ck_assert_int_eq(batch_run_plan(plan, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    ck_assert_uint_eq(s->report.steps, 1);

    const size_t n = p->n_state;
    dense d = {.p = p, .reg = reg};
    d.u = calloc(p->n_u, sizeof *d.u);
    d.entry = calloc(p->jacobian.n + 1, sizeof *d.entry);
    double *y0 = calloc(n, sizeof *y0), *y1 = calloc(n, sizeof *y1), *within = calloc(n, sizeof *within);
    d.u[p->first_given + 2] = 0.7;
    double scale = 1.0;
    for (size_t i = 0; i < n; i++) {
        y0[i] = reg[p->initial[i]];
    }
    dense_step(&d, 0.25, s->stop[1] - s->stop[0], y0, y1, within);
    for (size_t i = 0; i < n; i++) {
        scale = fmax(scale, fabs(y1[i]));
    }
    /* the step's coefficients reach 150, the condition here is small: a thousand roundings */
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol(s->out[n + i], y1[i], 1e-12 * scale);
        ck_assert_double_eq_tol(s->out[i], within[i], 1e-12 * scale);
        ck_assert(s->out[n + i] == s->state[i]);
    }
    free(d.u);
    free(d.entry);
    free(y0);
    free(y1);
    free(within);
    msc_plan_free(plan);
    scene_free(s);
}

START_TEST(random_programs)
{
    uint64_t seed = 20231u + (uint64_t)_i;
    for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
        handmade *h = random_program(&seed, 1 + below(&seed, 14), below(&seed, 10), 0.05 + 0.3 * uniform(&seed));
        const msc_program *p = handmade_finish(h);
        compare_step(p, handmade_registers(h), *kernel, 0.05 + 0.3 * uniform(&seed));
        handmade_free(h);
    }
}
END_TEST

/* The same model with nodes and with the nodes written out. */
static handmade *predation(bool lifted)
{
    handmade *h = handmade_new((handmade_size){.state = 3, .node = lifted ? 3 : 0, .given = 1, .out = 3});
    uint32_t meet = 0, total = 0, decay = 0;
    if (lifted) {
        meet = handmade_node(h, 0);
        total = handmade_node(h, 1);
        decay = handmade_node(h, 2);
        handmade_bilinear(h, HANDMADE_NODE, 0, 0.8, 0, 1);
        handmade_linear(h, HANDMADE_NODE, 1, 1.0, 0);
        handmade_linear(h, HANDMADE_NODE, 1, 1.0, 1);
        handmade_bilinear(h, HANDMADE_NODE, 2, 1.0, 2, total);
    }
    handmade_linear(h, HANDMADE_RATE, 0, 1.1, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -30.0, 1);
    if (lifted) {
        handmade_linear(h, HANDMADE_RATE, 0, -1.0, meet);
        handmade_linear(h, HANDMADE_RATE, 1, 40.0, meet);
        handmade_linear(h, HANDMADE_RATE, 2, 1.0, meet);
        handmade_linear(h, HANDMADE_RATE, 2, -2.0, decay);
    } else {
        handmade_bilinear(h, HANDMADE_RATE, 0, -0.8, 0, 1);
        handmade_bilinear(h, HANDMADE_RATE, 1, 32.0, 0, 1);
        handmade_bilinear(h, HANDMADE_RATE, 2, 0.8, 0, 1);
        handmade_bilinear(h, HANDMADE_RATE, 2, -2.0, 2, 0);
        handmade_bilinear(h, HANDMADE_RATE, 2, -2.0, 2, 1);
    }
    for (uint32_t i = 0; i < 3; i++) {
        handmade_initial(h, i, 0.5 + 0.3 * i);
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    return h;
}

START_TEST(lifted_is_substituted)
{
    double end[2][3];
    for (int lifted = 0; lifted < 2; lifted++) {
        handmade *h = predation(lifted);
        const msc_program *p = handmade_finish(h);
        scene *s = scene_new(p, handmade_registers(h), 0.0, 0.2, 2, 0, 1e-9);
        msc_plan *plan = NULL;
        ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6}, &plan, NULL), MSC_OK);
        plan->fixed = 0.2;
        ck_assert_int_eq(batch_run_plan(plan, &s, 1), MSC_OK);
        ck_assert_uint_eq(s->report.steps, 1);
        memcpy(end[lifted], s->state, sizeof end[0]);
        msc_plan_free(plan);
        scene_free(s);
        handmade_free(h);
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq_tol(end[0][i], end[1][i], 1e-12 * fabs(end[0][i]));
    }
}
END_TEST

/* y = 1 / (1 + t^2) from y' = -2 t y^2, and w = exp(1 - exp(-t)) from w' = w exp(-t). */
static handmade *with_time(void)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 3, .given = 1, .out = 2});
    const uint32_t time = handmade_given(h, 0), square = handmade_node(h, 0), minus = handmade_node(h, 1),
                   fade = handmade_node(h, 2);
    handmade_bilinear(h, HANDMADE_NODE, 0, 1.0, 0, 0);
    handmade_linear(h, HANDMADE_NODE, 1, -1.0, time);
    handmade_special(h, 2, MSC_OP_EXP, (int32_t)minus, 0, 0);
    handmade_bilinear(h, HANDMADE_RATE, 0, -2.0, time, square);
    handmade_bilinear(h, HANDMADE_RATE, 1, 1.0, 1, fade);
    for (uint32_t i = 0; i < 2; i++) {
        handmade_initial(h, i, 1.0);
        handmade_linear(h, HANDMADE_OUT, i, 1.0, i);
    }
    return h;
}

/* Largest error at the steps' ends and between, with n steps over 0 .. 2. */
static void errors(const msc_program *p, const double *reg, int n, double *at_ends, double *between)
{
    enum { PER_STEP = 7 };
    scene *s = scene_new(p, reg, 0.0, 2.0, 2, (size_t)n * PER_STEP + 1, 1e-9);
    msc_plan *plan = NULL;
    ck_assert_int_eq(msc_plan_new(p, &(msc_engine_options){.rtol = 1e-6}, &plan, NULL), MSC_OK);
    plan->fixed = 2.0 / n;
    ck_assert_int_eq(batch_run_plan(plan, &s, 1), MSC_OK);
    ck_assert_uint_eq(s->report.steps, (unsigned)n);
    *at_ends = *between = 0.0;
    for (size_t i = 0; i <= (size_t)n * PER_STEP; i++) {
        const double t = s->time[i].t, exact[2] = {1.0 / (1.0 + t * t), exp(1.0 - exp(-t))};
        for (size_t j = 0; j < 2; j++) {
            double *worst = i % PER_STEP == 0 ? at_ends : between;
            *worst = fmax(*worst, fabs(s->out[2 * i + j] - exact[j]));
        }
    }
    msc_plan_free(plan);
    scene_free(s);
}

/* Least squares through (log h, log error). */
static double slope(int n, const double *x, const double *y)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < n; i++) {
        sx += x[i];
        sy += y[i];
        sxx += x[i] * x[i];
        sxy += x[i] * y[i];
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

START_TEST(orders)
{
    enum { SIZES = 6 };
    handmade *h = with_time();
    const msc_program *p = handmade_finish(h);
    double step[SIZES], at_ends[SIZES], between[SIZES];
    for (int i = 0; i < SIZES; i++) {
        const int n = 8 << i;
        errors(p, handmade_registers(h), n, &at_ends[i], &between[i]);
        step[i] = log(2.0 / n);
        at_ends[i] = log(at_ends[i]);
        between[i] = log(between[i]);
    }
    const double order = slope(SIZES, step, at_ends), dense_order = slope(SIZES, step, between);
    ck_assert_msg(order >= 4.8, "order %.2f", order);
    ck_assert_msg(dense_order >= 3.8, "order %.2f of the interpolant", dense_order);
    handmade_free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine/step");
    TCase *tc = tcase_create("step");
    tcase_add_loop_test(tc, random_programs, 0, 60);
    tcase_add_test(tc, lifted_is_substituted);
    tcase_add_test(tc, orders);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
