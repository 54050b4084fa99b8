/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Look-ups, typed access and its complaints, changes. */
#include "conf/conf.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "support/suite.h"

static msc_arena *arena;
static msc_conf *root;

static void set_up(void)
{
    static const char text[] = "i = 7;\n"
                               "r = 2.7;\n"
                               "m = 1e6;\n"
                               "t = true;\n"
                               "s = \"5 mL\";\n"
                               "g = { a = 1; b = 2; n_scenarois = 3; };\n"
                               "l = ( 1,\n"
                               "      { dose = 3; } );\n"
                               "v = [ 1.5 ];\n"
                               "h = 1e300;\n";
    arena = msc_arena_new(NULL);
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s", arena->error.message);
    }
    root = msc_conf_read_text(arena, "x.cfg", text, sizeof text - 1);
}

static void tear_down(void)
{
    msc_arena_free(arena);
}

/* EXPECT_THROW(call, where, message): the call throws just that. */
#define EXPECT_THROW(call, place, text)                      \
    do {                                                     \
        if (MSC_CATCH(arena) == 0) {                         \
            (void)(call);                                    \
            ck_abort_msg("no complaint");                    \
        }                                                    \
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG); \
        ck_assert_str_eq(arena->error.where, place);         \
        ck_assert_str_eq(arena->error.message, text);        \
    } while (0)

static const msc_conf *at(const char *key)
{
    const msc_conf *node = msc_conf_find(root, key);
    ck_assert_ptr_nonnull(node);
    return node;
}

START_TEST(test_places)
{
    const msc_conf *list = at("l");
    ck_assert_str_eq(msc_conf_path(arena, root), "");
    ck_assert_str_eq(msc_conf_where(arena, root), "x.cfg");
    ck_assert_str_eq(msc_conf_path(arena, list->child[1]->child[0]), "l[1].dose");
    ck_assert_str_eq(msc_conf_where(arena, list->child[1]->child[0]), "x.cfg:8: l[1].dose");
    ck_assert_str_eq(msc_conf_where(arena, list->child[0]), "x.cfg:7: l[0]");
    ck_assert_str_eq(msc_conf_where(arena, at("g")->child[1]), "x.cfg:6: g.b");
}
END_TEST

static int complain(const msc_conf *node)
{
    msc_conf_fail(arena, node, "%s is not %d", "this", 4);
}

START_TEST(test_fail)
{
    EXPECT_THROW(complain(at("g")->child[0]), "x.cfg:6: g.a", "this is not 4");
}
END_TEST

START_TEST(test_look_ups)
{
    ck_assert_ptr_null(msc_conf_find(root, "absent"));
    ck_assert_ptr_null(msc_conf_find(at("i"), "a"));
    ck_assert_ptr_null(msc_conf_find(at("l"), "dose"));
    if (MSC_CATCH(arena) == 0) {
        ck_assert_ptr_eq(msc_conf_need(arena, root, "i"), at("i"));
    } else {
        ck_abort_msg("%s", arena->error.message);
    }
    EXPECT_THROW(msc_conf_need(arena, at("g"), "c"), "x.cfg:6: g", "'c' is missing");
    EXPECT_THROW(msc_conf_need(arena, root, "model"), "x.cfg", "'model' is missing");
    EXPECT_THROW(msc_conf_need(arena, at("i"), "c"), "x.cfg:1: i", "must be a group { }, not 7");
}
END_TEST

static int known(const msc_conf *group, const char *const *keys)
{
    msc_conf_known(arena, group, keys);
    return 0;
}

