/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of doses: what a model says of a dose before anything is run. */
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

static double load_of(msc_evaluation *e, const msc_scenario *s, const msc_dose *dose, int cargo)
{
    const int env[MSC_SLOTS] = {0};
    const msc_cargo *c = &s->model->cargo[cargo];
    for (size_t i = 0; i < dose->n_load; i++) {
        if (dose->load[i].cargo == (uint32_t)cargo) {
            return dose->load[i].value;
        }
    }
    return c->load && msc_route_brings(s->model, &s->model->route[dose->route], cargo)
               ? msc_evaluate(e, c->load, env)
               : 0;
}

static bool concerns(msc_evaluation *e, const msc_scenario *s, const msc_check *check, const msc_dose *dose)
{
    bool by_route = check->n_route == 0;
    for (size_t i = 0; i < check->n_route; i++) {
        by_route = by_route || check->route[i] == dose->route;
    }
    return by_route && dose->dose > 0 && (check->cargo < 0 || load_of(e, s, dose, check->cargo) > 0);
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

static void test_dose(msc_scenario *s, const msc_check *check, size_t instance, const msc_dose *dose)
{
    int env[MSC_SLOTS] = {0};
    double first = 0;
    char day[MSC_PAGE_NUMBER];
    msc_evaluation *e = msc_evaluation_new(s->arena, s->model, dose);
    msc_shape_env(s->model, &check->shape, instance, env);
    const long n = concerns(e, s, check, dose) ? count_failures(e, s, check, env, dose, &first) : 0;
    if (n == 0) {
        return;
    }
    msc_page_day(day, s->model->units, first);
    const char *which = n == 1 ? msc_arena_printf(s->arena, "the dose of %s", day)
                               : msc_arena_printf(s->arena, "%ld doses, the first on %s", n, day);
    const char *what = check->about ? check->about
                                    : msc_arena_printf(s->arena, "check '%s' fails",
                                                       msc_shape_label(s->arena, s->model, check->name, &check->shape,
                                                                       instance));
    if (check->stop) {
        msc_conf_fail(s->arena, dose->origin, "%s: %s", which, what);
    }
    msc_notes_add(&s->notes, s->arena, msc_conf_where(s->arena, dose->origin), "%s: %s", which, what);
}

void msc_regimen_check(msc_scenario *s)
{
    const msc_model *m = s->model;
    for (size_t k = 0; k < m->n_check; k++) {
        const msc_check *check = &m->check[k];
        for (size_t i = 0; check->doses && is_shown(s, check) && i < check->shape.n; i++) {
            for (size_t d = 0; d < s->n_dose; d++) {
                test_dose(s, check, i, &s->dose[d]);
            }
        }
    }
}
