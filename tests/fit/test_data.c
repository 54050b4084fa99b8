/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of data: what they come to, and the sentence for everything that can be wrong with one. */
#include "fit/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fit/csv.h"
#include "support/suite.h"

/* ---- reading texts ---- */

static msc_arena *arena;
static msc_units *units;
static char path[64];

static void setup(void)
{
    arena = msc_arena_new(NULL);
    ck_assert(arena);
    ck_assert_int_eq(msc_units_new(&units, NULL), MSC_OK);
    ck_assert_int_eq(msc_units_set_time(units, "h", NULL), MSC_OK);
    strcpy(path, "/tmp/mscsim-data-XXXXXX");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
    msc_units_free(units);
    msc_arena_free(arena);
}

static void put(const char *text, size_t n)
{
    FILE *stream = fopen(path, "w");
    ck_assert(stream && fwrite(text, 1, n, stream) == n && fclose(stream) == 0);
}

static const char *error_text(void)
{
    static char text[2048];
    msc_error_text(&arena->error, text, sizeof text);
    return text;
}

/* Of a file; NULL with arena->error if it is refused. */
static msc_fit_data *read_at(const char *place, const char *name, const msc_fit_data_units *otherwise)
{
    return MSC_CATCH(arena) ? NULL : msc_fit_data_read(arena, place, name, units, otherwise);
}

static msc_fit_data *read_text(const char *text)
{
    put(text, strlen(text));
    msc_fit_data *data = read_at(path, "d.csv", NULL);
    ck_assert_msg(data, "%s\n%s", error_text(), text);
    return data;
}

typedef struct {
    const char *text, *words;
} refused;

/* Each with its own arena: the line of an error must not hang on what was read before. */
static void check_refused(const char *text, size_t n, msc_status status, const char *words)
{
    put(text, n);
    msc_arena_free(arena);
    arena = msc_arena_new(NULL);
    ck_assert_msg(!read_at(path, "d.csv", NULL), "accepted, not: %s", words);
    ck_assert_str_eq(error_text(), words);
    ck_assert_int_eq(arena->error.status, status);
}

#define CHECK_REFUSED(cases)                                                               \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++) {                         \
        check_refused((cases)[i].text, strlen((cases)[i].text), MSC_E_DATA, (cases)[i].words); \
    }

#define HEAD "time (h),quantity,value (1)\n"

/* ---- what files come to ---- */

START_TEST(test_indium)
{
    static const struct {
        const char *text;
        double time, low, high;
    } want[] = {{"activity[lung]", 0.5, 0.27, 0.335},   {"activity[lung]", 240, 0.02, 0.054},
                {"activity[liver]", 0.5, 0, 0.028},     {"activity[liver]", 240, 0.13, 0.174},
                {"activity[spleen]", 0.5, 0.02, 0.102}, {"activity[spleen]", 240, 0.301, 0.422}};
    char place[512];
    snprintf(place, sizeof place, "%s/examples/03_indium/indium.csv", getenv("TOP") ? getenv("TOP") : ".");
    msc_fit_data *d = read_at(place, "indium.csv", NULL);
    ck_assert_msg(d, "%s", error_text());
    ck_assert(d->n == 6 && d->n_study == 1 && d->n_group == 1 && d->n_observed == 3 && d->n_dose == 0);
    ck_assert_str_eq(d->study[0], "indium");
    ck_assert_str_eq(d->group[0].name, "patients");
    for (size_t i = 0; i < 6; i++) {
        const msc_observation *o = &d->observation[i];
        ck_assert_str_eq(d->observed[o->quantity].text, want[i].text);
        ck_assert_str_eq(d->observed[o->quantity].unit, "percent");
        ck_assert(msc_dim_is_pure(d->observed[o->quantity].dim));
        ck_assert_int_eq(o->datum.kind, MSC_DATUM_RANGE);
        ck_assert(o->time == want[i].time && o->datum.n == 4 && o->datum.sd == 0 && o->group == 0 && o->study == 0);
        ck_assert_double_eq_tol(o->datum.low, want[i].low, 1e-15);
        ck_assert_double_eq_tol(o->datum.high, want[i].high, 1e-15);
        ck_assert_double_eq_tol(o->datum.half[0], 0.0005, 1e-18); /* 27.0 is 26.95 to 27.05, percent */
        ck_assert_double_eq_tol(o->datum.half[1], 0.0005, 1e-18);
        ck_assert(o->decay == MSC_DECAY_CORRECTED && o->calibration_time == 0 && o->weight == 1 && o->line == 9 + i);
    }
}
END_TEST

