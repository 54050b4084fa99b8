/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pulses in time that a step could pass over and see nothing of: where a function of the clock has a peak,
 * or a dip, that is narrow beside the time around it, there is a stop. So a step ends on it, and the error
 * control sees to the rest.
 *
 * Between two changes of conditions, the span is halved until in each part the function certainly goes one
 * way, or stays the same: by interval arithmetic of its value and its slope (R. E. Moore: Interval Analysis,
 * 1966), so that nothing falls between the points of a grid. Where a function defies that, parts that vary
 * little are given up first, and at last points decide. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "program/op.h"
#include "scenario/prepare.h"

enum { LEVELS = 44, OPEN_MANY = 64, PARTS_MOST = 1024, BISECTIONS = 24 };
static const double FLAT = 1e-4;    /* of the value: what varies less is the same, */
static const double ASIDE = 0.01;   /* and a value is at least this share of the largest */
static const double NARROW = 0.15;  /* of the span: what is wider, steps do see */
static const double SUDDEN = 0.01;  /* of the span: what is narrower than that is missed even where the span begins */
static const double SHARE = 0.99;   /* of the rise and the fall, that make up the width */

typedef struct {
    msc_span x, slope;
} motion;

typedef enum { STILL, UP, DOWN, OPEN } way;

typedef struct {
    double low, high;
    way way;
} part;

typedef struct {
    const msc_program *p;
    const double *reg;
    const struct msc_smooth *f;
    double *middle;  /* [n_clock_all] values in the middle of the span: which branches are taken */
    double *value;   /* [n_clock_all] at a point */
    motion *motion;  /* [n_clock_all] */
    double top;      /* the largest |value| seen */
} pulses;

static const msc_span ANY = {-INFINITY, INFINITY};

/* ---- intervals ---- */

static msc_span span(double low, double high)
{
    return isnan(low) || isnan(high) ? ANY : (msc_span){low, high};
}

static msc_span same(double x)
{
    return span(x, x);
}

static msc_span add(msc_span a, msc_span b)
{
    return span(a.low + b.low, a.high + b.high);
}

