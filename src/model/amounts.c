/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amounts, their pools, and the cargo that rides on them: for each amount that a cargo rides on
 * there is a second amount, the rider. */
#include "model/formula.h"

#include <string.h>

static const msc_scope initial_scope = {.user = "an initial value"};

/* ---- pools ---- */

/* The pool of that name, made if new; what is in it must have one dimension. */
static int pool(msc_reader *r, const char *name, const msc_unit *unit, const msc_conf *node)
{
    msc_model *model = r->model;
    for (size_t i = 0; i < model->n_pool; i++) {
        if (strcmp(model->pool[i].name, name) != 0) {
            continue;
        }
        if (!msc_dim_equal(model->pool[i].dim, unit->dim)) {
            msc_conf_fail(r->arena, node, "the pool '%s' is counted in '%s' already, this in '%s'",
                          name, model->pool[i].unit, unit->text);
        }
        return (int)i;
    }
    *MSC_PUSH(r->arena, model->pool, model->n_pool, r->pool_cap) = (struct msc_pool){
        .name = name, .unit = unit->text, .factor = unit->factor, .dim = unit->dim};
    return (int)model->n_pool - 1;
}

static int entry_pool(msc_reader *r, const msc_conf *entry, const msc_unit *unit)
{
    const msc_conf *node = msc_conf_find(entry, "pool");
    if (node) {
        const char *name = msc_conf_string(r->arena, node);
        if (!msc_text_is_name(name)) {
            msc_conf_fail(r->arena, node, "'%s' is not a name", name);
        }
        return pool(r, name, unit, node);
    }
    return strcmp(unit->text, "1") != 0 ? pool(r, unit->text, unit, entry) : -1;
}

/* ---- amounts ---- */

static void declare_amount(msc_reader *r, msc_amount *a, const msc_conf *entry)
{
    enum { STAGES = 10000 };
    static const char *const keys[] = {"unit",   "over",  "initial", "pool", "transit",
                                       "stages", "about", "source",  NULL};
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    const msc_conf *transit = msc_conf_find(entry, "transit"),
                   *stages = msc_conf_find(entry, "stages");
    msc_scope scope = initial_scope;
    msc_unit unit = msc_reader_entry_unit(r, entry);
    *a = (msc_amount){.name = entry->name,
                      .unit = unit.text,
                      .factor = unit.factor,
                      .dim = unit.dim,
                      .origin = entry,
                      .cargo = -1,
                      .carrier = -1,
                      .stages = 1,
                      .shape = msc_reader_over(r, entry, &scope),
                      .about = msc_reader_text(r, entry, "about"),
                      .transit = transit && msc_conf_boolean(r->arena, transit),
                      .pool = entry_pool(r, entry, &unit)};
    if (stages) {
        a->stages = (int)msc_conf_integer(r->arena, stages, 1, STAGES);
    }
    if (stages && a->transit) {
        msc_conf_fail(r->arena, stages,
                      "'%s' is in transit: nothing stays in it, so it has no stages", a->name);
    }
}

/* An amount that has a fault is not there for those behind it; nothing is read of them. */
static void declare_next(msc_reader *r, size_t i)
{
    msc_amount a = {0};
    declare_amount(r, &a, r->model->amount[i].origin);
    r->model->amount[r->model->n_amount++] = a;
}

void msc_amounts_declare(msc_reader *r)
{
    msc_model *model = r->model;
    size_t n, n_cargo;
    const msc_conf *section = msc_reader_section(r, "amounts", &n);
    msc_reader_section(r, "cargo", &n_cargo);
    model->amount = MSC_NEW(r->arena, msc_amount, n * (n_cargo + 1) + 1); /* room for all riders */
    for (size_t i = 0; i < n; i++) {
        model->amount[i].origin = section->child[i];
    }
    msc_reader_each(r, n, declare_next);
}

static void read_amount(msc_reader *r, size_t i)
{
    msc_amount *a = &r->model->amount[i];
    const msc_conf *initial = a->cargo < 0 ? msc_conf_find(a->origin, "initial") : NULL;
    if (initial) {
        msc_scope scope = initial_scope;
        msc_unit unit = {a->unit, a->factor, a->dim};
        scope.n = a->shape.n_over;
        memcpy(scope.bind, a->shape.over, (size_t)scope.n * sizeof *scope.bind);
        a->initial = msc_formula_read(r, &scope, initial, &unit, unit.dim, unit.text);
        msc_formula_check_all(r, a->initial, &a->shape);
    }
}

void msc_amounts_read(msc_reader *r)
{
    msc_reader_each(r, r->model->n_amount, read_amount);
}

/* ---- cargo ---- */