START_TEST(test_nonmem)
{
    char place[512];
    snprintf(place, sizeof place, "%s/tests/data/nonmem.csv", getenv("TOP") ? getenv("TOP") : ".");
    msc_fit_data *d = read_at(place, "nonmem.csv", NULL);
    ck_assert_msg(d, "%s", error_text());
    ck_assert(d->n == 6 && d->n_dose == 2 && d->n_group == 2 && d->n_study == 1 && d->n_observed == 1);
    ck_assert_str_eq(d->study[0], "");
    ck_assert_str_eq(d->observed[0].text, "cmt2");
    ck_assert_str_eq(d->group[1].name, "2");
    ck_assert(d->dose[0].time == 0 && d->dose[0].duration == 0 && d->dose[1].duration == 2 && d->dose[1].group == 1);
    ck_assert_double_eq_tol(d->dose[0].amount, 1e-4, 1e-19); /* kg */
    ck_assert_str_eq(d->dose[0].compartment, "1");
    ck_assert_str_eq(d->dose[1].compartment, "depot");
    ck_assert_str_eq(d->dose[1].amount_unit, "mg");
    const msc_datum *x = &d->observation[0].datum;
    ck_assert(x->kind == MSC_DATUM_VALUE && x->half[0] == 0);
    ck_assert_double_eq_tol(x->value, 8.1e-3, 1e-17); /* mg/l in kg/m3 */
    ck_assert_double_eq_tol(d->observation[0].half, 0.05e-3, 1e-18);
    ck_assert(d->observation[2].datum.kind == MSC_DATUM_LEFT && d->observation[2].time == 8);
    ck_assert_double_eq_tol(d->observation[2].datum.value, 0.5e-3, 1e-18);
    x = &d->observation[4].datum; /* between 0.1 and 0.5 */
    ck_assert_int_eq(x->kind, MSC_DATUM_INTERVAL);
    ck_assert_double_eq_tol(x->value, 0.3e-3, 1e-18);
    ck_assert_double_eq_tol(x->low, 0.1e-3, 1e-18);
    ck_assert_double_eq_tol(x->high, 0.5e-3, 1e-18);
    ck_assert_int_eq(d->observation[5].datum.kind, MSC_DATUM_RIGHT);
}
END_TEST

START_TEST(test_errors_of_rows)
{
    msc_fit_data *d = read_text("day,quantity,value,unit,sd,se,n,weight,comment\n"
                                "1,a,3,1,0.6,,,,one subject\n"
                                "2,a,3,1,0.6,,9,,\"a mean, of nine\"\n"
                                "3,a,3,1,.,0.6,9,0.25,a mean with its standard error\n"
                                "4,a,300,percent,60,NA,4,1,\n"
                                "5,a,3,1,,,7,,\n");
    static const double sd[] = {0.6, 0.2, 0.6, 0.3, 0}, n[] = {0, 9, 9, 4, 7};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_double_eq_tol(d->observation[i].datum.sd, sd[i], 1e-15);
        ck_assert(d->observation[i].n == n[i] && d->observation[i].time == 24 * (double)(i + 1));
        ck_assert_double_eq_tol(d->observation[i].datum.value, 3, 1e-15);
        ck_assert(d->observation[i].weight == (i == 2 ? 0.25 : 1) && d->observation[i].group == MSC_NO_GROUP);
    }
    ck_assert(d->n_observed == 1 && d->observation[3].factor == 0.01);
}
END_TEST

