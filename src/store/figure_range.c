/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From where to where a panel's axis goes: by what is drawn in it, lines and edges of bands alike. */
#include "store/figure_range.h"

#include <math.h>
#include <string.h>

/* The values of a curve: 0 the line, 1 and 2 the edges of a band; NULL if it has none. */
static const double *values(const msc_curve *c, int k)
{
    return k == 0 ? c->y : k == 1 ? c->low : c->high;
}

static void extent(const msc_figure *f, const msc_panel *p, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (size_t c = 0; c < p->n_curve; c++) {
        for (int k = 0; k < 3; k++) {
            const double *of = values(&p->curve[c], k);
            for (size_t i = 0; of && i < f->n_time; i++) {
                const double y = of[i * p->curve[c].stride];
                if (isfinite(y)) {
                    *low = fmin(*low, y), *high = fmax(*high, y);
                }
            }
        }
    }
    if (*low > *high) {
        *low = 0, *high = 1;
    }
}

/* The lowest value above `least` of a line, once it has come up to a hundredth of its highest. */
static double lowest(const msc_figure *f, const double *y, size_t stride, double least)
{
    double most = 0, low = INFINITY;
    size_t i = 0;
    for (size_t k = 0; k < f->n_time; k++) {
        most = isfinite(y[k * stride]) ? fmax(most, y[k * stride]) : most;
    }
    while (!f->plain && i < f->n_time && !(y[i * stride] >= 0.01 * most)) {
        i++;
    }
    for (; i < f->n_time; i++) {
        low = y[i * stride] >= least ? fmin(low, y[i * stride]) : low;
    }
    return low;
}

/* 1, 2 or 5 times a power of ten, at most x. */
static double round_below(double x)
{
    const double power = pow(10, floor(log10(x) + 1e-9)), part = x / power * (1 + 1e-9);
    return (part >= 5 ? 5 : part >= 2 ? 2 : 1) * power;
}

/* The power of ten below all that is drawn, or if that spans little a round number; edges of bands among it. Below a millionth of the highest,
 * or below one cell, a curve is solver noise or means nothing. */
static double floor_of(const msc_figure *f, const msc_panel *p, double high)
{
    const bool counted = strcmp(p->unit, "cell") == 0 && high >= 10;
    const double least = counted ? fmax(1, 1e-6 * high) : 1e-6 * high;
    double low = high;
    for (size_t c = 0; c < p->n_curve; c++) {
        for (int k = 0; k < 3; k++) {
            const double *of = values(&p->curve[c], k);
            low = of ? fmin(low, lowest(f, of, p->curve[c].stride, least)) : low;
        }
    }
    return high / low < MSC_FIGURE_NARROW ? round_below(low / 1.02) : pow(10, floor(log10(low) + 1e-9));
}

msc_figure_range msc_figure_extent(const msc_figure *f, const msc_panel *p)
{
    msc_figure_range r = {.unit = 1};
    double low, high;
    extent(f, p, &low, &high);
    if (f->log && high > 0) {
        r.low = floor_of(f, p, high);
        r.high = high * (f->plain ? fmin(1.6, pow(high / r.low, 0.08)) : 1.6);
        return r;
    }
    const double most = fmax(fabs(low), fabs(high));
    if (most >= 1e4 || (most < 1e-2 && most > 0)) {
        r.unit = pow(10, 3 * floor(log10(most) / 3));
    }
    r.low = fmin(low, 0) / r.unit;
    r.high = (high / r.unit > r.low ? high / r.unit : r.low + 1);
    r.high += 0.06 * (r.high - r.low);
    r.low -= r.low < 0 ? 0.06 * (r.high - r.low) : 0;
    return r;
}
