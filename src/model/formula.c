/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the syntax tree of a formula to an expression with names resolved and dimensions known. */
#include "model/formula.h"

#include <string.h>

msc_expr *msc_expr_new(msc_reader *r, msc_expr_kind kind, const msc_conf *origin, int n_arg)
{
    msc_expr *expr = MSC_NEW(r->arena, msc_expr, 1);
    expr->kind = kind;
    expr->origin = origin;
    expr->ref = expr->ref2 = -1;
    expr->n_arg = n_arg;
    expr->arg = n_arg ? MSC_NEW(r->arena, msc_expr *, (size_t)n_arg) : NULL;
    return expr;
}

const msc_expr *msc_formula_number(msc_reader *r, const msc_conf *node, double number, msc_dim dim)
{
    msc_expr *expr = msc_expr_new(r, MSC_X_NUMBER, node, 0);
    expr->number = number;
    expr->dim = dim;
    return expr;
}

/* ---- indices ---- */

_Noreturn static void fail_index(msc_reader *r, const msc_scope *scope, const msc_conf *node,
                                 const char *name, int set)
{
    const msc_model *model = r->model;
    const msc_set *in = &model->set[set];
    int other = msc_names_find_set(model, name);
    if (msc_set_find(&model->set[in->root], name) >= 0) {
        msc_conf_fail(r->arena, node, "'%s' is not in '%s'", name, in->name);
    }
    if (other >= 0 && model->set[other].root == in->root) {
        msc_conf_fail(r->arena, node, "'%s' is not bound %s", name,
                      scope->where ? scope->where
                                   : "here: name it in over, in a sum, or in from and to");
    }
    if (other >= 0) {
        msc_conf_fail(r->arena, node, "'%s' stands where an element of '%s' is due", name,
                      in->name);
    }
    const char **known = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < in->n; i++) {
        *MSC_PUSH(r->arena, known, n, cap) = in->label[i];
    }
    for (int i = 0; i < scope->n; i++) {
        *MSC_PUSH(r->arena, known, n, cap) = scope->bind[i].name;
    }
    for (size_t i = 0; i < model->n_set; i++) {
        if (model->set[i].root == in->root) {
            *MSC_PUSH(r->arena, known, n, cap) = model->set[i].name;
        }
    }
    msc_conf_fail(r->arena, node, "'%s' is neither an element of '%s' nor a name bound to it%s",
                  name, in->name, msc_text_suggest(r->arena, name, known, n));
}

static int numbered_element(msc_reader *r, const msc_conf *node, const msc_set *in, int number)
{
    const char *label = msc_arena_printf(r->arena, "%d", number);
    int element = in->numeric ? msc_set_find(in, label) : -1;
    if (element < 0 && in->numeric) {
        msc_conf_fail(r->arena, node, "%d is not in '%s'", number, in->name);
    }
    if (element < 0) {
        msc_conf_fail(r->arena, node,
                      "%d stands where an element of '%s' is due, whose elements have names",
                      number, in->name);
    }
    return element;
}

/* A name at an index position, in this order: bound, first or last, an element, or (in places) a
 * set's name, which binds it. */
msc_index msc_formula_index(msc_reader *r, msc_scope *scope, const msc_conf *node,
                            const msc_syntax_index *x, int set, bool bind)
{
    const msc_model *model = r->model;
    const msc_set *in = &model->set[set];
    msc_index index = {.slot = -1, .element = -1, .shift = x->shift, .in = set};
    if (!x->name) {
        index.element = numbered_element(r, node, in, x->number);
        return index;
    }
    for (int i = 0; i < scope->n; i++) {
        if (!strcmp(scope->bind[i].name, x->name) &&
            model->set[scope->bind[i].set].root == in->root) {
            index.slot = i;
            return index;
        }
    }
    bool first = !strcmp(x->name, "first"), last = !strcmp(x->name, "last");
    if (first || last) {
        if (!in->n) {
            msc_conf_fail(r->arena, node, "'%s' is empty: it has no %s element", in->name, x->name);
        }
        index.element = in->element[first ? 0 : in->n - 1];
        return index;
    }
    index.element = msc_set_find(in, x->name);
    if (index.element >= 0) {
        return index;
    }
    int other = bind ? msc_names_find_set(model, x->name) : -1;
    if (other < 0 || model->set[other].root != in->root) {
        fail_index(r, scope, node, x->name, set);
    }
    msc_syntax_bind names = {x->name, x->name};
    msc_reader_bind(r, scope, node, &names);
    index.slot = scope->n - 1;
    return index;
}

