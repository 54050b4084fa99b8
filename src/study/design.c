/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Designs: read, counted, and one scenario of them. */
#include "study/design.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

#include "base/random.h"
#include "base/text.h"
#include "engine/plan.h"

struct msc_design {
    msc_design_kind kind;
    uint64_t n, seed;
    size_t n_axis;
    const msc_design_axis *axis;
    uint32_t (*direction)[MSC_SOBOL_BITS]; /* sobol: [n_axis] */
    uint64_t *shift;                       /* sobol: [n_axis] */
    size_t n_related;                      /* correlated axes */
    size_t *related;
    double *root; /* [n_related][n_related]: the Cholesky factor, lower */
    double *matrix;       /* [n_related][n_related] as it was given */
};

static const char *const kind_name[] = {"grid", "list", "lhs", "sobol", "random"};
enum { N_KINDS = sizeof kind_name / sizeof *kind_name };

/* A correlation matrix closer to singular than this is taken for wrong. */
static const double least_eigenvalue = 1e-10;

msc_design_kind msc_design_kind_of(const msc_design *design)
{
    return design->kind;
}

uint64_t msc_design_count(const msc_design *design)
{
    return design->n;
}

size_t msc_design_correlation(const msc_design *d, const size_t **axis, const double **matrix)
{
    *axis = d->related, *matrix = d->matrix;
    return d->n_related;
}

uint64_t msc_design_seed(const msc_design *design)
{
    return design->seed;
}

/* ---- reading ---- */

static msc_design_kind read_kind(msc_arena *arena, const msc_conf *section)
{
    const msc_conf *node = msc_conf_need(arena, section, "design");
    const char *text = msc_conf_string(arena, node);
    for (size_t i = 0; i < N_KINDS; i++) {
        if (strcmp(text, kind_name[i]) == 0) {
            return (msc_design_kind)i;
        }
    }
    const char *hint = msc_text_suggest(arena, text, kind_name, N_KINDS);
    msc_conf_fail(arena, node, "'%s' is no design%s", text,
                  hint[0] ? hint : " (known are grid, list, lhs, sobol, random)");
}

static uint64_t read_seed(msc_arena *arena, const msc_conf *section, const uint64_t *seed)
{
    const msc_conf *node = msc_conf_find(section, "seed");
    const uint64_t own = node ? (uint64_t)msc_conf_integer(arena, node, 0, INT64_MAX) : 1;
    return seed ? *seed : own;
}

/* Grid and list have as many scenarios as their axes make. */
static void levels_only(msc_arena *arena, const msc_design *d, const msc_conf *section)
{
    const char *kind = kind_name[d->kind];
    const msc_conf *n = msc_conf_find(section, "n");
    for (size_t k = 0; k < d->n_axis; k++) {
        if (d->axis[k].n_level == 0) {
            msc_conf_fail(arena, d->axis[k].origin,
                          "a %s needs values, or from, to and n; to draw from a distribution write "
                          "design = \"lhs\", \"sobol\" or \"random\"",
                          kind);
        }
    }
    if (n) {
        msc_conf_fail(arena, n, "a %s has as many scenarios as its axes make; n is for samples",
                      kind);
    }
}

static uint64_t count_grid(msc_arena *arena, const msc_design *d, const msc_conf *section)
{
    uint64_t n = 1;
    bool overflow = false;
    const char *text = "";
    for (size_t k = 0; k < d->n_axis; k++) {
        overflow = __builtin_mul_overflow(n, d->axis[k].n_level, &n) || overflow;
        text = k < 12    ? msc_arena_printf(arena, "%s%s%" PRIu64, text, k ? " x " : "",
                                            d->axis[k].n_level)
               : k == 12 ? msc_arena_printf(arena, "%s x ...", text)
                         : text;
    }
    const msc_conf *axes = msc_conf_find(section, "axes");
    if (overflow || n > MSC_DESIGN_MOST) {
        msc_conf_fail(arena, axes ? axes : section,
                      "%s scenarios (%s) are too many; at most %d are possible",
                      overflow ? "more than 1.8e19" : msc_arena_printf(arena, "%" PRIu64, n), text,
                      MSC_DESIGN_MOST);
    }
    return n;
}

