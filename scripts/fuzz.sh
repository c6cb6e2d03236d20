#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh BUILD SECONDS: runs each libFuzzer target for SECONDS. New inputs are kept in BUILD/corpus, crashes in
# BUILD/crashes; fuzz/corpus/ is only read. Exit status 1 when a target found something.
set -euo pipefail
build=$1 seconds=$2 found=0
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$build/crashes"
for target in "$build"/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=${target##*/fuzz_}
    dict="$top/fuzz/dict/$name.dict"
    mkdir -p "$build/corpus/$name"
    echo "== $name, $seconds s"
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    [ -f "$dict" ] && options+=(-dict="$dict")
    "$target" "${options[@]}" -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" "$top/fuzz/corpus/$name" \
        >"$build/$name.log" 2>&1 || { found=1; echo "   FOUND SOMETHING: $build/$name.log"; tail -n 30 "$build/$name.log"; }
    awk '/stat::number_of_executed_units/ {n = $2} / cov: / {for (i = 1; i < NF; i++) if ($i == "cov:") c = $(i + 1)}
         END {print "   " n " inputs, coverage " c}' "$build/$name.log"
done
exit $found
