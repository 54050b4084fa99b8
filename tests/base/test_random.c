/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random numbers: the published function, uniform, a function of what names them and of nothing else. */
#include "base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "support/suite.h"

enum { MANY = 1 << 17 };

/* Each statistic at a fixed seed is one draw from its law: it fails if it lies in a tail of 1e-4. */
static const double tail = 1e-4;

/* ---- the function ---- */

/* tests/kat_vectors of Random123 1.14.0, lines "philox4x32 10". */
START_TEST(test_known_answers)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0}, {0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        msc_philox(known[i].counter, known[i].key, out);
        ck_assert_mem_eq(out, known[i].out, sizeof out);
    }
}
END_TEST

/* What the header says of key and counter, word by word: results are fixed by it for ever. */
START_TEST(test_stream_is_philox_of_what_names_it)
{
    const uint64_t seed = 0x0123456789abcdef, scenario = 0xfedcba9876543210;
    msc_stream stream = msc_stream_at(seed, MSC_USE_WALK, scenario, 0x345678);
    for (uint32_t block = 0; block < 5; block++) {
        const uint32_t counter[4] = {block, 0x05345678, 0x76543210, 0xfedcba98};
        const uint32_t key[2] = {0x89abcdef, 0x01234567};
        uint32_t out[4];
        msc_philox(counter, key, out);
        for (int i = 0; i < 4; i++) {
            ck_assert_uint_eq(msc_stream_word(&stream), out[i]);
        }
    }
}
END_TEST

/* ---- independence of order ---- */

START_TEST(test_any_draw_from_any_place)
{
    for (uint32_t scenario = 0; scenario < 40; scenario++) {
        msc_stream stream = msc_stream_at(7, MSC_USE_POINT, scenario, scenario % 3);
        double first[11];
        for (int i = 0; i < 11; i++) {
            first[i] = msc_stream_uniform(&stream);
        }
        for (uint32_t i = 11; i-- > 0;) {
            const double again = msc_random_uniform(7, MSC_USE_POINT, scenario, scenario % 3, i);
            ck_assert_double_eq(again, first[i]);
        }
        const uint64_t bits = msc_random_bits(7, MSC_USE_POINT, scenario, scenario % 3);
        ck_assert_double_eq(msc_random_open(bits), first[0]);
    }
}
END_TEST

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Seeds, uses, scenarios, axes, draws that differ in one bit, the high ones too: all numbers differ
 * (two of n equal ones have the chance n^2 / 2^53, here 1e-9). */
START_TEST(test_every_name_has_its_own_number)
{
    static double u[4096];
    size_t n = 0;
    u[n++] = msc_random_uniform(0, MSC_USE_FREE, 0, 0, 0);
    for (int i = 0; i < 64; i++) {
        u[n++] = msc_random_uniform(UINT64_C(1) << i, MSC_USE_FREE, 0, 0, 0);
        u[n++] = msc_random_uniform(0, MSC_USE_FREE, UINT64_C(1) << i, 0, 0);
    }
    for (int i = 0; i < 24; i++) {
        u[n++] = msc_random_uniform(0, MSC_USE_FREE, 0, UINT32_C(1) << i, 0);
    }
    for (int i = 0; i < 32; i++) {
        u[n++] = msc_random_uniform(0, MSC_USE_FREE, 0, 0, UINT32_C(1) << i);
    }
    for (int use = MSC_USE_POINT; use <= MSC_USE_DATA; use++) {
        u[n++] = msc_random_uniform(0, (msc_use)use, 0, 0, 0);
    }
    qsort(u, n, sizeof *u, compare);
    for (size_t i = 1; i < n; i++) {
        ck_assert_double_lt(u[i - 1], u[i]);
    }
}
END_TEST

/* ---- uniformity ---- */

START_TEST(test_open_interval)
{
    ck_assert_double_eq(msc_random_open(0), 0x1p-53);
    ck_assert_double_eq(msc_random_open(UINT64_MAX), 1 - 0x1p-53);
    ck_assert_double_lt(msc_random_open(UINT64_MAX), 1);
    for (uint64_t k = 1; k != 0;
         k <<= 1) { /* symmetric: u of the inverted bits is 1 - u, exactly */
        ck_assert_double_eq(msc_random_open(~k), 1 - msc_random_open(k));
    }
}
END_TEST

/* Which number varies: the draw, the scenario, the axis, the seed. */
static double nth(int way, uint32_t i)
{
    switch (way) {
    case 0: return msc_random_uniform(1, MSC_USE_POINT, 3, 0, i);
    case 1: return msc_random_uniform(1, MSC_USE_POINT, i, 0, 0);
    case 2: return msc_random_uniform(1, MSC_USE_POINT, 3, i, 0);
    default: return msc_random_uniform(i, MSC_USE_POINT, 3, 0, 0);
    }
}

