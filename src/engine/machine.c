/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Operations as AVX2 code, see machine.h.
 *
 * Reading memory binds: two values a cycle. So a value that has been read or computed stays in its
 * register until that is needed for one which is read sooner (Belady, IBM Systems J. 5:78, 1966; all
 * reads to come are known). System V calling convention, all vector registers are ours:
 *
 *     rdi  rsi  rdx  rcx      the arrays
 *
 * Encoding: Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 2. */
#include "engine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "engine/plan.h"

#define NOBODY UINT32_MAX
enum { REGISTERS = 16, ENTRY_ALIGN = 32, INDEX_BITS = 28 };
enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3 };
static const uint8_t BASE[4] = {7, 6, 2, 1}; /* rdi, rsi, rdx, rcx as in a ModRM byte */

/* ---- operations ---- */

void msc_machine_add(msc_machine *m, msc_machine_what what, unsigned n,
                     const msc_machine_array *array, const uint32_t *offset)
{
    if (m->n == m->cap) {
        const size_t cap = m->cap > 0 ? 2 * m->cap : 1024;
        msc_machine_op *op = m->failed ? NULL : realloc(m->op, cap * sizeof *op);
        if (op == NULL) {
            m->failed = true;
            return;
        }
        m->op = op;
        m->cap = cap;
    }
    msc_machine_op *op = &m->op[m->n++];
    *op = (msc_machine_op){.what = what, .next = {NOBODY, NOBODY, NOBODY}};
    for (unsigned i = 0; i < 3; i++) {
        op->arg[i] = i < n ? (uint32_t)array[i] << INDEX_BITS | offset[i] / 32 : NOBODY;
    }
}

static size_t slot(uint32_t value, size_t size)
{
    return (value >> INDEX_BITS) * size + (value & ((1u << INDEX_BITS) - 1));
}

bool msc_machine_link(msc_machine *m, size_t size)
{
    uint32_t *seen = m->failed || size >> INDEX_BITS != 0 ? NULL : malloc(4 * size * sizeof *seen);
    if (seen == NULL) {
        return false;
    }
    memset(seen, 0xff, 4 * size * sizeof *seen);
    for (size_t i = m->n; i-- > 0;) {
        msc_machine_op *op = &m->op[i];
        if (op->what == MSC_DO_END) {
            memset(seen, 0xff, 4 * size * sizeof *seen);
        }
        for (int k = 0; k < 3; k++) {
            op->next[k] = op->arg[k] != NOBODY ? seen[slot(op->arg[k], size)] : NOBODY;
        }
        for (int k = 0; k < 3; k++) {
            if (op->arg[k] != NOBODY) {
                seen[slot(op->arg[k], size)] = op->what == MSC_DO_STORE ? NOBODY : (uint32_t)i;
            }
        }
    }
    free(seen);
    return true;
}

/* ---- registers ---- */

/* Bytes go to `to`, or are only counted. */
typedef struct {
    uint8_t *to;
    size_t n;
    uint32_t held[REGISTERS]; /* the value in each register, or NOBODY */
    uint32_t next[REGISTERS]; /* when it is read next */
    bool busy[REGISTERS];     /* of this operation */
    uint8_t sum;
} writer;

static void put(writer *w, const uint8_t *bytes, size_t n)
{
    if (w->to != NULL) {
        memcpy(w->to + w->n, bytes, n);
    }
    w->n += n;
}

static int find(const writer *w, uint32_t value)
{
    for (int r = 0; r < REGISTERS; r++) {
        if (w->held[r] == value) {
            return r;
        }
    }
    return -1;
}

/* The register that can be spared best: of nobody, or of a value that is read last. */
static uint8_t spare(const writer *w)
{
    int best = -1;
    for (int r = 0; r < REGISTERS; r++) {
        if (!w->busy[r] && r != w->sum && (best < 0 || w->next[r] > w->next[best])) {
            best = r;
        }
    }
    return (uint8_t)best;
}

static void hold(writer *w, uint8_t reg, uint32_t value, uint32_t next)
{
    w->held[reg] = next != NOBODY ? value : NOBODY;
    w->next[reg] = next;
}

/* ---- instructions ---- */

/* An operand: a register, or memory. */
typedef struct {
    bool memory;
    uint8_t reg;
    uint32_t value;
} operand;

static operand in_register(uint8_t reg)
{
    return (operand){.reg = reg};
}

