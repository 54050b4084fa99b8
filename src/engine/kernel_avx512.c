/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The step for AVX-512: eight lanes. The Makefile compiles this file for it, and no other. */
#define W 8
#define PARTS 1
#define KERNEL msc_kernel_avx512
#define KERNEL_NAME "avx512"
#include "engine/kernel.inc"