static uint64_t count_list(msc_arena *arena, const msc_design *d)
{
    for (size_t k = 1; k < d->n_axis; k++) {
        if (d->axis[k].n_level != d->axis[0].n_level) {
            msc_conf_fail(arena, d->axis[k].origin,
                          "in a list every axis has as many values: here are %" PRIu64
                          ", in '%s' %" PRIu64,
                          d->axis[k].n_level, d->axis[0].name, d->axis[0].n_level);
        }
    }
    if (d->axis[0].n_level > MSC_DESIGN_MOST) {
        msc_conf_fail(arena, d->axis[0].origin,
                      "%" PRIu64 " scenarios are too many; at most %d are possible",
                      d->axis[0].n_level, MSC_DESIGN_MOST);
    }
    return d->axis[0].n_level;
}

static uint64_t count(msc_arena *arena, const msc_design *d, const msc_conf *section)
{
    switch (d->kind) {
    case MSC_DESIGN_GRID: levels_only(arena, d, section); return count_grid(arena, d, section);
    case MSC_DESIGN_LIST: levels_only(arena, d, section); return count_list(arena, d);
    case MSC_DESIGN_LHS:
    case MSC_DESIGN_SOBOL:
    case MSC_DESIGN_RANDOM: break;
    }
    return (uint64_t)msc_conf_integer(arena, msc_conf_need(arena, section, "n"), 1,
                                      MSC_DESIGN_MOST);
}

static void make_sobol(msc_arena *arena, msc_design *d, const msc_conf *section)
{
    if (d->n_axis > MSC_SOBOL_AXES) {
        msc_conf_fail(arena, msc_conf_find(section, "design"),
                      "Sobol points have at most %d axes: here are %zu; design = \"lhs\" has no "
                      "such limit",
                      MSC_SOBOL_AXES, d->n_axis);
    }
    d->direction = msc_arena_alloc(arena, d->n_axis, sizeof *d->direction);
    d->shift = MSC_NEW(arena, uint64_t, d->n_axis);
    if (!msc_sobol_directions(d->direction, d->n_axis)) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    for (size_t k = 0; k < d->n_axis; k++) {
        d->shift[k] = msc_random_bits(d->seed, MSC_USE_SHIFT, 0, (uint32_t)k);
    }
}

/* ---- correlation ---- */

static size_t find_axis(msc_arena *arena, const msc_design *d, const msc_conf *node)
{
    const char *name = msc_conf_string(arena, node), *known[MSC_DESIGN_AXES];
    for (size_t k = 0; k < d->n_axis; k++) {
        known[k] = d->axis[k].name;
        if (strcmp(name, known[k]) == 0) {
            return k;
        }
    }
    msc_conf_fail(arena, node, "there is no axis '%s'%s", name,
                  msc_text_suggest(arena, name, known, d->n_axis));
}

static void read_related(msc_arena *arena, msc_design *d, const msc_conf *axes)
{
    if (axes->kind != MSC_CONF_ARRAY && axes->kind != MSC_CONF_LIST) {
        msc_conf_fail(arena, axes,
                      "the names of axes are wanted; e.g. [\"clearance\", \"volume\"]");
    }
    if (axes->n < 2) {
        msc_conf_fail(arena, axes, "a correlation is between two axes or more");
    }
    d->related = MSC_NEW(arena, size_t, axes->n);
    for (size_t i = 0; i < axes->n; i++) {
        const size_t k = find_axis(arena, d, axes->child[i]);
        if (d->axis[k].n_level > 0) {
            msc_conf_fail(arena, axes->child[i],
                          "'%s' has values, not a distribution: it cannot be correlated",
                          d->axis[k].name);
        }
        for (size_t j = 0; j < i; j++) {
            if (d->related[j] == k) {
                msc_conf_fail(arena, axes->child[i], "'%s' is named twice", d->axis[k].name);
            }
        }
        d->related[d->n_related++] = k;
    }
}

