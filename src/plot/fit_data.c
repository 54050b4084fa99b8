/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures of a fit's data: observed beside predicted over time, and residuals. A panel for each thing that is observed
 * of a study. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "plot/plot.h"

enum { BLUE = 0, ORANGE = 1, BLACK = 6, VALUE = 0, LEFT = 1, RIGHT = 2, RANGE = 3, INTERVAL = 4, MARKS = 40 };
static const double BEYOND = 0.04; /* of the span of data: how far curves go beyond the last */

typedef struct {
    const char *name, *unit;
    size_t curve, n_row, *row; /* by time */
} panel;

typedef struct {
    msc_plot_fit *p;
    size_t n_row, n_grid, n_panel;
    panel *panel;
    const uint8_t *kind;
    const double *time, *low, *high, *sd, *predicted, *residual_low, *residual_high, *grid;
    const char *const *group;
    double grid_factor; /* to the unit of `time` */
    const char *time_unit;
} data;

static const char *const OF_ROW[] = {"datum", NULL};

static const double *need(msc_plot_fit *p, const char *name)
{
    const double *real = msc_plot_fit_real(p, name, OF_ROW);
    if (!real) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file has no '%s': it is not what this version writes of a fit; fit again", name);
    }
    return real;
}

/* ---- panels ---- */

static const char *curve_of_row(const data *d, size_t i)
{
    const char *study = msc_plot_fit_text(d->p, "datum_study", "datum")[i], *seen = msc_plot_fit_text(d->p, "datum_quantity", "datum")[i];
    return *study ? msc_arena_printf(d->p->arena, "%s: %s", study, seen) : seen;
}

static bool is_wanted(const data *d, const char *curve)
{
    const msc_figure_options *o = d->p->options;
    const char *seen = strstr(curve, ": ");
    for (size_t i = 0; o && i < o->n_quantity; i++) {
        if (strcmp(o->quantity[i], curve) == 0 || (seen && strcmp(o->quantity[i], seen + 2) == 0)) {
            return true;
        }
    }
    return !o || o->n_quantity == 0;
}

/* All of -q must be there. */
static void check_wanted(const data *d, const msc_axis *curve)
{
    const msc_figure_options *o = d->p->options;
    for (size_t i = 0; o && i < o->n_quantity; i++) {
        bool known = false;
        for (size_t k = 0; k < curve->n; k++) {
            const char *seen = strstr(curve->label[k], ": ");
            known = known || strcmp(o->quantity[i], curve->label[k]) == 0 || (seen && strcmp(o->quantity[i], seen + 2) == 0);
        }
        if (!known) {
            msc_throw(d->p->arena, MSC_E_USAGE, NULL, "'%s' is not observed%s", o->quantity[i],
                      msc_text_suggest_or_list(d->p->arena, o->quantity[i], (const char **)(uintptr_t)curve->label, curve->n));
        }
    }
}

static void take_rows(data *d, panel *to)
{
    to->row = MSC_NEW(d->p->arena, size_t, d->n_row);
    for (size_t i = 0; i < d->n_row; i++) {
        if (strcmp(curve_of_row(d, i), to->name) == 0) {
            size_t at = to->n_row++;
            for (; at > 0 && d->time[to->row[at - 1]] > d->time[i]; at--) {
                to->row[at] = to->row[at - 1];
            }
            to->row[at] = i;
        }
    }
}

/* Is it all of one study? Then its name need not be said again and again. */
static const char *short_name(const data *d, const msc_axis *curve, const char *name)
{
    const char *end = strstr(name, ": ");
    for (size_t k = 0; end && k < curve->n; k++) {
        if (strncmp(curve->label[k], name, (size_t)(end - name) + 2) != 0) {
            return name;
        }
    }
    (void)d;
    return end ? end + 2 : name;
}

static void list_panels(data *d)
{
    const msc_axis *curve = msc_dataset_axis(d->p->d, "curve");
    if (!curve || !curve->label) {
        msc_throw(d->p->arena, MSC_E_DATA, NULL, "the file has no curves: it is not what this version writes of a fit; fit again");
    }
    const char *const *unit = msc_plot_fit_text(d->p, "curve_unit", "curve");
    size_t left_out = 0;
    check_wanted(d, curve);
    d->panel = MSC_NEW(d->p->arena, panel, curve->n + 1);
    for (size_t k = 0; k < curve->n; k++) {
        panel *to = &d->panel[d->n_panel];
        *to = (panel){.name = curve->label[k], .unit = unit[k], .curve = k};
        if (!is_wanted(d, to->name)) {
            continue;
        }
        if (d->n_panel == MSC_PLOT_FIT_PANELS) {
            left_out++;
            continue;
        }
        take_rows(d, to);
        to->name = short_name(d, curve, to->name);
        d->n_panel++;
    }
    if (left_out > 0) {
        d->p->note = msc_arena_printf(d->p->arena, "%zu more are left out (-q names them)", left_out);
    }
}

