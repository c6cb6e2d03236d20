#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# control.sh SENSOR: the control socket of a sensor that watches an interface, in name spaces as live.sh makes them: what
# ctl and suricatasc are answered; reloads of broken and good rules while requests go by and clients do their worst; and
# no packet, no alert lost by it.
#
#   client's name space, c0 10.99.0.1 --- veth --- s0 10.99.0.2, a server that reads, sensor with two workers
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/live

what="control" tools="unshare nsenter setpriv ip curl python3"
. "$top/tests/live/spaces.sh"
spaces_enter "$1"
sensor=$1
socket=$WORK/control.socket

fail() {
    echo "FAILED: $*"
    echo "-- last answer"; cut -c 1-600 "$WORK/answer" 2>/dev/null || true
    echo "-- ctl's messages"; cat "$WORK/ctl.err" 2>/dev/null || true
    echo "-- sensor's messages"; tail -n 20 "$WORK/sensor.err" 2>/dev/null || true
    exit 1
}
ctl() { # ctl STATUS COMMAND...: the answer is in $WORK/answer
    local expected=$1 status=0
    shift
    "$sensor" ctl -p "$socket" "$@" >"$WORK/answer" 2>"$WORK/ctl.err" || status=$?
    [ $status -eq "$expected" ] || fail "ctl $*: exit status $status, not $expected"
}
# answer PYTHON-EXPRESSION over `whole`, `message`: is it true of the last answer?
answer() {
    python3 - "$WORK/answer" "$1" <<'PYTHON' || fail "not true: $1"
import json, sys
whole = json.load(open(sys.argv[1]))
message = whole.get("message")
sys.exit(0 if eval(sys.argv[2]) else 1)
PYTHON
}
eve() { # eve PYTHON-EXPRESSION over `alerts`, `events`, `lookups`
    python3 - "$WORK/eve.json" "$1" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1]) if line.endswith("\n")]
alerts = [e for e in events if e["event_type"] == "alert"]
lookups = [a["alert"]["context"]["jndi"].get("lookup") for a in alerts if a["alert"]["signature_id"] == 1]
sys.exit(0 if eval(sys.argv[2]) else 1)
PYTHON
}
rule() { echo "alert ip any any -> any any (msg:\"test $1\"; jndi.scheme; content:\"ldap\"; sid:$1; rev:${2:-1};)"; }
becomes() { cat >"$WORK/rules/new" && mv "$WORK/rules/new" "$WORK/rules/$1"; } # never half of a file
start() { # start SETTING...
    local setting sets=()
    for setting; do sets+=(--set "$setting"); done
    in_background "$sensor" -i s0 -l "$WORK" -S "$WORK/rules/test.rules" --set workers=2 --set control.clients=4 \
        --set "control.socket=$socket" "${sets[@]}" 2>"$WORK/sensor.err" >"$WORK/sensor.out"
    pid=$!
    until_true 30 "the sensor's word that it watches" grep -q "watching" "$WORK/sensor.err"
}

spaces_join

mkdir "$WORK/rules"
rule 1 >"$WORK/rules/test.rules"
in_background python3 "$here/requests.py" sink 8080
until_true 20 "the server" client python3 -c 'import socket; socket.create_connection(("10.99.0.2", 8080))'

# --- who may come in, and what is there when the sensor is not ---
ctl 3 version
grep -q "no sensor answers there" "$WORK/ctl.err" || fail "no word of a missing sensor"
start
[ "$(stat -c %a "$socket")" = 660 ] || fail "the socket's mode is $(stat -c %a "$socket")"
is_root() { [ "$(sed -n '1s/ \+/ /gp' /proc/self/uid_map)" = " 0 0 4294967295" ]; }
if is_root; then
    rc=0
    setpriv --reuid=65534 --regid=65534 --clear-groups "$sensor" ctl -p "$socket" version 2>"$WORK/ctl.err" || rc=$?
    { [ $rc -eq 3 ] && grep -q "Permission denied" "$WORK/ctl.err"; } || fail "a stranger was not refused (status $rc)"
fi
rc=0
"$sensor" -i s0 -l "$WORK" -S "$WORK/rules/test.rules" --set "control.socket=$socket" 2>"$WORK/second.err" || rc=$?
{ [ $rc -eq 2 ] && grep -q "another sensor answers there" "$WORK/second.err"; } ||
    fail "a second sensor on the same socket: status $rc, $(tail -n 1 "$WORK/second.err")"

