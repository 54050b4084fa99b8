#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs tests, prints a line for each, the output of those that failed, and at the end "N passed, N failed" alone on a
# line. A test is one of
#     build/<variant>/tests/<floor>/test_x     a Check program; each of its checks counts
#     tests/cli/<name>/cmd                     a command and its expected outputs (tests/cli/run.sh); counts as one
#     any.sh, any.py                           a script that exits 0 if all is well, 77 if it cannot tell; counts as one
# They find in the environment TOP (the source tree), MSCSIM (the program) and TMPDIR (a directory of their own, removed
# afterwards). They run in TOP, those of tests/cli in an empty directory.
#     JOBS     tests at a time (2)        TIMEOUT  seconds a test (300; 1200 under sanitisers)
#     TALLY    a file to add "passed failed" to; the closing line is then left to whoever named it
here=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
: "${TOP:=$here}" "${VARIANT:=release}" "${BUILD:=build/$VARIANT}" "${PYTHON:=/usr/bin/python3}" "${JOBS:=2}"
: "${MSCSIM:=$TOP/$BUILD/mscsim}"

name_of() {
    name=${1#"$BUILD"/}
    name=${name#tests/}
    name=${name%/cmd}
    printf '%s' "${name%.sh}"
}

# One test: its output goes to $RESULTS/<key>.out, "name passed failed seconds" to $RESULTS/<key>.sum
one() {
    item=$1
    name=$(name_of "$item")
    key=$(printf '%s' "$name" | tr '/ ' '__')
    out=$RESULTS/$key.out
    TMPDIR=$(mktemp -d "$RESULTS/tmp.XXXXXX")
    export TMPDIR PYTHONDONTWRITEBYTECODE=1
    cd "$TOP" || exit 1

    begin=$(date +%s)
    limit="timeout -k 10 $TIMEOUT"
    case $item in
        */cmd) $limit sh tests/cli/run.sh "${name#cli/}" ;;
        tests/cli/*.sh) (mkdir "$TMPDIR/work" && cd "$TMPDIR/work" && $limit sh "$TOP/$item") ;;
        *.sh) $limit sh "$item" ;;
        *.py) $limit "$PYTHON" "$item" ;;
        *) $limit $WRAP "$item" ;;
    esac >"$out" 2>&1 </dev/null
    status=$?
    seconds=$(($(date +%s) - begin))
    rm -rf "$TMPDIR"

    note=
    case $item in
        *.py | *.sh | */cmd)
            passed=0 failed=0
            case $status in
                0) passed=1 ;;
                77) note=$(tail -n 1 "$out") ;;
                *) failed=1 ;;
            esac
            ;;
        *)
            read -r passed failed <<END
$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$out" |
    awk '{ n += $1; f += $2 + $3 } END { print n - f, f + 0 }')
END
            if [ "$failed" = 0 ]; then
                if [ "$status" != 0 ]; then
                    failed=1
                    echo "$name: ended with status $status though no check failed" >>"$out"
                elif [ "$passed" = 0 ] && [ -z "$CK_RUN_SUITE$CK_RUN_CASE" ]; then
                    failed=1
                    echo "$name: ran no check" >>"$out"
                fi
            fi
            ;;
    esac
    [ "$status" != 124 ] && [ "$status" != 137 ] || echo "$name: ended after $TIMEOUT s" >>"$out"
    echo "$passed $failed $name" >"$RESULTS/$key.sum"

    if [ "$failed" != 0 ]; then
        printf '  FAIL  %-42s %4d failed, %d passed, %d s\n' "$name" "$failed" "$passed" "$seconds"
    elif [ "$passed" = 0 ]; then
        printf '  skip  %-42s %s\n' "$name" "$note"
    else
        printf '  ok    %-42s %4d passed, %d s\n' "$name" "$passed" "$seconds"
    fi
}

if [ "$1" = --one ]; then
    one "$2"
    exit 0
fi

[ $# -gt 0 ] || { echo "run.sh: no tests given" >&2; exit 1; }

slowly=1
case $VARIANT in
    asan) slowly=4 ;;
    tsan) slowly=10 ;;
    coverage) slowly=2 ;;
esac
: "${TIMEOUT:=$((slowly > 2 ? 1200 : 300))}" "${CK_TIMEOUT_MULTIPLIER:=$slowly}"
: "${CK_VERBOSITY:=normal}"
suppress=suppressions=$TOP/tests/support
ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1:allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
LSAN_OPTIONS=$suppress/lsan.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}
UBSAN_OPTIONS=print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}
LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1 PYTHONNOUSERSITE=1
# the thread sanitiser's shadow memory may not get its place when addresses are randomised
WRAP=
if [ "$VARIANT" = tsan ] && setarch -R true 2>/dev/null; then WRAP='setarch -R'; fi

RESULTS=$(mktemp -d) || exit 1
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unset NO_COLOR COLUMNS
export TOP VARIANT BUILD PYTHON MSCSIM RESULTS TIMEOUT WRAP LC_ALL TZ PYTHONDONTWRITEBYTECODE PYTHONNOUSERSITE
export CK_TIMEOUT_MULTIPLIER CK_VERBOSITY ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

printf '%s\n' "$@" | xargs -P "$JOBS" -n 1 sh "$here/tests/run.sh" --one

# whoever left no result was killed
for item in "$@"; do
    name=$(name_of "$item")
    key=$(printf '%s' "$name" | tr '/ ' '__')
    if [ ! -f "$RESULTS/$key.sum" ]; then
        echo "0 1 $name" >"$RESULTS/$key.sum"
        echo "$name: left no result" >>"$RESULTS/$key.out"
    fi
    read -r _ failed _ <"$RESULTS/$key.sum"
    if [ "$failed" != 0 ]; then
        printf '\n---- %s\n' "$name"
        cat "$RESULTS/$key.out"
    fi
done

total=$(cat "$RESULTS"/*.sum | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
echo
if [ -n "$TALLY" ]; then
    echo "$total" >>"$TALLY"
    echo "$VARIANT: ${total% *} passed, ${total#* } failed"
else
    echo "${total% *} passed, ${total#* } failed"
fi
[ "${total#* }" = 0 ]
