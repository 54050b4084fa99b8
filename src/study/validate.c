/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the literature: read, and shown beside what the models say. They are run in
 * validate_run.c. */
#include "study/validate.h"

#include <math.h>
#include <string.h>

#include "scenario/page.h"

/* ---- reading ---- */

static size_t choice(msc_arena *arena, const msc_conf *group, const char *key,
                     const char *const *words)
{
    const msc_conf *node = msc_conf_find(group, key);
    const char *text = node ? msc_conf_string(arena, node) : words[0], *list = "";
    size_t n = 0;
    for (; words[n]; n++) {
        if (strcmp(text, words[n]) == 0) {
            return n;
        }
        list = msc_arena_printf(arena, "%s%s\"%s\"", list,
                                n == 0         ? ""
                                : words[n + 1] ? ", "
                                               : " or ",
                                words[n]);
    }
    msc_conf_fail(arena, node, "'%s' is none of %s%s", text, list,
                  msc_text_suggest(arena, text, words, n));
}

static const char *needed_text(msc_arena *arena, const msc_conf *node, const char *key)
{
    return msc_conf_string(arena, msc_conf_need(arena, node, key));
}

/* The row's settings, then its own. */
static void read_settings(msc_arena *arena, const msc_conf *list, msc_validate_side *side)
{
    if (list && list->kind != MSC_CONF_ARRAY && list->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, list,
                      "a list of settings is wanted; e.g. [\"regimen[0].dose=2e6 cell\"]");
    }
    const char **set = MSC_NEW(arena, const char *, side->n_set + (list ? list->n : 0) + 1);
    for (size_t i = 0; i < side->n_set; i++) {
        set[i] = side->set[i];
    }
    for (size_t i = 0; list && i < list->n; i++) {
        set[side->n_set++] = msc_conf_string(arena, list->child[i]);
    }
    side->set = set;
}

static void read_side(msc_arena *arena, const msc_conf *node, msc_validate_side *side)
{
    const msc_conf *config = msc_conf_find(node, "config"), *at = msc_conf_find(node, "at");
    const msc_conf *quantity = msc_conf_find(node, "quantity");
    side->config = config ? config : side->config;
    side->quantity = quantity ? quantity : side->quantity;
    side->at = at ? at : side->at;
    if (!side->config || !side->quantity) {
        msc_conf_fail(arena, node, "a row needs a config and a quantity");
    }
    (void)msc_conf_string(arena, side->config);
    (void)msc_conf_string(arena, side->quantity);
    read_settings(arena, msc_conf_find(node, "set"), side);
}

/* Every kind has keys of its own; what it would not look at is refused. */
static void check_keys(msc_arena *arena, const msc_validate_row *row)
{
    static const struct {
        const char *key;
        unsigned needs, takes; /* bits 1 << msc_validate_kind */
    } rules[] = {
        {"against", 1u << MSC_VALIDATE_RATIO | 1u << MSC_VALIDATE_FIRST_BELOW, 0},
        {"level", 1u << MSC_VALIDATE_FIRST_BELOW, 0},
        {"from", 1u << MSC_VALIDATE_HALF_TIME, 0},
        {"of", 0, 1u << MSC_VALIDATE_RATIO},
        {"at", 1u << MSC_VALIDATE_VALUE, 1u << MSC_VALIDATE_RATIO},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const msc_conf *node = msc_conf_find(row->node, rules[i].key);
        const unsigned bit = 1u << row->kind;
        if (node && !((rules[i].needs | rules[i].takes) & bit)) {
            msc_conf_fail(arena, node, "a row of this kind makes no use of '%s'", rules[i].key);
        }
        if (!node && (rules[i].needs & bit)) {
            (void)msc_conf_need(arena, row->node, rules[i].key);
        }
    }
    for (int k = 0; k < 2 && row->kind == MSC_VALIDATE_RATIO && !row->peak; k++) {
        if (!row->side[k].at) {
            msc_conf_fail(arena, row->node,
                          "a ratio needs a time: at = \"1 h\"; or of = \"peak\";");
        }
    }
}

static void read_window(msc_arena *arena, const msc_conf *node, msc_validation_row *shown)
{
    const msc_conf *low = msc_conf_find(node, "low"), *high = msc_conf_find(node, "high");
    if (!low && !high) {
        msc_conf_fail(arena, node, "a row needs a low, a high, or both");
    }
    shown->low = low ? msc_conf_real(arena, low) : -INFINITY;
    shown->high = high ? msc_conf_real(arena, high) : INFINITY;
    if (!(shown->low <= shown->high)) {
        msc_conf_fail(arena, high ? high : low, "the window ends below its beginning");
    }
}

