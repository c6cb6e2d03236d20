#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reload.sh SENSOR: rules that are read again (SIGUSR2) while requests go by, in name spaces as live.sh makes them: no
# packet lost, no alert lost or doubled, flows keep their state, a mistake changes nothing, a rule that is taken out
# stops, a new one begins, also amid a stream that nobody was reading, threshold, suppression and lists of indicators follow.
#
#   client's name space, c0 10.99.0.1 --- veth --- s0 10.99.0.2, a server that reads, sensor with two workers
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/tests/live

what="reload" tools="unshare nsenter setpriv ip python3"
. "$top/tests/live/spaces.sh"
spaces_enter "$1"
sensor=$1

fail() {
    echo "FAILED: $*"
    echo "-- sensor's messages"; cat "$WORK/sensor.err" 2>/dev/null || true
    echo "-- eve.json"; tail -n 3 "$WORK"/eve.json 2>/dev/null | cut -c 1-1500 || true
    exit 1
}
# eve PYTHON-EXPRESSION over `alerts`, `events`, `sids` (how many alerts of each) and `lookups`
eve() {
    python3 - "$WORK/eve.json" "$@" <<'PYTHON'
import collections, json, sys
events = [json.loads(line) for line in open(sys.argv[1]) if line.endswith("\n")]
alerts = [e for e in events if e["event_type"] == "alert"]
sids = collections.Counter(a["alert"]["signature_id"] for a in alerts)
lookups = [a["alert"]["context"]["jndi"].get("lookup") for a in alerts if a["alert"]["signature_id"] in (1, 2)]
last = [a["alert"]["context"]["jndi"] for a in alerts if a["alert"]["signature_id"] in (1, 2)][-1:]
urls = [a["http"]["url"] for a in alerts if a["alert"]["signature_id"] in (101, 102)]
sys.exit(0 if eval(sys.argv[2]) else 1)
PYTHON
}
send_requests() { # in the background, one process: it is sent signals
    in_background nsenter --net="/proc/$client_pid/ns/net" python3 "$here/requests.py" send 10.99.0.2 8080 \
        "$WORK/stop" >"$WORK/sent"
    sender=$!
}
said() { [ "$(grep -c "$1" "$WORK/sensor.err")" -ge "$2" ]; }

n_reloads() { grep -c ': reloaded$' "$WORK/sensor.err" || true; }
n_refused=0
reload() { # takes over what lies in the files, and waits for the word
    local before
    before=$(n_reloads)
    kill -USR2 $pid
    until_true 30 "reload $((before + 1))" said ': reloaded$' $((before + 1))
}
reload_everywhere() { # waits for all workers, too: the word is said when the first records may come by the new rules
    "$sensor" ctl -p "$WORK/control.socket" reload-rules >"$WORK/answer" || fail "no reload: $(cat "$WORK/answer")"
}
reload_refused() { # reload_refused WORDS
    n_refused=$((n_refused + 1))
    kill -USR2 $pid
    until_true 30 "refusal $n_refused" said "nothing was reloaded: " $n_refused
    grep 'nothing was reloaded: ' "$WORK/sensor.err" | tail -n 1 | grep -q "$1" || fail "refused for another reason than $1"
}
becomes() { cat >"$WORK/rules/new" && mv "$WORK/rules/new" "$WORK/rules/$1"; } # never half of a file
# A rule over sightings, and beside it one over plain traffic that is true of each request as well.
rule() {
    echo "alert ip any any -> any any (msg:\"test $1\"; jndi.scheme; content:\"ldap\"; sid:$1; rev:${2:-1};)"
    echo "alert http any any -> any any (msg:\"traffic $1\"; http.uri; content:\"/\"; startswith; http.header; content:\"jndi|3a|ldap\"; sid:10$1; rev:${2:-1};)"
}
n_alerts() { grep -c '"event_type":"alert"' "$WORK/eve.json" || true; }
more_alerts() { [ "$(n_alerts)" -gt "$1" ]; }

spaces_join

mkdir "$WORK/rules"
rule 1 >"$WORK/rules/test.rules"
: >"$WORK/rules/threshold.config"
echo other.example >"$WORK/rules/own.list"
in_background python3 "$here/requests.py" sink 8080
until_true 20 "the server" client python3 -c 'import socket; socket.create_connection(("10.99.0.2", 8080))'
in_background python3 "$here/requests.py" sink 8081
until_true 20 "the other server" client python3 -c 'import socket; socket.create_connection(("10.99.0.2", 8081))'
in_background "$sensor" -i s0 -l "$WORK" -S "$WORK/rules/test.rules" --set workers=2 \
    --set app-layer.protocols.raw.depth=4096 \
    --set "threshold-file=$WORK/rules/threshold.config" --set "iocs.files=$WORK/rules/own.list" \
    --set "control.socket=$WORK/control.socket" 2>"$WORK/sensor.err" >"$WORK/sensor.out"
pid=$!
until_true 30 "the sensor's word that it watches" grep -q "watching" "$WORK/sensor.err"

send_requests
in_background nsenter --net="/proc/$client_pid/ns/net" python3 "$here/requests.py" mark 10.99.0.2 8081
marker=$!
until_true 20 "the first alerts" more_alerts 20

# ten in a row, while requests go by; in each the rule has another revision
for revision in 2 3 4 5 6 7 8 9 10 11; do
    rule 1 $revision | becomes test.rules
    reload
    until_true 20 "an alert by revision $revision" eve "alerts[-1]['alert']['rev'] == $revision"
