/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A figure as a gnuplot script. All that gnuplot would choose for itself and that makes a figure bad is
 * chosen here: margins, where names of curves go, powers of ten, what a logarithmic axis shows. */
#include "store/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "store/figure_curve.h"
#include "store/figure_range.h"

enum { RIGHT = 18, GAP = 20, PANEL = 132, POINTS = 1500, MARKED = 60, DOSE_NAMES = 64 };
static const double SEEN = 0.005; /* of a panel's height: less is no jump to the eye */

typedef struct {
    const msc_figure *f;
    msc_canvas c;
    int right; /* pixels */
    double unit;              /* of the data in a panel: a power of ten */
    double low, high;         /* of the y axis, in that unit */
    double top, panel;        /* of the panel: pixels from below, height */
    double from, to;          /* of the x axis */
} drawing;

/* ---- the axis ---- */

static double clipped(const drawing *d, double y)
{
    y /= d->unit;
    return d->f->log && y < d->low ? d->low * 1e-3 : y; /* leaves through the floor */
}

/* How far up the panel a value is, 0 to 1. */
static double share(const drawing *d, double y)
{
    y /= d->unit;
    const double s = d->f->log ? y > d->low ? log(y / d->low) / log(d->high / d->low) : 0
                               : (y - d->low) / (d->high - d->low);
    return isfinite(s) ? fmin(fmax(s, 0), 1) : 0;
}

/* Of a short logarithmic axis not only the powers of ten. */
static void put_narrow_ticks(drawing *d)
{
    char power[MSC_NUMBER];
    const char *between = "set ytics (";
    if (d->high / d->low < 5) { /* equal steps then have more round numbers */
        double tick[MSC_TICKS];
        const size_t n = msc_scale_ticks(d->low, d->high, false, 4, tick);
        for (size_t i = 0; i < n; i++) {
            fprintf(d->c.out, "%s'%s' %.10g", i > 0 ? ", " : "set ytics (", msc_round_text(power, tick[i]), tick[i]);
        }
        fputs(")\n", d->c.out);
        return;
    }
    for (double x = d->low; x <= d->high * (1 + 1e-9);) {
        const int decade = (int)floor(log10(x) + 1e-9);
        const double part = round(x / pow(10, decade));
        fprintf(d->c.out, "%s'%s' %.10g", between, msc_round_text(power, part * pow(10, decade)), x);
        between = ", ";
        x = (part < 2 ? 2 : part < 5 ? 5 : 10) * pow(10, decade);
    }
    fputs(")\n", d->c.out);
}

/* "10⁶ cell" beside the axis, as much of it as is as long as the panel is high. */
static void put_unit(drawing *d, const msc_panel *p)
{
    char power[MSC_NUMBER], label[240];
    const bool pure = strcmp(p->unit, "1") == 0;
    msc_power_text(power, (int)lround(log10(d->unit)));
    snprintf(label, sizeof label, "%s%.150s", power, pure ? "" : p->unit);
    msc_canvas_upright(&d->c, label, 13, d->top - d->panel / 2, d->panel);
}

static void put_x_ticks(drawing *d, bool last)
{
    const msc_figure *f = d->f;
    double own[MSC_TICKS];
    const double *tick = f->n_tick > 0 ? f->tick : own, wide = d->c.width - MSC_LEFT - d->right;
    const size_t n = f->n_tick > 0 ? f->n_tick : msc_scale_ticks_within(f->time[0], f->time[f->n_time - 1], f->log_x, 6, wide, own);
    fputs("set xtics (", d->c.out);
    for (size_t i = 0; i < n; i++) {
        char number[MSC_NUMBER];
        const char *text = f->tick_text ? f->tick_text[i] : msc_round_text(number, tick[i]);
        fputs(i > 0 ? ", " : "", d->c.out);
        msc_canvas_text(&d->c, last ? text : "", strlen(text) + 1);
        fprintf(d->c.out, " %.10g", tick[i]);
    }
    fputs(f->log_x ? ") noenhanced; set logscale x\n" : ") noenhanced\n", d->c.out);
}

