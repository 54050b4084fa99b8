/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files that extend each other, and the merge rule: every point of language §9, with its message
 * and line. Each test writes files into a folder of its own, works there, and compares a part of
 * the merged tree as text: groups {a=1;b=2}, arrays [..], lists (..), strings in quotes. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/layers.h"
#include "support/suite.h"

enum { TEXT = 4096, FILES = 16 };

static char folder[256];
static char written[FILES][64];
static int n_written;

/* ---- a folder of files ---- */

static void enter_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mscsim-layers-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("models", 0700), 0);
    ck_assert_int_eq(mkdir("configs", 0700), 0);
    unsetenv("MSCSIM_MODELS");
    n_written = 0;
}

static void leave_folder(void)
{
    for (int i = 0; i < n_written; i++) {
        unlink(written[i]);
    }
    ck_assert_int_eq(rmdir("models"), 0);
    ck_assert_int_eq(rmdir("configs"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_lt(n_written, FILES);
    snprintf(written[n_written++], sizeof written[0], "%s", name);
}

/* ---- trees as text ---- */

static void add(char *buffer, const char *format, ...) MSC_PRINTF(2, 3);
static void add(char *buffer, const char *format, ...)
{
    size_t n = strlen(buffer);
    va_list args;
    va_start(args, format);
    vsnprintf(buffer + n, TEXT - n, format, args);
    va_end(args);
}

static void print(char *buffer, const msc_conf *node)
{
    static const char *const open[] = {"{", "(", "["}, *const close[] = {"}", ")", "]"};
    if (node->kind <= MSC_CONF_ARRAY) {
        add(buffer, "%s", open[node->kind]);
        for (size_t i = 0; i < node->n; i++) {
            const msc_conf *child = node->child[i];
            ck_assert_ptr_eq(child->parent, node);
            ck_assert_int_eq(child->name != NULL, node->kind == MSC_CONF_GROUP);
            add(buffer, "%s%s%s", i ? ";" : "", child->name ? child->name : "",
                child->name ? "=" : "");
            print(buffer, child);
        }
        add(buffer, "%s", close[node->kind]);
    } else if (node->kind == MSC_CONF_STRING) {
        add(buffer, "'%s'", node->string);
    } else if (node->kind == MSC_CONF_BOOLEAN) {
        add(buffer, "%s", node->boolean ? "true" : "false");
    } else {
        add(buffer, "%g", node->kind == MSC_CONF_REAL ? node->real : (double)node->integer);
    }
}

/* The node at "parameters.arrest" of a tree; "" is the root. */
static const msc_conf *at(const msc_conf *tree, const char *path)
{
    char name[64];
    while (*path && tree) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        tree = msc_conf_find(tree, name);
        path += n + (path[n] == '.');
    }
    return tree;
}

/* ---- expectations ---- */

enum { SETTINGS = 4 };
static const char *setting[SETTINGS];
static size_t n_setting;
static bool begin_only; /* compare as much as is expected */

/* Settings for the next expectation. */
static void set(const char *text)
{
    ck_assert_uint_lt(n_setting, SETTINGS);
    setting[n_setting++] = text;
}

static void show(msc_arena *arena, const char *file, const char *path, char *out)
{
    msc_layer_sources sources = {0};
    const msc_conf *tree = msc_layers_read(arena, file, setting, n_setting, &sources);
    const msc_conf *node;
    if (!strcmp(path, "sources")) {
        for (size_t i = 0; i < sources.n; i++) {
            add(out, "%s%s", i ? " " : "", sources.source[i].name);
        }
    } else if (!strcmp(path, "libraries")) {
        for (size_t i = 0; i < sources.n; i++) {
            add(out, "%s%d", i ? " " : "", sources.source[i].library);
        }
    } else if (*path == '@') { /* where is it? */
        node = at(tree, path + 1);
        add(out, "%s", node ? msc_conf_where(arena, node) : "nowhere");
    } else {
        node = at(tree, path);
        if (node) {
            print(out, node);
        } else {
            add(out, "nothing");
        }
    }
}

/* Reading `file`, what stands at `path` is `expected`; or it fails with that message, for which
 * `path` is NULL. */
static void check(msc_status status, const char *file, const char *path, const char *expected)
{
    char out[TEXT] = "";
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert_ptr_nonnull(arena);
    if (MSC_CATCH(arena)) {
        ck_assert_int_eq(arena->error.status, status);
        msc_error_text(&arena->error, out, sizeof out);
    } else {
        show(arena, file, path ? path : "", out);
    }
    n_setting = 0;
    if (begin_only) {
        out[strnlen(out, strlen(expected))] = '\0';
    }
    ck_assert_msg(!strcmp(out, expected), "%s:\n    is       %s\n    expected %s",
                  path ? path : file, out, expected);
    msc_arena_free(arena);
}

static void gives(const char *file, const char *path, const char *expected)
{
    check(MSC_OK, file, path, expected);
}

static void fails(const char *file, const char *expected)
{
    check(MSC_E_CONFIG, file, NULL, expected);
}

/* The message holds this. */
static void fails_saying(const char *file, const char *part)
{
    char text[TEXT];
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert_ptr_nonnull(arena);
    if (!MSC_CATCH(arena)) {
        (void)msc_layers_read(arena, file, NULL, 0, NULL);
        ck_abort_msg("%s was read", file);
    }
    ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
    msc_error_text(&arena->error, text, sizeof text);
    ck_assert_msg(strstr(text, part) != NULL, "is       %s\n    expected %s", text, part);
    msc_arena_free(arena);
}

/* ---- files ---- */

START_TEST(order)
{
    put("models/core.cfg", "title = \"core\";\nunits: { mark = \"a\"; };\n");
    put("models/a.cfg", "extends = \"core.cfg\";\ntitle = \"a\";\nunits: { a = \"x\"; };\n");
    put("models/b.cfg", "extends = \"../models/./core.cfg\";\nunits: { mark = \"b\"; };\n");
    put("models/c.cfg", "extends = [\"a.cfg\", \"b.cfg\"];\nunits: { c = \"y\"; };\n");
    put("configs/s.cfg", "model = \"../models/c.cfg\";\ntime_unit = \"h\";\n");
    put("t.cfg", "base = \"configs/s.cfg\";\n");
    gives("configs/s.cfg", "", "{title='a';units={mark='b';a='x';c='y'};time_unit='h'}");
    gives("configs/s.cfg", "sources",
          "configs/s.cfg models/c.cfg models/a.cfg models/core.cfg models/b.cfg");
    gives("./configs/../configs/s.cfg", "sources",
          "./configs/../configs/s.cfg models/c.cfg models/a.cfg models/core.cfg models/b.cfg");
    gives("t.cfg", "sources",
          "t.cfg configs/s.cfg models/c.cfg models/a.cfg models/core.cfg models/b.cfg");
    gives("t.cfg", "@units.mark", "models/b.cfg:2: units.mark");
    gives("t.cfg", "@title", "models/a.cfg:2: title");
    ck_assert_int_eq(chdir("configs"), 0);
    gives("s.cfg", "sources",
          "s.cfg ../models/c.cfg ../models/a.cfg ../models/core.cfg ../models/b.cfg");
    ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(circles)
{
    put("self.cfg", "title = \"x\";\nextends = \"./self.cfg\";\n");
    put("a.cfg", "extends = \"b.cfg\";\n");
    put("b.cfg", "extends = [\"self2.cfg\",\n  \"models/c.cfg\"];\n");
    put("self2.cfg", "title = \"y\";\n");
    put("models/c.cfg", "\nextends = \"../a.cfg\";\n");
    fails("self.cfg", "self.cfg:2: extends: self.cfg extends itself");
    fails("a.cfg", "models/c.cfg:2: extends: a circle: a.cfg extends b.cfg, which extends "
                   "models/c.cfg, which extends a.cfg");
}
END_TEST

START_TEST(missing)
{
    put("a.cfg", "title = \"x\";\nextends = \"lost.cfg\";\n");
    put("b.cfg", "base = \"configs/lost.cfg\";\n");
    put("c.cfg", "model = \"models\";\n");
    put("d.cfg", "model = 3;\n");
    put("e.cfg", "extends = [\"\"];\n");
    put("f.cfg", "model = \"a.cfg\"; base = \"b.cfg\";\n");
    put("g.cfg", "model = \"/lost.cfg\";\n");
    begin_only = true; /* what follows is the place of the installed models */
    fails("a.cfg", "a.cfg:2: extends: there is no file 'lost.cfg', nor is 'lost.cfg' in "
                   "$MSCSIM_MODELS (not set) or among the installed models (");
    begin_only = false;
    fails("b.cfg", "b.cfg:1: base: there is no file 'configs/lost.cfg'");
    fails("c.cfg", "c.cfg:1: model: 'models' is no regular file");
    fails("d.cfg", "d.cfg:1: model: expected a string or an array of strings, found an integer");
    fails("e.cfg", "e.cfg:1: extends[0]: expected the name of a file");
    fails("f.cfg", "f.cfg:1: model: a scenario has either a `model` or a `base`");
    fails("g.cfg", "g.cfg:1: model: there is no file '/lost.cfg'");
}
END_TEST

START_TEST(no_top_file)
{
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert_ptr_nonnull(arena);
    if (!MSC_CATCH(arena)) {
        (void)msc_layers_read(arena, "models/nothing.cfg", NULL, 0, NULL);
        ck_abort_msg("a file that is not there was read");
    }
    ck_assert_int_eq(arena->error.status, MSC_E_NOINPUT);
    ck_assert_str_eq(arena->error.where, "models/nothing.cfg");
    msc_arena_free(arena);
}
END_TEST

START_TEST(search)
{
    char folders[600];
    snprintf(folders, sizeof folders, "/nowhere/at/all::%s/models", folder);
    ck_assert_int_eq(setenv("MSCSIM_MODELS", folders, 1), 0);
    put("models/m.cfg", "extends = \"core.cfg\";\ntitle = 3;\n");
    put("models/core.cfg", "title = 2;\n");
    put("core.cfg", "title = 1;\n");
    put("s.cfg", "model = \"m.cfg\";\n");
    put("t.cfg", "model = \"core.cfg\";\n");
    put("u.cfg", "base = \"m.cfg\";\n");
    gives("s.cfg", "sources", "s.cfg m.cfg core.cfg");
    gives("s.cfg", "@title", "m.cfg:2: title");
    gives("t.cfg", "title", "1");
    fails("u.cfg", "u.cfg:1: base: there is no file 'm.cfg'");
}
END_TEST


/* "m" will do for "m.cfg"; what is there by the whole name goes first, and what is beside before what is elsewhere. */
START_TEST(names_without_their_ending)
{
    char folders[600];
    snprintf(folders, sizeof folders, "%s/models", folder);
    ck_assert_int_eq(setenv("MSCSIM_MODELS", folders, 1), 0);
    put("models/m.cfg", "title = 2; extends = \"inner\";\n");
    put("models/inner.cfg", "time_unit = \"day\";\n");
    put("s.cfg", "model = \"m\";\n");
    put("b.cfg", "base = \"s\";\n"); /* of models only */
    gives("s.cfg", "sources", "s.cfg m.cfg inner.cfg");
    put("m.cfg", "title = 3;\n");
    gives("s.cfg", "title", "3");
    put("m", "title = 4;\n");
    gives("s.cfg", "title", "4");
    fails("b.cfg", "b.cfg:1: base: there is no file 's'");
}
END_TEST

/* What is near is named; else what there is, in folders within, too. What may be installed here comes behind. */
START_TEST(names_of_the_library)
{
    char folders[600];
    snprintf(folders, sizeof folders, "%s/models:%s/configs", folder, folder);
    ck_assert_int_eq(setenv("MSCSIM_MODELS", folders, 1), 0);
    ck_assert_int_eq(mkdir("models/zoo", 0700), 0);
    put("models/zoo_human.cfg", "title = 2;\n");
    put("models/zoo/organ.cfg", "title = 2;\n");
    put("configs/a_zoo.cfg", "title = 2;\n");
    put("configs/zoo_human.cfg", "title = 2;\n");
    put("configs/readme.txt", "");
    put("s.cfg", "model = \"zoo_humna\";\n");
    put("t.cfg", "model = \"elephant\";\n");
    fails_saying("t.cfg", "; there are zoo/organ.cfg, zoo_human.cfg, a_zoo.cfg");
    fails_saying("s.cfg", "s.cfg:1: model: there is no file 'zoo_humna', nor is 'zoo_humna' in $MSCSIM_MODELS (/");
    fails_saying("s.cfg", "; did you mean 'zoo_human.cfg'?");
    ck_assert_int_eq(unlink("models/zoo/organ.cfg"), 0);
    ck_assert_int_eq(rmdir("models/zoo"), 0);
}
END_TEST

/* Of whom a file is: the user's, or in, or beside what is in, the first or the second folder of models. */
START_TEST(folders_of_models)
{
    char library[600];
    put("models/m.cfg", "extends = [\"core.cfg\", \"n.cfg\"];\n");
    put("models/core.cfg", "title = 2;\n");
    put("configs/n.cfg", "extends = \"core.cfg\";\n");
    put("configs/core.cfg", "time_unit = \"day\";\n");
    put("core.cfg", "title = 1;\n");
    put("s.cfg", "model = \"m.cfg\"; extends = \"core.cfg\";\n");
    snprintf(library, sizeof library, MSC_SETTING_LIBRARY "%s/models:%s/configs", folder, folder);
    set(library);
    gives("s.cfg", "sources", "s.cfg m.cfg core.cfg n.cfg core.cfg core.cfg");
    set(library);
    gives("s.cfg", "libraries", "0 1 1 2 2 0");
}
END_TEST

START_TEST(sections)
{
    put("a.cfg", "title = \"x\";\nparamters: { };\n");
    put("m.cfg", "title = \"x\";\nregimen = ( );\n");
    put("s.cfg", "model = \"m.cfg\";\n");
    put("t.cfg", "base = \"m.cfg\";\n");
    put("b.cfg", "amounts = 3;\n");
    fails("a.cfg", "a.cfg:2: paramters: no section of a scenario or model is named 'paramters'; "
                   "did you mean 'parameters'?");
    fails("s.cfg", "m.cfg:2: regimen: no section of a model is named 'regimen'");
    gives("t.cfg", "regimen", "()");
    fails("b.cfg", "b.cfg:1: amounts: must be a group { }, not 3");
}
END_TEST

/* ---- the merge rule ---- */

#define MODEL                                                                                \
    "sets: { organ = [\"lung\", \"liver\", \"gut\"]; kind = [\"a\", \"b\"];\n"               \
    "  low = { of = \"organ\"; are = [\"gut\"]; };\n"                                        \
    "  high = { of = \"organ\"; except = [\"low\"]; };\n"                                    \
    "  stage = \"1..3\"; };\n"                                                               \
    "parameters: {\n"                                                                        \
    "  flow = { unit = \"mL/h\"; value = 3.0; about = \"f\"; };\n"                           \
    "  arrest = { unit = \"1\"; over = [\"organ\"];\n"                                       \
    "    values = { lung = 0.7; liver = 0.1; others = 0.2; }; };\n"                          \
    "  one = { unit = \"1\"; over = [\"organ\"]; value = 5; };\n"                            \
    "  two = { unit = \"1\"; over = [\"organ\", \"kind\"];\n"                                \
    "    values = { lung = { a = 1; b = 2; }; high = 3; others = { a = 4; b = 5; }; }; };\n" \
    "  curve = { unit = \"1\"; over = [\"organ\"];\n"                                        \
    "    table = { of = \"time\"; unit = \"h\"; at = [0.0, 1.0]; is = [2.0, 3.0]; }; };\n"   \
    "  curves = { unit = \"1\"; over = [\"organ\", \"kind\"]; values = { others = 9; };\n"   \
    "    table = { of = \"time\"; unit = \"h\"; at = [0.0, 1.0];\n"                          \
    "      is = { lung = [1.0, 2.0]; gut = { a = [3.0, 4.0]; b = [5.0, 6.0]; }; }; }; };\n"  \
    "};\n"

/* A layer of `text` on the model, then what stands at a path. */
static void layer(const char *text, const char *path, const char *expected)
{
    char all[TEXT];
    n_written = 0;
    put("m.cfg",
        MODEL "processes: { move = { from = \"x\"; to = \"y\"; hazard = \"h\"; fate = \"f\"; };"
              " };\ncargo: { label = { unit = \"1\"; rides = [\"x\"]; falls = { move = \"z\"; }; };"
              " };\noutputs: { flow = { }; };\nchecks: { flow = { that = \"a\"; }; };\n");
    snprintf(all, sizeof all, "model = \"m.cfg\";\n%s", text);
    put("s.cfg", all);
    check(path ? MSC_OK : MSC_E_CONFIG, "s.cfg", path, expected);
}

static void layer_fails(const char *text, const char *expected)
{
    layer(text, NULL, expected);
}

START_TEST(bare_values)
{
    layer("parameters: { flow = 0.5; };", "parameters.flow", "{unit='mL/h';about='f';value=0.5}");
    layer("parameters: {\n flow = 0.5; };", "@parameters.flow.value",
          "s.cfg:3: parameters.flow.value");
    layer("parameters: {\n flow = 0.5; };", "@parameters.flow", "m.cfg:6: parameters.flow");
    layer("parameters: { flow = \"2 * x\"; };", "parameters.flow.value", "'2 * x'");
    layer("parameters: { arrest = 1; };", "parameters.arrest", "{unit='1';over=['organ'];value=1}");
    layer("parameters: { curves = 1; };", "parameters.curves",
          "{unit='1';over=['organ';'kind'];value=1}");
    layer_fails("parameters: {\n flow = [1.0, 2.0]; };",
                "s.cfg:3: parameters.flow: expected a number, "
                "a formula or a group, found an array [ ]");
    layer_fails("parameters: { flow = true; };", "s.cfg:2: parameters.flow: expected a number, a "
                                                 "formula or a group, found true or false");
}
END_TEST

START_TEST(elements)
{
    layer("parameters: { arrest = { liver = 0.045; }; };", "parameters.arrest.values",
          "{lung=0.7;liver=0.045;others=0.2}");
    layer("parameters: { arrest = { gut = 1.0; low = 2; }; };", "parameters.arrest.values",
          "{lung=0.7;liver=0.1;others=0.2;gut=1;low=2}");
    layer("parameters: { one = { gut = 1; }; };", "parameters.one",
          "{unit='1';over=['organ'];values={others=5;gut=1}}");
    layer("parameters: { one = { gut = 1; others = 2; }; };", "parameters.one.values",
          "{others=2;gut=1}");
    layer("parameters: { arrest = { liver = 1; range = [0.0, 1.0]; }; };", "parameters.arrest",
          "{unit='1';over=['organ'];values={lung=0.7;liver=1;others=0.2};range=[0;1]}");
    layer("parameters: { two = { lung = { a = 7; }; }; };", "parameters.two.values",
          "{lung={a=7;b=2};high=3;others={a=4;b=5}}");
    layer("parameters: { two = { lung = 7; }; };", "parameters.two.values.lung", "7");
    layer_fails("parameters: { flow =\n { lung = 7; }; };",
                "s.cfg:3: parameters.flow.lung: 'lung' is no key of a parameter, and 'flow' has no "
                "elements");
    layer_fails(
        "parameters: { flow = { rnage = [1.0]; }; };",
        "s.cfg:2: parameters.flow.rnage: 'rnage' is no key of a parameter, and 'flow' has no "
        "elements; did you mean 'range'?");
}
END_TEST

/* A part of what held for several indices: the rest of it stays. */
START_TEST(parts)
{
    layer("parameters: { two = { gut = { a = 7; }; }; };", "parameters.two.values",
          "{lung={a=1;b=2};high=3;others={a=4;b=5};gut={a=7;b=5}}");
    layer("parameters: { two = { liver = { a = 7; }; }; };", "parameters.two.values",
          "{lung={a=1;b=2};high=3;others={a=4;b=5};liver={others=3;a=7}}");
    layer("parameters: { two = { high = { a = 7; }; }; };", "parameters.two.values.high",
          "{others=3;a=7}");
    layer("sets: { organ = { also = [\"x\"]; }; };\nparameters: { two = { x = { a = 7; }; }; };",
          "parameters.two.values.x", "{others=3;a=7}");
}
END_TEST

START_TEST(others)
{
    layer("parameters: { arrest = { gut = 1; others = 2; }; };", "parameters.arrest.values",
          "{others=2;gut=1}");
    layer("parameters: { arrest = { values = { lung = 3; others = 2; }; }; };",
          "parameters.arrest.values", "{lung=3;others=2}");
    layer("parameters: { arrest = { values = { lung = 3; }; }; };", "parameters.arrest.values",
          "{lung=3;liver=0.1;others=0.2}");
    /* an inner one resets at its own level only */
    layer("parameters: { two = { lung = { others = 7; }; }; };", "parameters.two.values",
          "{lung={others=7};high=3;others={a=4;b=5}}");
    layer("parameters: { two = { lung = { a = 7; }; others = 8; }; };", "parameters.two.values",
          "{lung={a=7;b=2};others=8}");
    /* speaking for `a` of all the rest leaves their `b` */
    layer("parameters: { two = { others = { a = 8; }; }; };", "parameters.two.values",
          "{lung={a=8;b=2};high={others=3;a=8};others={a=8;b=5}}");
    /* in falls and other groups it is a key like any */
    layer("cargo: { label = { falls = { others = \"nowhere\"; }; }; };", "cargo.label.falls",
          "{move='z';others='nowhere'}");
}
END_TEST

START_TEST(tables)
{
    layer("parameters: { curve = { lung = 4; }; };", "parameters.curve",
          "{unit='1';over=['organ'];table={of='time';unit='h';at=[0;1];is={others=[2;3]}};"
          "values={lung=4}}");
    layer("parameters: { curve = { others = 4; }; };", "parameters.curve",
          "{unit='1';over=['organ'];values={others=4}}");
    layer("parameters: { curves = { lung = 4; }; };", "parameters.curves.table.is",
          "{gut={a=[3;4];b=[5;6]}}");
    layer("parameters: { curves = { lung = 4; }; };", "parameters.curves.values",
          "{others=9;lung=4}");
    layer("parameters: { curves = { gut = { a = 4; }; lung = { b = 3; }; }; };",
          "parameters.curves.table.is", "{lung={others=[1;2]};gut={b=[5;6]}}");
    layer("parameters: { curves = { gut = { a = 4; b = 3; }; }; };", "parameters.curves.table.is",
          "{lung=[1;2]}");
    layer("parameters: { curves = { gut = 4; lung = 3; }; };", "parameters.curves.table",
          "nothing");
    layer("parameters: { curves = { gut = 4; others = { a = 7; }; }; };",
          "parameters.curves.table.is", "{lung={others=[1;2]}}");
    layer("parameters: { curve = { table = { is = [7.0, 8.0]; }; }; };", "parameters.curve.table",
          "{of='time';unit='h';at=[0;1];is=[7;8]}");
    layer("parameters: { curve = { table = { is = { lung = [7.0, 8.0]; }; }; }; };",
          "parameters.curve.table.is", "{others=[2;3];lung=[7;8]}");
}
END_TEST

START_TEST(kinds)
{
    layer("parameters: { arrest = { value = 1; }; };", "parameters.arrest",
          "{unit='1';over=['organ'];value=1}");
    layer("parameters: { one = { values = { lung = 1; }; }; };", "parameters.one",
          "{unit='1';over=['organ'];values={lung=1}}");
    layer("parameters: { curves = { table = { at = [0.0, 2.0]; }; }; };",
          "parameters.curves.values", "nothing");
    layer("parameters: { curves = { values = { lung = 1; }; table = { unit = \"d\"; }; }; };",
          "parameters.curves.values", "{others=9;lung=1}");
    layer("processes: { move = { into = ( ); rate = \"r\"; }; };", "processes.move",
          "{from='x';fate='f';into=();rate='r'}");
    layer("processes: { move = { to = \"u\"; }; };", "processes.move",
          "{from='x';to='u';hazard='h';fate='f'}");
    layer("processes: { move = { dwell = \"u\"; }; };", "processes.move",
          "{from='x';to='y';fate='f';dwell='u'}");
    layer("sets: { high = { are = [\"lung\"]; }; };", "sets.high", "{of='organ';are=['lung']}");
    layer("parameters: { flow = { range = [1.0, 2.0]; about = \"g\"; }; };", "parameters.flow",
          "{unit='mL/h';value=3;about='g';range=[1;2]}");
}
END_TEST

START_TEST(new_parameters)
{
    layer("parameters: { fresh = { unit = \"1\"; value = 3; }; };", "parameters.fresh",
          "{unit='1';value=3}");
    layer_fails("parameters: {\n arest = { liver = 3; }; };",
                "s.cfg:3: parameters.arest: no parameter is named 'arest'; did you mean 'arrest'?");
    layer_fails("parameters: {\n\n flwo = 3; };",
                "s.cfg:4: parameters.flwo: no parameter is named 'flwo'; did you mean 'flow'?");
    layer_fails("parameters: { completely_new = 3; };",
                "s.cfg:2: parameters.completely_new: no parameter is named 'completely_new'; a new "
                "one is a group with `unit`");
}
END_TEST

START_TEST(also)
{
    layer("sets: { organ = { also = [\"heart\", \"lung\"]; }; };", "sets.organ",
          "['lung';'liver';'gut';'heart']");
    layer("sets: { low = { also = \"liver\"; }; };", "sets.low",
          "{of='organ';are=['gut';'liver']}");
    layer("sets: { low = { are = { also = [\"liver\"]; }; }; };", "sets.low",
          "{of='organ';are=['gut';'liver']}");
    layer("cargo: { label = { rides = { also = [\"y\", \"z\"]; }; }; };", "cargo.label.rides",
          "['x';'y';'z']");
    layer("sets: { organ = [\"heart\"]; };", "sets.organ", "['heart']");
    layer_fails("sets: { orgn = { also = [\"heart\"]; }; };",
                "s.cfg:2: sets.orgn: no set is named 'orgn' that could be extended; did you mean "
                "'organ'?");
    layer_fails("sets: { high = { also = [\"heart\"]; }; };",
                "s.cfg:2: sets.high.also: the set 'high' is defined by what it leaves out: give a "
                "new `except`");
    layer_fails("sets: { stage = { also = [\"heart\"]; }; };",
                "s.cfg:2: sets.stage.also: there is no array of names that this could be appended "
                "to: it is one string");
    layer_fails("cargo: { new = { rides = { also = [\"y\"]; }; }; };",
                "s.cfg:2: cargo.new.rides.also: there is no array of names that this could be "
                "appended to");
    layer_fails("sets: { organ = { also = [1]; }; };",
                "s.cfg:2: sets.organ.also[0]: expected a string or an array of strings, found an "
                "integer");
    layer_fails("sets: { organ = { also = [\"x\"]; except = [\"y\"]; }; };",
                "s.cfg:2: sets.organ.except: unknown key (known are also)");
}
END_TEST

START_TEST(without)
{
    layer("without = [\"move\"];", "processes", "{}");
    layer("without = \"flow\";", "outputs", "{}");
    layer("without = \"flow\";", "checks", "{}");
    layer("without = \"flow\";", "parameters.flow", "nothing");
    layer("without = [\"low\", \"label\"];", "sets.low", "nothing");
    layer("without = [\"low\", \"label\"];", "without", "nothing");
    /* what the file itself says comes after */
    layer("processes: { move = { from = \"new\"; }; };\nwithout = [\"move\"];", "processes",
          "{move={from='new'}}");
    layer_fails(
        "without = [\"move\",\n \"flwo\"];",
        "s.cfg:3: without[1]: nothing that was extended is named 'flwo'; did you mean 'flow'?");
    layer_fails("without = [\"move\", \"move\"];",
                "s.cfg:2: without[1]: nothing that was extended is named 'move'");
    layer_fails("without = 3;",
                "s.cfg:2: without: expected a string or an array of strings, found an integer");
    layer_fails("parameters: { own = { unit = \"1\"; }; };\nwithout = \"own\";",
                "s.cfg:3: without: nothing that was extended is named 'own'");
}
END_TEST

/* Modules in a list: one may change what stands before it, not behind. */
START_TEST(modules)
{
    put("a.cfg", "amounts: { x = { unit = \"1\"; }; y = { unit = \"1\"; }; };\n");
    put("b.cfg", "amounts: { x = { about = \"b\"; }; };\nwithout = \"y\";\n");
    put("ab.cfg", "extends = [\"a.cfg\", \"b.cfg\"];\n");
    put("ba.cfg", "extends = [\"b.cfg\", \"a.cfg\"];\n");
    gives("ab.cfg", "amounts", "{x={unit='1';about='b'}}");
    gives("ab.cfg", "@amounts.x", "a.cfg:1: amounts.x");
    gives("ab.cfg", "@amounts.x.about", "b.cfg:1: amounts.x.about");
    fails("ba.cfg", "b.cfg:2: without: nothing that was extended is named 'y'");
}
END_TEST

/* ---- scenarios and settings ---- */

#define SCENARIO                                                              \
    "regimen = ( { route = \"iv\"; day = 1; dose = \"1 cell\"; "              \
    "    share = { a = 1; others = 0; }; },\n"                                \
    "            { route = \"iv\"; day = 2; } );\n"                           \
    "output = { until = \"3 d\"; every = \"1 h\"; quantities = [\"x\"]; };\n" \
    "sweep = { axes: { dose = { values = [1.0, 2.0]; }; }; };\n"

static void put_scenario(void)
{
    put("m.cfg",
        MODEL "processes: { move = { from = \"x\"; hazard = \"h\";\n"
              "  into = ( { to = \"y\"; share = 0.5; }, { share = \"remainder\"; } ); }; };\n");
    put("s.cfg", "model = \"m.cfg\";\n" SCENARIO);
}

START_TEST(scenarios)
{
    put_scenario();
    put("t.cfg", "base = \"s.cfg\";\nregimen = ( { day = 5; } );\noutput = { times = [1.0]; };\n");
    gives("t.cfg", "regimen", "({day=5})");
    gives("t.cfg", "output", "{until='3 d';quantities=['x'];times=[1]}");
    gives("t.cfg", "sweep", "{axes={dose={values=[1;2]}}}");
    gives("t.cfg", "model", "nothing");
    gives("t.cfg", "base", "nothing");
}
END_TEST

START_TEST(settings_of_models)
{
    put_scenario();
    set("parameters.flow=4");
    gives("s.cfg", "parameters.flow", "{unit='mL/h';about='f';value=4}");
    set("parameters.flow=4");
    gives("s.cfg", "@parameters.flow.value", "--set #1: parameters.flow.value");
    set("parameters.arrest.lung=0.3 1/h");
    set("parameters.arrest.range=[0.0, 1.0]");
    gives("s.cfg", "parameters.arrest",
          "{unit='1';over=['organ'];values={lung='0.3 1/h';liver=0.1;others=0.2};range=[0;1]}");
    set("parameters.arrest.range[1]=2");
    set("parameters.arrest.range=[0.0, 1.0]");
    fails("s.cfg",
          "--set #1: parameters.arrest.range[1]: there is no list parameters.arrest.range");
    set("parameters.two.gut.a=7");
    gives("s.cfg", "parameters.two.values.gut", "{a=7;b=5}");
    set("parameters.curve.lung=7");
    gives("s.cfg", "parameters.curve.values", "{lung=7}");
    set("processes.move.rate=r");
    gives("s.cfg", "processes.move.rate", "'r'");
    set("processes.move.rate=r");
    gives("s.cfg", "processes.move.hazard", "nothing");
    set("processes.move.into[0].share=0.7");
    gives("s.cfg", "processes.move.into", "({to='y';share=0.7};{share='remainder'})");
    set("outputs.move.about=text");
    gives("s.cfg", "outputs", "{move={about='text'}}");
    set("title=3");
    set("title=last one");
    gives("s.cfg", "title", "'last one'");
    set("sets.organ.also=[\"x\"]");
    gives("s.cfg", "sets.organ", "['lung';'liver';'gut';'x']");
}
END_TEST

START_TEST(settings_of_scenarios)
{
    put_scenario();
    set("regimen[0].dose=2e6 cell/kg");
    gives("s.cfg", "regimen",
          "({route='iv';day=1;dose='2e6 cell/kg';share={a=1;others=0}};{route='iv';day=2})");
    set("regimen[*].dose=2");
    set("regimen[1].dose=3");
    gives("s.cfg", "regimen",
          "({route='iv';day=1;dose=2;share={a=1;others=0}};{route='iv';day=2;dose=3})");
    set("regimen[1].at=3 h");
    set("regimen[0].share.b=2");
    set("regimen[1].share.b=3");
    gives("s.cfg", "regimen",
          "({route='iv';day=1;dose='1 cell';share={a=1;others=0;b=2}};"
          "{route='iv';at='3 h';share={b=3}})");
    set("regimen[0].share={others=4;}");
    set("regimen[1]={day=7;}");
    gives("s.cfg", "regimen",
          "({route='iv';day=1;dose='1 cell';share={others=4}};{route='iv';day=7})");
    set("regimen=( { day = 1; } )");
    gives("s.cfg", "regimen", "({day=1})");
    set("output.times=[1.0, 2.0]");
    set("output.times[1]=3.5");
    set("output.ledger=off");
    gives("s.cfg", "output", "{until='3 d';quantities=['x'];times=[1;3.5];ledger='off'}");
    set("solver.rtol=1e-8");
    set("sweep.axes.day.vary=regimen[1].day");
    set("fit.estimate.x.range=[0.0, 1.0]");
    gives("s.cfg", "solver", "{rtol=1e-08}");
    set("sweep.axes.day.vary=regimen[1].day");
    gives("s.cfg", "sweep", "{axes={dose={values=[1;2]};day={vary='regimen[1].day'}}}");
    set("regimen[*].day=3");
    gives("s.cfg", "@regimen", "s.cfg:2: regimen");
}
END_TEST

START_TEST(settings_refused)
{
    put_scenario();
    put("n.cfg", "regimen = ( );\n");
    set("title=x");
    set("regimen[2].dose=1");
    fails("s.cfg", "--set #2: regimen[2].dose: regimen has 2 entries, [0] to [1]");
    set("regimen[*].dose=1");
    fails("n.cfg", "--set #1: regimen[*].dose: regimen has 0 entries");
    set("output.quantities[1]=y");
    fails("s.cfg", "--set #1: output.quantities[1]: output.quantities has 1 entry, [0]");
    set("output[0].x=1");
    fails("s.cfg", "--set #1: output[0].x: output is a group { }, not a list");
    set("regimen[0].dose.x=1");
    fails("s.cfg", "--set #1: regimen[0].dose.x: regimen[0].dose is a string, not a group");
    set("regimne[0].dose=1");
    fails("s.cfg", "--set #1: regimne[0].dose: there is no list regimne; did you mean 'regimen'?");
    set("regimne.dose=1");
    fails("s.cfg", "--set #1: regimne: no section of a scenario or model is named 'regimne'; did "
                   "you mean 'regimen'?");
    set("model=other.cfg");
    fails("s.cfg",
          "--set #1: model: 'model' cannot be set: the files are read before the settings; "
          "write a scenario of two lines with `base` or `model`");
    set("extends[0]=other.cfg");
    fails("s.cfg", "--set #1: extends[0]: 'extends' cannot be set: the files are read before the "
                   "settings; write a scenario of two lines with `base` or `model`");
    set("parameters.arest.lung=1");
    fails("s.cfg", "--set #1: parameters.arest: no parameter is named 'arest'; did you mean "
                   "'arrest'?");
    set("processes.mvoe.hazard=1");
    fails("s.cfg", "--set #1: processes.mvoe.hazard: there is no 'mvoe' in processes; did you mean "
                   "'move'?");
    set("amounts.x.unit=1");
    fails("s.cfg", "--set #1: amounts.x.unit: there is no 'x' in amounts");
    set("output=3");
    fails("s.cfg", "--set #1: output: must be a group { }, not 3");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layers");
    TCase *tcase = tcase_create("layers");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, order);
    tcase_add_test(tcase, circles);
    tcase_add_test(tcase, missing);
    tcase_add_test(tcase, no_top_file);
    tcase_add_test(tcase, search);
    tcase_add_test(tcase, names_without_their_ending);
    tcase_add_test(tcase, names_of_the_library);
    tcase_add_test(tcase, folders_of_models);
    tcase_add_test(tcase, sections);
    tcase_add_test(tcase, bare_values);
    tcase_add_test(tcase, elements);
    tcase_add_test(tcase, parts);
    tcase_add_test(tcase, others);
    tcase_add_test(tcase, tables);
    tcase_add_test(tcase, kinds);
    tcase_add_test(tcase, new_parameters);
    tcase_add_test(tcase, also);
    tcase_add_test(tcase, without);
    tcase_add_test(tcase, modules);
    tcase_add_test(tcase, scenarios);
    tcase_add_test(tcase, settings_of_models);
    tcase_add_test(tcase, settings_of_scenarios);
    tcase_add_test(tcase, settings_refused);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
