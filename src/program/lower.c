/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the graph to rows.
 *
 * Every expression that depends on states or time is brought to a POLYNOMIAL of degree two at most
 * in the unknowns, with coefficients of parameters: sums of c, c u, c u v. Where a product would
 * become longer, or has two sums for factors (multiplied out, (a - b)^2 would lose all digits where
 * a is near b), or a value is shared under a name, or a function is no polynomial, it becomes a
 * node, an unknown of its own. Conditions on time alone become switches: givens that the scenario
 * sets between two stops. Rows are then shortened (shorten.c), and emitted with the nodes they need. */
#include <string.h>

#include "program/lower.h"

typedef msc_monomial monomial;
typedef msc_polynomial polynomial;

typedef struct {
    msc_build *b;
    msc_emit *emit;
    msc_lowered *low;
    polynomial **known; /* [graph], memo */
    uint32_t *node_of;  /* [graph] encoded unknown, or MSC_NONE */
    size_t cap;
} lowering;

static polynomial *poly(lowering *l, uint32_t id);

static void grow(lowering *l, uint32_t id)
{
    if (id < l->cap) {
        return;
    }
    const size_t cap = 2 * (l->cap + id + 1);
    polynomial **known = MSC_NEW(l->b->arena, polynomial *, cap);
    uint32_t *node_of = MSC_NEW(l->b->arena, uint32_t, cap);
    memset(node_of, 0xff, cap * sizeof *node_of);
    if (l->cap > 0) {
        memcpy(known, l->known, l->cap * sizeof(*known));
        memcpy(node_of, l->node_of, l->cap * sizeof *node_of);
    }
    l->known = known, l->node_of = node_of, l->cap = cap;
}

/* ---- polynomials ---- */

static polynomial *single(lowering *l, uint32_t coef, int degree, uint32_t u)
{
    polynomial *p = MSC_NEW(l->b->arena, polynomial, 1);
    msc_polynomial_add(l->b, p, (monomial){coef, degree, {u, MSC_NONE}});
    p->degree = degree;
    return p;
}

void msc_polynomial_add(msc_build *b, polynomial *p, monomial term)
{
    *MSC_PUSH(b->arena, p->term, p->n, p->cap) = term;
}

