/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Optimisation against the certified values of NIST's Statistical Reference Datasets (tests/data/nist), against minima
 * that are known, and where there is nothing to be found. */
#include "fit/optimise.h"

#include <complex.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"

/* ---- NIST's problems ---- */

enum { B = 8, N = 256 };
typedef double complex number;

/* Models are written over the complex numbers: a step of 1e-30 i gives derivatives to the last bit. */
static number saturation(const number *b, double x)
{
    return b[0] * (1 - cexp(-b[1] * x));
}

static number chwirut(const number *b, double x)
{
    return cexp(-b[0] * x) / (b[1] + b[2] * x);
}

static number lanczos(const number *b, double x)
{
    return b[0] * cexp(-b[1] * x) + b[2] * cexp(-b[3] * x) + b[4] * cexp(-b[5] * x);
}

static number square(number x)
{
    return x * x;
}

static number gauss(const number *b, double x)
{
    return b[0] * cexp(-b[1] * x) + b[2] * cexp(-square((x - b[3]) / b[4])) + b[5] * cexp(-square((x - b[6]) / b[7]));
}

static number power(const number *b, double x)
{
    return b[0] * cpow(x, b[1]);
}

static number quadratics(const number *b, double x)
{
    return (b[0] + x * (b[1] + x * b[2])) / (1 + x * (b[3] + x * b[4]));
}

static number cubics(const number *b, double x)
{
    return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1 + x * (b[4] + x * (b[5] + x * b[6])));
}

static number kowalik(const number *b, double x)
{
    return b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]);
}

static number osborne(const number *b, double x)
{
    return b[0] + b[1] * cexp(-x * b[3]) + b[2] * cexp(-x * b[4]);
}

static number logistic(const number *b, double x)
{
    return b[0] / (1 + cexp(b[1] - b[2] * x));
}

static number richards(const number *b, double x)
{
    return b[0] / cpow(1 + cexp(b[1] - b[2] * x), 1 / b[3]);
}

static number peak(const number *b, double x)
{
    return b[0] / b[1] * cexp(-0.5 * square((x - b[2]) / b[1]));
}

static number bennett(const number *b, double x)
{
    return creal(b[1]) + x > 0 ? b[0] * cpow(b[1] + x, -1 / b[2]) : (number)NAN;
}

typedef struct {
    number (*model)(const number *b, double x);
    size_t n, n_b;
    double x[N], y[N];
    double start[2][B], certified[B], deviation[B], sum;
} problem;

static void read_problem(const char *name, problem *p)
{
    char path[256], line[512];
    snprintf(path, sizeof path, "%s/tests/data/nist/%s.csv", getenv("TOP") ? getenv("TOP") : ".", name);
    FILE *stream = fopen(path, "r");
    ck_assert_msg(stream, "%s cannot be opened", path);
    while (fgets(line, sizeof line, stream)) {
        if (line[0] == '#') {
            continue;
        }
        ck_assert(p->n < N && p->n_b < B + 1);
        const size_t k = p->n_b, i = p->n;
        if (sscanf(line, "b,%lf,%lf,%lf,%lf", &p->start[0][k], &p->start[1][k], &p->certified[k], &p->deviation[k]) == 4) {
            p->n_b++;
        } else if (sscanf(line, "xy,%lf,%lf", &p->x[i], &p->y[i]) == 2) {
            p->n++;
        } else {
            ck_assert_msg(sscanf(line, "sum,%lf", &p->sum) == 1, "%s: %s", path, line);
        }
    }
    fclose(stream);
    ck_assert(p->n > p->n_b && p->n_b > 1 && p->sum > 0);
}

static bool squares(void *context, const double *x, double *residual, double *jacobian)
{
    const problem *p = context;
    number b[B];
    for (size_t k = 0; k < p->n_b; k++) {
        b[k] = x[k];
    }
    for (size_t i = 0; i < p->n; i++) {
        residual[i] = p->y[i] - creal(p->model(b, p->x[i]));
        for (size_t k = 0; k < p->n_b; k++) {
            const number here = b[k];
            b[k] = here + 1e-30 * I;
            jacobian[i * p->n_b + k] = -cimag(p->model(b, p->x[i])) / 1e-30;
            b[k] = here;
        }
    }
    return true; /* what is not finite is for the optimiser to see */
}

