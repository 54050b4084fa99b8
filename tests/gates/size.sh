#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tells which files and functions have grown too long. It only informs.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1

# shellcheck disable=SC2046
awk -v file_limit=600 -v header_limit=200 -v function_limit=80 '
    function finish() {
        if (name == "") return
        limit = name ~ /\.h$/ ? header_limit : file_limit
        if (lines > limit) { printf "%s: %d lines (limit %d)\n", name, lines, limit; found++ }
        total += lines; files++
    }
    FNR == 1 { finish(); name = FILENAME; body = 0; head = "" }
    { lines = FNR }
    /^\}/ {
        if (body && FNR - body - 1 > function_limit) {
            printf "%s:%d: %s: %d lines (limit %d)\n", name, body, head, FNR - body - 1, function_limit; found++
        }
        body = 0; head = ""
    }
    !body && /^[a-z_].*\(/ && !/;$/ { head = $0; sub(/\(.*/, "", head); sub(/.*[ *]/, "", head) }
    !body && head != "" && /;$/ { head = "" }
    !body && head != "" && /\{$/ { body = FNR }
    END { finish(); printf "size: %d files, %d lines, %d too long\n", files, total, found }
' $(find src include -name '*.[ch]' 2>/dev/null | LC_ALL=C sort) </dev/null
exit 0
