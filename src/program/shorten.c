/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same rows in fewer terms, for every term costs in each stage of each step, again in the
 * Jacobian and as an entry of the matrix. Authors name sums for sense, not for speed, so
 *
 *     share     sums that several rows have in common become one node. Twice: sums of states, times
 *               a coefficient or times one unknown (k e x1 + ... + k e xn is k e sum, and the sum
 *               serves other rows too); then weighted sums, times one unknown (k e x + l c x is
 *               hazard x, and all x that suffer the same hazards share it);
 *     inline    nodes that are used so little that they cost more than they save are written out.
 *
 * Both decide by structure only, so that equal models give equal programs. */
#include <stdlib.h>
#include <string.h>

#include "program/lower.h"

/* What a term costs: in a row that is evaluated in every stage, or in one for outputs and guards. */
enum {
    CORE = 8,
    BESIDE = 1,
    LINEAR = 1,
    BILINEAR = 2,
    UNKNOWN = 2 /* a node's own lines in the solve */
};

typedef struct {
    msc_polynomial *p;
    long weight; /* CORE, BESIDE */
} a_row;

/* A part of a sum. */
typedef struct {
    uint32_t coef, u;
} a_part;

/* Terms of one row with a factor in common: coef * by * (part + part + ...). */
typedef struct {
    uint32_t row, coef, by; /* by: MSC_NONE if the terms are linear */
    size_t n, cap, first_n;
    uint32_t *part; /* numbers of parts, ascending */
} a_group;

typedef struct {
    uint32_t *item;
    size_t n, cap;
} list;

typedef struct {
    msc_lowered *low;
    msc_arena *arena;
    msc_graph *g;
    size_t n_row, cap_row;
    a_row *row;
    list *set; /* [author's nodes] the states it is the sum of; empty: it is no sum */
    size_t n_set;
    size_t n_group, cap_group;
    a_group *group;
    size_t n_part, cap_part, cap_users;
    a_part *part;
    list *parts_of; /* [unknown, see slot] */
    list *users;    /* share: groups that hold a part; inline: rows that use a node */
} shortening;

static bool is_node(uint32_t u)
{
    return (u & ~MSC_U_NUMBER) == MSC_U_NODE;
}

static bool is_state(uint32_t u)
{
    return (u & ~MSC_U_NUMBER) == MSC_U_STATE;
}

static void append(shortening *s, list *l, uint32_t item)
{
    *MSC_PUSH(s->arena, l->item, l->n, l->cap) = item;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* ---- rows ---- */

static void add_row(shortening *s, msc_polynomial *p, long weight)
{
    *MSC_PUSH(s->arena, s->row, s->n_row, s->cap_row) = (a_row){p, weight};
}

/* Mark the nodes that an unknown needs. */
static void mark(const shortening *s, uint32_t u, bool *needed)
{
    if (!is_node(u) || needed[u & MSC_U_NUMBER]) {
        return;
    }
    const msc_lowered_node *node = &s->low->node[u & MSC_U_NUMBER];
    needed[u & MSC_U_NUMBER] = true;
    for (size_t i = 0; node->row != NULL && i < node->row->n; i++) {
        for (int k = 0; k < node->row->term[i].degree; k++) {
            mark(s, node->row->term[i].u[k], needed);
        }
    }
    for (int k = 0; node->row == NULL && k < msc_op_arity(node->op); k++) {
        if (!node->arg[k].is_coef) {
            mark(s, node->arg[k].index, needed);
        }
    }
}

static void mark_rows(const shortening *s, size_t n, msc_polynomial *const *row, bool *needed)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < row[i]->n; t++) {
            for (int k = 0; k < row[i]->term[t].degree; k++) {
                mark(s, row[i]->term[t].u[k], needed);
            }
        }
    }
}

