/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What would be run, and how large it is. */
#include <string.h>

#include "scenario/caution.h"
#include "scenario/evaluate.h"
#include "scenario/page.h"
#include "scenario/regimen.h"
#include "scenario/scenario.h"

enum { LABEL = 12 };

static void label(FILE *stream, const char *name)
{
    fprintf(stream, "  %-*s", LABEL - 2, name);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void print_model(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    const msc_model *m = s->model;
    size_t proper = 0, transit = 0, riders = 0;
    for (size_t i = 0; i < m->n_amount; i++) {
        riders += m->amount[i].cargo >= 0;
        transit += m->amount[i].cargo < 0 && m->amount[i].transit;
        proper += m->amount[i].cargo < 0 && !m->amount[i].transit;
    }
    const struct {
        size_t n;
        const char *one, *many;
    } part[] = {{m->n_source, "file", "files"},   {m->n_parameter, "parameter", "parameters"},
                {proper, "amount", "amounts"},    {transit, "more in transit", "more in transit"},
                {riders, "of cargo", "of cargo"}, {m->n_process, "process", "processes"},
                {m->n_route, "route", "routes"}};
    const char *text = "";
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (part[i].n > 0) {
            text = msc_arena_printf(arena, "%s%s%zu %s", text, *text ? ", " : "", part[i].n,
                                    part[i].n == 1 ? part[i].one : part[i].many);
        }
    }
    label(stream, "model");
    msc_page_text(stream, LABEL, LABEL, text);
}

static void print_program(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    const msc_program *p = s->program;
    label(stream, "program");
    msc_page_text(
        stream, LABEL, LABEL,
        msc_arena_printf(
            arena,
            "%u states, %u shared values; a matrix of %u rows with %u entries in %u blocks; "
            "%u switch%s in time",
            p->n_state, p->n_node, p->matrix.n, p->matrix.n_entry, p->matrix.n_block, p->n_switch,
            p->n_switch == 1 ? "" : "es"));
    if (p->n_sliced > 0) {
        label(stream, "");
        msc_page_text(stream, LABEL, LABEL,
                      msc_arena_printf(
                          arena,
                          "%u more state%s need%s no work: in this scenario nothing can get there, or "
                          "nothing asked for depends on %s",
                          p->n_sliced, plural(p->n_sliced), p->n_sliced == 1 ? "s" : "",
                          p->n_sliced == 1 ? "it" : "them"));
    }
}

static void print_output(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    const msc_program *p = s->program;
    size_t ledgers = 0, values = 0, runs = 0;
    for (uint32_t i = 0; i < p->n_quantity; i++) {
        ledgers += p->quantity[i].pool >= 0;
        values += p->quantity[i].n;
    }
    for (size_t i = 0; i < s->n_range; i++) {
        runs += s->range[i].n_value;
    }
    const double bytes = (double)s->n_time * (double)values * (s->float32 ? 4 : 8);
    const int thousands = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
    static const char *const unit[] = {"bytes", "kB", "MB", "GB"};
    static const double scale[] = {1, 1e3, 1e6, 1e9};
    char day[2][MSC_PAGE_NUMBER], number[MSC_PAGE_NUMBER];
    label(stream, "time");
    fprintf(stream, "%s to %s\n", msc_page_moment(day[0], s->model->units, s->start),
            msc_page_moment(day[1], s->model->units, s->until));
    label(stream, "output");
    msc_page_text(
        stream, LABEL, LABEL,
        msc_arena_printf(arena, "%zu times x %zu values (%zu quantities, %zu of ledgers), %s %s",
                         s->n_time, values, p->n_quantity - ledgers, ledgers,
                         msc_page_number(number, bytes / scale[thousands], 3), unit[thousands]));
    if (s->endpoints.n > 0) {
        label(stream, "endpoints");
        fprintf(stream, "%zu\n", s->endpoints.n);
    }
    if (runs > 0) {
        label(stream, "ranges");
        fprintf(stream, "%zu more run%s\n", runs, plural(runs));
    }
    label(stream, "file");
    fprintf(stream, "%s\n", s->file ? s->file : "none named: run it with -o FILE");
}

static void print_solver(msc_arena *arena, const msc_scenario *s, FILE *stream)
{
    label(stream, "solver");
    msc_page_text(stream, LABEL, LABEL,
                  msc_arena_printf(arena,
                                   "%s; tolerances %g, relative, and %g of a pool's largest dose",
                                   s->solver.method ? s->solver.method : msc_engine_methods()[0],
                                   s->solver.rtol, s->atol));
}

msc_status msc_scenario_preview(const msc_scenario *scenario, FILE *stream, msc_error *err)
{
    msc_arena *arena = msc_arena_new(err);
    if (!arena) {
        return MSC_E_NOMEM;
    }
    if (MSC_CATCH(arena)) {
        const msc_error thrown = arena->error;
        msc_arena_free(arena);
        if (err) {
            *err = thrown;
        }
        return thrown.status;
    }
    msc_page_text(stream, 0, 0, scenario->model->title ? scenario->model->title : scenario->path);
    const bool doses = scenario->n_dose > 0;
    msc_page_heading(stream, scenario->notes.n > 0 ? doses ? "Nothing is wrong, but there are warnings. This would be run:"
                                                           : "There are warnings, and no doses. This would be run:"
                             : doses ? "Nothing is wrong. This would be run:"
                                     : "Nothing is wrong, but there are no doses. This would be run:");
    print_output(arena, scenario, stream);
    print_solver(arena, scenario, stream);
    print_model(arena, scenario, stream);
    print_program(arena, scenario, stream);
    msc_page_heading(stream, doses ? "Doses" : "No doses: the scenario has no regimen");
    msc_regimen_print(arena, scenario, stream);
    msc_caution_print(stream, scenario->model);
    msc_arena_free(arena);
    return msc_page_end(stream, err);
}
