/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bound of a map: "peak_occlusion<=1 percent", in the endpoint's own unit or one that can be converted to it. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "store/canvas.h"
#include "plot/plot.h"

/* " percent"; of a pure number "". */
static const char *unit_text(const msc_plot_sweep *p)
{
    return strcmp(p->bound.unit, "1") == 0 ? "" : msc_arena_printf(p->arena, " %s", p->bound.unit);
}

static _Noreturn void refuse(const msc_plot_sweep *p)
{
    const char *unit = unit_text(p);
    msc_throw(p->arena, MSC_E_USAGE, NULL,
              "--bound '%s': write NAME<=NUMBER or NAME>=NUMBER, the number in the unit of the endpoint%s%s%s or with a unit of its own",
              p->options->bound, *unit ? " (" : "", *unit ? unit + 1 : "", *unit ? ")" : "");
}

/* How many of the endpoint's unit one of `unit` is. */
static double conversion(msc_plot_sweep *p, const char *unit)
{
    double from = 1, to = 1;
    msc_dim dim, own;
    msc_error err = {0};
    if (strcmp(unit, p->bound.unit) == 0) {
        return 1;
    }
    if (msc_units_parse(p->units, unit, &from, &dim, &err) != MSC_OK) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--bound '%s': %s", p->options->bound, err.message);
    }
    if (msc_units_parse(p->units, p->bound.unit, &to, &own, NULL) != MSC_OK || !msc_dim_equal(dim, own)) {
        msc_throw(p->arena, MSC_E_USAGE, NULL, "--bound '%s': '%s' cannot be converted to the unit of %s, which is %s", p->options->bound,
                  unit, p->bound.name, strcmp(p->bound.unit, "1") == 0 ? "1" : p->bound.unit);
    }
    return from / to;
}

/* Not another number, which would be a factor: "percent", "1/h". */
static bool begins_as_unit(const char *text)
{
    const unsigned char c = (unsigned char)*text;
    return isalpha(c) || c == '%' || c >= 0x80 || strcmp(text, "1") == 0 || strncmp(text, "1/", 2) == 0;
}

/* "1", "1 percent", "1percent": the number and what stands behind it. */
static double read_limit(msc_plot_sweep *p, const char *text)
{
    double limit;
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ') {
        n--;
    }
    const char *whole = msc_arena_strndup(p->arena, text, n);
    for (size_t k = n; k > 0; k--) { /* the longest beginning that is a number */
        const char *unit = whole + k;
        if (!msc_text_real(msc_arena_strndup(p->arena, whole, k), &limit)) {
            continue;
        }
        unit += strspn(unit, " ");
        if (*unit && !begins_as_unit(unit)) {
            refuse(p);
        }
        return *unit ? limit * conversion(p, unit) : limit;
    }
    refuse(p);
}

void msc_plot_read_bound(msc_plot_sweep *p, msc_map_bound *b)
{
    const char *text = p->options->bound, *sign = text + strcspn(text, "<>=");
    b->name = p->bound.name;
    if (!*sign) {
        return;
    }
    b->limited = true, b->at_most = *sign == '<';
    if (sign[0] == '=' || sign[1] != '=') {
        refuse(p);
    }
    b->limit = read_limit(p, sign + 2 + strspn(sign + 2, " "));
}

/* For whoever asked, beside the figure. */
static void remark(const msc_plot_sweep *p, const char *text)
{
    const msc_figure_options *o = p->options;
    if (o->remark && o->remark_size > 0) {
        snprintf(o->remark, o->remark_size, "%s", text);
    }
}

void msc_plot_note_bound(msc_plot_sweep *p, const msc_map_bound *b, const double *value, size_t n)
{
    const char *unit = unit_text(p);
    double low = INFINITY, high = -(double)INFINITY;
    size_t beyond = 0, known = 0;
    char text[MSC_NUMBER];
    if (!b->limited) {
        msc_plot_note(p, "lines: %s%s%s%s", b->name, *unit ? " (" : "", *unit ? unit + 1 : "", *unit ? ")" : "");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        known += isfinite(value[i]);
        beyond += b->at_most ? value[i] > b->limit : value[i] < b->limit;
        low = isfinite(value[i]) ? fmin(low, value[i]) : low;
        high = isfinite(value[i]) ? fmax(high, value[i]) : high;
    }
    msc_round_text(text, b->limit);
    const char *sign = b->at_most ? "above" : "below";
    if (beyond == 0) {
        msc_plot_note(p, "lines: %s, nowhere %s %s%s", b->name, sign, text, unit);
    } else if (beyond == known) {
        msc_plot_note(p, "lines: %s, everywhere %s %s%s (faded)", b->name, sign, text, unit);
    } else {
        msc_plot_note(p, "lines: %s; faded: where it is %s %s%s", b->name, sign, text, unit);
    }
    if (beyond == 0 || beyond == known) {
        remark(p, msc_arena_printf(p->arena, "--bound excludes %s: %s is from %.3g to %.3g%s, %s %s %s%s", beyond == 0 ? "nothing" : "everything",
                                   b->name, low, high, unit, beyond == 0 ? "nowhere" : "everywhere", sign, text, unit));
    }
}
