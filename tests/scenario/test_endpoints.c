/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Proves: endpoints have their closed forms (areas, means, extremes and their times, levels, half-lives,
 * totals, ratios), at stops and at window edges between outputs to the last bit of time; they do not
 * depend on the output times, nor (within tolerances) on kernel or method; what does not come about is
 * missing and says so; every mistake in writing one is refused at its place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/dataset.h"
#include "support/batch.h"
#include "support/lab.h"
#include "support/suite.h"

static const double K = 0.3, KA = 1.1, DOSE = 1e6, NEAR = 1e-7;

static const char model[] =
    "sets: { organ = [\"lung\", \"site\"]; };\n"
    "parameters: { k = { unit = \"1/h\"; value = 0.3; }; };\n"
    "amounts: { c = { unit = \"cell\"; }; depot = { unit = \"cell\"; };\n"
    "  held = { unit = \"cell\"; over = [\"organ\"]; }; dust = { unit = \"mg\"; }; };\n"
    "variables: { burden = { unit = \"percent\"; value = \"c / 1e6 cell\"; };\n"
    "  gate = { unit = \"1\"; value = \"if(time < 6 h, 3, 1)\"; }; };\n"
    "processes: { lose = { from = \"c\"; hazard = \"k\"; fate = \"lysis\"; };\n"
    "  absorb = { from = \"depot\"; to = \"c\"; hazard = \"1.1 1/h\"; };\n"
    "  leave = { from = \"held[organ]\"; hazard = \"k\"; fate = \"death\"; };\n"
    "  settle = { from = \"dust\"; hazard = \"k\"; fate = \"settling\"; }; };\n"
    "routes: { vein = { to = \"c\"; }; muscle = { to = \"depot\"; };\n"
    "  tissue = { into = ( { to = \"held[lung]\"; share = 0.25; }, { to = \"held[site]\"; share = 0.75; } ); }; };\n"
    "outputs: { c = { }; held = { }; lost = { unit = \"cell\"; value = \"integral(flux(lysis))\"; }; };\n";

static const char *scenario(const char *doses, const char *endpoints)
{
    return lab_format(
        "regimen = ( %s );\noutput = { until = \"24 h\"; every = \"1 h\"; endpoints: { %s }; };\n"
        "solver = { rtol = 1e-10; };\n",
        doses, endpoints);
}

static lab *run(const char *doses, const char *endpoints)
{
    return lab_text(model, scenario(doses, endpoints), NULL);
}

static double value(const lab *l, const char *name, size_t element)
{
    double x = 0.0;
    msc_error err = {0};
    ck_assert_msg(msc_result_endpoint(lab_result(l), name, element, &x, NULL, NULL, &err) == MSC_OK,
                  "%s", err.message);
    return x;
}

static const char *word(const lab *l, const char *name)
{
    const char *said = NULL;
    double x;
    ck_assert_int_eq(msc_result_endpoint(lab_result(l), name, 0, &x, NULL, &said, NULL), MSC_OK);
    return said;
}

static void is(const lab *l, const char *name, double want)
{
    lab_near(value(l, name, 0), want, NEAR, fabs(want), name);
}

static void unit_is(const lab *l, const char *name, const char *want)
{
    const char *unit = NULL;
    double x;
    ck_assert_int_eq(msc_result_endpoint(lab_result(l), name, 0, &x, &unit, NULL, NULL), MSC_OK);
    ck_assert_str_eq(unit, want);
}

#define INFUSION "{ route = \"vein\"; at = \"1 h\"; dose = \"1e6 cell\"; duration = \"2 h\"; }"
#define BOLUS "{ route = \"vein\"; at = \"6 h\"; dose = \"1e6 cell\"; }"
#define TWO \
    "{ route = \"vein\"; at = \"0 h\"; dose = \"1e6 cell\"; repeat = 2; interval = \"12 h\"; }"

static const char infusion_endpoints[] =
    "area = { auc = \"c\"; }; day = { auc = \"c\"; unit = \"cell.day\"; };"
    "part = { auc = \"c\"; from = \"3.3 h\"; until = \"7.7 h\"; }; mean = { mean = \"c\"; };"
    "most = { max = \"c\"; }; when = { time_of_max = \"c\"; }; at = { value = \"c\"; at = \"5.55 h\"; };"
    "share = { max = \"burden\"; }; least = { min = \"c\"; from = \"5 h\"; };"
    "when_least = { time_of_min = \"c\"; from = \"5 h\"; };"
    "above = { time_above = \"c\"; threshold = \"3e5 cell\"; unit = \"min\"; };"
    "first = { first_above = \"burden\"; threshold = 30.0; };"
    "last = { last_above = \"c\"; threshold = 3e5; }; half = { half_life = \"c\"; };"
    "late = { half_life = \"c\"; from = \"10 h\"; };"
    "lost = { value = \"lost\"; at = \"24 h\"; }; lysis = { total = \"lysis\"; of = \"cell\"; };"
    "part_lost = { total = \"lysis\"; of = \"cell\"; from = \"1 h\"; until = \"3 h\"; share = true; unit = \"percent\"; };"
    "death = { total = \"death\"; of = \"cell\"; }; fraction = { ratio = [\"part\", \"area\"]; };";

