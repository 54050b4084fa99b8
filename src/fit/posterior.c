/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A posterior on the page, and in the file. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "fit/page.h"
#include "fit/record.h"
#include "fit/posterior.h"

enum { NAME = 18, CELL = 12 };

/* ---- the page ---- */

static const char *number(msc_arena *arena, double x, int digits)
{
    char text[MSC_PAGE_NUMBER];
    return msc_arena_strdup(arena, isfinite(x) ? msc_page_value(text, x, digits) : "-");
}

static void page_head(msc_arena *arena, const msc_fitted *w, FILE *out)
{
    const msc_fit *f = w->fit;
    const msc_posterior *p = w->posterior;
    const msc_sampler_options *how = &f->sample.how;
    const double moves = p->proposed > 0 ? (double)p->proposed : 1;
    fprintf(out, "\nPosterior  ");
    msc_page_text(out, 11, 2,
                  msc_arena_printf(arena, "%zu ensembles of %zu walkers (%s), %zu of %zu steps, the first %zu left out; %.0f %% of moves "
                                   "taken, %llu of %llu proposed points without a value.",
                                   how->ensembles, how->walkers, how->method == MSC_SAMPLE_STRETCH ? "stretch" : "demcz", p->done,
                                   p->steps, p->left_out, 100 * (double)p->accepted / moves, (unsigned long long)p->refused,
                                   (unsigned long long)p->proposed));
    if (p->done < p->steps) {
        fputs("  ", out);
        msc_page_text(out, 2, 2, msc_arena_printf(arena, "Interrupted after %zu of %zu steps%s", p->done, p->steps,
                                                  p->estimate ? ": this is what they tell." : ": too few to tell anything."));
    }
}

static void page_estimates(msc_arena *arena, const msc_fitted *w, FILE *out)
{
    const msc_fit *f = w->fit;
    fprintf(out, "%-*s", NAME, "");
    msc_page_cell(out, -CELL, "median");
    fprintf(out, "  %-18s%-7s", "95 %", "unit");
    msc_page_cell(out, -7, "R-hat");
    msc_page_cell(out, -8, "draws");
    msc_page_cell(out, -7, "memory");
    fprintf(out, "\n");
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_drawn *d = &w->posterior->estimate[k];
        fprintf(out, "  %-*s", NAME - 2, f->estimate[k].name);
        if (strlen(f->estimate[k].name) > NAME - 3) {
            fprintf(out, "\n%*s", NAME, "");
        }
        msc_page_cell(out, -CELL, number(arena, d->median, 3));
        fprintf(out, "  %-18s%-7s", msc_arena_printf(arena, "%s - %s", number(arena, d->low, 3), number(arena, d->high, 3)), f->estimate[k].unit);
        msc_page_cell(out, -7, msc_arena_printf(arena, "%.3f", d->r_hat));
        msc_page_cell(out, -8, msc_arena_printf(arena, "%.0f", d->ess));
        msc_page_cell(out, -7, msc_arena_printf(arena, "%.0f", d->tau));
        fprintf(out, "\n");
    }
}

/* Is what was seen where a new observation would be, 19 times of 20? */
static bool lies_outside(const msc_posterior *p, const msc_fit_row *row, size_t i)
{
    const msc_datum *d = &row->datum;
    const double low = p->row[3][i], high = p->row[4][i];
    switch (d->kind) {
    case MSC_DATUM_VALUE: return d->value < low || d->value > high;
    case MSC_DATUM_LEFT: return low > d->value;
    case MSC_DATUM_RIGHT: return high < d->value;
    case MSC_DATUM_RANGE: return d->high + d->half[1] < low || d->low - d->half[0] > high;
    case MSC_DATUM_INTERVAL: return d->high < low || d->low > high;
    }
    return false;
}

static const char *interval(msc_arena *arena, double low, double high)
{
    return msc_arena_printf(arena, "%s - %s", number(arena, low, 3), number(arena, high, 3));
}