static msc_span negative(msc_span a)
{
    return (msc_span){-a.high, -a.low};
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static msc_span by(double factor, msc_span a)
{
    if (factor == 0) {
        return same(0);
    }
    return factor > 0 ? (msc_span){factor * a.low, factor * a.high} : (msc_span){factor * a.high, factor * a.low};
}

static msc_span times(msc_span a, msc_span b)
{
    if (a.low == a.high || b.low == b.high) {
        const msc_span x = a.low == a.high ? by(a.low, b) : by(b.low, a);
        return span(x.low, x.high);
    }
    const double c[4] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    const double all = c[0] + c[1] + c[2] + c[3];
    if (!(fabs(all) < INFINITY)) {
        return ANY;
    }
    return (msc_span){lesser(lesser(c[0], c[1]), lesser(c[2], c[3])), larger(larger(c[0], c[1]), larger(c[2], c[3]))};
}

static msc_span square(msc_span a)
{
    const double low = a.low * a.low, high = a.high * a.high;
    return span(a.low <= 0 && a.high >= 0 ? 0 : lesser(low, high), larger(low, high));
}

static msc_span over(msc_span a, msc_span b)
{
    return b.low > 0 || b.high < 0 ? times(a, (msc_span){1 / b.high, 1 / b.low}) : ANY;
}

/* x^n: of a base above 0, of 0 and a positive n, or of a whole n > 0. */
static msc_span power(msc_span x, double n)
{
    if (x.low > 0 || (x.low == 0 && n > 0)) {
        const double a = pow(x.low, n), b = pow(x.high, n);
        return span(lesser(a, b), larger(a, b));
    }
    if (n == 0) {
        return same(1);
    }
    if (!(n > 0 && n == floor(n))) {
        return ANY;
    }
    const double a = pow(x.low, n), b = pow(x.high, n);
    return fmod(n, 2) == 0 ? span(x.high >= 0 ? 0 : lesser(a, b), larger(a, b)) : span(a, b);
}

/* ---- a value and its slope over a span ---- */

static motion product(motion a, motion b, bool one)
{
    if (one) {
        return (motion){square(a.x), times(same(2), times(a.x, a.slope))};
    }
    return (motion){times(a.x, b.x), add(times(a.x, b.slope), times(b.x, a.slope))};
}

static motion quotient(motion a, motion b)
{
    const msc_span x = over(a.x, b.x);
    return (motion){x, over(add(a.slope, negative(times(x, b.slope))), b.x)};
}

static motion to_power(motion a, motion b)
{
    if (b.x.low == b.x.high && b.slope.low == 0 && b.slope.high == 0) {
        const double n = b.x.low;
        return (motion){power(a.x, n), times(times(same(n), power(a.x, n - 1)), a.slope)};
    }
    if (!(a.x.low > 0)) {
        return (motion){ANY, ANY};
    }
    const msc_span log_a = {log(a.x.low), log(a.x.high)}, e = times(b.x, log_a), x = span(exp(e.low), exp(e.high));
    return (motion){x, times(x, add(times(b.slope, log_a), times(b.x, over(a.slope, a.x))))};
}

static motion logarithm(motion a, double scale)
{
    if (!(a.x.low > 0)) {
        return (motion){ANY, ANY};
    }
    return (motion){span(log(a.x.low) / scale, log(a.x.high) / scale), over(a.slope, times(same(scale), a.x))};
}

static motion root(motion a)
{
    if (!(a.x.low >= 0)) {
        return (motion){ANY, ANY};
    }
    const msc_span x = {sqrt(a.x.low), sqrt(a.x.high)};
    return (motion){x, over(a.slope, times(same(2), x))};
}

/* The piece of a table that the middle is on. */
static motion on_table(const msc_program *p, const msc_instruction *op, motion a, double middle)
{
    double partial[3];
    const double at[3] = {middle, 0, 0}, x = msc_op_apply(p->table, MSC_OP_TABLE, at, op->table, op->row);
    msc_op_partial(p, MSC_OP_TABLE, at, x, op->table, op->row, partial);
    const msc_span slope = same(partial[0]);
    return (motion){add(same(x), times(slope, add(a.x, same(-middle)))), times(slope, a.slope)};
}

static double at_middle(const pulses *w, uint32_t arg)
{
    return (int32_t)arg < 0 ? w->middle[~arg] : w->reg[arg];
}

static motion move(const pulses *w, uint32_t i, const motion *a, msc_span time)
{
    const msc_instruction *op = &w->p->clock[i];
    switch (op->op) {
    case MSC_OP_TIME: return (motion){time, same(1)};
    case MSC_OP_ADD: return (motion){add(a[0].x, a[1].x), add(a[0].slope, a[1].slope)};
    case MSC_OP_SUBTRACT: return (motion){add(a[0].x, negative(a[1].x)), add(a[0].slope, negative(a[1].slope))};
    case MSC_OP_NEGATE: return (motion){negative(a[0].x), negative(a[0].slope)};
    case MSC_OP_MULTIPLY: return product(a[0], a[1], op->arg[0] == op->arg[1]);
    case MSC_OP_DIVIDE: return quotient(a[0], a[1]);
    case MSC_OP_POWER: return to_power(a[0], a[1]);
    case MSC_OP_EXP: {
        const msc_span x = span(exp(a[0].x.low), exp(a[0].x.high));
        return (motion){x, times(x, a[0].slope)};
    }
    case MSC_OP_LOG: return logarithm(a[0], 1);
    case MSC_OP_LOG10: return logarithm(a[0], log(10));
    case MSC_OP_SQRT: return root(a[0]);
    case MSC_OP_ABS: return at_middle(w, op->arg[0]) >= 0 ? a[0] : (motion){negative(a[0].x), negative(a[0].slope)};
    case MSC_OP_MIN: return a[at_middle(w, op->arg[0]) <= at_middle(w, op->arg[1]) ? 0 : 1];
    case MSC_OP_MAX: return a[at_middle(w, op->arg[0]) >= at_middle(w, op->arg[1]) ? 0 : 1];
    case MSC_OP_IF: return a[at_middle(w, op->arg[0]) != 0 ? 1 : 2];
    case MSC_OP_TABLE: return on_table(w->p, op, a[0], at_middle(w, op->arg[0]));
    default: return (motion){same(w->middle[i]), same(0)}; /* conditions: as they stand in this span */
    }
}

static motion motion_over(const pulses *w, double low, double high)
{
    const msc_span time = {low, high};
    for (uint32_t k = 0; k < w->f->n_step; k++) {
        const uint32_t i = w->f->step[k];
        const msc_instruction *op = &w->p->clock[i];
        motion a[3];
        for (int j = 0; j < msc_op_arity(op->op); j++) {
            const uint32_t arg = op->arg[j];
            a[j] = (int32_t)arg < 0 ? w->motion[~arg] : (motion){same(w->reg[arg]), same(0)};
        }
        w->motion[i] = move(w, i, a, time);
    }
    return w->motion[w->f->clock];
}

/* Its value at a point. */
static double value_at(const pulses *w, double t, double *value)
{
    for (uint32_t k = 0; k < w->f->n_step; k++) {
        const uint32_t i = w->f->step[k];
        const msc_instruction *op = &w->p->clock[i];
        double x[3] = {t, 0, 0};
        for (int j = 0; j < msc_op_arity(op->op); j++) {
            x[j] = (int32_t)op->arg[j] < 0 ? value[~op->arg[j]] : w->reg[op->arg[j]];
        }
        value[i] = msc_op_apply(w->p->table, op->op, x, op->table, op->row);
    }
    return value[w->f->clock];
}

/* ---- parts that go one way ---- */

/* What it does in a part, if that is certain: `flat`, what little it may vary by to stay the same. */
static way way_of(pulses *w, double low, double high, double flat)
{
    const motion m = motion_over(w, low, high);

    if (m.slope.low > 0 || m.slope.high < 0) {
        return m.slope.low > 0 ? UP : DOWN;
    }
    if (m.x.low == m.x.high) {
        return STILL;
    }
    const double middle = low + (high - low) / 2, x = value_at(w, middle, w->value);
    w->top = fabs(x) > w->top ? fabs(x) : w->top;
    const msc_span line = add(same(x), times(m.slope, (msc_span){low - middle, high - middle})); /* by the mean value */
    const double least = larger(m.x.low, line.low), most = lesser(m.x.high, line.high);
    const double size = larger(larger(fabs(least), fabs(most)), ASIDE * w->top);
    return isfinite(size) && most - least <= flat * size ? STILL : OPEN;
}

static size_t put(part *list, size_t n, part next)
{
    if (n > 0 && list[n - 1].way == next.way && next.way != OPEN) {
        list[n - 1].high = next.high;
        return n;
    }
    list[n] = next;
    return n + 1;
}

/* One part more finely: halves of what is open. */
static size_t halve(pulses *w, const part *from, size_t n, double flat, part *to)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const double middle = from[i].low + (from[i].high - from[i].low) / 2;
        if (from[i].way != OPEN || !(middle > from[i].low && middle < from[i].high)) {
            m = put(to, m, from[i]);
            continue;
        }
        m = put(to, m, (part){from[i].low, middle, way_of(w, from[i].low, middle, flat)});
        m = put(to, m, (part){middle, from[i].high, way_of(w, middle, from[i].high, flat)});
    }
    return m;
}

