/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unit texts that UDUNITS-2 must not see, because it would read them, without a word, as something
 * that nobody meant. */
#include "base/unittext.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* UDUNITS takes a '.' that cannot be a decimal point for a product, without a word: m^2.5 and m2.5
 * are m2 times 0.5 to it, m.5 is 5 m, and 1e3.5 is 500. */
static bool has_stray_point(const char *text)
{
    for (const char *point = strchr(text, '.'); point; point = strchr(point + 1, '.')) {
        const char *start = point;
        while (start > text && is_digit(start[-1])) {
            start--;
        }
        if (start > text && (start[-1] == '+' || start[-1] == '-')) {
            start--;
        }
        if (is_digit(point[1]) && start > text && !strchr(" */(", start[-1])) {
            return true;
        }
    }
    return false;
}

/* It also takes m) for m. */
static bool is_balanced(const char *text)
{
    int open = 0;
    for (; *text && open >= 0; text++) {
        open += (*text == '(') - (*text == ')');
    }
    return open == 0;
}

/* Nothing that UDUNITS reads in a way of its own: control characters, ill-formed UTF-8 (of which it
 * takes \xC2 for nothing at all). */
static bool is_clean(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        int more = *c >= 0xF0 ? 3 : *c >= 0xE0 ? 2 : *c >= 0xC2 ? 1 : 0;
        if (*c < 0x20 || *c == 0x7F || (*c >= 0x80 && more == 0)) {
            return false;
        }
        for (; more > 0; more--) {
            if ((*++c & 0xC0) != 0x80) {
                return false;
            }
        }
    }
    return true;
}

const char *msc_unittext_clean(const char *text, char buffer[MSC_UNITTEXT_MAX + 1])
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    if (length > MSC_UNITTEXT_MAX) {
        return "is too long";
    }
    memcpy(buffer, text, length);
    buffer[length] = '\0';
    if (!is_clean(buffer)) {
        return "holds a character that no unit has";
    }
    if (!is_balanced(buffer)) {
        return "has a bracket without its other one";
    }
    return has_stray_point(buffer) ? "has a '.' where none can be (exponents are integers)" : NULL;
}
