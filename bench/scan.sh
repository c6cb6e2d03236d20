#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `jndi-sensor scan` costs beside grep -E on the same clean access log, in the same minutes. Builds nothing.
#
#   bench/scan.sh [SENSOR]   default: build/release/jndi-sensor
#
#   SIZE_MB=300   of the generated log       ROUNDS=5     of each program, in turn, after one to warm the cache
#   SEED=1        of the log                 MIN_RATIO=0.5  exit 1 when scan is slower than so many times grep
#
# Seconds are elapsed ones; the best of each counts. grep runs in the C locale, where it is fastest.
set -euo pipefail
export LC_ALL=C

top=$(cd "$(dirname "$0")/.." && pwd)
sensor=${1:-$top/build/release/jndi-sensor}
size_mb=${SIZE_MB:-300}
rounds=${ROUNDS:-5}
regex='\$\{jndi:(ldap[s]?|rmi|dns)://'
[ -x "$sensor" ] || { echo "scan.sh: $sensor is missing: build it first (make build)" >&2; exit 2; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log=$scratch/access.log

# Lines as Apache's combined format has them, with the percent signs, tokens and braces of every day.
awk -v seed="${SEED:-1}" -v size="$((size_mb * 1000000))" '
function pick(list, n) { return list[1 + int(rand() * n)] }
function token(n,   t) { t = ""; while (n-- > 0) t = t substr(letters, 1 + int(rand() * 64), 1); return t }
BEGIN {
    srand(seed)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    n_paths = split("/index.html|/api/v1/items?page=2&sort=name%20asc|/search?q=caf%C3%A9+au+lait|/login?next=%2Faccount|/a?f=%7B%22a%22%3A1%7D|/js/app.js", paths, "|")
    n_agents = split("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.93 Safari/537.36|curl/7.74.0|Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", agents, "|")
    while (n < size) {
        path = pick(paths, n_paths)
        if (rand() < 0.02)
            path = path "&token=" token(80)
        line = sprintf("%d.%d.%d.%d - - [10/Dec/2021:10:%02d:%02d +0000] \"GET %s HTTP/1.1\" 200 %d \"https://www.example.org/\" \"%s\"",
                       1 + rand() * 223, rand() * 256, rand() * 256, rand() * 256, rand() * 60, rand() * 60, path, rand() * 99999,
                       pick(agents, n_agents))
        print line
        n += length(line) + 1
    }
}' >"$log"

seconds() { # seconds NAME COMMAND...: one more line in the list of NAME; finding nothing is what is expected
    local name=$1 TIMEFORMAT=%R
    shift
    { time "$@" "$log" >/dev/null || [ $? -eq 1 ]; } 2>>"$scratch/$name"
}
best() { sort -n "$scratch/$1" | head -n 1; }

cat "$log" >/dev/null
for _ in $(seq "$rounds"); do
    seconds grep grep -E "$regex"
    seconds grep_i grep -E -i "$regex"
    seconds scan "$sensor" scan --progress never
done
for name in grep grep_i scan; do
    awk -v name="$name" -v s="$(best "$name")" -v size="$(stat -c %s "$log")" \
        'BEGIN {printf "%-7s %6.3f s  %5.0f MB/s\n", name, s, size / s / 1e6}'
done
awk -v grep="$(best grep)" -v scan="$(best scan)" -v least="${MIN_RATIO:-0.5}" \
    'BEGIN {printf "scan has %.2f times the speed of grep -E\n", grep / scan; exit grep / scan < least}'
