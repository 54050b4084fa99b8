/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a results file, the child's side: find what is in it and send it up the pipe. Nothing is
 * given back here, neither memory nor most handles: the process is about to end. */
#include "store/pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>
#include <hdf5_hl.h>

#include "store/h5util.h"

enum { BLOCK = 1 << 22 }; /* bytes of data in one item */

/* ---- sending -------------------------------------------------------------------------------- */

typedef struct {
    hid_t id;
    const char *name;
    hobj_ref_t reference; /* where it is in the file */
    int rank;
    uint64_t number[MSC_AXES];             /* of its axes */
    hsize_t from[MSC_AXES], dim[MSC_AXES]; /* what is wanted of it */
    msc_array_kind kind;
} set;

typedef struct {
    set *set;
    size_t n, cap;
} sets;

typedef struct {
    msc_attribute *attribute;
    size_t n, cap;
} attributes;

typedef struct {
    const char *path;
    msc_error err;
    uint64_t size;      /* of the file */
    uint64_t text_left; /* bytes of text the file can have room for */
    hid_t file;
    int minor; /* of its format */
    const msc_store_selection *selection;
    msc_pipe_end pipe;
} child;

static msc_status damaged(child *c)
{
    char doing[512];
    snprintf(doing, sizeof doing, "'%.480s' is damaged", c->path);
    return msc_h5_fail(&c->err, MSC_E_DATA, doing);
}

static msc_status damaged_at(child *c, const char *name)
{
    return msc_fail(&c->err, MSC_E_DATA, NULL, "'%s' is damaged: '%s' is not as it should be",
                    c->path, name);
}

static msc_status exhausted(child *c)
{
    return msc_fail(&c->err, MSC_E_NOMEM, NULL, "out of memory while reading '%s'", c->path);
}

/* Room for one more in a growing array. */
static bool grow(void *array, size_t n, size_t *cap, size_t size)
{
    void *more;
    if (n < *cap) {
        return true;
    }
    memcpy(&more, array, sizeof more);
    more = realloc(more, (2 * n + 16) * size);
    if (!more) {
        return false;
    }
    memcpy(array, &more, sizeof more);
    *cap = 2 * n + 16;
    return true;
}

/* ---- attributes ----------------------------------------------------------------------------- */

/* For reading strings of variable length of a file's type. */
static hid_t text_type_like(hid_t stored)
{
    hid_t type = msc_h5_text_type_new();
    return type >= 0 && H5Tset_cset(type, H5Tget_cset(stored)) >= 0 ? type : H5I_INVALID_HID;
}

static msc_status take_text(child *c, const char *name, const char *text)
{
    size_t n = strlen(text) + 1;
    if (n > c->text_left) {
        return damaged_at(c, name);
    }
    c->text_left -= n;
    return MSC_OK;
}

/* The text of an open attribute of one string; NULL if it is something else. */
static msc_status read_text(child *c, hid_t attribute, const char *name, const char **text)
{
    *text = NULL;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (type < 0 || space < 0) {
        return damaged(c);
    }
    if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
        return MSC_OK;
    }
    char *found = NULL;
    if (H5Tis_variable_str(type) > 0) {
        hid_t given = text_type_like(type);
        if (given < 0 || H5Aread(attribute, given, &found) < 0) {
            return damaged(c);
        }
    } else {
        size_t n = H5Tget_size(type);
        if (n == 0 || n > c->size) {
            return damaged_at(c, name);
        }
        found = calloc(n + 1, 1);
        if (!found) {
            return exhausted(c);
        }
        if (H5Aread(attribute, type, found) < 0) {
            return damaged(c);
        }
    }
    *text = found ? found : "";
    return take_text(c, name, *text);
}

