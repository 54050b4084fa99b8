/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated values: a file's bytes, then its records, taken apart in place. */
#include "fit/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

void msc_csv_fail(const msc_csv *csv, size_t line, size_t column, const char *format, ...)
{
    char where[sizeof csv->arena->error.where];
    va_list args;
    snprintf(where, sizeof where, "%s:%zu:%zu", csv->name, line, column);
    va_start(args, format);
    msc_vthrow(csv->arena, MSC_E_DATA, where, format, args);
}

/* ---- the bytes ---- */

/* Is it text at all, as far as its beginning tells? */
static void check_head(const msc_csv *csv, const char *head, size_t n)
{
    const unsigned char *b = (const unsigned char *)head;
    size_t line = 1, column = 1;
    if (n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
        msc_csv_fail(csv, 1, 1, "the file is in UTF-16; data are in UTF-8");
    }
    for (size_t i = 0; i < n && i < MSC_CSV_LINE; i++) {
        if (b[i] == '\0') {
            msc_csv_fail(csv, line, column, "a NUL byte: the file is not text");
        }
        line += b[i] == '\n';
        column = b[i] == '\n' ? 1 : column + ((b[i] & 0xC0) != 0x80);
    }
    if (n > MSC_CSV_LINE && line == 1) {
        msc_csv_fail(csv, 1, 1, "a line of more than %d KiB", MSC_CSV_LINE >> 10);
    }
}

static void skip_mark(msc_csv *csv)
{
    if (csv->end - csv->at >= 3 && memcmp(csv->at, "\xEF\xBB\xBF", 3) == 0) {
        csv->at += 3;
    }
}

msc_csv *msc_csv_open(msc_arena *arena, const char *path, const char *name)
{
    msc_csv *csv = MSC_NEW(arena, msc_csv, 1);
    *csv = (msc_csv){.arena = arena, .name = name, .line = 1, .column = 1};
    static const msc_file_kind kind = {MSC_E_DATA, MSC_E_DATA, "a file of data", "data have", MSC_CSV_BYTES};
    const size_t size = msc_file_size(arena, path, name, &kind);
    if (size > MSC_CSV_LINE) { /* looked at before memory for all of it is taken */
        char *head = msc_arena_alloc(arena, MSC_CSV_LINE + 1, 1);
        check_head(csv, head, msc_file_read(arena, path, name, head, MSC_CSV_LINE + 1));
    }
    csv->at = msc_arena_alloc(arena, size + 2, 1);
    msc_file_read_all(arena, path, name, csv->at, size);
    csv->end = csv->at + size;
    check_head(csv, csv->at, size);
    csv->text = msc_arena_strndup(arena, csv->at, size);
    skip_mark(csv);
    return csv;
}

msc_csv *msc_csv_of_text(msc_arena *arena, const char *text, const char *name)
{
    msc_csv *csv = MSC_NEW(arena, msc_csv, 1);
    *csv = (msc_csv){.arena = arena, .name = name, .text = text, .at = msc_arena_strdup(arena, text), .line = 1, .column = 1};
    csv->end = csv->at + strlen(text);
    skip_mark(csv);
    return csv;
}

/* ---- characters ---- */

static bool more(const msc_csv *csv)
{
    return csv->at < csv->end;
}

/* Bytes of the character here; 0: not UTF-8 (RFC 3629). */
static size_t utf8_length(const msc_csv *csv)
{
    const unsigned char *c = (const unsigned char *)csv->at;
    const size_t n = c[0] < 0x80 ? 1 : c[0] < 0xC2 ? 0 : c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : c[0] < 0xF5 ? 4 : 0;
    if (n > (size_t)(csv->end - csv->at)) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    const bool bad = (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] > 0x9F) || (c[0] == 0xF0 && c[1] < 0x90) ||
                     (c[0] == 0xF4 && c[1] > 0x8F);
    return bad ? 0 : n;
}