static void page_bands(msc_arena *arena, const msc_fitted *w, FILE *out)
{
    const msc_fit *f = w->fit;
    const msc_posterior *p = w->posterior;
    bool *shown = NULL;
    const size_t left_out = f->n_row - msc_fit_page_rows(arena, f, &shown);
    size_t outside = 0;
    fprintf(out, "\n%-29s%-14s%8s  %-15s%s\n", "Bands of 95 %", "observed", "median", "predicted", "a new one");
    for (size_t i = 0; i < f->n_row; i++) {
        const msc_fit_row *row = &f->row[i];
        const double per = row->per_unit;
        const bool out_of_it = lies_outside(p, row, i);
        outside += out_of_it;
        if (!shown[i]) {
            continue;
        }
        const char *label = msc_arena_printf(arena, "%s %s", msc_fit_page_label(arena, f, i), msc_fit_page_when(arena, f, i));
        fprintf(out, "  %-27s", label);
        if (strlen(label) > 26) {
            fprintf(out, "\n%*s", 29, "");
        }
        fprintf(out, "%-14s%8s  %-15s%s%s\n", msc_fit_page_datum(arena, row), number(arena, p->row[1][i] / per, 3),
                interval(arena, p->row[0][i] / per, p->row[2][i] / per), interval(arena, p->row[3][i] / per, p->row[4][i] / per),
                out_of_it ? " *" : "");
    }
    if (left_out > 0) {
        fprintf(out, "  ... and %zu more; all are in the results file\n", left_out);
    }
    fprintf(out, outside > 0 ? "  * %zu of %zu lie where a new one would not, 19 times of 20.\n"
                             : "  %zu of %zu lie where a new one would not, 19 times of 20.\n", outside, f->n_row);
}

void msc_posterior_page(msc_arena *arena, const msc_fitted *w, FILE *out)
{
    const msc_fit *f = w->fit;
    if (!w->posterior || (w->stopped && w->posterior->done == 0)) {
        return;
    }
    page_head(arena, w, out);
    if (!w->posterior->estimate) {
        return;
    }
    const char *doubt = msc_posterior_doubt(arena, w), *flat = "";
    if (doubt) {
        fputs("  ", out);
        msc_page_text(out, 2, 2, msc_arena_printf(arena, "%c%s.", doubt[0] - 'a' + 'A', doubt + 1));
    }
    page_estimates(arena, w, out);
    for (size_t k = 0; k < f->n_estimate; k++) {
        flat = f->estimate[k].known ? flat : msc_arena_printf(arena, "%s%s%s", flat, *flat ? ", " : "", f->estimate[k].name);
    }
    if (*flat) {
        fputs("  ", out);
        msc_page_text(out, 2, 2, msc_arena_printf(arena, "Without a prior, every value of its range is taken as equally probable: %s.", flat));
    }
    page_bands(arena, w, out);
}

/* ---- the file ---- */

typedef struct {
    msc_arena *arena;
    msc_axis *axis;
    msc_array *array;
    msc_attribute *attribute;
    size_t n_axis, cap_axis, n_array, cap_array, n_attribute, cap_attribute;
} record;

static int put_axis(record *k, msc_axis axis)
{
    *MSC_PUSH(k->arena, k->axis, k->n_axis, k->cap_axis) = axis;
    return (int)k->n_axis - 1;
}

