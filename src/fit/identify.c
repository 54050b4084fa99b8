/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Singular values of sensitivities; profiles. */
#include "fit/identify.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

static const double GAIN = 1e-7;    /* of a log: a profile need not be better */
static const double NEAR = 0.01;    /* of the root of the drop: this near an end it is a straight line */
static const double NOTHING = 1e-8; /* of the largest singular value: derivatives are not better than that */

/* ---- singular values ---- */

static gsl_matrix *matrix(msc_arena *arena, size_t rows, size_t columns)
{
    gsl_matrix *m = gsl_matrix_calloc(rows, columns);
    if (!m) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    return m;
}

/* GSL wants at least as many rows as columns: rows of zeros do no harm. */
static void decompose(msc_arena *arena, const double *s, size_t m, size_t n, double *singular, double *direction)
{
    const size_t rows = m > n ? m : n;
    gsl_matrix *a = matrix(arena, rows, n), *v = matrix(arena, n, n);
    gsl_vector_view values = gsl_vector_view_array(singular, n);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < n; k++) {
            gsl_matrix_set(a, i, k, s[i * n + k]);
        }
    }
    (void)gsl_linalg_SV_decomp_jacobi(a, v, &values.vector);
    for (size_t i = 0; i < n; i++) {
        double most = 0;
        for (size_t k = 0; k < n; k++) {
            const double x = gsl_matrix_get(v, k, i);
            direction[i * n + k] = x;
            most = fabs(x) > fabs(most) ? x : most;
        }
        for (size_t k = 0; k < n && most < 0; k++) {
            direction[i * n + k] = -direction[i * n + k];
        }
    }
    gsl_matrix_free(a);
    gsl_matrix_free(v);
}

/* What is left of a column when the others have done what they can, by least squares: by the decomposition of the
 * others alone. */
static double part_of_its_own(msc_arena *arena, const double *s, size_t m, size_t n, size_t k)
{
    if (n == 1) {
        return 1;
    }
    double length = 0, rest = 0;
    double *others = MSC_NEW(arena, double, m * (n - 1)), *singular = MSC_NEW(arena, double, n);
    double *direction = MSC_NEW(arena, double, n * n), *left = MSC_NEW(arena, double, m);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0, c = 0; j < n; j++) {
            if (j != k) {
                others[i * (n - 1) + c++] = s[i * n + j];
            }
        }
        left[i] = s[i * n + k];
        length += left[i] * left[i];
    }
    decompose(arena, others, m, n - 1, singular, direction);
    for (size_t d = 0; d + 1 < n && singular[d] > NOTHING * singular[0]; d++) {
        double dot = 0; /* with the left singular vector, others v / singular */
        for (size_t i = 0; i < m; i++) {
            double u = 0;
            for (size_t c = 0; c + 1 < n; c++) {
                u += others[i * (n - 1) + c] * direction[d * (n - 1) + c];
            }
            dot += u / singular[d] * left[i];
        }
        for (size_t i = 0; i < m; i++) {
            double u = 0;
            for (size_t c = 0; c + 1 < n; c++) {
                u += others[i * (n - 1) + c] * direction[d * (n - 1) + c];
            }
            left[i] -= dot * u / singular[d];
        }
    }
    for (size_t i = 0; i < m; i++) {
        rest += left[i] * left[i];
    }
    return length > 0 ? sqrt(rest / length) : 1;
}

msc_identifiability msc_identify(msc_arena *arena, const double *s, size_t m, size_t n)
{
    msc_identifiability id = {.n = n};
    id.singular = MSC_NEW(arena, double, n), id.direction = MSC_NEW(arena, double, n * n);
    id.response = MSC_NEW(arena, double, n), id.tied = MSC_NEW(arena, double, n);
    decompose(arena, s, m, n, id.singular, id.direction);
    for (size_t k = 0; k < n; k++) {
        const double own = part_of_its_own(arena, s, m, n, k);
        double square = 0;
        for (size_t i = 0; i < m; i++) {
            square += s[i * n + k] * s[i * n + k];
        }
        id.response[k] = sqrt(square);
        id.tied[k] = sqrt(fmax(0, 1 - own * own));
        id.rank += id.singular[k] > NOTHING * id.singular[0] && id.singular[0] > 0;
        id.told += id.singular[k] > 1;
    }
    id.condition = id.rank == n ? id.singular[0] / id.singular[n - 1] : (double)INFINITY;
    return id;
}

