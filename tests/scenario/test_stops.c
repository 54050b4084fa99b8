/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: what the clock's values are said to be bounded by does bound them, whatever the operation; between
 * two stops no condition on time changes, and at each stop that is no dose one does, wherever parameters and
 * doses put them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/prepare.h"
#include "support/lab.h"
#include "support/suite.h"

/* Conditions of every kind: that go one way, come and go, are of tables, of logic. */
static const char *const condition[] = {
    "time > when", "when >= time", "2 * time - when < time / (-2) + 40 h", "not (time > when)",
    "time > when and time < when + width", "time < when or time > when + width",
    "age * exp(1 - age) > level", "abs(time - when) < width", "(time / 1 h - 30)^2 < 40 * level", "sqrt(age) > 2 * level",
    "log(age + 1) < level", "log10(age + 1) > level", "max(time - when, 0) < width", "min(time, when) + width > time",
    "1 / (age + 1) < level", "1 h / (time - when) > level", "if(time < when, age, 1 - age) > level", "course > level", "course < 0.7 and age > level",
    "age^1.5 * exp(-(age^2)) > 0.3 * level", "-age > -level"};
enum { CONDITIONS = sizeof condition / sizeof *condition };

static const char *model(void)
{
    char text[LAB_TEXT] = "";
    lab_append(text, "parameters: { when = { unit = \"h\"; value = 20; }; width = { unit = \"h\"; value = 7; };\n"
                     "  level = { unit = \"1\"; value = 0.6; }; tau = { unit = \"h\"; value = 12; }; };\n"
                     "amounts: { c = { unit = \"cell\"; }; }; routes: { drip = { to = \"c\"; }; };\n"
                     "variables: { age = { unit = \"1\"; value = \"max(time, 0) / tau\"; };\n"
                     "  course = { unit = \"1\"; table = { of = \"time\"; unit = \"h\"; at = [0.0, 10.0, 30.0, 31.0, 90.0]; "
                     "is = [0.0, 1.0, 0.2, 0.9, 0.0]; }; };\n");
    for (int i = 0; i < CONDITIONS; i++) {
        lab_append(text, "  g%d = { unit = \"1\"; value = \"if(%s, 2, 1)\"; };\n", i, condition[i]);
    }
    lab_append(text, "}; processes: { lose = { from = \"c\"; hazard = \"0.01 1/h * (");
    for (int i = 0; i < CONDITIONS; i++) {
        lab_append(text, "%sg%d", i > 0 ? " + " : "", i);
    }
    lab_append(text, ")\"; }; }; outputs: { c = { }; };\n");
    return lab_format("%s", text);
}

static lab *random_lab(uint64_t *seed)
{
    char setting[6][64];
    const char *settings[7] = {setting[0], setting[1], setting[2], setting[3], setting[4], setting[5], NULL};
    snprintf(setting[0], sizeof setting[0], "parameters.when=%.17g", 90 * lab_random(seed) - 10);
    snprintf(setting[1], sizeof setting[1], "parameters.width=%.17g", 1 + 30 * lab_random(seed));
    snprintf(setting[2], sizeof setting[2], "parameters.level=%.17g", 0.05 + lab_random(seed));
    snprintf(setting[3], sizeof setting[3], "parameters.tau=%.17g", 3 + 20 * lab_random(seed));
    snprintf(setting[4], sizeof setting[4], "regimen[0].day=%.17g", 3 * lab_random(seed));
    snprintf(setting[5], sizeof setting[5], "regimen[0].duration=%.17g h", 20 * lab_random(seed));
    return lab_text(model(), "regimen = ( { route = \"drip\"; day = 0.0; dose = \"1 cell\"; } );\n"
                             "output = { until = \"80 h\"; start = \"-5 h\"; every = \"10 h\"; };\n", settings);
}

START_TEST(bounds_hold_what_they_bound)
{
    uint64_t seed = (uint64_t)_i + 1;
    lab *l = random_lab(&seed);
    const msc_program *p = lab_scenario(l)->program;
    const double *reg = lab_result(l)->prepared.reg;
    msc_span *span = calloc(p->n_clock + 1, sizeof *span);
    double *value = calloc(p->n_clock + 1, sizeof *value);
    size_t certain = 0, looked = 0;
    for (int k = 0; k < 500; k++) {
        const double a = -5 + 85 * lab_random(&seed), width = pow(10, 5 * lab_random(&seed) - 4), b = fmin(a + width, 80);
        msc_clock_bounds(p, reg, a, b, span);
        for (int j = 0; j <= 20; j++) {
            msc_program_clock(p, reg, j == 20 ? b : a + (b - a) * j / 20, value);
            for (uint32_t i = 0; i < p->n_clock; i++) {
                if (!(value[i] >= span[i].low && value[i] <= span[i].high)) {
                    ck_abort_msg("operation %d: %.17g not in %.17g .. %.17g", (int)p->clock[i].op, value[i], span[i].low,
                                 span[i].high);
                }
            }
        }
        for (uint32_t i = 0; i < p->n_switch; i++) {
            certain += span[p->switches[i].clock].low == span[p->switches[i].clock].high;
            looked++;
        }
    }
    ck_assert_uint_ge(2 * certain, looked); /* and say something */
    free(span), free(value);
    lab_free(l);
}
END_TEST

/* On 400 points of each segment each condition is what it is said to be between these stops. */
START_TEST(nothing_changes_between_stops)
{
    uint64_t seed = 1000 + (uint64_t)_i;
    lab *l = random_lab(&seed);
    const msc_scenario *s = lab_scenario(l);
    const msc_program *p = s->program;
    const msc_prepared *x = &lab_result(l)->prepared;
    double *value = calloc(p->n_clock + 1, sizeof *value);
    ck_assert_uint_ge(p->n_switch, CONDITIONS);
    for (size_t i = 0; i + 1 < x->job.n_stop; i++) {
        const double a = x->job.stop[i], b = x->job.stop[i + 1];
        bool changed = i == 0;
        for (size_t e = 0; e < s->setup.n_event; e++) {
            changed = changed || x->event[e].begin == a || x->event[e].end == a;
        }
        for (int j = 1; j < 400; j++) { /* not next to a stop, where rounding decides */
            const double t = a + (b - a) * j / 400;
            if (t - a < 1e-9 || b - t < 1e-9) {
                continue;
            }
            msc_program_clock(p, x->reg, t, value);
            for (uint32_t w = 0; w < p->n_switch; w++) {
                if (value[p->switches[w].clock] != x->between[i * p->n_given + p->switches[w].slot]) {
                    ck_abort_msg("%s at %.17g", p->switches[w].name, t);
                }
            }
        }
        for (uint32_t k = 0; k < p->n_clock && !changed; k++) { /* a comparison, or a piece of the table */
            double before;
            msc_program_clock(p, x->reg, nextafter(a, -INFINITY), value);
            before = value[k];
            msc_program_clock(p, x->reg, a, value);
            changed = p->clock[k].op >= MSC_OP_LESS && p->clock[k].op <= MSC_OP_NOT && value[k] != before;
        }
        for (size_t k = 0; k < p->table[0].n; k++) {
            changed = changed || a == p->table[0].at[k];
        }
        ck_assert_msg(changed, "why stop at %.17g?", a);
    }
    free(value);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario/stops");
    TCase *c = tcase_create("stops");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, bounds_hold_what_they_bound, 0, 10);
    tcase_add_loop_test(c, nothing_changes_between_stops, 0, 30);
    suite_add_tcase(s, c);
    return msc_suite_run(s);
}