static data read_data(msc_plot_fit *p)
{
    const msc_axis *row = msc_dataset_axis(p->d, "datum"), *grid = msc_dataset_axis(p->d, "band_time");
    const msc_array *kind = msc_dataset_array(p->d, "datum_kind"), *time = msc_dataset_array(p->d, "datum_time");
    data d = {.p = p, .n_row = row->n, .n_grid = grid && grid->value ? grid->n : 0, .grid = grid ? grid->value : NULL};
    if (!kind || kind->kind != MSC_ARRAY_FLAG || msc_array_size(p->d, kind) != row->n) {
        msc_throw(p->arena, MSC_E_DATA, NULL, "the file has no 'datum_kind'");
    }
    d.kind = kind->flag, d.time = need(p, "datum_time"), d.low = need(p, "observed_low"), d.high = need(p, "observed_high");
    d.predicted = need(p, "predicted"), d.sd = need(p, "observed_sd");
    d.residual_low = need(p, "residual_low"), d.residual_high = need(p, "residual_high");
    d.group = msc_plot_fit_text(p, "datum_group", "datum");
    d.time_unit = time->unit ? time->unit : "1";
    double own = 1, day = 1;
    msc_dim dim;
    if (msc_units_parse(p->units, d.time_unit, &own, &dim, NULL) == MSC_OK && grid && grid->unit &&
        msc_units_parse(p->units, grid->unit, &day, &dim, NULL) == MSC_OK) {
        d.grid_factor = day / own;
    } else {
        d.grid_factor = 1;
    }
    list_panels(&d);
    return d;
}

/* ---- marks ---- */

typedef struct {
    size_t n;
    msc_chart_mark *mark;
} marks;

static double *numbers(const data *d, size_t n)
{
    return MSC_NEW(d->p->arena, double, n + 1);
}

/* The rows of one kind; places and ends as `y` has them. */
static void add_rows(const data *d, const panel *of, uint8_t kind, const double *place, double factor, const double *low, const double *high,
                     bool error, marks *to)
{
    static const msc_chart_mark_kind as[] = {MSC_MARK_POINTS, MSC_MARK_DOWN, MSC_MARK_UP, MSC_MARK_BARS, MSC_MARK_BARS};
    double *x = numbers(d, of->n_row), *y = numbers(d, of->n_row), *from = numbers(d, of->n_row), *until = numbers(d, of->n_row);
    const bool bars = kind == RANGE || kind == INTERVAL;
    size_t n = 0;
    for (size_t i = 0; i < of->n_row; i++) {
        const size_t r = of->row[i];
        /* a range whose low end was not seen has one end: it goes down from there */
        const bool one_end = (d->kind[r] == RANGE || d->kind[r] == INTERVAL) && isnan(low[r]);
        if ((one_end ? LEFT : d->kind[r]) != kind) {
            continue;
        }
        x[n] = place[r] * factor, y[n] = kind == LEFT ? high[r] : low[r];
        from[n] = error ? y[n] - d->sd[r] : low[r], until[n] = error ? y[n] + d->sd[r] : high[r];
        n++;
    }
    if (n > 0) {
        to->mark[to->n++] = (msc_chart_mark){.kind = as[kind], .colour = kind == INTERVAL ? ORANGE : BLACK, .n = n, .x = x, .y = bars ? NULL : y,
                                       .low = bars || error ? from : NULL, .high = bars || error ? until : NULL};
    }
}

static void add_all_rows(const data *d, const panel *of, const double *place, double factor, const double *low, const double *high,
                         bool error, marks *to)
{
    add_rows(d, of, RANGE, place, factor, low, high, false, to);
    add_rows(d, of, INTERVAL, place, factor, low, high, false, to);
    add_rows(d, of, LEFT, place, factor, low, high, false, to);
    add_rows(d, of, RIGHT, place, factor, low, high, false, to);
    add_rows(d, of, VALUE, place, factor, low, high, error, to);
}

/* Thin lines through the values of each subject, if there are several. */
static void add_subjects(const data *d, const panel *of, double factor, marks *to)
{
    double *x = numbers(d, 2 * of->n_row), *y = numbers(d, 2 * of->n_row);
    size_t n = 0, lines = 0;
    for (size_t i = 0; i < of->n_row; i++) {
        const char *own = d->group[of->row[i]];
        bool first = *own && d->kind[of->row[i]] == VALUE;
        for (size_t k = 0; k < i && first; k++) {
            first = strcmp(d->group[of->row[k]], own) != 0;
        }
        lines += first;
        for (size_t k = i; k < of->n_row && first; k++) {
            if (strcmp(d->group[of->row[k]], own) == 0 && d->kind[of->row[k]] == VALUE) {
                x[n] = d->time[of->row[k]] * factor, y[n++] = d->low[of->row[k]];
            }
        }
        if (first) {
            x[n] = y[n] = NAN, n++;
        }
    }
    if (lines > 1) {
        to->mark[to->n++] = (msc_chart_mark){.kind = MSC_MARK_THIN, .n = n, .x = x, .y = y};
    }
}

