/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program's rows, Jacobian and matrix turned into the tables of plan.h. */
#include "engine/plan.h"

#include <stdlib.h>
#include <string.h>

/* All tables hang in one chain. */
struct msc_block {
    struct msc_block *next;
};

static void *take(msc_plan *plan, size_t n, size_t size)
{
    if (n > (SIZE_MAX - sizeof(struct msc_block)) / size) {
        return NULL;
    }
    struct msc_block *block = calloc(1, sizeof *block + n * size);
    if (block == NULL) {
        return NULL;
    }
    block->next = plan->memory;
    plan->memory = block;
    return block + 1;
}

#define TAKE(plan, array, n) (((array) = take((plan), (n), sizeof *(array))) != NULL)

void msc_plan_unpack(msc_plan *plan)
{
    while (plan->memory != NULL) {
        struct msc_block *next = plan->memory->next;
        free(plan->memory);
        plan->memory = next;
    }
}

/* The offset of the index-th value. */
static uint32_t place(const msc_plan *plan, uint32_t index)
{
    return index * plan->lanes * (uint32_t)sizeof(double);
}

static bool in_bounds(const msc_plan *plan, uint64_t n)
{
    return n < UINT32_MAX / (MSC_LANES_MAX * sizeof(double)) && plan->lanes <= MSC_LANES_MAX;
}

static bool is_special(const msc_program *p, uint32_t node)
{
    return p->special_of != NULL && p->special_of[node] != MSC_NONE;
}

static bool same_order(const uint32_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (at[i] > at[i + 1]) {
            return false;
        }
    }
    return true;
}

/* ---- rows and nodes ---- */

static bool is_one(const msc_program *p, uint32_t coef)
{
    const msc_instruction *op = p->prologue != NULL ? &p->prologue[p->coef[coef]] : NULL;
    return op != NULL && op->op == MSC_OP_NUMBER && op->number == 1.0;
}

/* Tables being filled from front to back. */
typedef struct {
    uint32_t *unit;
    msc_pack_linear *linear;
    msc_pack_bilinear *bilinear;
} row_cursor;

/* Room for all of `rows`. */
static bool open_pack(msc_plan *plan, const msc_rows *rows, msc_pack *pack, row_cursor *at)
{
    const size_t n_one = rows->n > 0 ? rows->one_at[rows->n] : 0,
                 n_linear = rows->n > 0 ? rows->linear_at[rows->n] : 0,
                 n_bilinear = rows->n > 0 ? rows->bilinear_at[rows->n] : 0;
    if (!TAKE(plan, pack->row, (size_t)rows->n + 1) || !TAKE(plan, pack->unit, n_one + n_linear + 1) ||
        !TAKE(plan, pack->linear, n_one + n_linear + n_bilinear + 1) || !TAKE(plan, pack->bilinear, n_bilinear + 1)) {
        return false;
    }
    *at = (row_cursor){pack->unit, pack->linear, pack->bilinear};
    return true;
}

static void put_linear(const msc_plan *plan, row_cursor *at, msc_pack_row *row, uint32_t coef, uint32_t u)
{
    if (is_one(plan->program, coef)) {
        *at->unit++ = place(plan, u);
        row->n_unit++;
    } else {
        *at->linear++ = (msc_pack_linear){place(plan, coef), place(plan, u)};
        row->n_linear++;
    }
}

static void put_row(const msc_plan *plan, const msc_rows *rows, uint32_t r, uint32_t target, msc_pack *pack,
                    row_cursor *at)
{
    msc_pack_row *row = &pack->row[pack->n++];
    row->target = place(plan, target);
    for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
        put_linear(plan, at, row, rows->one[i], plan->program->n_u);
    }
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        put_linear(plan, at, row, rows->linear[i].coef, rows->linear[i].u);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *x = &rows->bilinear[i];
        *at->bilinear++ = (msc_pack_bilinear){place(plan, x->coef), place(plan, x->u), place(plan, x->v)};
        row->n_bilinear++;
    }
}

static bool pack_rows(msc_plan *plan, const msc_rows *rows, msc_pack *pack)
{
    row_cursor at;
    if (!open_pack(plan, rows, pack, &at)) {
        return false;
    }
    for (uint32_t r = 0; r < rows->n; r++) {
        put_row(plan, rows, r, r, pack, &at);
    }
    return true;
}

/* Where the value of a node is. */
static uint32_t unknown_of(const msc_program *p, uint32_t node)
{
    return node < p->n_node ? p->n_state + node : p->first_extra + node - p->n_node;
}