size_t msc_identify_partners(const msc_identifiability *id, size_t i, size_t *which)
{
    const double *part = id->direction + i * id->n;
    double most = 0;
    size_t found = 0;
    for (size_t k = 0; k < id->n; k++) {
        most = fmax(most, fabs(part[k]));
    }
    for (size_t k = 0; k < id->n; k++) {
        if (fabs(part[k]) < 0.2 || fabs(part[k]) < 0.5 * most) {
            continue;
        }
        size_t at = found++;
        for (; at > 0 && fabs(part[which[at - 1]]) < fabs(part[k]); at--) {
            which[at] = which[at - 1];
        }
        which[at] = k;
    }
    return found;
}

/* ---- profiles ---- */

typedef struct {
    const msc_objective *whole;
    size_t k;
    double fixed;
    double *x, *slope, *jacobian; /* of the whole */
    double *metric;               /* [n][n] of the whole */
    double *low, *high;           /* [n - 1] of the others, or NULL */
    size_t evaluations, refused;
} held;

static void complete(held *h, const double *x)
{
    for (size_t i = 0, c = 0; i < h->whole->n; i++) {
        h->x[i] = i == h->k ? h->fixed : x[c++];
    }
}

static bool held_density(void *context, const double *x, double *log, double *slope)
{
    held *h = context;
    complete(h, x);
    if (!h->whole->density(h->whole->context, h->x, log, h->slope)) {
        return false;
    }
    for (size_t i = 0, c = 0; i < h->whole->n; i++) {
        if (i != h->k) {
            slope[c++] = h->slope[i];
        }
    }
    return true;
}

static void held_metric(void *context, const double *x, double *h)
{
    held *d = context;
    const size_t n = d->whole->n;
    complete(d, x);
    d->whole->metric(d->whole->context, d->x, d->metric);
    for (size_t i = 0, to = 0; i < n * n; i++) {
        if (i / n != d->k && i % n != d->k) {
            h[to++] = d->metric[i];
        }
    }
}

static bool held_squares(void *context, const double *x, double *residual, double *jacobian)
{
    held *h = context;
    const size_t n = h->whole->n;
    complete(h, x);
    if (!h->whole->squares(h->whole->context, h->x, residual, h->jacobian)) {
        return false;
    }
    for (size_t r = 0; r < h->whole->n_residual; r++) {
        for (size_t i = 0, c = 0; i < n; i++) {
            if (i != h->k) {
                jacobian[r * (n - 1) + c++] = h->jacobian[r * n + i];
            }
        }
    }
    return true;
}

/* The log of the density with coordinate k at x, the others at their best from where `from` has them; it is moved there. */
static double best_at(msc_arena *arena, held *h, double x, double *from)
{
    const size_t n = h->whole->n;
    h->fixed = x;
    if (n == 1) {
        double log = -INFINITY;
        h->x[0] = x;
        bool fine = h->whole->density && h->whole->density(h->whole->context, h->x, &log, h->slope);
        if (h->whole->squares) {
            double *residual = MSC_NEW(arena, double, h->whole->n_residual);
            fine = h->whole->squares(h->whole->context, h->x, residual, h->jacobian);
            log = 0;
            for (size_t i = 0; i < h->whole->n_residual; i++) {
                log -= residual[i] * residual[i] / 2;
            }
        }
        h->evaluations++, h->refused += !fine;
        return fine ? log : (double)-INFINITY;
    }
    const msc_objective part = {.n = n - 1,
                                .n_residual = h->whole->n_residual,
                                .squares = h->whole->squares ? held_squares : NULL,
                                .density = h->whole->density ? held_density : NULL,
                                .metric = h->whole->metric ? held_metric : NULL,
                                .low = h->low,
                                .high = h->high,
                                .context = h,
                                .stop = h->whole->stop};
    const msc_optimise_options options = {.most = 200, .gain = GAIN, .unjudged = true};
    const msc_optimum found = msc_optimise(arena, &part, &options, from);
    h->evaluations += found.evaluations, h->refused += found.refused;
    return found.end == MSC_OPTIMUM_NOWHERE || found.end == MSC_OPTIMUM_STOPPED ? (double)-INFINITY : found.log;
}

