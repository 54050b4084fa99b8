/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gnuplot as a process. Script and messages go by files without a name, the figure straight into the
 * new file, so that nothing can wait for anything. */
#include "store/gnuplot.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/dataset.h"
#include "store/outfile.h"

extern char **environ;

/* The caller's environment, but for what would make equal figures differ. The caller frees. */
static char **environment(void)
{
    static const char *const set[] = {"LC_ALL=C", "TZ=UTC", "SOURCE_DATE_EPOCH=0"};
    static const char *const drop[] = {
        "LC_ALL=", "TZ=", "SOURCE_DATE_EPOCH=", "GNUTERM=", "GNUPLOT_LIB="};
    size_t n = 0, used = 0;
    while (environ[n]) {
        n++;
    }
    char **list = calloc(n + sizeof set / sizeof *set + 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        bool kept = true;
        for (size_t k = 0; k < sizeof drop / sizeof *drop; k++) {
            kept = kept && strncmp(environ[i], drop[k], strlen(drop[k])) != 0;
        }
        if (kept) {
            list[used++] = environ[i];
        }
    }
    for (size_t k = 0; list && k < sizeof set / sizeof *set; k++) {
        list[used++] = (char *)(uintptr_t)set[k]; /* execve takes them so, and changes none */
    }
    return list;
}

/* 0, or the system's reason. Signals find the child as the shell would have started it. */
static int spawn(pid_t *child, char **list, int in, int out, int messages)
{
    char name[] = "gnuplot", defaults[] = "-d", from[] = "-";
    char *argv[] = {name, defaults, from, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    sigaddset(&usual, SIGXFSZ);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawn_file_actions_adddup2(&actions, in, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out, 1);
    (void)posix_spawn_file_actions_adddup2(&actions, messages, 2);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &usual);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int failed = posix_spawnp(child, name, &actions, &attributes, argv, list);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return failed;
}

/* A PDF tells when it was made, whatever SOURCE_DATE_EPOCH says (cairo 1.16): digits become those of 1970. */
static msc_status undate(int file, msc_error *err)
{
    static const char key[] = "/CreationDate (D:", date[] = "19700101000000";
    struct stat st;
    if (fstat(file, &st) != 0 || st.st_size > 1 << 30) {
        return MSC_OK;
    }
    const size_t n = (size_t)st.st_size, own = sizeof key - 1;
    char *bytes = malloc(n + 1);
    if (!bytes) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    const bool whole = pread(file, bytes, n, 0) == (ssize_t)n;
    bool written = true;
    for (size_t i = 0; whole && i + own + sizeof date <= n; i++) {
        if (bytes[i] == '/' && memcmp(bytes + i, key, own) == 0) {
            written = written && pwrite(file, date, sizeof date - 1, (off_t)(i + own)) ==
                                     (ssize_t)sizeof date - 1;
        }
    }
    free(bytes);
    return whole && written
               ? MSC_OK
               : msc_fail(err, MSC_E_IO, NULL, "cannot write the figure: %s", strerror(errno));
}

/* Of its messages the last that is none of its warnings, nor the command that it echoes. */
static msc_status complain(FILE *messages, int fate, msc_error *err)
{
    char line[256] = "", read[256];
    rewind(messages);
    while (fgets(read, sizeof read, messages)) {
        read[strcspn(read, "\r\n")] = '\0';
        const char *text = read + strspn(read, " \t^");
        if (*text && !strstr(text, "warning:") && strncmp(text, "gnuplot>", 8) != 0) {
            memmove(line, text, strlen(text) + 1);
        }
    }
    if (WIFSIGNALED(fate)) {
        return msc_fail(err, MSC_E_IO, NULL, "gnuplot was ended by signal %d", WTERMSIG(fate));
    }
    return msc_fail(err, MSC_E_IO, NULL, "gnuplot failed%s%s", line[0] ? ": " : "", line);
}

static msc_status run(FILE *script, FILE *messages, int out, msc_error *err)
{
    char **list = environment();
    pid_t child = 0, gone;
    int fate = 0;
    struct stat st;
    if (!list) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    const int failed = spawn(&child, list, fileno(script), out, fileno(messages));
    free(list);
    if (failed == ENOENT) {
        return msc_fail(
            err, MSC_E_IO, NULL,
            "figures are drawn by gnuplot, which is not installed (Debian: gnuplot-nox; or 'make setup')");
    }
    if (failed != 0) {
        return msc_fail(err, MSC_E_IO, NULL, "cannot start gnuplot: %s", strerror(failed));
    }
    do {
        gone = waitpid(child, &fate, 0);
    } while (gone < 0 && errno == EINTR);
    if (gone != child || !WIFEXITED(fate) || WEXITSTATUS(fate) == 127 || WEXITSTATUS(fate) != 0) {
        return complain(messages, fate, err);
    }
    return fstat(out, &st) == 0 && st.st_size > 0 ? MSC_OK : complain(messages, fate, err);
}

msc_status msc_gnuplot_draw(const char *script, const char *path, bool force, msc_error *err)
{
    msc_status status = msc_store_probe(path, force, err);
    if (status != MSC_OK) {
        return status;
    }
    msc_outfile file = {NULL, NULL, -1};
    FILE *in = tmpfile(), *messages = tmpfile();
    if (!in || !messages || fputs(script, in) == EOF || fflush(in) != 0 ||
        fseek(in, 0, SEEK_SET) != 0) {
        status =
            msc_fail(err, MSC_E_IO, NULL, "cannot write a temporary file: %s", strerror(errno));
    } else {
        status = msc_outfile_open(&file, path, false, err);
    }
    if (status == MSC_OK) {
        status = run(in, messages, file.fd, err);
    }
    if (status == MSC_OK) {
        status = undate(file.fd, err);
    }
    if (status == MSC_OK) {
        status = msc_outfile_commit(&file, force, err);
    }
    msc_outfile_clear(&file);
    if (in) {
        fclose(in);
    }
    if (messages) {
        fclose(messages);
    }
    return status;
}
