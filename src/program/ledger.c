/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The quantities that come out: requested outputs, and the ledger, which says for each pool
 *
 *     initial + given + entered by fate = present + left by fate.
 *
 * What crosses a pool's border is integrated by fate beside the amounts, under the same error
 * control; the method keeps linear sums, so the ledger closes to rounding. */
#include <string.h>

#include "program/build.h"

msc_quantity *msc_build_quantity(msc_build *b, const char *name, const char *unit, double factor, const char *about)
{
    msc_quantity *q = MSC_PUSH(b->arena, b->quantity, b->n_quantity, b->cap_quantity);
    *q = (msc_quantity){.name = name, .unit = unit, .factor = factor, .about = about, .first = (uint32_t)b->n_out, .pool = -1};
    return q;
}

static void put_row(msc_build *b, uint32_t value)
{
    *MSC_PUSH(b->arena, b->out, b->n_out, b->cap_out) = value;
    b->quantity[b->n_quantity - 1].n++;
}

void msc_build_outputs(msc_build *b)
{
    const msc_model *m = b->model;
    for (size_t k = 0; k < b->request->n_output; k++) {
        const msc_output *o = &m->output[b->request->output[k]];
        msc_quantity *q = msc_build_quantity(b, o->name, o->unit, o->factor, o->about);
        q->n_dim = o->shape.n_over;
        for (int i = 0; i < o->shape.n_over; i++) {
            const msc_set *set = &m->set[o->shape.over[i].set];
            q->dim[i] = o->shape.over[i].name;
            q->dim_n[i] = (uint32_t)set->n;
            q->label[i] = set->label;
            q->numeric[i] = set->numeric;
        }
        for (uint32_t i = 0; i < o->shape.n; i++) {
            int env[MSC_SLOTS] = {0};
            msc_shape_env(m, &o->shape, i, env);
            put_row(b, o->value[i].kind == MSC_VALUE_NUMBER ? msc_graph_number(&b->g, o->value[i].number)
                                                            : msc_build_expr(b, o->value[i].expr, env, -1));
        }
    }
}

/* ---- the ledger ---- */

/* Rates at which a pool's contents leave, enter, and move inside it, by fate. */
typedef struct {
    uint32_t *left, *entered, *moved; /* [fate], graph */
} book;

static uint32_t *zeros(msc_build *b, size_t n)
{
    uint32_t *all = MSC_NEW(b->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        all[i] = msc_graph_number(&b->g, 0);
    }
    return all;
}

static int pool_of(const msc_build *b, int amount)
{
    return amount >= 0 ? b->model->amount[amount].pool : -1;
}

static void add(msc_build *b, uint32_t *sum, uint32_t flow)
{
    *sum = msc_graph_add(&b->g, *sum, flow);
}

/* Book one arc: books[pool], or none of a pool that is not asked for (NULL left). */
static void book_arc(msc_build *b, book *books, msc_arc *arc)
{
    const int from = pool_of(b, arc->from), to = pool_of(b, arc->to);
    const uint32_t out = msc_build_flow(b, arc), in = msc_build_arriving(b, arc);
    if (from == to && from >= 0) {
        add(b, &books[from].moved[arc->fate], out);
        if (in != out) { /* a yield inside a pool: the difference leaves (or, negative, enters) */
            add(b, &books[from].left[arc->fate], msc_graph_subtract(&b->g, out, in));
        }
        return;
    }
    if (from >= 0) {
        add(b, &books[from].left[arc->fate], out);
    }
    if (to >= 0) {
        add(b, &books[to].entered[arc->fate], in);
    }
}

static book *open_books(msc_build *b)
{
    book *books = MSC_NEW(b->arena, book, b->model->n_pool + 1);
    for (size_t p = 0; p < b->model->n_pool; p++) {
        books[p] = (book){zeros(b, b->model->n_fate), zeros(b, b->model->n_fate), zeros(b, b->model->n_fate)};
    }
    return books;
}

static uint32_t present(msc_build *b, int pool)
{
    const msc_model *m = b->model;
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (int a = 0; a < (int)m->n_amount; a++) {
        const bool counts = m->amount[a].pool == pool && !m->amount[a].transit;
        for (uint32_t i = 0; counts && i < m->amount[a].shape.n; i++) {
            add(b, &sum, msc_build_amount(b, a, i));
        }
    }
    return sum;
}

static uint32_t initial(msc_build *b, int pool)
{
    uint32_t sum = msc_graph_number(&b->g, 0);
    for (size_t s = 0; s < b->n_state; s++) {
        if (b->state[s].amount >= 0 && b->model->amount[b->state[s].amount].pool == pool) {
            add(b, &sum, b->state[s].initial);
        }
    }
    for (size_t i = 0; i < b->n_entry; i++) {
        const msc_gate *gate = &b->gate[b->entry[i].gate];
        if (b->entry[i].dose == MSC_NONE && b->model->amount[gate->to].pool == pool) {
            add(b, &sum, b->entry[i].amount);
        }
    }
    return sum;
}

