/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: cargo is moved by the laws of its carrier and by its own; it falls where `falls` says; a
 * flow is split by `into` and by transits, one after another, as the shares say; `yield` multiplies
 * the amount and not its cargo; a dose may enter a flow, as a bolus or an infusion; loads tell the
 * doses apart; parameters that a dose takes are its own; a bolus into a flow is split by the shares of
 * the instant before it. Closed forms throughout; ledgers close. */
#include <math.h>

#include "support/lab.h"
#include "support/suite.h"

static const double RTOL = 1e-9, FACTOR = 20.0, LEDGER = 1e-10, DOSE = 1e6;

static lab *run(const char *model, const char *regimen)
{
    return lab_text(model,
                    lab_format("regimen = ( %s );\noutput = { until = \"24 h\"; every = \"1 h\"; };\n"
                               "solver = { rtol = %g; };\n",
                               regimen, RTOL),
                    NULL);
}

static void near(const lab *l, const char *what, double t, double want, double all)
{
    lab_near(lab_at(l, what, t), want, FACTOR * RTOL, all, lab_format("%s at %g", what, t));
}

static void close_books(lab *l, bool marks)
{
    ck_assert_double_le(lab_gap(l, "cell"), LEDGER);
    if (marks) {
        ck_assert_double_le(lab_gap(l, "mark"), LEDGER);
    }
    lab_free(l);
}

/* Unit put in over a time T from 0 (0: at once) and lost at rate k: what is left, and what has gone. */
static double left(double k, double T, double t)
{
    return T == 0.0 ? exp(-k * t) : -expm1(-k * fmin(t, T)) * exp(-k * fmax(t - T, 0.0)) / (k * T);
}

static double put_in(double T, double t)
{
    return T == 0.0 || t >= T ? 1.0 : t / T;
}

static const struct {
    const char *key;
    double T;
} ways[] = {{"", 0.0}, {"duration = \"5 h\";", 5.0}};

static const char *dose(int way, const char *route)
{
    return lab_format("{ route = \"%s\"; day = 0.0; dose = \"%g cell\"; %s }", route, DOSE, ways[way].key);
}

/* ---- elution and falling ---- */

/* a -> b -> burst: label rides on a and b, elutes to `free`, and falls into `debris` when b bursts. */
static const char eluting[] =
    "units: { mark = \"label\"; };\n"
    "amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; free = { unit = \"mark\"; }; debris = { unit = \"mark\"; };\n"
    "           lost = { unit = \"mark\"; }; };\n"
    "cargo: { label = { unit = \"mark\"; load = \"0.5 mark/cell\"; rides = [\"a\", \"b\"];\n"
    "                   falls = { burst = \"debris\"; death = \"lost\"; others = \"nowhere\"; not_there = \"free\"; }; }; };\n"
    "processes: { go = { from = \"a\"; to = \"b\"; hazard = \"0.3 1/h\"; };\n"
    "             die = { from = \"a\"; hazard = \"0.1 1/h\"; fate = \"death\"; };\n"
    "             vanish = { from = \"a\"; hazard = \"0.2 1/h\"; };\n"
    "             burst = { from = \"b\"; hazard = \"0.15 1/h\"; fate = \"death\"; };\n"
    "             elute = { from = \"label\"; to = \"free\"; hazard = \"0.05 1/h\"; };\n"
    "             peel = { from = \"label.b\"; to = \"free\"; hazard = \"0.02 1/h\"; }; };\n"
    "routes: { in = { to = \"a\"; }; };\n"
    "outputs: { a = { }; b = { }; on_a = { unit = \"mark\"; value = \"label.a\"; }; on_b = { unit = \"mark\"; value = \"label.b\"; };\n"
    "           free = { }; debris = { }; lost = { }; gone = { unit = \"mark\"; value = \"dosed(label)\"; };\n"
    "           eluted = { unit = \"mark\"; value = \"integral(elute)\"; }; };\n";

