/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a result: doses, peaks, a course in time, where everything went. It knows no more of
 * biology than the model's own names and texts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/caution.h"
#include "scenario/page.h"
#include "scenario/regimen.h"
#include "study/study.h"

enum { NAME = 24, CELL = 11, DIGITS = 3, RANGE_DIGITS = 2, DATE_DIGITS = 5, SPAN_DIGITS = 4, ROWS = 12 };
static const double NOISE = 1e-9; /* of the highest value: not more than the solver's rounding */

typedef struct {
    msc_arena *arena;
    const msc_result *r;
    const msc_scenario *s;
    msc_summary page;
    FILE *out;
    bool ranged; /* some range was shown */
} summary;

static int wider(int column, const char *text)
{
    const int width = msc_page_width(text);
    return width > column ? width : column;
}

static const char *unit_behind(const msc_quantity *q)
{
    return strcmp(q->unit, "1") ? q->unit : "";
}

/* ---- peaks ---- */

/* "dose 2", or of several at one time "doses 2 and 3". */
static const char *doses_text(summary *m, size_t first, size_t n)
{
    return n == 1 ? msc_arena_printf(m->arena, "dose %zu", first)
                  : msc_arena_printf(m->arena, n == 2 ? "doses %zu and %zu" : "doses %zu to %zu", first, first + n - 1);
}

static void print_when(summary *m, double time)
{
    char day[MSC_PAGE_NUMBER], span[MSC_PAGE_NUMBER];
    double began = 0;
    size_t first = 0;
    const size_t n = isnan(time) ? 0 : msc_regimen_latest(m->s, time, &first, &began);
    (void)msc_page_moment(day, m->s->model->units, time);
    (void)msc_page_span(span, m->s->model->units, n > 0 ? time - began : 0, 2);
    const bool twice = n > 0 && time > began && strcmp(day, span) == 0; /* "1 min, 1 min after dose 1 began" */
    if (!twice) {
        fprintf(m->out, "%s%s", isnan(time) ? "-" : day, n > 0 ? ", " : "");
    }
    if (n > 0 && time == began) {
        fprintf(m->out, "as %s began", doses_text(m, first, n));
    } else if (n > 0) {
        fprintf(m->out, "%s after %s began", span, doses_text(m, first, n));
    }
    putc('\n', m->out);
}

/* Are two times the same as far as the page shows them? */
static bool same_day(const summary *m, double a, double b)
{
    char day[2][MSC_PAGE_NUMBER];
    return strcmp(msc_page_moment(day[0], m->s->model->units, a), msc_page_moment(day[1], m->s->model->units, b)) == 0;
}

static void print_peak(summary *m, const msc_pick *pick)
{
    const msc_quantity *q = &m->s->program->quantity[pick->quantity];
    const uint32_t e = pick->all ? 0 : pick->element;
    const double factor = q->factor, when = m->r->peak_time[q->first + e];
    char number[MSC_PAGE_NUMBER];
    const char *value = msc_page_value(number, m->r->peak[q->first + e] / factor, DIGITS);
    const msc_spread *spread = NULL;
    if (msc_spread_shows(m->r, pick->quantity, e)) {
        spread = msc_spread_of(m->r, pick->quantity);
        m->ranged = true;
        value = msc_page_range(number, spread->peak_low[e], spread->peak_high[e], RANGE_DIGITS);
    }
    fprintf(m->out, "  ");
    msc_page_cell(m->out, NAME - 8, pick->text);
    fprintf(m->out, "  ");
    msc_page_cell(m->out, 20, msc_arena_printf(m->arena, "%s %s", value, unit_behind(q)));
    fprintf(m->out, "  ");
    if (spread && !same_day(m, spread->time_low[e], spread->time_high[e])) {
        char from[MSC_PAGE_NUMBER], to[MSC_PAGE_NUMBER];
        fprintf(m->out, "%s to %s\n", msc_page_moment(from, m->s->model->units, spread->time_low[e]),
                msc_page_moment(to, m->s->model->units, spread->time_high[e]));
    } else {
        print_when(m, when);
    }
    if (q->about) {
        fprintf(m->out, "    ");
        msc_page_text(m->out, 4, 4, q->about);
    }
}

/* A number that is the same at all times has no peak worth telling. */
static bool is_constant(const summary *m, const msc_pick *pick)
{
    const msc_quantity *q = &m->s->program->quantity[pick->quantity];
    const uint32_t e = pick->all ? 0 : pick->element;
    const double *value = m->r->quantity[pick->quantity] + e;
    for (size_t i = 0; i < m->s->n_time; i++) {
        if (value[i * q->n] != value[0]) {
            return false;
        }
    }
    return m->s->n_time > 0 && m->r->peak[q->first + e] / q->factor == value[0];
}

