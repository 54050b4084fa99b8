/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages for people. */
#include "scenario/page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

/* "1.60e+08" to "1.6e8" */
static void tidy_exponent(char *text, bool trim)
{
    char *e = strchr(text, 'e'), *end = e;
    const int power = atoi(e + 1);
    if (trim && memchr(text, '.', (size_t)(e - text))) {
        while (end[-1] == '0') {
            end--;
        }
        end -= end[-1] == '.';
    }
    snprintf(end, (size_t)(MSC_PAGE_NUMBER - (end - text)), "e%d", power);
}

/* "12300" to "12,300" */
static void group_thousands(char *text)
{
    char *first = text + (*text == '-');
    size_t whole = strspn(first, "0123456789");
    for (; whole > 3; whole -= 3) {
        char *at = first + whole - 3;
        memmove(at + 1, at, strlen(at) + 1);
        *at = ',';
    }
}

/* "0.900" to "0.9" */
static void trim_zeros(char *text)
{
    char *end = text + strlen(text);
    while (strchr(text, '.') && (end[-1] == '0' || end[-1] == '.')) {
        *--end = '\0';
    }
}

static const char *number_text(char *buffer, double value, int digits, bool trim)
{
    if (!isfinite(value)) {
        snprintf(buffer, MSC_PAGE_NUMBER, "%s",
                 isnan(value) ? "-"
                 : value > 0  ? "infinite"
                              : "-infinite");
        return buffer;
    }
    if (value == 0) {
        return strcpy(buffer, "0");
    }
    snprintf(buffer, MSC_PAGE_NUMBER, "%.*e", digits - 1, value);
    const double rounded = strtod(buffer, NULL);
    const int power = atoi(strchr(buffer, 'e') + 1);
    if (power < -3 || power > 5) {
        tidy_exponent(buffer, trim);
        return buffer;
    }
    const int decimals = digits - 1 - power > 0 ? digits - 1 - power : 0;
    snprintf(buffer, MSC_PAGE_NUMBER, "%.*f", decimals, rounded);
    if (trim) {
        trim_zeros(buffer);
    }
    group_thousands(buffer);
    return buffer;
}

const char *msc_page_number(char *buffer, double value, int digits)
{
    return number_text(buffer, value, digits, true);
}

const char *msc_page_value(char *buffer, double value, int digits)
{
    return number_text(buffer, value, digits, false);
}

const char *msc_page_range(char *buffer, double low, double high, int digits)
{
    char a[MSC_PAGE_NUMBER], b[MSC_PAGE_NUMBER];
    msc_page_value(a, low, digits);
    msc_page_value(b, high, digits);
    snprintf(buffer, MSC_PAGE_NUMBER, strcmp(a, b) == 0 ? "%.17s" : "%.17s - %.17s", a, b);
    return buffer;
}

const char *msc_page_percent(char *buffer, double share)
{
    const double percent = 100 * share;
    if (!isfinite(percent)) {
        return strcpy(buffer, "-");
    }
    if (percent != 0 && fabs(percent) < 0.05) {
        snprintf(buffer, MSC_PAGE_NUMBER, "%s %%", percent > 0 ? "<0.1" : "~0");
    } else {
        snprintf(buffer, MSC_PAGE_NUMBER, "%.1f %%", percent);
    }
    return buffer;
}

const char *msc_page_bytes(char *buffer, double bytes)
{
    static const char *const unit[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    int k = 0;
    for (; bytes >= 1000 && k < 6; k++) {
        bytes /= 1000;
    }
    snprintf(buffer, MSC_PAGE_NUMBER, k > 0 && bytes < 100 ? "%.1f %s" : "%.0f %s", bytes, unit[k]);
    return buffer;
}

/* ---- times ---- */

static double factor_of(msc_units *units, const char *name)
{
    double factor = 1;
    msc_dim dim;
    return msc_units_parse(units, name, &factor, &dim, NULL) == MSC_OK ? factor : 1;
}

static const struct {
    const char *name;
    double from; /* of it */
} time_unit[] = {{"year", 2}, {"day", 2}, {"h", 1}, {"min", 1}, {"s", 0}};

void msc_page_prepare(msc_units *units)
{
    for (size_t i = 0; i < sizeof time_unit / sizeof *time_unit; i++) {
        (void)factor_of(units, time_unit[i].name);
    }
}

const char *msc_page_span(char *buffer, msc_units *units, double span, int digits)
{
    size_t k = 0;
    while (span < time_unit[k].from * factor_of(units, time_unit[k].name)) {
        k++;
    }
    char number[MSC_PAGE_NUMBER];
    msc_page_number(number, span / factor_of(units, time_unit[k].name), digits);
    snprintf(buffer, MSC_PAGE_NUMBER, "%.30s %s%s", number, time_unit[k].name,
             k < 2 && strcmp(number, "1") ? "s" : "");
    return buffer;
}

const char *msc_page_day(char *buffer, msc_units *units, double time)
{
    char number[MSC_PAGE_NUMBER];
    const double day = time / factor_of(units, "day");
    if (fabs(day) >= 1e-6 && fabs(day) < 0.1) {
        snprintf(number, sizeof number, "%.2g", day);
    } else {
        snprintf(number, sizeof number, "%.*f", fabs(day) < 1000 ? 2 : 0, day);
        trim_zeros(number);
    }
    snprintf(buffer, MSC_PAGE_NUMBER, "day %.30s", strcmp(number, "-0") == 0 ? "0" : number);
    return buffer;
}

const char *msc_page_moment(char *buffer, msc_units *units, double time)
{
    const bool soon = time > 0 && time < 0.1 * factor_of(units, "day");
    return soon ? msc_page_span(buffer, units, time, 2) : msc_page_day(buffer, units, time);
}

/* ---- text ---- */

int msc_page_width(const char *text)
{
    int n = 0;
    for (; *text; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

void msc_page_cell(FILE *stream, int width, const char *text)
{
    const int blank = abs(width) - msc_page_width(text);
    if (width < 0) {
        fprintf(stream, "%*s", blank > 0 ? blank : 0, "");
    }
    fputs(text, stream);
    if (width > 0) {
        fprintf(stream, "%*s", blank > 0 ? blank : 0, "");
    }
}

void msc_page_text(FILE *stream, int at, int indent, const char *text)
{
    bool first = true;
    while (*text) {
        while (*text == ' ' || *text == '\n' || *text == '\t') {
            text++;
        }
        const size_t n = strcspn(text, " \n\t");
        char word[256];
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), text);
        const int width = msc_page_width(word);
        if (!first && n > 0 && at + 1 + width > MSC_PAGE_WIDTH) {
            fprintf(stream, "\n%*s", indent, "");
            at = indent, first = true;
        }
        if (n > 0) {
            fprintf(stream, "%s%s", first ? "" : " ", word);
            at += width + !first, first = false;
        }
        text += n;
    }
    putc('\n', stream);
}

void msc_page_heading(FILE *stream, const char *text)
{
    fprintf(stream, "\n%s\n", text);
}

msc_status msc_page_end(FILE *stream, msc_error *err)
{
    errno = 0;
    if (fflush(stream) == 0 && !ferror(stream)) {
        return MSC_OK;
    }
    char reason[128] = "";
    if (errno == 0 || strerror_r(errno, reason, sizeof reason) != 0) {
        snprintf(reason, sizeof reason, "the stream failed");
    }
    return msc_fail(err, MSC_E_IO, NULL, "cannot write the page: %s", reason);
}