static size_t count_open(const part *list, size_t n)
{
    size_t open = 0;
    for (size_t i = 0; i < n; i++) {
        open += list[i].way == OPEN;
    }
    return open;
}

/* What is open at last: as its ends say. */
static size_t close(pulses *w, const part *from, size_t n, part *to)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        part one = from[i];
        if (one.way == OPEN) {
            const double a = value_at(w, one.low, w->value), b = value_at(w, one.high, w->value);
            one.way = a < b ? UP : a > b ? DOWN : STILL;
        }
        m = put(to, m, one);
    }
    return m;
}

/* ---- peaks and dips ---- */

/* How far from its extreme at t the function has gone by SHARE of a height, towards an end. */
static double edge(const pulses *w, double t, double end, double x, double height)
{
    double near = t, far = end;
    for (int i = 0; i < BISECTIONS; i++) {
        const double middle = near + (far - near) / 2;
        *(fabs(value_at(w, middle, w->value) - x) < SHARE * height ? &near : &far) = middle;
    }
    return near + (far - near) / 2;
}

/* Is the extreme at t, to which it goes from `low` on and from which until `high`, one that a step could miss? */
static bool is_narrow(const pulses *w, msc_span whole, double low, double t, double high)
{
    const double x = value_at(w, t, w->value);
    const double height = lesser(fabs(x - value_at(w, low, w->value)), fabs(x - value_at(w, high, w->value)));
    const double length = whole.high - whole.low, reach = NARROW * length;
    const double near[2] = {larger(low, t - reach), lesser(high, t + reach)};
    bool gone = height > 0;
    for (int i = 0; i < 2 && gone; i++) {
        gone = fabs(value_at(w, near[i], w->value) - x) >= SHARE * height;
    }
    if (!gone) {
        return false;
    }
    const double left = edge(w, t, near[0], x, height), right = edge(w, t, near[1], x, height), width = right - left;
    return width < NARROW * length && (left - whole.low > 0.1 * width || width < SUDDEN * length);
}

