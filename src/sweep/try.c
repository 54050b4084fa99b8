/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scenarios of a sweep tried before anything runs: prepared, as a run prepares them, and left at that. What is refused and
 * what a run would be warned of is then known while the levels of axes can still be changed.
 *
 * Of a grid that is small, and of a list, all scenarios are tried; of a large grid every level of every axis, with the others
 * at their first and at their last levels; of samples some, evenly spread. Each kind of fault is told once: of the axis whose
 * levels decide it, where there is one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/batch.h"
#include "scenario/page.h"
#include "sweep/sweep.h"

enum { WHOLE_MOST = 1000, STAR_MOST = 2000, SAMPLE = 256, KINDS_MOST = 12, SHOWN_MOST = 6 };

/* What is said of scenarios in the same words, numbers aside. */
typedef struct {
    const char *where, *message; /* of the first row that has it */
    size_t first;
    bool refused;
    bool *has;        /* [n_row] */
    size_t n;
} kind;

struct msc_sweep_trial {
    msc_sweep *s;
    size_t n_row;
    uint64_t *row;    /* scenarios, ascending */
    uint64_t *level;  /* [n_row][n_axis] */
    bool *refused;    /* [n_row] */
    kind *kind;
    size_t n_kind, cap_kind;
    bool more; /* kinds than are kept */
    double *vector;
    msc_design_point *point;
};

/* ---- which ---- */

static int ascending(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static size_t tidy(uint64_t *x, size_t n)
{
    size_t kept = 0;
    qsort(x, n, sizeof *x, ascending);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || x[kept - 1] != x[i]) {
            x[kept++] = x[i];
        }
    }
    return kept;
}

/* The i-th of n that are evenly spread over `all`, the first and the last among them. */
static uint64_t spread(size_t i, size_t n, uint64_t all)
{
    return n < 2 ? 0 : (uint64_t)i * (all - 1) / (n - 1);
}

static uint64_t levels_of(const msc_sweep_axis *axis)
{
    return axis->n_choice > 0 ? axis->n_choice : axis->sampled ? 0 : axis->levels.n;
}

/* Every level of every axis, with the others at one end. */
static void take_star(msc_sweep_trial *t)
{
    const msc_sweep *s = t->s;
    size_t each = STAR_MOST / (2 * s->n_axis);
    each = each < 2 ? 2 : each;
    t->row = MSC_NEW(s->arena, uint64_t, 2 * s->n_axis * each);
    for (size_t k = 0; k < s->n_axis; k++) {
        const uint64_t all = levels_of(&s->axis[k]);
        const size_t n = all < each ? (size_t)all : each;
        for (size_t i = 0; i < 2 * n; i++) {
            uint64_t scenario = 0;
            for (size_t a = 0; a < s->n_axis; a++) {
                const uint64_t last = levels_of(&s->axis[a]) - 1;
                scenario = scenario * (last + 1) + (a == k ? spread(i / 2, n, all) : i % 2 ? last : 0);
            }
            t->row[t->n_row++] = scenario;
        }
    }
    t->n_row = tidy(t->row, t->n_row);
}

static void choose_rows(msc_sweep_trial *t)
{
    const msc_sweep *s = t->s;
    const msc_design_kind design = msc_design_kind_of(s->design);
    const uint64_t n = msc_design_count(s->design);
    if (design == MSC_DESIGN_GRID && n > WHOLE_MOST) {
        take_star(t);
        return;
    }
    const size_t most = design == MSC_DESIGN_GRID || design == MSC_DESIGN_LIST ? WHOLE_MOST : SAMPLE;
    t->n_row = n < most ? (size_t)n : most;
    t->row = MSC_NEW(s->arena, uint64_t, t->n_row);
    for (size_t i = 0; i < t->n_row; i++) {
        t->row[i] = spread(i, t->n_row, n);
    }
}

msc_sweep_trial *msc_sweep_trial_new(msc_sweep *s)
{
    msc_sweep_trial *t = MSC_NEW(s->arena, msc_sweep_trial, 1);
    t->s = s;
    choose_rows(t);
    t->refused = MSC_NEW(s->arena, bool, t->n_row);
    t->level = MSC_NEW(s->arena, uint64_t, t->n_row * s->n_axis);
    t->vector = MSC_NEW(s->arena, double, s->n_vary + 1);
    t->point = MSC_NEW(s->arena, msc_design_point, s->n_axis);
    for (size_t i = 0; i < t->n_row; i++) {
        msc_design_row(s->design, t->row[i], t->point);
        for (size_t a = 0; a < s->n_axis; a++) {
            t->level[i * s->n_axis + a] = t->point[a].level;
        }
    }
    return t;
}

/* ---- what is said of them ---- */

/* Behind a number and its sign, if the text begins with one. */
static const char *past_number(const char *text)
{
    const size_t sign = strspn(text, "<-+"), digits = strspn(text + sign, "0123456789");
    return digits > 0 ? text + sign + strspn(text + sign, "0123456789.,eE+-") : text;
}

