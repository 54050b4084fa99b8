/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model turned into arithmetic: flat operations, no names, no recursion.
 *
 * A program is compiled once for a model, the quantities requested and the shape of a regimen; it
 * then serves any number of scenarios that differ in parameters, doses and times. Its values live
 * in one vector u, in this order:
 *
 *     states    the amounts (each stage apart), the ledger's and the outputs' integrals
 *     nodes     shared variables and flows, as sums of products or one special function each
 *     givens    time (the first), rates at which doses enter, switches: constant between two stops
 *               (but for time)
 *     extras    nodes that only guards, then only outputs need
 *
 * Rates, nodes, outputs and guards are all ROWS, sums of  c,  c u  and  c u u' . A coefficient c
 * depends on parameters alone: it is a register of the PROLOGUE, evaluated once a scenario.
 *
 *     y' = F(y, z, given),   z = G(y, z, given)   with G strictly lower triangular in z.
 *
 * It stays an ODE: a stage evaluates z from y, then F. Only the linear solves treat z as unknowns
 * beside y, because so their matrix has short rows ("lifted" form):
 *
 *     [ 1/(h gamma) - F_y    -F_z   ] [k]
 *     [        -G_y         1 - G_z ] [w]                                                     */
#ifndef MSC_PROGRAM_PROGRAM_H
#define MSC_PROGRAM_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/model.h"

#define MSC_NONE UINT32_MAX

typedef enum {
    /* sums and products: prologue and clock only, nodes have rows for them */
    MSC_OP_NUMBER, /* constant */
    MSC_OP_INPUT,  /* input[a] */
    MSC_OP_ADD,
    MSC_OP_SUBTRACT,
    MSC_OP_MULTIPLY,
    MSC_OP_NEGATE,
    MSC_OP_TIME, /* clock only */
    /* special functions of one to three arguments: also nodes */
    MSC_OP_DIVIDE,
    MSC_OP_POWER,
    MSC_OP_EXP,
    MSC_OP_LOG,
    MSC_OP_LOG10,
    MSC_OP_SQRT,
    MSC_OP_ABS, /* derivative of the branch taken; at ties the first: + */
    MSC_OP_MIN, /* ties: the first */
    MSC_OP_MAX,
    MSC_OP_IF, /* a != 0 ? b : c; no derivative in a */
    MSC_OP_LESS, /* 1 or 0, no derivative */
    MSC_OP_LESS_EQUAL,
    MSC_OP_GREATER,
    MSC_OP_GREATER_EQUAL,
    MSC_OP_EQUAL,
    MSC_OP_NOT_EQUAL,
    MSC_OP_AND,
    MSC_OP_OR,
    MSC_OP_NOT,
    MSC_OP_TABLE /* table `table`, row `row`, linear in a between nodes, constant outside */
} msc_op;

/* One operation on registers. */
typedef struct {
    msc_op op;
    uint32_t arg[3]; /* registers (clock: registers, or ~k for the clock's k-th value); input number */
    double number;
    uint32_t table, row;
} msc_instruction;

typedef struct {
    uint32_t coef, u;
} msc_linear;
typedef struct {
    uint32_t coef, u, v;
} msc_bilinear;

/* n rows; row r is  sum one + sum coef*u + sum coef*u*v  over its parts of the three lists. */
typedef struct {
    uint32_t n;
    uint32_t *one_at, *one; /* one_at[n + 1]; one: coefs */
    uint32_t *linear_at;
    msc_linear *linear;
    uint32_t *bilinear_at;
    msc_bilinear *bilinear;
} msc_rows;

/* A node that is a function rather than a row. Arguments: >= 0 an index in u, < 0 coefficient ~a. */
typedef struct {
    msc_op op;
    uint32_t node; /* which node it is */
    int32_t arg[3];
    uint32_t table, row;
} msc_special;

/* d(row)/d(column): rows and columns are states and nodes numbered as in u; column `n_unknown`
 * stands for time. Each entry is a sum of parts: coefficients, coefficients times a u, and partial
 * derivatives of specials. */
