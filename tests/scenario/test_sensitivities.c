/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: steps along scales are as long as is said; derivatives of a shipped scenario by ten of its
 * parameters agree with central differences of tight runs, on every kernel; a kink that moves with a
 * parameter does no harm (closed form); what does is recognised. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/scenario.h"
#include "scenario/sensitivity.h"
#include "support/batch.h"
#include "support/lab.h"
#include "support/suite.h"

/* ---- scales ---- */

START_TEST(steps_along_scales)
{
    static const struct {
        msc_sensitivity_axis axis;
        double value, want;
    } good[] = {
        {{.scale = 0}, 3.0, 3e-7},
        {{.scale = 0}, -3.0, 3e-7},
        {{.scale = 0}, 0.0, 1e-7},
        {{.scale = 0, .size = 5e6}, 0.0, 0.5},
        {{.scale = 0, .size = 5e6}, 1.0, 0.5}, /* little of it */
        {{.scale = 0, .size = 5e6}, -1.0, 0.5},
        {{.scale = 0, .size = 5e6}, 1e6, 0.1},
        {{.scale = 0, .size = 1e-9}, 0.0, 1e-16},
        {{.scale = 0, .low = 0.0, .high = 4.0, .size = 1e-9}, 0.0, 1e-16},
        {{.scale = 0, .low = 0.0, .high = 4.0, .size = 9.0}, 0.0, 4e-7},
        {{.scale = 0, .low = 0.0, .high = 4.0}, 0.0, 4e-7},
        {{.scale = 0, .low = 0.0, .high = 4.0}, 4.0, -4e-7}, /* inwards */
        {{.scale = 1}, 1e-9, 1e-7},
        {{.scale = 1}, 5e6, 1e-7},
        {{.scale = 2, .low = 0.0, .high = 1.0}, 0.3, 1e-7},
        {{.scale = 2, .low = 0.0, .high = 1.0}, 0.9, -1e-7},
        {{.scale = 2, .low = -2.0, .high = 10.0}, -1.999, 1e-7},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double to = NAN;
        const double step = msc_sensitivity_step(&good[i].axis, good[i].value, &to),
                     x = good[i].value;
        ck_assert_double_eq_tol(step, good[i].want, 1e-3 * fabs(good[i].want));
        const long double low = good[i].axis.low, high = good[i].axis.high;
        const long double real = good[i].axis.scale == 0 ? (long double)to - x
                                 : good[i].axis.scale == 1
                                     ? logl((long double)to / x)
                                     : logl((to - low) / (high - to) * ((high - x) / (x - low)));
        ck_assert_double_eq_tol(step, (double)real,
                                1e-10 * fabs(step)); /* the two as they are rounded */
    }
}
END_TEST

START_TEST(no_place_on_a_scale)
{
    static const struct {
        msc_sensitivity_axis axis;
        double value;
        const char *message;
    } bad[] = {
        {{.scale = 0}, NAN, NULL},
        {{.scale = 0}, INFINITY, NULL},
        {{.scale = 0, .low = 1.0, .high = 2.0}, 2.5, "2.5 is not a finite number between 1 and 2"},
        {{.scale = 1}, 0.0, "0 has no logarithm to differentiate by"},
        {{.scale = 1}, -1.0, "-1 has no logarithm to differentiate by"},
        {{.scale = 1}, NAN, NULL},
        {{.scale = 2, .low = 0.0, .high = 1.0}, 0.0, "0 is not well between 0 and 1"},
        {{.scale = 2, .low = 0.0, .high = 1.0}, 1.0, "1 is not well between 0 and 1"},
        {{.scale = 2}, 0.5, NULL},
        {{.scale = 2, .low = 1e9, .high = 2e9}, 1e9 + 1e-6, NULL}, /* the digits do not suffice */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double to, value[2] = {1.0, bad[i].value}, step[2];
        const msc_sensitivity_axis axis[2] = {bad[i].axis, bad[i].axis};
        size_t which = 7;
        msc_error err = {0};
        ck_assert(isnan(msc_sensitivity_step(&bad[i].axis, bad[i].value, &to)));
        ck_assert_int_eq(
            msc_sensitivities_lay(1, axis, value + 1, step, NULL, NULL, NULL, &which, &err),
            MSC_E_CONFIG);
        ck_assert_uint_eq(which, 0);
        if (bad[i].message != NULL) {
            ck_assert_str_eq(err.message, bad[i].message);
        }
    }
}
END_TEST

/* ---- scenarios ---- */

typedef struct {
    const char *parameter;
    uint32_t instance;
    int scale;
} by;

