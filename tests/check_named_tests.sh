#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check_named_tests.sh TREE: every test that docs/CALLBACKS.md names is there.
set -eu
tree=$1
page=$tree/docs/CALLBACKS.md
bad=0
miss() {
    echo "docs/CALLBACKS.md: $1"
    bad=1
}
names=$(grep -oE '`[a-z0-9_]+: [a-z0-9_]+`' "$page" | tr -d '`' | tr -d ' ' | sort -u)
[ -n "$names" ] || miss "names no test"
for name in $names; do
    file=$tree/tests/unit/test_${name%%:*}.c
    grep -qs "^static void ${name#*:}(void \*\*state)" "$file" || miss "no test ${name#*:} in ${file#"$tree"/}"
done
for name in $(grep -oE '`pcaps/[a-z0-9-]+`' "$page" | tr -d '`' | sort -u); do
    [ -f "$tree/$name.pcap" ] && [ -f "$tree/$name.json" ] || miss "no $name"
done
for name in $(grep -oE '`lab/[a-z]+`' "$page" | tr -d '`' | sort -u); do
    [ -f "$tree/tests/$name.py" ] || miss "no tests/$name.py"
done
exit $bad
