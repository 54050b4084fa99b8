/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A figure as a gnuplot script. All that gnuplot would choose for itself and that makes a figure bad is
 * chosen here: margins, where names of curves go, powers of ten, what a logarithmic axis shows. */
#include "store/figure.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lengths in pixels of which 96 are an inch; a letter is LETTER wide on average. */
enum {
    WIDTH = 520,
    LEFT = 70,
    RIGHT = 18,
    TOP = 58,
    BOTTOM = 54,
    GAP = 44,
    PANEL = 132,
    LINE = 15,
    LETTER = 7
};
enum { FONT = 12, SMALL = 11, POINTS = 1500, WRAP = 62 };

/* Okabe and Ito's colours (Color universal design, 2008) without yellow, which is lost on white. */
static const char *const colour[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                     "#E69F00", "#56B4E9", "#000000"};
enum { COLOURS = sizeof colour / sizeof *colour };

typedef struct {
    const msc_figure *f;
    FILE *out;
    int width, height, right; /* pixels */
    double unit;              /* of the data in a panel: a power of ten */
    double low, high;         /* of the y axis, in that unit */
    double top, panel;        /* of the panel: pixels from below, height */
} drawing;

/* ---- text ---- */

/* 'text', of which nothing is a command; control characters are blanks. */
static void put_text(drawing *d, const char *text, size_t n)
{
    putc('\'', d->out);
    for (size_t i = 0; i < n && text[i]; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '\'') {
            putc('\'', d->out);
        }
        putc(c < ' ' || c == 0x7f ? ' ' : c, d->out);
    }
    putc('\'', d->out);
}

/* Letters of a UTF-8 text. */
static size_t letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

/* Bytes of what fits on a line of so many letters, up to a blank if there is one. */
static size_t fitting(const char *text, size_t most)
{
    size_t n = 0, i = 0, blank = 0;
    for (; text[i]; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
        if (n > most) {
            return blank > 0 ? blank : i;
        }
        blank = text[i] == ' ' ? i : blank;
    }
    return i;
}

static void put_label(drawing *d, const char *text, size_t n, double x, double y, const char *how)
{
    fputs("set label ", d->out);
    put_text(d, text, n);
    fprintf(d->out, " at screen %.5f,%.5f noenhanced front %s\n", x / d->width, y / d->height, how);
}

