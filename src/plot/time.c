/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time axis of a figure: in which unit, with which numbers on it; and names of what is drawn. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/plot.h"

enum { TICKS = 64 };

/* ---- names ---- */

const char *msc_plot_element(msc_arena *arena, const msc_dataset *d, const msc_array *a, int first, size_t element,
                             const char *between)
{
    const char *text = "";
    size_t stride = 1;
    for (int k = first; k < a->n_axis; k++) {
        stride *= d->axis[a->axis[k]].n;
    }
    for (int k = first; k < a->n_axis; k++) {
        const msc_axis *axis = &d->axis[a->axis[k]];
        stride /= axis->n;
        const size_t at = element / stride % axis->n;
        const char *label = axis->label ? axis->label[at] : msc_arena_printf(arena, "%.6g", axis->value[at]);
        text = msc_arena_printf(arena, "%s%s%s", text, k > first ? between : "", label);
    }
    return text;
}

const char *msc_plot_split(msc_arena *arena, const char *text, const char **element)
{
    const size_t n = strcspn(text, "[");
    char *inner = NULL;
    if (text[n] == '[') {
        inner = MSC_NEW(arena, char, strlen(text) + 1);
        size_t used = 0;
        for (const char *c = text + n + 1; *c && *c != ']'; c++) {
            if (*c != ' ') {
                inner[used++] = *c;
            }
        }
    }
    *element = inner;
    return msc_arena_strndup(arena, text, n);
}

const char *msc_plot_bare(msc_arena *arena, const char *text)
{
    static const char prefix[] = "parameters.";
    const size_t n = strlen(text);
    char *bare = MSC_NEW(arena, char, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n;) {
        if (strncmp(text + i, prefix, sizeof prefix - 1) == 0) {
            i += sizeof prefix - 1;
        } else {
            bare[used++] = text[i++];
        }
    }
    return bare;
}

const char *msc_plot_caution(msc_arena *arena, const msc_dataset *d, const char *note)
{
    const char *caution = msc_dataset_text(d, "caution");
    if (!caution || !*caution) {
        return note;
    }
    size_t n = 0; /* its first sentence */
    while (caution[n] && caution[n] != '\n' && !(caution[n] == '.' && (caution[n + 1] == ' ' || caution[n + 1] == '\n'))) {
        n++;
    }
    return msc_arena_printf(arena, "%s%s%.*s", note ? note : "", note ? ". " : "", (int)n, caution);
}

/* ---- time ---- */

const char *msc_plot_time_unit(msc_units *units, const char *own, double span, double *factor)
{
    static const struct {
        const char *unit, *name;
        double least; /* seconds of span from which on it is used */
    } rows[] = {{"day", "days", 2.99 * 86400},
                {"h", "hours", 3 * 3600.0},
                {"min", "minutes", 180},
                {"s", "seconds", 0}};
    double seconds = 1;
    msc_dim dim, time;
    *factor = 1;
    if (msc_units_parse(units, "s", &seconds, &time, NULL) != MSC_OK ||
        msc_units_parse(units, own, &seconds, &dim, NULL) != MSC_OK || !msc_dim_equal(dim, time)) {
        return own;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double of = 1;
        if (span * seconds >= rows[i].least &&
            msc_units_parse(units, rows[i].unit, &of, &dim, NULL) == MSC_OK) {
            *factor = seconds / of;
            return rows[i].name;
        }
    }
    return own;
}

static double *scaled(msc_arena *arena, const double *x, size_t n, double factor)
{
    double *y = MSC_NEW(arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i] * factor;
    }
    return y;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* A bolus: the value at its time is the one after it, unless the file has both sides. */
static const bool *find_jumps(msc_arena *arena, const msc_dataset *d, int axis)
{
    const msc_axis *time = &d->axis[axis];
    const msc_array *at = msc_dataset_array(d, "dose_time");
    const msc_array *span = msc_dataset_array(d, "dose_duration");
    bool *jump = MSC_NEW(arena, bool, time->n + 1);
    const bool known = at && span && at->kind == MSC_ARRAY_REAL && span->kind == MSC_ARRAY_REAL &&
                       msc_array_size(d, at) == msc_array_size(d, span) &&
                       !msc_dataset_array(d, "side");
    for (size_t k = 0; known && k < msc_array_size(d, at); k++) {
        for (size_t i = 1; i < time->n && span->real[k] == 0; i++) {
            jump[i] = jump[i] || time->value[i] == at->real[k];
        }
    }
    return jump;
}

/* Six or so round numbers; and the first time, if the run begins before day 0 and no tick is near it. */
static void put_ticks(msc_arena *arena, msc_figure *f)
{
    const double from = f->time[0], to = f->time[f->n_time - 1], span = to - from;
    double *tick = MSC_NEW(arena, double, TICKS);
    size_t n = 0;
    f->tick = tick;
    if (!(span > 0)) {
        tick[0] = from;
        f->n_tick = 1;
        return;
    }
    const double power = pow(10, floor(log10(span / 6))), part = span / 6 / power;
    const double step = (part <= 1.2 ? 1 : part <= 2.4 ? 2 : part <= 6 ? 5 : 10) * power;
    const double first = ceil(from / step - 1e-9) * step;
    if (from < 0 && first - from > 0.05 * span) {
        tick[n++] = from;
    }
    for (double k = 0; n < TICKS && first + k * step <= to * (1 + 1e-12) + 1e-12 * span; k++) {
        const double x = first + k * step;
        tick[n++] = fabs(x) < 1e-9 * span ? 0 : x;
    }
    f->n_tick = n;
}

void msc_plot_times(msc_arena *arena, msc_units *units, const msc_dataset *d, int axis, msc_figure *f)
{
    const msc_axis *time = &d->axis[axis];
    const msc_array *dose = msc_dataset_array(d, "dose_time");
    const double span = time->value[time->n - 1] - time->value[0];
    double factor;
    const char *unit =
        msc_plot_time_unit(units, time->unit ? time->unit : "1", span > 0 ? span : fabs(time->value[0]), &factor);
    f->n_time = time->n;
    f->jump = find_jumps(arena, d, axis);
    f->time = scaled(arena, time->value, time->n, factor);
    f->time_label = msc_arena_printf(arena, "%s (%s)", time->about ? time->about : "time", unit);
    if (dose && dose->kind == MSC_ARRAY_REAL && dose->n_axis == 1) {
        const size_t n = msc_array_size(d, dose);
        double *at = scaled(arena, dose->real, n, factor);
        qsort(at, n, sizeof *at, ascending);
        f->dose = at, f->n_dose = n;
    }
    put_ticks(arena, f);
}
