/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Routes: where a dose goes, what it is given per, and which parameters it may set for itself. */
#include "model/formula.h"

#include <string.h>

static const msc_scope route_scope = {.user = "a route"};

static void read_takes(msc_reader *r, msc_route *route)
{
    const msc_conf *takes = msc_conf_find(route->origin, "takes");
    if (!takes) {
        return;
    }
    const char **names = msc_reader_strings(r, takes, &route->n_takes);
    route->takes = MSC_NEW(r->arena, int, route->n_takes + 1);
    for (size_t i = 0; i < route->n_takes; i++) {
        route->takes[i] = msc_model_find_parameter(r->model, names[i]);
        if (route->takes[i] < 0) {
            msc_conf_fail(r->arena, takes, "no parameter is named '%s'%s", names[i],
                          msc_names_suggest(r, names[i], MSC_NAME_BIT(MSC_NAME_PARAMETER)));
        }
        for (size_t k = 0; k < i; k++) {
            if (route->takes[k] == route->takes[i]) {
                msc_conf_fail(r->arena, takes, "'%s' is there twice", names[i]);
            }
        }
    }
}

/* A dose is counted as the amounts it goes to are, all in one unit. */
static void read_given(msc_reader *r, msc_route *route)
{
    const msc_amount *first = NULL;
    for (size_t i = 0; i < route->n_branch; i++) {
        int to = route->branch[i].to.amount;
        const msc_amount *a = to >= 0 ? &r->model->amount[to] : NULL;
        if (a && first && !msc_dim_equal(a->dim, first->dim)) {
            msc_conf_fail(r->arena, route->branch[i].origin,
                          "'%s' is counted in '%s', but '%s' in '%s'", a->name, a->unit,
                          first->name, first->unit);
        }
        first = first ? first : a;
    }
    if (!first) {
        msc_conf_fail(r->arena, route->origin, "a route needs to, or into with a to in it");
    }
    route->pool = first->pool;
    route->dim = first->dim;
}

static void declare_route(msc_reader *r, size_t i)
{
    static const char *const keys[] = {"into", "to", "per", "takes", "about", "source", NULL};
    msc_route *route = &r->model->route[i];
    const msc_conf *entry = route->origin;
    msc_conf_need_kind(r->arena, entry, MSC_CONF_GROUP);
    msc_conf_known(r->arena, entry, keys);
    msc_scope scope = route_scope;
    route->about = msc_reader_text(r, entry, "about");
    route->branch = msc_branches_declare(
        r, &(msc_branches){entry, &scope, msc_reader_fate(r, entry->name)}, &route->n_branch);
    if (scope.n) { /* bound by a plain `to` */
        route->branch->n_bind = scope.n;
        route->branch->bind = MSC_NEW(r->arena, msc_bind, (size_t)scope.n);
        memcpy(route->branch->bind, scope.bind, (size_t)scope.n * sizeof *scope.bind);
    }
    read_given(r, route);
}

void msc_routes_declare(msc_reader *r)
{
    msc_model *model = r->model;
    const msc_conf *section = msc_reader_section(r, "routes", &model->n_route);
    model->route = MSC_NEW(r->arena, msc_route, model->n_route + 1);
    for (size_t i = 0; i < model->n_route; i++) {
        model->route[i] = (msc_route){.name = section->child[i]->name, .origin = section->child[i]};
    }
    msc_reader_each(r, model->n_route, declare_route);
}

/* Every combination of what a branch binds: its indices exist there, and there is but one if the
 * whole dose or its remainder goes there. */
static void check_branch(msc_reader *r, const msc_branch *branch)
{
    msc_shape shape = msc_reader_shape(r, branch->bind, branch->n_bind, branch->origin);
    if (!branch->share && shape.n != 1) {
        msc_conf_fail(r->arena, branch->origin,
                      "a dose cannot go %s to each of %zu places: give into with shares",
                      branch->remainder ? "as the remainder" : "whole", shape.n);
    }
    int env[MSC_SLOTS] = {0};
    for (size_t i = 0; i < shape.n; i++) {
        msc_shape_env(r->model, &shape, i, env);
        msc_formula_check(r, branch->share, env);
        msc_place_check(r, &branch->to, branch->origin, env, false);
        for (size_t k = 0; k < branch->n_fall; k++) {
            msc_place_check(r, &branch->fall[k].to, branch->origin, env, false);
        }
    }
}

static void read_route(msc_reader *r, size_t i)
{
    const msc_model *model = r->model;
    msc_route *route = &model->route[i];
    const msc_conf *per = msc_conf_find(route->origin, "per");
    bool *carries = MSC_NEW(r->arena, bool, model->n_cargo + 1);
    msc_falling what = {
        .entry = route->origin, .name = route->name, .kind = "route", .carries = carries};
    read_takes(r, route);
    if (per) {
        route->per = msc_formula_any(r, &route_scope, per, (msc_dim){{0}});
    }
    for (size_t c = 0; c < model->n_cargo; c++) {
        carries[c] = msc_route_brings(model, route, (int)c);
    }
    msc_branches_read(r, &route_scope, route->branch, route->n_branch);
    for (size_t k = 0; k < route->n_branch; k++) {
        msc_branch_fall(r, &what, &route_scope, &route->branch[k]);
        check_branch(r, &route->branch[k]);
    }
}

void msc_routes_read(msc_reader *r)
{
    msc_reader_each(r, r->model->n_route, read_route);
}

bool msc_route_brings(const msc_model *model, const msc_route *route, int cargo)
{
    return msc_dim_equal(msc_dim_product(route->dim, model->cargo[cargo].load_dim),
                         model->cargo[cargo].dim);
}