START_TEST(test_digits)
{
    static const struct {
        const char *text;
        double value, half;
    } cases[] = {{"27.0", 27, 0.05}, {"27", 27, 0.5},        {"-0.120", -0.12, 0.0005}, {"1300", 1300, 0.5}, {"1.30e3", 1300, 5},
                 {"+2E-2", 0.02, 0.005}, {"5.", 5, 0.5}, {".5", 0.5, 0.05}, {"0", 0, 0.5}, {"0.00", 0, 0.005}, {"1e10", 1e10, 5e9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        snprintf(text, sizeof text, HEAD "1,a,%s\n", cases[i].text);
        const msc_observation *o = read_text(text)->observation;
        ck_assert_msg(o->datum.value == cases[i].value && fabs(o->half - cases[i].half) <= 1e-15 * cases[i].half,
                      "%s: %.17g, %.17g", cases[i].text, o->datum.value, o->half);
        ck_assert(o->datum.half[0] == 0);
    }
}
END_TEST

START_TEST(test_censored)
{
    msc_fit_data *d = read_text("time (h),quantity,value,limit,unit,censored,decay_corrected,calibration_time (day)\n"
                                "1,a,,0.50,percent,left,yes,2\n"
                                "2,a,,90,percent,right,no,\n"
                                "3,a,4,0.5,percent,none,,\n"
                                "4,a,4,0.5,percent,,yes,\n");
    const msc_observation *o = d->observation;
    ck_assert(o[0].datum.kind == MSC_DATUM_LEFT && o[1].datum.kind == MSC_DATUM_RIGHT);
    ck_assert(o[2].datum.kind == MSC_DATUM_VALUE && o[3].datum.kind == MSC_DATUM_VALUE);
    ck_assert(o[0].datum.value == 0.005 && o[1].datum.value == 0.9 && o[2].datum.value == 0.04);
    ck_assert_double_eq_tol(o[0].half, 0.00005, 1e-18);
    ck_assert(o[0].decay == MSC_DECAY_CORRECTED && o[0].calibration_time == 48 && o[1].decay == MSC_DECAY_RAW);
    ck_assert(o[2].decay == MSC_DECAY_UNSAID && o[3].decay == MSC_DECAY_CORRECTED && o[3].calibration_time == 0);
}
END_TEST

START_TEST(test_quantities)
{
    msc_fit_data *d = read_text("study,subject,time (h),quantity,region,value (1)\n"
                                "two,7,1,\"live[ lung , cxcr4_pos ]\",,1\n"
                                "two,7,1,live,\"lung,cxcr4_neg\",1\n"
                                "one,7,1,live,3,1\n"
                                "one,7,2,\"live[lung,cxcr4_pos]\",,1\n"
                                "one,7,-2,total,.,1\n");
    static const char *const text[] = {"live[lung,cxcr4_pos]", "live[lung,cxcr4_neg]", "live[3]", "total"};
    ck_assert(d->n_observed == 4 && d->n_group == 2 && d->n_study == 2);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(d->observed[i].text, text[i]);
    }
    ck_assert(d->observed[0].n_index == 2 && d->observed[3].n_index == 0);
    ck_assert_str_eq(d->observed[0].index[1], "cxcr4_pos");
    ck_assert_str_eq(d->observed[0].name, "live");
    ck_assert(d->observation[3].quantity == 0 && d->observation[3].group == 1 && d->observation[0].group == 0);
    ck_assert(d->group[1].study == 1 && d->observation[4].time == -2);
    ck_assert_str_eq(d->study[0], "two");
}
END_TEST

/* RFC 4180, and what is borne beyond it. */
START_TEST(test_texts)
{
    static const char *const same[] = {
        "group,time (h),quantity,value (1)\n\"a \"\"b\"\", c\",1,x,2\n",
        "\xEF\xBB\xBFgroup,time (h),quantity,value (1)\r\n\"a \"\"b\"\", c\",1,x,2\r\n",
        "# first\n\n  # \"second\r\n\r\n \t\ngroup , time (h)\t,quantity,value(1)\n# third, with commas\n \"a \"\"b\"\", c\" ,1, x , 2 ",
        "\"group\",\"time (h)\",\"quantity\",\"value (1)\"\n\"a \"\"b\"\", c\",\"1\",\"x\",\"2\"",
        "GROUP,TIME (h),QUANTITY,VALUE (1)\n\"a \"\"b\"\", c\",1,x,2\n#\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        msc_fit_data *d = read_text(same[i]);
        ck_assert(d->n == 1 && d->n_group == 1 && d->observation[0].datum.value == 2);
        ck_assert_str_eq(d->group[0].name, "a \"b\", c");
        ck_assert_str_eq(d->observed[0].text, "x");
    }
    msc_fit_data *d = read_text("comment,time (h),quantity,value (1)\n\"two\r\nlines \"\"é\"\"\n#\n\",1,x,2\n\"\",2,x,3\n");
    ck_assert(d->n == 2 && d->observation[0].line == 2 && d->observation[1].line == 6);
}
END_TEST

START_TEST(test_units_otherwise)
{
    const msc_fit_data_units otherwise = {"day", "percent", "mg"};
    const char *text = "ID,TIME,DV,AMT,RATE\n1,0,.,5,2.5\n1,2,30,.,.\n";
    put(text, strlen(text));
    msc_fit_data *d = read_at(path, "d.csv", &otherwise);
    ck_assert_msg(d, "%s", error_text());
    ck_assert(d->observation[0].time == 48 && d->observation[0].datum.value == 0.3 && d->dose[0].duration == 48);
    ck_assert_str_eq(d->observed[0].text, "dv");
    ck_assert_str_eq(d->dose[0].amount_unit, "mg");
    d = read_text("time (h),quantity,value\n1,a,30\n");
    ck_assert(!d->observed[0].unit && d->observation[0].factor == 1 && d->observation[0].datum.value == 30);
}
END_TEST

