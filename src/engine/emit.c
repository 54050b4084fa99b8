/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of a plan as machine code: for each term a load and a multiply-add, straight on.
 *
 * The code does what kernel.inc does with the same tables, operation by operation, so that results
 * have the same bits; only the reading of tables, loops and branches are gone. It knows four lanes
 * with AVX2 and FMA, twelve instructions and three arrays (System V calling convention):
 *
 *     rdi   coefficients, or the matrix        ymm0   the sum
 *     rsi   unknowns                           ymm1   a factor
 *     rdx   where values go                    ymm2   1, for inverses
 *
 * Memory is writable while it is filled and executable after, never both. Where it cannot be had,
 * plans do without. Encoding: Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 2. */
#include "engine/plan.h"

#if defined(__x86_64__) && defined(__linux__)

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COEF = 7, U = 6, VALUE = 2 };   /* rdi, rsi, rdx as in a ModRM byte */
enum { SUM = 0, FACTOR = 1, ONE = 2 }; /* ymm0 .. ymm2 */
enum { ENTRY_ALIGN = 64 };

/* Bytes go to `to`, or are only counted. */
typedef struct {
    uint8_t *to;
    size_t n;
} writer;

static void put(writer *w, const uint8_t *bytes, size_t n)
{
    if (w->to != NULL) {
        memcpy(w->to + w->n, bytes, n);
    }
    w->n += n;
}

/* ---- instructions ---- */

/* The operand [base + offset] with a register. */
static void put_memory(writer *w, uint8_t reg, uint8_t base, uint32_t offset)
{
    const uint8_t modrm = (uint8_t)(reg << 3 | base);
    if (offset < 128) {
        put(w, (uint8_t[]){0x40 | modrm, (uint8_t)offset}, 2);
    } else {
        put(w,
            (uint8_t[]){0x80 | modrm, (uint8_t)offset, (uint8_t)(offset >> 8),
                        (uint8_t)(offset >> 16), (uint8_t)(offset >> 24)},
            5);
    }
}

/* A packed double instruction of 256 bits, map 0F: reg = reg2 op [base + offset]. */
static void simple(writer *w, uint8_t opcode, uint8_t reg, uint8_t reg2, uint8_t base,
                   uint32_t offset)
{
    put(w, (uint8_t[]){0xc5, (uint8_t)(0x80 | (~reg2 & 15) << 3 | 5), opcode}, 3);
    put_memory(w, reg, base, offset);
}

/* Map 0F38 with W1: reg += or -= reg2 * [base + offset]. */
static void fused(writer *w, uint8_t opcode, uint8_t reg, uint8_t reg2, uint8_t base,
                  uint32_t offset)
{
    put(w, (uint8_t[]){0xc4, 0xe2, (uint8_t)(0x80 | (~reg2 & 15) << 3 | 5), opcode}, 4);
    put_memory(w, reg, base, offset);
}

static void load(writer *w, uint8_t reg, uint8_t base, uint32_t offset)
{
    simple(w, 0x28, reg, 0, base, offset); /* vmovapd */
}

static void store(writer *w, uint8_t reg, uint8_t base, uint32_t offset)
{
    simple(w, 0x29, reg, 0, base, offset);
}

static void add(writer *w, uint8_t reg, uint8_t base, uint32_t offset)
{
    simple(w, 0x58, reg, reg, base, offset);
}

static void multiply(writer *w, uint8_t reg, uint8_t base, uint32_t offset)
{
    simple(w, 0x59, reg, reg, base, offset);
}

static void divide(writer *w, uint8_t reg, uint8_t dividend, uint8_t base, uint32_t offset)
{
    simple(w, 0x5e, reg, dividend, base, offset);
}

static void add_product(writer *w, uint8_t reg, uint8_t factor, uint8_t base, uint32_t offset)
{
    fused(w, 0xb8, reg, factor, base, offset); /* vfmadd231pd */
}

static void subtract_product(writer *w, uint8_t reg, uint8_t factor, uint8_t base, uint32_t offset)
{
    fused(w, 0xbc, reg, factor, base, offset); /* vfnmadd231pd */
}

static void clear(writer *w, uint8_t reg)
{
    put(w,
        (uint8_t[]){0xc5, (uint8_t)(0x80 | (~reg & 15) << 3 | 5), 0x57,
                    (uint8_t)(0xc0 | reg << 3 | reg)},
        4);
}

/* to = [base + offset] - reg, by way of `to`. */
static void subtract_from(writer *w, uint8_t to, uint8_t reg, uint8_t base, uint32_t offset)
{
    load(w, to, base, offset);
    put(w,
        (uint8_t[]){0xc5, (uint8_t)(0x80 | (~to & 15) << 3 | 5), 0x5c,
                    (uint8_t)(0xc0 | to << 3 | reg)},
        4);
}

/* ---- pieces ---- */

static void begin(writer *w)
{
    while (w->n % ENTRY_ALIGN != 0) {
        put(w, (uint8_t[]){0x90}, 1); /* nop, never reached */
    }
}

/* The end of a piece that began at `start`: as a function. */
static msc_code *end(writer *w, size_t start)
{
    put(w, (uint8_t[]){0xc5, 0xf8, 0x77, 0xc3}, 4); /* vzeroupper, ret */
    msc_code *code = NULL;
    if (w->to != NULL) {
        const uint8_t *at = w->to + start;
        memcpy(&code, &at, sizeof code);
    }
    return code;
}

