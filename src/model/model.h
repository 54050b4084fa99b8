/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as its file says it: named, typed, every reference resolved, every unit checked; not yet
 * expanded over its indices. What stands here knows names and lines; what comes after (program)
 * knows neither organs nor texts. Specification: the model language, docs/model_language.md.
 *
 * Indices. A set has elements, counted 0.. in the order of its ROOT set; a subset lists which of
 * them it holds. A formula is written once for all elements: names bound by `over`, `sum` or a
 * process stand for elements, and are resolved here to SLOTS, small integers into an environment
 * `int slot[]` of root-element numbers that whoever expands the formula fills in. */
#ifndef MSC_MODEL_MODEL_H
#define MSC_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "conf/conf.h"

enum { MSC_SLOTS = 16 }; /* names bound at one place at most */

typedef struct {
    const char *name;
    int root;             /* the set this is a subset of (transitively); itself for a root set */
    size_t n;             /* elements */
    int *element;         /* their numbers in the root set, ascending; 0..n-1 for a root */
    const char **label;   /* their names, in that order ("1", "2".. for a numeric set) */
    bool numeric;
    const msc_conf *origin;
} msc_set;

typedef struct {
    int set;          /* the set ranged over */
    int slot;         /* where its current element is held */
    const char *name; /* the name bound: the set's, or `o` of "o in organ" */
} msc_bind;

/* One index of a reference: element = (slot >= 0 ? env[slot] : element) + shift, where a shift
 * moves by places in set `in` (declared at that position); off its end there is no element. */
typedef struct {
    int slot;    /* >= 0, or -1 for a fixed element */
    int element; /* root number, if slot < 0 */
    int shift;   /* +k, -k */
    int in;      /* the set declared at this position of what is referred to */
} msc_index;

typedef enum {
    MSC_X_NUMBER,    /* number */
    MSC_X_TIME,      /* since day 0, in the model's time unit */
    MSC_X_PARAMETER, /* ref, index */
    MSC_X_AMOUNT,    /* ref, index; all stages; riders of a cargo are amounts too */
    MSC_X_VARIABLE,  /* ref, index */
    MSC_X_PROCESS,   /* ref, index: its current rate, all branches and stages */
    MSC_X_FLUX,      /* ref = fate: the current total of all processes of a fate, all indices */
    MSC_X_INTEGRAL,  /* arg[0]: from the start; outputs only */
    MSC_X_DOSED,     /* ref = pool, ref2 = cargo or -1: all that the regimen gives; outputs only */
    MSC_X_GIVEN,     /* the same, so far */
    MSC_X_NEGATE,    /* arg[0] */
    MSC_X_ADD,       /* arg[0], arg[1] of this and the following */
    MSC_X_SUBTRACT,
    MSC_X_MULTIPLY,
    MSC_X_DIVIDE,
    MSC_X_POWER,
    MSC_X_LESS, /* comparisons and logic give 1 or 0 */
    MSC_X_LESS_EQUAL,
    MSC_X_GREATER,
    MSC_X_GREATER_EQUAL,
    MSC_X_EQUAL,
    MSC_X_NOT_EQUAL,
    MSC_X_AND,
    MSC_X_OR,
    MSC_X_NOT,
    MSC_X_IF,  /* arg[0] ? arg[1] : arg[2] */
    MSC_X_MIN, /* n_arg >= 2 */
    MSC_X_MAX,
    MSC_X_ABS,
    MSC_X_EXP,
    MSC_X_LOG,
    MSC_X_LOG10,
    MSC_X_SQRT,
    MSC_X_SUM,  /* arg[0] summed over bind[]: bound anew in its slots */
    MSC_X_TABLE /* linear in arg[0] between table[ref].at, constant outside; never written, made of
                   `table = {…}`; index[0..] none: the row is ref2 */
} msc_expr_kind;

typedef struct msc_expr msc_expr;
struct msc_expr {
    msc_expr_kind kind;
    msc_dim dim;
    double number; /* in inner units */
    int ref, ref2;
    int n_index, n_bind, n_arg;
    msc_index *index;
    msc_bind *bind;
    msc_expr **arg;
    const msc_conf *origin; /* the setting whose text this is part of */
};