static void chi_square_is_ordinary(const unsigned *count, size_t cells, size_t n, const char *what)
{
    double chi2 = 0;
    const double expected = (double)n / (double)cells;
    for (size_t i = 0; i < cells; i++) {
        chi2 += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    }
    const double p = gsl_cdf_chisq_Q(chi2, (double)cells - 1);
    ck_assert_msg(p > tail && p < 1 - tail, "%s: chi2 %g of %zu cells, p = %g", what, chi2, cells,
                  p);
}

/* Neighbours in pairs on a grid of 16 x 16: each uniform, and each independent of the next. */
START_TEST(test_uniform_and_serially_independent)
{
    static unsigned count[256];
    memset(count, 0, sizeof count);
    for (uint32_t i = 0; i < MANY; i++) {
        count[(int)(nth(_i, 2 * i) * 16) * 16 + (int)(nth(_i, 2 * i + 1) * 16)]++;
    }
    chi_square_is_ordinary(count, 256, MANY, "pairs");
}
END_TEST

/* Every bit of the words: as many ones as zeros, within the binomial's tail. */
START_TEST(test_every_bit_is_fair)
{
    msc_stream stream = msc_stream_at(2, MSC_USE_FREE, 0, 0);
    unsigned ones[32] = {0};
    for (int i = 0; i < MANY; i++) {
        const uint32_t word = msc_stream_word(&stream);
        for (int b = 0; b < 32; b++) {
            ones[b] += word >> b & 1;
        }
    }
    for (int b = 0; b < 32; b++) {
        const double p = gsl_cdf_binomial_P(ones[b], 0.5, MANY);
        ck_assert_msg(p > tail && p < 1 - tail, "bit %d: %u ones of %d", b, ones[b], MANY);
    }
}
END_TEST

/* ---- GSL ---- */

START_TEST(test_gsl_draws_from_the_stream)
{
    msc_stream stream = msc_stream_at(5, MSC_USE_WALK, 6, 7), twin = stream;
    gsl_rng rng = msc_stream_gsl(&stream);
    ck_assert_uint_eq(gsl_rng_get(&rng), msc_stream_word(&twin));
    ck_assert_double_eq(gsl_rng_uniform(&rng), msc_stream_uniform(&twin));
    ck_assert_double_eq(gsl_ran_flat(&rng, 0, 1), msc_stream_uniform(&twin));
    ck_assert_str_eq(gsl_rng_name(&rng), "philox4x32-10");
    ck_assert_uint_eq(gsl_rng_max(&rng), 0xFFFFFFFF);
    ck_assert_uint_eq(gsl_rng_min(&rng), 0);
}
END_TEST

/* GSL's own generators take 5 and 5 + 2^32 for one seed. */
START_TEST(test_gsl_keeps_the_whole_seed)
{
    gsl_rng *rng = gsl_rng_alloc(&msc_stream_type);
    gsl_rng_set(rng, 5);
    msc_stream stream = msc_stream_at(5, MSC_USE_FREE, 0, 0);
    const unsigned long first = gsl_rng_get(rng);
    ck_assert_uint_eq(first, msc_stream_word(&stream));
    gsl_rng *clone = gsl_rng_clone(rng);
    ck_assert_uint_eq(gsl_rng_get(rng), gsl_rng_get(clone));
    gsl_rng_set(rng, 5 + (UINT64_C(1) << 32));
    ck_assert_uint_ne(gsl_rng_get(rng), first);
    gsl_rng_free(clone);
    gsl_rng_free(rng);
}
END_TEST

/* Draws that reject, and so take now two words, now more: their law is right. */
START_TEST(test_gsl_gamma_has_its_law)
{
    static unsigned count[64];
    memset(count, 0, sizeof count);
    msc_stream stream = msc_stream_at(1, MSC_USE_FREE, 9, 9);
    gsl_rng rng = msc_stream_gsl(&stream);
    for (int i = 0; i < MANY; i++) {
        count[(int)(gsl_cdf_gamma_P(gsl_ran_gamma(&rng, 2.5, 3), 2.5, 3) * 64)]++;
    }
    chi_square_is_ordinary(count, 64, MANY, "gamma");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *tcase = tcase_create("random");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_known_answers);
    tcase_add_test(tcase, test_stream_is_philox_of_what_names_it);
    tcase_add_test(tcase, test_any_draw_from_any_place);
    tcase_add_test(tcase, test_every_name_has_its_own_number);
    tcase_add_test(tcase, test_open_interval);
    tcase_add_loop_test(tcase, test_uniform_and_serially_independent, 0, 4);
    tcase_add_test(tcase, test_every_bit_is_fair);
    tcase_add_test(tcase, test_gsl_draws_from_the_stream);
    tcase_add_test(tcase, test_gsl_keeps_the_whole_seed);
    tcase_add_test(tcase, test_gsl_gamma_has_its_law);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