/* A packed double instruction of 256 bits: reg, reg2 and an operand. */
static void instruct(writer *w, uint8_t map, bool wide, uint8_t opcode, uint8_t reg, uint8_t reg2,
                     operand x)
{
    const uint8_t r = reg < 8 ? 0x80 : 0, b = x.memory || x.reg < 8 ? 0x20 : 0,
                  tail = (uint8_t)((~reg2 & 15) << 3 | 5);
    if (map == MAP_0F && b != 0 && !wide) {
        put(w, (uint8_t[]){0xc5, r | tail, opcode}, 3);
    } else {
        put(w, (uint8_t[]){0xc4, r | 0x40 | b | map, (wide ? 0x80 : 0) | tail, opcode}, 4);
    }
    const uint8_t middle = (uint8_t)((reg & 7) << 3);
    if (!x.memory) {
        put(w, (uint8_t[]){0xc0 | middle | (x.reg & 7)}, 1);
        return;
    }
    const uint8_t base = BASE[x.value >> INDEX_BITS];
    const uint32_t offset = (x.value & ((1u << INDEX_BITS) - 1)) * 32;
    if (offset < 128) {
        put(w, (uint8_t[]){0x40 | middle | base, (uint8_t)offset}, 2);
    } else {
        put(w,
            (uint8_t[]){0x80 | middle | base, (uint8_t)offset, (uint8_t)(offset >> 8),
                        (uint8_t)(offset >> 16), (uint8_t)(offset >> 24)},
            5);
    }
}

static void move(writer *w, uint8_t to, operand from)
{
    instruct(w, MAP_0F, false, 0x28, to, 0, from); /* vmovapd */
}

/* to = a op b */
static void simple(writer *w, uint8_t opcode, uint8_t to, uint8_t a, operand b)
{
    instruct(w, MAP_0F, false, opcode, to, a, b);
}

enum { ADD = 0x58, MULTIPLY = 0x59, SUBTRACT = 0x5c, DIVIDE = 0x5e, XOR = 0x57, OR = 0x56 };
enum { FMADD231 = 0xb8 };
enum { NOT_EQUAL = 4, LESS_EQUAL = 2, GREATER_EQUAL = 13, UNORDERED = 3 };

static void compare(writer *w, uint8_t to, uint8_t a, operand b, uint8_t how)
{
    simple(w, 0xc2, to, a, b);
    put(w, &how, 1);
}

/* to = where mask ? a : b */
static void blend(writer *w, uint8_t to, uint8_t b, uint8_t a, uint8_t mask)
{
    instruct(w, MAP_0F3A, false, 0x4b, to, b, in_register(a));
    put(w, (uint8_t[]){(uint8_t)(mask << 4)}, 1);
}

/* ---- operands ---- */

/* In a register until the operation ends. */
static uint8_t fetch(writer *w, const msc_machine_op *op, int k)
{
    int r = find(w, op->arg[k]);
    if (r < 0) {
        r = spare(w);
        move(w, (uint8_t)r, (operand){.memory = true, .value = op->arg[k]});
    }
    hold(w, (uint8_t)r, op->arg[k], op->next[k]);
    w->busy[r] = true;
    return (uint8_t)r;
}

/* Wherever it is; into a register if it is read again sooner than what would have to go. */
static operand reach(writer *w, const msc_machine_op *op, int k)
{
    const int r = find(w, op->arg[k]);
    if (r >= 0 || op->next[k] < w->next[spare(w)]) {
        return in_register(fetch(w, op, k));
    }
    return (operand){.memory = true, .value = op->arg[k]};
}

/* A new register for the sum. */
static void take_sum(writer *w)
{
    w->sum = REGISTERS; /* the last one is no sum any more */
    w->sum = spare(w);
    hold(w, w->sum, NOBODY, NOBODY);
}

/* sum = a; where a is read no more, its register becomes the sum. */
static void load_sum(writer *w, const msc_machine_op *op)
{
    const int r = find(w, op->arg[0]);
    if (r >= 0 && op->next[0] == NOBODY) {
        w->sum = (uint8_t)r;
        hold(w, w->sum, NOBODY, NOBODY);
        return;
    }
    if (r >= 0) {
        w->next[r] = op->next[0];
        w->busy[r] = true;
    }
    take_sum(w);
    move(w, w->sum,
         r >= 0 ? in_register((uint8_t)r) : (operand){.memory = true, .value = op->arg[0]});
}

/* a = sum, which stays if it is read again. */
static void store_sum(writer *w, const msc_machine_op *op)
{
    const int r = find(w, op->arg[0]);
    if (r >= 0) { /* what it was */
        hold(w, (uint8_t)r, NOBODY, NOBODY);
    }
    instruct(w, MAP_0F, false, 0x29, w->sum, 0, (operand){.memory = true, .value = op->arg[0]});
    hold(w, w->sum, op->arg[0], op->next[0]);
    w->sum = REGISTERS;
}

