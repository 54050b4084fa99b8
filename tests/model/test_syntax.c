/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammar of formulas: every rule of language §4 and rulings 3, and what is said of mistakes.
 * Trees are compared as text, fully bracketed: "1 + 2 * x" is "(1 + (2 * x))". */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/syntax.h"
#include "support/suite.h"

enum { TEXT = 4096 };

static void add(char *buffer, const char *format, ...) MSC_PRINTF(2, 3);
static void add(char *buffer, const char *format, ...)
{
    size_t n = strlen(buffer);
    va_list args;
    va_start(args, format);
    vsnprintf(buffer + n, TEXT - n, format, args);
    va_end(args);
}

static void print(char *buffer, const msc_syntax *x);

static void print_name(char *buffer, const msc_syntax *x)
{
    add(buffer, x->member ? "%s.%s" : "%s", x->name, x->member);
    for (int i = 0; i < x->n_index; i++) {
        const msc_syntax_index *index = &x->index[i];
        add(buffer, "%s", i == 0 ? "[" : ",");
        if (index->name) {
            add(buffer, "%s", index->name);
        } else {
            add(buffer, "%d", index->number);
        }
        if (index->shift) {
            add(buffer, "%+d", index->shift);
        }
    }
    add(buffer, "%s", x->n_index > 0 ? "]" : "");
}

static void print_call(char *buffer, const msc_syntax *x)
{
    add(buffer, "%s(", x->kind == MSC_S_SUM ? "sum" : x->name);
    for (int i = 0; i < x->n_bind; i++) {
        add(buffer, "%s%s in %s", i ? "," : "", x->bind[i].name, x->bind[i].set);
    }
    add(buffer, "%s", x->n_bind ? ": " : "");
    for (int i = 0; i < x->n_arg; i++) {
        add(buffer, "%s", i ? ", " : "");
        print(buffer, x->arg[i]);
    }
    add(buffer, ")");
}

static void print(char *buffer, const msc_syntax *x)
{
    static const char *const sign[] = {
        [MSC_S_NEGATE] = "-",     [MSC_S_NOT] = "not ",         [MSC_S_ADD] = "+",
        [MSC_S_SUBTRACT] = "-",   [MSC_S_MULTIPLY] = "*",       [MSC_S_DIVIDE] = "/",
        [MSC_S_POWER] = "^",      [MSC_S_LESS] = "<",           [MSC_S_LESS_EQUAL] = "<=",
        [MSC_S_GREATER] = ">",    [MSC_S_GREATER_EQUAL] = ">=", [MSC_S_EQUAL] = "==",
        [MSC_S_NOT_EQUAL] = "!=", [MSC_S_AND] = "and",          [MSC_S_OR] = "or"};
    if (x->kind == MSC_S_NUMBER) {
        add(buffer, x->unit ? "%.17g{%s}" : "%.17g", x->number, x->unit);
    } else if (x->kind == MSC_S_NAME) {
        print_name(buffer, x);
    } else if (x->kind == MSC_S_CALL || x->kind == MSC_S_SUM) {
        print_call(buffer, x);
    } else if (x->n_arg == 1) {
        add(buffer, "(%s", sign[x->kind]);
        print(buffer, x->arg[0]);
        add(buffer, ")");
    } else {
        add(buffer, "(");
        print(buffer, x->arg[0]);
        add(buffer, " %s ", sign[x->kind]);
        print(buffer, x->arg[1]);
        add(buffer, ")");
    }
}

typedef enum { FORMULA, PLACE, OVER, QUANTITY } what;

static void parse(msc_arena *arena, what w, const char *text, char *out)
{
    const msc_conf node = {.kind = MSC_CONF_STRING, .name = "x", .file = "m.cfg", .line = 3};
    if (w == FORMULA || w == PLACE) {
        print(out, w == FORMULA ? msc_syntax_formula(arena, &node, text)
                                : msc_syntax_place(arena, &node, text));
    } else if (w == OVER) {
        msc_syntax_bind bind = msc_syntax_over(arena, &node, text);
        add(out, "%s in %s", bind.name, bind.set);
    } else {
        const char *unit;
        double number = msc_syntax_quantity(arena, &node, text, &unit);
        add(out, unit ? "%.17g{%s}" : "%.17g", number, unit);
    }
}

