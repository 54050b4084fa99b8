/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all who write files share. */
#include "store/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

msc_status msc_sysfile_fail(msc_error *err, msc_status status, const char *doing, const char *path,
                            int code)
{
    char reason[256];
    if (strerror_r(code, reason, sizeof reason) != 0) {
        snprintf(reason, sizeof reason, "error %d", code);
    }
    return msc_fail(err, status, NULL, "cannot %s '%s': %s", doing, path, reason);
}

static bool is_full(int code)
{
    return code == ENOSPC || code == EDQUOT || code == EIO;
}

msc_status msc_sysfile_fail_create(msc_error *err, const char *path, const char *name, int code)
{
    return is_full(code) ? msc_sysfile_fail(err, MSC_E_IO, "write", path, code)
                         : msc_sysfile_fail(err, MSC_E_CANTCREAT, "create", name, code);
}

char *msc_sysfile_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

msc_status msc_sysfile_sync_folder(const char *path, msc_error *err)
{
    char *folder = msc_sysfile_folder(path);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (fd < 0) {
        return MSC_OK; /* a folder one may write into but not read */
    }
    int failed;
    do {
        failed = fsync(fd) < 0 ? errno : 0;
    } while (failed == EINTR);
    close(fd);
    return is_full(failed) ? msc_sysfile_fail(err, MSC_E_IO, "write", path, failed) : MSC_OK;
}
