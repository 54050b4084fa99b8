/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A results file, run again from what it says of itself.
 *
 * The texts recorded are put into a folder of their own, each at the place where the text that names
 * it will look for it; a model that was found in $MSCSIM_MODELS or among the installed ones is put
 * beside who named it, or, if it is recorded in a folder of models, into such a one. What is read there is then held against the record. A recorded name is
 * somebody else's: it is taken step by step, never above the folder, and never if it is absolute. */
#include <mscsim/file.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/layers.h"
#include "model/library.h"
#include "sweep/sweep.h"

enum { UP = 32, PLACES = 1000, NAME_LONGEST = 1000, LIBRARIES = 99 };

extern char **environ;

struct msc_recipe {
    msc_arena *arena;
    const char *path;
    msc_dataset *dataset;
    size_t n; /* files recorded */
    const char *const *name, *const *text;
    size_t n_setting;
    const char *const *setting;
    char *root; /* the private folder; NULL: none yet */
    int keeper; /* while this is open, it stays */
    pid_t remover;
    size_t n_place, cap_place;
    struct place {
        const char *path; /* from the top of the tree */
        size_t source;
    } * place;
    msc_conf *models;       /* the values of a sweep over models, or NULL */
    msc_scenario *scenario; /* or */
    msc_sweep *sweep;
};

static _Noreturn void damaged(msc_recipe *r, const char *what, const char *name)
{
    char shown[200];
    snprintf(shown, sizeof shown, "%s", name);
    msc_throw(r->arena, MSC_E_DATA, NULL, "'%s' cannot be run again: %s '%s'", r->path, what,
              shown);
}

static _Noreturn void cannot(msc_recipe *r, const char *doing, const char *name)
{
    msc_throw(r->arena, MSC_E_IO, NULL, "cannot %s '%s': %s", doing, name, strerror(errno));
}

/* ---- the record ---- */

