/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sweep as it is recorded: every array over `scenario` is streamed from the journal. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/sweep.h"

/* One streamed array: what of a scenario goes into a row of it. */
typedef enum { ROW_AXIS, ROW_CHOICE, ROW_STATUS, ROW_WARNED, ROW_ENDPOINT, ROW_MARK, ROW_QUANTITY } row_kind;
typedef struct {
    row_kind kind;
    size_t which, offset, n; /* axis or endpoint; or where its numbers are, and how many */
} row_part;

typedef struct {
    msc_arena *arena;
    const msc_sweep *s;
    const msc_sweep_rows *rows;
    msc_axis *axis;
    msc_array *array;
    msc_attribute *attribute;
    size_t n_axis, cap_axis, n_array, cap_array, n_attribute, cap_attribute;
    row_part *part;
    size_t n_part, cap_part;
    msc_stream *stream;
    msc_design_point *point;
    int scenario; /* the axis */
} record;

/* ---- rows ---- */

static void fill_part(const record *k, const row_part *part, uint64_t i, const msc_sweep_entry *entry, size_t at, void *buffer)
{
    double *real = (double *)buffer + at * part->n;
    const size_t n_time = msc_batch_times(k->s->first, NULL), n_column = msc_batch_columns(k->s->first);
    (void)i;
    switch (part->kind) {
    case ROW_AXIS: real[0] = msc_sweep_value(k->s, part->which, k->point); break;
    case ROW_CHOICE: ((uint8_t *)buffer)[at] = (uint8_t)k->point[part->which].level; break;
    case ROW_STATUS: ((uint8_t *)buffer)[at] = entry->end; break;
    case ROW_WARNED: ((uint8_t *)buffer)[at] = entry->warned; break;
    case ROW_ENDPOINT:
        for (size_t e = 0; e < part->n; e++) {
            real[e] = entry->number ? entry->number[part->offset + e] : (double)NAN;
        }
        break;
    case ROW_MARK:
        for (size_t e = 0; e < part->n; e++) {
            ((uint8_t *)buffer)[at * part->n + e] = entry->mark ? entry->mark[part->offset + e] : (uint8_t)MSC_MARK_UNKNOWN;
        }
        break;
    case ROW_QUANTITY: {
        const size_t width = part->n / n_time;
        const double *first = entry->number ? entry->number + msc_batch_endpoints(k->s->first) + part->offset : NULL;
        for (size_t t = 0; t < n_time; t++) {
            for (size_t e = 0; e < width; e++) {
                real[t * width + e] = first ? first[t * n_column + e] : (double)NAN;
            }
        }
        break;
    }
    }
}

static msc_status fill(void *context, size_t first, size_t n, void *const *buffer, msc_error *err)
{
    const record *k = context;
    for (size_t at = 0; at < n; at++) {
        const uint64_t i = first + at;
        msc_sweep_entry entry;
        const msc_status status = k->rows->read(k->rows->context, i, &entry, err);
        if (status != MSC_OK) {
            return status;
        }
        msc_design_row(k->s->design, i, k->point);
        for (size_t p = 0; p < k->n_part; p++) {
            fill_part(k, &k->part[p], i, &entry, at, buffer[p]);
        }
    }
    return MSC_OK;
}

/* ---- building ---- */

static int put_axis(record *k, msc_axis axis)
{
    *MSC_PUSH(k->arena, k->axis, k->n_axis, k->cap_axis) = axis;
    return (int)k->n_axis - 1;
}

/* Places by labels, or by values where the labels are numbers; shared with whoever has the same. */
static int labelled_axis(record *k, const char *name, size_t n, const char *const *label, bool numeric)
{
    double *value = MSC_NEW(k->arena, double, n + 1);
    for (size_t i = 0; numeric && i < n; i++) {
        value[i] = strtod(label[i], NULL);
    }
    for (size_t i = 0; i < k->n_axis; i++) {
        bool same = strcmp(k->axis[i].name, name) == 0 && k->axis[i].n == n && !k->axis[i].label == numeric;
        for (size_t e = 0; same && e < n; e++) {
            same = numeric ? k->axis[i].value[e] == value[e] : strcmp(k->axis[i].label[e], label[e]) == 0;
        }
        if (same) {
            return (int)i;
        }
    }
    return put_axis(k, (msc_axis){.name = name,
                                  .n = n,
                                  .label = numeric ? NULL : label,
                                  .value = numeric ? value : NULL,
                                  .unit = numeric ? "1" : NULL});
}

