/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing results: equal bytes, refusals, full disks, and what other programs make of the file. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hdf5.h>

#include "support/suite.h"

#include "sample.h"

static msc_error err;

/* A fresh folder for each test: its files and nothing else. */
static char folder[400];

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

static int files_here(void)
{
    int n = 0;
    DIR *here = opendir(".");
    for (struct dirent *e; (e = readdir(here)) != NULL;) {
        n += e->d_name[0] != '.';
    }
    closedir(here);
    return n;
}

static int files_open(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }
    return n;
}

#define OLD "\x89HDF\r\n\x1a\nold" /* what begins otherwise is no results file, and is not replaced */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void expect(msc_status got, msc_status want, const char *message)
{
    ck_assert_msg(got == want, "status %d, not %d: %s", (int)got, (int)want, err.message);
    ck_assert_msg(strstr(err.message, message) != NULL, "'%s' is not in '%s'", message,
                  err.message);
}

static void same_bytes(const char *a, const char *b)
{
    size_t n, m;
    char *x = sample_bytes(a, &n), *y = sample_bytes(b, &m);
    ck_assert_uint_gt(n, 0);
    ck_assert_uint_eq(n, m);
    size_t i = 0;
    while (i < n && x[i] == y[i]) {
        i++;
    }
    ck_assert_msg(i == n, "byte %zu differs", i);
    free(x);
    free(y);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

START_TEST(equal_datasets_give_equal_bytes)
{
    const msc_store_options options[] = {{0}, {.compression = 4}, {.float32 = true}};
    const char *name[] = {"a.h5", "b.h5", "c.h5"}, *again[] = {"a2.h5", "b2.h5", "c2.h5"};
    msc_array arrays[7];
    const msc_dataset d = sample_for_32_bits(arrays);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(msc_store_write(name[i], &d, &options[i], &err), MSC_OK);
    }
    sleep(1);
    nanosleep(&(struct timespec){0, 200000000}, NULL);
    for (int i = 0; i < 3; i++) {
        /* another process with another heap */
        pid_t pid = fork();
        if (pid == 0) {
            void *other = malloc(100000);
            memset(other, 0x5a, 100000);
            free(other);
            _exit(msc_store_write(again[i], &d, &options[i], &err) != MSC_OK);
        }
        int fate;
        ck_assert_int_eq(waitpid(pid, &fate, 0), pid);
        ck_assert_int_eq(fate, 0);
        same_bytes(name[i], again[i]);
    }
    ck_assert_int_eq(files_here(), 6);
}
END_TEST

