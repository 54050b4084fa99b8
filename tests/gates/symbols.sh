#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the library shows to the linker: names that start with msc_; no way to end the process or to talk behind the
# caller's back; no variable that two threads could change, but for those of globals.allow.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
build=${BUILD:-build/release}
export LC_ALL=C
allow=tests/gates/globals.allow
wrong=0
complain() { [ -z "$1" ] || { printf '%s\n' "$1"; wrong=1; }; }

[ -f "$build/libmscsim.a" ] && [ -f "$build/libmscsim.so.0" ] || { echo "symbols: no library in $build"; exit 1; }

# an object for every source which is there: old objects of removed sources are nobody's concern
objects=
for c in src/*/*.c; do
    case $c in src/cli/*) continue ;; esac
    [ -f "$build/${c%.c}.o" ] && objects="$objects $build/${c%.c}.o"
done

# names: every defined global
for o in $objects; do
    complain "$(nm -g --defined-only "$o" | awk -v f="${o#"$build"/}" \
        'NF == 3 && $3 !~ /^msc_/ { print f ": " $3 ": a name the linker sees starts with msc_" }')"
done
# (five names are the linker's own)
exported=$(nm -D --defined-only "$build/libmscsim.so.0" |
    awk '$NF !~ /^(_init|_fini|_end|_edata|__bss_start)$/ { print $NF }')
complain "$(printf '%s\n' "$exported" | grep -v '^msc_' | sed '/^$/d; s/$/: exported by the shared library/')"
[ -n "$exported" ] || complain "libmscsim.so.0 exports nothing"

# manners; only the child process in which a results file is read ends itself, by _exit
for o in $objects; do
    complain "$(nm -u "$o" | awk -v f="${o#"$build"/}" '
        { sub(/@.*/, "", $2) }
        f ~ /^src\/store\/(h5read|pipe)\.o$/ && $2 == "_exit" { next }
        $2 ~ /^(exit|_exit|_Exit|quick_exit|abort|stderr|stdout|stdin|perror|psignal|puts|putchar|v?printf|getchar|scanf)$/ ||
        $2 ~ /^__v?printf_chk$/ || $2 ~ /^_IO_(putc|getc)$/ ||
        $2 ~ /^(err|errx|warn|warnx|verr|verrx|vwarn|vwarnx)$/ {
            print f ": " $2 ": the library neither ends the process nor reads or writes its standard streams" }')"
done

complain "$(awk -v f="$allow" '!/^#/ && NF && NF < 3 { print f ": " $0 ": no reason given" }' "$allow")"

# mutable variables: whatever lies in a writable section, tables that only the loader writes to (.data.rel.ro) aside
for o in $objects; do
    complain "$(objdump -t "$o" | awk -v f="${o#"$build"/}" -v allow="$allow" '
        BEGIN { while ((getline line < allow) > 0) if (split(line, word, /[ \t]+/) > 2) listed[word[1] ":" word[2]] = 1 }
        {   # value flags section size name; the flags hold blanks
            if (split($0, side, "\t") < 2) next
            section = side[1]; sub(/.* /, "", section)
            name = side[2]; sub(/^[0-9a-f]+ +(\.hidden +)?/, "", name)
            if (substr($0, 23, 1) == "d" || substr($0, 24, 1) == "F") next
        }
        section ~ /^\.data\.rel\.ro/ { next }
        section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ {
            source = f; sub(/\.o$/, ".c", source)
            # a static of a function is called name.1 by gcc, function.name by clang
            sub(/\.[0-9]+$/, "", name); sub(/^.*\./, "", name)
            if (!((source ":" name) in listed))
                print source ": " name ": a variable that can change is shared by every caller and thread"
        }')"
done

[ "$wrong" = 0 ] || exit 1
echo "symbols: $(printf '%s\n' "$exported" | wc -l) names exported, all as they should be"
