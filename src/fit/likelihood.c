/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Likelihoods of single data, by location and scale, on the logarithm throughout. */
#include "fit/likelihood.h"

#include <math.h>

enum { REACH = 18, NODES = 16 * (2 * REACH / 3) }; /* over a reported interval: see nodes() */

/* A logarithm and its derivatives by the location and the scale. */
typedef struct {
    double log, by_m, by_s;
} term;

static const term impossible = {-INFINITY, 0, 0};

typedef struct {
    double m, s;
} place;

/* ---- the standard normal ---- */

static double log_density(double z)
{
    return -0.5 * z * z - 0.91893853320467274178;
}

/* log(1 - Phi(z)), for any z: by the C library, whose erfc is good to the last bit (GSL's logarithm of it
 * is to eleven digits only), and far out by its asymptotic series. */
static double log_upper(double z)
{
    if (z < 30) {
        return z < -5 ? log1p(-0.5 * erfc(-z * M_SQRT1_2)) : log(0.5 * erfc(z * M_SQRT1_2));
    }
    const double w = 1 / (z * z);
    double series = 0;
    for (int k = 13; k >= 1; k -= 2) { /* 1 - w (1 - 3 w (1 - 5 w ...)) */
        series = 1 - k * w * (k == 13 ? 1 : series);
    }
    return log_density(z) - log(z) + log(series);
}

/* log(Phi(b) - Phi(a)), a < b; either may be infinite. Taken in the tail where it does not cancel. */
static double log_between(double a, double b)
{
    if (a > 0 || (isinf(b) && isinf(a) == 0)) {
        const double outer = log_upper(a);
        return isinf(b) ? outer : outer + log1p(-exp(log_upper(b) - outer));
    }
    if (b < 0 || isinf(a)) {
        const double outer = log_upper(-b);
        return isinf(a) ? outer : outer + log1p(-exp(log_upper(-a) - outer));
    }
    return log1p(-exp(log_upper(b)) - exp(log_upper(-a)));
}

/* P(a < x < b) and derivatives: d/dm = -(phi(zb) - phi(za)) / s, d/ds = -(zb phi(zb) - za phi(za)) / s. Of an
 * interval much narrower than s the difference of two Phi would cancel: its middle's density then. */
static term between(double a, double b, place at)
{
    const double za = (a - at.m) / at.s, zb = (b - at.m) / at.s;
    const double width = (b - a) / at.s;
    if (width < 1e-5) { /* the error is width^2 (z^2 - 1) / 24 of it */
        const double z = 0.5 * (za + zb);
        return (term){log_density(z) + log(width), z / at.s, (z * z - 1) / at.s};
    }
    const double log = log_between(za, zb);
    const double pa = isinf(za) ? 0 : exp(log_density(za) - log), pb = isinf(zb) ? 0 : exp(log_density(zb) - log);
    return (term){log, -(pb - pa) / at.s, -((isinf(zb) ? 0 : zb * pb) - (isinf(za) ? 0 : za * pa)) / at.s};
}

static term density(double x, place at)
{
    const double z = (x - at.m) / at.s;
    return (term){log_density(z) - log(at.s), z / at.s, (z * z - 1) / at.s};
}

/* ---- the range of n ---- */

/* Sums of terms on the logarithm: largest first taken out. */
typedef struct {
    double most, sum, by_m, by_s;
} total;

static void add(total *t, term x, double log_weight)
{
    const double log = x.log + log_weight;
    if (log == -INFINITY || isnan(log)) {
        return;
    }
    if (log > t->most) {
        const double shrink = exp(t->most - log);
        t->sum *= shrink, t->by_m *= shrink, t->by_s *= shrink;
        t->most = log;
    }
    const double weight = exp(log - t->most);
    t->sum += weight, t->by_m += weight * x.by_m, t->by_s += weight * x.by_s;
}

static term finish(const total *t)
{
    return t->sum > 0 ? (term){t->most + log(t->sum), t->by_m / t->sum, t->by_s / t->sum} : impossible;
}

static term plus(term a, double times, term b)
{
    return (term){a.log + times * b.log, a.by_m + times * b.by_m, a.by_s + times * b.by_s};
}

