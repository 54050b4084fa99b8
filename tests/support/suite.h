/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every test program ends with. */
#ifndef MSC_SUPPORT_SUITE_H
#define MSC_SUPPORT_SUITE_H

#include <check.h>

/* Run a suite and free it: what main returns, 0 if every test passed. */
int msc_suite_run(Suite *suite);

#endif
