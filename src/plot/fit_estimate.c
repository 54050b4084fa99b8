/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of a fit's estimates: profiles of the log posterior, and pairs of estimates in the posterior. */
#include <gsl/gsl_interp.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/plot.h"

enum { BLUE = 0, RED = 1, GREY_LINE = 6, DOTS_MOST = 1000, BINS = 20, CURVE = 400 };
static const double DROP = -1.92, DEEP = -4.6, OVER = 0.4; /* of the log posterior: 95 %; what is drawn below and above 0 */
static const double WIDE = 20; /* highest over lowest from which on the axis is logarithmic */

static const char *label_of(const msc_plot_fit *p, size_t k)
{
    const char *const *unit = msc_plot_fit_text(p, "estimate_unit", "estimate");
    return strcmp(unit[k], "1") == 0 ? p->estimate[k] : msc_arena_printf(p->arena, "%s (%s)", p->estimate[k], unit[k]);
}

/* Those of -q in their order, or all. */
static size_t choose(const msc_plot_fit *p, size_t *list)
{
    const msc_figure_options *o = p->options;
    size_t n = 0;
    for (size_t i = 0; o && i < o->n_quantity; i++) {
        size_t k = 0;
        while (k < p->n_estimate && strcmp(p->estimate[k], o->quantity[i]) != 0) {
            k++;
        }
        if (k == p->n_estimate) {
            msc_throw(p->arena, MSC_E_USAGE, NULL, "the fit has no estimate '%s'%s", o->quantity[i],
                      msc_text_suggest_or_list(p->arena, o->quantity[i], (const char **)(uintptr_t)p->estimate, p->n_estimate));
        }
        for (size_t j = 0; j < n; j++) {
            if (list[j] == k) {
                msc_throw(p->arena, MSC_E_USAGE, NULL, "'%s' is named twice", o->quantity[i]);
            }
        }
        list[n++] = k;
    }
    for (size_t k = 0; k < p->n_estimate && (!o || o->n_quantity == 0); k++) {
        list[n++] = k;
    }
    return n;
}

static void tell(msc_plot_fit *p, const char *text)
{
    p->note = p->note ? msc_arena_printf(p->arena, "%s; %s", p->note, text) : text;
}

static void cut(msc_plot_fit *p, size_t *n)
{
    if (*n > MSC_PLOT_FIT_PANELS) {
        tell(p, msc_arena_printf(p->arena, "%zu more are left out (-q names them)", *n - MSC_PLOT_FIT_PANELS));
        *n = MSC_PLOT_FIT_PANELS;
    }
}

/* ---- profiles ---- */

typedef struct {
    size_t n;
    double *x, *y; /* y below the best */
} profile;

static profile profile_of(const msc_plot_fit *p, size_t k, const double *value, const double *log, size_t n)
{
    profile f = {0, MSC_NEW(p->arena, double, n + 1), MSC_NEW(p->arena, double, n + 1)};
    double best = msc_plot_fit_number(p, "fit_log_posterior");
    best = isfinite(best) ? best : -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double x = value[k * n + i], y = log[k * n + i];
        if (isfinite(x) && isfinite(y)) {
            f.x[f.n] = x, f.y[f.n++] = y;
            best = fmax(best, y);
        }
    }
    for (size_t i = 0; i < f.n; i++) {
        f.y[i] -= best;
    }
    return f;
}

static bool is_wide(const msc_plot_fit *p, const double *x, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, x[i]), high = fmax(high, x[i]);
    }
    return low > 0 && (high > WIDE * low || (p->options && p->options->log));
}

/* Those that are seen; or all, if hardly any is. */
static profile visible(const msc_plot_fit *p, const profile *f)
{
    profile out = {0, MSC_NEW(p->arena, double, f->n + 1), MSC_NEW(p->arena, double, f->n + 1)};
    for (size_t i = 0; i < f->n; i++) {
        if (f->y[i] >= DEEP) {
            out.x[out.n] = f->x[i], out.y[out.n++] = f->y[i];
        }
    }
    return out.n >= 2 ? out : *f;
}

