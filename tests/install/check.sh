#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# make install gives what a user of the library and of the program needs, and nothing in it leads back to the source tree:
# headers, both libraries with their .pc file, models that are found by name from any folder, the manual page.
# It is installed from a copy of the build, since another PREFIX means another program.
: "${TOP:=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)}" "${CC:=cc}" "${VARIANT:=release}"
if [ "$VARIANT" != release ]; then echo "install: looks at the release build"; exit 77; fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$TOP" || exit 1
unset MSCSIM_MODELS
fail() { echo "install: $*"; exit 1; }
need() { "$@" >"$tmp/log" 2>&1 || { echo "install: this failed: $*"; tail -n 20 "$tmp/log"; exit 1; }; }
# objects are as new as in the build they come from, so that little is built
if [ -d build/release/src ]; then cp -a build/release "$tmp/build"; fi
installed() { need make B="$tmp/build" VARIANT=release "$@" install; }

# ---- staged, as a packager does it
installed DESTDIR="$tmp/stage" PREFIX=/opt/mscsim LIBDIR=/opt/mscsim/lib64
(cd "$tmp/stage" && find . ! -type d | LC_ALL=C sort) >"$tmp/staged"
grep -qx ./opt/mscsim/lib64/pkgconfig/mscsim.pc "$tmp/staged" || fail "no .pc file in LIBDIR"
grep -q "$tmp" "$tmp/stage/opt/mscsim/lib64/pkgconfig/mscsim.pc" && fail "the .pc file names the staging folder"

# ---- for use
prefix=$tmp/usr
installed PREFIX="$prefix" DESTDIR= LIBDIR="$prefix/lib"
for h in include/*.h include/mscsim/*; do [ -f "$prefix/$h" ] || fail "$h is not installed"; done
for m in models/*.cfg; do cmp -s "$m" "$prefix/share/mscsim/$m" || fail "$m is not installed"; done
for c in configs/*.cfg; do cmp -s "$c" "$prefix/share/mscsim/$c" || fail "$c is not installed"; done
[ "$(find "$prefix" ! -type d | wc -l)" = "$(wc -l <"$tmp/staged")" ] || fail "a staged installation has other files"
page=$prefix/share/man/man1/mscsim.1
[ -f "$page" ] || fail "no manual page"
if command -v groff >/dev/null; then
    groff -mdoc -Tascii -P-cbou -ww "$page" >"$tmp/page" 2>"$tmp/log" || fail "the manual page cannot be set"
    [ ! -s "$tmp/log" ] || { cat "$tmp/log"; fail "groff complains of the manual page"; }
    for c in $("$prefix/bin/mscsim" --help | awk '$1 == "mscsim" { print $2 }'); do
        grep -q "$c" "$tmp/page" || fail "the manual page lacks $c"
    done
fi

# ---- the program, from another folder, with an installed model
mkdir "$tmp/elsewhere" && cp examples/01_c_program/run_scenario.c "$tmp/elsewhere" && cd "$tmp/elsewhere" || exit 1
cat >two_doses.cfg <<'END'
model    = "msc_human.cfg";
regimen  = ( { route = "intravenous"; day = 0.0; dose = "5e6 cell/kg"; duration = "30 min"; } );
output   = { until = "10 day"; every = "6 h"; quantities = ["live", "occlusion"]; };
END
need "$prefix/bin/mscsim" run -q two_doses.cfg -o r.h5
need "$prefix/bin/mscsim" rerun r.h5
cmp -s r.h5 r.rerun.h5 || fail "rerun gives other bytes"

(cd / && "$prefix/bin/mscsim" describe msc_human) >"$tmp/described" || fail "describe finds no installed model by its name"
grep -q '^Mesenchymal stromal cells in man' "$tmp/described" || fail "describe tells of another model"
sed 's/msc_human.cfg/msc_human/' two_doses.cfg >bare.cfg
need "$prefix/bin/mscsim" run -q bare.cfg -o bare.h5
need "$prefix/bin/mscsim" rerun bare.h5
cmp -s bare.h5 bare.rerun.h5 || fail "rerun of a model named without its ending gives other bytes"

# ---- an installed fit, whose data are a file beside it
for c in $(cd "$TOP" && ls examples/*/*.csv); do cmp -s "$TOP/$c" "$prefix/share/mscsim/$c" || fail "$c is not installed"; done
need "$prefix/bin/mscsim" fit -q -j 1 --set fit.starts=1 --set fit.profiles=false "$prefix/share/mscsim/configs/synthetic_fit.cfg" -o fit.h5

# ---- the scenario that --help names, and the literature, as they are installed
try=$("$prefix/bin/mscsim" --help | sed -n 's|^ *\(/.*oi_two_dose.cfg\)$|\1|p')
[ "$try" = "$prefix/share/mscsim/configs/oi_two_dose.cfg" ] || fail "--help names another scenario: $try"
need "$prefix/bin/mscsim" run -q "$try"
[ -s oi_two_dose.h5 ] || fail "the scenario that --help names writes no file here"
need "$prefix/bin/mscsim" check "$prefix/share/mscsim/configs/rat_infarct.cfg"
need "$prefix/bin/mscsim" validate "$prefix/share/mscsim/configs/literature.cfg"