static msc_array *put_streamed(record *k, const char *name, msc_array_kind kind, const char *unit, const char *about, row_part part)
{
    msc_array *array = MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array);
    *array = (msc_array){.name = name, .kind = kind, .unit = unit, .about = about, .n_axis = 1, .axis = {k->scenario},
                         .stream = k->stream};
    *MSC_PUSH(k->arena, k->part, k->n_part, k->cap_part) = part;
    return array;
}

static void put_attribute(record *k, const char *name, const char *text, double number)
{
    *MSC_PUSH(k->arena, k->attribute, k->n_attribute, k->cap_attribute) =
        (msc_attribute){.name = name, .text = text, .number = number};
}

/* ---- parts ---- */

/* A word that may be a meaning of a flag: no blanks. */
static const char *word(msc_arena *arena, const char *label)
{
    char *text = msc_arena_strdup(arena, label);
    for (char *c = text; *c; c++) {
        const bool fine = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("_-.@+", *c);
        *c = fine ? *c : '_';
    }
    return *text ? text : "_";
}

static void put_axes(record *k)
{
    const msc_sweep *s = k->s;
    for (size_t i = 0; i < s->n_axis; i++) {
        const msc_sweep_axis *axis = &s->axis[i];
        if (axis->n_choice == 0) {
            put_streamed(k, axis->name, MSC_ARRAY_REAL, axis->unit, axis->about ? axis->about : axis->path[0],
                         (row_part){.kind = ROW_AXIS, .which = i, .n = 1});
            continue;
        }
        const char **meaning = MSC_NEW(k->arena, const char *, axis->n_choice);
        for (size_t c = 0; c < axis->n_choice; c++) {
            meaning[c] = word(k->arena, axis->choice[c].label);
        }
        msc_array *array = put_streamed(k, axis->name, MSC_ARRAY_FLAG, NULL, axis->about, (row_part){.kind = ROW_CHOICE, .which = i, .n = 1});
        array->n_meaning = axis->n_choice, array->flag_meaning = meaning;
    }
}

static void put_status(record *k)
{
    static const char *const warned[] = {"no", "yes"};
    const char *const *ends = msc_batch_ends();
    msc_array *array = put_streamed(k, "status", MSC_ARRAY_FLAG, NULL, "how the scenario ended", (row_part){.kind = ROW_STATUS, .n = 1});
    while (ends[array->n_meaning]) {
        array->n_meaning++;
    }
    array->flag_meaning = ends;
    array = put_streamed(k, "warned", MSC_ARRAY_FLAG, NULL, "it ran with a warning, such as of a check that only warns",
                         (row_part){.kind = ROW_WARNED, .n = 1});
    array->n_meaning = 2, array->flag_meaning = warned;
}

