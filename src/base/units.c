/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Units by UDUNITS-2.
 *
 * UDUNITS parses a text into a tree; a visitor walks it down to its base units and gathers the
 * scale to SI and the exponents. Seconds are then exchanged for the model's unit of time,
 *     factor = scale / (seconds in a unit of time)^(exponent of time).
 * UDUNITS rounds on its way (1/h is 0.000277…, a litre is 0.1^3 m3). A scale that is a short
 * decimal number, or one over such a number, to within a few roundings is taken to be exactly that,
 * so that factors come out correctly rounded: h to h is 1, min to h is 1/60.
 *
 * UDUNITS is not thread-safe and keeps its message handler in a global: both it and the thread's
 * locale (UDUNITS reads numbers with sscanf) are set around every call and then put back. */
#include "base/units.h"

#include <udunits2.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unittext.h"

enum {
    METRE,
    KILOGRAM,
    SECOND,
    AMPERE,
    KELVIN,
    MOLE,
    CANDELA,
    N_SI,
    NAME_MAX_OWN = 32, /* longest name of a model's own unit */
    EXPONENT_MAX = 60  /* of a unit text, so that a product of two stays in range */
};

typedef struct {
    char *text;
    double factor;
    msc_dim dim;
} cached;

struct msc_units {
    ut_system *system;
    ut_unit *base[MSC_DIMS];
    char name[MSC_DIMS][NAME_MAX_OWN + 1]; /* as printed; the time unit under SECOND */
    size_t n;                              /* base units in use */
    double seconds;                        /* in a unit of time */
    cached *cache;                         /* sorted by text */
    size_t n_cache, cap_cache;
};

/* What UDUNITS must not disturb, or be disturbed by. */
typedef struct {
    ut_error_message_handler handler;
    locale_t c_locale, locale;
} surroundings;

static surroundings enter(void)
{
    surroundings outer = {.handler = ut_set_error_message_handler(ut_ignore),
                          .c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    outer.locale = uselocale(outer.c_locale);
    return outer;
}

static void leave(surroundings outer)
{
    ut_set_error_message_handler(outer.handler);
    uselocale(outer.locale);
    if (outer.c_locale != (locale_t)0) {
        freelocale(outer.c_locale);
    }
}

/* -- Making a system ------------------------------------------------------------------------- */

static void forget_cache(msc_units *units)
{
    for (size_t i = 0; i < units->n_cache; i++) {
        free(units->cache[i].text);
    }
    free(units->cache);
    units->cache = NULL;
    units->n_cache = units->cap_cache = 0;
}

void msc_units_free(msc_units *units)
{
    if (!units) {
        return;
    }
    const surroundings outer = enter();
    forget_cache(units);
    for (size_t i = 0; i < units->n; i++) {
        ut_free(units->base[i]);
    }
    if (units->system) {
        ut_free_system(units->system);
    }
    free(units);
    leave(outer);
}

static msc_status read_database(msc_units *units, msc_error *err)
{
    static const char *const si[N_SI][2] = {{"meter", "m"},   {"kilogram", "kg"}, {"second", "s"},
                                            {"ampere", "A"},  {"kelvin", "K"},    {"mole", "mol"},
                                            {"candela", "cd"}};
    units->system = ut_read_xml(NULL);
    if (!units->system) {
        return msc_fail(err, MSC_E_NOINPUT, NULL,
                        "the database of units (UDUNITS-2) cannot be read; is libudunits2-data "
                        "installed, or UDUNITS2_XML_PATH wrong?");
    }
    for (size_t i = 0; i < N_SI; i++) {
        units->base[i] = ut_get_unit_by_name(units->system, si[i][0]);
        if (!units->base[i]) {
            return msc_fail(err, MSC_E_NOINPUT, NULL, "the database of units does not know '%s'",
                            si[i][0]);
        }
        strcpy(units->name[i], si[i][1]);
        units->n = i + 1;
    }
    return MSC_OK;
}

msc_status msc_units_new(msc_units **result, msc_error *err)
{
    *result = NULL;
    msc_units *units = calloc(1, sizeof *units);
    if (!units) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    units->seconds = 1.0;
    const surroundings outer = enter();
    msc_status status = read_database(units, err);
    leave(outer);
    if (status == MSC_OK) {
        status = msc_units_add(units, "cell", err);
    }
    if (status != MSC_OK) {
        msc_units_free(units);
        return status;
    }
    *result = units;
    return MSC_OK;
}

/* Does UDUNITS read the name as a unit, now? */
static bool is_unit(const msc_units *units, const char *name)
{
    ut_unit *unit = ut_parse(units->system, name, UT_UTF8);
    const bool found = unit != NULL;
    ut_free(unit);
    return found;
}

/* Make the name a base unit; false if UDUNITS would not read it back as that (`per`, `since`). */
static bool add_base(msc_units *units, const char *name)
{
    ut_unit *base = ut_new_base_unit(units->system);
    if (!base || ut_map_symbol_to_unit(name, UT_ASCII, base) != UT_SUCCESS) {
        ut_free(base);
        return false;
    }
    ut_unit *back = ut_parse(units->system, name, UT_UTF8);
    const bool same = back && ut_compare(back, base) == 0;
    ut_free(back);
    if (!same) {
        ut_unmap_symbol_to_unit(units->system, name, UT_ASCII);
        ut_free(base);
        return false;
    }
    units->base[units->n] = base;
    strcpy(units->name[units->n], name);
    units->n++;
    return true;
}

msc_status msc_units_add(msc_units *units, const char *name, msc_error *err)
{
    const size_t length = strlen(name);
    if (!msc_text_is_name(name) || length > NAME_MAX_OWN) {
        return msc_fail(err, MSC_E_CONFIG, NULL,
                        "'%.40s' cannot name a unit: it takes a letter, then letters, digits and "
                        "_, at most %d of them",
                        name, NAME_MAX_OWN);
    }
    if (name[length - 1] >= '0' && name[length - 1] <= '9') {
        return msc_fail(err, MSC_E_CONFIG, NULL,
                        "'%s' cannot name a unit: a digit at the end would be read as a power",
                        name);
    }
    if (units->n == MSC_DIMS) {
        return msc_fail(err, MSC_E_CONFIG, NULL,
                        "unit '%s' is one too many: a model can have %d of its own", name,
                        MSC_DIMS - N_SI - 1);
    }
    const surroundings outer = enter();
    const bool known = is_unit(units, name);
    const bool added = !known && add_base(units, name);
    leave(outer);
    if (known) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "'%s' is a unit already", name);
    }
    if (!added) {
        return msc_fail(err, MSC_E_CONFIG, NULL,
                        "'%s' cannot name a unit: it has a meaning in unit texts", name);
    }
    return MSC_OK;
}

