/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results as comma-separated values (RFC 4180, but lines end as in Unix), 17 digits: one row for each
 * value of the leading axis (time, scenario), one column for each element: "live[lung] (cell)". Of arrays over
 * scenarios and times each time of each scenario is a row; numbers of a scenario stand in all of its rows.
 * NaN is an empty field, a flag the word it stands for; '.' whatever the locale. */
#ifndef MSC_STORE_CSV_H
#define MSC_STORE_CSV_H

#include <stdio.h>

#include "store/dataset.h"

/* All real, flag, count and text arrays whose leading axis is `axis`, or the named ones in the order
 * named (n_names 0: all); E_USAGE for an unknown name (with the nearest) or one that is not over the
 * axis, E_IO if writing fails. The stream is flushed and left open. */
MSC_CHECK msc_status msc_csv_write(FILE *stream, const msc_dataset *dataset, const char *axis,
                                   const char *const *names, size_t n_names, msc_error *err);

/* Numbers that do not go along time, a row for each element: name, value, unit, mark, low and high of its range with
 * their marks, text; what there is not stays empty. E_USAGE, E_IO. */
MSC_CHECK msc_status msc_csv_numbers(FILE *stream, const msc_dataset *dataset, const char *const *names,
                                     size_t n_names, msc_error *err);

#endif
