#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh NAME: runs tests/cli/NAME/cmd with sh in an empty directory, where $MSCSIM is the program and $TOP the source
# tree, and compares what it did with what tests/cli/NAME says:
#     stdout, stderr   exactly, but <...> stands for any text within a line; without the file: not compared
#     exit             the exit code; without the file: 0
# UPDATE=1 rewrites those of the files that are there, keeping lines with <...> which still fit; of a test that has
# none yet it writes all three.
: "${TOP:=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)}"
: "${MSCSIM:=$TOP/build/release/mscsim}"
export TOP MSCSIM
want=$TOP/tests/cli/$1
[ -f "$want/cmd" ] || { echo "cli/run.sh: no test $want" >&2; exit 1; }

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/work"
(cd "$tmp/work" && exec sh "$want/cmd") >"$tmp/stdout" 2>"$tmp/stderr" </dev/null
echo $? >"$tmp/exit"

# merged WANT GOT: GOT, with those lines of WANT in their places that fit
merged() {
    awk '
        function fits(want, got,    part, n, i, at) {
            n = split(want, part, "<\\.\\.\\.>")
            if (n < 2) return want == got
            if (substr(got, 1, length(part[1])) != part[1]) return 0
            got = substr(got, length(part[1]) + 1)
            for (i = 2; i < n; i++) {
                at = index(got, part[i])
                if (part[i] != "" && !at) return 0
                got = substr(got, at + (at ? length(part[i]) : 1))
            }
            return length(got) >= length(part[n]) && substr(got, length(got) - length(part[n]) + 1) == part[n]
        }
        FILENAME == ARGV[1] { want[FNR] = $0; if (index($0, "<...>")) pattern[++patterns] = $0; next }
        {
            if (FNR in want && fits(want[FNR], $0)) { print want[FNR]; next }
            for (i = 1; i <= patterns; i++) if (fits(pattern[i], $0)) { print pattern[i]; next }
            print
        }
    ' "$1" "$2"
}

fresh=1
for f in stdout stderr exit; do [ ! -f "$want/$f" ] || fresh=0; done

status=0
for f in stdout stderr exit; do
    if [ ! -f "$want/$f" ]; then
        if [ "${UPDATE:-0}" = 1 ] && { [ $fresh = 1 ] || { [ $f = exit ] && [ "$(cat "$tmp/exit")" != 0 ]; }; }; then
            cp "$tmp/$f" "$want/$f"
        elif [ $f = exit ] && [ "$(cat "$tmp/exit")" != 0 ]; then
            echo "$1: exit code $(cat "$tmp/exit"), expected 0"
            status=1
        fi
        continue
    fi
    cmp -s "$want/$f" "$tmp/$f" && continue
    merged "$want/$f" "$tmp/$f" >"$tmp/merged"
    # awk ends every line; a last line without an end is told apart here
    if [ -n "$(tail -c 1 "$tmp/$f")" ]; then echo '(no end of line)' >>"$tmp/merged"; fi
    cmp -s "$want/$f" "$tmp/merged" && continue
    if [ "${UPDATE:-0}" = 1 ]; then
        if [ -n "$(tail -c 1 "$tmp/$f")" ]; then cp "$tmp/$f" "$want/$f"; else cp "$tmp/merged" "$want/$f"; fi
    else
        echo "$1: $f differs (expected -, got +)"
        diff -u "$want/$f" "$tmp/merged" | tail -n +3
        status=1
    fi
done

if [ $status != 0 ]; then
    cmp -s "$want/stderr" "$tmp/stderr" || { echo "$1: stderr was"; head -n 40 "$tmp/stderr"; }
fi
exit $status
