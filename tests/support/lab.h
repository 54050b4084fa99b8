/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A laboratory: a model and a scenario as texts (or a shipped file), run through the public API
 * alone, and its values looked up by name. Whatever the library refuses fails the running test. */
#ifndef MSC_SUPPORT_LAB_H
#define MSC_SUPPORT_LAB_H

#include <stdint.h>

#include <mscsim/scenario.h>

typedef struct lab lab;

/* model: the sections of a model file; scenario: a scenario's, without `model = `. settings: as of
 * --set, up to a NULL; or NULL. */
lab *lab_text(const char *model, const char *scenario, const char *const *settings);
/* A scenario file of the source tree ("configs/oi_two_dose.cfg"). */
lab *lab_file(const char *path, const char *const *settings);
/* A scenario text on top of a model file of the source tree ("models/msc_human.cfg"). */
lab *lab_on(const char *model, const char *scenario, const char *const *settings);
void lab_free(lab *l);

/* Only the files: the path of the scenario's, the model's beside it; or of a file of the source tree. The
 * caller gives it back. */
char *lab_put(const char *model, const char *scenario);
char *lab_tree(const char *path);
void lab_put_away(char *path);

/* The error of a scenario that is read or run in vain; the test fails if all goes well. */
msc_error lab_refused(const char *model, const char *scenario);

const msc_scenario *lab_scenario(const lab *l);
const msc_result *lab_result(const lab *l);
size_t lab_times(const lab *l, const double **time);

/* "live_blood", "live[lung]", "share[3]" (by place, if there are no names or several indices) at an
 * output time. Neither a name unknown nor a time not put out is forgiven. */
double lab_at(const lab *l, const char *what, double time);
double lab_end(const lab *l, const char *what);
/* All elements of a quantity at output time number i; n of them. */
const double *lab_row(const lab *l, const char *quantity, size_t i, size_t *n);
/* The largest |value| of a quantity's element over the output times. */
double lab_largest(const lab *l, const char *what);
bool lab_has(const lab *l, const char *quantity);

/* How far a pool's books are from closing: the largest |initial + given + entered - present - left|
 * over all output times, over all that was ever there (initial + given + entered, at the end). */
double lab_gap(const lab *l, const char *pool);

/* Fails unless |got - want| <= tolerance * scale; a tolerance of 1 or more proves nothing and is
 * refused. what: for the message. */
void lab_near(double got, double want, double tolerance, double scale, const char *what);

/* printf into static memory, a few at a time: for texts of models. */
const char *lab_format(const char *format, ...) MSC_PRINTF(1, 2);
/* printf onto the end of a text of LAB_TEXT bytes. */
enum { LAB_TEXT = 16384 };
void lab_append(char *text, const char *format, ...) MSC_PRINTF(2, 3);

/* Random numbers in 0..1, the same on every machine (SplitMix64). */
double lab_random(uint64_t *state);

#endif
