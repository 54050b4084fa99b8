/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sections of a scenario beyond its model's: regimen, output, solver (language §10). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "scenario/evaluate.h"
#include "scenario/scenario.h"

enum { TIMES_MOST = 1000000, DOSES_MOST = 100000 };

/* Times are told apart by 15 digits, so that 3 * 0.1 h is 0.3 h: what is at one time is so to the bit. */
static double moment(double t)
{
    char text[32];
    snprintf(text, sizeof text, "%.15g", t);
    return strtod(text, NULL);
}

double msc_dose_begin(const msc_dose *dose, long k)
{
    return moment(dose->at + (double)k * dose->interval);
}

double msc_dose_end(const msc_dose *dose, long k)
{
    return moment(dose->at + (double)k * dose->interval + dose->duration);
}

double msc_scenario_time(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit)
{
    msc_dim dim;
    if (msc_conf_is_number(node) && strcmp(unit, "day") != 0) {
        const double number = msc_conf_real(arena, node);
        msc_conf_fail(arena, node, "a time needs a unit; e.g. \"%g h\" or \"%g min\"", number, number);
    }
    const double t = msc_model_quantity(s->model, arena, node, unit, &dim);
    if (!msc_dim_equal(dim, msc_dim_time(s->model->units))) {
        msc_conf_fail(arena, node, "this is not a time; write e.g. \"6 h\" or \"10 day\"");
    }
    if (!isfinite(t)) {
        msc_conf_fail(arena, node, "this is not a finite time");
    }
    return moment(t);
}

/* ---- regimen ---- */

static double dose_amount(msc_scenario *s, const msc_conf *node, const msc_route *route, bool *per)
{
    const msc_model *m = s->model;
    msc_dim dim, per_dim = {0};
    const double value = msc_model_quantity(s->model, s->arena, node, "1", &dim);
    if (route->per) {
        per_dim = route->per->dim;
    }
    *per = false;
    const bool bare = node->kind != MSC_CONF_STRING || msc_dim_is_pure(dim);
    if (!(isfinite(value) && value >= 0)) {
        msc_conf_fail(s->arena, node, "a dose is a finite number, not negative");
    }
    if (msc_dim_equal(dim, route->dim)) {
        return value;
    }
    if (route->per && msc_dim_equal(dim, msc_dim_quotient(route->dim, per_dim))) {
        *per = true;
        return value;
    }
    char want[64], want_per[64];
    msc_dim_text(m->units, route->dim, want, sizeof want);
    msc_dim_text(m->units, msc_dim_quotient(route->dim, per_dim), want_per, sizeof want_per);
    const char *text = node->kind == MSC_CONF_STRING ? node->string : "a bare number";
    if (bare) {
        msc_conf_fail(s->arena, node, "a dose needs a unit; e.g. \"5e6 %s\"", route->per ? want_per : want);
    }
    if (route->per) {
        msc_conf_fail(s->arena, node, "'%s' is neither in %s nor in %s; e.g. \"5e6 %s\"", text, want, want_per, want_per);
    }
    msc_conf_fail(s->arena, node, "'%s' is not in %s; e.g. \"5e6 %s\"", text, want, want);
}

/* A number written as a formula ("90 %"): no names in it. */
static bool is_plain(const msc_expr *x)
{
    bool plain = x->kind != MSC_X_PARAMETER && msc_expr_is_constant(x);
    for (int i = 0; i < x->n_arg && plain; i++) {
        plain = is_plain(x->arg[i]);
    }
    return plain;
}

/* What is left of the total in this dose, where the dose and not the model says who gets it. */
static double take_rest(msc_scenario *s, const msc_dose *dose, int parameter, uint32_t rest)
{
    const msc_parameter *par = &s->model->parameter[parameter];
    msc_evaluation *e = msc_evaluation_new(s->arena, s->model, dose);
    const int env[MSC_SLOTS] = {0};
    double left = par->total ? msc_evaluate(e, par->total, env) : 1;
    for (uint32_t i = 0; i < par->shape.n; i++) {
        left -= i == rest ? 0 : msc_evaluate_parameter(e, parameter, i);
    }
    return left;
}

