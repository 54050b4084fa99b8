/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amounts, pools, cargo and its riders. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"amounts: { x = { over = [\"organ\"];\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.x: 'unit' is missing"},
    {"amounts: { x = { unit = \"cell\";\n"
     "stags = 2;\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.stags: unknown key; did you mean 'stages'?"},
    {"amounts: { x = { unit = \"cell\";\n"
     "stages = 0;\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.stages: must be an integer from 1 to 10000, not 0"},
    {"amounts: { x = { unit = \"cell\";\n"
     "stages = 2.5;\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.stages: must be an integer from 1 to 10000, not 2.5"},
    {"amounts: { x = { unit = \"cell\";\n"
     "transit = 1;\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.transit: must be true or false, not 1"},
    {"amounts: { x = { unit = \"cell\";\n"
     "transit = true;\n"
     "stages = 2;\n"
     "};\n"
     "};",
     "m.cfg:4: amounts.x.stages: 'x' is in transit: nothing stays in it, so it has no stages"},
    {"amounts: { x = { unit = \"mg\";\n"
     "pool = \"cell\";\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.pool: the pool 'cell' is counted in 'cell' already, this in 'mg'"},
    {"amounts: { x = { unit = \"mg\";\n"
     "pool = \"a b\";\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.pool: 'a b' is not a name"},
    {"amounts: { x = { unit = \"cell\";\n"
     "initial = \"3\";\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.initial: its unit is '1', where 'cell' is due; write \"3 cell\" or the "
     "bare number 3"},
    {"amounts: { x = { unit = \"cell\";\n"
     "initial = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.initial: 'drug' is an amount: an initial value may depend on "
     "parameters only"},
    {"amounts: { x = { unit = \"cell\";\n"
     "initial = \"time * 1 cell/h\";\n"
     "};\n"
     "};",
     "m.cfg:3: amounts.x.initial: 'time' cannot be used here: an initial value may depend on "
     "parameters only"},
    {"amounts: { x = { unit = \"mL/min\";\n"
     "over = [\"organ\"];\n"
     "initial = \"flow[organ]\";\n"
     "};\n"
     "};",
     "m.cfg:4: amounts.x.initial: 'flow' is over 'systemic', which has no 'lung'"},
    {"amounts: { x = { unit = \"cell\";\n"
     "transit = true;\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.x: nothing leaves x, and nothing may stay in it"},
    {"amounts: { k = { unit = \"cell\";\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.k: 'k' is the name of a parameter already (base.cfg:5)"},
    {"amounts: { crowd = { unit = \"cell\";\n"
     "};\n"
     "};",
     "base.cfg:26: variables.crowd: 'crowd' is the name of an amount already (m.cfg:2)"},
    {"amounts: { min = { unit = \"cell\";\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.min: 'min' is a word of the language and cannot be a name"},
    {"amounts: { True = { unit = \"cell\";\n"
     "};\n"
     "};",
     "m.cfg:2: 'True' cannot be a name"},
    {"amounts: { x = 1;\n"
     "};",
     "m.cfg:2: amounts.x: must be a group { }, not 1"},
    {"cargo: { x = { rides = [\"blood\"];\n"
     "};\n"
     "};",
     "m.cfg:2: cargo.x: 'unit' is missing"},
    {"cargo: { x = { unit = \"mark\";\n"
     "};\n"
     "};",
     "m.cfg:2: cargo.x: 'rides' is missing"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blod\"];\n"
     "};\n"
     "};",
     "m.cfg:3: cargo.x.rides: no amount is named 'blod'; did you mean 'blood'?"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"bed\"];\n"
     "};\n"
     "};",
     "m.cfg:3: cargo.x.rides: 'bed' is in transit: it carries every cargo that enters it and "
     "is not listed"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\", \"blood\"];\n"
     "};\n"
     "};",
     "m.cfg:3: cargo.x.rides: 'blood' is there twice"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [ ];\n"
     "};\n"
     "};",
     "m.cfg:3: cargo.x.rides: rides on nothing: name the amounts that carry it"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"k\"];\n"
     "};\n"
     "};",
     "m.cfg:3: cargo.x.rides: no amount is named 'k'"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "load = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.load: its unit is '1', where 'mark/cell' is due (mark per cell)"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "load = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.load: 'drug' is an amount: a load may depend on parameters only"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "pool = \"x\";\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.pool: unknown key (known are unit, rides, load, falls, about, source)"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "falls = 1;\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.falls: must be a group { }, not 1"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "falls = { others = 1;\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.falls.others: must be a string, not 1"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "};\n"
     "};",
     "m.cfg:2: cargo.x: nowhere to go when its carrier ends in 'catch': name it in "
     "cargo.x.falls"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "falls = { flow_in = \"nowhere\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:2: cargo.x: nowhere to go when its carrier ends in 'catch': name it in "
     "cargo.x.falls"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"blood\"];\n"
     "falls = { others = \"drug\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.falls.others: 'drug' is counted in 'mg', the cargo in 'mark' (process "
     "'catch')"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"lodged\"];\n"
     "falls = { others = \"debris[organ]\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.falls.others: 'organ' is not bound in route 'vein'"},
    {"cargo: { x = { unit = \"mark\";\n"
     "rides = [\"lodged\"];\n"
     "falls = { others = \"debris[organ+1]\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:4: cargo.x.falls.others: 'organ' is not bound in route 'vein'"},
    {"cargo: { x = 1;\n"
     "};",
     "m.cfg:2: cargo.x: must be a group { }, not 1"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

START_TEST(amounts)
{
    msc_model *model = msc_reading_model("amounts: { x = { unit = \"mg\"; over = [\"organ\"]; "
                                         "initial = \"2 g * arrest[organ]\"; };\n"
                                         "y = { unit = \"1\"; initial = 3; stages = 1e1; }; "
                                         "z = { unit = \"1\"; pool = \"mine\"; }; };");
    const msc_amount *x = NULL, *y = NULL, *z = NULL;
    for (size_t i = 0; i < model->n_amount; i++) {
        const msc_amount *a = &model->amount[i];
        x = strcmp(a->name, "x") ? x : a;
        y = strcmp(a->name, "y") ? y : a;
        z = strcmp(a->name, "z") ? z : a;
    }
    ck_assert_str_eq(msc_reading_text(model, x->initial), "(0.002 * arrest[$0])");
    ck_assert_str_eq(model->pool[x->pool].name, "mg");
    ck_assert_double_eq_tol(x->factor, 1e-6, 1e-18);
    ck_assert_int_eq(x->stages, 1);
    ck_assert_int_eq(y->stages, 10);
    ck_assert_int_eq(y->pool, -1);
    ck_assert_str_eq(msc_reading_text(model, y->initial), "3");
    ck_assert_str_eq(model->pool[z->pool].name, "mine");
    msc_model_free(model);
}
END_TEST

static const msc_amount *rider(const msc_model *model, int cargo, const char *carrier)
{
    for (size_t i = 0; i < model->cargo[cargo].n_rider; i++) {
        const msc_amount *a = &model->amount[model->cargo[cargo].rider[i]];
        if (!strcmp(model->amount[a->carrier].name, carrier)) {
            ck_assert_int_eq(msc_model_rider(model, cargo, a->carrier),
                             model->cargo[cargo].rider[i]);
            return a;
        }
    }
    return NULL;
}

START_TEST(riders)
{
    msc_model *model = msc_reading_model("cargo: { code = { unit = \"1\"; rides = [\"dying\"]; "
                                         "falls = { others = \"nowhere\"; }; };\n"
                                         "dye = { unit = \"mark\"; rides = [\"blood\"]; "
                                         "load = \"frac * 1 mark/cell\"; "
                                         "falls = { others = \"nowhere\"; }; }; };");
    const msc_amount *blood = rider(model, 0, "blood"), *bed = rider(model, 0, "bed");
    ck_assert_str_eq(blood->name, "label.blood");
    ck_assert_str_eq(bed->name, "label.bed");
    ck_assert(bed->transit && !blood->transit);
    ck_assert_int_eq(blood->cargo, 0);
    ck_assert_uint_eq(model->cargo[0].n_rider, 3);
    ck_assert_str_eq(model->pool[model->cargo[0].pool].name, "mark");
    ck_assert_int_eq(blood->pool, model->cargo[0].pool);
    ck_assert_uint_eq(bed->shape.n, 6);
    ck_assert_str_eq(msc_reading_text(model, model->cargo[0].load), "1");
    ck_assert_uint_eq(model->cargo[1].n_rider, 1);
    ck_assert_int_eq(rider(model, 1, "dying")->stages, 2);
    ck_assert_int_eq(model->cargo[1].pool, -1);
    ck_assert_ptr_null(model->cargo[1].load);
    ck_assert_uint_eq(model->cargo[2].n_rider, 2);
    ck_assert_ptr_nonnull(rider(model, 2, "bed"));
    ck_assert_ptr_null(rider(model, 2, "lodged"));
    ck_assert_str_eq(msc_reading_text(model, model->cargo[2].load), "(frac * 1)");
    for (size_t i = 1; i < model->n_amount; i++) {
        ck_assert(model->amount[i - 1].cargo < 0 ||
                  model->amount[i].cargo >= 0); /* riders after the others */
    }
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read amounts");
    TCase *tcase = tcase_create("read amounts");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, amounts);
    tcase_add_test(tcase, riders);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
