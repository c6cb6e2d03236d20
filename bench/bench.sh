#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the sensor costs beside tcpdump and Suricata, on the same capture, in the same minutes. Builds nothing.
#
#   bench/bench.sh [SENSOR]      default: build/release/jndi-sensor
#
#   SIZE_MB=300    of the generated capture      ROUNDS=5     of each program, in turn
#   SEED=1         of the capture                DATA=DIR     keep the capture there and use it again
#   COLONS=1       in a thousand lines of script: what sends the sensor down its slow path (see bench_traffic.c)
#   MAX_RATIO=2    the goal beside tcpdump: at most so many times its CPU time. Named by you: missed is exit 1
#   MIN_GAIN=5     the goal beside Suricata: at most its CPU time divided by so many. The same
#   MAX_RULES=1.5  the goal of Suricata's rules beside the sensor's own: at most so many times the CPU of these alone, and
#                  MIN_GAIN holds for both together, too. The same
#   MAX_FRONT=1150 the goal of decode and stream: at most so many instructions per packet. The same
#   INSTR=1        also instructions per packet of the sensor and tcpdump, by callgrind on 50 MB, start-up taken off;
#                  those of decode and stream alone are counted in any case, where valgrind is installed
#   ET_RULES=FILE  rules for Suricata, and for the sensor beside its own
#                                                default: ../shared/rules-et/et-log4j.rules
#
# One worker, as Suricata has one thread for packets. Seconds are user + system time, of all threads and children. On a
# shared machine only the ratios of one run mean anything, and best times more than medians.
set -euo pipefail
export LC_ALL=C

top=$(cd "$(dirname "$0")/.." && pwd)
sensor=${1:-$top/build/release/jndi-sensor}
generator=$(dirname "$sensor")/bench/bench_traffic
size_mb=${SIZE_MB:-300}
rounds=${ROUNDS:-5}
seed=${SEED:-1}
colons=${COLONS:-1}
et_rules=${ET_RULES:-$top/../shared/rules-et/et-log4j.rules}

fail()
{
    echo "bench.sh: $1" >&2
    exit 2
}

for needed in "$sensor" "$generator"; do
    [ -x "$needed" ] || fail "$needed is missing: build it first (make build)"
done
tcpdump=$(command -v tcpdump) || fail "tcpdump is missing (apt install tcpdump)"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
data=${DATA:-$scratch}
mkdir -p "$data"

# capture_of SIZE: sets $capture, $summary and $packets.
capture_of()
{
    capture=$data/traffic-$1-$seed-$colons-mixed.pcap
    if [ ! -s "$capture.txt" ]; then
        "$generator" "$1" "$seed" "$capture" "$colons" >"$scratch/summary"
        mv "$scratch/summary" "$capture.txt"
    fi
    summary=$(cat "$capture.txt")
    packets=${summary%% *}
}

run_tcpdump()
{
    "$tcpdump" -r "$1" -w /dev/null
}

run_sensor()
{
    rm -rf "$scratch/sensor"
    mkdir "$scratch/sensor"
    "$sensor" -r "$1" -l "$scratch/sensor" -q --deterministic --set workers=1
}

# The sensor with Suricata's rules beside its own.
run_both()
{
    rm -rf "$scratch/both"
    mkdir "$scratch/both"
    "$sensor" -r "$1" -l "$scratch/both" -q --deterministic --set workers=1 -s "$et_rules"
}

# Raised memcaps: with the defaults Suricata drops segments of so dense a capture, and would look faster for it.
run_suricata()
{
    rm -rf "$scratch/suricata"
    mkdir "$scratch/suricata"
    suricata -r "$1" -l "$scratch/suricata" -c "$scratch/suricata.yaml" -S "$et_rules" --runmode single -k none \
        --set stream.memcap=1gb --set stream.reassembly.memcap=2gb
}

# Alerts and the closing statistics only, as the sensor writes.
suricata_settings()
{
    cat >"$scratch/suricata.yaml" <<YAML
%YAML 1.1
---
include: $1
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types:
        - alert
        - stats
YAML
}

