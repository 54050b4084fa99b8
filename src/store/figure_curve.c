/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves of a figure: where a dose interrupts one, and what tells several apart. */
#include "store/figure_curve.h"

#include <math.h>

#include "store/canvas.h"

/* ---- what tells them apart ---- */

const char *msc_figure_dash(unsigned which)
{
    static const char *const dash[MSC_FIGURE_DASHES] = {"1", "(6,3)", "(2,2)", "(8,3,2,3)"};
    return dash[which % MSC_FIGURE_DASHES];
}

/* A band has a colour and no dashes; a line is no band. */
static bool look_alike(const msc_curve *a, const msc_curve *b)
{
    const bool band = a->y == NULL, same = a->colour % MSC_CANVAS_COLOURS == b->colour % MSC_CANVAS_COLOURS;
    return same && band == (b->y == NULL) && (band || a->dash % MSC_FIGURE_DASHES == b->dash % MSC_FIGURE_DASHES);
}

static bool all_differ(const msc_curve *curve, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (look_alike(&curve[i], &curve[k])) {
                return false;
            }
        }
    }
    return true;
}

/* How many smaller numbers there are among those of the curves. */
static unsigned rank(const msc_curve *curve, size_t n, size_t own, bool dash)
{
    const unsigned of = dash ? curve[own].dash : curve[own].colour;
    unsigned smaller = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned it = dash ? curve[i].dash : curve[i].colour;
        bool first = it < of;
        for (size_t k = 0; k < i && first; k++) {
            first = (dash ? curve[k].dash : curve[k].colour) != it;
        }
        smaller += first;
    }
    return smaller;
}

void msc_figure_tell_apart(msc_curve *curve, size_t n)
{
    msc_curve ranked[MSC_FIGURE_CURVES];
    if (all_differ(curve, n) || n > MSC_FIGURE_CURVES) {
        return;
    }
    for (int swapped = 0; swapped < 2; swapped++) {
        for (size_t i = 0; i < n; i++) {
            const unsigned colour = rank(curve, n, i, false), dash = rank(curve, n, i, true);
            ranked[i] = curve[i];
            ranked[i].colour = swapped ? dash : colour, ranked[i].dash = swapped ? colour : dash;
        }
        if (all_differ(ranked, n)) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            ranked[i].colour = (unsigned)i, ranked[i].dash = (unsigned)i / MSC_CANVAS_COLOURS;
        }
    }
    for (size_t i = 0; i < n; i++) {
        curve[i].colour = ranked[i].colour, curve[i].dash = ranked[i].dash;
    }
}

/* ---- where a dose interrupts them ---- */

/* The slope of the step that ends at time k; NaN if it is none, or ends with a dose itself. */
static double slope(const msc_figure *f, const double *y, size_t stride, size_t k, bool exists)
{
    if (!exists || k == 0 || k >= f->n_time || f->jump[k]) {
        return NAN;
    }
    return (y[k * stride] - y[(k - 1) * stride]) / (f->time[k] - f->time[k - 1]);
}

/* Goes a step on as the one before it did: as steep or up to twice, flatter, or turned but hardly? */
static bool goes_on(double step, double before)
{
    return fabs(step) <= (step * before >= 0 ? 2 : 0.1) * fabs(before);
}

/* Does it lie between what is before and behind, which change no more from one to the other than they do themselves? */
static bool lies_between(double step, const double s[4])
{
    const double change[2] = {isfinite(s[0]) ? fabs(s[1] - s[0]) : 0, isfinite(s[3]) ? fabs(s[3] - s[2]) : 0};
    const double low = fmin(s[1], s[2]), high = fmax(s[1], s[2]);
    if (!isfinite(low) || !isfinite(high) || high - low > 2 * (change[0] + change[1])) {
        return false;
    }
    return step >= (low < 0 ? 1.5 : 0.5) * low && step <= (high > 0 ? 1.5 : 0.5) * high;
}

bool msc_figure_joins(const msc_figure *f, const double *y, size_t stride, size_t i)
{
    const double a = y[(i - 1) * stride], b = y[i * stride], step = (b - a) / (f->time[i] - f->time[i - 1]);
    if (!isfinite(a) || !isfinite(b)) {
        return false;
    }
    const double s[4] = {slope(f, y, stride, i - 2, i > 2), slope(f, y, stride, i - 1, i > 1),
                         slope(f, y, stride, i + 1, true), slope(f, y, stride, i + 2, true)};
    if (a == b || (isfinite(s[1]) && goes_on(step, s[1])) || lies_between(step, s)) {
        return true;
    }
    /* after a dose that was just before there is little to go by; what a dose adds is rarely less than nothing */
    return !isfinite(s[0]) && (step < 0 || (!isfinite(s[1]) && isfinite(s[2]) && step <= s[2]));
}