static double digits(double got, double want)
{
    const double error = fabs(got - want) / fabs(want);
    return error > 1e-11 ? -log10(error) : 11;
}

/* The fewest digits that the standard errors at x have in common with the certified ones. */
static double digits_of_errors(problem *p, const double *x)
{
    double residual[N], jacobian[N * B], sum = 0, least = 11;
    squares(p, x, residual, jacobian);
    for (size_t i = 0; i < p->n; i++) {
        sum += residual[i] * residual[i];
    }
    gsl_matrix_view j = gsl_matrix_view_array(jacobian, p->n, p->n_b);
    gsl_matrix *covariance = gsl_matrix_alloc(p->n_b, p->n_b);
    ck_assert_int_eq(gsl_multifit_nlinear_covar(&j.matrix, 0, covariance), GSL_SUCCESS);
    for (size_t k = 0; k < p->n_b; k++) {
        const double variance = gsl_matrix_get(covariance, k, k) * sum / (double)(p->n - p->n_b);
        least = fmin(least, digits(sqrt(variance), p->deviation[k]));
    }
    gsl_matrix_free(covariance);
    return least;
}

static const struct {
    const char *name;
    number (*model)(const number *b, double x);
} nist[] = {
    {"misra1a", saturation}, {"chwirut2", chwirut}, {"lanczos3", lanczos}, {"gauss1", gauss},   {"danwood", power},
    {"kirby2", quadratics},  {"hahn1", cubics},     {"mgh09", kowalik},    {"mgh17", osborne},  {"thurber", cubics},
    {"boxbod", saturation},  {"rat42", logistic},   {"rat43", richards},   {"eckerle4", peak}, {"bennett5", bennett},
};
enum { N_NIST = sizeof nist / sizeof *nist };

static msc_optimum optimise(const msc_objective *o, size_t most, double *x)
{
    msc_arena *arena = msc_arena_new(NULL);
    ck_assert(arena && MSC_CATCH(arena) == 0);
    const msc_optimum r = msc_optimise(arena, o, &(msc_optimise_options){.most = most}, x);
    msc_arena_free(arena);
    return r;
}

static msc_optimum solve(problem *p, const char *name, int start, size_t most, double *x)
{
    read_problem(name, p);
    const msc_objective o = {.n = p->n_b, .n_residual = p->n, .squares = squares, .context = p};
    memcpy(x, p->start[start], p->n_b * sizeof *x);
    return optimise(&o, most, x);
}

/* Six digits and more of what is certified: parameters, their standard errors, and the sum of squares. */
static void check_certified(const char *name, int start, problem *p, msc_optimum r, const double *x)
{
    ck_assert_msg(r.end == MSC_OPTIMUM_FOUND, "%s, start %d: %s", name, start + 1, msc_optimum_text(r.end));
    for (size_t k = 0; k < p->n_b; k++) {
        ck_assert_msg(digits(x[k], p->certified[k]) >= 6, "%s, start %d: b%zu = %.11g, not %.11g", name, start + 1, k + 1,
                      x[k], p->certified[k]);
    }
    ck_assert_msg(digits(-2 * r.log, p->sum) >= 10, "%s, start %d: sum %.11g, not %.11g", name, start + 1, -2 * r.log,
                  p->sum);
    ck_assert_msg(digits_of_errors(p, x) >= 6, "%s, start %d: standard errors", name, start + 1);
}

/* From both starts of every problem, within 500 evaluations, but for the two below. */
START_TEST(test_nist)
{
    const char *name = nist[_i / 2].name;
    const int start = _i % 2;
    if (start == 0 && (strcmp(name, "mgh17") == 0 || strcmp(name, "boxbod") == 0)) {
        return;
    }
    problem p = {.model = nist[_i / 2].model};
    double x[B];
    const msc_optimum r = solve(&p, name, start, 0, x);
    check_certified(name, start, &p, r, x);
}
END_TEST