static int find_axis(const record *k, const char *name)
{
    for (size_t i = 0; i < k->n_axis; i++) {
        if (strcmp(k->axis[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static double *put_real(record *k, const char *name, const char *unit, const char *about, int n_axis, const int *axis)
{
    msc_array array = {.name = name, .kind = MSC_ARRAY_REAL, .unit = unit, .about = about, .n_axis = n_axis};
    size_t n = 1;
    for (int i = 0; i < n_axis; i++) {
        array.axis[i] = axis[i], n *= k->axis[axis[i]].n;
    }
    double *real = MSC_NEW(k->arena, double, n);
    array.real = real;
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = array;
    return real;
}

static void put_attribute(record *k, const char *name, const char *text, double value)
{
    *MSC_PUSH(k->arena, k->attribute, k->n_attribute, k->cap_attribute) = (msc_attribute){.name = name, .text = text, .number = value};
}

static void put_draws(record *k, const msc_fitted *w, int estimate)
{
    const msc_posterior *p = w->posterior;
    const msc_sampler_options *how = &w->fit->sample.how;
    const size_t n = w->fit->n_estimate, all = p->n_draw * how->ensembles * how->walkers;
    double *step = MSC_NEW(k->arena, double, p->n_draw);
    for (size_t i = 0; i < p->n_draw; i++) {
        step[i] = (double)(p->left_out + (i + 1) * w->fit->sample.thin);
    }
    const int draw = put_axis(k, (msc_axis){.name = "draw", .n = p->n_draw, .value = step, .unit = "1", .about = "steps that are kept"});
    const int ensemble = put_axis(k, (msc_axis){.name = "ensemble", .n = how->ensembles, .counted = true, .unit = "1", .about = "ensembles"});
    const int walker = put_axis(k, (msc_axis){.name = "walker", .n = how->walkers, .counted = true, .unit = "1", .about = "walkers of an ensemble"});
    const int axes[] = {draw, ensemble, walker, estimate};
    memcpy(put_real(k, "posterior", NULL, "draws from the posterior, each in its unit", 4, axes), p->draw, all * n * sizeof(double));
    memcpy(put_real(k, "posterior_log", NULL, "log posterior of the draw", 3, axes), p->log, all * sizeof(double));
}

static void put_summaries(record *k, const msc_fitted *w, int estimate)
{
    const int axes[] = {estimate};
    double *mean = put_real(k, "posterior_mean", NULL, "mean of the posterior, in its unit", 1, axes);
    double *sd = put_real(k, "posterior_sd", NULL, "standard deviation of the posterior, in its unit", 1, axes);
    double *low = put_real(k, "posterior_low", NULL, "2.5 % of the posterior lie below, in its unit", 1, axes);
    double *median = put_real(k, "posterior_median", NULL, "median of the posterior, in its unit", 1, axes);
    double *high = put_real(k, "posterior_high", NULL, "2.5 % of the posterior lie above, in its unit", 1, axes);
    double *r_hat = put_real(k, "r_hat", NULL, "split R-hat over ensembles: 1 if they agree", 1, axes);
    double *ess = put_real(k, "ess", NULL, "independent draws that the mean is worth", 1, axes);
    double *tau = put_real(k, "autocorrelation_time", "1", "steps in which a walker forgets where it was", 1, axes);
    for (size_t i = 0; i < w->fit->n_estimate; i++) {
        const msc_drawn *d = &w->posterior->estimate[i];
        mean[i] = d->mean, sd[i] = d->sd, low[i] = d->low, median[i] = d->median, high[i] = d->high, r_hat[i] = d->r_hat, ess[i] = d->ess, tau[i] = d->tau;
    }
}

static void put_row_bands(record *k, const msc_fitted *w, int row)
{
    static const char *const name[5][2] = {{"band_low", "2.5 % of draws predict less, in the row's unit"},
                                           {"band_median", "median of what draws predict"},
                                           {"band_high", "2.5 % of draws predict more"},
                                           {"replicate_low", "2.5 % of new observations would be less"},
                                           {"replicate_high", "2.5 % of new observations would be more"}};
    const msc_fit *f = w->fit;
    for (int q = 0; q < 5; q++) {
        double *real = put_real(k, name[q][0], NULL, name[q][1], 1, &row);
        for (size_t i = 0; i < f->n_row; i++) {
            real[i] = w->posterior->row[q][i] / f->observe[f->row[i].observe].per_unit;
        }
    }
}

static void put_curves(record *k, const msc_fitted *w)
{
    static const double quantile[3] = {0.025, 0.5, 0.975};
    const msc_fit *f = w->fit;
    const msc_posterior *p = w->posterior;
    const char **name = MSC_NEW(k->arena, const char *, p->n_curve), **unit = MSC_NEW(k->arena, const char *, p->n_curve);
    double *day = MSC_NEW(k->arena, double, f->n_grid), factor = 1;
    msc_dim dim;
    msc_error err = {0};
    if (msc_units_parse(f->opened->model->units, "day", &factor, &dim, &err) != MSC_OK) {
        msc_throw(k->arena, err.status, NULL, "%s", err.message);
    }
    for (size_t i = 0; i < f->n_grid; i++) {
        day[i] = f->grid[i] / factor;
    }
    for (size_t c = 0; c < p->n_curve; c++) {
        name[c] = p->curve[c].name, unit[c] = p->curve[c].unit;
    }
    const int old = find_axis(k, "curve"), old_time = find_axis(k, "band_time");
    const int curve = old >= 0 ? old : put_axis(k, (msc_axis){.name = "curve", .n = p->n_curve, .label = name, .about = "what is seen of each study"});
    const int time = old_time >= 0 ? old_time
                                   : put_axis(k, (msc_axis){.name = "band_time", .n = f->n_grid, .value = day, .unit = "day", .about = "time since day 0"});
    const int part = put_axis(k, (msc_axis){.name = "quantile", .n = 3, .value = quantile, .unit = "1", .about = "of draws"});
    if (old < 0) {
        *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
            .name = "curve_unit", .kind = MSC_ARRAY_TEXT, .about = "unit of the curve", .n_axis = 1, .axis = {curve}, .text = unit};
    }
    const int axes[] = {curve, time, part};
    double *band = put_real(k, "band", NULL, "quantiles of what draws predict over time, in the curve's unit", 3, axes);
    for (size_t c = 0; c < p->n_curve; c++) {
        for (size_t i = 0; i < f->n_grid; i++) {
            double *to = band + (c * f->n_grid + i) * 3;
            to[0] = p->curve[c].low[i], to[1] = p->curve[c].median[i], to[2] = p->curve[c].high[i];
        }
    }
}

void msc_posterior_record(msc_arena *arena, const msc_fitted *w, msc_dataset *dataset)
{
    const msc_posterior *p = w->posterior;
    if (!p || !p->estimate) {
        return;
    }
    record k = {.arena = arena};
    for (size_t i = 0; i < dataset->n_axis; i++) {
        put_axis(&k, dataset->axis[i]);
    }
    for (size_t i = 0; i < dataset->n_array; i++) {
        *MSC_PUSH(arena, k.array, k.n_array, k.cap_array) = dataset->array[i];
    }
    for (size_t i = 0; i < dataset->n_attribute; i++) {
        put_attribute(&k, dataset->attribute[i].name, dataset->attribute[i].text, dataset->attribute[i].number);
    }
    const int estimate = find_axis(&k, "estimate"), row = find_axis(&k, "datum");
    put_draws(&k, w, estimate);
    put_summaries(&k, w, estimate);
    put_row_bands(&k, w, row);
    put_curves(&k, w);
    put_attribute(&k, "sample_method", w->fit->sample.how.method == MSC_SAMPLE_STRETCH ? "stretch" : "demcz", 0);
    put_attribute(&k, "sample_steps", NULL, (double)p->steps);
    put_attribute(&k, "sample_steps_done", NULL, (double)p->done);
    put_attribute(&k, "sample_left_out", NULL, (double)p->left_out);
    put_attribute(&k, "sample_moves", NULL, (double)p->proposed);
    put_attribute(&k, "sample_moves_taken", NULL, (double)p->accepted);
    put_attribute(&k, "sample_points_without_value", NULL, (double)p->refused);
    put_attribute(&k, "sample_band_draws", NULL, (double)p->n_band);
    *dataset = (msc_dataset){.n_axis = k.n_axis, .axis = k.axis, .n_array = k.n_array, .array = k.array,
                             .n_attribute = k.n_attribute, .attribute = k.attribute};
}
