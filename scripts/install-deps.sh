#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install-deps.sh GROUP...: installs the Debian packages that the groups need and that are not there yet, and nothing
# else. Groups: build, test, fuzz, bench. docs/DEPENDENCIES.md says what each package is for.
set -euo pipefail

# a|b: either will do; the first that the archive knows is installed when neither is there
packages_build="gcc libc6-dev make cmake pkg-config libpcap-dev libnids-dev libhyperscan-dev|libvectorscan-dev libyaml-dev
    zlib1g-dev libxxhash-dev libmd-dev libpcre2-dev libbz2-dev liblzma-dev libzstd-dev
    libnghttp2-dev libseccomp-dev libcap-ng-dev libbrotli-dev libjansson-dev"
packages_test="clang libcmocka-dev python3 python3-jsonschema curl iproute2 procps util-linux
    default-jdk-headless liblog4j2-java slapd openssl ldap-utils dnsmasq-base omniorb omniorb-nameserver netbase"
packages_fuzz="clang libclang-rt-dev"
packages_bench="python3 tcpdump valgrind"

say() { printf 'deps: %s\n' "$*" >&2; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

any_installed() {
    local package
    for package in ${1//|/ }; do
        installed "$package" && return 0
    done
    return 1
}

# The first of a|b that the package lists know.
first_known() {
    local package
    for package in ${1//|/ }; do
        if apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [^(]'; then
            echo "$package"
            return
        fi
    done
    echo "${1%%|*}"
}

[ $# -gt 0 ] || { say "usage: $0 build|test|fuzz|bench..."; exit 2; }
wanted=""
for group in "$@"; do
    list="packages_$group"
    [ -n "${!list:-}" ] || { say "no such group: $group"; exit 2; }
    wanted+=" ${!list}"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "not a Debian system: nothing is installed. The build will name a library that it misses."
    exit 0
fi

missing=()
for entry in $wanted; do
    any_installed "$entry" || missing+=("$entry")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        say "these packages are missing, and installing them needs root (no sudo here): ${missing[*]}"
        say "as root: apt-get install --no-install-recommends ${missing[*]%%|*}"
        exit 1
    fi
    as_root=(sudo)
fi

say "installing: ${missing[*]}"
# apt's own chatter goes to stderr: stdout belongs to the step that comes after
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2 ||
    say "apt-get update failed; trying with the package lists that are here"
names=()
for entry in "${missing[@]}"; do
    names+=("$(first_known "$entry")")
done
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${names[@]}" >&2; then
    say "could not install: ${names[*]}"
    say "install them by hand, then run make again"
    exit 1
fi
