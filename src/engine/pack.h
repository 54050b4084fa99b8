/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What makes a plan's tables: rows.c rows one by one; pack.c those of the program, nodes, Jacobian;
 * pack_matrix.c elimination and solves; schedule.c the order of rows; chunk.c which unknowns go together. False: out of memory. */
#ifndef MSC_ENGINE_PACK_H
#define MSC_ENGINE_PACK_H

#include "engine/plan.h"

/* Zeros that live as long as the plan; NULL: out of memory. */
void *msc_pack_take(msc_plan *plan, size_t n, size_t size);
#define TAKE(plan, array, n) (((array) = msc_pack_take((plan), (n), sizeof *(array))) != NULL)

/* ---- places ---- */

/* The offset of the index-th value. */
static inline uint32_t msc_offset(const msc_plan *plan, uint32_t index)
{
    return index * plan->lanes * (uint32_t)sizeof(double);
}
/* In the array a: a coefficient, a number, a value of the matrix that does not change, one that does. */
static inline uint32_t msc_at_coef(const msc_plan *plan, uint32_t coef)
{
    return msc_offset(plan, coef);
}
enum { MSC_MINUS_ONE, MSC_ONE, MSC_MINUS_ZERO, MSC_NUMBERS };
static inline uint32_t msc_at_number(const msc_plan *plan, uint32_t which)
{
    return msc_offset(plan, plan->program->n_coef + which);
}
static inline uint32_t msc_at_constant(const msc_plan *plan, uint32_t value)
{
    return msc_offset(plan, plan->program->n_coef + MSC_NUMBERS + value);
}
static inline uint32_t msc_at_matrix(const msc_plan *plan, uint32_t value)
{
    return msc_offset(plan, plan->program->n_coef + MSC_NUMBERS + plan->jacobian.n + value);
}
/* In u: a 1, a 0, the k of an unknown. */
static inline uint32_t msc_at_one(const msc_plan *plan)
{
    return msc_offset(plan, plan->program->n_u);
}
static inline uint32_t msc_at_zero(const msc_plan *plan)
{
    return msc_offset(plan, plan->program->n_u + 1);
}
static inline uint32_t msc_at_k(const msc_plan *plan, uint32_t unknown)
{
    return msc_offset(plan, plan->program->n_u + MSC_PLACES + unknown);
}
/* What is only for a while. */
static inline uint32_t msc_at_beside(const msc_plan *plan, uint32_t i)
{
    return msc_at_k(plan, plan->n_unknown + i);
}

/* ---- rows ---- */

typedef struct {
    uint32_t *item;
    size_t n, cap;
} msc_words;

/* Rows being made. */
typedef struct {
    const msc_plan *beside; /* long rows may be split, their pieces go beside the k; or NULL */
    uint32_t n_beside;      /* so many */
    size_t n_row, cap_row;
    msc_pack_row *row;
    uint32_t target, from; /* of the row at hand */
    msc_words plus, minus, linear, bilinear;
    msc_words part;
    bool failed; /* out of memory */
} msc_maker;

void msc_row_begin(msc_maker *m, uint32_t target, uint32_t from);
void msc_row_plus(msc_maker *m, uint32_t u);
void msc_row_minus(msc_maker *m, uint32_t u);
void msc_row_linear(msc_maker *m, uint32_t a, uint32_t u);
void msc_row_bilinear(msc_maker *m, uint32_t a, uint32_t u, uint32_t v);
void msc_row_end(msc_maker *m, uint32_t scale);
/* What of a table's rows later rows of it read. */
typedef enum {
    MSC_READS_APART, /* nothing: values go elsewhere */
    MSC_READS_U,     /* values are in u */
    MSC_READS_A      /* values are in a, which is u too */
} msc_rows_reads;
/* All rows to the plan's memory, in an order in which many of the same shape stand side by side and few
 * wait for each other; the specials (or NULL) stay between those they were between. The maker is empty
 * then. */
bool msc_rows_done(msc_maker *m, msc_plan *plan, msc_rows_reads reads, msc_pack *pack,
                   msc_pack_nodes *nodes);
/* The same, by the maker (schedule.c). */
bool msc_rows_order(const msc_maker *m, msc_plan *plan, msc_rows_reads reads, msc_pack *pack,
                    msc_pack_nodes *nodes);

/* Row r of a program's: its parts to the row at hand. */
void msc_row_parts(msc_maker *m, const msc_plan *plan, const msc_rows *rows, uint32_t r);

/* ---- tables ---- */

static inline bool msc_is_special(const msc_program *p, uint32_t node)
{
    return p->special_of != NULL && p->special_of[node] != MSC_NONE;
}

/* Is the coefficient a number, whatever the parameters? */
bool msc_coef_number(const msc_program *p, uint32_t coef, double *number);
/* The first n nodes, as far as `wanted` (NULL: all). Their rows go to the maker, the rest to the pack. */
bool msc_pack_nodes_of(msc_plan *plan, uint32_t n, const bool *wanted, msc_maker *m,
                       msc_pack_nodes *pack);
/* Elimination and chunks, once the Jacobian is packed; given[entry]: the Jacobian's rows or partials set
 * it, in each step. MSC_E_NOMEM, MSC_E_BUG */
MSC_CHECK msc_status msc_pack_matrix(msc_plan *plan, const bool *given, msc_error *err);
/* Which chunk each unknown is in, ascending in the order of elimination; *n of them. */
bool msc_chunk_find(msc_plan *plan, uint32_t *chunk_of, uint32_t *n);

#endif