/* The best fit, and the band if there is one: until a little after the last datum of the panel. */
static void add_curve(const data *d, const panel *of, double factor, marks *to)
{
    const double *best = msc_plot_fit_real(d->p, "best", (const char *const[]){"curve", "band_time", NULL});
    const double *band = msc_plot_fit_real(d->p, "band", (const char *const[]){"curve", "band_time", "quantile", NULL});
    const msc_axis *quantile = msc_dataset_axis(d->p->d, "quantile");
    double *x = numbers(d, d->n_grid), *y = numbers(d, d->n_grid), *low = numbers(d, d->n_grid), *high = numbers(d, d->n_grid);
    const double last = d->time[of->row[of->n_row - 1]], first = d->n_grid > 0 ? d->grid[0] * d->grid_factor : 0;
    size_t n = 0;
    for (size_t i = 0; i < d->n_grid && d->grid[i] * d->grid_factor <= last + BEYOND * (last - first); i++, n++) {
        const size_t at = of->curve * d->n_grid + i;
        x[n] = d->grid[i] * d->grid_factor * factor, y[n] = best ? best[at] : (double)NAN;
        low[n] = band ? band[at * quantile->n] : (double)NAN, high[n] = band ? band[at * quantile->n + quantile->n - 1] : (double)NAN;
    }
    if (band) {
        to->mark[to->n++] = (msc_chart_mark){.kind = MSC_MARK_BAND, .colour = BLUE, .n = n, .x = x, .low = low, .high = high};
    }
    if (best) {
        to->mark[to->n++] = (msc_chart_mark){.kind = MSC_MARK_LINE, .colour = BLUE, .n = n, .x = x, .y = y};
    }
}

/* ---- what the marks are ---- */

static bool any(const data *d, uint8_t kind)
{
    for (size_t k = 0; k < d->n_panel; k++) {
        for (size_t i = 0; i < d->panel[k].n_row; i++) {
            if (d->kind[d->panel[k].row[i]] == kind) {
                return true;
            }
        }
    }
    return false;
}

static void tell(data *d, const char *text)
{
    d->p->note = d->p->note ? msc_arena_printf(d->p->arena, "%s; %s", d->p->note, text) : text;
}

static void tell_rows(data *d, bool observed)
{
    bool errors = false, one_end = false, limits = any(d, LEFT) || any(d, RIGHT);
    for (size_t k = 0; k < d->n_panel; k++) {
        for (size_t i = 0; i < d->panel[k].n_row; i++) {
            const size_t r = d->panel[k].row[i];
            errors = errors || (d->kind[r] == VALUE && isfinite(d->sd[r]));
            one_end = one_end || (d->kind[r] == RANGE && !observed && isnan(d->residual_low[r]));
            limits = limits || (d->kind[r] == INTERVAL && !observed && isnan(d->residual_low[r]));
        }
    }
    if (any(d, VALUE)) {
        tell(d, observed && errors ? "points: values, with the sd or se they report" : "points: values");
    }
    if (any(d, RANGE)) {
        tell(d, "bars: from the lowest to the highest of n");
    }
    if (any(d, INTERVAL)) {
        tell(d, "orange bars: between two limits");
    }
    if (limits || one_end) {
        tell(d, one_end ? "arrows: beyond a limit, or ranges of which the low end was not seen" : "arrows: beyond a limit");
    }
}

/* ---- figures ---- */

/* The unit of time in which a panel is best read. */
static const char *time_label(const data *d, const panel *of, double *factor)
{
    const double first = d->n_grid > 0 ? fmin(d->grid[0] * d->grid_factor, 0) : 0, last = d->time[of->row[of->n_row - 1]];
    return msc_arena_printf(d->p->arena, "time (%s)", msc_plot_time_unit(d->p->units, d->time_unit, last - first, factor));
}

static void check_panels(const data *d)
{
    for (size_t k = 0; k < d->n_panel; k++) {
        if (d->panel[k].n_row == 0) {
            msc_throw(d->p->arena, MSC_E_DATA, NULL, "the file has a curve of '%s', but nothing that is observed of it", d->panel[k].name);
        }
    }
}

