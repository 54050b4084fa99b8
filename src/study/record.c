/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A result as it is recorded: arrays over labelled axes, and where they came from. Nothing in it
 * depends on where, when or by whom it was run: equal runs give equal bytes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/caution.h"
#include "study/record.h"

typedef msc_record_build record;

/* ---- building ---- */

static int put_axis(record *k, msc_axis axis)
{
    *MSC_PUSH(k->arena, k->axis, k->n_axis, k->cap_axis) = axis;
    return (int)k->n_axis - 1;
}

static bool same_axis(const msc_axis *a, const msc_axis *b)
{
    bool same = strcmp(a->name, b->name) == 0 && a->n == b->n && !a->label == !b->label;
    for (size_t i = 0; i < a->n && same; i++) {
        same = a->label ? strcmp(a->label[i], b->label[i]) == 0 : a->value[i] == b->value[i];
    }
    return same;
}

/* Places by labels, or by values where the labels are numbers; shared with whoever has the same. */
int msc_record_labels(record *k, const char *name, size_t n, const char *const *label,
                         bool numeric)
{
    msc_axis axis = {.name = name, .n = n, .label = numeric ? NULL : label};
    double *value = MSC_NEW(k->arena, double, n + 1);
    for (size_t i = 0; numeric && i < n; i++) {
        value[i] = strtod(label[i], NULL);
    }
    axis.value = numeric ? value : NULL;
    axis.unit = numeric ? "1" : NULL;
    for (size_t i = 0; i < k->n_axis; i++) {
        if (same_axis(&k->axis[i], &axis)) {
            return (int)i;
        }
    }
    return put_axis(k, axis);
}

int msc_record_count(record *k, const char *name, size_t n, const char *about)
{
    double *value = MSC_NEW(k->arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        value[i] = (double)(i + 1);
    }
    return put_axis(k,
                    (msc_axis){.name = name, .n = n, .value = value, .unit = "1", .about = about});
}

static msc_array *put_array(record *k, const char *name, msc_array_kind kind, int n_axis,
                            const int *axis)
{
    msc_array *array = MSC_PUSH(k->arena, k->array, k->n_array, k->cap_array);
    *array = (msc_array){.name = name, .kind = kind, .n_axis = n_axis};
    for (int i = 0; i < n_axis; i++) {
        array->axis[i] = axis[i];
    }
    return array;
}

msc_array *msc_record_real(record *k, const char *name, const char *unit, const char *about,
                           int n_axis, const int *axis, const double *value)
{
    msc_array *array = put_array(k, name, MSC_ARRAY_REAL, n_axis, axis);
    array->unit = unit, array->about = about, array->real = value;
    return array;
}

void msc_record_text(record *k, const char *name, const char *about, int axis,
                     const char *const *text)
{
    msc_array *array = put_array(k, name, MSC_ARRAY_TEXT, 1, &axis);
    array->about = about, array->text = text;
}

static void put_attribute(record *k, const char *name, const char *text, double number)
{
    *MSC_PUSH(k->arena, k->attribute, k->n_attribute, k->cap_attribute) =
        (msc_attribute){.name = name, .text = text, .number = number};
}

/* ---- quantities ---- */

/* "; the run itself: parameters.arrest.lung = 0.207": what the values beside a range hold for. */
static const char *runs_alone(record *k)
{
    return msc_arena_printf(k->arena, "; the run itself: %s", msc_ranges_own(k->arena, k->s));
}

static void put_spread(record *k, const msc_quantity *q, const msc_spread *spread, int n_axis,
                       const int *axis)
{
    const char *about = q->about ? q->about : q->name;
    const char *how[2] = {"low", "high"};
    for (int i = 0; i < 2; i++) {
        msc_record_real(k, msc_arena_printf(k->arena, "%s_%s", q->name, how[i]), q->unit,
                 msc_arena_printf(k->arena, "%s: the %sest of the runs with %s%s", about, how[i],
                                  spread->about, runs_alone(k)),
                 n_axis, axis, i == 0 ? spread->low : spread->high);
    }
    for (int i = 0; i < 2; i++) {
        msc_record_real(k, msc_arena_printf(k->arena, "%s_peak_%s", q->name, how[i]), q->unit,
                 msc_arena_printf(k->arena, "largest value of %s: the %sest of the runs with %s%s",
                                  q->name, how[i], spread->about, runs_alone(k)),
                 n_axis - 1, axis + 1, i == 0 ? spread->peak_low : spread->peak_high);
    }
}

