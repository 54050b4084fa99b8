/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit on a page: estimates, observed beside predicted, starts, and of every estimate a sentence. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "study/fit.h"
#include "study/identify.h"
#include "study/objective.h"

enum { NAME = 18, CELL = 12 };
static const double SAME = 0.01;    /* of the log posterior: starts that end alike */
static const double STRONG = 0.7;   /* correlations told */

typedef struct {
    msc_arena *arena;
    const msc_fitted *w;
    FILE *out;
} page;

static const char *number(const page *p, double x, int digits)
{
    char text[MSC_PAGE_NUMBER];
    return msc_arena_strdup(p->arena, isfinite(x) ? msc_page_value(text, x, digits) : "-");
}

static const char *of_unit(const page *p, const char *unit)
{
    return unit && strcmp(unit, "1") != 0 ? msc_arena_printf(p->arena, " %s", unit) : "";
}

/* ---- what it is a fit of ---- */

/* Rows of the same subjects: by an effect of the subject, by a weight, or not at all. */
static void print_subject(const page *p, size_t k)
{
    const msc_fit *f = p->w->fit;
    const msc_fit_observe *o = &f->observe[k];
    size_t together = 0, first = MSC_FIT_NONE;
    for (size_t i = 0; i < f->n_row; i++) {
        together += f->row[i].observe == k && f->row[i].n_mate > 1;
        first = f->row[i].observe == k && first == MSC_FIT_NONE ? i : first;
    }
    if (first == MSC_FIT_NONE || !msc_fit_has_subject(o)) {
        return;
    }
    const bool shift = o->error.family == MSC_FAMILY_NORMAL;
    const double sd = msc_fit_error_of(f, &f->row[first], p->w->t).subject / (shift ? o->per_unit : 1);
    msc_page_text(p->out, 0, 0,
                  msc_arena_printf(p->arena, "In %s subjects differ by an effect that all rows of one share (one for each element), with an sd of %s%s (%s); "
                                   "%zu rows share one with others.", o->name, number(p, sd, 3), shift ? of_unit(p, o->unit) : " of the logarithm",
                                   o->by_subject == MSC_FIT_NONE ? "given" : "estimated", together));
}

static void print_dependence(const page *p)
{
    const msc_fit *f = p->w->fit;
    size_t grouped = 0;
    for (size_t k = 0; k < f->n_observe; k++) {
        print_subject(p, k);
    }
    for (size_t i = 0; i < f->n_row; i++) {
        grouped += f->row[i].from->group != MSC_NO_GROUP && !msc_fit_has_subject(&f->observe[f->row[i].observe]);
    }
    if (grouped > 0) {
        msc_page_text(p->out, 0, 0,
                      f->group_weight == 1
                          ? "Rows of one group are of the same subjects; they are taken as independent (fit.group_weight = 1), so that "
                            "intervals are too narrow rather than too wide."
                          : msc_arena_printf(p->arena, "Rows of one group are of the same subjects: each counts %g (fit.group_weight).",
                                             f->group_weight));
    }
}

static void print_head(const page *p)
{
    const msc_fit *f = p->w->fit;
    if (f->opened->model->title) {
        fprintf(p->out, "%s\n", f->opened->model->title);
    }
    fprintf(p->out, "%zu estimate%s, %zu row%s of %s, %zu stud%s; %s\n", f->n_estimate, f->n_estimate == 1 ? "" : "s", f->n_row,
            f->n_row == 1 ? "" : "s", f->data_path, f->n_study, f->n_study == 1 ? "y" : "ies",
            f->squares ? "least squares" : "largest posterior density");
    print_dependence(p);
}

/* ---- estimates ---- */

static const char *before_text(const page *p, const msc_fit_estimate *e)
{
    if (e->known) {
        return msc_distribution_text(p->arena, &e->prior);
    }
    return msc_arena_printf(p->arena, "%g to %g%s", e->low, e->high, of_unit(p, e->unit));
}

static void print_estimates(const page *p)
{
    const msc_fit *f = p->w->fit;
    fprintf(p->out, "\n%-*s", NAME, "Estimates");
    msc_page_cell(p->out, -CELL, "value");
    msc_page_cell(p->out, -CELL, "+-");
    fprintf(p->out, "  %-24s%s\n", "about 95 %", "unit");
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        const msc_fit_result *x = &p->w->result[k];
        fprintf(p->out, "  %-*s", NAME - 2, e->name);
        if (strlen(e->name) > NAME - 3) {
            fprintf(p->out, "\n%*s", NAME, "");
        }
        msc_page_cell(p->out, -CELL, number(p, x->value, 3));
        msc_page_cell(p->out, -CELL, number(p, x->se, 2));
        fprintf(p->out, "  %-24s%s\n",
                x->open ? "open" : msc_arena_printf(p->arena, "%s - %s", number(p, x->low, 3), number(p, x->high, 3)), e->unit);
        fprintf(p->out, "    ");
        msc_page_text(p->out, 4, 6, msc_arena_printf(p->arena, "%s: %s", e->known ? "prior" : "range", before_text(p, e)));
    }
}

