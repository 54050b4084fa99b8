/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models read from texts, and expressions as texts. */
#include "support/reading.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const char base[] =
    "units: { mark = \"a label\"; };\n"
    "sets: { organ = [\"lung\", \"liver\", \"spleen\"]; systemic = { of = \"organ\"; except = [\"lung\"]; };\n"
    "        portal = { of = \"organ\"; are = [\"spleen\"]; }; clone = [\"neg\", \"pos\"]; stage = \"1..3\"; };\n"
    "parameters: {\n"
    "  k = { unit = \"1/h\"; value = 0.1; };\n"
    "  frac = { unit = \"1\"; value = 0.5; };\n"
    "  vol = { unit = \"L\"; value = 2.0; };\n"
    "  weight = { unit = \"kg\"; value = 70.0; };\n"
    "  late = { unit = \"1/h\"; };\n"
    "  arrest = { unit = \"1\"; over = [\"organ\"]; values = { lung = 0.2; others = 0.1; }; };\n"
    "  flow = { unit = \"mL/min\"; over = [\"systemic\"]; value = 3.0; };\n"
    "  kst = { unit = \"1/h\"; over = [\"stage\"]; value = 0.2; };\n"
    "};\n"
    "amounts: {\n"
    "  blood = { unit = \"cell\"; over = [\"clone\"]; };\n"
    "  bed = { unit = \"cell\"; over = [\"organ\", \"clone\"]; transit = true; };\n"
    "  lodged = { unit = \"cell\"; over = [\"organ\", \"clone\"]; };\n"
    "  dying = { unit = \"cell\"; over = [\"organ\"]; stages = 2; pool = \"dying\"; };\n"
    "  ageing = { unit = \"cell\"; over = [\"stage\"]; };\n"
    "  drug = { unit = \"mg\"; };\n"
    "  debris = { unit = \"mark\"; over = [\"organ\"]; };\n"
    "  free = { unit = \"mark\"; };\n"
    "};\n"
    "cargo: { label = { unit = \"mark\"; load = \"1 mark/cell\"; rides = [\"blood\", \"lodged\"];\n"
    "                   falls = { death = \"debris[organ]\"; others = \"nowhere\"; }; }; };\n"
    "variables: { crowd = { unit = \"cell\"; over = [\"organ\"]; value = \"sum(clone: lodged[organ,clone])\"; }; };\n"
    "processes: {\n"
    "  flow_in = { from = \"blood[clone]\"; to = \"bed[organ,clone]\"; hazard = \"k\"; };\n"
    "  catch = { from = \"bed[organ,clone]\"; to = \"lodged[organ,clone]\"; share = \"arrest[organ]\"; };\n"
    "  pass = { from = \"bed[organ,clone]\"; to = \"blood[clone]\"; share = \"remainder\"; };\n"
    "  die = { from = \"lodged[organ,clone]\"; to = \"dying[organ]\"; hazard = \"k\"; fate = \"death\"; };\n"
    "  vanish = { from = \"dying[organ]\"; dwell = \"2 h\"; };\n"
    "  age = { from = \"ageing[stage]\"; to = \"ageing[stage+1]\"; hazard = \"kst[stage+1]\"; };\n"
    "  decay = { from = \"label\"; to = \"free\"; hazard = \"k\"; };\n"
    "};\n"
    "routes: { vein = { into = ( { to = \"blood[clone]\"; share = \"frac\"; } ); }; };\n";
/* clang-format on */

/* ---- files ---- */

