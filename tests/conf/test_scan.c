/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hostile and mistaken texts: one message, at the right line, in no time. */
#include "conf/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf.h"
#include "support/suite.h"

/* The text, of n bytes, is refused at "x.cfg:LINE" (0: no line, -1: any) in words that hold `part`. */
static void check_refusal_n(const char *text, size_t n, int line, const char *part)
{
    char where[64];
    struct timespec before, after;
    snprintf(where, sizeof where, line > 0 ? "x.cfg:%d" : "x.cfg", line);
    msc_arena *arena = msc_arena_new(NULL);
    clock_gettime(CLOCK_MONOTONIC, &before);
    if (MSC_CATCH(arena) == 0) {
        msc_conf_read_text(arena, "x.cfg", text, n);
        ck_abort_msg("accepted: %.200s", text);
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
    ck_assert_msg(line < 0 || strcmp(arena->error.where, where) == 0, "%.200s\n%s: %s", text,
                  arena->error.where, arena->error.message);
    ck_assert_msg(strstr(arena->error.message, part) != NULL, "%.200s\n%s", text,
                  arena->error.message);
    ck_assert_int_lt(after.tv_sec - before.tv_sec, 2);
    msc_arena_free(arena);
}

static void check_refusal(const char *text, int line, const char *part)
{
    check_refusal_n(text, strlen(text), line, part);
}

static void check_accepted_n(const char *text, size_t n)
{
    msc_arena *arena = msc_arena_new(NULL);
    if (MSC_CATCH(arena)) {
        ck_abort_msg("refused: %.200s\n%s: %s", text, arena->error.where, arena->error.message);
    }
    msc_conf_read_text(arena, "x.cfg", text, n);
    msc_arena_free(arena);
}

static void check_accepted(const char *text)
{
    check_accepted_n(text, strlen(text));
}

/* A quote left out is noticed at the next one: the message is about where the string began. */
START_TEST(test_quote_left_out)
{
    check_refusal("a = \"x;\nb = \"y.cfg\";\n", 1, "the string that begins here ends in line 2: is its closing quote missing?");
    check_refusal("t = \"x\";\na = \"y;\nb = 1; c = \"3 day\";\n", 2, "ends in line 3: is its closing quote missing?");
    check_refusal("a = \342\200\234x\342\200\235;\n", 1, "a text needs straight quotes (\"), not curly ones");
    check_refusal("a = \"x\ny\";\nb = ;\n", 3, "'b' has no value");
}
END_TEST

START_TEST(test_accepted)
{
    static const char *const good[] = {
        "",
        "\n\n",
        "# only a comment",
        "a = 1; // and one without a newline",
        "a = 1; /* one\n * of more lines */",
        "\357\273\277a = 1;\n",
        "a = 1;\r\nb = \"x\r\ny\";\r\n# c\r\n",
        "a = 1\rb = 2\r# c\rd = 3",
        "a = 1 b = 2, c : 3; d = { }; e : ( ); f = [ ];",
        "a = { b = { c = ( { d = [1, 2]; }, \"x\" \"y\", (1, 2.0, true) ); }; };",
        "a = TRUE; b = False;",
        "a = [+1, -2, 010, 0x1F]; b = [1L, 2LL, 0xFFFFFFFFFFL]; c = [1., .5, -1e5, +2.5E-3];",
        "a = 2147483647; b = -2147483648; c = 0x7FFFFFFF; d = 9223372036854775807L;",
        "a = -9223372036854775808L; b = 1e-400; c = 1e308;",
        "s = \"@include \\\"x\\\" # no /* comment\"; # @include \"y\"",
        "s = \"\\x41 \\q \\\\\"; t = \"\";",
        "e = 1; e1 = 2; x_1 = 3; E = 4;",
        "a = ( [1], [2.0], [true], [\"a\", \"b\"] );",
        "a\n=\n1\n;",
        "a = 1;\f b = 2;",
        "true_ = 1; falsehood = 2;",
        "g : { a = 1 };",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        check_accepted(good[i]);
    }
}
END_TEST

/* What libconfig would get wrong: malformed numbers, unclosed texts, includes and the like. */
START_TEST(test_what_libconfig_gets_wrong)
{
    check_refusal("a = 1;\n/* open\nb = 2;\n", 2, "has no */");
    check_refusal("a = 1;\n\ns = \"open\nb = 2;\n", 3, "no closing quote");
    check_refusal("s = \"open\\\"", 1, "no closing quote");
    check_refusal("s = \"open\\", 1, "no closing quote");
    check_refusal_n("a = 1;\ns = \"x\0y\";", 17, 2, "NUL");
    check_refusal_n("\0", 1, 1, "NUL");
    check_refusal("s = \"a\n\\x00\";", 2, "\\x00");
    check_refusal("n = 5000000000;", 1, "5000000000L, or 5e9");
    check_refusal("\nn = 2147483648;", 2, "2147483648L, or 2147483648.0");
    check_refusal("n = -2147483649;", 1, "needs L");
    check_refusal("n = 0xFFFFFFFF;", 1, "write 0xFFFFFFFFL");
    check_refusal("n = 99999999999999999999L;", 1, "64 bits");
    check_refusal("n = 99999999999999999999;", 1, "64 bits");
    check_refusal("n = 9223372036854775808L;", 1, "64 bits");
    check_refusal("n = -9223372036854775809L;", 1, "64 bits");
    check_refusal("n = 0x8000000000000000L;", 1, "64 bits");
    check_refusal("n = 0x10000000000000000L;", 1, "64 bits");
    check_refusal("k = .;", 1, "'.' is no number");
    check_refusal("k = -.;", 1, "'-.' is no number");
    check_refusal("k = .e5;", 1, "is no number");
    check_refusal("k = 1e999;", 1, "not finite");
    check_refusal("k = -1.5E+999;", 1, "not finite");
    check_refusal("v = [1, 2.5];", 1, "write 1.0");
    check_refusal("v = [1.5,\n2];", 2, "use ( )");
    check_refusal("a = 1;\nb = 2;\na = 3;", 3,
                  "'a' is given twice in this group (first in line 1)");
    check_refusal("g = { a = 1;\n a = 2; };", 2, "given twice");
    check_refusal("@include \"/etc/passwd\"\n", 1, "use extends");
    check_refusal("a = 1;\n  @include \".\"\n", 2, "use extends");
    check_refusal("a = @b;", 1, "extends");
}
END_TEST

START_TEST(test_numbers)
{
    static const char *const bad[] = {"1_000", "1.2.3", "0x",  "0x1p3", "1e",  "1e+",
                                      "-",     "+",     "- 1", "--1",   "5mL", "1e5L",
                                      "1.0L",  "-0x1F", "0xG", "1LLL",  "1l",  "1e2.5",
                                      "..",    "1ee5",  "0b1", "1e5_0", "-.e1"};
    char text[200];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "a = 1;\nb = %s;", bad[i]);
        check_refusal(text, 2, "is no number");
    }
    snprintf(text, sizeof text, "b = 1.%070d;", 0);
    check_refusal(text, 1, "characters (at most 64)");
    check_refusal("b = nan;", 1, "no number");
    check_refusal("b = -inf;", 1, "no number");
    check_refusal("b = Infinity;", 1, "no number");
}
END_TEST

