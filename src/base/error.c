/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Status codes and the error record: raising an error, and showing one on a terminal. */
#include <mscsim/error.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    int exit_code;
    const char *text;
} status_entry;

static const status_entry status_table[] = {
#define MSC_STATUS(name, code, text) [MSC_##name] = {code, text},
#include <mscsim/status.def>
#undef MSC_STATUS
};

static const status_entry *status_find(msc_status status)
{
    const size_t i = (size_t)status;
    return i < sizeof status_table / sizeof *status_table ? &status_table[i] : NULL;
}

const char *msc_status_text(msc_status status)
{
    const status_entry *entry = status_find(status);
    return entry ? entry->text : "unknown status";
}

int msc_status_exit_code(msc_status status)
{
    const status_entry *entry = status_find(status);
    return (entry ? entry : status_find(MSC_E_BUG))->exit_code;
}

/* The text was cut to fit n bytes: say so with "...", without splitting a UTF-8 character. */
static void mark_cut(char *buffer, size_t n)
{
    size_t end = n - 4;
    while (end > 0 && ((unsigned char)buffer[end] & 0xC0) == 0x80) {
        end--;
    }
    memcpy(buffer + end, "...", 4);
}

msc_status msc_fail(msc_error *err, msc_status status, const char *where, const char *format, ...)
{
    if (!err) {
        return status;
    }
    /* Built aside, since where and the arguments may well point into *err. */
    msc_error fresh = {.status = status};
    va_list args;
    va_start(args, format);
    const int wanted = vsnprintf(fresh.message, sizeof fresh.message, format, args);
    va_end(args);
    if (wanted < 0) {
        fresh.message[0] = '\0';
    } else if ((size_t)wanted >= sizeof fresh.message) {
        mark_cut(fresh.message, sizeof fresh.message);
    }
    if (where) {
        const size_t length = strlen(where);
        const bool fits = length < sizeof fresh.where;
        memcpy(fresh.where, where, fits ? length : sizeof fresh.where - 1);
        if (!fits) {
            mark_cut(fresh.where, sizeof fresh.where);
        }
    }
    *err = fresh;
    return status;
}

/* Length in bytes of a well-formed, printable UTF-8 character of two or more bytes, or 0. U+0080 to
 * U+009F are refused because terminals obey them as they obey ESC. */
static size_t utf8_length(const unsigned char *text)
{
    const size_t n = text[0] >= 0xF0 && text[0] <= 0xF4   ? 4
                     : text[0] >= 0xE0 && text[0] <= 0xEF ? 3
                     : text[0] >= 0xC2 && text[0] <= 0xDF ? 2
                                                          : 0;
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((text[0] == 0xC2 && text[1] < 0xA0) || (text[0] == 0xE0 && text[1] < 0xA0) ||
        (text[0] == 0xF0 && text[1] < 0x90)) {
        return 0;
    }
    return n;
}

/* One character of text, as shown: copied or escaped into out (at least 5 bytes). Gives the bytes
 * taken from text. */
static size_t show(const unsigned char *text, char out[8])
{
    const size_t n = utf8_length(text);
    if (n > 0) {
        memcpy(out, text, n);
        out[n] = '\0';
        return n;
    }
    if (text[0] == '\n' || text[0] == '\t' || text[0] == '\r') {
        snprintf(out, 8, "\\%c", text[0] == '\n' ? 'n' : text[0] == '\t' ? 't' : 'r');
    } else if (text[0] < 0x20 || text[0] >= 0x7F) {
        snprintf(out, 8, "\\x%02x", (unsigned)text[0]);
    } else {
        snprintf(out, 8, "%c", text[0]);
    }
    return 1;
}

/* Append text to a buffer of n bytes of which *used are taken; whole characters or none. */
static void append(char *buffer, size_t n, size_t *used, const char *text)
{
    const unsigned char *next = (const unsigned char *)text;
    while (*next) {
        char shown[8];
        next += show(next, shown);
        const size_t length = strlen(shown);
        if (*used + length >= n) {
            return;
        }
        memcpy(buffer + *used, shown, length + 1);
        *used += length;
    }
}

void msc_error_text(const msc_error *err, char *buffer, unsigned long n)
{
    if (!buffer || n == 0) {
        return;
    }
    buffer[0] = '\0';
    if (!err) {
        return;
    }
    size_t used = 0;
    if (err->where[0]) {
        append(buffer, n, &used, err->where);
        append(buffer, n, &used, ": ");
    }
    append(buffer, n, &used, err->message[0] ? err->message : msc_status_text(err->status));
}