START_TEST(one_infusion)
{
    lab *l = run(INFUSION, infusion_endpoints);
    const double rate = DOSE / 2.0, top = rate / K * -expm1(-K * 2.0), end = top * exp(-K * 21.0),
                 level = 3e5;
    const double up = 1.0 - log1p(-level * K / rate) / K, down = 3.0 + log(top / level) / K;
    const double lost = DOSE - end, area = lost / K,
                 part = top / K * (exp(-K * 0.3) - exp(-K * 4.7));
    is(l, "area", area);
    is(l, "day", area / 24.0);
    is(l, "part", part);
    is(l, "mean", area / 24.0);
    is(l, "most", top);
    ck_assert(value(l, "when", 0) == 3.0);
    is(l, "at", top * exp(-K * 2.55));
    is(l, "share", 100.0 * top / DOSE);
    is(l, "least", end);
    ck_assert(value(l, "when_least", 0) == 24.0);
    is(l, "above", 60.0 * (down - up));
    is(l, "first", up);
    is(l, "last", down);
    is(l, "half", log(2.0) / K);
    is(l, "late", log(2.0) / K);
    is(l, "lost", lost);
    is(l, "lysis", lost);
    is(l, "part_lost", 100.0 * (DOSE - top) / DOSE);
    is(l, "fraction", part / area);
    ck_assert(value(l, "death", 0) == 0.0);
    unit_is(l, "area", "cell.h");
    unit_is(l, "share", "percent");
    unit_is(l, "half", "h");
    unit_is(l, "fraction", "1");
    ck_assert(word(l, "last") == NULL && word(l, "half") == NULL);
    ck_assert_str_eq(msc_result_endpoint_name(lab_result(l), 0), "area");
    ck_assert_ptr_null(msc_result_endpoint_name(lab_result(l), 100));
    lab_free(l);
}
END_TEST

/* To the last bit: the steps do not know of the output times. */
START_TEST(whatever_is_put_out)
{
    static const char *const every[][2] = {{"output.every=\"7 min\"", NULL},
                                           {"output.every=\"5 h\"", NULL}};
    lab *l = run(INFUSION, infusion_endpoints);
    for (size_t k = 0; k < 2; k++) {
        lab *other = lab_text(model, scenario(INFUSION, infusion_endpoints), every[k]);
        const char *name;
        for (size_t i = 0; (name = msc_result_endpoint_name(lab_result(l), i)) != NULL; i++) {
            ck_assert_msg(value(l, name, 0) == value(other, name, 0), "%s", name);
        }
        lab_free(other);
    }
    lab_free(l);
}
END_TEST

static void agree(const char *setting, double tolerance)
{
    const char *const settings[] = {setting, NULL};
    lab *l = run(INFUSION, infusion_endpoints),
        *other = lab_text(model, scenario(INFUSION, infusion_endpoints), settings);
    const char *name;
    for (size_t i = 0; (name = msc_result_endpoint_name(lab_result(l), i)) != NULL; i++) {
        lab_near(value(other, name, 0), value(l, name, 0), tolerance,
                 fabs(value(l, name, 0)) + 1e-3, lab_format("%s with %s", name, setting));
    }
    lab_free(other);
    lab_free(l);
}

START_TEST(every_kernel)
{
    for (const char *const *kernel = batch_kernels(); *kernel; kernel++) {
        agree(lab_format("solver.kernel=%s", *kernel), 1e-9);
    }
}
END_TEST

/* Levels between two steps' ends are on a straight line. */
START_TEST(other_methods)
{
    agree("solver.method=rkf45", 2e-3);
    agree("solver.method=msbdf", 2e-3);
}
END_TEST