/* "organ,clone" */
static const char *over_text(msc_reader *r, const msc_shape *shape)
{
    const char *text = "";
    for (int i = 0; i < shape->n_over; i++) {
        text = msc_arena_printf(r->arena, "%s%s%s", text, i ? "," : "", shape->over[i].name);
    }
    return text;
}

void msc_formula_indices(msc_reader *r, msc_scope *scope, const msc_conf *node,
                         const msc_syntax *name, const msc_shape *shape, bool bind,
                         msc_index *index)
{
    const char *text = name->name;
    if (name->member) {
        text = msc_arena_printf(r->arena, "%s.%s", name->name, name->member);
    }
    if (name->n_index != shape->n_over && !shape->n_over) {
        msc_conf_fail(r->arena, node, "'%s' has no indices", text);
    }
    if (name->n_index != shape->n_over) {
        msc_conf_fail(r->arena, node, "'%s' has %d %s, %s[%s], not %d", text, shape->n_over,
                      shape->n_over == 1 ? "index" : "indices", text, over_text(r, shape),
                      name->n_index);
    }
    for (int i = 0; i < shape->n_over; i++) {
        index[i] = msc_formula_index(r, scope, node, &name->index[i], shape->over[i].set, bind);
    }
}

/* ---- names ---- */

static void need_may(const msc_formula *f, unsigned may, const char *what)
{
    if (!(f->scope.may & may)) {
        msc_conf_fail(f->r->arena, f->node, "%s: %s may depend on parameters%s only", what,
                      f->scope.user, f->scope.may & MSC_MAY_TIME ? " and time" : "");
    }
}

static msc_expr *reference(msc_formula *f, const msc_syntax *s, msc_expr_kind kind, int ref,
                           const msc_shape *shape, msc_dim dim)
{
    msc_expr *expr = msc_expr_new(f->r, kind, f->node, 0);
    expr->ref = ref;
    expr->dim = dim;
    expr->n_index = shape->n_over;
    expr->index = MSC_NEW(f->r->arena, msc_index, (size_t)shape->n_over + 1);
    msc_formula_indices(f->r, &f->scope, f->node, s, shape, false, expr->index);
    return expr;
}

static msc_expr *amount(msc_formula *f, const msc_syntax *s, int ref)
{
    const msc_amount *a = &f->r->model->amount[ref];
    need_may(f, MSC_MAY_STATE, msc_arena_printf(f->r->arena, "'%s' is an amount", a->name));
    if (a->transit) {
        msc_conf_fail(f->r->arena, f->node,
                      "'%s' is in transit: it holds nothing and cannot be used in a formula; "
                      "name the processes that fill or empty it",
                      a->name);
    }
    return reference(f, s, MSC_X_AMOUNT, ref, &a->shape, a->dim);
}

/* "label.arrested[…]" */
static msc_expr *rider(msc_formula *f, const msc_syntax *s)
{
    const msc_model *model = f->r->model;
    int cargo, carrier;
    if (msc_names_find(model, s->name, &cargo) != MSC_NAME_CARGO) {
        msc_conf_fail(f->r->arena, f->node, "no cargo is named '%s'%s", s->name,
                      msc_names_suggest(f->r, s->name, MSC_NAME_BIT(MSC_NAME_CARGO)));
    }
    if (msc_names_find(model, s->member, &carrier) != MSC_NAME_AMOUNT) {
        msc_conf_fail(f->r->arena, f->node, "no amount is named '%s'%s", s->member,
                      msc_names_suggest(f->r, s->member, MSC_NAME_BIT(MSC_NAME_AMOUNT)));
    }
    int ref = msc_model_rider(model, cargo, carrier);
    if (ref < 0 && !model->amount[carrier].transit) {
        msc_conf_fail(f->r->arena, f->node,
                      "'%s' does not ride on '%s': it is not in cargo.%s.rides", s->name, s->member,
                      s->name);
    }
    return amount(f, s, ref < 0 ? carrier : ref);
}

