/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done of a fit, kept in the journal FILE.part beside its file: starts and profiles, each as soon as it is
 * done. A fit that goes on from it ends with the same bytes as one that was never interrupted. */
#ifndef MSC_STUDY_FIT_KEEP_H
#define MSC_STUDY_FIT_KEEP_H

#include "store/journal.h"
#include "fit/fit.h"

typedef struct msc_fit_keep msc_fit_keep;

/* All that a fit depends on. Throws. */
msc_journal_input *msc_fit_keep_inputs(msc_arena *arena, const msc_fit *fit, size_t *n);

/* Open it, locked; options->file is set. E_BUSY, E_CANTCREAT, E_DATA, E_IO, E_NOMEM as of msc_journal_open. */
MSC_CHECK msc_status msc_fit_keep_open(const msc_fit *fit, const msc_fit_options *options, msc_fit_keep **keep, msc_error *err);

/* What an earlier run had done; false: nothing. Not while others put. Throws E_DATA, E_IO in the arena that holds what it gives. */
bool msc_fit_keep_start(msc_fit_keep *keep, msc_arena *arena, size_t start, msc_fit_start *to, msc_fit_tally *tally);
bool msc_fit_keep_profile(msc_fit_keep *keep, msc_arena *arena, size_t round, size_t k, msc_fit_profile *to, msc_fit_tally *tally);

/* From any thread. E_IO, E_NOMEM. */
MSC_CHECK msc_status msc_fit_keep_put_start(msc_fit_keep *keep, size_t start, const msc_fit_start *from, const msc_fit_tally *tally,
                                            msc_error *err);
MSC_CHECK msc_status msc_fit_keep_put_profile(msc_fit_keep *keep, size_t round, size_t k, const msc_fit_profile *from,
                                              const msc_fit_tally *tally, msc_error *err);

const char *msc_fit_keep_file(const msc_fit_keep *keep); /* of the results */
/* All is written: the journal goes, and this with it. E_IO. */
MSC_CHECK msc_status msc_fit_keep_remove(msc_fit_keep *keep, msc_error *err);
/* It stays, synced, if anything is in it. NULL is fine. */
void msc_fit_keep_close(msc_fit_keep *keep);

#endif