/* The signed root of twice what it has fallen by goes almost straight through the best (wholly, where all is normal): through it
 * goes a curve that does not overshoot, of which the line is made. False: too few points for that. */
static bool roots_of(const msc_plot_fit *p, const profile *f, double best, bool log_x, profile *root)
{
    *root = (profile){0, MSC_NEW(p->arena, double, f->n + 2), MSC_NEW(p->arena, double, f->n + 2)};
    bool had = !isfinite(best);
    for (size_t i = 0; i <= f->n; i++) {
        const bool here = !had && (i == f->n || f->x[i] >= best);
        if (here) {
            root->x[root->n] = log_x ? log(best) : best, root->y[root->n++] = 0;
            had = true;
        }
        const double x = i < f->n ? (log_x ? log(f->x[i]) : f->x[i]) : (double)NAN;
        if (i < f->n && (root->n == 0 || x > root->x[root->n - 1])) {
            const double fall = sqrt(fmax(0, -2 * f->y[i]));
            root->x[root->n] = x, root->y[root->n++] = isfinite(best) && f->x[i] < best ? -fall : fall;
        }
    }
    return isfinite(best) && root->n >= gsl_interp_type_min_size(gsl_interp_steffen);
}

static profile smooth(const msc_plot_fit *p, const profile *f, double best, bool log_x)
{
    profile root, out = {0, MSC_NEW(p->arena, double, CURVE), MSC_NEW(p->arena, double, CURVE)};
    gsl_interp *curve = roots_of(p, f, best, log_x, &root) ? gsl_interp_alloc(gsl_interp_steffen, root.n) : NULL;
    if (!curve || gsl_interp_init(curve, root.x, root.y, root.n) != 0) {
        gsl_interp_free(curve);
        return *f;
    }
    const double from = root.x[0], width = root.x[root.n - 1] - from;
    for (int i = 0; i < CURVE; i++) {
        const double x = i + 1 < CURVE ? from + width * i / (CURVE - 1) : root.x[root.n - 1];
        const double z = gsl_interp_eval(curve, root.x, root.y, x, NULL);
        out.x[out.n] = log_x ? exp(x) : x, out.y[out.n++] = -z * z / 2;
    }
    gsl_interp_free(curve);
    return out;
}

static msc_chart_panel profile_panel(const msc_plot_fit *p, size_t k, const profile *all)
{
    const double *value = msc_plot_fit_real(p, "value", (const char *const[]){"estimate", NULL});
    msc_chart_mark *mark = MSC_NEW(p->arena, msc_chart_mark, 4);
    const profile first = visible(p, all);
    const bool log_x = is_wide(p, first.x, first.n) && all->x[0] > 0;
    const double best = value && isfinite(value[k]) && (!log_x || value[k] > 0) ? value[k] : (double)NAN;
    const profile line = smooth(p, all, best, log_x), seen = visible(p, &line);
    size_t n = 0;
    mark[n++] = (msc_chart_mark){.kind = MSC_MARK_LEVELS, .colour = RED, .n = 1, .y = &DROP};
    if (isfinite(best)) {
        mark[n++] = (msc_chart_mark){.kind = MSC_MARK_PLACES, .colour = GREY_LINE, .n = 1, .x = value + k};
    }
    mark[n++] = (msc_chart_mark){.kind = MSC_MARK_LINE, .colour = BLUE, .n = seen.n, .x = seen.x, .y = seen.y};
    mark[n++] = (msc_chart_mark){.kind = MSC_MARK_POINTS, .colour = BLUE, .n = first.n, .x = first.x, .y = first.y};
    return (msc_chart_panel){.x_label = label_of(p, k), .y_label = "log posterior", .log_x = log_x, .plain_y = true,
                             .y_low = DEEP, .y_high = OVER, .n_mark = n, .mark = mark};
}

