/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files and texts as trees: values, lines, and files that are none. */
#include "conf/conf.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/suite.h"

static msc_arena *arena;
static char folder[] = "/tmp/mscsim_test_read_XXXXXX";

static void set_up(void)
{
    arena = msc_arena_new(NULL);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("d", 0700), 0);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
}

static void tear_down(void)
{
    static const char *const files[] = {"x.cfg", "fifo", "link", "loop", "secret"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unlink(files[i]);
    }
    rmdir("d");
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    msc_arena_free(arena);
}

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

static msc_conf *read_text(const char *text)
{
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s", arena->error.where, arena->error.message);
    }
    return msc_conf_read_text(arena, "x.cfg", text, strlen(text));
}

START_TEST(test_values)
{
    const msc_conf *root =
        read_text("i = -12; l = 5000000000L; x = 0x1F; big = 0x7FFFFFFFFFFFFFFFL; o = 010;\n"
                  "r = 1e3; t = True; f = false; e = \"\"; s = \"a\" \"b\"\n \"c\\n\\x41\\q\";\n"
                  "g = { }; v = [ ]; w = ( ); m = -9223372036854775808L; q = 0.1; z = 5.");
    static const struct {
        const char *key;
        long long value;
    } integers[] = {{"i", -12}, {"l", 5000000000},
                    {"x", 31},  {"big", 9223372036854775807},
                    {"o", 10},  {"m", -9223372036854775807 - 1}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        const msc_conf *node = msc_conf_find(root, integers[i].key);
        ck_assert_int_eq(node->kind, MSC_CONF_INTEGER);
        ck_assert_int_eq(node->integer, integers[i].value);
    }
    ck_assert_int_eq(msc_conf_find(root, "r")->kind, MSC_CONF_REAL);
    ck_assert_double_eq(msc_conf_find(root, "r")->real, 1000.0);
    ck_assert_double_eq(msc_conf_find(root, "q")->real, 0.1);
    ck_assert_double_eq(msc_conf_find(root, "z")->real, 5.0);
    ck_assert(msc_conf_find(root, "t")->boolean);
    ck_assert(!msc_conf_find(root, "f")->boolean);
    ck_assert_int_eq(msc_conf_find(root, "f")->kind, MSC_CONF_BOOLEAN);
    ck_assert_str_eq(msc_conf_find(root, "e")->string, "");
    ck_assert_str_eq(msc_conf_find(root, "s")->string, "abc\nA\\q");
    ck_assert_int_eq(msc_conf_find(root, "g")->kind, MSC_CONF_GROUP);
    ck_assert_int_eq(msc_conf_find(root, "v")->kind, MSC_CONF_ARRAY);
    ck_assert_int_eq(msc_conf_find(root, "w")->kind, MSC_CONF_LIST);
    ck_assert_int_eq(root->kind, MSC_CONF_GROUP);
    ck_assert_ptr_null(root->name);
    ck_assert_ptr_null(root->parent);
    ck_assert_int_eq(root->line, 0);
    ck_assert_str_eq(root->file, "x.cfg");
}
END_TEST

START_TEST(test_lines)
{
    const msc_conf *root = read_text("\xEF\xBB\xBF\r\n"
                                     "a = 1;\r\n"
                                     "g\r\n=\r\n{ b =\r\n 2; };\r\n"
                                     "l = (\r\n"
                                     "  \"x\"\r\n"
                                     "  \"y\",\r\n"
                                     "  { c = 1;\r\n"
                                     "  }, [\r\n"
                                     "  1,\r\n"
                                     "  2 ] ); /* \n */ z = \"1\n2\"; y = 1");
    const msc_conf *list = msc_conf_find(root, "l");
    ck_assert_int_eq(msc_conf_find(root, "a")->line, 2);
    ck_assert_int_eq(msc_conf_find(root, "g")->line, 3);
    ck_assert_int_eq(msc_conf_find(root, "g")->child[0]->line, 5);
    ck_assert_int_eq(list->line, 7);
    ck_assert_uint_eq(list->n, 3);
    ck_assert_int_eq(list->child[0]->line, 8);
    ck_assert_int_eq(list->child[1]->line, 10);
    ck_assert_int_eq(list->child[1]->child[0]->line, 10);
    ck_assert_int_eq(list->child[2]->line, 11);
    ck_assert_int_eq(list->child[2]->child[0]->line, 12);
    ck_assert_int_eq(list->child[2]->child[1]->line, 13);
    ck_assert_int_eq(msc_conf_find(root, "z")->line, 14);
    ck_assert_int_eq(msc_conf_find(root, "y")->line, 15);
    ck_assert_ptr_null(list->child[1]->name);
    ck_assert_ptr_eq(list->child[1]->parent, list);
    ck_assert_str_eq(list->child[0]->string, "xy");
    ck_assert_str_eq(list->child[1]->child[0]->name, "c");
}
END_TEST