/* All rows that will be emitted; those of nodes that only guards and outputs need count less. */
static void list_rows(shortening *s)
{
    msc_lowered *low = s->low;
    bool *core = MSC_NEW(s->arena, bool, low->n_node + 1),
         *any = MSC_NEW(s->arena, bool, low->n_node + 1);
    mark_rows(s, low->n_rate, low->rate, core);
    memcpy(any, core, low->n_node * sizeof *any);
    mark_rows(s, low->n_guard, low->guard, any);
    mark_rows(s, low->n_out, low->out, any);
    s->n_row = 0;
    for (size_t i = 0; i < low->n_node; i++) {
        if (low->node[i].row != NULL && any[i]) {
            add_row(s, low->node[i].row, core[i] ? CORE : BESIDE);
        }
    }
    for (size_t i = 0; i < low->n_rate; i++) {
        add_row(s, low->rate[i], CORE);
    }
    for (size_t i = 0; i < low->n_guard; i++) {
        add_row(s, low->guard[i], BESIDE);
    }
    for (size_t i = 0; i < low->n_out; i++) {
        add_row(s, low->out[i], BESIDE);
    }
}

/* ---- sums the author named ---- */

static const list *set_of(const shortening *s, uint32_t u)
{
    const uint32_t k = u & MSC_U_NUMBER;
    return is_node(u) && k < s->n_set && s->set[k].n > 0 ? &s->set[k] : NULL;
}

/* The states of a row that is a plain sum of them; nodes come after those they use. */
static void find_set(shortening *s, const msc_polynomial *p, list *set)
{
    for (size_t i = 0; i < p->n; i++) {
        const msc_monomial *t = &p->term[i];
        const list *inner = t->degree == 1 ? set_of(s, t->u[0]) : NULL;
        if (t->degree != 1 || !msc_graph_is_number(s->g, t->coef, 1) ||
            (inner == NULL && !is_state(t->u[0]))) {
            set->n = 0;
            return;
        }
        for (size_t k = 0; inner != NULL && k < inner->n; k++) {
            append(s, set, inner->item[k]);
        }
        if (inner == NULL) {
            append(s, set, t->u[0]);
        }
    }
    if (set->n > 0) {
        qsort(set->item, set->n, sizeof *set->item, ascending);
    }
    for (size_t i = 1; i < set->n; i++) {
        if (set->item[i] == set->item[i - 1]) {
            set->n = 0; /* twice the same */
        }
    }
}

static void find_sets(shortening *s)
{
    s->n_set = s->low->n_node;
    s->set = MSC_NEW(s->arena, list, s->n_set + 1);
    for (size_t k = 0; k < s->n_set; k++) {
        if (s->low->node[k].row != NULL) {
            find_set(s, s->low->node[k].row, &s->set[k]);
        }
    }
}

/* A product with the unknowns in order. */
static msc_monomial product(uint32_t coef, uint32_t u, uint32_t v)
{
    if (v == MSC_NONE) {
        return (msc_monomial){coef, 1, {u, MSC_NONE}};
    }
    return (msc_monomial){coef, 2, {u < v ? u : v, u < v ? v : u}};
}

/* Write sums out, one of a product. */
static void expand(shortening *s, msc_polynomial *p)
{
    msc_polynomial out = {0};
    for (size_t i = 0; i < p->n; i++) {
        const msc_monomial t = p->term[i];
        const int which = t.degree == 2 && set_of(s, t.u[0]) == NULL;
        const list *set = t.degree > 0 ? set_of(s, t.u[which]) : NULL;
        for (size_t k = 0; set != NULL && k < set->n; k++) {
            msc_polynomial_add(
                s->low->b, &out,
                product(t.coef, set->item[k], t.degree == 2 ? t.u[1 - which] : MSC_NONE));
        }
        if (set == NULL) {
            msc_polynomial_add(s->low->b, &out, t);
        }
    }
    msc_polynomial_tidy(s->low->b, &out);
    *p = out;
}

/* ---- groups ---- */

