/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forward sensitivities by ten parameters, the engine's variations against CVODES:
 * sensitivity_bench scenario.cfg [draws [repetitions]].
 *
 * S = dy/d(scale), the scale logarithmic, of a probability logit; for all states at all output times.
 * Errors: of a draw the largest |error of S| / (|y| + 1e-6 scale of the state), against central
 * differences of fourth order by runs of the engine at rtol 1e-11; its median over draws, and the time
 * of a draw, are interpolated (log-log) to the same error.
 *
 * CVODES: staggered, KLU, the same rows as compiled C (generate.c), f and its analytic Jacobian
 * evaluated once for all ten, df/dp by differences, sensitivities under error control with the
 * states' tolerances, memory kept between draws, restarted at each stop. */
#include <cvodes/cvodes.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunmatrix/sunmatrix_sparse.h>

#include "scenario/sensitivity.h"
#include "standard.h"

void bench_rate(const double *c, const double *g, const double *y, double *f);
void bench_jacobian(const double *c, const double *g, const double *y, double *value);
extern const int bench_n, bench_entries;
extern const long bench_column[], bench_row[];

enum { TEN = 10 };
static const struct {
    const char *parameter;
    uint32_t instance;
    int scale;
} by[TEN] = {{"release_rate", 0, 1},  {"apoptosis_arrested", 0, 1},
             {"extravasation", 0, 1}, {"lysis_rate", 0, 1},
             {"adaptation", 0, 1},    {"apoptosis_arrested", 6, 1},
             {"arrest", 0, 2},        {"elution_rate", 0, 1},
             {"kill_rate", 0, 1},     {"apoptosis_resident", 5, 1}};

/* ---- draws and their variations ---- */

typedef struct {
    double *input, *reg, *coef;
    double at[TEN], step[TEN];
    double *reg_of[TEN], *coef_of[TEN]; /* with the k-th value one step on */
} place;

typedef struct {
    standard s;
    msc_program *states; /* the program with states as outputs */
    size_t n, n_value;   /* draws; values of a draw: times, states */
    uint32_t input[TEN];
    place *draw;
    double **y, **sens[TEN]; /* [draw] references */
} problem;

static double *array(size_t n)
{
    double *memory = calloc(n + 1, sizeof *memory);
    if (memory == NULL) {
        standard_die("memory", "there is too little");
    }
    return memory;
}

static double uniform(uint64_t *state) /* SplitMix64 */
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static uint32_t find_input(const msc_scenario *s, int k)
{
    for (uint32_t i = 0; i < s->program->n_input; i++) {
        const msc_input *in = &s->program->input[i];
        if (in->kind == MSC_INPUT_PARAMETER && in->instance == by[k].instance &&
            strcmp(s->model->parameter[in->index].name, by[k].parameter) == 0) {
            return i;
        }
    }
    standard_die(by[k].parameter, "is no parameter");
}

static msc_sensitivity_axis axis_of(int k)
{
    return (msc_sensitivity_axis){
        .scale = by[k].scale, .low = 0.0, .high = by[k].scale == 2 ? 1.0 : 0.0};
}

static void coefficients(const msc_program *p, const double *input, double **reg, double **coef)
{
    *reg = array(p->n_register);
    *coef = array(p->n_coef);
    msc_program_prologue(p, input, *reg);
    for (uint32_t i = 0; i < p->n_coef; i++) {
        (*coef)[i] = (*reg)[p->coef[i]];
    }
}