/* Far off, in a valley where two exponentials nearly cancel: slopes are small there along each coordinate, but it is no
 * optimum, and with patience the way leads out. */
START_TEST(test_nist_valley)
{
    problem p = {.model = osborne};
    double x[B];
    msc_optimum r = solve(&p, "mgh17", 0, 0, x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_EXHAUSTED);
    ck_assert_uint_eq(r.evaluations, 500);
    problem again = {.model = osborne};
    r = solve(&again, "mgh17", 0, 2000, x);
    check_certified("mgh17", 0, &again, r, x);
}
END_TEST

/* From here the first step leads to a plateau, exp(-100 x) = 0, where only one datum still has a slope, of 1e-48: nothing
 * to be had from one start, and it is said. */
START_TEST(test_nist_plateau)
{
    problem p = {.model = saturation};
    double x[B];
    const msc_optimum r = solve(&p, "boxbod", 0, 0, x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_FLAT);
    ck_assert(x[1] > 100 && -2 * r.log > 5 * p.sum);
}
END_TEST

/* ---- minima that are known ---- */

typedef struct {
    number (*f)(const number *x);
    size_t n, calls, stop_at;
    volatile int stop;
    bool (*nothing_at)(const double *x);
    double bias; /* of the first slope */
} function;

static number rosenbrock(const number *x)
{
    return 100 * square(x[1] - square(x[0])) + square(1 - x[0]);
}

static number beale(const number *x)
{
    return square(1.5 - x[0] * (1 - x[1])) + square(2.25 - x[0] * (1 - square(x[1]))) +
           square(2.625 - x[0] * (1 - x[1] * square(x[1])));
}

static number powell(const number *x)
{
    return square(x[0] + 10 * x[1]) + 5 * square(x[2] - x[3]) + square(square(x[1] - 2 * x[2])) +
           10 * square(square(x[0] - x[3]));
}

static number logarithm(const number *x) /* least at exp(-3); nothing at and below 0 */
{
    return square(clog(x[0]) + 3);
}

static number narrow(const number *x)
{
    return 5e3 * square(x[0] - 0.3);
}

static number plane(const number *x)
{
    return x[0] + 2 * x[1];
}

static number constant(const number *x)
{
    return 0 * x[0] + 5;
}

static bool not_positive(const double *x)
{
    return x[0] <= 0;
}

static bool everywhere(const double *x)
{
    (void)x;
    return true;
}

static bool density(void *context, const double *x, double *log, double *slope)
{
    function *f = context;
    number z[4];
    f->stop = ++f->calls == f->stop_at || f->stop;
    for (size_t i = 0; i < f->n; i++) {
        z[i] = x[i];
    }
    *log = -creal(f->f(z));
    for (size_t i = 0; i < f->n; i++) {
        const number here = z[i];
        z[i] = here + 1e-30 * I;
        slope[i] = -cimag(f->f(z)) / 1e-30;
        z[i] = here;
    }
    slope[0] += f->bias;
    return !(f->nothing_at && f->nothing_at(x));
}

static msc_optimum rise(function *f, size_t most, double *x)
{
    const msc_objective o = {.n = f->n, .density = density, .context = f, .stop = &f->stop};
    const msc_optimum r = optimise(&o, most, x);
    ck_assert_uint_eq(r.evaluations, f->calls);
    return r;
}

/* The end takes the log to be within 1e-5 of its height; NLopt goes on much further than that. */
START_TEST(test_density)
{
    const struct {
        number (*f)(const number *x);
        size_t n;
        double start[4], at[4];
        double tolerance; /* of x; Powell's function is as flat as x^4 */
    } cases[] = {{rosenbrock, 2, {-1.2, 1}, {1, 1}, 1e-4},
                 {beale, 2, {1, 1}, {3, 0.5}, 1e-4},
                 {powell, 4, {3, -1, 0, 1}, {0, 0, 0, 0}, 0.05}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        function f = {.f = cases[i].f, .n = cases[i].n};
        double x[4];
        memcpy(x, cases[i].start, sizeof x);
        const msc_optimum r = rise(&f, 0, x);
        ck_assert_msg(r.end == MSC_OPTIMUM_FOUND, "%zu: %s", i, msc_optimum_text(r.end));
        ck_assert_msg(r.log <= 0 && r.log > -1e-7, "%zu: log %g", i, r.log);
        for (size_t k = 0; k < f.n; k++) {
            ck_assert_msg(fabs(x[k] - cases[i].at[k]) < cases[i].tolerance, "%zu: x%zu = %.9g", i, k, x[k]);
        }
        ck_assert_uint_eq(r.refused, 0);
    }
}
END_TEST

