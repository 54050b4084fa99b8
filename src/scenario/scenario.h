/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run: the scenario's sections beyond the model's, read (read*.c); made into a job for the
 * engine (prepare.c); and run (run.c). Many runs: batch.h. */
#ifndef MSC_SCENARIO_SCENARIO_H
#define MSC_SCENARIO_SCENARIO_H

#include <mscsim/scenario.h>

#include "engine/engine.h"
#include "scenario/endpoint.h"

/* An entry of the regimen. Times in the model's time unit, the rest in inner units. */
typedef struct msc_dose {
    int route;
    double at, duration;    /* duration 0: a bolus */
    double dose;
    bool per;               /* the dose is an amount per unit of the route's `per` */
    long repeat;            /* total number of doses */
    double interval;
    struct {
        long double at, duration, interval; /* before they are rounded to a moment */
    } exact;
    size_t n_take;
    struct msc_dose_take {
        uint32_t parameter, instance;
        bool rest; /* what the dose leaves of the total: its value follows from the others */
        double value;
    } *take;
    size_t n_load;
    struct msc_dose_load {
        uint32_t cargo;
        double value;
    } *load;
    struct {
        bool at, duration, interval;
    } varied; /* in a batch */
    const msc_conf *origin;
} msc_dose;

/* One giving of a dose: when, and the stops at which it begins and ends. */
typedef struct {
    double begin, end;
    size_t first, last;
} msc_event;

/* A quantity, or one element of it, shown as the range over the values of a parameter. */
typedef struct {
    const char *vary;       /* "parameters.arrest.lung" */
    size_t n_value;
    const double *value;
    size_t n_show;
    const char **show;      /* "resident_site", "live[site]" */
    const msc_conf *origin;
} msc_range;

struct msc_scenario {
    msc_arena *arena;
    msc_model *model;
    msc_program *program;
    msc_plan *plan;
    msc_notes notes;
    const char *path;
    size_t n_setting;
    const char **setting;
    const char *library; /* the setting, not the user's, that says where models are found by name; or NULL */

    size_t n_dose;
    msc_dose *dose;

    double start, until;
    size_t n_time;
    msc_engine_time *time;
    size_t n_output;
    int *output; /* the model's outputs wanted */
    msc_ledger_kind ledger;
    bool both_sides;
    const char *file;
    int compression;
    bool float32;
    size_t n_range;
    msc_range *range;
    const msc_conf *summary; /* output.summary, or NULL */
    msc_endpoints endpoints;
    bool cut;          /* the program has no outputs: only what endpoints ask for */
    bool ledger_off;   /* output.ledger = "off" is written */

    msc_engine_options solver;
    double atol; /* of a pool's largest dose */

    struct {
        size_t n_event, *first_event; /* [n_dose + 1] of a dose among all events */
        uint32_t n_check, *check;     /* coefficients that move amounts */
    } setup;
};

/* How a scenario is read. */
typedef struct {
    bool many;           /* to be run with many values: doses' `varied` is set, the ledger is off unless asked for */
    bool cut;            /* endpoints only */
    const char *section; /* whose endpoints are read beside output.endpoints ("sweep"), or NULL */
    size_t n_time;       /* not 0: the output times, in the place of those of the config, and no endpoints */
    const double *time;
} msc_reading;

/* Reading in two steps: model and regimen, then all that follows from them. The first n_own settings are
 * its user's. The caller frees, also after a failure of the second. */
MSC_CHECK msc_status msc_scenario_open(const char *path, const char *const *settings, size_t n_settings, size_t n_own,
                                       msc_scenario **scenario, msc_error *err);
/* What its own numbers do wrong is not told if it is to be run with many: msc_batch_read does. */
MSC_CHECK msc_status msc_scenario_complete(msc_scenario *s, const msc_reading *how, msc_error *err);

/* A scenario made ready for the engine: what a job borrows. */
typedef struct {
    double *input, *reg;
    double *scale;     /* [n_state] */
    msc_event *event;  /* [setup.n_event] */
    double *between;   /* [n_stop][n_given] of switches between stops, else 0 */
    size_t n_pulse;
    double *pulse;     /* narrow peaks in time, which are stops */
    msc_engine_job job;
} msc_prepared;

