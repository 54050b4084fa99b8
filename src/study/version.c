/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small things that belong to the library as a whole. */
#include <mscsim/scenario.h>

#include "base/text.h"

const char *msc_version(void)
{
    return MSC_VERSION;
}

const char *msc_nearest(const char *word, const char *const *candidates, size_t n)
{
    return msc_text_nearest(word, candidates, n);
}
