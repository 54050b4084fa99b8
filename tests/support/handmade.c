/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs by hand: everything dense and simple, for sizes up to some hundreds. */
#include "support/handmade.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t row, coef, u, v; /* MSC_NONE where there is none */
} part;

struct handmade {
    msc_program p;
    handmade_size size;
    uint32_t n_part[4], n_coef;
    part *part[4];
    double *reg;
    uint32_t n_jacobian;
    int32_t *entry; /* [unknown][unknown + 1] Jacobian's entry or -1 */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static void *array(size_t n, size_t size)
{
    return must(calloc(n + 1, size));
}

#define ARRAY(n, type) ((type *)array((n), sizeof(type)))

handmade *handmade_new(handmade_size size)
{
    handmade *h = ARRAY(1, handmade);
    msc_program *p = &h->p;
    h->size = size;
    const uint32_t n_all = size.node + size.guard_node + size.output_node;
    p->n_state = size.state;
    p->n_node = size.node;
    p->n_given = size.given;
    p->n_guard_node = size.guard_node;
    p->n_output_node = size.output_node;
    p->first_given = size.state + size.node;
    p->first_extra = p->first_given + size.given;
    p->n_u = p->first_extra + size.guard_node + size.output_node;
    p->initial = ARRAY(size.state, uint32_t);
    memset(p->initial, 0xff, size.state * sizeof *p->initial);
    p->special = ARRAY(n_all, msc_special);
    p->special_of = ARRAY(n_all, uint32_t);
    memset(p->special_of, 0xff, n_all * sizeof *p->special_of);
    bool *flow = ARRAY(n_all, bool); /* by hand, every node carries a bolus on */
    memset(flow, true, n_all * sizeof *flow);
    p->node_flow = flow;
    p->n_guard = size.guard;
    p->guard = ARRAY(size.guard, msc_guard);
    return h;
}

uint32_t handmade_node(const handmade *h, uint32_t node)
{
    return node < h->size.node ? h->size.state + node : h->p.first_extra + node - h->size.node;
}

uint32_t handmade_given(const handmade *h, uint32_t given)
{
    return h->p.first_given + given;
}

uint32_t handmade_coef(handmade *h, double value)
{
    h->reg = must(realloc(h->reg, (h->n_coef + 1) * sizeof *h->reg));
    h->reg[h->n_coef] = value;
    return h->n_coef++;
}

static uint32_t add(handmade *h, handmade_list list, uint32_t row, double value, uint32_t u,
                    uint32_t v)
{
    const uint32_t coef = handmade_coef(h, value), n = h->n_part[list]++;
    h->part[list] = must(realloc(h->part[list], (n + 1) * sizeof *h->part[list]));
    h->part[list][n] = (part){row, coef, u, v};
    return coef;
}

uint32_t handmade_one(handmade *h, handmade_list list, uint32_t row, double value)
{
    return add(h, list, row, value, MSC_NONE, MSC_NONE);
}

uint32_t handmade_linear(handmade *h, handmade_list list, uint32_t row, double value, uint32_t u)
{
    return add(h, list, row, value, u, MSC_NONE);
}

uint32_t handmade_bilinear(handmade *h, handmade_list list, uint32_t row, double value, uint32_t u,
                           uint32_t v)
{
    return add(h, list, row, value, u, v);
}

void handmade_special(handmade *h, uint32_t node, msc_op op, int32_t a, int32_t b, int32_t c)
{
    msc_program *p = &h->p;
    p->special_of[node] = p->n_special;
    p->special[p->n_special++] = (msc_special){.op = op, .node = node, .arg = {a, b, c}};
}

void handmade_initial(handmade *h, uint32_t state, double value)
{
    h->p.initial[state] = handmade_coef(h, value);
}

void handmade_guard(handmade *h, uint32_t guard, msc_guard_kind kind, bool stop, uint32_t state)
{
    h->p.guard[guard] = (msc_guard){
        .kind = kind, .stop = stop, .state = state, .name = "guard", .where = "", .about = ""};
}

const double *handmade_registers(const handmade *h)
{
    return h->reg;
}

static void sort_rows(const handmade *h, handmade_list list, uint32_t n, msc_rows *rows)
{
    const uint32_t n_part = h->n_part[list];
    const part *x = h->part[list];
    *rows = (msc_rows){.n = n,
                       .one_at = ARRAY(n + 1, uint32_t),
                       .one = ARRAY(n_part, uint32_t),
                       .linear_at = ARRAY(n + 1, uint32_t),
                       .linear = ARRAY(n_part, msc_linear),
                       .bilinear_at = ARRAY(n + 1, uint32_t),
                       .bilinear = ARRAY(n_part, msc_bilinear)};
    for (uint32_t r = 0; r < n; r++) {
        uint32_t one = rows->one_at[r], linear = rows->linear_at[r],
                 bilinear = rows->bilinear_at[r];
        for (uint32_t i = 0; i < n_part; i++) {
            if (x[i].row != r) {
                continue;
            }
            if (x[i].u == MSC_NONE) {
                rows->one[one++] = x[i].coef;
            } else if (x[i].v == MSC_NONE) {
                rows->linear[linear++] = (msc_linear){x[i].coef, x[i].u};
            } else {
                rows->bilinear[bilinear++] = (msc_bilinear){x[i].coef, x[i].u, x[i].v};
            }
        }
        rows->one_at[r + 1] = one;
        rows->linear_at[r + 1] = linear;
        rows->bilinear_at[r + 1] = bilinear;
    }
}

/* ---- Jacobian ---- */

/* The column of u in the Jacobian, or MSC_NONE: a given that is constant, an extra. */
static uint32_t column(const handmade *h, uint32_t u)
{
    return u <= h->p.first_given ? u : MSC_NONE;
}

static uint32_t entry_at(handmade *h, uint32_t row, uint32_t col)
{
    msc_jacobian *j = &h->p.jacobian;
    const uint32_t n = h->p.first_given;
    int32_t *entry = &h->entry[(size_t)row * (n + 1) + col];
    if (*entry < 0) {
        *entry = (int32_t)j->n;
        j->row[j->n] = row;
        j->col[j->n++] = col;
    }
    return (uint32_t)*entry;
}

static void derive_part(handmade *h, uint32_t row, uint32_t coef, uint32_t by, uint32_t other)
{
    msc_jacobian *j = &h->p.jacobian;
    if (column(h, by) == MSC_NONE) {
        return;
    }
    const uint32_t entry = entry_at(h, row, column(h, by));
    if (other == MSC_NONE) {
        j->constant[j->n_constant++] = (struct msc_jacobian_constant){entry, coef};
    } else {
        j->linear[j->n_linear++] = (struct msc_jacobian_linear){entry, coef, other};
    }
}

static void derive(handmade *h)
{
    msc_program *p = &h->p;
    msc_jacobian *j = &p->jacobian;
    const uint32_t n = p->first_given;
    const size_t parts = 2 * ((size_t)h->n_part[HANDMADE_RATE] + h->n_part[HANDMADE_NODE]),
                 most = parts + 3 * (size_t)p->n_special;
    h->entry = ARRAY((size_t)n * (n + 1), int32_t);
    memset(h->entry, 0xff, (size_t)n * (n + 1) * sizeof *h->entry);
    *j = (msc_jacobian){.row = ARRAY(most, uint32_t), .col = ARRAY(most, uint32_t)};
    j->constant = array(parts, sizeof *j->constant);
    j->linear = array(parts, sizeof *j->linear);
    j->special = array(p->n_special, sizeof *j->special);
    memset(j->special, 0xff, p->n_special * sizeof *j->special);
    for (int list = HANDMADE_RATE; list <= HANDMADE_NODE; list++) {
        for (uint32_t i = 0; i < h->n_part[list]; i++) {
            const part *x = &h->part[list][i];
            const uint32_t row = list == HANDMADE_RATE ? x->row : handmade_node(h, x->row);
            if (x->u == MSC_NONE || row >= n) {
                continue;
            }
            derive_part(h, row, x->coef, x->u, x->v);
            if (x->v != MSC_NONE) {
                derive_part(h, row, x->coef, x->v, x->u);
            }
        }
    }
    for (uint32_t i = 0; i < p->n_special; i++) {
        const msc_special *s = &p->special[i];
        for (int a = 0; a < 3 && s->node < p->n_node; a++) {
            if (s->arg[a] >= 0 && column(h, (uint32_t)s->arg[a]) != MSC_NONE) {
                j->special[i][a] = entry_at(h, handmade_node(h, s->node), (uint32_t)s->arg[a]);
            }
        }
    }
}

/* ---- blocks, order, fill-in ---- */

/* reach[i][j]: i depends on j, be it through others (Warshall). */
static bool *reach(const handmade *h)
{
    const uint32_t n = h->p.first_given;
    bool *r = ARRAY((size_t)n * n, bool);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n; j++) {
            r[(size_t)i * n + j] = i == j || h->entry[(size_t)i * (n + 1) + j] >= 0;
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t j = 0; r[(size_t)i * n + k] && j < n; j++) {
                r[(size_t)i * n + j] = r[(size_t)i * n + j] || r[(size_t)k * n + j];
            }
        }
    }
    return r;
}

