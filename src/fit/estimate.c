/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimates of a fit: what each stands for, between which values, on which scale it is searched. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "fit/fit.h"

static const double NEAR_END = 16;  /* logit: a ten-millionth from the end */
static const double NEAR_ZERO = 36; /* the rounding of a number as large as the range; 0 itself is known exactly */
static const double DECADES = 100;  /* a range above 0 over more than this is one of orders of magnitude */

/* ---- coordinates ---- */

static double share_of(double t)
{
    return t >= 0 ? 1 / (1 + exp(-t)) : exp(t) / (1 + exp(t));
}

double msc_fit_value_of(const msc_fit_estimate *e, double t)
{
    switch (e->scale) {
    case MSC_FIT_LINEAR: return e->first + e->second * t;
    case MSC_FIT_LOG: return exp(t);
    case MSC_FIT_LOGIT: return t < 0 ? e->low + (e->high - e->low) * share_of(t) : e->high - (e->high - e->low) * share_of(-t);
    case MSC_FIT_LOGLOGIT: return fmin(fmax(e->low * pow(e->high / e->low, share_of(t)), e->low), e->high);
    }
    return NAN;
}

double msc_fit_slope_of(const msc_fit_estimate *e, double t)
{
    switch (e->scale) {
    case MSC_FIT_LINEAR: return e->second;
    case MSC_FIT_LOG: return exp(t);
    case MSC_FIT_LOGIT: return (e->high - e->low) * share_of(t) * share_of(-t);
    case MSC_FIT_LOGLOGIT: return msc_fit_value_of(e, t) * log(e->high / e->low) * share_of(t) * share_of(-t);
    }
    return NAN;
}

double msc_fit_coordinate_of(const msc_fit_estimate *e, double x)
{
    switch (e->scale) {
    case MSC_FIT_LINEAR: return (x - e->first) / e->second;
    case MSC_FIT_LOG: return log(x);
    case MSC_FIT_LOGIT: return log(x - e->low) - log(e->high - x);
    case MSC_FIT_LOGLOGIT: return log(log(x / e->low)) - log(log(e->high / x));
    }
    return NAN;
}

msc_scale msc_fit_vary_scale(const msc_fit_estimate *e)
{
    return e->scale == MSC_FIT_LINEAR ? MSC_SCALE_LINEAR : e->scale == MSC_FIT_LOGIT ? MSC_SCALE_LOGIT : MSC_SCALE_LOG;
}

double msc_fit_scale_slope(const msc_fit_estimate *e, double t)
{
    switch (e->scale) {
    case MSC_FIT_LINEAR: return e->second;
    case MSC_FIT_LOG:
    case MSC_FIT_LOGIT: return 1;
    case MSC_FIT_LOGLOGIT: return log(e->high / e->low) * share_of(t) * share_of(-t);
    }
    return NAN;
}

/* Without a prior, by the range: evenly on its scale. */
static double share_of_range(const msc_fit_estimate *e, double u)
{
    return e->scale == MSC_FIT_LOGLOGIT ? e->low * pow(e->high / e->low, u) : e->low + (e->high - e->low) * u;
}

double msc_fit_draw_of(const msc_fit_estimate *e, double u)
{
    const double x = e->known ? msc_distribution_quantile(&e->prior, u) : share_of_range(e, u);
    return x > e->low && x < e->high ? x : share_of_range(e, u); /* a prior that reaches beyond the range */
}

void msc_fit_reach(const msc_fit_estimate *e, double *low, double *high)
{
    const bool logit = e->scale == MSC_FIT_LOGIT, bounded = logit || e->scale == MSC_FIT_LOGLOGIT;
    *low = !bounded ? (double)-INFINITY : logit && e->low == 0 ? -NEAR_ZERO : -NEAR_END;
    *high = !bounded ? (double)INFINITY : logit && e->high == 0 ? NEAR_ZERO : NEAR_END;
}

double msc_fit_shown_of(const msc_fit_estimate *e, double t)
{
    double low = 0, high = 0;
    msc_fit_reach(e, &low, &high);
    return t <= low ? e->low : t >= high ? e->high : msc_fit_value_of(e, t);
}

/* ---- names and paths ---- */

static const char **paths_of(msc_arena *arena, const msc_conf *node, size_t *n)
{
    const bool one = node->kind == MSC_CONF_STRING;
    if (!one && node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, node, "a path is wanted, e.g. \"parameters.arrest.lung\", or a list of them");
    }
    *n = one ? 1 : node->n;
    const char **path = MSC_NEW(arena, const char *, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        path[i] = msc_conf_string(arena, one ? node : node->child[i]);
    }
    if (*n == 0) {
        msc_conf_fail(arena, node, "it stands for nothing");
    }
    return path;
}

