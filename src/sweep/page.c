/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep on a page: its axes, what failed, its endpoints; and beforehand, how large it is. */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "scenario/page.h"
#include "store/journal.h"
#include "sweep/sweep.h"

enum { ROWS_MOST = 40, LOOKED_AT = 4096, TOLD_MOST = 5, LABEL = 18, CELL = 12, SPREAD = 10, WIDEST = 20 };
enum { OF_AN_ARRAY = 1400 }; /* bytes of a results file that describe it, about */

/* ---- what is kept for the page ---- */

msc_status msc_sweep_digest_of(msc_arena *arena, const msc_sweep *s, const msc_sweep_rows *rows, msc_sweep_digest *d,
                               msc_error *err)
{
    const uint64_t n = msc_design_count(s->design);
    const size_t n_end = msc_batch_endpoints(s->first);
    msc_sweep_entry entry;
    *d = (msc_sweep_digest){.n = n < LOOKED_AT ? (size_t)n : LOOKED_AT, .n_failed = rows->n_failed};
    d->scenario = MSC_NEW(arena, uint64_t, d->n);
    d->endpoint = MSC_NEW(arena, double, d->n * n_end + 1);
    d->mark = MSC_NEW(arena, unsigned char, d->n * n_end + 1);
    d->ok = MSC_NEW(arena, bool, d->n);
    for (size_t i = 0; i < d->n; i++) {
        d->scenario[i] = (uint64_t)((double)i / (double)d->n * (double)n);
        const msc_status status = rows->read(rows->context, d->scenario[i], &entry, err);
        if (status != MSC_OK) {
            return status;
        }
        d->ok[i] = entry.number != NULL;
        d->warned += entry.warned;
        for (size_t e = 0; e < n_end; e++) {
            d->endpoint[i * n_end + e] = entry.number ? entry.number[e] : (double)NAN;
            d->mark[i * n_end + e] = entry.mark ? entry.mark[e] : (unsigned char)MSC_MARK_UNKNOWN;
        }
    }
    d->n_told = rows->n_failed < TOLD_MOST ? rows->n_failed : TOLD_MOST;
    d->told = MSC_NEW(arena, struct msc_told, d->n_told + 1);
    for (size_t i = 0; i < d->n_told; i++) {
        const msc_status status = rows->read(rows->context, rows->failed[i], &entry, err);
        if (status != MSC_OK) {
            return status;
        }
        d->told[i] = (struct msc_told){rows->failed[i], msc_batch_ends()[entry.end], msc_arena_strdup(arena, entry.text)};
    }
    return MSC_OK;
}

/* ---- axes ---- */

static const char *of_unit(msc_arena *arena, const char *unit)
{
    return unit && strcmp(unit, "1") != 0 ? msc_arena_printf(arena, " %s", unit) : "";
}

static const char *axis_text(msc_arena *arena, const msc_sweep_axis *axis)
{
    char a[MSC_PAGE_NUMBER], b[MSC_PAGE_NUMBER];
    const char *text = "";
    if (axis->n_choice > 0) {
        for (size_t i = 0; i < axis->n_choice && i < 8; i++) {
            text = msc_arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", axis->choice[i].label);
        }
        return axis->n_choice > 8 ? msc_arena_printf(arena, "%s, ... (%zu choices)", text, axis->n_choice) : text;
    }
    if (axis->drawn) {
        return msc_arena_printf(arena, "drawn from the posterior, with the others of it%s%s", strcmp(axis->unit, "1") != 0 ? "; in" : "",
                                of_unit(arena, axis->unit));
    }
    if (axis->sampled) {
        return msc_distribution_text(arena, &axis->law);
    }
    if (axis->levels.value && axis->levels.n <= 8) {
        for (uint64_t i = 0; i < axis->levels.n; i++) {
            text = msc_arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", msc_page_number(a, msc_levels_at(&axis->levels, i), 4));
        }
        return msc_arena_printf(arena, "%s%s", text, of_unit(arena, axis->unit));
    }
    return msc_arena_printf(arena, "%s to %s%s, %llu levels%s", msc_page_number(a, msc_levels_at(&axis->levels, 0), 4),
                            msc_page_number(b, msc_levels_at(&axis->levels, axis->levels.n - 1), 4), of_unit(arena, axis->unit),
                            (unsigned long long)axis->levels.n, axis->levels.log ? ", equal steps of the logarithm" : "");
}

