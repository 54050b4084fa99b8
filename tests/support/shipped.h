/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The programs of all shipped models that can be run, and random places to look at them from. */
#ifndef MSC_SUPPORT_SHIPPED_H
#define MSC_SUPPORT_SHIPPED_H

#include "scenario/scenario.h"
#include "support/lab.h"

/* models/ and below, in order of their names, with a default regimen; NULL past the last. The caller
 * frees. Models that are made to be extended (a parameter has no value) are passed over. */
lab *shipped_model(int i);
int shipped_count(void);
const char *shipped_name(int i);

/* A random state near what a run shows: amounts positive, a wide spread; time in the run, doses
 * running, switches either way; nodes evaluated. u[n_u], the caller frees. */
double *shipped_place(const lab *l, uint64_t seed);
const double *shipped_registers(const lab *l);
const double *shipped_scales(const lab *l);

/* What a scenario asks of the compiler, as the scenario floor puts it. In the scenario's arena. */
msc_request shipped_request(const lab *l, bool keep_all);

#endif
