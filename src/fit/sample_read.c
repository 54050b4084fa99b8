/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The section `fit.sample`: how the posterior is sampled. */
#include <string.h>

#include "base/text.h"
#include "fit/fit.h"

enum { ENSEMBLES_LEAST = 4, ENSEMBLES_MOST = 64, WALKERS_MOST = 10000, STEPS_LEAST = 8, STEPS_MOST = 10000000 };
enum { STEPS = 2000, DRAWS = 200, MANY = 4 };     /* if nothing is said: steps, kept ones; estimates of which there are many */
static const double NUMBERS_MOST = 134217728;      /* in memory: a gigabyte */

/* ---- the section ---- */

static msc_sample_method method_of(msc_fit *f, const msc_conf *node)
{
    static const char *const names[] = {"stretch", "demcz"};
    const char *name = node ? msc_conf_string(f->arena, node) : names[f->n_estimate > MANY];
    if (strcmp(name, names[0]) == 0) {
        return MSC_SAMPLE_STRETCH;
    }
    if (strcmp(name, names[1]) != 0) {
        msc_conf_fail(f->arena, node, "'%s' is no method of sampling; it is \"stretch\" or \"demcz\"%s", name,
                      msc_text_suggest(f->arena, name, names, 2));
    }
    return MSC_SAMPLE_DEMCZ;
}

static size_t count_of(msc_fit *f, const char *key, size_t otherwise, long long least, long long most)
{
    const msc_conf *node = msc_conf_find(f->sample.origin, key);
    return node ? (size_t)msc_conf_integer(f->arena, node, least, most) : otherwise;
}

static void read_ensembles(msc_fit *f)
{
    const msc_conf *node = msc_conf_find(f->sample.origin, "ensembles");
    const long long n = node ? msc_conf_integer(f->arena, node, 1, ENSEMBLES_MOST) : ENSEMBLES_LEAST;
    if (n < ENSEMBLES_LEAST) {
        msc_conf_fail(f->arena, node, "%lld ensemble%s cannot tell whether they agree: %d or more", n, n == 1 ? "" : "s",
                      ENSEMBLES_LEAST);
    }
    f->sample.how.ensembles = (size_t)n;
}

static void read_walkers(msc_fit *f)
{
    const bool stretch = f->sample.how.method == MSC_SAMPLE_STRETCH;
    const size_t n = f->n_estimate, least = stretch ? 2 * n + 2 : 3, usual = 2 * n + 2 > 16 ? 2 * n + 2 : 16;
    const msc_conf *node = msc_conf_find(f->sample.origin, "walkers");
    f->sample.how.walkers = count_of(f, "walkers", usual, 1, WALKERS_MOST);
    const size_t walkers = f->sample.how.walkers;
    if (walkers < least) {
        msc_conf_fail(f->arena, node, "an ensemble for %zu estimate%s has %zu walkers at least, not %zu", n, n == 1 ? "" : "s", least,
                      walkers);
    }
    if (stretch && walkers % 2) {
        msc_conf_fail(f->arena, node, "the stretch move goes by halves of an ensemble: an even number of walkers, not %zu", walkers);
    }
}

static void read_steps(msc_fit *f)
{
    msc_fit_sampling *s = &f->sample;
    const msc_conf *warmup = msc_conf_find(s->origin, "warmup"), *steps = msc_conf_find(s->origin, "steps");
    s->steps = count_of(f, "steps", STEPS, STEPS_LEAST, STEPS_MOST);
    s->warmup = count_of(f, "warmup", s->steps / 2, 0, STEPS_MOST);
    if (s->warmup + STEPS_LEAST / 2 > s->steps) {
        msc_conf_fail(f->arena, warmup, "%zu of %zu steps are left out as warm-up: %d at least must be left", s->warmup, s->steps,
                      STEPS_LEAST / 2);
    }
    const size_t rest = s->steps - s->warmup;
    s->thin = count_of(f, "thin", (rest + DRAWS - 1) / DRAWS, 1, STEPS_MOST);
    if (s->thin > rest) {
        msc_conf_fail(f->arena, msc_conf_find(s->origin, "thin"), "every %zu-th of %zu steps: none is left", s->thin, rest);
    }
    const double numbers = (double)(s->how.ensembles * s->how.walkers * (f->n_estimate + 1)) * (double)s->steps;
    if (numbers > NUMBERS_MOST) {
        msc_conf_fail(f->arena, steps ? steps : s->origin, "%zu steps of %zu walkers would take %.3g GB; at most %.3g GB: fewer steps", s->steps,
                      s->how.ensembles * s->how.walkers, numbers * sizeof(double) / 1e9, NUMBERS_MOST * sizeof(double) / 1e9);
    }
}

void msc_fit_sample_read(msc_fit *f)
{
    static const char *const keys[] = {"method", "ensembles", "walkers", "steps", "warmup", "thin", NULL};
    f->sample.origin = msc_conf_find(f->section, "sample");
    if (!f->sample.origin) {
        return;
    }
    msc_conf_need_kind(f->arena, f->sample.origin, MSC_CONF_GROUP);
    msc_conf_known(f->arena, f->sample.origin, keys);
    f->sample.how = (msc_sampler_options){.n = f->n_estimate, .seed = f->seed};
    f->sample.how.method = method_of(f, msc_conf_find(f->sample.origin, "method"));
    read_ensembles(f);
    read_walkers(f);
    read_steps(f);
}
