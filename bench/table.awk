# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lines of run.sh to tables: every measurement; then, for each problem, the time at errS6 = 1e-4, interpolated between the
# two tolerances about it (log-log), and its ratio to ours.

function log10(x) { return log(x) / log(10) }

$2 == "compile" { compile[$1] = compile[$1] " " $3; next }
$2 == "threads" { speed[$3] = speed[$3] " " $4; free[$3] = free[$3] " " $5; next }
{
    key = $1 "|" $2
    if (!(key in count)) { order[++n] = key; count[key] = 0 }
    at = key "|" $4
    if (!(at in us)) { rtol[key, ++count[key]] = $4; us[at] = $5 }
    if ($5 < us[at]) us[at] = $5
    draws[key] = $3; steps[at] = $6; median[at] = $7; worst[at] = $8
}

# the time at which the median error is 1e-4, or nothing
function matched(key,    i, a, b, x) {
    for (i = 2; i <= count[key]; i++) {
        a = key "|" rtol[key, i - 1]; b = key "|" rtol[key, i]
        if (median[a] >= 1e-4 && median[b] <= 1e-4) {
            x = log(1e-4 / median[a]) / log(median[b] / median[a])
            return us[a] * exp(x * log(us[b] / us[a]))
        }
    }
    return 0
}

function middle(list,    a, m, i, j, t) {
    m = split(list, a, " ")
    for (i = 1; i <= m; i++) for (j = i + 1; j <= m; j++) if (a[j] + 0 < a[i] + 0) { t = a[i]; a[i] = a[j]; a[j] = t }
    return a[int((m + 1) / 2)]
}

END {
    printf "\nEvery measurement: us a scenario, steps tried, errS6 (median and worst of the draws)\n\n"
    printf "%-17s %-28s %4s %7s %9s %8s %9s %9s\n", "problem", "engine", "n", "rtol", "us", "steps", "errS6", "worst"
    for (k = 1; k <= n; k++) for (i = 1; i <= count[order[k]]; i++) {
        split(order[k], name, "|"); at = order[k] "|" rtol[order[k], i]
        printf "%-17s %-28s %4d %7s %9.0f %8.0f %9.1e %9.1e\n", name[1], name[2], draws[order[k]], rtol[order[k], i], us[at], steps[at], median[at], worst[at]
    }
    printf "\nAt errS6 = 1e-4 (median): us a scenario, and how many times ours by code and by tables\n\n"
    printf "%-17s %-28s %9s %9s %9s\n", "problem", "engine", "us", "/ code", "/ tables"
    for (k = 1; k <= n; k++) {
        split(order[k], name, "|"); m[k] = matched(order[k])
        best = name[2] ~ /avx512/ || (name[2] ~ /avx2/ && !((name[1], "tables") in mine))
        if (name[2] ~ /emit/) mine[name[1], "code"] = m[k]
        if (name[2] ~ /avx2|avx512/) mine[name[1], "tables"] = m[k]
    }
    for (k = 1; k <= n; k++) {
        split(order[k], name, "|")
        if (m[k] == 0) { printf "%-17s %-28s %9s\n", name[1], name[2], "-"; continue }
        printf "%-17s %-28s %9.0f", name[1], name[2], m[k]
        for (w = 1; w <= 2; w++) {
            own = mine[name[1], w == 1 ? "code" : "tables"]
            if (own > 0) printf " %9.1f", m[k] / own; else printf " %9s", "-"
        }
        printf "\n"
        if (name[2] ~ /CVODE, KLU/ && name[1] == "standard170") {
            printf "%-17s %-28s %9s", "", "  against live cells only", ""
            for (w = 1; w <= 2; w++) {
                own = mine["standard170_live", w == 1 ? "code" : "tables"]
                if (own > 0) printf " %9.1f", m[k] / own; else printf " %9s", "-"
            }
            printf "\n"
        }
    }
    printf "\nFrom text to a plan, ms (median of 9):"
    for (p in compile) printf "  %s %s", p, middle(compile[p])
    printf "\nTwo threads against one, work per time on the wall (median of 15 pairs):"
    for (t in speed) printf "  %s %s (of their processors they had %.0f %%)", t, middle(speed[t]), 100 * middle(free[t])
    printf "\n"
}
