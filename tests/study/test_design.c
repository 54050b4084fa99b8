/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Designs: which scenarios there are, the same from any order, and every complaint. */
#include "study/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_qrng.h>

#include "base/random.h"
#include "support/suite.h"

static msc_arena *arena;

static void set_up(void)
{
    arena = msc_arena_new(NULL);
}

static void tear_down(void)
{
    msc_arena_free(arena);
}

enum { AXES = 6 };

/* Axes a, b, c, ... ; their places are lines 1, 2, 3, ... of a text. */
static const msc_design *design_as(const char *text, const uint64_t *level, size_t n,
                                   const uint64_t *seed)
{
    static const char lines[] = "a = 1;\nb = 1;\nc = 1;\nd = 1;\ne = 1;\nf = 1;\n";
    const msc_conf *origin = msc_conf_read_text(arena, "axes.cfg", lines, strlen(lines));
    msc_design_axis *axis = MSC_NEW(arena, msc_design_axis, n + 1);
    for (size_t k = 0; k < n; k++) {
        axis[k] = (msc_design_axis){origin->child[k % AXES]->name, origin->child[k % AXES],
                                    level ? level[k % AXES] : 0};
    }
    return msc_design_read(arena, msc_conf_read_text(arena, "x.cfg", text, strlen(text)), axis, n,
                           seed);
}

static const msc_design *design(const char *text, const uint64_t *level, size_t n)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s: %s", text, arena->error.where, arena->error.message);
    }
    return design_as(text, level, n, NULL);
}

static const msc_design *sample(const char *kind, uint64_t n, uint64_t seed, size_t n_axis)
{
    return design(msc_arena_printf(arena, "design = \"%s\"; n = %lu; seed = %lu;", kind,
                                   (unsigned long)n, (unsigned long)seed),
                  NULL, n_axis);
}

/* ---- grid and list ---- */

START_TEST(test_grid_last_axis_fastest)
{
    static const uint64_t level[AXES] = {2, 3, 4};
    const msc_design *d = design("design = \"grid\";", level, 3);
    msc_design_point row[3];
    uint64_t i = 0;
    ck_assert_uint_eq(msc_design_count(d), 24);
    ck_assert_int_eq(msc_design_kind_of(d), MSC_DESIGN_GRID);
    for (uint64_t a = 0; a < 2; a++) {
        for (uint64_t b = 0; b < 3; b++) {
            for (uint64_t c = 0; c < 4; c++) {
                msc_design_row(d, i++, row);
                ck_assert(row[0].level == a && row[1].level == b && row[2].level == c);
                ck_assert_double_nan(row[0].u);
            }
        }
    }
}
END_TEST

START_TEST(test_list_takes_rows)
{
    static const uint64_t level[AXES] = {5, 5};
    const msc_design *d = design("design = \"list\";", level, 2);
    msc_design_point row[2];
    ck_assert_uint_eq(msc_design_count(d), 5);
    for (uint64_t i = 0; i < 5; i++) {
        msc_design_row(d, i, row);
        ck_assert(row[0].level == i && row[1].level == i);
    }
}
END_TEST

START_TEST(test_largest_grid)
{
    static const uint64_t level[AXES] = {10000, 10000};
    const msc_design *d = design("design = \"grid\";", level, 2);
    msc_design_point row[2];
    ck_assert_uint_eq(msc_design_count(d), MSC_DESIGN_MOST);
    msc_design_row(d, MSC_DESIGN_MOST - 1, row);
    ck_assert(row[0].level == 9999 && row[1].level == 9999);
}
END_TEST

/* ---- samples ---- */

/* A row is a function of seed, scenario and axis: the same backwards, from another design of the same
 * words, and (but for lhs, whose strata depend on n) in a longer one; and with other axes beside. */