START_TEST(two_doses)
{
    lab *l = run(
        TWO,
        "auc_1 = { auc = \"c\"; until = \"12 h\"; }; auc_2 = { auc = \"c\"; from = \"12 h\"; };"
        "again = { ratio = [\"auc_2\", \"auc_1\"]; };"
        "trough = { min = \"c\"; until = \"12 h\"; }; when = { time_of_min = \"c\"; until = \"12 h\"; };"
        "peak = { max = \"c\"; from = \"12 h\"; }; before = { max = \"c\"; from = \"11 h\"; until = \"12 h\"; };"
        "at = { value = \"c\"; at = \"12 h\"; }; half = { half_life = \"c\"; };"
        "one = { half_life = \"c\"; until = \"12 h\"; }; short = { half_life = \"c\"; until = \"2 h\"; };"
        "first = { half_life = \"c\"; from = \"11 h\"; }; up = { time_of_max = \"c\"; };"
        "above = { time_above = \"c\"; threshold = \"5e5 cell\"; };"
        "last = { last_above = \"c\"; threshold = \"5e5 cell\"; };");
    const double left = exp(-12.0 * K), top = DOSE * (1.0 + left);
    is(l, "again", 1.0 + left);
    is(l, "trough", DOSE * left);
    ck_assert(value(l, "when", 0) == 12.0);
    is(l, "peak", top);
    is(l, "before", DOSE * exp(-11.0 * K));
    is(l, "at", top);
    is(l, "half", log(2.0) / K);
    is(l, "one", log(2.0) / K);
    is(l, "first", log(2.0) / K);
    ck_assert(isnan(value(l, "short", 0)));
    ck_assert_str_eq(word(l, "short"), "not yet");
    ck_assert(value(l, "up", 0) == 12.0);
    is(l, "above", log(2.0) / K + log(top / 5e5) / K);
    is(l, "last", 12.0 + log(top / 5e5) / K);
    lab_free(l);
}
END_TEST

START_TEST(at_a_stop)
{
    lab *l = run(
        BOLUS,
        "first = { first_above = \"c\"; threshold = \"5e5 cell\"; };"
        "touch = { first_above = \"c\"; threshold = \"1e6 cell\"; };"
        "gone = { last_above = \"gate\"; threshold = 2; }; long = { time_above = \"gate\"; threshold = 2; };"
        "fell = { half_life = \"gate\"; }; on = { value = \"gate\"; at = \"6 h\"; };"
        "then = { first_above = \"c\"; threshold = \"1 cell\"; from = \"6 h\"; until = \"7 h\"; };"
        "none = { first_above = \"c\"; threshold = \"1 cell\"; from = \"1 h\"; until = \"6 h\"; };");
    ck_assert(value(l, "first", 0) == 6.0);
    ck_assert(isnan(value(l, "touch", 0)));
    ck_assert(value(l, "gone", 0) == 6.0 && word(l, "gone") == NULL);
    lab_near(value(l, "long", 0), 6.0, 1e-14, 6.0, "long");
    ck_assert(value(l, "fell", 0) == 6.0);
    ck_assert(value(l, "on", 0) == 1.0);
    ck_assert(value(l, "then", 0) == 6.0);
    ck_assert(isnan(value(l, "none", 0)));
    lab_free(l);
}
END_TEST

START_TEST(never_and_always)
{
    lab *l = run(
        BOLUS,
        "never = { first_above = \"c\"; threshold = \"2e6 cell\"; };"
        "never_last = { last_above = \"c\"; threshold = \"2e6 cell\"; };"
        "no_time = { time_above = \"c\"; threshold = \"2e6 cell\"; };"
        "always = { time_above = \"c\"; threshold = \"-1 cell\"; from = \"2.5 h\"; until = \"9.1 h\"; };"
        "from = { first_above = \"c\"; threshold = \"-1 cell\"; from = \"2.5 h\"; until = \"9.1 h\"; };"
        "to = { last_above = \"c\"; threshold = \"-1 cell\"; from = \"2.5 h\"; until = \"9.1 h\"; };"
        "nothing = { half_life = \"depot\"; }; quotient = { ratio = [\"never\", \"always\"]; };"
        "share = { total = \"settling\"; of = \"mg\"; share = true; };");
    ck_assert(isnan(value(l, "never", 0)) && isnan(value(l, "never_last", 0)));
    ck_assert_str_eq(word(l, "never"), "never");
    ck_assert_str_eq(word(l, "never_last"), "never");
    ck_assert(value(l, "no_time", 0) == 0.0);
    lab_near(value(l, "always", 0), 6.6, 1e-14, 6.6, "always");
    ck_assert(value(l, "from", 0) == 2.5 && value(l, "to", 0) == 9.1);
    ck_assert_str_eq(word(l, "to"), "and more");
    ck_assert_str_eq(word(l, "nothing"), "never");
    ck_assert(isnan(value(l, "nothing", 0)) && isnan(value(l, "quotient", 0)));
    ck_assert(isnan(value(l, "share", 0)));
    lab_free(l);
}
END_TEST

static double bateman(double t)
{
    return DOSE * KA / (KA - K) * (exp(-K * t) - exp(-KA * t));
}

