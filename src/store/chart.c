/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Charts as a gnuplot script: where panels stand, and their axes; marks are in chart_mark.c. */
#include "store/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/chart_mark.h"

enum { HIGH = 118, RIGHT = 14, ABOVE = 8, BELOW = 24, LABEL = 16, TIGHT = 480, TIGHT_LEAST = 80, TIGHT_MOST = 170, TIGHT_GAP = 8, TIGHT_LEFT = 78, SIDE = MSC_LEFT };
enum { WIDE = 280, ROW_GAP = 12 }; /* of a column; below the numbers of a row that is not the last */
static const double FLOOR = 1e-6; /* of the highest: a logarithmic axis goes no lower */
static const double HEADROOM = 0.04;

typedef struct {
    const msc_chart *chart;
    msc_canvas c;
    size_t column, row; /* of the panel under way */
} drawing;

/* Of tight panels: they share the width of a figure, as far as that goes. */
static int cell_of(const msc_chart *c)
{
    const int each = TIGHT / (int)c->n_column;
    return each < TIGHT_LEAST ? TIGHT_LEAST : each > TIGHT_MOST ? TIGHT_MOST : each;
}

static size_t rows_of(const msc_chart *c)
{
    return (c->n_panel + c->n_column - 1) / c->n_column;
}

/* ---- how far axes go ---- */

static void widen(double x, bool log, double *low, double *high)
{
    if (isfinite(x) && (!log || x > 0)) {
        *low = fmin(*low, x), *high = fmax(*high, x);
    }
}

static void extent_y(const msc_chart_panel *p, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (size_t k = 0; k < p->n_mark; k++) {
        const msc_chart_mark *m = &p->mark[k];
        const bool upright = m->kind != MSC_MARK_BOXES;
        for (size_t i = 0; i < m->n; i++) {
            widen(m->y ? m->y[i] : (double)NAN, p->log_y, low, high);
            widen(m->low && upright ? m->low[i] : (double)NAN, p->log_y, low, high);
            widen(m->high && upright ? m->high[i] : (double)NAN, p->log_y, low, high);
            widen(upright ? (double)NAN : 0, p->log_y, low, high);
        }
    }
}

static void extent_x(const msc_chart_panel *p, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (size_t k = 0; k < p->n_mark; k++) {
        const msc_chart_mark *m = &p->mark[k];
        for (size_t i = 0; i < m->n; i++) {
            widen(m->x ? m->x[i] : (double)NAN, p->log_x, low, high);
            widen(m->kind == MSC_MARK_BOXES ? m->low[i] : (double)NAN, p->log_x, low, high);
            widen(m->kind == MSC_MARK_BOXES ? m->high[i] : (double)NAN, p->log_x, low, high);
        }
    }
}

/* A little room on both sides, and some width at all. */
static void pad(bool log, double *low, double *high)
{
    if (!(*high >= *low)) {
        *low = log ? 1 : 0, *high = log ? 10 : 1;
    }
    if (!(*high - *low > 1e-9 * fmax(fabs(*low), fabs(*high)))) {
        const double half = *low != 0 ? 0.1 * fabs(*low) : 1;
        *low -= log ? 0.5 * half : half, *high += half;
    }
    if (log) {
        const double part = pow(*high / *low, HEADROOM);
        *low /= part, *high *= part;
    } else {
        const double part = HEADROOM * (*high - *low);
        *low -= part, *high += part;
    }
}

static void choose_x(msc_chart_axes *a, const msc_chart_panel *p)
{
    a->x_low = p->x_low, a->x_high = p->x_high, a->log_x = p->log_x;
    if (p->x_low != p->x_high) {
        return;
    }
    extent_x(p, &a->x_low, &a->x_high);
    a->log_x = p->log_x && a->x_high > 0;
    pad(a->log_x, &a->x_low, &a->x_high);
}

/* For arrows, but not below nothing. */
static void make_room(const msc_chart_panel *p, msc_chart_axes *a)
{
    const msc_chart_axes as_is = *a;
    for (size_t k = 0; k < p->n_mark; k++) {
        const msc_chart_mark *m = &p->mark[k];
        for (size_t i = 0; i < m->n && as_is.y_high > as_is.y_low; i++) {
            if (m->kind == MSC_MARK_UP && isfinite(m->y[i])) {
                a->y_high = fmax(a->y_high, msc_chart_arrow(&as_is, m->y[i], true));
            } else if (m->kind == MSC_MARK_DOWN && isfinite(m->y[i]) && as_is.y_low != 0) {
                a->y_low = fmin(a->y_low, msc_chart_arrow(&as_is, m->y[i], false));
            }
        }
    }
}