static void put_axis(drawing *d, const msc_panel *p, bool last)
{
    const msc_figure *f = d->f;
    const bool logarithmic = f->log && d->low > 0;
    msc_canvas_frame(&d->c, MSC_LEFT, d->c.width - d->right, d->top - d->panel, d->top);
    fprintf(d->c.out, "set xrange [%.10g:%.10g]; set yrange [%.10g:%.10g]\n", d->from, d->to, d->low, d->high);
    fprintf(d->c.out, logarithmic
                        ? "set logscale y; set format y '10^{%%L}'; set ytics 10; set mytics 10\n"
                        : "unset logscale; set format y '%%g'; set ytics autofreq; set mytics 2\n");
    if (logarithmic && d->high / d->low < 2 * MSC_FIGURE_NARROW) {
        put_narrow_ticks(d);
    }
    put_x_ticks(d, last);
    put_unit(d, p);
    if (last) {
        msc_canvas_label(&d->c, f->time_label, strlen(f->time_label), (MSC_LEFT + d->c.width - d->right) / 2.0,
                  d->top - d->panel - 38, "center");
    }
}

/* ---- doses ---- */

/* Doses that are named together, and where: pixels from the y axis. */
typedef struct {
    size_t first, end;
    char text[80];
    double middle, half;
} dose_name;

static dose_name name_doses(const drawing *d, size_t first, size_t end)
{
    const double wide = d->c.width - MSC_LEFT - d->right, *dose = d->f->dose;
    dose_name name = {.first = first, .end = end};
    if (end == first + 1) {
        snprintf(name.text, sizeof name.text, "dose %zu", end);
    } else {
        snprintf(name.text, sizeof name.text, "doses %zu%s%zu", first + 1, end == first + 2 ? ", " : "\xE2\x80\x93", end);
    }
    name.half = 3.1 * (double)msc_letters(name.text) + 2;
    name.middle = ((dose[first] + dose[end - 1]) / 2 - d->from) / (d->to - d->from) * wide;
    name.middle = fmin(fmax(name.middle, name.half), wide - 4); /* clear of the y axis */
    return name;
}

/* Above the first panel, one for all whose names would touch. */
static void put_dose_names(drawing *d)
{
    dose_name name[DOSE_NAMES]; /* more do not fit beside each other */
    size_t n = 0;
    for (size_t i = 0; i < d->f->n_dose; i++) {
        name[n++] = name_doses(d, i, i + 1);
        while (n > 1 && (n == DOSE_NAMES || name[n - 2].middle + name[n - 2].half + 6 > name[n - 1].middle - name[n - 1].half)) {
            name[n - 2] = name_doses(d, name[n - 2].first, name[n - 1].end);
            n--;
        }
    }
    for (size_t i = 0; i < n; i++) {
        msc_canvas_label(&d->c, name[i].text, sizeof name[i].text, MSC_LEFT + name[i].middle, d->top + 8,
                         "center font ',11' tc rgb '#555555'");
    }
}

static void put_doses(drawing *d, bool first)
{
    const msc_figure *f = d->f;
    for (size_t i = 0; i < f->n_dose; i++) {
        fprintf(
            d->c.out,
            "set arrow from first %.10g,graph 0 to first %.10g,graph 1 nohead back lw 0.8 dt (4,4) lc rgb '#777777'\n",
            f->dose[i], f->dose[i]);
    }
    if (first && d->to > d->from) {
        put_dose_names(d);
    }
}

/* ---- names of curves, right of the panel at the heights where they end ---- */

typedef struct {
    size_t curve;
    double at; /* pixels from below */
} legend;

static double ends_at(const drawing *d, const msc_curve *c)
{
    for (size_t i = d->f->n_time; i-- > 0;) {
        const double y =
            c->y ? c->y[i * c->stride] : (c->low[i * c->stride] + c->high[i * c->stride]) / 2;
        if (isfinite(y)) {
            return y;
        }
    }
    return 0;
}

