/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets, subsets, instances, and what is no set. */
#include <check.h>
#include <string.h>

#include "support/reading.h"
#include "support/suite.h"

/* clang-format off */
static const msc_reading_case refused[] = {
    {"sets: { x = \"1-6\";\n"
     "};",
     "m.cfg:2: sets.x: '1-6' is not a range of numbers such as \"1..6\""},
    {"sets: { x = \"6..1\";\n"
     "};",
     "m.cfg:2: sets.x: '6..1' is not a range of numbers such as \"1..6\""},
    {"sets: { x = 3;\n"
     "};",
     "m.cfg:2: sets.x: here is an integer; a set is [\"lung\", \"liver\"], \"1..6\" or { of = "
     "\"organ\"; except = [\"lung\"]; }"},
    {"sets: { x = [\"a b\"];\n"
     "};",
     "m.cfg:2: sets.x: 'a b' is not a name: a letter, then letters, digits and _; not true or "
     "false"},
    {"sets: { x = [\"true\"];\n"
     "};",
     "m.cfg:2: sets.x: 'true' is not a name: a letter, then letters, digits and _; not true "
     "or false"},
    {"sets: { x = [\"first\"];\n"
     "};",
     "m.cfg:2: sets.x: 'first' is a word of the language and cannot be an element"},
    {"sets: { x = [\"unit\"];\n"
     "};",
     "m.cfg:2: sets.x: 'unit' is a word of the language and cannot be an element"},
    {"sets: { x = [\"a\", \"a\"];\n"
     "};",
     "m.cfg:2: sets.x: 'a' is there twice"},
    {"sets: { x = [\"organ\"];\n"
     "};",
     "m.cfg:2: sets.x: the element 'organ' has the name of a set"},
    {"sets: { x = [ ];\n"
     "};",
     "m.cfg:2: sets.x: a set needs an element"},
    {"sets: { x = { are = [\"lung\"];\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x: 'of' is missing"},
    {"sets: { x = { of = \"organ\";\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x: a subset needs either are or except"},
    {"sets: { x = { of = \"organ\";\n"
     "are = [\"lung\"];\n"
     "except = [\"liver\"];\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x: a subset needs either are or except"},
    {"sets: { x = { of = \"orgn\";\n"
     "are = [\"lung\"];\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x.of: no set is named 'orgn'; did you mean 'organ'?"},
    {"sets: { x = { of = \"organ\";\n"
     "are = [\"lnug\"];\n"
     "};\n"
     "};",
     "m.cfg:3: sets.x.are: 'lnug' is neither an element of 'organ' nor a subset of it; did "
     "you mean 'lung'?"},
    {"sets: { x = { of = \"organ\";\n"
     "are = [\"clone\"];\n"
     "};\n"
     "};",
     "m.cfg:3: sets.x.are: 'clone' is neither an element of 'organ' nor a subset of it"},
    {"sets: { x = { of = \"systemic\";\n"
     "are = [\"lung\"];\n"
     "};\n"
     "};",
     "m.cfg:3: sets.x.are: 'lung' is not in 'systemic'"},
    {"sets: { x = { of = \"y\";\n"
     "are = [\"lung\"];\n"
     "};\n"
     "y = { of = \"x\";\n"
     "are = [\"lung\"];\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x: the subset 'x' is defined by itself"},
    {"sets: { x = { also = [\"lung\"];\n"
     "};\n"
     "};",
     "m.cfg:2: sets.x: no set is named 'x' that could be extended"},
    {"sets: { x = { of = \"organ\";\n"
     "are = [\"lung\"];\n"
     "wich = 1;\n"
     "};\n"
     "};",
     "m.cfg:4: sets.x.wich: unknown key (known are of, are, except, about, source)"},
    {"sets: { time = [\"a\"];\n"
     "};",
     "m.cfg:2: sets.time: 'time' is a word of the language and cannot be a name"},
    {"sets: { k = [\"a\"];\n"
     "};",
     "base.cfg:5: parameters.k: 'k' is the name of a set already (m.cfg:2)"},
    {"sets: { x-y = [\"a\"];\n"
     "};",
     "m.cfg:2: 'x-y' is no name: it takes a letter, then letters, digits and _"},
    {"sets: { x = { of = \"stage\";\n"
     "are = [1, 4];\n"
     "};\n"
     "};",
     "m.cfg:3: sets.x.are: '4' is neither an element of 'stage' nor a subset of it"},
};
/* clang-format on */

START_TEST(refusals)
{
    msc_reading_refused(&refused[_i]);
}
END_TEST

static const msc_set *find(const msc_model *model, const char *name)
{
    for (size_t i = 0; i < model->n_set; i++) {
        if (!strcmp(model->set[i].name, name)) {
            return &model->set[i];
        }
    }
    ck_abort_msg("no set %s", name);
}

