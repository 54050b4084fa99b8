/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrays that are streamed into the file: the same as from memory, in little of it; and files too large
 * for memory read in parts. */
#define _GNU_SOURCE
#include <hdf5.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "folder.h"
#include "store/dataset.h"

/* A sanitiser keeps what is freed for a while. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITISED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITISED 1
#endif
#endif
#ifndef SANITISED
#define SANITISED 0
#endif

static msc_error err;

/* A table of scenarios: trajectories, a number, a state, a count and a message each. */
typedef struct {
    char *held;                  /* the texts of the last call, */
    size_t room;                 /* in so many bytes */
    size_t n, inner;             /* scenarios; numbers of a trajectory */
    size_t next, calls, stop_at; /* where the next call should begin; a scenario at which to fail */
} table;

static double trajectory(size_t i, size_t k)
{
    return (double)((i * 7919 + k * 31) % 4096) / 4;
}
static const char *message(size_t i)
{
    static const char *const text[] = {"", "step size collapsed", "caf\xE9", NULL};
    return i % 5 == 1 ? text[i / 5 % 4] : "";
}

static msc_status fill_table(void *context, size_t first, size_t n, void *const *buffer,
                             msc_error *error)
{
    table *t = context;
    ck_assert_uint_eq(first, t->next);
    ck_assert(n > 0 && first + n <= t->n);
    t->next = first + n;
    t->calls++;
    if (t->held) {
        memset(t->held, '?', t->room);
    }
    free(t->held); /* the last call's are no longer anybody's */
    t->room = n * 32;
    t->held = malloc(t->room);
    ck_assert_ptr_nonnull(t->held);
    for (size_t i = 0; i < n; i++) {
        if (first + i == t->stop_at) {
            return msc_fail(error, MSC_E_IO, NULL, "the source has run dry");
        }
        for (size_t k = 0; k < t->inner; k++) {
            ((double *)buffer[0])[i * t->inner + k] = trajectory(first + i, k);
        }
        ((double *)buffer[1])[i] = (first + i) % 3 ? 0.5 * (double)(first + i) : NAN;
        ((uint8_t *)buffer[2])[i] = (uint8_t)((first + i) % 3);
        ((int64_t *)buffer[3])[i] = -(int64_t)(first + i);
        const char *said = message(first + i);
        snprintf(t->held + i * 32, 32, "%s", said ? said : "");
        ((const char **)buffer[4])[i] = said ? t->held + i * 32 : NULL;
    }
    return MSC_OK;
}

static const char *const meaning[] = {"fine", "failed", "stopped"};
static double place[200000];

/* Write it streamed. */
static msc_status write_table(const char *path, table *t, size_t n, size_t outer, size_t inner,
                              const msc_store_options *options)
{
    const msc_stream stream = {fill_table, t};
    t->n = n;
    t->inner = outer * inner;
    t->next = t->calls = 0;
    const msc_axis axis[] = {
        {.name = "scenario", .n = n, .counted = true, .unit = "1", .about = "scenario"},
        {.name = "time", .n = outer, .value = place, .unit = "h"},
        {.name = "place", .n = inner, .value = place},
    };
    const msc_array array[] = {
        {.name = "live", .unit = "cell", .n_axis = 3, .axis = {0, 1, 2}, .stream = &stream},
        {.name = "dose", .n_axis = 1, .stream = &stream},
        {.name = "status",
         .kind = MSC_ARRAY_FLAG,
         .n_axis = 1,
         .stream = &stream,
         .n_meaning = 3,
         .flag_meaning = meaning},
        {.name = "steps", .kind = MSC_ARRAY_COUNT, .n_axis = 1, .stream = &stream},
        {.name = "in_memory", .n_axis = 1, .axis = {1}, .real = place},
        {.name = "message", .kind = MSC_ARRAY_TEXT, .n_axis = 1, .stream = &stream},
    };
    const msc_dataset d = {3, 6, 0, axis, array, NULL};
    msc_status status = msc_store_write(path, &d, options, &err);
    free(t->held);
    t->held = NULL;
    return status;
}

