/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Histograms as a gnuplot script: how often which value, a panel for each quantity. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "store/map.h"

enum { HIGH = 132, GAP = 56, ABOVE = 10, RIGHT = 18, LEAST = 8, MOST = 60 };

typedef struct {
    msc_canvas c;
    const msc_histogram *h;
    double top;
} drawing;

typedef struct {
    double unit, from, width; /* of the bins; logarithms if so */
    size_t n, most;
    size_t count[MOST];
} bins;

static double scaled(bool log, double x)
{
    return log ? log10(x) : x;
}

/* As many as Freedman and Diaconis (1981) would have, within reason. */
static bins count(const msc_histogram *h, const msc_histogram_panel *p)
{
    bins b = {.unit = h->log ? 1 : msc_scale_unit(fmax(fabs(p->value[0]), fabs(p->value[p->n - 1]))), .n = LEAST};
    const double low = scaled(h->log, p->value[0] / b.unit), high = scaled(h->log, p->value[p->n - 1] / b.unit);
    const double quarter[2] = {scaled(h->log, p->value[p->n / 4] / b.unit), scaled(h->log, p->value[3 * (p->n - 1) / 4] / b.unit)};
    const double ideal = 2 * (quarter[1] - quarter[0]) / cbrt((double)p->n);
    if (!(high - low > 1e-9 * fabs(high))) { /* all the same */
        b.n = 1, b.width = high != 0 ? 0.1 * fabs(high) : 1, b.from = low - b.width / 2;
    } else {
        b.n = ideal > 0 ? (size_t)fmin(fmax(ceil((high - low) / ideal), LEAST), MOST) : LEAST;
        b.from = low, b.width = (high - low) / (double)b.n;
    }
    for (size_t i = 0; i < p->n; i++) {
        const double k = floor((scaled(h->log, p->value[i] / b.unit) - b.from) / b.width);
        b.count[k < 0 ? 0 : k >= (double)b.n ? b.n - 1 : (size_t)k]++;
    }
    for (size_t k = 0; k < b.n; k++) {
        b.most = b.count[k] > b.most ? b.count[k] : b.most;
    }
    return b;
}

static double unscaled(bool log, double x)
{
    return log ? pow(10, x) : x;
}

static void put_axes(drawing *d, const msc_histogram_panel *p, const bins *b)
{
    const bool log = d->h->log;
    const double part = 0.03 * b->width * (double)b->n;
    const double low = unscaled(log, b->from - part), high = unscaled(log, b->from + b->width * (double)b->n + part);
    double tick[MSC_TICKS];
    char text[MSC_NUMBER], unit[240];
    msc_canvas_frame(&d->c, MSC_LEFT, d->c.width - RIGHT, d->top - HIGH, d->top);
    fprintf(d->c.out, "unset logscale; set xrange [%.10g:%.10g]; set yrange [0:%.6g]\n", low, high, 1.08 * (double)b->most);
    fputs(log ? "set logscale x\n" : "", d->c.out);
    const size_t n = msc_scale_ticks_within(low, high, log, 6, d->c.width - MSC_LEFT - RIGHT, tick);
    for (size_t i = 0; i < n; i++) {
        fprintf(d->c.out, "%s'%s' %.10g", i > 0 ? ", " : "set xtics (", msc_round_text(text, tick[i]), tick[i]);
    }
    fputs(") noenhanced\n", d->c.out);
    msc_power_text(text, (int)lround(log10(b->unit)));
    snprintf(unit, sizeof unit, "%s%.150s", text, strcmp(p->unit, "1") == 0 ? "" : p->unit);
    msc_canvas_label(&d->c, unit, sizeof unit, (MSC_LEFT + d->c.width - RIGHT) / 2.0, d->top - HIGH - 34, "center");
    msc_canvas_upright(&d->c, d->h->count_label, 13, d->top - HIGH / 2.0, HIGH);
}

static void put_mark(drawing *d, const bins *b, double x, const char *how)
{
    fprintf(d->c.out, "set arrow from first %.10g,graph 0 to first %.10g,graph 1 nohead front %s\n", x / b->unit, x / b->unit, how);
}

static const char *heading(const msc_histogram_panel *p, char *text, size_t size)
{
    return msc_canvas_name(p->name, p->about, text, size);
}

static void put_panel(drawing *d, size_t k)
{
    const msc_histogram_panel *p = &d->h->panel[k];
    char text[1500];
    const bins b = count(d->h, p);
    fputs("unset label; unset arrow\n", d->c.out);
    put_axes(d, p, &b);
    put_mark(d, &b, p->low, "lw 1.2 dt (5,3) lc rgb 'black'");
    put_mark(d, &b, p->middle, "lw 1.6 lc rgb 'black'");
    put_mark(d, &b, p->high, "lw 1.2 dt (5,3) lc rgb 'black'");
    const msc_wrapped head = msc_canvas_heading(heading(p, text, sizeof text), d->c.width - MSC_LEFT - 6);
    msc_canvas_lines(&d->c, &head, MSC_LEFT, d->top + (double)(head.n * MSC_LINE) + ABOVE - MSC_LINE / 2.0, MSC_LINE, "left font ',11'");
    if (k == 0) {
        msc_canvas_margin_texts(&d->c, d->h->title, d->h->note);
    }
    fprintf(d->c.out, "$h%zu << END\n", k);
    for (size_t i = 0; i < b.n; i++) {
        const double x = b.from + (double)i * b.width;
        const double low = unscaled(d->h->log, x), high = unscaled(d->h->log, x + b.width);
        fprintf(d->c.out, "%.10g %zu %.10g %.10g\n", (low + high) / 2, b.count[i], low, high);
    }
    fprintf(d->c.out, "END\nplot $h%zu using 1:($2/2.0):3:4:(0):2 with boxxyerror fc rgb '%s' fs solid 0.45 border lc rgb 'white' lw 0.5\n", k,
            msc_canvas_colour(5));
}

static double head_height(const drawing *d, size_t k)
{
    char text[1500];
    return (double)(msc_canvas_heading(heading(&d->h->panel[k], text, sizeof text), d->c.width - MSC_LEFT - 6).n * MSC_LINE) + ABOVE;
}

msc_status msc_histogram_script(const msc_histogram *histogram, msc_figure_kind kind, char **script, msc_error *err)
{
    drawing d = {.h = histogram};
    const msc_status status = msc_canvas_begin(&d.c, script, err);
    if (status != MSC_OK) {
        return status;
    }
    double height = msc_canvas_margins(&d.c, histogram->title, histogram->note);
    for (size_t k = 0; k < histogram->n_panel; k++) {
        height += head_height(&d, k) + HIGH + (k > 0 ? GAP : 0);
    }
    d.c.height = (int)height;
    msc_canvas_terminal(&d.c, kind);
    d.top = height - MSC_TOP - (double)msc_canvas_title(&d.c, histogram->title).n * (MSC_LINE + 2);
    for (size_t k = 0; k < histogram->n_panel; k++) {
        d.top -= head_height(&d, k);
        put_panel(&d, k);
        d.top -= HIGH + GAP;
    }
    return msc_canvas_end(&d.c, err);
}