/* -- Reading a text -------------------------------------------------------------------------- */

typedef struct {
    const msc_units *units;
    double scale;
    int e[MSC_DIMS];
    const char *fault; /* why it is refused, or NULL */
} walk;

static ut_status refuse(walk *w, const char *fault)
{
    w->fault = fault;
    return UT_VISIT_ERROR;
}

static ut_status gather(walk *w, const ut_unit *unit, int power)
{
    for (size_t i = 0; i < w->units->n; i++) {
        if (ut_compare(unit, w->units->base[i]) == 0) {
            w->e[i] += power;
            return abs(w->e[i]) <= EXPONENT_MAX ? UT_SUCCESS
                                                : refuse(w, "has too large an exponent");
        }
    }
    /* The radian is a base unit to UDUNITS, and a pure number to us. */
    return ut_is_dimensionless(unit) ? UT_SUCCESS
                                     : refuse(w, "has a base unit that is not known here");
}

static ut_status visit_basic(const ut_unit *unit, void *arg)
{
    return gather(arg, unit, 1);
}

static ut_status visit_product(const ut_unit *unit, int n, const ut_unit *const *basic,
                               const int *powers, void *arg)
{
    (void)unit;
    for (int i = 0; i < n; i++) {
        const ut_status status = gather(arg, basic[i], powers[i]);
        if (status != UT_SUCCESS) {
            return status;
        }
    }
    return UT_SUCCESS;
}

static const ut_visitor visitor;

static ut_status visit_galilean(const ut_unit *unit, double scale, const ut_unit *underlying,
                                double offset, void *arg)
{
    (void)unit;
    walk *w = arg;
    if (offset < 0.0 || offset > 0.0) {
        return refuse(w, "has an offset, so that it cannot be multiplied; use K for temperatures");
    }
    w->scale *= scale;
    return ut_accept_visitor(underlying, &visitor, w);
}

static ut_status visit_timestamp(const ut_unit *unit, const ut_unit *time, double origin, void *arg)
{
    (void)unit, (void)time, (void)origin;
    return refuse(arg, "is a date, not a unit");
}

static ut_status visit_logarithmic(const ut_unit *unit, double base, const ut_unit *reference,
                                   void *arg)
{
    (void)unit, (void)base, (void)reference;
    return refuse(arg, "is logarithmic");
}