static msc_dataset *read_fine(const char *path, const msc_store_selection *selection)
{
    msc_dataset *d;
    ck_assert_msg(msc_store_read_some(path, selection, &d, &err) == MSC_OK, "%s", err.message);
    return d;
}

static void check_rows(const msc_dataset *d, size_t first, size_t n, size_t inner)
{
    const double *live = msc_dataset_array(d, "live")->real;
    const double *dose = msc_dataset_array(d, "dose")->real;
    const msc_array *status = msc_dataset_array(d, "status");
    const int64_t *steps = msc_dataset_array(d, "steps")->count;
    const char *const *text = msc_dataset_array(d, "message")->text;
    ck_assert_uint_eq(msc_dataset_axis(d, "scenario")->n, n);
    ck_assert_uint_eq(status->n_meaning, 3);
    size_t wrong = 0; /* (every assertion is a system call) */
    for (size_t i = 0; i < n; i++) {
        const size_t row = first + i;
        wrong += msc_dataset_axis(d, "scenario")->value[i] != (double)row;
        for (size_t k = 0; k < inner; k++) {
            wrong += live[i * inner + k] != trajectory(row, k);
        }
        wrong += row % 3 ? dose[i] != 0.5 * (double)row : !isnan(dose[i]);
        wrong += status->flag[i] != row % 3 || steps[i] != -(int64_t)row;
        const char *said = message(row);
        wrong += strcmp(text[i], !said ? "" : said[0] == 'c' ? "caf\xEF\xBF\xBD" : said) != 0;
    }
    ck_assert_uint_eq(wrong, 0);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* One row and many; rows below and above a chunk's size; whole and broken last chunks. */
static const size_t shape[][3] = {{1, 1, 1},    {7, 3, 2},      {1000, 5, 1},  {300, 90, 9},
                                  {257, 64, 8}, {3, 1000, 200}, {2, 2, 100000}};

START_TEST(streams_are_written_as_memory_is)
{
    const msc_store_options option[] = {
        {.force = true}, {.force = true, .compression = 2}, {.force = true, .float32 = true}};
    for (size_t s = 0; s < sizeof shape / sizeof shape[0]; s++) {
        for (size_t o = 0; o < 3; o++) {
            static table t;
            t.stop_at = SIZE_MAX;
            const size_t *n = shape[s];
            ck_assert_msg(write_table("x.h5", &t, n[0], n[1], n[2], &option[o]) == MSC_OK, "%s",
                          err.message);
            ck_assert_uint_eq(t.next, n[0]);
            msc_dataset *d = read_fine("x.h5", &(msc_store_selection){0});
            ck_assert_uint_eq(d->n_array, 6);
            check_rows(d, 0, n[0], n[1] * n[2]);
            msc_dataset_free(d);
            ck_assert_int_eq(write_table("y.h5", &t, n[0], n[1], n[2], &option[o]), MSC_OK);
            same_bytes("x.h5", "y.h5");
        }
    }
    ck_assert_int_eq(files_here(), 2);
}
END_TEST

/* 256 MB of trajectories through a process that has little of its own. */
START_TEST(memory_is_flat)
{
    int fate;
    struct rusage usage[2];
    for (int k = 0; k < 2; k++) {
        pid_t pid = fork();
        if (pid == 0) {
            static table t;
            t.stop_at = SIZE_MAX;
            const msc_store_options force = {.force = true};
            _exit(write_table("x.h5", &t, k ? 4000 : 250, 100, 80, &force) != MSC_OK);
        }
        ck_assert_int_eq(wait4(pid, &fate, 0, &usage[k]), pid);
        ck_assert_int_eq(fate, 0);
    }
    /* buffers of 16 MB, which the small one, of 16 MB in all, fills too */
    ck_assert(SANITISED || usage[1].ru_maxrss < usage[0].ru_maxrss + 8 * 1024);
}
END_TEST

START_TEST(a_failing_stream_leaves_nothing)
{
    static table t;
    const msc_store_options force = {.force = true};
    put_bytes("x.h5", "\x89HDF\r\n\x1a\nold", 11); /* what is no HDF5 is not replaced */
    t.stop_at = 200;
    ck_assert_int_eq(write_table("x.h5", &t, 300, 90, 9, &force), MSC_E_IO);
    ck_assert_str_eq(err.message, "the source has run dry");
    size_t n;
    char *bytes = take_bytes("x.h5", &n);
    ck_assert_uint_eq(n, 11);
    ck_assert_int_eq(files_here(), 1);
    free(bytes);
}
END_TEST

static msc_status fill_sevens(void *context, size_t first, size_t n, void *const *buffer,
                              msc_error *error)
{
    (void)context, (void)first, (void)error;
    memset(buffer[0], 7, n);
    return MSC_OK;
}

static msc_status fill_powers(void *context, size_t first, size_t n, void *const *buffer, msc_error *error)
{
    (void)context, (void)error;
    for (size_t i = 0; i < n; i++) {
        ((double *)buffer[0])[i] = pow(10.0, (double)(first + i));
    }
    return MSC_OK;
}

/* What 32 bits cannot hold is seen as it comes, and no file appears. */
START_TEST(too_large_for_32_bits)
{
    const msc_stream powers = {fill_powers, NULL};
    msc_axis axis = {.name = "i", .n = 45, .counted = true};
    const msc_array array = {.name = "x", .kind = MSC_ARRAY_REAL, .n_axis = 1, .stream = &powers};
    const msc_dataset d = {1, 1, 0, &axis, &array, NULL};
    const msc_store_options narrow = {.float32 = true}, wide = {.force = true};
    ck_assert_int_eq(msc_store_write("x.h5", &d, &narrow, &err), MSC_E_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "'x' has the value 1e+39, and 32 bits hold 3.4e+38 at most"));
    ck_assert_int_eq(files_here(), 0);
    ck_assert_int_eq(msc_store_write("x.h5", &d, &wide, &err), MSC_OK);
    axis.n = 39;
    ck_assert_int_eq(msc_store_write("y.h5", &d, &narrow, &err), MSC_OK);
}
END_TEST