/* How many products of the row have this coefficient (MSC_NONE: any) and factor. */
static size_t company(const msc_polynomial *p, uint32_t coef, uint32_t u)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const msc_monomial *t = &p->term[i];
        n += t->degree == 2 && (coef == MSC_NONE || t->coef == coef) &&
             (t->u[0] == u || t->u[1] == u);
    }
    return n;
}

static size_t slot(const shortening *s, uint32_t u)
{
    const msc_build *b = s->low->b;
    return is_state(u)
               ? u
               : (is_node(u) ? b->p->n_state + b->n_given : b->p->n_state) + (u & MSC_U_NUMBER);
}

static uint32_t part_of(shortening *s, uint32_t coef, uint32_t u)
{
    list *known = &s->parts_of[slot(s, u)];
    for (size_t i = 0; i < known->n; i++) {
        if (s->part[known->item[i]].coef == coef) {
            return known->item[i];
        }
    }
    append(s, known, (uint32_t)s->n_part);
    size_t n = s->n_part;
    *MSC_PUSH(s->arena, s->users, n, s->cap_users) = (list){0};
    *MSC_PUSH(s->arena, s->part, s->n_part, s->cap_part) = (a_part){coef, u};
    return (uint32_t)s->n_part - 1;
}

static void put_in_group(shortening *s, uint32_t row, size_t first, a_group key, a_part part)
{
    size_t i = first;
    while (i < s->n_group && (s->group[i].coef != key.coef || s->group[i].by != key.by)) {
        i++;
    }
    if (i == s->n_group) {
        *MSC_PUSH(s->arena, s->group, s->n_group, s->cap_group) =
            (a_group){.row = row, .coef = key.coef, .by = key.by};
    }
    a_group *g = &s->group[i];
    *MSC_PUSH(s->arena, g->part, g->n, g->cap) = part_of(s, part.coef, part.u);
}

/* Puts a term into a group of its row, if it fits into any. */
typedef bool grouping(shortening *s, uint32_t row, size_t first, const msc_polynomial *p,
                      const msc_monomial *t);

/* States, times a coefficient and maybe an unknown. */
static bool group_states(shortening *s, uint32_t row, size_t first, const msc_polynomial *p,
                         const msc_monomial *t)
{
    const uint32_t one = msc_graph_number(s->g, 1);
    if (t->degree == 1 && is_state(t->u[0])) {
        put_in_group(s, row, first, (a_group){.coef = t->coef, .by = MSC_NONE},
                     (a_part){one, t->u[0]});
        return true;
    }
    if (t->degree < 2 || !(is_state(t->u[0]) || is_state(t->u[1]))) {
        return false;
    }
    const size_t a = company(p, t->coef, t->u[0]), b = company(p, t->coef, t->u[1]);
    const int by = !is_state(t->u[0]) ? 0 : !is_state(t->u[1]) ? 1 : a > b ? 0 : 1;
    put_in_group(s, row, first, (a_group){.coef = t->coef, .by = t->u[by]},
                 (a_part){one, t->u[1 - by]});
    return true;
}

/* Anything with its coefficient, times an unknown. */
static bool group_hazards(shortening *s, uint32_t row, size_t first, const msc_polynomial *p,
                          const msc_monomial *t)
{
    if (t->degree < 2) {
        return false;
    }
    const size_t a = company(p, MSC_NONE, t->u[0]), b = company(p, MSC_NONE, t->u[1]);
    const int by = a >= b ? 0 : 1;
    put_in_group(s, row, first, (a_group){.coef = msc_graph_number(s->g, 1), .by = t->u[by]},
                 (a_part){t->coef, t->u[1 - by]});
    return true;
}

/* Move a row's terms to groups; what fits in none stays. */
static void group_row(shortening *s, uint32_t row, grouping *group)
{
    msc_polynomial *p = s->row[row].p, rest = {0};
    const size_t first = s->n_group;
    for (size_t i = 0; i < p->n; i++) {
        if (!group(s, row, first, p, &p->term[i])) {
            msc_polynomial_add(s->low->b, &rest, p->term[i]);
        }
    }
    for (size_t i = first; i < s->n_group; i++) {
        a_group *g = &s->group[i];
        qsort(g->part, g->n, sizeof *g->part, ascending);
        g->first_n = g->n;
    }
    *p = rest;
}

