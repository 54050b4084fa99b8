/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of elimination.
 *
 * Strongly connected components of the dependence graph, in the order in which they can be solved
 * (Tarjan, SIAM J. Comput. 1:146, 1972), make the matrix block lower triangular. Inside a block
 * pivots are taken from the diagonal by the Markowitz product (Management Science 3:255, 1957),
 * nodes first at a tie: their pivot is 1. Pivoting for stability is not needed for the matrices of
 * networks (column sums of -J are not negative), and an engine rejects a step it spoils. */
#include <stdlib.h>
#include <string.h>

#include "program/build.h"

typedef struct {
    uint32_t *item;
    size_t n, cap;
} list;

typedef struct {
    msc_arena *arena;
    msc_program *p;
    uint32_t n;
    list *row, *col; /* pattern without the diagonal: columns of a row, rows of a column; unsorted */
    uint32_t *block; /* [unknown] */
} ordering;

static void add(msc_arena *arena, list *l, uint32_t x)
{
    *MSC_PUSH(arena, l->item, l->n, l->cap) = x;
}

static bool has(const list *l, uint32_t x)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i] == x) {
            return true;
        }
    }
    return false;
}

static void drop(list *l, uint32_t x)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->item[i] == x) {
            l->item[i] = l->item[--l->n];
            return;
        }
    }
}

/* ---- blocks ---- */

/* Tarjan without recursion: a component is complete only after all that it depends on. */
static void find_blocks(ordering *o, list *order, list *block_at)
{
    uint32_t *index = MSC_NEW(o->arena, uint32_t, o->n), *low = MSC_NEW(o->arena, uint32_t, o->n);
    size_t *next = MSC_NEW(o->arena, size_t, o->n);
    bool *open = MSC_NEW(o->arena, bool, o->n);
    list path = {0}, stack = {0};
    uint32_t count = 0;
    for (uint32_t start = 0; start < o->n; start++) {
        if (index[start] == 0) {
            add(o->arena, &path, start);
        }
        while (path.n > 0) {
            const uint32_t v = path.item[path.n - 1];
            if (index[v] == 0) {
                index[v] = low[v] = ++count;
                open[v] = true;
                add(o->arena, &stack, v);
            }
            if (next[v] < o->row[v].n) {
                const uint32_t w = o->row[v].item[next[v]++];
                if (index[w] == 0) {
                    add(o->arena, &path, w);
                } else if (open[w]) {
                    low[v] = index[w] < low[v] ? index[w] : low[v];
                }
                continue;
            }
            path.n--;
            if (path.n > 0) {
                const uint32_t parent = path.item[path.n - 1];
                low[parent] = low[v] < low[parent] ? low[v] : low[parent];
            }
            if (low[v] == index[v]) {
                add(o->arena, block_at, (uint32_t)order->n);
                for (uint32_t w = MSC_NONE; w != v;) {
                    w = stack.item[--stack.n];
                    open[w] = false;
                    o->block[w] = (uint32_t)block_at->n - 1;
                    add(o->arena, order, w);
                }
            }
        }
    }
    add(o->arena, block_at, (uint32_t)order->n);
}

/* ---- order inside a block ---- */

static size_t cost(const ordering *o, uint32_t v)
{
    return 2 * o->row[v].n * o->col[v].n + (v < o->p->n_state ? 1 : 0);
}