/* Only what the dose names is its own; the other elements stay what they are in the model. */
static void read_take(msc_scenario *s, msc_dose *dose, int parameter, const msc_conf *node)
{
    const msc_parameter *par = &s->model->parameter[parameter];
    msc_evaluation *e = msc_evaluation_new(s->arena, s->model, NULL);
    msc_value *value = MSC_NEW(s->arena, msc_value, par->shape.n);
    memcpy(value, par->value, par->shape.n * sizeof *value);
    msc_model_override(s->model, s->arena, parameter, node, value);
    struct msc_dose_take *take = MSC_NEW(s->arena, struct msc_dose_take, dose->n_take + par->shape.n);
    if (dose->n_take > 0) {
        memcpy(take, dose->take, dose->n_take * sizeof *take);
    }
    dose->take = take;
    uint32_t rest = MSC_NONE;
    size_t remainders = 0;
    for (uint32_t i = 0; i < par->shape.n; i++) {
        const bool own = value[i].origin == par->value[i].origin && value[i].kind == par->value[i].kind;
        int env[MSC_SLOTS] = {0};
        remainders += value[i].kind == MSC_VALUE_REMAINDER;
        if (value[i].kind == MSC_VALUE_REMAINDER && par->value[i].kind != MSC_VALUE_REMAINDER) {
            rest = i;
        } else if (value[i].kind == MSC_VALUE_FORMULA && !own && !is_plain(value[i].expr)) {
            msc_conf_fail(s->arena, node, "a dose sets '%s' by numbers", par->name);
        } else if (value[i].kind != MSC_VALUE_REMAINDER && !own) {
            take[dose->n_take++] = (struct msc_dose_take){
                (uint32_t)parameter, i,
                value[i].kind == MSC_VALUE_FORMULA ? msc_evaluate(e, value[i].expr, env) : value[i].number};
        }
    }
    if (rest != MSC_NONE && remainders > 1) {
        msc_conf_fail(s->arena, node, "one element may be the remainder, and the model has another");
    }
    if (rest != MSC_NONE) {
        const double left = take_rest(s, dose, parameter, rest);
        take[dose->n_take++] = (struct msc_dose_take){(uint32_t)parameter, rest, left};
    }
}

static void read_load(msc_scenario *s, msc_dose *dose, uint32_t cargo, const msc_conf *node)
{
    const msc_cargo *c = &s->model->cargo[cargo];
    const msc_route *route = &s->model->route[dose->route];
    msc_dim dim;
    const double value = msc_model_quantity(s->model, s->arena, node, "1", &dim);
    if (!msc_dim_equal(dim, msc_dim_quotient(c->dim, route->dim)) && !(value == 0 && msc_dim_is_pure(dim))) {
        char want[64];
        msc_dim_text(s->model->units, msc_dim_quotient(c->dim, route->dim), want, sizeof want);
        msc_conf_fail(s->arena, node, "the load of '%s' is in %s; e.g. \"0.5 %s\"", c->name, want, want);
    }
    struct msc_dose_load *load = MSC_NEW(s->arena, struct msc_dose_load, dose->n_load + 1);
    if (dose->n_load > 0) {
        memcpy(load, dose->load, dose->n_load * sizeof *load);
    }
    load[dose->n_load++] = (struct msc_dose_load){cargo, value};
    dose->load = load;
}

static const char *const dose_keys[] = {"route", "day", "at", "dose", "duration", "repeat", "interval"};

/* A key of a dose that is none of its own: a parameter its route takes, or a cargo. */
static void read_extra(msc_scenario *s, msc_dose *dose, const msc_conf *node)
{
    const msc_model *m = s->model;
    const msc_route *route = &m->route[dose->route];
    for (size_t i = 0; i < sizeof dose_keys / sizeof *dose_keys; i++) {
        if (strcmp(node->name, dose_keys[i]) == 0) {
            return;
        }
    }
    for (size_t i = 0; i < route->n_takes; i++) {
        if (strcmp(node->name, m->parameter[route->takes[i]].name) == 0) {
            read_take(s, dose, route->takes[i], node);
            return;
        }
    }
    for (uint32_t c = 0; c < m->n_cargo; c++) {
        if (strcmp(node->name, m->cargo[c].name) == 0) {
            read_load(s, dose, c, node);
            return;
        }
    }
    const char **known = MSC_NEW(s->arena, const char *, 16 + route->n_takes + m->n_cargo);
    size_t n = 0;
    for (size_t i = 0; i < sizeof dose_keys / sizeof *dose_keys; i++) {
        known[n++] = dose_keys[i];
    }
    for (size_t i = 0; i < route->n_takes; i++) {
        known[n++] = m->parameter[route->takes[i]].name;
    }
    for (uint32_t c = 0; c < m->n_cargo; c++) {
        known[n++] = m->cargo[c].name;
    }
    msc_conf_fail(s->arena, node, "neither a key of a dose nor a parameter that route '%s' takes%s", route->name,
                  msc_text_suggest(s->arena, node->name, known, n));
}

