/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parameters: values with units, ranges, and where they were taken from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/describe.h"
#include "scenario/page.h"

enum { DIGITS = 5 };

/* "[lung,cxcr4_neg]" to "lung,cxcr4_neg" */
static const char *element_text(const msc_portrait *p, const msc_parameter *par, size_t i)
{
    const char *label = msc_shape_label(p->arena, p->model, "", &par->shape, i);
    return msc_arena_strndup(p->arena, label + 1, strlen(label) - 2);
}

static const char *value_text(const msc_portrait *p, int k, size_t i)
{
    const msc_parameter *par = &p->model->parameter[k];
    char number[MSC_PAGE_NUMBER];
    if (par->value[i].kind == MSC_VALUE_NONE) {
        return "no value";
    }
    const double x = msc_evaluate_parameter(p->values, k, i) / par->factor;
    if (isnan(x)) {
        return par->value[i].kind == MSC_VALUE_REMAINDER ? "the remainder" : "not yet known";
    }
    msc_page_number(number, x, DIGITS);
    return msc_arena_printf(
        p->arena, par->value[i].kind == MSC_VALUE_REMAINDER ? "%s (remainder)" : "%s", number);
}

/* All elements alike are told once. */
static const char *values_text(const msc_portrait *p, int k)
{
    const msc_parameter *par = &p->model->parameter[k];
    const char *first = value_text(p, k, 0), *text = "";
    bool alike = true;
    for (size_t i = 1; i < par->shape.n; i++) {
        alike = alike && strcmp(first, value_text(p, k, i)) == 0;
    }
    if (par->shape.n_over == 0 || (alike && par->shape.n > 1)) {
        return par->shape.n_over == 0 ? first : msc_arena_printf(p->arena, "%s (all)", first);
    }
    for (size_t i = 0; i < par->shape.n; i++) {
        text = msc_arena_printf(p->arena, "%s%s%s %s", text, i > 0 ? ", " : "",
                                element_text(p, par, i), value_text(p, k, i));
    }
    return text;
}

/* Formulas and tables that values come from. */
static void print_formula(const msc_portrait *p, const msc_parameter *par)
{
    const msc_conf *value = msc_conf_find(par->origin, "value"),
                   *table = msc_conf_find(par->origin, "table");
    const msc_conf *of = table ? msc_conf_find(table, "of") : NULL;
    for (size_t i = 0; i < par->shape.n && !value && !of; i++) {
        const msc_value *v = &par->value[i];
        bool told =
            v->kind != MSC_VALUE_FORMULA || !v->origin || v->origin->kind != MSC_CONF_STRING;
        for (size_t j = 0; j < i; j++) {
            told = told || par->value[j].origin == v->origin;
        }
        if (!told) {
            fprintf(p->out, "      %s = ", v->origin->name ? v->origin->name : "");
            msc_page_text(p->out, 9 + msc_page_width(v->origin->name ? v->origin->name : ""), 8,
                          v->origin->string);
        }
    }
    if (value && value->kind == MSC_CONF_STRING && par->value[0].kind == MSC_VALUE_FORMULA) {
        fprintf(p->out, "      = ");
        msc_page_text(p->out, 8, 8, value->string);
    }
    if (of) {
        fprintf(p->out, "      from a table of %s\n", msc_portrait_text(p, of));
    }
}

/* A value given in another file than its source: the source may not speak of it. */
static void print_place(const msc_portrait *p, const msc_parameter *par)
{
    const msc_conf *source = msc_conf_find(par->origin, "source");
    const char *text = "";
    for (size_t i = 0; i < par->shape.n && source; i++) {
        const msc_conf *from = par->value[i].origin;
        if (from && strcmp(from->file, source->file) != 0) {
            const char *place = msc_portrait_place(p, from);
            text = strstr(text, place)
                       ? text
                       : msc_arena_printf(p->arena, "%s%s%s", text, *text ? ", " : "", place);
        }
    }
    if (*text) {
        fprintf(p->out, "      set in ");
        msc_page_text(p->out, 13, 8, text);
    }
}

static void print_parameter(const msc_portrait *p, int k)
{
    const msc_parameter *par = &p->model->parameter[k];
    char low[MSC_PAGE_NUMBER], high[MSC_PAGE_NUMBER];
    const char *unit = strcmp(par->unit, "1") ? par->unit : "";
    const char *text =
        msc_arena_printf(p->arena, "%s%s%s = %s", msc_portrait_name(p, par->name, &par->shape),
                         *unit ? ", " : "", unit, values_text(p, k));
    if (par->ranged) {
        text = msc_arena_printf(p->arena, "%s; range %s to %s", text,
                                msc_page_number(low, par->low / par->factor, DIGITS),
                                msc_page_number(high, par->high / par->factor, DIGITS));
    }
    if (par->distribution) {
        text = msc_arena_printf(p->arena, "%s; distribution %s", text,
                                msc_portrait_text(p, par->distribution));
    }
    fprintf(p->out, "  ");
    msc_page_text(p->out, 2, 6, text);
    if (par->about) {
        fprintf(p->out, "      ");
        msc_page_text(p->out, 6, 6, par->about);
    }
    print_formula(p, par);
    if (par->source) {
        fprintf(p->out, "      source: ");
        msc_page_text(p->out, 14, 8, par->source);
    }
    print_place(p, par);
}

/* The class of a source is its first word: "read: ...", "remembered (75 %): ..." */
typedef struct {
    const char *word;
    size_t length, n;
} class_count;

static int by_count(const void *a, const void *b)
{
    const class_count *x = a, *y = b;
    return x->n < y->n   ? 1
           : x->n > y->n ? -1
                         : strncmp(x->word, y->word, x->length < y->length ? x->length : y->length);
}

static void count_class(class_count *list, size_t *n, const char *source)
{
    const size_t length =
        source ? strspn(source, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
    const bool proper = length > 0 && (source[length] == '\0' || source[length] == ':' ||
                                       strncmp(source + length, " (", 2) == 0);
    const char *word = proper ? source : source ? "unclassed" : "without";
    const size_t size = proper ? length : strlen(word);
    for (size_t i = 0; i < *n; i++) {
        if (list[i].length == size && strncmp(list[i].word, word, size) == 0) {
            list[i].n++;
            return;
        }
    }
    list[(*n)++] = (class_count){word, size, 1};
}

static void print_classes(const msc_portrait *p)
{
    const msc_model *m = p->model;
    class_count *list = MSC_NEW(p->arena, class_count, m->n_parameter + 1);
    size_t n = 0;
    for (size_t i = 0; i < m->n_parameter; i++) {
        if (m->parameter[i].source || m->parameter[i].value[0].kind != MSC_VALUE_FORMULA) {
            count_class(list, &n, m->parameter[i].source);
        } else {
            count_class(list, &n, "computed: of others");
        }
    }
    qsort(list, n, sizeof *list, by_count);
    const char *text = "by the first word of their sources:";
    for (size_t i = 0; i < n; i++) {
        text = msc_arena_printf(p->arena, "%s%s %zu %.*s", text, i > 0 ? "," : "", list[i].n,
                                (int)list[i].length, list[i].word);
    }
    fprintf(p->out, "  ");
    msc_page_text(p->out, 2, 4, text);
}

void msc_portrait_parameters(const msc_portrait *p)
{
    const msc_model *m = p->model;
    fprintf(p->out, "\nParameters (%zu)\n", m->n_parameter);
    if (m->n_parameter > 0) {
        print_classes(p);
    }
    for (size_t i = 0; i < m->n_parameter; i++) {
        print_parameter(p, (int)i);
    }
}