/* Remove v and join what depends on it with what it depends on. */
static void eliminate(ordering *o, uint32_t v)
{
    for (size_t i = 0; i < o->col[v].n; i++) {
        const uint32_t r = o->col[v].item[i];
        drop(&o->row[r], v);
        for (size_t k = 0; k < o->row[v].n; k++) {
            const uint32_t c = o->row[v].item[k];
            if (c != r && !has(&o->row[r], c)) {
                add(o->arena, &o->row[r], c);
                add(o->arena, &o->col[c], r);
            }
        }
    }
    for (size_t k = 0; k < o->row[v].n; k++) {
        drop(&o->col[o->row[v].item[k]], v);
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void order_block(ordering *o, uint32_t *member, size_t n)
{
    qsort(member, n, sizeof *member, ascending);
    for (size_t done = 0; done < n; done++) {
        size_t best = done;
        for (size_t i = done + 1; i < n; i++) {
            best = cost(o, member[i]) < cost(o, member[best]) ? i : best;
        }
        const uint32_t v = member[best];
        memmove(&member[done + 1], &member[done], (best - done) * sizeof *member);
        member[done] = v;
        eliminate(o, v);
    }
}

/* Keep only the edges inside blocks. */
static void cut(ordering *o)
{
    for (uint32_t v = 0; v < o->n; v++) {
        size_t n = 0, m = 0;
        for (size_t i = 0; i < o->row[v].n; i++) {
            if (o->block[o->row[v].item[i]] == o->block[v]) {
                o->row[v].item[n++] = o->row[v].item[i];
            }
        }
        for (size_t i = 0; i < o->col[v].n; i++) {
            if (o->block[o->col[v].item[i]] == o->block[v]) {
                o->col[v].item[m++] = o->col[v].item[i];
            }
        }
        o->row[v].n = n, o->col[v].n = m;
    }
}

/* ---- the filled pattern ---- */

/* Row i of L and U: its own entries, and those of the rows of its block that it is reduced by. */
static void fill_row(ordering *o, list *filled, uint32_t i, const uint32_t *block_start, bool *mark)
{
    msc_matrix *m = &o->p->matrix;
    for (uint32_t k = block_start[i]; k < i; k++) {
        if (!mark[k]) {
            continue;
        }
        for (size_t e = 0; e < filled[k].n; e++) {
            const uint32_t j = filled[k].item[e];
            if (j > k && !mark[j]) {
                mark[j] = true;
                add(o->arena, &filled[i], j);
            }
        }
    }
    qsort(filled[i].item, filled[i].n, sizeof *filled[i].item, ascending);
    for (size_t e = 0; e < filled[i].n; e++) {
        mark[filled[i].item[e]] = false;
    }
    m->n_entry += (uint32_t)filled[i].n;
}

static uint32_t find(const msc_matrix *m, uint32_t i, uint32_t j)
{
    for (uint32_t e = m->row_at[i]; e < m->row_at[i + 1]; e++) {
        if (m->col[e] == j) {
            return e;
        }
    }
    return MSC_NONE;
}

static void fill(ordering *o)
{
    msc_matrix *m = &o->p->matrix;
    const msc_jacobian *jac = &o->p->jacobian;
    uint32_t *place = MSC_NEW(o->arena, uint32_t, o->n), *start = MSC_NEW(o->arena, uint32_t, o->n);
    list *filled = MSC_NEW(o->arena, list, o->n);
    bool *mark = MSC_NEW(o->arena, bool, o->n);
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            place[m->order[i]] = i;
            start[i] = m->block_at[b];
        }
    }
    for (uint32_t e = 0; e < jac->n; e++) {
        if (jac->col[e] < o->n && jac->row[e] != jac->col[e]) {
            add(o->arena, &filled[place[jac->row[e]]], place[jac->col[e]]);
        }
    }
    for (uint32_t i = 0; i < o->n; i++) {
        add(o->arena, &filled[i], i);
        for (size_t e = 0; e < filled[i].n; e++) {
            mark[filled[i].item[e]] = true;
        }
        fill_row(o, filled, i, start, mark);
    }
    m->row_at = MSC_NEW(o->arena, uint32_t, o->n + 1);
    m->col = MSC_NEW(o->arena, uint32_t, m->n_entry + 1);
    m->diagonal = MSC_NEW(o->arena, uint32_t, o->n + 1);
    m->of_jacobian = MSC_NEW(o->arena, uint32_t, jac->n + 1);
    for (uint32_t i = 0; i < o->n; i++) {
        memcpy(&m->col[m->row_at[i]], filled[i].item, filled[i].n * sizeof *m->col);
        m->row_at[i + 1] = m->row_at[i] + (uint32_t)filled[i].n;
        m->diagonal[i] = find(m, i, i);
    }
    for (uint32_t e = 0; e < jac->n; e++) {
        m->of_jacobian[e] = jac->col[e] < o->n ? find(m, place[jac->row[e]], place[jac->col[e]]) : MSC_NONE;
    }
}

void msc_build_order(msc_arena *arena, msc_program *p)
{
    ordering o = {.arena = arena, .p = p, .n = p->n_state + p->n_node};
    o.row = MSC_NEW(arena, list, o.n + 1);
    o.col = MSC_NEW(arena, list, o.n + 1);
    o.block = MSC_NEW(arena, uint32_t, o.n + 1);
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        const uint32_t r = p->jacobian.row[e], c = p->jacobian.col[e];
        if (c < o.n && r != c) {
            add(arena, &o.row[r], c);
            add(arena, &o.col[c], r);
        }
    }
    list order = {0}, block_at = {0};
    find_blocks(&o, &order, &block_at);
    cut(&o);
    p->matrix.n = o.n;
    p->matrix.order = order.item;
    p->matrix.n_block = (uint32_t)block_at.n - 1;
    p->matrix.block_at = block_at.item;
    for (uint32_t b = 0; b < p->matrix.n_block; b++) {
        order_block(&o, &order.item[block_at.item[b]], block_at.item[b + 1] - block_at.item[b]);
    }
    fill(&o);
}