static void read_when(msc_scenario *s, msc_dose *dose, const msc_conf *node)
{
    const msc_conf *day = msc_conf_find(node, "day"), *at = msc_conf_find(node, "at");
    if (!day == !at) {
        msc_conf_fail(s->arena, node, "a dose has either a day (e.g. day = 1.0;) or a time (e.g. at = \"24 h\";)");
    }
    if (day && !msc_conf_is_number(day)) {
        msc_conf_fail(s->arena, day, "a day is a number, e.g. day = 10.0; a time with a unit is given by 'at', e.g. at = \"10 day\"");
    }
    dose->at = msc_scenario_time(s, s->arena, day ? day : at, day ? "day" : s->model->time_unit);
    const msc_conf *duration = msc_conf_find(node, "duration");
    dose->duration = duration ? msc_scenario_time(s, s->arena, duration, s->model->time_unit) : 0;
    if (dose->duration < 0) {
        msc_conf_fail(s->arena, duration, "a duration is not negative");
    }
    const msc_conf *repeat = msc_conf_find(node, "repeat"), *interval = msc_conf_find(node, "interval");
    dose->repeat = repeat ? (long)msc_conf_integer(s->arena, repeat, 1, DOSES_MOST) : 1;
    if (dose->repeat > 1 && !interval) {
        msc_conf_fail(s->arena, repeat, "repeated doses need an interval; e.g. interval = \"7 day\"");
    }
    if (interval && !repeat) {
        msc_conf_fail(s->arena, interval, "an interval needs a total number of doses; e.g. repeat = 3");
    }
    dose->interval = interval ? msc_scenario_time(s, s->arena, interval, s->model->time_unit) : 0;
    if (interval && dose->interval <= 0) {
        msc_conf_fail(s->arena, interval, "the interval between doses is positive");
    }
}

static void read_dose(msc_scenario *s, msc_dose *dose, const msc_conf *node)
{
    const msc_model *m = s->model;
    msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
    const msc_conf *route = msc_conf_need(s->arena, node, "route");
    const char *name = msc_conf_string(s->arena, route);
    dose->origin = node;
    dose->route = msc_model_find_route(m, name);
    if (dose->route < 0) {
        const char **known = MSC_NEW(s->arena, const char *, m->n_route + 1);
        for (size_t i = 0; i < m->n_route; i++) {
            known[i] = m->route[i].name;
        }
        msc_conf_fail(s->arena, route, "no route is named '%s'%s", name,
                      msc_text_suggest(s->arena, name, known, m->n_route));
    }
    read_when(s, dose, node);
    dose->dose = dose_amount(s, msc_conf_need(s->arena, node, "dose"), &m->route[dose->route], &dose->per);
    for (size_t i = 0; i < node->n; i++) {
        read_extra(s, dose, node->child[i]);
    }
}

static void read_regimen(msc_scenario *s)
{
    const msc_conf *regimen = msc_conf_find(s->model->tree, "regimen");
    if (!regimen) {
        return;
    }
    msc_conf_need_kind(s->arena, regimen, MSC_CONF_LIST);
    s->dose = MSC_NEW(s->arena, msc_dose, regimen->n + 1);
    for (size_t i = 0; i < regimen->n; i++) {
        read_dose(s, &s->dose[s->n_dose++], regimen->child[i]);
    }
}

/* ---- output ---- */

