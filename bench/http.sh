#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/http.sh [BENCH_HTTP]: instructions of HTTP/1 requests (with bench_http2: HTTP/2's, and WebSocket messages; with bench_callback: the protocols of callbacks), from
# their first byte to the last reading, by callgrind. The same on any machine with the same libraries. Builds nothing
# (make build does). Exit status 1 when a hostile text
# costs more than MAX_PER_BYTE (default: what docs/PERFORMANCE.md states) instructions per byte on the wire, where a
# compressed message counts as 64 KB more: so much of it is looked at however little was sent.
set -euo pipefail
bench=${1:-$(cd "$(dirname "$0")/.." && pwd)/build/release/bench/bench_http}
max=${MAX_PER_BYTE:-3000}
[ -x "$bench" ] || { echo "http.sh: $bench is missing: build it first (make build)" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "http.sh: valgrind is missing (apt install valgrind)" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$bench" once >"$scratch/kinds"
# One dump for each call of judge_wire, numbered as they come.
valgrind --tool=callgrind --callgrind-out-file="$scratch/dump" --toggle-collect=judge_wire --dump-after=judge_wire "$bench" once \
    >/dev/null 2>"$scratch/log" || { tail -n 3 "$scratch/log" >&2; exit 2; }
number=0 bad=0
while IFS=$'\t' read -r kind requests bytes; do
    number=$((number + 1))
    instructions=$(awk '/^totals:/ {print $2}' "$scratch/dump.$number")
    awk -v kind="$kind" -v i="$instructions" -v r="$requests" -v b="$bytes" -v max="$max" 'BEGIN {
        printf "%-44s %12.0f instructions per request %9.1f per byte\n", kind, i / r, i / b
        exit kind ~ /hostile/ && i / (b + (kind ~ /gzip of/ ? 65536 : 0)) > max}' || bad=1
done < <(sed -E 's/  +([0-9]+) requests +([0-9]+) bytes.*/\t\1\t\2/' "$scratch/kinds")
exit $bad
