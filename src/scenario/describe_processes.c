/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes and routes read aloud. */
#include <string.h>

#include "scenario/describe.h"
#include "scenario/page.h"

/* "to a[organ], share 0.2; by fate; ..." of an `into` list */
static const char *branches_text(const msc_portrait *p, const msc_conf *into)
{
    const char *text = "";
    for (size_t i = 0; i < into->n; i++) {
        const msc_conf *to = msc_conf_find(into->child[i], "to"),
                       *share = msc_conf_find(into->child[i], "share");
        const msc_conf *fate = msc_conf_find(into->child[i], "fate");
        const char *what = share ? msc_portrait_text(p, share) : "";
        text = msc_arena_printf(p->arena, "%s%s%s%s%s%s%s%s", text, i > 0 ? ", " : "",
                                to ? "to " : "out of the model", to ? msc_portrait_text(p, to) : "",
                                fate ? " by " : "", fate ? msc_portrait_text(p, fate) : "",
                                share ? ": " : "", strcmp(what, "remainder") ? what : "the rest");
    }
    return text;
}

static const char *size_text(const msc_portrait *p, const msc_conf *entry)
{
    static const struct {
        const char *key, *words;
    } size[] = {{"hazard", "with the hazard"},
                {"rate", "at the rate"},
                {"share", "by the share"},
                {"dwell", "after a mean stay of"}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        const msc_conf *node = msc_conf_find(entry, size[i].key);
        if (node) {
            const char *text = msc_portrait_text(p, node);
            return strcmp(text, "remainder")
                       ? msc_arena_printf(p->arena, "%s %s", size[i].words, text)
                       : "with all that is left";
        }
    }
    return "";
}

static void print_process(const msc_portrait *p, const msc_process *process)
{
    const msc_conf *e = process->origin;
    const msc_conf *from = msc_conf_find(e, "from"), *to = msc_conf_find(e, "to"),
                   *into = msc_conf_find(e, "into");
    const msc_conf *yield = msc_conf_find(e, "yield"), *fate = msc_conf_find(e, "fate");
    const char *text = msc_arena_printf(p->arena, "%s:", process->name);
    text = from ? msc_arena_printf(p->arena, "%s from %s", text, msc_portrait_text(p, from))
                : msc_arena_printf(p->arena, "%s from outside", text);
    text = to     ? msc_arena_printf(p->arena, "%s to %s,", text, msc_portrait_text(p, to))
           : into ? msc_arena_printf(p->arena, "%s,", text)
                  : msc_arena_printf(p->arena, "%s out of the model,", text);
    text = msc_arena_printf(p->arena, "%s %s", text, size_text(p, e));
    text = into ? msc_arena_printf(p->arena, "%s, %s", text, branches_text(p, into)) : text;
    text = yield ? msc_arena_printf(p->arena, "%s; yield %s", text, msc_portrait_text(p, yield))
                 : text;
    text =
        fate ? msc_arena_printf(p->arena, "%s; fate %s", text, msc_portrait_text(p, fate)) : text;
    fprintf(p->out, "  ");
    msc_page_text(p->out, 2, 4, text);
    if (process->about) {
        fprintf(p->out, "    ");
        msc_page_text(p->out, 4, 4, process->about);
    }
}

/* A dwell and a hazard out of one amount: the hazard shortens the stay (ruling 8). */
static void note_shortened(const msc_portrait *p, const msc_process *dwell)
{
    const msc_model *m = p->model;
    for (size_t i = 0; i < m->n_process; i++) {
        const msc_process *other = &m->process[i];
        if (other != dwell && other->size == MSC_SIZE_HAZARD && other->from.amount >= 0 &&
            other->from.amount == dwell->from.amount) {
            fprintf(p->out, "    %s shortens this stay\n", other->name);
        }
    }
}

void msc_portrait_processes(const msc_portrait *p)
{
    const msc_model *m = p->model;
    fprintf(p->out, "\nProcesses (%zu)\n", m->n_process);
    for (size_t i = 0; i < m->n_process; i++) {
        print_process(p, &m->process[i]);
        if (m->process[i].size == MSC_SIZE_DWELL) {
            note_shortened(p, &m->process[i]);
        }
    }
}

void msc_portrait_routes(const msc_portrait *p)
{
    const msc_model *m = p->model;
    if (m->n_route > 0) {
        fprintf(p->out, "\nRoutes (%zu)\n", m->n_route);
    }
    for (size_t i = 0; i < m->n_route; i++) {
        const msc_route *r = &m->route[i];
        const msc_conf *to = msc_conf_find(r->origin, "to"),
                       *into = msc_conf_find(r->origin, "into");
        const msc_conf *per = msc_conf_find(r->origin, "per");
        const char *text =
            msc_arena_printf(p->arena, "%s%s%s:", r->name, per ? ", may be dosed per " : "",
                             per ? msc_portrait_text(p, per) : "");
        text = msc_arena_printf(p->arena, "%s %s%s", text, into ? "" : "to ",
                                into ? branches_text(p, into)
                                : to ? msc_portrait_text(p, to)
                                     : "");
        fprintf(p->out, "  ");
        msc_page_text(p->out, 2, 4, text);
        if (r->about) {
            fprintf(p->out, "    ");
            msc_page_text(p->out, 4, 4, r->about);
        }
        text = "";
        for (size_t t = 0; t < r->n_takes; t++) {
            text = msc_arena_printf(p->arena, "%s%s%s", text, t > 0 ? ", " : "",
                                    m->parameter[r->takes[t]].name);
        }
        if (*text) {
            fprintf(p->out, "    a dose may set ");
            msc_page_text(p->out, 19, 6, text);
        }
    }
}
