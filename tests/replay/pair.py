#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pair.py SENSOR x.pcap: replays x.pcap and compares the alerts with x.json, which lies beside it.

x.json: {"alerts": [{...}, ...]}. The capture must give exactly as many alerts, in that order. Each object holds the
fields that matter: "context" is compared with alert.context.jndi, "severity" and "signature_id" with alert's, all
other keys with the event's own; what is not listed may be anything. A field given as {"has": [...]} must hold these
values among others. A benign capture has "alerts": [].
"""
import json
import pathlib
import sys

import sensor as lab

ALERT_KEYS = {"signature_id", "severity", "signature", "category"}


def compare(expected, found):
    lines = []
    if len(expected) != len(found):
        lines.append("expected %d alerts, found %d" % (len(expected), len(found)))
    for number, (want, have) in enumerate(zip(expected, found), 1):
        view = dict(have, context=lab.facts(have), **{key: have["alert"].get(key) for key in ALERT_KEYS})
        lines += lab.differences(want, view, "alert %d" % number)
    return lines


def main():
    program, capture = sys.argv[1], pathlib.Path(sys.argv[2])
    beside = capture.with_suffix(".json")
    if not beside.exists():
        sys.exit("%s has no %s beside it: write down what it must raise" % (capture.name, beside.name))
    expected = json.loads(beside.read_text())["alerts"]

    text = lab.replay(program, capture)
    lines = compare(expected, lab.alerts(text))
    if lines:
        for alert in lab.alerts(text):
            print(json.dumps({"signature_id": alert["alert"]["signature_id"], "src_ip": alert.get("src_ip"),
                              "context": lab.facts(alert)}))
        sys.exit("%s:\n  %s" % (capture.name, "\n  ".join(lines)))
    if lab.replay(program, capture) != text:
        sys.exit("%s: a second run with --deterministic gives other bytes" % capture.name)
    piped = lab.alerts(lab.replay(program, capture, stdin=True))
    lines = compare(expected, piped)
    if lines:
        sys.exit("%s, fed through a pipe:\n  %s" % (capture.name, "\n  ".join(lines)))
    print("%d alerts, as expected" % len(expected))


if __name__ == "__main__":
    main()