done

# signals that come faster than rules are read are neither lost nor added up: what lies there at the last one counts
before=$(n_reloads)
for i in 1 2 3 4; do kill -USR2 $pid; done
rule 1 12 | becomes test.rules
kill -USR2 $pid
until_true 20 "an alert by what the last of five signals found" eve "alerts[-1]['alert']['rev'] == 12"
reload # whatever the five have left to do is done ...
reload # ... now
[ "$(n_reloads)" -le $((before + 7)) ] || fail "more reloads than signals"

# half a lookup before, half of it after
kill -USR1 $sender
until_true 20 "the sender to stop inside a lookup" test -e "$WORK/stop.halted"
rule 1 13 | becomes test.rules
reload
before=$(n_alerts)
kill -USR2 $sender
until_true 20 "alerts after the halt" more_alerts $((before + 5))

# lists of indicators: an item that comes labels what follows, and one that goes labels nothing any more
eve '"ioc" not in last[0]' || fail "an indicator that no list has"
printf '%s\n' other.example 10.99.0.1:389 | becomes own.list
reload
until_true 20 "a labelled alert" eve 'last[0].get("ioc", [{}])[0].get("indicator") == "10.99.0.1:389"'
printf '%s\n' 10.99.0.1:389 'domain 1..2' | becomes own.list
reload_refused "own.list:2"
before=$(n_alerts)
until_true 20 "labels after a mistake" more_alerts $((before + 5))
eve '"ioc" in last[0]' || fail "a list with a mistake was used"
echo other.example | becomes own.list
reload
until_true 20 "an alert without a label" eve '"ioc" not in last[0]'

# mistakes change nothing: a bad rule, a bad threshold, a file that is gone
{ rule 2; echo 'alert ip any any -> any any (msg:"bad"; contant:"x"; sid:3;)'; } | becomes test.rules
reload_refused "test.rules:3: sid 3: keyword 'contant'"
rule 2 | becomes test.rules
echo 'suppress gen_id 1, sig_id x' | becomes threshold.config
reload_refused "threshold.config:1: sig_id 'x'"
mv "$WORK/rules/test.rules" "$WORK/rules/gone"
reload_refused "test.rules: No such file"
before=$(n_alerts)
until_true 20 "alerts after the mistakes" more_alerts $((before + 5))
eve 'set(sids) == {1, 101} and alerts[-1]["alert"]["rev"] == 13' || fail "a set with a mistake was used"

# another rule in place of the first
mv "$WORK/rules/gone" "$WORK/rules/test.rules"
: >"$WORK/rules/threshold.config"
reload
until_true 20 "alerts of the new rule" eve 'sids[2] > 5'

# what nobody had wanted to read is read again, amid the stream, once a rule asks for it
{ rule 2; echo 'alert tcp any any -> any 8081 (msg:"marker"; flow:to_server; content:"marker"; sid:300;)'; } | becomes test.rules
reload
until_true 20 "an alert of a stream that was not read" eve 'sids[300] > 0'
kill $marker
rule 2 | becomes test.rules
reload

# and quiet again, by threshold and then by suppression, which take nothing from the count of lookups
touch "$WORK/stop"
wait $sender
sent=$(cat "$WORK/sent")
until_true 30 "the last alert" eve "len(set(lookups)) == $sent"
eve "len(lookups) == $sent" || fail "alerts were doubled"
eve "len(set(urls)) == len(urls) == $sent" || fail "alerts of traffic rules were lost or doubled"

rm "$WORK/stop"
printf '%s\n' 'threshold gen_id 1, sig_id 2, type limit, track by_src, count 3, seconds 3600' \
    'suppress gen_id 1, sig_id 102' | becomes threshold.config
reload_everywhere
before=$(n_alerts)
send_requests
until_true 20 "three alerts" more_alerts $((before + 2))
printf '%s\n' 'suppress gen_id 1, sig_id 2, track by_src, ip 10.99.0.1' 'suppress gen_id 1, sig_id 102' | becomes threshold.config
reload
touch "$WORK/stop"
wait $sender
kill -INT $pid
until_true 20 "the sensor's end after SIGINT" sh -c "! kill -0 $pid"
rc=0
wait $pid || rc=$?
[ $rc -eq 0 ] || fail "exit status $rc"
[ "$(n_alerts)" -eq $((before + 3)) ] || fail "$(($(n_alerts) - before)) alerts under a threshold of 3"
eve "all(a['alert']['signature_id'] == 2 for a in alerts[$before:])" || fail "a rule spoke that had been taken out"
eve 'events[-1]["stats"]["capture"]["kernel_drops"] == 0' || fail "frames were dropped"
eve "(events[-1]['metadata']['flowints']['reload.done'] == $(n_reloads) and
      events[-1]['metadata']['flowints']['reload.refused'] == 4)" || fail "reloads were not counted"
eve '("worker.deaths" not in events[-1]["metadata"]["flowints"] and
      "channel.bad" not in events[-1]["metadata"]["flowints"])' || fail "a worker died, or spoke of rules that nobody knows"
eve '(events[-1]["metadata"]["flowints"]["alerts.limited"] > 0 and
      sum(e["event_type"] == "engine" and e["engine"].get("error") == "reload_refused" for e in events) == 4)' ||
    fail "events or counters are missing"
[ ! -s "$WORK/sensor.out" ] || fail "standard output was written to"
echo "reload: $sent lookups, each alerted once, over $(n_reloads) reloads"