static void read_row(msc_arena *arena, const msc_design *d, const msc_conf *row, double *out)
{
    if ((row->kind != MSC_CONF_ARRAY && row->kind != MSC_CONF_LIST) || row->n != d->n_related) {
        msc_conf_fail(arena, row, "a row of %zu numbers is wanted, one an axis", d->n_related);
    }
    for (size_t j = 0; j < row->n; j++) {
        out[j] = msc_conf_real(arena, row->child[j]);
        if (!(fabs(out[j]) <= 1)) {
            msc_conf_fail(arena, row->child[j], "a correlation lies between -1 and 1: here is %g",
                          out[j]);
        }
    }
}

static const char *axis_name(const msc_design *d, size_t i)
{
    return d->axis[d->related[i]].name;
}

static void read_matrix(msc_arena *arena, const msc_design *d, const msc_conf *matrix, double *out)
{
    const size_t m = d->n_related;
    if ((matrix->kind != MSC_CONF_ARRAY && matrix->kind != MSC_CONF_LIST) || matrix->n != m) {
        msc_conf_fail(arena, matrix,
                      "%zu rows are wanted, one an axis; e.g. ( [1.0, 0.4], [0.4, 1.0] )", m);
    }
    for (size_t i = 0; i < m; i++) {
        read_row(arena, d, matrix->child[i], &out[i * m]);
    }
    for (size_t i = 0; i < m; i++) {
        if (fabs(out[i * m + i] - 1) > 0) {
            msc_conf_fail(arena, matrix->child[i]->child[i],
                          "the correlation of '%s' with itself is 1, not %g", axis_name(d, i),
                          out[i * m + i]);
        }
        for (size_t j = 0; j < i; j++) {
            if (fabs(out[i * m + j] - out[j * m + i]) > 0) {
                msc_conf_fail(
                    arena, matrix->child[i]->child[j],
                    "the correlation of '%s' with '%s' is given as %g here and as %g above",
                    axis_name(d, i), axis_name(d, j), out[i * m + j], out[j * m + i]);
            }
        }
    }
}

static double smallest_eigenvalue(msc_arena *arena, const double *matrix, size_t m)
{
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(m);
    gsl_matrix *copy = gsl_matrix_alloc(m, m);
    gsl_vector *value = gsl_vector_alloc(m);
    double least = NAN;
    if (work && copy && value) {
        memcpy(copy->data, matrix, m * m * sizeof *matrix);
        if (gsl_eigen_symm(copy, value, work) == GSL_SUCCESS) {
            least = gsl_vector_min(value);
        }
    }
    gsl_vector_free(value);
    gsl_matrix_free(copy);
    gsl_eigen_symm_free(work);
    if (isnan(least)) {
        msc_throw(arena, MSC_E_NOMEM, NULL, "out of memory");
    }
    return least;
}

static void read_correlation(msc_arena *arena, msc_design *d, const msc_conf *node)
{
    static const char *const known[] = {"axes", "matrix", "about", "source", NULL};
    msc_conf_known(arena, node, known);
    if (d->kind == MSC_DESIGN_GRID || d->kind == MSC_DESIGN_LIST) {
        msc_conf_fail(arena, node, "the axes of a %s cannot be correlated", kind_name[d->kind]);
    }
    read_related(arena, d, msc_conf_need(arena, node, "axes"));
    const size_t m = d->n_related;
    const msc_conf *matrix = msc_conf_need(arena, node, "matrix");
    d->root = MSC_NEW(arena, double, m *m);
    read_matrix(arena, d, matrix, d->root);
    d->matrix = MSC_NEW(arena, double, m * m);
    memcpy(d->matrix, d->root, m * m * sizeof *d->matrix);
    const double least = smallest_eigenvalue(arena, d->root, m);
    gsl_matrix_view view = gsl_matrix_view_array(d->root, m, m);
    if (!(least > least_eigenvalue) || gsl_linalg_cholesky_decomp1(&view.matrix) != GSL_SUCCESS) {
        msc_conf_fail(
            arena, matrix,
            "these correlations contradict each other: the matrix is not positive definite "
            "(its smallest eigenvalue is %.2g)",
            fabs(least) < 1e-12 ? 0 : least);
    }
}

