/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model says of itself wherever its results are read: `caution` of its files. */
#ifndef MSC_SCENARIO_CAUTION_H
#define MSC_SCENARIO_CAUTION_H

#include <stdio.h>

#include "model/model.h"

/* Each on lines of its own, under a heading; nothing if the model says nothing. */
void msc_caution_print(FILE *stream, const msc_model *model);
/* All in one text, one a line, in the arena; NULL if there is none. */
const char *msc_caution_text(msc_arena *arena, const msc_model *model);

#endif