/* Rows in any order; many of them in a time that grows with their number. */
START_TEST(test_many)
{
    enum { ROWS = 50000 };
    char *text = malloc(64 + 40 * ROWS), *at = text;
    at += sprintf(at, "subject,time (h),quantity,value (1)\n");
    for (int i = 0; i < ROWS; i++) {
        at += sprintf(at, "s%d,%d,q,%d.5\n", i * 7919 % 5003, ROWS - i, i);
    }
    put(text, (size_t)(at - text));
    msc_fit_data *d = read_at(path, "d.csv", NULL);
    ck_assert_msg(d, "%s", error_text());
    ck_assert(d->n == ROWS && d->n_group == 5003 && d->observation[ROWS - 1].datum.value == ROWS - 0.5);
    at += sprintf(at, "s%d,%d,q,1\n", 3 * 7919 % 5003, ROWS - 3);
    put(text, (size_t)(at - text));
    free(text);
    ck_assert(!read_at(path, "d.csv", NULL));
    ck_assert_str_eq(error_text(), "d.csv:50002:1: 'q' at the time and of the group of line 5; what is measured again has a "
                                   "group (or subject) of its own");
}
END_TEST

/* ---- what is refused ---- */

START_TEST(test_headers_refused)
{
    static const refused cases[] = {
        {"", "d.csv:1:1: there is no header; it names the columns, such as time (h),quantity,value,unit"},
        {"# nothing\n\n", "d.csv:3:1: there is no header; it names the columns, such as time (h),quantity,value,unit"},
        {"time (h);quantity;value\n", "d.csv:1:1: columns are parted by commas, not by semicolons"},
        {"time (h)\tquantity\n", "d.csv:1:1: columns are parted by commas, not by tabs"},
        {"tme,quantity,value\n", "d.csv:1:1: 'tme' is no column of such a file; did you mean 'time'?"},
        {"Time,quantity,value\n", "d.csv:1:1: 'Time' is no column of such a file; did you mean 'time'?"},
        {"time (h),quantity,value,group,subject\n", "d.csv:1:31: 'subject' is a second column for what 'group' says"},
        {"time (h),day,quantity,value\n", "d.csv:1:10: 'day' is a second column for what 'time' says"},
        {"quantity (h),time,value\n", "d.csv:1:1: a column 'quantity' has no unit"},
        {"day (h),quantity,value\n", "d.csv:1:1: a column 'day' has no unit"},
        {"quantity,value\n", "d.csv:1:1: a column for the time is missing, such as 'time (h)'"},
        {"time (h),quantity\n", "d.csv:1:1: a column 'value' is missing (or 'low' and 'high', or 'limit')"},
        {"time (h),quantity,low\n", "d.csv:1:1: a column 'value' is missing (or 'low' and 'high', or 'limit')"},
        {"time (h),value\n", "d.csv:1:1: a column 'quantity' is missing"},
        {"time (h),quantity,value,censored,cens\n", "d.csv:1:34: 'censored' and 'cens' say the same in two ways; one of them is enough"},
        {"time (h),quantity,value,time_unit\n", "d.csv:1:25: the unit of times stands in the header already"},
        {"time (h),quantity,value (1),unit\n", "d.csv:1:29: the unit of values stands in the header already"},
        {"time (h),quantity,low (1),high (percent)\n", "d.csv:1:27: the unit 'percent', where another column has '1'"},
        {"time (h),quantity,value,\n", "d.csv:1:25: a column without a name"},
        {HEAD, "d.csv:2:1: there is no observation in the file"},
    };
    CHECK_REFUSED(cases);
}
END_TEST

START_TEST(test_texts_refused)
{
    static const refused cases[] = {
        {HEAD "1,a\n", "d.csv:2:3: 2 fields, where the header has 3"},
        {HEAD "1\n", "d.csv:2:1: 1 field, where the header has 3"},
        {HEAD "1,a,2\n2,a,3,4,5\n", "d.csv:3:7: 5 fields, where the header has 3"},
        {HEAD "1,\"a,2\n2,a,3\n", "d.csv:2:3: the quote that opens here is never closed"},
        {HEAD "1,\"a\"b,2\n", "d.csv:2:6: text after a closing quote; a quote within a field is written twice"},
        {HEAD "1,a\"b\",2\n", "d.csv:2:4: a quote within a field; such a field is put in quotes, and it doubled"},
        {HEAD "1,a,2\r2,a,3\n", "d.csv:2:6: a carriage return without a line feed"},
        {HEAD "1,a,\x1b[31m2\n", "d.csv:2:5: a control character (0x1B)"},
        {HEAD "1,a,\xB5g\n", "d.csv:2:5: a byte (0xB5) that is not UTF-8"},
        {HEAD "1,\xC3\xA9,\xED\xA0\x80\n", "d.csv:2:5: a byte (0xED) that is not UTF-8"},
        {"\xFF\xFEt\n", "d.csv:1:1: the file is in UTF-16; data are in UTF-8"},
    };
    CHECK_REFUSED(cases);
    const char nul[] = HEAD "1,a,\0\n";
    check_refused(nul, sizeof nul - 1, MSC_E_DATA, "d.csv:2:5: a NUL byte: the file is not text");
}
END_TEST

