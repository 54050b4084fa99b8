/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Private to data.c and cells.c: the header of a file of data, and single cells of its rows. */
#ifndef MSC_STUDY_FIT_CELLS_H
#define MSC_STUDY_FIT_CELLS_H

#include "fit/csv.h"
#include "fit/data.h"

/* What a column is for, whatever its name. */
typedef enum {
    FIT_STUDY,
    FIT_GROUP,
    FIT_TIME,
    FIT_TIME_UNIT,
    FIT_QUANTITY,
    FIT_ELEMENT,
    FIT_VALUE,
    FIT_UNIT,
    FIT_SD,
    FIT_SE,
    FIT_N,
    FIT_LOW,
    FIT_HIGH,
    FIT_CENSORED,
    FIT_LIMIT,
    FIT_DECAY,
    FIT_CALIBRATION,
    FIT_WEIGHT,
    FIT_AMOUNT,
    FIT_RATE,
    FIT_EVID,
    FIT_MDV,
    FIT_COMPARTMENT,
    FIT_CENS,
    FIT_REFUSED, /* known to NONMEM and empty here */
    FIT_COMMENT,
    FIT_COLUMNS
} msc_fit_column;

typedef struct {
    msc_arena *arena;
    msc_csv *csv;
    msc_units *units;
    const msc_fit_data_units *otherwise;
    size_t n;              /* columns */
    size_t header_line;
    msc_fit_column column[MSC_CSV_FIELDS];
    const char *title[MSC_CSV_FIELDS]; /* without a unit */
    size_t at[FIT_COLUMNS];            /* where it is, plus 1; 0: nowhere */
    const char *time_unit, *value_unit, *amount_unit, *calibration_unit; /* of the header, or NULL */
} msc_fit_table;

/* The header. Throws E_DATA. */
void msc_fit_table_begin(msc_fit_table *table);

/* The next row; false: there is none. */
bool msc_fit_table_next(msc_fit_table *table);

/* A cell of the row; NULL if the column or what is in it is missing. */
const msc_csv_field *msc_fit_cell(const msc_fit_table *table, msc_fit_column column);
/* Where to point to if a column has something to do with it: its field, or else the row's first. */
const msc_csv_field *msc_fit_place(const msc_fit_table *table, msc_fit_column column);
const char *msc_fit_title(const msc_fit_table *table, msc_fit_column column);

/* A number, and half the unit of its last digit as written; half may be NULL. */
double msc_fit_real(const msc_fit_table *table, const msc_csv_field *cell, double *half);
/* A whole number from least to most. */
long msc_fit_whole(const msc_fit_table *table, msc_fit_column column, long least, long most);
/* Which of the words (a NULL at their end) a cell is. */
size_t msc_fit_choice(const msc_fit_table *table, const msc_csv_field *cell, const char *const *words);

_Noreturn void msc_fit_fail(const msc_fit_table *table, const msc_csv_field *cell, const char *format, ...) MSC_PRINTF(3, 4);

#endif
