/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models read from texts, for the tests of the reader. A text is put into a file m.cfg whose first
 * line extends base.cfg, a small model with one thing of every kind (reading.c); so its own first
 * line is line 2. */
#ifndef MSC_SUPPORT_READING_H
#define MSC_SUPPORT_READING_H

#include "model/model.h"

typedef struct {
    const char *text, *message;
} msc_reading_case;

/* The model; the test fails if there is none. The caller frees. */
msc_model *msc_reading_model(const char *text);
/* The text is refused with exactly this message. */
void msc_reading_refused(const msc_reading_case *c);
/* An expression as text in static memory: names, elements, $0 for slots: "(k * arrest[$0+1])". */
const char *msc_reading_text(const msc_model *model, const msc_expr *expr);
/* "lodged[$0,pos]"; "-" for none. */
const char *msc_reading_place(const msc_model *model, const msc_place *place);

#endif