static void read_row(msc_arena *arena, const msc_conf *node, msc_validate_row *row,
                     msc_validation_row *shown)
{
    static const char *const keys[] = {"config", "set",  "quantity", "unit",     "kind",
                                       "at",     "from", "level",    "against",  "of",
                                       "until",  "low",  "high",     "expected", "target",
                                       "window", "used", "about",    "source",   NULL};
    static const char *const against_keys[] = {"config", "set", "quantity", "at", NULL};
    static const char *const kinds[] = {"value", "peak", "half_time", "first_below", "ratio", NULL};
    static const char *const of[] = {"value", "peak", NULL}, *const expected[] = {"inside",
                                                                                  "outside", NULL};
    static const char *const target[] = {"read", "reviewed", "remembered", "inferred", "mathematical", NULL};
    static const char *const window[] = {"read", "assumed", NULL}, *const used[] = {"no", "seen",
                                                                                    "fitted", NULL};
    msc_conf_need_kind(arena, node, MSC_CONF_GROUP);
    msc_conf_known(arena, node, keys);
    *row = (msc_validate_row){.node = node,
                              .kind = (msc_validate_kind)choice(arena, node, "kind", kinds)};
    row->peak = row->kind == MSC_VALIDATE_PEAK || choice(arena, node, "of", of) == 1;
    row->expect_inside = choice(arena, node, "expected", expected) == 0;
    row->unit = msc_conf_need(arena, node, "unit");
    row->from = msc_conf_find(node, "from"), row->until = msc_conf_find(node, "until");
    read_side(arena, node, &row->side[0]);
    row->side[1] = row->side[0];
    const msc_conf *against = msc_conf_find(node, "against"), *level = msc_conf_find(node, "level");
    row->two = against != NULL;
    if (against) {
        msc_conf_need_kind(arena, against, MSC_CONF_GROUP);
        msc_conf_known(arena, against, against_keys);
        read_side(arena, against, &row->side[1]);
    }
    row->level = level ? msc_conf_real(arena, level) : NAN;
    check_keys(arena, row);
    *shown = (msc_validation_row){
        .name = node->name, .value = NAN, .unit = msc_conf_string(arena, row->unit)};
    (void)msc_conf_need(arena, node, "target"), (void)msc_conf_need(arena, node, "window");
    (void)msc_conf_need(arena, node, "used");
    shown->target = target[choice(arena, node, "target", target)];
    shown->window = window[choice(arena, node, "window", window)];
    shown->used = used[choice(arena, node, "used", used)];
    shown->about = needed_text(arena, node, "about");
    shown->source = needed_text(arena, node, "source");
    read_window(arena, node, shown);
}

static void read_rows(msc_validation *v, const char *path)
{
    static const char *const keys[] = {"rows", NULL};
    v->path = msc_arena_strdup(v->arena, path);
    const char *slash = strrchr(path, '/');
    v->folder = slash ? msc_arena_strndup(v->arena, path, (size_t)(slash - path) + 1) : "";
    const msc_conf *tree = msc_conf_read_file(v->arena, v->path, v->path, NULL);
    msc_conf_known(v->arena, tree, keys);
    const msc_conf *rows = msc_conf_need(v->arena, tree, "rows");
    msc_conf_need_kind(v->arena, rows, MSC_CONF_GROUP);
    v->row = MSC_NEW(v->arena, msc_validate_row, rows->n + 1);
    v->shown = MSC_NEW(v->arena, msc_validation_row, rows->n + 1);
    for (; v->n < rows->n; v->n++) {
        read_row(v->arena, rows->child[v->n], &v->row[v->n], &v->shown[v->n]);
    }
}

msc_status msc_validation_read(const char *path, msc_validation **validation, msc_error *err)
{
    *validation = NULL;
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_validation *v = MSC_NEW(arena, msc_validation, 1);
    v->arena = arena;
    read_rows(v, path);
    *validation = v;
    return MSC_OK;
}

void msc_validation_free(msc_validation *validation)
{
    if (validation) {
        msc_arena_free(validation->arena);
    }
}

/* ---- running ---- */

msc_status msc_validation_run(msc_validation *validation, msc_error *err)
{
    msc_arena *arena = validation->arena;
    msc_validate_runs *volatile runs = NULL;
    if (MSC_CATCH(arena)) {
        msc_validate_runs_clear(runs);
        if (err) {
            *err = arena->error;
        }
        return arena->error.status;
    }
    runs = msc_validate_runs_new(validation);
    msc_validate_runs_do(runs);
    msc_validate_runs_clear(runs);
    for (size_t i = 0; i < validation->n; i++) {
        msc_validation_row *shown = &validation->shown[i];
        shown->inside =
            !shown->failure && shown->value >= shown->low && shown->value <= shown->high;
        shown->expected = !shown->failure && shown->inside == validation->row[i].expect_inside;
    }
    return MSC_OK;
}