/* A maximum that is above the level only for a part of a step, and one that is not. */
START_TEST(grazing)
{
    const double at = log(KA / K) / (KA - K), top = bateman(at);
    const char *level[] = {lab_format("%.17g cell", top * (1.0 - 1e-5)),
                           lab_format("%.17g cell", top * (1.0 + 1e-5))};
    lab *l = run(
        "{ route = \"muscle\"; at = \"0 h\"; dose = \"1e6 cell\"; }",
        lab_format(
            "most = { max = \"c\"; }; when = { time_of_max = \"c\"; }; half = { half_life = \"c\"; };"
            "up = { first_above = \"c\"; threshold = \"%s\"; }; down = { last_above = \"c\"; threshold = \"%s\"; };"
            "over = { time_above = \"c\"; threshold = \"%s\"; }; no = { first_above = \"c\"; threshold = \"%s\"; };"
            "dip = { min = \"0 cell - c\"; }; deep = { time_of_min = \"-c\"; };"
            "below = { time_above = \"-c\"; threshold = \"-%s\"; };",
            level[0], level[0], level[0], level[1], level[0]));
    is(l, "most", top);
    lab_near(value(l, "when", 0), at, 1e-4, at, "when");
    is(l, "dip", -top);
    lab_near(value(l, "deep", 0), at, 1e-4, at, "deep");
    lab_near(bateman(value(l, "up", 0)), top * (1.0 - 1e-5), NEAR, top, "up");
    lab_near(bateman(value(l, "down", 0)), top * (1.0 - 1e-5), NEAR, top, "down");
    ck_assert(value(l, "up", 0) < at && value(l, "down", 0) > at);
    lab_near(value(l, "over", 0), value(l, "down", 0) - value(l, "up", 0), 1e-12, 1.0, "over");
    lab_near(value(l, "below", 0), 24.0 - value(l, "over", 0), 1e-6, 24.0, "below");
    lab_near(bateman(value(l, "half", 0) + value(l, "when", 0)), 0.5 * top, NEAR, top, "half");
    ck_assert(isnan(value(l, "no", 0)));
    lab_free(l);
}
END_TEST

START_TEST(one_for_each_element)
{
    lab *l = run(
        "{ route = \"tissue\"; at = \"0 h\"; dose = \"1e6 cell\"; }",
        "each = { auc = \"held[organ]\"; over = [\"organ\"]; }; most = { max = \"held[organ]\"; over = [\"organ\"]; };"
        "at = { value = \"held[o]\"; over = [\"o in organ\"]; at = \"2 h\"; };"
        "per = { ratio = [\"each\", \"most\"]; unit = \"min\"; };");
    for (size_t e = 0; e < 2; e++) {
        const double dose = DOSE * (e == 0 ? 0.25 : 0.75), area = dose / K * -expm1(-24.0 * K);
        double x;
        lab_near(value(l, "each", e), area, NEAR, area, "each");
        lab_near(value(l, "most", e), dose, NEAR, dose, "most");
        lab_near(value(l, "at", e), dose * exp(-2.0 * K), NEAR, dose, "at");
        lab_near(value(l, "per", e), 60.0 * area / dose, NEAR, 60.0 * area / dose, "per");
        ck_assert_int_eq(msc_result_endpoint(lab_result(l), "each", 2, &x, NULL, NULL, NULL),
                         MSC_E_USAGE);
    }
    lab_free(l);
}
END_TEST

static const char *const many =
    "each = { auc = \"held[organ]\"; over = [\"organ\"]; unit = \"cell.day\"; about = \"exposure\"; };"
    "site = { auc = \"held[site]\"; from = \"1 h\"; until = \"4 h\"; };"
    "worst = { max = \"c\"; }; low = { first_above = \"c\"; threshold = \"1e5 cell\"; };"
    "never = { first_above = \"c\"; threshold = \"9e9 cell\"; };"
    "still = { last_above = \"c\"; threshold = \"1 cell\"; };";

static void is_marked(const msc_dataset *d, const char *name, const char *meaning)
{
    const msc_array *a = msc_dataset_array(d, name);
    ck_assert_msg(a && a->kind == MSC_ARRAY_FLAG, "%s", name);
    ck_assert_str_eq(a->flag_meaning[a->flag[0]], meaning);
}

/* What is cut off by the window is so marked, and so is a ratio with it. */
START_TEST(censored)
{
    lab *l = run(INFUSION,
                 "still = { last_above = \"c\"; threshold = \"1 cell\"; };"
                 "how_long = { time_above = \"c\"; threshold = \"1 cell\"; };"
                 "brief = { time_above = \"c\"; threshold = \"3e5 cell\"; }; area = { auc = \"c\"; };"
                 "never = { first_above = \"c\"; threshold = \"9e9 cell\"; };"
                 "more = { ratio = [\"how_long\", \"area\"]; }; less = { ratio = [\"brief\", \"how_long\"]; };"
                 "both = { ratio = [\"still\", \"how_long\"]; }; none = { ratio = [\"area\", \"never\"]; };");
    lab_near(value(l, "how_long", 0), 23.0, 1e-6, 23.0, "how long");
    is(l, "less", value(l, "brief", 0) / value(l, "how_long", 0));
    ck_assert(isnan(value(l, "both", 0)) && isnan(value(l, "none", 0)));
    ck_assert_str_eq(word(l, "still"), "and more");
    ck_assert_str_eq(word(l, "how_long"), "and more");
    ck_assert_ptr_null(word(l, "brief"));
    ck_assert_str_eq(word(l, "more"), "and more");
    ck_assert_str_eq(word(l, "less"), "or less");
    ck_assert_str_eq(word(l, "both"), "not known");
    ck_assert_str_eq(word(l, "none"), "never");
    unit_is(l, "more", "h/(cell.h)");
    lab_free(l);
}
END_TEST