static const ut_visitor visitor = {visit_basic, visit_product, visit_galilean, visit_timestamp,
                                   visit_logarithmic};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* "; did you mean 'min'?" for the first word of a text that is no unit by itself. */
static void suggest(const msc_units *units, const char *text, char *hint, size_t n)
{
    static const char *const common[] = {
        "cell", "mL", "L",    "min",  "h",     "day",  "s",    "week",    "month", "year", "kg",
        "g",    "mg", "ug",   "ng",   "mol",   "mmol", "umol", "m",       "cm",    "mm",   "um",
        "K",    "Pa", "mmHg", "hour", "litre", "Bq",   "days", "percent", "minute"};
    enum { N_COMMON = sizeof common / sizeof *common };
    const char *candidates[N_COMMON + MSC_DIMS];
    memcpy(candidates, common, sizeof common);
    for (size_t i = 0; i < units->n; i++) {
        candidates[N_COMMON + i] = units->name[i];
    }
    hint[0] = '\0';
    for (const char *c = text; *c; c++) {
        char word[MSC_UNITTEXT_MAX + 1];
        size_t length = 0;
        while (is_letter(c[length])) {
            word[length] = c[length];
            length++;
        }
        word[length] = '\0';
        if (length > 0 && !is_unit(units, word)) {
            const char *nearest = msc_text_nearest(word, candidates, N_COMMON + units->n);
            if (nearest) {
                snprintf(hint, n, "; did you mean '%s'?", nearest);
            } else if (strcmp(word, text) != 0) {
                snprintf(hint, n, " ('%.40s' is not known)", word);
            }
            return;
        }
        c += length > 0 ? length - 1 : 0;
    }
}

/* -- Factors --------------------------------------------------------------------------------- */

/* x as the short decimal number that it is to within some roundings, or 0. */
static double decimal(double x)
{
    char text[40];
    snprintf(text, sizeof text, "%.12e", x);
    const double rounded = strtod(text, NULL);
    return fabs(rounded - x) <= 4.0 * DBL_EPSILON * x ? rounded : 0.0;
}

/* x = numerator / denominator with short decimal numbers, as far as that can be. */
static void fraction(double x, double *numerator, double *denominator)
{
    const double over = decimal(x);
    const double under = over > 0.0 ? 0.0 : decimal(1.0 / x);
    *numerator = over > 0.0 ? over : under > 0.0 ? 1.0 : x;
    *denominator = under > 0.0 ? under : 1.0;
}

static double factor_of(double scale, double seconds, int exponent)
{
    double numerator = 1.0, denominator = 1.0;
    fraction(scale, &numerator, &denominator);
    for (int i = 0; i < abs(exponent); i++) {
        if (exponent > 0) {
            denominator *= seconds;
        } else {
            numerator *= seconds;
        }
    }
    const double factor = numerator / denominator;
    if (!isfinite(factor) || factor < DBL_MIN) {
        return factor;
    }
    fraction(factor, &numerator, &denominator);
    return numerator / denominator;
}

/* -- Parsing, cached ------------------------------------------------------------------------- */