START_TEST(test_file)
{
    static const char good[] = "\xEF\xBB\xBF"
                               "a = 1;\r\n# no newline";
    const char *text = NULL;
    write_file("x.cfg", good, sizeof good - 1);
    if (MSC_CATCH(arena)) {
        ck_abort_msg("%s: %s", arena->error.where, arena->error.message);
    }
    const msc_conf *root = msc_conf_read_file(arena, "./x.cfg", "shown.cfg", &text);
    ck_assert_str_eq(text, good); /* as it was */
    ck_assert_str_eq(msc_conf_where(arena, root->child[0]), "shown.cfg:1: a");
    write_file("x.cfg", "", 0);
    ck_assert_uint_eq(msc_conf_read_file(arena, "x.cfg", "x.cfg", NULL)->n, 0);
    ck_assert_int_eq(symlink("x.cfg", "link"), 0);
    ck_assert_uint_eq(msc_conf_read_file(arena, "link", "link", NULL)->n, 0);
}
END_TEST

static void check_refusal(const char *path, msc_status status, const char *where, const char *part)
{
    const time_t before = time(NULL);
    if (MSC_CATCH(arena) == 0) {
        msc_conf_read_file(arena, path, path, NULL);
        ck_abort_msg("%s was read", path);
    }
    ck_assert_int_eq(arena->error.status, status);
    ck_assert_str_eq(arena->error.where, where);
    ck_assert_msg(strstr(arena->error.message, part) != NULL, "%s", arena->error.message);
    ck_assert_int_le(time(NULL) - before, 2);
}

START_TEST(test_no_files)
{
    check_refusal("absent.cfg", MSC_E_NOINPUT, "absent.cfg", "No such file or directory");
    check_refusal("", MSC_E_NOINPUT, "", "No such file or directory");
    check_refusal("d", MSC_E_NOINPUT, "d", "not a regular file");
    check_refusal("fifo", MSC_E_NOINPUT, "fifo", "not a regular file");
    check_refusal("/dev/zero", MSC_E_NOINPUT, "/dev/zero", "not a regular file");
    check_refusal("/proc/self/mem", MSC_E_IO, "/proc/self/mem", "");
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    check_refusal("loop", MSC_E_NOINPUT, "loop", "cannot be opened");
    write_file("secret", "a = 1;", 6);
    ck_assert_int_eq(chmod("secret", 0), 0);
    if (geteuid() != 0) {
        check_refusal("secret", MSC_E_NOINPUT, "secret", "Permission denied");
    }
}
END_TEST

START_TEST(test_bad_files)
{
    const size_t n = 2 * 1024 * 1024;
    char *text = malloc(n);
    memset(text, '\n', n);
    write_file("x.cfg", text, n);
    check_refusal("x.cfg", MSC_E_CONFIG, "x.cfg", "1 MiB");
    write_file("x.cfg", text, 1024 * 1024);
    if (MSC_CATCH(arena) == 0) {
        ck_assert_uint_eq(msc_conf_read_file(arena, "x.cfg", "x.cfg", NULL)->n, 0);
    } else {
        ck_abort_msg("%s", arena->error.message);
    }
    free(text);
    write_file("x.cfg", "a = 1;\n@include \"fifo\"\n", 23);
    check_refusal("x.cfg", MSC_E_CONFIG, "x.cfg:2", "extends");
    write_file("x.cfg", "@include \"x.cfg\"\n", 17);
    check_refusal("x.cfg", MSC_E_CONFIG, "x.cfg:1", "extends");
}
END_TEST

/* libconfig leaves the thread with the global locale. */
START_TEST(test_locale_stays)
{
    const locale_t mine = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    const locale_t copy = duplocale(mine);
    const locale_t before = uselocale(copy);
    read_text("a = 1.5;");
    ck_assert(uselocale((locale_t)0) == copy);
    uselocale(before);
    read_text("a = 1.5;");
    ck_assert(uselocale((locale_t)0) == before);
    freelocale(copy);
    freelocale(mine);
}
END_TEST

START_TEST(test_locale_with_commas)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE"};
    for (size_t i = 0; i < 3; i++) {
        if (setlocale(LC_ALL, names[i])) {
            ck_assert_double_eq(read_text("a = 1.5;")->child[0]->real, 1.5);
            ck_assert_str_eq(localeconv()->decimal_point, ",");
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read");
    TCase *tests = tcase_create("read");
    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_values);
    tcase_add_test(tests, test_lines);
    tcase_add_test(tests, test_file);
    tcase_add_test(tests, test_no_files);
    tcase_add_test(tests, test_bad_files);
    tcase_add_test(tests, test_locale_stays);
    tcase_add_test(tests, test_locale_with_commas);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
