/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to the model floor's reader: from the merged tree to an msc_model.
 *
 * Reading goes in two rounds, because the order of entries has no meaning: first every name is
 * declared with its indices, unit and pool (what a reference to it must know), then the formulas
 * are read. What depends on single elements (an index off the end of a set, a circle of
 * parameters, two remainders out of one transit) is proved at the end by going through all
 * instances; sets are small. All functions that can fail throw (base/arena.h). */
#ifndef MSC_MODEL_READER_H
#define MSC_MODEL_READER_H

#include "model/model.h"
#include "model/syntax.h"

typedef struct {
    msc_arena *arena; /* receives what is made, and what is thrown */
    msc_model *model;
    size_t fate_cap, pool_cap, table_cap;
} msc_reader;

/* What a formula may name beside parameters. */
enum { MSC_MAY_TIME = 1, MSC_MAY_STATE = 2, MSC_MAY_INTEGRAL = 4, MSC_MAY_OUTPUT = 8 };
enum {
    MSC_MAY_RATES = MSC_MAY_TIME | MSC_MAY_STATE,
    MSC_MAY_ALL = MSC_MAY_RATES | MSC_MAY_INTEGRAL
};

/* The names bound where a formula stands; slot i is bind[i]. */
typedef struct {
    int n;
    msc_bind bind[MSC_SLOTS];
    unsigned may;
    const char *user; /* for messages: "a parameter" may depend on parameters only */
    const char
        *where; /* for messages: "in process 'lyse'", where that is not plain to see; or NULL */
} msc_scope;

typedef struct {
    const char *text;
    double factor; /* value in the unit * factor = value inside */
    msc_dim dim;
} msc_unit;

/* For msc_arena_each: one(r, i). */
void msc_reader_each(msc_reader *r, size_t n, void (*one)(msc_reader *r, size_t i));
bool msc_reader_faulty(const msc_reader *r); /* faults have been noted */

/* names.c: the one namespace, suggestions, units, `over` */
typedef enum {
    MSC_NAME_NONE,
    MSC_NAME_SET,
    MSC_NAME_PARAMETER,
    MSC_NAME_AMOUNT,
    MSC_NAME_CARGO,
    MSC_NAME_VARIABLE,
    MSC_NAME_PROCESS
} msc_name_kind;
#define MSC_NAME_BIT(kind) (1u << (kind))

void msc_names_check_all(msc_reader *r);
bool msc_names_reserved(const char *name);
bool msc_names_is_key(const char *name); /* of an entry in any section */
msc_name_kind msc_names_find(const msc_model *model, const char *name, int *index);
const char *msc_names_kind_text(msc_name_kind kind); /* "a parameter" */
/* "; did you mean 'x'?" among the names of the kinds whose bits are set. */
const char *msc_names_suggest(msc_reader *r, const char *name, unsigned kinds);
int msc_names_find_set(const msc_model *model, const char *name); /* -1 */

msc_conf *msc_reader_section(msc_reader *r, const char *name, size_t *n); /* NULL and 0 if absent */
const char *msc_reader_text(msc_reader *r, const msc_conf *entry,
                            const char *key); /* NULL if absent */
msc_unit msc_reader_unit(msc_reader *r, const msc_conf *node, const char *text);
msc_unit msc_reader_entry_unit(msc_reader *r,
                               const msc_conf *entry); /* its `unit`, which it must have */
const char *msc_reader_dim_text(msc_reader *r, msc_dim dim);
msc_dim msc_reader_per_time(const msc_reader *r, msc_dim dim);
int msc_reader_fate(msc_reader *r, const char *name); /* its number, made if new */
void msc_reader_bind(msc_reader *r, msc_scope *scope, const msc_conf *node,
                     const msc_syntax_bind *bind);
msc_shape msc_reader_shape(msc_reader *r, const msc_bind *bind, int n, const msc_conf *node);
/* The `over` of an entry, bound in a scope that was empty. */
msc_shape msc_reader_over(msc_reader *r, const msc_conf *entry, msc_scope *scope);
/* A string, or the strings of an array or a list. */
const char **msc_reader_strings(msc_reader *r, const msc_conf *node, size_t *n);

/* shape.c */
long msc_set_position(const msc_set *set, int element);  /* of a root element in a set; -1 */
int msc_set_find(const msc_set *set, const char *label); /* root element; -1 */
typedef enum { MSC_AT_ELEMENT, MSC_AT_OUTSIDE, MSC_AT_OFF_END } msc_at;
msc_at msc_index_at(const msc_model *model, const msc_index *index, const int *env, int *element);