static void choose_y(msc_chart_axes *a, const msc_chart_panel *p)
{
    a->unit = 1, a->y_low = p->y_low, a->y_high = p->y_high, a->log_y = p->log_y;
    if (p->y_low != p->y_high) {
        return;
    }
    extent_y(p, &a->y_low, &a->y_high);
    a->log_y = p->log_y && a->y_high > 0;
    if (a->log_y) {
        a->y_low = fmax(a->y_low, FLOOR * a->y_high);
    } else if (!p->plain_y && a->y_low >= 0) {
        a->y_low = 0; /* a quantity is read from nothing on */
    }
    make_room(p, a);
    if (!p->plain_y) {
        a->unit = a->log_y ? 1 : msc_scale_unit(fmax(fabs(a->y_low), fabs(a->y_high)));
    }
    a->y_low /= a->unit, a->y_high /= a->unit;
    const bool at_zero = a->y_low == 0;
    pad(a->log_y, &a->y_low, &a->y_high);
    a->y_low = at_zero ? 0 : a->y_low;
}

/* ---- axes ---- */

/* There its number would run into the next panel's. */
static bool near_end(const msc_chart *c, bool log_scale, double low, double high, double x)
{
    const double part = 7.0 / cell_of(c);
    const double share = log_scale ? log(x / low) / log(high / low) : (x - low) / (high - low);
    return share < part || share > 1 - part;
}

static void put_ticks(drawing *d, char axis, bool log, bool named, double low, double high, size_t about)
{
    double tick[MSC_TICKS];
    char text[MSC_NUMBER];
    const size_t n = msc_scale_ticks(low, high, log, about, tick);
    fprintf(d->c.out, "set %ctics out nomirror (", axis);
    for (size_t i = 0; i < n; i++) {
        const bool here = named && !(d->chart->tight && near_end(d->chart, log, low, high, tick[i]));
        fprintf(d->c.out, "%s'%s' %.10g", i > 0 ? ", " : "", here ? msc_round_text(text, tick[i]) : "", tick[i]);
    }
    fprintf(d->c.out, ") noenhanced font ',11'\n");
}

/* Numbers are as wide as their letters: of narrow panels fewer fit. */
static size_t ticks_fit(double low, double high, bool log, double width)
{
    double tick[MSC_TICKS];
    char text[MSC_NUMBER];
    size_t about = 6;
    for (; about > 2; about--) {
        double letters = 0;
        const size_t n = msc_scale_ticks(low, high, log, about, tick);
        for (size_t i = 0; i < n; i++) {
            letters += (double)msc_letters(msc_round_text(text, tick[i])) + 1.5;
        }
        if (letters * MSC_LETTER < width) {
            break;
        }
    }
    return about;
}

static bool last_of_column(const drawing *d, size_t k)
{
    const msc_chart *c = d->chart;
    for (size_t i = k + c->n_column; i < c->n_panel; i += c->n_column) {
        if (c->panel[i].n_mark > 0) {
            return false;
        }
    }
    return true;
}

/* Is it said again by the panel under it? */
static bool x_is_told(const drawing *d, size_t k)
{
    const msc_chart *c = d->chart;
    const size_t under = k + c->n_column;
    return under < c->n_panel && c->panel[under].n_mark > 0 && strcmp(c->panel[under].x_label, c->panel[k].x_label) == 0;
}

static void put_axes(drawing *d, size_t k, const msc_chart_axes *a)
{
    const msc_chart_panel *p = &d->chart->panel[k];
    const bool tight = d->chart->tight, names_x = !tight || last_of_column(d, k), names_y = (!tight || d->column == 0) && !p->frame_y;
    const double width = a->right - a->left;
    char text[240], power[MSC_NUMBER];
    msc_canvas_frame(&d->c, a->left, a->right, a->bottom, a->top);
    fputs(p->bare ? "unset border; unset xtics; unset ytics; unset grid\n" : "set border 3 lw 0.8\n", d->c.out);
    fprintf(d->c.out, "unset logscale; set xrange [%.10g:%.10g]; set yrange [%.10g:%.10g]\n", a->x_low, a->x_high, a->y_low, a->y_high);
    fprintf(d->c.out, "%s%s", a->log_x ? "set logscale x\n" : "", a->log_y ? "set logscale y\n" : "");
    if (p->bare) {
        return;
    }
    fputs("set grid ytics back lt 1 lw 0.4 lc rgb '#DDDDDD'\n", d->c.out);
    put_ticks(d, 'x', a->log_x, names_x, a->x_low, a->x_high, ticks_fit(a->x_low, a->x_high, a->log_x, width));
    if (p->frame_y) {
        fputs("unset ytics\n", d->c.out);
    } else {
        put_ticks(d, 'y', a->log_y, names_y, a->y_low, a->y_high, tight ? 3 : 5);
    }
    if (names_x && !(x_is_told(d, k) && !tight)) {
        const size_t most = (size_t)(width / (tight ? 6 : MSC_LETTER));
        snprintf(text, sizeof text, "%.*s", (int)(tight && most < 200 ? most : 200), p->x_label);
        msc_canvas_label(&d->c, text, sizeof text, (a->left + a->right) / 2, a->bottom - BELOW - LABEL / 2.0, tight ? "center font ',10'" : "center font ',11'");
    }
    if (!tight || d->column == 0) {
        msc_power_text(power, (int)lround(log10(a->unit)));
        snprintf(text, sizeof text, "%s%.150s", power, strcmp(p->y_label, "1") == 0 ? "" : p->y_label);
        msc_canvas_upright(&d->c, text, a->left - (tight ? TIGHT_LEFT : SIDE) + 9, (a->bottom + a->top) / 2, a->top - a->bottom + 20);
    }
}

