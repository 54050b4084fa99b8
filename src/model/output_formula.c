/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An output named in a formula, or in the place of one: "activity[lung]" is what the output's own formula says
 * for that element, "activity[organ]" what it says for each. */
#include <string.h>

#include "model/formula.h"

typedef struct {
    msc_reader *r;
    const msc_output *output;
    const msc_scope *scope; /* where it is named */
    const msc_index *index; /* the output's indices there */
} binding;

/* ---- the output's formula with its indices bound ---- */

static msc_index bound(const binding *b, msc_index index)
{
    const msc_shape *own = &b->output->shape;
    for (int d = 0; d < own->n_over && index.slot >= 0; d++) {
        if (index.slot == own->over[d].slot) {
            index.slot = b->index[d].slot, index.element = b->index[d].element;
            return index;
        }
    }
    index.slot += index.slot >= 0 ? b->scope->n : 0; /* of a sum within: clear of those bound here */
    return index;
}

static msc_expr *copied(const binding *b, const msc_expr *expr)
{
    msc_arena *arena = b->r->arena;
    msc_expr *copy = MSC_NEW(arena, msc_expr, 1);
    *copy = *expr;
    copy->index = MSC_NEW(arena, msc_index, (size_t)expr->n_index + 1);
    copy->bind = MSC_NEW(arena, msc_bind, (size_t)expr->n_bind + 1);
    copy->arg = MSC_NEW(arena, msc_expr *, (size_t)expr->n_arg + 1);
    for (int i = 0; i < expr->n_index; i++) {
        copy->index[i] = bound(b, expr->index[i]);
    }
    for (int i = 0; i < expr->n_bind; i++) {
        copy->bind[i] = expr->bind[i];
        copy->bind[i].slot += b->scope->n;
        if (copy->bind[i].slot >= MSC_SLOTS) {
            msc_conf_fail(arena, expr->origin, "more than %d names are bound at one place", MSC_SLOTS);
        }
    }
    for (int i = 0; i < expr->n_arg; i++) {
        copy->arg[i] = copied(b, expr->arg[i]);
    }
    return copy;
}

/* value NULL: there is none, of nothing. */
static msc_expr *value_of(const binding *b, const msc_value *value)
{
    if (value && value->kind != MSC_VALUE_NUMBER) {
        return copied(b, value->expr);
    }
    msc_expr *number = msc_expr_new(b->r, MSC_X_NUMBER, b->output->origin, 0);
    number->number = value ? value->number : 0;
    number->dim = b->output->dim;
    return number;
}

/* ---- what is named ---- */

/* "live[lung,cxcr4_neg]" of the first element, for a message. */
static const char *example(const binding *b)
{
    return msc_shape_label(b->r->arena, b->r->model, b->output->name, &b->output->shape, 0);
}

/* Its one instance; or -1: one for each of the entry's. */
static long instance(const binding *b)
{
    int env[MSC_SLOTS] = {0};
    for (int d = 0; d < b->output->shape.n_over; d++) {
        if (b->index[d].slot >= 0) {
            return -1;
        }
    }
    return msc_shape_at(b->r->model, &b->output->shape, b->index, env);
}

static bool alike(const msc_output *o)
{
    for (size_t i = 1; i < o->shape.n; i++) {
        if (o->value[i].kind != MSC_VALUE_FORMULA || o->value[i].expr != o->value[0].expr) {
            return false;
        }
    }
    return o->shape.n > 0 && (o->shape.n == 1 || o->value[0].kind == MSC_VALUE_FORMULA);
}

/* Bound where the output has more elements than the index: every one of the entry's must be there. */
static void check_bound(const binding *b, const msc_conf *node)
{
    for (int d = 0; d < b->output->shape.n_over; d++) {
        const msc_index *index = &b->index[d];
        const msc_set *own = &b->r->model->set[b->output->shape.over[d].set];
        const msc_set *of = index->slot >= 0 ? &b->r->model->set[b->scope->bind[index->slot].set] : own;
        bool within = index->shift == 0;
        for (size_t i = 0; within && i < of->n && index->slot >= 0; i++) {
            within = msc_set_position(own, of->element[i]) >= 0;
        }
        if (!within) {
            msc_conf_fail(b->r->arena, node, "'%s' is not there for every '%s'", b->output->name, of->name);
        }
    }
}