START_TEST(test_numbers_refused)
{
    static const refused cases[] = {
        {HEAD "1,a,abc\n", "d.csv:2:5: 'abc' is not a number"},
        {HEAD "1,a,nan\n", "d.csv:2:5: 'nan' is not a number; what is missing is left empty"},
        {HEAD "1,a,inf\n", "d.csv:2:5: 'inf' is not a number"},
        {HEAD "1,a,-\n", "d.csv:2:5: '-' is not a number; what is missing is left empty"},
        {HEAD "1,a,\"1,5\"\n", "d.csv:2:5: '1,5' is not a number; the decimal sign is a point"},
        {HEAD "1,a,0x10\n", "d.csv:2:5: '0x10' is not a number"},
        {HEAD "1,a,1e999\n", "d.csv:2:5: '1e999' is too large a number"},
        {HEAD "1,a,1e-999\n", "d.csv:2:5: '1e-999' is too small a number"},
        {HEAD "1,a,0e999\n", "d.csv:2:5: '0e999' is too large a number"},
        {HEAD "1,a,27.0 %\n", "d.csv:2:5: '27.0 %' is not a number; its unit has a place of its own"},
        {HEAD "1,a,<0.5\n", "d.csv:2:5: '<0.5' is not a number; below a limit: censored = left, limit = ..."},
        {HEAD "1,a,>90\n", "d.csv:2:5: '>90' is not a number; above a limit: censored = right, limit = ..."},
        {HEAD "1,a,1e\n", "d.csv:2:5: '1e' is not a number"},
        {HEAD "1,a,--1\n", "d.csv:2:5: '--1' is not a number"},
        {HEAD "1,a,1 2\n", "d.csv:2:5: '1 2' is not a number"},
        {HEAD "1,a,n/a\n", "d.csv:2:5: 'n/a' is not a number; what is missing is left empty"},
        {HEAD "1,a,1_0\n", "d.csv:2:5: '1_0' is not a number"},
    };
    CHECK_REFUSED(cases);
}
END_TEST

#define FULL "time (h),quantity,value,unit,sd,se,n,low,high,censored,limit,decay_corrected,calibration_time,weight\n"