static void ungroup(shortening *s)
{
    for (size_t i = 0; i < s->n_group; i++) {
        const a_group *g = &s->group[i];
        for (size_t k = 0; k < g->n; k++) {
            const a_part *part = &s->part[g->part[k]];
            msc_polynomial_add(
                s->low->b, s->row[g->row].p,
                product(msc_graph_multiply(s->g, g->coef, part->coef), part->u, g->by));
        }
    }
    for (size_t i = 0; i < s->n_row; i++) {
        msc_polynomial_tidy(s->low->b, s->row[i].p);
    }
}

/* ---- share ---- */

static bool holds(const a_group *g, const uint32_t *part, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        while (at < g->n && g->part[at] < part[i]) {
            at++;
        }
        if (at == g->n || g->part[at] != part[i]) {
            return false;
        }
    }
    return true;
}

static long saving(const shortening *s, const a_group *g, size_t n)
{
    return (long)(n - 1) * s->row[g->row].weight * (g->by == MSC_NONE ? LINEAR : BILINEAR);
}

/* In the group, one part for several. */
static void take_out(shortening *s, a_group *g, const uint32_t *part, size_t n, uint32_t sum)
{
    size_t kept = 0, taken = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (taken < n && g->part[i] == part[taken]) {
            taken++;
        } else {
            g->part[kept++] = g->part[i];
        }
    }
    g->n = kept;
    *MSC_PUSH(s->arena, g->part, g->n, g->cap) =
        sum; /* parts are numbered as they come: it is the last */
}

static uint32_t new_sum(shortening *s, const uint32_t *part, size_t n)
{
    msc_lowered *low = s->low;
    msc_polynomial *p = MSC_NEW(s->arena, msc_polynomial, 1);
    for (size_t i = 0; i < n; i++) {
        msc_polynomial_add(low->b, p, product(s->part[part[i]].coef, s->part[part[i]].u, MSC_NONE));
    }
    msc_polynomial_tidy(low->b, p);
    *MSC_PUSH(s->arena, low->node, low->n_node, low->cap_node) =
        (msc_lowered_node){.name = "a sum", .row = p};
    return part_of(s, msc_graph_number(s->g, 1), MSC_U_NODE | (uint32_t)(low->n_node - 1));
}

/* If a sum of these pays in groups of this weight, make it a node and use it wherever it fits. */
static void try_sum(shortening *s, const a_group *candidate, long weight)
{
    const size_t n = candidate->n;
    uint32_t *part = MSC_NEW(s->arena, uint32_t, n);
    memcpy(part, candidate->part, n * sizeof *part);
    const list users = s->users[part[0]];
    long gain = -weight * (long)(n * LINEAR + UNKNOWN);
    for (size_t i = 0; i < users.n; i++) {
        const a_group *g = &s->group[users.item[i]];
        if (s->row[g->row].weight == weight && holds(g, part, n)) {
            gain += saving(s, g, n);
        }
    }
    if (gain <= 0) {
        return;
    }
    const uint32_t sum = new_sum(s, part, n);
    for (size_t i = 0; i < users.n; i++) {
        if (holds(&s->group[users.item[i]], part, n)) {
            take_out(s, &s->group[users.item[i]], part, n, sum);
            append(s, &s->users[sum], users.item[i]);
        }
    }
}

static int by_size(const void *a, const void *b)
{
    const a_group *x = *(const a_group *const *)a, *y = *(const a_group *const *)b;
    if (x->first_n != y->first_n) {
        return x->first_n < y->first_n ? -1 : 1;
    }
    return x < y ? -1 : x > y;
}

