/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Routes: where a dose goes, what it is per, what it takes along. */
#include <check.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"routes: { x = { per = \"weight\";\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x: a route needs to, or into with a to in it"},
    {"routes: { x = { to = \"drg\";\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x.to: no amount is named 'drg'; did you mean 'drug'?"},
    {"routes: { x = { to = \"drug\";\n"
     "takes = [\"frc\"];\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.takes: no parameter is named 'frc'; did you mean 'frac'?"},
    {"routes: { x = { to = \"drug\";\n"
     "takes = [\"frac\", \"frac\"];\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.takes: 'frac' is there twice"},
    {"routes: { x = { to = \"drug\";\n"
     "takes = [\"crowd\"];\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.takes: no parameter is named 'crowd'"},
    {"routes: { x = { to = \"drug\";\n"
     "per = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.per: 'drug' is an amount: a route may depend on parameters only"},
    {"routes: { x = { to = \"drug\";\n"
     "per = \"wieght\";\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.per: no parameter is named 'wieght'; did you mean 'weight'?"},
    {"routes: { x = { to = \"blood[clone]\";\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x.to: a dose cannot go whole to each of 2 places: give into with shares"},
    {"routes: { x = { into = ( { to = \"blood[clone]\";\n"
     "share = \"remainder\";\n"
     "} );\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x.into[0]: a dose cannot go as the remainder to each of 2 places: give "
     "into with shares"},
    {"routes: { x = { into = ( { to = \"drug\";\n"
     "share = \"drug / 1 mg\";\n"
     "}, { share = \"remainder\";\n"
     "} );\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.into[0].share: 'drug' is an amount: a route may depend on parameters "
     "only"},
    {"routes: { x = { into = ( { to = \"drug\";\n"
     "share = \"frac\";\n"
     "}, { to = \"free\";\n"
     "share = \"remainder\";\n"
     "} );\n"
     "};\n"
     "};",
     "m.cfg:4: routes.x.into[1]: 'free' is counted in 'mark', but 'drug' in 'mg'"},
    {"routes: { x = { to = \"dying[organ+1]\";\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x.to: a dose cannot go whole to each of 3 places: give into with shares"},
    {"routes: { x = { into = ( { to = \"ageing[stage+1]\";\n"
     "share = \"frac\";\n"
     "} );\n"
     "};\n"
     "};",
     "m.cfg:2: routes.x.into[0]: 'ageing': nothing is +1 places from '3' in 'stage'"},
    {"routes: { x = { to = \"drug\";\n"
     "form = 1;\n"
     "};\n"
     "};",
     "m.cfg:3: routes.x.form: unknown key (known are into, to, per, takes, about, source)"},
    {"routes: { x-y = { to = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:2: 'x-y' is no name: it takes a letter, then letters, digits and _"},
    {"routes: { x = 1;\n"
     "};",
     "m.cfg:2: routes.x: must be a group { }, not 1"},
    {"routes: { x = { into = ( { to = \"ageing[first]\";\n"
     "share = \"frac\";\n"
     "}, { share = \"frac\";\n"
     "fate = \"death\";\n"
     "} );\n"
     "};\n"
     "};",
     "base.cfg:25: cargo.label.falls.death: 'organ' is not bound in route 'x'"},
    {"routes: { x = { to = \"dying[lung]\";\n"
     "};\n"
     "};\n"
     "cargo: { code = { unit = \"mark\";\n"
     "rides = [\"lodged\"];\n"
     "falls = { catch = \"nowhere\";\n"
     "pass = \"nowhere\";\n"
     "death = \"nowhere\";\n"
     "vein = \"nowhere\";\n"
     "};\n"
     "};\n"
     "};",
     "m.cfg:5: cargo.code: nowhere to go when its carrier ends in 'x': name it in "
     "cargo.code.falls"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

START_TEST(routes)
{
    msc_model *model = msc_reading_model("routes: { x = { per = \"weight\"; "
                                         "takes = [\"frac\", \"arrest\"]; about = \"by mouth\"; "
                                         "into = (\n"
                                         "{ to = \"blood[clone]\"; share = \"frac / 2\"; "
                                         "}, { fate = \"lost\"; share = \"remainder\"; } ); };\n"
                                         "pill = { to = \"drug\"; }; "
                                         "umbilical = { to = \"bed[liver,pos]\"; }; };");
    const msc_route *x = &model->route[msc_model_find_route(model, "x")];
    const msc_route *pill = &model->route[msc_model_find_route(model, "pill")];
    const msc_route *umbilical = &model->route[msc_model_find_route(model, "umbilical")];
    ck_assert_int_eq(msc_model_find_route(model, "none"), -1);
    ck_assert_str_eq(x->about, "by mouth");
    ck_assert_str_eq(msc_reading_text(model, x->per), "weight");
    ck_assert_uint_eq(x->n_takes, 2);
    ck_assert_str_eq(model->parameter[x->takes[1]].name, "arrest");
    ck_assert_str_eq(msc_reading_place(model, &x->branch[0].to), "blood[$0]");
    ck_assert_int_eq(x->branch[0].n_bind, 1);
    ck_assert_uint_eq(x->branch[0].n_fall, 0);
    ck_assert_uint_eq(x->branch[1].n_fall, 1); /* dead cells: their label falls by `others` */
    ck_assert_int_eq(x->branch[1].fall[0].to.amount, -1);
    ck_assert_str_eq(model->fate[x->branch[1].fate], "lost");
    ck_assert_str_eq(model->fate[x->branch[0].fate], "x");
    ck_assert_str_eq(model->pool[x->pool].name, "cell");
    ck_assert_ptr_null(pill->per);
    ck_assert_ptr_null(pill->branch->share);
    ck_assert_uint_eq(pill->branch->n_fall, 0); /* milligrams bring no marks per cell */
    ck_assert_uint_eq(umbilical->branch->n_fall, 0);
    ck_assert_str_eq(msc_reading_place(model, &umbilical->branch->to), "bed[liver,pos]");
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read routes");
    TCase *tcase = tcase_create("read routes");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, routes);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