/* Slopes have errors of their own: one of 0.01, where the optimum is 0.01 wide, stands for a rise of 5e-9. */
START_TEST(test_slopes_with_errors)
{
    for (double bias = -0.01; bias <= 0.01; bias += 0.005) {
        function f = {.f = narrow, .n = 1, .bias = bias};
        double x = 1;
        const msc_optimum r = rise(&f, 0, &x);
        ck_assert_msg(r.end == MSC_OPTIMUM_FOUND, "%s at %.9g, slope %g", msc_optimum_text(r.end), x, r.slope);
        ck_assert_double_eq_tol(x, 0.3, 1e-4);
    }
}
END_TEST

static bool powell_squares(void *context, const double *x, double *residual, double *jacobian)
{
    (void)context;
    const double a = x[1] - 2 * x[2], b = x[0] - x[3];
    const double r[4] = {x[0] + 10 * x[1], sqrt(5) * (x[2] - x[3]), a * a, sqrt(10) * b * b};
    const double j[16] = {1, 10, 0, 0, 0, 0, sqrt(5), -sqrt(5), 0, 2 * a, -4 * a, 0, 2 * sqrt(10) * b, 0, 0, -2 * sqrt(10) * b};
    memcpy(residual, r, sizeof r);
    memcpy(jacobian, j, sizeof j);
    return true;
}

/* Singular where it is least, and nothing is left of the residuals. */
START_TEST(test_singular_squares)
{
    const msc_objective o = {.n = 4, .n_residual = 4, .squares = powell_squares};
    double x[4] = {3, -1, 0, 1};
    const msc_optimum r = optimise(&o, 0, x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_FOUND);
    ck_assert(r.log <= 0 && r.log > -1e-20);
}
END_TEST

/* ---- where there is nothing ---- */

typedef struct {
    size_t calls, stop_at;
    volatile int stop;
    enum { REFUSES, NAN_RESIDUAL, INFINITE_SLOPE, NEVER } how;
} logarithms;

/* log x = -3, seen twice; nothing at and below 0 */
static bool logarithm_squares(void *context, const double *x, double *residual, double *jacobian)
{
    logarithms *l = context;
    l->stop = ++l->calls == l->stop_at || l->stop;
    const bool out = x[0] <= 0 || l->how == NEVER;
    residual[0] = out && l->how == NAN_RESIDUAL ? NAN : out ? 0 : log(x[0]) + 3;
    residual[1] = out ? 0 : 2 * (log(x[0]) + 3) + 1;
    jacobian[0] = out && l->how == INFINITE_SLOPE ? INFINITY : 1 / x[0];
    jacobian[1] = 2 / x[0];
    return !(out && (l->how == REFUSES || l->how == NEVER));
}

static msc_optimum fall(logarithms *l, size_t most, double *x)
{
    const msc_objective o = {.n = 1, .n_residual = 2, .squares = logarithm_squares, .context = l, .stop = &l->stop};
    const msc_optimum r = optimise(&o, most, x);
    ck_assert_uint_eq(r.evaluations, l->calls);
    return r;
}