# ---- the library: shared and static
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
strict='-std=c11 -Wall -Wextra -Wpedantic -Werror'
# shellcheck disable=SC2046,SC2086
need $CC $strict run_scenario.c -o shared $(pkg-config --cflags --libs mscsim)
# shellcheck disable=SC2046,SC2086
need $CC $strict run_scenario.c -o static $(pkg-config --cflags mscsim) "$prefix/lib/libmscsim.a" \
    $(pkg-config --static --libs mscsim | sed 's/-lmscsim//')
LD_LIBRARY_PATH=$prefix/lib ./shared two_doses.cfg live >shared.out || fail "the program with the shared library"
./static two_doses.cfg live >static.out || fail "the program with the static library"
cmp shared.out static.out || fail "shared and static libraries differ"
grep -q '^lung .* cell at ' shared.out || { cat shared.out; fail "the program says something else"; }
./static two_doses.cfg nothing 2>said; [ $? = 64 ] || fail "an unknown quantity is no error of usage"
[ "$(cat said)" = "run_scenario: no quantity is named 'nothing'" ] || fail "of an unknown quantity is said: $(cat said)"
./static 2>said; [ $? = 64 ] || fail "no arguments are no error of usage"
grep -q '^usage: run_scenario ' said || fail "without arguments no usage is told"
# what its README shows is what it prints
PATH=.:$PATH
cp static run_scenario
sed -n '/^\$ .\/run_scenario/,/^```/p' "$TOP/examples/01_c_program/README.md" | sed '$d' >shown
[ -s shown ] || fail "the README shows no run"
sed -n 's/^\$ //p' shown | while read -r line; do echo "\$ $line"; eval "$line"; done >run
cmp shown run || { diff shown run; fail "README.md of the example shows another output"; }
# ---- many scenarios on two threads: as the scenario by itself
cat >two_infusions.cfg <<'END'
model    = "msc_human.cfg";
regimen  = ( { route = "intravenous"; day = 1.0;  dose = "5e6 cell/kg"; duration = "30 min"; },
             { route = "intravenous"; day = 10.0; dose = "5e6 cell/kg"; duration = "30 min"; } );
output   = { until = "60 day"; every = "6 h"; quantities = ["live", "occlusion"]; };
END
cp "$TOP/examples/02_batch/doses_and_days.c" .
# shellcheck disable=SC2046,SC2086
need $CC $strict doses_and_days.c -o days $(pkg-config --cflags --libs mscsim) -pthread
LD_LIBRARY_PATH=$prefix/lib ./days two_infusions.cfg 'live[site]' >days.out || fail "the program of many scenarios"
[ "$(sed -n 1p days.out)" = 'live[site] in cell, mean of the run' ] || { cat days.out; fail "it says something else"; }
awk 'NR > 2 { if (NF != 5 || !($2 > $3 && $3 > $4 && $4 > $5) || !($2 > last)) bad = 1; last = $2 } END { exit bad || NR != 7 }' \
    days.out || { cat days.out; fail "more cells or an earlier second dose are more cells at the site"; }
LD_LIBRARY_PATH=$prefix/lib ./days two_infusions.cfg live 2>/dev/null; [ $? = 64 ] || fail "an unknown column is no error of usage"
"$prefix/bin/mscsim" export r.h5 -q live >/dev/null || fail "export"

# ---- all of it static, where the archives of all libraries are there
archives=yes
for l in $(pkg-config --static --libs mscsim | tr ' ' '\n' | sed -n 's/^-l//p') expat; do
    case $l in m | dl | mscsim) continue ;; esac
    [ -f "$($CC -print-file-name="lib$l.a")" ] || [ -f "/usr/lib/$($CC -dumpmachine)/hdf5/serial/lib$l.a" ] || archives=no
done
if [ $archives = yes ]; then
    # shellcheck disable=SC2046,SC2086
    need $CC $strict -static run_scenario.c -o all_static $(pkg-config --static --cflags --libs mscsim)
    ./all_static two_doses.cfg live | cmp - shared.out || fail "the static program says something else"
fi

# ---- a place with blanks in its name
cd "$TOP" || exit 1
installed PREFIX="$tmp/with a blank" DESTDIR= LIBDIR="$tmp/with a blank/lib"
[ "$(find "$tmp/with a blank" ! -type d | wc -l)" = "$(wc -l <"$tmp/staged")" ] || fail "blanks in PREFIX: other files"
cd "$tmp/elsewhere" || exit 1
need "$tmp/with a blank/bin/mscsim" check -q two_doses.cfg
PKG_CONFIG_PATH="$tmp/with a blank/lib/pkgconfig"
eval "need $CC $strict run_scenario.c -o blank $(pkg-config --cflags --libs mscsim)"
echo "install: $(wc -l <"$tmp/staged") files, all that is needed"