# --- what it answers ---
ctl 0 version
answer 'message == "'"$("$sensor" --version | cut -d' ' -f 2)"'"'
ctl 0 iface-list
answer 'message == {"count": 1, "ifaces": ["s0"]}'
ctl 1 iface-stat eth9
answer 'whole["return"] == "NOK" and "eth9" in message'
ctl 1 reload-rule
answer '"did you mean '"'reload-rules'"'" in message'
ctl 0 ruleset-stats
answer 'message[0]["rules_loaded"] == 1'
ctl 2 version more

in_background nsenter --net="/proc/$client_pid/ns/net" python3 "$here/requests.py" send 10.99.0.2 8080 \
    "$WORK/stop" >"$WORK/sent"
sender=$!
n_alerts() { grep -c '"event_type":"alert"' "$WORK/eve.json" || true; }
more_alerts() { [ "$(n_alerts)" -gt "$1" ]; }
until_true 20 "the first alerts" more_alerts 20
curl -s -o /dev/null --max-time 1 -A 'Java/1.8.0_181' "http://10.99.0.1:9/" || true # refused; a sink answers nothing
curl -s -o /dev/null --max-time 1 -A 'Java/1.8.0_181' "http://10.99.0.2:8080/" || true
client curl -s -o /dev/null --max-time 1 -A 'Java/1.8.0_181' "http://10.99.0.2:8080/" || true
knows_host() { "$sensor" ctl -p "$socket" exposure-list 10.99.0.1; }
until_true 20 "what its User-Agent says of a home host" knows_host
ctl 0 exposure-list 10.99.0.1
answer 'message["hosts"][0]["exposure"]["java"][0]["version"] == "1.8.0_181"'
ctl 0 exposure-list
answer '"10.99.0.1" in [h["src_ip"] for h in message["hosts"]]'
ctl 0 incident-list
answer 'len(message["incidents"]) >= 1 and all(i["victim"] == "10.99.0.2" for i in message["incidents"])'
answer 'len({i["id"] for i in message["incidents"]}) == len(message["incidents"]) and "next" not in message'
id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["message"]["incidents"][0]["id"])' "$WORK/answer")
ctl 0 incident-show "$id"
answer 'message["incident"]["id"] == "'"$id"'" and message["incident"]["stages"][0]["stage"] == "lookup"'
ctl 1 incident-show 1
ctl 0 dump-counters
answer 'message["decoder"]["pkts"] > 20 and message["counters"]["output.alerts"] > 20'
counted() { "$sensor" ctl -p "$socket" iface-stat s0 | grep -vq '"pkts":0,'; }
until_true 20 "frames of the interface" counted
ctl 0 memcap-list
answer 'any(c["name"] == "correlate.memcap" and c["used"] > 0 for c in message)'

if command -v suricatasc >/dev/null; then
    for command in version uptime running-mode capture-mode iface-list "iface-stat s0" ruleset-stats ruleset-reload-time \
        ruleset-failed-rules memcap-list dump-counters incident-list exposure-list reopen-log-files ruleset-reload-rules; do
        suricatasc -c "$command" "$socket" >"$WORK/answer" || fail "suricatasc -c '$command': $(cat "$WORK/answer")"
        answer 'whole["return"] == "OK" and message is not None'
    done
else
    echo "suricatasc is not installed: the same is asked with ctl alone"
fi

# --- at once: bad clients, broken rules, good ones ---
in_background python3 "$here/hostile.py" "$socket" mute "$WORK/stop" >"$WORK/mute"
in_background python3 "$here/hostile.py" "$socket" endless 1000000000 >"$WORK/endless"
endless=$!
{ rule 2; echo 'alert ip any any -> any any (msg:"bad"; contant:"x"; sid:3;)'; } | becomes test.rules
ctl 1 reload-rules
answer '"test.rules:2: sid 3: keyword '"'contant'"'" in message'
for revision in 2 3 4 5 6; do
    rule 1 $revision | becomes test.rules
    python3 "$here/hostile.py" "$socket" crowd 200
    ctl 0 reload-rules
    before=$(n_alerts)
    until_true 20 "an alert by revision $revision" more_alerts $((before + 2))
    eve "alerts[-1]['alert']['rev'] == $revision" || fail "after its answer another revision than $revision spoke"
