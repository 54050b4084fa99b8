/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a literature table, run. First it is noted what each row needs of which run, so that
 * equal runs are done once; then they are done; then each row makes its number. Of a scenario file
 * only model, parameters, regimen and end count: quantities and times are the rows' own, put on top
 * as settings, and the scenario's summary, ranges and file are never looked at.
 *
 * A time at which something crosses a level is found on a grid, then on a finer one between two
 * places of the first, and interpolated there. */
#include "study/validate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COARSE = 400, FINE = 200 };
static const char RTOL[] =
    "solver.rtol=1e-8"; /* four digits of a table, whatever the scenario asks */

/* A scenario with its settings, read as far as its model: for units, times and its end. */
typedef struct base {
    const char *config; /* to open */
    size_t n_set;
    const char **set;
    msc_model *model;
    double until;
    struct base *next;
} base;

/* A run: quantities and times asked of a base, and what came out. */
typedef struct trial {
    base *of;
    double until;
    const msc_conf *asked_by; /* a row's node */
    size_t n_quantity, cap_quantity, n_time, cap_time;
    struct asked {
        const char *formula, *unit;
        double peak, *value; /* [n_at] */
    } * quantity;
    double *time; /* asked */
    size_t n_at;
    double *at; /* got */
    const char *failure;
    struct trial *next;
} trial;

/* What a row needs: up to two quantities, each in a run. */
typedef struct {
    trial *run[2];
    size_t quantity[2];
    double at[2], from, until;
} need;

struct msc_validate_runs {
    msc_validation *v;
    msc_arena *arena;
    base *bases;
    trial *trials;
    need *need;
};

/* ---- bases ---- */

static _Noreturn void fail_at(msc_arena *arena, const msc_conf *node, const msc_error *err)
{
    msc_throw(arena, err->status, msc_conf_where(arena, node), "%s%s%s", err->where,
              err->where[0] ? ": " : "", err->message);
}

static bool same_settings(const base *b, const msc_validate_side *side)
{
    bool same = b->n_set == side->n_set;
    for (size_t i = 0; same && i < side->n_set; i++) {
        same = strcmp(b->set[i], side->set[i]) == 0;
    }
    return same;
}

static double time_of(const base *b, msc_arena *arena, const msc_conf *node)
{
    const msc_scenario s = {.model = b->model};
    return msc_scenario_time(&s, arena, node, b->model->time_unit);
}

static base *base_of(msc_validate_runs *r, const msc_validate_row *row,
                     const msc_validate_side *side)
{
    const char *name = side->config->string;
    const char *config =
        name[0] == '/' ? name : msc_arena_printf(r->arena, "%s%s", r->v->folder, name);
    for (base *b = r->bases; b; b = b->next) {
        if (strcmp(b->config, config) == 0 && same_settings(b, side)) {
            return b;
        }
    }
    base *b = MSC_NEW(r->arena, base, 1);
    *b = (base){.config = config, .n_set = side->n_set, .set = side->set, .next = r->bases};
    msc_error err = {0};
    if (msc_model_read(config, side->set, side->n_set, &b->model, &err) != MSC_OK) {
        fail_at(r->arena, row->node, &err);
    }
    r->bases = b;
    const msc_conf *output = msc_conf_find(b->model->tree, "output");
    const msc_conf *until = output ? msc_conf_find(output, "until") : NULL;
    b->until = until ? time_of(b, r->arena, until) : 0;
    return b;
}

/* ---- what is asked of a run ---- */

static trial *trial_of(msc_validate_runs *r, base *b, double until, const msc_conf *asked_by)
{
    for (trial *t = r->trials; t; t = t->next) {
        if (t->of == b && t->until == until) {
            return t;
        }
    }
    trial *t = MSC_NEW(r->arena, trial, 1);
    *t = (trial){.of = b, .until = until, .asked_by = asked_by};
    return t;
}

static size_t ask_quantity(msc_arena *arena, trial *t, const char *formula, const char *unit)
{
    for (size_t i = 0; i < t->n_quantity; i++) {
        if (strcmp(t->quantity[i].formula, formula) == 0 &&
            strcmp(t->quantity[i].unit, unit) == 0) {
            return i;
        }
    }
    *MSC_PUSH(arena, t->quantity, t->n_quantity, t->cap_quantity) =
        (struct asked){.formula = formula, .unit = unit, .peak = NAN};
    return t->n_quantity - 1;
}

static void ask_time(msc_arena *arena, trial *t, double time)
{
    *MSC_PUSH(arena, t->time, t->n_time, t->cap_time) = time;
}

static double grid(double from, double to, int k, int n)
{
    return k == n ? to : from + (to - from) * k / n;
}

