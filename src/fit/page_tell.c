/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the data tell, in plain sentences. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "fit/page.h"
#include "fit/identify.h"
#include "fit/posterior.h"

typedef msc_fit_page page;

static const double STRONG = 0.7;   /* correlations told; of a range: hardly narrower than it */
static const double HELPFUL = 0.95; /* of a variance: a measurement that leaves less is worth telling */
static const double LOPSIDED = 1.5; /* how far profile and curvature may differ */
static const double Z = 1.959964;

/* The best value is an end of the range: the data, or its prior, want it there or beyond. fit: "1.00 to 1.04"; NULL: not known. */
static const char *sentence_at_end(const page *p, size_t k, const char *fit)
{
    const msc_fit_estimate *e = &p->w->fit->estimate[k];
    const bool lower = p->w->result[k].at_end < 0;
    const double end = lower ? e->low : e->high;
    const bool of_prior = e->known && end == (lower ? e->prior.low : e->prior.high);
    const char *any = fit ? msc_arena_printf(p->arena, "any value from %s fits", fit) : "the best is there or beyond";
    return msc_arena_printf(p->arena, "lies at the %s end of its %s, %s%s: %s. Widen it if the model allows.", lower ? "lower" : "upper",
                            of_prior ? "prior" : "range", msc_fit_page_number(p, end, 3), msc_fit_page_unit(p, e->unit), any);
}

/* The interval that sentences are about: the posterior's, if there is one that can be trusted; else the profile's. */
static void interval_of(const page *p, size_t k, double *low, double *high)
{
    const msc_fit_estimate *e = &p->w->fit->estimate[k];
    if (p->by_posterior) {
        *low = p->w->posterior->estimate[k].low, *high = p->w->posterior->estimate[k].high;
    } else {
        *low = msc_fit_shown_of(e, p->w->profile[k].low), *high = msc_fit_shown_of(e, p->w->profile[k].high);
    }
}

/* ---- by the curvature alone ---- */

static const char *sentence_by_curvature(const page *p, size_t k)
{
    const msc_fit_estimate *e = &p->w->fit->estimate[k];
    const msc_fit_result *x = &p->w->result[k];
    const char *unit = msc_fit_page_unit(p, e->unit);
    if (x->at_end != 0) {
        return sentence_at_end(p, k, NULL);
    }
    if (x->open) {
        return e->known ? "not determined: neither these data nor its prior hold it in this fit."
                        : msc_arena_printf(p->arena, "not determined by these data: any value from %g to %g%s may fit.", e->low, e->high, unit);
    }
    double from = x->low, to = x->high, narrowed = x->narrowed;
    if (p->by_posterior) {
        interval_of(p, k, &from, &to);
        narrowed = msc_fit_share_left(e, from, to, true);
    }
    const char *low = msc_fit_page_number(p, from, 3), *high = msc_fit_page_number(p, to, 3);
    if (!e->known) {
        return msc_arena_printf(p->arena, narrowed > STRONG ? "hardly determined by these data: %s to %s%s fit."
                                                               : "determined by these data: %s to %s%s.", low, high, unit);
    }
    const char *left = msc_arena_printf(p->arena, "%.0f %% of its prior's spread is left", 100 * narrowed);
    return narrowed > 0.9   ? msc_arena_printf(p->arena, "not determined by these data: it is what its prior says (%s).", left)
           : narrowed > 0.5 ? msc_arena_printf(p->arena, "the data say something of it, its prior as much (%s).", left)
                               : msc_arena_printf(p->arena, "determined by these data more than by its prior (%s).", left);
}

/* ---- by its profile ---- */

static const char *sentence_of_open(const page *p, const msc_fit_profile *of, const msc_fit_estimate *e, const char *fit)
{
    const bool below = of->open_low; /* the open side, if it is one */
    if (of->open_low && of->open_high) {
        return msc_arena_printf(p->arena, "not determined by these data: any value from %s fits, all %s.", fit,
                                e->known ? "that its prior leaves" : "of its range");
    }
    if (below ? of->data_high : of->data_low) {
        return msc_arena_printf(p->arena, "the data only say that it is not %s: any value from %s fits.", below ? "higher" : "lower", fit);
    }
    return msc_arena_printf(p->arena, "not determined by these data: any value from %s fits, and what ends it %s is its prior.", fit,
                            below ? "above" : "below");
}