static void put_special(const msc_plan *plan, uint32_t node, msc_pack_nodes *pack)
{
    const msc_program *p = plan->program;
    const msc_special *from = &p->special[p->special_of[node]];
    msc_pack_special *to = &pack->special[pack->n_special++];
    *to = (msc_pack_special){
        .op = from->op,
        .before = pack->rows.n,
        .target = place(plan, unknown_of(p, node)),
        .partial = MSC_NONE,
        .table = from->table,
        .row = from->row,
    };
    for (int i = 0; i < 3; i++) {
        const int32_t arg = from->arg[i < msc_op_arity(from->op) ? i : 0];
        to->coef[i] = arg < 0;
        to->arg[i] = place(plan, (uint32_t)(arg < 0 ? ~arg : arg));
    }
}

/* The nodes of which `wanted` (all if NULL) is set. */
static bool pack_nodes(msc_plan *plan, uint32_t n, const bool *wanted, msc_pack_nodes *pack)
{
    row_cursor at;
    if (!open_pack(plan, &plan->program->node, &pack->rows, &at) || !TAKE(plan, pack->special, (size_t)n + 1) ||
        !TAKE(plan, pack->piece, (size_t)n + 1)) {
        return false;
    }
    for (uint32_t node = 0; node < n; node++) {
        if (wanted != NULL && !wanted[node]) {
            continue;
        }
        if (is_special(plan->program, node)) {
            put_special(plan, node, pack);
        } else {
            put_row(plan, &plan->program->node, node, unknown_of(plan->program, node), &pack->rows, &at);
        }
    }
    return true;
}

/* ---- the nodes that some rows need ---- */

static void want(const msc_program *p, uint32_t u, bool *wanted)
{
    if (u >= p->n_state && u < p->first_given) {
        wanted[u - p->n_state] = true;
    } else if (u >= p->first_extra) {
        wanted[p->n_node + u - p->first_extra] = true;
    }
}

static void want_row(const msc_program *p, const msc_rows *rows, uint32_t r, bool *wanted)
{
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        want(p, rows->linear[i].u, wanted);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        want(p, rows->bilinear[i].u, wanted);
        want(p, rows->bilinear[i].v, wanted);
    }
}

/* Nodes stand after those they use. */
static bool pack_needed(msc_plan *plan, const msc_rows *rows, msc_pack_nodes *pack)
{
    const msc_program *p = plan->program;
    const uint32_t n = p->n_node + p->n_guard_node + p->n_output_node;
    bool *wanted;
    if (!TAKE(plan, wanted, (size_t)n + 1)) {
        return false;
    }
    for (uint32_t r = 0; r < rows->n; r++) {
        want_row(p, rows, r, wanted);
    }
    for (uint32_t node = n; node-- > 0;) {
        if (wanted[node] && is_special(p, node)) {
            const msc_special *s = &p->special[p->special_of[node]];
            for (int i = 0; i < msc_op_arity(s->op); i++) {
                if (s->arg[i] >= 0) {
                    want(p, (uint32_t)s->arg[i], wanted);
                }
            }
        } else if (wanted[node]) {
            want_row(p, &p->node, node, wanted);
        }
    }
    return pack_nodes(plan, n, wanted, pack);
}

/* ---- Jacobian ---- */

/* Which of the Jacobian's values an entry is: of the matrix, else of the time column. */
static bool find_values(msc_plan *plan, uint32_t *value)
{
    const msc_jacobian *j = &plan->program->jacobian;
    msc_pack_jacobian *pack = &plan->jacobian;
    const uint32_t n_entry = plan->program->matrix.n_entry;
    if (!TAKE(plan, pack->time, j->n + 1)) {
        return false;
    }
    pack->n = n_entry;
    for (uint32_t e = 0; e < j->n; e++) {
        if (j->col[e] < plan->n_unknown) {
            value[e] = plan->program->matrix.of_jacobian[e];
        } else {
            pack->time[pack->n_time++] =
                (struct msc_pack_time){place(plan, j->row[e]), place(plan, pack->n)};
            value[e] = pack->n++;
        }
    }
    return true;
}