static void ask_grid(msc_arena *arena, trial *t, double from, double to, int n)
{
    for (int k = 0; k <= n; k++) {
        ask_time(arena, t, grid(from, to, k, n));
    }
}

/* The unit in which a side is asked for: the row's own if the number is in it, else that of the
 * formula. Both are tested here, where the place in the rows' file is known. */
static const char *unit_of(msc_validate_runs *r, const msc_validate_row *row,
                           const msc_validate_side *side, const base *b)
{
    const bool own = row->kind == MSC_VALIDATE_VALUE || row->kind == MSC_VALIDATE_PEAK;
    const msc_dim dim =
        msc_model_formula(b->model, r->arena, side->quantity, side->quantity->string)->dim;
    char text[64], wanted[64];
    double factor;
    msc_dim unit;
    msc_error err = {0};
    if (msc_units_parse(b->model->units, row->unit->string, &factor, &unit, &err) != MSC_OK) {
        fail_at(r->arena, row->unit, &err);
    }
    const bool time = row->kind == MSC_VALIDATE_HALF_TIME || row->kind == MSC_VALIDATE_FIRST_BELOW;
    const msc_dim want = own ? dim : time ? msc_dim_time(b->model->units) : (msc_dim){{0}};
    msc_dim_text(b->model->units, want, wanted, sizeof wanted);
    if (!msc_dim_equal(unit, want)) {
        msc_conf_fail(r->arena, row->unit, "'%s' does not fit: the number of this row is in %s",
                      row->unit->string, wanted);
    }
    msc_dim_text(b->model->units, dim, text, sizeof text);
    return own ? row->unit->string : msc_arena_strdup(r->arena, text);
}

static void note(msc_validate_runs *r, const msc_validate_row *row, need *n)
{
    base *b[2] = {0};
    const char *unit[2] = {0};
    const int sides = row->two ? 2 : 1;
    double until[2] = {0};
    for (int k = 0; k < sides; k++) {
        b[k] = base_of(r, row, &row->side[k]);
        unit[k] = unit_of(r, row, &row->side[k], b[k]);
        n->at[k] = row->side[k].at ? time_of(b[k], r->arena, row->side[k].at) : 0;
        until[k] = row->until ? time_of(b[k], r->arena, row->until) : fmax(b[k]->until, n->at[k]);
    }
    if (row->two && strcmp(unit[0], unit[1]) != 0) {
        msc_conf_fail(r->arena, row->node, "this is in %s, and what it is held against in %s",
                      unit[0], unit[1]);
    }
    n->from = row->from ? time_of(b[0], r->arena, row->from) : 0;
    n->until = row->two ? fmin(until[0], until[1]) : until[0];
    for (int k = 0; k < sides; k++) {
        trial *t = trial_of(r, b[k], until[k], row->node);
        if (t->n_time == 0) {
            t->next = r->trials, r->trials = t;
            ask_time(r->arena, t, until[k]);
        }
        n->run[k] = t;
        n->quantity[k] = ask_quantity(r->arena, t, row->side[k].quantity->string, unit[k]);
        if (row->kind == MSC_VALIDATE_HALF_TIME || row->kind == MSC_VALIDATE_FIRST_BELOW) {
            if (!(n->from < n->until)) {
                msc_conf_fail(r->arena, row->node,
                              "the run ends before the time from which is counted");
            }
            ask_grid(r->arena, t, n->from, n->until, COARSE);
        } else if (!row->peak) {
            ask_time(r->arena, t, n->at[k]);
        }
    }
}

/* ---- running ---- */

/* "1.5 h", in quotes and in the model's unit, which is that of all times inside. */
static const char *time_text(msc_arena *arena, const base *of, double t)
{
    char *text = msc_arena_printf(arena, "%.15g", t);
    text = strtod(text, NULL) == t ? text : msc_arena_printf(arena, "%.17g", t);
    for (char *sign = text; (sign = strchr(sign, ',')) != NULL;) {
        *sign = '.'; /* a locale's */
    }
    return msc_arena_printf(arena, "\"%s %s\"", text, of->model->time_unit);
}

/* A formula as a text of libconfig. */
static const char *quoted(msc_arena *arena, const char *text)
{
    char *out = MSC_NEW(arena, char, 2 * strlen(text) + 3), *to = out;
    *to++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            *to++ = '\\';
        }
        *to++ = *text;
    }
    *to++ = '"';
    return out;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static const char *times_setting(msc_arena *arena, const trial *t)
{
    static const char head[] = "output.times=[";
    qsort(t->time, t->n_time, sizeof *t->time, ascending);
    char *text =
        MSC_NEW(arena, char, sizeof head + (40 + strlen(t->of->model->time_unit)) * t->n_time + 2);
    size_t n = sizeof head - 1;
    memcpy(text, head, n);
    for (size_t i = 0; i < t->n_time; i++) {
        if (i > 0 && t->time[i] == t->time[i - 1]) {
            continue;
        }
        const char *time = time_text(arena, t->of, t->time[i]);
        text[n] = ',';
        n += i > 0;
        memcpy(text + n, time, strlen(time));
        n += strlen(time);
    }
    text[n] = ']';
    return text;
}

