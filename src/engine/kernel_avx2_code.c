/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same for plans whose tables are machine code: four lanes, since registers hold what is between, and
 * nothing is read twice. */
#define W 4
#define PARTS 1
#define KERNEL msc_kernel_avx2_code
#define KERNEL_NAME "emit"
#include "engine/kernel.inc"
