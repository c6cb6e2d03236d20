#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ctl.sh PROGRAM SOURCE-TREE: the command ctl, and control.socket, as an operator meets them: with a sensor that reads a
# pipe, so that no interface is needed. What it answers while it watches one is live/control.sh's.
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
p='jndi-sensor: error: '
: >empty.yaml
has() { grep -q -- "$1" out; }
until_true() { # until_true SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

run ctl --help
check "ctl --help: status 0, on stdout" [ $status -eq 0 -a -s out -a ! -s err ]
fails 2 "${p}ctl: no command: *" "no command" ctl -c empty.yaml
fails 2 "${p}ctl: version takes no more than 0 arguments" "an argument too many" ctl -p x version x
fails 2 "${p}ctl: *unknown option*" "an unknown option" ctl --sockets x version
fails 2 "${p}ctl: *control.socket*has no control socket" "no socket by the settings" ctl -c empty.yaml --set control.socket=no version
fails 2 "${p}*none.yaml*" "settings that are not there" ctl -c none.yaml version
fails 3 "${p}ctl: x: no sensor answers there" "no sensor" ctl -p x version
fails 3 "${p}ctl: y: no sensor answers there" "no sensor where the settings say" ctl -c empty.yaml --set control.socket=y version
: >file
fails 3 "${p}ctl: file: no sensor answers there" "a file" ctl -p file version
long=$(printf 'x%.0s' {1..120})
fails 3 "${p}ctl: *at most 107 bytes" "a name that is too long" ctl -p "$long" version

# --- the sensor's own side ---
start_fails() { # start_fails PATTERN NAME SETTING...
    local pattern=$1 name=$2 setting sets=()
    shift 2
    for setting; do sets+=(--set "$setting"); done
    run -c empty.yaml -r "$tree/pcaps/http-header.pcap" "${sets[@]}"
    expect 2 "$pattern" "$name"
}
start_fails "${p}control.socket: file: there is something else*" "a file in the socket's place" control.socket=file
start_fails "${p}control.socket: none/c: No such file*" "no such directory" control.socket=none/c
start_fails "${p}control.group: there is no group 'nobodys'" "no such group" control.socket=c control.group=nobodys
start_fails "${p}control.socket: x*: a socket's name*" "a name that is too long" "control.socket=$long"
run -c empty.yaml -r "$tree/pcaps/http-header.pcap" --set control.clients=0
check "control.clients has bounds" [ $status -eq 2 ]
check "nothing is left of a start that failed" [ ! -e c ]

mkfifo pipe
"$sensor" -c empty.yaml -r - --set control.socket=c --set workers=2 -j <pipe >sensor.out 2>sensor.err &
pid=$!
exec 3>pipe
cat "$tree/pcaps/http-header.pcap" >&3
check "a sensor that reads a pipe answers" until_true 30 "$sensor" ctl -p c version
run ctl -p c capture-mode
check "capture-mode: what suricatasc would print" [ "$(cat out)" = '{"message":"PCAP_FILE","return":"OK"}' ]
frames() { "$sensor" ctl -p c dump-counters | grep -qv '"output.alerts":0,'; }
check "dump-counters: the alerts of the pipe" until_true 30 frames
run ctl -p c reload-rules
check "reload-rules: not while files are read" [ $status -eq 1 -a ! -s err ]
check "reload-rules: and why" has 'files are read with the rules that they were begun with'
run ctl -p c memcap-list
check "memcap-list: ceilings of all workers together" has '"name":"flow.memcap","value":"128mb"'
run ctl -p c incident-list
check "incident-list: what the pipe has brought" has '"verdict":"attempted"'
for command in "ruleset-stats" "iface-list" "help" "incident-list" "exposure-list" "memcap-list" "dump-counters" "incident-show 1"; do
    # shellcheck disable=SC2086 # words
    script -qec "$sensor ctl -p c $command" /dev/null >out 2>&1 </dev/null
    check "$command: readable on a terminal" [ -s out ]
    check "$command: no JSON there, and nothing that a terminal obeys" sh -c '! grep -q "\"return\"" out && ! grep -q "$(printf "\033")" out'
done
run ctl -p c shutdown
check "shutdown: status 0" [ $status -eq 0 ]
exec 3>&-
wait $pid
check "the sensor ends with 0" [ $? -eq 0 ]
check "and takes its socket away" [ ! -e c ]
fails 3 "${p}ctl: c: no sensor answers there" "then nobody answers" ctl -p c version

# Somebody else who answers there.
python3 - <<'PYTHON' &
import socket
server = socket.socket(socket.AF_UNIX)
server.bind("other")
server.listen()
for words in (b'{"return":"NOK","message":"\\u001b[31mgo\\u0007 away"}\n', b"220 mail.example\r\n", b""):
    client = server.accept()[0]
    client.recv(100)
    client.sendall(words)
    client.close()
PYTHON
until_true 20 test -e other
fails 3 "${p}ctl: *go* away" "one that refuses the greeting" ctl -p other version
check "its words cannot move the cursor" sh -c '! grep -q "$(printf "\033")" err'
fails 3 "${p}ctl: what answers there is no sensor" "one that is no sensor" ctl -p other version
fails 3 "${p}ctl: the sensor ended the conversation*" "one that hangs up" ctl -p other version
wait

finish_checks
