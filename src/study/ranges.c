/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranges: where a parameter is known only to lie between two values, what hangs on it is shown as the
 * span over runs with these values, and never as a number that looks certain. */
#include <math.h>
#include <string.h>

#include "scenario/evaluate.h"
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

static const char *also(msc_arena *arena, const char *about, const char *text)
{
    if (!about) {
        return text;
    }
    return strstr(about, text) ? about : msc_arena_printf(arena, "%s; %s", about, text);
}

/* The quantities among the names; endpoints are the others. */
static void plan_one(msc_arena *arena, const msc_scenario *s, const msc_range *range,
                     msc_spread *list, size_t *n)
{
    const msc_conf *show = msc_conf_find(range->origin, "show");
    const char *text = range_text(arena, range);
    for (size_t i = 0; i < range->n_show; i++) {
        if (msc_endpoints_find(&s->endpoints, range->show[i]) >= 0) {
            continue;
        }
        if (msc_pick_overtaken(arena, s, show->child[i])) {
            continue;
        }
        const msc_pick pick = msc_pick_read(arena, s, show->child[i]);
        const msc_quantity *q = &s->program->quantity[pick.quantity];
        if (q->pool >= 0) {
            msc_conf_fail(arena, show,
                          "'%s' is of the ledger, which has to close: it is "
                          "not shown as a range",
                          pick.text);
        }
        msc_spread *spread = spread_for(arena, s, list, n, pick.quantity);
        spread->about = also(arena, spread->about, text);
        for (uint32_t e = 0; e < q->n; e++) {
            spread->shown[e] = spread->shown[e] || pick.all || e == pick.element;
        }
    }
}

msc_endpoint_spread *msc_spread_endpoints(msc_arena *arena, const msc_scenario *s)
{
    msc_endpoint_spread *all = MSC_NEW(arena, msc_endpoint_spread, s->endpoints.n + 1);
    for (size_t i = 0; i < s->n_range; i++) {
        for (size_t k = 0; k < s->range[i].n_show; k++) {
            const long which = msc_endpoints_find(&s->endpoints, s->range[i].show[k]);
            if (which >= 0) {
                all[which].about = also(arena, all[which].about, range_text(arena, &s->range[i]));
            }
        }
    }
    return all;
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

/* ---- the scenario's own values ---- */

double msc_range_own(msc_arena *arena, const msc_model *model, const char *path)
{
    const char *step[MSC_SLOTS] = {NULL};
    size_t n = 0;
    char *left = msc_arena_strdup(arena, path), *save = NULL;
    for (char *s = strtok_r(left, ".", &save); s && n < MSC_SLOTS; s = strtok_r(NULL, ".", &save)) {
        step[n++] = s;
    }
    const int k = n > 1 ? msc_model_find_parameter(model, step[1]) : -1;
    const long at = k >= 0 ? msc_model_element(model, &model->parameter[k].shape, step + 2, n - 2) : -1;
    msc_evaluation *e = msc_evaluation_new(arena, model, NULL);
    return at < 0 ? (double)NAN : msc_evaluate_parameter(e, k, (size_t)at) / model->parameter[k].factor;
}

const char *msc_ranges_own(msc_arena *arena, const msc_scenario *s)
{
    const char *text = "";
    for (size_t i = 0; i < s->n_range; i++) {
        const double x = msc_range_own(arena, s->model, s->range[i].vary);
        text = isnan(x) ? msc_arena_printf(arena, "%s%s%s as in the scenario", text, i > 0 ? "; " : "", s->range[i].vary)
                        : msc_arena_printf(arena, "%s%s%s = %.6g", text, i > 0 ? "; " : "", s->range[i].vary, x);
    }
    return text;
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
    const char **setting = MSC_NEW(arena, const char *, s->n_setting + 2);
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
    setting[s->n_setting + 1] = s->library;
    if (msc_scenario_read(s->path, setting, s->n_setting + (s->library ? 2 : 1), &variant, &err) != MSC_OK) {
        fail_in_range(arena, range, k, &err);
    }
    return variant;
}

static void widen(double *low, double *high, double x)
{
    *low = x < *low || isnan(*low) ? x : *low;
    *high = x > *high || isnan(*high) ? x : *high;
}

/* Of two equal ones at the upper end, that counts which may be more. */
static void widen_marked(msc_endpoint_spread *spread, size_t e, double x, msc_mark mark)
{
    if (x < spread->low[e] || isnan(spread->low[e])) {
        spread->low_mark[e] = mark;
    }
    if (x > spread->high[e] || isnan(spread->high[e]) || (x == spread->high[e] && mark == MSC_MARK_MORE)) {
        spread->high_mark[e] = mark;
    }
    if (isnan(x) && mark > spread->missing[e]) {
        spread->missing[e] = mark == MSC_MARK_EXACT ? MSC_MARK_UNKNOWN : mark;
    }
    widen(&spread->low[e], &spread->high[e], x);
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
            widen(&spread->time_low[e], &spread->time_high[e], run->peak_time[q->first + e]);
        }
    }
    const msc_endpoints *list = &run->scenario->endpoints;
    for (size_t i = 0; i < list->n; i++) {
        msc_endpoint_spread *spread = &r->endpoint_spread[i];
        for (size_t e = 0; spread->about && e < list->endpoint[i].shape.n; e++) {
            msc_mark mark;
            const double x = msc_endpoint_value(list, run->prepared.job.seek, i, e, &mark);
            widen_marked(spread, e, x, mark);
        }
    }
}

