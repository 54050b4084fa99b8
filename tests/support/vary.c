/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Shipped scenarios varied. */
#include "support/vary.h"

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/evaluate.h"
#include "support/lab.h"

enum { MOST = 96, LONG = 256 };

static char names[MOST][LONG];
static size_t n_name, n_config;
static bool looked;

static void *need(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

#define NEW(n, type) ((type *)need(calloc((n) + 1, sizeof(type))))

/* ---- which there are ---- */

/* Two doses in different ways, one of thawed cells; an injury; foreign cells: all is in use. */
static const char *const model_settings[] = {
    "regimen=({route=\"intravenous\";day=1.0;dose=\"1e6 cell\";duration=\"30 min\";viability=0.9;},"
    "{route=\"umbilical\";day=2.0;dose=\"5e5 cell\";duration=\"30 min\";product_share={thawed=1.0;others=0.0;};})",
    "output={until=\"6 day\";every=\"6 h\";}",
    "parameters.mismatch=0.5",
    "parameters.injury=1.0",
};
enum { MODEL_SETTINGS = sizeof model_settings / sizeof *model_settings };

static const char *in_tree(char path[4 * LONG], const char *name)
{
    const char *top = getenv("TOP");
    snprintf(path, 4 * LONG, "%s/%s", top != NULL ? top : ".", name);
    return path;
}

/* Without `regimen` there is nothing to run: literature.cfg and what is made to be extended. */
static bool can_run(const char *name, bool model)
{
    char path[4 * LONG];
    msc_scenario *s = NULL;
    const msc_status status =
        msc_scenario_read(in_tree(path, name), model_settings, model ? MODEL_SETTINGS : 0, &s, NULL);
    msc_scenario_free(s);
    return status == MSC_OK;
}

static void look(const char *pattern, bool model)
{
    char path[4 * LONG];
    glob_t found;
    const char *folder = model ? "models/" : "configs/";
    if (glob(in_tree(path, pattern), 0, NULL, &found) != 0) {
        return;
    }
    for (size_t i = 0; i < found.gl_pathc && n_name < MOST; i++) {
        const char *name = strstr(found.gl_pathv[i], folder);
        if (name != NULL && can_run(name, model)) {
            snprintf(names[n_name++], LONG, "%s", name);
        }
    }
    globfree(&found);
}

size_t vary_count(void)
{
    if (!looked) {
        looked = true;
        look("configs/*.cfg", false);
        look("configs/*/*.cfg", false);
        n_config = n_name;
        look("models/*.cfg", true);
        look("models/*/*.cfg", true);
    }
    return n_name;
}

size_t vary_configs(void)
{
    (void)vary_count();
    return n_config;
}

const char *vary_name(size_t i)
{
    return i < vary_count() ? names[i] : NULL;
}

/* ---- opening ---- */

/* Out and then the states, each by a coefficient 1 of our own. */
static void add_states(vary *v)
{
    msc_program *p = &v->program;
    const msc_rows old = p->out;
    const uint32_t n = old.n + p->n_state, linear = old.linear_at[old.n];
    v->first_state = old.n;
    msc_instruction *prologue = MSC_NEW(v->arena, msc_instruction, p->n_register + 1);
    uint32_t *coef = MSC_NEW(v->arena, uint32_t, p->n_coef + 1);
    memcpy(prologue, p->prologue, p->n_register * sizeof *prologue);
    memcpy(coef, p->coef, p->n_coef * sizeof *coef);
    prologue[p->n_register] = (msc_instruction){.op = MSC_OP_NUMBER, .number = 1.0};
    coef[p->n_coef] = p->n_register++;
    p->prologue = prologue, p->coef = coef;
    p->out.n = n;
    p->out.one_at = MSC_NEW(v->arena, uint32_t, n + 1);
    p->out.linear_at = MSC_NEW(v->arena, uint32_t, n + 1);
    p->out.bilinear_at = MSC_NEW(v->arena, uint32_t, n + 1);
    p->out.linear = MSC_NEW(v->arena, msc_linear, linear + p->n_state + 1);
    memcpy(p->out.linear, old.linear, linear * sizeof *old.linear);
    for (uint32_t r = 0; r <= n; r++) {
        const uint32_t k = r < old.n ? r : old.n;
        p->out.one_at[r] = old.one_at[k];
        p->out.bilinear_at[r] = old.bilinear_at[k];
        p->out.linear_at[r] = old.linear_at[k] + (r > old.n ? r - old.n : 0);
    }
    for (uint32_t i = 0; i < p->n_state; i++) {
        p->out.linear[linear + i] = (msc_linear){p->n_coef, i};
    }
    p->n_coef++;
}

vary *vary_read(const char *path, const char *const *settings, size_t n_settings)
{
    char full[4 * LONG];
    vary *v = NEW(1, vary);
    msc_error err = {0};
    snprintf(v->name, sizeof v->name, "%s", path);
    if (msc_scenario_read(in_tree(full, path), settings, n_settings, &v->scenario, &err) != MSC_OK) {
        fprintf(stderr, "%s: %s: %s\n", path, err.where, err.message);
        abort();
    }
    v->arena = need(msc_arena_new(NULL));
    if (MSC_CATCH(v->arena)) {
        abort();
    }
    v->program = *v->scenario->program;
    v->program.input = MSC_NEW(v->arena, msc_input, v->program.n_input + 1);
    memcpy(v->program.input, v->scenario->program->input, v->program.n_input * sizeof *v->program.input);
    add_states(v);
    v->most_one = MSC_NEW(v->arena, bool, v->program.n_input + 1);
    for (uint32_t k = 0; k < v->program.n_input; k++) {
        if (v->program.input[k].number == 1.0) {
            vary_one *one = vary_change(v, k, 1.01);
            v->most_one[k] = one->refused.status != MSC_OK;
            vary_one_free(one);
        }
    }
    return v;
}

vary *vary_open(size_t i)
{
    return i < vary_count() ? vary_read(names[i], model_settings, i < n_config ? 0 : MODEL_SETTINGS) : NULL;
}

void vary_free(vary *v)
{
    if (v != NULL) {
    msc_scenario_free(v->scenario);
        msc_arena_free(v->arena);
        free(v);
    }
}

/* ---- kinks ---- */

static bool has_kink(msc_op op)
{
    return op == MSC_OP_MIN || op == MSC_OP_MAX || op == MSC_OP_ABS || op == MSC_OP_TABLE ||
           (op >= MSC_OP_IF && op <= MSC_OP_NOT);
}

static bool moves(const msc_program *p, const bool *moving, uint32_t u)
{
    return u < p->n_state || (u < p->first_given && moving[u - p->n_state]);
}

static bool row_moves(const msc_program *p, const bool *moving, uint32_t r)
{
    bool any = false;
    for (uint32_t i = p->node.linear_at[r]; i < p->node.linear_at[r + 1]; i++) {
        any = any || moves(p, moving, p->node.linear[i].u);
    }
    for (uint32_t i = p->node.bilinear_at[r]; i < p->node.bilinear_at[r + 1]; i++) {
        any = any || moves(p, moving, p->node.bilinear[i].u) || moves(p, moving, p->node.bilinear[i].v);
    }
    return any;
}

const char *vary_kink(const vary *v)
{
    const msc_program *p = &v->program;
    const char *kink = NULL;
    bool *moving = NEW(p->n_node, bool);
    for (uint32_t n = 0; n < p->n_node; n++) {
        if (p->special_of[n] == MSC_NONE) {
            moving[n] = row_moves(p, moving, n);
            continue;
        }
        const msc_special *f = &p->special[p->special_of[n]];
        bool chosen = false;
        for (int k = 0; k < msc_op_arity(f->op); k++) {
            const bool by_state = f->arg[k] >= 0 && moves(p, moving, (uint32_t)f->arg[k]);
            moving[n] = moving[n] || by_state;
            chosen = chosen || (by_state && (f->op != MSC_OP_IF || k == 0));
        }
        if (chosen && has_kink(f->op) && kink == NULL) {
            kink = p->node_name[n];
        }
    }
    free(moving);
    return kink;
}

/* ---- one scenario ---- */

static double normal(uint64_t *seed)
{
    const double r = sqrt(-2.0 * log(1.0 - lab_random(seed)));
    return r * cos(6.283185307179586 * lab_random(seed));
}

static void draw_inputs(const vary *v, uint64_t *seed, double sd, double *number)
{
    for (uint32_t k = 0; k < v->program.n_input; k++) {
        const msc_input *in = &v->program.input[k];
        const double x = in->number, z = normal(seed);
        number[k] = x;
        if (in->kind != MSC_INPUT_PARAMETER || !(x > 0.0)) {
            continue;
        }
        const bool pure = msc_dim_is_pure(v->scenario->model->parameter[in->index].dim);
        const bool share = pure && (x < 1.0 || v->most_one[k]);
        number[k] = share ? 1.0 / (1.0 + (1.0 - x) / x * exp(-sd * z)) : x * exp(sd * z);
    }
}

/* Elements under a total share it as before, each part times its own factor. */
static void share_total(const vary *v, uint64_t *seed, double sd, uint32_t parameter, double *number)
{
    const msc_parameter *p = &v->scenario->model->parameter[parameter];
    msc_arena *arena = need(msc_arena_new(NULL));
    if (MSC_CATCH(arena)) {
        abort();
    }
    msc_evaluation *e = msc_evaluation_new(arena, v->scenario->model, NULL);
    double *part = MSC_NEW(arena, double, p->shape.n + 1), before = 0.0, after = 0.0;
    for (size_t i = 0; i < p->shape.n; i++) {
        const double x = msc_evaluate_parameter(e, (int)parameter, i);
        before += x;
        after += part[i] = x * exp(sd * normal(seed));
    }
    for (uint32_t k = 0; k < v->program.n_input; k++) {
        const msc_input *in = &v->program.input[k];
        if (in->kind == MSC_INPUT_PARAMETER && in->index == parameter) {
            number[k] = part[in->instance] * before / after;
        }
    }
    msc_arena_free(arena);
}

static void draw_doses(const vary *v, uint64_t *seed, msc_dose *dose)
{
    const msc_scenario *s = v->scenario;
    for (size_t d = 0; d < s->n_dose; d++) {
        dose[d].dose *= 0.2 * pow(10.0, lab_random(seed));
    }
    if (s->n_dose == 2 && s->until >= 25.0 * 24.0 && dose[1].at > dose[0].at) {
        dose[1].exact.at = dose[1].at = 24.0 * (5.0 + 15.0 * lab_random(seed));
    }
}

static const char *where_in(const char *where)
{
    const char *folder = strstr(where, "configs/");
    folder = folder != NULL ? folder : strstr(where, "models/");
    return folder != NULL ? folder : where;
}

/* Prepare with these inputs and doses. */
static void prepare(const vary *v, vary_one *one, msc_dose *dose)
{
    one->arena = need(msc_arena_new(NULL));
    if (MSC_CATCH(one->arena)) {
        one->refused = one->arena->error;
        snprintf(one->words, sizeof one->words, "refused: %.120s: %.360s", where_in(one->refused.where),
                 one->refused.message);
        return;
    }
    const msc_program *p = &v->program;
    msc_scenario *s = MSC_NEW(one->arena, msc_scenario, 1);
    msc_program *own = MSC_NEW(one->arena, msc_program, 1);
    *s = *v->scenario, *own = *p;
    s->program = own, s->dose = dose, s->arena = one->arena;
    own->input = MSC_NEW(one->arena, msc_input, p->n_input + 1);
    for (uint32_t k = 0; k < p->n_input; k++) {
        own->input[k] = p->input[k];
        own->input[k].number = one->input[k];
    }
    msc_scenario_prepare(s, one->arena, &one->prepared);
    one->out = MSC_NEW(one->arena, double, s->n_time * p->out.n + 1);
    one->state = MSC_NEW(one->arena, double, p->n_state + 1);
    one->job = one->prepared.job;
    one->job.out = one->out, one->job.state = one->state;
    one->job.n_seek = 0;
}

static vary_one *new_one(const vary *v, msc_dose **dose)
{
    vary_one *one = NEW(1, vary_one);
    const size_t n = v->scenario->n_dose;
    one->input = NEW(v->program.n_input, double);
    one->dose = NEW(n, double), one->at = NEW(n, double);
    *dose = NEW(n, msc_dose);
    if (n > 0) {
        memcpy(*dose, v->scenario->dose, n * sizeof **dose);
    }
    for (uint32_t k = 0; k < v->program.n_input; k++) {
        one->input[k] = v->program.input[k].number;
    }
    return one;
}

static void finish_one(const vary *v, vary_one *one, msc_dose *dose)
{
    for (size_t d = 0; d < v->scenario->n_dose; d++) {
        one->dose[d] = dose[d].dose, one->at[d] = dose[d].at;
    }
    prepare(v, one, dose);
    free(dose);
}

vary_one *vary_draw(const vary *v, uint64_t draw, double sd)
{
    msc_dose *dose;
    vary_one *one = new_one(v, &dose);
    uint64_t seed = 0x5eed0000u + draw;
    (void)lab_random(&seed);
    if (draw > 0) {
        draw_inputs(v, &seed, sd, one->input);
        for (size_t k = 0; k < v->scenario->model->n_parameter; k++) {
            if (v->scenario->model->parameter[k].total != NULL) {
                share_total(v, &seed, sd, (uint32_t)k, one->input);
            }
        }
        draw_doses(v, &seed, dose);
    }
    finish_one(v, one, dose);
    return one;
}

vary_one *vary_change(const vary *v, uint32_t k, double number)
{
    msc_dose *dose;
    vary_one *one = new_one(v, &dose);
    one->input[k] = number;
    finish_one(v, one, dose);
    return one;
}

void vary_one_free(vary_one *one)
{
    if (one != NULL) {
        msc_arena_free(one->arena);
        free(one->input);
        free(one->dose);
        free(one->at);
        free(one);
    }
}

const char *vary_input(const vary *v, uint32_t k, char *text, size_t n)
{
    const msc_input *in = &v->program.input[k];
    const msc_model *m = v->scenario->model;
    msc_arena *arena = need(msc_arena_new(NULL));
    if (MSC_CATCH(arena)) {
        abort();
    }
    switch (in->kind) {
    case MSC_INPUT_PARAMETER:
        snprintf(text, n, "%s", msc_shape_label(arena, m, m->parameter[in->index].name, &m->parameter[in->index].shape, in->instance));
        break;
    case MSC_INPUT_DOSE_PARAMETER: snprintf(text, n, "%s of dose %u", m->parameter[in->index].name, in->dose); break;
    case MSC_INPUT_DOSE_AMOUNT: snprintf(text, n, "amount of dose %u", in->dose); break;
    case MSC_INPUT_DOSE_LOAD: snprintf(text, n, "load of dose %u", in->dose); break;
    case MSC_INPUT_DOSE_COUNT: snprintf(text, n, "number of doses %u", in->dose); break;
    }
    msc_arena_free(arena);
    return text;
}

/* ---- running ---- */

typedef struct {
    const vary *v;
    vary_one *const *ones;
    size_t n, given;
} batch;

static bool next(void *context, msc_engine_job *job, size_t *id)
{
    batch *b = context;
    while (b->given < b->n && b->ones[b->given]->refused.status != MSC_OK) {
        b->given++;
    }
    if (b->given == b->n) {
        return false;
    }
    *id = b->given++;
    *job = b->ones[*id]->job;
    return true;
}

static void done(void *context, size_t id, const msc_engine_job *job, const msc_engine_report *report)
{
    const batch *b = context;
    const msc_program *p = &b->v->program;
    vary_one *one = b->ones[id];
    (void)job;
    one->report = *report;
    one->report.u = NULL;
    const char *what = report->guard != MSC_NONE ? p->guard[report->guard].name
                       : report->state != MSC_NONE ? p->state_name[report->state] : "";
    snprintf(one->words, sizeof one->words, "%s at t = %.4g, step %.2g, after %llu + %llu attempts: %s",
             msc_engine_end_text(report->end), report->t, report->h, (unsigned long long)report->steps,
             (unsigned long long)report->rejected, what);
}

/* Tolerances of amounts and guards go with rtol, as in a scenario that says nothing of atol. */
static void set_tolerance(const vary *v, vary_one *one, double rtol)
{
    const msc_program *p = &v->program;
    const double more = rtol / v->scenario->solver.rtol;
    double *atol = MSC_NEW(one->arena, double, p->n_state + 1), *floor = MSC_NEW(one->arena, double, p->n_guard + 1);
    for (uint32_t i = 0; i < p->n_state; i++) {
        atol[i] = more * one->prepared.job.atol[i];
    }
    for (uint32_t g = 0; g < p->n_guard; g++) {
        floor[g] = more * one->prepared.job.floor[g];
    }
    one->job.atol = atol, one->job.floor = floor;
}

void vary_run(const vary *v, vary_one *const *ones, size_t n, double rtol, uint64_t max_steps, double wall)
{
    msc_engine_options options = v->scenario->solver;
    options.rtol = rtol > 0.0 ? rtol : options.rtol;
    options.max_steps = max_steps, options.wall_limit = wall;
    msc_plan *plan;
    msc_workspace *w;
    batch b = {.v = v, .ones = ones, .n = n};
    for (size_t i = 0; i < n; i++) {
        if (ones[i]->refused.status == MSC_OK) {
            set_tolerance(v, ones[i], options.rtol);
        }
    }
    if (msc_plan_new(&v->program, &options, &plan, NULL) != MSC_OK || msc_workspace_new(plan, &w, NULL) != MSC_OK ||
        msc_engine_run(plan, w, next, done, &b, NULL) != MSC_OK) {
        abort();
    }
    msc_workspace_free(w);
    msc_plan_free(plan);
}