START_TEST(test_known)
{
    static const char *const all[] = {"a", "b", "n_scenarois", NULL};
    static const char *const near[] = {"n_scenarios", "a", "b", NULL};
    static const char *const far[] = {"b", "a", "unit", NULL};
    static const char *const none[] = {NULL};
    if (MSC_CATCH(arena) == 0) {
        known(at("g"), all);
    } else {
        ck_abort_msg("%s", arena->error.message);
    }
    EXPECT_THROW(known(at("g"), near), "x.cfg:6: g.n_scenarois",
                 "unknown key; did you mean 'n_scenarios'?");
    EXPECT_THROW(known(at("g"), far), "x.cfg:6: g.n_scenarois",
                 "unknown key (known are b, a, unit)");
    EXPECT_THROW(known(at("g"), none), "x.cfg:6: g.a", "unknown key");
    EXPECT_THROW(known(at("s"), none), "x.cfg:5: s",
                 "must be a group { }, not the string \"5 mL\"");
}
END_TEST

START_TEST(test_typed)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s", arena->error.where, arena->error.message);
    }
    ck_assert_double_eq(msc_conf_real(arena, at("i")), 7.0);
    ck_assert_double_eq(msc_conf_real(arena, at("r")), 2.7);
    ck_assert_int_eq(msc_conf_integer(arena, at("i"), 7, 7), 7);
    ck_assert_int_eq(msc_conf_integer(arena, at("m"), LLONG_MIN, LLONG_MAX), 1000000);
    ck_assert(msc_conf_boolean(arena, at("t")));
    ck_assert_str_eq(msc_conf_string(arena, at("s")), "5 mL");
    ck_assert(msc_conf_is_number(at("i")) && msc_conf_is_number(at("r")) &&
              !msc_conf_is_number(at("s")));
    msc_conf_need_kind(arena, at("v"), MSC_CONF_ARRAY);
}
END_TEST

typedef struct {
    const char *key, *place, *found;
    msc_conf_kind kind;
} example;

static void check_need_kind(const example *of, msc_conf_kind kind)
{
    char message[200];
    if (kind != of->kind) {
        snprintf(message, sizeof message, "must be %s, not %s", msc_conf_kind_text(kind),
                 of->found);
        EXPECT_THROW((msc_conf_need_kind(arena, at(of->key), kind), 0), of->place, message);
    }
}

static void check_getters(const example *of)
{
    char message[200];
    const msc_conf *const node = at(of->key);
    if (!msc_conf_is_number(node)) {
        snprintf(message, sizeof message, "must be a number, not %s", of->found);
        EXPECT_THROW(msc_conf_real(arena, node), of->place, message);
    }
    if (node->kind != MSC_CONF_INTEGER) {
        snprintf(message, sizeof message, "must be an integer from 1 to 9, not %s", of->found);
        EXPECT_THROW(msc_conf_integer(arena, node, 1, 9), of->place, message);
    }
    if (node->kind != MSC_CONF_BOOLEAN) {
        snprintf(message, sizeof message, "must be true or false, not %s", of->found);
        EXPECT_THROW(msc_conf_boolean(arena, node), of->place, message);
    }
    if (node->kind != MSC_CONF_STRING) {
        snprintf(message, sizeof message, "must be a string, not %s", of->found);
        EXPECT_THROW(msc_conf_string(arena, node), of->place, message);
    }
}

/* every getter against every other kind */
START_TEST(test_wrong_types)
{
    static const example examples[] = {{"g", "x.cfg:6: g", "a group { }", MSC_CONF_GROUP},
                                       {"l", "x.cfg:7: l", "a list ( )", MSC_CONF_LIST},
                                       {"v", "x.cfg:9: v", "an array [ ]", MSC_CONF_ARRAY},
                                       {"i", "x.cfg:1: i", "7", MSC_CONF_INTEGER},
                                       {"r", "x.cfg:2: r", "2.7", MSC_CONF_REAL},
                                       {"t", "x.cfg:4: t", "true", MSC_CONF_BOOLEAN},
                                       {"s", "x.cfg:5: s", "the string \"5 mL\"", MSC_CONF_STRING}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        check_getters(&examples[i]);
        for (msc_conf_kind kind = MSC_CONF_GROUP; kind <= MSC_CONF_STRING; kind++) {
            check_need_kind(&examples[i], kind);
        }
    }
}
END_TEST