/* The later of two that are off the floor of a logarithmic axis; or else the higher. */
static double lasting(const drawing *d, const msc_curve *c)
{
    for (size_t i = d->f->n_time; d->f->log && i-- > 0;) {
        if (share(d, (c->y ? c->y : c->high)[i * c->stride]) > 0) {
            return (double)i;
        }
    }
    double most = -INFINITY;
    for (size_t i = 0; i < d->f->n_time; i++) {
        const double y = (c->y ? c->y : c->high)[i * c->stride];
        most = y > most ? y : most;
    }
    return most;
}

/* Gives how many have a name. */
static size_t order(const drawing *d, const msc_panel *p, legend *list)
{
    size_t n = 0;
    for (size_t c = 0; c < p->n_curve; c++) {
        if (!p->curve[c].label) {
            continue;
        }
        const double s = share(d, ends_at(d, &p->curve[c]));
        legend own = {c, d->top - d->panel + s * d->panel};
        size_t i = n++;
        /* those that end together stand in the order in which they ended, or of their peaks */
        while (i > 0 && (list[i - 1].at < own.at - 0.5 ||
                         (list[i - 1].at < own.at + 0.5 &&
                          lasting(d, &p->curve[list[i - 1].curve]) < lasting(d, &p->curve[c])))) {
            list[i] = list[i - 1];
            i--;
        }
        list[i] = own;
    }
    for (size_t i = 0; i < n; i++) {
        const double most = i == 0 ? d->top - MSC_LINE / 3.0 : list[i - 1].at - MSC_LINE;
        list[i].at = fmin(list[i].at, most);
    }
    for (size_t i = n; i-- > 0;) {
        const double least =
            i + 1 == n ? d->top - d->panel + MSC_LINE / 3.0 : list[i + 1].at + MSC_LINE;
        list[i].at = fmax(list[i].at, least);
    }
    return n;
}

static const char *colour_of(const msc_curve *c)
{
    return msc_canvas_colour(c->colour);
}

static void line_style(drawing *d, const msc_curve *c)
{
    fprintf(d->c.out, "lw 1.6 lc rgb '%s' dt %s", colour_of(c), msc_figure_dash(c->dash));
}

static void put_legend(drawing *d, const msc_panel *p)
{
    legend list[MSC_FIGURE_CURVES];
    const size_t n = order(d, p, list);
    const double x = d->c.width - d->right;
    for (size_t i = 0; i < n; i++) {
        const msc_curve *c = &p->curve[list[i].curve];
        const double y = list[i].at / d->c.height;
        if (c->y) {
            fprintf(d->c.out, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead front ",
                    (x + 8) / d->c.width, y, (x + 26) / d->c.width, y);
            line_style(d, c);
            putc('\n', d->c.out);
        } else {
            fprintf(
                d->c.out,
                "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f front fc rgb '%s' fs transparent "
                "solid 0.35 noborder\n",
                (x + 8) / d->c.width, (list[i].at - 4) / d->c.height, (x + 26) / d->c.width,
                (list[i].at + 4) / d->c.height, colour_of(c));
        }
        msc_canvas_label(&d->c, c->label, strlen(c->label), x + 31, list[i].at, "left font ',11'");
    }
}

/* ---- data ---- */

/* Of very many times those are drawn that a reader could tell apart: in each of POINTS parts the
 * first, the lowest, the highest and the last. Gives how many places are in `list`, which has 4. */
static size_t telling(const msc_figure *f, const msc_curve *c, size_t from, size_t to, size_t *list)
{
    const double *y = c->y ? c->y : c->high;
    size_t low = from, high = from, n = 0;
    for (size_t i = from; i < to; i++) {
        low = y[i * c->stride] < y[low * c->stride] ? i : low;
        high = y[i * c->stride] > y[high * c->stride] ? i : high;
    }
    const size_t all[] = {from, low < high ? low : high, low < high ? high : low, to - 1};
    for (size_t i = 0; i < 4; i++) {
        if (n == 0 || all[i] > list[n - 1]) {
            list[n++] = all[i];
        }
    }
    (void)f;
    return n;
}

