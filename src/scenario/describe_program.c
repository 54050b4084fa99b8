/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The size of a scenario's program: what is computed in each step, and what was left out. Counts are of
 * the program's own rows; a kernel may do with fewer. */
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

enum { WIDTH = 79, INDENT = 4, LARGEST = 4 };

/* Multiply-adds of rows first .. last - 1. */
static uint32_t terms_of(const msc_rows *rows, uint32_t first, uint32_t last)
{
    if (first >= last) {
        return 0;
    }
    return (rows->one_at[last] - rows->one_at[first]) +
           (rows->linear_at[last] - rows->linear_at[first]) +
           2 * (rows->bilinear_at[last] - rows->bilinear_at[first]);
}

/* Places where a coefficient stands. */
static uint32_t uses_of(const msc_rows *rows, uint32_t n)
{
    return n == 0 ? 0 : rows->one_at[n] + rows->linear_at[n] + rows->bilinear_at[n];
}

static uint32_t functions_before(const msc_program *p, uint32_t node)
{
    uint32_t n = 0;
    while (n < p->n_special && p->special[n].node < node) {
        n++;
    }
    return n;
}

static uint32_t entries_of_jacobian(const msc_program *p)
{
    uint32_t n = p->matrix.n; /* the diagonal */
    for (uint32_t e = 0; e < p->jacobian.n; e++) {
        n += p->jacobian.col[e] < p->matrix.n && p->jacobian.col[e] != p->jacobian.row[e];
    }
    return n;
}

/* Multiply-adds of the elimination: each entry left of the diagonal with the row it is cleared by. */
static uint32_t elimination(const msc_matrix *m)
{
    uint32_t n = 0;
    for (uint32_t b = 0; b < m->n_block; b++) {
        for (uint32_t i = m->block_at[b]; i < m->block_at[b + 1]; i++) {
            for (uint32_t e = m->row_at[i]; m->col[e] < i; e++) {
                const uint32_t k = m->col[e];
                n += k < m->block_at[b] ? 0 : m->row_at[k + 1] - m->diagonal[k];
            }
        }
    }
    return n;
}

static int descending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x > y ? -1 : x < y;
}

static void put(FILE *stream, const char *what, uint32_t n)
{
    fprintf(stream, "  %-14s %7u   ", what, n);
}

static void put_blocks(FILE *stream, const msc_matrix *m, uint32_t *size)
{
    for (uint32_t b = 0; b < m->n_block; b++) {
        size[b] = m->block_at[b + 1] - m->block_at[b];
    }
    qsort(size, m->n_block, sizeof *size, descending);
    put(stream, "blocks", m->n_block);
    fprintf(stream, "solved one after the other");
    for (uint32_t b = 0; b < m->n_block && b < LARGEST; b++) {
        fprintf(stream, "%s %u", b == 0 ? "; the largest:" : ",", size[b]);
    }
    fputc('\n', stream);
}

static void put_size(FILE *stream, const msc_program *p, uint32_t *size)
{
    const uint32_t n_all = p->n_node + p->n_guard_node + p->n_output_node;
    const uint32_t n_use = uses_of(&p->rate, p->n_state) + uses_of(&p->node, n_all) +
                           uses_of(&p->out, p->out.n) + uses_of(&p->guard_row, p->n_guard);
    fprintf(stream, "Size\n");
    put(stream, "states", p->n_state);
    fprintf(stream, "%u of amounts, %u integrals\n", p->n_state - p->n_integral, p->n_integral);
    put(stream, "nodes", p->n_node);
    fprintf(stream, "shared variables and flows; %u are functions\n",
            functions_before(p, p->n_node));
    put(stream, "nodes beside", p->n_guard_node + p->n_output_node);
    fprintf(stream, "%u for guards only, %u for outputs only\n", p->n_guard_node, p->n_output_node);
    put(stream, "guards", p->n_guard);
    fprintf(stream, "rows that each step is judged by\n");
    put(stream, "outputs", p->out.n);
    fprintf(stream, "rows of %u quantities\n", p->n_quantity);
    put(stream, "coefficients", p->n_coef);
    fprintf(stream, "different ones in %u places; made by %u operations, once\n", n_use,
            p->n_register);
    put(stream, "matrix", p->matrix.n_entry);
    fprintf(stream, "entries of %u x %u; %u are fill-in\n", p->matrix.n, p->matrix.n,
            p->matrix.n_entry - entries_of_jacobian(p));
    put_blocks(stream, &p->matrix, size);
}

static void put_work(FILE *stream, const msc_program *p)
{
    const uint32_t nodes = terms_of(&p->node, 0, p->n_node),
                   n_all = p->n_node + p->n_guard_node + p->n_output_node;
    fprintf(stream, "\nMultiply-adds\n");
    put(stream, "nodes", nodes);
    fprintf(stream, "in each stage of a step\n");
    put(stream, "rates", terms_of(&p->rate, 0, p->n_state));
    fprintf(stream, "in each stage\n");
    put(stream, "solve", p->matrix.n_entry);
    fprintf(stream, "in each stage\n");
    put(stream, "Jacobian", p->jacobian.n_linear);
    fprintf(stream, "once a step\n");
    put(stream, "elimination", elimination(&p->matrix));
    fprintf(stream, "once a step\n");
    put(stream, "guards",
        terms_of(&p->guard_row, 0, p->n_guard) +
            terms_of(&p->node, p->n_node, p->n_node + p->n_guard_node));
    fprintf(stream, "once a step, and the nodes they need\n");
    put(stream, "outputs",
        terms_of(&p->out, 0, p->out.n) + terms_of(&p->node, p->n_node + p->n_guard_node, n_all));
    fprintf(stream, "at each output time, and the nodes they need\n");
}

/* Names, some on a line. */
static void put_names(FILE *stream, const msc_program *p, bool unreached, const char *why)
{
    uint32_t n = 0;
    int column = WIDTH;
    for (uint32_t i = 0; i < p->n_sliced; i++) {
        n += p->unreached[i] == unreached;
    }
    if (n == 0) {
        return;
    }
    fprintf(stream, "  %s (%u)", why, n);
    for (uint32_t i = 0; i < p->n_sliced; i++) {
        if (p->unreached[i] != unreached) {
            continue;
        }
        const int length = (int)strlen(p->sliced[i]);
        if (column + 2 + length > WIDTH - 1) {
            fprintf(stream, "\n%*s%s", INDENT, "", p->sliced[i]);
            column = INDENT + length;
        } else {
            fprintf(stream, "  %s", p->sliced[i]);
            column += 2 + length;
        }
    }
    fputc('\n', stream);
}

msc_status msc_scenario_describe_program(const msc_scenario *scenario, FILE *stream, msc_error *err)
{
    const msc_program *p = scenario->program;
    uint32_t *size = malloc(((size_t)p->matrix.n_block + 1) * sizeof *size);
    if (size == NULL) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    put_size(stream, p, size);
    free(size);
    put_work(stream, p);
    fprintf(stream, "\nLeft out (%u of %u states)\n", p->n_sliced, p->n_state + p->n_sliced);
    put_names(stream, p, true, "nothing reaches them");
    put_names(stream, p, false, "nothing asked for depends on them");
    return MSC_OK;
}
