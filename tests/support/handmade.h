/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small programs written by hand, without a model: for tests of the engine.
 *
 * Declare sizes, add parts of rows in any order, then `handmade_finish` sorts them, derives the
 * Jacobian and finds blocks, fill-in and order. Coefficient k is register k. */
#ifndef MSC_SUPPORT_HANDMADE_H
#define MSC_SUPPORT_HANDMADE_H

#include "program/program.h"

typedef struct handmade handmade;

typedef struct {
    uint32_t state, node, given /* time included: >= 1 */, guard_node, output_node, out, guard;
} handmade_size;

typedef enum { HANDMADE_RATE, HANDMADE_NODE, HANDMADE_OUT, HANDMADE_GUARD } handmade_list;

handmade *handmade_new(handmade_size size);
void handmade_free(handmade *h);

/* Indices in u. */
uint32_t handmade_node(const handmade *h, uint32_t node); /* of all nodes */
uint32_t handmade_given(const handmade *h, uint32_t given);

/* A coefficient of this value (never shared); its register's number. */
uint32_t handmade_coef(handmade *h, double value);
/* row += value; += value u; += value u v; these give the coefficient. */
uint32_t handmade_one(handmade *h, handmade_list list, uint32_t row, double value);
uint32_t handmade_linear(handmade *h, handmade_list list, uint32_t row, double value, uint32_t u);
uint32_t handmade_bilinear(handmade *h, handmade_list list, uint32_t row, double value, uint32_t u,
                           uint32_t v);
/* A node that is a function of up to three arguments: u >= 0, or ~coefficient. */
void handmade_special(handmade *h, uint32_t node, msc_op op, int32_t a, int32_t b, int32_t c);
void handmade_initial(handmade *h, uint32_t state, double value);
void handmade_guard(handmade *h, uint32_t guard, msc_guard_kind kind, bool stop, uint32_t state);

/* The program, to be used until handmade_free; its registers [n_register], which may be changed. */
const msc_program *handmade_finish(handmade *h);
const double *handmade_registers(const handmade *h);

#endif