/* The text is read as expected, or fails with the expected message. */
static void expect(what w, const char *text, const char *expected)
{
    char out[TEXT] = "";
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert_ptr_nonnull(arena);
    if (MSC_CATCH(arena)) {
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        ck_assert_str_eq(arena->error.where, "m.cfg:3: x");
        out[0] = '\0';
        add(out, "%s", arena->error.message);
    } else {
        parse(arena, w, text, out);
    }
    ck_assert_msg(!strcmp(out, expected), "'%s':\n    is       %s\n    expected %s", text, out,
                  expected);
    msc_arena_free(arena);
}

START_TEST(precedence)
{
    expect(FORMULA, "1 + 2 * x", "(1 + (2 * x))");
    expect(FORMULA, "a - b - c", "((a - b) - c)");
    expect(FORMULA, "a / b / c * d", "(((a / b) / c) * d)");
    expect(FORMULA, "-x^2", "(-(x ^ 2))");
    expect(FORMULA, "x^-2", "(x ^ (-2))");
    expect(FORMULA, "x^y^z", "(x ^ (y ^ z))");
    expect(FORMULA, "x^-y^z", "(x ^ (-(y ^ z)))");
    expect(FORMULA, "(-x)^2", "((-x) ^ 2)");
    expect(FORMULA, "2*-3", "(2 * (-3))");
    expect(FORMULA, "a--b", "(a - (-b))");
    expect(FORMULA, "-a*b", "((-a) * b)");
    expect(FORMULA, "((a + b)) * c", "((a + b) * c)");
}
END_TEST

START_TEST(logic)
{
    expect(FORMULA, "a < 1 and b >= 2 or not c == 3", "(((a < 1) and (b >= 2)) or (not (c == 3)))");
    expect(FORMULA, "not not a != b", "(not (not (a != b)))");
    expect(FORMULA, "a or b or c", "((a or b) or c)");
    expect(FORMULA, "not a and b", "((not a) and b)");
    expect(FORMULA, "a + 1 <= b - 2", "((a + 1) <= (b - 2))");
    expect(FORMULA, "a > b", "(a > b)");
    expect(FORMULA, "a < b < c", "column 7: comparisons do not chain: write a < b and b < c");
    expect(FORMULA, "a + not b", "column 5: expected a value, found 'not'");
}
END_TEST

START_TEST(units)
{
    expect(FORMULA, "187 mL/min * x", "(187{mL/min} * x)");
    expect(FORMULA, "0.65 1/h", "0.65000000000000002{1/h}");
    expect(FORMULA, "2 h^-1 + 3 h-1", "(2{h^-1} + 3{h-1})");
    expect(FORMULA, "(500 g)", "500{g}");
    expect(FORMULA, "min(1 d,time)", "min(1{d}, time)");
    expect(FORMULA, "time < 5 min and time > 1 h", "((time < 5{min}) and (time > 1{h}))");
    expect(FORMULA, "time<5 min<3", "column 11: comparisons do not chain: write a < b and b < c");
    expect(FORMULA, "x > 5 or y > 5 and z", "((x > 5) or ((y > 5) and z))");
    expect(FORMULA, "5 min", "5{min}");
    expect(FORMULA, "5 h/tau", "5{h/tau}");
    expect(FORMULA, "5 h / tau", "(5{h} / tau)");
    expect(FORMULA, "5 cell/(kg.h) * 2", "(5{cell/(kg.h)} * 2)");
    expect(FORMULA, "(5 cell/(kg.h))", "5{cell/(kg.h)}");
    expect(FORMULA, "3 % * a", "(3{%} * a)");
    expect(FORMULA, "3 µL", "3{µL}");
    expect(FORMULA, "1 1", "1{1}");
    expect(FORMULA, "5 min(a, b)", "column 3: expected an operator or the end, found 'min'");
    expect(FORMULA, "2 3", "column 3: expected an operator or the end, found '3'");
    expect(FORMULA, "5h", "column 1: a unit stands after a space: write '5 h'");
    expect(FORMULA, "x * 5e6cell/kg", "column 5: a unit stands after a space: write '5e6 cell/kg'");
}
END_TEST

START_TEST(numbers)
{
    expect(FORMULA, "5e6", "5000000");
    expect(FORMULA, "1.5E-3 + .5 + 2.", "((0.0015 + 0.5) + 2)");
    expect(FORMULA, "007", "7");
    expect(FORMULA, "1e999", "column 1: '1e999' is too large for a number");
    expect(FORMULA, "1.2.3", "column 4: expected an operator or the end, found '.3'");
}
END_TEST

