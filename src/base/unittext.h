/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Unit texts before UDUNITS-2 sees them. Private to units.c. */
#ifndef MSC_BASE_UNITTEXT_H
#define MSC_BASE_UNITTEXT_H

enum { MSC_UNITTEXT_MAX = 256 }; /* the longest, in bytes */

/* Copies the text without the blanks around it; gives NULL, or why it cannot be a unit ("has a ..."). */
const char *msc_unittext_clean(const char *text, char buffer[MSC_UNITTEXT_MAX + 1]);

#endif
