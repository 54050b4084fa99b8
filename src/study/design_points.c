/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The points of a design: Sobol's sequence at any place, permutations without memory, strata. */
#include <gsl/gsl_qrng.h>

#include "base/random.h"
#include "study/design.h"

/* ---- Sobol ---- */

/* The primitive polynomials modulo 2 that GSL takes its axes from, in its order (Bratley and Fox, ACM
 * TOMS algorithm 659, 1988): the coefficients as bits. The first axis has none (van der Corput's). */
static const uint32_t polynomial[MSC_SOBOL_AXES] = {
    1,   3,   7,   11,  13,  19,  25,  37,  59,  47,  61,  55,  41,  67,
    97,  91,  109, 103, 115, 131, 193, 137, 145, 143, 241, 157, 185, 167,
    229, 171, 213, 191, 253, 203, 211, 239, 247, 285, 369, 299};

enum { FROM_GSL = 8 }; /* the largest degree: as many direction numbers are free */

static unsigned degree(uint32_t p)
{
    unsigned n = 0;
    while (p >>= 1) {
        n++;
    }
    return n;
}

/* Point k of the sequence differs from point k - 1 by the direction number of k's lowest set bit. */
static void take_first(const gsl_qrng *rng, uint32_t (*direction)[MSC_SOBOL_BITS], size_t n_axis)
{
    double x[MSC_SOBOL_AXES] = {0};
    uint32_t last[MSC_SOBOL_AXES] = {0};
    unsigned bit = 0;
    for (unsigned k = 1; bit < FROM_GSL; k++) {
        gsl_qrng_get(rng, x);
        for (size_t axis = 0; axis < n_axis; axis++) {
            const uint32_t point = (uint32_t)(x[axis] * (1 << MSC_SOBOL_BITS));
            if (k == 1u << bit) {
                direction[axis][bit] = point ^ last[axis];
            }
            last[axis] = point;
        }
        bit += k == 1u << bit;
    }
}

bool msc_sobol_directions(uint32_t (*direction)[MSC_SOBOL_BITS], size_t n_axis)
{
    gsl_qrng *rng = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)n_axis);
    if (!rng) {
        return false;
    }
    take_first(rng, direction, n_axis);
    gsl_qrng_free(rng);
    for (size_t axis = 0; axis < n_axis; axis++) {
        const unsigned s = degree(polynomial[axis]);
        uint32_t *v = direction[axis];
        for (unsigned j = FROM_GSL; j < MSC_SOBOL_BITS; j++) {
            if (s == 0) {
                v[j] = 1u << (MSC_SOBOL_BITS - 1 - j);
                continue;
            }
            v[j] = v[j - s] ^ v[j - s] >> s;
            for (unsigned k = 1; k < s; k++) {
                v[j] ^= polynomial[axis] >> (s - k) & 1 ? v[j - k] : 0;
            }
        }
    }
    return true;
}

uint32_t msc_sobol_point(const uint32_t direction[MSC_SOBOL_BITS], uint64_t i)
{
    uint32_t point = 0;
    uint64_t gray = i ^ i >> 1;
    for (unsigned j = 0; gray && j < MSC_SOBOL_BITS; j++, gray >>= 1) {
        point ^= gray & 1 ? direction[j] : 0;
    }
    return point;
}

/* ---- Latin hypercubes ---- */

/* A Feistel network over pairs of digits (left < a, right < b, a b >= n; Black and Rogaway, Ciphers
 * with arbitrary finite domains, 2002): in turn each digit is shifted by a random function of the
 * other one, which can be undone; a result outside 0 … n - 1 goes through again, until it is inside
 * (there are fewer than a such). The random function is Philox. Eight turns do for large digits (four
 * make it pseudorandom, Luby and Rackoff 1988); of very few strata it takes 16 until all orders of
 * five are equally likely as far as 120 000 seeds can tell, so that there are some more. */
enum { TURNS = 8, TURNS_OF_FEW = 24, FEW = 4096 };

static uint64_t shift(uint64_t seed, uint32_t axis, unsigned turn, uint64_t other, uint64_t size)
{
    const uint64_t bits = msc_random_bits(seed, MSC_USE_ORDER, (uint64_t)turn << 32 | other, axis);
    return (bits >> 32) * size >> 32;
}

static uint64_t square_root_up(uint64_t n)
{
    uint64_t low = 1, high = UINT64_C(1) << 16;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        if (middle * middle >= n) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

uint64_t msc_design_permuted(uint64_t seed, uint32_t axis, uint64_t n, uint64_t i)
{
    const uint64_t a = square_root_up(n), b = (n + a - 1) / a;
    const unsigned turns = n < FEW ? TURNS_OF_FEW : TURNS;
    do {
        uint64_t left = i / b, right = i % b;
        for (unsigned turn = 0; turn < turns; turn += 2) {
            left = (left + shift(seed, axis, turn, right, a)) % a;
            right = (right + shift(seed, axis, turn + 1, left, b)) % b;
        }
        i = left * b + right;
    } while (i >= n);
    return i;
}

double msc_design_in_stratum(uint64_t stratum, uint64_t n, uint64_t bits)
{
    /* of stratum and place together: two roundings are less than half the last */
    unsigned digits = 50;
    for (uint64_t rest = n; rest; rest >>= 1) {
        digits--;
    }
    const double place = ((double)(bits >> (64 - digits)) + 0.5) / (double)(UINT64_C(1) << digits);
    return ((double)stratum + place) / (double)n;
}
