/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of doses: what a model says of a dose before anything is run, and whether the run sees it. */
#include <string.h>

#include "scenario/evaluate.h"
#include "scenario/page.h"
#include "scenario/regimen.h"

/* Is one of the outputs asked for, for whose sake the check is there? */
static bool is_shown(const msc_scenario *s, const msc_check *check)
{
    bool shown = check->n_shown == 0;
    for (size_t i = 0; i < check->n_shown; i++) {
        for (size_t k = 0; k < s->n_output; k++) {
            shown = shown || s->output[k] == check->shown[i];
        }
    }
    return shown;
}

/* ---- a dose with the numbers that hold ---- */

typedef struct {
    const msc_scenario *s;
    msc_arena *arena;
    const msc_numbers *numbers;
    msc_notes *notes;
} test;

static const msc_dose *dose_of(const test *t, size_t d)
{
    return &t->numbers->dose[d];
}

/* What the program is given of a dose, or `otherwise` if it does not need to know. */
static double input_of(const test *t, msc_input_kind kind, size_t d, uint32_t index, double otherwise)
{
    const msc_program *p = t->s->program;
    for (uint32_t i = 0; t->numbers->input && i < p->n_input; i++) {
        if (p->input[i].kind == kind && p->input[i].dose == d && p->input[i].index == index) {
            return t->numbers->input[i];
        }
    }
    return otherwise;
}

static bool takes(const msc_dose *dose, const msc_input *in)
{
    for (size_t k = 0; k < dose->n_take; k++) {
        if (dose->take[k].parameter == in->index && dose->take[k].instance == in->instance) {
            return true;
        }
    }
    return false;
}

static msc_evaluation *evaluation_of(const test *t, size_t d)
{
    const msc_program *p = t->s->program;
    msc_evaluation *e = msc_evaluation_new(t->arena, t->s->model, dose_of(t, d));
    for (uint32_t i = 0; t->numbers->input && i < p->n_input; i++) {
        const msc_input *in = &p->input[i];
        const bool own = in->kind == MSC_INPUT_DOSE_PARAMETER && in->dose == d;
        if (own || (in->kind == MSC_INPUT_PARAMETER && !takes(dose_of(t, d), in))) {
            msc_evaluation_set(e, (int)in->index, in->instance, t->numbers->input[i]);
        }
    }
    return e;
}

static double load_of(const test *t, msc_evaluation *e, size_t d, int cargo)
{
    const int env[MSC_SLOTS] = {0};
    const msc_cargo *c = &t->s->model->cargo[cargo];
    const msc_dose *dose = dose_of(t, d);
    for (size_t i = 0; i < dose->n_load; i++) {
        if (dose->load[i].cargo == (uint32_t)cargo) {
            return input_of(t, MSC_INPUT_DOSE_LOAD, d, (uint32_t)cargo, dose->load[i].value);
        }
    }
    return c->load && msc_route_brings(t->s->model, &t->s->model->route[dose->route], cargo)
               ? msc_evaluate(e, c->load, env)
               : 0;
}

static bool by_route(const msc_check *check, const msc_dose *dose)
{
    bool by = check->n_route == 0;
    for (size_t i = 0; i < check->n_route; i++) {
        by = by || check->route[i] == dose->route;
    }
    return by;
}

/* How many of an entry's doses within the run fail, and when the first one does. */
static long count_failures(msc_evaluation *e, const msc_scenario *s, const msc_check *check, const int *env,
                           const msc_dose *dose, double *first)
{
    long n = 0;
    for (long k = 0; k < dose->repeat; k++) {
        const double at = msc_dose_begin(dose, k);
        msc_evaluation_at(e, at);
        if (at <= s->until && msc_evaluate(e, check->that, env) == 0) {
            *first = n == 0 ? at : *first;
            n++;
        }
    }
    return n;
}

