/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Derivatives of what a scenario puts out, by values of it: for each value a variation (engine.h) in
 * which that one is a little further along its scale; the differences over these steps.
 *
 *     lay:  value -> scale, a step, -> value; the caller makes a job's arrays of it (parameters
 *           evaluated, doses put on the stops of the scenario itself)
 *     run:  the engine
 *     take: difference / step
 *
 * A forward difference errs by the step times half the second derivative over the first, on the scale;
 * by rounding, about 1e-15 of the quantity over the step; and as the engine errs, in about the measure
 * of rtol. What moves an event cannot be varied, see msc_program_moves_stop, msc_program_jumps. */
#ifndef MSC_SCENARIO_SENSITIVITY_H
#define MSC_SCENARIO_SENSITIVITY_H

#include "engine/engine.h"

typedef struct {
    int scale; /* 0: the value; 1: its natural logarithm; 2: log((x - low) / (high - x)), as of msc_scale */
    double low, high; /* of 2: the open interval. Of 0: if low < high, where the value may be */
    double size; /* of 0: what is much of it, for a step from 0 or from little; 0: its interval if it has one, or 1,
                  * for a step from 0 */
} msc_sensitivity_axis;

/* The value one step on, and how long the step is on the scale (it may be negative). NaN if the value
 * has no place there: a logarithm of 0 or less, beyond the interval, not finite. */
double msc_sensitivity_step(const msc_sensitivity_axis *axis, double value, double *stepped);

/* Make the arrays of a variation (all but `difference`) from the values [n], of which the k-th has
 * stepped on; they must last until the job is done. */
typedef msc_status msc_sensitivity_build(void *context, size_t k, const double *value,
                                         msc_engine_variation *variation, msc_error *err);

/* n variations about value[n], which is changed meanwhile. step[n] is filled in. E_CONFIG if a value has
 * no place on its scale, *which then says which; or what `build` says. */
MSC_CHECK msc_status msc_sensitivities_lay(size_t n, const msc_sensitivity_axis *axis,
                                           double *value, double *step,
                                           msc_engine_variation *variation,
                                           msc_sensitivity_build *build, void *context,
                                           size_t *which, msc_error *err);

/* In place: the n_value differences become derivatives. */
void msc_sensitivity_take(msc_engine_variation *variation, double step, size_t n_value);

#endif
