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

/* Rows first .. last - 1, without specials if `nodes`; row r goes to target[0] + r - first. */
static bool pack_rows(msc_plan *plan, const msc_rows *rows, uint32_t first, uint32_t last, uint32_t target,
                      bool are_nodes, msc_pack *pack)
{
    const msc_program *p = plan->program;
    if (first >= last) {
        return TAKE(plan, pack->row, 1);
    }
    const size_t n_one = rows->one_at[last] - rows->one_at[first],
                 n_linear = rows->linear_at[last] - rows->linear_at[first],
                 n_bilinear = rows->bilinear_at[last] - rows->bilinear_at[first];
    if (!TAKE(plan, pack->row, last - first + 1) || !TAKE(plan, pack->one, n_one + 1) ||
        !TAKE(plan, pack->linear, n_linear + 1) || !TAKE(plan, pack->bilinear, n_bilinear + 1)) {
        return false;
    }
    uint32_t *one = pack->one;
    msc_pack_linear *linear = pack->linear;
    msc_pack_bilinear *bilinear = pack->bilinear;
    for (uint32_t r = first; r < last; r++) {
        if (are_nodes && is_special(p, r)) {
            continue;
        }
        pack->row[pack->n++] = (msc_pack_row){
            .target = place(plan, target + r - first),
            .n_one = rows->one_at[r + 1] - rows->one_at[r],
            .n_linear = rows->linear_at[r + 1] - rows->linear_at[r],
            .n_bilinear = rows->bilinear_at[r + 1] - rows->bilinear_at[r],
        };
        for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
            *one++ = place(plan, rows->one[i]);
        }
        for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
            const msc_linear *x = &rows->linear[i];
            *linear++ = (msc_pack_linear){place(plan, x->coef), place(plan, x->u)};
        }
        for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
            const msc_bilinear *x = &rows->bilinear[i];
            *bilinear++ = (msc_pack_bilinear){place(plan, x->coef), place(plan, x->u), place(plan, x->v)};
        }
    }
    return true;
}

/* Nodes first .. last - 1 of all; the first of them is u[target]. */
static bool pack_nodes(msc_plan *plan, uint32_t first, uint32_t last, uint32_t target, msc_pack_nodes *pack)
{
    const msc_program *p = plan->program;
    if (!pack_rows(plan, &p->node, first, last, target, true, &pack->rows)) {
        return false;
    }
    uint32_t rows = 0;
    if (!TAKE(plan, pack->special, last - first + 1)) {
        return false;
    }
    for (uint32_t node = first; node < last; node++) {
        if (!is_special(p, node)) {
            rows++;
            continue;
        }
        const msc_special *from = &p->special[p->special_of[node]];
        msc_pack_special *to = &pack->special[pack->n_special++];
        *to = (msc_pack_special){
            .op = from->op,
            .before = rows,
            .target = place(plan, target + node - first),
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
    return true;
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

/* Its parts by entry: a counting sort into rows. */
static bool pack_jacobian_rows(msc_plan *plan, const uint32_t *value)
{
    const msc_jacobian *j = &plan->program->jacobian;
    msc_pack *pack = &plan->jacobian.rows;
    uint32_t *one_at, *linear_at;
    if (!TAKE(plan, pack->row, j->n + 1) || !TAKE(plan, pack->one, j->n_constant + 1) ||
        !TAKE(plan, pack->linear, j->n_linear + 1) || !TAKE(plan, one_at, j->n + 1) ||
        !TAKE(plan, linear_at, j->n + 1)) {
        return false;
    }
    pack->n = j->n;
    for (uint32_t i = 0; i < j->n_constant; i++) {
        pack->row[j->constant[i].entry].n_one++;
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        pack->row[j->linear[i].entry].n_linear++;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        pack->row[e].target = place(plan, value[e]);
        one_at[e + 1] = one_at[e] + pack->row[e].n_one;
        linear_at[e + 1] = linear_at[e] + pack->row[e].n_linear;
    }
    for (uint32_t i = 0; i < j->n_constant; i++) {
        pack->one[one_at[j->constant[i].entry]++] = place(plan, j->constant[i].coef);
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        const struct msc_jacobian_linear *x = &j->linear[i];
        pack->linear[linear_at[x->entry]++] = (msc_pack_linear){place(plan, x->coef), place(plan, x->u)};
    }
    return true;
}

static bool pack_jacobian(msc_plan *plan)
{
    const msc_program *p = plan->program;
    msc_pack_jacobian *pack = &plan->jacobian;
    uint32_t *value;
    if (!TAKE(plan, value, p->jacobian.n + 1) || !find_values(plan, value) ||
        !pack_jacobian_rows(plan, value) || !TAKE(plan, pack->partial, 3 * (size_t)p->n_special + 1)) {
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
            lu->node_diagonal[lu->n_node_diagonal++] = place(plan, m->diagonal[i]);
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
        place(plan, m->order[i]), divide ? place(plan, m->diagonal[i]) : MSC_NONE, to - from};
    for (uint32_t a = from; a < to; a++) {
        plan->solve.term[(*n_term)++] =
            (struct msc_solve_term){place(plan, a), place(plan, m->order[m->col[a]])};
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
    const uint32_t n_core = p->n_node, n_guarded = n_core + p->n_guard_node,
                   n_all = n_guarded + p->n_output_node;
    if (!matrix_is_sound(plan)) {
        return msc_fail(err, MSC_E_BUG, NULL, "engine: the program's matrix is not as it should be");
    }
    if (!in_bounds(plan, (uint64_t)p->n_u) || !in_bounds(plan, p->n_coef) ||
        !in_bounds(plan, (uint64_t)p->matrix.n_entry + p->jacobian.n) || !in_bounds(plan, p->out.n) ||
        !in_bounds(plan, 3 * (uint64_t)p->n_special)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the model is too large for the engine");
    }
    if (!pack_rows(plan, &p->rate, 0, p->n_state, 0, false, &plan->rate) ||
        !pack_rows(plan, &p->out, 0, p->out.n, 0, false, &plan->out) ||
        !pack_rows(plan, &p->guard_row, 0, p->n_guard, 0, false, &plan->guard) ||
        !pack_nodes(plan, 0, n_core, p->n_state, &plan->core) ||
        !pack_nodes(plan, n_core, n_guarded, p->first_extra, &plan->guard_nodes) ||
        !pack_nodes(plan, n_guarded, n_all, p->first_extra + p->n_guard_node, &plan->output_nodes) ||
        !pack_jacobian(plan) || !pack_solve(plan)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a plan");
    }
    return pack_lu(plan, err);
}
