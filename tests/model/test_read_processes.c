/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes: places, sizes, branches, yields, what falls, transits. */
#include <check.h>
#include <string.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"processes: { x = { from = \"drugg\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: no amount is named 'drugg'; did you mean 'drug'?"},
    {"processes: { x = { from = \"k\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'k' is a parameter, not an amount"},
    {"processes: { x = { from = \"lodged\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'lodged' has 2 indices, lodged[organ,clone], not 0"},
    {"processes: { x = { from = \"lodged[organ]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'lodged' has 2 indices, lodged[organ,clone], not 1"},
    {"processes: { x = { from = \"lodged[organ,clne]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'clne' is neither an element of 'clone' nor a name bound to "
     "it; did you mean 'clone'?"},
    {"processes: { x = { from = \"lodged[organ,lung]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'lung' is neither an element of 'clone' nor a name bound to "
     "it"},
    {"processes: { x = { from = \"label.drug\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'label' does not ride on 'drug': it is not in "
     "cargo.label.rides"},
    {"processes: { x = { from = \"label.bed[organ,clone]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'bed' is in transit: its cargo moves with it and by no "
     "process of its own"},
    {"processes: { x = { from = \"lable.blood[clone]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: no cargo is named 'lable'; did you mean 'label'?"},
    {"processes: { x = { from = \"label.blod[clone]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: no amount is named 'blod'; did you mean 'blood'?"},
    {"processes: { x = { from = \"drug\";\n"
     "to = \"label\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.to: 'label' is a cargo: name one place of it, such as label.blood"},
    {"processes: { x = { from = \"label[organ]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x.from: 'label' is a cargo: name one place of it, such as label.blood"},
    {"processes: { x = { from = \"drug\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: give exactly one of rate, hazard, share, dwell: here is none"},
    {"processes: { x = { from = \"drug\";\n"
     "hazard = \"k\";\n"
     "rate = \"k * drug\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: give exactly one of rate, hazard, share, dwell: here are rate and "
     "hazard"},
    {"processes: { x = { hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: needs from or to"},
    {"processes: { x = { rate = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: needs from or to"},
    {"processes: { x = { to = \"drug\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: without from there is only rate: hazard of what?"},
    {"processes: { x = { from = \"drug\";\n"
     "share = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'drug' is not in transit: share has no meaning, give hazard or "
     "rate"},
    {"processes: { x = { from = \"bed[organ,clone]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'bed' is in transit: nothing stays in it, give share, not hazard"},
    {"processes: { x = { from = \"lodged[organ,clone]\";\n"
     "rate = \"1 cell/h\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'lodged' carries cargo, which a rate cannot take along: give "
     "hazard"},
    {"processes: { x = { from = \"label\";\n"
     "rate = \"1 mark/h\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'label' is acted on wherever it rides: give hazard, not rate"},
    {"processes: { x = { from = \"label\";\n"
     "share = \"frac\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'label' is not in transit: share has no meaning, give hazard"},
    {"processes: { x = { from = \"label\";\n"
     "dwell = \"1 h\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: 'label' is acted on wherever it rides: give hazard, not dwell"},
    {"processes: { x = { from = \"dying[organ]\";\n"
     "dwell = \"1 h\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: dying[lung] has a dwell already, by 'vanish'"},
    {"processes: { x = { from = \"ageing[stage]\";\n"
     "to = \"dying[organ]\";\n"
     "dwell = \"1 h\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: ageing[1] would have one dwell for each place it goes to: give "
     "into"},
    {"processes: { x = { from = \"bed[organ,clone]\";\n"
     "share = \"remainder\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: bed[lung,neg] has a remainder already, by 'pass'"},
    {"processes: { x = { from = \"bed[organ,clone]\";\n"
     "share = \"1 h\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.share: its unit is 'h', where '1' is due"},
    {"processes: { x = { from = \"drug\";\n"
     "hazard = 0.3;\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.hazard: its unit is '1', where '1/h' is due; write \"0.3 1/h\""},
    {"processes: { x = { from = \"drug\";\n"
     "hazard = \"vol\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.hazard: its unit is 'm3', where '1/h' is due"},
    {"processes: { x = { from = \"drug\";\n"
     "dwell = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.dwell: its unit is '1/h', where 'h' is due"},
    {"processes: { x = { from = \"drug\";\n"
     "rate = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.rate: its unit is '1/h', where 'mg/h' is due"},
    {"processes: { x = { from = \"drug\";\n"
     "dwell = \"remainder\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.dwell: no parameter, amount, variable or process is named "
     "'remainder'"},
    {"processes: { x = { from = \"drug\";\n"
     "to = \"free\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.to: 'free' is counted in 'mark', what comes in 'mg': give yield"},
    {"processes: { x = { from = \"drug\";\n"
     "to = \"free\";\n"
     "hazard = \"k\";\n"
     "yield = \"2\";\n"
     "};\n"
     "};",
     "m.cfg:5: processes.x.yield: its unit is '1', where 'mark/kg' is due; write \"2 mark/kg\""},
    {"processes: { x = { to = \"free\";\n"
     "rate = \"1 mark/h\";\n"
     "yield = \"2\";\n"
     "};\n"
     "};",
     "m.cfg:4: processes.x.yield: a source has no yield: what enters is the rate"},
    {"processes: { x = { from = \"free\";\n"
     "hazard = \"k\";\n"
     "yield = \"2\";\n"
     "};\n"
     "};",
     "m.cfg:4: processes.x.yield: nothing arrives: the process has no to"},
    {"processes: { x = { from = \"drug\";\n"
     "to = \"free\";\n"
     "into = ( { share = \"1\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:2: processes.x: give to or into, not both"},
    {"processes: { x = { from = \"drug\";\n"
     "into = { to = \"free\";\n"
     "};\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.into: a list is due: ( { to = \"...\"; share = \"...\"; }, ... )"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[lung]\";\n"
     "share = \"frac\";\n"
     "}, { to = \"debris[liver]\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:5: processes.x.into[1]: needs share, a formula or \"remainder\""},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[lung]\";\n"
     "share = 0.5;\n"
     "}, { to = \"debris[liver]\";\n"
     "share = 0.6;\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.into: the shares add up to 1.1000, not to 1"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[lung]\";\n"
     "share = \"remainder\";\n"
     "}, { share = \"remainder\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:5: processes.x.into[1].share: one branch may be the remainder"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[organ]\";\n"
     "share = \"remainder\";\n"
     "}, { share = \"frac\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.into[0]: 3 places cannot each be the remainder: one branch may be"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[lung]\";\n"
     "share = 1.5;\n"
     "}, { share = \"remainder\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:4: processes.x.into[0].share: a share lies in 0..1, not 1.5"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { to = \"debris[lung]\";\n"
     "share = \"k\";\n"
     "}, { share = \"remainder\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:4: processes.x.into[0].share: its unit is '1/h', where '1' is due"},
    {"processes: { x = { from = \"free\";\n"
     "into = ( { too = \"debris[lung]\";\n"
     "share = \"k\";\n"
     "} );\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.into[0].too: unknown key; did you mean 'to'?"},
    {"processes: { x = { from = \"drug\";\n"
     "into = ( { to = \"free\";\n"
     "share = \"frac\";\n"
     "}, { to = \"ageing[1]\";\n"
     "share = \"frac\";\n"
     "} );\n"
     "yield = \"1 mark/mg\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:5: processes.x.into[1]: 'ageing' is counted in 'cell', but 'free' in 'mark': one "
     "yield cannot serve both"},
    {"processes: { x = { from = \"lodged[organ,clone]\";\n"
     "over = [\"clone\", \"organ\"];\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.over: from and to bind [\"organ\", \"clone\"]; over may repeat that or "
     "be left out"},
    {"processes: { x = { from = \"lodged[organ,clone]\";\n"
     "over = [\"organ\", \"orgn\"];\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.over: no set is named 'orgn'; did you mean 'organ'?"},
    {"processes: { x = { from = \"lodged[organ,clone]\";\n"
     "fat = \"x\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.fat: unknown key; did you mean 'fate'?"},
    {"processes: { x = { from = \"debris[organ]\";\n"
     "hazard = \"flow[organ] / vol\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.hazard: 'flow' is over 'systemic', which has no 'lung'"},
    {"processes: { x = { from = \"ageing[stage]\";\n"
     "hazard = \"kst[stage+1]\";\n"
     "};\n"
     "};",
     "m.cfg:3: processes.x.hazard: 'kst': nothing is +1 places from '3' in 'stage'"},
    {"processes: { x = { from = \"free\";\n"
     "to = \"debris[organ]\";\n"
     "hazard = \"k * arrest[o]\";\n"
     "};\n"
     "};",
     "m.cfg:4: processes.x.hazard: 'o' is neither an element of 'organ' nor a name bound to it"},
    {"amounts: { t1 = { unit = \"cell\";\n"
     "transit = true;\n"
     "};\n"
     "t2 = { unit = \"cell\";\n"
     "transit = true;\n"
     "};\n"
     "};\n"
     "processes: { p = { from = \"t1\";\n"
     "to = \"t2\";\n"
     "share = 1.0;\n"
     "};\n"
     "q = { from = \"t2\";\n"
     "to = \"t1\";\n"
     "share = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.t1: transits lead in a circle: t1 -> t2 -> t1"},
    {"amounts: { t1 = { unit = \"cell\";\n"
     "over = [\"organ\"];\n"
     "transit = true;\n"
     "};\n"
     "};\n"
     "processes: { p = { from = \"t1[lung]\";\n"
     "share = 1.0;\n"
     "};\n"
     "};",
     "m.cfg:2: amounts.t1: nothing leaves t1[liver], and nothing may stay in it"},
    {"amounts: { t1 = { unit = \"cell\";\n"
     "transit = true;\n"
     "};\n"
     "};\n"
     "processes: { p = { from = \"t1\";\n"
     "to = \"dying[organ]\";\n"
     "share = \"remainder\";\n"
     "};\n"
     "};",
     "m.cfg:6: processes.p: t1 would have one remainder for each place it goes to: give into"},
    {"processes: { x = 1;\n"
     "};",
     "m.cfg:2: processes.x: must be a group { }, not 1"},
    {"amounts: { y = { unit = \"cell\";\n"
     "over = [\"systemic\"];\n"
     "};\n"
     "};\n"
     "processes: { x = { from = \"y[organ]\";\n"
     "hazard = \"k\";\n"
     "};\n"
     "};",
     "m.cfg:6: processes.x: 'y' is over 'systemic', which has no 'lung'"},
    {"processes: { pass = { to = \"bed[organ,clone]\";\n"
     "};\n"
     "};",
     "base.cfg:16: amounts.bed: transits lead in a circle: bed[lung,neg] -> bed[lung,neg]"},
    {"processes: { gulp = { from = \"lodged[organ,clone]\";\n"
     "hazard = \"k\";\n"
     "fate = \"eaten\";\n"
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
     "m.cfg:7: cargo.code: nowhere to go when its carrier ends in 'eaten': name it in "
     "cargo.code.falls"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

static const msc_process *process(const msc_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_process; i++) {
        if (!strcmp(model->process[i].name, name)) {
            return &model->process[i];
        }
    }
    ck_abort_msg("no process %s", name);
}