/* "10⁶ " of a power of ten, "" of none. */
static const char *power_text(char *text, int power)
{
    static const char *const digit[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[12];
    *text = '\0';
    if (power != 0) {
        strcpy(text, power < 0 ? "10⁻" : "10");
        snprintf(plain, sizeof plain, "%d", abs(power));
        for (const char *p = plain; *p; p++) {
            strcat(text, digit[*p - '0']);
        }
        strcat(text, " ");
    }
    return text;
}

/* ---- the axis ---- */

static double clipped(const drawing *d, double y)
{
    y /= d->unit;
    return d->f->log && y < d->low ? d->low * 1e-3 : y; /* leaves through the floor */
}

static void extent(const msc_figure *f, const msc_panel *p, double *low, double *high)
{
    *low = INFINITY, *high = -INFINITY;
    for (size_t c = 0; c < p->n_curve; c++) {
        const double *const of[] = {p->curve[c].y, p->curve[c].low, p->curve[c].high};
        for (size_t k = 0; k < 3; k++) {
            for (size_t i = 0; of[k] && i < f->n_time; i++) {
                const double y = of[k][i * p->curve[c].stride];
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

/* Below a millionth of the highest, or below one cell, a curve is solver noise or means nothing. */
static double floor_of(const msc_panel *p, double high)
{
    const double least = 1e-6 * high;
    const bool counted = strcmp(p->unit, "cell") == 0 && high >= 10;
    return pow(10, floor(log10(counted && least < 1 ? 1 : least) + 1e-9));
}

static void choose_axis(drawing *d, const msc_panel *p)
{
    double low, high;
    extent(d->f, p, &low, &high);
    d->unit = 1;
    if (d->f->log && high > 0) {
        d->low = floor_of(p, high);
        d->high = high * 1.6;
        return;
    }
    const double most = fmax(fabs(low), fabs(high));
    if (most >= 1e4 || (most < 1e-2 && most > 0)) {
        d->unit = pow(10, 3 * floor(log10(most) / 3));
    }
    d->low = fmin(low, 0) / d->unit;
    d->high = (high > d->low ? high : d->low + 1) / d->unit;
    d->high += 0.06 * (d->high - d->low);
    d->low -= d->low < 0 ? 0.06 * (d->high - d->low) : 0;
}

/* How far up the panel a value is, 0 to 1. */
static double share(const drawing *d, double y)
{
    y /= d->unit;
    const double s = d->f->log ? y > d->low ? log(y / d->low) / log(d->high / d->low) : 0
                               : (y - d->low) / (d->high - d->low);
    return isfinite(s) ? fmin(fmax(s, 0), 1) : 0;
}

static void put_axis(drawing *d, const msc_panel *p, bool last)
{
    char power[40], unit[120] = "";
    const double x[2] = {(double)LEFT / d->width, 1 - (double)d->right / d->width};
    const msc_figure *f = d->f;
    const bool logarithmic = f->log && d->low > 0;
    fprintf(d->out, "set lmargin at screen %.5f; set rmargin at screen %.5f\n", x[0], x[1]);
    fprintf(d->out, "set tmargin at screen %.5f; set bmargin at screen %.5f\n", d->top / d->height,
            (d->top - d->panel) / d->height);
    fprintf(d->out, "set xrange [%.10g:%.10g]; set yrange [%.10g:%.10g]\n", f->time[0],
            f->n_time > 1 ? f->time[f->n_time - 1] : f->time[0] + 1, d->low, d->high);
    fprintf(d->out, logarithmic
                        ? "set logscale y; set format y '10^{%%L}'; set ytics 10; set mytics 10\n"
                        : "unset logscale; set format y '%%g'; set ytics autofreq; set mytics 2\n");
    const bool pure = strcmp(p->unit, "1") == 0;
    power_text(power, (int)lround(log10(d->unit)));
    if (!pure || power[0]) {
        snprintf(unit, sizeof unit, " (%s%.60s)", power, pure ? "" : p->unit);
        if (pure) {
            unit[strlen(unit) - 2] = ')', unit[strlen(unit) - 1] = '\0';
        }
    }
    char label[240];
    snprintf(label, sizeof label, "%.100s%s", p->name, unit);
    /* a label of gnuplot's own would stand where the width of the numbers, and the terminal, put it */
    put_label(d, label, sizeof label, 13, d->top - d->panel / 2, "center rotate");
    if (last) {
        fputs("set format x '%g'\n", d->out);
        put_label(d, f->time_label, strlen(f->time_label), (LEFT + d->width - d->right) / 2.0,
                  d->top - d->panel - 38, "center");
    } else {
        fputs("set format x ''\n", d->out);
    }
}

/* ---- doses ---- */

/* A line for each; names above the first panel, one for all that stand close together. */
static void put_doses(drawing *d, bool first)
{
    const msc_figure *f = d->f;
    const double from = f->time[0], span = f->time[f->n_time - 1] - from,
                 wide = d->width - LEFT - d->right;
    for (size_t i = 0; i < f->n_dose; i++) {
        fprintf(
            d->out,
            "set arrow from first %.10g,graph 0 to first %.10g,graph 1 nohead back lw 0.8 dt (4,4) lc rgb '#777777'\n",
            f->dose[i], f->dose[i]);
    }
    for (size_t i = 0, k; first && i < f->n_dose && span > 0; i = k) {
        char text[80];
        for (k = i + 1; k < f->n_dose && (f->dose[k] - f->dose[k - 1]) / span * wide < 44; k++) {}
        if (k == i + 1) {
            snprintf(text, sizeof text, "dose %zu", i + 1);
        } else {
            snprintf(text, sizeof text, "doses %zu\xE2\x80\x93%zu", i + 1, k);
        }
        const double middle = (f->dose[i] + f->dose[k - 1]) / 2 - from;
        const double at = fmin(fmax(middle / span * wide, 14), wide - 4); /* clear of the y axis */
        put_label(d, text, sizeof text, LEFT + at, d->top + 8,
                  "center font ',11' tc rgb '#555555'");
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

static void order(const drawing *d, const msc_panel *p, legend *list)
{
    for (size_t c = 0; c < p->n_curve; c++) {
        const double s = share(d, ends_at(d, &p->curve[c]));
        legend own = {c, d->top - d->panel + s * d->panel};
        size_t i = c;
        /* those that end together stand in the order in which they ended, or of their peaks */
        while (i > 0 && (list[i - 1].at < own.at - 0.5 ||
                         (list[i - 1].at < own.at + 0.5 &&
                          lasting(d, &p->curve[list[i - 1].curve]) < lasting(d, &p->curve[c])))) {
            list[i] = list[i - 1];
            i--;
        }
        list[i] = own;
    }
    for (size_t i = 0; i < p->n_curve; i++) {
        const double most = i == 0 ? d->top - LINE / 3.0 : list[i - 1].at - LINE;
        list[i].at = fmin(list[i].at, most);
    }
    for (size_t i = p->n_curve; i-- > 0;) {
        const double least =
            i + 1 == p->n_curve ? d->top - d->panel + LINE / 3.0 : list[i + 1].at + LINE;
        list[i].at = fmax(list[i].at, least);
    }
}

static void line_style(drawing *d, size_t curve)
{
    fprintf(d->out, "lw 1.6 lc rgb '%s' dt %s", colour[curve % COLOURS],
            curve < COLOURS ? "1" : "(6,3)");
}

static void put_legend(drawing *d, const msc_panel *p)
{
    legend list[MSC_FIGURE_CURVES];
    order(d, p, list);
    const double x = d->width - d->right;
    for (size_t i = 0; i < p->n_curve; i++) {
        const msc_curve *c = &p->curve[list[i].curve];
        const double y = list[i].at / d->height;
        if (!c->label) {
            continue;
        }
        if (c->y) {
            fprintf(d->out, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead front ",
                    (x + 8) / d->width, y, (x + 26) / d->width, y);
            line_style(d, list[i].curve);
            putc('\n', d->out);
        } else {
            fprintf(
                d->out,
                "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f front fc rgb '%s' fs transparent "
                "solid 0.35 noborder\n",
                (x + 8) / d->width, (list[i].at - 4) / d->height, (x + 26) / d->width,
                (list[i].at + 4) / d->height, colour[list[i].curve % COLOURS]);
        }
        put_label(d, c->label, strlen(c->label), x + 31, list[i].at, "left font ',11'");
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

static void put_number(drawing *d, double x)
{
    if (isfinite(x)) {
        fprintf(d->out, " %.7g", x);
    } else {
        fputs(" NaN", d->out);
    }
}

static void put_data(drawing *d, const msc_curve *c, size_t panel, size_t curve)
{
    const msc_figure *f = d->f;
    const size_t parts = f->n_time > 4 * POINTS ? POINTS : f->n_time;
    size_t drawn = 0;
    fprintf(d->out, "$d%zu_%zu << END\n", panel, curve);
    for (size_t k = 0; k < parts; k++) {
        size_t list[4];
        const size_t n = telling(f, c, k * f->n_time / parts, (k + 1) * f->n_time / parts, list);
        for (size_t i = 0; i < n; i++) {
            const size_t at = list[i] * c->stride;
            for (; drawn <= list[i]; drawn++) {
                if (f->jump[drawn]) {
                    putc('\n', d->out);
                }
            }
            fprintf(d->out, "%.10g", f->time[list[i]]);
            if (c->y) {
                put_number(d, clipped(d, c->y[at]));
            } else {
                put_number(d, clipped(d, c->low[at]));
                put_number(d, clipped(d, c->high[at]));
            }
            putc('\n', d->out);
        }
    }
    fputs("END\n", d->out);
}

static void put_curves(drawing *d, const msc_panel *p, size_t panel)
{
    for (size_t c = 0; c < p->n_curve; c++) {
        put_data(d, &p->curve[c], panel, c);
    }
    const char *between = "plot ";
    for (int pass = 0; pass < 2; pass++) { /* bands below lines */
        for (size_t c = 0; c < p->n_curve; c++) {
            const bool band = !p->curve[c].y;
            if (band && pass == 0) {
                fprintf(
                    d->out,
                    "%s$d%zu_%zu using 1:2:3 with filledcurves fs transparent solid 0.35 noborder fc rgb '%s'",
                    between, panel, c, colour[c % COLOURS]);
                fprintf(d->out, ", $d%zu_%zu using 1:2 with lines lw 0.7 lc rgb '%s'", panel, c,
                        colour[c % COLOURS]);
                fprintf(d->out, ", $d%zu_%zu using 1:3 with lines lw 0.7 lc rgb '%s'", panel, c,
                        colour[c % COLOURS]);
                between = ", ";
            } else if (!band && pass == 1) {
                fprintf(d->out, "%s$d%zu_%zu using 1:2 with lines ", between, panel, c);
                line_style(d, c);
                between = ", ";
            }
        }
    }
    putc('\n', d->out);
}

/* ---- all of it ---- */

static void put_terminal(drawing *d, msc_figure_kind kind)
{
    const int w = d->width, h = d->height;
    switch (kind) {
    case MSC_FIGURE_SVG:
        fprintf(
            d->out,
            "set terminal svg size %d,%d fixed enhanced font 'Helvetica,%d' background rgb 'white'\n",
            w, h, FONT);
        break;
    case MSC_FIGURE_PDF:
        fprintf(
            d->out,
            "set terminal pdfcairo size %.4fin,%.4fin enhanced font 'Helvetica,%d' fontscale 0.58 linewidth 1.2\n",
            w / 96.0, h / 96.0, FONT);
        break;
    case MSC_FIGURE_PNG:
        fprintf(
            d->out,
            "set terminal pngcairo size %d,%d enhanced font 'Helvetica,%d' fontscale 2.25 linewidth 2.4 background rgb "
            "'white'\n",
            3 * w, 3 * h, FONT);
        break;
    }
    fputs(
        "set encoding utf8\nset multiplot\nunset key\nset border 3 lw 0.8\nset tics out nomirror scale 0.6,0.3\n"
        "set grid ytics back lt 1 lw 0.4 lc rgb '#DDDDDD'\nset mxtics 2\n",
        d->out);
}

static void put_panel(drawing *d, size_t k)
{
    const msc_panel *p = &d->f->panel[k];
    char more[160];
    fputs("unset label; unset arrow; unset object\n", d->out);
    choose_axis(d, p);
    put_axis(d, p, k + 1 == d->f->n_panel);
    put_doses(d, k == 0);
    put_legend(d, p);
    if (p->about) {
        const double above = k == 0 && d->f->n_dose > 0 ? 24 : 10;
        size_t n = fitting(p->about, WRAP + 8);
        snprintf(more, sizeof more, "%.*s%s", n > 140 ? 140 : (int)n, p->about,
                 p->about[n] ? " \xE2\x80\xA6" : "");
        put_label(d, more, sizeof more, LEFT, d->top + above, "left font ',11'");
    }
    if (p->n_left_out > 0) {
        snprintf(more, sizeof more, "(%zu smaller left out)", p->n_left_out);
        put_label(d, more, sizeof more, d->width - 4, d->top - d->panel - 10, "right font ',10'");
    }
    if (k == 0 && d->f->title) {
        const size_t n = fitting(d->f->title, WRAP), m = d->f->title[n] ? n + 1 : n;
        put_label(d, d->f->title, n, LEFT, d->height - 14, "left font ',13'");
        if (d->f->title[m]) {
            put_label(d, d->f->title + m, fitting(d->f->title + m, WRAP), LEFT, d->height - 30,
                      "left font ',13'");
        }
    }
    if (k == 0 && d->f->note) {
        put_label(d, d->f->note, strlen(d->f->note), LEFT, 8, "left font ',10' tc rgb '#555555'");
    }
    put_curves(d, p, k);
}

/* Room for the longest name. */
static void measure(drawing *d)
{
    const msc_figure *f = d->f;
    size_t longest = 0;
    double panels = 0;
    for (size_t k = 0; k < f->n_panel; k++) {
        for (size_t c = 0; c < f->panel[k].n_curve; c++) {
            const char *label = f->panel[k].curve[c].label;
            longest = label && letters(label) > longest ? letters(label) : longest;
        }
        panels += fmax(PANEL, (double)(f->panel[k].n_curve * LINE)) + (k > 0 ? GAP : 0);
    }
    d->right = RIGHT + (longest > 0 ? 24 + (int)longest * LETTER : 0);
    d->width = WIDTH + (d->right > 130 ? d->right - 130 : 0);
    d->height = TOP + BOTTOM + (int)panels + (f->note ? LINE : 0);
    d->height += f->title && letters(f->title) > WRAP ? LINE + 2 : 0;
}

msc_status msc_figure_script(const msc_figure *figure, msc_figure_kind kind, char **script,
                             msc_error *err)
{
    size_t size = 0;
    drawing d = {.f = figure};
    *script = NULL;
    d.out = open_memstream(script, &size);
    if (!d.out) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* numbers with a point */
    const locale_t before = uselocale(plain);
    measure(&d);
    put_terminal(&d, kind);
    d.top = d.height - TOP - (figure->title && letters(figure->title) > WRAP ? LINE + 2 : 0);
    for (size_t k = 0; k < figure->n_panel; k++) {
        d.panel = fmax(PANEL, (double)(figure->panel[k].n_curve * LINE));
        put_panel(&d, k);
        d.top -= d.panel + GAP;
    }
    fputs("unset multiplot\n", d.out);
    (void)uselocale(before);
    freelocale(plain);
    const bool lost = ferror(d.out) != 0;
    if (fclose(d.out) != 0 || lost) {
        free(*script);
        *script = NULL;
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    return MSC_OK;
}
