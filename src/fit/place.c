/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where in the file of data something stands that is found to be wrong once the model is known: the file is gone through
 * again, so that rows need not remember. */
#include <stdarg.h>
#include <string.h>

#include "fit/cells.h"
#include "fit/fit.h"

static msc_fit_column column_of(const msc_fit_table *t, msc_data_place place)
{
    switch (place) {
    case MSC_AT_GROUP: return FIT_GROUP;
    case MSC_AT_TIME: return FIT_TIME;
    case MSC_AT_QUANTITY: return t->at[FIT_QUANTITY] ? FIT_QUANTITY : t->at[FIT_COMPARTMENT] ? FIT_COMPARTMENT : FIT_VALUE;
    case MSC_AT_UNIT: return t->at[FIT_UNIT] ? FIT_UNIT : FIT_VALUE;
    case MSC_AT_DECAY: return FIT_DECAY;
    case MSC_AT_CALIBRATION: return t->at[FIT_CALIBRATION] ? FIT_CALIBRATION : FIT_DECAY;
    case MSC_AT_N: return FIT_N;
    case MSC_AT_WEIGHT: return FIT_WEIGHT;
    case MSC_AT_AMOUNT: return FIT_AMOUNT;
    case MSC_AT_RATE: return t->at[FIT_RATE] ? FIT_RATE : FIT_AMOUNT;
    case MSC_AT_COMPARTMENT: return FIT_COMPARTMENT;
    case MSC_AT_VALUE: break;
    }
    return msc_fit_cell(t, FIT_VALUE) ? FIT_VALUE : msc_fit_cell(t, FIT_LOW) ? FIT_LOW : FIT_LIMIT;
}

void msc_fit_vfail_at(const msc_fit *f, size_t line, msc_data_place place, const char *format, va_list args)
{
    msc_fit_table *t = MSC_NEW(f->arena, msc_fit_table, 1);
    const msc_csv_field *field = NULL;
    t->arena = f->arena, t->units = f->opened->model->units;
    t->csv = msc_csv_of_text(f->arena, f->data->text, f->data->name);
    msc_fit_table_begin(t);
    while (!field && msc_fit_table_next(t)) {
        field = t->csv->field[0].line == line ? msc_fit_place(t, column_of(t, place)) : NULL;
    }
    const size_t column = field ? field->column : 1;
    msc_vthrow(f->arena, MSC_E_DATA, msc_arena_printf(f->arena, "%s:%zu:%zu", f->data->name, field ? field->line : line, column), format, args);
}

void msc_fit_fail_at(const msc_fit *f, size_t line, msc_data_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    msc_fit_vfail_at(f, line, place, format, args);
}
