/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading results: what was written comes back, and no file, however bad, does harm. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hdf5.h>
#include <hdf5_hl.h>

#include "support/suite.h"

#include "sample.h"

static msc_error err;
static char folder[400];
static const msc_store_options force = {.force = true};

static void enter_folder(void)
{
    snprintf(folder, sizeof folder, "%s/msc.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    char command[450];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
}

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

static void write_fine(const char *path, const msc_dataset *d, const msc_store_options *options)
{
    ck_assert_msg(msc_store_write(path, d, options, &err) == MSC_OK, "%s", err.message);
}

static msc_dataset *read_fine(const char *path)
{
    msc_dataset *d;
    ck_assert_msg(msc_store_read(path, &d, &err) == MSC_OK, "%s", err.message);
    ck_assert_ptr_nonnull(d);
    return d;
}

static void expect(const char *path, msc_status want, const char *message)
{
    msc_dataset *d;
    msc_status got = msc_store_read(path, &d, &err);
    ck_assert_msg(got == want, "status %d, not %d: %s", (int)got, (int)want, err.message);
    ck_assert_msg(strstr(err.message, message) != NULL, "'%s' is not in '%s'", message,
                  err.message);
    ck_assert_ptr_null(d);
}

/* ---- the same again ------------------------------------------------------------------------- */

static void same_text(const char *got, const char *want)
{
    if (!want) {
        ck_assert_ptr_null(got);
    } else {
        ck_assert_ptr_nonnull(got);
        ck_assert_str_eq(got, want);
    }
}

static void same_array(const msc_dataset *got, const msc_array *a, const msc_array *b)
{
    size_t n = msc_array_size(&sample, b);
    same_text(a->name, b->name);
    same_text(a->unit, b->unit);
    same_text(a->about, b->about);
    ck_assert_int_eq((int)a->kind, (int)b->kind);
    ck_assert_int_eq(a->n_axis, b->n_axis);
    ck_assert_uint_eq(msc_array_size(got, a), n);
    ck_assert_uint_eq(a->n_meaning, b->n_meaning);
    for (int k = 0; k < a->n_axis; k++) {
        ck_assert_int_eq(a->axis[k], b->axis[k]);
    }
    for (size_t k = 0; k < a->n_meaning; k++) {
        same_text(a->flag_meaning[k], b->flag_meaning[k]);
    }
    switch (a->kind) {
    case MSC_ARRAY_REAL: ck_assert_mem_eq(a->real, b->real, n * sizeof(double)); break;
    case MSC_ARRAY_FLAG: ck_assert_mem_eq(a->flag, b->flag, n); break;
    case MSC_ARRAY_COUNT: ck_assert_mem_eq(a->count, b->count, n * sizeof(int64_t)); break;
    case MSC_ARRAY_TEXT:
        for (size_t i = 0; i < n; i++) {
            same_text(a->text[i], b->text[i]);
        }
        break;
    }
}

static void same_as_sample(const msc_dataset *d)
{
    ck_assert_uint_eq(d->n_axis, sample.n_axis);
    ck_assert_uint_eq(d->n_array, sample.n_array);
    ck_assert_uint_eq(d->n_attribute, sample.n_attribute);
    for (size_t i = 0; i < d->n_attribute; i++) {
        same_text(d->attribute[i].name, sample.attribute[i].name);
        same_text(d->attribute[i].text, sample.attribute[i].text);
        ck_assert(d->attribute[i].number == sample.attribute[i].number);
    }
    for (size_t i = 0; i < d->n_axis; i++) {
        const msc_axis *a = &d->axis[i], *b = &sample.axis[i];
        same_text(a->name, b->name);
        same_text(a->unit, b->unit);
        same_text(a->about, b->about);
        ck_assert_uint_eq(a->n, b->n);
        ck_assert((a->label == NULL) == (b->label == NULL));
        for (size_t k = 0; k < a->n; k++) {
            if (a->label) {
                same_text(a->label[k], b->label[k]);
            } else {
                ck_assert(a->value[k] == b->value[k]);
            }
        }
    }
    for (size_t i = 0; i < d->n_array; i++) {
        same_array(d, &d->array[i], &sample.array[i]);
    }
}

START_TEST(what_was_written_comes_back)
{
    for (int level = 0; level < 10; level += 3) {
        const msc_store_options options = {.force = true, .compression = level};
        write_fine("x.h5", &sample, &options);
        msc_dataset *d = read_fine("x.h5");
        same_as_sample(d);
        same_text(msc_dataset_text(d, "title"), "a sample, gro\xC3\x9F");
        ck_assert_ptr_null(msc_dataset_text(d, "Conventions"));
        ck_assert_ptr_null(msc_dataset_text(d, "nothing"));
        ck_assert_ptr_eq(msc_dataset_axis(d, "organ"), &d->axis[1]);
        ck_assert_ptr_null(msc_dataset_axis(d, "live"));
        ck_assert_ptr_eq(msc_dataset_array(d, "field"), &d->array[2]);
        ck_assert_ptr_null(msc_dataset_array(d, "time"));
        /* and what came back is written as the same bytes */
        write_fine("y.h5", d, &options);
        size_t n, m;
        char *x = sample_bytes("x.h5", &n), *y = sample_bytes("y.h5", &m);
        ck_assert_uint_eq(n, m);
        ck_assert_mem_eq(x, y, n);
        free(x);
        free(y);
        msc_dataset_free(d);
    }
    msc_dataset_free(NULL);
}
END_TEST

START_TEST(what_is_left_out_is_filled_in)
{
    static const char *const text[] = {NULL, "caf\xE9 \xF0\x9F\x98\x80\xED\xA0\x80"};
    static const double x[] = {1, 2};
    const msc_axis axis = {.name = "i", .n = 2, .value = x};
    const msc_array array = {.name = "text", .kind = MSC_ARRAY_TEXT, .n_axis = 1, .text = text};
    const msc_attribute bad = {.name = "bad", .text = "\xFF"};
    const msc_dataset d = {1, 1, 1, &axis, &array, &bad};
    write_fine("x.h5", &d, NULL);
    msc_dataset *back = read_fine("x.h5");
    same_text(back->axis[0].unit, "1");
    same_text(back->axis[0].about, "i");
    same_text(back->array[0].unit, "1");
    same_text(back->array[0].about, "text");
    same_text(back->array[0].text[0], "");
    same_text(back->array[0].text[1],
              "caf\xEF\xBF\xBD \xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    same_text(back->attribute[0].text, "\xEF\xBF\xBD");
    msc_dataset_free(back);
}
END_TEST

START_TEST(nothing_at_all_is_a_file_too)
{
    const msc_dataset none = {0};
    write_fine("x.h5", &none, NULL);
    msc_dataset *d = read_fine("x.h5");
    ck_assert_uint_eq(d->n_axis + d->n_array + d->n_attribute, 0);
    msc_dataset_free(d);
}
END_TEST

/* Larger than blocks, chunks and pipes; shapes whose blocks are runs on the first, a middle and the
 * last axis; in 32 bits, too. */
START_TEST(large_arrays_come_back)
{
    enum { N = 1200000 };
    static const size_t shape[][3] = {{1200, 100, 10}, {3, 400000, 1}, {2, 3, 200000}, {1, 1, N}};
    double *x = malloc(N * sizeof *x);
    int64_t *count = malloc(N * sizeof *count);
    ck_assert(x && count);
    for (int i = 0; i < N; i++) {
        x[i] = i % 1000 * 0.5;
        count[i] = i;
    }
    for (size_t s = 0; s < sizeof shape / sizeof shape[0]; s++) {
        msc_axis axis[3] = {{.name = "i"}, {.name = "j"}, {.name = "k"}};
        for (int k = 0; k < 3; k++) {
            axis[k].n = shape[s][k];
            axis[k].value = x;
        }
        const msc_array array[] = {
            {.name = "x", .n_axis = 3, .axis = {0, 1, 2}, .real = x},
            {.name = "n", .kind = MSC_ARRAY_COUNT, .n_axis = 3, .axis = {0, 1, 2}, .count = count}};
        const msc_dataset d = {3, 2, 0, axis, array, NULL};
        const msc_store_options options = {
            .force = true, .compression = s == 0 || s == 3, .float32 = s == 1 || s == 3};
        write_fine("x.h5", &d, &options);
        msc_dataset *back = read_fine("x.h5");
        ck_assert_mem_eq(back->array[0].real, x, N * sizeof *x);
        ck_assert_mem_eq(back->array[1].count, count, N * sizeof *count);
        msc_dataset_free(back);
    }
    free(x);
    free(count);
}
END_TEST

START_TEST(many_texts_come_back)
{
    enum { N = 300000 };
    static const char *text[N];
    double *x = calloc(N, sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (int i = 0; i < N; i++) {
        text[i] = i % 1000 ? "" : "step size collapsed";
    }
    const msc_axis axis = {.name = "i", .n = N, .value = x};
    const msc_array array = {.name = "text", .kind = MSC_ARRAY_TEXT, .n_axis = 1, .text = text};
    const msc_dataset d = {1, 1, 0, &axis, &array, NULL};
    write_fine("x.h5", &d, NULL);
    msc_dataset *back = read_fine("x.h5");
    for (int i = 0; i < N; i++) {
        ck_assert(strcmp(back->array[0].text[i], text[i]) == 0);
    }
    msc_dataset_free(back);
    free(x);
}
END_TEST

/* A caller that blocks signals, waits for no child, and has no standard streams. */
START_TEST(odd_callers_are_served)
{
    int fate;
    write_fine("x.h5", &sample, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t all;
        msc_dataset *d = NULL;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        signal(SIGCHLD, SIG_IGN);
        for (int fd = 0; fd < 3; fd++) {
            close(fd);
        }
        msc_status status = msc_store_read("x.h5", &d, &err);
        _exit(status != MSC_OK || d->n_array != sample.n_array);
    }
    ck_assert_int_eq(waitpid(pid, &fate, 0), pid);
    ck_assert_int_eq(fate, 0);
}
END_TEST

/* ---- not what it should be ------------------------------------------------------------------ */

START_TEST(what_cannot_be_opened)
{
    ck_assert_int_eq(mkfifo("fifo", 0666), 0);
    expect("nothing.h5", MSC_E_NOINPUT, "cannot open 'nothing.h5': No such file or directory");
    expect(".", MSC_E_NOINPUT, "not a regular file");
    expect("fifo", MSC_E_NOINPUT, "not a regular file");
    expect("/dev/zero", MSC_E_NOINPUT, "not a regular file");
    put("empty", "", 0);
    put("text", "just some text\n", 15);
    expect("empty", MSC_E_DATA, "'empty' is not a results file");
    expect("text", MSC_E_DATA, "'text' is not a results file");
}
END_TEST

static void text_attribute(hid_t file, const char *name, const char *text)
{
    ck_assert_int_ge(H5LTset_attribute_string(file, "/", name, text), 0);
}

/* A file of somebody else's making, with our mark if format is set. */
static hid_t foreign(const char *path, const char *format)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    if (format) {
        text_attribute(file, "mscsim_format", format);
    }
    return file;
}

START_TEST(other_formats)
{
    static const struct {
        const char *format, *message;
    } bad[] = {
        {NULL, "holds no results of mscsim"},
        {"2.0", "'x.h5' is written in format 2.0 by a newer mscsim; this one reads 1.x"},
        {"10.3", "written in format 10.3 by a newer mscsim"},
        {"0.9", "is damaged"},
        {"one", "is damaged"},
        {"1", "is damaged"},
        {"1.0x", "is damaged"},
        {"", "is damaged"},
        {"99999999999999999999.0", "is damaged"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        H5Fclose(foreign("x.h5", bad[i].format));
        expect("x.h5", MSC_E_DATA, bad[i].message);
    }
}
END_TEST

/* A later 1.x may have more than we know of. */
START_TEST(newer_minor_is_read)
{
    hsize_t three = 3;
    const double x[] = {1, 2, 3};
    const float coordinate[] = {1, 2, 3};
    hid_t file = foreign("x.h5", "1.7");
    hid_t group = H5Gcreate2(file, "extra", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t complex = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(complex, "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(complex, "i", 8, H5T_NATIVE_DOUBLE);
    hid_t space = H5Screate_simple(1, &three, NULL);
    H5Dclose(H5Dcreate2(file, "eigen", complex, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5LTmake_dataset(file, "time", 1, &three, H5T_NATIVE_FLOAT, coordinate);
    H5LTmake_dataset(file, "x", 1, &three, H5T_NATIVE_DOUBLE, x);
    H5LTset_attribute_double(file, "/", "vector", x, 3);
    H5Lcreate_soft("/x", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", file, "external", H5P_DEFAULT, H5P_DEFAULT);
    hid_t time = H5Dopen2(file, "time", H5P_DEFAULT), set = H5Dopen2(file, "x", H5P_DEFAULT);
    ck_assert_int_ge(H5DSset_scale(time, "time"), 0);
    ck_assert_int_ge(H5DSattach_scale(set, time, 0), 0);
    H5Dclose(time);
    H5Dclose(set);
    H5Sclose(space);
    H5Tclose(complex);
    H5Gclose(group);
    ck_assert_int_ge(H5Fclose(file), 0);
    msc_dataset *d = read_fine("x.h5");
    ck_assert_uint_eq(d->n_axis, 1);
    ck_assert_uint_eq(d->n_array, 1);
    ck_assert_uint_eq(d->n_attribute, 0);
    ck_assert(d->axis[0].value[2] == 3 && d->array[0].real[2] == 3);
    ck_assert_ptr_null(d->array[0].unit);
    msc_dataset_free(d);
}
END_TEST

/* One thing wrong in each: no scale, scales of another length, claims of a size that is not there,
 * data in other files. */
START_TEST(wrong_structures)
{
    hsize_t three = 3, four = 4, vast = (hsize_t)1 << 40;
    const double x[] = {1, 2, 3, 4};
    hid_t file = foreign("x.h5", "1.0");
    H5LTmake_dataset(file, "x", 1, &three, H5T_NATIVE_DOUBLE, x);
    H5Fclose(file);
    expect("x.h5", MSC_E_DATA, "'x.h5' is damaged: 'x' is not");

    file = foreign("x.h5", "1.0");
    H5LTmake_dataset(file, "x", 1, &three, H5T_NATIVE_DOUBLE, x);
    H5LTmake_dataset(file, "t", 1, &four, H5T_NATIVE_DOUBLE, x);
    hid_t t = H5Dopen2(file, "t", H5P_DEFAULT), set = H5Dopen2(file, "x", H5P_DEFAULT);
    H5DSset_scale(t, "t");
    H5DSattach_scale(set, t, 0);
    H5Dclose(t);
    H5Dclose(set);
    H5Fclose(file);
    expect("x.h5", MSC_E_DATA, "'x' is not as it should be");

    for (int kind = 0; kind < 3; kind++) {
        file = foreign("x.h5", "1.0");
        hid_t list = H5Pcreate(H5P_DATASET_CREATE);
        hsize_t n = kind == 2 ? three : vast;
        hid_t space = H5Screate_simple(1, &n, NULL);
        if (kind == 1) {
            hsize_t chunk = 1024;
            H5Pset_chunk(list, 1, &chunk);
            H5Pset_deflate(list, 9);
        } else if (kind == 2) {
            put("raw", x, sizeof x);
            H5Pset_external(list, "raw", 0, sizeof x);
        }
        set = H5Dcreate2(file, "t", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, list, H5P_DEFAULT);
        H5DSset_scale(set, "t");
        H5Dclose(set);
        H5Sclose(space);
        H5Pclose(list);
        H5Fclose(file);
        expect("x.h5", MSC_E_DATA, "'x.h5' is damaged: 't' is not as it should be");
    }

    file = foreign("x.h5", "1.0");
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t scalar = H5Screate(H5S_SCALAR);
    H5Dclose(H5Dcreate2(file, "a", H5T_STD_REF_OBJ, scalar, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(scalar);
    H5Fclose(file);
    expect("x.h5", MSC_E_DATA, "'a' is not as it should be");
}
END_TEST

/* ---- damage --------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Read what may be anything: it is either read or refused in words. */
static void survive(const char *path)
{
    msc_dataset *d;
    double begin = seconds();
    msc_status status = msc_store_read(path, &d, &err);
    ck_assert_msg(status == MSC_OK || status == MSC_E_DATA || status == MSC_E_NOMEM, "%d: %s",
                  (int)status, err.message);
    ck_assert((status == MSC_OK) == (d != NULL));
    ck_assert(status == MSC_OK || strstr(err.message, path));
    ck_assert_double_lt(seconds() - begin, 200.0); /* it does not hang: 5 s of processor time, on a busy machine */
    msc_dataset_free(d);
}

START_TEST(truncated_anywhere)
{
    size_t n;
    write_fine("x.h5", &sample, NULL);
    char *bytes = sample_bytes("x.h5", &n);
    ck_assert_ptr_nonnull(bytes);
    for (size_t part = 0; part < n; part += part < 600 ? 37 : 509) {
        put("part.h5", bytes, part);
        expect("part.h5", MSC_E_DATA, "part.h5");
    }
    free(bytes);
}
END_TEST

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

START_TEST(mutants_do_no_harm)
{
    enum { MUTANTS = 300 };
    size_t n;
    uint64_t state = 20240607 + (uint64_t)_i;
    const msc_store_options options = {.compression = _i};
    write_fine("x.h5", &sample, &options);
    char *bytes = sample_bytes("x.h5", &n), *mutant = malloc(n);
    ck_assert(bytes && mutant);
    for (int k = 0; k < MUTANTS; k++) {
        memcpy(mutant, bytes, n);
        for (uint64_t changes = 1 + draw(&state) % 8; changes > 0; changes--) {
            static const unsigned char special[] = {0x00, 0xFF, 0x7F, 0x80, 0x01};
            size_t where = draw(&state) % n;
            uint64_t how = draw(&state);
            mutant[where] = (char)(how % 3 == 0   ? special[how / 3 % 5]
                                   : how % 3 == 1 ? mutant[where] ^ (1 << how / 3 % 8)
                                                  : (int)(how >> 8));
        }
        put("mutant.h5", mutant, n);
        survive("mutant.h5");
    }
    free(bytes);
    free(mutant);
}
END_TEST

/* A process that waits for a second child of its parent and sends it a signal. */
static pid_t assassin(int signal_number)
{
    char list[64];
    snprintf(list, sizeof list, "/proc/%ld/task/%ld/children", (long)getpid(), (long)getpid());
    pid_t pid = fork();
    while (pid == 0) {
        long victim[2] = {0};
        FILE *children = fopen(list, "r");
        if (!children) {
            _exit(77);
        }
        int n = fscanf(children, "%ld %ld", &victim[0], &victim[1]);
        fclose(children);
        if (n == 2) {
            _exit(kill((pid_t)victim[victim[0] == getpid()], signal_number) != 0);
        }
    }
    return pid;
}

START_TEST(death_of_the_child_is_told)
{
    enum { N = 8000000 };
    static const struct {
        int signal;
        msc_status status;
        const char *message;
    } end[] = {{SIGSEGV, MSC_E_DATA, "'x.h5' is damaged"},
               {SIGKILL, MSC_E_DATA, "'x.h5' is damaged"},
               {SIGINT, MSC_E_STOPPED, "reading 'x.h5' was ended by a signal"}};
    double *x = calloc(N, sizeof *x);
    ck_assert_ptr_nonnull(x);
    const msc_axis axis = {.name = "i", .n = N, .value = x};
    const msc_dataset d = {1, 0, 0, &axis, NULL, NULL};
    write_fine("x.h5", &d, &force);
    free(x);
    for (size_t k = 0; k < sizeof end / sizeof end[0]; k++) {
        int fate;
        msc_dataset *back;
        pid_t pid = assassin(end[k].signal);
        msc_status got = msc_store_read("x.h5", &back, &err);
        kill(pid, SIGKILL);
        ck_assert_int_eq(waitpid(pid, &fate, 0), pid);
        if (!WIFEXITED(fate) || WEXITSTATUS(fate) == 77) {
            msc_dataset_free(back);
            return; /* nobody tells who is whose child here, or it was too late */
        }
        ck_assert_ptr_null(back);
        ck_assert_int_eq((int)got, (int)end[k].status);
        ck_assert_str_eq(err.message, end[k].message);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read");
    TCase *tests = tcase_create("read");
    tcase_add_checked_fixture(tests, enter_folder, leave_folder);
    tcase_set_timeout(tests, 250);
    tcase_add_test(tests, what_was_written_comes_back);
    tcase_add_test(tests, what_is_left_out_is_filled_in);
    tcase_add_test(tests, nothing_at_all_is_a_file_too);
    tcase_add_test(tests, large_arrays_come_back);
    tcase_add_test(tests, many_texts_come_back);
    tcase_add_test(tests, odd_callers_are_served);
    tcase_add_test(tests, what_cannot_be_opened);
    tcase_add_test(tests, other_formats);
    tcase_add_test(tests, newer_minor_is_read);
    tcase_add_test(tests, wrong_structures);
    tcase_add_test(tests, truncated_anywhere);
    tcase_add_loop_test(tests, mutants_do_no_harm, 0, 2);
    tcase_add_test(tests, death_of_the_child_is_told);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
