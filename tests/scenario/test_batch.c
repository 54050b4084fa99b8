/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: a vector of values of a batch gives, to the bit, what the scenario gives that is read with these
 * values as settings; whatever is run beside it, in which order, on how many threads. Endpoints alone are
 * answered by a program that is cut down to them. What may not be varied is refused before anything is run,
 * in words; values that may not be are outcomes; output times do not move. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <mscsim/batch.h>

#include "scenario/batch.h"
#include "support/lab.h"
#include "support/suite.h"

static const char model[] =
    "sets: { organ = [\"lung\", \"site\", \"rest\"]; pair = { of = \"organ\"; are = [\"lung\", \"site\"]; };\n"
    "  stage = \"1..2\"; };\n"
    "units: { mark = \"mark\"; };\n"
    "parameters: {\n"
    "  k = { unit = \"1/h\"; value = 0.3; }; half = { unit = \"h\"; value = \"log(2) / k\"; };\n"
    "  twice = { unit = \"1/h\"; value = \"2 * k\"; }; empty = { unit = \"1\"; };\n"
    "  part = { unit = \"1\"; over = [\"organ\"]; values = { lung = 0.2; site = 0.3; rest = \"remainder\"; }; };\n"
    "  fixed = { unit = \"1\"; over = [\"organ\"]; total = 1.0; values = { lung = 0.2; site = 0.3; rest = 0.5; }; };\n"
    "  viability = { unit = \"1\"; value = 0.9; };\n"
    "  product = { unit = \"1\"; over = [\"organ\"]; values = { lung = 0.5; site = 0.25; rest = \"remainder\"; }; };\n"
    "  weight = { unit = \"kg\"; value = 30.0; }; when = { unit = \"h\"; value = 6.0; }; latest = { unit = \"h\"; value = 24.0; };\n"
    "  speed = { unit = \"percent\"; over = [\"stage\"]; values = { others = 50; }; };\n"
    "  later = { unit = \"1\"; table = { of = \"weight\"; unit = \"kg\"; at = [0.0, 100.0]; is = [0.0, 1.0]; }; }; };\n"
    "cargo: { label = { unit = \"mark\"; load = \"0.5 mark/cell\"; rides = [\"held\"]; falls = { others = \"nowhere\"; }; }; };\n"
    "amounts: { held = { unit = \"cell\"; over = [\"organ\"]; }; c = { unit = \"cell\"; initial = \"10 cell\"; }; };\n"
    "variables: { gate = { unit = \"1\"; value = \"if(time < when and time > 2 h, 3, 1)\"; };\n"
    "  crowd = { unit = \"1\"; value = \"held[lung] / (held[lung] + 1e6 cell)\"; }; };\n"
    "processes: { move = { from = \"held[organ]\"; to = \"c\"; hazard = \"part[organ] * k * gate\"; };\n"
    "  lose = { from = \"c\"; hazard = \"k * (1 - 0.5 * crowd) + later * 0.1 1/h\"; fate = \"lysis\"; };\n"
    "  fade = { from = \"held[organ]\"; hazard = \"twice * fixed[organ] * speed[2] * speed[1]\"; fate = \"death\"; };\n"
    "  wait = { from = \"c\"; hazard = \"0.01 / half\"; fate = \"death\"; }; };\n"
    "routes: { vein = { per = \"weight\"; takes = [\"viability\", \"product\"];\n"
    "    into = ( { to = \"held[organ]\"; share = \"viability * product[organ]\"; }, { fate = \"dead\"; share = \"remainder\"; } ); };\n"
    "  drip = { to = \"c\"; }; };\n"
    "checks: { light = { that = \"weight < 200 kg\"; };\n"
    "  alive = { that = \"viability >= 0.4 and product[site] >= 0.2\"; doses = { route = \"vein\"; }; };\n"
    "  marked = { that = \"time <= latest\"; doses = { brings = \"label\"; }; else = \"stop\"; about = \"marked too late\"; }; few = { that = \"c < 3e8 cell\"; };\n"
    "  none = { that = \"c < 3e9 cell\"; else = \"stop\"; about = \"far too many\"; }; };\n"
    "outputs: { held = { }; c = { }; label = { unit = \"mark\"; value = \"sum(organ: label.held[organ])\"; };\n"
    "  lost = { unit = \"cell\"; value = \"integral(flux(lysis))\"; }; };\n";

/* All but `empty`, which has no value, and so no place in a model that is run. */
static const char *runnable(void)
{
    static char text[LAB_TEXT];
    const char *gap = strstr(model, " empty = { unit = \"1\"; };");
    snprintf(text, sizeof text, "%.*s%s", (int)(gap - model), model, gap + strlen(" empty = { unit = \"1\"; };"));
    return text;
}

#define DOSES \
    "{ route = \"vein\"; day = 0.0; dose = \"1e6 cell/kg\"; duration = \"30 min\"; },\n" \
    "{ route = \"vein\"; at = \"4 h\"; dose = \"2e6 cell/kg\"; repeat = 3; interval = \"5 h\"; viability = 0.8; label = \"0.1 mark/cell\";\n" \
    "  product = { lung = 0.3; site = \"remainder\"; rest = 0.1; }; }"

static const char endpoints[] =
    "most = { max = \"held[organ]\"; over = [\"organ\"]; unit = \"cell\"; }; area = { auc = \"c\"; unit = \"cell.day\"; };\n"
    "half = { half_life = \"held[lung]\"; from = \"16 h\"; }; last = { last_above = \"c\"; threshold = \"1e7 cell\"; };\n"
    "died = { total = \"death\"; of = \"cell\"; share = true; unit = \"percent\"; }; gone = { total = \"lysis\"; of = \"cell\"; };\n"
    "part = { ratio = [\"gone\", \"lysed\"]; }; lysed = { value = \"lost\"; at = \"24 h\"; }; marks = { value = \"label\"; at = \"9 h\"; };\n"
    "mine = { auc = \"c\"; from = \"regimen[1]\"; until = \"regimen[1] + 2 h\"; }; mean = { mean = \"c\"; from = \"regimen[1]\"; };\n"
    "tail = { terminal_half_life = \"held[lung]\"; from = \"regimen[1]\"; until = \"regimen[1] + 4 h\"; };\n"
    "then = { value = \"c\"; at = \"regimen[1] + 90 min\"; };";

static const char *scenario(const char *doses, const char *output)
{
    return lab_format("regimen = ( %s );\noutput = { until = \"24 h\"; every = \"1 h\"; %s endpoints: { %s }; };\n"
                      "solver = { rtol = 1e-7; };\n",
                      doses, output, endpoints);
}

/* ---- running many ---- */

typedef struct {
    msc_status status;
    char end[16], message[1024], where[512], warning[256];
    double *value, *endpoint;
    unsigned char mark[32];
    uint64_t steps;
    int times; /* reported */
} kept;

typedef struct {
    const msc_batch *batch;
    size_t n, n_vary, given;
    const double *vector; /* [n][n_vary] */
    const size_t *order;  /* or NULL */
    kept *kept;           /* [n] */
    volatile int *stop;   /* set when half are done */
    size_t done;
    pthread_mutex_t lock;
} task;

static bool next(void *context, double *value, size_t *id)
{
    task *t = context;
    pthread_mutex_lock(&t->lock);
    const bool more = t->given < t->n;
    if (more) {
        *id = t->order ? t->order[t->given] : t->given;
        memcpy(value, t->vector + *id * t->n_vary, t->n_vary * sizeof *value);
        t->given++;
    }
    pthread_mutex_unlock(&t->lock);
    return more;
}

static double *copy(const double *x, size_t n)
{
    double *to = calloc(n + 1, sizeof *to);
    if (n > 0) {
        memcpy(to, x, n * sizeof *to);
    }
    return to;
}

