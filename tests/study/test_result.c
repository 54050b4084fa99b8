/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A result by the public interface: values, peaks, ranges, the file, the page. */
#include <mscsim.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/dataset.h"
#include "support/suite.h"

static char folder[] = "/tmp/mscsim_result_XXXXXX";
static msc_scenario *scenario;
static msc_result *result;

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *tiny(void)
{
    static char path[512];
    const char *top = getenv("TOP");
    snprintf(path, sizeof path, "%s/tests/cli/data/tiny.cfg", top ? top : ".");
    return path;
}

static void read_and_run(const char *const *settings, size_t n)
{
    msc_error err = {0};
    ck_assert_msg(msc_scenario_read(tiny(), settings, n, &scenario, &err) == MSC_OK, "%s %s",
                  err.where, err.message);
    ck_assert_msg(msc_scenario_check(scenario, &err) == MSC_OK, "%s %s", err.where, err.message);
    ck_assert_msg(msc_scenario_run(scenario, &result, &err) == MSC_OK, "%s %s", err.where,
                  err.message);
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    read_and_run(NULL, 0);
}

static void teardown(void)
{
    msc_result_free(result);
    msc_scenario_free(scenario);
    (void)unlink(path_of("r.h5"));
    (void)rmdir(folder);
}

START_TEST(test_values)
{
    const double *time, *settled;
    size_t n = 0, n_time = msc_result_times(result, &time);
    const char *unit = NULL;
    double peak = 0, when = 0;
    ck_assert_uint_eq(n_time, 8);
    ck_assert_str_eq(msc_result_time_unit(result), "h");
    settled = msc_result_values(result, "settled", &n, &unit);
    ck_assert_ptr_nonnull(settled);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(unit, "cell");
    ck_assert_str_eq(msc_result_element(result, "settled", 1), "liver");
    ck_assert_ptr_null(msc_result_values(result, "nothing", NULL, NULL));
    ck_assert_int_eq(msc_result_peak(result, "settled", 0, &peak, &when, NULL), MSC_OK);
    for (size_t i = 0; i < n_time; i++) {
        ck_assert(settled[2 * i] <= peak * (1 + 1e-12));
    }
    ck_assert(when > 0.5 && when < 12);
    const msc_counts counts = msc_result_counts(result);
    ck_assert_str_eq(counts.method, "rosenbrock");
    ck_assert(counts.steps > 0 && counts.evaluations > counts.steps);
}
END_TEST

/* The runs of a range are runs: each end is what a run with this value gives. */
START_TEST(test_ranges)
{
    double low = 0, high = 0, other[2];
    const char *values[] = {"parameters.split.lung=0.5", "parameters.split.lung=0.9"};
    ck_assert(!msc_result_range(result, "settled", 1, 3, &low, &high));
    ck_assert_int_eq(msc_result_add_ranges(result, NULL), MSC_OK);
    ck_assert(msc_result_range(result, "settled", 1, 3, &low, &high));
    ck_assert(!msc_result_range(result, "blood", 0, 3, &low, &high));
    for (int i = 0; i < 2; i++) {
        msc_result *base = result;
        msc_scenario *whole = scenario;
        read_and_run(&values[i], 1);
        other[i] = msc_result_values(result, "settled", NULL, NULL)[3 * 2 + 1];
        msc_result_free(result);
        msc_scenario_free(scenario);
        result = base, scenario = whole;
    }
    ck_assert_double_eq(low, fmin(other[0], other[1]));
    ck_assert_double_eq(high, fmax(other[0], other[1]));
}
END_TEST

static const msc_array *need(const msc_dataset *dataset, const char *name)
{
    const msc_array *array = msc_dataset_array(dataset, name);
    ck_assert_msg(array != NULL, "no array '%s'", name);
    return array;
}

START_TEST(test_file)
{
    msc_dataset *read = NULL;
    msc_error err = {0};
    ck_assert_int_eq(msc_result_add_ranges(result, NULL), MSC_OK);
    ck_assert_int_eq(msc_result_probe(path_of("r.h5"), false, NULL), MSC_OK);
    ck_assert_msg(msc_result_write(result, path_of("r.h5"), false, &err) == MSC_OK, "%s",
                  err.message);
    ck_assert_int_eq(msc_result_write(result, path_of("r.h5"), false, NULL), MSC_E_CANTCREAT);
    ck_assert_msg(msc_store_read(path_of("r.h5"), &read, &err) == MSC_OK, "%s", err.message);
    ck_assert_str_eq(msc_dataset_text(read, "title"), "Two organs");
    ck_assert_str_eq(msc_dataset_text(read, "mscsim_version"), msc_version());

    /* the run's own numbers, and beside them the span of the runs that a range asks for */
    const double *settled = need(read, "settled")->real, *low = need(read, "settled_low")->real;
    const double *high = need(read, "settled_high")->real;
    const double *own = msc_result_values(result, "settled", NULL, NULL);
    ck_assert_double_eq(settled[6], own[6]);
    ck_assert_double_eq(settled[7], own[7]);
    ck_assert(low[7] < settled[7] && settled[7] < high[7]);
    ck_assert_double_eq_tol(need(read, "burden_peak_high")->real[0], 0.61, 0.005);
    ck_assert(need(read, "burden")->n_axis == 1);

    /* doses, sources */
    ck_assert_double_eq_tol(need(read, "dose_amount")->real[0], 1e6, 1e-6);
    ck_assert_double_eq(need(read, "dose_duration")->real[0], 0.5);
    ck_assert_double_eq(need(read, "dose_viable")->real[0], 0.8);
    ck_assert_double_eq(need(read, "dose_viable")->real[1], 1.0);
    ck_assert_str_eq(need(read, "source_name")->text[0], "tiny.cfg");
    ck_assert_str_eq(need(read, "source_name")->text[1], "model.cfg");
    ck_assert_ptr_nonnull(strstr(need(read, "source_text")->text[1], "Two organs"));
    ck_assert_ptr_null(msc_dataset_axis(read, "setting"));
    msc_dataset_free(read);
}
END_TEST