static void note(msc_arena *arena, msc_profile *p, size_t *cap, double x, double value)
{
    const size_t n = p->n;
    size_t cap_value = *cap;
    *MSC_PUSH(arena, p->x, p->n, *cap) = x;
    size_t again = n;
    *MSC_PUSH(arena, p->value, again, cap_value) = value;
    for (size_t i = n; i > 0 && p->x[i - 1] > x; i--) {
        p->x[i] = p->x[i - 1], p->value[i] = p->value[i - 1];
        p->x[i - 1] = x, p->value[i - 1] = value;
    }
}

/* On the way from the optimum: where the others were best at the last two places. */
typedef struct {
    double x[2], *others[2];
    int n;
} trail;

static void leave(trail *t, double x, const double *others, size_t n)
{
    double *oldest = t->others[0];
    t->others[0] = t->others[1], t->others[1] = oldest;
    t->x[0] = t->x[1], t->x[1] = x;
    memcpy(oldest, others, n * sizeof *others);
    t->n++;
}

/* The log at `at`, the others sought from where the trail leads, or where it ends if there is nothing. */
static double follow(msc_arena *arena, held *h, const trail *t, double at, double *others)
{
    const size_t n = h->whole->n - 1;
    const double further = t->n > 1 ? (at - t->x[1]) / (t->x[1] - t->x[0]) : 0;
    for (size_t i = 0; i < n; i++) {
        const double there = t->others[1][i] + further * (t->others[1][i] - t->others[0][i]);
        const bool fine = (!h->low || there > h->low[i]) && (!h->high || there < h->high[i]);
        others[i] = fine ? there : t->others[1][i];
    }
    const double log = best_at(arena, h, at, others);
    if (isfinite(log) || further == 0 || (h->whole->stop && *h->whole->stop)) {
        return log;
    }
    memcpy(others, t->others[1], n * sizeof *others);
    return best_at(arena, h, at, others);
}

static void look_better(msc_profile *p, held *h, double log, double at, double value, const double *others)
{
    if (value > log + 1e-6 && (!p->better || value > p->log)) {
        p->better = true, p->log = value, p->at = at;
        h->fixed = at;
        complete(h, others);
        memcpy(p->point, h->x, h->whole->n * sizeof *p->point);
    }
}

typedef struct {
    msc_arena *arena;
    held *h;
    trail *t;
    double *others, log, aim;
    msc_profile *p;
    size_t *cap;
} walker;

/* The fall's root at a place, noted; negative if there is nothing. */
static double fall_at(walker *w, double at)
{
    const double value = follow(w->arena, w->h, w->t, at, w->others);
    if (!isfinite(value)) {
        return -1;
    }
    note(w->arena, w->p, w->cap, at, value);
    look_better(w->p, w->h, w->log, at, value, w->others);
    return sqrt(fmax(0, w->log - value));
}

/* Between a, where the fall's root is below the aim, and b, where it is not: by the secant, and by halving now and then. */
static double crossing(walker *w, double a, double fa, double b, double fb)
{
    enum { CLOSER = 8 };
    for (int k = 0; k < CLOSER && fabs(b - a) > 1e-4 * (fabs(a) + fabs(b - a)) && fmin(w->aim - fa, fb - w->aim) > NEAR * w->aim; k++) {
        const double t = k % 3 == 2 ? 0.5 : fmin(0.95, fmax(0.05, (w->aim - fa) / (fb - fa)));
        const double mid = a + t * (b - a), f = fall_at(w, mid);
        if (f >= w->aim || f < 0) {
            b = mid, fb = f < 0 ? fb : f;
        } else {
            a = mid, fa = f;
        }
    }
    return fb > fa ? a + (w->aim - fa) / (fb - fa) * (b - a) : b;
}

