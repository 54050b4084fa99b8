/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * generate scenario.cfg: the scenario's program as C on stdout, for CVODE: what a careful author
 * would compile, from the very rows that the engine runs.
 *
 *     void bench_rate(const double *c, const double *g, const double *y, double *f)
 *     void bench_jacobian(const double *c, const double *g, const double *y, double *value)
 *
 * c: coefficients; g: givens, of which g[0] is time. Nodes are locals. In the Jacobian, by states
 * alone, they are eliminated by the chain rule; its pattern is compressed sparse columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "standard.h"

static const msc_program *p;
static bool *depends; /* [n_node][n_state] */
static bool *pattern; /* [n_state][n_state] rate by state */

static uint32_t node_of(uint32_t u)
{
    return u >= p->n_state && u < p->first_given ? u - p->n_state : MSC_NONE;
}

static const char *name(uint32_t u)
{
    static char text[4][32];
    static int at;
    char *t = text[at++ % 4];
    if (u < p->n_state) {
        snprintf(t, sizeof *text, "y[%u]", u);
    } else if (node_of(u) != MSC_NONE) {
        snprintf(t, sizeof *text, "z%u", node_of(u));
    } else {
        snprintf(t, sizeof *text, "g[%u]", u - p->first_given);
    }
    return t;
}

/* " + c[k] *", or its value if it is a number. */
static void put_coef(uint32_t k)
{
    const msc_instruction *op = &p->prologue[p->coef[k]];
    if (op->op == MSC_OP_NUMBER) {
        printf(" + %.17g", op->number);
    } else {
        printf(" + c[%u]", k);
    }
}

static void put_row(const msc_rows *rows, uint32_t r)
{
    printf("0");
    for (uint32_t i = rows->one_at[r]; i < rows->one_at[r + 1]; i++) {
        put_coef(rows->one[i]);
    }
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        put_coef(rows->linear[i].coef);
        printf(" * %s", name(rows->linear[i].u));
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        put_coef(rows->bilinear[i].coef);
        printf(" * %s * %s", name(rows->bilinear[i].u), name(rows->bilinear[i].v));
    }
    printf(";\n");
}

static const char *argument(const msc_special *s, int i)
{
    static char text[4][32];
    static int at;
    if (s->arg[i] >= 0) {
        return name((uint32_t)s->arg[i]);
    }
    char *t = text[at++ % 4];
    snprintf(t, sizeof *text, "c[%u]", (uint32_t)~s->arg[i]);
    return t;
}

static void put_special(const msc_special *s)
{
    const char *a = argument(s, 0), *b = msc_op_arity(s->op) > 1 ? argument(s, 1) : "",
               *c = msc_op_arity(s->op) > 2 ? argument(s, 2) : "";
    switch (s->op) {
    case MSC_OP_DIVIDE: printf("%s / %s;\n", a, b); break;
    case MSC_OP_POWER: printf("pow(%s, %s);\n", a, b); break;
    case MSC_OP_EXP: printf("exp(%s);\n", a); break;
    case MSC_OP_LOG: printf("log(%s);\n", a); break;
    case MSC_OP_SQRT: printf("sqrt(%s);\n", a); break;
    case MSC_OP_MIN: printf("%s <= %s ? %s : %s;\n", a, b, a, b); break;
    case MSC_OP_MAX: printf("%s >= %s ? %s : %s;\n", a, b, a, b); break;
    case MSC_OP_IF: printf("%s != 0 ? %s : %s;\n", a, b, c); break;
    case MSC_OP_LESS: printf("%s < %s;\n", a, b); break;
    default: standard_die("generate", "a function it does not know");
    }
}

/* The partial of a special by its i-th argument. */
static void put_partial(const msc_special *s, int i)
{
    const char *a = argument(s, 0), *b = msc_op_arity(s->op) > 1 ? argument(s, 1) : "";
    switch (s->op) {
    case MSC_OP_DIVIDE: i == 0 ? printf("1 / %s", b) : printf("-z%u / %s", s->node, b); break;
    case MSC_OP_POWER:
        i == 0 ? printf("(%s == 0 ? 0 : %s * pow(%s, %s - 1))", b, b, a, b)
               : printf("(%s > 0 ? z%u * log(%s) : 0)", a, s->node, a);
        break;
    case MSC_OP_EXP: printf("z%u", s->node); break;
    case MSC_OP_LOG: printf("1 / %s", a); break;
    case MSC_OP_SQRT: printf("0.5 / z%u", s->node); break;
    case MSC_OP_MIN: printf("((%s <= %s) == %d)", a, b, i == 0); break;
    case MSC_OP_MAX: printf("((%s >= %s) == %d)", a, b, i == 0); break;
    case MSC_OP_IF: printf("(%d && (%s != 0) == %d)", i > 0, a, i == 1); break;
    default: printf("0"); break;
    }
}

static void put_nodes(void)
{
    for (uint32_t n = 0; n < p->n_node; n++) {
        printf("    const double z%u = ", n);
        if (p->special_of[n] == MSC_NONE) {
            put_row(&p->node, n);
        } else {
            put_special(&p->special[p->special_of[n]]);
        }
    }
}