/* A window that hangs on a dose is the one from day 0; it goes along, and says if a second dose is in it. */
START_TEST(windows_by_doses)
{
    static const char two[] = "{ route = \"vein\"; at = \"0 h\"; dose = \"1e6 cell\"; }, { route = \"vein\"; at = \"12 h\"; dose = \"1e6 cell\"; }";
    lab *l = run(two, "fixed = { auc = \"c\"; from = \"12 h\"; until = \"15 h\"; }; mean = { mean = \"c\"; from = \"12 h\"; until = \"15 h\"; };"
                      "mine = { auc = \"c\"; from = \"regimen[1]\"; until = \"regimen[1] + 3 h\"; };"
                      "avg = { mean = \"c\"; from = \"regimen[0] + 12 h\"; until = \"regimen[1]+180 min\"; };"
                      "before = { value = \"c\"; at = \"regimen[1] - 1 h\"; }; then = { value = \"c\"; at = \"11 h\"; };");
    is(l, "mine", value(l, "fixed", 0));
    is(l, "avg", value(l, "mean", 0));
    is(l, "before", value(l, "then", 0));
    ck_assert_ptr_null(msc_scenario_warning(lab_scenario(l), 0, NULL));
    lab_free(l);
    l = run(two, "out = { auc = \"c\"; from = \"regimen[1]\"; until = \"regimen[1] + 13 h\"; };");
    ck_assert(isnan(value(l, "out", 0)));
    ck_assert_str_eq(word(l, "out"), "not known");
    ck_assert_pstr_eq(msc_scenario_warning(lab_scenario(l), 0, NULL), "its window is outside of the run: it has no value");
    lab_free(l);
    l = run(TWO, "one = { auc = \"c\"; from = \"regimen[0]\"; until = \"13 h\"; };");
    ck_assert_pstr_eq(msc_scenario_warning(lab_scenario(l), 0, NULL),
                      "its window, day 0 to day 0.54, begins with a dose, and another is given within it, on day 0.5");
    lab_free(l);
}
END_TEST

/* Of two exponentials the slower one is left; what rises or stands has none. */
START_TEST(terminal_half_life)
{
    lab *l = run("{ route = \"muscle\"; at = \"0 h\"; dose = \"1e6 cell\"; }",
                 "end = { terminal_half_life = \"c\"; };"
                 "early = { terminal_half_life = \"c\"; until = \"1 h\"; };"
                 "depot = { terminal_half_life = \"depot\"; from = \"2 h\"; until = \"4 h\"; unit = \"min\"; };"
                 "none = { terminal_half_life = \"dust\"; }; flat = { terminal_half_life = \"gate\"; };");
    const double want = 6.0 * log(2.0) / log(bateman(18.0) / bateman(24.0));
    is(l, "end", want);
    lab_near(want, log(2.0) / K, 1e-6, want, "the slower one");
    lab_near(value(l, "depot", 0), 60.0 * log(2.0) / KA, 1e-6, 60.0 / KA, "depot");
    ck_assert(isnan(value(l, "early", 0)) && isnan(value(l, "none", 0)) && isnan(value(l, "flat", 0)));
    ck_assert_str_eq(word(l, "early"), "not falling");
    lab_free(l);
}
END_TEST

/* Before a bolus at the window's end, not after it. */
START_TEST(terminal_half_life_before_a_dose)
{
    lab *l = run(TWO, "one = { terminal_half_life = \"c\"; until = \"12 h\"; };");
    lab_near(value(l, "one", 0), log(2.0) / K, 1e-6, 1.0 / K, "one");
    lab_free(l);
}
END_TEST

/* Of an infusion that outlasts the run a share is one of what was given in it, as in the ledger. */
START_TEST(share_of_what_is_given)
{
    lab *l = run("{ route = \"vein\"; at = \"12 h\"; dose = \"1e6 cell\"; duration = \"24 h\"; }",
                 "share = { total = \"lysis\"; of = \"cell\"; share = true; };"
                 "early = { total = \"lysis\"; of = \"cell\"; share = true; until = \"18 h\"; };");
    const double given = DOSE / 2.0, left = DOSE / 24.0 / K * -expm1(-12.0 * K),
                 then = DOSE / 4.0 - DOSE / 24.0 / K * -expm1(-6.0 * K);
    is(l, "share", (given - left) / given);
    is(l, "early", then / given);
    ck_assert_str_eq(msc_scenario_warning(lab_scenario(l), 0, NULL),
                     "this dose is given until day 1.5, and the run ends on day 1: 50.0 % of it is given");
    lab_free(l);
}
END_TEST