/* A pool's name as part of a variable's: "mg/L" has no place in one. */
static const char *safe_name(msc_build *b, int pool)
{
    char *name = msc_arena_strdup(b->arena, b->model->pool[pool].name);
    for (char *c = name; *c; c++) {
        const bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        *c = fine ? *c : '_';
    }
    return name;
}

static msc_quantity *open_quantity(msc_build *b, int pool, const char *name, const char *more, const char *about)
{
    const struct msc_pool *p = &b->model->pool[pool];
    msc_quantity *q = msc_build_quantity(
        b, msc_arena_printf(b->arena, "%s_%s%s", name, safe_name(b, pool), more), p->unit, p->factor, about);
    q->pool = pool;
    return q;
}

static uint32_t integral(msc_build *b, int pool, uint32_t rate, const char *what)
{
    const char *name = msc_arena_printf(b->arena, "%s by %s", b->model->pool[pool].name, what);
    return msc_build_integral(b, name, rate, pool, 1, NULL);
}

/* NAME_POOL(FATE_POOL): what went by each fate so far. */
static void put_fates(msc_build *b, int pool, const char *name, const char *dim, const char *about, const uint32_t *rate)
{
    const msc_model *m = b->model;
    const char **label = MSC_NEW(b->arena, const char *, m->n_fate + 1);
    uint32_t n = 0;
    open_quantity(b, pool, name, "", about);
    for (size_t f = 0; f < m->n_fate; f++) {
        if (!msc_graph_is_number(&b->g, rate[f], 0)) {
            label[n++] = m->fate[f];
            put_row(b, integral(b, pool, rate[f], m->fate[f]));
        }
    }
    if (n == 0) {
        b->n_quantity--;
        return;
    }
    msc_quantity *q = &b->quantity[b->n_quantity - 1];
    q->n_dim = 1;
    q->dim[0] = msc_arena_printf(b->arena, "%s_%s", dim, safe_name(b, pool));
    q->dim_n[0] = n;
    q->label[0] = label;
}

static void put_sum(msc_build *b, int pool, const char *name, const char *about, uint32_t value)
{
    open_quantity(b, pool, name, "", about);
    put_row(b, value);
}

/* ---- by index ---- */

/* An index of processes: the k-th of theirs (from 0) that runs over the set, a root, or part of it:
 * `from = "blood[upper]"; to = "bed[organ]"` has two over `organ`. */
typedef struct {
    int set, k;
} an_index;

/* The element at which an arc's process stands in the index, or -1. */
static int element_of(const msc_build *b, const msc_arc *arc, an_index index)
{
    const msc_shape *shape = &b->model->process[arc->process].shape;
    for (int i = 0, k = 0; i < shape->n_over; i++) {
        if (b->model->set[shape->over[i].set].root == index.set && k++ == index.k) {
            return arc->env[shape->over[i].slot];
        }
    }
    return -1;
}

/* What an arc takes out of a pool, or brings into it from elsewhere. Zero: nothing. */
static uint32_t takes(msc_build *b, msc_arc *arc, int pool)
{
    const uint32_t zero = msc_graph_number(&b->g, 0);
    if (pool_of(b, arc->from) != pool) {
        return zero;
    }
    const bool stays = pool_of(b, arc->to) == pool; /* but for what a yield takes or adds */
    const uint32_t out = msc_build_flow(b, arc), in = stays ? msc_build_arriving(b, arc) : zero;
    return in == out ? zero : msc_graph_subtract(&b->g, out, in);
}

static uint32_t brings(msc_build *b, msc_arc *arc, int pool)
{
    const bool crosses = pool_of(b, arc->to) == pool && pool_of(b, arc->from) != pool;
    return crosses ? msc_build_arriving(b, arc) : msc_graph_number(&b->g, 0);
}

typedef struct {
    const char *name, *dim, *about;
    uint32_t (*rate)(msc_build *b, msc_arc *arc, int pool);
} a_side;

static const a_side SIDES[] = {
    {"ledger", "fate", "left so far, by fate and index", takes},
    {"entered", "entry", "entered so far other than by doses, by fate and index", brings},
};

/* SIDE_POOL_SET(fate, SET): what left, or entered, by processes that have the index. */
static void put_index(msc_build *b, int pool, an_index index, const a_side *side, const uint32_t *rate,
                      const char **label, uint32_t n_fate)
{
    const msc_set *s = &b->model->set[index.set];
    const char *name = index.k == 0 ? s->name : msc_arena_printf(b->arena, "%s_%d", s->name, index.k + 1);
    const char *more = msc_arena_printf(b->arena, "_%s", name);
    msc_quantity *q = open_quantity(b, pool, side->name, more, side->about);
    q->n_dim = 2;
    q->dim[0] = msc_arena_printf(b->arena, "%s_%s_%s", side->dim, safe_name(b, pool), name);
    q->dim_n[0] = n_fate;
    q->label[0] = label;
    q->dim[1] = name;
    q->dim_n[1] = (uint32_t)s->n;
    q->label[1] = s->label;
    q->numeric[1] = s->numeric;
    for (uint32_t f = 0; f < n_fate; f++) {
        for (size_t e = 0; e < s->n; e++) {
            put_row(b, integral(b, pool, rate[f * s->n + e], label[f]));
        }
    }
}