/* Does a line of values jump at time i, so that one would see it? */
static bool jumps(const drawing *d, const double *y, size_t stride, size_t i)
{
    const double rise = share(d, y[i * stride]) - share(d, y[(i - 1) * stride]);
    return d->f->jump[i] && !(fabs(rise) < SEEN) && !msc_figure_joins(d->f, y, stride, i);
}

/* Does no line of the curve lead to time i? A band goes on over a dose. */
static bool is_broken(const drawing *d, const msc_curve *c, size_t i)
{
    return d->f->jump[i] && (d->f->plain || (c->y && jumps(d, c->y, c->stride, i)));
}

static void put_row(drawing *d, double time, double low, double high, bool both)
{
    fprintf(d->c.out, "%.10g", time);
    msc_canvas_number(&d->c, clipped(d, low));
    if (both) {
        msc_canvas_number(&d->c, clipped(d, high));
    }
    putc('\n', d->c.out);
}

/* An edge of a band that a dose moves keeps up to it what it was, and then has its new value. */
static void put_edge(drawing *d, const msc_curve *c, size_t i)
{
    const double *edge[2] = {c->low, c->high};
    double at[2];
    for (int k = 0; k < 2; k++) {
        at[k] = edge[k][(jumps(d, edge[k], c->stride, i) ? i - 1 : i) * c->stride];
    }
    if (isfinite(at[0]) && isfinite(at[1])) {
        put_row(d, d->f->time[i], at[0], at[1], true);
    }
}

static void put_data(drawing *d, const msc_curve *c, size_t panel, size_t curve)
{
    const msc_figure *f = d->f;
    const size_t parts = f->n_time > 4 * POINTS ? POINTS : f->n_time;
    size_t drawn = 0;
    fprintf(d->c.out, "$d%zu_%zu << END\n", panel, curve);
    for (size_t k = 0; k < parts; k++) {
        size_t list[4];
        const size_t n = telling(f, c, k * f->n_time / parts, (k + 1) * f->n_time / parts, list);
        for (size_t i = 0; i < n; i++) {
            const size_t at = list[i] * c->stride;
            for (; drawn <= list[i]; drawn++) {
                if (is_broken(d, c, drawn)) {
                    putc('\n', d->c.out);
                } else if (f->jump[drawn] && !c->y) {
                    put_edge(d, c, drawn);
                }
            }
            put_row(d, f->time[list[i]], (c->y ? c->y : c->low)[at], (c->y ? c->y : c->high)[at], !c->y);
        }
    }
    fputs("END\n", d->c.out);
}

/* Where a dose moves a line: from the last known value level to the dose, and there up or down. Thin, since what was
 * between is not known. Gives how many. */
static size_t put_jumps(drawing *d, const msc_curve *c, size_t panel, size_t curve)
{
    const msc_figure *f = d->f;
    size_t n = 0;
    for (size_t i = 1; c->y && !f->plain && i < f->n_time; i++) {
        const double before = c->y[(i - 1) * c->stride], after = c->y[i * c->stride];
        if (!is_broken(d, c, i) || !isfinite(before) || !isfinite(after)) {
            continue;
        }
        if (n++ == 0) {
            fprintf(d->c.out, "$j%zu_%zu << END\n", panel, curve);
        }
        put_row(d, f->time[i - 1], before, 0, false);
        put_row(d, f->time[i], before, 0, false);
        put_row(d, f->time[i], after, 0, false);
        putc('\n', d->c.out);
    }
    fputs(n > 0 ? "END\n" : "", d->c.out);
    return n;
}

