/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths of numbers that are varied. */
#include "scenario/knob.h"

#include <math.h>
#include <string.h>

#include "model/syntax.h"
#include "scenario/evaluate.h"

typedef struct {
    msc_arena *arena;
    const msc_scenario *s;
    msc_knob *knob;
    const msc_conf_step *step;
    size_t n;
    msc_knob_wants *wants;
} search;

void msc_knob_fail(msc_arena *arena, const msc_knob *knob, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *where = msc_arena_printf(arena, "%s: %s", knob->where, knob->path);
    msc_vthrow(arena, MSC_E_CONFIG, where, format, args);
}

/* A setting; numbers with all their digits. */
static const char *number(msc_arena *arena, double x)
{
    char *text = msc_arena_printf(arena, "%.17g", x);
    for (char *sign = text; (sign = strchr(sign, ',')) != NULL;) {
        *sign = '.'; /* a locale's */
    }
    return text;
}

static void want(search *f, const char *text)
{
    *MSC_PUSH(f->arena, f->wants->text, f->wants->n, f->wants->cap) = text;
}

/* The value in a unit that comes out as that number to the bit, as short as may be. */
static double in_unit(double inner, double factor, bool time)
{
    const double near = inner / factor;
    const double tries[] = {msc_moment(near), near, nextafter(near, -INFINITY), nextafter(near, INFINITY)};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if ((time ? msc_moment(msc_time_exact(tries[i], factor)) : tries[i] * factor) == inner) {
            return tries[i];
        }
    }
    return near;
}

/* ---- parameters ---- */

/* Which step is no element of its set; or there are too many or too few. */
static _Noreturn void fail_element(search *f, const msc_parameter *p, const msc_conf_step *step, size_t n)
{
    const msc_model *m = f->s->model;
    const size_t depth = (size_t)p->shape.n_over;
    if (depth == 0) {
        msc_knob_fail(f->arena, f->knob, "'%s' has no elements", p->name);
    }
    for (size_t i = 0; i < n && i < depth; i++) {
        const msc_set *set = &m->set[p->shape.over[i].set];
        const char *name = step[i].name ? step[i].name : "[]";
        bool known = false;
        for (size_t k = 0; k < set->n; k++) {
            const char *key = set->numeric && name[0] == 'n' ? name + 1 : name;
            known = known || strcmp(set->label[k], key) == 0;
        }
        for (size_t k = 0; k < m->n_set; k++) {
            if (strcmp(m->set[k].name, name) == 0 || strcmp(name, "others") == 0) {
                msc_knob_fail(f->arena, f->knob, "'%s' is more than one number: name an element of '%s'", name, set->name);
            }
        }
        if (!known) {
            msc_knob_fail(f->arena, f->knob, "'%s' is no element of '%s'%s", name, set->name,
                          msc_text_suggest(f->arena, name, set->label, set->n));
        }
    }
    const char *label = msc_shape_label(f->arena, m, p->name, &p->shape, 0);
    msc_knob_fail(f->arena, f->knob, n < depth ? "'%s' is more than one number: name its elements, as in %s" :
                                                 "'%s' has fewer indices, as in %s", p->name, label);
}

static uint32_t find_instance(search *f, const msc_parameter *p, const msc_conf_step *step, size_t n)
{
    const char *name[MSC_SLOTS] = {NULL};
    bool named = n <= MSC_SLOTS;
    for (size_t i = 0; i < n && named; i++) {
        name[i] = step[i].name;
        named = name[i] != NULL;
    }
    const long instance = named ? msc_model_element(f->s->model, &p->shape, name, n) : -1;
    if (instance < 0) {
        fail_element(f, p, step, n);
    }
    return (uint32_t)instance;
}

/* One of the elements that add up to a total can have another value only if another one gives way. */
static void need_remainder(search *f, const msc_parameter *p, bool other)
{
    if (p->total && !other) {
        msc_knob_fail(f->arena, f->knob,
                      "the elements of '%s' add up to a total: one of the others has to be \"remainder\" to give way",
                      p->name);
    }
}

static bool another_remains(const msc_parameter *p, uint32_t instance)
{
    for (uint32_t i = 0; i < p->shape.n; i++) {
        if (i != instance && p->value[i].kind == MSC_VALUE_REMAINDER) {
            return true;
        }
    }
    return false;
}