START_TEST(elution_and_falling)
{
    const double T = ways[_i].T, load = 0.5 * DOSE, e = 0.05, ka = 0.6, la = ka + e, kb = 0.15, lb = kb + e + 0.02;
    lab *l = run(eluting, dose(_i, "in"));
    for (int t = 0; t <= 24; t++) {
        const double p = put_in(T, t), a = left(ka, T, t), on_a = left(la, T, t);
        const double b = 0.3 / (ka - kb) * (left(kb, T, t) - a);
        const double on_b = 0.3 / (la - lb) * (left(lb, T, t) - on_a);
        /* what has been on a, and on b, in all: the integral of what left, over its rate */
        const double been_a = (p - on_a) / la, been_b = (0.3 * been_a - on_b) / lb;
        near(l, "a", t, DOSE * a, DOSE);
        near(l, "b", t, DOSE * b, DOSE);
        near(l, "on_a", t, load * on_a, load);
        near(l, "on_b", t, load * on_b, load);
        near(l, "lost", t, load * 0.1 * been_a, load);
        near(l, "debris", t, load * kb * been_b, load);
        near(l, "free", t, load * (e * (been_a + been_b) + 0.02 * been_b), load);
        near(l, "eluted", t, load * e * (been_a + been_b), load);
        near(l, "gone", t, load, load);
        near(l, "ledger_mark[vanish]", t, load * 0.2 * been_a, load);
        near(l, "given_mark", t, load * p, load);
    }
    close_books(l, true);
}
END_TEST

/* ---- into ---- */

static const char branching[] =
    "units: { mark = \"label\"; };\n"
    "sets: { part = [\"x\", \"y\"]; };\n"
    "parameters: { part_share = { unit = \"1\"; over = [\"part\"]; values = { x = 0.1; y = 0.25; }; }; };\n"
    "amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; c = { unit = \"cell\"; over = [\"part\"]; }; chips = { unit = \"mark\"; }; };\n"
    "cargo: { label = { unit = \"mark\"; load = \"2 mark/cell\"; rides = [\"a\", \"b\"]; falls = { split = \"nowhere\"; crush = \"chips\"; }; }; };\n"
    "processes: { split = { from = \"a\"; hazard = \"0.4 1/h\";\n"
    "   into = ( { to = \"b\"; share = 0.3; }, { to = \"c[part]\"; share = \"part_share[part]\"; },\n"
    "            { share = 0.05; fate = \"crush\"; }, { share = \"remainder\"; fate = \"leave\"; } ); }; };\n"
    "routes: { in = { to = \"a\"; }; };\n"
    "outputs: { a = { }; b = { }; c = { }; split = { }; chips = { }; on_b = { unit = \"mark\"; value = \"label.b\"; }; };\n";

START_TEST(a_process_that_branches)
{
    const double T = ways[_i].T, k = 0.4;
    lab *l = run(branching, dose(_i, "in"));
    for (int t = 0; t <= 24; t++) {
        const double a = left(k, T, t), gone = DOSE * (put_in(T, t) - a);
        near(l, "a", t, DOSE * a, DOSE);
        near(l, "split", t, k * DOSE * a, DOSE);
        near(l, "b", t, 0.3 * gone, DOSE);
        near(l, "c[x]", t, 0.1 * gone, DOSE);
        near(l, "c[y]", t, 0.25 * gone, DOSE);
        near(l, "ledger_cell[crush]", t, 0.05 * gone, DOSE);
        near(l, "ledger_cell[leave]", t, 0.3 * gone, DOSE);
        near(l, "on_b", t, 2.0 * 0.3 * gone, 2.0 * DOSE);
        near(l, "chips", t, 2.0 * 0.05 * gone, 2.0 * DOSE);
    }
    close_books(l, true);
}
END_TEST

/* ---- transits, a series of them, and routes into them ---- */

/* blood -> bed of the spleen -> caught, or out of it -> bed of the liver -> caught, or out -> gone.
 * What is caught in the spleen lets go into the spleen's outflow, so into the liver's bed. */
