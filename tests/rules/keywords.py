#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""keywords.py [-v]: each keyword, buffer, transform and flag that docs/RULES.md offers to traffic rules has cases in the
families: a rule with it that speaks in a flow, and one with it that keeps quiet in a flow. Exit status 1 when one lacks
either. What the documentation has for rules over sightings alone is tested in tests/unit and sightings.py."""
import collections
import re
import sys

import table

DOCS = table.HERE.parent.parent / "docs" / "RULES.md"
# Suricata 7 has no such keyword, so there is no answer of its own; unit tests ask for them.
OURS = ("ldap.",)
# Of no effect on what a rule matches, or counted in other ways.
NO_MATCH = {"gid", "rev", "classtype", "priority", "reference", "metadata", "target", "alert", "noalert",
            "prefilter", "rawbytes", "fast_pattern"}
EVERY = {"msg", "sid"}  # the families give them to each rule


def offered():
    """Names in the first column of the tables, up to the part about sightings."""
    names = []
    for line in DOCS.read_text().split("\n## Sightings")[0].split("\n## Options about the rule")[1].splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if len(cells) < 4 or not cells[1].strip().startswith("`"):
            continue
        for name in re.findall(r"`!?([a-z_][\w.-]*)", cells[1]):
            if name not in names:
                names.append(name)
    return names


def words(rule):
    """Keywords of a rule, quotes taken out first."""
    options = re.sub(r'"(?:\\.|[^"\\])*"', '""', rule[rule.index("("):])
    return {word.strip().split(":")[0].strip() for word in options.strip("()").split(";")}


def cases():
    """keyword to (flows that such rules spoke in, flows that they kept quiet in)."""
    spoke, quiet = collections.Counter(), collections.Counter()
    recorded = table.read()
    for name, fam in table.load().items():
        _, found, refused = recorded[name]
        for number, rule in enumerate(fam.rules):
            if number in refused:
                continue
            hits = sum(1 for flow in fam.flows if found[number, flow.name])
            for word in words(rule):
                spoke[word] += hits
                quiet[word] += len(fam.flows) - hits
    return spoke, quiet


def main():
    spoke, quiet = cases()
    bad, n = 0, 0
    for name in offered():
        if name.startswith(OURS) or name in EVERY:
            continue
        n += 1
        lacks = [what for what, count in (("flow that it speaks in", spoke[name]), ("flow that it keeps quiet in", quiet[name])) if not count]
        if name in NO_MATCH and (spoke[name] or name == "noalert"):
            lacks = []
        if lacks or "-v" in sys.argv:
            print("%s: %d, %d%s" % (name, spoke[name], quiet[name], "".join("; no " + x for x in lacks)))
        bad += bool(lacks)
    print("%d keywords and buffers, %d without cases" % (n, bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
