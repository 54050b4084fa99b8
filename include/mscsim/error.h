/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Status codes and the error record. Every fallible function returns an msc_status and takes an
 * `msc_error *` last, which may be NULL. The library never prints and never exits. */
#ifndef MSCSIM_ERROR_H
#define MSCSIM_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MSC_API __attribute__((visibility("default")))
#define MSC_CHECK __attribute__((warn_unused_result))
#define MSC_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define MSC_API
#define MSC_CHECK
#define MSC_PRINTF(f, a)
#endif

typedef enum {
#define MSC_STATUS(name, code, text) MSC_##name,
#include <mscsim/status.def>
#undef MSC_STATUS
} msc_status;

/* What went wrong. `where` is a place in the user's input ("configs/x.cfg:12: regimen[1].dose"),
 * empty if there is none; `message` is one sentence without a full stop. */
typedef struct {
    msc_status status;
    char where[512];
    char message[1024];
} msc_error;

MSC_API const char *msc_status_text(msc_status status);
MSC_API int msc_status_exit_code(msc_status status);

/* Record a failure and return its status; where may be NULL. err may be NULL. */
MSC_API msc_status msc_fail(msc_error *err, msc_status status, const char *where,
                            const char *format, ...) MSC_PRINTF(4, 5);

/* "where: message", or the message alone, into a buffer of n bytes; control characters escaped. */
MSC_API void msc_error_text(const msc_error *err, char *buffer, unsigned long n);

#ifdef __cplusplus
}
#endif
#endif