/* What is known before a scenario's numbers are: */
typedef struct {
    const msc_prepared *own; /* the scenario with its own numbers, */
    size_t n_step;
    const uint32_t *step;    /* what of the prologue may come out otherwise, */
    bool stops;              /* and whether stops, events and switches do not; */
    bool pulses;             /* or at least peaks in time */
} msc_known;

/* Numbers in place of the scenario's own. */
typedef struct {
    const msc_dose *dose;   /* [n_dose] for their times; and if something is known: */
    const double *input;    /* [n_input]; counts of doses are seen to */
    const msc_known *known; /* or NULL: all numbers are the scenario's own */
    const bool *varied;     /* [n_register] what will be otherwise, so that nothing is wrong with it; or NULL */
} msc_numbers;

/* What all preparations share, once the program is there. */
void msc_scenario_setup(msc_scenario *s);
/* Evaluate parameters, test them, lay out stops and doses. All in the arena; throws E_CONFIG. */
void msc_scenario_prepare(const msc_scenario *s, msc_arena *arena, msc_prepared *prepared);
void msc_numbers_prepare(const msc_scenario *s, msc_arena *arena, const msc_numbers *numbers, msc_prepared *prepared);

/* An end that is not a fine one, in words: when, in what, and what was at work. */
void msc_scenario_diagnose(const msc_scenario *s, const double *input, const msc_engine_report *report, msc_error *err);

/* What a quantity spans over the runs of output.ranges, in its unit (study/ranges.c). */
typedef struct {
    uint32_t quantity;
    bool *shown;         /* [n] elements that are presented as a range and not as a number */
    double *low, *high;  /* [n_time][n] */
    double *peak_low, *peak_high; /* [n] */
    double *time_low, *time_high; /* [n] when these peaks are */
    const char *about;   /* "parameters.arrest.lung = 0.207, 0.95" */
} msc_spread;

/* The same of an endpoint. */
typedef struct {
    const char *about;  /* NULL: it is a number */
    double *low, *high; /* [elements] in its unit */
    msc_mark *missing;  /* [elements] why it did not come about in some run; EXACT: it did in all */
    msc_mark *low_mark, *high_mark; /* [elements] what these numbers are */
} msc_endpoint_spread;

struct msc_result {
    msc_arena *arena;
    const msc_scenario *scenario; /* borrowed */
    msc_prepared prepared;
    msc_engine_report report;
    double *time;          /* [n_time] */
    double *value;         /* [n_time][program->out.n] in inner units */
    double **quantity;     /* [n_quantity]: [n_time][n] in the quantity's unit */
    double *peak, *peak_time; /* [program->out.n]; NaN: never a number */
    double *warned_at;        /* [n_guard] when a check first failed, or NaN */
    msc_error failure;     /* of the engine, in words */
    msc_notes notes;
    size_t n_spread;       /* 0 until msc_result_add_ranges */
    msc_spread *spread;
    msc_endpoint_spread *endpoint_spread; /* [endpoints], or NULL */
};

/* moment.c. Times are told apart by 15 digits, so that 3 * 0.1 h is 0.3 h: what is at one time is so to the bit.
 * Sums and multiples are made of exact times, and rounded then. */
double msc_moment(long double t);
/* A number as it was written, in a unit of this factor. */
long double msc_time_exact(double number, double factor);

/* When the k-th dose of an entry begins and ends. */
double msc_dose_begin(const msc_dose *dose, long k);
double msc_dose_end(const msc_dose *dose, long k);

/* A number, or text with a unit, of the dimension of time; bare numbers are in `unit`. Throws. */
double msc_scenario_time(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit);
/* Does output.KEY stand in a later file than the node, or in a setting? Then what it leaves without meaning is not
 * the node's fault. */
bool msc_scenario_overtaken(const msc_scenario *s, const msc_conf *node, const char *key);
long double msc_scenario_exact(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit);

#endif
