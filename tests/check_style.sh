#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check_style.sh: what a reviewer should not have to look for. Over the files under version control, or all when there
# is no git.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"
bad=0
complain() { printf '%s\n' "$1" | head -n 20; bad=1; }

if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    mapfile -t files < <(git -c safe.directory='*' ls-files | grep -vE '^(fuzz/corpus/|LICENSE$)|\.pcap$')
else
    mapfile -t files < <(find . -type f -not -path './build*' -not -path './fuzz/corpus/*' -not -name '*.pcap' -not -name LICENSE | sed 's|^\./||')
fi
here() { for f in "${files[@]}"; do [ -f "$f" ] && [[ $f =~ $1 ]] && printf '%s\0' "$f"; done; true; }

# Paths of one machine: (h)ome, (w)ork and (r)oot folders. Written so that this file does not find itself.
out=$(here . | xargs -0 -r grep -nIE '(^|[^A-Za-z0-9_.])/(h)ome/[a-z]|(^|[^A-Za-z0-9_.{}$])/(w)ork/|(^|[^A-Za-z0-9_.])/(r)oot/' || true)
[ -z "$out" ] || complain "paths of one machine:
$out"

out=$(here '\.([ch]|py|sh)$' | xargs -0 -r grep -nIE '\b(T)ODO\b|\b(F)IXME\b|\b(X)XX\b' || true)
[ -z "$out" ] || complain "left open in the text:
$out"

out=$(here '\.[ch]$' | xargs -0 -r -n 1 sh -c 'head -n 1 "$0" | grep -q "^/\* SPDX-License-Identifier: GPL-2.0-or-later \*/$" || echo "$0"')
[ -z "$out" ] || complain "first line is not the licence:
$out"

out=$(here '\.(sh|py)$' | xargs -0 -r -n 1 sh -c 'head -n 3 "$0" | grep -q "SPDX-License-Identifier: GPL-2.0-or-later" || echo "$0"')
[ -z "$out" ] || complain "no licence in the first lines:
$out"

# Tables that a program wrote are not read in one sitting; a test may list many cases.
out=$(here '^(sensor|fuzz|bench)/.*\.[ch]$' | grep -zv '_table\.h$' | xargs -0 -r wc -l | awk '$2 != "total" && $1 > 650 {print $2 ": " $1}'
      here '^tests/.*\.[ch]$' | xargs -0 -r wc -l | awk '$2 != "total" && $1 > 900 {print $2 ": " $1}')
[ -z "$out" ] || complain "longer than one sitting (650 lines, 900 for a test):
$out"

out=$(here '\.[ch]$' | xargs -0 -r grep -nE '[[:space:]]+$|	' || true)
[ -z "$out" ] || complain "tabs, or spaces at the end of a line:
$out"

# Every folder of sensor/ says what comes in, what goes out and what was decided.
out=$(here '^sensor/[a-z]+/' | tr '\0' '\n' | sed -n 's|^sensor/\([a-z]*\)/.*|\1|p' | sort -u |
      while read -r folder; do [ -f "sensor/$folder/NOTES.md" ] || echo "sensor/$folder"; done)
[ -z "$out" ] || complain "folders without NOTES.md:
$out"

[ $bad -eq 0 ] && echo "nothing to say"
exit $bad