static void binds(const msc_model *model, const msc_bind *bind, int n, const char *names)
{
    char text[256] = "";
    for (int i = 0; i < n; i++) {
        strcat(strcat(text, i ? " " : ""), bind[i].name);
        ck_assert_str_eq(model->set[bind[i].set].name, bind[i].name);
    }
    ck_assert_str_eq(text, names);
}

START_TEST(places)
{
    msc_model *model = msc_reading_model("");
    const msc_process *in = process(model, "flow_in"), *age = process(model, "age"),
                      *decay = process(model, "decay");
    binds(model, in->shape.over, in->shape.n_over, "clone organ");
    ck_assert_uint_eq(in->shape.n, 6);
    ck_assert_str_eq(msc_reading_place(model, &in->from), "blood[$0]");
    ck_assert_str_eq(msc_reading_place(model, &in->branch->to), "bed[$1,$0]");
    ck_assert_str_eq(in->unit, "cell/h");
    ck_assert_str_eq(model->pool[in->pool].name, "cell");
    ck_assert_str_eq(msc_reading_place(model, &age->branch->to), "ageing[$0+1]");
    int env[MSC_SLOTS] = {2};
    ck_assert(!msc_process_exists(model, age, env));
    env[0] = 1;
    ck_assert(msc_process_exists(model, age, env));
    ck_assert_int_eq(decay->cargo, 0);
    ck_assert_int_eq(decay->from.amount, -1);
    ck_assert_str_eq(msc_reading_place(model, &decay->branch->to), "free");
    ck_assert_int_eq(decay->size, MSC_SIZE_HAZARD);
    ck_assert_uint_eq(decay->branch->n_fall, 0);
    ck_assert_int_eq(process(model, "vanish")->size, MSC_SIZE_DWELL);
    ck_assert(process(model, "pass")->remainder);
    ck_assert_ptr_null(process(model, "pass")->expr);
    ck_assert_str_eq(model->fate[process(model, "die")->fate], "death");
    msc_model_free(model);
}
END_TEST

