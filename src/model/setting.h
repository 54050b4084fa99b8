/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings (--set KEY=VALUE) on a merged tree. */
#ifndef MSC_MODEL_SETTING_H
#define MSC_MODEL_SETTING_H

#include "conf/conf.h"

/* The k-th (from 1). A path of names is a layer with one entry, merged by the merge rule; a path
 * with an index ("regimen[0].dose", "regimen[*].day") changes the list in place. Throws E_CONFIG,
 * and E_USAGE for what is no KEY=VALUE. */
void msc_setting_apply(msc_arena *arena, msc_conf *tree, int k, const char *text);

#endif
