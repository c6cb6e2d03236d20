#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How much sooner two workers are done with a capture than one, in the same minutes. Builds nothing.
#
#   bench/workers.sh [SENSOR]    default: build/release/jndi-sensor
#
#   SIZE_MB=500    of the generated capture      ROUNDS=3     of each, in turn
#   SEED=1         of the capture                DATA=DIR     keep the capture there and use it again
#   MIN_GAIN=1.4   the goal: one worker takes so many times the time of two. Named by you: missed is exit 1
#   INSTR=1        also the instructions of each process, by callgrind on 50 MB: on cores of its own, the busiest one
#                  decides, whatever else the machine does
#
# Seconds are elapsed ones, best of all rounds. Cores that others use cannot be had twice: as root, and for these few
# seconds, "chrt -f 1 bench/workers.sh" goes before everybody else.
set -euo pipefail
export LC_ALL=C

top=$(cd "$(dirname "$0")/.." && pwd)
sensor=${1:-$top/build/release/jndi-sensor}
generator=$(dirname "$sensor")/bench/bench_traffic
size_mb=${SIZE_MB:-500}
for needed in "$sensor" "$generator"; do
    [ -x "$needed" ] || { echo "workers.sh: $needed is missing: build it first (make build)" >&2; exit 2; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
data=${DATA:-$scratch}
mkdir -p "$data"

capture_of() { # SIZE_MB
    capture=$data/traffic-$1-${SEED:-1}.pcap
    if [ ! -s "$capture" ]; then
        "$generator" "$1" "${SEED:-1}" "$capture.part" >/dev/null
        mv "$capture.part" "$capture"
    fi
}

run() { # WORKERS [PREFIX...]
    local workers=$1
    shift
    rm -rf "$scratch/log"
    mkdir "$scratch/log"
    "$@" "$sensor" -r "$capture" -l "$scratch/log" -q --deterministic --set workers="$workers"
}

measure() { # WORKERS: a line of elapsed and CPU seconds
    local TIMEFORMAT='%R %U %S'
    { time run "$1" 2>"$scratch/messages" >&2; } 2>>"$scratch/$1" || { cat "$scratch/messages" >&2; exit 2; }
    grep -v '"stats"' "$scratch/log/eve.json" >"$scratch/events-$1" || true
}

best() { sort -n "$scratch/$1" | head -n 1; }

capture_of "$size_mb"
cat "$capture" >/dev/null # into the page cache
for ((round = 0; round < ${ROUNDS:-3}; round++)); do
    measure 1
    measure 2
done
cmp -s "$scratch/events-1" "$scratch/events-2" || { echo "workers.sh: two workers see other things than one" >&2; exit 2; }
for workers in 1 2; do
    best $workers | awk -v n=$workers '{printf "%d worker%s: %.3f s, CPU %.3f s\n", n, (n > 1 ? "s" : " "), $1, $2 + $3}'
done
echo "load of the machine: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) cores"

if [ "${INSTR:-0}" != 0 ]; then
    command -v valgrind >/dev/null || { echo "workers.sh: INSTR=1 needs valgrind" >&2; exit 2; }
    capture_of 50
    for workers in 1 2; do
        run $workers valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=/dev/null >"$scratch/callgrind" 2>&1
        awk -v n=$workers '/Collected :/ {print n, $NF / 1e6}' "$scratch/callgrind" | sort -k2 -nr
    done | awk '{line[$1] = line[$1] sprintf(" %d", $2); sum[$1] += $2; if ($2 > most[$1]) most[$1] = $2}
        END {printf "million instructions of each process: one worker%s; two%s\n", line[1], line[2]
             half = sum[2] / 2; bound = (most[2] > half ? most[2] : half)
             printf "two free cores would give %.2f\n", most[1] / bound}'
fi

awk -v one="$(best 1)" -v two="$(best 2)" -v least="${MIN_GAIN:-1.4}" -v named="${MIN_GAIN:+1}" 'BEGIN {
    split(one, a, " "); split(two, b, " ")
    gain = a[1] / b[1]
    printf "goal %s: one worker takes at least %s times the time of two (measured: %.2f)\n", (gain >= least ? "met" : "MISSED"), least, gain
    exit named && gain < least}'
