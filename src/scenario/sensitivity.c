/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps along scales, and back from differences to derivatives. */
#include "scenario/sensitivity.h"

#include <math.h>

static const double STEP = 1e-7;
static const double LITTLE = 0.1; /* of what is much of a value: a step in proportion would drown in rounding */

/* ---- how far it is from a value to the stepped one: from the two as they are rounded ---- */

static double linear(const msc_sensitivity_axis *axis, double value, double *stepped)
{
    const bool bounded = axis->low < axis->high;
    const double width = bounded ? axis->high - axis->low : 1.0,
                 size = !(axis->size > 0.0)               ? width
                              : bounded && axis->size > width ? width
                                                              : axis->size;
    const bool little = axis->size > 0.0 ? fabs(value) < LITTLE * size : value == 0.0;
    const double h = STEP * (little ? size : fabs(value));
    if (!isfinite(value) || (bounded && !(value >= axis->low && value <= axis->high))) {
        return NAN;
    }
    *stepped = bounded && value + h > axis->high ? value - h : value + h;
    return *stepped - value;
}

static double logarithm(double value, double *stepped)
{
    if (!(value > 0.0 && isfinite(value))) {
        return NAN;
    }
    *stepped = value + STEP * value;
    return log1p((*stepped - value) / value);
}

/* x = log((v - low) / (high - v)): dv = (v - low)(high - v) / (high - low) dx. Near an end of the
 * interval the step goes inwards on, where there is more room. */
static double logit(const msc_sensitivity_axis *axis, double value, double *stepped)
{
    const double left = value - axis->low, right = axis->high - value;
    if (!(left > 0.0 && right > 0.0 && isfinite(left) && isfinite(right))) {
        return NAN;
    }
    const double h = STEP * left * (right / (axis->high - axis->low));
    *stepped = left < right ? value + h : value - h;
    const double moved = *stepped - value;
    return log1p(moved / left) - log1p(-moved / right);
}

double msc_sensitivity_step(const msc_sensitivity_axis *axis, double value, double *stepped)
{
    *stepped = value;
    const double step = axis->scale == 0   ? linear(axis, value, stepped)
                        : axis->scale == 1 ? logarithm(value, stepped)
                                           : logit(axis, value, stepped);
    return step != 0.0 && isfinite(*stepped) ? step : NAN; /* 0: too small for the digits */
}

/* ---- all of them ---- */

static msc_status misplaced(const msc_sensitivity_axis *axis, double value, msc_error *err)
{
    if (axis->scale == 1) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "%.6g has no logarithm to differentiate by",
                        value);
    }
    return msc_fail(err, MSC_E_CONFIG, NULL, "%.6g is not %s %.6g and %.6g", value,
                    axis->scale == 0 ? "a finite number between" : "well between", axis->low,
                    axis->high);
}

msc_status msc_sensitivities_lay(size_t n, const msc_sensitivity_axis *axis, double *value,
                                 double *step, msc_engine_variation *variation,
                                 msc_sensitivity_build *build, void *context, size_t *which,
                                 msc_error *err)
{
    msc_status status = MSC_OK;
    for (size_t k = 0; status == MSC_OK && k < n; k++) {
        const double here = value[k];
        *which = k;
        step[k] = msc_sensitivity_step(&axis[k], here, &value[k]);
        status = isnan(step[k]) ? misplaced(&axis[k], here, err)
                                : build(context, k, value, &variation[k], err);
        value[k] = here;
    }
    return status;
}

void msc_sensitivity_take(msc_engine_variation *variation, double step, size_t n_value)
{
    for (size_t i = 0; i < n_value; i++) {
        variation->difference[i] /= step;
    }
}
