/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: what comes and goes smoothly in time is integrated and its peak found, however narrow it is and
 * whatever else there is to hold steps short, by closed forms; what is wide or goes one way makes no stop; a
 * batch has the bits of the scenario by itself; solver.max_step bounds every step. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mscsim/batch.h>

#include "scenario/scenario.h"
#include "support/batch.h"
#include "support/lab.h"
#include "support/suite.h"

static const double SPAN = 240, NEAR = 1e-5; /* areas: each of some hundred steps is good to 1e-6 of what it adds */

/* A course in time, in something that is taken up, in an output, and under an area. */
static const char *model(const char *course, double width)
{
    return lab_format("parameters: { at = { unit = \"h\"; value = 100; }; wide = { unit = \"h\"; value = %.17g; }; };\n"
                      "amounts: { c = { unit = \"cell\"; }; a = { unit = \"mg\"; }; };\n"
                      "variables: { x = { unit = \"1\"; value = \"(time - at) / wide\"; };\n"
                      "  age = { unit = \"1\"; value = \"time / wide\"; }; pulse = { unit = \"1\"; value = \"%s\"; }; };\n"
                      "processes: { die = { from = \"c\"; hazard = \"0.01 1/h\"; };\n"
                      "  take = { to = \"a\"; rate = \"100 mg/h * pulse\"; }; };\n"
                      "routes: { in = { to = \"c\"; }; }; outputs: { a = { }; c = { }; pulse = { }; };\n",
                      width, course);
}

static const char scenario[] =
    "regimen = ( { route = \"in\"; day = 0; dose = \"1e6 cell\"; } );\n"
    "output = { until = \"10 day\"; every = \"1 day\"; endpoints = { most = { max = \"a\"; }; peak = { max = \"pulse\"; };\n"
    "  least = { min = \"pulse\"; }; when = { time_of_max = \"pulse\"; }; area = { auc = \"pulse\"; }; }; };\n";

static double endpoint(const lab *l, const char *name)
{
    double x = 0;
    ck_assert_int_eq(msc_result_endpoint(lab_result(l), name, 0, &x, NULL, NULL, NULL), MSC_OK);
    return x;
}

static double gauss(double w)
{
    return w * sqrt(acos(-1));
}

static const double widths[] = {1e-7, 1e-5, 1e-3, 0.02, 0.3, 0.5, 1, 3, 8, 20, 40};
enum { WIDTHS = sizeof widths / sizeof *widths };

/* At rest and not, early and late. */
START_TEST(a_pulse_narrower_than_a_step)
{
    const double w = widths[_i % WIDTHS];
    static const char *const at[] = {"100", "17.3", "223"}, *const dose[] = {"0 cell", "1e6 cell"};
    for (int k = 0; k < 6; k++) {
        const double t = strtod(at[k / 2], NULL);
        const char *const settings[] = {lab_format("parameters.at=%s", at[k / 2]), lab_format("regimen[0].dose=%s", dose[k % 2]), NULL};
        lab *l = lab_text(model("exp(-(x^2))", w), scenario, settings);
        const double area = gauss(w) / 2 * (erf((SPAN - t) / w) + erf(t / w));
        lab_near(endpoint(l, "area"), area, NEAR, area, "area");
        lab_near(endpoint(l, "most"), 100 * area, NEAR, 100 * area, "most");
        lab_near(endpoint(l, "peak"), 1, 1e-8, 1, "peak");
        lab_near(endpoint(l, "when"), t, 1e-4, w, "when");
        lab_free(l);
    }
}
END_TEST

/* ---- other courses ---- */

static double one(double w)
{
    return gauss(w);
}
static double dip(double w)
{
    return SPAN - gauss(w);
}
static double background(double w)
{
    return 100 * -expm1(-SPAN / 100) + gauss(w);
}
static double lorentz(double w)
{
    return w * (atan((SPAN - 100) / w) + atan(100 / w));
}
static double third(double w)
{
    return 6 * w;
}
static double fraction(double w)
{
    return w * tgamma(4.5);
}
static double hat(double w)
{
    return w;
}
static double sech(double w)
{
    return w * acos(-1);
}
static double top_hat(double w)
{
    return 5 * w / -expm1(-5);
}
static double two(double w)
{
    return 1.01 * gauss(w);
}
static double flat(double w)
{
    return 2 * w * tgamma(1.25);
}
static double late(double w)
{
    return 2 * w;
}

