/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several processes at one sweep, on one machine or on many: MPI, if the library was built with `make MPI=1`.
 * A program that has called MPI_Init_thread itself (MPI_THREAD_SERIALIZED at least) needs neither begin nor end. */
#ifndef MSCSIM_RANKS_H
#define MSCSIM_RANKS_H

#include <mscsim/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* If mpirun or its like has started this process: join the others. rank: which one this is, of n; 0 of 1 if it is alone.
 * E_USAGE, with rank and n set, if there are others and the library knows no MPI. Collective, as are the following. */
MSC_API MSC_CHECK msc_status msc_ranks_begin(int *rank, int *n, msc_error *err);
/* All take the status, and what is said of it, of the first one that failed: so that none goes on to wait for it. */
MSC_API MSC_CHECK msc_status msc_ranks_agree(msc_status status, msc_error *err);
/* Part from the others. */
MSC_API void msc_ranks_end(void);

#ifdef __cplusplus
}
#endif
#endif
