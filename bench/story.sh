#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench/story.sh [BENCH_STORY]: what joining costs, by the number of events that came before, and what it keeps in memory.
# Builds nothing (make build does).
#
#   SIZES="10000 100000 1200000"   events of each run: 1,200,000 have a million lookups from 120,000 sources, 100,000 callbacks
#   MEASURED=6000                  the last events of each run, whose instructions are counted (callgrind)
#   MAX_KEPT=64                    the goal: correlate.memcap, its default, in MB. More kept to join is exit 1
#   MAX_MB=84                      the goal for all that is resident: that, outputs.learned.max-items and outputs.exposure.max-hosts
#                                  of 600 bytes each, tables, and what malloc() keeps free
#   MAX_GROWTH=1.25                the goal: an event in the largest run takes so many times the instructions of the smallest
set -euo pipefail
export LC_ALL=C
top=$(cd "$(dirname "$0")/.." && pwd)
bench=${1:-$top/build/release/bench/bench_story}
measured=${MEASURED:-6000}
rules=("$top/rules/jndi.rules" "$top/rules/incidents.rules")
[ -x "$bench" ] || { echo "story.sh: $bench is missing: build it first (make build)" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "story.sh: valgrind is missing (apt install valgrind)" >&2; exit 2; }

first='' bad=0
for size in ${SIZES:-10000 100000 1200000}; do
    line=$("$bench" "$size" "$measured" "${rules[@]}")
    instructions=$(valgrind --tool=callgrind --instr-atstart=no --callgrind-out-file=/dev/null "$bench" "$size" "$measured" \
        "${rules[@]}" 2>&1 | awk '/Collected/ {print $NF}')
    each=$((instructions / measured))
    echo "$line"
    echo "    $each instructions per event"
    first=${first:-$each}
    resident=$(sed -E 's/.*empty, ([0-9.]+) MB at most.*/\1/' <<<"$line")
    kept=$(sed -E 's/.* ([0-9.]+) MB of it kept.*/\1/' <<<"$line")
    awk -v m="$resident" -v max="${MAX_MB:-84}" 'BEGIN {exit !(m > max)}' && { echo "    more than ${MAX_MB:-84} MB"; bad=1; }
    awk -v m="$kept" -v max="${MAX_KEPT:-64}" 'BEGIN {exit !(m > max)}' && { echo "    more than ${MAX_KEPT:-64} MB kept"; bad=1; }
    awk -v a="$each" -v b="$first" -v max="${MAX_GROWTH:-1.25}" 'BEGIN {exit !(a > b * max)}' && {
        echo "    more than ${MAX_GROWTH:-1.25} times the smallest run"
        bad=1
    }
done
exit $bad
