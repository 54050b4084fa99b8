/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which unknowns go together through all stages of a step.
 *
 * The matrix is block triangular: a block needs only the blocks before it, in every stage. So the
 * stages of the first blocks can be done before the second are begun, and what they work on stays in
 * the cache nearest to the processor. A chunk is some blocks in a row, so many that calls do not
 * count. */
#include "engine/pack.h"

enum { CHUNK_LEAST = 64 }; /* unknowns, but for the last */

typedef struct {
    const msc_program *p;
    const uint32_t *chunk_of;
    uint32_t here, *far; /* far[chunk]: the last one it needs */
} reach;

static void need(reach *r, uint32_t u)
{
    if (u < r->p->first_given && r->chunk_of[u] > r->far[r->here]) {
        r->far[r->here] = r->chunk_of[u];
    }
}

static void need_row(reach *r, const msc_rows *rows, uint32_t row)
{
    for (uint32_t i = rows->linear_at[row]; i < rows->linear_at[row + 1]; i++) {
        need(r, rows->linear[i].u);
    }
    for (uint32_t i = rows->bilinear_at[row]; i < rows->bilinear_at[row + 1]; i++) {
        need(r, rows->bilinear[i].u);
        need(r, rows->bilinear[i].v);
    }
}

/* What the value of an unknown's rate, or of a node, is made of: more than the matrix knows, since a
 * condition has no derivative. */
static void need_unknown(reach *r, uint32_t u)
{
    const msc_program *p = r->p;
    const uint32_t node = u - p->n_state;
    r->here = r->chunk_of[u];
    if (u < p->n_state) {
        need_row(r, &p->rate, u);
    } else if (msc_is_special(p, node)) {
        const msc_special *s = &p->special[p->special_of[node]];
        for (int i = 0; i < msc_op_arity(s->op); i++) {
            if (s->arg[i] >= 0) {
                need(r, (uint32_t)s->arg[i]);
            }
        }
    } else {
        need_row(r, &p->node, node);
    }
}

/* Blocks side by side until there are enough. */
static uint32_t gather(const msc_matrix *m, uint32_t *chunk_of)
{
    uint32_t chunk = 0, size = 0;
    for (uint32_t b = 0; b < m->n_block; b++) {
        if (size >= CHUNK_LEAST) {
            chunk++;
            size = 0;
        }
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++, size++) {
            chunk_of[m->order[i]] = chunk;
        }
    }
    return m->n > 0 ? chunk + 1 : 0;
}

bool msc_chunk_find(msc_plan *plan, uint32_t *chunk_of, uint32_t *n)
{
    const uint32_t n_unknown = plan->n_unknown, most = gather(&plan->program->matrix, chunk_of);
    reach r = {.p = plan->program, .chunk_of = chunk_of};
    uint32_t *now;
    if (!TAKE(plan, r.far, (size_t)most + 1) || !TAKE(plan, now, (size_t)most + 1)) {
        return false;
    }
    for (uint32_t u = 0; u < n_unknown; u++) {
        need_unknown(&r, u);
    }
    uint32_t end = 0; /* chunks up to here are one */
    *n = 0;
    for (uint32_t c = 0; c < most; c++) {
        *n += c > end || c == 0;
        end = c > end ? c : end;
        end = r.far[c] > end ? r.far[c] : end;
        now[c] = *n - 1;
    }
    for (uint32_t u = 0; u < n_unknown; u++) {
        chunk_of[u] = now[chunk_of[u]];
    }
    return true;
}