/* An array that says so goes into 64 bits, streamed or not, and the others beside it into 32. */
START_TEST(wide_beside_narrow)
{
    const msc_stream powers = {fill_powers, NULL};
    double value[45], back;
    for (int i = 0; i < 45; i++) {
        value[i] = pow(10.0, i);
    }
    const msc_axis axis = {.name = "i", .n = 45, .counted = true};
    const msc_array array[] = {
        {.name = "x", .kind = MSC_ARRAY_REAL, .n_axis = 1, .stream = &powers, .wide = true},
        {.name = "y", .kind = MSC_ARRAY_REAL, .n_axis = 1, .real = value, .wide = true},
        {.name = "z", .kind = MSC_ARRAY_REAL, .real = &(double){0.1}}};
    const msc_dataset d = {1, 3, 0, &axis, array, NULL};
    for (int compression = 0; compression < 2; compression++) {
        const msc_store_options narrow = {.float32 = true, .force = true, .compression = compression};
        ck_assert_int_eq(msc_store_write("x.h5", &d, &narrow, &err), MSC_OK);
        const hid_t file = H5Fopen("x.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
        for (int k = 0; k < 3; k++) {
            const hid_t set = H5Dopen2(file, array[k].name, H5P_DEFAULT), type = H5Dget_type(set);
            ck_assert_uint_eq(H5Tget_size(type), k < 2 ? 8 : 4);
            double all[45] = {0};
            ck_assert_int_ge(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, all), 0);
            back = k < 2 ? all[44] : all[0];
            ck_assert_double_eq(back, k < 2 ? value[44] : (double)0.1f);
            H5Tclose(type);
            H5Dclose(set);
        }
        H5Fclose(file);
    }
}
END_TEST