/* What a scenario shows of itself, and what would refer to what is not asked for here. */
static const char *const left_aside[] = {"endpoints", "ranges", "summary"};

static const char **settings_of(msc_arena *arena, const trial *t, size_t *n)
{
    const base *b = t->of;
    const char **set = MSC_NEW(arena, const char *, b->n_set + t->n_quantity + 16), *names = "";
    *n = 0;
    for (size_t i = 0; i < b->n_set; i++) {
        set[(*n)++] = b->set[i];
    }
    for (size_t i = 0; i < sizeof left_aside / sizeof *left_aside; i++) {
        /* a number takes a group's place, and an empty group the number's: so it is emptied */
        set[(*n)++] = msc_arena_printf(arena, "output.%s=0", left_aside[i]);
        set[(*n)++] = msc_arena_printf(arena, "output.%s={}", left_aside[i]);
    }
    for (size_t i = 0; i < t->n_quantity; i++) {
        set[(*n)++] = msc_arena_printf(arena, "outputs.validate_%zu={unit=%s;value=%s;}", i,
                                       quoted(arena, t->quantity[i].unit),
                                       quoted(arena, t->quantity[i].formula));
        names = msc_arena_printf(arena, "%s%s\"validate_%zu\"", names, i > 0 ? "," : "", i);
    }
    set[(*n)++] = msc_arena_printf(arena, "output.quantities=[%s]", names);
    set[(*n)++] = msc_arena_printf(arena, "output.until=%s", time_text(arena, b, t->until));
    set[(*n)++] = times_setting(arena, t);
    set[(*n)++] = "output.both_sides=false";
    set[(*n)++] = "output.ledger=off";
    set[(*n)++] = RTOL;
    return set;
}

static void keep(msc_arena *arena, trial *t, const msc_result *result)
{
    const double *at;
    t->n_at = msc_result_times(result, &at);
    t->at = MSC_NEW(arena, double, t->n_at + 1);
    memcpy(t->at, at, t->n_at * sizeof *at);
    for (size_t i = 0; i < t->n_quantity; i++) {
        char name[40];
        double when;
        snprintf(name, sizeof name, "validate_%zu", i);
        const double *value = msc_result_values(result, name, NULL, NULL);
        t->quantity[i].value = MSC_NEW(arena, double, t->n_at + 1);
        memcpy(t->quantity[i].value, value, t->n_at * sizeof *value);
        (void)!msc_result_peak(result, name, 0, &t->quantity[i].peak, &when, NULL);
    }
}

static void run(msc_arena *arena, trial *t)
{
    msc_scenario *scenario = NULL;
    msc_result *result = NULL;
    msc_error err = {0};
    size_t n;
    const char **set = settings_of(arena, t, &n);
    msc_status status = msc_scenario_read(t->of->config, set, n, &scenario, &err);
    if (status == MSC_OK) {
        status = msc_scenario_run(scenario, &result, &err);
    }
    if (status == MSC_OK) {
        keep(arena, t, result);
    }
    msc_result_free(result);
    msc_scenario_free(scenario);
    if (status == MSC_E_NUMERIC) {
        t->failure =
            msc_arena_printf(arena, "%s%s%s", err.where, err.where[0] ? ": " : "", err.message);
    } else if (status != MSC_OK) {
        fail_at(arena, t->asked_by, &err);
    }
}

/* ---- a row's number ---- */

/* At a time that was asked for, the value just after it. */
static double value_at(const trial *t, size_t quantity, double time)
{
    const double limit = time + 1e-9 * fmax(1, fabs(time));
    size_t low = 0, high = t->n_at; /* at[low] <= limit < at[high] */
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        *(t->at[mid] <= limit ? &low : &high) = mid;
    }
    return t->n_at > 0 ? t->quantity[quantity].value[low] : (double)NAN;
}

/* What has to fall to 0: how far above its level a row's number is at a time; NaN where it has none. */
static double excess(const msc_validate_row *row, const need *n, double first, double time)
{
    const double a = value_at(n->run[0], n->quantity[0], time);
    if (row->kind == MSC_VALIDATE_HALF_TIME) {
        return a - first / 2;
    }
    const double b = value_at(n->run[1], n->quantity[1], time);
    return time > 0 && b > 0 ? a / b - row->level : (double)NAN;
}