/* Lowest at a and highest at b: n (n - 1) f(a) f(b) (F(b) - F(a))^(n - 2) */
static term both_ends(double a, double b, double n, place at)
{
    term t = plus(density(a, at), 1, density(b, at));
    t.log += log(n * (n - 1));
    if (n == 2) {
        return t;
    }
    return b > a ? plus(t, n - 2, between(a, b, at)) : impossible;
}

/* Highest at b, lowest anywhere under a: n f(b) (F(b)^(n-1) - (F(b) - F(a))^(n-1)) */
static term censored_end(double a, double b, double n, place at)
{
    term t = density(b, at);
    t.log += log(n);
    const term all = between(-INFINITY, b, at);
    if (b <= a) { /* then the lowest is under it too */
        return plus(t, n - 1, all);
    }
    const term below = between(-INFINITY, a, at);
    const double log_q = below.log - all.log, q = exp(log_q); /* F(a) / F(b): 1 - (1 - q)^(n-1) is left, without cancelling */
    const bool tiny = log_q < -40;                            /* then that is (n-1) q, which may be too small for a number */
    const double rest = -expm1((n - 1) * log1p(-q));
    const double slope = tiny ? 1 : (n - 1) * pow(1 - q, n - 2) * q / rest;
    t = plus(t, n - 1, all);
    t.log += tiny ? log(n - 1) + log_q : log(rest);
    t.by_m += slope * (below.by_m - all.by_m);
    t.by_s += slope * (below.by_s - all.by_s);
    return t;
}

/* Gauss and Legendre's nodes, the positive half. */
static const struct rule {
    int half;
    double root[8], weight[8];
} fine = {8,
          {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
           0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326},
          {0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767321,
           0.1246289712555338720, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949}},
  coarse = {2, {0.3399810435848562648, 0.8611363115940525752}, {0.6521451548625461426, 0.3478548451374538574}};

/* Nodes over low..high with the logarithms of their weights; one of weight 1 if the ends are equal (a density). What is
 * narrow beside s needs few nodes, what is wide is divided, and what is further than REACH s from where it weighs most
 * does not count. */
static int nodes(double low, double high, place at, double *x, double *log_weight)
{
    if (!(high > low)) {
        x[0] = low, log_weight[0] = 0;
        return 1;
    }
    const double heaviest = fmin(fmax(at.m, low), high);
    low = fmax(low, heaviest - REACH * at.s), high = fmin(high, heaviest + REACH * at.s);
    const double width = (high - low) / at.s;
    const struct rule *rule = width < 0.1 ? &coarse : &fine;
    const int panels = width > 3 ? (int)ceil(width / 3) : 1;
    int n = 0;
    for (int k = 0; k < panels; k++) {
        const double half = 0.5 * (high - low) / panels, middle = low + (2 * k + 1) * half;
        for (int i = 0; i < 2 * rule->half; i++, n++) {
            x[n] = middle + (i % 2 ? half : -half) * rule->root[i / 2];
            log_weight[n] = log(half * rule->weight[i / 2]);
        }
    }
    return n;
}

/* Intervals that overlap (few digits: "2 to 2"): P(low in A, high in B) = G(a0, b1) - G(a1, b1) - G(a0, b0) + G(a1, b0),
 * G(x, y) = (F(y) - F(x))^n the probability that all lie between. */
static term overlapping(const double a[2], const double b[2], double n, place at)
{
    const double corner[3][3] = {{1, a[0], b[1]}, {-1, a[1], b[1]}, {-1, a[0], b[0]}}; /* G(a1, b0) = 0 */
    const double most = n * between(a[0], b[1], at).log;
    double sum = 0, by_m = 0, by_s = 0;
    for (int i = 0; i < 3; i++) {
        if (corner[i][1] < corner[i][2]) {
            const term t = between(corner[i][1], corner[i][2], at);
            const double g = corner[i][0] * exp(n * t.log - most);
            sum += g, by_m += g * n * t.by_m, by_s += g * n * t.by_s;
        }
    }
    return sum > 0 ? (term){most + log(sum), by_m / sum, by_s / sum} : impossible;
}