static void test_dose(const test *t, const msc_check *check, size_t instance, size_t d)
{
    const msc_scenario *s = t->s;
    const msc_dose *dose = dose_of(t, d);
    int env[MSC_SLOTS] = {0};
    double first = 0;
    char day[MSC_PAGE_NUMBER];
    if (!by_route(check, dose) || !(input_of(t, MSC_INPUT_DOSE_AMOUNT, d, 0, dose->dose) > 0)) {
        return;
    }
    msc_evaluation *e = evaluation_of(t, d);
    msc_shape_env(s->model, &check->shape, instance, env);
    const bool concerns = check->cargo < 0 || load_of(t, e, d, check->cargo) > 0;
    const long n = concerns ? count_failures(e, s, check, env, dose, &first) : 0;
    if (n == 0) {
        return;
    }
    msc_page_day(day, s->model->units, first);
    const char *which = n == 1 ? msc_arena_printf(t->arena, "the dose of %s", day)
                               : msc_arena_printf(t->arena, "%ld doses, the first on %s", n, day);
    const char *what = check->about ? check->about
                                    : msc_arena_printf(t->arena, "check '%s' fails",
                                                       msc_shape_label(t->arena, s->model, check->name, &check->shape,
                                                                       instance));
    if (check->stop) {
        msc_conf_fail(t->arena, dose->origin, "%s: %s", which, what);
    }
    msc_notes_add(t->notes, t->arena, msc_conf_where(t->arena, dose->origin), "%s: %s", which, what);
}

void msc_regimen_check(const msc_scenario *s, msc_arena *arena, const msc_numbers *numbers, msc_notes *notes)
{
    const test t = {s, arena, numbers, notes};
    const msc_model *m = s->model;
    for (size_t k = 0; k < m->n_check; k++) {
        const msc_check *check = &m->check[k];
        for (size_t i = 0; check->doses && is_shown(s, check) && i < check->shape.n; i++) {
            for (size_t d = 0; d < s->n_dose; d++) {
                test_dose(&t, check, i, d);
            }
        }
    }
}

/* ---- doses that the run does not see, or not to their end ---- */

void msc_regimen_late(const msc_scenario *s, msc_arena *arena, const msc_dose *dose, msc_notes *notes)
{
    char day[MSC_PAGE_NUMBER], end[MSC_PAGE_NUMBER], share[MSC_PAGE_NUMBER];
    long seen = 0, cut = 0;
    double given = 0;
    for (; seen < dose->repeat && msc_dose_begin(dose, seen) <= s->until; seen++) {
        if (msc_dose_end(dose, seen) > s->until) {
            given += (s->until - msc_dose_begin(dose, seen)) / dose->duration;
            cut++;
        }
    }
    const long late = dose->repeat - seen;
    if (cut == 0 && late == 0) {
        return;
    }
    const char *where = msc_conf_where(arena, dose->origin);
    (void)msc_page_day(day, s->model->units, s->until);
    if (cut > 0 && dose->repeat == 1) {
        msc_notes_add(notes, arena, where, "this dose is given until %s, and the run ends on %s: %s of it is given",
                      msc_page_day(end, s->model->units, msc_dose_end(dose, 0)), day, msc_page_percent(share, given));
    } else if (cut > 0) {
        msc_notes_add(notes, arena, where, "%ld of these %ld doses %s on as the run ends on %s: %s of %s is given", cut,
                      dose->repeat, cut > 1 ? "go" : "goes", day, msc_page_percent(share, given / (double)cut),
                      cut > 1 ? "them" : "it");
    }
    if (late > 0 && dose->repeat == 1) {
        msc_notes_add(notes, arena, where, "a dose is given after the end of the run (%s) and has no effect", day);
    } else if (late > 0 && seen == 0) {
        msc_notes_add(notes, arena, where, "all of these %ld doses are given after the end of the run (%s) and have no effect",
                      dose->repeat, day);
    } else if (late > 0) {
        msc_notes_add(notes, arena, where, "the last %sof these %ld doses %s given after the end of the run (%s) and %s no effect",
                      late > 1 ? msc_arena_printf(arena, "%ld ", late) : "", dose->repeat, late > 1 ? "are" : "is", day,
                      late > 1 ? "have" : "has");
    }
}
