/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Round numbers on axes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/canvas.h"

const char *msc_power_text(char text[MSC_NUMBER], int power)
{
    static const char *const digit[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[12];
    *text = '\0';
    if (power != 0) {
        strcpy(text, power < 0 ? "10⁻" : "10");
        snprintf(plain, sizeof plain, "%d", abs(power));
        for (const char *p = plain; *p; p++) {
            strcat(text, digit[*p - '0']);
        }
        strcat(text, " ");
    }
    return text;
}

const char *msc_round_text(char text[MSC_NUMBER], double x)
{
    char power[MSC_NUMBER];
    if (x == 0 || (fabs(x) < 1e4 * (1 - 1e-9) && fabs(x) > 1e-3 * (1 - 1e-9))) {
        snprintf(text, MSC_NUMBER, "%.4g", x);
        return text;
    }
    const int decade = (int)floor(log10(fabs(x)) + 1e-9);
    const double part = x / pow(10, decade);
    const char *ten = msc_power_text(power, decade);
    const int bytes = (int)strlen(ten) - 1;
    if (fabs(part - 1) < 1e-9) {
        snprintf(text, MSC_NUMBER, "%.*s", bytes, ten);
    } else {
        snprintf(text, MSC_NUMBER, "%.4g\xC2\xB7%.*s", part, bytes, ten);
    }
    return text;
}

double msc_scale_unit(double x)
{
    return isfinite(x) && (x >= 1e4 || (x < 1e-2 && x > 0)) ? pow(10, 3 * floor(log10(x) / 3 + 1e-9)) : 1;
}

/* ---- steps ---- */

static double linear_step(double span, size_t about)
{
    const double power = pow(10, floor(log10(span / (double)about))), part = span / (double)about / power;
    return (part <= 1.2 ? 1 : part <= 2.4 ? 2 : part <= 6 ? 5 : 10) * power;
}

/* Which numbers of a decade, by how many decades there are for how many ticks. */
typedef struct {
    const double *part; /* of a decade */
    int n_part, decades; /* if it has one part only, every so many decades */
} log_step;

static log_step logarithmic_step(double decades, size_t about)
{
    static const double fine[] = {1, 1.5, 2, 3, 4, 5, 7}, some[] = {1, 2, 5}, two[] = {1, 3};
    const double each = (double)about / decades;
    if (each > 5) {
        return (log_step){fine, 7, 1};
    }
    if (each > 2.4) {
        return (log_step){some, 3, 1};
    }
    if (each > 1.5) {
        return (log_step){two, 2, 1};
    }
    const int every = (int)ceil(0.7 / each);
    return (log_step){some, 1, every > 1 ? every : 1};
}

static double step_at(const log_step *s, long k)
{
    const long turn = k >= 0 ? k / s->n_part : -((-k + s->n_part - 1) / s->n_part);
    return s->part[k - turn * s->n_part] * pow(10, (double)(turn * s->decades));
}

static size_t logarithmic(double low, double high, size_t about, bool around, double *tick)
{
    const log_step s = logarithmic_step(fmax(log10(high / low), 1e-3), about);
    const double part = 1e-9;
    long k = (long)floor(log10(low) / s.decades - 1) * s.n_part;
    size_t n = 0;
    while (step_at(&s, k + (around ? 1 : 0)) < low * (1 - part) || (around && step_at(&s, k + 1) <= low * (1 + part))) {
        k++;
    }
    for (; n < MSC_TICKS; k++) {
        const double x = step_at(&s, k);
        if (x > high * (1 + part) && (!around || (n > 1 && tick[n - 1] >= high * (1 - part)))) {
            break;
        }
        tick[n++] = x;
    }
    return n;
}

static size_t linear(double low, double high, size_t about, bool around, double *tick)
{
    const double step = linear_step(high - low, about);
    const double first = around ? floor(low / step + 1e-9) : ceil(low / step - 1e-9);
    const double last = around ? ceil(high / step - 1e-9) : floor(high / step + 1e-9);
    size_t n = 0;
    for (double k = first + 0.0; k <= last && n < MSC_TICKS; k++) {
        tick[n++] = k == 0 ? 0 : k * step; /* not -0 */
    }
    return n;
}

size_t msc_scale_ticks(double low, double high, bool log, size_t about, double tick[MSC_TICKS])
{
    if (!(high > low)) {
        tick[0] = low;
        return 1;
    }
    size_t n = 0;
    if (log) {
        n = logarithmic(low, high, about, false, tick);
    }
    /* over a small part of a decade equal steps have more round numbers */
    return n >= 3 ? n : linear(low, high, about, false, tick);
}

/* Do the numbers of neighbours stand clear of each other? */
static bool have_room(double low, double high, bool log, double pixels, const double *tick, size_t n)
{
    char text[MSC_NUMBER];
    double end = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double share = log ? log10(tick[i] / low) / log10(high / low) : (tick[i] - low) / (high - low);
        const double half = 0.5 * MSC_LETTER * (double)msc_letters(msc_round_text(text, tick[i]));
        if (share * pixels - half < end + MSC_LETTER) {
            return false;
        }
        end = share * pixels + half;
    }
    return true;
}

size_t msc_scale_ticks_within(double low, double high, bool log, size_t about, double pixels, double tick[MSC_TICKS])
{
    size_t n = msc_scale_ticks(low, high, log, about, tick);
    while (--about > 0 && n > 2 && !have_room(low, high, log, pixels, tick, n)) {
        double fewer[MSC_TICKS];
        const size_t k = msc_scale_ticks(low, high, log, about, fewer);
        if (k < 2) {
            break;
        }
        memcpy(tick, fewer, k * sizeof *tick);
        n = k;
    }
    return n;
}

size_t msc_scale_levels(double low, double high, bool log, size_t about, double level[MSC_TICKS])
{
    if (!(high - low > 1e-9 * fmax(fabs(low), fabs(high)))) { /* all the same, but for rounding */
        const double part = high != 0 ? 0.1 * fabs(high) : 1;
        low -= part, high += part;
        return linear(low, high, 2, true, level);
    }
    if (log && high / low > 3) {
        return logarithmic(low, high, about, true, level);
    }
    return linear(low, high, about, true, level);
}
