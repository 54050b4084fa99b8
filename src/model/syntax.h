/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammar of formulas (language §4) and of the small texts beside them: places such as
 * "arrested[organ,clone,fresh]", indices such as "o in organ", quantities such as "5e6 cell/kg".
 * Text to tree, no meaning yet: names are looked up and units parsed by the reader. */
#ifndef MSC_MODEL_SYNTAX_H
#define MSC_MODEL_SYNTAX_H

#include "conf/conf.h"

typedef enum {
    MSC_S_NUMBER, /* number, unit (NULL: none) */
    MSC_S_NAME,   /* name, member ("label.arrested": name label, member arrested; else NULL), index[] */
    MSC_S_CALL,   /* name(arg[]): min max abs if exp log log10 sqrt integral dosed given flux */
    MSC_S_SUM,    /* bind[], arg[0] */
    MSC_S_NEGATE,
    MSC_S_NOT,
    MSC_S_ADD,
    MSC_S_SUBTRACT,
    MSC_S_MULTIPLY,
    MSC_S_DIVIDE,
    MSC_S_POWER,
    MSC_S_LESS,
    MSC_S_LESS_EQUAL,
    MSC_S_GREATER,
    MSC_S_GREATER_EQUAL,
    MSC_S_EQUAL,
    MSC_S_NOT_EQUAL,
    MSC_S_AND,
    MSC_S_OR
} msc_syntax_kind;

typedef struct {
    const char *name; /* NULL: a number (an element of a numeric set) */
    int number;
    int shift;        /* "stage+1" */
} msc_syntax_index;

typedef struct {
    const char *name; /* the name bound */
    const char *set;  /* "o in organ"; the same as name if there is no "in" */
} msc_syntax_bind;

typedef struct msc_syntax msc_syntax;
struct msc_syntax {
    msc_syntax_kind kind;
    int column; /* from 1, in the text */
    double number;
    const char *unit;
    const char *name, *member;
    int n_index, n_bind, n_arg;
    msc_syntax_index *index;
    msc_syntax_bind *bind;
    msc_syntax **arg;
};

/* Each throws E_CONFIG at `node` with the column and what was expected; nesting is limited to 200,
 * length to 16 KiB. The unit of a number is taken by language §4 and rulings 3: after a space, no
 * spaces inside, not before `and or not in` nor before "(". */
const msc_syntax *msc_syntax_formula(msc_arena *arena, const msc_conf *node, const char *text);
const msc_syntax *msc_syntax_place(msc_arena *arena, const msc_conf *node, const char *text); /* MSC_S_NAME */
msc_syntax_bind msc_syntax_over(msc_arena *arena, const msc_conf *node, const char *text);
/* "5e6 cell/kg", "-3 d", "12": number and unit text (NULL if none). */
double msc_syntax_quantity(msc_arena *arena, const msc_conf *node, const char *text, const char **unit);

#endif