static msc_expr *name(msc_formula *f, const msc_syntax *s)
{
    const msc_model *model = f->r->model;
    msc_arena *arena = f->r->arena;
    int ref;
    if (s->member) {
        return rider(f, s);
    }
    if (!strcmp(s->name, "time")) {
        msc_expr *expr = msc_expr_new(f->r, MSC_X_TIME, f->node, 0);
        need_may(f, MSC_MAY_TIME, "'time' cannot be used here");
        if (s->n_index) {
            msc_conf_fail(arena, f->node, "'time' has no indices");
        }
        expr->dim = msc_dim_time(model->units);
        return expr;
    }
    switch (msc_names_find(model, s->name, &ref)) {
    case MSC_NAME_PARAMETER:
        return reference(f, s, MSC_X_PARAMETER, ref, &model->parameter[ref].shape,
                         model->parameter[ref].dim);
    case MSC_NAME_AMOUNT: return amount(f, s, ref);
    case MSC_NAME_VARIABLE:
        need_may(f, MSC_MAY_STATE, msc_arena_printf(arena, "'%s' is a variable", s->name));
        return reference(f, s, MSC_X_VARIABLE, ref, &model->variable[ref].shape,
                         model->variable[ref].dim);
    case MSC_NAME_PROCESS:
        need_may(f, MSC_MAY_STATE, msc_arena_printf(arena, "'%s' is a process", s->name));
        return reference(f, s, MSC_X_PROCESS, ref, &model->process[ref].shape,
                         model->process[ref].dim);
    case MSC_NAME_CARGO:
        msc_conf_fail(arena, f->node, "'%s' is a cargo: name one place of it, such as %s.%s",
                      s->name, s->name,
                      model->amount[model->amount[model->cargo[ref].rider[0]].carrier].name);
    case MSC_NAME_SET:
        msc_conf_fail(arena, f->node,
                      "'%s' is a set: it can stand in brackets or be summed over only", s->name);
    case MSC_NAME_NONE: break;
    }
    msc_expr *output = f->scope.may & MSC_MAY_OUTPUT ? msc_formula_output(f, s) : NULL;
    if (output) {
        return output;
    }
    unsigned kinds = MSC_NAME_BIT(MSC_NAME_PARAMETER);
    bool states = f->scope.may & MSC_MAY_STATE;
    if (states) {
        kinds |= MSC_NAME_BIT(MSC_NAME_AMOUNT) | MSC_NAME_BIT(MSC_NAME_VARIABLE) |
                 MSC_NAME_BIT(MSC_NAME_PROCESS);
    }
    const char *hint = msc_names_suggest(f->r, s->name, kinds);
    double factor;
    msc_dim dim;
    if (!*hint && msc_units_parse(model->units, s->name, &factor, &dim, NULL) == MSC_OK) {
        hint = msc_arena_printf(arena, "; as a unit it stands behind a number: 2 %s, 0.01 1/%s", s->name, s->name);
    }
    msc_conf_fail(arena, f->node, "no %s is named '%s'%s",
                  states ? "parameter, amount, variable or process" : "parameter", s->name, hint);
}

/* ---- functions that take a name ---- */

/* The name that stands alone between the brackets of flux, dosed, given. */
static const char *bare_name(msc_formula *f, const msc_syntax *call, const char *example)
{
    const msc_syntax *arg = call->arg[0];
    if (arg->kind != MSC_S_NAME || arg->member || arg->n_index) {
        msc_conf_fail(f->r->arena, f->node, "'%s' takes one name, such as %s", call->name, example);
    }
    return arg->name;
}

static bool has_fate(const msc_process *process, int fate)
{
    for (size_t i = 0; i < process->n_branch; i++) {
        if (process->branch[i].fate == fate) {
            return true;
        }
    }
    return false;
}

static int fate_number(msc_formula *f, const char *fate)
{
    const msc_model *model = f->r->model;
    size_t n = 0, cap = 0;
    const char **known = NULL;
    for (size_t i = 0; i < model->n_process; i++) {
        for (size_t k = 0; k < model->process[i].n_branch; k++) {
            const char *other = model->fate[model->process[i].branch[k].fate];
            if (!strcmp(other, fate)) {
                return model->process[i].branch[k].fate;
            }
            *MSC_PUSH(f->r->arena, known, n, cap) = other;
        }
    }
    msc_conf_fail(f->r->arena, f->node, "no process has the fate '%s'%s", fate,
                  msc_text_suggest(f->r->arena, fate, known, n));
}