static void put_endpoints(record *k)
{
    const msc_scenario *scenario = msc_batch_scenario(k->s->first);
    const msc_endpoints *list = &scenario->endpoints;
    size_t offset = 0;
    for (size_t i = 0; i < list->n; i++) {
        const msc_endpoint *e = &list->endpoint[i];
        int axis[MSC_AXES] = {k->scenario};
        if (e->shape.n_over + 1 > MSC_AXES) {
            msc_conf_fail(k->arena, e->origin, "more than %d indices", MSC_AXES - 1);
        }
        for (int d = 0; d < e->shape.n_over; d++) {
            const msc_set *set = &scenario->model->set[e->shape.over[d].set];
            axis[d + 1] = labelled_axis(k, e->shape.over[d].name, set->n, set->label, set->numeric);
        }
        msc_array *array = put_streamed(k, e->name, MSC_ARRAY_REAL, e->unit,
                                        e->about ? msc_arena_printf(k->arena, "%s (%s)", e->about, e->what) : e->what,
                                        (row_part){.kind = ROW_ENDPOINT, .which = i, .offset = offset, .n = e->shape.n});
        array->n_axis = e->shape.n_over + 1;
        memcpy(array->axis, axis, sizeof axis);
        if (msc_endpoint_may_mark(list, i)) {
            array = put_streamed(k, msc_arena_printf(k->arena, "%s_mark", e->name), MSC_ARRAY_FLAG, NULL,
                                 msc_arena_printf(k->arena, "what %s is: itself, a bound of it, or why it is missing", e->name),
                                 (row_part){.kind = ROW_MARK, .which = i, .offset = offset, .n = e->shape.n});
            array->n_axis = e->shape.n_over + 1;
            memcpy(array->axis, axis, sizeof axis);
            array->n_meaning = MSC_MARKS, array->flag_meaning = msc_mark_names();
        }
        offset += e->shape.n;
    }
}

/* Times stand twice: which is which. (That of a run is record.c's.) */
static void put_side(record *k, const msc_scenario *scenario, int time_axis)
{
    static const char *const meaning[] = {"before", "after"};
    if (!scenario->both_sides) {
        return;
    }
    uint8_t *side = MSC_NEW(k->arena, uint8_t, scenario->n_time + 1);
    for (size_t i = 0; i < scenario->n_time; i++) {
        side[i] = !scenario->time[i].before;
    }
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) =
        (msc_array){.name = "side", .kind = MSC_ARRAY_FLAG, .about = "where a dose starts or ends: the value before it, or the one after",
                    .n_axis = 1, .axis = {time_axis}, .flag = side, .n_meaning = 2, .flag_meaning = meaning};
}

static void put_quantities(record *k)
{
    const msc_scenario *scenario = msc_batch_scenario(k->s->first);
    const msc_program *p = scenario->program;
    const double *time = NULL;
    const size_t n_time = msc_batch_times(k->s->first, &time);
    if (!k->s->keep) {
        return;
    }
    const int time_axis = put_axis(k, (msc_axis){.name = "time",
                                                 .n = n_time,
                                                 .value = time,
                                                 .unit = scenario->model->time_unit,
                                                 .about = "time since day 0"});
    size_t offset = 0;
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        const msc_quantity *q = &p->quantity[i];
        int axis[MSC_AXES] = {k->scenario, time_axis};
        if (q->n_dim + 2 > MSC_AXES) {
            msc_throw(k->arena, MSC_E_CONFIG, k->s->path, "'%s' has more than %d indices", q->name, MSC_AXES - 2);
        }
        for (int d = 0; d < q->n_dim; d++) {
            axis[d + 2] = labelled_axis(k, q->dim[d], q->dim_n[d], q->label[d], q->numeric[d]);
        }
        msc_array *array = put_streamed(k, q->name, MSC_ARRAY_REAL, q->unit, q->about,
                                        (row_part){.kind = ROW_QUANTITY, .offset = offset, .n = n_time * q->n});
        array->n_axis = q->n_dim + 2;
        memcpy(array->axis, axis, sizeof axis);
        offset += q->n;
    }
    put_side(k, scenario, time_axis);
}

enum { FAILURES_MOST = 100000 }; /* with their texts in memory; the status of all is there */

static void put_failures(record *k)
{
    const size_t n = k->rows->n_failed < FAILURES_MOST ? k->rows->n_failed : FAILURES_MOST;
    if (n == 0) {
        return;
    }
    int64_t *which = MSC_NEW(k->arena, int64_t, n);
    double *place = MSC_NEW(k->arena, double, n);
    const char **text = MSC_NEW(k->arena, const char *, n);
    for (size_t i = 0; i < n; i++) {
        msc_sweep_entry entry;
        msc_error err = {0};
        if (k->rows->read(k->rows->context, k->rows->failed[i], &entry, &err) != MSC_OK) {
            msc_throw(k->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
        }
        which[i] = (int64_t)k->rows->failed[i];
        place[i] = (double)(i + 1);
        text[i] = msc_arena_strdup(k->arena, entry.text);
    }
    const int axis = put_axis(k, (msc_axis){.name = "failure", .n = n, .value = place, .unit = "1", .about = "scenarios that failed"});
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "failure_scenario", .kind = MSC_ARRAY_COUNT, .about = "which scenario", .n_axis = 1, .axis = {axis}, .count = which};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "failure_text", .kind = MSC_ARRAY_TEXT, .about = "why, in words", .n_axis = 1, .axis = {axis}, .text = text};
}