static place place_new(const problem *b, size_t i)
{
    const msc_program *p = b->s.scenario->program;
    place d = {.input = array(p->n_input)};
    uint64_t seed = 500 + i;
    memcpy(d.input, b->s.base.input, p->n_input * sizeof *d.input);
    for (uint32_t k = 0; i > 0 && k < p->n_input; k++) {
        const msc_input *in = &p->input[k];
        if (in->kind == MSC_INPUT_PARAMETER &&
            strcmp(b->s.scenario->model->parameter[in->index].unit, "1/h") == 0) {
            const double r = sqrt(-2.0 * log(uniform(&seed)));
            d.input[k] *= exp(0.3 * r * cos(6.283185307179586 * uniform(&seed)));
        }
    }
    coefficients(p, d.input, &d.reg, &d.coef);
    for (int k = 0; k < TEN; k++) {
        const msc_sensitivity_axis axis = axis_of(k);
        double *value = &d.input[b->input[k]];
        d.at[k] = *value;
        d.step[k] = msc_sensitivity_step(&axis, d.at[k], value);
        coefficients(p, d.input, &d.reg_of[k], &d.coef_of[k]);
        *value = d.at[k];
    }
    return d;
}

/* ---- the engine ---- */

typedef struct {
    problem *b;
    const msc_program *p;
    size_t begun;
    double rtol, *atol, **y, **sens[TEN];
    msc_engine_variation *variation; /* [draw][TEN] */
} batch;

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    batch *t = context;
    if (t->begun == t->b->n) {
        return false;
    }
    const size_t i = *id = t->begun++;
    *job = standard_job(&t->b->s, 0, t->rtol, t->atol, t->y[i]);
    job->reg = t->b->draw[i].reg;
    job->n_variation = TEN;
    job->variation = &t->variation[i * TEN];
    for (int k = 0; k < TEN; k++) {
        job->variation[k] = (msc_engine_variation){.reg = t->b->draw[i].reg_of[k],
                                                   .given = job->given,
                                                   .bolus = job->bolus,
                                                   .difference = t->sens[k][i]};
    }
    return true;
}

static void done(void *context, size_t id, const msc_engine_job *job,
                 const msc_engine_report *report)
{
    batch *t = context;
    if (report->end != MSC_END_FINE) {
        standard_die("a draw", msc_engine_end_text(report->end));
    }
    for (size_t k = 0; k < job->n_variation; k++) {
        msc_sensitivity_take(&job->variation[k], t->b->draw[id].step[k], job->n_time * t->p->out.n);
    }
}

typedef struct {
    msc_plan *plan;
    msc_workspace *work;
} engine;

static engine engine_new(const msc_program *p, double rtol)
{
    engine e;
    msc_error err = {0};
    const msc_engine_options options = {.rtol = rtol, .kernel = getenv("MSC_KERNEL")};
    if (msc_plan_new(p, &options, &e.plan, &err) != MSC_OK ||
        msc_workspace_new(e.plan, &e.work, &err) != MSC_OK) {
        standard_die("plan", err.message);
    }
    return e;
}

static void engine_free(engine *e)
{
    msc_workspace_free(e->work);
    msc_plan_free(e->plan);
}

/* All draws once; seconds a draw. */
static double run_engine(problem *b, const msc_program *p, double rtol, double **y,
                         double **const *sens)
{
    engine e = engine_new(p, rtol);
    batch t = {.b = b, .p = p, .rtol = rtol, .atol = array(p->n_state), .y = y};
    t.variation = calloc(b->n * TEN, sizeof *t.variation);
    memcpy(t.sens, sens, sizeof t.sens);
    msc_error err = {0};
    const double start = standard_cpu();
    if (msc_engine_run(e.plan, e.work, next, done, &t, &err) != MSC_OK) {
        standard_die("run", err.message);
    }
    const double used = standard_cpu() - start;
    free(t.atol);
    free(t.variation);
    engine_free(&e);
    return used / (double)b->n;
}

/* ---- the reference ---- */

/* The draw, its k-th value `by` further along the scale. */
typedef struct {
    size_t draw;
    int k;
    double by;
    double *reg, *out;
} tight;

typedef struct {
    problem *b;
    tight *run;
    size_t n, begun;
    double *atol;
} tights;

static bool next_tight(void *context, msc_engine_job *job, size_t *id)
{
    tights *t = context;
    if (t->begun == t->n) {
        return false;
    }
    *id = t->begun++;
    *job = standard_job(&t->b->s, 0, 1e-11, t->atol, t->run[*id].out);
    job->reg = t->run[*id].reg;
    return true;
}

