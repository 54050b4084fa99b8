/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A map as a gnuplot script. Colours are painted from the lowest level up, each over all that is above
 * its level, so that no seams show between neighbours; everything is lines and areas, no picture. */
#include "store/map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"
#include "store/contour.h"

enum { WIDE = 330, HIGH = 252, GAP = 44, ABOVE = 10, BAR = 14, BAR_GAP = 14, LEVELS = 9, ROOM = MSC_WIDTH - MSC_LEFT - 6, LABELS = 16 };
enum { LAYERS = 3 * MSC_TICKS + 3 };

/* A block of gnuplot's data and how it is drawn. */
typedef struct {
    char block[40], how[112];
} layer;

typedef struct {
    msc_canvas c;
    const msc_map *m;
    const msc_map_panel *p;
    msc_surface surface;  /* of the panel, in units of the colour scale, logarithms if so */
    double *z;            /* its values */
    double unit;          /* of the colour scale: a power of ten */
    size_t n_level;
    double level[MSC_TICKS]; /* of the colour scale, in that unit */
    double left, top;     /* of the panel: pixels from the left, from below */
    size_t n_label;
    double label[LABELS][2]; /* shares of the panel at which numbers stand */
    size_t n_piece;          /* in the block that is being written */
    size_t n_layer;
    layer layer[LAYERS];
} drawing;

/* ---- colours ---- */

/* viridis (van der Walt and Smith 2015, CC0): steps of a tenth; dark is low, also without colours. */
static void viridis(double at, char hex[8])
{
    static const unsigned char rgb[11][3] = {{68, 1, 84},    {72, 36, 117},  {65, 68, 135},  {53, 95, 141},
                                             {42, 120, 142}, {33, 145, 140}, {34, 168, 132}, {68, 191, 112},
                                             {122, 209, 81}, {189, 223, 38}, {253, 231, 37}};
    const double place = fmin(fmax(at, 0), 1) * 10;
    const int k = place >= 10 ? 9 : (int)place;
    unsigned char mixed[3];
    for (int i = 0; i < 3; i++) {
        mixed[i] = (unsigned char)lround(rgb[k][i] + (place - k) * (rgb[k + 1][i] - rgb[k][i]));
    }
    snprintf(hex, 8, "#%02X%02X%02X", mixed[0], mixed[1], mixed[2]);
}

static void colour_of(const drawing *d, size_t step, char hex[8])
{
    viridis(d->n_level > 2 ? (double)step / (double)(d->n_level - 2) : 0.5, hex);
}

/* ---- places ---- */

static double scaled(bool log, double x)
{
    return log ? log10(x) : x;
}

static double x_share(const drawing *d, double x)
{
    const msc_map *m = d->m;
    const double a = scaled(m->log_x, m->x[0]), b = scaled(m->log_x, m->x[m->n_x - 1]);
    return (x - a) / (b - a);
}

static double y_share(const drawing *d, double y)
{
    const msc_map *m = d->m;
    const double a = scaled(m->log_y, m->y[0]), b = scaled(m->log_y, m->y[m->n_y - 1]);
    return (y - a) / (b - a);
}

/* A polygon or a line into a block of gnuplot's data, in shares of the panel. */
static void put_piece(void *context, size_t n, const double (*corner)[2])
{
    drawing *d = context;
    d->n_piece++;
    for (size_t i = 0; i < n + (n > 2 ? 1 : 0); i++) {
        fprintf(d->c.out, "%.5g %.5g\n", x_share(d, corner[i % n][0]), y_share(d, corner[i % n][1]));
    }
    putc('\n', d->c.out);
}

/* ---- where numbers of lines stand ---- */

typedef struct {
    const drawing *d;
    double half; /* of the number: pixels */
    double best, at[2];
} search;

/* The piece that is furthest from the frame and from the numbers that stand already. */
static void consider(void *context, size_t n, const double (*corner)[2])
{
    search *s = context;
    const drawing *d = s->d;
    const double x[2] = {x_share(d, corner[0][0]) * WIDE, x_share(d, corner[1][0]) * WIDE};
    const double y[2] = {y_share(d, corner[0][1]) * HIGH, y_share(d, corner[1][1]) * HIGH};
    const double at[2] = {(x[0] + x[1]) / 2, (y[0] + y[1]) / 2};
    double room = fmin(fmin(at[0], WIDE - at[0]), 1.4 * fmin(at[1], HIGH - at[1]));
    for (size_t i = 0; i < d->n_label; i++) {
        room = fmin(room, hypot(at[0] - d->label[i][0] * WIDE, 1.6 * (at[1] - d->label[i][1] * HIGH)));
    }
    const bool fits = at[0] > s->half && at[0] < WIDE - s->half;
    if (n == 2 && fits && room > s->best + 1e-6) {
        s->best = room, s->at[0] = at[0] / WIDE, s->at[1] = at[1] / HIGH;
    }
}