static void put(const char *name, const char *head, const char *text)
{
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fprintf(file, "%s%s\n", head, text), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static msc_status read_text(const char *text, msc_model **model, msc_error *err)
{
    char folder[256];
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mscsim-reading-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    put("base.cfg", base, "");
    put("m.cfg", "extends = \"base.cfg\";\n", text);
    msc_status status = msc_model_read("m.cfg", NULL, 0, model, err);
    ck_assert_int_eq(unlink("base.cfg"), 0);
    ck_assert_int_eq(unlink("m.cfg"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    return status;
}

msc_model *msc_reading_model(const char *text)
{
    msc_model *model = NULL;
    msc_error err = {0};
    char message[2048] = "";
    if (read_text(text, &model, &err) != MSC_OK) {
        msc_error_text(&err, message, sizeof message);
    }
    ck_assert_str_eq(message, "");
    return model;
}

void msc_reading_refused(const msc_reading_case *c)
{
    msc_model *model = NULL;
    msc_error err = {0};
    char message[2048] = "";
    msc_status status = read_text(c->text, &model, &err);
    ck_assert_msg(status == MSC_E_CONFIG, "status %d of:\n%s", (int)status, c->text);
    ck_assert_ptr_null(model);
    msc_error_text(&err, message, sizeof message);
    ck_assert_str_eq(message, c->message);
}

/* ---- expressions ---- */

static char buffer[8192];

static void add(const char *format, ...) MSC_PRINTF(1, 2);
static void add(const char *format, ...)
{
    size_t n = strlen(buffer);
    va_list args;
    va_start(args, format);
    vsnprintf(buffer + n, sizeof buffer - n, format, args);
    va_end(args);
}

static void add_indices(const msc_model *model, const msc_index *index, int n)
{
    for (int i = 0; i < n; i++) {
        const msc_set *root = &model->set[model->set[index[i].in].root];
        add("%s", i ? "," : "[");
        if (index[i].slot >= 0) {
            add("$%d", index[i].slot);
        } else {
            add("%s", root->label[index[i].element]);
        }
        if (index[i].shift) {
            add("%+d", index[i].shift);
        }
    }
    add("%s", n ? "]" : "");
}

static const char *const names[] = {[MSC_X_NEGATE] = "-",   [MSC_X_ADD] = "+",
                                    [MSC_X_SUBTRACT] = "-", [MSC_X_MULTIPLY] = "*",
                                    [MSC_X_DIVIDE] = "/",   [MSC_X_POWER] = "^",
                                    [MSC_X_LESS] = "<",     [MSC_X_LESS_EQUAL] = "<=",
                                    [MSC_X_GREATER] = ">",  [MSC_X_GREATER_EQUAL] = ">=",
                                    [MSC_X_EQUAL] = "==",   [MSC_X_NOT_EQUAL] = "!=",
                                    [MSC_X_AND] = "and",    [MSC_X_OR] = "or",
                                    [MSC_X_NOT] = "not",    [MSC_X_IF] = "if",
                                    [MSC_X_MIN] = "min",    [MSC_X_MAX] = "max",
                                    [MSC_X_ABS] = "abs",    [MSC_X_EXP] = "exp",
                                    [MSC_X_LOG] = "log",    [MSC_X_LOG10] = "log10",
                                    [MSC_X_SQRT] = "sqrt",  [MSC_X_INTEGRAL] = "integral"};

static void print(const msc_model *model, const msc_expr *expr);

static void print_arguments(const msc_model *model, const msc_expr *expr)
{
    bool infix = expr->kind >= MSC_X_ADD && expr->kind <= MSC_X_OR;
    add("%s(", infix ? "" : names[expr->kind]);
    for (int i = 0; i < expr->n_arg; i++) {
        if (i && infix) {
            add(" %s ", names[expr->kind]);
        } else if (i) {
            add(", ");
        }
        print(model, expr->arg[i]);
    }
    add(")");
}

static void print_sum(const msc_model *model, const msc_expr *expr)
{
    add("sum(");
    for (int i = 0; i < expr->n_bind; i++) {
        add("%s$%d in %s", i ? ", " : "", expr->bind[i].slot, model->set[expr->bind[i].set].name);
    }
    add(": ");
    print(model, expr->arg[0]);
    add(")");
}

static void print_reference(const msc_model *model, const msc_expr *expr, const char *name)
{
    add("%s", name);
    add_indices(model, expr->index, expr->n_index);
}

static void print(const msc_model *model, const msc_expr *expr)
{
    switch (expr->kind) {
    case MSC_X_NUMBER: add("%.9g", expr->number); break;
    case MSC_X_TIME: add("time"); break;
    case MSC_X_PARAMETER: print_reference(model, expr, model->parameter[expr->ref].name); break;
    case MSC_X_AMOUNT: print_reference(model, expr, model->amount[expr->ref].name); break;
    case MSC_X_VARIABLE: print_reference(model, expr, model->variable[expr->ref].name); break;
    case MSC_X_PROCESS: print_reference(model, expr, model->process[expr->ref].name); break;
    case MSC_X_FLUX: add("flux(%s)", model->fate[expr->ref]); break;
    case MSC_X_DOSED:
    case MSC_X_GIVEN:
        add("%s(%s%s%s)", expr->kind == MSC_X_DOSED ? "dosed" : "given",
            model->pool[expr->ref].name, expr->ref2 < 0 ? "" : ":",
            expr->ref2 < 0 ? "" : model->cargo[expr->ref2].name);
        break;
    case MSC_X_SUM: print_sum(model, expr); break;
    case MSC_X_TABLE:
        add("table%d.%d(", expr->ref, expr->ref2);
        print(model, expr->arg[0]);
        add(")");
        break;
    default: print_arguments(model, expr); break;
    }
}

const char *msc_reading_text(const msc_model *model, const msc_expr *expr)
{
    buffer[0] = '\0';
    if (expr) {
        print(model, expr);
    }
    return buffer;
}

const char *msc_reading_place(const msc_model *model, const msc_place *place)
{
    buffer[0] = '\0';
    if (place->amount < 0) {
        return "-";
    }
    add("%s", model->amount[place->amount].name);
    add_indices(model, place->index, model->amount[place->amount].shape.n_over);
    return buffer;
}