/* An output by name, with its index: its own formula of that element, or of each. */
START_TEST(outputs_by_name)
{
    static const char outputs[] =
        "outputs: { level = { unit = \"percent\"; over = [\"organ\"]; value = \"held[organ] / dosed(cell)\"; };\n"
        "  pairs = { unit = \"cell\"; over = [\"organ\", \"o in organ\"];\n"
        "            value = \"held[organ] + 2 * sum(p in organ: held[p]) + 4 * held[o]\"; };\n"
        "  each = { unit = \"cell\"; over = [\"organ\"]; values = { lung = \"c\"; site = 3.0; }; }; };\n";
    char text[LAB_TEXT];
    const char *at = strstr(model, "outputs: {");
    snprintf(text, sizeof text, "%.*s%.*s%s", (int)(at - model), model, (int)strlen(outputs) - 4, outputs,
             strchr(at, '{') + 1);
    lab *l = lab_text(text,
                      scenario("{ route = \"tissue\"; at = \"0 h\"; dose = \"1e6 cell\"; }",
                               "one = { max = \"level[site]\"; }; every = { max = \"level[organ]\"; over = [\"organ\"]; };"
                               "area = { auc = \"level[lung]\"; unit = \"percent.h\"; };"
                               "pair = { max = \"pairs[lung, site]\"; };"
                               "turned = { max = \"pairs[o, lung]\"; over = [\"o in organ\"]; };"
                               "own = { min = \"each[site]\"; };"
                               /* within formulas, under indices of the entry, of a sum, and of both */
                               "ratio = { mean = \"level[site] / level[lung]\"; };"
                               "sum = { max = \"sum(organ: level[organ]) + 1\"; unit = \"percent\"; };"
                               "both = { max = \"sum(o in organ: pairs[organ, o]) - pairs[organ, lung]\"; over = [\"organ\"]; };"
                               "gone = { value = \"integral(each[site] * held[lung] * k)\"; at = \"24 h\"; };"
                               "plus = { max = \"held[lung] + each[site]\"; };"),
                      NULL);
    is(l, "ratio", 3.0);
    is(l, "sum", 200.0);
    is(l, "both", 1e6 * (0.25 + 2.0 + 3.0)); /* pairs[lung, site] */
    lab_near(value(l, "both", 1), 1e6 * (0.75 + 2.0 + 3.0), NEAR, 1e6, "both[site]");
    is(l, "gone", 3.0 * 2.5e5 * -expm1(-24.0 * K));
    is(l, "plus", 2.5e5 + 3.0);
    is(l, "one", 75.0);
    lab_near(value(l, "every", 0), 25.0, NEAR, 25.0, "every[lung]");
    is(l, "area", 25.0 / K * -expm1(-24.0 * K));
    is(l, "pair", 1e6 * (0.25 + 2.0 + 3.0));
    lab_near(value(l, "turned", 1), 1e6 * (0.75 + 2.0 + 1.0), NEAR, 1e6, "turned[site]");
    is(l, "own", 3.0);
    unit_is(l, "one", "percent");
    lab_free(l);
}
END_TEST

START_TEST(file_and_page)
{
    lab *l = run(INFUSION, many);
    msc_dataset *read = NULL;
    char *page = NULL, path[] = "/tmp/mscsim_endpoints_XXXXXX";
    size_t n = 0;
    const int fd = mkstemp(path);
    ck_assert(fd >= 0 && close(fd) == 0);
    ck_assert_int_eq(msc_result_write(lab_result(l), path, true, NULL), MSC_OK);
    ck_assert_int_eq(msc_store_read(path, &read, NULL), MSC_OK);
    (void)unlink(path);
    const msc_array *each = msc_dataset_array(read, "each"),
                    *never = msc_dataset_array(read, "never");
    ck_assert(each && each->n_axis == 1 && msc_array_size(read, each) == 2);
    ck_assert_str_eq(each->unit, "cell.day");
    ck_assert_str_eq(each->about, "exposure (area under held[organ])");
    ck_assert(never && never->n_axis == 0 && isnan(never->real[0]));
    ck_assert_str_eq(never->about, "when c is first above 9e+09 cell");
    ck_assert_str_eq(msc_dataset_array(read, "site")->about,
                     "area under held[site], day 0.042 to day 0.17");
    ck_assert_double_eq(msc_dataset_array(read, "worst")->real[0], value(l, "worst", 0));
    is_marked(read, "never_mark", "never");
    is_marked(read, "still_mark", "at_least");
    is_marked(read, "low_mark", "exact");
    ck_assert_ptr_null(msc_dataset_array(read, "worst_mark"));
    ck_assert_str_eq(msc_dataset_text(read, "endpoints"), "each site worst low never still");
    msc_dataset_free(read);
    FILE *stream = open_memstream(&page, &n);
    ck_assert_int_eq(msc_result_summarise(lab_result(l), stream, NULL), MSC_OK);
    fclose(stream);
    ck_assert_ptr_nonnull(strstr(page, "\nEndpoints\n"));
    ck_assert_ptr_nonnull(strstr(page, "  never                      never  h"));
    ck_assert_ptr_nonnull(strstr(page, "> 24.000  h"));
    ck_assert_ptr_nonnull(strstr(page, "each[site]"));
    free(page);
    lab_free(l);
}
END_TEST

