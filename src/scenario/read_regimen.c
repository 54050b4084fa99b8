/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The regimen as it is written: what is given, by which route, when (language §7, §10). */
#include <math.h>
#include <string.h>

#include "model/library.h"
#include "scenario/evaluate.h"
#include "scenario/read.h"

enum { DOSES_MOST = 100000 };

/* Is a unit written? "5e6 cell" has one, "5" and 5 have not. */
static bool has_unit(const msc_conf *node)
{
    if (node->kind != MSC_CONF_STRING) {
        return false;
    }
    const char *text = node->string + strspn(node->string, " \t+-0123456789.");
    if ((*text == 'e' || *text == 'E') && (text[1] == '+' || text[1] == '-' || (text[1] >= '0' && text[1] <= '9'))) {
        text += 1 + strspn(text + 1, "+-0123456789");
    }
    return text[strspn(text, " \t")] != '\0';
}

/* The unit of the amounts that a route leads to, or NULL. */
static const char *amount_unit(const msc_model *m, const msc_route *route)
{
    for (size_t b = 0; b < route->n_branch; b++) {
        if (route->branch[b].to.amount >= 0) {
            return m->amount[route->branch[b].to.amount].unit;
        }
    }
    return NULL;
}

/* A dose may do without a unit where the amounts are in "1" (ruling 11). */
static bool takes_bare(const msc_model *m, const msc_route *route)
{
    const char *unit = amount_unit(m, route);
    return unit && strcmp(unit, "1") == 0;
}

static double dose_amount(msc_scenario *s, const msc_conf *node, const msc_route *route, bool *per)
{
    const msc_model *m = s->model;
    msc_dim dim, per_dim = {0};
    const double value = msc_model_quantity(s->model, s->arena, node, "1", &dim);
    if (route->per) {
        per_dim = route->per->dim;
    }
    *per = false;
    const bool bare = !has_unit(node);
    if (!(isfinite(value) && value >= 0)) {
        msc_conf_fail(s->arena, node, "a dose is a finite number, not negative");
    }
    if (bare && !takes_bare(m, route)) { /* 5 mg per kg is a pure number, too, and 5 is not that */
        char unit[64];
        msc_dim_text(m->units, route->per ? msc_dim_quotient(route->dim, per_dim) : route->dim, unit, sizeof unit);
        const char *own = amount_unit(m, route);
        msc_conf_fail(s->arena, node, "a dose needs a unit; e.g. \"5e6 %s\"", strcmp(unit, "1") == 0 && own ? own : unit);
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
    if (!route->per && msc_dim_is_pure(route->dim)) {
        msc_conf_fail(s->arena, node, "'%s' has a unit, and route '%s' takes a bare number%s%s%s; e.g. dose = 1.0", text,
                      route->name, route->about ? " (" : "", route->about ? route->about : "", route->about ? ")" : "");
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
                (uint32_t)parameter, i, false,
                value[i].kind == MSC_VALUE_FORMULA ? msc_evaluate(e, value[i].expr, env) : value[i].number};
        }
    }
    if (rest != MSC_NONE && remainders > 1) {
        msc_conf_fail(s->arena, node, "one element may be the remainder, and the model has another");
    }
    if (rest != MSC_NONE) {
        const double left = take_rest(s, dose, parameter, rest);
        take[dose->n_take++] = (struct msc_dose_take){(uint32_t)parameter, rest, true, left};
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
    dose->exact.at = msc_scenario_exact(s, s->arena, day ? day : at, day ? "day" : s->model->time_unit);
    dose->at = msc_moment(dose->exact.at);
    const msc_conf *duration = msc_conf_find(node, "duration");
    dose->exact.duration = duration ? msc_scenario_exact(s, s->arena, duration, s->model->time_unit) : 0;
    dose->duration = msc_moment(dose->exact.duration);
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
    dose->exact.interval = interval ? msc_scenario_exact(s, s->arena, interval, s->model->time_unit) : 0;
    dose->interval = msc_moment(dose->exact.interval);
    if (interval && dose->interval <= 0) {
        msc_conf_fail(s->arena, interval, "the interval between doses is positive");
    }
}

/* A route that this model lacks may be that of a module. */
static const char *file_with_route(const msc_scenario *s, const char *name)
{
    const msc_model *m = s->model;
    const char **source = MSC_NEW(s->arena, const char *, m->n_source + 1);
    size_t n = 0;
    for (size_t i = 1; i < m->n_source; i++) { /* the first is the scenario itself */
        if (m->source[i].library == 0) {
            source[n++] = m->source[i].name;
        }
    }
    return msc_library_with(s->arena, source, n, "routes", name);
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
        const char *file = file_with_route(s, name);
        if (file) {
            msc_conf_fail(s->arena, route, "no route is named '%s' here; it comes with '%s', which the model or the scenario may extend",
                          name, file);
        }
        msc_conf_fail(s->arena, route, "no route is named '%s'%s%s", name,
                      msc_text_suggest_or_list(s->arena, name, known, m->n_route),
                      msc_text_nearest(name, known, m->n_route)
                          ? ""
                          : "; others come with files that the model or scenario may extend");
    }
    read_when(s, dose, node);
    dose->dose = dose_amount(s, msc_conf_need(s->arena, node, "dose"), &m->route[dose->route], &dose->per);
    for (size_t i = 0; i < node->n; i++) {
        read_extra(s, dose, node->child[i]);
    }
}

static void read_next_dose(void *context, size_t i)
{
    msc_scenario *s = context;
    read_dose(s, &s->dose[s->n_dose++], msc_conf_find(s->model->tree, "regimen")->child[i]);
}

void msc_regimen_read(msc_scenario *s)
{
    const msc_conf *regimen = msc_conf_find(s->model->tree, "regimen");
    if (!regimen) {
        return;
    }
    msc_conf_need_kind(s->arena, regimen, MSC_CONF_LIST);
    s->dose = MSC_NEW(s->arena, msc_dose, regimen->n + 1);
    msc_arena_each(s->arena, regimen->n, read_next_dose, s);
}
