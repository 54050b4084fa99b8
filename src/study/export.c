/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A results file as comma-separated values. */
#include <mscsim/scenario.h>

#include <string.h>

#include "store/csv.h"

/* The axis whose places become rows: the leading one of the first quantity named, else time. */
static const char *leading(const msc_dataset *dataset, const char *const *names, size_t n_names)
{
    const msc_array *first = n_names > 0 ? msc_dataset_array(dataset, names[0]) : NULL;
    return first && first->n_axis > 0 ? dataset->axis[first->axis[0]].name : "time";
}

msc_status msc_file_export(const char *path, const char *const *names, size_t n_names, FILE *stream,
                           msc_error *err)
{
    msc_dataset *dataset = NULL;
    msc_status status = msc_store_read(path, &dataset, err);
    if (status == MSC_OK) {
        status =
            msc_csv_write(stream, dataset, leading(dataset, names, n_names), names, n_names, err);
    }
    msc_dataset_free(dataset);
    return status;
}
