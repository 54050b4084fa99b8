/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fit, read: what is estimated, what is observed, the studies with their compiled scenarios, and every
 * datum with what predicts it. */
#ifndef MSC_STUDY_FIT_H
#define MSC_STUDY_FIT_H

#include <stdarg.h>

#include <mscsim/batch.h>
#include <mscsim/fit.h>

#include "scenario/scenario.h"
#include "study/distribution.h"
#include "fit/data.h"
#include "fit/optimise.h"
#include "fit/sampler.h"

enum { MSC_FIT_STARTS = 100000 };
#define MSC_FIT_NONE ((size_t)-1)

/* The coordinate t in which an estimate is searched; it is unbounded. */
typedef enum {
    MSC_FIT_LINEAR, /* x = first + second t */
    MSC_FIT_LOG,    /* log x = t */
    MSC_FIT_LOGIT,  /* between low and high */
    MSC_FIT_LOGLOGIT /* log x between those of low and high */
} msc_fit_scale;

typedef struct {
    const char *name;
    const msc_conf *origin;
    size_t n_path;
    const char **path;
    bool of_model;      /* else of what is observed */
    size_t study;       /* of the model: only this one's, or MSC_FIT_NONE: of all */
    const char *unit;
    msc_fit_scale scale;
    double low, high;   /* LOGIT, LOGLOGIT: the range; else what may be at all */
    double first, second; /* LINEAR */
    double own;         /* what the model has, or NaN */
    double start;       /* the first start's */
    bool known;         /* there is a prior */
    msc_distribution prior;
} msc_fit_estimate;

/* What of a scenario is seen: factor * sum of weight * element. */
typedef struct {
    const char *name;
    const msc_conf *origin; /* NULL: an output of the model as it is */
    const char *quantity;   /* "activity" or "activity[lung]" */
    size_t n_region;
    const char **region;    /* elements of it, with weights */
    double *weight;
    double factor;
    msc_error_model error;  /* additive, and subject if not lognormal, in the unit of the quantity */
    size_t by_factor, by_additive, by_proportional, by_subject; /* estimates, or MSC_FIT_NONE */
    bool shares;            /* the error is in part a share of the prediction, but normal */
    bool says_decay, corrected;
    double calibration_time;
    const char *unit;       /* of the first row's column; NULL: none is of it */
    double per_unit;        /* in inner units */
} msc_fit_observe;

typedef struct {
    const char *name, *path;
    const msc_conf *origin; /* NULL: the config itself */
    size_t n_setting;
    const char **setting;
    msc_scenario *opened;   /* its model; NULL once compiled */
    msc_batch *batch;
    msc_batch *plain;       /* values only, at the same times: NULL without fit.sample */
    msc_batch *banded;      /* values only, at the times of curves too */
    bool slopes;            /* the batch gives derivatives; else they are differences of runs */
    const char *no_slopes, *no_slopes_where; /* why, in words; NULL */
    const char *quantities; /* as a setting: those its rows are compared with */
    double rtol;
    size_t n_vary;
    msc_vary *vary;
    size_t *estimate;       /* [n_vary] whose */
    size_t n_row, *row;     /* its rows */
} msc_fit_study;

typedef struct {
    const msc_observation *from;
    size_t study, observe;
    const char *label;      /* "activity[lung]" as in the data */
    size_t thing;           /* the same number: the same thing, whatever its name */
    msc_datum datum;        /* inner units */
    const char *unit;       /* that people read it in: the file's, or else the column's */
    double per_unit;        /* in inner units */
    size_t time;            /* in the batch's output */
    size_t n_column, *column;
    const char **column_name;
    double *weight;         /* from the column's unit to inner units */
    double importance;      /* factor of its log-likelihood */
    double log_unit;        /* of a density by the unit of the file over one by inner units, the logarithm */
    size_t n_mate, *mate;   /* rows that share its subject's effect, itself among them; 0: it has none */
} msc_fit_row;

