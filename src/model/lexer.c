/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words and signs of a formula. No function of <ctype.h>: what is a letter must not depend on the
 * locale. */
#include "model/lexer.h"

#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0u) == 0x80u;
}

static const char *word_end(const char *s)
{
    while (is_letter(*s) || is_digit(*s) || *s == '_') {
        s++;
    }
    return s;
}

/* Behind a decimal number at s, or s if there is none. */
static const char *number_end(const char *s)
{
    const char *p = s;
    size_t digits = 0;
    for (; is_digit(*p); p++) {
        digits++;
    }
    if (*p == '.') {
        for (p++; is_digit(*p); p++) {
            digits++;
        }
    }
    if (digits == 0) {
        return s;
    }
    if (*p == 'e' || *p == 'E') {
        const char *e = p + 1;
        if (*e == '+' || *e == '-') {
            e++;
        }
        if (is_digit(*e)) {
            while (is_digit(*e)) {
                e++;
            }
            p = e;
        }
    }
    return p;
}

/* Behind a unit at s: a space, a comparison, or a bracket or comma which is not its own ends it. */
static const char *unit_end(const char *s)
{
    int depth = 0;
    for (; *s && !is_space(*s) && !strchr("<>=!,]", *s); s++) {
        if (*s == '(') {
            depth++;
        } else if (*s == ')' && depth-- == 0) {
            break;
        }
    }
    return s;
}

/* May a unit begin at s, which is behind a number and a space? */
static bool starts_unit(const char *s)
{
    static const char *const words[] = {"and", "or", "not", "in"};
    if (is_digit(*s)) { /* "0.65 1/h", but not "2 3" */
        const char *end = number_end(s);
        return end != unit_end(s) || (*s == '1' && end == s + 1);
    }
    if (!is_letter(*s)) {
        return *s == '%' || (unsigned char)*s >= 0x80u;
    }
    const char *end = word_end(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == (size_t)(end - s) && !memcmp(words[i], s, (size_t)(end - s))) {
            return false;
        }
    }
    return *end != '(';
}

_Noreturn static void fail_at(const msc_lexer *lexer, const char *message)
{
    msc_conf_fail(lexer->arena, lexer->node, "column %d: %s", lexer->token.column, message);
}

/* "1 mg*(fr + 1)": the unit would be 'mg*(fr'. */
static void refuse_open(const msc_lexer *lexer, const char *number, const char *unit)
{
    int depth = 0;
    size_t sign = 0;
    for (size_t i = 0; unit[i]; i++) {
        depth += unit[i] == '(' ? 1 : unit[i] == ')' ? -1 : 0;
        sign = sign == 0 && i > 0 && strchr("*/-+", unit[i]) ? i : sign;
    }
    if (depth != 0) {
        fail_at(lexer, msc_arena_printf(lexer->arena, "a unit ends at a space, and '%s' is none; write %s %.*s %c %s ...",
                                        unit, number, (int)(sign > 0 ? sign : strcspn(unit, "(")), unit,
                                        sign > 0 ? unit[sign] : '*', unit + (sign > 0 ? sign + 1 : strcspn(unit, "("))));
    }
}

static void read_number(msc_lexer *lexer)
{
    msc_lexeme *token = &lexer->token;
    const char *end = number_end(token->start);
    token->kind = MSC_T_NUMBER;
    token->length = (size_t)(end - token->start);
    const char *text = msc_lexeme_text(lexer->arena, token);
    if (!msc_text_real(text, &token->number)) {
        fail_at(lexer, msc_arena_printf(lexer->arena, "'%s' is too large for a number", text));
    }
    if (is_letter(*end) || *end == '_' || *end == '%') {
        const char *stop = unit_end(end);
        fail_at(lexer,
                msc_arena_printf(lexer->arena, "a unit stands after a space: write '%s %.*s'", text,
                                 (int)(stop - end), end));
    }
    lexer->next = end;
    const char *unit = end;
    while (is_space(*unit)) {
        unit++;
    }
    if (unit > end && starts_unit(unit)) {
        lexer->next = unit_end(unit);
        token->unit = msc_arena_strndup(lexer->arena, unit, (size_t)(lexer->next - unit));
        refuse_open(lexer, text, token->unit);
    }
}

/* What people write who come from other languages. */
static void refuse_foreign(const msc_lexer *lexer)
{
    static const struct {
        const char *sign, *hint;
    } foreign[] = {
        {"**", "write '^' for a power"},
        {"&&", "write 'and'"},
        {"||", "write 'or'"},
        {"!", "write 'not', or '!=' for unequal"},
        {"=", "write '==' to compare"},
        {"?", "write if(condition, value, other)"},
        {"_", "a name begins with a letter"},
    };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (!strncmp(lexer->token.start, foreign[i].sign, strlen(foreign[i].sign))) {
            fail_at(lexer, msc_arena_printf(lexer->arena, "'%s' has no meaning here: %s",
                                            foreign[i].sign, foreign[i].hint));
        }
    }
}

