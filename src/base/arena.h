/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One build's memory and its way out.
 *
 * Reading a model touches thousands of small objects that live and die together, and can fail at
 * any depth of a formula. Both are solved by one object: everything is allocated in an arena, and
 * a failure (or want of memory) leaves through msc_throw, straight to the function that opened the
 * arena. Nothing leaks because nothing is owned elsewhere. Only the floors that read and compile
 * (conf, model, program, scenario) use it; the engine allocates plainly and returns statuses.
 *
 *     msc_arena *arena = msc_arena_new(err);
 *     if (!arena) return MSC_E_NOMEM;
 *     if (MSC_CATCH(arena)) { status = arena->error.status; ... free ...; return status; }
 *     ... work that may throw ...
 */
#ifndef MSC_BASE_ARENA_H
#define MSC_BASE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <mscsim/error.h>

/* Faults of a user's files that do not hang on each other, in the order found, each once. */
typedef struct {
    size_t n, most;
    msc_error *error; /* [most] */
} msc_faults;

typedef struct msc_arena msc_arena;
struct msc_arena {
    struct msc_arena_block *block;
    jmp_buf out;        /* where a throw lands: set by MSC_CATCH */
    msc_error error;    /* what was thrown */
    msc_faults *faults; /* wanted all together; or NULL: the first is the only one */
    bool each;          /* inside msc_arena_each, */
    jmp_buf next;       /* which goes on here */
};

/* 0 at first, non-zero after a throw. Locals changed in between must be volatile. */
#define MSC_CATCH(arena) setjmp((arena)->out)

msc_arena *msc_arena_new(msc_error *err);
void msc_arena_free(msc_arena *arena); /* NULL is fine */
/* Forget all that is in it, and what was thrown, but keep the memory: for work that is done again and
 * again, which then allocates nothing. */
void msc_arena_reset(msc_arena *arena);

_Noreturn void msc_throw(msc_arena *arena, msc_status status, const char *where, const char *format,
                         ...) MSC_PRINTF(4, 5);
_Noreturn void msc_vthrow(msc_arena *arena, msc_status status, const char *where,
                          const char *format, va_list args) MSC_PRINTF(4, 0);

/* one(context, i) for each of n things that do not depend on each other. Where faults are collected, an E_CONFIG thrown for one is
 * noted and the next is gone on with, as long as there is room for more; not so inside of one. What builds on all of them comes
 * behind msc_arena_stop, which throws the first fault there has been. */
void msc_arena_each(msc_arena *arena, size_t n, void (*one)(void *context, size_t i), void *context);
void msc_arena_stop(msc_arena *arena);
void msc_faults_add(msc_faults *faults, const msc_error *error);

/* Zeroed memory for n things of a size; throws MSC_E_NOMEM (also on overflow of n * size). */
void *msc_arena_alloc(msc_arena *arena, size_t n, size_t size);
/* A text that is NULL has not been handed over by whom the library serves: throws MSC_E_USAGE. */
char *msc_arena_strdup(msc_arena *arena, const char *text);
char *msc_arena_strndup(msc_arena *arena, const char *text, size_t n);
char *msc_arena_printf(msc_arena *arena, const char *format, ...) MSC_PRINTF(2, 3);

#define MSC_NEW(arena, type, n) ((type *)msc_arena_alloc((arena), (n), sizeof(type)))

/* Append to a growing array in an arena: T *a; size_t n, cap; the old array is left behind. */
#define MSC_PUSH(arena, array, n, cap)                                                         \
    ((n) == (cap) ? ((array) = msc_arena_grow((arena), (array), (n), &(cap), sizeof *(array))) \
                  : (array),                                                                   \
     &(array)[(n)++])
void *msc_arena_grow(msc_arena *arena, const void *array, size_t n, size_t *cap, size_t size);

#endif