static void done_tight(void *context, size_t id, const msc_engine_job *job,
                       const msc_engine_report *report)
{
    (void)context, (void)id, (void)job;
    if (report->end != MSC_END_FINE) {
        standard_die("the reference", msc_engine_end_text(report->end));
    }
}

static double moved(int k, double value, double h)
{
    return by[k].scale == 1 ? value * exp(h) : 1.0 / (1.0 + (1.0 - value) / value * exp(-h));
}

static void reference(problem *b, size_t i)
{
    static const double at[4] = {-2.0, -1.0, 1.0, 2.0}, weight[4] = {1.0, -8.0, 8.0, -1.0},
                        h = 1e-3;
    const msc_program *p = b->s.scenario->program;
    tight run[1 + 4 * TEN];
    tights t = {.b = b, .run = run, .n = 1 + 4 * TEN, .atol = array(p->n_state)};
    for (size_t j = 0; j < t.n; j++) {
        const int k = (int)(j - 1) / 4;
        double *value = &b->draw[i].input[b->input[j > 0 ? k : 0]], *coef;
        run[j].out = j > 0 ? array(b->n_value) : b->y[i];
        *value = j > 0 ? moved(k, b->draw[i].at[k], h * at[(j - 1) % 4]) : *value;
        coefficients(p, b->draw[i].input, &run[j].reg, &coef);
        *value = b->draw[i].at[j > 0 ? k : 0];
        free(coef);
    }
    engine e = engine_new(b->states, 1e-11);
    if (msc_engine_run(e.plan, e.work, next_tight, done_tight, &t, NULL) != MSC_OK) {
        standard_die("the reference", "cannot be run");
    }
    engine_free(&e);
    for (size_t j = 0; j < t.n; j++) {
        for (size_t v = 0; j > 0 && v < b->n_value; v++) {
            b->sens[(j - 1) / 4][i][v] += weight[(j - 1) % 4] * run[j].out[v] / (12.0 * h);
        }
        free(run[j].reg);
        if (j > 0) {
            free(run[j].out);
        }
    }
    free(t.atol);
}

/* ---- CVODES ---- */

typedef struct {
    problem *b;
    const place *draw;
    double *g, *value, *f0, *f1;
    void *memory;
    SUNContext context;
    N_Vector y, atol, *s, *satol;
    SUNMatrix matrix;
    SUNLinearSolver solver;
    long steps;
} cvodes;

static void check(int flag, const char *what)
{
    if (flag < 0) {
        standard_die("CVODES", what);
    }
}

static int rate(sunrealtype t, N_Vector y, N_Vector f, void *user)
{
    cvodes *v = user;
    v->g[0] = t;
    bench_rate(v->draw->coef, v->g, N_VGetArrayPointer(y), N_VGetArrayPointer(f));
    return 0;
}

static int jacobian(sunrealtype t, N_Vector y, N_Vector f, SUNMatrix m, void *user, N_Vector a,
                    N_Vector b, N_Vector c)
{
    cvodes *v = user;
    (void)f, (void)a, (void)b, (void)c;
    v->g[0] = t;
    memcpy(SUNSparseMatrix_IndexPointers(m), bench_column, (size_t)(bench_n + 1) * sizeof(long));
    memcpy(SUNSparseMatrix_IndexValues(m), bench_row, (size_t)bench_entries * sizeof(long));
    bench_jacobian(v->draw->coef, v->g, N_VGetArrayPointer(y), SUNSparseMatrix_Data(m));
    return 0;
}

