/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a scenario to a job for the engine: parameters evaluated and tested, stops laid out, doses
 * put on them, tolerances tied to what is given. */
#include <math.h>
#include <string.h>

#include "scenario/prepare.h"

/* ---- inputs ---- */

static double taken(const msc_dose *dose, const msc_input *in)
{
    for (size_t k = 0; k < dose->n_take; k++) {
        if (dose->take[k].parameter == in->index && dose->take[k].instance == in->instance) {
            return dose->take[k].value;
        }
    }
    return 0;
}

static double loaded(const msc_dose *dose, const msc_input *in)
{
    for (size_t k = 0; k < dose->n_load; k++) {
        if (dose->load[k].cargo == in->index) {
            return dose->load[k].value;
        }
    }
    return 0;
}

/* How many doses of an entry are given in the run. */
static double count(const msc_scenario *s, const msc_event *event, size_t dose)
{
    double n = 0;
    for (size_t k = s->setup.first_event[dose]; k < s->setup.first_event[dose + 1]; k++) {
        n += event[k].begin <= s->until ? 1 : 0;
    }
    return n;
}

static void fill_inputs(const msc_scenario *s, const msc_event *event, double *input)
{
    const msc_program *p = s->program;
    for (uint32_t i = 0; i < p->n_input; i++) {
        const msc_input *in = &p->input[i];
        switch (in->kind) {
        case MSC_INPUT_PARAMETER: input[i] = in->number; break;
        case MSC_INPUT_DOSE_AMOUNT: input[i] = s->dose[in->dose].dose; break;
        case MSC_INPUT_DOSE_PARAMETER: input[i] = taken(&s->dose[in->dose], in); break;
        case MSC_INPUT_DOSE_LOAD: input[i] = loaded(&s->dose[in->dose], in); break;
        case MSC_INPUT_DOSE_COUNT: input[i] = count(s, event, in->dose); break;
        }
    }
}

/* The same from numbers handed in. */
static void take_inputs(const msc_scenario *s, const msc_numbers *numbers, const msc_event *event, double *input)
{
    const msc_program *p = s->program;
    memcpy(input, numbers->input, p->n_input * sizeof *input);
    for (uint32_t i = 0; i < p->n_input && !numbers->known->stops; i++) {
        if (p->input[i].kind == MSC_INPUT_DOSE_COUNT) {
            input[i] = count(s, event, p->input[i].dose);
        }
    }
}

/* ---- what enters ---- */

enum { OVERLAPS_MOST = 100000000 }; /* stops that a regimen's infusions last over, each counted for itself */

/* A bolus of something through a formula that has no value then. */
static void test_surge(const msc_scenario *s, msc_arena *arena, double amount, uint32_t slot)
{
    const char *where = s->program->given_refused[slot];
    if (where && amount != 0) {
        msc_throw(arena, MSC_E_CONFIG, where,
                  "a bolus goes through a flow that this formula has to a power, or times itself or another: for an instant it is "
                  "without bound, and such a formula has no integral then; give the dose a duration");
    }
}

/* What an entry brings at a dose of its: at once, or in less than time can tell; or while it lasts. */
static void enter_event(const msc_scenario *s, msc_arena *arena, const msc_event *event, double amount, uint32_t slot,
                        size_t n_stop, double *given, double *bolus)
{
    const uint32_t n_given = s->program->n_given;
    if (event->begin > s->until || event->begin < s->start) {
        return;
    }
    if (event->first == event->last) {
        test_surge(s, arena, amount, slot);
        bolus[event->first * n_given + slot] += amount;
    }
    for (size_t i = event->first; i < event->last && i + 1 < n_stop; i++) {
        given[i * n_given + slot] += amount / (event->end - event->begin);
    }
}

static void enter(const msc_scenario *s, msc_arena *arena, msc_prepared *out)
{
    const msc_program *p = s->program;
    const size_t n_stop = out->job.n_stop, n = n_stop * p->n_given;
    double *given = MSC_NEW(arena, double, n + 1), *bolus = MSC_NEW(arena, double, n + 1);
    size_t spanned = 0;
    memcpy(given, out->between, n * sizeof *given);
    for (uint32_t e = 0; e < p->n_entry; e++) {
        const msc_entry *entry = &p->entry[e];
        const double amount = out->reg[entry->amount];
        if (entry->dose == MSC_NONE) {
            test_surge(s, arena, amount, entry->slot);
            bolus[entry->slot] += amount;
            continue;
        }
        const size_t *first = &s->setup.first_event[entry->dose];
        for (size_t k = first[0]; k < first[1]; k++) {
            spanned += out->event[k].last - out->event[k].first;
            if (spanned > OVERLAPS_MOST) {
                msc_conf_fail(arena, s->dose[entry->dose].origin,
                              "too many infusions run at one time; give fewer, farther apart or shorter");
            }
            enter_event(s, arena, &out->event[k], amount, entry->slot, n_stop, given, bolus);
        }
    }
    bool any = false;
    for (size_t i = 0; i < n && !any; i++) {
        any = bolus[i] != 0;
    }
    out->job.given = given;
    out->job.bolus = any ? bolus : NULL;
}

/* ---- tolerances ---- */

