/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A configuration text as a tree that knows its lines.
 *
 * The text is read by libconfig after a scan of our own (see scan.c for what libconfig would get
 * wrong), and copied at once into plain nodes in an arena, so that layers can be merged and every
 * later complaint can name file, line and path. All functions that can fail throw (base/arena.h). */
#ifndef MSC_CONF_CONF_H
#define MSC_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum {
    MSC_CONF_GROUP,
    MSC_CONF_LIST,
    MSC_CONF_ARRAY,
    MSC_CONF_INTEGER,
    MSC_CONF_REAL,
    MSC_CONF_BOOLEAN,
    MSC_CONF_STRING
} msc_conf_kind;

typedef struct msc_conf msc_conf;
struct msc_conf {
    msc_conf_kind kind;
    const char *name; /* NULL in a list or array and at the root */
    const char *file; /* as the user wrote it, or "--set #2" */
    int line;         /* 0: no line (a --set) */
    msc_conf *parent;
    msc_conf **child; /* of a group, list or array */
    size_t n, cap;
    long long integer;
    double real;
    bool boolean;
    const char *string; /* NUL-terminated, never with a NUL inside */
};

/* Read a file (E_NOINPUT if it cannot be opened or is no regular file, E_CONFIG if malformed).
 * `name` is the name used in messages. `text`, if not NULL, receives the bytes read. */
msc_conf *msc_conf_read_file(msc_arena *arena, const char *path, const char *name,
                             const char **text);
/* The same from memory. `name` is the file name used in messages. */
msc_conf *msc_conf_read_text(msc_arena *arena, const char *name, const char *text, size_t n);

/* KEY=VALUE of a --set, the k-th (from 1) on the command line: VALUE is read as libconfig, else as
 * a string. Gives the steps of KEY ("regimen", "[0]", "dose") and the value node (file "--set #k"). */
typedef struct {
    const char *name; /* a key, or NULL for an index */
    long index;       /* -1 for [*] */
} msc_conf_step;
typedef struct {
    const char *text; /* as written */
    msc_conf_step *step;
    size_t n;
    msc_conf *value;
} msc_conf_setting;
msc_conf_setting msc_conf_read_setting(msc_arena *arena, int k, const char *text);
/* A KEY alone; throws E_CONFIG at `where`. */
msc_conf_setting msc_conf_read_key(msc_arena *arena, const char *where, const char *key);

/* Throw E_CONFIG at a node: "file:line: path: message". */
_Noreturn void msc_conf_fail(msc_arena *arena, const msc_conf *node, const char *format, ...)
    MSC_PRINTF(3, 4);
/* "file:line: path" of a node, in the arena. */
const char *msc_conf_where(msc_arena *arena, const msc_conf *node);
/* "regimen[1].dose" of a node, in the arena. */
const char *msc_conf_path(msc_arena *arena, const msc_conf *node);

/* Look-ups. `find` may return NULL; `need` throws naming the missing key. */
msc_conf *msc_conf_find(const msc_conf *group, const char *key);
msc_conf *msc_conf_need(msc_arena *arena, const msc_conf *group, const char *key);
/* Throw at the first key of the group that is not in the NULL-terminated list, with the nearest. */
void msc_conf_known(msc_arena *arena, const msc_conf *group, const char *const *keys);

/* Typed values; anything else throws saying what is there and what would be right. */
bool msc_conf_is_number(const msc_conf *node); /* integer or real */
double msc_conf_real(msc_arena *arena, const msc_conf *node);
long long msc_conf_integer(msc_arena *arena, const msc_conf *node, long long low,
                           long long high); /* 1e6 is fine */
bool msc_conf_boolean(msc_arena *arena, const msc_conf *node);
const char *msc_conf_string(msc_arena *arena, const msc_conf *node);
void msc_conf_need_kind(msc_arena *arena, const msc_conf *node, msc_conf_kind kind);
const char *msc_conf_kind_text(msc_conf_kind kind); /* "a group", "a string" ... */

/* Building and changing trees (merging is the model floor's business). */
msc_conf *msc_conf_new(msc_arena *arena, msc_conf_kind kind, const char *name,
                       const msc_conf *origin);
msc_conf *msc_conf_clone(msc_arena *arena, const msc_conf *node);
void msc_conf_put(msc_arena *arena, msc_conf *parent,
                  msc_conf *node); /* replaces the child of that name in place, else appends */
void msc_conf_remove(msc_conf *group, const char *key); /* absent is fine */

#endif
