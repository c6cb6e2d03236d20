#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo.sh SENSOR: replays the captures in pcaps/ and shows what the sensor says to somebody who sits in front of it.
set -euo pipefail
sensor=$(realpath "$1")
cd "$(dirname "$0")/.."
color=never
[ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || color=always

# The sensor writes readable lines to a terminal and EVE to a pipe. script(1) gives it a terminal, whatever ours is.
say() {
    script -q -e -c "stty cols 200 2>/dev/null; $(printf '%q ' "$sensor" -r "pcaps/$1.pcap" -S rules/jndi.rules \
        --progress never --color $color)" /dev/null </dev/null | tr -d '\r'
}

echo "== chain-ldap: a whole attack, from the lookup in a request to the class that the victim loads"
say chain-ldap

for group in http syslog dns ldap rmi chain benign; do
    for capture in pcaps/"$group"-*.pcap; do
        name=$(basename "$capture" .pcap)
        [ "$name" != chain-ldap ] || continue
        printf '\n== %s\n' "$name"
        all=$(say "$name")
        alerts=$(sed '/^$/,$d; /^read /,$d' <<<"$all")
        echo "${alerts:-(silent)}"
    done
done

cat <<'END'

Each capture is described in pcaps/README.md. As EVE, for a SIEM or jq, one JSON line per alert:

    build/release/jndi-sensor -r pcaps/chain-ldap.pcap -j
END