# time_of PROGRAM: one line of CPU seconds appended to its list.
time_of()
{
    local TIMEFORMAT='%U %S' seconds

    if ! { seconds=$({ time "run_$1" "$capture" >"$scratch/$1.log" 2>&1; } 2>&1); }; then
        cat "$scratch/$1.log" >&2
        fail "$1 failed"
    fi
    echo "$seconds" | awk '{printf "%.3f\n", $1 + $2}' >>"$scratch/$1.times"
}

best_of()
{
    sort -n "$scratch/$1.times" | head -n 1
}

median_of()
{
    sort -n "$scratch/$1.times" | awk '{t[NR] = $1} END {printf "%.3f\n", NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2}'
}

ratio()
{
    awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0) ? a / b : 0}'
}

row()
{
    local best

    best=$(best_of "$1")
    printf '%-36s %8s %8s %11s %10s\n' "$2" "$best" "$(median_of "$1")" "$(ratio "$best" "$(best_of tcpdump)")" \
        "$(ratio "$best" "$(best_of sensor)")"
}

# The number behind the last "key": in the last statistics of an eve.json.
statistic()
{
    { grep '"event_type":"stats"' "$1" || true; } | tail -n 1 | { grep -o "\"$2\":[0-9][0-9]*" || true; } | tail -n 1 | cut -d: -f2
}

same_work()
{
    local wanted=$1 found=$2 who=$3

    if [ -z "$found" ]; then
        echo "$who does not say how many requests it read"
    elif [ "$found" = "$wanted" ]; then
        echo "$who read all $wanted requests"
    else
        echo "$who read $found of $wanted requests: its time is not for the same work"
    fi
}

alerts_of()
{
    { grep -c '"event_type":"alert"' "$1" || true; }
}

# instructions PROGRAM CAPTURE: of all its processes.
instructions()
{
    local sensor=$scratch/valgrind-sensor tcpdump=$scratch/valgrind-tcpdump

    "run_$1" "$2" >"$scratch/callgrind.log" 2>&1 || fail "callgrind of $1 failed: $(tail -n 1 "$scratch/callgrind.log")"
    awk '/Collected :/ {sum += $NF} END {printf "%.0f", sum}' "$scratch/callgrind.log"
}

# valgrind_wrapper NAME PROGRAM [OPTION]. The sensor's sandbox has no room for valgrind's own system calls.
valgrind_wrapper()
{
    printf '#!/bin/sh\nexec valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=/dev/null "%s" %s "$@"\n' \
        "$2" "${3:-}" >"$scratch/valgrind-$1"
    chmod +x "$scratch/valgrind-$1"
}

# What decode/ and stream/ cost, without reading before and inspecting behind them.
front_half()
{
    local mode front=$(dirname "$sensor")/bench/bench_stream

    [ -x "$front" ] || fail "$front is missing: build it first (make build)"
    for mode in read decode stream; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$front" "$mode" "$capture" >"$scratch/callgrind.log" 2>&1 ||
            fail "callgrind of bench_stream failed: $(tail -n 1 "$scratch/callgrind.log")"
        awk '/Collected :/ {print $NF}' "$scratch/callgrind.log"
    done | awk -v packets="$packets" 'NR == 1 {read = $1} NR == 2 {decode = $1} NR == 3 {
        printf "%-34s %14d %14s %12d\n", "of it decode", decode - read, "", (decode - read) / packets
        printf "%-34s %14d %14s %12d\n", "of it stream, libnids included", $1 - decode, "", ($1 - decode) / packets
        printf "%-34s %14d %14s %12d\n", "decode and stream", $1 - read, "", ($1 - read) / packets}' | tee "$scratch/front"
}

front_table()
{
    capture_of 50
    printf '\n%-34s %14s %14s %12s\n' "callgrind, $packets packets" instructions "" "per packet"
    front_half
}

instruction_table()
{
    local program whole empty

    command -v valgrind >/dev/null || fail "INSTR=1 needs valgrind"
    capture_of 50
    head -c 24 "$capture" >"$scratch/empty.pcap"
    valgrind_wrapper sensor "$(realpath "$sensor")" --no-sandbox
    valgrind_wrapper tcpdump "$tcpdump"
    printf '\n%-34s %14s %14s %12s\n' "callgrind, $packets packets" instructions start-up "per packet"
    for program in tcpdump sensor; do
        whole=$(instructions "$program" "$capture")
        empty=$(instructions "$program" "$scratch/empty.pcap")
        printf '%-34s %14d %14d %12d\n' "$program" "$whole" "$empty" "$(((whole - empty) / packets))"
    done
    front_half
}

