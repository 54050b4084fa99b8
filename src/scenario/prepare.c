/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a scenario to a job for the engine: parameters evaluated and tested, stops laid out, doses
 * put on them, tolerances tied to what is given. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"

enum { SCAN = 2000 }; /* points a segment on which conditions on time are bracketed (ruling 4) */

typedef struct {
    double *t;
    size_t n, cap;
} stops;

/* ---- parameters ---- */

static void fill_inputs(const msc_scenario *s, double *input)
{
    const msc_program *p = s->program;
    for (uint32_t i = 0; i < p->n_input; i++) {
        const msc_input *in = &p->input[i];
        const msc_dose *dose = s->n_dose > 0 ? &s->dose[in->dose] : NULL;
        switch (in->kind) {
        case MSC_INPUT_PARAMETER: input[i] = in->number; break;
        case MSC_INPUT_DOSE_AMOUNT: input[i] = dose->dose; break;
        case MSC_INPUT_DOSE_COUNT:
            for (long k = 0; k < dose->repeat; k++) {
                input[i] += msc_dose_begin(dose, k) <= s->until ? 1 : 0;
            }
            break;
        case MSC_INPUT_DOSE_PARAMETER:
            for (size_t k = 0; k < dose->n_take; k++) {
                if (dose->take[k].parameter == in->index && dose->take[k].instance == in->instance) {
                    input[i] = dose->take[k].value;
                }
            }
            break;
        case MSC_INPUT_DOSE_LOAD:
            for (size_t k = 0; k < dose->n_load; k++) {
                if (dose->load[k].cargo == in->index) {
                    input[i] = dose->load[k].value;
                }
            }
            break;
        }
    }
}

static void mark_rows(const msc_rows *rows, uint32_t n, bool *used)
{
    for (uint32_t i = 0; i < rows->one_at[n]; i++) {
        used[rows->one[i]] = true;
    }
    for (uint32_t i = 0; i < rows->linear_at[n]; i++) {
        used[rows->linear[i].coef] = true;
    }
    for (uint32_t i = 0; i < rows->bilinear_at[n]; i++) {
        used[rows->bilinear[i].coef] = true;
    }
}

/* A state in whose rate a coefficient stands, or "". */
static const char *user_of(const msc_program *p, uint32_t coef)
{
    for (uint32_t r = 0; r < p->n_state; r++) {
        for (uint32_t i = p->rate.one_at[r]; i < p->rate.one_at[r + 1]; i++) {
            if (p->rate.one[i] == coef) {
                return p->state_name[r];
            }
        }
        for (uint32_t i = p->rate.linear_at[r]; i < p->rate.linear_at[r + 1]; i++) {
            if (p->rate.linear[i].coef == coef) {
                return p->state_name[r];
            }
        }
        for (uint32_t i = p->rate.bilinear_at[r]; i < p->rate.bilinear_at[r + 1]; i++) {
            if (p->rate.bilinear[i].coef == coef) {
                return p->state_name[r];
            }
        }
    }
    return "";
}

/* What moves the amounts is finite. An output may not be: a share of what is dosed in a run without
 * doses is not a number, and stays missing. */
static void test_coefficients(const msc_scenario *s, msc_arena *arena, const double *reg)
{
    const msc_program *p = s->program;
    bool *used = MSC_NEW(arena, bool, p->n_coef + 1);
    mark_rows(&p->rate, p->rate.n, used);
    mark_rows(&p->node, p->n_node + p->n_guard_node, used);
    mark_rows(&p->guard_row, p->n_guard, used);
    for (uint32_t i = 0; i < p->n_special; i++) {
        for (int k = 0; p->special[i].node < p->n_node && k < msc_op_arity(p->special[i].op); k++) {
            if (p->special[i].arg[k] < 0) {
                used[~p->special[i].arg[k]] = true;
            }
        }
    }
    for (uint32_t k = 0; k < p->n_coef; k++) {
        if (used[k] && !isfinite(reg[p->coef[k]])) {
            const char *user = user_of(p, k);
            msc_throw(arena, MSC_E_CONFIG, s->path,
                      "with these parameters a coefficient of the model is not finite%s%s: look for a division by 0 or "
                      "an exponent too large",
                      *user ? ", used in the rate of " : "", user);
        }
    }
}

