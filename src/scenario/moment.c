/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times that are equal on paper are equal to the bit. A time is worked out exactly enough that its
 * 15 digits hang on its value alone and not on the way there, and rounded to these once, at last: the third
 * of "10 min" is "30 min", and three days are three times "24 h", whatever the model counts in. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

enum { PARTS_MOST = 10000000 };

double msc_moment(long double t)
{
    char text[48];
    snprintf(text, sizeof text, "%.15Lg", t);
    return strtod(text, NULL);
}

/* The fraction that a unit's factor was before it became a number: 1/60 of 0.016666666666666666 (continued
 * fractions); itself if it is none of small numbers. */
static long double fraction(double factor)
{
    long double x = factor, p[2] = {1, 0}, q[2] = {0, 1};
    for (int i = 0; i < 30; i++) {
        const long double whole = floorl(x), up = whole * p[0] + p[1], down = whole * q[0] + q[1];
        if (!(down <= PARTS_MOST)) {
            break;
        }
        p[1] = p[0], q[1] = q[0], p[0] = up, q[0] = down;
        if (fabsl(up / down - factor) <= 2 * DBL_EPSILON * factor) {
            return up / down;
        }
        x = 1 / (x - whole);
    }
    return factor;
}

/* The decimal number that was written, where 15 digits are enough to tell. */
static long double decimal(double number)
{
    char text[48];
    snprintf(text, sizeof text, "%.15g", number);
    return strtod(text, NULL) == number ? strtold(text, NULL) : number;
}

long double msc_time_exact(double number, double factor)
{
    return isfinite(number) ? decimal(number) * fraction(factor) : number;
}

long double msc_scenario_exact(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit)
{
    msc_dim dim;
    double factor;
    if (msc_conf_is_number(node) && strcmp(unit, "day") != 0) {
        const double bare = msc_conf_real(arena, node);
        msc_conf_fail(arena, node, "a time needs a unit; e.g. \"%g h\" or \"%g min\"", bare, bare);
    }
    const double number = msc_model_number(s->model, arena, node, unit, &dim, &factor);
    if (!msc_dim_equal(dim, msc_dim_time(s->model->units))) {
        msc_conf_fail(arena, node, "this is not a time; write e.g. \"6 h\" or \"10 day\"");
    }
    if (!isfinite(number * factor)) {
        msc_conf_fail(arena, node, "this is not a finite time");
    }
    return msc_time_exact(number, factor);
}

double msc_scenario_time(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit)
{
    return msc_moment(msc_scenario_exact(s, arena, node, unit));
}

double msc_dose_begin(const msc_dose *dose, long k)
{
    return msc_moment(dose->exact.at + (long double)k * dose->exact.interval);
}

double msc_dose_end(const msc_dose *dose, long k)
{
    return msc_moment(dose->exact.at + (long double)k * dose->exact.interval + dose->exact.duration);
}
