/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long the engine takes: engine_bench scenario.cfg [draws [repetitions [rtol]]]. Process CPU
 * time; the fastest repetition and the median. MSC_KERNEL=baseline|avx2|avx512 chooses the kernel. */
#include <stdio.h>
#include <stdlib.h>

#include "standard.h"

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: engine_bench scenario.cfg [draws [repetitions [rtol]]]\n");
        return 2;
    }
    enum { MOST = 100 };
    const size_t draws = argc > 2 ? (size_t)atoi(argv[2]) : 128;
    const int asked = argc > 3 ? atoi(argv[3]) : 7, repetitions = asked < 1      ? 1
                                                                  : asked > MOST ? MOST
                                                                                 : asked;
    const double rtol = argc > 4 ? atof(argv[4]) : 1e-4, start = standard_cpu();
    const standard s = standard_new(argv[1], draws);
    const double ready = standard_cpu() - start;
    const msc_program *p = s.scenario->program;
    double us[MOST];
    standard_run run = {0};
    for (int i = 0; i < repetitions; i++) {
        run = standard_engine(&s, p, rtol, NULL);
        us[i] = run.us;
    }
    qsort(us, (size_t)repetitions, sizeof *us, ascending);
    printf("states %u nodes %u matrix %u outputs %zu x %u; read, compiled and drawn in %.1f ms\n",
           p->n_state, p->n_node, p->matrix.n_entry, s.base.job.n_time, p->out.n, 1e3 * ready);
    printf("rtol %g: %.1f us/scenario (median %.1f), %.1f attempts, %.3f us a lane-attempt\n", rtol,
           us[0], us[repetitions / 2], run.attempts, us[0] / run.attempts);
    return 0;
}