static void test_values(const msc_scenario *s, msc_arena *arena, const double *reg)
{
    const msc_program *p = s->program;
    const uint32_t bad = msc_program_test(p, reg, false, 0);
    if (bad != MSC_NONE) {
        const msc_test *t = &p->test[bad];
        const double x = reg[t->reg] / t->factor;
        switch (t->kind) {
        case MSC_TEST_TOTAL:
            msc_throw(arena, MSC_E_CONFIG, t->where, "%s %.6g, not to %.6g", t->what, x, reg[t->reg2] / t->factor);
        case MSC_TEST_SHARE: msc_throw(arena, MSC_E_CONFIG, t->where, "%s is %.6g, outside of 0 to 1", t->what, x);
        case MSC_TEST_SIGN:
            msc_throw(arena, MSC_E_CONFIG, t->where, "%s (%.6g)", isfinite(x) && x < 0 ? t->what : "not a finite number", x);
        case MSC_TEST_CHECK: msc_throw(arena, MSC_E_CONFIG, t->where, "this check fails: %s", t->what);
        }
    }
    for (uint32_t i = 0; i < p->n_input; i++) {
        if (!isfinite(p->input[i].number)) {
            const msc_parameter *par = &s->model->parameter[p->input[i].index];
            msc_conf_fail(arena, par->origin, "'%s' is not finite", par->name);
        }
    }
    test_coefficients(s, arena, reg);
}

/* ---- stops ---- */

static void put_stop(msc_arena *arena, stops *list, const msc_scenario *s, double t)
{
    if (t > s->start && t < s->until) {
        *MSC_PUSH(arena, list->t, list->n, list->cap) = t;
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void tidy(stops *list)
{
    qsort(list->t, list->n, sizeof *list->t, ascending);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || list->t[i] > list->t[n - 1]) {
            list->t[n++] = list->t[i];
        }
    }
    list->n = n;
}

/* Which side of a switch, or which piece of a table, or what of a comparison, the clock is on at a time. */
static long side(const msc_scenario *s, const double *reg, double *clock, uint32_t which, double t)
{
    const msc_program *p = s->program;
    msc_program_clock(p, reg, t, clock);
    if (which < p->n_switch) {
        return clock[p->switches[which].clock] != 0;
    }
    if (which >= p->n_switch + p->n_time_table) {
        return clock[which - p->n_switch - p->n_time_table] != 0;
    }
    const struct msc_time_table *use = &p->time_table[which - p->n_switch];
    const msc_table *table = &p->table[use->table];
    long piece = 0;
    while (piece < (long)table->n && clock[use->clock] >= table->at[piece]) {
        piece++;
    }
    return piece;
}

/* All changes of side between low and high, to the last bit of time. */
static void bracket(const msc_scenario *s, msc_arena *arena, const double *reg, double *clock, uint32_t which,
                    double low, double high, stops *found)
{
    const double end = high;
    long from = side(s, reg, clock, which, low);
    double a = low;
    for (int k = 1; k <= SCAN; k++) {
        const double b = k == SCAN ? end : low + (end - low) * k / SCAN;
        const long to = side(s, reg, clock, which, b);
        while (to != from) { /* several nodes of a table may lie between two points */
            double left = a, right = b;
            for (double mid = left + (right - left) / 2; mid > left && mid < right; mid = left + (right - left) / 2) {
                *(side(s, reg, clock, which, mid) == from ? &left : &right) = mid;
            }
            put_stop(arena, found, s, right);
            from = side(s, reg, clock, which, right);
            a = right;
        }
        a = b;
    }
}

/* Two times that no step could tell apart. */
static bool same(const msc_scenario *s, double a, double b)
{
    return fabs(a - b) <= 1e-14 * fmax(fabs(s->start), fabs(s->until));
}

/* Is a switch as good as at one of the first n stops? (`time > 0` switches just after 0.) */
static bool beside(const msc_scenario *s, const stops *list, size_t n, double t)
{
    size_t low = 0, high = n;
    while (low + 1 < high) {
        const size_t mid = low + (high - low) / 2;
        *(list->t[mid] <= t ? &low : &high) = mid;
    }
    return same(s, list->t[low], t) || (high < n && same(s, list->t[high], t));
}

