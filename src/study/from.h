/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the results file of a fit says of a scenario's numbers: estimates, and draws from their posterior. */
#ifndef MSC_STUDY_FROM_H
#define MSC_STUDY_FROM_H

#include <stdbool.h>

#include "base/arena.h"
#include "store/dataset.h"

typedef struct {
    const char *name, *unit, *study; /* study: the only one it is of, or "" */
    size_t n_path;
    const char **path;               /* "parameters.arrest.lung" */
    double value;
} msc_from_estimate;

typedef struct {
    const char *file;
    size_t n;
    msc_from_estimate *estimate; /* of the model: what is only observed is left out */
    size_t n_draw;               /* 0: none were asked for, or there are none */
    double *draw;                /* [n_draw][n] */
    size_t n_study;
    const char **study, **text;  /* names; of each the text of its config, or NULL */
} msc_from;

/* Throws E_NOINPUT, E_DATA: damaged, or no fit. */
msc_from *msc_from_read(msc_arena *arena, const char *file, bool draws);
/* The same of what the results file of a sweep has of the fit it drew from; NULL: it drew from none. Throws E_DATA. */
msc_from *msc_from_recorded(msc_arena *arena, const char *file, const msc_dataset *set);
/* Keep what is of a study: of that name; or of that whose config has this text; or, where no estimate is of one study
 * only, whichever. where: for complaints, or NULL. Throws E_USAGE or, with a place, E_CONFIG. */
void msc_from_choose(msc_arena *arena, msc_from *from, const char *study, const char *text, const char *where);

#endif
