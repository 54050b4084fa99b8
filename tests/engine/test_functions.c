/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernels' special functions: exp and log within 1 unit in the last place and power within 2, against
 * long double; odd arguments as op.c has them; a lane's bits depend neither on the other lanes nor on the
 * kernel, where there is FMA. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "engine/plan.h"
#include "program/op.h"
#include "support/batch.h"
#include "support/suite.h"

static const double ODD[] = {0.0,    -0.0,   1.0,    -1.0,    0.5,       2.0,      -3.5,      1e300,
                             -1e300, 1e-300, 5e-324, -5e-324, 0x1p-1022, INFINITY, -INFINITY, NAN,
                             745.2,  -745.2, 709.8,  710.0,   3.0,       -2.0};
enum { N_ODD = sizeof ODD / sizeof *ODD };

static double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

/* x and y for all lanes; value in each. */
static void apply(const char *kernel, msc_op op, const double *x, const double *y, const double *z,
                  double *value)
{
    const msc_kernel *k = msc_kernel_find(kernel);
    double arg[3 * MSC_LANES_MAX];
    for (unsigned l = 0; l < k->lanes; l++) {
        arg[l] = x[l];
        arg[k->lanes + l] = y[l];
        arg[2 * k->lanes + l] = z[l];
    }
    k->function(op, arg, value);
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Units in the last place of what is wanted. */
static double units(double got, long double want)
{
    int e;
    if ((double)want == got) {
        return 0.0;
    }
    (void)frexpl(want, &e);
    return (double)(fabsl((long double)got - want) /
                    ldexpl(1.0L, (e < -1021 ? -1021 : e) - DBL_MANT_DIG));
}

typedef struct {
    msc_op op;
    double most;
    long double (*want)(long double x, long double y);
} trial;

static long double want_exp(long double x, long double y)
{
    (void)y;
    return expl(x);
}

static long double want_log(long double x, long double y)
{
    (void)y;
    return logl(x);
}

static const trial TRIALS[] = {
    {MSC_OP_EXP, 1.0, want_exp}, {MSC_OP_LOG, 1.0, want_log}, {MSC_OP_POWER, 2.0, powl}};

/* Arguments over the whole range of values, and where terms cancel. */
static void draw(msc_op op, unsigned i, uint64_t *seed, double *x, double *y)
{
    const double a = 2.0 * uniform(seed) - 1.0, b = 2.0 * uniform(seed) - 1.0, c = uniform(seed);
    if (op == MSC_OP_EXP) {
        *x = i % 3 == 0 ? 745.0 * a : i % 3 == 1 ? 2.0 * a : ldexp(a, -(int)(60.0 * c));
    } else {
        *x = i % 3 == 0   ? exp(708.0 * a)
             : i % 3 == 1 ? 3.0 * c
                          : 1.0 + ldexp(a, -2 - (int)(50.0 * c));
        *y = i % 2 == 0 ? 708.0 * b / (fabs(log(*x)) + 1e-10) : 8.0 * b;
    }
}

START_TEST(functions_are_accurate)
{
#if LDBL_MANT_DIG >= 64
    const trial *t = &TRIALS[_i];
    for (const char *const *k = batch_kernels(); *k != NULL; k++) {
        uint64_t seed = 7;
        double x[MSC_LANES_MAX], y[MSC_LANES_MAX] = {0}, z[MSC_LANES_MAX] = {0},
                                 value[MSC_LANES_MAX];
        for (unsigned i = 0; i < 20000; i++) {
            for (unsigned l = 0; l < MSC_LANES_MAX; l++) {
                draw(t->op, i, &seed, &x[l], &y[l]);
            }
            apply(*k, t->op, x, y, z, value);
            for (unsigned l = 0; l < msc_kernel_find(*k)->lanes; l++) {
                const double off = units(value[l], t->want(x[l], y[l]));
                ck_assert_msg(off <= t->most, "%s: op %d of %a, %a is %a: %g units off", *k,
                              (int)t->op, x[l], y[l], value[l], off);
            }
        }
    }
#endif
}
END_TEST

/* Other lanes hold other arguments, odd ones too. */
START_TEST(lanes_do_not_meet)
{
    const msc_op op = TRIALS[_i].op;
    uint64_t seed = 3;
    for (const char *const *k = batch_kernels(); *k != NULL; k++) {
        const unsigned lanes = msc_kernel_find(*k)->lanes;
        double zero[MSC_LANES_MAX] = {0}, alone[MSC_LANES_MAX], among[MSC_LANES_MAX];
        for (unsigned i = 0; i < 3000; i++) {
            double x[MSC_LANES_MAX], y[MSC_LANES_MAX], x1[MSC_LANES_MAX], y1[MSC_LANES_MAX];
            for (unsigned l = 0; l < MSC_LANES_MAX; l++) {
                x[l] = ODD[(unsigned)(uniform(&seed) * N_ODD)];
                y[l] = ODD[(unsigned)(uniform(&seed) * N_ODD)];
            }
            const unsigned l = i % lanes;
            draw(op, i, &seed, &x[l], &y[l]);
            for (unsigned j = 0; j < MSC_LANES_MAX; j++) {
                x1[j] = x[l];
                y1[j] = y[l];
            }
            apply(*k, op, x, y, zero, among);
            apply(*k, op, x1, y1, zero, alone);
            for (unsigned j = 0; j < lanes; j++) {
                ck_assert(same(alone[j], alone[0]));
            }
            ck_assert(same(among[l], alone[0]));
            if (strcmp(*k, "baseline") != 0) {
                apply("avx2", op, x, y, zero, alone);
                ck_assert(same(among[l], alone[l]));
            }
        }
    }
}
END_TEST

/* Within 2 units where it is finite; the rest, and what has no rounding, to the bit. */
START_TEST(odd_arguments)
{
    static const msc_op OPS[] = {MSC_OP_EXP,        MSC_OP_LOG,       MSC_OP_POWER,
                                 MSC_OP_DIVIDE,     MSC_OP_ABS,       MSC_OP_MIN,
                                 MSC_OP_MAX,        MSC_OP_IF,        MSC_OP_LESS,
                                 MSC_OP_LESS_EQUAL, MSC_OP_GREATER,   MSC_OP_GREATER_EQUAL,
                                 MSC_OP_EQUAL,      MSC_OP_NOT_EQUAL, MSC_OP_AND,
                                 MSC_OP_OR,         MSC_OP_NOT};
    for (const char *const *k = batch_kernels(); *k != NULL; k++) {
        for (unsigned i = 0; i < N_ODD * N_ODD; i++) {
            for (size_t o = 0; o < sizeof OPS / sizeof *OPS; o++) {
                double x[MSC_LANES_MAX], y[MSC_LANES_MAX], z[MSC_LANES_MAX], value[MSC_LANES_MAX];
                for (unsigned l = 0; l < MSC_LANES_MAX; l++) {
                    x[l] = ODD[i / N_ODD];
                    y[l] = ODD[i % N_ODD];
                    z[l] = ODD[(i + 1) % N_ODD];
                }
                apply(*k, OPS[o], x, y, z, value);
                const double want = msc_op_apply(NULL, OPS[o], (double[]){x[0], y[0], z[0]}, 0, 0);
                const bool near = o < 3 && isfinite(want) && units(value[0], want) <= 3.0;
                ck_assert_msg(same(value[0], want) || near, "%s: op %d of %a, %a is %a, not %a", *k,
                              (int)OPS[o], x[0], y[0], value[0], want);
            }
        }
    }
}
END_TEST

int main(void)
{
    enum { N = sizeof TRIALS / sizeof *TRIALS };
    Suite *suite = suite_create("engine/functions");
    TCase *tc = tcase_create("functions");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, functions_are_accurate, 0, N);
    tcase_add_loop_test(tc, lanes_do_not_meet, 0, N);
    tcase_add_test(tc, odd_arguments);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