/* ---- derivatives ---- */

static bool by_state(uint32_t u, uint32_t s)
{
    return u == s || (node_of(u) != MSC_NONE && depends[(size_t)node_of(u) * p->n_state + s]);
}

/* "* du/dy[s]" */
static void put_inner(uint32_t u, uint32_t s)
{
    if (u != s) {
        printf(" * d%u_%u", node_of(u), s);
    }
}

static bool row_depends(const msc_rows *rows, uint32_t r, uint32_t s)
{
    bool any = false;
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        any = any || by_state(rows->linear[i].u, s);
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        any = any || by_state(rows->bilinear[i].u, s) || by_state(rows->bilinear[i].v, s);
    }
    return any;
}

static void put_row_derivative(const msc_rows *rows, uint32_t r, uint32_t s)
{
    printf("0");
    for (uint32_t i = rows->linear_at[r]; i < rows->linear_at[r + 1]; i++) {
        if (by_state(rows->linear[i].u, s)) {
            put_coef(rows->linear[i].coef);
            put_inner(rows->linear[i].u, s);
        }
    }
    for (uint32_t i = rows->bilinear_at[r]; i < rows->bilinear_at[r + 1]; i++) {
        const msc_bilinear *x = &rows->bilinear[i];
        if (by_state(x->u, s)) {
            put_coef(x->coef);
            printf(" * %s", name(x->v));
            put_inner(x->u, s);
        }
        if (by_state(x->v, s)) {
            put_coef(x->coef);
            printf(" * %s", name(x->u));
            put_inner(x->v, s);
        }
    }
    printf(";\n");
}

static void put_node_derivatives(uint32_t n)
{
    const msc_special *f = p->special_of[n] == MSC_NONE ? NULL : &p->special[p->special_of[n]];
    for (int i = 0; f != NULL && i < msc_op_arity(f->op); i++) {
        printf("    const double e%u_%d = ", n, i);
        put_partial(f, i);
        printf(";\n    (void)e%u_%d;\n", n, i);
    }
    for (uint32_t s = 0; s < p->n_state; s++) {
        bool *is = &depends[(size_t)n * p->n_state + s];
        *is = f == NULL && row_depends(&p->node, n, s);
        for (int i = 0; f != NULL && i < msc_op_arity(f->op); i++) {
            *is = *is || (f->arg[i] >= 0 && by_state((uint32_t)f->arg[i], s));
        }
        if (!*is) {
            continue;
        }
        printf("    const double d%u_%u = ", n, s);
        if (f == NULL) {
            put_row_derivative(&p->node, n, s);
            continue;
        }
        printf("0");
        for (int i = 0; i < msc_op_arity(f->op); i++) {
            if (f->arg[i] >= 0 && by_state((uint32_t)f->arg[i], s)) {
                printf(" + e%u_%d", n, i);
                put_inner((uint32_t)f->arg[i], s);
            }
        }
        printf(";\n");
    }
}

static void put_jacobian(void)
{
    depends = calloc((size_t)p->n_node * p->n_state + 1, sizeof *depends);
    pattern = calloc((size_t)p->n_state * p->n_state + 1, sizeof *pattern);
    printf(
        "\nvoid bench_jacobian(const double *c, const double *g, const double *y, double *value)\n{\n    (void)g;\n");
    put_nodes();
    for (uint32_t n = 0; n < p->n_node; n++) {
        put_node_derivatives(n);
    }
    uint32_t n = 0;
    for (uint32_t s = 0; s < p->n_state; s++) {
        for (uint32_t r = 0; r < p->n_state; r++) {
            if (r == s ||
                row_depends(&p->rate, r, s)) { /* CVODE would have to add a diagonal that lacks */
                pattern[(size_t)r * p->n_state + s] = true;
                printf("    value[%u] = ", n++);
                put_row_derivative(&p->rate, r, s);
            }
        }
    }
    printf("}\n\nconst int bench_n = %u, bench_entries = %u;\nconst long bench_column[] = {0",
           p->n_state, n);
    n = 0;
    for (uint32_t s = 0; s < p->n_state; s++) {
        for (uint32_t r = 0; r < p->n_state; r++) {
            n += pattern[(size_t)r * p->n_state + s];
        }
        printf(", %u", n);
    }
    printf("};\nconst long bench_row[] = {");
    for (uint32_t s = 0; s < p->n_state; s++) {
        for (uint32_t r = 0; r < p->n_state; r++) {
            if (pattern[(size_t)r * p->n_state + s]) {
                printf("%u, ", r);
            }
        }
    }
    printf("};\n");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: generate scenario.cfg\n");
        return 2;
    }
    const standard s = standard_new(argv[1], 1);
    p = s.scenario->program;
    printf(
        "/* Generated by bench/generate.c. */\n#include <math.h>\n\n"
        "void bench_rate(const double *c, const double *g, const double *y, double *f)\n{\n    (void)g;\n");
    put_nodes();
    for (uint32_t r = 0; r < p->n_state; r++) {
        printf("    f[%u] = ", r);
        put_row(&p->rate, r);
    }
    printf("}\n");
    put_jacobian();
    return 0;
}
