/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of a plan as machine code: for each term a multiply-add, straight on.
 *
 * The code does what kernel.inc does with the same tables, operation by operation, so that results
 * have the same bits; only the reading of tables, loops and branches are gone, and what a stage's
 * lines begin with need not go through memory. machine.c makes the instructions.
 *
 * Memory is writable while it is filled and executable after, never both. Where it cannot be had,
 * plans do without. */
#include "engine/pack.h"

#if defined(__x86_64__) && defined(__linux__)

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/machine.h"

typedef struct {
    msc_plan *plan;
    uint32_t minus_one; /* in a */
    msc_machine machine;
    size_t n, cap;
    msc_code ***place; /* of each function: where its address goes */
} emitter;

static void one(emitter *e, msc_machine_what what, msc_machine_array array, uint32_t offset)
{
    msc_machine_add(&e->machine, what, 1, &array, &offset);
}

/* The end of a function whose address goes to `place`. */
static void end(emitter *e, msc_code **place)
{
    if (e->n == e->cap) {
        const size_t cap = e->cap > 0 ? 2 * e->cap : 64;
        msc_code ***more = realloc(e->place, cap * sizeof *more);
        if (more == NULL) {
            e->machine.failed = true;
            return;
        }
        e->place = more;
        e->cap = cap;
    }
    e->place[e->n++] = place;
    msc_machine_add(&e->machine, MSC_DO_END, 0, NULL, NULL);
}

/* ---- rows ---- */

/* Which of the arrays a table's rows read and write. */
typedef struct {
    msc_machine_array u, from, value;
} arrays;
static const arrays OF_U = {MSC_IN_U, MSC_IN_U, MSC_IN_U}, OF_A = {MSC_IN_A, MSC_IN_A, MSC_IN_A},
                    U_TO_A = {MSC_IN_U, MSC_IN_A, MSC_IN_A},
                    U_TO_VALUE = {MSC_IN_U, MSC_IN_U, MSC_IN_VALUE};

static void emit_row(emitter *e, const msc_pack_row *row, const uint32_t **part, arrays in)
{
    const uint32_t *p = *part;
    if (in.from == MSC_IN_A || row->from != msc_at_zero(e->plan)) {
        one(e, MSC_DO_LOAD, in.from, row->from);
    } else {
        msc_machine_add(&e->machine, MSC_DO_CLEAR, 0, NULL, NULL);
    }
    for (uint32_t i = 0; i < row->n_plus; i++, p++) {
        one(e, MSC_DO_ADD, in.u, *p);
    }
    for (uint32_t i = 0; i < row->n_minus; i++, p++) {
        one(e, MSC_DO_SUBTRACT, in.u, *p);
    }
    for (uint32_t i = 0; i < row->n_linear; i++, p += 2) {
        msc_machine_add(&e->machine, MSC_DO_ADD_PRODUCT, 2, (msc_machine_array[]){MSC_IN_A, in.u},
                        p);
    }
    for (uint32_t i = 0; i < row->n_bilinear; i++, p += 3) {
        msc_machine_add(&e->machine, MSC_DO_ADD_TRIPLE, 3,
                        (msc_machine_array[]){MSC_IN_A, in.u, in.u}, p);
    }
    if (row->scale == MSC_INVERT) {
        one(e, MSC_DO_INTO, MSC_IN_A, e->minus_one);
    } else if (row->scale != MSC_NONE) {
        one(e, MSC_DO_MULTIPLY, MSC_IN_A, row->scale);
    }
    one(e, MSC_DO_STORE, in.value, row->target);
    *part = p;
}

static void emit_rows(emitter *e, msc_pack *pack, arrays in)
{
    const uint32_t *part = pack->part;
    for (uint32_t r = 0; r < pack->n; r++) {
        emit_row(e, &pack->row[r], &part, in);
    }
    end(e, &pack->code);
}

/* ---- nodes ---- */