/* Stops for the switches or tables first .. last - 1, sought between the stops that are there. */
static void find_switches(const msc_scenario *s, msc_arena *arena, const double *reg, uint32_t first, uint32_t last,
                          stops *list)
{
    double *clock = MSC_NEW(arena, double, s->program->n_clock + 1);
    stops found = {0};
    for (uint32_t w = first; w < last; w++) {
        for (size_t i = 0; i + 1 < list->n; i++) {
            bracket(s, arena, reg, clock, w, list->t[i], list->t[i + 1], &found);
        }
    }
    if (found.n > 0) {
        qsort(found.t, found.n, sizeof *found.t, ascending);
    }
    const size_t n = list->n;
    for (size_t i = 0; i < found.n; i++) {
        if (!beside(s, list, n, found.t[i]) && (list->n == n || !same(s, list->t[list->n - 1], found.t[i]))) {
            put_stop(arena, list, s, found.t[i]);
        }
    }
    tidy(list);
}

static void lay_stops(const msc_scenario *s, msc_arena *arena, const double *reg, stops *list)
{
    *MSC_PUSH(arena, list->t, list->n, list->cap) = s->start;
    *MSC_PUSH(arena, list->t, list->n, list->cap) = s->until;
    for (size_t d = 0; d < s->n_dose; d++) {
        for (long k = 0; k < s->dose[d].repeat; k++) {
            put_stop(arena, list, s, msc_dose_begin(&s->dose[d], k));
            put_stop(arena, list, s, msc_dose_end(&s->dose[d], k));
        }
    }
    tidy(list);
    const uint32_t n = s->program->n_switch; /* the nodes of tables first: conditions may depend on them */
    const uint32_t m = n + s->program->n_time_table;
    find_switches(s, arena, reg, n, m, list);
    for (uint32_t k = 0; k < s->program->n_clock; k++) { /* of `a and b` each may last less than a grid shows */
        const msc_op op = s->program->clock[k].op;
        if (op >= MSC_OP_LESS && op <= MSC_OP_GREATER_EQUAL) {
            find_switches(s, arena, reg, m + k, m + k + 1, list);
        }
    }
    find_switches(s, arena, reg, 0, n, list);
}

/* ---- what enters ---- */

static size_t stop_at(const stops *list, double t)
{
    size_t i = 0;
    while (i < list->n && list->t[i] < t) {
        i++;
    }
    return i;
}

static void enter(const msc_scenario *s, const double *reg, const stops *list, double *given, double *bolus)
{
    const msc_program *p = s->program;
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const msc_entry *entry = &p->entry[e];
        const double amount = reg[entry->amount];
        if (entry->dose == MSC_NONE) {
            bolus[entry->slot] += amount;
            continue;
        }
        const msc_dose *dose = &s->dose[entry->dose];
        for (long k = 0; k < dose->repeat; k++) {
            const double at = msc_dose_begin(dose, k);
            if (at > s->until || at < s->start) {
                continue;
            }
            const size_t first = stop_at(list, at), last = stop_at(list, msc_dose_end(dose, k));
            if (first == last) { /* at once, or in less than time can tell */
                bolus[first * p->n_given + entry->slot] += amount;
            }
            for (size_t i = first; i < last && i + 1 < list->n; i++) {
                given[i * p->n_given + entry->slot] += amount / (msc_dose_end(dose, k) - at);
            }
        }
    }
}

static void set_switches(const msc_scenario *s, msc_arena *arena, const double *reg, const stops *list, double *given)
{
    const msc_program *p = s->program;
    double *clock = MSC_NEW(arena, double, p->n_clock + 1);
    for (size_t i = 0; p->n_switch > 0 && i + 1 < list->n; i++) {
        msc_program_clock(p, reg, list->t[i] + (list->t[i + 1] - list->t[i]) / 2, clock);
        for (uint32_t w = 0; w < p->n_switch; w++) {
            given[i * p->n_given + p->switches[w].slot] = clock[p->switches[w].clock];
        }
    }
}

/* ---- tolerances ---- */

/* The largest single dose into each pool, or what is there at the start if that is more; a pool that
 * is given nothing takes the scale of one of its dimension; at last, one unit. */