static void read_record(msc_recipe *r)
{
    msc_error err = {0};
    if (msc_store_read(r->path, &r->dataset, &err) != MSC_OK) {
        msc_throw(r->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    const msc_array *name = msc_dataset_array(r->dataset, "source_name");
    const msc_array *text = msc_dataset_array(r->dataset, "source_text");
    const msc_axis *setting = msc_dataset_axis(r->dataset, "setting");
    const bool whole = name && text && name->kind == MSC_ARRAY_TEXT &&
                       text->kind == MSC_ARRAY_TEXT && name->n_axis == 1 && text->n_axis == 1 &&
                       name->axis[0] == text->axis[0];
    if (!whole) {
        msc_throw(r->arena, MSC_E_DATA, NULL,
                  "'%s' cannot be run again: it does not hold the texts of what was run", r->path);
    }
    r->n = msc_array_size(r->dataset, name);
    r->name = name->text, r->text = text->text;
    if (setting && setting->label) {
        r->n_setting = setting->n, r->setting = setting->label;
    }
    if (msc_dataset_text(r->dataset, "fit_method")) {
        msc_throw(r->arena, MSC_E_DATA, NULL, "'%s' is of a fit, and fits are not run again from their results: "
                  "the texts of its configs are in it, the data are not", r->path);
    }
    for (size_t i = 0; i < r->n; i++) {
        if (r->name[i][0] == '/' || strlen(r->name[i]) > NAME_LONGEST) {
            damaged(r, "a name in it is absolute, or too long:", r->name[i]);
        }
    }
}

/* ---- names ---- */

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* "a/b/.././c" to "a/c", by its letters; what leads up from the beginning stays. */
static const char *plain(msc_arena *arena, const char *path)
{
    const char *text = "";
    while (*path) {
        path += strspn(path, "/");
        const size_t n = strcspn(path, "/"), length = strlen(text);
        const size_t last =
            length > 0 ? folder_length(msc_arena_strndup(arena, text, length - 1)) : 0;
        const bool up = n == 2 && strncmp(path, "..", 2) == 0;
        if (up && text[last] != '\0' && strcmp(text + last, "../") != 0) {
            text = msc_arena_strndup(arena, text, last);
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            text = msc_arena_printf(arena, "%s%.*s%s", text, (int)n, path, path[n] ? "/" : "");
        }
        path += n;
    }
    return text;
}

static const char *behind_ups(const char *name)
{
    while (strncmp(name, "../", 3) == 0) {
        name += 3;
    }
    return name;
}

/* The name behind "@models/" or "@models.2/", the folders of models that are recorded as such, and the folder's number; or NULL. */
static const char *behind_library(const char *name, long *folder)
{
    const size_t n = sizeof MSC_RECORD_LIBRARY - 1;
    char *end = NULL;
    if (strncmp(name, MSC_RECORD_LIBRARY, n) != 0 || (name[n] != '/' && name[n] != '.')) {
        return NULL;
    }
    *folder = name[n] == '/' ? 1 : strtol(name + n + 1, &end, 10);
    end = name[n] == '/' ? NULL : end;
    return !end ? name + n + 1 : *end == '/' && *folder > 1 && *folder <= LIBRARIES ? end + 1 : NULL;
}

/* The one that goes by this name in the first of those folders that has it. */
static size_t found_in_library(const msc_recipe *r, const char *name)
{
    size_t found = r->n;
    long first = LIBRARIES + 1, folder;
    for (size_t i = 0; i < r->n; i++) {
        const char *own = behind_library(r->name[i], &folder);
        if (own && strcmp(own, name) == 0 && folder < first) {
            found = i, first = folder;
        }
    }
    return found;
}

/* The recorded file that a text means by a name: the one beside it; or, of a model, the one that was
 * found elsewhere and is recorded under the name as written. r->n: none. *library: it is looked up where models are. */
static size_t meant(msc_recipe *r, size_t by, const char *name, bool model, bool *library)
{
    const char *folder = msc_arena_strndup(r->arena, r->name[by], folder_length(r->name[by]));
    const char *beside = plain(r->arena, msc_arena_printf(r->arena, "%s%s", folder, name));
    const char *own = behind_ups(plain(r->arena, name));
    size_t found = r->n;
    for (size_t i = 0; i < r->n && found == r->n; i++) {
        found = strcmp(r->name[i], beside) == 0 ? i : r->n;
    }
    *library = false;
    if (model && found == r->n) {
        found = found_in_library(r, plain(r->arena, name));
        *library = found < r->n;
    }
    for (size_t i = 0; model && i < r->n && found == r->n; i++) {
        found = strcmp(behind_ups(r->name[i]), own) == 0 ? i : r->n;
    }
    return found;
}

/* ---- the folder ---- */

/* A process that removes the folder when this one closes the pipe, or ends in whatever way. */
static void start_remover(msc_recipe *r)
{
    char sh[] = "sh", option[] = "-c", script[] = "read -r line; exec rm -rf -- \"$1\"",
         name[] = "mscsim";
    char *argv[] = {sh, option, script, name, r->root, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int end[2];
    if (pipe(end) != 0) {
        cannot(r, "make", "a pipe");
    }
    (void)fcntl(end[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(end[1], F_SETFD, FD_CLOEXEC);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawn_file_actions_adddup2(&actions, end[0], 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP); /* Ctrl-C is not for it */
    errno = posix_spawn(&r->remover, "/bin/sh", &actions, &attributes, argv, environ);
    const int failed = errno;
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    close(end[0]);
    r->keeper = end[1];
    if (failed != 0) {
        r->remover = 0;
        close(end[1]);
        (void)rmdir(r->root); /* nothing is in it yet */
        errno = failed;
        cannot(r, "start", "/bin/sh");
    }
}

static void remove_folder(msc_recipe *r)
{
    if (r->remover > 0) {
        close(r->keeper);
        while (waitpid(r->remover, NULL, 0) < 0 && errno == EINTR) {}
        r->remover = 0;
    }
}

static void make_folder(msc_recipe *r)
{
    const char *parent = getenv("TMPDIR");
    char *root =
        msc_arena_printf(r->arena, "%s/mscsim-rerun.XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(root)) {
        cannot(r, "make a folder", root);
    }
    r->root = root;
    start_remover(r);
    for (size_t i = 0; i < r->n; i++) {
        const char *file = msc_arena_printf(r->arena, "%s/%zu", root, i);
        const size_t n = strlen(r->text[i]);
        FILE *stream = fopen(file, "wxe");
        const bool lost = !stream || fwrite(r->text[i], 1, n, stream) != n;
        if ((stream && fclose(stream) != 0) || lost) {
            cannot(r, "write", file);
        }
    }
}

static const char *in_tree(const msc_recipe *r, const char *path)
{
    return msc_arena_printf(r->arena, "%s/t%s%s", r->root, *path ? "/" : "", path);
}

/* From a folder of the tree along a name, with folders made on the way; gives where the file goes. */
static const char *walk(msc_recipe *r, const char *folder, const char *name)
{
    const char *at = folder, *rest = name;
    for (;;) {
        rest += strspn(rest, "/");
        const size_t n = strcspn(rest, "/");
        const bool dots =
            (n == 1 && rest[0] == '.') || (n == 2 && rest[0] == '.' && rest[1] == '.');
        const char *step = msc_arena_strndup(r->arena, rest, n);
        if (rest[n] == '\0') {
            if (n == 0 || dots) {
                damaged(r, "no file can be called", name);
            }
            return msc_arena_printf(r->arena, "%s%s%s", at, *at ? "/" : "", step);
        }
        if (n == 2 && dots && *at == '\0') {
            damaged(r, "it leads out of all folders:", name);
        } else if (n == 2 && dots) {
            const size_t up = folder_length(at);
            at = msc_arena_strndup(r->arena, at, up > 0 ? up - 1 : 0);
        } else if (!dots) {
            at = msc_arena_printf(r->arena, "%s%s%s", at, *at ? "/" : "", step);
            if (mkdir(in_tree(r, at), 0700) != 0 && errno != EEXIST) {
                damaged(r, "there is no folder", at);
            }
        }
        rest += n;
    }
}

static void place(msc_recipe *r, size_t source, const char *path, int depth);

static void place_named(msc_recipe *r, size_t by, const char *path, const msc_conf *node,
                        bool model, int depth)
{
    const char *name = msc_conf_string(r->arena, node);
    if (name[0] == '/') {
        damaged(r, "a text in it names a file by an absolute path:", name);
    }
    bool library;
    size_t source = meant(r, by, name, model, &library);
    const char *whole = model && source == r->n ? msc_library_whole_name(r->arena, name) : NULL;
    if (whole) {
        source = meant(r, by, whole, model, &library);
    }
    if (source == r->n) {
        damaged(r, "it does not hold", name);
    }
    name = whole ? whole : name;
    const size_t n = folder_length(path);
    place(r, source,
          library ? walk(r, "", r->name[source]) : walk(r, msc_arena_strndup(r->arena, path, n > 0 ? n - 1 : 0), name), depth + 1);
}

/* What a node names, one text or several. */
static void place_list(msc_recipe *r, size_t by, const char *path, const msc_conf *node, bool model, int depth)
{
    const bool several = node && (node->kind == MSC_CONF_ARRAY || node->kind == MSC_CONF_LIST);
    for (size_t i = 0; node && i < (several ? node->n : 1); i++) {
        place_named(r, by, path, several ? node->child[i] : node, model, depth);
    }
}

/* vary = "model"; values = [...]: of a sweep. */
static msc_conf *models_of(const msc_conf *tree)
{
    const msc_conf *sweep = msc_conf_find(tree, "sweep"), *axes = sweep ? msc_conf_find(sweep, "axes") : NULL;
    for (size_t i = 0; axes && i < axes->n; i++) {
        const bool group = axes->child[i]->kind == MSC_CONF_GROUP;
        const msc_conf *vary = group ? msc_conf_find(axes->child[i], "vary") : NULL;
        if (vary && vary->kind == MSC_CONF_STRING && strcmp(vary->string, "model") == 0) {
            return msc_conf_find(axes->child[i], "values");
        }
    }
    return NULL;
}

static void place(msc_recipe *r, size_t source, const char *path, int depth)
{
    static const char *const keys[] = {"model", "base", "extends"};
    for (size_t i = 0; i < r->n_place; i++) {
        if (strcmp(r->place[i].path, path) == 0) {
            if (strcmp(r->text[r->place[i].source], r->text[source]) != 0) {
                damaged(r, "two files in it have the name", path);
            }
            return;
        }
    }
    if (r->n_place == PLACES || depth == UP) {
        damaged(r, "there is no end to the files that name", r->name[source]);
    }
    *MSC_PUSH(r->arena, r->place, r->n_place, r->cap_place) = (struct place){path, source};
    if (link(msc_arena_printf(r->arena, "%s/%zu", r->root, source), in_tree(r, path)) != 0) {
        damaged(r, "no file can be called", path);
    }
    const msc_conf *tree =
        msc_conf_read_text(r->arena, r->name[source], r->text[source], strlen(r->text[source]));
    r->models = r->models ? r->models : models_of(tree);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        place_list(r, source, path, msc_conf_find(tree, keys[k]), strcmp(keys[k], "base") != 0, depth);
    }
    if (msc_conf_find(tree, "model")) { /* the models of a sweep stand in its place */
        place_list(r, source, path, r->models, true, depth);
    }
}

/* Deep enough for every name that leads up. */
static const char *place_all(msc_recipe *r)
{
    const char *top = "";
    if (strchr(r->name[0], '/')) {
        damaged(r, "the first file in it should have no folder:", r->name[0]);
    }
    if (mkdir(in_tree(r, ""), 0700) != 0) {
        cannot(r, "make the folder", in_tree(r, ""));
    }
    for (int i = 0; i < UP; i++) {
        top = msc_arena_printf(r->arena, "%s%sd", top, i > 0 ? "/" : "");
        if (mkdir(in_tree(r, top), 0700) != 0) {
            cannot(r, "make the folder", in_tree(r, top));
        }
    }
    const char *first = walk(r, top, r->name[0]);
    place(r, 0, first, 0);
    return in_tree(r, first);
}

/* The recorded settings, and where the models are that are looked up by name. */
static const char **settings_of(const msc_recipe *r, size_t *n)
{
    const char **setting = MSC_NEW(r->arena, const char *, r->n_setting + 2), *list = NULL;
    for (*n = 0; *n < r->n_setting; ++*n) {
        setting[*n] = r->setting[*n];
    }
    for (long wanted = 1; wanted <= LIBRARIES; wanted++) {
        const char *folder = wanted == 1 ? MSC_RECORD_LIBRARY : msc_arena_printf(r->arena, MSC_RECORD_LIBRARY ".%ld", wanted);
        long number = 0;
        bool any = false;
        for (size_t i = 0; i < r->n && !any; i++) {
            any = behind_library(r->name[i], &number) && number == wanted;
        }
        list = !any ? list : msc_arena_printf(r->arena, "%s%s", list ? msc_arena_printf(r->arena, "%s:", list) : MSC_SETTING_LIBRARY, in_tree(r, folder));
    }
    if (list) {
        setting[(*n)++] = list;
    }
    return setting;
}

/* ---- the scenario ---- */

/* A place in a text, without the private folder. */
static const char *place_text(const msc_recipe *r, const char *where)
{
    const size_t n = strlen(r->root);
    if (strncmp(where, r->root, n) == 0 && strncmp(where + n, "/t/", 3) == 0) {
        for (where += n + 3; strncmp(where, "d/", 2) == 0;) {
            where += 2;
        }
    }
    return where;
}

static _Noreturn void not_taken(msc_recipe *r, const msc_error *err)
{
    const bool data = err->status == MSC_E_NOINPUT || err->status == MSC_E_CONFIG;
    msc_throw(r->arena, data ? MSC_E_DATA : err->status, NULL,
              "'%s' cannot be run again by this version of mscsim: %s%s%s", r->path,
              place_text(r, err->where), err->where[0] ? ": " : "", err->message);
}

/* Was this text read? */
static bool is_among(const char *text, const char *const *texts, size_t n)
{
    size_t i = 0;
    while (i < n && strcmp(text, texts[i]) != 0) {
        i++;
    }
    return i < n;
}

/* What was read are the texts that are recorded, all of them. (A text may have been recorded under two names, and be read once:
 * what was found elsewhere is put beside who named it.) */
static void check_texts(msc_recipe *r, const char *const *text, size_t n)
{
    bool same = true;
    for (size_t i = 0; i < n; i++) {
        same = same && is_among(text[i], r->text, r->n);
    }
    for (size_t i = 0; i < r->n; i++) {
        same = same && is_among(r->text[i], text, n);
    }
    if (!same) {
        msc_throw(r->arena, MSC_E_DATA, NULL, "'%s' cannot be run again: its texts are not what they name", r->path);
    }
}

static void read_scenario(msc_recipe *r, const char *first)
{
    msc_error err = {0};
    size_t n_setting;
    const char **setting = settings_of(r, &n_setting);
    if (msc_scenario_read(first, setting, n_setting, &r->scenario, &err) != MSC_OK) {
        not_taken(r, &err);
    }
    msc_model *m = r->scenario->model;
    const char **text = MSC_NEW(r->arena, const char *, m->n_source + 1);
    for (size_t i = 0; i < m->n_source; i++) {
        text[i] = m->source[i].text;
    }
    check_texts(r, text, m->n_source);
    m->n_source = r->n; /* recorded as before */
    m->source = MSC_NEW(r->arena, struct msc_source, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        m->source[i] = (struct msc_source){.name = r->name[i], .text = r->text[i], .recorded = true};
    }
}

static void read_sweep(msc_recipe *r, const char *first, const char *seed)
{
    msc_error err = {0};
    const uint64_t number = strtoull(seed, NULL, 10);
    msc_from *from = msc_from_recorded(r->arena, r->path, r->dataset);
    size_t n_setting;
    const char **setting = settings_of(r, &n_setting);
    if (msc_sweep_read_given(first, setting, n_setting, &number, from, &r->sweep, &err) != MSC_OK) {
        not_taken(r, &err);
    }
    msc_sweep *s = r->sweep;
    const char **text = MSC_NEW(r->arena, const char *, s->n_source + 1);
    for (size_t i = 0; i < s->n_source; i++) {
        text[i] = s->source[i].text;
    }
    check_texts(r, text, s->n_source);
    s->n_source = r->n;
    s->source = MSC_NEW(r->arena, struct msc_source, r->n + 1);
    for (size_t i = 0; i < r->n; i++) {
        s->source[i] = (struct msc_source){.name = r->name[i], .text = r->text[i], .recorded = true};
    }
}

msc_status msc_recipe_read(const char *path, msc_recipe **recipe, msc_error *err)
{
    *recipe = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_recipe *volatile r = NULL;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        if (r) {
            msc_recipe_free(r);
        } else {
            msc_arena_free(arena);
        }
        /* a text that is recorded is no config of the user's: the fault is in the data */
        const bool data = thrown.status == MSC_E_CONFIG;
        return msc_fail(err, data ? MSC_E_DATA : thrown.status, NULL, "%s%s%s%s%s",
                        data ? path : "", data ? ": " : "", thrown.where,
                        thrown.where[0] ? ": " : "", thrown.message);
    }
    r = MSC_NEW(arena, msc_recipe, 1);
    r->arena = arena;
    r->path = msc_arena_strdup(arena, path);
    read_record(r);
    make_folder(r);
    const char *seed = msc_dataset_text(r->dataset, "sweep_seed"), *first = place_all(r);
    if (seed) {
        read_sweep(r, first, seed);
    } else {
        read_scenario(r, first);
    }
    *recipe = r;
    return MSC_OK;
}

const msc_scenario *msc_recipe_scenario(const msc_recipe *recipe)
{
    return recipe->scenario;
}

const msc_sweep *msc_recipe_sweep(const msc_recipe *recipe)
{
    return recipe->sweep;
}

msc_status msc_recipe_run(const msc_recipe *recipe, msc_result **result, msc_error *err)
{
    msc_error inner = {0};
    *result = NULL;
    if (!recipe->scenario) {
        return msc_fail(err, MSC_E_USAGE, NULL, "'%s' is of a sweep", recipe->path);
    }
    msc_status status = msc_scenario_run(recipe->scenario, result, &inner);
    const bool kept = status == MSC_E_NUMERIC; /* what there is of it was written, without ranges */
    if (status == MSC_OK) {
        status = msc_result_add_ranges(*result, &inner);
    }
    if (status != MSC_OK && !kept) {
        msc_result_free(*result);
        *result = NULL;
    }
    if (status != MSC_OK) {
        return msc_fail(err, status, inner.where[0] ? place_text(recipe, inner.where) : NULL, "%s",
                        inner.message);
    }
    return MSC_OK;
}

void msc_recipe_free(msc_recipe *recipe)
{
    if (recipe) {
        remove_folder(recipe);
        msc_scenario_free(recipe->scenario);
        msc_sweep_free(recipe->sweep);
        msc_dataset_free(recipe->dataset);
        msc_arena_free(recipe->arena);
    }
}