static void find_extremes(const pulses *w, msc_arena *arena, msc_span whole, const part *list, size_t n, msc_times *found)
{
    for (size_t i = 1; i < n; i++) {
        const size_t after = list[i].way == STILL ? i + 1 : i;
        const way before = list[i - 1].way;
        if (after < n && before != STILL && list[after].way != STILL && before != list[after].way) {
            const double t = after > i ? list[i].low + (list[i].high - list[i].low) / 2 : list[i].low;
            if (is_narrow(w, whole, list[i - 1].low, t, list[after].high)) {
                *MSC_PUSH(arena, found->t, found->n, found->cap) = t;
            }
        }
    }
}

static void find_between(pulses *w, msc_arena *arena, msc_span whole, msc_times *found)
{
    part room[2][PARTS_MOST + 2], *list = room[0], *next = room[1];
    double flat = FLAT;
    const double middle = whole.low + (whole.high - whole.low) / 2;
    (void)value_at(w, middle, w->middle);
    w->top = larger(fabs(value_at(w, whole.low, w->value)), fabs(value_at(w, whole.high, w->value)));
    w->top = isfinite(w->top) ? w->top : 0;
    size_t n = put(list, 0, (part){whole.low, whole.high, way_of(w, whole.low, whole.high, flat)});
    for (int level = 0; level < LEVELS && count_open(list, n) > 0 && n <= PARTS_MOST / 2; level++) {
        flat *= count_open(list, n) > OPEN_MANY ? 8 : 1;
        n = halve(w, list, n, flat, next);
        part *const last = list;
        list = next, next = last;
    }
    n = close(w, list, n, next);
    find_extremes(w, arena, whole, next, n, found);
}

void msc_pulses_find(const msc_scenario *s, msc_arena *arena, const double *reg, const msc_times *change, msc_times *found)
{
    const msc_program *p = s->program;
    pulses w = {.p = p, .reg = reg};
    if (p->n_smooth == 0) {
        return;
    }
    w.middle = MSC_NEW(arena, double, p->n_clock_all + 1);
    w.value = MSC_NEW(arena, double, p->n_clock_all + 1);
    w.motion = MSC_NEW(arena, motion, p->n_clock_all + 1);
    for (uint32_t i = 0; i < p->n_smooth; i++) {
        w.f = &p->smooth[i];
        for (size_t k = 0; k + 1 < change->n; k++) {
            find_between(&w, arena, (msc_span){change->t[k], change->t[k + 1]}, found);
        }
    }
}
