/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Memory that lives and dies together, and the way out. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "support/suite.h"

static msc_arena *arena;

static void set_up(void)
{
    arena = msc_arena_new(NULL);
    ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
    msc_arena_free(arena);
}

static bool all_are(const unsigned char *bytes, unsigned char value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

START_TEST(test_alloc_is_zeroed_aligned_and_apart)
{
    unsigned char *before = NULL;
    size_t length = 0;
    for (size_t n = 0; n < 3000; n += 7) {
        unsigned char *memory = msc_arena_alloc(arena, n, 3);
        ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
        ck_assert(all_are(memory, 0, 3 * n));
        memset(memory, 0xAB, 3 * n);
        ck_assert(memory != before);
        ck_assert(all_are(before, 0xAB, length));
        before = memory;
        length = 3 * n;
    }
}
END_TEST

START_TEST(test_large_ones_leave_the_block_in_use)
{
    char *small = msc_arena_alloc(arena, 1, 16);
    msc_arena_alloc(arena, 1, 1000000);
    char *next = msc_arena_alloc(arena, 1, 16);
    ck_assert_ptr_eq(next, small + 16);
}
END_TEST

START_TEST(test_texts)
{
    ck_assert_str_eq(msc_arena_strdup(arena, "abc"), "abc");
    ck_assert_str_eq(msc_arena_strndup(arena, "abc", 2), "ab");
    ck_assert_str_eq(msc_arena_strndup(arena, "abc", 9), "abc");
    ck_assert_str_eq(msc_arena_printf(arena, "%s-%d", "a", 7), "a-7");
    char longer[5000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert_str_eq(msc_arena_printf(arena, "%s", longer), longer);
}
END_TEST

START_TEST(test_push)
{
    int *array = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < 1000; i++) {
        *MSC_PUSH(arena, array, n, cap) = i;
    }
    ck_assert_uint_eq(n, 1000);
    ck_assert_uint_ge(cap, n);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(array[i], i);
    }
}
END_TEST

/* Used again, the memory is zeroed, in one block, and nothing more is asked for. */
START_TEST(test_reset)
{
    void *volatile first = NULL;
    for (volatile int turn = 0; turn < 5; turn++) {
        for (int i = 0; i < 300; i++) {
            unsigned char *memory = msc_arena_alloc(arena, 1000, 1);
            if (i == 0 && turn > 0) {
                ck_assert(turn == 1 || memory == first);
                first = memory;
            }
            int other = 0; /* one assertion for all: each is a system call */
            for (int k = 0; k < 1000; k++) {
                other += memory[k] != 0;
            }
            ck_assert_int_eq(other, 0);
            memset(memory, 7, 1000);
        }
        if (!MSC_CATCH(arena)) {
            msc_throw(arena, MSC_E_CONFIG, NULL, "gone with the rest");
        }
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        msc_arena_reset(arena);
        ck_assert_int_eq(arena->error.status, MSC_OK);
    }
}
END_TEST

static void dive(int depth, bool throw)
{
    msc_arena_alloc(arena, (size_t)depth, 8);
    if (depth > 0) {
        dive(depth - 1, throw);
    } else if (throw) {
        msc_throw(arena, MSC_E_CONFIG, "x.cfg:3", "at depth %d", depth);
    }
}

START_TEST(test_throw)
{
    volatile int landed = 0;
    if (MSC_CATCH(arena)) {
        landed++;
        ck_assert_int_eq(arena->error.status, MSC_E_CONFIG);
        ck_assert_str_eq(arena->error.where, "x.cfg:3");
        ck_assert_str_eq(arena->error.message, "at depth 0");
    } else {
        dive(50, true);
    }
    ck_assert_int_eq(landed, 1);
}
END_TEST

/* ---- each for itself ---- */

static msc_status thrown[8];
static int done;

static void one(void *context, size_t i)
{
    (void)context;
    done++;
    if (thrown[i] != MSC_OK) {
        msc_throw(arena, thrown[i], "a.cfg:1", "fault %zu", i / 2); /* two say the same */
    }
}

static void nested(void *context, size_t i)
{
    (void)i;
    msc_arena_each(arena, 8, one, context);
}

