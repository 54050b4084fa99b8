/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Endpoints: numbers of a run that a config chooses. They are read before the program is compiled
 * (their formulas are rows of it), put to the engine as questions, and worked out from its answers. */
#ifndef MSC_SCENARIO_ENDPOINT_H
#define MSC_SCENARIO_ENDPOINT_H

#include <mscsim/scenario.h>

#include "engine/engine.h"

struct msc_dose;

typedef enum {
    MSC_ENDPOINT_AUC,
    MSC_ENDPOINT_MEAN,
    MSC_ENDPOINT_MAX,
    MSC_ENDPOINT_TIME_OF_MAX,
    MSC_ENDPOINT_MIN,
    MSC_ENDPOINT_TIME_OF_MIN,
    MSC_ENDPOINT_VALUE,
    MSC_ENDPOINT_TIME_ABOVE,
    MSC_ENDPOINT_FIRST_ABOVE,
    MSC_ENDPOINT_LAST_ABOVE,
    MSC_ENDPOINT_HALF_LIFE,
    MSC_ENDPOINT_TERMINAL_HALF_LIFE,
    MSC_ENDPOINT_TOTAL,
    MSC_ENDPOINT_RATIO
} msc_endpoint_kind;

/* What an endpoint's number is, or why there is none. */
typedef enum {
    MSC_MARK_EXACT,
    MSC_MARK_MORE,        /* still above as the window ends: at least this */
    MSC_MARK_LESS,        /* a ratio over such a one, or above already as the window began: at most this */
    MSC_MARK_NEVER,       /* none: never above */
    MSC_MARK_NOT_YET,     /* none: not fallen to half within the window */
    MSC_MARK_NOT_FALLING, /* none: what does not fall has no terminal half-life */
    MSC_MARK_UNKNOWN,     /* none: both parts of a ratio are at least so much, or 0 */
    MSC_MARKS
} msc_mark;

typedef struct {
    const char *name, *unit;
    const char *about; /* the config's, or NULL */
    const char *what;  /* "area under live[lung], day 1 to day 10" */
    msc_endpoint_kind kind;
    double factor; /* value in unit * factor = value inside */
    msc_dim dim;
    double from, until, level; /* a VALUE: at `until` */
    struct msc_edge {
        long dose;  /* counted from the first giving of this dose; -1: from day 0 */
        long double time;
    } edge[2];      /* from and until as written, so that a dose that is moved takes them along */
    double end;                /* of the run: what a share is of */
    bool off;                  /* its window is outside of the run, which a later file or setting made shorter */
    const msc_expr *expr; /* its rows: what is asked of them, or (a share) divided by; or NULL */
    msc_shape shape;
    size_t extra;              /* of the program, if there is an expr */
    size_t booked;             /* TOTAL, where there is no ledger: the extra that says what has left */
    int fate, pool;            /* TOTAL */
    size_t of[2];              /* RATIO: other endpoints */
    size_t n_seek, first_seek; /* for each element, element by element */
    const msc_conf *origin;
} msc_endpoint;

typedef struct {
    size_t n, n_seek;
    msc_endpoint *endpoint;
    msc_engine_seek *seek; /* [n_seek] the questions */
    bool ledger;           /* the program has one */
} msc_endpoints;

/* A group of endpoints by name, in the arena of the scenario, whose start, end and ledger are known.
 * Throws. group NULL: none. */
void msc_endpoints_read(msc_scenario *s, const msc_conf *group, msc_endpoints *list);
/* Their formulas for the compiler, and each endpoint's place among them; gives their number. ledger: the
 * program has one. */
size_t msc_endpoints_extras(msc_arena *arena, msc_endpoints *list, bool ledger, const msc_extra **extra);
/* The questions, once the program is there. */
void msc_endpoints_ask(msc_arena *arena, const msc_program *program, bool ledger, msc_endpoints *list);
/* The same of windows that hang on these doses; in a run from start to end. */
void msc_endpoints_move(const msc_endpoints *list, const msc_program *program, const struct msc_dose *dose, double start,
                        double end, msc_engine_seek *seek);

/* An element's value in its unit, from the questions answered; NaN if it did not come about. `mark` may
 * be NULL. */
double msc_endpoint_value(const msc_endpoints *list, const msc_engine_seek *answer, size_t which,
                          size_t element, msc_mark *mark);
/* What to say of a mark: "never", "and more"; NULL of EXACT. */
const char *msc_mark_word(msc_mark mark);
/* What a file calls them: names[mark]; NULL-terminated. */
const char *const *msc_mark_names(void);
/* Can its value bear a mark? Then a file holds it beside the value. */
bool msc_endpoint_may_mark(const msc_endpoints *list, size_t which);
/* By name: its number, or -1. */
long msc_endpoints_find(const msc_endpoints *list, const char *name);
/* "lung_auc[site]" */
const char *msc_endpoint_label(msc_arena *arena, const msc_model *model, const msc_endpoint *e,
                               size_t element);

#endif