static void book_index(msc_build *b, int pool, an_index index, const a_side *side)
{
    const msc_model *m = b->model;
    const size_t n = m->set[index.set].n;
    uint32_t *rate = zeros(b, m->n_fate * n);
    for (size_t i = 0; i < b->n_arc; i++) {
        msc_arc *arc = &b->arc[i];
        const int element = element_of(b, arc, index);
        if (element >= 0) {
            add(b, &rate[(size_t)arc->fate * n + (size_t)element], side->rate(b, arc, pool));
        }
    }
    const char **label = MSC_NEW(b->arena, const char *, m->n_fate + 1);
    uint32_t kept = 0;
    for (size_t f = 0; f < m->n_fate; f++) {
        bool any = false;
        for (size_t e = 0; e < n; e++) {
            any = any || !msc_graph_is_number(&b->g, rate[f * n + e], 0);
        }
        if (any) {
            memmove(&rate[kept * n], &rate[f * n], n * sizeof *rate);
            label[kept++] = m->fate[f];
        }
    }
    if (kept > 0) {
        put_index(b, pool, index, side, rate, label, kept);
    }
}

static void book_indices(msc_build *b, int pool)
{
    for (int set = 0; set < (int)b->model->n_set; set++) {
        for (int k = 0; k < MSC_SLOTS && b->model->set[set].root == set; k++) {
            for (size_t side = 0; side < sizeof SIDES / sizeof *SIDES; side++) {
                book_index(b, pool, (an_index){set, k}, &SIDES[side]);
            }
        }
    }
}

/* Every arc, and what doses bring that goes nowhere, in the books of its pool. */
static book *keep_books(msc_build *b)
{
    book *books = open_books(b);
    for (size_t i = 0; i < b->n_arc; i++) {
        book_arc(b, books, &b->arc[i]);
    }
    for (size_t i = 0; i < b->n_gate; i++) {
        const msc_gate *gate = &b->gate[i];
        if (gate->to < 0 && gate->pool >= 0) {
            add(b, &books[gate->pool].left[gate->fate], msc_graph_given(&b->g, gate->given));
        }
    }
    return books;
}

void msc_build_ledger(msc_build *b)
{
    const msc_model *m = b->model;
    if (b->request->ledger == MSC_LEDGER_OFF) {
        return;
    }
    const book *books = keep_books(b);
    for (int p = 0; p < (int)m->n_pool; p++) {
        put_fates(b, p, "ledger", "fate", "left so far, by fate", books[p].left);
        put_fates(b, p, "entered", "entry", "entered so far other than by doses, by fate", books[p].entered);
        put_sum(b, p, "given", "given by doses so far", msc_build_given(b, p, -1));
        put_sum(b, p, "initial", "there at the start", initial(b, p));
        put_sum(b, p, "present", "present now", present(b, p));
        if (b->request->ledger == MSC_LEDGER_INDEX) {
            put_fates(b, p, "ledger_moves", "move", "moved inside so far, by fate", books[p].moved);
            book_indices(b, p);
        }
    }
}

/* ---- beside them: what endpoints ask for ---- */

static void put_extra(msc_build *b, uint32_t value)
{
    *MSC_PUSH(b->arena, b->out, b->n_out, b->cap_out) = value;
}

void msc_build_extras(msc_build *b)
{
    const size_t n = b->request->n_extra;
    const book *books = NULL;
    b->p->n_extra = (uint32_t)n;
    b->p->extra = MSC_NEW(b->arena, uint32_t, n + 1);
    for (size_t k = 0; k < n; k++) {
        const msc_extra *extra = &b->request->extra[k];
        b->p->extra[k] = (uint32_t)b->n_out;
        for (size_t i = 0; extra->expr && i < extra->shape->n; i++) {
            int env[MSC_SLOTS] = {0};
            msc_shape_env(b->model, extra->shape, i, env);
            put_extra(b, msc_build_expr(b, extra->expr, env, -1));
        }
        if (extra->expr) {
            continue;
        }
        books = books ? books : keep_books(b);
        const uint32_t left = books[extra->pool].left[extra->fate];
        if (msc_graph_is_number(&b->g, left, 0)) {
            b->p->extra[k] = MSC_NONE;
        } else {
            put_extra(b, integral(b, extra->pool, left, b->model->fate[extra->fate]));
        }
    }
}