done
[ "$(python3 "$here/hostile.py" "$socket" storm 2000)" = 2000 ] || fail "not all of 2000 commands were answered"
wait $endless
[ "$(cat "$WORK/endless")" -lt 10000000 ] || fail "$(cat "$WORK/endless") bytes of one line were taken"
rule 2 | becomes test.rules
"$sensor" ctl -p "$socket" reload-rules >"$WORK/first" &
first=$!
ctl 0 reload-rules # both wait
wait $first || fail "of two who wait for a reload one was told: $(cat "$WORK/first")"
until_true 20 "an alert of another rule" eve "alerts[-1]['alert']['signature_id'] == 2"
rule 1 | becomes test.rules
ctl 0 reload-rules
n_asked() { grep -c "read again, asked for" "$WORK/sensor.err" || true; }
before=$(n_asked)
python3 "$here/hostile.py" "$socket" hasty 3000
[ "$(n_asked)" -lt $((before + 300)) ] || fail "$(($(n_asked) - before)) lines in the log by 3000 who asked and left"
ctl 0 reload-rules # whatever they have begun is over
ctl 0 dump-counters
answer 'message["counters"]["control.dropped"] >= 300 and message["counters"]["control.refused"] >= 1'

until_true 40 "the client that never reads to be sent away" test -s "$WORK/mute"

# --- rotation, and the end ---
mv "$WORK/eve.json" "$WORK/eve.json.1"
ctl 0 reopen-log-files
[ -e "$WORK/eve.json" ] || fail "no eve.json after reopen-log-files"
cat "$WORK/eve.json.1" "$WORK/eve.json" >"$WORK/both"
touch "$WORK/stop"
wait $sender
sent=$(cat "$WORK/sent")
all() { cat "$WORK/eve.json.1" "$WORK/eve.json" | grep -c '"event_type":"alert"'; }
all_there() { [ "$(all)" -ge "$sent" ]; }
until_true 30 "the last of $sent alerts" all_there
ctl 0 shutdown
until_true 20 "the sensor's end after shutdown" sh -c "! kill -0 $pid"
rc=0
wait $pid || rc=$?
[ $rc -eq 0 ] || fail "exit status $rc"
[ "$(all)" -eq "$sent" ] || fail "$(all) alerts of $sent lookups"
eve 'events[-1]["stats"]["capture"]["kernel_drops"] == 0' || fail "frames were dropped"
eve '("worker.deaths" not in events[-1]["metadata"]["flowints"] and
      "channel.bad" not in events[-1]["metadata"]["flowints"])' || fail "a worker died, or spoke of rules that nobody knows"
grep -q "stopped by a command" "$WORK/sensor.err" || fail "no word of why it ended"
grep -q "control: the end, asked for by user [0-9]* (process [0-9]*)" "$WORK/sensor.err" || fail "no word of who asked"
[ ! -e "$socket" ] || fail "the socket was left behind"

# --- a group of its own ---
if is_root; then
    start control.group=65534
    [ "$(stat -c '%a %g' "$socket")" = "660 65534" ] || fail "mode and group of the socket: $(stat -c '%a %g' "$socket")"
    setpriv --reuid=65533 --regid=65534 --clear-groups "$sensor" ctl -p "$socket" shutdown >"$WORK/answer" 2>"$WORK/ctl.err" ||
        fail "a member of control.group was refused"
    until_true 20 "the end" sh -c "! kill -0 $pid"
    grep -q "asked for by user 65533" "$WORK/sensor.err" || fail "no word of which user asked"
fi

