/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all sections need: entries, texts, units, fates. */
#include "model/reader.h"

#include <string.h>

struct each {
    msc_reader *r;
    void (*one)(msc_reader *r, size_t i);
};

static void each(void *context, size_t i)
{
    const struct each *e = context;
    e->one(e->r, i);
}

void msc_reader_each(msc_reader *r, size_t n, void (*one)(msc_reader *r, size_t i))
{
    struct each e = {r, one};
    msc_arena_each(r->arena, n, each, &e);
}

bool msc_reader_faulty(const msc_reader *r)
{
    return r->arena->faults && r->arena->faults->n > 0;
}

msc_conf *msc_reader_section(msc_reader *r, const char *name, size_t *n)
{
    msc_conf *section = msc_conf_find(r->model->tree, name);
    *n = 0;
    if (section) {
        msc_conf_need_kind(r->arena, section, MSC_CONF_GROUP);
        *n = section->n;
    }
    return section;
}

const char *msc_reader_text(msc_reader *r, const msc_conf *entry, const char *key)
{
    const msc_conf *node = msc_conf_find(entry, key);
    return node ? msc_conf_string(r->arena, node) : NULL;
}

const char **msc_reader_strings(msc_reader *r, const msc_conf *node, size_t *n)
{
    bool one = node->kind == MSC_CONF_STRING;
    if (!one && node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        msc_conf_fail(r->arena, node, "here is %s, where an array of names is due",
                      msc_conf_kind_text(node->kind));
    }
    *n = one ? 1 : node->n;
    const char **text = MSC_NEW(r->arena, const char *, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        text[i] = msc_conf_string(r->arena, one ? node : node->child[i]);
    }
    return text;
}

msc_unit msc_reader_unit(msc_reader *r, const msc_conf *node, const char *text)
{
    msc_unit unit = {.text = *text ? text : "1"};
    msc_error err = {0};
    msc_status status = msc_units_parse(r->model->units, text, &unit.factor, &unit.dim, &err);
    if (status != MSC_OK) {
        msc_throw(r->arena, status, msc_conf_where(r->arena, node), "%s", err.message);
    }
    return unit;
}

msc_unit msc_reader_entry_unit(msc_reader *r, const msc_conf *entry)
{
    const msc_conf *node = msc_conf_need(r->arena, entry, "unit");
    return msc_reader_unit(r, node, msc_conf_string(r->arena, node));
}

const char *msc_reader_dim_text(msc_reader *r, msc_dim dim)
{
    char text[256];
    msc_dim_text(r->model->units, dim, text, sizeof text);
    return msc_arena_strdup(r->arena, text);
}

msc_dim msc_reader_per_time(const msc_reader *r, msc_dim dim)
{
    return msc_dim_quotient(dim, msc_dim_time(r->model->units));
}

int msc_reader_fate(msc_reader *r, const char *name)
{
    msc_model *model = r->model;
    for (size_t i = 0; i < model->n_fate; i++) {
        if (!strcmp(model->fate[i], name)) {
            return (int)i;
        }
    }
    *MSC_PUSH(r->arena, model->fate, model->n_fate, r->fate_cap) = name;
    return (int)model->n_fate - 1;
}
