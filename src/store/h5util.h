/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the writer and the reader of results files share of HDF5: silence, reasons, types. */
#ifndef MSC_STORE_H5UTIL_H
#define MSC_STORE_H5UTIL_H

#include <stdbool.h>
#include <stddef.h>

#include <hdf5.h>

#include <mscsim/error.h>

/* First thing of all: no clean-up at exit (it crashes after a full disk), nothing on stderr. */
MSC_CHECK bool msc_h5_begin(void);

/* Record "<doing>: <the innermost reason HDF5 has for its last failure>": the system's words if the
 * system refused something. */
msc_status msc_h5_fail(msc_error *err, msc_status status, const char *doing);

/* Access to a file: everything in it is closed with it; no locks, since a results file is complete
 * from the moment it has its name. The caller closes it (H5Pclose). */
hid_t msc_h5_access_new(void);

/* A UTF-8 string of variable length. The caller closes it (H5Tclose). */
hid_t msc_h5_text_type_new(void);

/* Is as much stored of a dataset, and in the file itself, as its shape says? A few bytes can claim any
 * size, and name any file. */
bool msc_h5_storage_fits(hid_t set, int rank, const hsize_t *dim, hsize_t file_size);

/* Is this UTF-8? */
bool msc_h5_text_is_utf8(const char *text);

/* Copy a text with U+FFFD for what is not UTF-8; returns the end (its NUL). The copy has at most
 * three times the length. */
char *msc_h5_text_mend(char *copy, const char *text);

#endif