/* The same words: what differs by numbers is of one kind. */
static bool same_words(const char *a, const char *b)
{
    while (*a || *b) {
        const char *past_a = past_number(a), *past_b = past_number(b);
        if ((past_a > a) != (past_b > b) || (past_a == a && *a != *b)) {
            return false;
        }
        a = past_a > a ? past_a : a + 1, b = past_b > b ? past_b : b + 1;
    }
    return true;
}

/* A complaint of what is varied says where that is written: the warning itself does. A choice's settings come after the
 * user's: nobody knows them by number. */
static const char *place(const msc_sweep *s, const char *where)
{
    const char *path = strncmp(where, "--set #", 7) == 0 ? strstr(where, ": ") : NULL;
    if (path && strtoul(where + 7, NULL, 10) > s->n_setting) {
        return path + 2;
    }
    for (size_t k = 0; k < s->n_vary; k++) {
        const size_t n = strlen(s->vary[k].where);
        if (strncmp(where, s->vary[k].where, n) == 0 && where[n] == ':' && where[n + 1] == ' ') {
            return where + n + 2;
        }
    }
    return where;
}

/* It is said already, of the scenario itself. */
static bool is_known(const msc_sweep *s, const msc_note *note)
{
    const msc_notes *own = &msc_batch_scenario(s->first)->notes;
    for (size_t i = 0; i < own->n; i++) {
        if (strcmp(own->note[i].where, note->where) == 0 && strcmp(own->note[i].message, note->message) == 0) {
            return true;
        }
    }
    return false;
}

static void take(msc_sweep_trial *t, size_t row, const char *where, const char *message, bool refused)
{
    msc_arena *arena = t->s->arena;
    size_t k = 0;
    while (k < t->n_kind && (t->kind[k].refused != refused || strcmp(t->kind[k].where, where) != 0 ||
                             !same_words(t->kind[k].message, message))) {
        k++;
    }
    if (k == KINDS_MOST) {
        t->more = true;
        return;
    }
    if (k == t->n_kind) {
        *MSC_PUSH(arena, t->kind, t->n_kind, t->cap_kind) = (kind){.where = msc_arena_strdup(arena, where),
                                                                   .first = SIZE_MAX,
                                                                   .refused = refused,
                                                                   .has = MSC_NEW(arena, bool, t->n_row)};
    }
    if (row < t->kind[k].first) { /* variants come one after the other: not in the order of rows */
        t->kind[k].first = row;
        t->kind[k].message = msc_arena_strdup(arena, message);
    }
    t->kind[k].n += !t->kind[k].has[row];
    t->kind[k].has[row] = true;
}

void msc_sweep_trial_variant(msc_sweep_trial *t, size_t variant, const msc_batch *batch)
{
    const msc_sweep *s = t->s;
    msc_notes notes;
    msc_error err = {0};
    for (size_t i = 0; i < t->n_row; i++) {
        msc_design_row(s->design, t->row[i], t->point);
        if (msc_sweep_variant(s, t->point) != variant) {
            continue;
        }
        msc_sweep_vector(s, t->point, t->vector);
        const msc_status status = msc_batch_try(batch, s->scratch, t->vector, &notes, &err);
        if (status != MSC_OK && status != MSC_E_CONFIG) {
            msc_throw(s->arena, status, NULL, "%s", err.message);
        }
        t->refused[i] = status != MSC_OK;
        if (t->refused[i]) {
            take(t, i, place(s, err.where), err.message, true);
        }
        for (size_t k = 0; k < notes.n; k++) {
            if (!is_known(s, &notes.note[k])) {
                take(t, i, place(s, notes.note[k].where), notes.note[k].message, false);
            }
        }
    }
}

/* ---- telling ---- */

/* "second_day = 62 day", of a row. */
static const char *value_text(msc_sweep_trial *t, size_t axis, size_t row, bool named)
{
    const msc_sweep *s = t->s;
    const msc_sweep_axis *a = &s->axis[axis];
    char number[MSC_PAGE_NUMBER];
    msc_design_row(s->design, t->row[row], t->point);
    const char *label = a->n_choice > 0 ? a->choice[t->point[axis].level].label
                                        : msc_page_number(number, msc_sweep_value(s, axis, t->point), 6);
    const bool pure = !a->unit || strcmp(a->unit, "1") == 0;
    return msc_arena_printf(s->arena, "%s%s%s%s%s", named ? a->name : "", named ? " = " : "", label, pure ? "" : " ",
                            pure ? "" : a->unit);
}

typedef struct {
    size_t n, of; /* levels of an axis that have it, of those tried */
} verdict;