/* Strong components, those on which others depend first; within one, nodes before states. */
static void find_blocks(const handmade *h, msc_matrix *m)
{
    const uint32_t n = m->n;
    bool *r = reach(h), *placed = ARRAY(n, bool);
    uint32_t at = 0;
    while (at < n) {
        for (uint32_t i = 0; i < n; i++) {
            bool ready = !placed[i];
            for (uint32_t j = 0; ready && j < n; j++) {
                ready = placed[j] || !r[(size_t)i * n + j] || r[(size_t)j * n + i];
            }
            if (!ready) {
                continue;
            }
            for (uint32_t pass = 0; pass < 2; pass++) {
                for (uint32_t j = 0; j < n; j++) {
                    if ((j >= h->size.state) == (pass == 0) && r[(size_t)i * n + j] &&
                        r[(size_t)j * n + i]) {
                        m->order[at++] = j;
                    }
                }
            }
            for (uint32_t j = 0; j < at; j++) {
                placed[m->order[j]] = true;
            }
            m->block_at[++m->n_block] = at;
        }
    }
    free(r);
    free(placed);
}

static void fill_in(const handmade *h, msc_matrix *m, bool *has)
{
    const uint32_t n = m->n;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < n; j++) {
            has[(size_t)i * n + j] =
                i == j || h->entry[(size_t)m->order[i] * (n + 1) + m->order[j]] >= 0;
        }
    }
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t k = m->block_at[b]; k < m->block_at[b + 1]; k++) {
            for (uint32_t i = k + 1; i < m->block_at[b + 1]; i++) {
                for (uint32_t j = k + 1; has[(size_t)i * n + k] && j < m->block_at[b + 1]; j++) {
                    has[(size_t)i * n + j] = has[(size_t)i * n + j] || has[(size_t)k * n + j];
                }
            }
        }
    }
}

