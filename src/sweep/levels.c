/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Levels of an axis. */
#include "sweep/levels.h"

#include <math.h>
#include <string.h>

#include "study/design.h"

static const char *const keys[] = {"values", "from", "to", "n", "spacing"};

bool msc_levels_given(const msc_conf *group)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (msc_conf_find(group, keys[i])) {
            return true;
        }
    }
    return false;
}

static msc_levels read_values(msc_arena *arena, const msc_conf *group, const msc_conf *values,
                              msc_quantity_number *number, void *context)
{
    for (size_t i = 1; i < sizeof keys / sizeof *keys; i++) {
        const msc_conf *other = msc_conf_find(group, keys[i]);
        if (other) {
            msc_conf_fail(arena, other, "values are given, too; write one or the other");
        }
    }
    if (values->kind != MSC_CONF_ARRAY && values->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, values, "a list of values is wanted; e.g. [1.0, 2.0, 5.0]");
    }
    if (values->n == 0) {
        msc_conf_fail(arena, values, "there is no value in it");
    }
    double *value = MSC_NEW(arena, double, values->n);
    for (size_t i = 0; i < values->n; i++) {
        value[i] = number(context, values->child[i], false);
    }
    return (msc_levels){
        .n = values->n, .value = value, .from = value[0], .to = value[values->n - 1]};
}

static bool read_spacing(msc_arena *arena, const msc_conf *group)
{
    const msc_conf *node = msc_conf_find(group, "spacing");
    const char *text = node ? msc_conf_string(arena, node) : "linear";
    if (strcmp(text, "linear") != 0 && strcmp(text, "log") != 0) {
        msc_conf_fail(arena, node, "'%s' is no spacing; write \"linear\" or \"log\"", text);
    }
    return strcmp(text, "log") == 0;
}

msc_levels msc_levels_read(msc_arena *arena, const msc_conf *group, msc_quantity_number *number,
                           void *context)
{
    const msc_conf *values = msc_conf_find(group, "values");
    if (values) {
        return read_values(arena, group, values, number, context);
    }
    const msc_conf *from = msc_conf_need(arena, group, "from"),
                   *to = msc_conf_need(arena, group, "to");
    msc_levels levels = {.from = number(context, from, false),
                         .to = number(context, to, false),
                         .log = read_spacing(arena, group)};
    levels.n =
        (uint64_t)msc_conf_integer(arena, msc_conf_need(arena, group, "n"), 2, MSC_DESIGN_MOST);
    if (!(fabs(levels.to - levels.from) > 0)) {
        msc_conf_fail(arena, to, "'from' and 'to' are both %g; for one level write values = [%g]",
                      levels.to, levels.to);
    }
    for (int end = 0; end < 2 && levels.log; end++) {
        if (!((end ? levels.to : levels.from) > 0)) {
            msc_conf_fail(arena, end ? to : from,
                          "logarithmic spacing needs ends above 0: here is %g",
                          end ? levels.to : levels.from);
        }
    }
    return levels;
}

double msc_levels_at(const msc_levels *levels, uint64_t i)
{
    if (levels->value) {
        return levels->value[i];
    }
    if (i == 0 || i + 1 == levels->n) {
        return i == 0 ? levels->from : levels->to;
    }
    const double at = (double)i, last = (double)(levels->n - 1);
    if (levels->log) { /* log10, so that a thousandfold in three steps is three times ten */
        const double decades = log10(levels->to) - log10(levels->from);
        return levels->from * pow(10, decades * at / last);
    }
    /* the ends weighed by whole numbers: 1e6 to 1e7 in 10 gives 2e6, 3e6, ... as they are written */
    const double sum = levels->from * (last - at) + levels->to * at;
    return isfinite(sum) ? sum / last
                         : levels->from * ((last - at) / last) + levels->to * (at / last);
}