typedef enum { MSC_FIT_AUTO, MSC_FIT_LM, MSC_FIT_NLOPT } msc_fit_method;

/* fit.sample */
typedef struct {
    const msc_conf *origin; /* NULL: no posterior is asked for */
    msc_sampler_options how;
    size_t steps, warmup, thin; /* warmup: of the steps, left out; of the rest every thin-th is kept */
} msc_fit_sampling;

struct msc_fit {
    msc_arena *arena;
    const char *path, *folder;
    size_t n_setting;
    const char **setting;
    msc_scenario *opened; /* the config: its tree lives here */
    const msc_conf *section;
    const char *data_path, *file;
    msc_fit_data *data;
    size_t n_estimate;
    msc_fit_estimate *estimate;
    size_t n_observe;
    msc_fit_observe *observe;
    size_t n_study;
    msc_fit_study *study;
    size_t n_row;
    msc_fit_row *row;
    double group_weight;
    size_t n_start;
    uint64_t seed;
    msc_fit_method method;
    msc_fit_sampling sample;
    bool *profile;        /* [n_estimate] wanted */
    size_t n_grid;        /* times of curves and bands, of all studies */
    double *grid;         /* ascending; a stop stands twice, */
    bool *before;         /* [n_grid] first as it is the instant before */
    bool squares;         /* the problem is one of least squares, and is solved as that */
    size_t n_residual;
};

/* estimate.c: what is estimated. `msc_fit_estimates_read` knows names and paths, `msc_fit_estimates_finish`,
 * once scenarios are compiled, units and numbers. Throw. */
void msc_fit_estimates_read(msc_fit *f);
void msc_fit_estimates_finish(msc_fit *f);
double msc_fit_value_of(const msc_fit_estimate *e, double t);         /* x */
double msc_fit_slope_of(const msc_fit_estimate *e, double t);         /* dx/dt */
double msc_fit_coordinate_of(const msc_fit_estimate *e, double x);    /* t */
double msc_fit_scale_slope(const msc_fit_estimate *e, double t);      /* d(scale of its msc_vary)/dt */
msc_scale msc_fit_vary_scale(const msc_fit_estimate *e);
double msc_fit_draw_of(const msc_fit_estimate *e, double u); /* x below which a share u of prior, or range, lies */
/* Coordinates that are searched: of a range, all but the last ten-millionth at its ends (at an end of 0, all that numbers can
 * tell from it); else all. */
void msc_fit_reach(const msc_fit_estimate *e, double *low, double *high);
/* The value there; where the search ended for the end of a range, that end. */
double msc_fit_shown_of(const msc_fit_estimate *e, double t);
double msc_fit_before(const msc_fit_estimate *e); /* its spread in coordinates before the data: of prior or range */

/* prior.c: the logarithm of a prior's density on its own scale (of the logarithm of a lognormal or loguniform one, of the logit of a
 * logitnormal one, else of the value), which is what best values are looked for with; its derivative by x. */
double msc_fit_prior_at(const msc_distribution *d, double x, double *slope);
/* What an interval would be without data: where that has fallen by as much as ends a profile, within the range. */
void msc_fit_prior_interval(const msc_fit_estimate *e, double *low, double *high);
/* Of the width of that the part that low..high is, on the scale of the prior or the search; of 95 % of a posterior: of 95 % of the
 * prior. */
double msc_fit_share_left(const msc_fit_estimate *e, double low, double high, bool of_posterior);

/* place.c: what is wrong with a row of the data, by its first line; E_DATA at file:line:column of that cell. */
typedef enum {
    MSC_AT_VALUE, /* or what there is in its place */
    MSC_AT_GROUP,
    MSC_AT_TIME,
    MSC_AT_QUANTITY,
    MSC_AT_UNIT,
    MSC_AT_DECAY,
    MSC_AT_CALIBRATION,
    MSC_AT_N,
    MSC_AT_WEIGHT,
    MSC_AT_AMOUNT,
    MSC_AT_RATE,
    MSC_AT_COMPARTMENT
} msc_data_place;
_Noreturn void msc_fit_fail_at(const msc_fit *f, size_t line, msc_data_place place, const char *format, ...) MSC_PRINTF(4, 5);
_Noreturn void msc_fit_vfail_at(const msc_fit *f, size_t line, msc_data_place place, const char *format, va_list args) MSC_PRINTF(4, 0);

