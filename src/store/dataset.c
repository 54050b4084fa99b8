/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking things up in a dataset, and whether it can be written at all. */
#include "store/dataset.h"

#include <string.h>

const msc_axis *msc_dataset_axis(const msc_dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->n_axis; i++) {
        if (strcmp(dataset->axis[i].name, name) == 0) {
            return &dataset->axis[i];
        }
    }
    return NULL;
}

const msc_array *msc_dataset_array(const msc_dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->n_array; i++) {
        if (strcmp(dataset->array[i].name, name) == 0) {
            return &dataset->array[i];
        }
    }
    return NULL;
}

const char *msc_dataset_text(const msc_dataset *dataset, const char *attribute)
{
    for (size_t i = 0; i < dataset->n_attribute; i++) {
        if (strcmp(dataset->attribute[i].name, attribute) == 0) {
            return dataset->attribute[i].text;
        }
    }
    return NULL;
}

size_t msc_array_size(const msc_dataset *dataset, const msc_array *array)
{
    size_t n = 1;
    for (int k = 0; k < array->n_axis; k++) {
        n *= dataset->axis[array->axis[k]].n;
    }
    return n;
}

/* ---- checking ------------------------------------------------------------------------------- */

/* A name that HDF5, netCDF and a path inside the file all take as it is. */
static bool is_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char others[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.+-@";
    return name && name[0] && strchr(letters, name[0]) && name[strspn(name, others)] == '\0';
}

static bool is_word(const char *text)
{
    return text && text[0] && text[strcspn(text, " \t\r\n\v\f")] == '\0';
}

static msc_status name_fail(const char *kind, const char *name, msc_error *err)
{
    return msc_fail(err, MSC_E_BUG, NULL, "the results have an %s with an unfit name, '%s'", kind,
                    name ? name : "");
}

static msc_status check_attributes(const msc_dataset *dataset, msc_error *err)
{
    for (size_t i = 0; i < dataset->n_attribute; i++) {
        const char *name = dataset->attribute[i].name;
        if (!is_name(name)) {
            return name_fail("attribute", name, err);
        }
        bool twice = strcmp(name, "Conventions") == 0 || strcmp(name, "mscsim_format") == 0;
        for (size_t j = 0; j < i && !twice; j++) {
            twice = strcmp(name, dataset->attribute[j].name) == 0;
        }
        if (twice) {
            return msc_fail(err, MSC_E_BUG, NULL, "the results have the attribute '%s' twice",
                            name);
        }
    }
    return MSC_OK;
}

static msc_status check_axes(const msc_dataset *dataset, msc_error *err)
{
    for (size_t i = 0; i < dataset->n_axis; i++) {
        const msc_axis *axis = &dataset->axis[i];
        if (!is_name(axis->name)) {
            return name_fail("axis", axis->name, err);
        }
        if (axis->n == 0) {
            return msc_fail(err, MSC_E_BUG, NULL,
                            "axis '%s' is empty, and results over it cannot be written",
                            axis->name);
        }
        if ((axis->label != NULL) + (axis->value != NULL) + axis->counted != 1) {
            return msc_fail(err, MSC_E_BUG, NULL, "axis '%s' needs either labels or values",
                            axis->name);
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(axis->name, dataset->axis[j].name) == 0) {
                return msc_fail(err, MSC_E_BUG, NULL, "the results have the axis '%s' twice",
                                axis->name);
            }
        }
    }
    return MSC_OK;
}

static msc_status check_shape(const msc_dataset *dataset, const msc_array *array, msc_error *err)
{
    if (array->n_axis < 0 || array->n_axis > MSC_AXES) {
        return msc_fail(err, MSC_E_BUG, NULL, "'%s' has %d axes; at most %d are possible",
                        array->name, array->n_axis, MSC_AXES);
    }
    size_t n = 1;
    for (int k = 0; k < array->n_axis; k++) {
        if (array->axis[k] < 0 || (size_t)array->axis[k] >= dataset->n_axis) {
            return msc_fail(err, MSC_E_BUG, NULL, "'%s' is over an axis that does not exist",
                            array->name);
        }
        const msc_axis *axis = &dataset->axis[array->axis[k]];
        for (int j = 0; j < k; j++) {
            if (array->axis[j] == array->axis[k]) {
                return msc_fail(err, MSC_E_BUG, NULL,
                                "'%s' is over '%s' twice; the second needs an axis of its own",
                                array->name, axis->name);
            }
        }
        if (axis->n > SIZE_MAX / sizeof(double) / n) {
            return msc_fail(err, MSC_E_BUG, NULL, "'%s' is larger than any memory", array->name);
        }
        n *= axis->n;
    }
    return MSC_OK;
}