/* The same of an object; NULL if there is none. */
static msc_status read_text_of(child *c, hid_t object, const char *name, const char **text)
{
    *text = NULL;
    htri_t there = H5Aexists(object, name);
    if (there == 0) {
        return MSC_OK;
    }
    hid_t attribute = there < 0 ? H5I_INVALID_HID : H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) {
        return damaged(c);
    }
    msc_status status = read_text(c, attribute, name, text);
    return H5Aclose(attribute) < 0 && status == MSC_OK ? damaged(c) : status;
}

static herr_t note_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    (void)object, (void)info;
    attributes *found = data;
    if (strcmp(name, "Conventions") == 0 || strcmp(name, "mscsim_format") == 0 ||
        strncmp(name, "_NC", 3) == 0) {
        return 0;
    }
    if (!grow(&found->attribute, found->n, &found->cap, sizeof *found->attribute)) {
        return -1;
    }
    msc_attribute *a = &found->attribute[found->n++];
    *a = (msc_attribute){strdup(name), NULL, 0.0};
    return a->name ? 0 : -1;
}

/* A global attribute's contents; not `known` if it is neither text nor one number. */
static msc_status read_global(child *c, hid_t root, msc_attribute *a, bool *known)
{
    hid_t attribute = H5Aopen(root, a->name, H5P_DEFAULT);
    if (attribute < 0) {
        return damaged(c);
    }
    msc_status status = read_text(c, attribute, a->name, &a->text);
    *known = a->text != NULL;
    if (status == MSC_OK && !a->text) {
        hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
        H5T_class_t class = H5Tget_class(type);
        *known = (class == H5T_FLOAT || class == H5T_INTEGER) &&
                 H5Sget_simple_extent_npoints(space) == 1;
        if (*known && H5Aread(attribute, H5T_NATIVE_DOUBLE, &a->number) < 0) {
            status = damaged(c);
        }
    }
    return H5Aclose(attribute) < 0 && status == MSC_OK ? damaged(c) : status;
}

