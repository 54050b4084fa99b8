/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two axes that set one thing: the later would win, and half the rows would bear a label that is untrue. (Of two axes
 * over numbers the knobs see to it, scenario/knob.c.) */
#include <string.h>

#include "sweep/sweep.h"

/* The next step of a path, "[0]" or "name", without those that may be left out; false: it is at its end. */
static bool step(const char **path, const char **begin, size_t *n)
{
    static const char *const idle[] = {"value", "values"};
    for (;;) {
        *path += **path == '.';
        *begin = *path;
        *n = **path == '[' ? strcspn(*path, "]") + 1 : strcspn(*path, ".[");
        if (**path == '\0') {
            return false;
        }
        *path += *n;
        bool skip = false;
        for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
            skip = skip || (strlen(idle[i]) == *n && memcmp(idle[i], *begin, *n) == 0);
        }
        if (!skip) {
            return true;
        }
    }
}

/* Do two paths name the same, or one of them part of what the other names? */
static bool meet(const char *a, const char *b)
{
    const char *at[2];
    size_t n[2];
    while (step(&a, &at[0], &n[0]) && step(&b, &at[1], &n[1])) {
        const bool same = n[0] == n[1] && memcmp(at[0], at[1], n[0]) == 0;
        const bool all = *at[0] == '[' && *at[1] == '[' && (at[0][1] == '*' || at[1][1] == '*');
        if (!same && !all) {
            return false;
        }
    }
    return true;
}

/* What an axis sets that meets the path, or NULL. */
static const char *met(msc_arena *arena, const msc_sweep_axis *axis, const char *path)
{
    for (size_t i = 0; i < axis->n_path && axis->n_choice == 0; i++) {
        if (meet(axis->path[i], path)) {
            return axis->path[i];
        }
    }
    for (size_t c = 0; c < axis->n_choice; c++) {
        for (size_t i = 0; i < axis->choice[c].n; i++) {
            const char *setting = axis->choice[c].setting[i];
            const char *key = msc_arena_strndup(arena, setting, strcspn(setting, "="));
            if (meet(key, path)) {
                return key;
            }
        }
    }
    return NULL;
}

void msc_sweep_refuse_clashes(const msc_sweep *s)
{
    for (size_t a = 0; a < s->n_axis; a++) {
        for (size_t c = 0; c < s->axis[a].n_choice; c++) {
            const msc_choice *choice = &s->axis[a].choice[c];
            for (size_t i = 0; i < choice->n; i++) {
                const char *key = msc_arena_strndup(s->arena, choice->setting[i], strcspn(choice->setting[i], "="));
                for (size_t b = 0; b < s->n_axis; b++) {
                    const char *other = b == a ? NULL : met(s->arena, &s->axis[b], key);
                    if (other) {
                        msc_conf_fail(s->arena, choice->origin, "'%s' is varied already, by the axis '%s' (%s): two axes cannot set one thing",
                                      key, s->axis[b].name, other);
                    }
                }
            }
        }
    }
}