msc_chart msc_plot_fit_profiles(msc_plot_fit *p)
{
    static const char *const axes[] = {"estimate", "profile_point", NULL};
    const double *value = msc_plot_fit_real(p, "profile_value", axes), *log = msc_plot_fit_real(p, "profile_log", axes);
    const msc_axis *point = msc_dataset_axis(p->d, "profile_point");
    size_t *list = MSC_NEW(p->arena, size_t, p->n_estimate + 1), n = choose(p, list), used = 0;
    if (!value || !log) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "the file has no profiles: the fit was made without them (fit.profiles)");
    }
    cut(p, &n);
    msc_chart_panel *panel = MSC_NEW(p->arena, msc_chart_panel, n + 1);
    const char *without = "";
    for (size_t i = 0; i < n; i++) {
        const profile f = profile_of(p, list[i], value, log, point->n);
        if (f.n < 2) {
            without = msc_arena_printf(p->arena, "%s%s%s", without, *without ? ", " : "", p->estimate[list[i]]);
        } else {
            panel[used++] = profile_panel(p, list[i], &f);
        }
    }
    if (used == 0) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "the file has no profile of %s", without);
    }
    if (*without) {
        tell(p, msc_arena_printf(p->arena, "no profile of %s", without));
    }
    tell(p, "points: log posterior below its best, the others at their best for each value; line: between them; dashed: 1.92 below, the ends of 95 %; upright: the estimate");
    return (msc_chart){.n_column = used > 6 ? 3 : used > 1 ? 2 : 1, .n_panel = used, .panel = panel};
}

/* ---- pairs ---- */

typedef struct {
    size_t n;
    double *value; /* [n] in the order of the draws */
    double low, high;
    bool log;
} drawn;

static drawn drawn_of(const msc_plot_fit *p, const double *posterior, size_t n, size_t k)
{
    drawn d = {.n = n, .value = MSC_NEW(p->arena, double, n + 1), .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < n; i++) {
        d.value[i] = posterior[i * p->n_estimate + k];
        if (!isfinite(d.value[i])) {
            msc_throw(p->arena, MSC_E_DATA, NULL, "'posterior' in the file has something that is no number, of '%s'", p->estimate[k]);
        }
        d.low = fmin(d.low, d.value[i]), d.high = fmax(d.high, d.value[i]);
    }
    if (!(d.high > d.low)) {
        const double half = d.low != 0 ? 0.1 * fabs(d.low) : 1;
        d.low -= half, d.high += half;
    }
    d.log = d.low > 0 && (d.high > WIDE * d.low || (p->options && p->options->log));
    return d;
}

/* With a little room; on a logarithmic axis by factors. */
static void limits_of(const drawn *d, double *low, double *high)
{
    const double part = 0.04;
    if (d->log) {
        const double by = pow(d->high / d->low, part);
        *low = d->low / by, *high = d->high * by;
    } else {
        *low = d->low - part * (d->high - d->low), *high = d->high + part * (d->high - d->low);
    }
}

static double scaled(const drawn *d, size_t i)
{
    return d->log ? log(d->value[i]) : d->value[i];
}

static msc_chart_panel histogram_of(const msc_plot_fit *p, const drawn *d, const char *label)
{
    double *y = MSC_NEW(p->arena, double, BINS), *low = MSC_NEW(p->arena, double, BINS), *high = MSC_NEW(p->arena, double, BINS), most = 1;
    const double from = d->log ? log(d->low) : d->low, width = ((d->log ? log(d->high) : d->high) - from) / BINS;
    for (size_t i = 0; i < d->n; i++) {
        const double at = floor((scaled(d, i) - from) / width);
        most = fmax(most, ++y[at < 0 ? 0 : at >= BINS ? BINS - 1 : (size_t)at]);
    }
    for (size_t i = 0; i < BINS; i++) {
        low[i] = from + width * (double)i, high[i] = low[i] + width;
        low[i] = d->log ? exp(low[i]) : low[i], high[i] = d->log ? exp(high[i]) : high[i];
    }
    msc_chart_mark *mark = MSC_NEW(p->arena, msc_chart_mark, 1);
    *mark = (msc_chart_mark){.kind = MSC_MARK_BOXES, .colour = BLUE, .n = BINS, .y = y, .low = low, .high = high};
    msc_chart_panel panel = {.x_label = label, .y_label = label, .log_x = d->log, .frame_y = true, .y_high = 1.1 * most, .n_mark = 1,
                             .mark = mark};
    limits_of(d, &panel.x_low, &panel.x_high);
    return panel;
}

