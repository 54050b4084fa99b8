/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Endpoints as questions to the engine, and what its answers make of them. */
#include <math.h>
#include <string.h>

#include "scenario/scenario.h"

size_t msc_endpoints_extras(msc_arena *arena, msc_endpoints *list, bool ledger, const msc_extra **extra)
{
    msc_extra *all = MSC_NEW(arena, msc_extra, 2 * list->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        msc_endpoint *e = &list->endpoint[i];
        if (e->expr) {
            e->extra = n;
            all[n++] = (msc_extra){.expr = e->expr, .shape = &e->shape};
        }
        if (e->kind == MSC_ENDPOINT_TOTAL && !ledger) {
            e->booked = n;
            all[n++] = (msc_extra){.pool = e->pool, .fate = e->fate};
        }
    }
    *extra = all;
    return n;
}

/* ---- questions ---- */

static msc_seek_kind seek_kind(msc_endpoint_kind kind)
{
    switch (kind) {
    case MSC_ENDPOINT_MAX:
    case MSC_ENDPOINT_TIME_OF_MAX: return MSC_SEEK_MAX;
    case MSC_ENDPOINT_MIN:
    case MSC_ENDPOINT_TIME_OF_MIN: return MSC_SEEK_MIN;
    case MSC_ENDPOINT_TIME_ABOVE:
    case MSC_ENDPOINT_FIRST_ABOVE:
    case MSC_ENDPOINT_LAST_ABOVE: return MSC_SEEK_ABOVE;
    case MSC_ENDPOINT_HALF_LIFE: return MSC_SEEK_HALF;
    default: return MSC_SEEK_VALUE;
    }
}

static void ask(msc_engine_seek **at, msc_seek_kind kind, uint32_t row, const msc_endpoint *e)
{
    *(*at)++ = (msc_engine_seek){.kind = kind, .row = row, .from = e->from, .until = e->until, .level = e->level};
}

/* How much there is of a row at the end of the window, and at its beginning: what enters at an edge belongs
 * to the window that begins there, at the end of the run to the one that ends there. */
static void ask_growth(msc_engine_seek **at, uint32_t row, const msc_endpoint *e)
{
    msc_endpoint begin = *e;
    begin.until = begin.from;
    ask(at, e->until < e->end ? MSC_SEEK_BEFORE : MSC_SEEK_VALUE, row, e);
    ask(at, MSC_SEEK_BEFORE, row, &begin);
}

/* What has left a pool by a fate: a row of the ledger; MSC_NONE: nothing can. */
static uint32_t ledger_row(const msc_program *p, int pool, const char *fate)
{
    for (uint32_t k = 0; k < p->n_quantity; k++) {
        const msc_quantity *q = &p->quantity[k];
        const bool left = q->pool == pool && q->n_dim == 1 && strncmp(q->dim[0], "fate_", 5) == 0;
        for (uint32_t i = 0; left && i < q->n; i++) {
            if (strcmp(q->label[0][i], fate) == 0) {
                return q->first + i;
            }
        }
    }
    return MSC_NONE;
}

static void ask_total(const msc_program *p, bool ledger, msc_engine_seek **at, const msc_endpoint *e)
{
    const uint32_t row = ledger ? ledger_row(p, e->pool, p->model->fate[e->fate]) : p->extra[e->booked];
    msc_endpoint end = *e;
    end.until = e->end;
    if (row != MSC_NONE) {
        ask_growth(at, row, e);
    }
    if (row != MSC_NONE && e->expr) {
        ask(at, MSC_SEEK_VALUE, p->extra[e->extra], &end);
    }
}

/* The last quarter of the window: its beginning, middle and end, which is before what enters there. */
static void ask_slope(msc_engine_seek **at, uint32_t row, const msc_endpoint *e)
{
    const double span = e->until - e->from;
    const double back[] = {0.25, 0.125, 1e-9};
    for (int k = 0; k < 3; k++) {
        msc_endpoint then = *e;
        then.until = e->until - back[k] * span;
        ask(at, MSC_SEEK_VALUE, row, &then);
    }
}