START_TEST(test_same_from_any_order)
{
    static const char *const kinds[] = {"lhs", "sobol", "random"};
    enum { N = 301, K = 4 };
    const msc_design *d = sample(kinds[_i], N, 7, K), *twin = sample(kinds[_i], N, 7, K),
                     *wider = sample(kinds[_i], N, 7, AXES),
                     *longer = sample(kinds[_i], _i ? 99999999 : N, 7, K),
                     *other = sample(kinds[_i], N, 8, K);
    msc_design_point first[N][K], row[AXES];
    for (uint64_t i = 0; i < N; i++) {
        msc_design_row(d, i, first[i]);
    }
    for (uint64_t i = N; i-- > 0;) {
        const msc_design *const same[] = {d, twin, wider, longer};
        for (size_t s = 0; s < 4; s++) {
            msc_design_row(same[s], i, row);
            for (size_t k = 0; k < K; k++) {
                if (!(row[k].u == first[i][k].u && row[k].u > 0 && row[k].u < 1)) {
                    ck_abort_msg("design %zu, scenario %lu, axis %zu", s, (unsigned long)i, k);
                }
            }
        }
        msc_design_row(other, i, row);
        ck_assert_double_ne(row[0].u, first[i][0].u);
    }
}
END_TEST

START_TEST(test_random_is_the_stream_of_scenario_and_axis)
{
    const uint64_t seed = (UINT64_C(1) << 40) + 3;
    const msc_design *d = design_as("design = \"random\"; n = 1e8; seed = 5;", NULL, 3, &seed);
    msc_design_point row[3];
    ck_assert_uint_eq(msc_design_seed(d), seed);
    for (uint64_t i = 0; i < 100000000; i += 9999999) {
        msc_design_row(d, i, row);
        for (uint32_t k = 0; k < 3; k++) {
            ck_assert_double_eq(row[k].u, msc_random_uniform(seed, MSC_USE_POINT, i, k, 0));
        }
    }
    ck_assert_uint_eq(msc_design_seed(design("design = \"random\"; n = 1;", NULL, 1)), 1);
    ck_assert_uint_eq(msc_design_seed(design("design = \"random\"; n = 1; seed = 0;", NULL, 1)), 0);
}
END_TEST

/* An axis with levels: each gets its part of (0, 1). */
START_TEST(test_levels_in_a_sample)
{
    static const uint64_t level[AXES] = {5, 0, 7};
    const msc_design *d = design("design = \"lhs\"; n = 35; seed = 3;", level, 3);
    unsigned count[2][7] = {{0}};
    msc_design_point row[3];
    for (uint64_t i = 0; i < 35; i++) {
        msc_design_row(d, i, row);
        ck_assert_double_nan(row[0].u);
        ck_assert(!isnan(row[1].u) && row[1].level == 0);
        count[0][row[0].level]++;
        count[1][row[2].level]++;
    }
    for (size_t l = 0; l < 7; l++) { /* strata that fit into levels: exactly equal shares */
        ck_assert_uint_eq(count[0][l], l < 5 ? 7 : 0);
        ck_assert_uint_eq(count[1][l], 5);
    }
}
END_TEST

/* ---- Latin hypercubes ---- */

static const uint64_t awkward[] = {1,   2,    3,    4,    5,     6,     7,     10,    11,
                                   13,  16,   17,   31,   64,    97,    99,    100,   101,
                                   127, 1000, 1009, 4096, 65521, 65536, 65537, 200003};
enum { N_AWKWARD = sizeof awkward / sizeof *awkward };

START_TEST(test_lhs_hits_each_stratum_once)
{
    const uint64_t n = awkward[_i];
    const msc_design *d = sample("lhs", n, 11 + (uint64_t)_i, 2);
    unsigned char *hit = calloc(n, 2);
    msc_design_point row[2];
    ck_assert_ptr_nonnull(hit);
    for (uint64_t i = 0; i < n; i++) {
        msc_design_row(d, i, row);
        for (size_t k = 0; k < 2; k++) {
            const uint64_t stratum = (uint64_t)(row[k].u * (double)n);
            if (stratum >= n || hit[2 * stratum + k]++) { /* (a ck_assert is a system call) */
                ck_abort_msg("scenario %lu, axis %zu: stratum %lu", (unsigned long)i, k,
                             (unsigned long)stratum);
            }
        }
    }
    free(hit);
}
END_TEST