START_TEST(branches)
{
    msc_model *model =
        msc_reading_model("processes: { x = { from = \"free\"; hazard = \"k\"; "
                          "fate = \"spread\"; into = (\n"
                          "{ to = \"debris[organ]\"; share = \"arrest[organ]\"; "
                          "fate = \"local\"; },\n"
                          "{ to = \"free\"; share = 0.1; }, { share = \"remainder\"; "
                          "} ); };\n"
                          "y = { from = \"debris[organ]\"; over = [\"organ\"]; "
                          "yield = \"2 mg/mark * frac\"; into = (\n"
                          "{ to = \"drug\"; share = \"arrest[organ]\"; "
                          "}, { share = \"remainder\"; } ); dwell = \"1 h\"; };\n"
                          "z = { to = \"drug\"; rate = \"drug * k\"; }; };");
    const msc_process *x = process(model, "x"), *y = process(model, "y"), *z = process(model, "z");
    ck_assert_uint_eq(x->n_branch, 3);
    binds(model, x->branch[0].bind, x->branch[0].n_bind, "organ");
    ck_assert_int_eq(x->branch[0].bind[0].slot, 0);
    ck_assert_int_eq(x->shape.n_over, 0);
    ck_assert_str_eq(msc_reading_text(model, x->branch[0].share), "arrest[$0]");
    ck_assert_str_eq(model->fate[x->branch[0].fate], "local");
    ck_assert_str_eq(model->fate[x->branch[1].fate], "spread");
    ck_assert(x->branch[0].own_fate && !x->branch[1].own_fate);
    ck_assert(x->branch[2].remainder);
    ck_assert_str_eq(msc_reading_place(model, &x->branch[2].to), "-");
    ck_assert_int_eq(y->branch[0].n_bind, 0);
    ck_assert_str_eq(msc_reading_text(model, y->yield), "(2e-06 * frac)");
    ck_assert_int_eq(z->from.amount, -1);
    ck_assert_str_eq(z->unit, "mg/h");
    ck_assert_str_eq(msc_reading_text(model, z->expr), "(drug * k)");
    msc_model_free(model);
}
END_TEST

