#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh DIR: all that `make bench` built in DIR, in rounds, so that all have the same weather; then the tables. Each
# line of an engine's is
#     problem|engine|draws|rtol|us|steps|errS6 median|worst
# of which the fastest round counts. ROUNDS, DRAWS: how many.
dir=$1
: "${ROUNDS:=7}" "${DRAWS:=64}" "${CC:=cc}" "${OWN:=own build}"
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
lines=$dir/lines
: > "$lines"
kernels='baseline avx2 emit avx512'

scenario() {
    case $1 in shipped) echo "$here/../configs/oi_two_dose.cfg";; *) echo "$dir/$1.cfg";; esac
}

# the reference: CVODE at 1e-11, of the problem itself or the one it is a slice of
reference() {
    for build in own debian; do
        if [ -x "$dir/$1/cvode_$build" ]; then
            "$dir/$1/cvode_$build" "$1" - "$(scenario "$1")" "$dir/$1/reference" "$DRAWS" reference
            return
        fi
    done
}

# ours PROBLEM OF: against the reference of OF
ours() {
    for k in $kernels; do
        "$dir/engine_bench" "$1" "$(scenario "$1")" "$dir/$2/reference" "$DRAWS" $k 1e-3 3e-4 1e-4 3e-5
    done
}

# other PROBLEM PROGRAM NAME DRAWS ARGUMENTS: an engine that may be absent
other() {
    problem=$1 program=$dir/$1/$2 name=$3 draws=$4
    shift 4
    if [ -x "$program" ]; then
        "$program" "$problem" "$name" "$(scenario "$problem")" "$dir/$problem/reference" "$draws" "$@"
    fi
}

for p in standard170 shipped; do
    reference $p
    [ -s "$dir/$p/reference" ] || { echo "no CVODE, so no reference: make bench-setup, or SUNDIALS=prefix"; exit 1; }
done

round=0
while [ $round -lt "$ROUNDS" ]; do
    ours standard170 standard170
    other standard170 cvode_own "CVODE, KLU; $OWN" "$DRAWS" klu 1e-5 1e-6 1e-7
    ours standard170_live standard170
    other standard170 cvode_debian 'CVODE, KLU; Debian' 16 klu 1e-5 1e-6 1e-7
    ours shipped shipped
    other shipped cvode_own "CVODE, KLU; $OWN" "$DRAWS" klu 1e-5 1e-6 1e-7
    if [ $round -lt 2 ]; then
        other standard170 cvode_own "CVODE, dense; $OWN" 16 dense 1e-5 1e-6 1e-7
        other shipped cvode_debian 'CVODE, KLU; Debian' 16 klu 1e-5 1e-6 1e-7
        other standard170 lsodes 'LSODES; deSolve' 16 "$LSODES" 1e-5 1e-6 1e-7
        other standard170 gsl 'GSL msbdf' 3 1e-5 1e-6 1e-7
    fi
    round=$((round + 1))
done >> "$lines" 2>"$dir/complaints"
for p in standard170 shipped; do "$dir/engine_bench" $p "$(scenario $p)" compile; done > "$dir/compile" 2>>"$dir/complaints"
for k in emit avx2; do
    "$dir/engine_bench" standard170 "$(scenario standard170)" threads "$DRAWS" $k 1e-4
done > "$dir/threads" 2>>"$dir/complaints"
[ -x "$dir/standard170/sensitivity" ] && "$dir/standard170/sensitivity" "$(scenario standard170)" > "$dir/sensitivities"
"$dir/fit_bench" "$here/indium8_fit.cfg" > "$dir/fit" 2>>"$dir/complaints"
"$dir/store_bench" "$dir" "${STORE_SCENARIOS:=4000}" > "$dir/store"

date -u +%F
sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo
"$CC" --version | head -n 1
echo "load of the machine at the end: $(cut -d' ' -f1 /proc/loadavg) on $(nproc) processors"
for b in "$dir"/standard170/cvode_*; do [ -x "$b" ] && "$b" 2>&1 | sed "s|^|${b##*_}: |"; done
[ -x "$dir/standard170/lsodes" ] || echo 'no LSODES: make bench-setup'
awk -F '|' -f "$here/table.awk" "$lines" "$dir/compile" "$dir/threads"
[ -s "$dir/sensitivities" ] && { echo; cat "$dir/sensitivities"; }
echo
echo "keeping trajectories of $STORE_SCENARIOS scenarios (243 times, 57 values, 111 kB each)"
cat "$dir/store"
echo
cat "$dir/fit"