static void put_sources(record *k)
{
    const msc_sweep *s = k->s;
    const char **name = msc_record_names(k->arena, s->n_source, s->source), **text = MSC_NEW(k->arena, const char *, s->n_source + 1);
    double *place = MSC_NEW(k->arena, double, s->n_source + 1);
    for (size_t i = 0; i < s->n_source; i++) {
        text[i] = s->source[i].text;
        place[i] = (double)(i + 1);
    }
    const int axis = put_axis(k, (msc_axis){.name = "source", .n = s->n_source, .value = place, .unit = "1",
                                            .about = "files read, in this order"});
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "source_name", .kind = MSC_ARRAY_TEXT, .about = "its name, from the folder of the first", .n_axis = 1, .axis = {axis}, .text = name};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "source_text", .kind = MSC_ARRAY_TEXT, .about = "all of its text", .n_axis = 1, .axis = {axis}, .text = text};
    if (s->n_setting > 0) {
        put_axis(k, (msc_axis){.name = "setting", .n = s->n_setting, .label = s->setting,
                               .about = "changes to what the files say (--set), in this order"});
    }
}

/* What is drawn from, whole: so that the file can be made again without the fit's. */
static void put_from(record *k)
{
    const msc_from *from = k->s->from;
    if (!from) {
        return;
    }
    const char **name = MSC_NEW(k->arena, const char *, from->n), **unit = MSC_NEW(k->arena, const char *, from->n);
    const char **path = MSC_NEW(k->arena, const char *, from->n);
    for (size_t i = 0; i < from->n; i++) {
        const msc_from_estimate *e = &from->estimate[i];
        name[i] = e->name, unit[i] = e->unit, path[i] = e->path[0];
        for (size_t p = 1; p < e->n_path; p++) {
            path[i] = msc_arena_printf(k->arena, "%s, %s", path[i], e->path[p]);
        }
    }
    const int draw = put_axis(k, (msc_axis){.name = "from_draw", .n = from->n_draw, .counted = true, .unit = "1", .about = "draws of the posterior"});
    const int estimate = put_axis(k, (msc_axis){.name = "from_estimate", .n = from->n, .label = name, .about = "what the fit estimated"});
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "from_unit", .kind = MSC_ARRAY_TEXT, .about = "its unit there", .n_axis = 1, .axis = {estimate}, .text = unit};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "from_path", .kind = MSC_ARRAY_TEXT, .about = "what it stands for", .n_axis = 1, .axis = {estimate}, .text = path};
    *MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array) = (msc_array){
        .name = "from_posterior", .kind = MSC_ARRAY_REAL, .about = "draws, each in its unit", .n_axis = 2, .axis = {draw, estimate}, .real = from->draw};
}

/* Which variables are what: "dose second_day". */
static void put_names(record *k)
{
    const msc_scenario *scenario = msc_batch_scenario(k->s->first);
    const char *axes = "", *endpoints = "", *quantities = "";
    for (size_t i = 0; i < k->s->n_axis; i++) {
        axes = msc_arena_printf(k->arena, "%s%s%s", axes, i > 0 ? " " : "", k->s->axis[i].name);
    }
    for (size_t i = 0; i < scenario->endpoints.n; i++) {
        endpoints = msc_arena_printf(k->arena, "%s%s%s", endpoints, i > 0 ? " " : "", scenario->endpoints.endpoint[i].name);
    }
    for (uint32_t i = 0; k->s->keep && i < scenario->program->n_quantity; i++) {
        quantities = msc_arena_printf(k->arena, "%s%s%s", quantities, i > 0 ? " " : "", scenario->program->quantity[i].name);
    }
    put_attribute(k, "sweep_axes", axes, 0);
    if (*endpoints) {
        put_attribute(k, "endpoints", endpoints, 0);
    }
    if (*quantities) {
        put_attribute(k, "quantities", quantities, 0);
    }
}

