/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tree of settings: where a node is, what is in it, complaints about it, and changes. */
#include "conf/conf.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* -- Places and complaints ------------------------------------------------------------------- */

static size_t index_in(const msc_conf *parent, const msc_conf *node)
{
    size_t i = 0;
    while (i < parent->n && parent->child[i] != node) {
        i++;
    }
    return i;
}

const char *msc_conf_path(msc_arena *arena, const msc_conf *node)
{
    const msc_conf *const parent = node->parent;
    const char *const above = parent ? msc_conf_path(arena, parent) : "";
    if (node->name) {
        return msc_arena_printf(arena, "%s%s%s", above, above[0] ? "." : "", node->name);
    }
    if (!parent) {
        return "";
    }
    return msc_arena_printf(arena, "%s[%zu]", above, index_in(parent, node));
}

const char *msc_conf_where(msc_arena *arena, const msc_conf *node)
{
    const char *const path = msc_conf_path(arena, node);
    const char *const file = node->file ? node->file : "";
    const char *const place =
        node->line > 0 ? msc_arena_printf(arena, "%s:%d", file, node->line) : file;
    return msc_arena_printf(arena, "%s%s%s", place, place[0] && path[0] ? ": " : "", path);
}

void msc_conf_fail(msc_arena *arena, const msc_conf *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    msc_vthrow(arena, MSC_E_CONFIG, msc_conf_where(arena, node), format, args);
}

const char *msc_conf_kind_text(msc_conf_kind kind)
{
    switch (kind) {
    case MSC_CONF_GROUP: return "a group { }";
    case MSC_CONF_LIST: return "a list ( )";
    case MSC_CONF_ARRAY: return "an array [ ]";
    case MSC_CONF_INTEGER: return "an integer";
    case MSC_CONF_REAL: return "a number";
    case MSC_CONF_BOOLEAN: return "true or false";
    case MSC_CONF_STRING: return "a string";
    }
    return "a value";
}

/* The shortest decimal text that reads as x. */
static const char *real_text(msc_arena *arena, double x)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        const double back = strtod(text, NULL);
        if (back >= x && back <= x) {
            break;
        }
    }
    return msc_arena_strdup(arena, text);
}

/* What is there, for "must be ..., not ...". */
static const char *found_text(msc_arena *arena, const msc_conf *node)
{
    const size_t most = 40;
    size_t n = 0;
    switch (node->kind) {
    case MSC_CONF_GROUP:
    case MSC_CONF_LIST:
    case MSC_CONF_ARRAY: return msc_conf_kind_text(node->kind);
    case MSC_CONF_INTEGER: return msc_arena_printf(arena, "%lld", node->integer);
    case MSC_CONF_REAL: return real_text(arena, node->real);
    case MSC_CONF_BOOLEAN: return node->boolean ? "true" : "false";
    case MSC_CONF_STRING:
        n = strlen(node->string);
        if (n <= most) {
            return msc_arena_printf(arena, "the string \"%s\"", node->string);
        }
        for (n = most; n > 0 && ((unsigned char)node->string[n] & 0xC0) == 0x80; n--) {}
        return msc_arena_printf(arena, "the string \"%.*s...\"", (int)n, node->string);
    }
    return "that";
}

/* -- Look-ups -------------------------------------------------------------------------------- */

msc_conf *msc_conf_find(const msc_conf *group, const char *key)
{
    for (size_t i = 0; i < group->n; i++) {
        const char *const name = group->child[i]->name;
        if (name && strcmp(name, key) == 0) {
            return group->child[i];
        }
    }
    return NULL;
}

msc_conf *msc_conf_need(msc_arena *arena, const msc_conf *group, const char *key)
{
    msc_conf_need_kind(arena, group, MSC_CONF_GROUP);
    msc_conf *const node = msc_conf_find(group, key);
    if (!node) {
        msc_conf_fail(arena, group, "'%s' is missing", key);
    }
    return node;
}

/* " (known are a, b, c)", where it is short enough to be of help. */
static const char *list_keys(msc_arena *arena, const char *const *keys, size_t n)
{
    const char *text = "";
    if (n == 0 || n > 16) {
        return "";
    }
    for (size_t i = 0; i < n; i++) {
        text = msc_arena_printf(arena, "%s%s%s", text, i ? ", " : "", keys[i]);
    }
    return msc_arena_printf(arena, " (known are %s)", text);
}

