/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Letters and lines. */
#include "store/letters.h"

#include <string.h>

/* Bytes of the letter at text, 0 if they are no UTF-8. */
size_t msc_letter_bytes(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    const size_t n = *c < 0x80 ? 1 : *c >= 0xC2 && *c < 0xE0 ? 2 : *c >= 0xE0 && *c < 0xF0 ? 3 : *c >= 0xF0 && *c < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    const bool overlong = n > 2 && ((c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xF0 && c[1] < 0x90) ||
                                    (c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF4 && c[1] > 0x8F));
    return overlong ? 0 : n;
}

size_t msc_letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

/* Bytes of what fits on a line of so many letters, up to a blank if there is one. */
static size_t fitting(const char *text, size_t most)
{
    size_t n = 0, i = 0, blank = 0;
    for (; text[i]; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (n > most) {
            return blank > 0 ? blank : i;
        }
        blank = text[i] == ' ' ? i : blank;
    }
    return i;
}

msc_wrapped msc_wrap(const char *text, size_t letters)
{
    msc_wrapped w = {0};
    text += strspn(text, " ");
    while (*text && w.n < MSC_LINES) {
        const size_t n = fitting(text, letters);
        w.text[w.n] = text, w.bytes[w.n] = n;
        w.n++;
        text += n;
        text += strspn(text, " ");
    }
    w.cut = *text != '\0';
    return w;
}