static const struct {
    const char *course;
    double (*area)(double);
    double least; /* width for which nothing overflows */
} courses[] = {{"exp(-(x^2))", one, 0},
               {"1 - exp(-(x^2))", dip, 0},
               {"exp(-time / 100 h) + exp(-(x^2))", background, 0},
               {"1 / (1 + x^2)", lorentz, 0},
               {"age^3 * exp(-age)", third, 0},
               {"age^3.5 * exp(-age)", fraction, 0},
               {"max(0, 1 - abs(x))", hat, 0},
               {"2 / (exp(x) + exp(-x))", sech, 1},
               {"1 / (1 + exp(-x)) / (1 + exp(x - 5))", top_hat, 1},
               {"exp(-(x^2)) + 0.01 * exp(-(((time - 2 * at) / wide)^2))", two, 0},
               {"exp(-(x^4))", flat, 0},
               {"if(time > at, max(x, 0)^2 * exp(-max(x, 0)), 0)", late, 0}};

START_TEST(whatever_comes_and_goes)
{
    static const double w[] = {1e-5, 1e-2, 0.1, 1};
    for (size_t i = 0; i < sizeof w / sizeof *w; i++) {
        if (w[i] < courses[_i].least) {
            continue;
        }
        const char *const settings[] = {"regimen[0].dose=0 cell", NULL};
        lab *l = lab_text(model(courses[_i].course, w[i]), scenario, settings);
        const double area = courses[_i].area(w[i]);
        lab_near(endpoint(l, "area"), area, NEAR, area, lab_format("%s, %g", courses[_i].course, w[i]));
        lab_free(l);
    }
}
END_TEST

/* On and off, each goes one way: as factors of what else there is, and as one. */
START_TEST(factors_that_stand_apart)
{
    static const char *const rate[] = {"200 1/h * c * on * off", "c * 200 1/h * (on * off)"};
    double left[2];
    for (int i = 0; i < 2; i++) {
        lab *l = lab_text(lab_format("amounts: { c = { unit = \"cell\"; initial = \"1e6 cell\"; }; };\n"
                                     "variables: { x = { unit = \"1\"; value = \"(time - 100 h) / 0.001 h\"; };\n"
                                     "  on = { unit = \"1\"; value = \"(1 + x / sqrt(1 + x^2)) / 2\"; };\n"
                                     "  off = { unit = \"1\"; value = \"(1 - (x - 5) / sqrt(1 + (x - 5)^2)) / 2\"; }; };\n"
                                     "processes: { die = { from = \"c\"; rate = \"%s\"; }; }; outputs: { c = { }; };\n", rate[i]),
                          "output = { until = \"10 day\"; every = \"1 day\"; };\n", NULL);
        left[i] = lab_end(l, "c");
        ck_assert_uint_eq(lab_result(l)->prepared.n_pulse, 1);
        lab_free(l);
    }
    lab_near(left[0], left[1], 1e-5, left[1], "what is left");
    lab_near(left[0], 1e6 * exp(-200 * 0.005), 0.1, 1e6, "what is left, about");
}
END_TEST

/* Several, and what there is besides: each is seen by every kernel and method. */
START_TEST(by_every_kernel_and_method)
{
    const char *setting[16];
    int n = 0;
    for (const char *const *kernel = batch_kernels(); *kernel; kernel++) {
        setting[n++] = lab_format("solver.kernel=%s", *kernel);
    }
    setting[n++] = "solver.method=rkf45";
    setting[n++] = "solver.method=msbdf";
    for (int i = 0; i < n; i++) {
        const char *const settings[] = {setting[i], NULL};
        lab *l = lab_text(model("1 + exp(-(x^2)) + exp(-((x - 40)^2)) - 0.5 * exp(-((x + 80)^2))", 0.5), scenario, settings);
        lab_near(endpoint(l, "area"), SPAN + 1.5 * gauss(0.5),
                 strstr(setting[i], "method") ? 1e-4 : 1e-5, SPAN, setting[i]);
        lab_near(endpoint(l, "least"), 0.5, 1e-6, 1, setting[i]);
        lab_near(lab_end(l, "c"), 1e6 * exp(-2.4), 1e-4, 1e6, setting[i]);
        lab_free(l);
    }
}
END_TEST

