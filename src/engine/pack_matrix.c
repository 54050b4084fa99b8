/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The matrix of a plan: its elimination, and chunk by chunk what a stage does, down to the solve.
 *
 * What need not be computed in a step is not: entries that the elimination leaves alone are read from
 * the scenario's constants, or are one of the coefficients; and some are 1 or -1 whatever the
 * parameters, since a node that is a sum of amounts has such a row. */
#include "engine/pack.h"

#include <math.h>

/* ---- what is known of the matrix ---- */

typedef struct {
    double *known;     /* [n_entry] -1, 0, 1, or NaN: anything else */
    uint32_t *coef;    /* [n_entry] the coefficient that it is, or MSC_NONE */
    const bool *given; /* [n_entry] the Jacobian sets it in each step */
    bool *computed;    /* [n_entry] the elimination does */
} entries;

static double only_units(double x)
{
    return x == 0.0 || x == 1.0 || x == -1.0 ? x : NAN;
}

/* Before the elimination. */
static bool know(msc_plan *plan, const bool *given, entries *e)
{
    const msc_program *p = plan->program;
    const msc_matrix *m = &p->matrix;
    const msc_jacobian *j = &p->jacobian;
    uint32_t *parts;
    if (!TAKE(plan, e->known, (size_t)m->n_entry + 1) ||
        !TAKE(plan, e->coef, (size_t)m->n_entry + 1) ||
        !TAKE(plan, e->computed, (size_t)m->n_entry + 1) ||
        !TAKE(plan, parts, (size_t)m->n_entry + 1)) {
        return false;
    }
    e->given = given;
    for (uint32_t i = 0; i < m->n; i++) {
        e->known[m->diagonal[i]] = m->order[i] < p->n_state ? NAN : -1.0;
        parts[m->diagonal[i]]++;
    }
    for (uint32_t i = 0; i < j->n_constant; i++) {
        const uint32_t entry = j->constant[i].entry,
                       k = j->col[entry] < m->n ? m->of_jacobian[entry] : MSC_NONE;
        double number;
        if (k != MSC_NONE) {
            e->known[k] += msc_coef_number(p, j->constant[i].coef, &number) ? number : NAN;
            e->coef[k] = j->constant[i].coef;
            parts[k]++;
        }
    }
    for (uint32_t k = 0; k < m->n_entry; k++) {
        e->known[k] = given[k] ? NAN : only_units(e->known[k]);
        e->coef[k] = parts[k] == 1 && !given[k] ? e->coef[k] : MSC_NONE;
    }
    for (uint32_t i = 0; i < m->n; i++) {
        e->coef[m->diagonal[i]] = MSC_NONE;
    }
    return true;
}

/* Where an entry is read, as the elimination has left it so far. */
static uint32_t place_of(const msc_plan *plan, const entries *e, uint32_t entry)
{
    if (e->given[entry] || e->computed[entry]) {
        return msc_at_matrix(plan, entry);
    }
    return e->coef[entry] != MSC_NONE ? msc_at_coef(plan, e->coef[entry])
                                      : msc_at_constant(plan, entry);
}

/* ---- elimination ---- */

typedef struct {
    const msc_plan *plan;
    const msc_matrix *m;
    entries *e;
    msc_maker *to;
} elimination;

static uint32_t find(const msc_matrix *m, uint32_t i, uint32_t j)
{
    uint32_t from = m->row_at[i], to = m->row_at[i + 1];
    while (from < to) {
        const uint32_t middle = from + (to - from) / 2;
        if (m->col[middle] < j) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from < m->row_at[i + 1] && m->col[from] == j ? from : MSC_NONE;
}

/* One entry (i, j): += sum m_ik m_kj; then what its place asks for. */
static void eliminate_entry(elimination *x, uint32_t i, uint32_t a, uint32_t block)
{
    const msc_matrix *m = x->m;
    entries *e = x->e;
    const uint32_t j = m->col[a], diagonal = m->diagonal[i];
    const bool divides = j > i && e->known[diagonal] != -1.0,
               state = x->plan->program->n_state > m->order[i];
    uint32_t n = 0;
    double known = e->known[a];
    const uint32_t from = j == i && state ? msc_at_matrix(x->plan, a) : place_of(x->plan, e, a);
    msc_row_begin(x->to, msc_at_matrix(x->plan, a), from);
    for (uint32_t k = m->row_at[i]; k < m->row_at[i + 1] && m->col[k] < i && m->col[k] < j; k++) {
        const uint32_t other = m->col[k] >= block ? find(m, m->col[k], j) : MSC_NONE;
        if (other == MSC_NONE) {
            continue;
        }
        n++;
        known = only_units(known + e->known[k] * e->known[other]);
        if (e->known[k] == 1.0) {
            msc_row_plus(x->to, place_of(x->plan, e, other));
        } else if (e->known[other] == 1.0) {
            msc_row_plus(x->to, place_of(x->plan, e, k));
        } else if (e->known[k] == -1.0) {
            msc_row_minus(x->to, place_of(x->plan, e, other));
        } else if (e->known[other] == -1.0) {
            msc_row_minus(x->to, place_of(x->plan, e, k));
        } else {
            msc_row_linear(x->to, place_of(x->plan, e, k), place_of(x->plan, e, other));
        }
    }
    const bool invert = j == i && known != -1.0;
    if (n == 0 && !divides && !invert) {
        return; /* it stays as it is */
    }
    msc_row_end(x->to, invert ? MSC_INVERT : divides ? msc_at_matrix(x->plan, diagonal) : MSC_NONE);
    e->known[a] = divides || invert ? NAN : known;
    e->computed[a] = true;
}

/* Row by row: the diagonal comes before what is right of it. */
static void eliminate(elimination *x)
{
    const msc_matrix *m = x->m;
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            for (uint32_t a = m->row_at[i]; a < m->row_at[i + 1]; a++) {
                if (m->col[a] >= m->block_at[b]) {
                    eliminate_entry(x, i, a, m->block_at[b]);
                }
            }
        }
    }
}

