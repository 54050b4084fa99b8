/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small assembler for emit.c: operations on values of four lanes, from them machine code for AVX2
 * with FMA. One register, the sum, is worked on; operands are in memory, and which of them stay in
 * registers is decided here. */
#ifndef MSC_ENGINE_MACHINE_H
#define MSC_ENGINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The arrays that code is called with, see msc_code; ones that are the same go by the first name. */
typedef enum { MSC_IN_A, MSC_IN_U, MSC_IN_FROM, MSC_IN_VALUE } msc_machine_array;

typedef enum {
    MSC_DO_CLEAR,       /* sum = 0 */
    MSC_DO_LOAD,        /* sum = a */
    MSC_DO_STORE,       /* a = sum */
    MSC_DO_ADD,         /* sum += a */
    MSC_DO_SUBTRACT,    /* sum -= a */
    MSC_DO_MULTIPLY,    /* sum *= a */
    MSC_DO_INTO,        /* sum = a / sum */
    MSC_DO_ADD_PRODUCT, /* sum += a b, rounded once */
    MSC_DO_ADD_TRIPLE,  /* sum += a (b c), the product in brackets rounded */
    MSC_DO_DIVIDE,      /* sum = a / b */
    MSC_DO_MIN,         /* sum = a <= b or a not a number ? a : b */
    MSC_DO_MAX,         /* sum = a >= b or a not a number ? a : b */
    MSC_DO_IF,          /* sum = a != 0 ? b : c */
    MSC_DO_END          /* of a function */
} msc_machine_what;

typedef struct {
    msc_machine_what what;
    uint32_t arg[3];  /* array << 28 | index of the value in it */
    uint32_t next[3]; /* the operation that reads the value next, or MSC_NONE */
} msc_machine_op;

typedef struct {
    msc_machine_op *op;
    size_t n, cap;
    bool failed; /* out of memory */
} msc_machine;

/* Add an operation; offsets are those of tables (index * 32 bytes). */
void msc_machine_add(msc_machine *m, msc_machine_what what, unsigned n,
                     const msc_machine_array *array, const uint32_t *offset);
/* Find who reads what next. `size`: values in the largest array. False: out of memory. */
bool msc_machine_link(msc_machine *m, size_t size);
/* The code of all operations, written to `to` if that is not NULL; how many bytes. start[i] is where the
 * i-th function begins, if not NULL. */
size_t msc_machine_write(const msc_machine *m, uint8_t *to, size_t *start);

#endif
