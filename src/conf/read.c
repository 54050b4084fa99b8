/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a file, or a text, to a tree: scanned (scan.c), read by libconfig, copied, and libconfig's
 * own objects destroyed before anything else can happen. */
#include "conf/conf.h"

#include <libconfig.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "conf/scan.h"

msc_conf *msc_conf_read_file(msc_arena *arena, const char *path, const char *name,
                             const char **text)
{
    static const msc_file_kind kind = {MSC_E_NOINPUT, MSC_E_CONFIG, "a regular file", "a configuration has",
                                       MSC_CONF_TEXT_MAX};
    const size_t size = msc_file_size(arena, path, name, &kind);
    char *bytes = msc_arena_alloc(arena, size + 2, 1);
    msc_file_read_all(arena, path, name, bytes, size);
    if (text) {
        *text = bytes;
    }
    return msc_conf_read_text(arena, name, bytes, size);
}

/* -- libconfig's tree, copied ---------------------------------------------------------------- */

typedef struct {
    msc_arena *arena;
    const char *file;
    const msc_conf_scanned *scanned;
    size_t next; /* node of the scan */
} copier;

static int next_line(copier *c)
{
    if (c->next == c->scanned->n) {
        msc_throw(c->arena, MSC_E_BUG, c->file, "libconfig sees more than %zu values", c->next);
    }
    return c->scanned->line[c->next++];
}

static void copy_children(copier *c, msc_conf *node, const config_setting_t *setting);

/* The value of a setting, by its kind. */
static void copy_value(copier *c, msc_conf *node, const config_setting_t *setting)
{
    const char *text = NULL;
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
        node->kind = MSC_CONF_INTEGER;
        node->integer = config_setting_get_int(setting);
        return;
    case CONFIG_TYPE_INT64:
        node->kind = MSC_CONF_INTEGER;
        node->integer = config_setting_get_int64(setting);
        return;
    case CONFIG_TYPE_FLOAT:
        node->kind = MSC_CONF_REAL;
        node->real = config_setting_get_float(setting);
        return;
    case CONFIG_TYPE_BOOL:
        node->kind = MSC_CONF_BOOLEAN;
        node->boolean = config_setting_get_bool(setting) != CONFIG_FALSE;
        return;
    case CONFIG_TYPE_STRING:
        node->kind = MSC_CONF_STRING;
        text = config_setting_get_string(setting);
        node->string = msc_arena_strdup(c->arena, text ? text : "");
        return;
    case CONFIG_TYPE_LIST: node->kind = MSC_CONF_LIST; break;
    case CONFIG_TYPE_ARRAY: node->kind = MSC_CONF_ARRAY; break;
    case CONFIG_TYPE_GROUP: node->kind = MSC_CONF_GROUP; break;
    default:
        msc_throw(c->arena, MSC_E_BUG, c->file, "libconfig gives a value of unknown kind %d",
                  config_setting_type(setting));
    }
    copy_children(c, node, setting);
}

static void copy_children(copier *c, msc_conf *node, const config_setting_t *setting)
{
    const int n = config_setting_length(setting);
    node->child = MSC_NEW(c->arena, msc_conf *, (size_t)n);
    node->n = node->cap = (size_t)n;
    for (int i = 0; i < n; i++) {
        const config_setting_t *const from = config_setting_get_elem(setting, (unsigned)i);
        const char *const name = config_setting_name(from);
        msc_conf *child = MSC_NEW(c->arena, msc_conf, 1);
        child->name = name ? msc_arena_strdup(c->arena, name) : NULL;
        child->file = c->file;
        child->line = next_line(c);
        child->parent = node;
        node->child[i] = child;
        copy_value(c, child, from);
    }
}

/* The copy in an arena that catches here; NULL if that threw. */
static msc_conf *copy_tree(msc_arena *inner, const char *name, const msc_conf_scanned *scanned,
                           const config_t *config)
{
    if (MSC_CATCH(inner)) {
        return NULL;
    }
    copier c = {.arena = inner, .file = msc_arena_strdup(inner, name), .scanned = scanned};
    msc_conf *root = MSC_NEW(inner, msc_conf, 1);
    root->file = c.file;
    copy_value(&c, root, config_root_setting(config));
    if (c.next != scanned->n) {
        msc_throw(inner, MSC_E_BUG, name, "libconfig sees %zu values, not %zu", c.next, scanned->n);
    }
    return root;
}

/* What libconfig still finds wrong: nothing that we know of. */
static void explain(msc_error *err, const char *name, const config_t *config)
{
    const char *const text = config_error_text(config);
    char where[sizeof err->where + 16]; /* msc_fail cuts it, and shows that it did */
    snprintf(where, sizeof where, "%s:%d", name, config_error_line(config));
    msc_fail(err, MSC_E_CONFIG, where, "syntax error (%s)", text ? text : "libconfig says no more");
}

msc_conf *msc_conf_read_text(msc_arena *arena, const char *name, const char *text, size_t n)
{
    const msc_conf_scanned scanned = msc_conf_scan(arena, name, text, n);
    /* The same memory with a way out of its own, so that libconfig's can be freed after a throw. */
    msc_arena inner = {.block = arena->block};
    msc_conf *root = NULL;
    config_t config;
    config_init(&config);
    const locale_t locale = uselocale((locale_t)0); /* libconfig leaves the global one behind */
    const int good = config_read_string(&config, scanned.text);
    uselocale(locale);
    if (good) {
        root = copy_tree(&inner, name, &scanned, &config);
        arena->block = inner.block;
    } else {
        explain(&inner.error, name, &config);
    }
    config_destroy(&config);
    if (!root) {
        msc_throw(arena, inner.error.status, inner.error.where, "%s", inner.error.message);
    }
    return root;
}
