/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Formulas of parameters, evaluated by the model alone: for pages and records, where no program is
 * at hand. (What is run is evaluated by the program's prologue.) */
#ifndef MSC_SCENARIO_EVALUATE_H
#define MSC_SCENARIO_EVALUATE_H

#include "scenario/scenario.h"

typedef struct msc_evaluation msc_evaluation;

/* In the arena. dose: whose parameters hold in place of the model's own, or NULL. */
msc_evaluation *msc_evaluation_new(msc_arena *arena, const msc_model *model, const msc_dose *dose);

/* What a parameter is, in place of what the model says. Before anything is evaluated. */
void msc_evaluation_set(msc_evaluation *e, int parameter, size_t instance, double value);

/* What `time` is in formulas, in inner units (the model's time unit); NaN before this is called. */
void msc_evaluation_at(msc_evaluation *e, double time);
/* The same; and amounts, of which there is no value otherwise, are what is there at first. */
void msc_evaluation_start(msc_evaluation *e, double time);

/* In inner units; NaN where a value is missing, or depends on more than parameters and that time. */
double msc_evaluate_parameter(msc_evaluation *e, int parameter, size_t instance);
double msc_evaluate(msc_evaluation *e, const msc_expr *expr, const int *env);

/* Does a formula depend on parameters alone? */
bool msc_expr_is_constant(const msc_expr *expr);

/* What a dose brings in all, in inner units of its route's amounts (`per` applied). */
double msc_evaluate_dose(msc_evaluation *e, const msc_dose *dose);

/* The share of each branch of a route, its own indices summed up: share[n_branch]. */
void msc_evaluate_route(msc_evaluation *e, const msc_route *route, double *share);

/* read.c: a value (in inner units) outside of the range that the model gives becomes a note, in the arena; that of one
 * parameter, and all of those there are. */
void msc_scenario_note_outside(const msc_scenario *s, msc_arena *arena, int parameter, size_t instance, double value,
                               msc_notes *notes);
void msc_scenario_note_ranges(const msc_scenario *s, msc_arena *arena, msc_evaluation *e, msc_notes *notes);


/* signs.c: sizes of processes that are negative at the start and that the program does not look at become notes of the scenario's. */
void msc_scenario_note_signs(msc_scenario *s, msc_evaluation *e);

#endif