typedef struct {
    uint32_t n;
    uint32_t *row, *col;
    uint32_t n_constant;
    struct msc_jacobian_constant {
        uint32_t entry, coef;
    } *constant;
    uint32_t n_linear;
    struct msc_jacobian_linear {
        uint32_t entry, coef, u;
    } *linear;
    uint32_t (*special)[3]; /* [n_special][argument]: the entry its partial adds to, or MSC_NONE */
} msc_jacobian;

/* The matrix of the linear solves, diag(1/(h gamma) | 1) - Jacobian without the time column, in
 * elimination order (one order for rows and columns, diagonal pivots), block lower triangular:
 * blocks are solved one after the other, fill-in only inside a block. Position (i, j), i and j in
 * elimination order, columns ascending in a row. */
typedef struct {
    uint32_t n;
    uint32_t *order;    /* [n] the unknown at each place */
    uint32_t n_block, *block_at; /* [n_block + 1] first place of each block */
    uint32_t n_entry, *row_at, *col; /* row_at[n + 1] */
    uint32_t *diagonal; /* [n] entry of (i, i) */
    uint32_t *of_jacobian; /* [jacobian.n] the entry it is subtracted from; MSC_NONE: time column */
} msc_matrix;

/* What an accepted step must satisfy. */
typedef enum { MSC_GUARD_FLOW, MSC_GUARD_SHARE, MSC_GUARD_CHECK } msc_guard_kind;
/* What a FLOW guard's row is, hence how far below 0 rounding and solver noise may take it. */
typedef enum { MSC_MEASURE_HAZARD, MSC_MEASURE_RATE, MSC_MEASURE_STATE } msc_guard_measure;
typedef struct {
    msc_guard_kind kind; /* FLOW: row >= -floor; SHARE: 0 <= row <= 1; CHECK: row != 0 */
    msc_guard_measure measure;
    bool stop;           /* a CHECK that only warns has false */
    uint32_t state;      /* FLOW: the state it leaves (for the floor), or MSC_NONE */
    const char *name;    /* "process 'x[lung]'", "check 'safe'" */
    const char *where;   /* of its definition */
    const char *about;
} msc_guard;

/* What a parameter value must satisfy before a run. */
typedef enum { MSC_TEST_SIGN, MSC_TEST_ABOVE, MSC_TEST_SHARE, MSC_TEST_CHECK, MSC_TEST_TOTAL } msc_test_kind;
typedef struct {
    uint32_t reg; /* SIGN: reg >= 0; ABOVE: reg > 0; SHARE: 0 <= reg <= 1 within 1e-9; CHECK: reg != 0; TOTAL: reg within 1e-9 of reg2 */
    uint32_t reg2;
    msc_test_kind kind;
    bool stop; /* a CHECK: false = warn */
    double factor; /* value / factor = value in the unit it is told in */
    const char *where, *what;
} msc_test;

/* A value the scenario hands in: instance `instance` of a parameter, or of dose `dose` of it. */
typedef enum {
    MSC_INPUT_PARAMETER,
    MSC_INPUT_DOSE_PARAMETER,
    MSC_INPUT_DOSE_AMOUNT,
    MSC_INPUT_DOSE_LOAD,
    MSC_INPUT_DOSE_COUNT /* how many doses of this entry are given in the run */
} msc_input_kind;
typedef struct {
    msc_input_kind kind;
    uint32_t index;    /* parameter; of a load: cargo */
    uint32_t instance;
    uint32_t dose;     /* entry of the regimen's shape */
    double number;     /* the model's own value (parameters) */
} msc_input;

/* What a dose of entry `dose` brings: register `amount` is how much of it enters at given `slot`. */
typedef struct {
    uint32_t dose, slot, amount;
} msc_entry;

typedef struct {
    const char *name;  /* "live", "ledger_cell" ... without indices */
    const char *unit, *about;
    double factor;     /* row value / factor = value in unit */
    uint32_t n;        /* elements: rows first .. first + n - 1 */
    uint32_t first;
    int n_dim;
    const char *dim[MSC_SLOTS];          /* names of its dimensions */
    uint32_t dim_n[MSC_SLOTS];
    const char *const *label[MSC_SLOTS]; /* coordinates */
    bool numeric[MSC_SLOTS];             /* labels are numbers */
    int pool; /* of a ledger variable, else -1 */
} msc_quantity;