/* All questions of an endpoint, element by element. */
static void ask_all(const msc_program *p, bool ledger, msc_engine_seek **at, const msc_endpoint *e)
{
    for (uint32_t k = 0; k < e->shape.n && e->kind != MSC_ENDPOINT_RATIO; k++) {
        if (e->kind == MSC_ENDPOINT_TOTAL) {
            ask_total(p, ledger, at, e);
        } else if (e->kind == MSC_ENDPOINT_AUC || e->kind == MSC_ENDPOINT_MEAN) {
            ask_growth(at, p->extra[e->extra] + k, e);
        } else if (e->kind == MSC_ENDPOINT_TERMINAL_HALF_LIFE) {
            ask_slope(at, p->extra[e->extra] + k, e);
        } else {
            ask(at, seek_kind(e->kind), p->extra[e->extra] + k, e);
        }
    }
}

/* The run does not hold the window that was meant: what is asked instead is of no account. */
static void put_off(msc_engine_seek *first, const msc_engine_seek *end, const msc_endpoint *e)
{
    for (msc_engine_seek *s = first; e->off && s < end; s++) {
        s->from = s->until = e->end;
        s->off = true;
    }
}

void msc_endpoints_ask(msc_arena *arena, const msc_program *p, bool ledger, msc_endpoints *list)
{
    size_t most = 0;
    for (size_t i = 0; i < list->n; i++) {
        most += 3 * list->endpoint[i].shape.n;
    }
    list->ledger = ledger;
    list->seek = MSC_NEW(arena, msc_engine_seek, most + 1);
    msc_engine_seek *at = list->seek;
    for (size_t i = 0; i < list->n; i++) {
        msc_endpoint *e = &list->endpoint[i];
        e->first_seek = (size_t)(at - list->seek);
        ask_all(p, ledger, &at, e);
        put_off(list->seek + e->first_seek, at, e);
        e->n_seek = ((size_t)(at - list->seek) - e->first_seek) / (e->shape.n > 0 ? e->shape.n : 1);
    }
    list->n_seek = (size_t)(at - list->seek);
}

void msc_endpoints_move(const msc_endpoints *list, const msc_program *p, const msc_dose *dose, double start, double end,
                        msc_engine_seek *seek)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->endpoint[i].edge[0].dose < 0 && list->endpoint[i].edge[1].dose < 0) {
            continue;
        }
        msc_endpoint e = list->endpoint[i];
        double *const side[2] = {&e.from, &e.until};
        for (int k = 0; k < 2; k++) {
            *side[k] = e.edge[k].dose < 0 ? msc_moment(e.edge[k].time) : msc_moment(dose[e.edge[k].dose].exact.at + e.edge[k].time);
        }
        e.off = e.kind == MSC_ENDPOINT_VALUE ? !(e.until >= start && e.until <= end)
                                             : !(e.from >= start && e.from < e.until && e.until <= end);
        msc_engine_seek *at = seek + e.first_seek;
        ask_all(p, list->ledger, &at, &e);
        put_off(seek + e.first_seek, at, &e);
    }
}

/* ---- answers ---- */

static double finite_or_nan(double x)
{
    return isfinite(x) ? x : (double)NAN;
}

static const char *const words[MSC_MARKS] = {[MSC_MARK_MORE] = "and more",
                                             [MSC_MARK_LESS] = "or less",
                                             [MSC_MARK_NEVER] = "never",
                                             [MSC_MARK_NOT_YET] = "not yet",
                                             [MSC_MARK_NOT_FALLING] = "not falling",
                                             [MSC_MARK_UNKNOWN] = "not known"};

const char *const *msc_mark_names(void)
{
    static const char *const name[MSC_MARKS + 1] = {
        [MSC_MARK_EXACT] = "exact",       [MSC_MARK_MORE] = "at_least",           [MSC_MARK_LESS] = "at_most",
        [MSC_MARK_NEVER] = "never",       [MSC_MARK_NOT_YET] = "not_yet",         [MSC_MARK_NOT_FALLING] = "not_falling",
        [MSC_MARK_UNKNOWN] = "not_known"};
    return name;
}

