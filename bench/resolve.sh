#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/resolve.sh [BENCH_RESOLVE]: instructions per byte of the resolver, text by text, by callgrind. The same on any
# machine with the same libraries. Builds nothing (make build does).
set -euo pipefail
bench=${1:-$(cd "$(dirname "$0")/.." && pwd)/build/release/bench/bench_resolve}
[ -x "$bench" ] || { echo "resolve.sh: $bench is missing: build it first (make build)" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "resolve.sh: valgrind is missing (apt install valgrind)" >&2; exit 2; }
"$bench" once | sed -E 's/  +([0-9]+) bytes.*/\t\1/' | while IFS=$'\t' read -r text bytes; do
    instructions=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=judge "$bench" once "$text" 2>&1 |
        awk '/Collected/ {print $NF}')
    printf '%-34s %6d bytes %10.1f instructions per byte\n' "$text" "$bytes" \
        "$(awk -v i="$instructions" -v b="$bytes" 'BEGIN {print i / b}')"
done
