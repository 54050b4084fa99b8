/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages for people: numbers as one reads them, columns, lines of at most 80 characters. */
#ifndef MSC_SCENARIO_PAGE_H
#define MSC_SCENARIO_PAGE_H

#include <stdio.h>

#include "base/units.h"

enum { MSC_PAGE_WIDTH = 79, MSC_PAGE_NUMBER = 40 };

/* A number to at most so many significant digits: 12,300 or 0.9; 1.23e8 where zeros would have to be
 * counted; "-" if it is none. Gives buffer, which has MSC_PAGE_NUMBER bytes. */
const char *msc_page_number(char *buffer, double value, int digits);
/* The same with all its digits: 0.900, of something computed. */
const char *msc_page_value(char *buffer, double value, int digits);
/* "180 - 4,000", or "180" if both are shown alike. */
const char *msc_page_range(char *buffer, double low, double high, int digits);
/* "12.3 %"; "<0.1 %" rather than a small number. */
const char *msc_page_percent(char *buffer, double share);
/* "1.3 MB" */
const char *msc_page_bytes(char *buffer, double bytes);
/* Units remember what they have parsed. After this, pages only read of them what is remembered: threads that run one scenario can
 * say when something happened. */
void msc_page_prepare(msc_units *units);
/* A span of time (inner units) in the unit in which it is best read: "30 min", "2.8 days". */
const char *msc_page_span(char *buffer, msc_units *units, double span, int digits);
/* A date: "day 1.02". */
const char *msc_page_day(char *buffer, msc_units *units, double time);
/* The same for a column: what is less than a tenth of a day from time 0 as a span, "1.7 min". */
const char *msc_page_moment(char *buffer, msc_units *units, double time);

/* Words wrapped; the first line goes on at column `at`, the others begin at `indent`. Ends the line. */
void msc_page_text(FILE *stream, int at, int indent, const char *text);
/* A heading with a blank line before it. */
void msc_page_heading(FILE *stream, const char *text);
/* How wide a UTF-8 text is on a terminal, combining characters aside. */
int msc_page_width(const char *text);
/* Text in a column so wide, left or right (width < 0). */
void msc_page_cell(FILE *stream, int width, const char *text);
/* E_IO if the stream has failed. */
MSC_CHECK msc_status msc_page_end(FILE *stream, msc_error *err);

#endif