const char *msc_mark_word(msc_mark mark)
{
    return words[mark];
}

bool msc_endpoint_may_mark(const msc_endpoints *list, size_t which)
{
    const msc_endpoint *e = &list->endpoint[which];
    if (e->off || e->edge[0].dose >= 0 || e->edge[1].dose >= 0) {
        return true;
    }
    switch (e->kind) {
    case MSC_ENDPOINT_TIME_ABOVE:
    case MSC_ENDPOINT_FIRST_ABOVE:
    case MSC_ENDPOINT_LAST_ABOVE:
    case MSC_ENDPOINT_HALF_LIFE:
    case MSC_ENDPOINT_TERMINAL_HALF_LIFE: return true;
    case MSC_ENDPOINT_RATIO:
        return msc_endpoint_may_mark(list, e->of[0]) || msc_endpoint_may_mark(list, e->of[1]);
    default: return false;
    }
}

/* What is not there because it was never above, or had not fallen yet. */
static double time_or_mark(double time, msc_mark why, msc_mark *mark)
{
    *mark = isnan(time) ? why : *mark;
    return time;
}

static double growth(const msc_endpoint *e, const msc_engine_seek *a)
{
    const double x = e->n_seek > 0 ? a[0].value - a[1].value : 0;
    if (e->kind == MSC_ENDPOINT_TOTAL && e->expr) {
        return e->n_seek > 0 ? x / a[2].value : 0;
    }
    return e->kind == MSC_ENDPOINT_MEAN ? x / (a[0].until - a[1].until) : x;
}

/* By the values at the beginning, in the middle and at the end of the last quarter. */
static double terminal(const msc_engine_seek *a, msc_mark *mark)
{
    const double span = a[2].until - a[0].until;
    const bool falls = a[0].value > a[1].value && a[1].value > a[2].value && a[2].value > 0.0;
    *mark = falls ? MSC_MARK_EXACT : MSC_MARK_NOT_FALLING;
    return falls ? span * log(2.0) / log(a[0].value / a[2].value) : (double)NAN;
}

static double inner(const msc_endpoints *list, const msc_engine_seek *answer, size_t which,
                    size_t element, msc_mark *mark);

/* At least so much by a number is at least that, a number by it at most; and the other way round. */
static double quotient(const msc_endpoints *list, const msc_engine_seek *answer,
                       const msc_endpoint *e, size_t element, msc_mark *mark)
{
    msc_mark part[2] = {MSC_MARK_EXACT, MSC_MARK_EXACT};
    const double a = inner(list, answer, e->of[0], element, &part[0]),
                 b = inner(list, answer, e->of[1], element, &part[1]);
    for (int k = 1; k >= 0; k--) {
        *mark = part[k] > MSC_MARK_LESS ? part[k] : *mark;
    }
    if (*mark != MSC_MARK_EXACT) {
        return NAN;
    }
    if (part[0] != MSC_MARK_EXACT && part[0] == part[1]) { /* at least that by at least that */
        *mark = MSC_MARK_UNKNOWN;
        return NAN;
    }
    *mark = part[0] != MSC_MARK_EXACT ? part[0]
            : part[1] == MSC_MARK_MORE ? MSC_MARK_LESS
            : part[1] == MSC_MARK_LESS ? MSC_MARK_MORE
                                       : MSC_MARK_EXACT;
    return a / b;
}