/* Every group's parts are tried as a sum, short ones first: longer ones then hold them. */
static void share(shortening *s, grouping *group)
{
    const msc_build *b = s->low->b;
    list_rows(s);
    s->n_part = s->n_group = s->cap_users = s->cap_part = s->cap_group = 0;
    /* a group makes one sum at most */
    size_t most = 0;
    for (uint32_t i = 0; i < s->n_row; i++) {
        most += s->row[i].p->n;
    }
    s->parts_of = MSC_NEW(s->arena, list, b->p->n_state + b->n_given + s->low->n_node + most + 1);
    for (uint32_t i = 0; i < s->n_row; i++) {
        group_row(s, i, group);
    }
    a_group **order = MSC_NEW(s->arena, a_group *, s->n_group + 1);
    for (uint32_t i = 0; i < s->n_group; i++) {
        order[i] = &s->group[i];
        for (size_t k = 0; k < s->group[i].n; k++) {
            append(s, &s->users[s->group[i].part[k]], i);
        }
    }
    qsort(order, s->n_group, sizeof *order, by_size);
    for (int beside = 0; beside < 2; beside++) {
        const long weight = beside ? BESIDE : CORE;
        for (size_t i = 0; i < s->n_group; i++) {
            if (order[i]->n > 1 && s->row[order[i]->row].weight == weight) {
                try_sum(s, order[i], weight);
            }
        }
    }
    ungroup(s);
}

/* ---- inline ---- */

static void note_uses(shortening *s, uint32_t row)
{
    const msc_polynomial *p = s->row[row].p;
    for (size_t i = 0; i < p->n; i++) {
        for (int k = 0; k < p->term[i].degree; k++) {
            if (is_node(p->term[i].u[k])) {
                append(s, &s->users[p->term[i].u[k] & MSC_U_NUMBER], row);
            }
        }
    }
}

static long length(const msc_polynomial *p)
{
    long n = 0;
    for (size_t i = 0; i < p->n; i++) {
        n += p->term[i].degree == 2 ? BILINEAR : LINEAR;
    }
    return n;
}

/* Can its terms cancel? Then they are summed before they are multiplied, or digits would be lost. */
static bool cancels(const shortening *s, const msc_polynomial *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const msc_graph_node *c = &s->g->node[p->term[i].coef];
        if (c->op == MSC_OP_NEGATE || c->op == MSC_OP_SUBTRACT || (c->op == MSC_OP_NUMBER && c->number < 0)) {
            return p->n > 1;
        }
    }
    return false;
}

/* Is it itself a sum, which might be written out too? Two sums are not multiplied out. */
static bool is_sum(const shortening *s, uint32_t u)
{
    const msc_polynomial *p = is_node(u) ? s->low->node[u & MSC_U_NUMBER].row : NULL;
    return p != NULL && p->n > 1;
}

/* What the uses of a node in a row cost as they are, and written out; false: cannot be. */
static bool compare(const shortening *s, const a_row *row, uint32_t u, const msc_polynomial *body,
                    long *as_is, long *inlined)
{
    for (size_t i = 0; i < row->p->n; i++) {
        const msc_monomial *t = &row->p->term[i];
        const bool one = t->degree > 0 && t->u[0] == u, two = t->degree == 2 && t->u[1] == u;
        const bool times = t->degree == 2 && (one || two);
        if ((one && two) || (times && body->degree == 2) ||
            (times && body->n > 1 && (cancels(s, body) || is_sum(s, t->u[one])))) {
            return false;
        }
        if (one || two) {
            *as_is += row->weight * (t->degree == 2 ? BILINEAR : LINEAR);
            *inlined += row->weight * (t->degree == 2 ? (long)body->n * BILINEAR : length(body));
        }
    }
    return true;
}

