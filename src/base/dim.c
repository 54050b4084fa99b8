/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The algebra of dimensions: vectors of exponents that are added and multiplied. */
#include "base/units.h"

#include <limits.h>
#include <string.h>

/* An exponent out of range stays at its end: no formula with a meaning goes there. */
static signed char clamp(int e)
{
    return (signed char)(e > SCHAR_MAX ? SCHAR_MAX : e < -SCHAR_MAX ? -SCHAR_MAX : e);
}

bool msc_dim_equal(msc_dim a, msc_dim b)
{
    return memcmp(a.e, b.e, sizeof a.e) == 0;
}

bool msc_dim_is_pure(msc_dim a)
{
    return msc_dim_equal(a, (msc_dim){{0}});
}

msc_dim msc_dim_product(msc_dim a, msc_dim b)
{
    for (size_t i = 0; i < MSC_DIMS; i++) {
        a.e[i] = clamp(a.e[i] + b.e[i]);
    }
    return a;
}

msc_dim msc_dim_quotient(msc_dim a, msc_dim b)
{
    for (size_t i = 0; i < MSC_DIMS; i++) {
        a.e[i] = clamp(a.e[i] - b.e[i]);
    }
    return a;
}

bool msc_dim_power(msc_dim a, int p, int q, msc_dim *result)
{
    *result = (msc_dim){{0}};
    if (q == 0) {
        return false;
    }
    for (size_t i = 0; i < MSC_DIMS; i++) {
        const long long raised = (long long)a.e[i] * p;
        const long long e = raised / q;
        if (raised % q != 0 || e > SCHAR_MAX || e < -SCHAR_MAX) {
            *result = (msc_dim){{0}};
            return false;
        }
        result->e[i] = (signed char)e;
    }
    return true;
}
