/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Philox4x32-10, streams of it, and their dress as a generator of GSL. */
#include "base/random.h"

enum { ROUNDS = 10 };

/* Multipliers and Weyl increments of the paper (section 3.3, table 2). */
static const uint32_t multiplier[2] = {0xD2511F53, 0xCD9E8D57};
static const uint32_t increment[2] = {0x9E3779B9, 0xBB67AE85};

void msc_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < ROUNDS; round++) {
        const uint64_t a = (uint64_t)multiplier[0] * c[0], b = (uint64_t)multiplier[1] * c[2];
        const uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                                  (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
        for (int i = 0; i < 4; i++) {
            c[i] = next[i];
        }
        k[0] += increment[0];
        k[1] += increment[1];
    }
    for (int i = 0; i < 4; i++) {
        out[i] = c[i];
    }
}

/* ---- streams ---- */

msc_stream msc_stream_at(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis)
{
    return (msc_stream){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                        .counter = {0, (uint32_t)use << 24 | (axis & (MSC_RANDOM_AXES - 1)),
                                    (uint32_t)scenario, (uint32_t)(scenario >> 32)}};
}

uint32_t msc_stream_word(msc_stream *stream)
{
    if (stream->left == 0) {
        msc_philox(stream->counter, stream->key, stream->word);
        stream->counter[0]++;
        stream->left = 4;
    }
    return stream->word[4 - stream->left--];
}

static uint64_t pair(msc_stream *stream)
{
    const uint64_t high = msc_stream_word(stream);
    return high << 32 | msc_stream_word(stream);
}

double msc_random_open(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52; /* 53 bits at most: exact */
}

double msc_stream_uniform(msc_stream *stream)
{
    return msc_random_open(pair(stream));
}

double msc_random_uniform(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis,
                          uint32_t draw)
{
    msc_stream stream = msc_stream_at(seed, use, scenario, axis);
    stream.counter[0] = draw / 2; /* two draws a block */
    if (draw % 2) {
        pair(&stream);
    }
    return msc_stream_uniform(&stream);
}

uint64_t msc_random_bits(uint64_t seed, msc_use use, uint64_t scenario, uint32_t axis)
{
    msc_stream stream = msc_stream_at(seed, use, scenario, axis);
    return pair(&stream);
}

/* ---- GSL ---- */

static void gsl_set(void *state, unsigned long seed)
{
    *(msc_stream *)state = msc_stream_at(seed, MSC_USE_FREE, 0, 0);
}

static unsigned long gsl_word(void *state)
{
    return msc_stream_word(state);
}

static double gsl_uniform(void *state)
{
    return msc_stream_uniform(state);
}

const gsl_rng_type msc_stream_type = {"philox4x32-10", 0xFFFFFFFF, 0,          sizeof(msc_stream),
                                      gsl_set,         gsl_word,   gsl_uniform};

gsl_rng msc_stream_gsl(msc_stream *stream)
{
    return (gsl_rng){&msc_stream_type, stream};
}