static const char *sentence_by_profile(const page *p, size_t k)
{
    const msc_fit_estimate *e = &p->w->fit->estimate[k];
    const msc_fit_profile *of = &p->w->profile[k];
    double low = 0, high = 0;
    interval_of(p, k, &low, &high);
    const double left = msc_fit_share_left(e, low, high, p->by_posterior);
    const char *fit = msc_arena_printf(p->arena, "%s to %s%s", msc_fit_page_number(p, low, 3), msc_fit_page_number(p, high, 3),
                                       msc_fit_page_unit(p, e->unit));
    if (p->w->result[k].at_end < 0 ? !of->open_high : p->w->result[k].at_end > 0 && !of->open_low) {
        return sentence_at_end(p, k, fit);
    }
    if (of->open_low || of->open_high) {
        return sentence_of_open(p, of, e, fit);
    }
    if (!e->known) {
        return msc_arena_printf(p->arena, left > STRONG ? "hardly determined by these data: any value from %s fits."
                                                        : "determined by these data: %s.", fit);
    }
    const char *spread = isfinite(left) ? msc_arena_printf(p->arena, " (%.0f %% of its prior's spread is left)", 100 * left) : "";
    if (of->data_low && of->data_high) {
        return msc_arena_printf(p->arena, "determined by these data: %s%s.", fit, spread);
    }
    if (of->data_low || of->data_high) {
        return msc_arena_printf(p->arena, "held from %s by the data, from %s by its prior: any value from %s fits%s.",
                                of->data_low ? "below" : "above", of->data_low ? "above" : "below", fit, spread);
    }
    return msc_arena_printf(p->arena, "not determined by these data: any value from %s fits, and both ends are its prior's%s.", fit, spread);
}

/* In the unit of the study's data, if they have one: "on day 3", "at 0.5 h". */
static const char *when_of(const page *p, const msc_fit_next *x)
{
    const msc_fit *f = p->w->fit;
    const msc_fit_study *study = &f->study[x->study];
    const char *unit = f->row[study->row[0]].from->time_unit;
    for (size_t i = 0; i < study->n_row && unit; i++) {
        unit = strcmp(f->row[study->row[i]].from->time_unit, unit) == 0 ? unit : NULL;
    }
    const char *text = msc_fit_page_time(p->arena, f, unit, x->time);
    return msc_arena_printf(p->arena, strncmp(text, "day ", 4) == 0 ? "on %s" : "at %s", text);
}

/* "activity[lung] in mice on day 3" */
static const char *next_text(const page *p, const msc_fit_next *x)
{
    const msc_fit *f = p->w->fit;
    return msc_arena_printf(p->arena, "%s%s%s %s", x->label, f->n_study > 1 ? " in " : "", f->n_study > 1 ? f->study[x->study].name : "",
                            when_of(p, x));
}

/* What else to measure, if it is worth it: of a new subject, and of one who has been measured. */
static const char *advice(const page *p, size_t k)
{
    const msc_fit_next *x = &p->w->next[k], *again = &p->w->again[k];
    const bool fresh = x->any && x->left <= HELPFUL, known = again->any && again->left <= HELPFUL;
    if (!fresh && !known) {
        return " No single measurement more of what is observed would tell much of it.";
    }
    const char *of_again = known ? msc_arena_printf(p->arena, "one more of %s, of %s, who has been measured, would leave %.0f %%",
                                                    next_text(p, again), again->subject, 100 * again->left) : "";
    if (!fresh) {
        return msc_arena_printf(p->arena, " O%s of its variance; of a new subject none would tell much.", of_again + 1);
    }
    const char *first = msc_arena_printf(p->arena, " One more of %s%s would leave %.0f %% of its variance", next_text(p, x),
                                         x->of_subjects ? ", of a new subject," : "", 100 * x->left);
    return !again->any ? msc_arena_printf(p->arena, "%s.", first)
           : known     ? msc_arena_printf(p->arena, "%s; %s.", first, of_again)
                       : msc_arena_printf(p->arena, "%s; none of a subject who has been measured would tell much.", first);
}

/* ---- standard errors and correlations ---- */

static const char *list_of(const page *p, const bool *is, size_t n)
{
    const char *names = "";
    size_t left = 0;
    for (size_t k = 0; k < n; k++) {
        left += is[k];
    }
    for (size_t k = 0; k < n; k++) {
        if (is[k]) {
            left--;
            names = msc_arena_printf(p->arena, "%s%s%s", names, p->w->fit->estimate[k].name, left == 0 ? "" : left == 1 ? " and " : ", ");
        }
    }
    return names;
}

/* Do profile and curvature tell different stories? */
static bool is_lopsided(const msc_fitted *w, size_t k)
{
    const msc_fit_profile *of = &w->profile[k];
    const double spread = Z * sqrt(w->covariance[k * w->fit->n_estimate + k]);
    const double down = (w->t[k] - of->low) / spread, up = (of->high - w->t[k]) / spread;
    if (!of->done || !isfinite(spread)) {
        return false;
    }
    return of->open_low || of->open_high || !(down < LOPSIDED && down > 1 / LOPSIDED && up < LOPSIDED && up > 1 / LOPSIDED);
}