static void find_parameter(search *f)
{
    const msc_model *m = f->s->model;
    const char *name = f->n > 1 ? f->step[1].name : NULL;
    const int k = name ? msc_model_find_parameter(m, name) : -1;
    if (!name) {
        msc_knob_fail(f->arena, f->knob, "name a parameter, as in parameters.NAME or parameters.NAME.ELEMENT");
    }
    if (k < 0) {
        const char **known = MSC_NEW(f->arena, const char *, m->n_parameter + 1);
        for (size_t i = 0; i < m->n_parameter; i++) {
            known[i] = m->parameter[i].name;
        }
        msc_knob_fail(f->arena, f->knob, "no parameter is named '%s'%s", name,
                      msc_text_suggest(f->arena, name, known, m->n_parameter));
    }
    const msc_parameter *p = &m->parameter[k];
    const bool value = f->n == 3 && p->shape.n_over == 0 && f->step[2].name && strcmp(f->step[2].name, "value") == 0;
    msc_knob *knob = f->knob;
    knob->kind = MSC_KNOB_PARAMETER;
    knob->index = (uint32_t)k;
    knob->instance = find_instance(f, p, f->step + 2, value ? 0 : f->n - 2);
    knob->unit = p->unit, knob->factor = p->factor;
    const msc_value *v = &p->value[knob->instance];
    if (v->kind == MSC_VALUE_NONE) {
        msc_knob_fail(f->arena, knob, "it has no value of its own: give one to start from");
    }
    need_remainder(f, p, another_remains(p, knob->instance));
    const double x = msc_evaluate_parameter(msc_evaluation_new(f->arena, m, NULL), k, knob->instance);
    if (!isfinite(x)) {
        msc_knob_fail(f->arena, knob, "its own value is %g, not a finite number", x / p->factor);
    }
    knob->value = in_unit(x, p->factor, false);
    if (v->kind != MSC_VALUE_NUMBER) {
        want(f, msc_arena_printf(f->arena, "%s=%s", knob->path, number(f->arena, knob->value)));
    }
}

/* ---- the regimen ---- */

static const char *entry_path(search *f, size_t d, const char *key)
{
    return msc_arena_printf(f->arena, "regimen[%zu]%s%s", d, key ? "." : "", key ? key : "");
}

/* Bring the own value of one more entry in. */
static void own_value(msc_knob *knob, size_t d, double inner, bool time)
{
    const double x = in_unit(inner, knob->factor, time);
    knob->value = d == knob->dose[0] || x == knob->value ? x : (double)NAN;
}

static void set_unit(search *f, const msc_conf *written, const char *otherwise)
{
    const char *unit = NULL;
    msc_dim dim;
    msc_error err = {0};
    if (written && written->kind == MSC_CONF_STRING) {
        (void)msc_syntax_quantity(f->arena, written, written->string, &unit);
    }
    f->knob->unit = unit ? unit : otherwise;
    if (msc_units_parse(f->s->model->units, f->knob->unit, &f->knob->factor, &dim, &err) != MSC_OK) {
        msc_knob_fail(f->arena, f->knob, "%s", err.message);
    }
}

static void find_dose(search *f)
{
    msc_knob *knob = f->knob;
    const msc_dose *first = &f->s->dose[knob->dose[0]];
    knob->kind = MSC_KNOB_DOSE;
    set_unit(f, msc_conf_find(first->origin, "dose"), "1");
    for (size_t i = 0; i < knob->n_dose; i++) {
        const msc_dose *dose = &f->s->dose[knob->dose[i]];
        if (dose->per != first->per ||
            !msc_dim_equal(f->s->model->route[dose->route].dim, f->s->model->route[first->route].dim)) {
            msc_knob_fail(f->arena, knob, "%s and %s are not in the same units: vary each by itself",
                          entry_path(f, knob->dose[0], "dose"), entry_path(f, knob->dose[i], "dose"));
        }
        own_value(knob, knob->dose[i], dose->dose, false);
    }
}

