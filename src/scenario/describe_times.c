/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast things are, and where formulas have kinks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/describe.h"
#include "scenario/page.h"

/* ---- time constants ---- */

/* A process whose pace parameters alone decide, for elements that share it. */
typedef struct {
    const char *name;
    bool dwell;
    double time; /* mean */
} pace;

typedef struct {
    pace *list;
    size_t n, cap;
} paces;

/* Of a process' indices, those on which its pace depends. */
static void find_varying(const msc_portrait *p, const msc_process *process, const double *value,
                         bool *varies)
{
    int a[MSC_SLOTS] = {0}, b[MSC_SLOTS] = {0};
    for (size_t i = 0; i < process->shape.n; i++) {
        for (size_t j = i + 1; j < process->shape.n; j++) {
            int differ = -1, count = 0;
            msc_shape_env(p->model, &process->shape, i, a);
            msc_shape_env(p->model, &process->shape, j, b);
            for (int d = 0; d < process->shape.n_over; d++) {
                if (a[process->shape.over[d].slot] != b[process->shape.over[d].slot]) {
                    differ = d, count++;
                }
            }
            if (count == 1 && value[i] != value[j] && !(isnan(value[i]) && isnan(value[j]))) {
                varies[differ] = true;
            }
        }
    }
}

/* "lung" or "lung,cxcr4_neg": an instance's elements along the indices that matter. */
static const char *varying_label(const msc_portrait *p, const msc_process *process,
                                 const bool *varies, size_t instance)
{
    int env[MSC_SLOTS] = {0};
    const char *text = "";
    msc_shape_env(p->model, &process->shape, instance, env);
    for (int d = 0; d < process->shape.n_over; d++) {
        const msc_set *set = &p->model->set[process->shape.over[d].set];
        const int element = env[process->shape.over[d].slot];
        if (varies[d]) {
            text = msc_arena_printf(p->arena, "%s%s%s", text, *text ? "," : "",
                                    p->model->set[set->root].label[element]);
        }
    }
    return text;
}

static void add_paces(const msc_portrait *p, const msc_process *process, paces *all)
{
    const msc_shape *shape = &process->shape;
    double *value = MSC_NEW(p->arena, double, shape->n + 1);
    bool varies[MSC_SLOTS] = {false}, any = false;
    for (size_t i = 0; i < shape->n; i++) {
        int env[MSC_SLOTS] = {0};
        msc_shape_env(p->model, shape, i, env);
        value[i] = msc_process_exists(p->model, process, env)
                       ? msc_evaluate(p->values, process->expr, env)
                       : (double)NAN;
    }
    find_varying(p, process, value, varies);
    for (int d = 0; d < shape->n_over; d++) {
        any = any || varies[d];
    }
    for (size_t i = 0; i < shape->n; i++) {
        bool told = !(value[i] > 0 && isfinite(value[i]));
        const char *labels = "";
        for (size_t j = 0; j < shape->n && !told; j++) {
            told = j < i && value[j] == value[i];
        }
        for (size_t j = i; j < shape->n && !told && any; j++) {
            const char *label = varying_label(p, process, varies, j);
            const bool seen = strstr(msc_arena_printf(p->arena, " %s;", labels),
                                     msc_arena_printf(p->arena, " %s;", label)) != NULL;
            if (value[j] == value[i] && !seen) {
                labels = msc_arena_printf(p->arena, "%s%s%s", labels, *labels ? "; " : "", label);
            }
        }
        if (!told) {
            const bool dwell = process->size == MSC_SIZE_DWELL;
            *MSC_PUSH(p->arena, all->list, all->n, all->cap) = (pace){
                any ? msc_arena_printf(p->arena, "%s[%s]", process->name, labels) : process->name,
                dwell, dwell ? value[i] : 1 / value[i]};
        }
    }
}

static int by_time(const void *a, const void *b)
{
    const pace *x = a, *y = b;
    return x->time < y->time ? -1 : x->time > y->time ? 1 : strcmp(x->name, y->name);
}

void msc_portrait_times(const msc_portrait *p)
{
    const msc_model *m = p->model;
    paces all = {0};
    for (size_t i = 0; i < m->n_process; i++) {
        const msc_process *process = &m->process[i];
        const bool paced = process->size == MSC_SIZE_HAZARD || process->size == MSC_SIZE_DWELL;
        if (paced && process->expr && msc_expr_is_constant(process->expr)) {
            add_paces(p, process, &all);
        }
    }
    if (all.n == 0) {
        return;
    }
    qsort(all.list, all.n, sizeof *all.list, by_time);
    fprintf(p->out, "\nTime constants of what parameters alone decide, fastest first\n");
    fprintf(p->out, "  %12s  %12s  process\n", "mean time", "half-life");
    for (size_t i = 0; i < all.n; i++) {
        char mean[MSC_PAGE_NUMBER], half[MSC_PAGE_NUMBER];
        msc_page_span(mean, m->units, all.list[i].time, 3);
        msc_page_span(half, m->units, all.list[i].time * log(2), 3);
        fprintf(p->out, "  %12s  %12s  ", mean, all.list[i].dwell ? "(stay)" : half);
        msc_page_text(p->out, 30, 32, all.list[i].name);
    }
}

/* ---- kinks ---- */

typedef enum { OF_PARAMETERS, OF_TIME, OF_STATE } reach;

