/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a results file. How it comes to its name is outfile.c's business.
 *
 * Equal datasets give equal bytes: no times are tracked, nothing of the machine is written, and
 * whatever is padding HDF5 fills with the fill value or zeros. */
#include "store/dataset.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>
#include <hdf5_hl.h>

#include "store/h5util.h"
#include "store/h5write.h"
#include "store/outfile.h"

enum { ORDER = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED };

typedef msc_h5_writer writer;
typedef msc_h5_element element;

msc_status msc_h5_write_fail(const writer *w)
{
    char doing[512];
    snprintf(doing, sizeof doing, "cannot write '%.480s'", w->path);
    return msc_h5_fail(w->err, MSC_E_IO, doing);
}

msc_status msc_h5_memory_fail(const writer *w)
{
    return msc_fail(w->err, MSC_E_NOMEM, NULL, "out of memory while writing '%s'", w->path);
}

/* Close what was opened; the first failure counts. */
static void finish(const writer *w, msc_status *status, hid_t id, herr_t (*closing)(hid_t))
{
    if (id >= 0 && closing(id) < 0 && *status == MSC_OK) {
        *status = msc_h5_write_fail(w);
    }
}

/* ---- attributes ----------------------------------------------------------------------------- */

/* n values, or a single one (n = 0) that is no array. */
static msc_status write_attribute(const writer *w, hid_t object, const char *name, hid_t stored,
                                  hid_t given, size_t n, const void *data)
{
    hsize_t dim = n;
    msc_status status = MSC_OK;
    hid_t space = n ? H5Screate_simple(1, &dim, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute =
        space < 0 ? space : H5Acreate2(object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Awrite(attribute, given, data) < 0) {
        status = msc_h5_write_fail(w);
    }
    finish(w, &status, attribute, H5Aclose);
    finish(w, &status, space, H5Sclose);
    return status;
}

/* Texts have no fixed length: h5py has str for them, and the object's header no limit. */
static msc_status write_text(const writer *w, hid_t object, const char *name, const char *text)
{
    char *mended = NULL;
    if (!msc_h5_text_is_utf8(text)) {
        mended = malloc(3 * strlen(text) + 1);
        if (!mended) {
            return msc_h5_memory_fail(w);
        }
        msc_h5_text_mend(mended, text);
        text = mended;
    }
    msc_status status = write_attribute(w, object, name, w->text, w->text, 0, &text);
    free(mended);
    return status;
}

static msc_status write_labels(const writer *w, hid_t object, const char *unit, const char *about,
                               const char *name)
{
    msc_status status = write_text(w, object, "units", unit ? unit : "1");
    return status != MSC_OK ? status : write_text(w, object, "long_name", about ? about : name);
}

static msc_status write_flag_meanings(const writer *w, hid_t object, const msc_array *array)
{
    uint8_t value[UINT8_MAX + 1];
    size_t length = 1;
    for (size_t k = 0; k < array->n_meaning; k++) {
        value[k] = (uint8_t)k;
        length += strlen(array->flag_meaning[k]) + 1;
    }
    char *words = malloc(length);
    if (!words) {
        return msc_h5_memory_fail(w);
    }
    char *end = words;
    for (size_t k = 0; k < array->n_meaning; k++) {
        size_t n = strlen(array->flag_meaning[k]);
        if (k > 0) {
            *end++ = ' ';
        }
        memcpy(end, array->flag_meaning[k], n);
        end += n;
    }
    *end = '\0';
    msc_status status = write_attribute(w, object, "flag_values", H5T_STD_U8LE, H5T_NATIVE_UINT8,
                                        array->n_meaning, value);
    if (status == MSC_OK) {
        status = write_text(w, object, "flag_meanings", words);
    }
    free(words);
    return status;
}

static msc_status write_globals(const writer *w)
{
    char format[32];
    snprintf(format, sizeof format, "%d.%d", MSC_FORMAT_MAJOR, MSC_FORMAT_MINOR);
    msc_status status = write_text(w, w->file, "Conventions", "mscsim-1");
    if (status == MSC_OK) {
        status = write_text(w, w->file, "mscsim_format", format);
    }
    for (size_t i = 0; i < w->dataset->n_attribute && status == MSC_OK; i++) {
        const msc_attribute *a = &w->dataset->attribute[i];
        status = a->text ? write_text(w, w->file, a->name, a->text)
                         : write_attribute(w, w->file, a->name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                                           1, &a->number);
    }
    return status;
}

/* ---- axes and arrays ------------------------------------------------------------------------ */

element msc_h5_element_of(const writer *w, msc_array_kind kind)
{
    switch (kind) {
    case MSC_ARRAY_REAL:
        return w->options->float32 ? (element){H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, 4}
                                   : (element){H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 8};
    case MSC_ARRAY_FLAG: return (element){H5T_STD_U8LE, H5T_NATIVE_UINT8, 1};
    case MSC_ARRAY_COUNT: return (element){H5T_STD_I64LE, H5T_NATIVE_INT64, 8};
    case MSC_ARRAY_TEXT: break;
    }
    return (element){w->text, w->text, 16};
}

bool msc_h5_chunk_shape(const writer *w, msc_array_kind kind, size_t bytes, int rank,
                        const hsize_t *dim, hsize_t *chunk)
{
    const size_t size = msc_h5_element_of(w, kind).size;
    hsize_t room = bytes / size;
    bool whole = true;
    for (int k = rank - 1; k >= 0; k--) {
        hsize_t parts = (dim[k] + room - 1) / room;
        chunk[k] = (dim[k] + parts - 1) / parts; /* about equal, so that little is padding */
        whole = whole && parts == 1;
        room /= chunk[k];
        room = room ? room : 1;
    }
    return rank > 0 && kind != MSC_ARRAY_TEXT && (!whole || w->options->compression > 0);
}

static hid_t creation_list_new(const writer *w, msc_array_kind kind, size_t bytes, int rank,
                               const hsize_t *dim)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    if (list < 0) {
        return H5I_INVALID_HID;
    }
    hsize_t chunk[MSC_AXES];
    double fill = NAN;
    bool good =
        H5Pset_obj_track_times(list, false) >= 0 && H5Pset_attr_creation_order(list, ORDER) >= 0;
    if (kind == MSC_ARRAY_REAL) {
        good = good && H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &fill) >= 0;
    }
    if (msc_h5_chunk_shape(w, kind, bytes, rank, dim, chunk)) {
        const size_t size = msc_h5_element_of(w, kind).size;
        good = good && H5Pset_chunk(list, rank, chunk) >= 0;
        if (w->options->compression > 0) {
            good = good && (size == 1 || H5Pset_shuffle(list) >= 0) &&
                   H5Pset_deflate(list, (unsigned)w->options->compression) >= 0;
        }
    }
    if (!good) {
        (void)H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

const char **msc_h5_mended_texts(const char *const *text, size_t n)
{
    size_t room = 1;
    for (size_t i = 0; i < n; i++) {
        if (text[i] && !msc_h5_text_is_utf8(text[i])) {
            room += 3 * strlen(text[i]) + 1;
        }
    }
    const char **table =
        room > SIZE_MAX - n * sizeof *table ? NULL : malloc(n * sizeof *table + room);
    if (!table) {
        return NULL;
    }
    char *pool = (char *)(table + n);
    for (size_t i = 0; i < n; i++) {
        table[i] = text[i] ? text[i] : "";
        if (!msc_h5_text_is_utf8(table[i])) {
            char *end = msc_h5_text_mend(pool, table[i]);
            table[i] = pool;
            pool = end + 1;
        }
    }
    return table;
}

static msc_status write_data(const writer *w, hid_t set, msc_array_kind kind, size_t n,
                             const void *data)
{
    hid_t given = msc_h5_element_of(w, kind).given;
    const char **table = NULL;
    if (kind == MSC_ARRAY_TEXT) {
        table = msc_h5_mended_texts(data, n);
        if (!table) {
            return msc_h5_memory_fail(w);
        }
        data = table;
    }
    herr_t written = H5Dwrite(set, given, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    msc_status status = written < 0 ? msc_h5_write_fail(w) : MSC_OK;
    free(table);
    return status;
}

/* A dataset with its data, or if there is none for a stream, but no attributes; the caller closes it
 * if it is not negative. */
static msc_status write_set(const writer *w, const char *name, msc_array_kind kind, int rank,
                            const hsize_t *dim, const void *data, size_t bytes, hid_t *set)
{
    element type = msc_h5_element_of(w, kind);
    msc_status status = MSC_OK;
    *set = H5I_INVALID_HID;
    hid_t access = data ? H5P_DEFAULT : msc_h5_stream_access_new();
    hid_t space = rank ? H5Screate_simple(rank, dim, NULL) : H5Screate(H5S_SCALAR);
    hid_t list = space < 0 ? space : creation_list_new(w, kind, bytes, rank, dim);
    if (list >= 0 && access >= 0) {
        *set = H5Dcreate2(w->file, name, type.stored, space, H5P_DEFAULT, list, access);
    }
    if (*set < 0) {
        status = msc_h5_write_fail(w);
    } else if (data) {
        size_t n = 1;
        for (int k = 0; k < rank; k++) {
            n *= (size_t)dim[k];
        }
        status = write_data(w, *set, kind, n, data);
    }
    finish(w, &status, list, H5Pclose);
    finish(w, &status, space, H5Sclose);
    finish(w, &status, data ? H5I_INVALID_HID : access, H5Pclose);
    return status;
}

writer msc_h5_exactly(const writer *w, msc_store_options *exact)
{
    writer as = *w;
    *exact = *w->options;
    exact->float32 = false;
    as.options = exact;
    return as;
}

/* Coordinates are always stored in 64 bits: times that differ must stay different. */
static msc_status write_axis(const writer *w, size_t i)
{
    const msc_axis *axis = &w->dataset->axis[i];
    hsize_t dim = axis->n;
    msc_store_options exact;
    const writer as = msc_h5_exactly(w, &exact);
    const void *data = axis->label ? (const void *)axis->label : axis->value;
    msc_status status = write_set(&as, axis->name, axis->label ? MSC_ARRAY_TEXT : MSC_ARRAY_REAL, 1,
                                  &dim, data, MSC_H5_CHUNK, &w->scale[i]);
    if (status == MSC_OK && axis->counted) {
        status = msc_h5_stream_count(&as, w->scale[i], axis->n);
    }
    if (status == MSC_OK && H5DSset_scale(w->scale[i], axis->name) < 0) {
        status = msc_h5_write_fail(w);
    }
    if (status == MSC_OK) {
        const char *unit = axis->label ? NULL : axis->unit;
        status = write_labels(w, w->scale[i], unit, axis->about, axis->name);
    }
    return status;
}

static msc_status write_array_attributes(const writer *w, hid_t set, const msc_array *array)
{
    msc_status status = write_labels(w, set, array->unit, array->about, array->name);
    if (status == MSC_OK && array->kind == MSC_ARRAY_REAL) {
        double fill = NAN;
        status = write_attribute(w, set, "_FillValue", msc_h5_element_of(w, array->kind).stored,
                                 H5T_NATIVE_DOUBLE, 1, &fill);
    }
    if (status == MSC_OK && array->kind == MSC_ARRAY_FLAG && array->n_meaning > 0) {
        status = write_flag_meanings(w, set, array);
    }
    for (int k = 0; k < array->n_axis && status == MSC_OK; k++) {
        if (H5DSattach_scale(set, w->scale[array->axis[k]], (unsigned)k) < 0) {
            status = msc_h5_write_fail(w);
        }
    }
    return status;
}

static msc_status write_array(const writer *w, const msc_array *array)
{
    hsize_t dim[MSC_AXES];
    for (int k = 0; k < array->n_axis; k++) {
        dim[k] = w->dataset->axis[array->axis[k]].n;
    }
    const void *data = NULL;
    switch (array->kind) {
    case MSC_ARRAY_REAL: data = array->real; break;
    case MSC_ARRAY_FLAG: data = array->flag; break;
    case MSC_ARRAY_COUNT: data = array->count; break;
    case MSC_ARRAY_TEXT: data = array->text; break;
    }
    size_t bytes = array->stream ? msc_h5_stream_room(w->dataset, array->stream) : MSC_H5_CHUNK;
    hid_t set;
    msc_store_options exact;
    const writer as = array->wide ? msc_h5_exactly(w, &exact) : *w;
    msc_status status =
        write_set(&as, array->name, array->kind, array->n_axis, dim, data, bytes, &set);
    if (status == MSC_OK) {
        status = write_array_attributes(&as, set, array);
    }
    if (array->stream && status == MSC_OK) {
        w->set[array - w->dataset->array] = set; /* open until it has its data */
    } else {
        finish(w, &status, set, H5Dclose);
    }
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static msc_status create_file(writer *w, const char *name)
{
    msc_status status = MSC_OK;
    hid_t access = msc_h5_access_new();
    hid_t creation = access < 0 ? access : H5Pcreate(H5P_FILE_CREATE);
    if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
        H5Pset_link_creation_order(creation, ORDER) >= 0 &&
        H5Pset_attr_creation_order(creation, ORDER) >= 0) {
        w->file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
    }
    if (w->file < 0) {
        status = msc_h5_write_fail(w);
    }
    finish(w, &status, creation, H5Pclose);
    finish(w, &status, access, H5Pclose);
    return status;
}

static msc_status write_everything(const writer *w)
{
    msc_status status = write_globals(w);
    for (size_t i = 0; i < w->dataset->n_axis && status == MSC_OK; i++) {
        status = write_axis(w, i);
    }
    for (size_t i = 0; i < w->dataset->n_array && status == MSC_OK; i++) {
        status = write_array(w, &w->dataset->array[i]);
    }
    return status == MSC_OK ? msc_h5_stream_all(w) : status;
}

/* Into an existing empty file. What has been lost may be told by any of these calls, and only by
 * one: each is asked. */
static msc_status write_hdf5(const char *name, const char *path, const msc_dataset *dataset,
                             const msc_store_options *options, msc_error *err)
{
    writer w = {dataset, options, path, err, H5I_INVALID_HID, H5I_INVALID_HID, NULL, NULL};
    const size_t n_set = dataset->n_axis + dataset->n_array;
    w.scale = malloc((n_set + 1) * sizeof *w.scale);
    if (!w.scale) {
        return msc_h5_memory_fail(&w);
    }
    w.set = w.scale + dataset->n_axis;
    for (size_t i = 0; i < n_set; i++) {
        w.scale[i] = H5I_INVALID_HID;
    }
    msc_status status = msc_h5_begin() ? create_file(&w, name) : msc_h5_write_fail(&w);
    if (status == MSC_OK) {
        w.text = msc_h5_text_type_new();
        status = w.text < 0 ? msc_h5_write_fail(&w) : write_everything(&w);
    }
    for (size_t i = 0; i < n_set; i++) { /* the arrays' first */
        finish(&w, &status, w.scale[(dataset->n_axis + i) % n_set], H5Dclose);
    }
    finish(&w, &status, w.text, H5Tclose);
    if (status == MSC_OK && H5Fflush(w.file, H5F_SCOPE_LOCAL) < 0) {
        status = msc_h5_write_fail(&w);
    }
    finish(&w, &status, w.file, H5Fclose);
    free(w.scale);
    return status;
}

msc_status msc_h5_narrow_check(const msc_array *array, const double *x, size_t n, const char *path,
                               msc_error *err)
{
    for (size_t k = 0; k < n; k++) {
        if (isfinite(x[k]) && fabs(x[k]) > FLT_MAX) {
            return msc_fail(err, MSC_E_DATA, path,
                            "'%s' has the value %g, and 32 bits hold %.2g at most; store it without "
                            "output.float32",
                            array->name, x[k], (double)FLT_MAX);
        }
    }
    return MSC_OK;
}

/* All that is in memory, before anything is written. */
static msc_status check_float32(const msc_dataset *dataset, const char *path, msc_error *err)
{
    msc_status status = MSC_OK;
    for (size_t i = 0; i < dataset->n_array && status == MSC_OK; i++) {
        const msc_array *a = &dataset->array[i];
        if (a->kind == MSC_ARRAY_REAL && !a->stream && !a->wide) {
            status = msc_h5_narrow_check(a, a->real, msc_array_size(dataset, a), path, err);
        }
    }
    return status;
}

msc_status msc_store_write(const char *path, const msc_dataset *dataset,
                           const msc_store_options *options, msc_error *err)
{
    const msc_store_options none = {0};
    options = options ? options : &none;
    if (options->compression < 0 || options->compression > 9) {
        return msc_fail(err, MSC_E_BUG, NULL, "compression is %d and must be from 0 to 9",
                        options->compression);
    }
    msc_status status = msc_dataset_check(dataset, err);
    if (status == MSC_OK && options->float32) {
        status = check_float32(dataset, path, err);
    }
    if (status == MSC_OK) {
        status = msc_store_probe_results(path, options->force || options->journalled, err);
    }
    if (status != MSC_OK) {
        return status;
    }
    msc_outfile file;
    status = msc_outfile_open(&file, path, options->journalled, err);
    if (status == MSC_OK) {
        status = write_hdf5(file.name, path, dataset, options, err);
    }
    if (status == MSC_OK) {
        status = msc_outfile_commit(&file, options->force, err);
    }
    msc_outfile_clear(&file);
    return status;
}