/* False if there is no room for it. */
static bool put_line_number(drawing *d, const msc_surface *surface, double level, const char *text)
{
    search s = {d, 3.2 * (double)msc_letters(text), 14, {0}};
    msc_contour_line(surface, level, consider, &s);
    if (s.best <= 14 || d->n_label == LABELS) {
        return false;
    }
    d->label[d->n_label][0] = s.at[0], d->label[d->n_label][1] = s.at[1];
    d->n_label++;
    fputs("set label ", d->c.out);
    msc_canvas_text(&d->c, text, strlen(text));
    fprintf(d->c.out, " at graph %.5f,%.5f center noenhanced front boxed font ',10'\n", s.at[0], s.at[1]);
    return true;
}

/* ---- values ---- */

/* Values below the lowest level of a logarithmic scale are on it. */
static double on_scale(const drawing *d, double z)
{
    z /= d->unit;
    return d->m->log && z < d->level[0] ? scaled(true, d->level[0]) : scaled(d->m->log, z);
}

static void take_panel(drawing *d, const msc_map_panel *p)
{
    const msc_map *m = d->m;
    d->p = p, d->n_label = 0, d->n_layer = 0;
    d->unit = m->log ? 1 : msc_scale_unit(fmax(fabs(p->low), fabs(p->high)));
    d->n_level = msc_scale_levels(p->low / d->unit, p->high / d->unit, m->log, LEVELS, d->level);
    for (size_t i = 0; i < m->n_x * m->n_y; i++) {
        d->z[i] = isfinite(p->z[i]) ? on_scale(d, p->z[i]) : (double)NAN;
    }
    d->surface.z = d->z;
}

/* ---- parts of a panel ---- */

static void put_ticks(drawing *d, char axis, const double *x, size_t n, bool log)
{
    double tick[MSC_TICKS];
    const size_t n_tick = axis == 'x' ? msc_scale_ticks_within(x[0], x[n - 1], log, 6, WIDE, tick) : msc_scale_ticks(x[0], x[n - 1], log, 5, tick);
    fprintf(d->c.out, "set %ctics (", axis);
    for (size_t i = 0; i < n_tick; i++) {
        char text[MSC_NUMBER];
        const double share = axis == 'x' ? x_share(d, scaled(log, tick[i])) : y_share(d, scaled(log, tick[i]));
        fprintf(d->c.out, "%s'%s' %.6f", i > 0 ? ", " : "", msc_round_text(text, tick[i]), share);
    }
    fputs(") out nomirror scale 0.6\n", d->c.out);
}

static void put_axes(drawing *d, bool last)
{
    const msc_map *m = d->m;
    msc_canvas_frame(&d->c, d->left, d->left + WIDE, d->top - HIGH, d->top);
    fputs("set xrange [0:1]; set yrange [0:1]\n", d->c.out);
    put_ticks(d, 'x', m->x, m->n_x, m->log_x);
    put_ticks(d, 'y', m->y, m->n_y, m->log_y);
    msc_canvas_upright(&d->c, m->y_label, d->left - MSC_LEFT + 18, d->top - HIGH / 2.0, HIGH + 2 * ABOVE);
    if (last) {
        const size_t n = strlen(m->x_label);
        msc_canvas_label(&d->c, m->x_label, n, d->left + WIDE / 2.0, d->top - HIGH - 38, "center");
    }
}

static void put_rectangle(drawing *d, double x, double y, double wide, double high, const char *how)
{
    fprintf(d->c.out, "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f front %s\n", x / d->c.width,
            y / d->c.height, (x + wide) / d->c.width, (y + high) / d->c.height, how);
}

/* Steps of equal height; numbers at their ends, as many as have room. */
static void put_bar(drawing *d)
{
    char text[MSC_NUMBER], hex[8], how[80], unit[240];
    const size_t n = d->n_level - 1;
    const double x = d->left + WIDE + BAR_GAP, bottom = d->top - HIGH, each = (double)HIGH / (double)n;
    size_t widest = 0;
    for (size_t k = 0; k < n; k++) {
        colour_of(d, k, hex);
        snprintf(how, sizeof how, "fc rgb '%s' fs solid 1 border lc rgb '%s' lw 0.3", hex, hex);
        put_rectangle(d, x, bottom + (double)k * each, BAR, each, how);
    }
    put_rectangle(d, x, bottom, BAR, HIGH, "fs empty border lc rgb 'black' lw 0.8");
    const size_t every = n / 14 + 1;
    for (size_t k = 0; k <= n; k += every) {
        const size_t letters = msc_letters(msc_round_text(text, d->level[k]));
        widest = letters > widest ? letters : widest;
        msc_canvas_label(&d->c, text, sizeof text, x + BAR + 5, bottom + (double)k * each, "left font ',11'");
    }
    msc_power_text(text, (int)lround(log10(d->unit)));
    snprintf(unit, sizeof unit, "%s%.150s", text, strcmp(d->p->unit, "1") == 0 ? "" : d->p->unit);
    msc_canvas_upright(&d->c, unit, x + BAR + 18 + (double)(widest * MSC_LETTER), d->top - HIGH / 2.0, HIGH);
}

