/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file that appears under its name only when it is complete: until then it is PATH.tmp.<pid>, or
 * PATH.tmp where there can be only one writer (alone). */
#ifndef MSC_STORE_OUTFILE_H
#define MSC_STORE_OUTFILE_H

#include <stdbool.h>

#include <mscsim/error.h>

typedef struct {
    const char *path; /* borrowed */
    char *name;       /* the temporary one; NULL once it has its own */
    int fd;           /* open for reading and writing */
} msc_outfile;

/* Create it empty. Cleared by the caller, whatever is returned. */
MSC_CHECK msc_status msc_outfile_open(msc_outfile *file, const char *path, bool alone,
                                      msc_error *err);

/* Sync it, give it its name, sync the folder. Without force a name that was taken meanwhile stays
 * whose it is (E_CANTCREAT), unless that file has these very bytes: then this one is not needed. */
MSC_CHECK msc_status msc_outfile_commit(msc_outfile *file, bool force, msc_error *err);

/* Remove it unless it was committed. */
void msc_outfile_clear(msc_outfile *file);

#endif
