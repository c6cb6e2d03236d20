#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# record.sh [NAME-REGEX]: records the captures of pcaps/ again, each from the real programs that its recipe names.
# Needs root, and what only recording needs: a JDK, liblog4j2-java, slapd, ldap-utils, dnsmasq, nginx,
# openssl, nghttp2, python3-websockets, tcpdump, ethtool; for some recipes further programs, without which they say why they
# are left out.
#
# Everything happens in name spaces of its own (network, mounts, processes). They end with this script, whatever
# happens: no host interface, address or file is touched, and nothing reaches any other network.
#
#   out 10.99.0.1 fd99::1 (the outside: clients, attacker's servers) --- veth --- in 10.99.0.2 fd99::2 (our servers)
#
# tcpdump listens on the inner end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "${JNDIREC_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" -eq 0 ] || { echo "recording needs root" >&2; exit 1; }
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    JNDIREC_INSIDE=1 WORK=$work unshare --net --mount --uts --pid --fork --kill-child --mount-proc "$0" "$@"
    exit
fi

PCAPS=$(dirname "$here") WANTED=${1:-.}
# shellcheck source=lib.sh
. "$here/lib.sh"

hosts_up
java_build
for recipe in http http2 websocket syslog_dns ldap rmi chain carriers mailers logs messaging jvm browser; do
    # shellcheck disable=SC1090
    . "$here/$recipe.sh"
done
say "done"