static void put_heading(drawing *d)
{
    char text[1500];
    const msc_wrapped head = msc_canvas_heading(msc_canvas_name(d->p->name, d->p->about, text, sizeof text), ROOM);
    msc_canvas_lines(&d->c, &head, d->left, d->top + (double)(head.n * MSC_LINE) + ABOVE - MSC_LINE / 2.0, MSC_LINE, "left font ',11'");
}

/* ---- layers, from the ground up ---- */

static void begin_layer(drawing *d, char kind, size_t number)
{
    snprintf(d->layer[d->n_layer].block, sizeof d->layer->block, "$%c%zu", kind, number);
    fprintf(d->c.out, "%s << END\n", d->layer[d->n_layer].block);
    d->n_piece = 0;
}

/* One that is empty would be an error to gnuplot. */
static void end_layer(drawing *d, const char *how)
{
    fputs("END\n", d->c.out);
    if (d->n_piece > 0) {
        snprintf(d->layer[d->n_layer].how, sizeof d->layer->how, "%s", how);
        d->n_layer++;
    }
}

static void put_colours(drawing *d)
{
    char how[112], hex[8];
    for (size_t k = 0; k + 1 < d->n_level; k++) {
        begin_layer(d, 'f', k);
        msc_contour_above(&d->surface, k == 0 ? -(double)INFINITY : scaled(d->m->log, d->level[k]), put_piece, d);
        colour_of(d, k, hex);
        snprintf(how, sizeof how, "with filledcurves closed fc rgb '%s' fs solid 1 border lc rgb '%s' lw 0.4", hex, hex);
        end_layer(d, how);
    }
}

static void put_own_lines(drawing *d)
{
    char text[MSC_NUMBER];
    for (size_t k = 1; k + 1 < d->n_level; k++) {
        const double level = scaled(d->m->log, d->level[k]);
        begin_layer(d, 'l', k);
        msc_contour_line(&d->surface, level, put_piece, d);
        end_layer(d, "with lines lw 0.6 lc rgb 'black'");
        (void)put_line_number(d, &d->surface, level, msc_round_text(text, d->level[k]));
    }
}

/* Round values of the bound, without the limit itself; gives how many. */
static size_t bound_levels(const msc_map_bound *b, const msc_surface *s, double level[MSC_TICKS])
{
    double low = INFINITY, high = -(double)INFINITY;
    for (size_t i = 0; i < s->n_x * s->n_y; i++) {
        low = isfinite(s->z[i]) ? fmin(low, s->z[i]) : low;
        high = isfinite(s->z[i]) ? fmax(high, s->z[i]) : high;
    }
    size_t n = high > low ? msc_scale_ticks(low, high, low > 0 && high / low > 50, 5, level) : 0;
    for (size_t i = 0; b->limited && i < n; i++) {
        if (fabs(level[i] - b->limit) < 1e-6 * fabs(b->limit)) {
            memmove(level + i, level + i + 1, (--n - i) * sizeof *level);
        }
    }
    return n;
}

static void put_bound(drawing *d)
{
    const msc_map_bound *b = d->m->bound;
    msc_surface s = d->surface;
    char text[MSC_NUMBER], label[240];
    double level[MSC_TICKS];
    s.z = d->p->bound;
    if (b->limited) {
        begin_layer(d, 'v', 0);
        (b->at_most ? msc_contour_above : msc_contour_below)(&s, b->limit, put_piece, d);
        end_layer(d, "with filledcurves closed fc rgb 'white' fs transparent solid 0.6 noborder");
        begin_layer(d, 'v', 1);
        msc_contour_line(&s, b->limit, put_piece, d);
        end_layer(d, "with lines lw 2.2 lc rgb 'black'");
        snprintf(label, sizeof label, "%.100s = %s", b->name, msc_round_text(text, b->limit));
        if (!put_line_number(d, &s, b->limit, label)) {
            (void)put_line_number(d, &s, b->limit, text);
        }
    }
    const size_t n = bound_levels(b, &s, level);
    for (size_t k = 0; k < n; k++) {
        begin_layer(d, 'b', k);
        msc_contour_line(&s, level[k], put_piece, d);
        end_layer(d, "with lines lw 0.7 lc rgb 'black'");
        (void)put_line_number(d, &s, level[k], msc_round_text(text, level[k]));
    }
}