static msc_expr *read_named(msc_reader *r, msc_scope *scope, const msc_conf *node, const msc_syntax *place, const msc_output *o)
{
    msc_index *index = MSC_NEW(r->arena, msc_index, (size_t)o->shape.n_over + 1);
    binding b = {.r = r, .output = o, .scope = scope, .index = index};
    if (place->n_index == 0 && o->shape.n == 0) {
        msc_conf_fail(r->arena, node, "'%s' is over a set that is empty: there is nothing of it", o->name);
    }
    if (place->n_index == 0 && o->shape.n_over > 0) {
        msc_conf_fail(r->arena, node, "'%s' has %d ind%s: name an element (\"%s\"), or give 'over'", o->name,
                      o->shape.n_over, o->shape.n_over == 1 ? "ex" : "ices", example(&b));
    }
    msc_formula_indices(r, scope, node, place, &o->shape, false, index);
    check_bound(&b, node);
    if (o->shape.n == 0) { /* over a set that is empty */
        return value_of(&b, NULL);
    }
    const long at = instance(&b);
    if (at < 0 && !alike(o)) {
        msc_conf_fail(r->arena, node, "'%s' has a value of its own for each element: name one, e.g. \"%s\"", o->name,
                      example(&b));
    }
    return value_of(&b, &o->value[at < 0 ? 0 : at]);
}

/* ---- alone ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t word_length(const char *text)
{
    size_t n = 0;
    while (is_letter(text[n]) || text[n] == '_' || (n > 0 && text[n] >= '0' && text[n] <= '9')) {
        n++;
    }
    return n;
}

/* The output that a name means, if nothing else has the name; -1. */
static int output_only(const msc_model *model, const char *name)
{
    int other;
    return msc_names_find(model, name, &other) == MSC_NAME_NONE ? msc_model_find_output(model, name) : -1;
}

const msc_expr *msc_model_entry_output(msc_model *model, msc_arena *arena, const msc_conf *entry,
                                       const msc_conf *node, msc_shape *shape, int *output)
{
    msc_reader r = {.arena = arena, .model = model};
    const char *text = msc_conf_string(arena, node);
    const size_t n = word_length(text);
    const char *rest = text + n + strspn(text + n, " ");
    const char *close = *rest == '[' ? strchr(rest, ']') : NULL;
    const bool alone = n > 0 && (*rest == '\0' || (close && close[1 + strspn(close + 1, " ")] == '\0'));
    *output = -1;
    if (!alone) {
        return NULL;
    }
    const char *name = msc_arena_strndup(arena, text, n);
    const int k = msc_model_find_output(model, name);
    /* of an output and a thing of one name, indices are those of the thing */
    if (k < 0 || ((*rest || msc_conf_find(entry, "over") || model->output[k].shape.n_over > 0) &&
                  output_only(model, name) < 0)) {
        return NULL;
    }
    msc_scope scope = {.may = MSC_MAY_ALL, .user = "an output"};
    *shape = msc_reader_over(&r, entry, &scope);
    *output = k;
    return read_named(&r, &scope, node, msc_syntax_place(arena, node, text), &model->output[k]);
}

/* ---- inside a formula ---- */

static bool integrates(const msc_expr *expr)
{
    bool does = expr->kind == MSC_X_INTEGRAL || expr->kind == MSC_X_DOSED || expr->kind == MSC_X_GIVEN;
    for (int i = 0; i < expr->n_arg && !does; i++) {
        does = integrates(expr->arg[i]);
    }
    return does;
}

msc_expr *msc_formula_output(msc_formula *f, const msc_syntax *s)
{
    const int k = msc_model_find_output(f->r->model, s->name);
    if (k < 0) {
        return NULL;
    }
    msc_expr *expr = read_named(f->r, &f->scope, f->node, s, &f->r->model->output[k]);
    if (!(f->scope.may & MSC_MAY_INTEGRAL) && integrates(expr)) {
        msc_conf_fail(f->r->arena, f->node, "the output '%s' is made of what has an integral or a dose in it, and cannot stand inside integral",
                      s->name);
    }
    return expr;
}