static const char OBSERVATION[] = "observation.";

static bool of_observation(const char *path)
{
    return strncmp(path, OBSERVATION, strlen(OBSERVATION)) == 0;
}

/* "observation.lung.factor": whose and which. */
static void connect_observation(msc_fit *f, size_t k, const msc_conf *vary, const char *path)
{
    static const char *const what[] = {"factor", "additive", "proportional", "subject"};
    const char *name = path + strlen(OBSERVATION), *dot = strrchr(name, '.');
    msc_fit_observe *o = NULL;
    const char **known = MSC_NEW(f->arena, const char *, f->n_observe + 1);
    for (size_t i = 0; dot && i < f->n_observe; i++) {
        known[i] = f->observe[i].name;
        if (strlen(known[i]) == (size_t)(dot - name) && strncmp(known[i], name, (size_t)(dot - name)) == 0) {
            o = &f->observe[i];
        }
    }
    if (!dot) {
        msc_conf_fail(f->arena, vary, "'%s' names no number: observation.NAME.factor, .additive, .proportional or .subject",
                      path);
    }
    if (!o) {
        const char *wrong = msc_arena_strndup(f->arena, name, (size_t)(dot - name));
        msc_conf_fail(f->arena, vary, "there is no '%s' in fit.observe%s", wrong,
                      msc_text_suggest(f->arena, wrong, known, f->n_observe));
    }
    size_t *slot[] = {&o->by_factor, &o->by_additive, &o->by_proportional, &o->by_subject};
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(dot + 1, what[i]) == 0) {
            if (*slot[i] != MSC_FIT_NONE) {
                msc_conf_fail(f->arena, vary, "'%s' is estimated twice, here and as '%s'", path, f->estimate[*slot[i]].name);
            }
            if (i == 1 && o->error.family == MSC_FAMILY_LOGNORMAL) {
                msc_conf_fail(f->arena, vary, "a lognormal error has no additive part");
            }
            if (i == 3 && o->shares) {
                msc_conf_fail(f->arena, vary, "what a subject has more or less is a share here: that is an error of kind \"lognormal\"");
            }
            *slot[i] = k;
            return;
        }
    }
    msc_conf_fail(f->arena, vary, "'%s' is no number of an observation: factor, additive, proportional or subject%s", dot + 1,
                  msc_text_suggest(f->arena, dot + 1, what, 4));
}

static size_t find_study(const msc_fit *f, const msc_conf *node)
{
    const char *name = msc_conf_string(f->arena, node), **known = MSC_NEW(f->arena, const char *, f->n_study + 1);
    for (size_t i = 0; i < f->n_study; i++) {
        known[i] = f->study[i].name;
        if (strcmp(known[i], name) == 0) {
            return i;
        }
    }
    msc_conf_fail(f->arena, node, "the data have no study '%s'%s", name, msc_text_suggest(f->arena, name, known, f->n_study));
}

static void read_estimate(msc_fit *f, size_t k, const msc_conf *node)
{
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    msc_conf_known(f->arena, node, (const char *const[]){"vary", "range", "scale", "start", "prior", "study", NULL});
    const msc_conf *vary = msc_conf_need(f->arena, node, "vary"), *study = msc_conf_find(node, "study");
    msc_fit_estimate *e = &f->estimate[k];
    *e = (msc_fit_estimate){.name = node->name, .origin = node, .study = MSC_FIT_NONE, .own = NAN, .start = NAN};
    e->path = paths_of(f->arena, vary, &e->n_path);
    e->of_model = !of_observation(e->path[0]);
    for (size_t i = 0; i < e->n_path; i++) {
        if (of_observation(e->path[i]) == e->of_model) {
            msc_conf_fail(f->arena, vary, "one value cannot be both of the model and of what is observed");
        }
        if (!e->of_model) {
            connect_observation(f, k, vary, e->path[i]);
        }
    }
    if (study && !e->of_model) {
        msc_conf_fail(f->arena, study, "what is observed is the same in all studies: write an entry of observe for each");
    }
    e->study = study ? find_study(f, study) : MSC_FIT_NONE;
}

void msc_fit_estimates_read(msc_fit *f)
{
    const msc_conf *node = msc_conf_need(f->arena, f->section, "estimate");
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    if (node->n == 0) {
        msc_conf_fail(f->arena, node,
                      "nothing to estimate; e.g. arrest_lung = { vary = \"parameters.arrest.lung\"; range = [0.01, 0.99]; };");
    }
    f->estimate = MSC_NEW(f->arena, msc_fit_estimate, node->n);
    for (size_t i = 0; i < node->n; i++) {
        read_estimate(f, f->n_estimate++, node->child[i]);
    }
}