/* The labels of a set, and that each is that of its element in the root. */
static void holds(const msc_model *model, const char *name, const char *labels)
{
    const msc_set *set = find(model, name);
    char text[256] = "";
    for (size_t i = 0; i < set->n; i++) {
        strcat(strcat(text, i ? " " : ""), set->label[i]);
        ck_assert_str_eq(set->label[i], model->set[set->root].label[set->element[i]]);
    }
    ck_assert_str_eq(text, labels);
}

START_TEST(elements)
{
    msc_model *model = msc_reading_model("sets: { y = { of = \"x\"; except = [\"b\"]; };\n"
                                         "x = [\"c\", \"b\", \"a\"]; z = { of = \"y\"; "
                                         "are = [\"a\"]; };\n"
                                         "u = { of = \"x\"; are = [\"a\", \"y\"]; };\n"
                                         "none = { of = \"x\"; except = [\"x\"]; };\n"
                                         "tail = { of = \"stage\"; are = [3, 2]; };\n"
                                         "early = { of = \"stage\"; except = [\"n2\", \"3\"]; };\n"
                                         "tens = \"9..11\"; };");
    holds(model, "organ", "lung liver spleen");
    holds(model, "systemic", "liver spleen");
    holds(model, "x", "c b a");
    holds(model, "y", "c a");
    holds(model, "z", "a");
    holds(model, "u", "c a");
    holds(model, "none", "");
    holds(model, "tail", "2 3");
    holds(model, "early", "1");
    holds(model, "tens", "9 10 11");
    ck_assert(find(model, "tail")->numeric && find(model, "tens")->numeric &&
              !find(model, "x")->numeric);
    ck_assert_ptr_eq(&model->set[find(model, "z")->root], find(model, "x"));
    msc_model_free(model);
}
END_TEST

START_TEST(added_elements)
{
    msc_model *model = msc_reading_model("sets: { organ = { also = [\"heart\"]; }; };");
    holds(model, "organ", "lung liver spleen heart");
    holds(model, "systemic", "liver spleen heart");
    holds(model, "portal", "spleen");
    msc_model_free(model);
}
END_TEST

START_TEST(free_names)
{
    msc_model *model = msc_reading_model("sets: { x = [\"k\", \"given\", \"cell\"]; };\n"
                                         "parameters: { given = { unit = \"1\"; value = 1.0; };\n"
                                         "other = { unit = \"1\"; value = \"given\"; }; };");
    holds(model, "x", "k given cell");
    msc_model_free(model);
}
END_TEST

START_TEST(instances)
{
    msc_model *model = msc_reading_model("parameters: { x = { unit = \"1\"; "
                                         "over = [\"systemic\", \"clone\", \"s in stage\"];\n"
                                         "value = 1.0; }; };");
    const msc_parameter *x = &model->parameter[msc_model_find_parameter(model, "x")];
    ck_assert_uint_eq(x->shape.n, 12);
    ck_assert_uint_eq(msc_shape_count(model, 3, x->shape.over), 12);
    int env[MSC_SLOTS];
    msc_index same[3];
    for (int i = 0; i < 3; i++) {
        same[i] = (msc_index){.slot = i, .in = x->shape.over[i].set};
    }
    for (size_t i = 0; i < x->shape.n; i++) {
        msc_shape_env(model, &x->shape, i, env);
        ck_assert_int_eq(msc_shape_at(model, &x->shape, same, env), (long)i);
    }
    msc_shape_env(model, &x->shape, 10, env);
    ck_assert_int_eq(env[0], 2);
    ck_assert_int_eq(env[1], 1);
    ck_assert_int_eq(env[2], 1);
    same[2].shift = 1;
    ck_assert_int_eq(msc_shape_at(model, &x->shape, same, env), 11);
    same[2].shift = 2;
    ck_assert_int_eq(msc_shape_at(model, &x->shape, same, env), -1);
    ck_assert_str_eq(msc_shape_label(model->arena, model, "x", &x->shape, 10), "x[spleen,pos,2]");
    const char *names[] = {"spleen", "pos", "n2"}, *wrong[] = {"lung", "pos", "n2"};
    ck_assert_int_eq(msc_model_element(model, &x->shape, names, 3), 10);
    ck_assert_int_eq(msc_model_element(model, &x->shape, names, 2), -1);
    ck_assert_int_eq(msc_model_element(model, &x->shape, wrong, 3), -1);
    msc_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read sets");
    TCase *tcase = tcase_create("read sets");
    tcase_add_loop_test(tcase, refusals, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tcase, elements);
    tcase_add_test(tcase, added_elements);
    tcase_add_test(tcase, free_names);
    tcase_add_test(tcase, instances);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
