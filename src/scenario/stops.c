/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a run stops and starts anew: its start and end, the beginnings and ends of doses, and the
 * times at which conditions on time and parameters change or a table's node is passed (ruling 4). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/prepare.h"

/* Points a segment on which conditions on time are bracketed; of many segments each has fewer, and the
 * run about as many as SCAN_ALL. */
enum { SCAN = 2000, SCAN_LEAST = 10, SCAN_ALL = 1000000 };

typedef msc_times stops;

/* How a value of the clock goes with time: a condition that goes one way changes once. Rounding keeps
 * order, so this holds to the last bit. */
typedef enum { STILL = 0, UP = 1, DOWN = 2, ANYHOW = 3 } course; /* ANYHOW = UP | DOWN */

typedef struct {
    const msc_scenario *s;
    msc_arena *arena;
    const double *reg;
    double *clock;
    msc_span *span;  /* [n_clock] */
    course *course;  /* [n_clock] */
    bool *condition; /* [n_clock] comparisons, and what logic makes of them: it changes only where they do */
    stops list;
    stops change; /* start, end, and where conditions and tables change */
} layout;

void msc_stops_events(const msc_scenario *s, const msc_dose *dose, const msc_event *own, msc_event *event)
{
    for (size_t d = 0; d < s->n_dose; d++) {
        const size_t first = s->setup.first_event[d];
        const bool moves = dose[d].varied.at || dose[d].varied.duration || dose[d].varied.interval;
        if (own && !moves) {
            memcpy(&event[first], &own[first], (size_t)dose[d].repeat * sizeof *event);
            continue;
        }
        for (long k = 0; k < dose[d].repeat; k++) {
            event[first + (size_t)k] =
                (msc_event){.begin = msc_dose_begin(&dose[d], k), .end = msc_dose_end(&dose[d], k)};
        }
    }
}

/* ---- the list ---- */

static void put_stop(msc_arena *arena, stops *list, const msc_scenario *s, double t)
{
    if (t > s->start && t < s->until) {
        *MSC_PUSH(arena, list->t, list->n, list->cap) = t;
    }
}

static void put_ends(msc_arena *arena, stops *list, const msc_scenario *s)
{
    *MSC_PUSH(arena, list->t, list->n, list->cap) = s->start;
    *MSC_PUSH(arena, list->t, list->n, list->cap) = s->until;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void tidy(stops *list)
{
    qsort(list->t, list->n, sizeof *list->t, ascending);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || list->t[i] > list->t[n - 1]) {
            list->t[n++] = list->t[i];
        }
    }
    list->n = n;
}

/* ---- how conditions go with time ---- */

static course turned(course c)
{
    return c == UP ? DOWN : c == DOWN ? UP : c;
}

static course times_constant(course c, double factor)
{
    return c == STILL || !isfinite(factor) ? (c == STILL ? STILL : ANYHOW) : factor >= 0 ? c : turned(c);
}

static course argument(const layout *l, const msc_instruction *op, int k)
{
    const uint32_t arg = op->arg[k];
    return (int32_t)arg < 0 ? l->course[~arg] : STILL;
}

static bool is_condition(const layout *l, const msc_instruction *op, int k)
{
    const uint32_t arg = op->arg[k];
    return (int32_t)arg >= 0 || l->condition[~arg];
}

static course course_of(const layout *l, const msc_instruction *op)
{
    const int n = msc_op_arity(op->op);
    const course a = n > 0 ? argument(l, op, 0) : STILL, b = n > 1 ? argument(l, op, 1) : STILL;
    const bool first = n > 0 && (int32_t)op->arg[0] >= 0, second = n > 1 && (int32_t)op->arg[1] >= 0;
    switch (op->op) {
    case MSC_OP_TIME: return UP;
    case MSC_OP_ADD:
    case MSC_OP_MIN:
    case MSC_OP_MAX: return a | b;
    case MSC_OP_SUBTRACT:
    case MSC_OP_GREATER:
    case MSC_OP_GREATER_EQUAL: return a | turned(b);
    case MSC_OP_LESS:
    case MSC_OP_LESS_EQUAL: return turned(a) | b;
    case MSC_OP_NEGATE:
    case MSC_OP_NOT: return turned(a);
    case MSC_OP_MULTIPLY:
        return first ? times_constant(b, l->reg[op->arg[0]]) : second ? times_constant(a, l->reg[op->arg[1]]) : ANYHOW;
    case MSC_OP_DIVIDE:
        return second && l->reg[op->arg[1]] != 0 ? times_constant(a, l->reg[op->arg[1]]) : ANYHOW;
    default: return n > 0 && a == STILL && b == STILL && (n < 3 || argument(l, op, 2) == STILL) ? STILL : ANYHOW;
    }
}

