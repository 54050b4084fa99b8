/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long steps are: the first of a segment, and each by the error of the one before it. */
#include "engine/plan.h"

#include <math.h>

static const double SAFETY = 0.9, SHRINK = 0.2, GROW = 6.0;
/* Until the first step of a segment is accepted. What enters goes on from amount to amount, the more of
 * them the longer the step is: errors grow with about its third power then, whatever the method's order. */
static const double SHRINK_FIRST = 0.01, ORDER_FIRST = 3.0;

/* ---- does anything ever move? ---- */

/* By their numbers in u: what may change between two stops, if states do not; and the lane's values. */
typedef struct {
    const double *value;
    size_t stride;
    double *moves; /* 0: it does not */
} still;

static bool changes(const still *s, uint32_t u)
{
    return s->moves[u] != 0.0;
}

static bool product_changes(const still *s, uint32_t u, uint32_t v)
{
    const bool zero_u = !changes(s, u) && s->value[u * s->stride] == 0.0,
               zero_v = !changes(s, v) && s->value[v * s->stride] == 0.0;
    return (changes(s, u) || changes(s, v)) && !zero_u && !zero_v;
}

static bool row_changes(const still *s, const msc_rows *rows, uint32_t r)
{
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        if (changes(s, rows->linear[i].u)) {
            return true;
        }
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        if (product_changes(s, rows->bilinear[i].u, rows->bilinear[i].v)) {
            return true;
        }
    }
    return false;
}

static bool special_changes(const still *s, const msc_special *special)
{
    bool any = false;
    for (int i = 0; i < msc_op_arity(special->op); i++) {
        any = any || (special->arg[i] >= 0 && changes(s, (uint32_t)special->arg[i]));
    }
    return any;
}

/* Rates are 0 and stay so, since none has a part that changes by itself: time enters with amounts only
 * that are 0. Then nothing happens until the next stop. */
static bool rests(const msc_plan *plan, const msc_workspace *w, unsigned lane)
{
    const msc_program *p = plan->program;
    const still s = {w->u0 + lane, plan->lanes, w->scratch};
    for (uint32_t u = 0; u < p->n_u; u++) {
        s.moves[u] = u == p->first_given;
    }
    for (uint32_t k = 0; k < p->n_node; k++) {
        const uint32_t special = p->special_of != NULL ? p->special_of[k] : MSC_NONE;
        s.moves[p->n_state + k] = special != MSC_NONE ? special_changes(&s, &p->special[special])
                                                      : row_changes(&s, &p->node, k);
    }
    uint32_t i = 0;
    while (i < p->n_state && !row_changes(&s, &p->rate, i)) {
        i++;
    }
    return i == p->n_state;
}

/* ---- sizes ---- */

double msc_pace_first(const msc_plan *plan, const msc_workspace *w, unsigned l, double remaining, uint32_t *state)
{
    const double rtol = plan->rtol;
    double size = 1.0 / rtol, speed = 0.0;
    for (uint32_t i = 0; i < plan->program->n_state; i++) {
        const size_t j = (size_t)i * plan->lanes + l;
        const double y = fabs(w->u0[j]), f = fabs(w->f0[j]);
        if (!isfinite(y) || !isfinite(f)) {
            *state = i;
            return NAN;
        }
        const double scale = w->atol[j] > 0.0 ? w->atol[j] : rtol * y;
        if (scale > 0.0) {
            const double y_in = y / scale, f_in = f / scale;
            size = y_in > size ? y_in : size;
            speed = f_in > speed ? f_in : speed;
        }
    }
    if (speed == 0.0) {
        return rests(plan, w, l) ? remaining : 0.01 * remaining;
    }
    const double h = 0.05 * pow(rtol, 0.2) * size / speed;
    return isfinite(h) && h > 0.0 ? fmin(h, remaining) : 1e-6 * remaining;
}

uint32_t msc_pace_worst(const msc_plan *plan, const msc_workspace *w, unsigned l)
{
    const uint32_t n = plan->program->n_state - plan->program->n_integral; /* integrals are last */
    uint32_t worst = MSC_NONE;
    double most = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        const size_t j = (size_t)i * plan->lanes + l;
        const double error = fabs(w->k[RODAS_STAGES - 1][j]) / (w->atol[j] + plan->rtol * fabs(w->y1[j]));
        if (error > most) {
            most = error;
            worst = i;
        }
    }
    return worst;
}

double msc_pace_factor(const msc_lane *lane, double error)
{
    if (lane->nonfinite) {
        return SHRINK;
    }
    if (lane->accepted) {
        const double factor = fmin(GROW, fmax(SHRINK, SAFETY * pow(error, -0.2)));
        return lane->after_rejection ? fmin(factor, 1.0) : factor;
    }
    return lane->starting ? fmax(SHRINK_FIRST, SAFETY * pow(error, -1.0 / ORDER_FIRST))
                          : fmax(SHRINK, SAFETY * pow(error, -0.2));
}
