/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run: the scenario's sections beyond the model's, read (read.c); made into a job for the
 * engine (prepare.c); and run (run.c). */
#ifndef MSC_SCENARIO_SCENARIO_H
#define MSC_SCENARIO_SCENARIO_H

#include <mscsim/scenario.h>

#include "engine/engine.h"
#include "scenario/endpoint.h"

/* An entry of the regimen. Times in the model's time unit, the rest in inner units. */
typedef struct {
    int route;
    double at, duration;    /* duration 0: a bolus */
    double dose;
    bool per;               /* the dose is an amount per unit of the route's `per` */
    long repeat;            /* total number of doses */
    double interval;
    size_t n_take;
    struct msc_dose_take {
        uint32_t parameter, instance;
        double value;
    } *take;
    size_t n_load;
    struct msc_dose_load {
        uint32_t cargo;
        double value;
    } *load;
    const msc_conf *origin;
} msc_dose;

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

    msc_engine_options solver;
    double atol; /* of a pool's largest dose */
};

/* A scenario made ready for the engine: what a job borrows. */
typedef struct {
    double *input, *reg;
    double *scale; /* [n_state] */
    msc_engine_job job;
} msc_prepared;

/* Evaluate parameters, test them, lay out stops and doses. All in the arena; throws E_CONFIG. */
void msc_scenario_prepare(const msc_scenario *s, msc_arena *arena, msc_prepared *prepared);

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
    bool *missing;      /* [elements] in some run it did not come about */
} msc_endpoint_spread;

struct msc_result {
    msc_arena *arena;
    const msc_scenario *scenario; /* borrowed */
    msc_prepared prepared;
    msc_engine_report report;
    double *time;          /* [n_time] */
    double *value;         /* [n_time][program->out.n] in inner units */
    double **quantity;     /* [n_quantity]: [n_time][n] in the quantity's unit */
    double *peak, *peak_time; /* [program->out.n] */
    double *warned_at;        /* [n_guard] when a check first failed, or NaN */
    msc_error failure;     /* of the engine, in words */
    msc_notes notes;
    size_t n_spread;       /* 0 until msc_result_add_ranges */
    msc_spread *spread;
    msc_endpoint_spread *endpoint_spread; /* [endpoints], or NULL */
};

/* When the k-th dose of an entry begins and ends. */
double msc_dose_begin(const msc_dose *dose, long k);
double msc_dose_end(const msc_dose *dose, long k);

/* A number, or text with a unit, of the dimension of time; bare numbers are in `unit`. Throws. */
double msc_scenario_time(const msc_scenario *s, msc_arena *arena, const msc_conf *node, const char *unit);

#endif
