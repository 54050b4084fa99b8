/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranges: where a parameter is known only to lie between two values, what hangs on it is shown as the
 * span over runs with these values, and never as a number that looks certain. */
#include <math.h>
#include <string.h>

#include "study/study.h"

/* ---- what is shown ---- */

static msc_spread *spread_for(msc_arena *arena, const msc_scenario *s, msc_spread *list, size_t *n,
                              uint32_t quantity)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i].quantity == quantity) {
            return &list[i];
        }
    }
    msc_spread *spread = &list[(*n)++];
    spread->quantity = quantity;
    spread->shown = MSC_NEW(arena, bool, s->program->quantity[quantity].n + 1);
    return spread;
}

/* "parameters.arrest.lung = 0.207, 0.95" */
static const char *range_text(msc_arena *arena, const msc_range *range)
{
    const char *text = msc_arena_printf(arena, "%s =", range->vary);
    for (size_t k = 0; k < range->n_value; k++) {
        text = msc_arena_printf(arena, "%s%s %.6g", text, k > 0 ? "," : "", range->value[k]);
    }
    return text;
}

static void plan_one(msc_arena *arena, const msc_scenario *s, const msc_range *range,
                     msc_spread *list, size_t *n)
{
    size_t n_pick = 0;
    const msc_pick *pick = msc_pick_list(arena, s, msc_conf_find(range->origin, "show"), &n_pick);
    const char *text = range_text(arena, range);
    for (size_t i = 0; i < n_pick; i++) {
        const msc_quantity *q = &s->program->quantity[pick[i].quantity];
        if (q->pool >= 0) {
            msc_conf_fail(arena, msc_conf_find(range->origin, "show"),
                          "'%s' is of the ledger, which has to close: it is "
                          "not shown as a range",
                          pick[i].text);
        }
        msc_spread *spread = spread_for(arena, s, list, n, pick[i].quantity);
        if (!spread->about || !strstr(spread->about, text)) {
            spread->about =
                spread->about ? msc_arena_printf(arena, "%s; %s", spread->about, text) : text;
        }
        for (uint32_t e = 0; e < q->n; e++) {
            spread->shown[e] = spread->shown[e] || pick[i].all || e == pick[i].element;
        }
    }
}

msc_spread *msc_spread_plan(msc_arena *arena, const msc_scenario *s, size_t *n)
{
    msc_spread *list = MSC_NEW(arena, msc_spread, s->program->n_quantity + 1);
    *n = 0;
    for (size_t i = 0; i < s->n_range; i++) {
        plan_one(arena, s, &s->range[i], list, n);
    }
    return list;
}

const msc_spread *msc_spread_of(const msc_result *r, uint32_t quantity)
{
    for (size_t i = 0; i < r->n_spread; i++) {
        if (r->spread[i].quantity == quantity) {
            return &r->spread[i];
        }
    }
    return NULL;
}

bool msc_spread_shows(const msc_result *r, uint32_t quantity, uint32_t element)
{
    const msc_spread *spread = msc_spread_of(r, quantity);
    return spread && spread->shown[element];
}

/* ---- the runs ---- */

static _Noreturn void fail_in_range(msc_arena *arena, const msc_range *range, size_t k,
                                    const msc_error *err)
{
    msc_throw(arena, err->status, msc_conf_where(arena, range->origin), "with %s = %.6g: %s",
              range->vary, range->value[k], err->message);
}

msc_scenario *msc_range_scenario(msc_arena *arena, const msc_scenario *s, const msc_range *range,
                                 size_t k)
{
    const char **setting = MSC_NEW(arena, const char *, s->n_setting + 1);
    for (size_t i = 0; i < s->n_setting; i++) {
        setting[i] = s->setting[i];
    }
    char *number = msc_arena_printf(arena, "%.17g", range->value[k]);
    for (char *sign = number; (sign = strchr(sign, ',')) != NULL;) {
        *sign = '.'; /* a locale's */
    }
    setting[s->n_setting] = msc_arena_printf(arena, "%s=%s", range->vary, number);
    msc_scenario *variant = NULL;
    msc_error err = {0};
    if (msc_scenario_read(s->path, setting, s->n_setting + 1, &variant, &err) != MSC_OK) {
        fail_in_range(arena, range, k, &err);
    }
    return variant;
}

static void widen(double *low, double *high, double x)
{
    *low = x < *low || isnan(*low) ? x : *low;
    *high = x > *high || isnan(*high) ? x : *high;
}

static void take_in(msc_result *r, const msc_result *run)
{
    const size_t n_time = r->scenario->n_time;
    for (size_t i = 0; i < r->n_spread; i++) {
        msc_spread *spread = &r->spread[i];
        const msc_quantity *q = &run->scenario->program->quantity[spread->quantity];
        for (size_t k = 0; k < n_time * q->n; k++) {
            widen(&spread->low[k], &spread->high[k], run->quantity[spread->quantity][k]);
        }
        for (uint32_t e = 0; e < q->n; e++) {
            widen(&spread->peak_low[e], &spread->peak_high[e], run->peak[q->first + e] / q->factor);
        }
    }
}

static msc_status run_variant(msc_result *r, const msc_scenario *variant, msc_error *err)
{
    msc_result *run = NULL;
    if (variant->n_time != r->scenario->n_time ||
        variant->program->n_quantity != r->scenario->program->n_quantity ||
        variant->program->out.n != r->scenario->program->out.n) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "this run has other output times or quantities");
    }
    msc_status status = msc_scenario_run(variant, &run, err);
    if (status == MSC_OK) {
        take_in(r, run);
    }
    msc_result_free(run);
    return status;
}

static double *undefined(msc_arena *arena, size_t n)
{
    double *x = MSC_NEW(arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        x[i] = NAN;
    }
    return x;
}

static void add(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    r->spread = msc_spread_plan(r->arena, s, &r->n_spread);
    for (size_t i = 0; i < r->n_spread; i++) {
        msc_spread *spread = &r->spread[i];
        const size_t n = s->program->quantity[spread->quantity].n;
        spread->low = undefined(r->arena, s->n_time * n);
        spread->high = undefined(r->arena, s->n_time * n);
        spread->peak_low = undefined(r->arena, n);
        spread->peak_high = undefined(r->arena, n);
    }
    for (size_t i = 0; i < s->n_range; i++) {
        for (size_t k = 0; k < s->range[i].n_value; k++) {
            msc_error err = {0};
            msc_scenario *variant = msc_range_scenario(r->arena, s, &s->range[i], k);
            const msc_status status = run_variant(r, variant, &err);
            msc_scenario_free(variant);
            if (status != MSC_OK) {
                fail_in_range(r->arena, &s->range[i], k, &err);
            }
        }
    }
}

msc_status msc_result_add_ranges(msc_result *result, msc_error *err)
{
    if (MSC_CATCH(result->arena)) {
        result->n_spread = 0;
        if (err) {
            *err = result->arena->error;
        }
        return result->arena->error.status;
    }
    if (result->n_spread == 0) {
        add(result);
    }
    return MSC_OK;
}

bool msc_result_range(const msc_result *result, const char *quantity, size_t element, size_t time,
                      double *low, double *high)
{
    for (size_t i = 0; i < result->n_spread; i++) {
        const msc_spread *spread = &result->spread[i];
        const msc_quantity *q = &result->scenario->program->quantity[spread->quantity];
        if (strcmp(q->name, quantity) == 0 && element < q->n && time < result->scenario->n_time) {
            *low = spread->low[time * q->n + element];
            *high = spread->high[time * q->n + element];
            return true;
        }
    }
    return false;
}