static const char portal[] =
    "units: { mark = \"label\"; };\n"
    "sets: { organ = [\"spleen\", \"liver\"]; };\n"
    "parameters: { catch_share = { unit = \"1\"; over = [\"organ\"]; values = { spleen = 0.3; liver = 0.6; }; };\n"
    "              split = { unit = \"1\"; value = 0.25; }; };\n"
    "amounts: { blood = { unit = \"cell\"; }; bed = { unit = \"cell\"; over = [\"organ\"]; transit = true; };\n"
    "           out = { unit = \"cell\"; over = [\"organ\"]; transit = true; }; held = { unit = \"cell\"; over = [\"organ\"]; }; };\n"
    "cargo: { label = { unit = \"mark\"; load = \"1 mark/cell\"; rides = [\"blood\", \"held\"]; falls = { others = \"nowhere\"; }; }; };\n"
    "processes: { flow = { from = \"blood\"; to = \"bed[spleen]\"; hazard = \"0.5 1/h\"; };\n"
    "             catch = { from = \"bed[organ]\"; to = \"held[organ]\"; share = \"catch_share[organ]\"; };\n"
    "             pass = { from = \"bed[organ]\"; to = \"out[organ]\"; share = \"remainder\"; };\n"
    "             on = { from = \"out[spleen]\"; to = \"bed[liver]\"; share = 1.0; };\n"
    "             gone = { from = \"out[liver]\"; share = \"remainder\"; };\n"
    "             let_go = { from = \"held[spleen]\"; to = \"out[spleen]\"; hazard = \"0.1 1/h\"; }; };\n"
    "routes: { in = { to = \"blood\"; };\n"
    "          umbilical = { takes = [\"split\"]; into = ( { to = \"bed[liver]\"; share = \"0.9 * split\"; },\n"
    "             { to = \"blood\"; share = \"0.9 * (1 - split)\"; }, { fate = \"dead_in_product\"; share = \"remainder\"; } ); }; };\n"
    "outputs: { blood = { }; held = { }; flow = { }; catch = { }; marks = { unit = \"mark\"; over = [\"organ\"]; value = \"label.held[organ]\"; }; };\n";

/* into blood: `blood` of the dose, in time T; into the liver's bed: `bed` of it. */
static void compare_portal(lab *l, double T, double blood, double bed, double dead)
{
    const double k = 0.5, r = 0.1;
    for (int t = 0; t <= 24; t++) {
        const double p = put_in(T, t), b = blood * left(k, T, t), gone = blood * p - b;
        const double spleen = blood * 0.3 * k / (k - r) * (left(r, T, t) - left(k, T, t)), through = gone - spleen;
        near(l, "blood", t, DOSE * b, DOSE);
        near(l, "held[spleen]", t, DOSE * spleen, DOSE);
        near(l, "held[liver]", t, DOSE * 0.6 * (through + bed * p), DOSE);
        near(l, "marks[spleen]", t, DOSE * spleen, DOSE);
        near(l, "marks[liver]", t, DOSE * 0.6 * (through + bed * p), DOSE);
        near(l, "ledger_cell[gone]", t, DOSE * 0.4 * (through + bed * p), DOSE);
        near(l, "catch[liver]", t, DOSE * 0.6 * (0.7 * k * b + r * spleen + (t < T ? bed / T : 0.0)), DOSE);
        near(l, "given_cell", t, DOSE * p, DOSE);
        if (dead > 0.0) {
            near(l, "ledger_cell[dead_in_product]", t, DOSE * dead * p, DOSE);
        }
    }
    close_books(l, true);
}

START_TEST(a_portal_series)
{
    compare_portal(run(portal, dose(_i, "in")), ways[_i].T, 1.0, 0.0, 0.0);
}
END_TEST

START_TEST(a_dose_into_a_flow)
{
    compare_portal(run(portal, dose(_i, "umbilical")), ways[_i].T, 0.9 * 0.75, 0.9 * 0.25, 0.1);
}
END_TEST

START_TEST(a_dose_with_its_own_parameters)
{
    const char *regimen =
        lab_format("{ route = \"umbilical\"; day = 0.0; dose = \"%g cell\"; split = 0.8; %s }", DOSE, ways[_i].key);
    compare_portal(run(portal, regimen), ways[_i].T, 0.9 * 0.2, 0.9 * 0.8, 0.1);
}
END_TEST

/* ---- yield ---- */