/* ---- where panels stand ---- */

static double column_width(const drawing *d)
{
    return d->chart->tight ? cell_of(d->chart) + TIGHT_GAP : (double)(d->c.width - 6) / (double)d->chart->n_column;
}

static double left_of(const drawing *d, size_t column)
{
    return d->chart->tight ? TIGHT_LEFT + (double)column * column_width(d) : SIDE + (double)column * column_width(d);
}

static msc_wrapped heading(const drawing *d, const msc_chart_panel *p)
{
    return msc_canvas_heading(p->name ? p->name : "", column_width(d) - SIDE + 4);
}

/* Above and below the frames of a row. */
static double head_height(const drawing *d, size_t row)
{
    size_t lines = 0;
    for (size_t i = row * d->chart->n_column; i < d->chart->n_panel && i < (row + 1) * d->chart->n_column && !d->chart->tight; i++) {
        const size_t n = heading(d, &d->chart->panel[i]).n;
        lines = n > lines ? n : lines;
    }
    return d->chart->tight ? TIGHT_GAP : (double)(lines * MSC_LINE) + ABOVE;
}

static double foot_height(const drawing *d, size_t row)
{
    bool label = false;
    for (size_t i = row * d->chart->n_column; i < d->chart->n_panel && i < (row + 1) * d->chart->n_column; i++) {
        label = label || (d->chart->panel[i].n_mark > 0 && !x_is_told(d, i));
    }
    return d->chart->tight || row + 1 == rows_of(d->chart) ? 0 : BELOW + ROW_GAP + (label ? LABEL : 0);
}

static double frame_height(const drawing *d)
{
    return d->chart->tight ? cell_of(d->chart) : HIGH;
}

static void put_panel(drawing *d, size_t k, double top)
{
    const msc_chart_panel *p = &d->chart->panel[k];
    msc_chart_axes a = {.left = left_of(d, d->column), .top = top, .bottom = top - frame_height(d)};
    a.right = d->chart->tight ? a.left + cell_of(d->chart) : left_of(d, d->column + 1) - SIDE - RIGHT;
    choose_x(&a, p);
    choose_y(&a, p);
    put_axes(d, k, &a);
    if (p->name && !d->chart->tight) {
        const msc_wrapped head = heading(d, p);
        msc_canvas_lines(&d->c, &head, a.left, top + (double)(head.n * MSC_LINE) + ABOVE - MSC_LINE / 2.0 - 2, MSC_LINE, "left font ',11'");
    }
    if (k == 0) {
        msc_canvas_margin_texts(&d->c, d->chart->title, d->chart->note);
    }
    msc_chart_put_marks(&d->c, p, &a, k);
}

static double measure(drawing *d)
{
    const size_t n = d->chart->n_column;
    d->c.width = d->chart->tight ? TIGHT_LEFT + (cell_of(d->chart) + TIGHT_GAP) * (int)n + RIGHT : n == 1 ? MSC_WIDTH : (int)n * WIDE;
    d->c.width = d->c.width < 330 ? 330 : d->c.width;
    double height = msc_canvas_margins(&d->c, d->chart->title, d->chart->note);
    for (size_t r = 0; r < rows_of(d->chart); r++) {
        height += head_height(d, r) + frame_height(d) + foot_height(d, r);
    }
    return height;
}

msc_status msc_chart_script(const msc_chart *chart, msc_figure_kind kind, char **script, msc_error *err)
{
    drawing d = {.chart = chart};
    const msc_status status = msc_canvas_begin(&d.c, script, err);
    if (status != MSC_OK) {
        return status;
    }
    d.c.height = (int)measure(&d);
    msc_canvas_terminal(&d.c, kind);
    double top = d.c.height - MSC_TOP - (double)msc_canvas_title(&d.c, chart->title).n * (MSC_LINE + 2);
    for (d.row = 0; d.row < rows_of(chart); d.row++) {
        top -= head_height(&d, d.row);
        for (d.column = 0; d.column < chart->n_column; d.column++) {
            const size_t k = d.row * chart->n_column + d.column;
            if (k < chart->n_panel && chart->panel[k].n_mark > 0) {
                fputs("unset label; unset arrow; unset object\n", d.c.out);
                put_panel(&d, k, top);
            }
        }
        top -= frame_height(&d) + foot_height(&d, d.row);
    }
    return msc_canvas_end(&d.c, err);
}