/* Is there nothing to draw a line to, before and after? */
static bool is_alone(const drawing *d, const msc_curve *c, size_t i)
{
    const double *y = c->y ? c->y : c->high;
    const bool before = i > 0 && !is_broken(d, c, i) && isfinite(y[(i - 1) * c->stride]);
    const bool after = i + 1 < d->f->n_time && !is_broken(d, c, i + 1) && isfinite(y[(i + 1) * c->stride]);
    return isfinite(y[i * c->stride]) && !before && !after;
}

/* Times that stand alone, which a line would not show; gives how many. */
static size_t put_alone(drawing *d, const msc_curve *c, size_t panel, size_t curve)
{
    const msc_figure *f = d->f;
    size_t n = 0;
    for (size_t i = 0; i < f->n_time; i++) {
        if (is_alone(d, c, i)) {
            if (n++ == 0) {
                fprintf(d->c.out, "$a%zu_%zu << END\n", panel, curve);
            }
            put_row(d, f->time[i], (c->y ? c->y : c->low)[i * c->stride], (c->y ? c->y : c->high)[i * c->stride], true);
        }
    }
    if (n > 0) {
        fputs("END\n", d->c.out);
    }
    return n;
}

static void put_band(drawing *d, const msc_curve *c, size_t panel, size_t k)
{
    fprintf(d->c.out, "$d%zu_%zu using 1:2:3 with filledcurves fs transparent solid 0.35 noborder fc rgb '%s'", panel, k,
            colour_of(c));
    for (int edge = 2; edge <= 3; edge++) {
        fprintf(d->c.out, ", $d%zu_%zu using 1:%d with lines lw 0.7 lc rgb '%s'", panel, k, edge, colour_of(c));
    }
}

static void put_curves(drawing *d, const msc_panel *p, size_t panel)
{
    bool alone[MSC_FIGURE_CURVES] = {false}, jump[MSC_FIGURE_CURVES] = {false};
    for (size_t c = 0; c < p->n_curve; c++) {
        put_data(d, &p->curve[c], panel, c);
        jump[c] = put_jumps(d, &p->curve[c], panel, c) > 0;
        alone[c] = put_alone(d, &p->curve[c], panel, c) > 0;
    }
    const char *between = "plot ";
    for (int pass = 0; pass < 2; pass++) { /* bands below lines */
        for (size_t k = 0; k < p->n_curve; k++) {
            const msc_curve *c = &p->curve[k];
            if ((pass == 0) == (c->y != NULL)) {
                continue;
            }
            fputs(between, d->c.out);
            between = ", ";
            if (c->y) {
                fprintf(d->c.out, "$d%zu_%zu using 1:2 with lines", panel, k);
                fputs(d->f->plain && d->f->n_time <= MARKED ? "points pt 7 ps 0.45 " : " ", d->c.out);
                line_style(d, c);
            } else {
                put_band(d, c, panel, k);
            }
            if (jump[k]) {
                fprintf(d->c.out, ", $j%zu_%zu using 1:2 with lines lw 0.7 lc rgb '%s'", panel, k, colour_of(c));
            }
            if (alone[k]) {
                fprintf(d->c.out,
                        c->y && d->f->tick_text ? ", $a%zu_%zu using 1:2 with points pt 7 ps 1.2 lc rgb '%s'"
                        : c->y ? ", $a%zu_%zu using 1:2 with points pt 7 ps 0.7 lc rgb '%s'"
                             : ", $a%zu_%zu using 1:2:(0):($3-$2) with vectors nohead lw 2.5 lc rgb '%s'",
                        panel, k, colour_of(c));
            }
        }
    }
    putc('\n', d->c.out);
}

/* ---- all of it ---- */

/* Above a panel: its heading, and above the first the names of the doses between. */
enum { ABOVE = 10, DOSES = 15 };

