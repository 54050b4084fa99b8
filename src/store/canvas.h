/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all figures are drawn with: a gnuplot script being written, texts in it, scales. */
#ifndef MSC_STORE_CANVAS_H
#define MSC_STORE_CANVAS_H

#include <locale.h>
#include <stdio.h>

#include "store/figure.h"
#include "store/letters.h"

/* Lengths in pixels of which 96 are an inch; a letter is MSC_LETTER wide on average. */
enum { MSC_WIDTH = 520, MSC_LEFT = 70, MSC_TOP = 14, MSC_BOTTOM = 54, MSC_LINE = 15, MSC_LETTER = 7 };
enum { MSC_TICKS = 64, MSC_NUMBER = 48, MSC_CANVAS_COLOURS = 7 };

/* One colour of a few that are told apart, by number. */
const char *msc_canvas_colour(unsigned which);

typedef struct {
    FILE *out;
    int width, height; /* pixels */
    char **script;
    size_t size;
    locale_t plain, before; /* numbers are written with a point */
} msc_canvas;

/* The script is the caller's to free after msc_canvas_end, which fails with E_NOMEM if anything was lost. */
MSC_CHECK msc_status msc_canvas_begin(msc_canvas *c, char **script, msc_error *err);
MSC_CHECK msc_status msc_canvas_end(msc_canvas *c, msc_error *err);
/* Once its width and height are known. */
void msc_canvas_terminal(msc_canvas *c, msc_figure_kind kind);
/* The frame of what is plotted next, pixels from the left and from below. */
void msc_canvas_frame(msc_canvas *c, double left, double right, double bottom, double top);

/* 'text', at most n bytes, of which nothing is a command to gnuplot. */
void msc_canvas_text(msc_canvas *c, const char *text, size_t n);
/* At x, y in pixels from the left and from below; `how` is gnuplot's. */
void msc_canvas_label(msc_canvas *c, const char *text, size_t n, double x, double y, const char *how);
/* The same written upwards, with its middle at y: as much of it as has `length` pixels. */
void msc_canvas_upright(msc_canvas *c, const char *text, double x, double y, double length);
/* From x on, its first line at y, the others `step` under it. */
void msc_canvas_lines(msc_canvas *c, const msc_wrapped *w, double x, double y, double step, const char *how);
void msc_canvas_number(msc_canvas *c, double x); /* and a blank before it */

/* Above and below all: how high they are, and putting them there. */
msc_wrapped msc_canvas_title(const msc_canvas *c, const char *title);
msc_wrapped msc_canvas_heading(const char *heading, double width); /* of a panel: pixels there are */
double msc_canvas_margins(const msc_canvas *c, const char *title, const char *note);
void msc_canvas_margin_texts(msc_canvas *c, const char *title, const char *note);
/* What it is, and its name in the file. */
const char *msc_canvas_name(const char *name, const char *about, char *text, size_t size);

/* ---- scales ---- */

/* "10⁶ " of a power of ten, "" of none. */
const char *msc_power_text(char text[MSC_NUMBER], int power);
/* "350", "2·10⁶": for numbers that are round. */
const char *msc_round_text(char text[MSC_NUMBER], double x);
/* The power of 1000 in which numbers up to x are read; 1 if they are read as they are. */
double msc_scale_unit(double x);
/* Round numbers in [low, high], about so many: ascending; gives how many. Of a logarithmic axis 1, 2, 5 or
 * powers of ten; both ends above 0. */
size_t msc_scale_ticks(double low, double high, bool log, size_t about, double tick[MSC_TICKS]);
/* As many of them, up to `about`, as have room for what msc_round_text calls them on an axis of so many pixels; two at
 * least if there are two. */
size_t msc_scale_ticks_within(double low, double high, bool log, size_t about, double pixels, double tick[MSC_TICKS]);
/* As msc_scale_ticks, but the first is at most low and the last at least high: two or more. */
size_t msc_scale_levels(double low, double high, bool log, size_t about, double level[MSC_TICKS]);

#endif
