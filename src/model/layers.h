/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From files that extend each other to one tree: the merge rule of the language (§9).
 *
 * The result has the sections of a model (`units sets parameters amounts cargo variables processes
 * routes outputs checks title time_unit`) and of a scenario (`regimen output solver sweep fit`);
 * `extends model base without` are used up. Every parameter is in its full form, a group with
 * `unit` and value/values/table; every node still knows the file and line it came from. */
#ifndef MSC_MODEL_LAYERS_H
#define MSC_MODEL_LAYERS_H

#include "conf/conf.h"

typedef struct {
    size_t n, cap;
    struct msc_layer_source {
        const char *name; /* the path as written where it was named, for messages and the record */
        const char *text; /* the bytes read */
        size_t layer;     /* the how manieth that was merged, from 0 */
        int library;      /* found by its name in this folder of models, or beside one that was; 0: of the user's */
    } *source;            /* in the order of reading, each file once */
} msc_layer_sources;

/* A setting that begins so names the model to be read in the place of the scenario's own: a sweep over models. Users'
 * settings are applied when all files are read, and cannot do that. */
#define MSC_SETTING_MODEL "@model="
/* The same of the folders where models are found by name, in the place of $MSCSIM_MODELS and the installed ones: a rerun. */
#define MSC_SETTING_LIBRARY "@models="

/* path: a scenario or a model file. settings: the KEY=VALUE of --set, applied last and in order.
 * Throws E_NOINPUT and E_CONFIG. */
msc_conf *msc_layers_read(msc_arena *arena, const char *path, const char *const *settings, size_t n_settings,
                          msc_layer_sources *sources);

#endif
