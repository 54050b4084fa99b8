/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many scenarios around a shipped one: read and compiled once, then its numbers changed. */
#ifndef MSC_SUPPORT_VARY_H
#define MSC_SUPPORT_VARY_H

#include "scenario/scenario.h"

/* A shipped scenario and its program, with all its states as further rows of out. */
typedef struct {
    char name[256];         /* "configs/oi_two_dose.cfg" */
    msc_scenario *scenario; /* as read */
    msc_program program;    /* the scenario's; its inputs are its own */
    bool *most_one;         /* [n_input] it is 1, and the model refuses more */
    uint32_t first_state;   /* rows of out from here on are the states */
    msc_arena *arena;
} vary;

/* The scenario files that are shipped, in order of their names, and the models that are complete,
 * with two doses in different ways; NULL past the last. The caller frees. */
size_t vary_count(void);
size_t vary_configs(void); /* those first are scenario files */
const char *vary_name(size_t i);
vary *vary_open(size_t i);
vary *vary_read(const char *path, const char *const *settings, size_t n_settings);
void vary_free(vary *v);

/* Does a rate depend on a min, max, abs, comparison or table of the state? (Those of time alone are
 * stops.) NULL if not, or the name of the node. */
const char *vary_kink(const vary *v);

/* One scenario of them. */
typedef struct {
    msc_arena *arena;
    msc_prepared prepared;
    msc_error refused; /* .status MSC_OK: it can be run */
    double *input;     /* [n_input] */
    double *dose, *at; /* [n_dose] in inner units */
    double *out;       /* [n_time][out.n] */
    double *state;
    msc_engine_job job;
    msc_engine_report report;
    char words[512];   /* what the report says, for who reads a table */
} vary_one;

/* Draw number `draw` (0: the scenario itself): every positive parameter is multiplied by exp(sd z),
 * shares in 0..1 have sd z added to their logit, elements of a total keep their sum; doses are 0.2 to 2 times their own, log-uniform; of
 * two doses in a run of 25 days or more, the second is on day 5 to 20. */
vary_one *vary_draw(const vary *v, uint64_t draw, double sd);
/* The scenario itself but for input number k. */
vary_one *vary_change(const vary *v, uint32_t k, double number);
void vary_one_free(vary_one *one);
/* "arrest[lung]" of an input. */
const char *vary_input(const vary *v, uint32_t k, char *text, size_t n);

/* Run those of n that are not refused, at a tolerance, with a plan of its own if rtol > 0. Outputs
 * and reports are filled in. wall: seconds a scenario, or 0. */
void vary_run(const vary *v, vary_one *const *ones, size_t n, double rtol, uint64_t max_steps, double wall);

#endif