static void print_peaks(summary *m)
{
    bool any = false;
    for (size_t i = 0; i < m->page.n_peak; i++) {
        if (m->page.own_peaks || !is_constant(m, &m->page.peak[i])) {
            if (!any) {
                msc_page_heading(m->out, "Highest values");
            }
            print_peak(m, &m->page.peak[i]);
            any = true;
        }
    }
}

/* ---- the course in time ---- */

/* The stored time nearest to one that is asked for; of two sides of a stop the later. */
static size_t nearest_time(const msc_scenario *s, double t)
{
    size_t best = 0;
    for (size_t i = 1; i < s->n_time; i++) {
        if (fabs(s->time[i].t - t) <= fabs(s->time[best].t - t)) {
            best = i;
        }
    }
    return best;
}

typedef struct {
    size_t n;
    size_t *time; /* places on the time axis */
} columns;

static columns choose_columns(summary *m)
{
    columns c = {.time = MSC_NEW(m->arena, size_t, m->page.n_at + 1)};
    for (size_t i = 0; i < m->page.n_at; i++) {
        const size_t k = nearest_time(m->s, m->page.at[i]);
        bool there = false;
        for (size_t j = 0; j < c.n; j++) {
            there = there || c.time[j] == k;
        }
        if (!there) {
            c.time[c.n++] = k;
        }
    }
    return c;
}

/* value: of the element at the first time, the next `step` on; highest: over the whole run. */
static void print_row(summary *m, const columns *c, const char *name, const double *value,
                      size_t step, double highest, int digits)
{
    char number[MSC_PAGE_NUMBER];
    msc_page_cell(m->out, NAME - 4, name);
    for (size_t i = 0; i < c->n; i++) {
        const double x = value[c->time[i] * step];
        const bool noise = x != 0 && fabs(x) < NOISE * highest;
        msc_page_cell(m->out, -CELL, noise ? "~0" : msc_page_value(number, x, digits));
    }
    putc('\n', m->out);
}

/* One element: a row of numbers, or two for a range. */
static void print_element(summary *m, const columns *c, const msc_pick *pick, uint32_t e,
                          const char *name)
{
    const msc_quantity *q = &m->s->program->quantity[pick->quantity];
    if (msc_spread_shows(m->r, pick->quantity, e)) {
        const msc_spread *spread = msc_spread_of(m->r, pick->quantity);
        char cell[64];
        m->ranged = true;
        snprintf(cell, sizeof cell, "  %-12.40s from", name);
        print_row(m, c, cell, spread->low + e, q->n, spread->peak_low[e], RANGE_DIGITS);
        snprintf(cell, sizeof cell, "  %-12s to", "");
        print_row(m, c, cell, spread->high + e, q->n, spread->peak_high[e], RANGE_DIGITS);
    } else {
        print_row(m, c, msc_arena_printf(m->arena, "  %s", name),
                  m->r->quantity[pick->quantity] + e, q->n, m->r->peak[q->first + e] / q->factor,
                  DIGITS);
    }
}

/* "lung, cxcr4_neg" */
static const char *element_text(summary *m, const msc_quantity *q, uint32_t e)
{
    const char *text = "";
    for (int d = q->n_dim - 1; d >= 0; d--) {
        text = msc_arena_printf(m->arena, "%s%s%s", q->label[d][e % q->dim_n[d]], *text ? ", " : "", text);
        e /= q->dim_n[d];
    }
    return text;
}

/* Of several indices there may be very many elements: those with the highest peaks, in their order. */
static uint32_t highest_of(const summary *m, const msc_quantity *q, uint32_t *list, uint32_t n)
{
    while (n > ROWS) {
        uint32_t least = 0;
        for (uint32_t i = 1; i < n; i++) {
            const double x = m->r->peak[q->first + list[i]], y = m->r->peak[q->first + list[least]];
            least = x <= y || isnan(x) ? i : least;
        }
        memmove(list + least, list + least + 1, (--n - least) * sizeof *list);
    }
    return n;
}

