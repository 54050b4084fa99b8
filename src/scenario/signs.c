/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Negative sizes of processes that a run does not look at, since nothing is there for them to move, or nothing asked for depends on
 * it: what is so at the start is found here, and told as a warning. (What a run looks at is refused.) */
#include <string.h>

#include "scenario/evaluate.h"

static bool is_known(const msc_model *m, const msc_expr *x);

/* A variable of parameters, amounts and time alone. */
static bool is_known_variable(const msc_model *m, const msc_variable *v)
{
    for (size_t i = 0; i < v->shape.n; i++) {
        if (v->value[i].kind != MSC_VALUE_NUMBER && !(v->value[i].kind == MSC_VALUE_FORMULA && is_known(m, v->value[i].expr))) {
            return false;
        }
    }
    return true;
}

static bool is_known(const msc_model *m, const msc_expr *x)
{
    static const msc_expr_kind unknown[] = {MSC_X_PROCESS, MSC_X_FLUX, MSC_X_INTEGRAL, MSC_X_DOSED, MSC_X_GIVEN};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        if (x->kind == unknown[i]) {
            return false;
        }
    }
    if (x->kind == MSC_X_AMOUNT) {
        return !m->amount[x->ref].transit;
    }
    bool known = x->kind != MSC_X_VARIABLE || is_known_variable(m, &m->variable[x->ref]);
    for (int i = 0; i < x->n_arg && known; i++) {
        known = is_known(m, x->arg[i]);
    }
    return known;
}

/* A process whose place falls off the end of its set is not there. */
static bool is_there(const msc_model *m, const msc_process *p, const int *env)
{
    const msc_place *to = &p->branch[0].to;
    const bool from = p->from.amount < 0 || msc_shape_at(m, &m->amount[p->from.amount].shape, p->from.index, env) >= 0;
    return from && (to->amount < 0 || p->branch[0].n_bind > 0 || msc_shape_at(m, &m->amount[to->amount].shape, to->index, env) >= 0);
}

/* Does the run look at it itself, in any instance? (Of instances whose sizes are the same it looks at one.) */
static bool is_watched(const msc_scenario *s, const char *process)
{
    const char *name = msc_arena_printf(s->arena, "process '%s", process);
    const size_t n = strlen(name);
    uint32_t g = 0;
    while (g < s->program->n_guard && (strncmp(s->program->guard[g].name, name, n) != 0 || !strchr("['", s->program->guard[g].name[n]))) {
        g++;
    }
    return g < s->program->n_guard;
}

static void note_process(msc_scenario *s, msc_evaluation *e, const msc_process *p)
{
    static const char *const size[] = {[MSC_SIZE_RATE] = "rate", [MSC_SIZE_HAZARD] = "hazard", [MSC_SIZE_DWELL] = "dwell"};
    int env[MSC_SLOTS] = {0};
    size_t first = p->shape.n, n = 0;
    for (size_t i = 0; i < p->shape.n; i++) {
        msc_shape_env(s->model, &p->shape, i, env);
        if (is_there(s->model, p, env) && msc_evaluate(e, p->expr, env) < 0) {
            first = n++ == 0 ? i : first;
        }
    }
    if (n > 0) {
        const msc_conf *origin = msc_conf_find(p->origin, size[p->size]);
        const char *label = msc_shape_label(s->arena, s->model, p->name, &p->shape, first);
        const char *more = n > 1 ? msc_arena_printf(s->arena, " (and %zu more)", n - 1) : "";
        msc_notes_add(&s->notes, s->arena, msc_conf_where(s->arena, origin ? origin : p->origin),
                      "the %s of '%s'%s is negative at the start; nothing is there for it to move, or nothing asked for depends on it, "
                      "so that the run does not look at it", size[p->size], label, more);
    }
}

void msc_scenario_note_signs(msc_scenario *s, msc_evaluation *e)
{
    const msc_model *m = s->model;
    msc_evaluation_start(e, s->start);
    for (size_t k = 0; k < m->n_process; k++) {
        const msc_process *p = &m->process[k];
        if (p->size != MSC_SIZE_SHARE && p->expr && is_known(m, p->expr) && !is_watched(s, p->name)) {
            note_process(s, e, p);
        }
    }
}