static const char *design_text(msc_arena *arena, const msc_sweep *s)
{
    static const char *const text[] = {"every combination of", "a list along", "a Latin hypercube over", "Sobol's points over",
                                       "random draws over"};
    return msc_arena_printf(arena, "%llu scenario%s: %s", (unsigned long long)msc_design_count(s->design),
                            msc_design_count(s->design) == 1 ? "" : "s", text[msc_design_kind_of(s->design)]);
}

const char *msc_sweep_correlation(msc_arena *arena, const msc_sweep *s)
{
    const size_t *axis = NULL;
    const double *matrix = NULL;
    const size_t n = msc_design_correlation(s->design, &axis, &matrix);
    const char *text = "";
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (matrix[i * n + j] != 0) {
                text = msc_arena_printf(arena, "%s%s%s and %s %g", text, *text ? "; " : "", s->axis[axis[i]].name, s->axis[axis[j]].name,
                                        matrix[i * n + j]);
            }
        }
    }
    return text;
}

static void print_axes(msc_arena *arena, const msc_sweep *s, FILE *out)
{
    fprintf(out, "%s\n", design_text(arena, s));
    for (size_t i = 0; i < s->n_axis; i++) {
        fprintf(out, "  %-*s ", LABEL - 3, s->axis[i].name);
        const int at = (int)strlen(s->axis[i].name) > LABEL - 3 ? (int)strlen(s->axis[i].name) + 3 : LABEL;
        msc_page_text(out, at, LABEL, axis_text(arena, &s->axis[i]));
    }
    const char *correlation = msc_sweep_correlation(arena, s);
    if (*correlation) {
        fputs("  correlated: ", out);
        msc_page_text(out, 14, LABEL, msc_arena_printf(arena, "%s (of normal scores)", correlation));
    }
}

static void print_ranges(msc_arena *arena, const msc_sweep *s, FILE *out)
{
    size_t n = 0;
    const char **text = msc_sweep_ranges(arena, s, &n);
    for (size_t i = 0; i < n; i++) {
        putc('\n', out);
        msc_page_text(out, 0, 0, text[i]);
    }
}

static void print_wide(msc_arena *arena, const msc_swept *w, FILE *out)
{
    if (w->wide) {
        putc('\n', out);
        msc_page_text(out, 0, 0,
                      msc_arena_printf(arena, "In 64 bits in spite of output.float32, for they hold numbers above 3.4e38: %s.", w->wide));
    }
}

static void print_cautions(const msc_sweep *s, FILE *out)
{
    if (s->n_caution > 0) {
        msc_page_heading(out, "What the model says of itself");
    }
    for (size_t i = 0; i < s->n_caution; i++) {
        fprintf(out, "  ");
        msc_page_text(out, 2, 4, s->caution[i]);
    }
}

/* ---- endpoints ---- */

/* Lowest to highest of one endpoint, of n numbers, sorted; its unit, where there is room behind them. */
static void print_spread(FILE *out, const char *label, const char *unit, const double *x, size_t n)
{
    static const double p[] = {0, 0.05, 0.5, 0.95, 1};
    char text[MSC_PAGE_NUMBER];
    const bool fits = LABEL + 5 * SPREAD + msc_page_width(unit) <= MSC_PAGE_WIDTH;
    const bool alone = !fits || msc_page_width(label) > LABEL - 3;
    fprintf(out, alone ? "  %s%s\n%*s" : "  %-15s%s%*s", label, fits ? "" : unit, alone ? LABEL : 1, "");
    for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
        msc_page_cell(out, -SPREAD, n > 0 ? msc_page_value(text, gsl_stats_quantile_from_sorted_data(x, 1, n, p[k]), 3) : "-");
    }
    fprintf(out, "%s\n", fits ? unit : "");
}