static void put_peak(record *k, const msc_quantity *q, int n_axis, const int *axis)
{
    double *peak = MSC_NEW(k->arena, double, q->n + 1), *when = MSC_NEW(k->arena, double, q->n + 1);
    for (uint32_t e = 0; k->r && e < q->n; e++) {
        peak[e] = k->r->peak[q->first + e] / q->factor;
        when[e] = k->r->peak_time[q->first + e];
    }
    msc_record_real(k, msc_arena_printf(k->arena, "%s_peak", q->name), q->unit,
             msc_arena_printf(k->arena, "largest value in the run of %s", q->name), n_axis - 1,
             axis + 1, peak);
    msc_record_real(k, msc_arena_printf(k->arena, "%s_peak_time", q->name), k->s->model->time_unit,
             msc_arena_printf(k->arena, "when %s is largest", q->name), n_axis - 1, axis + 1, when);
}

static const msc_spread *find_spread(const msc_spread *list, size_t n, uint32_t quantity)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].quantity == quantity) {
            return &list[i];
        }
    }
    return NULL;
}

static void put_quantity(record *k, uint32_t which, const msc_spread *spread)
{
    const msc_quantity *q = &k->s->program->quantity[which];
    int axis[MSC_AXES] = {0};
    if (q->n_dim + 1 > MSC_AXES) {
        msc_throw(k->arena, MSC_E_CONFIG, k->s->path, "'%s' has more than %d indices", q->name,
                  MSC_AXES - 1);
    }
    for (int d = 0; d < q->n_dim; d++) {
        axis[d + 1] = msc_record_labels(k, q->dim[d], q->dim_n[d], q->label[d], q->numeric[d]);
    }
    msc_record_real(k, q->name, q->unit, q->about, q->n_dim + 1, axis, k->r ? k->r->quantity[which] : NULL);
    if (q->pool < 0) {
        put_peak(k, q, q->n_dim + 1, axis);
    }
    if (spread) {
        put_spread(k, q, spread, q->n_dim + 1, axis);
    }
}

static void put_quantities(record *k)
{
    size_t n_spread = 0;
    const msc_spread *spread = NULL;
    if (k->r) {
        spread = k->r->spread, n_spread = k->r->n_spread;
    } else {
        spread = msc_spread_plan(k->arena, k->s, &n_spread);
    }
    for (uint32_t i = 0; i < k->s->program->n_quantity; i++) {
        put_quantity(k, i, find_spread(spread, n_spread, i));
    }
}

/* ---- endpoints ---- */

/* What an endpoint's numbers are, beside them: a bound, or why there is none. */
static void put_marks(record *k, const char *name, const msc_endpoint *e, const int *axis, const msc_mark *mark)
{
    uint8_t *flag = MSC_NEW(k->arena, uint8_t, e->shape.n + 1);
    for (size_t i = 0; mark && i < e->shape.n; i++) {
        flag[i] = (uint8_t)mark[i];
    }
    msc_array *array =
        put_array(k, msc_arena_printf(k->arena, "%s_mark", name), MSC_ARRAY_FLAG, e->shape.n_over, axis);
    array->about = msc_arena_printf(k->arena, "what %s is: itself, a bound of it, or why it is missing", name);
    array->flag = flag, array->n_meaning = MSC_MARKS, array->flag_meaning = msc_mark_names();
}

/* An end of a range is not known if in one of the runs the endpoint did not come about: the upper one, or the lower one of
 * a time until which something lasts that never was. */