static term range_of(const double a[2], const double b[2], bool censored, double n, place at)
{
    double xa[NODES], wa[NODES], xb[NODES], wb[NODES];
    const int n_b = nodes(b[0], b[1], at, xb, wb);
    total t = {.most = -INFINITY};
    if (censored) {
        for (int j = 0; j < n_b; j++) {
            add(&t, censored_end(a[1], xb[j], n, at), wb[j]);
        }
        return finish(&t);
    }
    if (a[1] > b[0] && b[1] > b[0]) {
        return overlapping(a, b, n, at);
    }
    const int n_a = nodes(a[0], a[1], at, xa, wa);
    for (int i = 0; i < n_a; i++) {
        for (int j = 0; j < n_b; j++) {
            add(&t, both_ends(xa[i], xb[j], n, at), wa[i] + wb[j]);
        }
    }
    return finish(&t);
}

/* ---- a datum ---- */

bool msc_datum_has_ends(const msc_datum *d)
{
    return d->kind == MSC_DATUM_RANGE || d->kind == MSC_DATUM_INTERVAL;
}

static double on_scale(msc_family family, double x)
{
    return family == MSC_FAMILY_NORMAL ? x : x > 0 ? log(x) : -INFINITY;
}

/* A density by x from one by log x. */
static term per_unit(msc_family family, double x, term t)
{
    t.log -= family == MSC_FAMILY_LOGNORMAL ? log(x) : 0;
    return t;
}

static term value_term(const msc_datum *d, msc_family family, place at)
{
    return family == MSC_FAMILY_LOGNORMAL && !(d->value > 0) ? impossible
                                                             : per_unit(family, d->value, density(on_scale(family, d->value), at));
}

bool msc_likelihood_unseen(double end, double half)
{
    return fabs(end) <= half;
}

/* All n lie below the upper end of what was reported: nobody was seen. */
static term none_seen(const msc_datum *d, msc_family family, place at)
{
    const term below = between(-INFINITY, on_scale(family, d->high + d->half[1]), at);
    return plus((term){0}, d->n, below);
}

static term range_term(const msc_datum *d, msc_family family, place at)
{
    const bool censored = msc_likelihood_unseen(d->low, d->half[0]);
    if (censored && msc_likelihood_unseen(d->high, d->half[1])) {
        return none_seen(d, family, at);
    }
    if (family == MSC_FAMILY_LOGNORMAL && (!(d->high - d->half[1] > 0) || !(d->low + d->half[0] > 0))) {
        return impossible;
    }
    const double a[2] = {censored ? -INFINITY : on_scale(family, d->low - d->half[0]), on_scale(family, d->low + d->half[0])};
    const double b[2] = {on_scale(family, d->high - d->half[1]), on_scale(family, d->high + d->half[1])};
    term t = range_of(a, b, censored, d->n, at);
    if (!censored && !(d->half[0] > 0)) {
        t = per_unit(family, d->low, t);
    }
    return d->half[1] > 0 ? t : per_unit(family, d->high, t);
}

/* Without a subject's effect. */
double msc_likelihood_variance(const msc_datum *d, const msc_error_model *e, double f)
{
    const bool normal = e->family == MSC_FAMILY_NORMAL;
    const double own = normal || d->sd == 0 ? d->sd : d->sd / (d->kind == MSC_DATUM_RANGE ? d->high : d->value);
    return own * own + (normal ? e->additive * e->additive : 0) + e->proportional * e->proportional * (normal ? f * f : 1);
}

static double scale_of(const msc_datum *d, const msc_error_model *e, double f)
{
    return sqrt(msc_likelihood_variance(d, e, f) + e->subject * e->subject);
}

/* From derivatives by the location and by half the variance to those by the prediction and by the error's sizes. */
static msc_likelihood chained(const msc_error_model *e, double f, double by_m, double by_half)
{
    const bool normal = e->family == MSC_FAMILY_NORMAL;
    const double p = e->proportional;
    return (msc_likelihood){.by_prediction = normal ? by_m + by_half * p * p * f : by_m / f,
                            .by_additive = normal ? by_half * e->additive : 0,
                            .by_proportional = by_half * p * (normal ? f * f : 1)};
}