typedef struct {
    const msc_portrait *p;
    reach *variable;      /* [variable], once known */
    unsigned char *known; /* 1: being looked at, 2: known */
    size_t n_kink, cap_kink, n_time;
    struct kink {
        const msc_conf *origin;
        const char *what;
        reach of;
    } * kink;
} kinks;

static reach reach_of(kinks *k, const msc_expr *x);

static reach greater(reach a, reach b)
{
    return a > b ? a : b;
}

static reach reach_of_variable(kinks *k, int variable)
{
    const msc_variable *v = &k->p->model->variable[variable];
    if (k->known[variable] == 0) {
        reach r = OF_PARAMETERS;
        k->known[variable] = 1;
        for (size_t i = 0; i < v->shape.n; i++) {
            r = v->value[i].kind == MSC_VALUE_FORMULA ? greater(r, reach_of(k, v->value[i].expr))
                                                      : r;
        }
        k->variable[variable] = r;
        k->known[variable] = 2;
    }
    return k->known[variable] == 2 ? k->variable[variable] : OF_STATE;
}

static reach reach_of(kinks *k, const msc_expr *x)
{
    reach r = OF_PARAMETERS;
    if (x->kind == MSC_X_TIME) {
        return OF_TIME;
    }
    if (x->kind == MSC_X_VARIABLE) {
        return reach_of_variable(k, x->ref);
    }
    if (x->kind == MSC_X_AMOUNT || x->kind == MSC_X_PROCESS || x->kind == MSC_X_FLUX ||
        x->kind == MSC_X_INTEGRAL || x->kind == MSC_X_GIVEN) {
        return OF_STATE;
    }
    for (int i = 0; i < x->n_arg; i++) {
        r = greater(r, reach_of(k, x->arg[i]));
    }
    return r;
}

static const char *kink_name(msc_expr_kind kind)
{
    return kind == MSC_X_MIN     ? "min"
           : kind == MSC_X_MAX   ? "max"
           : kind == MSC_X_ABS   ? "abs"
           : kind == MSC_X_IF    ? "if"
           : kind == MSC_X_TABLE ? "table"
                                 : NULL;
}

static void look(kinks *k, const msc_expr *x)
{
    const char *what = x ? kink_name(x->kind) : NULL;
    for (int i = 0; x && i < x->n_arg; i++) {
        look(k, x->arg[i]);
    }
    if (!what) {
        return;
    }
    reach of = OF_PARAMETERS;
    for (int i = 0; i < (x->kind == MSC_X_IF ? 1 : x->n_arg); i++) {
        of = greater(of, reach_of(k, x->arg[i]));
    }
    for (size_t i = 0; i < k->n_kink; i++) {
        if (k->kink[i].origin == x->origin && k->kink[i].what == what && k->kink[i].of == of) {
            return;
        }
    }
    if (of != OF_PARAMETERS) {
        k->n_time += of == OF_TIME;
        *MSC_PUSH(k->p->arena, k->kink, k->n_kink, k->cap_kink) =
            (struct kink){x->origin, what, of};
    }
}

static void look_everywhere(kinks *k)
{
    const msc_model *m = k->p->model;
    for (size_t v = 0; v < m->n_variable; v++) {
        for (size_t i = 0; i < m->variable[v].shape.n; i++) {
            look(k, m->variable[v].value[i].kind == MSC_VALUE_FORMULA ? m->variable[v].value[i].expr
                                                                      : NULL);
        }
    }
    for (size_t q = 0; q < m->n_process; q++) {
        look(k, m->process[q].expr);
        look(k, m->process[q].yield);
        for (size_t b = 0; b < m->process[q].n_branch; b++) {
            look(k, m->process[q].branch[b].share);
        }
    }
    for (size_t o = 0; o < m->n_output; o++) {
        for (size_t i = 0; i < m->output[o].shape.n; i++) {
            look(k, m->output[o].value[i].kind == MSC_VALUE_FORMULA ? m->output[o].value[i].expr
                                                                    : NULL);
        }
    }
}

static void print_kinks(kinks *k, reach of, const char *heading)
{
    bool first = true;
    for (size_t i = 0; i < k->n_kink; i++) {
        if (k->kink[i].of != of) {
            continue;
        }
        if (first) {
            fprintf(k->p->out, "  %s\n", heading);
            first = false;
        }
        fprintf(k->p->out, "    ");
        msc_page_text(k->p->out, 4, 6,
                      msc_arena_printf(k->p->arena, "%s in %s", k->kink[i].what,
                                       msc_conf_where(k->p->arena, k->kink[i].origin)));
    }
}

void msc_portrait_kinks(const msc_portrait *p)
{
    kinks k = {.p = p};
    k.variable = MSC_NEW(p->arena, reach, p->model->n_variable + 1);
    k.known = MSC_NEW(p->arena, unsigned char, p->model->n_variable + 1);
    look_everywhere(&k);
    fprintf(p->out, "\nKinks (%zu)\n", k.n_kink);
    if (k.n_kink == 0) {
        fprintf(p->out,
                "  none: no min, max, abs, if or table depends on time or on the amounts\n");
    }
    print_kinks(&k, OF_TIME, "of time alone: located before the run, and stepped on");
    print_kinks(&k, OF_STATE, "of the amounts: left to the error control; smooth them if you can");
}
