/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal of a sweep: whatever happens to the file, a record that comes back is the one that was
 * written, and what was written before the mishap comes back. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "folder.h"
#include "store/journal.h"

enum { N = 12, LARGEST = 300000, RECORD = MSC_JOURNAL_OVERHEAD };

static msc_error err;
static const msc_journal_input inputs[] = {{"a.cfg", "text of a", 9}, {"the seed", "1", 1}};
static const msc_journal_job job = {2, inputs, N, LARGEST};
static const msc_journal_options fresh = {.mode = MSC_JOURNAL_NEW, .sync_every = -1};
static const msc_journal_options resume = {.mode = MSC_JOURNAL_RESUME, .sync_every = -1};
static const msc_journal_options discard = {.mode = MSC_JOURNAL_DISCARD, .sync_every = -1};
static const msc_journal_options head_of_family = {
    .mode = MSC_JOURNAL_RESUME, .family = true, .sync_every = -1};

/* The payload of an index: its bytes and their number. */
static size_t small_size(uint64_t i)
{
    static const size_t size[] = {40, 0, 1, 7, 100};
    return size[i % 5];
}
static size_t large_size(uint64_t i)
{
    static const size_t size[] = {LARGEST, 65536, 65504, 65505, 10, 131072, 0};
    return size[i % 7];
}
static void fill(unsigned char *to, uint64_t i, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        to[k] = (unsigned char)((k * 31 + i * 7 + (k >> 8)) & 0xFF);
    }
}

static msc_journal *open_fine(const char *path, const msc_journal_job *of,
                              const msc_journal_options *options)
{
    msc_journal *j;
    ck_assert_msg(msc_journal_open(path, of, options, &j, &err) == MSC_OK, "%s", err.message);
    return j;
}

static void expect(const char *path, const msc_journal_job *of, const msc_journal_options *options,
                   msc_status want, const char *message)
{
    msc_journal *j;
    msc_status got = msc_journal_open(path, of, options, &j, &err);
    ck_assert_msg(got == want, "status %d, not %d: %s", (int)got, (int)want, err.message);
    ck_assert_str_eq(err.message, message);
    ck_assert_ptr_null(j);
}

static void append_fine(msc_journal *j, uint64_t i, size_t n)
{
    unsigned char payload[LARGEST] = {0};
    fill(payload, i, n);
    ck_assert_msg(msc_journal_append(j, i, payload, n, &err) == MSC_OK, "%s", err.message);
}

static void close_fine(msc_journal *j)
{
    ck_assert_msg(msc_journal_finish(j, &err) == MSC_OK, "%s", err.message);
    msc_journal_close(j);
}

/* Without the disk. */
static void close_quickly(msc_journal *j)
{
    ck_assert_int_eq(msc_journal_flush(j, &err), MSC_OK);
    msc_journal_close(j);
}

static uint64_t records(const msc_journal *j)
{
    msc_journal_state state;
    msc_journal_look(j, &state);
    return state.records;
}

/* All that is there is as it was written; how many that are. */
static uint64_t check_records(msc_journal *j, size_t (*size)(uint64_t))
{
    static unsigned char want[LARGEST];
    uint64_t n = 0;
    for (uint64_t i = 0; i < N; i++) {
        if (!msc_journal_has(j, i)) {
            continue;
        }
        const void *payload;
        size_t bytes;
        ck_assert_msg(msc_journal_read(j, i, &payload, &bytes, &err) == MSC_OK, "%s", err.message);
        ck_assert_uint_eq(bytes, size(i));
        fill(want, i, bytes);
        ck_assert(memcmp(payload, want, bytes) == 0);
        n++;
    }
    ck_assert_uint_eq(n, records(j));
    return n;
}

