/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep: a scenario, axes along which it varies, a design that says which scenarios there are
 * (docs/sweeps.md), run on all cores, streamed to disk, resumable.
 *
 *     msc_sweep *sweep = NULL;  msc_swept *swept = NULL;  msc_error err;
 *     const msc_sweep_options options = {.file = "s.h5"};
 *     if (msc_sweep_read("sweep.cfg", NULL, 0, NULL, &sweep, &err) == MSC_OK &&
 *         msc_sweep_run(sweep, &options, &swept, &err) == MSC_OK) { ... }
 *     msc_swept_free(swept);  msc_sweep_free(sweep);
 *
 * Finished scenarios go to a journal, FILE.part; the results file is built from it when all are done, and
 * has the same bytes however many threads there were, and wherever it was interrupted. */
#ifndef MSCSIM_SWEEP_H
#define MSCSIM_SWEEP_H

#include <stdint.h>

#include <mscsim/scenario.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct msc_sweep msc_sweep;
typedef struct msc_swept msc_swept;

/* Has a config a section `sweep`? E_NOINPUT, E_CONFIG. */
MSC_API MSC_CHECK msc_status msc_sweep_wanted(const char *path, const char *const *settings, size_t n_settings, bool *wanted,
                                              msc_error *err);
/* Read a config with a section `sweep`, compile every variant of its model, and find whatever can be
 * wrong before anything runs. seed: in the place of sweep.seed, or NULL. E_NOINPUT, E_CONFIG. The caller
 * frees. */
MSC_API MSC_CHECK msc_status msc_sweep_read(const char *path, const char *const *settings, size_t n_settings,
                                            const uint64_t *seed, msc_sweep **sweep, msc_error *err);
MSC_API void msc_sweep_free(msc_sweep *sweep);
/* Warnings found while reading, as of msc_scenario_warning. */
MSC_API const char *msc_sweep_warning(const msc_sweep *sweep, size_t i, const char **where);
/* sweep.file, else output.file, as the config has it; or NULL. */
MSC_API const char *msc_sweep_file(const msc_sweep *sweep);
MSC_API uint64_t msc_sweep_count(const msc_sweep *sweep); /* scenarios */

/* How many scenarios, of what, how long it would take and how many bytes; a few are run to see. file: as of the
 * options, or NULL. threads 0: all there are. */
MSC_API MSC_CHECK msc_status msc_sweep_preview(const msc_sweep *sweep, const char *file, unsigned threads, FILE *stream,
                                               msc_error *err);

/* Every scenario that is done; on one thread at a time. n: all there are; begun: those of an earlier run. */
typedef void msc_sweep_progress(void *context, uint64_t done, uint64_t failed, uint64_t begun, uint64_t n);

typedef struct {
    const char *file;
    bool force;                /* replace it, and a journal of whatever sweep */
    bool resume;               /* go on with its journal, if there is one */
    bool together;             /* all processes of MPI (ranks.h) call it, and share the work; rank 0 writes the file */
    unsigned threads;          /* 0: all there are; at most 1024 */
    const volatile int *stop;  /* set non-zero (by a signal handler, say): what is done is kept in the journal; or NULL */
    msc_sweep_progress *progress; /* or NULL */
    void *context;
} msc_sweep_options;

/* Run what is not done yet, and write the file. Together, all processes get the same status, and the first the numbers
 * for the page; progress is reported by it alone. Scenarios that fail are rows with a status, no error.
 * E_STOPPED: asked to stop; the journal is kept. E_BUSY: another run has this output. E_CANTCREAT, E_IO
 * (the journal is kept), E_DATA: a journal of another sweep. The caller frees. */
MSC_API MSC_CHECK msc_status msc_sweep_run(const msc_sweep *sweep, const msc_sweep_options *options, msc_swept **swept,
                                           msc_error *err);
MSC_API void msc_swept_free(msc_swept *swept);
MSC_API uint64_t msc_swept_failed(const msc_swept *swept);
/* The axes, what failed and why, a table of endpoints. */
MSC_API MSC_CHECK msc_status msc_swept_summarise(const msc_swept *swept, FILE *stream, msc_error *err);

#ifdef __cplusplus
}
#endif
#endif