static void print_spreads(msc_arena *arena, const msc_swept *w, FILE *out)
{
    const msc_sweep_digest *d = &w->digest;
    const size_t n_end = msc_batch_endpoints(w->sweep->first);
    double *x = MSC_NEW(arena, double, d->n + 1);
    fprintf(out, "\nEndpoints%*s%10s%10s%10s%10s%10s\n", LABEL - 9, "", "lowest", "5 %", "median", "95 %", "highest");
    for (size_t e = 0; e < n_end; e++) {
        const char *unit = NULL, *label = msc_batch_endpoint(w->sweep->first, e, &unit), *remark = "";
        size_t n = 0, bounds = 0;
        for (size_t i = 0; i < d->n; i++) {
            if (isfinite(d->endpoint[i * n_end + e])) {
                x[n++] = d->endpoint[i * n_end + e];
                bounds += d->mark[i * n_end + e] != MSC_MARK_EXACT;
            }
        }
        gsl_sort(x, 1, n);
        print_spread(out, label, of_unit(arena, unit), x, n);
        if (n < d->n) {
            remark = msc_arena_printf(arena, "(%zu of %zu have one) ", n, d->n);
        }
        if (bounds > 0) {
            remark = msc_arena_printf(arena, "%s(%zu bound%s: see %.*s_mark)", remark, bounds, bounds == 1 ? "" : "s",
                                      (int)strcspn(label, "["), label);
        }
        if (*remark) {
            fprintf(out, "    ");
            msc_page_text(out, 4, 4, remark);
        }
    }
    if (d->n < msc_design_count(w->sweep->design)) {
        fprintf(out, "Of %zu scenarios, evenly spread over all.\n", d->n);
    }
}

static const char *axis_cell(const msc_sweep_axis *axis, const msc_sweep *s, size_t i, const msc_design_point *row, char *text)
{
    if (axis->n_choice > 0) {
        const char *label = axis->choice[row[i].level].label;
        const size_t n = strlen(label);
        return n < WIDEST ? label : label + n - (WIDEST - 1); /* of a path, the end tells */
    }
    return msc_page_number(text, msc_sweep_value(s, i, row), 4);
}

/* A column of the rows is as wide as its name, in bounds. */
static int column_width(const char *name)
{
    const int n = msc_page_width(name) + 2;
    return n < CELL ? CELL : n > WIDEST ? WIDEST : n;
}

static int axis_width(const msc_sweep_axis *axis)
{
    int width = column_width(axis->name);
    for (size_t i = 0; i < axis->n_choice; i++) {
        const int n = column_width(axis->choice[i].label);
        width = n > width ? n : width;
    }
    return width;
}

static void print_heading(FILE *out, const char *name, int width)
{
    char text[4 * WIDEST];
    snprintf(text, sizeof text, "%.*s", width - 1, name);
    msc_page_cell(out, -width, text);
}

static const char *shown_unit(const char *unit)
{
    return !unit || strcmp(unit, "1") == 0 ? "" : unit;
}

/* Endpoints first ... the one returned fit beside the axes. */
static size_t fitting(const msc_sweep *s, size_t first)
{
    int used = 2;
    for (size_t a = 0; a < s->n_axis; a++) {
        used += axis_width(&s->axis[a]);
    }
    size_t last = first;
    while (last < msc_batch_endpoints(s->first)) {
        used += column_width(msc_batch_endpoint(s->first, last, NULL));
        if (last > first && used > MSC_PAGE_WIDTH) {
            break;
        }
        last++;
    }
    return last;
}

