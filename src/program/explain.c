/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What moves a state: kept from the compiler's arcs, so that a scenario that fails can be told
 * which process was at work. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/build.h"

struct msc_flows {
    msc_graph graph;
    size_t n;
    struct msc_kept_flow {
        const char *process;
        uint32_t flow;     /* graph */
        uint32_t from, to; /* first states of the program, or MSC_NONE */
        uint32_t n_from;
    } *kept;
    uint32_t *index; /* [build state] in the program, or MSC_NONE */
    size_t n_state;
};

static uint32_t state_of(const msc_build *b, int amount, uint32_t instance)
{
    if (amount < 0 || b->model->amount[amount].transit) {
        return MSC_NONE;
    }
    return b->state[b->first_state[amount] + instance * (uint32_t)b->model->amount[amount].stages].index;
}

void msc_build_keep_flows(msc_build *b)
{
    struct msc_flows *f = MSC_NEW(b->arena, struct msc_flows, 1);
    f->kept = MSC_NEW(b->arena, struct msc_kept_flow, b->n_arc + 1);
    for (size_t i = 0; i < b->n_arc; i++) {
        msc_arc *arc = &b->arc[i];
        const msc_process *p = &b->model->process[arc->process];
        struct msc_kept_flow *k = &f->kept[f->n];
        k->from = state_of(b, arc->from, arc->from_instance);
        k->to = state_of(b, arc->to, arc->to_instance);
        if (k->from != MSC_NONE || k->to != MSC_NONE) {
            k->n_from = arc->from >= 0 ? (uint32_t)b->model->amount[arc->from].stages : 1;
            k->flow = msc_build_flow(b, arc);
            k->process = msc_shape_label(b->arena, b->model, p->name, &p->shape, arc->instance);
            f->n++;
        }
    }
    f->index = MSC_NEW(b->arena, uint32_t, b->n_state + 1);
    f->n_state = b->n_state;
    for (size_t s = 0; s < b->n_state; s++) {
        f->index[s] = b->state[s].index;
    }
    f->graph = b->g;
    b->p->flows = f;
}

void msc_program_explain(const msc_program *p, const double *input, const double *u, uint32_t state, char *text, size_t n)
{
    const struct msc_flows *f = p->flows;
    const struct msc_kept_flow *best = NULL;
    double most = 0; /* what does not move it is not to blame */
    double *value = calloc(f->graph.n + 1, sizeof *value), *y = calloc(f->n_state + 1, sizeof *y);
    if (value && y) {
        for (size_t s = 0; s < f->n_state; s++) {
            y[s] = f->index[s] == MSC_NONE ? 0 : u[f->index[s]];
        }
        msc_graph_evaluate(&f->graph, input, y, &u[p->first_given], u[p->first_given], value);
    }
    for (size_t i = 0; value && y && i < f->n; i++) {
        const struct msc_kept_flow *k = &f->kept[i];
        const bool out = k->from != MSC_NONE && state >= k->from && state < k->from + k->n_from;
        if ((out || k->to == state) && fabs(value[k->flow]) > most) {
            most = fabs(value[k->flow]);
            best = k;
        }
    }
    text[0] = '\0';
    if (best) {
        snprintf(text, n, "process '%s', %.3g per %s", best->process, value[best->flow], p->model->time_unit);
    }
    free(value);
    free(y);
}