enum { LUNG = 0, SITE = 5, REST = 6, TEN = 10 };
static const by ten[TEN] = {{"release_rate", LUNG, 1},  {"apoptosis_arrested", LUNG, 1},
                            {"extravasation", LUNG, 1}, {"lysis_rate", 0, 1},
                            {"adaptation", 0, 1},       {"apoptosis_arrested", REST, 1},
                            {"arrest", LUNG, 2},        {"elution_rate", 0, 1},
                            {"kill_rate", 0, 1},        {"apoptosis_resident", SITE, 1}};

static uint32_t input_of(const msc_scenario *s, const by *which)
{
    for (uint32_t i = 0; i < s->program->n_input; i++) {
        const msc_input *in = &s->program->input[i];
        if (in->kind == MSC_INPUT_PARAMETER && in->instance == which->instance &&
            strcmp(s->model->parameter[in->index].name, which->parameter) == 0) {
            return i;
        }
    }
    ck_abort_msg("there is no parameter '%s'", which->parameter);
}

static double *array(size_t n)
{
    double *memory = calloc(n + 1, sizeof *memory);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

typedef struct {
    const lab *l;
    const uint32_t *input;
    double **reg;
} building;

/* Parameters that change neither what is given nor when. */
static msc_status build(void *context, size_t k, const double *value, msc_engine_variation *v,
                        msc_error *err)
{
    const building *b = context;
    const msc_prepared *base = &lab_result(b->l)->prepared;
    const msc_program *p = lab_scenario(b->l)->program;
    double *input = array(p->n_input);
    (void)err;
    memcpy(input, base->input, p->n_input * sizeof *input);
    input[b->input[k]] = value[k];
    msc_program_prologue(p, input, b->reg[k]);
    *v = (msc_engine_variation){.reg = b->reg[k],
                                .given = base->job.given,
                                .bolus = base->job.bolus,
                                .difference = v->difference};
    free(input);
    return MSC_OK;
}

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    msc_engine_job **one = context;
    *id = 0;
    *job = *one != NULL ? **one : *job;
    return *one != NULL ? (*one = NULL, true) : false;
}

static void done(void *context, size_t id, const msc_engine_job *job,
                 const msc_engine_report *report)
{
    (void)context, (void)id, (void)job;
    ck_assert_int_eq(report->end, MSC_END_FINE);
}

static void run(const msc_program *p, msc_engine_job job, double rtol, const char *kernel)
{
    msc_engine_job *one = &job;
    msc_plan *plan = NULL;
    msc_workspace *w = NULL;
    ck_assert_int_eq(
        msc_plan_new(p, &(msc_engine_options){.rtol = rtol, .kernel = kernel}, &plan, NULL),
        MSC_OK);
    ck_assert_int_eq(msc_workspace_new(plan, &w, NULL), MSC_OK);
    ck_assert_int_eq(msc_engine_run(plan, w, next, done, &one, NULL), MSC_OK);
    msc_workspace_free(w);
    msc_plan_free(plan);
}

/* Of what the lab ran: a job with tolerances of its own. */
static msc_engine_job job_of(const lab *l, double rtol, double *out)
{
    const msc_prepared *base = &lab_result(l)->prepared;
    msc_engine_job job = base->job;
    double *atol = array(lab_scenario(l)->program->n_state);
    for (uint32_t i = 0; i < lab_scenario(l)->program->n_state; i++) {
        atol[i] = 1e-6 * rtol * base->scale[i];
    }
    job.atol = atol, job.out = out;
    job.n_watch = job.n_seek = 0;
    job.warned_at = job.state = NULL;
    return job;
}

static void free_tolerances(const msc_engine_job *job)
{
    free((double *)(uintptr_t)job->atol);
}

/* Derivatives of all rows by n parameters: out[k][time][row], and the values. */
static void derive(const lab *l, size_t n, const by *what, double rtol, const char *kernel,
                   double **out, double *value)
{
    const msc_program *p = lab_scenario(l)->program;
    msc_engine_job job = job_of(l, rtol, value);
    msc_engine_variation variation[TEN];
    msc_sensitivity_axis axis[TEN];
    double at[TEN], before[TEN], step[TEN], *reg[TEN];
    uint32_t input[TEN];
    size_t which;
    for (size_t k = 0; k < n; k++) {
        input[k] = input_of(lab_scenario(l), &what[k]);
        axis[k] = (msc_sensitivity_axis){
            .scale = what[k].scale, .low = 0.0, .high = what[k].scale == 2 ? 1.0 : 0.0};
        before[k] = at[k] = lab_result(l)->prepared.input[input[k]];
        reg[k] = array(p->n_register);
        variation[k].difference = out[k];
    }
    building b = {l, input, reg};
    ck_assert_int_eq(msc_sensitivities_lay(n, axis, at, step, variation, build, &b, &which, NULL),
                     MSC_OK);
    ck_assert_mem_eq(at, before, n * sizeof *at);
    job.n_variation = n, job.variation = variation;
    run(p, job, rtol, kernel);
    for (size_t k = 0; k < n; k++) {
        ck_assert_int_eq(variation[k].end, MSC_END_FINE);
        msc_sensitivity_take(&variation[k], step[k], job.n_time * p->out.n);
        free(reg[k]);
    }
    free_tolerances(&job);
}

