/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From where to where a panel's axis goes. */
#ifndef MSC_STORE_FIGURE_RANGE_H
#define MSC_STORE_FIGURE_RANGE_H

#include "store/figure.h"

enum { MSC_FIGURE_NARROW = 20 }; /* a logarithmic axis over less than this does not end at a power of ten */

typedef struct {
    double unit;      /* of the data: a power of ten */
    double low, high; /* in that unit */
} msc_figure_range;

msc_figure_range msc_figure_extent(const msc_figure *figure, const msc_panel *panel);

#endif