static void put_end(record *k, const msc_endpoint *e, const int *axis, const msc_endpoint_spread *spread, bool upper)
{
    const size_t n = e->shape.n;
    const char *how = upper ? "high" : "low", *name = msc_arena_printf(k->arena, "%s_%s", e->name, how);
    double *value = MSC_NEW(k->arena, double, n + 1);
    msc_mark *mark = MSC_NEW(k->arena, msc_mark, n + 1);
    for (size_t i = 0; k->r && i < n; i++) {
        const bool lower = e->kind == MSC_ENDPOINT_LAST_ABOVE && spread->missing[i] == MSC_MARK_NEVER;
        const bool open = spread->missing[i] != MSC_MARK_EXACT && lower != upper;
        value[i] = open ? (double)NAN : upper ? spread->high[i] : spread->low[i];
        mark[i] = open ? spread->missing[i] : upper ? spread->high_mark[i] : spread->low_mark[i];
    }
    msc_record_real(k, name, e->unit,
                    msc_arena_printf(k->arena, "%s: the %sest of the runs with %s%s", e->name, how, spread->about, runs_alone(k)),
                    e->shape.n_over, axis, value);
    if (msc_endpoint_may_mark(&k->s->endpoints, (size_t)(e - k->s->endpoints.endpoint))) {
        put_marks(k, name, e, axis, mark);
    }
}

static void put_endpoint(record *k, size_t which, const msc_endpoint_spread *spread)
{
    const msc_endpoints *list = &k->s->endpoints;
    const msc_endpoint *e = &list->endpoint[which];
    const msc_shape *shape = &e->shape;
    int axis[MSC_AXES] = {0};
    if (shape->n_over > MSC_AXES) {
        msc_conf_fail(k->arena, e->origin, "more than %d indices", MSC_AXES);
    }
    for (int d = 0; d < shape->n_over; d++) {
        const msc_set *set = &k->s->model->set[shape->over[d].set];
        axis[d] = msc_record_labels(k, shape->over[d].name, set->n, set->label, set->numeric);
    }
    double *value = MSC_NEW(k->arena, double, shape->n + 1);
    msc_mark *mark = MSC_NEW(k->arena, msc_mark, shape->n + 1);
    const bool marked = msc_endpoint_may_mark(list, which);
    for (size_t i = 0; k->r && i < shape->n; i++) {
        value[i] = msc_endpoint_value(list, k->r->prepared.job.seek, which, i, &mark[i]);
    }
    const char *about = e->about ? msc_arena_printf(k->arena, "%s (%s)", e->about, e->what) : e->what;
    msc_record_real(k, e->name, e->unit, about, shape->n_over, axis, value);
    if (marked) {
        put_marks(k, e->name, e, axis, mark);
    }
    for (int upper = 0; spread && spread->about && upper < 2; upper++) {
        put_end(k, e, axis, spread, upper == 1);
    }
}

static void put_endpoints(record *k)
{
    msc_endpoint_spread *spread = k->r ? k->r->endpoint_spread : msc_spread_endpoints(k->arena, k->s);
    for (size_t i = 0; i < k->s->endpoints.n; i++) {
        put_endpoint(k, i, spread ? &spread[i] : NULL);
    }
}

static void put_time(record *k)
{
    static const char *const meaning[] = {"before", "after"};
    const msc_scenario *s = k->s;
    double *time = MSC_NEW(k->arena, double, s->n_time + 1);
    uint8_t *side = MSC_NEW(k->arena, uint8_t, s->n_time + 1);
    for (size_t i = 0; i < s->n_time; i++) {
        time[i] = s->time[i].t;
        side[i] = !s->time[i].before;
    }
    const int axis = put_axis(k, (msc_axis){.name = "time",
                                            .n = s->n_time,
                                            .value = time,
                                            .unit = s->model->time_unit,
                                            .about = "time since day 0"});
    if (s->both_sides || !k->r) {
        msc_array *array = put_array(k, "side", MSC_ARRAY_FLAG, 1, &axis);
        array->about = "where a dose starts or ends: the value before it, or the one after";
        array->flag = side, array->n_meaning = 2, array->flag_meaning = meaning;
    }
}

