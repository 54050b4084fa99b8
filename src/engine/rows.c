/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows made one by one, see pack.h. */
#include "engine/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longer rows are summed in pieces: an addition waits for the one before it. */
enum { LINEAR_MOST = 8, PLUS_MOST = 8 };

static void append(msc_maker *m, msc_words *words, size_t n, const uint32_t *item)
{
    if (words->n + n > words->cap) {
        const size_t cap = 2 * (words->n + n) + 32;
        uint32_t *more = m->failed ? NULL : realloc(words->item, cap * sizeof *more);
        if (more == NULL) {
            m->failed = true;
            return;
        }
        words->item = more;
        words->cap = cap;
    }
    if (n > 0) {
        memcpy(&words->item[words->n], item, n * sizeof *item);
    }
    words->n += n;
}

void msc_row_begin(msc_maker *m, uint32_t target, uint32_t from)
{
    m->plus.n = m->minus.n = m->linear.n = m->bilinear.n = 0;
    m->target = target;
    m->from = from;
}

void msc_row_plus(msc_maker *m, uint32_t u)
{
    append(m, &m->plus, 1, &u);
}

void msc_row_minus(msc_maker *m, uint32_t u)
{
    append(m, &m->minus, 1, &u);
}

void msc_row_linear(msc_maker *m, uint32_t a, uint32_t u)
{
    append(m, &m->linear, 2, (uint32_t[]){a, u});
}

void msc_row_bilinear(msc_maker *m, uint32_t a, uint32_t u, uint32_t v)
{
    append(m, &m->bilinear, 3, (uint32_t[]){a, u, v});
}

static void push(msc_maker *m, msc_pack_row row)
{
    if (m->n_row == m->cap_row) {
        const size_t cap = 2 * m->cap_row + 32;
        msc_pack_row *more = m->failed ? NULL : realloc(m->row, cap * sizeof *more);
        if (more == NULL) {
            m->failed = true;
            return;
        }
        m->row = more;
        m->cap_row = cap;
    }
    m->row[m->n_row++] = row;
}

/* Parts of the row at hand as rows of their own, no longer than `most`, whose values are then added. */
static void split(msc_maker *m, const msc_plan *plan, msc_words *words, size_t width, size_t most)
{
    const size_t n = words->n / width, pieces = (n + most - 1) / most;
    const bool plus = words == &m->plus;
    if (pieces <= 1 || m->failed) {
        return;
    }
    uint32_t first = m->n_beside;
    for (size_t i = 0; i < pieces; i++) {
        const size_t from = i * n / pieces, to = (i + 1) * n / pieces;
        append(m, &m->part, (to - from) * width, &words->item[from * width]);
        push(m, (msc_pack_row){.target = msc_at_beside(plan, m->n_beside++),
                               .from = msc_at_zero(plan),
                               .scale = MSC_NONE,
                               .n_plus = plus ? (uint32_t)(to - from) : 0,
                               .n_linear = plus ? 0 : (uint32_t)(to - from)});
    }
    words->n = 0;
    for (; first < m->n_beside; first++) {
        msc_row_plus(m, msc_at_beside(plan, first));
    }
}

void msc_row_end(msc_maker *m, uint32_t scale)
{
    if (m->beside != NULL) {
        split(m, m->beside, &m->linear, 2, LINEAR_MOST);
        split(m, m->beside, &m->plus, 1, PLUS_MOST);
    }
    push(m, (msc_pack_row){.target = m->target,
                           .from = m->from,
                           .scale = scale,
                           .n_plus = (uint32_t)m->plus.n,
                           .n_minus = (uint32_t)m->minus.n,
                           .n_linear = (uint32_t)(m->linear.n / 2),
                           .n_bilinear = (uint32_t)(m->bilinear.n / 3)});
    append(m, &m->part, m->plus.n, m->plus.item);
    append(m, &m->part, m->minus.n, m->minus.item);
    append(m, &m->part, m->linear.n, m->linear.item);
    append(m, &m->part, m->bilinear.n, m->bilinear.item);
}

bool msc_rows_done(msc_maker *m, msc_plan *plan, msc_rows_reads reads, msc_pack *pack,
                   msc_pack_nodes *nodes)
{
    const bool done = !m->failed && msc_rows_order(m, plan, reads, pack, nodes);
    free(m->row);
    free(m->plus.item);
    free(m->minus.item);
    free(m->linear.item);
    free(m->bilinear.item);
    free(m->part.item);
    *m = (msc_maker){.n_row = 0};
    return done;
}

/* ---- rows of the program ---- */

bool msc_coef_number(const msc_program *p, uint32_t coef, double *number)
{
    const msc_instruction *op = p->prologue != NULL ? &p->prologue[p->coef[coef]] : NULL;
    *number = op != NULL && op->op == MSC_OP_NUMBER ? op->number : NAN;
    return !isnan(*number);
}

static void put_linear(msc_maker *m, const msc_plan *plan, uint32_t coef, uint32_t u)
{
    double number;
    const bool known = msc_coef_number(plan->program, coef, &number);
    if (known && number == 1.0) {
        msc_row_plus(m, msc_offset(plan, u));
    } else if (known && number == -1.0) {
        msc_row_minus(m, msc_offset(plan, u));
    } else {
        msc_row_linear(m, msc_at_coef(plan, coef), msc_offset(plan, u));
    }
}

void msc_row_parts(msc_maker *m, const msc_plan *plan, const msc_rows *rows, uint32_t r)
{
    for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
        put_linear(m, plan, rows->one[i], plan->program->n_u);
    }
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        put_linear(m, plan, rows->linear[i].coef, rows->linear[i].u);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *x = &rows->bilinear[i];
        msc_row_bilinear(m, msc_at_coef(plan, x->coef), msc_offset(plan, x->u),
                         msc_offset(plan, x->v));
    }
}