/* What the header says, to the bit: stratum by the permutation, place by the stream. */
START_TEST(test_lhs_is_permutation_and_stream)
{
    enum { N = 1009 };
    const msc_design *d = sample("lhs", N, 6, 3);
    msc_design_point row[3];
    for (uint64_t i = 0; i < N; i++) {
        msc_design_row(d, i, row);
        for (uint32_t k = 0; k < 3; k++) {
            const uint64_t bits = msc_random_bits(6, MSC_USE_POINT, i, k);
            ck_assert_double_eq(row[k].u,
                                msc_design_in_stratum(msc_design_permuted(6, k, N, i), N, bits));
            ck_assert_double_eq_tol(row[k].u * N - floor(row[k].u * N), msc_random_open(bits),
                                    1e-11);
        }
    }
}
END_TEST

/* The place in a stratum, from its first to its last, stays in it as doubles go; at 1e8, too. */
START_TEST(test_strata_keep_their_points)
{
    static const uint64_t n[] = {1, 3, 49, 1000003, 99999989, 100000000};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        for (uint64_t s = 0; s < n[i]; s += n[i] / 999 + 1) {
            const uint64_t stratum[] = {s, n[i] - 1 - s};
            for (size_t j = 0; j < 2; j++) {
                const double low = msc_design_in_stratum(stratum[j], n[i], 0),
                             high = msc_design_in_stratum(stratum[j], n[i], UINT64_MAX);
                if ((uint64_t)(low * (double)n[i]) != stratum[j] ||
                    (uint64_t)(high * (double)n[i]) != stratum[j] ||
                    !(low < high && high < 1 && low > 0)) {
                    ck_abort_msg("stratum %lu of %lu: %.17g to %.17g", (unsigned long)stratum[j],
                                 (unsigned long)n[i], low, high);
                }
            }
        }
    }
}
END_TEST

/* The permutation of 1e8 is one: over blocks of places apart no two meet, and the mean of where a block
 * goes is the middle within 5 sd. */
START_TEST(test_permutation_of_a_hundred_million)
{
    enum { N = 100000000, BLOCK = 30000 };
    unsigned char *seen = calloc(N / 8 + 1, 1);
    ck_assert_ptr_nonnull(seen);
    for (uint64_t start = 0; start < N; start += N / 7) {
        double sum = 0;
        for (uint64_t i = start; i < start + BLOCK && i < N; i++) {
            const uint64_t to = msc_design_permuted(3, 1, N, i);
            if (to >= N || (seen[to / 8] >> to % 8 & 1)) {
                ck_abort_msg("%lu goes to %lu", (unsigned long)i, (unsigned long)to);
            }
            seen[to / 8] |= (unsigned char)(1 << to % 8);
            sum += (double)to / N - 0.5;
        }
        ck_assert_msg(start + BLOCK > N || fabs(sum) < 5 * sqrt(BLOCK / 12.0), "%g", sum);
    }
    free(seen);
}
END_TEST

/* All permutations of a few are equally likely over seeds: chi-square, both tails of 1e-4. */
START_TEST(test_permutations_are_equally_likely)
{
    enum { SEEDS = 24000 };
    const uint64_t n = (uint64_t)_i;
    static unsigned count[46656];
    unsigned cells = 1;
    memset(count, 0, sizeof count);
    double chi2 = 0;
    for (unsigned f = 2; f <= n; f++) {
        cells *= f;
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        size_t code = 0;
        for (uint64_t i = 0; i < n; i++) {
            code = code * n + msc_design_permuted(seed, 2, n, i);
        }
        count[code]++;
    }
    for (size_t c = 0; c < 46656; c++) {
        const double expected = (double)SEEDS / cells;
        chi2 += count[c] ? (count[c] - expected) * (count[c] - expected) / expected : 0;
    }
    unsigned found = 0;
    for (size_t c = 0; c < 46656; c++) {
        found += count[c] > 0;
    }
    ck_assert_uint_eq(found, cells);
    const double p = gsl_cdf_chisq_Q(chi2, cells - 1.0);
    ck_assert_msg(p > 1e-4 && p < 1 - 1e-4, "n = %d: chi2 = %g, p = %g", _i, chi2, p);
}
END_TEST

/* Two axes are dealt out independently: where one puts stratum s says nothing of the other. The sum of
 * products of centred ranks has mean 0 and variance n^2 (n + 1)^2 (n - 1) / 144. */