/* Every m_ik m_kj must have an entry to go to. */
static bool is_filled(const msc_matrix *m)
{
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            for (uint32_t a = m->row_at[i]; m->col[a] < i; a++) {
                const uint32_t k = m->col[a];
                for (uint32_t c = m->diagonal[k] + 1; k >= m->block_at[b] && c < m->row_at[k + 1];
                     c++) {
                    if (find(m, i, m->col[c]) == MSC_NONE) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

static bool pack_lu(msc_plan *plan, entries *e)
{
    const msc_matrix *m = &plan->program->matrix;
    msc_pack_lu *lu = &plan->lu;
    if (!TAKE(plan, lu->state, (size_t)m->n + 1) || !TAKE(plan, lu->node, (size_t)m->n + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < m->n; i++) {
        const uint32_t d = m->diagonal[i];
        if (m->order[i] < plan->program->n_state) {
            lu->state[lu->n_state++] =
                (struct msc_pack_diagonal){msc_at_matrix(plan, d), place_of(plan, e, d)};
        } else {
            lu->node[lu->n_node++] = d;
        }
    }
    msc_maker to = {.failed = false};
    elimination x = {.plan = plan, .m = m, .e = e, .to = &to};
    eliminate(&x);
    return msc_rows_done(&to, plan, MSC_READS_A, &lu->rows, NULL);
}

/* ---- solves ---- */

typedef struct {
    uint32_t entry, x; /* numbers */
} a_term;

/* One line: some entries of a row, and its diagonal. */
typedef struct {
    uint32_t x, diagonal;
    bool fresh; /* begins as 0 */
    bool rate;  /* with its rate */
    size_t first, n_term;
} a_line;

/* The lines of a chunk being made. */
typedef struct {
    msc_plan *plan;
    const entries *e;
    const uint32_t *chunk_of;
    uint32_t chunk;
    a_line *line;
    a_term *term;
    size_t n_line, n_term;
    bool *in;    /* [unknown] is of the chunk */
    bool *begun; /* [unknown] has a right-hand side or a line: is not 0 any more */
} lines;

/* Entries from .. to - 1 of row i. What is 0 yet is no term. */
static void add_line(lines *l, uint32_t i, uint32_t from, uint32_t to, bool forward)
{
    const msc_matrix *m = &l->plan->program->matrix;
    const uint32_t x = m->order[i], diagonal = m->diagonal[i];
    const bool state = x < l->plan->program->n_state,
               divides = forward && l->e->known[diagonal] != -1.0;
    a_line *line = &l->line[l->n_line];
    *line = (a_line){.x = x,
                     .diagonal = divides ? diagonal : MSC_NONE,
                     .fresh = !l->begun[x],
                     .rate = forward && state,
                     .first = l->n_term};
    for (uint32_t a = from; a < to; a++) {
        const uint32_t other = m->order[m->col[a]];
        if (l->begun[other]) {
            l->term[l->n_term++] = (a_term){a, other};
        }
    }
    line->n_term = l->n_term - line->first;
    if (line->n_term > 0 || line->rate || (!line->fresh && divides)) {
        l->begun[x] = true;
        l->n_line++;
    }
}

/* The lines of a block, in order: forward, then back. */
static void add_block(lines *l, uint32_t b)
{
    const msc_matrix *m = &l->plan->program->matrix;
    const uint32_t first = m->block_at[b], last = m->block_at[b + 1];
    for (uint32_t i = first; i < last; i++) {
        add_line(l, i, m->row_at[i], m->diagonal[i], true);
    }
    for (uint32_t i = last; i-- > first;) {
        add_line(l, i, m->diagonal[i] + 1, m->row_at[i + 1], false);
    }
}

/* A line as a row. */
static void put_line(const lines *l, const a_line *line, msc_maker *m)
{
    const msc_plan *plan = l->plan;
    const a_term *term = &l->term[line->first];
    const uint32_t x = msc_at_k(plan, line->x);
    msc_row_begin(m, x, line->fresh ? msc_at_zero(plan) : x);
    if (line->rate) {
        msc_row_parts(m, plan, &plan->program->rate, line->x);
    }
    for (size_t k = 0; k < line->n_term; k++) {
        const uint32_t from = msc_at_k(plan, term[k].x), entry = term[k].entry;
        if (l->e->known[entry] == 1.0) {
            msc_row_plus(m, from);
        } else if (l->e->known[entry] == -1.0) {
            msc_row_minus(m, from);
        } else {
            msc_row_linear(m, place_of(plan, l->e, entry), from);
        }
    }
    msc_row_end(m, line->diagonal != MSC_NONE ? msc_at_matrix(plan, line->diagonal) : MSC_NONE);
}

static void pack_solve(lines *l, msc_maker *to)
{
    const msc_matrix *m = &l->plan->program->matrix;
    l->n_line = l->n_term = 0;
    for (uint32_t b = 0; b < m->n_block; b++) {
        if (l->chunk_of[m->order[m->block_at[b]]] == l->chunk) {
            add_block(l, b);
        }
    }
    for (size_t i = 0; i < l->n_line; i++) {
        put_line(l, &l->line[i], to);
    }
}

/* ---- chunks ---- */

/* The right-hand sides of a chunk in the time column. */
static bool pack_time(const lines *l, msc_pack_chunk *chunk)
{
    msc_plan *plan = l->plan;
    const msc_jacobian *j = &plan->program->jacobian;
    uint32_t value = plan->program->matrix.n_entry, n = 0;
    for (uint32_t e = 0; e < j->n; e++) {
        n += j->col[e] >= plan->n_unknown;
    }
    if (!TAKE(plan, chunk->time, (size_t)n + 1) || !TAKE(plan, chunk->zero, (size_t)n + 1)) {
        return false;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        if (j->col[e] < plan->n_unknown) {
            continue;
        }
        const uint32_t row = j->row[e], at = msc_at_k(plan, row), v = value++;
        if (l->chunk_of[row] != l->chunk) {
            continue;
        }
        if (!l->begun[row]) {
            chunk->zero[chunk->n_zero++] = at;
            l->begun[row] = true;
        }
        chunk->time[chunk->n_time++] = (struct msc_pack_time){
            at, l->e->given[v] ? msc_at_matrix(plan, v) : msc_at_constant(plan, v)};
    }
    return true;
}

static bool pack_chunk(lines *l, msc_pack_chunk *chunk)
{
    msc_plan *plan = l->plan;
    const msc_program *p = plan->program;
    const uint32_t n = plan->n_unknown;
    uint32_t n_state = 0;
    msc_maker m = {.beside = plan};
    for (uint32_t u = 0; u < n; u++) {
        l->in[u] = l->chunk_of[u] == l->chunk;
        n_state += l->in[u] && u < p->n_state;
    }
    if (!TAKE(plan, chunk->state, (size_t)n_state + 1)) {
        return false;
    }
    for (uint32_t u = 0; u < p->n_state; u++) {
        if (l->in[u]) {
            chunk->state[chunk->n_state++] = msc_offset(plan, u);
            l->begun[u] = true;
        }
    }
    const bool done = pack_time(l, chunk) &&
                      msc_pack_nodes_of(plan, p->n_node, l->in + p->n_state, &m, &chunk->nodes);
    pack_solve(l, &m);
    plan->n_beside = m.n_beside > plan->n_beside ? m.n_beside : plan->n_beside;
    return msc_rows_done(&m, plan, MSC_READS_U, &chunk->nodes.rows, &chunk->nodes) && done;
}

static bool pack_chunks(msc_plan *plan, const entries *e)
{
    const msc_matrix *m = &plan->program->matrix;
    uint32_t *chunk_of;
    lines l = {.plan = plan, .e = e};
    if (!TAKE(plan, chunk_of, (size_t)m->n + 1) ||
        !msc_chunk_find(plan, chunk_of, &plan->n_chunk) ||
        !TAKE(plan, plan->chunk, (size_t)plan->n_chunk + 1) ||
        !TAKE(plan, l.line, 2 * (size_t)m->n + 1) || !TAKE(plan, l.term, (size_t)m->n_entry + 1) ||
        !TAKE(plan, l.begun, (size_t)m->n + 1) || !TAKE(plan, l.in, (size_t)m->n + 1)) {
        return false;
    }
    l.chunk_of = chunk_of;
    for (; l.chunk < plan->n_chunk; l.chunk++) {
        if (!pack_chunk(&l, &plan->chunk[l.chunk])) {
            return false;
        }
    }
    return true;
}

msc_status msc_pack_matrix(msc_plan *plan, const bool *given, msc_error *err)
{
    entries e = {.given = given};
    if (!is_filled(&plan->program->matrix)) {
        return msc_fail(err, MSC_E_BUG, NULL, "engine: the matrix's pattern lacks fill-in");
    }
    if (!know(plan, given, &e) || !pack_lu(plan, &e) || !pack_chunks(plan, &e)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a plan");
    }
    return MSC_OK;
}