# --- by default: where something has made /run/jndi-sensor, and not without ---
by_default() { # by_default SENSOR WORK, in a mount name space of its own
    set -e
    mount -t tmpfs none /run
    "$1" -i s0 -l "$2" -S "$2/rules/test.rules" 2>"$2/none.err" &
    pid=$!
    until grep -q watching "$2/none.err"; do kill -0 $pid; sleep 0.05; done
    [ ! -e /run/jndi-sensor ]
    kill -INT $pid
    wait $pid
    mkdir /run/jndi-sensor
    "$1" -i s0 -l "$2" -S "$2/rules/test.rules" 2>"$2/first.err" &
    pid=$!
    until grep -q watching "$2/first.err"; do kill -0 $pid; sleep 0.05; done
    "$1" -i s0 -l "$2" -S "$2/rules/test.rules" 2>"$2/second.err" & # watches all the same
    second=$!
    until grep -q watching "$2/second.err"; do kill -0 $second; sleep 0.05; done
    grep -q "another sensor answers there: this sensor is not to be controlled" "$2/second.err"
    "$1" ctl -c /dev/null shutdown >"$2/answer"
    wait $pid
    [ ! -e /run/jndi-sensor/control.socket ]
    kill -INT $second
    wait $second
}
export -f by_default
if why=$(unshare --mount true 2>&1); then
    timeout 120 unshare --mount bash -c 'by_default "$@"' - "$sensor" "$WORK" 2>"$WORK/ctl.err" || fail "the socket by default"
else # in a chroot
    echo "no private mounts to be had, so no look at the socket by default: $why"
fi

# --- who asks without end keeps no line from its file (alerts are written at once, other lines when there is time) ---
rm "$WORK/stop"
start outputs.eve-log.types.dns=yes
in_background python3 "$here/hostile.py" "$socket" ceaseless "$WORK/stop" >"$WORK/ceaseless"
ceaseless=$!
in_background python3 "$here/hostile.py" "$socket" ceaseless "$WORK/stop" >"$WORK/ceaseless.2"
asked() { [ "$("$sensor" ctl -p "$socket" dump-counters | sed 's/.*"control.requests":\([0-9]*\).*/\1/')" -gt 1000 ]; }
until_true 20 "a thousand requests" asked
n_lines() { grep -c '"rrname":"a.line"' "$WORK/eve.json" || true; }
more_lines() { [ "$(n_lines)" -gt "$1" ]; }
for line in 1 2 3 4 5 6 7 8; do # without that, each has to be lucky
    before=$(n_lines)
    client python3 -c 'import socket
query = b"\0\1\1\0\0\1\0\0\0\0\0\0\1a\4line\0\0\1\0\1"
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(query, ("10.99.0.2", 53))'
    until_true 4 "line $line that is no alert" more_lines "$before"
done
touch "$WORK/stop"
wait $ceaseless || fail "who asked without end was sent away"
ctl 0 shutdown
until_true 20 "the end" sh -c "! kill -0 $pid"

# --- killed: what is left behind is no obstacle ---
start
kill -KILL $pid
wait $pid 2>/dev/null || true
[ -e "$socket" ] || fail "the socket of a killed sensor is gone: this test tests nothing"
ctl 3 version
start
ctl 0 version

# --- workers, also those that are made while a client is connected, have nothing of the socket ---
workers() { cat "/proc/$pid/task/$pid/children"; }
inodes() { awk -v path="$socket" '$8 == path {print $7}' /proc/net/unix; } # the listening one, and one for each client
two_workers() { [ "$(workers | wc -w)" = 2 ]; }
in_background python3 "$here/hostile.py" "$socket" silent 600
two_inodes() { [ "$(inodes | wc -l)" = 2 ]; }
until_true 20 "a client that stays" two_inodes
until_true 20 "two workers" two_workers
old=$(workers | cut -d ' ' -f 1)
kill -KILL "$old"
renewed() { two_workers && ! workers | grep -qw "$old"; }
until_true 20 "a successor" renewed
confined() { [ "$(grep -c 'Seccomp:.*2' $(workers | sed 's|\([0-9]\+\)|/proc/\1/status|g') | grep -c ':1$')" = 2 ]; }
until_true 20 "both workers to be confined" confined
for inode in $(inodes); do
    readlink "/proc/$pid"/fd/* | grep -q "socket:\[$inode\]" || fail "the collector does not hold socket $inode: nothing is tested"
    for worker in $(workers); do
        ! readlink "/proc/$worker"/fd/* | grep -q "socket:\[$inode\]" || fail "worker $worker holds a control socket"
    done
done
ctl 0 shutdown
until_true 20 "the end" sh -c "! kill -0 $pid"
echo "control: $sent lookups, each alerted once; a mute client was sent away $(tail -n 1 "$WORK/mute") times," \
    "$(cat "$WORK/endless") bytes were taken of an endless line"
