/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names: of the ways to end, and of the methods. */
#include "engine/engine.h"

const char *msc_engine_end_text(msc_engine_end end)
{
    switch (end) {
    case MSC_END_FINE: return "fine";
    case MSC_END_STEPS: return "the steps allowed were used up";
    case MSC_END_REJECTED: return "too many steps in a row were rejected";
    case MSC_END_COLLAPSED: return "the step size fell below what time can resolve";
    case MSC_END_NONFINITE: return "a value became infinite or not a number";
    case MSC_END_NEGATIVE: return "a flow became negative";
    case MSC_END_SHARE: return "a share left 0 .. 1";
    case MSC_END_CHECK: return "a check failed";
    case MSC_END_TIME: return "the time allowed was used up";
    case MSC_END_STOPPED: return "stopped";
    case MSC_END_METHOD: return "the method gave up";
    }
    return "ended in an unknown way";
}

const char *const *msc_engine_methods(void)
{
    static const char *const methods[] = {"rosenbrock", "msbdf",  "msadams", "bsimp", "rk4imp", "rk2imp", "rk1imp",
                                          "rk8pd",      "rkck",   "rkf45",   "rk4",   "rk2",    NULL};
    return methods;
}
