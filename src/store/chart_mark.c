/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Marks of charts: data for gnuplot, and how it draws them. */
#include "store/chart_mark.h"

#include <math.h>

static const double ARROW = 0.13; /* of the panel's height */

/* In the axis' unit; what a logarithmic axis cannot show leaves through its floor. */
static double shown(const msc_chart_axes *a, double y)
{
    y /= a->unit;
    return a->log_y && y < a->y_low ? a->y_low * 0.5 : y;
}

double msc_chart_arrow(const msc_chart_axes *a, double y, bool up)
{
    const double share = up ? ARROW : -ARROW;
    return a->log_y ? y * pow(a->y_high / a->y_low, share) : y + share * (a->y_high - a->y_low);
}

/* Within the frame. */
static double arrow_end(const msc_chart_axes *a, double y, bool up)
{
    return fmin(fmax(msc_chart_arrow(a, y, up), a->y_low), a->y_high);
}

static bool has_data(msc_chart_mark_kind kind)
{
    return kind != MSC_MARK_LEVELS && kind != MSC_MARK_PLACES && kind != MSC_MARK_TEXT;
}

static void put_row(msc_canvas *c, const msc_chart_mark *m, const msc_chart_axes *a, size_t i)
{
    const double x = m->x ? m->x[i] : (double)NAN, y = m->y ? shown(a, m->y[i]) : (double)NAN;
    const bool error = m->kind == MSC_MARK_POINTS && m->low && isfinite(m->low[i]) && isfinite(m->high[i]);
    msc_canvas_number(c, m->kind == MSC_MARK_BOXES ? (m->low[i] + m->high[i]) / 2 : x);
    switch (m->kind) {
    case MSC_MARK_BAND:
    case MSC_MARK_BARS:
        msc_canvas_number(c, shown(a, m->low[i]));
        msc_canvas_number(c, shown(a, m->high[i]));
        break;
    case MSC_MARK_POINTS:
        msc_canvas_number(c, y);
        msc_canvas_number(c, error ? shown(a, m->low[i]) : (double)NAN);
        msc_canvas_number(c, error ? shown(a, m->high[i]) : (double)NAN);
        break;
    case MSC_MARK_DOWN:
    case MSC_MARK_UP:
        msc_canvas_number(c, y);
        msc_canvas_number(c, arrow_end(a, y, m->kind == MSC_MARK_UP) - y);
        break;
    case MSC_MARK_BOXES:
        msc_canvas_number(c, y);
        msc_canvas_number(c, m->low[i]);
        msc_canvas_number(c, m->high[i]);
        break;
    case MSC_MARK_LINE:
    case MSC_MARK_THIN:
    case MSC_MARK_DOTS:
    case MSC_MARK_LEVELS:
    case MSC_MARK_PLACES:
    case MSC_MARK_TEXT: msc_canvas_number(c, y); break;
    }
    fputs("\n", c->out);
}

/* Lines break, and nothing else is drawn, where there is no number. */
static void put_data(msc_canvas *c, const msc_chart_mark *m, const msc_chart_axes *a, size_t k, size_t mark)
{
    fprintf(c->out, "$c%zu_%zu << END\n", k, mark);
    for (size_t i = 0; i < m->n; i++) {
        const bool band = m->kind == MSC_MARK_BAND || m->kind == MSC_MARK_BARS;
        if (isfinite(m->x ? m->x[i] : m->low[i]) && isfinite(band ? m->low[i] + m->high[i] : m->y[i])) {
            put_row(c, m, a, i);
        } else {
            fputs("\n", c->out);
        }
    }
    fputs("END\n", c->out);
}