const msc_design *msc_design_read(msc_arena *arena, const msc_conf *section,
                                  const msc_design_axis *axis, size_t n_axis, const uint64_t *seed)
{
    msc_design *d = MSC_NEW(arena, msc_design, 1);
    const msc_conf *correlation = msc_conf_find(section, "correlation"),
                   *axes = msc_conf_find(section, "axes");
    msc_gsl_silence();
    *d = (msc_design){.kind = read_kind(arena, section),
                      .seed = read_seed(arena, section, seed),
                      .n_axis = n_axis,
                      .axis = axis};
    if (n_axis == 0 || n_axis > MSC_DESIGN_AXES) {
        msc_conf_fail(arena, axes ? axes : section,
                      n_axis ? "%zu axes are too many; at most %d are possible"
                             : "there is no axis: nothing is varied",
                      n_axis, MSC_DESIGN_AXES);
    }
    d->n = count(arena, d, section);
    if (d->kind == MSC_DESIGN_SOBOL) {
        make_sobol(arena, d, section);
    }
    if (correlation) {
        read_correlation(arena, d, correlation);
    }
    return d;
}

/* ---- scenarios ---- */

static double coordinate(const msc_design *d, uint64_t i, size_t k)
{
    const uint32_t axis = (uint32_t)k;
    if (d->kind ==
        MSC_DESIGN_SOBOL) { /* the sum modulo 1, in whole numbers: no rounding, never 0 or 1 */
        const uint64_t point = (uint64_t)msc_sobol_point(d->direction[k], i)
                               << (64 - MSC_SOBOL_BITS);
        return msc_random_open(point + d->shift[k]);
    }
    const uint64_t bits = msc_random_bits(d->seed, MSC_USE_POINT, i, axis);
    if (d->kind == MSC_DESIGN_LHS) {
        return msc_design_in_stratum(msc_design_permuted(d->seed, axis, d->n, i), d->n, bits);
    }
    return msc_random_open(bits);
}

static uint64_t level_at(double u, uint64_t n)
{
    const uint64_t level = (uint64_t)(u * (double)n);
    return level < n ? level : n - 1;
}

/* Normal scores in place of coordinates, mixed from the last axis to the first, so that what is
 * needed is still unmixed. */
static void correlate(const msc_design *d, msc_design_point *row)
{
    const size_t m = d->n_related;
    for (size_t i = 0; i < m; i++) {
        double *u = &row[d->related[i]].u;
        *u = *u < 0.5 ? gsl_cdf_ugaussian_Pinv(*u) : gsl_cdf_ugaussian_Qinv(1 - *u);
    }
    for (size_t i = m; i-- > 0;) {
        double z = 0;
        for (size_t j = 0; j <= i; j++) {
            z += d->root[i * m + j] * row[d->related[j]].u;
        }
        const double u = gsl_cdf_ugaussian_P(z);
        row[d->related[i]].u = fmax(fmin(u, 1 - 0x1p-53), 0x1p-1022);
    }
}

void msc_design_row(const msc_design *design, uint64_t i, msc_design_point *row)
{
    uint64_t rest = i;
    for (size_t k = design->n_axis; k-- > 0;) {
        const uint64_t n = design->axis[k].n_level;
        row[k] = (msc_design_point){.u = NAN};
        if (design->kind == MSC_DESIGN_GRID) {
            row[k].level = rest % n;
            rest /= n;
        } else if (design->kind == MSC_DESIGN_LIST) {
            row[k].level = i;
        } else {
            const double u = coordinate(design, i, k);
            row[k].level = n ? level_at(u, n) : 0;
            row[k].u = n ? NAN : u;
        }
    }
    if (design->n_related) {
        correlate(design, row);
    }
}
