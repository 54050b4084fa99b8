/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small helpers on text: the nearest name, numbers, names, notes. */
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NEAREST_MAX = 64 }; /* longer names get no suggestion */

/* ASCII only, whatever the locale. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein distance (restricted: no edit inside a swap) in half edits, so that a wrong
 * case costs 1. Both lengths at most NEAREST_MAX. */
static int distance(const char *a, size_t n, const char *b, size_t m)
{
    int rows[3][NEAREST_MAX + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) {
        above[j] = 2 * (int)j;
    }
    for (size_t i = 1; i <= n; i++) {
        row[0] = 2 * (int)i;
        for (size_t j = 1; j <= m; j++) {
            const char x = a[i - 1], y = b[j - 1];
            const int change = x == y ? 0 : lower(x) == lower(y) ? 1 : 2;
            int best = min_int(above[j - 1] + change, min_int(above[j], row[j - 1]) + 2);
            if (i > 1 && j > 1 && x == b[j - 2] && a[i - 2] == y) {
                best = min_int(best, before[j - 2] + 2);
            }
            row[j] = best;
        }
        int *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

const char *msc_text_nearest(const char *name, const char *const *candidates, size_t n)
{
    const size_t length = strlen(name);
    const char *nearest = NULL;
    if (length > NEAREST_MAX) {
        return NULL;
    }
    int limit =
        2 * (int)length / 3; /* a third of the length, in half edits; LUNG for lung is one */
    for (size_t i = 0; i < n; i++) {
        const size_t other = strlen(candidates[i]);
        if (other > NEAREST_MAX) {
            continue;
        }
        const bool same = strcasecmp(name, candidates[i]) == 0;
        const int d =
            same ? strcmp(name, candidates[i]) != 0 : distance(name, length, candidates[i], other);
        if (d <= limit || (same && !nearest)) {
            nearest = candidates[i];
            limit = d - 1; /* a later one must be nearer still */
        }
    }
    return nearest;
}

const char *msc_text_suggest(msc_arena *arena, const char *name, const char *const *candidates,
                             size_t n)
{
    const char *nearest = msc_text_nearest(name, candidates, n);
    return nearest ? msc_arena_printf(arena, "; did you mean '%s'?", nearest) : "";
}

const char *msc_text_suggest_or_list(msc_arena *arena, const char *name, const char *const *candidates,
                                     size_t n)
{
    enum { FEW = 12 };
    const char *text = msc_text_suggest(arena, name, candidates, n);
    if (*text || n == 0 || n > FEW) {
        return text;
    }
    for (size_t i = 0; i < n; i++) {
        text = msc_arena_printf(arena, "%s%s'%s'", text, i == 0 ? "; there is " : i + 1 == n ? " and " : ", ",
                                candidates[i]);
    }
    return text;
}

static const char *skip_digits(const char *text, size_t *n)
{
    while (is_digit(*text)) {
        text++;
        ++*n;
    }
    return text;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit before the exponent. */
static bool is_decimal(const char *text)
{
    size_t mantissa = 0, exponent = 0;
    text += *text == '+' || *text == '-';
    text = skip_digits(text, &mantissa);
    if (*text == '.') {
        text = skip_digits(text + 1, &mantissa);
    }
    if (mantissa == 0) {
        return false;
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        text = skip_digits(text, &exponent);
        if (exponent == 0) {
            return false;
        }
    }
    return *text == '\0';
}

bool msc_text_real(const char *text, double *value)
{
    if (!is_decimal(text)) {
        return false;
    }
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    const locale_t before = uselocale(c_locale);
    const double number = strtod(text, NULL);
    uselocale(before);
    freelocale(c_locale);
    if (!isfinite(number)) {
        return false;
    }
    *value = number;
    return true;
}

bool msc_text_is_name(const char *text)
{
    if (!is_letter(text[0])) {
        return false;
    }
    for (const char *c = text; *c; c++) {
        if (!is_letter(*c) && !is_digit(*c) && *c != '_') {
            return false;
        }
    }
    return strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0;
}

void msc_notes_add(msc_notes *notes, msc_arena *arena, const char *where, const char *format, ...)
{
    char message[sizeof arena->error.message];
    va_list args;
    va_start(args, format);
    if (vsnprintf(message, sizeof message, format, args) < 0) {
        message[0] = '\0';
    }
    va_end(args);
    const msc_note note = {.where = msc_arena_strdup(arena, where ? where : ""),
                           .message = msc_arena_strdup(arena, message)};
    *MSC_PUSH(arena, notes->note, notes->n, notes->cap) = note;
}