/* s' = J s + df/dp, all ten at once; f is f(y). */
static int sensitivity_rate(int n, sunrealtype t, N_Vector y, N_Vector f, N_Vector *s,
                            N_Vector *sdot, void *user, N_Vector a, N_Vector b)
{
    cvodes *v = user;
    (void)a, (void)b;
    v->g[0] = t;
    const double *state = N_VGetArrayPointer(y), *f0 = N_VGetArrayPointer(f);
    bench_jacobian(v->draw->coef, v->g, state, v->value);
    for (int k = 0; k < n; k++) {
        const double *from = N_VGetArrayPointer(s[k]), per_step = 1.0 / v->draw->step[k];
        double *to = N_VGetArrayPointer(sdot[k]);
        bench_rate(v->draw->coef_of[k], v->g, state, to);
        for (int i = 0; i < bench_n; i++) {
            to[i] = (to[i] - f0[i]) * per_step;
        }
        for (int col = 0; col < bench_n; col++) {
            for (long e = bench_column[col]; e < bench_column[col + 1]; e++) {
                to[bench_row[e]] += v->value[e] * from[col];
            }
        }
    }
    return 0;
}

static void cvodes_open(cvodes *v, problem *b)
{
    *v = (cvodes){.b = b, .draw = b->draw};
    v->g = array(b->s.scenario->program->n_given);
    v->value = array((size_t)bench_entries);
#if SUNDIALS_VERSION_MAJOR >= 7
    check(SUNContext_Create(SUN_COMM_NULL, &v->context), "context");
#else
    check(SUNContext_Create(NULL, &v->context), "context");
#endif
    v->y = N_VNew_Serial(bench_n, v->context);
    v->atol = N_VNew_Serial(bench_n, v->context);
    v->s = N_VCloneVectorArray(TEN, v->y);
    v->satol = N_VCloneVectorArray(TEN, v->y);
    v->matrix = SUNSparseMatrix(bench_n, bench_n, bench_entries, CSC_MAT, v->context);
    v->solver = SUNLinSol_KLU(v->y, v->matrix, v->context);
    N_VConst(0.0, v->y);
    N_VConst(1.0, v->atol);
    for (int k = 0; k < TEN; k++) {
        N_VConst(0.0, v->s[k]);
        N_VConst(1.0, v->satol[k]);
    }
    v->memory = CVodeCreate(CV_BDF, v->context);
    check(CVodeInit(v->memory, rate, 0.0, v->y), "CVodeInit");
    check(CVodeSetUserData(v->memory, v), "user data");
    check(CVodeSVtolerances(v->memory, 1e-4, v->atol), "tolerances");
    check(CVodeSetLinearSolver(v->memory, v->solver, v->matrix), "linear solver");
    check(CVodeSetJacFn(v->memory, jacobian), "Jacobian");
    check(CVodeSetMaxNumSteps(v->memory, 1000000), "steps");
    check(CVodeSetMaxHnilWarns(v->memory, -1), "warnings");
    check(CVodeSensInit(v->memory, TEN, CV_STAGGERED, sensitivity_rate, v->s), "CVodeSensInit");
    check(CVodeSensSVtolerances(v->memory, 1e-4, v->satol), "tolerances");
    check(CVodeSetSensErrCon(v->memory, SUNTRUE), "error control");
}

static void keep(const cvodes *v, size_t now, double *y, double **sens)
{
    const size_t n = (size_t)bench_n;
    memcpy(&y[now * n], N_VGetArrayPointer(v->y), n * sizeof *y);
    for (int k = 0; k < TEN; k++) {
        memcpy(&sens[k][now * n], N_VGetArrayPointer(v->s[k]), n * sizeof *y);
    }
}

static void go(cvodes *v, double to)
{
    double t;
    check(CVode(v->memory, to, v->y, &t, CV_NORMAL), "step");
    check(CVodeGetSens(v->memory, &t, v->s), "sensitivities");
}

static void set_tolerances(cvodes *v, double rtol)
{
    for (int i = 0; i < bench_n; i++) {
        NV_Ith_S(v->atol, i) = 1e-6 * rtol * v->b->s.base.scale[i];
        for (int k = 0; k < TEN; k++) {
            NV_Ith_S(v->satol[k], i) = NV_Ith_S(v->atol, i);
        }
    }
    check(CVodeSVtolerances(v->memory, rtol, v->atol), "tolerances");
    check(CVodeSensSVtolerances(v->memory, rtol, v->satol), "tolerances");
}

