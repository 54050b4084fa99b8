/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * --set KEY=VALUE. KEY is a path of names and indices, `regimen[*].dose`. VALUE is what libconfig
 * would read after `KEY =`, else the text as it stands: `5e6 cell/kg` needs no quotes inside the
 * shell's, while a faulty array or group is an error. Where the command line itself is wrong the status is E_USAGE. */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/scan.h"

enum { KEY_MAX = 1024, INDEX_DIGITS = 9 };

typedef struct {
    msc_arena *arena;
    const char *where; /* "--set #2" */
    msc_status status; /* of a fault in KEY */
    msc_conf_setting *setting;
    size_t cap;
} reader;

/* -- KEY ------------------------------------------------------------------------------------- */

static void add_step(reader *r, msc_conf_step step)
{
    *MSC_PUSH(r->arena, r->setting->step, r->setting->n, r->cap) = step;
}

/* A name at the start of text; gives what follows it. */
static const char *read_name(reader *r, const char *key, const char *text)
{
    const size_t n = strcspn(text, ".[]");
    if (n == 0) {
        msc_throw(r->arena, r->status, r->where, "a name is missing in '%s'", key);
    }
    const char *const name = msc_arena_strndup(r->arena, text, n);
    if (!msc_text_is_name(name) || n > MSC_CONF_NAME_MAX) {
        msc_throw(
            r->arena, r->status, r->where,
            "'%.*s' in '%s' is no name; a key is like regimen[0].dose or parameters.arrest.lung",
            (int)(n < MSC_CONF_NAME_MAX ? n : MSC_CONF_NAME_MAX), name, key);
    }
    add_step(r, (msc_conf_step){.name = name, .index = 0});
    return text + n;
}

/* [k] or [*] at the start of text; gives what follows it. */
static const char *read_index(reader *r, const char *key, const char *text)
{
    const size_t n = strspn(text + 1, "0123456789");
    const char *const end = text + 1 + n;
    if (n == 0 && end[0] == '*' && end[1] == ']') {
        add_step(r, (msc_conf_step){.name = NULL, .index = -1});
        return end + 2;
    }
    if (n == 0 || n > INDEX_DIGITS || *end != ']') {
        msc_throw(r->arena, r->status, r->where,
                  "in '%s', '[' begins no index; write [0], [1] or [*]", key);
    }
    add_step(r, (msc_conf_step){.name = NULL, .index = strtol(text + 1, NULL, 10)});
    return end + 1;
}

static void read_key(reader *r, const char *key)
{
    const char *next = read_name(r, key, key);
    while (*next) {
        if (*next == '[') {
            next = read_index(r, key, next);
        } else if (*next == '.') {
            next = read_name(r, key, next + 1);
        } else {
            msc_throw(r->arena, r->status, r->where,
                      "in '%s', '.' or '[' is expected before '%s'", key, next);
        }
    }
}

/* -- VALUE ----------------------------------------------------------------------------------- */

/* The value read as libconfig, or NULL if it is none (or throws something graver). */
static msc_conf *read_libconfig(msc_arena *inner, const char *where, const char *text)
{
    if (MSC_CATCH(inner)) {
        return NULL;
    }
    const char *const setting = msc_arena_printf(inner, "value = %s", text);
    const msc_conf *const root = msc_conf_read_text(inner, where, setting, strlen(setting));
    /* "1; other = 2" would be two settings, and then it is a string. */
    return root->n == 1 ? root->child[0] : NULL;
}

/* libconfig wants an L after large integers; on a command line there is no doubt without it. */
static msc_conf *read_integer(msc_arena *arena, const char *text)
{
    const char *digits = text + (*text == '+' || *text == '-');
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return NULL;
    }
    errno = 0;
    const long long value = strtoll(text, NULL, 10);
    if (errno != 0) {
        return NULL;
    }
    msc_conf *node = msc_conf_new(arena, MSC_CONF_INTEGER, NULL, NULL);
    node->integer = value;
    return node;
}

static void set_place(msc_conf *node, const char *file)
{
    node->file = file;
    node->line = 0;
    for (size_t i = 0; i < node->n; i++) {
        set_place(node->child[i], file);
    }
}

static msc_conf *read_value(reader *r, const char *text)
{
    msc_conf *node = read_integer(r->arena, text);
    if (!node) {
        msc_arena inner = {.block = r->arena->block};
        node = read_libconfig(&inner, r->where, text);
        r->arena->block = inner.block;
        /* No formula and no quantity begins with these: it is meant as an array or a group. */
        const bool meant = *text == '[' || *text == '{';
        if (!node && inner.error.status != MSC_OK && (meant || inner.error.status != MSC_E_CONFIG)) {
            msc_throw(r->arena, inner.error.status, meant ? r->where : inner.error.where, "%s", inner.error.message);
        }
    }
    if (!node) {
        node = msc_conf_new(r->arena, MSC_CONF_STRING, NULL, NULL);
        node->string = msc_arena_strdup(r->arena, text);
    }
    const msc_conf_step *const last = &r->setting->step[r->setting->n - 1];
    node->name = last->name;
    node->parent = NULL;
    set_place(node, r->where);
    return node;
}

msc_conf_setting msc_conf_read_setting(msc_arena *arena, int k, const char *text)
{
    msc_conf_setting setting = {.text = msc_arena_strdup(arena, text)};
    reader r = {
        .arena = arena, .where = msc_arena_printf(arena, "--set #%d", k), .status = MSC_E_USAGE, .setting = &setting};
    const char *const equals = strchr(text, '=');
    if (!equals) {
        msc_throw(arena, MSC_E_USAGE, r.where,
                  "'%s' has no '='; write KEY=VALUE, as in solver.rtol=1e-8", text);
    }
    size_t n = (size_t)(equals - text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
        n--;
    }
    if (n > KEY_MAX) {
        msc_throw(arena, MSC_E_USAGE, r.where, "a key of %zu characters (at most %d)", n, KEY_MAX);
    }
    const char *const key = msc_arena_strndup(arena, text, n);
    if (n == 0) {
        msc_throw(arena, MSC_E_USAGE, r.where, "'%s' has nothing before '='", text);
    }
    read_key(&r, key);
    if (equals[1 + strspn(equals + 1, " \t\r\n")] == '\0') {
        msc_throw(arena, MSC_E_USAGE, r.where, "'%s' has no value (an empty text is '%s=\"\"')",
                  key, key);
    }
    if (strlen(equals + 1) > MSC_CONF_STRING_MAX) {
        msc_throw(arena, MSC_E_USAGE, r.where, "the value of '%s' is longer than %d KiB", key,
                  MSC_CONF_STRING_MAX / 1024);
    }
    setting.value = read_value(&r, equals + 1);
    return setting;
}

msc_conf_setting msc_conf_read_key(msc_arena *arena, const char *where, const char *key)
{
    msc_conf_setting setting = {.text = msc_arena_strdup(arena, key)};
    reader r = {.arena = arena, .where = where, .status = MSC_E_CONFIG, .setting = &setting};
    if (strlen(key) > KEY_MAX) {
        msc_throw(arena, MSC_E_CONFIG, where, "a path of %zu characters (at most %d)", strlen(key), KEY_MAX);
    }
    read_key(&r, setting.text);
    return setting;
}
