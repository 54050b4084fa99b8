/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one merge rule (language §9): a later layer onto what is there. For this floor, but for
 * msc_merge_parameter, which a dose needs for the parameters its route `takes`. Later nodes move
 * into the tree; they keep their file and line, and merged groups keep theirs. All may throw. */
#ifndef MSC_MODEL_MERGE_H
#define MSC_MODEL_MERGE_H

#include "conf/conf.h"

/* Throw at the first section unknown to model files (and, if `scenario`, to scenario files). */
void msc_merge_check(msc_arena *arena, const msc_conf *layer, bool scenario);

/* A whole file's tree onto what was extended; its `without` first. The layer is used up. */
void msc_merge_layer(msc_arena *arena, msc_conf *tree, msc_conf *layer);

/* What a file gives under a parameter's name (a bare value, elements, attributes) onto its full
 * form. `tree` has the sets. */
void msc_merge_parameter(msc_arena *arena, const msc_conf *tree, msc_conf *parameter,
                         msc_conf *given);

/* A node under a name in a group of no special meaning: groups key by key, all else replaced. In a
 * dose and in `output`, keys that exclude each other leave (day or at, every or times). */
void msc_merge_key(msc_arena *arena, msc_conf *group, msc_conf *node);

/* The strings of a string, or of an array or list of strings, as nodes; else throw. */
const msc_conf *const *msc_merge_strings(msc_arena *arena, const msc_conf *node, size_t *n);

/* The names of a group's children. */
const char *const *msc_merge_names(msc_arena *arena, const msc_conf *group);

#endif
