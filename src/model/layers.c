/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From files that extend each other to one tree: which files, in which order, under which names.
 * How two of them become one is merge.c's business. */
#include "model/layers.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "model/library.h"
#include "model/merge.h"
#include "model/setting.h"

typedef struct {
    dev_t device;
    ino_t inode;
} identity;

/* A file being read, and the one that named it. */
typedef struct reading {
    const struct reading *by;
    const char *path; /* to open */
    const char *name; /* to speak of: never absolute unless the user wrote it so */
    identity id;
    bool scenario; /* may have the sections of a scenario */
    int library;   /* the folder of models it was found in, or the one beside which it is; 0: none */
} reading;

typedef struct {
    msc_arena *arena;
    msc_conf *tree;
    msc_layer_sources *sources;
    identity *seen;
    size_t n_seen, cap_seen, n_merged;
    const char *model;   /* in the place of the scenario's own; or NULL */
    const char *library; /* folders of models, in the place of the usual ones; or NULL */
} layers;

static bool same(identity a, identity b)
{
    return a.device == b.device && a.inode == b.inode;
}

/* ---- paths ---- */

/* "configs/x.cfg", "y.cfg" → "configs/y.cfg" */
static const char *beside(msc_arena *arena, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    if (name[0] == '/' || !slash) {
        return name;
    }
    return msc_arena_printf(arena, "%.*s%s", (int)(slash - path + 1), path, name);
}

/* Does the text before `end` (behind a slash) end in a folder's name that a ".." can take back? */
static bool has_folder(const char *begin, const char *end)
{
    size_t n = (size_t)(end - begin);
    return n > 0 && !(n == 1 && *begin == '/') &&
           !(n >= 3 && !memcmp(end - 3, "../", 3) && (n == 3 || end[-4] == '/'));
}

/* "configs/../models/./x.cfg" → "models/x.cfg", by its letters alone. */
static const char *normalise(msc_arena *arena, const char *path)
{
    char *text = msc_arena_strdup(arena, path), *end = text;
    if (*path == '/') {
        *end++ = '/';
    }
    while (*path) {
        while (*path == '/') {
            path++;
        }
        size_t n = strcspn(path, "/");
        if (n == 2 && !memcmp(path, "..", 2) && (has_folder(text, end) || *text == '/')) {
            for (end -= end - text > 1; end > text && end[-1] != '/';) {
                end--;
            }
        } else if (n > 0 && !(n == 1 && *path == '.')) {
            memmove(end, path, n);
            end += n;
            if (path[n]) {
                *end++ = '/';
            }
        }
        path += n;
    }
    *end = '\0';
    return text;
}

static bool identify(const char *path, identity *id, bool *regular)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return false;
    }
    *id = (identity){st.st_dev, st.st_ino};
    *regular = S_ISREG(st.st_mode);
    return true;
}

/* A file by a name, beside the naming file; a folder of that name counts, so that it is not passed over in silence. */
static bool is_beside(msc_arena *arena, const char *name, reading *file, bool *regular)
{
    file->path = beside(arena, file->by->path, name);
    file->name = normalise(arena, beside(arena, file->by->name, name));
    file->library = *name == '/' ? 0 : file->by->library;
    return identify(file->path, &file->id, regular);
}

/* A model of $MSCSIM_MODELS or an installed one, where it goes by the name as written. */
static bool is_in_library(msc_arena *arena, const char *folders, const char *name, reading *file)
{
    bool regular;
    const char *path = *name == '/' ? NULL : msc_library_find(arena, folders, name, &file->library);
    if (!path || !identify(path, &file->id, &regular)) {
        return false;
    }
    file->path = path;
    file->name = normalise(arena, name);
    return true;
}

/* Look for the file that a node names: beside the naming file, and for models then in the library; "msc_human" will do for
 * "msc_human.cfg" there. */
static reading locate(const layers *l, const reading *by, const msc_conf *node, bool model)
{
    msc_arena *arena = l->arena;
    const char *name = node->string, *whole = msc_library_whole_name(arena, name);
    reading file = {.by = by};
    bool regular;
    if (!*name) {
        msc_conf_fail(arena, node, "expected the name of a file");
    }
    if (is_beside(arena, name, &file, &regular) || (model && whole && is_beside(arena, whole, &file, &regular))) {
        if (!regular || access(file.path, R_OK) != 0) {
            msc_conf_fail(arena, node, "'%s' %s", file.name,
                          regular ? "may not be read" : "is no regular file");
        }
        return file;
    }
    if (model && (is_in_library(arena, l->library, name, &file) || (whole && is_in_library(arena, l->library, whole, &file)))) {
        return file;
    }
    const char *here = normalise(arena, beside(arena, by->name, name));
    if (!model || *name == '/') {
        msc_conf_fail(arena, node, "there is no file '%s'", here);
    }
    msc_conf_fail(arena, node, "there is no file '%s', %s", here, msc_library_missing(arena, name));
}