START_TEST(test_rows_refused)
{
    static const refused cases[] = {
        {FULL ",a,1,1,,,,,,,,,,\n", "d.csv:2:1: the time is missing"},
        {FULL "1,,1,1,,,,,,,,,,\n", "d.csv:2:3: the quantity is missing"},
        {FULL "1,a,1,,,,,,,,,,,\n", "d.csv:2:7: the unit is missing; of a pure number it is 1"},
        {FULL "1,a,1,grams per,,,,,,,,,,\n", "d.csv:2:7: unit 'grams per' cannot be read"},
        {FULL "1,a,1,celsius,,,,,,,,,,\n", "d.csv:2:7: unit 'celsius' has an offset, so that it cannot be multiplied; use K for temperatures"},
        {FULL "1,a,.,1,,,,,,,,,,\n", "d.csv:2:5: the row has no value, no range and no limit"},
        {FULL "1,a,1,1,-1,,,,,,,,,\n", "d.csv:2:9: 'sd' is above 0, not -1; it is left empty if there is none"},
        {FULL "1,a,1,1,,0,,,,,,,,\n", "d.csv:2:10: 'se' is above 0, not 0; it is left empty if there is none"},
        {FULL "1,a,1,1,1,1,,,,,,,,\n", "d.csv:2:11: 'sd' and 'se' of one number; one of them is enough"},
        {FULL "1,a,1,1,1,,2.5,,,,,,,\n", "d.csv:2:12: 'n' is a whole number from 1 to 1000000000, not 2.5"},
        {FULL "1,a,1,1,1,,0,,,,,,,\n", "d.csv:2:12: 'n' is a whole number from 1 to 1000000000, not 0"},
        {FULL "1,a,,1,,,4,3,2,,,,,\n", "d.csv:2:12: the low end 3 is above the high end 2"},
        {FULL "1,a,,1,,,4,3,,,,,,\n", "d.csv:2:14: a range has a low and a high end"},
        {FULL "1,a,,1,,,4,,3,,,,,\n", "d.csv:2:12: a range has a low and a high end"},
        {FULL "1,a,,1,,,1,2,3,,,,,\n", "d.csv:2:10: a range needs 'n', the subjects it is of, at least 2"},
        {FULL "1,a,,1,,,,2,3,,,,,\n", "d.csv:2:10: a range needs 'n', the subjects it is of, at least 2"},
        {FULL "1,a,2,1,,,4,2,3,,,,,\n", "d.csv:2:5: a range has no value beside it"},
        {FULL "1,a,,1,1,,4,2,3,,,,,\n", "d.csv:2:8: a range has no sd or se beside it"},
        {FULL "1,a,,1,,,4,2,3,left,1,,,\n", "d.csv:2:16: a range is not censored; a low end of 0 or below its rounding is taken as not seen"},
        {FULL "1,a,,1,,,,,,left,,,,\n", "d.csv:2:18: a censored row needs its limit"},
        {FULL "1,a,2,1,,,,,,right,3,,,\n", "d.csv:2:5: a censored row has a limit and no value"},
        {FULL "1,a,,1,,,,,,lft,3,,,\n", "d.csv:2:13: 'lft' is none of none, left or right; did you mean 'left'?"},
        {FULL "1,a,,1,,,,,,,3,,,\n", "d.csv:2:5: the row has no value, no range and no limit"},
        {FULL "1,a,2,1,,,,,,,,maybe,,\n", "d.csv:2:16: 'maybe' is none of yes or no"},
        {FULL "1,a,2,1,,,,,,,,no,1,\n", "d.csv:2:19: a calibration time goes with decay_corrected = yes"},
        {FULL "1,a,2,1,,,,,,,,,1,\n", "d.csv:2:17: a calibration time goes with decay_corrected = yes"},
        {FULL "1,a,2,1,,,,,,,,,,0\n", "d.csv:2:18: 'weight' is above 0, not 0; it is left empty if there is none"},
        {FULL "1,a,2,1,,,,,,,,,,1e308\n", "d.csv:2:18: a weight is at most 1e9, not 1e308"},
        {FULL "1,a,2,1,1e-200,,,,,,,,,\n", "d.csv:2:9: an error of 1e-200 is less than the rounding of the number itself: nothing is known so well"},
        {FULL "1,a,2,1,,1e-16,,,,,,,,\n", "d.csv:2:10: an error of 1e-16 is less than the rounding of the number itself: nothing is known so well"},
        {FULL "1,a,0,1,1e-150,,,,,,,,,\n", "d.csv:2:9: an error of 1e-150 is less than the rounding of the number itself: nothing is known so well"},
        {FULL "1,a,1e308,1e6,,,,,,,,,,\n", "d.csv:2:5: '1e308' is too large a number in its unit"},
        {FULL "1,a,2,1,,,,,,,,,,\n2,a,2,kg,,,,,,,,,,\n", "d.csv:3:7: the unit 'kg' where 'a' has '1' in line 2"},
        {FULL "1,a,2,1,,,,,,,,,,\n2,a,3,1,,,,,,,,,,\n\n1,a,5,1,,,,,,,,,,\n", "d.csv:5:1: 'a' at the time and of the group of line 2; what is measured again has a group (or subject) of its own"},
        {"day,quantity,value (1)\n1,a,2\n2,a,2\n1,a,2\n2,a,2\n",
         "d.csv:4:1: 'a' at the time and of the group of line 2; what is measured again has a group (or subject) of its own"},
        {FULL "1,a[,2,1,,,,,,,,,,\n", "d.csv:2:3: 'a[' is no quantity such as activity[lung]"},
        {FULL "1,a[],2,1,,,,,,,,,,\n", "d.csv:2:3: 'a[]' is no quantity such as activity[lung]"},
        {FULL "1,a[b]c,2,1,,,,,,,,,,\n", "d.csv:2:3: 'a[b]c' is no quantity such as activity[lung]"},
        {FULL "1,2a,2,1,,,,,,,,,,\n", "d.csv:2:3: '2a' is no quantity such as activity[lung]"},
        {FULL "1,a b,2,1,,,,,,,,,,\n", "d.csv:2:3: 'a b' is no quantity such as activity[lung]"},
        {FULL "1,\"a[1,2,3,4,5,6,7,8,9]\",2,1,,,,,,,,,,\n", "d.csv:2:3: 'a[1,2,3,4,5,6,7,8,9]' has more than 8 indices"},
        {"time (kg),quantity,value (1)\n1,a,2\n", "d.csv:1:1: 'kg' is no unit of time"},
        {"time,quantity,value (1)\n1,a,2\n", "d.csv:2:1: the unit of the time is missing: 'time (h)' in the header, or a column 'time_unit'"},
        {"time,time_unit,quantity,value (1)\n1,h,a,2\n2,,a,3\n", "d.csv:3:1: the unit of the time is missing: 'time (h)' in the header, or a column 'time_unit'"},
        {"time,time_unit,quantity,value (1)\n1,kg,a,2\n", "d.csv:2:3: 'kg' is no unit of time"},
        {"time,time_unit,quantity,value (1)\n1,hrz,a,2\n", "d.csv:2:3: unit 'hrz' is not known"},
        {"time (h),quantity,element,value (1)\n1,a[x],y,2\n", "d.csv:2:8: 'a[x]' has its index in brackets already"},
        {"time (h),quantity,element,value (1)\n1,a,x y,2\n", "d.csv:2:5: 'x y' is no quantity such as activity[lung]"},
        {"study,time (h),quantity,value (1)\n,1,a,2\n", "d.csv:2:1: the study is missing"},
        {"study,time (h),quantity,value (1)\nmy study,1,a,2\n", "d.csv:2:1: 'my study' is no name of a study: letters, digits and '_', a letter first"},
        {"time (h),quantity,censored,value (1)\n1,a,left,\n", "d.csv:2:5: a censored row needs its limit"},
        {"time (h),quantity,low (1),high (1)\n1,a,2,3\n", "d.csv:2:1: a range needs 'n', the subjects it is of, at least 2"},
    };
    CHECK_REFUSED(cases);
}
END_TEST

