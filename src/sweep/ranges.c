/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep of a scenario with output.ranges. A run shows what hangs on a parameter that is known only within limits as a
 * range; a row of a sweep is one number. So it is said which numbers these are, unless an axis varies the parameter. */
#include <math.h>
#include <string.h>

#include "scenario/batch.h"
#include "sweep/sweep.h"

/* ---- the parameter's own values ---- */

void msc_sweep_ranges_note(msc_sweep *s, const msc_batch *variant)
{
    const msc_scenario *first = msc_batch_scenario(s->first), *own = msc_batch_scenario(variant);
    if (!s->own_low) {
        s->own_low = MSC_NEW(s->arena, double, first->n_range + 1);
        s->own_high = MSC_NEW(s->arena, double, first->n_range + 1);
        for (size_t i = 0; i < first->n_range; i++) {
            s->own_low[i] = s->own_high[i] = NAN;
        }
    }
    for (size_t i = 0; i < first->n_range; i++) {
        const double x = msc_range_own(s->arena, own->model, first->range[i].vary);
        s->own_low[i] = fmin(s->own_low[i], x); /* of NaN and a number, the number */
        s->own_high[i] = fmax(s->own_high[i], x);
    }
}

/* ---- what hangs on it ---- */

static bool begins(const char *text, const char *path, const char *ends)
{
    const size_t n = strlen(path);
    return strncmp(text, path, n) == 0 && strchr(ends, text[n]) != NULL;
}

static bool is_varied(const msc_sweep *s, const char *path)
{
    bool varied = false;
    for (size_t a = 0; a < s->n_axis; a++) {
        const msc_sweep_axis *axis = &s->axis[a];
        for (size_t k = 0; k < axis->n_path; k++) {
            varied = varied || strcmp(axis->path[k], path) == 0 || (begins(axis->path[k], path, ".") &&
                                                                    strcmp(axis->path[k] + strlen(path), ".value") == 0);
        }
        for (size_t c = 0; c < axis->n_choice; c++) {
            for (size_t k = 0; k < axis->choice[c].n; k++) {
                varied = varied || begins(axis->choice[c].setting[k], path, "=");
            }
        }
    }
    return varied;
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Is a name an element of a set of the model, and no index? */
static bool is_element(const msc_model *m, const char *name, size_t n)
{
    for (size_t i = 0; i < m->n_set; i++) {
        for (size_t k = 0; k < m->set[i].n; k++) {
            if (strlen(m->set[i].label[k]) == n && strncmp(m->set[i].label[k], name, n) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* "[lung,a]" behind a name in a formula against "[lung,b]" of what a range shows: can they be the same element? */
static bool may_meet(const msc_model *m, const char *used, const char *shown)
{
    used += strspn(used, " ");
    while (*used == '[' || *used == ',') {
        used++, shown += *shown != '\0';
        used += strspn(used, " "), shown += strspn(shown, " ");
        const size_t n = strcspn(used, " ,]"), k = strcspn(shown, " ,]");
        if ((n != k || strncmp(used, shown, n) != 0) && is_element(m, used, n)) {
            return false;
        }
        used += n, shown += k;
        used += strspn(used, " "), shown += strspn(shown, " ");
    }
    return true;
}

/* Does a formula name what a range shows: "live", "live[site]"? */
static bool names(const msc_model *m, const char *formula, const char *shown)
{
    const size_t n = strcspn(shown, "[");
    for (const char *at = formula; *at;) {
        if (!in_name(*at)) {
            at++;
            continue;
        }
        size_t length = 0;
        while (in_name(at[length])) {
            length++;
        }
        if (length == n && strncmp(at, shown, n) == 0 && (!shown[n] || may_meet(m, at + n, shown + n))) {
            return true;
        }
        at += length;
    }
    return false;
}

static bool endpoint_hangs(const msc_scenario *s, const msc_endpoint *e, const msc_range *range)
{
    static const char *const words[] = {"unit", "about", "source", NULL};
    bool hangs = false;
    for (size_t i = 0; i < range->n_show; i++) {
        hangs = hangs || strcmp(range->show[i], e->name) == 0;
        for (size_t k = 0; k < e->origin->n && e->expr; k++) {
            const msc_conf *key = e->origin->child[k];
            bool formula = key->kind == MSC_CONF_STRING;
            for (size_t w = 0; words[w]; w++) {
                formula = formula && strcmp(key->name, words[w]) != 0;
            }
            hangs = hangs || (formula && names(s->model, key->string, range->show[i]));
        }
    }
    for (size_t k = 0; k < 2 && e->kind == MSC_ENDPOINT_RATIO; k++) {
        hangs = hangs || endpoint_hangs(s, &s->endpoints.endpoint[e->of[k]], range);
    }
    return hangs;
}

static bool quantity_hangs(const msc_quantity *q, const msc_range *range)
{
    bool hangs = false;
    for (size_t i = 0; i < range->n_show; i++) {
        const size_t n = strcspn(range->show[i], "[");
        hangs = hangs || (strlen(q->name) == n && strncmp(q->name, range->show[i], n) == 0);
    }
    return hangs;
}

/* "live, occlusion and site_auc"; NULL if nothing does. */
static const char *what_hangs(msc_arena *arena, const msc_sweep *s, const msc_range *range, size_t *n)
{
    const msc_scenario *scenario = msc_batch_scenario(s->first);
    const msc_program *p = scenario->program;
    const char **name = MSC_NEW(arena, const char *, scenario->endpoints.n + p->n_quantity + 1), *text = "";
    *n = 0;
    for (size_t i = 0; i < scenario->endpoints.n; i++) {
        if (endpoint_hangs(scenario, &scenario->endpoints.endpoint[i], range)) {
            name[(*n)++] = scenario->endpoints.endpoint[i].name;
        }
    }
    for (uint32_t i = 0; s->keep && i < p->n_quantity; i++) {
        if (quantity_hangs(&p->quantity[i], range)) {
            name[(*n)++] = p->quantity[i].name;
        }
    }
    for (size_t i = 0; i < *n; i++) {
        text = msc_arena_printf(arena, "%s%s%s", text, i == 0 ? "" : i + 1 < *n ? ", " : " and ", name[i]);
    }
    return text;
}

static const char *own_text(msc_arena *arena, double low, double high)
{
    return isnan(low)    ? "the scenario's own value"
           : low == high ? msc_arena_printf(arena, "%.6g", low)
                         : msc_arena_printf(arena, "%.6g to %.6g, as the variants have it", low, high);
}

const char **msc_sweep_ranges(msc_arena *arena, const msc_sweep *s, size_t *n)
{
    const msc_scenario *scenario = msc_batch_scenario(s->first);
    const char **text = MSC_NEW(arena, const char *, scenario->n_range + 1);
    *n = 0;
    for (size_t i = 0; i < scenario->n_range; i++) {
        const msc_range *range = &scenario->range[i];
        double low = INFINITY, high = -INFINITY;
        size_t hang = 0;
        for (size_t k = 0; k < range->n_value; k++) {
            low = fmin(low, range->value[k]), high = fmax(high, range->value[k]);
        }
        const char *what = what_hangs(arena, s, range, &hang);
        if (hang > 0 && !is_varied(s, range->vary)) {
            text[(*n)++] = msc_arena_printf(arena,
                                            "%s hang%s on %s, which is known only to lie between %.6g and %.6g: %s with %s. An axis "
                                            "that varies it shows the range.",
                                            what, hang == 1 ? "s" : "", range->vary, low, high, hang == 1 ? "this is" : "these are",
                                            own_text(arena, s->own_low[i], s->own_high[i]));
        }
    }
    return text;
}
