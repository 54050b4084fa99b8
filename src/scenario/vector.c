/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A vector of values of a batch: the scenario's numbers with these in their places, tested, and made into a job. */
#include <string.h>

#include "scenario/batch.h"
#include "scenario/evaluate.h"
#include "scenario/regimen.h"

/* Doses that a run of it would not see to their end. */
static void note_times(const msc_batch *b, msc_arena *arena, msc_vector *vector)
{
    const msc_scenario *s = b->scenario;
    for (size_t d = 0; d < s->n_dose; d++) {
        const msc_dose *dose = &vector->dose[d];
        bool late = false;
        for (size_t k = s->setup.first_event[d]; k < s->setup.first_event[d + 1] && !late; k++) {
            late = vector->prepared.event[k].begin > s->until || vector->prepared.event[k].end > s->until;
        }
        if (late) {
            msc_regimen_late(s, arena, dose, &vector->notes);
        }
    }
}

static void prepare(const msc_batch *b, msc_arena *arena, const double *value, msc_vector *vector)
{
    const msc_scenario *s = b->scenario;
    const msc_program *p = s->program;
    *vector = (msc_vector){.dose = MSC_NEW(arena, msc_dose, s->n_dose + 1)};
    double *input = MSC_NEW(arena, double, p->n_input + 1);
    if (s->n_dose > 0) {
        memcpy(vector->dose, s->dose, s->n_dose * sizeof *vector->dose);
    }
    memcpy(input, b->own.input, p->n_input * sizeof *input);
    for (size_t k = 0; k < b->n_knob; k++) {
        msc_knob_turn(arena, s, &b->knob[k], value[k], vector->dose, input);
    }
    const msc_numbers numbers = {.dose = vector->dose, .input = input, .known = &b->known};
    msc_numbers_prepare(s, arena, &numbers, &vector->prepared);
    msc_regimen_check(s, arena, &numbers, &vector->notes);
    note_times(b, arena, vector);
}

void msc_vector_prepare(const msc_batch *b, msc_arena *arena, const double *value, msc_vector *vector)
{
    prepare(b, arena, value, vector);
    for (size_t k = 0; k < b->n_knob; k++) {
        const msc_knob *knob = &b->knob[k];
        if (knob->kind == MSC_KNOB_PARAMETER) {
            msc_scenario_note_outside(b->scenario, arena, (int)knob->index, knob->instance, value[k] * knob->factor,
                                      &vector->notes);
        }
    }
}

msc_status msc_batch_try(const msc_batch *b, msc_arena *arena, const double *value, msc_notes *notes, msc_error *err)
{
    msc_arena_reset(arena);
    *notes = (msc_notes){0};
    if (MSC_CATCH(arena)) {
        *err = arena->error;
        return err->status;
    }
    msc_vector vector;
    prepare(b, arena, value, &vector);
    msc_evaluation *e = msc_evaluation_new(arena, b->scenario->model, NULL);
    for (size_t k = 0; k < b->n_knob; k++) {
        const msc_knob *knob = &b->knob[k];
        if (knob->kind == MSC_KNOB_PARAMETER) {
            msc_evaluation_set(e, (int)knob->index, knob->instance, value[k] * knob->factor);
        }
    }
    msc_scenario_note_ranges(b->scenario, arena, e, &vector.notes);
    *notes = vector.notes;
    return MSC_OK;
}