static void print_headings(const msc_sweep *s, size_t first, size_t last, FILE *out)
{
    const char *unit = NULL;
    fprintf(out, "\n  ");
    for (size_t a = 0; a < s->n_axis; a++) {
        print_heading(out, s->axis[a].name, axis_width(&s->axis[a]));
    }
    for (size_t e = first; e < last; e++) {
        const char *name = msc_batch_endpoint(s->first, e, NULL);
        print_heading(out, name, column_width(name));
    }
    fprintf(out, "\n  ");
    for (size_t a = 0; a < s->n_axis; a++) {
        msc_page_cell(out, -axis_width(&s->axis[a]), shown_unit(s->axis[a].unit));
    }
    for (size_t e = first; e < last; e++) {
        const char *name = msc_batch_endpoint(s->first, e, &unit);
        msc_page_cell(out, -column_width(name), shown_unit(unit));
    }
    putc('\n', out);
}

/* "60.2", "> 60": at least so much, or "never". */
static const char *endpoint_cell(msc_arena *arena, const msc_sweep_digest *d, size_t at, char *text)
{
    const msc_mark mark = (msc_mark)d->mark[at];
    const double x = d->endpoint[at];
    if (isnan(x) && mark != MSC_MARK_EXACT) {
        return msc_mark_word(mark);
    }
    const char *value = msc_page_value(text, x, 3);
    return mark == MSC_MARK_EXACT ? value : msc_arena_printf(arena, "%s %s", mark == MSC_MARK_LESS ? "<" : ">", value);
}

/* Every scenario a line: as many endpoints as fit beside the axes, then the next ones. */
static void print_rows(msc_arena *arena, const msc_swept *w, FILE *out)
{
    const msc_sweep *s = w->sweep;
    const size_t n_end = msc_batch_endpoints(s->first);
    msc_design_point *row = MSC_NEW(arena, msc_design_point, s->n_axis);
    char text[MSC_PAGE_NUMBER];
    for (size_t first = 0, last = 0; first < n_end; first = last) {
        last = fitting(s, first);
        print_headings(s, first, last, out);
        for (size_t i = 0; i < w->digest.n; i++) {
            msc_design_row(s->design, w->digest.scenario[i], row);
            fprintf(out, "  ");
            for (size_t a = 0; a < s->n_axis; a++) {
                msc_page_cell(out, -axis_width(&s->axis[a]), axis_cell(&s->axis[a], s, a, row, text));
            }
            for (size_t e = first; e < last; e++) {
                const char *cell = w->digest.ok[i] ? endpoint_cell(arena, &w->digest, i * n_end + e, text) : e == first ? "failed" : "";
                msc_page_cell(out, -column_width(msc_batch_endpoint(s->first, e, NULL)), cell);
            }
            putc('\n', out);
        }
    }
}

static void print_failures(msc_arena *arena, const msc_swept *w, FILE *out)
{
    const msc_sweep_digest *d = &w->digest;
    const unsigned long long n = msc_design_count(w->sweep->design);
    if (d->n_failed > 0) {
        fprintf(out, "\n%zu of %llu scenarios failed; their values are missing\n", d->n_failed, n);
    }
    for (size_t i = 0; i < d->n_told; i++) {
        fprintf(out, "  scenario %llu: ", (unsigned long long)d->told[i].scenario);
        msc_page_text(out, 14, 4, d->told[i].text);
    }
    if (d->n_failed > d->n_told) {
        fprintf(out, "  and %zu more: 'status' and 'failure_text' in the file\n", d->n_failed - d->n_told);
    }
    if (d->warned > 0) {
        putc('\n', out);
        msc_page_text(out, 0, 0,
                      msc_arena_printf(arena, "%llu of %zu scenarios %s a warning: a check of the model that only warns failed, a "
                                              "dose was not seen to its end, or a value is outside of its range ('warned' in the file).",
                                       (unsigned long long)d->warned, d->n, d->warned == 1 ? "has" : "have"));
    }
}