/* The same by runs on either side, each with steps of its own. */
static void central(const lab *l, const by *what, double rtol, double *out)
{
    const msc_program *p = lab_scenario(l)->program;
    const double h = 2e-4;
    const uint32_t input = input_of(lab_scenario(l), what);
    const size_t n = lab_result(l)->prepared.job.n_time * p->out.n;
    double *in = array(p->n_input), *reg = array(p->n_register), *side = array(n);
    memcpy(in, lab_result(l)->prepared.input, p->n_input * sizeof *in);
    const double x = in[input];
    for (int sign = -1; sign <= 1; sign += 2) {
        msc_engine_job job = job_of(l, rtol, sign < 0 ? side : out);
        in[input] =
            what->scale == 1 ? x * exp(sign * h) : 1.0 / (1.0 + (1.0 - x) / x * exp(-sign * h));
        msc_program_prologue(p, in, reg);
        job.reg = reg;
        run(p, job, rtol, NULL);
        free_tolerances(&job);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = (out[i] - side[i]) / (2.0 * h);
    }
    free(in);
    free(reg);
    free(side);
}

/* Errors are told as a part of the value, or of a millionth of what is given. */
static double *measures(const lab *l, const double *value)
{
    const msc_program *p = lab_scenario(l)->program;
    const size_t n_time = lab_result(l)->prepared.job.n_time;
    double *measure = array(n_time * p->out.n);
    for (uint32_t q = 0; q < p->n_quantity; q++) {
        double most = 0.0;
        for (size_t i = 0; i < n_time; i++) {
            for (uint32_t e = p->quantity[q].first; e < p->quantity[q].first + p->quantity[q].n;
                 e++) {
                most = fmax(most, fabs(value[i * p->out.n + e]));
            }
        }
        for (size_t i = 0; i < n_time; i++) {
            for (uint32_t e = p->quantity[q].first; e < p->quantity[q].first + p->quantity[q].n;
                 e++) {
                measure[i * p->out.n + e] = fabs(value[i * p->out.n + e]) + 1e-6 * most + 1e-300;
            }
        }
    }
    return measure;
}

/* The reference errs by h^2 / 6 of a third derivative, about 1e-6; the step by half of it times a second
 * one, about as much; the engine by rtol, as it does in the values themselves. */
START_TEST(ten_parameters_against_central_differences)
{
    lab *l = lab_file("configs/reference/oi_two_dose.cfg", NULL);
    const msc_program *p = lab_scenario(l)->program;
    const size_t n = lab_result(l)->prepared.job.n_time * p->out.n;
    double *got[TEN], *want[TEN], *value = array(n);
    ck_assert_ptr_null(msc_program_jumps(p));
    for (int k = 0; k < TEN; k++) {
        got[k] = array(n);
        want[k] = array(n);
        ck_assert_ptr_null(
            msc_program_moves_stop(p, input_of(lab_scenario(l), &ten[k]), lab_scenario(l)->arena));
        central(l, &ten[k], 1e-10, want[k]);
    }
    for (int exponent = 4; exponent <= 8; exponent += 2) {
        const double rtol = pow(10.0, -exponent);
        for (const char *const *kernel = batch_kernels(); *kernel != NULL; kernel++) {
            derive(l, TEN, ten, rtol, *kernel, got, value);
            double *measure = measures(l, value), worst = 0.0, most = 0.0;
            for (int k = 0; k < TEN; k++) {
                for (size_t i = 0; i < n; i++) {
                    worst = fmax(worst, fabs(got[k][i] - want[k][i]) / measure[i]);
                    most = fmax(most, fabs(want[k][i]) / measure[i]);
                    ck_assert(isfinite(got[k][i]));
                }
            }
            printf("rtol %g, %s: largest derivative %.2f, largest error %.2g\n", rtol, *kernel,
                   most, worst);
            ck_assert_double_gt(most, 1.0);
            ck_assert_double_le(worst, 2.0 * rtol + 5e-6);
            free(measure);
        }
    }
    for (int k = 0; k < TEN; k++) {
        free(got[k]);
        free(want[k]);
    }
    free(value);
    lab_free(l);
}
END_TEST

/* ---- events ---- */