START_TEST(test_lhs_axes_are_independent)
{
    enum { N = 1000 };
    for (uint32_t seed = 0; seed < 20; seed++) {
        double sum = 0;
        for (uint64_t i = 0; i < N; i++) {
            sum += ((double)msc_design_permuted(seed, 0, N, i) - (N - 1) / 2.0) *
                   ((double)msc_design_permuted(seed, 1, N, i) - (N - 1) / 2.0);
        }
        const double n = N, z = sum / sqrt(n * n * (n + 1) * (n + 1) * (n - 1) / 144);
        ck_assert_msg(fabs(z) < 4, "seed %u: z = %g", seed, z);
    }
}
END_TEST

/* ---- Sobol ---- */

/* GSL's points from its first to its 2^19th, on all 40 axes; the rest follows from the same recurrence,
 * whose every number up to the 19th is used here. */
START_TEST(test_sobol_is_gsls)
{
    static uint32_t direction[MSC_SOBOL_AXES][MSC_SOBOL_BITS];
    double x[MSC_SOBOL_AXES];
    gsl_qrng *rng = gsl_qrng_alloc(gsl_qrng_sobol, MSC_SOBOL_AXES);
    ck_assert(msc_sobol_directions(direction, MSC_SOBOL_AXES));
    for (size_t k = 0; k < MSC_SOBOL_AXES; k++) {
        ck_assert_uint_eq(msc_sobol_point(direction[k], 0), 0);
    }
    for (uint64_t i = 1; i <= 1 << 19; i++) {
        ck_assert_int_eq(gsl_qrng_get(rng, x), 0);
        for (size_t k = 0; k < MSC_SOBOL_AXES; k++) {
            if (msc_sobol_point(direction[k], i) != (uint32_t)(x[k] * 0x1p30)) {
                ck_abort_msg("axis %zu, point %lu", k, (unsigned long)i);
            }
        }
    }
    gsl_qrng_free(rng);
}
END_TEST

/* The first 2^m points, the origin among them, lie one in each of 2^m strata, on every axis; any m
 * that a sweep may reach. Each direction number j has its lowest set bit at 2^-(j + 1). */
START_TEST(test_sobol_is_balanced)
{
    static uint32_t direction[MSC_SOBOL_AXES][MSC_SOBOL_BITS];
    static bool hit[4096];
    ck_assert(msc_sobol_directions(direction, MSC_SOBOL_AXES));
    for (size_t k = 0; k < MSC_SOBOL_AXES; k++) {
        memset(hit, 0, sizeof hit);
        for (uint64_t i = 0; i < 4096; i++) {
            const uint32_t stratum = msc_sobol_point(direction[k], i) >> (MSC_SOBOL_BITS - 12);
            ck_assert(!hit[stratum]);
            hit[stratum] = true;
        }
        for (unsigned j = 0; j < MSC_SOBOL_BITS; j++) {
            ck_assert_uint_eq(direction[k][j] & ((1u << (MSC_SOBOL_BITS - j)) - 1),
                              1u << (MSC_SOBOL_BITS - 1 - j));
        }
    }
}
END_TEST

/* The design's point is GSL's plus a shift, modulo 1: in long double the sum is exact (2^-64 at most),
 * and the coordinate is it, cut to 52 bits and moved to the middle of the last one. */
START_TEST(test_sobol_design_is_gsl_shifted)
{
    const msc_design *d = sample("sobol", 5000, 9, AXES);
    msc_design_point row[AXES];
    double x[AXES] = {0};
    gsl_qrng *rng = gsl_qrng_alloc(gsl_qrng_sobol, AXES);
    for (uint64_t i = 0; i < 5000; i++) {
        msc_design_row(d, i, row);
        for (uint32_t k = 0; k < AXES; k++) {
            const double s = msc_random_open(msc_random_bits(9, MSC_USE_SHIFT, 0, k)), u = x[k] + s;
            const double want = u < 1 ? u : u - 1;
            ck_assert_msg(fabs(row[k].u - want) <= 0x1p-52, "%.17g, not %.17g", row[k].u, want);
        }
        gsl_qrng_get(rng, x);
    }
    gsl_qrng_free(rng);
}
END_TEST

/* ---- correlation ---- */

static const char *const related =
    "design = \"%s\"; n = 20000; seed = 4;\n"
    "correlation = { axes = [\"a\", \"c\", \"d\"];\n"
    "  matrix = ( [1.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 1.0] ); };\n";

