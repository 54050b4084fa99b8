/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows before they are emitted: polynomials of degree two at most in the unknowns. */
#ifndef MSC_PROGRAM_LOWER_H
#define MSC_PROGRAM_LOWER_H

#include "program/emit.h"

typedef struct {
    uint32_t coef; /* graph, of parameters */
    int degree;
    uint32_t u[2]; /* encoded unknowns, ascending */
} msc_monomial;

typedef struct {
    size_t n, cap;
    msc_monomial *term;
    int degree;
} msc_polynomial;

typedef struct {
    const char *name;
    msc_polynomial *row; /* or NULL: a function */
    bool alone;          /* never written out */
    msc_op op;
    uint32_t table, table_row;
    msc_emit_operand arg[3];
} msc_lowered_node;

/* Node k is the unknown MSC_U_NODE | k. */
typedef struct {
    msc_build *b;
    size_t n_node, cap_node;
    msc_lowered_node *node;
    size_t n_rate, cap_rate, n_guard, cap_guard, n_out, cap_out;
    msc_polynomial **rate, **guard, **out;
} msc_lowered;

void msc_polynomial_add(msc_build *b, msc_polynomial *p, msc_monomial term);
/* Sort, add up equal products, drop what is 0. */
void msc_polynomial_tidy(msc_build *b, msc_polynomial *p);

/* shorten.c: the same rows in fewer terms */
void msc_build_shorten(msc_lowered *low);

#endif
