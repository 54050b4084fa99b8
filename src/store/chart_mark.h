/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to chart*.c: axes of a panel, and marks on them. */
#ifndef MSC_STORE_CHART_MARK_H
#define MSC_STORE_CHART_MARK_H

#include "store/canvas.h"
#include "store/chart.h"

typedef struct {
    double left, right, bottom, top; /* pixels */
    double x_low, x_high;
    double unit;          /* of y: a power of ten */
    double y_low, y_high; /* in that unit */
    bool log_x, log_y;
} msc_chart_axes;

/* Where an arrow from y ends; y is in the unit of the axis. */
double msc_chart_arrow(const msc_chart_axes *axes, double y, bool up);
/* The k-th panel's, onto its frame. */
void msc_chart_put_marks(msc_canvas *c, const msc_chart_panel *panel, const msc_chart_axes *axes, size_t k);

#endif