msc_likelihood msc_likelihood_of(const msc_datum *d, const msc_error_model *e, double f)
{
    const place at = {on_scale(e->family, f), scale_of(d, e, f)};
    msc_likelihood out = {.log = -INFINITY};
    if (!isfinite(at.m) || !(at.s > 0) || !isfinite(at.s)) {
        return out;
    }
    term t = impossible;
    switch (d->kind) {
    case MSC_DATUM_VALUE: t = value_term(d, e->family, at); break;
    case MSC_DATUM_LEFT: t = between(-INFINITY, on_scale(e->family, d->value), at); break;
    case MSC_DATUM_RIGHT: t = between(on_scale(e->family, d->value), INFINITY, at); break;
    case MSC_DATUM_RANGE: t = range_term(d, e->family, at); break;
    case MSC_DATUM_INTERVAL: t = between(on_scale(e->family, d->low), on_scale(e->family, d->high), at); break;
    }
    if (!isfinite(t.log)) {
        return out;
    }
    out = chained(e, f, t.by_m, t.by_s / at.s);
    out.log = t.log, out.by_subject = t.by_s * e->subject / at.s;
    return out;
}

/* ---- what a datum tells ---- */

static const msc_information of_value = {1, 0, 2};

/* Of log(Phi(b) - Phi(a)): with minus its second derivatives by a and b, a matrix, what 1, 1 and a, b make of it. By m that is 1
 * less the variance of a normal number that lies between. */
static msc_information interval_information(double a, double b)
{
    const double nearest = a > 0 ? a : b < 0 ? b : 0;
    const bool narrow = !(b - a > 1e-5), far = fabs(nearest) > 300; /* where rounding would be all there is */
    msc_information told = {1, 0.5 * (a + b), 1 + 0.25 * (a + b) * (a + b)};
    if (far && !narrow) {
        told = (msc_information){1, nearest, nearest * nearest};
    } else if (!narrow) {
        const double log = log_between(a, b);
        const double pa = isinf(a) ? 0 : exp(log_density(a) - log), pb = isinf(b) ? 0 : exp(log_density(b) - log);
        const double za = isinf(a) ? 0 : a, zb = isinf(b) ? 0 : b, p = pb - pa, q = zb * pb - za * pa;
        told.m = fmin(fmax(p * p + q, 0), 1);
        told.ms = p * q + zb * zb * pb - za * za * pa;
        told.s = fmax(q * q + zb * zb * zb * pb - za * za * za * pa, 0);
    }
    told.s = fmin(told.s, of_value.s);
    const double most = sqrt(told.m * told.s);
    told.ms = fmin(fmax(told.ms, -most), most);
    return told;
}

/* A number that was rounded: hardly less than a value, if that is much less than s. */
static msc_information of_rounded(double a, double b)
{
    const double m = b - a > 0.1 ? interval_information(a, b).m : 1;
    return (msc_information){m, 0, of_value.s * m};
}

static msc_information added(msc_information x, double times, msc_information y)
{
    return (msc_information){x.m + times * y.m, x.ms + times * y.ms, x.s + times * y.s};
}

/* A low end that was not seen has no such form by m: differences of slopes; by s, that of the high end alone. */
static msc_information unseen_information(const msc_datum *d, msc_family family, place at, double b0, double b1)
{
    const double step = 1e-3 * at.s;
    const term up = range_term(d, family, (place){at.m + step, at.s}), down = range_term(d, family, (place){at.m - step, at.s});
    const double m = (down.by_m - up.by_m) / (2 * step) * at.s * at.s;
    const msc_information all = added(of_rounded(b0, b1), d->n - 1, interval_information(-INFINITY, b1));
    return (msc_information){isfinite(m) ? fmax(m, 0) : 0, 0, all.s};
}

static msc_information range_information(const msc_datum *d, msc_family family, place at)
{
    const double a0 = (on_scale(family, d->low - d->half[0]) - at.m) / at.s, a1 = (on_scale(family, d->low + d->half[0]) - at.m) / at.s;
    const double b0 = (on_scale(family, d->high - d->half[1]) - at.m) / at.s, b1 = (on_scale(family, d->high + d->half[1]) - at.m) / at.s;
    if (msc_likelihood_unseen(d->low, d->half[0])) {
        return unseen_information(d, family, at, b0, b1);
    }
    if (a1 > b0 && b1 > b0) {
        return added((msc_information){0, 0, 0}, d->n, interval_information(a0, b1));
    }
    return added(added(of_rounded(a0, a1), 1, of_rounded(b0, b1)), d->n - 2, interval_information(0.5 * (a0 + a1), 0.5 * (b0 + b1)));
}