START_TEST(large_arrays_are_equal_too)
{
    enum { N = 300001 };
    double *x = malloc(N * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (int i = 0; i < N; i++) {
        x[i] = sin(i);
    }
    const msc_axis axis = {.name = "i", .n = N, .value = x};
    const msc_array array = {.name = "x", .n_axis = 1, .real = x};
    const msc_dataset d = {1, 1, 0, &axis, &array, NULL};
    for (int packed = 0; packed < 2; packed++) {
        const msc_store_options options = {.force = true, .compression = packed};
        ck_assert_int_eq(msc_store_write("a.h5", &d, &options, &err), MSC_OK);
        ck_assert_int_eq(msc_store_write("b.h5", &d, &options, &err), MSC_OK);
        same_bytes("a.h5", "b.h5");
    }
    free(x);
}
END_TEST

START_TEST(options_are_checked)
{
    const msc_store_options options = {.compression = 10};
    expect(msc_store_write("a.h5", &sample, &options, &err), MSC_E_BUG, "from 0 to 9");
    ck_assert_int_eq(files_here(), 0);
}
END_TEST

/* What 32 bits cannot hold is not written as infinite; what is infinite by itself stays so. */
START_TEST(too_large_for_32_bits)
{
    const msc_store_options options = {.float32 = true};
    expect(msc_store_write("a.h5", &sample, &options, &err), MSC_E_DATA,
           "'live' has the value 1e+300, and 32 bits hold 3.4e+38 at most; store it without output.float32");
    ck_assert_str_eq(err.where, "a.h5");
    ck_assert_int_eq(files_here(), 0);
    const double past[] = {-INFINITY, INFINITY, NAN, -3.4028234663852886e38};
    msc_array arrays[7];
    msc_dataset d = sample_for_32_bits(arrays);
    arrays[0].n_axis = 1, arrays[0].real = past;
    ck_assert_int_eq(msc_store_write("a.h5", &d, &options, &err), MSC_OK);
    arrays[0].real = (const double[]){0.0, 0.0, 0.0, -3.5e38};
    expect(msc_store_write("b.h5", &d, &options, &err), MSC_E_DATA, "'live' has the value -3.5e+38");
    ck_assert_int_eq(files_here(), 1);
}
END_TEST

START_TEST(nothing_is_left_open)
{
    const msc_store_options options = {.force = true, .compression = 1};
    int files = files_open();
    size_t memory = 0;
    for (int i = 0; i < 400; i++) {
        ck_assert_int_eq(msc_store_write("a.h5", &sample, &options, &err), MSC_OK);
        ck_assert_int_eq((int)H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
        ck_assert_int_eq(files_open(), files);
        if (i == 200) {
            memory = mallinfo2().uordblks;
        }
    }
    ck_assert_uint_lt(mallinfo2().uordblks, memory + 20000); /* nor half an object a time */
}
END_TEST

/* ---- where it may be written ---------------------------------------------------------------- */

START_TEST(existing_file_needs_force)
{
    put("oi.h5", OLD);
    expect(msc_store_probe("oi.h5", false, &err), MSC_E_CANTCREAT, "oi.h5 exists; -f replaces it, -o names another");
    expect(msc_store_write("oi.h5", &sample, NULL, &err), MSC_E_CANTCREAT,
           "oi.h5 exists; -f replaces it, -o names another");
    size_t n;
    char *bytes = sample_bytes("oi.h5", &n);
    ck_assert_uint_eq(n, strlen(OLD));
    free(bytes);
    const msc_store_options force = {.force = true};
    ck_assert_int_eq(msc_store_probe("oi.h5", true, &err), MSC_OK);
    ck_assert_int_eq(msc_store_write("oi.h5", &sample, &force, &err), MSC_OK);
    bytes = sample_bytes("oi.h5", &n);
    ck_assert_uint_gt(n, 1000);
    free(bytes);
    ck_assert_int_eq(files_here(), 1);
}
END_TEST

START_TEST(only_regular_files_are_replaced)
{
    ck_assert_int_eq(mkdir("folder", 0777), 0);
    ck_assert_int_eq(mkfifo("fifo", 0666), 0);
    put("target", "target");
    ck_assert_int_eq(symlink("target", "link"), 0);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    for (int force = 0; force < 2; force++) {
        const msc_store_options options = {.force = force};
        expect(msc_store_write("folder", &sample, &options, &err), MSC_E_CANTCREAT, "is a folder");
        expect(msc_store_write("folder/", &sample, &options, &err), MSC_E_CANTCREAT, "is a folder");
        expect(msc_store_write("/dev/null", &sample, &options, &err), MSC_E_CANTCREAT,
               "is not a regular file");
        expect(msc_store_write("/dev/full", &sample, &options, &err), MSC_E_CANTCREAT,
               "is not a regular file");
        expect(msc_store_write("fifo", &sample, &options, &err), MSC_E_CANTCREAT,
               "is not a regular file");
        expect(msc_store_write("link", &sample, &options, &err), MSC_E_CANTCREAT,
               "is a symbolic link");
        expect(msc_store_write("dangling", &sample, &options, &err), MSC_E_CANTCREAT,
               "is a symbolic link");
        expect(msc_store_write("", &sample, &options, &err), MSC_E_CANTCREAT, "is empty");
        expect(msc_store_write("new/", &sample, &options, &err), MSC_E_CANTCREAT, "of a folder");
        expect(msc_store_write("no/such/x.h5", &sample, &options, &err), MSC_E_CANTCREAT,
               "there is no folder 'no/such'");
        expect(msc_store_write("target/x.h5", &sample, &options, &err), MSC_E_CANTCREAT,
               "Not a directory");
    }
    ck_assert_int_eq(files_here(), 5);
}
END_TEST

START_TEST(long_names_are_refused_in_words)
{
    char name[300];
    memset(name, 'x', sizeof name);
    name[299] = '\0';
    expect(msc_store_probe(name, false, &err), MSC_E_CANTCREAT, "File name too long");
    name[254] = '\0'; /* the temporary one is longer */
    expect(msc_store_probe(name, false, &err), MSC_E_CANTCREAT, "File name too long");
    expect(msc_store_write(name, &sample, NULL, &err), MSC_E_CANTCREAT, "File name too long");
    ck_assert_int_eq(files_here(), 0);
}
END_TEST

START_TEST(a_probe_makes_a_file_and_leaves_none)
{
    put("x.h5", OLD);
    ck_assert_int_eq(msc_store_probe_file("x.h5", &err), MSC_OK);
    ck_assert_int_eq(msc_store_probe_file("new.h5", &err), MSC_OK);
    ck_assert_int_eq(files_here(), 1);
    size_t n;
    free(sample_bytes("x.h5", &n));
    ck_assert_uint_eq(n, strlen(OLD));
    expect(msc_store_probe_file("/proc/x.h5", &err), MSC_E_CANTCREAT, "cannot create '/proc/x.h5'"); /* nobody may */
}
END_TEST

START_TEST(leftover_of_a_killed_run_does_no_harm)
{
    char name[64];
    snprintf(name, sizeof name, "x.h5.tmp.%ld", (long)getpid());
    put(name, "leftover");
    ck_assert_int_eq(msc_store_write("x.h5", &sample, NULL, &err), MSC_OK);
    ck_assert_int_eq(unlink("x.h5"), 0);
    ck_assert_int_eq(symlink("/dev/null", name), 0);
    ck_assert_int_eq(msc_store_write("x.h5", &sample, NULL, &err), MSC_OK);
    ck_assert_int_eq(files_here(), 1);
    struct stat st;
    ck_assert_int_eq(lstat("x.h5", &st), 0);
    ck_assert(S_ISREG(st.st_mode) && st.st_nlink == 1);
    ck_assert_int_eq(mkdir(name, 0777), 0);
    ck_assert_int_eq(unlink("x.h5"), 0);
    expect(msc_store_write("x.h5", &sample, NULL, &err), MSC_E_CANTCREAT,
           "cannot create 'x.h5.tmp.");
}
END_TEST

START_TEST(mode_follows_umask)
{
    struct stat st;
    mode_t before = umask(027);
    ck_assert_int_eq(msc_store_write("x.h5", &sample, NULL, &err), MSC_OK);
    umask(before);
    ck_assert_int_eq(stat("x.h5", &st), 0);
    ck_assert_int_eq((int)(st.st_mode & 0777), 0640);
}
END_TEST

/* ---- what cannot be written ----------------------------------------------------------------- */

static void expect_unfit(const msc_axis *axis, size_t n_axis, const msc_array *array,
                         size_t n_array, const char *message)
{
    const msc_dataset d = {n_axis, n_array, 0, axis, array, NULL};
    expect(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG, message);
    ck_assert_int_eq(files_here(), 0);
}

START_TEST(unfit_datasets_are_refused)
{
    static const double x[4] = {0};
    static const uint8_t seven[] = {7, 7};
    static const char *const words[] = {"two words", "good"};
    const msc_axis empty[] = {{.name = "t", .n = 0, .value = x}};
    const msc_axis bare[] = {{.name = "t", .n = 1}};
    const msc_axis slash[] = {{.name = "a/b", .n = 1, .value = x}};
    const msc_axis dots[] = {{.name = "..", .n = 1, .value = x}};
    const msc_axis good[] = {{.name = "t", .n = 2, .value = x}, {.name = "u", .n = 2, .value = x}};
    const msc_axis huge[] = {{.name = "t", .n = SIZE_MAX / 2, .value = x}};
    const msc_axis twice[] = {good[0], good[0]};
    const msc_array a = {.name = "a", .n_axis = 1, .real = x};
    const msc_array clash = {.name = "t", .n_axis = 1, .real = x};
    const msc_array both[] = {a, a};
    const msc_array square = {.name = "a", .n_axis = 2, .axis = {1, 1}, .real = x};
    const msc_array stray = {.name = "a", .n_axis = 1, .axis = {2}, .real = x};
    const msc_array deep = {.name = "a", .n_axis = 9, .real = x};
    const msc_array none = {.name = "a", .n_axis = 1};
    const msc_array flag = {.name = "a",
                            .kind = MSC_ARRAY_FLAG,
                            .n_axis = 1,
                            .flag = seven,
                            .n_meaning = 2,
                            .flag_meaning = words + 0};
    const char *const fine[] = {"good", "bad"};
    msc_array unknown = flag;
    unknown.flag_meaning = fine;
    expect_unfit(empty, 1, &a, 1, "axis 't' is empty");
    expect_unfit(bare, 1, &a, 1, "either labels or values");
    expect_unfit(slash, 1, &a, 1, "unfit name, 'a/b'");
    expect_unfit(dots, 1, &a, 1, "unfit name, '..'");
    expect_unfit(huge, 1, &a, 1, "larger than any memory");
    expect_unfit(twice, 2, &a, 1, "the axis 't' twice");
    expect_unfit(good, 2, &clash, 1, "the name 't' twice");
    expect_unfit(good, 2, both, 2, "the name 'a' twice");
    expect_unfit(good, 2, &square, 1, "over 'u' twice");
    expect_unfit(good, 2, &stray, 1, "does not exist");
    expect_unfit(good, 2, &deep, 1, "9 axes");
    expect_unfit(good, 2, &none, 1, "has no data");
    expect_unfit(good, 2, &flag, 1, "not one word");
    expect_unfit(good, 2, &unknown, 1, "value 7");

    const msc_attribute own = {.name = "Conventions", .text = "mine"};
    const msc_dataset d = {1, 1, 1, good, &a, &own};
    expect(msc_store_write("x.h5", &d, NULL, &err), MSC_E_BUG, "'Conventions' twice");
}
END_TEST

/* ---- full disks ----------------------------------------------------------------------------- */

/* At whatever byte the disk is full: a sentence, no litter, the old file as it was. */
START_TEST(full_at_any_byte)
{
    const msc_store_options force = {.force = true};
    struct stat st;
    ck_assert_int_eq(msc_store_write("x.h5", &sample, NULL, &err), MSC_OK);
    ck_assert_int_eq(stat("x.h5", &st), 0);
    put("old.h5", OLD);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlim_t unlimited = limit.rlim_cur;
    int before = files_open();
    for (off_t size = 0; size < st.st_size; size += 97) {
        limit.rlim_cur = (rlim_t)size;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        msc_status got = msc_store_write("old.h5", &sample, &force, &err);
        limit.rlim_cur = unlimited;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        expect(got, MSC_E_IO, "cannot write 'old.h5': File too large");
        ck_assert_int_eq(files_here(), 2);
        ck_assert_int_eq(files_open(), before);
    }
    size_t n;
    char *bytes = sample_bytes("old.h5", &n);
    ck_assert_uint_eq(n, strlen(OLD));
    free(bytes);
    /* and the library is none the worse */
    ck_assert_int_eq(msc_store_write("new.h5", &sample, NULL, &err), MSC_OK);
    same_bytes("x.h5", "new.h5");
}
END_TEST

/* A small file system of our own, which goes with this process. False if we may not. */
static bool mount_small(const char *name, const char *size)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mkdir(name, 0777) == 0 && mount("tmpfs", name, "tmpfs", 0, size) == 0;
}

START_TEST(full_disk)
{
    if (!mount_small("small", "size=256k")) {
        return; /* not root */
    }
    enum { N = 100000 };
    double *x = calloc(N, sizeof *x);
    ck_assert_ptr_nonnull(x);
    const msc_axis axis[] = {{.name = "i", .n = N / 100, .value = x},
                             {.name = "j", .n = 100, .value = x}};
    const msc_array array = {.name = "x", .n_axis = 2, .axis = {0, 1}, .real = x};
    const msc_dataset d = {2, 1, 0, axis, &array, NULL};
    ck_assert_int_eq(chdir("small"), 0);
    put("x.h5", OLD);
    const msc_store_options force = {.force = true};
    int before = files_open();
    for (int i = 0; i < 10; i++) {
        expect(msc_store_write("x.h5", &d, &force, &err), MSC_E_IO,
               "cannot write 'x.h5': No space left on device");
        ck_assert_int_eq(files_here(), 1);
        ck_assert_int_eq(files_open(), before);
    }
    ck_assert_int_eq(msc_store_write("y.h5", &sample, NULL, &err), MSC_OK);
    const msc_store_options packed = {.force = true, .compression = 1};
    ck_assert_int_eq(msc_store_write("x.h5", &d, &packed, &err), MSC_OK);
    free(x);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(umount("small"), 0);
}
END_TEST

/* ---- what is odd but right ------------------------------------------------------------------ */

START_TEST(many_arrays_on_one_axis)
{
    enum { N = 4096 };
    static char name[N][16];
    static msc_array array[N];
    static const double x[3] = {1, 2, 3};
    const msc_axis axis = {.name = "time", .n = 3, .value = x};
    for (int i = 0; i < N; i++) {
        snprintf(name[i], sizeof name[i], "v%d", i);
        array[i] = (msc_array){.name = name[i], .n_axis = 1, .real = x};
    }
    const msc_dataset d = {1, N, 0, &axis, array, NULL};
    ck_assert_msg(msc_store_write("x.h5", &d, NULL, &err) == MSC_OK, "%s", err.message);
    msc_dataset *back;
    ck_assert_msg(msc_store_read("x.h5", &back, &err) == MSC_OK, "%s", err.message);
    ck_assert_uint_eq(back->n_array, N);
    ck_assert_str_eq(back->array[N - 1].name, "v4095");
    msc_dataset_free(back);
}
END_TEST

/* Opened by h5py, by xarray with two engines and by ncdump (tests/store/check_open.py). */
START_TEST(others_read_it)
{
    const char *top = getenv("TOP"), *python = getenv("PYTHON");
    if (!top) {
        return;
    }
    static char text[200000];
    memset(text, 'c', sizeof text - 1);
    memcpy(text, "# caf\xE9\n", 7); /* as ISO 8859-1 has it */
    msc_attribute attribute[16];
    for (int i = 0; i < 16; i++) {
        static char name[16][16];
        snprintf(name[i], sizeof name[i], "text%d", i);
        attribute[i] = (msc_attribute){.name = name[i], .text = i % 2 ? text : "short"};
    }
    msc_array arrays[7];
    msc_dataset d = sample;
    const msc_dataset narrow = sample_for_32_bits(arrays);
    d.n_attribute = 16;
    d.attribute = attribute;
    const msc_store_options options[] = {{0}, {.compression = 1, .float32 = true}};
    for (int i = 0; i < 2; i++) {
        char command[1200];
        ck_assert_int_eq(msc_store_write("other.h5", i ? &narrow : &d, &options[i], &err), MSC_OK);
        snprintf(command, sizeof command, "'%s' '%s/tests/store/check_open.py' '%s/other.h5'",
                 python ? python : "/usr/bin/python3", top, folder);
        int fate = system(command);
        ck_assert_msg(WIFEXITED(fate) && (WEXITSTATUS(fate) == 0 || WEXITSTATUS(fate) == 77),
                      "check_open.py says no");
        ck_assert_int_eq(unlink("other.h5"), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("write");
    TCase *tests = tcase_create("write");
    tcase_add_checked_fixture(tests, enter_folder, leave_folder);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, equal_datasets_give_equal_bytes);
    tcase_add_test(tests, large_arrays_are_equal_too);
    tcase_add_test(tests, options_are_checked);
    tcase_add_test(tests, too_large_for_32_bits);
    tcase_add_test(tests, nothing_is_left_open);
    tcase_add_test(tests, existing_file_needs_force);
    tcase_add_test(tests, only_regular_files_are_replaced);
    tcase_add_test(tests, long_names_are_refused_in_words);
    tcase_add_test(tests, a_probe_makes_a_file_and_leaves_none);
    tcase_add_test(tests, leftover_of_a_killed_run_does_no_harm);
    tcase_add_test(tests, mode_follows_umask);
    tcase_add_test(tests, unfit_datasets_are_refused);
    tcase_add_test(tests, full_at_any_byte);
    tcase_add_test(tests, full_disk);
    tcase_add_test(tests, many_arrays_on_one_axis);
    tcase_add_test(tests, others_read_it);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