/* Where a scenario is; of a grid that is fine enough they would be a pattern of their own. */
static void put_dots(drawing *d)
{
    const msc_map *m = d->m;
    begin_layer(d, 'p', 0);
    for (size_t i = 0; i < m->n_x * m->n_y && m->n_x * m->n_y <= MSC_MAP_DOTS; i++) {
        if (isfinite(d->p->z[i])) {
            const double at[1][2] = {{d->surface.x[i % m->n_x], d->surface.y[i / m->n_x]}};
            put_piece(d, 1, at);
        }
    }
    end_layer(d, "with points pt 7 ps 0.2 lc rgb '#999999'");
}

static void put_layers(drawing *d)
{
    for (size_t i = 0; i < d->n_layer; i++) {
        fprintf(d->c.out, "%s%s using 1:2 %s", i > 0 ? ", " : "plot ", d->layer[i].block, d->layer[i].how);
    }
    fputs(d->n_layer > 0 ? "\n" : "plot NaN\n", d->c.out);
}

static size_t columns(const msc_map *m);

static void put_panel(drawing *d, size_t k)
{
    const msc_map *m = d->m;
    fputs("unset label; unset arrow; unset object\n", d->c.out);
    take_panel(d, &m->panel[k]);
    put_axes(d, k + columns(m) >= m->n_panel);
    put_heading(d);
    put_bar(d);
    if (k == 0) {
        msc_canvas_margin_texts(&d->c, m->title, m->note);
    }
    put_colours(d);
    if (d->p->bound) {
        put_bound(d);
    } else {
        put_own_lines(d);
    }
    put_dots(d);
    put_layers(d);
}

/* ---- all of it ---- */

/* Two columns if there are more than two panels. */
static size_t columns(const msc_map *m)
{
    return m->n_panel > 2 ? 2 : 1;
}

/* Of the panels that stand side by side, the highest heading. */
static double head_height(const drawing *d, size_t row)
{
    char text[1500];
    size_t lines = 0;
    for (size_t k = row * columns(d->m); k < d->m->n_panel && k < (row + 1) * columns(d->m); k++) {
        const msc_map_panel *p = &d->m->panel[k];
        const msc_wrapped head = msc_canvas_heading(msc_canvas_name(p->name, p->about, text, sizeof text), ROOM);
        lines = head.n > lines ? head.n : lines;
    }
    return (double)(lines * MSC_LINE) + ABOVE;
}

static bool make_room(drawing *d, double **x, double **y)
{
    const msc_map *m = d->m;
    *x = calloc(m->n_x, sizeof **x), *y = calloc(m->n_y, sizeof **y);
    d->z = calloc(m->n_x * m->n_y, sizeof *d->z);
    for (size_t i = 0; *x && i < m->n_x; i++) {
        (*x)[i] = scaled(m->log_x, m->x[i]);
    }
    for (size_t i = 0; *y && i < m->n_y; i++) {
        (*y)[i] = scaled(m->log_y, m->y[i]);
    }
    d->surface = (msc_surface){m->n_x, m->n_y, *x, *y, d->z};
    return *x && *y && d->z;
}

static void draw(drawing *d, msc_figure_kind kind)
{
    const msc_map *m = d->m;
    const size_t column = columns(m), row = (m->n_panel + column - 1) / column;
    d->c.width = MSC_WIDTH * (int)column;
    double height = msc_canvas_margins(&d->c, m->title, m->note);
    for (size_t k = 0; k < row; k++) {
        height += head_height(d, k) + HIGH + (k > 0 ? GAP : 0);
    }
    d->c.height = (int)height;
    msc_canvas_terminal(&d->c, kind);
    fputs("unset grid; set border 15 lw 0.8; set style textbox opaque margins 0.4,0.3 fc rgb '#FFFFFF' noborder\n", d->c.out);
    d->top = height - MSC_TOP - (double)msc_canvas_title(&d->c, m->title).n * (MSC_LINE + 2);
    for (size_t k = 0; k < row; k++) {
        d->top -= head_height(d, k);
        for (size_t i = k * column; i < m->n_panel && i < (k + 1) * column; i++) {
            d->left = MSC_LEFT + (double)(i % column) * MSC_WIDTH;
            put_panel(d, i);
        }
        d->top -= HIGH + GAP;
    }
}

msc_status msc_map_script(const msc_map *map, msc_figure_kind kind, char **script, msc_error *err)
{
    drawing d = {.m = map};
    double *x = NULL, *y = NULL;
    msc_status status = msc_canvas_begin(&d.c, script, err);
    if (status != MSC_OK) {
        return status;
    }
    const bool room = make_room(&d, &x, &y);
    if (room) {
        draw(&d, kind);
    }
    status = msc_canvas_end(&d.c, err);
    free(x);
    free(y);
    free(d.z);
    if (status == MSC_OK && !room) {
        free(*script);
        *script = NULL;
        status = msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    return status;
}
