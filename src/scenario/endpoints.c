/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Endpoints as they are written: which number of which formula, over which window, in which unit. */
#include <math.h>
#include <string.h>

#include "scenario/page.h"
#include "scenario/scenario.h"

/* What goes with a kind beside unit and about. */
enum { WINDOW = 1, AT = 2, LEVEL = 4, OVER = 8, POOL = 16 };

static const struct {
    const char *key;
    msc_endpoint_kind kind;
    unsigned with;
} kinds[] = {{"auc", MSC_ENDPOINT_AUC, WINDOW | OVER},
             {"mean", MSC_ENDPOINT_MEAN, WINDOW | OVER},
             {"max", MSC_ENDPOINT_MAX, WINDOW | OVER},
             {"time_of_max", MSC_ENDPOINT_TIME_OF_MAX, WINDOW | OVER},
             {"min", MSC_ENDPOINT_MIN, WINDOW | OVER},
             {"time_of_min", MSC_ENDPOINT_TIME_OF_MIN, WINDOW | OVER},
             {"value", MSC_ENDPOINT_VALUE, AT | OVER},
             {"time_above", MSC_ENDPOINT_TIME_ABOVE, WINDOW | LEVEL | OVER},
             {"first_above", MSC_ENDPOINT_FIRST_ABOVE, WINDOW | LEVEL | OVER},
             {"last_above", MSC_ENDPOINT_LAST_ABOVE, WINDOW | LEVEL | OVER},
             {"half_life", MSC_ENDPOINT_HALF_LIFE, WINDOW | OVER},
             {"terminal_half_life", MSC_ENDPOINT_TERMINAL_HALF_LIFE, WINDOW | OVER},
             {"total", MSC_ENDPOINT_TOTAL, WINDOW | POOL},
             {"ratio", MSC_ENDPOINT_RATIO, 0}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const struct {
    const char *key;
    unsigned with;
    const char *goes; /* with what it goes */
} extras[] = {{"from", WINDOW, "what has a window: neither with 'value' nor with 'ratio'"},
              {"until", WINDOW, "what has a window: neither with 'value' nor with 'ratio'"},
              {"at", AT, "'value' only"},
              {"threshold", LEVEL, "'time_above', 'first_above' and 'last_above' only"},
              {"over", OVER, "a formula: neither with 'total' nor with 'ratio'"},
              {"of", POOL, "'total' only"},
              {"share", POOL, "'total' only"}};
enum { EXTRAS = sizeof extras / sizeof *extras };

typedef struct {
    msc_scenario *s;
    msc_arena *arena;
    msc_endpoints *list;
    msc_endpoint *e;
    const msc_conf *what; /* the setting that says which kind */
    unsigned with;
    const char *formula; /* as written, for the text */
    const char *unit;    /* of the formula */
    double factor;
    msc_dim dim;
} reading;

/* ---- kind and keys ---- */

/* What others call it. */
static void refuse_synonyms(const reading *r, const msc_conf *node)
{
    static const char *const of[][2] = {
        {"tmax", "time_of_max"},     {"t_max", "time_of_max"},   {"tmin", "time_of_min"},
        {"t_min", "time_of_min"},    {"cmax", "max"},            {"peak", "max"},
        {"cmin", "min"},             {"trough", "min"},          {"average", "mean"},
        {"halflife", "half_life"},   {"t_half", "half_life"},    {"area", "auc"},
        {"onset", "first_above"},    {"duration", "time_above"}, {"lambda_z", "terminal_half_life"},
        {"integral", "auc"}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        const msc_conf *here = msc_conf_find(node, of[i][0]);
        if (here) {
            msc_conf_fail(r->arena, here, "'%s' is called '%s' here", of[i][0], of[i][1]);
        }
    }
}

static void read_kind(reading *r, const msc_conf *node)
{
    const char *known[KINDS + EXTRAS + 3];
    size_t n = 0;
    for (size_t k = 0; k < KINDS; k++) {
        known[n++] = kinds[k].key;
        const msc_conf *here = msc_conf_find(node, kinds[k].key);
        if (here && r->what) {
            msc_conf_fail(r->arena, here,
                          "'%s' and '%s' are two endpoints: give each a name of its own",
                          r->what->name, here->name);
        }
        if (here) {
            r->what = here;
            r->e->kind = kinds[k].kind;
            r->with = kinds[k].with;
        }
    }
    for (size_t k = 0; k < EXTRAS; k++) {
        known[n++] = extras[k].key;
    }
    known[n++] = "unit", known[n++] = "about", known[n] = NULL;
    refuse_synonyms(r, node);
    msc_conf_known(r->arena, node, known);
    if (!r->what) {
        msc_conf_fail(r->arena, node,
                      "an endpoint says what it is of which formula; e.g. auc = \"live[lung]\"; "
                      "(also mean, max, min, time_of_max, time_of_min, value, time_above, "
                      "first_above, last_above, half_life, terminal_half_life, total, ratio)");
    }
    for (size_t k = 0; k < EXTRAS; k++) {
        const msc_conf *here = msc_conf_find(node, extras[k].key);
        if (here && !(extras[k].with & r->with)) {
            msc_conf_fail(r->arena, here, "'%s' goes with %s", here->name, extras[k].goes);
        }
    }
}

/* "regimen[1]", "regimen[1] + 9 day": of the first giving of a dose. */
static struct msc_edge read_edge(reading *r, const msc_conf *node)
{
    const msc_scenario *s = r->s;
    struct msc_edge edge = {.dose = -1};
    int used = 0;
    if (node->kind != MSC_CONF_STRING || strncmp(node->string, "regimen", 7) != 0) {
        edge.time = msc_scenario_exact(s, r->arena, node, s->model->time_unit);
        return edge;
    }
    if (sscanf(node->string, "regimen[%9ld]%n", &edge.dose, &used) != 1 || used == 0 || edge.dose < 0) {
        msc_conf_fail(r->arena, node, "a time by a dose is written \"regimen[1]\" or \"regimen[1] + 9 day\"");
    }
    if ((size_t)edge.dose >= s->n_dose) {
        msc_conf_fail(r->arena, node, "there is no regimen[%ld]: the doses are counted from 0, and there are %zu", edge.dose, s->n_dose);
    }
    const char *rest = node->string + used + strspn(node->string + used, " ");
    if (*rest != '\0') {
        msc_conf *shift = msc_conf_clone(r->arena, node);
        shift->string = rest + 1, shift->parent = node->parent;
        if (*rest != '+' && *rest != '-') {
            msc_conf_fail(r->arena, node, "a time by a dose is written \"regimen[1]\" or \"regimen[1] + 9 day\"");
        }
        const long double time = msc_scenario_exact(s, r->arena, shift, s->model->time_unit);
        edge.time = *rest == '-' ? -time : time;
    }
    return edge;
}

static void read_window(reading *r, const msc_conf *node)
{
    const msc_scenario *s = r->s;
    msc_endpoint *e = r->e;
    const msc_conf *from = msc_conf_find(node, "from"), *until = msc_conf_find(node, "until");
    const msc_conf *edge[2] = {
        from, e->kind == MSC_ENDPOINT_VALUE ? msc_conf_need(r->arena, node, "at") : until};
    double t[2] = {s->start, s->until};
    for (int i = 0; i < 2; i++) {
        e->edge[i] = (struct msc_edge){-1, t[i]};
        if (edge[i]) {
            e->edge[i] = read_edge(r, edge[i]);
            const long double begin = e->edge[i].dose < 0 ? 0 : s->dose[e->edge[i].dose].exact.at;
            t[i] = msc_moment(begin + e->edge[i].time);
            if (t[i] < s->start || t[i] > s->until) {
                e->off = e->edge[i].dose >= 0 || msc_scenario_overtaken(s, edge[i], "until") ||
                         msc_scenario_overtaken(s, edge[i], "start");
                if (!e->off) {
                    msc_conf_fail(r->arena, edge[i], "this time is outside of the run");
                }
            }
        }
    }
    if ((from || until) && !(t[0] < t[1]) && !e->off) {
        msc_conf_fail(r->arena, from ? from : until, "the window ends before it begins");
    }
    if (e->off) {
        msc_notes_add(&r->s->notes, r->arena, msc_conf_where(r->arena, node), "%s is outside of the run: it has no value",
                      e->kind == MSC_ENDPOINT_VALUE ? "its time" : "its window");
    }
    e->from = t[0], e->until = t[1], e->end = s->until;
}

/* ---- what it is of ---- */

static const char *unit_of_thing(const msc_model *m, const msc_expr *x, double *factor)
{
    switch (x->kind) {
    case MSC_X_PARAMETER: *factor = m->parameter[x->ref].factor; return m->parameter[x->ref].unit;
    case MSC_X_AMOUNT: *factor = m->amount[x->ref].factor; return m->amount[x->ref].unit;
    case MSC_X_VARIABLE: *factor = m->variable[x->ref].factor; return m->variable[x->ref].unit;
    case MSC_X_PROCESS: *factor = m->process[x->ref].factor; return m->process[x->ref].unit;
    case MSC_X_DOSED:
    case MSC_X_GIVEN:
        if (x->ref2 < 0) {
            *factor = m->pool[x->ref].factor;
            return m->pool[x->ref].unit;
        }
        return NULL;
    default: return NULL;
    }
}

static msc_expr *expr_new(reading *r, msc_expr_kind kind, msc_dim dim)
{
    msc_expr *x = MSC_NEW(r->arena, msc_expr, 1);
    *x = (msc_expr){.kind = kind, .dim = dim, .ref2 = -1, .origin = r->what};
    return x;
}

static void read_formula(reading *r)
{
    const msc_scenario *s = r->s;
    const char *text = r->what->kind == MSC_CONF_STRING ? r->what->string : NULL;
    r->formula = text ? text : msc_arena_printf(r->arena, "%.6g", msc_conf_real(r->arena, r->what));
    int output = -1;
    r->e->expr = text ? msc_model_entry_output(s->model, r->arena, r->e->origin, r->what, &r->e->shape, &output) : NULL;
    if (output >= 0) {
        const msc_output *o = &s->model->output[output];
        r->unit = o->unit, r->factor = o->factor, r->dim = o->dim;
        return;
    }
    r->e->expr = msc_model_entry_formula(s->model, r->arena, r->e->origin, r->what, &r->e->shape);
    r->dim = r->e->expr->dim;
    r->unit = unit_of_thing(s->model, r->e->expr, &r->factor);
    if (!r->unit) {
        char inner[64];
        msc_dim_text(s->model->units, r->dim, inner, sizeof inner);
        r->unit = msc_arena_strdup(r->arena, inner);
        r->factor = 1;
    }
}

/* Its area is the integral from the start, which the program keeps. */
static void integrate(reading *r)
{
    msc_expr *x =
        expr_new(r, MSC_X_INTEGRAL, msc_dim_product(r->dim, msc_dim_time(r->s->model->units)));
    x->n_arg = 1;
    x->arg = MSC_NEW(r->arena, msc_expr *, 1);
    x->arg[0] = MSC_NEW(r->arena, msc_expr, 1);
    *x->arg[0] = *r->e->expr;
    r->e->expr = x;
}

static void read_level(reading *r, const msc_conf *node)
{
    const msc_conf *level = msc_conf_need(r->arena, node, "threshold");
    msc_dim dim;
    r->e->level = msc_model_quantity(r->s->model, r->arena, level, r->unit, &dim);
    if (!msc_dim_equal(dim, r->dim)) {
        char is[64];
        msc_dim_text(r->s->model->units, dim, is, sizeof is);
        msc_conf_fail(r->arena, level,
                      "the threshold is in '%s', where '%s' is due; e.g. \"100 %s\"", is, r->unit,
                      r->unit);
    }
    if (!isfinite(r->e->level)) {
        msc_conf_fail(r->arena, level, "this is not a finite number");
    }
}

/* ---- totals and ratios ---- */

static void read_pool(reading *r, const msc_conf *node)
{
    const msc_model *m = r->s->model;
    const msc_conf *of =
        m->n_pool == 1 ? msc_conf_find(node, "of") : msc_conf_need(r->arena, node, "of");
    const char *name = of ? msc_conf_string(r->arena, of) : m->pool[0].name;
    const char **known = MSC_NEW(r->arena, const char *, m->n_pool + 1);
    r->e->pool = -1;
    for (size_t i = 0; i < m->n_pool; i++) {
        known[i] = m->pool[i].name;
        r->e->pool = strcmp(known[i], name) == 0 ? (int)i : r->e->pool;
    }
    if (r->e->pool < 0) {
        msc_conf_fail(r->arena, of, "the model has no pool '%s'%s", name,
                      msc_text_suggest(r->arena, name, known, m->n_pool));
    }
}

static void read_total(reading *r, const msc_conf *node)
{
    const msc_model *m = r->s->model;
    const char *name = msc_conf_string(r->arena, r->what);
    const msc_conf *share = msc_conf_find(node, "share");
    r->e->fate = -1;
    for (size_t i = 0; i < m->n_fate; i++) {
        r->e->fate = strcmp(m->fate[i], name) == 0 ? (int)i : r->e->fate;
    }
    if (r->e->fate < 0) {
        msc_conf_fail(r->arena, r->what, "nothing leaves by '%s'%s", name,
                      msc_text_suggest(r->arena, name, m->fate, m->n_fate));
    }
    if (r->s->ledger_off) {
        msc_conf_fail(r->arena, r->what,
                      "a total is one of the ledger, and output.ledger is \"off\"");
    }
    read_pool(r, node);
    r->formula = name;
    r->e->shape = (msc_shape){.n = 1};
    r->unit = m->pool[r->e->pool].unit, r->factor = m->pool[r->e->pool].factor,
    r->dim = m->pool[r->e->pool].dim;
    if (share && msc_conf_boolean(r->arena, share)) {
        /* by the end of the run, as the ledger has it: dosed() counts what an infusion would give after it, too */
        msc_expr *given = expr_new(r, MSC_X_GIVEN, r->dim);
        given->ref = r->e->pool;
        r->e->expr = given;
        r->unit = "1", r->factor = 1, r->dim = (msc_dim){{0}};
    }
}

static size_t need_endpoint(reading *r, const msc_conf *node)
{
    const char *name = msc_conf_string(r->arena, node);
    const long k = msc_endpoints_find(r->list, name);
    if (k < 0) {
        const char **known = MSC_NEW(r->arena, const char *, r->list->n + 1);
        for (size_t i = 0; i < r->list->n; i++) {
            known[i] = r->list->endpoint[i].name;
        }
        msc_conf_fail(r->arena, node, "no endpoint is named '%s'%s", name,
                      msc_text_suggest(r->arena, name, known, r->list->n));
    }
    if (r->list->endpoint[k].kind == MSC_ENDPOINT_RATIO) {
        msc_conf_fail(r->arena, node, "'%s' is a ratio itself", name);
    }
    return (size_t)k;
}

/* "cell.day/(g/ml)": that of the one by that of the other, as they are written. */
static const char *quotient_unit(const reading *r, const msc_endpoint *const *part)
{
    const bool pure[] = {strcmp(part[0]->unit, "1") == 0, strcmp(part[1]->unit, "1") == 0};
    const bool plain = strpbrk(part[1]->unit, "./ *-") == NULL;
    double factor;
    msc_dim dim;
    const char *text = pure[1] ? part[0]->unit
                               : msc_arena_printf(r->arena, plain ? "%s/%s" : "%s/(%s)", part[0]->unit,
                                                  part[1]->unit);
    if (msc_units_parse(r->s->model->units, text, &factor, &dim, NULL) == MSC_OK &&
        msc_dim_equal(dim, r->dim)) {
        return text;
    }
    char inner[64];
    msc_dim_text(r->s->model->units, r->dim, inner, sizeof inner);
    return msc_arena_strdup(r->arena, inner);
}

/* Read last: of what the others are. */
static void read_ratio(reading *r)
{
    const bool list = r->what->kind == MSC_CONF_ARRAY || r->what->kind == MSC_CONF_LIST;
    if (!list || r->what->n != 2) {
        msc_conf_fail(r->arena, r->what,
                      "the names of two other endpoints are wanted; e.g. [\"auc_2\", \"auc_1\"]");
    }
    const msc_endpoint *part[2];
    for (int i = 0; i < 2; i++) {
        r->e->of[i] = need_endpoint(r, r->what->child[i]);
        part[i] = &r->list->endpoint[r->e->of[i]];
    }
    const msc_shape *a = &part[0]->shape, *b = &part[1]->shape;
    bool alike = a->n_over == b->n_over;
    for (int i = 0; alike && i < a->n_over; i++) {
        alike = a->over[i].set == b->over[i].set;
    }
    if (!alike) {
        msc_conf_fail(r->arena, r->what, "'%s' and '%s' do not have the same indices",
                      part[0]->name, part[1]->name);
    }
    r->e->shape = *a;
    r->dim = msc_dim_quotient(part[0]->dim, part[1]->dim);
    r->unit = msc_dim_is_pure(r->dim) ? "1" : quotient_unit(r, part);
    r->factor = 1;
    r->formula = msc_arena_printf(r->arena, "%s / %s", part[0]->name, part[1]->name);
}

/* ---- unit and text ---- */

static void set_unit(reading *r, const char *unit)
{
    msc_error err = {0};
    r->e->unit = unit;
    if (msc_units_parse(r->s->model->units, unit, &r->e->factor, &r->e->dim, &err) != MSC_OK) {
        const msc_conf *own = msc_conf_find(r->e->origin, "unit");
        msc_conf_fail(r->arena, own ? own : r->e->origin, "%s", err.message);
    }
}

/* That of the formula, or of time, or both; or as asked for, which has to fit. */
static void read_unit(reading *r, const msc_conf *node)
{
    const msc_model *m = r->s->model;
    const char *natural = r->unit;
    const bool pure = strcmp(r->unit, "1") == 0;
    switch (r->e->kind) {
    case MSC_ENDPOINT_AUC:
        natural = pure ? m->time_unit : msc_arena_printf(r->arena, "%s.%s", r->unit, m->time_unit);
        break;
    case MSC_ENDPOINT_TIME_OF_MAX:
    case MSC_ENDPOINT_TIME_OF_MIN:
    case MSC_ENDPOINT_TIME_ABOVE:
    case MSC_ENDPOINT_FIRST_ABOVE:
    case MSC_ENDPOINT_LAST_ABOVE:
    case MSC_ENDPOINT_HALF_LIFE:
    case MSC_ENDPOINT_TERMINAL_HALF_LIFE: natural = m->time_unit; break;
    default: break;
    }
    set_unit(r, natural);
    const msc_conf *unit = msc_conf_find(node, "unit");
    if (unit) {
        const msc_dim due = r->e->dim;
        set_unit(r, msc_conf_string(r->arena, unit));
        if (!msc_dim_equal(r->e->dim, due)) {
            msc_conf_fail(r->arena, unit, "this endpoint is in '%s', which '%s' cannot count",
                          natural, r->e->unit);
        }
    }
}

static const char *day(reading *r, double t)
{
    char text[MSC_PAGE_NUMBER];
    return msc_arena_strdup(r->arena, msc_page_day(text, r->s->model->units, t));
}

/* An edge as it was written, if it hangs on a dose; else its day. */
static const char *edge_text(reading *r, const msc_conf *node, const char *key, double t)
{
    const msc_conf *edge = msc_conf_find(node, key);
    const bool by_dose = edge && edge->kind == MSC_CONF_STRING && strncmp(edge->string, "regimen", 7) == 0;
    return by_dose ? edge->string : day(r, t);
}

/* A window that begins with a dose and holds the next one is not of the one dose. */
static void note_second(reading *r, const msc_conf *node)
{
    msc_scenario *s = r->s;
    const msc_endpoint *e = r->e;
    const msc_dose *first = NULL;
    for (size_t d = 0; d < s->n_dose && msc_conf_find(node, "from") && msc_conf_find(node, "until") && !first; d++) {
        for (long k = 0; k < s->dose[d].repeat && !first; k++) {
            first = msc_dose_begin(&s->dose[d], k) == e->from ? &s->dose[d] : NULL;
        }
    }
    for (size_t d = 0; first && d < s->n_dose; d++) {
        for (long k = 0; k < s->dose[d].repeat && s->dose[d].route == first->route; k++) {
            const double begin = msc_dose_begin(&s->dose[d], k);
            if (begin > e->from && begin < e->until) {
                msc_notes_add(&s->notes, s->arena, msc_conf_where(s->arena, node),
                              "its window, %s to %s, begins with a dose, and another is given within it, on %s",
                              day(r, e->from), day(r, e->until), day(r, begin));
                return;
            }
        }
    }
}

static void describe(reading *r, const msc_conf *node)
{
    static const char *const form[][2] = {{"area under ", ""},
                                          {"mean of ", ""},
                                          {"largest ", ""},
                                          {"when ", " is largest"},
                                          {"smallest ", ""},
                                          {"when ", " is smallest"},
                                          {"", ""},
                                          {"how long ", " is above"},
                                          {"when ", " is first above"},
                                          {"when ", " is last above"},
                                          {"from the maximum of ", " to half of it"},
                                          {"half-life of ", ", by its slope in the last quarter"},
                                          {"left by ", ""},
                                          {"", ""}};
    msc_endpoint *e = r->e;
    const msc_conf *about = msc_conf_find(node, "about");
    e->about = about ? msc_conf_string(r->arena, about) : NULL;
    const char *more = "";
    if (e->kind == MSC_ENDPOINT_TOTAL && e->expr) {
        more = msc_arena_printf(r->arena, ", as a share of what is given by %s", day(r, e->end));
    }
    if (r->with & LEVEL) {
        const bool pure = strcmp(r->unit, "1") == 0;
        more = msc_arena_printf(r->arena, " %.6g%s%s", e->level / r->factor, pure ? "" : " ",
                                pure ? "" : r->unit);
    }
    e->what = msc_arena_printf(r->arena, "%s%s%s%s", form[e->kind][0], r->formula, form[e->kind][1],
                               more);
    if (e->kind == MSC_ENDPOINT_VALUE) {
        e->what = msc_arena_printf(r->arena, "%s at %s", e->what, edge_text(r, node, "at", e->until));
    } else if (msc_conf_find(node, "from") || msc_conf_find(node, "until")) {
        e->what = msc_arena_printf(r->arena, "%s, %s to %s", e->what, edge_text(r, node, "from", e->from),
                                   edge_text(r, node, "until", e->until));
        note_second(r, node);
    }
}

/* ---- all of it ---- */

static void read_one(reading *r, bool ratios)
{
    const msc_conf *node = r->e->origin;
    msc_conf_need_kind(r->arena, node, MSC_CONF_GROUP);
    if (!msc_text_is_name(node->name)) {
        msc_conf_fail(r->arena, node, "'%s' cannot be a name: letters, digits and _", node->name);
    }
    if (msc_model_reserves(node->name)) {
        msc_conf_fail(r->arena, node, "'%s' has its own meaning in a results file: name the endpoint otherwise",
                      node->name);
    }
    read_kind(r, node);
    if ((r->e->kind == MSC_ENDPOINT_RATIO) != ratios) {
        return;
    }
    read_window(r, node);
    if (ratios) {
        read_ratio(r);
    } else if (r->e->kind == MSC_ENDPOINT_TOTAL) {
        read_total(r, node);
    } else {
        read_formula(r);
    }
    if (r->e->shape.n == 0) {
        msc_conf_fail(r->arena, node, "it is over a set that is empty: there is nothing to tell");
    }
    if (r->with & LEVEL) {
        read_level(r, node);
    }
    read_unit(r, node);
    describe(r, node);
    if (r->e->kind == MSC_ENDPOINT_AUC || r->e->kind == MSC_ENDPOINT_MEAN) {
        integrate(r);
    }
}

typedef struct {
    msc_scenario *s;
    msc_endpoints *list;
    bool ratios;
} each;

static void read_next(void *context, size_t i)
{
    const each *e = context;
    reading r = {.s = e->s, .arena = e->s->arena, .list = e->list, .e = &e->list->endpoint[i]};
    read_one(&r, e->ratios);
}

void msc_endpoints_read(msc_scenario *s, const msc_conf *group, msc_endpoints *list)
{
    *list = (msc_endpoints){0};
    if (!group) {
        return;
    }
    msc_conf_need_kind(s->arena, group, MSC_CONF_GROUP);
    list->n = group->n;
    list->endpoint = MSC_NEW(s->arena, msc_endpoint, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        list->endpoint[i].name = group->child[i]->name;
        list->endpoint[i].origin = group->child[i];
    }
    each e = {s, list, false};
    msc_arena_each(s->arena, list->n, read_next, &e);
    msc_arena_stop(s->arena); /* ratios are of the others */
    e.ratios = true;
    msc_arena_each(s->arena, list->n, read_next, &e);
}
