/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scan that a text passes before libconfig sees it. Private to the floor. */
#ifndef MSC_CONF_SCAN_H
#define MSC_CONF_SCAN_H

#include <stddef.h>

#include "base/arena.h"

enum {
    MSC_CONF_TEXT_MAX = 1024 * 1024, /* bytes of a file */
    MSC_CONF_DEPTH_MAX = 64,         /* brackets in brackets */
    MSC_CONF_KEYS_MAX = 2000,        /* of one group: libconfig takes quadratic time */
    MSC_CONF_ELEMENTS_MAX = 100000,  /* of one array or list */
    MSC_CONF_STRING_MAX = 64 * 1024, /* bytes, adjacent strings joined */
    MSC_CONF_NAME_MAX = 64,
    MSC_CONF_NUMBER_MAX = 64
};

/* A text that libconfig will read as it is meant, and the line of each of its nodes: a setting's is
 * that of its name, an element's that of its first token, in the order in which they begin. */
typedef struct {
    const char *text; /* no BOM, LF only, a LF at the end, no NUL */
    const int *line;
    size_t n;
} msc_conf_scanned;

/* Throws E_CONFIG at "name:line". */
msc_conf_scanned msc_conf_scan(msc_arena *arena, const char *name, const char *text, size_t n);

#endif