START_TEST(test_syntax)
{
    check_refusal("a", 1, "expected '=' after 'a'");
    check_refusal("a 5;", 1, "expected '=' after 'a', not '5'");
    check_refusal("a =", 1, "'a' has no value");
    check_refusal("\na = ;\nb = 1;", 2, "'a' has no value");
    check_refusal("g = { a = };", 1, "'a' has no value");
    check_refusal("a = \nb = 2;", 1, "'a' has no value");
    check_refusal("a = lung;", 1, "a text needs quotes");
    check_refusal("a = yes;", 1, "write true or false");
    check_refusal("a = 5 mL;", 1, "needs quotes");
    check_refusal("a = 1,5;", 1, "decimals are written 1.5");
    check_refusal("a = 1;;", 1, "';' too many");
    check_refusal("= 1;", 1, "without a name");
    check_refusal("a = 1; }", 1, "closes nothing");
    check_refusal("a = {\n b = 1;\n", 1, "'{' opened here is never closed");
    check_refusal("a = (\n1,\n2", 1, "'(' opened here is never closed");
    check_refusal("a = (1,", 1, "'(' opened here is never closed");
    check_refusal("a = {\n b = [1, 2;\n};", 2, "expected ']' to close the '[' of line 2, not ';'");
    check_refusal("a = ( { b = 1; )", 1, "expected '}' to close the '{' of line 1, not ')'");
    check_refusal("a = [1 2];", 1, "expected ',' before '2'");
    check_refusal("a = [1, 2,];", 1, "',' too many");
    check_refusal("a = (1,\n2,\n);", 2, "',' too many");
    check_refusal("a = [,];", 1, "expected a value, not ','");
    check_refusal("a = [ [1] ];", 1, "plain values");
    check_refusal("a = [ { } ];", 1, "plain values");
    check_refusal("a = [1, \"x\"];", 1, "an array [ ] of integers cannot hold \"x\"");
    check_refusal("a = [\"x\", true];", 1, "an array [ ] of strings cannot hold 'true'");
    check_refusal("a = [1, 2L];", 1, "all with L");
    check_refusal("a = [1, x];", 1, "a text needs quotes");
    check_refusal("a = b = 1;", 1, "a text needs quotes");
    check_refusal("a = 'x';", 1, "double quotes");
    check_refusal("a = $x;", 1, "'$' has no meaning");
    check_refusal("a = 1 / 2;", 1, "'/' has no meaning");
    check_refusal("5 = 1;", 1, "expected a name");
    check_refusal("\"a\" = 1;", 1, "expected a name");
    check_refusal_n("\xFF\xFE"
                    "a\0",
                    4, 1, "UTF-16");
}
END_TEST