START_TEST(unfit_streams_are_refused)
{
    const msc_stream sevens = {fill_sevens, NULL}, none = {NULL, NULL};
    const msc_axis axis[] = {{.name = "i", .n = 3, .counted = true},
                             {.name = "j", .n = 3, .counted = true}};
    const msc_array fine = {.name = "a",
                            .kind = MSC_ARRAY_FLAG,
                            .n_axis = 1,
                            .stream = &sevens,
                            .n_meaning = 3,
                            .flag_meaning = meaning};
    msc_array pair[2] = {fine, fine};
    const msc_dataset d = {2, 1, 0, axis, pair, NULL};
    msc_dataset two = d;
    two.n_array = 2;
    pair[1].name = "b";
    ck_assert_int_eq(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG);
    ck_assert_str_eq(err.message, "flag 'a' has the value 7, which means nothing");
    pair[1].axis[0] = 1; /* one stream, two axes */
    ck_assert_int_eq(msc_store_write("x.h5", &two, NULL, &err), MSC_E_BUG);
    ck_assert_str_eq(err.message, "'b' does not go with its stream");
    pair[0].n_axis = 0;
    ck_assert_int_eq(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG);
    pair[0] = fine;
    pair[0].stream = &none;
    ck_assert_int_eq(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG);
    pair[0] = fine;
    pair[0].flag = (const uint8_t *)"";
    ck_assert_int_eq(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG);
    ck_assert_str_eq(err.message, "'a' has data and a stream");
    ck_assert_int_eq(files_here(), 0);
}
END_TEST

START_TEST(full_disk)
{
    static table t;
    const msc_store_options force = {.force = true};
    struct rlimit limit;
    struct stat st;
    t.stop_at = SIZE_MAX;
    ck_assert_int_eq(write_table("x.h5", &t, 300, 90, 9, &force), MSC_OK);
    ck_assert_int_eq(stat("x.h5", &st), 0);
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlim_t unlimited = limit.rlim_cur;
    for (off_t size = 0; size < st.st_size; size += st.st_size / 37) {
        limit.rlim_cur = (rlim_t)size;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        msc_status got = write_table("y.h5", &t, 300, 90, 9, &force);
        limit.rlim_cur = unlimited;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        ck_assert_int_eq(got, MSC_E_IO);
        ck_assert_str_eq(err.message, "cannot write 'y.h5': File too large");
        ck_assert_int_eq(files_here(), 1);
    }
}
END_TEST

/* What a killed run left is replaced; what it had finished is taken; another's file is not touched. */
START_TEST(journalled_files_go_on)
{
    static table t;
    const msc_store_options journalled = {.journalled = true};
    t.stop_at = SIZE_MAX;
    put_bytes("x.h5.tmp", "half", 4);
    ck_assert_int_eq(write_table("x.h5", &t, 7, 3, 2, &journalled), MSC_OK);
    ck_assert_int_eq(files_here(), 1);
    ck_assert_int_eq(write_table("x.h5", &t, 7, 3, 2, &journalled), MSC_OK);
    ck_assert_int_eq(files_here(), 1);
    ck_assert_int_eq(write_table("x.h5", &t, 8, 3, 2, &journalled), MSC_E_CANTCREAT);
    ck_assert_str_eq(err.message, "x.h5 exists; -f replaces it, -o names another");
    ck_assert_int_eq(files_here(), 1);
    msc_dataset *d = read_fine("x.h5", &(msc_store_selection){0});
    check_rows(d, 0, 7, 6);
    msc_dataset_free(d);
    const msc_store_options both = {.journalled = true, .force = true};
    ck_assert_int_eq(write_table("x.h5", &t, 8, 3, 2, &both), MSC_OK);
    d = read_fine("x.h5", &(msc_store_selection){0});
    check_rows(d, 0, 8, 6);
    msc_dataset_free(d);
}
END_TEST

/* ---- reading parts -------------------------------------------------------------------------- */