/* Of a file that stays, for it is read again. */
START_TEST(ranges)
{
    static const char *const settings[] = {
        "output.endpoints.worst={max=\"settled[lung]\";}",
        "output.endpoints.other={max=\"settled[lung]\";}",
        "output.endpoints.high={first_above=\"settled[lung]\";threshold=\"6e5 cell\";}",
        "output.ranges.split.show=[\"worst\",\"high\",\"burden\"]", NULL};
    lab *l = lab_file("tests/cli/data/tiny.cfg", settings);
    msc_result *r = NULL;
    msc_error err = {0};
    double low = 0.0, high = 0.0;
    char *page = NULL;
    size_t n = 0;
    ck_assert_msg(msc_scenario_check(lab_scenario(l), &err) == MSC_OK, "%s: %s", err.where,
                  err.message);
    ck_assert_int_eq(msc_scenario_run(lab_scenario(l), &r, NULL), MSC_OK);
    ck_assert(!msc_result_endpoint_range(r, "worst", 0, &low, &high));
    ck_assert_int_eq(msc_result_add_ranges(r, NULL), MSC_OK);
    ck_assert(msc_result_endpoint_range(r, "worst", 0, &low, &high));
    ck_assert(low < 0.8 * value(l, "worst", 0) && value(l, "worst", 0) < 0.9 * high);
    lab_near(high, 1.8 * low, 1e-4, high, "settled in proportion");
    ck_assert(!msc_result_endpoint_range(r, "other", 0, &low, &high));
    ck_assert(msc_result_endpoint_range(r, "high", 0, &low, &high) && low == high);
    FILE *stream = open_memstream(&page, &n);
    ck_assert_int_eq(msc_result_summarise(r, stream, NULL), MSC_OK);
    fclose(stream);
    ck_assert_msg(strstr(page, " or never  h") != NULL, "%s", page);
    free(page);
    msc_result_free(r);
    lab_free(l);
}
END_TEST