static void begin(cvodes *v)
{
    const msc_program *p = v->b->s.scenario->program;
    for (uint32_t i = 0; i < p->n_state; i++) {
        const uint32_t reg = p->initial[i];
        NV_Ith_S(v->y, i) = reg == MSC_NONE ? 0.0 : v->draw->reg[reg];
        for (int k = 0; k < TEN; k++) {
            NV_Ith_S(v->s[k], i) =
                reg == MSC_NONE ? 0.0
                                : (v->draw->reg_of[k][reg] - v->draw->reg[reg]) / v->draw->step[k];
        }
    }
}

static void cvodes_run(cvodes *v, size_t draw, double *y, double **sens)
{
    const msc_engine_job *job = &v->b->s.base.job;
    const uint32_t n_given = v->b->s.scenario->program->n_given;
    size_t now = 0;
    v->draw = &v->b->draw[draw];
    begin(v);
    for (size_t segment = 0; segment + 1 < job->n_stop; segment++) {
        const double from = job->stop[segment], to = job->stop[segment + 1];
        for (; now < job->n_time && job->time[now].t <= from; now++) {
            keep(v, now, y, sens);
        }
        memcpy(v->g, &job->given[segment * n_given], n_given * sizeof *v->g);
        check(CVodeReInit(v->memory, from, v->y), "restart");
        check(CVodeSensReInit(v->memory, CV_STAGGERED, v->s), "restart");
        check(CVodeSetStopTime(v->memory, to), "stop time");
        for (; now < job->n_time && job->time[now].t < to; now++) {
            go(v, job->time[now].t);
            keep(v, now, y, sens);
        }
        go(v, to);
        long steps = 0;
        CVodeGetNumSteps(v->memory, &steps);
        v->steps += steps;
    }
    for (; now < job->n_time; now++) {
        keep(v, now, y, sens);
    }
}

static double run_cvodes(cvodes *v, double rtol, double **y, double **const *sens)
{
    const double start = standard_cpu();
    set_tolerances(v, rtol);
    for (size_t i = 0; i < v->b->n; i++) {
        double *of[TEN];
        for (int k = 0; k < TEN; k++) {
            of[k] = sens[k][i];
        }
        cvodes_run(v, i, y[i], of);
    }
    return (standard_cpu() - start) / (double)v->b->n;
}

/* ---- errors and the table ---- */

typedef struct {
    double ms, median, worst;
} point;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void errors(const problem *b, double **const *sens, point *at)
{
    const uint32_t n = b->states->n_state;
    double *e = array(b->n);
    for (size_t i = 0; i < b->n; i++) {
        for (size_t j = 0; j < TEN * b->n_value; j++) {
            const size_t k = j / b->n_value, v = j % b->n_value;
            const double measure = fabs(b->y[i][v]) + 1e-6 * b->s.base.scale[v % n];
            const double off = fabs(sens[k][i][v] - b->sens[k][i][v]) / measure;
            e[i] = !(off <= e[i]) ? off : e[i];
        }
    }
    qsort(e, b->n, sizeof *e, ascending);
    at->median = b->n % 2 == 1 ? e[b->n / 2] : 0.5 * (e[b->n / 2 - 1] + e[b->n / 2]);
    at->worst = e[b->n - 1];
    free(e);
}

static double matched(const point *at, size_t n, double error)
{
    size_t i = 1;
    while (i + 1 < n && at[i].median > error) {
        i++;
    }
    const double x = log(error / at[i - 1].median) / log(at[i].median / at[i - 1].median);
    return at[i - 1].ms * pow(at[i].ms / at[i - 1].ms, x);
}