/* ---- data ---- */

static const char *datum_text(const page *p, const msc_fit_row *row, double per)
{
    const msc_datum *d = &row->datum;
    switch (d->kind) {
    case MSC_DATUM_VALUE: return number(p, d->value / per, 3);
    case MSC_DATUM_LEFT: return msc_arena_printf(p->arena, "< %s", number(p, d->value / per, 3));
    case MSC_DATUM_RIGHT: return msc_arena_printf(p->arena, "> %s", number(p, d->value / per, 3));
    case MSC_DATUM_RANGE:
        return msc_arena_printf(p->arena, "%s - %s of %g", number(p, d->low / per, 3), number(p, d->high / per, 3), d->n);
    }
    return "";
}

/* By how many standard deviations of its error a plain value is off; of the others, whether they hold what is predicted. */
static const char *misfit(const page *p, size_t i)
{
    const msc_datum *d = &p->w->fit->row[i].datum;
    const double x = p->w->prediction[i], off = (d->value - x) / p->w->row_sd[i];
    switch (d->kind) {
    case MSC_DATUM_VALUE: return msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_LEFT: return x < d->value ? "holds" : msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_RIGHT: return x > d->value ? "holds" : msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_RANGE: return x >= d->low - d->half[0] && x <= d->high + d->half[1] ? "inside" : "outside";
    }
    return "";
}

enum { ROWS_MOST = 60 };

static void print_rows(const page *p)
{
    const msc_fit *f = p->w->fit;
    char day[MSC_PAGE_NUMBER];
    fprintf(p->out, "\n%-*s%-14s%-22s", NAME, "Data", "when", "  observed");
    msc_page_cell(p->out, -CELL, "predicted");
    fprintf(p->out, "\n");
    for (size_t i = 0; i < f->n_row && i < ROWS_MOST; i++) {
        const msc_fit_row *row = &f->row[i];
        const msc_fit_observe *o = &f->observe[row->observe];
        const char *label = f->n_study > 1 ? msc_arena_printf(p->arena, "%s %s", f->study[row->study].name, row->label) : row->label;
        fprintf(p->out, "  %-*s", NAME - 2, label);
        if (strlen(label) > NAME - 3) {
            fprintf(p->out, "\n%*s", NAME, "");
        }
        fprintf(p->out, "%-14s  %-20s", msc_page_day(day, f->opened->model->units, row->from->time), datum_text(p, row, o->per_unit));
        msc_page_cell(p->out, -CELL, number(p, p->w->prediction[i] / o->per_unit, 3));
        fprintf(p->out, " %-8s %s\n", o->unit, misfit(p, i));
    }
    if (f->n_row > ROWS_MOST) {
        fprintf(p->out, "  ... and %zu more; all are in the results file\n", f->n_row - ROWS_MOST);
    }
}

/* ---- starts ---- */

static void print_starts(const page *p)
{
    const msc_fitted *w = p->w;
    size_t count[5] = {0}, evaluations = 0, refused = 0, alike = 0;
    for (size_t i = 0; i < w->n_start; i++) {
        const msc_fit_start *s = &w->start[i];
        if (s->done) {
            count[s->optimum.end]++;
            evaluations += s->optimum.evaluations, refused += s->optimum.refused;
            alike += s->optimum.end != MSC_OPTIMUM_NOWHERE && s->optimum.log > w->start[w->best].optimum.log - SAME;
        }
    }
    fprintf(p->out, "\nStarts  %zu of %zu done:", w->n_done, w->n_start);
    for (int e = 0; e < 5; e++) {
        if (count[e] > 0) {
            fprintf(p->out, " %zu %s;", count[e], msc_optimum_text((msc_optimum_end)e));
        }
    }
    fprintf(p->out, "\n  %zu ended as high as the best (log posterior %.4f, start %zu).\n", alike, w->log, w->best);
    fprintf(p->out, "  %zu points were evaluated, %zu of them without a value.\n", evaluations, refused);
    if (alike == 1 && w->n_done > 1) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, "Only one start came to the best: there may be a better one still. Try more starts.");
    }
}

/* ---- what the data tell ---- */

