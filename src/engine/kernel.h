/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arithmetic of a step for all lanes at once: one source, kernel.inc, compiled for several
 * instruction sets. No vector type is in any signature; all arrays are the workspace's. */
#ifndef MSC_ENGINE_KERNEL_H
#define MSC_ENGINE_KERNEL_H

#include <stdbool.h>

#include "program/program.h"

struct msc_plan;
struct msc_workspace;

typedef struct {
    const char *name;
    unsigned lanes;
    /* At u0: nodes; then rates f0, which only a first step size needs. */
    void (*prepare)(const struct msc_plan *plan, struct msc_workspace *w);
    void (*rates)(const struct msc_plan *plan, struct msc_workspace *w);
    /* A step of h from u0: k, y1, and its error, worst (state), bad (0 if all is finite). */
    void (*attempt)(const struct msc_plan *plan, struct msc_workspace *w);
    /* Where mask is set, the states become y1. */
    void (*advance)(const struct msc_plan *plan, struct msc_workspace *w);
    /* The step's interpolant. */
    void (*interpolant)(const struct msc_plan *plan, struct msc_workspace *w);
    /* uv: states at theta; `trial`: at y1. Givens as in u0; the time is left to the caller. */
    void (*interpolate)(const struct msc_plan *plan, struct msc_workspace *w);
    void (*trial)(const struct msc_plan *plan, struct msc_workspace *w);
    /* From uv, with the nodes they need: `out` -> values; guard rows -> values. */
    void (*observe)(const struct msc_plan *plan, struct msc_workspace *w);
    void (*guard)(const struct msc_plan *plan, struct msc_workspace *w);
    /* A special function of x[3][lanes], for tests: value[lanes]. */
    void (*function)(msc_op op, const double *x, double *value);
} msc_kernel;

extern const msc_kernel msc_kernel_baseline;
#if defined(__x86_64__)
extern const msc_kernel msc_kernel_avx2;
extern const msc_kernel msc_kernel_avx2_code;
extern const msc_kernel msc_kernel_avx512;
#endif

/* By name; "emit": for tables that are machine code; NULL or "auto": the best this processor has. NULL if
 * there is none. */
const msc_kernel *msc_kernel_find(const char *name);

#endif