static void find_time(search *f, const char *key)
{
    msc_knob *knob = f->knob;
    const bool day = strcmp(key, "day") == 0, at = strcmp(key, "at") == 0, duration = strcmp(key, "duration") == 0;
    knob->kind = day || at ? MSC_KNOB_AT : duration ? MSC_KNOB_DURATION : MSC_KNOB_INTERVAL;
    for (size_t i = 0; i < knob->n_dose; i++) {
        const msc_dose *dose = &f->s->dose[knob->dose[i]];
        const msc_conf *written = msc_conf_find(dose->origin, key);
        if (!written && (day || at)) {
            msc_knob_fail(f->arena, knob, "%s has no '%s': vary its '%s'", entry_path(f, knob->dose[i], NULL), key,
                          day ? "at" : "day");
        }
        if (!written && !duration) {
            msc_knob_fail(f->arena, knob, "%s has no interval: it is given once", entry_path(f, knob->dose[i], NULL));
        }
        if (i == 0) {
            set_unit(f, written, day ? "day" : f->s->model->time_unit);
        }
        own_value(knob, knob->dose[i], day || at ? dose->at : duration ? dose->duration : dose->interval, true);
    }
}

/* The path from the entry on: ".product_share.thawed". */
static const char *rest_of(search *f)
{
    const char *text = "";
    for (size_t i = 2; i < f->n; i++) {
        text = msc_arena_printf(f->arena, "%s.%s", text, f->step[i].name);
    }
    return text;
}

static const struct msc_dose_take *taken(const msc_dose *dose, uint32_t parameter, uint32_t instance)
{
    for (size_t i = 0; i < dose->n_take; i++) {
        if (dose->take[i].parameter == parameter && dose->take[i].instance == instance) {
            return &dose->take[i];
        }
    }
    return NULL;
}

static bool another_rests(const msc_parameter *p, const msc_dose *dose, uint32_t parameter, uint32_t instance)
{
    for (uint32_t i = 0; i < p->shape.n; i++) {
        const struct msc_dose_take *take = taken(dose, parameter, i);
        if (i != instance && (take ? take->rest : p->value[i].kind == MSC_VALUE_REMAINDER)) {
            return true;
        }
    }
    return false;
}

static void find_take(search *f, uint32_t parameter)
{
    const msc_parameter *p = &f->s->model->parameter[parameter];
    msc_knob *knob = f->knob;
    knob->kind = MSC_KNOB_TAKE;
    knob->index = parameter;
    knob->instance = find_instance(f, p, f->step + 3, f->n - 3);
    knob->unit = p->unit, knob->factor = p->factor;
    for (size_t i = 0; i < knob->n_dose; i++) {
        const msc_dose *dose = &f->s->dose[knob->dose[i]];
        const struct msc_dose_take *take = taken(dose, parameter, knob->instance);
        need_remainder(f, p, another_rests(p, dose, parameter, knob->instance));
        const double x = msc_evaluate_parameter(msc_evaluation_new(f->arena, f->s->model, dose), (int)parameter, knob->instance);
        if (!isfinite(x)) {
            msc_knob_fail(f->arena, knob, "its own value is %g, not a finite number", x / p->factor);
        }
        own_value(knob, knob->dose[i], x, false);
        if (!take || take->rest) {
            want(f, msc_arena_printf(f->arena, "regimen[%zu]%s=%s", knob->dose[i], rest_of(f),
                                     number(f->arena, in_unit(x, p->factor, false))));
        }
    }
}

static void find_load(search *f, uint32_t cargo)
{
    const msc_model *m = f->s->model;
    const msc_cargo *c = &m->cargo[cargo];
    msc_knob *knob = f->knob;
    const msc_route *route = &m->route[f->s->dose[knob->dose[0]].route];
    char unit[64];
    msc_dim_text(m->units, msc_dim_quotient(c->dim, route->dim), unit, sizeof unit);
    knob->kind = MSC_KNOB_LOAD;
    knob->index = cargo;
    if (f->n > 3) {
        msc_knob_fail(f->arena, knob, "the load of a cargo is one number");
    }
    set_unit(f, msc_conf_find(f->s->dose[knob->dose[0]].origin, c->name), msc_arena_strdup(f->arena, unit));
    for (size_t i = 0; i < knob->n_dose; i++) {
        const msc_dose *dose = &f->s->dose[knob->dose[i]];
        const int env[MSC_SLOTS] = {0};
        double x = c->load ? msc_evaluate(msc_evaluation_new(f->arena, m, dose), c->load, env) : 0;
        bool own = false;
        for (size_t k = 0; k < dose->n_load; k++) {
            own = own || dose->load[k].cargo == cargo;
            x = dose->load[k].cargo == cargo ? dose->load[k].value : x;
        }
        own_value(knob, knob->dose[i], x, false);
        if (!own) {
            want(f, msc_arena_printf(f->arena, "regimen[%zu].%s=%s %s", knob->dose[i], c->name,
                                     number(f->arena, in_unit(x, knob->factor, false)), knob->unit));
        }
    }
}