/* Normal scores of a sample of n: their correlations are within 4 sd of what was asked, where sd =
 * (1 - r^2) / sqrt(n); means within 4 / sqrt(n), variances within 4 sqrt(2 / n). Lhs and Sobol points
 * stay within the bounds of chance, too. (Of lognormals the logarithms are such scores, times sd.) */
START_TEST(test_correlation_is_met)
{
    static const char *const kinds[] = {"random", "lhs", "sobol"};
    static const double want[5][5] = {{1, 0, 0.6, -0.3, 0},
                                      {0, 1, 0, 0, 0},
                                      {0.6, 0, 1, 0.2, 0},
                                      {-0.3, 0, 0.2, 1, 0},
                                      {0, 0, 0, 0, 1}};
    enum { N = 20000, K = 5 };
    const msc_design *d = design(msc_arena_printf(arena, related, kinds[_i]), NULL, K);
    double mean[K] = {0}, product[K][K] = {{0}};
    msc_design_point row[K];
    for (uint64_t i = 0; i < N; i++) {
        double z[K];
        msc_design_row(d, i, row);
        for (size_t k = 0; k < K; k++) {
            z[k] = gsl_cdf_ugaussian_Pinv(row[k].u);
            mean[k] += z[k] / N; /* (NaN or infinite beyond (0, 1)) */
        }
        for (size_t k = 0; k < K; k++) {
            for (size_t l = 0; l < K; l++) {
                product[k][l] += z[k] * z[l] / N;
            }
        }
    }
    for (size_t k = 0; k < K; k++) {
        ck_assert_double_le(fabs(mean[k]), 4 / sqrt(N));
        ck_assert_double_eq_tol(product[k][k], 1, 4 * sqrt(2.0 / N));
        for (size_t l = 0; l < k; l++) {
            const double r = product[k][l] / sqrt(product[k][k] * product[l][l]);
            ck_assert_msg(fabs(r - want[k][l]) <= 4 * (1 - want[k][l] * want[k][l]) / sqrt(N),
                          "%s: %zu and %zu: %g", kinds[_i], k, l, r);
        }
    }
}
END_TEST

/* What is mixed is what there would be without: the first axis and the free ones keep their bits'
 * numbers; the second is r z1 + sqrt(1 - r^2) z2. */
START_TEST(test_correlation_mixes_scores)
{
    const msc_design *plain = sample("random", 20000, 4, 5),
                     *mixed = design(msc_arena_printf(arena, related, "random"), NULL, 5);
    msc_design_point p[5], m[5];
    for (uint64_t i = 0; i < 1000; i++) {
        msc_design_row(plain, i, p);
        msc_design_row(mixed, i, m);
        const double z =
            0.6 * gsl_cdf_ugaussian_Pinv(p[0].u) + 0.8 * gsl_cdf_ugaussian_Pinv(p[2].u);
        ck_assert_double_eq_tol(m[0].u, p[0].u, 1e-15);
        ck_assert_double_eq_tol(m[2].u, gsl_cdf_ugaussian_P(z), 1e-14);
        ck_assert_double_eq(m[1].u, p[1].u);
        ck_assert_double_eq(m[4].u, p[4].u);
    }
}
END_TEST

/* ---- complaints ---- */

#define MATRIX(text) \
    "design = \"lhs\"; n = 9;\ncorrelation = { axes = [\"a\", \"b\", \"c\"];\n" text " };\n"
static const uint64_t none[AXES] = {0}, tens[AXES] = {10, 20, 30, 40, 50, 60},
                      uneven[AXES] = {5, 5, 4}, huge[AXES] = {100000, 100000, 100000, 100000},
                      mixed[AXES] = {5, 0, 0}, vast[AXES] = {200000000, 200000000};