/* ---- units and numbers ---- */

/* The unit and the model's own value, from the first study it is of. */
static void take_unit(msc_fit *f, size_t k, const msc_scenario **of)
{
    msc_fit_estimate *e = &f->estimate[k];
    bool any = false;
    *of = f->opened;
    for (size_t s = 0; s < f->n_study; s++) {
        for (size_t v = 0; v < f->study[s].n_vary; v++) {
            if (f->study[s].estimate[v] != k) {
                continue;
            }
            const char *unit = msc_batch_unit(f->study[s].batch, v);
            if (any && strcmp(unit, e->unit) != 0) {
                msc_conf_fail(f->arena, e->origin, "'%s' is in %s, but '%s' in %s: they cannot take one value", e->path[0], e->unit,
                              f->study[s].vary[v].path, unit);
            }
            if (!any) {
                e->unit = msc_arena_strdup(f->arena, unit), e->own = msc_batch_value(f->study[s].batch, v);
                *of = msc_batch_scenario(f->study[s].batch);
            }
            any = true;
        }
    }
    for (size_t i = 0; i < f->n_observe && !e->of_model; i++) {
        const msc_fit_observe *o = &f->observe[i];
        const bool shift = o->by_additive == k || (o->by_subject == k && o->error.family == MSC_FAMILY_NORMAL);
        const bool pure = o->by_factor == k || o->by_proportional == k || o->by_subject == k;
        const char *unit = shift ? o->unit : pure ? "1" : NULL;
        if (unit && e->unit && strcmp(unit, e->unit) != 0) {
            msc_conf_fail(f->arena, e->origin, "it is in %s here and in %s there: they cannot take one value", e->unit, unit);
        }
        e->unit = unit ? unit : e->unit;
        if (isnan(e->own) && unit) {
            e->own = o->by_factor == k       ? o->factor
                     : o->by_additive == k   ? o->error.additive
                     : o->by_subject == k    ? o->error.subject
                                             : o->error.proportional;
        }
    }
    if (!e->unit) { /* nobody observes it: told by who sees that nothing depends on it */
        e->unit = "1";
    }
}

