#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""workers.py SENSOR: every line, the counters in between too, is the same with any number of workers, or in one process.

Attacks and what only looks like them, one behind the other by hosts of which some workers see nothing, with pauses in which
things fall due that no packet brings about.
"""
import pathlib
import sys
import tempfile

import sensor as lab
from tale import EVIL, Tale

PAUSES = (0.1, 0.7, 1.3, 2.6)


def write(path):
    tale = Tale()
    for number in range(48):
        victim, port = "10.0.0.%d" % (1 + number % 12), 2000 + number
        steps = [lambda: tale.lookup("ldap://%s:%d/a" % (EVIL, port), victim), lambda: tale.hello(victim, port=port),
                 lambda: tale.asks("n%d.example" % number, victim), lambda: tale.refused(victim, port=port),
                 lambda: tale.browse(victim, "203.0.113.%d" % (20 + number % 5), 80)]
        for step in steps[number % 2:]:
            step()
            tale.wait(PAUSES[number % len(PAUSES)])
    tale.write(path)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "many.pcap"
        write(path)
        runs = {}
        for name, extra in (("one worker", ("--set", "workers=1")), ("two", ("--set", "workers=2")), ("three", ("--set", "workers=3")),
                            ("one process", ("--in-process",))):
            runs[name] = lab.replay(program, path, extra=("--set", "stats.interval=1s", "-s", str(lab.TOP / "rules/incidents.rules"), *extra))
        first = lab.events(runs["one worker"])
        stats = [event for event in first if event["event_type"] == "stats"]
        if len(stats) < 50 or not lab.incidents(runs["one worker"]):
            sys.exit("%d stats events: the capture shows nothing" % len(stats))
        for name, text in runs.items():
            found = lab.events(text)
            differ = [pair for pair in zip(first, found) if pair[0] != pair[1]]
            if differ or len(found) != len(first):
                sys.exit("%s: %d lines, of which %d differ, the first:\n%s\n%s" % (name, len(found), len(differ), *(differ or [("", "")])[0]))
    print("%d lines, %d of them counters, the same in %d ways" % (len(first), len(stats), len(runs)))


if __name__ == "__main__":
    main()