static const char *sentence(const page *p, size_t k)
{
    const msc_fit_estimate *e = &p->w->fit->estimate[k];
    const msc_fit_result *x = &p->w->result[k];
    const char *unit = of_unit(p, e->unit);
    if (x->at_end) {
        return msc_arena_printf(p->arena, "lies at an end of its range, %s%s: the data want it beyond, or do not care.",
                                number(p, x->value, 3), unit);
    }
    if (x->open) {
        return e->known ? "not determined: neither these data nor its prior hold it in this fit."
                        : msc_arena_printf(p->arena, "not determined by these data: any value from %g to %g%s may fit.", e->low, e->high, unit);
    }
    if (!e->known) {
        return x->narrowed > STRONG ? msc_arena_printf(p->arena, "hardly determined by these data: %s to %s%s fit.", number(p, x->low, 3),
                                                       number(p, x->high, 3), unit)
                                    : msc_arena_printf(p->arena, "determined by these data: %s to %s%s.", number(p, x->low, 3),
                                                       number(p, x->high, 3), unit);
    }
    const char *left = msc_arena_printf(p->arena, "%.0f %% of its prior's spread is left", 100 * x->narrowed);
    return x->narrowed > 0.9    ? msc_arena_printf(p->arena, "not determined by these data: it is what its prior says (%s).", left)
           : x->narrowed > 0.5 ? msc_arena_printf(p->arena, "the data say something of it, its prior as much (%s).", left)
                               : msc_arena_printf(p->arena, "determined by these data more than by its prior (%s).", left);
}

/* The sensitivities of what is predicted, over its error, times what each estimate may be off beforehand; without those that
 * only say how large errors are. Directions of which the data tell more than was known, and who trades off in the others. */
static void print_directions(const page *p)
{
    const msc_fitted *w = p->w;
    const size_t n = w->fit->n_estimate, m = w->fit->n_row;
    size_t used = 0, *which = MSC_NEW(p->arena, size_t, n), *partner = MSC_NEW(p->arena, size_t, n);
    double *s = MSC_NEW(p->arena, double, m * n);
    bool finite = true;
    for (size_t k = 0; k < n; k++) {
        bool any = false;
        for (size_t i = 0; i < m; i++) {
            any = any || w->slope[i * n + k] != 0;
        }
        which[used] = k, used += any;
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < used; j++) {
            s[i * used + j] = w->slope[i * n + which[j]] / w->row_sd[i] * w->result[which[j]].before;
            finite = finite && isfinite(s[i * used + j]);
        }
    }
    if (used == 0 || !finite) {
        return;
    }
    const msc_identifiability id = msc_identify(p->arena, s, m, used);
    fputs("  ", p->out);
    msc_page_text(p->out, 2, 4,
                  msc_arena_printf(p->arena, "Of %zu direction%s in which what is predicted can change, the data tell %zu better than was "
                                   "known before.", used, used == 1 ? "" : "s", id.told));
    for (size_t i = id.told; i < used; i++) {
        const size_t q = msc_identify_partners(&id, i, partner);
        const char *names = "";
        for (size_t j = 0; j < q; j++) {
            names = msc_arena_printf(p->arena, "%s%s%s", names, j == 0 ? "" : j + 1 == q ? " and " : ", ",
                                     w->fit->estimate[which[partner[j]]].name);
        }
        fputs("    ", p->out);
        msc_page_text(p->out, 4, 6, msc_arena_printf(p->arena, q > 1 ? "not told: %s, together" : "not told: %s", names));
    }
}

static void print_sentences(const page *p)
{
    const msc_fitted *w = p->w;
    const size_t n = w->fit->n_estimate;
    fprintf(p->out, "\nWhat the data tell\n");
    for (size_t k = 0; k < n; k++) {
        fprintf(p->out, "  %s: ", w->fit->estimate[k].name);
        msc_page_text(p->out, (int)strlen(w->fit->estimate[k].name) + 4, 4, sentence(p, k));
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < k; j++) {
            const double r = w->covariance[k * n + j] / sqrt(w->covariance[k * n + k] * w->covariance[j * n + j]);
            if (fabs(r) > STRONG) {
                fprintf(p->out, "  %s and %s trade off (correlation %.2f).\n", w->fit->estimate[j].name, w->fit->estimate[k].name, r);
            }
        }
    }
    print_directions(p);
    msc_page_text(p->out, 0, 0,
                  "Intervals come from the curvature at the best values. They are good where they are narrow beside the range.");
}

msc_status msc_fitted_summarise(const msc_fitted *w, FILE *stream, msc_error *err)
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
    const page p = {arena, w, stream};
    print_head(&p);
    print_estimates(&p);
    print_rows(&p);
    print_starts(&p);
    print_sentences(&p);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}