START_TEST(falls)
{
    msc_model *model = msc_reading_model("cargo: { label = { falls = { local = \"debris[lung]\"; "
                                         "x = \"debris[organ]\"; }; };\n"
                                         "code = { unit = \"mark\"; "
                                         "rides = [\"lodged\", \"dying\"]; falls = { x = \"free\"; "
                                         "others = \"nowhere\"; }; }; };\n"
                                         "processes: { x = { from = \"lodged[organ,clone]\"; "
                                         "hazard = \"k\"; fate = \"death\"; into = (\n"
                                         "{ share = 0.5; fate = \"local\"; }, { share = 0.25; "
                                         "}, { to = \"dying[organ]\"; share = 0.25; } ); };\n"
                                         "drop = { from = \"label.lodged[organ,clone]\"; "
                                         "to = \"debris[organ]\"; hazard = \"k\"; };\n"
                                         "take = { from = \"free\"; to = \"label.blood[clone]\"; "
                                         "hazard = \"k\"; }; };");
    const msc_process *x = process(model, "x"), *die = process(model, "die"),
                      *drop = process(model, "drop");
    const char *const to[3][2] = {
        {"debris[lung]", "free"}, {"debris[$0]", "free"}, {"debris[$0]", NULL}};
    for (size_t i = 0; i < 3; i++) {
        const msc_branch *branch = &x->branch[i];
        ck_assert_uint_eq(branch->n_fall, to[i][1] ? 2 : 1);
        for (size_t k = 0; k < branch->n_fall; k++) {
            ck_assert_int_eq(branch->fall[k].cargo, (int)k);
            ck_assert_str_eq(msc_reading_place(model, &branch->fall[k].to), to[i][k]);
        }
    }
    ck_assert_uint_eq(die->branch->n_fall, 1);
    ck_assert_str_eq(msc_reading_place(model, &die->branch->fall[0].to), "debris[$0]");
    ck_assert_uint_eq(process(model, "vanish")->branch->n_fall, 1);
    ck_assert_str_eq(msc_reading_place(model, &process(model, "vanish")->branch->fall[0].to), "-");
    ck_assert_uint_eq(drop->branch->n_fall, 0);
    ck_assert_str_eq(msc_reading_place(model, &drop->from), "label.lodged[$0,$1]");
    ck_assert_str_eq(msc_reading_place(model, &process(model, "take")->branch->to),
                     "label.blood[$0]");
    msc_model_free(model);
}
END_TEST