/* Break points and values of a `table`, in inner units. */
typedef struct {
    size_t n;      /* nodes */
    double *at;    /* strictly ascending */
    size_t n_row;
    double **is;   /* [row][node] */
} msc_table;

/* The value of one instance (one combination of elements) of a parameter, variable or output. */
typedef enum { MSC_VALUE_NONE, MSC_VALUE_NUMBER, MSC_VALUE_FORMULA, MSC_VALUE_REMAINDER } msc_value_kind;
typedef struct {
    msc_value_kind kind;
    double number;         /* inner units */
    const msc_expr *expr;  /* a FORMULA (tables are formulas of kind MSC_X_TABLE); its env: the entry's `over` */
    const msc_conf *origin;
} msc_value;

/* An entry with indices: instances are row-major over `over`, each set in its own order. */
typedef struct {
    int n_over;
    msc_bind *over;
    size_t n; /* instances: the product of the sets' sizes, 1 without indices */
} msc_shape;

typedef struct {
    const char *name;
    msc_shape shape;
    const char *unit, *about, *source; /* about and source may be NULL */
    double factor;                     /* value in unit * factor = value inside */
    msc_dim dim;
    msc_value *value;      /* [shape.n] */
    const msc_expr *total; /* of the elements, or NULL */
    bool ranged;           /* `range` given: low, high in inner units, for all instances */
    double low, high;
    const msc_conf *distribution; /* as written, or NULL: read by the study floor */
    const msc_conf *origin;
} msc_parameter;

typedef struct {
    const char *name; /* a rider is called "label.arrested" */
    msc_shape shape;
    const char *unit, *about;
    double factor;
    msc_dim dim;
    const msc_expr *initial; /* of parameters, env: shape.over; NULL: 0 */
    int pool;                /* or -1: belongs to none */
    int stages;              /* >= 1 */
    bool transit;
    int cargo;   /* a rider: which cargo; else -1 */
    int carrier; /* a rider: on which amount; else -1 */
    const msc_conf *origin;
} msc_amount;

typedef struct {
    const char *name;
    const char *unit, *about;
    double factor;
    msc_dim dim;
    int pool;
    const msc_expr *load; /* cargo per unit of dose, of parameters; NULL: 0 */
    msc_dim load_dim;     /* unit / a carrier's unit; a route whose dim * load_dim is dim brings it */
    size_t n_rider;
    int *rider; /* amounts (riders), listed ones and those of transits */
    const msc_conf *origin;
} msc_cargo;

typedef struct {
    const char *name;
    msc_shape shape;
    const char *unit, *about;
    double factor;
    msc_dim dim;
    msc_value *value; /* [shape.n] */
    const msc_conf *origin;
} msc_variable;

/* An amount with an index at each of its positions. */
typedef struct {
    int amount; /* -1: none (out of the model) */
    msc_index index[MSC_SLOTS];
} msc_place;

typedef enum { MSC_SIZE_RATE, MSC_SIZE_HAZARD, MSC_SIZE_SHARE, MSC_SIZE_DWELL } msc_size_kind;

/* Where the cargo of what flows goes, if the branch ends where that cargo does not ride (looked up
 * in the cargo's `falls` by branch fate, process name, process fate, others). */
typedef struct {
    int cargo;
    msc_place to; /* amount -1: nowhere */
} msc_fall;

/* Where a part of a process' flow goes. A process without `into` has one branch with share NULL. */
typedef struct {
    msc_place to;
    const msc_expr *share; /* NULL: all of it, or the remainder if `remainder` */
    bool remainder;
    int fate;
    bool own_fate; /* `fate` written in the branch itself */
    int n_bind; /* names bound by this branch's `to` alone: expanded inside the process instance */
    msc_bind *bind;
    size_t n_fall; /* one for each cargo that `from` (or, in a route, a dose) carries and `to` does not */
    msc_fall *fall;
    const msc_conf *origin;
} msc_branch;

