#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""lab_captures.py SENSOR: whole attacks recorded with real servers, and what their README says happened in each.

L lookup, C callback, R reference or serialized object, K class fetched; what lies inside encryption, or is only a
connection attempt, is not asked for. Neither is D, a name that is resolved: on its own it is a name like any other.
Benign captures raise nothing above severity 3, and no incident. Each chain is one incident, with the verdict that
docs/STORIES.md has for it, and tells what leaked.
"""
import re
import sys

import sensor as lab

STAGES = {
    "L": {"lookup"},
    "C": {"callback", "reference", "deserialization"},  # an answer with content tells of the question as well
    "R": {"reference", "deserialization"},
    "K": {"class_delivery"},
}
VERDICTS = {
    "chain-ipv6": "delivered",
    "chain-small-mss": "delivered",
    "chain-ua-dns-exfil": "vulnerable",
    "chain-ua-ldap-serialized": "delivered",
    "chain-ua-ldap-slapd-class": "delivered",
    "chain-ua-refused": "vulnerable",
    "chain-ua-rmi-class": "delivered",
    "ldap-ref-blocked": "vulnerable",
    "scan-no-callback": "attempted",
}
LEAKS = {  # variable, ends of the value, where it came back
    "chain-small-mss": [("env:HOME", "/***t", "ldap.dn")],
    "chain-ua-dns-exfil": [("java:version", "J***5", "dns")],
}
UNSEEN = {
    "ldap-authbind-bad": "a bind that is refused, and no search: what a mistyped password looks like",
}


def table(readme):
    """Name and letters of each row of the README's table."""
    for line in readme.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 6 and re.fullmatch(r"[a-z0-9-]+", cells[1]):
            yield cells[1], cells[4]


def main():
    program, folder = sys.argv[1], lab.SHARED / "captures/lab"
    if not folder.is_dir():
        lab.skip("the lab captures do not lie beside the repository")
    bad, n_rows = [], 0
    for name, letters in table((folder / "README.md").read_text()):
        capture = folder / (name + ".pcap")
        if not capture.exists() or name in UNSEEN:
            continue
        n_rows += 1
        text = lab.replay(program, capture, extra=("-s", str(lab.TOP / "rules/incidents.rules")))
        found, stories = lab.alerts(text), list(lab.incidents(text).values())
        if name in VERDICTS and [story["verdict"] for story in stories] != [VERDICTS[name]]:
            bad.append("%s: the incidents are %s, not one that is %s" % (name, stories, VERDICTS[name]))
        leaks = [(leak["variable"], leak["value"], leak["place"]) for story in stories for leak in story.get("leaks", [])]
        if name in VERDICTS and leaks != LEAKS.get(name, []):
            bad.append("%s: what leaked is %s, not %s" % (name, leaks, LEAKS.get(name, [])))
        stages = {lab.facts(alert).get("stage") for alert in found}
        if name.startswith("benign-") or letters.startswith("-"):
            loud = [alert["alert"]["signature"] for alert in found if alert["alert"]["severity"] < 3]
            bad += ["%s: benign, and alerted: %s" % (name, loud)] if loud else []
            bad += ["%s: benign, and a story: %s" % (name, stories)] if stories else []
        else:
            for letter in re.findall(r"(?<!\()\b[LCRK]\b(?!\()", letters):
                if not stages & STAGES[letter]:
                    bad.append("%s: %s, but no alert of a stage %s (found %s)" % (
                        name, letters, sorted(STAGES[letter]), sorted(map(str, stages))))
    if bad or not n_rows:
        sys.exit("\n".join(bad) or "the README names no capture")
    print("%d captures, each as its README has it" % n_rows)


if __name__ == "__main__":
    main()
