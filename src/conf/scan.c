/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scan that a text passes before libconfig sees it.
 *
 * libconfig 1.5 is memory-safe, but neither truthful (see token.c) nor bounded: keys and strings
 * cost it quadratic time, it leaks at errors of syntax, and its messages say "syntax error". So the
 * text is checked here against libconfig's grammar,
 *     settings := { name (= | :) value [; | ,] }
 *     value    := number | boolean | string { string } | "{" settings "}"
 *               | "(" [ value { , value } ] ")" | "[" [ scalar { , scalar } ] "]"
 * without @include and without the trailing commas of later versions, in time linear in its size;
 * what passes is read by every version of libconfig alike. */
#include "conf/scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "conf/token.h"

enum { COMPARISONS_MAX = 20 * 1000 * 1000 }; /* of keys, by libconfig: about 0.3 s */

/* A key seen, to find it given twice. */
typedef struct {
    const char *start; /* NULL: an empty place of the table */
    size_t length, group;
    int line;
} key_entry;

typedef struct {
    msc_tokens tokens;
    msc_token now;    /* not yet consumed */
    msc_token before; /* consumed last */
    int depth;
    size_t n_groups;
    size_t comparisons; /* what libconfig will make of keys */
    int *line;
    size_t n_lines, cap_lines;
    key_entry *table; /* open addressing; the capacity is a power of two */
    size_t n_keys, cap_keys;
} scanner;

#define fail_at(s, where, ...) msc_tokens_fail(&(s)->tokens, (where), __VA_ARGS__)

static void advance(scanner *s)
{
    s->before = s->now;
    s->now = msc_tokens_next(&s->tokens);
}

static bool at_mark(const scanner *s, char mark)
{
    return s->now.kind == MSC_TOKEN_MARK && *s->now.start == mark;
}

static bool take_mark(scanner *s, char mark)
{
    if (!at_mark(s, mark)) {
        return false;
    }
    advance(s);
    return true;
}

/* The present token, for messages: quoted, and not more than a bit of it. */
static const char *now_text(const scanner *s)
{
    if (s->now.kind == MSC_TOKEN_END) {
        return "the end of the file";
    }
    const size_t most = 40;
    const bool cut = s->now.length > most;
    return msc_arena_printf(s->tokens.arena,
                            s->now.kind == MSC_TOKEN_STRING ? "%.*s%s" : "'%.*s%s'",
                            (int)(cut ? most : s->now.length), s->now.start, cut ? "..." : "");
}

static void note_line(scanner *s, int line)
{
    *MSC_PUSH(s->tokens.arena, s->line, s->n_lines, s->cap_lines) = line;
}

/* -- Keys ------------------------------------------------------------------------------------ */

static size_t hash_key(const msc_token *key, size_t group)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ group; /* FNV-1a */
    for (size_t i = 0; i < key->length; i++) {
        h = (h ^ (unsigned char)key->start[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(h ^ h >> 29);
}

/* The place of a key in the table, or the empty one where it would be. */
static key_entry *key_place(const scanner *s, const msc_token *key, size_t group)
{
    size_t i = hash_key(key, group) & (s->cap_keys - 1);
    for (;; i = (i + 1) & (s->cap_keys - 1)) {
        key_entry *place = &s->table[i];
        if (!place->start || (place->group == group && place->length == key->length &&
                              memcmp(place->start, key->start, key->length) == 0)) {
            return place;
        }
    }
}

static void grow_table(scanner *s)
{
    const key_entry *const old = s->table;
    const size_t n_old = s->cap_keys;
    s->cap_keys = n_old ? 2 * n_old : 256;
    s->table = MSC_NEW(s->tokens.arena, key_entry, s->cap_keys);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].start) {
            const msc_token key = {.start = old[i].start, .length = old[i].length};
            *key_place(s, &key, old[i].group) = old[i];
        }
    }
}

static void add_key(scanner *s, const msc_token *key, size_t group)
{
    if (2 * s->n_keys >= s->cap_keys) {
        grow_table(s);
    }
    key_entry *place = key_place(s, key, group);
    if (place->start) {
        fail_at(s, key->line, "'%.*s' is given twice in this group (first in line %d)",
                (int)key->length, key->start, place->line);
    }
    *place =
        (key_entry){.start = key->start, .length = key->length, .group = group, .line = key->line};
    s->n_keys++;
}

