# SPDX-License-Identifier: GPL-2.0-or-later
# Read by tests that watch an interface: two network name spaces of their own, which end with the script; nothing on the
# host changes. Where they are not to be had, the test says why and is skipped (exit status 77).
#
#   client's name space, c0 10.99.0.1 --- veth --- s0 10.99.0.2, the script's own
#
# The script says what it is called (`what`), what it needs (`tools`) and how it fails (fail WORDS).
skip() { echo "skipped, $what test: $*"; exit 77; }

# spaces_enter SENSOR: runs the script again inside, with a folder for its work in WORK; outside it does not come back.
# --probe instead of a sensor: only says whether that can be done here.
spaces_enter() {
    local tool why work spaces=(--net --fork --kill-child)
    [ "${JNDI_LIVE_INSIDE:-}" != 1 ] || return 0
    for tool in $tools; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
    [ "$(id -u)" -eq 0 ] || spaces=(--user --map-root-user "${spaces[@]}")
    why=$(unshare "${spaces[@]}" sh -c 'ip link add a0 type veth peer name b0 && unshare --net true' 2>&1) ||
        skip "no private network to be had: ${why:-no reason given}"
    [ "$1" != --probe ] || exit 0
    work=$(mktemp -d)
    trap "rm -rf '$work'" EXIT
    chmod 755 "$work"
    JNDI_LIVE_INSIDE=1 WORK=$work unshare "${spaces[@]}" "$0" "$(realpath "$1")"
    exit
}

# until_true SECONDS WHAT COMMAND...: asks again and again; fails with WHAT when the time is up.
until_true() {
    local end=$((SECONDS + $1)) wanted=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "waited in vain for: $wanted"
        sleep 0.05
    done
}

client() { nsenter --net="/proc/$client_pid/ns/net" "$@"; }
# The kernel ends it when this script ends, however that happens.
in_background() { setpriv --pdeathsig KILL "$@" & }

apart() { [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$client_pid/ns/net")" ]; }
spaces_join() { # the client's name space, and the wire to it
    in_background unshare --net sleep 600
    client_pid=$!
    until_true 20 "the client's name space" apart
    ip link add s0 type veth peer name c0 netns "$client_pid"
    ip addr add 10.99.0.2/24 dev s0
    client ip addr add 10.99.0.1/24 dev c0
    ip link set lo up
    ip link set s0 up
    client ip link set c0 up
}