START_TEST(names)
{
    expect(FORMULA, "arrested[organ,clone,fresh]", "arrested[organ,clone,fresh]");
    expect(FORMULA, "x[stage+1] - x[ last - 2 , first, 3]", "(x[stage+1] - x[last-2,first,3])");
    expect(FORMULA, "label.arrested[organ] * label.venous",
           "(label.arrested[organ] * label.venous)");
    expect(FORMULA, "given * 2", "(given * 2)");
    expect(FORMULA, "x[]",
           "column 3: expected an index: an element, a set, first, last, found ']'");
    expect(FORMULA, "x[1.5]", "column 3: expected a whole number, found '1.5'");
    expect(FORMULA, "x[a+b]", "column 5: expected a whole number, found 'b'");
    expect(FORMULA, "x[a+1 h]", "column 5: expected a whole number, found '1'");
    expect(FORMULA, "x[a b]", "column 5: expected ',' or ']', found 'b'");
    expect(FORMULA, "x[a", "column 4: expected ',' or ']', found the end");
    expect(FORMULA, "label.3", "column 6: expected an operator or the end, found '.3'");
    expect(FORMULA, "label. *", "column 8: expected an amount's name, found '*'");
    expect(FORMULA, "_x", "column 1: '_' has no meaning here: a name begins with a letter");
}
END_TEST

START_TEST(calls)
{
    expect(FORMULA, "if(a > 1, min(b, c, 2), abs(d))", "if((a > 1), min(b, c, 2), abs(d))");
    expect(FORMULA, "exp(-x) + log(x) + log10(x) + sqrt(x)",
           "(((exp((-x)) + log(x)) + log10(x)) + sqrt(x))");
    expect(FORMULA, "integral(x) + dosed(c) + given(c) + flux(lysis)",
           "(((integral(x) + dosed(c)) + given(c)) + flux(lysis))");
    expect(FORMULA, "min(a)", "column 1: 'min' takes 2 arguments or more, not 1");
    expect(FORMULA, "1 + if(a, b)", "column 5: 'if' takes 3 arguments, not 2");
    expect(FORMULA, "exp(a, b)", "column 1: 'exp' takes 1 argument, not 2");
    expect(FORMULA, "exp()", "column 5: expected a value, found ')'");
    expect(FORMULA, "sqr(a)", "column 1: there is no function 'sqr'; did you mean 'sqrt'?");
    expect(FORMULA, "1 + max", "column 8: expected '(' after the function max, found the end");
    expect(FORMULA, "exp(a b)", "column 7: expected an operator, ',' or ')', found 'b'");
}
END_TEST

START_TEST(sums)
{
    expect(FORMULA, "sum(organ: x[organ])", "sum(organ in organ: x[organ])");
    expect(FORMULA, "sum(o in organ, clone: x[o,clone] * 2) / n",
           "(sum(o in organ,clone in clone: (x[o,clone] * 2)) / n)");
    expect(FORMULA, "sum(organ)",
           "column 10: expected ',' or ':' as in sum(set: formula), found ')'");
    expect(FORMULA, "sum", "column 4: expected '(' after sum, found the end");
    expect(FORMULA, "sum(1: x)", "column 5: expected a set's name, found '1'");
    expect(FORMULA, "sum(o in: x)", "column 9: expected a set's name, found ':'");
}
END_TEST

START_TEST(mistakes)
{
    expect(FORMULA, "", "column 1: expected a value, found the end");
    expect(FORMULA, "a + (b * ) c", "column 10: expected a value, found ')'");
    expect(FORMULA, "(a", "column 3: expected an operator or ')', found the end");
    expect(FORMULA, "a)", "column 2: expected an operator or the end, found ')'");
    expect(FORMULA, "a b", "column 3: expected an operator or the end, found 'b'");
    expect(FORMULA, "+a", "column 1: expected a value, found '+'");
    expect(FORMULA, "a = b", "column 3: '=' has no meaning here: write '==' to compare");
    expect(FORMULA, "a ** b", "column 3: '**' has no meaning here: write '^' for a power");
    expect(FORMULA, "a && b", "column 3: '&&' has no meaning here: write 'and'");
    expect(FORMULA, "a || b", "column 3: '||' has no meaning here: write 'or'");
    expect(FORMULA, "!a", "column 1: '!' has no meaning here: write 'not', or '!=' for unequal");
    expect(FORMULA, "a $ b", "column 3: '$' has no meaning in a formula");
    expect(FORMULA, "ä", "column 1: 'ä' has no meaning in a formula");
    expect(FORMULA, "3 µL ) b", "column 6: expected an operator or the end, found ')'");
    expect(FORMULA, "a\n  + ]", "column 7: expected a value, found ']'");
}
END_TEST

