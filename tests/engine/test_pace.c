/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long steps are: none are wasted where nothing moves or a segment begins, none are too long for
 * what fades away. */
#include <math.h>
#include <stdlib.h>

#include "support/batch.h"
#include "support/handmade.h"
#include "support/suite.h"

/* Two amounts that time moves: y0' = -fade y0 + given, y1' = fade y0 + source max(0, t - 5), where fade
 * is exp(-0.05 t). */
static handmade *timely(double source)
{
    handmade *h = handmade_new((handmade_size){.state = 2, .node = 5, .given = 2, .out = 2});
    const uint32_t time = handmade_given(h, 0), lag = handmade_node(h, 0), fade = handmade_node(h, 1),
                   flow = handmade_node(h, 2), late = handmade_node(h, 3), ramp = handmade_node(h, 4);
    handmade_linear(h, HANDMADE_NODE, 0, -0.05, time);
    handmade_special(h, 1, MSC_OP_EXP, (int32_t)lag, 0, 0);
    handmade_bilinear(h, HANDMADE_NODE, 2, 1.0, fade, 0);
    handmade_one(h, HANDMADE_NODE, 3, -5.0);
    handmade_linear(h, HANDMADE_NODE, 3, 1.0, time);
    handmade_special(h, 4, MSC_OP_MAX, (int32_t)late, (int32_t)~handmade_coef(h, 0.0), 0);
    handmade_linear(h, HANDMADE_RATE, 0, -1.0, flow);
    handmade_linear(h, HANDMADE_RATE, 0, 1.0, handmade_given(h, 1));
    handmade_linear(h, HANDMADE_RATE, 1, 1.0, flow);
    if (source > 0.0) {
        handmade_linear(h, HANDMADE_RATE, 1, source, ramp);
    }
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    handmade_linear(h, HANDMADE_OUT, 1, 1.0, 1);
    return h;
}

/* Time enters with amounts only that are 0: the segment is one step. What enters by itself, if later, is
 * not overlooked, and what moves is followed. */
START_TEST(nothing_moves)
{
    const double rtol = 1e-6;
    for (int i = 0; i < 3; i++) {
        handmade *h = timely(i == 1 ? 1.0 : 0.0);
        const msc_program *p = handmade_finish(h);
        scene *s = scene_new(p, handmade_registers(h), 0.0, 10.0, 2, 11, 1e-9);
        s->given[1] = i == 2 ? 1.0 : 0.0;
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
        ck_assert_int_eq(s->report.end, MSC_END_FINE);
        if (i == 0) {
            ck_assert_uint_eq(s->report.steps, 1);
            ck_assert_uint_eq(s->report.rejected, 0);
            ck_assert(s->state[0] == 0.0 && s->state[1] == 0.0);
        } else {
            const double total = i == 1 ? 12.5 : 10.0; /* of (t - 5) from 5 to 10; of 1 */
            ck_assert_uint_gt(s->report.steps, 4);
            ck_assert_double_eq_tol(s->state[0] + s->state[1], total, 20.0 * rtol * total);
        }
        scene_free(s);
        handmade_free(h);
    }
}
END_TEST

/* An infusion at the head of an empty chain, beside an amount that rests and makes the first step a long
 * one: the right one is found in a few attempts, although no amount but the first has a rate yet. */
START_TEST(a_chain_begins)
{
    enum { LONG = 9 };
    handmade *h = handmade_new((handmade_size){.state = LONG + 1, .given = 2, .out = 1});
    for (uint32_t i = 0; i < LONG; i++) {
        handmade_linear(h, HANDMADE_RATE, i, -100.0, i);
        if (i > 0) {
            handmade_linear(h, HANDMADE_RATE, i, 100.0, i - 1);
        }
    }
    handmade_linear(h, HANDMADE_RATE, 0, 2.0, handmade_given(h, 1));
    handmade_initial(h, LONG, 1.0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, LONG - 1);
    const msc_program *p = handmade_finish(h);
    for (double rtol = 1e-3; rtol > 1e-9; rtol *= 0.1) {
        scene *s = scene_new(p, handmade_registers(h), 0.0, 1.0, 2, 1, 1e-6 * rtol);
        s->given[1] = 1.0;
        ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
        ck_assert_int_eq(s->report.end, MSC_END_FINE);
        ck_assert_uint_le(s->report.rejected, 3);
        scene_free(s);
    }
    handmade_free(h);
}
END_TEST

/* y' = -fast y beside an amount that hardly changes: at all times, be they no steps' ends, it is right to the
 * tolerance of what is there then; and better, since the result that is kept is of higher order than the one
 * that is judged. */
START_TEST(what_fades_away)
{
    enum { TIMES = 2001 };
    const double fast = 1e5, first = 1e-5, rtol = 1e-4, floor = 1e-6;
    handmade *h = handmade_new((handmade_size){.state = 2, .given = 1, .out = 1});
    handmade_linear(h, HANDMADE_RATE, 0, -fast, 0);
    handmade_linear(h, HANDMADE_RATE, 1, fast, 0);
    handmade_linear(h, HANDMADE_RATE, 1, -0.1, 1);
    handmade_initial(h, 0, first);
    handmade_initial(h, 1, 1.0);
    handmade_linear(h, HANDMADE_OUT, 0, 1.0, 0);
    const msc_program *p = handmade_finish(h);
    scene *s = scene_new(p, handmade_registers(h), 0.0, 10.0, 2, TIMES, floor * rtol);
    for (int i = 0; i < TIMES; i++) { /* 1e-7 .. 10 */
        s->time[i].t = i < TIMES - 1 ? pow(10.0, -7.0 + 8.0 * i / (TIMES - 1.0)) : 10.0;
    }
    ck_assert_int_eq(batch_run(p, &(msc_engine_options){.rtol = rtol}, &s, 1), MSC_OK);
    ck_assert_int_eq(s->report.end, MSC_END_FINE);
    for (int i = 0; i < TIMES; i++) {
        const double exact = first * exp(-fast * s->time[i].t);
        ck_assert_double_eq_tol(s->out[i], exact, 0.3 * rtol * (exact + floor));
    }
    scene_free(s);
    handmade_free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine/pace");
    TCase *tc = tcase_create("pace");
    tcase_add_test(tc, nothing_moves);
    tcase_add_test(tc, a_chain_begins);
    tcase_add_test(tc, what_fades_away);
    suite_add_tcase(suite, tc);
    return msc_suite_run(suite);
}