static double head_height(const drawing *d, size_t k)
{
    char text[1500];
    const msc_wrapped w = msc_canvas_heading(msc_canvas_name(d->f->panel[k].name, d->f->panel[k].about, text, sizeof text), d->c.width - MSC_LEFT - 6);
    return (double)(w.n * MSC_LINE) + ABOVE + (k == 0 && d->f->n_dose > 0 ? DOSES : 0);
}

static double panel_height(const drawing *d, size_t k)
{
    return fmax(PANEL, (double)(d->f->panel[k].n_curve * MSC_LINE));
}

static void put_panel(drawing *d, size_t k)
{
    const msc_panel *p = &d->f->panel[k];
    char text[1500];
    fputs("unset label; unset arrow; unset object\n", d->c.out);
    const msc_figure_range range = msc_figure_extent(d->f, p);
    d->unit = range.unit, d->low = range.low, d->high = range.high;
    put_axis(d, p, k + 1 == d->f->n_panel);
    put_doses(d, k == 0);
    put_legend(d, p);
    const msc_wrapped head = msc_canvas_heading(msc_canvas_name(p->name, p->about, text, sizeof text), d->c.width - MSC_LEFT - 6);
    msc_canvas_lines(&d->c, &head, MSC_LEFT, d->top + head_height(d, k) - MSC_LINE / 2.0, MSC_LINE, "left font ',11'");
    if (p->n_left_out > 0) {
        snprintf(text, sizeof text, "(%zu smaller left out)", p->n_left_out);
        msc_canvas_label(&d->c, text, sizeof text, d->c.width - 4, d->top - d->panel - 10, "right font ',10'");
    }
    if (k == 0) {
        msc_canvas_margin_texts(&d->c, d->f->title, d->f->note);
    }
    put_curves(d, p, k);
}

/* Room for the longest name, and for all lines. */
static void measure(drawing *d)
{
    const msc_figure *f = d->f;
    size_t longest = 0;
    for (size_t k = 0; k < f->n_panel; k++) {
        for (size_t c = 0; c < f->panel[k].n_curve; c++) {
            const char *label = f->panel[k].curve[c].label;
            longest = label && msc_letters(label) > longest ? msc_letters(label) : longest;
        }
    }
    d->right = RIGHT + (longest > 0 ? 24 + (int)longest * MSC_LETTER : 0);
    d->c.width = MSC_WIDTH + (d->right > 130 ? d->right - 130 : 0);
    double height = msc_canvas_margins(&d->c, f->title, f->note);
    for (size_t k = 0; k < f->n_panel; k++) {
        height += head_height(d, k) + panel_height(d, k) + (k > 0 ? GAP : 0);
    }
    d->c.height = (int)height;
    d->from = f->time[0], d->to = f->time[f->n_time - 1];
    if (!(d->to > d->from)) { /* one time alone */
        const double half = d->from != 0 ? 0.5 * fabs(d->from) : 1;
        d->from -= half, d->to += half;
    } else if (f->plain && f->tick_text) {
        d->from -= 0.5, d->to += 0.5;
    } else if (f->log_x) {
        const double part = pow(d->to / d->from, 0.02);
        d->from /= part, d->to *= part;
    } else if (f->plain) {
        const double part = 0.02 * (d->to - d->from);
        d->from -= part, d->to += part;
    }
}

msc_status msc_figure_script(const msc_figure *figure, msc_figure_kind kind, char **script,
                             msc_error *err)
{
    drawing d = {.f = figure};
    const msc_status status = msc_canvas_begin(&d.c, script, err);
    if (status != MSC_OK) {
        return status;
    }
    measure(&d);
    msc_canvas_terminal(&d.c, kind);
    d.top = d.c.height - MSC_TOP - (double)msc_canvas_title(&d.c, figure->title).n * (MSC_LINE + 2);
    for (size_t k = 0; k < figure->n_panel; k++) {
        d.panel = panel_height(&d, k);
        d.top -= head_height(&d, k);
        put_panel(&d, k);
        d.top -= d.panel + GAP;
    }
    return msc_canvas_end(&d.c, err);
}
