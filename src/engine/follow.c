/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variations of a scenario. The scenario leads: the steps it takes are noted, and each variation, in
 * a lane and with a clock of its own, takes the same ones, as soon as they are there or long after.
 * So lanes need not stand together, a rejected attempt is made by the leader alone, and what a
 * variation gives depends on the leader's steps only. */
#include "engine/plan.h"

#include <math.h>
#include <stdlib.h>

static void forget(msc_engine_variation *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        v->difference[i] = NAN;
    }
}

void msc_family_begin(msc_workspace *w, msc_lane *lane)
{
    msc_family *f = w->family;
    while (f->used) { /* one of them is free: each that is not has a lane */
        f++;
    }
    f->used = true;
    f->led = false;
    f->id = lane->id;
    f->job = lane->job;
    f->begun = f->ended = f->n_step = 0;
    lane->family = f;
    w->waiting = f;
}

void msc_family_join(msc_workspace *w, msc_lane *lane)
{
    msc_family *f = w->waiting;
    msc_engine_variation *v = &f->job.variation[f->begun++];
    lane->family = f;
    lane->variation = v;
    lane->followed = 0;
    lane->id = f->id;
    lane->job = f->job;
    lane->job.reg = v->reg;
    lane->job.given = v->given;
    lane->job.bolus = v->bolus;
    lane->job.out = v->difference;
    lane->job.n_watch = lane->job.n_seek = lane->job.n_variation = 0;
    lane->job.warned_at = lane->job.state = NULL;
    w->waiting = f->begun < f->job.n_variation ? f : NULL;
}

msc_status msc_family_note(const msc_lane *lane, msc_error *err)
{
    msc_family *f = lane->family;
    if (f->n_step == f->room) {
        const size_t room = f->room > 0 ? 2 * f->room : 1024;
        msc_family_step *step = realloc(f->step, room * sizeof *step);
        if (step == NULL) {
            return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory for %zu steps", room);
        }
        f->step = step;
        f->room = room;
    }
    f->step[f->n_step++] = (msc_family_step){lane->step, lane->landing};
    return MSC_OK;
}

bool msc_family_follow(msc_lane *lane)
{
    const msc_family *f = lane->family;
    if (lane->followed == f->n_step) {
        return false;
    }
    const msc_family_step *now = &f->step[lane->followed++];
    lane->step = lane->h = now->step;
    lane->landing = now->landing;
    lane->t1 = now->landing ? lane->job.stop[lane->next_stop] : lane->t + now->step;
    return true;
}

/* The leader is ahead, so what the variation has put out, that has. */
void msc_family_settle(const msc_program *program, msc_lane *lane, msc_engine_end end)
{
    msc_engine_variation *v = lane->variation;
    const double *out = lane->family->job.out;
    msc_job_end(program, lane);
    for (size_t i = 0; i < lane->job.n_time * program->out.n; i++) {
        v->difference[i] -= out[i];
    }
    v->end = end;
    v->t = lane->t;
    lane->family->ended++;
}

void msc_family_fail(const msc_program *program, msc_workspace *w, msc_family *f,
                     msc_engine_end end, double t)
{
    for (size_t i = 0; i < f->job.n_variation; i++) {
        forget(&f->job.variation[i], f->job.n_time * program->out.n);
        f->job.variation[i].end = end;
        f->job.variation[i].t = t;
    }
    f->used = false;
    w->waiting = w->waiting == f ? NULL : w->waiting;
}

void msc_family_free(msc_workspace *w)
{
    for (unsigned i = 0; i < MSC_LANES_MAX; i++) {
        free(w->family[i].step);
    }
}