static void read_quantities(msc_scenario *s, const msc_conf *list)
{
    const msc_model *m = s->model;
    s->output = MSC_NEW(s->arena, int, m->n_output + (list ? list->n : 0) + 1);
    for (size_t i = 0; !list && i < m->n_output; i++) {
        s->output[s->n_output++] = (int)i;
    }
    if (list && list->kind != MSC_CONF_ARRAY && list->kind != MSC_CONF_LIST) {
        msc_conf_fail(s->arena, list, "a list of names of outputs is wanted; e.g. [\"live\"]");
    }
    const char **known = MSC_NEW(s->arena, const char *, m->n_output + 1);
    for (size_t i = 0; i < m->n_output; i++) {
        known[i] = m->output[i].name;
    }
    for (size_t i = 0; list && i < list->n; i++) {
        const char *name = msc_conf_string(s->arena, list->child[i]);
        const int k = msc_model_find_output(m, name);
        if (k < 0) {
            msc_conf_fail(s->arena, list->child[i], "the model has no output '%s'%s", name,
                          msc_text_suggest(s->arena, name, known, m->n_output));
        }
        for (size_t j = 0; j < s->n_output; j++) {
            if (s->output[j] == k) {
                msc_conf_fail(s->arena, list->child[i], "'%s' is asked for twice", name);
            }
        }
        s->output[s->n_output++] = k;
    }
}

static int by_time(const void *a, const void *b)
{
    const msc_engine_time *x = a, *y = b;
    if (x->t != y->t) {
        return x->t < y->t ? -1 : 1;
    }
    return (int)y->before - (int)x->before;
}

static void put_time(msc_scenario *s, size_t *cap, double t, bool before)
{
    if (s->n_time >= TIMES_MOST) {
        msc_conf_fail(s->arena, msc_conf_find(s->model->tree, "output"), "more than %d output times", TIMES_MOST);
    }
    *MSC_PUSH(s->arena, s->time, s->n_time, *cap) = (msc_engine_time){t, before};
}

/* Starts and ends of doses: always among the output times. */
static void put_dose_times(msc_scenario *s, size_t *cap)
{
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        for (long k = 0; k < dose->repeat; k++) {
            const double edge[2] = {msc_dose_begin(dose, k), msc_dose_end(dose, k)};
            for (int e = 0; e < (dose->duration > 0 ? 2 : 1); e++) {
                if (edge[e] >= s->start && edge[e] <= s->until) {
                    put_time(s, cap, edge[e], false);
                    if (s->both_sides) {
                        put_time(s, cap, edge[e], true);
                    }
                }
            }
        }
    }
}

static void put_grid(msc_scenario *s, const msc_conf *output, size_t *cap)
{
    const msc_conf *every = msc_conf_find(output, "every"), *times = msc_conf_find(output, "times");
    if (!every == !times) {
        msc_conf_fail(s->arena, output, "give either every (e.g. every = \"6 h\";) or times (e.g. times = [\"1 h\", \"1 day\"];)");
    }
    if (times && times->kind != MSC_CONF_ARRAY && times->kind != MSC_CONF_LIST) {
        msc_conf_fail(s->arena, times, "a list of times is wanted; e.g. [\"1 h\", \"1 day\"]");
    }
    for (size_t i = 0; times && i < times->n; i++) {
        const double t = msc_scenario_time(s, s->arena, times->child[i], s->model->time_unit);
        if (t < s->start || t > s->until) {
            msc_conf_fail(s->arena, times->child[i], "this time is outside of the run");
        }
        put_time(s, cap, t, false);
    }
    if (every) {
        const double step = msc_scenario_time(s, s->arena, every, s->model->time_unit);
        if (!(step > 0)) {
            msc_conf_fail(s->arena, every, "the time between two outputs is positive");
        }
        if ((s->until - s->start) / step > TIMES_MOST) {
            msc_conf_fail(s->arena, every, "this makes more than %d output times", TIMES_MOST);
        }
        for (long k = 0; moment(s->start + (double)k * step) < s->until; k++) {
            put_time(s, cap, moment(s->start + (double)k * step), false);
        }
        put_time(s, cap, s->until, false);
    }
}

/* Ascending, each once. */
static void tidy_times(msc_scenario *s)
{
    qsort(s->time, s->n_time, sizeof *s->time, by_time);
    size_t n = 0;
    for (size_t i = 0; i < s->n_time; i++) {
        if (n == 0 || by_time(&s->time[n - 1], &s->time[i]) != 0) {
            s->time[n++] = s->time[i];
        }
    }
    s->n_time = n;
}