static const char *const wrong[][2] = {
    {"x = 3;", "a group"},
    {"x = { tmax = \"c\"; };", "x.tmax: 'tmax' is called 'time_of_max' here"},
    {"warning = { max = \"c\"; };",
     "output.endpoints.warning: 'warning' has its own meaning in a results file: name the endpoint otherwise"},
    {"x = { max = \"integral(lost)\"; };",
     "x.max: the output 'lost' is made of what has an integral or a dose in it, and cannot stand inside integral"},
    {"x = { max = \"2 * lost[lung]\"; };", "x.max: 'lost' has no indices"},
    {"x = { max = \"1 h + lost\"; };", "x.max: "},
    {"x = { maxx = \"c\"; };", "did you mean 'max'"},
    {"x = { unit = \"cell\"; };", "an endpoint says what it is"},
    {"x = { max = \"c\"; min = \"c\"; };", "'max' and 'min' are two endpoints"},
    {"x = { max = \"c\"; threshold = 3; };", "x.threshold: 'threshold' goes with 'time_above'"},
    {"x = { max = \"c\"; at = 3; };", "'at' goes with 'value' only"},
    {"x = { value = \"c\"; at = 3; from = 2; };", "x.from: 'from' goes with what has a window"},
    {"x = { max = \"c\"; of = \"cell\"; };", "'of' goes with 'total' only"},
    {"x = { total = \"lysis\"; of = \"cell\"; over = [\"organ\"]; };",
     "'over' goes with a formula"},
    {"x = { value = \"c\"; };", "at"},
    {"x = { time_above = \"c\"; };", "threshold"},
    {"x = { max = \"cc\"; };", "x.max"},
    {"x = { max = \"held[organ]\"; };", "x.max"},
    {"x = { max = \"held\"; };", "x.max"},
    {"x = { max = \"held[organ]\"; over = [\"organs\"]; };", "did you mean 'organ'"},
    {"x = { auc = \"c\"; unit = \"cell\"; };",
     "x.unit: this endpoint is in 'cell.h', which 'cell' cannot count"},
    {"x = { half_life = \"c\"; unit = \"cell\"; };", "in 'h', which 'cell' cannot count"},
    {"x = { max = \"c\"; unit = \"cels\"; };", "x.unit"},
    {"x = { time_above = \"c\"; threshold = \"3 h\"; };",
     "is in 'h', where 'cell' is due; e.g. \"100 cell\""},
    {"x = { max = \"c\"; from = \"3 cell\"; };", "x.from: this is not a time"},
    {"x = { max = \"c\"; from = \"regimen[7]\"; };", "x.from: there is no regimen[7]: the doses are counted from 0, and there are 1"},
    {"x = { max = \"c\"; from = \"regimen[0] 3 h\"; };", "x.from: a time by a dose is written \"regimen[1]\" or \"regimen[1] + 9 day\""},
    {"x = { max = \"c\"; from = \"regimen[a]\"; };", "x.from: a time by a dose is written"},
    {"x = { max = \"c\"; from = \"regimen[0] + 3 cell\"; };", "x.from: this is not a time"},
    {"x = { max = \"c\"; from = \"25 h\"; };", "x.from: this time is outside of the run"},
    {"x = { value = \"c\"; at = \"-1 h\"; };", "x.at: this time is outside of the run"},
    {"x = { max = \"c\"; from = \"3 h\"; until = \"2 h\"; };", "the window ends before it begins"},
    {"x = { auc = \"c\"; until = \"0 h\"; };", "the window ends before it begins"},
    {"x = { total = \"lysys\"; of = \"cell\"; };",
     "nothing leaves by 'lysys'; did you mean 'lysis'?"},
    {"x = { total = \"lysis\"; };", "of"},
    {"x = { total = \"lysis\"; of = \"cels\"; };",
     "the model has no pool 'cels'; did you mean 'cell'?"},
    {"a = { max = \"c\"; }; x = { ratio = [\"a\"]; };", "the names of two other endpoints"},
    {"area = { max = \"c\"; }; x = { ratio = [\"area\", \"arae\"]; };",
     "no endpoint is named 'arae'; did you mean 'area'?"},
    {"a = { max = \"c\"; }; x = { ratio = [\"a\", \"a\"]; }; y = { ratio = [\"x\", \"a\"]; };",
     "'x' is a ratio itself"},
    {"a = { max = \"c\"; }; b = { max = \"held[organ]\"; over = [\"organ\"]; }; x = { ratio = [\"a\", \"b\"]; };",
     "do not have the same indices"},
};

START_TEST(refused)
{
    const msc_error err = lab_refused(model, scenario(INFUSION, wrong[_i][0]));
    const char *all = lab_format("%s: %s", err.where, err.message);
    ck_assert_int_eq(err.status, MSC_E_CONFIG);
    ck_assert_msg(strstr(all, wrong[_i][1]) && strstr(all, ".cfg:3: output.endpoints."), "%s\n%s",
                  wrong[_i][0], all);
}
END_TEST

START_TEST(refused_elsewhere)
{
    const msc_error off =
        lab_refused(model, "output = { until = \"1 h\"; every = \"1 h\"; ledger = \"off\";"
                           "endpoints = { x = { total = \"lysis\"; of = \"cell\"; }; }; };");
    ck_assert_ptr_nonnull(strstr(off.message, "output.ledger is \"off\""));
    lab *l = run(INFUSION, "c = { max = \"c\"; };");
    msc_error err = {0};
    ck_assert_int_eq(msc_scenario_check(lab_scenario(l), &err), MSC_E_CONFIG);
    ck_assert_ptr_nonnull(
        strstr(err.message, "two things in the results file would be called 'c'"));
    ck_assert_msg(strstr(err.where, ".cfg:3: output.endpoints.c") != NULL, "%s", err.where);
    lab_free(l);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoints");
    TCase *tcase = tcase_create("endpoints");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, one_infusion);
    tcase_add_test(tcase, whatever_is_put_out);
    tcase_add_test(tcase, every_kernel);
    tcase_add_test(tcase, other_methods);
    tcase_add_test(tcase, two_doses);
    tcase_add_test(tcase, at_a_stop);
    tcase_add_test(tcase, never_and_always);
    tcase_add_test(tcase, grazing);
    tcase_add_test(tcase, one_for_each_element);
    tcase_add_test(tcase, censored);
    tcase_add_test(tcase, windows_by_doses);
    tcase_add_test(tcase, terminal_half_life);
    tcase_add_test(tcase, terminal_half_life_before_a_dose);
    tcase_add_test(tcase, share_of_what_is_given);
    tcase_add_test(tcase, outputs_by_name);
    tcase_add_test(tcase, file_and_page);
    tcase_add_test(tcase, ranges);
    tcase_add_loop_test(tcase, refused, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, refused_elsewhere);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