size_t msc_validation_rows(const msc_validation *validation, const msc_validation_row **rows)
{
    if (rows) {
        *rows = validation->shown;
    }
    return validation->n;
}

size_t msc_validation_surprises(const msc_validation *validation)
{
    size_t n = 0;
    for (size_t i = 0; i < validation->n; i++) {
        n += !validation->shown[i].expected;
    }
    return n;
}

/* ---- the table ---- */

enum { NAME = 32, VALUE = 9, UNIT = 7, WINDOW = 13, VERDICT = 7, DIGITS = 4 };

static const char *window_text(char *buffer, size_t n, const msc_validation_row *row)
{
    char low[MSC_PAGE_NUMBER], high[MSC_PAGE_NUMBER];
    msc_page_number(low, row->low, DIGITS);
    msc_page_number(high, row->high, DIGITS);
    if (isinf(row->high)) {
        snprintf(buffer, n, "at least %s", low);
    } else if (isinf(row->low)) {
        snprintf(buffer, n, "at most %s", high);
    } else {
        snprintf(buffer, n, "%s - %s", low, high);
    }
    return buffer;
}

static void print_row(FILE *out, msc_arena *arena, const msc_validation *v, size_t i)
{
    const msc_validation_row *row = &v->shown[i];
    const msc_validate_kind kind = v->row[i].kind;
    const bool never =
        isinf(row->value) && (kind == MSC_VALIDATE_HALF_TIME || kind == MSC_VALIDATE_FIRST_BELOW);
    char number[MSC_PAGE_NUMBER], window[2 * MSC_PAGE_NUMBER + 16];
    msc_page_cell(out, NAME, row->name);
    msc_page_cell(out, -VALUE, never ? "never" : msc_page_value(number, row->value, DIGITS));
    putc(' ', out);
    msc_page_cell(out, UNIT, strcmp(row->unit, "1") && isfinite(row->value) ? row->unit : "");
    fputs("  ", out);
    msc_page_cell(out, WINDOW, window_text(window, sizeof window, row));
    putc(' ', out);
    msc_page_cell(out, VERDICT, row->failure ? "failed" : row->inside ? "inside" : "outside");
    fprintf(out, " %s\n  ", row->used);
    msc_page_text(out, 2, 4, row->about);
    fputs("  ", out);
    msc_page_text(
        out, 2, 4,
        msc_arena_printf(arena, "target %s, window %s: %s", row->target, row->window, row->source));
    if (row->failure) {
        fputs("  ", out);
        msc_page_text(out, 2, 4, msc_arena_printf(arena, "not as expected: %s", row->failure));
    } else if (!row->expected) {
        fprintf(out, "  not as expected, which is %s\n", row->inside ? "outside" : "inside");
    } else if (!row->inside) {
        fputs("  as expected: a miss that is known of\n", out);
    }
}

static void print_sum(const msc_validation *v, FILE *out)
{
    size_t inside = 0, failed = 0, surprises = msc_validation_surprises(v);
    for (size_t i = 0; i < v->n; i++) {
        inside += v->shown[i].inside;
        failed += v->shown[i].failure != NULL;
    }
    fprintf(out, "%zu row%s: %zu inside, %zu outside", v->n, v->n == 1 ? "" : "s", inside,
            v->n - inside - failed);
    if (failed > 0) {
        fprintf(out, ", %zu failed", failed);
    }
    if (surprises == 0) {
        fputs(", as expected\n", out);
    } else {
        fprintf(out, "; %zu not as expected\n", surprises);
    }
}

static void print_head(const msc_validation *v, FILE *out)
{
    fprintf(out, "The literature in %s, and the models\n\n", v->path);
    msc_page_cell(out, NAME, "row");
    msc_page_cell(out, -VALUE, "model");
    putc(' ', out);
    msc_page_cell(out, UNIT, "");
    fputs("  ", out);
    msc_page_cell(out, WINDOW + 1 + VERDICT, "window");
    fputs(" used\n\n", out);
}

static void print_foot(FILE *out)
{
    fputs("used: fitted, in choosing numbers of the model; seen, while they were chosen;\n"
          "no, neither. A row that is inside shows consistency; only one that was not used\n"
          "tests a prediction.\n\n",
          out);
}

msc_status msc_validation_print(const msc_validation *validation, bool brief, FILE *stream,
                                msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    if (!brief) {
        print_head(validation, stream);
    }
    for (size_t i = 0; i < validation->n; i++) {
        if (!brief || !validation->shown[i].expected) {
            print_row(stream, arena, validation, i);
            putc('\n', stream);
        }
    }
    if (!brief) {
        print_foot(stream);
    }
    print_sum(validation, stream);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}