/* A word where a name should be: is it one? */
static void check_name(const scanner *s, const msc_token *key)
{
    const char *const text = key->start;
    const int n = (int)key->length;
    if (key->length > MSC_CONF_NAME_MAX) {
        fail_at(s, key->line, "a name of %zu characters (at most %d)", key->length,
                MSC_CONF_NAME_MAX);
    }
    if (key->kind == MSC_TOKEN_BOOLEAN) {
        fail_at(s, key->line, "'%.*s' cannot be a name", n, text);
    }
    for (int i = 0; i < n; i++) {
        const char c = text[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (i > 0 && ((c >= '0' && c <= '9') || c == '_'))) {
            continue;
        }
        if (c == '.') {
            fail_at(s, key->line,
                    "'%.*s': a name has no dots; write groups in groups, a = { b = 1; }", n, text);
        }
        fail_at(s, key->line, "'%.*s' is no name: it takes a letter, then letters, digits and _", n,
                text);
    }
}

/* -- The grammar ----------------------------------------------------------------------------- */

static void scan_value(scanner *s);

static void open_bracket(scanner *s)
{
    if (++s->depth > MSC_CONF_DEPTH_MAX) {
        fail_at(s, s->now.line, "brackets are nested more than %d deep", MSC_CONF_DEPTH_MAX);
    }
    advance(s);
}

/* Consume the closing bracket of the one that was opened, or say what is wrong. */
static void close_bracket(scanner *s, const msc_token *opened, char closing)
{
    if (s->now.kind == MSC_TOKEN_END) {
        fail_at(s, opened->line, "the '%c' opened here is never closed", *opened->start);
    }
    if (!at_mark(s, closing)) {
        fail_at(s, s->now.line, "expected '%c' to close the '%c' of line %d, not %s", closing,
                *opened->start, opened->line, now_text(s));
    }
    s->depth--;
    advance(s);
}

/* Neither name nor end of group, where one of them should be. */
_Noreturn static void fail_no_name(const scanner *s)
{
    const msc_token *const before = &s->before;
    if (s->now.kind == MSC_TOKEN_MARK && strchr(";,", *s->now.start)) {
        fail_at(s, s->now.line, "there is a %s too many", now_text(s));
    }
    if (s->now.kind == MSC_TOKEN_MARK && strchr("=:", *s->now.start)) {
        fail_at(s, s->now.line, "%s without a name before it", now_text(s));
    }
    if (s->now.kind == MSC_TOKEN_MARK && strchr("}])", *s->now.start)) {
        fail_at(s, s->now.line, "%s closes nothing", now_text(s));
    }
    if (before->kind == MSC_TOKEN_MARK && *before->start == ',') {
        fail_at(s, s->now.line,
                "expected a name, not %s (decimals are written 1.5; several values go into [ ])",
                now_text(s));
    }
    fail_at(s, s->now.line, "expected a name = value, not %s", now_text(s));
}

static bool is_scalar_end(const msc_token *token)
{
    return token->kind != MSC_TOKEN_MARK && token->kind != MSC_TOKEN_END;
}

/* name = value, and perhaps a separator. */
static void scan_setting(scanner *s, size_t group)
{
    if (s->now.kind != MSC_TOKEN_WORD && s->now.kind != MSC_TOKEN_BOOLEAN) {
        fail_no_name(s);
    }
    const msc_token key = s->now, previous = s->before;
    advance(s);
    const int n = (int)(key.length < 40 ? key.length : 40);
    if (!at_mark(s, '=') && !at_mark(s, ':')) {
        if (is_scalar_end(&previous) && previous.line == key.line) {
            fail_at(s, key.line,
                    "'%.*s' does not belong here: a value of several words needs quotes", n,
                    key.start);
        }
        check_name(s, &key);
        fail_at(s, key.line, "expected '=' after '%.*s', not %s", n, key.start, now_text(s));
    }
    check_name(s, &key);
    add_key(s, &key, group);
    note_line(s, key.line);
    advance(s);
    if (s->now.kind == MSC_TOKEN_END ||
        (s->now.kind == MSC_TOKEN_MARK && strchr(";,}", *s->now.start))) {
        fail_at(s, key.line, "'%.*s' has no value", n, key.start);
    }
    if (s->now.kind == MSC_TOKEN_WORD && s->now.line > key.line) {
        fail_at(s, key.line, "'%.*s' has no value (a text needs quotes)", n, key.start);
    }
    scan_value(s);
    if (!take_mark(s, ';')) {
        take_mark(s, ',');
    }
}