/* flux(fate): processes of carriers of one pool; what they leave, or, for a source, enter. */
static msc_expr *flux(msc_formula *f, const msc_syntax *s)
{
    const msc_model *model = f->r->model;
    const char *fate = bare_name(f, s, "flux(lysis)");
    need_may(f, MSC_MAY_STATE,
             msc_arena_printf(f->r->arena, "'flux(%s)' cannot be used here", fate));
    msc_expr *expr = msc_expr_new(f->r, MSC_X_FLUX, f->node, 0);
    expr->ref = fate_number(f, fate);
    const msc_process *first = NULL;
    for (size_t i = 0; i < model->n_process; i++) {
        const msc_process *process = &model->process[i];
        if (!has_fate(process, expr->ref)) {
            continue;
        }
        if (!first) {
            first = process;
            expr->dim = process->dim;
        } else if (process->pool != first->pool || !msc_dim_equal(process->dim, expr->dim)) {
            msc_conf_fail(f->r->arena, f->node,
                          "the processes of fate '%s' move things of more than one pool: '%s' "
                          "and '%s'",
                          fate, first->name, process->name);
        }
    }
    return expr;
}

static msc_expr *given(msc_formula *f, const msc_syntax *s, msc_expr_kind kind)
{
    const msc_model *model = f->r->model;
    const char *what = bare_name(f, s, "dosed(cell)");
    msc_expr *expr = msc_expr_new(f->r, kind, f->node, 0);
    const char **known = MSC_NEW(f->r->arena, const char *, model->n_pool + model->n_cargo + 1);
    size_t n = 0;
    for (size_t i = 0; i < model->n_cargo; i++) {
        known[n++] = model->cargo[i].name;
        if (!strcmp(what, model->cargo[i].name)) {
            expr->ref = model->cargo[i].pool;
            expr->ref2 = (int)i;
            expr->dim = model->cargo[i].dim;
            return expr;
        }
    }
    for (size_t i = 0; i < model->n_pool; i++) {
        known[n++] = model->pool[i].name;
        if (!strcmp(what, model->pool[i].name)) {
            expr->ref = (int)i;
            expr->dim = model->pool[i].dim;
            return expr;
        }
    }
    msc_conf_fail(f->r->arena, f->node, "no cargo or pool is named '%s'%s", what,
                  msc_text_suggest(f->r->arena, what, known, n));
}

static msc_expr *integral(msc_formula *f, const msc_syntax *s)
{
    msc_expr *expr = msc_expr_new(f->r, MSC_X_INTEGRAL, f->node, 1);
    unsigned may = f->scope.may;
    f->scope.may = may & ~(unsigned)MSC_MAY_INTEGRAL;
    expr->arg[0] = msc_formula_build(f, s->arg[0]).expr;
    f->scope.may = may;
    expr->dim = msc_dim_product(expr->arg[0]->dim, msc_dim_time(f->r->model->units));
    return expr;
}

static const struct {
    const char *name;
    msc_expr_kind kind;
} functions[] = {{"min", MSC_X_MIN},     {"max", MSC_X_MAX},     {"if", MSC_X_IF},
                 {"abs", MSC_X_ABS},     {"exp", MSC_X_EXP},     {"log", MSC_X_LOG},
                 {"log10", MSC_X_LOG10}, {"sqrt", MSC_X_SQRT},   {"integral", MSC_X_INTEGRAL},
                 {"dosed", MSC_X_DOSED}, {"given", MSC_X_GIVEN}, {"flux", MSC_X_FLUX}};