#define DOSES "ID,TIME (h),AMT (mg),RATE,DV (mg/l),EVID,MDV,CENS,LIMIT,ADDL\n"

START_TEST(test_events_refused)
{
    static const refused cases[] = {
        {DOSES "1,0,5,,,2,,,,\n", "d.csv:2:9: EVID 2, another event, is not supported: only 0, an observation, and 1, a dose"},
        {DOSES "1,0,5,,,3,,,,\n", "d.csv:2:9: EVID 3, a reset, is not supported: only 0, an observation, and 1, a dose"},
        {DOSES "1,0,5,,,4,,,,\n", "d.csv:2:9: EVID 4, a reset with a dose, is not supported: only 0, an observation, and 1, a dose"},
        {DOSES "1,0,5,,,5,,,,\n", "d.csv:2:9: 'EVID' is a whole number from 0 to 4, not 5"},
        {DOSES "1,0,5,,,1.5,,,,\n", "d.csv:2:9: 'EVID' is a whole number from 0 to 4, not 1.5"},
        {DOSES "1,0,0,,,1,,,,\n", "d.csv:2:5: a dose needs an amount above 0"},
        {DOSES "1,0,.,,,1,,,,\n", "d.csv:2:5: a dose needs an amount above 0"},
        {DOSES "1,0,-5,,,,,,,\n", "d.csv:2:5: a dose needs an amount above 0"},
        {DOSES "1,0,5,,3,0,,,,\n", "d.csv:2:5: an amount in a row of EVID 0; a dose has 1"},
        {DOSES "1,0,5,-1,,1,,,,\n", "d.csv:2:7: a rate of -1 is not supported: 0 is a bolus, above 0 an infusion over AMT / RATE"},
        {DOSES "1,0,5,,,1,2,,,\n", "d.csv:2:11: 'MDV' is a whole number from 0 to 1, not 2"},
        {DOSES "1,0,5,,,1,,,,3\n", "d.csv:2:14: 'ADDL' is not supported: every dose is a row of its own, with a rate if it takes time"},
        {DOSES "1,0,0,,,0,,,,0\n", "d.csv:2:8: the row has no value, no range and no limit; such a row has MDV 1"},
        {DOSES "1,0,,,,,,1,,\n", "d.csv:2:7: a censored row has its limit as 'DV'"},
        {DOSES "1,0,,,2,,,2,,\n", "d.csv:2:11: 'CENS' is a whole number from -1 to 1, not 2"},
        {DOSES "1,0,,,2,,,1,2,\n", "d.csv:2:13: the limit 2 is not below 2, the value"},
        {DOSES "1,0,,,2,,,-1,1,\n", "d.csv:2:14: the limit 1 is not above 2, the value"},
        {DOSES "1,0,5,,,1,,,,\n", "d.csv:3:1: there is no observation in the file"},
        {"ID,TIME (h),AMT,DV\n1,0,5,.\n", "d.csv:2:5: the unit of the amount is missing: 'AMT (cell)' in the header"},
        {"ID,TIME (h),EVID,DV\n1,0,1,.\n", "d.csv:2:5: a dose needs an amount above 0"},
        {"ID,TIME (h),AMT (h,DV\n1,0,5,.\n", "d.csv:1:13: 'AMT (h' is no column of such a file"},
        {"ID,TIME (h),AMT (furlong/),DV\n1,0,5,.\n", "d.csv:1:13: unit 'furlong/' cannot be read"},
        {"ID,TIME (h),DV (1/)\n1,0,5\n", "d.csv:1:13: unit '1/' cannot be read"},
        {"day,quantity,value (1),decay_corrected,calibration_time (kg)\n1,q,5,yes,0\n", "d.csv:1:40: 'kg' is no unit of time"},
        {"day,quantity,low (kgs),high (kgs),n\n1,q,5,6,3\n", "d.csv:1:14: unit 'kgs' is not known; did you mean 'kg'?"},
    };
    CHECK_REFUSED(cases);
}
END_TEST