static void done(void *context, size_t id, const msc_outcome *o)
{
    task *t = context;
    kept *k = &t->kept[id];
    const size_t n_time = msc_batch_times(t->batch, NULL);
    k->status = o->status;
    snprintf(k->end, sizeof k->end, "%s", o->end);
    snprintf(k->message, sizeof k->message, "%s", o->message);
    snprintf(k->where, sizeof k->where, "%s", o->where);
    snprintf(k->warning, sizeof k->warning, "%s", o->warning);
    k->value = copy(o->value, n_time * msc_batch_columns(t->batch));
    k->endpoint = copy(o->endpoint, msc_batch_endpoints(t->batch));
    memcpy(k->mark, o->mark, msc_batch_endpoints(t->batch));
    k->steps = o->steps;
    k->times++;
    pthread_mutex_lock(&t->lock);
    if (++t->done == t->n / 2 && t->stop) {
        *t->stop = 1;
    }
    pthread_mutex_unlock(&t->lock);
}

static void *work(void *context)
{
    task *t = context;
    msc_worker *worker = NULL;
    msc_error err = {0};
    if (msc_worker_new(t->batch, &worker, &err) == MSC_OK) {
        (void)!msc_worker_run(worker, next, done, t, t->stop, &err);
    }
    msc_worker_free(worker);
    return err.status == MSC_OK ? NULL : t;
}

static void run_task(task *t, int threads)
{
    pthread_t thread[4];
    void *failed;
    pthread_mutex_init(&t->lock, NULL);
    for (int i = 1; i < threads; i++) {
        ck_assert_int_eq(pthread_create(&thread[i], NULL, work, t), 0);
    }
    failed = work(t);
    ck_assert_ptr_null(failed);
    for (int i = 1; i < threads; i++) {
        ck_assert_int_eq(pthread_join(thread[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    pthread_mutex_destroy(&t->lock);
}

static task make(const msc_batch *batch, size_t n, size_t n_vary, const double *vector)
{
    return (task){.batch = batch, .n = n, .n_vary = n_vary, .vector = vector, .kept = calloc(n, sizeof(kept))};
}

static void drop(task *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->kept[i].value);
        free(t->kept[i].endpoint);
    }
    free(t->kept);
}

static void equal(const task *a, const task *b)
{
    const size_t n_value = msc_batch_times(a->batch, NULL) * msc_batch_columns(a->batch);
    for (size_t i = 0; i < a->n; i++) {
        const kept *x = &a->kept[i], *y = &b->kept[i];
        ck_assert_int_eq(x->times, 1);
        ck_assert_int_eq(y->times, 1);
        ck_assert_str_eq(x->end, y->end);
        ck_assert_str_eq(x->message, y->message);
        ck_assert_uint_eq(x->steps, y->steps);
        ck_assert(memcmp(x->value, y->value, n_value * sizeof(double)) == 0);
        ck_assert(memcmp(x->endpoint, y->endpoint, msc_batch_endpoints(a->batch) * sizeof(double)) == 0);
    }
}

enum { VARY = 4, PATHS = 64 };

/* Paths in one text, parted by blanks. */
static msc_batch *read_batch(const char *file, const char *paths, bool trajectories, msc_error *err)
{
    msc_vary vary[VARY] = {{0}};
    char text[256], *save = NULL;
    msc_batch_options options = {.vary = vary, .trajectories = trajectories, .section = "sweep"};
    msc_batch *batch = NULL;
    snprintf(text, sizeof text, "%s", paths);
    for (char *p = strtok_r(text, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save)) {
        vary[options.n_vary] = (msc_vary){.path = p, .where = "asked.cfg:7"};
        options.n_vary++;
    }
    memset(err, 0, sizeof *err);
    const msc_status status = msc_batch_read(file, &options, &batch, err);
    ck_assert((status == MSC_OK) == (batch != NULL));
    return batch;
}

static msc_batch *need_batch(const char *file, const char *paths, bool trajectories)
{
    msc_error err;
    msc_batch *batch = read_batch(file, paths, trajectories, &err);
    ck_assert_msg(batch != NULL, "%s: %s: %s", paths, err.where, err.message);
    return batch;
}

/* ---- the scenario by itself ---- */

static void same_endpoints(const msc_batch *batch, const kept *k, const msc_result *r)
{
    size_t element = 0;
    char last[64] = "";
    for (size_t i = 0; i < msc_batch_endpoints(batch); i++) {
        const char *unit, *other, *label = msc_batch_endpoint(batch, i, &unit);
        char name[64];
        double x;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(label, "["), label);
        element = strcmp(name, last) == 0 ? element + 1 : 0;
        strcpy(last, name);
        ck_assert_int_eq(msc_result_endpoint(r, name, element, &x, &other, NULL, NULL), MSC_OK);
        ck_assert_str_eq(unit, other);
        ck_assert_msg(memcmp(&x, &k->endpoint[i], sizeof x) == 0, "%s: %.17g, by itself %.17g", label, k->endpoint[i], x);
    }
}

static void same_values(const msc_batch *batch, const kept *k, const msc_result *r)
{
    const double *time, *other;
    const size_t n = msc_batch_times(batch, &time), m = msc_result_times(r, &other), width = msc_batch_columns(batch);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < m && other[at] != time[i]) {
            at++;
        }
        ck_assert_msg(at < m, "t = %g", time[i]);
        size_t element = 0;
        char last[64] = "";
        for (size_t c = 0; c < width; c++) {
            const char *unit, *own, *label = msc_batch_column(batch, c, &unit);
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(label, "["), label);
            element = strcmp(name, last) == 0 ? element + 1 : 0;
            strcpy(last, name);
            size_t n_element;
            const double *values = msc_result_values(r, name, &n_element, &own);
            ck_assert(values != NULL && element < n_element);
            ck_assert_str_eq(unit, own);
            ck_assert_msg(memcmp(&values[at * n_element + element], &k->value[i * width + c], sizeof(double)) == 0,
                          "%s at %g: %.17g, by itself %.17g", label, time[i], k->value[i * width + c],
                          values[at * n_element + element]);
        }
    }
}

/* A batch over some values against the scenario with each as settings. */
static void as_by_itself(const char *file, const char *paths, size_t n, const double *vector)
{
    msc_batch *batch = need_batch(file, paths, true);
    size_t n_vary = 1;
    for (const char *c = paths; *c; c++) {
        n_vary += *c == ' ';
    }
    task t = make(batch, n, n_vary, vector);
    run_task(&t, 1);
    for (size_t i = 0; i < n; i++) {
        char setting[VARY][160];
        const char *settings[VARY];
        const char *p = paths;
        for (size_t k = 0; k < n_vary; k++) {
            const size_t length = strcspn(p, " ");
            const char *unit = msc_batch_unit(batch, k);
            const bool bare = strncmp(p, "parameters", 10) == 0 || strcmp(unit, "1") == 0 || strcmp(unit, "day") == 0;
            snprintf(setting[k], sizeof setting[k], "%.*s=%.17g%s%s", (int)length, p, vector[i * n_vary + k],
                     bare ? "" : " ", bare ? "" : unit);
            settings[k] = setting[k];
            p += length + 1;
        }
        msc_scenario *s = NULL;
        msc_result *r = NULL;
        msc_error err = {0};
        ck_assert_msg(msc_scenario_read(file, settings, n_vary, &s, &err) == MSC_OK, "%s: %s", err.where, err.message);
        ck_assert_msg(msc_scenario_run(s, &r, &err) == MSC_OK, "%s", err.message);
        ck_assert_msg(t.kept[i].status == MSC_OK, "%s: %s", setting[0], t.kept[i].message);
        ck_assert_uint_eq(t.kept[i].steps, msc_result_counts(r).steps);
        same_values(batch, &t.kept[i], r);
        same_endpoints(batch, &t.kept[i], r);
        msc_result_free(r);
        msc_scenario_free(s);
    }
    drop(&t);
    msc_batch_free(batch);
}

