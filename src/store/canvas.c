/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts and frames of figures. All that gnuplot would place by the width of letters is placed here. */
#include "store/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FONT = 12, MARGIN_LINE = MSC_LINE - 2 };
static const double TITLE_LETTER = 7.2, HEAD_LETTER = 6.2, NOTE_LETTER = 5.6; /* their width */

/* Okabe and Ito's colours (Color universal design, 2008) without yellow, which is lost on white. */
static const char *const colour[MSC_CANVAS_COLOURS] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                     "#E69F00", "#56B4E9", "#000000"};

const char *msc_canvas_colour(unsigned which)
{
    return colour[which % MSC_CANVAS_COLOURS];
}

/* ---- the script ---- */

msc_status msc_canvas_begin(msc_canvas *c, char **script, msc_error *err)
{
    *script = NULL;
    *c = (msc_canvas){.script = script, .width = MSC_WIDTH};
    c->out = open_memstream(script, &c->size);
    if (!c->out) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    c->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    c->before = uselocale(c->plain);
    return MSC_OK;
}

msc_status msc_canvas_end(msc_canvas *c, msc_error *err)
{
    fputs("unset multiplot\n", c->out);
    (void)uselocale(c->before);
    freelocale(c->plain);
    const bool lost = ferror(c->out) != 0;
    if (fclose(c->out) != 0 || lost) {
        free(*c->script);
        *c->script = NULL;
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    return MSC_OK;
}

void msc_canvas_terminal(msc_canvas *c, msc_figure_kind kind)
{
    const int w = c->width, h = c->height;
    switch (kind) {
    case MSC_FIGURE_SVG:
        fprintf(
            c->out,
            "set terminal svg size %d,%d fixed enhanced font 'Helvetica,%d' background rgb 'white'\n",
            w, h, FONT);
        break;
    case MSC_FIGURE_PDF:
        fprintf(
            c->out,
            "set terminal pdfcairo size %.4fin,%.4fin enhanced font 'Helvetica,%d' fontscale 0.58 linewidth 1.2\n",
            w / 96.0, h / 96.0, FONT);
        break;
    case MSC_FIGURE_PNG:
        fprintf(
            c->out,
            "set terminal pngcairo size %d,%d enhanced font 'Helvetica,%d' fontscale 2.25 linewidth 2.4 background rgb "
            "'white'\n",
            3 * w, 3 * h, FONT);
        break;
    }
    fputs(
        "set encoding utf8\nset multiplot\nunset key\nset border 3 lw 0.8\nset tics out nomirror scale 0.6,0.3\n"
        "set grid ytics back lt 1 lw 0.4 lc rgb '#DDDDDD'\nset format x '%g'\n",
        c->out);
}

void msc_canvas_frame(msc_canvas *c, double left, double right, double bottom, double top)
{
    fprintf(c->out, "set lmargin at screen %.5f; set rmargin at screen %.5f\n", left / c->width, right / c->width);
    fprintf(c->out, "set tmargin at screen %.5f; set bmargin at screen %.5f\n", top / c->height, bottom / c->height);
}

/* ---- texts ---- */

/* Control characters are blanks, what is no UTF-8 is a sign of its own, and an apostrophe, with which gnuplot would
 * end the text, is the typographer's. */
void msc_canvas_text(msc_canvas *c, const char *text, size_t n)
{
    putc('\'', c->out);
    for (size_t i = 0; i < n && text[i];) {
        const size_t bytes = msc_letter_bytes(text + i);
        const unsigned char letter = (unsigned char)text[i];
        if (bytes == 0 || i + bytes > n) {
            fputs("\xEF\xBF\xBD", c->out);
        } else if (letter == '\'') {
            fputs("\xE2\x80\x99", c->out);
        } else if (bytes == 1) {
            putc(letter < ' ' || letter == 0x7f ? ' ' : letter, c->out);
        } else {
            fwrite(text + i, 1, bytes, c->out);
        }
        i += bytes > 0 ? bytes : 1;
    }
    putc('\'', c->out);
}

void msc_canvas_label(msc_canvas *c, const char *text, size_t n, double x, double y, const char *how)
{
    fputs("set label ", c->out);
    msc_canvas_text(c, text, n);
    fprintf(c->out, " at screen %.5f,%.5f noenhanced front %s\n", x / c->width, y / c->height, how);
}

void msc_canvas_upright(msc_canvas *c, const char *text, double x, double y, double length)
{
    char label[240];
    const size_t most = (size_t)(length / MSC_LETTER);
    snprintf(label, sizeof label, "%.200s", text);
    if (msc_letters(label) > most) {
        size_t bytes = 0;
        for (size_t k = 0; k + 1 < most && label[bytes]; k++) {
            const size_t letter = msc_letter_bytes(label + bytes);
            bytes += letter > 0 ? letter : 1;
        }
        strcpy(label + bytes, "\xE2\x80\xA6");
    }
    /* a label of gnuplot's own would stand where the width of the numbers, and the terminal, put it */
    if (*label) {
        msc_canvas_label(c, label, sizeof label, x, y, "center rotate");
    }
}

void msc_canvas_lines(msc_canvas *c, const msc_wrapped *w, double x, double y, double step, const char *how)
{
    for (size_t i = 0; i < w->n; i++) {
        if (w->cut && i + 1 == w->n) {
            char last[512];
            snprintf(last, sizeof last, "%.*s \xE2\x80\xA6", w->bytes[i] < 500 ? (int)w->bytes[i] : 500, w->text[i]);
            msc_canvas_label(c, last, strlen(last), x, y - (double)i * step, how);
        } else {
            msc_canvas_label(c, w->text[i], w->bytes[i], x, y - (double)i * step, how);
        }
    }
}

void msc_canvas_number(msc_canvas *c, double x)
{
    if (isfinite(x)) {
        fprintf(c->out, " %.7g", x);
    } else {
        fputs(" NaN", c->out);
    }
}

/* ---- above and below ---- */

static size_t room(const msc_canvas *c, double letter)
{
    return (size_t)((c->width - MSC_LEFT - 6) / letter);
}

msc_wrapped msc_canvas_title(const msc_canvas *c, const char *title)
{
    return msc_wrap(title ? title : "", room(c, TITLE_LETTER));
}

msc_wrapped msc_canvas_heading(const char *heading, double width)
{
    return msc_wrap(heading, (size_t)(width / HEAD_LETTER));
}

static msc_wrapped note_lines(const msc_canvas *c, const char *note)
{
    return msc_wrap(note ? note : "", room(c, NOTE_LETTER));
}

double msc_canvas_margins(const msc_canvas *c, const char *title, const char *note)
{
    return MSC_TOP + (double)msc_canvas_title(c, title).n * (MSC_LINE + 2) + MSC_BOTTOM +
           (double)note_lines(c, note).n * MARGIN_LINE;
}

void msc_canvas_margin_texts(msc_canvas *c, const char *title, const char *note)
{
    const msc_wrapped above = msc_canvas_title(c, title), below = note_lines(c, note);
    msc_canvas_lines(c, &above, MSC_LEFT, c->height - MSC_TOP, MSC_LINE + 2, "left font ',13'");
    msc_canvas_lines(c, &below, MSC_LEFT, 8 + (double)(below.n > 0 ? below.n - 1 : 0) * MARGIN_LINE, MARGIN_LINE,
                     "left font ',10' tc rgb '#555555'");
}

const char *msc_canvas_name(const char *name, const char *about, char *text, size_t size)
{
    if (!about) {
        return name;
    }
    snprintf(text, size, "%.1200s (%.200s)", about, name);
    return text;
}