static void expect(const msc_store_selection *selection, msc_status want, const char *message_want)
{
    msc_dataset *d;
    ck_assert_int_eq(msc_store_read_some("x.h5", selection, &d, &err), want);
    ck_assert_str_eq(err.message, message_want);
    ck_assert_ptr_null(d);
}

START_TEST(parts_are_read)
{
    enum { N = 1000, INNER = 180 };
    static table t;
    t.stop_at = SIZE_MAX;
    for (int packed = 0; packed < 2; packed++) {
        const msc_store_options options = {.force = true, .compression = packed};
        ck_assert_int_eq(write_table("x.h5", &t, N, 90, 2, &options), MSC_OK);
        /* every place once, in blocks that fit nothing */
        for (size_t first = 0; first < N; first += 333) {
            const msc_store_selection block = {.axis = "scenario", .first = first, .n = 333};
            msc_dataset *d = read_fine("x.h5", &block);
            check_rows(d, first, first + 333 > N ? N - first : 333, INNER);
            ck_assert_ptr_nonnull(msc_dataset_array(d, "in_memory"));
            msc_dataset_free(d);
        }
        /* an axis in the middle */
        const char *const name[] = {"live", "nothing", "in_memory"};
        const msc_store_selection hours = {
            .n_name = 3, .name = name, .axis = "time", .first = 40, .n = 3};
        msc_dataset *d = read_fine("x.h5", &hours);
        ck_assert_uint_eq(d->n_array, 2);
        ck_assert_uint_eq(d->n_axis, 3);
        const double *live = msc_dataset_array(d, "live")->real;
        size_t wrong = 0;
        for (size_t i = 0; i < (size_t)N * 6; i++) {
            wrong += live[i] != trajectory(i / 6, 80 + i % 6);
        }
        ck_assert_uint_eq(wrong, 0);
        msc_dataset_free(d);
    }
    expect(&(msc_store_selection){.axis = "scenarios", .n = 1}, MSC_E_USAGE,
           "there is no axis 'scenarios' in 'x.h5'");
    expect(&(msc_store_selection){.axis = "scenario", .first = N, .n = 1}, MSC_E_USAGE,
           "'scenario' of 'x.h5' has no place 1000");
}
END_TEST

START_TEST(too_much_is_refused)
{
    static table t;
    const char *const small[] = {"dose", "steps"};
    const msc_store_options force = {.force = true};
    t.stop_at = SIZE_MAX;
    ck_assert_int_eq(write_table("x.h5", &t, 1000, 90, 2, &force), MSC_OK);
    expect(&(msc_store_selection){.limit = 1000000}, MSC_E_NOMEM,
           "'x.h5' has 1.47 MB of what is wanted, and 1 MB are allowed at a time");
    msc_store_selection part = {.limit = 16000, .n_name = 2, .name = small};
    msc_dataset_free(read_fine("x.h5", &part)); /* 2 of 8 bytes a scenario: just so */
    part.limit--;
    expect(&part, MSC_E_NOMEM,
           "'x.h5' has 0.016 MB of what is wanted, and 0.016 MB are allowed at a time");
    const msc_store_selection block = {.limit = 16000, .axis = "scenario", .first = 990, .n = 10};
    msc_dataset *d = read_fine("x.h5", &block);
    check_rows(d, 990, 10, 180);
    msc_dataset_free(d);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *tests = tcase_create("stream");
    tcase_add_checked_fixture(tests, enter_folder, leave_folder);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, streams_are_written_as_memory_is);
    tcase_add_test(tests, memory_is_flat);
    tcase_add_test(tests, a_failing_stream_leaves_nothing);
    tcase_add_test(tests, too_large_for_32_bits);
    tcase_add_test(tests, wide_beside_narrow);
    tcase_add_test(tests, unfit_streams_are_refused);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, journalled_files_go_on);
    tcase_add_test(tests, parts_are_read);
    tcase_add_test(tests, too_much_is_refused);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