msc_status msc_array_check_flags(const msc_array *array, const uint8_t *flag, size_t n,
                                 msc_error *err)
{
    for (size_t i = 0; array->n_meaning && i < n; i++) {
        if (flag[i] >= array->n_meaning) {
            return msc_fail(err, MSC_E_BUG, NULL, "flag '%s' has the value %d, which means nothing",
                            array->name, flag[i]);
        }
    }
    return MSC_OK;
}

static msc_status check_flags(const msc_dataset *dataset, const msc_array *array, msc_error *err)
{
    for (size_t k = 0; k < array->n_meaning; k++) {
        if (!is_word(array->flag_meaning[k])) {
            return msc_fail(err, MSC_E_BUG, NULL, "meaning %zu of flag '%s' is not one word", k,
                            array->name);
        }
    }
    if (array->n_meaning > UINT8_MAX + 1) {
        return msc_fail(err, MSC_E_BUG, NULL, "flag '%s' has %zu meanings; 256 are possible",
                        array->name, array->n_meaning);
    }
    return array->stream
               ? MSC_OK
               : msc_array_check_flags(array, array->flag, msc_array_size(dataset, array), err);
}

/* Streamed arrays have an axis, and those of one stream the same. */
static msc_status check_stream(const msc_dataset *dataset, const msc_array *array, msc_error *err)
{
    bool good = array->n_axis > 0 && array->stream->fill;
    for (const msc_array *other = dataset->array; good && other < array; other++) {
        good = other->stream != array->stream || other->axis[0] == array->axis[0];
    }
    return good ? MSC_OK
                : msc_fail(err, MSC_E_BUG, NULL, "'%s' does not go with its stream", array->name);
}

static msc_status check_array(const msc_dataset *dataset, const msc_array *array, msc_error *err)
{
    if (!is_name(array->name)) {
        return name_fail("array", array->name, err);
    }
    bool twice = msc_dataset_axis(dataset, array->name) != NULL;
    for (const msc_array *other = dataset->array; other < array && !twice; other++) {
        twice = strcmp(array->name, other->name) == 0;
    }
    if (twice) {
        return msc_fail(err, MSC_E_BUG, NULL, "the results have the name '%s' twice", array->name);
    }
    msc_status status = check_shape(dataset, array, err);
    if (status != MSC_OK) {
        return status;
    }
    const void *data = NULL;
    switch (array->kind) {
    case MSC_ARRAY_REAL: data = array->real; break;
    case MSC_ARRAY_FLAG: data = array->flag; break;
    case MSC_ARRAY_COUNT: data = array->count; break;
    case MSC_ARRAY_TEXT: data = array->text; break;
    }
    if (!data == !array->stream) {
        return msc_fail(err, MSC_E_BUG, NULL, "'%s' has %s", array->name,
                        data ? "data and a stream" : "no data");
    }
    if (array->stream) {
        status = check_stream(dataset, array, err);
        if (status != MSC_OK) {
            return status;
        }
    }
    return array->kind == MSC_ARRAY_FLAG ? check_flags(dataset, array, err) : MSC_OK;
}

msc_status msc_dataset_check(const msc_dataset *dataset, msc_error *err)
{
    msc_status status = check_attributes(dataset, err);
    if (status == MSC_OK) {
        status = check_axes(dataset, err);
    }
    for (size_t i = 0; i < dataset->n_array && status == MSC_OK; i++) {
        status = check_array(dataset, &dataset->array[i], err);
    }
    return status;
}