static void study(layout *l)
{
    const msc_program *p = l->s->program;
    l->clock = MSC_NEW(l->arena, double, p->n_clock + 1);
    l->span = MSC_NEW(l->arena, msc_span, p->n_clock + 1);
    l->course = MSC_NEW(l->arena, course, p->n_clock + 1);
    l->condition = MSC_NEW(l->arena, bool, p->n_clock + 1);
    for (uint32_t k = 0; k < p->n_clock; k++) {
        const msc_instruction *op = &p->clock[k];
        l->course[k] = course_of(l, op);
        if (op->op == MSC_OP_AND || op->op == MSC_OP_OR) {
            l->condition[k] = is_condition(l, op, 0) && is_condition(l, op, 1);
        } else if (op->op == MSC_OP_NOT) {
            l->condition[k] = is_condition(l, op, 0);
            l->course[k] = l->condition[k] ? l->course[k] : ANYHOW;
        } else {
            l->condition[k] = op->op >= MSC_OP_LESS && op->op <= MSC_OP_GREATER_EQUAL;
        }
    }
}

/* ---- changes of side ---- */

/* The clock's value that decides on a side. */
static uint32_t decides(const msc_program *p, uint32_t which)
{
    return which < p->n_switch                     ? p->switches[which].clock
           : which >= p->n_switch + p->n_time_table ? which - p->n_switch - p->n_time_table
                                                    : p->time_table[which - p->n_switch].clock;
}

static bool is_table(const msc_program *p, uint32_t which)
{
    return which >= p->n_switch && which < p->n_switch + p->n_time_table;
}

static long piece(const msc_program *p, uint32_t which, double x)
{
    const msc_table *table = &p->table[p->time_table[which - p->n_switch].table];
    long k = 0;
    while (k < (long)table->n && x >= table->at[k]) {
        k++;
    }
    return k;
}

/* Which side of a switch or of a comparison, or which piece of a table, the clock is on at a time. */
static long side(const layout *l, uint32_t which, double t)
{
    const msc_program *p = l->s->program;
    msc_program_clock(p, l->reg, t, l->clock);
    const double x = l->clock[decides(p, which)];
    return is_table(p, which) ? piece(p, which, x) : x != 0;
}

/* Is it certain that the side stays what it is from a time to another? */
static bool stays(const layout *l, uint32_t which, double from, double to)
{
    const msc_program *p = l->s->program;
    msc_clock_bounds(p, l->reg, from, to, l->span);
    const msc_span x = l->span[decides(p, which)];
    if (is_table(p, which)) {
        return piece(p, which, x.low) == piece(p, which, x.high);
    }
    return x.low > 0 || x.high < 0 || (x.low == 0 && x.high == 0);
}

static double point(double low, double high, int k, int n)
{
    return k == n ? high : low + (high - low) * k / n;
}

/* All changes of side between low and high that n points show, to the last bit of time. Points from which
 * to the last one looked at nothing can have changed are passed over: `far` of them, if that is certain. */
static void bracket(const layout *l, uint32_t which, double low, double high, int n, stops *found)
{
    long from = side(l, which, low);
    double a = low;
    int far = n;
    for (int k = 1; k <= n; k++) {
        while (k <= n && far > 1) {
            far = k - 1 + far > n ? n - k + 1 : far;
            if (far > 1 && stays(l, which, a, point(low, high, k - 1 + far, n))) {
                k += far;
                a = point(low, high, k - 1, n);
                far *= 2;
            } else {
                far /= 2;
            }
        }
        if (k > n) {
            break;
        }
        far = 2;
        const double b = point(low, high, k, n);
        const long to = side(l, which, b);
        while (to != from) { /* several nodes of a table may lie between two points */
            double left = a, right = b;
            for (double mid = left + (right - left) / 2; mid > left && mid < right; mid = left + (right - left) / 2) {
                *(side(l, which, mid) == from ? &left : &right) = mid;
            }
            put_stop(l->arena, found, l->s, right);
            from = side(l, which, right);
            a = right;
        }
        a = b;
    }
}

/* Two times that no step could tell apart. */
static bool same(const msc_scenario *s, double a, double b)
{
    return fabs(a - b) <= 1e-14 * fmax(fabs(s->start), fabs(s->until));
}

/* Is a switch as good as at one of the first n stops? (`time > 0` switches just after 0.) */
static bool beside(const msc_scenario *s, const stops *list, size_t n, double t)
{
    size_t low = 0, high = n;
    while (low + 1 < high) {
        const size_t mid = low + (high - low) / 2;
        *(list->t[mid] <= t ? &low : &high) = mid;
    }
    return same(s, list->t[low], t) || (high < n && same(s, list->t[high], t));
}

/* Stops for a switch, table or comparison, sought between the stops that are there; what goes one way
 * needs no points between. */