/* Its parts that change, by entry: a counting sort into rows, two lists for coefficients 1 and not. */
static bool pack_jacobian_rows(msc_plan *plan, const uint32_t *value)
{
    const msc_program *p = plan->program;
    const msc_jacobian *j = &p->jacobian;
    msc_pack *pack = &plan->jacobian.rows;
    uint32_t *count, *at;
    if (!TAKE(plan, pack->row, j->n + 1) || !TAKE(plan, pack->unit, j->n_linear + 1) ||
        !TAKE(plan, pack->linear, j->n_linear + 1) || !TAKE(plan, count, 2 * (size_t)j->n + 1) ||
        !TAKE(plan, at, 2 * (size_t)j->n + 3)) {
        return false;
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        count[2 * j->linear[i].entry + !is_one(p, j->linear[i].coef)]++;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        const uint32_t *n = &count[2 * e];
        at[2 * e + 2] = at[2 * e] + n[0];
        at[2 * e + 3] = at[2 * e + 1] + n[1];
        if (n[0] + n[1] > 0) {
            pack->row[pack->n++] = (msc_pack_row){.target = place(plan, value[e]), .n_unit = n[0], .n_linear = n[1]};
        }
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        const struct msc_jacobian_linear *x = &j->linear[i];
        if (is_one(p, x->coef)) {
            pack->unit[at[2 * x->entry]++] = place(plan, x->u);
        } else {
            pack->linear[at[2 * x->entry + 1]++] = (msc_pack_linear){place(plan, x->coef), place(plan, x->u)};
        }
    }
    return true;
}

static bool pack_jacobian_constants(msc_plan *plan, const uint32_t *value)
{
    const msc_jacobian *j = &plan->program->jacobian;
    msc_pack_jacobian *pack = &plan->jacobian;
    if (!TAKE(plan, pack->constant, j->n_constant + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < j->n_constant; i++) {
        pack->constant[pack->n_constant++] =
            (struct msc_pack_constant){value[j->constant[i].entry], j->constant[i].coef};
    }
    return true;
}

static bool pack_jacobian(msc_plan *plan)
{
    const msc_program *p = plan->program;
    msc_pack_jacobian *pack = &plan->jacobian;
    uint32_t *value;
    if (!TAKE(plan, value, p->jacobian.n + 1) || !find_values(plan, value) ||
        !pack_jacobian_constants(plan, value) || !pack_jacobian_rows(plan, value) || !TAKE(plan, pack->partial, 3 * (size_t)p->n_special + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < plan->core.n_special; i++) {
        const uint32_t *entry = p->jacobian.special[i];
        msc_pack_special *s = &plan->core.special[i];
        for (uint32_t a = 0; a < (uint32_t)msc_op_arity(s->op); a++) {
            if (entry[a] == MSC_NONE) {
                continue;
            }
            if (s->partial == MSC_NONE) {
                s->partial = place(plan, plan->n_partial);
                plan->n_partial += 3;
            }
            pack->partial[pack->n_partial++] =
                (struct msc_pack_partial){place(plan, value[entry[a]]), s->partial + place(plan, a)};
        }
    }
    return true;
}

/* ---- elimination ---- */

/* One row of the elimination; NULLs only count. False: the pattern lacks a fill-in. */
typedef struct {
    const msc_plan *plan;
    const msc_matrix *m;
    uint32_t *where; /* [n] entry of the row at hand at a column, or MSC_NONE */
    struct msc_lu_factor *factor;
    struct msc_lu_update *update;
    size_t n_factor, n_update;
} elimination;

static bool eliminate_row(elimination *e, uint32_t i, uint32_t block)
{
    const msc_matrix *m = e->m;
    for (uint32_t a = m->row_at[i]; a < m->row_at[i + 1]; a++) {
        e->where[m->col[a]] = a;
    }
    bool complete = true;
    for (uint32_t a = m->row_at[i]; a < m->row_at[i + 1] && m->col[a] < i; a++) {
        const uint32_t j = m->col[a];
        if (j < block) {
            continue;
        }
        const uint32_t from = m->diagonal[j] + 1, to = m->row_at[j + 1];
        if (e->factor != NULL) {
            e->factor[e->n_factor] =
                (struct msc_lu_factor){place(e->plan, a), place(e->plan, m->diagonal[j]), to - from};
        }
        e->n_factor++;
        for (uint32_t b = from; b < to; b++) {
            const uint32_t target = e->where[m->col[b]];
            complete = complete && target != MSC_NONE;
            if (e->update != NULL) {
                e->update[e->n_update] = (struct msc_lu_update){place(e->plan, target), place(e->plan, b)};
            }
            e->n_update++;
        }
    }
    for (uint32_t a = m->row_at[i]; a < m->row_at[i + 1]; a++) {
        e->where[m->col[a]] = MSC_NONE;
    }
    return complete;
}

static bool eliminate(elimination *e, struct msc_lu_row *row)
{
    const msc_matrix *m = e->m;
    e->n_factor = e->n_update = 0;
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            const size_t before = e->n_factor;
            if (!eliminate_row(e, i, m->block_at[b])) {
                return false;
            }
            row[i] = (struct msc_lu_row){place(e->plan, m->diagonal[i]), (uint32_t)(e->n_factor - before)};
        }
    }
    return true;
}