/* A node's function, if there are instructions for it. */
static bool emit_special(emitter *e, const msc_pack_special *s)
{
    static const msc_machine_what WHAT[] = {[MSC_OP_DIVIDE] = MSC_DO_DIVIDE,
                                            [MSC_OP_MIN] = MSC_DO_MIN,
                                            [MSC_OP_MAX] = MSC_DO_MAX,
                                            [MSC_OP_IF] = MSC_DO_IF};
    msc_machine_array array[3];
    if ((size_t)s->op >= sizeof WHAT / sizeof *WHAT || WHAT[s->op] == MSC_DO_CLEAR) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        array[i] = s->coef[i] ? MSC_IN_A : MSC_IN_U;
    }
    msc_machine_add(&e->machine, WHAT[s->op], (unsigned)msc_op_arity(s->op), array, s->arg);
    one(e, MSC_DO_STORE, MSC_IN_U, s->target);
    return true;
}

/* A function ends where one of C is to be called. */
static void emit_nodes(emitter *e, msc_pack_nodes *nodes)
{
    const msc_pack *rows = &nodes->rows;
    const msc_pack_row *row = rows->row;
    const uint32_t *part = rows->part;
    uint32_t g = 0;
    for (uint32_t i = 0; i <= nodes->n_special; i++) {
        msc_pack_special *s = i < nodes->n_special ? &nodes->special[i] : NULL;
        for (const uint32_t last = s != NULL ? s->before : rows->n_group; g < last; g++) {
            for (const msc_pack_row *next = row + rows->group[g].n; row < next; row++) {
                emit_row(e, row, &part, OF_U);
            }
        }
        if (s == NULL || !(s->emitted = emit_special(e, s))) {
            end(e, &nodes->piece[i]);
        }
    }
}

/* ---- all ---- */

static void emit_all(emitter *e)
{
    msc_plan *plan = e->plan;
    for (uint32_t c = 0; c < plan->n_chunk; c++) {
        emit_nodes(e, &plan->chunk[c].nodes);
    }
    emit_nodes(e, &plan->core);
    emit_rows(e, &plan->rate, U_TO_VALUE);
    emit_rows(e, &plan->jacobian.rows, U_TO_A);
    emit_rows(e, &plan->lu.rows, OF_A);
    emit_nodes(e, &plan->for_outputs);
    emit_rows(e, &plan->out, U_TO_VALUE);
    emit_nodes(e, &plan->for_guards);
    emit_rows(e, &plan->guard, U_TO_VALUE);
}

static size_t largest(const msc_program *p, const msc_plan *plan)
{
    const size_t size[] = {(size_t)p->n_coef + 2 * (size_t)plan->jacobian.n + MSC_NUMBERS,
                           (size_t)p->n_u + MSC_PLACES + plan->n_unknown + plan->n_beside, p->out.n,
                           p->n_guard};
    size_t most = 1;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        most = size[i] > most ? size[i] : most;
    }
    return most;
}

/* The code into memory that can be run, and its addresses to the tables. */
static bool install(emitter *e)
{
    msc_plan *plan = e->plan;
    size_t *at = malloc((e->n + 1) * sizeof *at);
    const size_t size = msc_machine_write(&e->machine, NULL, NULL);
    void *memory =
        at == NULL ? MAP_FAILED
                   : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        free(at);
        return false;
    }
    (void)msc_machine_write(&e->machine, memory, at);
    const bool done = mprotect(memory, size, PROT_READ | PROT_EXEC) == 0;
    for (size_t i = 0; done && i < e->n; i++) {
        const uint8_t *address = (const uint8_t *)memory + at[i];
        memcpy(e->place[i], &address, sizeof address);
    }
    free(at);
    if (!done) {
        munmap(memory, size);
        return false;
    }
    plan->code = memory;
    plan->code_size = size;
    return true;
}

bool msc_plan_emit(msc_plan *plan)
{
    emitter e = {.plan = plan, .minus_one = msc_at_number(plan, MSC_MINUS_ONE)};
    emit_all(&e);
    const bool done = msc_machine_link(&e.machine, largest(plan->program, plan)) && install(&e);
    free(e.machine.op);
    free(e.place);
    return done;
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
