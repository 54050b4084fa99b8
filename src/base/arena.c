/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One build's memory (a chain of zeroed blocks that are freed together) and its way out. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64 * 1024 };

struct msc_arena_block {
    struct msc_arena_block *next;
    size_t used, size; /* of memory */
    alignas(max_align_t) unsigned char memory[];
};

/* A block with room for at least n bytes, ahead of the others if it has room to spare. */
static struct msc_arena_block *block_new(msc_arena *arena, size_t n)
{
    const size_t size = n > BLOCK / 4 ? n : BLOCK;
    if (size > PTRDIFF_MAX - sizeof(struct msc_arena_block)) {
        return NULL;
    }
    struct msc_arena_block *block = calloc(1, sizeof *block + size);
    if (!block) {
        return NULL;
    }
    block->size = size;
    if (arena->block && size == n) {
        block->next = arena->block->next; /* full at once: keep the one that still has room */
        arena->block->next = block;
    } else {
        block->next = arena->block;
        arena->block = block;
    }
    return block;
}

msc_arena *msc_arena_new(msc_error *err)
{
    msc_arena *arena = calloc(1, sizeof *arena);
    if (!arena) {
        msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    return arena;
}

void msc_arena_free(msc_arena *arena)
{
    if (!arena) {
        return;
    }
    for (struct msc_arena_block *block = arena->block, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

/* What needed several blocks gets one that holds as much. */
void msc_arena_reset(msc_arena *arena)
{
    memset(&arena->error, 0, sizeof arena->error);
    if (arena->block && !arena->block->next) {
        memset(arena->block->memory, 0, arena->block->used);
        arena->block->used = 0;
        return;
    }
    size_t size = 0;
    for (struct msc_arena_block *block = arena->block, *next; block; block = next) {
        next = block->next;
        size += block->size;
        free(block);
    }
    arena->block = NULL;
    if (size > 0) {
        (void)block_new(arena, size); /* if there is no room for it now, a later alloc will say so */
    }
}

/* With arena->error thrown. */
static _Noreturn void leave(msc_arena *arena)
{
    if (arena->each) {
        longjmp(arena->next, 1);
    }
    longjmp(arena->out, 1);
}

void msc_vthrow(msc_arena *arena, msc_status status, const char *where, const char *format,
                va_list args)
{
    /* One byte more than a message holds, so that msc_fail sees that it was cut. */
    char message[sizeof arena->error.message + 1];
    if (vsnprintf(message, sizeof message, format, args) < 0) {
        message[0] = '\0';
    }
    msc_fail(&arena->error, status, where, "%s", message);
    leave(arena);
}

void msc_throw(msc_arena *arena, msc_status status, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    msc_vthrow(arena, status, where, format, args);
}

void msc_faults_add(msc_faults *faults, const msc_error *error)
{
    bool known = faults->n == faults->most;
    for (size_t i = 0; i < faults->n && !known; i++) {
        known = strcmp(faults->error[i].where, error->where) == 0 && strcmp(faults->error[i].message, error->message) == 0;
    }
    if (!known) {
        faults->error[faults->n++] = *error;
    }
}

void msc_arena_stop(msc_arena *arena)
{
    if (arena->faults && arena->faults->n > 0) {
        arena->error = arena->faults->error[0];
        leave(arena);
    }
}

void msc_arena_each(msc_arena *arena, size_t n, void (*one)(void *context, size_t i), void *context)
{
    const bool collects = arena->faults && !arena->each;
    for (volatile size_t i = 0; i < n; i++) {
        if (!collects) {
            one(context, i);
            continue;
        }
        arena->each = true;
        if (setjmp(arena->next) == 0) {
            one(context, i);
            arena->each = false;
            continue;
        }
        arena->each = false;
        if (arena->error.status != MSC_E_CONFIG) {
            leave(arena);
        }
        msc_faults_add(arena->faults, &arena->error);
        if (arena->faults->n == arena->faults->most) {
            msc_arena_stop(arena);
        }
    }
}

void *msc_arena_alloc(msc_arena *arena, size_t n, size_t size)
{
    const size_t step = alignof(max_align_t);
    if (size != 0 && n > (PTRDIFF_MAX - step) / size) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory (%zu things of %zu bytes)", n, size);
    }
    const size_t bytes = n * size == 0 ? step : (n * size + step - 1) / step * step;
    struct msc_arena_block *block = arena->block;
    if (!block || block->size - block->used < bytes) {
        block = block_new(arena, bytes);
    }
    if (!block) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory (%zu bytes)", bytes);
    }
    void *memory = block->memory + block->used;
    block->used += bytes;
    return memory;
}

char *msc_arena_strndup(msc_arena *arena, const char *text, size_t n)
{
    const char *end = memchr(text, '\0', n);
    const size_t length = end ? (size_t)(end - text) : n;
    char *copy = msc_arena_alloc(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *msc_arena_strdup(msc_arena *arena, const char *text)
{
    if (!text) {
        msc_throw(arena, MSC_E_USAGE, NULL, "a file or a text is wanted here, and not NULL");
    }
    return msc_arena_strndup(arena, text, strlen(text));
}

char *msc_arena_printf(msc_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        msc_throw(arena, MSC_E_BUG, NULL, "a text cannot be formatted");
    }
    char *text = msc_arena_alloc(arena, (size_t)length + 1, 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void *msc_arena_grow(msc_arena *arena, const void *array, size_t n, size_t *cap, size_t size)
{
    const size_t wanted = n < 4 ? 8 : n > SIZE_MAX / 2 ? SIZE_MAX : 2 * n;
    void *grown = msc_arena_alloc(arena, wanted, size);
    if (n > 0) {
        memcpy(grown, array, n * size);
    }
    *cap = wanted;
    return grown;
}