static msc_typed call(msc_formula *f, const msc_syntax *s)
{
    size_t i = 0;
    while (strcmp(functions[i].name, s->name) != 0) {
        i++;
    }
    msc_expr_kind kind = functions[i].kind;
    if (kind == MSC_X_FLUX) {
        return (msc_typed){flux(f, s), false};
    }
    if (kind == MSC_X_INTEGRAL || kind == MSC_X_DOSED || kind == MSC_X_GIVEN) {
        if (!(f->scope.may & MSC_MAY_INTEGRAL)) {
            msc_conf_fail(f->r->arena, f->node,
                          "'%s' may be used in outputs only, and not inside integral", s->name);
        }
        return (msc_typed){kind == MSC_X_INTEGRAL ? integral(f, s) : given(f, s, kind), false};
    }
    msc_typed *arg = MSC_NEW(f->r->arena, msc_typed, (size_t)s->n_arg + 1);
    msc_expr *expr = msc_expr_new(f->r, kind, f->node, s->n_arg);
    for (int k = 0; k < s->n_arg; k++) {
        arg[k] = msc_formula_build(f, s->arg[k]);
        expr->arg[k] = arg[k].expr;
    }
    msc_formula_function(f, expr, arg, s->name);
    bool any = kind == MSC_X_IF ? arg[1].any && arg[2].any : kind == MSC_X_ABS && arg[0].any;
    if (kind == MSC_X_MIN || kind == MSC_X_MAX) {
        any = true;
        for (int k = 0; k < s->n_arg; k++) {
            any = any && arg[k].any;
        }
    }
    return (msc_typed){expr, any};
}

static msc_typed sum(msc_formula *f, const msc_syntax *s)
{
    msc_expr *expr = msc_expr_new(f->r, MSC_X_SUM, f->node, 1);
    int outside = f->scope.n;
    for (int i = 0; i < s->n_bind; i++) {
        msc_reader_bind(f->r, &f->scope, f->node, &s->bind[i]);
    }
    expr->n_bind = s->n_bind;
    expr->bind = MSC_NEW(f->r->arena, msc_bind, (size_t)s->n_bind + 1);
    memcpy(expr->bind, f->scope.bind + outside, (size_t)s->n_bind * sizeof *expr->bind);
    msc_typed inside = msc_formula_build(f, s->arg[0]);
    f->scope.n = outside;
    expr->arg[0] = inside.expr;
    expr->dim = inside.expr->dim;
    return (msc_typed){expr, inside.any};
}

/* ---- the tree ---- */

/* How much of "1/h*time" is a unit: up to the last of the signs before which it is one. */
static size_t unit_part(msc_formula *f, const char *text)
{
    for (size_t end = strlen(text); end-- > 1;) {
        double factor;
        msc_dim dim;
        const char *part = msc_arena_strndup(f->r->arena, text, end);
        if (strchr("*/-", text[end]) && msc_units_parse(f->r->model->units, part, &factor, &dim, NULL) == MSC_OK) {
            return end;
        }
    }
    return strcspn(text, "/*");
}

/* "5 h/tau": a unit has no spaces in it, so what was meant as a name was read as a unit. */
static msc_unit number_unit(msc_formula *f, const msc_syntax *s)
{
    msc_unit unit = {.text = s->unit};
    msc_error err = {0};
    msc_status status = msc_units_parse(f->r->model->units, s->unit, &unit.factor, &unit.dim, &err);
    size_t end = unit_part(f, s->unit);
    if (status != MSC_OK && s->unit[end]) {
        msc_throw(f->r->arena, status, msc_conf_where(f->r->arena, f->node),
                  "%s; write %g %.*s %c %s", err.message, s->number, (int)end, s->unit,
                  s->unit[end], s->unit + end + 1);
    }
    if (status != MSC_OK) {
        msc_throw(f->r->arena, status, msc_conf_where(f->r->arena, f->node), "%s", err.message);
    }
    return unit;
}

static msc_typed number(msc_formula *f, const msc_syntax *s)
{
    msc_expr *expr = msc_expr_new(f->r, MSC_X_NUMBER, f->node, 0);
    expr->number = s->number;
    if (s->unit) {
        msc_unit unit = number_unit(f, s);
        expr->number *= unit.factor;
        expr->dim = unit.dim;
    }
    return (msc_typed){expr, !s->unit && s->number == 0};
}

