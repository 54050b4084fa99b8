/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bad numbers in every place of a scenario: what must hold of each. */
#ifndef MSC_SUPPORT_HOSTILE_H
#define MSC_SUPPORT_HOSTILE_H

#include "support/vary.h"

/* What a number is replaced by: not finite, 0, its negative, far too large and far too small. */
enum { HOSTILE_NUMBERS = 10 };
double hostile_number(size_t i, double own);

typedef struct {
    size_t cases, refused, fine, ended; /* ended: with a diagnosis */
    size_t out_of_time;                 /* of these, by the wall limit */
    size_t missing;                     /* of the fine: an output of the states is not finite */
    size_t bad;                         /* none of these: told on stdout */
    double slowest;                     /* seconds, of one preparation */
} hostile_tally;

/* Input number k replaced by hostile numbers number first, first + step, ...; for all inputs. */
void hostile_parameters(const vary *v, size_t first, size_t step, hostile_tally *tally);
/* Each of n scenarios is refused with a place and a sentence, ends with a diagnosis, or is fine with
 * states that are finite at all times. (Outputs may be a share of nothing; msc_scenario_run says so.) */
void hostile_judge(const vary *v, vary_one *const *ones, size_t n, const char *const *what, hostile_tally *tally);

#endif