static void print_block(summary *m, const columns *c, const msc_pick *pick)
{
    const msc_quantity *q = &m->s->program->quantity[pick->quantity];
    const bool unit = *unit_behind(q) != '\0';
    const char *about = q->about && strcmp(q->about, pick->text) != 0 ? q->about : NULL;
    msc_page_text(m->out, 0, 2,
                  msc_arena_printf(m->arena, "%s%s%s%s%s%s", pick->text, about ? ": " : "",
                                   about ? about : "", unit ? " (" : "", unit_behind(q),
                                   unit ? ")" : ""));
    uint32_t *list = MSC_NEW(m->arena, uint32_t, q->n + 1), n = 0;
    for (uint32_t e = 0; e < q->n; e++) {
        if (pick->all || e == pick->element) {
            list[n++] = e;
        }
    }
    const uint32_t shown = q->n_dim > 1 ? highest_of(m, q, list, n) : n;
    for (uint32_t i = 0; i < shown; i++) {
        print_element(m, c, pick, list[i], pick->all ? element_text(m, q, list[i]) : "");
    }
    if (shown < n) {
        fprintf(m->out, "  (%u smaller ones are left out)\n", n - shown);
    }
}

static void print_course(summary *m)
{
    const columns all = choose_columns(m);
    const size_t fit = (MSC_PAGE_WIDTH - (NAME - 4)) / CELL;
    for (size_t first = 0; first < all.n && m->page.n_table > 0; first += fit) {
        const columns part = {.n = all.n - first < fit ? all.n - first : fit,
                              .time = all.time + first};
        putc('\n', m->out);
        msc_page_cell(m->out, NAME - 4, first == 0 ? "Course" : "Course, continued");
        for (size_t i = 0; i < part.n; i++) {
            char day[MSC_PAGE_NUMBER];
            msc_page_cell(m->out, -CELL,
                          msc_page_moment(day, m->s->model->units, m->s->time[part.time[i]].t));
        }
        putc('\n', m->out);
        for (size_t i = 0; i < m->page.n_table; i++) {
            print_block(m, &part, &m->page.table[i]);
        }
    }
}

/* ---- endpoints ---- */

/* A date is told to the minute or so, a span nearly. */
static int endpoint_digits(const msc_endpoint *e)
{
    switch (e->kind) {
    case MSC_ENDPOINT_TIME_OF_MAX:
    case MSC_ENDPOINT_TIME_OF_MIN:
    case MSC_ENDPOINT_FIRST_ABOVE:
    case MSC_ENDPOINT_LAST_ABOVE: return DATE_DIGITS;
    case MSC_ENDPOINT_TIME_ABOVE:
    case MSC_ENDPOINT_HALF_LIFE:
    case MSC_ENDPOINT_TERMINAL_HALF_LIFE: return SPAN_DIGITS;
    default: return DIGITS;
    }
}

/* "> " of what is at least so much. */
static const char *sign_of(msc_mark mark)
{
    return mark == MSC_MARK_MORE ? "> " : mark == MSC_MARK_LESS ? "< " : "";
}

static const char *endpoint_range(summary *m, const msc_endpoint_spread *spread, size_t element)
{
    char number[2][MSC_PAGE_NUMBER];
    const msc_mark low = spread->low_mark[element], high = spread->high_mark[element];
    m->ranged = true;
    msc_page_value(number[0], spread->low[element], RANGE_DIGITS);
    msc_page_value(number[1], spread->high[element], RANGE_DIGITS);
    const char *text = msc_arena_printf(m->arena, "%s%s", sign_of(low), number[0]);
    if (strcmp(number[0], number[1]) != 0 || low != high) {
        text = msc_arena_printf(m->arena, "%s - %s%s", text, sign_of(high), number[1]);
    }
    const msc_mark missing = spread->missing[element];
    return missing == MSC_MARK_EXACT ? text : msc_arena_printf(m->arena, "%s or %s", text, msc_mark_word(missing));
}

static const char *endpoint_text(summary *m, size_t which, size_t element)
{
    const msc_endpoint_spread *spread = m->r->endpoint_spread ? &m->r->endpoint_spread[which] : NULL;
    msc_mark mark = MSC_MARK_EXACT;
    char number[MSC_PAGE_NUMBER];
    const double x = msc_endpoint_value(&m->s->endpoints, m->r->prepared.job.seek, which, element, &mark);
    if (spread && spread->about && !isnan(spread->low[element])) {
        return endpoint_range(m, spread, element);
    }
    if (isnan(x)) {
        return msc_mark_word(mark) ? msc_mark_word(mark) : "-";
    }
    return msc_arena_printf(m->arena, "%s%s", sign_of(mark),
                            msc_page_value(number, x, endpoint_digits(&m->s->endpoints.endpoint[which])));
}

/* A column as wide as its longest text, within bounds. */
static int column(int least, int most, int width)
{
    return width < least ? least : width > most ? most : width;
}

enum { WIDE = 18, VALUE = 14, UNIT = 9 }; /* columns of endpoints: at least, and at most twice */