static void find(layout *l, uint32_t which, stops *found)
{
    const course c = l->course[decides(l->s->program, which)];
    const stops *list = &l->list;
    if (c == UP || c == DOWN) {
        bracket(l, which, list->t[0], list->t[list->n - 1], 1, found);
    } else if (c == ANYHOW) {
        const size_t share = SCAN_ALL / list->n;
        const int points = share > SCAN ? SCAN : share < SCAN_LEAST ? SCAN_LEAST : (int)share;
        for (size_t i = 0; i + 1 < list->n; i++) {
            bracket(l, which, list->t[i], list->t[i + 1], points, found);
        }
    }
}

static void take_in(layout *l, stops *found)
{
    stops *list = &l->list;
    const size_t n = list->n;
    if (found->n > 0) {
        qsort(found->t, found->n, sizeof *found->t, ascending);
    }
    for (size_t i = 0; i < found->n; i++) {
        put_stop(l->arena, &l->change, l->s, found->t[i]);
    }
    for (size_t i = 0; i < found->n; i++) {
        if (!beside(l->s, list, n, found->t[i]) && (list->n == n || !same(l->s, list->t[list->n - 1], found->t[i]))) {
            put_stop(l->arena, list, l->s, found->t[i]);
        }
    }
    tidy(list);
}

/* The nodes of tables first: conditions may depend on them; then comparisons, since of `a and b` each may
 * last less than a grid shows; last the switches, as far as these do not say already when they change. */
static void find_changes(layout *l)
{
    const msc_program *p = l->s->program;
    const uint32_t first_table = p->n_switch, first_comparison = first_table + p->n_time_table;
    stops found = {0};
    for (uint32_t k = 0; k < p->n_time_table; k++) {
        find(l, first_table + k, &found);
    }
    take_in(l, &found);
    for (uint32_t k = 0; k < p->n_clock; k++) {
        if (p->clock[k].op >= MSC_OP_LESS && p->clock[k].op <= MSC_OP_GREATER_EQUAL) {
            found.n = 0;
            find(l, first_comparison + k, &found);
            take_in(l, &found);
        }
    }
    found.n = 0;
    for (uint32_t k = 0; k < p->n_switch; k++) {
        if (!l->condition[p->switches[k].clock]) {
            find(l, k, &found);
        }
    }
    take_in(l, &found);
}

/* Peaks of what depends smoothly on time: they do not hang on the doses. */
static void find_pulses(layout *l, const msc_prepared *own, msc_prepared *out)
{
    stops found = {0};
    if (own) {
        out->n_pulse = own->n_pulse, out->pulse = own->pulse;
    } else {
        put_ends(l->arena, &l->change, l->s);
        tidy(&l->change);
        msc_pulses_find(l->s, l->arena, l->reg, &l->change, &found);
        out->n_pulse = found.n, out->pulse = found.t;
    }
    found = (stops){0};
    for (size_t i = 0; i < out->n_pulse; i++) {
        *MSC_PUSH(l->arena, found.t, found.n, found.cap) = out->pulse[i];
    }
    take_in(l, &found);
}

/* ---- between stops, and doses on them ---- */

static void set_switches(const layout *l, msc_prepared *out)
{
    const msc_program *p = l->s->program;
    const stops *list = &l->list;
    out->between = MSC_NEW(l->arena, double, list->n * p->n_given + 1);
    for (size_t i = 0; p->n_switch > 0 && i + 1 < list->n; i++) {
        msc_program_clock(p, l->reg, list->t[i] + (list->t[i + 1] - list->t[i]) / 2, l->clock);
        for (uint32_t w = 0; w < p->n_switch; w++) {
            out->between[i * p->n_given + p->switches[w].slot] = l->clock[p->switches[w].clock];
        }
    }
}

/* The first stop not before a time. */
static size_t stop_at(const stops *list, double t)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (list->t[mid] < t) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

void msc_stops_lay(const msc_scenario *s, msc_arena *arena, const msc_prepared *own, msc_prepared *out)
{
    layout l = {.s = s, .arena = arena, .reg = out->reg};
    put_ends(arena, &l.list, s);
    for (size_t i = 0; i < s->setup.n_event; i++) {
        put_stop(arena, &l.list, s, out->event[i].begin);
        put_stop(arena, &l.list, s, out->event[i].end);
    }
    tidy(&l.list);
    study(&l);
    find_changes(&l);
    find_pulses(&l, own, out);
    for (size_t i = 0; i < s->setup.n_event; i++) {
        out->event[i].first = stop_at(&l.list, out->event[i].begin);
        out->event[i].last = stop_at(&l.list, out->event[i].end);
    }
    set_switches(&l, out);
    out->job.n_stop = l.list.n, out->job.stop = l.list.t;
}
