/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the model floor's reader: formulas, from syntax tree to typed expression (formula.c
 * names, dims.c dimensions and settings). */
#ifndef MSC_MODEL_FORMULA_H
#define MSC_MODEL_FORMULA_H

#include "model/reader.h"

typedef struct {
    msc_expr *expr;
    bool any; /* the literal 0: fits any dimension */
} msc_typed;
typedef struct {
    msc_reader *r;
    msc_scope scope;
    const msc_conf *node;
} msc_formula;

const msc_expr *msc_formula_number(msc_reader *r, const msc_conf *node, double number, msc_dim dim);
/* A setting that holds a formula of a dimension, or a bare number in `unit` (NULL: a pure number).
 * `due`: what to call that dimension in a complaint; NULL: its text in inner units. */
const msc_expr *msc_formula_read(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                                 const msc_unit *unit, msc_dim dim, const char *due);
/* A setting that holds a formula of whatever dimension; the literal 0 is given that of `zero`. */
const msc_expr *msc_formula_any(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                                msc_dim zero);
msc_typed msc_formula_build(msc_formula *f, const msc_syntax *syntax);
msc_index msc_formula_index(msc_reader *r, msc_scope *scope, const msc_conf *node,
                            const msc_syntax_index *index, int set, bool bind);
void msc_formula_indices(msc_reader *r, msc_scope *scope, const msc_conf *node,
                         const msc_syntax *name, const msc_shape *shape, bool bind,
                         msc_index *index);
/* output_formula.c: an output that a name means, as what it is made of; NULL: none has the name. */
msc_expr *msc_formula_output(msc_formula *f, const msc_syntax *name);
msc_expr *msc_expr_new(msc_reader *r, msc_expr_kind kind, const msc_conf *origin, int n_arg);
void msc_formula_same(msc_formula *f, const char *what, msc_typed *arg, int n);
void msc_formula_pure(msc_formula *f, const char *what, msc_typed *arg);
msc_typed msc_formula_power(msc_formula *f, msc_typed base, msc_typed exponent);
void msc_formula_function(msc_formula *f, msc_expr *expr, msc_typed *arg, const char *name);
/* Every index of the formula exists in this instance, or throw at the formula's setting. */
void msc_formula_check(msc_reader *r, const msc_expr *expr, const int *env);
void msc_formula_check_all(msc_reader *r, const msc_expr *expr, const msc_shape *shape);

#endif