/* The first steps, from 10, lead below 0. A value of 0 there must not be believed. */
START_TEST(test_refused_points)
{
    for (int how = REFUSES; how <= INFINITE_SLOPE; how++) {
        logarithms l = {.how = how};
        double x = 10;
        const msc_optimum r = fall(&l, 0, &x);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_FOUND);
        ck_assert(r.refused > 0 && r.refused < r.evaluations);
        /* d/du ((u + 3)^2 + (2 u + 7)^2) = 0 at u = log x = -3.4, where it is 0.2 */
        ck_assert_double_eq_tol(log(x), -3.4, 1e-7);
        ck_assert_double_eq_tol(r.log, -0.1, 1e-12);
    }
    function f = {.f = logarithm, .n = 1, .nothing_at = not_positive};
    double x = 10;
    const msc_optimum r = rise(&f, 0, &x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_FOUND);
    ck_assert(r.refused > 0);
    ck_assert_double_eq_tol(log(x), -3, 1e-4);
}
END_TEST

START_TEST(test_nothing_at_the_start)
{
    logarithms l = {.how = NEVER};
    double x = 10;
    msc_optimum r = fall(&l, 0, &x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_NOWHERE);
    ck_assert(r.log == -INFINITY && x == 10 && r.refused == 1 && r.evaluations == 1);
    l = (logarithms){.how = REFUSES};
    x = NAN;
    r = fall(&l, 0, &x);
    ck_assert(r.end == MSC_OPTIMUM_NOWHERE && isnan(x) && r.log == -INFINITY);
    function f = {.f = rosenbrock, .n = 2, .nothing_at = everywhere};
    double at[2] = {-1.2, 1};
    r = rise(&f, 0, at);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_NOWHERE);
    ck_assert(r.log == -INFINITY && at[0] == -1.2 && at[1] == 1 && r.refused == r.evaluations);
    ck_assert_uint_le(r.evaluations, 500);
}
END_TEST

/* ---- ends before the end ---- */

START_TEST(test_budget)
{
    for (size_t most = 1; most < 8; most++) {
        logarithms l = {.how = REFUSES};
        double x = 10;
        msc_optimum r = fall(&l, most, &x);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_EXHAUSTED);
        ck_assert_uint_eq(r.evaluations, most);
        ck_assert_double_eq_tol(r.log, -0.5 * (pow(log(x) + 3, 2) + pow(2 * (log(x) + 3) + 1, 2)), 1e-12);
        function f = {.f = rosenbrock, .n = 2};
        double at[2] = {-1.2, 1};
        r = rise(&f, most, at);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_EXHAUSTED);
        ck_assert_uint_eq(r.evaluations, most);
        ck_assert(r.log == -(100 * pow(at[1] - at[0] * at[0], 2) + pow(1 - at[0], 2)) && r.log >= -24.2 - 1e-12);
    }
}
END_TEST

/* The flag goes up within an evaluation: that is the last, and the best so far is given back. */
START_TEST(test_stop)
{
    for (size_t at = 1; at < 6; at++) {
        logarithms l = {.how = REFUSES, .stop_at = at};
        double x = 10;
        msc_optimum r = fall(&l, 0, &x);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_STOPPED);
        ck_assert(r.evaluations == at && x > 0 && x <= 10);
        function f = {.f = rosenbrock, .n = 2, .stop_at = at};
        double y[2] = {-1.2, 1};
        r = rise(&f, 0, y);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_STOPPED);
        ck_assert_uint_eq(r.evaluations, at);
        ck_assert(r.log >= -24.2 - 1e-12);
    }
    logarithms l = {.stop = 1};
    double x = 10;
    ck_assert_int_eq(fall(&l, 0, &x).end, MSC_OPTIMUM_STOPPED);
    function f = {.f = rosenbrock, .n = 2, .stop = 1};
    double y[2] = {-1.2, 1};
    ck_assert_int_eq(rise(&f, 0, y).end, MSC_OPTIMUM_STOPPED);
    ck_assert(x == 10 && y[0] == -1.2 && l.calls == 0 && f.calls == 0);
}
END_TEST

/* ---- flat directions ---- */

/* data 1, 2, 4: their mean is a + b; c has no part in it */
static bool mean_squares(void *context, const double *x, double *residual, double *jacobian)
{
    const double data[3] = {1, 2, 4};
    (void)context;
    for (int i = 0; i < 3; i++) {
        residual[i] = data[i] - x[0] - x[1];
        jacobian[3 * i] = jacobian[3 * i + 1] = -1, jacobian[3 * i + 2] = 0;
    }
    return true;
}