/* Both sides of switches and of the nodes of tables, which only now are known. */
static void put_stop_times(msc_scenario *s, const msc_engine_job *job)
{
    size_t cap = s->n_time;
    for (size_t i = 1; i + 1 < job->n_stop; i++) {
        put_time(s, &cap, job->stop[i], true);
        put_time(s, &cap, job->stop[i], false);
    }
    tidy_times(s);
}

static void read_times(msc_scenario *s, const msc_conf *output)
{
    const msc_conf *until = msc_conf_need(s->arena, output, "until"), *start = msc_conf_find(output, "start");
    s->until = msc_scenario_time(s, s->arena, until, s->model->time_unit);
    s->start = start ? msc_scenario_time(s, s->arena, start, s->model->time_unit) : 0;
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        if (!start && dose->at < s->start) {
            s->start = dose->at;
        }
        if (dose->at < s->start) {
            msc_conf_fail(s->arena, dose->origin, "this dose is given before the start of the run");
        }
        if (msc_dose_begin(dose, dose->repeat - 1) > s->until) {
            msc_notes_add(&s->notes, s->arena, msc_conf_where(s->arena, dose->origin),
                          "a dose is given after the end of the run and has no effect");
        }
    }
    if (!(s->until > s->start)) {
        msc_conf_fail(s->arena, until, "the run ends before it starts");
    }
    size_t cap = 0;
    put_grid(s, output, &cap);
    put_dose_times(s, &cap);
    tidy_times(s);
}

static void read_range(msc_scenario *s, msc_range *range, const msc_conf *node)
{
    msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
    msc_conf_known(s->arena, node, (const char *const[]){"vary", "values", "show", "about", NULL});
    range->origin = node;
    range->vary = msc_conf_string(s->arena, msc_conf_need(s->arena, node, "vary"));
    const msc_conf *values = msc_conf_need(s->arena, node, "values"), *show = msc_conf_need(s->arena, node, "show");
    double *value = MSC_NEW(s->arena, double, values->n + 1);
    for (size_t i = 0; i < values->n; i++) {
        value[i] = msc_conf_real(s->arena, values->child[i]);
    }
    range->n_value = values->n, range->value = value;
    range->show = MSC_NEW(s->arena, const char *, show->n + 1);
    for (size_t i = 0; i < show->n; i++) {
        range->show[i] = msc_conf_string(s->arena, show->child[i]);
    }
    range->n_show = show->n;
    if (strncmp(range->vary, "parameters.", 11) != 0 || values->n < 2) {
        msc_conf_fail(s->arena, node, "a range varies a parameter (e.g. vary = \"parameters.arrest.lung\") over two values or more");
    }
}

static void read_output(msc_scenario *s)
{
    static const char *const keys[] = {"until",      "start",       "every",   "times",  "quantities", "file", "ledger",
                                       "both_sides", "compression", "float32", "ranges", "summary",    "endpoints",  NULL};
    const msc_conf *output = msc_conf_find(s->model->tree, "output");
    if (!output) {
        msc_throw(s->arena, MSC_E_CONFIG, s->path, "a scenario has a section output; e.g. output = { until = \"60 day\"; every = \"6 h\"; };");
    }
    msc_conf_need_kind(s->arena, output, MSC_CONF_GROUP);
    msc_conf_known(s->arena, output, keys);
    const msc_conf *node;
    s->both_sides = (node = msc_conf_find(output, "both_sides")) != NULL && msc_conf_boolean(s->arena, node);
    s->float32 = (node = msc_conf_find(output, "float32")) != NULL && msc_conf_boolean(s->arena, node);
    s->compression = (node = msc_conf_find(output, "compression")) ? (int)msc_conf_integer(s->arena, node, 0, 9) : 0;
    s->file = (node = msc_conf_find(output, "file")) ? msc_conf_string(s->arena, node) : NULL;
    s->ledger = MSC_LEDGER_FATE;
    if ((node = msc_conf_find(output, "ledger")) != NULL) {
        const char *kind = msc_conf_string(s->arena, node);
        static const char *const name[] = {"off", "fate", "index"};
        int k = 0;
        while (k < 3 && strcmp(kind, name[k]) != 0) {
            k++;
        }
        if (k == 3) {
            msc_conf_fail(s->arena, node, "'%s' is no kind of ledger; it is \"off\", \"fate\" or \"index\"", kind);
        }
        s->ledger = (msc_ledger_kind)k;
    }
    read_times(s, output);
    read_quantities(s, msc_conf_find(output, "quantities"));
    s->summary = msc_conf_find(output, "summary");
    msc_endpoints_read(s, msc_conf_find(output, "endpoints"), &s->endpoints);
    if ((node = msc_conf_find(output, "ranges")) != NULL) {
        msc_conf_need_kind(s->arena, node, MSC_CONF_GROUP);
        s->range = MSC_NEW(s->arena, msc_range, node->n + 1);
        for (size_t i = 0; i < node->n; i++) {
            read_range(s, &s->range[s->n_range++], node->child[i]);
        }
    }
}

