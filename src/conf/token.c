/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of a configuration text, divided as libconfig 1.5 divides it, but refusing what
 * libconfig reads wrongly and without a word:
 *   5000000000 and 0xFFFFFFFF lose their upper bits, 99999999999999999999L becomes the largest,
 *   "." is read as 0, 1e999 as infinity, an unclosed comment swallows the rest of the file, a NUL
 *   ends the text, \x00 in a string vanishes, and @include may read devices or end the process. */
#include "conf/token.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "conf/scan.h"

void msc_tokens_fail(const msc_tokens *tokens, int line, const char *format, ...)
{
    const bool run_on = line == tokens->long_to; /* a quote left out is noticed only where the next one opens */
    const char *where = msc_arena_printf(tokens->arena, "%s:%d", tokens->name, run_on ? tokens->long_from : line);
    va_list args;
    va_start(args, format);
    if (run_on) {
        char what[256];
        vsnprintf(what, sizeof what, format, args);
        va_end(args);
        msc_throw(tokens->arena, MSC_E_CONFIG, where,
                  "the string that begins here ends in line %d: is its closing quote missing? (there: %s)", line, what);
    }
    msc_vthrow(tokens->arena, MSC_E_CONFIG, where, format, args);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What a word may hold: more than a name may, so that a bad name is seen as a whole. */
static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '*' || c == '-' || c == '.' ||
           (unsigned char)c >= 0x80;
}

/* -- Blanks and comments --------------------------------------------------------------------- */

static void skip_block_comment(msc_tokens *tokens)
{
    const int opened = tokens->line;
    for (tokens->next += 2; *tokens->next; tokens->next++) {
        if (tokens->next[0] == '*' && tokens->next[1] == '/') {
            tokens->next += 2;
            return;
        }
        tokens->line += *tokens->next == '\n';
    }
    msc_tokens_fail(tokens, opened, "the comment that begins here has no */");
}

static void skip_blanks(msc_tokens *tokens)
{
    for (;;) {
        const char c = *tokens->next;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\f') {
            tokens->line += c == '\n';
            tokens->next++;
        } else if (c == '#' || (c == '/' && tokens->next[1] == '/')) {
            tokens->next += strcspn(tokens->next, "\n");
        } else if (c == '/' && tokens->next[1] == '*') {
            skip_block_comment(tokens);
        } else {
            return;
        }
    }
}

/* -- Numbers --------------------------------------------------------------------------------- */

_Noreturn static void fail_malformed(const msc_tokens *tokens, const msc_token *token)
{
    msc_tokens_fail(tokens, token->line,
                    "'%.*s' is no number (write 1500, 1.5, -2e6 or 0x1F; a text needs quotes)",
                    (int)token->length, token->start);
}

/* The magnitude written in digits of a base; false if 64 bits do not hold it. */
static bool magnitude(const char *digits, size_t n, unsigned base, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = digits[i];
        const unsigned digit =
            is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
        if (*value > (UINT64_MAX - digit) / base) {
            return false;
        }
        *value = *value * base + digit;
    }
    return true;
}

/* "5e9", "2147483648.0": how to write a large integer as a real, where zeros do not matter. */
static const char *as_real(const msc_tokens *tokens, const char *text, size_t n)
{
    size_t zeros = 0;
    while (zeros + 1 < n && text[n - 1 - zeros] == '0') {
        zeros++;
    }
    return zeros > 2 ? msc_arena_printf(tokens->arena, "%.*se%zu", (int)(n - zeros), text, zeros)
                     : msc_arena_printf(tokens->arena, "%.*s.0", (int)n, text);
}

/* [+-] digits, or 0x digits, and perhaps L or LL: to be checked against what libconfig keeps. */
static msc_token_kind check_integer(const msc_tokens *tokens, const msc_token *token, size_t prefix,
                                    size_t digits)
{
    const bool hex = prefix == 2;
    const bool is_long = prefix + digits < token->length;
    const uint64_t limit = is_long ? INT64_MAX : INT32_MAX;
    const bool negative = token->start[0] == '-';
    uint64_t value = 0;
    const bool held = magnitude(token->start + prefix, digits, hex ? 16 : 10, &value);
    if (held && value <= limit + (negative ? 1 : 0)) {
        return is_long ? MSC_TOKEN_LONG : MSC_TOKEN_INTEGER;
    }
    const char *const text = token->start;
    const int n = (int)(prefix + digits);
    if (!held || value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        msc_tokens_fail(tokens, token->line, "the integer %.*s does not fit in 64 bits", n, text);
    }
    if (hex) {
        msc_tokens_fail(tokens, token->line, "the integer %.*s needs L: write %.*sL", n, text, n,
                        text);
    }
    msc_tokens_fail(tokens, token->line, "the integer %.*s needs L: write %.*sL, or %s for a real",
                    n, text, n, text, as_real(tokens, text, (size_t)n));
}

static msc_token_kind check_real(const msc_tokens *tokens, const msc_token *token)
{
    char text[MSC_CONF_NUMBER_MAX + 1];
    double value = 0.0;
    memcpy(text, token->start, token->length);
    text[token->length] = '\0';
    if (msc_text_real(text, &value)) {
        return MSC_TOKEN_REAL;
    }
    /* Malformed, or well-formed and too large: then the same mantissa without exponent is fine. */
    char *exponent = strpbrk(text, "eE");
    if (exponent && is_digit(exponent[1 + (exponent[1] == '+')]) &&
        exponent[1 + strspn(exponent + 1, "+0123456789")] == '\0') {
        *exponent = '\0';
        if (msc_text_real(text, &value)) {
            msc_tokens_fail(tokens, token->line, "the number %.*s is not finite",
                            (int)token->length, token->start);
        }
    }
    fail_malformed(tokens, token);
}

