#!/bin/sh
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Holds every #include in src/ and include/ to src/LAYERS.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1

files=$(find src include -name '*.[ch]' -o -name '*.inc' -o -name '*.def' 2>/dev/null | LC_ALL=C sort)
[ -n "$files" ] || { echo "layers: no sources"; exit 1; }

# shellcheck disable=SC2086
awk '
    function pattern(glob) { gsub(/[.+]/, "\\\\&", glob); gsub(/\*/, ".*", glob); return "^" glob "$" }
    function matches(name, globs,    list, n, i) {
        n = split(globs, list, " ")
        for (i = 1; i <= n; i++) if (name ~ pattern(list[i])) return 1
        return 0
    }
    function bad(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, header, why; wrong++ }

    FILENAME == "src/LAYERS" {
        sub(/#.*/, "")
        word = $1; name = $2
        if (word == "standard") { $1 = ""; standard = standard " " $0 }
        else if (word == "beside") { height[name] = floors; $1 = $2 = ""; foreign[name] = $0 }
        else if (word == "floor") { height[name] = ++floors; $1 = $2 = ""; foreign[name] = $0 }
        else if (word == "outside") outside[name] = 1
        else if (NF) { printf "src/LAYERS:%d: neither floor, beside, outside nor standard\n", FNR; wrong++ }
        next
    }
    FNR == 1 {
        n = split(FILENAME, part, "/")
        public = part[1] == "include"
        floor = public ? "" : part[2]
        if (!public && (n != 3 || !(floor in height || floor in outside))) {
            printf "%s: lies on no floor of src/LAYERS\n", FILENAME; wrong++; nextfile
        }
    }
    /^[ \t]*#[ \t]*include/ {
        checked++
        header = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
        quoted = header ~ /^"/
        if (header !~ /^["<]/) { bad("names no file"); next }
        header = substr(header, 2); sub(/[">].*/, "", header)

        if (header == "mscsim.h" || header ~ /^mscsim\//) {
            if (quoted) bad("public headers are included as <" header ">")
            else if (floor in height && header == "mscsim.h") bad("the library includes the headers of mscsim/ singly")
            next
        }
        if (!quoted) {
            if (matches(header, standard)) next
            if (public) bad("a public header includes standard headers and <mscsim/...> only")
            else if (!(floor in foreign) || !matches(header, foreign[floor]))
                bad("floor \"" floor "\" may not include it (src/LAYERS)")
            next
        }
        if (public) { bad("a public header includes standard headers and <mscsim/...> only"); next }
        if (split(header, part, "/") != 2) { bad("write it as \"floor/file.h\""); next }
        if (part[1] == floor) next
        if (floor in outside) { bad("\"" floor "\" sees the public headers and its own only"); next }
        if (part[1] in outside) { bad("\"" part[1] "\" is outside the library"); next }
        if (!(part[1] in height)) { bad("no such floor"); next }
        if (height[part[1]] >= height[floor])
            bad("floor \"" part[1] "\" lies " (height[part[1]] > height[floor] ? "above" : "beside") " floor \"" floor "\"")
    }
    END {
        if (wrong) exit 1
        printf "layers: %d includes are as they should be\n", checked
    }
' src/LAYERS $files