msc_chart msc_plot_fit_observed(msc_plot_fit *p)
{
    data d = read_data(p);
    check_panels(&d);
    msc_chart_panel *list = MSC_NEW(p->arena, msc_chart_panel, d.n_panel);
    for (size_t k = 0; k < d.n_panel; k++) {
        const panel *of = &d.panel[k];
        marks m = {0, MSC_NEW(p->arena, msc_chart_mark, MARKS)};
        double factor = 1;
        const char *label = time_label(&d, of, &factor);
        add_curve(&d, of, factor, &m);
        add_subjects(&d, of, factor, &m);
        add_all_rows(&d, of, d.time, factor, d.low, d.high, true, &m);
        list[k] = (msc_chart_panel){.name = of->name, .x_label = label, .y_label = of->unit, .log_y = p->options && p->options->log,
                                    .n_mark = m.n, .mark = m.mark};
    }
    tell_rows(&d, true);
    tell(&d, msc_dataset_array(p->d, "band") ? "line: best fit; band: 95 % of the posterior" : "line: best fit");
    return (msc_chart){.n_column = d.n_panel > 2 ? 2 : 1, .n_panel = d.n_panel, .panel = list};
}

/* A limit that holds may be as far off as it likes: it does not widen the axis. */
static double widest(const data *d)
{
    double most = 2.6;
    for (size_t k = 0; k < d->n_panel; k++) {
        for (size_t i = 0; i < d->panel[k].n_row; i++) {
            const size_t r = d->panel[k].row[i];
            const double low = d->residual_low[r], high = d->residual_high[r];
            const bool holds = (d->kind[r] == LEFT && high > 0) || (d->kind[r] == RIGHT && low < 0) ||
                               (d->kind[r] == INTERVAL && !(low > 0) && high > 0);
            const double room = d->kind[r] == LEFT || d->kind[r] == RIGHT ? 1.4 : 1.15; /* for an arrow */
            most = isfinite(low) && !holds ? fmax(most, room * fabs(low)) : most;
            most = isfinite(high) && !holds ? fmax(most, room * fabs(high)) : most;
        }
    }
    return most;
}

/* Into the frame. */
static const double *within(const data *d, const double *residual, double most)
{
    double *x = numbers(d, d->n_row);
    for (size_t i = 0; i < d->n_row; i++) {
        x[i] = isfinite(residual[i]) ? fmin(fmax(residual[i], -0.95 * most), 0.95 * most) : (double)NAN;
    }
    return x;
}

/* "predicted (10â³ cell)", and by what its numbers are divided. */
static const char *predicted_label(const data *d, const panel *of, double *unit)
{
    char power[MSC_NUMBER];
    double most = 0;
    for (size_t i = 0; i < of->n_row; i++) {
        most = fmax(most, fabs(d->predicted[of->row[i]]));
    }
    *unit = msc_scale_unit(most);
    msc_power_text(power, (int)lround(log10(*unit)));
    const bool pure = strcmp(of->unit, "1") == 0;
    return pure && !*power ? "predicted" : msc_arena_printf(d->p->arena, "predicted (%s%s)", power, pure ? "" : of->unit);
}

msc_chart msc_plot_fit_residuals(msc_plot_fit *p)
{
    static const double levels[] = {-1.96, 0, 1.96};
    data d = read_data(p);
    check_panels(&d);
    const double most = widest(&d), *low = within(&d, d.residual_low, most), *high = within(&d, d.residual_high, most);
    const size_t n = d.n_panel > MSC_PLOT_FIT_PANELS / 2 ? MSC_PLOT_FIT_PANELS / 2 : d.n_panel;
    msc_chart_panel *list = MSC_NEW(p->arena, msc_chart_panel, 2 * n);
    if (n < d.n_panel) {
        tell(&d, msc_arena_printf(p->arena, "the first %zu are drawn (-q names others)", n));
        d.n_panel = n;
    }
    for (size_t k = 0; k < 2 * n; k++) {
        const panel *of = &d.panel[k / 2];
        marks m = {0, MSC_NEW(p->arena, msc_chart_mark, MARKS)};
        double factor = 1, unit = 1;
        const char *label = time_label(&d, of, &factor);
        if (k % 2) {
            label = predicted_label(&d, of, &unit);
        }
        m.mark[m.n++] = (msc_chart_mark){.kind = MSC_MARK_LEVELS, .colour = BLUE, .n = 3, .y = levels};
        add_all_rows(&d, of, k % 2 ? d.predicted : d.time, k % 2 ? 1 / unit : factor, low, high, false, &m);
        list[k] = (msc_chart_panel){.name = k % 2 ? NULL : of->name, .x_label = label, .y_label = k % 2 ? "1" : "residual (sd)",
                                    .log_x = k % 2 && p->options && p->options->log, .plain_y = true, .y_low = -most, .y_high = most,
                                    .n_mark = m.n, .mark = m.mark};
    }
    tell_rows(&d, false);
    tell(&d, "observed less predicted in standard deviations of the error; lines at 0 and \xC2\xB1" "1.96");
    return (msc_chart){.n_column = 2, .n_panel = 2 * n, .panel = list};
}
