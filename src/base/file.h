/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of a text file that a user named, read without waiting for anything: a FIFO, a terminal or a folder is refused. */
#ifndef MSC_BASE_FILE_H
#define MSC_BASE_FILE_H

#include "base/arena.h"

/* What a file is to be, and what is thrown if it is not. */
typedef struct {
    msc_status not_regular, too_large;
    const char *instead_of_folder; /* "a directory, not ..." */
    const char *what;              /* "... has at most": the plural or singular with its verb */
    int most;                      /* bytes */
} msc_file_kind;

/* The size it has now, so that memory is there before it is opened (a throw in between would leave it open). `name` is how
 * errors call it: MSC_E_NOINPUT if it is not there, otherwise what its kind says. */
size_t msc_file_size(msc_arena *arena, const char *path, const char *name, const msc_file_kind *kind);

/* Up to n of its first bytes into `to`; how many there were. Throws MSC_E_NOINPUT or MSC_E_IO, with the file closed. */
size_t msc_file_read(msc_arena *arena, const char *path, const char *name, char *to, size_t n);

/* All its bytes into `to`, which has room for size + 1: throws if there are not `size` of them any more. */
void msc_file_read_all(msc_arena *arena, const char *path, const char *name, char *to, size_t size);

#endif
