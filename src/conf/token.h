/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of a configuration text, as libconfig 1.5 divides it. Private to the floor. */
#ifndef MSC_CONF_TOKEN_H
#define MSC_CONF_TOKEN_H

#include <stddef.h>

#include "base/arena.h"

typedef enum {
    MSC_TOKEN_END,
    MSC_TOKEN_MARK,    /* one of = : ; , { } ( ) [ ] */
    MSC_TOKEN_WORD,    /* a name, good or bad, or a word where a value should be */
    MSC_TOKEN_BOOLEAN, /* true or false, in any case */
    MSC_TOKEN_INTEGER, /* 32 bits */
    MSC_TOKEN_LONG,    /* 64 bits, with an L */
    MSC_TOKEN_REAL,
    MSC_TOKEN_STRING /* with its quotes */
} msc_token_kind;

typedef struct {
    msc_token_kind kind;
    const char *start;
    size_t length;
    int line; /* where it begins */
} msc_token;

typedef struct {
    msc_arena *arena;
    const char *name; /* of the file, for messages */
    const char *next; /* what is still to be read, NUL-terminated */
    int line;
    int long_from, long_to; /* lines of the last string that goes over several; 0: none */
} msc_tokens;

/* The next token; numbers are checked to be what libconfig can read. Throws E_CONFIG. */
msc_token msc_tokens_next(msc_tokens *tokens);

/* Throw E_CONFIG at "name:line". */
_Noreturn void msc_tokens_fail(const msc_tokens *tokens, int line, const char *format, ...)
    MSC_PRINTF(3, 4);

#endif