typedef struct msc_program {
    msc_arena *arena; /* owns everything; the model must outlive the program */
    const msc_model *model;

    uint32_t n_state, n_node, n_given, n_guard_node, n_output_node, n_u;
    uint32_t first_given; /* n_state + n_node; given 0 is time */
    uint32_t first_extra; /* first_given + n_given */

    /* prologue: registers in order; coefficient k is register coef[k] */
    uint32_t n_input, n_register, n_coef;
    msc_input *input;
    msc_instruction *prologue;
    uint32_t *coef;
    uint32_t n_test;
    msc_test *test;

    uint32_t *initial; /* [n_state] register, or MSC_NONE: 0 */
    msc_rows rate;     /* [n_state] */
    msc_rows node;     /* [n_node + n_guard_node + n_output_node]; empty for specials */
    uint32_t n_special;
    msc_special *special;   /* by node, ascending */
    uint32_t *special_of;   /* [all nodes] index in special, or MSC_NONE */
    msc_rows out;           /* [rows of all quantities] */
    uint32_t n_guard;
    msc_guard *guard;
    msc_rows guard_row;     /* [n_guard] */
    msc_jacobian jacobian;
    msc_matrix matrix;

    uint32_t n_quantity;
    msc_quantity *quantity;
    uint32_t n_extra, *extra; /* [n_extra] the first row of out of each extra, MSC_NONE: nothing can leave so;
                               * they come last */

    uint32_t n_entry; /* by dose; what is in transit at the start enters as dose MSC_NONE */
    msc_entry *entry;
    int *given_pool;    /* [n_given] pool of what enters there, or -1 */
    const char **given_refused; /* [n_given] where a formula is written that has no value if a bolus enters there; or NULL */
    bool *given_parted; /* [n_given] what enters there is parted by shares that depend on the state */

    /* the clock: conditions and table positions that depend on time and parameters only */
    uint32_t n_clock;
    msc_instruction *clock;
    /* behind them what is needed besides by functions of time that come and go: a stop where one has a narrow peak */
    uint32_t n_clock_all, n_smooth;
    struct msc_smooth {
        uint32_t clock; /* its value */
        uint32_t n_step, *step; /* what is needed for that, in order */
    } *smooth;
    uint32_t n_switch;
    struct msc_switch {
        uint32_t slot;  /* the given it decides: 1 or 0 */
        uint32_t clock; /* clock value of the condition */
        bool jumps;     /* something may jump with it; else it chooses where min, max or abs have a kink */
        const char *name;
    } *switches;
    uint32_t n_time_table;
    struct msc_time_table {
        uint32_t table, clock; /* where the clock value crosses a node of the table, there is a stop */
    } *time_table;

    /* for tolerances and messages, by state */
    int *state_pool;           /* pool whose doses set the scale, or -1 */
    double *state_scale;       /* times the pool's scale; if -1: the scale itself, in inner units */
    const char **state_name;   /* "arrested[lung,cxcr4_neg].2" */
    const char **node_name;    /* core nodes */
    const bool *node_flow;     /* nodes that carry a bolus on: rows, but for shares, which stand as they are */
    uint32_t n_table;
    const msc_table *table;

    struct msc_flows *flows; /* what moves each state, kept for explanations and tests */

    uint32_t n_integral; /* of the states: the ledger's and the outputs' integrals, which are last */
    uint32_t n_sliced; /* states of the model that were left out */
    const char **sliced;
    bool *unreached; /* [n_sliced] because nothing reaches them; else nothing requested depends on them */
} msc_program;

/* One entry of a regimen as far as it shapes the program. */
typedef struct {
    int route;
    bool per;               /* the dose is to be multiplied by the route's `per` */
    size_t n_take;          /* parameter instances it sets for itself */
    struct msc_take {
        uint32_t parameter, instance;
        bool rest; /* it gets what is left of the total in this dose */
    } *take;
    size_t n_load;
    uint32_t *load; /* cargos whose load it sets */
    const msc_conf *origin; /* for messages; NULL: the route's */
} msc_dose_shape;

