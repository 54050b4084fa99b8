/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit beforehand: what would be done, and how large it is. Nothing is run. */
#include <string.h>

#include "fit/keep.h"
#include "fit/page.h"
#include "scenario/page.h"
#include "store/journal.h"

enum { NAME = 18, PROFILE_POINTS = 30, OF_AN_ARRAY = 1400, ARRAYS = 90 }; /* about: of a profile; bytes that describe an array */

typedef msc_fit_page page;

/* ---- sizes: about, but for the draws ---- */

static double rest_of(const msc_fit_sampling *s)
{
    return (double)((s->steps - s->warmup) / s->thin);
}

static double walkers_of(const msc_fit *f)
{
    return (double)(f->sample.how.ensembles * f->sample.how.walkers);
}

static size_t profiles_of(const msc_fit *f)
{
    size_t n = 0;
    for (size_t k = 0; k < f->n_estimate; k++) {
        n += f->profile[k];
    }
    return n;
}

/* FILE.part */
static double journal_bytes(const msc_fit *f)
{
    const double n = (double)f->n_estimate, tally = MSC_FIT_REASONS * 8 + MSC_FIT_WORDS;
    return (double)f->n_start * (MSC_JOURNAL_OVERHEAD + 8 * (5 + n) + tally) +
           (double)profiles_of(f) * (MSC_JOURNAL_OVERHEAD + 8 * (11 + n + 2 * PROFILE_POINTS) + tally);
}

/* FILE.draws.part */
static double draws_bytes(const msc_fit *f)
{
    const double each = MSC_JOURNAL_OVERHEAD + 8 * (1 + walkers_of(f) * (double)(f->n_estimate + 1));
    return f->sample.origin ? (double)(f->sample.steps + 1) * each : 0;
}

static double file_bytes(msc_arena *arena, const msc_fit *f, size_t curves)
{
    const msc_fit_texts texts = msc_fit_texts_of(arena, f);
    const double n = (double)f->n_estimate, grid = (double)(curves * f->n_grid);
    double bytes = ARRAYS * OF_AN_ARRAY + 8 * ((double)f->n_row * (20 + n) + (double)f->n_start * (2 * n + 4) + grid);
    for (size_t i = 0; i < texts.n; i++) {
        bytes += (double)strlen(texts.text[i]);
    }
    bytes += profiles_of(f) > 0 ? 16 * n * 2 * PROFILE_POINTS : 0;
    return f->sample.origin ? bytes + 8 * (rest_of(&f->sample) * walkers_of(f) * (n + 1) + 3 * grid) : bytes;
}

/* ---- in words ---- */

static const char *scale_text(msc_fit_scale scale)
{
    return scale == MSC_FIT_LINEAR ? "linear" : scale == MSC_FIT_LOGIT ? "logit" : "log";
}

static void print_studies(const page *p, const msc_fit *f)
{
    fprintf(p->out, "\nStudies\n");
    for (size_t s = 0; s < f->n_study; s++) {
        const msc_fit_study *study = &f->study[s];
        fprintf(p->out, "  %-*s ", NAME - 3, *study->name ? study->name : "(one)");
        msc_page_text(p->out, NAME, NAME,
                      msc_arena_printf(p->arena, "%zu row%s; %s%s", study->n_row, study->n_row == 1 ? "" : "s", study->path,
                                       study->no_slopes ? "; derivatives by differences of runs" : ""));
    }
}

static void print_estimates(const page *p, const msc_fit *f)
{
    fprintf(p->out, "\nEstimates\n");
    for (size_t k = 0; k < f->n_estimate; k++) {
        const msc_fit_estimate *e = &f->estimate[k];
        const char *path = "";
        for (size_t i = 0; i < e->n_path; i++) {
            path = msc_arena_printf(p->arena, "%s%s%s", path, i > 0 ? ", " : "", e->path[i]);
        }
        fprintf(p->out, "  %-*s ", NAME - 3, e->name);
        const int at = (int)strlen(e->name) > NAME - 3 ? (int)strlen(e->name) + 3 : NAME;
        msc_page_text(p->out, at, NAME,
                      msc_arena_printf(p->arena, "%s%s%s; %s; searched on a %s scale from %s%s", path, e->study == MSC_FIT_NONE ? "" : ", only of ",
                                       e->study == MSC_FIT_NONE ? "" : f->study[e->study].name,
                                       e->known ? msc_distribution_text(p->arena, &e->prior)
                                                : msc_arena_printf(p->arena, "%g to %g%s", e->low, e->high, msc_fit_page_unit(p, e->unit)),
                                       scale_text(e->scale), msc_fit_page_number(p, e->start, 3), msc_fit_page_unit(p, e->unit)));
    }
}

/* Things that are seen of studies. */
static size_t count_curves(const msc_fit *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_row; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++) {
            first = f->row[k].study != f->row[i].study || f->row[k].observe != f->row[i].observe || strcmp(f->row[k].label, f->row[i].label) != 0;
        }
        n += first;
    }
    return n;
}

static void print_work(const page *p, const msc_fit *f, const char *file)
{
    char text[MSC_PAGE_NUMBER];
    const size_t profiles = profiles_of(f);
    fprintf(p->out, "\nNothing is wrong%s. This would be done:\n", msc_fit_warning(f, 0, NULL) ? ", but there are warnings" : "");
    fprintf(p->out, "  starts    %zu\n", f->n_start);
    fprintf(p->out, profiles > 0 ? "  profiles  %zu, of 50 to 100 points each\n" : "  profiles  none\n", profiles);
    if (f->sample.origin) {
        fprintf(p->out, "  posterior ");
        msc_page_text(p->out, 12, 12,
                      msc_arena_printf(p->arena, "%zu ensembles of %zu walkers (%s), %zu steps, the first %zu left out: %.0f runs of each study",
                                       f->sample.how.ensembles, f->sample.how.walkers,
                                       f->sample.how.method == MSC_SAMPLE_STRETCH ? "stretch" : "demcz", f->sample.steps, f->sample.warmup,
                                       walkers_of(f) * (double)f->sample.steps));
    }
    fprintf(p->out, "  journal   about %s", msc_page_bytes(text, journal_bytes(f)));
    fprintf(p->out, f->sample.origin ? " and %s while it runs\n" : " while it runs\n", msc_page_bytes(text, draws_bytes(f)));
    fprintf(p->out, "  results   about %s%s%s\n", msc_page_bytes(text, file_bytes(p->arena, f, count_curves(f))), file ? " in " : "", file ? file : "");
}

msc_status msc_fit_preview(const msc_fit *fit, const char *file, FILE *stream, msc_error *err)
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
    const page p = {.arena = arena, .out = stream};
    msc_fit_page_title(&p, fit);
    print_studies(&p, fit);
    print_estimates(&p, fit);
    print_work(&p, fit, file);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}

msc_status msc_fit_wanted(const char *path, const char *const *settings, size_t n_settings, bool *wanted, msc_error *err)
{
    msc_scenario *opened = NULL;
    const msc_status status = msc_scenario_open(path, settings, n_settings, n_settings, &opened, err);
    *wanted = status == MSC_OK && msc_conf_find(opened->model->tree, "fit");
    msc_scenario_free(opened);
    return status;
}