static void write_out(shortening *s, uint32_t row, uint32_t u, const msc_polynomial *body)
{
    msc_polynomial *p = s->row[row].p, out = {0};
    for (size_t i = 0; i < p->n; i++) {
        const msc_monomial *t = &p->term[i];
        const bool one = t->degree > 0 && t->u[0] == u, two = t->degree == 2 && t->u[1] == u;
        if (!one && !two) {
            msc_polynomial_add(s->low->b, &out, *t);
            continue;
        }
        for (size_t k = 0; k < body->n; k++) {
            msc_monomial x = body->term[k];
            const uint32_t coef = msc_graph_multiply(s->g, t->coef, x.coef);
            if (t->degree == 1) {
                x.coef = coef;
            } else {
                x = x.degree == 0 ? product(coef, t->u[one], MSC_NONE)
                                  : product(coef, x.u[0], t->u[one]);
            }
            msc_polynomial_add(s->low->b, &out, x);
        }
    }
    msc_polynomial_tidy(s->low->b, &out);
    *p = out;
    note_uses(s, row);
}

/* Write a node out in all rows that use it, if that is no dearer. */
static void try_inline(shortening *s, uint32_t k)
{
    const uint32_t u = MSC_U_NODE | k;
    const msc_polynomial *body = s->low->node[k].row;
    list *users = &s->users[k];
    if (users->n > 0) {
        qsort(users->item, users->n, sizeof *users->item, ascending);
    }
    size_t n = 0;
    bool core = false;
    for (size_t i = 0; i < users->n; i++) {
        if (i == 0 || users->item[i] != users->item[i - 1]) {
            users->item[n++] = users->item[i];
        }
    }
    users->n = n;
    long as_is = 0, inlined = 0;
    for (size_t i = 0; i < n; i++) {
        const a_row *row = &s->row[users->item[i]];
        core = core || row->weight == CORE;
        if (!compare(s, row, u, body, &as_is, &inlined)) {
            return;
        }
    }
    as_is += (core ? CORE : BESIDE) * (length(body) + UNKNOWN);
    for (size_t i = 0; inlined <= as_is && i < n; i++) {
        write_out(s, users->item[i], u, body);
    }
}

/* A function's argument that is only another name of an unknown. */
static void skip_aliases(const shortening *s, msc_lowered_node *node)
{
    for (int i = 0; i < msc_op_arity(node->op); i++) {
        while (!node->arg[i].is_coef && is_node(node->arg[i].index)) {
            const msc_polynomial *p = s->low->node[node->arg[i].index & MSC_U_NUMBER].row;
            if (p == NULL || p->n != 1 || p->degree != 1 ||
                !msc_graph_is_number(s->g, p->term[0].coef, 1)) {
                break;
            }
            node->arg[i].index = p->term[0].u[0];
        }
    }
}

static void inline_nodes(shortening *s)
{
    const msc_lowered *low = s->low;
    bool *argument = MSC_NEW(s->arena, bool, low->n_node + 1);
    for (size_t i = 0; i < low->n_node; i++) {
        msc_lowered_node *node = &low->node[i];
        for (int k = 0; node->row == NULL && k < msc_op_arity(node->op); k++) {
            skip_aliases(s, node);
            if (!node->arg[k].is_coef && is_node(node->arg[k].index)) {
                argument[node->arg[k].index & MSC_U_NUMBER] = true;
            }
        }
    }
    list_rows(s);
    s->users = MSC_NEW(s->arena, list, low->n_node + 1);
    for (uint32_t i = 0; i < s->n_row; i++) {
        note_uses(s, i);
    }
    for (uint32_t k = 0; k < low->n_node; k++) {
        if (low->node[k].row != NULL && !argument[k] && !low->node[k].alone) {
            try_inline(s, k);
        }
    }
}

void msc_build_shorten(msc_lowered *low)
{
    shortening s = {.low = low, .arena = low->b->arena, .g = &low->b->g};
    list_rows(&s);
    find_sets(&s);
    for (size_t i = 0; i < s.n_row; i++) {
        expand(&s, s.row[i].p);
    }
    share(&s, group_states);
    share(&s, group_hazards);
    inline_nodes(&s);
}
