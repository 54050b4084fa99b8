/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: derivatives of a batch at values that are 0, or small beside what the scenario has, are those of the
 * closed solutions: the step is one that the digits can show, and short beside what is much of the value. Where the
 * scenario has nothing whose course a derivative could follow, that is said. */
#include <math.h>
#include <string.h>

#include <mscsim/batch.h>

#include "support/lab.h"
#include "support/suite.h"

/* a' = -k a; b' = -pair b^2, b / (1 + pair b t); what drips into d is lost with `out` */
static const char three[] =
    "parameters: { k = { unit = \"1/h\"; value = 0.1; }; pair = { unit = \"1/(cell.h)\"; value = 1e-9; };\n"
    "  out = { unit = \"1/h\"; value = 2.0; }; n0 = { unit = \"cell\"; value = 100.0; }; };\n"
    "amounts: { a = { unit = \"cell\"; initial = \"n0\"; }; b = { unit = \"cell\"; initial = \"1e8 cell\"; };\n"
    "  d = { unit = \"cell\"; }; };\n"
    "processes: { lose = { from = \"a\"; hazard = \"k\"; fate = \"lysis\"; };\n"
    "  meet = { from = \"b\"; hazard = \"pair * b\"; fate = \"death\"; };\n"
    "  leave = { from = \"d\"; hazard = \"out\"; fate = \"gone\"; }; };\n"
    "routes: { drip = { to = \"d\"; }; };\n"
    "outputs: { a = { }; b = { }; d = { }; };\n";
/* nothing but what drips */
static const char one[] = "amounts: { d = { unit = \"cell\"; }; e = { unit = \"cell\"; }; };\n"
                          "processes: { leave = { from = \"d\"; to = \"e\"; hazard = \"2 1/h\"; };\n"
                          "  end = { from = \"e\"; hazard = \"1 1/h\"; fate = \"gone\"; }; };\n"
                          "routes: { drip = { to = \"d\"; }; };\noutputs: { d = { }; e = { }; };\n";
static const char scenario[] = "regimen = ( { route = \"drip\"; at = \"0 h\"; dose = \"5e6 cell\"; } );\n"
                               "output = { until = \"4 h\"; every = \"1 h\"; };\nsolver = { rtol = 1e-9; };\n";

typedef struct {
    double value;
    bool given;
    msc_status status;
    size_t n_column;
    double slope[64];
    char message[256];
} task;

static bool next(void *context, double *value, size_t *id)
{
    task *t = context;
    const bool more = !t->given;
    *value = t->value;
    *id = 0;
    t->given = true;
    return more;
}

static void done(void *context, size_t id, const msc_outcome *o)
{
    task *t = context;
    (void)id;
    t->status = o->status;
    strncpy(t->message, o->message, sizeof t->message - 1);
    memcpy(t->slope, o->sensitivity, 5 * t->n_column * sizeof *t->slope);
}

/* The derivatives by one value, at 0 h ... 4 h. */
static task slopes(const char *model, const char *path, msc_scale scale, double value)
{
    const msc_vary vary = {.path = path, .scale = scale};
    const msc_batch_options options = {.n_vary = 1, .vary = &vary, .sensitivities = true};
    char *file = lab_put(model, scenario);
    msc_batch *batch;
    msc_worker *worker;
    msc_error err = {0};
    ck_assert_msg(msc_batch_read(file, &options, &batch, &err) == MSC_OK, "%s", err.message);
    ck_assert_int_eq(msc_worker_new(batch, &worker, &err), MSC_OK);
    task t = {.value = value, .n_column = msc_batch_columns(batch)};
    ck_assert_uint_eq(msc_batch_times(batch, NULL), 5);
    ck_assert_int_eq(msc_worker_run(worker, next, done, &t, NULL, &err), MSC_OK);
    msc_worker_free(worker);
    msc_batch_free(batch);
    lab_put_away(file);
    return t;
}

static const double small[] = {0, 1e-300, 1e-15, 1e-8, 1e-3, 0.099, 0.11, 1};

START_TEST(by_a_rate)
{
    const double k = 0.1 * small[_i];
    const task t = slopes(three, "parameters.k", MSC_SCALE_LINEAR, k);
    ck_assert_int_eq(t.status, MSC_OK);
    for (int i = 0; i < 5; i++) {
        lab_near(t.slope[(size_t)i * t.n_column], -100.0 * i * exp(-k * i), 1e-6, 400, "da/dk");
    }
}
END_TEST

/* 0.1 / h of the cells that are there: a step of 1e-7 in the unit would be a hundred times that. */
START_TEST(by_a_number_that_is_small_in_its_unit)
{
    const double pair = 1e-9 * small[_i];
    const task t = slopes(three, "parameters.pair", MSC_SCALE_LINEAR, pair);
    ck_assert_int_eq(t.status, MSC_OK);
    for (int i = 0; i < 5; i++) {
        const double fall = 1 + pair * 1e8 * i;
        lab_near(t.slope[(size_t)i * t.n_column + 1], -1e16 * i / (fall * fall), 1e-6, 4e16, "db/dpair");
    }
}
END_TEST

/* Alone or beside what is there already, the dose is followed as closely as the tolerance says. */
START_TEST(by_a_dose)
{
    const double dose = 5e6 * small[_i];
    const task alone = slopes(one, "regimen[0].dose", MSC_SCALE_LINEAR, dose), beside = slopes(three, "regimen[0].dose", MSC_SCALE_LINEAR, dose);
    ck_assert_int_eq(alone.status, MSC_OK);
    ck_assert_int_eq(beside.status, MSC_OK);
    for (int i = 0; i < 5; i++) {
        const double left = exp(-2.0 * i), gone_on = 2 * (exp(-1.0 * i) - left);
        lab_near(alone.slope[(size_t)i * alone.n_column], left, 1e-6, 1, "dd/ddose, alone");
        lab_near(alone.slope[(size_t)i * alone.n_column + 1], gone_on, 1e-6, 1, "de/ddose");
        lab_near(beside.slope[(size_t)i * beside.n_column + 2], left, 1e-6, 1, "dd/ddose");
    }
}
END_TEST

/* Of nothing the scenario takes no steps, or those of something else. */
START_TEST(nothing_is_not_followed)
{
    static const struct {
        const char *model, *path;
    } by[] = {{one, "regimen[0].dose"}, {three, "regimen[0].dose"}, {three, "parameters.n0"}};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        const task t = slopes(by[i].model, by[i].path, MSC_SCALE_LINEAR, 0);
        ck_assert_int_eq(t.status, MSC_E_CONFIG);
        ck_assert_str_eq(t.message, "at 0 it brings nothing, and no steps are taken for nothing that a derivative could follow; ask at a "
                                    "small value");
        ck_assert(isnan(t.slope[0]));
    }
    const task t = slopes(three, "parameters.n0", MSC_SCALE_LINEAR, 1);
    lab_near(t.slope[4 * t.n_column], exp(-0.4), 1e-6, 1, "da/dfirst");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/slopes");
    TCase *c = tcase_create("slopes");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, by_a_rate, 0, (int)(sizeof small / sizeof *small));
    tcase_add_loop_test(c, by_a_number_that_is_small_in_its_unit, 0, (int)(sizeof small / sizeof *small));
    tcase_add_loop_test(c, by_a_dose, 1, (int)(sizeof small / sizeof *small));
    tcase_add_test(c, nothing_is_not_followed);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