/* Tables being read from front to back. */
typedef struct {
    const uint32_t *unit;
    const msc_pack_linear *linear;
    const msc_pack_bilinear *bilinear;
} cursor;

static void emit_row(writer *w, const msc_pack_row *row, msc_pack_mode mode, cursor *at)
{
    if (mode == MSC_PACK_ADD) {
        load(w, SUM, VALUE, row->target);
    } else {
        clear(w, SUM);
    }
    for (uint32_t i = 0; i < row->n_unit; i++, at->unit++) {
        add(w, SUM, U, *at->unit);
    }
    for (uint32_t i = 0; i < row->n_linear; i++, at->linear++) {
        load(w, FACTOR, COEF, at->linear->coef);
        add_product(w, SUM, FACTOR, U, at->linear->u);
    }
    for (uint32_t i = 0; i < row->n_bilinear; i++, at->bilinear++) {
        load(w, FACTOR, U, at->bilinear->u);
        multiply(w, FACTOR, U, at->bilinear->v);
        add_product(w, SUM, FACTOR, COEF, at->bilinear->coef);
    }
    if (mode == MSC_PACK_SUBTRACT) {
        subtract_from(w, FACTOR, SUM, VALUE, row->target);
        store(w, FACTOR, VALUE, row->target);
    } else {
        store(w, SUM, VALUE, row->target);
    }
}

static msc_code *emit_piece(writer *w, const msc_pack *pack, uint32_t first, uint32_t last,
                            cursor *at)
{
    begin(w);
    const size_t start = w->n;
    for (uint32_t r = first; r < last; r++) {
        emit_row(w, &pack->row[r], pack->mode, at);
    }
    return end(w, start);
}

static void emit_rows(writer *w, msc_pack *pack)
{
    cursor at = {pack->unit, pack->linear, pack->bilinear};
    pack->code = emit_piece(w, pack, 0, pack->n, &at);
}

static void emit_nodes(writer *w, msc_pack_nodes *nodes)
{
    const msc_pack *rows = &nodes->rows;
    cursor at = {rows->unit, rows->linear, rows->bilinear};
    uint32_t first = 0;
    for (uint32_t i = 0; i <= nodes->n_special; i++) {
        const uint32_t last = i < nodes->n_special ? nodes->special[i].before : rows->n;
        nodes->piece[i] = emit_piece(w, rows, first, last, &at);
        first = last;
    }
}

static msc_code *emit_solve(writer *w, const msc_pack_solve *solve)
{
    begin(w);
    const size_t start = w->n;
    const struct msc_solve_term *term = solve->term;
    for (uint32_t i = 0; i < solve->n_line; i++) {
        const struct msc_solve_line *line = &solve->line[i];
        load(w, SUM, U, line->x);
        for (uint32_t k = 0; k < line->n_term; k++, term++) {
            load(w, FACTOR, COEF, term->entry);
            subtract_product(w, SUM, FACTOR, U, term->x);
        }
        if (line->diagonal != MSC_NONE) {
            multiply(w, SUM, COEF, line->diagonal);
        }
        store(w, SUM, U, line->x);
    }
    return end(w, start);
}

/* The matrix in rdi, a one of all lanes at rsi. */
static msc_code *emit_lu(writer *w, const msc_pack_lu *lu)
{
    begin(w);
    const size_t start = w->n;
    const struct msc_lu_factor *f = lu->factor;
    const struct msc_lu_update *u = lu->update;
    load(w, ONE, U, 0);
    for (uint32_t i = 0; i < lu->n_row; i++) {
        for (uint32_t k = 0; k < lu->row[i].n_factor; k++, f++) {
            load(w, FACTOR, COEF, f->entry);
            multiply(w, FACTOR, COEF, f->pivot);
            store(w, FACTOR, COEF, f->entry);
            for (uint32_t j = 0; j < f->n_update; j++, u++) {
                load(w, SUM, COEF, u->target);
                subtract_product(w, SUM, FACTOR, COEF, u->source);
                store(w, SUM, COEF, u->target);
            }
        }
        divide(w, SUM, ONE, COEF, lu->row[i].diagonal);
        store(w, SUM, COEF, lu->row[i].diagonal);
    }
    return end(w, start);
}

static void emit_all(writer *w, msc_plan *plan)
{
    emit_nodes(w, &plan->core);
    emit_rows(w, &plan->rate);
    plan->solve.code = emit_solve(w, &plan->solve);
    plan->lu.code = emit_lu(w, &plan->lu);
    emit_rows(w, &plan->jacobian.rows);
    emit_nodes(w, &plan->for_outputs);
    emit_rows(w, &plan->out);
    emit_nodes(w, &plan->for_guards);
    emit_rows(w, &plan->guard);
}

bool msc_plan_emit(msc_plan *plan)
{
    writer w = {.to = NULL};
    emit_all(&w, plan);
    const size_t size = w.n;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    plan->code = memory;
    plan->code_size = size;
    w = (writer){.to = memory};
    emit_all(&w, plan);
    if (mprotect(memory, size, PROT_READ | PROT_EXEC) != 0) {
        w = (writer){.to = NULL};
        emit_all(&w, plan); /* forget it */
        return false;
    }
    return true;
}

void msc_plan_unemit(msc_plan *plan)
{
    if (plan->code != NULL) {
        munmap(plan->code, plan->code_size);
    }
}

#else

bool msc_plan_emit(msc_plan *plan)
{
    (void)plan;
    return false;
}

void msc_plan_unemit(msc_plan *plan)
{
    (void)plan;
}

#endif