/* Where the text is in the cache, or would be. */
static size_t cache_place(const msc_units *units, const char *text, bool *found)
{
    size_t low = 0, high = units->n_cache;
    *found = false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(text, units->cache[middle].text);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Remember a result. Want of memory is no failure: it will be parsed again. */
static void cache_add(msc_units *units, const char *text, double factor, msc_dim dim)
{
    bool found = false;
    const size_t at = cache_place(units, text, &found);
    const size_t length = strlen(text);
    if (found) {
        return;
    }
    if (units->n_cache == units->cap_cache) {
        const size_t cap = units->cap_cache ? 2 * units->cap_cache : 32;
        cached *grown = realloc(units->cache, cap * sizeof *grown);
        if (!grown) {
            return;
        }
        units->cache = grown;
        units->cap_cache = cap;
    }
    char *copy = malloc(length + 1);
    if (!copy) {
        return;
    }
    memcpy(copy, text, length + 1);
    memmove(&units->cache[at + 1], &units->cache[at], (units->n_cache - at) * sizeof(cached));
    units->cache[at] = (cached){.text = copy, .factor = factor, .dim = dim};
    units->n_cache++;
}

/* Parse and walk, inside enter/leave. The hint is filled if UDUNITS does not know the text. */
static msc_status resolve(const msc_units *units, const char *text, walk *w, char *hint,
                          size_t n_hint)
{
    *w = (walk){.units = units, .scale = 1.0};
    ut_unit *unit = ut_parse(units->system, text, UT_UTF8);
    if (!unit) {
        const ut_status status = ut_get_status();
        w->fault = status == UT_UNKNOWN ? "is not known" : "cannot be read";
        if (status == UT_UNKNOWN) {
            suggest(units, text, hint, n_hint);
        }
        return MSC_E_CONFIG;
    }
    const ut_status status = ut_accept_visitor(unit, &visitor, w);
    ut_free(unit);
    if (status != UT_SUCCESS) {
        w->fault = w->fault ? w->fault : "cannot be read";
        return MSC_E_CONFIG;
    }
    return MSC_OK;
}

msc_status msc_units_parse(msc_units *units, const char *text, double *factor, msc_dim *dim,
                           msc_error *err)
{
    char clean[MSC_UNITTEXT_MAX + 1], hint[128] = "";
    *factor = 1.0;
    *dim = (msc_dim){{0}};
    const char *fault = msc_unittext_clean(text, clean);
    if (fault) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "unit '%.60s' %s", text, fault);
    }
    bool found = false;
    const size_t at = cache_place(units, clean, &found);
    if (found) {
        *factor = units->cache[at].factor;
        *dim = units->cache[at].dim;
        return MSC_OK;
    }
    walk w;
    double value = 1.0;
    const surroundings outer = enter();
    const msc_status status = resolve(units, clean, &w, hint, sizeof hint);
    if (status == MSC_OK) {
        value = factor_of(w.scale, units->seconds, w.e[SECOND]);
        if (!isfinite(value) || value < DBL_MIN) {
            w.fault = "is not a positive number of anything";
        }
    }
    leave(outer);
    if (w.fault) {
        return msc_fail(err, MSC_E_CONFIG, NULL, "unit '%.60s' %s%s", clean, w.fault, hint);
    }
    for (size_t i = 0; i < MSC_DIMS; i++) {
        dim->e[i] = (signed char)w.e[i];
    }
    *factor = value;
    cache_add(units, clean, value, *dim);
    return MSC_OK;
}

msc_status msc_units_set_time(msc_units *units, const char *unit, msc_error *err)
{
    const double before = units->seconds;
    double seconds = 1.0;
    msc_dim dim;
    forget_cache(units);
    units->seconds = 1.0;
    const msc_status status = msc_units_parse(units, unit, &seconds, &dim, err);
    forget_cache(units);
    units->seconds = before;
    if (status != MSC_OK) {
        return status;
    }
    if (!msc_dim_equal(dim, msc_dim_time(units)) || !msc_text_is_name(unit) ||
        strlen(unit) > NAME_MAX_OWN) {
        return msc_fail(err, MSC_E_CONFIG, NULL,
                        "'%.60s' cannot count time; use h, day, min, s or the like", unit);
    }
    units->seconds = seconds;
    strcpy(units->name[SECOND], unit);
    return MSC_OK;
}

/* -- Dimensions ------------------------------------------------------------------------------ */

msc_dim msc_dim_time(const msc_units *units)
{
    (void)units;
    msc_dim dim = {{0}};
    dim.e[SECOND] = 1;
    return dim;
}

/* Append "name" or "name3" after a separator; what does not fit is left out. */
static void append_power(char *buffer, size_t n, const char *separator, const char *name, int e)
{
    const size_t used = strlen(buffer);
    if (e == 1) {
        snprintf(buffer + used, n - used, "%s%s", separator, name);
    } else {
        snprintf(buffer + used, n - used, "%s%s%d", separator, name, e);
    }
}

void msc_dim_text(const msc_units *units, msc_dim dim, char *buffer, size_t n)
{
    if (n == 0) {
        return;
    }
    /* Cells and a model's own units first, time last: "mark/cell", "cell/kg/h". */
    size_t order[MSC_DIMS], count = 0;
    for (size_t i = N_SI; i < units->n; i++) {
        order[count++] = i;
    }
    static const size_t si[N_SI] = {KILOGRAM, METRE, AMPERE, KELVIN, MOLE, CANDELA, SECOND};
    for (size_t i = 0; i < N_SI; i++) {
        order[count++] = si[i];
    }
    buffer[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (dim.e[order[i]] > 0) {
            append_power(buffer, n, buffer[0] ? "." : "", units->name[order[i]], dim.e[order[i]]);
        }
    }
    if (!buffer[0]) {
        snprintf(buffer, n, "1");
    }
    for (size_t i = 0; i < count; i++) {
        if (dim.e[order[i]] < 0) {
            append_power(buffer, n, "/", units->name[order[i]], -dim.e[order[i]]);
        }
    }
}