typedef struct {
    const char *name;
    msc_shape shape; /* its bound names: those of `from`, then of `to` */
    msc_place from;  /* amount -1: a source. A process on a whole cargo: see cargo */
    int cargo;       /* >= 0: acts on this cargo wherever it rides (from.amount is -1); else -1 */
    const char *unit; /* of its rate: that of `from` (`to` of a source) per time_unit */
    double factor;
    msc_dim dim;
    int pool; /* of what it moves: from's (to's of a source); -1: none */
    msc_size_kind size;
    const msc_expr *expr; /* share: NULL if remainder */
    bool remainder;       /* share = "remainder" */
    size_t n_branch;      /* >= 1 */
    msc_branch *branch;
    const msc_expr *yield; /* NULL: 1 */
    int fate;
    const char *about;
    const msc_conf *origin;
} msc_process;

typedef struct {
    const char *name, *about;
    const msc_expr *per; /* NULL: the dose is an amount */
    size_t n_takes;
    int *takes; /* parameters a dose may set for itself */
    size_t n_branch;
    msc_branch *branch; /* as in processes; shares of parameters only */
    int pool;           /* of what is given */
    msc_dim dim;        /* of the `to` amounts */
    const msc_conf *origin;
} msc_route;

typedef struct {
    const char *name;
    msc_shape shape;
    const char *unit, *about;
    double factor;
    msc_dim dim;
    msc_value *value;
    const msc_conf *origin;
} msc_output;

/* A check of the course, or, with `doses`, of doses: tested before the run for every dose it concerns,
 * with what that dose sets for itself and `time` as the dose begins. */
typedef struct {
    const char *name, *about;
    msc_shape shape;
    const msc_expr *that;
    bool stop;  /* else = "stop" */
    bool doses; /* the rest is for these */
    size_t n_route, n_shown;
    int *route; /* doses by these; none: by any */
    int cargo;  /* doses that bring it; -1: all */
    int *shown; /* only where one of these outputs is asked for; none: always */
    const msc_conf *origin;
} msc_check;

typedef struct msc_model {
    msc_arena *arena; /* owns everything below, and the layers' trees */
    msc_units *units;
    const msc_conf *tree; /* the merged layers: scenario sections are read from it */
    msc_notes notes;
    const char *title, *time_unit;
    size_t n_caution;
    const char *const *caution; /* of all files, in the order of reading */
    bool open;                  /* read to be described: values may be missing */
    size_t n_set, n_parameter, n_amount, n_cargo, n_variable, n_process, n_route, n_output, n_check;
    size_t n_fate, n_pool, n_table;
    msc_set *set;
    msc_parameter *parameter;
    msc_amount *amount; /* riders after the amounts proper */
    msc_cargo *cargo;
    msc_variable *variable;
    msc_process *process;
    msc_route *route;
    msc_output *output;
    msc_check *check;
    const char **fate;
    struct msc_pool {
        const char *name; /* "cell", "mark", "apoptotic" */
        const char *unit; /* of its first amount */
        double factor;
        msc_dim dim;
    } *pool;
    msc_table *table;
    size_t n_source; /* files read, in order: for the record of a run */
    struct msc_source {
        const char *name; /* as written where it was named */
        const char *text;
        size_t layer; /* the how manieth that was merged, from 0: what it extends came before */
        int library;  /* 0: of the user's own; else found by its name, in the how manieth folder of models */
        bool recorded; /* the name is that of a record, and stays as it is */
    } *source;
} msc_model;

/* Read a scenario or model file with all it extends, merge, and apply settings ("KEY=VALUE") on
 * top. E_NOINPUT, E_CONFIG. The caller frees. */
MSC_CHECK msc_status msc_model_read(const char *path, const char *const *settings, size_t n_settings,
                                    msc_model **model, msc_error *err);
/* The same of a model that need not be complete: elements of parameters may be without a value. */
/* The same; faults (may be NULL) takes those that do not hang on each other, the first of which is the failure. */
MSC_CHECK msc_status msc_model_read_all(const char *path, const char *const *settings, size_t n_settings, msc_faults *faults,
                                        msc_model **model, msc_error *err);
