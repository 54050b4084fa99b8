/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to record*.c: a record being built. */
#ifndef MSC_STUDY_RECORD_H
#define MSC_STUDY_RECORD_H

#include "study/study.h"

typedef struct {
    msc_arena *arena;
    const msc_scenario *s;
    const msc_result *r; /* NULL: names only */
    msc_axis *axis;
    msc_array *array;
    msc_attribute *attribute;
    size_t n_axis, cap_axis, n_array, cap_array, n_attribute, cap_attribute;
} msc_record_build;

/* Places by labels, or by values where the labels are numbers; shared with whoever has the same. */
int msc_record_labels(msc_record_build *k, const char *name, size_t n, const char *const *label, bool numeric);
/* Places 1 to n. */
int msc_record_count(msc_record_build *k, const char *name, size_t n, const char *about);
msc_array *msc_record_real(msc_record_build *k, const char *name, const char *unit, const char *about, int n_axis,
                           const int *axis, const double *value);
void msc_record_text(msc_record_build *k, const char *name, const char *about, int axis, const char *const *text);

/* record_doses.c: each dose that is given. */
void msc_record_doses(msc_record_build *k);

#endif
