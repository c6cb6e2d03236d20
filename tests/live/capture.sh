#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# capture.sh SENSOR: workers share interfaces; workers die, interfaces go and come, frames are dropped; and each frame is
# somewhere in the sum.
#
# All in a network name space of its own, which ends with this script. Where there is none to be had, the test says why
# and is skipped (exit status 77).
#
#   frames.py --- c0 --- veth --- s0 --- sensor        c1 --- veth --- s1: the other direction of a tap
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)

what="live capture" tools="unshare nsenter setpriv ip ps python3"
. "$here/spaces.sh"
spaces_enter "$1"
sensor=$1
cd "$WORK"

fail() {
    echo "FAILED: $*"
    echo "-- sensor's messages"; tail -n 20 sensor.err 2>/dev/null || true
    echo "-- eve.json"; tail -n 3 log/eve.json 2>/dev/null || true
    exit 1
}

# eve PYTHON-EXPRESSION over `names` (of lookups, each once), `n_alerts`, `count` (the last counters), `engine` (words)
eve() {
    python3 - "$1" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open("log/eve.json") if line.endswith("\n")]
alerts = [e["alert"]["context"]["jndi"].get("lookup", "") for e in events if e["event_type"] == "alert"]
names = {name.rsplit("/", 1)[-1] for name in alerts}
n_alerts = len(alerts)
engine = [e["engine"].get("error") for e in events if e["event_type"] == "engine"]
stats = [e for e in events if e["event_type"] == "stats"]
ints = stats[-1]["metadata"]["flowints"] if stats else {}
def count(name):
    return next((v for k, v in ints.items() if k.endswith(name)), 0)
def of(prefix):
    return sum(name.startswith(prefix + "-") for name in names)
sys.exit(0 if eval(sys.argv[1]) else 1)
PYTHON
}

frames() { python3 "$here/frames.py" "$@"; }
workers() { ps -o pid= --ppid "$pid" | xargs; }
said() { grep -c "$1" sensor.err || true; }

start() { # SETTINGS OPTION...
    rm -rf log sensor.err # or the line that is waited for is the last start's
    mkdir log
    chmod 777 log
    printf '%s\n' "$1" >sensor.yaml
    shift
    setpriv --pdeathsig KILL "$sensor" -c sensor.yaml -S "$top/rules/jndi.rules" -l log "$@" 2>sensor.err >sensor.out &
    pid=$!
    until_true 60 "the sensor's start" grep -q watching sensor.err
}

stop() { # STATUS
    local rc=0
    kill -INT $pid
    until_true 60 "the sensor's end" sh -c "! kill -0 $pid"
    wait $pid || rc=$?
    [ $rc -eq "$1" ] || fail "exit status $rc, not $1"
}

links_add() { # NUMBER
    ip link add "s$1" type veth peer name "c$1"
    for end in "s$1" "c$1"; do
        echo 1 >"/proc/sys/net/ipv6/conf/$end/disable_ipv6" 2>/dev/null || true
        ip link set "$end" arp off up
    done
}
two='af-packet: [{interface: s0}, {interface: s1}]'
ip link set lo up
links_add 0
links_add 1

# --- pairs, fragments, tags and tunnels are not split among four workers, whatever the interface ---
start "$two" --set workers=4
are() { [ "$(workers | wc -w)" -eq "$1" ]; }
until_true 30 "four workers" are 4
n=$(frames share a c0,c1)
until_true 60 "$n lookups from shared interfaces" eve "of('a') == $n"

# --- a worker dies: its successor has its share, and the others theirs ---
victim=$(workers | cut -d' ' -f2)
kill -KILL "$victim"
until_true 30 "a successor" sh -c "[ \$(ps -o pid= --ppid $pid | wc -l) -eq 4 ] && ! kill -0 $victim"
n=$(frames share b c0,c1)
until_true 60 "$n lookups after a death" eve "of('b') == $n"

# --- down and up: the kernel puts the workers into another order ---
ip link set s0 down
until_true 30 "the line about s0 going down" grep -q 's0: went down' sensor.err
ip link set s0 up
until_true 30 "the line about s0 being up" grep -q 's0: is up again' sensor.err
n=$(frames share c c0,c1)
until_true 60 "$n lookups after down and up" eve "of('c') == $n"

# --- another interface of the same name: workers are replaced for it ---
before=$(workers)
ip link del s0
until_true 30 "the line about s0 being gone" grep -q 's0: is gone' sensor.err
links_add 0
until_true 30 "the line about s0 being back" grep -q 's0: is back' sensor.err
replaced() { local w; for w in $before; do ! kill -0 "$w" 2>/dev/null || return 1; done; [ "$(workers | wc -w)" -eq 4 ]; }
until_true 60 "successors that have the new s0" replaced
n=$(frames share d c0,c1)
until_true 60 "$n lookups from the new interface" eve "of('d') == $n"
stop 0
[ "$(said 's0: went down')" -eq 2 ] || fail "going down was said $(said 's0: went down') times" # before it was gone, too
for line in 'is up again' 'is gone' 'is back'; do
    [ "$(said "s0: $line")" -eq 1 ] || fail "'$line' was said $(said "s0: $line") times"
done
eve "[w[10:] for w in engine if w and w.startswith('interface_')] == ['down', 'up', 'down', 'gone', 'back']" ||
    fail "other events about interfaces"
eve "count('capture.kernel_packets') == count('capture.frames') + count('capture.kernel_drops') + count('capture.left_behind')" ||
    fail "frames that are in no sum"

# --- more than the rings hold, for workers that do not read: every frame is read or dropped ---
start 'af-packet: [{interface: s0, buffer-size: 512kb}]' --set workers=2 --set supervision.hang-timeout=1h
until_true 30 "two workers" are 2
all=$(workers)
kill -STOP $all
frames flood 30000 c0
kill -CONT $all
frames one after c0
stop 0
eve "count('capture.kernel_drops') > 0 and count('capture.frames') + count('capture.kernel_drops') == 30001" ||
    fail "read and dropped are not what was sent"
eve "count('capture.kernel_packets') == 30001 and not count('capture.left_behind')" || fail "the kernel counted others"

# --- the answer of a host that nobody told of the mirror quotes what it refuses: that is no traffic ---
ip addr add 192.0.2.9/24 dev s0
ip link set s0 arp on
ip neigh replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev s0
start "$two" --set workers=2
frames mirror mirrored "c0,$(cat /sys/class/net/s0/address 2>/dev/null || ip -br link show s0 | awk '{print $3}'),192.0.2.9"
until_true 30 "the lookup in the mirror's tunnel" eve "'mirrored' in names"
stop 0
eve "n_alerts == 1" || fail "the quoted packet was taken for traffic"
eve "count('decode.unreachable') > 0" || fail "nothing was quoted: the test has tested nothing"

# --- every interface at once ---
start '' -i any --set workers=2
frames one anywhere c0
until_true 30 "the lookup on any interface" eve "'anywhere' in names"
stop 0

# --- an interface that is missing at the end; and at the start ---
start "$two" --set workers=1
ip link del s1
until_true 30 "the line about s1 being gone" grep -q 's1: is gone' sensor.err
stop 3
rc=0
"$sensor" -c sensor.yaml -S "$top/rules/jndi.rules" -l log 2>sensor.err || rc=$?
[ $rc -eq 3 ] && [ "$(wc -l <sensor.err)" -eq 1 ] && grep -q 'interface s1: no such interface' sensor.err ||
    fail "a missing interface: status $rc"
echo "live capture: shares, deaths, interfaces that come and go, drops, a mirror, any"
