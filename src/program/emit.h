/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a program's flat tables: rows, specials, coefficients, prologue, clock. While rows are
 * being written it is not known yet how many nodes and givens there will be, so unknowns are
 * encoded by kind and number, and put in their places at the end. */
#ifndef MSC_PROGRAM_EMIT_H
#define MSC_PROGRAM_EMIT_H

#include "program/build.h"

#define MSC_U_STATE 0x00000000u
#define MSC_U_NODE 0x40000000u
#define MSC_U_GIVEN 0x80000000u
#define MSC_U_NUMBER 0x3fffffffu

/* Rows being written: counts so far and the terms in order of rows. */
typedef struct {
    size_t n, cap;
    struct msc_emit_at {
        size_t one, linear, bilinear; /* where the row begins */
    } *at;
    size_t n_one, cap_one, n_linear, cap_linear, n_bilinear, cap_bilinear;
    uint32_t *one;
    msc_linear *linear;
    msc_bilinear *bilinear;
} msc_emit_rows;

typedef struct {
    bool is_coef;
    uint32_t index; /* coefficient number, or encoded unknown */
} msc_emit_operand;

typedef struct msc_emit {
    msc_build *b;
    msc_emit_rows rate_row, node_row, guard_row, out_row;
    uint32_t n_node;
    size_t cap_name, cap_flow;
    const char **node_name;
    bool *node_flow;
    size_t n_special, cap_special;
    struct msc_emit_one_special {
        msc_op op;
        uint32_t node, table, row;
        msc_emit_operand arg[3];
    } *special;
    size_t n_coef, cap_coef;
    uint32_t *coef;        /* registers */
    size_t n_register, cap_register;
    msc_instruction *prologue;
    size_t n_clock, cap_clock;
    msc_instruction *clock;
    size_t cap_memo;
    uint32_t *register_of, *coef_of, *clock_of; /* [graph] */
    size_t n_switch, cap_switch;
    struct msc_switch *switches;
    uint32_t *switch_id; /* graph of each condition */
    size_t cap_switch_id;
    size_t n_smooth, cap_smooth, n_switching; /* of the clock, for switches and tables */
    uint32_t *smooth; /* clock values */
    size_t n_time_table, cap_time_table;
    struct msc_time_table *time_table;
} msc_emit;

void msc_emit_init(msc_emit *e, msc_build *b);
uint32_t msc_emit_node(msc_emit *e, const char *name, bool flow); /* a new node: encoded unknown */
void msc_emit_row(msc_emit *e, msc_emit_rows *rows);       /* begin a row */
void msc_emit_term(msc_emit *e, msc_emit_rows *rows, uint32_t coef, int degree, const uint32_t *u);
void msc_emit_special(msc_emit *e, msc_op op, const msc_emit_operand *arg, uint32_t table, uint32_t row); /* of the newest node */
uint32_t msc_emit_coef(msc_emit *e, uint32_t id);          /* graph of parameters: coefficient number */
uint32_t msc_emit_register(msc_emit *e, uint32_t id);      /* graph of parameters: register */
/* graph of time: encoded given; jumps: of more than a kink */
uint32_t msc_emit_switch(msc_emit *e, uint32_t condition, bool jumps);
void msc_emit_time_table(msc_emit *e, uint32_t table, uint32_t arg);
/* graph of time: what comes and goes smoothly; after all else that the clock is for */
void msc_emit_smooth(msc_emit *e, uint32_t id);
void msc_emit_finish(msc_emit *e);                         /* all that follows, into the program */

#endif