/* In inner units. */
static double inner(const msc_endpoints *list, const msc_engine_seek *answer, size_t which,
                    size_t element, msc_mark *mark)
{
    const msc_endpoint *e = &list->endpoint[which];
    const msc_engine_seek *a = answer + e->first_seek + element * e->n_seek;
    if (e->n_seek > 0 && a->off) {
        *mark = MSC_MARK_UNKNOWN;
        return NAN;
    }
    switch (e->kind) {
    case MSC_ENDPOINT_RATIO: return quotient(list, answer, e, element, mark);
    case MSC_ENDPOINT_AUC:
    case MSC_ENDPOINT_MEAN:
    case MSC_ENDPOINT_TOTAL: return growth(e, a);
    case MSC_ENDPOINT_TIME_OF_MAX:
    case MSC_ENDPOINT_TIME_OF_MIN: return a->time;
    case MSC_ENDPOINT_TIME_ABOVE:
        *mark = a->last >= a->until ? MSC_MARK_MORE : MSC_MARK_EXACT; /* it still is when the window ends */
        return a->above;
    case MSC_ENDPOINT_FIRST_ABOVE:
        *mark = a->already ? MSC_MARK_LESS : MSC_MARK_EXACT; /* it was before the window begins */
        return time_or_mark(a->first, MSC_MARK_NEVER, mark);
    case MSC_ENDPOINT_LAST_ABOVE:
        *mark = a->last >= a->until ? MSC_MARK_MORE : MSC_MARK_EXACT;
        return time_or_mark(a->last, MSC_MARK_NEVER, mark);
    case MSC_ENDPOINT_HALF_LIFE:
        return time_or_mark(a->last - a->time, a->value > 0 ? MSC_MARK_NOT_YET : MSC_MARK_NEVER, mark);
    case MSC_ENDPOINT_TERMINAL_HALF_LIFE: return terminal(a, mark);
    case MSC_ENDPOINT_MAX:
    case MSC_ENDPOINT_MIN:
    case MSC_ENDPOINT_VALUE: break;
    }
    return a->value;
}

double msc_endpoint_value(const msc_endpoints *list, const msc_engine_seek *answer, size_t which,
                          size_t element, msc_mark *mark)
{
    msc_mark own = MSC_MARK_EXACT;
    const double x =
        finite_or_nan(inner(list, answer, which, element, &own) / list->endpoint[which].factor);
    if (isnan(x) && own <= MSC_MARK_LESS && list->endpoint[which].kind == MSC_ENDPOINT_RATIO) {
        own = MSC_MARK_UNKNOWN;
    }
    if (mark) {
        *mark = own;
    }
    return x;
}

long msc_endpoints_find(const msc_endpoints *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (name && strcmp(list->endpoint[i].name, name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

const char *msc_endpoint_label(msc_arena *arena, const msc_model *model, const msc_endpoint *e,
                               size_t element)
{
    return msc_shape_label(arena, model, e->name, &e->shape, element);
}

/* ---- by name, of a result ---- */

const char *msc_result_endpoint_name(const msc_result *result, size_t i)
{
    const msc_endpoints *list = &result->scenario->endpoints;
    return i < list->n ? list->endpoint[i].name : NULL;
}

msc_status msc_result_endpoint(const msc_result *result, const char *name, size_t element,
                               double *value, const char **unit, const char **word, msc_error *err)
{
    const msc_endpoints *list = &result->scenario->endpoints;
    const long k = msc_endpoints_find(list, name);
    if (k < 0 || element >= list->endpoint[k].shape.n) {
        return msc_fail(err, MSC_E_USAGE, NULL, "the result has no endpoint '%s' with element %zu",
                        name ? name : "", element);
    }
    msc_mark mark = MSC_MARK_EXACT;
    *value = msc_endpoint_value(list, result->prepared.job.seek, (size_t)k, element, &mark);
    if (word) {
        *word = msc_mark_word(mark);
    }
    if (unit) {
        *unit = list->endpoint[k].unit;
    }
    return MSC_OK;
}

bool msc_result_endpoint_range(const msc_result *result, const char *name, size_t element,
                               double *low, double *high)
{
    const msc_endpoints *list = &result->scenario->endpoints;
    const long k = msc_endpoints_find(list, name);
    if (k < 0 || !result->endpoint_spread || !result->endpoint_spread[k].about ||
        element >= list->endpoint[k].shape.n) {
        return false;
    }
    *low = result->endpoint_spread[k].low[element];
    *high = result->endpoint_spread[k].high[element];
    return true;
}