/* What of a dose can be varied: its own keys, what its route takes, cargos. */
static _Noreturn void fail_key(search *f, const char *key)
{
    static const char *const own[] = {"dose", "day", "at", "duration", "interval"};
    const msc_model *m = f->s->model;
    const msc_route *route = &m->route[f->s->dose[f->knob->dose[0]].route];
    const char **known = MSC_NEW(f->arena, const char *, 8 + route->n_takes + m->n_cargo);
    size_t n = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        known[n++] = own[i];
    }
    for (size_t i = 0; i < route->n_takes; i++) {
        known[n++] = m->parameter[route->takes[i]].name;
    }
    for (size_t i = 0; i < m->n_cargo; i++) {
        known[n++] = m->cargo[i].name;
    }
    if (strcmp(key, "route") == 0 || strcmp(key, "repeat") == 0) {
        msc_knob_fail(f->arena, f->knob, "'%s' shapes the model: a scenario with another one has to be read anew", key);
    }
    msc_knob_fail(f->arena, f->knob, "'%s' is neither a number of a dose nor a parameter that route '%s' takes%s", key,
                  route->name, msc_text_suggest(f->arena, key, known, n));
}

static bool takes(search *f, int parameter)
{
    bool all = parameter >= 0;
    for (size_t i = 0; i < f->knob->n_dose && all; i++) {
        const msc_route *route = &f->s->model->route[f->s->dose[f->knob->dose[i]].route];
        bool one = false;
        for (size_t k = 0; k < route->n_takes; k++) {
            one = one || route->takes[k] == parameter;
        }
        all = one;
    }
    return all;
}

static void find_key(search *f)
{
    static const char *const time[] = {"day", "at", "duration", "interval"};
    const char *key = f->n > 2 ? f->step[2].name : NULL;
    if (!key) {
        msc_knob_fail(f->arena, f->knob, "name a number of the dose, as in %s", entry_path(f, f->knob->dose[0], "dose"));
    }
    for (size_t i = 3; i < f->n; i++) {
        if (!f->step[i].name) {
            msc_knob_fail(f->arena, f->knob, "there is no list in a dose");
        }
    }
    for (size_t i = 0; i < sizeof time / sizeof *time && f->n == 3; i++) {
        if (strcmp(key, time[i]) == 0) {
            find_time(f, key);
            return;
        }
    }
    if (strcmp(key, "dose") == 0 && f->n == 3) {
        find_dose(f);
        return;
    }
    const int parameter = msc_model_find_parameter(f->s->model, key);
    if (takes(f, parameter)) {
        find_take(f, (uint32_t)parameter);
        return;
    }
    for (uint32_t c = 0; c < f->s->model->n_cargo; c++) {
        if (strcmp(f->s->model->cargo[c].name, key) == 0) {
            find_load(f, c);
            return;
        }
    }
    fail_key(f, key);
}

static void find_entries(search *f)
{
    const size_t n = f->s->n_dose;
    if (f->n < 2 || f->step[1].name) {
        msc_knob_fail(f->arena, f->knob, "say which entry of the regimen, as in regimen[0].dose or regimen[*].dose");
    }
    const long k = f->step[1].index;
    if (n == 0) {
        msc_knob_fail(f->arena, f->knob, "the scenario has no regimen");
    }
    if (k >= (long)n) {
        msc_knob_fail(f->arena, f->knob, "the regimen has %zu entr%s, [0]%s", n, n == 1 ? "y" : "ies",
                      n == 1 ? "" : msc_arena_printf(f->arena, " to [%zu]", n - 1));
    }
    f->knob->dose = MSC_NEW(f->arena, size_t, n);
    f->knob->n_dose = k < 0 ? n : 1;
    for (size_t i = 0; i < f->knob->n_dose; i++) {
        f->knob->dose[i] = k < 0 ? i : (size_t)k;
    }
    find_key(f);
}

void msc_knob_find(msc_arena *arena, const msc_scenario *s, const msc_vary *vary, msc_knob *knob, msc_knob_wants *wants)
{
    static const char *const sections[] = {"parameters", "regimen"};
    *knob = (msc_knob){.path = msc_arena_strdup(arena, vary->path),
                       .where = msc_arena_strdup(arena, vary->where ? vary->where : s->path)};
    const msc_conf_setting key = msc_conf_read_key(arena, knob->where, vary->path);
    search f = {.arena = arena, .s = s, .knob = knob, .step = key.step, .n = key.n, .wants = wants};
    if (strcmp(key.step[0].name, sections[0]) == 0) {
        find_parameter(&f);
    } else if (strcmp(key.step[0].name, sections[1]) == 0) {
        find_entries(&f);
    } else {
        msc_knob_fail(arena, knob, "numbers of 'parameters' and of 'regimen' can be varied, others are read with the scenario%s",
                      msc_text_suggest(arena, key.step[0].name, sections, 2));
    }
}

