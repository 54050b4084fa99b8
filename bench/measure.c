/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See measure.h. */
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *room(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (p == NULL) {
        standard_die("measure", "out of memory");
    }
    return p;
}

double **measure_room(const standard *s)
{
    double **out = room(s->n, sizeof *out);
    for (size_t i = 0; i < s->n; i++) {
        out[i] = room(s->base.job.n_time * s->scenario->program->n_state, sizeof **out);
    }
    return out;
}

/* ---- the reference ---- */

void reference_write(const char *path, const standard *s, double **states)
{
    const msc_program *p = s->scenario->program;
    const size_t size[3] = {s->n, s->base.job.n_time, p->n_state};
    FILE *f = fopen(path, "wb");
    bool fine = f != NULL && fwrite(size, sizeof *size, 3, f) == 3;
    for (uint32_t i = 0; fine && i < p->n_state; i++) {
        char name[64] = {0};
        snprintf(name, sizeof name, "%s", p->state_name[i]);
        fine = fwrite(name, sizeof name, 1, f) == 1;
    }
    for (size_t i = 0; fine && i < s->n; i++) {
        fine = fwrite(states[i], sizeof(double), size[1] * size[2], f) == size[1] * size[2];
    }
    if (!fine || fclose(f) != 0) {
        standard_die(path, "cannot be written");
    }
}

reference reference_read(const char *path)
{
    reference r;
    size_t size[3];
    FILE *f = fopen(path, "rb");
    if (f == NULL || fread(size, sizeof *size, 3, f) != 3) {
        standard_die(path, "cannot be read");
    }
    r = (reference){size[0], size[1], size[2], room(size[2], sizeof *r.name), NULL};
    const size_t n = size[0] * size[1] * size[2];
    r.value = room(n, sizeof *r.value);
    if (fread(r.name, sizeof *r.name, r.n_state, f) != r.n_state ||
        fread(r.value, sizeof *r.value, n, f) != n) {
        standard_die(path, "is cut off");
    }
    fclose(f);
    return r;
}

/* ---- errors ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double error_of(const standard *s, const reference *want, const size_t *place, size_t draw,
                       const double *out)
{
    const uint32_t n = s->scenario->program->n_state;
    double worst = 0.0;
    for (size_t t = 0; t < s->base.job.n_time; t++) {
        for (uint32_t i = 0; i < n; i++) {
            const double y = want->value[(draw * want->n_time + t) * want->n_state + place[i]];
            const double e = fabs(out[t * n + i] - y) / (fabs(y) + 1e-6 * s->base.scale[i]);
            worst = !(e <= worst) ? e : worst;
        }
    }
    return worst;
}

void measure_print(const char *problem, const char *engine, const standard *s,
                   const reference *want, double rtol, double us, double steps, double *const *out)
{
    const msc_program *p = s->scenario->program;
    size_t *place = room(p->n_state, sizeof *place);
    double *e = room(s->n, sizeof *e);
    if (want->n_draw < s->n || want->n_time != s->base.job.n_time) {
        standard_die(problem, "the reference is of another problem");
    }
    for (uint32_t i = 0; i < p->n_state; i++) {
        place[i] =
            want->n_state == p->n_state
                ? i
                : 0; /* names need not differ; where nothing is left out they are in their places */
        while (want->n_state != p->n_state && place[i] < want->n_state &&
               strncmp(want->name[place[i]], p->state_name[i], 63) != 0) {
            place[i]++;
        }
        if (place[i] == want->n_state) {
            standard_die(p->state_name[i], "is not in the reference");
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        e[i] = error_of(s, want, place, i, out[i]);
    }
    qsort(e, s->n, sizeof *e, ascending);
    printf("%s|%s|%zu|%g|%.2f|%.1f|%.3g|%.3g\n", problem, engine, s->n, rtol, us, steps,
           e[s->n / 2], e[s->n - 1]);
    fflush(stdout);
    free(e);
    free(place);
}

/* ---- other engines ---- */

void measure_begin(const standard *s, size_t draw, double *c, double *y)
{
    const msc_program *p = s->scenario->program;
    const double *reg = s->reg[draw];
    for (uint32_t k = 0; k < p->n_coef; k++) {
        c[k] = reg[p->coef[k]];
    }
    for (uint32_t i = 0; i < p->n_state; i++) {
        y[i] = p->initial[i] == MSC_NONE ? 0.0 : reg[p->initial[i]];
    }
}

void measure_segment(const standard *s, size_t segment, double *g)
{
    const uint32_t n = s->scenario->program->n_given;
    memcpy(g, &s->base.job.given[segment * n], n * sizeof *g);
}

void measure_foreign(const char *problem, const char *name, const standard *s,
                     const reference *want, void *engine, measure_run *run, size_t n,
                     const double *rtol)
{
    double **out = measure_room(s);
    for (size_t k = 0; k < n; k++) {
        long steps = 0;
        const double start = standard_cpu();
        for (size_t i = 0; i < s->n; i++) {
            steps += run(engine, i, rtol[k], out[i]);
        }
        const double us = 1e6 * (standard_cpu() - start) / (double)s->n;
        measure_print(problem, name, s, want, rtol[k], us, (double)steps / (double)s->n, out);
    }
    for (size_t i = 0; i < s->n; i++) {
        free(out[i]);
    }
    free(out);
}
