/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Letters of UTF-8 texts, and texts in lines. */
#ifndef MSC_STORE_LETTERS_H
#define MSC_STORE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

enum { MSC_LINES = 3 }; /* at most */

/* Bytes of the letter at text, 0 if they are no UTF-8. */
size_t msc_letter_bytes(const char *text);
size_t msc_letters(const char *text);

/* Lines of at most so many letters, broken at blanks where there are any. They are parts of the text. */
typedef struct {
    size_t n;
    const char *text[MSC_LINES];
    size_t bytes[MSC_LINES];
    bool cut; /* there would be more */
} msc_wrapped;
msc_wrapped msc_wrap(const char *text, size_t letters);

#endif
