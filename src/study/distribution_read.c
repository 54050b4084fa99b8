/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Distributions as they are written in a config or a model, and in words. */
#include "study/distribution.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "engine/plan.h"

/* Shapes: below, quantiles leave the range of a double; above, GSL's distribution functions lose
 * digits, and a normal says the same. */
static const double shape_least = 0.01, shape_most_beta = 1e4, shape_most_gamma = 1e5;
/* What a truncation must leave: of 1, and of the probabilities it is the difference of. */
static const double share_least = 1e-300, digits_least = 1e-6;

enum { KEYS = 6, ALSO = 64 };

static const struct {
    const char *name;
    const char *key[KEYS]; /* besides above, below */
} kinds[] = {
    [MSC_NORMAL] = {"normal", {"mean", "sd"}},
    [MSC_LOGNORMAL] = {"lognormal", {"median", "mean", "cv", "sd_log", "gsd"}},
    [MSC_UNIFORM] = {"uniform", {"from", "to"}},
    [MSC_LOGUNIFORM] = {"loguniform", {"from", "to"}},
    [MSC_LOGITNORMAL] = {"logitnormal", {"low", "high", "median", "sd_logit"}},
    [MSC_TRIANGULAR] = {"triangular", {"low", "mode", "high"}},
    [MSC_BETA] = {"beta", {"a", "b", "low", "high"}},
    [MSC_GAMMA] = {"gamma", {"shape", "scale", "mean", "cv"}},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

const char *msc_distribution_name(msc_distribution_kind kind)
{
    return kinds[kind].name;
}

/* ---- arguments ---- */

/* A group with arguments under reading. */
typedef struct {
    const msc_distribution_reader *r;
    msc_arena *arena;
    const msc_conf *group;
    msc_distribution *d;
} reading;

static bool given(const reading *s, const char *key)
{
    return msc_conf_find(s->group, key) != NULL;
}

static const msc_conf *need(const reading *s, const char *key)
{
    return msc_conf_need(s->arena, s->group, key);
}

static double length(const reading *s, const char *key)
{
    return s->r->number(s->r->context, need(s, key), false);
}

/* Above 0; in the unit, or pure. */
static double positive(const reading *s, const char *key, bool pure)
{
    const double x = s->r->number(s->r->context, need(s, key), pure);
    if (!(x > 0)) {
        msc_conf_fail(s->arena, need(s, key), "must be above 0, not %g", x);
    }
    return x;
}

static double shape(const reading *s, const char *key, double most)
{
    const double x = s->r->number(s->r->context, need(s, key), true);
    if (!(x >= shape_least && x <= most)) {
        msc_conf_fail(s->arena, need(s, key), "must be from %g to %g, not %g", shape_least, most,
                      x);
    }
    return x;
}

/* Left out: the value which the thing has by itself, if it has one. */
static double length_or_own(const reading *s, const char *key)
{
    return given(s, key) || !isfinite(s->r->value) ? length(s, key) : s->r->value;
}

/* Who may be blamed for such a place: the argument, or the group where it is left out. */
static const msc_conf *culprit(const reading *s, const char *key)
{
    const msc_conf *node = msc_conf_find(s->group, key);
    return node ? node : s->group;
}

static void ordered(const reading *s, const char *first, double low, const char *second,
                    double high)
{
    if (!(low < high)) {
        msc_conf_fail(s->arena, culprit(s, second), "'%s' must be above '%s': here are %g and %g",
                      second, first, high, low);
    }
}

/* The one of these keys that is given. */
static const char *one_of(const reading *s, const char *const *key, size_t n)
{
    const char *found = NULL, *list = "";
    for (size_t i = 0; i < n; i++) {
        list = msc_arena_printf(s->arena, "%s%s'%s'", list,
                                i == 0       ? ""
                                : i + 1 == n ? " or "
                                             : ", ",
                                key[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (found && given(s, key[i])) {
            msc_conf_fail(s->arena, need(s, key[i]), "'%s' is given, too; write either %s", found,
                          list);
        }
        found = given(s, key[i]) ? key[i] : found;
    }
    if (!found) {
        msc_conf_fail(s->arena, s->group, "%s is missing", list);
    }
    return found;
}

/* ---- kinds ---- */

static void read_normal(const reading *s)
{
    s->d->first = length_or_own(s, "mean");
    s->d->second = positive(s, "sd", false);
    s->d->start = -INFINITY;
    s->d->end = INFINITY;
}

static double read_sd_log(const reading *s)
{
    static const char *const keys[] = {"cv", "sd_log", "gsd"};
    const char *key = one_of(s, keys, 3);
    const double x = positive(s, key, true);
    if (strcmp(key, "cv") == 0) {
        return sqrt(log1p(x * x));
    }
    if (strcmp(key, "gsd") == 0 && !(x > 1)) {
        msc_conf_fail(s->arena, need(s, key), "must be above 1, not %g", x);
    }
    return strcmp(key, "gsd") == 0 ? log(x) : x;
}

static void read_lognormal(const reading *s)
{
    static const char *const keys[] = {"median", "mean"};
    const bool both = given(s, "median") && given(s, "mean");
    const char *key = both ? one_of(s, keys, 2) : given(s, "mean") ? "mean" : "median";
    const double x = length_or_own(s, key);
    s->d->second = read_sd_log(s);
    if (!(x > 0)) {
        msc_conf_fail(s->arena, culprit(s, key), "the %s of a lognormal must be above 0, not %g",
                      key, x);
    }
    s->d->first = strcmp(key, "mean") == 0 ? x * exp(-0.5 * s->d->second * s->d->second) : x;
    s->d->start = 0;
    s->d->end = INFINITY;
}

static void read_interval(const reading *s, const char *low, const char *high)
{
    s->d->start = length(s, low);
    s->d->end = length(s, high);
    ordered(s, low, s->d->start, high, s->d->end);
}

static void log_ends(const reading *s)
{
    if (!(s->d->start > 0)) {
        msc_conf_fail(s->arena, culprit(s, "from"),
                      "the ends of a loguniform must be above 0: here is %g", s->d->start);
    }
}

static void read_logitnormal(const reading *s)
{
    read_interval(s, "low", "high");
    s->d->first = length_or_own(s, "median");
    s->d->second = positive(s, "sd_logit", true);
    if (!(s->d->first > s->d->start && s->d->first < s->d->end)) {
        msc_conf_fail(s->arena, culprit(s, "median"),
                      "the median must lie between 'low' and 'high': %g is not between %g and %g",
                      s->d->first, s->d->start, s->d->end);
    }
}

static void read_triangular(const reading *s)
{
    read_interval(s, "low", "high");
    s->d->first = length_or_own(s, "mode");
    if (!(s->d->first >= s->d->start && s->d->first <= s->d->end)) {
        msc_conf_fail(s->arena, culprit(s, "mode"),
                      "the mode must lie between 'low' and 'high': %g is not between %g and %g",
                      s->d->first, s->d->start, s->d->end);
    }
}

static void read_beta(const reading *s)
{
    s->d->first = shape(s, "a", shape_most_beta);
    s->d->second = shape(s, "b", shape_most_beta);
    s->d->start = given(s, "low") ? length(s, "low") : 0;
    s->d->end = given(s, "high") ? length(s, "high") : 1;
    ordered(s, "low", s->d->start, "high", s->d->end);
}

static void read_gamma(const reading *s)
{
    static const char *const spread[] = {"shape", "cv"}, *const size[] = {"scale", "mean"};
    const bool by_shape = strcmp(one_of(s, spread, 2), "shape") == 0;
    if (by_shape) {
        s->d->first = shape(s, "shape", shape_most_gamma);
    } else {
        const double cv = positive(s, "cv", true), k = 1 / cv / cv;
        if (!(k >= shape_least && k <= shape_most_gamma)) {
            msc_conf_fail(s->arena, need(s, "cv"), "must be from %.3g to %g for a gamma, not %g",
                          1 / sqrt(shape_most_gamma), 1 / sqrt(shape_least), cv);
        }
        s->d->first = k;
    }
    const bool own = !given(s, "scale") && !given(s, "mean") && isfinite(s->r->value);
    const char *key = own ? "mean" : one_of(s, size, 2);
    const double x = own ? s->r->value : positive(s, key, false);
    if (!(x > 0)) {
        msc_conf_fail(s->arena, s->group, "the mean of a gamma must be above 0, not %g", x);
    }
    s->d->second = strcmp(key, "mean") == 0 ? x / s->d->first : x;
    s->d->start = 0;
    s->d->end = INFINITY;
}

/* ---- what all have ---- */

static void read_truncation(const reading *s)
{
    msc_distribution *d = s->d;
    const msc_conf *above = msc_conf_find(s->group, "above"),
                   *below = msc_conf_find(s->group, "below");
    const double low = above ? length(s, "above") : d->start,
                 high = below ? length(s, "below") : d->end;
    d->low = fmax(low, d->start);
    d->high = fmin(high, d->end);
    if (above && below) {
        ordered(s, "above", low, "below", high);
    }
    const double left = d->low < d->high ? msc_distribution_truncate(d) : 0;
    if (!(d->mass > share_least && left > digits_least)) {
        msc_conf_fail(s->arena,
                      above   ? above
                      : below ? below
                              : s->group,
                      "nothing to speak of is left of the distribution (%s)",
                      msc_distribution_text(s->arena, d));
    }
}

/* All that can be drawn is a double, and so is the density. */
static void check_numbers(const reading *s)
{
    const msc_distribution *d = s->d;
    const bool ends = !isfinite(d->start) || !isfinite(d->end) || isfinite(d->end - d->start);
    const bool ratio = d->kind != MSC_LOGUNIFORM || isfinite(d->end / d->start);
    const double low = msc_distribution_quantile(d, 0x1p-53),
                 high = msc_distribution_quantile(d, 1 - 0x1p-53);
    if (!ends || !ratio || !isfinite(low) || !isfinite(high) || fabs(low) > 1e300 ||
        fabs(high) > 1e300 ||
        !isfinite(msc_distribution_log_density(d, msc_distribution_quantile(d, 0.5)))) {
        msc_conf_fail(s->arena, s->group, "its numbers would be too large or too small (%s)",
                      msc_distribution_text(s->arena, d));
    }
}

static msc_distribution finish(const reading *s)
{
    msc_gsl_silence();
    switch (s->d->kind) {
    case MSC_NORMAL: read_normal(s); break;
    case MSC_LOGNORMAL: read_lognormal(s); break;
    case MSC_UNIFORM: read_interval(s, "from", "to"); break;
    case MSC_LOGUNIFORM:
        read_interval(s, "from", "to");
        log_ends(s);
        break;
    case MSC_LOGITNORMAL: read_logitnormal(s); break;
    case MSC_TRIANGULAR: read_triangular(s); break;
    case MSC_BETA: read_beta(s); break;
    case MSC_GAMMA: read_gamma(s); break;
    }
    read_truncation(s);
    check_numbers(s);
    return *s->d;
}

/* ---- groups ---- */

static msc_distribution_kind read_kind(msc_arena *arena, const msc_conf *node)
{
    const char *text = msc_conf_string(arena, node), *known[N_KINDS + 1];
    for (size_t i = 0; i < N_KINDS; i++) {
        known[i] = kinds[i].name;
        if (strcmp(text, kinds[i].name) == 0) {
            return (msc_distribution_kind)i;
        }
    }
    known[N_KINDS] = "own";
    if (strcmp(text, "own") == 0) {
        msc_conf_fail(arena, node, "only a parameter has a distribution of its own");
    }
    const char *hint = msc_text_suggest(arena, text, known, N_KINDS + 1);
    msc_conf_fail(arena, node, "'%s' is no distribution%s", text,
                  hint[0] ? hint
                          : " (known are normal, lognormal, uniform, loguniform, logitnormal, "
                            "triangular, beta, gamma)");
}

/* No key but the kind's own, those of all, and the caller's. */
static void check_keys(const reading *s, const char *head, const char *const *also)
{
    const char *known[KEYS + ALSO];
    size_t n = 0;
    known[n++] = head;
    for (size_t i = 0; i < KEYS && kinds[s->d->kind].key[i]; i++) {
        known[n++] = kinds[s->d->kind].key[i];
    }
    known[n++] = "above";
    known[n++] = "below";
    for (size_t i = 0; also && also[i] && n + 1 < KEYS + ALSO; i++) {
        known[n++] = also[i];
    }
    known[n] = NULL;
    msc_conf_known(s->arena, s->group, known);
}

/* `group`: the arguments; `kind`: the node that names what they are of; `head`: its key. */
static msc_distribution read_arguments(const msc_distribution_reader *r, const msc_conf *group,
                                       const msc_conf *kind, const char *head,
                                       const char *const *also)
{
    msc_distribution d = {.kind = read_kind(r->arena, kind), .unit = r->unit, .origin = group};
    const reading s = {r, r->arena, group, &d};
    check_keys(&s, head, also);
    return finish(&s);
}

/* { kind = "lognormal"; ... } */
static msc_distribution read_group(const msc_distribution_reader *r, const msc_conf *group)
{
    static const char *const also[] = {"about", "source", NULL};
    msc_conf_need_kind(r->arena, group, MSC_CONF_GROUP);
    return read_arguments(r, group, msc_conf_need(r->arena, group, "kind"), "kind", also);
}

bool msc_distribution_is_own(const msc_conf *group)
{
    const msc_conf *node = msc_conf_find(group, "distribution");
    return node && node->kind == MSC_CONF_STRING && strcmp(node->string, "own") == 0;
}

msc_distribution msc_distribution_read(const msc_distribution_reader *reader, const msc_conf *group)
{
    const msc_conf *node = msc_conf_need(reader->arena, group, "distribution");
    if (node->kind == MSC_CONF_GROUP) {
        const char *known[1 + ALSO] = {"distribution"};
        for (size_t i = 0; reader->also && reader->also[i] && i + 2 < 1 + ALSO; i++) {
            known[i + 1] = reader->also[i];
        }
        msc_conf_known(reader->arena, group, known);
        return read_group(reader, node);
    }
    return read_arguments(reader, group, node, "distribution", reader->also);
}

/* ---- a parameter's own ---- */

/* A copy of `range` as { from, to }, each node at its place in the text. */
static msc_conf *range_group(msc_arena *arena, const msc_conf *range)
{
    static const char *const name[] = {"from", "to"};
    msc_conf *group = msc_conf_clone(arena, range);
    group->kind = MSC_CONF_GROUP;
    group->parent = range->parent;
    for (size_t i = 0; i < 2; i++) {
        group->child[i]->name = name[i];
    }
    return group;
}

static msc_distribution from_range(const msc_distribution_reader *r, const msc_parameter *p,
                                   const msc_conf *kind)
{
    const msc_conf *range = msc_conf_need(r->arena, p->origin, "range");
    const msc_conf *group = range_group(r->arena, range);
    msc_distribution d = {.unit = r->unit, .origin = kind ? kind : range};
    if (!(p->low < p->high)) {
        msc_conf_fail(r->arena, range, "both ends are %g: nothing can be drawn from it",
                      p->low / p->factor);
    }
    d.kind = kind                                                 ? read_kind(r->arena, kind)
             : p->low > 0 && p->high >= 10 * p->low * (1 - 1e-12) ? MSC_LOGUNIFORM
                                                                  : MSC_UNIFORM;
    if (d.kind != MSC_UNIFORM && d.kind != MSC_LOGUNIFORM) {
        msc_conf_fail(r->arena, kind, "a %s needs arguments: { kind = \"%s\"; %s = ...; }",
                      kinds[d.kind].name, kinds[d.kind].name, kinds[d.kind].key[0]);
    }
    const reading s = {r, r->arena, group, &d};
    return finish(&s);
}

msc_distribution msc_distribution_own(msc_arena *arena, msc_model *model, int parameter,
                                      double value, const msc_conf *node)
{
    const msc_parameter *p = &model->parameter[parameter];
    msc_quantity_unit unit = {arena, model, p->unit, p->factor, p->dim};
    const msc_distribution_reader r = {.arena = arena,
                                       .number = msc_quantity_read,
                                       .context = &unit,
                                       .unit = p->unit,
                                       .value = value};
    if (p->distribution && p->distribution->kind != MSC_CONF_STRING) {
        return read_group(&r, p->distribution);
    }
    if (!p->distribution && !p->ranged) {
        msc_conf_fail(arena, node,
                      "'%s' has neither distribution nor range: write how it is distributed",
                      p->name);
    }
    return from_range(&r, p, p->distribution);
}

/* ---- in words ---- */

const char *msc_distribution_text(msc_arena *arena, const msc_distribution *d)
{
    const bool bare = !d->unit || strcmp(d->unit, "1") == 0;
    const char *u = bare ? "" : msc_arena_printf(arena, " %s", d->unit), *text = "";
    switch (d->kind) {
    case MSC_NORMAL:
        text = msc_arena_printf(arena, "normal with mean %g and sd %g%s", d->first, d->second, u);
        break;
    case MSC_LOGNORMAL:
        text = msc_arena_printf(arena, "lognormal with median %g%s and sd %.3g of the logarithm",
                                d->first, u, d->second);
        break;
    case MSC_UNIFORM:
        text = msc_arena_printf(arena, "uniform from %g to %g%s", d->start, d->end, u);
        break;
    case MSC_LOGUNIFORM:
        text = msc_arena_printf(arena, "loguniform from %g to %g%s", d->start, d->end, u);
        break;
    case MSC_LOGITNORMAL:
        text = msc_arena_printf(
            arena, "logit-normal from %g to %g%s with median %g and sd %.3g of the logit", d->start,
            d->end, u, d->first, d->second);
        break;
    case MSC_TRIANGULAR:
        text = msc_arena_printf(arena, "triangular from %g to %g%s with mode %g", d->start, d->end,
                                u, d->first);
        break;
    case MSC_BETA:
        text = msc_arena_printf(arena, "beta from %g to %g%s with a = %g and b = %g", d->start,
                                d->end, u, d->first, d->second);
        break;
    case MSC_GAMMA:
        text =
            msc_arena_printf(arena, "gamma with shape %g and scale %g%s", d->first, d->second, u);
        break;
    }
    if (d->low > d->start) {
        text = msc_arena_printf(arena, "%s, above %g", text, d->low);
    }
    return d->high < d->end ? msc_arena_printf(arena, "%s, below %g", text, d->high) : text;
}
