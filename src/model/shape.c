/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets and instances: which element stands where, and what indices lead to in an environment. */
#include "model/reader.h"

#include <stdlib.h>
#include <string.h>

long msc_set_position(const msc_set *set, int element)
{
    size_t low = 0, high = set->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->element[middle] < element) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set->n && set->element[low] == element ? (long)low : -1;
}

/* Elements of a numbered set are written "3" or, where a key must be a name, "n3". */
int msc_set_find(const msc_set *set, const char *label)
{
    if (set->numeric && label[0] == 'n') {
        label++;
    }
    for (size_t i = 0; i < set->n; i++) {
        if (!strcmp(set->label[i], label)) {
            return set->element[i];
        }
    }
    return -1;
}

msc_at msc_index_at(const msc_model *model, const msc_index *index, const int *env, int *element)
{
    const msc_set *set = &model->set[index->in];
    int start = index->slot >= 0 ? env[index->slot] : index->element;
    *element = start;
    long position = msc_set_position(set, start);
    if (position < 0) {
        return MSC_AT_OUTSIDE;
    }
    position += index->shift;
    if (position < 0 || position >= (long)set->n) {
        return MSC_AT_OFF_END;
    }
    *element = set->element[position];
    return MSC_AT_ELEMENT;
}

size_t msc_shape_count(const msc_model *model, int n_over, const msc_bind *over)
{
    size_t n = 1;
    for (int i = 0; i < n_over; i++) {
        n *= model->set[over[i].set].n;
    }
    return n;
}

void msc_shape_env(const msc_model *model, const msc_shape *shape, size_t instance, int *env)
{
    for (int i = shape->n_over - 1; i >= 0; i--) {
        const msc_set *set = &model->set[shape->over[i].set];
        env[shape->over[i].slot] = set->element[instance % set->n];
        instance /= set->n;
    }
}

long msc_shape_at(const msc_model *model, const msc_shape *shape, const msc_index *index,
                  const int *env)
{
    long instance = 0;
    for (int i = 0; i < shape->n_over; i++) {
        const msc_set *set = &model->set[shape->over[i].set];
        int element;
        if (msc_index_at(model, &index[i], env, &element) != MSC_AT_ELEMENT) {
            return -1;
        }
        long position = msc_set_position(set, element);
        if (position < 0) {
            return -1;
        }
        instance = instance * (long)set->n + position;
    }
    return instance;
}

/* "lung,cxcr4_neg" */
static const char *elements_text(msc_arena *arena, const msc_model *model, const msc_shape *shape,
                                 size_t instance)
{
    const char *text = "";
    for (int i = shape->n_over - 1; i >= 0; i--) {
        const msc_set *set = &model->set[shape->over[i].set];
        text = msc_arena_printf(arena, "%s%s%s", set->label[instance % set->n], *text ? "," : "",
                                text);
        instance /= set->n;
    }
    return text;
}

const char *msc_shape_label(msc_arena *arena, const msc_model *model, const char *name,
                            const msc_shape *shape, size_t instance)
{
    if (!shape->n_over) {
        return msc_arena_strdup(arena, name);
    }
    return msc_arena_printf(arena, "%s[%s]", name, elements_text(arena, model, shape, instance));
}

long msc_model_element(const msc_model *model, const msc_shape *shape, const char *const *names,
                       size_t n)
{
    long instance = 0;
    if (n != (size_t)shape->n_over) {
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        const msc_set *set = &model->set[shape->over[i].set];
        int element = msc_set_find(set, names[i]);
        if (element < 0) {
            return -1;
        }
        instance = instance * (long)set->n + msc_set_position(set, element);
    }
    return instance;
}

bool msc_process_exists(const msc_model *model, const msc_process *process, const int *env)
{
    for (size_t k = 0; k <= process->n_branch; k++) {
        const msc_place *place = k ? &process->branch[k - 1].to : &process->from;
        int n = place->amount < 0 ? 0 : model->amount[place->amount].shape.n_over;
        for (int i = 0; i < n; i++) {
            int element;
            bool own =
                place->index[i].slot >= process->shape.n_over; /* bound by the branch itself */
            if (!own && msc_index_at(model, &place->index[i], env, &element) == MSC_AT_OFF_END) {
                return false;
            }
        }
    }
    return true;
}