/* values.c, table.c */
typedef struct {
    const msc_conf *entry;
    const msc_shape *shape;
    const msc_scope *scope;
    const msc_unit *unit;
    bool parameter; /* remainder and no value at all are legal */
} msc_values;
msc_value *msc_values_read(msc_reader *r, const msc_values *v);
/* The setting under `node` that speaks for an instance, or NULL. */
const msc_conf *msc_values_resolve(msc_reader *r, const msc_conf *node, const msc_shape *shape,
                                   const int *env);
void msc_values_check_keys(msc_reader *r, const msc_conf *node, const msc_shape *shape, int level);
msc_value msc_values_leaf(msc_reader *r, const msc_values *v, const msc_conf *leaf);

typedef struct {
    const msc_conf *is; /* NULL: no table */
    const msc_expr *of;
    int table;
    const msc_conf **leaf; /* the arrays read so far, one a row */
    size_t cap;
} msc_table_reading;
msc_table_reading msc_table_read(msc_reader *r, const msc_values *v);
/* The value of an instance from the table, MSC_VALUE_NONE if it has no array. */
msc_value msc_table_value(msc_reader *r, const msc_values *v, msc_table_reading *t, const int *env);

/* The sections, in the order of reading. `declare` is the first round, `read` the second. */
void msc_sets_read(msc_reader *r);
void msc_parameters_declare(msc_reader *r);
void msc_parameters_read(msc_reader *r);
void msc_amounts_declare(msc_reader *r);
void msc_amounts_read(msc_reader *r);
void msc_cargo_declare(msc_reader *r);
int msc_cargo_add_rider(msc_reader *r, int cargo, int carrier); /* gives the new amount */
void msc_cargo_read(msc_reader *r);
void msc_variables_declare(msc_reader *r);
void msc_variables_read(msc_reader *r);
void msc_processes_declare(msc_reader *r);
void msc_processes_read(msc_reader *r);
void msc_routes_declare(msc_reader *r);
void msc_routes_read(msc_reader *r);
void msc_outputs_read(msc_reader *r);
void msc_checks_read(msc_reader *r);

/* places.c: places, branches and what falls, common to processes and routes */
msc_place msc_place_read(msc_reader *r, msc_scope *scope, const msc_conf *node, bool bind,
                         int *cargo);
/* The branches of `to` or `into`; `scope` grows by what `to` binds, `into` binds in its branches. */
typedef struct {
    const msc_conf *entry;
    msc_scope *scope;
    int fate; /* of branches that name none */
} msc_branches;
msc_branch *msc_branches_declare(msc_reader *r, const msc_branches *b, size_t *n);
void msc_branches_read(msc_reader *r, const msc_scope *scope, msc_branch *branch, size_t n);
/* The scope inside a branch. */
msc_scope msc_branch_scope(const msc_scope *scope, const msc_branch *branch);
/* Fill in branch->fall for the cargoes that `carries` tells of. */
typedef struct {
    const msc_conf *entry;
    const char *name, *fate; /* of the process; fate NULL in routes */
    const char *kind;        /* "process", "route" */
    const bool *carries;     /* [n_cargo] */
} msc_falling;
/* Note keys of `falls` that name nothing and are near to something (a module may name what is not there). */
void msc_falls_note(msc_reader *r);
void msc_branch_fall(msc_reader *r, const msc_falling *what, const msc_scope *scope,
                     msc_branch *branch);

/* Each index of a place leads to an element, or (`ends`) off the end of its set; else throw. */
void msc_place_check(msc_reader *r, const msc_place *place, const msc_conf *origin, const int *env,
                     bool ends);

/* network.c: what only shows when all instances are gone through */
typedef struct {
    int process;
    size_t instance;
    long from;    /* instance of the amount it leaves, -1: none */
    int branch;   /* index in the process' branches */
    long to;      /* instance of the amount it enters, -1: none */
    size_t first; /* the first hop of this process instance */
    int env[MSC_SLOTS];
} msc_hop;
typedef struct {
    msc_hop *hop; /* one for each branch instance of each process instance */
    size_t n, cap;
} msc_network;
/* The riders of transits: every cargo that can enter one. */
void msc_network_carry(msc_reader *r);
msc_network msc_network_read(msc_reader *r);
void msc_cycles_check(msc_reader *r, const msc_network *network); /* cycles.c */

#endif