/* ---- no stop where none is due ---- */

static const char *const slow[] = {"exp(-age)",         "age * exp(1 - age)",  "x^2",    "age^4 / (1 + age^4)",
                                   "1 / (1 + exp(-x))", "exp(-((x / 10)^2))",  "1 + age", "max(x, 0) * exp(1 - max(x, 0))",
                                   "log(1 + age)",      "exp(-age) - exp(-2 * age)"};

START_TEST(slow_courses_make_no_stop)
{
    const char *const settings[] = {"regimen[0].dose=0 cell", NULL};
    lab *l = lab_text(model(slow[_i], 20), scenario, settings);
    ck_assert_uint_eq(lab_result(l)->prepared.n_pulse, 0);
    lab_free(l);
}
END_TEST

START_TEST(shipped_scenarios_have_none)
{
    static const char *const config[] = {"configs/oi_two_dose.cfg", "configs/dog_infarct.cfg", "configs/oi_scaffold.cfg",
                                         "configs/mouse_fracture.cfg"};
    char *path = lab_tree(config[_i]);
    msc_scenario *s = NULL;
    msc_error err;
    ck_assert_msg(msc_scenario_read(path, NULL, 0, &s, &err) == MSC_OK, "%s", err.message);
    msc_arena *arena = msc_arena_new(&err);
    msc_prepared prepared;
    ck_assert_ptr_nonnull(arena);
    if (!MSC_CATCH(arena)) {
        msc_scenario_prepare(s, arena, &prepared);
        ck_assert_uint_gt(s->program->n_smooth, 0);
        ck_assert_uint_eq(prepared.n_pulse, 0);
    }
    msc_arena_free(arena);
    msc_scenario_free(s);
    lab_put_away(path);
}
END_TEST

/* ---- many at once ---- */

typedef struct {
    const double *vector;
    size_t n, n_vary, given;
    double area[8];
    uint64_t steps[8];
} list;

static bool next(void *context, double *value, size_t *id)
{
    list *l = context;
    if (l->given == l->n) {
        return false;
    }
    *id = l->given++;
    memcpy(value, l->vector + *id * l->n_vary, l->n_vary * sizeof *value);
    return true;
}

static void done(void *context, size_t id, const msc_outcome *o)
{
    list *l = context;
    ck_assert_msg(o->status == MSC_OK, "%s", o->message);
    l->area[id] = o->endpoint[0];
    l->steps[id] = o->steps;
}