START_TEST(test_faults_of_each)
{
    msc_error error[4] = {{0}};
    msc_faults faults = {.most = 4, .error = error};
    memset(thrown, 0, sizeof thrown);
    thrown[1] = thrown[2] = thrown[3] = thrown[6] = MSC_E_CONFIG;
    done = 0;
    if (MSC_CATCH(arena) == 0) { /* nobody collects: the first is thrown */
        msc_arena_each(arena, 8, one, NULL);
        ck_abort_msg("no throw");
    }
    ck_assert_int_eq(done, 2);
    arena->faults = &faults;
    if (MSC_CATCH(arena) == 0) {
        msc_arena_each(arena, 8, one, NULL);
        ck_assert_int_eq(done, 2 + 8);
        ck_assert_uint_eq(faults.n, 3);
        ck_assert_str_eq(error[0].message, "fault 0");
        ck_assert_str_eq(error[1].message, "fault 1");
        ck_assert_str_eq(error[2].message, "fault 3");
        msc_arena_stop(arena);
        ck_abort_msg("no throw");
    }
    ck_assert_str_eq(arena->error.message, "fault 0");
}
END_TEST

START_TEST(test_faults_within_and_others)
{
    msc_error error[2] = {{0}};
    msc_faults faults = {.most = 2, .error = error};
    arena->faults = &faults;
    memset(thrown, 0, sizeof thrown);
    thrown[2] = MSC_E_CONFIG;
    done = 0;
    if (MSC_CATCH(arena) == 0) { /* inside of one, all is one */
        msc_arena_each(arena, 2, nested, NULL);
    }
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_int_eq(done, 3 + 3);
    thrown[1] = MSC_E_NOMEM; /* no fault of the user's */
    if (MSC_CATCH(arena) == 0) {
        msc_arena_each(arena, 8, one, NULL);
        ck_abort_msg("no throw");
    }
    ck_assert_int_eq(arena->error.status, MSC_E_NOMEM);
    ck_assert_uint_eq(faults.n, 1);
    thrown[1] = MSC_OK, thrown[4] = thrown[6] = MSC_E_CONFIG, done = 0;
    if (MSC_CATCH(arena) == 0) { /* there is room for two */
        msc_arena_each(arena, 8, one, NULL);
        ck_abort_msg("no throw");
    }
    ck_assert_uint_eq(faults.n, 2);
    ck_assert_int_eq(done, 5);
    ck_assert_str_eq(arena->error.message, "fault 1");
}
END_TEST

START_TEST(test_long_message_is_cut)
{
    if (MSC_CATCH(arena)) {
        const size_t n = sizeof arena->error.message;
        ck_assert_uint_eq(strlen(arena->error.message), n - 1);
        ck_assert_str_eq(arena->error.message + n - 4, "...");
        return;
    }
    msc_throw(arena, MSC_E_CONFIG, NULL, "%2000d", 1);
}
END_TEST

START_TEST(test_want_of_memory)
{
    static const size_t sizes[][2] = {
        {SIZE_MAX, 1}, {SIZE_MAX / 2, 4}, {1, SIZE_MAX}, {SIZE_MAX, SIZE_MAX}, {PTRDIFF_MAX, 1}};
    if (MSC_CATCH(arena)) {
        ck_assert_int_eq(arena->error.status, MSC_E_NOMEM);
        return;
    }
    msc_arena_alloc(arena, sizes[_i][0], sizes[_i][1]);
    ck_abort_msg("allocated");
}
END_TEST

START_TEST(test_free_of_nothing)
{
    msc_arena_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_alloc_is_zeroed_aligned_and_apart);
    tcase_add_test(tests, test_large_ones_leave_the_block_in_use);
    tcase_add_test(tests, test_texts);
    tcase_add_test(tests, test_push);
    tcase_add_test(tests, test_reset);
    tcase_add_test(tests, test_throw);
    tcase_add_test(tests, test_faults_of_each);
    tcase_add_test(tests, test_faults_within_and_others);
    tcase_add_test(tests, test_long_message_is_cut);
    tcase_add_loop_test(tests, test_want_of_memory, 0, 5);
    tcase_add_test(tests, test_free_of_nothing);
    suite_add_tcase(suite, tests);
    return msc_suite_run(suite);
}