/* A journal with some records, out of order. */
static const uint64_t order[] = {3, 0, 7, 1, 4, 2, 11, 9};
enum { SOME = 8 };
static void write_some(const char *path, size_t (*size)(uint64_t), size_t n)
{
    msc_journal *j = open_fine(path, &job, &discard);
    for (size_t k = 0; k < n; k++) {
        append_fine(j, order[k], size(order[k]));
    }
    close_fine(j);
}

/* ---- what was written comes back ------------------------------------------------------------ */

START_TEST(records_come_back)
{
    size_t (*const size[])(uint64_t) = {small_size, large_size};
    for (int s = 0; s < 2; s++) {
        for (int how = -1; how < 2; how++) {
            msc_journal_options options = discard;
            options.sync_every = how == 1 ? 0.002 : how;
            msc_journal *j = open_fine("x.part", &job, &options);
            for (size_t k = 0; k < SOME; k++) {
                append_fine(j, order[k], size[s](order[k]));
            }
            ck_assert(msc_journal_has(j, 11) && !msc_journal_has(j, 5) && !msc_journal_has(j, N));
            ck_assert_uint_eq(check_records(j, size[s]),
                              SOME); /* while it is open, buffer or not */
            close_fine(j);
            j = open_fine("x.part", &job, &resume);
            ck_assert_uint_eq(check_records(j, size[s]), SOME);
            for (uint64_t i = 0; i < N; i++) {
                if (!msc_journal_has(j, i)) {
                    append_fine(j, i, size[s](i));
                }
            }
            ck_assert_uint_eq(check_records(j, size[s]), N);
            msc_journal_state state;
            struct stat st;
            msc_journal_look(j, &state);
            ck_assert(state.locked && state.dropped == 0 && state.n_file == 1);
            close_fine(j);
            ck_assert_int_eq(stat("x.part", &st), 0);
            ck_assert_uint_eq(state.bytes, (uint64_t)st.st_size);
        }
    }
    msc_journal *j = open_fine("x.part", &job, &resume);
    ck_assert_int_eq(msc_journal_remove(j, &err), MSC_OK);
    msc_journal_close(j);
    ck_assert_int_eq(files_here(), 0);
    msc_journal_close(NULL);
}
END_TEST

typedef struct {
    msc_journal *journal;
    uint64_t first, step, n;
} share;

static void *append_share(void *data)
{
    const share *s = data;
    for (uint64_t i = s->first; i < s->n; i += s->step) {
        uint64_t payload[3] = {i, i * i, ~i};
        msc_error mine;
        if (msc_journal_append(s->journal, i, payload, sizeof payload, &mine) != MSC_OK) {
            return data;
        }
    }
    return NULL;
}