/* Is a dose given in the run? */
static bool is_given(const msc_scenario *s, const msc_event *event, size_t dose)
{
    bool any = false;
    for (size_t k = s->setup.first_event[dose]; k < s->setup.first_event[dose + 1] && !any; k++) {
        any = event[k].begin <= s->until && event[k].begin >= s->start;
    }
    return any;
}

/* The largest single dose into each pool, or what is there at the start if that is more; a pool that
 * is given nothing takes the scale of one of its dimension; at last, one unit. */
static void pool_scales(const msc_scenario *s, msc_arena *arena, const msc_prepared *prepared, double *scale)
{
    const msc_program *p = s->program;
    const msc_model *m = s->model;
    const double *reg = prepared->reg;
    double *start = MSC_NEW(arena, double, m->n_pool + 1), *once = MSC_NEW(arena, double, m->n_pool + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        if (!is_given(s, prepared->event, d)) {
            continue;
        }
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

static void tolerances(const msc_scenario *s, msc_arena *arena, msc_prepared *out)
{
    const msc_program *p = s->program;
    const double *reg = out->reg;
    double *pool = MSC_NEW(arena, double, s->model->n_pool + 1);
    double *atol = MSC_NEW(arena, double, p->n_state + 1), *floor = MSC_NEW(arena, double, p->n_guard + 1);
    pool_scales(s, arena, out, pool);
    out->scale = MSC_NEW(arena, double, p->n_state + 1);
    for (uint32_t i = 0; i < p->n_state; i++) {
        const double own = p->initial[i] == MSC_NONE ? 0 : fabs(reg[p->initial[i]]);
        out->scale[i] = p->state_scale[i] * (p->state_pool[i] >= 0 ? pool[p->state_pool[i]] : 1);
        out->scale[i] = p->state_pool[i] >= 0 ? out->scale[i] : fmax(out->scale[i], own);
        atol[i] = s->atol * out->scale[i];
        if (!isfinite(out->scale[i])) {
            msc_throw(arena, MSC_E_CONFIG, s->path, "%s starts from, or is given, more than can be counted", p->state_name[i]);
        }
    }
    for (uint32_t g = 0; g < p->n_guard; g++) { /* rates and amounts: a few times what the solver lets pass */
        const msc_guard *guard = &p->guard[g];
        const bool hazard = guard->measure == MSC_MEASURE_HAZARD || guard->state == MSC_NONE;
        floor[g] = hazard ? 0 : 10 * atol[guard->state];
    }
    out->job.atol = atol;
    out->job.floor = floor;
}

/* ---- all of it ---- */

static void share_stops(const msc_prepared *own, msc_prepared *out)
{
    out->event = own->event;
    out->between = own->between;
    out->job.n_stop = own->job.n_stop, out->job.stop = own->job.stop;
}

void msc_numbers_prepare(const msc_scenario *s, msc_arena *arena, const msc_numbers *numbers, msc_prepared *out)
{
    const msc_program *p = s->program;
    const msc_known *known = numbers->known;
    memset(out, 0, sizeof *out);
    out->input = MSC_NEW(arena, double, p->n_input + 1);
    out->reg = MSC_NEW(arena, double, p->n_register + 1);
    if (known && known->stops) {
        share_stops(known->own, out);
    } else {
        out->event = MSC_NEW(arena, msc_event, s->setup.n_event + 1);
        msc_stops_events(s, numbers->dose, known ? known->own->event : NULL, out->event);
    }
    if (known) {
        take_inputs(s, numbers, out->event, out->input);
        memcpy(out->reg, known->own->reg, p->n_register * sizeof *out->reg);
        msc_program_prologue_some(p, out->input, out->reg, known->n_step, known->step);
    } else {
        fill_inputs(s, out->event, out->input);
        msc_program_prologue(p, out->input, out->reg);
    }
    msc_sound_test(s, arena, out->input, out->reg, numbers->varied);
    if (!known || !known->stops) {
        msc_stops_lay(s, arena, known && known->pulses ? known->own : NULL, out);
    }
    enter(s, arena, out);
    tolerances(s, arena, out);
    out->job.reg = out->reg;
    out->job.n_time = s->n_time, out->job.time = s->time;
    out->job.n_seek = s->endpoints.n_seek;
    out->job.seek = MSC_NEW(arena, msc_engine_seek, s->endpoints.n_seek + 1);
    if (s->endpoints.n_seek > 0) {
        memcpy(out->job.seek, s->endpoints.seek, s->endpoints.n_seek * sizeof *out->job.seek);
        msc_endpoints_move(&s->endpoints, s->program, numbers->dose, s->start, s->until, out->job.seek);
    }
}

void msc_scenario_prepare(const msc_scenario *s, msc_arena *arena, msc_prepared *out)
{
    msc_numbers_prepare(s, arena, &(msc_numbers){.dose = s->dose}, out);
}

void msc_scenario_setup(msc_scenario *s)
{
    s->setup.first_event = MSC_NEW(s->arena, size_t, s->n_dose + 1);
    for (size_t d = 0; d < s->n_dose; d++) {
        s->setup.n_event += (size_t)s->dose[d].repeat;
        s->setup.first_event[d + 1] = s->setup.n_event;
    }
    msc_sound_setup(s);
}
