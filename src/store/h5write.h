/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing a results file, from inside: what h5write.c and h5stream.c share. */
#ifndef MSC_STORE_H5WRITE_H
#define MSC_STORE_H5WRITE_H

#include <hdf5.h>

#include "store/dataset.h"

enum {
    MSC_H5_CHUNK = 1 << 20
}; /* bytes of a chunk at most: as much as HDF5's cache takes by default */

typedef struct {
    const msc_dataset *dataset;
    const msc_store_options *options;
    const char *path; /* as the user calls it */
    msc_error *err;
    hid_t file, text; /* text: the type of strings of variable length */
    hid_t *scale;     /* the dataset of each axis */
    hid_t *set;       /* of each array that is to be streamed; behind the scales */
} msc_h5_writer;

typedef struct {
    hid_t stored, given;
    size_t size; /* bytes of an element in the file */
} msc_h5_element;

msc_status msc_h5_write_fail(const msc_h5_writer *w);
msc_status msc_h5_memory_fail(const msc_h5_writer *w);
/* For 32 bits: E_DATA if one of n values of an array is finite and they cannot hold it. */
msc_status msc_h5_narrow_check(const msc_array *array, const double *x, size_t n, const char *path,
                               msc_error *err);
msc_h5_element msc_h5_element_of(const msc_h5_writer *w, msc_array_kind kind);

/* The writer for an array that is stored in 64 bits whatever the options; `exact` has to last as long. */
msc_h5_writer msc_h5_exactly(const msc_h5_writer *w, msc_store_options *exact);

/* Chunks of so many bytes at most, of whole trailing axes as far as they fit; false: in one piece. */
bool msc_h5_chunk_shape(const msc_h5_writer *w, msc_array_kind kind, size_t bytes, int rank,
                        const hsize_t *dim, hsize_t *chunk);

/* HDF5 and its readers like neither NULL nor what is not UTF-8: a table of n texts free of both, in
 * one block with its mended texts, or NULL for want of memory. The caller frees. */
const char **msc_h5_mended_texts(const char *const *text, size_t n);

/* Bytes of a chunk, at most, of a stream's arrays: all of their chunks fit into memory. */
size_t msc_h5_stream_room(const msc_dataset *dataset, const msc_stream *stream);
/* Access to a dataset that gets its data chunk by chunk. The caller closes it (H5Pclose). */
hid_t msc_h5_stream_access_new(void);
/* Write 0 ... n - 1. */
MSC_CHECK msc_status msc_h5_stream_count(const msc_h5_writer *w, hid_t set, size_t n);
/* Write all that is to be streamed. */
MSC_CHECK msc_status msc_h5_stream_all(const msc_h5_writer *w);

#endif