static void put_ranges(record *k)
{
    size_t n = 0;
    const char **range = msc_sweep_ranges(k->arena, k->s, &n), *text = NULL;
    for (size_t i = 0; i < n; i++) {
        text = text ? msc_arena_printf(k->arena, "%s\n%s", text, range[i]) : range[i];
    }
    if (text) {
        put_attribute(k, "ranges", text, 0);
    }
}

static void put_attributes(record *k)
{
    static const char *const kind[] = {"grid", "list", "lhs", "sobol", "random"};
    const msc_scenario *scenario = msc_batch_scenario(k->s->first);
    if (scenario->model->title) {
        put_attribute(k, "title", scenario->model->title, 0);
    }
    const char *caution = NULL;
    for (size_t i = 0; i < k->s->n_caution; i++) {
        caution = caution ? msc_arena_printf(k->arena, "%s\n%s", caution, k->s->caution[i]) : k->s->caution[i];
    }
    if (caution) {
        put_attribute(k, "caution", caution, 0);
    }
    put_ranges(k);
    put_attribute(k, "mscsim_version", msc_version(), 0);
    put_names(k);
    put_attribute(k, "sweep_design", kind[msc_design_kind_of(k->s->design)], 0);
    put_attribute(k, "sweep_seed", msc_arena_printf(k->arena, "%llu", (unsigned long long)msc_design_seed(k->s->design)), 0);
    if (*msc_sweep_correlation(k->arena, k->s)) {
        put_attribute(k, "sweep_correlation", msc_sweep_correlation(k->arena, k->s), 0);
    }
    if (k->s->from) {
        put_attribute(k, "sweep_from", k->s->from_name, 0);
        put_attribute(k, "sweep_from_check", msc_sweep_from_check(k->arena, k->s), 0);
    }
    put_attribute(k, "sweep_failed", NULL, (double)k->rows->n_failed);
    put_attribute(k, "solver_method", scenario->solver.method ? scenario->solver.method : msc_engine_methods()[0], 0);
    put_attribute(k, "solver_kernel", msc_plan_kernel(scenario->plan), 0);
    put_attribute(k, "solver_rtol", NULL, scenario->solver.rtol);
    put_attribute(k, "solver_atol", NULL, scenario->atol);
}

/* ---- names ---- */

/* What a name of the file stands for: what it is, where it is written, and who is to yield first. */
typedef struct {
    const char *what;
    const msc_conf *origin;
    int yields;
} owner;

/* The i-th of the file's axes and arrays; streamed arrays come first among these, one a part. */
static owner owner_of(const record *k, size_t i)
{
    const msc_scenario *scenario = msc_batch_scenario(k->s->first);
    static const char *const own[] = {"scenario", "time", "failure", "source", "setting", NULL};
    if (i < k->n_axis) {
        for (size_t e = 0; own[e]; e++) {
            if (strcmp(own[e], k->axis[i].name) == 0) {
                return (owner){"what every file of a sweep has", NULL, 0};
            }
        }
        return (owner){"an index", NULL, 0};
    }
    const size_t at = i - k->n_axis;
    const row_part *part = at < k->n_part ? &k->part[at] : NULL;
    switch (part ? part->kind : ROW_STATUS) {
    case ROW_AXIS:
    case ROW_CHOICE: return (owner){"an axis of the sweep", k->s->axis[part->which].origin, 3};
    case ROW_ENDPOINT: return (owner){"an endpoint", scenario->endpoints.endpoint[part->which].origin, 2};
    case ROW_MARK: return (owner){"what is said of an endpoint", scenario->endpoints.endpoint[part->which].origin, 1};
    case ROW_QUANTITY: {
        const int output = msc_model_find_output(scenario->model, k->array[at].name);
        return output < 0 ? (owner){"a part of the ledger", NULL, 0}
                          : (owner){"an output of the model", scenario->model->output[output].origin, 0};
    }
    case ROW_STATUS:
    case ROW_WARNED: break;
    }
    return (owner){"what every file of a sweep has", NULL, 0};
}