/* ---- solver ---- */

static double bounded(msc_scenario *s, const msc_conf *node, double low, double high)
{
    const double x = msc_conf_real(s->arena, node);
    if (!(x >= low && x <= high)) {
        msc_conf_fail(s->arena, node, "%g is outside of %g to %g", x, low, high);
    }
    return x;
}

static void read_solver(msc_scenario *s)
{
    static const char *const keys[] = {"method", "rtol", "atol", "kernel", "max_steps", "wall_limit", NULL};
    const msc_conf *solver = msc_conf_find(s->model->tree, "solver"), *node;
    s->solver.rtol = 1e-6;
    if (solver) {
        msc_conf_need_kind(s->arena, solver, MSC_CONF_GROUP);
        msc_conf_known(s->arena, solver, keys);
        s->solver.rtol = (node = msc_conf_find(solver, "rtol")) ? bounded(s, node, 1e-14, 0.1) : 1e-6;
        s->solver.method = (node = msc_conf_find(solver, "method")) ? msc_conf_string(s->arena, node) : NULL;
        s->solver.kernel = (node = msc_conf_find(solver, "kernel")) ? msc_conf_string(s->arena, node) : NULL;
        s->solver.max_steps = (node = msc_conf_find(solver, "max_steps")) ? (uint64_t)msc_conf_integer(s->arena, node, 1, 1000000000LL) : 0;
        s->solver.wall_limit = (node = msc_conf_find(solver, "wall_limit")) ? bounded(s, node, 0, 1e9) : 0;
        node = msc_conf_find(solver, "method");
        const char *const *known = msc_engine_methods();
        size_t n = 0, hit = 0;
        for (; known[n]; n++) {
            hit += node && strcmp(known[n], s->solver.method) == 0;
        }
        if (node && hit == 0) {
            msc_conf_fail(s->arena, node, "no method is named '%s'%s", s->solver.method,
                          msc_text_suggest(s->arena, s->solver.method, known, n));
        }
    }
    node = solver ? msc_conf_find(solver, "atol") : NULL;
    s->atol = node ? bounded(s, node, 1e-30, 1) : 1e-6 * s->solver.rtol;
}

/* ---- all of it ---- */

static void compile(msc_scenario *s)
{
    msc_request request = {.n_output = s->n_output, .output = s->output, .n_dose = s->n_dose, .ledger = s->ledger};
    msc_dose_shape *shape = MSC_NEW(s->arena, msc_dose_shape, s->n_dose + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &s->dose[d];
        shape[d] = (msc_dose_shape){.route = dose->route, .per = dose->per, .n_take = dose->n_take, .n_load = dose->n_load, .origin = dose->origin};
        shape[d].take = MSC_NEW(s->arena, struct msc_take, dose->n_take + 1);
        for (size_t i = 0; i < dose->n_take; i++) {
            shape[d].take[i] = (struct msc_take){dose->take[i].parameter, dose->take[i].instance};
        }
        shape[d].load = MSC_NEW(s->arena, uint32_t, dose->n_load + 1);
        for (size_t i = 0; i < dose->n_load; i++) {
            shape[d].load[i] = dose->load[i].cargo;
        }
    }
    request.dose = shape;
    request.n_extra = msc_endpoints_extras(s->arena, &s->endpoints, &request.extra);
    msc_error err = {0};
    if (msc_program_compile(s->model, &request, &s->program, &err) != MSC_OK ||
        msc_plan_new(s->program, &s->solver, &s->plan, &err) != MSC_OK) {
        msc_throw(s->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
    }
    msc_endpoints_ask(s->arena, s->program, &s->endpoints);
}

/* Ruling 13: what enters a transit at once is parted as the state stands the instant before. */
static void warn_of_parting(msc_scenario *s)
{
    const msc_program *p = s->program;
    bool *said = MSC_NEW(s->arena, bool, s->n_dose + 1); /* the last: of what is there at the start */
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const bool start = p->entry[e].dose == MSC_NONE;
        const size_t d = start ? s->n_dose : p->entry[e].dose;
        if (!p->given_parted[p->entry[e].slot] || said[d] || (!start && s->dose[d].duration > 0)) {
            continue;
        }
        said[d] = true;
        msc_notes_add(&s->notes, s->arena, start ? s->path : msc_conf_where(s->arena, s->dose[d].origin),
                      start ? "what is in transit at the start is parted by shares that depend on the state: they are "
                              "taken as they stand before it"
                            : "a bolus into a flow that is parted by shares that depend on the state: they are taken as "
                              "they stand the instant before, and the duration of an infusion matters; give one");
    }
}