/* ---- in use ---- */

static bool meet(const msc_knob *a, const msc_knob *b)
{
    const bool dosed = a->kind != MSC_KNOB_PARAMETER;
    if (a->kind != b->kind || a->index != b->index || a->instance != b->instance) {
        return false;
    }
    for (size_t i = 0; i < a->n_dose; i++) {
        for (size_t k = 0; k < b->n_dose; k++) {
            if (a->dose[i] == b->dose[k]) {
                return true;
            }
        }
    }
    return !dosed;
}

void msc_knobs_part(msc_arena *arena, const msc_knob *knob, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (meet(&knob[k], &knob[i])) {
                msc_knob_fail(arena, &knob[i], "this is varied already, as %s (%s)", knob[k].path, knob[k].where);
            }
        }
    }
}

static bool feeds(const msc_knob *knob, const msc_input *in)
{
    static const struct {
        msc_knob_kind knob;
        msc_input_kind input;
    } pair[] = {{MSC_KNOB_PARAMETER, MSC_INPUT_PARAMETER},
                {MSC_KNOB_DOSE, MSC_INPUT_DOSE_AMOUNT},
                {MSC_KNOB_TAKE, MSC_INPUT_DOSE_PARAMETER},
                {MSC_KNOB_LOAD, MSC_INPUT_DOSE_LOAD}};
    bool kind = false, dose = knob->kind == MSC_KNOB_PARAMETER;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        kind = kind || (pair[i].knob == knob->kind && pair[i].input == in->kind);
    }
    for (size_t i = 0; i < knob->n_dose; i++) {
        dose = dose || in->dose == knob->dose[i];
    }
    const bool same = in->kind == MSC_INPUT_DOSE_AMOUNT || (in->index == knob->index && in->instance == knob->instance);
    return kind && dose && same;
}

void msc_knob_connect(msc_arena *arena, const msc_program *p, msc_knob *knob)
{
    knob->input = MSC_NEW(arena, uint32_t, p->n_input + 1);
    for (uint32_t i = 0; i < p->n_input; i++) {
        if (feeds(knob, &p->input[i])) {
            knob->input[knob->n_input++] = i;
        }
    }
}

static void need(msc_arena *arena, const msc_knob *knob, double value, bool holds, const char *what)
{
    if (!holds) {
        const bool pure = strcmp(knob->unit, "1") == 0;
        msc_knob_fail(arena, knob, "%s, and not %.6g%s%s", what, value, pure ? "" : " ", pure ? "" : knob->unit);
    }
}

void msc_knob_turn(msc_arena *arena, const msc_scenario *s, const msc_knob *knob, double value, msc_dose *dose,
                   double *input)
{
    const double x = value * knob->factor;
    need(arena, knob, value, isfinite(x), "a finite number is wanted");
    for (uint32_t i = 0; i < knob->n_input; i++) {
        input[knob->input[i]] = x;
    }
    if (knob->kind == MSC_KNOB_DOSE) {
        need(arena, knob, value, x >= 0, "a dose is not negative");
    }
    for (size_t i = 0; i < knob->n_dose; i++) {
        msc_dose *own = &dose[knob->dose[i]];
        switch (knob->kind) {
        case MSC_KNOB_AT:
            own->exact.at = msc_time_exact(value, knob->factor);
            own->at = msc_moment(own->exact.at);
            need(arena, knob, value, own->at >= s->start, "a dose is not given before the start of the run");
            break;
        case MSC_KNOB_DURATION:
            need(arena, knob, value, x >= 0, "a duration is not negative");
            own->exact.duration = msc_time_exact(value, knob->factor);
            own->duration = msc_moment(own->exact.duration);
            break;
        case MSC_KNOB_INTERVAL:
            need(arena, knob, value, x > 0, "the interval between doses is positive");
            own->exact.interval = msc_time_exact(value, knob->factor);
            own->interval = msc_moment(own->exact.interval);
            break;
        default: break;
        }
    }
}