/* ---- reading ---- */

static void refuse_circle(msc_arena *arena, const reading *file, const msc_conf *node)
{
    const reading *r = file->by;
    const char *chain = file->name;
    while (r && !same(r->id, file->id)) {
        chain = msc_arena_printf(arena, "%s, which extends %s", r->name, chain);
        r = r->by;
    }
    if (r && r == file->by) {
        msc_conf_fail(arena, node, "%s extends itself", file->name);
    } else if (r) {
        msc_conf_fail(arena, node, "a circle: %s extends %s", r->name, chain);
    }
}

static void read_one(layers *l, const reading *file);

/* Read what a key (`model`, `base`, `extends`) of a file names, each file once. */
static void follow(layers *l, const reading *by, const msc_conf *conf, const char *key)
{
    const msc_conf *node = msc_conf_find(conf, key);
    size_t n = 0;
    bool base = !strcmp(key, "base");
    const msc_conf *const *names = node ? msc_merge_strings(l->arena, node, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        reading file = locate(l, by, names[i], !base);
        file.scenario = by->scenario && strcmp(key, "model") != 0;
        refuse_circle(l->arena, &file, names[i]);
        bool seen = false;
        for (size_t k = 0; k < l->n_seen; k++) {
            seen = seen || same(l->seen[k], file.id);
        }
        if (!seen) {
            read_one(l, &file);
        }
    }
}

/* Another model in the place of the one that the scenario, or what it is based on, names. */
static void replace_model(const layers *l, msc_conf *conf)
{
    const msc_conf *model = l->model && msc_conf_find(conf, "model") ? msc_conf_find(conf, "model") : NULL;
    if (model) {
        msc_conf *other = msc_conf_new(l->arena, MSC_CONF_STRING, "model", model);
        other->string = l->model;
        msc_conf_put(l->arena, conf, other);
    }
}

static void read_one(layers *l, const reading *file)
{
    const char *text;
    size_t place = 0;
    msc_conf *conf = msc_conf_read_file(l->arena, file->path, file->name, &text);
    if (file->scenario) {
        replace_model(l, conf);
    }
    if (l->sources) {
        msc_layer_sources *s = l->sources;
        place = s->n;
        *MSC_PUSH(l->arena, s->source, s->n, s->cap) =
            (struct msc_layer_source){.name = conf->file, .text = text, .library = file->library};
    }
    *MSC_PUSH(l->arena, l->seen, l->n_seen, l->cap_seen) = file->id;
    if (!l->tree) {
        l->tree = msc_conf_new(l->arena, MSC_CONF_GROUP, NULL, conf);
    }
    msc_merge_check(l->arena, conf, file->scenario);
    const msc_conf *model = msc_conf_find(conf, "model");
    if (model && msc_conf_find(conf, "base")) {
        msc_conf_fail(l->arena, model, "a scenario has either a `model` or a `base`");
    }
    follow(l, file, conf, "model");
    follow(l, file, conf, "base");
    follow(l, file, conf, "extends");
    msc_merge_layer(l->arena, l->tree, conf);
    if (l->sources) {
        l->sources->source[place].layer = l->n_merged++;
    }
}

/* What a setting of this kind says, or NULL. */
static const char *behind(const char *setting, const char *kind)
{
    const size_t n = strlen(kind);
    return strncmp(setting, kind, n) == 0 ? setting + n : NULL;
}

msc_conf *msc_layers_read(msc_arena *arena, const char *path, const char *const *settings,
                          size_t n_settings, msc_layer_sources *sources)
{
    layers l = {.arena = arena, .sources = sources};
    for (size_t i = 0; i < n_settings; i++) {
        if (!settings || !settings[i]) {
            msc_throw(arena, MSC_E_USAGE, NULL, "a setting is wanted here, and not NULL");
        }
        const char *model = behind(settings[i], MSC_SETTING_MODEL), *library = behind(settings[i], MSC_SETTING_LIBRARY);
        l.model = model ? model : l.model;
        l.library = library ? library : l.library;
    }
    reading top = {.path = path, .name = path, .scenario = true};
    bool regular; /* msc_conf_read_file complains of the top file */
    (void)identify(path, &top.id, &regular);
    read_one(&l, &top);
    for (size_t i = 0; i < n_settings; i++) {
        if (!behind(settings[i], MSC_SETTING_MODEL) && !behind(settings[i], MSC_SETTING_LIBRARY)) {
            msc_setting_apply(arena, l.tree, (int)i + 1, settings[i]);
        }
    }
    return l.tree;
}
