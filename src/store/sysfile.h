/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all who write files share: the system's reasons in words, and folders. */
#ifndef MSC_STORE_SYSFILE_H
#define MSC_STORE_SYSFILE_H

#include <mscsim/error.h>

/* Record "cannot <doing> '<path>': <the system's reason for errno = code>". */
msc_status msc_sysfile_fail(msc_error *err, msc_status status, const char *doing, const char *path,
                            int code);

/* The same of a file that could not be created: E_IO if the disk is to blame, else E_CANTCREAT. */
msc_status msc_sysfile_fail_create(msc_error *err, const char *path, const char *name, int code);

/* The folder a path lies in; the caller frees; NULL for want of memory. */
char *msc_sysfile_folder(const char *path);

/* The folder's entry for a path, too, has to reach the disk; some file systems cannot, and need not.
 * E_IO. */
MSC_CHECK msc_status msc_sysfile_sync_folder(const char *path, msc_error *err);

#endif