static int parameter_of(const msc_model *m, const char *path)
{
    char name[128];
    if (strncmp(path, "parameters.", 11) != 0) {
        return -1;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(path + 11, ".[{"), path + 11);
    for (size_t i = 0; i < m->n_parameter; i++) {
        if (strcmp(m->parameter[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* prior = { distribution = "lognormal"; sd_log = 0.3; }, or "own" */
static void read_prior(msc_fit *f, msc_fit_estimate *e, const msc_scenario *of, msc_quantity_unit *unit)
{
    const msc_conf *node = msc_conf_find(e->origin, "prior");
    if (!node) {
        return;
    }
    msc_conf_need_kind(f->arena, node, MSC_CONF_GROUP);
    msc_conf_need(f->arena, node, "distribution");
    e->known = true;
    if (msc_distribution_is_own(node)) {
        const int parameter = e->of_model ? parameter_of(of->model, e->path[0]) : -1;
        if (parameter < 0) {
            msc_conf_fail(f->arena, node, "only a parameter of the model has a distribution of its own");
        }
        e->prior = msc_distribution_own(f->arena, of->model, parameter, e->own, node);
        return;
    }
    const msc_distribution_reader reader = {
        .arena = f->arena, .number = msc_quantity_read, .context = unit, .unit = e->unit, .value = e->own};
    e->prior = msc_distribution_read(&reader, node);
}

/* Ends: as given, else the prior's, else those the model gives. */
static void read_ends(msc_fit *f, msc_fit_estimate *e, const msc_scenario *of, msc_quantity_unit *unit)
{
    const msc_conf *node = msc_conf_find(e->origin, "range");
    e->low = -INFINITY, e->high = INFINITY;
    if (node) {
        if ((node->kind != MSC_CONF_ARRAY && node->kind != MSC_CONF_LIST) || node->n != 2) {
            msc_conf_fail(f->arena, node, "a range is two numbers; e.g. [0.01, 0.99]");
        }
        e->low = msc_quantity_read(unit, node->child[0], false), e->high = msc_quantity_read(unit, node->child[1], false);
        if (!(e->low < e->high) || !isfinite(e->high - e->low)) {
            msc_conf_fail(f->arena, node, "the second number is to be above the first: here are %g and %g", e->low, e->high);
        }
    } else if (!e->known && e->of_model) {
        const int p = parameter_of(of->model, e->path[0]);
        if (p >= 0 && of->model->parameter[p].ranged) {
            e->low = of->model->parameter[p].low / of->model->parameter[p].factor;
            e->high = of->model->parameter[p].high / of->model->parameter[p].factor;
        }
    }
    if (!node && !e->known && !isfinite(e->high - e->low)) {
        msc_conf_fail(f->arena, e->origin, "where may it lie? give a range (range = [0.01, 0.99];) or a prior");
    }
    if (e->known) {
        e->low = fmax(e->low, e->prior.low), e->high = fmin(e->high, e->prior.high);
        if (!(e->low < e->high)) {
            msc_conf_fail(f->arena, node ? node : e->origin, "nothing of the prior lies in the range");
        }
    }
}

/* Between two ends above 0: over more than two decades, or with a prior that is one of orders of magnitude. */
static const char *scale_between(const msc_fit_estimate *e)
{
    const bool by_prior = e->known && (e->prior.kind == MSC_LOGNORMAL || e->prior.kind == MSC_LOGUNIFORM || e->prior.kind == MSC_GAMMA);
    return e->low > 0 && (by_prior || e->high / e->low > DECADES) ? "log" : "logit";
}

static void choose_scale(msc_fit *f, msc_fit_estimate *e)
{
    static const char *const names[] = {"linear", "log", "logit"};
    const msc_conf *node = msc_conf_find(e->origin, "scale");
    const bool bounded = isfinite(e->low) && isfinite(e->high);
    const char *name = node ? msc_conf_string(f->arena, node) : bounded ? scale_between(e) : e->low >= 0 ? "log" : "linear";
    if (strcmp(name, "logit") == 0) {
        if (!bounded) {
            msc_conf_fail(f->arena, node, "a logit needs a range: between which two values?");
        }
        e->scale = MSC_FIT_LOGIT;
    } else if (strcmp(name, "log") == 0) {
        if (!(e->low > 0 || (e->low == 0 && !bounded))) {
            msc_conf_fail(f->arena, node, "a logarithm needs values above 0: here they begin at %g", e->low);
        }
        if (!bounded && e->low > 0) {
            msc_conf_fail(f->arena, node ? node : e->origin, "it has a lower end, and so needs an upper one: give a range");
        }
        e->scale = bounded ? MSC_FIT_LOGLOGIT : MSC_FIT_LOG;
    } else if (strcmp(name, "linear") == 0) {
        if (isfinite(e->low) || isfinite(e->high)) {
            msc_conf_fail(f->arena, node ? node : e->origin, isfinite(e->low) && isfinite(e->high)
                              ? "between two ends the scale is \"logit\" or \"log\""
                              : "it has one end, and so needs another one: give a range");
        }
        e->scale = MSC_FIT_LINEAR;
    } else {
        msc_conf_fail(f->arena, node, "'%s' is no scale; it is \"linear\", \"log\" or \"logit\"%s", name,
                      msc_text_suggest(f->arena, name, names, 3));
    }
    if (e->scale == MSC_FIT_LINEAR) {
        e->first = msc_distribution_quantile(&e->prior, 0.5);
        e->second = msc_distribution_quantile(&e->prior, 0.8413447) - e->first;
    }
}

static bool inside(const msc_fit_estimate *e, double x)
{
    return x > e->low && x < e->high;
}

static void choose_start(msc_fit *f, msc_fit_estimate *e, msc_quantity_unit *unit)
{
    const msc_conf *node = msc_conf_find(e->origin, "start");
    if (node) {
        e->start = msc_quantity_read(unit, node, false);
        if (!inside(e, e->start)) {
            msc_conf_fail(f->arena, node, "the start, %g, is not between %g and %g", e->start, e->low, e->high);
        }
        return;
    }
    e->start = inside(e, e->own) ? e->own : e->known ? msc_distribution_quantile(&e->prior, 0.5) : msc_fit_value_of(e, 0);
    if (!inside(e, e->start)) {
        e->start = msc_fit_value_of(e, 0);
    }
}

void msc_fit_estimates_finish(msc_fit *f)
{
    for (size_t k = 0; k < f->n_estimate; k++) {
        msc_fit_estimate *e = &f->estimate[k];
        const msc_scenario *of = NULL;
        take_unit(f, k, &of);
        msc_quantity_unit unit = msc_quantity_unit_of(f->arena, of->model, e->origin, e->unit);
        read_prior(f, e, of, &unit);
        read_ends(f, e, of, &unit);
        choose_scale(f, e);
        choose_start(f, e, &unit);
    }
}
