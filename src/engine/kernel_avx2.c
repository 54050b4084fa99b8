/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The step for AVX2 with FMA: eight lanes, two vectors side by side. The Makefile compiles this file for
 * it, and no other but the next. */
#define W 4
#define PARTS 2
#define KERNEL msc_kernel_avx2
#define KERNEL_NAME "avx2"
#include "engine/kernel.inc"