/* Values the model says nothing of, because its author thought them out of the question. */
static void note_outside(msc_scenario *s)
{
    const msc_model *m = s->model;
    msc_evaluation *e = msc_evaluation_new(s->arena, m, NULL);
    for (size_t k = 0; k < m->n_parameter; k++) {
        const msc_parameter *p = &m->parameter[k];
        for (size_t i = 0; p->ranged && i < p->shape.n; i++) {
            const double x = msc_evaluate_parameter(e, (int)k, i);
            if (x >= p->low * (1 - 1e-12) && x <= p->high * (1 + 1e-12)) {
                continue;
            }
            const msc_conf *origin = p->value[i].origin ? p->value[i].origin : p->origin;
            const bool pure = strcmp(p->unit, "1") == 0;
            msc_notes_add(&s->notes, s->arena, msc_conf_where(s->arena, origin),
                          "%s is %.6g%s%s, outside of the range %.6g to %.6g that the model gives",
                          msc_shape_label(s->arena, m, p->name, &p->shape, i), x / p->factor, pure ? "" : " ",
                          pure ? "" : p->unit, p->low / p->factor, p->high / p->factor);
        }
    }
}

static void read_all(msc_scenario *s)
{
    s->notes = s->model->notes;
    read_regimen(s);
    read_output(s);
    read_solver(s);
    compile(s);
    warn_of_parting(s);
    note_outside(s);
    msc_prepared once;
    msc_scenario_prepare(s, s->arena, &once); /* what parameters alone decide is told now */
    if (s->both_sides) {
        put_stop_times(s, &once.job);
    }
}

msc_status msc_scenario_read(const char *path, const char *const *settings, size_t n_settings, msc_scenario **scenario,
                             msc_error *err)
{
    *scenario = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    msc_scenario *s = MSC_NEW(arena, msc_scenario, 1);
    s->arena = arena;
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_scenario_free(s);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    s->path = msc_arena_strdup(arena, path);
    s->setting = MSC_NEW(arena, const char *, n_settings + 1);
    for (size_t i = 0; i < n_settings; i++) {
        s->setting[s->n_setting++] = msc_arena_strdup(arena, settings[i]);
    }
    msc_error inner = {0};
    if (msc_model_read(s->path, s->setting, n_settings, &s->model, &inner) != MSC_OK) {
        msc_throw(arena, inner.status, inner.where[0] ? inner.where : NULL, "%s", inner.message);
    }
    read_all(s);
    *scenario = s;
    return MSC_OK;
}

void msc_scenario_free(msc_scenario *scenario)
{
    if (scenario) {
        msc_plan_free(scenario->plan);
        msc_program_free(scenario->program);
        msc_model_free(scenario->model);
        msc_arena_free(scenario->arena);
    }
}

const char *msc_scenario_warning(const msc_scenario *scenario, size_t i, const char **where)
{
    if (i >= scenario->notes.n) {
        return NULL;
    }
    if (where) {
        *where = scenario->notes.note[i].where;
    }
    return scenario->notes.note[i].message;
}

const char *msc_scenario_file(const msc_scenario *scenario)
{
    return scenario->file;
}

const char *msc_scenario_title(const msc_scenario *scenario)
{
    return scenario->model->title;
}
