/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A results file as comma-separated values. */
#include <mscsim/scenario.h>

#include <stdlib.h>
#include <string.h>

#include "store/csv.h"

/* The axis whose places become rows: the leading one of the first quantity named, else time; NULL: that is
 * one number. */
static const char *leading(const msc_dataset *dataset, const char *const *names, size_t n_names)
{
    char stem[256] = "";
    if (n_names > 0) {
        snprintf(stem, sizeof stem, "%.*s", (int)strcspn(names[0], "["), names[0]);
    }
    const msc_array *first = n_names > 0 ? msc_dataset_array(dataset, stem) : NULL;
    return !first ? "time" : first->n_axis > 0 ? dataset->axis[first->axis[0]].name : NULL;
}

msc_status msc_file_export(const char *path, const char *const *names, size_t n_names, FILE *stream,
                           msc_error *err)
{
    msc_dataset *dataset = NULL;
    msc_status status = msc_store_read(path, &dataset, err);
    if (status == MSC_OK) {
        const char *axis = leading(dataset, names, n_names);
        status = axis ? msc_csv_write(stream, dataset, axis, names, n_names, err)
                      : msc_csv_numbers(stream, dataset, names, n_names, err);
    }
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