static bool at_closing(const scanner *s)
{
    return at_mark(s, '}') || at_mark(s, ']') || at_mark(s, ')');
}

/* Settings up to the end of the text or, in brackets, to one that closes (be it the right one). */
static void scan_settings(scanner *s)
{
    const size_t group = s->n_groups++;
    size_t n = 0;
    while (s->now.kind != MSC_TOKEN_END && !(s->depth > 0 && at_closing(s))) {
        s->comparisons += n;
        if (++n > MSC_CONF_KEYS_MAX) {
            fail_at(s, s->now.line, "a group of more than %d settings", MSC_CONF_KEYS_MAX);
        }
        if (s->comparisons > COMPARISONS_MAX) {
            fail_at(s, s->now.line, "too many large groups in one file; divide it");
        }
        scan_setting(s, group);
    }
}

static void scan_group(scanner *s)
{
    const msc_token opened = s->now;
    open_bracket(s);
    scan_settings(s);
    close_bracket(s, &opened, '}');
}

static const char *kind_text(msc_token_kind kind)
{
    switch (kind) {
    case MSC_TOKEN_INTEGER: return "integers";
    case MSC_TOKEN_LONG: return "integers with L";
    case MSC_TOKEN_REAL: return "reals";
    case MSC_TOKEN_BOOLEAN: return "true or false";
    case MSC_TOKEN_STRING: return "strings";
    case MSC_TOKEN_END:
    case MSC_TOKEN_MARK:
    case MSC_TOKEN_WORD: break;
    }
    return "anything";
}

static bool is_integer(msc_token_kind kind)
{
    return kind == MSC_TOKEN_INTEGER || kind == MSC_TOKEN_LONG;
}

/* libconfig would say "mismatched element type in array". */
static void check_element(const scanner *s, msc_token_kind first)
{
    const msc_token_kind kind = s->now.kind;
    if (s->now.kind == MSC_TOKEN_MARK && strchr("{[(", *s->now.start)) {
        fail_at(s, s->now.line,
                "an array [ ] holds plain values; put groups and arrays into a list ( )");
    }
    if (kind == first || s->now.kind == MSC_TOKEN_MARK || kind == MSC_TOKEN_WORD ||
        kind == MSC_TOKEN_END) {
        return;
    }
    if ((is_integer(kind) && first == MSC_TOKEN_REAL) ||
        (kind == MSC_TOKEN_REAL && is_integer(first))) {
        fail_at(s, s->now.line,
                "an array [ ] holds either integers or reals: write 1.0 for 1, or use ( )");
    }
    if (is_integer(kind) && is_integer(first)) {
        fail_at(s, s->now.line, "an array [ ] holds integers either all with L or all without");
    }
    fail_at(s, s->now.line, "an array [ ] of %s cannot hold %s; use ( )", kind_text(first),
            now_text(s));
}

/* A list ( ) or an array [ ]. */
static void scan_elements(scanner *s)
{
    const msc_token opened = s->now;
    const bool array = *opened.start == '[';
    const char closing = array ? ']' : ')';
    open_bracket(s);
    const msc_token_kind first = s->now.kind;
    size_t n = 0;
    while (!at_mark(s, closing)) {
        if (n > 0 && !take_mark(s, ',')) {
            if (is_scalar_end(&s->now)) {
                fail_at(s, s->now.line, "expected ',' before %s", now_text(s));
            }
            break; /* an end of file or a wrong bracket */
        }
        if (n > 0 && at_mark(s, closing)) {
            fail_at(s, s->before.line, "there is a ',' too many before '%c'", closing);
        }
        if (s->now.kind == MSC_TOKEN_END) {
            break;
        }
        if (++n > MSC_CONF_ELEMENTS_MAX) {
            fail_at(s, s->now.line, "more than %d values in one %s", MSC_CONF_ELEMENTS_MAX,
                    array ? "array" : "list");
        }
        if (array) {
            check_element(s, first);
        }
        note_line(s, s->now.line);
        scan_value(s);
    }
    close_bracket(s, &opened, closing);
}

