#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# workers.sh PROGRAM SOURCE-TREE: workers that share a capture, that die, hang, and are replaced. A line per check; exit
# status 1 when one failed.
#
# A worker is caught in the middle of its work by not reading the sensor's standard output: then the collector waits for
# this script, and the workers for the collector, wherever they are.
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
trap 'kill -KILL $pid $feeder 2>/dev/null; rm -rf "$place"' EXIT
pid= feeder=
echo "correlate: {fold-window: 0}" >empty.yaml # every repeat is an alert of its own
lookup=$tree/pcaps/http-header.pcap

wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
    local tries=$(($1 * 20))
    shift
    while [ $tries -gt 0 ]; do
        "$@" && return 0
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}
repeat() { # repeat FILE N: a capture that holds it so often
    head -c 24 "$1"
    for ((i = 0; i < $2; i++)); do tail -c +25 "$1"; done
}
children() { pgrep -P "$pid" 2>/dev/null; }
n_children() { [ "$(children | wc -l)" -ge "$1" ]; }
worker() { children | sed -n "$1p"; } # in the order in which they were made
asleep() { # asleep PID: waits for something, as a process does whose reader waits
    [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" = S ]
}
wrote() { grep wchar "/proc/$1/io" 2>/dev/null; }
stuck() { # stuck PID: sleeps, has written, and does not write any more
    local before
    before=$(wrote "$1")
    sleep 0.2
    asleep "$1" && [ "$before" != 'wchar: 0' ] && [ "$(wrote "$1")" = "$before" ]
}
# start INPUT ARGUMENTS...: in the background, its output held back; INPUT is standard input
start() {
    local input=$1
    shift
    rm -f held err status
    mkfifo held
    exec 8<>held
    "$sensor" -c empty.yaml --deterministic "$@" <"$input" >held 2>err 8>&- &
    pid=$!
    wait_for 30 n_children 1
}
# finish: takes what was held back, into out; the exit status
finish() {
    exec 9<held 8>&- # never without a reader
    cat <&9 >out &
    local reader=$!
    exec 9<&-
    wait_for 60 no kill -0 $pid 2>/dev/null || kill -KILL $pid
    wait $pid 2>/dev/null
    status=$?
    wait $reader
}
events() { grep -c "\"event_type\":\"$1\"" out; }
counter() { tail -n 1 out | grep -o "\"$1\":[0-9]*" | tail -n 1 | cut -d: -f2; }
deaths_told() { [ "$(grep -c ' died of ' err)" -ge "$1" ]; }
replaced() { n_children "$1" && ! children | grep -qx "$2"; }

repeat "$lookup" 4000 >many.pcap
n_frames=$(run -c empty.yaml --in-process -j -r many.pcap && tail -n 1 out | grep -o '"capture.frames":[0-9]*' | cut -d: -f2)
n_alerts=$(events alert)
check "the long capture has alerts enough to fill every pipe" [ "$n_alerts" -ge 3000 ]

# --- the same output, whoever does the work ---
for capture in many.pcap "$tree"/pcaps/chain-*.pcap "$tree"/pcaps/rmi-reference-class.pcap; do
    run -c empty.yaml --deterministic --in-process -j -r "$capture"
    cp out alone
    for workers in 1 2 3 5; do
        run -c empty.yaml --deterministic --set workers=$workers -j -r "$capture"
        check "${capture##*/}: $workers workers write what one process writes" cmp -s out alone
    done
    "$sensor" -c empty.yaml --deterministic --set workers=2 -j -r - >out 2>err < <(cat "$capture")
    check "${capture##*/}: two workers and a pipe, too" cmp -s out alone
done
run -c empty.yaml --deterministic --set workers=3 -j -n 500 -r many.pcap
cp out three
run -c empty.yaml --deterministic --in-process -j -n 500 -r many.pcap
check "-n counts the frames of all workers" cmp -s out three
run -c empty.yaml --set workers=3 -j -r missing.pcap -r "$lookup"
expect 3 'jndi-sensor: error: missing.pcap: No such file or directory' "what all workers meet is said once"
check "and counted once" [ "$(counter capture.bad_files)" -eq 1 ]

# --- death, files ---
for signal in SEGV KILL SYS; do
    start /dev/null --set workers=1 -j -r many.pcap
    victim=$(worker 1)
    wait_for 30 stuck "$victim"
    kill -$signal "$victim"
    finish
    check "SIG$signal: status 3" [ $status -eq 3 ]
    check "SIG$signal: one death, told once" [ "$(grep -c ' died of ' err)" -eq 1 ]
    check "SIG$signal: an event" [ "$(events engine)" -eq 1 ]
    check "SIG$signal: all frames were read all the same" [ "$(counter capture.frames)" -eq "$n_frames" ]
    check "SIG$signal: at most the flow at hand was lost" [ "$(events alert)" -ge $((n_alerts - 2)) ]
    check "SIG$signal: counted" [ "$(counter worker.deaths)" -eq 1 ]
done

# --- death, pipe ---
mkfifo endless
(repeat "$lookup" 4000 >endless) &
start endless --set workers=2 -j -r -
wait_for 30 n_children 3
victim=$(worker 1)
wait_for 30 stuck "$victim"
kill -SEGV "$victim"
finish
check "a pipe: status 3" [ $status -eq 3 ]
check "a pipe: all frames were read all the same" [ "$(counter capture.frames)" -eq "$n_frames" ]
check "a pipe: at most the flow at hand was lost" [ "$(events alert)" -ge $((n_alerts - 2)) ]

# --- hang ---
start /dev/null --set workers=1 --set supervision.hang-timeout=1s -j -r many.pcap
victim=$(worker 1)
kill -STOP "$victim"
finish
check "a worker that hangs: status 3" [ $status -eq 3 ]
check "a worker that hangs: said so" grep -q 'worker-1 died of a hang' err
check "a worker that hangs: all frames were read all the same" [ "$(counter capture.frames)" -eq "$n_frames" ]

# --- one death after the other, in a capture without end ---
(
    head -c 24 "$lookup"
    while tail -c +25 "$tree/pcaps/benign-dns.pcap" 2>/dev/null; do :; done
) >endless 2>/dev/null &
feeder=$!
start endless --set workers=1 -j -r -
cat <held >out 8>&- &
taker=$!
wait_for 30 n_children 2
reader=$(worker 2)
other() { children | grep -vx "$reader"; }
there() { [ -n "$(other)" ]; }
for ((k = 1; k <= 5; k++)); do
    wait_for 30 there
    kill -KILL "$(other)"
    wait_for 30 deaths_told $k
done
check "five deaths within a minute: the next waits" \
    grep -q 'worker-1 has died 5 times within a minute: its successor waits 1 s' err
check "and comes" wait_for 30 there
kill -TERM $pid
exec 8>&-
wait_for 60 no kill -0 $pid 2>/dev/null || kill -KILL $pid
wait $pid 2>/dev/null
status=$?
kill $feeder 2>/dev/null
wait $taker
check "five deaths: status 3" [ $status -eq 3 ]
check "five deaths: five events" [ "$(events engine)" -eq 5 ]

# --- quarantine ---
mkdir logs
start /dev/null --set workers=1 --set supervision.quarantine-packets=7 -j -l logs -r many.pcap
victim=$(worker 1)
wait_for 30 stuck "$victim"
kill -SEGV "$victim"
finish
check "quarantine: a file" [ -s logs/quarantine-1.pcapng ]
run -c empty.yaml -j -r logs/quarantine-1.pcapng
check "quarantine: which is a capture of the last frames" [ "$(counter capture.frames)" -eq 7 ]

# --- the collector's end is everybody's ---
start /dev/null --set workers=2 -j -r many.pcap
wait_for 30 n_children 2
left=$(children)
kill -KILL $pid
wait $pid 2>/dev/null
gone() { for child in $left; do kill -0 "$child" 2>/dev/null && return 1; done; return 0; }
check "no worker outlives the collector" wait_for 20 gone
exec 8>&-

finish_checks
