/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep, read: axes, the design over them, variants.
 *
 * An axis varies a number, by one compiled scenario (scenario/batch), or chooses between settings; every
 * combination of choices is a VARIANT, a scenario read and compiled by itself. */
#ifndef MSC_STUDY_SWEEP_H
#define MSC_STUDY_SWEEP_H

#include <mscsim/batch.h>
#include <mscsim/sweep.h>

#include "study/design.h"
#include "study/distribution.h"
#include "study/from.h"
#include "sweep/levels.h"
#include "study/study.h"

enum { MSC_SWEEP_VARIANTS = 1000 };

typedef struct {
    const char *label;
    size_t n;
    const char **setting; /* as of --set */
    const msc_conf *origin;
} msc_choice;

typedef struct {
    const char *name, *about;
    const msc_conf *origin;
    size_t n_path, knob; /* what it varies: knobs knob .. knob + n_path - 1 of the batch */
    const char **path;
    const char *unit;    /* of its values */
    bool sampled;        /* has a distribution; else levels, or choices */
    msc_levels levels;
    msc_distribution law;
    bool drawn;          /* of the sweep's posterior: this column of it */
    size_t column;
    size_t n_choice;     /* 0: it varies a number */
    msc_choice *choice;
} msc_sweep_axis;

struct msc_sweep {
    msc_arena *arena;
    const char *path;
    size_t n_setting;
    const char **setting; /* the user's */
    const char *library;  /* the setting, not the user's, that says where models are found by name; or NULL */
    msc_scenario *opened; /* the config with no axis applied: its tree lives here */
    const msc_conf *section;
    size_t n_axis;
    msc_sweep_axis *axis;
    msc_from *from;       /* a fit, whose posterior is drawn from; or NULL */
    const char *from_name; /* as the config has it */
    const msc_conf *from_origin;
    size_t first_drawn;   /* of the axes: its coordinate says which draw */
    double *from_factor;  /* [columns] from the fit's units to the axes' */
    const msc_design *design;
    size_t n_vary;
    msc_vary *vary;
    size_t n_variant;
    msc_batch *first;     /* variant 0 */
    bool keep;            /* trajectories */
    const char *file;
    msc_batch *other;     /* a variant under way, while they are read */
    size_t n_source, cap_source; /* of all variants, each once */
    struct msc_source *source;
    msc_arena *scratch;
    msc_notes notes;      /* what trying some of its scenarios told */
    double *own_low, *own_high; /* of the first variant's ranges: between which own values, over all variants */
    size_t n_caution, cap_caution; /* what their models say of themselves, each once */
    const char **caution;
};

/* clash.c: throws if two axes set one thing. */
void msc_sweep_refuse_clashes(const msc_sweep *sweep);

/* read.c: variant v, compiled. The caller frees. Throws in the arena. */
msc_batch *msc_sweep_batch(msc_arena *arena, const msc_sweep *sweep, size_t variant);
/* Scenario i: level or place of every axis. */
size_t msc_sweep_variant(const msc_sweep *sweep, const msc_design_point *row);
double msc_sweep_value(const msc_sweep *sweep, size_t axis, const msc_design_point *row); /* of an axis without choices */
void msc_sweep_vector(const msc_sweep *sweep, const msc_design_point *row, double *value); /* [n_vary], for its batch */

/* try.c: some scenarios prepared but not run, variant by variant; then the sweep's notes. In its arena; throws. */
typedef struct msc_sweep_trial msc_sweep_trial;
msc_sweep_trial *msc_sweep_trial_new(msc_sweep *sweep);
void msc_sweep_trial_variant(msc_sweep_trial *trial, size_t variant, const msc_batch *batch);
void msc_sweep_trial_tell(msc_sweep_trial *trial);

/* read.c: msc_sweep_read with what is drawn from in the place of the file that `from` names; or NULL. */
MSC_CHECK msc_status msc_sweep_read_given(const char *path, const char *const *settings, size_t n_settings, const uint64_t *seed,
                                          msc_from *from, msc_sweep **sweep, msc_error *err);

/* from.c: the section's `from`; axes for what the fit estimated, after the others; their units. Throw. */
size_t msc_sweep_from_read(msc_sweep *sweep); /* how many */
void msc_sweep_from_axes(msc_sweep *sweep);
void msc_sweep_from_units(msc_sweep *sweep, msc_sweep_axis *axis);
double msc_sweep_from_value(const msc_sweep *sweep, const msc_sweep_axis *axis, const msc_design_point *row);
/* A checksum, as text, of all that the scenarios have of the file. */
const char *msc_sweep_from_check(msc_arena *arena, const msc_sweep *sweep);

/* What the journal has of a scenario. */
typedef struct {
    uint8_t end;          /* number in msc_batch_ends */
    bool warned;          /* a check that only warns failed, a dose was not seen, ... */
    const char *text;     /* of a failure; "" if none; NUL-terminated, within the record */
    const double *number; /* endpoints, then columns time by time; NULL of a failure */
    const unsigned char *mark; /* of the endpoints, as msc_outcome's; NULL of a failure */
} msc_sweep_entry;
size_t msc_sweep_usual(const msc_sweep *sweep);   /* bytes of a record: of a scenario that is fine, */
size_t msc_sweep_largest(const msc_sweep *sweep); /* and at most, with the words of a failure */
size_t msc_sweep_pack(const msc_sweep *sweep, const msc_outcome *outcome, unsigned char *record);
msc_sweep_entry msc_sweep_unpack(const msc_sweep *sweep, const void *record, size_t n);

/* ranges.c: what the sweep gives that hangs on a parameter which output.ranges of the scenario calls known only within
 * limits, and which no axis varies: a sentence for each such parameter. In the arena; throws. */
void msc_sweep_ranges_note(msc_sweep *sweep, const msc_batch *variant); /* what its value is in this variant */
const char **msc_sweep_ranges(msc_arena *arena, const msc_sweep *sweep, size_t *n);

/* record.c: the file, its rows from `read`. Throws. */
typedef struct {
    msc_status (*read)(void *context, uint64_t scenario, msc_sweep_entry *entry, msc_error *err);
    void *context;
    size_t n_failed;
    const uint64_t *failed; /* ascending */
} msc_sweep_rows;
msc_dataset msc_sweep_record(msc_arena *arena, const msc_sweep *sweep, const msc_sweep_rows *rows);

/* page.c: what is kept in memory for the page, taken from the rows when all are there. */
typedef struct {
    size_t n; /* scenarios looked at, evenly spread */
    uint64_t *scenario;
    double *endpoint; /* [n][endpoints] */
    unsigned char *mark; /* [n][endpoints] */
    bool *ok;
    size_t n_failed, n_told;
    struct msc_told {
        uint64_t scenario;
        const char *end, *text;
    } *told;              /* the first failures */
    uint64_t warned;      /* of those looked at */
} msc_sweep_digest;
msc_status msc_sweep_digest_of(msc_arena *arena, const msc_sweep *sweep, const msc_sweep_rows *rows, msc_sweep_digest *digest,
                               msc_error *err);

/* "clearance and volume 0.4; ..."; "": none are. */
const char *msc_sweep_correlation(msc_arena *arena, const msc_sweep *sweep);
/* Throws if the disk has no room for what is to come of journal and file: E_IO. */
void msc_sweep_need_room(msc_arena *arena, const msc_sweep *sweep, const char *file);

struct msc_swept {
    msc_arena *arena;
    const msc_sweep *sweep;
    const char *file;
    msc_sweep_digest digest;
    const char *wide; /* what is too large for 32 bits, where those are asked for; or NULL */
};

#endif