START_TEST(test_names)
{
    char text[70000];
    check_refusal("a-b = 1;", 1, "'a-b' is no name");
    check_refusal("a* = 1;", 1, "is no name");
    check_refusal("* = 1;", 1, "is no name");
    check_refusal("_a = 1;", 1, "is no name");
    check_refusal("a.b = 1;", 1, "a name has no dots");
    check_refusal("\xC3\xA4 = 1;", 1, "is no name");
    check_refusal("true = 1;", 1, "cannot be a name");
    check_refusal("False = 1;", 1, "cannot be a name");
    check_refusal("\na\x1b[31m = 1;", 2, "\x1b");
    check_refusal("a\x7f = 1;", 1, "has no meaning");
    check_refusal("\v", 1, "has no meaning");
    memset(text, 'k', 65536);
    strcpy(text + 65536, " = 1;");
    check_refusal(text, 1, "a name of 65536 characters (at most 64)");
    strcpy(text + 65, " = 1;");
    check_refusal(text, 1, "a name of 65 characters");
    strcpy(text + 64, " = 1;");
    check_accepted(text);
}
END_TEST

START_TEST(test_messages_are_escaped)
{
    char shown[2000];
    msc_arena *arena = msc_arena_new(NULL);
    if (MSC_CATCH(arena) == 0) {
        msc_conf_read_text(arena, "x.cfg", "a\x1b[2J = 1;", 10);
        ck_abort_msg("accepted");
    }
    msc_error_text(&arena->error, shown, sizeof shown);
    ck_assert_str_eq(shown, "x.cfg:1: '\\x1b' has no meaning here");
    msc_arena_free(arena);
}
END_TEST

/* prefix, then n times unit, then suffix */
static char *repeated(const char *prefix, const char *unit, size_t n, const char *suffix)
{
    const size_t length = strlen(unit);
    char *text = malloc(strlen(prefix) + n * length + strlen(suffix) + 1), *end = text;
    end += sprintf(end, "%s", prefix);
    for (size_t i = 0; i < n; i++, end += length) {
        memcpy(end, unit, length);
    }
    strcpy(end, suffix);
    return text;
}

static void check_repeated(const char *prefix, const char *unit, size_t n, const char *suffix,
                           int line, const char *part)
{
    char *text = repeated(prefix, unit, n, suffix);
    if (part) {
        check_refusal(text, line, part);
    } else {
        check_accepted(text);
    }
    free(text);
}

START_TEST(test_sizes)
{
    check_repeated("\na = ", "(", 1000000, "", 2, "nested more than 64 deep");
    check_repeated("a = ", "{a=", 300000, "", 1, "nested more than 64 deep");
    check_repeated("a = ", "(", 64,
                   "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))", 1, NULL);
    check_repeated("a = ", "(", 65,
                   ")))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))", 1, "deep");
    check_repeated("", "# 2 MiB\n", 262144, "", 0, "longer than 1 MiB");
    check_repeated("# ", "x", 1000000, "", 1, NULL);
    check_repeated("/* ", "x*", 500000, "*/", 1, NULL);
    check_repeated("", "\n", 1048576, "", 1, NULL);
    check_repeated("a = [1", ",1", 99999, "];", 1, NULL);
    check_repeated("a = [1", ",1", 100000, "];", 1, "more than 100000 values in one array");
    check_repeated("a = (1", ",1", 100000, ");", 1, "more than 100000 values in one list");
    check_repeated("a = \"", "x", 65536, "\";", 1, NULL);
    check_repeated("a = \"", "x", 65537, "\";", 1, "a string of more than 65536 bytes");
    check_repeated("a = ", "\"x\"\n", 65537, ";", 1, "a string of more than 65536 bytes");
    check_repeated("a = ", "\"\"", 500000, ";", 1, NULL);
    check_repeated("a = ", "1", 1000000, ";", 1, "a number of 1000000 characters");
    check_repeated("a = 1", ";", 1000000, "", 1, "too many");
    check_repeated("a", "=", 1000000, "", 1, "expected a value");
    check_repeated("a = (0", ",{a=1}", 99999, ");", 1, NULL);
}
END_TEST