programs="tcpdump sensor"
[ ! -r "$et_rules" ] || programs="$programs both"
if command -v suricata >/dev/null && [ -r /etc/suricata/suricata.yaml ] && [ -r "$et_rules" ]; then
    programs="$programs suricata"
    suricata_settings /etc/suricata/suricata.yaml
else
    echo "Suricata, its suricata.yaml or its rules ($et_rules) are missing: left out" >&2
fi

capture_of "$size_mb"
echo "capture: $summary"
cat "$capture" >/dev/null # into the page cache, for all of them
for ((round = 0; round < rounds; round++)); do
    for program in $programs; do
        time_of "$program"
    done
done

printf '\n%-36s %8s %8s %11s %10s\n' "CPU seconds, $rounds rounds" best median "x tcpdump" "x sensor"
row tcpdump "tcpdump -w /dev/null"
row sensor "jndi-sensor, alerts only"
case $programs in *both*) row both "jndi-sensor, their rules beside ours" ;; esac
case $programs in *suricata*) row suricata "suricata, $(grep -c '^alert' "$et_rules") rules, alerts only" ;; esac

echo
requests=${summary% requests*}
requests=${requests##* }
same_work "$requests" "$(statistic "$scratch/sensor/eve.json" http.requests)" jndi-sensor
false_alerts=$(alerts_of "$scratch/sensor/eve.json")
case $programs in
*suricata*) same_work "$requests" "$(statistic "$scratch/suricata/eve.json" http)" suricata ;;
esac
echo "jndi-sensor raised $false_alerts alerts on traffic without an attack"

if ! command -v valgrind >/dev/null; then
    echo "valgrind is missing: no instructions are counted" >&2
elif [ "${INSTR:-0}" = 0 ]; then
    front_table
else
    instruction_table
fi

# verdict GOAL MEASURED WHAT NAMED: best times of this run; with GOAL below zero, MEASURED has to be at least -GOAL.
missed=0
verdict()
{
    local word=met

    awk -v goal="$1" -v m="$2" 'BEGIN {exit !(goal < 0 ? m >= -goal : m <= goal)}' || word=MISSED
    echo "goal $word: $3 (measured: $2)"
    [ $word = met ] || [ -z "$4" ] || missed=1
}

echo
verdict "${MAX_RATIO:-2}" "$(ratio "$(best_of sensor)" "$(best_of tcpdump)")" \
    "at most ${MAX_RATIO:-2} times the CPU of tcpdump -w /dev/null" "${MAX_RATIO:-}"
case $programs in
*suricata*)
    verdict "-${MIN_GAIN:-5}" "$(ratio "$(best_of suricata)" "$(best_of sensor)")" \
        "Suricata takes at least ${MIN_GAIN:-5} times the CPU" "${MIN_GAIN:-}"
    verdict "-${MIN_GAIN:-5}" "$(ratio "$(best_of suricata)" "$(best_of both)")" \
        "the same, with Suricata's rules beside the sensor's own" "${MIN_GAIN:-}"
    ;;
*) echo "goal not measured: Suricata takes at least ${MIN_GAIN:-5} times the CPU" ;;
esac
case $programs in
*both*)
    verdict "${MAX_RULES:-1.5}" "$(ratio "$(best_of both)" "$(best_of sensor)")" \
        "at most ${MAX_RULES:-1.5} times the CPU with Suricata's rules beside the sensor's own" "${MAX_RULES:-}"
    ;;
*) echo "goal not measured: Suricata's rules beside the sensor's own ($et_rules is missing)" ;;
esac
if [ -s "$scratch/front" ]; then
    verdict "${MAX_FRONT:-1150}" "$(awk 'END {print $NF}' "$scratch/front")" \
        "decode and stream take at most ${MAX_FRONT:-1150} instructions per packet" "${MAX_FRONT:-}"
fi
if [ "$false_alerts" != 0 ]; then
    exit 1
fi
exit $missed