/* Adjacent strings join. */
static void scan_strings(scanner *s)
{
    const int line = s->now.line;
    size_t length = 0;
    while (s->now.kind == MSC_TOKEN_STRING) {
        length += s->now.length - 2;
        if (length > MSC_CONF_STRING_MAX) {
            fail_at(s, line, "a string of more than %d bytes", MSC_CONF_STRING_MAX);
        }
        advance(s);
    }
}

/* strncasecmp against a word of that very length */
static bool is_word_like(const msc_token *token, const char *word)
{
    return token->length == strlen(word) && strncasecmp(token->start, word, token->length) == 0;
}

static void scan_value(scanner *s)
{
    switch (s->now.kind) {
    case MSC_TOKEN_BOOLEAN:
    case MSC_TOKEN_INTEGER:
    case MSC_TOKEN_LONG:
    case MSC_TOKEN_REAL: advance(s); return;
    case MSC_TOKEN_STRING: scan_strings(s); return;
    case MSC_TOKEN_WORD:
        if (is_word_like(&s->now, "nan") || is_word_like(&s->now, "inf") ||
            is_word_like(&s->now, "infinity")) {
            fail_at(s, s->now.line, "%s is no number here", now_text(s));
        }
        if (is_word_like(&s->now, "yes") || is_word_like(&s->now, "no")) {
            fail_at(s, s->now.line, "write true or false, not %s (a text needs quotes)",
                    now_text(s));
        }
        fail_at(s, s->now.line, "%s is no value; a text needs %squotes%s", now_text(s),
                *s->now.start == '\xe2' ? "straight " : "", *s->now.start == '\xe2' ? " (\"), not curly ones" : "");
    case MSC_TOKEN_MARK:
        if (*s->now.start == '{') {
            scan_group(s);
            return;
        }
        if (*s->now.start == '(' || *s->now.start == '[') {
            scan_elements(s);
            return;
        }
        break;
    case MSC_TOKEN_END: break;
    }
    fail_at(s, s->now.line, "expected a value, not %s", now_text(s));
}

/* -- The text -------------------------------------------------------------------------------- */

/* A copy without BOM, with LF alone, and one at the end (libconfig wants it after a comment). */
static const char *clean(msc_arena *arena, const char *name, const char *text, size_t n)
{
    char *copy = msc_arena_alloc(arena, n + 2, 1), *end = copy;
    const msc_tokens place = {.arena = arena, .name = name};
    if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        msc_tokens_fail(&place, 1, "the text is in UTF-16; save it as UTF-8");
    }
    if (n >= 8 && memcmp(text, "\x89HDF\r\n\x1a\n", 8) == 0) {
        msc_tokens_fail(&place, 1, "this is a results file (HDF5), no text: 'mscsim rerun' runs it again, 'mscsim plot' "
                                   "and 'mscsim export' show it");
    }
    int line = 1;
    for (size_t i = n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; i < n; i++) {
        char c = text[i];
        if (c == '\0') {
            msc_tokens_fail(&place, line, "a NUL byte; is this a text file?");
        }
        if (c == '\r') {
            if (i + 1 < n && text[i + 1] == '\n') {
                continue;
            }
            c = '\n'; /* alone, it ended lines once; libconfig would take all for one line */
        }
        line += c == '\n';
        *end++ = c;
    }
    *end++ = '\n';
    *end = '\0';
    return copy;
}

msc_conf_scanned msc_conf_scan(msc_arena *arena, const char *name, const char *text, size_t n)
{
    if (n > MSC_CONF_TEXT_MAX) {
        msc_throw(arena, MSC_E_CONFIG, name, "the text is longer than %d MiB",
                  MSC_CONF_TEXT_MAX >> 20);
    }
    const char *const copy = clean(arena, name, text, n);
    scanner s = {.tokens = {.arena = arena, .name = name, .next = copy, .line = 1}};
    s.now.line = 1;
    advance(&s);
    scan_settings(&s);
    return (msc_conf_scanned){.text = copy, .line = s.line, .n = s.n_lines};
}