msc_information msc_likelihood_information(const msc_datum *d, const msc_error_model *e, double f)
{
    const place at = {on_scale(e->family, f), scale_of(d, e, f)};
    const double z = (on_scale(e->family, d->value) - at.m) / at.s;
    msc_information told = of_value;
    switch (d->kind) {
    case MSC_DATUM_VALUE: break;
    case MSC_DATUM_LEFT: told = interval_information(-INFINITY, z); break;
    case MSC_DATUM_RIGHT: told = interval_information(z, INFINITY); break;
    case MSC_DATUM_RANGE: told = range_information(d, e->family, at); break;
    case MSC_DATUM_INTERVAL:
        told = interval_information((on_scale(e->family, d->low) - at.m) / at.s, (on_scale(e->family, d->high) - at.m) / at.s);
        break;
    }
    return isfinite(told.m) && isfinite(told.ms) && isfinite(told.s) ? told : (msc_information){0, 0, 0};
}

/* ---- values of one subject ---- */

bool msc_subject_add(msc_subject *sums, const msc_datum *d, const msc_error_model *e, double f)
{
    const double s2 = msc_likelihood_variance(d, e, f), off = on_scale(e->family, d->value) - on_scale(e->family, f);
    if (!(s2 > 0) || !isfinite(s2) || !isfinite(off)) {
        return false;
    }
    sums->weight += 1 / s2, sums->pull += off / s2;
    return true;
}

/* With v = subject^2, W and Z the sums of weight and pull: the inverse of the covariance is w_i [i = j] - v w_i w_j / (1 + v W)
 * (Sherman and Morrison), its determinant (1 + v W) / prod w_i; given those before it, a value is normal about
 * v Z / (1 + v W) with the variance v / (1 + v W) + 1 / w. */
msc_likelihood msc_likelihood_in_subject(const msc_datum *d, const msc_error_model *e, double f, const msc_subject *before,
                                         const msc_subject *all)
{
    const double v = e->subject * e->subject, s2 = msc_likelihood_variance(d, e, f);
    const double off = on_scale(e->family, d->value) - on_scale(e->family, f);
    const double b = 1 + v * before->weight, a = 1 + v * all->weight;
    const double u = (off - v * all->pull / a) / s2; /* of the inverse times what is off */
    const term given = density(off, (place){v * before->pull / b, sqrt(s2 + v / b)});
    if (!isfinite(given.log)) {
        return (msc_likelihood){.log = -INFINITY};
    }
    msc_likelihood out = chained(e, f, u, u * u - (1 - v / (s2 * a)) / s2);
    out.log = given.log - (e->family == MSC_FAMILY_LOGNORMAL ? log(d->value) : 0);
    out.by_subject = before->weight > 0 ? 0 : e->subject * (all->pull * all->pull / a - all->weight) / a;
    return out;
}

int msc_likelihood_densities(const msc_datum *d)
{
    const bool first = !(d->half[0] > 0), second = !(d->half[1] > 0); /* exact */
    return d->kind == MSC_DATUM_VALUE ? first : d->kind == MSC_DATUM_RANGE ? first + second : 0;
}

double msc_likelihood_sd(const msc_datum *d, const msc_error_model *e, double f)
{
    return scale_of(d, e, f) * (e->family == MSC_FAMILY_LOGNORMAL ? f : 1);
}

double msc_likelihood_place(const msc_datum *d, const msc_error_model *e, double f, double x)
{
    return (on_scale(e->family, x) - on_scale(e->family, f)) / scale_of(d, e, f);
}

bool msc_likelihood_residual(const msc_datum *d, const msc_error_model *e, double f, double *residual, double *by)
{
    if (d->kind != MSC_DATUM_VALUE) {
        return false;
    }
    const double s = scale_of(d, e, f), m = on_scale(e->family, f), y = on_scale(e->family, d->value);
    *residual = (y - m) / s;
    *by = e->family == MSC_FAMILY_NORMAL ? -1 / s : -1 / (s * f);
    return isfinite(*residual) && isfinite(*by);
}