static void make_matrix(handmade *h)
{
    msc_matrix *m = &h->p.matrix;
    const msc_jacobian *jac = &h->p.jacobian;
    const uint32_t n = h->p.first_given;
    *m = (msc_matrix){.n = n,
                      .order = ARRAY(n, uint32_t),
                      .block_at = ARRAY(n + 1, uint32_t),
                      .row_at = ARRAY(n + 1, uint32_t),
                      .diagonal = ARRAY(n, uint32_t),
                      .of_jacobian = ARRAY(jac->n, uint32_t)};
    find_blocks(h, m);
    bool *has = ARRAY((size_t)n * n, bool);
    fill_in(h, m, has);
    uint32_t *entry = ARRAY((size_t)n * n, uint32_t), *place = ARRAY(n, uint32_t);
    m->col = ARRAY((size_t)n * n, uint32_t);
    for (uint32_t i = 0; i < n; i++) {
        place[m->order[i]] = i;
        for (uint32_t j = 0; j < n; j++) {
            if (has[(size_t)i * n + j]) {
                entry[(size_t)i * n + j] = m->n_entry;
                m->col[m->n_entry++] = j;
            }
        }
        m->row_at[i + 1] = m->n_entry;
        m->diagonal[i] = entry[(size_t)i * n + i];
    }
    for (uint32_t e = 0; e < jac->n; e++) {
        m->of_jacobian[e] = jac->col[e] == n
                                ? MSC_NONE
                                : entry[(size_t)place[jac->row[e]] * n + place[jac->col[e]]];
    }
    free(has);
    free(entry);
    free(place);
}

static int by_node(const void *a, const void *b)
{
    const msc_special *x = a, *y = b;
    return (x->node > y->node) - (x->node < y->node);
}

const msc_program *handmade_finish(handmade *h)
{
    msc_program *p = &h->p;
    p->n_register = p->n_coef = h->n_coef;
    p->coef = ARRAY(h->n_coef, uint32_t);
    for (uint32_t i = 0; i < h->n_coef; i++) {
        p->coef[i] = i;
    }
    qsort(p->special, p->n_special, sizeof *p->special, by_node);
    for (uint32_t i = 0; i < p->n_special; i++) {
        p->special_of[p->special[i].node] = i;
    }
    sort_rows(h, HANDMADE_RATE, h->size.state, &p->rate);
    sort_rows(h, HANDMADE_NODE, h->size.node + h->size.guard_node + h->size.output_node, &p->node);
    sort_rows(h, HANDMADE_OUT, h->size.out, &p->out);
    sort_rows(h, HANDMADE_GUARD, h->size.guard, &p->guard_row);
    derive(h);
    make_matrix(h);
    return p;
}

static void free_rows(msc_rows *rows)
{
    free(rows->one_at);
    free(rows->one);
    free(rows->linear_at);
    free(rows->linear);
    free(rows->bilinear_at);
    free(rows->bilinear);
}

void handmade_free(handmade *h)
{
    if (h == NULL) {
        return;
    }
    msc_program *p = &h->p;
    for (int list = 0; list < 4; list++) {
        free(h->part[list]);
    }
    free_rows(&p->rate);
    free_rows(&p->node);
    free_rows(&p->out);
    free_rows(&p->guard_row);
    free(p->jacobian.row);
    free(p->jacobian.col);
    free(p->jacobian.constant);
    free(p->jacobian.linear);
    free(p->jacobian.special);
    free(p->matrix.order);
    free(p->matrix.block_at);
    free(p->matrix.row_at);
    free(p->matrix.col);
    free(p->matrix.diagonal);
    free(p->matrix.of_jacobian);
    free(p->coef);
    free(p->guard);
    free(p->special);
    free(p->special_of);
    free((void *)(uintptr_t)p->node_flow);
    free(p->initial);
    free(h->entry);
    free(h->reg);
    free(h);
}