START_TEST(test_ranges)
{
    EXPECT_THROW(msc_conf_integer(arena, at("i"), 8, LLONG_MAX), "x.cfg:1: i",
                 "must be an integer of at least 8, not 7");
    EXPECT_THROW(msc_conf_integer(arena, at("i"), LLONG_MIN, 6), "x.cfg:1: i",
                 "must be an integer of at most 6, not 7");
    EXPECT_THROW(msc_conf_integer(arena, at("m"), 1, 10), "x.cfg:3: m",
                 "must be an integer from 1 to 10, not 1e+06");
    EXPECT_THROW(msc_conf_integer(arena, at("h"), LLONG_MIN, LLONG_MAX), "x.cfg:10: h",
                 "must be an integer, not 1e+300");
}
END_TEST

START_TEST(test_long_strings_are_cut)
{
    msc_conf *node = msc_conf_new(arena, MSC_CONF_STRING, "x", root);
    node->string = "0123456789012345678901234567890123456789and more";
    EXPECT_THROW(
        msc_conf_real(arena, node), "x.cfg: x",
        "must be a number, not the string \"0123456789012345678901234567890123456789...\"");
}
END_TEST

START_TEST(test_changes)
{
    msc_conf *group = msc_conf_find(root, "g");
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s", arena->error.message);
    }
    msc_conf *node = msc_conf_new(arena, MSC_CONF_INTEGER, "a", at("v"));
    ck_assert_str_eq(msc_conf_where(arena, node), "x.cfg:9: a");
    msc_conf_put(arena, group, node); /* in the place of the old one */
    ck_assert_uint_eq(group->n, 3);
    ck_assert_ptr_eq(group->child[0], node);
    ck_assert_ptr_eq(node->parent, group);
    for (int i = 0; i < 50; i++) {
        char name[20];
        snprintf(name, sizeof name, "k%d", i);
        msc_conf_put(arena, group, msc_conf_new(arena, MSC_CONF_GROUP, name, NULL));
    }
    ck_assert_uint_eq(group->n, 53);
    ck_assert_str_eq(group->child[52]->name, "k49");
    ck_assert_str_eq(group->child[1]->name, "b");
    msc_conf_remove(group, "b");
    msc_conf_remove(group, "b");
    msc_conf_remove(group, "k49");
    ck_assert_uint_eq(group->n, 51);
    ck_assert_ptr_null(msc_conf_find(group, "b"));
    ck_assert_str_eq(group->child[1]->name, "n_scenarois");
    /* into a list, without a name */
    msc_conf *list = msc_conf_find(root, "l");
    msc_conf_put(arena, list, msc_conf_new(arena, MSC_CONF_GROUP, NULL, list));
    ck_assert_uint_eq(list->n, 3);
    ck_assert_str_eq(msc_conf_where(arena, list->child[2]), "x.cfg:7: l[2]");
}
END_TEST

START_TEST(test_clone)
{
    msc_conf *copy = msc_conf_clone(arena, at("l"));
    ck_assert_ptr_null(copy->parent);
    ck_assert_str_eq(msc_conf_where(arena, copy->child[1]->child[0]), "x.cfg:8: l[1].dose");
    ck_assert_ptr_ne(copy->child[1], at("l")->child[1]);
    copy->child[1]->child[0]->integer = 99;
    ck_assert_int_eq(at("l")->child[1]->child[0]->integer, 3);
    msc_conf_remove(copy->child[1], "dose");
    ck_assert_uint_eq(at("l")->child[1]->n, 1);
    msc_conf *empty = msc_conf_clone(arena, at("i"));
    msc_conf_put(arena, empty, copy);
    ck_assert_uint_eq(empty->n, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tree");
    TCase *tests = tcase_create("tree");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_places);
    tcase_add_test(tests, test_fail);
    tcase_add_test(tests, test_look_ups);
    tcase_add_test(tests, test_known);
    tcase_add_test(tests, test_typed);
    tcase_add_test(tests, test_wrong_types);
    tcase_add_test(tests, test_ranges);
    tcase_add_test(tests, test_long_strings_are_cut);
    tcase_add_test(tests, test_changes);
    tcase_add_test(tests, test_clone);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