/* A check that fails in one of the runs is as much a warning as in the scenario's own. */
static void take_warnings(msc_result *r, const msc_range *range, size_t k, const msc_result *run)
{
    for (size_t i = 0; i < run->notes.n; i++) {
        msc_notes_add(&r->notes, r->arena, run->notes.note[i].where, "with %s = %.6g: %s", range->vary,
                      range->value[k], run->notes.note[i].message);
    }
}

static msc_status run_variant(msc_result *r, const msc_scenario *variant, const msc_range *range, size_t k,
                              msc_error *err)
{
    msc_result *run = NULL;
    if (variant->n_time != r->scenario->n_time ||
        variant->program->n_quantity != r->scenario->program->n_quantity ||
        variant->program->out.n != r->scenario->program->out.n ||
        variant->endpoints.n_seek != r->scenario->endpoints.n_seek) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "this run has other output times or quantities");
    }
    msc_status status = msc_scenario_run(variant, &run, err);
    if (status == MSC_OK) {
        take_in(r, run);
        take_warnings(r, range, k, run);
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

static void add_endpoints(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    r->endpoint_spread = msc_spread_endpoints(r->arena, s);
    for (size_t i = 0; i < s->endpoints.n; i++) {
        const size_t n = s->endpoints.endpoint[i].shape.n;
        r->endpoint_spread[i].low = undefined(r->arena, n);
        r->endpoint_spread[i].high = undefined(r->arena, n);
        r->endpoint_spread[i].missing = MSC_NEW(r->arena, msc_mark, n + 1);
        r->endpoint_spread[i].low_mark = MSC_NEW(r->arena, msc_mark, n + 1);
        r->endpoint_spread[i].high_mark = MSC_NEW(r->arena, msc_mark, n + 1);
    }
}

static void add(msc_result *r)
{
    const msc_scenario *s = r->scenario;
    add_endpoints(r);
    r->spread = msc_spread_plan(r->arena, s, &r->n_spread);
    for (size_t i = 0; i < r->n_spread; i++) {
        msc_spread *spread = &r->spread[i];
        const size_t n = s->program->quantity[spread->quantity].n;
        spread->low = undefined(r->arena, s->n_time * n);
        spread->high = undefined(r->arena, s->n_time * n);
        spread->peak_low = undefined(r->arena, n);
        spread->peak_high = undefined(r->arena, n);
        spread->time_low = undefined(r->arena, n);
        spread->time_high = undefined(r->arena, n);
    }
    for (size_t i = 0; i < s->n_range; i++) {
        for (size_t k = 0; k < s->range[i].n_value; k++) {
            msc_error err = {0};
            msc_scenario *variant = msc_range_scenario(r->arena, s, &s->range[i], k);
            const msc_status status = run_variant(r, variant, &s->range[i], k, &err);
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
        result->endpoint_spread = NULL;
        if (err) {
            *err = result->arena->error;
        }
        return result->arena->error.status;
    }
    if (!result->endpoint_spread) {
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
