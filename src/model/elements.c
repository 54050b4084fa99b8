/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values by element, merged. The rule read instance by instance: where the later file speaks, it is
 * heard; where it is silent, the earlier one stays. A later file speaks for what it names and, by
 * `others`, for all the rest. With several indices a leaf may come early and hold for all later
 * indices; if a part of it is changed, it becomes the `others` of what it held for. */
#include "model/elements.h"

#include <string.h>

msc_conf *msc_elements_wrap(msc_arena *arena, msc_conf *parent, msc_conf *child)
{
    msc_conf *group = msc_conf_new(arena, MSC_CONF_GROUP, child->name, child);
    msc_conf_put(arena, parent, group);
    child->name = "others";
    msc_conf_put(arena, group, child);
    return group;
}

/* ---- which sets hold an element ---- */

/* A question. Each set answers once, so circles do no harm; they and other mistakes in sets are
 * found by the reader. */
typedef struct {
    const msc_conf *sets;
    const char *element;
    enum answer { UNKNOWN, NO, YES } * answer; /* of each set */
} question;

static bool holds(question *q, const char *set);

/* Is the element in a list of elements and names of subsets? */
static bool lists(question *q, const msc_conf *list, bool subsets)
{
    for (size_t i = 0; list && i < list->n; i++) {
        const char *name = list->child[i]->string;
        if (name && (!strcmp(name, q->element) || (subsets && holds(q, name)))) {
            return true;
        }
    }
    return false;
}

static bool holds_node(question *q, const msc_conf *set)
{
    if (set->kind == MSC_CONF_STRING) { /* "1..6": its elements are n1 … n6 */
        return q->element[0] == 'n' && q->element[1] >= '0' && q->element[1] <= '9';
    }
    if (set->kind != MSC_CONF_GROUP) {
        return lists(q, set, false);
    }
    const msc_conf *are = msc_conf_find(set, "are");
    const msc_conf *of = msc_conf_find(set, "of");
    if (are) {
        return lists(q, are, true);
    }
    return of && of->kind == MSC_CONF_STRING && holds(q, of->string) &&
           !lists(q, msc_conf_find(set, "except"), true);
}

static bool holds(question *q, const char *set)
{
    size_t i = 0;
    while (i < q->sets->n && strcmp(q->sets->child[i]->name, set) != 0) {
        i++;
    }
    if (i == q->sets->n) {
        return false;
    }
    if (q->answer[i] == UNKNOWN) {
        q->answer[i] = NO;
        q->answer[i] = holds_node(q, q->sets->child[i]) ? YES : NO;
    }
    return q->answer[i] == YES;
}

/* What has held for an element that is not named: a subset's value, else that of `others`. */
static const msc_conf *holder(msc_arena *arena, const msc_conf *tree, const msc_conf *values,
                              const char *element)
{
    const msc_conf *sets = msc_conf_find(tree, "sets");
    if (sets) {
        question q = {sets, element, MSC_NEW(arena, enum answer, sets->n)};
        for (size_t i = 0; i < values->n; i++) {
            if (holds(&q, values->child[i]->name)) {
                return values->child[i];
            }
        }
    }
    return msc_conf_find(values, "others");
}

/* ---- merging ---- */

void msc_elements_put(msc_arena *arena, const msc_conf *tree, msc_conf *earlier, msc_conf *later)
{
    msc_conf *old = msc_conf_find(earlier, later->name);
    if (later->kind != MSC_CONF_GROUP) {
        msc_conf_put(arena, earlier, later);
        return;
    }
    if (!old) {
        const msc_conf *held = holder(arena, tree, earlier, later->name);
        if (!held) {
            msc_conf_put(arena, earlier, later);
            return;
        }
        old = msc_conf_clone(arena, held);
        old->name = later->name;
        msc_conf_put(arena, earlier, old);
    }
    if (old->kind != MSC_CONF_GROUP) {
        old = msc_elements_wrap(arena, earlier, old);
    }
    msc_elements_merge(arena, tree, old, later);
}

/* `others` of the later file speaks for every element that it does not name. */
static void reset(msc_arena *arena, const msc_conf *tree, msc_conf *earlier, const msc_conf *later,
                  const msc_conf *others)
{
    for (size_t i = earlier->n; i-- > 0;) {
        const char *name = earlier->child[i]->name;
        if (msc_conf_find(later, name)) {
            continue;
        }
        if (others->kind != MSC_CONF_GROUP) {
            msc_conf_remove(earlier, name);
        } else {
            msc_conf *part = msc_conf_clone(arena, others);
            part->name = name;
            msc_elements_put(arena, tree, earlier, part);
        }
    }
}

void msc_elements_merge(msc_arena *arena, const msc_conf *tree, msc_conf *earlier,
                        const msc_conf *later)
{
    const msc_conf *others = msc_conf_find(later, "others");
    if (others) {
        reset(arena, tree, earlier, later, others);
    }
    for (size_t i = 0; i < later->n; i++) {
        msc_elements_put(arena, tree, earlier, later->child[i]);
    }
}

/* ---- tables ---- */

/* The arrays under one name leave, as far as values are given there. */
static void leave_one(msc_arena *arena, msc_conf *is, const char *name, const msc_conf *given)
{
    msc_conf *old = msc_conf_find(is, name);
    if (!old) {
        return;
    }
    if (given->kind == MSC_CONF_GROUP) {
        if (old->kind != MSC_CONF_GROUP) {
            old = msc_elements_wrap(arena, is, old);
        }
        msc_elements_leave(arena, old, given);
        if (old->n > 0) {
            return;
        }
    }
    msc_conf_remove(is, name);
}

void msc_elements_leave(msc_arena *arena, msc_conf *is, const msc_conf *elements)
{
    const msc_conf *others = msc_conf_find(elements, "others");
    for (size_t i = is->n; others && i-- > 0;) {
        const char *name = is->child[i]->name;
        if (!msc_conf_find(elements, name)) {
            leave_one(arena, is, name, others);
        }
    }
    for (size_t i = 0; i < elements->n; i++) {
        leave_one(arena, is, elements->child[i]->name, elements->child[i]);
    }
}