static void print_endpoint(summary *m, size_t which, size_t element, const int *wide)
{
    const msc_endpoint *e = &m->s->endpoints.endpoint[which];
    const char *name = msc_endpoint_label(m->arena, m->s->model, e, element);
    const char *value = endpoint_text(m, which, element);
    const char *unit = strcmp(e->unit, "1") ? e->unit : "";
    const int text = 2 + wide[0] + wide[1] + 2 + wide[2];
    fprintf(m->out, "  ");
    msc_page_cell(m->out, wide[0], name);
    msc_page_cell(m->out, -(wide[1] - (wider(wide[0], name) - wide[0])), value);
    if (element == 0) {
        fprintf(m->out, "  ");
        msc_page_cell(m->out, wide[2], unit);
        const int at = 4 + wider(wide[0], name) + wider(wide[1], value) + wider(wide[2], unit);
        if (wider(wide[2], unit) > wide[2]) {
            putc(' ', m->out);
        }
        msc_page_text(m->out, at, text, e->about ? e->about : e->what);
    } else {
        fprintf(m->out, "%s%s\n", *unit ? "  " : "", unit);
    }
}

static void print_endpoints(summary *m)
{
    const msc_endpoints *list = &m->s->endpoints;
    int wide[3] = {0, 0, 0};
    if (list->n > 0) {
        msc_page_heading(m->out, "Endpoints");
    }
    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; k < list->endpoint[i].shape.n; k++) {
            wide[0] = wider(wide[0], msc_endpoint_label(m->arena, m->s->model, &list->endpoint[i], k));
            wide[1] = wider(wide[1], endpoint_text(m, i, k));
        }
        wide[2] = wider(wide[2], list->endpoint[i].unit);
    }
    wide[0] = column(WIDE, 2 * WIDE, wide[0] + 1);
    wide[1] = column(VALUE, 2 * VALUE, wide[1]);
    wide[2] = column(UNIT, 2 * UNIT, wide[2] + 1);
    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; k < list->endpoint[i].shape.n; k++) {
            print_endpoint(m, i, k, wide);
        }
    }
}

/* ---- the ledger ---- */

typedef struct {
    const char *name;
    double amount;
} line;

static const msc_quantity *ledger_quantity(summary *m, const char *kind, int pool,
                                           const double **last)
{
    const msc_program *p = m->s->program;
    const char *name = msc_arena_printf(m->arena, "%s_%s", kind, m->s->model->pool[pool].name);
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        if (p->quantity[i].pool == pool && strcmp(p->quantity[i].name, name) == 0) {
            *last = m->r->quantity[i] + (m->s->n_time - 1) * p->quantity[i].n;
            return &p->quantity[i];
        }
    }
    *last = NULL;
    return NULL;
}

static double total(summary *m, const char *kind, int pool)
{
    const double *last;
    double sum = 0;
    const msc_quantity *q = ledger_quantity(m, kind, pool, &last);
    for (uint32_t i = 0; q && i < q->n; i++) {
        sum += last[i];
    }
    return sum;
}

static int by_amount(const void *a, const void *b)
{
    const line *x = a, *y = b;
    return x->amount < y->amount ? 1 : x->amount > y->amount ? -1 : strcmp(x->name, y->name);
}

static void print_line(summary *m, const char *name, double amount, double given)
{
    char number[MSC_PAGE_NUMBER], percent[MSC_PAGE_NUMBER];
    fprintf(m->out, "  ");
    msc_page_cell(m->out, NAME, name);
    msc_page_cell(m->out, -CELL, msc_page_value(number, amount, DIGITS));
    if (given > 0) {
        msc_page_cell(m->out, -CELL, msc_page_percent(percent, amount / given));
    }
    putc('\n', m->out);
}

/* By fate, largest first; nothing of what never happened. What is below 0 in the ledger came about inside the pool
 * (a yield above 1), and is told as what entered: births. */
static void print_fates(summary *m, const char *kind, bool births, const char *prefix, int pool, double given)
{
    const double *last;
    const msc_quantity *q = ledger_quantity(m, kind, pool, &last);
    const uint32_t n = q && q->n_dim > 0 ? q->dim_n[0] : 0;
    line *lines = MSC_NEW(m->arena, line, n + 1);
    for (uint32_t f = 0; f < n; f++) {
        lines[f].name = q->label[0][f];
        for (uint32_t i = 0; i < q->n / n; i++) {
            lines[f].amount += last[f * (q->n / n) + i];
        }
    }
    qsort(lines, n, sizeof *lines, by_amount);
    for (uint32_t f = 0; f < n; f++) {
        if (lines[f].amount != 0 && (lines[f].amount < 0) == births) {
            print_line(m, msc_arena_printf(m->arena, "%s%s", prefix, lines[f].name), fabs(lines[f].amount), given);
        }
    }
}