static msc_status pack_lu(msc_plan *plan, msc_error *err)
{
    const msc_matrix *m = &plan->program->matrix;
    msc_pack_lu *lu = &plan->lu;
    elimination e = {.plan = plan, .m = m};
    if (!TAKE(plan, e.where, m->n + 1) || !TAKE(plan, lu->row, m->n + 1) ||
        !TAKE(plan, lu->state_diagonal, m->n + 1) || !TAKE(plan, lu->node_diagonal, m->n + 1)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for the elimination of %u unknowns", m->n);
    }
    memset(e.where, 0xff, m->n * sizeof *e.where);
    if (!eliminate(&e, lu->row)) {
        return msc_fail(err, MSC_E_BUG, NULL, "engine: the matrix's pattern lacks fill-in");
    }
    if (!TAKE(plan, lu->factor, e.n_factor + 1) || !TAKE(plan, lu->update, e.n_update + 1)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for the elimination of %u unknowns", m->n);
    }
    e.factor = lu->factor;
    e.update = lu->update;
    (void)eliminate(&e, lu->row);
    lu->n_row = m->n;
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->order[i] < plan->program->n_state) {
            lu->state_diagonal[lu->n_state_diagonal++] = place(plan, m->diagonal[i]);
        } else {
            lu->node_diagonal[lu->n_node_diagonal++] = m->diagonal[i];
        }
    }
    return MSC_OK;
}

/* One line: entries from .. to - 1 of row i, and its diagonal. */
static void add_line(msc_plan *plan, uint32_t i, uint32_t from, uint32_t to, bool divide, size_t *n_term)
{
    const msc_matrix *m = &plan->program->matrix;
    if (from == to && !divide) {
        return;
    }
    plan->solve.line[plan->solve.n_line++] = (struct msc_solve_line){
        m->order[i], divide ? m->diagonal[i] : MSC_NONE, to - from};
    for (uint32_t a = from; a < to; a++) {
        plan->solve.term[(*n_term)++] = (struct msc_solve_term){a, m->order[m->col[a]]};
    }
}

/* Lines that do not wait for each other side by side, so that the processor can overlap them: sorted
 * by level, the longest chain of lines before. A line waits for those that write what it reads, and
 * is not before those that read what it writes. Tables hold numbers yet, not offsets. */
static bool find_levels(msc_plan *plan, uint32_t *level)
{
    const msc_pack_solve *solve = &plan->solve;
    const uint32_t n = plan->program->matrix.n;
    uint32_t *written, *read; /* level after the last line that writes, of the last that reads an unknown */
    if (!TAKE(plan, written, (size_t)n + 1) || !TAKE(plan, read, (size_t)n + 1)) {
        return false;
    }
    const struct msc_solve_term *term = solve->term;
    for (uint32_t i = 0; i < solve->n_line; term += solve->line[i++].n_term) {
        const uint32_t x = solve->line[i].x, n_term = solve->line[i].n_term;
        uint32_t most = written[x] > read[x] ? written[x] : read[x];
        for (uint32_t k = 0; k < n_term; k++) {
            most = written[term[k].x] > most ? written[term[k].x] : most;
        }
        for (uint32_t k = 0; k < n_term; k++) {
            read[term[k].x] = read[term[k].x] > most ? read[term[k].x] : most;
        }
        written[x] = most + 1;
        level[i] = most;
    }
    return true;
}

/* A counting sort; lines of a level stay in order. */
static bool sort_lines(msc_plan *plan)
{
    msc_pack_solve *solve = &plan->solve;
    const uint32_t n_line = solve->n_line;
    uint32_t *level, *at, *from;
    struct msc_solve_line *line;
    struct msc_solve_term *term, *to;
    const struct msc_solve_term **first, *next = solve->term;
    if (!TAKE(plan, level, (size_t)n_line + 1) || !TAKE(plan, at, (size_t)n_line + 2) ||
        !TAKE(plan, from, (size_t)n_line + 1) || !TAKE(plan, line, (size_t)n_line + 1) ||
        !TAKE(plan, first, (size_t)n_line + 1) || !TAKE(plan, term, (size_t)plan->program->matrix.n_entry + 1) ||
        !find_levels(plan, level)) {
        return false;
    }
    for (uint32_t i = 0; i < n_line; next += solve->line[i++].n_term) {
        first[i] = next;
        at[level[i] + 1]++;
    }
    for (uint32_t i = 0; i < n_line; i++) {
        at[i + 1] += at[i];
    }
    for (uint32_t i = 0; i < n_line; i++) {
        from[at[level[i]]++] = i;
    }
    to = term;
    for (uint32_t i = 0; i < n_line; to += line[i++].n_term) {
        line[i] = solve->line[from[i]];
        memcpy(to, first[from[i]], line[i].n_term * sizeof *to);
    }
    solve->line = line;
    solve->term = term;
    return true;
}

