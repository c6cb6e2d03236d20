#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rights.sh SENSOR: the sensor started in each way that gives it the right to capture, and what it and its workers hold
# afterwards, read from /proc; a rotation, a worker killed and replaced; then the ways to start it wrong.
#
# In a network name space of its own, which ends with this script. Needs root, to become somebody else; where something
# is missing the test says what and is skipped (exit status 77).
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)

what="rights"
. "$top/tests/live/spaces.sh"

if [ "${JNDI_RIGHTS_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" -eq 0 ] || skip "starting the sensor as root, nobody and with a file capability needs root"
    for tool in unshare setpriv setcap ip python3; do
        command -v $tool >/dev/null || skip "$tool is not installed"
    done
    why=$(unshare --net ip link add a0 type veth peer name b0 2>&1) || skip "no private network to be had: $why"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    JNDI_RIGHTS_INSIDE=1 WORK=$work unshare --net --fork --kill-child "$0" "$(realpath "$1")"
    exit
fi

# Everything that nobody has to reach lies here, wherever the source tree is.
chmod 755 "$WORK"
cd "$WORK"
install -m 755 "$1" plain
install -m 755 "$1" capable
install -m 644 "$top/rules/jndi.rules" "$top/pcaps/http-header.pcap" .
setcap cap_net_raw+ep capable || skip "no file capabilities on this file system"
ip link add s0 type veth peer name c0
ip link set s0 up
ip link set c0 up

checks=0
fail() {
    echo "FAILED ($mode): $*"
    echo "-- messages"; tail -n 20 "$WORK/err" 2>/dev/null || true
    exit 1
}
good() { checks=$((checks + 1)); }
same() { # same WHAT SEEN EXPECTED
    [ "$2" = "$3" ] || fail "$1: $2, not $3"
    good
}
status() { awk -v key="$2:" '$1 == key {$1 = ""; print substr($0, 2)}' "/proc/$1/status"; }
hard_limit() { sed -n "s/^$2 *[^ ]* *\([^ ]*\) .*/\1/p" "/proc/$1/limits"; }
workers() { cat "/proc/$pid/task/$pid/children"; }
has_workers() { [ -n "$(workers)" ]; }
confined() { [ "$(status "$1" Seccomp)" = 2 ]; }
all_confined() { # each worker has two filters: the collector's and its own
    local w
    has_workers || return 1
    for w in $(workers); do
        [ "$(status "$w" Seccomp_filters)" = 2 ] || return 1
    done
}
alerts() { grep -c '"event_type":"alert"' "$1"; }
has_alert() { [ "$(alerts "$1")" -gt 0 ]; }
replay() { # the frames of a capture, out of one end of the pair
    python3 - http-header.pcap c0 <<'PYTHON'
import socket, struct, sys
data = open(sys.argv[1], "rb").read()
order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[2], 0))
at = 24
while at + 16 <= len(data):
    length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
    out.send(data[at + 16:at + 16 + length])
    at += 16 + length
PYTHON
}

none=0000000000000000 net_raw=0000000000002000

check_worker() {
    local w=$1 set
    for set in CapInh CapPrm CapEff CapAmb; do
        same "worker's $set" "$(status "$w" $set)" $none
    done
    # Without CAP_SETPCAP nobody can empty it; no_new_privs makes nothing of it.
    [ "$mode" != root ] || same "worker's CapBnd" "$(status "$w" CapBnd)" $none
    same "worker's NoNewPrivs" "$(status "$w" NoNewPrivs)" 1
    same "worker's Seccomp" "$(status "$w" Seccomp)" 2
    same "worker's user" "$(status "$w" Uid)" "$user $user $user $user"
    same "worker's core size" "$(hard_limit "$w" 'Max core file size')" 0
    same "worker's processes" "$(hard_limit "$w" 'Max processes')" 0
    # Every word to the collector would be a word to the world.
    [ -z "$(find "/proc/$w/fd" -lname '/*' ! -lname '/dev/null' ! -lname "$WORK/err" 2>/dev/null)" ] ||
        fail "a worker holds files: $(ls -l "/proc/$w/fd")"
    good
    if ! grep -q __asan_ plain; then
        [ "$(hard_limit "$w" 'Max address space')" != unlimited ] || fail "worker's address space has no limit"
        good
    fi
}