static lab *fed(const char *feed, const char *loss)
{
    return lab_text(
        lab_format(
            "parameters: { onset = { unit = \"h\"; value = 2.9; }; late = { unit = \"h\"; value = \"2 * onset\"; };\n"
            "  strength = { unit = \"cell/h\"; value = 2.0; }; few = { unit = \"cell\"; value = 3.0; };\n"
            "  slope = { unit = \"cell/h/h\"; value = 100.0; }; };\n"
            "amounts: { a = { unit = \"cell\"; }; };\n"
            "variables: { flow = { unit = \"cell/h\"; value = \"%s\"; };\n"
            "  loss = { unit = \"1/h\"; value = \"%s\"; }; };\n"
            "processes: { feed = { to = \"a\"; rate = \"flow\"; }; lose = { from = \"a\"; hazard = \"loss\"; }; };\n"
            "routes: { in = { to = \"a\"; }; };\n"
            "outputs: { a = { }; flow = { }; };\n"
            "checks: { enough = { that = \"a < 1e9 cell\"; }; };\n",
            feed, loss),
        "output = { until = \"12 h\"; every = \"0.5 h\"; }; solver = { rtol = 1e-9; };\n", NULL);
}

START_TEST(a_kink_may_move)
{
    lab *l = fed("slope * max(time - onset, 0)", "0.2 1/h");
    const msc_program *p = lab_scenario(l)->program;
    const msc_engine_job *job = &lab_result(l)->prepared.job;
    const by onset = {"onset", 0, 0};
    double *value = array(job->n_time * p->out.n), *got = array(job->n_time * p->out.n);
    ck_assert_uint_eq(p->n_switch, 1);
    ck_assert_uint_eq(job->n_stop, 3);
    derive(l, 1, &onset, 1e-9, NULL, &got, value);
    for (size_t i = 0; i < job->n_time; i++) {
        const double t = job->time[i].t,
                     want = t > 2.9 ? 100.0 * expm1(-0.2 * (t - 2.9)) / 0.2 : 0.0;
        /* the feed's derivative jumps, so the step itself counts: 100 of them, with the step's length */
        lab_near(got[i * p->out.n], want, 1e-6, 500.0, "derivative by the onset");
    }
    free(value);
    free(got);
    lab_free(l);
}
END_TEST

START_TEST(what_cannot_be_varied)
{
    static const struct {
        const char *feed, *loss;
        bool onset, jumps; /* onset moves a stop; a rate may jump */
    } of[] = {
        {"slope * max(time - onset, 0)", "0.2 1/h", false, false},
        {"slope * abs(time - late)", "0.2 1/h", false, false},
        {"slope * min(time, onset)", "0.2 1/h", false, false},
        {"strength * exp(-time / onset)", "0.2 1/h", false, false},
        {"if(time > onset, strength, 0)", "0.2 1/h", true, false},
        {"strength", "if(time < late and time > 1 h, 0.1 1/h, 0.2 1/h)", true, false},
        {"strength * max(time - onset, 0) / onset", "if(time > 3 h, 0.1 1/h, 0.2 1/h)", false,
         false},
        {"if(slope * time > strength, strength, 0)", "0.2 1/h", false, false},
        {"strength", "if(a > few, 0.2 1/h, 0.1 1/h)", false, true},
        {"strength * min(a / few, 1)", "0.2 1/h", false, false},
        {"if(time > onset and a > few, strength, 0)", "0.2 1/h", true, true},
    };
    const by onset = {"onset", 0, 0}, strength = {"strength", 0, 0};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        lab *l = fed(of[i].feed, of[i].loss);
        const msc_scenario *s = lab_scenario(l);
        bool has = false;
        for (uint32_t k = 0; k < s->program->n_input; k++) {
            has = has || strcmp(s->model->parameter[s->program->input[k].index].name, "onset") == 0;
        }
        const char *stop =
            has ? msc_program_moves_stop(s->program, input_of(s, &onset), s->arena) : NULL;
        ck_assert_msg((stop != NULL) == of[i].onset, "%s, %s", of[i].feed, of[i].loss);
        ck_assert(stop == NULL || strcmp(stop, "a condition on time") == 0);
        ck_assert_msg((msc_program_jumps(s->program) != NULL) == of[i].jumps, "%s, %s", of[i].feed,
                      of[i].loss);
        if (i == 7) {
            ck_assert_ptr_nonnull(
                msc_program_moves_stop(s->program, input_of(s, &strength), s->arena));
        }
        lab_free(l);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenario/sensitivities");
    TCase *tc = tcase_create("sensitivities");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, steps_along_scales);
    tcase_add_test(tc, no_place_on_a_scale);
    tcase_add_test(tc, ten_parameters_against_central_differences);
    tcase_add_test(tc, a_kink_may_move);
    tcase_add_test(tc, what_cannot_be_varied);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
