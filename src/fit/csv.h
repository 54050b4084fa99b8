/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Comma-separated values (RFC 4180), record by record, with the place of every field.
 *
 * The text is UTF-8, with or without a byte order mark; lines end with LF or CRLF. A field in quotes may hold
 * commas, line ends and doubled quotes. Beyond the RFC: blanks around a field do not count, and neither do
 * empty lines and lines that begin with '#' (outside of quotes). */
#ifndef MSC_STUDY_CSV_H
#define MSC_STUDY_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
    MSC_CSV_BYTES = 256 << 20, /* of a file */
    MSC_CSV_LINE = 64 << 10,   /* of a line, and of a record */
    MSC_CSV_FIELDS = 256,
    MSC_CSV_RECORDS = 10000000
};

typedef struct {
    const char *text; /* without the quotes; lives as long as the arena */
    size_t line, column; /* of its first character, from 1 */
} msc_csv_field;

typedef struct {
    msc_arena *arena;
    const char *name; /* of the file, for messages */
    const char *text; /* all of it, as it was read */
    char *at, *end;   /* what is left of the text */
    size_t line, column;
    size_t n_record;
    size_t n;
    msc_csv_field field[MSC_CSV_FIELDS];
} msc_csv;

/* All of a regular file is read. Throws E_NOINPUT if it cannot be opened, E_IO, and E_DATA if it cannot be
 * such a text: too large, a first line too long, another encoding. */
msc_csv *msc_csv_open(msc_arena *arena, const char *path, const char *name);

/* Of a text that was read before; it is copied. */
msc_csv *msc_csv_of_text(msc_arena *arena, const char *text, const char *name);

/* The next record into field[n]; false: there is none. Throws E_DATA. */
bool msc_csv_next(msc_csv *csv);

/* Throws E_DATA at "name:line:column". */
_Noreturn void msc_csv_fail(const msc_csv *csv, size_t line, size_t column, const char *format, ...) MSC_PRINTF(4, 5);

#endif
