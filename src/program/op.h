/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What each operation computes, and its derivatives. One definition serves folding, the prologue,
 * the clock, the scalar reference and the engine's lanes. */
#ifndef MSC_PROGRAM_OP_H
#define MSC_PROGRAM_OP_H

#include "program/program.h"

/* x: the operands' values. NUMBER, INPUT and TIME are the caller's. */
double msc_op_apply(const msc_table *table, msc_op op, const double *x, uint32_t which, uint32_t row);

#endif
