/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program's rows, Jacobian and matrix turned into the tables of plan.h. */
#include "engine/pack.h"

#include <stdlib.h>
#include <string.h>

/* All tables hang in one chain. */
struct msc_block {
    struct msc_block *next;
};

void *msc_pack_take(msc_plan *plan, size_t n, size_t size)
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

void msc_plan_unpack(msc_plan *plan)
{
    while (plan->memory != NULL) {
        struct msc_block *next = plan->memory->next;
        free(plan->memory);
        plan->memory = next;
    }
    plan->rate = plan->out = plan->guard = (msc_pack){.n = 0};
    plan->core = plan->for_guards = plan->for_outputs = (msc_pack_nodes){.n_special = 0};
    plan->jacobian = (msc_pack_jacobian){.n = 0};
    plan->lu = (msc_pack_lu){.n_state = 0};
    plan->n_partial = plan->n_chunk = plan->n_beside = 0;
    plan->chunk = NULL;
}

static bool in_bounds(const msc_plan *plan, uint64_t n)
{
    return n < UINT32_MAX / (MSC_LANES_MAX * sizeof(double)) && plan->lanes <= MSC_LANES_MAX;
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

static bool pack_rows(msc_plan *plan, const msc_rows *rows, msc_pack *pack)
{
    msc_maker m = {.failed = false};
    for (uint32_t r = 0; r < rows->n; r++) {
        msc_row_begin(&m, msc_offset(plan, r), msc_at_zero(plan));
        msc_row_parts(&m, plan, rows, r);
        msc_row_end(&m, MSC_NONE);
    }
    return msc_rows_done(&m, plan, MSC_READS_APART, pack, NULL);
}

/* Where the value of a node is. */
static uint32_t unknown_of(const msc_program *p, uint32_t node)
{
    return node < p->n_node ? p->n_state + node : p->first_extra + node - p->n_node;
}

static void put_special(const msc_plan *plan, uint32_t node, uint32_t before, msc_pack_nodes *pack)
{
    const msc_program *p = plan->program;
    const msc_special *from = &p->special[p->special_of[node]];
    msc_pack_special *to = &pack->special[pack->n_special++];
    *to = (msc_pack_special){
        .op = from->op,
        .before = before,
        .target = msc_offset(plan, unknown_of(p, node)),
        .partial = MSC_NONE,
        .table = from->table,
        .row = from->row,
    };
    for (int i = 0; i < 3; i++) {
        const int32_t arg = from->arg[i < msc_op_arity(from->op) ? i : 0];
        to->coef[i] = arg < 0;
        to->arg[i] = arg < 0 ? msc_at_coef(plan, (uint32_t)~arg) : msc_offset(plan, (uint32_t)arg);
    }
}

bool msc_pack_nodes_of(msc_plan *plan, uint32_t n, const bool *wanted, msc_maker *m,
                       msc_pack_nodes *pack)
{
    const msc_program *p = plan->program;
    uint32_t n_special = 0;
    for (uint32_t node = 0; node < n; node++) {
        n_special += (wanted == NULL || wanted[node]) && msc_is_special(p, node);
    }
    if (!TAKE(plan, pack->special, (size_t)n_special + 1) ||
        !TAKE(plan, pack->piece, (size_t)n_special + 1)) {
        return false;
    }
    for (uint32_t node = 0; node < n; node++) {
        if (wanted != NULL && !wanted[node]) {
            continue;
        }
        if (msc_is_special(p, node)) {
            put_special(plan, node, (uint32_t)m->n_row, pack);
        } else {
            msc_row_begin(m, msc_offset(plan, unknown_of(p, node)), msc_at_zero(plan));
            msc_row_parts(m, plan, &p->node, node);
            msc_row_end(m, MSC_NONE);
        }
    }
    return true;
}

static bool pack_nodes(msc_plan *plan, uint32_t n, const bool *wanted, msc_pack_nodes *pack)
{
    msc_maker m = {.failed = false};
    const bool done = msc_pack_nodes_of(plan, n, wanted, &m, pack);
    return msc_rows_done(&m, plan, MSC_READS_U, &pack->rows, pack) && done;
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
        if (wanted[node] && msc_is_special(p, node)) {
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
static void find_values(msc_plan *plan, uint32_t *value)
{
    const msc_jacobian *j = &plan->program->jacobian;
    plan->jacobian.n = plan->program->matrix.n_entry;
    for (uint32_t e = 0; e < j->n; e++) {
        value[e] =
            j->col[e] < plan->n_unknown ? plan->program->matrix.of_jacobian[e] : plan->jacobian.n++;
    }
}

/* Its parts that change, by entry: a counting sort into rows; entries of partials have one too. */
static bool pack_jacobian_rows(msc_plan *plan, const uint32_t *value, bool *given)
{
    const msc_jacobian *j = &plan->program->jacobian;
    uint32_t *at, *part;
    msc_maker m = {.failed = false};
    if (!TAKE(plan, at, (size_t)j->n + 2) || !TAKE(plan, part, (size_t)j->n_linear + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        given[value[j->linear[i].entry]] = true;
        at[j->linear[i].entry + 2]++;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        at[e + 1] += at[e];
    }
    for (uint32_t i = 0; i < j->n_linear; i++) {
        part[at[j->linear[i].entry + 1]++] = i;
    }
    for (uint32_t e = 0; e < j->n; e++) {
        if (!given[value[e]]) {
            continue;
        }
        msc_row_begin(&m, msc_at_matrix(plan, value[e]), msc_at_constant(plan, value[e]));
        for (uint32_t i = at[e]; i < at[e + 1]; i++) {
            const struct msc_jacobian_linear *x = &j->linear[part[i]];
            double number;
            if (msc_coef_number(plan->program, x->coef, &number) && number == 1.0) {
                msc_row_plus(&m, msc_offset(plan, x->u));
            } else {
                msc_row_linear(&m, msc_at_coef(plan, x->coef), msc_offset(plan, x->u));
            }
        }
        msc_row_end(&m, MSC_NONE);
    }
    return msc_rows_done(&m, plan, MSC_READS_APART, &plan->jacobian.rows, NULL);
}

static bool pack_jacobian_constants(msc_plan *plan, const uint32_t *value)
{
    const msc_jacobian *j = &plan->program->jacobian;
    msc_pack_jacobian *pack = &plan->jacobian;
    if (!TAKE(plan, pack->constant, (size_t)j->n_constant + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < j->n_constant; i++) {
        pack->constant[pack->n_constant++] =
            (struct msc_pack_constant){value[j->constant[i].entry], j->constant[i].coef};
    }
    return true;
}

static bool pack_partials(msc_plan *plan, const uint32_t *value, bool *given)
{
    const msc_program *p = plan->program;
    msc_pack_jacobian *pack = &plan->jacobian;
    if (!TAKE(plan, pack->partial, 3 * (size_t)p->n_special + 1)) {
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
                s->partial = msc_offset(plan, plan->n_partial);
                plan->n_partial += 3;
            }
            given[value[entry[a]]] = true;
            pack->partial[pack->n_partial++] = (struct msc_pack_partial){
                msc_at_matrix(plan, value[entry[a]]), s->partial + msc_offset(plan, a)};
        }
    }
    return true;
}

/* given[value]: a step sets it. */
static bool pack_jacobian(msc_plan *plan, bool **given)
{
    const msc_program *p = plan->program;
    uint32_t *value;
    if (!TAKE(plan, value, (size_t)p->jacobian.n + 1)) {
        return false;
    }
    find_values(plan, value);
    return TAKE(plan, *given, (size_t)plan->jacobian.n + 1) && pack_partials(plan, value, *given) &&
           pack_jacobian_rows(plan, value, *given) && pack_jacobian_constants(plan, value);
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
                m->diagonal[i] >= to || m->col[m->diagonal[i]] != i ||
                m->col[to - 1] >= m->block_at[b + 1]) {
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
    bool *given = NULL;
    if (!matrix_is_sound(plan)) {
        return msc_fail(err, MSC_E_BUG, NULL,
                        "engine: the program's matrix is not as it should be");
    }
    if (!in_bounds(plan, (uint64_t)p->n_u + MSC_PLACES + plan->n_unknown + p->matrix.n_entry +
                             p->n_coef) ||
        !in_bounds(plan,
                   p->n_coef + 2 * ((uint64_t)p->matrix.n_entry + p->jacobian.n) + MSC_NUMBERS) ||
        !in_bounds(plan, p->out.n) || !in_bounds(plan, 3 * (uint64_t)p->n_special)) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "the model is too large for the engine");
    }
    if (!pack_rows(plan, &p->rate, &plan->rate) || !pack_rows(plan, &p->out, &plan->out) ||
        !pack_rows(plan, &p->guard_row, &plan->guard) ||
        !pack_nodes(plan, p->n_node, NULL, &plan->core) ||
        !pack_needed(plan, &p->guard_row, &plan->for_guards) ||
        !pack_needed(plan, &p->out, &plan->for_outputs) || !pack_jacobian(plan, &given)) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for a plan");
    }
    return msc_pack_matrix(plan, given, err);
}