int msc_cargo_add_rider(msc_reader *r, int cargo, int carrier)
{
    msc_model *model = r->model;
    msc_cargo *c = &model->cargo[cargo];
    const msc_amount *on = &model->amount[carrier];
    int number = (int)model->n_amount++;
    model->amount[number] =
        (msc_amount){.name = msc_arena_printf(r->arena, "%s.%s", c->name, on->name),
                     .shape = on->shape,
                     .unit = c->unit,
                     .factor = c->factor,
                     .dim = c->dim,
                     .pool = c->pool,
                     .stages = on->stages,
                     .transit = on->transit,
                     .cargo = cargo,
                     .carrier = carrier,
                     .origin = c->origin,
                     .about = on->about && c->about
                                  ? msc_arena_printf(r->arena, "%s, on %s", c->about, on->about)
                                  : c->about};
    c->rider[c->n_rider++] = number;
    return number;
}

static void read_rides(msc_reader *r, int cargo, const msc_conf *rides, size_t n_proper)
{
    msc_model *model = r->model;
    size_t n;
    const char **names = msc_reader_strings(r, rides, &n);
    if (!n) {
        msc_conf_fail(r->arena, rides, "rides on nothing: name the amounts that carry it");
    }
    model->cargo[cargo].rider = MSC_NEW(r->arena, int, n_proper + 1);
    for (size_t i = 0; i < n; i++) {
        int carrier;
        msc_name_kind kind = msc_names_find(model, names[i], &carrier);
        if (kind != MSC_NAME_AMOUNT) {
            msc_conf_fail(r->arena, rides, "no amount is named '%s'%s", names[i],
                          msc_names_suggest(r, names[i], MSC_NAME_BIT(MSC_NAME_AMOUNT)));
        }
        if (model->amount[carrier].transit) {
            msc_conf_fail(r->arena, rides,
                          "'%s' is in transit: it carries every cargo that enters it and is not "
                          "listed",
                          names[i]);
        }
        if (msc_model_rider(model, cargo, carrier) >= 0) {
            msc_conf_fail(r->arena, rides, "'%s' is there twice", names[i]);
        }
        msc_cargo_add_rider(r, cargo, carrier);
    }
}

void msc_cargo_declare(msc_reader *r)
{
    static const char *const keys[] = {"unit", "rides", "load", "falls", "about", "source", NULL};
    msc_model *model = r->model;
    size_t n_proper = model->n_amount, n;
    const msc_conf *section = msc_reader_section(r, "cargo", &n);
    model->cargo = MSC_NEW(r->arena, msc_cargo, n + 1);
    for (size_t i = 0; i < n;
         i++) { /* all names before the first rider: `rides` may say one by mistake */
        const msc_conf *entry = section->child[i];
        msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
        msc_conf_known(r->arena, entry, keys);
        msc_unit unit = msc_reader_entry_unit(r, entry);
        model->cargo[i] = (msc_cargo){.name = entry->name,
                                      .unit = unit.text,
                                      .factor = unit.factor,
                                      .dim = unit.dim,
                                      .about = msc_reader_text(r, entry, "about"),
                                      .pool = entry_pool(r, entry, &unit),
                                      .origin = entry};
        model->n_cargo++;
    }
    for (size_t i = 0; i < n; i++) {
        read_rides(r, (int)i, msc_conf_need(r->arena, section->child[i], "rides"), n_proper);
    }
}

/* Some carrier of the cargo is counted in what the load is per. */
static bool fits_carrier(const msc_model *model, const msc_cargo *c, msc_dim load)
{
    for (size_t i = 0; i < c->n_rider; i++) {
        msc_dim carrier = model->amount[model->amount[c->rider[i]].carrier].dim;
        if (msc_dim_equal(load, msc_dim_quotient(c->dim, carrier))) {
            return true;
        }
    }
    return false;
}

void msc_cargo_read(msc_reader *r)
{
    static const msc_scope scope = {.user = "a load"};
    const msc_model *model = r->model;
    for (size_t i = 0; i < model->n_cargo; i++) {
        msc_cargo *c = &model->cargo[i];
        const msc_conf *load = msc_conf_find(c->origin, "load"),
                       *falls = msc_conf_find(c->origin, "falls");
        const msc_amount *first = &model->amount[model->amount[c->rider[0]].carrier];
        c->load_dim = msc_dim_quotient(c->dim, first->dim);
        if (load) {
            c->load = msc_formula_any(r, &scope, load, c->load_dim);
            if (!fits_carrier(model, c, c->load->dim)) {
                msc_conf_fail(r->arena, load, "its unit is '%s', where '%s' is due (%s per %s)",
                              msc_reader_dim_text(r, c->load->dim),
                              msc_reader_dim_text(r, c->load_dim), c->unit, first->unit);
            }
            c->load_dim = c->load->dim;
        }
        if (falls) {
            msc_conf_need_kind(r->arena, falls, MSC_CONF_GROUP);
        }
        for (size_t k = 0; falls && k < falls->n; k++) {
            msc_conf_string(r->arena, falls->child[k]);
        }
    }
}