static void pool_scales(const msc_scenario *s, msc_arena *arena, const double *reg, double *scale)
{
    const msc_program *p = s->program;
    const msc_model *m = s->model;
    double *start = MSC_NEW(arena, double, m->n_pool + 1), *once = MSC_NEW(arena, double, m->n_pool + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        memset(once, 0, m->n_pool * sizeof *once);
        for (uint32_t e = 0; e < p->n_entry; e++) {
            const int pool = p->given_pool[p->entry[e].slot];
            if (p->entry[e].dose == d && pool >= 0) {
                once[pool] += fabs(reg[p->entry[e].amount]);
            }
        }
        for (size_t k = 0; k < m->n_pool; k++) {
            scale[k] = fmax(scale[k], once[k]);
        }
    }
    for (uint32_t i = 0; i < p->n_state; i++) {
        if (p->initial[i] != MSC_NONE && p->state_pool[i] >= 0) {
            start[p->state_pool[i]] += fabs(reg[p->initial[i]]);
        }
    }
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const int pool = p->given_pool[p->entry[e].slot];
        if (p->entry[e].dose == MSC_NONE && pool >= 0) {
            start[pool] += fabs(reg[p->entry[e].amount]);
        }
    }
    for (size_t k = 0; k < m->n_pool; k++) {
        scale[k] = fmax(scale[k], start[k]);
    }
    for (size_t k = 0; k < m->n_pool; k++) {
        for (size_t j = 0; scale[k] == 0 && j < m->n_pool; j++) {
            if (msc_dim_equal(m->pool[k].dim, m->pool[j].dim)) {
                scale[k] = scale[j];
            }
        }
    }
    for (size_t k = 0; k < m->n_pool; k++) {
        scale[k] = scale[k] > 0 ? scale[k] : m->pool[k].factor;
    }
}

static void tolerances(const msc_scenario *s, msc_arena *arena, const double *reg, msc_prepared *out)
{
    const msc_program *p = s->program;
    double *pool = MSC_NEW(arena, double, s->model->n_pool + 1);
    double *atol = MSC_NEW(arena, double, p->n_state + 1), *floor = MSC_NEW(arena, double, p->n_guard + 1);
    pool_scales(s, arena, reg, pool);
    out->scale = MSC_NEW(arena, double, p->n_state + 1);
    for (uint32_t i = 0; i < p->n_state; i++) {
        const double own = p->initial[i] == MSC_NONE ? 0 : fabs(reg[p->initial[i]]);
        out->scale[i] = p->state_scale[i] * (p->state_pool[i] >= 0 ? pool[p->state_pool[i]] : 1);
        out->scale[i] = p->state_pool[i] >= 0 ? out->scale[i] : fmax(out->scale[i], own);
        atol[i] = s->atol * out->scale[i];
    }
    for (uint32_t g = 0; g < p->n_guard; g++) { /* rates and amounts: a few times what the solver lets pass */
        const msc_guard *guard = &p->guard[g];
        const bool hazard = guard->measure == MSC_MEASURE_HAZARD || guard->state == MSC_NONE;
        floor[g] = hazard ? 0 : 10 * atol[guard->state];
    }
    out->job.atol = atol;
    out->job.floor = floor;
}

void msc_scenario_prepare(const msc_scenario *s, msc_arena *arena, msc_prepared *out)
{
    const msc_program *p = s->program;
    memset(out, 0, sizeof *out);
    out->input = MSC_NEW(arena, double, p->n_input + 1);
    out->reg = MSC_NEW(arena, double, p->n_register + 1);
    fill_inputs(s, out->input);
    msc_program_prologue(p, out->input, out->reg);
    test_values(s, arena, out->reg);
    stops list = {0};
    lay_stops(s, arena, out->reg, &list);
    double *given = MSC_NEW(arena, double, list.n * p->n_given + 1);
    double *bolus = MSC_NEW(arena, double, list.n * p->n_given + 1);
    enter(s, out->reg, &list, given, bolus);
    set_switches(s, arena, out->reg, &list, given);
    tolerances(s, arena, out->reg, out);
    bool any = false;
    for (size_t i = 0; i < list.n * p->n_given; i++) {
        any = any || bolus[i] != 0;
    }
    out->job.reg = out->reg;
    out->job.n_stop = list.n, out->job.stop = list.t;
    out->job.given = given;
    out->job.bolus = any ? bolus : NULL;
    out->job.n_time = s->n_time, out->job.time = s->time;
    out->job.n_seek = s->endpoints.n_seek;
    out->job.seek = MSC_NEW(arena, msc_engine_seek, s->endpoints.n_seek + 1);
    if (s->endpoints.n_seek > 0) {
        memcpy(out->job.seek, s->endpoints.seek, s->endpoints.n_seek * sizeof *out->job.seek);
    }
}
