/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The step for any machine: two lanes, which is what every x86-64 and arm64 has. */
#define W 2
#define PARTS 2
#define KERNEL msc_kernel_baseline
#define KERNEL_NAME "baseline"
#include "engine/kernel.inc"