static bool read_comparison(msc_lexer *lexer)
{
    static const struct {
        const char *sign;
        msc_lexeme_kind kind;
    } comparison[] = {
        {"<=", MSC_T_LESS_EQUAL}, {">=", MSC_T_GREATER_EQUAL}, {"==", MSC_T_EQUAL},
        {"!=", MSC_T_NOT_EQUAL},  {"<", MSC_T_LESS},           {">", MSC_T_GREATER},
    };
    msc_lexeme *token = &lexer->token;
    for (size_t i = 0; i < sizeof comparison / sizeof *comparison; i++) {
        size_t length = strlen(comparison[i].sign);
        if (!strncmp(token->start, comparison[i].sign, length)) {
            token->kind = comparison[i].kind;
            token->length = length;
            lexer->next = token->start + length;
            return true;
        }
    }
    return false;
}

static void read_sign(msc_lexer *lexer)
{
    msc_lexeme *token = &lexer->token;
    if (read_comparison(lexer)) {
        return;
    }
    refuse_foreign(lexer);
    if (!strchr("+-*/^()[],:.", *token->start)) {
        size_t length = 1;
        while (is_continuation(token->start[length])) {
            length++;
        }
        fail_at(lexer, msc_arena_printf(lexer->arena, "'%.*s' has no meaning in a formula",
                                        (int)length, token->start));
    }
    token->kind = MSC_T_SIGN;
    token->sign = *token->start;
    token->length = 1;
    lexer->next = token->start + 1;
}

void msc_lexer_step(msc_lexer *lexer)
{
    const char *s = lexer->token.start;
    int column = lexer->token.column;
    const char *start = lexer->next;
    while (is_space(*start)) {
        start++;
    }
    for (; s < start; s++) {
        column += !is_continuation(*s);
    }
    const msc_lexeme *last = &lexer->token;
    lexer->unit = last->kind == MSC_T_NUMBER && last->unit && strpbrk(last->unit, "*+") ? last->unit : NULL;
    lexer->token = (msc_lexeme){.kind = MSC_T_END, .start = start, .column = column};
    lexer->next = start;
    if (is_digit(*start) || (*start == '.' && is_digit(start[1]))) {
        read_number(lexer);
    } else if (is_letter(*start)) {
        lexer->token.kind = MSC_T_NAME;
        lexer->next = word_end(start);
        lexer->token.length = (size_t)(lexer->next - start);
    } else if (*start) {
        read_sign(lexer);
    }
}

msc_lexer msc_lexer_new(msc_arena *arena, const msc_conf *node, const char *text)
{
    if (strlen(text) > MSC_FORMULA_MAX) {
        msc_conf_fail(arena, node, "this text has %zu bytes; %d are allowed in a formula",
                      strlen(text), MSC_FORMULA_MAX);
    }
    msc_lexer lexer = {.arena = arena, .node = node, .next = text};
    lexer.token = (msc_lexeme){.kind = MSC_T_END, .start = text, .column = 1};
    msc_lexer_step(&lexer);
    return lexer;
}

bool msc_lexeme_is_word(const msc_lexeme *token, const char *word)
{
    return token->kind == MSC_T_NAME && strlen(word) == token->length &&
           !memcmp(word, token->start, token->length);
}

bool msc_lexeme_is_sign(const msc_lexeme *token, char sign)
{
    return token->kind == MSC_T_SIGN && token->sign == sign;
}

const char *msc_lexeme_text(msc_arena *arena, const msc_lexeme *token)
{
    return msc_arena_strndup(arena, token->start, token->length);
}

_Noreturn void msc_lexer_expected(const msc_lexer *lexer, const char *what)
{
    const msc_lexeme *token = &lexer->token;
    if (token->kind == MSC_T_END) {
        msc_conf_fail(lexer->arena, lexer->node, "column %d: expected %s, found the end",
                      token->column, what);
    }
    size_t length = token->length < 40 ? token->length : 40;
    msc_conf_fail(lexer->arena, lexer->node, "column %d: expected %s, found '%.*s'%s", token->column,
                  what, (int)length, token->start,
                  lexer->unit ? msc_arena_printf(lexer->arena, "; '%s' before it is read as a unit: put spaces around its signs",
                                                 lexer->unit)
                              : "");
}