static void put_lines(msc_canvas *c, const msc_chart_mark *m, const msc_chart_axes *a)
{
    for (size_t i = 0; i < m->n && m->kind == MSC_MARK_LEVELS; i++) {
        const double y = shown(a, m->y[i]);
        fprintf(c->out, "set arrow from graph 0,first %.10g to graph 1,first %.10g nohead back lw 0.9 dt (5,3) lc rgb '%s'\n", y, y,
                msc_canvas_colour(m->colour));
    }
    for (size_t i = 0; i < m->n && m->kind == MSC_MARK_PLACES; i++) {
        fprintf(c->out, "set arrow from first %.10g,graph 0 to first %.10g,graph 1 nohead back lw 1.0 lc rgb '%s'\n", m->x[i], m->x[i],
                msc_canvas_colour(m->colour));
    }
    if (m->kind == MSC_MARK_TEXT) {
        msc_canvas_label(c, m->text, 200, (a->left + a->right) / 2, (a->bottom + a->top) / 2, "center font ',12'");
    }
}

static bool has_errors(const msc_chart_mark *m)
{
    bool any = false;
    for (size_t i = 0; m->low && i < m->n; i++) {
        any = any || (isfinite(m->low[i]) && isfinite(m->high[i]));
    }
    return any;
}

static void put_plot(msc_canvas *c, const msc_chart_mark *m, size_t k, size_t mark)
{
    const char *colour = msc_canvas_colour(m->colour);
    fprintf(c->out, "$c%zu_%zu using ", k, mark);
    switch (m->kind) {
    case MSC_MARK_BAND: fprintf(c->out, "1:2:3 with filledcurves fs transparent solid 0.25 noborder fc rgb '%s'", colour); break;
    case MSC_MARK_LINE: fprintf(c->out, "1:2 with lines lw 1.6 lc rgb '%s'", colour); break;
    case MSC_MARK_THIN: fprintf(c->out, "1:2 with lines lw 0.6 lc rgb '#999999'"); break;
    case MSC_MARK_POINTS:
        if (has_errors(m)) { /* error bars of gnuplot's would leave gaps about the points */
            fprintf(c->out, "1:3:(0):($4-$3) with vectors nohead lw 1.1 lc rgb '%s', $c%zu_%zu using ", colour, k, mark);
        }
        fprintf(c->out, "1:2 with points pt 7 ps 0.75 lc rgb '%s'", colour);
        break;
    case MSC_MARK_DOTS: fprintf(c->out, "1:2 with points pt 7 ps 0.16 lc rgb '%s'", colour); break;
    case MSC_MARK_BARS: fprintf(c->out, "1:2:(0):($3-$2) with vectors nohead lw 3.4 lc rgb '%s'", colour); break;
    case MSC_MARK_DOWN:
    case MSC_MARK_UP:
        fprintf(c->out, "1:2:(0):3 with vectors head filled size graph 0.018,28 lw 1.4 lc rgb '%s', $c%zu_%zu using 1:2 with points pt 6 ps 0.75 "
                "lc rgb '%s'", colour, k, mark, colour);
        break;
    case MSC_MARK_BOXES:
        fprintf(c->out, "1:($2/2.0):3:4:(0):2 with boxxyerror fc rgb '%s' fs solid 0.45 border lc rgb 'white' lw 0.4", colour);
        break;
    case MSC_MARK_LEVELS:
    case MSC_MARK_PLACES:
    case MSC_MARK_TEXT: break;
    }
}

void msc_chart_put_marks(msc_canvas *c, const msc_chart_panel *panel, const msc_chart_axes *axes, size_t k)
{
    const char *between = "plot ";
    for (size_t i = 0; i < panel->n_mark; i++) {
        if (has_data(panel->mark[i].kind)) {
            put_data(c, &panel->mark[i], axes, k, i);
        } else {
            put_lines(c, &panel->mark[i], axes);
        }
    }
    for (size_t i = 0; i < panel->n_mark; i++) {
        if (has_data(panel->mark[i].kind) && panel->mark[i].n > 0) {
            fputs(between, c->out);
            put_plot(c, &panel->mark[i], k, i);
            between = ", ";
        }
    }
    fputs(*between == 'p' ? "plot NaN notitle\n" : "\n", c->out);
}
