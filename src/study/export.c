/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A results file as comma-separated values. */
#include <mscsim/scenario.h>

#include <stdlib.h>
#include <string.h>

#include "store/csv.h"

/* The axis whose places become rows: the leading one of the first quantity named, else scenario, estimate (of a fit) or time;
 * NULL: that is one number. */
static const char *leading(const msc_dataset *d, const char *const *names, size_t n_names)
{
    char stem[256] = "";
    if (n_names > 0) {
        snprintf(stem, sizeof stem, "%.*s", (int)strcspn(names[0], "["), names[0]);
    }
    const msc_array *first = n_names > 0 ? msc_dataset_array(d, stem) : NULL;
    if (first) {
        return first->n_axis > 0 ? d->axis[first->axis[0]].name : NULL;
    }
    return msc_dataset_axis(d, "scenario") ? "scenario" : msc_dataset_axis(d, "estimate") ? "estimate" : "time";
}

/* Of a sweep or a fit, if nothing is named: what there is of each scenario, or estimate, once. Trajectories, profiles and draws
 * have to be asked for: they would be columns by the thousand. */
static size_t of_places(const msc_dataset *d, const char *axis, const char **name)
{
    const bool fit = strcmp(axis, "estimate") == 0;
    size_t n = 0;
    for (size_t i = 0; i < d->n_array; i++) {
        const msc_array *a = &d->array[i];
        bool wanted = a->n_axis > 0 && strcmp(d->axis[a->axis[0]].name, axis) == 0 && (!fit || a->n_axis == 1);
        for (int k = 1; k < a->n_axis; k++) {
            wanted = wanted && strcmp(d->axis[a->axis[k]].name, "time") != 0;
        }
        if (wanted) {
            name[n++] = a->name;
        }
    }
    return n;
}

msc_status msc_file_export(const char *path, const char *const *names, size_t n_names, FILE *stream,
                           msc_error *err)
{
    msc_dataset *dataset = NULL;
    const char **all = NULL;
    for (size_t i = 0; i < n_names; i++) {
        if (!names || !names[i]) {
            return msc_fail(err, MSC_E_USAGE, NULL, "a name is wanted here, and not NULL");
        }
    }
    msc_status status = msc_store_read(path, &dataset, err);
    if (status == MSC_OK) {
        const char *axis = leading(dataset, names, n_names);
        if (axis && n_names == 0 && strcmp(axis, "time") != 0) {
            all = calloc(dataset->n_array + 1, sizeof *all);
            n_names = all ? of_places(dataset, axis, all) : 0;
            status = all ? MSC_OK : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
        }
        if (status == MSC_OK) {
            status = axis ? msc_csv_write(stream, dataset, axis, all ? all : names, n_names, err)
                          : msc_csv_numbers(stream, dataset, names, n_names, err);
        }
    }
    free(all);
    msc_dataset_free(dataset);
    return status;
}

/* Their names, as the file has them in one attribute. */
static msc_status export_endpoints(const msc_dataset *dataset, FILE *stream, msc_error *err)
{
    const char *list = msc_dataset_text(dataset, "endpoints");
    char *text = list ? strdup(list) : NULL, *save = NULL;
    const char **names = list ? calloc(strlen(list) / 2 + 2, sizeof *names) : NULL;
    size_t n = 0;
    msc_status status = MSC_OK;
    if (list && (!text || !names)) {
        status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    } else if (!list) {
        status = msc_fail(err, MSC_E_USAGE, NULL, "the file has no endpoints (output.endpoints of the scenario)");
    } else {
        for (char *name = strtok_r(text, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
            names[n++] = name;
        }
        status = msc_csv_numbers(stream, dataset, names, n, err);
    }
    free(names);
    free(text);
    return status;
}

msc_status msc_file_export_endpoints(const char *path, FILE *stream, msc_error *err)
{
    msc_dataset *dataset = NULL;
    msc_status status = msc_store_read(path, &dataset, err);
    if (status == MSC_OK) {
        status = export_endpoints(dataset, stream, err);
    }
    msc_dataset_free(dataset);
    return status;
}
