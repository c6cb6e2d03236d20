#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# confined.sh PROGRAM SOURCE-TREE: what the processes that read files hold, seen in /proc while they wait for more; and
# that what an operator may name as an input is read all the same.
set -uo pipefail
. "$(dirname "$0")/checks.sh"
begin "$@"
lookup=$tree/pcaps/http-header.pcap
: >empty.yaml
none=0000000000000000
p='jndi-sensor: '

field() { awk -v key="$2:" '$1 == key {print $2}' "/proc/$1/status"; }
hard_limit() { sed -n "s/^$2 *[^ ]* *\([^ ]*\) .*/\1/p" "/proc/$1/limits"; }
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
parsers() { # those of the collector's children that are in their sandbox: two filters, the collector's and their own
    local c
    for c in $(children "$pid"); do
        [ "$(awk '$1 == "Seccomp_filters:" {print $2}' "/proc/$c/status" 2>/dev/null)" = 2 ] && echo "$c"
    done
}
are_confined() { [ "$(parsers | wc -l)" -eq "$1" ] && [ "$(children "$pid" | wc -w)" -eq "$1" ]; }
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
holds_nothing() { # PID: no capability, and what /proc says of the rest
    local set
    for set in CapInh CapPrm CapEff CapAmb; do
        [ "$(field "$1" $set)" = $none ] || return 1
    done
    [ "$(field "$1" NoNewPrivs)" = 1 ] && [ "$(field "$1" Seccomp)" = 2 ]
}
may_nothing() { # PID: holds nothing, and can make nothing
    holds_nothing "$1" && [ "$(hard_limit "$1" 'Max processes')" = 0 ] &&
        [ "$(hard_limit "$1" 'Max core file size')" = 0 ] && [ "$(field "$1" Uid)" != 0 -o "$alone" = yes ]
}
shares() { # PID NAME: how many things of this name it has in common with the collector
    grep "memfd:$2" "/proc/$1/maps" | awk '{print $5}' | sort -u | wc -l
}
shares_own() { # PID WORKERS: its own signs of life, and its own frames or, for whoever gives them out, all
    local rings
    rings=$(shares "$1" frames)
    [ "$(shares "$1" status)" = 1 ] && [ "$rings" = 1 -o "$rings" = "$2" ]
}
n_readers() { # WORKERS: how many have every ring before them
    local c n=0
    for c in $(parsers); do [ "$(shares "$c" frames)" = "$1" ] && n=$((n + 1)); done
    echo $n
}
alone=no # root without anybody to become: a name space that maps nobody else
[ "$(id -u)" -ne 0 ] || setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null || alone=yes

# --- while it reads ---
for workers in 1 3; do
    # One more reads the pipe for them; its helper, which opens files, is its own child.
    processes=$((workers + 1))
    mkfifo pipe
    "$sensor" -c empty.yaml -j --set workers=$workers -r pipe >out 2>err &
    pid=$!
    exec 3<>pipe # a writer, so that the capture has begun but does not end
    head -c 24 "$lookup" >&3
    check "$workers: every process that parses is confined" wait_for 20 are_confined $processes
    check "$workers: the collector holds nothing" holds_nothing $pid
    for c in $(parsers); do
        check "$workers: a process that parses may do nothing" may_nothing "$c"
        check "$workers: nor reach what is another's" shares_own "$c" $workers
    done
    [ $workers = 1 ] || check "$workers: one of them gives out the frames" [ "$(n_readers $workers)" = 1 ]
    tail -c +25 "$lookup" >&3
    exec 3>&-
    wait $pid
    check "$workers: it ends well" [ $? -eq 0 ]
    check "$workers: with its alert" says '"event_type":"alert"'
    check "$workers: without a word" [ ! -s err ]
    rm pipe
done

# --- a pipe that nobody writes into ---
mkfifo silent
"$sensor" -c empty.yaml -j --set workers=1 -r silent >out 2>err &
pid=$!
helpers() { for c in $(children $pid); do children "$c"; done; }
is_helped() { are_confined 2 && [ -n "$(helpers)" ]; }
check "nobody writes: all are there" wait_for 20 is_helped
helper=$(helpers)
kill -TERM $pid
wait $pid
check "nobody writes: SIGTERM ends it well" [ $? -eq 0 ]
helper_left() { kill -0 $helper 2>/dev/null; }
nobody_left() { ! helper_left; }
check "nobody writes: nobody is left waiting" wait_for 5 nobody_left
helper_left && kill -KILL $helper
rm silent

# --- what may be named ---
mkdir -p elsewhere dir
cp "$lookup" elsewhere/x.pcap
ln -s ../elsewhere/x.pcap dir/linked.pcap
ln -s elsewhere/x.pcap alone.pcap
for input in dir alone.pcap elsewhere/../elsewhere/x.pcap ./elsewhere/x.pcap "$PWD/elsewhere/x.pcap"; do
    run -c empty.yaml -j -r "$input"
    check "-r ${input/"$PWD"/...}: read" [ $status -eq 0 -a ! -s err ]
    check "-r ${input/"$PWD"/...}: with its alert" says '"event_type":"alert"'
done
"$sensor" -c empty.yaml -j -r <(cat "$lookup") >out 2>err
check "-r <(command): read" says '"event_type":"alert"'
"$sensor" -c empty.yaml -j -r /dev/stdin <"$lookup" >out 2>err
check "-r /dev/stdin: read" says '"event_type":"alert"'
"$sensor" -c empty.yaml -j -r - -r "$lookup" <"$lookup" >out 2>err
check "-r - and a file: both are read" [ "$(grep -c '"event_type":"alert"' out)" -eq 2 ]
run -c empty.yaml -j -r "$lookup" tcp port http
check "a filter with the name of a port: looked up before nobody can" says '"event_type":"alert"'
mkdir logs
ln -s ../elsewhere/eve.json logs/eve.json
run -c empty.yaml -l logs -r "$lookup"
check "eve.json is a link to another directory: written there" says '"event_type":"alert"' elsewhere/eve.json

# --- as somebody else ---
if [ "$(id -u)" -eq 0 ] && [ $alone = no ]; then
    mkdir -m 700 private
    cp "$lookup" private/x.pcap
    chown -R 65534:65534 private
    chmod 600 private/x.pcap
    run -c empty.yaml -j -r private/x.pcap
    check "root names somebody's private file: it is read" says '"event_type":"alert"'
    mkdir -m 700 closed
    fails 2 "${p}error: closed/eve.json: Permission denied*" "run-as.user without a right to the log directory" \
        -c empty.yaml -l closed -r "$lookup" --set run-as.user=65534 --set run-as.group=65534
    fails 2 "${p}error: run-as.group: there is no group 'nosuchgroup'*" "run-as.group: no such group" \
        -c empty.yaml -j -r "$lookup" --set run-as.group=nosuchgroup
else
    echo "# not root: becoming another user is not tried"
fi

# --- without ---
run -c empty.yaml --no-sandbox -j -r "$lookup"
expect 0 "${p}warning: --no-sandbox: *" "--no-sandbox says so"
check "--no-sandbox: the alert" says '"event_type":"alert"'

finish_checks