/* ---- where it came from ---- */

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* "a/b/.././c" to "a/c", by its letters alone. */
static const char *plain(msc_arena *arena, const char *path)
{
    const char *text = path[0] == '/' ? "/" : "";
    while (*path) {
        path += strspn(path, "/");
        const size_t n = strcspn(path, "/");
        const size_t last =
            strlen(text) > 0 ? folder_length(msc_arena_strndup(arena, text, strlen(text) - 1)) : 0;
        const bool up = n == 2 && strncmp(path, "..", 2) == 0;
        if (up && text[last] != '\0' && strcmp(text + last, "../") != 0) {
            text = msc_arena_strndup(arena, text, last);
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            text = msc_arena_printf(arena, "%s%.*s%s", text, (int)n, path, path[n] ? "/" : "");
        }
        path += n;
    }
    return text;
}

const char *msc_record_name(msc_arena *arena, const char *first, const char *name)
{
    first = plain(arena, first), name = plain(arena, name);
    const size_t n = folder_length(first);
    size_t same = 0;
    for (size_t i = 0; i < n && first[i] == name[i]; i++) {
        same = first[i] == '/' ? i + 1 : same;
    }
    const char *up = "";
    for (size_t i = same; i < n; i++) {
        if (first[i] == '/') {
            up = msc_arena_printf(arena, "%s../", up);
        }
    }
    return msc_arena_printf(arena, "%s%s", up, name + same);
}

/* Are two of them called the same, whatever their folders, and are not the same? */
static bool any_clash(size_t n, const struct msc_source *source)
{
    bool clash = false;
    for (size_t i = 1; i < n && !clash; i++) {
        const char *name = source[i].name + folder_length(source[i].name);
        for (size_t k = 0; k < i && !clash; k++) {
            clash = strcmp(name, source[k].name + folder_length(source[k].name)) == 0 && strcmp(source[i].text, source[k].text) != 0;
        }
    }
    return clash;
}

const char **msc_record_names(msc_arena *arena, size_t n, const struct msc_source *source)
{
    const char **name = MSC_NEW(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        name[i] = source[i].recorded ? source[i].name : msc_record_name(arena, source[0].name, source[i].name);
    }
    const bool clash = any_clash(n, source);
    for (size_t i = 0; clash && i < n; i++) {
        const char *own = source[i].library > 0 ? plain(arena, source[i].name) : "..";
        if (!source[i].recorded && strncmp(own, "..", 2) != 0) {
            name[i] = source[i].library == 1 ? msc_arena_printf(arena, MSC_RECORD_LIBRARY "/%s", own)
                                             : msc_arena_printf(arena, MSC_RECORD_LIBRARY ".%d/%s", source[i].library, own);
        }
    }
    return name;
}

static void put_sources(record *k)
{
    const msc_model *m = k->s->model;
    const char **name = msc_record_names(k->arena, m->n_source, m->source);
    const char **text = MSC_NEW(k->arena, const char *, m->n_source + 1);
    for (size_t i = 0; i < m->n_source; i++) {
        text[i] = m->source[i].text;
    }
    const int axis = msc_record_count(k, "source", m->n_source, "files read, in this order");
    msc_record_text(k, "source_name", "its name, from the folder of the first", axis, name);
    msc_record_text(k, "source_text", "all of its text", axis, text);
    if (k->s->n_setting > 0 || !k->r) {
        put_axis(k, (msc_axis){.name = "setting",
                               .n = k->s->n_setting,
                               .label = k->s->setting,
                               .about = "changes to what the files say (--set), in this order"});
    }
    const size_t n_warning = k->r ? k->r->notes.n : 0;
    if (n_warning > 0 || !k->r) {
        const char **warning = MSC_NEW(k->arena, const char *, n_warning + 1);
        for (size_t i = 0; i < n_warning; i++) {
            warning[i] = k->r->notes.note[i].message;
        }
        put_axis(k, (msc_axis){.name = "warning",
                               .n = n_warning,
                               .label = warning,
                               .about = "checks that failed"});
    }
}

