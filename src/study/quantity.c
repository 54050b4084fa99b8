/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers with and without units. */
#include "study/quantity.h"

#include <math.h>
#include <string.h>

#include "model/syntax.h"

static double parse(const msc_quantity_unit *q, const msc_conf *node, const char *unit,
                    msc_dim *dim)
{
    msc_error err = {0};
    double factor = 1;
    const msc_status status = msc_units_parse(q->model->units, unit, &factor, dim, &err);
    if (status != MSC_OK) {
        msc_throw(q->arena, status, msc_conf_where(q->arena, node), "%s", err.message);
    }
    return factor;
}

msc_quantity_unit msc_quantity_unit_of(msc_arena *arena, msc_model *model, const msc_conf *node,
                                       const char *unit)
{
    msc_quantity_unit q = {.arena = arena, .model = model, .unit = unit};
    q.factor = parse(&q, node, unit, &q.dim);
    return q;
}

static const char *dim_text(const msc_quantity_unit *q, msc_dim dim)
{
    char text[256];
    msc_dim_text(q->model->units, dim, text, sizeof text);
    return msc_arena_strdup(q->arena, text);
}

double msc_quantity_read(void *context, const msc_conf *node, bool pure)
{
    const msc_quantity_unit *q = context;
    if (msc_conf_is_number(node)) {
        return msc_conf_real(q->arena, node);
    }
    const char *unit = NULL, *const due = pure ? "1" : q->unit;
    const double number =
        msc_syntax_quantity(q->arena, node, msc_conf_string(q->arena, node), &unit);
    const msc_dim want = pure ? (msc_dim){{0}} : q->dim;
    msc_dim dim = {{0}};
    const double factor = parse(q, node, unit ? unit : "1", &dim);
    if (!msc_dim_equal(dim, want)) {
        msc_conf_fail(q->arena, node, "its unit is '%s', where '%s' is due%s",
                      unit ? unit : dim_text(q, dim), due,
                      unit ? ""
                           : msc_arena_printf(q->arena, "; write \"%s %s\" or the bare number %s",
                                              node->string, due, node->string));
    }
    const double ratio = factor / (pure ? 1 : q->factor); /* 1, exactly, if it is the same unit */
    if (!isfinite(number * ratio)) {
        msc_conf_fail(q->arena, node, "is too large a number in '%s'", due);
    }
    return number * ratio;
}

double msc_quantity_bare(void *context, const msc_conf *node, bool pure)
{
    (void)pure;
    return msc_conf_real(context, node);
}
