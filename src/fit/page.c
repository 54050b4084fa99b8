/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit on a page: estimates, observed beside predicted, starts, and of every estimate a sentence. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "fit/page.h"
#include "fit/posterior.h"
#include "fit/objective.h"

enum { NAME = 18, CELL = 12, PREDICTED = 10 };
static const double SAME = 0.01; /* of the log posterior: starts that end alike */

typedef msc_fit_page page;

const char *msc_fit_page_number(const page *p, double x, int digits)
{
    char text[MSC_PAGE_NUMBER];
    return msc_arena_strdup(p->arena, isfinite(x) ? msc_page_value(text, x, digits) : "-");
}

const char *msc_fit_page_unit(const page *p, const char *unit)
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
                                   "%zu rows share one with others.", o->name, msc_fit_page_number(p, sd, 3), shift ? msc_fit_page_unit(p, o->unit) : " of the logarithm",
                                   o->by_subject == MSC_FIT_NONE ? "given" : "estimated", together));
}

static void print_dependence(const page *p)
{
    const msc_fit *f = p->w->fit;
    size_t grouped = 0, alone = 0;
    for (size_t k = 0; k < f->n_observe; k++) {
        print_subject(p, k);
    }
    for (size_t i = 0; i < f->n_row; i++) {
        grouped += f->row[i].from->group != MSC_NO_GROUP && !msc_fit_has_subject(&f->observe[f->row[i].observe]);
    }
    for (size_t i = 0; i < f->n_row; i++) {
        alone += f->row[i].from->group == MSC_NO_GROUP;
    }
    if (alone > 0) {
        msc_page_text(p->out, 0, 0, msc_arena_printf(p->arena, "%zu row%s name%s no group or subject: %s independent of all others.", alone,
                                                     alone == 1 ? "" : "s", alone == 1 ? "s" : "", alone == 1 ? "it counts as" : "each counts as"));
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

/* What is missing, before anything is told. */
static void print_interrupted(const page *p)
{
    const msc_fitted *w = p->w;
    const char *missing = "";
    for (size_t k = 0; k < w->fit->n_estimate; k++) {
        if (w->fit->profile[k] && !w->profile[k].done) {
            missing = msc_arena_printf(p->arena, "%s%s%s", missing, *missing ? ", " : "", w->fit->estimate[k].name);
        }
    }
    if (!w->stopped) {
        return;
    }
    const char *text = w->n_done < w->n_start ? msc_arena_printf(p->arena, "INTERRUPTED after %zu of %zu starts: all below is by the best of these, "
                                                                 "which others may pass.", w->n_done, w->n_start)
                       : *missing ? msc_arena_printf(p->arena, "INTERRUPTED: without profiles of %s.", missing)
                       : "INTERRUPTED: the posterior is not finished.";
    msc_page_text(p->out, 0, 0, text);
}

static void print_head(const page *p)
{
    const msc_fit *f = p->w->fit;
    msc_fit_page_title(p, f);
    print_interrupted(p);
    for (size_t s = 0; s < f->n_study; s++) {
        if (f->study[s].no_slopes) {
            msc_page_text(p->out, 0, 0, msc_arena_printf(p->arena, "%s%s%s: %s.", f->n_study > 1 ? f->study[s].name : "Derivatives",
                                                         f->study[s].no_slopes_where[0] ? ", " : "", f->study[s].no_slopes_where,
                                                         f->study[s].no_slopes));
        }
    }
    print_dependence(p);
}

/* ---- estimates ---- */

/* By the profile, if there is one; "above 0.3": the other end is open. */
static const char *interval_text(const page *p, size_t k)
{
    const msc_fit_result *x = &p->w->result[k];
    const msc_fit_profile *of = &p->w->profile[k];
    double low = x->low, high = x->high;
    bool open_low = x->open, open_high = x->open;
    if (of->done) {
        open_low = of->open_low, open_high = of->open_high;
        low = msc_fit_shown_of(&p->w->fit->estimate[k], of->low), high = msc_fit_shown_of(&p->w->fit->estimate[k], of->high);
    }
    return open_low && open_high ? "open"
           : open_low            ? msc_arena_printf(p->arena, "below %s", msc_fit_page_number(p, high, 3))
           : open_high           ? msc_arena_printf(p->arena, "above %s", msc_fit_page_number(p, low, 3))
                                 : msc_arena_printf(p->arena, "%s - %s", msc_fit_page_number(p, low, 3), msc_fit_page_number(p, high, 3));
}

static const char *before_text(const page *p, const msc_fit_estimate *e)
{
    if (e->known) {
        return msc_distribution_text(p->arena, &e->prior);
    }
    return msc_arena_printf(p->arena, "%g to %g%s", e->low, e->high, msc_fit_page_unit(p, e->unit));
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
        msc_page_cell(p->out, -CELL, msc_fit_page_number(p, x->value, 3));
        msc_page_cell(p->out, -CELL, msc_fit_page_number(p, x->se, 2));
        fprintf(p->out, "  %-24s%s\n", interval_text(p, k), e->unit);
        fprintf(p->out, "    ");
        msc_page_text(p->out, 4, 6, msc_arena_printf(p->arena, "%s: %s", e->known ? "prior" : "range", before_text(p, e)));
    }
    if (p->w->posterior && p->w->posterior->estimate) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, p->by_posterior ? "These are the best values, with intervals by profiles. Where medians and intervals of the posterior, "
                                                      "which stand below, are others, the posterior's are to be preferred."
                                                    : "These are the best values, with intervals by profiles; those of the posterior stand below.");
    }
}