MSC_CHECK msc_status msc_model_read_open(const char *path, const char *const *settings, size_t n_settings,
                                         msc_model **model, msc_error *err);
void msc_model_free(msc_model *model);

/* Helpers for whoever expands. */
size_t msc_shape_count(const msc_model *model, int n_over, const msc_bind *over);
/* Fill env[] with the elements of an instance. */
void msc_shape_env(const msc_model *model, const msc_shape *shape, size_t instance, int *env);
/* The instance of an entry of a shape that indices name in an environment; -1: off the end of a
 * set, or not in a subset (cannot happen where the reader has proved it). */
long msc_shape_at(const msc_model *model, const msc_shape *shape, const msc_index *index, const int *env);
/* "arrest[lung,cxcr4_neg]" of an instance, in the arena. */
const char *msc_shape_label(msc_arena *arena, const msc_model *model, const char *name, const msc_shape *shape,
                            size_t instance);

/* A formula of the scenario's own (an endpoint), read in the model's scope: outputs' rules. Throws. */
const msc_expr *msc_model_formula(msc_model *model, msc_arena *arena, const msc_conf *node, const char *text);
/* The same for a key of an entry that may have `over`: a number, or text. Gives the entry's shape out. */
const msc_expr *msc_model_entry_formula(msc_model *model, msc_arena *arena, const msc_conf *entry,
                                        const msc_conf *node, msc_shape *shape);
/* If the text names an output alone ("activity[lung]"), and nothing else is meant by it: that output's
 * number, its formula, and the entry's shape; else NULL and -1. Throws, also if it names one within a formula. */
const msc_expr *msc_model_entry_output(msc_model *model, msc_arena *arena, const msc_conf *entry,
                                       const msc_conf *node, msc_shape *shape, int *output);
/* A number with a unit ("5e6 cell/kg", "30 min") or a bare number in `unit`; the dimension is given
 * out, the value is in inner units. Throws. */
double msc_model_quantity(msc_model *model, msc_arena *arena, const msc_conf *node, const char *unit, msc_dim *dim);
/* The same in two parts: the number as written, and the factor of its unit. */
double msc_model_number(msc_model *model, msc_arena *arena, const msc_conf *node, const char *unit, msc_dim *dim,
                        double *factor);

/* An instance whose neighbour (`from`, or `to` by the process' own names) falls off the end of its
 * set does not exist; a branch instance whose own names lead off an end does not either. */
bool msc_process_exists(const msc_model *model, const msc_process *process, const int *env);
/* The amount of a cargo on a carrier ("label.arrested"), transits included; -1. */
int msc_model_rider(const msc_model *model, int cargo, int carrier);
/* What a dose says of a parameter it may set: a bare value or a group of elements, merged by §9 onto
 * value[shape.n], which holds the model's own. Throws. */
void msc_model_override(msc_model *model, msc_arena *arena, int parameter, const msc_conf *node, msc_value *value);

/* Does a dose by this route bring a load of the cargo? */
bool msc_route_brings(const msc_model *model, const msc_route *route, int cargo);

/* Has a name its own meaning in a results file, so that no output or endpoint may bear it? */
bool msc_model_reserves(const char *name);

int msc_model_find_parameter(const msc_model *model, const char *name); /* -1 */
int msc_model_find_route(const msc_model *model, const char *name);
int msc_model_find_output(const msc_model *model, const char *name);
/* How late a setting's file was merged, from 0; the command line comes last. */
size_t msc_model_layer(const msc_model *model, const msc_conf *node);
/* "spleen, gut" of the instances without a value, in the arena; NULL if there are none. */
const char *msc_values_missing(msc_arena *arena, const msc_model *model, const msc_shape *shape,
                               const msc_value *value);
/* The instance named by a path's elements under a parameter ("lung", "cxcr4_neg"); -1. */
long msc_model_element(const msc_model *model, const msc_shape *shape, const char *const *names, size_t n);

#endif
