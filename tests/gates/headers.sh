#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every public header compiles alone as C11 and as C++, every private one as C11.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
strict='-Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only'
: "${CC:=cc}" "${CXX:=c++}" "${MSC_CPPFLAGS:=-Iinclude -Isrc}"
public=0 private=0 wrong=0 cxx=
alone=${TMPDIR:-/tmp}/alone.$$.c
trap 'rm -f "$alone"' EXIT

command -v "${CXX%% *}" >/dev/null 2>&1 && cxx=$CXX

# shellcheck disable=SC2086
for h in include/*.h include/*/*.h; do
    [ -f "$h" ] || continue
    public=$((public + 1))
    printf '#include <%s>\n' "${h#include/}" >"$alone"
    $CC -std=c11 $strict -Wstrict-prototypes -Iinclude "$alone" ||
        { echo "$h: does not compile alone as C11"; wrong=1; }
    [ -z "$cxx" ] || $cxx -x c++ -std=c++17 $strict -Iinclude "$alone" ||
        { echo "$h: does not compile alone as C++"; wrong=1; }
done
# shellcheck disable=SC2086
for h in src/*/*.h; do
    [ -f "$h" ] || continue
    private=$((private + 1))
    printf '#include "%s"\n' "${h#src/}" >"$alone"
    $CC -std=c11 $strict -Wno-unused-function $MSC_CPPFLAGS "$alone" ||
        { echo "$h: does not compile alone as C11"; wrong=1; }
done

[ "$public" -gt 0 ] || { echo "headers: no public header"; exit 1; }
[ "$wrong" = 0 ] || exit 1
echo "headers: $public public ones compile alone${cxx:+, also as C++}; $private private ones"
[ -n "$cxx" ] || echo "headers: no C++ compiler to try them with"