static msc_token_kind check_number(const msc_tokens *tokens, const msc_token *token)
{
    const char *const text = token->start;
    const bool hex = token->length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
    const size_t prefix = hex ? 2 : text[0] == '+' || text[0] == '-';
    size_t digits = 0;
    while (prefix + digits < token->length &&
           (hex ? is_hex(text[prefix + digits]) : is_digit(text[prefix + digits]))) {
        digits++;
    }
    const char *const rest = text + prefix + digits;
    const size_t n_rest = token->length - prefix - digits;
    const bool suffix = n_rest == 0 || (n_rest == 1 && rest[0] == 'L') ||
                        (n_rest == 2 && rest[0] == 'L' && rest[1] == 'L');
    if (digits > 0 && suffix) {
        return check_integer(tokens, token, prefix, digits);
    }
    if (hex) {
        fail_malformed(tokens, token);
    }
    return check_real(tokens, token);
}

/* Everything up to what cannot continue a number, so that 1.2.3 and 1_000 are seen as a whole. */
static void read_number(msc_tokens *tokens, msc_token *token)
{
    const char *c = token->start + 1;
    const bool hex = token->start[0] == '0' && (*c | 0x20) == 'x';
    while (is_letter(*c) || is_digit(*c) || *c == '_' || *c == '.' ||
           (!hex && (*c == '+' || *c == '-') && (c[-1] | 0x20) == 'e')) {
        c++;
    }
    token->length = (size_t)(c - token->start);
    if (token->length > MSC_CONF_NUMBER_MAX) {
        msc_tokens_fail(tokens, token->line, "a number of %zu characters (at most %d)",
                        token->length, MSC_CONF_NUMBER_MAX);
    }
    tokens->next = c;
    token->kind = check_number(tokens, token);
}

/* -- Strings and words ----------------------------------------------------------------------- */

static void read_string(msc_tokens *tokens, msc_token *token)
{
    token->kind = MSC_TOKEN_STRING;
    const char *c = token->start + 1;
    for (; *c && *c != '"'; c++) {
        if (c[0] == '\\' && c[1] != '\0') {
            if ((c[1] | 0x20) == 'x' && c[2] == '0' && c[3] == '0') {
                msc_tokens_fail(tokens, tokens->line, "a string cannot hold \\x00");
            }
            c++;
        }
        tokens->line += *c == '\n';
    }
    if (!*c) {
        msc_tokens_fail(tokens, token->line, "the string that begins here has no closing quote");
    }
    token->length = (size_t)(c + 1 - token->start);
    tokens->next = c + 1;
    if (tokens->line > token->line) {
        tokens->long_from = token->line, tokens->long_to = tokens->line;
    }
}

static void read_word(msc_tokens *tokens, msc_token *token)
{
    while (is_word(*tokens->next)) {
        tokens->next++;
    }
    token->length = (size_t)(tokens->next - token->start);
    const char *const word = token->start;
    const bool boolean = (token->length == 4 && strncasecmp(word, "true", 4) == 0) ||
                         (token->length == 5 && strncasecmp(word, "false", 5) == 0);
    token->kind = boolean ? MSC_TOKEN_BOOLEAN : MSC_TOKEN_WORD;
}

_Noreturn static void fail_character(const msc_tokens *tokens, const msc_token *token)
{
    if (*token->start == '@') {
        msc_tokens_fail(
            tokens, token->line,
            strncmp(token->start, "@include", 8) == 0
                ? "@include is not read here; use extends = \"other.cfg\""
                : "'@' has no meaning here (for another file use extends = \"other.cfg\")");
    }
    if (*token->start == '\'') {
        msc_tokens_fail(tokens, token->line,
                        "strings stand in double quotes (\"), not in single ones");
    }
    if (strncmp(token->start, "\xe2\x80\x9c", 3) == 0 || strncmp(token->start, "\xe2\x80\x9d", 3) == 0 ||
        strncmp(token->start, "\xe2\x80\x9e", 3) == 0) {
        msc_tokens_fail(tokens, token->line, "strings stand in straight double quotes (\"), not in curly ones");
    }
    int n = 1; /* a whole character of UTF-8 */
    while (n < 4 && ((unsigned char)token->start[n] & 0xc0) == 0x80) {
        n++;
    }
    msc_tokens_fail(tokens, token->line, "'%.*s' has no meaning here", n, token->start);
}

msc_token msc_tokens_next(msc_tokens *tokens)
{
    skip_blanks(tokens);
    const char c = *tokens->next;
    msc_token token = {
        .kind = MSC_TOKEN_MARK, .start = tokens->next, .length = 1, .line = tokens->line};
    if (c == '\0') {
        token.kind = MSC_TOKEN_END;
        token.length = 0;
    } else if (strchr("=:;,{}()[]", c)) {
        tokens->next++;
    } else if (is_digit(c) || c == '+' || c == '-' || c == '.') {
        read_number(tokens, &token);
    } else if (c == '"') {
        read_string(tokens, &token);
    } else if (is_word(c)) {
        read_word(tokens, &token);
    } else {
        fail_character(tokens, &token);
    }
    return token;
}
