/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gnuplot, as a process of its own: it is a program and no library, and a script with its data is the
 * only thing it takes. */
#ifndef MSC_STORE_GNUPLOT_H
#define MSC_STORE_GNUPLOT_H

#include <stdbool.h>

#include <mscsim/error.h>

/* Run a script whose terminal writes to the standard output, into a file that appears under its name
 * only when it is complete. No settings of the user's are read, and no time of day is written.
 * E_CANTCREAT; E_IO if gnuplot is not installed, or fails. */
MSC_CHECK msc_status msc_gnuplot_draw(const char *script, const char *path, bool force,
                                      msc_error *err);

#endif
