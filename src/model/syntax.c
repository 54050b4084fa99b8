/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formulas by recursive descent: one function for each rule of the grammar (language §4), its rule
 * above it. */
#include "model/syntax.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/lexer.h"

enum { NESTING = 200 };

typedef struct {
    msc_lexer lexer;
    int depth;
} parser;

static const struct {
    const char *name;
    int least, most; /* arguments */
} functions[] = {
    {"min", 2, INT_MAX}, {"max", 2, INT_MAX}, {"if", 3, 3},    {"abs", 1, 1},
    {"exp", 1, 1},       {"log", 1, 1},       {"log10", 1, 1}, {"sqrt", 1, 1},
    {"integral", 1, 1},  {"dosed", 1, 1},     {"given", 1, 1}, {"flux", 1, 1},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static msc_syntax *formula(parser *p);
static msc_syntax *unary(parser *p);

/* ---- small steps ---- */

static bool at_sign(const parser *p, char sign)
{
    return msc_lexeme_is_sign(&p->lexer.token, sign);
}

static bool at_word(const parser *p, const char *word)
{
    return msc_lexeme_is_word(&p->lexer.token, word);
}

static void step(parser *p)
{
    msc_lexer_step(&p->lexer);
}

static bool take_sign(parser *p, char sign)
{
    bool is = at_sign(p, sign);
    if (is) {
        step(p);
    }
    return is;
}

static void need_sign(parser *p, char sign, const char *what)
{
    if (!take_sign(p, sign)) {
        msc_lexer_expected(&p->lexer, what);
    }
}

_Noreturn static void fail_at(const parser *p, int column, const char *message)
{
    msc_conf_fail(p->lexer.arena, p->lexer.node, "column %d: %s", column, message);
}

static void enter(parser *p)
{
    if (++p->depth > NESTING) {
        fail_at(p, p->lexer.token.column, "nested too deeply; give a part of it a name of its own");
    }
}

static void leave(parser *p)
{
    p->depth--;
}

static msc_syntax *new_node(parser *p, msc_syntax_kind kind, int column)
{
    msc_syntax *node = MSC_NEW(p->lexer.arena, msc_syntax, 1);
    node->kind = kind;
    node->column = column;
    return node;
}

static msc_syntax *new_unary(parser *p, msc_syntax_kind kind, int column, msc_syntax *a)
{
    msc_syntax *node = new_node(p, kind, column);
    node->n_arg = 1;
    node->arg = MSC_NEW(p->lexer.arena, msc_syntax *, 1);
    node->arg[0] = a;
    return node;
}

static msc_syntax *new_binary(parser *p, msc_syntax_kind kind, int column, msc_syntax *a,
                              msc_syntax *b)
{
    msc_syntax *node = new_node(p, kind, column);
    node->n_arg = 2;
    node->arg = MSC_NEW(p->lexer.arena, msc_syntax *, 2);
    node->arg[0] = a;
    node->arg[1] = b;
    return node;
}

static bool is_function(const char *name)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (!strcmp(functions[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* A word of the grammar, which cannot be a name (`given` can: it is not reserved). */
static bool is_grammar(const char *name)
{
    static const char *const words[] = {"and", "or", "not", "in", "sum"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcmp(words[i], name)) {
            return true;
        }
    }
    return is_function(name) && strcmp(name, "given") != 0;
}

static const char *need_name(parser *p, const char *what)
{
    if (p->lexer.token.kind != MSC_T_NAME) {
        msc_lexer_expected(&p->lexer, what);
    }
    const char *name = msc_lexeme_text(p->lexer.arena, &p->lexer.token);
    if (is_grammar(name)) {
        msc_lexer_expected(&p->lexer, what);
    }
    step(p);
    return name;
}

/* ---- names and their indices ---- */

/* INTEGER: digits alone */
static int integer(parser *p)
{
    const msc_lexeme *token = &p->lexer.token;
    bool fine = token->kind == MSC_T_NUMBER && !token->unit && token->number <= 1e6;
    for (size_t i = 0; fine && i < token->length; i++) {
        fine = token->start[i] >= '0' && token->start[i] <= '9';
    }
    if (!fine) {
        msc_lexer_expected(&p->lexer, "a whole number");
    }
    int value = (int)token->number;
    step(p);
    return value;
}

/* index := name [ (+|-) INTEGER ] | INTEGER */
static msc_syntax_index one_index(parser *p)
{
    if (p->lexer.token.kind == MSC_T_NUMBER) {
        return (msc_syntax_index){.number = integer(p)};
    }
    msc_syntax_index index = {.name = need_name(p, "an index: an element, a set, first, last")};
    if (at_sign(p, '+') || at_sign(p, '-')) {
        int sign = at_sign(p, '+') ? 1 : -1;
        step(p);
        index.shift = sign * integer(p);
    }
    return index;
}

/* [ "[" index {"," index} "]" ] */
static void indices(parser *p, msc_syntax *node)
{
    size_t n = 0, cap = 0;
    if (!take_sign(p, '[')) {
        return;
    }
    do {
        msc_syntax_index index = one_index(p);
        *MSC_PUSH(p->lexer.arena, node->index, n, cap) = index;
    } while (take_sign(p, ','));
    need_sign(p, ']', "',' or ']'");
    node->n_index = (int)n;
}

/* name [ "." name ] [ "[" … "]" ] */
static msc_syntax *place(parser *p, const char *what)
{
    msc_syntax *node = new_node(p, MSC_S_NAME, p->lexer.token.column);
    node->name = need_name(p, what);
    if (take_sign(p, '.')) {
        node->member = need_name(p, "an amount's name");
    }
    indices(p, node);
    return node;
}

/* bind := set | name "in" set */
static msc_syntax_bind one_bind(parser *p)
{
    msc_syntax_bind bind = {.name = need_name(p, "a set's name")};
    bind.set = bind.name;
    if (at_word(p, "in")) {
        step(p);
        bind.set = need_name(p, "a set's name");
    }
    return bind;
}

/* ---- atoms ---- */

/* "sum" "(" bind {"," bind} ":" formula ")" */
static msc_syntax *sum(parser *p)
{
    msc_syntax *node = new_node(p, MSC_S_SUM, p->lexer.token.column);
    size_t n = 0, cap = 0;
    step(p);
    need_sign(p, '(', "'(' after sum");
    do {
        msc_syntax_bind bind = one_bind(p);
        *MSC_PUSH(p->lexer.arena, node->bind, n, cap) = bind;
    } while (take_sign(p, ','));
    need_sign(p, ':', "',' or ':' as in sum(set: formula)");
    node->n_bind = (int)n;
    node->n_arg = 1;
    node->arg = MSC_NEW(p->lexer.arena, msc_syntax *, 1);
    node->arg[0] = formula(p);
    need_sign(p, ')', "')'");
    return node;
}

static void check_arguments(const parser *p, const msc_syntax *node)
{
    size_t i = 0;
    while (strcmp(functions[i].name, node->name) != 0) {
        i++;
    }
    int least = functions[i].least, most = functions[i].most;
    if (node->n_arg < least || node->n_arg > most) {
        fail_at(p, node->column,
                msc_arena_printf(p->lexer.arena, "'%s' takes %d argument%s%s, not %d", node->name,
                                 least, least == 1 ? "" : "s", most > least ? " or more" : "",
                                 node->n_arg));
    }
}

/* function "(" formula {"," formula} ")"; the parser stands at "(" */
static msc_syntax *call(parser *p, const char *name, int column)
{
    const char *known[FUNCTIONS + 1] = {"sum"};
    for (size_t i = 0; i < FUNCTIONS; i++) {
        known[i + 1] = functions[i].name;
    }
    if (!is_function(name)) {
        fail_at(p, column,
                msc_arena_printf(p->lexer.arena, "there is no function '%s'%s", name,
                                 msc_text_suggest(p->lexer.arena, name, known, FUNCTIONS + 1)));
    }
    msc_syntax *node = new_node(p, MSC_S_CALL, column);
    size_t n = 0, cap = 0;
    node->name = name;
    need_sign(p, '(', "'('");
    do {
        msc_syntax *argument = formula(p);
        *MSC_PUSH(p->lexer.arena, node->arg, n, cap) = argument;
    } while (take_sign(p, ','));
    need_sign(p, ')', "an operator, ',' or ')'");
    node->n_arg = (int)n;
    check_arguments(p, node);
    return node;
}

static msc_syntax *word(parser *p)
{
    if (at_word(p, "sum")) {
        return sum(p);
    }
    const msc_lexeme token = p->lexer.token;
    const char *name = msc_lexeme_text(p->lexer.arena, &token);
    parser ahead = *p;
    step(&ahead);
    if (at_sign(&ahead, '(') && (is_function(name) || !is_grammar(name))) {
        *p = ahead;
        return call(p, name, token.column);
    }
    if (is_function(name) && is_grammar(name)) {
        *p = ahead;
        msc_lexer_expected(&p->lexer,
                           msc_arena_printf(p->lexer.arena, "'(' after the function %s", name));
    }
    return place(p, "a value");
}

/* atom := NUMBER [UNIT] | "(" formula ")" | name … | cargo "." amount … | sum … | function … */
static msc_syntax *atom(parser *p)
{
    const msc_lexeme token = p->lexer.token;
    if (token.kind == MSC_T_NUMBER) {
        msc_syntax *node = new_node(p, MSC_S_NUMBER, token.column);
        node->number = token.number;
        node->unit = token.unit;
        step(p);
        return node;
    }
    if (token.kind == MSC_T_NAME) {
        return word(p);
    }
    if (take_sign(p, '(')) {
        msc_syntax *node = formula(p);
        need_sign(p, ')', "an operator or ')'");
        return node;
    }
    msc_lexer_expected(&p->lexer, "a value");
}

/* ---- operators ---- */

/* power := atom [ "^" unary ] */
static msc_syntax *power(parser *p)
{
    msc_syntax *node = atom(p);
    int column = p->lexer.token.column;
    if (take_sign(p, '^')) {
        enter(p);
        node = new_binary(p, MSC_S_POWER, column, node, unary(p));
        leave(p);
    }
    return node;
}

/* unary := "-" unary | power */
static msc_syntax *unary(parser *p)
{
    int column = p->lexer.token.column;
    if (!take_sign(p, '-')) {
        return power(p);
    }
    enter(p);
    msc_syntax *node = new_unary(p, MSC_S_NEGATE, column, unary(p));
    leave(p);
    return node;
}

/* mul := unary { (*|/) unary } */
static msc_syntax *multiplication(parser *p)
{
    msc_syntax *node = unary(p);
    while (at_sign(p, '*') || at_sign(p, '/')) {
        msc_syntax_kind kind = at_sign(p, '*') ? MSC_S_MULTIPLY : MSC_S_DIVIDE;
        int column = p->lexer.token.column;
        step(p);
        node = new_binary(p, kind, column, node, unary(p));
    }
    return node;
}

/* add := mul { (+|-) mul } */
static msc_syntax *addition(parser *p)
{
    msc_syntax *node = multiplication(p);
    while (at_sign(p, '+') || at_sign(p, '-')) {
        msc_syntax_kind kind = at_sign(p, '+') ? MSC_S_ADD : MSC_S_SUBTRACT;
        int column = p->lexer.token.column;
        step(p);
        node = new_binary(p, kind, column, node, multiplication(p));
    }
    return node;
}

static bool at_comparison(const parser *p, msc_syntax_kind *kind)
{
    switch (p->lexer.token.kind) {
    case MSC_T_LESS: *kind = MSC_S_LESS; return true;
    case MSC_T_LESS_EQUAL: *kind = MSC_S_LESS_EQUAL; return true;
    case MSC_T_GREATER: *kind = MSC_S_GREATER; return true;
    case MSC_T_GREATER_EQUAL: *kind = MSC_S_GREATER_EQUAL; return true;
    case MSC_T_EQUAL: *kind = MSC_S_EQUAL; return true;
    case MSC_T_NOT_EQUAL: *kind = MSC_S_NOT_EQUAL; return true;
    case MSC_T_END:
    case MSC_T_NUMBER:
    case MSC_T_NAME:
    case MSC_T_SIGN: break;
    }
    return false;
}

/* cmp := add [ (< <= > >= == !=) add ] */
static msc_syntax *comparison(parser *p)
{
    msc_syntax *node = addition(p);
    msc_syntax_kind kind;
    int column = p->lexer.token.column;
    if (at_comparison(p, &kind)) {
        step(p);
        node = new_binary(p, kind, column, node, addition(p));
        if (at_comparison(p, &kind)) {
            fail_at(p, p->lexer.token.column, "comparisons do not chain: write a < b and b < c");
        }
    }
    return node;
}

/* not := "not" not | cmp */
static msc_syntax *negation(parser *p)
{
    int column = p->lexer.token.column;
    if (!at_word(p, "not")) {
        return comparison(p);
    }
    step(p);
    enter(p);
    msc_syntax *node = new_unary(p, MSC_S_NOT, column, negation(p));
    leave(p);
    return node;
}

/* and := not { "and" not } */
static msc_syntax *conjunction(parser *p)
{
    msc_syntax *node = negation(p);
    while (at_word(p, "and")) {
        int column = p->lexer.token.column;
        step(p);
        node = new_binary(p, MSC_S_AND, column, node, negation(p));
    }
    return node;
}

/* formula := or;  or := and { "or" and } */
static msc_syntax *formula(parser *p)
{
    enter(p);
    msc_syntax *node = conjunction(p);
    while (at_word(p, "or")) {
        int column = p->lexer.token.column;
        step(p);
        node = new_binary(p, MSC_S_OR, column, node, conjunction(p));
    }
    leave(p);
    return node;
}

/* ---- whole texts ---- */

static void need_end(const parser *p, const char *what)
{
    if (p->lexer.token.kind != MSC_T_END) {
        msc_lexer_expected(&p->lexer, what);
    }
}

const msc_syntax *msc_syntax_formula(msc_arena *arena, const msc_conf *node, const char *text)
{
    parser p = {.lexer = msc_lexer_new(arena, node, text)};
    const msc_syntax *tree = formula(&p);
    need_end(&p, "an operator or the end");
    return tree;
}

const msc_syntax *msc_syntax_place(msc_arena *arena, const msc_conf *node, const char *text)
{
    parser p = {.lexer = msc_lexer_new(arena, node, text)};
    const msc_syntax *tree = place(&p, "a name");
    need_end(&p, "the end");
    return tree;
}

msc_syntax_bind msc_syntax_over(msc_arena *arena, const msc_conf *node, const char *text)
{
    parser p = {.lexer = msc_lexer_new(arena, node, text)};
    msc_syntax_bind bind = one_bind(&p);
    need_end(&p, "the end");
    return bind;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* Digits, and commas between thousands, which are left out; gives what is behind. */
static const char *loose_digits(const char *text, char *plain, size_t size, bool *commas)
{
    size_t n = 0;
    while ((*text >= '0' && *text <= '9') || *text == '.' || *text == ',') {
        if (*text == ',' && strspn(text + 1, "0123456789") != 3) {
            break;
        }
        *commas = *commas || *text == ',';
        if (*text != ',' && n + 1 < size) {
            plain[n++] = *text;
        }
        text++;
    }
    plain[n] = '\0';
    return text;
}

/* "M", "million", "x10^6" and the like: the power of ten, and what is behind; or NULL. */
static const char *loose_power(const char *text, int *power)
{
    static const struct {
        const char *word;
        int power;
    } words[] = {{"million", 6}, {"billion", 9}, {"thousand", 3}, {"mio", 6}, {"M", 6}, {"k", 3}, {"K", 3}, {"G", 9}};
    static const char *const times[] = {"x", "X", "*", "\xC3\x97", "\xC2\xB7"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t n = strlen(words[i].word);
        if (!strncmp(text, words[i].word, n) && (text[n] == ' ' || text[n] == '\0')) {
            *power = words[i].power;
            return text + n;
        }
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const size_t n = strlen(times[i]);
        const char *ten = strncmp(text, times[i], n) ? "" : skip_blanks(text + n);
        if (!strncmp(ten, "10", 2)) {
            ten += 2 + (ten[2] == '^') + (ten[2] == '*' && ten[3] == '*') * 2;
            const size_t digits = strspn(ten, "0123456789");
            if (digits > 0 && digits < 3) {
                *power = atoi(ten);
                return ten + digits;
            }
        }
    }
    return NULL;
}

/* "5M cell/kg", "2x10^6 cell/kg", "2,000,000 cell/kg", "2 million cell/kg": numbers as people write them. */
static void refuse_loose_number(msc_arena *arena, const msc_conf *node, const char *text)
{
    char plain[40];
    bool commas = false;
    int power = 0;
    const char *rest = loose_digits(skip_blanks(text), plain, sizeof plain, &commas);
    const char *behind = loose_power(skip_blanks(rest), &power);
    /* "5 k" may be kelvins somewhere: a word apart is a power of ten only with a unit behind it */
    const bool power_meant = behind && (*rest != ' ' || *skip_blanks(behind));
    double number;
    if ((!commas && !power_meant) || !msc_text_real(plain, &number)) {
        return;
    }
    for (int i = 0; power_meant && i < power; i++) {
        number *= 10;
    }
    char shown[40], *e;
    snprintf(shown, sizeof shown, number >= 1e5 ? "%.0e" : "%.10g", number);
    if (number >= 1e5 && strtod(shown, NULL) != number) {
        snprintf(shown, sizeof shown, "%.6e", number);
        for (e = strchr(shown, 'e'); e[-1] == '0'; e--) {
            memmove(e - 1, e, strlen(e) + 1);
        }
    }
    if ((e = strchr(shown, 'e')) != NULL) {
        snprintf(e, sizeof shown - (size_t)(e - shown), "e%d", atoi(e + 1));
    }
    const char *unit = skip_blanks(power_meant ? behind : rest);
    msc_conf_fail(arena, node, "'%s' is no number with a unit; write \"%s%s%s\"", text, shown, *unit ? " " : "", unit);
}

double msc_syntax_quantity(msc_arena *arena, const msc_conf *node, const char *text,
                           const char **unit)
{
    refuse_loose_number(arena, node, text);
    parser p = {.lexer = msc_lexer_new(arena, node, text)};
    bool negative = take_sign(&p, '-');
    const msc_lexeme token = p.lexer.token;
    if (token.kind != MSC_T_NUMBER) {
        msc_lexer_expected(&p.lexer, "a number");
    }
    step(&p);
    need_end(&p, token.unit ? "the end (a unit has no spaces)"
                            : "a unit or the end, as in \"5e6 cell/kg\" or \"30 min\"");
    if (unit) {
        *unit = token.unit;
    }
    return negative ? -token.number : token.number;
}
