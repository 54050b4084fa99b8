/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small helpers on text, and the notes (warnings) that a reading collects for its user. */
#ifndef MSC_BASE_TEXT_H
#define MSC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The candidate nearest to a misspelt name (Damerau-Levenshtein, at most a third of its length
 * wrong; case counts half, and half in all if it is all that differs), or NULL. */
const char *msc_text_nearest(const char *name, const char *const *candidates, size_t n);

/* "; did you mean 'x'?" or "" in arena memory. */
const char *msc_text_suggest(msc_arena *arena, const char *name, const char *const *candidates,
                             size_t n);

/* The same; or, if none is near and there are few, "; there is 'x', 'y' and 'z'". */
const char *msc_text_suggest_or_list(msc_arena *arena, const char *name, const char *const *candidates,
                                     size_t n);

/* A whole decimal number, finite, nothing around it, '.' whatever the locale. */
bool msc_text_real(const char *text, double *value);

/* [A-Za-z][A-Za-z0-9_]* and not true/false in any case. */
bool msc_text_is_name(const char *text);

/* Warnings in the order found; `where` as in msc_error. Owned by an arena. */
typedef struct {
    const char *where;
    const char *message;
} msc_note;
typedef struct {
    msc_note *note;
    size_t n, cap;
} msc_notes;
void msc_notes_add(msc_notes *notes, msc_arena *arena, const char *where, const char *format, ...)
    MSC_PRINTF(4, 5);

#endif