/* Numbers become offsets. */
static void place_solve(msc_plan *plan)
{
    msc_pack_solve *solve = &plan->solve;
    struct msc_solve_term *term = solve->term;
    for (uint32_t i = 0; i < solve->n_line; i++) {
        struct msc_solve_line *line = &solve->line[i];
        line->x = place(plan, line->x);
        line->diagonal = line->diagonal != MSC_NONE ? place(plan, line->diagonal) : MSC_NONE;
        for (uint32_t k = 0; k < line->n_term; k++, term++) {
            *term = (struct msc_solve_term){place(plan, term->entry), place(plan, term->x)};
        }
    }
}

static bool pack_solve(msc_plan *plan)
{
    const msc_matrix *m = &plan->program->matrix;
    msc_pack_solve *solve = &plan->solve;
    if (!TAKE(plan, solve->line, 2 * (size_t)m->n + 1) || !TAKE(plan, solve->term, m->n_entry + 1)) {
        return false;
    }
    size_t n_term = 0;
    for (uint32_t b = 0; b < m->n_block; b++) {
        const uint32_t first = m->block_at[b], last = m->block_at[b + 1];
        const bool single = last - first == 1;
        for (uint32_t i = first; i < last; i++) {
            add_line(plan, i, m->row_at[i], m->diagonal[i], single, &n_term);
        }
        for (uint32_t i = last; !single && i-- > first;) {
            add_line(plan, i, m->diagonal[i] + 1, m->row_at[i + 1], true, &n_term);
        }
    }
    if (!sort_lines(plan)) {
        return false;
    }
    place_solve(plan);
    return true;
}

/* What the tables rely on. */
static bool matrix_is_sound(const msc_plan *plan)
{
    const msc_program *p = plan->program;
    const msc_matrix *m = &p->matrix;
    if (m->n != plan->n_unknown || m->n_block > m->n ||
        (m->n > 0 && (m->n_block == 0 || m->block_at[0] != 0 || m->block_at[m->n_block] != m->n ||
                      m->row_at[m->n] != m->n_entry))) {
        return false;
    }
    for (uint32_t b = 0; b < m->n_block; b++) {
        if (m->block_at[b] >= m->block_at[b + 1]) {
            return false;
        }
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            const uint32_t from = m->row_at[i], to = m->row_at[i + 1];
            if (from >= to || to > m->n_entry || m->order[i] >= m->n || m->diagonal[i] < from ||
                m->diagonal[i] >= to || m->col[m->diagonal[i]] != i || m->col[to - 1] >= m->block_at[b + 1]) {
                return false;
            }
            for (uint32_t a = from + 1; a < to; a++) {
                if (m->col[a] <= m->col[a - 1]) {
                    return false;
                }
            }
        }
    }
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        const bool time = p->jacobian.col[e] >= plan->n_unknown;
        if (p->jacobian.row[e] >= plan->n_unknown || (!time && m->of_jacobian[e] >= m->n_entry)) {
            return false;
        }
    }
    return same_order(m->row_at, m->n);
}

msc_status msc_plan_pack(msc_plan *plan, msc_error *err)
{
    const msc_program *p = plan->program;
    if (!matrix_is_sound(plan)) {
        return msc_fail(err, MSC_E_BUG, NULL, "engine: the program's matrix is not as it should be");
    }
    if (!in_bounds(plan, (uint64_t)p->n_u + 1) || !in_bounds(plan, p->n_coef) ||
        !in_bounds(plan, (uint64_t)p->matrix.n_entry + p->jacobian.n) || !in_bounds(plan, p->out.n) ||
        !in_bounds(plan, 3 * (uint64_t)p->n_special)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the model is too large for the engine");
    }
    if (!pack_rows(plan, &p->rate, &plan->rate) || !pack_rows(plan, &p->out, &plan->out) ||
        !pack_rows(plan, &p->guard_row, &plan->guard) || !pack_nodes(plan, p->n_node, NULL, &plan->core) ||
        !pack_needed(plan, &p->guard_row, &plan->for_guards) || !pack_needed(plan, &p->out, &plan->for_outputs) ||
        !pack_solve(plan) || !pack_jacobian(plan)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a plan");
    }
    plan->rate.mode = MSC_PACK_ADD;
    plan->jacobian.rows.mode = MSC_PACK_SUBTRACT;
    return pack_lu(plan, err);
}