static const struct {
    const uint64_t *level;
    size_t n_axis;
    const char *text, *where, *message;
} refused[] = {
    {none, 2, "n = 3;\n", "x.cfg", "'design' is missing"},
    {none, 2, "design = \"gird\"; n = 3;\n", "x.cfg:1: design",
     "'gird' is no design; did you mean 'grid'?"},
    {none, 2, "design = \"factorial\"; n = 3;\n", "x.cfg:1: design",
     "'factorial' is no design (known are grid, list, lhs, sobol, random)"},
    {none, 0, "design = \"lhs\"; n = 3;\naxes = { };\n", "x.cfg:2: axes",
     "there is no axis: nothing is varied"},
    {none, 257, "design = \"lhs\"; n = 3;\n", "x.cfg",
     "257 axes are too many; at most 256 are possible"},
    {none, 41, "n = 3;\ndesign = \"sobol\";\n", "x.cfg:2: design",
     "Sobol points have at most 40 axes: here are 41; design = \"lhs\" has no such limit"},
    {none, 2, "design = \"lhs\";\n", "x.cfg", "'n' is missing"},
    {none, 2, "design = \"random\";\nn = 0;\n", "x.cfg:2: n",
     "must be an integer from 1 to 100000000, not 0"},
    {none, 2, "design = \"sobol\";\nn = 1e12;\n", "x.cfg:2: n",
     "must be an integer from 1 to 100000000, not 1e+12"},
    {none, 2, "design = \"lhs\"; n = 2;\nseed = -1;\n", "x.cfg:2: seed",
     "must be an integer of at least 0, not -1"},
    {mixed, 2, "design = \"grid\";\n", "axes.cfg:2: b",
     "a grid needs values, or from, to and n; to draw from a distribution write design = \"lhs\", \"sobol\" or "
     "\"random\""},
    {mixed, 2, "design = \"list\";\n", "axes.cfg:2: b",
     "a list needs values, or from, to and n; to draw from a distribution write design = \"lhs\", \"sobol\" or "
     "\"random\""},
    {tens, 2, "design = \"grid\";\nn = 5;\n", "x.cfg:2: n",
     "a grid has as many scenarios as its axes make; n is for samples"},
    {uneven, 3, "design = \"list\";\n", "axes.cfg:3: c",
     "in a list every axis has as many values: here are 4, in 'a' 5"},
    {vast, 2, "design = \"list\";\n", "axes.cfg:1: a",
     "200000000 scenarios are too many; at most 100000000 are possible"},
    {tens, 6, "design = \"grid\";\naxes = { };\n", "x.cfg:2: axes",
     "720000000 scenarios (10 x 20 x 30 x 40 x 50 x 60) are too many; at most 100000000 are possible"},
    {huge, 4, "design = \"grid\";\n", "x.cfg",
     "more than 1.8e19 scenarios (100000 x 100000 x 100000 x 100000) are too many; at most 100000000 are "
     "possible"},
    {tens, 14, "design = \"grid\";\n", "x.cfg",
     "more than 1.8e19 scenarios (10 x 20 x 30 x 40 x 50 x 60 x 10 x 20 x 30 x 40 x 50 x 60 x ...) are too many; "
     "at most 100000000 are possible"},
    {tens, 2, "design = \"grid\";\ncorrelation = { };\n", "x.cfg:2: correlation",
     "the axes of a grid cannot be correlated"},
    {none, 3, MATRIX(""), "x.cfg:2: correlation", "'matrix' is missing"},
    {none, 3, MATRIX("matrx = 1;"), "x.cfg:3: correlation.matrx",
     "unknown key; did you mean 'matrix'?"},
    {none, 2, MATRIX("matrix = ( );"), "x.cfg:2: correlation.axes[2]", "there is no axis 'c'"},
    {none, 3, "design = \"lhs\"; n = 9; correlation = { axes = [\"a\"]; };",
     "x.cfg:1: correlation.axes", "a correlation is between two axes or more"},
    {none, 3, "design = \"lhs\"; n = 9; correlation = { axes = \"a\"; };",
     "x.cfg:1: correlation.axes", "the names of axes are wanted; e.g. [\"clearance\", \"volume\"]"},
    {none, 3, "design = \"lhs\"; n = 9; correlation = { axes = [\"a\", \"b\", \"a\"]; };",
     "x.cfg:1: correlation.axes[2]", "'a' is named twice"},
    {mixed, 3, MATRIX(""), "x.cfg:2: correlation.axes[0]",
     "'a' has values, not a distribution: it cannot be correlated"},
    {none, 3, MATRIX("matrix = ( [1.0, 0.0, 0.0] );"), "x.cfg:3: correlation.matrix",
     "3 rows are wanted, one an axis; e.g. ( [1.0, 0.4], [0.4, 1.0] )"},
    {none, 3, MATRIX("matrix = ( [1, 0, 0], [0, 1, 0],\n [0, 1] );"),
     "x.cfg:4: correlation.matrix[2]", "a row of 3 numbers is wanted, one an axis"},
    {none, 3, MATRIX("matrix = ( [1, 0, 0], [0, 1, 0],\n [0, 2, 1] );"),
     "x.cfg:4: correlation.matrix[2][1]", "a correlation lies between -1 and 1: here is 2"},
    {none, 3, MATRIX("matrix = ( [1, 0, 0], [0, \"x\", 0],\n [0, 2, 1] );"), "x.cfg:3", NULL},
    {none, 3, MATRIX("matrix = ( (1, 0, 0), (0, \"x\", 0), (0, 0, 1) );"),
     "x.cfg:3: correlation.matrix[1][1]", "must be a number, not the string \"x\""},
    {none, 3, MATRIX("matrix = ( [1, 0, 0], [0, 0, 0],\n [0, 0, 1] );"),
     "x.cfg:3: correlation.matrix[1][1]", "the correlation of 'b' with itself is 1, not 0"},
    {none, 3, MATRIX("matrix = ( (1, 0.5, 0), (0.5, 1, 0),\n (0, 0.1, 1) );"),
     "x.cfg:4: correlation.matrix[2][1]",
     "the correlation of 'c' with 'b' is given as 0.1 here and as 0 above"},
    {none, 3, MATRIX("matrix = ( (1, 0.9, 0.9), (0.9, 1, -0.9), (0.9, -0.9, 1) );"),
     "x.cfg:3: correlation.matrix",
     "these correlations contradict each other: the matrix is not positive definite (its smallest eigenvalue is "
     "-0.8)"},
    {none, 3, MATRIX("matrix = ( (1, 0.99999999999, 0), (0.99999999999, 1, 0), (0, 0, 1) );"),
     "x.cfg:3: correlation.matrix",
     "these correlations contradict each other: the matrix is not positive definite (its smallest eigenvalue is "
     "1e-11)"},
    {none, 3, MATRIX("matrix = ( (1, 1, 0), (1, 1, 0), (0, 0, 1) );"),
     "x.cfg:3: correlation.matrix",
     "these correlations contradict each other: the matrix is not positive definite (its smallest eigenvalue is "
     "0)"},
};