/* log 2 and its like: the model has the data but for the last bits */
static bool exact_squares(void *context, const double *x, double *residual, double *jacobian)
{
    (void)context;
    for (int i = 0; i < 5; i++) {
        residual[i] = pow(0.7, i) - exp(-x[0] * i);
        jacobian[i] = i * exp(-x[0] * i);
    }
    return true;
}

START_TEST(test_flat_directions)
{
    const msc_objective o = {.n = 3, .n_residual = 3, .squares = mean_squares};
    double x[3] = {5, -9, 7};
    msc_optimum r = optimise(&o, 0, x);
    ck_assert_int_eq(r.end, MSC_OPTIMUM_FOUND);
    ck_assert_double_eq_tol(x[0] + x[1], 7.0 / 3, 1e-9);
    ck_assert_double_eq_tol(-2 * r.log, 14.0 / 3, 1e-12);
    ck_assert(x[2] == 7);

    function flat = {.f = constant, .n = 1};
    double y[2] = {3, 1};
    r = rise(&flat, 0, y);
    ck_assert(r.end == MSC_OPTIMUM_FOUND && r.log == -5 && y[0] == 3 && r.slope == 0);
    function endless = {.f = plane, .n = 2};
    r = rise(&endless, 0, y);
    ck_assert_msg(r.end == MSC_OPTIMUM_EXHAUSTED || r.end == MSC_OPTIMUM_FLAT, "%s at %g", msc_optimum_text(r.end), r.log);

    /* nothing left but rounding, from afar, and from the place itself */
    const msc_objective exact = {.n = 1, .n_residual = 5, .squares = exact_squares};
    for (double start = -log(0.7); start < 5; start += 2) {
        double rate = start;
        r = optimise(&exact, 0, &rate);
        ck_assert_int_eq(r.end, MSC_OPTIMUM_FOUND);
        ck_assert_double_eq_tol(rate, -log(0.7), 1e-12);
        ck_assert(r.log < 0); /* or else this shows nothing */
    }
}
END_TEST

/* ---- what cannot be meant ---- */

static void check_refused(const msc_objective *o, const char *words)
{
    msc_arena *arena = msc_arena_new(NULL);
    double x[3] = {0};
    if (MSC_CATCH(arena) == 0) {
        (void)msc_optimise(arena, o, NULL, x);
        ck_abort_msg("accepted: %s", words);
    }
    ck_assert_str_eq(arena->error.message, words);
    ck_assert_int_eq(arena->error.status, MSC_E_USAGE);
    msc_arena_free(arena);
}

START_TEST(test_refusals)
{
    check_refused(&(msc_objective){.n = 3, .n_residual = 2, .squares = mean_squares},
                  "2 residuals cannot tell 3 parameters");
    check_refused(&(msc_objective){.n = 0, .n_residual = 2, .squares = mean_squares}, "there is no parameter to optimise");
}
END_TEST

START_TEST(test_texts)
{
    const char *const want[] = {"found", "no progress", "not converged", "cannot start", "stopped"};
    for (int i = MSC_OPTIMUM_FOUND; i <= MSC_OPTIMUM_STOPPED; i++) {
        ck_assert_str_eq(msc_optimum_text((msc_optimum_end)i), want[i]);
    }
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("optimise");
    TCase *tests = tcase_create("optimise");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_nist, 0, 2 * N_NIST);
    tcase_add_test(tests, test_nist_valley);
    tcase_add_test(tests, test_nist_plateau);
    tcase_add_test(tests, test_density);
    tcase_add_test(tests, test_slopes_with_errors);
    tcase_add_test(tests, test_singular_squares);
    tcase_add_test(tests, test_refused_points);
    tcase_add_test(tests, test_nothing_at_the_start);
    tcase_add_test(tests, test_budget);
    tcase_add_test(tests, test_stop);
    tcase_add_test(tests, test_flat_directions);
    tcase_add_test(tests, test_refusals);
    tcase_add_test(tests, test_texts);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