msc_status msc_swept_summarise(const msc_swept *swept, FILE *out, msc_error *err)
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
    const msc_sweep *s = swept->sweep;
    const char *title = msc_scenario_title(msc_batch_scenario(s->first));
    if (title) {
        msc_page_text(out, 0, 0, title);
        putc('\n', out);
    }
    print_axes(arena, s, out);
    if (msc_batch_endpoints(s->first) > 0) {
        const bool whole = msc_design_count(s->design) <= ROWS_MOST && msc_design_kind_of(s->design) <= MSC_DESIGN_LIST;
        (whole ? print_rows : print_spreads)(arena, swept, out);
    }
    print_ranges(arena, s, out);
    print_wide(arena, swept, out);
    print_failures(arena, swept, out);
    print_cautions(s, out);
    msc_arena_free(arena);
    return msc_page_end(out, err);
}

/* ---- beforehand ---- */

typedef struct {
    const msc_sweep *s;
    msc_design_point *row;
    uint64_t next, last, step, done;
    double until;
} trial;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool trial_next(void *context, double *value, size_t *id)
{
    trial *t = context;
    const msc_sweep *s = t->s;
    if (t->next >= t->last || now() > t->until) {
        return false;
    }
    msc_design_row(s->design, t->next, t->row);
    msc_sweep_vector(s, t->row, value);
    *id = (size_t)t->next;
    t->next += t->step;
    return true;
}

static void trial_done(void *context, size_t id, const msc_outcome *outcome)
{
    ((trial *)context)->done++;
    (void)id;
    (void)outcome;
}

/* Seconds a scenario takes on one thread: 64 of them are run, by the first variant, or those that begin within a second. */
static double seconds_each(msc_arena *arena, const msc_sweep *s)
{
    const uint64_t n = msc_design_count(s->design);
    msc_error err = {0};
    msc_worker *worker = NULL;
    trial t = {s, MSC_NEW(arena, msc_design_point, s->n_axis), 0, n, n / 64 > 0 ? n / 64 : 1, 0, now() + 1};
    if (msc_worker_new(s->first, &worker, &err) != MSC_OK) {
        msc_throw(arena, err.status, NULL, "%s", err.message);
    }
    const double begin = now();
    const msc_status status = msc_worker_run(worker, trial_next, trial_done, &t, NULL, &err);
    msc_worker_free(worker);
    if (status != MSC_OK) {
        msc_throw(arena, err.status, NULL, "%s", err.message);
    }
    return (now() - begin) / (double)(t.done > 0 ? t.done : 1);
}

static const char *bytes_text(msc_arena *arena, double bytes)
{
    char text[MSC_PAGE_NUMBER];
    return msc_arena_strdup(arena, msc_page_bytes(text, bytes));
}

static const char *time_text(msc_arena *arena, double seconds)
{
    return seconds < 1      ? "less than a second"
           : seconds < 100  ? msc_arena_printf(arena, "about %.0f s", seconds)
           : seconds < 6000 ? msc_arena_printf(arena, "about %.0f min", seconds / 60)
           : seconds < 2e5  ? msc_arena_printf(arena, "about %.1f h", seconds / 3600)
                            : msc_arena_printf(arena, "about %.1f days", seconds / 86400);
}

/* Bytes of the journal and of the file. */
static void sizes(msc_arena *arena, const msc_sweep *s, double *journal, double *file)
{
    const double n = (double)msc_design_count(s->design);
    const double values = (double)(msc_batch_endpoints(s->first) + msc_batch_times(s->first, NULL) * msc_batch_columns(s->first));
    *journal = n * ((double)msc_sweep_usual(s) + MSC_JOURNAL_OVERHEAD);
    const msc_sweep_rows none = {0};
    const msc_dataset dataset = msc_sweep_record(arena, s, &none);
    *file = OF_AN_ARRAY * (double)(dataset.n_axis + dataset.n_array);
    for (size_t i = 0; i < s->n_source; i++) {
        *file += (double)strlen(s->source[i].text);
    }
    *file += n * (values * (msc_batch_scenario(s->first)->float32 ? 4 : 8) + 8 * ((double)s->n_axis + 1) + 2);
}