static const struct {
    const char *paths;
    size_t n;
    double vector[8];
} settable[] = {
    {"parameters.k", 3, {0.3, 0.07, 1.9}},
    {"parameters.half", 2, {2.0, 0.3}},             /* a formula */
    {"parameters.twice", 2, {0.6, 0.1}},
    {"parameters.later", 2, {0.0, 0.7}},            /* a table */
    {"parameters.part.lung", 3, {0.0, 0.2, 0.7}},   /* the remainder gives way */
    {"parameters.part.lung parameters.part.site", 2, {0.1, 0.1, 0.5, 0.5}},
    {"parameters.speed.n2", 2, {25, 100}},          /* one of those that `others` spoke for */
    {"parameters.weight", 2, {3.5, 90}},            /* enters doses */
    {"parameters.when", 4, {0.5, 3.3, 11, 40}},     /* moves a switch */
    {"parameters.viability", 2, {0.2, 1}},          /* of the dose that does not set it */
    {"regimen[0].dose", 3, {0, 1e6, 3.7e7}},
    {"regimen[*].dose", 2, {1e5, 5e6}},
    {"regimen[0].day", 4, {0, 0.3, 1.0, 7}},        /* at and after the end too */
    {"regimen[1].at", 3, {4, 0, 13.37}},
    {"regimen[0].duration", 4, {30, 0, 1e-9, 6000}},
    {"regimen[1].duration", 2, {0, 2}},             /* not written */
    {"regimen[1].interval", 3, {5, 0.1, 9}},
    {"regimen[0].viability", 2, {0.3, 0.9}},        /* not set by the dose */
    {"regimen[*].viability", 2, {0.3, 0.9}},
    {"regimen[0].product.lung", 3, {0, 0.5, 0.7}},
    {"regimen[1].product.lung", 3, {0, 0.3, 0.9}}, /* what the dose says is left */
    {"regimen[1].label", 2, {0, 3}},
    {"regimen[0].label", 2, {0.5, 3}},
    {"regimen[*].dose regimen[0].day parameters.when", 2, {1e6, 0.2, 5, 3e6, 0.0, 20}},
};

START_TEST(a_vector_is_a_scenario)
{
    char *file = lab_put(runnable(), scenario(DOSES, "ledger = \"fate\";"));
    as_by_itself(file, settable[_i].paths, settable[_i].n, settable[_i].vector);
    lab_put_away(file);
}
END_TEST

START_TEST(on_every_method_and_kernel)
{
    static const char *const solver[] = {"rtol = 1e-5; method = \"msbdf\";", "rtol = 1e-5; kernel = \"baseline\";"};
    for (size_t i = 0; i < 2; i++) {
        const char *text = lab_format("regimen = ( %s );\noutput = { until = \"24 h\"; times = [\"3 h\"]; ledger = \"fate\"; "
                                      "endpoints: { %s }; };\nsolver = { %s };\n",
                                      DOSES, endpoints, solver[i]);
        char *file = lab_put(runnable(), text);
        as_by_itself(file, "parameters.when regimen[0].dose", 3, (const double[]){6, 1e6, 3, 2e6, 15, 1e5});
        lab_put_away(file);
    }
}
END_TEST

/* ---- its own values ---- */