static char *repeat(const char *part, size_t n, const char *end)
{
    size_t length = strlen(part);
    char *text = calloc(n * length + strlen(end) + 1, 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + i * length, part, length);
    }
    memcpy(text + n * length, end, strlen(end));
    return text;
}

static void expect_too_deep(const char *text)
{
    const msc_conf node = {.kind = MSC_CONF_STRING, .name = "x", .file = "m.cfg", .line = 3};
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert_ptr_nonnull(arena);
    if (!MSC_CATCH(arena)) {
        (void)msc_syntax_formula(arena, &node, text);
        ck_abort_msg("'%.10s…' was read", text);
    }
    ck_assert_ptr_nonnull(strstr(arena->error.message, ": nested too deeply; give a part of it"));
    msc_arena_free(arena);
}

START_TEST(limits)
{
    static const char *const parts[] = {"(", "-", "not ", "2^", "abs(", "x^(-"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *text = repeat(parts[i], 2500, "x");
        expect_too_deep(text);
        free(text);
    }
    char *deep = repeat("(", 199, "x");
    expect(FORMULA, deep, "column 201: expected an operator or ')', found the end");
    free(deep);
    char *length = repeat("1+", 8192, "x");
    expect(FORMULA, length, "this text has 16385 bytes; 16384 are allowed in a formula");
    free(length);
}
END_TEST

START_TEST(small_texts)
{
    expect(PLACE, "arrested[organ,clone,fresh]", "arrested[organ,clone,fresh]");
    expect(PLACE, "label.arrested[organ+1]", "label.arrested[organ+1]");
    expect(PLACE, " nowhere ", "nowhere");
    expect(PLACE, "a + b", "column 3: expected the end, found '+'");
    expect(PLACE, "", "column 1: expected a name, found the end");
    expect(OVER, "organ", "organ in organ");
    expect(OVER, "o in organ", "o in organ");
    expect(OVER, "o of organ", "column 3: expected the end, found 'of'");
    expect(OVER, "in", "column 1: expected a set's name, found 'in'");
}
END_TEST

START_TEST(quantities)
{
    expect(QUANTITY, "5e6 cell/kg", "5000000{cell/kg}");
    expect(QUANTITY, "-3 d", "-3{d}");
    expect(QUANTITY, "12", "12");
    expect(QUANTITY, "  30   min ", "30{min}");
    expect(QUANTITY, "5 cell / kg", "column 8: expected the end (a unit has no spaces), found '/'");
    expect(QUANTITY, "5e6cell", "column 1: a unit stands after a space: write '5e6 cell'");
    expect(QUANTITY, "x", "column 1: expected a number, found 'x'");
    expect(QUANTITY, "5 * 3", "column 3: expected a unit or the end, as in \"5e6 cell/kg\" or \"30 min\", found '*'");
    expect(QUANTITY, "", "column 1: expected a number, found the end");
}
END_TEST

START_TEST(columns)
{
    const msc_conf node = {.kind = MSC_CONF_STRING, .name = "x", .file = "m.cfg", .line = 3};
    msc_error err;
    msc_arena *arena = msc_arena_new(&err);
    ck_assert(!MSC_CATCH(arena));
    const msc_syntax *x = msc_syntax_formula(arena, &node, "3 µL * exp(y)");
    ck_assert_int_eq(x->column, 6);
    ck_assert_int_eq(x->arg[0]->column, 1);
    ck_assert_int_eq(x->arg[1]->column, 8);
    ck_assert_int_eq(x->arg[1]->arg[0]->column, 12);
    msc_arena_free(arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("syntax");
    TCase *tests = tcase_create("syntax");
    tcase_add_test(tests, precedence);
    tcase_add_test(tests, logic);
    tcase_add_test(tests, units);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, names);
    tcase_add_test(tests, calls);
    tcase_add_test(tests, sums);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, small_texts);
    tcase_add_test(tests, quantities);
    tcase_add_test(tests, columns);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