static void put_attributes(record *k)
{
    if (k->s->model->title) {
        put_attribute(k, "title", k->s->model->title, 0);
    }
    const char *caution = msc_caution_text(k->arena, k->s->model);
    if (caution) {
        put_attribute(k, "caution", caution, 0);
    }
    put_attribute(k, "mscsim_version", msc_version(), 0);
    if (k->s->endpoints.n > 0) {
        const char *names = "";
        for (size_t i = 0; i < k->s->endpoints.n; i++) {
            names = msc_arena_printf(k->arena, "%s%s%s", names, i > 0 ? " " : "", k->s->endpoints.endpoint[i].name);
        }
        put_attribute(k, "endpoints", names, 0);
    }
    if (!k->r) {
        return;
    }
    const msc_counts c = msc_result_counts(k->r);
    put_attribute(k, "status", k->r->failure.status == MSC_OK ? "fine" : k->r->failure.message, 0);
    put_attribute(k, "solver_method", c.method, 0);
    put_attribute(k, "solver_kernel", c.kernel, 0);
    put_attribute(k, "solver_rtol", NULL, k->s->solver.rtol);
    put_attribute(k, "solver_atol", NULL, k->s->atol);
    put_attribute(k, "solver_steps", NULL, (double)c.steps);
    put_attribute(k, "solver_rejected", NULL, (double)c.rejected);
    put_attribute(k, "solver_evaluations", NULL, (double)c.evaluations);
    put_attribute(k, "solver_factorisations", NULL, (double)c.factorisations);
}

/* Where a name in the file comes from: an endpoint, an output, a set. */
static const msc_conf *origin_of(const record *k, const char *name)
{
    const msc_model *m = k->s->model;
    const long e = msc_endpoints_find(&k->s->endpoints, name);
    const int o = msc_model_find_output(m, name);
    for (size_t i = 0; e < 0 && o < 0 && i < m->n_set; i++) {
        if (strcmp(m->set[i].name, name) == 0) {
            return m->set[i].origin;
        }
    }
    return e >= 0 ? k->s->endpoints.endpoint[e].origin : o >= 0 ? m->output[o].origin : NULL;
}

/* One name for one thing (ruling 7). */
static void refuse_clashes(record *k)
{
    const size_t n = k->n_axis + k->n_array;
    const char **name = MSC_NEW(k->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        name[i] = i < k->n_axis ? k->axis[i].name : k->array[i - k->n_axis].name;
        for (size_t j = 0; j < i; j++) {
            if (strcmp(name[i], name[j]) == 0) {
                const msc_conf *origin = origin_of(k, name[i]);
                msc_throw(k->arena, MSC_E_CONFIG, origin ? msc_conf_where(k->arena, origin) : k->s->path,
                          "two things in the results file would be called '%s'%s; rename an output, an endpoint or "
                          "an index",
                          name[i], i < k->n_axis ? ", both indices" : "");
            }
        }
    }
}

msc_dataset msc_record(msc_arena *arena, const msc_scenario *s, const msc_result *r)
{
    record k = {.arena = arena, .s = s, .r = r};
    put_time(&k);
    put_quantities(&k);
    put_endpoints(&k);
    msc_record_doses(&k);
    put_sources(&k);
    put_attributes(&k);
    refuse_clashes(&k);
    return (msc_dataset){.n_axis = k.n_axis,
                         .axis = k.axis,
                         .n_array = k.n_array,
                         .array = k.array,
                         .n_attribute = k.n_attribute,
                         .attribute = k.attribute};
}

/* ---- the file ---- */

msc_counts msc_result_counts(const msc_result *result)
{
    const msc_scenario *s = result->scenario;
    return (msc_counts){.method = s->solver.method ? s->solver.method : msc_engine_methods()[0],
                        .kernel = msc_plan_kernel(s->plan),
                        .steps = result->report.steps,
                        .rejected = result->report.rejected,
                        .evaluations = result->report.evaluations,
                        .factorisations = result->report.factorisations};
}

msc_status msc_result_probe(const char *path, bool force, msc_error *err)
{
    const msc_status status = msc_store_probe_results(path, force, err);
    return status == MSC_OK ? msc_store_probe_file(path, err) : status;
}

msc_status msc_result_write(const msc_result *result, const char *path, bool force, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    const msc_dataset dataset = msc_record(arena, result->scenario, result);
    const msc_store_options options = {.force = force,
                                       .compression = result->scenario->compression,
                                       .float32 = result->scenario->float32};
    const msc_status status = msc_store_write(path, &dataset, &options, err);
    msc_arena_free(arena);
    return status;
}
