/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random numbers as a function: of the seed, of what they are for, of the scenario, the axis and the
 * number of the draw. There is no state that threads, ranks or a resumed run could disagree about.
 *
 * The function is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1,
 * 2, 3; SC'11). The seed is its key; the counter's words are the block of draws, axis and use, and
 * the scenario's number, low and high:
 *
 *     counter = {word / 4, use << 24 | axis, scenario low, scenario high},   key = {seed low, high}
 *
 * so numbers that differ in any of these are independent. */
#ifndef MSC_BASE_RANDOM_H
#define MSC_BASE_RANDOM_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* What a number is for: different uses of one seed never share a number. Part of every result: the
 * values are never changed, new ones are added at the end. */
typedef enum {
    MSC_USE_FREE = 0,  /* gsl_rng_set, and whoever has nothing else with this seed */
    MSC_USE_POINT = 1, /* a coordinate of a sweep's scenario, on an axis */
    MSC_USE_SHIFT = 2, /* by how much Sobol points are shifted on an axis */
    MSC_USE_ORDER = 3, /* the permutation of a Latin hypercube's strata on an axis */
    MSC_USE_START = 4, /* where a fit starts: scenario = the start */
    MSC_USE_WALK = 5,  /* a sampler's moves: scenario = the step, axis = the walker */
    MSC_USE_DATA = 6   /* noise of made-up data */
} msc_use;

enum { MSC_RANDOM_AXES = 1 << 24 }; /* axis is below this; higher bits are ignored */

/* The bare function: four words from four words of counter and two of key. */
void msc_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* One sequence of numbers: 2^34 words, then it begins anew. Copied by assignment, owns nothing. */
typedef struct {
    uint32_t key[2];
    uint32_t counter[4]; /* of the block after the present one */
    uint32_t word[4];
    uint32_t left; /* words of the present block not yet given out */
} msc_stream;

msc_stream msc_stream_at(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis);
uint32_t msc_stream_word(msc_stream *stream);
/* Uniform in the open interval (0, 1), from two words: (k + 1/2) / 2^52 for k = 0 … 2^52 - 1; so it
 * is never 0 nor 1, and u and 1 - u are equally likely, exactly. */
double msc_stream_uniform(msc_stream *stream);

/* The draw-th uniform number of a stream, without making those before it: the same number as
 * msc_stream_uniform gives when called for the draw-th time (from 0), if nothing else is drawn. */
double msc_random_uniform(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis,
                          uint32_t draw);
/* A word uniform in 0 … 2^64 - 1, the first two words of the stream; and the number in (0, 1) which
 * msc_stream_uniform makes of such a pair. */
uint64_t msc_random_bits(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis);
double msc_random_open(uint64_t bits);

/* A stream as a generator for gsl_ran_*: draws go on where the stream is, and move it. It borrows
 * the stream. Nothing to free.
 *
 *     msc_stream stream = msc_stream_at(seed, MSC_USE_WALK, step, walker);
 *     gsl_rng rng = msc_stream_gsl(&stream);
 *     double x = gsl_ran_gamma(&rng, 2.0, 1.0);
 *
 * (gsl_rng_uniform is then in the open interval, too.) */
gsl_rng msc_stream_gsl(msc_stream *stream);
/* The same as a type for gsl_rng_alloc and gsl_rng_set(rng, seed), which keeps all 64 bits of the
 * seed and gives msc_stream_at(seed, MSC_USE_FREE, 0, 0). */
extern const gsl_rng_type msc_stream_type;

#endif