static const char *owner_text(const record *k, const owner *o)
{
    return o->origin ? msc_arena_printf(k->arena, "%s (%s)", o->what, msc_conf_where(k->arena, o->origin)) : o->what;
}

static _Noreturn void fail_clash(const record *k, const char *name, owner a, owner b)
{
    const owner first = a.yields >= b.yields ? a : b, other = a.yields >= b.yields ? b : a;
    const char *text = msc_arena_printf(k->arena, "two things in the results file would be called '%s': %s and %s; rename one", name,
                                        first.what, owner_text(k, &other));
    if (!first.origin) {
        msc_throw(k->arena, MSC_E_CONFIG, k->s->path, "%s", text);
    }
    msc_conf_fail(k->arena, first.origin, "%s", text);
}

static void refuse_clashes(const record *k)
{
    const size_t n = k->n_axis + k->n_array;
    const char **name = MSC_NEW(k->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        name[i] = i < k->n_axis ? k->axis[i].name : k->array[i - k->n_axis].name;
        for (size_t j = 0; j < i; j++) {
            if (strcmp(name[i], name[j]) == 0) {
                fail_clash(k, name[i], owner_of(k, j), owner_of(k, i));
            }
        }
    }
}

/* ---- numbers too large for 32 bits ---- */

/* A sweep that has run is not lost for one number: what 32 bits cannot hold goes into 64. */
static void widen(record *k)
{
    size_t most = 1;
    for (size_t p = 0; p < k->n_part; p++) {
        most = k->part[p].n > most ? k->part[p].n : most;
    }
    double *buffer = MSC_NEW(k->arena, double, most);
    for (uint64_t i = 0; i < msc_design_count(k->s->design); i++) {
        msc_sweep_entry entry;
        msc_error err = {0};
        if (k->rows->read(k->rows->context, i, &entry, &err) != MSC_OK) {
            msc_throw(k->arena, err.status, err.where[0] ? err.where : NULL, "%s", err.message);
        }
        msc_design_row(k->s->design, i, k->point);
        for (size_t p = 0; p < k->n_part; p++) {
            if (k->array[p].kind != MSC_ARRAY_REAL || k->array[p].wide) {
                continue;
            }
            fill_part(k, &k->part[p], i, &entry, 0, buffer);
            for (size_t e = 0; e < k->part[p].n; e++) {
                k->array[p].wide = k->array[p].wide || (isfinite(buffer[e]) && fabs(buffer[e]) > FLT_MAX);
            }
        }
    }
}

msc_dataset msc_sweep_record(msc_arena *arena, const msc_sweep *sweep, const msc_sweep_rows *rows)
{
    record *k = MSC_NEW(arena, record, 1); /* the stream's context: it stays */
    *k = (record){.arena = arena, .s = sweep, .rows = rows};
    k->point = MSC_NEW(arena, msc_design_point, sweep->n_axis);
    k->stream = MSC_NEW(arena, msc_stream, 1);
    *k->stream = (msc_stream){fill, k};
    k->scenario = put_axis(k, (msc_axis){.name = "scenario",
                                         .n = msc_design_count(sweep->design),
                                         .counted = true,
                                         .unit = "1",
                                         .about = "scenarios, in the order of the design"});
    put_axes(k);
    put_status(k);
    put_endpoints(k);
    put_quantities(k);
    put_failures(k);
    put_sources(k);
    put_from(k);
    put_attributes(k);
    refuse_clashes(k);
    if (rows->read && msc_batch_scenario(sweep->first)->float32) {
        widen(k);
    }
    return (msc_dataset){.n_axis = k->n_axis,
                         .axis = k->axis,
                         .n_array = k->n_array,
                         .array = k->array,
                         .n_attribute = k->n_attribute,
                         .attribute = k->attribute};
}