/* ---- data ---- */

/* By how many standard deviations of its error, on its scale, a plain value is off; of the others, whether they hold what is
 * predicted. */
static const char *misfit(const page *p, size_t i)
{
    const msc_fit_row *row = &p->w->fit->row[i];
    const msc_datum *d = &row->datum;
    const msc_error_model e = msc_fit_error_of(p->w->fit, row, p->w->t);
    const double x = p->w->prediction[i], off = msc_likelihood_place(d, &e, x, d->value);
    switch (d->kind) {
    case MSC_DATUM_VALUE: return msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_LEFT: return x < d->value ? "holds" : msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_RIGHT: return x > d->value ? "holds" : msc_arena_printf(p->arena, "%+.2f sd", off);
    case MSC_DATUM_RANGE: return x >= d->low - d->half[0] && x <= d->high + d->half[1] ? "inside" : "outside";
    case MSC_DATUM_INTERVAL:
        return x > d->low && x < d->high ? "holds"
                                         : msc_arena_printf(p->arena, "%+.2f sd", ((x >= d->high ? d->high : d->low) - x) / p->w->row_sd[i]);
    }
    return "";
}

static void print_rows(const page *p)
{
    const msc_fit *f = p->w->fit;
    bool *shown = NULL;
    const size_t left_out = f->n_row - msc_fit_page_rows(p->arena, f, &shown);
    fprintf(p->out, "\n%-*s%-12s%-20s", NAME, "Data", "when", "  observed");
    msc_page_cell(p->out, -PREDICTED, "predicted");
    fprintf(p->out, "\n");
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        if (!shown[i]) {
            continue;
        }
        const char *label = msc_fit_page_label(p->arena, f, i);
        fprintf(p->out, "  %-*s", NAME - 2, label);
        if (strlen(label) > NAME - 3) {
            fprintf(p->out, "\n%*s", NAME, "");
        }
        fprintf(p->out, "%-12s  %-18s", msc_fit_page_when(p->arena, f, i), msc_fit_page_datum(p->arena, row));
        msc_page_cell(p->out, -PREDICTED, msc_fit_page_number(p, p->w->prediction[i] / row->per_unit, 3));
        fprintf(p->out, " %-8s %s\n", row->unit, misfit(p, i));
    }
    if (left_out > 0) {
        fprintf(p->out, "  ... and %zu more; all are in the results file\n", left_out);
    }
}

/* ---- starts ---- */

static void print_profiled(const page *p)
{
    size_t n = 0, evaluations = 0, refused = 0;
    bool better = false;
    for (size_t k = 0; k < p->w->fit->n_estimate; k++) {
        const msc_fit_profile *of = &p->w->profile[k];
        n += of->done;
        evaluations += of->done ? of->evaluations : 0, refused += of->done ? of->refused : 0;
        better = better || (of->done && of->better);
    }
    if (n > 0) {
        fprintf(p->out, "  %zu profile%s took %zu points, %zu of them without a value.\n", n, n == 1 ? "" : "s", evaluations, refused);
    }
    if (better) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, "A profile came upon something better still: the best found is not the best there is. Try more starts.");
    }
}

/* Points without a value, by reason. */
static void print_refused(const page *p)
{
    const msc_fit_tally *t = &p->w->tally;
    for (int i = 0; i < MSC_FIT_REASONS; i++) {
        if (t->count[i] > 0) {
            fputs("    ", p->out);
            msc_page_text(p->out, 4, 6, msc_arena_printf(p->arena, "%zu without a value (%s), the first: %s", t->count[i],
                                                         msc_fit_reason(i), t->text[i]));
        }
    }
}

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
    fprintf(p->out, "\n  %zu ended as high as the best (log posterior %.4f, start %zu).\n", alike,
            w->start[w->best].optimum.log + w->offset, w->best);
    if (w->n_better > 0) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, msc_arena_printf(p->arena, "None was the best there is: the profile of %s came upon something better, and "
                                                     "the fit went on from there (log posterior %.4f).",
                                                     w->fit->estimate[w->better_of].name, w->log));
    }
    fprintf(p->out, "  %zu points were evaluated, %zu of them without a value.\n", evaluations, refused);
    print_profiled(p);
    print_refused(p);
    if (alike == 1 && w->n_done > 1) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, "Only one start came to the best: there may be a better one still. Try more starts.");
    }
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
    const bool posterior = w->posterior && w->posterior->estimate && !msc_posterior_doubt(arena, w);
    const page p = {arena, w, stream, posterior};
    print_head(&p);
    print_estimates(&p);
    print_rows(&p);
    print_starts(&p);
    msc_fit_page_tell(&p);
    msc_posterior_page(arena, w, stream);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}