/* doses.c: are rows of doses those of the study's regimen? Throws. */
void msc_fit_doses_check(msc_fit *f, const msc_fit_study *study, size_t number);

/* repeats.c: which rows are of the same thing; that nothing counts twice. Throws. */
void msc_fit_things_find(msc_fit *f);

/* observe.c: what is observed, and of every row the columns that predict it. Throw. */
void msc_fit_observe_read(msc_fit *f);
void msc_fit_rows_read(msc_fit *f);
void msc_fit_rows_check(msc_fit *f, const msc_fit_study *study); /* once the model is known to have what they are of */
void msc_fit_rows_connect(msc_fit *f); /* needs batches */

/* sample_read.c: fit.sample. Throws. */
void msc_fit_sample_read(msc_fit *f);

/* Why points have no value: how often, and what was said of the first. Reasons are ends of a scenario (msc_batch_ends), and: */
enum { MSC_FIT_BY_PRIOR = 14, MSC_FIT_BY_DATA = 15, MSC_FIT_REASONS = 16, MSC_FIT_WORDS = 240 };
typedef struct {
    size_t count[MSC_FIT_REASONS];
    char text[MSC_FIT_REASONS][MSC_FIT_WORDS];
} msc_fit_tally;
/* subject.c: rows of the same subject. `find` throws. The likelihood of a row, given those of its subject before it; its
 * derivatives are its shares of those of the sum of all rows. */
bool msc_fit_has_subject(const msc_fit_observe *o);
void msc_fit_subjects_find(msc_fit *f);
msc_likelihood msc_fit_row_likelihood(const msc_fit *f, size_t r, const msc_error_model *error, const double *prediction);

/* What of a study is seen over time: "patients: activity[lung]". */
typedef struct {
    const char *name, *unit;
    size_t row;    /* the first that is seen so */
    double *value; /* [n_grid] by the best fit, in the unit; NaN where the study has no run */
} msc_fit_seen_curve;

/* A table of all starts. */
typedef struct {
    bool done;
    msc_optimum optimum;
    double *begin, *end; /* [n_estimate] values */
    double *coordinate;  /* of the end */
} msc_fit_start;

typedef struct {
    bool open;         /* the data and priors leave it open */
    int at_end;        /* -1, 1: nothing is lost by going to the low, or high, end of its range; 0: something is */
    double value, se;  /* in its unit; NaN */
    double low, high;  /* about 95 % */
    double narrowed;   /* its spread, in parts of what it was before the data: prior or range; NaN */
} msc_fit_result;

/* Where the log posterior, the other estimates at their best, has fallen by 1.92 below its top: of a chi-squared of one degree
 * 95 % lie below twice that. Coordinates. */
typedef struct {
    bool done;
    bool open_low, open_high;   /* not fallen so far where the search ended */
    bool data_low, data_high;   /* it is the data, more than its own prior, that end it there */
    bool better;                /* something better was met: the top was none */
    double low, high;
    double better_log, *better_at; /* [n_estimate] */
    size_t n;
    double *t, *log;            /* [n] ascending: where, and the log posterior there */
    size_t evaluations, refused;
} msc_fit_profile;

/* What can be told by sensitivities: of what is predicted, over its error (information.h), times what each may be off beforehand.
 * Those on which no prediction depends (sizes of errors) have no part: `used` of all. */
typedef struct {
    size_t used, rank, told;
    double condition;
    double *singular;  /* [n_estimate] largest first; NaN past `used` */
    double *direction; /* [n_estimate][n_estimate] */
} msc_fit_directions;