START_TEST(test_sides_and_settings)
{
    static const char *const settings[] = {"output.both_sides=true", "output.ledger=\"off\""};
    msc_dataset *read = NULL;
    msc_result_free(result);
    msc_scenario_free(scenario);
    read_and_run(settings, 2);
    ck_assert_int_eq(msc_result_write(result, path_of("r.h5"), false, NULL), MSC_OK);
    ck_assert_int_eq(msc_store_read(path_of("r.h5"), &read, NULL), MSC_OK);
    const msc_array *side = need(read, "side");
    const msc_axis *time = msc_dataset_axis(read, "time");
    size_t before = 0;
    for (size_t i = 0; i < time->n; i++) {
        before += side->flag[i] == 0;
        ck_assert(side->flag[i] == 1 ||
                  (time->value[i] == time->value[i + 1] && side->flag[i + 1] == 1));
    }
    ck_assert_uint_eq(before, 3);
    ck_assert_str_eq(msc_dataset_axis(read, "setting")->label[1], settings[1]);
    ck_assert_ptr_null(msc_dataset_array(read, "ledger_cell"));
    msc_dataset_free(read);
}
END_TEST

/* What `check` is for: nothing of output is found wrong only after a run. */
static const char *const wrong[][2] = {
    {"output.summary.peaks=[\"settled\"]", "name an element"},
    {"output.summary.table=[\"setled\"]", "did you mean 'settled'"},
    {"output.summary.at=[\"9 day\"]", "outside of the run"},
    {"output.summary.ledger=[\"cel\"]", "did you mean 'cell'"},
    {"output.summary.what=1", "what"},
    {"output.ranges.split.show=[\"given_cell\"]", "ledger"},
    {"output.ranges.split.show=[\"settled[liver,lung]\"]", "1 index"},
    {"output.ranges.split.show=[\"settled[liver\"]", "brackets"},
    {"output.ranges.split.values=[0.5,7.0]", "split.lung = 7"},
    {"output.file=\"/tmp/x.h5\"", "outside of the folder"},
    {"outputs.settled_peak={unit=\"cell\";value=\"blood\";}", "settled_peak"},
};

START_TEST(test_check)
{
    msc_scenario *s = NULL;
    msc_error err = {0};
    const char *settings[2] = {wrong[_i][0],
                               "output.quantities=[\"settled\",\"blood\",\"burden\"]"};
    const size_t n = strncmp(wrong[_i][0], "outputs.", 8) == 0 ? 1 : 2;
    msc_status status = msc_scenario_read(tiny(), settings, n, &s, &err);
    if (status == MSC_OK) {
        status = msc_scenario_check(s, &err);
    }
    ck_assert_msg(status == MSC_E_CONFIG, "%s: status %d, %s", settings[0], (int)status,
                  err.message);
    ck_assert_msg(strstr(err.message, wrong[_i][1]) || strstr(err.where, wrong[_i][1]), "%s: %s",
                  err.where, err.message);
    msc_scenario_free(s);
}
END_TEST

START_TEST(test_page)
{
    char *page = NULL;
    size_t n = 0;
    FILE *stream = open_memstream(&page, &n);
    ck_assert_int_eq(msc_result_add_ranges(result, NULL), MSC_OK);
    ck_assert_int_eq(msc_result_summarise(result, stream, NULL), MSC_OK);
    fclose(stream);
    ck_assert_ptr_nonnull(strstr(page, "balance: given + entered - left - present = "));
    for (char *line = strtok(page, "\n"); line; line = strtok(NULL, "\n")) {
        ck_assert_msg(strlen(line) <= 80, "too long: %s", line);
        ck_assert_msg(line[0] == '\0' || line[strlen(line) - 1] != ' ', "blank at the end: '%s'",
                      line);
    }
    free(page);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("result");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_values);
    tcase_add_test(tcase, test_ranges);
    tcase_add_test(tcase, test_file);
    tcase_add_test(tcase, test_sides_and_settings);
    tcase_add_loop_test(tcase, test_check, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, test_page);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
