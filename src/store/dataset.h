/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a results file holds, in memory: labelled axes and arrays over them.
 *
 * The file is HDF5 that is also valid netCDF-4 (docs/file_format.md): an axis becomes a dimension
 * scale with its coordinate, an array a dataset with a scale on every axis. What has no unit is
 * written with units "1", what has no long_name with its name, and so it is read again. */
#ifndef MSC_STORE_DATASET_H
#define MSC_STORE_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mscsim/error.h>

enum { MSC_FORMAT_MAJOR = 1, MSC_FORMAT_MINOR = 0, MSC_AXES = 8 };

/* A dimension with its coordinate: exactly one of label (strings), value and counted is set. */
typedef struct {
    const char *name;
    size_t n;
    const char *const *label;
    const double *value;
    bool counted;      /* the values are 0 ... n - 1, and in nobody's memory; only for writing */
    const char *unit;  /* of value; NULL for labels */
    const char *about; /* long_name; may be NULL */
} msc_axis;

typedef enum { MSC_ARRAY_REAL, MSC_ARRAY_FLAG, MSC_ARRAY_COUNT, MSC_ARRAY_TEXT } msc_array_kind;

/* Where arrays come from that are too large for memory. All arrays that name one stream have the same
 * first axis, and are written together, a few MB at a time, from its first place to its last. */
typedef struct {
    /* Give the rows [first, first + n) of that axis: buffer[k] is room for n rows of the k-th array of
     * the stream, in the order of the dataset, of its kind (double, uint8_t, int64_t; const char * for
     * texts, which then stay until the next call). Called with first = 0 at the beginning, with no row
     * left out or asked for twice, n as suits the chunks. What it fails with, the writing fails with. */
    msc_status (*fill)(void *context, size_t first, size_t n, void *const *buffer, msc_error *err);
    void *context;
} msc_stream;

/* An array over axes, row-major; exactly the pointer of its kind or stream is set. n_axis may be 0, but
 * not of a stream. */
typedef struct {
    const char *name;
    msc_array_kind kind;
    const char *unit, *about; /* may be NULL */
    int n_axis;
    int axis[MSC_AXES]; /* numbers in msc_dataset.axis */
    const double *real;
    const uint8_t *flag; /* with flag_meaning[n_meaning]: value k means flag_meaning[k] */
    const int64_t *count;
    const char *const *text;
    size_t n_meaning;
    const char *const *flag_meaning;
    const msc_stream *stream; /* only for writing */
    bool wide; /* reals in 64 bits, whatever the options: some are too large for 32; only for writing */
} msc_array;

/* A global attribute: text, or number if text is NULL. Conventions and mscsim_format are the file's
 * own: the writer adds them and the reader keeps them back. */
typedef struct {
    const char *name, *text;
    double number;
} msc_attribute;

typedef struct {
    size_t n_axis, n_array, n_attribute;
    const msc_axis *axis;
    const msc_array *array;
    const msc_attribute *attribute;
} msc_dataset;

typedef struct {
    bool force;      /* replace an existing file */
    int compression; /* 0 none, 1..9 deflate with shuffle */
    bool float32;    /* store reals in 32 bits; a finite number that they cannot hold is E_DATA, but of `wide` arrays */
    /* The caller holds the lock of this file's journal (journal.h), and perhaps goes on where another
     * was killed: the temporary name is PATH.tmp, so that what that one left is replaced, and a file
     * of these very bytes is as good as written. */
    bool journalled;
} msc_store_options;

/* Is this something that can be written: plain distinct names (letters, digits, _ . + - @), no empty
 * axis, no axis twice in one array, flags within their meanings, which are words? E_BUG in words. */
MSC_CHECK msc_status msc_dataset_check(const msc_dataset *dataset, msc_error *err);

/* Can this path be written (exists without force, not a regular file, no such folder, ...)? Asked
 * before any work is done. E_CANTCREAT. */
MSC_CHECK msc_status msc_store_probe(const char *path, bool force, msc_error *err);
/* Whether a file can be made there is seen only by making one, as where a file system allows all that can be asked, but no
 * file: it is gone again when this returns. E_CANTCREAT, E_IO (disk full). */
MSC_CHECK msc_status msc_store_probe_file(const char *path, msc_error *err);
/* The same for results, which replace none but HDF5 files: not the config they are of. */
MSC_CHECK msc_status msc_store_probe_results(const char *path, bool force, msc_error *err);

/* Write all of a dataset under a temporary name in the same folder, sync, rename: `path` is at every
 * moment absent, old or complete. Byte-identical for equal datasets, but where a stream stands for an
 * array in memory the chunks may have another shape; bytes that are no UTF-8 become U+FFFD. Memory:
 * about 16 MB for a stream, or its rows if one of each array is more. options may be NULL. The program
 * should ignore SIGXFSZ. E_CANTCREAT, E_IO, E_NOMEM, what a stream fails with, and E_BUG as
 * msc_dataset_check. */
MSC_CHECK msc_status msc_store_write(const char *path, const msc_dataset *dataset,
                                     const msc_store_options *options, msc_error *err);

/* Read a results file whole; one that is larger than three quarters of the machine's memory is refused
 * (E_NOMEM). E_NOINPUT if it cannot be opened, E_DATA if it is none of ours, damaged,
 * or of a newer major format. The caller frees. HDF5 may crash on a damaged file: it is read in a
 * child process. */
MSC_CHECK msc_status msc_store_read(const char *path, msc_dataset **dataset, msc_error *err);

/* What of a results file is wanted. {0} is everything. */
typedef struct {
    size_t n_name; /* of arrays; none: all of them. Names that the file has not are passed over */
    const char *const *name;
    const char *axis; /* if not NULL: of this axis, and of all arrays over it, only the places */
    size_t first, n;  /* [first, first + n), as far as there are such */
    uint64_t limit;   /* bytes of data at most; 0: three quarters of the machine's memory */
} msc_store_selection;

/* Read part of a results file: all attributes and axes, of the arrays what is selected; in blocks of
 * places of an axis a file of any size. As msc_store_read, and E_USAGE if there is no such axis or no
 * such place on it, E_NOMEM, before anything is read, if it is more than the limit. */
MSC_CHECK msc_status msc_store_read_some(const char *path, const msc_store_selection *selection,
                                         msc_dataset **dataset, msc_error *err);
void msc_dataset_free(msc_dataset *dataset); /* of msc_store_read */

/* NULL if there is none of that name. */
const msc_axis *msc_dataset_axis(const msc_dataset *dataset, const char *name);
const msc_array *msc_dataset_array(const msc_dataset *dataset, const char *name);
const char *msc_dataset_text(const msc_dataset *dataset, const char *attribute);

/* Elements of an array of a checked dataset; 1 if it has no axis. */
size_t msc_array_size(const msc_dataset *dataset, const msc_array *array);

/* Has each of n flags a meaning, or none any? E_BUG. */
MSC_CHECK msc_status msc_array_check_flags(const msc_array *array, const uint8_t *flag, size_t n,
                                           msc_error *err);

#endif