/* The first two neighbours on a grid between which that falls below 0; false if it does not. */
static bool bracket(const msc_validate_row *row, const need *n, double first, int steps,
                    double *low, double *high)
{
    const double from = *low, to = *high;
    for (int k = 0; k <= steps; k++) {
        const double x = excess(row, n, first, grid(from, to, k, steps));
        if (x < 0 || (x == 0 && row->kind == MSC_VALIDATE_HALF_TIME)) {
            *low = grid(from, to, k > 0 ? k - 1 : 0, steps);
            *high = grid(from, to, k, steps);
            return true;
        }
    }
    return false;
}

/* The same runs with times between two of theirs. */
static bool refine(msc_validate_runs *r, const msc_validate_row *row, need *n, double low,
                   double high)
{
    for (int k = 0; k < (row->two ? 2 : 1); k++) {
        const trial *coarse = n->run[k];
        trial *fine = MSC_NEW(r->arena, trial, 1);
        *fine = (trial){.of = coarse->of, .until = coarse->until, .asked_by = row->node};
        n->quantity[k] = ask_quantity(r->arena, fine, coarse->quantity[n->quantity[k]].formula,
                                      coarse->quantity[n->quantity[k]].unit);
        ask_grid(r->arena, fine, low, high, FINE);
        run(r->arena, fine);
        n->run[k] = fine;
        if (fine->failure) {
            return false;
        }
    }
    return true;
}

/* The time at which it falls below its level, or infinity. */
static double crossing(msc_validate_runs *r, const msc_validate_row *row, need *n)
{
    const double first = value_at(n->run[0], n->quantity[0], n->from);
    double low = n->from, high = n->until;
    if (row->kind == MSC_VALIDATE_HALF_TIME && !(first > 0)) {
        return NAN;
    }
    if (!bracket(row, n, first, COARSE, &low, &high)) {
        return INFINITY;
    }
    if (low < high && refine(r, row, n, low, high)) {
        (void)bracket(row, n, first, FINE, &low, &high);
    }
    const double above = excess(row, n, first, low), below = excess(row, n, first, high);
    const double share = above > 0 && below < 0 ? above / (above - below) : 1;
    return low + share * (high - low);
}

static double number_of(msc_validate_runs *r, const msc_validate_row *row, need *n)
{
    double x[2] = {0}, factor = 1;
    msc_dim dim;
    for (int k = 0; k < (row->two ? 2 : 1); k++) {
        const struct asked *q = &n->run[k]->quantity[n->quantity[k]];
        x[k] = row->peak ? q->peak : value_at(n->run[k], n->quantity[k], n->at[k]);
    }
    (void)!msc_units_parse(n->run[0]->of->model->units, row->unit->string, &factor, &dim, NULL);
    switch (row->kind) {
    case MSC_VALIDATE_VALUE:
    case MSC_VALIDATE_PEAK: return x[0];
    case MSC_VALIDATE_RATIO: return x[0] / x[1] / factor;
    case MSC_VALIDATE_HALF_TIME: return (crossing(r, row, n) - n->from) / factor;
    case MSC_VALIDATE_FIRST_BELOW: return crossing(r, row, n) / factor;
    }
    return NAN;
}

/* ---- all of it ---- */

msc_validate_runs *msc_validate_runs_new(msc_validation *v)
{
    msc_validate_runs *r = MSC_NEW(v->arena, msc_validate_runs, 1);
    *r = (msc_validate_runs){.v = v, .arena = v->arena, .need = MSC_NEW(v->arena, need, v->n + 1)};
    return r;
}

void msc_validate_runs_do(msc_validate_runs *r)
{
    for (size_t i = 0; i < r->v->n; i++) {
        note(r, &r->v->row[i], &r->need[i]);
    }
    for (trial *t = r->trials; t; t = t->next) {
        run(r->arena, t);
    }
    for (size_t i = 0; i < r->v->n; i++) {
        const msc_validate_row *row = &r->v->row[i];
        for (int k = 0; k < (row->two ? 2 : 1); k++) {
            r->v->shown[i].failure =
                r->v->shown[i].failure ? r->v->shown[i].failure : r->need[i].run[k]->failure;
        }
        if (!r->v->shown[i].failure) {
            r->v->shown[i].value = number_of(r, row, &r->need[i]);
        }
    }
}

void msc_validate_runs_clear(msc_validate_runs *runs)
{
    for (base *b = runs ? runs->bases : NULL; b; b = b->next) {
        msc_model_free(b->model);
    }
}