void msc_conf_known(msc_arena *arena, const msc_conf *group, const char *const *keys)
{
    msc_conf_need_kind(arena, group, MSC_CONF_GROUP);
    size_t n = 0;
    while (keys[n]) {
        n++;
    }
    for (size_t i = 0; i < group->n; i++) {
        const char *const name = group->child[i]->name;
        size_t k = 0;
        while (k < n && strcmp(name, keys[k]) != 0) {
            k++;
        }
        if (k == n) {
            const char *const hint = msc_text_suggest(arena, name, keys, n);
            msc_conf_fail(arena, group->child[i], "unknown key%s",
                          hint[0] ? hint : list_keys(arena, keys, n));
        }
    }
}

/* -- Typed values ---------------------------------------------------------------------------- */

void msc_conf_need_kind(msc_arena *arena, const msc_conf *node, msc_conf_kind kind)
{
    if (node->kind != kind) {
        msc_conf_fail(arena, node, "must be %s, not %s", msc_conf_kind_text(kind),
                      found_text(arena, node));
    }
}

bool msc_conf_is_number(const msc_conf *node)
{
    return node->kind == MSC_CONF_INTEGER || node->kind == MSC_CONF_REAL;
}

double msc_conf_real(msc_arena *arena, const msc_conf *node)
{
    if (node->kind == MSC_CONF_INTEGER) {
        return (double)node->integer;
    }
    msc_conf_need_kind(arena, node, MSC_CONF_REAL);
    return node->real;
}

/* " of at least 1", " from 1 to 9", or nothing. */
static const char *range_text(msc_arena *arena, long long low, long long high)
{
    if (low == LLONG_MIN && high == LLONG_MAX) {
        return "";
    }
    if (high == LLONG_MAX) {
        return msc_arena_printf(arena, " of at least %lld", low);
    }
    if (low == LLONG_MIN) {
        return msc_arena_printf(arena, " of at most %lld", high);
    }
    return msc_arena_printf(arena, " from %lld to %lld", low, high);
}

long long msc_conf_integer(msc_arena *arena, const msc_conf *node, long long low, long long high)
{
    bool good = node->kind == MSC_CONF_INTEGER;
    long long value = node->integer;
    /* 2^63 is a double and no long long; below it every whole double is one. */
    if (node->kind == MSC_CONF_REAL && fabs(node->real) < 9223372036854775808.0) {
        value = (long long)node->real;
        good = !((double)value < node->real || (double)value > node->real);
    }
    if (!good || value < low || value > high) {
        msc_conf_fail(arena, node, "must be an integer%s, not %s", range_text(arena, low, high),
                      found_text(arena, node));
    }
    return value;
}

bool msc_conf_boolean(msc_arena *arena, const msc_conf *node)
{
    msc_conf_need_kind(arena, node, MSC_CONF_BOOLEAN);
    return node->boolean;
}

const char *msc_conf_string(msc_arena *arena, const msc_conf *node)
{
    msc_conf_need_kind(arena, node, MSC_CONF_STRING);
    return node->string;
}

/* -- Changes --------------------------------------------------------------------------------- */

msc_conf *msc_conf_new(msc_arena *arena, msc_conf_kind kind, const char *name,
                       const msc_conf *origin)
{
    msc_conf *node = MSC_NEW(arena, msc_conf, 1);
    node->kind = kind;
    node->name = name ? msc_arena_strdup(arena, name) : NULL;
    node->file = origin ? origin->file : "";
    node->line = origin ? origin->line : 0;
    node->string = kind == MSC_CONF_STRING ? "" : NULL;
    return node;
}

msc_conf *msc_conf_clone(msc_arena *arena, const msc_conf *node)
{
    msc_conf *copy = MSC_NEW(arena, msc_conf, 1);
    *copy = *node; /* texts are never changed, so they are shared */
    copy->parent = NULL;
    copy->child = MSC_NEW(arena, msc_conf *, node->n);
    copy->cap = node->n;
    for (size_t i = 0; i < node->n; i++) {
        copy->child[i] = msc_conf_clone(arena, node->child[i]);
        copy->child[i]->parent = copy;
    }
    return copy;
}

void msc_conf_put(msc_arena *arena, msc_conf *parent, msc_conf *node)
{
    msc_conf *const old = node->name ? msc_conf_find(parent, node->name) : NULL;
    if (old) {
        parent->child[index_in(parent, old)] = node;
    } else {
        *MSC_PUSH(arena, parent->child, parent->n, parent->cap) = node;
    }
    if (old && old != node) {
        old->parent = NULL;
    }
    node->parent = parent;
}

void msc_conf_remove(msc_conf *group, const char *key)
{
    msc_conf *const node = msc_conf_find(group, key);
    if (!node) {
        return;
    }
    const size_t i = index_in(group, node);
    memmove(&group->child[i], &group->child[i + 1], (group->n - i - 1) * sizeof(msc_conf *));
    group->n--;
    node->parent = NULL;
}
