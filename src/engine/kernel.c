/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which kernel this processor can run. */
#include "engine/kernel.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("fma");
}
#endif

const msc_kernel *msc_kernel_find(const char *name)
{
    const bool any = name == NULL || strcmp(name, "auto") == 0;
#if defined(__x86_64__)
    if ((any || strcmp(name, "avx512") == 0) && has_avx512()) {
        return &msc_kernel_avx512;
    }
    if ((any || strcmp(name, "emit") == 0) && has_avx2()) {
        return &msc_kernel_avx2_code;
    }
    if (!any && strcmp(name, "avx2") == 0 && has_avx2()) {
        return &msc_kernel_avx2;
    }
#endif
    return any || strcmp(name, "baseline") == 0 ? &msc_kernel_baseline : NULL;
}