static H5_index_t order_of(unsigned flags)
{
    return flags & H5P_CRT_ORDER_INDEXED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

static msc_status find_globals(child *c, hid_t root, attributes *found)
{
    unsigned order = 0;
    hid_t list = H5Gget_create_plist(root);
    if (list < 0 || H5Pget_attr_creation_order(list, &order) < 0 ||
        H5Aiterate2(root, order_of(order), H5_ITER_INC, NULL, note_attribute, found) < 0) {
        return damaged(c);
    }
    msc_status status = MSC_OK;
    size_t n = 0;
    for (size_t i = 0; i < found->n && status == MSC_OK; i++) {
        bool known = false;
        status = read_global(c, root, &found->attribute[i], &known);
        if (known) {
            found->attribute[n++] = found->attribute[i];
        }
    }
    found->n = n;
    return status;
}

/* ---- datasets ------------------------------------------------------------------------------- */

static herr_t note_link(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    sets *found = data;
    if (info->type != H5L_TYPE_HARD) {
        return 0; /* we write none, and others may lead anywhere */
    }
    hid_t id = H5Oopen(group, name, H5P_DEFAULT);
    if (id < 0) {
        return -1;
    }
    if (H5Iget_type(id) != H5I_DATASET) {
        return H5Oclose(id);
    }
    if (!grow(&found->set, found->n, &found->cap, sizeof *found->set)) {
        return -1;
    }
    set *s = &found->set[found->n++];
    *s = (set){.id = id, .name = strdup(name)};
    return s->name && H5Rcreate(&s->reference, group, name, H5R_OBJECT, -1) >= 0 ? 0 : -1;
}

/* What a dataset is; not `known` if it is of a kind that this version has no use for. */
static msc_status find_shape(child *c, set *s, bool *known)
{
    hid_t type = H5Dget_type(s->id), space = H5Dget_space(s->id);
    *known = false;
    if (type < 0 || space < 0) {
        return damaged(c);
    }
    s->rank = H5Sget_simple_extent_ndims(space);
    if (s->rank < 0 || s->rank > MSC_AXES || H5Sget_simple_extent_type(space) == H5S_NULL) {
        return MSC_OK;
    }
    if (H5Sget_simple_extent_dims(space, s->dim, NULL) < 0) {
        return damaged(c);
    }
    H5T_class_t class = H5Tget_class(type);
    if (class == H5T_FLOAT) {
        s->kind = MSC_ARRAY_REAL;
    } else if (class == H5T_INTEGER) {
        s->kind = H5Tget_size(type) == 1 ? MSC_ARRAY_FLAG : MSC_ARRAY_COUNT;
    } else if (class == H5T_STRING && H5Tis_variable_str(type) > 0) {
        s->kind = MSC_ARRAY_TEXT;
    } else {
        return MSC_OK;
    }
    *known = true;
    return msc_h5_storage_fits(s->id, s->rank, s->dim, c->size) ? MSC_OK : damaged_at(c, s->name);
}

/* Datasets in the order of their writing, axes apart from arrays. */
static msc_status find_sets(child *c, hid_t root, sets *axes, sets *arrays)
{
    unsigned order = 0;
    sets found = {0};
    hid_t list = H5Gget_create_plist(root);
    if (list < 0 || H5Pget_link_creation_order(list, &order) < 0 ||
        H5Literate(root, order_of(order), H5_ITER_INC, NULL, note_link, &found) < 0) {
        return damaged(c);
    }
    for (size_t i = 0; i < found.n; i++) {
        set *s = &found.set[i];
        bool known;
        msc_status status = find_shape(c, s, &known);
        htri_t is_axis = H5DSis_scale(s->id);
        if (status != MSC_OK) {
            return status;
        }
        if (is_axis < 0) {
            return damaged(c);
        }
        if (!known && c->minor > MSC_FORMAT_MINOR) {
            continue; /* something new, and not for us */
        }
        if (!known || (is_axis && (s->rank != 1 || s->kind == MSC_ARRAY_FLAG))) {
            return damaged_at(c, s->name);
        }
        sets *to = is_axis ? axes : arrays;
        if (!grow(&to->set, to->n, &to->cap, sizeof *to->set)) {
            return exhausted(c);
        }
        to->set[to->n++] = *s;
    }
    return MSC_OK;
}

/* One block of a dataset, as selected in `space`. */
static msc_status send_block(child *c, const set *s, hid_t type, hid_t space, hsize_t n, void *data)
{
    msc_status status = MSC_OK;
    hid_t memory = H5Screate_simple(1, &n, NULL);
    if (memory < 0 || H5Dread(s->id, type, memory, space, H5P_DEFAULT, data) < 0) {
        return damaged(c);
    }
    if (s->kind != MSC_ARRAY_TEXT) {
        msc_pipe_put(&c->pipe, 'D', data, (size_t)n * msc_pipe_size(s->kind));
    } else {
        char **text = data;
        for (hsize_t i = 0; i < n && status == MSC_OK; i++) {
            const char *one = text[i] ? text[i] : "";
            status = take_text(c, s->name, one);
            msc_pipe_put_text(&c->pipe, one);
        }
        if (H5Dvlen_reclaim(type, memory, H5P_DEFAULT, data) < 0 && status == MSC_OK) {
            status = damaged(c);
        }
    }
    return H5Sclose(memory) < 0 && status == MSC_OK ? damaged(c) : status;
}

/* All of a dataset in blocks: runs of places on one axis, whole axes behind it. */
static msc_status send_data(child *c, const set *s)
{
    hsize_t start[MSC_AXES], count[MSC_AXES], inner = msc_pipe_size(s->kind);
    hid_t stored = H5Dget_type(s->id), space = H5Dget_space(s->id), type = H5I_INVALID_HID;
    switch (s->kind) {
    case MSC_ARRAY_REAL: type = H5T_NATIVE_DOUBLE; break;
    case MSC_ARRAY_FLAG: type = H5T_NATIVE_UINT8; break;
    case MSC_ARRAY_COUNT: type = H5T_NATIVE_INT64; break;
    case MSC_ARRAY_TEXT: type = text_type_like(stored); break;
    }
    void *data = malloc(BLOCK);
    if (stored < 0 || space < 0 || type < 0 || !data) {
        return data ? damaged(c) : exhausted(c);
    }
    if (s->rank == 0) {
        return send_block(c, s, type, space, 1, data);
    }
    int axis = s->rank - 1;
    while (axis > 0 && inner * s->dim[axis] <= BLOCK) {
        inner *= s->dim[axis--];
    }
    const hsize_t rows = BLOCK / inner;
    for (int k = 0; k < s->rank; k++) {
        start[k] = s->from[k];
        count[k] = k < axis ? 1 : s->dim[k];
    }
    msc_status status = MSC_OK;
    while (start[0] < s->from[0] + s->dim[0] && status == MSC_OK) {
        hsize_t left = s->from[axis] + s->dim[axis] - start[axis];
        count[axis] = left < rows ? left : rows;
        if (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0) {
            return damaged(c);
        }
        hsize_t n = count[axis] * (inner / msc_pipe_size(s->kind));
        status = send_block(c, s, type, space, n, data);
        start[axis] += count[axis];
        for (int k = axis; k > 0 && start[k] == s->from[k] + s->dim[k]; k--) {
            start[k] = s->from[k];
            start[k - 1]++;
        }
    }
    free(data);
    return status;
}

static msc_status send_labels(child *c, const set *s)
{
    static const char *const label[] = {"units", "long_name"};
    for (size_t i = 0; i < 2; i++) {
        const char *text;
        msc_status status = read_text_of(c, s->id, label[i], &text);
        if (status != MSC_OK) {
            return status;
        }
        msc_pipe_put_text(&c->pipe, text);
    }
    return MSC_OK;
}

/* ---- what is wanted ------------------------------------------------------------------------- */

/* Cut the k-th axis of a dataset to the places wanted; those there are have been looked at. */
static void cut(const child *c, set *s, int k)
{
    s->from[k] = c->selection->first;
    hsize_t left = s->dim[k] - s->from[k];
    s->dim[k] = c->selection->n < left ? c->selection->n : left;
}

static bool is_cut(const child *c, const set *axis)
{
    return c->selection->axis && strcmp(axis->name, c->selection->axis) == 0;
}

static msc_status check_cut(child *c, const sets *axes)
{
    const msc_store_selection *want = c->selection;
    size_t i = 0;
    while (i < axes->n && !is_cut(c, &axes->set[i])) {
        i++;
    }
    if (want->axis && i == axes->n) {
        return msc_fail(&c->err, MSC_E_USAGE, NULL, "there is no axis '%s' in '%s'", want->axis,
                        c->path);
    }
    if (want->axis && (want->n == 0 || want->first >= axes->set[i].dim[0])) {
        return msc_fail(&c->err, MSC_E_USAGE, NULL, "'%s' of '%s' has no place %zu", want->axis,
                        c->path, want->first);
    }
    return MSC_OK;
}

/* Leave of the arrays those wanted. */
static void keep_wanted(const child *c, sets *arrays)
{
    const msc_store_selection *want = c->selection;
    size_t n = 0;
    for (size_t i = 0; i < arrays->n && want->n_name > 0; i++) {
        size_t k = 0;
        while (k < want->n_name && strcmp(want->name[k], arrays->set[i].name) != 0) {
            k++;
        }
        if (k < want->n_name) {
            arrays->set[n++] = arrays->set[i];
        }
    }
    arrays->n = want->n_name > 0 ? n : arrays->n;
}

/* Is it too much? In doubles, since that decides nothing else. */
static msc_status check_amount(child *c, const sets *arrays)
{
    double amount = 0.0;
    for (size_t i = 0; i < arrays->n; i++) {
        const set *s = &arrays->set[i];
        double n = (double)msc_pipe_size(s->kind);
        for (int k = 0; k < s->rank; k++) {
            n *= (double)s->dim[k];
        }
        amount += n;
    }
    return amount > (double)c->selection->limit
               ? msc_fail(&c->err, MSC_E_NOMEM, NULL,
                          "'%s' has %.3g MB of what is wanted, and %.3g MB are allowed at a time",
                          c->path, amount / 1e6, (double)c->selection->limit / 1e6)
               : MSC_OK;
}

/* ---- axes and arrays ------------------------------------------------------------------------ */

static msc_status send_axis(child *c, const set *s)
{
    set values = *s;
    if (is_cut(c, s)) {
        cut(c, &values, 0);
    }
    uint64_t head[2] = {values.dim[0], s->kind == MSC_ARRAY_TEXT};
    values.kind = head[1] ? MSC_ARRAY_TEXT : MSC_ARRAY_REAL;
    msc_pipe_put_text(&c->pipe, s->name);
    msc_pipe_put(&c->pipe, 'G', head, sizeof head);
    msc_status status = send_labels(c, s);
    return status != MSC_OK ? status : send_data(c, &values);
}

/* Numbers of an array's axes: the scales its DIMENSION_LIST points to. */
static msc_status find_axes(child *c, const sets *axes, const set *s, uint64_t *number)
{
    hvl_t list[MSC_AXES];
    if (s->rank == 0) {
        return MSC_OK;
    }
    if (H5Aexists(s->id, "DIMENSION_LIST") <= 0) {
        return damaged_at(c, s->name);
    }
    hid_t attribute = H5Aopen(s->id, "DIMENSION_LIST", H5P_DEFAULT);
    hid_t space = H5Aget_space(attribute), stored = H5Aget_type(attribute);
    hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
    if (H5Sget_simple_extent_npoints(space) != s->rank || H5Tget_class(stored) != H5T_VLEN) {
        return damaged_at(c, s->name);
    }
    if (H5Aread(attribute, type, list) < 0 || H5Aclose(attribute) < 0) {
        return damaged(c);
    }
    for (int k = 0; k < s->rank; k++) {
        const hobj_ref_t *reference = list[k].p;
        size_t i = 0;
        while (list[k].len == 1 && i < axes->n && axes->set[i].reference != *reference) {
            i++;
        }
        if (list[k].len != 1 || i == axes->n || axes->set[i].dim[0] != s->dim[k]) {
            return damaged_at(c, s->name);
        }
        number[k] = i;
    }
    return MSC_OK;
}

/* The axes of all arrays, which are cut as they are. */
static msc_status find_all_axes(child *c, const sets *axes, sets *arrays)
{
    msc_status status = MSC_OK;
    for (size_t i = 0; i < arrays->n && status == MSC_OK; i++) {
        set *s = &arrays->set[i];
        status = find_axes(c, axes, s, s->number);
        for (int k = 0; k < s->rank && status == MSC_OK; k++) {
            if (is_cut(c, &axes->set[s->number[k]])) {
                cut(c, s, k);
            }
        }
    }
    return status;
}

static msc_status send_array(child *c, const set *s)
{
    uint64_t head[3] = {s->kind, (uint64_t)s->rank, 0};
    const char *words = NULL;
    msc_status status = MSC_OK;
    if (s->kind == MSC_ARRAY_FLAG) {
        status = read_text_of(c, s->id, "flag_meanings", &words);
    }
    if (status != MSC_OK) {
        return status;
    }
    char *copy = strdup(words ? words : "");
    if (!copy) {
        return exhausted(c);
    }
    const char *meaning[UINT8_MAX + 1];
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (head[2] > UINT8_MAX) {
            return damaged_at(c, s->name);
        }
        meaning[head[2]++] = word;
    }
    msc_pipe_put_text(&c->pipe, s->name);
    msc_pipe_put(&c->pipe, 'G', head, sizeof head);
    msc_pipe_put(&c->pipe, 'G', s->number, sizeof s->number);
    status = send_labels(c, s);
    for (size_t i = 0; i < head[2]; i++) {
        msc_pipe_put_text(&c->pipe, meaning[i]);
    }
    return status != MSC_OK ? status : send_data(c, s);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static msc_status check_format(child *c)
{
    const char *text;
    msc_status status = read_text_of(c, c->file, "mscsim_format", &text);
    if (status != MSC_OK) {
        return status;
    }
    if (!text) {
        return msc_fail(&c->err, MSC_E_DATA, NULL, "'%s' holds no results of mscsim", c->path);
    }
    int major = 0, used = 0;
    if (sscanf(text, "%4d.%4d%n", &major, &c->minor, &used) != 2 || text[used] || major < 1 ||
        c->minor < 0) {
        return damaged_at(c, "mscsim_format");
    }
    if (major > MSC_FORMAT_MAJOR) {
        return msc_fail(&c->err, MSC_E_DATA, NULL,
                        "'%s' is written in format %d.%d by a newer mscsim; this one reads %d.x",
                        c->path, major, c->minor, MSC_FORMAT_MAJOR);
    }
    return MSC_OK;
}

static msc_status send_everything(child *c)
{
    sets axes = {0}, arrays = {0};
    attributes globals = {0};
    hid_t access = msc_h5_begin() ? msc_h5_access_new() : H5I_INVALID_HID;
    if (access < 0 || H5PLset_loading_state(0) < 0) {
        return damaged(c);
    }
    c->file = H5Fopen(c->path, H5F_ACC_RDONLY, access);
    hid_t root = c->file < 0 ? c->file : H5Gopen2(c->file, "/", H5P_DEFAULT);
    if (root < 0) {
        return damaged(c);
    }
    msc_status status = check_format(c);
    if (status == MSC_OK) {
        status = find_globals(c, root, &globals);
    }
    if (status == MSC_OK) {
        status = find_sets(c, root, &axes, &arrays);
    }
    if (status == MSC_OK) {
        keep_wanted(c, &arrays);
        status = check_cut(c, &axes);
    }
    if (status == MSC_OK) {
        status = find_all_axes(c, &axes, &arrays);
    }
    if (status == MSC_OK) {
        status = check_amount(c, &arrays);
    }
    if (status != MSC_OK) {
        return status;
    }
    uint64_t head[3] = {globals.n, axes.n, arrays.n};
    msc_pipe_put(&c->pipe, 'G', head, sizeof head);
    for (size_t i = 0; i < globals.n; i++) {
        msc_pipe_put_text(&c->pipe, globals.attribute[i].name);
        msc_pipe_put_text(&c->pipe, globals.attribute[i].text);
        msc_pipe_put(&c->pipe, 'N', &globals.attribute[i].number, sizeof(double));
    }
    for (size_t i = 0; i < axes.n && status == MSC_OK; i++) {
        status = send_axis(c, &axes.set[i]);
    }
    for (size_t i = 0; i < arrays.n && status == MSC_OK; i++) {
        status = send_array(c, &arrays.set[i]);
    }
    return status;
}

_Noreturn void msc_pipe_send(int fd, const char *path, uint64_t size,
                             const msc_store_selection *selection)
{
    child c = {.path = path, .size = size, .text_left = 2 * size, .selection = selection};
    c.pipe.fd = fd;
    c.file = H5I_INVALID_HID;
    msc_status status = send_everything(&c);
    if (status != MSC_OK) {
        uint64_t number = (uint64_t)status;
        msc_pipe_put(&c.pipe, 'E', &number, sizeof number);
        msc_pipe_put_text(&c.pipe, c.err.message);
    }
    uint64_t sum = c.pipe.sum;
    msc_pipe_put(&c.pipe, 'S', &sum, sizeof sum);
    msc_pipe_flush(&c.pipe);
    _exit(0);
}
