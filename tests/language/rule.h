/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tests of the language share: small models run at a tight tolerance, values compared with
 * closed forms, refusals compared word by word. A scenario's own first line is line 2 of its file
 * (the laboratory writes `model = "model.cfg";` above it). */
#ifndef MSC_LANGUAGE_RULE_H
#define MSC_LANGUAGE_RULE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/lab.h"
#include "support/suite.h"

/* Of a step; what a run of some hundred steps may add up to; of a ledger. */
static const double RULE_RTOL = 1e-9, RULE_FACTOR = 20.0, RULE_LEDGER = 1e-10;

#define RULE_OUTPUT "output = { until = \"24 h\"; every = \"1 h\"; };\n"

/* A model with doses ("{ … }, { … }" or "") for 24 h, put out every hour. */
static inline lab *rule_run(const char *model, const char *doses)
{
    return lab_text(model,
                    lab_format("regimen = ( %s );\n" RULE_OUTPUT "solver = { rtol = %g; };\n", doses, RULE_RTOL),
                    NULL);
}

/* The same with sections of a scenario as they stand. */
static inline lab *rule_scenario(const char *model, const char *scenario)
{
    return lab_text(model, lab_format("%ssolver = { rtol = %g; };\n", scenario, RULE_RTOL), NULL);
}

static inline void rule_is(const lab *l, const char *what, double t, double want)
{
    lab_near(lab_at(l, what, t), want, RULE_FACTOR * RULE_RTOL, fmax(fabs(want), 1.0), lab_format("%s at %g", what, t));
}

/* Where files lie is not compared, only what they are called: absolute paths lose their folders. */
static inline const char *rule_text(const msc_error *err)
{
    static char text[sizeof err->where + sizeof err->message + 4];
    size_t n = 0;
    const char *all = lab_format("%s%s%s", err->where, err->where[0] ? ": " : "", err->message);
    for (const char *c = all; *c != '\0';) {
        const bool path = *c == '/' && c[1] != ' ' && (c == all || c[-1] == ' ' || c[-1] == '(');
        for (size_t k = strcspn(c, " :)"); path && k > 0 && memchr(c, '/', k) != NULL; k = strcspn(c, " :)")) {
            c += strcspn(c, "/") + 1;
        }
        text[n++] = *c++;
    }
    text[n] = '\0';
    return text;
}

/* Refused with exactly these words. */
static inline void rule_refused(const char *model, const char *scenario, const char *want)
{
    const msc_error err = lab_refused(model, scenario);
    ck_assert_str_eq(rule_text(&err), want);
}

static inline void rule_refused_model(const char *model, const char *want)
{
    rule_refused(model, RULE_OUTPUT, want);
}

/* A formula's value as an output `x`, beside sections of a model. */
static inline void rule_value(const char *sections, const char *formula, const char *unit, double want)
{
    const char *output = lab_format("outputs: { x = { unit = \"%s\"; value = \"%s\"; }; };\n", unit, formula);
    lab *l = rule_run(lab_format("%s%s", sections, output), "");
    lab_near(lab_at(l, "x", 1.0), want, 1e-12, fmax(fabs(want), 1e-300), formula);
    lab_free(l);
}

/* The i-th warning of a scenario, without its file's folder; "" if there are fewer. */
static inline const char *rule_warning(const lab *l, size_t i)
{
    const char *where = NULL, *message = msc_scenario_warning(lab_scenario(l), i, &where);
    msc_error err = {0};
    if (message == NULL) {
        return "";
    }
    snprintf(err.where, sizeof err.where, "%s", where != NULL ? where : "");
    snprintf(err.message, sizeof err.message, "%s", message);
    return rule_text(&err);
}

#endif