/* sum += a b */
static void add_product(writer *w, const msc_machine_op *op)
{
    const int first =
        find(w, op->arg[0]) < 0 && (find(w, op->arg[1]) >= 0 || op->next[1] < op->next[0]);
    const uint8_t a = fetch(w, op, first);
    const operand b = op->arg[0] == op->arg[1] ? in_register(a) : reach(w, op, 1 - first);
    instruct(w, MAP_0F38, true, FMADD231, w->sum, a, b);
}

static void add_triple(writer *w, const msc_machine_op *op)
{
    const int first =
        find(w, op->arg[1]) < 0 && (find(w, op->arg[2]) >= 0 || op->next[2] < op->next[1]) ? 2 : 1;
    const uint8_t u = fetch(w, op, first);
    const operand v = op->arg[1] == op->arg[2] ? in_register(u) : reach(w, op, 3 - first);
    const operand c = reach(w, op, 0);
    const uint8_t product = spare(w);
    hold(w, product, NOBODY, NOBODY);
    simple(w, MULTIPLY, product, u, v);
    instruct(w, MAP_0F38, true, FMADD231, w->sum, product, c);
}

/* Choices: as kernel.inc has them. */
static void choose(writer *w, const msc_machine_op *op)
{
    uint8_t r[3] = {0}, mask;
    for (int k = 0; k < (op->what == MSC_DO_IF ? 3 : 2); k++) {
        r[k] = fetch(w, op, k);
    }
    take_sum(w);
    mask = spare(w);
    hold(w, mask, NOBODY, NOBODY);
    if (op->what == MSC_DO_IF) {
        simple(w, XOR, mask, mask, in_register(mask));
        compare(w, mask, r[0], in_register(mask), NOT_EQUAL);
        blend(w, w->sum, r[2], r[1], mask);
        return;
    }
    compare(w, w->sum, r[0], in_register(r[1]),
            op->what == MSC_DO_MIN ? LESS_EQUAL : GREATER_EQUAL);
    compare(w, mask, r[0], in_register(r[0]), UNORDERED);
    simple(w, OR, mask, w->sum, in_register(mask));
    blend(w, w->sum, r[1], r[0], mask);
}

static void divide(writer *w, const msc_machine_op *op)
{
    const uint8_t a = fetch(w, op, 0);
    const operand b = reach(w, op, 1);
    take_sum(w);
    simple(w, DIVIDE, w->sum, a, b);
}

/* ---- functions ---- */

static void forget(writer *w)
{
    for (int r = 0; r < REGISTERS; r++) {
        w->held[r] = w->next[r] = NOBODY;
    }
    w->sum = REGISTERS;
}

/* The next begins at a round address; what is between is never reached. */
static void end_function(writer *w)
{
    put(w, (uint8_t[]){0xc5, 0xf8, 0x77, 0xc3}, 4); /* vzeroupper, ret */
    while (w->n % ENTRY_ALIGN != 0) {
        put(w, (uint8_t[]){0x90}, 1); /* nop */
    }
    forget(w);
}

static void write_one(writer *w, const msc_machine_op *op)
{
    memset(w->busy, 0, sizeof w->busy);
    switch (op->what) {
    case MSC_DO_CLEAR:
        take_sum(w);
        simple(w, XOR, w->sum, w->sum, in_register(w->sum));
        break;
    case MSC_DO_LOAD: load_sum(w, op); break;
    case MSC_DO_STORE: store_sum(w, op); break;
    case MSC_DO_ADD: simple(w, ADD, w->sum, w->sum, reach(w, op, 0)); break;
    case MSC_DO_SUBTRACT: simple(w, SUBTRACT, w->sum, w->sum, reach(w, op, 0)); break;
    case MSC_DO_MULTIPLY: simple(w, MULTIPLY, w->sum, w->sum, reach(w, op, 0)); break;
    case MSC_DO_INTO: simple(w, DIVIDE, w->sum, fetch(w, op, 0), in_register(w->sum)); break;
    case MSC_DO_ADD_PRODUCT: add_product(w, op); break;
    case MSC_DO_ADD_TRIPLE: add_triple(w, op); break;
    case MSC_DO_DIVIDE: divide(w, op); break;
    case MSC_DO_MIN:
    case MSC_DO_MAX:
    case MSC_DO_IF: choose(w, op); break;
    case MSC_DO_END: end_function(w); break;
    }
}

size_t msc_machine_write(const msc_machine *m, uint8_t *to, size_t *start)
{
    writer w = {.to = to};
    size_t function = 0;
    bool begins = true;
    forget(&w);
    for (size_t i = 0; i < m->n; i++) {
        if (begins && start != NULL) {
            start[function] = w.n;
        }
        function += begins;
        write_one(&w, &m->op[i]);
        begins = m->op[i].what == MSC_DO_END;
    }
    return w.n;
}
