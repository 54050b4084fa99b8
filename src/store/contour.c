/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Triangles cut by levels. */
#include "store/contour.h"

#include <math.h>
#include <stdbool.h>

typedef struct {
    double at[2], z;
} corner;

static corner corner_of(const msc_surface *s, size_t i, size_t j)
{
    return (corner){{s->x[i], s->y[j]}, s->z[j * s->n_x + i]};
}

/* The corners of a cell, round about, and its middle; false if one has no value. */
static bool cell(const msc_surface *s, size_t i, size_t j, corner c[5])
{
    c[0] = corner_of(s, i, j), c[1] = corner_of(s, i + 1, j);
    c[2] = corner_of(s, i + 1, j + 1), c[3] = corner_of(s, i, j + 1);
    c[4] = (corner){{0}, 0};
    for (int k = 0; k < 4; k++) {
        c[4].at[0] += c[k].at[0] / 4, c[4].at[1] += c[k].at[1] / 4, c[4].z += c[k].z / 4;
    }
    return isfinite(c[4].z);
}

static void crossing(const corner *a, const corner *b, double level, double at[2])
{
    const double part = (level - a->z) / (b->z - a->z);
    at[0] = a->at[0] + part * (b->at[0] - a->at[0]);
    at[1] = a->at[1] + part * (b->at[1] - a->at[1]);
}

/* What of a triangle is on the side: sign 1 above, -1 below. */
static void clip(const corner *t[3], double level, int sign, msc_contour_take *take, void *context)
{
    double out[5][2];
    size_t n = 0;
    for (int k = 0; k < 3; k++) {
        const corner *a = t[k], *b = t[(k + 1) % 3];
        const bool in = sign * (a->z - level) >= 0, next = sign * (b->z - level) >= 0;
        if (in) {
            out[n][0] = a->at[0], out[n][1] = a->at[1];
            n++;
        }
        if (in != next) {
            crossing(a, b, level, out[n++]);
        }
    }
    if (n >= 3) {
        take(context, n, (const double(*)[2])out);
    }
}

static bool wholly(const corner c[5], double level, int sign)
{
    bool in = true;
    for (int k = 0; k < 4; k++) {
        in = in && sign * (c[k].z - level) >= 0;
    }
    return in;
}

static void side(const msc_surface *s, double level, int sign, msc_contour_take *take, void *context)
{
    for (size_t j = 0; j + 1 < s->n_y; j++) {
        for (size_t i = 0; i + 1 < s->n_x; i++) {
            corner c[5];
            const size_t first = i;
            while (i + 1 < s->n_x && cell(s, i, j, c) && wholly(c, level, sign)) {
                i++;
            }
            if (i > first) {
                const double box[4][2] = {{s->x[first], s->y[j]}, {s->x[i], s->y[j]}, {s->x[i], s->y[j + 1]}, {s->x[first], s->y[j + 1]}};
                take(context, 4, box);
            }
            for (int k = 0; i + 1 < s->n_x && k < 4 && cell(s, i, j, c); k++) {
                const corner *t[3] = {&c[k], &c[(k + 1) % 4], &c[4]};
                clip(t, level, sign, take, context);
            }
        }
    }
}

void msc_contour_above(const msc_surface *s, double level, msc_contour_take *take, void *context)
{
    side(s, level, 1, take, context);
}

void msc_contour_below(const msc_surface *s, double level, msc_contour_take *take, void *context)
{
    side(s, level, -1, take, context);
}

static void cut(const corner *t[3], double level, msc_contour_take *take, void *context)
{
    double out[3][2];
    size_t n = 0;
    for (int k = 0; k < 3; k++) {
        const corner *a = t[k], *b = t[(k + 1) % 3];
        if ((a->z >= level) != (b->z >= level)) {
            crossing(a, b, level, out[n++]);
        }
    }
    if (n == 2) {
        take(context, 2, (const double(*)[2])out);
    }
}

void msc_contour_line(const msc_surface *s, double level, msc_contour_take *take, void *context)
{
    for (size_t j = 0; j + 1 < s->n_y; j++) {
        for (size_t i = 0; i + 1 < s->n_x; i++) {
            corner c[5];
            for (int k = 0; k < 4 && cell(s, i, j, c); k++) {
                const corner *t[3] = {&c[k], &c[(k + 1) % 4], &c[4]};
                cut(t, level, take, context);
            }
        }
    }
}
