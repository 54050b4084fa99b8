/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing arrays that are in nobody's memory.
 *
 * Every array of a stream has a buffer of one chunk's rows. Rows are asked for until one of the buffers
 * is full; that one is written, as whole chunks and past HDF5's cache, which would copy it once more. */
#include "store/h5write.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY = 16 << 20 }; /* bytes of all buffers of a stream, if its rows are not larger */

typedef msc_h5_writer writer;

/* An array on its way. */
typedef struct {
    const msc_array *array;
    hid_t set;
    size_t row;   /* bytes of a row in memory */
    size_t rows;  /* that the buffer takes */
    size_t used;  /* that are in it */
    size_t first; /* the first of them in the file */
    unsigned char *buffer;
} channel;

size_t msc_h5_stream_room(const msc_dataset *dataset, const msc_stream *stream)
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->n_array; i++) {
        n += dataset->array[i].stream == stream;
    }
    size_t room = MEMORY / (n ? n : 1);
    return room < MSC_H5_CHUNK ? room : MSC_H5_CHUNK;
}

hid_t msc_h5_stream_access_new(void)
{
    hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
    if (list >= 0 && H5Pset_chunk_cache(list, 1, 0, 1.0) < 0) {
        (void)H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

/* Write n rows from a place on the first axis on. */
static msc_status write_rows(const writer *w, hid_t set, hid_t given, size_t first, size_t n,
                             const void *data)
{
    hsize_t start[MSC_AXES] = {first}, count[MSC_AXES];
    hid_t space = H5Dget_space(set), memory = H5I_INVALID_HID;
    int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, count, NULL);
    bool good = rank > 0;
    if (good) {
        count[0] = n;
        memory = H5Screate_simple(rank, count, NULL);
        good = memory >= 0 &&
               H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
               H5Dwrite(set, given, memory, space, H5P_DEFAULT, data) >= 0;
    }
    msc_status status = good ? MSC_OK : msc_h5_write_fail(w);
    if (memory >= 0 && H5Sclose(memory) < 0 && status == MSC_OK) {
        status = msc_h5_write_fail(w);
    }
    if (space >= 0 && H5Sclose(space) < 0 && status == MSC_OK) {
        status = msc_h5_write_fail(w);
    }
    return status;
}

msc_status msc_h5_stream_count(const writer *w, hid_t set, size_t n)
{
    const size_t room = MSC_H5_CHUNK / sizeof(double), parts = (n + room - 1) / room;
    const size_t rows = (n + parts - 1) / parts; /* as of a chunk */
    double *value = malloc(rows * sizeof *value);
    if (!value) {
        return msc_h5_memory_fail(w);
    }
    msc_status status = MSC_OK;
    for (size_t first = 0; first < n && status == MSC_OK; first += rows) {
        size_t part = n - first < rows ? n - first : rows;
        for (size_t i = 0; i < part; i++) {
            value[i] = (double)(first + i);
        }
        status = write_rows(w, set, H5T_NATIVE_DOUBLE, first, part, value);
    }
    free(value);
    return status;
}

/* What is in a channel's buffer. */
static msc_status empty(const writer *w, channel *c)
{
    const msc_array *array = c->array;
    const void *data = c->buffer;
    const char **table = NULL;
    msc_status status = MSC_OK;
    if (array->kind == MSC_ARRAY_FLAG) {
        status = msc_array_check_flags(array, data, c->used * c->row, w->err);
    } else if (array->kind == MSC_ARRAY_TEXT) {
        table = msc_h5_mended_texts(data, c->used * (c->row / sizeof(char *)));
        status = table ? MSC_OK : msc_h5_memory_fail(w);
        data = table;
    }
    if (status == MSC_OK) {
        hid_t given = msc_h5_element_of(w, array->kind).given;
        status = write_rows(w, c->set, given, c->first, c->used, data);
    }
    free(table);
    c->first += c->used;
    c->used = 0;
    return status;
}

/* All rows of n of a stream, whose channels have room. */
static msc_status pour(const writer *w, const msc_stream *stream, channel *list, size_t n_list,
                       void **buffer, size_t n)
{
    for (size_t first = 0, step; first < n; first += step) {
        step = n - first;
        for (size_t i = 0; i < n_list; i++) {
            const channel *c = &list[i];
            step = c->rows - c->used < step ? c->rows - c->used : step;
            buffer[i] = c->buffer + c->used * c->row;
        }
        msc_status status = stream->fill(stream->context, first, step, buffer, w->err);
        for (size_t i = 0; i < n_list && status == MSC_OK && w->options->float32; i++) {
            if (list[i].array->kind == MSC_ARRAY_REAL && !list[i].array->wide) {
                status = msc_h5_narrow_check(list[i].array, buffer[i],
                                             step * (list[i].row / sizeof(double)), w->path, w->err);
            }
        }
        for (size_t i = 0; i < n_list && status == MSC_OK; i++) {
            channel *c = &list[i];
            c->used += step;
            /* texts are gone with the next call */
            if (c->used == c->rows || first + step == n || c->array->kind == MSC_ARRAY_TEXT) {
                status = empty(w, c);
            }
        }
        if (status != MSC_OK) {
            return status;
        }
    }
    return MSC_OK;
}

static bool open_channel(const writer *w, const msc_array *array, channel *c)
{
    hsize_t dim[MSC_AXES], chunk[MSC_AXES];
    *c = (channel){.array = array, .set = w->set[array - w->dataset->array]};
    c->row = array->kind == MSC_ARRAY_FLAG   ? sizeof(uint8_t)
             : array->kind == MSC_ARRAY_TEXT ? sizeof(char *)
                                             : sizeof(double);
    for (int k = 0; k < array->n_axis; k++) {
        dim[k] = w->dataset->axis[array->axis[k]].n;
        c->row *= k > 0 ? (size_t)dim[k] : 1;
    }
    msc_store_options exact;
    const writer as = array->wide ? msc_h5_exactly(w, &exact) : *w;
    (void)msc_h5_chunk_shape(&as, array->kind, msc_h5_stream_room(w->dataset, array->stream),
                             array->n_axis, dim, chunk);
    c->rows = (size_t)chunk[0];
    c->buffer = malloc(c->rows * c->row);
    return c->buffer != NULL;
}

static msc_status write_stream(const writer *w, const msc_stream *stream)
{
    const msc_dataset *d = w->dataset;
    size_t n_list = 0, n = 0;
    channel *list = calloc(d->n_array, sizeof *list);
    void **buffer = calloc(d->n_array, sizeof *buffer);
    msc_status status = list && buffer ? MSC_OK : msc_h5_memory_fail(w);
    for (size_t i = 0; i < d->n_array && status == MSC_OK; i++) {
        if (d->array[i].stream == stream) {
            n = d->axis[d->array[i].axis[0]].n;
            status =
                open_channel(w, &d->array[i], &list[n_list++]) ? MSC_OK : msc_h5_memory_fail(w);
        }
    }
    if (status == MSC_OK) {
        status = pour(w, stream, list, n_list, buffer, n);
    }
    for (size_t i = 0; i < n_list; i++) {
        free(list[i].buffer);
    }
    free(list);
    free(buffer);
    return status;
}

msc_status msc_h5_stream_all(const writer *w)
{
    const msc_dataset *d = w->dataset;
    msc_status status = MSC_OK;
    for (size_t i = 0; i < d->n_array && status == MSC_OK; i++) {
        const msc_stream *stream = d->array[i].stream;
        size_t first = 0;
        while (d->array[first].stream != stream) {
            first++;
        }
        if (stream && first == i) {
            status = write_stream(w, stream);
        }
    }
    return status;
}