START_TEST(yield)
{
    const double T = ways[_i].T, k = 0.3;
    lab *l = run("units: { mark = \"label\"; };\n"
                 "amounts: { a = { unit = \"cell\"; }; b = { unit = \"cell\"; }; c = { unit = \"fg\"; }; };\n"
                 "cargo: { label = { unit = \"mark\"; load = \"1 mark/cell\"; rides = [\"a\", \"b\"]; falls = { others = \"nowhere\"; }; }; };\n"
                 "processes: { divide = { from = \"a\"; to = \"b\"; hazard = \"0.2 1/h\"; yield = 2.5; };\n"
                 "             melt = { from = \"a\"; to = \"c\"; hazard = \"0.1 1/h\"; yield = \"7 fg/cell\"; }; };\n"
                 "routes: { in = { to = \"a\"; }; };\n"
                 "outputs: { a = { }; b = { }; c = { }; on_b = { unit = \"mark\"; value = \"label.b\"; }; divide = { }; };\n",
                 dose(_i, "in"));
    for (int t = 0; t <= 24; t++) {
        const double a = left(k, T, t), gone = DOSE * (put_in(T, t) - a);
        near(l, "b", t, 2.5 * 2.0 / 3.0 * gone, 2.5 * DOSE);
        near(l, "c", t, 7.0 / 3.0 * gone, 7.0 * DOSE);
        near(l, "on_b", t, 2.0 / 3.0 * gone, DOSE);
        near(l, "divide", t, 0.2 * DOSE * a, DOSE);
        near(l, "ledger_cell[divide]", t, -1.5 * 2.0 / 3.0 * gone, DOSE);
        near(l, "ledger_cell[melt]", t, gone / 3.0, DOSE);
        near(l, "entered_fg[melt]", t, 7.0 / 3.0 * gone, 7.0 * DOSE);
    }
    ck_assert_double_le(lab_gap(l, "fg"), LEDGER);
    close_books(l, true);
}
END_TEST

/* ---- one cargo a dose ---- */

/* Two cargos, load 0 but in their own dose: each shows what became of its dose alone, though the
 * carriers crowd each other (the share caught falls as the bed fills). */
START_TEST(attribution)
{
    const double k = 0.5, room = 2e6;
    lab *l = run("units: { mark = \"label\"; };\n"
                 "parameters: { room = { unit = \"cell\"; value = 2e6; }; };\n"
                 "amounts: { a = { unit = \"cell\"; }; bed = { unit = \"cell\"; transit = true; }; held = { unit = \"cell\"; }; };\n"
                 "cargo: { one = { unit = \"mark\"; load = \"0 mark/cell\"; rides = [\"a\", \"held\"]; falls = { others = \"nowhere\"; }; };\n"
                 "         two = { unit = \"mark\"; load = \"0 mark/cell\"; rides = [\"a\", \"held\"]; falls = { others = \"nowhere\"; }; }; };\n"
                 "processes: { flow = { from = \"a\"; to = \"bed\"; hazard = \"0.5 1/h\"; };\n"
                 "             catch = { from = \"bed\"; to = \"held\"; share = \"1 - held / room\"; };\n"
                 "             pass = { from = \"bed\"; share = \"remainder\"; }; };\n"
                 "routes: { in = { to = \"a\"; }; };\n"
                 "outputs: { held = { }; held_one = { unit = \"mark\"; value = \"one.held\"; };\n"
                 "           held_two = { unit = \"mark\"; value = \"two.held\"; };\n"
                 "           dosed_one = { unit = \"mark\"; value = \"dosed(one)\"; }; };\n",
                 "{ route = \"in\"; day = 0.0; dose = \"1e6 cell\"; one = \"0.5 mark/cell\"; },"
                 "{ route = \"in\"; at = \"6 h\"; dose = \"3e6 cell\"; two = \"2 mark/cell\"; }");
    for (int t = 0; t <= 24; t++) {
        const double held6 = room * -expm1(1e6 * expm1(-k * 6.0) / room), rest6 = 1e6 * exp(-k * 6.0);
        const double since = fmax(t - 6.0, 0.0), run2 = -expm1(-k * since);
        const double more = (room - held6) * -expm1(-(rest6 + 3e6) * run2 / room);
        const double one = t < 6 ? room * -expm1(1e6 * expm1(-k * t) / room) : held6 + more * rest6 / (rest6 + 3e6);
        const double two = t < 6 ? 0.0 : more * 3e6 / (rest6 + 3e6);
        near(l, "held_one", t, 0.5 * one, 4e6);
        near(l, "held_two", t, 2.0 * two, 8e6);
        near(l, "held", t, one + two, 4e6);
        near(l, "dosed_one", t, 0.5e6, 1e6);
    }
    close_books(l, true);
}
END_TEST