typedef enum { MSC_LEDGER_OFF, MSC_LEDGER_FATE, MSC_LEDGER_INDEX } msc_ledger_kind;

/* A formula asked for beside the outputs: rows that belong to no quantity, one an instance. Without a
 * formula: one row, what has left a pool by a fate so far, as the ledger has it. */
typedef struct {
    const msc_expr *expr;
    const msc_shape *shape;
    int pool, fate;
} msc_extra;

typedef struct {
    size_t n_output;
    const int *output; /* model outputs requested; */
    size_t n_extra;
    const msc_extra *extra;
    size_t n_dose;
    const msc_dose_shape *dose;
    msc_ledger_kind ledger;
    bool keep_all; /* do not drop unreachable or unneeded amounts (tests) */
} msc_request;

/* Compile. The program owns an arena of its own; the caller frees. */
MSC_CHECK msc_status msc_program_compile(const msc_model *model, const msc_request *request, msc_program **program,
                                         msc_error *err);
void msc_program_free(msc_program *program);

/* ---- scalar evaluation: the reference for the engine's kernels ---- */

/* Run the prologue: input[n_input] -> reg[n_register]. */
void msc_program_prologue(const msc_program *p, const double *input, double *reg);
/* Only these registers of it, ascending, where the others are there. */
void msc_program_prologue_some(const msc_program *p, const double *input, double *reg, size_t n, const uint32_t *which);
/* The first test that fails, or MSC_NONE; warn-only tests are skipped unless `warnings`, and so are those of registers that are
 * marked in `but` (or NULL). */
uint32_t msc_program_test(const msc_program *p, const double *reg, bool warnings, const bool *but, uint32_t from);
/* The clock at a time: value[n_clock]. */
void msc_program_clock(const msc_program *p, const double *reg, double time, double *value);
/* Evaluate nodes `first` .. `last` - 1 (numbers among all nodes) into u, which holds states, givens. */
void msc_program_nodes(const msc_program *p, const double *reg, double *u, uint32_t first, uint32_t last);
/* value[rows->n] of rows. */
void msc_program_rows(const msc_program *p, const msc_rows *rows, const double *reg, const double *u, double *value);
/* The Jacobian's entries [jacobian.n] at u (nodes evaluated). */
void msc_program_jacobian(const msc_program *p, const double *reg, const double *u, double *entry);
/* What amounts entering at once at the givens (amount[n_given]) do to the states: state += effect,
 * shares taken as they stand in u (nodes evaluated). scratch[n_u]. */
void msc_program_enter(const msc_program *p, const double *reg, const double *u, const double *amount, double *scratch,
                       double *state);

/* The condition on time, and on parameters, that changes at another time if the input does (its name),
 * so that what depends on it is not to be differentiated with stops that stand still; NULL: none. Kinks
 * that move do no harm: on either side of one, values are the same. */
const char *msc_program_moves_stop(const msc_program *p, uint32_t input, msc_arena *arena);
/* A condition on amounts in what moves amounts (the name of its node): where it changes, rates may jump,
 * at a time that depends on everything; NULL: none. */
const char *msc_program_jumps(const msc_program *p);

/* The operation that an expression of plain operands is; NUMBER for all others. */
msc_op msc_op_of(msc_expr_kind kind);
int msc_op_arity(msc_op op); /* operands: 0 of NUMBER, INPUT and TIME */
/* A special's value, and the partials by its arguments. x[3] are the arguments' values. */
double msc_op_value(const msc_program *p, msc_op op, const double *x, uint32_t table, uint32_t row);
void msc_op_partial(const msc_program *p, msc_op op, const double *x, double value, uint32_t table, uint32_t row,
                    double *partial);

/* The process that moves a state fastest at u: "process 'x[lung]', 3.2e7 cell/h" in text; "" if none. */
void msc_program_explain(const msc_program *p, const double *input, const double *u, uint32_t state, char *text,
                         size_t n);

#endif