static void print_meaningless(const page *p)
{
    const msc_fitted *w = p->w;
    const size_t n = w->fit->n_estimate;
    bool *none = MSC_NEW(p->arena, bool, n), *lopsided = MSC_NEW(p->arena, bool, n), *without = MSC_NEW(p->arena, bool, n);
    for (size_t k = 0; k < n; k++) {
        none[k] = w->result[k].open, lopsided[k] = !none[k] && is_lopsided(w, k), without[k] = !w->profile[k].done && !none[k];
    }
    if (*list_of(p, none, n)) {
        msc_page_text(p->out, 0, 0, msc_arena_printf(p->arena, "No standard errors and no correlations: %s. The log posterior is flat there, or "
                                                     "the estimate lies at an end of its range.", list_of(p, none, n)));
    }
    if (*list_of(p, lopsided, n)) {
        msc_page_text(p->out, 0, 0, msc_arena_printf(p->arena, "Standard errors that are no guide, since the profile is no parabola: %s.",
                                                     list_of(p, lopsided, n)));
    }
    if (*list_of(p, without, n)) {
        msc_page_text(p->out, 0, 0, msc_arena_printf(p->arena, "Intervals by the curvature at the best values alone, good where they are narrow "
                                                     "beside the range: %s.", list_of(p, without, n)));
    }
}

static void print_correlations(const page *p)
{
    const msc_fitted *w = p->w;
    const size_t n = w->fit->n_estimate;
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < k; j++) {
            const double r = w->covariance[k * n + j] / sqrt(w->covariance[k * n + k] * w->covariance[j * n + j]);
            if (fabs(r) > STRONG) {
                fprintf(p->out, "  %s and %s trade off (correlation %.2f).\n", w->fit->estimate[j].name, w->fit->estimate[k].name, r);
            }
        }
    }
}

/* ---- directions ---- */

/* Who has part in a direction that is not told; NULL: another one before has the same, and told of both. */
static const char *partners_in(const page *p, const msc_fit_directions *d, size_t i)
{
    const size_t n = p->w->fit->n_estimate;
    const msc_identifiability id = {.n = n, .direction = d->direction};
    bool *part = MSC_NEW(p->arena, bool, n), *other = MSC_NEW(p->arena, bool, n);
    size_t *partner = MSC_NEW(p->arena, size_t, n), alike = 0;
    for (size_t k = d->told; k < d->used; k++) {
        memset(other, 0, n * sizeof *other);
        const size_t all = msc_identify_partners(&id, i, partner);
        for (size_t j = 0; j < all; j++) {
            part[partner[j]] = true;
        }
        const size_t q = msc_identify_partners(&id, k, partner);
        for (size_t j = 0; j < q; j++) {
            other[partner[j]] = true;
        }
        if (memcmp(part, other, n * sizeof *part) == 0) {
            alike++;
            if (k < i) {
                return NULL;
            }
        }
    }
    const size_t q = msc_identify_partners(&id, i, partner);
    const char *names = "";
    for (size_t j = 0; j < q; j++) {
        names = msc_arena_printf(p->arena, "%s%s%s", names, j == 0 ? "" : j + 1 == q ? " and " : ", ", p->w->fit->estimate[partner[j]].name);
    }
    return alike > 1 ? msc_arena_printf(p->arena, "not told: %s, in %zu directions", names, alike)
           : q > 1   ? msc_arena_printf(p->arena, "not told: %s, together", names)
                     : msc_arena_printf(p->arena, "not told: %s", names);
}

static const char *rank_text(const page *p, const msc_fit_directions *d)
{
    return d->rank == d->used ? msc_arena_printf(p->arena, "rank %zu, condition %.2g", d->rank, d->condition)
                              : msc_arena_printf(p->arena, "rank %zu", d->rank);
}

static void print_directions(const page *p)
{
    const msc_fit_directions *after = &p->w->after, *before = &p->w->before;
    if (after->used == 0) {
        return;
    }
    fputs("  ", p->out);
    msc_page_text(p->out, 2, 4,
                  msc_arena_printf(p->arena, "What is predicted can change in %zu direction%s. Where the first start begins, the data can tell %zu of "
                                   "them better than was known (%s); at the best %zu (%s).", after->used, after->used == 1 ? "" : "s",
                                   before->told, rank_text(p, before), after->told, rank_text(p, after)));
    for (size_t i = after->told; i < after->used; i++) {
        const char *text = partners_in(p, after, i);
        if (text) {
            fputs("    ", p->out);
            msc_page_text(p->out, 4, 6, text);
        }
    }
}

void msc_fit_page_tell(const page *p)
{
    const msc_fitted *w = p->w;
    fprintf(p->out, "\nWhat the data tell\n");
    if (p->by_posterior) {
        fputs("  ", p->out);
        msc_page_text(p->out, 2, 2, "(The intervals here are the posterior's, 95 % of its draws; what ends them is by the profiles.)");
    }
    for (size_t k = 0; k < w->fit->n_estimate; k++) {
        const char *says = w->profile[k].done ? sentence_by_profile(p, k) : sentence_by_curvature(p, k);
        fprintf(p->out, "  %s: ", w->fit->estimate[k].name);
        msc_page_text(p->out, (int)strlen(w->fit->estimate[k].name) + 4, 4, msc_arena_printf(p->arena, "%s%s", says, advice(p, k)));
    }
    print_correlations(p);
    print_directions(p);
    print_meaningless(p);
}