static void allocate(problem *b, double ***y, double **sens[TEN])
{
    *y = calloc(b->n, sizeof **y);
    for (int k = 0; k < TEN; k++) {
        sens[k] = calloc(b->n, sizeof *sens[k]);
    }
    for (size_t i = 0; i < b->n; i++) {
        (*y)[i] = array(b->n_value);
        for (int k = 0; k < TEN; k++) {
            sens[k][i] = array(b->n_value);
        }
    }
}

enum { RTOLS = 5 };
static const double rtols[2][RTOLS] = {{1e-3, 3e-4, 1e-4, 1e-5, 1e-6},
                                       {1e-4, 1e-5, 3e-6, 1e-6, 1e-7}};

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: sensitivity_bench scenario.cfg [draws [repetitions]]\n");
        return 2;
    }
    problem b = {.n = argc > 2 ? (size_t)atoi(argv[2]) : 8};
    const int repetitions = argc > 3 ? atoi(argv[3]) : 7;
    b.s = standard_new(argv[1], 1);
    b.states = standard_with_states(b.s.scenario->program);
    b.n_value = b.s.base.job.n_time * b.states->n_state;
    b.draw = calloc(b.n, sizeof *b.draw);
    double **y, **sens[TEN];
    allocate(&b, &y, sens);
    allocate(&b, &b.y, b.sens);
    for (int k = 0; k < TEN; k++) {
        b.input[k] = find_input(b.s.scenario, k);
    }
    for (size_t i = 0; i < b.n; i++) {
        b.draw[i] = place_new(&b, i);
        reference(&b, i);
    }
    static cvodes v;
    cvodes_open(&v, &b);
    point ours[RTOLS], theirs[RTOLS];
    double few = INFINITY; /* with the file's outputs only */
    for (int i = 0; i < RTOLS; i++) {
        ours[i].ms = theirs[i].ms = INFINITY;
    }
    for (int r = 0; r < repetitions; r++) { /* interleaved, so that all have the same weather */
        for (int i = 0; i < RTOLS; i++) {
            ours[i].ms = fmin(ours[i].ms, 1e3 * run_engine(&b, b.states, rtols[0][i], y, sens));
            errors(&b, sens, &ours[i]);
            theirs[i].ms = fmin(theirs[i].ms, 1e3 * run_cvodes(&v, rtols[1][i], y, sens));
            errors(&b, sens, &theirs[i]);
        }
        few = fmin(few, 1e3 * run_engine(&b, b.s.scenario->program, 1e-4, y, sens));
    }
    engine e = engine_new(b.states, 1e-4);
    printf(
        "sensitivities, 10 parameters: %zu draws, %u states, %zu output times; %s, %u lanes; CVODES %s\n\n",
        b.n, b.states->n_state, b.s.base.job.n_time, msc_plan_kernel(e.plan),
        msc_plan_lanes(e.plan), SUNDIALS_VERSION);
    engine_free(&e);
    printf("%-28s %7s %9s %10s %10s\n", "", "rtol", "ms", "max error", "worst");
    for (int i = 0; i < RTOLS; i++) {
        printf("%-28s %7.0e %9.2f %10.1e %10.1e\n", "mscsim, variations", rtols[0][i], ours[i].ms,
               ours[i].median, ours[i].worst);
    }
    for (int i = 0; i < RTOLS; i++) {
        printf("%-28s %7.0e %9.2f %10.1e %10.1e\n", "CVODES, staggered, KLU", rtols[1][i],
               theirs[i].ms, theirs[i].median, theirs[i].worst);
    }
    printf("\nwith the file's %u outputs instead of all states: %.2f ms at rtol 1e-4\n",
           b.s.scenario->program->out.n, few);
    for (int i = 0; i < 3; i++) {
        const double error = i == 0   ? 3e-4
                             : i == 1 ? 1e-4
                                      : 3e-5,
                     a = matched(ours, RTOLS, error), c = matched(theirs, RTOLS, error);
        printf("at a largest error of %.0e: mscsim %.2f ms, CVODES %.1f ms, x%.1f\n", error, a, c,
               c / a);
    }
    return 0;
}