static int order(const monomial *a, const monomial *b)
{
    if (a->degree != b->degree) {
        return a->degree < b->degree ? -1 : 1;
    }
    for (int i = 0; i < a->degree; i++) {
        if (a->u[i] != b->u[i]) {
            return a->u[i] < b->u[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Stable, so that coefficients are summed in the order in which their terms were written. */
static void sort(monomial *term, monomial *scratch, size_t n)
{
    if (n < 2) {
        return;
    }
    const size_t half = n / 2;
    sort(term, scratch, half);
    sort(term + half, scratch, n - half);
    memcpy(scratch, term, n * sizeof *term);
    size_t i = 0, j = half;
    for (size_t k = 0; k < n; k++) {
        term[k] = j >= n || (i < half && order(&scratch[i], &scratch[j]) <= 0) ? scratch[i++] : scratch[j++];
    }
}

void msc_polynomial_tidy(msc_build *b, polynomial *p)
{
    sort(p->term, MSC_NEW(b->arena, monomial, p->n + 1), p->n);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (n > 0 && order(&p->term[n - 1], &p->term[i]) == 0) {
            p->term[n - 1].coef = msc_graph_add(&b->g, p->term[n - 1].coef, p->term[i].coef);
        } else {
            p->term[n++] = p->term[i];
        }
    }
    p->n = 0, p->degree = 0;
    for (size_t i = 0; i < n; i++) {
        if (!msc_graph_is_number(&b->g, p->term[i].coef, 0)) {
            p->degree = p->term[i].degree > p->degree ? p->term[i].degree : p->degree;
            p->term[p->n++] = p->term[i];
        }
    }
}

/* The terms of a chain of additions, each with its sign. */
static void collect(lowering *l, polynomial *sum, uint32_t id, bool negative)
{
    const msc_graph_node x = l->b->g.node[id];
    grow(l, id);
    const bool chain = x.op == MSC_OP_ADD || x.op == MSC_OP_SUBTRACT || x.op == MSC_OP_NEGATE;
    if (chain && !x.named && !x.alone && l->node_of[id] == MSC_NONE && x.cls > MSC_CLASS_PARAMETER) {
        collect(l, sum, x.arg[0], x.op == MSC_OP_NEGATE ? !negative : negative);
        if (x.op != MSC_OP_NEGATE) {
            collect(l, sum, x.arg[1], x.op == MSC_OP_SUBTRACT ? !negative : negative);
        }
        return;
    }
    const polynomial *p = poly(l, id);
    for (size_t i = 0; i < p->n; i++) {
        monomial term = p->term[i];
        if (negative) {
            term.coef = msc_graph_op(&l->b->g, MSC_OP_NEGATE, term.coef, MSC_NONE, MSC_NONE);
        }
        msc_polynomial_add(l->b, sum, term);
    }
}

static polynomial *sum_of(lowering *l, uint32_t id)
{
    const msc_graph_node x = l->b->g.node[id];
    polynomial *p = MSC_NEW(l->b->arena, polynomial, 1);
    collect(l, p, x.arg[0], x.op == MSC_OP_NEGATE);
    if (x.op != MSC_OP_NEGATE) {
        collect(l, p, x.arg[1], x.op == MSC_OP_SUBTRACT);
    }
    msc_polynomial_tidy(l->b, p);
    return p;
}

/* ---- nodes ---- */

static msc_lowered_node *new_node(lowering *l, uint32_t id)
{
    grow(l, id);
    const msc_graph_node *x = &l->b->g.node[id];
    l->node_of[id] = MSC_U_NODE | (uint32_t)l->low->n_node;
    msc_lowered_node *node = MSC_PUSH(l->b->arena, l->low->node, l->low->n_node, l->low->cap_node);
    *node = (msc_lowered_node){.name = x->name ? x->name : "", .alone = x->alone};
    return node;
}

/* A row of its own: polynomials are shared. */
static polynomial *row_of(lowering *l, const polynomial *p)
{
    polynomial *row = MSC_NEW(l->b->arena, polynomial, 1);
    for (size_t i = 0; i < p->n; i++) {
        msc_polynomial_add(l->b, row, p->term[i]);
    }
    row->degree = p->degree;
    return row;
}

/* An unknown for a polynomial: its only factor if it is one, else a node with a row. */
static uint32_t unknown(lowering *l, uint32_t id)
{
    grow(l, id);
    if (l->node_of[id] != MSC_NONE) {
        return l->node_of[id];
    }
    const polynomial *p = poly(l, id);
    if (l->node_of[id] != MSC_NONE) {
        return l->node_of[id];
    }
    if (p->n == 1 && p->degree == 1 && msc_graph_is_number(&l->b->g, p->term[0].coef, 1)) {
        return l->node_of[id] = p->term[0].u[0];
    }
    new_node(l, id)->row = row_of(l, p);
    const uint32_t u = l->node_of[id];
    l->known[id] = single(l, msc_graph_number(&l->b->g, 1), 1, u);
    return u;
}

static msc_emit_operand operand(lowering *l, uint32_t id)
{
    return l->b->g.node[id].cls <= MSC_CLASS_PARAMETER ? (msc_emit_operand){true, msc_emit_coef(l->emit, id)}
                                                       : (msc_emit_operand){false, unknown(l, id)};
}

static uint32_t special(lowering *l, uint32_t id, msc_op op, const msc_emit_operand *arg)
{
    const msc_graph_node x = l->b->g.node[id];
    msc_lowered_node *node = new_node(l, id);
    node->op = op;
    node->table = x.op == MSC_OP_TABLE ? x.ref : 0;
    node->table_row = x.row;
    memcpy(node->arg, arg, sizeof node->arg);
    return l->node_of[id];
}

/* A condition on time alone: the given that tells its value between two stops. */
static msc_emit_operand switch_of(lowering *l, uint32_t condition, bool jumps)
{
    return (msc_emit_operand){false, msc_emit_switch(l->emit, condition, jumps)};
}

static bool is_condition(msc_op op)
{
    switch (op) {
    case MSC_OP_LESS:
    case MSC_OP_LESS_EQUAL:
    case MSC_OP_GREATER:
    case MSC_OP_GREATER_EQUAL:
    case MSC_OP_EQUAL:
    case MSC_OP_NOT_EQUAL:
    case MSC_OP_AND:
    case MSC_OP_OR:
    case MSC_OP_NOT: return true;
    default: return false;
    }
}

/* min, max, abs and if whose choice is made by time alone: a switch between two values. */
static bool clock_choice(lowering *l, uint32_t id, msc_emit_operand *arg)
{
    msc_graph *g = &l->b->g;
    const msc_graph_node x = g->node[id];
    const uint32_t zero = msc_graph_number(g, 0);
    if (x.op == MSC_OP_IF && g->node[x.arg[0]].cls == MSC_CLASS_CLOCK) {
        arg[1] = operand(l, x.arg[1]), arg[2] = operand(l, x.arg[2]);
        arg[0] = switch_of(l, x.arg[0], true);
        return true;
    }
    if (x.cls != MSC_CLASS_CLOCK || (x.op != MSC_OP_MIN && x.op != MSC_OP_MAX && x.op != MSC_OP_ABS)) {
        return false;
    }
    const uint32_t other = x.op == MSC_OP_ABS ? msc_graph_op(g, MSC_OP_NEGATE, x.arg[0], MSC_NONE, MSC_NONE) : x.arg[1];
    const msc_op test = x.op == MSC_OP_MIN ? MSC_OP_LESS_EQUAL : MSC_OP_GREATER_EQUAL;
    arg[1] = operand(l, x.arg[0]), arg[2] = operand(l, other);
    arg[0] = switch_of(l, msc_graph_op(g, test, x.arg[0], x.op == MSC_OP_ABS ? zero : other, MSC_NONE), false);
    return true;
}

static uint32_t function(lowering *l, uint32_t id)
{
    const msc_graph_node x = l->b->g.node[id];
    msc_emit_operand arg[3] = {{true, 0}, {true, 0}, {true, 0}};
    if (x.cls == MSC_CLASS_CLOCK && is_condition(x.op)) {
        return l->node_of[id] = switch_of(l, id, true).index;
    }
    if (clock_choice(l, id, arg)) {
        return special(l, id, MSC_OP_IF, arg);
    }
    for (int i = 0; i < msc_op_arity(x.op); i++) {
        arg[i] = operand(l, x.arg[i]);
    }
    if (x.op == MSC_OP_TABLE && x.cls == MSC_CLASS_CLOCK) {
        msc_emit_time_table(l->emit, x.ref, x.arg[0]);
    }
    return special(l, id, x.op, arg);
}

/* ---- products ---- */

/* A factor reduced to one unknown if it has to be. */
static const polynomial *reduced(lowering *l, uint32_t id, const polynomial *p, bool reduce)
{
    return reduce ? single(l, msc_graph_number(&l->b->g, 1), 1, unknown(l, id)) : p;
}

static polynomial *product_of(lowering *l, uint32_t a, uint32_t b)
{
    const polynomial *p = poly(l, a), *q = poly(l, b);
    if (p->degree + q->degree > 2) {
        const bool both = p->degree == 2 && q->degree == 2;
        const polynomial *r = reduced(l, a, p, p->degree == 2);
        q = reduced(l, b, q, q->degree == 2 && (both || p->degree == 1));
        p = r;
    }
    if (p->n > 1 && q->n > 1) {
        const bool first = p->n >= q->n;
        p = reduced(l, a, p, first || a == b);
        q = reduced(l, b, q, !first || a == b);
    }
    polynomial *r = MSC_NEW(l->b->arena, polynomial, 1);
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < q->n; j++) {
            const monomial *x = &p->term[i], *y = &q->term[j];
            monomial t = {msc_graph_multiply(&l->b->g, x->coef, y->coef), x->degree + y->degree, {MSC_NONE, MSC_NONE}};
            if (t.degree == 2 && x->degree == 1) {
                t.u[0] = x->u[0] < y->u[0] ? x->u[0] : y->u[0];
                t.u[1] = x->u[0] < y->u[0] ? y->u[0] : x->u[0];
            } else if (t.degree > 0) {
                memcpy(t.u, x->degree > 0 ? x->u : y->u, sizeof t.u);
            }
            msc_polynomial_add(l->b, r, t);
        }
    }
    msc_polynomial_tidy(l->b, r);
    return r;
}

static polynomial *quotient_of(lowering *l, uint32_t a, uint32_t b)
{
    const polynomial *p = poly(l, a);
    polynomial *r = MSC_NEW(l->b->arena, polynomial, 1);
    for (size_t i = 0; i < p->n; i++) {
        monomial t = p->term[i];
        t.coef = msc_graph_op(&l->b->g, MSC_OP_DIVIDE, t.coef, b, MSC_NONE);
        msc_polynomial_add(l->b, r, t);
    }
    r->degree = p->degree;
    return r;
}

static polynomial *compute(lowering *l, uint32_t id)
{
    const msc_graph_node x = l->b->g.node[id];
    const uint32_t one = msc_graph_number(&l->b->g, 1);
    if (x.cls <= MSC_CLASS_PARAMETER) {
        return single(l, id, 0, MSC_NONE);
    }
    if (x.leaf == MSC_LEAF_STATE) {
        return single(l, one, 1, MSC_U_STATE | l->b->state[x.ref].index);
    }
    if (x.leaf == MSC_LEAF_GIVEN) {
        return single(l, one, 1, MSC_U_GIVEN | x.ref);
    }
    switch (x.op) {
    case MSC_OP_TIME: return single(l, one, 1, MSC_U_GIVEN | 0);
    case MSC_OP_ADD:
    case MSC_OP_SUBTRACT:
    case MSC_OP_NEGATE: return sum_of(l, id);
    case MSC_OP_MULTIPLY: return product_of(l, x.arg[0], x.arg[1]);
    case MSC_OP_DIVIDE:
        if (l->b->g.node[x.arg[1]].cls <= MSC_CLASS_PARAMETER) {
            return quotient_of(l, x.arg[0], x.arg[1]);
        }
        return single(l, one, 1, function(l, id));
    default: return single(l, one, 1, function(l, id));
    }
}

static polynomial *poly(lowering *l, uint32_t id)
{
    grow(l, id);
    if (l->known[id]) {
        return l->known[id];
    }
    polynomial *p = compute(l, id);
    grow(l, id);
    const msc_graph_node x = l->b->g.node[id];
    if ((x.alone || (x.named && (p->n > 1 || p->degree == 2))) && l->node_of[id] == MSC_NONE) {
        new_node(l, id)->row = row_of(l, p);
        p = single(l, msc_graph_number(&l->b->g, 1), 1, l->node_of[id]);
    }
    return l->known[id] = p;
}

/* ---- emission ---- */

typedef struct {
    const msc_lowered *low;
    msc_emit *emit;
    uint32_t *place; /* [node] emitted as this unknown, or MSC_NONE */
} emission;

static uint32_t emit_unknown(emission *e, uint32_t u);

static void emit_row(emission *e, msc_emit_rows *rows, const polynomial *p)
{
    msc_emit_row(e->emit, rows);
    for (size_t i = 0; i < p->n; i++) {
        const monomial *t = &p->term[i];
        uint32_t u[2] = {MSC_NONE, MSC_NONE};
        for (int k = 0; k < t->degree; k++) {
            u[k] = emit_unknown(e, t->u[k]);
        }
        msc_emit_term(e->emit, rows, t->coef, t->degree, u);
    }
}

/* The nodes that a row needs, before it. */
static void emit_needs(emission *e, const polynomial *p)
{
    for (size_t i = 0; i < p->n; i++) {
        for (int k = 0; k < p->term[i].degree; k++) {
            (void)emit_unknown(e, p->term[i].u[k]);
        }
    }
}

static uint32_t emit_unknown(emission *e, uint32_t u)
{
    if ((u & ~MSC_U_NUMBER) != MSC_U_NODE) {
        return u;
    }
    const uint32_t number = u & MSC_U_NUMBER;
    if (e->place[number] != MSC_NONE) {
        return e->place[number];
    }
    const msc_lowered_node *node = &e->low->node[number];
    if (node->row != NULL) {
        emit_needs(e, node->row);
        e->place[number] = msc_emit_node(e->emit, node->name, !node->alone);
        emit_row(e, &e->emit->node_row, node->row);
        return e->place[number];
    }
    msc_emit_operand arg[3];
    memcpy(arg, node->arg, sizeof arg);
    for (int i = 0; i < msc_op_arity(node->op); i++) {
        arg[i].index = arg[i].is_coef ? arg[i].index : emit_unknown(e, arg[i].index);
    }
    e->place[number] = msc_emit_node(e->emit, node->name, false);
    msc_emit_row(e->emit, &e->emit->node_row);
    msc_emit_special(e->emit, node->op, arg, node->table, node->table_row);
    return e->place[number];
}

/* Rows with the nodes they need; returns how many nodes were added. */
static uint32_t emit_rows(emission *e, msc_emit_rows *rows, size_t n, polynomial *const *row)
{
    const uint32_t before = e->emit->n_node;
    for (size_t i = 0; i < n; i++) {
        emit_needs(e, row[i]);
        emit_row(e, rows, row[i]);
    }
    return e->emit->n_node - before;
}

void msc_build_lower(msc_build *b)
{
    msc_emit emit;
    msc_lowered low = {.b = b};
    lowering l = {.b = b, .emit = &emit, .low = &low};
    msc_emit_init(&emit, b);
    for (size_t s = 0; s < b->n_state; s++) {
        if (b->state[s].index != MSC_NONE) {
            *MSC_PUSH(b->arena, low.rate, low.n_rate, low.cap_rate) = row_of(&l, poly(&l, b->state[s].rate));
        }
    }
    for (size_t i = 0; i < b->n_guard; i++) {
        *MSC_PUSH(b->arena, low.guard, low.n_guard, low.cap_guard) = row_of(&l, poly(&l, b->guard[i].value));
    }
    for (size_t i = 0; i < b->n_out; i++) {
        *MSC_PUSH(b->arena, low.out, low.n_out, low.cap_out) = row_of(&l, poly(&l, b->out[i]));
    }
    msc_build_shorten(&low);
    emission e = {.low = &low, .emit = &emit, .place = MSC_NEW(b->arena, uint32_t, low.n_node + 1)};
    memset(e.place, 0xff, (low.n_node + 1) * sizeof *e.place);
    b->p->n_node = emit_rows(&e, &emit.rate_row, low.n_rate, low.rate);
    b->p->n_guard_node = emit_rows(&e, &emit.guard_row, low.n_guard, low.guard);
    b->p->n_output_node = emit_rows(&e, &emit.out_row, low.n_out, low.out);
    msc_build_smooth(b, &emit);
    msc_emit_finish(&emit);
}