static msc_chart_panel scatter_of(const msc_plot_fit *p, const drawn *across, const drawn *up, const char *x_label, const char *y_label)
{
    const size_t n = across->n < DOTS_MOST ? across->n : DOTS_MOST;
    double *x = MSC_NEW(p->arena, double, n), *y = MSC_NEW(p->arena, double, n);
    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)((double)i / (double)n * (double)across->n);
        x[i] = across->value[at], y[i] = up->value[at];
    }
    msc_chart_mark *mark = MSC_NEW(p->arena, msc_chart_mark, 1);
    *mark = (msc_chart_mark){.kind = MSC_MARK_DOTS, .colour = BLUE, .n = n, .x = x, .y = y};
    msc_chart_panel panel = {.x_label = x_label, .y_label = y_label, .log_x = across->log, .log_y = up->log, .plain_y = true, .n_mark = 1,
                             .mark = mark};
    limits_of(across, &panel.x_low, &panel.x_high);
    limits_of(up, &panel.y_low, &panel.y_high);
    return panel;
}

/* Of ranks, which does not depend on scales. */
static msc_chart_panel correlation_of(const msc_plot_fit *p, const drawn *a, const drawn *b)
{
    double *work = MSC_NEW(p->arena, double, 2 * a->n + 1);
    const double r = gsl_stats_spearman(a->value, 1, b->value, 1, a->n, work);
    msc_chart_mark *mark = MSC_NEW(p->arena, msc_chart_mark, 1);
    *mark = (msc_chart_mark){.kind = MSC_MARK_TEXT, .text = isfinite(r) ? msc_arena_printf(p->arena, "%.2f", fabs(r) < 0.005 ? 0 : r) : "\xE2\x80\x93"};
    return (msc_chart_panel){.x_label = "", .y_label = "1", .frame_y = true, .bare = true, .x_high = 1, .y_high = 1, .n_mark = 1, .mark = mark};
}

msc_chart msc_plot_fit_pairs(msc_plot_fit *p)
{
    static const char *const axes[] = {"draw", "ensemble", "walker", "estimate", NULL};
    const double *posterior = msc_plot_fit_real(p, "posterior", axes);
    size_t *list = MSC_NEW(p->arena, size_t, p->n_estimate + 1), n = choose(p, list), draws = 1;
    if (!posterior) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "the file has no posterior: the fit was made without one (fit.sample)");
    }
    for (int i = 0; i < 3; i++) {
        draws *= msc_dataset_axis(p->d, axes[i])->n;
    }
    cut(p, &n);
    drawn *d = MSC_NEW(p->arena, drawn, n);
    for (size_t i = 0; i < n; i++) {
        d[i] = drawn_of(p, posterior, draws, list[i]);
    }
    msc_chart_panel *panel = MSC_NEW(p->arena, msc_chart_panel, n * n);
    for (size_t i = 0; i < n * n; i++) {
        const size_t up = i / n, across = i % n;
        panel[i] = up == across ? histogram_of(p, &d[up], p->estimate[list[up]])
                   : across < up ? scatter_of(p, &d[across], &d[up], p->estimate[list[across]], p->estimate[list[up]])
                                 : correlation_of(p, &d[across], &d[up]);
    }
    tell(p, msc_arena_printf(p->arena, "%zu draws of the posterior%s; above: rank correlations", draws,
                             draws > DOTS_MOST && n > 1 ? msc_arena_printf(p->arena, ", %d of them as dots", DOTS_MOST) : ""));
    return (msc_chart){.n_column = n, .tight = true, .n_panel = n * n, .panel = panel};
}