/* From the optimum towards `end`: steps that aim at half of the drop's root each, then the crossing; the fall's root
 * is a straight line for a normal density. */
static double walk(walker *w, const double *best, double end, bool *open)
{
    enum { STEPS = 40 };
    const size_t n = w->h->whole->n, k = w->h->k;
    for (size_t i = 0, c = 0; i < n; i++) {
        if (i != k) {
            w->others[c++] = best[i];
        }
    }
    double x = best[k], root = 0, step = (end - x) / 20;
    w->t->n = 0;
    leave(w->t, x, w->others, n - 1);
    *open = true;
    for (int i = 0; i < STEPS && x != end; i++) {
        const bool last = fabs(step) >= fabs(end - x);
        const double at = last ? end : x + step, fallen = fall_at(w, at);
        if (fallen < 0) { /* nothing there: nearer */
            step *= 0.5;
            if (fabs(step) < 1e-6 * (1 + fabs(x))) {
                break;
            }
            continue;
        }
        if (fallen >= w->aim) {
            *open = false;
            return crossing(w, x, root, at, fallen);
        }
        leave(w->t, at, w->others, n - 1);
        const double slope = (fallen - root) / fabs(at - x), wanted = slope > 0 ? w->aim / 2 / slope : 4 * fabs(step);
        const double most = fmin(4 * fabs(step), fabs(end - best[k]) / 8); /* not over a hump */
        step = copysign(fmin(fmax(wanted, 0.5 * fabs(step)), most), step);
        x = at, root = fallen;
    }
    return x;
}

static void take_ends(msc_arena *arena, held *h)
{
    const msc_objective *o = h->whole;
    if (!o->low || !o->high) {
        return;
    }
    h->low = MSC_NEW(arena, double, o->n), h->high = MSC_NEW(arena, double, o->n);
    for (size_t i = 0, c = 0; i < o->n; i++) {
        if (i != h->k) {
            h->low[c] = o->low[i], h->high[c++] = o->high[i];
        }
    }
}

msc_profile msc_profile_of(msc_arena *arena, const msc_objective *objective, const double *best, double log, size_t k,
                           double from, double to, double drop)
{
    msc_profile p = {.low = from, .high = to, .log = log, .at = best[k]};
    size_t cap = 0;
    const size_t n = objective->n, m = objective->squares ? objective->n_residual : 1;
    held h = {.whole = objective, .k = k};
    h.x = MSC_NEW(arena, double, n), h.slope = MSC_NEW(arena, double, n), h.jacobian = MSC_NEW(arena, double, m * n);
    h.metric = MSC_NEW(arena, double, n * n);
    take_ends(arena, &h);
    trail t = {.others = {MSC_NEW(arena, double, n), MSC_NEW(arena, double, n)}};
    walker w = {arena, &h, &t, MSC_NEW(arena, double, n), log, sqrt(drop), &p, &cap};
    p.point = MSC_NEW(arena, double, n);
    memcpy(p.point, best, n * sizeof *best);
    note(arena, &p, &cap, best[k], log);
    p.low = walk(&w, best, from, &p.open_low);
    p.high = walk(&w, best, to, &p.open_high);
    p.evaluations = h.evaluations, p.refused = h.refused;
    return p;
}

/* ---- what to measure next ---- */

double msc_measurement_gain(const double *covariance, const double *row, size_t n, size_t k)
{
    double own = 0, all = 1;
    for (size_t i = 0; i < n; i++) {
        double c = 0;
        for (size_t j = 0; j < n; j++) {
            c += covariance[i * n + j] * row[j];
        }
        all += row[i] * c;
        own = i == k ? c : own;
    }
    return 1 - own * own / (all * covariance[k * n + k]);
}