/* ---- what is no such file at all ---- */

static void check_place(const char *place, msc_status status, const char *words)
{
    ck_assert_msg(!read_at(place, "x.csv", NULL), "accepted: %s", place);
    ck_assert_str_eq(error_text(), words);
    ck_assert_int_eq(arena->error.status, status);
    msc_arena_free(arena);
    arena = msc_arena_new(NULL);
}

/* Refused by what they are: nothing is waited for or read. */
START_TEST(test_not_files)
{
    check_place("/nowhere/x.csv", MSC_E_NOINPUT, "x.csv: cannot be opened: No such file or directory");
    check_place("/tmp", MSC_E_DATA, "x.csv: a directory, not a file of data");
    check_place("/dev/zero", MSC_E_DATA, "x.csv: not a regular file");
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_place(path, MSC_E_DATA, "x.csv: not a regular file");
}
END_TEST

static void fill(off_t size, const char *head, char with)
{
    FILE *stream = fopen(path, "w");
    ck_assert(stream && fputs(head, stream) >= 0);
    for (off_t i = with ? 0 : size; i < size; i++) {
        putc(with, stream);
    }
    ck_assert(fclose(stream) == 0 && (with || truncate(path, size) == 0));
}

/* Holes are NUL bytes: 200 MB and 1 GB of them, and lines without end. The memory is that of a beginning. */
START_TEST(test_large)
{
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    fill((off_t)1 << 30, "time (h),quantity\n", 0);
    check_place(path, MSC_E_DATA, "x.csv: the file has 1073741824 bytes; data have at most 256 MiB");
    fill((off_t)200 << 20, "time (h),quantity\n", 0);
    check_place(path, MSC_E_DATA, "x.csv:2:1: a NUL byte: the file is not text");
    fill((off_t)1 << 20, "time", 'x');
    check_place(path, MSC_E_DATA, "x.csv:1:1: a line of more than 64 KiB");
    getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 20 << 10); /* KiB */
    fill(1 << 17, HEAD "1,a,", '7');
    check_place(path, MSC_E_DATA, "x.csv:2:1: a line of more than 64 KiB");
    fill(1 << 17, HEAD "1,\"a,", '7');
    check_place(path, MSC_E_DATA, "x.csv:2:3: a record of more than 64 KiB; is the closing quote missing?");
    fill(300, HEAD, ',');
    check_place(path, MSC_E_DATA, "x.csv:2:257: more than 256 columns");
    fill(300, "", ',');
    check_place(path, MSC_E_DATA, "x.csv:1:257: more than 256 columns");
}
END_TEST

/* Every beginning of a good file, and the file with any byte changed, ends in data or in a sentence. */
START_TEST(test_mangled)
{
    static const char text[] = "# c\nstudy,subject,time (h),quantity,value,unit,sd,n,low,high\r\n"
                               "s,\"a \"\"b\"\"\",1,\"x[p,q]\",2.0,percent,0.1,4,,\r\ns,b,2e1,x[p],.,1,,3,0.0,1.5\n";
    char copy[sizeof text];
    for (size_t i = 0; i < 3 * (sizeof text - 1); i++) {
        static const char changes[] = {'\0', '"', ',', '\r', '\n', (char)0xC3, '(', '#', '-', 'e'};
        const size_t at = i % (sizeof text - 1);
        memcpy(copy, text, sizeof text);
        copy[at] = changes[(i * 7 + i / 11) % sizeof changes];
        put(copy, i < sizeof text - 1 ? at : sizeof text - 1);
        if (!read_at(path, "d.csv", NULL)) {
            ck_assert_msg(arena->error.status == MSC_E_DATA && strncmp(arena->error.where, "d.csv:", 6) == 0, "%zu: %s", i,
                          error_text());
        }
        msc_arena_free(arena);
        arena = msc_arena_new(NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_data");
    TCase *tests = tcase_create("fit_data");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_indium);
    tcase_add_test(tests, test_nonmem);
    tcase_add_test(tests, test_errors_of_rows);
    tcase_add_test(tests, test_digits);
    tcase_add_test(tests, test_censored);
    tcase_add_test(tests, test_quantities);
    tcase_add_test(tests, test_texts);
    tcase_add_test(tests, test_units_otherwise);
    tcase_add_test(tests, test_many);
    tcase_add_test(tests, test_headers_refused);
    tcase_add_test(tests, test_texts_refused);
    tcase_add_test(tests, test_numbers_refused);
    tcase_add_test(tests, test_rows_refused);
    tcase_add_test(tests, test_events_refused);
    tcase_add_test(tests, test_not_files);
    tcase_add_test(tests, test_large);
    tcase_add_test(tests, test_mangled);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