START_TEST(test_refused)
{
    if (MSC_CATCH(arena)) {
        if (refused[_i].message) {
            ck_assert_str_eq(arena->error.message, refused[_i].message);
            ck_assert_str_eq(arena->error.where, refused[_i].where);
        }
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        return;
    }
    design_as(refused[_i].text, refused[_i].level, refused[_i].n_axis, NULL);
    ck_abort_msg("taken: %s", refused[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("design");
    TCase *tcase = tcase_create("design");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_grid_last_axis_fastest);
    tcase_add_test(tcase, test_list_takes_rows);
    tcase_add_test(tcase, test_largest_grid);
    tcase_add_loop_test(tcase, test_same_from_any_order, 0, 3);
    tcase_add_test(tcase, test_random_is_the_stream_of_scenario_and_axis);
    tcase_add_test(tcase, test_levels_in_a_sample);
    tcase_add_loop_test(tcase, test_lhs_hits_each_stratum_once, 0, N_AWKWARD);
    tcase_add_test(tcase, test_lhs_is_permutation_and_stream);
    tcase_add_test(tcase, test_strata_keep_their_points);
    tcase_add_test(tcase, test_permutation_of_a_hundred_million);
    tcase_add_loop_test(tcase, test_permutations_are_equally_likely, 2, 7);
    tcase_add_test(tcase, test_lhs_axes_are_independent);
    tcase_add_test(tcase, test_sobol_is_gsls);
    tcase_add_test(tcase, test_sobol_is_balanced);
    tcase_add_test(tcase, test_sobol_design_is_gsl_shifted);
    tcase_add_loop_test(tcase, test_correlation_is_met, 0, 3);
    tcase_add_test(tcase, test_correlation_mixes_scores);
    tcase_add_loop_test(tcase, test_refused, 0, sizeof refused / sizeof *refused);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