check_collector() {
    same "collector's CapEff" "$(status "$pid" CapEff)" $net_raw
    same "collector's CapPrm" "$(status "$pid" CapPrm)" $net_raw
    same "collector's CapInh" "$(status "$pid" CapInh)" $none
    [ "$mode" != root ] || same "collector's CapBnd" "$(status "$pid" CapBnd)" $none
    same "collector's NoNewPrivs" "$(status "$pid" NoNewPrivs)" 1
    same "collector's Seccomp" "$(status "$pid" Seccomp)" 2
    same "collector's user" "$(status "$pid" Uid | cut -d ' ' -f 1)" "$user"
}

# start_in_mode: $pid, when it captures
start() {
    local w
    rm -rf log
    install -d -m 700 -o "$log_owner" log
    : >err
    setpriv --pdeathsig KILL "$@" -c /dev/null -i s0 -l log -S jndi.rules --set workers=2 2>>err &
    pid=$!
    until_true 30 "the workers' sandbox" all_confined
    check_collector
    for w in $(workers); do
        check_worker "$w"
    done
}

works() {
    local before first w n_workers
    n_workers=$(workers | wc -w)
    replay
    until_true 20 "the alert" has_alert log/eve.json
    mv log/eve.json log/eve.json.1
    kill -HUP "$pid"
    until_true 20 "a new eve.json after SIGHUP" test -e log/eve.json

    before=" $(workers) "
    first=${before%% [0-9]*}
    read -r first _ <<<"$before"
    kill -KILL "$first"
    replaced() { [ "$(workers | wc -w)" -eq "$n_workers" ] && [[ " $(workers)" != *" $first "* ]] && all_confined; }
    until_true 20 "another worker in place of the one that was killed" replaced
    for w in $(workers); do
        check_worker "$w"
    done
    # What came for the dead worker until its successor read is counted as left behind: once more, until one is seen.
    replayed() { replay && sleep 0.2 && has_alert log/eve.json; }
    until_true 20 "an alert by the new workers" replayed
    kill -INT "$pid"
    local rc=0
    wait "$pid" || rc=$?
    same "exit status" $rc 0
}

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
getent passwd jndi-sensor >/dev/null && own=$(id -u jndi-sensor) || own=65534

mode=root user=$own log_owner=0
start ./plain
works
mode=root user=12345 log_owner=12345
start ./plain --set run-as.user=12345 --set run-as.group=12345
works
mode=ambient user=65534 log_owner=65534
start "${nobody[@]}" --inh-caps=+net_raw --ambient-caps=+net_raw ./plain
works
mode="file capability" user=65534 log_owner=65534
start "${nobody[@]}" ./capable
works

# refused STATUS PATTERN COMMAND...: that status, and one line
refused() {
    local rc=0 want=$1 pattern=$2
    shift 2
    timeout 30 "$@" >out 2>err || rc=$?
    same "exit status of '$*'" $rc "$want"
    same "number of lines" "$(wc -l <err)" 1
    # shellcheck disable=SC2053 # the right side is a pattern
    [[ $(cat err) == $pattern ]] || fail "said: $(cat err)"
    [ ! -s out ] || fail "standard output was written to"
    good
}
mode="start-up errors"
common=(-c /dev/null -S jndi.rules)
install -d -m 700 -o 65534 log
install -d -m 555 -o 65534 sealed
e='jndi-sensor: error: '
refused 3 "$e*s0: no permission to capture: CAP_NET_RAW *setcap cap_net_raw+ep*" "${nobody[@]}" ./plain "${common[@]}" -i s0 -l log
refused 3 "$e*nosuch0: no such interface ('ip -br link'*" ./plain "${common[@]}" -i nosuch0 -l log
refused 2 "$e*capture filter 'tcp prot 80'*" ./plain "${common[@]}" -i s0 -l log tcp prot 80
refused 2 "${e}log directory nosuch: No such file or directory: create it, *" ./plain "${common[@]}" -i s0 -l nosuch
refused 2 "${e}log directory err: not a directory: *" ./plain "${common[@]}" -i s0 -l err
refused 2 "${e}sealed/eve.json: Permission denied*-l*" "${nobody[@]}" ./capable "${common[@]}" -i s0 -l sealed
refused 2 "${e}log/eve.json: Permission denied*" ./plain "${common[@]}" -i s0 -l log --set run-as.user=12345 --set run-as.group=12345
refused 2 "${e}run-as.user: there is no user 'nosuchuser'*useradd*" ./plain "${common[@]}" -i s0 -l log --set run-as.user=nosuchuser
refused 3 "$e*no permission to capture*" setpriv --bounding-set=-net_raw --inh-caps=-net_raw ./plain "${common[@]}" -i s0 -l log

echo "rights: $checks checks, four ways to start, nine ways to fail"
