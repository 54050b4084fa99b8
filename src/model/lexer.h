/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words and signs of a formula, one at a time. A number and its unit are one token, since where a
 * unit ends is a matter of letters, not of grammar (language §4 and rulings 3). */
#ifndef MSC_MODEL_LEXER_H
#define MSC_MODEL_LEXER_H

#include "conf/conf.h"

typedef enum {
    MSC_T_END,
    MSC_T_NUMBER, /* number, unit (NULL: none) */
    MSC_T_NAME,   /* also the words of the grammar: and or not in sum ... */
    MSC_T_LESS,
    MSC_T_LESS_EQUAL,
    MSC_T_GREATER,
    MSC_T_GREATER_EQUAL,
    MSC_T_EQUAL,
    MSC_T_NOT_EQUAL,
    MSC_T_SIGN /* one of + - * / ^ ( ) [ ] , : . */
} msc_lexeme_kind;

typedef struct {
    msc_lexeme_kind kind;
    const char *start; /* in the text */
    size_t length;     /* of a number: without its unit */
    int column;        /* from 1, in characters */
    char sign;         /* of a SIGN */
    double number;
    const char *unit;
} msc_lexeme;

typedef struct {
    msc_arena *arena;
    const msc_conf *node;
    msc_lexeme token; /* the one that stands next */
    const char *next; /* behind it */
    const char *unit; /* of the number just before, if it has a sign in it where a formula may have been meant; or NULL */
} msc_lexer;

enum { MSC_FORMULA_MAX = 16384 }; /* bytes */

/* Throw E_CONFIG if the text is too long or its first token is none. */
msc_lexer msc_lexer_new(msc_arena *arena, const msc_conf *node, const char *text);
/* On to the next token. */
void msc_lexer_step(msc_lexer *lexer);
/* Is the token this word, this sign? */
bool msc_lexeme_is_word(const msc_lexeme *token, const char *word);
bool msc_lexeme_is_sign(const msc_lexeme *token, char sign);
/* The token's text, in the arena. */
const char *msc_lexeme_text(msc_arena *arena, const msc_lexeme *token);
/* Throw "column 12: expected a value, found ')'". */
_Noreturn void msc_lexer_expected(const msc_lexer *lexer, const char *what);

#endif
