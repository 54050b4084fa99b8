/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models that are found by name: looking for one, and naming those there are. */
#include "model/library.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "conf/conf.h"

#ifndef MSC_MODELS_DIR
#define MSC_MODELS_DIR "/usr/local/share/mscsim/models"
#endif

static const char ENDING[] = ".cfg";

enum { LISTED_MOST = 400, FOLDERS_MOST = 40, LISTED_LENGTH = 500, DEPTH_MOST = 2 };

/* ---- finding ---- */

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Under one of the folders of a colon-separated list, which are counted. */
static const char *find_in(msc_arena *arena, const char *folders, const char *name, int *folder)
{
    for (; folders && *folders; folders += *folders == ':') {
        const size_t n = strcspn(folders, ":");
        const char *path = n > 0 ? msc_arena_printf(arena, "%.*s/%s", (int)n, folders, name) : NULL;
        *folder += n > 0;
        if (path && is_file(path)) {
            return path;
        }
        folders += n;
    }
    return NULL;
}

const char *msc_library_find(msc_arena *arena, const char *folders, const char *name, int *folder)
{
    *folder = 0;
    const char *path = find_in(arena, folders ? folders : getenv("MSCSIM_MODELS"), name, folder);
    return path || folders ? path : find_in(arena, MSC_MODELS_DIR, name, folder);
}

const char *msc_library_whole_name(msc_arena *arena, const char *name)
{
    const size_t n = strlen(name), end = sizeof ENDING - 1;
    return n > end && strcmp(name + n - end, ENDING) == 0 ? NULL : msc_arena_printf(arena, "%s%s", name, ENDING);
}

/* ---- naming what there is ---- */

typedef struct {
    msc_arena *arena;
    const char **name, **path;
    size_t n, cap, cap_path, folders;
} listing;

static bool is_listed(const listing *l, const char *name)
{
    size_t i = 0;
    while (i < l->n && strcmp(l->name[i], name) != 0) {
        i++;
    }
    return i < l->n;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

typedef char entry_name[256];

/* What is in a folder, in order. Nothing is thrown while it is open. */
static entry_name *entries_of(msc_arena *arena, const char *folder, size_t *n)
{
    entry_name *name = MSC_NEW(arena, entry_name, LISTED_MOST);
    const struct dirent *entry;
    DIR *open = opendir(folder);
    *n = 0;
    while (open && *n < LISTED_MOST && (entry = readdir(open)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(name[(*n)++], sizeof *name, "%s", entry->d_name);
        }
    }
    if (open) {
        closedir(open);
    }
    qsort(name, *n, sizeof *name, by_name);
    return name;
}

/* Models in a folder, and in folders in it; `under` is how they are called from the top. */
static void list_folder(listing *l, const char *folder, const char *under, int depth)
{
    size_t n = 0;
    entry_name *name = l->folders++ < FOLDERS_MOST ? entries_of(l->arena, folder, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        const char *path = msc_arena_printf(l->arena, "%s/%s", folder, name[i]);
        const char *called = msc_arena_printf(l->arena, "%s%s", under, name[i]);
        if (!is_file(path) && depth < DEPTH_MOST) {
            list_folder(l, path, msc_arena_printf(l->arena, "%s/", called), depth + 1);
        } else if (is_file(path) && l->n < LISTED_MOST && !msc_library_whole_name(l->arena, called) && !is_listed(l, called)) {
            size_t n_path = l->n;
            *MSC_PUSH(l->arena, l->path, n_path, l->cap_path) = path;
            *MSC_PUSH(l->arena, l->name, l->n, l->cap) = called;
        }
    }
}

static void list_all(listing *l, const char *folders)
{
    for (; folders && *folders; folders += *folders == ':') {
        const size_t n = strcspn(folders, ":");
        if (n > 0) {
            list_folder(l, msc_arena_strndup(l->arena, folders, n), "", 0);
        }
        folders += n;
    }
}

/* "; there are a.cfg, b.cfg and 12 others" */
static const char *text_of(const listing *l)
{
    const char *text = "; there are";
    size_t i = 0;
    for (; i < l->n && strlen(text) < LISTED_LENGTH; i++) {
        text = msc_arena_printf(l->arena, "%s%s %s", text, i > 0 ? "," : "", l->name[i]);
    }
    return l->n == 0 ? "" : i < l->n ? msc_arena_printf(l->arena, "%s and %zu more", text, l->n - i) : text;
}

const char *msc_library_missing(msc_arena *arena, const char *name)
{
    const char *folders = getenv("MSCSIM_MODELS");
    listing l = {.arena = arena};
    list_all(&l, folders);
    list_all(&l, MSC_MODELS_DIR);
    const char *whole = msc_library_whole_name(arena, name);
    const char *near = msc_text_suggest(arena, whole ? whole : name, l.name, l.n);
    return msc_arena_printf(arena, "nor is '%s' in $MSCSIM_MODELS (%s) or among the installed models (%s)%s", name,
                            folders && *folders ? folders : "not set", MSC_MODELS_DIR, *near ? near : text_of(&l));
}

/* ---- what is in them ---- */

static bool has_entry(const char *path, const char *section, const char *name)
{
    msc_arena *arena = msc_arena_new(NULL);
    volatile bool has = false;
    if (!arena) {
        return false;
    }
    if (!MSC_CATCH(arena)) {
        const msc_conf *group = msc_conf_find(msc_conf_read_file(arena, path, path, NULL), section);
        has = group && group->kind == MSC_CONF_GROUP && msc_conf_find(group, name) != NULL;
    }
    msc_arena_free(arena);
    return has;
}

const char *msc_library_with(msc_arena *arena, const char *const *beside, size_t n, const char *section, const char *name)
{
    listing l = {.arena = arena};
    for (size_t i = 0; i < n; i++) {
        const char *slash = strrchr(beside[i], '/');
        list_folder(&l, slash ? msc_arena_strndup(arena, beside[i], (size_t)(slash - beside[i])) : ".", "", 0);
    }
    list_all(&l, getenv("MSCSIM_MODELS"));
    list_all(&l, MSC_MODELS_DIR);
    for (size_t i = 0; i < l.n; i++) {
        if (has_entry(l.path[i], section, name)) {
            return l.name[i];
        }
    }
    return NULL;
}
