/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models that are found by name from anywhere: in the folders of $MSCSIM_MODELS, then among the installed ones. */
#ifndef MSC_MODEL_LIBRARY_H
#define MSC_MODEL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* The file of a name, by its path, and in the how manieth folder it is, from 1; NULL: there is none.
 * folders: to look in those of this list alone, or NULL. */
const char *msc_library_find(msc_arena *arena, const char *folders, const char *name, int *folder);

/* "nor is 'x.cfg' in $MSCSIM_MODELS (not set) or among the installed models (/usr/local/...); there are msc.cfg, ...":
 * where it was looked for, and what is near or what there is. */
const char *msc_library_missing(msc_arena *arena, const char *name);

/* A model file that has an entry of this name in a section ("routes"), in the folders of these files or in the library: its name
 * from that folder; NULL: none. Files that cannot be read are passed over. */
const char *msc_library_with(msc_arena *arena, const char *const *beside, size_t n, const char *section, const char *name);

/* "x.cfg" of "x"; NULL if it ends so already. */
const char *msc_library_whole_name(msc_arena *arena, const char *name);

#endif