/* The bytes of the character here, which is one that a text may have. A CR belongs to an LF. */
static size_t look(const msc_csv *csv)
{
    const unsigned char c = (unsigned char)*csv->at;
    if (c == '\0') {
        msc_csv_fail(csv, csv->line, csv->column, "a NUL byte: the file is not text");
    }
    if (c == '\r' && !(csv->at + 1 < csv->end && csv->at[1] == '\n')) {
        msc_csv_fail(csv, csv->line, csv->column, "a carriage return without a line feed");
    }
    if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
        msc_csv_fail(csv, csv->line, csv->column, "a control character (0x%02X)", c);
    }
    const size_t n = utf8_length(csv);
    if (n == 0) {
        msc_csv_fail(csv, csv->line, csv->column, "a byte (0x%02X) that is not UTF-8", c);
    }
    return n;
}

static void step(msc_csv *csv)
{
    const size_t n = look(csv);
    csv->column += *csv->at != '\n';
    if (*csv->at == '\n') {
        csv->line++;
        csv->column = 1;
    }
    csv->at += n;
}

static bool line_ends(const msc_csv *csv)
{
    return !more(csv) || *csv->at == '\n' || (*csv->at == '\r' && look(csv));
}

static void skip_blanks(msc_csv *csv)
{
    while (more(csv) && (*csv->at == ' ' || *csv->at == '\t')) {
        step(csv);
    }
}

static void skip_line(msc_csv *csv)
{
    while (!line_ends(csv)) {
        step(csv);
    }
    if (more(csv) && *csv->at == '\r') {
        step(csv);
    }
    if (more(csv)) {
        step(csv);
    }
}

/* ---- records ---- */

/* Both give where the text ends: a NUL may stand there once what follows has been read. */
static char *quoted(msc_csv *csv, msc_csv_field *field, const char *record)
{
    char *to = csv->at;
    field->text = to;
    step(csv);
    for (;;) {
        if (!more(csv)) {
            msc_csv_fail(csv, field->line, field->column, "the quote that opens here is never closed");
        }
        if (csv->at - record > MSC_CSV_LINE) {
            msc_csv_fail(csv, field->line, field->column, "a record of more than %d KiB; is the closing quote missing?",
                         MSC_CSV_LINE >> 10);
        }
        if (*csv->at == '"') {
            step(csv);
            if (!more(csv) || *csv->at != '"') {
                break;
            }
        }
        const char *from = csv->at;
        step(csv);
        memmove(to, from, (size_t)(csv->at - from));
        to += csv->at - from;
    }
    skip_blanks(csv);
    if (!line_ends(csv) && *csv->at != ',') {
        msc_csv_fail(csv, csv->line, csv->column, "text after a closing quote; a quote within a field is written twice");
    }
    return to;
}

static char *plain(msc_csv *csv, msc_csv_field *field, const char *record)
{
    char *end = csv->at;
    field->text = csv->at;
    while (!line_ends(csv) && *csv->at != ',') {
        if (*csv->at == '"') {
            msc_csv_fail(csv, csv->line, csv->column, "a quote within a field; such a field is put in quotes, and it doubled");
        }
        if (csv->at - record > MSC_CSV_LINE) {
            msc_csv_fail(csv, field->line, 1, "a line of more than %d KiB", MSC_CSV_LINE >> 10);
        }
        const bool blank = *csv->at == ' ' || *csv->at == '\t';
        step(csv);
        end = blank ? end : csv->at;
    }
    return end;
}

static char *next_field(msc_csv *csv, const char *record)
{
    if (csv->n == MSC_CSV_FIELDS) {
        msc_csv_fail(csv, csv->line, csv->column, "more than %d columns", MSC_CSV_FIELDS);
    }
    msc_csv_field *field = &csv->field[csv->n++];
    skip_blanks(csv);
    *field = (msc_csv_field){.line = csv->line, .column = csv->column};
    return (more(csv) && *csv->at == '"' ? quoted : plain)(csv, field, record);
}

bool msc_csv_next(msc_csv *csv)
{
    csv->n = 0;
    for (;; skip_line(csv)) {
        skip_blanks(csv);
        if (!more(csv)) {
            return false;
        }
        if (*csv->at != '#' && !line_ends(csv)) {
            break;
        }
    }
    if (++csv->n_record > MSC_CSV_RECORDS) {
        msc_csv_fail(csv, csv->line, 1, "more than %d rows", MSC_CSV_RECORDS);
    }
    const char *record = csv->at;
    for (bool last = false; !last;) {
        char *end = next_field(csv, record);
        last = line_ends(csv);
        (last ? skip_line : step)(csv);
        *end = '\0';
    }
    return true;
}