START_TEST(notes)
{
    msc_model *model = msc_reading_model("processes: { hurry = { from = \"dying[lung]\"; "
                                         "hazard = \"k\"; }; };");
    ck_assert_uint_eq(model->notes.n, 1);
    ck_assert_str_eq(model->notes.note[0].where, "m.cfg:2: processes.hurry");
    ck_assert_str_eq(model->notes.note[0].message,
                     "its hazard shortens the stay in 'dying' that 'vanish' gives");
    msc_model_free(model);
}
END_TEST

START_TEST(transits_by_element)
{
    /* round and round, but not through the same element: out of lung's bed into the liver's */
    msc_model *model =
        msc_reading_model("amounts: { out = { unit = \"cell\"; over = [\"organ\"]; "
                          "transit = true; }; };\n"
                          "processes: { leave = { from = \"out[lung]\"; "
                          "to = \"bed[liver,pos]\"; share = 1; };\n"
                          "stay = { from = \"out[systemic]\"; share = \"remainder\"; };\n"
                          "pass = { to = \"out[organ]\"; }; "
                          "catch = { share = \"arrest[organ] / 2\"; }; };");
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read processes");
    TCase *tcase = tcase_create("read processes");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, places);
    tcase_add_test(tcase, branches);
    tcase_add_test(tcase, falls);
    tcase_add_test(tcase, notes);
    tcase_add_test(tcase, transits_by_element);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