/* ---- into a bed that fills up ---- */

static const char filling[] =
    "units: { mark = \"label\"; };\n"
    "parameters: { room = { unit = \"cell\"; value = 2e6; }; };\n"
    "amounts: { gate = { unit = \"cell\"; transit = true; }; bed = { unit = \"cell\"; transit = true; };\n"
    "           tank = { unit = \"cell\"; }; held = { unit = \"cell\"; }; out = { unit = \"cell\"; }; };\n"
    "cargo: { label = { unit = \"mark\"; load = \"3 mark/cell\"; rides = [\"tank\", \"held\", \"out\"]; }; };\n"
    "processes: { by_gate = { from = \"gate\"; to = \"bed\"; share = 1.0; };\n"
    "             from_tank = { from = \"tank\"; to = \"gate\"; hazard = \"1 1/h\"; };\n"
    "             catch = { from = \"bed\"; to = \"held\"; share = \"1 - held / room\"; };\n"
    "             pass = { from = \"bed\"; to = \"out\"; share = \"remainder\"; }; };\n"
    "routes: { in = { to = \"bed\"; }; before = { to = \"gate\"; }; tank = { to = \"tank\"; }; };\n"
    "outputs: { held = { }; out = { }; by_gate = { }; on = { unit = \"mark\"; value = \"label.held\"; }; off = { unit = \"mark\"; value = \"label.out\"; }; };\n";

/* Boluses find the shares of the instant before them, two at one time both the same (ruling 13);
 * an infusion finds those that it makes. */
START_TEST(a_bolus_into_a_bed_that_fills)
{
    static const char *const way[] = {"in", "before"};
    const double room = 2e6;
    lab *l = run(filling,
                 lab_format("{ route = \"%s\"; at = \"1 h\"; dose = \"8e5 cell\"; }, { route = \"%s\"; at = \"3 h\"; dose = \"5e5 cell\"; },"
                            "{ route = \"in\"; at = \"3 h\"; dose = \"1e5 cell\"; }, { route = \"tank\"; at = \"3 h\"; dose = \"0 cell\"; },"
                            "{ route = \"%s\"; at = \"5 h\"; dose = \"4e5 cell\"; duration = \"2 h\"; }",
                            way[_i], way[_i], way[_i]));
    const double second = 8e5 + 6e5 * (1.0 - 8e5 / room);
    for (int t = 0; t <= 24; t++) {
        const double run_in = 4e5 * fmin(fmax(t - 5.0, 0.0), 2.0) / 2.0;
        const double given = (t >= 1 ? 8e5 : 0.0) + (t >= 3 ? 6e5 : 0.0) + run_in;
        const double held = t < 1 ? 0.0 : t < 3 ? 8e5 : room - (room - second) * exp(-run_in / room);
        near(l, "held", t, held, 1.8e6);
        near(l, "out", t, given - held, 1.8e6);
        near(l, "on", t, 3.0 * held, 5.4e6);
        near(l, "off", t, 3.0 * (given - held), 5.4e6);
    }
    close_books(l, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cargo");
    TCase *tc = tcase_create("closed forms");
    tcase_add_loop_test(tc, elution_and_falling, 0, 2);
    tcase_add_loop_test(tc, a_process_that_branches, 0, 2);
    tcase_add_loop_test(tc, a_portal_series, 0, 2);
    tcase_add_loop_test(tc, a_dose_into_a_flow, 0, 2);
    tcase_add_loop_test(tc, a_dose_with_its_own_parameters, 0, 2);
    tcase_add_loop_test(tc, yield, 0, 2);
    tcase_add_test(tc, attribution);
    tcase_add_loop_test(tc, a_bolus_into_a_bed_that_fills, 0, 2);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