START_TEST(units_and_own_values)
{
    static const struct {
        const char *path, *unit;
        double value;
    } knob[] = {{"parameters.k", "1/h", 0.3},
                {"parameters.speed.n1", "percent", 50},
                {"parameters.weight.value", "kg", 30},
                {"regimen[0].dose", "cell/kg", 1e6},
                {"regimen[0].day", "day", 0},
                {"regimen[1].at", "h", 4},
                {"regimen[0].duration", "min", 30},
                {"regimen[1].duration", "h", 0},
                {"regimen[1].interval", "h", 5},
                {"regimen[1].viability", "1", 0.8},
                {"regimen[0].viability", "1", 0.9},
                {"regimen[1].label", "mark/cell", 0.1},
                {"regimen[0].label", "mark/cell", 0.5},
                {"regimen[*].dose", "cell/kg", (double)NAN}};
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    for (size_t i = 0; i < sizeof knob / sizeof *knob; i++) {
        msc_batch *batch = need_batch(file, knob[i].path, false);
        ck_assert_str_eq(msc_batch_unit(batch, 0), knob[i].unit);
        const double x = msc_batch_value(batch, 0);
        ck_assert_msg(isnan(knob[i].value) ? isnan(x) : x == knob[i].value, "%s: %.17g", knob[i].path, x);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* The value that is told gives the number that is there, whatever the unit. */
START_TEST(own_values_give_the_scenario)
{
    char *file = lab_tree("configs/oi_two_dose.cfg");
    const char *paths = "parameters.arrest.lung parameters.body_weight regimen[0].duration regimen[1].day";
    msc_batch *batch = need_batch(file, paths, false);
    double own[VARY];
    for (size_t k = 0; k < VARY; k++) {
        own[k] = msc_batch_value(batch, k);
    }
    ck_assert(own[0] == 0.207 && own[1] == 32 && own[2] == 30 && own[3] == 10);
    msc_batch_free(batch);
    as_by_itself(file, "parameters.arrest.lung", 0, own);
    lab_put_away(file);
}
END_TEST

/* ---- order, packing, threads ---- */

START_TEST(whatever_is_run_beside)
{
    enum { N = 23 };
    static const char *const file_name[] = {"configs/oi_two_dose.cfg", NULL};
    const char *paths = _i == 0 ? "parameters.arrest.lung regimen[1].day" : "parameters.when regimen[0].day";
    char *file = _i == 0 ? lab_tree(file_name[0]) : lab_put(runnable(), scenario(DOSES, "both_sides = true;"));
    double vector[N][2];
    size_t shuffled[N];
    uint64_t seed = 11;
    for (size_t i = 0; i < N; i++) {
        vector[i][0] = (_i == 0 ? 1.0 : 20) * lab_random(&seed);
        vector[i][1] = (_i == 0 ? -3 : -0.2) + (_i == 0 ? 24 : 1) * lab_random(&seed); /* some before the start */
        shuffled[i] = i;
    }
    for (size_t i = N - 1; i > 0; i--) {
        const size_t j = (size_t)((double)(i + 1) * lab_random(&seed)), k = shuffled[i];
        shuffled[i] = shuffled[j], shuffled[j] = k;
    }
    for (int trajectories = 0; trajectories < 2; trajectories++) {
        msc_batch *batch = need_batch(file, paths, trajectories > 0);
        task plain = make(batch, N, 2, vector[0]), order = plain, threads = plain, single = plain;
        order.kept = calloc(N, sizeof(kept)), threads.kept = calloc(N, sizeof(kept)), single.kept = calloc(N, sizeof(kept));
        order.order = shuffled, threads.order = shuffled;
        run_task(&plain, 1);
        run_task(&order, 1);
        run_task(&threads, 2);
        for (size_t i = 0; i < N; i++) { /* each by itself */
            task one = make(batch, 1, 2, vector[i]);
            run_task(&one, 1);
            single.kept[i] = one.kept[0];
            free(one.kept);
        }
        equal(&plain, &order);
        equal(&plain, &threads);
        equal(&plain, &single);
        size_t refused = 0;
        for (size_t i = 0; i < N; i++) {
            refused += strcmp(plain.kept[i].end, "refused") == 0;
        }
        ck_assert(refused > 0 && refused < N / 2);
        drop(&plain), drop(&order), drop(&threads), drop(&single);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* ---- endpoints alone ---- */

START_TEST(cut_down_to_endpoints)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    msc_batch *cut = need_batch(file, "parameters.k", false), *all = need_batch(file, "parameters.k", true);
    const double k[] = {0.3, 0.1};
    task few = make(cut, 2, 1, k), many = make(all, 2, 1, k);
    run_task(&few, 1);
    run_task(&many, 1);
    ck_assert_uint_eq(msc_batch_columns(cut), 0);
    ck_assert_uint_eq(msc_batch_times(cut, NULL), 0);
    ck_assert_uint_eq(cut->scenario->program->n_quantity, 0);
    ck_assert_uint_eq(all->scenario->program->n_quantity, 4); /* no ledger: nobody asked for it */
    ck_assert_uint_eq(msc_batch_endpoints(cut), 15);
    ck_assert_str_eq(msc_batch_endpoint(cut, 2, NULL), "most[rest]");
    ck_assert_ptr_null(msc_batch_endpoint(cut, 15, NULL));
    for (size_t i = 0; i < 2; i++) {
        for (size_t e = 0; e < 15; e++) {
            const double x = few.kept[i].endpoint[e], y = many.kept[i].endpoint[e];
            ck_assert(isnan(x) == isnan(y));
            lab_near(isnan(x) ? 0 : x, isnan(y) ? 0 : y, 2e-5, isnan(y) ? 1 : fabs(y), msc_batch_endpoint(cut, e, NULL)); /* rtol 1e-7, some hundred steps */
        }
        /* what left by lysis is the integral of its flux */
        lab_near(few.kept[i].endpoint[8], 1, 1e-12, 1, "gone / lysed");
        ck_assert_str_eq(msc_batch_endpoint(cut, 8, NULL), "part");
    }
    drop(&few), drop(&many);
    msc_batch_free(cut), msc_batch_free(all);
    lab_put_away(file);
}
END_TEST

/* With trajectories the ledger is there if it is written, and not otherwise. */
START_TEST(a_ledger_that_is_asked_for)
{
    char *file = lab_put(runnable(), scenario(DOSES, "ledger = \"fate\";"));
    for (int trajectories = 0; trajectories < 2; trajectories++) {
        msc_batch *batch = need_batch(file, "parameters.k", trajectories > 0);
        bool there = false;
        for (size_t k = 0; k < msc_batch_columns(batch); k++) {
            there = there || strcmp(msc_batch_column(batch, k, NULL), "ledger_cell[lysis]") == 0;
        }
        ck_assert_int_eq(there, trajectories);
        ck_assert_int_eq(batch->scenario->program->n_quantity > 0, trajectories);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* A total costs the states that integrate it, and no more of the ledger. */
START_TEST(totals_without_a_ledger)
{
    char *file = lab_tree("configs/oi_two_dose.cfg");
    msc_batch *batch = need_batch(file, "parameters.arrest.lung", false);
    const msc_program *p = batch->scenario->program;
    size_t integrals = 0;
    for (uint32_t i = 0; i < p->n_state; i++) {
        integrals += strstr(p->state_name[i], " by ") != NULL;
    }
    ck_assert_uint_eq(integrals, 1);
    ck_assert_uint_lt(p->n_state, 100); /* of 208 */
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

START_TEST(endpoints_of_a_section)
{
    char *file = lab_put(runnable(), lab_format("%s sweep = { endpoints: { top = { max = \"c\"; }; two = { ratio = [\"top\", \"top\"]; }; }; };",
                                                scenario(DOSES, "")));
    msc_batch *batch = need_batch(file, "parameters.k", false);
    ck_assert_uint_eq(msc_batch_endpoints(batch), 2); /* in the place of the fifteen of a single run */
    ck_assert_str_eq(msc_batch_endpoint(batch, 0, NULL), "top");
    ck_assert_str_eq(msc_batch_endpoint(batch, 1, NULL), "two");
    msc_batch_free(batch);
    const msc_batch_options options = {.n_vary = 0}; /* not of that section */
    msc_error err;
    ck_assert_int_eq(msc_batch_read(file, &options, &batch, &err), MSC_OK);
    ck_assert_uint_eq(msc_batch_endpoints(batch), 15);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* What hangs on a dose that is moved out of the run, or past another window's edge, has no value. */
START_TEST(windows_that_leave_the_run)
{
    char *file = lab_put(runnable(), "regimen = ( { route = \"drip\"; at = \"1 h\"; dose = \"1e6 cell\"; } );\n"
                                     "output = { until = \"24 h\"; every = \"1 h\"; endpoints: {\n"
                                     "  a = { auc = \"c\"; from = \"regimen[0]\"; until = \"regimen[0] + 2 h\"; };\n"
                                     "  b = { max = \"c\"; from = \"2 h\"; until = \"regimen[0] + 2 h\"; };\n"
                                     "  v = { value = \"c\"; at = \"regimen[0] + 3 h\"; }; r = { ratio = [\"a\", \"b\"]; }; }; };\n");
    msc_batch *batch = need_batch(file, "regimen[0].at", false);
    const double at[] = {1, 5, 21, 22.5, 0};
    static const char *const want[] = {"a b v r", "a b v r", "a b v r", "", "a v"};
    task t = make(batch, 5, 1, at);
    run_task(&t, 1);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(t.kept[i].status, MSC_OK);
        for (size_t e = 0; e < 4; e++) {
            const bool there = strchr(want[i], *msc_batch_endpoint(batch, e, NULL)) != NULL;
            ck_assert_msg(isfinite(t.kept[i].endpoint[e]) == there, "%s of %g", msc_batch_endpoint(batch, e, NULL), at[i]);
            ck_assert_str_eq(msc_batch_marks()[t.kept[i].mark[e]], there ? "exact" : "not_known");
        }
    }
    drop(&t);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* ---- output times ---- */

static void times_are(const char *doses, const char *output, const char *paths, size_t n, const double *want)
{
    char *file = lab_put(runnable(), lab_format("regimen = ( %s );\noutput = { until = \"24 h\"; times = [\"1 h\", \"24 h\"]; %s };",
                                                doses, output));
    msc_batch *batch = need_batch(file, paths, true);
    const double *time;
    ck_assert_uint_eq(msc_batch_times(batch, &time), n);
    for (size_t i = 0; i < n; i++) {
        /* `time > 2 h` becomes true just after 2 h */
        ck_assert_msg(fabs(time[i] - want[i]) <= 1e-15 * want[i], "%s: %g, not %g", paths, time[i], want[i]);
    }
    msc_batch_free(batch);
    lab_put_away(file);
}

START_TEST(output_times_stand_still)
{
    times_are(DOSES, "", "parameters.k", 7, (const double[]){0, 0.5, 1, 4, 9, 14, 24});
    times_are(DOSES, "", "regimen[0].day", 5, (const double[]){1, 4, 9, 14, 24});
    times_are(DOSES, "", "regimen[0].duration", 6, (const double[]){0, 1, 4, 9, 14, 24});
    times_are(DOSES, "", "regimen[1].interval", 5, (const double[]){0, 0.5, 1, 4, 24});
    /* both sides of what stands still: doses; and where no stop moves, switches */
    times_are(DOSES, "both_sides = true;", "parameters.k", 16,
              (const double[]){0, 0, 0.5, 0.5, 1, 2, 2, 4, 4, 6, 6, 9, 9, 14, 14, 24});
    times_are(DOSES, "both_sides = true;", "regimen[0].day", 8, (const double[]){1, 4, 4, 9, 9, 14, 14, 24});
    times_are(DOSES, "both_sides = true;", "parameters.when", 12,
              (const double[]){0, 0, 0.5, 0.5, 1, 4, 4, 9, 9, 14, 14, 24});
}
END_TEST

/* A start that the first dose implies is that of the scenario's own values. */
START_TEST(the_start_stands_still)
{
    const char *doses = "{ route = \"drip\"; day = -0.5; dose = \"1e6 cell\"; }";
    char *file = lab_put(runnable(), lab_format("regimen = ( %s );\noutput = { until = \"24 h\"; every = \"12 h\"; };", doses));
    msc_batch *batch = need_batch(file, "regimen[0].day", true);
    const double day[] = {-0.5, 0.25, -0.75}, *time;
    ck_assert_uint_eq(msc_batch_times(batch, &time), 4);
    ck_assert(time[0] == -12 && time[3] == 24);
    task t = make(batch, 3, 1, day);
    run_task(&t, 1);
    ck_assert_str_eq(t.kept[0].end, "ok");
    ck_assert_str_eq(t.kept[1].end, "ok");
    ck_assert_str_eq(t.kept[2].end, "refused");
    ck_assert_str_eq(t.kept[2].message, "a dose is not given before the start of the run, and not -0.75 day");
    drop(&t);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

START_TEST(a_dose_after_the_end)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    msc_batch *batch = need_batch(file, "regimen[0].day regimen[0].dose", true);
    const double vector[] = {1.5, 1e6, 400, 1e9, 0, 0};
    task t = make(batch, 3, 2, vector);
    run_task(&t, 1);
    const size_t n = msc_batch_times(batch, NULL), width = msc_batch_columns(batch);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(t.kept[i].end, "ok");
    }
    for (size_t i = 0; i < n * width; i++) {
        ck_assert(t.kept[0].value[i] == t.kept[1].value[i]);
        lab_near(t.kept[2].value[i], t.kept[0].value[i], 1e-4, 1 + fabs(t.kept[0].value[i]), "nothing given"); /* other stops */
    }
    drop(&t);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* ---- what is refused before anything is run ---- */

#define ASKED "asked.cfg:7: "

static const struct {
    const char *paths, *where, *message;
} wrong[] = {
    {"parameters.wieght", "parameters.wieght", "no parameter is named 'wieght'; did you mean 'weight'?"},
    {"parameters", "parameters", "name a parameter, as in parameters.NAME or parameters.NAME.ELEMENT"},
    {"parameters[0]", "parameters[0]", "name a parameter, as in parameters.NAME or parameters.NAME.ELEMENT"},
    {"parameters.k.lung", "parameters.k.lung", "'k' has no elements"},
    {"parameters.part", "parameters.part", "'part' is more than one number: name its elements, as in part[lung]"},
    {"parameters.part.lunk", "parameters.part.lunk", "'lunk' is no element of 'organ'; did you mean 'lung'?"},
    {"parameters.part.pair", "parameters.part.pair", "'pair' is more than one number: name an element of 'organ'"},
    {"parameters.part.others", "parameters.part.others", "'others' is more than one number: name an element of 'organ'"},
    {"parameters.part.lung.site", "parameters.part.lung.site", "'part' has fewer indices, as in part[lung]"},
    {"parameters.part[0]", "parameters.part[0]", "'[]' is no element of 'organ'"},
    {"parameters.part.rest", "parameters.part.rest",
     "the elements of 'part' add up to a total: one of the others has to be \"remainder\" to give way"},
    {"parameters.fixed.lung", "parameters.fixed.lung",
     "the elements of 'fixed' add up to a total: one of the others has to be \"remainder\" to give way"},
    {"parameters.k parameters.k", "parameters.k", "this is varied already, as parameters.k (asked.cfg:7)"},
    {"parameters.k parameters.k.value", "parameters.k.value", "this is varied already, as parameters.k (asked.cfg:7)"},
    {"regimen[1].dose regimen[*].dose", "regimen[*].dose", "this is varied already, as regimen[1].dose (asked.cfg:7)"},
    {"regimen", "regimen", "say which entry of the regimen, as in regimen[0].dose or regimen[*].dose"},
    {"regimen[0]", "regimen[0]", "name a number of the dose, as in regimen[0].dose"},
    {"regimen[2].dose", "regimen[2].dose", "the regimen has 2 entries, [0] to [1]"},
    {"regimen[1].day", "regimen[1].day", "regimen[1] has no 'day': vary its 'at'"},
    {"regimen[*].at", "regimen[*].at", "regimen[0] has no 'at': vary its 'day'"},
    {"regimen[0].interval", "regimen[0].interval", "regimen[0] has no interval: it is given once"},
    {"regimen[1].repeat", "regimen[1].repeat",
     "'repeat' shapes the model: a scenario with another one has to be read anew"},
    {"regimen[1].duratoin", "regimen[1].duratoin",
     "'duratoin' is neither a number of a dose nor a parameter that route 'vein' takes; did you mean 'duration'?"},
    {"regimen[1].weight", "regimen[1].weight",
     "'weight' is neither a number of a dose nor a parameter that route 'vein' takes"},
    {"regimen[0].product", "regimen[0].product",
     "'product' is more than one number: name its elements, as in product[lung]"},
    {"regimen[0].product.rest", "regimen[0].product.rest",
     "the elements of 'product' add up to a total: one of the others has to be \"remainder\" to give way"},
    {"regimen[1].product.site", "regimen[1].product.site",
     "the elements of 'product' add up to a total: one of the others has to be \"remainder\" to give way"},
    {"regimen[0].label.lung", "regimen[0].label.lung", "the load of a cargo is one number"},
    {"parametres.k", "parametres.k",
     "numbers of 'parameters' and of 'regimen' can be varied, others are read with the scenario; did you mean 'parameters'?"},
    {"solver.rtol", "solver.rtol",
     "numbers of 'parameters' and of 'regimen' can be varied, others are read with the scenario"},
    {"parameters..k", NULL, "a name is missing in 'parameters..k'"},
};

START_TEST(paths_that_name_no_number)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    msc_error err;
    msc_batch *batch = read_batch(file, wrong[_i].paths, false, &err);
    ck_assert_msg(batch == NULL, "%s", wrong[_i].paths);
    ck_assert_int_eq(err.status, MSC_E_CONFIG);
    ck_assert_str_eq(err.message, wrong[_i].message);
    ck_assert_str_eq(err.where, wrong[_i].where ? lab_format(ASKED "%s", wrong[_i].where) : "asked.cfg:7");
    lab_put_away(file);
}
END_TEST

static void refused(const char *model_text, const char *text, const char *paths, const char *message)
{
    char *file = lab_put(model_text, text);
    msc_error err;
    ck_assert_ptr_null(read_batch(file, paths, false, &err));
    ck_assert_int_eq(err.status, MSC_E_CONFIG);
    ck_assert_msg(strcmp(err.message, message) == 0, "'%s', not '%s'", err.message, message);
    lab_put_away(file);
}

START_TEST(scenarios_that_give_no_batch)
{
    refused(model, scenario(DOSES, ""), "parameters.empty", "it has no value of its own: give one to start from");
    refused(runnable(), "output = { until = \"24 h\"; };", "parameters.k",
            "nothing is asked for: there are no endpoints, and no trajectories are kept");
    refused(runnable(), "output = { until = \"24 h\"; };", "regimen[0].dose", "the scenario has no regimen");
    refused(runnable(), scenario(DOSES ", { route = \"drip\"; day = 0.0; dose = \"1e6 cell\"; }", ""), "regimen[*].dose",
            "regimen[0].dose and regimen[2].dose are not in the same units: vary each by itself");
    refused(runnable(), scenario(DOSES, "ledger = \"off\";"), "parameters.k",
            "a total is one of the ledger, and output.ledger is \"off\"");
}
END_TEST

/* ---- derivatives ---- */

enum { N_SLOPE = 6 };
static const msc_vary slope[N_SLOPE] = {{.path = "parameters.k", .scale = MSC_SCALE_LOG},
                                        {.path = "parameters.part.lung", .scale = MSC_SCALE_LOGIT, .low = 0, .high = 0.7},
                                        {.path = "regimen[0].dose", .scale = MSC_SCALE_LOG},
                                        {.path = "regimen[1].viability", .scale = MSC_SCALE_LINEAR},
                                        {.path = "parameters.weight", .scale = MSC_SCALE_LINEAR},
                                        {.path = "regimen[1].label", .scale = MSC_SCALE_LOG}};
static const double slope_at[N_SLOPE] = {0.3, 0.2, 1e6, 0.8, 30, 0.1};

typedef struct {
    double *value, *sensitivity;
    size_t n_value, given, n;
    const double *vector;
    uint64_t steps;
} sloped;

static bool next_sloped(void *context, double *value, size_t *id)
{
    sloped *t = context;
    if (t->given == t->n) {
        return false;
    }
    memcpy(value, t->vector + t->given * N_SLOPE, N_SLOPE * sizeof *value);
    *id = t->given++;
    return true;
}

static void done_sloped(void *context, size_t id, const msc_outcome *o)
{
    sloped *t = context;
    ck_assert_msg(o->status == MSC_OK, "%s", o->message);
    memcpy(t->value + id * t->n_value, o->value, t->n_value * sizeof *o->value);
    if (t->sensitivity) {
        ck_assert_ptr_nonnull(o->sensitivity);
        memcpy(t->sensitivity, o->sensitivity, N_SLOPE * t->n_value * sizeof *o->sensitivity);
    }
}

static size_t run_sloped(const char *file, bool slopes, const double *vector, size_t n, double **value, double **sensitivity)
{
    static const char *const setting[] = {"solver.rtol=1e-10"};
    const msc_batch_options options = {
        .n_setting = 1, .setting = setting, .n_vary = N_SLOPE, .vary = slope, .trajectories = true, .sensitivities = slopes};
    msc_error err = {0};
    msc_batch *batch = NULL;
    msc_worker *worker = NULL;
    ck_assert_msg(msc_batch_read(file, &options, &batch, &err) == MSC_OK, "%s %s", err.where, err.message);
    ck_assert_int_eq(msc_worker_new(batch, &worker, &err), MSC_OK);
    sloped t = {.n_value = msc_batch_times(batch, NULL) * msc_batch_columns(batch), .n = n, .vector = vector};
    t.value = calloc(n * t.n_value, sizeof *t.value);
    t.sensitivity = slopes ? calloc(N_SLOPE * t.n_value, sizeof *t.sensitivity) : NULL;
    ck_assert_int_eq(msc_worker_run(worker, next_sloped, done_sloped, &t, NULL, &err), MSC_OK);
    *value = t.value;
    if (sensitivity) {
        *sensitivity = t.sensitivity;
    }
    msc_worker_free(worker);
    msc_batch_free(batch);
    return t.n_value;
}

static double from_scale(const msc_vary *v, double value, double by)
{
    switch (v->scale) {
    case MSC_SCALE_LOG: return value * exp(by);
    case MSC_SCALE_LOGIT: {
        const double x = log((value - v->low) / (v->high - value)) + by;
        return v->low + (v->high - v->low) / (1 + exp(-x));
    }
    case MSC_SCALE_LINEAR: break;
    }
    return value + by;
}

/* Against central differences over 1e-3 of the scale (their error: 1e-6 / 6 of the third derivative), both at rtol
 * 1e-10 (1e-10 / 1e-3 of the value); the forward step itself errs by 1e-7 / 2 of the second. In the measure of each
 * output's largest. Values are those of a batch without derivatives, to the bit. */
START_TEST(derivatives)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    double vector[1 + 2 * N_SLOPE][N_SLOPE], *value, *alone, *got;
    const double h[N_SLOPE] = {1e-3, 1e-3, 1e-3, 1e-3, 3e-2, 1e-3};
    for (size_t i = 0; i < 1 + 2 * N_SLOPE; i++) {
        memcpy(vector[i], slope_at, sizeof slope_at);
        if (i > 0) {
            const size_t k = (i - 1) / 2;
            vector[i][k] = from_scale(&slope[k], slope_at[k], i % 2 ? h[k] : -h[k]);
        }
    }
    const size_t n = run_sloped(file, true, vector[0], 1, &value, &got);
    ck_assert_uint_eq(run_sloped(file, false, vector[0], 1 + 2 * N_SLOPE, &alone, NULL), n);
    ck_assert_mem_eq(value, alone, n * sizeof *value);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(value[i]));
    }
    for (size_t k = 0; k < N_SLOPE; k++) {
        double most = 0, size = 0;
        for (size_t i = 0; i < n; i++) {
            const double want = (alone[(1 + 2 * k) * n + i] - alone[(2 + 2 * k) * n + i]) / (2 * h[k]);
            most = fmax(most, fabs(got[k * n + i] - want));
            size = fmax(size, fabs(want));
        }
        ck_assert_msg(size > 0 && most < 3e-6 * size, "%s: %g of %g", slope[k].path, most, size);
    }
    free(value), free(alone), free(got);
    lab_put_away(file);
}
END_TEST

START_TEST(derivatives_that_there_are_not)
{
    static const struct {
        msc_vary vary;
        const char *setting, *message;
    } wrong_slope[] = {
        {{.path = "regimen[0].day"}, "solver.rtol=1e-6", "this moves an event: there are no derivatives by it"},
        {{.path = "parameters.when"}, "solver.rtol=1e-6",
         "this moves an event (a condition on time): there are no derivatives by it"},
        {{.path = "parameters.k"}, "solver.method=msbdf",
         "derivatives are to be had with the method 'rosenbrock' only, not with 'msbdf'"},
        {{.path = "parameters.k", .scale = MSC_SCALE_LOGIT}, "solver.rtol=1e-6", "a logit needs an interval, and not 0 to 0"}};
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    for (size_t i = 0; i < sizeof wrong_slope / sizeof *wrong_slope; i++) {
        const msc_batch_options options = {
            .n_setting = 1, .setting = &wrong_slope[i].setting, .n_vary = 1, .vary = &wrong_slope[i].vary, .sensitivities = true};
        msc_batch *batch;
        msc_error err;
        ck_assert_int_eq(msc_batch_read(file, &options, &batch, &err), MSC_E_CONFIG);
        ck_assert_str_eq(err.message, wrong_slope[i].message);
        ck_assert_ptr_null(batch);
    }
    lab_put_away(file);
}
END_TEST

/* ---- values that are refused, and runs that fail: outcomes ---- */

static const struct {
    const char *path;
    double value;
    const char *end, *message;
} outcome[] = {
    {"parameters.k", (double)NAN, "refused", "a finite number is wanted, and not nan 1/h"},
    {"parameters.part.lung", (double)INFINITY, "refused", "a finite number is wanted, and not inf"},
    {"parameters.part.lung", 0.75, "refused",
     "the remainder part[rest] is negative: the other elements add up to more than the total (-0.05)"},
    {"parameters.k", -0.1, "refused", "process 'fade[lung]': its size is negative (-0.01)"},
    {"parameters.weight", 300, "refused", "this check fails: check 'light'"},
    {"regimen[1].product.lung", 0.95, "refused",
     "the remainder product[site] is negative: the other elements add up to more than the total (-0.05)"},
    {"regimen[0].viability", 1.5, "refused", "a share of route 'vein' is -0.5, outside of 0 to 1"},
    {"regimen[0].dose", -1, "refused", "a dose is not negative, and not -1 cell/kg"},
    {"regimen[0].dose", 1e308, "refused", "with these parameters what enters here is not a finite amount"},
    {"regimen[0].day", -1, "refused", "a dose is not given before the start of the run, and not -1 day"},
    {"regimen[0].duration", -1, "refused", "a duration is not negative, and not -1 min"},
    {"regimen[1].interval", 0, "refused", "the interval between doses is positive, and not 0 h"},
    {"regimen[1].interval", (double)NAN, "refused", "a finite number is wanted, and not nan h"},
    {"parameters.half", 0, "refused", "not a finite number (inf)"},
    {"regimen[0].dose", 1e10, "check", NULL},
};

START_TEST(values_that_may_not_be)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    msc_batch *batch = need_batch(file, outcome[_i].path, true);
    const double vector[] = {outcome[_i].value, msc_batch_value(batch, 0), outcome[_i].value, msc_batch_value(batch, 0)};
    task t = make(batch, 4, 1, vector), again = make(batch, 1, 1, vector + 1);
    run_task(&t, 1);
    run_task(&again, 1);
    for (size_t i = 0; i < 4; i += 2) {
        const kept *k = &t.kept[i];
        ck_assert_int_eq(k->times, 1);
        ck_assert_int_eq(k->status, strcmp(k->end, "refused") == 0 ? MSC_E_CONFIG : MSC_E_NUMERIC);
        ck_assert_str_eq(k->end, outcome[_i].end);
        ck_assert_msg(outcome[_i].message == NULL || strcmp(k->message, outcome[_i].message) == 0, "'%s'", k->message);
        ck_assert(k->where[0] != '\0');
        ck_assert(isnan(k->endpoint[0]));
    }
    ck_assert_str_eq(t.kept[1].end, "ok"); /* and has no influence on others */
    ck_assert_str_eq(t.kept[1].message, "");
    for (size_t e = 0; e < msc_batch_endpoints(batch); e++) {
        ck_assert(t.kept[1].endpoint[e] == again.kept[0].endpoint[e]);
    }
    drop(&t), drop(&again);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

START_TEST(what_there_is_of_a_failure)
{
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    msc_batch *batch = need_batch(file, "regimen[0].dose", true);
    const double vector[] = {2e8, 1e6, 1e10}; /* a warning; fine; too many */
    task t = make(batch, 3, 1, vector);
    run_task(&t, 1);
    ck_assert_str_eq(t.kept[0].end, "ok");
    ck_assert_int_eq(strncmp(t.kept[0].warning, "check 'few' fails ", 18), 0);
    ck_assert_str_eq(t.kept[1].warning, "");
    ck_assert_int_eq(strncmp(t.kept[2].message, "a check failed: check 'none' at t = ", 36), 0);
    ck_assert_ptr_nonnull(strstr(t.kept[2].message, ": far too many"));
    const size_t n = msc_batch_times(batch, NULL), width = msc_batch_columns(batch);
    ck_assert(isfinite(t.kept[2].value[0]) && isnan(t.kept[2].value[n * width - 1]));
    drop(&t);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* What a model says of doses is tested with the numbers that hold: in the dose, in the model, what is left. */
START_TEST(checks_of_doses)
{
    static const struct {
        const char *paths;
        double vector[2];
        const char *end, *message, *warning;
    } check[] = {{"parameters.latest parameters.viability", {18, 0.5}, "ok", "", ""},
                 {"parameters.latest parameters.viability", {18, 0.3}, "ok", "", "the dose of day 0: check 'alive' fails"},
                 {"parameters.latest regimen[1].viability", {18, 0.3}, "ok", "", "3 doses, the first on day 0.17: check 'alive' fails"},
                 {"parameters.latest regimen[1].product.lung", {18, 0.65}, "ok", "", ""},
                 {"parameters.latest regimen[1].product.lung", {18, 0.75}, "ok", "", "3 doses, the first on day 0.17: check 'alive' fails"},
                 {"parameters.latest regimen[1].interval", {18, 7}, "ok", "", ""},
                 {"parameters.latest regimen[1].interval", {18, 8}, "refused", "the dose of day 0.83: marked too late", ""},
                 {"parameters.latest regimen[1].interval", {13, 5}, "refused", "the dose of day 0.58: marked too late", ""},
                 {"parameters.latest regimen[0].day", {18, 0.8}, "refused", "the dose of day 0.8: marked too late", ""},
                 {"parameters.latest regimen[0].day", {18, 1.2}, "ok", "", "a dose is given after the end of the run (day 1) and has no effect"}};
    char *file = lab_put(runnable(), scenario(DOSES, ""));
    for (size_t i = 0; i < sizeof check / sizeof *check; i++) {
        msc_batch *batch = need_batch(file, check[i].paths, false);
        task t = make(batch, 1, 2, check[i].vector);
        run_task(&t, 1);
        ck_assert_str_eq(t.kept[0].end, check[i].end);
        ck_assert_str_eq(t.kept[0].message, check[i].message);
        ck_assert_str_eq(t.kept[0].warning, check[i].warning);
        drop(&t);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* What a single run says as it is read, a vector says too, as far as what is varied decides it: in the words of the run. */
START_TEST(warnings_of_a_run)
{
    static const struct {
        const char *paths;
        double vector[2];
        const char *warning;
    } one[] = {{"parameters.viability parameters.k", {0.5, 0.3}, ""},
               {"parameters.viability parameters.k", {0.42, 0.3}, "viability is 0.42, outside of the range 0.45 to 1 that the model gives"},
               {"regimen[0].day regimen[0].duration", {1.0, 0}, ""}, /* just at the end */
               {"regimen[0].day regimen[0].duration", {1.5, 30}, "a dose is given after the end of the run (day 1) and has no effect"},
               {"regimen[0].day regimen[0].duration", {0.5, 1440},
                "this dose is given until day 1.5, and the run ends on day 1: 50.0 % of it is given"},
               {"regimen[1].interval parameters.k", {15, 0.3},
                "the last of these 3 doses is given after the end of the run (day 1) and has no effect"},
               {"regimen[1].at parameters.k", {25, 0.3},
                "all of these 3 doses are given after the end of the run (day 1) and have no effect"}};
    static const char own[] = "viability = { unit = \"1\"; value = 0.9; };";
    const char *text = runnable(), *at = strstr(text, own);
    char *file = lab_put(lab_format("%.*sviability = { unit = \"1\"; value = 0.9; range = [0.45, 1.0]; };%s", (int)(at - text), text,
                                    at + strlen(own)),
                         scenario(DOSES, ""));
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        msc_batch *batch = need_batch(file, one[i].paths, false);
        ck_assert_ptr_null(msc_scenario_warning(msc_batch_scenario(batch), 0, NULL));
        task t = make(batch, 1, 2, one[i].vector);
        run_task(&t, 1);
        ck_assert_str_eq(t.kept[0].end, "ok");
        ck_assert_str_eq(t.kept[0].warning, one[i].warning);
        drop(&t);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

/* Threads that are warned at the same time say when in units that one scenario remembers. (It tells under the thread sanitiser.) */
START_TEST(warned_side_by_side)
{
    enum { N = 64 };
    static double vector[N];
    char *file = lab_put(runnable(), scenario("{ route = \"drip\"; day = 0.0; dose = \"1e6 cell\"; }, { route = \"drip\"; day = 0.5; dose = \"1 cell\"; }", ""));
    for (int i = 0; i < N; i++) {
        vector[i] = 4e8 + 1e6 * i;
    }
    for (int turn = 0; turn < 8; turn++) {
        msc_batch *batch = need_batch(file, "regimen[0].dose", false);
        task t = make(batch, N, 1, vector);
        run_task(&t, 4);
        for (int i = 0; i < N; i++) {
            ck_assert_msg(strncmp(t.kept[i].warning, "check 'few' fails ", 18) == 0, "%s", t.kept[i].warning);
        }
        drop(&t);
        msc_batch_free(batch);
    }
    lab_put_away(file);
}
END_TEST

START_TEST(words_for_ends)
{
    static const char *const words[] = {"ok",       "refused", "steps", "rejected", "collapsed", "nonfinite",
                                        "negative", "share",   "check", "time",     "method"};
    const char *const *have = msc_batch_ends();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ck_assert_str_eq(have[i], words[i]);
    }
    ck_assert_ptr_null(have[sizeof words / sizeof *words]);
    char *file = lab_put(runnable(), lab_format("%s", "regimen = ( " DOSES " );\noutput = { until = \"24 h\"; endpoints: { m = { max = \"c\"; }; }; };\n"
                                                      "solver = { max_steps = 5; };"));
    msc_batch *batch = need_batch(file, "parameters.k", false);
    task t = make(batch, 1, 1, (const double[]){0.3});
    run_task(&t, 1);
    ck_assert_str_eq(t.kept[0].end, "steps");
    ck_assert_int_eq(t.kept[0].status, MSC_E_NUMERIC);
    ck_assert_int_eq(strncmp(t.kept[0].message, "the steps allowed were used up at t = ", 38), 0);
    drop(&t);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* ---- stopping, memory ---- */

START_TEST(asked_to_stop)
{
    enum { N = 40 };
    static const char *const solver[] = {"", "solver = { rtol = 1e-5; method = \"msbdf\"; };"};
    char *file = lab_put(runnable(), lab_format("regimen = ( " DOSES " );\noutput = { until = \"24 h\"; endpoints: { m = { max = \"c\"; }; }; };\n%s",
                                                solver[_i]));
    msc_batch *batch = need_batch(file, "parameters.k", false);
    double k[N];
    for (size_t i = 0; i < N; i++) {
        k[i] = 0.1 + 0.01 * (double)i;
    }
    volatile int stop = 0;
    task t = make(batch, N, 1, k), again = make(batch, N, 1, k);
    t.stop = &stop;
    run_task(&t, 1);
    ck_assert_uint_ge(t.done, N / 2);
    ck_assert_uint_lt(t.done, N / 2 + 8);
    run_task(&again, 1);
    for (size_t i = 0; i < N; i++) {
        ck_assert(t.kept[i].times == 0 || t.kept[i].endpoint[0] == again.kept[i].endpoint[0]);
        ck_assert_int_eq(again.kept[i].times, 1);
    }
    drop(&t), drop(&again);
    msc_batch_free(batch);
    lab_put_away(file);
}
END_TEST

/* ---- a scenario's own numbers that are refused before the run ---- */

static const char *const parameter = "parameters: { k = { unit = \"1/h\"; value = %s; }; deep = { unit = \"1\"; over = [\"s\"]; values = { a = 1.0; b = %s; }; }; };\n"
                                     "sets: { s = [\"a\", \"b\"]; }; amounts: { c = { unit = \"cell\"; initial = \"1 cell\"; }; };\n"
                                     "processes: { lose = { from = \"c\"; hazard = \"k * deep[a] * deep[b]\"; }; }; outputs: { c = { }; };\n";

static const struct {
    const char *k, *b, *scenario, *where, *message;
} culprits[] = {
    {"1e999", "1.0", "output = { until = \"1 h\"; every = \"1 h\"; };", "model.cfg:1",
     "the number 1e999 is not finite"},
    {"1e308", "\"1e3 * 1e306\"", "output = { until = \"1 h\"; every = \"1 h\"; };", "model.cfg:3: processes.lose",
     "not a finite number (inf); 'deep[b]' is inf"},
    {"\"exp(1000) * 1 1/h\"", "1.0", "output = { until = \"1 h\"; every = \"1 h\"; };", "model.cfg:3: processes.lose",
     "not a finite number (inf); 'k' is inf"},
    {"1.0", "1.0", "output = { until = \"1 h\"; every = \"1 h\"; }; solver = { rtol = 1.0; };", "scenario.cfg:2: solver.rtol",
     "1 is outside of 1e-14 to 0.1"},
    {"1.0", "1.0", "output = { until = \"1 h\"; every = \"1 h\"; }; solver = { atol = 0.0; };", "scenario.cfg:2: solver.atol",
     "0 is outside of 1e-30 to 1"},
    {"1.0", "1.0", "output = { until = \"1 h\"; every = \"0 h\"; };", "scenario.cfg:2: output.every",
     "the time between two outputs is positive"},
    {"1.0", "1.0", "output = { until = \"1 h\"; every = \"1e-9 h\"; };", "scenario.cfg:2: output.every",
     "this makes more than 1000000 output times"},
    {"1.0", "1.0", "output = { until = \"0 h\"; every = \"1 h\"; };", "scenario.cfg:2: output.until",
     "the run ends as it starts"},
    {"1.0", "1.0", "output = { until = \"1e999 h\"; every = \"1 h\"; };", "scenario.cfg:2: output.until", "column 1: '1e999' is too large for a number"},
    {"1.0", "1.0", "output = { until = \"1 h\"; times = [\"2 h\"]; };", "scenario.cfg:2: output.times[0]",
     "this time is outside of the run"},
};

START_TEST(culprits_by_name)
{
    char text[LAB_TEXT];
    snprintf(text, sizeof text, parameter, culprits[_i].k, culprits[_i].b);
    char *file = lab_put(text, culprits[_i].scenario);
    msc_scenario *s;
    msc_error err = {0};
    ck_assert_int_eq(msc_scenario_read(file, NULL, 0, &s, &err), MSC_E_CONFIG);
    ck_assert_str_eq(err.message, culprits[_i].message);
    const char *slash = strrchr(err.where, '/');
    ck_assert_str_eq(slash ? slash + 1 : err.where, culprits[_i].where);
    lab_put_away(file);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/batch");
    TCase *c = tcase_create("batch");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, a_vector_is_a_scenario, 0, sizeof settable / sizeof *settable);
    tcase_add_test(c, on_every_method_and_kernel);
    tcase_add_test(c, units_and_own_values);
    tcase_add_test(c, own_values_give_the_scenario);
    tcase_add_loop_test(c, whatever_is_run_beside, 0, 2);
    tcase_add_test(c, cut_down_to_endpoints);
    tcase_add_test(c, a_ledger_that_is_asked_for);
    tcase_add_test(c, totals_without_a_ledger);
    tcase_add_test(c, endpoints_of_a_section);
    tcase_add_test(c, windows_that_leave_the_run);
    tcase_add_test(c, output_times_stand_still);
    tcase_add_test(c, the_start_stands_still);
    tcase_add_test(c, a_dose_after_the_end);
    tcase_add_loop_test(c, paths_that_name_no_number, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(c, scenarios_that_give_no_batch);
    tcase_add_test(c, derivatives);
    tcase_add_test(c, derivatives_that_there_are_not);
    tcase_add_loop_test(c, values_that_may_not_be, 0, sizeof outcome / sizeof *outcome);
    tcase_add_test(c, what_there_is_of_a_failure);
    tcase_add_test(c, checks_of_doses);
    tcase_add_test(c, warnings_of_a_run);
    tcase_add_test(c, warned_side_by_side);
    tcase_add_test(c, words_for_ends);
    tcase_add_loop_test(c, asked_to_stop, 0, 2);
    tcase_add_loop_test(c, culprits_by_name, 0, sizeof culprits / sizeof *culprits);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
