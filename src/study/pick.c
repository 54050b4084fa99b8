/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Quantities and their elements by name. */
#include <string.h>

#include "study/study.h"

static uint32_t find_quantity(msc_arena *arena, const msc_program *p, const msc_conf *node,
                              const char *name)
{
    const char **known = MSC_NEW(arena, const char *, p->n_quantity + 1);
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        known[i] = p->quantity[i].name;
        if (strcmp(name, known[i]) == 0) {
            return i;
        }
    }
    const int k = msc_model_find_output(p->model, name);
    if (k >= 0 && p->model->output[k].shape.n == 0) {
        msc_conf_fail(arena, node, "'%s' is over a set that is empty: there is nothing to show", name);
    }
    msc_conf_fail(arena, node, "'%s' is not among the results; name it in output.quantities, too%s",
                  name, msc_text_suggest(arena, name, known, p->n_quantity));
}

/* The place of a label on a dimension of a quantity. */
static uint32_t find_label(msc_arena *arena, const msc_quantity *q, int dim, const msc_conf *node,
                           const char *label)
{
    for (uint32_t i = 0; i < q->dim_n[dim]; i++) {
        if (strcmp(label, q->label[dim][i]) == 0) {
            return i;
        }
    }
    msc_conf_fail(arena, node, "'%s' has no element '%s'%s", q->name, label,
                  msc_text_suggest(arena, label, q->label[dim], q->dim_n[dim]));
}

/* "lung,cxcr4_neg]" */
static uint32_t read_element(msc_arena *arena, const msc_quantity *q, const msc_conf *node,
                             const char *text)
{
    uint32_t element = 0;
    int dim = 0;
    while (*text) {
        text += strspn(text, " ");
        const size_t n = strcspn(text, " ,]");
        if (dim == q->n_dim) {
            msc_conf_fail(arena, node, "'%s' has %d ind%s", q->name, q->n_dim,
                          q->n_dim == 1 ? "ex" : "ices");
        }
        element = element * q->dim_n[dim] +
                  find_label(arena, q, dim, node, msc_arena_strndup(arena, text, n));
        dim++;
        text += n;
        text += strspn(text, " ");
        if (*text == ']' && text[1] == '\0' && dim == q->n_dim) {
            return element;
        }
        if (*text != ',') {
            break;
        }
        text++;
    }
    msc_conf_fail(
        arena, node,
        "write a quantity (\"live\") or an element of it, with %d name%s in brackets (\"live[site]\")",
        q->n_dim, q->n_dim == 1 ? "" : "s");
}

msc_pick msc_pick_read(msc_arena *arena, const msc_scenario *s, const msc_conf *node)
{
    const char *text = msc_conf_string(arena, node);
    const size_t n = strcspn(text, "[");
    msc_pick pick = {.text = text, .origin = node};
    pick.quantity = find_quantity(arena, s->program, node, msc_arena_strndup(arena, text, n));
    pick.all = text[n] == '\0';
    if (!pick.all) {
        pick.element =
            read_element(arena, &s->program->quantity[pick.quantity], node, text + n + 1);
    }
    return pick;
}

bool msc_pick_overtaken(msc_arena *arena, const msc_scenario *s, const msc_conf *node)
{
    const char *text = msc_conf_string(arena, node), *name = msc_arena_strndup(arena, text, strcspn(text, "["));
    for (uint32_t i = 0; i < s->program->n_quantity; i++) {
        if (strcmp(s->program->quantity[i].name, name) == 0) {
            return false;
        }
    }
    return msc_model_find_output(s->model, name) >= 0 && msc_scenario_overtaken(s, node, "quantities");
}

msc_pick *msc_pick_list(msc_arena *arena, const msc_scenario *s, const msc_conf *node, size_t *n)
{
    *n = 0;
    if (node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, node,
                      "a list of quantities is wanted; e.g. [\"live\", \"live[lung]\"]");
    }
    msc_pick *pick = MSC_NEW(arena, msc_pick, node->n + 1);
    for (size_t i = 0; i < node->n; i++) {
        if (!msc_pick_overtaken(arena, s, node->child[i])) {
            pick[(*n)++] = msc_pick_read(arena, s, node->child[i]);
        }
    }
    return pick;
}