static msc_typed negate(msc_formula *f, const msc_syntax *s)
{
    msc_typed inside = msc_formula_build(f, s->arg[0]);
    if (inside.expr->kind == MSC_X_NUMBER) {
        inside.expr->number = -inside.expr->number;
        return inside;
    }
    msc_expr *expr = msc_expr_new(f->r, MSC_X_NEGATE, f->node, 1);
    expr->arg[0] = inside.expr;
    expr->dim = inside.expr->dim;
    return (msc_typed){expr, inside.any};
}

static const struct {
    msc_syntax_kind syntax;
    msc_expr_kind kind;
    const char *text;
} operators[] = {{MSC_S_NOT, MSC_X_NOT, "not"},
                 {MSC_S_ADD, MSC_X_ADD, "+"},
                 {MSC_S_SUBTRACT, MSC_X_SUBTRACT, "-"},
                 {MSC_S_MULTIPLY, MSC_X_MULTIPLY, "*"},
                 {MSC_S_DIVIDE, MSC_X_DIVIDE, "/"},
                 {MSC_S_LESS, MSC_X_LESS, "<"},
                 {MSC_S_LESS_EQUAL, MSC_X_LESS_EQUAL, "<="},
                 {MSC_S_GREATER, MSC_X_GREATER, ">"},
                 {MSC_S_GREATER_EQUAL, MSC_X_GREATER_EQUAL, ">="},
                 {MSC_S_EQUAL, MSC_X_EQUAL, "=="},
                 {MSC_S_NOT_EQUAL, MSC_X_NOT_EQUAL, "!="},
                 {MSC_S_AND, MSC_X_AND, "and"},
                 {MSC_S_OR, MSC_X_OR, "or"}};

/* One or two operands: sums and differences of one dimension, products of any, comparisons of one
 * dimension, logic of pure numbers. */
static msc_typed operator(msc_formula *f, const msc_syntax *s)
{
    size_t i = 0;
    while (operators[i].syntax != s->kind) {
        i++;
    }
    msc_expr *expr = msc_expr_new(f->r, operators[i].kind, f->node, s->n_arg);
    msc_typed arg[2] = {{NULL, false}, {NULL, false}};
    for (int k = 0; k < s->n_arg && k < 2; k++) {
        arg[k] = msc_formula_build(f, s->arg[k]);
        expr->arg[k] = arg[k].expr;
    }
    switch (expr->kind) {
    case MSC_X_MULTIPLY: expr->dim = msc_dim_product(arg[0].expr->dim, arg[1].expr->dim); break;
    case MSC_X_DIVIDE: expr->dim = msc_dim_quotient(arg[0].expr->dim, arg[1].expr->dim); break;
    case MSC_X_NOT:
    case MSC_X_AND:
    case MSC_X_OR:
        for (int k = 0; k < s->n_arg; k++) {
            msc_formula_pure(f, operators[i].text, &arg[k]);
        }
        break;
    default:
        msc_formula_same(
            f, msc_arena_printf(f->r->arena, "the two sides of '%s'", operators[i].text), arg, 2);
        if (expr->kind == MSC_X_ADD || expr->kind == MSC_X_SUBTRACT) {
            expr->dim = arg[0].expr->dim;
            return (msc_typed){expr, arg[0].any && arg[1].any};
        }
    }
    return (msc_typed){expr, false};
}

msc_typed msc_formula_build(msc_formula *f, const msc_syntax *s)
{
    switch (s->kind) {
    case MSC_S_NUMBER: return number(f, s);
    case MSC_S_NAME: return (msc_typed){name(f, s), false};
    case MSC_S_CALL: return call(f, s);
    case MSC_S_SUM: return sum(f, s);
    case MSC_S_NEGATE: return negate(f, s);
    case MSC_S_POWER: {
        msc_typed base = msc_formula_build(f, s->arg[0]);
        return msc_formula_power(f, base, msc_formula_build(f, s->arg[1]));
    }
    case MSC_S_NOT:
    case MSC_S_ADD:
    case MSC_S_SUBTRACT:
    case MSC_S_MULTIPLY:
    case MSC_S_DIVIDE:
    case MSC_S_LESS:
    case MSC_S_LESS_EQUAL:
    case MSC_S_GREATER:
    case MSC_S_GREATER_EQUAL:
    case MSC_S_EQUAL:
    case MSC_S_NOT_EQUAL:
    case MSC_S_AND:
    case MSC_S_OR: break;
    }
    return operator(f, s);
}