/* The one measurement more that would tell most of an estimate. */
typedef struct {
    bool any;
    bool of_subjects;      /* what is observed has a subject's effect: it is one of a new subject, or of `subject` */
    const char *subject;   /* who has been measured already; NULL: nobody yet */
    size_t study;
    const char *label; /* "activity[liver]" */
    double time;       /* inner units */
    double left;       /* of the variance */
} msc_fit_next;

enum {
    MSC_FIT_ROUNDS = 3,  /* of profiles: another one where a better top is found */
    MSC_FIT_POINTS = 128 /* of a profile: more than it ever has */
};

struct msc_fitted {
    msc_arena *arena;
    const msc_fit *fit;
    size_t n_start, n_done;
    msc_fit_start *start;
    size_t best;       /* or MSC_FIT_NONE */
    bool stopped;      /* not all is done */
    double log;        /* log posterior at the best */
    double offset;     /* of the log posterior over what is made large */
    double *t;         /* [n_estimate] coordinates */
    msc_optimum_end end; /* whether that is an optimum */
    size_t n_better, better_of; /* how often a profile found a better one; the estimate whose did last */
    msc_fit_profile *profile; /* [n_estimate] */
    msc_fit_directions before, after; /* at the first start, at the best */
    msc_fit_next *next; /* [n_estimate] */
    msc_fit_next *again; /* [n_estimate] of a subject that has been measured; not any where none has an effect */
    msc_fit_tally tally;
    size_t tally_of[MSC_FIT_REASONS]; /* the piece of work whose words they are: the first */
    struct msc_fit_keep *keep; /* the journal, open and locked until all is written; or NULL */
    msc_fit_result *result;
    double *covariance;  /* [n][n] of the coordinates; NaN where open */
    double *prediction;  /* [n_row] inner units */
    double *slope;       /* [n_row][n_estimate] by coordinates: the sensitivity matrix */
    double *row_log;     /* [n_row] */
    double *row_sd;      /* [n_row] of the error model there */
    size_t n_curve;
    msc_fit_seen_curve *curve;
    struct msc_posterior *posterior; /* posterior.h; NULL: none */
};

/* tell.c: what the data can tell. Throw. */
msc_fit_directions msc_fit_directions_of(msc_arena *arena, const msc_fit *fit, const double *t, const double *prediction,
                                         const double *slope);
void msc_fit_tell(msc_fitted *w); /* `after` and `next`, at the best */
/* profile.c: one profile, in the arena: t, log: the top; offset: what the log posterior is more than the objective. */
msc_fit_profile msc_fit_profile_at(msc_arena *arena, const msc_fit *fit, const msc_objective *objective, const double *t, double log,
                                   double offset, size_t k);

/* record.c: all texts the fit was read from, each once: configs, models, last the data. Throws. */
typedef struct {
    size_t n;
    const char **name, **text;
} msc_fit_texts;
msc_fit_texts msc_fit_texts_of(msc_arena *arena, const msc_fit *fit);
/* curve.c: the times of curves; and the best fit over time. Throw. */
void msc_fit_grid_make(msc_fit *f); /* needs batches */
/* What the batches `banded` have more, which are of that grid: both sides of all their stops. */
void msc_fit_grid_add_stops(msc_fit *f);
/* Where a study's `banded` has the grid's i-th time; MSC_FIT_NONE: it has no run then. */
size_t msc_fit_grid_place(const msc_fit *f, size_t study, size_t i);
/* A batch's time, the later one of two sides; or MSC_FIT_NONE. */
size_t msc_fit_time_place(const msc_batch *batch, double at);
void msc_fit_curves(msc_fitted *w);

/* spread.c: covariance, intervals. evaluate: as msc_objective's density. Throws. */
void msc_fit_spread(msc_fitted *w, bool (*density)(void *, const double *, double *, double *), void *context);

#endif