START_TEST(threads_append_together)
{
    enum { THREADS = 4, MANY = 20000 };
    const msc_journal_job many = {2, inputs, MANY, 24};
    const msc_journal_options often = {.mode = MSC_JOURNAL_NEW, .sync_every = 0.001};
    msc_journal *j = open_fine("x.part", &many, &often);
    pthread_t thread[THREADS];
    share of[THREADS];
    for (uint64_t t = 0; t < THREADS; t++) {
        of[t] = (share){j, t, THREADS, MANY};
        ck_assert_int_eq(pthread_create(&thread[t], NULL, append_share, &of[t]), 0);
    }
    for (int t = 0; t < THREADS; t++) {
        void *failed;
        ck_assert_int_eq(pthread_join(thread[t], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    close_fine(j);
    j = open_fine("x.part", &many, &resume);
    ck_assert_uint_eq(records(j), MANY);
    for (uint64_t i = 0; i < MANY; i++) {
        const void *payload;
        size_t n;
        uint64_t value[3];
        ck_assert_int_eq(msc_journal_read(j, i, &payload, &n, &err), MSC_OK);
        ck_assert_uint_eq(n, sizeof value);
        memcpy(value, payload, sizeof value);
        ck_assert(value[0] == i && value[1] == i * i && value[2] == ~i);
    }
    close_fine(j);
}
END_TEST

START_TEST(misuse_is_told)
{
    msc_journal *j = open_fine("x.part", &job, &fresh);
    const void *payload;
    size_t n;
    append_fine(j, 3, 5);
    ck_assert_int_eq(msc_journal_append(j, 3, "", 0, &err), MSC_E_BUG);
    ck_assert_str_eq(err.message, "scenario 3 is in the journal already");
    ck_assert_int_eq(msc_journal_append(j, N, "", 0, &err), MSC_E_BUG);
    ck_assert_str_eq(err.message, "scenario 12 does not fit into the journal");
    ck_assert_int_eq(msc_journal_read(j, 4, &payload, &n, &err), MSC_E_BUG);
    close_fine(j);
    msc_journal_job bad = job;
    bad.n = 0;
    expect("y.part", &bad, &fresh, MSC_E_BUG, "a sweep out of the limits of its journal");
    bad.n = UINT64_C(1) << 41;
    expect("y.part", &bad, &fresh, MSC_E_BUG, "a sweep out of the limits of its journal");
    ck_assert_int_eq(files_here(), 1);
}
END_TEST

static size_t head_size(void)
{
    msc_journal *none = open_fine("none.part", &job, &fresh);
    msc_journal_state state;
    msc_journal_look(none, &state);
    msc_journal_close(none);
    return (size_t)state.bytes;
}

/* ---- mishaps -------------------------------------------------------------------------------- */

/* Cut anywhere: the records before are there, and the rest can be added. */
START_TEST(cut_at_any_byte)
{
    write_some("whole.part", small_size, SOME);
    size_t n;
    char *bytes = take_bytes("whole.part", &n);
    const size_t head = head_size();
    size_t end = head, k = 0; /* of the whole records, of which there are k */
    for (size_t size = 0; size <= n; size++) {
        if (k < SOME && size == end + RECORD + small_size(order[k])) {
            end = size;
            k++;
        }
        put_bytes("x.part", bytes, size);
        msc_journal *j = open_fine("x.part", &job, &resume);
        ck_assert_uint_eq(check_records(j, small_size), k);
        msc_journal_state state;
        msc_journal_look(j, &state);
        ck_assert_uint_eq(state.bytes, end);
        ck_assert_uint_eq(state.dropped, size < head ? 0 : size - end);
        for (uint64_t i = 0; i < N; i++) {
            if (!msc_journal_has(j, i)) {
                append_fine(j, i, small_size(i));
            }
        }
        close_quickly(j);
        j = open_fine("x.part", &job, &resume);
        ck_assert_uint_eq(check_records(j, small_size), N);
        msc_journal_look(j, &state);
        ck_assert_uint_eq(state.dropped, 0);
        close_quickly(j);
    }
    ck_assert_uint_eq(k, SOME);
    free(bytes);
}
END_TEST

/* Any bit wrong: in the head, nothing is believed; in a record's head, that one and those behind it are
 * lost; in a payload, that one. */
START_TEST(any_bit_flipped)
{
    write_some("whole.part", small_size, SOME);
    size_t n;
    char *bytes = take_bytes("whole.part", &n);
    const size_t head = head_size();
    size_t at = head, k = 0;
    for (size_t byte = 0; byte < n; byte++) {
        while (byte >= head && byte >= at + RECORD + small_size(order[k])) {
            at += RECORD + small_size(order[k++]);
        }
        for (int bit = 0; bit < 8; bit++) {
            bytes[byte] = (char)(bytes[byte] ^ 1 << bit);
            put_bytes("x.part", bytes, n);
            bytes[byte] = (char)(bytes[byte] ^ 1 << bit);
            msc_journal *j;
            msc_status status = msc_journal_open("x.part", &job, &resume, &j, &err);
            if (byte < head) {
                ck_assert_int_eq(status, MSC_E_DATA);
                continue;
            }
            ck_assert_msg(status == MSC_OK, "%s", err.message);
            uint64_t want = byte < at + RECORD ? k : SOME - 1;
            ck_assert_uint_eq(check_records(j, small_size), want);
            ck_assert(!msc_journal_has(j, order[k]));
            append_fine(j, order[k], small_size(order[k]));
            close_quickly(j);
            j = open_fine("x.part", &job, &resume);
            ck_assert_uint_eq(check_records(j, small_size), want + 1);
            close_quickly(j);
        }
    }
    free(bytes);
}
END_TEST

/* Damage while it is open is found when it is read. */
START_TEST(damage_is_found_when_reading)
{
    write_some("x.part", large_size, 3);
    msc_journal *j = open_fine("x.part", &job, &resume);
    size_t n, size;
    const void *payload;
    char *bytes = take_bytes("x.part", &n);
    FILE *file = fopen("x.part", "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long)n - 1000, SEEK_SET), 0);
    fputc(bytes[n - 1000] ^ 1, file);
    fclose(file);
    ck_assert_int_eq(msc_journal_read(j, 0, &payload, &size, &err), MSC_OK);
    ck_assert_int_eq(msc_journal_read(j, 7, &payload, &size, &err), MSC_E_IO);
    ck_assert_str_eq(err.message, "cannot read 'x.part': scenario 7 is no longer what was written");
    ck_assert_int_eq(truncate("x.part", (off_t)(n - large_size(7) - 40)), 0);
    ck_assert_int_eq(msc_journal_read(j, 3, &payload, &size, &err), MSC_OK);
    ck_assert_int_eq(msc_journal_read(j, 0, &payload, &size, &err), MSC_E_IO);
    ck_assert_str_eq(err.message, "cannot read 'x.part': scenario 0 is no longer what was written");
    msc_journal_close(j);
    free(bytes);
}
END_TEST

/* What another journal left in the file's blocks is none of ours, whole as it may be. */
START_TEST(records_of_another_job_are_none)
{
    const msc_journal_input other_inputs[] = {{"a.cfg", "text of b", 9}, {"the seed", "1", 1}};
    const msc_journal_job other = {2, other_inputs, N, LARGEST};
    msc_journal *j = open_fine("other.part", &other, &fresh);
    append_fine(j, 5, 40);
    close_fine(j);
    write_some("x.part", small_size, 2);
    size_t n, m;
    char *ours = take_bytes("x.part", &n), *theirs = take_bytes("other.part", &m);
    FILE *file = fopen("x.part", "ab");
    ck_assert_uint_eq(fwrite(theirs + m - 72, 1, 72, file), 72);
    fclose(file);
    j = open_fine("x.part", &job, &resume);
    ck_assert_uint_eq(check_records(j, small_size), 2);
    ck_assert(!msc_journal_has(j, 5));
    close_fine(j);
    free(ours);
    free(theirs);
}
END_TEST

/* ---- whose it is ---------------------------------------------------------------------------- */

START_TEST(other_jobs_are_refused_in_words)
{
    write_some("x.part", small_size, SOME);
    size_t n, m;
    char *before = take_bytes("x.part", &n);
    const msc_journal_input changed[] = {{"a.cfg", "text of a", 9}, {"the seed", "2", 1}};
    const msc_journal_input renamed[] = {{"b.cfg", "text of a", 9}, {"the seed", "1", 1}};
    const msc_journal_input swapped[] = {inputs[1], inputs[0]};
    msc_journal_job other = job;
    other.input = changed;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job: the seed changed; -f discards it");
    expect("x.part", &other, &fresh, MSC_E_CANTCREAT,
           "'x.part' is of another sweep or fit that was not finished; -f discards it");
    other.input = renamed;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job: b.cfg is new; -f discards it");
    other.input = swapped;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job, with other quantities or another order of its inputs; -f "
           "discards it");
    other = job;
    other.n_input = 1;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job, which had also the seed; -f discards it");
    other = job;
    other.n = 13;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job, with 12 scenarios instead of 13; -f discards it");
    other = job;
    other.largest = 5;
    expect("x.part", &other, &resume, MSC_E_DATA,
           "'x.part' is of another job, with other quantities or another order of its inputs; -f "
           "discards it");
    expect("x.part", &job, &fresh, MSC_E_CANTCREAT,
           "'x.part' has 8 of 12 scenarios of a sweep that was not finished; --resume goes on with "
           "it, -f starts anew");
    msc_journal_options named = fresh;
    named.records = "starts and profiles of a fit";
    expect("x.part", &job, &named, MSC_E_CANTCREAT,
           "'x.part' has 8 starts and profiles of a fit that was not finished; --resume goes on with "
           "it, -f starts anew");
    ck_assert_int_eq(msc_status_exit_code(MSC_E_DATA), 65);
    char *after = take_bytes("x.part", &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(before, after, n);
    msc_journal *j = open_fine("x.part", &other, &discard);
    ck_assert_uint_eq(records(j), 0);
    close_fine(j);
    j = open_fine("x.part", &job, &fresh); /* one without a record is none */
    close_fine(j);
    free(before);
    free(after);
}
END_TEST

START_TEST(foreign_files_are_left_alone)
{
    put_bytes("x.part", "my notes", 8);
    for (int mode = MSC_JOURNAL_NEW; mode <= MSC_JOURNAL_DISCARD; mode++) {
        const msc_journal_options options = {.mode = (msc_journal_mode)mode, .family = true};
        if (mode == MSC_JOURNAL_RESUME) {
            expect("x.part", &job, &options, MSC_E_DATA, "'x.part' is not a journal of mscsim");
        } else {
            expect("x.part", &job, &options, MSC_E_CANTCREAT,
                   "'x.part' is in the way: it is not a journal of mscsim");
        }
    }
    size_t n;
    char *bytes = take_bytes("x.part", &n);
    ck_assert(n == 8 && memcmp(bytes, "my notes", 8) == 0);
    free(bytes);

    put_bytes("empty.part", "", 0);
    close_fine(open_fine("empty.part", &job, &fresh));

    ck_assert_int_eq(mkdir("folder.part", 0777), 0);
    ck_assert_int_eq(mkfifo("fifo.part", 0666), 0);
    ck_assert_int_eq(symlink("x.part", "link.part"), 0);
    expect("folder.part", &job, &resume, MSC_E_CANTCREAT,
           "cannot create 'folder.part': Is a directory");
    expect("fifo.part", &job, &resume, MSC_E_CANTCREAT, "'fifo.part' is not a regular file");
    expect("link.part", &job, &discard, MSC_E_CANTCREAT,
           "'link.part' is a symbolic link; journals are regular files only");
    expect("no/such.part", &job, &fresh, MSC_E_CANTCREAT,
           "cannot create 'no/such.part': No such file or directory");
    ck_assert_int_eq(files_here(), 5);
}
END_TEST

/* Another process has it: refused, and that one's records are untouched. */
START_TEST(second_opener_is_refused)
{
    int ready[2], fate;
    char byte;
    ck_assert_int_eq(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        msc_journal *j = open_fine("x.part", &job, &fresh);
        append_fine(j, 2, small_size(2));
        if (msc_journal_flush(j, &err) != MSC_OK || write(ready[1], "x", 1) != 1) {
            _exit(1);
        }
        pause();
        _exit(1);
    }
    ck_assert_int_eq((int)read(ready[0], &byte, 1), 1);
    expect("x.part", &job, &fresh, MSC_E_BUSY, "'x.part' is in use by another run");
    expect("x.part", &job, &resume, MSC_E_BUSY, "'x.part' is in use by another run");
    expect("x.part", &job, &discard, MSC_E_BUSY, "'x.part' is in use by another run");
    ck_assert_int_eq(msc_status_exit_code(MSC_E_BUSY), 75);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, &fate, 0), pid);
    msc_journal *j = open_fine("x.part", &job, &resume); /* a lock dies with its process */
    ck_assert_uint_eq(check_records(j, small_size), 1);
    close_fine(j);
}
END_TEST

/* ---- several processes ---------------------------------------------------------------------- */

static void write_one(const char *path, const uint64_t *index, size_t n)
{
    msc_journal *j = open_fine(path, &job, &resume);
    for (size_t k = 0; k < n; k++) {
        append_fine(j, index[k], small_size(index[k]));
    }
    close_fine(j);
}

START_TEST(a_family_is_one_journal)
{
    static const uint64_t one[] = {0, 4, 2}, two[] = {5, 4, 7}, ten[] = {11};
    msc_journal *j = open_fine("x.part", &job, &head_of_family);
    append_fine(j, 1, small_size(1));
    write_one("x.part.1", one, 3);
    write_one("x.part.2", two, 3); /* 4 is there twice, and the same */
    ck_assert_int_eq(msc_journal_gather(j, &err), MSC_OK);
    ck_assert_uint_eq(check_records(j, small_size), 6);
    write_one("x.part.10", ten, 1);
    ck_assert_int_eq(msc_journal_gather(j, &err), MSC_OK);
    ck_assert_int_eq(msc_journal_gather(j, &err), MSC_OK);
    ck_assert_uint_eq(check_records(j, small_size), 7);
    close_fine(j);

    /* what is named otherwise is nobody's business */
    put_bytes("x.part.01", "?", 1);
    put_bytes("x.part.x", "?", 1);
    put_bytes("x.parts.1", "?", 1);
    put_bytes("x.part.1234567", "?", 1);
    j = open_fine("x.part", &job, &head_of_family);
    ck_assert_uint_eq(check_records(j, small_size), 7);
    append_fine(j, 3, small_size(3));
    msc_journal_state state;
    msc_journal_look(j, &state);
    ck_assert_uint_eq(state.n_file, 4);
    msc_journal_close(j);

    /* though the first be gone */
    ck_assert_int_eq(unlink("x.part"), 0);
    msc_journal_options family = head_of_family;
    family.mode = MSC_JOURNAL_NEW;
    expect("x.part", &job, &family, MSC_E_CANTCREAT,
           "'x.part.1' has 3 of 12 scenarios of a sweep that was not finished; --resume goes on "
           "with it, -f starts anew");
    j = open_fine("x.part", &job, &head_of_family);
    ck_assert_uint_eq(check_records(j, small_size), 6);
    ck_assert_int_eq(msc_journal_remove(j, &err), MSC_OK);
    msc_journal_close(j);
    ck_assert_int_eq(files_here(), 4);

    write_one("x.part.1", one, 3);
    family.mode = MSC_JOURNAL_DISCARD;
    j = open_fine("x.part", &job, &family);
    ck_assert_uint_eq(records(j), 0);
    ck_assert_int_eq(access("x.part.1", F_OK), -1);
    close_fine(j);
}
END_TEST

START_TEST(contradictions_are_refused)
{
    msc_journal *j = open_fine("x.part", &job, &fresh);
    append_fine(j, 4, 10);
    close_fine(j);
    j = open_fine("x.part.1", &job, &fresh);
    append_fine(j, 4, 11);
    close_fine(j);
    expect("x.part", &job, &head_of_family, MSC_E_DATA,
           "'x.part' and 'x.part.1' have different results of scenario 4; -f discards them");
}
END_TEST

/* ---- full disks ----------------------------------------------------------------------------- */

/* Full at any byte: said once and for all, and what was in before is good. */
START_TEST(full_at_any_byte)
{
    write_some("whole.part", small_size, SOME);
    struct stat st;
    struct rlimit limit;
    ck_assert_int_eq(stat("whole.part", &st), 0);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlim_t unlimited = limit.rlim_cur;
    signal(SIGXFSZ, SIG_IGN);
    const msc_journal_options options = {.mode = MSC_JOURNAL_RESUME, .sync_every = -1};
    for (off_t size = 0; size < st.st_size; size++) {
        uint64_t written = 0;
        unlink("x.part");
        limit.rlim_cur = (rlim_t)size;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        msc_journal *j;
        msc_status status = msc_journal_open("x.part", &job, &options, &j, &err);
        for (size_t k = 0; k < SOME && status == MSC_OK; k++) {
            unsigned char payload[100];
            const size_t n = small_size(order[k]);
            fill(payload, order[k], n);
            status = msc_journal_append(j, order[k], payload, n, &err);
            if (status == MSC_OK) {
                status = msc_journal_flush(j, &err);
            }
            written += status == MSC_OK;
        }
        limit.rlim_cur = unlimited;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        ck_assert_int_eq(status, MSC_E_IO);
        ck_assert_str_eq(err.message, "cannot write 'x.part': File too large");
        if (j) { /* room has come, but this one has failed */
            ck_assert_int_eq(msc_journal_append(j, 5, "", 0, &err), MSC_E_IO);
            ck_assert_int_eq(msc_journal_sync(j, &err), MSC_E_IO);
            ck_assert_str_eq(err.message, "cannot write 'x.part': File too large");
            msc_journal_close(j);
        }
        j = open_fine("x.part", &job, &resume);
        ck_assert_uint_eq(check_records(j, small_size), written);
        close_quickly(j);
    }
}
END_TEST

START_TEST(full_disk)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mkdir("small", 0777) != 0 || mount("tmpfs", "small", "tmpfs", 0, "size=1m") != 0) {
        puts("test_journal: no file system may be mounted here: a really full disk was not tried");
        return;
    }
    static unsigned char payload[LARGEST];
    msc_journal *j = open_fine("small/x.part", &job, &fresh);
    uint64_t n = 0;
    msc_status status = MSC_OK;
    for (uint64_t i = 0; i < N && status == MSC_OK; i++) {
        fill(payload, i, LARGEST);
        status = msc_journal_append(j, i, payload, LARGEST, &err);
        n += status == MSC_OK;
    }
    ck_assert_int_eq(status, MSC_E_IO);
    ck_assert_str_eq(err.message, "cannot write 'small/x.part': No space left on device");
    msc_journal_close(j);
    ck_assert_uint_eq(n, 3); /* of 300 kB each in a MiB */
    ck_assert_int_eq(mount("tmpfs", "small", "tmpfs", MS_REMOUNT, "size=8m"), 0);
    j = open_fine("small/x.part", &job, &resume);
    ck_assert_uint_eq(records(j), n);
    for (uint64_t i = n; i < N; i++) {
        append_fine(j, i, LARGEST);
    }
    close_fine(j);
    ck_assert_int_eq(umount("small"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tests = tcase_create("journal");
    tcase_add_checked_fixture(tests, enter_folder, leave_folder);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, records_come_back);
    tcase_add_test(tests, threads_append_together);
    tcase_add_test(tests, misuse_is_told);
    tcase_add_test(tests, cut_at_any_byte);
    tcase_add_test(tests, any_bit_flipped);
    tcase_add_test(tests, damage_is_found_when_reading);
    tcase_add_test(tests, records_of_another_job_are_none);
    tcase_add_test(tests, other_jobs_are_refused_in_words);
    tcase_add_test(tests, foreign_files_are_left_alone);
    tcase_add_test(tests, second_opener_is_refused);
    tcase_add_test(tests, a_family_is_one_journal);
    tcase_add_test(tests, contradictions_are_refused);
    tcase_add_test(tests, full_at_any_byte);
    tcase_add_test(tests, full_disk);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