static void print_ledger(summary *m, int pool)
{
    const struct msc_pool *p = &m->s->model->pool[pool];
    const double given = total(m, "given", pool), initial = total(m, "initial", pool);
    const double entered = total(m, "entered", pool), left = total(m, "ledger", pool),
                 present = total(m, "present", pool);
    const double whole = given > 0 ? given : initial + entered;
    char day[MSC_PAGE_NUMBER];
    msc_page_heading(
        m->out,
        msc_arena_printf(m->arena, "Where it went: %s%s%s, by %s", p->name,
                         strcmp(p->unit, p->name) && strcmp(p->unit, "1") ? " in " : "",
                         strcmp(p->unit, p->name) && strcmp(p->unit, "1") ? p->unit : "",
                         msc_page_moment(day, m->s->model->units, m->s->time[m->s->n_time - 1].t)));
    if (initial != 0) {
        print_line(m, "at the start", initial, whole);
    }
    print_line(m, "given", given, whole);
    print_fates(m, "entered", false, "entered by ", pool, whole);
    print_fates(m, "ledger", true, "entered by ", pool, whole);
    print_fates(m, "ledger", false, "", pool, whole);
    print_line(m, "present", present, whole);
    if (whole > 0) {
        const double rest = (initial + given + entered - left - present) / whole;
        const char *text = fabs(rest) < 1e-13 ? "0, to 1e-13" : msc_arena_printf(m->arena, "%.1e", rest); /* noise is no number */
        fprintf(m->out, "  balance: %sgiven + entered - left - present = %s of what was %s\n", initial != 0 ? "start + " : "", text,
                given > 0 ? "given" : "there");
    } else {
        fputs("  balance: nothing was there, nothing was given\n", m->out);
    }
}

/* ---- notes ---- */

static void print_notes(summary *m)
{
    if (m->ranged) {
        const char *text = "Ranges span the runs with ";
        for (size_t i = 0; i < m->s->n_range; i++) {
            const msc_range *range = &m->s->range[i];
            text = msc_arena_printf(m->arena, "%s%s%s =", text, i > 0 ? "; " : "", range->vary);
            for (size_t k = 0; k < range->n_value; k++) {
                text = msc_arena_printf(m->arena, "%s%s %.6g", text, k > 0 ? "," : "",
                                        range->value[k]);
            }
        }
        putc('\n', m->out);
        msc_page_text(
            m->out, 0, 0,
            msc_arena_printf(m->arena, "%s: these numbers are known no better than that. All other numbers: %s.", text,
                             msc_ranges_own(m->arena, m->s)));
    }
    const msc_notes *notes[] = {&m->s->notes, &m->r->notes};
    if (notes[0]->n + notes[1]->n > 0) {
        msc_page_heading(m->out, "Warnings");
    } else if (m->s->model->n_check > 0) {
        const size_t n = m->s->model->n_check;
        fprintf(m->out, "\n%s of the model %s throughout.\n", n == 1 ? "The check" : "All checks", n == 1 ? "holds" : "hold");
    }
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < notes[k]->n; i++) {
            fprintf(m->out, "  ");
            msc_page_text(m->out, 2, 4, notes[k]->note[i].message);
        }
    }
    msc_caution_print(m->out, m->s->model);
    const msc_conf *note = m->s->summary ? msc_conf_find(m->s->summary, "note") : NULL;
    if (note) {
        putc('\n', m->out);
        msc_page_text(m->out, 0, 0, msc_conf_string(m->arena, note));
    }
}

static void print_all(summary *m)
{
    msc_page_text(m->out, 0, 0, m->s->model->title ? m->s->model->title : m->s->path);
    for (size_t i = 0; i < m->s->n_setting; i++) {
        msc_page_text(m->out, 0, 4, msc_arena_printf(m->arena, "%s%s", i == 0 ? "with " : "     ", m->s->setting[i]));
    }
    msc_page_heading(m->out, m->s->n_dose > 0 ? "Doses" : "No doses");
    msc_regimen_print(m->arena, m->s, m->out);
    print_peaks(m);
    print_course(m);
    print_endpoints(m);
    for (size_t i = 0; i < m->page.n_ledger; i++) {
        print_ledger(m, m->page.ledger[i]);
    }
    print_notes(m);
}

msc_status msc_result_summarise(const msc_result *result, FILE *stream, msc_error *err)
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
    summary m = {.arena = arena, .r = result, .s = result->scenario, .out = stream};
    m.page = msc_summary_read(arena, result->scenario);
    print_all(&m);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}
