/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cautions: printed with every page of a model, stored with every result. */
#include "scenario/caution.h"

#include "scenario/page.h"
#include "scenario/scenario.h"

void msc_caution_print(FILE *stream, const msc_model *model)
{
    if (model->n_caution > 0) {
        msc_page_heading(stream, "What the model says of itself");
    }
    for (size_t i = 0; i < model->n_caution; i++) {
        fprintf(stream, "  ");
        msc_page_text(stream, 2, 4, model->caution[i]);
    }
}

const char *msc_caution_text(msc_arena *arena, const msc_model *model)
{
    const char *text = NULL;
    for (size_t i = 0; i < model->n_caution; i++) {
        text = text ? msc_arena_printf(arena, "%s\n%s", text, model->caution[i]) : model->caution[i];
    }
    return text;
}

const char *msc_scenario_caution(const msc_scenario *scenario, size_t i)
{
    return i < scenario->model->n_caution ? scenario->model->caution[i] : NULL;
}