/* Where the pulse moves, and where only a dose does and the peaks are known. */
START_TEST(a_batch_has_the_bits_of_one)
{
    static const char area[] = "regimen = ( { route = \"in\"; day = 0.5; dose = \"1e6 cell\"; } );\n"
                               "output = { until = \"10 day\"; start = \"0 h\"; every = \"1 day\"; endpoints = { area = { auc = \"a + c / 1e6 cell * 1 mg\"; unit = \"mg.h\"; }; }; };\n";
    static const double vector[] = {100, 0.5, 17, 0.5, 223, 0.5, 60, 0.5, 99.7, 0.5, 100, 0.1, 100, 4, 100, 9};
    static const char *const path[] = {"parameters.at", "regimen[0].day"};
    char *file = lab_put(model("exp(-(x^2))", 0.05), area);
    for (int both = 0; both < 2; both++) { /* both, or the dose alone */
        const msc_vary vary[] = {{.path = path[1 - both]}, {.path = path[1]}};
        const msc_batch_options options = {.vary = vary, .n_vary = both ? 2 : 1};
        double days[8];
        for (int i = 0; i < 8; i++) {
            days[i] = vector[2 * i + 1];
        }
        list l = {.vector = both ? vector : days, .n = 8, .n_vary = options.n_vary};
        msc_batch *batch = NULL;
        msc_worker *worker = NULL;
        msc_error err;
        ck_assert_msg(msc_batch_read(file, &options, &batch, &err) == MSC_OK, "%s", err.message);
        ck_assert_int_eq(msc_worker_new(batch, &worker, &err), MSC_OK);
        ck_assert_int_eq(msc_worker_run(worker, next, done, &l, NULL, &err), MSC_OK);
        for (size_t i = 0; i < 8; i++) {
            const char *const settings[] = {lab_format("regimen[0].day=%.17g", vector[2 * i + 1]),
                                            lab_format("parameters.at=%.17g", both ? vector[2 * i] : 100)};
            msc_scenario *s = NULL;
            msc_result *r = NULL;
            double x;
            ck_assert_int_eq(msc_scenario_read(file, settings, 2, &s, &err), MSC_OK);
            ck_assert_int_eq(msc_scenario_run(s, &r, &err), MSC_OK);
            ck_assert_int_eq(msc_result_endpoint(r, "area", 0, &x, NULL, NULL, NULL), MSC_OK);
            ck_assert_uint_eq(r->prepared.n_pulse, 1);
            lab_near(l.area[i], x, 1e-7, x, "area"); /* a batch's program is cut to what it is asked for */
            ck_assert_double_gt(l.area[i], 100 * gauss(0.05) * 10);
            msc_result_free(r);
            msc_scenario_free(s);
        }
        ck_assert(both || (l.steps[0] == l.steps[1] && l.area[0] == l.area[4]));
        msc_worker_free(worker);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* ---- the longest step ---- */

/* A pulse that no clock shows, for it hangs on the state too. */
START_TEST(max_step_sees_what_nothing_else_does)
{
    static const char *const method[] = {"rosenbrock", "rkf45", "msbdf"};
    const char *const settings[] = {"regimen[0].dose=0 cell", "solver.max_step=10 min", lab_format("solver.method=%s", method[_i]), NULL};
    lab *l = lab_text(model("exp(-(x^2) - c / 1 cell)", 0.5), scenario, settings);
    ck_assert_uint_eq(lab_result(l)->prepared.n_pulse, 0);
    lab_near(endpoint(l, "area"), gauss(0.5), 1e-4, 1, "area");
    ck_assert_uint_ge(msc_result_counts(lab_result(l)).steps, (unsigned long long)(SPAN * 6));
    ck_assert_uint_le(msc_result_counts(lab_result(l)).steps, (unsigned long long)(2.2 * SPAN * 6));
    lab_free(l);
}
END_TEST

START_TEST(max_step_is_a_time)
{
    static const char *const wrong[][2] = {{"0 h", "the longest step is positive"}, {"-1 h", "the longest step is positive"},
                                           {"3 mg", "this is not a time"}};
    const msc_error err = lab_refused(model("1", 1), lab_format("%s solver = { max_step = \"%s\"; };", scenario, wrong[_i][0]));
    ck_assert_msg(strstr(err.message, wrong[_i][1]) != NULL, "%s", err.message);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/pulses");
    TCase *c = tcase_create("pulses");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, a_pulse_narrower_than_a_step, 0, WIDTHS);
    tcase_add_loop_test(c, whatever_comes_and_goes, 0, (int)(sizeof courses / sizeof *courses));
    tcase_add_test(c, factors_that_stand_apart);
    tcase_add_test(c, by_every_kernel_and_method);
    tcase_add_loop_test(c, slow_courses_make_no_stop, 0, (int)(sizeof slow / sizeof *slow));
    tcase_add_loop_test(c, shipped_scenarios_have_none, 0, 4);
    tcase_add_test(c, a_batch_has_the_bits_of_one);
    tcase_add_loop_test(c, max_step_sees_what_nothing_else_does, 0, 3);
    tcase_add_loop_test(c, max_step_is_a_time, 0, 3);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