/* Where a file system counts no blocks, nothing is known. */
static double room_at(const char *file)
{
    struct statvfs fs;
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", file ? file : ".");
    char *slash = strrchr(folder, '/');
    if (slash == folder) {
        slash[1] = '\0';
    } else if (slash) {
        *slash = '\0';
    } else {
        snprintf(folder, sizeof folder, ".");
    }
    return statvfs(folder, &fs) == 0 && fs.f_blocks > 0 ? (double)fs.f_bavail * (double)fs.f_frsize : INFINITY;
}

/* Bytes of journals that are there: whoever runs goes on with them, or discards them. */
static double journals_at(msc_arena *arena, const char *file)
{
    double bytes = 0;
    struct stat st;
    const char *path = file ? msc_arena_printf(arena, "%s.part", file) : "";
    for (unsigned k = 1; lstat(path, &st) == 0 && S_ISREG(st.st_mode); k++) {
        bytes += (double)st.st_size;
        path = msc_arena_printf(arena, "%s.part.%u", file, k);
    }
    return bytes;
}

void msc_sweep_need_room(msc_arena *arena, const msc_sweep *s, const char *file)
{
    double journal = 0, size = 0;
    sizes(arena, s, &journal, &size);
    const double room = room_at(file), have = journals_at(arena, file), need = size + (journal > have ? journal - have : 0);
    if (need > 0.95 * room) {
        msc_throw(arena, MSC_E_IO, msc_conf_where(arena, s->section),
                  "this needs %s%s on the disk for journal and file%s, and there are %s", bytes_text(arena, need),
                  have > 0 ? " more" : "", s->keep ? " (keep_trajectories = false; keeps endpoints only)" : "",
                  bytes_text(arena, room));
    }
}

msc_status msc_sweep_preview(const msc_sweep *s, const char *file, unsigned threads, FILE *out, msc_error *err)
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
    const char *title = msc_scenario_title(msc_batch_scenario(s->first));
    double journal = 0, size = 0;
    sizes(arena, s, &journal, &size);
    msc_sweep_need_room(arena, s, file);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned n = threads > 0 ? threads : cores > 0 ? (unsigned)cores : 1;
    if (title) {
        msc_page_text(out, 0, 0, title);
        putc('\n', out);
    }
    print_axes(arena, s, out);
    fprintf(out, "\nNothing is wrong%s. This would be run:\n", msc_sweep_warning(s, 0, NULL) ? ", but there are warnings" : "");
    if (s->n_variant > 1) {
        fprintf(out, "  variants  %zu, compiled one by one\n", s->n_variant);
    }
    fprintf(out, "  endpoints %zu a scenario\n", msc_batch_endpoints(s->first));
    if (s->keep) {
        fprintf(out, "  kept      %zu times x %zu values a scenario\n", msc_batch_times(s->first, NULL), msc_batch_columns(s->first));
    }
    const double seconds = seconds_each(arena, s) * (double)msc_design_count(s->design) / n;
    fprintf(out, "  time      %s on %u thread%s\n", time_text(arena, seconds), n, n == 1 ? "" : "s");
    fprintf(out, "  journal   %s while it runs\n", bytes_text(arena, journal));
    fprintf(out, "  results   %s%s%s\n", bytes_text(arena, size), file ? " in " : "", file ? file : "");
    print_ranges(arena, s, out);
    print_cautions(s, out);
    msc_arena_free(arena);
    return msc_page_end(out, err);
}