START_TEST(test_many_keys)
{
    char *text = malloc(1200000), *end = text;
    for (int i = 0; i < 2000; i++) {
        end += sprintf(end, "k%d = 1;\n", i);
    }
    check_accepted(text);
    sprintf(end, "k = 1;\n");
    check_refusal(text, 2001, "more than 2000 settings");
    end = text;
    for (int i = 0; i < 100000; i++) {
        end += sprintf(end, "k%d=1\n", i);
    }
    check_refusal(text, 2001, "more than 2000 settings");
    end = text;
    for (int g = 0; g < 40; g++) {
        end += sprintf(end, "g%d = {\n", g);
        for (int i = 0; i < 2000; i++) {
            end += sprintf(end, "k%d=1\n", i);
        }
        end += sprintf(end, "}\n");
    }
    check_refusal(text, -1, "too many large groups");
    free(text);
}
END_TEST

/* Whatever the text, it does not get past the scan to an error of libconfig's, the messages of which
 * say "syntax error". */
static void check_scan_is_as_strict(const char *text, size_t n)
{
    msc_arena *arena = msc_arena_new(NULL);
    if (MSC_CATCH(arena)) {
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        ck_assert_msg(!strstr(arena->error.message, "syntax error"), "%s\n%s", text,
                      arena->error.message);
    } else {
        msc_conf_read_text(arena, "x.cfg", text, n);
    }
    msc_arena_free(arena);
}

START_TEST(test_random_texts)
{
    static const char *const pieces[] = {"a",       "b",
                                         "=",       ":",
                                         ";",       ",",
                                         "{",       "}",
                                         "[",       "]",
                                         "(",       ")",
                                         "1",       "2.5",
                                         "3L",      "\"x\"",
                                         "true",    "\n",
                                         " ",       "# c\n",
                                         "/* c */", "@include \"x\"",
                                         "\\",      "\"",
                                         "-",       ".",
                                         "a = 1;",  "b = {",
                                         "c = (",   "d = ["};
    enum { N_PIECES = sizeof pieces / sizeof *pieces };
    unsigned state = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[400] = "";
        size_t n = 0;
        for (int k = 0; k < 12; k++) {
            state = state * 1664525u + 1013904223u;
            const char *const piece = pieces[(state >> 16) % N_PIECES];
            memcpy(text + n, piece, strlen(piece) + 1);
            n += strlen(piece);
        }
        check_scan_is_as_strict(text, n);
    }
}
END_TEST

/* Each byte of a good text changed, or the text cut there. */
START_TEST(test_mutants)
{
    static const char good[] =
        "a = 1.5; g = { s = \"x\\n\"; v = [1, 2]; l = ( { b = true; }, 0x1F, 3L ); }; # c\n";
    static const char other[] = {'\0',   '"',  '{', ')', ',',  '9', '.', '@',
                                 '\x80', '\n', '*', '/', '\\', 'e', '-'};
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (size_t k = 0; k < sizeof other; k++) {
            char text[sizeof good];
            memcpy(text, good, sizeof good);
            text[i] = other[k];
            check_scan_is_as_strict(text, sizeof good - 1);
            check_scan_is_as_strict(text, i);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan");
    TCase *tests = tcase_create("scan");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_accepted);
    tcase_add_test(tests, test_quote_left_out);
    tcase_add_test(tests, test_what_libconfig_gets_wrong);
    tcase_add_test(tests, test_numbers);
    tcase_add_test(tests, test_syntax);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_messages_are_escaped);
    tcase_add_test(tests, test_sizes);
    tcase_add_test(tests, test_many_keys);
    tcase_add_test(tests, test_random_texts);
    tcase_add_test(tests, test_mutants);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