/* Does the level of an axis alone decide it? A scenario that is refused for another reason says nothing of it. */
static bool decides(msc_sweep_trial *t, const kind *k, size_t axis, verdict *v)
{
    const msc_sweep *s = t->s;
    const size_t n_axis = s->n_axis;
    uint64_t *in = MSC_NEW(s->arena, uint64_t, t->n_row), *all = MSC_NEW(s->arena, uint64_t, t->n_row);
    size_t n_in = 0;
    if (levels_of(&s->axis[axis]) == 0 || (msc_design_kind_of(s->design) == MSC_DESIGN_LIST && n_axis > 1)) {
        return false;
    }
    for (size_t i = 0; i < t->n_row; i++) {
        all[i] = t->level[i * n_axis + axis];
        if (k->has[i]) {
            in[n_in++] = all[i];
        }
    }
    n_in = tidy(in, n_in);
    for (size_t i = 0; i < t->n_row; i++) {
        const uint64_t *found = bsearch(&t->level[i * n_axis + axis], in, n_in, sizeof *in, ascending);
        if (found && !k->has[i] && !t->refused[i]) {
            return false;
        }
    }
    v->n = n_in, v->of = tidy(all, t->n_row);
    return v->n < v->of;
}

/* "3 of 8 levels of second_day, from 62 day on" */
static const char *levels_text(msc_sweep_trial *t, const kind *k, size_t axis, const verdict *v)
{
    const msc_sweep *s = t->s;
    const msc_sweep_axis *a = &s->axis[axis];
    size_t low = 0, high = 0;
    double least = INFINITY, most = -INFINITY, other_least = INFINITY, other_most = -INFINITY;
    if (v->n == 1) {
        return msc_arena_printf(s->arena, "with %s", value_text(t, axis, k->first, true));
    }
    for (size_t i = 0; i < t->n_row && a->n_choice == 0; i++) {
        const double x = msc_levels_at(&a->levels, t->level[i * s->n_axis + axis]);
        if (k->has[i]) {
            low = x < least ? i : low, high = x > most ? i : high;
            least = fmin(least, x), most = fmax(most, x);
        } else if (!t->refused[i]) {
            other_least = fmin(other_least, x), other_most = fmax(other_most, x);
        }
    }
    const bool tried = v->of < levels_of(a);
    const char *many = msc_arena_printf(s->arena, "with %zu of %s%zu %s%s of %s", v->n, tried ? "the " : "", v->of,
                                        a->n_choice > 0 ? "choices" : "levels", tried ? " tried" : "", a->name);
    if (a->n_choice == 0 && least > other_most) {
        return msc_arena_printf(s->arena, "%s, from %s on", many, value_text(t, axis, low, false));
    }
    if (a->n_choice == 0 && most < other_least) {
        return msc_arena_printf(s->arena, "%s, up to %s", many, value_text(t, axis, high, false));
    }
    return msc_arena_printf(s->arena, "%s, the first %s", many, value_text(t, axis, k->first, false));
}

/* "3 of 24 scenarios, the first with dose = 1e6 cell/kg, day = 62 day" */
static const char *rows_text(msc_sweep_trial *t, const kind *k)
{
    const msc_sweep *s = t->s;
    const bool tried = t->n_row < msc_design_count(s->design);
    bool all = true;
    for (size_t i = 0; i < t->n_row; i++) {
        all = all && (k->has[i] || t->refused[i]);
    }
    if (all && t->n_row > 1) {
        return msc_arena_printf(s->arena, "in all %zu scenarios%s", t->n_row, tried ? " that were tried" : "");
    }
    const char *text = "";
    for (size_t a = 0; a < s->n_axis && a < SHOWN_MOST; a++) {
        text = msc_arena_printf(s->arena, "%s%s%s", text, a > 0 ? ", " : "", value_text(t, a, k->first, true));
    }
    text = s->n_axis > SHOWN_MOST ? msc_arena_printf(s->arena, "%s, ...", text) : text;
    if (k->n == 1 && !tried) {
        return msc_arena_printf(s->arena, "with %s", text);
    }
    return msc_arena_printf(s->arena, "in %zu of %s%zu scenarios%s, %swith %s", k->n, tried ? "the " : "", t->n_row,
                            tried ? " tried" : "", k->n > 1 ? "the first " : "", text);
}

static void tell(msc_sweep_trial *t, const kind *k)
{
    msc_sweep *s = t->s;
    verdict best = {0}, v;
    size_t axis = s->n_axis;
    for (size_t a = 0; a < s->n_axis; a++) {
        if (decides(t, k, a, &v) && (axis == s->n_axis || v.n * best.of < best.n * v.of)) {
            axis = a, best = v;
        }
    }
    const bool found = axis < s->n_axis;
    const char *what = found ? levels_text(t, k, axis, &best) : rows_text(t, k);
    const char *where = msc_conf_where(s->arena, found ? s->axis[axis].origin : s->section);
    msc_notes_add(&s->notes, s->arena, where, "%s: %s%s%s%s", what, k->where, *k->where ? ": " : "", k->message,
                  !k->refused   ? ""
                  : k->n == 1   ? "; this scenario will be refused"
                  : found && best.n == 1 ? "; its scenarios will be refused"
                                         : "; these scenarios will be refused");
}

void msc_sweep_trial_tell(msc_sweep_trial *t)
{
    for (size_t k = 0; k < t->n_kind; k++) {
        tell(t, &t->kind[k]);
    }
    if (t->more) {
        msc_notes_add(&t->s->notes, t->s->arena, msc_conf_where(t->s->arena, t->s->section),
                      "there is more to warn of, of other kinds, in the scenarios tried");
    }
}
