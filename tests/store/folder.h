/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fresh folder for each test, and the bytes of files in it. */
#ifndef MSC_TEST_STORE_FOLDER_H
#define MSC_TEST_STORE_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/suite.h"

static char folder[400];

static inline void enter_folder(void)
{
    snprintf(folder, sizeof folder, "%s/msc.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static inline void leave_folder(void)
{
    char command[450];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
}

static inline int files_here(void)
{
    int n = 0;
    DIR *here = opendir(".");
    for (struct dirent *e; (e = readdir(here)) != NULL;) {
        n += e->d_name[0] != '.';
    }
    closedir(here);
    return n;
}

static inline void put_bytes(const char *path, const void *bytes, size_t n)
{
    unlink(path); /* to cut a file to nothing and write it anew makes some file systems sync it */
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

/* The caller frees. */
static inline char *take_bytes(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    *n = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*n + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, *n, file), *n);
    fclose(file);
    return bytes;
}

static inline void same_bytes(const char *a, const char *b)
{
    size_t n, m, i = 0;
    char *x = take_bytes(a, &n), *y = take_bytes(b, &m);
    ck_assert_uint_eq(n, m);
    while (i < n && x[i] == y[i]) {
        i++;
    }
    ck_assert_msg(i == n, "byte %zu differs", i);
    free(x);
    free(y);
}

#endif
